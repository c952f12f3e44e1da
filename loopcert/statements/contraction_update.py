"""Claims on where an update exists, is unique and fixed, and its Jacobian (Gillman et al. 2024).

Notation: gamma correction strength, lambda synthetic over real points, alpha least curvature of
the mean log likelihood of the data, L Lipschitz constant of the Hessian in x, epsilon Wasserstein
distance of the best model to the data.
"""

import sympy as sp
from sympy import Abs, And, Eq, Ge, Gt, Le, Lt, Ne, Sum, log

from loopcert.claim import Binding, Claim, Proof, Refutation
from loopcert.prove.formal import (
    NATURALS,
    NONNEGATIVE,
    POSITIVE,
    PROPOSITION,
    REALS,
    Sequence,
    Statement,
)
from loopcert.prove.proof import Identity, Induction, Lemma, Modulo, Step

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


TOP = -alpha * (1 + lam) + lam * L * (d / (1 + gamma) + epsilon)
CONSTANTS = {"synthetic_ratio": lam, "correction": gamma, "curvature": alpha, "misfit": epsilon,
             "lipschitz": L}
RADIUS = (1 + gamma) * (alpha * (1 + lam) - lam * L * epsilon) / (lam * L)
NEIGHBOURHOOD = {alpha: POSITIVE, lam: POSITIVE, L: POSITIVE, gamma: NONNEGATIVE,
                 epsilon: NONNEGATIVE}

INVERTIBLE = Claim(
    id="SC-A5.A",
    title="The Hessian A + lambda C of the update is invertible because A <= -alpha and "
    "|C - A| <= L epsilon.",
    kind="proposition",
    source=f"{PAPER}, Proposition A.5 (A), proof of (14)",
    statement=Statement(
        variables={x: REALS, y: REALS, alpha: POSITIVE, lam: POSITIVE, L: POSITIVE,
                   epsilon: NONNEGATIVE},
        hypotheses=(Le(x, -alpha), Le(Abs(y - x), L * epsilon)),
        goal=Ne(x + lam * y, 0),
    ),
    evidence=(
        Refutation(
            {x: -1, y: 1, alpha: 1, lam: 1, L: 3, epsilon: 1},
            reading="as its proof argues, from closeness to (1 + lambda) A alone (one dimension)",
        ),
    ),
    note="x is A and y is C. The proposition itself holds: see SCX-EXIST.",
)

UNIQUE = Claim(
    id="SC-A5.B",
    title="With epsilon L < alpha and d_U <= alpha (1 + gamma)/lambda the Hessian of the update "
    "is negative.",
    kind="proposition",
    source=f"{PAPER}, Proposition A.5 (B), end of the proof",
    statement=Statement(
        variables={**NEIGHBOURHOOD, d: POSITIVE},
        hypotheses=(Lt(epsilon * L, alpha), Le(d, alpha * (1 + gamma) / lam)),
        goal=Lt(TOP, 0),
    ),
    binds=(
        Binding("theory.contraction.existence_radius", {**CONSTANTS, "form": "printed"},
                alpha * (1 + gamma) / lam),
    ),
    evidence=(
        Refutation({alpha: 1, lam: 1, gamma: 0, epsilon: 0, L: 5, d: sp.Rational(1, 2)}),
    ),
    note="The goal is the displayed upper bound of the top eigenvalue; the Lipschitz constant is "
    "missing in the radius.",
)

CORRECTED_RADIUS = Claim(
    id="SCX-A5.B-fixed",
    title="With epsilon L < alpha the radius d_U <= alpha (1 + gamma)/(lambda L) suffices: the "
    "top eigenvalue is at most -lambda (alpha - epsilon L).",
    kind="proposition",
    source="new",
    statement=Statement(
        variables={**NEIGHBOURHOOD, d: POSITIVE, h: sp.Interval(0, 1)},
        hypotheses=(Eq(d, (1 - h) * alpha * (1 + gamma) / (lam * L)),),
        goal=Eq(TOP, -lam * (alpha - epsilon * L) - h * alpha),
    ),
    corrects=("SC-A5.B",),
    binds=(
        Binding("theory.contraction.existence_radius", {**CONSTANTS, "form": "corrected"},
                alpha * (1 + gamma) / (lam * L)),
    ),
    evidence=(Proof(),),
    note="d_U is written as the fraction 1 - h of the radius, so that both terms on the right are "
    "<= 0, the first strictly.",
)

SHARP_RADIUS = Claim(
    id="SCX-A5.B-sharp",
    title="The bound of the top eigenvalue is negative exactly for d_U < (1 + gamma)(alpha (1 + "
    "lambda) - lambda L epsilon)/(lambda L).",
    kind="proposition",
    source="new",
    statement=Statement(
        variables={**NEIGHBOURHOOD, d: POSITIVE},
        goal=Eq(TOP, lam * L * (d - RADIUS) / (1 + gamma)),
    ),
    corrects=("SC-A5.B",),
    binds=(
        Binding("theory.contraction.existence_radius", {**CONSTANTS, "form": "sharp"},
                sp.Max(RADIUS, 0)),
    ),
    evidence=(Proof(),),
    note="The factor lambda L/(1 + gamma) is positive, so the sign is that of d_U minus the "
    "radius. No radius exists where alpha (1 + lambda) <= lambda L epsilon.",
)

SLACK = Claim(
    id="SC-E9",
    title="The Hessian of H_1 stays below -alpha at the nearby maximiser.",
    kind="proposition",
    source=f"{PAPER}, proof of Proposition A.5 (B)",
    statement=Statement(
        variables={g: POSITIVE, alpha: POSITIVE},
        hypotheses=(Le(-1, -alpha),),
        goal=Lt(-1 / g**2, -alpha),
    ),
    evidence=(
        Refutation(
            {g: sp.Rational(11, 10), alpha: 1},
            reading="for every model near the best one: exponential laws with rate g, best rate "
            "1, where the Hessian is -1/g^2",
        ),
    ),
)

ROOM = (1 - g) * alpha
WITH_SLACK = Claim(
    id="SCX-A5.B-slack",
    title="Near the best model, where the Hessian of H_1 is at most -(1 - g) alpha, epsilon L < "
    "(1 - g) alpha and d_U <= (1 - g) alpha (1 + gamma)/(lambda L) suffice.",
    kind="proposition",
    source="new",
    statement=Statement(
        variables={**NEIGHBOURHOOD, d: POSITIVE, g: sp.Interval.open(0, 1),
                   h: sp.Interval(0, 1)},
        hypotheses=(Eq(d, (1 - h) * ROOM * (1 + gamma) / (lam * L)),),
        goal=Eq(TOP.xreplace({alpha: ROOM}), -lam * (ROOM - epsilon * L) - h * ROOM),
    ),
    corrects=("SC-E9",),
    evidence=(Proof(),),
    note="A continuous Hessian that is at most -alpha at the best model is below -(1 - g) alpha "
    "near it, for every g in (0, 1). Both terms on the right are <= 0, the first strictly.",
)

FISHER = cells(P[t] * Z[t] ** 2)
EXIST = Claim(
    id="SCX-EXIST",
    title="The Hessian of the update is at most -alpha, in every direction, for every lambda and "
    "gamma, with no condition on epsilon or L.",
    kind="proposition",
    source="new",
    statement=Statement(
        variables={
            T: NATURALS, P: Sequence(T, NONNEGATIVE), Z: Sequence(T, REALS), lam: POSITIVE,
            alpha: POSITIVE, v: POSITIVE, h: REALS, gap: NONNEGATIVE,
        },
        hypotheses=(Eq(h, alpha * v + gap),),
        goal=And(Ge(FISHER, 0), Le(-h - lam * FISHER, -alpha * v)),
    ),
    uses=("SC-A7.II",),
    corrects=("SC-A5.A",),
    evidence=(Proof((Step(Induction(T), Ge(FISHER, 0)),)),),
    note="For a direction w of length v^(1/2): h = -w'Aw >= alpha v, and -w'Cw is the mean of "
    "the squared score (w'score)^2, by SC-A7.II. The paper's condition epsilon L < alpha is "
    "not needed.",
    loose="equality needs a singular Fisher information and a direction of least curvature",
)

exists = sp.Symbol("branch", real=True)
BRANCH = Claim(
    id="SCX-EXIST-BRANCH",
    title="Near the best model the update has a unique C^1 solution branch through it, for every "
    "lambda and gamma.",
    kind="proposition",
    source="new; Gillman et al. 2024, Proposition A.5 (A)",
    statement=Statement(
        variables={
            T: NATURALS, P: Sequence(T, NONNEGATIVE), Z: Sequence(T, REALS), lam: POSITIVE,
            alpha: POSITIVE, v: POSITIVE, h: REALS, gap: NONNEGATIVE, exists: PROPOSITION,
        },
        hypotheses=(Eq(h, alpha * v + gap),),
        goal=exists,
    ),
    uses=("SCX-EXIST", "SC-A6"),
    corrects=("SC-A5.A",),
    evidence=(
        Proof((
            Step(Lemma("SCX-EXIST")),
            Step(Modulo("implicit function theorem", Lt(-h - lam * FISHER, 0), exists)),
        )),
    ),
)

KL = cells(-u * P[t] * log(v * S[t] / (u * P[t])))
GIBBS_FREE = Claim(
    id="SCX-GIBBS-FREE",
    title="The Kullback-Leibler sum of two positive sequences is at least the difference of their "
    "sums.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={T: NATURALS, P: Sequence(T, POSITIVE), S: Sequence(T, POSITIVE)},
        goal=Ge(cells(-P[t] * log(S[t] / P[t])), cells(P[t]) - cells(S[t])),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    loose="equality needs equal sequences, which random points do not meet",
)

GIBBS = Claim(
    id="SCX-GIBBS",
    title="No law fits data of another law better than that law itself (Gibbs).",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={T: NATURALS, P: Sequence(T, POSITIVE), S: Sequence(T, POSITIVE), u: POSITIVE,
                   v: POSITIVE},
        hypotheses=(Eq(u, 1 / cells(P[t])), Eq(v, 1 / cells(S[t]))),
        goal=Ge(KL, 0),
    ),
    uses=("SCX-GIBBS-FREE",),
    evidence=(
        Proof((
            Step(Induction(T), Gt(cells(P[t]), 0)),
            Step(Induction(T), Gt(cells(S[t]), 0)),
            Step(Lemma(
                "SCX-GIBBS-FREE",
                {P: sp.Lambda(k, u * P[k]), S: sp.Lambda(k, v * S[k])},
            )),
        )),
    ),
)

FIXED = Claim(
    id="SC-A6",
    title="The best model is a fixed point: it maximises the objective that it generates, for all "
    "lambda and gamma.",
    kind="proposition",
    source=f"{PAPER}, Proposition A.6",
    statement=Statement(
        variables={
            T: NATURALS, P: Sequence(T, POSITIVE), S: Sequence(T, POSITIVE), u: POSITIVE,
            v: POSITIVE, lam: POSITIVE, gamma: NONNEGATIVE, h0: REALS, h: REALS, gap: NONNEGATIVE,
        },
        hypotheses=(Eq(u, 1 / cells(P[t])), Eq(v, 1 / cells(S[t])), Eq(h0, h + gap)),
        goal=Ge(
            h0 - h - lam * cells(
                corrected(u * P[t], u * P[t]) * log(v * S[t] / (u * P[t]))
            ),
            0,
        ),
    ),
    uses=("SC-D41", "SCX-GIBBS"),
    evidence=(Proof((Step(Lemma("SCX-GIBBS")),)),),
    note="h_0 = H_1(theta*), larger by `gap` >= 0 than h = H_1(theta'); u P is the best "
    "model's law and v S another model's, on any partition. The left side is "
    "H(theta*, theta*) - H(theta*, theta').",
    loose="equality needs the same law and the same likelihood of the data",
)

# -- the Jacobian --------------------------------------------------------------------------------
p1, p2, p12 = (sp.IndexedBase(n) for n in ("p_j", "p_k", "p_jk"))
INFORMATION = Claim(
    id="SC-A7.II",
    title="The mixed derivative B of the model term equals minus its Hessian C, up to the second "
    "derivative of the total mass, which is zero; the correction divides B by 1 + gamma.",
    kind="lemma",
    source=f"{PAPER}, Lemma A.7 (II), equations 22-32",
    statement=Statement(
        variables={
            T: NATURALS, P: Sequence(T, POSITIVE), p1: Sequence(T, REALS), p2: Sequence(T, REALS),
            p12: Sequence(T, REALS), gamma: NONNEGATIVE,
        },
        goal=And(
            Eq(
                cells(p1[t] * p2[t] / P[t])
                + cells(P[t] * (p12[t] / P[t] - p1[t] * p2[t] / P[t] ** 2)),
                cells(p12[t]),
            ),
            Eq(
                cells(corrected(p1[t], 0) * p2[t] / P[t]),
                cells(p1[t] * p2[t] / P[t]) / (1 + gamma),
            ),
        ),
    ),
    uses=("SC-D41",),
    corrects=("SC-E22",),
    evidence=(Proof((Step(Induction(T)),)),),
    note="P_t are the cell probabilities, p_j, p_k, p_jk their derivatives in two parameters: "
    "d_j d_k' sum P log P' = sum p_j p_k/P = B, and sum P d_jk log P = C. The target does not "
    "depend on the first parameter, so its derivative in the corrected law is 0.",
)

HESSIANS = sp.symbols("a b c f_1 f_2 f_3", positive=True)
_H = sp.Matrix([[1, 0], [HESSIANS[1], 1]]) * sp.diag(HESSIANS[0], HESSIANS[2])
_H = (_H * sp.Matrix([[1, HESSIANS[1]], [0, 1]])).applyfunc(sp.expand)
_F = sp.Matrix([[HESSIANS[3], HESSIANS[4]], [HESSIANS[4], HESSIANS[5]]])
_J = sp.symbols("J_11 J_12 J_21 J_22", real=True)
_X = (_H.inv() * _F).applyfunc(sp.cancel)  # A^(-1) C
_PRINTED = ((sp.eye(2) + lam * _X).inv() * _X).applyfunc(sp.cancel)
JACOBIAN = Claim(
    id="SC-A7.II-J",
    title="The printed Jacobian solves the implicit equation (A + lambda C) J = "
    "-(lambda/(1+gamma)) B with B = -C.",
    kind="lemma",
    source=f"{PAPER}, Lemma A.7 (II), equations 19 and 20",
    statement=Statement(
        variables={q: POSITIVE for q in (*HESSIANS, lam)} | {gamma: NONNEGATIVE}
        | {j: REALS for j in _J},
        hypotheses=(
            Gt(HESSIANS[3] * HESSIANS[5], HESSIANS[4] ** 2),
            *(Eq(j, lam / (1 + gamma) * e) for j, e in zip(_J, _PRINTED, strict=True)),
        ),
        goal=And(*(
            Eq(left, lam / (1 + gamma) * right)
            for left, right in zip((_H + lam * _F) * sp.Matrix(2, 2, _J), _F, strict=True)
        )),
    ),
    uses=("SC-A7.II",),
    evidence=(Proof((Step(Identity(), And(*(
        Eq(left, right) for left, right in zip((_H + lam * _F) * _PRINTED, _F, strict=True)
    ))),)),),
    note="Two parameters: A = -L diag(a, c) L' with L unit lower triangular and entry b, "
    "C = -[[f_1, f_2], [f_2, f_3]]. The eigenvalues in any dimension are in SCX-SHARP-EIGEN.",
)

CLAIMS = (
    INVERTIBLE, UNIQUE, CORRECTED_RADIUS, SHARP_RADIUS, SLACK, WITH_SLACK, GIBBS_FREE, GIBBS,
    FIXED,
    INFORMATION, JACOBIAN, EXIST, BRANCH,
)
