"""The eigenvalue transformer against the same model written plainly, and against `transformers`.

What is compared: the papers' shape (5 x 5 matrices, 4 + 1 layers, 512 wide, 8 heads), batches of
64, the same threads, in turns. Ours trains as `empirical.training` does, with items drawn in
advance; theirs draws and encodes its matrices as it goes, which is what the published code does.
Each has lines for ours in bfloat16 against theirs in float32 (what each does as it comes), and
for both in one precision, so that what the precision gives can be told from what the code gives;
likewise lines without ours knowing the grammar of a number, and with theirs on ready items.
Weights are random and the length of the output is fixed for both.
"""

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from benchmarks.baselines import eigen_plain as plain  # noqa: E402
from empirical.eigen.config import Config  # noqa: E402
from empirical.eigen.decode import beam_search  # noqa: E402
from empirical.eigen.task import TASK  # noqa: E402
from empirical.streams import Streams  # noqa: E402
from empirical.training import Training, TrainingConfig  # noqa: E402

pytestmark = pytest.mark.timeout(900)

SIZE, BATCH, BEAMS, MATRICES = 5, 64, 10, 32
PAPER = Config(size=SIZE, strip=False, norm="post", real=2048)


def training(precision):
    """Return our training of the papers' model, ready to advance."""
    task, streams = TASK(PAPER), Streams(0)
    model = task.build(streams.child("build").torch())
    config = TrainingConfig(steps=10**6, batch=BATCH, learning_rate=5e-5, precision=precision)
    return Training(model, task.real("train", streams), config, task.loss, streams)


@pytest.mark.parametrize("precision", ["bfloat16", "float32"])
def test_training_against_the_plain_model(ratio, rng, precision):
    model = plain.PlainTransformer()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-5)
    ours = training(precision)
    ratio(ours.advance, lambda: plain.train(model, optimizer, SIZE, BATCH, rng), rounds=5)


def test_training_against_the_plain_model_on_ready_items(ratio, rng, monkeypatch):
    model = plain.PlainTransformer()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-5)
    ready = plain.batch(SIZE, BATCH, rng)
    monkeypatch.setattr(plain, "batch", lambda size, n, rng: ready)
    ours = training("float32")
    ratio(ours.advance, lambda: plain.train(model, optimizer, SIZE, BATCH, rng), rounds=5)


@pytest.mark.parametrize(("ours", "theirs", "grammar"), [
    ("bfloat16", "float32", True), ("bfloat16", "bfloat16", True), ("float32", "float32", True),
    ("float32", "float32", False),
])
def test_beam_search_against_transformers(ratio, rng, ours, theirs, grammar):
    pytest.importorskip("transformers")
    task = TASK(dataclasses.replace(PAPER, grammar=grammar))
    model = task.build(Streams(0).torch()).eval().to(getattr(torch, ours))
    items = task.real("train", Streams(0))["source"][:MATRICES]
    source = torch.from_numpy(items.astype(np.int64))
    other = plain.bart(SIZE).to(getattr(torch, theirs))
    text, _ = plain.batch(SIZE, MATRICES, rng)
    assert plain.generate(other, text, SIZE, BEAMS).shape[0] == MATRICES * BEAMS
    assert beam_search(model, source, BEAMS)[0].shape == (MATRICES, BEAMS, 3 * SIZE)
    ratio(
        lambda: beam_search(model, source, BEAMS),
        lambda: plain.generate(other, text, SIZE, BEAMS), rounds=3,
    )


def test_drawing_and_encoding_against_string_formatting(ratio, rng):
    task = TASK(PAPER)
    ratio(lambda: task.real("train", Streams(1)), lambda: plain.batch(SIZE, 128, rng),
          scale=16, rounds=3)
