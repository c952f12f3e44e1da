"""Gradient steps and first passages: two levels, a twin in plain NumPy, and the exact laws."""

import numpy as np
import pytest
from numba import njit
from scipy.stats import norm

from sims import policy_schedule, simulate_descent, simulate_passage, simulate_selection_loop
from sims.confidence import clopper_pearson, z_of_mean, z_of_variance
from theory.budget import (
    bound_constant_gap,
    bound_exponential_gap,
    proposals_per_kept,
    relative_gap,
    remaining_bias,
    step_variance,
    terminal_law,
)

LEVELS = ["sample", "law"]


def simulate(theta0, schedule, sigma, kappa, seed=1, replicates=4000, **options):
    return simulate_descent(
        theta0, schedule, sigma, kappa, replicates=replicates, rng=np.random.default_rng(seed),
        **options)


def arrive(theta0, schedule, sigma, kappa, radius, seed=1, replicates=4000, **options):
    return simulate_passage(
        theta0, schedule, sigma, kappa, radius, replicates=replicates,
        rng=np.random.default_rng(seed), **options)


def naive_loop(theta, schedule, steps, sigma, kappa, replicates, rng):
    """Descend on the mean loss of the kept points, its gradient by hand; stack the rounds."""
    theta = np.tile(np.asarray(theta, float), (replicates, 1))
    paths, tried = [theta.copy()], []
    for n, step in zip(schedule, steps):
        tried.append(np.zeros(replicates))
        for r in range(replicates):
            gradient, kept = 0.0, 0
            while kept < n:
                point = rng.normal(theta[r], sigma)
                tried[-1][r] += 1
                if rng.random() < np.exp(-(point @ point) / (2 * kappa**2)):
                    gradient = gradient + (theta[r] - point) / sigma**2 / n
                    kept += 1
            theta[r] -= step * sigma**2 * gradient
        paths.append(theta.copy())
    return np.stack(paths, axis=1), np.stack(tried, axis=1)


@pytest.mark.parametrize("level", LEVELS)
def test_agrees_with_a_naive_twin(level, assert_same_law):
    given = [1.5, -0.5], [3, 5], [0.5, 1.3], 0.8, 1.1
    twin, tried = naive_loop(*given, 2000, np.random.default_rng(2))
    start, schedule, steps, sigma, kappa = given
    ours = simulate(start, schedule, sigma, kappa, steps=steps, level=level, replicates=20_000)
    assert_same_law(ours.parameters[:, 1:], twin[:, 1:])
    assert_same_law(ours.proposals, tried)


def test_the_compiler_changes_no_bit(interpreted):
    def run():
        results = []
        for level in LEVELS:
            loop = simulate([2.0, 0.0, 1.0], [4, 6], 1.0, 1.5, steps=0.5, level=level,
                            replicates=6)
            passage = arrive([1.0, 1.0], [4] * 6, 1.0, 1.5, 0.7, level=level, replicates=6)
            results += [loop.parameters, loop.proposals, passage.rounds, passage.kept,
                        passage.proposals]
        return results

    compiled = run()
    interpreted()
    for first, second in zip(compiled, run()):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("level", LEVELS)
def test_a_full_step_is_the_refit(level):
    loop = simulate_selection_loop(
        [1.0, 2.0], [5, 9], 1.0, 1.5, replicates=70, rng=np.random.default_rng(1), level=level)
    same = simulate([1.0, 2.0], [5, 9], 1.0, 1.5, replicates=70, level=level)
    np.testing.assert_array_equal(loop.parameters, same.parameters)
    np.testing.assert_array_equal(loop.proposals, same.proposals)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("steps", [[1.0, 0.5, 0.25], [0.3, 0.3, 0.3], [1.4, 1.0, 0.0]])
def test_mean_and_variance_of_steps(level, steps):
    # Null: SW-22, the Gaussian law of theta_T under steps h_t.
    start, schedule, sigma, kappa = np.array([2.0, -1.0]), [4, 6, 9], 1.0, 1.2
    last = simulate(start, schedule, sigma, kappa, steps=steps, level=level,
                    replicates=60_000).parameters[:, -1]
    mean = float(remaining_bias(steps, sigma, kappa)) * start
    variance = float(step_variance(steps, schedule, sigma, kappa))
    assert z_of_mean(last, mean)
    assert z_of_variance(last, [variance] * 2)
    assert not z_of_mean(last, 1.02 * mean)
    assert not z_of_variance(last, [1.05 * variance] * 2)


@pytest.mark.parametrize("level", LEVELS)
def test_the_number_of_proposals(level):
    # Null: SW-21 for rounds that start from the law of theta_t, a step of half the way.
    loop = simulate([1.0], [8, 8, 8], 1.0, 1.5, steps=0.5, level=level, replicates=60_000)
    for t in range(3):
        mean = float(remaining_bias([0.5] * t, 1.0, 1.5)) if t else 1.0
        variance = float(step_variance([0.5] * t, [8] * t, 1.0, 1.5)) if t else 0.0
        exact = 8.0 * float(proposals_per_kept([mean], variance, 1.0, 1.5))
        assert z_of_mean(loop.proposals[:, t], exact)
        assert not z_of_mean(loop.proposals[:, t], 1.02 * exact)


def test_the_constant_policy_keeps_away():
    # Null: SW-34, P(relative gap > bound) >= 1 - delta; attained from the optimum after a round.
    loop = simulate([0.0], policy_schedule("constant", 50, 1), 1.0, 1.0, level="law",
                    replicates=100_000)
    gap = relative_gap(loop.parameters[:, -1], 0.0, 1.0, 1.0)
    above = (gap > bound_constant_gap(50, 0.5, 1.0, 1.0, 1)).sum()
    low, high = clopper_pearson(int(above), 100_000, 1 - 1e-6)
    assert low < 0.5 < high
    wrong = (gap > 1.05 * bound_constant_gap(50, 0.5, 1.0, 1.0, 1)).sum()
    assert clopper_pearson(int(wrong), 100_000, 1 - 1e-6)[1] < 0.5


def test_the_exponential_policy_converges():
    # Null: SW-37, P(relative gap <= bound) >= 1 - delta in each round, any step.
    schedule = policy_schedule("exponential", 40, 12, 1.5)
    loop = simulate([3.0, 0.0], schedule, 1.0, 1.0, steps=0.8, level="law", replicates=20_000)
    gap = relative_gap(loop.parameters[:, -1], 0.0, 1.0, 1.0)
    bound = bound_exponential_gap(12, 40, 1.5, 0.05, [3.0, 0.0], 1.0, 1.0, step=0.8)
    within = int((gap <= bound).sum())
    assert clopper_pearson(within, 20_000, 1 - 1e-6)[1] > 0.95
    assert np.median(gap) < 0.1 * np.median(
        relative_gap(loop.parameters[:, 3], 0.0, 1.0, 1.0))


@pytest.mark.parametrize("level", LEVELS)
def test_the_first_passage_after_one_round(level):
    # Null: theta_1 is normal (SW-04), so that P(|theta_1| <= r) is known.
    law = terminal_law([1.5], [6], 1.0, 1.0)
    spread = np.sqrt(law.variance)
    exact = float(np.diff(norm.cdf([-0.6, 0.6], law.mean[0], spread))[0])
    found = arrive([1.5], [6], 1.0, 1.0, 0.6, level=level, replicates=200_000)
    assert set(found.rounds) == {-1, 1}
    assert z_of_mean((found.rounds == 1).astype(float), exact)
    assert not z_of_mean((found.rounds == 1).astype(float), 1.03 * exact)
    np.testing.assert_array_equal(found.kept, 6)
    assert (found.proposals >= 6).all()


@pytest.mark.parametrize("level", LEVELS)
def test_passages_are_those_of_the_paths(level, assert_same_law):
    schedule = policy_schedule("polynomial", 3, 6, 1.0)
    options = {"steps": 0.7, "level": level, "replicates": 20_000}
    found = arrive([2.0, 1.0], schedule, 1.0, 1.3, 0.5, **options)
    loop = simulate([2.0, 1.0], schedule, 1.0, 1.3, seed=2, **options)
    inside = np.linalg.norm(loop.parameters, axis=-1) <= 0.5
    first = np.where(inside.any(axis=1), inside.argmax(axis=1), -1)
    assert (first == -1).any()
    assert len(set(first)) > 3
    assert_same_law(found.rounds[:, None], first[:, None])
    spent = np.where(first < 0, 6, first)[:, None] > np.arange(6)
    assert_same_law(found.kept[:, None], (spent * schedule).sum(axis=1)[:, None])
    assert_same_law(found.proposals[:, None], (spent * loop.proposals).sum(axis=1)[:, None])


def test_growth_pays():
    # SW-39, seen from first passages: near the optimum growth is the cheaper the nearer.
    costs = {}
    for policy, rate in (("polynomial", 1.0), ("exponential", 2.0)):
        schedule = policy_schedule(policy, 10, 40, rate)
        found = arrive([3.0] * 20, schedule, 1.0, 1.0, 0.05, level="law", replicates=200)
        costs[policy] = found.kept.mean() if (found.rounds >= 0).all() else np.inf
    assert costs["exponential"] < costs["polynomial"]


def test_whoever_is_there_pays_nothing():
    found = arrive([0.1], [5] * 3, 1.0, 1.0, 0.1, replicates=4)
    for record in (found.rounds, found.kept, found.proposals):
        np.testing.assert_array_equal(record, 0)
    assert (arrive([1.0], [], 1.0, 1.0, 0.1, replicates=4).rounds == -1).all()


def test_schedules_are_whole():
    np.testing.assert_array_equal(policy_schedule("exponential", 10, 3, 1.1), [10, 11, 13])
    np.testing.assert_array_equal(policy_schedule("polynomial", 2.5, 3, 0.5), [3, 4, 5])
    np.testing.assert_array_equal(policy_schedule("exponential", 4, 4, 0.5), [4, 2, 1, 1])
    assert policy_schedule("constant", 7, 0).shape == (0,)
    with pytest.raises(ValueError, match=r"rounds = 80: the schedule must have fewer than 2\^62"):
        policy_schedule("exponential", 10, 80, 2.0)


@njit
def keep_all(squared):
    return 1.0


def test_an_own_reward_takes_steps():
    # Null: without selection a step h adds noise of variance h^2 sigma^2 / n.
    path = simulate([1.0], [4], 2.0, 1.0, steps=0.5, reward=keep_all, replicates=60_000)
    assert z_of_variance(path.parameters[:, 1], [0.25])
    assert not z_of_variance(path.parameters[:, 1], [0.26])


@pytest.mark.parametrize(("changes", "message"), [
    ({"steps": -0.1}, r"steps = -0.1: must lie in \[0, 1e100\]"),
    ({"steps": [1.0, 0.5, 0.2]}, r"steps has shape \(3,\): must be one number or 2"),
    ({"steps": np.nan}, r"steps = nan"),
    ({"schedule": [3, 0]}, r"schedule = 0: must be whole numbers >= 1"),
    ({"sigma": 0.0}, r"sigma = 0"),
    ({"radius": 0.0}, r"radius = 0: must lie in"),
    ({"schedule": [2**61, 2**61]}, r"schedule: must have fewer than 2\^62 points in all"),
    ({"level": "exact"}, r"level = 'exact'"),
])
def test_misuse_is_one_line(changes, message):
    arguments = {"theta0": [1.0], "schedule": [3, 4], "sigma": 1.0, "kappa": 1.0, "radius": 1.0}
    with pytest.raises(ValueError, match=message) as error:
        arrive(**(arguments | changes))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("changes", "message"), [
    ({"policy": "linear"}, r"policy = 'linear': must be one of 'constant'"),
    ({"n0": 0.5}, r"n0 = 0.5: must lie in \[1, inf\)"),
    ({"rate": -1.0}, r"rate = -1"),
    ({"rounds": 1.5}, r"rounds = 1.5"),
])
def test_misuse_of_schedules_is_one_line(changes, message):
    with pytest.raises(ValueError, match=message):
        policy_schedule(**({"policy": "constant", "n0": 3, "rounds": 4} | changes))
