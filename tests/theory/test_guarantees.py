"""Floors and tail bounds, against the exact non-central chi-square law of the squared distance."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from theory import budget


def logs(low, high):
    return st.floats(low, high).map(lambda power: 10.0**power)


def step_law(schedule, radius, sigma, kappa, step):
    """Distance and variance (both over s0) after steps of size h, round by round."""
    rho = kappa**2 / (kappa**2 + sigma**2)
    factor, total = 1 - step * (1 - rho), kappa**2 + sigma**2
    mean, variance = radius, 0.0
    for n in schedule:
        mean, variance = factor * mean, factor**2 * variance + step**2 * rho * sigma**2 / n
    return mean**2 / total, variance / total


def tail(gap, bias2, spread, dim):
    """P(1 - J/J* > gap) when |theta|^2/s0 is spread times a non-central chi-square."""
    return stats.ncx2.sf(-2 * math.log1p(-gap) / spread, dim, bias2 / spread)


@given(logs(0, 4), logs(-1, 1), st.integers(1, 30))
def test_constant_floor_is_where_the_loop_stalls(n, sigma, dim):
    _, spread = step_law([n] * int(60 / math.log1p(sigma**2) + 1), 0.0, sigma, 1.0, 1.0)
    gap = budget.relative_gap(np.zeros(dim), spread * (1 + sigma**2), sigma, 1.0)
    np.testing.assert_allclose(budget.constant_gap_floor(n, sigma, 1.0, dim), gap, rtol=1e-9)


@given(logs(0, 4), logs(-1, 1), st.integers(1, 30), st.floats(0, 4), st.integers(1, 20))
def test_no_constant_policy_gets_below_the_floor(n, sigma, dim, radius, rounds):
    # the running variance rises to its limit, so the floor holds in expectation once v_T is there
    law = budget.terminal_law([radius] + [0.0] * (dim - 1), [n] * (rounds + 2000), sigma, 1.0)
    gap = budget.relative_gap(law.mean, law.variance, sigma, 1.0)
    assert gap >= budget.constant_gap_floor(n, sigma, 1.0, dim) * (1 - 1e-9)


@given(logs(0, 4), st.floats(0.02, 0.98), logs(-1, 1), st.integers(1, 30), st.floats(0, 3),
       st.integers(1, 12), st.floats(0.05, 1.0))
@example(100, 0.5, 1.0, 1, 0.0, 1, 1.0)
def test_constant_gap_bound_holds_after_any_number_of_rounds(
    n, delta, sigma, dim, radius, rounds, step
):
    bound = budget.bound_constant_gap(n, delta, sigma, 1.0, dim, step=step)
    bias2, spread = step_law([n] * rounds, radius, sigma, 1.0, step)
    assert tail(bound, bias2, spread, dim) >= 1 - delta - 1e-9


@given(logs(0, 4), st.floats(0.02, 0.98), logs(-1, 1), st.integers(1, 30), st.floats(0.05, 1.0))
def test_constant_gap_bound_is_attained(n, delta, sigma, dim, step):
    # at theta_0 = 0: after one round, and in the limit
    bound = budget.bound_constant_gap(n, delta, sigma, 1.0, dim, step=step)
    _, spread = step_law([n], 0.0, sigma, 1.0, step)
    assert tail(bound, 0.0, spread, dim) == pytest.approx(1 - delta, abs=1e-9)
    limit = budget.bound_constant_gap(n, delta, sigma, 1.0, dim, step=step, horizon="infinite")
    rounds = int(40 / (step * sigma**2 / (1 + sigma**2))) + 1
    _, spread = step_law([n] * min(rounds, 20_000), 0.0, sigma, 1.0, step)
    assert tail(limit, 0.0, spread, dim) == pytest.approx(1 - delta, abs=1e-9)
    assert limit >= bound


def test_median_quantile_of_one_dimension():
    bound = budget.bound_constant_gap(100, 0.5, 1.0, 1.0, 1)
    assert bound == pytest.approx(-math.expm1(-0.25 * 0.45493642 / 200), rel=1e-8)


@given(st.integers(0, 25), logs(0, 4), st.floats(0.7, 9), st.floats(1e-6, 0.5), st.floats(0, 3),
       logs(-1, 1), st.integers(1, 20), st.floats(0.1, 1.0))
@example(10, 20.0, 4.0, 0.05, 1.0, 1.0, 1, 1.0)
@example(7, 20.0, 2.0, 0.05, 1.0, 1.0, 3, 1.9999999)
def test_exponential_bounds_hold(rounds, n0, growth, delta, radius, sigma, dim, step):
    theta0 = [radius] + [0.0] * (dim - 1)
    bias2, spread = step_law(n0 * growth ** np.arange(rounds), radius, sigma, 1.0, step)
    shared = (rounds, n0, growth)
    bound = budget.bound_exponential_gap(*shared, delta, theta0, sigma, 1.0, step=step)
    if bound < 1 and spread > 0 and bias2 / spread < 1e6:
        assert tail(bound, bias2, spread, dim) <= delta
    mean = budget.bound_exponential_expected_gap(*shared, theta0, sigma, 1.0, step=step)
    np.testing.assert_allclose(mean, (bias2 + dim * spread) / 2, rtol=1e-8, atol=1e-300)
    deviation = math.sqrt(spread) * (math.sqrt(dim) + math.sqrt(-2 * math.log(delta)))
    np.testing.assert_allclose(bound, (math.sqrt(bias2) + deviation) ** 2 / 2, rtol=1e-8)
    variance, total = spread * (1 + sigma**2), math.sqrt(bias2 * (1 + sigma**2))
    gap = budget.relative_gap([total] + [0.0] * (dim - 1), variance, sigma, 1.0)
    assert gap <= mean * (1 + 1e-12)


def test_exponential_bounds_at_the_extremes():
    last = budget.bound_exponential_expected_gap(5, 10.0, 1e6, [1.0], 1.0, 1.0, step=2.0)
    assert last == pytest.approx(4 * 0.25 / 10 * 1e-24 / 2)  # h = 2 forgets all but the last round
    assert budget.bound_exponential_expected_gap(2000, 1.0, 1e200, [1e9], 1.0, 1.0) == 0.0
    assert budget.bound_exponential_expected_gap(2000, 1.0, 1e-200, [1.0], 1.0, 1.0) == math.inf
    assert budget.bound_exponential_gap(0, 1.0, 2.0, 0.1, [2.0], 1.0, 1.0) == pytest.approx(1.0)
    at_alpha2 = budget.bound_exponential_expected_gap(9, 10.0, 4.0, [0.0], 1.0, 1.0)
    assert at_alpha2 == pytest.approx(0.25 / 10 * 9 * 0.25**8 / 2, rel=1e-14)


@given(st.lists(st.floats(-4, 4), min_size=1, max_size=4), logs(-2, 2), logs(-2, 2))
def test_self_consistency_gap_is_the_excess_loss(theta, sigma, kappa):
    # loss of the model on its kept samples, minus that of the best model for them
    kept = budget.selected_law(theta, sigma, kappa).mean
    excess = np.sum((np.array(theta) - kept) ** 2) / (2 * sigma**2)
    gap = budget.self_consistency_gap(theta, sigma, kappa)
    np.testing.assert_allclose(gap, excess, rtol=1e-7, atol=1e-20)
    pulled = sigma**2 / (sigma**2 + kappa**2)
    loss = budget.relative_gap(theta, 0.0, sigma, kappa)
    np.testing.assert_allclose(loss, -np.expm1(-gap / pulled), rtol=1e-11, atol=1e-300)


def test_shapes():
    sigma, kappa = np.array([[0.5], [2.0]]), np.array([1.0, 3.0, 0.2])
    calls = [
        lambda s, k: budget.constant_gap_floor(10, s, k, 2),
        lambda s, k: budget.bound_constant_gap(10, 0.1, s, k, 2),
        lambda s, k: budget.bound_constant_gap(10, 0.1, s, k, 2, step=0.5, horizon="infinite"),
        lambda s, k: budget.bound_exponential_gap(5, 10, 1.5, 0.1, [1.0, 2.0], s, k),
        lambda s, k: budget.bound_exponential_expected_gap(5, 10, 1.5, [1.0, 2.0], s, k),
        lambda s, k: budget.self_consistency_gap([1.0, 2.0], s, k),
    ]
    for call in calls:
        together = call(sigma, kappa)
        assert together.shape == (2, 3)
        for i, j in np.ndindex(2, 3):
            np.testing.assert_allclose(together[i, j], call(sigma[i, 0], kappa[j]), rtol=1e-14)
    assert budget.bound_constant_gap(10, [0.1, 0.2], 1.0, 1.0, [[1], [2]]).shape == (2, 2)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("constant_gap_floor", (0, 1.0, 1.0, 1), "n = 0"),
        ("bound_constant_gap", (1, 1.0, 1.0, 1.0, 1), r"delta = 1: must lie in \(0, 1\)"),
        ("bound_constant_gap", (1, 0.1, 1.0, 1.0, 0), "dim = 0"),
        ("bound_constant_gap", (1, 0.1, 1.0, 1.0, 1, 3.0), "step = 3: must lie in"),
        ("bound_constant_gap", (1, 0.1, 1.0, 1.0, 1, 1.0, "many"), "horizon = 'many'"),
        ("bound_exponential_gap", (5, 1, 0.0, 0.1, [0.0], 1.0, 1.0), "growth = 0"),
        ("bound_exponential_expected_gap", (-1, 1, 2.0, [0.0], 1.0, 1.0), "rounds = -1"),
        ("self_consistency_gap", ([math.inf], 1.0, 1.0), "theta = inf"),
    ],
)
def test_domains(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(budget, name)(*arguments)
