"""The selection loop as a NumPy user would write it: vectorised over one round's proposals."""

import numpy as np


def selection_loop(theta0, schedule, sigma, kappa, replicates, rng):
    """Return the final parameters, shape (replicates, d)."""
    theta = np.tile(np.asarray(theta0, float), (replicates, 1))
    for n in schedule:
        for r in range(replicates):
            total, kept = np.zeros(theta.shape[1]), 0
            while kept < n:
                size = int(1.3 * (n - kept) / 0.4) + 16
                x = theta[r] + sigma * rng.standard_normal((size, theta.shape[1]))
                keep = rng.random(size) < np.exp(-np.einsum("ij,ij->i", x, x) / (2 * kappa**2))
                x = x[keep][: n - kept]
                total += x.sum(axis=0)
                kept += len(x)
            theta[r] = total / n
    return theta
