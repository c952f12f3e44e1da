"""The selection loop: honest rejection, its law, its twin in plain NumPy, and the theory."""

import ast
import inspect
import math

import numpy as np
import pytest
from numba import njit

from sims import budget, simulate_selection_loop
from sims.confidence import z_of_mean, z_of_variance
from theory.budget import expected_reward, proposals_per_kept, terminal_law


def simulate(theta0, schedule, sigma, kappa, seed=1, replicates=4000, **options):
    return simulate_selection_loop(
        theta0, schedule, sigma, kappa, replicates=replicates, rng=np.random.default_rng(seed),
        **options)


@njit
def gaussian(squared):
    return math.exp(-squared / 4.5)


@njit
def ball(squared):
    return squared <= 1.0


@njit
def half(squared):
    return 0.5


def naive_loop(theta0, schedule, sigma, reward, replicates, rng):
    """Propose a whole batch, score it, take the first n kept: one replicate after the other."""
    paths, counts = [], []
    for _ in range(replicates):
        path, count = [np.asarray(theta0, dtype=float)], []
        for n in schedule:
            kept, proposals = np.empty((0, len(theta0))), 0
            while len(kept) < n:
                batch = rng.normal(path[-1], sigma, (3 * n + 5, len(theta0)))
                chance = reward((batch**2).sum(axis=1))
                passed = np.flatnonzero(rng.uniform(size=len(batch)) < chance)
                passed = passed[:n - len(kept)]
                kept = np.concatenate([kept, batch[passed]])
                proposals += passed[-1] + 1 if len(kept) == n else len(batch)
            path.append(kept.mean(axis=0))
            count.append(proposals)
        paths.append(path)
        counts.append(count)
    return np.array(paths), np.array(counts)


@pytest.mark.parametrize("theta0", [[0.7], [1.0, -0.5], [0.4, -1.0, 0.3, 0.0]])
def test_sampling_agrees_with_a_naive_twin(theta0, assert_same_law):
    schedule = [3, 6]
    ours = simulate(theta0, schedule, 0.8, 1.5, replicates=20_000)
    paths, counts = naive_loop(
        theta0, schedule, 0.8, lambda q: np.exp(-q / 4.5), 3000, np.random.default_rng(2))
    assert_same_law(ours.parameters[:, 1:], paths[:, 1:])
    assert_same_law(ours.proposals, counts)


def test_a_reward_of_ones_own_agrees_with_a_naive_twin(assert_same_law):
    ours = simulate([0.5, 0.5], [3, 6], 0.8, 1.0, replicates=20_000, reward=ball)
    paths, counts = naive_loop(
        [0.5, 0.5], [3, 6], 0.8, lambda q: q <= 1.0, 3000, np.random.default_rng(2))
    assert_same_law(ours.parameters[:, 1:], paths[:, 1:])
    assert_same_law(ours.proposals, counts)


def test_the_fast_default_is_the_reward_that_it_stands_for(assert_same_law):
    for theta0 in ([0.7], [1.0, -0.5], [1.0, -0.5, 0.2]):
        default = simulate(theta0, [4, 9], 0.8, 1.5, replicates=20_000)
        written = simulate(theta0, [4, 9], 0.8, 1.5, replicates=20_000, reward=gaussian, seed=3)
        assert_same_law(default.parameters[:, 1:], written.parameters[:, 1:])
        assert_same_law(default.proposals, written.proposals)


def test_levels_agree(assert_same_law):
    for theta0 in ([0.7], [1.0, -0.5], [1.0, -0.5, 0.2]):
        sample = simulate(theta0, [4, 9, 20], 1.0, 1.3, replicates=20_000)
        law = simulate(theta0, [4, 9, 20], 1.0, 1.3, replicates=20_000, level="law", seed=3)
        assert_same_law(sample.parameters[:, 1:], law.parameters[:, 1:])
        assert_same_law(sample.proposals, law.proposals)


@pytest.mark.parametrize("level", ["sample", "law"])
@pytest.mark.parametrize("theta0", [[0.7], [1.0, -0.5], [0.4, -1.0, 0.3, 0.0]])
def test_the_compiler_changes_no_bit(interpreted, level, theta0):
    def run():
        return simulate(theta0, [3, 11, 5], 1.0, 1.5, replicates=9, level=level)

    compiled = run()
    interpreted()
    plain = run()
    np.testing.assert_array_equal(compiled.parameters, plain.parameters)
    np.testing.assert_array_equal(compiled.proposals, plain.proposals)


def test_the_compiler_changes_no_bit_of_ones_own_reward(interpreted, monkeypatch):
    def run():
        return simulate([1.0, -0.5], [3, 11, 5], 1.0, 1.5, replicates=9, reward=ball)

    compiled = run()
    interpreted()
    monkeypatch.setattr(budget, "njit", lambda **options: lambda function: function)
    plain_kernel = budget._reward_chunk.__wrapped__(ball.py_func)
    monkeypatch.setattr(budget, "_reward_chunk", lambda reward: plain_kernel)
    plain = run()
    np.testing.assert_array_equal(compiled.parameters, plain.parameters)
    np.testing.assert_array_equal(compiled.proposals, plain.proposals)


SAMPLE_KERNELS = ["_propose", "_propose_in_plane", "_select", "_give_up", "_sample_chunk"]


def test_sampling_knows_no_closed_form():
    """Honest kernels draw, compare and add; only the level "law" may know a law."""
    drawn = {"standard_normal", "standard_exponential", "random"}
    plain = {"sqrt", "empty", "zeros", "len", "range", "min", "njit", "reward", "RuntimeError",
             "ValueError", *SAMPLE_KERNELS, "propose"}
    sources = [inspect.getsource(getattr(budget, name).py_func) for name in SAMPLE_KERNELS]
    sources.append(inspect.getsource(budget._reward_chunk.__wrapped__))
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
                assert name in drawn | plain | {"lru_cache"}, name
            if isinstance(node, ast.BinOp):
                names = {leaf.id for leaf in ast.walk(node) if isinstance(leaf, ast.Name)}
                assert not {"sigma", "kappa"} <= names


@pytest.mark.parametrize("level", ["sample", "law"])
def test_the_law_of_the_last_round(level):
    # Null: SW-04, for mean and variance of each coordinate; |z| < 4.5.
    theta0, schedule, sigma, kappa = np.array([2.0, -1.0, 0.5]), [4, 6, 10, 30], 1.0, 1.4
    last = simulate(theta0, schedule, sigma, kappa, replicates=60_000, level=level)
    law = terminal_law(theta0, schedule, sigma, kappa)
    final = last.parameters[:, -1]
    assert z_of_mean(final, law.mean)
    assert z_of_variance(final, law.variance)
    # Negative twins: 2% off in the start or in the noise is noticed.
    assert not z_of_mean(final + 0.02 * theta0, law.mean)
    assert not z_of_variance(final, 1.02 * law.variance * 1.02)


def test_the_expected_reward_and_the_price():
    # Null: SW-05 and SW-21, each round given the law of its start.
    theta0, schedule, sigma, kappa = np.array([1.5, 0.5]), [20, 40], 1.0, 1.5
    loop = simulate(theta0, schedule, sigma, kappa, replicates=40_000)
    for t in range(3):
        law = terminal_law(theta0, schedule[:t], sigma, kappa)
        theta = loop.parameters[:, t]
        proposal = theta + sigma * np.random.default_rng(t).standard_normal(theta.shape)
        reward = np.exp(-(proposal**2).sum(axis=1) / (2.0 * kappa**2))
        expected = expected_reward(law.mean, law.variance, sigma, kappa)
        assert z_of_mean(reward, expected)
        assert not z_of_mean(reward, 1.02 * expected)
        if t < 2:
            price = proposals_per_kept(law.mean, law.variance, sigma, kappa)
            assert z_of_mean(loop.proposals[:, t] / schedule[t], price)
            assert not z_of_mean(loop.proposals[:, t] / schedule[t], 1.02 * price)


@pytest.mark.parametrize("level", ["sample", "law"])
def test_rotations_and_scales(level, assert_same_law):
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    theta0 = np.array([1.0, 0.0, 0.5])
    first = simulate(theta0, [4, 9], 1.0, 1.5, level=level)
    turned = simulate(turn @ theta0, [4, 9], 1.0, 1.5, level=level, seed=2)
    assert_same_law(first.parameters[:, 1:] @ turn.T, turned.parameters[:, 1:])
    scaled = simulate(8.0 * theta0, [4, 9], 8.0, 12.0, level=level)
    np.testing.assert_allclose(scaled.parameters, 8.0 * first.parameters, rtol=1e-12)
    np.testing.assert_array_equal(scaled.proposals, first.proposals)


def test_a_start_for_each_replicate():
    starts = np.arange(12.0).reshape(6, 2)
    loop = simulate(starts, [2], 1.0, 100.0, replicates=6)
    np.testing.assert_array_equal(loop.parameters[:, 0], starts)
    assert (np.abs(loop.parameters[:, 1] - starts) < 6.0).all()


@pytest.mark.parametrize("level", ["sample", "law"])
def test_shapes_and_records(level):
    loop = simulate(0.5, [], 1.0, 1.0, replicates=3, level=level)
    assert loop.parameters.shape == (3, 1, 1)
    assert loop.proposals.shape == (3, 0)
    loop = simulate([0.5, 0.0], [3, 1], 1.0, 1.0, replicates=3, level=level)
    assert loop.proposals.dtype == np.int64
    assert (loop.proposals >= [3, 1]).all()
    with pytest.raises(AttributeError):
        loop.parameters = None


def test_every_proposal_counts_up_to_the_last_one_kept():
    loop = simulate([0.0], [1], 1.0, 1.0, replicates=40_000, reward=half)
    # Null: geometric with success 1/2: mean 2, variance 2.
    assert z_of_mean(loop.proposals, [2.0])
    assert z_of_variance(loop.proposals, [2.0])
    assert not z_of_mean(loop.proposals, [2.04])


@pytest.mark.parametrize("level", ["sample", "law"])
def test_extreme_scales(level):
    for sigma, kappa in [(1e-100, 1.0), (1e-8, 1e8), (1e100, 1e100)]:
        loop = simulate([0.0, 0.0], [7], sigma, kappa, replicates=50, level=level)
        assert np.isfinite(loop.parameters).all()
        assert 0.0 < np.abs(loop.parameters[:, 1]).max() < 6.0 * sigma
        if sigma < kappa:
            assert (loop.proposals == 7).all()


def test_the_law_of_long_and_hopeless_rounds():
    loop = simulate([1.0], [10**17], 1.0, 1.0, level="law", replicates=50)
    np.testing.assert_allclose(loop.parameters[:, 1], 0.5, atol=1e-7)
    np.testing.assert_allclose(loop.proposals, 1e17 * 2**0.5 * math.exp(0.25), rtol=1e-7)
    loop = simulate([1e6], [10], 1.0, 1.0, level="law", replicates=50)
    assert (loop.proposals == 2**63 - 1024).all()
    loop = simulate([0.0] * 1000, [10], 1.0, 0.01, level="law", replicates=2)
    assert (loop.proposals > 0).all()


def test_sampling_gives_up_rather_than_run_for_ever(monkeypatch):
    monkeypatch.setattr(budget, "_sample_chunk", budget._sample_chunk.py_func)
    monkeypatch.setattr(budget, "_select", budget._select.py_func)
    monkeypatch.setattr(budget, "_propose", lambda *arguments: 0)
    with pytest.raises(RuntimeError, match="100,000,000 proposals in a row were rejected"):
        simulate([1e6], [10**6], 1.0, 1.0, replicates=1)


@njit
def too_much(squared):
    return 1.0 + squared


@njit
def undefined(squared):
    return math.nan


@pytest.mark.parametrize("reward", [too_much, undefined])
def test_a_reward_is_a_probability(reward):
    with pytest.raises(ValueError, match=r"reward: its values must lie in \[0, 1\]"):
        simulate([1.0], [3], 1.0, 1.0, replicates=3, reward=reward)


@pytest.mark.parametrize(("changes", "message"), [
    ({"sigma": 0.0}, r"sigma = 0: must lie in"),
    ({"kappa": math.nan}, r"kappa = nan: must lie in"),
    ({"kappa": math.inf}, r"kappa = inf: must lie in"),
    ({"sigma": [1.0, 2.0]}, r"sigma has shape \(2,\)"),
    ({"schedule": [3, 0]}, r"schedule = 0: must be whole numbers >= 1"),
    ({"schedule": [2.5]}, r"schedule = 2.5: must be a whole number >= 1"),
    ({"schedule": 3}, r"schedule has shape \(\): must have one axis"),
    ({"theta0": [math.inf]}, r"theta0 = inf: must lie in"),
    ({"theta0": []}, r"theta0 has shape \(0,\)"),
    ({"theta0": np.zeros((3, 2))}, r"theta0 has shape \(3, 2\): must be \(d,\) or \(4000, d\)"),
    ({"level": "exact"}, r"level = 'exact': must be one of 'sample', 'law'"),
    ({"level": "law", "reward": half}, r"level = 'law': must be 'sample'"),
    ({"reward": abs}, r"reward = .*: must be a function compiled by numba.njit"),
    ({"replicates": 2.5}, r"replicates = 2.5: must be a whole number"),
])
def test_misuse_is_one_line(changes, message):
    arguments = {"theta0": [1.0], "schedule": [3], "sigma": 1.0, "kappa": 1.0} | changes
    with pytest.raises(ValueError, match=message) as error:
        simulate(**arguments)
    assert "\n" not in str(error.value)


def test_randomness_is_asked_for_by_name():
    with pytest.raises(TypeError):
        simulate_selection_loop([1.0], [3], 1.0, 1.0, 5, np.random.default_rng(0))
