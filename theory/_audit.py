"""What a labelled sample says about a verifier, and how large a sample must be."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, betainccinv, betaincinv, expit, ndtri

from theory._domain import choice, count, real

__all__ = ["Audit", "audit", "required_audit_size"]


@dataclass(frozen=True, slots=True)
class Audit:
    """Rates of a verifier measured on a labelled sample, with confidence limits.

    Parameters
    ----------
    p : float or ndarray
        Error rate of the generator; meaningful if the sample is not stratified.
    phi, psi : float or ndarray
        Acceptance rates of right and of wrong items; nan without such items.
    p_star : float or ndarray
        Breakdown point phi/(phi + psi); nan where undefined.
    low, high : float or ndarray
        Confidence limits of `p_star`.
    precision : float or ndarray
        Share of right items among the accepted ones; nan if none was accepted.
    precision_low, precision_high : float or ndarray
        Exact (Clopper-Pearson) confidence limits of `precision`.
    verdict : str or ndarray
        "below" the breakdown (right items prevail among the accepted), "above", or "undecided",
        by the exact two-sided test of precision 1/2.
    """

    p: float | np.ndarray
    phi: float | np.ndarray
    psi: float | np.ndarray
    p_star: float | np.ndarray
    low: float | np.ndarray
    high: float | np.ndarray
    precision: float | np.ndarray
    precision_low: float | np.ndarray
    precision_high: float | np.ndarray
    verdict: str | np.ndarray


def _share(part, rest):
    with np.errstate(invalid="ignore"):
        return np.divide(part, part + rest)


def _clopper_pearson(hits, misses, alpha):
    """Exact limits of a proportion, error alpha/2 on either side; [0, 1] without data."""
    low = betaincinv(np.maximum(hits, 1), misses + 1, alpha / 2)
    high = betainccinv(hits + 1, np.maximum(misses, 1), alpha / 2)
    return np.where(hits == 0, 0.0, low), np.where(misses == 0, 1.0, high)


def _delta_limits(cells, alpha):
    """Limits of p* from the normal law of log(phi/psi); 1/2 is added to tables with a zero."""
    table = np.stack(cells).astype(np.float64)
    right_kept, right_dropped, wrong_kept, wrong_dropped = table + 0.5 * (table == 0).any(axis=0)
    phi, psi = _share(right_kept, right_dropped), _share(wrong_kept, wrong_dropped)
    spread = np.sqrt((1 - phi) / right_kept + (1 - psi) / wrong_kept)
    centre, half = np.log(phi) - np.log(psi), -ndtri(alpha / 2) * spread
    return expit(centre - half), expit(centre + half)


def _exact_limits(cells, alpha):
    """Limits of p* from limits of phi and psi of error alpha/2 each."""
    right_kept, right_dropped, wrong_kept, wrong_dropped = cells
    phi_low, phi_high = _clopper_pearson(right_kept, right_dropped, alpha / 2)
    psi_low, psi_high = _clopper_pearson(wrong_kept, wrong_dropped, alpha / 2)
    return phi_low / (phi_low + psi_high), phi_high / (phi_high + psi_low)


def audit(right_kept, right_dropped, wrong_kept, wrong_dropped, confidence=0.95, method="delta"):
    """Rates of a verifier and its breakdown point p*, from a sample whose truth is known.

    logit p* = log phi - log psi has standard error sqrt((1 - phi)/n11 + (1 - psi)/n01), with n11,
    n01 the right and wrong items kept. The verdict needs the accepted items only.

    Claim: BPX-10, BPX-P.

    Source: Feng et al. 2025, equation (3) and Theorem 4.2; the limits are ours.

    Assumes: independent items; p needs a sample that is not stratified by correctness.

    Parameters
    ----------
    right_kept, right_dropped, wrong_kept, wrong_dropped : array_like
        Counts of the items of each kind, broadcast.
    confidence : array_like, optional
        Confidence level, in (0, 1).
    method : {"delta", "exact"}, optional
        Limits of p*: asymptotic (1/2 is added to all cells of a table with a zero cell, and the
        estimate is kept inside), or exact and conservative.

    Returns
    -------
    Audit
        Estimates, limits and verdict; limits are [0, 1] where p* is undefined.

    Raises
    ------
    ValueError
        If a count is not a whole number >= 0, or another argument is out of range.

    Examples
    --------
    >>> result = audit(60, 10, 8, 22)
    >>> float(result.p_star), float(result.low), float(result.high)
    (0.7627..., 0.6379..., 0.8542...)
    >>> result.verdict
    'below'
    """
    cells = np.broadcast_arrays(
        count("right_kept", right_kept), count("right_dropped", right_dropped),
        count("wrong_kept", wrong_kept), count("wrong_dropped", wrong_dropped),
    )
    alpha = 1 - real("confidence", confidence, 0, 1, low_open=True, high_open=True)
    choice("method", method, ("delta", "exact"))
    right_kept, right_dropped, wrong_kept, wrong_dropped = cells
    phi, psi = _share(right_kept, right_dropped), _share(wrong_kept, wrong_dropped)
    p_star = _share(phi, psi)
    low, high = (_delta_limits if method == "delta" else _exact_limits)(cells, alpha)
    low = np.where(np.isnan(p_star), 0.0, np.fmin(low, p_star))
    high = np.where(np.isnan(p_star), 1.0, np.fmax(high, p_star))
    precision_low, precision_high = _clopper_pearson(right_kept, wrong_kept, alpha)
    verdict = np.where(precision_low > 0.5, "below", "undecided")
    verdict = np.where(precision_high < 0.5, "above", verdict)
    return Audit(
        _share(wrong_kept + wrong_dropped, right_kept + right_dropped)[()], phi[()], psi[()],
        p_star[()], low[()], high[()], _share(right_kept, wrong_kept)[()], precision_low[()],
        precision_high[()], verdict if verdict.ndim else str(verdict),
    )


def _tail(hits, n, probability):
    """P(Bin(n, probability) >= hits)."""
    inside = betainc(np.maximum(hits, 1.0), np.maximum(n - hits + 1.0, 1.0), probability)
    return np.where(hits <= 0, 1.0, np.where(hits > n, 0.0, inside))


def _critical(n, size):
    """Least c with P(Bin(n, 1/2) >= c) <= size."""
    guess = np.floor(0.5 * n - 0.5 * np.sqrt(n) * ndtri(size))
    hits = np.clip(guess, 1.0, n + 1)
    while np.any(short := _tail(hits, n, 0.5) > size):
        hits = hits + short
    while np.any(far := (hits > 1) & (_tail(hits - 1, n, 0.5) <= size)):
        hits = hits - far
    return hits


def _power(n, precision, size):
    """Power of the exact test and of its randomised, exactly sized version, and what part of it
    hangs on the last value."""
    hits = _critical(n, size)
    power, atom = _tail(hits, n, precision), _tail(hits - 1, n, 0.5) - _tail(hits, n, 0.5)
    last = _tail(hits - 1, n, precision) - power
    return power, power + np.divide(size - _tail(hits, n, 0.5), atom) * last, last


def _first(reached, low):
    """First whole n >= low from which the monotone condition `reached(n)` holds, elementwise."""
    high = 2.0 * low
    while np.any(missing := ~reached(high)):
        high = np.where(missing, 2 * high, high)
    while np.any(high - low > 1):
        middle = np.floor(0.5 * (low + high))
        done = reached(middle)
        low, high = np.where(done, low, middle), np.where(done, middle, high)
    return np.where(reached(low), low, high)


def _scan(condition, start, direction):
    """First n in start, start + direction, ... that meets the condition, elementwise."""
    found, block = np.full(start.shape, np.nan), 64
    offset = np.zeros_like(start)
    while np.any(open_ := np.isnan(found)):
        n = start[open_, None] + direction * (offset[open_, None] + np.arange(block))
        good = (n < 1) | condition(np.maximum(n, 1.0), open_)
        first = n[np.arange(len(n)), good.argmax(axis=1)]
        found[open_] = np.where(good.any(axis=1), first, np.nan)
        offset[open_] += block
        block = min(2 * block, 8192)
    return found


def required_audit_size(precision, size=0.05, power=0.9, *, sustained=False):
    """Accepted items to inspect before a verifier of this precision passes a test against 1/2.

    The first n at which the exact one-sided binomial test of precision 1/2 has the power asked
    for. The power is a saw-tooth in n: the last n that misses it is larger.

    Claim: BPX-10.

    Source: ours; precision > 1/2 is p < p* of Feng et al. 2025, Theorem 4.2.

    Parameters
    ----------
    precision : array_like
        True share of right items among the accepted, in [0.50001, 1].
    size : array_like, optional
        Size of the test, in (0, 1).
    power : array_like, optional
        Probability of passing, in (0, 1).
    sustained : bool, optional
        Return instead the n from which on no size misses the power.

    Returns
    -------
    int or ndarray
        Number of accepted items, exact.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> required_audit_size([0.55, 0.6, 0.7, 0.8])
    array([866, 213,  53,  23])
    >>> required_audit_size([0.55, 0.6, 0.7, 0.8], sustained=True)
    array([891, 224,  58,  26])
    """
    precision, size, power = np.broadcast_arrays(
        real("precision", precision, 0.50001, 1),
        real("size", size, 0, 1, low_open=True, high_open=True),
        real("power", power, 0, 1, low_open=True, high_open=True),
    )
    shape = precision.shape
    precision, size, power = precision.ravel(), size.ravel(), power.ravel()

    def test(n, part=slice(None)):
        columns = (slice(None),) + (None,) * (n.ndim - 1)
        return _power(n, precision[part][columns], size[part][columns])

    # No test of this size does better than the randomised one, whose power grows with n.
    start = _first(lambda n: test(n)[1] >= power, np.ones(precision.size))
    if sustained:
        start = _first(lambda n: test(n)[1] - test(n)[2] >= power, start)
        start = np.ceil(start + 0.5 / (precision - 0.5) + 10)
        found = 1 + _scan(lambda n, part: test(n, part)[0] < power[part, None], start, -1)
    else:
        found = _scan(lambda n, part: test(n, part)[0] >= power[part, None], start, 1)
    return found.reshape(shape).astype(np.int64)[()]
