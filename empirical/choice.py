"""The choosing of one round: proposals in, kept items and what the verifier did out."""

import math

import numpy as np

from empirical import curate
from empirical.items import count, join, take
from empirical.streams import Streams

__all__ = ["Choice", "row"]


def row(split, metric, value, stderr=math.nan, n=0):
    """Return a measurement as plain values for an event: NaN as None, infinities as words."""
    return {"split": split, "metric": metric, "value": _plain(value), "stderr": _plain(stderr),
            "n": int(n)}


def _plain(value):
    value = float(value)
    if math.isfinite(value):
        return value
    return None if math.isnan(value) else str(value)


class Choice:
    """What a round looks at, shard by shard, until it has what its schedule wants.

    Parameters
    ----------
    task : Task
        Whose items, quality and curator.
    streams : Streams
        Of the run.
    model : torch.nn.Module
        The one that proposes; a task's scores may ask it.
    round_ : int
        Which round, from 1.
    wanted : int
        Items to keep or to propose, as the config's `loop.unit` says.

    Attributes
    ----------
    shards, kept : int
        Shards looked at, and items kept so far (where that is known before the end).
    enough : bool
        Whether the verifier let enough items through; False ends the loop.
    """

    def __init__(self, task, streams, model, round_, wanted):
        self._task, self._loop, self._model = task, task.config.loop, model
        self._streams = streams.child("round", round_, "curate")
        seed = self._loop.base_seed  # a corrector's anchors are real items of the base model
        self._curator = task.curator(streams if seed < 0 else Streams(seed))
        self._wanted, self._parts = wanted, []
        self.shards = self.kept = self._proposed = self._evaluations = 0
        self.enough = True
        self._pool = self._pool_size()

    def _pool_size(self):
        """Return how many proposals to look at in any case; None where the verifier decides."""
        if self._loop.unit == "proposed" or hasattr(self._curator, "correct"):
            return self._wanted
        if self._curator.needs_pool:
            return math.ceil(self._wanted / self._loop.fraction - 1e-9)
        return None

    @property
    def wants_more(self):
        """Whether another shard is needed."""
        if self._pool is not None:
            return self._proposed < self._pool
        if self.kept >= self._wanted:
            return False
        self.enough = self._proposed < self._loop.proposals * self._wanted
        return self.enough

    def add(self, items, evaluations):
        """Look at one more shard, which cost so many evaluations of the network."""
        size = self._task.shard
        if self._pool is not None:
            items = take(items, slice(0, min(size, self._pool - self._proposed)))
        n = count(items)
        quality = self._task.quality(items)
        uniform = self._streams.uniform(range(self.shards * size, self.shards * size + n), 1)[:, 0]
        keep = None
        if self._pool is None:
            keep = self._keep(items, quality, uniform)
            items = take(items, keep)  # the others are needed no more
            self.kept += int(keep.sum())
        self._parts.append((items, quality, uniform, keep))
        self._evaluations += evaluations * n // size
        self._proposed += n
        self.shards += 1

    def _keep(self, items, quality, uniform):
        def score(name):
            if name == "quality":
                return quality
            with self._streams.child("score", self.shards).under(self._task.device):
                return self._task.score(self._model, items, name)

        return self._curator.keep(items, quality, score, uniform)

    def finish(self):
        """Return the kept (or corrected) items, and the rows that say what was done."""
        items = join(part[0] for part in self._parts)
        quality = np.concatenate([part[1] for part in self._parts])
        if hasattr(self._curator, "correct"):
            rows = [row("proposed", "quality", quality.mean(), n=len(quality))]
            return self._curator.correct(items), rows + self._costs(len(quality), len(quality))
        if self._pool is None:  # what follows the last item that is wanted was not looked at
            keep = np.concatenate([part[3] for part in self._parts])
            looked = self._looked_at(keep)
            quality, keep = quality[:looked], keep[:looked]
            kept = take(items, slice(int(keep.sum())))
        else:
            keep = self._keep(items, quality, np.concatenate([part[2] for part in self._parts]))
            keep[self._looked_at(keep):] = False
            kept = take(items, keep)
        self.enough = self.enough and count(kept) > 0
        rows = [made for rate in curate.rates(quality, keep) for made in _rate_rows(*rate)]
        rows.append(row("proposed", "quality", quality.mean(), n=len(quality)))
        return kept, rows + self._costs(len(keep), count(kept))

    def _looked_at(self, keep):
        """Return how many proposals it takes to have the items that are wanted."""
        if self._loop.unit == "proposed" or keep.sum() < self._wanted:
            return len(keep)
        return int(np.flatnonzero(keep)[self._wanted - 1]) + 1

    def _costs(self, proposed, kept):
        evaluations = self._evaluations * proposed // max(1, self._proposed)
        values = {"proposed": proposed, "kept": kept, "evaluations": evaluations,
                  "generation_flops": self._task.flops(evaluations)}
        return [row("cost", name, value) for name, value in values.items()]


def _rate_rows(name, value, low, high, n):
    binomial = n and 0 <= value <= 1 and name != "p_star"
    spread = math.sqrt(value * (1 - value) / n) if binomial else math.nan
    rows = [row("proposed", name, value, spread, n)]
    if low == low:
        rows.append(row("proposed", f"{name}.low", low, n=n))
        rows.append(row("proposed", f"{name}.high", high, n=n))
    return rows
