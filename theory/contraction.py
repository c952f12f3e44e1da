"""Stability of self-consuming loops with correction (Gillman et al. 2024).

A model is refitted round after round to n real points and lambda n points of its own law, moved
towards the best model: pi_gamma p = (p + gamma p*)/(1 + gamma). Round 0 is the model trained on
the n real points. Rates are per round, errors in the units of the parameter, variances per
coordinate, logarithms natural.

    correction      correct, log_correct, corrected_distance, ...
    bounds          rho, bound_printed_rate, bound_sharp_rate, bound_euclidean_rate, ...
    exact rate      sharp_rate, spectral_gap, information_ratios, euclidean_amplification
    neighbourhood   existence_radius, b2_constant, b2_informative
    envelopes       statistical_error, error_envelope, bound_error_path, ...
    steady state    gaussian_steady_mse, cramer_rao_inflation, critical_synthetic_ratio, ...
    Gaussian toy    toy_stationary, toy_recursion, ramp_exact, ...
    no real data    collapse_variance, log_variance_drift, synthetic_stationary, ...
    accumulation    accumulate_mse, accumulate_variance
    witnesses       exponential_rate_path, logistic_information_ratio, one_step_variance_mse
"""

from theory._correction import (
    bound_corrected_wasserstein2,
    bound_resampling_error,
    correct,
    corrected_distance,
    corrected_excess_kurtosis,
    log_correct,
)
from theory._envelope import (
    bound_error_path,
    error_envelope,
    independent_coverage,
    required_real_samples,
    statistical_error,
)
from theory._local_rates import (
    bound_euclidean_rate,
    bound_lowest_rate,
    bound_printed_rate,
    bound_sharp_rate,
    max_ratio_printed,
    rho,
)
from theory._neighbourhood import b2_constant, b2_informative, existence_radius
from theory._spectrum import (
    euclidean_amplification,
    information_ratios,
    oracle_weight,
    sharp_rate,
    spectral_gap,
)
from theory._steady import (
    asymptotic_steady_covariance,
    bernoulli_steady_mse,
    cramer_rao_inflation,
    critical_synthetic_ratio,
    gaussian_steady_mse,
    worst_synthetic_ratio,
)
from theory._synthetic import (
    accumulate_mse,
    accumulate_variance,
    collapse_squared_distance,
    collapse_variance,
    heterozygosity,
    log_variance_drift,
    replace_mse,
    standard_deviation_factor,
    synthetic_stationary,
)
from theory._toy import (
    ToyState,
    accumulate_mean_factor,
    asymptotic_toy_squared_distance,
    bound_toy_squared_distance,
    conditional_mean_factor,
    ramp_exact,
    toy_recursion,
    toy_stationary,
)
from theory._witnesses import (
    exponential_rate_path,
    logistic_information_ratio,
    one_step_variance_mse,
)

__all__ = [
    "ToyState",
    "accumulate_mean_factor",
    "accumulate_mse",
    "accumulate_variance",
    "asymptotic_steady_covariance",
    "asymptotic_toy_squared_distance",
    "b2_constant",
    "b2_informative",
    "bernoulli_steady_mse",
    "bound_corrected_wasserstein2",
    "bound_error_path",
    "bound_euclidean_rate",
    "bound_lowest_rate",
    "bound_printed_rate",
    "bound_resampling_error",
    "bound_sharp_rate",
    "bound_toy_squared_distance",
    "collapse_squared_distance",
    "collapse_variance",
    "conditional_mean_factor",
    "correct",
    "corrected_distance",
    "corrected_excess_kurtosis",
    "cramer_rao_inflation",
    "critical_synthetic_ratio",
    "error_envelope",
    "euclidean_amplification",
    "existence_radius",
    "exponential_rate_path",
    "gaussian_steady_mse",
    "heterozygosity",
    "independent_coverage",
    "information_ratios",
    "log_correct",
    "log_variance_drift",
    "logistic_information_ratio",
    "max_ratio_printed",
    "one_step_variance_mse",
    "oracle_weight",
    "ramp_exact",
    "replace_mse",
    "required_real_samples",
    "rho",
    "sharp_rate",
    "spectral_gap",
    "standard_deviation_factor",
    "statistical_error",
    "synthetic_stationary",
    "toy_recursion",
    "toy_stationary",
    "worst_synthetic_ratio",
]
