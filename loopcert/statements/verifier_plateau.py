"""Claims on where verified rounds end: plateaus, rates, and no verifier (Yi et al. 2025), KV-.

Units of the label noise, orthonormal design, m kept draws a direction and round; V_t squared
distance to the knowledge centre, v_T the variance that the bound of KV-LT-UPPER collects in one
coordinate, B the distance of the centre from the truth.
"""

import sympy as sp
from sympy import And, Eq, Le, Ne

from loopcert.claim import Binding, Claim, Proof
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
from loopcert.prove.proof import Identity, Induction, Step
from loopcert.statements._budget_terms import T, t, total
from loopcert.statements.verifier import OURS, RHO, beta

__all__ = ["CLAIMS"]

SHARE = sp.Interval(0, 1)
m, growth, h, centre_law, V1 = sp.symbols("m g h V_0 V_1", positive=True)
B2, v0, a, f, level = sp.symbols("B2 v_0 a f V", nonnegative=True)
rho = sp.Symbol("rho", positive=True)
kappa, cross = sp.symbols("kappa_4 x", real=True)
p, i = sp.Symbol("p", integer=True, positive=True), sp.Symbol("i", integer=True)
N = sp.Symbol("N", integer=True, positive=True)
kept, V, X, weights, D = (sp.IndexedBase(name) for name in ("m", "V", "X", "w", "D"))
WIDTH = {beta: sp.Interval(sp.Rational(1, 10), 5)}
PLATEAU = rho / (m * (1 - rho**2))

# -- no verifier ---------------------------------------------------------------------------------
UNVERIFIED = Claim(
    id="KV-NONE",
    title="Without a verifier the error to the truth is v_0 + p sum_t 1/m_t: it never falls, and "
    "grows linearly at constant m.",
    kind="theorem",
    source="new; the collapse that Yi et al. 2025 set out from",
    statement=Statement(
        variables={T: NATURALS, kept: Sequence(T, POSITIVE), X: Sequence(T, REALS),
                   v0: NONNEGATIVE,
                   V: Sequence(T + 1, NONNEGATIVE), p: sp.Range(1, 60)},
        hypotheses=(
            Eq(V[0], v0), Each(Eq(X[t], 0), t, T),
            Each(Eq(V[t + 1], V[t] + 2 * X[t] + p / kept[t]), t, T),
        ),
        goal=Eq(V[T], v0 + p * total(1 / kept[t])),
    ),
    uses=("UL-LAW",),
    binds=(
        Binding("theory.verifier.unverified_error", {"initial": v0, "schedule": kept, "dim": p},
                v0 + p * total(1 / kept[t]), T),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    note="theta_{t+1} = theta_t plus the mean of m_t noises in each of p directions; X_t = "
    "E<theta_t - theta*, noise> = 0. Bounded exactly when sum_t 1/m_t is.",
)

# -- constant batches ----------------------------------------------------------------------------
STEADY = Claim(
    id="KV-STEADY",
    title="With m draws in every round a stationary law has at most the squared distance "
    "rho/(m (1 - rho^2)) to the centre in each coordinate.",
    kind="proposition",
    source="new; the plateau of Yi et al. 2025",
    statement=Statement(
        variables={**WIDTH, rho: UNIT, m: POSITIVE, a: SHARE, f: SHARE, level: NONNEGATIVE,
                   p: sp.Range(1, 60)},
        hypotheses=(Eq(level, f * rho / m / (1 - a * rho**2)),),
        goal=And(Eq(level, a * rho**2 * level + f * rho / m), Le(level, PLATEAU)),
    ),
    uses=("KV-LT-EXACT", "KV-LINE-MEAN", "KV-LINE-SLOPE", "KV-RHO"),
    binds=(
        Binding("theory.verifier.bound_steady_centre_error",
                {"n_kept": m, "half_width": beta, "dim": p}, p * PLATEAU.xreplace({rho: RHO})),
    ),
    evidence=(Proof(),),
    note="V = E M(D)^2 + E M'(D)/m for a stationary D (the first line, solved for V), with E M^2 "
    "= a rho^2 V and E M' = f rho. One round from anywhere lands in the window with a density "
    "that has a positive lower bound there, so there is one stationary law, and by symmetry of "
    "the window it is symmetric about the centre (Doeblin); that part is not machine-checked.",
)
_FOURTH = 3 * rho * (1 - rho) - beta**2 * (1 - rho)
_ONE = rho / (1 - rho**2)
_TWO = kappa * (rho * _ONE**2 + _ONE / 2) / (1 - rho**2)
_SOLVED = _ONE * h + _TWO * h**2
SECOND = Claim(
    id="KV-STEADY.1",
    title="To second order in 1/m the moment equation of the plateau, V = rho^2 V + rho kappa_4 "
    "V^2 + (rho + kappa_4 V/2)/m, is met up to m^(-3) by V_0 + kappa_4 (rho V_0^2 + V_0/(2m))/(1 "
    "- rho^2), V_0 = rho/(m (1 - rho^2)).",
    kind="proposition",
    source="new; the plateau of Yi et al. 2025",
    statement=Statement(
        variables={**WIDTH, m: POSITIVE, rho: UNIT, kappa: REALS, h: POSITIVE},
        goal=Eq(
            rho**2 * _SOLVED + rho * kappa * _SOLVED**2 + h * (rho + kappa * _SOLVED / 2),
            _SOLVED + h**3 * kappa * _TWO * (sp.Rational(1, 2) + 2 * rho * _ONE + rho * _TWO * h),
        ),
    ),
    uses=("KV-STEADY",),
    binds=(
        Binding("theory.verifier.asymptotic_centre_error", {"n_kept": m, "half_width": beta},
                _SOLVED.xreplace({kappa: _FOURTH, h: 1 / m}).xreplace({rho: RHO})),
        Binding("theory.verifier.window", {"offset": 0, "half_width": beta},
                _FOURTH.xreplace({rho: RHO}), "fourth", rtol=1e-7),
    ),
    evidence=(Proof((Step(Identity()),)),),
    note="The equation is V = E M^2 + E M'/m with M(d) = rho d + kappa_4 d^3/6 and E D^4 = 3 V^2, "
    "which are the leading terms near the centre. That expansion is not machine-checked. h = "
    "1/m.",
)
TRUTH = Claim(
    id="KV-PERFECT",
    title="A law symmetric about the centre has the squared distance B^2 + V to a truth at "
    "distance B: a perfect verifier (B = 0) leaves V alone.",
    kind="proposition",
    source="new; Yi et al. 2025, a perfectly reliable verifier",
    statement=Statement(
        variables={N: NATURALS, weights: Sequence(N, SHARE), D: Sequence(N, REALS), cross: REALS},
        goal=Eq(
            sp.Sum(weights[i] * ((D[i] - cross) ** 2 + (-D[i] - cross) ** 2) / 2, (i, 0, N - 1)),
            cross**2 * sp.Sum(weights[i], (i, 0, N - 1))
            + sp.Sum(weights[i] * D[i] ** 2, (i, 0, N - 1)),
        ),
    ),
    uses=("KV-STEADY",),
    evidence=(Proof(),),
    note="A law with the atoms +-D_i, each of weight w_i/2, sum w_i = 1; x is the truth, x^2 = "
    "B^2.",
)
NO_REVERSAL = Claim(
    id="KV-PERFECT.1",
    title="With a perfect verifier the error of the linear law falls in every round or in none: "
    "in round T + 1 exactly when V_0 exceeds the plateau, so it never reverses.",
    kind="proposition",
    source="new; Yi et al. 2025, a perfectly reliable verifier",
    statement=Statement(
        variables={T: NATURALS, rho: UNIT, m: POSITIVE, v0: NONNEGATIVE,
                   V: Sequence(T + 2, NONNEGATIVE)},
        hypotheses=(
            Eq(V[0], v0), Each(Eq(V[t + 1], rho**2 * V[t] + rho / m), t, T + 1),
        ),
        goal=And(
            Eq(V[T] - PLATEAU, rho ** (2 * T) * (v0 - PLATEAU)),
            Eq(V[T] - V[T + 1], (1 - rho**2) * rho ** (2 * T) * (v0 - PLATEAU)),
        ),
    ),
    uses=("UL-STEADY", "KV-PERFECT"),
    evidence=(Proof((Step(Induction(T)),)),),
)

# -- rates ---------------------------------------------------------------------------------------
GROWING = rho * total(rho ** (2 * (T - 1 - t)) / (m * growth**t))
RATES = Claim(
    id="KV-RATES",
    title="With m_t = m g^t the collected variance is rho (g^(-T) - rho^(2T))/(m (1/g - rho^2)): "
    "of order g^(-T) while g < rho^(-2), of order rho^(2T) beyond.",
    kind="proposition",
    source=OURS,
    statement=Statement(
        variables={T: NATURALS, rho: UNIT, m: POSITIVE, growth: POSITIVE},
        hypotheses=(Ne(growth * rho**2, 1),),
        goal=Eq(GROWING, rho / m * (growth ** (-T) - rho ** (2 * T)) / (1 / growth - rho**2)),
    ),
    uses=("KV-LT-UPPER",),
    evidence=(Proof((Step(Induction(T)),)),),
    note="Constant batches: g = 1, rho (1 - rho^(2T))/(m (1 - rho^2)). The hypothesis keeps the "
    "denominator from zero; that case is KV-RATES.1.",
)
CRITICAL = Claim(
    id="KV-RATES.1",
    title="With m_t = m rho^(-2t) it is T rho^(2T-1)/m.",
    kind="proposition",
    source=OURS,
    statement=Statement(
        variables={T: NATURALS, rho: UNIT, m: POSITIVE},
        goal=Eq(rho * total(rho ** (2 * (T - 1 - t)) / (m * rho ** (-2 * t))),
                T * rho ** (2 * T - 1) / m),
    ),
    uses=("KV-LT-UPPER",),
    evidence=(Proof((Step(Induction(T)),)),),
)
CLAIMS = (UNVERIFIED, STEADY, SECOND, TRUTH, NO_REVERSAL, RATES, CRITICAL)
