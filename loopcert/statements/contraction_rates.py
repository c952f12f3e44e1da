"""Claims on how fast the corrected loop contracts (Gillman et al. 2024), ids SC-, SCX-.

Notation: lambda synthetic over real points, gamma correction strength, e = epsilon L/alpha,
u = lambda (1 + e), rho = u/(1 - u) the printed constant; H and F minus the Hessians of the data
term and of the model term at the best model, c an eigenvalue of F v = c H v.
"""

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Le, Limit, Lt, Sum

from loopcert.claim import Binding, Claim, Proof, Refutation
from loopcert.prove.formal import (
    NATURALS,
    NONNEGATIVE,
    POSITIVE,
    PROPOSITION,
    REALS,
    UNIT,
    Sequence,
    Statement,
)
from loopcert.prove.proof import Identity, Induction, Lemma, Modulo, Smt, Step
from loopcert.statements.contraction_update import EXIST, FISHER
from loopcert.statements.contraction_update import h as CURVATURE

__all__ = ["CLAIMS"]

PAPER = "Gillman et al. 2024"
lam, u, alpha, L, g, h, k = sp.symbols("lambda u alpha L g h k", positive=True)
gamma, epsilon, c, gap, f = sp.symbols("gamma epsilon c gap f", nonnegative=True)
e, ratio = sp.symbols("e lambda", nonnegative=True)
x, y, z, part = sp.symbols("x y z part", real=True)
T = sp.Symbol("T", integer=True, positive=True)
t = sp.Symbol("t", integer=True)
V, W = sp.IndexedBase("v"), sp.IndexedBase("w")

PRINTED = u / ((1 - u) * (1 + gamma))
SHARP = u / ((1 + u) * (1 + gamma))
RATE = lam * c / ((1 + lam * c) * (1 + gamma))
BETTER = lam * (1 + e) / ((1 + lam - lam * e) * (1 + gamma))
FREE_RATE = RATE.xreplace({lam: ratio})  # lambda = 0 allowed
THRESHOLD = (1 + gamma) / (2 + gamma)
# u stands for lambda (1 + e); the functions of `theory` get lambda = u/(1 + e).
SETTING = {"synthetic_ratio": u / (1 + e), "correction": gamma, "misfit": e, "lipschitz": 1.0}
ALLOWED = {u: POSITIVE, e: NONNEGATIVE, gamma: NONNEGATIVE, k: UNIT}


def dims(term):
    """The sum of `term` over the coordinates."""
    return Sum(term, (t, 0, T - 1))


# -- the printed theorem -------------------------------------------------------------------------
NORM = Claim(
    id="SC-A7.III",
    title="The matrix A^(-1) C stretches no vector by more than 1 + e, since it differs from the "
    "identity by a matrix of norm at most e.",
    kind="lemma",
    source=f"{PAPER}, Lemma A.7 (III), equation 21",
    statement=Statement(
        variables={T: NATURALS, V: Sequence(T, REALS), W: Sequence(T, REALS), g: POSITIVE,
                   h: POSITIVE},
        hypotheses=(Eq(h, dims(V[t] ** 2)), Le(dims(W[t] ** 2), g**2 * h)),
        goal=Le(dims((V[t] + W[t]) ** 2), (1 + g) ** 2 * h),
    ),
    evidence=(
        Proof((
            Step(Induction(T), Eq(
                dims((g * V[t] - W[t]) ** 2),
                g**2 * dims(V[t] ** 2) - 2 * g * dims(V[t] * W[t]) + dims(W[t] ** 2),
            )),
            Step(Induction(T), Ge(dims((g * V[t] - W[t]) ** 2), 0)),
            Step(Smt(), Le(dims(V[t] * W[t]), g * h)),
        )),
    ),
    note="v any vector, h = |v|^2, g = e > 0 (at e = 0 the matrix is the identity), "
    "w = A^(-1)(C - A) v; |w| <= e |v| by |A^(-1)| <= 1/alpha and "
    "|C - A| <= L W_1 <= L epsilon (Kantorovich-Rubinstein). The printed strictness of "
    "|A^(-1)| < 1/alpha is not true, nor needed.",
    loose="equality needs w = g v",
)

RAYLEIGH = Claim(
    id="SCX-A7.III-TWO",
    title="Each generalised eigenvalue c of F v = c H v lies within e of one.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={alpha: POSITIVE, L: POSITIVE, epsilon: NONNEGATIVE, f: NONNEGATIVE,
                   gap: NONNEGATIVE, h: POSITIVE, z: sp.Interval(-1, 1), g: POSITIVE},
        hypotheses=(Eq(h, alpha * g + gap), Eq(f, h + z * L * epsilon * g)),
        goal=And(
            Le(f / h, 1 + epsilon * L / alpha), Ge(f / h, sp.Max(0, 1 - epsilon * L / alpha)),
        ),
    ),
    evidence=(Proof((
        Step(Smt(), Le((f - h) * alpha, L * epsilon * h)),
        Step(Smt(), Ge((f - h) * alpha, -L * epsilon * h)),
    )),),
    note="g = v'v, h = v'Hv >= alpha g, f = v'Fv >= 0 with |f - h| <= L epsilon g.",
    loose="equality needs a direction of least curvature in which the Hessians differ most",
)

JACOBIAN = Claim(
    id="SC-A8",
    title="Under the printed condition the Jacobian at the best model has norm at most "
    "rho/(1+gamma), which is below one.",
    kind="theorem",
    source=f"{PAPER}, Theorem A.8, equation 34; Theorem 4.3",
    statement=Statement(
        variables={**ALLOWED, part: sp.Interval(0, 1), gap: NONNEGATIVE, y: REALS},
        hypotheses=(
            Eq(u, k * THRESHOLD), Eq(y, (part * u / (1 + gamma) - gap) / (1 - part * u)),
        ),
        goal=And(
            Eq(PRINTED - y,
               (1 - part) * u / ((1 - u) * (1 - part * u) * (1 + gamma)) + gap / (1 - part * u)),
            Lt(PRINTED, 1),
        ),
    ),
    uses=("SC-A7.II-J", "SC-A7.III"),
    binds=(
        Binding("theory.contraction.bound_printed_rate", SETTING, PRINTED),
        Binding("theory.contraction.rho",
                {q: v for q, v in SETTING.items() if q != "correction"}, PRINTED * (1 + gamma)),
    ),
    evidence=(
        Proof((
            Step(Smt(), And(Lt(u * (2 + gamma), 1 + gamma), Lt(u, 1))),
            Step(Smt(), Lt(part * u, 1)),
        )),
    ),
    note="part u = lambda |A^(-1) C| with |A^(-1) C| <= 1 + e, and y = |J v| for a unit vector v: "
    "(I + lambda A^(-1) C) J v = (lambda/(1+gamma)) A^(-1) C v gives y <= part u/(1+gamma) + "
    "part u y, with slack `gap`. Both terms of the room are >= 0. The condition "
    "is u = k (1+gamma)/(2+gamma) with k < 1.",
)

CONDITION = Claim(
    id="SC-E10",
    title="rho/(1+gamma) < 1 is equivalent to lambda (1 + e) < (1+gamma)/(2+gamma).",
    kind="theorem",
    source=f"{PAPER}, proof of Theorem A.8, equations 37 and 38",
    statement=Statement(
        variables={u: POSITIVE, gamma: NONNEGATIVE},
        hypotheses=(sp.Ne(u, 1),),
        goal=Equivalent(Lt(PRINTED, 1), Lt(u, THRESHOLD)),
    ),
    evidence=(Refutation({u: 2, gamma: 0}),),
    note="At u = 2, for instance lambda = 2 and e = 0, the constant rho is -2.",
)

CONDITION_FIXED = Claim(
    id="SC-A8-COND",
    title="For u = lambda (1 + e) < 1 the room below one is 1 - rho/(1+gamma) = (1 + gamma - u "
    "(2 + gamma))/((1 - u)(1 + gamma)), so that the two conditions agree there.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={u: UNIT, gamma: NONNEGATIVE},
        goal=And(
            Eq(1 - PRINTED, (1 + gamma - u * (2 + gamma)) / ((1 - u) * (1 + gamma))),
            Eq(1 + gamma - u * (2 + gamma), (2 + gamma) * (THRESHOLD - u)),
        ),
    ),
    corrects=("SC-E10",),
    evidence=(Proof(),),
)

STRICT = Claim(
    id="SCX-A8-STRICT",
    title="The printed bound is never attained: the Jacobian has norm at most lambda (1+e)/((1 + "
    "lambda - lambda e)(1 + gamma)), strictly below rho/(1+gamma), so a ball with the printed "
    "factor exists.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={**ALLOWED, lam: POSITIVE, part: sp.Interval(0, 1), gap: NONNEGATIVE, y: REALS},
        hypotheses=(
            Eq(u, k * THRESHOLD), Eq(lam, u / (1 + e)),
            Eq(y, (lam * (1 + part * e) / (1 + gamma) - gap) / (1 + lam - lam * part * e)),
        ),
        goal=And(
            Eq(BETTER - y,
               lam * e * (1 - part) * (1 + 2 * lam)
               / ((1 + lam - lam * e) * (1 + lam - lam * part * e) * (1 + gamma))
               + gap / (1 + lam - lam * part * e)),
            Eq(PRINTED - BETTER, 2 * lam * u / ((1 - u) * (1 + lam - lam * e) * (1 + gamma))),
        ),
    ),
    uses=("SC-A7.II-J", "SC-A7.III"),
    evidence=(
        Proof((
            Step(Smt(), And(Lt(u, 1), Eq(lam * (1 + e), u))),
            Step(Smt(), And(Gt(1 + lam - lam * e, 0), Gt(1 + lam - lam * part * e, 0))),
        )),
    ),
    note="With N = A^(-1)(C - A), |N| = part e: ((1 + lambda) I + lambda N) J v = "
    "(lambda/(1+gamma))(I + N) v, hence the hypothesis on y = |J v|, with slack "
    "`gap`. The right sides are >= 0, the second > 0.",
)

REMARK = Claim(
    id="SC-R49",
    title="The largest ratio that the printed theorem allows rises with gamma from 1/2 towards 1, "
    "which it never reaches: twice as large is a limit only.",
    kind="remark",
    source=f"{PAPER}, Remark A.9 and the text after Conjecture 4.7",
    statement=Statement(
        variables={gamma: NONNEGATIVE, h: POSITIVE, e: NONNEGATIVE},
        goal=And(
            Eq(THRESHOLD - sp.Rational(1, 2), gamma / (2 * (2 + gamma))),
            Eq(1 - THRESHOLD, 1 / (2 + gamma)),
            Eq((1 + gamma + h) / (2 + gamma + h) - THRESHOLD,
               h / ((2 + gamma) * (2 + gamma + h))),
        ),
    ),
    binds=(
        Binding("theory.contraction.max_ratio_printed",
                {"correction": gamma, "misfit": e, "lipschitz": 1.0}, THRESHOLD / (1 + e)),
    ),
    evidence=(Proof(),),
)

# -- the exact local rate ------------------------------------------------------------------------
EIGEN = Claim(
    id="SCX-SHARP-EIGEN",
    title="In any dimension a generalised eigenvector F v = c H v is an eigenvector of the "
    "Jacobian, with eigenvalue r = lambda c/((1 + lambda c)(1 + gamma)).",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={x: REALS, y: REALS, c: NONNEGATIVE, ratio: NONNEGATIVE, gamma: NONNEGATIVE},
        hypotheses=(Eq(y, c * x),),
        goal=And(
            Eq(FREE_RATE * (x + ratio * y), ratio / (1 + gamma) * y),
            Eq(1 / (1 + gamma) - FREE_RATE, 1 / ((1 + ratio * c) * (1 + gamma))),
            Eq(1 - FREE_RATE, (1 + gamma + gamma * ratio * c) / ((1 + ratio * c) * (1 + gamma))),
        ),
    ),
    uses=("SC-A7.II-J",),
    binds=(
        Binding("theory.contraction.sharp_rate",
                {"synthetic_ratio": ratio, "correction": gamma, "eigenvalues": [c]}, FREE_RATE),
        Binding("theory.contraction.spectral_gap",
                {"synthetic_ratio": ratio, "correction": gamma, "eigenvalues": [c]},
                1 - FREE_RATE),
    ),
    evidence=(Proof(),),
    note="x and y are any one component of H v and F v: (H + lambda F) (r v) = "
    "(lambda/(1+gamma)) F v component by component, that is J v = r v. So r < 1/(1+gamma).",
)

LARGEST = Claim(
    id="SCX-SHARP-MAX",
    title="The rate rises with the eigenvalue and with lambda and falls with gamma, so the "
    "largest eigenvalue sets it; it stays below 1/(1+gamma), its limit for large lambda.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={c: NONNEGATIVE, lam: POSITIVE, gamma: NONNEGATIVE, gap: NONNEGATIVE,
                   g: POSITIVE},
        goal=And(
            Eq(RATE.xreplace({c: c + gap}) - RATE,
               lam * gap / ((1 + lam * c) * (1 + lam * (c + gap)) * (1 + gamma))),
            Eq(RATE.xreplace({lam: lam + g}) - RATE,
               g * c / ((1 + lam * c) * (1 + (lam + g) * c) * (1 + gamma))),
            Eq(RATE - RATE.xreplace({gamma: gamma + gap}),
               lam * c * gap / ((1 + lam * c) * (1 + gamma) * (1 + gamma + gap))),
            Eq(Limit(u / ((1 + u) * (1 + gamma)), u, sp.oo), 1 / (1 + gamma)),
        ),
    ),
    evidence=(
        Proof((
            Step(Identity(), Eq(Limit(u / ((1 + u) * (1 + gamma)), u, sp.oo), 1 / (1 + gamma))),
        )),
    ),
)

basis, attracts = sp.symbols("eigenbasis attracts", real=True)
SHARP_RATE = Claim(
    id="SCX-SHARP",
    title="The best model attracts the infinite-sample loop linearly for every lambda >= 0 and "
    "gamma >= 0, with the rate r of the largest eigenvalue: no smallness of lambda, epsilon or L.",
    kind="theorem",
    source="new; settles the lambda part of Gillman et al. 2024, Conjecture 4.7, locally",
    statement=Statement(
        variables={
            **EXIST.statement.variables, c: NONNEGATIVE, ratio: NONNEGATIVE, gamma: NONNEGATIVE,
            x: REALS, y: REALS, basis: PROPOSITION, attracts: PROPOSITION,
        },
        hypotheses=(*EXIST.statement.hypotheses, Eq(y, c * x)),
        goal=And(
            Eq(FREE_RATE * (x + ratio * y), ratio / (1 + gamma) * y),
            Lt(FREE_RATE, 1 / (1 + gamma)),
            attracts,
        ),
    ),
    uses=("SCX-SHARP-EIGEN", "SCX-SHARP-MAX", "SCX-EXIST", "SCX-EXIST-BRANCH", "SC-A6"),
    corrects=("SC-E8",),
    evidence=(
        Proof((
            Step(Lemma("SCX-SHARP-EIGEN")),
            Step(Lemma("SCX-EXIST")),
            Step(Modulo("spectral theorem", And(Ge(FISHER, 0), Gt(CURVATURE, 0)), basis)),
            Step(Smt(), Lt(FREE_RATE, 1 / (1 + gamma))),
            Step(Smt(), Lt(FREE_RATE, 1)),
            Step(Modulo("Ostrowski", And(basis, Lt(FREE_RATE, 1)), attracts)),
        )),
    ),
    note="H is positive definite and F >= 0 (SCX-EXIST), so the eigenvectors of "
    "F v = c H v are a basis, orthonormal in <x, y> = x'Hy: J is self-adjoint there and its norm "
    "is the largest r. Every r' > r is a contraction factor on some ball in that norm.",
)

COMPARED = Claim(
    id="SCX-SHARP-BOUND",
    title="With c <= 1 + e the rate is at most u/((1+u)(1+gamma)), attained at c = 1 + e, and "
    "that is (1-u)/(1+u) times the printed rate.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={u: POSITIVE, e: NONNEGATIVE, gamma: NONNEGATIVE, gap: NONNEGATIVE,
                   lam: POSITIVE},
        hypotheses=(Eq(lam, u / (1 + e)), Le(gap, 1 + e), sp.Ne(u, 1)),
        goal=And(
            Eq(SHARP - RATE.xreplace({c: 1 + e - gap}),
               lam * gap / ((1 + u) * (1 + u - lam * gap) * (1 + gamma))),
            Eq(SHARP, (1 - u) / (1 + u) * PRINTED),
        ),
    ),
    uses=("SCX-A7.III-TWO", "SCX-SHARP-EIGEN"),
    binds=(Binding("theory.contraction.bound_sharp_rate", SETTING, SHARP),),
    evidence=(
        Proof((
            Step(Smt(), Eq(lam * (1 + e), u)),
            Step(Smt(), Gt(1 + lam * (1 + e - gap), 0)),
        )),
    ),
    note="The eigenvalue is c = 1 + e - gap. For u >= 1 the printed constant is negative or "
    "undefined, while the sharp one stays below 1/(1+gamma).",
)

LOWEST = Claim(
    id="SCX-SHARP-LOWER",
    title="With c >= 1 - e >= 0 every eigenvalue of the Jacobian is at least lambda (1-e)/((1 + "
    "lambda (1-e))(1+gamma)).",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={e: sp.Interval(0, 1), lam: POSITIVE, gamma: NONNEGATIVE, gap: NONNEGATIVE},
        goal=Eq(
            RATE.xreplace({c: 1 - e + gap}) - RATE.xreplace({c: 1 - e}),
            lam * gap
            / ((1 + lam * (1 - e)) * (1 + lam * (1 - e + gap)) * (1 + gamma)),
        ),
    ),
    uses=("SCX-A7.III-TWO", "SCX-SHARP-EIGEN"),
    binds=(
        Binding("theory.contraction.bound_lowest_rate",
                {"synthetic_ratio": lam, "correction": gamma, "misfit": e, "lipschitz": 1.0},
                RATE.xreplace({c: 1 - e})),
    ),
    evidence=(Proof(),),
    note="The eigenvalue is c = 1 - e + gap.",
)

NEEDED = Claim(
    id="SC-E8",
    title="The condition lambda (1 + e) < (1+gamma)/(2+gamma) of the theorem contains epsilon L < "
    "alpha, which its proof uses through Proposition A.5 (B).",
    kind="theorem",
    source=f"{PAPER}, Theorems 4.3 and A.8",
    statement=Statement(
        variables={lam: POSITIVE, e: NONNEGATIVE, gamma: NONNEGATIVE},
        hypotheses=(Lt(lam * (1 + e), THRESHOLD),),
        goal=Lt(e, 1),
    ),
    evidence=(
        Refutation({lam: sp.Rational(1, 4), e: 2, gamma: 3},
                   reading="as the proof needs it, with e = epsilon L/alpha"),
    ),
)

CLAIMS = (
    NORM, RAYLEIGH, JACOBIAN, CONDITION, CONDITION_FIXED, STRICT, REMARK, EIGEN, LARGEST,
    NEEDED, SHARP_RATE, COMPARED, LOWEST,
)
