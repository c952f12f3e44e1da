"""The self-consuming Gaussian loop with a corrector (Gillman et al. 2024, appendix D).

The first model is fitted to n real points of N(0, I). In each round the model draws m points, a
corrector replaces some of the law that they follow by the true one, and the next model is fitted
to the real points together with corrected ones. Covariances are maximum likelihood (divisor N).
"""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from sims import _check
from sims.replicate import replicate

__all__ = ["CorrectionLoop", "simulate_correction_loop"]

_EPSILON = 2.0**-52
_GLANCE = 65_535  # a mask: points between two looks at the halt flag, less one


@dataclass(frozen=True, slots=True)
class CorrectionLoop:
    """What `simulate_correction_loop` recorded.

    Attributes
    ----------
    means : array (R, T+1, d)
        Mean of the model of each round; round 0 is fitted to real points alone.
    covariances : array (R, T+1, d, d)
        Its covariance, divisor N.
    """

    means: np.ndarray
    covariances: np.ndarray


def simulate_correction_loop(
    n, m, correction, rounds, *, dim=2, policy="replace", bootstrap=True, replicates, rng,
    workers=None,
):
    r"""Simulate a Gaussian model refitted to real points and to its own corrected points.

    Each corrected point is, with probability ``1 / (1 + correction)``, one of the model and
    otherwise one of the true law N(0, I).

    Parameters
    ----------
    n, m : int
        Real points (>= 1, drawn once and kept) and synthetic points in a round (>= 0).
    correction : float in [0, inf]
        Strength gamma of the corrector.
    rounds : int
        Number T of rounds.
    dim : int
        Dimension d of the points.
    policy : {"replace", "accumulate", "log", "ramp"}
        What a model is fitted to, besides the real points: the m points of the round; all
        points so far; all points so far, of which ``floor(m (1 + ln t))`` exist after round t;
        or, in round t, the first ``floor(m i / t)`` of the m points of each round i <= t.
    bootstrap : bool
        Whether a corrected point of the model is drawn with replacement from the points that
        the model generated in this round (the paper's empirical density), or afresh.
    replicates : int
        Number R of independent loops.
    rng : numpy.random.Generator
        Source of the streams.
    workers : int, Engine or None, optional
        Threads or engine (see `sims.replicate.replicate`); without influence on the result.

    Returns
    -------
    CorrectionLoop
        means (R, T+1, d) and covariances (R, T+1, d, d).

    Raises
    ------
    ValueError
        For arguments outside of their domain.

    Notes
    -----
    Every point is drawn. Points enter running sums, so that memory grows neither with n nor,
    without the bootstrap, with m; "ramp" keeps sums for each later round.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> loop = simulate_correction_loop(50, 25, 1.0, 3, replicates=4, rng=rng)
    >>> loop.means.shape, loop.covariances.shape
    ((4, 4, 2), (4, 4, 2, 2))
    """
    replicates = _check.count("replicates", replicates)
    n = _check.count("n", n, 1)
    m = _check.count("m", m)
    correction = _check.number("correction", correction, "[0, inf]")
    rounds = _check.count("rounds", rounds)
    dim = _check.count("dim", dim, 1)
    _check.option("policy", policy, ("replace", "accumulate", "log", "ramp"))
    added = _added(m, rounds, policy)
    kernel = _ramp_chunk if policy == "ramp" else _pool_chunk
    means, covariances = replicate(
        kernel,
        replicates,
        [((rounds + 1, dim), np.float64), ((rounds + 1, dim, dim), np.float64)],
        rng=rng,
        draws=(n + int(added.sum(dtype=np.float64)) * (2 if bootstrap else 1)) * (dim + 1),
        arguments=(n, added, policy == "replace", 1.0 / (1.0 + correction), bool(bootstrap)),
        workers=workers,
    )
    return CorrectionLoop(means, covariances)


def _added(m, rounds, policy):
    """Return the number of new points of each round."""
    if policy != "log":
        return np.full(rounds, m, np.int64)
    totals = np.floor(m * (1.0 + np.log(np.arange(1, rounds + 1)))).astype(np.int64)
    return np.diff(totals, prepend=0)


@njit(nogil=True, cache=True)
def _observe(point, total, scatter):
    """Add a point to the sums of points and of their products (lower triangle)."""
    for i in range(len(point)):
        total[i] += point[i]
        for j in range(i + 1):
            scatter[i, j] += point[i] * point[j]


@njit(nogil=True, cache=True)
def _fit(count, total, scatter, mean, covariance):
    """Fill mean and covariance (divisor `count`) from the sums of points and products."""
    for i in range(len(total)):
        mean[i] = total[i] / count
        for j in range(i + 1):
            covariance[i, j] = scatter[i, j] / count - mean[i] * mean[j]
            covariance[j, i] = covariance[i, j]


@njit(nogil=True, cache=True)
def _real_points(rng, halt, n, mean, covariance, point):
    """Draw n points of N(0, I) and fit the first model to them."""
    dim = len(mean)
    total = np.zeros(dim)
    scatter = np.zeros((dim, dim))
    for k in range(n):
        for i in range(dim):
            point[i] = rng.standard_normal()
        _observe(point, total, scatter)
        if k & _GLANCE == 0 and halt[0]:
            break
    _fit(n, total, scatter, mean, covariance)


@njit(nogil=True, cache=True)
def _factor(covariance, root):
    """Fill the lower Cholesky factor; a pivot that is round-off makes a column of zeros."""
    dim = len(covariance)
    for j in range(dim):
        pivot = covariance[j, j]
        for k in range(j):
            pivot -= root[j, k] * root[j, k]
        root[j, j] = math.sqrt(pivot) if pivot > _EPSILON * dim * covariance[j, j] else 0.0
        for i in range(j + 1, dim):
            rest = covariance[i, j]
            for k in range(j):
                rest -= root[i, k] * root[j, k]
            root[i, j] = rest / root[j, j] if root[j, j] > 0.0 else 0.0


@njit(nogil=True, cache=True)
def _generate(rng, centre, root, noise, point):
    """Fill `point` with a draw of the model."""
    for i in range(len(centre)):
        noise[i] = rng.standard_normal()
    for i in range(len(centre)):
        point[i] = centre[i]
        for k in range(i + 1):
            point[i] += root[i, k] * noise[k]


@njit(nogil=True, cache=True)
def _correct(rng, halt, model, keep, generated, first, last, total, scatter):
    """Draw the corrected points `first` to `last` of a round and add them to the sums.

    `model` is (origin, centre, root, noise, point): coordinates have their origin at the real
    mean. `generated` holds the model's points of the round, and is empty without the bootstrap.
    """
    origin, centre, root, noise, point = model
    for k in range(first, last):
        chance = rng.random()
        if chance >= keep:
            for i in range(len(point)):
                point[i] = rng.standard_normal() - origin[i]
            _observe(point, total, scatter)
        elif len(generated):
            choice = min(int(chance / keep * len(generated)), len(generated) - 1)
            _observe(generated[choice], total, scatter)
        else:
            _generate(rng, centre, root, noise, point)
            _observe(point, total, scatter)
        if k & _GLANCE == 0 and halt[0]:
            break


@njit(nogil=True, cache=True)
def _begin_round(rng, halt, mean, covariance, model, generated):
    """Set up the model of the round and, for the bootstrap, draw its points."""
    origin, centre, root, noise, _ = model
    for i in range(len(mean)):
        centre[i] = mean[i] - origin[i]
    _factor(covariance, root)
    for k in range(len(generated)):
        _generate(rng, centre, root, noise, generated[k])
        if k & _GLANCE == 0 and halt[0]:
            break


@njit(nogil=True, cache=True)
def _pool_chunk(rng, halt, n, added, replace, keep, bootstrap, means, covariances):
    """Advance loops whose models see the points of this round, or all points so far."""
    rows, steps, dim = means.shape
    origin = np.empty(dim)
    model = origin, np.empty(dim), np.empty((dim, dim)), np.empty(dim), np.empty(dim)
    memory = np.empty((added.max() if bootstrap and len(added) else 0, dim))
    for r in range(rows):
        _real_points(rng, halt, n, means[r, 0], covariances[r, 0], model[4])
        origin[:] = means[r, 0]
        # Sums about the real mean: those of the real points are 0 and n times their covariance.
        count = n
        total = np.zeros(dim)
        scatter = n * covariances[r, 0]
        for t in range(steps - 1):
            if halt[0]:
                return
            if replace:
                count = n
                total[:] = 0.0
                scatter = n * covariances[r, 0]
            generated = memory[:added[t]]
            _begin_round(rng, halt, means[r, t], covariances[r, t], model, generated)
            _correct(rng, halt, model, keep, generated, 0, added[t], total, scatter)
            count += added[t]
            _fit(count, total, scatter, means[r, t + 1], covariances[r, t + 1])
            means[r, t + 1] += origin


@njit(nogil=True, cache=True)
def _ramp_chunk(rng, halt, n, added, replace, keep, bootstrap, means, covariances):
    """Advance loops in which round s uses the first floor(m i / s) points of round i."""
    rows, steps, dim = means.shape
    origin = np.empty(dim)
    model = origin, np.empty(dim), np.empty((dim, dim)), np.empty(dim), np.empty(dim)
    memory = np.empty((added.max() if bootstrap and len(added) else 0, dim))
    for r in range(rows):
        _real_points(rng, halt, n, means[r, 0], covariances[r, 0], model[4])
        origin[:] = means[r, 0]
        counts = np.full(steps, n)
        totals = np.zeros((steps, dim))
        scatters = np.zeros((steps, dim, dim))
        scatters[:] = n * covariances[r, 0]
        for t in range(1, steps):
            if halt[0]:
                return
            size = added[t - 1]
            generated = memory[:size]
            _begin_round(rng, halt, means[r, t - 1], covariances[r, t - 1], model, generated)
            total = np.zeros(dim)
            scatter = np.zeros((dim, dim))
            drawn = 0
            # Later rounds use fewer points of this batch: from the last round down, each adds
            # the sums of a longer beginning, and no point need be remembered.
            for s in range(steps - 1, t - 1, -1):
                length = t * size // s
                _correct(rng, halt, model, keep, generated, drawn, length, total, scatter)
                drawn = length
                counts[s] += length
                totals[s] += total
                scatters[s] += scatter
            _fit(counts[t], totals[t], scatters[t], means[r, t], covariances[r, t])
            means[r, t] += origin
