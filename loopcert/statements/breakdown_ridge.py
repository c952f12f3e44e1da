"""Claims on ridge regression when dimension and sample grow together (ids BPX-5, -6, -8).

Notation: n kept items, d/n -> c, ridge lambda per item. l is the effective ridge: lambda = l (1 -
c/(1 + l)), so that every lambda > 0 is met by one l > max(0, c - 1). k_1 and k_2 are the traces
of lambda (ZZ'/n + lambda)^(-1)/n and of Z'Z/n (Z'Z/n + lambda)^(-2)/n for normal features Z.
"""

import numpy as np
import sympy as sp
from scipy.special import ndtri
from sympy import And, Eq, Gt, Lt, cos, erf, exp, pi, sin, sqrt

from loopcert.claim import Binding, Claim, Proof, Simulation
from loopcert.prove.formal import NONNEGATIVE, POSITIVE, PROPOSITION, REALS, Statement
from loopcert.prove.proof import ByDerivative, Identity, Lemma, Modulo, Smt, Step
from loopcert.prove.substitution import Opaque
from loopcert.statements.breakdown_population import cosine
from loopcert.statements.pruning_angles import (
    ANGLES,
    TRIANGLE,
    angle_between,
    angle_gen,
    angle_prune,
    normal_cdf,
)

__all__ = ["CLAIMS"]

OURS = "new; the model of Feng et al. 2025, section 4"
PARTIAL = sp.Interval(-1, 1)
c, l, kappa, e = sp.symbols("c l kappa e", positive=True)
m, b, w, form, mixed = sp.symbols("m b w q_hh q_he", real=True)
across = sp.Symbol("v", nonnegative=True)
ridge, root, stieltjes = sp.symbols("lambda s m_c", real=True)
turn = sp.Symbol("a", real=True)
x = sp.Symbol("x", positive=True)
limits = sp.Symbol("limits")

RIDGE = l * (1 + l - c) / (1 + l)
GROWING = {c: POSITIVE, l: POSITIVE}
MET = Lt(c, 1 + l)
TRACE_1, TRACE_2 = 1 - c / (1 + l), c / ((1 + l) ** 2 - c)


def spread(first, second, aspect=c, effective=l):
    """The squared noise over signal times b^2, for moments b and e along the signal."""
    square = (second + effective) ** 2 - first**2 * (second + 2 * effective)
    return aspect * square / ((1 + effective) ** 2 - aspect)


def alignment(first, second):
    """The cosine of the fit to the direction of its mean."""
    return first / sqrt(first**2 + spread(first, second))


def density(at):
    """The standard normal density."""
    return exp(-(at**2) / 2) / sqrt(2 * pi)


def unexplained(first, second, at=w):
    """The mean square of what a weight along the signal leaves of the labels."""
    return 1 - 2 * at * first + at**2 * second


# -- the Marchenko-Pastur law --------------------------------------------------------------------
RESOLVENT = Claim(
    id="BPX-5.1",
    title="The Stieltjes transform m_c = 1/(1 + l - c) of the Marchenko-Pastur law at -lambda "
    "solves its quadratic equation; k_1 = lambda/l = 1 - c/(1 + l) and k_2 = c/((1 + l)^2 - c).",
    kind="lemma",
    source="new; the law is of Marchenko and Pastur 1967",
    statement=Statement(
        variables=GROWING,
        hypotheses=(MET,),
        where={
            ridge: RIDGE, root: sqrt((1 - c + ridge) ** 2 + 4 * c * ridge),
            stieltjes: 2 / (ridge + 1 - c + root),
        },
        goal=And(
            Eq(c * ridge * stieltjes**2 + (ridge + 1 - c) * stieltjes, 1),
            Eq(stieltjes, 1 / (1 + l - c)),
            Eq(1 - c + c * ridge * stieltjes, TRACE_1),
            Eq(ridge * stieltjes, l / (1 + l)),
            Eq(c * sp.Derivative(l / (1 + l), l), TRACE_2 * sp.Derivative(RIDGE, l)),
        ),
    ),
    evidence=(
        Proof((
            Step(Identity(), Eq(
                (1 - c + ridge) ** 2 + 4 * c * ridge, (((1 + l) ** 2 - c) / (1 + l)) ** 2)),
            Step(Smt(alone=True), Gt(((1 + l) ** 2 - c) / (1 + l), 0)),
            Step(Smt(), Eq(root, ((1 + l) ** 2 - c) / (1 + l))),
            Step(Identity(), Eq(ridge + 1 - c + ((1 + l) ** 2 - c) / (1 + l), 2 * (1 + l - c))),
            Step(Smt(), Eq(stieltjes, 1 / (1 + l - c))),
            Step(Identity(),
                 Eq(c * sp.Derivative(l / (1 + l), l), TRACE_2 * sp.Derivative(RIDGE, l))),
        )),
    ),
    note="s is the root of the discriminant. k_1 = 1 - c + c lambda m_c, and k_2 = c (m_c + "
    "lambda m_c') = c d(lambda m_c)/d lambda: the last two lines.",
)
SCORE = Claim(
    id="BPX-5.2",
    title="The cosine of the ridge fit to its signal is b/sqrt(b^2 + k_2 ((e + l)^2 - b^2 (e + 2 "
    "l))), b the mean of label times feature along the signal and e that feature's mean square.",
    kind="lemma",
    source=OURS,
    statement=Statement(
        variables={**GROWING, b: REALS, e: POSITIVE, w: REALS},
        hypotheses=(MET, Gt(e, b**2), Eq(w, b / (e + l))),
        goal=Eq(w / sqrt(w**2 + TRACE_2 * unexplained(b, e)), alignment(b, e)),
    ),
    evidence=(
        Proof((
            Step(Smt(), Gt(TRACE_2, 0)),
            Step(Smt(alone=True), Eq(
                unexplained(b, e) * (e + l) ** 2, (e + l) ** 2 - b**2 * (e + 2 * l))),
            Step(Smt(), Gt(unexplained(b, e), 0)),
            Step(Smt(), Gt(w**2 + TRACE_2 * unexplained(b, e), 0)),
            Step(Identity(), Eq(
                b**2 + spread(b, e),
                (e + l) ** 2 * ((b / (e + l)) ** 2 + TRACE_2 * unexplained(b, e, b / (e + l))))),
            Step(Opaque((b / (e + l), b**2 + spread(b, e))), Eq(
                b**2 + spread(b, e), (e + l) ** 2 * (w**2 + TRACE_2 * unexplained(b, e)))),
            Step(Smt(), Eq(sqrt(b**2 + spread(b, e)),
                           (e + l) * sqrt(w**2 + TRACE_2 * unexplained(b, e)))),
            Step(Smt(), Gt(sqrt(w**2 + TRACE_2 * unexplained(b, e)), 0)),
            Step(Smt(alone=True), Eq(b, w * (e + l))),
            Step(Opaque((sqrt(w**2 + TRACE_2 * unexplained(b, e)), sqrt(b**2 + spread(b, e))))),
        )),
    ),
    note="w is the weight along the signal; 1 - 2 w b + w^2 e is the mean square of what it "
    "leaves of the labels. No feature explains a label in full: e > b^2.",
)

# -- labels wrong at random ----------------------------------------------------------------------
_SIGNAL, _SQUARE = kappa * m, 1 + kappa**2
_ACCURACY = normal_cdf(kappa * alignment(_SIGNAL, _SQUARE))


def cosines(found, separation):
    """The mean cosine to the truth with its standard error, from accuracies on the labels."""
    cosine_ = ndtri(found) / separation
    return {"cosine": (cosine_.mean(), cosine_.std(ddof=1) / len(found) ** 0.5)}


def _compared(dim, items, wrong, signal, replicates):
    """Compare the law with `dim` dimensions across the truth and a share of wrong labels."""

    def run(rng, _):
        from sims import simulate_random_pruning

        return cosines(simulate_random_pruning(
            2.0, dim + 1, items, wrong, 1.0, 1.0, ridge=0.5 * (1.5 - dim / items) / 1.5,
            replicates=replicates, rng=rng), 2.0)

    return Simulation(
        run, {"cosine": alignment(_SIGNAL, _SQUARE)},
        {kappa: 2, m: signal, c: sp.Rational(dim, items), l: "1/2"},
        f"{items} items, one dimension along the truth and {dim} across")


_LEFT = TRACE_2 * unexplained(_SIGNAL, _SQUARE)
LAW = Claim(
    id="BPX-5",
    title="Kept labels right with chance (1 + m)/2, whatever the features: as n grows with d/n -> "
    "c, ridge regression has accuracy Phi(kappa b/sqrt(b^2 + k_2 ((e + l)^2 - b^2 (e + 2 l)))), b "
    "= kappa m and e = 1 + kappa^2.",
    kind="theorem",
    source=OURS,
    statement=Statement(
        variables={**GROWING, kappa: POSITIVE, m: PARTIAL, form: NONNEGATIVE, mixed: REALS,
                   w: REALS, across: NONNEGATIVE, limits: PROPOSITION},
        hypotheses=(limits, MET, Eq(w, mixed / (form + RIDGE))),
        goal=Eq(w / sqrt(w**2 + across), alignment(_SIGNAL, _SQUARE)),
    ),
    uses=("BPX-5.1", "BPX-5.2"),
    evidence=(
        Proof((
            Step(Modulo("Marchenko-Pastur", limits, And(
                Eq(form, TRACE_1 * _SQUARE), Eq(mixed, TRACE_1 * _SIGNAL),
                Eq(across, TRACE_2 * unexplained(_SIGNAL, _SQUARE)),
            ))),
            Step(Smt(), Gt(TRACE_1, 0)),
            Step(Smt(), Eq(w * (TRACE_1 * _SQUARE + RIDGE), TRACE_1 * _SIGNAL)),
            Step(Identity(), Eq(TRACE_1 * _SQUARE + RIDGE, TRACE_1 * (_SQUARE + l))),
            Step(Smt(), Eq(w, _SIGNAL / (_SQUARE + l))),
            Step(Smt(alone=True), Gt(_SQUARE, _SIGNAL**2)),
            Step(Lemma("BPX-5.2", {b: _SIGNAL, e: _SQUARE})),
            Step(Opaque((_LEFT,)), Eq(sqrt(w**2 + across), sqrt(w**2 + _LEFT))),
            Step(Smt(alone=True), Gt(TRACE_2, 0)),
            Step(Smt(alone=True), Gt(unexplained(_SIGNAL, _SQUARE), 0)),
            Step(Smt(alone=True), Gt(
                (_SQUARE + l) ** 2 - _SIGNAL**2 * (_SQUARE + 2 * l), 0)),
            Step(Opaque((unexplained(_SIGNAL, _SQUARE),)), Gt(sqrt(w**2 + _LEFT), 0)),
            Step(Opaque(((_SQUARE + l) ** 2 - _SIGNAL**2 * (_SQUARE + 2 * l),)),
                 Gt(sqrt(_SIGNAL**2 + spread(_SIGNAL, _SQUARE)), 0)),
            Step(Opaque((sqrt(w**2 + across), sqrt(w**2 + _LEFT),
                         sqrt(_SIGNAL**2 + spread(_SIGNAL, _SQUARE))))),
        )),
        _compared(60, 120, 0.0, 1, 1000), _compared(40, 160, 0.1, "4/5", 2500),
    ),
    note="Items times their class are h w + z, h ~ N(kappa, 1) along the truth and z normal, "
    "their labels e = +-1 right or wrong. The normal equations, z eliminated, say w (q_hh + "
    "lambda) = q_he with q_uv = u'Rv/n, R = lambda (ZZ'/n + lambda)^(-1); across the truth the "
    "squared weight is r'Z(Z'Z/n + lambda)^(-2)Z'r/n^2, r = e - h w. 'limits': these letters are "
    "the limits. h and e are independent of Z, so the theorem gives traces times mean products.",
)

COMPUTED = Claim(
    id="BPX-5.3",
    title="The best ridge is infinite, averaging: the squared noise kappa^2 m^2 (1/cos^2 - 1) of "
    "a finite one is larger than c by c (c + kappa^2 (1 + (1 - m^2)(1 + kappa^2 + 2 l)))/((1 + "
    "l)^2 - c).",
    kind="result",
    source=OURS,
    statement=Statement(
        variables={**GROWING, kappa: POSITIVE, m: PARTIAL},
        hypotheses=(MET,),
        goal=Eq(
            spread(_SIGNAL, _SQUARE) - c,
            c * (c + kappa**2 * (1 + (1 - m**2) * (1 + kappa**2 + 2 * l))) / ((1 + l) ** 2 - c),
        ),
    ),
    uses=("BPX-5",),
    binds=(
        Binding("theory.breakdown.ridge_accuracy",
                {"separation": kappa, "signal": sp.Abs(m), "aspect": c, "ridge": RIDGE},
                _ACCURACY.subs(m, sp.Abs(m)), rtol=1e-7),
    ),
    evidence=(Proof((Step(Smt(), Gt((1 + l) ** 2 - c, 0)), Step(Identity()))),),
    note="The excess is positive. So for m > 0 no finite ridge reaches Phi(kappa^2 m/sqrt("
    "kappa^2 m^2 + c)), the accuracy of averaging (BPX-5.4).",
)
MONOTONE = Claim(
    id="BPX-5.5",
    title="The noise falls with the ridge all the way: more ridge is better wherever labels are "
    "more often right than wrong.",
    kind="corollary",
    source=OURS,
    statement=Statement(
        variables={**GROWING, kappa: POSITIVE, m: PARTIAL, x: POSITIVE},
        hypotheses=(MET,),
        goal=Lt(
            spread(_SIGNAL, _SQUARE, effective=l + x), spread(_SIGNAL, _SQUARE),
        ),
    ),
    uses=("BPX-5.3",),
    evidence=(
        Proof((
            Step(Lemma("BPX-5.3")), Step(Lemma("BPX-5.3", {l: l + x})),
            Step(Smt(alone=True), And(
                Gt((1 + l) ** 2 - c, 0), Gt((1 + l + x) ** 2 - c, (1 + l) ** 2 - c))),
        )),
    ),
    loose="a strict inequality",
)
_AVERAGE = kappa * m / sqrt(kappa**2 * m**2 + c)
_LEAST = c * (1 + kappa**2) * (1 + kappa**2 * (1 - m**2)) / (1 - c)
ENDS = Claim(
    id="BPX-5.4",
    title="Least squares (lambda -> 0, c < 1) has squared noise c (1 + kappa^2)(1 + kappa^2 (1 - "
    "m^2))/(1 - c), averaging (lambda -> inf) c; both vanish as c -> 0.",
    kind="corollary",
    source=OURS,
    statement=Statement(
        variables={c: sp.Interval.open(0, 1), kappa: POSITIVE, m: PARTIAL},
        goal=And(
            Eq(sp.Limit(spread(_SIGNAL, _SQUARE), l, 0), _LEAST),
            Eq(sp.Limit(spread(_SIGNAL, _SQUARE), l, sp.oo), c),
            Eq(sp.Limit(_LEAST, c, 0), 0),
        ),
    ),
    uses=("BPX-5.3",),
    binds=(
        Binding("theory.breakdown.ridge_accuracy",
                {"separation": kappa, "signal": sp.Abs(m), "aspect": c, "ridge": 0},
                (normal_cdf(kappa * _SIGNAL / sqrt(_SIGNAL**2 + _LEAST))
                 .subs(m, sp.Abs(m))), rtol=1e-7),
        Binding("theory.breakdown.ridge_accuracy",
                {"separation": kappa, "signal": sp.Abs(m), "aspect": c, "ridge": float("inf")},
                normal_cdf(kappa * _AVERAGE.subs(m, sp.Abs(m))), rtol=1e-7),
    ),
    evidence=(Proof((Step(Identity()),)),),
    note="The first is the law of least squares itself, lambda = 0, because the smallest "
    "eigenvalue of Z'Z/n stays above zero for c < 1.",
)

# -- a linear generator and verifier -------------------------------------------------------------
_WEIGHTS = sp.symbols("alpha_1:4", real=True)
_MEANS = sp.symbols("b_1:4", real=True)
_SECOND = sp.Matrix(3, 3, lambda j, k: sp.Symbol(f"M_{min(j, k) + 1}{max(j, k) + 1}", real=True))


def _dot(first, second):
    return sum(f * s for f, s in zip(first, second, strict=True))


_IMAGE = list(_SECOND * sp.Matrix(_WEIGHTS))
_ALONG, _INNER = _dot(_WEIGHTS, _MEANS), _dot(_WEIGHTS, _WEIGHTS)
_QUADRATIC = _dot(_WEIGHTS, _IMAGE)


def rest(along, inner):
    """The mean square of what weights leave of the labels: along = alpha.b, inner = |alpha|^2."""
    return 1 - along - l * inner


PRUNED = Claim(
    id="BPX-6",
    title="Labels and pruning that look at three directions only: as n grows with d/n -> c, ridge "
    "regression has the weights (M + l I)^(-1) b along them, and the squared length |alpha|^2 + "
    "k_2 (1 - alpha.b - l |alpha|^2).",
    kind="theorem",
    source="new; the setting of Feng et al. 2025, figures 2 and 3",
    statement=Statement(
        variables={**GROWING, **dict.fromkeys((*_WEIGHTS, *_MEANS), REALS),
                   **dict.fromkeys(sorted(_SECOND.free_symbols, key=str), REALS),
                   across: NONNEGATIVE, limits: PROPOSITION},
        hypotheses=(limits, MET),
        goal=And(
            *(Eq(image + l * weight, mean)
              for image, weight, mean in zip(_IMAGE, _WEIGHTS, _MEANS, strict=True)),
            Eq(_INNER + across, _INNER + TRACE_2 * rest(_ALONG, _INNER)),
        ),
    ),
    uses=("BPX-5.1",),
    evidence=(
        Proof((
            Step(Modulo("Marchenko-Pastur", limits, And(
                *(Eq(TRACE_1 * image + RIDGE * weight, TRACE_1 * mean)
                  for image, weight, mean in zip(_IMAGE, _WEIGHTS, _MEANS, strict=True)),
                Eq(across, TRACE_2 * (1 - 2 * _ALONG + _QUADRATIC)),
            ))),
            Step(Smt(alone=True), Gt(TRACE_1, 0)),
            *(Step(Smt(), Eq(image + l * weight, mean))
              for image, weight, mean in zip(_IMAGE, _WEIGHTS, _MEANS, strict=True)),
            Step(Opaque(tuple(_IMAGE)), Eq(1 - 2 * _ALONG + _QUADRATIC, rest(_ALONG, _INNER))),
            Step(Opaque((1 - 2 * _ALONG + _QUADRATIC, rest(_ALONG, _INNER)))),
        )),
    ),
    note="b and M are the means of label times features and of products of features over what is "
    "kept, in a frame that holds truth, generator and verifier. Other features are normal and "
    "independent of them; their weights have the squared length v in the limit. The cosine to "
    "the truth is its weight over the root of the whole squared length. 'limits' as in BPX-5.",
)

_BISECTOR_MEAN = sqrt(2 / pi) * cos(angle_between / 2) / (1 - angle_between / pi)
_BISECTOR_SQUARE = 1 + sin(angle_between) / (pi - angle_between)
_HALF = (pi - angle_between) / 2
_KEPT = 1 - angle_between / pi
_COSINE = cosine(angle_gen, angle_prune, angle_between) * alignment(
    _BISECTOR_MEAN, _BISECTOR_SQUARE)
_DIRECTIONS = {
    "angle_gen": angle_gen, "angle_prune": angle_prune, "angle_between": angle_between}


def _agreement(rng, _):
    from sims import simulate_pruned_classifier

    found = simulate_pruned_classifier(
        None, 61, 200, 0.6, 0.9, 0.7, ridge=_PENALTY, replicates=1500, rng=rng)
    shown = np.cos(np.pi * (1 - found))
    return {"cosine": (shown.mean(), shown.std(ddof=1) / len(shown) ** 0.5)}


_RATIO = sp.Rational(386009, 10**6)  # 60 dimensions over 200 (1 - 0.7/pi) items
_PENALTY = float(RIDGE.subs({c: _RATIO, l: sp.Rational(1, 3)}))
BISECTED = Claim(
    id="BPX-8",
    title="Without margin ridge regression fits the bisector of generator and verifier with b = "
    "sqrt(2/pi) cos(t/2)/(1 - t/pi) and e = 1 + sin t/(pi - t), so that its cosine to the truth "
    "is cos theta_b times b/sqrt(b^2 + k_2 ((e + l)^2 - b^2 (e + 2 l))).",
    kind="result",
    source="new; the setting of Feng et al. 2025, figure 2",
    statement=Statement(
        variables={**ANGLES, **GROWING},
        hypotheses=(*TRIANGLE, MET),
        goal=And(
            Eq(2 * sqrt(pi / 2) * sp.Integral(cos(turn), (turn, -_HALF, _HALF)) / (2 * pi),
               _KEPT * _BISECTOR_MEAN),
            Eq(4 * sp.Integral(cos(turn) ** 2, (turn, -_HALF, _HALF)) / (2 * pi),
               _KEPT * _BISECTOR_SQUARE),
        ),
    ),
    uses=("BPX-1", "BPX-5.2", "BPX-6"),
    binds=(
        Binding("theory.breakdown.pruned_ridge_alignment",
                {"separation": 0, **_DIRECTIONS, "aspect": c, "ridge": RIDGE}, _COSINE,
                rtol=1e-7),
    ),
    evidence=(
        Proof((Step(Identity()),)),
        Simulation(
            _agreement, {"cosine": _COSINE},
            {angle_gen: "3/5", angle_prune: "9/10", angle_between: "7/10", c: _RATIO, l: "1/3"},
            "200 items, of which about 155 are kept, in 1 + 60 dimensions"),
    ),
    note="In the plane of generator and verifier kept points have an angle of at most (pi - t)/2 "
    "to their bisector, or to its opposite: with R^2 exponential, E R = sqrt(pi/2) and E R^2 = 2. "
    "By reflection M is diagonal along the bisector and b lies on it (BPX-6).",
)

# -- labels of its own ---------------------------------------------------------------------------
PEAK = Claim(
    id="L-PEAK",
    title="An interval about the peak of the normal density has more mass than its length times "
    "the density at its ends.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={x: POSITIVE}, goal=Gt(erf(x / sqrt(2)), 2 * x * density(x))),
    evidence=(Proof((Step(ByDerivative(x, 0)),)),),
    loose="equal in the limit of a short interval",
)
_AT = kappa * cos(angle_gen)
_OWN = (kappa * erf(_AT / sqrt(2)) + 2 * density(_AT) * cos(angle_gen),
        2 * density(_AT) * sin(angle_gen))
_FIT = (_OWN[0] / (1 + kappa**2 + l), _OWN[1] / (1 + l))
_LENGTH = _dot(_FIT, _FIT)
_OWN_COSINE = _FIT[0] / sqrt(_LENGTH + TRACE_2 * rest(_dot(_FIT, _OWN), _LENGTH))


def _own_labels(rng, _):
    from sims import simulate_pruned_classifier

    return cosines(simulate_pruned_classifier(
        1.5, 62, 120, 0.8, 0.8, 0.0, ridge=1 / 3, replicates=1500, rng=rng), 1.5)


RELABELLED = Claim(
    id="BPX-6.1",
    title="A generator's own labels, nothing pruned, in the mixture: b = kappa erf(kappa cos t_g/"
    "sqrt 2) w + 2 phi(kappa cos t_g) g and M = I + kappa^2 w w'.",
    kind="corollary",
    source="new; the setting of Feng et al. 2025, figure 3, without pruning",
    statement=Statement(
        variables={**GROWING, kappa: sp.Interval.Lopen(0, 4), angle_gen: ANGLES[angle_gen]},
        hypotheses=(MET,),
        goal=Eq(
            1 - 2 * _dot(_FIT, _OWN) + (1 + kappa**2) * _FIT[0] ** 2 + _FIT[1] ** 2,
            rest(_dot(_FIT, _OWN), _LENGTH),
        ),
    ),
    uses=("BPX-4", "BPX-6"),
    binds=(
        Binding("theory.breakdown.pruned_ridge_alignment",
                {"separation": kappa, "angle_gen": angle_gen, "angle_prune": angle_gen,
                 "angle_between": 0, "aspect": c, "ridge": RIDGE}, _OWN_COSINE, rtol=1e-7),
    ),
    evidence=(
        Proof((Step(Identity()),)),
        Simulation(
            _own_labels, {"cosine": _OWN_COSINE},
            {kappa: "3/2", angle_gen: "4/5", c: "1/2", l: "1/2"},
            "120 items in 2 + 60 dimensions, lambda = 1/3"),
    ),
    note="b is BPX-4 for a verifier that is the generator; the weights are b_1/(1 + kappa^2 + l) "
    "along the truth and b_2/(1 + l) across it. The goal is the mean square left, in two forms.",
)
_GAINED = (1 + l) * kappa * erf(_AT / sqrt(2))
_TURNED = 2 * kappa**2 * density(_AT) * cos(angle_gen)
_LEFT_OVER = sin(angle_gen) * (_GAINED - _TURNED) / ((1 + l) * (1 + kappa**2 + l))
LEAK = Claim(
    id="BPX-6.2",
    title="Trained on unlimited labels of its own a linear generator turns towards the truth, at "
    "every ridge: the features alone show the direction of the mixture.",
    kind="result",
    source=OURS,
    statement=Statement(
        variables={l: POSITIVE, kappa: POSITIVE, angle_gen: sp.Interval.open(0, pi / 2)},
        goal=Gt(_FIT[0] * sin(angle_gen), _FIT[1] * cos(angle_gen)),
    ),
    uses=("BPX-6.1", "L-PEAK"),
    evidence=(
        Proof((
            Step(Smt(alone=True), Gt(cos(angle_gen), 0)),
            Step(Lemma("L-PEAK", {x: _AT})),
            Step(Smt(alone=True), Gt(_AT, 0)),
            Step(Smt(), Gt(erf(_AT / sqrt(2)), 0)),
            Step(Opaque((exp(-(_AT**2) / 2), cos(angle_gen), erf(_AT / sqrt(2)))),
                 Gt(_GAINED, _TURNED)),
            Step(ByDerivative(angle_gen, 0, cos(angle_gen)), Gt(sin(angle_gen), 0)),
            Step(Identity(), Eq(_FIT[0] * sin(angle_gen) - _FIT[1] * cos(angle_gen), _LEFT_OVER)),
            Step(Opaque((sin(angle_gen), _GAINED, _TURNED)), Gt(_LEFT_OVER, 0)),
            Step(Opaque((_FIT[0] * sin(angle_gen), _FIT[1] * cos(angle_gen), _LEFT_OVER))),
        )),
    ),
    loose="a strict inequality",
    note="c -> 0: the direction is that of the two weights, of tangent alpha_2/alpha_1.",
)

CLAIMS = (
    RESOLVENT, SCORE, LAW, COMPUTED, MONOTONE, ENDS, PRUNED, BISECTED, PEAK, RELABELLED, LEAK,
)
