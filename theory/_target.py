"""What it costs to bring the error to a target: freely, round by round, in equal batches."""

from dataclasses import dataclass

import numpy as np

from theory._domain import real

__all__ = ["ConstantBatches", "constant_batches", "feedback_samples", "minimal_samples"]

_NEWTON_STEPS = 200  # reached only by bisection; Newton alone needs fewer than ten


@dataclass(frozen=True, slots=True)
class ConstantBatches:
    """The cheapest plan of equal batches.

    Attributes
    ----------
    total : float or ndarray
        Samples over all rounds.
    rounds : float or ndarray
        Number of rounds, real-valued, at least 1; a batch has total / rounds samples.
    """

    total: np.ndarray
    rounds: np.ndarray


def minimal_samples(contraction, noise, initial, target):
    """Least total of samples that brings the error to the centre to a target, N*.

        N* = (c / (1-K)^2) (1/eps - 1/V_0),   reached at K^T = eps/V_0

    Claim: UL-COST.

    Source: derived here; Yang et al. 2025, Theorem 3.5, prove the rate 1/eps.

    Assumes: the best schedule with T free; exact where that T is whole, else a lower bound.

    Parameters
    ----------
    contraction : array_like
        Factor K in [0, inf) by which a round shrinks the error.
    noise : array_like
        Noise constant c in [0, inf): error added by a round on a single sample.
    initial : array_like
        V_0 in [0, inf), the mean-square error before the first round.
    target : array_like
        Error eps in (0, inf) to reach.

    Returns
    -------
    float or ndarray
        N*, broadcast shape; 0 where the target is met at the start, inf where K >= 1.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(minimal_samples(0.5, 1.0, 2.0, 0.01))
    398.0
    """
    contraction, noise = real("contraction", contraction, 0), real("noise", noise, 0)
    initial, target = real("initial", initial, 0), real("target", target, 0, low_open=True)
    start = np.where(initial > target, initial, 1.0)
    missing = np.where(initial > target, (start - np.minimum(target, start)) / start, 0.0)
    pull = np.where(contraction < 1, 1 - contraction, 0.0)
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        cost = np.where(noise > 0, noise / pull**2, np.where(pull > 0, 0.0, np.inf))
        return np.where((missing > 0) & (cost > 0), cost * (missing / target), 0.0)[()]


def feedback_samples(contraction, noise, error):
    """Samples to keep in the next round, from the present error alone, n_t.

        n_t = c / (K (1-K) V_t)

    Followed from V_0 it is the optimal schedule: the error falls by K a round, V_t = K^t V_0.

    Claim: UL-COST.

    Source: derived here; the feedback form of Yang et al. 2025, Theorem 3.1.

    Assumes: noise c/n_t with the same c in each round; n_t may be real.

    Parameters
    ----------
    contraction : array_like
        Factor K in (0, 1) by which a round shrinks the error.
    noise : array_like
        Noise constant c in [0, inf): error added by a round on a single sample.
    error : array_like
        Mean-square error V_t to the centre before the round, in (0, inf).

    Returns
    -------
    float or ndarray
        n_t, broadcast shape; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(feedback_samples(0.5, 1.0, 0.1))
    40.0
    """
    contraction = real("contraction", contraction, 0, 1, low_open=True, high_open=True)
    noise, error = real("noise", noise, 0), real("error", error, 0, low_open=True)
    with np.errstate(over="ignore", under="ignore"):
        return (noise / error / contraction / (1 - contraction))[()]


def constant_batches(contraction, noise, initial, target):
    """Least total of samples that reaches a target error in equal batches, T n.

        minimise T n  over T >= 1  subject to  K^(2T) V_0 + c (1 - K^(2T)) / (n (1 - K^2)) = eps
        (1-w) (1-m w) = -ln(w) w (m-1)   at an optimum T > 1,   w = K^(2T),  m = V_0/eps

    Claim: SW-15, UL-COST.

    Source: derived here; how much Yang et al. 2025, Section 4.1, save against a constant policy
    that is itself well tuned.

    Assumes: T and n may be real. `minimal_samples` is the least total of any schedule.

    Parameters
    ----------
    contraction : array_like
        Factor K in (0, 1) by which a round shrinks the error.
    noise : array_like
        Noise constant c in [0, inf): error added by a round on a single sample.
    initial : array_like
        V_0 in [0, inf), the mean-square error before the first round.
    target : array_like
        Error eps in (0, inf) to reach.

    Returns
    -------
    ConstantBatches
        total and rounds, broadcast shape; exact. Both 0 where the target is met at the start.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> plan = constant_batches(0.5, 1.0, 1.0, 0.001)
    >>> float(plan.total), float(plan.rounds)
    (9841.501018, 6.659849)
    """
    contraction = real("contraction", contraction, 0, 1, low_open=True, high_open=True)
    noise, initial = real("noise", noise, 0), real("initial", initial, 0)
    target = real("target", target, 0, low_open=True)
    reached = initial <= target
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        excess = np.where(reached, 1.0, (initial - target) / target)
        log_ratio = np.where(
            np.isinf(excess), np.log(initial) - np.log(target), np.log1p(excess)
        )
        one_round = -2 * np.log(contraction)
        decay = np.maximum(_best_decay(log_ratio), one_round)
        rounds = decay / one_round
        batch = np.expm1(-decay) / np.expm1(log_ratio - decay) / target
        batch = np.where(noise > 0, noise * batch, 0.0) / (1 - contraction) / (1 + contraction)
        total = np.where(reached, 0.0, rounds * batch)
    rounds = np.broadcast_to(np.where(reached, 0.0, rounds), total.shape)
    return ConstantBatches(total[()], rounds.copy()[()])


def _best_decay(log_ratio):
    """Return s = -ln w of the optimum: (1 - e^-s) (1 - m e^-s) = s (m-1) e^-s, m = e^log_ratio."""
    low, high = log_ratio, 2 * log_ratio + 2
    root = high
    for _ in range(_NEWTON_STEPS):
        left, mixed = np.exp(-root), np.exp(log_ratio - root)  # w and m w
        value = np.expm1(-root) * np.expm1(log_ratio - root) - root * (mixed - left)
        slope = 2 * left * (1 - mixed) + root * (mixed - left)
        low, high = np.where(value < 0, root, low), np.where(value < 0, high, root)
        newton = root - value / slope
        step = np.where((newton > low) & (newton < high), newton, (low + high) / 2)
        if np.all(np.abs(step - root) <= 4e-16 * root):
            break
        root = step
    return root
