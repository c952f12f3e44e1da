"""Loops without real data after the first fit, and loops that keep all generations.

Round 0 is the fit to n points of the target; `rounds` counts the synthetic generations after
it, of n points each. Per coordinate unless a dimension is given, target N(0, 1).
"""

import math

import numpy as np
from scipy import special

from theory import _domain
from theory._correction import mixture_weights
from theory._gamma import digamma_minus_log, log_half_ratio
from theory._toy import ToyState

__all__ = [
    "accumulate_mse",
    "accumulate_variance",
    "collapse_squared_distance",
    "collapse_variance",
    "heterozygosity",
    "log_variance_drift",
    "replace_mse",
    "standard_deviation_factor",
    "synthetic_stationary",
]

_HEAD = 50  # factors of the sine product taken one by one
_TAIL = 12  # terms of the zeta series for the rest: (1/51)^24 is below 1e-40


def _survival(n, rounds):
    """Return (1 - 1/n)^t."""
    n, t = _domain.count("n", n, 1), _domain.count("rounds", rounds)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(t == 0, 1.0, np.exp(t * np.log1p(-1 / n)))


def collapse_variance(n, rounds):
    """Return the mean variance of a fully synthetic loop fitted by maximum likelihood.

        E Sigma_t = (1 - 1/n)^t Sigma_0

    Claim: SCX-FULL-SYNTH.

    Source: ours; the uncorrected loop without real data of Gillman et al. 2024, Section 4.

    Assumes: Gaussian model, n points a generation, variance divided by n.

    Parameters
    ----------
    n : array_like
        Points a generation, at least 1.
    rounds : array_like
        t >= 0, generations after Sigma_0.

    Returns
    -------
    float or ndarray
        E Sigma_t in units of Sigma_0; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(collapse_variance(10, 2))
    0.81
    """
    return _survival(n, rounds)[()]


def heterozygosity(n, rounds, probability):
    """Return the mean Bernoulli variance E[p_t (1 - p_t)] of a fully synthetic loop.

        E[p_t (1-p_t)] = (1 - 1/n)^t P(1-P)

    The loop is the Wright-Fisher process: it is fixed at 0 or 1 in the end.

    Claim: SCX-WF.

    Source: ours.

    Parameters
    ----------
    n : array_like
        Points a generation, at least 1.
    rounds : array_like
        t >= 0, generations after P.
    probability : array_like
        P in [0, 1], the initial probability.

    Returns
    -------
    float or ndarray
        The mean variance of one point; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(heterozygosity(10, 2, 0.5))
    0.2025
    """
    chance = _domain.real("probability", probability, 0, 1)
    return (_survival(n, rounds) * chance * (1 - chance))[()]


def replace_mse(n, rounds):
    """Return the mean squared error of a fully synthetic loop of known variance.

        E (theta_t - theta*)^2 = (t + 1)/n

    Claim: SCX-FULL-SYNTH.

    Source: ours; the setting of `accumulate_mse` with each generation replacing the last.

    Parameters
    ----------
    n : array_like
        Points a generation, at least 1.
    rounds : array_like
        t >= 0, synthetic generations after the first real fit.

    Returns
    -------
    float or ndarray
        The error in units of the variance; exact, without bound.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(replace_mse(50, 4))
    0.1
    """
    n, t = _domain.count("n", n, 1), _domain.count("rounds", rounds)
    return ((t + 1.0) / n)[()]


def log_variance_drift(n, dim=1):
    """Return the mean log growth of the generalised variance in one synthetic generation.

        E log(det Sigma_{t+1}/det Sigma_t) = sum_{i<d} psi((k-i)/2) + d log(2/k),    k = n - 1

    It is negative although E Sigma_t stays: the loop collapses almost surely.

    Claim: SCX-FULL-SYNTH.

    Source: ours.

    Assumes: Gaussian model, unbiased covariance (divided by n - 1).

    Parameters
    ----------
    n : array_like
        Points a generation, at least d + 1.
    dim : int
        d >= 1.

    Returns
    -------
    float or ndarray
        The drift in nats a generation; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(log_variance_drift(2))    # -gamma - log 2
    -1.2703628455
    """
    d = _domain.scalar_count("dim", dim, 1)
    k = _domain.count("n", n, d + 1) - 1.0
    return sum(digamma_minus_log((k - i) / 2) + np.log1p(-i / k) for i in range(d))[()]


def standard_deviation_factor(n):
    """Return the mean shrinkage g of the standard deviation in one synthetic generation.

        E sd_t = g^t sd_0,    g = sqrt(2/k) Gamma((k+1)/2)/Gamma(k/2),    k = n - 1

    Claim: SCX-FULL-SYNTH.

    Source: ours.

    Assumes: Gaussian model in one dimension, unbiased variance.

    Parameters
    ----------
    n : array_like
        Points a generation, at least 2.

    Returns
    -------
    float or ndarray
        g, in (0, 1); exact.

    Raises
    ------
    ValueError
        If n < 2.

    Examples
    --------
    >>> float(standard_deviation_factor(2))    # sqrt(2/pi)
    0.7978845608
    """
    return np.exp(log_half_ratio((_domain.count("n", n, 2) - 1.0) / 2))[()]


def collapse_squared_distance(n, rounds):
    """Return the mean squared 2-Wasserstein distance of a fully synthetic loop to its target.

        E W2^2(t) = (t + 1)/n + 2 - 2 g^(t+1),    g as in `standard_deviation_factor`

    Claim: SCX-FULL-SYNTH.

    Source: ours.

    Assumes: Gaussian model in one dimension, unbiased variance; the first real fit included.

    Parameters
    ----------
    n : array_like
        Points a generation, at least 2.
    rounds : array_like
        t >= 0, synthetic generations after the first real fit.

    Returns
    -------
    float or ndarray
        The square of the distance in units of the target's variance; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(collapse_squared_distance(50, 9))
    0.2994747178
    """
    n, t = _domain.count("n", n, 2), _domain.count("rounds", rounds)
    steps = t + 1.0
    return (steps / n - 2 * np.expm1(steps * log_half_ratio((n - 1.0) / 2)))[()]


def synthetic_stationary(m, correction):
    """Return the stationary second moments of a corrected loop without any real data.

        E mu^2 = 1/(m (1-q^2) + q^2),    E Sigma = (m - 1)(1-q^2)/(m (1-q^2) + q^2)

    Any correction stops the collapse; without it the variance is 0 and the error that of the
    target itself.

    Claim: SCX-FULL-CORR.

    Source: ours, for the correction of Gillman et al. 2024, Definition 4.1.

    Assumes: maximum likelihood, m points of the corrected law a round. For a Bernoulli loop the
    same factors multiply P(1-P).

    Parameters
    ----------
    m : array_like
        Corrected points a round, at least 1.
    correction : array_like
        gamma in [0, inf].

    Returns
    -------
    ToyState
        Second moments in units of the target's variance, covariation 0; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(synthetic_stationary(25, 1.0).variance)
    0.9473684211
    """
    m = _domain.count("m", m, 1).astype(np.float64)
    kept, added = mixture_weights(correction)
    fresh = added * (1 + kept)  # 1 - q^2
    total = m * fresh + kept**2
    return ToyState((0 * total)[()], (1 / total)[()], ((m - 1) * fresh / total)[()])


def accumulate_mse(n, rounds):
    """Return the mean squared error of an accumulating loop of known variance.

        E (theta_t - theta*)^2 = (1/n) sum_{i=1}^{t+1} i^(-2) <= pi^2/(6 n)

    Claim: SCX-ACC-ZETA.

    Source: ours, in the setting of Gerstgrasser et al. 2024; the counterpart of `replace_mse`.

    Parameters
    ----------
    n : array_like
        Points a generation, at least 1, all of them kept.
    rounds : array_like
        t >= 0, synthetic generations after the first real fit.

    Returns
    -------
    float or ndarray
        The error in units of the variance; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(accumulate_mse(2, 1))
    0.625
    """
    n, t = _domain.count("n", n, 1), _domain.count("rounds", rounds)
    return ((math.pi**2 / 6 - special.zeta(2.0, t + 2.0)) / n)[()]


def accumulate_variance(n, rounds):
    """Return the mean variance of an accumulating loop fitted by maximum likelihood.

        E Sigma_t = prod_{i=1}^{t+1} (1 - 1/(n i^2)),  falling to  sin(pi/sqrt(n))/(pi/sqrt(n))

    It stays positive for n >= 2: accumulating prevents collapse.

    Claim: SCX-ACC-SINC.

    Source: ours, in the setting of Gerstgrasser et al. 2024.

    Parameters
    ----------
    n : array_like
        Points a generation, at least 1, all of them kept.
    rounds : array_like
        t >= 0, synthetic generations after the first real fit.

    Returns
    -------
    float or ndarray
        E Sigma_t in units of the target's variance; exact. E mu_t^2 is its complement.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(accumulate_variance(2, 1))
    0.4375
    """
    share = 1.0 / _domain.count("n", n, 1)
    factors = _domain.count("rounds", rounds) + 1.0
    log_product = np.zeros(np.broadcast_shapes(share.shape, factors.shape))
    with np.errstate(divide="ignore"):
        for i in range(1, _HEAD + 1):
            log_product = log_product + np.where(i <= factors, np.log1p(-share / i**2), 0.0)
    beyond = np.maximum(factors, _HEAD) + 1
    for j in range(1, _TAIL + 1):
        missing = special.zeta(2.0 * j, _HEAD + 1.0) - special.zeta(2.0 * j, beyond)
        log_product = log_product - share**j / j * missing
    return np.exp(log_product)[()]
