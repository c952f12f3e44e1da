"""Claims on other verifiers than the fixed window, and on its far side (Yi et al. 2025), ids KV-.

Units of the label noise: a kept draw u is N(d, 1) reweighted. K contraction, s width of a Gaussian
keep probability, c a one-sided cut, q the share kept by a ranking.
"""

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Le, Lt, erf, erfc, exp, pi, sqrt

from loopcert.claim import Binding, Claim, Proof
from loopcert.prove.crossing import SingleHump
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
from loopcert.prove.proof import ByDerivative, Identity, Induction, Lemma, Smt, Step
from loopcert.prove.substitution import Opaque
from loopcert.statements._budget_terms import T, t
from loopcert.statements.verifier import (
    CENTRAL,
    OURS,
    RHO,
    area,
    bell,
    beta,
    drop,
    fall,
    first,
    offset,
    pull,
    s,
    second,
    span,
    w,
    weight,
    x,
)
from loopcert.statements.verifier_line import mean

__all__ = ["CLAIMS", "keep"]

product, d, u, edge = sp.symbols("v d u c", real=True)
length, radius, allowance, bias, after = sp.symbols("L r a B MSE_1", nonnegative=True)
width, sigma, K, m, before = sp.symbols("s_2 sigma K m tau_2", positive=True)
far, gap = sp.symbols("h g", positive=True)
rho, step = sp.symbols("rho l", positive=True)
path, gain = sp.IndexedBase("d"), sp.IndexedBase("g")
keep = width / (width + 1)


def cdf(z):
    """The standard normal distribution function."""
    return (1 + erf(z / sqrt(2))) / 2


# -- what a verifier does to true labels ---------------------------------------------------------
COMPLETE = Claim(
    id="KV-COMPLETE",
    title="If the truth lies in the verifier's ball, a true label is accepted with probability at "
    "least 2 Phi(sigma_c/sigma) - 1.",
    kind="proposition",
    source=OURS,
    statement=Statement(
        variables={length: NONNEGATIVE, radius: NONNEGATIVE,
                   allowance: NONNEGATIVE, sigma: POSITIVE, product: REALS},
        hypotheses=(Le(sp.Abs(product), radius * length),),
        where={far: (radius * length + allowance - product) / sigma,
               gap: (radius * length + allowance + product) / sigma},
        goal=Ge(cdf(far) + cdf(gap) - 1, 2 * cdf(allowance / sigma) - 1),
    ),
    binds=(
        Binding("theory.verifier.bound_true_acceptance", {"noise_allowance": allowance / sigma},
                2 * cdf(allowance / sigma) - 1),
    ),
    evidence=(
        Proof((
            Step(Smt(), Ge(far, allowance / sigma)), Step(Smt(), Ge(gap, allowance / sigma)),
        )),
    ),
    note="v = x.(theta* - theta_c), at most |x| r = L r in size by Cauchy's inequality; the label "
    "y = x.theta* + noise is kept iff |y - x.theta_c| <= r |x| + sigma_c.",
    loose="met with equality where r |x| = 0 only",
)

# -- a Gaussian keep probability -----------------------------------------------------------------
_ACCEPT = sqrt(keep) * exp(-(1 - keep) * d**2 / 2)
SOFT = Claim(
    id="KV-SOFT",
    title="Kept with probability exp(-u^2/(2 s^2)), a draw N(d, sigma^2) is N(K d, K sigma^2), "
    "K = s^2/(s^2 + sigma^2), accepted at the rate sqrt(K) exp(-(1 - K) d^2/(2 sigma^2)).",
    kind="theorem",
    source="new; the selection step of Yang et al. 2025 as a verifier",
    statement=Statement(
        variables={width: POSITIVE, sigma: POSITIVE, d: REALS, u: REALS},
        where={K: width / (width + sigma**2)},
        goal=Eq(
            exp(-(u**2) / (2 * width)) * exp(-((u - d) ** 2) / (2 * sigma**2))
            / sqrt(2 * pi * sigma**2),
            sqrt(K) * exp(-(1 - K) * d**2 / (2 * sigma**2))
            * exp(-((u - K * d) ** 2) / (2 * K * sigma**2)) / sqrt(2 * pi * K * sigma**2),
        ),
    ),
    binds=(
        Binding("theory.verifier.soft_contraction", {"width": sqrt(width), "sigma": sigma},
                width / (width + sigma**2)),
        Binding("theory.verifier.soft_acceptance", {"offset": d, "width": sqrt(width)},
                _ACCEPT),
    ),
    evidence=(Proof((Step(Identity()),)),),
    note="Left: keep probability times density; right: acceptance rate times density of a kept "
    "draw. Least squares is linear in the labels: given any full-rank kept X the next offset is "
    "N(K delta, K sigma^2 (X'X)^(-1)), in every dimension.",
)
SOFT_ROUND = Claim(
    id="KV-SOFT.1",
    title="One such round improves exactly when (1 - K)^2 B^2 + K/m < (1 - K^2)/m_0.",
    kind="corollary",
    source="new; the near-term question of Yi et al. 2025",
    statement=Statement(
        variables={K: UNIT, bias: NONNEGATIVE, before: POSITIVE, m: POSITIVE},
        where={after: (1 - K) ** 2 * bias**2 + K**2 * before + K / m},
        goal=Equivalent(
            Lt(after, before), Lt((1 - K) ** 2 * bias**2 + K / m, (1 - K**2) * before)),
    ),
    uses=("KV-SOFT",),
    binds=(
        Binding("theory.verifier.soft_one_round",
                {"bias": bias, "n_real": 1 / before, "width": sqrt(K / (1 - K)), "n_kept": m},
                after, "after"),
    ),
    evidence=(Proof(),),
    note="tau_2 = 1/m_0. The error after the round: bias K a - a, the first error shrunk by K, "
    "and the noise K/m. With any fixed designs 1/m_0 and 1/m are tr(X_0'X_0)^(-1) and "
    "tr(X_1'X_1)^(-1).",
)
MATCHED = Claim(
    id="KV-MATCH",
    title="The Gaussian keep probability of squared width rho/(1 - rho) has the window's "
    "contraction K = rho; away from the centre the window pulls harder: M(d) < K d for d > 0.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={beta: POSITIVE, offset: POSITIVE, rho: UNIT},
        hypotheses=(Eq(rho, CENTRAL),),
        where={width: rho / (1 - rho)},
        goal=And(Eq(keep, rho), Lt(mean(offset), keep * offset)),
    ),
    uses=("KV-RATIO", "KV-SOFT", "KV-TN-W"),
    binds=(
        Binding("theory.verifier.matched_width", {"half_width": sp.Min(beta, 5)},
                sqrt(RHO / (1 - RHO)).xreplace({beta: sp.Min(beta, 5)})),
    ),
    evidence=(
        Proof((
            Step(Lemma("KV-TN-W", {x: -beta, s: 2 * beta})),
            Step(Lemma("KV-TN-W", {x: offset - beta, s: 2 * beta})),
            Step(Lemma("KV-RATIO")),
            Step(Opaque((mean(offset), CENTRAL))),
        )),
    ),
)

# -- a threshold ---------------------------------------------------------------------------------
_Q = sqrt(pi / 2) * erfc(d / sqrt(2))
_MILLS = bell(d) / _Q


def mills(z):
    """lambda(z), the inverse Mills ratio."""
    return _MILLS.xreplace({d: z})


_SPREAD = _Q**2 + d * bell(d) * _Q - bell(d) ** 2
MILLS = Claim(
    id="KV-ONE-MILLS",
    title="The inverse Mills ratio lambda exceeds its argument, and its slope lambda (lambda - x) "
    "lies between zero and one.",
    kind="lemma",
    source="Sampford 1953",
    statement=Statement(
        variables={d: REALS},
        goal=And(
            Gt(_Q, 0), Gt(_MILLS, d), Gt(_MILLS, 0), Gt(_MILLS * (_MILLS - d), 0),
            Lt(_MILLS * (_MILLS - d), 1),
        ),
    ),
    evidence=(
        Proof((
            Step(ByDerivative(d, sp.oo), Gt(_Q, 0)),
            Step(ByDerivative(d, sp.oo), Gt(bell(d) - d * _Q, 0)),
            Step(ByDerivative(d, sp.oo, -2 * (bell(d) - d * _Q)),
                 Lt(d * bell(d) - (1 + d**2) * _Q, 0)),
            Step(ByDerivative(d, sp.oo, bell(d) * (d * bell(d) - (1 + d**2) * _Q)),
                 Gt(_SPREAD, 0)),
            Step(Identity(), Eq((_MILLS - d) * _Q, bell(d) - d * _Q)),
            Step(Smt(alone=True), Gt(bell(d), 0)),
            Step(Opaque((_Q, _MILLS, bell(d), _SPREAD)), Gt(_MILLS, d)),
            Step(Smt(), Gt(_MILLS, 0)),
            Step(Lemma("L-DIFFERENCE", {first: d, second: _MILLS})),
            Step(Lemma("L-PRODUCT", {first: _MILLS, second: _MILLS - d})),
            Step(Smt(), Gt(1 / _Q**2, 0)),
            Step(Lemma("L-PRODUCT", {first: _SPREAD, second: 1 / _Q**2})),
            Step(Identity(), Eq(1 - _MILLS * (_MILLS - d), _SPREAD / _Q**2)),
            Step(Opaque((_MILLS * (_MILLS - d), _SPREAD / _Q**2)),
                 Lt(_MILLS * (_MILLS - d), 1)),
        )),
    ),
    uses=("L-PRODUCT", "L-DIFFERENCE"),
    loose="the bounds are limits, for arguments of either sign",
)
_CUT = mills(edge - u)
_ONE_SLOPE = 1 - _CUT * (_CUT - (edge - u))
ONE_SIDED = Claim(
    id="KV-ONE",
    title="A verifier that keeps u >= c has the mean map M(d) = d + lambda(c - d): increasing, of "
    "slope below one, and without a fixed point: a threshold alone has no knowledge centre.",
    kind="theorem",
    source=OURS,
    statement=Statement(
        variables={u: REALS, edge: REALS},
        goal=And(
            Gt(_CUT, 0), Gt(u + _CUT, edge),
            Eq(sp.Derivative(u + _CUT, u), _ONE_SLOPE), Gt(_ONE_SLOPE, 0), Lt(_ONE_SLOPE, 1),
        ),
    ),
    uses=("KV-ONE-MILLS",),
    binds=(
        Binding("theory.verifier.one_sided_drift", {"offset": u, "cut": edge}, _CUT),
        Binding("theory.verifier.one_sided_slope", {"offset": sp.Min(u, edge + 5), "cut": edge},
                _ONE_SLOPE.xreplace({u: sp.Min(u, edge + 5)}), rtol=1e-8),
    ),
    evidence=(
        Proof((
            Step(Lemma("KV-ONE-MILLS", {d: edge - u})),
            Step(Identity(), Eq(sp.Derivative(u + _CUT, u), _ONE_SLOPE)),
            Step(Opaque((_CUT,)), And(Gt(_CUT, 0), Gt(u + _CUT, edge))),
            Step(Opaque((_CUT,)), And(Gt(_ONE_SLOPE, 0), Lt(_ONE_SLOPE, 1))),
        )),
    ),
    note="u is the offset. With e the normal density without its constant, z e(z) has the "
    "antiderivative -e(z), so that the mean of N(d, 1) above c is d + e(c - d)/Q(c - d).",
    loose="strict inequalities",
)
DRIFTS = Claim(
    id="KV-ONE.1",
    title="It drifts beyond every bound B: as long as d_t <= B a round adds at least "
    "lambda(c - B) > 0, so d_T >= d_0 + T lambda(c - B).",
    kind="corollary",
    source=OURS,
    statement=Statement(
        variables={T: NATURALS, path: Sequence(T + 1, REALS), gain: Sequence(T, NONNEGATIVE),
                   step: POSITIVE, d: REALS},
        hypotheses=(
            Eq(path[0], d), Each(Eq(path[t + 1], path[t] + step + gain[t]), t, T),
        ),
        goal=Ge(path[T], d + T * step),
    ),
    uses=("KV-ONE", "KV-ONE-MILLS"),
    evidence=(Proof((Step(Induction(T)),)),),
    note="l = lambda(c - B), and lambda(c - d) falls with d by KV-ONE-MILLS.",
)

# -- a ranking -----------------------------------------------------------------------------------
_TANH = (1 - exp(-2 * beta * offset)) / (1 + exp(-2 * beta * offset))
RANKED = Claim(
    id="KV-TOPQ",
    title="Keeping the share q nearest to the centre is a window whose half width grows with the "
    "distance, db/dd = tanh(b d): the model still comes nearer, 0 < M_q(d) < d.",
    kind="proposition",
    source="new; the filter of Yi et al. 2025, experiments",
    statement=Statement(
        variables={offset: POSITIVE, beta: POSITIVE},
        goal=And(
            Eq(sp.Derivative(weight(offset), offset) + _TANH * sp.Derivative(
                weight(offset), beta), 0),
            Gt(mean(offset), 0), Lt(mean(offset), offset),
        ),
    ),
    uses=("KV-TN-INSIDE", "KV-TN-PULL"),
    evidence=(
        Proof((
            Step(Identity(), Eq(sp.Derivative(weight(offset), offset) + _TANH * sp.Derivative(
                weight(offset), beta), 0)),
            Step(Lemma("KV-TN-INSIDE")),
            Step(Lemma("KV-TN-PULL", {
                w: weight(offset), drop: fall(offset), x: offset, span: beta})),
            Step(Opaque((pull(offset),)), And(Gt(mean(offset), 0), Lt(mean(offset), offset))),
        )),
    ),
    note="The share q = W/sqrt(2 pi) stays, so dW = 0 along (d, b): the first line. At the centre "
    "tanh(b d) = 0, so that the slope of M_q there is M'(0) = rho(b), b = Phi^(-1)((1 + q)/2).",
    loose="the bounds are approached at the centre and far away",
)
_CLOSE = {offset: sp.Min(offset, 3), beta: sp.Max(sp.Rational(1, 20), sp.Min(beta, 3))}
RANKED_WIDTH = Claim(
    id="KV-TOPQ.1",
    title="A window keeps less away from the centre, so that a fixed share needs a wider one.",
    kind="corollary",
    source="new; the filter of Yi et al. 2025, experiments",
    statement=Statement(
        variables={offset: POSITIVE, beta: POSITIVE},
        goal=Lt(weight(offset), weight(sp.Integer(0))),
    ),
    uses=("KV-TOPQ",),
    binds=(
        Binding("theory.verifier.top_fraction_half_width",
                {"offset": _CLOSE[offset],
                 "fraction": (weight(offset) / sqrt(2 * pi)).xreplace(_CLOSE)},
                _CLOSE[beta], rtol=1e-7),
        Binding("theory.verifier.top_fraction_contraction",
                {"dim": 1, "fraction": erf(_CLOSE[beta] / sqrt(2))}, RHO.xreplace(_CLOSE),
                rtol=1e-8),
    ),
    evidence=(
        Proof((
            Step(Smt(), Gt(bell(offset - beta), bell(offset + beta))),
            Step(ByDerivative(offset, 0, bell(offset - beta) - bell(offset + beta))),
        )),
    ),
    loose="equal at the centre",
    note="W = sqrt(2 pi) Z. Bound are the half width that keeps the share Z(d) at d, and the "
    "contraction at the centre.",
)
_NEAR = sp.Max(-5, sp.Min(d, 5))
TOP = Claim(
    id="KV-TOPQ1",
    title="Keeping the share q of largest score, u >= d + z, adds lambda(z) > 0 in every round, "
    "wherever the model is: K = 1 and a constant drift; the kept variance is 1 - lambda "
    "(lambda - z).",
    kind="proposition",
    source="new; the filter of Yi et al. 2025, experiments",
    statement=Statement(
        variables={d: REALS},
        goal=And(
            Gt(_MILLS, 0), Eq(-sp.Derivative(bell(d), d), d * bell(d)),
            Eq(-sp.Derivative(d * bell(d) + _Q, d), d**2 * bell(d)),
            Eq((d * bell(d) + _Q) / _Q - _MILLS**2, 1 - _MILLS * (_MILLS - d)),
        ),
    ),
    uses=("KV-ONE-MILLS",),
    binds=(
        Binding("theory.verifier.top_fraction_drift",
                {"fraction": erfc(_NEAR / sqrt(2)) / 2}, mills(_NEAR), rtol=1e-6),
    ),
    evidence=(
        Proof((
            Step(Lemma("KV-ONE-MILLS")),
            Step(Identity(), Eq(-sp.Derivative(bell(d), d), d * bell(d))),
            Step(Identity(), Eq(-sp.Derivative(d * bell(d) + _Q, d), d**2 * bell(d))),
            Step(Identity(), Eq(
                (d * bell(d) + _Q) / _Q - _MILLS**2, 1 - _MILLS * (_MILLS - d))),
        )),
    ),
    note="The letter d is z here, the cut above the model, q = Q(z)/sqrt(2 pi). The second and "
    "third line give the first two moments above the cut: e(z)/Q and (z e(z) + Q)/Q.",
    loose="strict below",
)

# -- far from the centre -------------------------------------------------------------------------
_HIGH = far + 2 * beta
_AREA = area(far, _HIGH)
_EDGE = (bell(far) - bell(_HIGH)) / _AREA - far
FAR = Claim(
    id="KV-TAIL-ASY",
    title="Far from the centre, h = d - b, the kept mean is less than 1/h short of the edge of "
    "the window: the pull is strongest where acceptance is least.",
    kind="proposition",
    source=OURS,
    statement=Statement(
        variables={beta: POSITIVE, far: POSITIVE}, goal=Lt(_EDGE, 1 / far),
    ),
    uses=("KV-TN-W", "KV-TN-M"),
    evidence=(
        Proof((
            Step(Lemma("KV-TN-W", {x: far, s: 2 * beta})),
            Step(ByDerivative(far, sp.oo), Gt(sqrt(pi / 2) * (1 - erf(far / sqrt(2))), 0)),
            Step(ByDerivative(far, sp.oo), Gt(
                bell(far) - far * sqrt(pi / 2) * (1 - erf(far / sqrt(2))), 0)),
            Step(
                ByDerivative(far, sp.oo, -2 * (
                    bell(far) - far * sqrt(pi / 2) * (1 - erf(far / sqrt(2))))),
                Gt((1 + far**2) * sqrt(pi / 2) * (1 - erf(far / sqrt(2))) - far * bell(far), 0),
            ),
            Step(SingleHump(beta, ((2 * bell(_HIGH), 1 - 2 * far * beta),)),
                 Gt((1 + far**2) * _AREA - far * (bell(far) - bell(_HIGH)), 0)),
            Step(Identity(), Eq(
                (1 / far - _EDGE) * far * _AREA,
                (1 + far**2) * _AREA - far * (bell(far) - bell(_HIGH)))),
            Step(Opaque((_EDGE, _AREA, bell(far) - bell(_HIGH))), Lt(_EDGE, 1 / far)),
        )),
    ),
    note="b - M = (e(h) - e(h + 2b))/W - h, W = sqrt(2 pi) Z, by KV-TN-M. The bound is attained "
    "in the limit h -> infinity.",
    loose="an asymptotic bound",
)
CLAIMS = (
    COMPLETE, SOFT, SOFT_ROUND, MATCHED, MILLS, ONE_SIDED, DRIFTS, RANKED, RANKED_WIDTH, TOP, FAR,
)
