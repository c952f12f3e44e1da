"""When the generator refits its variance too: diversity dies, growth is no longer geometric."""

import numpy as np

from theory._domain import count, real, scalar_count
from theory._scales import points, widths

__all__ = [
    "asymptotic_refit_schedule",
    "asymptotic_refit_variance",
    "refit_deviation",
    "refit_mean",
]


def refit_deviation(rounds, sigma, kappa):
    """Standard deviation per coordinate of a generator that refits it each round, sigma_T.

        1/sigma_T^2 = 1/sigma_0^2 + T/kappa^2

    Claim: SW-27, UL-VARFIT.

    Source: derived here; Yang et al. 2025, Section 3.2, keep sigma fixed.

    Assumes: unlimited samples; mean and covariance refitted by maximum likelihood.

    Parameters
    ----------
    rounds : array_like of int
        Number of rounds T >= 0.
    sigma : array_like
        Standard deviation sigma_0 before the first round, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    float or ndarray
        sigma_T in (0, sigma_0], broadcast shape of the arguments; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(refit_deviation(3, 1.0, 1.0))
    0.5
    """
    sigma, kappa = widths(sigma, kappa)
    # kappa_T = kappa/sqrt(T) is the width of T rounds at once
    with np.errstate(over="ignore", under="ignore"):
        return (sigma / np.hypot(1.0, sigma / kappa * np.sqrt(count("rounds", rounds))))[()]


def refit_mean(theta0, rounds, sigma, kappa):
    """Mean of a generator that refits its variance each round, theta_T.

        theta_T = theta_0 / (1 + T sigma_0^2 / kappa^2)

    Claim: SW-27, UL-VARFIT.

    Source: derived here; Yang et al. 2025, Section 3.2, keep sigma fixed.

    Assumes: unlimited samples; mean and covariance refitted by maximum likelihood.

    Parameters
    ----------
    theta0 : array_like, shape (..., d)
        Mean before the first round; a scalar means d = 1.
    rounds : array_like of int
        Number of rounds T >= 0.
    sigma : array_like
        Standard deviation sigma_0 before the first round, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    ndarray, shape (..., d)
        theta_T: harmonic, not geometric, approach; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> refit_mean([1.0], 3, 1.0, 1.0).tolist()
    [0.25]
    """
    sigma, kappa = widths(sigma, kappa)
    with np.errstate(over="ignore", under="ignore"):
        slowdown = 1 + count("rounds", rounds) * (sigma / kappa) ** 2
        return points("theta0", theta0) / slowdown[..., None]


def _root_precisions(rounds, sigma, kappa):
    """Return sqrt(tau_{t+1}) for t = 0..T-1 in a common unit, tau the generator's precision."""
    unit = np.maximum(sigma, kappa)
    sigma, kappa = (sigma / unit)[..., None], (kappa / unit)[..., None]
    return np.hypot(kappa, sigma * np.sqrt(np.arange(1.0, rounds + 1)))


def asymptotic_refit_schedule(total, rounds, sigma, kappa):
    """Schedule of least terminal variance when the variance is refitted, n_t.

        n_t ∝ sqrt(tau_{t+1}),   tau_t = 1/sigma_0^2 + t/kappa^2

    Claim: SW-27.

    Source: derived here; the exponential growth of Yang et al. 2025, Theorem 3.1, belongs to a
    frozen variance.

    Assumes: theta_0 at the optimum, and many samples in each round, so that the fitted variances
    stay at their limit; from elsewhere their noise adds a term of the same order.

    Parameters
    ----------
    total : array_like
        Kept samples C over all rounds, in (0, inf).
    rounds : int
        Number of rounds T >= 1.
    sigma : array_like
        Standard deviation sigma_0 before the first round, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    ndarray, shape (..., T)
        Real-valued schedule summing to total; leading order in the sample sizes.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> asymptotic_refit_schedule(100, 3, 1.0, 1.0).round(2).tolist()
    [27.48, 33.66, 38.86]
    """
    sigma, kappa = widths(sigma, kappa)
    total, rounds = real("total", total, 0, low_open=True), scalar_count("rounds", rounds, 1)
    root = _root_precisions(rounds, sigma, kappa)
    return total[..., None] * (root / root.sum(axis=-1, keepdims=True))


def asymptotic_refit_variance(total, rounds, sigma, kappa):
    """Least terminal variance per coordinate of the mean when the variance is refitted, v_T.

        v_T ~ sigma_T^4 (sum_t sqrt(tau_{t+1}))^2 / C,   tau_t = 1/sigma_0^2 + t/kappa^2

    Claim: SW-27.

    Source: derived here; Yang et al. 2025, Section 3.2, keep sigma fixed.

    Assumes: theta_0 at the optimum, and many samples in each round, so that the fitted variances
    stay at their limit; from elsewhere their noise adds a term of the same order.

    Parameters
    ----------
    total : array_like
        Kept samples C over all rounds, in (0, inf).
    rounds : int
        Number of rounds T >= 1.
    sigma : array_like
        Standard deviation sigma_0 before the first round, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    float or ndarray
        v_T, broadcast shape of the arguments; leading order in the sample sizes.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(asymptotic_refit_variance(100, 3, 1.0, 1.0))
    0.0165525
    """
    sigma, kappa = widths(sigma, kappa)
    total, rounds = real("total", total, 0, low_open=True), scalar_count("rounds", rounds, 1)
    root = _root_precisions(rounds, sigma, kappa)
    worth = np.sum(root / root[..., -1:], axis=-1)
    with np.errstate(over="ignore", under="ignore"):
        return ((refit_deviation(rounds, sigma, kappa) * worth) ** 2 / total)[()]
