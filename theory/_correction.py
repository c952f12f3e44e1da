"""The correction of a model law: mix it with the target, q p + (1 - q) p*, q = 1/(1 + gamma)."""

import math

import numpy as np

from theory import _domain

__all__ = [
    "bound_corrected_wasserstein2",
    "bound_resampling_error",
    "correct",
    "corrected_distance",
    "corrected_excess_kurtosis",
    "log_correct",
]


def odds_share(odds):
    """Return x/(1+x) for x in [0, inf], with 1 at inf.

    Examples
    --------
    >>> odds_share(np.array([0.0, 1.0, np.inf])).tolist()
    [0.0, 0.5, 1.0]
    """
    odds = np.asarray(odds, dtype=np.float64)
    small, large = np.minimum(odds, 1.0), np.maximum(odds, 1.0)
    return np.where(odds > 1, 1 / (1 + 1 / large), small / (1 + small))[()]


def mixture_weights(correction):
    """Return (q, 1-q): the weight of the model and that of the target after a correction.

    Examples
    --------
    >>> [float(w) for w in mixture_weights(3.0)]
    [0.25, 0.75]
    """
    gamma = _domain.real("correction", correction, 0, high_open=None)
    return 1 / (1 + gamma), odds_share(gamma)


def correct(density, target, correction):
    """Return the corrected density pi_gamma p at a point.

        pi_gamma p = (p + gamma p*)/(1 + gamma) = q p + (1 - q) p*

    Claim: SC-D41, SC-A2.3.

    Source: Gillman et al. 2024, Definition 4.1. We admit gamma = inf, where q = 0.

    Parameters
    ----------
    density : array_like
        p >= 0, the model's density.
    target : array_like
        p* >= 0, the density of the best model.
    correction : array_like
        gamma in [0, inf], the correction strength.

    Returns
    -------
    float or ndarray
        The mixture, in the units of the densities; exact. It is closer to the target by the
        factor 1/(1+gamma), whatever gamma > 0.

    Raises
    ------
    ValueError
        If a density is negative or infinite, or gamma < 0.

    Examples
    --------
    >>> float(correct(0.3, 0.1, 3.0))
    0.15
    """
    model = _domain.real("density", density, 0)
    best = _domain.real("target", target, 0)
    kept, added = mixture_weights(correction)
    return (kept * model + added * best)[()]


def log_correct(log_density, log_target, correction):
    """Return the logarithm of the corrected density, log pi_gamma p.

        log pi_gamma p = logaddexp(log p - log(1+gamma), log p* - log(1+1/gamma))

    Claim: SC-D41.

    Source: Gillman et al. 2024, Definition 4.1, in logarithms.

    Parameters
    ----------
    log_density : array_like
        log p, in [-inf, inf).
    log_target : array_like
        log p*, in [-inf, inf).
    correction : array_like
        gamma in [0, inf].

    Returns
    -------
    float or ndarray
        The logarithm; exact, without underflow.

    Raises
    ------
    ValueError
        If a logarithm is nan or +inf, or gamma < 0.

    Examples
    --------
    >>> float(log_correct(-2000.0, -2000.0, 0.7))
    -2000.0
    """
    model = _domain.real("log_density", log_density, -np.inf, low_open=None)
    best = _domain.real("log_target", log_target, -np.inf, low_open=None)
    gamma = _domain.real("correction", correction, 0, high_open=None)
    with np.errstate(divide="ignore", over="ignore"):
        log_kept, log_added = -np.log1p(gamma), -np.log1p(1 / gamma)
    return np.logaddexp(model + log_kept, best + log_added)[()]


def corrected_distance(distance, correction):
    """Return the distance of the corrected law to the target, D(pi_gamma p, p*).

        D(pi_gamma p, p*) = D(p, p*)/(1 + gamma)

    Claim: SC-A2.3, SCX-A2-CLOSER.

    Source: Gillman et al. 2024, Lemma A.2 (an inequality there); the identity is ours.

    Assumes: D comes from a norm of the difference of the two laws (total variation, W1, any
    integral probability metric), or is the difference of the densities at one point.

    Parameters
    ----------
    distance : array_like
        D(p, p*) >= 0.
    correction : array_like
        gamma in [0, inf].

    Returns
    -------
    float or ndarray
        The distance, in the units of `distance`; exact.

    Raises
    ------
    ValueError
        If an argument is negative.

    Examples
    --------
    >>> float(corrected_distance(0.8, 3.0))
    0.2
    """
    return (_domain.real("distance", distance, 0) * mixture_weights(correction)[0])[()]


def bound_corrected_wasserstein2(distance, correction):
    """Return an upper bound on the 2-Wasserstein distance of the corrected law to the target.

        W2(pi_gamma p, p*) <= W2(p, p*)/sqrt(1 + gamma)

    Claim: SC-A2.3.

    Source: ours, for the map of Gillman et al. 2024, Definition 4.1 (couple each component of
    the mixture apart: the square of W2 is convex, W2 itself is no norm).

    Parameters
    ----------
    distance : array_like
        W2(p, p*) >= 0.
    correction : array_like
        gamma in [0, inf].

    Returns
    -------
    float or ndarray
        The bound, in the units of `distance`.

    Raises
    ------
    ValueError
        If an argument is negative.

    Examples
    --------
    >>> float(bound_corrected_wasserstein2(0.8, 3.0))
    0.4
    """
    return (_domain.real("distance", distance, 0) * np.sqrt(mixture_weights(correction)[0]))[()]


def corrected_excess_kurtosis(variance, target_variance, correction):
    """Return the excess kurtosis of the correction of N(0, s1) towards N(0, s2).

        3 gamma (s1 - s2)^2/(s1 + gamma s2)^2 = 3 q (1-q) (s1 - s2)^2/(q s1 + (1-q) s2)^2

    It is positive unless s1 = s2: the "average Gaussian" is no Gaussian.

    Claim: SC-C6.

    Source: Gillman et al. 2024, Example C.6 and Figure 4, which call the mixture a Gaussian.

    Parameters
    ----------
    variance : array_like
        s1 > 0, the model's variance.
    target_variance : array_like
        s2 > 0.
    correction : array_like
        gamma in [0, inf].

    Returns
    -------
    float or ndarray
        The excess kurtosis, dimensionless; exact.

    Raises
    ------
    ValueError
        If a variance is not positive, or gamma < 0.

    Examples
    --------
    >>> float(corrected_excess_kurtosis(1.0, 4.0, 1.0))
    1.08
    """
    model = _domain.real("variance", variance, 0, low_open=True)
    best = _domain.real("target_variance", target_variance, 0, low_open=True)
    kept, added = mixture_weights(correction)
    scale = np.maximum(model, best)
    model, best = model / scale, best / scale
    root = np.sqrt(kept) * np.sqrt(added) * ((model - best) / (kept * model + added * best))
    with np.errstate(over="ignore"):
        return (3 * root**2)[()]


def bound_resampling_error(n, correction):
    """Return an upper bound on the mean sup-distance of the resampled cdf to the corrected one.

        E sup |F_n - F_{pi_gamma p}| <= sqrt(pi/(2n)) (1 + q)

    The n corrected points are drawn from q p_n + (1-q) p*, p_n the law of n points of p.

    Claim: SC-C6.

    Source: ours (Dvoretzky-Kiefer-Wolfowitz twice), for Gillman et al. 2024, Example C.6,
    which states convergence without a rate.

    Assumes: one dimension.

    Parameters
    ----------
    n : array_like
        Number of points, at least 1.
    correction : array_like
        gamma in [0, inf].

    Returns
    -------
    float or ndarray
        The bound, a probability.

    Raises
    ------
    ValueError
        If n < 1 or gamma < 0.

    Examples
    --------
    >>> float(bound_resampling_error(200, np.inf))
    0.0886226925
    """
    n = _domain.count("n", n, 1)
    return (math.sqrt(math.pi / 2) / np.sqrt(n) * (1 + mixture_weights(correction)[0]))[()]
