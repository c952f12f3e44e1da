"""Exact accuracy of the averaging (Hebbian) classifier at finite size and dimension."""

import numpy as np
from scipy.special import log1p

from theory._binomial import binomial_mass, binomial_range
from theory._domain import count, real

__all__ = ["averaging_accuracy", "expected_averaging_accuracy"]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(20)
_EDGES = np.array([0, 0.5, 1, 2, 3, 4, 6, 8, 12, 16, 32])  # in widths of the peak
_CHUNK = 2048  # elements per pass: bounds the memory
_HUGE = 1e50  # separations beyond give 0 or 1


def _saddle(separation, dim, shift):
    """Minimiser of the exponent on the real axis, and its curvature there."""
    less, more = 0.5 * (separation - shift) ** 2, 0.5 * (separation + shift) ** 2
    low = np.zeros_like(more)
    high = 0.5 * np.log1p(more / dim)
    for _ in range(60):
        w = 0.5 * (low + high)
        grow = np.exp(2 * w)
        rising = dim * np.tanh(w) + 0.5 * (less * grow - more / grow) > 0
        low, high = np.where(rising, low, w), np.where(rising, w, high)
    grow = np.exp(2 * high)
    return high, dim / np.cosh(high) ** 2 + less * grow + more / grow


def _log_cosh(w):
    """Principal log cosh w for |Im w| <= pi/2, exact near 0."""
    square = np.sinh(w) ** 2
    return np.where(np.abs(square) < 0.5, 0.5 * log1p(square), np.log(np.cosh(w)))


def _exponent(separation, dim, shift, w):
    """K(w), in the form that loses nothing for nearly equal, or very unequal, chi-squared laws."""
    near = 0.5 * (separation**2 + shift**2) * np.sinh(w) ** 2
    near = near - 0.5 * separation * shift * np.sinh(2 * w)
    less, more = 0.5 * (separation - shift) ** 2, 0.5 * (separation + shift) ** 2
    far = 0.25 * (less * np.expm1(2 * w) + more * np.expm1(-2 * w))
    return dim * _log_cosh(w) + np.where(w.real < 0.5, near, far)


def _minority(separation, dim, shift):
    """P(chi'^2_d(l-) < chi'^2_d(l+)) for l+- = (separation -+ shift)^2/2, shift >= 0: at most 1/2.

    The characteristic function of the difference, at the argument tanh(w)/2, is exp(K(w)) with
    K(w) = d log cosh w + (separation^2 + shift^2) sinh^2(w)/2 - separation shift sinh(2 w)/2.
    The inversion integral runs through the saddle point of K, right of the pole at w = 0, to the
    ends +-i pi/2 of a strip.
    """
    point, curvature = _saddle(separation, dim, shift)
    width = 1 / np.sqrt(curvature)
    radius = np.maximum(point, width)
    edges = np.minimum(width[:, None] * _EDGES, 0.5 * np.pi)
    edges = np.concatenate([edges, np.full((len(width), 1), 0.5 * np.pi)], axis=1)
    half = 0.5 * np.diff(edges)[..., None]  # (elements, panels, 1)
    y = 0.5 * (edges[:, :-1, None] + edges[:, 1:, None]) + half * _NODES
    separation, dim, shift, radius = (
        x[:, None, None] for x in (separation, dim, shift, radius)
    )
    w = radius * np.cos(y) + 1j * y
    path = 1j - radius * np.sin(y)
    value = np.exp(_exponent(separation, dim, shift, w)) * path / (np.sinh(w) * np.cosh(w))
    total = np.sum(half * _WEIGHTS * value.imag, axis=(1, 2)) / np.pi
    return np.where(np.isnan(total), 0.0, total)  # underflow of every node


def _accuracy(separation, dim, shift):
    """Accuracy for a weight vector N(shift w*, I), all arguments of one shape."""
    shape = shift.shape
    separation, dim, shift = (
        np.broadcast_to(x, shape).ravel() for x in (separation, dim, shift)
    )
    out = np.empty(shift.shape)
    with np.errstate(all="ignore"):  # far nodes underflow
        for start in range(0, out.size, _CHUNK):
            part = slice(start, start + _CHUNK)
            small = _minority(separation[part], dim[part], np.abs(shift[part]))
            small = np.clip(small, 0.0, 0.5)
            out[part] = np.where(shift[part] < 0, small, 1 - small)
    return np.where(separation * shift == 0, 0.5, out).reshape(shape)


def averaging_accuracy(separation, dim, n, surplus):
    """Expected accuracy of the averaging classifier, given the surplus of right labels.

    With D = surplus, the weight vector sum_i y'_i x_i is sqrt(n) times N((kappa D/sqrt n) w*, I)
    exactly, and

    .. math:: E\\,acc = P\\bigl(\\chi'^2_d(\\lambda_+) > \\chi'^2_d(\\lambda_-)\\bigr), \\quad
        \\lambda_\\pm = \\tfrac12 \\Bigl(\\kappa \\pm \\frac{\\kappa D}{\\sqrt n}\\Bigr)^2

    (two independent noncentral chi-squared variables). The effective sample size is D^2/n. It is
    also the law of the logistic classifier under a ridge that grows without bound.

    Claim: BPX-7.

    Source: ours; the model of Feng et al. 2025, Section 4, at finite N and d.

    Assumes: x given y = +-1 is N(y mu, sigma_x^2 I); labels are wrong independently of x given y.

    Parameters
    ----------
    separation : array_like
        kappa = |mu|/sigma_x, in [0, inf).
    dim : array_like
        Dimension d, a whole number >= 1.
    n : array_like
        Number of kept items, a whole number >= 1.
    surplus : array_like
        Right minus wrong labels among them, in [-n, n].

    Returns
    -------
    float or ndarray
        Accuracy against the labels, exact; relative error below 1e-12.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> float(averaging_accuracy(1.5, 20, 60, 14))
    0.77520061246
    """
    separation = np.minimum(real("separation", separation, 0), _HUGE)
    dim, n = count("dim", dim, 1).astype(np.float64), count("n", n, 1).astype(np.float64)
    surplus = real("surplus", surplus)
    separation, dim, n, surplus = np.broadcast_arrays(separation, dim, n, surplus)
    if np.any(np.abs(surplus) > n):
        first = np.argmax(np.abs(surplus) > n)
        raise ValueError(
            f"surplus = {surplus.flat[first]:g}: must lie in [-n, n] with n = {n.flat[first]:g}"
        )
    return _accuracy(separation, dim, separation * (surplus / np.sqrt(n)))[()]


def expected_averaging_accuracy(separation, dim, n, precision):
    """Expected accuracy of the averaging classifier on n kept items of a given precision.

    .. math:: E\\,acc = \\sum_g \\operatorname{Bin}(g; n, precision)\\, acc(D = 2 g - n)

    with `averaging_accuracy` in the sum: the exact transition curve at finite n and d.

    Claim: BPX-7, BPX-3.

    Source: ours; the model of Feng et al. 2025, Section 4, at finite N and d.

    Assumes: as `averaging_accuracy`; each kept item is right with probability `precision`,
    independently.

    Parameters
    ----------
    separation : array_like
        |mu|/sigma_x, in [0, inf).
    dim : array_like
        Dimension d, a whole number >= 1.
    n : array_like
        Number of kept items, a whole number >= 1; the cost grows like its square root.
    precision : array_like
        Share of right items among the kept, in [0, 1].

    Returns
    -------
    float or ndarray
        Accuracy against the labels, exact; relative error below 1e-11.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> float(expected_averaging_accuracy(1.5, 20, 60, 0.5))
    0.5
    >>> float(expected_averaging_accuracy(1.5, 20, 60, 0.7))
    0.84570...
    """
    separation, dim, n, precision = np.broadcast_arrays(
        np.minimum(real("separation", separation, 0), _HUGE),
        count("dim", dim, 1).astype(np.float64),
        count("n", n, 1).astype(np.float64),
        real("precision", precision, 0, 1),
    )
    shape = n.shape
    separation, dim, n, precision = (x.reshape(-1, 1) for x in (separation, dim, n, precision))
    first, last = binomial_range(n, precision)
    block = max(1, 8 * _CHUNK // max(len(n), 1))
    total = np.zeros(len(n))
    for start in np.arange(0.0, (last - first).max(initial=0.0) + 1, block):
        stop = min(start + block, (last - first).max() + 1)
        right = first + np.arange(start, stop)  # (elements, block)
        inside, right = right <= last, np.minimum(right, n)
        accuracy = _accuracy(separation, dim, separation * ((2 * right - n) / np.sqrt(n)))
        mass = binomial_mass(right, n, precision)
        total += np.sum(np.where(inside, mass * accuracy, 0.0), axis=1)
    return np.minimum(total, 1.0).reshape(shape)[()]
