"""Claims on the Euclidean norm of the Jacobian at the best model, ids SCX-EUC.

Notation: H data curvature >= alpha, F Fisher information >= 0, J = (lambda/(1+gamma)) (H + lambda
F)^(-1) F, e = epsilon L/alpha, so that |(F - H) v| <= alpha e |v|.
"""

import sympy as sp
from sympy import And, Derivative, Eq, Equivalent, Ge, Gt, Le, Limit, Lt, Sum

from loopcert.claim import Binding, Claim, Proof
from loopcert.prove.formal import NATURALS, NONNEGATIVE, POSITIVE, REALS, UNIT, Sequence, Statement
from loopcert.prove.proof import Identity, Induction, Smt, Step

__all__ = ["CLAIMS"]

lam, u, alpha, e, k, g = sp.symbols("lambda u alpha e k g", positive=True)
gamma, slack, gap, size = sp.symbols("gamma slack gap n_y", nonnegative=True)
part = sp.Symbol("p", positive=True)
h, x = sp.symbols("h f", real=True)
T = sp.Symbol("T", integer=True, positive=True)
t = sp.Symbol("t", integer=True)
X, V, Y = (sp.IndexedBase(name) for name in "x v y".split())


def dims(term):
    """The sum of `term` over the coordinates."""
    return Sum(term, (t, 0, T - 1))


_DAMPING = sp.Max(1, 1 + lam - lam * e)
_EUCLIDEAN = lam / (1 + lam) * (1 + e / _DAMPING)  # times 1/(1+gamma) the bound of the norm
_Hv, _Fv, _Hy, _Fy = sp.symbols("H_v F_v H_y F_y", real=True)
DEFINITE = Claim(
    id="SCX-EUC.definite",
    title="In every direction H + lambda F is at least alpha max(1, 1 + lambda - lambda e), and "
    "may be just that.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={alpha: POSITIVE, e: POSITIVE, lam: POSITIVE, size: NONNEGATIVE,
                   gap: NONNEGATIVE, slack: NONNEGATIVE, h: NONNEGATIVE, x: NONNEGATIVE},
        hypotheses=(
            Eq(h, alpha * size + gap), Eq(x, sp.Max(0, h - alpha * e * size) + slack),
        ),
        goal=And(
            Ge(h + lam * x, alpha * _DAMPING * size),
            Eq(
                alpha * size + lam * sp.Max(0, alpha * size - alpha * e * size),
                alpha * _DAMPING * size,
            ),
        ),
    ),
    uses=("SCX-EXIST", "SC-A7.III"),
    evidence=(Proof(),),
    note="n_y = |y|^2, h = y'Hy >= alpha |y|^2 and f = y'Fy, which is >= 0 (SCX-EXIST) and at "
    "least h - alpha e |y|^2 (Lipschitz, as in SC-A7.III). The second line is the case without "
    "slack.",
)

SPLIT = Claim(
    id="SCX-EUC.split",
    title="J v is lambda/((1+lambda)(1+gamma)) times v + y, where (H + lambda F) y = (F - H) v.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={lam: POSITIVE, gamma: NONNEGATIVE}
        | {q: REALS for q in (_Hv, _Fv, _Hy, _Fy)},
        hypotheses=(Eq(_Hy, _Fv - _Hv - lam * _Fy),),
        goal=Eq(
            lam / ((1 + lam) * (1 + gamma)) * (_Hv + _Hy + lam * (_Fv + _Fy)),
            lam / (1 + gamma) * _Fv,
        ),
    ),
    uses=("SC-A7.II-J",),
    evidence=(Proof(),),
    note="Any one component of H v, F v, H y, F y: the left side is that of (H + lambda F) "
    "applied to the multiple of v + y, and the right side that of (lambda/(1+gamma)) F v.",
)

_Y2, _V2, _YX = dims(Y[t] ** 2), dims(V[t] ** 2), dims(Y[t] * X[t])
_Z2 = dims((k * Y[t] + X[t]) ** 2)
EUCLID = Claim(
    id="SCX-EUC",
    title="The Euclidean norm of the Jacobian is at most lambda/((1+lambda)(1+gamma)) (1 + "
    "e/max(1, 1 + lambda - lambda e)).",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={
            T: NATURALS, V: Sequence(T, REALS), Y: Sequence(T, REALS), X: Sequence(T, REALS),
            alpha: POSITIVE, e: POSITIVE, lam: POSITIVE, gamma: NONNEGATIVE, u: POSITIVE,
            g: POSITIVE, k: POSITIVE,
        },
        hypotheses=(
            Eq(k, alpha * _DAMPING), Eq(g, alpha * e / k), Eq(u, lam / ((1 + lam) * (1 + gamma))),
            Le(_Z2, (alpha * e) ** 2 * _V2), Ge(_YX, 0),
        ),
        goal=Le(dims((u * (V[t] + Y[t])) ** 2), (u * (1 + g)) ** 2 * _V2),
    ),
    uses=("SCX-EUC.split", "SCX-EUC.definite", "SC-A7.III"),
    binds=(
        Binding("theory.contraction.bound_euclidean_rate",
                {"synthetic_ratio": lam, "correction": gamma, "misfit": e, "lipschitz": 1.0},
                _EUCLIDEAN / (1 + gamma)),
    ),
    evidence=(Proof((
        Step(Induction(T), Eq(
            _Z2, k**2 * _Y2 + 2 * k * _YX + dims(X[t] ** 2),
        )),
        Step(Induction(T), Ge(dims(X[t] ** 2), 0)),
        Step(Induction(T), Eq(
            dims((g * V[t] - Y[t]) ** 2), g**2 * _V2 - 2 * g * dims(V[t] * Y[t]) + _Y2,
        )),
        Step(Induction(T), Ge(dims((g * V[t] - Y[t]) ** 2), 0)),
        Step(Induction(T), Eq(
            dims((u * (V[t] + Y[t])) ** 2), u**2 * (_V2 + 2 * dims(V[t] * Y[t]) + _Y2),
        )),
        Step(Smt(), Le(k**2 * _Y2, _Z2)),
        Step(Smt(), Eq(k * g, alpha * e)),
        Step(Smt(), Le(_Y2, g**2 * _V2)),
        Step(Smt(), Le(dims(V[t] * Y[t]), g * _V2)),
        Step(Smt(), Le(_V2 + 2 * dims(V[t] * Y[t]) + _Y2, (1 + g) ** 2 * _V2)),
    )),),
    note="v is any vector and J v = u (v + y) with y as in SCX-EUC.split; k y + x = (F - H) v is "
    "no longer than alpha e |v| (at e = 0 there is no y). As (F - H) v = (H + lambda F) y and "
    "y'(H + lambda F) y >= k |y|^2 by SCX-EUC.definite, y'x >= 0 (at x = -k y any y would do).",
    loose="a bound: the sharp constant is not known",
)

_SHARP = lam * (1 + e) / (1 + lam + lam * e)
EUCLID_ORDER = Claim(
    id="SCX-EUC-ORDER",
    title="Up to e = 1 the Euclidean bound exceeds the bound of the spectral radius by a term of "
    "second order in e, and wherever the printed bound is defined it exceeds the Euclidean one.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={u: UNIT, lam: POSITIVE, part: sp.Interval.Lopen(0, 1), e: POSITIVE,
                   g: POSITIVE},
        hypotheses=(Eq(lam, u / (1 + e)),),
        goal=And(
            Eq(
                (_EUCLIDEAN - _SHARP).xreplace({e: part, lam: g}),
                2 * part**2 * g**2 / ((1 + g) * (1 + g - g * part) * (1 + g + g * part)),
            ),
            Gt(u / (1 - u), _EUCLIDEAN),
            Eq(
                u / (1 - u) - lam * (1 + e) / (1 + lam),
                lam**2 * (1 + e) * (2 + e) / ((1 + lam) * (1 - u)),
            ),
        ),
    ),
    uses=("SCX-EUC", "SCX-SHARP-BOUND", "SC-A8"),
    evidence=(Proof((
        Step(Smt(), Eq(lam * (1 + e), u)),
        Step(Smt(), Le(g * part, g)),
        Step(Smt(), Eq(sp.Max(1, 1 + g - g * part), 1 + g - g * part)),
        Step(Smt(), Gt(lam**2 * (1 + e) * (2 + e) / ((1 + lam) * (1 - u)), 0)),
        Step(Smt(), Ge(lam * (1 + e) / (1 + lam), _EUCLIDEAN)),
    )),),
    note="All bounds are multiplied by 1 + gamma; u = lambda (1 + e). In the first line e is p <= "
    "1 and lambda is g, any. The bound of the spectral radius is u/(1+u), the printed one is "
    "u/(1-u).",
    loose="the Euclidean and the printed bound differ; the third line gives the room for e >= 1",
)

EUCLID_IFF = Claim(
    id="SCX-EUC-IFF",
    title="Without correction the Euclidean bound is below one exactly if lambda min(2e - 1, e) "
    "< 1: for every lambda when e <= 1/2.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={lam: POSITIVE, e: POSITIVE},
        goal=Equivalent(Lt(_EUCLIDEAN, 1), Lt(lam * sp.Min(2 * e - 1, e), 1)),
    ),
    uses=("SCX-EUC",),
    evidence=(Proof(),),
)

_INNER = lam / (1 + lam) * (1 + x / (1 + lam - lam * x))
EUCLID_HUMP = Claim(
    id="SCX-EUC-HUMP",
    title="For e < 1 the slope of the Euclidean bound in lambda has the sign of 1 + e + 2 (1 - "
    "e) lambda + (1 - e)(1 - 2e) lambda^2: between e = 1/2 and 1 the bound rises above one and "
    "falls back to it.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={lam: POSITIVE, x: sp.Interval.Ropen(0, 1)},
        goal=And(
            Eq(
                Derivative(_INNER, lam) * (1 + lam) ** 2 * (1 + lam - lam * x) ** 2,
                1 + x + 2 * (1 - x) * lam + (1 - x) * (1 - 2 * x) * lam**2,
            ),
            Eq(1 - _INNER, (1 + lam - 2 * lam * x) / ((1 + lam) * (1 + lam - lam * x))),
            Eq(Limit(_INNER, lam, sp.oo), 1),
        ),
    ),
    uses=("SCX-EUC",),
    evidence=(Proof((
        Step(Smt(), Gt(1 + lam - lam * x, 0)),
        Step(Identity(), Eq(
            Derivative(_INNER, lam),
            (1 + x + 2 * (1 - x) * lam + (1 - x) * (1 - 2 * x) * lam**2)
            / ((1 + lam) ** 2 * (1 + lam - lam * x) ** 2),
        )),
        Step(Identity(), Eq(Limit(_INNER, lam, sp.oo), 1)),
    )),),
    note="The bound is not monotone in lambda, unlike the sharp rate (SCX-SHARP-MAX).",
)

CLAIMS = (SPLIT, DEFINITE, EUCLID, EUCLID_ORDER, EUCLID_IFF, EUCLID_HUMP)
