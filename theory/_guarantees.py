"""What no constant policy beats, and what growing ones are sure to reach."""

import numpy as np
from scipy.special import gammaincinv

from theory._domain import choice, count, real, scalar_count
from theory._scales import distance, kept_deviation, points, widths
from theory._selection import shrinkage
from theory._step_sizes import step_factors

__all__ = [
    "bound_constant_gap",
    "bound_exponential_expected_gap",
    "bound_exponential_gap",
    "constant_gap_floor",
    "self_consistency_gap",
]


def _unit_noise(sigma, kappa):
    """Return rho (1 - rho): the relative variance of a refit on one sample."""
    return (kept_deviation(sigma, kappa) / np.hypot(sigma, kappa)) ** 2


def _step(step, sigma, kappa):
    """Return a checked step h and its factor g = 1 - h (1 - rho)."""
    step = real("step", step, 0, low_open=True)
    return step, step_factors(step[..., None], sigma, kappa, name="step")[1][..., 0]


def constant_gap_floor(n, sigma, kappa, dim):
    """Relative reward gap, in expectation, at which a constant policy stalls.

        1 - (1 + rho / ((1 + rho) n))^(-d/2)

    Claim: SW-09.

    Source: derived here; makes Yang et al. 2025, Theorem 3.2, exact in the Gaussian model.

    Assumes: n kept samples in each of infinitely many rounds, full refits.

    Parameters
    ----------
    n : array_like
        Kept samples a round, in (0, inf).
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).
    dim : array_like of int
        Dimension d >= 1.

    Returns
    -------
    float or ndarray
        Gap 1 - J/J* in (0, 1), broadcast shape of the arguments; exact in the limit of rounds.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(constant_gap_floor(100, 1.0, 1.0, 1))
    0.0016625115
    """
    sigma, kappa = widths(sigma, kappa)
    n, dim = real("n", n, 0, low_open=True), count("dim", dim, 1)
    rho = shrinkage(sigma, kappa)
    with np.errstate(over="ignore", under="ignore"):
        return (-np.expm1(-dim / 2 * np.log1p(rho / (1 + rho) / n)))[()]


def bound_constant_gap(n, delta, sigma, kappa, dim, step=1.0, horizon="any"):
    """Relative reward gap that a constant policy exceeds with probability 1 - delta.

        1 - exp(-u q / 2),   q = delta-quantile of chi^2_d
        u = h^2 rho (1-rho) / n                any number of rounds >= 1
        u = h rho / (n (1 + g))                the limit of many rounds, g = 1 - h (1-rho)

    Claim: SW-34.

    Source: Yang et al. 2025, Theorem 3.2; an explicit form for all n, by Anderson's inequality.

    Assumes: any theta_0; steps of constant size h on n kept samples each.

    Parameters
    ----------
    n : array_like
        Kept samples a round, in (0, inf).
    delta : array_like
        Probability in (0, 1) with which the bound may fail.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).
    dim : array_like of int
        Dimension d >= 1.
    step : array_like
        Step h in (0, 1 + kappa^2/sigma^2]; 1 is a full refit.
    horizon : {"any", "infinite"}
        Whether the bound is to hold after any number of rounds or in the limit.

    Returns
    -------
    float or ndarray
        Lower bound on 1 - J(theta_T)/J*, broadcast shape of the arguments; attained at
        theta_0 = 0 (after one round, or in the limit).

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(bound_constant_gap(100, 0.5, 1.0, 1.0, 1))
    0.0005685089
    """
    choice("horizon", horizon, ("any", "infinite"))
    sigma, kappa = widths(sigma, kappa)
    n, dim = real("n", n, 0, low_open=True), count("dim", dim, 1)
    delta = real("delta", delta, 0, 1, low_open=True, high_open=True)
    step, factor = _step(step, sigma, kappa)
    quantile = 2 * gammaincinv(dim / 2, delta)
    with np.errstate(over="ignore", under="ignore", divide="ignore"):
        if horizon == "infinite":
            spread = step * shrinkage(sigma, kappa) / (n * (1 + factor))
        else:
            spread = step**2 * _unit_noise(sigma, kappa) / n
        return (-np.expm1(-spread * quantile / 2))[()]


def _exponential_path(rounds, n0, growth, theta0, sigma, kappa, step):
    """Return g^T sqrt(M) and u_T of steps h on n_t = n_0 beta^t samples."""
    sigma, kappa = widths(sigma, kappa)
    rounds, theta0 = scalar_count("rounds", rounds), points("theta0", theta0)
    n0 = real("n0", n0, 0, low_open=True)
    growth = real("growth", growth, 0, low_open=True)
    step, factor = _step(step, sigma, kappa)
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        bias = factor**rounds * distance(theta0, np.hypot(sigma, kappa))
        rate = 2 * np.log(factor) + np.log(growth)  # ln(q beta); -inf where g = 0
        # beta^(1-T) sum_{k<T} (q beta)^k, from its largest term
        top = np.where(rate > 0, 2 * (rounds - 1) * np.log(factor), (1 - rounds) * np.log(growth))
        fall = np.abs(rate)
        terms = np.where(fall > 0, np.expm1(-rounds * fall) / np.expm1(-fall), float(rounds))
        spread = step**2 * _unit_noise(sigma, kappa) / n0 * np.exp(top) * terms
    return bias, np.where(rounds > 0, spread, 0.0), theta0.shape[-1]


def bound_exponential_gap(rounds, n0, growth, delta, theta0, sigma, kappa, step=1.0):
    """Relative reward gap that exponential growth stays below with probability 1 - delta.

        (1/2) (g^T sqrt(M) + sqrt(u_T) (sqrt(d) + sqrt(2 ln(1/delta))))^2
        u_T = (h^2 rho (1-rho) / n_0) (q^T - b^T) / (q - b),   q = g^2,  b = 1/beta

    Claim: SW-37.

    Source: Yang et al. 2025, Theorem 3.4, with explicit constants in the Gaussian model.

    Assumes: n_t = n_0 beta^t kept samples, steps of constant size h, g = 1 - h (1-rho).

    Parameters
    ----------
    rounds : int
        Number of rounds T >= 0.
    n0 : array_like
        Kept samples n_0 of the first round, in (0, inf).
    growth : array_like
        Factor beta in (0, inf) from round to round.
    delta : array_like
        Probability in (0, 1) with which the bound may fail at this T.
    theta0 : array_like, shape (..., d)
        Parameter before the first round; a scalar means d = 1.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).
    step : array_like
        Step h in (0, 1 + kappa^2/sigma^2]; 1 is a full refit.

    Returns
    -------
    float or ndarray
        Upper bound on 1 - J(theta_T)/J*, broadcast shape without the coordinate axis; empty
        where it exceeds 1.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(bound_exponential_gap(10, 20, 2.0, 0.05, [1.0], 1.0, 1.0))
    0.000306792
    """
    delta = real("delta", delta, 0, 1, low_open=True, high_open=True)
    bias, spread, dim = _exponential_path(rounds, n0, growth, theta0, sigma, kappa, step)
    with np.errstate(over="ignore", under="ignore"):
        radius = bias + np.sqrt(spread) * (np.sqrt(dim) + np.sqrt(-2 * np.log(delta)))
        return (radius**2 / 2)[()]


def bound_exponential_expected_gap(rounds, n0, growth, theta0, sigma, kappa, step=1.0):
    """Relative reward gap that exponential growth stays below in expectation.

        (1/2) (q^T M + d u_T),   u_T = (h^2 rho (1-rho) / n_0) (q^T - b^T) / (q - b)

    Claim: SW-37.

    Source: Yang et al. 2025, Theorem 3.4, with explicit constants in the Gaussian model.

    Assumes: n_t = n_0 beta^t kept samples, steps h; q = (1 - h (1-rho))^2, b = 1/beta.

    Parameters
    ----------
    rounds : int
        Number of rounds T >= 0.
    n0 : array_like
        Kept samples n_0 of the first round, in (0, inf).
    growth : array_like
        Factor beta in (0, inf) from round to round.
    theta0 : array_like, shape (..., d)
        Parameter before the first round; a scalar means d = 1.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).
    step : array_like
        Step h in (0, 1 + kappa^2/sigma^2]; 1 is a full refit.

    Returns
    -------
    float or ndarray
        Upper bound on 1 - J/J*, broadcast shape without the coordinate axis.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(bound_exponential_expected_gap(10, 20, 2.0, [1.0], 1.0, 1.0)) * 1e6
    24.6286
    """
    bias, spread, dim = _exponential_path(rounds, n0, growth, theta0, sigma, kappa, step)
    with np.errstate(over="ignore", under="ignore"):
        return ((bias**2 + dim * spread) / 2)[()]


def self_consistency_gap(theta, sigma, kappa):
    """Excess loss of a model on its own selected samples, G.

        G(theta) = (1-rho)^2 |theta|^2 / (2 sigma^2),   1 - J/J* = 1 - exp(-G / (1-rho))

    Claim: SW-31, SW-32.

    Source: our reading of Yang et al. 2025, Assumptions B.2 and B.3, in the Gaussian model.

    Assumes: loss |x - phi|^2 / (2 sigma^2); zero exactly where retraining changes nothing.

    Parameters
    ----------
    theta : array_like, shape (..., d)
        Mean of the generator; a scalar means d = 1.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    float or ndarray
        G >= 0 in nats, broadcast shape without the coordinate axis; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(self_consistency_gap([2.0], 1.0, 1.0))
    0.5
    """
    sigma, kappa = widths(sigma, kappa)
    with np.errstate(over="ignore", under="ignore"):
        total = np.hypot(sigma, kappa)
        pull = sigma / total * distance(points("theta", theta), total)
        return (pull**2 / 2)[()]
