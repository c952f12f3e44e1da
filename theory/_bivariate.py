"""The bivariate normal law: Owen's T for absolute, a quadrature for relative accuracy."""

import math
from typing import NamedTuple

import numpy as np
from scipy.special import erfcx, log_ndtr, ndtr, owens_t

from theory._domain import real
from theory._quadrature import log_integral

__all__ = ["bivariate_cdf", "bivariate_log_cdf", "conditional_cdf"]

_LOG_ROOT_TAU = 0.5 * math.log(2 * math.pi)
_SAFE = 0.05  # above this probability the absolute accuracy of Owen's T is relative accuracy too
_CHUNK = 2048  # points per pass: bounds the memory of the quadrature
_DEGENERATE = 1e-140  # a sine below this is zero: its square would underflow
_HUGE = 1e160  # its square overflows: beyond, a probability is 0 or 1 and its logarithm -inf


class Coupling(NamedTuple):
    """A correlation with everything that loses digits when formed from it near +-1."""

    rho: np.ndarray
    root: np.ndarray  # sqrt(1 - rho^2)
    below: np.ndarray  # 1 - rho
    above: np.ndarray  # 1 + rho

    def residual(self, x, y):
        """X - rho y without cancellation."""
        near = np.where(
            self.rho > 0.5, (x - y) + self.below * y, (x + y) - self.above * y
        )
        return np.where(np.abs(self.rho) > 0.5, near, x - self.rho * y)


def coupling(correlation, angle):
    """Check that exactly one of the two is given and return it as a `Coupling`."""
    if (correlation is None) == (angle is None):
        raise ValueError(
            f"correlation = {correlation!r}, angle = {angle!r}: give exactly one of them"
        )
    if angle is None:
        rho = real("correlation", correlation, -1, 1)
        return Coupling(rho, np.sqrt((1 - rho) * (1 + rho)), 1 - rho, 1 + rho)
    angle = real("angle", angle, 0, math.pi)
    half = angle / 2
    return Coupling(np.cos(angle), np.sin(angle), 2 * np.sin(half) ** 2, 2 * np.cos(half) ** 2)


def _flat(h, k, pair):
    """Broadcast to one axis and return the shape to go back to."""
    h, k, *parts = np.broadcast_arrays(h, k, *pair)
    return h.shape, h.ravel(), k.ravel(), Coupling(*(part.ravel() for part in parts))


def _owen_term(h, k, pair):
    """T(h, (k - rho h)/(h sqrt(1 - rho^2))), with its limit at h = 0."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        slope = pair.residual(k, h) / (h * pair.root)
    slope = np.where(h == 0, np.copysign(np.inf, k), slope)
    steep = np.isinf(slope)
    limit = 0.5 * np.sign(slope) * ndtr(-np.abs(h))
    return np.where(steep, limit, owens_t(h, np.where(steep, 0.0, slope)))


def _comonotone(low, high, rho):
    """The two degenerate laws, at rho = 1 and rho = -1 (low <= high)."""
    return np.where(rho > 0, ndtr(low), np.maximum(ndtr(low) - ndtr(-high), 0.0))


def _owen(h, k, pair):
    """Phi_2 to an absolute error of about one ulp of 1."""
    infinite = np.isinf(h) | np.isinf(k)
    limit = np.minimum(ndtr(h), ndtr(k))
    h = np.where(infinite, 1.0, np.clip(h, -_HUGE, _HUGE))
    k = np.where(infinite, 1.0, np.clip(k, -_HUGE, _HUGE))
    h = np.where(np.abs(h) < 1 / _HUGE, 0.0, h)  # +0.0: -0.0 would flip a limit
    k = np.where(np.abs(k) < 1 / _HUGE, 0.0, k)
    low, high = np.minimum(h, k), np.maximum(h, k)
    # Opposite signs: Phi(low) - Phi(-high) has no 1 to cancel against.
    opposite = (low < 0) & (high >= 0)
    half = 0.5 * np.where(opposite, ndtr(low) - ndtr(-high), ndtr(h) + ndtr(k))
    value = half - _owen_term(h, k, pair) - _owen_term(k, h, pair)
    origin = 0.25 + np.arctan2(pair.rho, pair.root) / (2 * math.pi)
    value = np.where((h == 0) & (k == 0), origin, value)
    value = np.where(pair.root < _DEGENERATE, _comonotone(low, high, pair.rho), value)
    value = np.clip(value, _comonotone(low, high, -1.0), ndtr(low))  # the Frechet bounds
    return np.where(infinite, limit, value)


def inverse_mills(z):
    """phi(z)/Phi(z)."""
    return math.sqrt(2 / math.pi) / erfcx(-z / math.sqrt(2))


def _mode(a, offset, rate):
    """Argmax over s >= 0 of a s - s^2/2 + log Phi(offset + rate s).

    The derivative is monotone and bends one way only, so that Newton's iteration converges from
    0 (rate > 0) or from the right (rate < 0) without overshooting.
    """
    slope = a + rate * inverse_mills(offset)
    start = np.where(slope > 0, np.where(rate > 0, 0.0, slope), 0.0)
    point = start
    for _ in range(60):
        z = offset + rate * point
        mills = inverse_mills(z)
        curvature = 1 + rate * (rate * mills * np.maximum(z + mills, 0.0))
        step = (a - point + rate * mills) / curvature
        point = np.where(slope > 0, np.maximum(point + step, 0.0), 0.0)
        if not np.any((slope > 0) & (np.abs(step) * np.sqrt(curvature) > 1e-3)):
            break
    return point, np.where(slope > 0, 0.0, -slope)  # point, decay rate at the boundary


def _log_half_line(a, residual, pair):
    """Log of the integral over s >= 0 of exp(a s - s^2/2) Phi((residual + rho s)/root)."""
    offset, rate = residual / pair.root, pair.rho / pair.root

    def log_integrand(s):
        return a * s - 0.5 * s * s + log_ndtr(offset + rate * s)

    mode, decay = _mode(a, offset, rate)
    flat = rate == 0
    step = np.where(flat, 0.0, -offset / rate)
    width = np.where(flat, 0.0, np.abs(1 / rate))
    return log_integral(log_integrand, mode, decay, mode, step[:, None], width[:, None])


def _log_strip(low, high):
    """log(Phi(low) - Phi(-high)) for low <= high: the law at rho = -1."""
    left, right = -high, low  # centred at or below 0, the side of the small probabilities
    with np.errstate(all="ignore"):
        ratio = np.exp(log_ndtr(left) - log_ndtr(right))
        far = log_ndtr(right) + np.log1p(-ratio)
        nodes, weights = np.polynomial.legendre.leggauss(24)
        half = 0.5 * (right - left)
        s = 0.5 * (right + left)[:, None] + half[:, None] * nodes
        top = -0.5 * right * right
        excess = np.exp(-0.5 * s * s - top[:, None])
        near = top - _LOG_ROOT_TAU + np.log(half * np.sum(weights * excess, axis=-1))
        value = np.where(ratio < 0.5, far, near)
    return np.where(right > left, value, -np.inf)


def _log_scaled(h, k, pair):
    """log Phi_2(h, k) - log phi(min(h, k)) for finite h, k and |rho| < 1, in chunks."""
    low, high = np.minimum(h, k), np.maximum(h, k)
    residual = pair.residual(high, low)
    out = np.empty_like(low)
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        for start in range(0, low.size, _CHUNK):
            part = slice(start, start + _CHUNK)
            piece = Coupling(*(field[part] for field in pair))
            out[part] = _log_half_line(low[part], residual[part], piece)
    return np.where(np.isnan(out), -np.inf, out)  # the integrand underflowed everywhere


def bivariate_cdf(h, k, correlation=None, *, angle=None):
    """Bivariate standard normal distribution function, Phi_2.

    .. math:: \\Phi_2(h, k; \\rho) = P(U \\le h, V \\le k)

    evaluated with Owen's T function. Near correlation +-1 give the angle arccos(correlation)
    instead: 1 - correlation is then known to full relative accuracy.

    Claim: BPX-N1.

    Source: Owen 1956; the law behind Feng et al. 2025, Appendix E.6.

    Parameters
    ----------
    h, k : array_like
        Limits, any real number or infinity, broadcast.
    correlation : array_like, optional
        Correlation rho in [-1, 1].
    angle : array_like, optional
        arccos(rho), in radians, in [0, pi]; give either this or the correlation.

    Returns
    -------
    float or ndarray
        Probability; absolute error below 4e-16. Relative accuracy in the tails:
        `bivariate_log_cdf`, `conditional_cdf`.

    Raises
    ------
    ValueError
        If a limit is nan, or not exactly one of correlation and angle is given in its range.

    Examples
    --------
    >>> float(bivariate_cdf(0, 0, 0.5))
    0.3333333333333333
    >>> float(bivariate_cdf(1, -1, angle=0.0))  # min of the marginals
    0.15865525393145
    """
    h = real("h", h, low_open=None, high_open=None)
    k = real("k", k, low_open=None, high_open=None)
    shape, h, k, pair = _flat(h, k, coupling(correlation, angle))
    return _owen(h, k, pair).reshape(shape)[()]


def bivariate_log_cdf(h, k, correlation=None, *, angle=None):
    """Logarithm of the bivariate standard normal distribution function, log Phi_2.

    .. math:: \\log \\Phi_2(h, k; \\rho) = \\log P(U \\le h, V \\le k)

    The smaller variable is integrated out over a positive, log-concave integrand, so that
    nothing cancels however small the probability is.

    Claim: BPX-N1.

    Source: the law behind Feng et al. 2025, Appendix E.6.

    Parameters
    ----------
    h, k : array_like
        Limits, any real number or infinity, broadcast.
    correlation : array_like, optional
        Correlation rho in [-1, 1].
    angle : array_like, optional
        arccos(rho), in radians, in [0, pi]; give either this or the correlation.

    Returns
    -------
    float or ndarray
        Natural logarithm, -inf where the probability is 0; error below 1e-14 max(1, |value|).

    Raises
    ------
    ValueError
        If a limit is nan, or not exactly one of correlation and angle is given in its range.

    Examples
    --------
    >>> float(bivariate_log_cdf(-30, -30, -0.9))
    -9012.41524597
    """
    h = real("h", h, low_open=None, high_open=None)
    k = real("k", k, low_open=None, high_open=None)
    shape, h, k, pair = _flat(h, k, coupling(correlation, angle))
    with np.errstate(divide="ignore"):
        value = np.log(_owen(h, k, pair))
    low, high = np.minimum(h, k), np.maximum(h, k)
    tail = ~(value > math.log(_SAFE)) & np.isfinite(h) & np.isfinite(k)
    value = np.where(np.isinf(h) | np.isinf(k), log_ndtr(low), value)
    h, k, low, high = (np.clip(x, -_HUGE, _HUGE) for x in (h, k, low, high))
    flat = tail & (pair.root < _DEGENERATE)
    value[flat & (pair.rho > 0)] = log_ndtr(low[flat & (pair.rho > 0)])
    strip = flat & (pair.rho < 0)
    value[strip] = _log_strip(low[strip], high[strip])
    curved = tail & ~flat
    with np.errstate(over="ignore"):
        density = -0.5 * low[curved] ** 2 - _LOG_ROOT_TAU
        scaled = _log_scaled(h[curved], k[curved], Coupling(*(part[curved] for part in pair)))
        value[curved] = density + scaled
    return value.reshape(shape)[()]


def _log_conditional(value, given, pair):
    """log P(V <= value | U <= given) in the tail, the density at `given` cancelled by hand."""
    scale = np.maximum(np.maximum(np.abs(value), np.abs(given)) / 1e60, 1.0)
    value, given = value / scale, given / scale  # beyond, only the ratio of the two matters
    low, high = np.minimum(value, given), np.maximum(value, given)
    out = np.empty_like(low)
    flat = pair.root < _DEGENERATE
    up, down = flat & (pair.rho > 0), flat & (pair.rho < 0)
    out[up] = log_ndtr(low[up]) - log_ndtr(given[up])
    out[down] = _log_strip(low[down], high[down]) - log_ndtr(given[down])
    rest = ~flat
    value, given, low = value[rest], given[rest], low[rest]
    below = np.minimum(given, 0.0)
    # Phi(given) = exp(-below^2/2) tail, so that the exponents meet as a difference of squares.
    tail = np.where(
        given < 0, math.sqrt(0.5) * erfcx(-below / math.sqrt(2)) * math.sqrt(math.pi),
        ndtr(given) * math.sqrt(2 * math.pi),
    )
    exponent = 0.5 * (below - low) * (below + low)
    scaled = _log_scaled(value, given, Coupling(*(part[rest] for part in pair)))
    out[rest] = exponent + scaled - np.log(tail)
    return out


def conditional_cdf(value, given, correlation=None, *, angle=None):
    """Probability that one normal variable is small given that another is.

    .. math:: P(V \\le v \\mid U \\le u) = \\Phi_2(v, u; \\rho) / \\Phi(u)

    to full relative accuracy where numerator and denominator both underflow.

    Claim: BPX-N1, BP-E6.

    Source: Feng et al. 2025, Appendix E.6 (the acceptance rates of a linear pruner).

    Parameters
    ----------
    value : array_like
        Limit v of the variable in question, any real number or infinity.
    given : array_like
        Limit u of the variable conditioned on, in (-inf, inf].
    correlation : array_like, optional
        Correlation rho in [-1, 1].
    angle : array_like, optional
        arccos(rho), in radians, in [0, pi]; give either this or the correlation.

    Returns
    -------
    float or ndarray
        Conditional probability; relative error below 1e-12 for values above 1e-290.

    Raises
    ------
    ValueError
        If a limit is out of range, or not exactly one of correlation and angle is given.

    Examples
    --------
    >>> float(conditional_cdf(-8, -9, 0.7))
    0.01191098...
    >>> float(conditional_cdf(-30, -1, -0.2))
    1.33238971886e-209
    """
    value = real("value", value, low_open=None, high_open=None)
    given = real("given", given, high_open=None)
    shape, value, given, pair = _flat(value, given, coupling(correlation, angle))
    joint = _owen(value, given, pair)
    tail = ~(joint > _SAFE) & np.isfinite(value) & np.isfinite(given)
    with np.errstate(divide="ignore", invalid="ignore"):
        out = np.where(value == np.inf, 1.0, joint / ndtr(given))
    out[value == -np.inf] = 0.0
    out[np.isinf(given)] = ndtr(value[np.isinf(given)])
    with np.errstate(under="ignore"):
        part = Coupling(*(field[tail] for field in pair))
        out[tail] = np.exp(_log_conditional(value[tail], given[tail], part))
    return np.clip(out, 0.0, 1.0).reshape(shape)[()]
