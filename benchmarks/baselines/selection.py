"""The loops of selection rounds as a NumPy user would write them."""

import numpy as np


def selection_loop(theta0, schedule, sigma, kappa, replicates, rng, step=1.0):
    """Return the final parameters, (replicates, d): vectorised over one round's proposals."""
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
            theta[r] += step * (total / n - theta[r])
    return theta


def selection_law(theta0, schedule, sigma, kappa, replicates, rng):
    """Return the final parameters: each round from its known law, all replicates at once."""
    theta = np.tile(np.asarray(theta0, float), (replicates, 1))
    rho = kappa**2 / (kappa**2 + sigma**2)
    for n in schedule:
        squared = np.einsum("ij,ij->i", theta, theta)
        accept = rho ** (theta.shape[1] / 2) * np.exp(-squared / (2 * (kappa**2 + sigma**2)))
        rng.poisson(rng.standard_gamma(n, replicates) * (1 - accept) / accept)
        theta = rho * theta + sigma * np.sqrt(rho / n) * rng.standard_normal(theta.shape)
    return theta


def passage_law(theta0, schedule, sigma, kappa, radius, replicates, rng):
    """Return the rounds until all replicates are within the radius, those inside left out."""
    theta = np.tile(np.asarray(theta0, float), (replicates, 1))
    rho = kappa**2 / (kappa**2 + sigma**2)
    rounds = np.full(replicates, -1)
    active = np.arange(replicates)
    for t in range(len(schedule) + 1):
        inside = np.linalg.norm(theta, axis=1) <= radius
        rounds[active[inside]] = t
        active, theta = active[~inside], theta[~inside]
        if t == len(schedule) or not len(active):
            return rounds
        squared = np.einsum("ij,ij->i", theta, theta)
        accept = rho ** (theta.shape[1] / 2) * np.exp(-squared / (2 * (kappa**2 + sigma**2)))
        rng.poisson(rng.standard_gamma(schedule[t], len(theta)) * (1 - accept) / accept)
        noise = sigma * np.sqrt(rho / schedule[t])
        theta = rho * theta + noise * rng.standard_normal(theta.shape)
    return rounds
