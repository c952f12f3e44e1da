"""The verified loop beyond orthonormal designs: fixed rows, and rotation-invariant rows.

Units of sigma. A row x is kept with its proposed label when |y - x theta_c| <= b(x); the rule
of the verifier's ball is b(x) = r |x| + sigma_c.
"""

import math
from dataclasses import dataclass

import numpy as np

from theory import _domain
from theory._truncated import window_cumulants
from theory._window import checked_half_width

__all__ = ["DesignRound", "elliptical_contraction", "fixed_design_round"]

_SPAN = 9.5  # standard deviations
_PANELS, _PANEL_NODES, _RADIAL_NODES = 10, 16, 48


@dataclass(frozen=True, slots=True)
class DesignRound:
    """One verified round on a fixed design, in units of sigma.

    Attributes
    ----------
    mean : ndarray, shape (..., p)
        F(delta), the mean of the next offset from the knowledge centre.
    jacobian : ndarray, shape (..., p, p)
        DF(delta), self-adjoint in the inner product u' X'X v.
    covariance : ndarray, shape (..., p, p)
        Covariance of the next offset given this one.
    """

    mean: np.ndarray
    jacobian: np.ndarray
    covariance: np.ndarray


def fixed_design_round(offset, design, half_width, n_kept=1):
    """Return mean, Jacobian and covariance of one verified least-squares round on fixed rows.

        F(delta) = (X'X)^(-1) X' M_b(X delta),    DF = (X'X)^(-1) X' diag(M_b') X
        Cov = (X'X)^(-1) X' diag(M_b') X (X'X)^(-1)/n_kept

    |X F(delta)| <= max_i rho(b_i) |X delta|: contraction in the norm of the design, not in the
    Euclidean one.

    Claim: KV-GEN-CONTR, KV-GEN-CE.

    Source: ours, for the regression of Yi et al. 2025.

    Assumes: known sigma, the quota of every row filled.

    Parameters
    ----------
    offset : array_like, shape (..., p)
        delta, model minus knowledge centre, in units of sigma.
    design : array_like, shape (k, p)
        X, of full column rank.
    half_width : array_like, shape (..., k) or ()
        b_i in (0, inf], in units of sigma.
    n_kept : array_like
        Kept draws per row, in (0, inf].

    Returns
    -------
    DesignRound
        Exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain or X has not full column rank.

    Examples
    --------
    >>> fixed_design_round([0.5, 0.0], [[1.0, 0.0], [0.0, 1.0]], 1.0).mean
    array([0.14373, 0.     ])
    """
    delta, rows = _domain.real("offset", offset), _domain.real("design", design)
    if rows.ndim != 2 or delta.ndim < 1 or delta.shape[-1] != rows.shape[1]:
        raise ValueError(f"design has shape {rows.shape}: must be (k, p), offset {delta.shape}")
    noise = 1 / _domain.real("n_kept", n_kept, 0, low_open=True, high_open=None)
    basis, root = np.linalg.qr(rows)
    diagonal = np.abs(np.diag(root))
    if len(rows) < rows.shape[1] or diagonal.min() <= 1e-13 * diagonal.max():
        raise ValueError("design: must have full column rank")
    solver = np.linalg.solve(root, basis.T)  # (p, k)
    _, kept, _, slope, _, _, _ = window_cumulants(delta @ rows.T, checked_half_width(half_width))
    weighted = solver * slope[..., None, :]  # (..., p, k)
    covariance = weighted @ solver.T * noise[..., None, None]
    return DesignRound(kept @ solver.T, weighted @ rows, covariance)


def elliptical_contraction(dim, ball_radius, noise_allowance, distance=0.0):
    """Return the contraction of one verified round on Gaussian rows with infinite samples.

        F(delta) = f(|delta|) delta/|delta|,    f(s)/s = E[Z x_1 M(s x_1)/s]/E[Z x_1^2]

    with M and Z those of the window b(x) = r |x| + sigma_c, and x ~ N(0, I). At the centre it
    is K_0 = E[|x|^2 Z_0 rho]/E[|x|^2 Z_0].

    Claim: KV-ELL.

    Source: ours, for the regression of Yi et al. 2025 with its acceptance rule.

    Parameters
    ----------
    dim : int
        p >= 1.
    ball_radius : array_like
        r >= 0, in units of sigma.
    noise_allowance : array_like
        sigma_c > 0, in units of sigma.
    distance : array_like
        s >= 0, model to knowledge centre, in units of sigma.

    Returns
    -------
    float or ndarray
        f(s)/s, in (0, 1); relative error below 1e-9 for distances up to 100.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(elliptical_contraction(3, 0.5, 0.3))
    0.498
    """
    p = _domain.scalar_count("dim", dim, 1)
    radius, allowance, far = np.broadcast_arrays(
        _domain.real("ball_radius", ball_radius, 0),
        _domain.real("noise_allowance", noise_allowance, 0, low_open=True),
        _domain.real("distance", distance, 0),
    )
    radius, allowance, far = (a[..., None, None] for a in (radius, allowance, far))
    across, across_weights = _chi_rule(p - 1)  # norm of the row across delta: (R,)
    along, along_weights = _axis_rule(radius, allowance, far, across.max())  # (..., A, 1)
    half_width = radius * np.hypot(along, across) + allowance  # (..., A, R)
    offset = far * along
    log_z, mean, _, slope, _, _, _ = window_cumulants(offset, half_width)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(offset > 1e-8, mean / offset, slope)
    mass = np.exp(log_z - along**2 / 2) * along**2 * along_weights * across_weights
    return ((mass * ratio).sum(axis=(-1, -2)) / mass.sum(axis=(-1, -2)))[()]


def _panels(low, high, panels, nodes):
    """Return a composite Gauss-Legendre rule on [low, high], nodes along a new last axis."""
    x, w = np.polynomial.legendre.leggauss(nodes)
    unit = ((np.arange(panels)[:, None] + (1 + x) / 2) / panels).ravel()
    length = np.asarray(high - low)[..., None]
    return np.asarray(low)[..., None] + length * unit, length * np.tile(w / (2 * panels), panels)


def _chi_rule(freedom):
    """Return nodes and weights for the chi law with `freedom` degrees of freedom."""
    if freedom == 0:
        return np.zeros(1), np.ones(1)
    middle = math.sqrt(freedom)
    nodes, weights = _panels(max(0.0, middle - _SPAN), middle + _SPAN, 1, _RADIAL_NODES)
    log_mass = (freedom - 1) * np.log(nodes / middle) - (nodes**2 - middle**2) / 2
    weights = weights * np.exp(log_mass)
    return nodes, weights / weights.sum()


def _axis_rule(radius, allowance, far, widest):
    """Return a rule for x_1 > 0 over the part of the axis where rows are proposed and kept."""
    kept = _SPAN + radius * widest + allowance
    with np.errstate(divide="ignore"):
        limit = np.where(far > radius, kept / np.maximum(far - radius, 0.0), np.inf)
    nodes, weights = _panels(np.zeros(()), np.minimum(limit, _SPAN), _PANELS, _PANEL_NODES)
    return np.swapaxes(nodes, -1, -2)[..., 0, :, :], np.swapaxes(weights, -1, -2)[..., 0, :, :]
