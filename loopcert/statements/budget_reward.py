"""Claims on the expected reward of the Gaussian selection loop and on the hypothesis of Yang et
al. 2025, Theorem 3.1: ids SW-05, SW-06, SW-08, E-01."""

import sympy as sp
from sympy import And, Derivative, Eq, Ge, Gt, Implies, Le, Lt, Ne, log

from loopcert.claim import Binding, Claim, Proof, Refutation
from loopcert.prove.formal import NATURALS, NONNEGATIVE, POSITIVE, REALS, Each, Sequence, Statement
from loopcert.prove.proof import Identity, Induction, Lemma, Smt, Step
from loopcert.statements._budget_terms import (
    DEFINES_RHO,
    LEAST,
    SCHEDULE,
    SETTING,
    C,
    T,
    d,
    i,
    kappa,
    log_density,
    n,
    over_coordinates,
    rho,
    sigma,
    t,
    total,
    variance,
)

__all__ = ["CLAIMS"]

S, S2, v, D, a, b = sp.symbols("S S_2 v D a b", positive=True)
M, R, r = sp.symbols("M R r", nonnegative=True)
theta0, u = sp.symbols("theta_0 u", real=True)
theta, mean = sp.IndexedBase("theta"), sp.IndexedBase("m")

S0 = kappa**2 + sigma**2
LATER = sp.Range(2, sp.oo)  # horizons with a choice


def log_reward(total_variance, bias2, dim):
    """The logarithm of the expected reward, up to the constant (dim/2) log(kappa^2)."""
    return -dim * log(total_variance) / 2 - bias2 / (2 * total_variance)


_M2 = over_coordinates(mean[i] ** 2)
_J = d * log(kappa**2 / (S0 + v)) / 2 - _M2 / (2 * (S0 + v))
_FROM_START = over_coordinates((theta[i] - mean[i]) ** 2)
_TILTED = over_coordinates((theta[i] - mean[i] * S0 / (S0 + v)) ** 2)

REWARD = Claim(
    id="SW-05",
    title="If theta is N(m, v I), the expected reward is (kappa^2/S)^(d/2) exp(-|m|^2/2S) with S "
    "= kappa^2 + sigma^2 + v.",
    kind="lemma",
    source="Yang et al. 2025, section E.1",
    statement=Statement(
        variables={
            d: NATURALS, theta: Sequence(d, REALS), mean: Sequence(d, REALS),
            sigma: POSITIVE, kappa: POSITIVE, v: POSITIVE,
        },
        goal=And(
            Eq(
                d * log(kappa**2 / S0) / 2 - over_coordinates(theta[i] ** 2) / (2 * S0)
                + log_density(_FROM_START, v, d),
                _J + log_density(_TILTED, v * S0 / (S0 + v), d),
            ),
            Eq(
                _J - d * log(kappa**2 / S0) / 2,
                -d * log((S0 + v) / S0) / 2 - _M2 / (2 * (S0 + v)),
            ),
        ),
    ),
    uses=("SW-02",),
    binds=(
        Binding(
            "theory.budget.expected_reward",
            {"mean": mean, "variance": v, "sigma": sigma, "kappa": kappa}, sp.exp(_J),
        ),
        Binding(
            "theory.budget.relative_gap",
            {"mean": mean, "variance": v, "sigma": sigma, "kappa": kappa},
            1 - sp.exp(_J - d * log(kappa**2 / S0) / 2),
        ),
        Binding(
            "theory.budget.optimal_reward", {"sigma": sigma, "kappa": kappa, "dim": d},
            sp.exp(d * log(kappa**2 / S0) / 2),
        ),
    ),
    evidence=(
        Proof((
            Step(
                Induction(d),
                Eq(
                    over_coordinates(theta[i] ** 2) / S0 + _FROM_START / v,
                    _M2 / (S0 + v) + _TILTED * (S0 + v) / (v * S0),
                ),
                "completing the square, coordinate by coordinate",
            ),
            Step(
                Identity(),
                And(
                    Eq(
                        d * log(kappa**2 / S0) / 2 - d * log(2 * sp.pi * v) / 2,
                        d * log(kappa**2 / (S0 + v)) / 2
                        - d * log(2 * sp.pi * v * S0 / (S0 + v)) / 2,
                    ),
                    Eq(
                        d * log(kappa**2 / (S0 + v)) / 2 - d * log(kappa**2 / S0) / 2,
                        -d * log((S0 + v) / S0) / 2,
                    ),
                ),
                "the normalising constants",
            ),
        )),
    ),
    note="In logarithms: acceptance (SW-02) times the density of theta is the constant J times a "
    "normal density of theta, which integrates to one. The second part is the gap to the optimum "
    "J* = (kappa^2/(kappa^2 + sigma^2))^(d/2).",
)

# -- monotonicity --------------------------------------------------------------------------------
SLOPE = Claim(
    id="SW-06",
    title="The slope of the log reward in the total variance S is (|m|^2 - d S)/2S^2: reward "
    "falls with variance where |m|^2 < d S and rises where |m|^2 > d S.",
    kind="lemma",
    source="new; the monotonicity that the proof of Yang et al. 2025, Theorem 3.1 uses",
    statement=Statement(
        variables={S: POSITIVE, M: NONNEGATIVE, D: POSITIVE},
        goal=Eq(Derivative(log_reward(S, M, D), S), (M - D * S) / (2 * S**2)),
    ),
    evidence=(Proof((Step(Identity()),)),),
)

_AT, _BEYOND = log_reward(S, M, D), log_reward(S2, M, D)

MONOTONE = Claim(
    id="SW-06-MONOTONE",
    title="Reward strictly falls in the variance on [S, oo) if |m|^2 <= d S, strictly rises up "
    "to |m|^2/d otherwise.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={S: POSITIVE, S2: POSITIVE, M: NONNEGATIVE, D: POSITIVE},
        goal=And(
            Implies(And(Lt(S, S2), Le(M, D * S)), Gt(_AT, _BEYOND)),
            Implies(And(Lt(S, S2), Ge(M, D * S2)), Lt(_AT, _BEYOND)),
            Implies(And(Le(S, S2), Le(M, D * S)), Ge(_AT, _BEYOND)),
        ),
    ),
    uses=("L-LOG", "SW-06"),
    evidence=(
        Proof((
            Step(
                Identity(), And(
                    Eq(log(S2 / S), log(S2) - log(S)), Eq(log(S / S2), log(S) - log(S2)),
                ),
            ),
            Step(Lemma("L-LOG", {S: S2 / S})),
            Step(Lemma("L-LOG", {S: S / S2})),
            Step(
                Smt(),
                Implies(Lt(S, S2), And(
                    Lt(log(S2) - log(S), (S2 - S) / S), Gt(log(S2) - log(S), (S2 - S) / S2),
                )),
            ),
            Step(Smt(), Implies(And(Lt(S, S2), Le(M, D * S)), Gt(_AT, _BEYOND))),
            Step(Smt(), Implies(And(Lt(S, S2), Ge(M, D * S2)), Lt(_AT, _BEYOND))),
        )),
    ),
    loose="the thresholds are exact (SW-06), but random points do not come close to them",
    note="S = kappa^2 + sigma^2 + v; log reward up to (d/2) log(kappa^2).",
)

_PEAK = -D * log(a / D) / 2 - D / 2

PEAK = Claim(
    id="SW-06-PEAK",
    title="For a terminal mean m the largest reward over all variances is (kappa^2 "
    "d/|m|^2)^(d/2) e^(-d/2), at S = |m|^2/d only.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={S: POSITIVE, a: POSITIVE, D: POSITIVE},
        goal=And(
            Le(log_reward(S, a, D), _PEAK),
            Implies(Ne(S, a / D), Lt(log_reward(S, a, D), _PEAK)),
            Eq(log_reward(a / D, a, D), _PEAK),
        ),
    ),
    uses=("L-LOG",),
    binds=(
        Binding(
            "theory.budget.best_variance", {"mean": S, "sigma": 1.0, "kappa": 1.0},
            sp.Max(0, S**2 - 2), rtol=1e-6,
        ),
    ),
    evidence=(
        Proof((
            Step(
                Identity(),
                Eq(log(a / (D * S)), log(a / D) - log(S)),
            ),
            Step(Lemma("L-LOG", {S: a / (D * S)})),
        )),
    ),
    loose="the bound is attained at one S only, which random points miss",
    note="a = |m|^2 > 0. It is attained by v = |m|^2/d - kappa^2 - sigma^2, where positive.",
)

# -- the hypothesis of Theorem 3.1 ---------------------------------------------------------------
_BIAS2 = rho ** (2 * T) * over_coordinates(theta[i] ** 2)
_LEAST_TOTAL = S0 + LEAST

# S* and S are the total variances at the optimum and at the schedule n, M = |E theta_T|^2.
_SETUP = (
    DEFINES_RHO, Eq(C, total(n[t])), Eq(S, _LEAST_TOTAL), Eq(S2, S0 + variance()),
)
_RUN = {**SETTING, C: POSITIVE, S: POSITIVE, S2: POSITIVE, M: NONNEGATIVE, d: NATURALS}

SUFFICIENT = Claim(
    id="SW-08",
    title="If rho^(2T)|theta_0|^2 <= d(kappa^2 + sigma^2 + v*_T(C)), no schedule of total C "
    "earns more expected reward than the one of least variance.",
    kind="theorem",
    source="Yang et al. 2025, Theorem 3.1 and E.1, with the exact hypothesis",
    statement=Statement(
        variables={**SCHEDULE, **_RUN, theta: Sequence(d, REALS)},
        hypotheses=(*_SETUP, Eq(M, _BIAS2)),
        goal=Implies(Le(M, d * S), Ge(log_reward(S, M, d), log_reward(S2, M, d))),
    ),
    uses=("SW-05", "SW-06-MONOTONE", "SW-07"),
    corrects=("E-01",),
    binds=(
        Binding(
            "theory.budget.best_expected_reward",
            {"total": C, "rounds": T, "theta0": theta, "sigma": sigma, "kappa": kappa},
            sp.exp(
                d * log(kappa**2) / 2
                + log_reward(
                    sp.Piecewise((sp.Max(S, M / d), Ge(T, 2)), (S, sp.true)), M, d,
                )
            ),
        ),
    ),
    evidence=(
        Proof((
            Step(Lemma("SW-07")),
            Step(Smt(), Ge(S2, S)),
            Step(Lemma("SW-06-MONOTONE", {D: d})),
        )),
    ),
    loose="equality only at the optimal schedule; that the hypothesis is exact is SW-08-CONVERSE",
    note="S is kappa^2 + sigma^2 + v*_T(C), S_2 the same with the variance of the schedule n, M "
    "the squared length of E theta_T; log rewards up to (d/2) log(kappa^2). Any bound on theta_0 "
    "alone is sufficient at best (SW-08-LADDER).",
)

CONVERSE = Claim(
    id="SW-08-CONVERSE",
    title="If rho^(2T)|theta_0|^2 > d(kappa^2 + sigma^2 + v*_T(C)) and T >= 2, the schedule of "
    "least variance is not the best: the reward is largest at v_T = |m|^2/d - kappa^2 - sigma^2.",
    kind="theorem",
    source="new; completes Yang et al. 2025, Theorem 3.1 and E.1",
    statement=Statement(
        variables={T: LATER, n: Sequence(T, POSITIVE), **_RUN, v: POSITIVE},
        hypotheses=(*_SETUP, Eq(M, d * (S + v))),
        goal=And(
            Gt(log_reward(M / d, M, d), log_reward(S, M, d)),
            Implies(
                Ne(S2, M / d), Gt(log_reward(M / d, M, d), log_reward(S2, M, d)),
            ),
        ),
    ),
    uses=("SW-05", "SW-06-PEAK", "SW-07", "SW-08-REACH"),
    corrects=("E-01",),
    evidence=(
        Proof((
            Step(Smt(), Gt(M, 0)),
            Step(Lemma("SW-06-PEAK", {a: M, D: d})),
            Step(Lemma("SW-06-PEAK", {S: S2, a: M, D: d})),
        )),
    ),
    loose="inequalities of rewards, attained at the threshold only",
    note="v > 0 is the amount by which |m|^2/d exceeds the threshold. That the variance |m|^2/d "
    "- kappa^2 - sigma^2 = v*_T(C) + v is reached by a schedule of total C is SW-08-REACH. The "
    "best schedules spread the generator on purpose.",
)

_E = sp.Symbol("E", positive=True)
_ROOT = sp.sqrt((_E + a**2 - b**2) ** 2 - 4 * _E * a**2)
_SHARE = (_E + a**2 - b**2 - _ROOT) / (2 * _E)

REACH = Claim(
    id="SW-08-REACH",
    title="With two rounds or more, every variance from v*_T(C) on is the variance of some "
    "schedule of total C.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={a: POSITIVE, b: POSITIVE, _E: POSITIVE},
        hypotheses=(Ge(_E, (a + b) ** 2),),
        where={u: _SHARE},
        goal=And(Gt(u, 0), Lt(u, 1), Eq(a**2 / u + b**2 / (1 - u), _E)),
    ),
    evidence=(
        Proof((
            Step(Smt(), Ge((_E + a**2 - b**2) ** 2 - 4 * _E * a**2, 0)),
            Step(Smt(), Gt(_E + a**2 - b**2, 2 * a**2)),
        )),
    ),
    loose="strict bounds on a share",
    note="The first two rounds, of weights a and b, share what n* gives to both in the ratio u : "
    "1 - u, the other rounds keep n*_t: their part of the variance stays, and that of the two is "
    "E times a constant, where E = (a + b)^2 at n* and E may be any larger number.",
)

_H1 = Le(over_coordinates(theta[i] ** 2), d * S0)

LADDER = Claim(
    id="SW-08-LADDER",
    title="|theta_0|^2 <= d(kappa^2 + sigma^2) is sufficient for the exact hypothesis at every "
    "horizon and total, and so is the same bound on rho^T theta_0.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={**SCHEDULE, **_RUN, theta: Sequence(d, REALS)},
        hypotheses=(*_SETUP, Eq(M, _BIAS2)),
        goal=And(Implies(_H1, Le(M, d * S0)), Implies(Le(M, d * S0), Le(M, d * S))),
    ),
    evidence=(
        Proof((
            Step(Smt(alone=True), And(Le(rho**T, 1), Ge(LEAST, 0))),
            Step(Smt(), Ge(S, S0)),
            Step(Lemma("L-SQUARES-SIGN")),
            Step(Smt(), Le(M, over_coordinates(theta[i] ** 2))),
        )),
    ),
    uses=("L-SQUARES-SIGN",),
    loose="sufficient conditions, weaker and weaker",
)

SQUARES_SIGN = Claim(
    id="L-SQUARES-SIGN",
    title="A sum of squares is not negative.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={d: NATURALS, theta: Sequence(d, REALS)},
        goal=Ge(over_coordinates(theta[i] ** 2), 0),
    ),
    evidence=(Proof((Step(Induction(d)),)),),
    loose="zero only at the origin",
)

COORDINATES = Claim(
    id="SW-08-COORDINATES",
    title="A bound theta_i^2 <= kappa^2 + sigma^2 on each coordinate gives |theta_0|^2 <= "
    "d(kappa^2 + sigma^2).",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={d: NATURALS, theta: Sequence(d, REALS), sigma: POSITIVE, kappa: POSITIVE},
        hypotheses=(Each(Le(theta[i] ** 2, S0), i, d),),
        goal=_H1,
    ),
    evidence=(Proof((Step(Induction(d)),)),),
    loose="a sufficient condition",
)

_BIAS2_1D = rho ** (2 * T) * theta0**2

PRINTED = Claim(
    id="E-01",
    title="The schedule of least variance maximises the expected reward, whatever the start.",
    kind="theorem",
    source="Yang et al. 2025, Theorem 3.1 and E.1",
    statement=Statement(
        variables={**SCHEDULE, **SETTING, C: POSITIVE, theta0: REALS},
        hypotheses=(DEFINES_RHO, Eq(C, total(n[t]))),
        goal=Ge(
            log_reward(_LEAST_TOTAL, _BIAS2_1D, 1), log_reward(S0 + variance(), _BIAS2_1D, 1),
        ),
    ),
    evidence=(
        Refutation(
            {T: 2, n: [19, 1], sigma: 1, kappa: 1, rho: "1/2", C: 20, theta0: 10},
            reading="no hypothesis on the start",
        ),
    ),
    note="The formula of the printed hypothesis is lost. Without any the theorem fails: in one "
    "dimension, from theta_0 = 10 with 20 samples in two rounds, 19 and then 1 earn 0.1815, the "
    "optimal exponential schedule 0.1526.",
)


def _not_necessary(identifier, condition, title):
    return Claim(
        id=identifier,
        title=title,
        kind="theorem",
        source="Yang et al. 2025, Theorem 3.1 and E.1",
        statement=Statement(
            variables={T: NATURALS, **SETTING, C: POSITIVE, theta0: REALS},
            hypotheses=(DEFINES_RHO, Le(_BIAS2_1D, _LEAST_TOTAL)),
            goal=condition,
        ),
        evidence=(
            Refutation(
                {T: 2, sigma: 1, kappa: 1, rho: "1/2", C: "1/2", theta0: 6},
                reading="a bound that does not mention the total C, taken as necessary",
            ),
        ),
        note="Sufficient (SW-08-LADDER), not necessary.",
    )


BOUND_ON_START = _not_necessary(
    "E-01-START", Le(theta0**2, S0),
    "Where the schedule of least variance is the best, theta_0^2 <= kappa^2 + sigma^2.",
)
BOUND_ON_END = _not_necessary(
    "E-01-END", Le(_BIAS2_1D, S0),
    "Where the schedule of least variance is the best, rho^(2T) theta_0^2 <= kappa^2 + sigma^2.",
)

CLAIMS = (
    REWARD, SLOPE, MONOTONE, PEAK, SUFFICIENT, CONVERSE, REACH, SQUARES_SIGN, LADDER, COORDINATES,
    PRINTED, BOUND_ON_START, BOUND_ON_END,
)
