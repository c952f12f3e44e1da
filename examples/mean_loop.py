"""A loop of your own: a generator of points in the plane learns where a target is.

    loopcert run mean_loop:Mean
"""

import dataclasses
from typing import ClassVar

import numpy as np
import torch
from scipy.special import ndtri

from empirical.schedule import LoopConfig
from empirical.task import Arm, Generated, Measurement, Preset, Task
from empirical.training import TrainingConfig


@dataclasses.dataclass(frozen=True, slots=True)
class Config:
    """What `loopcert tasks show mean_loop:Mean` lists and `--set` changes.

    Attributes
    ----------
    real : int
        Real points, which lie around the origin.
    target : float
        Both coordinates of what the verifier wants.
    radius : float
        How near a point must come to it to be kept.
    base, update : TrainingConfig
        Training on the real points, and in each round.
    loop : LoopConfig
        Schedule, verifier, mix and start.
    """

    real: int = 256
    target: float = 2.0
    radius: float = 2.0
    base: TrainingConfig = TrainingConfig(steps=60, batch=64, learning_rate=0.05)
    update: TrainingConfig = TrainingConfig(steps=25, batch=32, learning_rate=0.02)
    loop: LoopConfig = LoopConfig(total=800, rounds=8, curate="oracle")


class Mean(Task):
    """The model is the mean of a Gaussian; an item is a point."""

    name, summary = "mean", "points that move to a target"
    Config = Config
    presets: ClassVar[dict] = {
        "smoke": Preset("smoke", "seconds on a CPU", {}, (
            Arm("verified", {}),
            Arm("unverified", {"loop.curate": "none"}),
        ), seeds=2),
    }

    def build(self, generator):
        """Return a fresh model: two numbers."""
        model = torch.nn.Linear(1, 2, bias=False, device=self.device)
        torch.nn.init.normal_(model.weight, generator=generator)
        return model

    def real(self, split, streams):
        """Return real points: to train on, or, at the target, to measure against."""
        centre = {"train": 0.0, "test": self.config.target}[split]
        points = streams.child(split).numpy().normal(centre, 1.0, (self.config.real, 2))
        return {"x": points.astype(np.float32)}

    def generate(self, model, indices, streams):
        """Return point number i from the i-th numbers of the stream, whatever else is asked."""
        noise = ndtri(np.clip(streams.uniform(indices, 2), 1e-12, None))
        points = self.mean(model) + noise
        return Generated({"x": points.astype(np.float32)}, len(indices))

    def quality(self, items):
        """Return 1 for points near the target: what an oracle keeps."""
        away = np.linalg.norm(items["x"] - self.config.target, axis=1)
        return (away < self.config.radius).astype(float)

    def loss(self, model, batch, generator):
        """Return the mean squared distance of a batch to the model's mean."""
        ones = torch.ones(len(batch["x"]), 1, device=self.device)
        return ((model(ones) - batch["x"]) ** 2).mean()

    def evaluate(self, model, test, streams):
        """Return the squared distance of the model's mean to the target."""
        away = self.mean(model) - self.config.target
        return [Measurement("mse", float(away @ away), n=len(test["x"]))]

    def mean(self, model):
        """Return the model's mean as an array."""
        return model.weight.detach().cpu().numpy()[:, 0].astype(float)
