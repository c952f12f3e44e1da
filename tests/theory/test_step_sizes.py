"""Gradient steps: a round-by-round twin, and the frontier that no steps or schedule cross."""

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from theory import budget

mp.mp.dps = 50


def logs(low, high):
    return st.floats(low, high).map(lambda power: 10.0**power)


SHARES = st.lists(st.floats(0.01, 1), min_size=1, max_size=10)


def steps_of(shares, sigma, kappa):
    """Steps as shares of the longest one allowed, 1 + kappa^2/sigma^2."""
    return np.array(shares) * (1 + (kappa / sigma) ** 2)


@given(SHARES, logs(-2, 2), st.floats(1, 50))
def test_variance_and_bias_follow_the_recursion(shares, kappa, n):
    steps, schedule = steps_of(shares, 1.0, kappa), n * np.arange(1, len(shares) + 1)
    rho = 1 / (1 + 1 / mp.mpf(kappa) ** 2)
    bias, variance = mp.mpf(1), mp.mpf(0)
    for h, size in zip(steps, schedule):
        factor = 1 - mp.mpf(h) * (1 - rho)
        bias, variance = factor * bias, factor**2 * variance + mp.mpf(h) ** 2 * rho / size
    assert abs(budget.remaining_bias(steps, 1.0, kappa) - bias) <= 1e-12 * abs(bias) + 1e-15
    assert abs(budget.step_variance(steps, schedule, 1.0, kappa) / variance - 1) <= 1e-12


@given(SHARES, logs(-3, 3), logs(-3, 3))
def test_full_refits_are_steps_of_one(shares, sigma, kappa):
    schedule = 100 * np.array(shares)
    ones = np.ones(len(shares))
    law = budget.terminal_law(1.0, schedule, sigma, kappa)
    np.testing.assert_allclose(budget.remaining_bias(ones, sigma, kappa), law.mean[0], rtol=1e-12)
    np.testing.assert_allclose(
        budget.step_variance(ones, schedule, sigma, kappa), law.variance, rtol=1e-12
    )
    np.testing.assert_allclose(
        budget.step_schedule(70.0, ones, sigma, kappa),
        budget.optimal_schedule(70.0, len(shares), sigma, kappa),
        rtol=1e-11, atol=1e-300,
    )


@given(SHARES, SHARES, logs(-1.5, 1.5), logs(0, 6))
def test_no_schedule_beats_the_frontier(shares, others, kappa, total):
    steps = steps_of(shares, 1.0, kappa)
    left = budget.remaining_bias(steps, 1.0, kappa)
    frontier = budget.frontier_variance(total, left, 1.0, kappa)
    best = budget.step_schedule(total, steps, 1.0, kappa)
    np.testing.assert_allclose(best.sum(), total, rtol=1e-12)
    if best.min() > 0:
        attained = budget.step_variance(steps, best, 1.0, kappa)
        np.testing.assert_allclose(attained, frontier, rtol=1e-10)
    rival = total * np.resize(others, len(shares)) / np.sum(np.resize(others, len(shares)))
    assert budget.step_variance(steps, rival, 1.0, kappa) >= frontier * (1 - 1e-11)


@given(st.integers(1, 40), logs(-2, 1), logs(0, 8))
def test_the_frontier_contains_the_optimal_schedule(rounds, sigma, total):
    left = float(budget.shrinkage(sigma, 1.0)) ** rounds
    np.testing.assert_allclose(
        budget.frontier_variance(total, left, sigma, 1.0),
        budget.optimal_variance(total, rounds, sigma, 1.0),
        rtol=1e-9,
    )


@given(st.floats(0, 0.99), logs(-2, 2))
def test_one_over_relaxed_step_reaches_the_frontier(left, sigma):
    step = (1 - left) * (1 + 1 / sigma**2)
    variance = budget.step_variance([step], [30.0], sigma, 1.0)
    np.testing.assert_allclose(
        variance, budget.frontier_variance(30.0, left, sigma, 1.0), rtol=1e-12
    )


@given(st.integers(1, 60), logs(-2, 2), st.floats(0.05, 1))
@example(60, 1.0, 1.0)
def test_decaying_steps_make_a_constant_batch_optimal(rounds, sigma, share):
    first = share * (1 + 1 / sigma**2)
    steps = budget.decaying_steps(rounds, sigma, 1.0, first=first)
    pulled = share  # h_0 (1 - rho)
    left = (1 - pulled) / (1 + pulled * (rounds - 1))
    np.testing.assert_allclose(
        budget.remaining_bias(steps, sigma, 1.0), left, rtol=1e-9, atol=1e-14
    )
    batch = np.full(rounds, 25.0)
    np.testing.assert_allclose(
        budget.step_variance(steps, batch, sigma, 1.0),
        budget.frontier_variance(25.0 * rounds, left, sigma, 1.0),
        rtol=1e-11,
    )
    np.testing.assert_allclose(
        budget.step_schedule(25.0 * rounds, steps, sigma, 1.0), batch, rtol=1e-9
    )


def test_extremes():
    assert budget.remaining_bias([1.0] * 2000, 1e6, 1.0) == 0.0
    assert budget.remaining_bias([1.0] * 2000, 1e-200, 1e200) == 1.0
    assert budget.remaining_bias([2.0], 1.0, 1.0) == 0.0
    assert budget.step_schedule(10.0, [0.0, 1.0], 1.0, 1.0).tolist() == [0.0, 10.0]
    assert budget.frontier_variance(1e-3, 0.0, 1.0, 1e150) == pytest.approx(math.inf)
    assert budget.frontier_variance(10.0, 1.0, 1.0, 1.0) == 0.0


def test_shapes():
    sigma, kappa = np.array([[0.5], [2.0]]), np.array([1.0, 3.0, 0.2])
    calls = [
        (lambda s, k: budget.remaining_bias([1.0, 0.5], s, k), ()),
        (lambda s, k: budget.step_variance([1.0, 0.5], [3, 4], s, k), ()),
        (lambda s, k: budget.step_schedule(9.0, [1.0, 0.5], s, k), (2,)),
        (lambda s, k: budget.frontier_variance(9.0, 0.3, s, k), ()),
        (lambda s, k: budget.decaying_steps(4, s, k), (4,)),
    ]
    for call, tail in calls:
        together = call(sigma, kappa)
        assert together.shape == (2, 3, *tail)
        for i, j in np.ndindex(2, 3):
            np.testing.assert_allclose(together[i, j], call(sigma[i, 0], kappa[j]), rtol=1e-14)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("remaining_bias", ([-0.1], 1.0, 1.0), "steps = -0.1"),
        ("remaining_bias", ([1.0, 2.1], 1.0, 1.0), "steps = 2.1: must lie in"),
        ("step_variance", ([1.0], [0.0], 1.0, 1.0), "schedule = 0"),
        ("step_schedule", (10.0, [0.0, 0.0], 1.0, 1.0), "steps = 0: must lie in"),
        ("frontier_variance", (10.0, 1.5, 1.0, 1.0), r"remaining = 1.5: must lie in \[0, 1\]"),
        ("decaying_steps", (5, 1.0, 1.0, 2.5), "first = 2.5: must lie in"),
    ],
)
def test_domains(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(budget, name)(*arguments)
