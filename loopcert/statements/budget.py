"""Claims on the budget over the rounds (Yang et al. 2025), ids SW-.

Notation: sigma generator deviation, kappa reward width, rho = kappa^2/(kappa^2 + sigma^2) the
shrinkage of one round, n_t samples kept in round t, C their total, T the rounds.
"""

import sympy as sp
from sympy import And, Eq, Ge, Gt, Implies, Le, Lt, Sum, log

from loopcert.claim import Binding, Claim, Proof, Refutation
from loopcert.prove.formal import NATURALS, POSITIVE, REALS, UNIT, Each, Sequence, Statement
from loopcert.prove.proof import ByDerivative, Identity, Induction, Lemma, Smt, Step

__all__ = ["CLAIMS"]

sigma, kappa, C, d, rho = sp.symbols("sigma kappa C d rho", positive=True)
x, theta, k, m = sp.symbols("x theta k m", real=True)
T = sp.Symbol("T", integer=True, positive=True)
t = sp.Symbol("t", integer=True)
n, p = sp.IndexedBase("n"), sp.IndexedBase("p")
S, S0 = sp.symbols("S S_0", positive=True)
mu = sp.Symbol("mu", positive=True)

SHRINKAGE = kappa**2 / (kappa**2 + sigma**2)


def total(term):
    """The sum of `term` over the rounds t = 0, ..., T - 1."""
    return Sum(term, (t, 0, T - 1))


def gaussian(value, mean, variance):
    """The normal density."""
    return sp.exp(-((value - mean) ** 2) / (2 * variance)) / sp.sqrt(2 * sp.pi * variance)


LOG = Claim(
    id="L-LOG",
    title="The logarithm lies below its tangent at one, and touches it only there.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={S: POSITIVE},
        goal=And(Le(log(S), S - 1), Implies(sp.Ne(S, 1), Lt(log(S), S - 1))),
    ),
    evidence=(
        Proof((
            # With u = log S the claim is exp(u) >= 1 + u; Z3 knows both atoms by their tangents.
            Step(Smt(), Le(log(S), S - 1)),
        )),
    ),
)

SELECTION = Claim(
    id="SW-01",
    title="Keeping x with probability exp(-x^2/2 kappa^2) turns N(theta, sigma^2) into "
    "N(rho theta, rho sigma^2), with the acceptance probability as the constant.",
    kind="lemma",
    source="Yang et al. 2025, Lemma A.1",
    statement=Statement(
        variables={x: REALS, theta: REALS, sigma: POSITIVE, kappa: POSITIVE},
        where={rho: SHRINKAGE},
        goal=Eq(
            sp.exp(-(x**2) / (2 * kappa**2)) * gaussian(x, theta, sigma**2),
            sp.sqrt(rho) * sp.exp(-(theta**2) / (2 * (kappa**2 + sigma**2)))
            * gaussian(x, rho * theta, rho * sigma**2),
        ),
    ),
    binds=(
        Binding("theory.budget.shrinkage", {"sigma": sigma, "kappa": kappa}, rho),
        Binding(
            "theory.budget.expected_reward",
            {"mean": theta, "variance": 0.0, "sigma": sigma, "kappa": kappa},
            sp.sqrt(rho) * sp.exp(-(theta**2) / (2 * (kappa**2 + sigma**2))),
        ),
    ),
    evidence=(Proof((Step(Identity()),)),),
    note="One coordinate; coordinates are independent. The factor in front of the kept density "
    "is the acceptance probability, because a density integrates to one.",
)

SQUARES = Claim(
    id="L-SQUARES",
    title="The weighted square distance of a sequence to a multiple of another, in three sums.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={T: NATURALS, n: Sequence(T, POSITIVE), p: Sequence(T, POSITIVE), k: REALS},
        goal=Eq(
            total((n[t] - k * p[t]) ** 2 / n[t]),
            total(n[t]) - 2 * k * total(p[t]) + k**2 * total(p[t] ** 2 / n[t]),
        ),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
)

SIGNS = Claim(
    id="L-SIGNS",
    title="A sum of squares over positive numbers is not negative; a sum of positive numbers is "
    "positive.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={T: NATURALS, n: Sequence(T, POSITIVE), p: Sequence(T, POSITIVE), k: REALS},
        goal=And(Ge(total((n[t] - k * p[t]) ** 2 / n[t]), 0), Gt(total(p[t]), 0)),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    loose="signs of sums that are far from zero in general",
)

EXCESS = Claim(
    id="SW-07",
    title="Optimal schedule: the variance of any schedule exceeds the optimum by a chi-square "
    "distance to the schedule proportional to its weights.",
    kind="theorem",
    source="Yang et al. 2025, Theorem 3.1 and E.1 (the identity is ours)",
    statement=Statement(
        variables={T: NATURALS, n: Sequence(T, POSITIVE), p: Sequence(T, POSITIVE), C: POSITIVE},
        hypotheses=(Eq(C, total(n[t])),),
        where={k: C / total(p[t])},
        goal=And(
            Eq(
                total(p[t] ** 2 / n[t]) * C / total(p[t]) ** 2 - 1,
                total((n[t] - k * p[t]) ** 2 / n[t]) / C,
            ),
            Ge(total(p[t] ** 2 / n[t]), total(p[t]) ** 2 / C),
        ),
    ),
    uses=("L-SQUARES", "L-SIGNS"),
    evidence=(Proof((Step(Lemma("L-SQUARES")), Step(Lemma("L-SIGNS")))),),
)

GEOMETRIC = Claim(
    id="L-GEOMETRIC",
    title="The geometric sum, counted back from the last round.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={T: NATURALS, rho: UNIT},
        goal=Eq(total(rho ** (T - 1 - t)), (1 - rho**T) / (1 - rho)),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
)

CLAIMS = (LOG, SELECTION, SQUARES, SIGNS, EXCESS, GEOMETRIC)
