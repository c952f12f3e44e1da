"""One selection round and the law of the model after many."""

from dataclasses import dataclass

import numpy as np

from theory._domain import real
from theory._scales import (
    kept_deviation,
    log_growth,
    points,
    rounds_left,
    shrinkage_after,
    widths,
)

__all__ = [
    "Law",
    "growth_factor",
    "selected_law",
    "shrinkage",
    "terminal_law",
    "terminal_variance",
]


@dataclass(frozen=True, slots=True)
class Law:
    """An isotropic normal law N(mean, variance I).

    Attributes
    ----------
    mean : ndarray, shape (..., d)
        Centre of the law.
    variance : float or ndarray, shape (...)
        Variance of each coordinate; 0 is a point mass.
    """

    mean: np.ndarray
    variance: np.ndarray


def shrinkage(sigma, kappa):
    """Factor by which one selection round pulls the model to the reward's centre, rho.

        rho = kappa^2 / (kappa^2 + sigma^2)

    Claim: SW-01.

    Source: Yang et al. 2025, Lemma A.1 (warm-up, Section 3.2).

    Assumes: samples N(theta, sigma^2 I), kept with probability exp(-|x|^2 / (2 kappa^2)).

    Parameters
    ----------
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    float or ndarray
        rho in [0, 1], broadcast shape of the arguments; exact.

    Raises
    ------
    ValueError
        If sigma or kappa is not positive and finite.

    Examples
    --------
    >>> float(shrinkage(1.0, 2.0))
    0.8
    """
    sigma, kappa = widths(sigma, kappa)
    with np.errstate(over="ignore", under="ignore"):
        return (1.0 / (1.0 + (sigma / kappa) ** 2))[()]


def growth_factor(sigma, kappa):
    """Factor by which the optimal budget grows from round to round, alpha.

        alpha = 1 + sigma^2 / kappa^2 = 1 / rho

    Claim: SW-07, SW-13.

    Source: Yang et al. 2025, Theorem 3.1.

    Assumes: samples N(theta, sigma^2 I), kept with probability exp(-|x|^2 / (2 kappa^2)).

    Parameters
    ----------
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    float or ndarray
        alpha >= 1, broadcast shape of the arguments; exact, inf beyond the float range.

    Raises
    ------
    ValueError
        If sigma or kappa is not positive and finite.

    Examples
    --------
    >>> float(growth_factor(1.0, 2.0))
    1.25
    """
    sigma, kappa = widths(sigma, kappa)
    with np.errstate(over="ignore", under="ignore"):
        return (1.0 + (sigma / kappa) ** 2)[()]


def selected_law(theta, sigma, kappa):
    """Law of one kept sample, N(rho theta, rho sigma^2 I).

        x ~ N(theta, sigma^2 I), kept with probability exp(-|x|^2 / (2 kappa^2))

    Claim: SW-01.

    Source: Yang et al. 2025, proof of Lemma A.1.

    Assumes: proposals are independent of the stopping rule given their count.

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
    Law
        mean of shape (..., d) and variance per coordinate; exact.

    Raises
    ------
    ValueError
        If sigma or kappa is not positive and finite, or theta is not finite.

    Examples
    --------
    >>> law = selected_law([1.0, -2.0], 1.0, 2.0)
    >>> law.mean.tolist(), float(law.variance)
    ([0.8, -1.6], 0.8)
    """
    sigma, kappa = widths(sigma, kappa)
    theta = points("theta", theta)
    rho = np.asarray(shrinkage(sigma, kappa))
    variance = np.broadcast_to(
        kept_deviation(sigma, kappa) ** 2, np.broadcast_shapes(theta.shape[:-1], rho.shape)
    )
    return Law(rho[..., None] * theta, variance.copy()[()])


def terminal_variance(schedule, sigma, kappa):
    """Variance per coordinate of the parameter after all rounds of a schedule, v_T.

        v_T = rho sigma^2 sum_{t<T} rho^(2(T-1-t)) / n_t

    Claim: SW-04.

    Source: Yang et al. 2025, Lemma A.1.

    Assumes: each round refits the mean by maximum likelihood on n_t kept samples, sigma fixed.

    Parameters
    ----------
    schedule : array_like, shape (..., T)
        Kept samples n_0..n_{T-1}, each in (0, inf); T = 0 is allowed.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    float or ndarray
        v_T, broadcast shape of the arguments without the round axis; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain; a round without samples has no fit.

    Examples
    --------
    >>> float(terminal_variance([5, 10, 20], 1.0, 2.0))
    0.156736
    """
    sigma, kappa = widths(sigma, kappa)
    schedule = np.atleast_1d(real("schedule", schedule, 0, low_open=True))
    growth = log_growth(sigma, kappa)[..., None]
    with np.errstate(over="ignore", under="ignore"):
        noise = shrinkage_after(2 * rounds_left(schedule.shape[-1]), growth) / schedule
        return (kept_deviation(sigma, kappa) ** 2 * noise.sum(axis=-1))[()]


def terminal_law(theta0, schedule, sigma, kappa):
    """Law of the parameter after all rounds of a schedule, theta_T.

        theta_T ~ N(rho^T theta_0, v_T I),   v_{t+1} = rho^2 v_t + rho sigma^2 / n_t,   v_0 = 0

    Claim: SW-03, SW-04.

    Source: Yang et al. 2025, Lemma A.1; Section E.1 in d dimensions.

    Assumes: each round refits the mean by maximum likelihood on n_t kept samples, sigma fixed.

    Parameters
    ----------
    theta0 : array_like, shape (..., d)
        Parameter before the first round; a scalar means d = 1.
    schedule : array_like, shape (..., T)
        Kept samples n_0..n_{T-1}, each in (0, inf); T = 0 is allowed.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    Law
        mean of shape (..., d) and variance per coordinate of shape (...); exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> law = terminal_law([1.5, -0.5], [100] * 8, 1.0, 2.0)
    >>> law.mean.round(4).tolist(), round(float(law.variance), 6)
    ([0.2517, -0.0839], 0.021597)
    """
    sigma, kappa = widths(sigma, kappa)
    theta0 = points("theta0", theta0)
    variance = np.asarray(terminal_variance(schedule, sigma, kappa))
    rounds = np.atleast_1d(schedule).shape[-1]
    shape = np.broadcast_shapes(theta0.shape[:-1], variance.shape)
    remaining = np.broadcast_to(shrinkage_after(rounds, log_growth(sigma, kappa)), shape)
    return Law(remaining[..., None] * theta0, np.broadcast_to(variance, shape).copy()[()])
