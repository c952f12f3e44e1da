"""Which kind of item prevails among finitely many survivors."""

import numpy as np
from scipy.special import log1p, ndtr

from theory._domain import count, real

__all__ = [
    "asymptotic_majority_probability",
    "bound_required_items",
    "chernoff_rate",
    "majority_probability",
    "masses",
]

_SLACK = 4 * np.finfo(np.float64).eps
_CHUNK = 4096  # elements per pass: bounds the memory
_UNDERFLOW = -760.0  # the logarithm of a probability below any double


def masses(good, bad):
    """Check two masses that share a total of at most 1."""
    good, bad = real("good", good, 0, 1), real("bad", bad, 0, 1)
    if np.any(good + bad > 1 + _SLACK):
        raise ValueError(f"good + bad = {np.max(good + bad):g}: must lie in [0, 1]")
    return good, bad


def _saddle(n, good, bad, least):
    """Radius exponent t that minimises M(e^t)^n e^(t (1 - least))/(e^t - 1), and two curvatures.

    M is the generating function of one item's vote. The minimand is convex in t.
    """
    low, high = np.full(n.shape, -40.0), np.full(n.shape, np.log(690.0))  # of log t

    def tilt(t):
        plus, minus = good * np.exp(t), bad * np.exp(-t)
        total = 1 + (good * np.expm1(t) + bad * np.expm1(-t))
        return plus / total, minus / total, total

    for _ in range(60):
        middle = 0.5 * (low + high)
        t = np.exp(middle)
        plus, minus, _ = tilt(t)
        # A thousandth short of the minimum, which lies at infinity for n = 1.
        rising = n * (plus - minus) - least - 1 / np.expm1(t) > -1e-3
        low, high = np.where(rising, low, middle), np.where(rising, middle, high)
    t = np.exp(high)
    plus, minus, total = tilt(t)
    spread = n * np.maximum(plus + minus - (plus - minus) ** 2, 0.0)
    height = n * np.log(total) + (1 - least) * t - np.log(np.expm1(t))
    return t, spread, height


def _fourier_term(n, good, bad, least, t, angle, sign):
    """M(z)^n times the sum of z^-j over least <= j <= n, at z = sign e^(t + i angle)."""
    log_z = t + 1j * angle
    up = np.expm1(log_z)
    rest = (1 - np.maximum(good, bad)) - np.minimum(good, bad)
    # M - 1 near the saddle of a long sum, M itself where it is small; minus M at the far side.
    down = np.expm1(-log_z)
    excess = np.where(t < 0.5, up * ((good - bad) - bad * down), good * up + bad * down)
    excess = excess - (2 * rest if sign < 0 else 0.0)
    value = good * np.exp(log_z) + bad * np.exp(-log_z) + sign * rest
    power = np.exp(n * np.where(np.abs(excess) < 0.5, log1p(excess), np.log(value)))
    power = np.where(value == 0, 0.0, power)
    geometric = np.exp((1 - least) * log_z) * sign ** (1 - least)
    parity = np.where(n % 2 == 0, 1.0, sign)
    geometric = geometric - np.exp(-n * log_z) * parity
    return parity * power * geometric / (up if sign > 0 else -2 - up)


def _vote(n, good, bad, least):
    """P(G - B >= least) for least in {0, 1}, n >= 1, good, bad > 0: a sum over roots of unity.

    With 2 n + 1 of them it is exact; fewer do as soon as aliases fall below one ulp. They lie on
    the circle where nothing cancels, and only those near its real points count.
    """
    t, spread, height = _saddle(n, good, bad, least)
    aliases = (45 - np.clip(height, _UNDERFLOW, 0.0)) / t
    aliases = np.maximum(aliases, 12 * np.sqrt(spread) + 60)
    nodes = np.minimum(2 * n + 1, np.ceil(aliases))
    half = np.floor(nodes / 2)
    reach = np.where(spread > 0, 9.5 / np.sqrt(np.where(spread > 0, spread, 1.0)), np.pi)
    span = np.minimum(half, np.ceil(np.minimum(reach, np.pi) * nodes / (2 * np.pi)))
    j = np.arange(span.max() + 1)
    n, good, bad, t, nodes, half, span = (
        x[:, None] for x in (n, good, bad, t, nodes, half, span)
    )
    near, far = j <= span, (j <= span) & (half - j > span)
    single = half - j == nodes / 2  # -1 itself is one of the roots
    front = np.where(near, _fourier_term(n, good, bad, least, t, 2 * np.pi * j / nodes, 1), 0)
    # Angles from -1: nodes half - j, so that nothing is lost near it.
    angle = np.pi * (2 * j + (nodes - 2 * half)) / nodes
    back = np.where(far, _fourier_term(n, good, bad, least, t, -angle, -1), 0)
    weight = np.where(j == 0, 1.0, np.where(2 * j == nodes, 1.0, 2.0))
    total = (weight * front.real).sum(axis=1)
    return (total + (np.where(single, 1.0, 2.0) * back.real).sum(axis=1)) / nodes[:, 0]


def majority_probability(n, good, bad):
    """Probability that strictly more good than bad items survive.

    .. math:: P(G > B) = \\sum_m \\operatorname{Bin}(m; n, s) \\,
        P\\bigl(\\operatorname{Bin}(m, bad/s) < m/2\\bigr), \\quad s = good + bad

    for (G, B) multinomial; computed from the generating function of G - B on the circle where
    the sum does not cancel, at a cost that does not grow with n.

    Claim: BPX-3, BP-F3.

    Source: Feng et al. 2025, Theorem E.3 and Proposition F.3, whose 100 %/0 % this is the
    finite-sample form of.

    Assumes: items are generated and kept independently.

    Parameters
    ----------
    n : array_like
        Number of generated items, a whole number >= 0.
    good, bad : array_like
        Mass of accepted right and wrong items per generated item, in [0, 1], sum at most 1.

    Returns
    -------
    float or ndarray
        Probability, exact up to rounding: relative error below 1e-12, or 1e-8 where good items
        are rare and nearly everything is kept. Swap good and bad for the opposite majority; what
        is missing to 1 is a tie.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> float(majority_probability(11, 0.5, 0.25))
    0.793653011322021
    """
    n, good, bad = np.broadcast_arrays(count("n", n).astype(np.float64), *masses(good, bad))
    shape = n.shape
    n, good, bad = n.ravel(), good.ravel(), bad.ravel()
    with np.errstate(divide="ignore"):
        value = np.where(n > 0, -np.expm1(np.where(n > 0, n, 1.0) * np.log1p(-good)), 0.0)
    likely = n * (good - bad) > 1
    mixed = (n > 0) & (good > 0) & (bad > 0)
    with np.errstate(all="ignore"):  # far nodes underflow
        for choice_, least in ((mixed & ~likely, 1), (mixed & likely, 0)):
            where = np.flatnonzero(choice_)
            for start in range(0, where.size, _CHUNK):
                part = where[start : start + _CHUNK]
                ends = (good[part], bad[part]) if least else (bad[part], good[part])
                tail = _vote(n[part], *ends, least)
                value[part] = tail if least else 1 - tail
    return np.clip(value, 0.0, 1.0).reshape(shape)[()]


def asymptotic_majority_probability(n, good, bad):
    """Normal approximation to the probability that more good than bad items survive.

    .. math:: \\Phi\\Bigl(\\frac{n \\Delta - 1/2}{\\sqrt{n (s - \\Delta^2)}}\\Bigr), \\quad
        \\Delta = good - bad, \\; s = good + bad

    Claim: BPX-3.

    Source: ours; leading order of the transition of Feng et al. 2025, Theorem 4.2.

    Assumes: large n; ties are not counted, hence the 1/2.

    Parameters
    ----------
    n : array_like
        Number of generated items, a whole number >= 1.
    good, bad : array_like
        Mass of accepted right and wrong items per generated item, in [0, 1], sum at most 1.

    Returns
    -------
    float or ndarray
        Leading order; absolute error about 4e-4 at n = 100, 3e-5 at 1000 for phi = 0.9,
        psi = 0.3, where s < 1. (With s = 1 the difference has the parity of n, and the error
        is of order n^(-1/2).)

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> float(asymptotic_majority_probability(1000, 0.225, 0.2))
    0.88283...
    """
    n = count("n", n, 1).astype(np.float64)
    good, bad = masses(good, bad)
    margin, kept = good - bad, good + bad
    spread = np.sqrt(n * np.maximum(kept - margin**2, 0.0))
    with np.errstate(divide="ignore", over="ignore"):
        return ndtr(np.divide(n * margin - 0.5, spread))[()]


def chernoff_rate(good, bad):
    """Rate at which the wrong majority becomes improbable.

    .. math:: -\\log\\bigl(1 - (\\sqrt{good} - \\sqrt{bad})^2\\bigr)

    For good > bad, P(G <= B) <= exp(-n rate), and no faster rate holds.

    Claim: BPX-3.

    Source: ours; sharpens the concentration step of Feng et al. 2025, Proposition F.5.

    Assumes: items are generated and kept independently.

    Parameters
    ----------
    good, bad : array_like
        Mass of accepted right and wrong items per generated item, in [0, 1], sum at most 1.

    Returns
    -------
    float or ndarray
        Rate per generated item, natural logarithm, in [0, inf]; symmetric in its arguments.

    Raises
    ------
    ValueError
        If a mass is out of range.

    Examples
    --------
    >>> float(chernoff_rate(0.3, 0.25))
    0.002280039811...
    """
    good, bad = masses(good, bad)
    roots = np.sqrt(good) + np.sqrt(bad)
    gap = (good - bad) / np.where(roots == 0, 1.0, roots)  # of the roots, without cancellation
    with np.errstate(divide="ignore"):
        return -np.log1p(-np.minimum(gap * gap, 1.0))[()]


def bound_required_items(good, bad, failure):
    """Number of generated items that makes a good majority sure enough.

    .. math:: n = \\lceil \\log(1/\\delta) / rate \\rceil

    with the Chernoff rate; it suffices, the exact number is somewhat smaller.

    Claim: BPX-3.

    Source: ours; sharpens the concentration step of Feng et al. 2025, Proposition F.5.

    Assumes: items are generated and kept independently.

    Parameters
    ----------
    good, bad : array_like
        Mass of accepted right and wrong items per generated item, in [0, 1], sum at most 1,
        good > bad.
    failure : array_like
        Admitted probability delta of no good majority, in (0, 1).

    Returns
    -------
    int or ndarray
        Sufficient number of items.

    Raises
    ------
    ValueError
        If a number is out of range, or bad >= good (then no number suffices), or the number
        exceeds 2^53.

    Examples
    --------
    >>> bound_required_items([0.55, 0.6, 0.7, 0.8], [0.45, 0.4, 0.3, 0.2], 0.05)
    array([597, 147,  35,  14])
    """
    good, bad = masses(good, bad)
    failure = real("failure", failure, 0, 1, low_open=True, high_open=True)
    if np.any(good <= bad):
        raise ValueError(f"good - bad = {np.min(good - bad):g}: must lie in (0, 1]")
    with np.errstate(divide="ignore", over="ignore"):
        number = np.ceil(-np.log(failure) / chernoff_rate(good, bad))
    number = np.maximum(number, 1.0)
    if np.any(number > 2.0**53):
        raise ValueError(f"required items = {np.max(number):g}: must lie in [1, 2^53]")
    return number.astype(np.int64)[()]
