"""Small exact loops that decide what a printed statement of the stability theory is worth."""

import numpy as np

from theory import _domain
from theory._correction import mixture_weights

__all__ = [
    "exponential_rate_path",
    "logistic_information_ratio",
    "one_step_variance_mse",
]


def exponential_rate_path(initial, rate, rounds):
    """Return the iterates of the corrected loop on an exponential law, best rate 1.

        theta_t = theta_0/(theta_0 + r^t (1 - theta_0))

    The error shrinks by r/(theta + r (1 - theta)) a round, more than r for every theta < 1: the
    local rate r is no one-step factor on any ball.

    Claim: SC-A8, SCX-SHARP.

    Source: ours; the counterexample to "norm of the Jacobian = contraction factor" in Gillman
    et al. 2024, Theorem A.8.

    Parameters
    ----------
    initial : array_like
        theta_0 > 0.
    rate : array_like
        r in [0, 1], lambda/((1 + lambda)(1 + gamma)).
    rounds : array_like
        t >= 0, a whole number.

    Returns
    -------
    float or ndarray
        theta_t; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(exponential_rate_path(0.5, 0.5, 1))
    0.6666666667
    """
    start = _domain.real("initial", initial, 0, low_open=True)
    factor = _domain.real("rate", rate, 0, 1)
    power = factor ** _domain.count("rounds", rounds)
    with np.errstate(over="ignore"):
        return (1 / ((1 - power) + power / start))[()]


def logistic_information_ratio(separation):
    """Return the information ratio c of a logistic location model on two data points -+a.

        c = (2/3) cosh(a/2)^2,  unbounded although the Lipschitz constant is 1/(3 sqrt(3))

    Claim: SCX-SHARP.

    Source: ours; a family outside the reach of Gillman et al. 2024, Theorem 4.3, where the
    loop is stable for every lambda.

    Parameters
    ----------
    separation : array_like
        a >= 0, in units of the logistic scale.

    Returns
    -------
    float or ndarray
        Fisher information 1/3 over the data curvature sech(a/2)^2/2; exact.

    Raises
    ------
    ValueError
        If a < 0.

    Examples
    --------
    >>> float(logistic_information_ratio(6.0))
    67.5718787
    """
    half = _domain.real("separation", separation, 0) / 2
    with np.errstate(over="ignore"):
        return (np.cosh(half) ** 2 / 1.5)[()]


def one_step_variance_mse(initial, correction, m):
    """Return the error of a variance fitted to m corrected points: more correction may hurt.

        M = ((1-theta)/(1+gamma))^2 + V/m
        V = 3 (theta^2 + gamma)/(1+gamma) - ((theta+gamma)/(1+gamma))^2

    for the model N(0, theta) and the target N(0, 1). M rises with gamma at 0 when
    0 < 1 - theta < 4/(2m + 1).

    Claim: SC-C45, SCX-C45-CEX.

    Source: ours; the counterexample to "better model weights" in Gillman et al. 2024,
    Corollary 4.5.

    Parameters
    ----------
    initial : array_like
        theta >= 0, the model's variance.
    correction : array_like
        gamma in [0, inf].
    m : array_like
        Corrected points, at least 1.

    Returns
    -------
    float or ndarray
        Mean squared error of the mean of the squares; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(one_step_variance_mse(1.0, 0.0, 4))
    0.5
    """
    start = _domain.real("initial", initial, 0)
    kept, added = mixture_weights(correction)
    m = _domain.count("m", m, 1)
    fourth = 3 * (kept * start**2 + added)
    spread = fourth - (kept * start + added) ** 2
    return ((kept * (1 - start)) ** 2 + spread / m)[()]
