"""Fully synthetic loops: two levels, twins in plain NumPy, and the exact moments of collapse."""

import numpy as np
import pytest

from sims import simulate_synthetic_loop, simulate_wright_fisher
from sims.confidence import z_of_mean, z_of_variance
from theory.contraction import (
    collapse_squared_distance,
    collapse_variance,
    heterozygosity,
    log_variance_drift,
    synthetic_stationary,
)

LEVELS = ["sample", "law"]


def simulate(n, rounds, seed=1, replicates=4000, **options):
    return simulate_synthetic_loop(
        n, rounds, replicates=replicates, rng=np.random.default_rng(seed), **options)


def drift(probability, n, rounds, seed=1, replicates=4000, **options):
    return simulate_wright_fisher(
        probability, n, rounds, replicates=replicates, rng=np.random.default_rng(seed), **options)


def naive_loop(n, rounds, dim, ddof, correction, rng):
    """One loop with numpy.cov and multivariate_normal; the corrector draws a count of points."""
    points = rng.standard_normal((n, dim))
    means, covariances = [], []
    for t in range(rounds + 1):
        means.append(points.mean(axis=0))
        covariances.append(np.cov(points.T, ddof=ddof).reshape(dim, dim))
        if t < rounds:
            own = rng.binomial(n, 1 / (1 + correction))
            model = rng.multivariate_normal(means[-1], covariances[-1], own, method="svd")
            points = np.concatenate([model, rng.standard_normal((n - own, dim))])
    return np.array(means), np.array(covariances)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("n", "dim", "ddof", "correction"), [
    (6, 1, 1, 0.0), (7, 2, 0, 0.5), (3, 3, 0, 0.0), (4, 3, 1, 1.0), (2, 2, 1, 0.2),
])
def test_agrees_with_a_naive_twin(level, n, dim, ddof, correction, assert_same_law):
    options = {"dim": dim, "ddof": ddof, "correction": correction}
    ours = simulate(n, 3, level=level, replicates=20_000, **options)
    rng = np.random.default_rng(2)
    twins = [naive_loop(n, 3, dim, ddof, correction, rng) for _ in range(1500)]
    assert_same_law(ours.means, np.array([twin[0] for twin in twins]))
    assert_same_law(ours.covariances, np.array([twin[1] for twin in twins]))


@pytest.mark.parametrize("level", LEVELS)
def test_the_compiler_changes_no_bit(interpreted, level):
    def run():
        loop = simulate(5, 4, dim=3, correction=0.4, level=level, replicates=6)
        line = simulate(5, 4, level=level, replicates=6)
        shares = drift(0.3, 7, 5, correction=0.4, level=level, replicates=6)
        return loop.means, loop.covariances, line.means, line.covariances, shares

    compiled = run()
    interpreted()
    for first, second in zip(compiled, run()):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("level", LEVELS)
def test_the_variance_decays(level):
    # Null: SCX-FULL-SYNTH, E Sigma = (1 - 1/n)^(t+1), divisor n; and E Sigma + E mu^2 = 1.
    loop = simulate(12, 3, level=level, replicates=60_000)
    exact = collapse_variance(12, np.arange(1, 5))
    found = loop.covariances[..., 0, 0]
    assert z_of_mean(found, exact)
    assert z_of_variance(loop.means[..., 0], 1.0 - exact)
    assert not z_of_mean(found, 0.98 * exact)


@pytest.mark.parametrize("level", LEVELS)
def test_an_unbiased_variance_spreads(level):
    # Null: mean 1 and variance (1 + 2/k)^(t+1) - 1 with k = n - 1 degrees of freedom.
    loop = simulate(20, 1, ddof=1, level=level, replicates=120_000)
    found = loop.covariances[..., 0, 0]
    exact = (1.0 + 2.0 / 19.0) ** np.arange(1, 3) - 1.0
    assert z_of_mean(found, 1.0)
    assert z_of_variance(found, exact)
    assert not z_of_mean(found, 1.02)
    assert not z_of_variance(found, 1.05 * exact)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_the_volume_dies_out(dim):
    # Null: SCX-FULL-SYNTH, mean log growth of det Sigma per round, divisor n - 1.
    loop = simulate(dim + 3, 4, dim=dim, ddof=1, level="law", replicates=200_000)
    growth = np.diff(np.linalg.slogdet(loop.covariances)[1], axis=1).mean(axis=1)
    exact = log_variance_drift(dim + 3, dim)
    assert z_of_mean(growth, exact)
    assert not z_of_mean(growth, 1.02 * exact)


@pytest.mark.parametrize("level", LEVELS)
def test_the_distance_to_the_truth(level):
    # Null: SCX-FULL-SYNTH, E W2^2 on a line, divisor n - 1.
    loop = simulate(15, 4, ddof=1, level=level, replicates=60_000)
    squared = loop.means[..., 0] ** 2 + (np.sqrt(loop.covariances[..., 0, 0]) - 1.0) ** 2
    exact = collapse_squared_distance(15, np.arange(5))
    assert z_of_mean(squared, exact)
    assert not z_of_mean(squared, 1.02 * exact)


@pytest.mark.parametrize("level", LEVELS)
def test_a_corrector_stops_the_collapse(level):
    # Null: SCX-FULL-CORR at gamma = 1/2, after 25 rounds: the rest of the start is below 1e-5.
    loop = simulate(6, 25, correction=0.5, level=level, replicates=150_000)
    exact = synthetic_stationary(6, 0.5)
    assert z_of_mean(loop.covariances[:, -1, 0, 0], exact.variance)
    assert z_of_mean(loop.means[:, -1, 0] ** 2, exact.mean_square)
    assert not z_of_mean(loop.covariances[:, -1, 0, 0], 1.02 * exact.variance)


def test_a_billion_points_a_round():
    loop = simulate(2**53, 3, dim=2, level="law", replicates=50)
    np.testing.assert_allclose(loop.covariances, np.broadcast_to(np.eye(2), (50, 4, 2, 2)),
                               atol=1e-6)
    assert 0.0 < np.abs(loop.means).max() < 1e-7


@pytest.mark.parametrize("level", LEVELS)
def test_the_end_is_a_point(level):
    loop = simulate(2, 4000, level=level, replicates=10)
    assert (loop.covariances[:, -1] == 0.0).all()
    assert np.isfinite(loop.means).all()
    single = simulate(1, 3, level=level, replicates=10)
    np.testing.assert_array_equal(single.covariances, 0.0)
    np.testing.assert_array_equal(single.means, single.means[:, :1].repeat(4, axis=1))


@pytest.mark.parametrize("level", LEVELS)
def test_genes_drift(level):
    # Null: SCX-WF, E p (1 - p) = (1 - 1/n)^(t+1) P (1 - P), and p a martingale.
    path = drift(0.3, 10, 6, level=level, replicates=60_000)
    exact = heterozygosity(10, np.arange(1, 8), 0.3)
    assert z_of_mean(path * (1.0 - path), exact)
    assert z_of_mean(path, 0.3)
    assert z_of_variance(path, 0.21 - exact)
    assert not z_of_mean(path * (1.0 - path), 0.98 * exact)


@pytest.mark.parametrize("level", LEVELS)
def test_mutation_stops_the_drift(level):
    # Null: SCX-FULL-CORR for Bernoulli models; what remains of the start is below 1e-5.
    path = drift(0.3, 8, 30, correction=0.5, level=level, replicates=60_000)[:, -1]
    exact = synthetic_stationary(8, 0.5)
    assert z_of_mean(path * (1.0 - path), 0.21 * exact.variance)
    assert z_of_variance(path, 0.21 * exact.mean_square)
    assert not z_of_mean(path * (1.0 - path), 0.98 * 0.21 * exact.variance)


def test_genes_agree_with_a_naive_twin(assert_same_law):
    rng = np.random.default_rng(2)
    twin = [rng.binomial(5, 0.3, 4000) / 5]
    for _ in range(3):
        twin.append(rng.binomial(5, 0.6 * twin[-1] + 0.4 * 0.3) / 5)
    ours = drift(0.3, 5, 3, correction=2 / 3, replicates=20_000)
    assert_same_law(ours, np.array(twin).T)


@pytest.mark.parametrize("level", LEVELS)
def test_fixation_is_for_ever(level):
    path = drift(0.5, 3, 300, level=level, replicates=200)
    assert np.isin(path[:, -1], [0.0, 1.0]).all()
    fixed = (path == 0.0) | (path == 1.0)
    assert (np.diff(fixed.astype(int), axis=1) >= 0).all()
    for certain in (0.0, 1.0):
        assert (drift(certain, 3, 4, level=level, replicates=5) == certain).all()


@pytest.mark.parametrize(("changes", "message"), [
    ({"n": 0}, r"n = 0: must be a whole number >= 1"),
    ({"n": 1, "ddof": 1}, r"n = 1: must be a whole number >= 2"),
    ({"n": 2**54}, r"n = 18014398509481984: must be a whole number <= 2\^53"),
    ({"ddof": 2}, r"ddof = 2: must be 0 or 1"),
    ({"rounds": -1}, r"rounds = -1"),
    ({"dim": 0}, r"dim = 0"),
    ({"correction": -1.0}, r"correction = -1: must lie in \[0, inf\]"),
    ({"level": "exact"}, r"level = 'exact'"),
])
def test_misuse_is_one_line(changes, message):
    with pytest.raises(ValueError, match=message) as error:
        simulate(**({"n": 5, "rounds": 2} | changes))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("changes", "message"), [
    ({"probability": 1.1}, r"probability = 1.1: must lie in \[0, 1\]"),
    ({"probability": np.nan}, r"probability = nan"),
    ({"n": 2.5}, r"n = 2.5"),
    ({"level": "exact"}, r"level = 'exact'"),
])
def test_misuse_of_genes_is_one_line(changes, message):
    with pytest.raises(ValueError, match=message):
        drift(**({"probability": 0.5, "n": 5, "rounds": 2} | changes))
