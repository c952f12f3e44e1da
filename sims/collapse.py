"""Loops without real data after the first fit: how a model that only sees itself dies out.

Round 0 is fitted to n points of the truth. Each later round draws n points of the model before
it, of which a corrector may replace some by true ones, and fits the next model to those alone
(Gillman et al. 2024 without the real data; Bernoulli models make a Wright-Fisher process).
"""

from dataclasses import dataclass

import numpy as np
from numba import njit

from sims import _check
from sims._gaussian import line_law_chunk, synthetic_chunk, synthetic_law_chunk
from sims.replicate import replicate

__all__ = ["SyntheticLoop", "simulate_synthetic_loop", "simulate_wright_fisher"]

_GLANCE = 65_535  # a mask: points between two looks at the halt flag, less one
_LARGEST = 2**53


@dataclass(frozen=True, slots=True)
class SyntheticLoop:
    """What `simulate_synthetic_loop` recorded.

    Attributes
    ----------
    means : array (R, T+1, d)
        Mean of the model of each round; round 0 is fitted to real points.
    covariances : array (R, T+1, d, d)
        Its covariance, divisor n - ddof.
    """

    means: np.ndarray
    covariances: np.ndarray


def simulate_synthetic_loop(
    n, rounds, *, dim=1, ddof=0, correction=0.0, level="sample", replicates, rng, workers=None
):
    r"""Simulate a Gaussian model refitted, mean and covariance, to points of its own alone.

    Parameters
    ----------
    n : int
        Points of a round, > ddof; in round 0 they are points of N(0, I).
    rounds : int
        Number T of synthetic rounds.
    dim : int
        Dimension d of the points.
    ddof : {0, 1}
        The covariance is divided by n - ddof: 0 is maximum likelihood, 1 is unbiased.
    correction : float in [0, inf]
        Strength gamma of a corrector: a point is one of the model with probability
        ``1 / (1 + gamma)`` and otherwise one of N(0, I).
    level : {"sample", "law"}
        "sample" draws every point. "law" draws sum and scatter of the n points from their known
        laws (normal and Wishart), at a cost that does not depend on n.
    replicates : int
        Number R of independent loops.
    rng : numpy.random.Generator
        Source of the streams.
    workers : int, Engine or None, optional
        Threads or engine (see `sims.replicate.replicate`); without influence on the result.

    Returns
    -------
    SyntheticLoop
        means (R, T+1, d) and covariances (R, T+1, d, d).

    Raises
    ------
    ValueError
        For arguments outside of their domain.

    Notes
    -----
    Memory does not grow with n. A direction in which the covariance is round-off beside its
    diagonal counts as dead and stays so; in one dimension the variance may fall to 0 by
    underflow.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> loop = simulate_synthetic_loop(10**9, 3, level="law", replicates=2, rng=rng)
    >>> loop.covariances[:, :, 0, 0].round(3)
    array([[1., 1., 1., 1.],
           [1., 1., 1., 1.]])
    """
    replicates = _check.count("replicates", replicates)
    ddof = _check.count("ddof", ddof)
    if ddof > 1:
        raise ValueError(f"ddof = {ddof}: must be 0 or 1")
    n = _count_up_to_largest("n", n, 1 + ddof)
    rounds = _check.count("rounds", rounds)
    dim = _check.count("dim", dim, 1)
    correction = _check.number("correction", correction, "[0, inf]")
    _check.option("level", level, ("sample", "law"))
    law = level == "law"
    kernel, arguments = synthetic_chunk, (n, ddof, 1.0 / (1.0 + correction))
    if law:
        kernel = synthetic_law_chunk
        if dim == 1 and correction == 0.0:
            kernel, arguments = line_law_chunk, (n, ddof)
    results = ((rounds + 1, dim), np.float64), ((rounds + 1, dim, dim), np.float64)
    means, covariances = replicate(
        kernel, replicates, results, rng=rng, arguments=arguments, workers=workers,
        draws=(rounds + 1) * (dim + 1) * (dim + 5 if law else n))
    return SyntheticLoop(means, covariances)


def simulate_wright_fisher(
    probability, n, rounds, *, correction=0.0, level="sample", replicates, rng, workers=None
):
    r"""Simulate a Bernoulli model refitted to draws of its own alone, as genes drift.

    Parameters
    ----------
    probability : float in [0, 1]
        True probability P of a one.
    n : int
        Draws of a round, >= 1; in round 0 they are true ones.
    rounds : int
        Number T of synthetic rounds.
    correction : float in [0, inf]
        Strength gamma of a corrector: a draw is one of the model with probability
        ``1 / (1 + gamma)`` and otherwise a true one. For genes: mutation.
    level : {"sample", "law"}
        "sample" draws n times in each round; "law" draws the number of ones.
    replicates : int
        Number R of independent loops.
    rng : numpy.random.Generator
        Source of the streams.
    workers : int, Engine or None, optional
        Threads or engine (see `sims.replicate.replicate`); without influence on the result.

    Returns
    -------
    array (R, T+1)
        Share of ones in each round, which is the model's probability for the next.

    Raises
    ------
    ValueError
        For arguments outside of their domain.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> path = simulate_wright_fisher(0.5, 4, 200, replicates=6, rng=rng)
    >>> sorted({float(p) for p in path[:, -1]})
    [0.0, 1.0]
    """
    replicates = _check.count("replicates", replicates)
    probability = _check.number("probability", probability, "[0, 1]")
    n = _count_up_to_largest("n", n, 1)
    rounds = _check.count("rounds", rounds)
    correction = _check.number("correction", correction, "[0, inf]")
    _check.option("level", level, ("sample", "law"))
    (shares,) = replicate(
        _count_chunk if level == "law" else _toss_chunk, replicates,
        [((rounds + 1,), np.float64)], rng=rng,
        draws=(rounds + 1) * (20 if level == "law" else 2 * n),
        arguments=(probability, n, 1.0 / (1.0 + correction)), workers=workers)
    return shares


def _count_up_to_largest(name, value, low):
    """Return a whole number of which every smaller one is exact in a float64."""
    n = _check.count(name, value, low)
    if n > _LARGEST:
        raise ValueError(f"{name} = {n}: must be a whole number <= 2^53")
    return n


@njit(nogil=True, cache=True)
def _toss_chunk(rng, halt, probability, n, keep, shares):
    """Advance Bernoulli loops draw by draw."""
    rows, steps = shares.shape
    for r in range(rows):
        share = probability
        for t in range(steps):
            ones = 0
            for k in range(n):
                chance = share if keep == 1.0 or rng.random() < keep else probability
                ones += rng.random() < chance
                if k & _GLANCE == 0 and halt[0]:
                    return
            share = ones / n
            shares[r, t] = share


@njit(nogil=True, cache=True)
def _count_chunk(rng, halt, probability, n, keep, shares):
    """Advance Bernoulli loops by the law of the number of ones."""
    rows, steps = shares.shape
    for r in range(rows):
        if halt[0]:
            return
        share = probability
        for t in range(steps):
            chance = share if keep == 1.0 else keep * share + (1.0 - keep) * probability
            share = rng.binomial(n, chance) / n
            shares[r, t] = share
