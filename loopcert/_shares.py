"""Weighted shares: estimate, linearised variance, effective size, and two intervals.

The share of y in [0, 1] under weights v is m = sum(v y) / sum(v). Its linearised (sandwich)
variance is sum(v^2 (y - m)^2) / sum(v)^2. The effective size is that of the binomial share with
this variance, m (1 - m) / variance, and at most the number of items: weights shrink it, and
qualities less spread than 0/1 outcomes do not raise it. At m = 0 or 1 there is no variance to
compare with, and Kish's size sum(v)^2 / sum(v^2) takes its place.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

__all__ = ["Share", "weighted_share"]


@dataclass(frozen=True, slots=True)
class Share:
    """An estimated share.

    Attributes
    ----------
    value : float
        The estimate; NaN when nothing carries weight.
    variance : float
        Its linearised variance.
    size : float
        The effective number of items behind it.
    """

    value: float
    variance: float
    size: float

    def delta(self, confidence):
        """Return the interval that is normal on the logit scale; NaN at a share of 0 or 1."""
        inside = self.value * (1 - self.value)
        if not inside > 0:
            return np.nan, np.nan
        half = special.ndtri((1 + confidence) / 2) * np.sqrt(self.variance) / inside
        centre = special.logit(self.value)
        return tuple(special.expit([centre - half, centre + half]).tolist())

    def exact(self, confidence):
        """Return the Clopper-Pearson interval at the effective size (Korn and Graubard).

        With equal weights and 0/1 outcomes it is Clopper and Pearson's exact interval; with
        equal weights and qualities in [0, 1] it is as wide as 0/1 outcomes would make it.
        """
        if not self.size > 0:
            return 0.0, 1.0
        tail = (1 - confidence) / 2
        hits, misses = self.size * self.value, self.size * (1 - self.value)
        low = special.betaincinv(hits, misses + 1, tail) if hits > 0 else 0.0
        high = special.betainccinv(hits + 1, misses, tail) if misses > 0 else 1.0
        return float(low), float(high)


def weighted_share(outcome, weight):
    """Return the :class:`Share` of `outcome`, in [0, 1], under the weights `weight` >= 0.

    Examples
    --------
    >>> import numpy as np
    >>> share = weighted_share(np.array([1.0, 0.0, 1.0, 1.0]), np.ones(4))
    >>> share.value, share.size
    (0.75, 4.0)
    """
    total = float(weight.sum())
    if not total > 0:
        return Share(np.nan, np.nan, 0.0)
    outcome, weight = outcome[weight > 0], weight[weight > 0] / total
    # a rounded 1 would pass for an outcome that varies
    value = float(outcome[0]) if np.ptp(outcome) == 0 else float(weight @ outcome)
    variance = float(weight**2 @ (outcome - value) ** 2)
    spread = value * (1 - value)
    if spread > 0:
        size = spread / max(variance, spread / len(outcome))
    else:
        size = 1 / float(weight @ weight)
    return Share(value, variance, size)
