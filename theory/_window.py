"""One verified draw: a Gaussian seen through the verifier's window, hard or soft.

Units of sigma: the draw is u ~ N(d, 1), d the model's offset from the verifier's knowledge
centre; the window keeps |u| <= beta.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from theory import _domain
from theory._truncated import log_acceptance, window_cumulants

__all__ = [
    "Window",
    "bound_true_acceptance",
    "bound_window_contraction",
    "matched_width",
    "proposals_per_kept",
    "soft_acceptance",
    "soft_contraction",
    "window",
    "window_acceptance",
    "window_contraction",
]

_ROOT_2_OVER_PI = math.sqrt(2 / math.pi)
_FAR = 60.0  # exp(-60^2/2) is 0 in double precision


@dataclass(frozen=True, slots=True)
class Window:
    """Cumulants of the kept draw, in units of sigma.

    Attributes
    ----------
    log_acceptance : float or ndarray
        log Z(d), Z the probability that a proposal is kept.
    mean : float or ndarray
        M(d), the mean of a kept draw: the next offset.
    slope : float or ndarray
        M'(d), which is also the variance of a kept draw; in (0, 1).
    pull : float or ndarray
        S(d) = d - M(d), what one round moves the model towards the centre.
    third : float or ndarray
        M''(d), the third cumulant; of the sign opposite to d.
    fourth : float or ndarray
        M'''(d), the fourth cumulant.
    """

    log_acceptance: np.ndarray
    mean: np.ndarray
    slope: np.ndarray
    pull: np.ndarray
    third: np.ndarray
    fourth: np.ndarray


def checked_offset(offset):
    """Return d as float64, finite."""
    return _domain.real("offset", offset)


def checked_half_width(half_width):
    """Return beta as float64, in (0, inf]."""
    return _domain.real("half_width", half_width, 0, low_open=True, high_open=None)


def window(offset, half_width):
    """Return acceptance and cumulants of a draw from N(d, 1) kept when |u| <= beta.

        Z(d) = Phi(beta - d) + Phi(beta + d) - 1,    M(d) = d + (log Z)'(d)

    and third and fourth are M'' and M'''. M is odd, increasing, and concave on d >= 0.

    Claim: KV-TN-Z, KV-TN-M, KV-TN-V, KV-TN-01, KV-TN-GHS, KV-RATIO, KV-TAIL-ASY.

    Source: the acceptance rule of Yi et al. 2025 in one dimension; the cumulants are ours.

    Parameters
    ----------
    offset : array_like
        d, model minus knowledge centre along the row, in units of sigma.
    half_width : array_like
        beta in (0, inf], in units of sigma; inf keeps everything.

    Returns
    -------
    Window
        Exact, with relative error below 1e-12 (third and fourth 1e-9) for beta from 1e-6 on
        and any d.

    Raises
    ------
    ValueError
        If d is not finite or beta is not positive.

    Examples
    --------
    >>> kept = window(1.0, 1.0)
    >>> float(kept.mean), float(kept.slope), float(kept.pull)
    (0.2772102478, 0.2513162776, 0.7227897522)
    """
    rows = window_cumulants(checked_offset(offset), checked_half_width(half_width))
    log_z, mean, pull, slope, _, third, fourth = (row[()] for row in rows)
    return Window(log_z, mean, slope, pull, third, fourth)


def window_acceptance(offset, half_width):
    """Return the probability that a proposal is kept, Z(d).

        Z(d) = Phi(beta - d) + Phi(beta + d) - 1

    Claim: KV-TN-Z.

    Source: the acceptance rule of Yi et al. 2025.

    Parameters
    ----------
    offset : array_like
        d, in units of sigma.
    half_width : array_like
        beta in (0, inf], in units of sigma.

    Returns
    -------
    float or ndarray
        Z, in [0, 1]; exact, 0 only by underflow (use `window` for its logarithm).

    Raises
    ------
    ValueError
        If d is not finite or beta is not positive.

    Examples
    --------
    >>> float(window_acceptance(0.0, 1.0))
    0.6826894921
    """
    return np.exp(log_acceptance(checked_offset(offset), checked_half_width(half_width)))[()]


def proposals_per_kept(offset, half_width):
    """Return the mean number of proposals per kept draw, 1/Z(d).

        E N = 1/Z(d),    N geometric

    Claim: KV-TN-Z.

    Source: the acceptance rule of Yi et al. 2025, drawing until a quota is filled.

    Parameters
    ----------
    offset : array_like
        d, in units of sigma.
    half_width : array_like
        beta in (0, inf], in units of sigma.

    Returns
    -------
    float or ndarray
        1/Z, at least 1; exact, inf beyond 1e308.

    Raises
    ------
    ValueError
        If d is not finite or beta is not positive.

    Examples
    --------
    >>> float(proposals_per_kept(3.0, 1.0))
    44.0170666898
    """
    log_z = log_acceptance(checked_offset(offset), checked_half_width(half_width))
    with np.errstate(over="ignore"):
        return np.exp(-log_z)[()]


def bound_true_acceptance(noise_allowance):
    """Return a lower bound on the probability that a true sample is kept.

        P(keep | truth) >= 2 Phi(sigma_c/sigma) - 1 = erf(sigma_c/(sigma sqrt(2)))

    Claim: KV-COMPLETE.

    Source: ours, for the acceptance rule |y - x theta_c| <= r |x| + sigma_c of Yi et al. 2025.

    Assumes: the true parameter lies in the verifier's ball of radius r.

    Parameters
    ----------
    noise_allowance : array_like
        sigma_c/sigma in [0, inf].

    Returns
    -------
    float or ndarray
        The bound, a probability.

    Raises
    ------
    ValueError
        If the allowance is negative.

    Examples
    --------
    >>> float(bound_true_acceptance(2.0))
    0.9544997361
    """
    allowance = _domain.real("noise_allowance", noise_allowance, 0, high_open=None)
    return special.erf(allowance * math.sqrt(0.5))[()]


def _kummer(upper, terms=24):
    """Return the coefficients of 1F1(1; upper; x)."""
    return 1 / np.cumprod([1.0, *(upper + k for k in range(terms))])


_ABOVE, _BELOW = _kummer(2.5), _kummer(1.5)


def contraction_pair(half_width):
    """Return (rho, 1 - rho) of a window, each to full relative accuracy."""
    beta = np.maximum(np.minimum(half_width, _FAR), 1e-300)
    rest = _ROOT_2_OVER_PI * beta * np.exp(-(beta**2) / 2) / special.erf(beta * math.sqrt(0.5))
    half = np.minimum(beta, 1.0) ** 2 / 2
    polyval = np.polynomial.polynomial.polyval
    narrow = np.minimum(half_width, 1.0) ** 2 / 3 * polyval(half, _ABOVE) / polyval(half, _BELOW)
    return np.where(beta < 1, narrow, 1 - rest), rest


def window_contraction(half_width):
    """Return the contraction factor of a window, rho(beta).

        rho = sup_d M'(d) = M'(0) = 1 - sqrt(2/pi) beta exp(-beta^2/2)/erf(beta/sqrt(2))

    Claim: KV-RHO, KV-RHO-ODE, KV-RHO-BOUNDS.

    Source: ours; it makes explicit the rate of convergence to the knowledge centre that Yi et
    al. 2025 announce.

    Parameters
    ----------
    half_width : array_like
        beta in (0, inf], in units of sigma.

    Returns
    -------
    float or ndarray
        rho, in (0, 1], the best Lipschitz constant of the mean map; exact.

    Raises
    ------
    ValueError
        If beta is not positive.

    Examples
    --------
    >>> window_contraction([1.0, 2.0, 3.0])
    array([0.29113, 0.77374 , 0.97334])
    """
    return contraction_pair(checked_half_width(half_width))[0][()]


def bound_window_contraction(half_width):
    """Return lower and upper bounds on the contraction factor of a window.

        1 - exp(-beta^2/3) < rho < min(beta^2/3, 1 - sqrt(2/pi) beta exp(-beta^2/2))

    Claim: KV-RHO-BOUNDS.

    Source: ours.

    Parameters
    ----------
    half_width : array_like
        beta in (0, inf], in units of sigma.

    Returns
    -------
    low, high : float or ndarray
        The bounds.

    Raises
    ------
    ValueError
        If beta is not positive.

    Examples
    --------
    >>> [float(x) for x in bound_window_contraction(1.0)]
    [0.2834686894, 0.3333333333]
    """
    beta = np.minimum(checked_half_width(half_width), _FAR)
    low = -np.expm1(-(beta**2) / 3)
    high = np.minimum(beta**2 / 3, 1 - _ROOT_2_OVER_PI * beta * np.exp(-(beta**2) / 2))
    return low[()], high[()]


def soft_contraction(width, sigma):
    """Return the contraction factor of a Gaussian keep probability, K.

        K = s^2/(s^2 + sigma^2)  for  P(keep) = exp(-(y - x theta_c)^2/(2 s^2))

    Claim: KV-SOFT.

    Source: ours; the smooth counterpart of the window of Yi et al. 2025, and the selection of
    Yang et al. 2025. The loop is then exactly linear, in any dimension.

    Parameters
    ----------
    width : array_like
        s in (0, inf], in the units of sigma.
    sigma : array_like
        Noise of the model's labels, > 0.

    Returns
    -------
    float or ndarray
        K, in (0, 1]; exact.

    Raises
    ------
    ValueError
        If an argument is not positive.

    Examples
    --------
    >>> float(soft_contraction(0.5, 2.0))
    0.0588235294
    """
    width = _domain.real("width", width, 0, low_open=True, high_open=None)
    sigma = _domain.real("sigma", sigma, 0, low_open=True)
    with np.errstate(over="ignore"):
        return (1 / (1 + (sigma / width) ** 2))[()]


def matched_width(half_width):
    """Return the width s of the Gaussian keep probability with the window's contraction.

        s = sqrt(rho/(1 - rho)),  so that  s^2/(s^2 + 1) = rho(beta)

    Both have the same local law at the centre; away from it the window pulls harder.

    Claim: KV-MATCH, KV-RATIO.

    Source: ours.

    Parameters
    ----------
    half_width : array_like
        beta in (0, inf], in units of sigma.

    Returns
    -------
    float or ndarray
        s, in units of sigma; exact, inf where 1 - rho underflows.

    Raises
    ------
    ValueError
        If beta is not positive.

    Examples
    --------
    >>> float(matched_width(2.0))
    1.8492483934
    """
    slope, rest = contraction_pair(checked_half_width(half_width))
    with np.errstate(divide="ignore"):
        return np.sqrt(slope / rest)[()]


def soft_acceptance(offset, width):
    """Return the probability that a Gaussian keep probability keeps a proposal.

        Z = sqrt(K) exp(-(1 - K) d^2/2),    K = s^2/(s^2 + 1)

    Claim: KV-SOFT.

    Source: ours.

    Parameters
    ----------
    offset : array_like
        d, in units of sigma.
    width : array_like
        s in (0, inf], in units of sigma.

    Returns
    -------
    float or ndarray
        Z, in [0, 1]; exact.

    Raises
    ------
    ValueError
        If d is not finite or s is not positive.

    Examples
    --------
    >>> float(soft_acceptance(1.0, 1.0))
    0.5506953149
    """
    d = checked_offset(offset)
    width = _domain.real("width", width, 0, low_open=True, high_open=None)
    with np.errstate(over="ignore"):
        kept, lost = 1 / np.hypot(1, 1 / width), 1 / np.hypot(1, width)  # roots of K and 1 - K
        return (kept * np.exp(-0.5 * (d * lost) ** 2))[()]
