"""Claims on the classifier trained on what is kept (Feng et al. 2025, appendix F), ids BP-, BPX-.

Notation: items of mean square 1 whose products are a within and b across classes, R = 1 - a;
N_kl kept items of true label k with given label l; gamma = lambda N the ridge; A, B, C, D the
weights of the groups 11, 10, 01, 00 in the classifier and A', B', C', D' those times gamma.
"""

import dataclasses

import sympy as sp
from sympy import And, Eq, Equivalent, Gt, Implies, Lt, exp

from loopcert.claim import Binding, Claim, Proof, Refutation
from loopcert.prove.formal import NONNEGATIVE, POSITIVE, REALS, UNIT, Statement
from loopcert.prove.proof import Identity, Lemma, Smt, Step
from loopcert.statements.pruning import sigmoid

__all__ = ["CLAIMS", "COUNTS", "COUPLING", "a", "b", "gamma", "n00", "n01", "n10", "n11"]

HALF = sp.Rational(1, 2)
BIT = sp.FiniteSet(0, 1)
NATURAL = sp.S.Naturals0

n11, n10, n01, n00 = sp.symbols("N_11 N_10 N_01 N_00", nonnegative=True)
a, gamma, t = sp.symbols("a gamma t", positive=True)
b, u, v = sp.symbols("b u v", real=True)
A, B, C, D = sp.symbols("A B C D", real=True)
A1, B1, C1, D1 = sp.symbols("A' B' C' D'", real=True)
x, z1, z2 = sp.symbols("x z_1 z_2", real=True)
y, label, guess, other = sp.symbols("y l yhat beta", real=True)
good, bad = sp.symbols("good bad", nonnegative=True)

COUNTS = {count: NONNEGATIVE for count in (n11, n10, n01, n00)}
COUPLING = {a: UNIT, gamma: POSITIVE}
SCORES = {
    u: a * (n11 * A - n10 * B) + b * (n01 * C - n00 * D),
    v: b * (n11 * A - n10 * B) + a * (n01 * C - n00 * D),
}

# -- the fixed-point equations -------------------------------------------------------------------
_SCORE1 = b * (n01 * C - n00 * D)
_SCORE0 = b * (n11 * A - n10 * B)
REPRESENTATION = Claim(
    id="BP-F1",
    title="The weights of the four groups are stationary exactly when they solve system (31).",
    kind="proposition",
    source="Feng et al. 2025, Proposition F.1",
    statement=Statement(
        variables={**COUNTS, **COUPLING, b: REALS, A: REALS, B: REALS, C: REALS, D: REALS},
        where=SCORES,
        goal=And(
            Eq(1 - sigmoid(A + (n11 - 1) * a * A - n10 * a * B + _SCORE1),
               sigmoid(-u - (1 - a) * A)),
            Eq(sigmoid(n11 * a * A - B - (n10 - 1) * a * B + _SCORE1), sigmoid(u - (1 - a) * B)),
            Eq(1 - sigmoid(C + (n01 - 1) * a * C - n00 * a * D + _SCORE0),
               sigmoid(-v - (1 - a) * C)),
            Eq(sigmoid(n01 * a * C - D - (n00 - 1) * a * D + _SCORE0), sigmoid(v - (1 - a) * D)),
        ),
    ),
    uses=("BP-2", "BP-2.2"),
    evidence=(Proof((Step(Identity()),)),),
    note="Stationarity is gamma alpha_i = y'_i - sigmoid(x_i.w), alpha = A, -B, C, -D. The left "
    "sides are |y' - sigmoid(x.w)| of an item with the score written out over all kept items, "
    "itself (product 1), its class (a) and the other (b); the right sides are those of (31). "
    "System (31) has one solution because the loss has one minimiser.",
)
ACCURACY = Claim(
    id="BP-41",
    title="A kept item is classified rightly when A' or D' < 1/2 (label right) or B' or C' > 1/2 "
    "(label wrong).",
    kind="proposition",
    source="Feng et al. 2025, Proposition F.2, equations (37), (40) and (41)",
    statement=Statement(
        variables={y: BIT, label: BIT, guess: UNIT},
        where={other: sp.Abs(label - guess)},
        goal=And(
            Eq(guess, sp.Piecewise((label - other, Eq(label, 1)), (label + other, True))),
            Equivalent(
                sp.Or(And(Eq(y, 1), Gt(guess, HALF)), And(Eq(y, 0), Lt(guess, HALF))),
                sp.Or(And(Eq(y, label), Lt(other, HALF)),
                      And(sp.Ne(y, label), Gt(other, HALF))),
            ),
        ),
    ),
    uses=("BP-F1",),
    evidence=(Proof(),),
    note="beta = gamma |alpha| = |y' - yhat|, which is A', B', C', D' in the four groups. A guess "
    "of exactly 1/2 counts as an error.",
)
_REDUCED = (
    Eq(A1, sigmoid(-u)), Eq(B1, sigmoid(u)), Eq(C1, sigmoid(-v)), Eq(D1, sigmoid(v)),
)
SYMMETRIC = Claim(
    id="BP-F3",
    title="Reduced system, b = -a: every kept item is classified rightly exactly when right "
    "labels outnumber wrong ones.",
    kind="proposition",
    source="Feng et al. 2025, Proposition F.3, for the reduced system (42)",
    statement=Statement(
        variables={**COUNTS, **COUPLING, u: REALS, A1: UNIT, B1: UNIT, C1: UNIT, D1: UNIT},
        where={v: -u},
        hypotheses=(
            *_REDUCED,
            Eq(n11, (gamma * u / a + n10 * B1 + n01 * C1 - n00 * D1) / A1),
        ),
        goal=And(
            Eq(D1, A1), Eq(C1, B1), Eq(A1, 1 - B1),
            Eq(gamma * u / a, n11 + n00 - (n11 + n10 + n01 + n00) * B1),
            Equivalent(Gt(B1, HALF), Gt(n11 + n00, n10 + n01)),
        ),
    ),
    uses=("BP-41",),
    evidence=(
        Proof((
            Step(Smt(), And(Eq(D1, A1), Eq(C1, B1), Eq(A1, 1 - B1))),
            Step(Smt(), Eq(gamma * u / a, n11 + n00 - (n11 + n10 + n01 + n00) * B1)),
            Step(Smt(), And(Equivalent(Gt(B1, HALF), Gt(u, 0)))),
        )),
    ),
    note="The last hypothesis is gamma u = a(N11 A' - N10 B') - a(N01 C' - N00 D'), solved for "
    "N11. Counts may be any numbers >= 0. False for the exact system: BP-E-4.",
)
SKEWED = Claim(
    id="BP-F4",
    title="Reduced system, b = 0: class 1 is classified rightly exactly when N10 < N11, class 0 "
    "exactly when N01 < N00.",
    kind="proposition",
    source="Feng et al. 2025, Proposition F.4, pairing corrected, for the reduced system (42)",
    statement=Statement(
        variables={**COUNTS, **COUPLING, u: REALS, v: REALS, A1: UNIT, B1: UNIT, C1: UNIT,
                   D1: UNIT},
        hypotheses=(
            *_REDUCED,
            Eq(n11, (gamma * u / a + n10 * B1) / A1), Eq(n00, (n01 * C1 - gamma * v / a) / D1),
        ),
        goal=And(
            Eq(A1, 1 - B1), Eq(C1, 1 - D1),
            Equivalent(Gt(B1, HALF), Lt(n10, n11)), Equivalent(Lt(D1, HALF), Lt(n01, n00)),
        ),
    ),
    uses=("BP-41",),
    corrects=("BP-E-5",),
    evidence=(Proof(),),
    note="The last two hypotheses are gamma u = a(N11 A' - N10 B') and gamma v = a(N01 C' - "
    "N00 D').",
)
PRINTED_PAIRS = Claim(
    id="BP-E-5",
    title="Printed: for b = 0, B' and C' exceed 1/2 exactly when N10 < N11.",
    kind="proposition",
    source="Feng et al. 2025, Proposition F.4, equation (50)",
    statement=Statement(
        variables={n11: NATURAL, n10: NATURAL, u: REALS},
        where={B1: sigmoid(u), C1: sigmoid(-u)},
        hypotheses=(Gt((n11 * (1 - B1) - n10 * B1) / u, 0),),
        goal=Equivalent(And(Gt(B1, HALF), Gt(C1, HALF)), Lt(n10, n11)),
    ),
    evidence=(Refutation({n11: 7, n10: 3, u: "1/2"}),),
    note="Counts N01 = N11 and N00 = N10: then v = u, and the reduced system holds for every a "
    "and gamma with gamma/a equal to the positive number of the hypothesis.",
)

# -- the exact system ----------------------------------------------------------------------------
EXPONENTIAL = Claim(
    id="L-EXP",
    title="The exponential of a number exceeds 1 exactly when the number is positive.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={x: REALS},
        goal=And(Equivalent(Gt(exp(x), 1), Gt(x, 0)), Equivalent(Lt(exp(x), 1), Lt(x, 0))),
    ),
    evidence=(Proof(),),
)
UNIQUE = Claim(
    id="BP-F1.1",
    title="An equation gamma X = sigmoid(w - R X) of the exact system has at most one solution: "
    "the difference of its sides grows.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={u: REALS, x: REALS, t: POSITIVE, gamma: POSITIVE, a: UNIT},
        goal=Lt(
            gamma * x - sigmoid(u - (1 - a) * x),
            gamma * (x + t) - sigmoid(u - (1 - a) * (x + t)),
        ),
    ),
    uses=("L-EXP",),
    evidence=(Proof((Step(Lemma("L-EXP", {x: (1 - a) * t})),)),),
    loose="the sides part at least at speed gamma, to which the sigmoid adds",
)
_Z1, _Z2 = sigmoid(z1), sigmoid(z2)
_EXACT = (
    Lt(z1 + z2, 0),
    Eq(gamma, -(1 - a) * (_Z1 + _Z2) / (z1 + z2)),
    Eq(A, _Z1 / gamma), Eq(B, _Z2 / gamma), Eq(u, z2 + (1 - a) * B),
    Eq(n11, (u / a + (n10 + n01) * B) / A - n00),
)
TEST_RULE = Claim(
    id="BPX-C",
    title="Exact system, b = -a: the classifier has a new item right exactly when right labels "
    "outnumber wrong ones, at every ridge and size.",
    kind="result",
    source="new; repairs Feng et al. 2025, Proposition F.3",
    statement=Statement(
        variables={**COUNTS, **COUPLING, A: POSITIVE, B: POSITIVE, u: REALS, z1: REALS, z2: REALS},
        hypotheses=_EXACT,
        goal=And(
            Eq(z1, -u - (1 - a) * A),
            Equivalent(Gt(u, 0), Gt(n11 + n00, n10 + n01)),
            Equivalent(Lt(u, 0), Lt(n11 + n00, n10 + n01)),
        ),
    ),
    uses=("BP-F1", "BP-F1.1", "L-EXP"),
    corrects=("BP-E-4", "BP-E-7"),
    evidence=(
        Proof((
            Step(Lemma("L-EXP", {x: z1 - z2})),
            Step(Smt(alone=True), Eq(z1, -u - (1 - a) * A)),
            Step(Smt(alone=True), Eq(u, a * ((n11 + n00) * A - (n10 + n01) * B))),
            Step(Smt(), And(Eq(gamma * A, _Z1), Eq(gamma * B, _Z2))),
            Step(Smt(), Equivalent(Gt(z1, z2), Gt(A, B))),
            Step(Smt(), Equivalent(Gt(u, 0), Gt(B, A))),
        )),
    ),
    note="By BP-F1.1 the groups 11 and 00 share the weight A, 10 and 01 the weight B; u is the "
    "score of a new item of class 1, -u that of class 0. The hypotheses are gamma A = "
    "sigmoid(z1), gamma B = sigmoid(z2), z1 = -u - R A, z2 = u - R B, u = a(good A - bad B), "
    "solved for gamma, A, B, u and N11.",
)
TEST_RULE_BOUNDED = Claim(
    id="BPX-C.1",
    title="The exact system, b = -a, where no weight's score exceeds 20: the same holds, and the "
    "weights can be computed in double precision.",
    kind="remark",
    source="new; an instance of BPX-C",
    statement=dataclasses.replace(
        TEST_RULE.statement,
        variables=TEST_RULE.statement.variables
        | dict.fromkeys((z1, z2), sp.Interval(-20, 20)),
    ),
    uses=("BPX-C",),
    binds=tuple(
        Binding("theory.breakdown.training_solution",
                {"counts": [n11, n10, n01, n00], "a": a, "b": -a, "gamma": gamma}, value, k,
                rtol=1e-7)
        for k, value in enumerate((A, B))
    ),
    evidence=(Proof((Step(Lemma("BPX-C")),)),),
    loose="an instance: the mutants of the goal are those of BPX-C",
)
_KEPT_RATIO = -(_Z1 + _Z2) / (z1 + z2)
PRINTED_EXACT = Claim(
    id="BP-E-4",
    title="Printed: for b = -a every solution of the exact system (31) has B' > 1/2 as soon as "
    "right labels outnumber wrong ones.",
    kind="proposition",
    source="Feng et al. 2025, Proposition F.3",
    statement=Statement(
        variables={good: NATURAL, bad: NATURAL, z1: REALS, z2: REALS},
        hypotheses=(Lt(z1 + z2, 0), Gt(other, 0)),
        where={
            u: z2 + _Z2 / _KEPT_RATIO, other: u * _KEPT_RATIO / (good * _Z1 - bad * _Z2),
            a: other / (1 + other), gamma: (1 - a) * _KEPT_RATIO,
        },
        goal=Implies(Lt(bad, good), Gt(sigmoid(z2), HALF)),
    ),
    evidence=(Refutation({good: 27, bad: 9, z1: "-0.7266", z2: "-0.0136"}),),
    note="good = N11 + N00, bad = N10 + N01. For all z1 + z2 < 0 the a = beta/(1 + beta) and "
    "gamma of the definitions make gamma A = sigmoid(z1), gamma B = sigmoid(z2) the solution; "
    "at the point a is about 0.1 and gamma about 1.",
)
PRINTED_SIGNS = Claim(
    id="BP-E-7",
    title="Printed: the sums s and t of the weights over the two classes are not negative.",
    kind="proposition",
    source="Feng et al. 2025, equation (34)",
    statement=Statement(
        variables={c: NATURAL for c in COUNTS} | {z1: REALS, z2: REALS},
        hypotheses=(Lt(z1 + z2, 0), Gt(other, 0)),
        where={
            good: n11 + n00, bad: n10 + n01, u: z2 + _Z2 / _KEPT_RATIO,
            other: u * _KEPT_RATIO / (good * _Z1 - bad * _Z2), gamma: _KEPT_RATIO / (1 + other),
        },
        goal=And(sp.Ge((n11 * _Z1 - n10 * _Z2) / gamma, 0),
                 sp.Ge((n01 * _Z2 - n00 * _Z1) / gamma, 0)),
    ),
    evidence=(
        Refutation({n11: 14, n10: 5, n01: 4, n00: 13, z1: "-0.7266", z2: "-0.0136"}),
    ),
    note="The solution of BP-E-4 for b = -a: C = B and D = A, s = N11 A - N10 B and t = N01 C - "
    "N00 D. A classifier that is right on both classes has s > 0 > t.",
)
NEEDED = Claim(
    id="BP-F3.1",
    title="Exact system, b = -a: wrong labels are overruled in training only where right ones "
    "exceed them by more than (1 - a)/a, because an item remembers its own label.",
    kind="result",
    source="new",
    statement=Statement(
        variables={**COUNTS, **COUPLING, A: POSITIVE, B: POSITIVE, u: REALS, z1: REALS, z2: REALS},
        hypotheses=_EXACT,
        goal=Implies(Gt(gamma * B, HALF), Gt(n11 + n00, n10 + n01 + (1 - a) / a)),
    ),
    uses=("BPX-C", "L-EXP"),
    evidence=(
        Proof((
            Step(Smt(alone=True), Eq(u, a * ((n11 + n00) * A - (n10 + n01) * B))),
            Step(Smt(alone=True), Eq(z1, -u - (1 - a) * A)),
            Step(Smt(), And(Eq(gamma * A, _Z1), Eq(gamma * B, _Z2))),
            Step(Smt(), Implies(Gt(gamma * B, HALF), Gt(z2, 0))),
            Step(Smt(), Lt(z1, -u)),
            Step(Smt(), Implies(Gt(z2, 0), Gt(u, (1 - a) * B))),
            Step(Smt(), Implies(Gt(z2, 0), Lt(z1, 0))),
            Step(Smt(), Implies(Gt(z2, 0), Lt(gamma * A, HALF))),
        )),
    ),
    loose="necessary only; the threshold is met in the limit of a large ridge",
)

CLAIMS = (
    REPRESENTATION, ACCURACY, SYMMETRIC, SKEWED, PRINTED_PAIRS, EXPONENTIAL, UNIQUE, TEST_RULE,
    TEST_RULE_BOUNDED, PRINTED_EXACT, PRINTED_SIGNS, NEEDED,
)
