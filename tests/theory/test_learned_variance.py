"""A generator that refits its variance: precisions add, and a finite sample agrees."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory import budget


def logs(low, high):
    return st.floats(low, high).map(lambda power: 10.0**power)


@given(st.integers(0, 60), logs(-3, 3), logs(-3, 3), st.floats(-4, 4))
def test_unlimited_samples_add_precisions(rounds, sigma, kappa, theta0):
    mean, variance = theta0, sigma**2
    for _ in range(rounds):
        law = budget.selected_law(mean, math.sqrt(variance), kappa)
        mean, variance = law.mean[0], float(law.variance)
    deviation = budget.refit_deviation(rounds, sigma, kappa)
    np.testing.assert_allclose(deviation, math.sqrt(variance), rtol=1e-12)
    np.testing.assert_allclose(
        budget.refit_mean(theta0, rounds, sigma, kappa)[0], mean, rtol=1e-11, atol=1e-300
    )


@given(st.integers(1, 12), logs(-2, 2), st.randoms())
def test_schedule_is_the_best_at_leading_order(rounds, sigma, random):
    def variance(schedule):
        # theta_T = eta_T / tau_T, and round t adds variance tau_{t+1} / n_t to eta
        precision = 1 / sigma**2 + np.arange(1, rounds + 1)
        return np.sum(precision / schedule) / precision[-1] ** 2

    schedule = budget.asymptotic_refit_schedule(500.0, rounds, sigma, 1.0)
    best = budget.asymptotic_refit_variance(500.0, rounds, sigma, 1.0)
    np.testing.assert_allclose(schedule.sum(), 500.0, rtol=1e-13)
    np.testing.assert_allclose(variance(schedule), best, rtol=1e-12)
    shares = np.array([random.random() for _ in range(rounds)]) + 1e-3
    assert variance(500 * shares / shares.sum()) >= best * (1 - 1e-12)


def test_growth_is_a_square_root_not_geometric():
    schedule = budget.asymptotic_refit_schedule(1e6, 4000, 1.0, 1.0)
    assert schedule[3999] / schedule[999] == pytest.approx(2.0, rel=1e-3)


def simulate(theta0, schedule, replicates, rng):
    """Mean of the generator after rounds that refit mean and variance; sigma_0 = kappa = 1."""
    mean, variance = np.full(replicates, theta0), np.ones(replicates)
    for n in schedule:
        kept = 1 / (1 / variance + 1)
        mean = mean * kept / variance + np.sqrt(kept / n) * rng.standard_normal(replicates)
        variance = kept * rng.chisquare(n - 1, replicates) / n
    return mean


def test_finite_samples_have_the_leading_law():
    # Null: mean and variance are those of leading order; the next order is 1/n = 1e-5 of them,
    # below the standard errors. |z| < 4.5, and an error of 2% is seen. The variance is taken at
    # theta_0 = 0, where the fitted variances move no mean.
    rng, replicates, rounds, total = np.random.default_rng(27), 200_000, 3, 300_000
    schedule = np.rint(budget.asymptotic_refit_schedule(total, rounds, 1.0, 1.0)).astype(int)
    variance = budget.asymptotic_refit_variance(total, rounds, 1.0, 1.0)
    centred, moved = (simulate(start, schedule, replicates, rng) for start in (0.0, 0.8))

    def z_variance(value):
        return abs(centred.var(ddof=1) / value - 1) / math.sqrt(2 / replicates)

    def z_mean(value):
        return abs(moved.mean() - value) / (moved.std(ddof=1) / math.sqrt(replicates))

    mean = budget.refit_mean(0.8, rounds, 1.0, 1.0)[0]
    assert z_variance(variance) < 4.5
    assert z_variance(1.02 * variance) > 4.5
    assert z_mean(mean) < 4.5
    assert z_mean(1.02 * mean) > 4.5


def test_shapes_and_extremes():
    sigma, rounds = np.array([[0.5], [2.0]]), np.array([0, 1, 10**15])
    assert budget.refit_deviation(rounds, sigma, 1.0).shape == (2, 3)
    assert budget.refit_mean([1.0, 2.0], rounds, sigma, 1.0).shape == (2, 3, 2)
    assert budget.asymptotic_refit_schedule(9.0, 4, sigma, 1.0).shape == (2, 1, 4)
    assert budget.asymptotic_refit_variance(9.0, 4, sigma, 1.0).shape == (2, 1)
    assert budget.refit_deviation(5, 1e200, 1e-200) == pytest.approx(1e-200 / math.sqrt(5))
    assert budget.refit_mean([1.0], 5, 1e200, 1e-200)[0] == 0.0
    weak = budget.asymptotic_refit_schedule(9.0, 3, 1e-200, 1e200)
    np.testing.assert_allclose(weak, 3.0)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("refit_deviation", (-1, 1.0, 1.0), "rounds = -1"),
        ("refit_mean", ([math.nan], 1, 1.0, 1.0), "theta0 = nan"),
        ("asymptotic_refit_schedule", (0.0, 1, 1.0, 1.0), "total = 0"),
        ("asymptotic_refit_variance", (1.0, 0, 1.0, 1.0), "rounds = 0"),
    ],
)
def test_domains(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(budget, name)(*arguments)
