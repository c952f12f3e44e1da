"""Selection rounds with gradient steps, and what they take to come near the optimum.

One step of size h on the kept points x of a round is ``theta - h (theta - mean x)``: gradient
descent on the negative log-likelihood of a Gaussian with learning rate ``h sigma^2``, and with
h = 1 the refit of `sims.budget` (Yang et al. 2025, Algorithm 1 and Theorems 3.2 to 3.5).
"""

from dataclasses import dataclass

import numpy as np

from sims import _check
from sims.budget import SelectionLoop, choose_kernel, passage_chunk
from sims.replicate import replicate

__all__ = ["Passage", "policy_schedule", "simulate_descent", "simulate_passage"]

_SCALE = "[1e-100, 1e100]"
_LARGEST = 2.0**62


@dataclass(frozen=True, slots=True)
class Passage:
    """What `simulate_passage` recorded, up to the round in which the target was reached.

    Attributes
    ----------
    rounds : int64 array (R,)
        Smallest t with theta_t within the radius; -1 where no round of the schedule got there.
    kept : int64 array (R,)
        Kept points of the rounds before, of all rounds where the target was not reached.
    proposals : int64 array (R,)
        Generated points of those rounds.
    """

    rounds: np.ndarray
    kept: np.ndarray
    proposals: np.ndarray


def policy_schedule(policy, n0, rounds, rate=1.0):
    """Return the whole numbers of kept points of a policy, n_0 to n_{T-1}.

    Parameters
    ----------
    policy : {"constant", "polynomial", "exponential"}
        n_t is n0, ``n0 (1 + t)^rate``, or ``n0 rate^t``, rounded up.
    n0 : float in [1, inf)
        Kept points of the first round.
    rounds : int
        Number T of rounds.
    rate : float in [0, inf)
        Exponent of the polynomial, or factor of growth; without influence when constant.

    Returns
    -------
    int64 array (T,)

    Raises
    ------
    ValueError
        For arguments outside of their domain, and for more than 2^62 points in all.

    Examples
    --------
    >>> policy_schedule("polynomial", 10, 4), policy_schedule("exponential", 10, 4, 1.5)
    (array([10, 20, 30, 40]), array([10, 15, 23, 34]))
    """
    _check.option("policy", policy, ("constant", "polynomial", "exponential"))
    n0 = _check.number("n0", n0, "[1, inf)")
    rate = _check.number("rate", rate, "[0, inf)")
    t = np.arange(_check.count("rounds", rounds), dtype=np.float64)
    with np.errstate(over="ignore"):
        growth = {"constant": t**0, "polynomial": (1.0 + t) ** rate, "exponential": rate**t}
        real = n0 * growth[policy]
        # A product such as 10 * 1.1 is a little more than 11: it is not to be rounded up to 12.
        sizes = np.ceil(real * (1.0 - 1e-12)).clip(min=1.0)
    if not sizes.sum() < _LARGEST:
        raise ValueError(f"rounds = {len(t)}: the schedule must have fewer than 2^62 points")
    return sizes.astype(np.int64)


def simulate_descent(
    theta0, schedule, sigma, kappa, *, steps=1.0, replicates, rng, level="sample", reward=None,
    workers=None,
):
    r"""Simulate rounds of generation, selection by a reward and one gradient step each.

    Parameters
    ----------
    theta0 : (d,) or (R, d) array, or scalar for d = 1
        Start theta_0, common or one for each replicate.
    schedule : (T,) whole numbers >= 1
        Number n_t of kept points of each round.
    sigma, kappa : float in [1e-100, 1e100]
        Standard deviation of the generator; width of the default reward.
    steps : scalar or (T,) array in [0, 1e100]
        Step h_t of each round as a share of the way to the mean of the kept points.
    replicates : int
        Number R of independent loops.
    rng : numpy.random.Generator
        Source of the streams.
    level : {"sample", "law"}
        Draw every proposal and reject honestly, or draw each round from its known law.
    reward : function compiled by ``numba.njit``, optional
        As in `sims.budget.simulate_selection_loop`, for level "sample".
    workers : int, Engine or None, optional
        Threads or engine (see `sims.replicate.replicate`); without influence on the result.

    Returns
    -------
    SelectionLoop
        parameters (R, T+1, d) and proposals (R, T).

    Raises
    ------
    ValueError
        For arguments outside of their domain.
    RuntimeError
        When 100,000,000 proposals in a row are rejected.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> loop = simulate_descent([4.0], [1000] * 3, 1.0, 1.0, steps=0.5, replicates=2, rng=rng)
    >>> loop.parameters[:, :, 0].round(1)
    array([[4. , 3. , 2.3, 1.7],
           [4. , 3. , 2.3, 1.7]])
    """
    replicates, start, schedule, sigma, kappa, steps = _checked(
        theta0, schedule, sigma, kappa, steps, replicates)
    _check.option("level", level, ("sample", "law"))
    kernel, draws = choose_kernel(level, reward, schedule, start.shape[1])
    results = ((len(schedule) + 1, start.shape[1]), np.float64), ((len(schedule),), np.int64)
    parameters, proposals = replicate(
        kernel, replicates, results, rng=rng, draws=draws, each=(start,),
        arguments=(schedule, steps, sigma, kappa), workers=workers)
    return SelectionLoop(parameters, proposals)


def simulate_passage(
    theta0, schedule, sigma, kappa, radius, *, steps=1.0, replicates, rng, level="sample",
    workers=None,
):
    r"""Simulate descent until the parameter is within a radius of the optimum, and count the cost.

    The reward of a model depends on the distance of its parameter to the optimum alone, so that
    a gap to the best reward is a radius. No path is stored: a million rounds are no problem.

    Parameters
    ----------
    theta0, schedule, sigma, kappa, steps
        As in `simulate_descent`, with the default reward; `policy_schedule` makes schedules. The
        schedule's length is the largest number of rounds.
    radius : float in [1e-100, 1e100]
        Distance of the parameter to the optimum that counts as having arrived.
    replicates, rng, level, workers
        As in `simulate_descent`.

    Returns
    -------
    Passage
        rounds, kept points and proposals until then, each (R,).

    Raises
    ------
    ValueError
        For arguments outside of their domain.
    RuntimeError
        When 100,000,000 proposals in a row are rejected.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> schedule = policy_schedule("exponential", 100, 20, 2.0)
    >>> simulate_passage([4.0], schedule, 1.0, 1.0, 0.3, replicates=3, rng=rng).rounds
    array([4, 4, 4])
    """
    replicates, start, schedule, sigma, kappa, steps = _checked(
        theta0, schedule, sigma, kappa, steps, replicates)
    radius = _check.number("radius", radius, _SCALE)
    _check.option("level", level, ("sample", "law"))
    if not schedule.sum(dtype=np.float64) < _LARGEST:
        raise ValueError("schedule: must have fewer than 2^62 points in all")
    draws = choose_kernel(level, None, schedule, start.shape[1])[1]
    rounds, kept, proposals = replicate(
        passage_chunk, replicates, [((), np.int64)] * 3, rng=rng, draws=draws, each=(start,),
        arguments=(schedule, steps, sigma, kappa, radius, level == "law"), workers=workers)
    return Passage(rounds, kept, proposals)


def _checked(theta0, schedule, sigma, kappa, steps, replicates):
    """Return the checked arguments that both simulators share."""
    replicates = _check.count("replicates", replicates)
    schedule = _check.counts("schedule", schedule, 1)
    sigma = _check.number("sigma", sigma, _SCALE)
    kappa = _check.number("kappa", kappa, _SCALE)
    steps = _check.vector("steps", steps, len(schedule), "[0, 1e100]")
    return replicates, _check.starts("theta0", theta0, replicates), schedule, sigma, kappa, steps
