"""Simulators of self-consuming training loops: Monte Carlo that shares no formula with the theory.

Each function draws from one ``numpy.random.Generator``, given by keyword, and returns arrays with
the replicates along the first axis. Number of workers and engine never change a result (see
`sims.replicate`); `sims.confidence` has the intervals and tests for what is measured.
"""

from sims.breakdown import (
    simulate_generated_training,
    simulate_pruned_classifier,
    simulate_random_pruning,
)
from sims.budget import simulate_selection_loop
from sims.contraction import simulate_correction_loop
from sims.verifier import simulate_verified_regression

__all__ = [
    "simulate_correction_loop",
    "simulate_generated_training",
    "simulate_pruned_classifier",
    "simulate_random_pruning",
    "simulate_selection_loop",
    "simulate_verified_regression",
]
