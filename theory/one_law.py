"""One law for all the loops: an affine contraction towards a centre, with sampling noise.

A round multiplies the error to the loop's centre by K and adds noise c/n when n samples are kept:
V_{t+1} = K^2 V_t + c/n_t. What follows from that alone - schedules, costs, stopping rounds - holds
for every family of `AffineLaw`.
"""

from theory._affine import (
    best_error,
    best_schedule,
    error_after,
    steady_error,
    uniform_penalty,
)
from theory._families import (
    AffineLaw,
    fresh_correction_law,
    prune_round,
    prune_rounds,
    reward_law,
    selection_law,
)
from theory._target import (
    ConstantBatches,
    constant_batches,
    feedback_samples,
    minimal_samples,
)
from theory._truth import (
    Stop,
    best_contraction,
    best_error_within,
    best_rounds_within,
    best_stop,
    one_round_error,
    truth_error,
)
from theory._weighted import weighted_error, weighted_schedule

__all__ = [
    "AffineLaw",
    "ConstantBatches",
    "Stop",
    "best_contraction",
    "best_error",
    "best_error_within",
    "best_rounds_within",
    "best_schedule",
    "best_stop",
    "constant_batches",
    "error_after",
    "feedback_samples",
    "fresh_correction_law",
    "minimal_samples",
    "one_round_error",
    "prune_round",
    "prune_rounds",
    "reward_law",
    "selection_law",
    "steady_error",
    "truth_error",
    "uniform_penalty",
    "weighted_error",
    "weighted_schedule",
]
