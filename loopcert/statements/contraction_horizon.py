"""Claims on error bounds that hold for all rounds together (Gillman et al. 2024, Theorem 4.3).

Notation: tau_n(delta) = epsilon_opt + a n^(-1/2) sqrt(log(b/delta)) statistical error of a round,
R contraction factor, E_t distance to the best model after t rounds, Z_t >= 0 slack of a round,
Q_t probability that the bounds of rounds 1..t all hold.
"""

import sympy as sp
from sympy import And, Eq, Ge, Le, Lt, log, pi, sqrt

from loopcert.claim import Binding, Claim, Proof, Refutation
from loopcert.prove.formal import (
    NATURALS,
    NONNEGATIVE,
    POSITIVE,
    REALS,
    UNIT,
    Each,
    Sequence,
    Statement,
)
from loopcert.prove.proof import Identity, Induction, Modulo, Smt, Step
from loopcert.statements.contraction_stability import (
    ENVELOPE,
    ERROR,
    PATH,
    SAMPLE,
    E,
    Q,
    R,
    T,
    Y,
    Z,
    a,
    b,
    delta,
    floor,
    n,
    rounds,
    start,
    t,
)

__all__ = ["CLAIMS"]

PAPER = "Gillman et al. 2024"
gap, scale = sp.symbols("gap a", positive=True)
part = sp.Symbol("part", positive=True)
HALF = sp.Rational(1, 2)

# -- for all rounds at once ----------------------------------------------------------------------
INDEPENDENT = {T: NATURALS, delta: UNIT, Q: Sequence(T + 1, REALS)}
CHANCES = (Eq(Q[0], 1), Each(Eq(Q[t + 1], Q[t] * (1 - delta / (t + 1))), t, T))
TOGETHER = Claim(
    id="SC-E12",
    title="With probability 1 - delta the bounds, that of round t at level delta/t, hold for all "
    "rounds.",
    kind="theorem",
    source=f"{PAPER}, Theorem 4.3, `for all t > 0`",
    statement=Statement(
        variables=INDEPENDENT, hypotheses=CHANCES, goal=Ge(Q[T], 1 - delta),
    ),
    evidence=(
        Refutation({T: 2, delta: HALF, Q: [1, HALF, sp.Rational(3, 8)]},
                   reading="for all rounds together, not for each by itself"),
    ),
    note="Full correction, R = 0, where the error of round t is that round's sampling error, and "
    "rounds that fail independently with probability delta/t: all that the assumption excludes "
    "is failing more often.",
)

NEVER = Claim(
    id="SCX-T43-SIMUL",
    title="Independent tight bounds at levels delta/t all hold with a probability of at most 1/(1 "
    "+ delta log(T + 1)), which tends to zero.",
    kind="example",
    source="new",
    statement=Statement(
        variables=INDEPENDENT, hypotheses=CHANCES,
        goal=And(Ge(Q[T], 0), Le(Q[T] * (1 + delta * log(T + 1)), 1)),
    ),
    binds=(
        Binding("theory.contraction.independent_coverage", {"rounds": T, "delta": delta}, Q[T]),
    ),
    evidence=(
        Proof((
            Step(Identity(), Eq(log(T + 2) - log(T + 1), log((T + 2) / (T + 1)))),
            Step(Smt(), Le(log(T + 2) - log(T + 1), 1 / (T + 1))),
            Step(Induction(T), Ge(rounds(1 / (t + 1)), log(T + 1))),
            Step(Induction(T), And(Ge(Q[T], 0),
                                   Le(Q[T] * (1 + delta * rounds(1 / (t + 1))), 1))),
        )),
    ),
    loose="the product of the 1 - delta/t falls like T^(-delta)",
)

LEVELS = Claim(
    id="SCX-T43.levels",
    title="The levels 6 delta/(pi^2 t^2) of all rounds add up to less than delta.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={T: NATURALS, delta: UNIT},
        goal=Lt(rounds(6 * delta / (pi**2 * (t + 1) ** 2)), delta),
    ),
    evidence=(
        Proof((
            Step(Modulo("Basel series", Ge(T, 1, evaluate=False),
                        Lt(rounds(1 / (t + 1) ** 2), pi**2 / 6))),
            Step(Induction(T), Eq(
                rounds(6 * delta / (pi**2 * (t + 1) ** 2)),
                6 * delta / pi**2 * rounds(1 / (t + 1) ** 2),
            )),
        )),
    ),
    loose="delta is reached in the limit of infinitely many rounds only",
)


def spent(level):
    """The statistical error of a round whose failure probability is `level`."""
    return floor + a / sqrt(n) * sqrt(log(b / level))


ANYTIME = 6 * delta / (pi**2 * (t + 1) ** 2)
UNROLLED = R**T * start + rounds(R ** (T - 1 - t) * Y[t])
PATHS = {key: value for key, value in PATH.items() if str(key) != "tau"}


def bound(level):
    """The bound of round T when round t + 1 has failure probability `level`."""
    return R**T * start + rounds(R ** (T - 1 - t) * spent(level))


TOGETHER_FIXED = Claim(
    id="SCX-T43-ANYTIME",
    title="Where every round contracts by R, with probability 1 - delta, for all rounds together, "
    "the error is at most R^T e_0 plus the sum of R^(T-t) tau_n(6 delta/(pi^2 t^2)).",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={**PATHS, **SAMPLE, Y: Sequence(T, NONNEGATIVE)},
        hypotheses=(
            Each(Eq(Y[t], spent(ANYTIME)), t, T), Eq(E[0], start),
            Each(Eq(E[t + 1], Y[t] + R * E[t] - Z[t]), t, T),
        ),
        goal=Eq(E[T], UNROLLED - rounds(R ** (T - 1 - t) * Z[t])),
    ),
    uses=("SCX-T43.levels", "SCX-T43.slack", "SC-UNION", "SC-A34", "SC-A8.39"),
    corrects=("SC-E12",),
    binds=(
        Binding("theory.contraction.bound_error_path", ENVELOPE, bound(ANYTIME), pick=T),
        Binding("theory.contraction.bound_error_path", {**ENVELOPE, "form": "horizon"},
                bound(delta / T), pick=T),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    note="Y_t is tau of round t + 1. By SCX-T43.levels and SC-UNION no round fails with "
    "probability 1 - delta, for every T, hence for ever. With a known horizon the levels delta/T "
    "do, for all t <= T together. If G contracts on a ball only, the bounds hold up to the first "
    "that exceeds its radius: Y_t grows like the root of log t, so with a > 0 no ball is large "
    "enough for ever.",
)

# -- Example 4.6 ---------------------------------------------------------------------------------
CONSTANT = Claim(
    id="SC-E16",
    title="With ever stronger correction the bound on the error is a constant, whatever the "
    "number of rounds.",
    kind="example",
    source=f"{PAPER}, Example 4.6, second sentence",
    statement=Statement(
        variables={T: NATURALS, **SAMPLE}, goal=Le(ERROR, spent(delta)),
    ),
    uses=("SC-E46",),
    evidence=(
        Refutation({T: 2, n: 1, delta: HALF, a: 1, b: 2, floor: 0},
                   reading="as a statement on the limit tau_n(delta/t), the constant being its "
                   "value after the first round"),
    ),
    note="Of the iterate itself, at any one T, the sentence is true: see SCX-E46-LOG.",
)

GROWTH = Claim(
    id="SCX-E46-LOG",
    title="For a > 0 the limit tau_n(delta/T) of the envelope grows like the root of log T, "
    "beyond every constant.",
    kind="example",
    source="new",
    statement=Statement(
        variables={T: NATURALS, **SAMPLE},
        goal=Eq((ERROR - floor) ** 2, a**2 / n * (log(b / delta) + log(T))),
    ),
    uses=("SC-E46",),
    corrects=("SC-E16",),
    evidence=(
        Proof((
            Step(Identity(), Eq(log(b * T / delta), log(b / delta) + log(T))),
            Step(Smt(), Ge(log(b * T / delta), 0)),
            Step(Smt(), Eq((a / sqrt(n) * sqrt(log(b * T / delta))) ** 2,
                           a**2 / n * log(b * T / delta))),
        )),
    ),
    note="The growth is that of the union bound. With R = 0 the error after T rounds is that of "
    "the last round alone, so that tau_n(delta) bounds it at each fixed T; only for all rounds "
    "together does a bound have to grow (SCX-T43-SIMUL).",
)

# -- how many real points ------------------------------------------------------------------------
NEEDED = scale**2 * log(b * T / delta) / gap**2
POINTS = Claim(
    id="SCX-T43-POINTS",
    title="With probability 1 - delta the loop stays in its ball of radius r_0 for T rounds if n "
    "is at least a^2 log(b T/delta)/((1 - R) r_0 - epsilon_opt)^2.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={T: NATURALS, n: NATURALS, delta: UNIT, scale: POSITIVE,
                   b: sp.Interval(1, sp.oo), floor: NONNEGATIVE, gap: POSITIVE, R: UNIT,
                   part: UNIT},
        goal=Eq(
            gap**2 - (scale / sqrt(n) * sqrt(log(b * T / delta))) ** 2,
            gap**2 * (n - NEEDED) / n,
        ),
    ),
    uses=("SCX-T43",),
    binds=(
        Binding(
            "theory.contraction.required_real_samples",
            {"rounds": T, "delta": delta, "a": scale, "b": b, "optimization_error": floor,
             "rate": R,
             "radius": (floor + scale * sqrt(log(b * T / delta)) / sqrt(n - part)) / (1 - R)},
            n,
        ),
    ),
    evidence=(
        Proof((
            Step(Smt(), Ge(log(b * T / delta), 0)),
            Step(Smt(), Eq((scale / sqrt(n) * sqrt(log(b * T / delta))) ** 2,
                           scale**2 / n * log(b * T / delta))),
        )),
    ),
    note="gap = (1 - R) r_0 - epsilon_opt. SCX-T43 asks for tau_n(delta/T) <= (1 - R) r_0, which "
    "is that the left side is >= 0.",
)

CLAIMS = (TOGETHER, NEVER, LEVELS, TOGETHER_FIXED, CONSTANT, GROWTH, POINTS)
