"""How far a finite-sample loop strays from its target: envelopes that hold with probability."""

import math

import numpy as np

from theory import _domain
from theory._gamma import log_gamma_drop

__all__ = [
    "bound_error_path",
    "error_envelope",
    "independent_coverage",
    "required_real_samples",
    "statistical_error",
]

_LOG6 = math.log(6.0)


def _constants(delta, a, b, optimization_error):
    return (
        np.log(_domain.real("delta", delta, 0, 1, low_open=True, high_open=True)),
        _domain.real("a", a, 0),
        np.log(_domain.real("b", b, 1)),
        _domain.real("optimization_error", optimization_error, 0),
    )


def _contraction(rate, initial_error):
    return (
        _domain.real("rate", rate, 0, 1),
        _domain.real("initial_error", initial_error, 0),
    )


def statistical_error(n, delta, a, b, optimization_error=0.0):
    """Return the error tau_n(delta) that one finite-sample round adds, with probability.

        tau_n(delta) = eps_opt + a n^(-1/2) sqrt(log(b/delta))

    Claim: SC-A34.

    Source: Gillman et al. 2024, Assumption 4.2 (3), which admits b >= 0; a real root for every
    delta needs b >= 1. It can hold for each n, not for all n at once.

    Parameters
    ----------
    n : array_like
        Number of real points, at least 1.
    delta : array_like
        Failure probability, in (0, 1).
    a : array_like
        Scale >= 0, in the units of the parameter.
    b : array_like
        Factor >= 1.
    optimization_error : array_like
        eps_opt >= 0, in the units of the parameter.

    Returns
    -------
    float or ndarray
        tau, in the units of the parameter; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(statistical_error(100, 0.05, 1.0, 2.0))
    0.1920645583
    """
    n = _domain.count("n", n, 1)
    log_delta, scale, log_b, floor = _constants(delta, a, b, optimization_error)
    return (floor + scale / np.sqrt(n) * np.sqrt(log_b - log_delta))[()]


def error_envelope(
    rounds, n, delta, a, b, optimization_error, rate, initial_error, form="corrected"
):
    """Return the bound on the error after a fixed number of rounds, with probability 1 - delta.

        corrected:  tau_n(delta/t) sum_{i=0}^{t-1} R^i + R^t e_0
        printed:    tau_n(delta/t) sum_{i=0}^{t}   R^i + R^t e_0

    Claim: SC-T43.

    Source: Gillman et al. 2024, Theorem 4.3 and equation 44. The printed sum has one term too
    many (valid, loose by tau R^t).

    Assumes: one round contracts by R up to the error tau, and the iterates stay where both
    hold. The bound is for each t apart; for all t at once see `bound_error_path`.

    Parameters
    ----------
    rounds : int
        t >= 0.
    n, delta, a, b, optimization_error : array_like
        As in `statistical_error`.
    rate : array_like
        R, in [0, 1].
    initial_error : array_like
        e_0 >= 0, in the units of the parameter.
    form : {"corrected", "printed"}
        Which sum.

    Returns
    -------
    float or ndarray
        The bound, in the units of the parameter; e_0 for t = 0 and t (or t + 1) terms at R = 1.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(error_envelope(1, 100, 0.05, 1.0, 2.0, 0.0, 0.5, 0.1))
    0.2420645583
    """
    _domain.choice("form", form, ("corrected", "printed"))
    horizon = _domain.scalar_count("rounds", rounds)
    n = _domain.count("n", n, 1)
    log_delta, scale, log_b, floor = _constants(delta, a, b, optimization_error)
    factor, start = _contraction(rate, initial_error)
    shared = math.log(max(horizon, 1)) - log_delta
    tau = floor + scale / np.sqrt(n) * np.sqrt(log_b + shared)
    terms = _geometric_sum(factor, horizon + (form == "printed"))
    if horizon == 0:
        return (start + 0 * (tau + factor))[()]
    return (tau * terms + _power(factor, horizon) * start)[()]


def _power(factor, exponent):
    with np.errstate(divide="ignore"):
        return np.exp(exponent * np.log(factor))


def _geometric_sum(factor, terms):
    """Return 1 + R + ... + R^(terms-1), for R in [0, 1] and terms >= 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        total = -np.expm1(terms * np.log(factor)) / (1 - factor)
    return np.where(factor == 1, float(terms), total)


def bound_error_path(
    rounds, n, delta, a, b, optimization_error, rate, initial_error, form="anytime"
):
    """Return bounds on the errors of all rounds that hold together, with probability 1 - delta.

        e_t <= R^t e_0 + sum_{s=1}^{t} R^(t-s) tau_n(delta_s)
        anytime:  delta_s = 6 delta/(pi^2 s^2), for all t for ever
        horizon:  delta_s = delta/T, for all t <= T

    Claim: SCX-T43.

    Source: ours; Gillman et al. 2024, Theorem 4.3 says "for all t", but its bound does not hold
    for all t together (`independent_coverage`).

    Assumes: as `error_envelope`.

    Parameters
    ----------
    rounds : int
        T >= 0.
    n, delta, a, b, optimization_error, rate, initial_error : array_like
        As in `error_envelope`.
    form : {"anytime", "horizon"}
        How the failure probability is spent.

    Returns
    -------
    ndarray, shape (..., T + 1)
        The bounds for t = 0..T, in the units of the parameter.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> bound_error_path(2, 100, 0.05, 1.0, 2.0, 0.0, 0.5, 0.1, form="horizon")
    array([0.1  , 0.2593, 0.3390])
    """
    _domain.choice("form", form, ("anytime", "horizon"))
    horizon = _domain.scalar_count("rounds", rounds)
    n = _domain.count("n", n, 1)
    log_delta, scale, log_b, floor = _constants(delta, a, b, optimization_error)
    factor, error = _contraction(rate, initial_error)
    shape = np.broadcast_shapes(*map(np.shape, (n, log_delta, scale, log_b, floor, factor, error)))
    path = np.empty((*shape, horizon + 1))
    path[..., 0] = error
    for s in range(1, horizon + 1):
        shared = math.log(horizon) if form == "horizon" else 2 * math.log(s * math.pi) - _LOG6
        tau = floor + scale / np.sqrt(n) * np.sqrt(log_b + shared - log_delta)
        path[..., s] = factor * path[..., s - 1] + tau
    return path


def required_real_samples(rounds, delta, a, b, optimization_error, rate, radius):
    """Return how many real points keep the loop inside its ball for all rounds t <= T.

        tau_n(delta/T) <= (1 - R) r0
        n >= a^2 log(b T/delta)/((1 - R) r0 - eps_opt)^2

    Claim: SCX-T43.

    Source: ours; Gillman et al. 2024, Theorem 4.3 takes for granted that the iterates stay in
    the neighbourhood where its assumptions hold.

    Assumes: the loop starts in the ball and contracts by R in it.

    Parameters
    ----------
    rounds : int
        T >= 1.
    delta, a, b, optimization_error : array_like
        As in `statistical_error`.
    rate : array_like
        R, in [0, 1].
    radius : array_like
        r0 > 0, radius of the ball, in the units of the parameter.

    Returns
    -------
    float or ndarray
        The least whole number n >= 1, as a float: inf where no number of points is enough.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(required_real_samples(10, 0.05, 1.0, 2.0, 0.0, 0.5, 0.1))
    2397.0
    """
    horizon = _domain.scalar_count("rounds", rounds, 1)
    log_delta, scale, log_b, floor = _constants(delta, a, b, optimization_error)
    factor = _domain.real("rate", rate, 0, 1)
    room = (1 - factor) * _domain.real("radius", radius, 0, low_open=True) - floor
    root = scale * np.sqrt(log_b + math.log(horizon) - log_delta)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        points = np.maximum(np.ceil((root / room) ** 2), 1.0)
    enough = (room > 0) | ((room == 0) & (root == 0))
    return np.where(enough, np.where(root == 0, 1.0, points), np.inf)[()]


def independent_coverage(rounds, delta):
    """Return the probability that a bound of level delta/t, tight and independent, never fails.

        P(no failure at t = 1..T) = Gamma(T + 1 - delta)/(Gamma(1 - delta) Gamma(T + 1))

    It falls to 0 like T^(-delta)/Gamma(1 - delta): bounds that hold for each t do not hold for
    all t.

    Claim: SC-T43.

    Source: ours; the counterexample to "for all t" in Gillman et al. 2024, Theorem 4.3.

    Parameters
    ----------
    rounds : array_like
        T >= 0, a whole number.
    delta : array_like
        In (0, 1).

    Returns
    -------
    float or ndarray
        The product of 1 - delta/t over t <= T; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(independent_coverage(2, 0.5))
    0.375
    """
    horizon = _domain.count("rounds", rounds)
    level = _domain.real("delta", delta, 0, 1, low_open=True, high_open=True)
    return np.exp(log_gamma_drop(1.0, level) - log_gamma_drop(horizon + 1.0, level))[()]
