"""An affine contraction with sampling noise: the error to its centre, and what to spend on it.

    delta_{t+1} = K delta_t + sqrt(c / n_t) xi_t,   E xi = 0,  E|xi|^2 = 1,   V_t = E|delta_t|^2
"""

import numpy as np

from theory._domain import real, scalar_count
from theory._scales import rounds_left

__all__ = [
    "best_error",
    "best_schedule",
    "error_after",
    "steady_error",
    "uniform_penalty",
]


def half_weights(contraction, rounds):
    """Return sqrt(K^(T-1-t)) of shape (..., T), scaled so that the largest is 1.

    A product of two halves and a total is exact down to the float range even where the whole
    weight is below it.
    """
    contraction, age = contraction[..., None], rounds_left(rounds)
    with np.errstate(under="ignore"):
        shrinking = np.minimum(contraction, 1.0) ** (age / 2)
        growing = (1 / np.maximum(contraction, 1.0)) ** (age[::-1] / 2)
        return np.where(contraction <= 1, shrinking, growing)


def partial_sum(contraction, rounds):
    """Return S = (1 - K^T) / (1 - K), which is T at K = 1."""
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        decay = -np.expm1(rounds * np.log(contraction)) if rounds else np.zeros_like(contraction)
        return np.where(contraction == 1, float(rounds), decay / (1 - contraction))


def error_after(contraction, noise, initial, schedule):
    """Mean-square error to the centre after all rounds of a schedule, V_T.

        V_T = K^(2T) V_0 + sum_{t<T} K^(2(T-1-t)) c / n_t

    Claim: UL-LAW.

    Source: derived here; Yang et al. 2025, Lemma A.1, and the retraining of Yi et al.
    2025 are instances.

    Assumes: the noise of a round is uncorrelated with the error before it. Per-round noise c_t:
    pass noise 1 and the schedule n_t / c_t.

    Parameters
    ----------
    contraction : array_like
        Factor K in [0, inf) by which a round shrinks the error; above 1 it grows.
    noise : array_like
        Noise constant c in [0, inf): error added by a round on a single sample.
    initial : array_like
        V_0 in [0, inf), the mean-square error before the first round.
    schedule : array_like, shape (..., T)
        Samples n_0..n_{T-1}, each in (0, inf); T = 0 is allowed.

    Returns
    -------
    float or ndarray
        V_T in units of initial, broadcast shape without the round axis; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(error_after(0.5, 1.0, 2.0, [3.0, 7.5, 11.0, 40.0]))
    0.0690814394
    """
    contraction, noise = real("contraction", contraction, 0), real("noise", noise, 0)
    initial = real("initial", initial, 0)
    schedule = np.atleast_1d(real("schedule", schedule, 0, low_open=True))
    rounds = schedule.shape[-1]
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        fresh = np.sum(contraction[..., None] ** (2 * rounds_left(rounds)) / schedule, axis=-1)
        # 0 times a factor beyond the float range is 0
        old = np.where(initial > 0, contraction ** (2.0 * rounds) * initial, 0.0)
        return (old + np.where(noise > 0, noise * fresh, 0.0))[()]


def best_schedule(contraction, total, rounds):
    """Schedule of least error to the centre for a total of samples, n_t.

        n_t = N K^(T-1-t) / S,   S = (1 - K^T) / (1 - K)

    Claim: UL-SCHED.

    Source: Yang et al. 2025, Theorem 3.1, for any affine contraction: the budget grows by 1/K.

    Assumes: noise c/n_t with the same c in each round; n_t may be real.

    Parameters
    ----------
    contraction : array_like
        Factor K in [0, inf) by which a round shrinks the error; at 0 only the last round counts.
    total : array_like
        Samples N over all rounds, in (0, inf).
    rounds : int
        Number of rounds T >= 1.

    Returns
    -------
    ndarray, shape (..., T)
        n_0..n_{T-1}, real-valued, summing to total; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> best_schedule(0.5, 70, 3).tolist()
    [10.0, 20.0, 40.0]
    """
    contraction = real("contraction", contraction, 0)
    total, rounds = real("total", total, 0, low_open=True), scalar_count("rounds", rounds, 1)
    half = half_weights(contraction, rounds)
    with np.errstate(under="ignore"):
        return half * (total[..., None] / np.sum(half * half, axis=-1, keepdims=True)) * half


def best_error(contraction, noise, total, rounds):
    """Least noise part of the error to the centre for a total of samples.

        c S^2 / N,   S = (1 - K^T) / (1 - K)

    Claim: UL-SCHED.

    Source: Yang et al. 2025, Theorem 3.1, for any affine contraction.

    Assumes: noise c/n_t with the same c in each round; n_t may be real.

    Parameters
    ----------
    contraction : array_like
        Factor K in [0, inf) by which a round shrinks the error.
    noise : array_like
        Noise constant c in [0, inf): error added by a round on a single sample.
    total : array_like
        Samples N over all rounds, in (0, inf).
    rounds : int
        Number of rounds T >= 0.

    Returns
    -------
    float or ndarray
        Noise part of V_T (add K^(2T) V_0 for the whole), broadcast shape; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(best_error(0.5, 0.5, 1000.0, 5))
    0.001876953125
    """
    contraction, noise = real("contraction", contraction, 0), real("noise", noise, 0)
    total, rounds = real("total", total, 0, low_open=True), scalar_count("rounds", rounds)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        worth = (partial_sum(contraction, rounds) / np.sqrt(total)) ** 2
        return np.where(noise > 0, noise * worth, 0.0)[()]


def uniform_penalty(contraction, rounds):
    """Factor by which equal batches leave more noise than the best schedule of the same total.

        T (1 - K^(2T)) (1 - K) / ((1 + K) (1 - K^T)^2)

    Claim: UL-SCHED.

    Source: derived here; the comparison of Yang et al. 2025, Section 4.1, for any contraction.

    Assumes: noise c/n_t with the same c in each round; n_t may be real.

    Parameters
    ----------
    contraction : array_like
        Factor K in [0, inf) by which a round shrinks the error.
    rounds : int
        Number of rounds T >= 1.

    Returns
    -------
    float or ndarray
        Factor in [1, T], 1 only at K = 1 or T = 1; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(uniform_penalty(0.5, 3))
    1.2857142857
    """
    contraction, rounds = real("contraction", contraction, 0), scalar_count("rounds", rounds, 1)
    with np.errstate(over="ignore", under="ignore", divide="ignore"):
        # the factor is the same at K and 1/K
        slow = np.where(contraction <= 1, contraction, 1 / contraction)
        return (rounds * partial_sum(slow**2, rounds) / partial_sum(slow, rounds) ** 2)[()]


def steady_error(contraction, noise, n):
    """Mean-square error to the centre that a constant batch settles at, V_inf.

        V_inf = c / (n (1 - K^2))

    Claim: UL-STEADY.

    Source: derived here; the plateau behind Yang et al. 2025, Theorem 3.2.

    Assumes: the same K, c and n in each of many rounds.

    Parameters
    ----------
    contraction : array_like
        Factor K in [0, inf) by which a round shrinks the error.
    noise : array_like
        Noise constant c in [0, inf): error added by a round on a single sample.
    n : array_like
        Samples a round, in (0, inf]; inf leaves no noise.

    Returns
    -------
    float or ndarray
        V_inf, broadcast shape; exact. inf at K >= 1 (0 without noise).

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(steady_error(0.5, 1.0, 37.0))
    0.036036036
    """
    contraction, noise = real("contraction", contraction, 0), real("noise", noise, 0)
    n = real("n", n, 0, np.inf, low_open=True, high_open=None)
    slope = np.minimum(contraction, 1.0)
    damping = (1 - slope) * (1 + slope)
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        fresh = noise / n
        return np.where(fresh > 0, fresh / damping, 0.0)[()]
