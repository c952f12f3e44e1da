"""What a policy pays: samples to reach a target, against the optimal policy."""

import numpy as np
from scipy.special import lambertw

from theory._domain import choice, count, real, scalar_count
from theory._scales import (
    distance,
    geometric_sum,
    log_growth,
    points,
    rounds_left,
    shrinkage_after,
    widths,
)
from theory._selection import shrinkage

__all__ = [
    "allowed_variance",
    "asymptotic_optimal_cost",
    "asymptotic_polynomial_cost",
    "cost_ratio",
    "growth_inefficiency",
    "samples_to_reach",
]

_POLICIES = ("optimal", "constant", "linear")


def _unit_noise(policy, rounds, growth):
    """Return C sum_t rho^(2(T-1-t)) / n_t of a policy: what a total of 1 would leave."""
    if policy == "optimal":
        return geometric_sum(growth, rounds) ** 2
    if policy == "constant":
        return rounds * geometric_sum(2 * growth, rounds)
    weight = shrinkage_after(2 * rounds_left(rounds), growth[..., None])
    return rounds * (rounds + 1) / 2 * np.sum(weight / np.arange(1, rounds + 1), axis=-1)


def allowed_variance(gap, rounds, theta0, sigma, kappa):
    """Largest terminal variance per coordinate that keeps the relative reward gap at a target.

        1 - J/J* <= delta  for the law N(rho^T theta_0, v I)  at this v, not above it
        v/s0 = expm1(l + W_0(-(b_T/d) e^(-l))),   l = -(2/d) ln(1 - delta)

    Claim: SW-15.

    Source: derived here from the expected reward of Yang et al. 2025, Section E.1.

    Assumes: samples N(theta, sigma^2 I), reward exp(-|x|^2 / (2 kappa^2)).

    Parameters
    ----------
    gap : array_like
        Relative reward gap delta in (0, 1).
    rounds : int
        Number of rounds T >= 0.
    theta0 : array_like, shape (..., d)
        Parameter before the first round; a scalar means d = 1.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    float or ndarray
        Variance, broadcast shape without the coordinate axis; exact. 0 where no positive variance
        reaches the target in that many rounds.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(allowed_variance(0.1, 5, [1.0], 1.0, 1.0))
    0.4681590467
    """
    sigma, kappa = widths(sigma, kappa)
    with np.errstate(over="ignore", under="ignore"):
        relative = _allowed_spread(gap, rounds, theta0, sigma, kappa)
        return (np.hypot(sigma, kappa) ** 2 * relative)[()]


def _allowed_spread(gap, rounds, theta0, sigma, kappa):
    """Return `allowed_variance` in units of kappa^2 + sigma^2."""
    gap = real("gap", gap, 0, 1, low_open=True, high_open=True)
    theta0, rounds = points("theta0", theta0), scalar_count("rounds", rounds)
    dim = theta0.shape[-1]
    loss = -2 / dim * np.log1p(-gap)
    remaining = shrinkage_after(rounds, log_growth(sigma, kappa))
    with np.errstate(over="ignore", under="ignore"):
        bias = (remaining * distance(theta0, np.hypot(sigma, kappa))) ** 2 / dim
        argument = bias * np.exp(-loss)
        reachable = argument <= np.exp(-1.0)
        lower = lambertw(-np.where(reachable, argument, 0.0)).real
        return np.where(reachable, np.maximum(np.expm1(loss + lower), 0.0), 0.0)


def samples_to_reach(gap, rounds, theta0, sigma, kappa, policy="optimal"):
    """Kept samples that a policy needs to bring the relative reward gap to a target, C.

        C = rho (1-rho) A / u_max,   u_max = allowed_variance / (kappa^2 + sigma^2)
        A = ((1-rho^T)/(1-rho))^2                      optimal (exponential at rate alpha)
        A = T (1-rho^(2T)) / (1-rho^2)                 constant
        A = (T (T+1)/2) sum_{k<T} rho^(2k) / (T-k)     linear

    Claim: SW-15.

    Source: derived here; Yang et al. 2025, Section 4.1, compare the policies by simulation.

    Assumes: n_t may be real.

    Parameters
    ----------
    gap : array_like
        Relative reward gap delta in (0, 1).
    rounds : int
        Number of rounds T >= 1.
    theta0 : array_like, shape (..., d)
        Parameter before the first round; a scalar means d = 1.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).
    policy : {"optimal", "constant", "linear"}
        How the total is spread over the rounds.

    Returns
    -------
    float or ndarray
        Total of kept samples, broadcast shape without the coordinate axis; exact. inf where the
        target is out of reach in that many rounds.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(samples_to_reach(0.01, 8, [1.0], 1.0, 1.0))
    48.8856015449
    >>> float(samples_to_reach(0.01, 8, [1.0], 1.0, 1.0, policy="constant"))
    131.3840480735
    """
    choice("policy", policy, _POLICIES)
    sigma, kappa = widths(sigma, kappa)
    rounds = scalar_count("rounds", rounds, 1)
    growth = log_growth(sigma, kappa)
    with np.errstate(over="ignore", under="ignore", divide="ignore"):
        spread = _allowed_spread(gap, rounds, theta0, sigma, kappa)
        ratio = np.minimum(sigma, kappa) / np.maximum(sigma, kappa)
        unit = (ratio / (1 + ratio**2)) ** 2  # rho (1 - rho)
        needed = unit * _unit_noise(policy, rounds, growth) / np.where(spread > 0, spread, 1.0)
        return np.where(spread > 0, needed, np.inf)[()]


def cost_ratio(rounds, sigma, kappa, policy="constant"):
    """Share of a policy's samples that the optimal policy needs for the same variance.

        tanh(T L/2) / (T tanh(L/2))                                       constant
        ((1-rho^T)/(1-rho))^2 / ((T(T+1)/2) sum_{k<T} rho^(2k) / (T-k))   linear

    Claim: SW-14.

    Source: derived here; sharpens the "up to 60%" of Yang et al. 2025, Section 4.1.

    Assumes: both policies run the same number of rounds; n_t may be real.

    Parameters
    ----------
    rounds : int
        Number of rounds T >= 1.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).
    policy : {"constant", "linear", "optimal"}
        The policy compared with.

    Returns
    -------
    float or ndarray
        Ratio in (0, 1], 1 only at T = 1 (or for the optimal policy); exact. The saving is 1 minus
        it.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(cost_ratio(8, 1.0, 1.0))
    0.3720817
    """
    choice("policy", policy, _POLICIES)
    growth, rounds = log_growth(*widths(sigma, kappa)), scalar_count("rounds", rounds, 1)
    best = _unit_noise("optimal", rounds, growth)
    return (best / _unit_noise(policy, rounds, growth))[()]


def growth_inefficiency(growth, sigma, kappa):
    """Factor by which exponential growth at rate beta overpays in the long run, Eff(beta).

        Eff(beta) = (1-rho)^2 / ((1 - rho^2 beta) (1 - 1/beta)),   1 < beta < alpha^2

    Claim: SW-11.

    Source: derived here; Yang et al. 2025, Theorem 3.5, compare the rates.

    Assumes: many rounds, equal totals, terminal variances compared.

    Parameters
    ----------
    growth : array_like
        Factor beta in (0, inf) by which the budget grows from round to round.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    float or ndarray
        Eff >= 1, equal to 1 only at beta = alpha; inf outside (1, alpha^2). Limit of many rounds.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> growth_inefficiency([1.5, 2.0, 3.0, 4.0], 1.0, 1.0).round(4).tolist()
    [1.2, 1.0, 1.5, inf]
    """
    best = log_growth(*widths(sigma, kappa))
    rate = np.log(real("growth", growth, 0, low_open=True))
    rate, best = np.broadcast_arrays(rate, best)
    inside = (rate > 0) & (rate < 2 * best)
    rate = np.where(inside, rate, best)
    with np.errstate(under="ignore", divide="ignore", invalid="ignore"):
        loss = np.expm1(-best) ** 2 / (np.expm1(rate - 2 * best) * np.expm1(-rate))
        return np.where(inside, loss, np.inf)[()]


def asymptotic_optimal_cost(gap, sigma, kappa, dim):
    """Kept samples that growth at rate alpha needs for a small relative reward gap, C.

        C ~ d kappa^2 / (2 sigma^2 eps)   as eps -> 0, whatever n_0 and theta_0

    Claim: SW-38.

    Source: derived here; the rate of Yang et al. 2025, Theorem 3.5, with its constant.

    Assumes: only kept samples are paid for.

    Parameters
    ----------
    gap : array_like
        Relative reward gap eps in (0, 1).
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).
    dim : array_like of int
        Dimension d >= 1.

    Returns
    -------
    float or ndarray
        Total of kept samples, broadcast shape of the arguments; leading order.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(asymptotic_optimal_cost(1e-4, 1.0, 1.0, 1))
    5000.0
    """
    sigma, kappa = widths(sigma, kappa)
    gap = real("gap", gap, 0, 1, low_open=True, high_open=True)
    with np.errstate(over="ignore", under="ignore"):
        return (count("dim", dim, 1) / 2 * (kappa / sigma) ** 2 / gap)[()]


def asymptotic_polynomial_cost(gap, power, n0, sigma, kappa, dim):
    """Kept samples that polynomial growth needs for a small relative reward gap, C.

        C ~ n_0^(-1/a) A^(1+1/a) eps^-(1+1/a) / (a+1),   A = d rho / (2 (1+rho))

    Claim: SW-38.

    Source: derived here; the rate of Yang et al. 2025, Theorem 3.5, with its constant.

    Assumes: n_t = n_0 (1+t)^a; only kept samples are paid for.

    Parameters
    ----------
    gap : array_like
        Relative reward gap eps in (0, 1).
    power : array_like
        Exponent a in (0, inf).
    n0 : array_like
        Kept samples n_0 of the first round, in (0, inf).
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).
    dim : array_like of int
        Dimension d >= 1.

    Returns
    -------
    float or ndarray
        Total of kept samples, broadcast shape of the arguments; leading order.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(asymptotic_polynomial_cost(1e-4, 1.0, 10, 1.0, 1.0, 1))
    138888.8888889
    """
    sigma, kappa = widths(sigma, kappa)
    gap = real("gap", gap, 0, 1, low_open=True, high_open=True)
    power, n0 = real("power", power, 0, low_open=True), real("n0", n0, 0, low_open=True)
    rho = shrinkage(sigma, kappa)
    scale = count("dim", dim, 1) * rho / (2 * (1 + rho)) / gap
    with np.errstate(over="ignore", under="ignore"):
        return (scale * (scale / n0) ** (1 / power) / (power + 1))[()]
