"""The loop of selection rounds: generate around a parameter, let a verifier keep, refit the mean.

Round t proposes points of N(theta_t, sigma^2 I), keeps each with probability reward(|x|^2) until
n_t are kept, and theta_{t+1} is their mean (Yang et al. 2025, the Gaussian warm-up of section 3).
The kernels take a step towards that mean of any size, for `sims.descent`.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numba.extending import is_jitted

from sims import _check
from sims.replicate import replicate

__all__ = ["SelectionLoop", "simulate_selection_loop"]

_PATIENCE = 100_000_000  # proposals in a row that may fail: far more than a usable verifier needs
_BLOCK = 65_536  # proposals between two looks at the halt flag
_STALLED = "selection stalled: 100,000,000 proposals in a row were rejected"
_LARGEST_COUNT = 2**63 - 1024  # the largest float64 below 2^63


@dataclass(frozen=True, slots=True)
class SelectionLoop:
    """What `simulate_selection_loop` recorded.

    Attributes
    ----------
    parameters : array (R, T+1, d)
        theta_t, the start first.
    proposals : int64 array (R, T)
        Points generated in each round, kept ones included.
    """

    parameters: np.ndarray
    proposals: np.ndarray


def simulate_selection_loop(
    theta0, schedule, sigma, kappa, *, replicates, rng, level="sample", reward=None, workers=None
):
    r"""Simulate rounds of generation, selection by a reward and refitting of a Gaussian mean.

    Parameters
    ----------
    theta0 : (d,) or (R, d) array, or scalar for d = 1
        Start theta_0, common or one for each replicate.
    schedule : (T,) whole numbers >= 1
        Number n_t of points kept in each round.
    sigma, kappa : float in [1e-100, 1e100]
        Standard deviation of the generator per coordinate; width of the default reward
        ``exp(-r2 / (2 kappa^2))``.
    replicates : int
        Number R of independent loops.
    rng : numpy.random.Generator
        Source of the streams.
    level : {"sample", "law"}
        "sample" draws every proposal and rejects honestly: it knows the reward and nothing of
        what the reward does to the generator. "law" draws theta_{t+1} and the count of proposals
        from their known laws, at a cost that does not depend on n_t (default reward only).
    reward : function compiled by ``numba.njit``, optional
        Probability in [0, 1] of keeping a point, as a function of its squared distance to the
        origin, which is the centre of the reward.
    workers : int, Engine or None, optional
        Threads or engine (see `sims.replicate.replicate`); without influence on the result.

    Returns
    -------
    SelectionLoop
        parameters (R, T+1, d) and proposals (R, T). A count of proposals beyond 9.2e18, possible
        at level "law" only, is reported as 2^63 - 1024.

    Raises
    ------
    ValueError
        For arguments outside of their domain, and for a reward outside of [0, 1].
    RuntimeError
        When 100,000,000 proposals in a row are rejected (level "sample").

    Notes
    -----
    Memory does not grow with n_t: a kept point is added to a running sum and forgotten. The
    default reward is applied without computing it: a point is kept when an exponential variable
    exceeds r2 / (2 kappa^2), which has the probability of the reward.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> loop = simulate_selection_loop([1.0, 0.0], [10, 20], 1.0, 2.0, replicates=3, rng=rng)
    >>> loop.parameters.shape, loop.proposals.shape, bool((loop.proposals >= [10, 20]).all())
    ((3, 3, 2), (3, 2), True)
    """
    replicates = _check.count("replicates", replicates)
    schedule = _check.counts("schedule", schedule, 1)
    sigma = _check.number("sigma", sigma, "[1e-100, 1e100]")
    kappa = _check.number("kappa", kappa, "[1e-100, 1e100]")
    start = _check.starts("theta0", theta0, replicates)
    _check.option("level", level, ("sample", "law"))
    dim = start.shape[1]
    kernel, draws = choose_kernel(level, reward, schedule, dim)
    parameters, proposals = replicate(
        kernel,
        replicates,
        [((len(schedule) + 1, dim), np.float64), ((len(schedule),), np.int64)],
        rng=rng, draws=draws, each=(start,), workers=workers,
        arguments=(schedule, np.ones(len(schedule)), sigma, kappa),
    )
    return SelectionLoop(parameters, proposals)


def choose_kernel(level, reward, schedule, dim):
    """Return the kernel and the rough number of draws of a replicate."""
    if level == "law":
        if reward is not None:
            raise ValueError("level = 'law': must be 'sample' with a reward of one's own")
        return _law_chunk, len(schedule) * (dim + 20)
    draws = int(schedule.sum(dtype=np.float64)) * (dim + 1)
    if reward is None:
        return _sample_chunk, draws
    if not is_jitted(reward):
        raise ValueError(f"reward = {reward!r}: must be a function compiled by numba.njit")
    return _reward_chunk(reward), draws


@njit(nogil=True, cache=True)
def _propose_in_plane(rng, centre, spread, count, total):
    """As `_propose` for two coordinates, in scalars: without a branch, at twice the speed."""
    kept = 0
    first_total = second_total = 0.0
    for _ in range(count):
        first = rng.standard_normal()
        second = rng.standard_normal()
        x = centre[0] + spread * first
        y = centre[1] + spread * second
        if x * x + y * y <= rng.standard_exponential():
            kept += 1
            first_total += first
            second_total += second
    total[0] += first_total
    total[1] += second_total
    return kept


@njit(nogil=True, cache=True)
def _propose(rng, centre, spread, count, total, noise):
    """Propose `count` points, add the noise of those kept to `total` and return their number.

    Lengths are in units of sqrt(2) kappa: the reward is exp(-|centre + spread noise|^2). A point
    is dropped at the first coordinate that decides it.
    """
    dim = len(centre)
    kept = 0
    for _ in range(count):
        left = rng.standard_exponential()
        for j in range(dim):
            noise[j] = rng.standard_normal()
            y = centre[j] + spread * noise[j]
            left -= y * y
            if left < 0.0:
                break
        if left >= 0.0:
            kept += 1
            for j in range(dim):
                total[j] += noise[j]
    return kept


@njit(nogil=True, cache=True)
def _select(rng, halt, centre, spread, quota, total, noise):
    """Sum the noise of `quota` kept points into `total`; return the number of proposals."""
    total[:] = 0.0
    kept = tried = latest = 0
    while kept < quota:
        count = min(quota - kept, _BLOCK)  # never more than may be kept: no point is discarded
        if len(centre) == 2:
            more = _propose_in_plane(rng, centre, spread, count, total)
        else:
            more = _propose(rng, centre, spread, count, total, noise)
        kept += more
        tried += count
        if more:
            latest = tried
        if _give_up(halt, tried - latest):
            break
    return tried


@njit(nogil=True, cache=True)
def _give_up(halt, failed):
    if failed >= _PATIENCE:
        raise RuntimeError(_STALLED)
    return halt[0]


@njit(nogil=True, cache=True)
def _sample_chunk(rng, halt, start, schedule, steps, sigma, kappa, parameters, proposals):
    """Propose and reject with the default reward."""
    rows, dim = start.shape
    unit = 1.0 / (math.sqrt(2.0) * kappa)
    total = np.empty(dim)
    noise = np.empty(dim)
    for r in range(rows):
        parameters[r, 0] = start[r]
        for t in range(len(schedule)):
            if halt[0]:
                return
            theta = parameters[r, t]
            proposals[r, t] = _select(
                rng, halt, theta * unit, sigma * unit, schedule[t], total, noise)
            parameters[r, t + 1] = theta + steps[t] * sigma * (total / schedule[t])


@functools.lru_cache(maxsize=16)
def _reward_chunk(reward):
    """Compile the kernel that proposes and rejects with the given reward."""

    @njit(nogil=True)
    def propose(rng, theta, sigma, count, total, noise):
        kept = 0
        for _ in range(count):
            squared = 0.0
            for j in range(len(theta)):
                noise[j] = rng.standard_normal()
                x = theta[j] + sigma * noise[j]
                squared += x * x
            probability = reward(squared)
            if not 0.0 <= probability <= 1.0:
                raise ValueError("reward: its values must lie in [0, 1]")
            if rng.random() < probability:
                kept += 1
                total += noise
        return kept

    @njit(nogil=True)
    def chunk(rng, halt, start, schedule, steps, sigma, kappa, parameters, proposals):
        rows, dim = start.shape
        noise = np.empty(dim)
        for r in range(rows):
            parameters[r, 0] = start[r]
            for t in range(len(schedule)):
                theta = parameters[r, t]
                total = np.zeros(dim)
                kept = tried = latest = 0
                while kept < schedule[t]:
                    count = min(schedule[t] - kept, _BLOCK)
                    more = propose(rng, theta, sigma, count, total, noise)
                    kept += more
                    tried += count
                    if more:
                        latest = tried
                    if _give_up(halt, tried - latest):
                        return
                parameters[r, t + 1] = theta + steps[t] * sigma * (total / kept)
                proposals[r, t] = tried

    return chunk


@njit(nogil=True, cache=True)
def _rejections(rng, kept, log_acceptance):
    """Draw the number of failures before `kept` successes, as a mixed Poisson count."""
    if log_acceptance < -700.0:
        return np.int64(_LARGEST_COUNT)
    acceptance = math.exp(log_acceptance)
    mean = rng.standard_gamma(float(kept)) * (-math.expm1(log_acceptance) / acceptance)
    if mean < 1e15:
        return np.int64(rng.poisson(mean))
    # Beyond 1e15 the Poisson step is a normal one to a part in 1e7 of its own spread.
    drawn = mean + math.sqrt(mean) * rng.standard_normal()
    return np.int64(min(drawn, float(_LARGEST_COUNT)))


@njit(nogil=True, cache=True)
def _constants(sigma, kappa):
    """Return what the law of a round needs: shrinkage, its rest and logarithm, and the spread."""
    ratio = sigma / kappa
    rho = 1.0 / (1.0 + ratio * ratio)
    return rho, ratio * ratio * rho, math.log(rho), math.hypot(sigma, kappa)


@njit(nogil=True, cache=True)
def _draw_round(rng, path, t, count, step, sigma, law):
    """Draw path[t + 1] from the law of a step from path[t] towards the mean of kept points.

    Return the number of proposals, from its own law.
    """
    rho, rest, log_rho, spread = law
    noise = step * (sigma * math.sqrt(rho / count))
    stay = rho if step == 1.0 else 1.0 - step * rest
    log_acceptance = 0.5 * path.shape[1] * log_rho
    for j in range(path.shape[1]):
        theta = path[t, j]
        log_acceptance -= 0.5 * (theta / spread) * (theta / spread)
        path[t + 1, j] = stay * theta + noise * rng.standard_normal()
    failures = _rejections(rng, count, log_acceptance)
    return min(failures, np.int64(_LARGEST_COUNT) - count) + count


@njit(nogil=True, cache=True)
def _law_chunk(rng, halt, start, schedule, steps, sigma, kappa, parameters, proposals):
    """Draw each round from the law of the mean of kept points and of the count of proposals."""
    law = _constants(sigma, kappa)
    for r in range(len(start)):
        if halt[0]:
            return
        path = parameters[r]
        path[0] = start[r]
        for t in range(len(schedule)):
            proposals[r, t] = _draw_round(rng, path, t, schedule[t], steps[t], sigma, law)


@njit(nogil=True, cache=True)
def _within(vector, radius):
    """Tell whether a vector is no longer than the radius, at any scale."""
    squares = 0.0
    for x in vector:
        squares += (x / radius) * (x / radius)
    return squares <= 1.0


@njit(nogil=True, cache=True)
def passage_chunk(
    rng, halt, start, schedule, steps, sigma, kappa, radius, by_law, rounds, kept, proposals
):
    """Advance each loop until its parameter is within `radius`; record when, and what it took."""
    dim = start.shape[1]
    unit = 1.0 / (math.sqrt(2.0) * kappa)
    total = np.empty(dim)
    noise = np.empty(dim)
    path = np.empty((2, dim))
    theta = path[0]
    law = _constants(sigma, kappa)
    for r in range(len(start)):
        theta[:] = start[r]
        rounds[r] = -1
        for t in range(len(schedule) + 1):
            if halt[0]:
                return
            if _within(theta, radius):
                rounds[r] = t
                break
            if t == len(schedule):
                break
            if by_law:
                tried = _draw_round(rng, path, 0, schedule[t], steps[t], sigma, law)
                theta[:] = path[1]
            else:
                tried = _select(
                    rng, halt, theta * unit, sigma * unit, schedule[t], total, noise)
                theta += steps[t] * sigma * (total / schedule[t])
            kept[r] += schedule[t]
            proposals[r] = min(proposals[r], np.int64(_LARGEST_COUNT) - tried) + tried
