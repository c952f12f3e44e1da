"""Where the update exists, and what the error bound of an uncorrected loop is worth."""

import numpy as np

from theory import _domain
from theory._correction import mixture_weights
from theory._local_rates import checked_constants, checked_ratio, rho, scaled_product

__all__ = [
    "b2_constant",
    "b2_informative",
    "existence_radius",
]


def _quotient(numerator, first, second):
    """Return numerator/(first second), with unbounded exponents; inf where a divisor is 0."""
    vanishing = (first == 0) | (second == 0)
    one, two = np.where(vanishing, 1.0, first), np.where(vanishing, 1.0, second)
    return np.where(vanishing, np.inf, scaled_product(numerator, over=(one, two)))


def existence_radius(synthetic_ratio, correction, curvature, misfit, lipschitz, form="sharp"):
    """Return the radius d_U of model laws on which the update is a unique local maximiser.

        sharp:      (1 + gamma) (alpha (1 + lambda) - lambda L eps)/(lambda L)
        corrected:  alpha (1 + gamma)/(lambda L), which needs eps L < alpha
        printed:    alpha (1 + gamma)/lambda, wrong: the Lipschitz constant is missing

    Claim: SC-A5.B.

    Source: Gillman et al. 2024, Proposition A.5 and the end of its proof.

    Assumes: the bound -alpha on the Hessian of the data term holds at the maximiser, not only
    at the best parameter (else replace alpha by alpha minus the slack).

    Parameters
    ----------
    synthetic_ratio : array_like
        lambda >= 0.
    correction : array_like
        gamma in [0, inf].
    curvature, misfit, lipschitz : array_like
        As in `rho`.
    form : {"sharp", "corrected", "printed"}
        Which of the three formulas.

    Returns
    -------
    float or ndarray
        Wasserstein radius; the sharp one is exact for the bound used and 0 where no ball
        exists; inf where nothing limits it.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(existence_radius(1.0, 0.0, 1.0, 0.0, 10.0, form="sharp"))
    0.2
    >>> float(existence_radius(1.0, 0.0, 1.0, 0.0, 10.0, form="printed"))
    1.0
    """
    _domain.choice("form", form, ("sharp", "corrected", "printed"))
    lam = checked_ratio(synthetic_ratio)
    gamma = _domain.real("correction", correction, 0, high_open=None)
    alpha, eps, lip = checked_constants(curvature, misfit, lipschitz)
    slope = np.ones(()) if form == "printed" else lip
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        room = _quotient(alpha, lam, slope)
        if form == "sharp":
            room = room + _quotient(alpha, np.ones(()), lip) - eps
        radius = np.where(room > 0, room * (1 + gamma), 0.0)
    return np.where((lam == 0) | (slope == 0), np.inf, radius)[()]


def b2_constant(
    growth, synthetic_ratio, correction, curvature=1.0, misfit=0.0, lipschitz=0.0
):
    """Return the constant c that transfers a statistical error bound to the corrected loop.

        c = 2 B + rho(lambda) (2 + gamma)/(1 + gamma)

    Claim: SC-B2.

    Source: Gillman et al. 2024, Proposition B.2.

    Assumes: as there, and the two updates draw the same points; see `b2_informative`.

    Parameters
    ----------
    growth : array_like
        B >= 0, Lipschitz constant of the finite-sample update.
    synthetic_ratio, curvature, misfit, lipschitz : array_like
        As in `rho`.
    correction : array_like
        gamma in [0, inf].

    Returns
    -------
    float or ndarray
        c, in units of the radius of the neighbourhood; inf where rho is.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(b2_constant(0.1, 0.2, 1.0))
    0.575
    """
    own = _domain.real("growth", growth, 0)
    kept, _ = mixture_weights(correction)
    return (2 * own + rho(synthetic_ratio, curvature, misfit, lipschitz) * (1 + kept))[()]


def b2_informative(
    growth, synthetic_ratio, correction, curvature=1.0, misfit=0.0, lipschitz=0.0
):
    """Return whether Proposition B.2, put into the stability theorem, says anything at all.

        c < 1 - rho/(1 + gamma),  that is  2 B + rho (3 + gamma)/(1 + gamma) < 1

    Otherwise the stationary bound c d_U/(1 - R) is wider than the neighbourhood d_U itself.

    Claim: SC-B2.

    Source: ours, on Gillman et al. 2024, Proposition B.2 and Theorem 4.3.

    Assumes: as `b2_constant`.

    Parameters
    ----------
    growth, synthetic_ratio, correction, curvature, misfit, lipschitz : array_like
        As in `b2_constant`.

    Returns
    -------
    bool or ndarray of bool
        True where the bound is informative.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> bool(b2_informative(0.1, 0.2, 1.0)), bool(b2_informative(0.3, 0.2, 1.0))
    (True, False)
    """
    own = _domain.real("growth", growth, 0)
    kept, _ = mixture_weights(correction)
    constant = rho(synthetic_ratio, curvature, misfit, lipschitz)
    return (2 * own + constant * (1 + 2 * kept) < 1)[()]
