"""Filters that rank: one-sided thresholds and top fractions, which have no fixed window."""

import math

import numpy as np
from scipy import special

from theory import _domain
from theory._truncated import edge_moments, window_cumulants

__all__ = [
    "asymptotic_top_fraction_contraction",
    "one_sided_drift",
    "one_sided_slope",
    "top_fraction_contraction",
    "top_fraction_drift",
    "top_fraction_half_width",
]

_ROOT_2_OVER_PI = math.sqrt(2 / math.pi)
_ROOT_2PI = math.sqrt(2 * math.pi)
_SOLVER_STEPS = 100
_FAR = 60.0  # the hazard is 0 in double precision below minus this


def _inverse_mills(x):
    """Return phi(x)/Q(x), the hazard of the standard normal law."""
    return _ROOT_2_OVER_PI / special.erfcx(x * math.sqrt(0.5))


def _checked_fraction(fraction):
    return _domain.real("fraction", fraction, 0, 1, low_open=True)


def _margin(offset, cut):
    return _domain.real("cut", cut) - _domain.real("offset", offset)


def one_sided_drift(offset, cut):
    """Return the drift of a loop that keeps every draw above a cut.

        M(d) - d = phi(c - d)/Q(c - d),    Q = 1 - Phi

    It is positive everywhere: a threshold alone has no knowledge centre.

    Claim: KV-ONE.

    Source: ours; the one-sided counterpart of the window of Yi et al. 2025.

    Parameters
    ----------
    offset : array_like
        d, in units of sigma.
    cut : array_like
        c, in units of sigma; draws u >= c are kept.

    Returns
    -------
    float or ndarray
        The drift, in units of sigma; exact.

    Raises
    ------
    ValueError
        If an argument is not finite.

    Examples
    --------
    >>> float(one_sided_drift(-10.0, 0.0))
    10.098093234
    """
    return _inverse_mills(_margin(offset, cut))[()]


def one_sided_slope(offset, cut):
    """Return the slope of the mean map of a one-sided filter: the variance of a kept draw.

        M'(d) = 1 - h (h - (c - d)),    h = phi(c - d)/Q(c - d)

    Claim: KV-ONE.

    Source: ours.

    Parameters
    ----------
    offset : array_like
        d, in units of sigma.
    cut : array_like
        c, in units of sigma; draws u >= c are kept.

    Returns
    -------
    float or ndarray
        The slope, in (0, 1); exact.

    Raises
    ------
    ValueError
        If an argument is not finite.

    Examples
    --------
    >>> float(one_sided_slope(0.0, 0.0))    # 1 - 2/pi
    0.3633802276
    """
    x = _margin(offset, cut)
    low = np.clip(x, -_FAR, 0.0)
    hazard = _inverse_mills(low)
    beyond = edge_moments(np.maximum(x, 0.0).ravel(), np.inf)[2].reshape(x.shape)
    return np.where(x > 0, beyond, 1 - hazard * (hazard - low))[()]


def top_fraction_drift(fraction):
    """Return the constant drift of a loop that keeps the top fraction by a linear score.

        M(d) - d = phi(z)/q,    Q(z) = q

    Claim: KV-TOPQ1.

    Source: ours; a relative one-sided filter, as in reward over-optimisation.

    Parameters
    ----------
    fraction : array_like
        q in (0, 1], kept over proposed.

    Returns
    -------
    float or ndarray
        The selection intensity, in units of sigma a round; exact.

    Raises
    ------
    ValueError
        If q is outside (0, 1].

    Examples
    --------
    >>> float(top_fraction_drift(0.1))
    1.7549833193
    """
    return _inverse_mills(-special.ndtri(_checked_fraction(fraction)))[()]


def top_fraction_contraction(dim, fraction):
    """Return the contraction at the centre of keeping the fraction of draws nearest to it.

        K = F_{p+2}(c)/F_p(c),    F_p(c) = q,    F_p the chi-squared distribution function

    Claim: UL-DIM, KV-TOPQ.

    Source: ours, for the filters of the experiments of Yi et al. 2025. Local: far from the
    centre the approach is linear in time, not geometric.

    Assumes: isotropic unit proposals in p dimensions, many of them.

    Parameters
    ----------
    dim : array_like
        p >= 1.
    fraction : array_like
        q in (0, 1], kept over proposed.

    Returns
    -------
    float or ndarray
        K, in (0, 1]; exact. It tends to 1 as p grows.

    Raises
    ------
    ValueError
        If p < 1 or q is outside (0, 1].

    Examples
    --------
    >>> top_fraction_contraction([1, 20, 784], 0.1)
    array([0.00525, 0.52447, 0.91329])
    """
    half = _domain.count("dim", dim, 1) / 2
    q = _checked_fraction(fraction)
    return (special.gammainc(half + 1, special.gammaincinv(half, q)) / q)[()]


def asymptotic_top_fraction_contraction(dim, fraction):
    """Return the contraction of a top-fraction filter in many dimensions, to leading order.

        K = 1 - sqrt(2/p) phi(z)/q + o(p^(-1/2)),    Q(z) = q

    Claim: UL-DIM.

    Source: ours.

    Assumes: as `top_fraction_contraction`.

    Parameters
    ----------
    dim : array_like
        p >= 1.
    fraction : array_like
        q in (0, 1].

    Returns
    -------
    float or ndarray
        K; leading order in p^(-1/2).

    Raises
    ------
    ValueError
        If p < 1 or q is outside (0, 1].

    Examples
    --------
    >>> float(asymptotic_top_fraction_contraction(784, 0.1))
    0.91136
    """
    p = _domain.count("dim", dim, 1)
    return (1 - np.sqrt(2 / p) * top_fraction_drift(fraction))[()]


def top_fraction_half_width(offset, fraction):
    """Return the half-width b_q(d) of the window that a two-sided top-fraction filter makes.

        Phi(b - d) + Phi(b + d) - 1 = q

    Its mean map M_q(d) is that of `window` with this half-width.

    Claim: KV-TOPQ.

    Source: ours, for the relative filters of the experiments of Yi et al. 2025.

    Assumes: many proposals, so that the threshold is its population value.

    Parameters
    ----------
    offset : array_like
        d, in units of sigma.
    fraction : array_like
        q in (0, 1], kept over proposed.

    Returns
    -------
    float or ndarray
        b_q(d), in units of sigma; exact, inf at q = 1.

    Raises
    ------
    ValueError
        If d is not finite or q is outside (0, 1].

    Examples
    --------
    >>> float(top_fraction_half_width(0.0, 0.5))
    0.6744897502
    """
    d, q = np.broadcast_arrays(np.abs(_domain.real("offset", offset)), _checked_fraction(fraction))
    # Z falls in d, and the window of d = 0 shifted by d lies within that of half-width b_q(0) + d.
    centred = math.sqrt(2) * special.erfinv(q)
    low = np.maximum(centred, d + special.ndtri(q))
    high = np.where(q == 1, low, centred + d)
    return np.where(q == 1, np.inf, _solve_half_width(d, np.log(q), low, high))[()]


def _solve_half_width(d, log_q, low, high):
    """Return the root of log Z(d; b) = log q by Newton steps in log b inside a shrinking bracket.

    For narrow windows log Z is log b plus a constant, so that b = 1e-100 is one step away.
    """
    b = low = np.where(np.isinf(low), 1.0, low)
    high = np.where(np.isinf(high), 1.0, high)
    for _ in range(_SOLVER_STEPS):
        log_z = window_cumulants(d, b)[0]
        gap = log_z - log_q
        low, high = np.where(gap < 0, b, low), np.where(gap > 0, b, high)
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            growth = b * np.exp(-((d - b) ** 2) / 2 - log_z) * (1 + np.exp(-2 * b * d))
            step = b * np.exp(-gap * _ROOT_2PI / growth)
        inside = (step >= low) & (step <= high)
        moved = np.where(inside, step, np.sqrt(low) * np.sqrt(high))
        settled = (np.abs(moved - b) <= 4e-16 * b) | (np.abs(gap) <= 2e-15 * np.abs(log_q))
        if (settled | (high - low <= 4e-16 * high)).all():
            return moved
        b = moved
    return b
