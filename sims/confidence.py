"""Intervals, confidence sequences and z tests for what simulations measure.

Everything here is about bounded variables, or about any variable with a standard error: it knows
no theorem about loops.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainccinv, betaincinv, ndtr, ndtri

from sims import _check

__all__ = [
    "ZTest",
    "betting_sequence",
    "clopper_pearson",
    "empirical_bernstein_sequence",
    "z_of_mean",
    "z_of_variance",
    "z_test",
    "z_threshold",
]

_BLOCK = 2**21  # entries of the betting table that are in memory at a time


def clopper_pearson(successes, trials, confidence=0.95, side="both"):
    """Return the exact interval for the probability behind a binomial count.

    Source: Clopper and Pearson (1934).

    Parameters
    ----------
    successes, trials : arrays of whole numbers, 0 <= successes <= trials
        They broadcast.
    confidence : float in (0, 1)
        Least probability of covering the truth, whatever it is.
    side : {"both", "low", "high"}
        Two equal tails, or a bound from one side (the other one is trivial).

    Returns
    -------
    (low, high) : arrays

    Raises
    ------
    ValueError
        For counts or options outside of their domain.

    Examples
    --------
    >>> low, high = clopper_pearson([0, 5, 10], 10)
    >>> low.round(4), high.round(4)
    (array([0.    , 0.1871, 0.6915]), array([0.3085, 0.8129, 1.    ]))
    """
    k, n = np.broadcast_arrays(
        _check.numbers("successes", successes, "[0, inf)"),
        _check.numbers("trials", trials, "[0, inf)"))
    if not ((k <= n) & (k == np.floor(k)) & (n == np.floor(n))).all():
        raise ValueError("successes: must be whole numbers <= trials")
    confidence = _check.number("confidence", confidence, "(0, 1)")
    _check.option("side", side, ("both", "low", "high"))
    tail = (1.0 - confidence) / (2.0 if side == "both" else 1.0)
    low, high = np.zeros(k.shape), np.ones(k.shape)
    if side != "high":
        some = k > 0
        low[some] = betaincinv(k[some], n[some] - k[some] + 1.0, tail)
    if side != "low":
        some = k < n
        high[some] = betainccinv(k[some] + 1.0, n[some] - k[some], tail)
    return low[()], high[()]


def _unit_values(values, low, high, confidence):
    """Return the values as shares of the range, with low, width and log(2 / (1 - confidence))."""
    low, high = _check.number("low", low), _check.number("high", high)
    if not low < high:
        raise ValueError(f"high = {high:g}: must be > low = {low:g}")
    values = np.atleast_1d(_check.numbers("values", values, f"[{low!r}, {high!r}]"))
    confidence = _check.number("confidence", confidence, "(0, 1)")
    return (values - low) / (high - low), low, high - low, np.log(2.0 / (1.0 - confidence))


def _predictable(values, log_term):
    """Return the running mean before each value, and the bet that suits the variance so far.

    Source: Waudby-Smith and Ramdas (2024), equations (14) and (26).
    """
    before = np.arange(1, values.shape[-1] + 1)  # 1 + the number of values seen before
    sums = np.cumsum(values, axis=-1)
    mean = (0.5 + sums) / (before + 1.0)  # with this value
    squares = np.cumsum((values - mean) ** 2, axis=-1)
    variance = (0.25 + squares) / (before + 1.0)
    mean = np.concatenate([np.full_like(mean[..., :1], 0.5), mean[..., :-1]], axis=-1)
    variance = np.concatenate([np.full_like(mean[..., :1], 0.25), variance[..., :-1]], axis=-1)
    return mean, np.sqrt(2.0 * log_term / (variance * before * np.log1p(before)))


def empirical_bernstein_sequence(values, confidence=0.95, low=0.0, high=1.0):
    r"""Return a confidence sequence for the mean of bounded values, in closed form.

    The true mean lies in all of the intervals at once with at least the stated probability, so
    that looking at every moment, and stopping at any, costs nothing.

    Source: Waudby-Smith and Ramdas (2024), Theorem 2 (predictable plug-in empirical Bernstein).

    Assumes: each value lies in [low, high] and has the same mean given those before it.

    Parameters
    ----------
    values : (..., n) array
        One sequence a row.
    confidence : float in (0, 1)
        Least probability that the mean is never excluded.
    low, high : float
        Range of the values.

    Returns
    -------
    (lower, upper) : (..., n) arrays
        Limits after each value: intersections of the intervals so far. lower > upper says that
        the values have contradicted each other, which happens in the excepted cases only.

    Raises
    ------
    ValueError
        For values outside of the range.

    Examples
    --------
    >>> lower, upper = empirical_bernstein_sequence(np.tile([0.4, 0.6], 500))
    >>> bool(lower[-1] < 0.5 < upper[-1]), round(float(upper[-1] - lower[-1]), 4)
    (True, 0.0234)
    """
    shares, low, width, log_term = _unit_values(values, low, high, confidence)
    mean, bet = _predictable(shares, log_term)
    bet = np.minimum(bet, 0.5)
    penalty = (shares - mean) ** 2 * (-np.log1p(-bet) - bet)
    weight = np.cumsum(bet, axis=-1)
    centre = np.cumsum(bet * shares, axis=-1) / weight
    radius = (log_term + np.cumsum(penalty, axis=-1)) / weight
    lower = np.maximum.accumulate(np.maximum(centre - radius, 0.0), axis=-1)
    upper = np.minimum.accumulate(np.minimum(centre + radius, 1.0), axis=-1)
    return low + width * lower, low + width * upper


def betting_sequence(values, confidence=0.95, low=0.0, high=1.0, cells=1000):
    r"""Return a confidence sequence for the mean of bounded values, by betting against each mean.

    For each candidate mean two gamblers bet that the truth is above and below; a candidate is
    excluded once their joint capital has reached ``1 / (1 - confidence)``. The capital of the
    first falls with the candidate and that of the second rises, so that what is left is an
    interval; its ends are rounded outwards to the grid.

    Source: Waudby-Smith and Ramdas (2024), Theorem 3 (hedged capital process).

    Assumes: each value lies in [low, high] and has the same mean given those before it.

    Parameters
    ----------
    values : (..., n) array
        One sequence a row.
    confidence : float in (0, 1)
        Least probability that the mean is never excluded.
    low, high : float
        Range of the values.
    cells : int
        Number of cells of the grid of candidates, >= 2.

    Returns
    -------
    (lower, upper) : (..., n) arrays
        Limits after each value, as in `empirical_bernstein_sequence`, and mostly tighter.

    Raises
    ------
    ValueError
        For values outside of the range.

    Examples
    --------
    >>> lower, upper = betting_sequence(np.tile([0.4, 0.6], 500))
    >>> bool(lower[-1] < 0.5 < upper[-1]), round(float(upper[-1] - lower[-1]), 4)
    (True, 0.02)
    """
    shares, low, width, log_term = _unit_values(values, low, high, confidence)
    cells = _check.count("cells", cells, 2)
    _, bet = _predictable(shares, log_term)
    rows = shares.reshape(-1, shares.shape[-1])
    bet = bet.reshape(rows.shape)
    # A bet that the mean exceeds m is one that the complement stays below 1 - m.
    lower = _excluded_below(rows, bet, cells, log_term)
    upper = 1.0 - _excluded_below(1.0 - rows, bet, cells, log_term)
    return (low + width * lower).reshape(shares.shape), (low + width * upper).reshape(shares.shape)


def _excluded_below(rows, bet, cells, log_term):
    """Return, after each value, the largest grid point whose upward gambler has won so far."""
    count, length = rows.shape
    grid = np.arange(1, cells) / cells
    limit = np.empty(rows.shape)
    capital = np.zeros((count, 1, cells - 1))  # logarithms
    reached = np.zeros((count, 1))
    block = max(_BLOCK // max(count * cells, 1), 1)
    for start in range(0, length, block):
        now = slice(start, start + block)
        stake = np.minimum(bet[:, now, None], 0.5 / grid)
        gains = np.log1p(stake * (rows[:, now, None] - grid))
        history = capital + np.cumsum(gains, axis=1)
        won = history >= log_term  # half of the capital is on this side: 2 / (1 - confidence)
        # The capital falls along the grid, so that the number of winners is the last one's place.
        place = np.maximum.accumulate(
            np.concatenate([reached, won.sum(axis=-1) / cells], axis=1), axis=1)[:, 1:]
        limit[:, now] = place
        capital, reached = history[:, -1:], place[:, -1:]
    return limit


@dataclass(frozen=True, slots=True)
class ZTest:
    """Outcome of comparing estimates with what they should be.

    Attributes
    ----------
    estimate, expected, standard_error : arrays
        What was compared.
    z : array
        (estimate - expected) / standard_error.
    threshold : float
        Largest \\|z\\| that passes.
    error : float
        Bound on the probability that any comparison fails although all expectations are true,
        for normal estimates.
    """

    estimate: np.ndarray
    expected: np.ndarray
    standard_error: np.ndarray
    z: np.ndarray
    threshold: float
    error: float

    @property
    def holds(self):
        """Whether every comparison passes."""
        return bool((np.abs(self.z) < self.threshold).all())

    def __bool__(self):
        """Tell whether every comparison passes."""
        return self.holds


def z_threshold(error, comparisons=1):
    """Return the threshold at which this many z tests raise a false alarm with at most `error`.

    Parameters
    ----------
    error : float in (0, 1)
        Probability of any false alarm.
    comparisons : int
        Number of comparisons, >= 1.

    Returns
    -------
    float

    Examples
    --------
    >>> round(z_threshold(0.05), 4), round(z_threshold(1e-6, 100), 4)
    (1.96, 5.7307)
    """
    comparisons = _check.count("comparisons", comparisons, 1)
    return float(-ndtri(_check.number("error", error, "(0, 1)") / (2.0 * comparisons)))


def z_test(estimate, expected, standard_error, threshold=4.5):
    """Compare estimates with expectations in units of the standard error.

    Parameters
    ----------
    estimate, expected, standard_error : arrays
        They broadcast. A standard error of 0 asks for equality.
    threshold : float > 0
        Largest z that passes; 4.5 has an error of 7e-6 a comparison.

    Returns
    -------
    ZTest
        True when all comparisons pass; a nan never passes.

    Examples
    --------
    >>> test = z_test([1.0, 2.1], [1.0, 2.0], 0.05)
    >>> test.z.round(3), test.holds, round(test.error, 7)
    (array([0., 2.]), True, 1.36e-05)
    """
    threshold = _check.number("threshold", threshold, "(0, inf)")
    estimate, expected, standard_error = np.broadcast_arrays(
        *(np.asarray(a, dtype=np.float64) for a in (estimate, expected, standard_error)))
    difference = estimate - expected
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(difference == 0.0, 0.0, difference / standard_error)
    error = min(1.0, z.size * 2.0 * float(ndtr(-threshold)))
    return ZTest(estimate, expected, standard_error, z, threshold, error)


def z_of_mean(sample, expected, threshold=4.5, axis=0):
    """Compare the means of samples with expectations.

    Parameters
    ----------
    sample : array
        Independent replicates along `axis`, at least two.
    expected : array
        Means.
    threshold : float > 0
        As in `z_test`.
    axis : int
        Axis of the replicates.

    Returns
    -------
    ZTest

    Examples
    --------
    >>> z_of_mean(np.random.default_rng(0).normal(3.0, 1.0, 1000), 3.0).holds
    True
    """
    sample = np.asarray(sample, dtype=np.float64)
    size = sample.shape[axis]
    spread = sample.std(axis=axis, ddof=1)
    return z_test(sample.mean(axis=axis), expected, spread / np.sqrt(size), threshold)


def z_of_variance(sample, expected, threshold=4.5, axis=0):
    """Compare the variances of samples with expectations.

    The standard error comes from the fourth central moment of the sample.

    Parameters
    ----------
    sample : array
        Independent replicates along `axis`, at least two.
    expected : array
        Variances.
    threshold : float > 0
        As in `z_test`.
    axis : int
        Axis of the replicates.

    Returns
    -------
    ZTest

    Examples
    --------
    >>> z_of_variance(np.random.default_rng(0).normal(3.0, 2.0, 1000), 4.0).holds
    True
    """
    sample = np.asarray(sample, dtype=np.float64)
    size = sample.shape[axis]
    variance = sample.var(axis=axis, ddof=1)
    fourth = ((sample - sample.mean(axis=axis, keepdims=True)) ** 4).mean(axis=axis)
    squared_error = np.maximum(fourth - (size - 3.0) / (size - 1.0) * variance**2, 0.0) / size
    return z_test(variance, expected, np.sqrt(squared_error), threshold)
