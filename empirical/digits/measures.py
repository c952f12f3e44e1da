"""What is measured on generated digits, in the reader's features."""

import numpy as np

from empirical.digits.config import CLASSES
from empirical.frechet import parts
from empirical.task import Measurement

__all__ = ["AXES", "Means", "corrector", "distances", "legible"]

AXES = 8  # directions in which the mean of the features is followed


class Means:
    """Features by digit: their means, and how sure those are.

    Parameters
    ----------
    features : array, (n, d)
        Of n images.
    labels : array of int, (n,)
        Their digits; at least two images of each.
    """

    def __init__(self, features, labels):
        groups = [features[labels == digit] for digit in range(CLASSES)]
        self.counts = np.array([len(group) for group in groups])
        if self.counts.min(initial=2) < 2:
            digit = int(self.counts.argmin())
            raise ValueError(f"images = {self.counts[digit]} of digit {digit}: must be at least 2 "
                             "to measure distances")
        self.means = np.stack([group.mean(axis=0) for group in groups])  # (10, d)
        self.variances = np.array([group.var(axis=0, ddof=1).sum() for group in groups])

    @property
    def noise(self):
        """Squared error of each digit's mean, (10,)."""
        return self.variances / self.counts

    def apart(self, other):
        """Return the squared distance of each digit's means, unbiased, (10,)."""
        gaps = ((self.means - other.means) ** 2).sum(axis=1)
        return gaps - self.noise - other.noise


def distances(made, made_labels, real, real_labels):
    """Return the Frechet distance and its parts, and the distances of the digits' means.

    "fid" is the plain distance of all samples from all held-out images, "fid.bias" and
    "fid.variance" its parts, "fid.corrected" what is left of it without the bias of small
    samples. "class_mean" is the mean over digits of the squared distance of their means,
    unbiased, "class_mean/3" that of digit 3; "spread" the variance within digits over that of
    real ones; "feature_mean/1" to "/8" the distance of the means (all digits alike) along the
    real features' principal axes, the largest first.

    Parameters
    ----------
    made, real : array of float, (n, d), (m, d)
        Features of generated and of held-out images.
    made_labels, real_labels : array of int, (n,), (m,)
        Their digits.

    Returns
    -------
    list of Measurement
    """
    n = len(made)
    bias, variance = parts(made, real)
    found, true = Means(made, made_labels), Means(real, real_labels)
    apart = found.apart(true)
    values = {
        "fid": bias + variance, "fid.bias": bias, "fid.variance": variance,
        "fid.corrected": sum(parts(made, real, corrected=True)),
        "class_mean": apart.mean(),
        "spread": found.variances.sum() / true.variances.sum(),
    }
    values |= {f"class_mean/{digit}": gap for digit, gap in enumerate(apart)}
    shift = _axes(real) @ (found.means.mean(axis=0) - true.means.mean(axis=0))
    values |= {f"feature_mean/{axis}": gap for axis, gap in enumerate(shift, 1)}
    return [Measurement(metric, float(value), n=n) for metric, value in values.items()]


def _axes(real):
    """Return the first principal axes of features, (at most AXES, d), each with its sign set."""
    _, _, axes = np.linalg.svd(real - real.mean(axis=0), full_matrices=False)
    axes = axes[:AXES]
    largest = np.abs(axes).argmax(axis=1)
    return axes * np.sign(axes[np.arange(len(axes)), largest])[:, None]


def legible(read, labels):
    """Return the share of images that are read as the digit they were meant to be."""
    right = read == labels
    share = right.mean()
    spread = np.sqrt(share * (1 - share) / len(right))
    return Measurement("legible", float(share), float(spread), len(right))


def corrector(made, corrected, labels, real, real_labels):
    """Return how strong a corrector is, by the definitions of Gillman et al. 2024, appendix C.

    A pointwise corrector has strength gamma if it takes the model's law p to
    (p + gamma p*)/(1 + gamma); then it shrinks every mean's distance from p*'s by
    q = 1/(1 + gamma). With d and d' the distances of the digits' feature means from real ones
    before and after,

        corrector.q         <d', d> / <d, d>, without the chance of finite samples
        corrector.residual  the share of |d'|^2 that is not along d: 0 for every gamma
        corrector.gap       the least over q in [0, 1] of the largest difference between the
                            distribution functions of corrected images and of the mixture, along
                            the real features' first principal axis: 0 if some gamma fits
        corrector.noise     what such a difference may come to by chance, one time in a thousand
        corrector.repeated  the share of corrected images that another one equals; laws with a
                            density, and so their mixtures for every gamma, repeat none

    Parameters
    ----------
    made, corrected : array of float, (n, d)
        Features of generated images, before and after correction.
    labels : array of int, (n,)
        Their digits.
    real, real_labels : arrays, (m, d), (m,)
        Features and digits of held-out images.

    Returns
    -------
    list of Measurement
    """
    before, after, true = (Means(made, labels), Means(corrected, labels),
                           Means(real, real_labels))
    first, second = before.means - true.means, after.means - true.means
    shared = np.array([_covariance(made[labels == c], corrected[labels == c])
                       for c in range(CLASSES)]) / before.counts
    across = (first * second).sum() - (shared + true.noise).sum()
    old, new = before.apart(true).sum(), after.apart(true).sum()
    q = across / old if old > 0 else np.nan
    residual = max(0.0, 1 - across**2 / (old * new)) if old > 0 and new > 0 else np.nan
    gap, noise = _mixture_gap(made, corrected, real)
    repeated = 1 - len(np.unique(corrected, axis=0)) / len(corrected)
    values = {"q": q, "residual": residual, "gap": gap, "noise": noise, "repeated": repeated}
    return [Measurement(f"corrector.{name}", float(value), n=len(made))
            for name, value in values.items()]


def _covariance(first, second):
    """Return the trace of the covariance of two paired samples."""
    apart = (first - first.mean(axis=0)) * (second - second.mean(axis=0))
    return apart.sum() / (len(first) - 1)


def _mixture_gap(made, corrected, real):
    """Return the least distance of the corrected law from all mixtures, and its chance level."""
    from scipy.optimize import minimize_scalar

    axis = _axes(real)[0]
    points = [np.sort(part @ axis) for part in (made, corrected, real)]
    at = np.concatenate(points)
    model, moved, truth = (np.searchsorted(p, at, side="right") / len(p) for p in points)

    def largest(q):
        return np.abs(moved - q * model - (1 - q) * truth).max()

    # Convex in q; Dvoretzky, Kiefer and Wolfowitz bound each of the three by its sample size.
    found = minimize_scalar(largest, bounds=(0, 1), method="bounded")
    gap = min(largest(found.x), largest(0.0), largest(1.0))
    chance = [np.sqrt(np.log(2 * 3 / 1e-3) / (2 * len(p))) for p in points]
    return gap, chance[1] + max(chance[0], chance[2])
