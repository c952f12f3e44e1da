"""The schedule that leaves the least variance, what any other one loses, and its variants."""

import numpy as np
from scipy.special import logsumexp

from theory._domain import real, scalar_count
from theory._scales import (
    distance,
    geometric_sum,
    kept_deviation,
    log_growth,
    points,
    rounds_left,
    shrinkage_after,
    widths,
)
from theory._schedules import geometric_schedule

__all__ = [
    "floored_schedule",
    "optimal_schedule",
    "optimal_variance",
    "priced_schedule",
    "variance_regret",
]


def optimal_schedule(total, rounds, sigma, kappa):
    """Schedule of least terminal variance for a total of kept samples, n*_t.

        n*_t = C (alpha - 1) alpha^t / (alpha^T - 1),   alpha = 1 + sigma^2 / kappa^2

    Claim: SW-07.

    Source: Yang et al. 2025, Theorem 3.1; Theorem E.1 in d dimensions.

    Assumes: n_t may be real (`integer_schedule` and `floored_schedule` lift that); it also
    maximises the expected reward iff `best_variance` of the terminal mean is at most its variance.

    Parameters
    ----------
    total : array_like
        Kept samples C over all rounds, in (0, inf).
    rounds : int
        Number of rounds T >= 1.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    ndarray, shape (..., T)
        n*_0..n*_{T-1}; exact, summing to total up to rounding; entries below the float range
        are 0 (take `optimal_variance` for the variance then).

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> optimal_schedule(1000, 5, 1.0, 2.0).round(2).tolist()
    [121.85, 152.31, 190.39, 237.98, 297.48]
    """
    sigma, kappa = widths(sigma, kappa)
    total, rounds = real("total", total, 0, low_open=True), scalar_count("rounds", rounds, 1)
    return geometric_schedule(total, rounds, log_growth(sigma, kappa))


def optimal_variance(total, rounds, sigma, kappa):
    """Least terminal variance per coordinate for a total of kept samples, v*_T(C).

        v*_T(C) = (K/C) (1 - rho^T)^2,   K = kappa^2 (kappa^2 + sigma^2) / sigma^2

    Claim: SW-07.

    Source: Yang et al. 2025, Theorem 3.1; Theorem E.1 in d dimensions.

    Assumes: n_t may be real.

    Parameters
    ----------
    total : array_like
        Kept samples C over all rounds, in (0, inf).
    rounds : int
        Number of rounds T >= 0.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    float or ndarray
        v*_T(C), broadcast shape of the arguments; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(optimal_variance(100, 1, 1.0, 2.0))
    0.008
    """
    sigma, kappa = widths(sigma, kappa)
    total, rounds = real("total", total, 0, low_open=True), scalar_count("rounds", rounds)
    rounds_worth = geometric_sum(log_growth(sigma, kappa), rounds)
    with np.errstate(over="ignore", under="ignore"):
        return ((kept_deviation(sigma, kappa) * rounds_worth / np.sqrt(total)) ** 2)[()]


def variance_regret(schedule, sigma, kappa):
    """Relative excess of a schedule's terminal variance over the best one of the same total.

        v_T(n) / v*_T(C) - 1 = (1/C) sum_t (n_t - n*_t)^2 / n_t,   C = sum_t n_t

    Claim: SW-07.

    Source: derived here; the identity proves Theorem 3.1 of Yang et al. 2025.

    Parameters
    ----------
    schedule : array_like, shape (..., T)
        Kept samples n_0..n_{T-1}, each in (0, inf), T >= 1.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    float or ndarray
        Regret >= 0, broadcast shape without the round axis; exact, no cancellation near 0.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(variance_regret([50, 50], 1.0, 1.0))
    0.1111111111
    """
    sigma, kappa = widths(sigma, kappa)
    schedule = np.atleast_1d(real("schedule", schedule, 0, low_open=True))
    total = schedule.sum(axis=-1)
    best = optimal_schedule(total, schedule.shape[-1], sigma, kappa)
    with np.errstate(over="ignore", under="ignore"):
        excess = (schedule - best) / schedule * ((schedule - best) / total[..., None])
    return excess.sum(axis=-1)[()]


def floored_schedule(total, rounds, sigma, kappa):
    """Schedule of least terminal variance with at least one kept sample in each round.

        n_t = max(1, mu alpha^t),   mu such that sum_t n_t = C

    Claim: SW-19.

    Source: derived here; completes Theorem 3.1 of Yang et al. 2025, whose optimum falls below one
    sample once T > ln(1 + C (alpha - 1)) / ln(alpha).

    Parameters
    ----------
    total : array_like
        Kept samples C over all rounds, in [rounds, inf).
    rounds : int
        Number of rounds T >= 1.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    ndarray, shape (..., T)
        Real-valued optimum under the floor; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain; total below rounds leaves no schedule.

    Examples
    --------
    >>> floored_schedule(20, 6, 1.0, 1.0).round(4).tolist()
    [1.0, 1.0, 1.2, 2.4, 4.8, 9.6]
    """
    sigma, kappa = widths(sigma, kappa)
    rounds = scalar_count("rounds", rounds, 1)
    total = real("total", total, rounds)[..., None]
    age = np.arange(float(rounds))
    weight = shrinkage_after(age, log_growth(sigma, kappa)[..., None])  # last round first
    partial = np.cumsum(weight, axis=-1)
    # with the m heaviest rounds above the floor, the m-th of them must itself be above it
    above = (total - (rounds - 1 - age)) * weight >= partial
    heavy = np.maximum(above.sum(axis=-1, keepdims=True), 1)
    partial = np.broadcast_to(partial, above.shape)
    mass = np.take_along_axis(partial, heavy - 1, axis=-1)
    price = (total - (rounds - heavy)) / mass
    return np.where(age < heavy, np.maximum(price * weight, 1.0), 1.0)[..., ::-1].copy()


def priced_schedule(budget, rounds, theta0, sigma, kappa, price_generate, price_train):
    """Schedule of least terminal variance when proposals and kept samples both cost, n_t.

        n_t ∝ rho^(T-1-t) / sqrt(c_t),   sum_t n_t c_t = B
        c_t = c_train + c_gen rho^(-d/2) exp(rho^(2t) |theta_0|^2 / (2 (kappa^2 + sigma^2)))

    Claim: SW-20.

    Source: derived here; Yang et al. 2025 price kept samples only.

    Assumes: the acceptance of round t is that of the mean trajectory rho^t theta_0 (the
    decoupled problem); the value lost to fluctuations of the trajectory is O(1/B^2).

    Parameters
    ----------
    budget : array_like
        Money B over all rounds, in (0, inf).
    rounds : int
        Number of rounds T >= 1.
    theta0 : array_like, shape (..., d)
        Parameter before the first round; a scalar means d = 1.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).
    price_generate : array_like
        Price c_gen of a proposal, in [0, inf).
    price_train : array_like
        Price c_train of a kept sample, in [0, inf); not both prices 0.

    Returns
    -------
    ndarray, shape (..., T)
        Kept samples n_0..n_{T-1}, real-valued; exact for the decoupled problem.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> priced_schedule(1e5, 3, [1.0, 1.0], 1.0, 2.0, 0.1, 1.0).round(1).tolist()
    [22859.3, 28706.4, 35984.0]
    """
    sigma, kappa = widths(sigma, kappa)
    budget, rounds = real("budget", budget, 0, low_open=True), scalar_count("rounds", rounds, 1)
    theta0 = points("theta0", theta0)
    generate = real("price_generate", price_generate, 0)
    train = real("price_train", price_train, 0)
    if np.any((generate == 0) & (train == 0)):
        raise ValueError("price_train = 0: must lie in (0, inf) where price_generate = 0")
    growth = log_growth(sigma, kappa)[..., None]
    with np.errstate(over="ignore", under="ignore", divide="ignore"):
        start = distance(theta0, np.hypot(sigma, kappa))[..., None]
        # an exponent of 1e300 already means that nobody can afford the round
        far = np.minimum((start * shrinkage_after(np.arange(float(rounds)), growth)) ** 2, 1e300)
        proposals = theta0.shape[-1] / 2 * growth + far / 2
        log_price = np.logaddexp(
            np.log(train)[..., None], np.log(generate)[..., None] + proposals
        )  # (..., T)
        weight = -rounds_left(rounds) * growth
        spent = logsumexp(weight + log_price / 2, axis=-1, keepdims=True)
        return np.exp(np.log(budget)[..., None] + weight - log_price / 2 - spent)
