"""What stands between generation and training: verifiers that choose, correctors that change.

A verifier decides which proposals are kept; a corrector passes every proposal on, changed. Both
are frozen records of their parameters with one method, and get their randomness per item, so that
what happens to an item does not depend on its batch. Each round reports what theory needs:
the share of wrong proposals p, the acceptance rates phi and psi, and what follows from them.
"""

from dataclasses import dataclass

import numpy as np

from empirical.items import count
from sims.confidence import clopper_pearson
from theory import pruning

__all__ = [
    "Coin", "Everything", "Identity", "NearestAnchor", "NoisyOracle", "Oracle", "Threshold",
    "TopFraction", "by_name", "names", "rates",
]


@dataclass(frozen=True, slots=True)
class Everything:
    """Keeps every proposal: no verification."""

    needs_pool = False

    def keep(self, items, quality, score, uniform):
        """Return the mask of kept items; every verifier has this method.

        Parameters
        ----------
        items : dict of arrays
            n proposals.
        quality : array of float, (n,)
            How right each is, in [0, 1]; an oracle's knowledge.
        score : callable
            score(name) -> array (n,), the task's own scores and "quality".
        uniform : array of float, (n,)
            A uniform number in [0, 1) for each item.
        """
        return np.ones(count(items), dtype=bool)


@dataclass(frozen=True, slots=True)
class Oracle:
    """Keeps what is right: quality of at least one half."""

    needs_pool = False

    def keep(self, items, quality, score, uniform):
        """Return the mask of kept items."""
        return quality >= 0.5


@dataclass(frozen=True, slots=True)
class NoisyOracle:
    """An oracle that errs at known rates: phi = 1 - reject_right, psi = accept_wrong.

    With reject_right = 0 its breakdown point is p* = 1/(1 + accept_wrong)
    (Feng et al. 2025, section 6.1).
    """

    accept_wrong: float
    reject_right: float = 0.0
    needs_pool = False

    def keep(self, items, quality, score, uniform):
        """Return the mask of kept items."""
        right = quality >= 0.5
        return np.where(right, uniform >= self.reject_right, uniform < self.accept_wrong)


@dataclass(frozen=True, slots=True)
class Coin:
    """Keeps each item with one probability, whatever it is: p* = 1/2, like no verification."""

    share: float
    needs_pool = False

    def keep(self, items, quality, score, uniform):
        """Return the mask of kept items."""
        return uniform < self.share


@dataclass(frozen=True, slots=True)
class Threshold:
    """Keeps what scores at least so much."""

    score: str
    threshold: float
    needs_pool = False

    def keep(self, items, quality, score, uniform):
        """Return the mask of kept items; a score that is not a number is not kept."""
        return score(self.score) >= self.threshold


@dataclass(frozen=True, slots=True)
class TopFraction:
    """Keeps the best share of a pool by score; ties go to the earlier item.

    If the task gives its items a "group" (a class, a prompt), the share is taken in each group.
    """

    score: str
    fraction: float
    needs_pool = True

    def keep(self, items, quality, score, uniform):
        """Return the mask of kept items: ceil(fraction n) of each group's n."""
        values = np.nan_to_num(np.asarray(score(self.score), dtype=float), nan=-np.inf)
        groups = items.get("group", np.zeros(len(values), dtype=np.int64))
        kept = np.zeros(len(values), dtype=bool)
        for group in np.unique(groups):
            mine = np.flatnonzero(groups == group)
            best = np.argsort(-values[mine], kind="stable")
            kept[mine[best[: int(np.ceil(self.fraction * len(mine) - 1e-9))]]] = True
        return kept


@dataclass(frozen=True, slots=True)
class Identity:
    """A corrector that changes nothing: the negative control of every corrector."""

    def correct(self, items):
        """Return the corrected items; every corrector has this method."""
        return items


@dataclass(frozen=True, slots=True, eq=False)
class NearestAnchor:
    """Moves an item to the nearest anchor of its group (Gillman et al. 2024, appendix E).

    Attributes
    ----------
    field : str
        The items' field that holds points (n, ...).
    anchors : array of float, (groups, k, features)
        Centroids of the real items, by group.
    strength : float
        gamma: the item goes gamma/(1 + gamma) of the way; inf goes all of it.
    """

    field: str
    anchors: np.ndarray
    strength: float = np.inf

    def correct(self, items):
        """Return the corrected items."""
        points = items[self.field]
        flat = points.reshape(len(points), -1)
        groups = items.get("group", np.zeros(len(points), dtype=np.int64))
        moved = flat.copy()
        share = 1.0 if np.isinf(self.strength) else self.strength / (1 + self.strength)
        for group in np.unique(groups):
            mine, anchors = np.flatnonzero(groups == group), self.anchors[group]
            apart = ((flat[mine, None, :] - anchors) ** 2).sum(axis=-1)
            nearest = anchors[apart.argmin(axis=1)]
            moved[mine] = (1 - share) * flat[mine] + share * nearest
        return items | {self.field: moved.reshape(points.shape).astype(points.dtype)}


_VERIFIERS = {
    "none": lambda loop: Everything(),
    "oracle": lambda loop: Oracle(),
    "noisy": lambda loop: NoisyOracle(loop.accept_wrong, loop.reject_right),
    "coin": lambda loop: Coin(loop.accept_wrong),
    "threshold": lambda loop: Threshold(loop.score, loop.threshold),
    "top_fraction": lambda loop: TopFraction(loop.score, loop.fraction),
    "identity": lambda loop: Identity(),
}


def names():
    """Return the names of the verifiers and correctors that every task has."""
    return tuple(_VERIFIERS)


def by_name(loop):
    """Return the verifier or corrector that a :class:`~empirical.schedule.LoopConfig` names.

    Raises
    ------
    ValueError
        When there is none of this name.
    """
    if loop.curate not in _VERIFIERS:
        raise ValueError(f"curate = {loop.curate!r}: must be one of {', '.join(_VERIFIERS)}")
    return _VERIFIERS[loop.curate](loop)


def rates(quality, kept, confidence=0.95):
    """Return what a verifier did on a round's proposals, as (name, value, low, high, n).

    Qualities of 0 and 1 give shares with exact (Clopper-Pearson) limits; qualities between give
    the generalised p, phi, psi of Feng et al., section 6.2, without limits (NaN).

    Parameters
    ----------
    quality : array of float, (n,)
        How right each proposal is, in [0, 1].
    kept : array of bool, (n,)
        Which were kept.
    confidence : float
        Of the limits.
    """
    quality, kept = np.asarray(quality, dtype=float), np.asarray(kept, dtype=bool)
    if ((quality == 0) | (quality == 1)).all():
        return _counted(quality == 1, kept, confidence)
    nan = float("nan")
    made = pruning.rates_from_scores(quality, kept.astype(float))
    named = (("p", made.p), ("phi", made.phi), ("psi", made.psi),
             ("p_star", made.breakdown_point), ("precision", made.precision))
    return tuple((name, float(value), nan, nan, len(kept)) for name, value in named)


def _counted(right, kept, confidence):
    cells = [int((r & k).sum()) for r in (right, ~right) for k in (kept, ~kept)]
    right_kept, right_dropped, wrong_kept, wrong_dropped = cells
    rows = [
        _share("p", wrong_kept + wrong_dropped, len(kept), confidence),
        _share("phi", right_kept, right_kept + right_dropped, confidence),
        _share("psi", wrong_kept, wrong_kept + wrong_dropped, confidence),
        _share("precision", right_kept, right_kept + wrong_kept, confidence),
    ]
    found = pruning.audit(*cells, confidence=confidence, method="exact")
    rows.append(("p_star", float(found.p_star), float(found.low), float(found.high), len(kept)))
    return tuple(rows)


def _share(name, hits, n, confidence):
    if not n:
        return name, float("nan"), 0.0, 1.0, 0
    low, high = clopper_pearson(hits, n, confidence)
    return name, hits / n, float(low), float(high), n
