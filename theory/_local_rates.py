"""Bounds on the rate of the corrected loop from the constants of the paper.

Throughout lambda is the synthetic ratio, gamma the correction, q = 1/(1+gamma),
e = eps L/alpha (misfit times Lipschitz constant over curvature) and u = lambda (1 + e).
"""

import numpy as np

from theory import _domain
from theory._correction import mixture_weights, odds_share

__all__ = [
    "bound_euclidean_rate",
    "bound_lowest_rate",
    "bound_printed_rate",
    "bound_sharp_rate",
    "max_ratio_printed",
    "rho",
]


def scaled_product(*factors, over):
    """Return the product of `factors` over that of `over`: only the result can overflow."""
    mantissa, exponent = 1.0, 0
    for factor in factors:
        part, power = np.frexp(factor)
        mantissa, exponent = mantissa * part, exponent + power
    for divisor in over:
        part, power = np.frexp(divisor)
        mantissa, exponent = mantissa / part, exponent - power
    with np.errstate(over="ignore"):
        return np.ldexp(mantissa, exponent)


def checked_ratio(synthetic_ratio):
    """Return lambda as float64, in [0, inf)."""
    return _domain.real("synthetic_ratio", synthetic_ratio, 0)


def checked_constants(curvature, misfit, lipschitz):
    """Return alpha > 0, eps >= 0 and L >= 0 as float64."""
    return (
        _domain.real("curvature", curvature, 0, low_open=True),
        _domain.real("misfit", misfit, 0),
        _domain.real("lipschitz", lipschitz, 0),
    )


def _relative_misfit(curvature, misfit, lipschitz):
    alpha, eps, lip = checked_constants(curvature, misfit, lipschitz)
    return scaled_product(eps, lip, over=(alpha,))


def _augmentation(synthetic_ratio, curvature, misfit, lipschitz):
    """Return u = lambda (1+e) and 1 - u."""
    lam = checked_ratio(synthetic_ratio)
    alpha, eps, lip = checked_constants(curvature, misfit, lipschitz)
    extra = scaled_product(lam, eps, lip, over=(alpha,))
    with np.errstate(over="ignore"):
        return lam + extra, (1 - lam) - extra


def rho(synthetic_ratio, curvature=1.0, misfit=0.0, lipschitz=0.0):
    """Return the printed contraction constant of the uncorrected loop, rho(lambda).

        rho = u/(1 - u),    u = lambda (1 + eps L/alpha)

    Claim: SC-T43, SC-A8.

    Source: Gillman et al. 2024, Theorem 4.3 (after Bertrand et al. 2024).

    Parameters
    ----------
    synthetic_ratio : array_like
        lambda >= 0, synthetic over real points.
    curvature : array_like
        alpha > 0, least curvature of the mean log likelihood of the data.
    misfit : array_like
        eps >= 0, Wasserstein distance of the best model to the data.
    lipschitz : array_like
        L >= 0, Lipschitz constant in x of the Hessian of log p.

    Returns
    -------
    float or ndarray
        rho, dimensionless; inf where u >= 1, where the paper's expression means nothing.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(rho(0.3, curvature=2.0, misfit=0.5, lipschitz=1.5))
    0.7021276596
    """
    u, gap = _augmentation(synthetic_ratio, curvature, misfit, lipschitz)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(gap > 0, u / gap, np.inf)[()]


def bound_printed_rate(synthetic_ratio, correction, curvature=1.0, misfit=0.0, lipschitz=0.0):
    """Return the paper's upper bound on the Euclidean rate of one corrected round.

        ||J||_2 <= rho(lambda)/(1 + gamma)

    Claim: SC-T43, SC-A8.

    Source: Gillman et al. 2024, Theorem 4.3 and equation 34. It is true, never attained, and
    empty for lambda >= 1; `bound_sharp_rate` holds for every lambda.

    Assumes: Assumption 4.2 of the source, differentiation under the integral, u < 1.

    Parameters
    ----------
    synthetic_ratio, curvature, misfit, lipschitz : array_like
        As in `rho`.
    correction : array_like
        gamma in [0, inf].

    Returns
    -------
    float or ndarray
        The bound, dimensionless; inf where rho is inf (also at gamma = inf).

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(bound_printed_rate(0.3, 1.0, curvature=2.0, misfit=0.5, lipschitz=1.5))
    0.3510638298
    """
    kept, _ = mixture_weights(correction)
    printed = rho(synthetic_ratio, curvature, misfit, lipschitz)
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(printed), np.inf, printed * kept)[()]


def bound_sharp_rate(synthetic_ratio, correction, curvature=1.0, misfit=0.0, lipschitz=0.0):
    """Return the sharp upper bound on the local rate of the corrected loop.

        r <= u/((1 + u)(1 + gamma))

    Claim: SCX-SHARP.

    Source: ours; it replaces Gillman et al. 2024, Theorem 4.3, whose bound it undercuts by the
    factor (1-u)/(1+u). Attained in one dimension. Holds for every lambda and gamma.

    Assumes: curvature alpha, L and eps as in Assumption 4.2 of the source, differentiation under
    the integral. The rate is the spectral radius, and the norm in the curvature's own metric.

    Parameters
    ----------
    synthetic_ratio, curvature, misfit, lipschitz : array_like
        As in `rho`.
    correction : array_like
        gamma in [0, inf].

    Returns
    -------
    float or ndarray
        The bound, below 1/(1+gamma); dimensionless. Exact when eps L = 0.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(bound_sharp_rate(1000.0, 0.0, misfit=0.3, lipschitz=1.0))
    0.9992313605
    """
    u, _ = _augmentation(synthetic_ratio, curvature, misfit, lipschitz)
    return (odds_share(u) * mixture_weights(correction)[0])[()]


def bound_lowest_rate(synthetic_ratio, correction, curvature=1.0, misfit=0.0, lipschitz=0.0):
    """Return a lower bound on the smallest local rate over all directions.

        r_min >= w/((1 + w)(1 + gamma)),    w = lambda max(0, 1 - eps L/alpha)

    Claim: SCX-SHARP.

    Source: ours; the other side of the sharp bound (the information of the model and the
    curvature of the data differ by at most eps L).

    Assumes: as `bound_sharp_rate`.

    Parameters
    ----------
    synthetic_ratio, curvature, misfit, lipschitz : array_like
        As in `rho`.
    correction : array_like
        gamma in [0, inf].

    Returns
    -------
    float or ndarray
        The bound, 0 where eps L >= alpha; dimensionless.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(bound_lowest_rate(1.0, 0.0, misfit=0.5, lipschitz=1.0))
    0.3333333333
    """
    lam = checked_ratio(synthetic_ratio)
    error = _relative_misfit(curvature, misfit, lipschitz)
    least = lam * np.maximum(0.0, 1 - error)
    return (odds_share(least) * mixture_weights(correction)[0])[()]


def bound_euclidean_rate(synthetic_ratio, correction, curvature=1.0, misfit=0.0, lipschitz=0.0):
    """Return an upper bound on the Euclidean norm of the Jacobian of one corrected round.

        ||J||_2 <= lambda/((1+lambda)(1+gamma)) (1 + e/max(1, 1 + lambda - lambda e))

    with e = eps L/alpha. It may exceed 1 although the loop is stable: only the spectral radius
    and the norm of the curvature decide stability.

    Claim: SCX-EUC.

    Source: ours; always below the printed bound of Gillman et al. 2024, Theorem 4.3, and, for
    e <= 1, above the sharp rate by O(lambda e^2).

    Assumes: as `bound_sharp_rate`.

    Parameters
    ----------
    synthetic_ratio, curvature, misfit, lipschitz : array_like
        As in `rho`.
    correction : array_like
        gamma in [0, inf].

    Returns
    -------
    float or ndarray
        The bound, dimensionless.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(bound_euclidean_rate(1.0, 0.0, misfit=0.5, lipschitz=1.0))
    0.6666666667
    """
    lam = checked_ratio(synthetic_ratio)
    kept, _ = mixture_weights(correction)
    error = _relative_misfit(curvature, misfit, lipschitz)
    with np.errstate(over="ignore", invalid="ignore"):
        damping = np.maximum(1.0, 1 + np.where(error < 1, lam * (1 - error), 0.0))
        bound = odds_share(lam) * kept * (1 + error / damping)
    return np.where((lam == 0) | (kept == 0), 0.0, bound)[()]


def max_ratio_printed(correction, curvature=1.0, misfit=0.0, lipschitz=0.0):
    """Return the supremum of the synthetic ratios that the printed theorem allows.

        lambda < (1 + gamma)/((2 + gamma)(1 + eps L/alpha))

    It rises from 1/2 to 1 with gamma when eps L = 0, and is not attained.

    Claim: SC-T43, SC-R44, SC-R49.

    Source: Gillman et al. 2024, Theorem 4.3. The loop itself has no such limit: `sharp_rate`.

    Parameters
    ----------
    correction : array_like
        gamma in [0, inf].
    curvature, misfit, lipschitz : array_like
        As in `rho`.

    Returns
    -------
    float or ndarray
        The supremum, below 1; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(max_ratio_printed(1.0, curvature=2.0, misfit=0.5, lipschitz=1.5))
    0.4848484848
    """
    gamma = _domain.real("correction", correction, 0, high_open=None)
    error = _relative_misfit(curvature, misfit, lipschitz)
    return ((1 - 1 / (2 + gamma)) / (1 + error))[()]
