"""Claims on the correction map and on where an update exists (Gillman et al. 2024), ids SC-, SCX-.

Notation: gamma correction strength, lambda synthetic over real points, alpha least curvature of
the mean log likelihood of the data, L Lipschitz constant of the Hessian in x, epsilon Wasserstein
distance of the best model to the data, e = epsilon L/alpha, u = lambda (1 + e).
"""

import sympy as sp
from sympy import Abs, And, Eq, Equivalent, Ge, Gt, Implies, Le, Limit, Lt, Ne, Sum, log

from loopcert.claim import Binding, Claim, NearMiss, Proof, Refutation, Witness
from loopcert.prove.formal import (
    NATURALS,
    NONNEGATIVE,
    POSITIVE,
    Sequence,
    Statement,
)
from loopcert.prove.proof import Identity, Induction, Lemma, Step

__all__ = ["CLAIMS"]

PAPER = "Gillman et al. 2024"
p, s, out, gamma, epsilon, gap = sp.symbols("p s c gamma epsilon gap", nonnegative=True)
lam, alpha, L, d, g, u, v = sp.symbols("lambda alpha L d g u v", positive=True)
h0, h, f, x, y = sp.symbols("h_0 h f x y", real=True)
T = sp.Symbol("T", integer=True, positive=True)
t, k = sp.symbols("t k", integer=True)
P, S, Z = sp.IndexedBase("P"), sp.IndexedBase("S"), sp.IndexedBase("Z")
NONNEGATIVE_LAW = {p: NONNEGATIVE, s: NONNEGATIVE, gamma: NONNEGATIVE}


def corrected(density, target, strength=gamma):
    """Definition 4.1: the law moved towards its target."""
    return (density + strength * target) / (1 + strength)


def cells(term):
    """The sum of `term` over the cells of a partition."""
    return Sum(term, (t, 0, T - 1))


# -- the correction map --------------------------------------------------------------------------
DEFINITION = Claim(
    id="SC-D41",
    title="The correction of strength gamma mixes a law with the best model's, in the proportion "
    "one to gamma.",
    kind="definition",
    source=f"{PAPER}, Definition 4.1",
    statement=Statement(
        variables={p: POSITIVE, s: POSITIVE, gamma: POSITIVE, out: NONNEGATIVE},
        goal=Eq(out, corrected(p, s)),
    ),
    binds=(
        Binding("theory.contraction.correct",
                {"density": p, "target": s, "correction": gamma}, corrected(p, s)),
        Binding("theory.contraction.log_correct",
                {"log_density": log(p), "log_target": log(s), "correction": gamma},
                log(corrected(p, s))),
    ),
    evidence=(
        Witness({p: 1, s: 3, gamma: 1, out: 2}),
        NearMiss({p: 1, s: 3, gamma: 2, out: 2}),
    ),
    note="Sampling it means choosing the source of each point, the model with probability "
    "1/(1+gamma); points are never interpolated.",
)

IS_LAW = Claim(
    id="SC-A2.1",
    title="A corrected probability distribution is a probability distribution.",
    kind="lemma",
    source=f"{PAPER}, Lemma A.2 (1)",
    statement=Statement(
        variables={
            T: NATURALS, P: Sequence(T, POSITIVE), S: Sequence(T, POSITIVE), gamma: NONNEGATIVE,
            u: POSITIVE, v: POSITIVE,
        },
        hypotheses=(Eq(u, 1 / cells(P[t])), Eq(v, 1 / cells(S[t]))),
        goal=And(
            Eq(cells(corrected(u * P[t], v * S[t])), 1),
            Ge(corrected(u * P[0], v * S[0]), 0),
        ),
    ),
    uses=("SC-D41",),
    evidence=(
        Proof((Step(Induction(T), Gt(cells(P[t]), 0)), Step(Induction(T), Gt(cells(S[t]), 0)))),
    ),
    note="On any partition of the space into T cells with masses u P_t and v S_t; a measure is "
    "given by its masses on partitions.",
    loose="a mass is positive unless both laws leave the cell empty",
)

ENDS = Claim(
    id="SC-A2.2",
    title="Strength 0 leaves the law, strength 1 averages it with the target, and in the limit of "
    "infinite strength the target is reached; no other strength does the first two.",
    kind="lemma",
    source=f"{PAPER}, Lemma A.2 (2)",
    statement=Statement(
        variables=NONNEGATIVE_LAW,
        where={out: corrected(p, s)},
        goal=And(
            Eq(out - p, gamma * (s - p) / (1 + gamma)),
            Eq(out - (p + s) / 2, (gamma - 1) * (s - p) / (1 + gamma) / 2),
            Eq(Limit(corrected(p, s, g), g, sp.oo), s),
        ),
    ),
    uses=("SC-D41",),
    evidence=(Proof((Step(Identity(), Eq(Limit(corrected(p, s, g), g, sp.oo), s)),)),),
)

DISTANCES = Claim(
    id="SC-A2.3",
    title="The corrected density is 1/(1+gamma) of the original distance away from the target and "
    "gamma/(1+gamma) of it away from the original; the two are ordered as gamma is to 1.",
    kind="lemma",
    source=f"{PAPER}, Lemma A.2 (3), with the exact factors",
    statement=Statement(
        variables=NONNEGATIVE_LAW,
        where={out: corrected(p, s)},
        goal=And(
            Eq(Abs(out - s), Abs(p - s) / (1 + gamma)),
            Eq(Abs(out - p), gamma * Abs(p - s) / (1 + gamma)),
            Eq(Abs(out - p) - Abs(out - s), (gamma - 1) * Abs(p - s) / (1 + gamma)),
        ),
    ),
    uses=("SC-D41",),
    binds=(
        Binding("theory.contraction.corrected_distance",
                {"distance": Abs(p - s), "correction": gamma}, Abs(out - s)),
    ),
    evidence=(Proof(),),
    note="The third equation holds the printed inequality for gamma > 1 and its reversal for "
    "gamma < 1, with equality only at gamma = 1 or where the densities agree.",
)

ORDER = Claim(
    id="SC-A2.3-ORDER",
    title="For gamma > 1 the corrected density is at least as close to the target as to the "
    "original, for gamma < 1 the reverse.",
    kind="lemma",
    source=f"{PAPER}, Lemma A.2 (3), as printed",
    statement=Statement(
        variables=NONNEGATIVE_LAW,
        where={out: corrected(p, s)},
        goal=And(
            Implies(Gt(gamma, 1), Le(Abs(out - s), Abs(out - p))),
            Implies(Lt(gamma, 1), Ge(Abs(out - s), Abs(out - p))),
        ),
    ),
    uses=("SC-A2.3",),
    evidence=(Proof((Step(Lemma("SC-A2.3")),)),),
    loose="the inequality holds with room unless gamma is near 1; SC-A2.3 is exact",
)

INTEGRAL = Claim(
    id="SC-A2.3-TV",
    title="Total variation to the target shrinks by exactly 1 + gamma.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={
            T: NATURALS, P: Sequence(T, POSITIVE), S: Sequence(T, POSITIVE), gamma: NONNEGATIVE,
        },
        goal=Eq(
            cells(Abs(corrected(P[t], S[t]) - S[t])), cells(Abs(P[t] - S[t])) / (1 + gamma)
        ),
    ),
    uses=("SC-D41",),
    evidence=(Proof((Step(Induction(T)),)),),
    note="The same for every integral probability metric, whose test functions act on the "
    "difference of the laws, and that difference is divided by 1 + gamma.",
)

GLOSS = Claim(
    id="SC-E14",
    title="The corrected law is a better estimate of the target than the original precisely when "
    "gamma > 1.",
    kind="lemma",
    source=f"{PAPER}, Lemma A.2 (3), last sentence",
    statement=Statement(
        variables=NONNEGATIVE_LAW,
        hypotheses=(Ne(p, s),),
        where={out: corrected(p, s)},
        goal=Equivalent(Lt(Abs(out - s), Abs(p - s)), Gt(gamma, 1)),
    ),
    uses=("SC-D41",),
    evidence=(Refutation({p: 1, s: 0, gamma: sp.Rational(1, 3)}),),
)

CLOSER = Claim(
    id="SCX-A2-CLOSER",
    title="The corrected density is closer to the target than the original wherever they differ, "
    "for every positive strength.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables=NONNEGATIVE_LAW,
        where={out: corrected(p, s)},
        goal=Eq(Abs(p - s) - Abs(out - s), gamma * Abs(p - s) / (1 + gamma)),
    ),
    uses=("SC-D41",),
    corrects=("SC-E14",),
    evidence=(Proof(),),
    note="The right side is the gain; it is positive unless gamma = 0 or the densities agree.",
)

CLAIMS = (DEFINITION, IS_LAW, ENDS, DISTANCES, ORDER, INTEGRAL, GLOSS, CLOSER)
