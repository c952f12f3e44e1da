"""Horizons against 50-digit scans of the reward, and the information identity of the error."""

import itertools
import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from theory import budget, one_law

mp.mp.dps = 60


def logs(low, high):
    return st.floats(low, high).map(lambda power: 10.0**power)


def exact(*values):
    return [mp.mpf(float(value)) for value in values]


def log_reward(rounds, total, theta0, sigma, kappa, dim):
    """Logarithm of the best reward at a horizon: the variance is chosen, down to its least."""
    c, start, s, k = exact(total, theta0, sigma, kappa)
    alpha, scale = 1 + (s / k) ** 2, s**2 + k**2
    least = s**2 / alpha / c * ((1 - alpha**-rounds) / (1 - 1 / alpha)) ** 2
    mean2 = (start * alpha**-rounds) ** 2
    variance = least if rounds == 1 else max(least, mean2 / dim - scale)
    spread = scale + variance
    return mp.mpf(dim) / 2 * mp.log(k**2 / spread) - mean2 / (2 * spread)


def point(radius, dim):
    return [radius] + [0.0] * (dim - 1)


@given(logs(-2, 6), st.integers(1, 60), logs(-2, 3), logs(-1.5, 1.5), st.integers(1, 20))
@example(20.0, 2, 10.0, 1.0, 1)
@example(20.0, 1, 10.0, 1.0, 1)
@example(20.0, 2, 30.0, 1.0, 5)
def test_best_expected_reward_chooses_the_variance(total, rounds, radius, sigma, dim):
    got = budget.best_expected_reward(total, rounds, point(radius, dim), sigma, 1.0)
    twin = mp.exp(log_reward(rounds, total, radius, sigma, 1.0, dim))
    assert abs(got - twin) <= 1e-11 * twin + 1e-300


@given(logs(0, 4), st.integers(2, 12), st.floats(0, 20), logs(-1, 1), st.randoms())
def test_no_schedule_earns_more(total, rounds, radius, sigma, random):
    best = budget.best_expected_reward(total, rounds, radius, sigma, 1.0)
    shares = np.array([random.random() ** 8 + 1e-6 for _ in range(rounds)])
    law = budget.terminal_law(radius, total * shares / shares.sum(), sigma, 1.0)
    earned = budget.expected_reward(law.mean, law.variance, sigma, 1.0)
    assert earned <= best * (1 + 1e-12)
    law = budget.terminal_law(
        radius, budget.optimal_schedule(total, rounds, sigma, 1.0), sigma, 1.0
    )
    assert budget.expected_reward(law.mean, law.variance, sigma, 1.0) <= best * (1 + 1e-12)


@given(logs(-3, 8), logs(-2, 3), logs(-1.3, 2), st.integers(1, 50))
@example(100.0, 0.5, 1 / 3, 1)
@example(100.0, 1.0, 1.0, 1)
def test_optimal_horizon_beats_all_others(total, radius, sigma, dim):
    start = radius * math.sqrt(dim)
    horizon = int(budget.optimal_horizon(total, point(start, dim), sigma, 1.0))
    best = log_reward(horizon, total, start, sigma, 1.0, dim)
    others = {*range(1, 40), *(horizon + j for j in (-2, -1, 1, 2)), 2 * horizon, 10 * horizon}
    for rounds in sorted(others - {horizon}):
        if rounds >= 1:
            assert log_reward(rounds, total, start, sigma, 1.0, dim) <= best


SMALL_TOTALS = list(
    itertools.product(
        [0.7, 0.8, 0.9, 0.97], np.arange(2.05, 3, 0.1).tolist(), [1.0, 10.0, 100.0], [1, 3]
    )
)


@pytest.mark.parametrize(("rho", "rounds", "k", "dim"), SMALL_TOTALS)
def test_optimal_horizon_where_noise_still_helps_the_round_before(rho, rounds, k, dim):
    # tiny totals, k = kappa^2 / (sigma^2 C): at the early horizon noise may still help
    left = rho**rounds
    moved = 1 - left
    start2 = dim * k * moved * (1 + k * moved**2) / (left * (1 + k * moved))
    sigma2 = 1 / rho - 1
    arguments = 1 / (sigma2 * k), math.sqrt(start2 * (1 + sigma2)), math.sqrt(sigma2), 1.0, dim
    total, radius, sigma = arguments[:3]
    horizon = int(budget.optimal_horizon(total, point(radius, dim), sigma, 1.0))
    best = log_reward(horizon, *arguments)
    for other in {*range(1, 9)} - {horizon}:
        assert log_reward(other, *arguments) <= best


@pytest.mark.parametrize("sigma", [0.02, 1e-3, 1e-4, 1e-6])
@pytest.mark.parametrize(("total", "radius"), [(1e3, 1.0), (1e8, 0.3), (1e12, 50.0), (10.0, 1.01)])
def test_optimal_horizon_is_exact_under_weak_selection(sigma, total, radius):
    # Neighbouring rewards agree to 1e-20 and better here.
    horizon = int(budget.optimal_horizon(total, radius, sigma, 1.0))
    best = log_reward(horizon, total, radius, sigma, 1.0, 1)
    for rounds in {max(1, horizon - 1), horizon + 1} - {horizon}:
        assert log_reward(rounds, total, radius, sigma, 1.0, 1) < best


@given(logs(-3, 8), logs(-2, 3), logs(-1.3, 1), logs(-3, 3))
def test_optimal_horizon_is_scale_free_and_monotone(total, radius, sigma, unit):
    horizon = budget.optimal_horizon(total, radius, sigma, 1.0)
    unit = 2.0 ** round(math.log2(unit))
    assert horizon == budget.optimal_horizon(total, radius * unit, sigma * unit, unit)
    # more samples or a farther start never make fewer rounds best
    assert budget.optimal_horizon(2 * total, radius, sigma, 1.0) >= horizon
    assert budget.optimal_horizon(total, 2 * radius, sigma, 1.0) >= horizon


def test_optimal_horizon_sees_only_the_norm():
    rng = np.random.default_rng(3)
    theta0 = rng.standard_normal(6)
    length = np.linalg.norm(theta0)
    assert budget.optimal_horizon(1e5, theta0, 1.0, 3.0) == budget.optimal_horizon(
        1e5, point(length, 6), 1.0, 3.0
    )


def test_optimal_horizon_extremes():
    assert budget.optimal_horizon(1e30, [0.0], 1e-6, 1.0) == 1
    assert budget.optimal_horizon(1e-3, [1e-200], 1e6, 1.0) == 1
    assert budget.optimal_horizon(1e30, np.full(1000, 1e200), 1e6, 1.0) > 1
    assert budget.optimal_horizon(1e30, [1.0], 1e-6, 1.0) > 10**13
    assert budget.optimal_horizon(1e3, [1.0], 1e200, 1e-100) == 1
    with pytest.raises(ValueError, match="below 2\\^62"):
        budget.optimal_horizon(1e30, [1.0], 1e-12, 1.0)


def test_horizons_broadcast():
    total, sigma = np.array([[1e2], [1e5]]), np.array([0.3, 1.0, 3.0])
    together = budget.optimal_horizon(total, [1.0, 2.0], sigma, 1.0)
    assert together.shape == (2, 3)
    assert together.dtype == np.int64
    functions = [budget.optimal_horizon, budget.mse_optimal_horizon, budget.minimal_mse]
    functions.append(lambda c, *rest: budget.best_expected_reward(c, 7, *rest))
    for function in functions:
        grid = function(total, [1.0, 2.0], sigma, 1.0)
        for i, j in np.ndindex(2, 3):
            alone = function(total[i, 0], [1.0, 2.0], sigma[j], 1.0)
            np.testing.assert_allclose(grid[i, j], alone, rtol=1e-15)
    rounds = budget.best_expected_reward(1e3, np.arange(1, 6), [1.0, 2.0], 1.0, 1.0)
    assert rounds.shape == (5,)


# --- mean-square error -------------------------------------------------------------------------


@given(logs(-2, 8), logs(-3, 3), logs(-2, 1), st.integers(1, 9), st.floats(0.3, 3))
def test_mse_horizon_is_the_minimum(total, radius, sigma, dim, factor):
    def error(rounds):
        c, start, s = exact(total, radius, sigma)
        alpha = 1 + s**2
        x = alpha ** -mp.mpf(float(rounds))
        least = s**2 / alpha / c * ((1 - x) / (1 - 1 / alpha)) ** 2
        return x**2 * start**2 + dim * least

    theta0 = point(radius, dim)
    rounds = float(budget.mse_optimal_horizon(total, theta0, sigma, 1.0))
    least = budget.minimal_mse(total, theta0, sigma, 1.0)
    assert abs(error(rounds) - least) <= 1e-12 * least
    assert error(rounds * factor) >= least * (1 - mp.mpf("1e-12"))


@given(logs(-2, 8), logs(-3, 3), logs(-1, 1), logs(-1, 1), st.integers(1, 9))
def test_mse_is_the_one_law_of_rewards(total, radius, sigma, kappa, dim):
    theta0, law = point(radius, dim), one_law.reward_law(sigma, kappa, dim)
    inside = (law.contraction, law.noise, radius**2, total, 0.0)
    np.testing.assert_allclose(
        budget.minimal_mse(total, theta0, sigma, kappa),
        one_law.best_error_within(*inside),
        rtol=1e-10,
    )
    np.testing.assert_allclose(
        budget.mse_optimal_horizon(total, theta0, sigma, kappa),
        one_law.best_rounds_within(*inside),
        rtol=1e-10,
    )


def test_mse_extremes():
    assert budget.minimal_mse(10.0, [0.0], 1.0, 1.0) == 0.0
    assert budget.mse_optimal_horizon(10.0, [0.0], 1.0, 1.0) == 0.0
    far = budget.minimal_mse(1e-3, np.full(1000, 1e150), 1e-6, 1.0)
    assert far == pytest.approx(1e18, rel=1e-11)
    assert math.isfinite(budget.mse_optimal_horizon(1e30, [1e200], 1e-6, 1.0))
    # selection too weak for L to be a number: the limit C M / d
    assert budget.mse_optimal_horizon(8.0, [3.0, 3.0], 1e-200, 3.0) == pytest.approx(8.0)
    weak = budget.mse_optimal_horizon(8.0, [3.0, 3.0], 1e-6, 3.0)
    assert weak == pytest.approx(8.0, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("optimal_horizon", (0.0, [1.0], 1.0, 1.0), "total = 0"),
        ("optimal_horizon", (1.0, [math.nan], 1.0, 1.0), "theta0 = nan"),
        ("best_expected_reward", (1.0, 0, [1.0], 1.0, 1.0), "rounds = 0"),
        ("mse_optimal_horizon", (1.0, [1.0], -1.0, 1.0), "sigma = -1"),
        ("minimal_mse", (1.0, [], 1.0, 1.0), "theta0 has shape"),
    ],
)
def test_domains(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(budget, name)(*arguments)
