"""Ridge regression on pruned data when dimension and sample size grow together."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from theory._angles import gap, slack, triangle
from theory._bivariate import bivariate_cdf
from theory._domain import real

__all__ = ["PrunedMoments", "pruned_moments", "pruned_ridge_alignment", "ridge_accuracy"]

_LOG_ROOT_TAU = 0.5 * np.log(2 * np.pi)


def _aspect_and_ridge(aspect, ridge):
    aspect = real("aspect", aspect, 0, low_open=True)
    ridge = real("ridge", ridge, 0, np.inf, high_open=None)
    aspect, ridge = np.broadcast_arrays(aspect, ridge)
    if np.any((ridge == 0) & (aspect >= 1)):
        raise ValueError("ridge = 0: must lie in (0, inf] where aspect >= 1")
    return aspect, ridge


def _resolvent(aspect, ridge):
    """(1/(1 + l), (1 + l) sqrt(k2)): effective ridge l = ridge/k1 and noise factor k2.

    With m the Stieltjes transform of the Marchenko-Pastur law at -ridge, k1 = 1 - c + c ridge m
    and k2 = c (m + ridge m'). Each root is taken in the form without cancellation.
    """
    finite = np.where(np.isinf(ridge), 1.0, ridge)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        root = np.hypot(1 - aspect + finite, 2 * np.sqrt(aspect) * np.sqrt(finite))
        y, x = 1 - aspect - finite, 1 - aspect + finite
        effective = np.where(y >= 0, 2 * finite / (root + y), 0.5 * (root - y))
        # c m k1 = k2 root
        plain = aspect * (root + y) / (root + np.abs(x))
        dense = 4 * (finite / (root - y)) * (aspect / (root + np.abs(x)))
        wide = (root - x) / (root - y)
        share = np.where(y >= 0, plain, np.where(x >= 0, dense, wide))
        shrink = 1 / (1 + effective)
        noise = np.sqrt(share) * ((1 + effective) / np.sqrt(root))
    at_infinity = np.isinf(ridge)
    return np.where(at_infinity, 0.0, shrink), np.where(at_infinity, np.sqrt(aspect), noise)


def ridge_accuracy(separation, signal, aspect, ridge):
    """Accuracy of ridge regression on n kept items with independent label noise, d/n -> aspect.

    With m = signal, l the effective ridge and k2 the noise factor of the Marchenko-Pastur law,

        alpha = kappa m/(1 + kappa^2 + l),  res = 1 - 2 alpha kappa m + alpha^2 (1 + kappa^2),
        accuracy = Phi(kappa alpha/sqrt(alpha^2 + k2 res))

    The best ridge found is an infinite one, Phi(kappa^2 m/sqrt(kappa^2 m^2 + aspect)).

    Claim: BPX-5.

    Source: ours; the model of Feng et al. 2025, Section 4, in proportional asymptotics.

    Assumes: x given y = +-1 is N(y mu, sigma_x^2 I); labels are wrong independently of x given y;
    the estimator is (X'X/n + ridge I)^(-1) X'y'/n on inputs in units of sigma_x.

    Parameters
    ----------
    separation : array_like
        kappa = |mu|/sigma_x, in [0, inf).
    signal : array_like
        m = 2 precision - 1, in [-1, 1].
    aspect : array_like
        Dimension over number of kept items, in (0, inf).
    ridge : array_like
        Ridge per sample, in [0, inf]; 0 (least squares) needs aspect < 1, inf is averaging.

    Returns
    -------
    float or ndarray
        Accuracy against the labels; exact in the limit n -> inf.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> float(ridge_accuracy(1.5, 0.4, 0.5, 0.3))
    0.671007482702
    """
    separation, signal = real("separation", separation, 0), real("signal", signal, -1, 1)
    shrink, noise = _resolvent(*_aspect_and_ridge(aspect, ridge))
    kappa = np.minimum(separation, 1e150)  # further apart changes nothing
    # Everything times 1 + kappa^2 + l, over 1 + l.
    lost = np.sqrt((1 - signal) * (1 + signal)) * (1 + kappa * shrink * kappa)
    kept = signal * np.hypot(1.0, kappa * shrink)
    with np.errstate(invalid="ignore"):
        spread = np.hypot(kappa * signal, noise * np.hypot(lost, kept))
        score = np.divide(kappa * signal, spread) * kappa
    return ndtr(np.where(kappa * signal == 0, 0.0, score))[()]


def _outer(x, y):
    return x[..., :, None] * y[..., None, :]


@dataclass(frozen=True, slots=True)
class PrunedMoments:
    """First and second moments of the data that a linear verifier keeps.

    In coordinates of an orthonormal frame in which the truth is (1, 0, 0), the generator lies in
    the half plane of positive second coordinate and the pruner in the half space of positive
    third one. Inputs are in units of sigma_x; orthogonal to the frame they stay N(0, I).

    Parameters
    ----------
    retention : float or ndarray
        Share of items kept, P(q = 1).
    first : ndarray, shape (..., 3)
        E[y' x | q = 1].
    covariance : ndarray, shape (..., 3, 3)
        Covariance of y' x given q = 1.
    """

    retention: float | np.ndarray
    first: np.ndarray
    covariance: np.ndarray

    @property
    def second(self):
        """E[x x' | q = 1]."""
        return self.covariance + _outer(self.first, self.first)


def _frame(gen, prune, between):
    """Unit vectors of truth, generator and pruner in the frame of `PrunedMoments`."""
    zero, one = np.zeros_like(gen), np.ones_like(gen)
    # Half the dihedral angle at the truth, from factors that vanish for coplanar directions.
    sine = np.sqrt(
        np.sin(0.5 * gap(prune, between, gen)) * np.sin(0.5 * gap(gen, between, prune))
    )
    cosine = np.sqrt(
        np.sin(0.5 * slack(gen, prune, between)) * np.sin(0.5 * gap(gen, prune, between))
    )
    half = np.arctan2(sine, cosine)
    cosine, sine = np.cos(2 * half), np.sin(2 * half)
    truth = np.stack([one, zero, zero], axis=-1)
    generator = np.stack([np.cos(gen), np.sin(gen), zero], axis=-1)
    pruner = np.stack([np.cos(prune), np.sin(prune) * cosine, np.sin(prune) * sine], axis=-1)
    return truth, generator, pruner


def _density(x):
    with np.errstate(under="ignore"):
        return np.exp(-0.5 * x * x - _LOG_ROOT_TAU)


def _conditional_scores(kappa, gen, prune, between):
    """k1 = (cos t c2 - c1)/sin t and k2 = (cos t c1 - c2)/sin t, with c as in `pruned_moments`."""
    mean, difference = 0.5 * (gen + prune), 0.5 * (gen - prune)
    chord = -2 * np.sin(mean) * np.sin(difference)  # cos tg - cos tp
    total = 2 * np.cos(mean) * np.cos(difference)  # cos tg + cos tp
    sine, tangent = np.sin(between), np.tan(0.5 * between)
    near = between <= 0.5 * np.pi
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        slope = np.where(sine == 0, 0.0, np.where(near, chord, total) / sine)
        tangent = np.where(near, tangent, 1 / tangent)
    first = np.where(near, np.cos(gen) * tangent - slope, slope - np.cos(gen) * tangent)
    second = np.where(near, np.cos(prune) * tangent + slope, slope - np.cos(prune) * tangent)
    return kappa * first, kappa * second


def _agreement_curvature(generator, pruner, between, at2, k1):
    """4 f (g p' + p g') - 4 f cos t (g g' + p p'), f = phi(c2) phi(k1)/sin t, for any t."""
    near = between <= 0.5 * np.pi
    sum_or_chord = np.where(near[..., None], generator - pruner, generator + pruner)
    length = np.hypot.reduce(sum_or_chord, axis=-1)[..., None]
    unit = sum_or_chord / np.where(length == 0, 1.0, length)
    # (g - p)(g - p)'/sin t = 2 tan(t/2) unit unit'  and  (1 - cos t)/sin t = tan(t/2)
    with np.errstate(divide="ignore", over="ignore"):
        weight = np.where(near, np.tan(0.5 * between), -1 / np.tan(0.5 * between))
    weight = 4 * at2 * _density(k1) * weight
    both = _outer(generator, generator) + _outer(pruner, pruner)
    return weight[..., None, None] * (both - 2 * _outer(unit, unit))


def pruned_moments(separation, angle_gen, angle_prune, angle_between):
    """Mean and second moment of Gaussian-mixture data kept by a linear verifier.

    With ĝ, p̂, w* the unit vectors of generator, pruner and truth, and c2 = -separation cos tg,
    c1 = -separation cos tp,

        P(q) = Phi_2(c1, c2; cos t) + Phi_2(-c1, -c2; cos t)
        P(q) E[y' x | q] = separation (1 - Phi(c1) - Phi(c2)) w* + phi(c2) ĝ + phi(c1) p̂

    The first moment is the direction of the averaging classifier, second^(-1) first that of
    least squares; without margin the logistic classifier follows the bisector of ĝ and p̂.

    Claim: BPX-4.

    Source: ours; data and pruner of Feng et al. 2025, Appendix E.6.

    Assumes: x given y = +-1 is N(y mu, sigma_x^2 I), classes equally likely, y' = sign(ĝ.x),
    kept where sign(p̂.x) = y'.

    Parameters
    ----------
    separation : array_like
        |mu|/sigma_x, in [0, inf).
    angle_gen, angle_prune, angle_between : array_like
        Angles generator-truth tg, pruner-truth tp and pruner-generator t, radians in [0, pi],
        under the triangle inequalities; broadcast.

    Returns
    -------
    PrunedMoments
        Exact; nan moments where nothing is kept.

    Raises
    ------
    ValueError
        If a number is out of range or no three directions have these angles.

    Examples
    --------
    >>> moments = pruned_moments(0.0, 0.5, 0.5, 0.0)  # nothing pruned, no margin
    >>> float(moments.retention), moments.second.round(12).tolist()
    (1.0, [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    """
    kappa = np.minimum(real("separation", separation, 0), 1e100)
    gen, prune, between = triangle(angle_gen, angle_prune, angle_between)
    kappa, gen, prune, between = np.broadcast_arrays(kappa, gen, prune, between)
    truth, generator, pruner = _frame(gen, prune, between)
    c1, c2 = -kappa * np.cos(prune), -kappa * np.cos(gen)
    wrong = bivariate_cdf(c1, c2, angle=between)
    right = bivariate_cdf(-c1, -c2, angle=between)
    kept = np.where(between >= np.pi, 0.0, right + wrong)
    at1, at2 = _density(c1), _density(c2)
    k1, k2 = _conditional_scores(kappa, gen, prune, between)
    bend1, bend2 = 2 * ndtr(k1) - 1, 2 * ndtr(k2) - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        share, right, wrong = np.where(kept == 0, np.nan, (1 / kept, right / kept, wrong / kept))
    at1, at2 = at1 * share, at2 * share

    def column(x):
        return np.asarray(x)[..., None]

    def matrix(x):
        return np.asarray(x)[..., None, None]

    # S = +-1 is the agreement of generator and pruner, z the noise of x.
    push = column(at2) * generator + column(at1) * pruner  # E[y' z]
    tilt = column(at2 * bend1) * generator + column(at1 * bend2) * pruner  # E[S z]/2
    first = column(kappa * (right - wrong)) * truth + push
    curve = (
        matrix(c2 * at2 * bend1) * _outer(generator, generator)
        + matrix(c1 * at1 * bend2) * _outer(pruner, pruner)
        + 0.5 * _agreement_curvature(generator, pruner, between, at2, k1)
    )
    cross = column(kappa) * (tilt - column(right - wrong) * push)
    covariance = (
        np.eye(3) + matrix(4 * (kappa * right) * (kappa * wrong)) * _outer(truth, truth)
        + _outer(truth, cross) + _outer(cross, truth) + curve - _outer(push, push)
    )
    return PrunedMoments(kept[()], first, covariance)


def pruned_ridge_alignment(separation, angle_gen, angle_prune, angle_between, aspect, ridge):
    """Cosine between truth and ridge regression on pruned data, d/n -> aspect.

    With b, M the pruned moments, l the effective ridge and k2 the noise factor,

        alpha = (M + l I)^(-1) b,  res = 1 - 2 alpha.b + alpha'M alpha,
        cosine = alpha.w*/sqrt(|alpha|^2 + k2 res)

    The accuracy is Phi(separation cosine), or 1 - arccos(cosine)/pi without margin. As l shrinks
    with n, the direction itself depends on the sample size.

    Claim: BPX-6, BPX-8.

    Source: ours; the setting of Feng et al. 2025, Figures 2 and 3, in proportional asymptotics.

    Assumes: as `pruned_moments`; the estimator is (X'X/n + ridge I)^(-1) X'y'/n.

    Parameters
    ----------
    separation : array_like
        |mu|/sigma_x, in [0, inf); 0 is the case without margin, x ~ N(0, I).
    angle_gen, angle_prune, angle_between : array_like
        Angles generator-truth tg, pruner-truth tp and pruner-generator t, radians in [0, pi],
        under the triangle inequalities; broadcast.
    aspect : array_like
        Dimension over number of kept items, in (0, inf).
    ridge : array_like
        Ridge per sample, in [0, inf]; 0 (least squares) needs aspect < 1, inf is averaging.

    Returns
    -------
    float or ndarray
        Cosine in [-1, 1], exact in the limit n -> inf; nan where nothing is kept.

    Raises
    ------
    ValueError
        If a number is out of range or no three directions have these angles.

    Examples
    --------
    >>> float(pruned_ridge_alignment(1.5, 0.5, 0.7, 0.6, 1.5, 0.2))
    0.644582616576
    """
    shrink, noise = _resolvent(*_aspect_and_ridge(aspect, ridge))
    moments = pruned_moments(separation, angle_gen, angle_prune, angle_between)
    shrink, noise, empty = np.broadcast_arrays(shrink, noise, np.equal(moments.retention, 0))
    covariance = np.where(empty[..., None, None], np.eye(3), moments.covariance)
    # With M = V + b b' alpha is proportional to (V + l I)^(-1) b, and the residual to 1 + alpha'V
    # alpha; over 1 + l, so that l = inf is an ordinary value.
    weight = shrink[..., None, None]
    matrix = weight * covariance + (1 - weight) * np.eye(3)
    first = np.broadcast_to(moments.first, matrix.shape[:-1])
    alpha = np.linalg.solve(matrix, first[..., None])  # (..., 3, 1)
    spread = shrink**2 * (alpha * (covariance @ alpha)).sum(axis=(-2, -1))
    alpha = alpha[..., 0]
    length = np.hypot(np.hypot.reduce(alpha, axis=-1), noise * np.sqrt(1 + spread))
    return np.clip(alpha[..., 0] / length, -1.0, 1.0)[()]
