"""Accuracy of training on all the pruned data there is, at fixed dimension."""

import numpy as np
from scipy.special import ndtr

from theory._angles import PI_LOW, gap, supplement, triangle
from theory._bivariate import bivariate_cdf
from theory._domain import real

__all__ = [
    "accuracy_against_bayes",
    "accuracy_against_labels",
    "improvement_margin",
    "population_accuracy",
]


def population_accuracy(angle_gen, angle_prune, angle_between):
    """Accuracy after training on infinitely many pruned items, inputs isotropic, no margin.

    The fitted direction bisects generator and pruner, whatever the ridge:

    .. math:: acc = 1 - \\theta_b/\\pi, \\quad
        \\cos\\theta_b = \\frac{\\cos\\theta_g + \\cos\\theta_p}{2 \\cos(\\theta/2)}

    It is smooth in the angles and crosses 1/2 exactly where the breakdown point is passed,
    tg + tp = pi.

    Claim: BPX-1, BP-6b.

    Source: ours, by reflection symmetry; replaces the 100 %/0 % of Feng et al. 2025, Theorem 4.2,
    for a linear generator at fixed dimension (Figure 2).

    Assumes: x is N(0, I); convex loss with rotation-invariant penalty.

    Parameters
    ----------
    angle_gen, angle_prune, angle_between : array_like
        Angles generator-truth tg, pruner-truth tp and pruner-generator t, radians in [0, pi],
        under the triangle inequalities; broadcast.

    Returns
    -------
    float or ndarray
        Accuracy in [0, 1], exact; nan at t = pi, where nothing is kept.

    Raises
    ------
    ValueError
        If no three directions have these angles.

    Examples
    --------
    >>> float(population_accuracy(0.6, 0.9, 0.7))  # between the two: 0.809 and 0.714
    0.77982658396
    """
    gen, prune, between = triangle(angle_gen, angle_prune, angle_between)
    # By antipodes of generator and pruner the angle sought can be made at most pi/2.
    acute = gen + prune <= np.pi
    gen = np.where(acute, gen, supplement(gen))
    prune = np.where(acute, prune, supplement(prune))
    half_sum, half_gap = 0.25 * (gen + prune + between), 0.25 * gap(gen, prune, between)
    skew = np.sin(0.25 * (gen - prune)) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        product = np.sin(half_sum) * np.sin(half_gap) / np.cos(0.5 * between)
    sine = np.sqrt(np.clip(skew + np.cos(0.5 * (gen - prune)) * product, 0.0, 0.5))
    angle = 2 * np.arcsin(sine)
    away = ((np.pi - angle) + PI_LOW) / np.pi
    return np.where(between >= np.pi, np.nan, np.where(acute, away, angle / np.pi))[()]


def improvement_margin(angle_gen, angle_prune, angle_between):
    """Positive where training on pruned data beats the generator, and by how much in the cosine.

    .. math:: \\cos\\theta_p - (2 \\cos(\\theta/2) - 1) \\cos\\theta_g

    A pruner worse than the generator helps if its errors are decorrelated; one equal to it never
    does.

    Claim: BPX-1.

    Source: ours; setting of Feng et al. 2025, Figure 2.

    Assumes: x is N(0, I), infinitely many items.

    Parameters
    ----------
    angle_gen, angle_prune, angle_between : array_like
        Angles generator-truth tg, pruner-truth tp and pruner-generator t, radians in [0, pi],
        under the triangle inequalities; broadcast.

    Returns
    -------
    float or ndarray
        2 cos(t/2) times the gain in the cosine to the truth, exact up to rounding.

    Raises
    ------
    ValueError
        If no three directions have these angles.

    Examples
    --------
    >>> float(improvement_margin(0.6, 0.7, 0.9)) > 0  # worse than the generator, but helps
    True
    """
    gen, prune, between = triangle(angle_gen, angle_prune, angle_between)
    chord = 2 * np.sin(0.5 * (prune + gen)) * np.sin(0.5 * (gen - prune))  # cos tp - cos tg
    return (chord + 4 * np.sin(0.25 * between) ** 2 * np.cos(gen))[()]


def accuracy_against_labels(separation, angle):
    """Accuracy of a linear classifier against the classes of a two-class Gaussian mixture.

    .. math:: \\Phi(\\kappa \\cos\\theta)

    Claim: BPX-2.

    Source: data of Feng et al. 2025, Section 4; the metric of their Section 5.

    Assumes: x given y = +-1 is N(y mu, sigma_x^2 I), classes equally likely, no intercept.

    Parameters
    ----------
    separation : array_like
        kappa = |mu|/sigma_x, in [0, inf).
    angle : array_like
        Angle between classifier and truth, radians in [0, pi].

    Returns
    -------
    float or ndarray
        Accuracy, exact.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> float(accuracy_against_labels(1.5, 0.8))
    0.85200239
    """
    separation, angle = real("separation", separation, 0), real("angle", angle, 0, np.pi)
    return ndtr(separation * np.cos(angle))[()]


def accuracy_against_bayes(separation, angle):
    """Agreement of a linear classifier with the Bayes classifier on a Gaussian mixture.

    .. math:: \\Phi_2(\\kappa, \\kappa\\cos\\theta; \\cos\\theta)
        + \\Phi_2(-\\kappa, -\\kappa\\cos\\theta; \\cos\\theta)

    Claim: BPX-2.

    Source: Feng et al. 2025, Section 4 (accuracy relative to f_Bayes).

    Assumes: x given y = +-1 is N(y mu, sigma_x^2 I), classes equally likely, no intercept.

    Parameters
    ----------
    separation : array_like
        kappa = |mu|/sigma_x, in [0, inf); 0 gives 1 - angle/pi.
    angle : array_like
        Angle between classifier and truth, radians in [0, pi].

    Returns
    -------
    float or ndarray
        Agreement, exact (absolute error 4e-16).

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> float(accuracy_against_bayes(1.5, 0.4))
    0.953512195429
    """
    separation, angle = real("separation", separation, 0), real("angle", angle, 0, np.pi)
    shadow = separation * np.cos(angle)
    right = bivariate_cdf(separation, shadow, angle=angle)
    return np.minimum(right + bivariate_cdf(-separation, -shadow, angle=angle), 1.0)[()]
