"""Diffusion models of small images: our chain and training against diffusers' own.

Networks, images, steps, batches and threads are the same on both sides, in turns. Ours draws each
image's noise from a stream of its own, so that an image does not depend on the others of a
request; theirs draws a batch at once. The last test measures what a shorter chain costs in
decibels, since that is where evaluations can be saved.
"""

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers")

from benchmarks.baselines import images_plain as plain  # noqa: E402
from empirical import diffusion  # noqa: E402
from empirical.denoise.config import Config  # noqa: E402
from empirical.denoise.task import TASK  # noqa: E402
from empirical.streams import Streams  # noqa: E402
from empirical.training import Training, TrainingConfig  # noqa: E402

pytestmark = pytest.mark.timeout(900)

IMAGES = {"tiny": 8, "full": 64}
STEPS = {"tiny": 2, "full": 20}
NETWORKS = {"8x8": (8, (16, 32)), "28x28": (28, (32, 64))}


def task_of(name, **changes):
    side, channels = NETWORKS[name]
    return TASK(Config(size=side, channels=channels, strokes=1024, **changes))


def network(task):
    with Streams(0).under():
        return task.build(Streams(0).torch())


@pytest.mark.parametrize("kind", ["DDPMScheduler", "DDIMScheduler"])
@pytest.mark.parametrize("name", list(NETWORKS))
def test_sampling_against_the_pipeline(ratio, size, name, kind):
    n, steps = IMAGES[size], STEPS[size]
    task = task_of(name)
    model, scheduler = network(task).eval(), getattr(diffusers, kind)()
    side = NETWORKS[name][0]

    def ours():
        return diffusion.sample(lambda x, time, rows: model(x, time).sample, scheduler,
                                np.arange(n), (1, side, side), Streams(1), steps=steps, batch=n)[0]

    assert ours().shape == (n, 1, side, side)
    assert plain.pipeline(model, scheduler, n, steps).shape == (n, side, side, 1)
    ratio(ours, lambda: plain.pipeline(model, scheduler, n, steps), rounds=5)


@pytest.mark.parametrize("name", list(NETWORKS))
def test_training_against_a_plain_loop(ratio, size, name):
    task, batch = task_of(name), IMAGES[size]
    items = task.real("train", Streams(0))
    config = TrainingConfig(steps=10**6, batch=batch, learning_rate=1e-3)
    ours = Training(network(task), items, config, task.loss, Streams(1))
    theirs = plain.PlainTraining(network(task), task.scheduler, items["image"], batch, 1e-3)
    ratio(ours.advance, theirs.advance, rounds=9)


def test_what_a_shorter_chain_costs(note, size):
    """PSNR by evaluations an image: every diffusion step, and fewer."""
    config = Config(
        steps=100, beta_start=1e-3, beta_end=0.2, strokes=2000, seen=0, test=192 if size == "full"
        else 8, base=TrainingConfig(steps=600 if size == "full" else 2, batch=64,
                                    learning_rate=2e-3, decay="cosine"))
    task, streams = TASK(config), Streams(0)
    model = network(task)
    training = Training(model, task.real("train", streams), config.base, task.loss, Streams(1))
    while not training.done:
        training.advance()
    model.eval()
    for sampler, chain in [("ddpm", 0), ("ddpm", 10), ("ddpm", 5), ("ddim", 0), ("ddim", 10),
                           ("ddim", 5), ("ddim", 2), ("ddim", 1)]:
        mine = TASK(dataclasses.replace(config, sampler=sampler, chain=chain))
        rows = mine.evaluate(model, mine.real("test", streams), streams)
        found = {row.metric: row.value for row in rows}
        note(f"denoising 8 x 8, {sampler}, {len(mine.times):2d} evaluations an image: "
             f"{found['psnr']:.2f} dB (noisy: {found['psnr/noisy']:.2f})")
    assert np.isfinite(found["psnr"])
