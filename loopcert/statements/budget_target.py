"""Claims on what a target for the relative reward gap costs: SW-12, SW-15, SW-38, SW-39."""

import sympy as sp
from sympy import And, Derivative, Eq, Ge, Gt, Implies, Le, Lt, exp, log

from loopcert.claim import Binding, Claim, Proof
from loopcert.prove.formal import NATURALS, NONNEGATIVE, POSITIVE, UNIT, Statement
from loopcert.prove.proof import ByDerivative, Identity, Lemma, Smt, Step
from loopcert.statements._budget_terms import (
    CONSTANT,
    DEFINES_RHO,
    LEAST,
    NOISE,
    SETTING,
    C,
    T,
    j,
    kappa,
    n,
    p,
    rho,
    sigma,
    t,
    total,
)

__all__ = ["CLAIMS"]

S0 = kappa**2 + sigma**2
w, l, y, D, b, S, z, m, K, eps, c = sp.symbols("w l y d b S z m K epsilon c", positive=True)

# -- the largest variance that meets a target ----------------------------------------------------
# The loss -2/d log(J/J*) of the law N(m_T, v I) in units of s0: y = 1 + v/s0, b = |m_T|^2/s0.
_ALLOWED = exp(l - w)


def loss(spread):
    """The loss -(2/d) log(J/J*) at the total variance `spread`, SW-05."""
    return log(spread) + b / (D * spread)


INVERSE = Claim(
    id="SW-15",
    title="The largest variance that keeps the relative gap at delta is v/s_0 = exp(Lambda + "
    "W_0(-(b_T/d) e^-Lambda)) - 1, Lambda = -(2/d) log(1 - delta).",
    kind="theorem",
    source="new; behind Yang et al. 2025, section 4.1",
    statement=Statement(
        variables={
            l: POSITIVE, w: sp.Interval.Lopen(0, 1), D: POSITIVE, b: POSITIVE, z: POSITIVE,
        },
        hypotheses=(Eq(b, D * w * _ALLOWED),),
        goal=And(
            Eq(loss(_ALLOWED), l),
            Implies(Gt(z, 1), Gt(loss(z * _ALLOWED), l)),
            Implies(And(Lt(z, 1), Ge(z * _ALLOWED, b / D)), Lt(loss(z * _ALLOWED), l)),
        ),
    ),
    uses=("SW-05", "L-LOG"),
    evidence=(
        Proof((
            Step(Identity(), Eq(log(z * _ALLOWED), log(z) + l - w)),
            Step(Identity(), Eq(log(_ALLOWED), l - w)),
            Step(Identity(), Eq(log(1 / z), -log(z))),
            Step(Lemma("L-LOG", {S: z})),
            Step(Lemma("L-LOG", {S: 1 / z})),
            Step(Smt(), Implies(Gt(z, 1), Gt(log(z) * z, z - 1))),
            Step(Smt(), Eq(loss(z * _ALLOWED), l + log(z) - w + w / z)),
        )),
    ),
    note="-w is W_0(-(b_T/d) e^-Lambda), in [-1, 0): -w e^-w = -(b_T/d) e^-Lambda is the first "
    "hypothesis. b_T = rho^(2T)|theta_0|^2/s_0, y = z exp(l - w) any other total variance over "
    "s_0. On the branch y >= b_T/d, where less variance is better (SW-06), the target is met "
    "exactly up to this variance; beyond it never, nor by any variance where this one is "
    "negative. Where (b_T/d) e^-Lambda > 1/e no variance "
    "meets it (SW-15-NEVER).",
    loose="the second and third part are strict",
)

NEVER = Claim(
    id="SW-15-NEVER",
    title="If (b_T/d) e^-Lambda > 1/e no variance brings the gap to the target.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={l: POSITIVE, D: POSITIVE, b: POSITIVE, y: POSITIVE},
        goal=And(
            Ge(loss(y), 1 + log(b / D)),
            Eq(loss(b / D), 1 + log(b / D)),
            Implies(Gt(log(b / D) - l, -1), Gt(loss(y), l)),
        ),
    ),
    uses=("L-LOG",),
    evidence=(
        Proof((
            Step(Identity(), Eq(log(b / (D * y)), log(b / D) - log(y))),
            Step(Lemma("L-LOG", {S: b / (D * y)})),
        )),
    ),
    loose="a minimum, attained at y = b/d",
)

# -- the cost of the three policies, in the plane ------------------------------------------------
_SPREAD = _ALLOWED - 1
_LINEAR_SUM = total(rho ** (2 * (T - 1 - t)) / (t + 1))
_COST = {
    "optimal": rho / (1 - rho) * (1 - rho**T) ** 2 / _SPREAD,
    "constant": T * (rho / (1 + rho)) * (1 - rho ** (2 * T)) / _SPREAD,
    "linear": rho * (1 - rho) * T * (T + 1) / 2 * _LINEAR_SUM / _SPREAD,
}
_MILD = {l: 2 * l / (1 + l)}  # keeps the gap away from one, where doubles lose it
_START = sp.sqrt(w * _ALLOWED * S0) / rho**T
_REACH = {
    "gap": (1 - exp(-l)).xreplace(_MILD), "rounds": T, "sigma": sigma, "kappa": kappa,
    "theta0": [_START.xreplace(_MILD), _START.xreplace(_MILD)],
}

_PARTS = tuple(
    Eq(left, S0 * _SPREAD)
    for left in (
        LEAST.xreplace({C: _COST["optimal"]}),
        NOISE / (_COST["constant"] / T) * total(rho ** (2 * (T - 1 - t))),
        NOISE / (2 * _COST["linear"] / (T * (T + 1))) * _LINEAR_SUM,
    )
)

COST = Claim(
    id="SW-15-COST",
    title="At horizon T the optimal, the constant and the linear schedule reach the target with "
    "(rho/(1-rho))(1-rho^T)^2/u, T (rho/(1+rho))(1-rho^(2T))/u and rho(1-rho) T(T+1) S_T/(2u) "
    "samples, where u = v/s_0 is the allowed variance.",
    kind="theorem",
    source="new; behind Yang et al. 2025, section 4.1",
    statement=Statement(
        variables={T: NATURALS, **SETTING, l: POSITIVE, w: UNIT},
        hypotheses=(DEFINES_RHO, Lt(w, l)),
        goal=And(*_PARTS),
    ),
    uses=("SW-15", "SW-07", "L-GEOMETRIC", "L-SIGNS", "L-EXP"),
    binds=(
        Binding(
            "theory.budget.allowed_variance", _REACH, (S0 * _SPREAD).xreplace(_MILD), rtol=1e-6,
        ),
        *(
            Binding(
                "theory.budget.samples_to_reach", {**_REACH, "policy": policy},
                cost.xreplace(_MILD), rtol=1e-6,
            )
            for policy, cost in _COST.items()
        ),
    ),
    evidence=(
        Proof((
            Step(Lemma("L-EXP", {sp.Symbol("x", real=True): l - w})),
            Step(Smt(), Gt(_ALLOWED, 1)),
            Step(Smt(alone=True), Eq(CONSTANT * (1 - rho) / rho, S0)),
            Step(Smt(alone=True), Eq(NOISE, S0 * rho * (1 - rho))),
            Step(Smt(), _PARTS[0]),
            Step(Lemma("L-GEOMETRIC", {rho: rho**2})),
            Step(Smt(), _PARTS[1]),
            Step(
                Lemma(
                    "L-SIGNS",
                    {
                        p: sp.Lambda(j, rho ** (2 * (T - 1 - j)) / (j + 1)),
                        n: sp.Lambda(j, j + 1),
                    },
                )
            ),
        )),
    ),
    note="u = exp(l - w) - 1, positive since w < l.",
)

# -- constant batches that are tuned to the target -----------------------------------------------
# m = V_0/eps, x = K^(2T): T = log x/(2 log K) rounds of n = c(1-x)/((1-K^2) eps (1 - m x)) each.
a, x = sp.symbols("a x", positive=True)


def samples(at):
    """The samples T n, up to the factor c/(2 eps (1 - K^2) log(1/K))."""
    return -log(at) * (1 - at) / (1 - m * at)


def balance(at):
    """The slope of `samples`, up to a positive factor."""
    return -log(at) * at * (m - 1) - (1 - at) * (1 - m * at)


_BELOW = a / m  # any x that meets the target with finite batches
_ABOVE = (a + (1 - a) * z) / m  # any later one
_MORE = sp.Interval.open(1, sp.oo)

CONSTANT_SLOPE = Claim(
    id="SW-15-CONSTANT",
    title="The samples that constant batches need have one minimum over the horizon, where (1 - "
    "w)(1 - m w) = -log(w) w (m - 1), w = K^(2T), m = V_0/eps.",
    kind="theorem",
    source="new; behind Yang et al. 2025, section 4.1",
    statement=Statement(
        variables={a: UNIT, z: UNIT, m: _MORE},
        goal=And(
            Eq(Derivative(samples(_BELOW), a), balance(_BELOW) / (a * (1 - a) ** 2)),
            Gt(balance(_ABOVE), balance(_BELOW)),
        ),
    ),
    uses=("UL-STOP-CURVE",),
    evidence=(
        Proof((
            Step(
                Identity(),
                Eq(Derivative(samples(_BELOW), a), balance(_BELOW) / (a * (1 - a) ** 2)),
            ),
            Step(ByDerivative(z, 0), Gt(balance(_ABOVE), balance(_BELOW))),
        )),
    ),
    loose="the second part is strict",
    note="w = a/m with 0 < a < 1. The balance increases, from -1 towards (m-1) log(m)/m > 0: the "
    "slope changes sign once, from minus to plus.",
)

_ROOT = (1 - x - log(x) * x) / (x * (1 - x - log(x)))

TUNED = Claim(
    id="SW-15-TUNED",
    title="The best constant batches for a given ratio V_0/eps.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={
            K: UNIT, c: POSITIVE, eps: POSITIVE, z: UNIT, x: UNIT, m: POSITIVE,
        },
        hypotheses=(Eq(x, K ** (2 + 2 * z)), Eq(m, _ROOT)),
        goal=And(Eq(balance(x), 0), Gt(m, 1), Lt(m * x, 1)),
    ),
    uses=("SW-15-CONSTANT",),
    binds=(
        Binding(
            "theory.one_law.constant_batches",
            {"contraction": K, "noise": c, "initial": m * eps, "target": eps},
            log(x) / (2 * log(K)), "rounds", rtol=1e-6,
        ),
        Binding(
            "theory.one_law.constant_batches",
            {"contraction": K, "noise": c, "initial": m * eps, "target": eps},
            samples(x) * c / (-2 * eps * (1 - K**2) * log(K)), "total", rtol=1e-6,
        ),
    ),
    evidence=(Proof(),),
    loose="the signs are strict",
    note="Given by w = x, from which the ratio m follows. Without the factor 1 - w the balance is "
    "1 - m w = -log(w) m w, Lambert's equation.",
)

# -- cost of a small gap -------------------------------------------------------------------------
u = sp.Symbol("u", positive=True)

b0 = sp.Symbol("b", nonnegative=True)

# Gap of the law N(m_T, v I) with b = |m_T|^2/s0 and u = v/s0, as one minus a number.
_KEPT = exp(-D * log(1 + u) / 2 - b0 / (2 * (1 + u)))

GAP_BOUNDS = Claim(
    id="SW-38-GAP",
    title="The relative gap lies between (d u/2)/(1 + u + d u/2) and (b + d u)/2.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={u: POSITIVE, b0: NONNEGATIVE, D: POSITIVE},
        goal=And(Le(1 - _KEPT, (b0 + D * u) / 2), Ge(1 - _KEPT, D * u / 2 / (1 + u + D * u / 2))),
    ),
    uses=("SW-05", "L-LOG"),
    evidence=(
        Proof((
            Step(Identity(), Eq(log(1 / (1 + u)), -log(1 + u))),
            Step(Lemma("L-LOG", {S: 1 + u})),
            Step(Lemma("L-LOG", {S: 1 / (1 + u)})),
            Step(Smt(alone=True), Le(b0 / (1 + u), b0)),
        )),
    ),
    loose="both become sharp as the gap vanishes",
)

CLAIMS = (INVERSE, NEVER, COST, CONSTANT_SLOPE, TUNED, GAP_BOUNDS)
