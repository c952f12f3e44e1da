"""Regression retrained on its own labels, of which a verifier keeps those near its own opinion.

The reconstruction, in an orthonormal design, of verifier-guided retraining (Yi et al. 2025):
each direction is one location parameter, and lengths are in units of the noise sigma.
"""

import math

import numpy as np
from numba import njit

from sims import _check
from sims.replicate import replicate

__all__ = ["simulate_verified_regression"]

_GLANCE = 65_535  # a mask: residuals between two looks at the halt flag, less one


def simulate_verified_regression(
    theta0, center, half_width, schedule, *, replicates, rng, workers=None
):
    r"""Simulate rounds of labelling, verification and refitting by least squares.

    In round t each direction j gets labels theta_tj + noise; those within `half_width` of
    center_j are kept until there are m_t, and theta_{t+1, j} is their mean.

    Parameters
    ----------
    theta0 : (p,) or (R, p) array, or scalar for p = 1
        Start, common or one for each replicate, in units of sigma.
    center : scalar or (p,) array
        The verifier's knowledge centre, in units of sigma.
    half_width : scalar or (p,) array in (0, inf]
        Half width of the window in which labels are kept, in units of sigma; inf keeps all.
    schedule : (T,) whole numbers >= 0
        Number m_t of kept labels in each direction; a round with 0 leaves the parameter alone.
    replicates : int
        Number R of independent loops.
    rng : numpy.random.Generator
        Source of the streams.
    workers : int, Engine or None, optional
        Threads or engine (see `sims.replicate.replicate`); without influence on the result.

    Returns
    -------
    array (R, T+1, p)
        theta_t in units of sigma, the start first.

    Raises
    ------
    ValueError
        For arguments outside of their domain.

    Notes
    -----
    Every kept label is drawn, into a running sum. Where most labels would be refused, proposals
    are uniform or exponential instead of normal and are accepted in proportion to the normal
    density (Robert 1995), so that a far centre or a narrow window costs no more than others.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> path = simulate_verified_regression([3.0, 0.0], 1.0, 0.5, [100, 100], replicates=4,
    ...                                     rng=rng)
    >>> path.shape, bool((abs(path[:, 1:] - 1.0) < 0.5).all())
    ((4, 3, 2), True)
    """
    replicates = _check.count("replicates", replicates)
    start = _check.starts("theta0", theta0, replicates)
    dim = start.shape[1]
    center = _check.vector("center", center, dim)
    half_width = _check.vector("half_width", half_width, dim, "(0, inf]")
    schedule = _check.counts("schedule", schedule)
    (path,) = replicate(
        _window_chunk, replicates, [((len(schedule) + 1, dim), np.float64)], rng=rng,
        draws=2 * dim * int(schedule.sum(dtype=np.float64)), each=(start,),
        arguments=(center, half_width, schedule), workers=workers)
    return path


@njit(nogil=True, cache=True)
def _from_edge(rng, beyond, width):
    """Draw s in [0, width] with density proportional to exp(-beyond s - s^2 / 2).

    A normal variable seen from the edge of a window of this width, `beyond` which it has its
    mean: a kept residual is that far inside. Its mean is inside when `beyond` is negative.
    """
    rise = 2.0 / (math.sqrt(beyond * beyond + 4.0) + abs(beyond))
    rate = max(beyond, 0.0) + rise
    if beyond > 0.0 and width * rate > 1.5:
        while True:  # exponential proposals; their density touches the target's at s = rise
            s = rng.standard_exponential() / rate
            if s <= width and 0.5 * (s - rise) * (s - rise) <= rng.standard_exponential():
                return s
    while True:  # uniform proposals, against the largest density in the window
        s = width * rng.random()
        inside = s + min(beyond, 0.0)
        cost = max(beyond, 0.0) * s + 0.5 * inside * inside
        if cost <= rng.standard_exponential():
            return s


@njit(nogil=True, cache=True)
def _mean_residual(rng, halt, offset, half_width, count):
    """Return the mean of `count` draws of N(offset, 1) that lie within `half_width` of 0."""
    side = abs(offset)
    beyond = side - half_width
    total = 0.0
    if half_width > 1.25 and beyond <= 0.0:  # about half of the labels are kept, or more
        for k in range(count):
            noise = rng.standard_normal()
            while abs(side + noise) > half_width:
                noise = rng.standard_normal()
            total += noise
            if k & _GLANCE == 0 and halt[0]:
                break
        mean = side + total / count
    else:
        for k in range(count):
            total += _from_edge(rng, beyond, 2.0 * half_width)
            if k & _GLANCE == 0 and halt[0]:
                break
        mean = half_width - total / count
    return math.copysign(1.0, offset) * mean


@njit(nogil=True, cache=True)
def _window_chunk(rng, halt, start, center, half_width, schedule, path):
    """Advance loops whose directions do not know of each other."""
    rows, dim = start.shape
    for r in range(rows):
        path[r, 0] = start[r]
        for t in range(len(schedule)):
            if halt[0]:
                return
            for j in range(dim):
                path[r, t + 1, j] = path[r, t, j]
                if schedule[t]:
                    path[r, t + 1, j] = center[j] + _mean_residual(
                        rng, halt, path[r, t, j] - center[j], half_width[j], schedule[t])
