"""Claims on a loop caught by a wrong model, however strong the correction; ids SCX-SPURIOUS.

A Cauchy location is fitted to data of law 0.6 C(-6) + 0.4 C(6). K(y) = H_1(y) - s log(4 + (y -
b)^2) up to a constant, b the best location, s = lambda gamma/(1+gamma).
"""

import sympy as sp
from sympy import And, Derivative, Eq, Gt, Lt, Rational, atan, log

from loopcert.claim import Claim, Proof
from loopcert.prove.formal import NONNEGATIVE, REALS, Statement
from loopcert.prove.proof import Enclose, Identity, Smt, Step
from loopcert.statements.contraction_update import corrected, gamma, lam

__all__ = ["CLAIMS"]

x, y, w, z, b, delta, theta, weight = sp.symbols("x y w z b delta theta s", real=True)

_LOGS, _ANGLES = 1 / (4 + delta**2), 1 / (delta * (4 + delta**2))
_PRIMITIVE = (
    _LOGS * log((1 + (x - delta) ** 2) / (1 + x**2))
    + 4 * _ANGLES * atan(x - delta) - (4 + 2 * delta**2) * _ANGLES * atan(x)
) / sp.pi
CAUCHY = Claim(
    id="SCX-SPURIOUS.score",
    title="Under a Cauchy law around a the mean score of a Cauchy location y is -2 (y - a)/(4 + "
    "(y - a)^2).",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={x: REALS, delta: REALS},
        hypotheses=(sp.Ne(delta, 0),),
        goal=And(
            Eq(
                Derivative(_PRIMITIVE, x),
                2 * (x - delta) / (1 + (x - delta) ** 2) / (sp.pi * (1 + x**2)),
            ),
            Eq(4 * _ANGLES - (4 + 2 * delta**2) * _ANGLES, -2 * delta / (4 + delta**2)),
        ),
    ),
    evidence=(Proof((
        Step(Identity(), Eq(
            Derivative(_PRIMITIVE, x),
            2 * (x - delta) / (1 + (x - delta) ** 2) / (sp.pi * (1 + x**2)),
        )),
    )),),
    note="x is the observation less a, delta = y - a (at delta = 0 the mean is 0 by symmetry). "
    "The integrand, score times density, has the primitive on the left. Its logarithm is 0 at "
    "both ends and an arctangent gains pi, so that the integral is pi times the factors of the "
    "arctangents, over pi: the second line.",
)


def _pull(point, centre):
    return -2 * (point - centre) / (4 + (point - centre) ** 2)


def _data(point):
    return Rational(3, 5) * _pull(point, -6) + Rational(2, 5) * _pull(point, 6)


def _likelihood(point):
    return (-Rational(3, 5) * log(4 + (point + 6) ** 2)
            - Rational(2, 5) * log(4 + (point - 6) ** 2))


LOW, HIGH = -Rational(57772, 10**4), -Rational(57771, 10**4)
RIDGE = Rational(429, 100)
TARGET = Claim(
    id="SCX-SPURIOUS.target",
    title="The best location for data of law 0.6 C(-6) + 0.4 C(6) lies in [-5.7772, -5.7771].",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={w: sp.Interval(-sp.oo, LOW), x: sp.Interval(HIGH, 0), y: sp.Interval(0, 6),
                   z: sp.Interval(6, sp.oo)},
        goal=And(
            Gt(_data(w), 0), Lt(_data(x), 0), Lt(_likelihood(y), _likelihood(HIGH)),
            Lt(_data(z), 0),
        ),
    ),
    uses=("SCX-SPURIOUS.score",),
    evidence=(Proof((
        Step(Smt(), Gt(_data(w), 0)),
        Step(Smt(), Lt(_data(x), 0)),
        Step(Smt(), Lt(_data(z), 0)),
        Step(Enclose({y: (0, 6)}), Lt(_likelihood(y), _likelihood(HIGH))),
    )),),
    note="The mean log likelihood rises up to the interval and falls from it to 0; between 0 and "
    "6 it is lower than at the interval's right end, and beyond 6 it falls.",
    loose="the interval and the regions are rounded",
)

BEST = {b: sp.Interval(LOW, HIGH)}
_POINTS = {point: _data(point) + lam * corrected(_pull(point, theta), _pull(point, b))
           for point in (RIDGE, sp.Integer(6))}
STUCK = Claim(
    id="SCX-SPURIOUS",
    title="From 6 the loop never gets below 4.29 when lambda <= 0.44, however strong the "
    "correction: the best location, near -5.78, is not reached.",
    kind="theorem",
    source="new; against Gillman et al. 2024, Conjecture 4.7, on initial closeness",
    statement=Statement(
        variables={**BEST, theta: sp.Interval(RIDGE, 6), gamma: NONNEGATIVE,
                   lam: sp.Interval.Lopen(0, Rational(44, 100))},
        goal=And(Gt(_POINTS[RIDGE], 0), Lt(_POINTS[6], 0)),
    ),
    uses=("SCX-SPURIOUS.score", "SCX-SPURIOUS.target", "SC-D41"),
    evidence=(Proof((
        Step(Smt(), And(sp.Ge(_pull(RIDGE, theta), 0), sp.Le(_pull(6, theta), 0))),
        Step(Smt(), And(Lt(_pull(RIDGE, b), 0), Lt(_pull(6, b), 0))),
        Step(Smt(), Gt(_data(RIDGE) + Rational(44, 100) * _pull(RIDGE, b), 0)),
        Step(Smt(), sp.Ge(corrected(_pull(RIDGE, theta), _pull(RIDGE, b)), _pull(RIDGE, b))),
        Step(Smt(), sp.Le(corrected(_pull(6, theta), _pull(6, b)), 0)),
        Step(Smt(), sp.Ge(
            lam * corrected(_pull(RIDGE, theta), _pull(RIDGE, b)),
            Rational(44, 100) * _pull(RIDGE, b),
        )),
        Step(Smt(), sp.Le(lam * corrected(_pull(6, theta), _pull(6, b)), 0)),
    )),),
    note="The slopes of the objective of a round that starts at theta in [4.29, 6], at both ends "
    "of this interval: ascent from theta cannot leave it. The round's argmax is local, as in the "
    "source. What matters is s = lambda gamma/(1+gamma) < lambda, so gamma cannot help.",
    loose="0.44 is rounded; the least lambda that frees the loop at infinite gamma is about "
    "0.4458",
)

_ASCENDED = {p: _data(p) + weight * _pull(p, b) for p in (w, x, y, z)}
FREED = Claim(
    id="SCX-SPURIOUS-FREE",
    title="For s >= 0.46 the function K has a single critical point, so the loop is freed: a "
    "larger lambda helps where no correction does.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={**BEST, weight: sp.Interval(Rational(46, 100), sp.oo),
                   w: sp.Interval(-sp.oo, -6), x: sp.Interval(-6, -Rational(57, 10)),
                   y: sp.Interval(-Rational(57, 10), 6), z: sp.Interval(6, sp.oo)},
        goal=And(
            Gt(_ASCENDED[w], 0), Lt(Derivative(_ASCENDED[x], x), 0), Lt(_ASCENDED[y], 0),
            Lt(_ASCENDED[z], 0),
        ),
    ),
    uses=("SCX-SPURIOUS.score", "SCX-SPURIOUS.target", "SCX-PROX", "SCX-FIX"),
    evidence=(Proof((
        Step(Identity(), Eq(
            Derivative(_ASCENDED[x], x),
            sp.diff(_data(x), x) + weight * sp.diff(_pull(x, b), x),
        )),
        Step(Smt(), And(Gt(_data(w), 0), Lt(_data(z), 0))),
        Step(Smt(), And(Gt(_pull(w, b), 0), Lt(_pull(z, b), 0), Lt(_pull(y, b), 0))),
        Step(Enclose({x: (-6, -Rational(57, 10))}), Lt(sp.diff(_data(x), x), 0)),
        Step(Enclose({x: (-6, -Rational(57, 10)), b: (LOW, HIGH)}),
             Lt(sp.diff(_pull(x, b), x), 0)),
        Step(Enclose({y: (-Rational(57, 10), 6), b: (LOW, HIGH)}),
             Lt(_data(y) + Rational(46, 100) * _pull(y, b), 0)),
        Step(Smt(), Lt(weight * sp.diff(_pull(x, b), x), 0)),
        Step(Smt(), And(Gt(weight * _pull(w, b), 0), Lt(weight * _pull(z, b), 0))),
        Step(Smt(), sp.Le(weight * _pull(y, b), Rational(46, 100) * _pull(y, b))),
    )),),
    note="The slope of K is positive up to -6, falls up to -5.7 and is negative from there. "
    "Example: lambda = 2, gamma = 50 gives s = 1.96.",
    loose="0.46 and the regions are rounded; the sharp threshold is about 0.4458",
)

CLAIMS = (CAUCHY, TARGET, STUCK, FREED)
