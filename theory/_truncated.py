"""Cumulants of a unit Gaussian seen through a window, to nearly full relative accuracy.

For offset d and half width b the kept draw u has the density exp(d u - u^2/2) on [-b, b]. By
symmetry d >= 0. Three ways, each where nothing cancels:

    tails     the window cuts little: closed forms in the two edge densities
    even      d b <= 1: the even density cosh(d t) exp(-t^2/2) on [0, b], times tanh
    edge      otherwise: Gauss-Legendre in the distance s = b - u from the near edge, over the
              part of the window that carries weight
"""

import math

import numpy as np
from scipy import special

__all__ = ["edge_moments", "log_acceptance", "window_cumulants"]

_LOG_ROOT_2PI = 0.5 * math.log(2 * math.pi)
_FAR = 60.0  # beyond this many sigmas an edge has no weight in double precision
_EXPONENT = 45.0  # the edge density is dropped below exp(-45) of its value at the edge
_BLOCK = 1024  # elements at a time, so that the quadrature stays in the cache


def _unit_rule(count):
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return (1 + nodes) / 2, weights / 2


_EVEN_NODES, _EVEN_WEIGHTS = _unit_rule(14)
_EDGE_NODES, _EDGE_WEIGHTS = _unit_rule(32)


def window_cumulants(offset, half_width):
    """Return (log acceptance, mean, pull, slope, 1 - slope, third, fourth) of the kept draw.

    The rows of the result have the broadcast shape of the arguments; `slope` is the variance.

    Examples
    --------
    >>> window_cumulants(0.5, 1.0)[:4]
    array([-0.47056, 0.14373, 0.35627, 0.28025])
    """
    d, b = np.broadcast_arrays(offset, half_width)
    shape, negative = d.shape, d.ravel() < 0
    d, b = np.abs(d).ravel(), b.ravel()
    out = np.empty((7, d.size))
    wide = _is_wide(d, b)
    with np.errstate(over="ignore", invalid="ignore"):
        even = ~wide & (d * b <= 1)
    for chosen, method in ((wide, _from_tails), (even, _from_even), (~wide & ~even, _from_edge)):
        index = np.flatnonzero(chosen)
        for start in range(0, index.size, _BLOCK):
            block = index[start : start + _BLOCK]
            out[:, block] = method(d[block], b[block])
    for odd in (1, 2, 5):
        out[odd] = np.where(negative, -out[odd], out[odd])
    return out.reshape(7, *shape)


def log_acceptance(offset, half_width):
    """Return the log probability that a draw from N(offset, 1) lies in [-b, b].

    Examples
    --------
    >>> float(log_acceptance(50.0, 1.0))
    -1205.3111748917
    """
    return window_cumulants(offset, half_width)[0]


def _tails(d, b):
    return special.ndtr(d - b) + special.ndtr(-b - d)


def _is_wide(d, b):
    return (b > 1.5) & (_tails(d, b) < 0.2)


def _from_tails(d, b):
    tails = _tails(d, b)
    near, far = np.minimum(b - d, _FAR), np.minimum(b + d, _FAR)
    with np.errstate(over="ignore"):
        product = np.minimum(np.minimum(b, 1e150) * d, 1e4)
    ratio, gap = np.exp(-2 * product), -np.expm1(-2 * product)  # far over near edge density
    edge = np.exp(-(near**2) / 2 - _LOG_ROOT_2PI) / (1 - tails)
    # Derivatives of the log acceptance: odd ones carry the factor d through `gap`.
    pull = edge * gap
    second = -edge * (near + far * ratio)
    third = edge * (4 * product * ratio - (near**2 - 1) * gap)
    fourth = edge * ((3 * near - near**3) + (3 * far - far**3) * ratio)
    lost = pull**2 - second
    kappa3 = third + 3 * pull * second - 2 * pull**3
    kappa4 = fourth + 4 * pull * third - 3 * second**2 + 12 * pull**2 * second - 6 * pull**4
    return np.log1p(-tails), d - pull, pull, 1 - lost, lost, kappa3, kappa4


def _from_even(d, b):
    t = _EVEN_NODES * b[:, None]  # (N, K)
    weight = _EVEN_WEIGHTS * np.cosh(d[:, None] * t) * np.exp(-(t**2) / 2)
    total = weight.sum(axis=1)
    weight /= total[:, None]
    square, lean = _EVEN_NODES**2, _EVEN_NODES * np.tanh(d[:, None] * t)
    mean = np.einsum("nk,nk->n", weight, lean)
    second = weight @ square
    third = np.einsum("nk,nk,k->n", weight, lean, square)
    variance = second - mean**2
    kappa3 = third - 3 * mean * second + 2 * mean**3
    kappa4 = weight @ square**2 - 4 * mean * third + 6 * mean**2 * second - 3 * mean**4
    kappa4 -= 3 * variance**2
    with np.errstate(over="ignore"):
        log_z = np.log(2 * b) - _LOG_ROOT_2PI + np.log(total) - d * d / 2
    slope = b**2 * variance
    return log_z, b * mean, d - b * mean, slope, 1 - slope, b**3 * kappa3, b**4 * kappa4


def edge_moments(rate, length):
    """Return (log integral, mean, variance, third, fourth cumulant) of s on [0, length].

    The density is proportional to exp(-rate s - s^2/2), for rate >= -1.5 and length <= inf.

    Examples
    --------
    >>> [round(float(x), 6) for x in edge_moments(np.array([0.0]), np.array([np.inf]))[1:3, 0]]
    [0.797885, 0.36338]
    """
    half = rate / 2
    reach = np.minimum(length, _EXPONENT / (half + np.hypot(half, math.sqrt(_EXPONENT / 2))))
    x = _EDGE_NODES
    slope, bend = (reach * rate)[:, None], (reach**2 / 2)[:, None]
    weight = _EDGE_WEIGHTS * np.exp(-x * (slope + bend * x))  # (N, K)
    total = weight.sum(axis=1)
    weight /= total[:, None]
    mean = weight @ x
    away = x - mean[:, None]
    square = away**2
    variance = np.einsum("nk,nk->n", weight, square)
    third = np.einsum("nk,nk,nk->n", weight, square, away)
    fourth = np.einsum("nk,nk,nk->n", weight, square, square) - 3 * variance**2
    log_integral = np.log(total) + np.log(reach)
    return np.stack(
        [log_integral, reach * mean, reach**2 * variance, reach**3 * third, reach**4 * fourth]
    )


def _from_edge(d, b):
    rate = d - b
    log_integral, distance, slope, third, fourth = edge_moments(rate, 2 * b)
    with np.errstate(over="ignore"):
        log_z = log_integral - _LOG_ROOT_2PI - rate**2 / 2
    return log_z, b - distance, rate + distance, slope, 1 - slope, -third, fourth
