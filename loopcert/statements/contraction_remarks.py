"""Claims on the loop without sampling error, and the remarks on it (Gillman et al. 2024).

Notation: lambda synthetic over real points, gamma correction strength, e = epsilon L/alpha,
u = lambda (1 + e), rho = u/(1 - u) the printed constant, R = rho/(1+gamma) the printed factor;
E_t distance to the best model after t rounds, Z_t >= 0 slack of a round.
"""

import sympy as sp
from sympy import Abs, And, Derivative, Eq, Ge, Gt, Le, Limit, Lt, Piecewise, log

from loopcert.claim import Claim, Proof, Refutation
from loopcert.prove.formal import (
    NATURALS,
    NONNEGATIVE,
    POSITIVE,
    PROPOSITION,
    REALS,
    UNIT,
    Each,
    Sequence,
    Statement,
)
from loopcert.prove.proof import Identity, Induction, Lemma, Modulo, Smt, Step
from loopcert.statements import contraction_rates as rates
from loopcert.statements.contraction_stability import (
    E,
    R,
    T,
    Y,
    Z,
    part,
    radius,
    rho,
    rounds,
    start,
    t,
    tau,
)

__all__ = ["CLAIMS"]

PAPER = "Gillman et al. 2024"
lam, u, g, theta, h, s, alpha, L = sp.symbols("lambda u g theta h s alpha L", positive=True)
gamma, e, epsilon, noise = sp.symbols("gamma e epsilon z", nonnegative=True)
power = sp.Symbol("gamma", positive=True)
new = sp.Symbol("theta_1", positive=True)
first = sp.Symbol("D_start", real=True)
X, D = sp.IndexedBase("X"), sp.IndexedBase("D")
HALF = sp.Rational(1, 2)

# -- Lemma A.7 (I): the Jacobian off the best model ----------------------------------------------
LDL = sp.symbols("a b c", positive=True)
MIXED = sp.symbols("M_11 M_12 M_21 M_22", real=True)
JACOBI = sp.symbols("J_11 J_12 J_21 J_22", real=True)
_H = (sp.Matrix([[1, 0], [LDL[1], 1]]) * sp.diag(LDL[0], LDL[2])
      * sp.Matrix([[1, LDL[1]], [0, 1]])).applyfunc(sp.expand)
_J, _M = sp.Matrix(2, 2, JACOBI), sp.Matrix(2, 2, MIXED)
IMPLICIT = Claim(
    id="SC-A7.I",
    title="With two parameters, where the Hessian at the update is negative definite, the "
    "Jacobian of the update is minus its inverse times lambda times the mixed derivative of the "
    "model term.",
    kind="lemma",
    source=f"{PAPER}, Lemma A.7 (I), equation 19",
    statement=Statement(
        variables={**dict.fromkeys(LDL, POSITIVE), lam: POSITIVE, **dict.fromkeys(JACOBI, REALS),
                   **dict.fromkeys(MIXED, REALS)},
        hypotheses=tuple(
            Eq(m, v / lam) for m, v in zip(MIXED, (_H * _J).applyfunc(sp.expand), strict=True)
        ),
        goal=And(*(
            Eq(j, v) for j, v in zip(
                JACOBI, (_H.inv() * lam * _M).applyfunc(sp.cancel), strict=True)
        )),
    ),
    uses=("SCX-EXIST-BRANCH",),
    evidence=(Proof(),),
    note="Two parameters, minus the Hessian = L diag(a, c) L' with L unit lower triangular and "
    "entry b. The hypotheses are the derivative of grad H(theta, G(theta)) = 0 along the C^1 "
    "branch G: Hessian J + lambda M = 0. They hold at every theta near the best model, not only "
    "there.",
)

MODEL_MEAN = (1 / theta + gamma) / (1 + gamma)
OBJECTIVE = log(new) - new + lam * (log(new) - new * MODEL_MEAN)
UPDATE = (1 + lam) / (1 + lam * MODEL_MEAN)
FORMULA = -sp.diff(OBJECTIVE, theta, new) / sp.diff(OBJECTIVE, new, 2).xreplace({new: UPDATE})
EXPONENTIAL = Claim(
    id="SC-A7.I-EXP",
    title="For exponential laws of rate theta, truth 1, the update is the stationary point of the "
    "objective, and equation 19 gives its derivative at every rate.",
    kind="example",
    source=f"new, for {PAPER}, equations 7 and 19",
    statement=Statement(
        variables={theta: POSITIVE, lam: POSITIVE, gamma: NONNEGATIVE, s: POSITIVE},
        hypotheses=(Eq(s, UPDATE),),
        goal=And(
            Eq(sp.diff(OBJECTIVE, new).xreplace({new: s}), 0),
            Eq(Derivative(UPDATE, theta), FORMULA),
        ),
    ),
    uses=("SC-D41",),
    evidence=(
        Proof((
            Step(Smt(), Eq(sp.diff(OBJECTIVE, new).xreplace({new: s}), 0)),
            Step(Identity(), Eq(Derivative(UPDATE, theta), FORMULA)),
        )),
    ),
    note="H(theta, theta') = log theta' - theta' + lambda (log theta' - theta' m) with m the mean "
    "of the corrected law. s is the update.",
)

# -- Theorem A.8, equations 36 and 39 ------------------------------------------------------------
MOVED = 1 / (1 + s * (1 / theta - 1))
IMPLICATION = Claim(
    id="SC-E2",
    title="A map whose Jacobian at its fixed point has norm at most s brings every nearby point "
    "nearer by the factor s.",
    kind="theorem",
    source=f"{PAPER}, proof of Theorem A.8, from equation 34 to 39",
    statement=Statement(
        variables={s: UNIT, theta: POSITIVE},
        goal=Le(Abs(MOVED - 1), s * Abs(theta - 1)),
    ),
    evidence=(
        Refutation(
            {s: HALF, theta: HALF},
            reading="the implication alone, which the proof uses, in every ball: exponential laws "
            "of rate theta, truth 1, where the update has derivative s at the truth",
        ),
    ),
    note="The mean 1/theta moves by the factor s exactly. The rate's distance to 1 shrinks to "
    "s/(theta + s (1 - theta)) of itself, more than s for every theta < 1, however near. What "
    "equations 36 and 39 state is true all the same: see SC-A8.39.",
)

contracts = sp.Symbol("contracts_by_R_on_a_ball", real=True)
FACTOR = Claim(
    id="SC-A8.39",
    title="On some ball about the best model the update contracts by the printed factor "
    "rho/(1+gamma) itself, because its Jacobian there has a strictly smaller norm.",
    kind="theorem",
    source=f"{PAPER}, proof of Theorem A.8, equation 39, with another proof",
    statement=Statement(
        variables={**rates.STRICT.statement.variables, contracts: PROPOSITION},
        hypotheses=rates.STRICT.statement.hypotheses,
        goal=And(Le(rates.y, rates.BETTER), Lt(rates.BETTER, rates.PRINTED),
                 Lt(rates.PRINTED, 1), contracts),
    ),
    uses=("SCX-A8-STRICT", "SC-A6", "SCX-EXIST-BRANCH"),
    corrects=("SC-E2",),
    evidence=(
        Proof((
            Step(Smt(), And(Lt(u * (2 + gamma), 1 + gamma), Lt(u, 1), Eq(rates.lam * (1 + e), u))),
            Step(Smt(), And(Gt(1 + lam - lam * e, 0), Gt(1 + lam - lam * rates.part * e, 0))),
            Step(Lemma("SCX-A8-STRICT")),
            Step(Smt(), Ge(rates.BETTER - rates.y, 0)),
            Step(Smt(), Gt(rates.PRINTED - rates.BETTER, 0)),
            Step(Smt(), Lt(rates.PRINTED, 1)),
            Step(Modulo("mean value inequality",
                        And(Le(rates.y, rates.BETTER), Lt(rates.BETTER, rates.PRINTED)),
                        contracts)),
        )),
    ),
    note="y = |J v| for any unit vector v. The best model is a fixed point (SC-A6) and the update "
    "is C^1 (SCX-EXIST-BRANCH). The radius of the ball is not known.",
)

PATH = {T: NATURALS, E: Sequence(T + 1, REALS), Z: Sequence(T, NONNEGATIVE),
        Y: Sequence(T, REALS), R: UNIT, radius: POSITIVE, part: sp.Interval(0, 1),
        start: NONNEGATIVE}
DECAY = Claim(
    id="SC-A8.36",
    title="From a start in the ball, T rounds without sampling error leave at most R^T of the "
    "distance, and never leave the ball.",
    kind="theorem",
    source=f"{PAPER}, Theorem A.8, equation 36",
    statement=Statement(
        variables=PATH,
        hypotheses=(
            Eq(start, part * radius), Eq(E[0], start),
            Each(Eq(E[t + 1], Piecewise((R * E[t] - Z[t], E[t] <= radius), (Y[t], True))), t, T),
        ),
        goal=And(
            Le(E[T], radius),
            Eq(E[T], R**T * start - rounds(R ** (T - 1 - t) * Z[t])),
        ),
    ),
    uses=("SC-A8.39", "SC-A8"),
    evidence=(
        Proof((
            Step(Smt(), Le(start, radius)),
            Step(Induction(T)),
        )),
    ),
    note="R = rho/(1+gamma) < 1 and the ball of SC-A8.39; outside it the next distance Y_t is "
    "anything. As R < 1 the distance tends to 0. `Asymptotic` in the source is a misnomer: the "
    "estimate holds for every T.",
)

# -- Remarks 4.4, A.9 and A.12, Example 4.6 ------------------------------------------------------
WITHOUT = lam * (alpha + epsilon * L)
BASELINE = Claim(
    id="SC-R44",
    title="Without correction the condition of the theorem is lambda (1 + epsilon L/alpha) < 1/2, "
    "which is rho < 1, and the factor is rho.",
    kind="remark",
    source=f"{PAPER}, Remark 4.4 and the first sentence of Remark A.9",
    statement=Statement(
        variables={lam: POSITIVE, alpha: POSITIVE, L: POSITIVE, epsilon: NONNEGATIVE, u: UNIT,
                   gamma: NONNEGATIVE, h: UNIT},
        hypotheses=(Eq(gamma, 0), Eq(lam, u * h), Eq(epsilon, (1 / h - 1) * alpha / L)),
        goal=And(
            Eq(rates.PRINTED, WITHOUT / (alpha - WITHOUT)),
            Eq(1 - WITHOUT / (alpha - WITHOUT), 2 * (rates.THRESHOLD - u) / (1 - u)),
            Eq(rates.THRESHOLD, HALF),
        ),
    ),
    uses=("SC-A8", "SC-T43"),
    evidence=(Proof((Step(Smt(), Eq(lam * (1 + epsilon * L / alpha), u)),)),),
    note="u = lambda (1 + epsilon L/alpha) in (0, 1), with lambda = u h and 1 + epsilon L/alpha = "
    "1/h. For u < 1 the room 1 - rho has the sign of 1/2 - u; SC-E10 is about u > 1.",
)

STRONGER = Claim(
    id="SC-R412",
    title="Where the theorem without correction applies it applies with any correction, and its "
    "envelope is then strictly lower after every number of rounds.",
    kind="remark",
    source=f"{PAPER}, Remark A.12 and the last sentence of Remark A.9",
    statement=Statement(
        variables={T: NATURALS, u: sp.Interval.open(0, HALF), power: POSITIVE, rho: POSITIVE,
                   R: POSITIVE, tau: NONNEGATIVE, start: POSITIVE},
        hypotheses=(Eq(rho, u / (1 - u)), Eq(R, rho / (1 + power))),
        goal=And(
            Eq((1 + power) / (2 + power) - u, HALF - u + power / (2 * (2 + power))),
            Eq(rho - R, power * rho / (1 + power)),
            Lt(tau * rounds(R**t, T) + R**T * start, tau * rounds(rho**t, T) + rho**T * start),
        ),
    ),
    uses=("SC-C45", "SC-R44"),
    evidence=(Proof((Step(Lemma("SC-C45")),)),),
    note="A comparison of bounds, at the same tau; about the errors themselves see SC-E15.",
    loose="the last inequality is between two different bounds",
)

ENVELOPE_END = Claim(
    id="SC-E46",
    title="As gamma grows the envelope tends to tau_n(delta/T): it exceeds it by R times a number "
    "that stays bounded.",
    kind="example",
    source=f"{PAPER}, Example 4.6",
    statement=Statement(
        variables={T: NATURALS, R: UNIT, rho: POSITIVE, gamma: NONNEGATIVE, tau: NONNEGATIVE,
                   start: NONNEGATIVE, g: POSITIVE},
        hypotheses=(Eq(rho, R * (1 + gamma)),),
        goal=And(
            Eq(tau * rounds(R**t, T) + R**T * start - tau,
               rho / (1 + gamma) * (tau * (1 - R**T) / (1 - R) + R**T / R * start)),
            Eq(Limit(rho / (1 + g), g, sp.oo), 0),
        ),
    ),
    uses=("SC-T43", "SCX-T43.geometric"),
    evidence=(
        Proof((
            Step(Identity(), Eq(Limit(rho / (1 + g), g, sp.oo), 0)),
            Step(Lemma("SCX-T43.geometric")),
            Step(Induction(T), Eq(rounds(R**t, T), rounds(R**t) + R**T)),
        )),
    ),
    note="The number is at most tau/(1 - R) + e_0. a, b and epsilon_opt are taken not to depend "
    "on gamma. The limit still grows with T, see SC-E16.",
)

# -- Conjecture 4.7 ------------------------------------------------------------------------------
SHRUNK = lam / ((1 + lam) * (1 + gamma))
MEANS = Claim(
    id="SC-CJ47.MEAN",
    title="Fitted means obey the stability estimate from every start, however far, for every "
    "lambda > 0 and gamma >= 0, with the factor r = lambda/((1 + lambda)(1 + gamma)).",
    kind="corollary",
    source=f"new; special case of {PAPER}, Conjecture 4.7",
    statement=Statement(
        variables={T: NATURALS, lam: POSITIVE, gamma: NONNEGATIVE, tau: NONNEGATIVE, R: UNIT,
                   first: REALS, D: Sequence(T + 1, REALS), X: Sequence(T, sp.Interval(-1, 1))},
        hypotheses=(
            Eq(R, SHRUNK), Eq(D[0], first),
            Each(Eq(D[t + 1], lam / (1 + lam) * (D[t] / (1 + gamma)) + tau * X[t]), t, T),
        ),
        goal=And(
            Eq(D[T], R**T * first + tau * rounds(R ** (T - 1 - t) * X[t])),
            Le(Abs(D[T]), tau * rounds(R**t) + R**T * Abs(first)),
        ),
    ),
    uses=("SC-D41", "SCX-AFFINE", "SCX-T43.geometric"),
    evidence=(
        Proof((
            Step(Induction(T), Eq(D[T], R**T * first + tau * rounds(R ** (T - 1 - t) * X[t]))),
            Step(Induction(T), Le(Abs(rounds(R ** (T - 1 - t) * X[t])), (1 - R**T) / (1 - R))),
            Step(Lemma("SCX-T43.geometric")),
        )),
    ),
    note="D_t is one coordinate, or the component in any direction, of the mean parameter less "
    "that of the best model, for a model fitted by matching means (every exponential family). "
    "Corrected points have mean 1/(1+gamma) of it, real points none; tau X_t, |X_t| <= 1, is the "
    "sampling error of both together. Both relaxations that the conjecture asks for hold, with a "
    "factor below the printed one.",
    loose="equality in the second needs all errors extreme and of the sign of the start",
)

regular, stable = sp.symbols("regular stability_estimate_holds", real=True)
CONJECTURE = Claim(
    id="SC-CJ47",
    title="With correction the stability estimate still holds for larger lambda than the theorem "
    "allows, and from starts farther away.",
    kind="conjecture",
    source=f"{PAPER}, Conjecture 4.7",
    statement=Statement(
        variables={lam: POSITIVE, e: NONNEGATIVE, power: POSITIVE, regular: PROPOSITION,
                   stable: PROPOSITION},
        hypotheses=(Ge(lam * (1 + e), (1 + power) / (2 + power)),),
        goal=sp.Implies(regular, stable),
    ),
    uses=("SCX-SHARP", "SCX-T43", "SC-CJ47.MEAN", "SCX-SPURIOUS"),
    note="The source names neither the larger lambda nor the farther starts. Known: near the best "
    "model every lambda is allowed, with the sharp factor in the place of the printed one, which "
    "is negative or undefined for u >= 1 (SCX-SHARP, SCX-T43); for exponential families every "
    "start is allowed as well (SC-CJ47.MEAN). Not every model allows every start, however strong "
    "the correction (SCX-SPURIOUS).",
)

CLAIMS = (
    IMPLICIT, EXPONENTIAL, IMPLICATION, FACTOR, DECAY, BASELINE, STRONGER, ENVELOPE_END, MEANS,
    CONJECTURE,
)
