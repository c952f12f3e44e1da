"""Verifiers that other tasks do not have: by lot, and by score within each kind."""

from dataclasses import dataclass

import numpy as np

from empirical.curate import TopFraction
from empirical.items import count

__all__ = ["FractionOfEach", "RandomFraction"]


@dataclass(frozen=True, slots=True)
class RandomFraction:
    """Keeps a share of a pool by lot: as many as :class:`~empirical.curate.TopFraction` would.

    Whatever it keeps, p* is 1/2 on average; in one draw chance moves it a little.
    """

    fraction: float
    needs_pool = True

    def keep(self, items, quality, score, uniform):
        """Return the mask of kept items."""
        one_pool = {"lot": np.zeros(count(items))}
        return TopFraction("lot", self.fraction).keep(
            one_pool, quality, lambda name: uniform, uniform)


@dataclass(frozen=True, slots=True)
class FractionOfEach:
    """Keeps the best share by score of each kind of article.

    A score compares summaries; over all articles it also chooses articles, those that are easy
    to score well on. This one keeps their kinds as they come.
    """

    score: str
    fraction: float
    needs_pool = True

    def keep(self, items, quality, score, uniform):
        """Return the mask of kept items."""
        return TopFraction(self.score, self.fraction).keep(
            {"group": items["kind"]}, quality, score, uniform)
