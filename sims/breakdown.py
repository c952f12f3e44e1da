"""Classifiers trained on generated labels of which a verifier keeps some (Feng et al. 2025).

Items are N(y kappa w, I) given their class y = +-1, w the truth and kappa the separation. The
classifier is ridge least squares on what is kept; it never sees which labels are wrong.
"""

import math

import numpy as np
from numba import njit
from scipy.special import ndtr

from sims import _check
from sims._ridge import absorb, cosine, fit, forget, new_learner
from sims.replicate import replicate

__all__ = ["simulate_generated_training", "simulate_pruned_classifier", "simulate_random_pruning"]

_PATIENCE = 100_000_000  # items in a row that may be refused
_GLANCE = 4_095  # a mask: items between two looks at the halt flag, less one


def simulate_random_pruning(
    separation, dim, n, p, phi, psi, *, ridge, replicates, rng, workers=None
):
    r"""Simulate training on labels that are wrong, and kept, independently of the features.

    Each of `n` items has a wrong label with probability p. Right labels are kept with
    probability phi and wrong ones with probability psi.

    Parameters
    ----------
    separation : float in [0, 1e100]
        kappa, half of the distance of the class means in units of the noise per coordinate.
    dim : int
        Dimension d >= 1.
    n : int
        Number of items proposed, >= 0.
    p, phi, psi : float in [0, 1]
        Error rate of the labels; acceptance rates of right and of wrong labels.
    ridge : float in [0, inf]
        Penalty a kept item: weights ``(X'X / N + ridge I)^-1 X'y / N`` with N kept items. At 0
        the shortest least-squares solution, at inf the average of label times features.
    replicates : int
        Number R of independent trainings.
    rng : numpy.random.Generator
        Source of the streams.
    workers : int, Engine or None, optional
        Threads or engine (see `sims.replicate.replicate`); without influence on the result.

    Returns
    -------
    array (R,)
        Accuracy of the learned direction on new items of the mixture: the normal cdf at
        ``kappa cos(angle to the truth)``, which is the measurement that a test set of infinite
        size would give. Where nothing was kept it is 1/2.

    Raises
    ------
    ValueError
        For arguments outside of their domain.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> simulate_random_pruning(2.0, 5, 400, 0.2, 0.9, 0.1, ridge=0.1, replicates=3,
    ...                         rng=rng).round(2)
    array([0.98, 0.98, 0.97])
    """
    separation = _check.number("separation", separation, "[0, 1e100]")
    dim = _check.count("dim", dim, 1)
    n = _check.count("n", n)
    p, phi, psi = (
        _check.number(name, value, "[0, 1]")
        for name, value in (("p", p), ("phi", phi), ("psi", psi)))
    ridge = _check.number("ridge", ridge, "[0, inf]")
    (cosines,) = replicate(
        _random_chunk, replicates, [((), np.float64)], rng=rng, draws=n * (dim + 2),
        arguments=(separation, dim, n, p, phi, psi, ridge), workers=workers)
    return _accuracy(separation, cosines)


def simulate_pruned_classifier(
    separation, dim, n, angle_gen, angle_prune, angle_between, *, ridge, replicates, rng,
    workers=None,
):
    r"""Simulate training on a linear generator's labels that a linear verifier agrees with.

    Generator and verifier are directions; a label is the side on which the features lie, and an
    item is kept when both say the same.

    Parameters
    ----------
    separation : float in [0, 1e100] or None
        kappa. None: no mixture and no margin; features are N(0, I) and the class is the side of
        the truth.
    dim : int
        Dimension d >= 1; angles in general position need d >= 3.
    n : int
        Number of items proposed, >= 0.
    angle_gen, angle_prune, angle_between : float in [0, pi]
        Angles of the generator and of the verifier to the truth, and between the two: sides of
        a triangle on the sphere.
    ridge : float in [0, inf]
        Penalty, as in `simulate_random_pruning`.
    replicates, rng, workers
        As in `simulate_random_pruning`.

    Returns
    -------
    array (R,)
        Accuracy on new items, measured from the learned direction as in
        `simulate_random_pruning` (without a mixture: one minus the angle to the truth over pi).

    Raises
    ------
    ValueError
        For arguments outside of their domain, and for angles that no three directions have.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> simulate_pruned_classifier(1.5, 10, 4000, 0.8, 0.3, 0.9, ridge=0.0, replicates=2,
    ...                            rng=rng).round(2)
    array([0.93, 0.93])
    """
    margin = separation is not None
    if margin:
        separation = _check.number("separation", separation, "[0, 1e100]")
    dim = _check.count("dim", dim, 1)
    n = _check.count("n", n)
    labeller, verifier = _directions(dim, angle_gen, angle_prune, angle_between)
    ridge = _check.number("ridge", ridge, "[0, inf]")
    (cosines,) = replicate(
        _agreement_chunk, replicates, [((), np.float64)], rng=rng, draws=n * (dim + 2),
        arguments=(separation if margin else 0.0, margin, dim, n, labeller, verifier, ridge),
        workers=workers)
    return _accuracy(separation, cosines)


def simulate_generated_training(
    separation, dim, n_real, n_kept, angle_prune, *, arm="verified", labels="sampled", ridge,
    replicates, rng, workers=None,
):
    r"""Simulate a generator fitted to real items, whose labelled items train a classifier.

    The generator is the least-squares fit to `n_real` real items (the shortest one when there
    are fewer than d). It labels new features x +1 with probability sigmoid(x . weights).

    Parameters
    ----------
    separation : float in [0, 1e100]
        kappa.
    dim, n_real : int
        Dimension and number of real items, >= 1.
    n_kept : int
        Number of items that the classifier is trained on, >= 0; items are drawn until so many
        are kept.
    angle_prune : float in [0, pi]
        Angle of the linear verifier to the truth, in a direction that knows nothing of the
        generator.
    arm : {"verified", "random", "clean"}
        Keep generated items whose label the verifier shares; keep all; or use true labels.
    labels : {"sampled", "hard"}
        Draw the generator's label, or take its likelier one.
    ridge : float in [0, inf]
        Penalty of the classifier, as in `simulate_random_pruning`.
    replicates, rng, workers
        As in `simulate_random_pruning`.

    Returns
    -------
    array (R,)
        Accuracy on new items, measured as in `simulate_random_pruning`.

    Raises
    ------
    ValueError
        For arguments outside of their domain.
    RuntimeError
        When the verifier refuses 100,000,000 items in a row.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> simulate_generated_training(1.5, 10, 100, 4000, 0.1, ridge=0.1, replicates=2,
    ...                             rng=rng).round(2)
    array([0.93, 0.93])
    """
    separation = _check.number("separation", separation, "[0, 1e100]")
    dim = _check.count("dim", dim, 1)
    n_real = _check.count("n_real", n_real, 1)
    n_kept = _check.count("n_kept", n_kept)
    angle_prune = _check.number("angle_prune", angle_prune, _ANGLES)
    verifier = _directions(dim, 0.0, angle_prune, angle_prune)[1]
    _check.option("arm", arm, ("verified", "random", "clean"))
    _check.option("labels", labels, ("sampled", "hard"))
    ridge = _check.number("ridge", ridge, "[0, inf]")
    (cosines,) = replicate(
        _generated_chunk, replicates, [((), np.float64)], rng=rng,
        draws=(n_real + 2 * n_kept) * (dim + 2), workers=workers,
        arguments=(separation, dim, n_real, n_kept, verifier, arm == "verified",
                   arm == "clean", labels == "sampled", ridge))
    return _accuracy(separation, cosines)


_ANGLES = f"[0, {math.pi!r}]"


def _accuracy(separation, cosines):
    """Return the accuracy on new items of directions at these cosines to the truth."""
    if separation is None:
        return 1.0 - np.arccos(np.clip(cosines, -1.0, 1.0)) / np.pi
    return ndtr(separation * cosines)


def _directions(dim, angle_gen, angle_prune, angle_between):
    """Return unit vectors (min(dim, 3),) at these angles to the first axis and to each other."""
    a = _check.number("angle_gen", angle_gen, _ANGLES)
    b = _check.number("angle_prune", angle_prune, _ANGLES)
    c = _check.number("angle_between", angle_between, _ANGLES)
    low, high = abs(a - b), min(a + b, (math.pi - a) + (math.pi - b))
    slack = 4.0 * math.ulp(math.pi)
    if not low - slack <= c <= high + slack:
        raise ValueError(
            f"angle_between = {c:g}: must lie in [{low:g}, {high:g}] for these other angles")
    c = min(max(c, low), high)
    # Half-angle formulas keep the dihedral angle accurate when the directions share a plane.
    half = (a + b + c) / 2.0
    apart = math.sin(max(half - a, 0.0)) * math.sin(max(half - b, 0.0))
    close = math.sin(half) * math.sin(max(half - c, 0.0))
    turn = 2.0 * math.atan2(math.sqrt(max(apart, 0.0)), math.sqrt(max(close, 0.0)))
    labeller = np.array([math.cos(a), math.sin(a), 0.0])
    verifier = np.array(
        [math.cos(b), math.sin(b) * math.cos(turn), math.sin(b) * math.sin(turn)])
    outside = max(abs(labeller[dim:]).max(initial=0.0), abs(verifier[dim:]).max(initial=0.0))
    if outside > 1e-7:
        raise ValueError(f"dim = {dim}: must be >= {2 if dim == 1 else 3} for these angles")
    return labeller[:dim].copy(), verifier[:dim].copy()


@njit(nogil=True, cache=True)
def _random_chunk(rng, halt, separation, dim, n, p, phi, psi, ridge, cosines):
    """Train on labels whose errors and survival do not look at the features."""
    learner = new_learner(dim, ridge)
    point = np.empty(dim)
    for r in range(len(cosines)):
        forget(learner)
        kept = 0
        for k in range(n):
            if k & _GLANCE == 0 and halt[0]:
                return
            wrong = rng.random() < p
            if rng.random() < (psi if wrong else phi):
                for i in range(dim):
                    point[i] = rng.standard_normal()
                point[0] += separation
                absorb(learner, kept, point, -1.0 if wrong else 1.0)
                kept += 1
        fit(learner, kept, ridge)
        cosines[r] = cosine(learner[4])


@njit(nogil=True, cache=True)
def _along(direction, point):
    """Return the product of a point with a direction in the first few coordinates."""
    product = 0.0
    for i in range(len(direction)):
        product += direction[i] * point[i]
    return product


@njit(nogil=True, cache=True)
def _agreement_chunk(
    rng, halt, separation, margin, dim, n, labeller, verifier, ridge, cosines
):
    """Train on items that labeller and verifier put on the same side."""
    learner = new_learner(dim, ridge)
    point = np.empty(dim)
    seen = len(labeller)  # all that the two look at: the rest is drawn for kept items only
    for r in range(len(cosines)):
        forget(learner)
        kept = 0
        for k in range(n):
            if k & _GLANCE == 0 and halt[0]:
                return
            for i in range(seen):
                point[i] = rng.standard_normal()
            point[0] = point[0] + separation if margin else abs(point[0])
            right = _along(labeller, point) > 0.0
            if right == (_along(verifier, point) > 0.0):
                for i in range(seen, dim):
                    point[i] = rng.standard_normal()
                absorb(learner, kept, point, 1.0 if right else -1.0)
                kept += 1
        fit(learner, kept, ridge)
        cosines[r] = cosine(learner[4])


@njit(nogil=True, cache=True)
def _draw_item(rng, separation, point):
    """Fill `point` with the features of an item, times its class."""
    for i in range(len(point)):
        point[i] = rng.standard_normal()
    point[0] += separation


@njit(nogil=True, cache=True)
def _generated_label(rng, sampled, score):
    """Return the generator's label, +-1, of features with this score."""
    if not sampled:
        return 1.0 if score > 0.0 else -1.0
    tail = math.exp(-abs(score))
    unlikely = rng.random() * (1.0 + tail) < tail
    return -1.0 if (score > 0.0) == unlikely else 1.0


@njit(nogil=True, cache=True)
def _generated_chunk(
    rng, halt, separation, dim, n_real, n_kept, verifier, verified, clean, sampled, ridge, cosines
):
    """Fit a generator to real items, then train on items that it labels."""
    generator = new_learner(dim, 0.0)
    learner = new_learner(dim, ridge)
    point = np.empty(dim)
    for r in range(len(cosines)):
        forget(generator)
        for k in range(n_real):
            if k & _GLANCE == 0 and halt[0]:
                return
            _draw_item(rng, separation, point)
            absorb(generator, k, point, 1.0)
        fit(generator, n_real, 0.0)
        forget(learner)
        kept = refused = 0
        while kept < n_kept:
            _draw_item(rng, separation, point)
            label = 1.0
            if not clean:
                label = _generated_label(rng, sampled, _along(generator[4], point))
            if not verified or label * _along(verifier, point) > 0.0:
                absorb(learner, kept, point, label)
                kept += 1
                refused = 0
            else:
                refused += 1
                if refused >= _PATIENCE:
                    raise RuntimeError("the verifier refused 100,000,000 items in a row")
            if (kept + refused) & _GLANCE == 0 and halt[0]:
                return
        fit(learner, kept, ridge)
        cosines[r] = cosine(learner[4])
