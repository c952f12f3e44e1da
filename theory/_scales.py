"""The scales of the Gaussian selection model, free of cancellation and of overflow.

Generator N(theta, sigma^2 I), reward exp(-|x|^2 / (2 kappa^2)). All formulas of the model rest on
the log growth factor L = ln(1 + sigma^2/kappa^2), on hypot(sigma, kappa), and on the standard
deviation of a kept sample; powers of exp(-L) are taken in log space only.
"""

import numpy as np

from theory._domain import real

__all__ = [
    "distance",
    "geometric_sum",
    "kept_deviation",
    "log_growth",
    "norm",
    "points",
    "rounds_left",
    "shrinkage_after",
    "widths",
]


def widths(sigma, kappa):
    """Return generator and reward width as checked arrays."""
    return real("sigma", sigma, 0, low_open=True), real("kappa", kappa, 0, low_open=True)


def points(name, value):
    """Return points of shape (..., d) as a checked array; a scalar is a point with d = 1."""
    array = np.atleast_1d(real(name, value))
    if array.shape[-1] == 0:
        raise ValueError(f"{name} has shape {array.shape}: must have at least one coordinate")
    return array


def norm(vectors):
    """Return the Euclidean norm over the last axis, without overflow of the squares."""
    largest = np.abs(vectors).max(axis=-1, keepdims=True)
    unit = np.where(largest > 0, largest, 1.0)
    return (unit * np.sqrt(np.sum((vectors / unit) ** 2, axis=-1, keepdims=True)))[..., 0]


def distance(vectors, unit):
    """Return the norm in units of `unit`, at most the largest float: times 0 it is still 0."""
    with np.errstate(over="ignore", under="ignore"):
        return np.minimum(norm(vectors) / unit, np.finfo(np.float64).max)


def log_growth(sigma, kappa):
    """Return L = ln(1 + (sigma/kappa)^2), right even where the square over- or underflows."""
    with np.errstate(over="ignore", under="ignore", divide="ignore"):
        ratio = sigma / kappa
        large = 2 * (np.log(sigma) - np.log(kappa))
        return np.where(ratio < 1e150, np.log1p(np.minimum(ratio, 1e150) ** 2), large)


def kept_deviation(sigma, kappa):
    """Return the standard deviation of a kept sample, sigma kappa / hypot(sigma, kappa)."""
    low, high = np.minimum(sigma, kappa), np.maximum(sigma, kappa)
    return low / np.hypot(1.0, low / high)


def shrinkage_after(rounds, growth):
    """Return rho^rounds = exp(-rounds L) for L = `growth`."""
    with np.errstate(under="ignore"):
        return np.exp(-rounds * growth)


def geometric_sum(growth, rounds):
    """Return (1 - rho^T) / (1 - rho) for rho = exp(-`growth`); T in the limit rho -> 1."""
    rounds = np.asarray(rounds, dtype=np.float64)
    steps = np.where(growth > 0, growth, 1.0)
    with np.errstate(under="ignore"):
        return np.where(growth > 0, np.expm1(-rounds * steps) / np.expm1(-steps), rounds)


def rounds_left(rounds):
    """Return T-1-t for t = 0..T-1: how often round t's noise is still to be shrunk."""
    return np.arange(rounds - 1, -1, -1, dtype=np.float64)
