"""How many samples to keep in each round of a loop that trains on its own selected output.

A generator N(theta, sigma^2 I) proposes, a reward exp(-|x|^2 / (2 kappa^2)) selects, and the mean
is refitted on the n_t samples kept in round t = 0..T-1. All follows from rho = kappa^2 / s0,
alpha = 1/rho, L = ln alpha and s0 = kappa^2 + sigma^2; C = sum n_t is the total of kept samples,
and variances are per coordinate.
"""

from theory._cost import (
    allowed_variance,
    asymptotic_optimal_cost,
    asymptotic_polynomial_cost,
    cost_ratio,
    growth_inefficiency,
    samples_to_reach,
)
from theory._guarantees import (
    bound_constant_gap,
    bound_exponential_expected_gap,
    bound_exponential_gap,
    constant_gap_floor,
    self_consistency_gap,
)
from theory._horizon import (
    best_expected_reward,
    minimal_mse,
    mse_optimal_horizon,
    optimal_horizon,
)
from theory._imperfect import (
    NoisySelection,
    centre_gap_floor,
    centre_jitter_floor,
    misdirected_horizon,
    misdirected_law,
    noisy_selection,
)
from theory._integer_schedule import integer_schedule
from theory._learned_variance import (
    asymptotic_refit_schedule,
    asymptotic_refit_variance,
    refit_deviation,
    refit_mean,
)
from theory._optimal_schedule import (
    floored_schedule,
    optimal_schedule,
    optimal_variance,
    priced_schedule,
    variance_regret,
)
from theory._reward import (
    best_variance,
    expected_reward,
    optimal_reward,
    proposals_per_kept,
    relative_gap,
)
from theory._schedules import (
    constant_schedule,
    exponential_schedule,
    linear_schedule,
    polynomial_schedule,
)
from theory._selection import (
    Law,
    growth_factor,
    selected_law,
    shrinkage,
    terminal_law,
    terminal_variance,
)
from theory._step_sizes import (
    decaying_steps,
    frontier_variance,
    remaining_bias,
    step_schedule,
    step_variance,
)

__all__ = [
    "Law",
    "NoisySelection",
    "allowed_variance",
    "asymptotic_optimal_cost",
    "asymptotic_polynomial_cost",
    "asymptotic_refit_schedule",
    "asymptotic_refit_variance",
    "best_expected_reward",
    "best_variance",
    "bound_constant_gap",
    "bound_exponential_expected_gap",
    "bound_exponential_gap",
    "centre_gap_floor",
    "centre_jitter_floor",
    "constant_gap_floor",
    "constant_schedule",
    "cost_ratio",
    "decaying_steps",
    "expected_reward",
    "exponential_schedule",
    "floored_schedule",
    "frontier_variance",
    "growth_factor",
    "growth_inefficiency",
    "integer_schedule",
    "linear_schedule",
    "minimal_mse",
    "misdirected_horizon",
    "misdirected_law",
    "mse_optimal_horizon",
    "noisy_selection",
    "optimal_horizon",
    "optimal_reward",
    "optimal_schedule",
    "optimal_variance",
    "polynomial_schedule",
    "priced_schedule",
    "proposals_per_kept",
    "refit_deviation",
    "refit_mean",
    "relative_gap",
    "remaining_bias",
    "samples_to_reach",
    "selected_law",
    "self_consistency_gap",
    "shrinkage",
    "step_schedule",
    "step_variance",
    "terminal_law",
    "terminal_variance",
    "variance_regret",
]
