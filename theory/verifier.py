"""Retraining on verified synthetic data (Yi et al. 2025), one coordinate and many.

A linear model is refitted, round after round, to its own labels that a verifier accepts: those
within a window around what its knowledge centre predicts. Offsets are model minus knowledge
centre, the bias is truth minus knowledge centre, both in units of the label noise sigma; round
0 is the model fitted to real data. Only the abstract of the source is cited; the closed forms
are ours.

    one draw        window, window_contraction, soft_contraction, window_acceptance, ...
    ranking         one_sided_drift, top_fraction_contraction, top_fraction_half_width, ...
    one round       one_round, one_round_change_estimate, required_kept, bound_improvement, ...
    many rounds     bound_centre_error, bound_centre_tail, asymptotic_centre_error, ...
    other designs   fixed_design_round, elliptical_contraction, gaussian_design_error, ...
"""

from theory._design import DesignRound, elliptical_contraction, fixed_design_round
from theory._long_term import (
    asymptotic_centre_error,
    bound_centre_error,
    bound_centre_tail,
    bound_steady_centre_error,
    centre_orbit,
    gaussian_design_acceptance,
    gaussian_design_error,
    gaussian_design_steady_error,
    unverified_error,
)
from theory._near_term import (
    OneRound,
    asymptotic_tolerable_bias,
    bound_improvement,
    one_round,
    one_round_change_estimate,
    required_kept,
    soft_one_round,
)
from theory._relative_filter import (
    asymptotic_top_fraction_contraction,
    one_sided_drift,
    one_sided_slope,
    top_fraction_contraction,
    top_fraction_drift,
    top_fraction_half_width,
)
from theory._window import (
    Window,
    bound_true_acceptance,
    bound_window_contraction,
    matched_width,
    proposals_per_kept,
    soft_acceptance,
    soft_contraction,
    window,
    window_acceptance,
    window_contraction,
)

__all__ = [
    "DesignRound",
    "OneRound",
    "Window",
    "asymptotic_centre_error",
    "asymptotic_tolerable_bias",
    "asymptotic_top_fraction_contraction",
    "bound_centre_error",
    "bound_centre_tail",
    "bound_improvement",
    "bound_steady_centre_error",
    "bound_true_acceptance",
    "bound_window_contraction",
    "centre_orbit",
    "elliptical_contraction",
    "fixed_design_round",
    "gaussian_design_acceptance",
    "gaussian_design_error",
    "gaussian_design_steady_error",
    "matched_width",
    "one_round",
    "one_round_change_estimate",
    "one_sided_drift",
    "one_sided_slope",
    "proposals_per_kept",
    "required_kept",
    "soft_acceptance",
    "soft_contraction",
    "soft_one_round",
    "top_fraction_contraction",
    "top_fraction_drift",
    "top_fraction_half_width",
    "unverified_error",
    "window",
    "window_acceptance",
    "window_contraction",
]
