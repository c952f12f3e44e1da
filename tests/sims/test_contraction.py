"""The correction loop: four policies, its twin in plain NumPy, and the exact recursions."""

import numpy as np
import pytest

from sims import contraction, simulate_correction_loop
from sims.confidence import z_of_mean, z_of_variance
from theory.contraction import (
    accumulate_variance,
    ramp_exact,
    toy_recursion,
    toy_stationary,
)

POLICIES = ["replace", "accumulate", "log", "ramp"]


def simulate(n, m, correction, rounds, seed=1, replicates=4000, **options):
    return simulate_correction_loop(
        n, m, correction, rounds, replicates=replicates, rng=np.random.default_rng(seed),
        **options)


def naive_loop(n, m, correction, rounds, dim, policy, bootstrap, rng):
    """One loop that remembers every point and refits with numpy.cov."""
    real = rng.standard_normal((n, dim))
    batches, pool = [], real
    means, covariances = [], []
    for t in range(rounds + 1):
        means.append(pool.mean(axis=0))
        covariances.append(np.atleast_2d(np.cov(pool.T, bias=True)))
        if t == rounds:
            return np.array(means), np.array(covariances)
        size = m
        if policy == "log":
            size = int(np.floor(m * (1 + np.log(t + 1)))) - sum(map(len, batches))
        size_drawn = max(size, 1)
        model = rng.multivariate_normal(means[-1], covariances[-1], size_drawn, method="svd")
        if bootstrap:
            model = model[rng.integers(size_drawn, size=size_drawn)]
        truth = rng.standard_normal((size_drawn, dim))
        from_truth = rng.random(size_drawn) > 1 / (1 + correction)
        batches.append(np.where(from_truth[:, None], truth, model)[:size])
        if policy == "replace":
            used = batches[-1:]
        elif policy == "ramp":
            used = [batch[:(i + 1) * m // (t + 1)] for i, batch in enumerate(batches)]
        else:
            used = batches
        pool = np.concatenate([real, *used])


@pytest.mark.parametrize("bootstrap", [False, True])
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("dim", [1, 2])
def test_agrees_with_a_naive_twin(policy, bootstrap, dim, assert_same_law):
    ours = simulate(
        5, 4, 0.4, 5, dim=dim, policy=policy, bootstrap=bootstrap, replicates=20_000)
    rng = np.random.default_rng(2)
    twins = [naive_loop(5, 4, 0.4, 5, dim, policy, bootstrap, rng) for _ in range(1000)]
    assert_same_law(ours.means, np.array([twin[0] for twin in twins]))
    assert_same_law(ours.covariances, np.array([twin[1] for twin in twins]))


@pytest.mark.parametrize("bootstrap", [False, True])
@pytest.mark.parametrize("policy", POLICIES)
def test_the_compiler_changes_no_bit(interpreted, policy, bootstrap):
    def run():
        return simulate(4, 7, 0.8, 4, dim=3, policy=policy, bootstrap=bootstrap, replicates=5)

    compiled = run()
    interpreted()
    plain = run()
    np.testing.assert_array_equal(compiled.means, plain.means)
    np.testing.assert_array_equal(compiled.covariances, plain.covariances)


@pytest.mark.parametrize("correction", [0.0, 0.3, np.inf])
@pytest.mark.parametrize("bootstrap", [False, True])
@pytest.mark.parametrize("policy", POLICIES)
def test_mean_square_and_variance_add_up(policy, bootstrap, correction):
    # Null: SCX-CONS, E Sigma_t + E mu_t mu_t' = I in every round.
    loop = simulate(8, 5, correction, 6, policy=policy, bootstrap=bootstrap, replicates=20_000)
    second = loop.covariances + loop.means[..., :, None] * loop.means[..., None, :]
    assert z_of_mean(second, np.eye(2))
    assert not z_of_mean(0.98 * second, np.eye(2))


@pytest.mark.parametrize(("correction", "bootstrap"), [(0.0, True), (0.3, False), (2.0, True)])
@pytest.mark.parametrize("policy", ["replace", "accumulate", "log"])
def test_the_exact_recursion(policy, correction, bootstrap):
    # Null: SC-D-REC for E mu^2, E Sigma and E xbar mu, round by round; coordinates pooled.
    n, m, rounds = 10, 6, 8
    loop = simulate(
        n, m, correction, rounds, policy=policy, bootstrap=bootstrap, replicates=120_000)
    exact = toy_recursion(n, m, correction, rounds, policy=policy, bootstrap=bootstrap)
    mean_square = (loop.means**2).mean(axis=2)
    variance = np.trace(loop.covariances, axis1=2, axis2=3) / 2
    covariation = (loop.means * loop.means[:, :1]).mean(axis=2)
    assert z_of_mean(mean_square, exact.mean_square)
    assert z_of_mean(variance, exact.variance)
    assert z_of_mean(covariation, exact.covariation)
    assert not z_of_mean(mean_square, 1.02 * exact.mean_square)
    assert not z_of_mean(variance, 1.02 * exact.variance)


def test_the_stationary_state_of_the_paper():
    # Null: SC-D-STAT at n = 50, m = 25, gamma = 0.3, where 60 rounds forget the start.
    loop = simulate(50, 25, 0.3, 60, replicates=20_000)
    exact = toy_stationary(50, 25, 0.3)
    mean_square = (loop.means[:, -1] ** 2).mean(axis=1)
    assert z_of_mean(mean_square, exact.mean_square)
    assert not z_of_mean(mean_square, 1.1 * exact.mean_square)


@pytest.mark.parametrize("bootstrap", [False, True])
def test_the_exact_ramp(bootstrap):
    # Null: SC-D-RAMP for E mu^2 and E Sigma, round by round.
    loop = simulate(10, 6, 0.4, 7, policy="ramp", bootstrap=bootstrap, replicates=120_000)
    exact = ramp_exact(10, 6, 0.4, 7, bootstrap=bootstrap)
    mean_square = (loop.means**2).mean(axis=2)
    assert z_of_mean(mean_square, exact.mean_square)
    assert z_of_mean(np.trace(loop.covariances, axis1=2, axis2=3) / 2, exact.variance)
    assert not z_of_mean(mean_square, 1.02 * exact.mean_square)


def test_accumulation_keeps_the_variance():
    # Null: SCX-ACC-SINC, batches as large as the real sample, no correction.
    n, rounds = 4, 6
    loop = simulate(
        n, n, 0.0, rounds, dim=1, policy="accumulate", bootstrap=False, replicates=60_000)
    exact = accumulate_variance(n, np.arange(rounds + 1))
    assert z_of_mean(loop.covariances[..., 0, 0], exact)
    assert not z_of_mean(loop.covariances[..., 0, 0], 1.02 * exact)


def test_the_first_fit_is_that_of_real_points():
    # Null: means of variance 1/n; covariances Wishart: mean (1 - 1/n), variance 2 (n-1)/n^2 on
    # the diagonal and (n-1)/n^2 beside it.
    n = 7
    loop = simulate(n, 3, 1.0, 0, dim=2, replicates=40_000)
    assert loop.means.shape == (40_000, 1, 2)
    assert z_of_mean(loop.means, 0.0)
    assert z_of_variance(loop.means, 1.0 / n)
    assert z_of_mean(loop.covariances, (1.0 - 1.0 / n) * np.eye(2))
    diagonal = np.array([[2.0, 1.0], [1.0, 2.0]])
    assert z_of_variance(loop.covariances, (n - 1) / n**2 * diagonal)
    assert not z_of_variance(loop.covariances, 1.05 * (n - 1) / n**2 * diagonal)


def test_covariances_are_symmetric_and_positive():
    loop = simulate(6, 9, 0.2, 20, dim=3, replicates=200)
    np.testing.assert_array_equal(loop.covariances, np.swapaxes(loop.covariances, 2, 3))
    assert (np.linalg.eigvalsh(loop.covariances) > 0.0).all()


def test_one_real_point_stays_one_point():
    for policy in POLICIES:
        loop = simulate(1, 5, 0.0, 6, policy=policy, replicates=20)
        np.testing.assert_allclose(loop.means, loop.means[:, :1].repeat(7, axis=1), rtol=1e-15)
        np.testing.assert_array_equal(loop.covariances, 0.0)


def test_a_degenerate_model_stays_in_its_plane():
    loop = simulate(3, 5, 0.0, 4, dim=4, replicates=50)  # three points span a plane in space
    values = np.linalg.eigvalsh(loop.covariances)
    assert np.abs(values[..., :2]).max() < 1e-14
    assert values[:, 0, 2].min() > 1e-10


def test_full_correction_forgets_the_model(assert_same_law):
    # Every corrected point is a true one: replace is the fit to n + m points of N(0, I).
    loop = simulate(5, 7, np.inf, 3, replicates=20_000)
    fresh = simulate(12, 0, np.inf, 0, replicates=20_000, seed=2)
    assert_same_law(loop.means[:, 3:], fresh.means)
    assert_same_law(loop.covariances[:, 3:], fresh.covariances)


def test_the_log_policy_adds_what_it_says():
    added = contraction._added(25, 6, "log")
    np.testing.assert_array_equal(
        added.cumsum(), [25, 42, 52, 59, 65, 69])  # floor(25 (1 + ln t)), t = 1..6
    assert contraction._added(3, 0, "log").shape == (0,)


def test_the_ramp_uses_as_many_points_as_its_formula():
    # A ramp in which the model is never used (gamma = inf): N points, N counted by the paper's
    # script as n + m + ((m - 1)(t - 1) + gcd(m, t) - 1) / 2. Null: variance of the mean is 1/N
    # for points that stay; they do.
    n, m, rounds = 5, 6, 4
    loop = simulate(n, m, np.inf, rounds, policy="ramp", replicates=60_000)
    total = [n + m + ((m - 1) * (t - 1) + np.gcd(m, t) - 1) // 2 for t in range(1, rounds + 1)]
    assert z_of_variance(loop.means[:, 1:, 0], 1.0 / np.array(total))
    assert not z_of_variance(loop.means[:, 1:, 0], 1.04 / np.array(total))


def test_many_points_need_no_more_memory():
    loop = simulate(300_000, 300_000, 0.5, 1, dim=1, bootstrap=False, replicates=2)
    assert np.abs(loop.means).max() < 0.02
    assert np.abs(loop.covariances - 1.0).max() < 0.02


@pytest.mark.parametrize(("changes", "message"), [
    ({"n": 0}, r"n = 0: must be a whole number >= 1"),
    ({"m": -1}, r"m = -1: must be a whole number >= 0"),
    ({"m": 2.5}, r"m = 2.5: must be a whole number >= 0"),
    ({"correction": -0.1}, r"correction = -0.1: must lie in \[0, inf\]"),
    ({"correction": np.nan}, r"correction = nan"),
    ({"rounds": -1}, r"rounds = -1: must be a whole number >= 0"),
    ({"rounds": [1, 2]}, r"rounds = \[1, 2\]: must be a whole number >= 0"),
    ({"dim": 0}, r"dim = 0: must be a whole number >= 1"),
    ({"policy": "keep"}, r"policy = 'keep': must be one of 'replace', 'accumulate', 'log'"),
    ({"replicates": -1}, r"replicates = -1: must be a whole number >= 0"),
])
def test_misuse_is_one_line(changes, message):
    arguments = {"n": 5, "m": 5, "correction": 1.0, "rounds": 2} | changes
    with pytest.raises(ValueError, match=message) as error:
        simulate(**arguments)
    assert "\n" not in str(error.value)
