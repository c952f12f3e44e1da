"""Schedules of a fixed shape: how a total of kept samples is spread over the rounds."""

import numpy as np

from theory._domain import real, scalar_count
from theory._scales import rounds_left

__all__ = [
    "constant_schedule",
    "exponential_schedule",
    "linear_schedule",
    "polynomial_schedule",
]


def geometric_schedule(total, rounds, log_ratio):
    """Return the schedule with n_{t+1} / n_t = exp(`log_ratio`) and the given sum (not checked).

    The weight enters as a product of two halves: an entry is exact down to the float range even
    where weight and total leave it in opposite directions.
    """
    age = np.where(log_ratio[..., None] >= 0, rounds_left(rounds), -np.arange(float(rounds)))
    with np.errstate(under="ignore"):
        half = np.exp(-age * log_ratio[..., None] / 2)  # (..., T)
        share = total[..., None] / (half * half).sum(axis=-1, keepdims=True)
        return half * share * half


def constant_schedule(total, rounds):
    """Schedule that keeps equally many samples in each round, n_t = C/T.

        n_t = C / T

    Claim: SW-09.

    Source: Yang et al. 2025, constant policy of Section 3.3.

    Parameters
    ----------
    total : array_like
        Kept samples C over all rounds, in (0, inf); need not be whole.
    rounds : int
        Number of rounds T >= 1.

    Returns
    -------
    ndarray, shape (..., T)
        n_0..n_{T-1}, real-valued, summing to total up to rounding.

    Raises
    ------
    ValueError
        If total is not positive and finite, or rounds < 1.

    Examples
    --------
    >>> constant_schedule(100, 4).tolist()
    [25.0, 25.0, 25.0, 25.0]
    """
    total, rounds = real("total", total, 0, low_open=True), scalar_count("rounds", rounds, 1)
    return np.repeat(total[..., None] / rounds, rounds, axis=-1)


def linear_schedule(total, rounds):
    """Schedule that grows by the same number of samples from round to round, n_t ∝ t+1.

        n_t = 2 C (t+1) / (T (T+1))

    Claim: SW-10.

    Source: Yang et al. 2025, linear policy of Section 4.1; round 0 is the first.

    Parameters
    ----------
    total : array_like
        Kept samples C over all rounds, in (0, inf); need not be whole.
    rounds : int
        Number of rounds T >= 1.

    Returns
    -------
    ndarray, shape (..., T)
        n_0..n_{T-1}, real-valued, summing to total up to rounding.

    Raises
    ------
    ValueError
        If total is not positive and finite, or rounds < 1.

    Examples
    --------
    >>> linear_schedule(100, 4).tolist()
    [10.0, 20.0, 30.0, 40.0]
    """
    total, rounds = real("total", total, 0, low_open=True), scalar_count("rounds", rounds, 1)
    share = np.arange(1.0, rounds + 1) / (rounds * (rounds + 1) // 2)
    return total[..., None] * share


def polynomial_schedule(total, rounds, power):
    """Schedule that grows like a power of the round, n_t ∝ (1+t)^a.

        n_t = C (1+t)^a / sum_s (1+s)^a

    Claim: SW-12.

    Source: Yang et al. 2025, polynomial growth policy of Section 3.3.

    Parameters
    ----------
    total : array_like
        Kept samples C over all rounds, in (0, inf); need not be whole.
    rounds : int
        Number of rounds T >= 1.
    power : array_like
        Exponent a, finite; negative shrinks, 0 is constant, 1 is linear.

    Returns
    -------
    ndarray, shape (..., T)
        n_0..n_{T-1}, real-valued, summing to total up to rounding.

    Raises
    ------
    ValueError
        If total is not positive and finite, power not finite, or rounds < 1.

    Examples
    --------
    >>> polynomial_schedule(140, 3, 2).tolist()
    [10.0, 40.0, 90.0]
    """
    total, rounds = real("total", total, 0, low_open=True), scalar_count("rounds", rounds, 1)
    power = real("power", power)[..., None]
    # the largest weight is 1, so that no power overflows
    base = np.arange(1.0, rounds + 1) / np.where(power > 0, rounds, 1)
    with np.errstate(under="ignore"):
        weight = base**power
        return total[..., None] * (weight / weight.sum(axis=-1, keepdims=True))


def exponential_schedule(total, rounds, growth):
    """Schedule that grows by the same factor from round to round, n_t ∝ beta^t.

        n_t = C beta^t (beta - 1) / (beta^T - 1)

    Claim: SW-11.

    Source: Yang et al. 2025, exponential growth policy of Section 3.3; beta is their 1 + u.

    Parameters
    ----------
    total : array_like
        Kept samples C over all rounds, in (0, inf); need not be whole.
    rounds : int
        Number of rounds T >= 1.
    growth : array_like
        Factor beta in (0, inf); below 1 shrinks, 1 is constant.

    Returns
    -------
    ndarray, shape (..., T)
        n_0..n_{T-1}, real-valued, summing to total up to rounding; entries below the float range
        are 0.

    Raises
    ------
    ValueError
        If total or growth is not positive and finite, or rounds < 1.

    Examples
    --------
    >>> exponential_schedule(70, 3, 2.0).tolist()
    [10.0, 20.0, 40.0]
    """
    total, rounds = real("total", total, 0, low_open=True), scalar_count("rounds", rounds, 1)
    growth = real("growth", growth, 0, low_open=True)
    return geometric_schedule(total, rounds, np.log(growth))
