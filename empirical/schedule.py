"""How a loop goes: how many items in which round, mixed with what, from which weights.

The schedules are those of :mod:`theory.budget` and :mod:`theory.one_law`, made whole: rounded to
multiples of a size, none below one multiple, and summing to the total.
"""

import dataclasses
import math

import numpy as np

__all__ = ["LoopConfig", "whole_schedule"]

SCHEDULES = ("constant", "linear", "polynomial", "exponential", "best")
MIXES = ("replace", "accumulate", "augment", "real")
STARTS = ("warm", "cold", "scratch", "other")
UNITS = ("kept", "proposed")


@dataclasses.dataclass(frozen=True, slots=True)
class LoopConfig:
    """The named choices that every loop has.

    Attributes
    ----------
    schedule : str
        "constant", "linear", "polynomial" (with `power`), "exponential" (with `growth`), "best"
        (optimal for a loop of the given `contraction`), or whole numbers: "100,200,400".
    total : int
        Items over all rounds; a list has its own total.
    rounds : int
        Rounds >= 0; a list has its own number. 0 measures the base model only.
    unit : str
        What the schedule counts: items "kept" for training, or items "proposed".
    multiple : int
        Every round's number is a multiple of this (a batch size, say).
    growth, power, contraction : float
        Of the schedules "exponential", "polynomial" and "best".
    mix : str
        What a round trains on: "replace" (what it kept), "accumulate" (all kept so far and the
        real items), "augment" (the real items and what it kept), "real" (the real items alone,
        the baseline: nothing is generated).
    ratio : float
        lambda of "augment": kept items per real item, the same in every round, whatever the
        schedule says; 0 is the baseline, and below 0 the schedule decides.
    start : str
        From which weights a round trains: "warm" (the last round's), "cold" (the base model's),
        "scratch" (fresh), "other" (another base model's, trained as the task's `other` says).
    curate : str
        Verifier or corrector, by name (:mod:`empirical.curate`).
    accept_wrong, reject_right : float
        Error rates of "noisy", and `accept_wrong` the share that "coin" keeps.
    fraction : float
        Share that "top_fraction" keeps.
    score : str
        What "threshold" and "top_fraction" look at: "quality", or a score of the task's own.
    threshold : float
        What "threshold" asks at least.
    proposals : int
        At most so many proposals a kept item are made before the loop gives up.
    base_seed : int
        Seed of the base model; below 0 it is the run's own.
    other_seed : int
        Seed of the model of start "other"; below 0 it is the base model's.
    """

    schedule: str = "constant"
    total: int = 1000
    rounds: int = 1
    unit: str = "kept"
    multiple: int = 1
    growth: float = 2.0
    power: float = 1.0
    contraction: float = 0.5
    mix: str = "replace"
    ratio: float = -1.0
    start: str = "warm"
    curate: str = "none"
    accept_wrong: float = 0.5
    reject_right: float = 0.0
    fraction: float = 0.1
    score: str = "quality"
    threshold: float = 0.5
    proposals: int = 1000
    base_seed: int = -1
    other_seed: int = -1

    def __post_init__(self):
        _one_of("mix", self.mix, MIXES)
        _one_of("start", self.start, STARTS)
        _one_of("unit", self.unit, UNITS)
        for name in ("accept_wrong", "reject_right"):
            _inside(name, getattr(self, name), 0, 1)
        if not 0 < self.fraction <= 1:
            raise ValueError(f"fraction = {self.fraction}: must lie in (0, 1]")
        if not self.ratio < math.inf:
            raise ValueError(f"ratio = {self.ratio}: must be a finite number")
        for name in ("multiple", "proposals"):
            _inside(name, getattr(self, name), 1, math.inf)
        self.counts()

    def wanted(self, n_real):
        """Return the items of each round, given how many real items there are.

        Parameters
        ----------
        n_real : int
            Real items of the base model's training; only "augment" and "real" look at it.

        Returns
        -------
        tuple of int
            0 where a round generates nothing.
        """
        counts = self.counts()
        if self.mix == "real":
            return (0,) * len(counts)
        if self.mix == "augment" and self.ratio >= 0:
            return (round(self.ratio * n_real),) * len(counts)
        return counts

    def counts(self):
        """Return the items of each round by the schedule, a tuple of whole numbers >= 1.

        Raises
        ------
        ValueError
            When there is no such schedule.
        """
        if self.schedule not in SCHEDULES:
            return _listed(self.schedule, self.multiple)
        _inside("rounds", self.rounds, 0, 10**6)
        if not self.rounds:
            return ()
        return whole_schedule(self._shape(), self.total, self.multiple)

    def _shape(self):
        from theory import budget, one_law

        total, rounds = float(self.total), self.rounds
        _inside("total", self.total, 1, 10**12)
        if self.schedule == "constant":
            return budget.constant_schedule(total, rounds)
        if self.schedule == "linear":
            return budget.linear_schedule(total, rounds)
        if self.schedule == "polynomial":
            return budget.polynomial_schedule(total, rounds, self.power)
        if self.schedule == "exponential":
            return budget.exponential_schedule(total, rounds, self.growth)
        return one_law.best_schedule(self.contraction, total, rounds)


def _one_of(name, value, allowed):
    if value not in allowed:
        raise ValueError(f"{name} = {value!r}: must be one of {', '.join(allowed)}")


def _inside(name, value, low, high):
    if not low <= value <= high or math.isinf(value):
        right = "inf)" if high == math.inf else f"{high}]"
        raise ValueError(f"{name} = {value}: must lie in [{low}, {right}")


def _listed(text, multiple):
    counts = []
    for part in text.split(","):
        word = part.strip()
        if not (word.isascii() and word.isdigit() and int(word) >= 1):
            raise ValueError(
                f"schedule = {text!r}: must be one of {', '.join(SCHEDULES)}, or whole numbers "
                f">= 1 separated by commas"
            )
        if int(word) % multiple:
            raise ValueError(f"schedule = {text!r}: {word} must be a multiple of {multiple}")
        counts.append(int(word))
    return tuple(counts)


def whole_schedule(shape, total, multiple=1):
    """Return whole numbers in the proportions of `shape`: a tuple that sums to the total.

    Each round gets at least one `multiple`; what rounding leaves goes to the largest remainders,
    later rounds first.

    Parameters
    ----------
    shape : array of float, (T,)
        Positive numbers; only their proportions count.
    total : int
        The sum, rounded down to a multiple.
    multiple : int
        Every number is a multiple of this.

    Raises
    ------
    ValueError
        When the total does not allow one multiple a round.
    """
    shape = np.asarray(shape, dtype=float)
    units = int(total) // multiple
    if units < len(shape):
        raise ValueError(
            f"total = {total}: must be at least {len(shape) * multiple}, {multiple} in each of "
            f"{len(shape)} rounds"
        )
    over = np.maximum(shape / shape.sum() * units - 1, 0)  # beyond the one that each round gets
    if over.any():
        over *= (units - len(shape)) / over.sum()  # the others pay for rounds lifted to one
    counts = 1 + np.floor(over).astype(np.int64)
    order = np.lexsort((-np.arange(len(shape)), np.floor(over) - over))
    counts[order[: units - int(counts.sum())]] += 1
    return tuple(int(count) * multiple for count in counts)
