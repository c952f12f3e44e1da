"""Gamma-function differences that keep their digits where the two terms nearly agree."""

import numpy as np
from scipy import special

__all__ = ["digamma_minus_log", "log_gamma_drop", "log_half_ratio"]

_SHIFT = 32  # Stirling's remainder after the fifth power is below 1e-14 from here on
_HALF_SHIFT = 16
_HALF_SERIES = (-1 / 8, 1 / 192, -1 / 640, 17 / 14336, -31 / 18432, 691 / 180224)
_DIGAMMA_SERIES = (-1 / 12, 1 / 120, -1 / 252, 1 / 240, -1 / 132, 691 / 32760)


def log_gamma_drop(z, drop):
    """Return log Gamma(z) - log Gamma(z - drop) for 0 <= drop <= 1 and z > drop.

    Every term is proportional to `drop`, so the relative accuracy survives tiny drops and z
    as large as 1e18.

    Examples
    --------
    >>> float(log_gamma_drop(5.0, 1.0))    # log 4
    1.3862943611
    """
    z, drop = np.asarray(z, dtype=np.float64), np.asarray(drop, dtype=np.float64)
    shifted = sum(np.log1p(-drop / (z + k)) for k in range(_SHIFT))
    w = z + _SHIFT
    v = w - drop
    p, r = 1 / w, 1 / v
    step = drop * p * r  # r - p without the subtraction
    stirling = drop * np.log(w) - (drop + (v - 0.5) * np.log1p(-drop / w))
    cubes = r * r + r * p + p * p
    fifths = r**4 + r**3 * p + (r * p) ** 2 + r * p**3 + p**4
    return stirling - step * (1 / 12 - cubes / 360 + fifths / 1260) + shifted


def log_half_ratio(x):
    """Return log(Gamma(x + 1/2) / (Gamma(x) sqrt(x))) for x > 0; it tends to -1/(8x).

    Examples
    --------
    >>> float(log_half_ratio(0.5))    # -log(pi)/2 + log(2)/2
    -0.2257913526
    """
    x = np.asarray(x, dtype=np.float64)
    shifted = sum(np.log1p(0.25 / ((x + k) * (x + k + 1))) for k in range(_HALF_SHIFT))
    inverse = 1 / (x + _HALF_SHIFT)
    return inverse * np.polynomial.polynomial.polyval(inverse**2, _HALF_SERIES) - 0.5 * shifted


def digamma_minus_log(x):
    """Return digamma(x) - log(x) for x > 0; it tends to -1/(2x).

    Examples
    --------
    >>> float(digamma_minus_log(1.0))    # minus Euler's constant
    -0.5772156649
    """
    x = np.asarray(x, dtype=np.float64)
    near = np.minimum(x, 32.0)
    direct = special.digamma(near) - np.log(near)
    inverse = 1 / np.maximum(x, 16.0)
    square = inverse**2
    tail = square * np.polynomial.polynomial.polyval(square, _DIGAMMA_SERIES)
    return np.where(x < 16.0, direct, tail - 0.5 * inverse)[()]
