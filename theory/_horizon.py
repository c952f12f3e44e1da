"""How many rounds to spend a total on."""

import numpy as np
from scipy.special import expit

from theory._domain import count, real
from theory._scales import (
    distance,
    geometric_sum,
    kept_deviation,
    log_growth,
    norm,
    points,
    shrinkage_after,
    widths,
)

__all__ = ["best_expected_reward", "minimal_mse", "mse_optimal_horizon", "optimal_horizon"]

_NEWTON_STEPS = 200  # reached only by bisection; Newton alone needs fewer than ten


def best_expected_reward(total, rounds, theta0, sigma, kappa):
    """Largest expected reward that a total of kept samples can buy in a number of rounds, J_T.

        J_T / J* = z^(-d/2) exp(-b_T / (2 z)),   b_T = rho^(2T) |theta_0|^2 / s0
        z = max(1 + v*_T / s0, b_T / d),   s0 = kappa^2 + sigma^2;   z = 1 + v*_1 / s0 at T = 1

    Claim: SW-08.

    Source: derived here; no hypothesis on theta_0, unlike Yang et al. 2025, Theorem 3.1. Where
    the start is so far away that noise helps, the best schedule makes it on purpose.

    Assumes: n_t > 0 may be real.

    Parameters
    ----------
    total : array_like
        Kept samples C over all rounds, in (0, inf).
    rounds : array_like of int
        Number of rounds T >= 1.
    theta0 : array_like, shape (..., d)
        Parameter before the first round; a scalar means d = 1.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    float or ndarray
        J_T in [0, 1], broadcast shape without the coordinate axis; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(best_expected_reward(20, 2, [10.0], 1.0, 1.0))
    0.2426122639
    """
    sigma, kappa = widths(sigma, kappa)
    total, rounds = real("total", total, 0, low_open=True), count("rounds", rounds, 1)
    theta0 = points("theta0", theta0)
    half_dim, growth = theta0.shape[-1] / 2, log_growth(sigma, kappa)
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        bias = _bias(theta0, sigma, kappa, shrinkage_after(rounds, growth))
        least = 1 + _optimal_spread(total, rounds, sigma, kappa)
        z = np.where(rounds > 1, np.maximum(least, bias / (2 * half_dim)), least)
        pull = np.where(np.isinf(z), half_dim, bias / z / 2)
        return np.exp(-half_dim * (growth + np.log(z)) - pull)[()]


def _bias(theta0, sigma, kappa, remaining):
    """Return b = (remaining |theta_0|)^2 / s0."""
    return (remaining * distance(theta0, np.hypot(sigma, kappa))) ** 2


def _optimal_spread(total, rounds, sigma, kappa):
    """Return v*_T / s0."""
    unit = kept_deviation(sigma, kappa) / np.hypot(sigma, kappa)
    return (unit * geometric_sum(log_growth(sigma, kappa), rounds) / np.sqrt(total)) ** 2


def optimal_horizon(total, theta0, sigma, kappa):
    """Number of rounds that maximises the expected reward bought with a total, T.

        d k y (1 + k y^2) = M x (1 + k y),   x = rho^T,  y = 1 - x
        k = kappa^2 / (sigma^2 C),  M = |theta_0|^2 / (kappa^2 + sigma^2)

    The equation has one root T*; the optimum is floor(T*) or ceil(T*), at least 1.

    Claim: SW-17.

    Source: derived here; with the horizon free, Theorem 3.1 of Yang et al. 2025 needs no
    hypothesis.

    Assumes: the best real schedule (n_t > 0, maybe below one sample) is used at each horizon.

    Parameters
    ----------
    total : array_like
        Kept samples C over all rounds, in (0, inf).
    theta0 : array_like, shape (..., d)
        Parameter before the first round; a scalar means d = 1.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    int or ndarray of int64
        T >= 1, broadcast shape without the coordinate axis; exact, the smaller of two equals.

    Raises
    ------
    ValueError
        If an argument leaves its domain, or T is 2^62 or more.

    Examples
    --------
    >>> int(optimal_horizon(1000, [1.0, 1.0], 1.0, 2.0))
    18
    """
    sigma, kappa = widths(sigma, kappa)
    total, theta0 = real("total", total, 0, low_open=True), points("theta0", theta0)
    growth = log_growth(sigma, kappa)
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        log_k = 2 * (np.log(kappa) - np.log(sigma)) - np.log(total)
        log_start = 2 * (np.log(norm(theta0)) - np.log(np.hypot(sigma, kappa)))
        logit = _stationary_logit(np.log(theta0.shape[-1]) + log_k - log_start, log_k)
        real_rounds = np.logaddexp(0.0, -logit) / growth
    if not np.all(real_rounds < 2.0**62):
        raise ValueError("theta0, sigma, kappa: the best number of rounds must lie below 2^62")
    early = np.maximum(np.floor(real_rounds), 1.0)
    later = _gain_of_one_more_round(total, early, theta0, sigma, kappa) > 0
    return (early.astype(np.int64) + later)[()]


def _stationary_logit(target, log_k):
    """Return z = ln(x/y) with z + ln(1 + k y) - ln(1 + k y^2) = target, x + y = 1."""
    target, log_k = np.broadcast_arrays(target, log_k)
    low, high = np.minimum(target, target / 2) - np.log(2.0), target
    root = high
    for _ in range(_NEWTON_STEPS):
        log_y = -np.logaddexp(0.0, root)
        excess = root - target + np.logaddexp(0, log_k + log_y) - np.logaddexp(
            0, log_k + 2 * log_y
        )
        low, high = np.where(excess < 0, root, low), np.where(excess < 0, high, root)
        slope = 1 + expit(root) * (2 * expit(log_k + 2 * log_y) - expit(log_k + log_y))
        newton = root - excess / slope
        inside = (newton > low) & (newton < high)
        step = np.where(inside, newton, (low + high) / 2)
        if np.all((np.abs(step - root) <= 4e-16 * np.abs(root)) | np.isinf(target)):
            break
        root = step
    return np.where(np.isinf(target), target, root)


def _gain_of_one_more_round(total, early, theta0, sigma, kappa):
    """Return ln(J_{T+1} / J_T) at T = `early`, to relative accuracy near the optimum.

    There the two rewards agree to many digits, so their logarithms are not subtracted.
    """
    growth, half_dim = log_growth(sigma, kappa), theta0.shape[-1] / 2
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        remaining = shrinkage_after(early, growth)
        bias = _bias(theta0, sigma, kappa, remaining)
        unit = kept_deviation(sigma, kappa) / np.hypot(sigma, kappa)
        spread = _optimal_spread(total, early, sigma, kappa)
        partial_sums = 2 * geometric_sum(growth, early) + remaining
        added = (unit / np.sqrt(total)) ** 2 * remaining * partial_sums
        relative = added / (1 + spread)
        less_bias = bias * (relative - np.expm1(-2 * growth)) / (1 + spread + added)
        gain = less_bias / 2 - half_dim * np.log1p(relative)
        # where noise helps, the early horizon earns more than its least variance does
        far = (early > 1) & (bias > 2 * half_dim * (1 + spread))
        after = bias * np.exp(-2 * growth) / (1 + spread + added) / 2
        noisy = half_dim * (np.log(bias / (2 * half_dim) / (1 + spread + added)) + 1) - after
        return np.where(far, noisy, gain)


def mse_optimal_horizon(total, theta0, sigma, kappa):
    """Number of rounds that minimises the mean-square error bought with a total, real-valued T*.

        T* = ln(1 + C M sigma^2 / (d kappa^2)) / ln(alpha),   M = |theta_0|^2 / (kappa^2 + sigma^2)

    Claim: SW-16.

    Source: derived here, under the optimal schedule of Yang et al. 2025, Theorem 3.1.

    Assumes: the error is E|theta_T|^2 and n_t may be real.

    Parameters
    ----------
    total : array_like
        Kept samples C over all rounds, in (0, inf).
    theta0 : array_like, shape (..., d)
        Parameter before the first round; a scalar means d = 1.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    float or ndarray
        T* >= 0, broadcast shape without the coordinate axis; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(mse_optimal_horizon(126, [1.0], 1.0, 1.0))
    6.0
    """
    sigma, kappa = widths(sigma, kappa)
    total, theta0 = real("total", total, 0, low_open=True), points("theta0", theta0)
    with np.errstate(over="ignore", under="ignore", divide="ignore"):
        start = distance(theta0, np.hypot(sigma, kappa)) * np.sqrt(total / theta0.shape[-1])
        growth, ratio = log_growth(sigma, kappa), np.minimum(sigma / kappa, 1e300)
        far = np.logaddexp(0.0, 2 * (np.log(start) + np.log(sigma) - np.log(kappa)))
        fall = np.where(ratio < 1e300, log_growth(start * ratio, 1.0), far)
        # where even L underflows, T* is the limit of the quotient
        weak = (growth < 1e-300) & (fall < 1e-10)
        return np.where(weak, start**2, fall / np.where(weak, 1.0, growth))[()]


def minimal_mse(total, theta0, sigma, kappa):
    """Least mean-square error E|theta_T|^2 that a total of kept samples can buy, R*.

        1/R* = 1/|theta_0|^2 + C sigma^2 / (d kappa^2 (kappa^2 + sigma^2))

    Claim: SW-16.

    Source: derived here, under the optimal schedule of Yang et al. 2025, Theorem 3.1.

    Assumes: real n_t and a real number of rounds; a strict lower bound where T* is not whole.

    Parameters
    ----------
    total : array_like
        Kept samples C over all rounds, in (0, inf).
    theta0 : array_like, shape (..., d)
        Parameter before the first round; a scalar means d = 1.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    float or ndarray
        R* in [0, |theta_0|^2], broadcast shape without the coordinate axis.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(minimal_mse(126, [1.0], 1.0, 1.0))
    0.015625
    """
    sigma, kappa = widths(sigma, kappa)
    total, theta0 = real("total", total, 0, low_open=True), points("theta0", theta0)
    with np.errstate(over="ignore", under="ignore", divide="ignore"):
        start = norm(theta0)
        noise = kappa / sigma * np.hypot(sigma, kappa) * np.sqrt(theta0.shape[-1] / total)
        # harmonic sum of squares: both terms as one hypotenuse of inverses
        low, high = np.minimum(start, noise), np.maximum(start, noise)
        return ((low / np.hypot(1.0, low / np.where(high > 0, high, 1.0))) ** 2)[()]
