"""Which items to accept, and with what weight: selection as a signal-to-noise problem."""

import numpy as np

from theory._domain import choice, real
from theory._majority import masses

__all__ = ["marginal_correctness", "optimal_weights", "weighted_information"]


def marginal_correctness(good, bad, objective="effective"):
    """Posterior correctness of the last item that is worth accepting.

    An acceptance region is optimal when the items on its border are right with probability

        (1 + 2 precision)/4, in (1/2, 3/4]      ("effective": margin^2/retention)
        sqrt(good)/(sqrt(good) + sqrt(bad))     ("chernoff": decay rate of the failure)
        1/2                                     ("margin": good - bad, the Bayes rule)

    p* itself is no objective: it is largest when almost nothing is accepted.

    Claim: BPX-11.

    Source: ours; good = (1 - p) phi and bad = p psi of Feng et al. 2025, Section 4.

    Assumes: good > bad, proposed items are the scarce resource.

    Parameters
    ----------
    good, bad : array_like
        Mass of accepted right and wrong items per proposed item, in [0, 1], sum at most 1.
    objective : {"effective", "chernoff", "margin"}, optional
        What is maximised.

    Returns
    -------
    float or ndarray
        Posterior correctness at the border, exact; nan where nothing is accepted.

    Raises
    ------
    ValueError
        If a mass is out of range or the objective unknown.

    Examples
    --------
    >>> float(marginal_correctness(0.45, 0.05))  # precision 0.9
    0.7
    >>> float(marginal_correctness(0.4, 0.1, "chernoff"))
    0.66666666666666
    """
    good, bad = np.broadcast_arrays(*masses(good, bad))
    choice("objective", objective, ("effective", "chernoff", "margin"))
    root_good, root_bad = np.sqrt(good), np.sqrt(bad)
    with np.errstate(invalid="ignore"):
        if objective == "chernoff":
            return np.divide(root_good, root_good + root_bad)[()]
        precision = np.divide(good, good + bad)
    if objective == "effective":
        return (0.25 + 0.5 * precision)[()]
    return np.where(np.isnan(precision), np.nan, 0.5)[()]


def optimal_weights(correctness, *, nonnegative=False):
    """Weights that make the most of items of known posterior correctness eta.

    .. math:: w = 2 \\eta - 1, \\quad \\text{or its positive part}

    A negative weight trains on the opposite label.

    Claim: BPX-12.

    Source: ours; soft counterpart of the 0/1 selection of Feng et al. 2025, Section 4.

    Parameters
    ----------
    correctness : array_like
        eta = P(right | what the verifier saw), in [0, 1].
    nonnegative : bool, optional
        Forbid negative weights.

    Returns
    -------
    float or ndarray
        Weights, up to a common factor.

    Raises
    ------
    ValueError
        If a probability is out of range.

    Examples
    --------
    >>> optimal_weights([0.25, 0.5, 1.0])
    array([-0.5,  0. ,  1. ])
    """
    weights = 2 * real("correctness", correctness, 0, 1) - 1
    return (np.maximum(weights, 0.0) if nonnegative else weights)[()]


def weighted_information(weights, correctness):
    """Clean items that one weighted item is worth to an average.

    .. math:: J = \\frac{(E[w (2 \\eta - 1)])^2}{E[w^2]} \\le E[(2 \\eta - 1)^2]

    For 0/1 weights this is margin^2/retention. The square forgets on which side of 1/2 the
    weighted items are right; `optimal_weights` attains the bound on the right side.

    Claim: BPX-12.

    Source: ours; soft counterpart of the 0/1 selection of Feng et al. 2025, Section 4.

    Parameters
    ----------
    weights : array_like, shape (..., n)
        Weight of each item, any sign; finite.
    correctness : array_like, shape (..., n)
        eta = P(right | what the verifier saw), in [0, 1].

    Returns
    -------
    float or ndarray, shape (...)
        Information per item, in [0, 1]; 0 where all weights vanish.

    Raises
    ------
    ValueError
        If a number is out of range, or there is no item.

    Examples
    --------
    >>> eta = [0.9, 0.6]
    >>> float(weighted_information([1, 0], eta)), float(weighted_information([0.8, 0.2], eta))
    (0.32, 0.34)
    """
    weights, correctness = np.broadcast_arrays(
        np.atleast_1d(real("weights", weights)),
        np.atleast_1d(real("correctness", correctness, 0, 1)),
    )
    if weights.shape[-1] == 0:
        raise ValueError(f"weights has shape {weights.shape}: must hold at least one item")
    scale = np.abs(weights).max(axis=-1, keepdims=True)
    weights = weights / np.where(scale == 0, 1.0, scale)  # squares must not overflow
    signal = (weights * (2 * correctness - 1)).mean(axis=-1)
    power = (weights * weights).mean(axis=-1)
    return (signal * signal / np.where(power == 0, 1.0, power))[()]
