"""Claims on one verified round (Yi et al. 2025), ids KV-NT-.

Units of the label noise, one coordinate of an orthonormal design. The model starts at the offset
D ~ N(a, tau^2) from the knowledge centre, a the verifier's bias, tau^2 = 1/m_0, and is refitted
to m kept draws: its error to the truth goes from MSE_0 = tau^2 to MSE_1.
"""

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Implies, Le, Lt, Sum, sqrt

from loopcert.claim import Binding, Claim, Proof
from loopcert.prove.formal import (
    NATURALS,
    NONNEGATIVE,
    POSITIVE,
    REALS,
    UNIT,
    Sequence,
    Statement,
)
from loopcert.prove.proof import Identity, Induction, Lemma, Step
from loopcert.prove.substitution import Opaque
from loopcert.statements.verifier import CENTRAL, RHO, bell, beta, pull, s, slope, x
from loopcert.statements.verifier_line import mean, step, y

__all__ = ["CLAIMS"]

SHARE = sp.Interval(0, 1)
NEAR = "new; the near-term question of Yi et al. 2025"
a, z = sp.symbols("a z", real=True)
tau, m, before, rho, first_size = sp.symbols("tau m tau_2 rho m_0", positive=True)
lost, square, tilt, spread, kept, bias = sp.symbols("k q f g h b", nonnegative=True)
N, i = sp.Symbol("N", integer=True, positive=True), sp.Symbol("i", integer=True)
w, M, v = (sp.IndexedBase(name) for name in ("w", "M", "v"))
center, truth, change, after, both = sp.symbols("mu theta Delta MSE_1 P", real=True)

START = a + tau * z  # D, z standard normal


def over(term):
    """The sum of `term` over the atoms of a law."""
    return Sum(term, (i, 0, N - 1))


PARTS = Claim(
    id="KV-NT-EXACT",
    title="The error after one round is squared bias, propagated error and sampling noise: "
    "MSE_1 = (E M(D) - a)^2 + Var M(D) + E M'(D)/m.",
    kind="theorem",
    source=NEAR,
    statement=Statement(
        variables={N: NATURALS, w: Sequence(N, POSITIVE), M: Sequence(N, REALS),
                   v: Sequence(N, UNIT), m: POSITIVE, truth: REALS, center: REALS},
        hypotheses=(Eq(center, over(w[i] * M[i]) / over(w[i])),),
        goal=Eq(
            over(w[i] * ((M[i] - truth) ** 2 + v[i] / m)) / over(w[i]),
            (center - truth) ** 2 + over(w[i] * (M[i] - center) ** 2) / over(w[i])
            + over(w[i] * v[i]) / over(w[i]) / m,
        ),
    ),
    uses=("KV-LT-EXACT",),
    evidence=(Proof((Step(Induction(N), Gt(over(w[i]), 0)),)),),
    note="D has atoms of weight w_i/sum w, where the mean map is M_i and its slope v_i; by "
    "KV-LT-EXACT the error given D is (M - a)^2 + M'/m. theta = a is the truth, mu = E M(D).",
)

_GAIN = (mean(START) - a) ** 2 - (START - a) ** 2
_UNBIASED = pull(START) ** 2 - 2 * tau**2 * (1 - slope(START))
STEIN = Claim(
    id="KV-NT-SURE",
    title="MSE_1 - MSE_0 = E[S(D)^2] + E[M'(D)]/m - 2 tau^2 E[1 - M'(D)]: everything in the "
    "expectation is observed, so it is estimated without knowing the truth.",
    kind="theorem",
    source=NEAR,
    statement=Statement(
        variables={a: REALS, tau: POSITIVE, z: REALS, beta: POSITIVE},
        goal=Eq(
            _GAIN * bell(z),
            _UNBIASED * bell(z) + 2 * tau * sp.Derivative(pull(START) * bell(z), z),
        ),
    ),
    uses=("KV-NT-EXACT", "KV-TN-W", "KV-LINE-MEAN"),
    evidence=(
        Proof((
            Step(Lemma("KV-TN-W", {x: START - beta, s: 2 * beta})),
            Step(Identity()),
        )),
    ),
    note="The normal density of D = a + tau z times the two sides: integrated over z the last "
    "term vanishes, since |S| <= |d| + beta (KV-LINE-MEAN), and the left side is E(M(D) - a)^2 - "
    "tau^2. This is Stein's identity for S, with the derivative written out.",
)
CONDITION = Claim(
    id="KV-NT-SURE.1",
    title="One round improves exactly when m (2 tau^2 (1 - k) - q) > k, for no m if q >= 2 tau^2 "
    "(1 - k), q = E S(D)^2 and k = E M'(D).",
    kind="corollary",
    source=NEAR,
    statement=Statement(
        variables={before: POSITIVE, lost: UNIT, square: NONNEGATIVE, m: POSITIVE},
        where={change: square + lost / m - 2 * before * (1 - lost)},
        goal=Equivalent(Lt(change, 0), Gt(m * (2 * before * (1 - lost) - square), lost)),
    ),
    uses=("KV-NT-SURE", "KV-LINE-SLOPE"),
    evidence=(Proof(),),
)
COMPUTED = Claim(
    id="KV-NT-SURE.2",
    title="The unbiased estimate of the change from one coordinate's offset d is (M(d) - d)^2 + "
    "(1/m + 2 tau^2) M'(d) - 2 tau^2.",
    kind="corollary",
    source=NEAR,
    statement=Statement(
        variables={a: sp.Interval(-5, 5), tau: sp.Interval.Lopen(0, 3), m: POSITIVE,
                   beta: sp.Interval(sp.Rational(1, 10), 8)},
        goal=Eq(
            pull(a) ** 2 + slope(a) / m - 2 * tau**2 * (1 - slope(a)),
            (mean(a) - a) ** 2 + (1 / m + 2 * tau**2) * slope(a) - 2 * tau**2,
        ),
    ),
    uses=("KV-NT-SURE.1", "KV-TN-W"),
    binds=(
        Binding("theory.verifier.one_round_change_estimate",
                {"offsets": [a], "n_real": 1 / tau**2, "half_width": beta, "n_kept": m},
                pull(a) ** 2 + slope(a) / m - 2 * tau**2 * (1 - slope(a)), rtol=1e-6),
        Binding("theory.verifier.one_round",
                {"bias": a, "n_real": float("inf"), "half_width": beta, "n_kept": m},
                (mean(a) - a) ** 2 + slope(a) / m, "after"),
    ),
    evidence=(
        Proof((
            Step(Lemma("KV-TN-W", {x: a - beta, s: 2 * beta})),
            Step(Identity()),
        )),
    ),
)

# -- bounds --------------------------------------------------------------------------------------
PAIR = Claim(
    id="KV-NT-PAIR",
    title="The mean pull on offsets symmetric about a is between 1 - rho and 1 times a: "
    "(1 - rho) a <= (S(a + z) + S(a - z))/2 < a for a > 0.",
    kind="lemma",
    source=NEAR,
    statement=Statement(
        variables={step: POSITIVE, y: REALS, beta: POSITIVE},
        where={both: pull(y + step) + pull(step - y)},
        goal=And(Ge(both, 2 * step - 2 * step * CENTRAL), Lt(both, 2 * step)),
    ),
    uses=("KV-LINE-LIP", "KV-LINE-MEAN", "KV-TN-W"),
    evidence=(
        Proof((
            Step(Lemma("KV-TN-W", {x: -beta, s: 2 * beta})),
            Step(Lemma("KV-TN-W", {x: y + step - beta, s: 2 * beta})),
            Step(Lemma("KV-TN-W", {x: y - step - beta, s: 2 * beta})),
            Step(Lemma("KV-TN-W", {x: step - y - beta, s: 2 * beta})),
            Step(Lemma("KV-LINE-LIP", {y: y - step, step: 2 * step})),
            Step(Lemma("KV-LINE-MEAN", {y: y - step})),
            Step(Opaque((pull(y + step), pull(y - step), pull(step - y), CENTRAL))),
        )),
    ),
    loose="the bounds are limits, for offsets near the centre and far from it",
    note="l is a; for a < 0 by symmetry. So (1 - rho)|a| <= |E S(D)| <= |a| for every law "
    "symmetric about a.",
)
BOUNDS = Claim(
    id="KV-NT-SUFF",
    title="(1 - rho^2) tau^2 - a^2 - rho/m <= MSE_0 - MSE_1 <= tau^2 - (1 - rho)^2 a^2: one round "
    "improves if a^2 + rho/m < (1 - rho^2) tau^2, and cannot, for any m, if |a| >= tau/(1 - rho).",
    kind="theorem",
    source=NEAR,
    statement=Statement(
        variables={beta: sp.Interval(sp.Rational(1, 10), 5), rho: UNIT, bias: NONNEGATIVE,
                   before: POSITIVE, m: POSITIVE, tilt: SHARE, spread: SHARE, kept: SHARE},
        where={after: ((1 - rho * tilt) * bias) ** 2 + spread * rho**2 * before + kept * rho / m},
        goal=And(
            Ge(before - after, (1 - rho**2) * before - bias**2 - rho / m),
            Le(before - after, before - (1 - rho) ** 2 * bias**2),
        ),
    ),
    uses=("KV-NT-EXACT", "KV-NT-PAIR", "KV-LINE-LIP", "KV-LINE-SLOPE"),
    binds=tuple(
        Binding("theory.verifier.bound_improvement",
                {"bias": -bias, "n_real": 1 / before, "half_width": beta, "n_kept": m},
                value.xreplace({rho: RHO}), k,
                rtol=1e-6)
        for k, value in enumerate((
            (1 - rho**2) * before - bias**2 - rho / m, before - (1 - rho) ** 2 * bias**2))
    ),
    evidence=(Proof(),),
    note="E M(D) - a = -E S(D), which is (1 - f rho)|a| in size by KV-NT-PAIR; Var M(D) = g rho^2 "
    "tau^2, because M is rho-Lipschitz (KV-LINE-LIP); E M' = h rho (KV-LINE-SLOPE). The shares "
    "f, g and h lie in [0, 1]. In p dimensions add up the coordinates.",
    loose="attained at the ends of the shares: f = 0, g = h = 1 and f = 1, g = h = 0",
)
NECESSARY = Claim(
    id="KV-NT-NEC",
    title="With |a| >= tau/(1 - rho) one round makes the error worse whatever m; with a^2 + rho/m "
    "< (1 - rho^2) tau^2 it improves.",
    kind="corollary",
    source=NEAR,
    statement=Statement(
        variables={rho: UNIT, bias: NONNEGATIVE, tau: POSITIVE, m: POSITIVE, tilt: SHARE,
                   spread: SHARE, kept: sp.Interval.Lopen(0, 1)},
        where={after: ((1 - rho * tilt) * bias) ** 2 + spread * rho**2 * tau**2 + kept * rho / m},
        goal=And(
            Implies(Ge(bias, tau / (1 - rho)), Gt(after, tau**2)),
            Implies(Lt(bias**2 + rho / m, (1 - rho**2) * tau**2), Lt(after, tau**2)),
        ),
    ),
    uses=("KV-NT-SUFF",),
    evidence=(Proof(),),
    loose="the one condition is sufficient, the other necessary",
)
_ROOM = (1 + rho) / (1 - rho) * (before - rho / ((1 - rho**2) * m))
LINEAR = Claim(
    id="KV-NT-LINEAR",
    title="In the linear law one round improves exactly when a^2 < (1 + rho)/(1 - rho) (tau^2 - "
    "rho/((1 - rho^2) m)).",
    kind="corollary",
    source=NEAR,
    statement=Statement(
        variables={rho: UNIT, bias: NONNEGATIVE, before: POSITIVE, m: POSITIVE,
                   beta: sp.Interval(sp.Rational(1, 10), 4)},
        where={after: (1 - rho) ** 2 * bias**2 + rho**2 * before + rho / m},
        goal=Equivalent(
            Lt(after, before),
            Lt(bias**2, _ROOM),
        ),
    ),
    uses=("KV-NT-SUFF", "UL-STOP-FIRST"),
    binds=(
        Binding("theory.verifier.asymptotic_tolerable_bias",
                {"n_real": 1 / before, "half_width": beta, "n_kept": m},
                sqrt(sp.Max(0, _ROOM.xreplace({rho: RHO}))),
                rtol=1e-6),
    ),
    evidence=(Proof(),),
    note="f = g = h = 1 in KV-NT-SUFF: the linear law is exact for a Gaussian keep probability "
    "with K = rho (KV-SOFT), and the limit of offsets small against the window.",
)
_MANY = sp.Integer(10) ** 12
PERFECT = Claim(
    id="KV-NT-PERFECT",
    title="An unbiased verifier improves on the model in one round if m/m_0 > rho/(1 - rho^2).",
    kind="corollary",
    source=NEAR,
    statement=Statement(
        variables={beta: sp.Interval(sp.Rational(1, 10), 4), rho: UNIT, first_size: POSITIVE,
                   m: POSITIVE, spread: SHARE, kept: SHARE},
        where={after: spread * rho**2 / first_size + kept * rho / m},
        goal=Implies(Gt(m / first_size, rho / (1 - rho**2)), Lt(after, 1 / first_size)),
    ),
    uses=("KV-NT-SUFF",),
    binds=(
        Binding("theory.verifier.required_kept",
                {"bias": 0, "n_real": _MANY, "half_width": beta}, _MANY * RHO / (1 - RHO**2),
                rtol=1e-7),
    ),
    evidence=(Proof(),),
    note="Also necessary where the model starts near the centre (m_0 large), where the exact "
    "threshold of KV-NT-SURE.1 tends to this one.",
    loose="sufficient only: f and g may be below one",
)
_ENOUGH = 2 * before * m / (1 + 2 * before * m)
LENIENT = Claim(
    id="KV-NT-LENIENT",
    title="With finitely many kept draws a verifier can be too lenient: one round makes the error "
    "worse, whatever the bias, once k = E M'(D) >= 2 tau^2 m/(1 + 2 tau^2 m), which every window "
    "wide enough reaches.",
    kind="corollary",
    source=NEAR,
    statement=Statement(
        variables={before: POSITIVE, lost: UNIT, square: POSITIVE, m: POSITIVE},
        where={change: square + lost / m - 2 * before * (1 - lost)},
        goal=And(
            Equivalent(Ge(lost, _ENOUGH), Ge(lost / m - 2 * before * (1 - lost), 0)),
            Implies(Ge(lost, _ENOUGH), Gt(change, 0)),
        ),
    ),
    uses=("KV-NT-SURE.1",),
    evidence=(Proof(),),
    note="q = E S(D)^2 > 0. As the window widens k tends to 1 and q to 0, and the change to the "
    "sampling noise 1/m. With m = inf the condition is k = 1, which no window meets.",
    loose="strict: q is small where k is near one",
)
CLAIMS = (PARTS, STEIN, CONDITION, COMPUTED, PAIR, BOUNDS, NECESSARY, LINEAR, PERFECT, LENIENT)
