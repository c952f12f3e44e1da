"""Symbols and formulas shared by the claims on the budget over the rounds (ids SW-).

sigma generator deviation, kappa reward width, rho = kappa^2/(kappa^2 + sigma^2) the shrinkage of
one round, n_t samples kept in round t, C their total, T the rounds, d the dimension.
"""

import sympy as sp
from sympy import Eq, Sum, log

from loopcert.prove.formal import NATURALS, POSITIVE, UNIT, Sequence

__all__ = [
    "CONSTANT",
    "DEFINES_RHO",
    "LEAST",
    "NOISE",
    "SCHEDULE",
    "SETTING",
    "SHRINKAGE",
    "C",
    "T",
    "d",
    "i",
    "j",
    "kappa",
    "log_density",
    "n",
    "over_coordinates",
    "p",
    "rho",
    "s0",
    "sigma",
    "t",
    "total",
    "variance",
]

sigma, kappa, C, s0 = sp.symbols("sigma kappa C s_0", positive=True)
rho = sp.Symbol("rho", positive=True)
T, d = sp.symbols("T d", integer=True, positive=True)
t, i, j = sp.symbols("t i j", integer=True)
n, p = sp.IndexedBase("n"), sp.IndexedBase("p")

SHRINKAGE = kappa**2 / (kappa**2 + sigma**2)
NOISE = rho * sigma**2  # variance of one kept sample
CONSTANT = kappa**2 * (kappa**2 + sigma**2) / sigma**2
LEAST = CONSTANT / C * (1 - rho**T) ** 2  # v*_T(C)

# The variables of a claim about the Gaussian loop, and the definition of rho as a hypothesis.
SETTING = {sigma: POSITIVE, kappa: POSITIVE, rho: UNIT}
SCHEDULE = {T: NATURALS, n: Sequence(T, POSITIVE)}
DEFINES_RHO = Eq(rho, SHRINKAGE)


def total(term):
    """The sum of `term` over the rounds t = 0, ..., T - 1."""
    return Sum(term, (t, 0, T - 1))


def variance():
    """The variance of theta_T per coordinate, printed formula of Lemma A.1."""
    return NOISE * total(rho ** (2 * (T - 1 - t)) / n[t])


def over_coordinates(term):
    """The sum of `term` over the coordinates i = 0, ..., d - 1."""
    return Sum(term, (i, 0, d - 1))


def log_density(squared_distance, spread, dim=1):
    """The logarithm of an isotropic normal density, from |value - mean|^2 and the variance."""
    return -squared_distance / (2 * spread) - dim * log(2 * sp.pi * spread) / 2
