"""Simulators of self-consuming training loops: Monte Carlo that shares no formula with the theory.

Each function draws from one ``numpy.random.Generator``, given by keyword, and returns arrays with
the replicates along the first axis. Number of workers and engine never change a result (see
`sims.replicate`; `sims.progress` shows how far a long run is); `sims.confidence` has the intervals
and tests for what is measured.
"""

from sims.breakdown import (
    simulate_generated_training,
    simulate_pruned_classifier,
    simulate_random_pruning,
)
from sims.budget import simulate_selection_loop
from sims.collapse import simulate_synthetic_loop, simulate_wright_fisher
from sims.contraction import simulate_correction_loop
from sims.descent import policy_schedule, simulate_descent, simulate_passage
from sims.filters import simulate_filtered_regression, simulate_top_fraction
from sims.pointwise import simulate_point_correction, simulate_pointwise_loop
from sims.pruning import simulate_pruning_rounds
from sims.verifier import simulate_verified_regression

__all__ = [
    "policy_schedule",
    "simulate_correction_loop",
    "simulate_descent",
    "simulate_filtered_regression",
    "simulate_generated_training",
    "simulate_passage",
    "simulate_point_correction",
    "simulate_pointwise_loop",
    "simulate_pruned_classifier",
    "simulate_pruning_rounds",
    "simulate_random_pruning",
    "simulate_selection_loop",
    "simulate_synthetic_loop",
    "simulate_top_fraction",
    "simulate_verified_regression",
    "simulate_wright_fisher",
]
