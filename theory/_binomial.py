"""Binomial masses to full accuracy for any number of trials."""

import math

import numpy as np
from scipy.special import gammaln

__all__ = ["binomial_mass", "binomial_range"]

_LOG_ROOT_TAU = 0.5 * math.log(2 * math.pi)
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360)


def _stirling_error(n):
    """Log n! minus Stirling's approximation of it, for n > 0."""
    small, large = np.minimum(n, 15.0), np.maximum(n, 15.0)
    direct = gammaln(small + 1) - (small + 0.5) * np.log(small) + small - _LOG_ROOT_TAU
    series = np.polynomial.polynomial.polyval(1 / large**2, _STIRLING) / large
    return np.where(n < 15, direct, series)


def _deviance(x, mean):
    """Return x log(x/mean) + mean - x, without cancellation near x = mean (x, mean > 0)."""
    v = (x - mean) / (x + mean)
    near = np.abs(v) < 0.1
    square = np.where(near, v, 0.0) ** 2
    total, term = (x - mean) * v, 2 * x * v
    for odd in range(3, 19, 2):  # log(x/mean) = 2 artanh v; what is left out is below an ulp
        term = term * square
        total = total + term / odd
    with np.errstate(over="ignore"):
        far = x * np.log1p((x - mean) / mean) - (x - mean)
    return np.where(near, total, far)


def binomial_mass(m, n, probability):
    """P(Bin(n, probability) = m) for whole 0 <= m <= n (Loader's saddle-point form)."""
    inner = (m > 0) & (m < n) & (probability > 0) & (probability < 1)
    k, size, p = (np.where(inner, x, y) for x, y in ((m, 1.0), (n, 2.0), (probability, 0.5)))
    log_mass = _stirling_error(size) - _stirling_error(k) - _stirling_error(size - k)
    log_mass -= _deviance(k, size * p) + _deviance(size - k, size * (1 - p))
    log_mass += 0.5 * np.log(size / (2 * math.pi * k * (size - k)))
    with np.errstate(divide="ignore", invalid="ignore", under="ignore"):
        none = np.where(n == 0, 1.0, np.exp(n * np.log1p(-probability)))
        every = np.where(n == 0, 1.0, np.exp(n * np.log(probability)))
        value = np.where(inner, np.exp(log_mass), 0.0)
    return np.where(m == 0, none, np.where(m == n, every, value))


def binomial_range(n, probability):
    """First and last m outside which Bin(n, probability) has mass below 1e-18 (Bernstein)."""
    mean = n * probability
    half = 9.2 * np.sqrt(mean * (1 - probability)) + 30
    return np.maximum(np.floor(mean - half), 0.0), np.minimum(np.ceil(mean + half), n)
