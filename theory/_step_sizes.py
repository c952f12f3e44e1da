"""Gradient steps instead of full refits: batch growth and step decay are interchangeable."""

import numpy as np

from theory._domain import real, scalar_count
from theory._scales import kept_deviation, log_growth, widths
from theory._selection import shrinkage

__all__ = [
    "decaying_steps",
    "frontier_variance",
    "remaining_bias",
    "step_schedule",
    "step_variance",
]


def step_factors(steps, sigma, kappa, name="steps"):
    """Return steps h_t of shape (..., T) and the factors g_t = 1 - h_t (1 - rho) >= 0."""
    steps = np.atleast_1d(real(name, steps, 0))
    pulled = -np.expm1(-log_growth(sigma, kappa)[..., None])  # 1 - rho
    with np.errstate(over="ignore", under="ignore"):
        moved = steps * pulled
        if np.any(moved > 1 + 1e-14):
            worst = np.max(np.where(moved > 1 + 1e-14, steps, 0))
            raise ValueError(f"{name} = {worst:g}: must lie in [0, 1 + kappa^2/sigma^2]")
        # at h = 1 the factor is rho itself, however small
        short = np.maximum(1 - steps, 0) + steps * np.asarray(shrinkage(sigma, kappa))[..., None]
        return steps, np.where(steps <= 1, short, np.maximum(1 - moved, 0.0))


def _later_product(factors):
    """Return prod_{s>t} g_s along the last axis."""
    tail = np.cumprod(factors[..., :0:-1], axis=-1)[..., ::-1]
    return np.concatenate([tail, np.ones_like(factors[..., :1])], axis=-1)


def remaining_bias(steps, sigma, kappa):
    """Fraction of the initial bias left after rounds with gradient steps, x.

        x = prod_t (1 - h_t (1 - rho))

    Claim: SW-22.

    Source: derived here; h = 1 is the refit of Yang et al. 2025, Section 3.2.

    Assumes: theta' = theta - h (theta - mean of the kept samples), sigma fixed.

    Parameters
    ----------
    steps : array_like, shape (..., T)
        Step sizes h_t in [0, 1 + kappa^2/sigma^2], in units of the full refit.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    float or ndarray
        x in [0, 1], broadcast shape without the round axis; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(remaining_bias([1.0, 0.5], 1.0, 1.0))
    0.375
    """
    sigma, kappa = widths(sigma, kappa)
    with np.errstate(under="ignore"):
        return step_factors(steps, sigma, kappa)[1].prod(axis=-1)[()]


def step_variance(steps, schedule, sigma, kappa):
    """Terminal variance per coordinate under gradient steps, v_T.

        v_T = rho sigma^2 sum_t (h_t prod_{s>t} g_s)^2 / n_t,   g_t = 1 - h_t (1 - rho)

    Claim: SW-22.

    Source: derived here; h = 1 is Yang et al. 2025, Lemma A.1.

    Assumes: theta' = theta - h (theta - mean of the kept samples), sigma fixed.

    Parameters
    ----------
    steps : array_like, shape (..., T)
        Step sizes h_t in [0, 1 + kappa^2/sigma^2], in units of the full refit.
    schedule : array_like, shape (..., T)
        Kept samples n_0..n_{T-1}, each in (0, inf).
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    float or ndarray
        v_T, broadcast shape without the round axis; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(step_variance([1.0, 0.5], [10, 10], 1.0, 1.0))
    0.040625
    """
    sigma, kappa = widths(sigma, kappa)
    steps, factors = step_factors(steps, sigma, kappa)
    schedule = np.atleast_1d(real("schedule", schedule, 0, low_open=True))
    with np.errstate(over="ignore", under="ignore"):
        noise = (steps * _later_product(factors)) ** 2 / schedule
        return (kept_deviation(sigma, kappa) ** 2 * noise.sum(axis=-1))[()]


def step_schedule(total, steps, sigma, kappa):
    """Schedule of least terminal variance for given gradient steps, n_t.

        n_t ∝ h_t prod_{s>t} g_s,   g_t = 1 - h_t (1 - rho)

    Claim: SW-22.

    Source: derived here; h = 1 is Yang et al. 2025, Theorem 3.1.

    Assumes: n_t may be real.

    Parameters
    ----------
    total : array_like
        Kept samples C over all rounds, in (0, inf).
    steps : array_like, shape (..., T)
        Step sizes h_t in [0, 1 + kappa^2/sigma^2], in units of the full refit; not all 0.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    ndarray, shape (..., T)
        Real-valued schedule summing to total; exact. Rounds without a step get nothing.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> step_schedule(100, [1.0, 0.5], 1.0, 1.0).tolist()
    [60.0, 40.0]
    """
    sigma, kappa = widths(sigma, kappa)
    total = real("total", total, 0, low_open=True)
    steps, factors = step_factors(steps, sigma, kappa)
    with np.errstate(under="ignore"):
        weight = steps * _later_product(factors)
        mass = weight.sum(axis=-1, keepdims=True)
        if not np.all(mass > 0):
            raise ValueError("steps = 0: must lie in (0, inf) in one round at least")
        return total[..., None] * (weight / mass)


def frontier_variance(total, remaining, sigma, kappa):
    """Least terminal variance of any step sizes that leave a given fraction of the bias, v.

        v = (K/C) (1 - x)^2,   K = kappa^2 (kappa^2 + sigma^2) / sigma^2

    Claim: SW-22.

    Source: derived here; at x = rho^T it is the optimum of Yang et al. 2025, Theorem 3.1, so that
    with free proposals one over-relaxed step does as well as any number of rounds.

    Assumes: factors 1 - h_t (1 - rho) in [0, 1]; n_t may be real.

    Parameters
    ----------
    total : array_like
        Kept samples C over all rounds, in (0, inf).
    remaining : array_like
        Fraction x of the initial bias that is left, in [0, 1].
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    float or ndarray
        v, broadcast shape of the arguments; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(frontier_variance(100, 0.25, 1.0, 1.0))
    0.01125
    """
    sigma, kappa = widths(sigma, kappa)
    total = real("total", total, 0, low_open=True)
    remaining = real("remaining", remaining, 0, 1)
    with np.errstate(over="ignore", under="ignore"):
        reach = kappa / sigma * np.hypot(sigma, kappa) / np.sqrt(total)
        return ((reach * (1 - remaining)) ** 2)[()]


def decaying_steps(rounds, sigma, kappa, first=1.0):
    """Step sizes that make a constant batch optimal, h_t.

        h_t = h_0 / (1 + h_0 (1 - rho) t)

    Claim: SW-22.

    Source: derived here; the 1/t decay of stochastic gradient descent.

    Assumes: theta' = theta - h (theta - mean of the kept samples), sigma fixed.

    Parameters
    ----------
    rounds : int
        Number of rounds T >= 1.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).
    first : array_like
        First step h_0 in (0, 1 + kappa^2/sigma^2]; 1 is a full refit.

    Returns
    -------
    ndarray, shape (..., T)
        h_0..h_{T-1}; exact. They leave x = (1-a) / (1 + a (T-1)), a = h_0 (1 - rho).

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> decaying_steps(3, 1.0, 1.0).round(4).tolist()
    [1.0, 0.6667, 0.5]
    """
    sigma, kappa = widths(sigma, kappa)
    rounds = scalar_count("rounds", rounds, 1)
    first = real("first", first, 0, low_open=True)[..., None]
    step_factors(first, sigma, kappa, name="first")
    pulled = -np.expm1(-log_growth(sigma, kappa))[..., None]  # 1 - rho
    return first / (1 + first * pulled * np.arange(rounds))
