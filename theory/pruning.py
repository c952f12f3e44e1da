"""Verifiers that prune: their rates, their audit, and what they should accept.

An item is right with probability 1 - p; right items are accepted at rate phi, wrong ones at rate
psi. The breakdown point p* = phi/(phi + psi) is the error rate at which accepted wrong items
outnumber accepted right ones.
"""

from theory._audit import Audit, audit, required_audit_size
from theory._rates import PruningRates, rates_from_scores, rates_isotropic, rates_mixture
from theory._weighting import marginal_correctness, optimal_weights, weighted_information

__all__ = [
    "Audit",
    "PruningRates",
    "audit",
    "marginal_correctness",
    "optimal_weights",
    "rates_from_scores",
    "rates_isotropic",
    "rates_mixture",
    "required_audit_size",
    "weighted_information",
]
