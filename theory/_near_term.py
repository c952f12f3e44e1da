"""One verified round: when does it bring the model nearer to the truth?

Units of sigma, per coordinate of an orthonormal design. The model starts at D ~ N(a, tau^2)
from the knowledge centre, a the verifier's bias (truth minus centre), tau^2 = 1/n_real; it is
refitted to n_kept verified draws per direction.
"""

import math
from dataclasses import dataclass

import numpy as np

from theory import _domain
from theory._truncated import window_cumulants
from theory._window import checked_half_width, contraction_pair, soft_contraction

__all__ = [
    "OneRound",
    "asymptotic_tolerable_bias",
    "bound_improvement",
    "one_round",
    "one_round_change_estimate",
    "required_kept",
    "soft_one_round",
]

_SPAN = 12.0  # standard deviations on each side
_NODES = 401
_SMALL = 1e-3  # below this the spread of M(D) is taken from its Taylor series


@dataclass(frozen=True, slots=True)
class OneRound:
    """Mean squared errors to the truth, per coordinate, in units of sigma^2.

    Attributes
    ----------
    before : float or ndarray
        1/n_real.
    after : float or ndarray
        The sum of the three parts below.
    bias_part : float or ndarray
        (E M(D) - a)^2, the pull towards the centre.
    propagated_part : float or ndarray
        Var M(D), what is left of the first error.
    sampling_part : float or ndarray
        E M'(D)/n_kept, the noise of the kept draws.
    """

    before: np.ndarray
    after: np.ndarray
    bias_part: np.ndarray
    propagated_part: np.ndarray
    sampling_part: np.ndarray


def _checked(bias, n_real, half_width, name="bias"):
    """Return a, tau^2 and beta of one common shape."""
    return np.broadcast_arrays(
        _domain.real(name, bias),
        1 / _domain.real("n_real", n_real, 0, low_open=True, high_open=None),
        checked_half_width(half_width),
    )


def _noise(n_kept):
    return 1 / _domain.real("n_kept", n_kept, 0, low_open=True, high_open=None)


def _gaussian_rule(tau):
    """Return nodes and weights for N(0, 1), fine enough for a window seen through spread tau.

    The trapezoid converges geometrically; M has its nearest complex poles 2.8 sigmas away.
    """
    widest = float(np.max(tau, initial=1.0))
    nodes = np.linspace(-_SPAN, _SPAN, _NODES * math.ceil(widest / 5))
    weights = np.exp(-(nodes**2) / 2)
    return nodes, weights / weights.sum()


def _averages(a, variance, beta):
    """Return E S, Var M, E M', E(1 - M') and E S^2 over D ~ N(a, tau^2)."""
    tau = np.sqrt(variance)
    nodes, weights = _gaussian_rule(tau)
    offsets = a[..., None] + tau[..., None] * nodes  # (..., K)
    _, mean, pull, slope, lost, _, _ = window_cumulants(offsets, beta[..., None])
    centre = (mean @ weights)[..., None]
    spread = np.square(mean - centre) @ weights
    _, _, _, local, _, third, fourth = window_cumulants(a, beta)
    series = local**2 * variance + (third**2 / 2 + local * fourth) * variance**2
    reach = np.maximum(1.0, np.abs(a) - np.minimum(beta, np.abs(a)))
    spread = np.where(tau < _SMALL * reach, series, spread)
    return pull @ weights, spread, slope @ weights, lost @ weights, np.square(pull) @ weights


def one_round(bias, n_real, half_width, n_kept):
    """Return the error before and after one verified round, in three exact parts.

        MSE_1 = (E M(D) - a)^2 + Var M(D) + E M'(D)/n_kept,    D ~ N(a, 1/n_real)

    Claim: KV-NT-EXACT.

    Source: ours, for the near-term question of Yi et al. 2025.

    Assumes: orthonormal design, known sigma, proposals drawn until the quota is filled.

    Parameters
    ----------
    bias : array_like
        a, truth minus knowledge centre along the coordinate, in units of sigma.
    n_real : array_like
        Real draws per direction, in (0, inf].
    half_width : array_like
        beta in (0, inf], in units of sigma.
    n_kept : array_like
        Verified draws per direction, in (0, inf].

    Returns
    -------
    OneRound
        Per coordinate, in units of sigma^2; relative error below 1e-10.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(one_round(0.2, 10, 1.0, 20).after)
    0.0427674249
    """
    a, before, beta = _checked(bias, n_real, half_width)
    noise = _noise(n_kept)
    pull, spread, slope, _, _ = _averages(a, before, beta)
    sampling = slope * noise
    before, squared, spread = np.broadcast_arrays(before, pull**2, spread, sampling)[:3]
    after = squared + spread + sampling
    return OneRound(*(part[()] for part in (before, after, squared, spread, sampling)))


def soft_one_round(bias, n_real, width, n_kept):
    """Return the error before and after one round of a Gaussian keep probability.

        MSE_1 = (1-K)^2 a^2 + K^2/n_real + K/n_kept,    K = s^2/(s^2 + 1)

    Claim: KV-SOFT.

    Source: ours.

    Assumes: as `one_round`. In p dimensions replace a by the length of the bias and 1/n by the
    traces of the inverse Gram matrices.

    Parameters
    ----------
    bias : array_like
        a, in units of sigma.
    n_real : array_like
        Real draws per direction, in (0, inf].
    width : array_like
        s in (0, inf], in units of sigma.
    n_kept : array_like
        Verified draws per direction, in (0, inf].

    Returns
    -------
    OneRound
        Per coordinate, in units of sigma^2; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(soft_one_round(0.2, 10, 1.0, 20).after)
    0.06
    """
    factor = soft_contraction(width, 1.0)
    a, before, factor, noise = np.broadcast_arrays(
        *_checked(bias, n_real, 1.0)[:2], factor, _noise(n_kept)
    )
    parts = ((1 - factor) * a) ** 2, factor**2 * before, factor * noise
    return OneRound(before[()], sum(parts)[()], *(part[()] for part in parts))


def one_round_change_estimate(offsets, n_real, half_width, n_kept):
    """Return an unbiased estimate of the change in error of one round, the truth unknown.

        sum_j S(D_j)^2 + M'(D_j)/n_kept - 2 (1 - M'(D_j))/n_real

    Its mean is MSE_1 - MSE_0, by Stein's identity: everything in it is observed.

    Claim: KV-NT-SURE.

    Source: ours, for the near-term question of Yi et al. 2025.

    Assumes: as `one_round`.

    Parameters
    ----------
    offsets : array_like, shape (..., p)
        D_j, fitted model minus knowledge centre, in units of sigma.
    n_real, half_width, n_kept : array_like
        As in `one_round`; they broadcast with `offsets`.

    Returns
    -------
    float or ndarray
        The estimate, summed over the last axis, in units of sigma^2; negative: improvement.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(one_round_change_estimate([0.1, -0.2], 10, 1.0, 20))
    -0.2298349
    """
    d, before, beta = _checked(offsets, n_real, half_width, name="offsets")
    _, _, pull, slope, lost, _, _ = window_cumulants(d, beta)
    terms = pull**2 + slope * _noise(n_kept) - 2 * lost * before
    return np.atleast_1d(terms).sum(axis=-1)[()]


def required_kept(bias, n_real, half_width):
    """Return how many kept draws per direction make one round an improvement.

        n_kept > E M'(D)/(2 E(1 - M'(D))/n_real - E S(D)^2)

    Claim: KV-NT-SURE, KV-NT-PERFECT, KV-NT-LENIENT.

    Source: ours, for the near-term question of Yi et al. 2025.

    Assumes: as `one_round`.

    Parameters
    ----------
    bias : array_like
        a, in units of sigma.
    n_real : array_like
        Real draws per direction, in (0, inf].
    half_width : array_like
        beta in (0, inf], in units of sigma.

    Returns
    -------
    float or ndarray
        The threshold, real-valued; inf where no number of kept draws improves.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(required_kept(0.2, 10, 1.0)), float(required_kept(0.8, 10, 1.0))
    (3.9885, inf)
    """
    _, _, slope, lost, square = _averages(*_checked(bias, n_real, half_width))
    gain = 2 * lost / np.asarray(n_real, dtype=np.float64) - square
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(gain > 0, slope / gain, np.inf)[()]


def bound_improvement(bias, n_real, half_width, n_kept):
    """Return bounds on the improvement MSE_0 - MSE_1 of one verified round.

        (1 - rho^2)/n_real - a^2 - rho/n_kept <= MSE_0 - MSE_1 <= 1/n_real - (1 - rho)^2 a^2

    A positive lower bound is sufficient for improvement, a positive upper bound necessary.

    Claim: KV-NT-SUFF, KV-NT-NEC.

    Source: ours, for the near-term question of Yi et al. 2025.

    Assumes: as `one_round`.

    Parameters
    ----------
    bias : array_like
        a, in units of sigma.
    n_real : array_like
        Real draws per direction, in (0, inf].
    half_width : array_like
        beta in (0, inf], in units of sigma.
    n_kept : array_like
        Verified draws per direction, in (0, inf].

    Returns
    -------
    low, high : float or ndarray
        The bounds, in units of sigma^2.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> [round(float(x), 6) for x in bound_improvement(0.2, 10, 1.0, 20)]
    [0.036968, 0.0799]
    """
    a, before, beta = _checked(bias, n_real, half_width)
    rho, rest = contraction_pair(beta)
    low = rest * (1 + rho) * before - a**2 - rho * _noise(n_kept)
    return low[()], (before - (rest * a) ** 2)[()]


def asymptotic_tolerable_bias(n_real, half_width, n_kept):
    """Return the largest bias with which one round still improves, in the linearised law.

        a^2 < ((1 + rho)/(1 - rho)) (1/n_real - rho/((1 - rho^2) n_kept))

    Claim: KV-NT-NEC, UL-STOP.

    Source: ours, for the near-term question of Yi et al. 2025.

    Assumes: offsets small against the window; exact for a Gaussian keep probability with
    K = rho.

    Parameters
    ----------
    n_real : array_like
        Real draws per direction, in (0, inf].
    half_width : array_like
        beta in (0, inf), in units of sigma.
    n_kept : array_like
        Verified draws per direction, in (0, inf].

    Returns
    -------
    float or ndarray
        Bound on |a| in units of sigma, leading order near the centre; 0 where even an unbiased
        verifier does not help.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(asymptotic_tolerable_bias(10, 1.0, 20))
    0.3914
    """
    beta = _domain.real("half_width", half_width, 0, low_open=True)
    _, before, beta = _checked(0.0, n_real, beta)
    rho, rest = contraction_pair(beta)
    room = np.maximum(rest * (1 + rho) * before - rho * _noise(n_kept), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(room > 0, np.sqrt(room) / rest, 0.0)[()]
