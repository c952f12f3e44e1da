"""Claims on the stationary error of corrected loops with n real and lambda n synthetic points.

Notation: q = 1/(1+gamma) the share of the model in a corrected law, a = 1 - q, f the stationary
mean squared error in units of 1/n for large n; ids SCX-GM, SCX-LYAP, SCX-UNIVERSAL, SCX-BERN.
"""

import sympy as sp
from sympy import And, Derivative, Eq, Gt, Le, Limit, Lt, Rational, sqrt

from loopcert.claim import Binding, Claim, Proof
from loopcert.prove.formal import NATURALS, NONNEGATIVE, POSITIVE, REALS, UNIT, Statement
from loopcert.prove.proof import Identity, Lemma, Smt, Step
from loopcert.statements.contraction_toy import SHARE, spread

__all__ = ["CLAIMS"]

n, m = sp.symbols("n m", integer=True, positive=True)
lam, q, a, h, per = sp.symbols("lambda q a h w", positive=True)
c1, c2 = sp.symbols("c_i c_j", nonnegative=True)
b, p, chi, g11, g12, delta, first, second = sp.symbols(
    "b p chi G_ii G_ij delta E_delta E_delta2", real=True
)
chance = sp.Symbol("P", nonnegative=True)
GAMMA = (1 - q) / q
RATIO = m / n


def inflation(ratio, kept):
    """The factor f over 1/n of the stationary error with fixed real data."""
    top = 1 + ratio + 2 * ratio * kept / (1 + ratio - ratio * kept)
    return top / ((1 + ratio) ** 2 - ratio**2 * kept**2)


# -- dependence on the correction ----------------------------------------------------------------
_RISE = 1 + 2 * lam + lam**2 + 2 * lam * q + 3 * lam**2 * q + lam**2 * q**2 + lam**3 * q * (1 - q)
MONOTONE = Claim(
    id="SCX-GM-monogamma",
    title="To leading order in 1/n the stationary error falls strictly in gamma, at every lambda: "
    "in the long run more correction always helps.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={lam: POSITIVE, q: SHARE},
        goal=Eq(
            Derivative(inflation(lam, q), q),
            2 * lam * _RISE / ((1 + lam - lam * q) ** 3 * (1 + lam + lam * q) ** 2),
        ),
    ),
    uses=("SCX-GM-FIX",),
    binds=(
        Binding("theory.contraction.cramer_rao_inflation",
                {"synthetic_ratio": lam, "correction": GAMMA}, inflation(lam, q)),
    ),
    evidence=(Proof((
        Step(Smt(), Gt(1 + lam - lam * q, 0)),
        Step(Identity(), Eq(
            Derivative(inflation(lam, q), q),
            2 * lam * _RISE / ((1 + lam - lam * q) ** 3 * (1 + lam + lam * q) ** 2),
        )),
    )),),
    note="q = 1/(1+gamma) falls in gamma, and every term on the right is positive for q <= 1. "
    "The stationary error is f/n to leading order (SCX-GM-FIX); SCX-GM-monogamma-n has every n.",
)


QUOTIENT = Claim(
    id="L-ORDER-QUOTIENT",
    title="A larger positive numerator over a smaller positive denominator is a larger quotient.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={p: REALS, chi: REALS, h: POSITIVE, lam: POSITIVE},
        hypotheses=(Gt(p, 0), Gt(chi, 0)),
        goal=Gt((p + h) / chi, p / (chi + lam)),
    ),
    evidence=(Proof(),),
    loose="a strict order, not a distance",
)


def _top(kept):
    return (1 + lam + 2 * lam * kept / (1 + lam - lam * kept)
            + b * lam * kept**2 * (1 - per / lam))


def _bottom(kept):
    return (1 + lam) ** 2 - lam**2 * kept**2 - lam * kept * (1 - kept) * per


MONOTONE_EXACT = Claim(
    id="SCX-GM-monogamma-n",
    title="For every n and m, with resampling or without, the stationary error falls strictly in "
    "gamma.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={per: sp.Interval.Lopen(0, 1), lam: POSITIVE, q: SHARE, h: UNIT,
                   b: sp.FiniteSet(0, 1)},
        hypotheses=(sp.Ge(lam, per), Le(q + h, 1)),
        goal=Gt(_top(q + h) / _bottom(q + h), _top(q) / _bottom(q)),
    ),
    uses=("SCX-GM-FIX", "L-ORDER-QUOTIENT"),
    evidence=(Proof((
        Step(Smt(), Gt(1 + lam - lam * (q + h), 0)),
        Step(Smt(), sp.Ge(1 - per / lam, 0)),
        Step(Smt(), Gt(
            2 * lam * (q + h) / (1 + lam - lam * (q + h)), 2 * lam * q / (1 + lam - lam * q),
        )),
        Step(Smt(), sp.Ge(
            b * lam * (q + h) ** 2 * (1 - per / lam), b * lam * q**2 * (1 - per / lam),
        )),
        Step(Smt(), Gt(_top(q + h) - _top(q), 0)),
        Step(Smt(), sp.Ge(b * lam * q**2 * (1 - per / lam), 0)),
        Step(Smt(), Gt(_top(q), 0)),
        Step(Smt(), Gt((lam - per) * (2 * q + h) + per, 0)),
        Step(Smt(alone=True), Eq(
            _bottom(q) - _bottom(q + h), lam * h * ((lam - per) * (2 * q + h) + per),
        )),
        Step(Smt(), Gt(lam * h * ((lam - per) * (2 * q + h) + per), 0)),
        Step(Smt(), Gt(_bottom(q) - _bottom(q + h), 0)),
        Step(Smt(), Gt(_bottom(q + h), 0)),
        Step(Lemma("L-ORDER-QUOTIENT", {
            p: _top(q), h: _top(q + h) - _top(q), chi: _bottom(q + h),
            lam: _bottom(q) - _bottom(q + h),
        })),
    )),),
    note="w = 1/n and w/lambda = 1/m, so that m >= 1 reads lambda >= w; q and q + h are the "
    "shares of the model at two strengths, b = 1 with resampling. The numerator rises in q, the "
    "denominator falls.",
    loose="a strict order, not a distance",
)

# -- dependence on lambda ------------------------------------------------------------------------
def cubic(ratio):
    """Minus the sign of the slope of f in lambda."""
    return (a**2 * (2 - a) * ratio**3 + a * (2 - a) * (5 - 2 * a) * ratio**2
            + a * (7 - 4 * a) * ratio - (1 - 2 * a))


SLOPE = Claim(
    id="SCX-GM-SLOPE",
    title="The slope of f in lambda has the sign of minus a cubic: for gamma >= 1 more synthetic "
    "data always help, for 0 < gamma < 1 the error rises to one peak and then falls.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={lam: POSITIVE, a: sp.Interval.open(0, 1), h: POSITIVE},
        goal=And(
            Eq(
                Derivative(inflation(lam, 1 - a), lam),
                -cubic(lam) / ((1 + a * lam) ** 3 * (1 + (2 - a) * lam) ** 2),
            ),
            Eq(
                cubic(lam + h) - cubic(lam),
                h * (a**2 * (2 - a) * (3 * lam**2 + 3 * lam * h + h**2)
                     + a * (2 - a) * (5 - 2 * a) * (2 * lam + h) + a * (7 - 4 * a)),
            ),
            Eq(cubic(0), 2 * a - 1),
        ),
    ),
    uses=("SCX-GM-FIX",),
    evidence=(Proof((
        Step(Identity(), Eq(
            Derivative(inflation(lam, 1 - a), lam),
            -cubic(lam) / ((1 + a * lam) ** 3 * (1 + (2 - a) * lam) ** 2),
        )),
    )),),
    note="a = gamma/(1+gamma). The cubic rises strictly in lambda (second line) from 2a - 1, so "
    "it is positive throughout for a >= 1/2 and changes sign once, from minus to plus, for a < "
    "1/2.",
)

EDGES = Claim(
    id="SCX-GM-EDGES",
    title="Without correction the error is (1 + 3 lambda)/(1 + 2 lambda) over n, below 3/(2n) "
    "for every lambda; to first order in lambda synthetic data help exactly if gamma > 1; with "
    "any correction the error vanishes as lambda grows.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={lam: POSITIVE, a: sp.Interval.open(0, 1)},
        goal=And(
            Eq(inflation(lam, 1), (1 + 3 * lam) / (1 + 2 * lam)),
            Eq(Rational(3, 2) - inflation(lam, 1), 1 / (2 + 4 * lam)),
            Eq(inflation(lam, 0), 1 / (1 + lam)),
            Eq(Limit((inflation(lam, 1 - a) - 1) / lam, lam, 0), 1 - 2 * a),
            Eq(Limit(inflation(lam, 1 - a), lam, sp.oo), 0),
        ),
    ),
    uses=("SCX-GM-FIX",),
    evidence=(Proof((
        Step(Identity(), Eq(Limit((inflation(lam, 1 - a) - 1) / lam, lam, 0), 1 - 2 * a)),
        Step(Identity(), Eq(Limit(inflation(lam, 1 - a), lam, sp.oo), 0)),
    )),),
    note="a = gamma/(1+gamma), so 1 - 2a = (1-gamma)/(1+gamma). The first three lines (gamma = "
    "0, gamma = inf) hold for every n without resampling: the term of order 1/n in SCX-GM-FIX is "
    "absent at q = 1 and q = 0. There is no best finite lambda, as corrected points are free.",
)

# -- fresh real data -----------------------------------------------------------------------------
def fresh(boot):
    """The stationary error when every round has real points of its own."""
    top = 1 + RATIO + boot * RATIO * q**2 * (1 - 1 / m)
    return top / ((1 + RATIO) ** 2 - RATIO**2 * q**2 - RATIO * q * (1 - q) / n) / n


FRESH = Claim(
    id="SCX-GM-FRESH",
    title="With fresh real points in every round the stationary error loses the memory of the "
    "one real sample, 2 lambda q/(1 + lambda - lambda q), and nothing else.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={n: NATURALS, m: NATURALS, q: SHARE, b: sp.FiniteSet(0, 1)},
        where={p: fresh(b)},
        goal=Eq((1 / n + RATIO**2 * (q**2 * p + spread(p, 1))) / (1 + RATIO) ** 2, p),
    ),
    uses=("SC-D-REC.spread",),
    binds=tuple(
        Binding("theory.contraction.gaussian_steady_mse",
                {"n": n, "synthetic_ratio": RATIO, "correction": GAMMA, "real": "fresh",
                 "bootstrap": bool(boot)}, fresh(boot))
        for boot in (0, 1)
    ) + (
        Binding("theory.contraction.cramer_rao_inflation",
                {"synthetic_ratio": RATIO, "correction": GAMMA, "real": "fresh"},
                (1 + RATIO) / ((1 + RATIO) ** 2 - RATIO**2 * q**2)),
    ),
    evidence=(Proof(),),
    note="The left side is the next mean square of (n xbar + m zbar)/(n + m), xbar fresh, given "
    "p: E xbar zbar = 0. Known variance 1.",
)

_LEAD_N = 2 * a - 1 - a * (1 - a) * per
_MIDDLE = 3 - a - a * (1 - a) * per
_ROOT = -2 * _LEAD_N / (a * (_MIDDLE + sqrt(_MIDDLE**2 - 4 * (2 - a) * _LEAD_N)))
CRITICAL = Claim(
    id="SCX-GM-lambda_c-n",
    title="For 0 < gamma < 1 the ratio at which synthetic data start to help, for every n.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={a: sp.Interval.open(0, Rational(1, 2)), per: sp.Interval.Lopen(0, 1)},
        goal=Eq(_LEAD_N + a * _MIDDLE * _ROOT + a**2 * (2 - a) * _ROOT**2, 0),
    ),
    uses=("SCX-GM-cross-n",),
    binds=(
        Binding("theory.contraction.critical_synthetic_ratio",
                {"correction": a / (1 - a), "n": 1 / per}, _ROOT),
    ),
    evidence=(Proof((
        Step(Smt(), Lt(_LEAD_N, 0)),
        Step(Smt(), Gt(_MIDDLE, 0)),
    )),),
    note="w = 1/n. The root is positive, and the polynomial of SCX-GM-cross-n rises with lambda "
    "> 0.",
)

# -- other families ------------------------------------------------------------------------------
def _pull(value):
    return 1 + lam * (1 - q) * value


def _cross(entry, value):
    return entry * per / _pull(value)  # E g_i y_j


def _next_cross(entry, value):
    return (entry * per + lam * q * value * _cross(entry, value)) / (1 + lam * value)


def _covariance(entry, one, other, drift):
    return entry * per / (_pull(one) * _pull(other)) + drift


def _next_covariance(entry, one, other, drift, noise):
    now = (entry * per + lam * q * (one * _cross(entry, one) + other * _cross(entry, other))
           + (lam * q) ** 2 * one * other * _covariance(entry, one, other, drift) + noise)
    return now / ((1 + lam * one) * (1 + lam * other))


_DRIFT = lam * per * c1 / ((1 + lam * c1) ** 2 * (1 - (lam * q * c1 / (1 + lam * c1)) ** 2))
_MATRICES = {"hessian": [[1.0, 0.0], [0.0, 1.0]], "fisher": [[c1, 0.0], [0.0, c2]],
             "score_covariance": [[g11, g12], [g12, g11]]}
LYAPUNOV = Claim(
    id="SCX-LYAP",
    title="The stationary covariance of the linearised loop is a sandwich of the real data, "
    "pulled in by the target, plus a drift of resampling, whether the model is right or wrong.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={per: sp.Interval.Lopen(0, 1), lam: POSITIVE, q: SHARE, c1: NONNEGATIVE,
                   c2: NONNEGATIVE, g11: REALS, g12: REALS},
        goal=And(
            Eq(_next_cross(g12, c2), _cross(g12, c2)),
            Eq(_next_covariance(g12, c1, c2, 0, 0), _covariance(g12, c1, c2, 0)),
            Eq(
                _next_covariance(g11, c1, c1, _DRIFT, lam * per * c1),
                _covariance(g11, c1, c1, _DRIFT),
            ),
        ),
    ),
    uses=("SCX-SHARP-EIGEN", "SC-A7.II-J"),
    binds=tuple(
        Binding("theory.contraction.asymptotic_steady_covariance",
                {"n": 100, "synthetic_ratio": lam, "correction": GAMMA, **_MATRICES},
                value.xreplace({per: Rational(1, 100)}), pick=place)
        for value, place in (
            (_covariance(g11, c1, c1, _DRIFT), (0, 0)), (_covariance(g12, c1, c2, 0), (0, 1)),
        )
    ),
    evidence=(Proof((
        Step(Smt(), And(Gt(_pull(c1), 0), Gt(_pull(c2), 0))),
        Step(Smt(), Lt(lam * q * c1, 1 + lam * c1)),
        Step(Smt(), Gt((1 + lam * c1) ** 2 - (lam * q * c1) ** 2, 0)),
    )),),
    note="In the basis that is orthonormal for H and diagonal for F, entries c_i: (1 + lambda "
    "c_i) y_i' = g_i + lambda q c_i y_i + lambda xi_i, with Cov g = G/n the real score (fixed) "
    "and Cov xi = F/m, m = lambda n, fresh each round; w = 1/n. The lines say that E g_i y_j, E "
    "y_i y_j and E y_i^2 are stationary; the errors of other values shrink by r_j and r_i r_j < "
    "1 a round. Leading order in 1/n, as the loop is linearised at the best model.",
)

UNIVERSAL = Claim(
    id="SCX-UNIVERSAL",
    title="Linearised at the best model, the loop of every regular well-specified model inflates "
    "the Cramer-Rao bound by the same factor f.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={per: sp.Interval.Lopen(0, 1), lam: POSITIVE, q: SHARE},
        where={p: _covariance(1, 1, 1, _DRIFT.xreplace({c1: sp.Integer(1)}))},
        goal=And(Eq(p, inflation(lam, q) * per), Eq(_covariance(0, 1, 1, 0), 0)),
    ),
    uses=("SCX-LYAP", "SC-A7.II"),
    binds=(
        Binding("theory.contraction.cramer_rao_inflation",
                {"synthetic_ratio": lam, "correction": GAMMA}, p / per),
    ),
    evidence=(Proof(),),
    note="A well-specified model has G = F = H (SC-A7.II), so every c_i is 1; in Fisher "
    "coordinates the covariance is f/n times the identity.",
)

_V = chance * (1 - chance)
_MEAN = chance + q * delta  # of a corrected point, the model being at chance + delta
BERNOULLI = Claim(
    id="SCX-BERN-FIX",
    title="The exact stationary mean squared error of a Bernoulli loop with fixed real data.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={n: NATURALS, m: NATURALS, q: SHARE, chance: sp.Interval(0, 1), delta: REALS},
        where={
            chi: _V / n / (1 + RATIO - RATIO * q),
            p: _V / n * (1 + RATIO + 2 * RATIO * q / (1 + RATIO - RATIO * q))
            / ((1 + RATIO) ** 2 - RATIO**2 * q**2 + RATIO * q**2 / n),
        },
        goal=And(
            Eq(_MEAN * (1 - _MEAN), _V + (1 - 2 * chance) * q * delta - q**2 * delta**2),
            Eq((_V / n + RATIO * q * chi) / (1 + RATIO), chi),
            Eq(
                (_V / n + 2 * RATIO * q * chi + RATIO**2 * (q**2 * p + (_V - q**2 * p) / m))
                / (1 + RATIO) ** 2,
                p,
            ),
        ),
    ),
    uses=("SC-D41",),
    binds=(
        Binding("theory.contraction.bernoulli_steady_mse",
                {"n": n, "synthetic_ratio": RATIO, "correction": GAMMA, "probability": chance}, p),
    ),
    evidence=(Proof(),),
    note="delta is the error of the model, chi = E delta (xbar - P), p = E delta^2. The first "
    "line is the variance of one corrected point given the model; its mean is P(1-P) - q^2 p, as "
    "E delta = 0. The others say that chi and p are stationary.",
)

CLAIMS = (
    MONOTONE, QUOTIENT, MONOTONE_EXACT, SLOPE, EDGES, FRESH, CRITICAL, LYAPUNOV, UNIVERSAL,
    BERNOULLI,
)
