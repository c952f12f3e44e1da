"""A choice that looks at nothing: the control of all other verifiers."""

from dataclasses import dataclass

import numpy as np

from empirical.curate import TopFraction
from empirical.items import count

__all__ = ["RandomFraction"]


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
