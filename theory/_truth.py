"""The error to the truth of a loop whose centre is biased: when to stop, what a budget can buy."""

from dataclasses import dataclass

import numpy as np

from theory._affine import steady_error
from theory._domain import real

__all__ = [
    "Stop",
    "best_contraction",
    "best_error_within",
    "best_rounds_within",
    "best_stop",
    "one_round_error",
    "truth_error",
]


@dataclass(frozen=True, slots=True)
class Stop:
    """When to stop a loop with equal batches, and what stopping is worth.

    Attributes
    ----------
    rounds : float or ndarray
        Best number of rounds, real-valued; inf where every round helps.
    minimum : float or ndarray
        Mean-square error to the truth at the best round.
    plateau : float or ndarray
        Mean-square error to the truth after many rounds.
    reversal : float or ndarray
        What carrying on gives back: plateau - minimum.
    """

    rounds: np.ndarray
    minimum: np.ndarray
    plateau: np.ndarray
    reversal: np.ndarray


def truth_error(contraction, noise, initial, schedule, bias2):
    """Mean-square error to the truth before the first and after each round, R_t.

        R_t = (1-K^t)^2 B^2 + K^(2t) v_0 + sum_{s<t} K^(2(t-1-s)) c / n_s

    Claim: UL-MSE.

    Source: derived here; the bias of the verifier's centre is that of Yi et al. 2025.

    Assumes: the initial error has mean zero; K = 1 is the loop without a verifier.

    Parameters
    ----------
    contraction : array_like
        Factor K in [0, 1] by which a round shrinks the distance to the centre.
    noise : array_like
        Noise constant c in [0, inf): error added by a round on a single sample.
    initial : array_like
        v_0 in [0, inf), mean-square error to the truth before the first round.
    schedule : array_like, shape (..., T)
        Samples n_0..n_{T-1}, each in (0, inf); T = 0 is allowed.
    bias2 : array_like
        B^2 in [0, inf), squared distance of the centre from the truth.

    Returns
    -------
    ndarray, shape (..., T+1)
        R_0..R_T in units of initial; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> truth_error(0.5, 1.0, 1.0, [100, 100, 100], 0.04).round(5).tolist()
    [1.0, 0.27, 0.0975, 0.05938]
    """
    contraction, noise = real("contraction", contraction, 0, 1), real("noise", noise, 0)
    initial, bias2 = real("initial", initial, 0), real("bias2", bias2, 0)
    schedule = np.atleast_1d(real("schedule", schedule, 0, low_open=True))
    time = np.arange(schedule.shape[-1] + 1.0)
    with np.errstate(under="ignore", divide="ignore", invalid="ignore"):
        moved = np.where(time > 0, -np.expm1(time * np.log(contraction)[..., None]), 0.0)
        kept = contraction[..., None] ** (2 * time)
        drift = moved**2 * bias2[..., None] + kept * initial[..., None]
        fresh = noise[..., None] / schedule
        factor = contraction**2
        lost = [np.zeros(np.broadcast_shapes(fresh.shape[:-1], contraction.shape))]
        for round_noise in np.moveaxis(fresh, -1, 0):
            lost.append(factor * lost[-1] + round_noise)
    return drift + np.stack(lost, axis=-1)


def best_stop(contraction, noise, initial, n, bias2):
    """Round at which the error to the truth is least under equal batches, T*.

        T* = ln(1 + (v_0 - w) / B^2) / ln(1/K),   w = c / (n (1 - K^2))
        minimum = w + B^2 (v_0 - w) / (B^2 + v_0 - w),   plateau = B^2 + w

    Claim: UL-STOP, UL-MSE.

    Source: derived here; the near-term gain and late loss that Yi et al. 2025 observe.

    Assumes: the same K, c and n in each round; the initial error has mean zero. The best whole
    round is floor(T*) or ceil(T*).

    Parameters
    ----------
    contraction : array_like
        Factor K in (0, 1) by which a round shrinks the distance to the centre.
    noise : array_like
        Noise constant c in [0, inf): error added by a round on a single sample.
    initial : array_like
        v_0 in [0, inf), mean-square error to the truth before the first round.
    n : array_like
        Samples a round, in (0, inf]; inf leaves no noise.
    bias2 : array_like
        B^2 in [0, inf), squared distance of the centre from the truth.

    Returns
    -------
    Stop
        rounds, minimum, plateau, reversal, broadcast shape; exact. rounds is 0 where v_0 <= w
        (no round helps), else inf at B = 0 (no round harms).

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> stop = best_stop(0.5, 0.5, 0.1, 100, 0.01)
    >>> float(stop.rounds), float(stop.minimum), float(stop.reversal)
    (3.36923, 0.0156989, 0.000967742)
    """
    contraction = real("contraction", contraction, 0, 1, low_open=True, high_open=True)
    initial, bias2 = real("initial", initial, 0), real("bias2", bias2, 0)
    settled = np.asarray(steady_error(contraction, noise, n))
    excess, bias2 = np.broadcast_arrays(initial - settled, bias2)
    helps = excess > 0
    gain, plateau = np.where(helps, excess, 0.0), bias2 + settled
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        share = np.where(helps, bias2 / (bias2 + gain), 0.0)
        ratio = gain / bias2
        fall = np.where(ratio < 1e300, np.log1p(ratio), np.log(gain) - np.log(bias2))
        rounds = np.where(helps, fall / -np.log(contraction), 0.0)
    minimum = np.where(helps, settled + share * gain, initial)
    reversal = np.where(helps, share * bias2, bias2 - excess)
    return Stop(rounds[()], minimum[()], plateau[()], reversal[()])


def _effective_bias(contraction, noise, total, bias2):
    """Return B_eff^2 = B^2 + c / ((1-K)^2 N), inf at K = 1."""
    contraction, noise = real("contraction", contraction, 0, 1), real("noise", noise, 0)
    total, bias2 = real("total", total, 0, low_open=True), real("bias2", bias2, 0)
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        spent = np.where(noise > 0, noise / (1 - contraction) ** 2 / total, 0.0)
        return np.where(contraction < 1, bias2 + spent, np.inf)


def best_error_within(contraction, noise, initial, total, bias2):
    """Least mean-square error to the truth that a total of samples can buy, R.

        1/R = 1/v_0 + 1/(B^2 + c / ((1-K)^2 N))

    A finite total acts exactly like extra bias of the verifier.

    Claim: UL-BUDGET.

    Source: derived here, under the schedule of Yang et al. 2025, Theorem 3.1.

    Assumes: the best schedule and horizon; exact where `best_rounds_within` is whole, else a
    lower bound. The initial error has mean zero.

    Parameters
    ----------
    contraction : array_like
        Factor K in [0, 1] by which a round shrinks the distance to the centre.
    noise : array_like
        Noise constant c in [0, inf): error added by a round on a single sample.
    initial : array_like
        v_0 in [0, inf), mean-square error to the truth before the first round.
    total : array_like
        Samples N over all rounds, in (0, inf).
    bias2 : array_like
        B^2 in [0, inf), squared distance of the centre from the truth.

    Returns
    -------
    float or ndarray
        R in units of initial, broadcast shape.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(best_error_within(0.5, 1.0, 2.0, 1000.0, 0.05))
    0.0525803311
    """
    initial = real("initial", initial, 0)
    centre = _effective_bias(contraction, noise, total, bias2)
    low, high = np.minimum(initial, centre), np.maximum(initial, centre)
    return (low / (1 + low / np.where(high > 0, high, 1.0)))[()]


def best_rounds_within(contraction, noise, initial, total, bias2):
    """Number of rounds at which a total of samples buys the least error to the truth, T.

        K^T = B_eff^2 / (B_eff^2 + v_0),   B_eff^2 = B^2 + c / ((1-K)^2 N)

    Claim: UL-BUDGET, SW-16.

    Source: derived here, under the schedule of Yang et al. 2025, Theorem 3.1.

    Assumes: the best schedule at each horizon; the initial error has mean zero.

    Parameters
    ----------
    contraction : array_like
        Factor K in (0, 1) by which a round shrinks the distance to the centre.
    noise : array_like
        Noise constant c in [0, inf): error added by a round on a single sample.
    initial : array_like
        v_0 in [0, inf), mean-square error to the truth before the first round.
    total : array_like
        Samples N over all rounds, in (0, inf).
    bias2 : array_like
        B^2 in [0, inf), squared distance of the centre from the truth.

    Returns
    -------
    float or ndarray
        T in [0, inf], real-valued, broadcast shape; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(best_rounds_within(0.5, 1.0, 1.0, 252.0, 0.0))
    6.0
    """
    contraction = real("contraction", contraction, 0, 1, low_open=True, high_open=True)
    initial = real("initial", initial, 0)
    centre = _effective_bias(contraction, noise, total, bias2)
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        ratio = initial / centre
        fall = np.where(ratio < 1e300, np.log1p(ratio), np.log(initial) - np.log(centre))
        return np.where(initial > 0, fall / -np.log(contraction), 0.0)[()]


def one_round_error(contraction, sampling, initial, bias2):
    """Mean-square error to the truth after one round of selection, MSE_1.

        MSE_1 = K^2 v_0 + (1-K)^2 B^2 + K s

    Claim: UL-ONE-K.

    Source: derived here; the one-round question of Yi et al. 2025 in the affine law.

    Assumes: fluctuation equals dissipation, so that a round adds K s; the initial error has mean
    zero.

    Parameters
    ----------
    contraction : array_like
        Factor K in [0, 1] by which the round shrinks the distance to the centre.
    sampling : array_like
        s in [0, inf): error p sigma^2 / m that refitting on m unselected samples would add.
    initial : array_like
        v_0 in [0, inf), mean-square error to the truth before the round.
    bias2 : array_like
        B^2 in [0, inf), squared distance of the centre from the truth.

    Returns
    -------
    float or ndarray
        MSE_1 in units of initial, broadcast shape; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(one_round_error(0.5, 0.1, 1.0, 0.2))
    0.35
    """
    contraction, sampling = real("contraction", contraction, 0, 1), real("sampling", sampling, 0)
    initial, bias2 = real("initial", initial, 0), real("bias2", bias2, 0)
    drift = contraction**2 * initial + (1 - contraction) ** 2 * bias2
    return (drift + contraction * sampling)[()]


def best_contraction(sampling, initial, bias2):
    """Selectivity that leaves the least error to the truth after one round, K*.

        K* = clip((B^2 - s/2) / (B^2 + v_0), 0, 1)

    Claim: UL-ONE-K.

    Source: derived here; the choice of selectivity of Yi et al. 2025 in the affine law.

    Assumes: fluctuation equals dissipation, so that a round adds K s; the initial error has mean
    zero.

    Parameters
    ----------
    sampling : array_like
        s in [0, inf): error p sigma^2 / m that refitting on m unselected samples would add.
    initial : array_like
        v_0 in [0, inf), mean-square error to the truth before the round.
    bias2 : array_like
        B^2 in [0, inf), squared distance of the centre from the truth.

    Returns
    -------
    float or ndarray
        K* in [0, 1), broadcast shape; exact. 0 means: take the centre itself.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(best_contraction(0.1, 1.0, 0.25))
    0.16
    """
    sampling, initial = real("sampling", sampling, 0), real("initial", initial, 0)
    bias2 = real("bias2", bias2, 0)
    spread = bias2 + initial
    lean = np.maximum(bias2 - sampling / 2, 0.0)
    return np.minimum(lean / np.where(spread > 0, spread, 1.0), 1.0)[()]
