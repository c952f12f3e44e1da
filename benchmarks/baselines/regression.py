"""Verified regression and ranking as a NumPy user would write them."""

import numpy as np
from scipy.special import ndtr, ndtri


def verified_regression(theta0, center, half_width, schedule, replicates, rng):
    """Return the final parameters: truncated normals by inversion, all replicates at once."""
    offset = np.tile(np.asarray(theta0, float) - center, (replicates, 1))
    for m in schedule:
        low, high = ndtr(-half_width - offset), ndtr(half_width - offset)
        total = np.zeros_like(offset)
        for _ in range(m):
            total += ndtri(low + (high - low) * rng.random(offset.shape))
        offset = offset + total / m
    return center + offset


def gaussian_rows(theta0, center, width, schedule, replicates, rng):
    """Return the final parameters of the soft rule with Gaussian rows."""
    final = []
    for _ in range(replicates):
        delta = np.asarray(theta0, float) - center
        for n in schedule:
            rows, labels, missing = [], [], n
            while missing > 0:
                x = rng.standard_normal((2 * missing + 16, len(delta)))
                u = x @ delta + rng.standard_normal(len(x))
                kept = rng.random(len(x)) < np.exp(-(u**2) / (2 * width**2))
                rows.append(x[kept][:missing])
                labels.append(u[kept][:missing])
                missing -= len(labels[-1])
            x = np.concatenate(rows)
            delta = np.linalg.solve(x.T @ x, x.T @ np.concatenate(labels))
        final.append(center + delta)
    return np.array(final)


def top_fraction(theta0, center, fraction, schedule, replicates, rng):
    """Return the final parameters when the nearest fraction is kept, by a partial sort."""
    theta = np.tile(np.asarray(theta0, float), (replicates, 1))
    for n in schedule:
        for r in range(replicates):
            x = theta[r] + rng.standard_normal((int(np.ceil(n / fraction)), theta.shape[1]))
            distance = np.einsum("ij,ij->i", x - center, x - center)
            theta[r] = x[np.argpartition(distance, n)[:n]].mean(axis=0)
    return theta


def pruning_rounds(p, phi, psi, schedule, replicates, rng):
    """Return the final error rates of label pruning."""
    rates = np.full(replicates, float(p))
    for n in schedule:
        for r in range(replicates):
            kept = wrong = 0
            while kept < n:
                mistaken = rng.random(2 * (n - kept) + 16) < rates[r]
                keep = rng.random(len(mistaken)) < np.where(mistaken, psi, phi)
                verdicts = mistaken[keep][: n - kept]
                kept += len(verdicts)
                wrong += verdicts.sum()
            rates[r] = wrong / n
    return rates
