"""Claims on the mean map of a window at all offsets, of either sign (Yi et al. 2025), ids KV-."""

import sympy as sp
from sympy import Abs, And, Eq, Ge, Gt, Le, Lt, erfc, exp, log, sqrt

from loopcert.claim import Claim, Proof
from loopcert.prove.formal import POSITIVE, REALS, Statement
from loopcert.prove.proof import ByDerivative, Identity, Lemma, Step
from loopcert.prove.substitution import Opaque, Substitute
from loopcert.statements.verifier import (
    CENTRAL,
    OURS,
    bell,
    beta,
    d,
    drop,
    fall,
    offset,
    pull,
    s,
    slope,
    span,
    w,
    weight,
    x,
)

__all__ = ["CLAIMS", "mean", "step", "y"]

y = sp.Symbol("y", real=True)
step = sp.Symbol("l", positive=True)


def mean(at):
    """M, the mean of a kept draw."""
    return at - pull(at)


_WEIGHT = Step(Lemma("KV-TN-W", {x: y - beta, s: 2 * beta}))
_ZERO = Substitute(y, sp.Integer(0))


def _both(claim, variable):
    """The lemma at y > 0, and at -y where y < 0."""
    return (
        Step(Lemma(claim, {variable: y}, when=Gt(y, 0))),
        Step(Lemma(claim, {variable: -y}, when=Lt(y, 0))),
    )


SLOPE = Claim(
    id="KV-LINE-SLOPE",
    title="At every real offset 0 < M' <= rho < 1.",
    kind="theorem",
    source=OURS,
    statement=Statement(
        variables={y: REALS, beta: POSITIVE},
        goal=And(Gt(slope(y), 0), Le(slope(y), CENTRAL), Lt(CENTRAL, 1)),
    ),
    uses=("KV-TN-W", "KV-TN-01", "KV-RHO"),
    loose="the upper bounds are met at the centre and in the limit of a wide window",
    evidence=(
        Proof((
            _WEIGHT,
            Step(ByDerivative(beta, 0), Gt(1 - erfc(beta / sqrt(2)), 0)),
            Step(Lemma("KV-TN-01", {d: y}, when=Ge(y, 0))),
            Step(Lemma("KV-TN-01", {d: -y}, when=Le(y, 0))),
            *_both("KV-RHO", offset),
            Step(_ZERO, _ZERO.fact(slope(y))),
            Step(Lemma("KV-TN-01", {d: sp.Integer(0)})),
            Step(Identity(), Eq(slope(sp.Integer(0)), CENTRAL)),
            Step(Lemma("KV-TN-W", {x: -y - beta, s: 2 * beta})),
            Step(Identity(), Eq(slope(-y), slope(y))),
            Step(Opaque((slope(y), slope(-y), slope(sp.Integer(0)), CENTRAL))),
        )),
    ),
)
def _inside(at, case):
    """The mean inside the window, for one sign of the offset."""
    return (
        Step(Lemma("KV-TN-INSIDE", {offset: at}, when=case)),
        Step(Lemma("KV-TN-PULL", {w: weight(at), drop: fall(at), x: at, span: beta}, when=case)),
    )


MEAN = Claim(
    id="KV-LINE-MEAN",
    title="M is odd, and at every real offset |M(d)| <= rho |d| and |M(d)| < beta: one noiseless "
    "round from anywhere lands inside the window.",
    kind="theorem",
    source=OURS,
    statement=Statement(
        variables={y: REALS, beta: POSITIVE},
        goal=And(
            Eq(mean(-y), -mean(y)),
            Le(Abs(mean(y)), CENTRAL * Abs(y)),
            Lt(Abs(mean(y)), beta),
        ),
    ),
    uses=("KV-TN-W", "KV-TN-INSIDE", "KV-TN-PULL", "KV-RATIO"),
    evidence=(
        Proof((
            _WEIGHT,
            Step(Lemma("KV-TN-W", {x: -y - beta, s: 2 * beta})),
            Step(ByDerivative(beta, 0), Gt(1 - erfc(beta / sqrt(2)), 0)),
            Step(Identity(), Eq(mean(-y), -mean(y))),
            *_both("KV-RATIO", offset),
            *_inside(y, Gt(y, 0)),
            *_inside(-y, Lt(y, 0)),
            Step(_ZERO, _ZERO.fact(mean(y))),
            Step(Opaque((pull(y), pull(-y), CENTRAL))),
        )),
    ),
    loose="the bounds are approached at the centre and far away",
)

LIPSCHITZ = Claim(
    id="KV-LINE-LIP",
    title="The mean map keeps the order of two offsets and brings them nearer: "
    "0 < M(d + l) - M(d) <= rho l.",
    kind="corollary",
    source=OURS,
    statement=Statement(
        variables={y: REALS, step: POSITIVE, beta: POSITIVE},
        goal=And(
            Gt(mean(y + step), mean(y)), Le(mean(y + step) - mean(y), CENTRAL * step),
        ),
    ),
    uses=("KV-TN-W", "KV-LINE-SLOPE"),
    evidence=(
        Proof((
            _WEIGHT,
            Step(Lemma("KV-TN-W", {x: y + step - beta, s: 2 * beta})),
            Step(ByDerivative(beta, 0), Gt(1 - erfc(beta / sqrt(2)), 0)),
            Step(Lemma("KV-LINE-SLOPE", {y: y + step})),
            Step(Opaque((slope(y + step), CENTRAL)), Ge(CENTRAL - slope(y + step), 0)),
            Step(ByDerivative(step, 0, slope(y + step)), Gt(mean(y + step), mean(y))),
            Step(ByDerivative(step, 0, CENTRAL - slope(y + step)),
                 Le(mean(y + step) - mean(y), CENTRAL * step)),
        )),
    ),
    loose="the bounds are limits, for distant and for close offsets",
)

_MOMENT = exp(step * y + step**2 / 2) * weight(y + step)


def _cumulant(sign):
    """log E exp(l (u - M)) for l of this sign."""
    return (log(weight(y + sign * step)) - log(weight(y)) + step**2 / 2 + sign * step * pull(y))


SUBGAUSSIAN = Claim(
    id="KV-SUBG",
    title="A kept draw less its mean is sub-Gaussian with variance proxy rho: "
    "log E exp(l (u - M)) <= rho l^2/2 for all real l.",
    kind="theorem",
    source=OURS,
    statement=Statement(
        variables={y: REALS, step: POSITIVE, beta: POSITIVE},
        goal=And(
            Eq(sp.Derivative(_MOMENT, beta),
               exp(step * beta) * bell(beta - y) + exp(-step * beta) * bell(beta + y)),
            Le(_cumulant(1), CENTRAL * step**2 / 2),
            Le(_cumulant(-1), CENTRAL * step**2 / 2),
        ),
    ),
    uses=("KV-TN-W", "KV-LINE-LIP"),
    evidence=(
        Proof((
            Step(Identity(), Eq(
                sp.Derivative(_MOMENT, beta),
                exp(step * beta) * bell(beta - y) + exp(-step * beta) * bell(beta + y))),
            _WEIGHT,
            Step(Lemma("KV-TN-W", {x: y + step - beta, s: 2 * beta})),
            Step(Lemma("KV-TN-W", {x: y - step - beta, s: 2 * beta})),
            Step(ByDerivative(beta, 0), Gt(1 - erfc(beta / sqrt(2)), 0)),
            Step(Lemma("KV-LINE-LIP")),
            Step(Lemma("KV-LINE-LIP", {y: y - step})),
            Step(ByDerivative(step, 0, CENTRAL * step - (mean(y + step) - mean(y))),
                 Le(_cumulant(1), CENTRAL * step**2 / 2)),
            Step(ByDerivative(step, 0, CENTRAL * step - (mean(y) - mean(y - step))),
                 Le(_cumulant(-1), CENTRAL * step**2 / 2)),
        )),
    ),
    note="The first line: exp(l d + l^2/2) W(d + l) is the integral of exp(l u) e(u - d) over the "
    "window, by its derivative in beta (both vanish for an empty window). So E exp(l u) is that "
    "over W(d), and the second and third line are the bound for l and for -l.",
    loose="attained to second order at the centre",
)

CLAIMS = (SLOPE, MEAN, LIPSCHITZ, SUBGAUSSIAN)
