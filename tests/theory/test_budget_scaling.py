"""The unit of length is free: sigma, kappa and all points times c."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory import budget, one_law

START, CENTRE, SIZES = np.array([0.7, -1.1, 0.2]), np.array([0.1, 0.3, -0.2]), [3.0, 5.0, 9.0]

# name: function of (c, sigma, kappa), and the power of the unit in its result
SCALING = {
    "shrinkage": (lambda c, s, k: budget.shrinkage(s, k), 0),
    "growth_factor": (lambda c, s, k: budget.growth_factor(s, k), 0),
    "selected_law.mean": (lambda c, s, k: budget.selected_law(c * START, s, k).mean, 1),
    "selected_law.variance": (lambda c, s, k: budget.selected_law(c * START, s, k).variance, 2),
    "terminal_law.mean": (lambda c, s, k: budget.terminal_law(c * START, SIZES, s, k).mean, 1),
    "terminal_variance": (lambda c, s, k: budget.terminal_variance(SIZES, s, k), 2),
    "expected_reward": (
        lambda c, s, k: budget.expected_reward(c * START, 0.1 * c * c, s, k), 0
    ),
    "relative_gap": (lambda c, s, k: budget.relative_gap(c * START, 0.1 * c * c, s, k), 0),
    "best_variance": (lambda c, s, k: budget.best_variance(9 * c * START, s, k), 2),
    "proposals_per_kept": (
        lambda c, s, k: budget.proposals_per_kept(c * START, 0.01 * c * c, s, k), 0
    ),
    "optimal_schedule": (lambda c, s, k: budget.optimal_schedule(90.0, 5, s, k), 0),
    "optimal_variance": (lambda c, s, k: budget.optimal_variance(90.0, 5, s, k), 2),
    "variance_regret": (lambda c, s, k: budget.variance_regret(SIZES, s, k), 0),
    "floored_schedule": (lambda c, s, k: budget.floored_schedule(20.0, 6, s, k), 0),
    "integer_schedule": (lambda c, s, k: budget.integer_schedule(200, 6, s, k), 0),
    "priced_schedule": (
        lambda c, s, k: budget.priced_schedule(90.0, 5, c * START, s, k, 1.0, 0.3), 0
    ),
    "best_expected_reward": (
        lambda c, s, k: budget.best_expected_reward(90.0, 3, 9 * c * START, s, k), 0
    ),
    "optimal_horizon": (lambda c, s, k: budget.optimal_horizon(90.0, c * START, s, k), 0),
    "mse_optimal_horizon": (
        lambda c, s, k: budget.mse_optimal_horizon(90.0, c * START, s, k), 0
    ),
    "minimal_mse": (lambda c, s, k: budget.minimal_mse(90.0, c * START, s, k), 2),
    "allowed_variance": (lambda c, s, k: budget.allowed_variance(0.9, 3, c * START, s, k), 2),
    "samples_to_reach": (lambda c, s, k: budget.samples_to_reach(0.9, 3, c * START, s, k), 0),
    "cost_ratio": (lambda c, s, k: budget.cost_ratio(7, s, k), 0),
    "growth_inefficiency": (lambda c, s, k: budget.growth_inefficiency(1.2, s, k), 0),
    "asymptotic_optimal_cost": (lambda c, s, k: budget.asymptotic_optimal_cost(0.1, s, k, 3), 0),
    "asymptotic_polynomial_cost": (
        lambda c, s, k: budget.asymptotic_polynomial_cost(0.1, 1.5, 4, s, k, 3), 0
    ),
    "constant_gap_floor": (lambda c, s, k: budget.constant_gap_floor(9, s, k, 3), 0),
    "bound_constant_gap": (
        lambda c, s, k: budget.bound_constant_gap(9, 0.1, s, k, 3, step=0.6, horizon="infinite"),
        0,
    ),
    "bound_exponential_gap": (
        lambda c, s, k: budget.bound_exponential_gap(4, 9, 1.3, 0.1, c * START, s, k), 0
    ),
    "bound_exponential_expected_gap": (
        lambda c, s, k: budget.bound_exponential_expected_gap(4, 9, 1.3, c * START, s, k), 0
    ),
    "self_consistency_gap": (lambda c, s, k: budget.self_consistency_gap(c * START, s, k), 0),
    "noisy_selection.contraction": (
        lambda c, s, k: budget.noisy_selection(c * START, 0.1, 0.2, s, k).contraction, 0
    ),
    "noisy_selection.acceptance": (
        lambda c, s, k: budget.noisy_selection(c * START, 0.1, 0.2, s, k).acceptance, 0
    ),
    "noisy_selection.variance_along": (
        lambda c, s, k: budget.noisy_selection(c * START, 0.1, 0.2, s, k).variance_along, 2
    ),
    "noisy_selection.variance_across": (
        lambda c, s, k: budget.noisy_selection(c * START, 0.1, 0.2, s, k).variance_across, 2
    ),
    "misdirected_law.mean": (
        lambda c, s, k: budget.misdirected_law(c * START, SIZES, s, k, c * CENTRE).mean, 1
    ),
    "misdirected_law.variance": (
        lambda c, s, k: budget.misdirected_law(c * START, SIZES, s, k, c * CENTRE).variance, 2
    ),
    "misdirected_horizon": (
        lambda c, s, k: budget.misdirected_horizon(c * START, c * CENTRE, s, k), 0
    ),
    "centre_gap_floor": (lambda c, s, k: budget.centre_gap_floor(c * CENTRE, s, k), 0),
    "centre_jitter_floor": (lambda c, s, k: budget.centre_jitter_floor(0.3 * c, s, k), 2),
    "remaining_bias": (lambda c, s, k: budget.remaining_bias([1.0, 0.4], s, k), 0),
    "step_variance": (lambda c, s, k: budget.step_variance([1.0, 0.4, 0.3], SIZES, s, k), 2),
    "step_schedule": (lambda c, s, k: budget.step_schedule(9.0, [1.0, 0.4], s, k), 0),
    "frontier_variance": (lambda c, s, k: budget.frontier_variance(9.0, 0.4, s, k), 2),
    "decaying_steps": (lambda c, s, k: budget.decaying_steps(5, s, k), 0),
    "refit_deviation": (lambda c, s, k: budget.refit_deviation(5, s, k), 1),
    "refit_mean": (lambda c, s, k: budget.refit_mean(c * START, 5, s, k), 1),
    "asymptotic_refit_schedule": (
        lambda c, s, k: budget.asymptotic_refit_schedule(90.0, 5, s, k), 0
    ),
    "asymptotic_refit_variance": (
        lambda c, s, k: budget.asymptotic_refit_variance(90.0, 5, s, k), 2
    ),
    "reward_law.contraction": (lambda c, s, k: one_law.reward_law(s, k, 3).contraction, 0),
    "reward_law.noise": (lambda c, s, k: one_law.reward_law(s, k, 3).noise, 2),
}


def test_every_formula_with_both_widths_is_scaled():
    named = {name.split(".")[0] for name in SCALING}
    unitless = {"constant_schedule", "linear_schedule", "polynomial_schedule",
                "exponential_schedule", "terminal_law", "optimal_reward"}
    functions = {name for name in budget.__all__ if name[0].islower()}
    assert functions <= named | unitless


@pytest.mark.parametrize("name", SCALING)
@given(unit=st.floats(-3, 3), sigma=st.floats(-0.7, 0.7), kappa=st.floats(-0.3, 0.7))
def test_the_unit_is_free(name, unit, sigma, kappa):
    function, power = SCALING[name]
    unit, sigma, kappa = 10.0**unit, 10.0**sigma, 10.0**kappa
    plain, scaled = function(1.0, sigma, kappa), function(unit, unit * sigma, unit * kappa)
    np.testing.assert_allclose(scaled, plain * unit**power, rtol=1e-9, atol=1e-13 * unit**power)
