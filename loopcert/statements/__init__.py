"""What is claimed, and the evidence: one module a subject, each with a list ``CLAIMS``.

The statements are data; no verdict stands here.
"""

import functools
import importlib

from loopcert.prove.written import as_written

__all__ = ["SUBJECTS", "all_claims"]

SUBJECTS = (
    "budget", "budget_reward", "budget_whole", "budget_policies", "budget_horizon",
    "budget_beyond", "budget_general", "budget_target", "budget_rates",
    "budget_descent", "budget_learned", "budget_chance", "budget_verified", "budget_errors",
    "budget_assumptions",
    "contraction", "contraction_update", "contraction_rates", "contraction_stability",
    "contraction_toy",
    "contraction_pointwise",
    "contraction_beyond",
    "contraction_beyond_euclid",
    "contraction_transfer",
    "contraction_remarks",
    "contraction_beyond_global",
    "contraction_beyond_spurious",
    "contraction_horizon",
    "contraction_beyond_steady",
    "contraction_assumptions",
    "contraction_models",
    "contraction_beyond_loops",
    "contraction_accrual",
    "contraction_beyond_toy",
    "pruning", "pruning_angles", "breakdown", "breakdown_finite",
    "breakdown_population", "breakdown_tables", "breakdown_cases", "breakdown_ridge",
    "breakdown_averaging",
    "verifier", "verifier_rate", "verifier_line",
    "verifier_long_term", "verifier_tail", "verifier_plateau", "verifier_near_term",
    "verifier_filters", "verifier_designs",
    "one_law", "one_law_families", "one_law_selection",
)


@functools.cache
@as_written()
def all_claims():
    """Return the claims of all subjects, ids checked to be unique."""
    found = {}
    for subject in SUBJECTS:
        for claim in importlib.import_module(f"loopcert.statements.{subject}").CLAIMS:
            if claim.id in found:
                raise ValueError(f"claim {claim.id} is stated twice")
            found[claim.id] = claim
    return tuple(found.values())
