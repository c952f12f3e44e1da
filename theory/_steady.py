"""The stationary error of a corrected loop that mixes n real with lambda n corrected points."""

import numpy as np

from theory import _domain
from theory._correction import mixture_weights, odds_share
from theory._spectrum import information_basis, symmetric_matrix

__all__ = [
    "asymptotic_steady_covariance",
    "bernoulli_steady_mse",
    "cramer_rao_inflation",
    "critical_synthetic_ratio",
    "gaussian_steady_mse",
    "worst_synthetic_ratio",
]

_NEWTON_STEPS = 60


def _shares(synthetic_ratio):
    """Return lambda/(1+lambda) and 1/(1+lambda), so that lambda = 1e300 leaves finite numbers."""
    return odds_share(synthetic_ratio), 1 / (1 + synthetic_ratio)


def _synthetic_count(n, ratio):
    with np.errstate(over="ignore"):
        points = np.minimum(n * ratio, 1e300)
    whole = np.rint(points)
    broken = np.abs(points - whole) > np.maximum(1e-9, 1e-15 * whole)
    if broken.any():
        bad = points[broken].flat[0] if points.ndim else points
        raise ValueError(f"synthetic_ratio times n = {bad:g}: must be a whole number")
    return whole


def _steady_parts(ratio, correction, fixed):
    """Return numerator and denominator of n p, both over (1+lambda)^2, as n grows.

    (1+lambda)^2 - (lambda q)^2 factorises as (1 + lambda a)(1 + lambda (1+q)), a = 1 - q.
    """
    kept, added = mixture_weights(correction)
    synthetic, real = _shares(ratio)
    memory = 2 * synthetic * kept * real / (1 + ratio * added) if fixed else 0.0
    return real + memory, (real + synthetic * added) * (real + synthetic * (1 + kept))


def gaussian_steady_mse(n, synthetic_ratio, correction, real="fixed", bootstrap=False):
    """Return the stationary mean squared error of a Gaussian mean, per coordinate, sigma = 1.

        p = [1 + l + 2 l q/(1 + l - l q) + boot l q^2 (1 - 1/m)]
            / (n [(1 + l)^2 - l^2 q^2 - l q (1 - q)/n]),    l = lambda, m = l n

    The second numerator term is the memory of one fixed real sample; fresh real data drop it.

    Claim: SCX-GM-FIX.

    Source: ours, for the loop of Gillman et al. 2024, Definition 4.1; with `bootstrap` its
    equation 51, where the synthetic points are resampled before they are mixed.

    Assumes: known variance, target N(theta*, 1).

    Parameters
    ----------
    n : array_like
        Number of real points, at least 1.
    synthetic_ratio : array_like
        lambda >= 0 with lambda n a whole number (within 1e-9).
    correction : array_like
        gamma in [0, inf].
    real : {"fixed", "fresh"}
        Whether every round trains on the same real sample.
    bootstrap : bool
        Whether the synthetic points are drawn with replacement from m generated ones.

    Returns
    -------
    float or ndarray
        E (theta - theta*)^2 in units of the variance; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain or lambda n is no whole number.

    Examples
    --------
    >>> float(gaussian_steady_mse(50, 0.5, 0.0, real="fresh"))
    0.015
    """
    _domain.choice("real", real, ("fixed", "fresh"))
    n = _domain.count("n", n, 1).astype(np.float64)
    ratio = _domain.real("synthetic_ratio", synthetic_ratio, 0)
    points = _synthetic_count(n, ratio)
    kept, added = mixture_weights(correction)
    top, bottom = _steady_parts(ratio, correction, real == "fixed")
    synthetic, share = _shares(ratio)
    if bootstrap:
        distinct = np.maximum(points - 1, 0) / np.maximum(points, 1)
        top = top + synthetic * share * kept**2 * distinct
    return (top / (n * (bottom - synthetic * share * kept * added / n)))[()]


def cramer_rao_inflation(synthetic_ratio, correction, real="fixed"):
    """Return the factor f by which the loop inflates the Cramer-Rao bound, for large n.

        n Cov(theta) -> f(lambda, q) F^(-1)
        f = [1 + l + 2 l q/(1 + l - l q)]/[(1 + l)^2 - l^2 q^2],    l = lambda

    Claim: SCX-UNIVERSAL, SCX-GM-FIX.

    Source: ours, for the loop of Gillman et al. 2024, Definition 4.1.

    Assumes: regular, well specified model; stationary loop.

    Parameters
    ----------
    synthetic_ratio : array_like
        lambda >= 0.
    correction : array_like
        gamma in [0, inf].
    real : {"fixed", "fresh"}
        Whether every round trains on the same real sample.

    Returns
    -------
    float or ndarray
        f, in (0, 3/2), dimensionless; leading order in 1/n.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(cramer_rao_inflation(2.0, 0.0))    # (1 + 3 lambda)/(1 + 2 lambda)
    1.4
    """
    _domain.choice("real", real, ("fixed", "fresh"))
    ratio = _domain.real("synthetic_ratio", synthetic_ratio, 0)
    top, bottom = _steady_parts(ratio, correction, real == "fixed")
    return (top / bottom)[()]


def critical_synthetic_ratio(correction, n=np.inf):
    """Return the synthetic ratio lambda_c above which synthetic data beat real data alone.

        lambda_c = 2(1-2a)/(a [3 - a + sqrt((1-a)(17-9a))]),    a = gamma/(1+gamma)

    Claim: SCX-GM-cross-n.

    Source: ours, for the loop of Gillman et al. 2024, Definition 4.1.

    Assumes: stationary loop, fixed real data, free target samples; well specified model (large
    n) or Gaussian mean of known variance (finite n, without bootstrap).

    Parameters
    ----------
    correction : array_like
        gamma in [0, inf].
    n : array_like
        Number of real points, in [1, inf]; inf for the limit.

    Returns
    -------
    float or ndarray
        lambda_c; inf at gamma = 0 and 0 where any amount helps (large n: gamma >= 1).

    Raises
    ------
    ValueError
        If gamma < 0 or n < 1.

    Examples
    --------
    >>> float(critical_synthetic_ratio(0.1))
    2.6688216289
    """
    gamma = _domain.real("correction", correction, 0, high_open=None)
    per_point = 1 / _domain.real("n", n, 1, high_open=None)
    kept, added = mixture_weights(gamma)
    lead = odds_difference(gamma) + added * kept * per_point
    middle = 3 - added - added * kept * per_point
    with np.errstate(divide="ignore", over="ignore"):
        root = 2 * lead / (added * (middle + np.sqrt(middle**2 + 4 * (2 - added) * lead)))
    return np.where(lead <= 0, 0.0, root)[()]


def odds_difference(gamma):
    """Return (1 - gamma)/(1 + gamma), with -1 at inf."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(gamma), -1.0, (1 - gamma) / (1 + gamma))


def worst_synthetic_ratio(correction):
    """Return the synthetic ratio at which the stationary error of the loop peaks.

        a^2 (2-a) l^3 + a (2-a)(5-2a) l^2 + a (7-4a) l = 1 - 2a,    a = gamma/(1+gamma)

    Claim: SCX-GM-FIX.

    Source: ours, for the loop of Gillman et al. 2024, Definition 4.1.

    Assumes: as `cramer_rao_inflation`, fixed real data.

    Parameters
    ----------
    correction : array_like
        gamma in [0, inf].

    Returns
    -------
    float or ndarray
        The maximiser of f over lambda; inf at gamma = 0, where f rises to 3/2, and 0 for
        gamma >= 1, where f falls from 1.

    Raises
    ------
    ValueError
        If gamma < 0.

    Examples
    --------
    >>> float(worst_synthetic_ratio(0.1)), float(cramer_rao_inflation(0.6892, 0.1))
    (0.6892, 1.1656)
    """
    gamma = _domain.real("correction", correction, 0, high_open=None)
    _, a = mixture_weights(gamma)
    lead = np.maximum(odds_difference(gamma), 0.0)
    # In x = l sqrt(a) the cubic is convex and increasing on x > 0, and the root of its
    # quadratic term alone lies to the right of its own: Newton falls onto it from there.
    scale = np.sqrt(a)
    cubic, square, linear = scale * (2 - a), (2 - a) * (5 - 2 * a), scale * (7 - 4 * a)
    x = np.sqrt(lead / square)
    for _ in range(_NEWTON_STEPS):
        value = ((cubic * x + square) * x + linear) * x - lead
        slope = (3 * cubic * x + 2 * square) * x + linear
        x = np.maximum(x - value / slope, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(gamma == 0, np.inf, np.where(lead == 0, 0.0, x / scale))[()]


def bernoulli_steady_mse(n, synthetic_ratio, correction, probability):
    """Return the stationary mean squared error of a Bernoulli loop with fixed real data.

        p = P(1-P)/n [1 + l + 2 l q/(1 + l - l q)]/[(1 + l)^2 - l^2 q^2 + l q^2/n]

    with l = lambda and the corrected points drawn independently given the model.

    Claim: SCX-BERN-FIX.

    Source: ours, for the loop of Gillman et al. 2024, Definition 4.1.

    Parameters
    ----------
    n : array_like
        Number of real points, at least 1.
    synthetic_ratio : array_like
        lambda >= 0 with lambda n a whole number (within 1e-9).
    correction : array_like
        gamma in [0, inf].
    probability : array_like
        P in [0, 1], the target.

    Returns
    -------
    float or ndarray
        E (p_t - P)^2; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain or lambda n is no whole number.

    Examples
    --------
    >>> float(bernoulli_steady_mse(10, 1.0, 0.0, 0.5))
    0.0322580645
    """
    n = _domain.count("n", n, 1).astype(np.float64)
    ratio = _domain.real("synthetic_ratio", synthetic_ratio, 0)
    chance = _domain.real("probability", probability, 0, 1)
    _synthetic_count(n, ratio)
    kept, _ = mixture_weights(correction)
    top, bottom = _steady_parts(ratio, correction, True)
    synthetic, share = _shares(ratio)
    spread = chance * (1 - chance) / n
    return (spread * top / (bottom + synthetic * share * kept**2 / n))[()]


def asymptotic_steady_covariance(
    n, synthetic_ratio, correction, hessian, fisher, score_covariance
):
    """Return the stationary covariance of the loop's parameter, to leading order in 1/n.

        Cov = K^(-1) G K^(-1)/n + V diag[(l/n) c_i/((1 + l c_i)^2 (1 - r_i^2))] V'
        K = H + s F,  s = l gamma/(1+gamma),  V'HV = I,  V'FV = diag(c),  l = lambda

    The first part is the sandwich of the real data, pulled in by the target; the second the
    drift of resampling. For a well specified model G = F = H and Cov = f F^(-1)/n.

    Claim: SCX-LYAP.

    Source: ours, for the loop of Gillman et al. 2024, Definition 4.1.

    Assumes: regular model, fixed real data, stationary loop; misspecification allowed.

    Parameters
    ----------
    n : array_like, shape (...)
        Number of real points, at least 1.
    synthetic_ratio : array_like, shape (...)
        lambda >= 0.
    correction : array_like, shape (...)
        gamma in [0, inf].
    hessian : array_like, shape (..., d, d)
        H, minus the mean Hessian of log p over the data; positive definite.
    fisher : array_like, shape (..., d, d)
        F, the information of the best model; positive semidefinite.
    score_covariance : array_like, shape (..., d, d)
        G, covariance over the data of the score at the best model.

    Returns
    -------
    ndarray, shape (..., d, d)
        Covariance of the parameter; leading order, with error O(n^(-3/2)) or smaller.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> asymptotic_steady_covariance(100, 2.0, 0.0, [[1.0]], [[1.0]], [[1.0]])
    array([[0.014]])
    """
    n = _domain.count("n", n, 1).astype(np.float64)
    ratio = _domain.real("synthetic_ratio", synthetic_ratio, 0)
    basis, information, _ = information_basis(hessian, fisher)
    scores = symmetric_matrix("score_covariance", score_covariance)
    kept, added = (np.asarray(w)[..., None] for w in mixture_weights(correction))
    n, lam = n[..., None], np.asarray(ratio)[..., None]
    # In the basis V both H and F, hence K, are diagonal.
    with np.errstate(over="ignore"):
        odds = np.minimum(lam * information, 1e300)
    share, rest, pull = odds_share(odds), 1 / (1 + odds), 1 + odds * added
    turned = np.swapaxes(basis, -1, -2) @ scores @ basis
    sandwich = turned / pull[..., :, None] / pull[..., None, :]
    drift = share * rest / ((added + kept * rest) * (1 + share * kept))
    diagonal = drift[..., None] * np.eye(information.shape[-1])
    return basis @ ((sandwich + diagonal) / n[..., None]) @ np.swapaxes(basis, -1, -2)
