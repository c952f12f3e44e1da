"""Selection by a verifier that errs: at random, in its centre, or in its width."""

from dataclasses import dataclass

import numpy as np

from theory._domain import real
from theory._scales import kept_deviation, log_growth, norm, points, shrinkage_after, widths
from theory._selection import Law, shrinkage, terminal_variance

__all__ = [
    "NoisySelection",
    "centre_gap_floor",
    "centre_jitter_floor",
    "misdirected_horizon",
    "misdirected_law",
    "noisy_selection",
]


@dataclass(frozen=True, slots=True)
class NoisySelection:
    """One round of selection with random errors, at a given parameter theta.

    Attributes
    ----------
    acceptance : float or ndarray
        Probability that a proposal is kept.
    contraction : float or ndarray
        Factor rho_eff: the mean of the kept samples is rho_eff theta.
    variance_along : float or ndarray
        Variance of a kept sample along theta.
    variance_across : float or ndarray
        Variance of a kept sample in each direction orthogonal to theta.
    """

    acceptance: np.ndarray
    contraction: np.ndarray
    variance_along: np.ndarray
    variance_across: np.ndarray


def noisy_selection(theta, false_accept, false_reject, sigma, kappa):
    """Mean map and variance of one round under a verifier with random errors, rho_eff.

        keep with probability phi + w exp(-|x|^2 / (2 kappa^2)),   w = 1 - phi - psi
        rho_eff = w0 + w1 rho,   w1 = w a / (phi + w a),   w0 = 1 - w1,   a = acceptance(theta)
        along theta   (w0 + w1 rho) sigma^2 + w0 w1 (1-rho)^2 |theta|^2
        across        (w0 + w1 rho) sigma^2

    Claim: SW-28.

    Source: derived here; Yang et al. 2025 select by the exact reward (phi = psi = 0).

    Assumes: phi + psi <= 1.

    Parameters
    ----------
    theta : array_like, shape (..., d)
        Mean of the generator; a scalar means d = 1.
    false_accept : array_like
        Probability phi in [0, 1] of keeping what the reward would drop for sure.
    false_reject : array_like
        Probability psi in [0, 1 - phi] of dropping what the reward would keep for sure.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    NoisySelection
        acceptance, contraction, variance_along, variance_across; exact. Where nothing can be
        kept (phi = 0, psi = 1) they are those of the limit psi -> 1.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> noisy = noisy_selection([1.0], 0.1, 0.1, 1.0, 1.0)
    >>> round(float(noisy.contraction), 4), round(float(noisy.acceptance), 4)
    (0.5925, 0.5406)
    """
    sigma, kappa = widths(sigma, kappa)
    theta = points("theta", theta)
    phi, psi = real("false_accept", false_accept, 0, 1), real("false_reject", false_reject, 0, 1)
    weight = 1.0 - phi - psi
    if np.any(weight < -1e-15):
        raise ValueError("false_reject: must lie in [0, 1 - false_accept]")
    weight = np.maximum(weight, 0.0)
    radius, growth = norm(theta), log_growth(sigma, kappa)
    with np.errstate(over="ignore", under="ignore"):
        log_clean = -theta.shape[-1] / 2 * growth - (radius / np.hypot(sigma, kappa)) ** 2 / 2
        passed = weight * np.exp(log_clean)
        accepted = phi + passed
        rewarded = np.where(phi > 0, passed / np.where(phi > 0, accepted, 1.0), 1.0)
        blind = np.where(phi > 0, phi / np.where(phi > 0, accepted, 1.0), 0.0)
        contraction = blind + rewarded * shrinkage(sigma, kappa)
        across = blind * sigma**2 + rewarded * kept_deviation(sigma, kappa) ** 2
        mixed = blind * rewarded
        apart = (np.expm1(-growth) * np.where(mixed > 0, radius, 0.0)) ** 2
        along = across + mixed * apart
    shape = np.broadcast_shapes(accepted.shape, contraction.shape)
    fields = (accepted, contraction, along, across)
    return NoisySelection(*(np.broadcast_to(field, shape).copy()[()] for field in fields))


def misdirected_law(theta0, schedule, sigma, verifier_width, centre):
    """Law of the parameter after a schedule under a verifier with its own centre and width.

        theta_T ~ N(c + rho_v^T (theta_0 - c), v_T I),   rho_v = kappa_v^2 / (kappa_v^2 + sigma^2)

    Claim: SW-29.

    Source: derived here; Yang et al. 2025, Lemma A.1, at c = 0 and the true width.

    Assumes: samples are kept with probability exp(-|x - c|^2 / (2 kappa_v^2)).

    Parameters
    ----------
    theta0 : array_like, shape (..., d)
        Parameter before the first round; a scalar means d = 1.
    schedule : array_like, shape (..., T)
        Kept samples n_0..n_{T-1}, each in (0, inf).
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    verifier_width : array_like
        Width kappa_v of the verifier, in (0, inf).
    centre : array_like, shape (..., d)
        Centre c of the verifier; the true reward is centred at 0.

    Returns
    -------
    Law
        mean of shape (..., d) and variance per coordinate of shape (...); exact. With
        `expected_reward` at the true width it gives what the loop really earns.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> misdirected_law([1.0], [10, 10], 1.0, 1.0, [0.2]).mean.round(12).tolist()
    [0.4]
    """
    sigma = real("sigma", sigma, 0, low_open=True)
    width = real("verifier_width", verifier_width, 0, low_open=True)
    theta0, centre = points("theta0", theta0), points("centre", centre)
    variance = np.asarray(terminal_variance(schedule, sigma, width))
    rounds = np.atleast_1d(schedule).shape[-1]
    remaining = shrinkage_after(rounds, log_growth(sigma, width))[..., None]
    mean = remaining * theta0 - np.expm1(-rounds * log_growth(sigma, width))[..., None] * centre
    shape = np.broadcast_shapes(mean.shape[:-1], variance.shape)
    mean = np.broadcast_to(mean, (*shape, mean.shape[-1])).copy()
    return Law(mean, np.broadcast_to(variance, shape).copy()[()])


def centre_gap_floor(centre, sigma, kappa):
    """Relative reward gap that a misplaced verifier leaves however much is spent.

        1 - exp(-|c|^2 / (2 (kappa^2 + sigma^2)))

    Claim: SW-29.

    Source: derived here; Yang et al. 2025 have c = 0.

    Assumes: the parameter has reached the verifier's centre c without variance.

    Parameters
    ----------
    centre : array_like, shape (..., d)
        Distance vector c from the reward's centre to the verifier's.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the true reward, in (0, inf).

    Returns
    -------
    float or ndarray
        Gap in [0, 1], broadcast shape without the coordinate axis; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(centre_gap_floor([0.2], 1.0, 1.0))
    0.00995016625
    """
    sigma, kappa = widths(sigma, kappa)
    with np.errstate(over="ignore", under="ignore"):
        distance = norm(points("centre", centre)) / np.hypot(sigma, kappa)
        return (-np.expm1(-(distance**2) / 2))[()]


def misdirected_horizon(theta0, centre, sigma, kappa):
    """Best number of rounds under a misplaced verifier when samples are free, real-valued T.

        rho^T = clip(x_0, 0, 1),   x_0 = c.(c - theta_0) / |c - theta_0|^2

    The trajectory passes the reward's centre at this distance and then leaves it.

    Claim: SW-29.

    Source: derived here; Yang et al. 2025 have c = 0, where more rounds never harm.

    Assumes: an unlimited total, so that the terminal variance is 0.

    Parameters
    ----------
    theta0 : array_like, shape (..., d)
        Parameter before the first round; a scalar means d = 1.
    centre : array_like, shape (..., d)
        Centre c of the verifier; the true reward is centred at 0.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the verifier, in (0, inf).

    Returns
    -------
    float or ndarray
        T in [0, inf]; inf where the centre itself is the best point, 0 where theta_0 is.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(misdirected_horizon([-1.0], [1.0], 1.0, 1.0))
    1.0
    """
    sigma, kappa = widths(sigma, kappa)
    theta0, centre = points("theta0", theta0), points("centre", centre)
    path = centre - theta0
    length, reach = norm(path), norm(centre)
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        cosine = np.sum(centre / reach[..., None] * (path / length[..., None]), axis=-1)
        # a verifier at the reward's own centre (cosine 0/0) is right for ever
        left = np.where(cosine > 0, np.minimum(cosine * (reach / length), 1.0), 0.0)
        # a loop that stands still is as good at round 0 as later
        left = np.where(length > 0, left, 1.0)
        return np.where(left < 1, -np.log(left) / log_growth(sigma, kappa), 0.0)[()]


def centre_jitter_floor(jitter, sigma, kappa):
    """Variance per coordinate that a verifier of trembling centre leaves however much is spent.

        sigma^2 w^2 / (2 kappa^2 + sigma^2)

    Claim: SW-29.

    Source: derived here; Yang et al. 2025 have a fixed centre.

    Assumes: an independent centre N(0, w^2 I) in each round; many rounds, unlimited samples.

    Parameters
    ----------
    jitter : array_like
        Standard deviation w of the centre per coordinate, in [0, inf).
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the verifier, in (0, inf).

    Returns
    -------
    float or ndarray
        Limit of the variance per coordinate, broadcast shape of the arguments; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(centre_jitter_floor(0.3, 1.0, 1.0))
    0.03
    """
    sigma, kappa = widths(sigma, kappa)
    with np.errstate(over="ignore", under="ignore"):
        return (real("jitter", jitter, 0) ** 2 / (1 + 2 * (kappa / sigma) ** 2))[()]
