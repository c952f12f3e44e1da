"""Digits by a guided diffusion model: sampling and training against plain loops, and what fewer
evaluations cost in Frechet distance.

Networks, images, steps, batches and threads are the same on both sides, in turns. The plain loops
are those of diffusers' documentation: `scheduler.step` for the chain, one batch of noise, and
`scheduler.add_noise` with an optimizer for training.
"""

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers")

from empirical.config import changed  # noqa: E402
from empirical.digits import ddpm  # noqa: E402
from empirical.digits.config import Config  # noqa: E402
from empirical.digits.presets import PRESETS  # noqa: E402
from empirical.digits.task import TASK  # noqa: E402
from empirical.streams import Streams  # noqa: E402
from empirical.training import Training, TrainingConfig  # noqa: E402

pytestmark = pytest.mark.timeout(900)

DESK = changed(Config(), PRESETS["desk"].changes | PRESETS["desk"].arms[0].changes)
N = {"tiny": 20, "full": 250}


def network(task):
    with Streams(0).under():
        return task.build(None)


def plain_sampling(model, config, n):
    """Return images by diffusers' scheduler, one batch, guided."""
    scheduler = ddpm.scheduler_of(config)
    scheduler.set_timesteps(config.sampling_steps or config.diffusion_steps)
    x, labels = torch.randn(n, 1, config.size, config.size), torch.arange(n) % 10
    both = torch.cat([labels, torch.full_like(labels, ddpm.NONE)])
    with torch.inference_mode():
        for time in scheduler.timesteps:
            told, free = model(torch.cat([x, x]), time.expand(2 * n), both).chunk(2)
            guided = (1 + config.guidance) * told - config.guidance * free
            x = scheduler.step(guided, time, x).prev_sample
    return x.numpy()


@pytest.mark.parametrize("sampler", ["ddpm", "ddim"])
def test_sampling_against_a_plain_chain(ratio, size, sampler):
    n = N[size]
    config = dataclasses.replace(DESK, sampler=sampler, sampling_steps=5, block=n)
    task = TASK(config)
    model = network(task).eval()

    def ours():
        return task.generate(model, np.arange(n), Streams(1)).items["image"]

    assert ours().shape == plain_sampling(model, config, n).shape
    ratio(ours, lambda: plain_sampling(model, config, n), rounds=5)


def test_training_against_a_plain_loop(ratio, size):
    task, batch = TASK(DESK), 16 if size == "tiny" else 128
    items = task.real("train", Streams(0))
    settings = TrainingConfig(steps=10**6, batch=batch, learning_rate=1e-3)
    ours = Training(network(task), items, settings, task.loss, Streams(1))
    model, scheduler = network(task).train(), ddpm.scheduler_of(DESK)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    images, labels = (torch.from_numpy(items[name]) for name in ("image", "group"))

    def theirs():
        chosen = torch.randint(len(images), (batch,))
        x, noise = images[chosen], torch.randn(batch, 1, DESK.size, DESK.size)
        times = torch.randint(DESK.diffusion_steps, (batch,))
        mine = labels[chosen].masked_fill(torch.rand(batch) < DESK.drop, ddpm.NONE)
        found = model(scheduler.add_noise(x, noise, times), times, mine)
        loss = torch.nn.functional.mse_loss(found, noise)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    ratio(ours.advance, theirs, rounds=9)


def test_what_fewer_evaluations_cost(note, size):
    """FID by evaluations an image, of one network: all diffusion steps, and fewer."""
    full = size == "full"
    config = dataclasses.replace(DESK, sampled=500 if full else 20, base=dataclasses.replace(
        DESK.base, steps=1000 if full else 2))
    task = TASK(config)
    model = network(task)
    training = Training(model, task.real("train", Streams(0)), config.base, task.loss, Streams(1))
    while not training.done:
        training.advance()
    test = task.real("test", Streams(0))
    chains = [("ddpm", 0), ("ddpm", 20), ("ddim", 20), ("ddim", 10), ("ddim", 5), ("ddim", 2)]
    for sampler, steps in chains if full else chains[2:]:
        mine = TASK(dataclasses.replace(config, sampler=sampler, sampling_steps=steps))
        rows = {row.metric: row for row in mine.evaluate(model.eval(), test, Streams(2))}
        cost = mine.generate(model, np.arange(10), Streams(3)).evaluations // 10
        note(f"digits 8 x 8, {sampler}, {cost:3d} evaluations an image: "
             f"FID {rows['fid'].value:.3f}, legible {rows['legible'].value:.3f}")
        assert np.isfinite(rows["fid"].value)
