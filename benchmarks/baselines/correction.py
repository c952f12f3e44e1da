"""Self-consuming Gaussian loops as a NumPy user would write them: all replicates at once."""

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist


def _fit(points):
    """Return means (R, d) and covariances (R, d, d), divisor N."""
    mean = points.mean(axis=1)
    centred = points - mean[:, None]
    return mean, np.einsum("rni,rnj->rij", centred, centred) / points.shape[1]


def _generate(mean, covariance, m, rng):
    root = np.linalg.cholesky(covariance)
    noise = rng.standard_normal((len(mean), m, mean.shape[1]))
    return mean[:, None] + np.einsum("rij,rnj->rni", root, noise)


def _resample(points, rng):
    choice = rng.integers(points.shape[1], size=points.shape[:2])
    return np.take_along_axis(points, choice[..., None], axis=1)


def _mix(points, correction, rng):
    target = rng.standard_normal(points.shape)
    own = rng.random((*points.shape[:2], 1)) < 1 / (1 + correction)
    return np.where(own, points, target)


def correction_loop(n, m, correction, rounds, policy, replicates, rng):
    """Return the final covariances; `policy` is "replace", "accumulate" or "ramp"."""
    real = rng.standard_normal((replicates, n, 2))
    mean, covariance = _fit(real)
    batches = []
    for t in range(1, rounds + 1):
        fake = _resample(_generate(mean, covariance, m, rng), rng)
        batches.append(_mix(fake, correction, rng))
        if policy == "replace":
            used = batches[-1:]
        elif policy == "ramp":
            used = [batch[:, : m * i // t] for i, batch in enumerate(batches, 1)]
        else:
            used = batches
        mean, covariance = _fit(np.concatenate([real, *used], axis=1))
    return covariance


def synthetic_loop(n, rounds, dim, replicates, rng):
    """Return the final covariances of the loop that sees only its own points."""
    mean, covariance = _fit(rng.standard_normal((replicates, n, dim)))
    for _ in range(rounds):
        mean, covariance = _fit(_generate(mean, covariance, n, rng))
    return covariance


def synthetic_law(n, rounds, replicates, rng):
    """Return the final variances of the same on a line, each round from its law."""
    variance = rng.chisquare(n - 1, replicates) / n
    mean = rng.standard_normal(replicates) / np.sqrt(n)
    for _ in range(rounds):
        mean = mean + np.sqrt(variance / n) * rng.standard_normal(replicates)
        variance = variance * rng.chisquare(n - 1, replicates) / n
    return variance


def wright_fisher(probability, n, rounds, level, replicates, rng):
    """Return the final shares."""
    share = np.full(replicates, float(probability))
    for _ in range(rounds + 1):
        if level == "law":
            share = rng.binomial(n, share) / n
        else:
            share = (rng.random((replicates, n)) < share[:, None]).mean(axis=1)
    return share


def histogram_targets(points, correction, bins, rng):
    """Return targets of all replicates: a point's bin, a uniform place in it, or the truth."""
    low, high = points.min(axis=1, keepdims=True), points.max(axis=1, keepdims=True)
    width = (high - low) / bins
    chosen = _resample(points, rng)
    cell = np.minimum(((chosen - low) / width).astype(int), bins - 1)
    return _mix(low + (cell + rng.random(chosen.shape)) * width, correction, rng)


def point_correction(n, correction, dim, bins, assignment, replicates, rng):
    """Return the mean distances that points travel."""
    points = rng.standard_normal((replicates, n, dim))
    targets = histogram_targets(points, correction, bins, rng)
    if assignment == "random":
        order = np.argsort(rng.random((replicates, n)), axis=1)
        sent = np.take_along_axis(targets, order[..., None], axis=1)
    else:
        sent = np.stack([
            to[linear_sum_assignment(cdist(own, to))[1]] for own, to in zip(points, targets)])
    return np.linalg.norm(points - sent, axis=2).mean(axis=1)


def pointwise_loop(n, m, correction, rounds, bins, replicates, rng):
    """Return the final covariances of the loop with the histogram, replacing each batch."""
    real = rng.standard_normal((replicates, n, 2))
    mean, covariance = _fit(real)
    for _ in range(rounds):
        points = _generate(mean, covariance, m, rng)
        targets = histogram_targets(points, correction, bins, rng)
        order = np.argsort(rng.random((replicates, m)), axis=1)
        sent = np.take_along_axis(targets, order[..., None], axis=1)
        np.linalg.norm(points - sent, axis=2).mean(axis=1)
        mean, covariance = _fit(np.concatenate([real, sent], axis=1))
    return covariance
