"""Classifiers trained on generated labels of which a verifier keeps some (Feng et al. 2025).

Items are N(y kappa w, I) given their class y = +-1, w the truth and kappa the separation. The
classifier is ridge least squares on what is kept; it never sees which labels are wrong.
"""

import math

import numpy as np
from scipy.special import ndtr

from sims import _check
from sims._classifier import agreement_chunk, generated_chunk, random_chunk
from sims.replicate import replicate

__all__ = ["simulate_generated_training", "simulate_pruned_classifier", "simulate_random_pruning"]

_ANGLES = f"[0, {math.pi!r}]"


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
        random_chunk, replicates, [((), np.float64)], rng=rng, draws=n * (dim + 2),
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
        agreement_chunk, replicates, [((), np.float64)], rng=rng, draws=n * (dim + 2),
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
        generated_chunk, replicates, [((), np.float64)], rng=rng,
        draws=(n_real + 2 * n_kept) * (dim + 2), workers=workers,
        arguments=(separation, dim, n_real, n_kept, verifier, arm == "verified",
                   arm == "clean", labels == "sampled", ridge))
    return _accuracy(separation, cosines)


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
