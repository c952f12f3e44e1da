"""When training on verified synthetic data breaks down, and what finite N and d make of it.

The breakdown point p* = phi/(phi + psi) separates success from failure in the limit of the
theorem; around it lie a transition of width n^(-1/2), a training problem on an idealised Gram
matrix, and, at finite dimension over sample size, accuracies that are neither 0 nor 1.
"""

from theory._averaging import averaging_accuracy, expected_averaging_accuracy
from theory._majority import (
    asymptotic_majority_probability,
    bound_required_items,
    chernoff_rate,
    majority_probability,
)
from theory._phases import (
    breakdown_bounds,
    breakdown_point,
    noisy_verifier_breakdown,
    phase_boundaries,
    pooled_breakdown,
    supervised_breakdown,
    transition_width,
)
from theory._population import (
    accuracy_against_bayes,
    accuracy_against_labels,
    improvement_margin,
    population_accuracy,
)
from theory._ridge import (
    PrunedMoments,
    pruned_moments,
    pruned_ridge_alignment,
    ridge_accuracy,
)
from theory._training import reduced_solution, training_accuracy, training_solution

__all__ = [
    "PrunedMoments",
    "accuracy_against_bayes",
    "accuracy_against_labels",
    "asymptotic_majority_probability",
    "averaging_accuracy",
    "bound_required_items",
    "breakdown_bounds",
    "breakdown_point",
    "chernoff_rate",
    "expected_averaging_accuracy",
    "improvement_margin",
    "majority_probability",
    "noisy_verifier_breakdown",
    "phase_boundaries",
    "pooled_breakdown",
    "population_accuracy",
    "pruned_moments",
    "pruned_ridge_alignment",
    "reduced_solution",
    "ridge_accuracy",
    "supervised_breakdown",
    "training_accuracy",
    "training_solution",
    "transition_width",
]
