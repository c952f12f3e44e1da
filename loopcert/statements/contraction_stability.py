"""Claims on the error of finite-sample loops (Gillman et al. 2024, Theorem 4.3), ids SC-, SCX-.

Notation: E_t distance to the best model after t rounds, R contraction factor of the
infinite-sample update, tau statistical error of one round, Z_t >= 0 the slack of the round's
triangle inequality.
"""

import sympy as sp
from sympy import And, Eq, Ge, Le, Lt, Piecewise, Sum, log, sqrt

from loopcert.claim import Binding, Claim, NearMiss, Proof, Refutation, Witness
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
from loopcert.prove.proof import Induction, Lemma, Smt, Step

__all__ = ["CLAIMS"]

PAPER = "Gillman et al. 2024"
T, n, m = sp.symbols("T n m", integer=True, positive=True)
t = sp.Symbol("t", integer=True)
R, rho, delta, radius, b, eta, strength = sp.symbols(
    "R rho delta r_0 b eta gamma", positive=True
)
tau, start, a, floor, part, share, gamma = sp.symbols(
    "tau e_0 a epsilon_opt part share gamma", nonnegative=True
)
joint = sp.Symbol("p", real=True)
E, Z, Y, Q, f = (sp.IndexedBase(name) for name in ("E", "Z", "Y", "Q", "f"))


def rounds(term, last=T - 1):
    """The sum of `term` over the rounds t = 0, ..., last."""
    return Sum(term, (t, 0, last))


CORRECTED = tau * rounds(R**t) + R**T * start
PRINTED = tau * rounds(R**t, T) + R**T * start
PATH = {T: NATURALS, E: Sequence(T + 1, REALS), Z: Sequence(T, NONNEGATIVE), start: NONNEGATIVE,
        tau: NONNEGATIVE, R: UNIT}
ROUND = (Eq(E[0], start), Each(Eq(E[t + 1], tau + R * E[t] - Z[t]), t, T))
SAMPLE = {n: NATURALS, delta: UNIT, a: NONNEGATIVE, b: sp.Interval(1, sp.oo), floor: NONNEGATIVE}
ERROR = floor + a / sqrt(n) * sqrt(log(b * T / delta))
ENVELOPE = {"rounds": T, "n": n, "delta": delta, "a": a, "b": b, "optimization_error": floor,
            "rate": R, "initial_error": start}

ASSUMPTION = Claim(
    id="SC-A34",
    title="The statistical error of one round, tau_n(delta), is real for every delta exactly when "
    "b >= 1.",
    kind="assumption",
    source=f"{PAPER}, Assumption 4.2 (3), Assumption A.10",
    statement=Statement(
        variables={n: NATURALS, delta: UNIT, a: NONNEGATIVE, b: POSITIVE, floor: NONNEGATIVE},
        goal=Ge(log(b / delta), 0),
    ),
    corrects=("SC-E21",),
    evidence=(
        Witness({n: 100, delta: sp.Rational(1, 20), a: 1, b: 2, floor: 0}),
        NearMiss({n: 100, delta: sp.Rational(9, 10), a: 1, b: sp.Rational(1, 2), floor: 0}),
    ),
    note="The source allows b >= 0, for which the root is not real at delta > b.",
)

REAL_ROOT = Claim(
    id="SC-E21",
    title="With b >= 0 the statistical error a n^(-1/2) sqrt(log(b/delta)) is real for every "
    "delta in (0, 1).",
    kind="remark",
    source=f"{PAPER}, Assumption 4.2 (3)",
    statement=Statement(
        variables={delta: UNIT, b: POSITIVE}, goal=Ge(log(b / delta), 0),
    ),
    evidence=(Refutation({delta: sp.Rational(9, 10), b: sp.Rational(1, 2)}),),
)

UNROLL = Claim(
    id="SCX-T43.step",
    title="T rounds of e' = tau + R e - slack give exactly the T terms R^0, ..., R^(T-1) of tau, "
    "less the slacks weighted alike.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables=PATH, hypotheses=ROUND,
        goal=Eq(E[T], CORRECTED - rounds(R ** (T - 1 - t) * Z[t])),
    ),
    uses=("SCX-T43.geometric",),
    evidence=(Proof((Step(Lemma("SCX-T43.geometric")), Step(Induction(T)))),),
)

PRINTED_SUM = Claim(
    id="SC-T43",
    title="The printed envelope, whose sum has the T + 1 terms R^0, ..., R^T, bounds the error "
    "after T rounds.",
    kind="theorem",
    source=f"{PAPER}, Theorems 4.3 and A.11, equations 5 and 41",
    statement=Statement(
        variables={**PATH, **SAMPLE}, hypotheses=(Eq(tau, ERROR), *ROUND),
        goal=And(Le(E[T], PRINTED), Eq(PRINTED - CORRECTED, tau * R**T)),
    ),
    uses=("SCX-T43.step", "SC-A8", "SC-A34", "SC-UNION", "SCX-T43.slack"),
    binds=(
        Binding("theory.contraction.error_envelope", {**ENVELOPE, "form": "printed"}, PRINTED),
        Binding("theory.contraction.statistical_error",
                {"n": n, "delta": delta / T, "a": a, "b": b, "optimization_error": floor}, ERROR),
    ),
    evidence=(
        Proof((
            Step(Lemma("SCX-T43.step")),
            Step(Lemma("SCX-T43.slack")),
        )),
    ),
    note="R = rho/(1+gamma). On the event of probability at least 1 - delta (SC-UNION with "
    "delta/T) each round obeys E_{t+1} <= tau + R E_t with tau = tau_n(delta/T), provided that "
    "the iterates stay where the assumptions hold (SCX-T43). The printed sum exceeds the right "
    "one by tau R^T.",
    loose="the bound is attained only without slack in any round",
)

SLACK = Claim(
    id="SCX-T43.slack",
    title="The weighted slacks are not negative, and one term more than T adds R^T.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={T: NATURALS, Z: Sequence(T, NONNEGATIVE), R: UNIT},
        goal=And(
            Ge(rounds(R ** (T - 1 - t) * Z[t]), 0),
            Eq(rounds(R**t, T), rounds(R**t) + R**T),
        ),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    loose="slacks are positive in general",
)

CLOSED = Claim(
    id="SCX-T43.sum",
    title="The corrected envelope is tau (1 - R^T)/(1 - R) + R^T e_0.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={T: NATURALS, **SAMPLE, R: UNIT, start: NONNEGATIVE, tau: NONNEGATIVE},
        hypotheses=(Eq(tau, ERROR),),
        goal=Eq(CORRECTED, tau * (1 - R**T) / (1 - R) + R**T * start),
    ),
    corrects=("SC-E3",),
    binds=(Binding("theory.contraction.error_envelope", ENVELOPE, CORRECTED),),
    evidence=(
        Proof((Step(Lemma("SCX-T43.geometric")),)),
    ),
    uses=("SCX-T43.geometric",),
)

GEOMETRIC = Claim(
    id="SCX-T43.geometric",
    title="The geometric sum.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={T: NATURALS, R: UNIT}, goal=Eq(rounds(R**t), (1 - R**T) / (1 - R)),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
)

INDEX = Claim(
    id="SC-E3",
    title="The sum in the envelope has to run to T: with T terms only, the bound is larger.",
    kind="theorem",
    source=f"{PAPER}, Theorem 4.3, equation 5",
    statement=Statement(
        variables=PATH, hypotheses=ROUND,
        goal=Eq(PRINTED, CORRECTED - rounds(R ** (T - 1 - t) * Z[t])),
    ),
    evidence=(
        Refutation({T: 1, R: sp.Rational(1, 2), tau: 1, start: 1, E: [1, sp.Rational(3, 2)],
                    Z: [0]},
                   reading="as what unrolling the recurrence gives"),
    ),
    note="Valid as a bound, but tau R^T larger than the recurrence gives; see SC-T43.",
)

FAILURES = Claim(
    id="SC-UNION",
    title="If round t fails with indicator (or, independently, probability) f_t, then all rounds "
    "succeed on at least 1 - sum f_t.",
    kind="lemma",
    source="standard (Boole; Weierstrass product inequality)",
    statement=Statement(
        variables={T: NATURALS, Q: Sequence(T + 1, REALS), f: Sequence(T, sp.Interval(0, 1))},
        hypotheses=(Eq(Q[0], 1), Each(Eq(Q[t + 1], Q[t] * (1 - f[t])), t, T)),
        goal=And(Ge(Q[T], 1 - rounds(f[t])), Ge(Q[T], 0), Le(Q[T], 1)),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    note="Q_T is the product of the 1 - f_t: the indicator that all rounds succeed. Taking the "
    "mean gives the union bound for dependent events; f_t = delta/T gives 1 - delta.",
)

PRODUCT = Claim(
    id="SC-E4",
    title="Two rounds that each succeed with probability 1 - delta both succeed with probability "
    "at least (1 - delta)^2.",
    kind="theorem",
    source=f"{PAPER}, proof of Theorem A.11, equation 44 at t = 2",
    statement=Statement(
        variables={delta: UNIT, joint: sp.Interval(0, 1)},
        hypotheses=(Ge(joint, 1 - 2 * delta), Le(joint, 1 - delta)),
        goal=Ge(joint, (1 - delta) ** 2),
    ),
    evidence=(Refutation({delta: sp.Rational(1, 4), joint: sp.Rational(1, 2)}),),
    note="Disjoint failures: the rounds share the real data, so they need not be independent. The "
    "theorem survives by SC-UNION.",
)

STAYS = Claim(
    id="SC-E13",
    title="An iterate that starts in the neighbourhood stays there.",
    kind="theorem",
    source=f"{PAPER}, proof of Theorem A.11",
    statement=Statement(
        variables={R: UNIT, tau: NONNEGATIVE, radius: POSITIVE, start: NONNEGATIVE},
        hypotheses=(Le(start, radius),),
        goal=Le(tau + R * start, radius),
    ),
    evidence=(Refutation({R: sp.Rational(1, 2), tau: 2, radius: 2, start: 2}),),
)

INVARIANT = Claim(
    id="SCX-T43",
    title="If tau <= (1 - R) r_0 and the start lies within r_0, then all iterates do, and obey "
    "the envelope R^T e_0 + tau (1 - R^T)/(1 - R).",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={**PATH, Y: Sequence(T, REALS), radius: POSITIVE, part: sp.Interval(0, 1),
                   share: sp.Interval(0, 1)},
        hypotheses=(
            Eq(tau, share * (1 - R) * radius), Eq(start, part * radius), Eq(E[0], start),
            Each(
                Eq(E[t + 1],
                   Piecewise((tau + R * E[t] - Z[t], E[t] <= radius), (Y[t], True))), t, T
            ),
        ),
        goal=And(
            Le(E[T], radius),
            Eq(E[T], R**T * start + tau * (1 - R**T) / (1 - R) - rounds(R ** (T - 1 - t) * Z[t])),
        ),
    ),
    uses=("SC-UNION", "SCX-SHARP"),
    corrects=("SC-E13", "SC-E4"),
    evidence=(
        Proof((
            Step(Smt(), And(Le(tau, (1 - R) * radius), Le(start, radius))),
            Step(Induction(T)),
        )),
    ),
    note="In the norm of H, with any R above the sharp rate (SCX-SHARP), r_0 the radius of the "
    "ball on which G contracts by R, tau = lambda_max(H)^(1/2) tau_n(delta/T): the rounds obey "
    "the recurrence only while inside (outside, Y_t is anything). Simultaneously for all t <= T, "
    "with probability 1 - delta, by SC-UNION.",
)

# -- what the envelope says about correction -----------------------------------------------------
BOUNDS = Claim(
    id="SC-C45",
    title="For every gamma > 0 the right side of the envelope is strictly smaller than for "
    "gamma = 0, at the same tau.",
    kind="corollary",
    source=f"{PAPER}, Corollary 4.5",
    statement=Statement(
        variables={T: NATURALS, R: POSITIVE, strength: POSITIVE, rho: POSITIVE, tau: NONNEGATIVE,
                   start: POSITIVE},
        hypotheses=(Eq(rho, R * (1 + strength)),),
        goal=Lt(tau * rounds(R**t, T) + R**T * start, tau * rounds(rho**t, T) + rho**T * start),
    ),
    uses=("SC-T43",),
    evidence=(
        Proof((
            Step(Smt(), Lt(R, rho)),
            Step(Induction(T), And(
                Lt(R**T, rho**T), Le(rounds(R**t, T), rounds(rho**t, T)),
            )),
        )),
    ),
    note="A comparison of bounds only; a, b, epsilon_opt are taken to be the same for both "
    "strengths.",
    loose="two different bounds",
)

TRANSIENT = Claim(
    id="SCX-C45-PARTS",
    title="Correction shortens the transient by exactly (1 + gamma)^(-T), but the floor only by "
    "the constant (1 - rho)/(1 - rho/(1+gamma)), which is at least 1 - rho.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={rho: UNIT, gamma: NONNEGATIVE, R: POSITIVE},
        hypotheses=(Eq(R, rho / (1 + gamma)),),
        goal=And(
            Eq(R / rho, 1 / (1 + gamma)),
            Eq((1 / (1 - R)) / (1 / (1 - rho)), (1 - rho) * (1 + gamma) / (1 + gamma - rho)),
            Eq((1 / (1 - R)) / (1 / (1 - rho)) - (1 - rho), (1 - rho) * rho / (1 + gamma - rho)),
        ),
    ),
    evidence=(Proof((Step(Smt(), Lt(R, 1)),)),),
)

START = 1 - eta
MEAN = (START + gamma) / (1 + gamma)
FOURTH = 3 * (START**2 + gamma) / (1 + gamma)
ONE_STEP = (1 - MEAN) ** 2 + (FOURTH - MEAN**2) / m
WORSE = Claim(
    id="SC-E15",
    title="Any amount of correction results in better weights: the squared error after a round is "
    "smaller than without correction.",
    kind="corollary",
    source=f"{PAPER}, Corollary 4.5",
    statement=Statement(
        variables={eta: UNIT, gamma: NONNEGATIVE, m: NATURALS},
        hypotheses=(sp.Gt(gamma, 0),),
        goal=Le(ONE_STEP, ONE_STEP.subs(gamma, 0)),
    ),
    evidence=(
        Refutation(
            {eta: sp.Rational(1, 10), gamma: sp.Rational(1, 10), m: 10},
            reading="as a statement on errors, not on bounds: the variance of N(0, v), truth 1, "
            "started at 1 - eta, refitted to m corrected points",
        ),
    ),
)

COUNTEREXAMPLE = Claim(
    id="SCX-C45-CEX",
    title="A little correction raises the one-round squared error of a fitted variance exactly "
    "for starts 1 - eta with eta < 4/(2m + 1), however close to the truth.",
    kind="example",
    source="new",
    statement=Statement(
        variables={eta: UNIT, m: NATURALS, gamma: NONNEGATIVE},
        goal=Eq(
            ONE_STEP - ONE_STEP.subs(gamma, 0),
            gamma * eta * (4 - (2 * m + 1) * eta + gamma * (4 - (m + 2) * eta))
            / (m * (1 + gamma) ** 2),
        ),
    ),
    corrects=("SC-E15",),
    binds=(
        Binding("theory.contraction.one_step_variance_mse",
                {"initial": START, "correction": gamma, "m": m}, ONE_STEP),
    ),
    evidence=(Proof(),),
    note="The estimate is the mean of x^2 over m points of the corrected law; its variance is "
    "(E x^4 - (E x^2)^2)/m with E x^4 = 3 (v^2 + gamma)/(1 + gamma).",
)

CLAIMS = (
    ASSUMPTION, REAL_ROOT, UNROLL, SLACK, PRINTED_SUM, GEOMETRIC, INDEX, CLOSED, FAILURES, PRODUCT,
    STAYS, INVARIANT, BOUNDS, TRANSIENT, WORSE, COUNTEREXAMPLE,
)
