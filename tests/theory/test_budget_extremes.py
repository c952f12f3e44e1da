"""Every budget and one-law formula at the ends of the float range: no warning, no NaN."""

import dataclasses
import itertools

import numpy as np
import pytest

from theory import budget, one_law

WIDTHS = list(itertools.product([1e-200, 1e-6, 1.0, 1e6, 1e200], repeat=2))
STARTS = [np.zeros(1), np.ones(1000), np.full(2, 1e200), np.full(1, 1e-200)]
TOTALS, ROUNDS = [1e-3, 1e30], [1, 2, 2000]

FORMULAS = {
    "terminal_law": lambda x, c, t, s, k: budget.terminal_law(
        x, budget.constant_schedule(c, t), s, k
    ),
    "optimal_schedule": lambda x, c, t, s, k: budget.optimal_schedule(c, t, s, k),
    "optimal_variance": lambda x, c, t, s, k: budget.optimal_variance(c, t, s, k),
    "floored_schedule": lambda x, c, t, s, k: budget.floored_schedule(max(c, t), t, s, k),
    "integer_schedule": lambda x, c, t, s, k: budget.integer_schedule(t + 9, t, s, k),
    "priced_schedule": lambda x, c, t, s, k: budget.priced_schedule(c, t, x, s, k, 1.0, 0.0),
    "variance_regret": lambda x, c, t, s, k: budget.variance_regret(
        budget.linear_schedule(c, t), s, k
    ),
    "expected_reward": lambda x, c, t, s, k: budget.expected_reward(x, c, s, k),
    "relative_gap": lambda x, c, t, s, k: budget.relative_gap(x, c, s, k),
    "best_variance": lambda x, c, t, s, k: budget.best_variance(x, s, k),
    "proposals_per_kept": lambda x, c, t, s, k: budget.proposals_per_kept(x, c, s, k),
    "best_expected_reward": lambda x, c, t, s, k: budget.best_expected_reward(c, t, x, s, k),
    "mse_optimal_horizon": lambda x, c, t, s, k: budget.mse_optimal_horizon(c, x, s, k),
    "minimal_mse": lambda x, c, t, s, k: budget.minimal_mse(c, x, s, k),
    "cost_ratio": lambda x, c, t, s, k: budget.cost_ratio(t, s, k, policy="linear"),
    "samples_to_reach": lambda x, c, t, s, k: budget.samples_to_reach(1e-8, t, x, s, k),
    "growth_inefficiency": lambda x, c, t, s, k: budget.growth_inefficiency(1.5, s, k),
    "noisy_selection": lambda x, c, t, s, k: budget.noisy_selection(x, 0.1, 0.1, s, k),
    "misdirected_law": lambda x, c, t, s, k: budget.misdirected_law(x, [3, 4], s, k, 2 * x),
    "misdirected_horizon": lambda x, c, t, s, k: budget.misdirected_horizon(x, x / 2, s, k),
    "centre_jitter_floor": lambda x, c, t, s, k: budget.centre_jitter_floor(c, s, k),
    "bound_constant_gap": lambda x, c, t, s, k: budget.bound_constant_gap(
        c, 0.1, s, k, 3, horizon="infinite"
    ),
    "bound_exponential_gap": lambda x, c, t, s, k: budget.bound_exponential_gap(
        t, c, 2.0, 0.1, x, s, k
    ),
    "self_consistency_gap": lambda x, c, t, s, k: budget.self_consistency_gap(x, s, k),
    "step_variance": lambda x, c, t, s, k: budget.step_variance(
        np.ones(t), budget.constant_schedule(c, t), s, k
    ),
    "decaying_steps": lambda x, c, t, s, k: budget.decaying_steps(t, s, k),
    "refit_mean": lambda x, c, t, s, k: budget.refit_mean(x, t, s, k),
    "asymptotic_refit_variance": lambda x, c, t, s, k: budget.asymptotic_refit_variance(
        c, t, s, k
    ),
    "asymptotic_polynomial_cost": lambda x, c, t, s, k: budget.asymptotic_polynomial_cost(
        0.1, 2.0, c, s, k, 3
    ),
    "reward_law": lambda x, c, t, s, k: one_law.reward_law(s, k, 3),
}


def numbers(result):
    if dataclasses.is_dataclass(result):
        return [getattr(result, field.name) for field in dataclasses.fields(result)]
    return [result]


@pytest.mark.parametrize("name", FORMULAS)
def test_budget_is_a_number_everywhere(name):
    for start, total, rounds, (sigma, kappa) in itertools.product(STARTS, TOTALS, ROUNDS, WIDTHS):
        for value in numbers(FORMULAS[name](start, total, rounds, sigma, kappa)):
            assert not np.isnan(value).any(), (start[0], total, rounds, sigma, kappa)


SLOPES = [0.0, 1e-300, 0.5, 1 - 2**-53, 1.0, 1 + 2**-52, 1e200]
ERRORS = [0.0, 1e-320, 1e-200, 1.0, 1e200]

LAWS = {
    "error_after": (0, 1e300, lambda k, c, v, b, n: one_law.error_after(k, c, v, [n] * 5)),
    "best_error": (0, 1e300, lambda k, c, v, b, n: one_law.best_error(k, c, n, 2000)),
    "best_schedule": (0, 1e300, lambda k, c, v, b, n: one_law.best_schedule(k, n, 2000)),
    "uniform_penalty": (0, 1e300, lambda k, c, v, b, n: one_law.uniform_penalty(k, 7)),
    "steady_error": (0, 1e300, lambda k, c, v, b, n: one_law.steady_error(k, c, n)),
    "minimal_samples": (
        0, 1e300, lambda k, c, v, b, n: one_law.minimal_samples(k, c, v, b + 1e-320)
    ),
    "weighted_error": (
        0, 1e300, lambda k, c, v, b, n: one_law.weighted_error(k, [c, 1.0], [1.0, n], n)
    ),
    "weighted_schedule": (
        0, 1e300, lambda k, c, v, b, n: one_law.weighted_schedule(k, [c, 1.0], [1.0, n], n)
    ),
    "truth_error": (0, 1, lambda k, c, v, b, n: one_law.truth_error(k, c, v, [n] * 5, b)),
    "best_error_within": (
        0, 1, lambda k, c, v, b, n: one_law.best_error_within(k, c, v, n, b)
    ),
    "one_round_error": (0, 1, lambda k, c, v, b, n: one_law.one_round_error(k, c, v, b)),
    "best_contraction": (0, 1, lambda k, c, v, b, n: one_law.best_contraction(c, v, b)),
    "best_stop": (1e-300, 0.9999999999999999, lambda k, c, v, b, n: one_law.best_stop(
        k, c, v, n, b
    )),
    "best_rounds_within": (
        1e-300, 0.9999999999999999,
        lambda k, c, v, b, n: one_law.best_rounds_within(k, c, v, n, b),
    ),
    "constant_batches": (
        1e-300, 0.9999999999999999,
        lambda k, c, v, b, n: one_law.constant_batches(k, c, v, b + 1e-320),
    ),
    "feedback_samples": (
        1e-300, 0.9999999999999999,
        lambda k, c, v, b, n: one_law.feedback_samples(k, c, v + 1e-320),
    ),
    "fresh_correction_law": (
        0, 1, lambda k, c, v, b, n: one_law.fresh_correction_law(v, b, c + 1e-320, n, 3)
    ),
}


@pytest.mark.parametrize("name", LAWS)
def test_one_law_is_a_number_everywhere(name):
    low, high, formula = LAWS[name]
    slopes = [slope for slope in SLOPES if low <= slope <= high]
    for slope, noise, initial, bias2 in itertools.product(slopes, ERRORS, ERRORS, ERRORS):
        for total in TOTALS:
            for value in numbers(formula(slope, noise, initial, bias2, total)):
                assert not np.isnan(value).any(), (slope, noise, initial, bias2, total)
