"""Accuracy of the averaging classifier when the number of kept items is random as well."""

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.stats import binom

from theory.breakdown import averaging_accuracy

__all__ = ["averaging_curve"]

_NODES, _WIDTHS, _LARGE = 320, 6.5, 10**8


def _by_shift(separation, dim, largest):
    """Return the accuracy as a function of the shift kappa D / sqrt(n) in [-largest, largest].

    All that a classifier's accuracy depends on, besides kappa and d, is that shift, so that one
    spline serves all counts; it is off by less than 1e-8.
    """
    scale = np.sqrt(dim)
    shift = scale * np.sinh(np.linspace(0.0, np.arcsinh(largest / scale), _NODES))
    shift[-1] = largest
    size = np.maximum(_LARGE, np.ceil((largest / separation) ** 2)).astype(np.int64)
    values = averaging_accuracy(separation, dim, size, shift * np.sqrt(size) / separation)
    spline = CubicSpline(shift, values)

    def accuracy(at):
        found = spline(np.abs(at))
        return np.where(at < 0, 1 - found, found)

    return accuracy


def _support(count, chance):
    """Return the whole numbers that carry a binomial law."""
    spread = np.sqrt(count * chance * (1 - chance))
    low = np.maximum(np.floor(count * chance - _WIDTHS * spread - 8), 0)
    high = np.minimum(np.ceil(count * chance + _WIDTHS * spread + 8), count)
    return np.arange(low, high + 1)


def _expected(accuracy, separation, proposed, retention, precision):
    kept = _support(proposed, retention)[:, None]  # (n, 1)
    kept = kept[kept[:, 0] > 0]
    wrong = np.round(kept * (1 - precision))
    spread = np.sqrt(kept.max(initial=1) * precision * (1 - precision))
    wrong = wrong + np.arange(-np.ceil(_WIDTHS * spread + 8), np.ceil(_WIDTHS * spread + 9))
    surplus = np.clip(kept - 2 * wrong, -kept, kept)  # (n, w); the mass outside is 0
    weights = binom.pmf(kept, proposed, retention) * binom.pmf(wrong, kept, 1 - precision)
    return np.sum(weights * accuracy(separation * surplus / np.sqrt(kept))) + (
        1 - weights.sum()
    ) / 2


def averaging_curve(separation, dim, proposed, rates):
    """Return the expected accuracy after pruning `proposed` items, for arrays in `rates`.

    The numbers of kept and of wrong items are binomial; where nothing is kept it is 1/2.
    """
    accuracy = _by_shift(separation, dim, separation * np.sqrt(proposed))
    retention, precision = np.broadcast_arrays(rates.retention, rates.precision)
    return np.array([
        _expected(accuracy, separation, proposed, s, right)
        for s, right in zip(retention.ravel(), precision.ravel())
    ]).reshape(retention.shape)
