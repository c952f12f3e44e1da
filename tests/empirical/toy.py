"""A task of milliseconds for the tests of the driver: a two-dimensional mean is learnt."""

import dataclasses
from typing import ClassVar

import numpy as np
from scipy.special import ndtri

from empirical.schedule import LoopConfig
from empirical.task import Arm, Generated, Measurement, Preset, Task
from empirical.training import TrainingConfig


@dataclasses.dataclass(frozen=True, slots=True)
class ToyConfig:
    n_real: int = 64
    spread: float = 1.0
    radius: float = 1.0
    base: TrainingConfig = TrainingConfig(steps=40, batch=16, learning_rate=0.05)
    update: TrainingConfig = TrainingConfig(steps=30, batch=16, learning_rate=0.05, average=0.9)
    other: TrainingConfig = TrainingConfig(steps=10, batch=16, learning_rate=0.05)
    loop: LoopConfig = LoopConfig(total=96, rounds=3, curate="oracle")


class Toy(Task):
    name, summary = "toy", "learn a mean"
    Config = ToyConfig
    after_base = ("radius",)
    shard = 16
    presets: ClassVar[dict] = {
        "smoke": Preset("smoke", "seconds", {"loop.rounds": 2},
                        (Arm("oracle", {}), Arm("none", {"loop.curate": "none"})), seeds=2),
    }

    def build(self, generator):
        import torch

        model = torch.nn.Linear(3, 2, bias=False, device=self.device)
        with torch.no_grad():
            model.weight.normal_(generator=generator)
        return model

    def real(self, split, streams):
        rng = streams.child(split).numpy()
        x = rng.normal(2.0, self.config.spread, (self.config.n_real, 2))
        return {"x": x.astype(np.float32), "number": np.arange(self.config.n_real)}

    def generate(self, model, indices, streams):
        noise = ndtri(np.clip(streams.uniform(indices, 2), 1e-12, None)) * self.config.spread
        mean = model.weight.detach().cpu().numpy().sum(axis=1)
        return Generated({"x": (mean + noise).astype(np.float32), "number": indices.copy()},
                         len(indices))

    def quality(self, items):
        return (np.linalg.norm(items["x"] - 2.0, axis=1) < self.config.radius).astype(float)

    def loss(self, model, batch, generator):
        import torch

        x = batch["x"]
        noise = torch.randn(x.shape, generator=generator, device=x.device)
        return ((model(torch.ones(len(x), 3, device=x.device)) - x + 0.1 * noise) ** 2).mean()

    def evaluate(self, model, test, streams):
        mean = model.weight.detach().cpu().numpy().sum(axis=1)
        gap = float(np.linalg.norm(mean - test["x"].mean(axis=0)))
        return [Measurement("distance", gap, n=len(test["x"]))]

    def flops(self, visits):
        return 12.0 * visits


TASK = Toy
