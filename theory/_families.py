"""The families of loops as affine contractions, and pruning as one in the odds."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from theory._domain import count, real
from theory._scales import kept_deviation, widths
from theory._selection import shrinkage

__all__ = [
    "AffineLaw",
    "fresh_correction_law",
    "prune_round",
    "prune_rounds",
    "reward_law",
    "selection_law",
]


@dataclass(frozen=True, slots=True)
class AffineLaw:
    """What a family of loops puts into the one law V' = K^2 V + c/n.

    Attributes
    ----------
    contraction : float or ndarray
        Factor K by which a round shrinks the root-mean-square error to the centre.
    noise : float or ndarray
        Noise constant c: error added by a round on a single sample, summed over coordinates.
    """

    contraction: np.ndarray
    noise: np.ndarray


def _law(contraction, noise):
    contraction, noise = np.broadcast_arrays(contraction, noise)
    return AffineLaw(contraction.copy()[()], noise.copy()[()])


def selection_law(contraction, sigma, dim):
    """Affine law of a loop that selects, from its contraction: c = K sigma^2 p.

        D(mean map) = Cov(kept) / sigma^2 = K   (fluctuation equals dissipation)

    Claim: UL-FDR.

    Source: derived here; covers Yang et al. 2025 (exact) and, at their centre, the windows of Yi
    et al. 2025 (an upper bound elsewhere) and two-sided top fractions.

    Assumes: the keep probability depends on a sample alone; sigma is not refitted.

    Parameters
    ----------
    contraction : array_like
        Factor K in [0, 1] by which a round shrinks the distance to the centre.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    dim : array_like of int
        Number p >= 1 of coordinates.

    Returns
    -------
    AffineLaw
        contraction and noise, broadcast shape.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(selection_law(0.25, 2.0, 3).noise)
    3.0
    """
    contraction = real("contraction", contraction, 0, 1)
    sigma, dim = real("sigma", sigma, 0, low_open=True), count("dim", dim, 1)
    with np.errstate(over="ignore", under="ignore"):
        return _law(contraction, contraction * dim * sigma**2)


def reward_law(sigma, kappa, dim):
    """Affine law of selection by an exponential reward: K = rho, c = d rho sigma^2.

        rho = kappa^2 / (kappa^2 + sigma^2)

    Claim: UL-LAW.

    Source: Yang et al. 2025, Lemma A.1.

    Assumes: samples N(theta, sigma^2 I), kept with probability exp(-|x|^2 / (2 kappa^2)).

    Parameters
    ----------
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).
    dim : array_like of int
        Dimension d >= 1.

    Returns
    -------
    AffineLaw
        contraction and noise, broadcast shape; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> law = reward_law(1.0, 2.0, 2)
    >>> float(law.contraction), float(law.noise)
    (0.8, 1.6)
    """
    sigma, kappa = widths(sigma, kappa)
    with np.errstate(over="ignore", under="ignore"):
        noise = count("dim", dim, 1) * kept_deviation(sigma, kappa) ** 2
        return _law(shrinkage(sigma, kappa), noise)


def fresh_correction_law(synthetic_ratio, correction, n, sigma, dim):
    """Affine law of a loop that corrects its synthetic data and adds fresh real data.

        K^2 = lambda (lambda + gamma/n) / ((1+lambda)^2 (1+gamma)^2)
        c   = p sigma^2 / (1+lambda)

    Claim: UL-LAW.

    Source: derived here; Gillman et al. 2024 for a Gaussian mean, with new real data each round.

    Assumes: n real and lambda n synthetic samples a round; a synthetic one comes from the truth
    with probability gamma/(1+gamma). The noise of that choice grows with the error and sits in K.

    Parameters
    ----------
    synthetic_ratio : array_like
        lambda in [0, inf), synthetic samples per real one.
    correction : array_like
        gamma in [0, inf), strength of the correction.
    n : array_like
        Real samples a round, in (0, inf).
    sigma : array_like
        Standard deviation of the data per coordinate, in (0, inf).
    dim : array_like of int
        Number p >= 1 of coordinates.

    Returns
    -------
    AffineLaw
        contraction (of the root-mean-square error) and noise per real sample, broadcast shape;
        exact for batches of n real samples.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> law = fresh_correction_law(1.0, 1.0, 100, 1.0, 1)
    >>> float(law.contraction), float(law.noise)
    (0.2512468905, 0.5)
    """
    ratio, gamma = real("synthetic_ratio", synthetic_ratio, 0), real("correction", correction, 0)
    n, sigma = real("n", n, 0, low_open=True), real("sigma", sigma, 0, low_open=True)
    share = ratio / (1 + ratio)
    with np.errstate(over="ignore", under="ignore"):
        lottery = share / (1 + ratio) * (gamma / (1 + gamma)) / (1 + gamma) / n
        contraction = np.sqrt((share / (1 + gamma)) ** 2 + lottery)
        return _law(contraction, count("dim", dim, 1) * sigma**2 / (1 + ratio))


def prune_round(p, phi, psi):
    """Error rate among the kept after one round of pruning, p'.

        p' = p psi / (p psi + (1-p) phi);   in the odds o = p/(1-p):  o' = (psi/phi) o

    Claim: UL-PRUNE.

    Source: Feng et al. 2025, the rates phi and psi of their verifier; the map is derived here.

    Assumes: whether an item is kept depends only on whether its label is right.

    Parameters
    ----------
    p : array_like
        Error rate of the generator, in [0, 1].
    phi : array_like
        Probability of keeping a right item, in [0, 1].
    psi : array_like
        Probability of keeping a wrong item, in [0, 1].

    Returns
    -------
    float or ndarray
        p' in [0, 1], broadcast shape; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain, or nothing is kept at all.

    Examples
    --------
    >>> float(prune_round(0.3, 0.9, 0.3))
    0.125
    """
    p, phi, psi = real("p", p, 0, 1), real("phi", phi, 0, 1), real("psi", psi, 0, 1)
    with np.errstate(under="ignore"):
        wrong, right = p * psi, (1 - p) * phi
    if not np.all(wrong + right > 0):
        raise ValueError("p, phi, psi: p psi + (1-p) phi = 0, nothing is kept")
    return (wrong / (wrong + right))[()]


def prune_rounds(p, phi, psi, rounds):
    """Error rate after rounds of pruning, each by a generator trained on the kept, p_T.

        o_T = (psi/phi)^T o_0,   o = p/(1-p)

    Claim: UL-PRUNE.

    Source: derived here: our repetition of the single round of Feng et al. 2025.

    Assumes: the next generator errs as often as the kept items do.

    Parameters
    ----------
    p : array_like
        Error rate before the first round, in (0, 1).
    phi : array_like
        Probability of keeping a right item, in (0, 1].
    psi : array_like
        Probability of keeping a wrong item, in (0, 1].
    rounds : array_like of int
        Number of rounds T >= 0.

    Returns
    -------
    float or ndarray
        p_T in [0, 1], broadcast shape; exact.

    Raises
    ------
    ValueError
        If an argument leaves its domain.

    Examples
    --------
    >>> float(prune_rounds(0.3, 0.9, 0.3, 2))
    0.0454545455
    """
    p = real("p", p, 0, 1, low_open=True, high_open=True)
    phi, psi = real("phi", phi, 0, 1, low_open=True), real("psi", psi, 0, 1, low_open=True)
    with np.errstate(under="ignore"):
        return expit(logit(p) + count("rounds", rounds) * (np.log(psi) - np.log(phi)))[()]
