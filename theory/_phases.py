"""Breakdown points: the error rate of the generator at which pruned training fails."""

import math

import numpy as np

from theory._angles import supplement
from theory._domain import count, real

__all__ = [
    "breakdown_bounds",
    "breakdown_point",
    "noisy_verifier_breakdown",
    "phase_boundaries",
    "pooled_breakdown",
    "supervised_breakdown",
    "transition_width",
]


def _share(part, rest):
    with np.errstate(invalid="ignore"):
        return np.divide(part, part + rest)


def breakdown_point(phi, psi):
    """Error rate p* of the generator at which kept wrong items outnumber kept right ones.

    .. math:: p_\\star = \\frac{\\phi}{\\phi + \\psi}

    Claim: BP-4.2, BP-NO, BP-OR.

    Source: Feng et al. 2025, Theorem 4.2: accuracy 100 % for p < p*, 0 % for p > p*.

    Assumes: for that 0/1 law, acceptance and label independent of x given the class (isotropic
    mixture), or d -> inf under Condition E.1; a linear generator at fixed d obeys
    `population_accuracy` instead.

    Parameters
    ----------
    phi : array_like
        Acceptance rate of right items, in [0, 1].
    psi : array_like
        Acceptance rate of wrong items, in [0, 1].

    Returns
    -------
    float or ndarray
        p* in [0, 1], exact; nan where nothing is kept.

    Raises
    ------
    ValueError
        If a rate is out of range.

    Examples
    --------
    >>> float(breakdown_point(0.9, 0.3))
    0.75
    >>> float(breakdown_point(1.0, 0.0))  # oracle
    1.0
    """
    return _share(real("phi", phi, 0, 1), real("psi", psi, 0, 1))[()]


def breakdown_bounds(phi, psi, t):
    """Thresholds below which success, and above which failure, is certain with counts off by t.

    .. math:: p_\\star^\\mp(t) = \\frac{(1 \\mp t)\\phi}{(1 \\mp t)\\phi + (1 \\pm t)\\psi}

    They enclose p* and tend to it as t -> 0.

    Claim: BP-E3, BP-E4.

    Source: Feng et al. 2025, Theorem E.3, equation (19); phi, psi may be 0 or 1, as the paper's
    own examples need.

    Parameters
    ----------
    phi : array_like
        Acceptance rate of right items, in [0, 1].
    psi : array_like
        Acceptance rate of wrong items, in [0, 1].
    t : array_like
        Relative deviation of the counts that is allowed for, in [0, 1).

    Returns
    -------
    tuple of float or ndarray
        (low, high), exact; nan where nothing is kept.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> low, high = breakdown_bounds(1.0, 1.0, 0.1)
    >>> float(low), float(high)
    (0.45, 0.55)
    """
    phi, psi = real("phi", phi, 0, 1), real("psi", psi, 0, 1)
    t = real("t", t, 0, 1, high_open=True)
    low = _share((1 - t) * phi, (1 + t) * psi)
    high = _share((1 + t) * phi, (1 - t) * psi)
    return low[()], high[()]


def noisy_verifier_breakdown(p_noise):
    """Breakdown point of a verifier that keeps every right item and lets wrong ones slip through.

    .. math:: p_\\star = \\frac{1}{1 + p_{noise}}

    A verifier that errs on both kinds at rate eta has the same breakdown point for
    p_noise = eta/(1 - eta), but keeps fewer items.

    Claim: BP-NV.

    Source: Feng et al. 2025, Section 6.1, where p_noise = (1 - p*)/p*.

    Parameters
    ----------
    p_noise : array_like
        Acceptance rate of wrong items, in [0, 1].

    Returns
    -------
    float or ndarray
        p* in [1/2, 1], exact.

    Raises
    ------
    ValueError
        If the rate is out of range.

    Examples
    --------
    >>> float(noisy_verifier_breakdown(0.25))
    0.8
    """
    return (1 / (1 + real("p_noise", p_noise, 0, 1)))[()]


def supervised_breakdown(angle_prune):
    """Generator error p = tg/pi at which a linear pruner at angle tp stops helping.

    .. math:: p_{break} = 1 - \\theta_{prune}/\\pi

    It is the fixed point p = p*(p) of the breakdown point, which itself varies with the
    generator; the angle between generator and pruner does not matter.

    Claim: BP-6b, BPX-U.

    Source: Feng et al. 2025, Figure 2 (broken lines).

    Assumes: x isotropic; on the two-class mixture the breakdown is at the same angle.

    Parameters
    ----------
    angle_prune : array_like
        Angle between pruner and truth, radians in [0, pi].

    Returns
    -------
    float or ndarray
        p_break in [0, 1], exact.

    Raises
    ------
    ValueError
        If the angle is out of range.

    Examples
    --------
    >>> float(supervised_breakdown(0.3))
    0.904507034
    """
    return (supplement(real("angle_prune", angle_prune, 0, math.pi)) / math.pi)[()]


def _classes(phi, psi):
    phi, psi = np.broadcast_arrays(real("phi", phi, 0, 1), real("psi", psi, 0, 1))
    if phi.ndim == 0 or phi.shape[-1] == 0:
        raise ValueError(f"phi has shape {phi.shape}: last axis must hold the classes")
    return phi, psi


def pooled_breakdown(phi, psi, priors=None):
    """Breakdown point when acceptance rates differ between classes of opposite means.

    .. math:: p_\\star = \\frac{\\sum_k \\pi_k \\phi_k}{\\sum_k \\pi_k (\\phi_k + \\psi_k)}

    Claim: BPX-9.

    Source: ours; Feng et al. 2025, Proposition F.3 (b = -a) without the symmetry of Section 4.2.

    Assumes: one error rate for all classes; the regime gamma -> inf of the training problem.

    Parameters
    ----------
    phi : array_like, shape (..., classes)
        Acceptance rate of right items of each class, in [0, 1].
    psi : array_like, shape (..., classes)
        Acceptance rate of wrongly labelled items of each class, in [0, 1].
    priors : array_like, shape (..., classes), optional
        Class weights >= 0, normalised here; equal if not given.

    Returns
    -------
    float or ndarray, shape (...)
        p* in [0, 1], exact; nan where nothing is kept.

    Raises
    ------
    ValueError
        If a number is out of range.

    Examples
    --------
    >>> float(pooled_breakdown([0.9, 0.6], [0.1, 0.4]))
    0.75
    """
    phi, psi = _classes(phi, psi)
    priors = real("priors", 1.0 if priors is None else priors, 0)
    largest = np.max(np.atleast_1d(priors), axis=-1, keepdims=True)
    if np.any(largest == 0):
        raise ValueError("priors = 0: one of them must lie in (0, inf)")
    priors = priors / largest  # sums must not overflow
    return _share((priors * phi).sum(axis=-1), (priors * psi).sum(axis=-1))[()]


def phase_boundaries(phi, psi):
    """Error rates between which only some of the classes are learned, for orthogonal means.

    .. math:: \\min_k \\frac{\\phi_k}{\\phi_k + \\psi_k}, \\quad
        \\max_k \\frac{\\phi_k}{\\phi_k + \\psi_k}

    Below the first all classes are right, above the second none; between them there is a third
    phase, which symmetric acceptance rates hide.

    Claim: BPX-9, BP-F4.

    Source: ours; Feng et al. 2025, Proposition F.4 (b = 0), in which the pairing of B and C is to
    be corrected.

    Assumes: one error rate for all classes; the regime gamma -> inf of the training problem.

    Parameters
    ----------
    phi : array_like, shape (..., classes)
        Acceptance rate of right items of each class, in [0, 1].
    psi : array_like, shape (..., classes)
        Acceptance rate of wrongly labelled items of each class, in [0, 1].

    Returns
    -------
    tuple of float or ndarray, shape (...)
        (low, high), exact; nan where nothing of some class is kept.

    Raises
    ------
    ValueError
        If a rate is out of range.

    Examples
    --------
    >>> low, high = phase_boundaries([0.9, 0.6], [0.1, 0.4])
    >>> float(low), float(high)
    (0.6, 0.9)
    """
    points = _share(*_classes(phi, psi))
    return points.min(axis=-1)[()], points.max(axis=-1)[()]


def transition_width(n, phi, psi):
    """Width in p of the transition at p* with finitely many items, as a standard deviation.

    .. math:: \\sqrt{\\frac{2 \\phi \\psi}{n (\\phi + \\psi)^3}}

    Claim: BPX-3.

    Source: ours; leading order of the transition of Feng et al. 2025, Theorem 4.2.

    Assumes: large n; phi and psi do not depend on p.

    Parameters
    ----------
    n : array_like
        Number of generated items, a whole number >= 1.
    phi : array_like
        Acceptance rate of right items, in [0, 1].
    psi : array_like
        Acceptance rate of wrong items, in [0, 1].

    Returns
    -------
    float or ndarray
        Width, leading order; nan where nothing is kept.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> float(transition_width(10_000, 0.9, 0.3))
    0.0055901699
    """
    phi, psi = real("phi", phi, 0, 1), real("psi", psi, 0, 1)
    share = _share(phi, psi)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        width = np.sqrt(2 * share * (1 - share)) / np.sqrt(count("n", n, 1) * (phi + psi))
    return width[()]
