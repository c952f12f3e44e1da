"""Claims on the rates of growing schedules, and what a small gap costs: SW-12, SW-38, SW-39."""

import sympy as sp
from sympy import And, Eq, Ge, Gt, Le, Lt, Ne

from loopcert.claim import Binding, Claim, Proof
from loopcert.prove.formal import NATURALS, NONNEGATIVE, POSITIVE, UNIT, Each, Sequence, Statement
from loopcert.prove.proof import ByDerivative, Identity, Induction, Lemma, Smt, Step
from loopcert.statements._budget_terms import (
    DEFINES_RHO,
    LEAST,
    NOISE,
    SCHEDULE,
    SETTING,
    C,
    T,
    d,
    kappa,
    n,
    rho,
    sigma,
    t,
    total,
    variance,
)

__all__ = ["CLAIMS"]

S0 = kappa**2 + sigma**2
k, q, w, x, s, D, M = sp.symbols("k q w x s D M", positive=True)
a, n0, b, eps, r = sp.symbols("a n_0 b epsilon r", positive=True)
y = sp.Symbol("y", nonnegative=True)
S, u, f = (sp.IndexedBase(name) for name in ("S", "u", "f"))

# -- polynomial growth ---------------------------------------------------------------------------
POLYNOMIAL = Claim(
    id="SW-12",
    title="Polynomial batches n_t = n_0 (1+t)^a leave the variance (rho sigma^2/n_0) S_T, with "
    "S_{t+1} = rho^2 S_t + (1+t)^-a.",
    kind="proposition",
    source="new; the polynomial policy of Yang et al. 2025, section 3.3",
    statement=Statement(
        variables={
            **SCHEDULE, **SETTING, k: POSITIVE, a: POSITIVE, S: Sequence(T + 1, NONNEGATIVE),
        },
        hypotheses=(
            DEFINES_RHO,
            Each(Eq(n[t], k * (t + 1) ** a), t, T),
            Eq(S[0], 0),
            Each(Eq(S[t + 1], rho**2 * S[t] + (t + 1) ** (-a)), t, T),
        ),
        goal=Eq(variance(), NOISE / k * S[T]),
    ),
    uses=("SW-04",),
    binds=(
        Binding(
            "theory.budget.polynomial_schedule",
            {"total": k, "rounds": T, "power": 3 * a / (1 + a)},
            k / total((t + 1) ** (3 * a / (1 + a))), 0,
        ),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    note="It falls like T^-a: SW-12-SLOW with the ratios of SW-12-RATIO.",
)

_GROWN = 1 + (r - 1) * f[t]

SLOW = Claim(
    id="SW-12-SLOW",
    title="While the batches grow by factors between 1 and r, the noise of a sample over the "
    "variance settles between 1 - rho^2 and 1/r - rho^2: v_T n_T tends to rho sigma^2/(1 - rho^2) "
    "as r tends to 1.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={
            T: NATURALS, rho: UNIT, w: POSITIVE, r: sp.Interval(1, sp.oo),
            f: Sequence(T, sp.Interval(0, 1)), n: Sequence(T + 1, POSITIVE), k: POSITIVE,
            u: Sequence(T + 1, NONNEGATIVE), y: NONNEGATIVE,
        },
        hypotheses=(
            Eq(n[0], k), Each(Eq(n[t + 1], _GROWN * n[t]), t, T), Eq(u[0], y),
            Each(Eq(u[t + 1], rho**2 * u[t] + w / n[t]), t, T), Ne(rho**2 * r, 1),
        ),
        where={q: rho**2},
        goal=And(
            Ge(u[T] * n[T], q**T * y * k + w * (1 - q**T) / (1 - q)),
            Le(
                u[T] * n[T],
                (q * r) ** T * y * k + w * r * (1 - (q * r) ** T) / (1 - q * r),
            ),
        ),
    ),
    uses=("SW-04",),
    evidence=(Proof((Step(Induction(T)),)),),
    loose="attained by factors that are all 1, and all r",
    note="w = rho sigma^2, u_0 = y the variance when the growth has slowed down to r. At rho^2 r "
    "= 1 the last quotient is T.",
)

RATIO = Claim(
    id="SW-12-RATIO",
    title="From round s on, polynomial batches grow by factors between 1 and (1 + 1/s)^a.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={s: POSITIVE, y: NONNEGATIVE, a: POSITIVE},
        goal=And(
            Le((1 + 1 / (s + y)) ** a, (1 + 1 / s) ** a), Gt((1 + 1 / (s + y)) ** a, 1),
        ),
    ),
    evidence=(
        Proof((Step(ByDerivative(y, 0), Le((1 + 1 / (s + y)) ** a, (1 + 1 / s) ** a)),)),
    ),
    loose="attained in round s, and in the limit of many rounds",
)

POWERS = Claim(
    id="L-POWER-TANGENT",
    title="A convex power lies between its tangents at both ends of an interval.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={x: POSITIVE, y: NONNEGATIVE, a: POSITIVE},
        goal=And(
            Ge((x + y) ** a, x**a),
            Ge((x + y) ** (a + 1), x ** (a + 1) + (a + 1) * y * x**a),
            Le((x + y) ** (a + 1), x ** (a + 1) + (a + 1) * y * (x + y) ** a),
        ),
    ),
    evidence=(
        Proof((
            Step(ByDerivative(y, 0), Ge((x + y) ** a, x**a)),
            Step(
                ByDerivative(y, 0, (a + 1) * ((x + y) ** a - x**a)),
                Ge((x + y) ** (a + 1), x ** (a + 1) + (a + 1) * y * x**a),
            ),
            Step(
                ByDerivative(y, 0, (a + 1) * a * y * (x + y) ** a / (x + y)),
                Le((x + y) ** (a + 1), x ** (a + 1) + (a + 1) * y * (x + y) ** a),
            ),
        )),
    ),
    loose="equality at y = 0",
)

_POWER_SUM = total((t + 1) ** a)

POWER_SUM = Claim(
    id="SW-38-SUM",
    title="Polynomial batches use n_0 T^(a+1)/(a+1) samples in T rounds, up to T^a n_0 times a "
    "constant.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={T: NATURALS, a: POSITIVE},
        goal=And(
            Ge(_POWER_SUM, T ** (a + 1) / (a + 1)),
            Le(_POWER_SUM, T ** (a + 1) / (a + 1) + T**a),
        ),
    ),
    uses=("L-POWER-TANGENT",),
    evidence=(
        Proof((
            Step(Lemma("L-POWER-TANGENT", {x: T, y: sp.Integer(1)})),
            Step(Induction(T)),
        )),
    ),
    loose="the sum lies between two integrals",
)

# A/(n_0 T^a) is the gap, n_0 T^(a+1)/(a+1) the samples.
_GAP = D * rho / (2 * (1 + rho)) / (n0 * T**a)

POLYNOMIAL_COST = Claim(
    id="SW-38-POLYNOMIAL",
    title="With the gap A/(n_0 T^a), A = d rho/(2(1 + rho)), the samples n_0 T^(a+1)/(a+1) are "
    "n_0^(-1/a) A^(1+1/a) eps^-(1+1/a)/(a + 1).",
    kind="proposition",
    source="new; the rate behind Yang et al. 2025, Theorem 3.5",
    statement=Statement(
        variables={
            T: NATURALS, a: POSITIVE, rho: UNIT, n0: POSITIVE, d: NATURALS, eps: UNIT,
        },
        where={D: d},
        goal=Eq(
            n0 * T ** (a + 1) / (a + 1),
            n0 ** (-1 / a) * (D * rho / (2 * (1 + rho))) ** (1 + 1 / a)
            * _GAP ** (-1 - 1 / a) / (a + 1),
        ),
    ),
    uses=("SW-12-SLOW", "SW-12-RATIO", "SW-38-SUM", "SW-38-GAP"),
    binds=(
        Binding(
            "theory.budget.asymptotic_polynomial_cost",
            {
                "gap": eps, "power": a + sp.Rational(1, 4), "n0": n0, "sigma": 1.0,
                "kappa": sp.sqrt(rho / (1 - rho)), "dim": d,
            },
            (
                n0 ** (-1 / a) * (D * rho / (2 * (1 + rho))) ** (1 + 1 / a)
                * eps ** (-1 - 1 / a) / (a + 1)
            ).xreplace({a: a + sp.Rational(1, 4)}),
        ),
    ),
    evidence=(Proof((Step(Identity()),)),),
    note="Leading order: u_T n_T tends to rho(1-rho)/(1-rho^2) (SW-12-SLOW), the gap to d u_T/2 "
    "(SW-38-GAP; the bias dies geometrically), the samples to n_0 T^(a+1)/(a+1) (SW-38-SUM).",
)

# -- growth by alpha -----------------------------------------------------------------------------
_USED = n0 * ((1 / rho) ** T - 1) / (1 / rho - 1)
_LEFT = LEAST.xreplace({C: _USED}) / S0
_BIAS = rho ** (2 * T) * M
_UNIT_COST = D * rho / (2 * (1 - rho)) * (1 - rho**T) ** 2

ALPHA_COST = Claim(
    id="SW-38",
    title="With growth alpha the gap times the samples tends to d kappa^2/(2 sigma^2), whatever "
    "n_0 and theta_0: the cost is of order 1/eps.",
    kind="theorem",
    source="new; sharpens Yang et al. 2025, Theorem 3.5",
    statement=Statement(
        variables={
            T: NATURALS, **SETTING, n0: POSITIVE, d: NATURALS, M: POSITIVE, eps: UNIT,
        },
        where={D: d},
        hypotheses=(DEFINES_RHO,),
        goal=And(
            Eq(
                (_BIAS + D * _LEFT) / 2 * _USED,
                _UNIT_COST + n0 * M * rho ** (T + 1) * (1 - rho**T) / (2 * (1 - rho)),
            ),
            Eq(
                D * _LEFT / 2 / (1 + _LEFT + D * _LEFT / 2) * _USED,
                _UNIT_COST / (1 + _LEFT + D * _LEFT / 2),
            ),
            Eq(D * kappa**2 / (2 * sigma**2), D * rho / (2 * (1 - rho))),
        ),
    ),
    uses=("SW-13", "SW-38-GAP"),
    binds=(
        Binding(
            "theory.budget.asymptotic_optimal_cost",
            {"gap": eps, "sigma": sigma, "kappa": kappa, "dim": d},
            D * kappa**2 / (2 * sigma**2) / eps,
        ),
    ),
    evidence=(
        Proof((
            Step(Smt(alone=True), Eq(kappa**2, sigma**2 * rho / (1 - rho))),
            Step(Smt(alone=True), Eq(_LEFT * _USED, rho / (1 - rho) * (1 - rho**T) ** 2)),
            Step(
                Smt(alone=True),
                Eq(_BIAS * _USED, n0 * M * rho ** (T + 1) * (1 - rho**T) / (1 - rho)),
            ),
        )),
    ),
    note="Left the upper and the lower bound of SW-38-GAP for the relative gap after T rounds, "
    "with u = v_T/s_0 = v*_T(C)/s_0 (SW-13) and b = rho^(2T) M, times the samples C = n_0(alpha^T "
    "- 1)/(alpha - 1). As T grows, rho^T and u vanish, and both tend to d kappa^2/(2 sigma^2).",
)

# -- one growth for a class of problems ----------------------------------------------------------
rho0, z = sp.symbols("rho_0 z", positive=True)
_U = rho * (1 - rho) / n0 * (rho ** (2 * T) - b**T) / (rho**2 - b)  # SW-11 in units of s0
_SPENT = n0 * (b**-T - 1) / (1 / b - 1)

UNIFORM = Claim(
    id="SW-39",
    title="Growth at a rate 1 < beta < rho_0^-2 costs at most a constant over the gap, the same "
    "for every problem with rho <= rho_0 and |theta_0|^2 <= M_0 s_0.",
    kind="theorem",
    source="new; the class that Yang et al. 2025, Theorem 3.5, need",
    statement=Statement(
        variables={
            T: NATURALS, rho0: UNIT, b: UNIT, z: sp.Interval.Lopen(0, 1), rho: UNIT,
            n0: POSITIVE, D: POSITIVE, M: POSITIVE, y: NONNEGATIVE,
        },
        hypotheses=(Eq(rho, z * rho0), Gt(b, rho0**2)),
        goal=Le(
            (rho ** (2 * T) * M + D * _U) / 2 * _SPENT,
            n0 * b / (2 * (1 - b)) * (M + y + D / (4 * n0 * (b - rho0**2))),
        ),
    ),
    uses=("SW-11", "SW-38-GAP"),
    corrects=("E-10",),
    evidence=(
        Proof((
            Step(Induction(T), Lt(rho ** (2 * T), b**T)),
            Step(Smt(), And(Gt(b, rho**2), Le(rho * (1 - rho), sp.Rational(1, 4)))),
            Step(Smt(), Le(_SPENT * b**T, n0 * b / (1 - b))),
            Step(Smt(), Le(_U, b**T / (4 * n0 * (b - rho0**2)))),
        )),
    ),
    loose="a bound for the whole class",
    note="b = 1/beta; M + y is M_0. Left the upper bound of SW-38-GAP on the relative gap times "
    "the samples used so far. So the first T whose gap is below eps costs at most the constant "
    "over eps, and beta times as much for the round that overshoots. Polynomial growth pays "
    "eps^-(1+1/a) in the worst case (SW-38-POLYNOMIAL), a constant policy never arrives (SW-34).",
)

CLAIMS = (
    POLYNOMIAL, SLOW, RATIO, POWERS, POWER_SUM, POLYNOMIAL_COST, ALPHA_COST,
    UNIFORM,
)
