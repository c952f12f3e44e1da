"""Schedules when the noise and the price of a sample differ from round to round."""

import numpy as np

from theory._affine import half_weights
from theory._domain import real
from theory._scales import rounds_left

__all__ = ["weighted_error", "weighted_schedule"]


def _by_round(noise, price):
    """Return noise and prices of shape (..., T)."""
    noise, price = real("noise", noise, 0), real("price", price, 0, low_open=True)
    return np.broadcast_arrays(np.atleast_1d(noise), np.atleast_1d(price))


def weighted_schedule(contraction, noise, price, budget):
    """Schedule of least error to the centre when noise and price differ by round, n_t.

        n_t ∝ K^(T-1-t) sqrt(c_t / a_t),   sum_t a_t n_t = N

    Claim: UL-SCHED-W.

    Source: derived here; Yang et al. 2025, Theorem 3.1, has constant noise and price 1.

    Assumes: n_t may be real; a price of 1/acceptance counts proposals.

    Parameters
    ----------
    contraction : array_like
        Factor K in [0, inf) by which a round shrinks the error.
    noise : array_like, shape (..., T)
        Noise constants c_t in [0, inf).
    price : array_like, shape (..., T)
        Prices a_t of a sample in (0, inf).
    budget : array_like
        Money N over all rounds, in (0, inf).

    Returns
    -------
    ndarray, shape (..., T)
        Real-valued schedule that spends the budget; exact. Rounds without noise get nothing.

    Raises
    ------
    ValueError
        If an argument leaves its domain, or no round has noise.

    Examples
    --------
    >>> weighted_schedule(0.5, [1.0, 1.0], [4.0, 1.0], 100).tolist()
    [12.5, 50.0]
    """
    contraction, (noise, price) = real("contraction", contraction, 0), _by_round(noise, price)
    budget = real("budget", budget, 0, low_open=True)[..., None]
    with np.errstate(under="ignore"):
        share = half_weights(contraction, noise.shape[-1]) ** 2 * np.sqrt(noise) * np.sqrt(price)
        largest = share.max(axis=-1, keepdims=True, initial=0.0)
        if not np.all(largest > 0):
            raise ValueError("noise = 0: must lie in (0, inf) in one round at least")
        share = share / largest
        return budget * (share / share.sum(axis=-1, keepdims=True)) / price


def weighted_error(contraction, noise, price, budget):
    """Least noise part of the error to the centre when noise and price differ by round.

        (sum_t K^(T-1-t) sqrt(c_t a_t))^2 / N

    Claim: UL-SCHED-W.

    Source: derived here; Yang et al. 2025, Theorem 3.1, has constant noise and price 1.

    Assumes: n_t may be real; a price of 1/acceptance counts proposals.

    Parameters
    ----------
    contraction : array_like
        Factor K in [0, inf) by which a round shrinks the error.
    noise : array_like, shape (..., T)
        Noise constants c_t in [0, inf).
    price : array_like, shape (..., T)
        Prices a_t of a sample in (0, inf).
    budget : array_like
        Money N over all rounds, in (0, inf).

    Returns
    -------
    float or ndarray
        Noise part of V_T, broadcast shape without the round axis; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(weighted_error(0.5, [1.0, 1.0], [4.0, 1.0], 100))
    0.04
    """
    contraction, (noise, price) = real("contraction", contraction, 0), _by_round(noise, price)
    budget = real("budget", budget, 0, low_open=True)
    with np.errstate(over="ignore", under="ignore"):
        weight = contraction[..., None] ** rounds_left(noise.shape[-1])
        worth = np.sum(weight * np.sqrt(noise) * np.sqrt(price), axis=-1)
        return ((worth / np.sqrt(budget)) ** 2)[()]
