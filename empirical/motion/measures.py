"""Measures of motions in an embedding: diversity, matching score, R-precision.

As Guo et al. (2022) define them, but without the chance of drawing pairs and pools: averages over
all pairs, and over all pools, are computed exactly.
"""

import numpy as np

__all__ = ["distances", "diversity", "matching", "r_precision"]

POOL = 32  # captions that a motion's own has to be found among, itself included


def distances(motions, texts):
    """Return the Euclidean distance of each motion (n, d) to each caption (m, d), (n, m)."""
    return np.linalg.norm(motions[:, None] - texts[None], axis=2)


def diversity(motions):
    """Return the mean distance between two motions, and its standard error (jackknife).

    The error is NaN for two motions.

    Examples
    --------
    >>> diversity(np.array([[0.0], [2.0], [4.0]]))[0].round(4)
    np.float64(2.6667)
    """
    apart, n = distances(motions, motions), len(motions)
    total = apart.sum()
    if n < 3:
        return total / (n * (n - 1)), float("nan")
    without = (total - 2 * apart.sum(axis=1)) / ((n - 1) * (n - 2))
    return total / (n * (n - 1)), np.sqrt((n - 1) * without.var())


def matching(apart):
    """Return each motion's distance to its own caption, (n,), from distances (n, n).

    Their mean is the matching score: lower is better.
    """
    return np.diag(apart).copy()


def r_precision(apart, top, pool=POOL):
    """Return with which probability each motion's own caption is among the `top` nearest, (n,).

    The pool is the motion's own caption and pool - 1 captions of other motions, each set of them
    as likely; captions at the same distance (the same words) are in random order. So captions
    that know nothing of the motions score top/pool exactly on average.

    Parameters
    ----------
    apart : array, (n, n)
        Distances of motions to captions; motion i's own caption is number i.
    top : int
        1, 2 or 3 in the papers.
    pool : int
        Size of the pool; all n where there are fewer.

    Examples
    --------
    >>> r_precision(np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]), 1)
    array([1., 0., 0.])
    """
    from scipy.stats import hypergeom

    own, n = np.diag(apart)[:, None], len(apart)
    pool = min(pool, n)
    nearer, equal = (apart < own).sum(axis=1), (apart == own).sum(axis=1) - 1
    found = np.empty(n)
    for row in range(n):
        ahead = nearer[row] + np.arange(equal[row] + 1)  # of how many others it comes after
        found[row] = hypergeom.cdf(top - 1, n - 1, ahead, pool - 1).mean()
    return found
