"""Self-consuming digits, with a corrector (Gillman et al. 2024, appendices E and F) or a verifier
(our reconstruction of the MNIST experiment of Yi et al. 2025).

A class-conditional diffusion model, or a conditional variational autoencoder, learns handwritten
digits; then it is trained again and again on digits of its own.

    corrector   `loop.curate = anchors` moves each generated image to the nearest of K centroids
                of the real images of its digit; `loop.mix = augment` adds the moved images to the
                real ones, `loop.ratio` of them for each real one
    verifier    `loop.curate = top_fraction`, `loop.score = realism` keeps the share of each digit
                that looks most real to a discriminator; `judge_real` and `judge_without` make it
                weak, or biased
    measures    Frechet distance and its parts, and distances of the digits' means, in the last
                hidden layer of a LeNet trained on real digits

Data: scikit-learn's 8 x 8 digits come with the package; MNIST by `source = mnist`, a folder with
its IDX files, or a hub id. Your own digits: a folder with the four files in MNIST's format, of
any square size, resampled to `size`.
"""

import dataclasses

import numpy as np
import torch

from empirical import curate
from empirical.curate import NearestAnchor
from empirical.digits import config, cvae, ddpm, instruments, judge, measures, presets
from empirical.digits.anchors import InPieces
from empirical.digits.cached import cached
from empirical.digits.config import CLASSES
from empirical.items import count, take
from empirical.loop import LoopConfig
from empirical.streams import Streams
from empirical.task import Generated, Measurement, Task
from empirical.training import Training, TrainingConfig

__all__ = ["TASK"]

JUDGE = ("judge_real", "judge_without", "judge_widths", "judge_fresh", "judge")


class TASK(Task):
    """Handwritten digits; an item is an `image`, (1, s, s) from -1 to 1, of a digit `group`."""

    name = "digits"
    summary = "self-consuming digits, corrected or verified (Gillman et al., E and F; Yi et al.)"
    Config = config.Config
    presets = presets.PRESETS
    after_base = ("test", "sampler", "sampling_steps", "guidance", "block", "anchors", "strength",
                  *JUDGE, "features", "reader", "sampled")

    @property
    def shard(self):
        """Images generated in one piece: a block, or several where they cost little."""
        return self.config.block * (8 if self.config.model == "cvae" else 1)

    def build(self, generator):
        """Return a fresh network of the kind that the config names."""
        kind = ddpm.Diffusion if self.config.model == "ddpm" else cvae.Autoencoder
        return kind(self.config).to(self.device)

    def real(self, split, streams):
        """Return real digits: "train", those of the pool that the base model sees, or "test"."""
        if split == "test":
            return instruments.test(self._source)
        pool, n = instruments.pool(self._source), self.config.real
        if not n:
            return pool
        if n > count(pool):
            raise ValueError(f"real = {n}: must be at most {count(pool)}, the pool")
        order = streams.child("real").numpy().permutation(count(pool))
        return take(pool, np.sort(order[_balanced(pool["group"][order], n)]))

    def generate(self, model, indices, streams):
        """Return images number `indices`: image i is of digit i mod 10."""
        labels = np.asarray(indices, dtype=np.int64) % CLASSES
        make = ddpm.generate if self.config.model == "ddpm" else cvae.generate
        made, evaluations = make(model, labels, indices, streams, self.config, self.device)
        return Generated({"image": made, "group": labels}, evaluations)

    def quality(self, items):
        """Return 1.0 where the reader reads an image as its digit, else 0.0."""
        found = self.reader
        return (found.labels(found.features(items["image"])) == items["group"]).astype(float)

    def loss(self, model, batch, generator):
        """Return the error of the predicted noise, or minus the evidence bound."""
        if self.config.model == "ddpm":
            return ddpm.loss(model, batch, generator, self.config.drop)
        return cvae.loss(model, batch, generator, self.config)

    @property
    def _source(self):
        return instruments.Source.of(self.config)

    @property
    def _lenet(self):
        """The arguments by which the reader is known."""
        return self._source, self.config.features, self.config.reader, self.device

    @property
    def reader(self):
        """The LeNet that measures: one for all runs on the same real images."""
        return instruments.reader(*self._lenet)

    def corrector(self):
        """Return the corrector: :class:`~empirical.curate.NearestAnchor`, a few images at once."""
        if not self.config.anchors:
            raise ValueError("anchors = 0: must be at least 1 for a corrector")
        found = instruments.anchors(self._source, self.config.anchors)
        return InPieces(NearestAnchor("image", found, self.config.strength))

    def curator(self, streams):
        """Return the verifier or corrector by name: "anchors" besides those that all tasks have.

        A verifier that asks for the score "realism" is told it by a discriminator, which learns
        when it is first asked.
        """
        loop = self.config.loop
        if loop.curate == "anchors":
            return self.corrector()
        made = curate.by_name(loop)
        if loop.curate in ("threshold", "top_fraction") and loop.score == "realism":
            return judge.Judged(made, lambda items: self.judge(streams.seed, items))
        return made

    def judge(self, seed, items):
        """Return the :class:`~empirical.digits.judge.Judge` of a run, for a round's proposals."""
        config = _plain(self.config)
        if not config.judge_fresh:
            return _fixed_judge(config, seed, self.device)
        pool = instruments.pool(self._source)
        real = judge.seen(pool, config.judge_real, config.judge_without)
        return judge.fit(real["image"], items["image"], config.judge_widths, config.judge,
                         Streams(seed).child("judge"), self.device)

    def score(self, model, items, name):
        """Return "confidence": the reader's probability that an image shows its digit."""
        if name != "confidence":
            raise ValueError(f"score = {name!r}: must be realism or confidence")
        found = self.reader
        return found.confidence(found.features(items["image"]), items["group"])

    def evaluate(self, model, test, streams):
        """Return distances of samples from held-out digits, and the loss on these.

        See :mod:`empirical.digits.measures`; where anchors are studied, also what the corrector
        does to the samples.
        """
        n, labels = self.config.sampled, test["group"]
        made = self.generate(model, np.arange(n), streams.child("samples")).items
        found = self.reader.features(made["image"])
        real = instruments.test_features(*self._lenet)
        rows = measures.distances(found, made["group"], real, labels)
        rows.append(measures.legible(self.reader.labels(found), made["group"]))
        rows.append(self._held_out_loss(model, test, streams.child("loss")))
        if self.config.anchors:
            moved = self.reader.features(self.corrector().correct(made)["image"])
            rows += measures.corrector(found, moved, made["group"], real, labels)
        return rows

    def _held_out_loss(self, model, test, streams):
        """Return the mean loss of blocks of held-out images, each with noise of its own."""
        values, weights, size = [], [], 512
        for number, start in enumerate(range(0, count(test), size)):
            part = take(test, slice(start, start + size))
            batch = {name: torch.from_numpy(v).to(self.device) for name, v in part.items()}
            generator = streams.child(number).torch(self.device)
            with torch.inference_mode():
                values.append(float(self.loss(model, batch, generator)))
            weights.append(count(part))
        return Measurement("loss", float(np.average(values, weights=weights)), n=sum(weights))

    def flops(self, visits):
        """Return about how many floating-point operations `visits` forward passes take."""
        return visits * _flops(_plain(self.config))


def _plain(settings):
    """Return a config without what a network and a verifier do not depend on."""
    return dataclasses.replace(settings, update=TrainingConfig(), loop=LoopConfig(), anchors=0)


def _balanced(labels, n):
    """Return the first places in which each label is found as often as can be, n in all."""
    rank = np.zeros(len(labels), dtype=np.int64)  # how often its label was there before
    for label in np.unique(labels):
        mine = labels == label
        rank[mine] = np.arange(mine.sum())
    return np.argsort(rank, kind="stable")[:n]


@cached
def _fixed_judge(settings, seed, device):
    """Return the verifier that has learnt to tell its real images from a good model's samples."""
    pool = instruments.pool(instruments.Source.of(settings))
    real = judge.seen(pool, settings.judge_real, settings.judge_without)
    plain = {f.name: f.default for f in dataclasses.fields(settings) if f.name in JUDGE}
    fake = _reference(dataclasses.replace(settings, **plain), seed, device)
    return judge.fit(real["image"], fake, settings.judge_widths, settings.judge,
                     Streams(seed).child("judge"), device)


@cached
def _reference(settings, seed, device):
    """Return samples of a model trained on the whole pool, as many as that has."""
    task, streams = TASK(settings, device), Streams(seed).child("reference")
    with streams.child("layers").under(device):
        model = task.build(streams.torch(device))
    pool = instruments.pool(instruments.Source.of(settings))
    work = Training(model, pool, settings.base, task.loss, streams.child("train"), device)
    while not work.done:
        work.advance()
    work.finish()
    made = task.generate(model.eval(), np.arange(count(pool)), streams.child("samples"))
    return made.items["image"]


@cached
def _flops(settings):
    """Return the operations of one forward pass on one image, as torch counts them."""
    from torch.utils.flop_counter import FlopCounterMode

    task = TASK(settings)
    with torch.random.fork_rng([]):
        model = task.build(None).eval()
    image, label = torch.zeros(1, 1, settings.size, settings.size), torch.zeros(1).long()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        if settings.model == "ddpm":
            model(image, label, label)
        else:
            model.decode(model.encode(image, label)[0], label)
    return float(counter.get_total_flops())
