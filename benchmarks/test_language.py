"""Our generation against a plain loop over `model.generate`, on the same model and prompts.

The model has the reasoning task's default sizes (about 3 million weights) and has learned to
write solutions for a moment, so that its answers end where solutions do. Greedy answers of both
are compared; each gets the batch that ours uses, and the plain loop also one prompt at a time.
The memory of keys and values is noted: it is what grows with the batch.
"""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from benchmarks.baselines import generate_plain as plain  # noqa: E402
from empirical.language import generate, items, losses, model  # noqa: E402
from empirical.reasoning.config import Config  # noqa: E402
from empirical.reasoning.task import TASK  # noqa: E402
from empirical.streams import Streams  # noqa: E402
from empirical.training import Training, TrainingConfig  # noqa: E402

pytestmark = pytest.mark.timeout(900)

CONFIG = Config(templates=("short",), real=512, test=1)
PROMPTS, LONGEST = 256, 128


@pytest.fixture(scope="module")
def ready():
    """Return a task, a model that ends its answers, and prompts."""
    task, streams = TASK(CONFIG), Streams(0)
    network = task.build(streams.torch())
    real = task.real("train", streams)
    how = TrainingConfig(steps=40, batch=32, learning_rate=2e-3, warmup=5)
    training = Training(network, real, how, task.loss, streams)
    while not training.done:
        training.advance()
    return task, network.eval(), [row.tolist() for row in items.rows(real, "prompt")[:PROMPTS]]


def ours(task, network, prompts, sampling=None, block=PROMPTS):
    sampling = sampling or generate.Sampling(0.0, LONGEST)
    return generate.write(network, task.tokens, prompts, np.arange(len(prompts)), Streams(1),
                          sampling, block)


def test_both_write_the_same(ready):
    task, network, prompts = ready
    mine = ours(task, network, prompts[:32], block=32)
    theirs = plain.generate(network, task.tokens, prompts[:32], LONGEST, 32)
    same = [row[:n].tolist() == other
            for row, n, other in zip(mine.answer, mine.answer_length, theirs)]
    assert np.mean(same) > 0.9  # near ties may fall either way in the last bit


@pytest.mark.parametrize("batch", [PROMPTS, 32])
def test_against_generate_in_batches(ratio, note, ready, batch):
    task, network, prompts = ready
    note(f"keys and values of {batch} texts of {64 + LONGEST} tokens: "
         f"{model.cache_bytes(network.config, batch, 64 + LONGEST) / 2**20:.0f} MiB")
    ratio(lambda: ours(task, network, prompts),
          lambda: plain.generate(network, task.tokens, prompts, LONGEST, batch), rounds=3)


def test_against_generate_one_by_one(ratio, ready):
    task, network, prompts = ready
    few = prompts[: PROMPTS // 16]
    ratio(lambda: ours(task, network, prompts),
          lambda: plain.generate(network, task.tokens, few, LONGEST, 1), scale=16, rounds=3)


def test_training_in_pieces_by_length(ratio, ready):
    """A batch in four pieces of like length, against the whole batch padded to its longest."""
    task, network, _ = ready
    real = task.real("train", Streams(0))
    batch = {name: torch.from_numpy(values[:64]) for name, values in real.items()}
    network.train()

    def step(pieces):
        network.zero_grad()
        losses.answer_loss(network, batch, pieces).backward()

    ratio(lambda: step(4), lambda: step(1), rounds=5)
    network.eval()
