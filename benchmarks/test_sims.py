"""Simulators against vectorised NumPy, and against the raw speed of the generator."""

import numpy as np
from numba import njit

import sims
from benchmarks.baselines.selection import selection_loop

START, SIGMA, KAPPA = [1.0, 1.0], 1.0, 2.0


@njit
def _draws(rng, pairs):
    """What the loop cannot do without: two normals and one exponential a proposal."""
    total = 0.0
    for _ in range(pairs):
        total += rng.standard_normal() + rng.standard_normal() + rng.standard_exponential()
    return total


def test_selection_loop_sample(ratio, rng):
    schedule = [1000] * 20

    def ours():
        return sims.simulate_selection_loop(
            START, schedule, SIGMA, KAPPA, replicates=1000, rng=rng, workers=1
        )

    ratio(ours, lambda: selection_loop(START, schedule, SIGMA, KAPPA, 50, rng), scale=20,
          rounds=3)


def test_selection_loop_against_the_raw_generator(ratio, rng):
    schedule = [1000] * 20
    loop = sims.simulate_selection_loop(
        START, schedule, SIGMA, KAPPA, replicates=1000, rng=rng, workers=1
    )
    proposals = int(loop.proposals.sum())

    def ours():
        sims.simulate_selection_loop(
            START, schedule, SIGMA, KAPPA, replicates=1000, rng=rng, workers=1
        )

    ratio(ours, lambda: _draws(rng, proposals), rounds=3)


def test_selection_loop_law(benchmark, rng):
    benchmark(
        sims.simulate_selection_loop, START, [10**9] * 5, SIGMA, KAPPA,
        replicates=100_000, rng=rng, level="law",
    )


def test_correction_loop(ratio, rng):
    n, m, rounds = 50, 25, 20

    def theirs():
        for _ in range(50):
            real = rng.standard_normal((n, 2))
            mean, cov = real.mean(axis=0), np.cov(real.T, ddof=0)
            for _ in range(rounds):
                fake = rng.multivariate_normal(mean, cov, m, method="cholesky")
                fake = fake[rng.integers(m, size=m)]
                target = rng.standard_normal((m, 2))
                mixed = np.where(rng.random((m, 1)) < 0.5, fake, target)
                pool = np.vstack([real, mixed])
                mean, cov = pool.mean(axis=0), np.cov(pool.T, ddof=0)

    def ours():
        sims.simulate_correction_loop(n, m, 1.0, rounds, replicates=1000, rng=rng, workers=1)

    ratio(ours, theirs, scale=20, rounds=3)
