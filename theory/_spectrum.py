"""The exact local rate: the spectrum of the Fisher information over the data curvature."""

import numpy as np

from theory import _domain
from theory._correction import mixture_weights, odds_share
from theory._local_rates import checked_ratio

__all__ = [
    "euclidean_amplification",
    "information_ratios",
    "oracle_weight",
    "sharp_rate",
    "spectral_gap",
]


def _largest(eigenvalues, pick):
    ratios = _domain.real("eigenvalues", eigenvalues, 0)
    if ratios.ndim == 0:
        return ratios
    if ratios.shape[-1] == 0:
        raise ValueError(f"eigenvalues has shape {ratios.shape}: the last axis must not be empty")
    return pick(ratios, axis=-1)


def sharp_rate(synthetic_ratio, correction, eigenvalues):
    """Return the exact local rate r of the corrected loop, its largest over all directions.

        r = max_i lambda c_i/((1 + lambda c_i)(1 + gamma))

    The c_i, from `information_ratios`, do not depend on the coordinates.

    Claim: SCX-SHARP, SCX-INVAR.

    Source: ours; it replaces Gillman et al. 2024, Theorem A.8. The loop is locally attracted
    for every lambda and gamma.

    Assumes: regular model, negative definite Hessian of the mean log likelihood at the best
    parameter. Exponential families have every c_i = 1, and the rate is global.

    Parameters
    ----------
    synthetic_ratio : array_like
        lambda >= 0.
    correction : array_like
        gamma in [0, inf].
    eigenvalues : array_like, shape (..., k)
        c_i >= 0, Fisher information over data curvature; the maximum runs over the last axis.

    Returns
    -------
    float or ndarray
        Spectral radius of the Jacobian, in [0, 1/(1+gamma)); exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain or the last axis is empty.

    Examples
    --------
    >>> float(sharp_rate(1.0, 0.5, [0.5, 2.0]))
    0.4444444444
    """
    lam, kept = checked_ratio(synthetic_ratio), mixture_weights(correction)[0]
    with np.errstate(over="ignore"):
        odds = lam * _largest(eigenvalues, np.max)
    return (odds_share(odds) * kept)[()]


def spectral_gap(synthetic_ratio, correction, eigenvalues):
    """Return the gap 1 - r of the corrected loop, without cancellation.

        1 - r = min_i (1-q) + q/(1 + lambda c_i)

    Claim: SCX-SHARP.

    Source: ours; the complement of `sharp_rate`, for large lambda.

    Assumes: as `sharp_rate`.

    Parameters
    ----------
    synthetic_ratio : array_like
        lambda >= 0.
    correction : array_like
        gamma in [0, inf].
    eigenvalues : array_like, shape (..., k)
        c_i >= 0.

    Returns
    -------
    float or ndarray
        The gap, in (gamma/(1+gamma), 1]; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain or the last axis is empty.

    Examples
    --------
    >>> bool(abs(spectral_gap(1e20, 0.0, [1.0]) - 1e-20) < 1e-32)
    True
    """
    lam = checked_ratio(synthetic_ratio)
    kept, added = mixture_weights(correction)
    with np.errstate(over="ignore"):
        odds = lam * _largest(eigenvalues, np.max)
    return (added + kept / (1 + odds))[()]


def information_ratios(hessian, fisher):
    """Return the generalised eigenvalues c_i of the Fisher information over the curvature.

        F v = c H v,    H = -E_data Hess log p,    F = -E_model Hess log p

    Claim: SCX-INVAR, SC-A7.III.

    Source: ours; the spectrum of the matrix of Gillman et al. 2024, Lemma A.7. Invariant under
    any smooth change of coordinates. All 1 for a well specified model.

    Parameters
    ----------
    hessian : array_like, shape (..., d, d)
        H, symmetric positive definite, at the best parameter.
    fisher : array_like, shape (..., d, d)
        F, symmetric positive semidefinite, at the same point.

    Returns
    -------
    ndarray, shape (..., d)
        c_i >= 0, ascending.

    Raises
    ------
    ValueError
        If a matrix is not symmetric, H is not positive definite or F has a negative eigenvalue.

    Examples
    --------
    >>> information_ratios([[2.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 3.0]])
    array([0.5, 3. ])
    """
    _, ratios, _ = information_basis(hessian, fisher)
    return ratios


def information_basis(hessian, fisher):
    """Return (V, c, H) with V'HV = I and V'FV = diag(c), columns of V by ascending c."""
    curvature = symmetric_matrix("hessian", hessian)
    information = symmetric_matrix("fisher", fisher)
    try:
        root = np.linalg.cholesky(curvature)
    except np.linalg.LinAlgError:
        raise ValueError("hessian: must be positive definite") from None
    half = np.linalg.solve(root, information)
    whitened = np.linalg.solve(root, np.swapaxes(half, -1, -2))
    ratios, vectors = np.linalg.eigh((whitened + np.swapaxes(whitened, -1, -2)) / 2)
    floor = -1e-12 * np.abs(ratios).max(axis=-1, keepdims=True)
    if (ratios < floor).any():
        raise ValueError("fisher: must be positive semidefinite")
    basis = np.linalg.solve(np.swapaxes(root, -1, -2), vectors)
    return basis, np.maximum(ratios, 0.0), curvature


def symmetric_matrix(name, matrix):
    """Return `matrix` as float64 after checking that it is symmetric, of shape (..., d, d)."""
    array = _domain.real(name, matrix)
    if array.ndim < 2 or array.shape[-1] != array.shape[-2]:
        raise ValueError(f"{name} has shape {array.shape}: must be (..., d, d)")
    mirror = np.swapaxes(array, -1, -2)
    scale = np.abs(array).max(axis=(-1, -2), initial=0.0, keepdims=True)
    if (np.abs(array - mirror) > 1e-12 * scale).any():
        raise ValueError(f"{name}: must be symmetric")
    return (array + mirror) / 2


def euclidean_amplification(condition_number):
    """Return the worst ratio of Euclidean to intrinsic contraction, (k + 1)/(2 sqrt(k)).

        ||J^t||_2 <= r^t (k + 1)/(2 sqrt(k)),    k = lambda_max(H)/lambda_min(H)

    Claim: SCX-WIELANDT.

    Source: ours (Wielandt's inequality); it closes the gap between spectral radius and
    Euclidean norm in Gillman et al. 2024, Theorem A.8. Tight over all Fisher matrices.

    Parameters
    ----------
    condition_number : array_like
        k >= 1, of the data curvature H.

    Returns
    -------
    float or ndarray
        The factor, at least 1; exact.

    Raises
    ------
    ValueError
        If k < 1.

    Examples
    --------
    >>> float(euclidean_amplification(25.0))
    2.6
    """
    root = np.sqrt(_domain.real("condition_number", condition_number, 1))
    return ((root + 1 / root) / 2)[()]


def oracle_weight(synthetic_ratio, correction):
    """Return the weight s that the corrected loop gives to the target's own log likelihood.

        K = E_data log p + s E_target log p,    s = lambda gamma/(1 + gamma)

    Without sampling error the loop ascends K, and its attractors are the maximisers of K.

    Claim: SCX-FIX, SCX-PROX.

    Source: ours, for the map of Gillman et al. 2024, Definition 4.1; it decides Conjecture 4.7:
    since s < lambda, no correction, however strong, replaces a larger lambda.

    Parameters
    ----------
    synthetic_ratio : array_like
        lambda >= 0.
    correction : array_like
        gamma in [0, inf].

    Returns
    -------
    float or ndarray
        s, in [0, lambda]; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(oracle_weight(2.0, 3.0))
    1.5
    """
    return (checked_ratio(synthetic_ratio) * mixture_weights(correction)[1])[()]
