"""Correctors that move points one by one (Gillman et al. 2024, appendix C).

What is done with points x_1..x_n of a model, for a strength gamma (Example C.6):

1. Draw n targets y: each, with probability ``1 / (1 + gamma)``, from the empirical law of the x
   and otherwise from the true law N(0, I). The empirical law is either the points themselves,
   each with probability 1/n (``bins=None``, the formula), or their histogram (`bins`, "in
   practice"): equal bins between the least and the greatest value of each coordinate, their
   product in more than one dimension, uniform within a bin.
2. Send x_i to ``y_sigma(i)``, where sigma is a random permutation ("random", Example C.6), or the
   one with the least sum of distances ``|x_i - y_sigma(i)|`` ("nearest", Remark C.7).

The set of corrected points is that of the targets in either case: sigma decides only how far each
point travels. The targets are exchangeable, and not independent of each other or of the points.
"""

from dataclasses import dataclass

import numpy as np

from sims import _check
from sims._gaussian import correction_chunk, pointwise_chunk
from sims.replicate import replicate

__all__ = [
    "PointCorrection", "PointwiseLoop", "simulate_point_correction", "simulate_pointwise_loop",
]


@dataclass(frozen=True, slots=True)
class PointCorrection:
    """What `simulate_point_correction` recorded.

    Attributes
    ----------
    points : array (R, n, d)
        Points of the model.
    corrected : array (R, n, d)
        Where the corrector sent each of them.
    """

    points: np.ndarray
    corrected: np.ndarray


@dataclass(frozen=True, slots=True)
class PointwiseLoop:
    """What `simulate_pointwise_loop` recorded.

    Attributes
    ----------
    means : array (R, T+1, d)
        Mean of the model of each round; round 0 is fitted to real points alone.
    covariances : array (R, T+1, d, d)
        Its covariance, divisor N.
    distances : array (R, T)
        Mean distance that the corrector moved the points of each round.
    """

    means: np.ndarray
    covariances: np.ndarray
    distances: np.ndarray


def simulate_point_correction(
    n, correction, *, spread=1.0, dim=1, bins=None, assignment="random", replicates, rng,
    workers=None,
):
    r"""Simulate one correction, point by point, of a sample of N(0, spread^2 I).

    Parameters
    ----------
    n : int
        Points of the sample, >= 1.
    correction : float in [0, inf]
        Strength gamma of the corrector, towards N(0, I).
    spread : float in [0, 1e100]
        Standard deviation of the model in units of that of the truth.
    dim : int
        Dimension d of the points.
    bins : int or None
        Bins a coordinate of the histogram; None: the points themselves are the empirical law.
    assignment : {"random", "nearest"}
        Which point is sent to which target. "nearest" takes a time of
        n^3 and a memory of n^2 when d > 1.
    replicates : int
        Number R of independent samples.
    rng : numpy.random.Generator
        Source of the streams.
    workers : int, Engine or None, optional
        Threads or engine (see `sims.replicate.replicate`); without influence on the result.

    Returns
    -------
    PointCorrection
        points and corrected, (R, n, d).

    Raises
    ------
    ValueError
        For arguments outside of their domain.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> found = simulate_point_correction(5, 0.0, assignment="nearest", replicates=2, rng=rng)
    >>> found.corrected.shape, bool(np.isin(found.corrected, found.points).all())
    ((2, 5, 1), True)
    """
    replicates = _check.count("replicates", replicates)
    n = _check.count("n", n, 1)
    spread = _check.number("spread", spread, "[0, 1e100]")
    dim = _check.count("dim", dim, 1)
    keep, number, nearest = _corrector(correction, bins, assignment)
    points, corrected = replicate(
        correction_chunk, replicates, [((n, dim), np.float64)] * 2, rng=rng,
        draws=_draws(n, dim, nearest), arguments=(spread, keep, number, nearest),
        workers=workers)
    return PointCorrection(points, corrected)


def simulate_pointwise_loop(
    n, m, correction, rounds, *, dim=2, policy="replace", bins=None, assignment="random",
    replicates, rng, workers=None,
):
    r"""Simulate the self-consuming Gaussian loop with a corrector that moves points.

    Parameters
    ----------
    n, m : int
        Real points (>= 1, drawn once and kept) and synthetic points in a round (>= 1).
    correction : float in [0, inf]
        Strength gamma of the corrector, towards N(0, I).
    rounds : int
        Number T of rounds.
    dim : int
        Dimension d of the points.
    policy : {"replace", "accumulate"}
        What a model is fitted to, besides the real points: the corrected points of the round, or
        all so far.
    bins, assignment
        As in `simulate_point_correction`.
    replicates, rng, workers
        As in `simulate_point_correction`.

    Returns
    -------
    PointwiseLoop
        means (R, T+1, d), covariances (R, T+1, d, d) and distances (R, T).

    Raises
    ------
    ValueError
        For arguments outside of their domain.

    Notes
    -----
    Memory grows with m, the points that are matched, and not with n. Without a histogram the
    models have the law of `sims.contraction.simulate_correction_loop` with the bootstrap.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> loop = simulate_pointwise_loop(50, 25, 1.0, 3, bins=8, replicates=4, rng=rng)
    >>> loop.means.shape, loop.distances.shape, bool((loop.distances > 0.5).all())
    ((4, 4, 2), (4, 3), True)
    """
    replicates = _check.count("replicates", replicates)
    n = _check.count("n", n, 1)
    m = _check.count("m", m, 1)
    rounds = _check.count("rounds", rounds)
    dim = _check.count("dim", dim, 1)
    _check.option("policy", policy, ("replace", "accumulate"))
    keep, number, nearest = _corrector(correction, bins, assignment)
    means, covariances, distances = replicate(
        pointwise_chunk, replicates,
        [((rounds + 1, dim), np.float64), ((rounds + 1, dim, dim), np.float64),
         ((rounds,), np.float64)],
        rng=rng, draws=n * (dim + 1) + rounds * _draws(m, dim, nearest),
        arguments=(n, m, policy == "replace", keep, number, nearest), workers=workers)
    return PointwiseLoop(means, covariances, distances)


def _corrector(correction, bins, assignment):
    """Return the model's weight, the number of bins (0: none), and whether points go nearby."""
    correction = _check.number("correction", correction, "[0, inf]")
    _check.option("assignment", assignment, ("random", "nearest"))
    number = 0 if bins is None else _check.count("bins", bins, 1)
    return 1.0 / (1.0 + correction), number, assignment == "nearest"


def _draws(size, dim, nearest):
    """Return the rough work of a correction, in units of a draw."""
    return size * (3 * dim + 2) + (size**3 if nearest and dim > 1 else 0)
