"""The reward that a trained model earns, and what a kept sample costs in proposals."""

import numpy as np

from theory._domain import count, real
from theory._scales import log_growth, norm, points, widths

__all__ = [
    "best_variance",
    "expected_reward",
    "optimal_reward",
    "proposals_per_kept",
    "relative_gap",
]


def _half_ratio(mean, total):
    """Return |m|^2 / (2 total^2); inf where it overflows."""
    with np.errstate(over="ignore", under="ignore"):
        return (norm(mean) / total) ** 2 / 2


def expected_reward(mean, variance, sigma, kappa):
    """Expected reward J of a model whose parameter has law N(mean, variance I).

        J = (kappa^2 / S)^(d/2) exp(-|m|^2 / (2 S)),   S = kappa^2 + sigma^2 + v

    Claim: SW-02, SW-05.

    Source: Yang et al. 2025, Section E.1. At variance 0 this is also the acceptance probability.

    Assumes: samples N(theta, sigma^2 I), reward exp(-|x|^2 / (2 kappa^2)).

    Parameters
    ----------
    mean : array_like, shape (..., d)
        Mean of the parameter; a scalar means d = 1.
    variance : array_like
        Variance per coordinate of the parameter, in [0, inf).
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    float or ndarray
        J in [0, 1], broadcast shape of the arguments without the coordinate axis; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(expected_reward([1.0, 1.0], 0.3, 1.0, 2.0))
    0.6249449552
    """
    sigma, kappa = widths(sigma, kappa)
    mean = points("mean", mean)
    spread = np.hypot(sigma, np.sqrt(real("variance", variance, 0)))
    exponent = mean.shape[-1] / 2 * log_growth(spread, kappa)
    with np.errstate(under="ignore"):
        return np.exp(-exponent - _half_ratio(mean, np.hypot(kappa, spread)))[()]


def optimal_reward(sigma, kappa, dim):
    """Largest expected reward of the family, J*, earned at the reward's centre.

        J* = rho^(d/2)

    Claim: SW-05.

    Source: Yang et al. 2025, Section E.1.

    Assumes: samples N(theta, sigma^2 I), reward exp(-|x|^2 / (2 kappa^2)).

    Parameters
    ----------
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).
    dim : array_like of int
        Dimension d >= 1.

    Returns
    -------
    float or ndarray
        J* in [0, 1], broadcast shape of the arguments; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(optimal_reward(1.0, 2.0, 1))
    0.894427191
    """
    sigma, kappa = widths(sigma, kappa)
    with np.errstate(under="ignore"):
        return np.exp(-count("dim", dim, 1) / 2 * log_growth(sigma, kappa))[()]


def relative_gap(mean, variance, sigma, kappa):
    """Relative loss of reward 1 - J/J* of a model whose parameter has law N(mean, variance I).

        1 - J/J* = -expm1(-(d/2) log1p(v/s0) - |m|^2 / (2 (s0 + v))),   s0 = kappa^2 + sigma^2

    Claim: SW-05.

    Source: Yang et al. 2025, Section 4.1 plots this gap; we divide it by J*.

    Assumes: samples N(theta, sigma^2 I), reward exp(-|x|^2 / (2 kappa^2)).

    Parameters
    ----------
    mean : array_like, shape (..., d)
        Mean of the parameter; a scalar means d = 1.
    variance : array_like
        Variance per coordinate of the parameter, in [0, inf).
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    float or ndarray
        Gap in [0, 1] without cancellation, broadcast shape without the coordinate axis; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(relative_gap([0.0], 1e-12, 1.0, 1.0)) * 1e13
    2.5
    """
    sigma, kappa = widths(sigma, kappa)
    mean = points("mean", mean)
    deviation = np.sqrt(real("variance", variance, 0))
    total = np.hypot(sigma, kappa)
    exponent = mean.shape[-1] / 2 * log_growth(deviation, total)
    with np.errstate(under="ignore"):
        return (-np.expm1(-exponent - _half_ratio(mean, np.hypot(total, deviation))))[()]


def best_variance(mean, sigma, kappa):
    """Variance per coordinate of the parameter at which the expected reward is largest.

        v = max(0, |m|^2 / d - kappa^2 - sigma^2)

    Claim: SW-06, SW-08.

    Source: derived here; less variance is better exactly when this is 0, which is the hypothesis
    that Theorem 3.1 of Yang et al. 2025 needs when the number of rounds is imposed.

    Assumes: samples N(theta, sigma^2 I), reward exp(-|x|^2 / (2 kappa^2)).

    Parameters
    ----------
    mean : array_like, shape (..., d)
        Mean of the parameter; a scalar means d = 1.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    float or ndarray
        Variance in [0, inf], broadcast shape without the coordinate axis; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(best_variance([5.0], 1.0, 1.0)), float(best_variance([1.0], 1.0, 1.0))
    (23.0, 0.0)
    """
    sigma, kappa = widths(sigma, kappa)
    mean = points("mean", mean)
    radius, total = norm(mean) / np.sqrt(mean.shape[-1]), np.hypot(sigma, kappa)
    with np.errstate(over="ignore", under="ignore"):
        return (np.maximum(radius - total, 0.0) * (radius + total))[()]


def proposals_per_kept(mean, variance, sigma, kappa):
    """Expected number of proposals per kept sample when the parameter has law N(mean, variance I).

        E[1/a(theta)] = (rho (1-u))^(-d/2) exp(b / (2 (1-u))),   u = v/s0,  b = |m|^2/s0

    Claim: SW-21.

    Source: derived here; Yang et al. 2025 count kept samples only.

    Assumes: proposals are drawn until the quota of kept samples is filled.

    Parameters
    ----------
    mean : array_like, shape (..., d)
        Mean of the parameter; a scalar means d = 1.
    variance : array_like
        Variance per coordinate of the parameter, in [0, inf).
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    float or ndarray
        Expectation >= 1, broadcast shape without the coordinate axis; exact, and inf when
        variance >= kappa^2 + sigma^2 or beyond the float range.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(proposals_per_kept([1.0, 1.0], 0.3, 1.0, 2.0))
    1.6450732506
    >>> float(proposals_per_kept([0.0], 5.0, 1.0, 2.0))
    inf
    """
    sigma, kappa = widths(sigma, kappa)
    mean, variance = points("mean", mean), real("variance", variance, 0)
    # a power of two as unit: s0 - v is then as exact as the arguments
    _, unit = np.frexp(np.maximum(sigma, kappa))
    with np.errstate(over="ignore", under="ignore"):
        total = np.ldexp(kappa, -unit) ** 2 + np.ldexp(sigma, -unit) ** 2
        spread = np.minimum(np.ldexp(variance, -2 * unit), total)
        slack = np.where(spread < total, total - spread, 1.0)
        lost = np.where(
            2 * spread < total, np.log1p(-np.minimum(spread / total, 0.5)), np.log(slack / total)
        )
        radius = np.ldexp(norm(mean), -unit)
        exponent = mean.shape[-1] / 2 * (log_growth(sigma, kappa) - lost) + radius**2 / slack / 2
        return np.where(spread < total, np.exp(exponent), np.inf)[()]
