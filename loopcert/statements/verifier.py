"""Claims on one draw that a verifier keeps inside a window (Yi et al. 2025), ids KV-.

Notation (units of the label noise): d offset of the model from the knowledge centre, beta half
width of the window; kept draws are N(d, 1) inside [-beta, beta]. Z(d) acceptance, M(d) mean of a
kept draw, M'(d) its slope, S = d - M. W = sqrt(2 pi) Z, and e(x) = exp(-x^2/2).
"""

import sympy as sp
from sympy import And, Eq, Ge, Gt, Implies, Lt, erf, erfc, exp, pi, sqrt

from loopcert.claim import Binding, Claim, Proof
from loopcert.prove.crossing import SingleHump
from loopcert.prove.formal import NONNEGATIVE, POSITIVE, REALS, Statement
from loopcert.prove.proof import ByDerivative, Identity, Lemma, Modulo, Smt, Step

__all__ = ["CLAIMS"]

OURS = "new; the acceptance rule of Yi et al. 2025"
beta, s = sp.symbols("beta s", positive=True)
a, d = sp.symbols("a d", nonnegative=True)
x, first, second = sp.symbols("x f_1 f_2", real=True)
w, gain, span, drop = sp.symbols("w j h l", real=True)
offset = sp.Symbol("d", positive=True)


def bell(z):
    """e(z), the normal density without its constant."""
    return exp(-(z**2) / 2)


def area(low, high):
    """The integral of e over an interval."""
    return sqrt(pi / 2) * (erfc(low / sqrt(2)) - erfc(high / sqrt(2)))


def weight(at=d):
    """W(d): the integral of e over the window, mirrored to [d - beta, d + beta]."""
    return area(at - beta, at + beta)


def fall(at=d):
    """The fall of e over the mirrored window."""
    return bell(at - beta) - bell(at + beta)


def level(at=d):
    """The fall of x e(x) over the mirrored window."""
    return (at - beta) * bell(at - beta) - (at + beta) * bell(at + beta)


def pull(at=d):
    """S(d) = d - M(d)."""
    return fall(at) / weight(at)


def slope(at=d):
    """M'(d) = the variance of a kept draw."""
    return 1 + level(at) / weight(at) - pull(at) ** 2


def bend(at=d):
    """M''(d) = the third cumulant of a kept draw."""
    low, high = at - beta, at + beta
    squares = ((high**2 - 1) * bell(high) - (low**2 - 1) * bell(low)) / weight(at)
    return squares + 3 * pull(at) * level(at) / weight(at) - 2 * pull(at) ** 3


RHO = 1 - sqrt(2 / pi) * beta * bell(beta) / erf(beta / sqrt(2))
CENTRAL = 1 - sqrt(2 / pi) * beta * bell(beta) / (1 - erfc(beta / sqrt(2)))  # rho again
WINDOW = {"offset": d, "half_width": beta}
BOTH = {d: NONNEGATIVE, beta: POSITIVE}
RIGHT = {offset: POSITIVE, beta: POSITIVE}

MEAN = d - pull()

# -- lemmas on the normal density ----------------------------------------------------------------
PRODUCT = Claim(
    id="L-PRODUCT",
    title="The product of two positive numbers is positive.",
    kind="lemma",
    source="standard",
    statement=Statement(variables={first: POSITIVE, second: POSITIVE}, goal=Gt(first * second, 0)),
    evidence=(Proof(),),
    loose="the sign of a product",
)

DIFFERENCE = Claim(
    id="L-DIFFERENCE",
    title="A larger number less a smaller one is positive.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={first: REALS, second: REALS}, hypotheses=(Lt(first, second),),
        goal=Gt(second - first, 0),
    ),
    evidence=(Proof(),),
    loose="the sign of a difference",
)

AREA = Claim(
    id="KV-TN-W",
    title="The normal density has a positive integral over every interval.",
    kind="lemma",
    source="standard",
    statement=Statement(variables={x: REALS, s: POSITIVE}, goal=Gt(area(x, x + s), 0)),
    evidence=(Proof((Step(ByDerivative(s, 0)),)),),
    loose="the sign of an area",
)

HIGH = x + s
MASS, MOMENT = area(x, HIGH), bell(x) - bell(HIGH)
SQUARE = MASS + x * bell(x) - HIGH * bell(HIGH)
ABOUT = SQUARE - 2 * HIGH * MOMENT + HIGH**2 * MASS
VARIANCE = Claim(
    id="KV-TN-LOW",
    title="A normal variable kept in an interval has positive variance.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={x: REALS, s: POSITIVE}, goal=Gt(MASS * SQUARE - MOMENT**2, 0),
    ),
    uses=("L-PRODUCT",),
    evidence=(
        Proof((
            Step(ByDerivative(s, 0), Gt(MASS, 0)),
            Step(ByDerivative(s, 0, MASS), Gt(HIGH * MASS - MOMENT, 0)),
            Step(ByDerivative(s, 0, 2 * (HIGH * MASS - MOMENT)), Gt(ABOUT, 0)),
            Step(Lemma("L-PRODUCT", {first: bell(HIGH), second: ABOUT})),
            Step(ByDerivative(s, 0, bell(HIGH) * ABOUT)),
        )),
    ),
    note="Interval [x, x + s], mean zero; the variance is (W W_2 - W_1^2)/W^2 with the integrals "
    "W, W_1, W_2 of e, u e and u^2 e.",
    loose="the variance vanishes only in the limit of an empty interval",
)

FAR = a + s
TAIL, DROP = area(a, FAR), bell(a) - bell(FAR)
LEVEL = a * bell(a) - FAR * bell(FAR)
SHRUNK = Claim(
    id="KV-TN-HIGH",
    title="Keeping a normal variable in an interval on one side of its mean lowers its variance.",
    kind="lemma",
    source="new; also by Prekopa's theorem",
    statement=Statement(
        variables={a: NONNEGATIVE, s: POSITIVE}, goal=Gt(DROP**2 - TAIL * LEVEL, 0),
    ),
    evidence=(
        Proof((
            Step(ByDerivative(s, 0), Gt(TAIL, 0)),
            Step(
                ByDerivative(a, sp.oo),
                Gt(bell(a) - a * sqrt(pi / 2) * (1 - erf(a / sqrt(2))), 0),
                "Mills: the value of the goal in the limit s -> inf",
            ),
            Step(SingleHump(s, (
                (bell(FAR), 2 * FAR * DROP - LEVEL + TAIL - FAR**2 * TAIL),
                (2, bell(a) - FAR * TAIL),
            ))),
        )),
    ),
    note="Interval [a, a + s]; one minus the variance is the left side over W^2.",
    loose="the variance reaches one only for the whole line",
)

# -- one window ----------------------------------------------------------------------------------
ACCEPTANCE = Claim(
    id="KV-TN-Z",
    title="The acceptance probability falls with the slope -Z S away from the centre, "
    "where it is erf(beta/sqrt 2).",
    kind="lemma",
    source=OURS,
    statement=Statement(
        variables=RIGHT,
        goal=And(
            Eq(sp.Derivative(weight(offset), offset), bell(offset + beta) - bell(offset - beta)),
            Lt(bell(offset + beta), bell(offset - beta)),
            Eq(weight(sp.Integer(0)) / sqrt(2 * pi), (2 - 2 * erfc(beta / sqrt(2))) / 2),
        ),
    ),
    evidence=(
        Proof((
            Step(Identity(), Eq(
                sp.Derivative(weight(offset), offset), bell(offset + beta) - bell(offset - beta),
            )),
        )),
    ),
    note="W = sqrt(2 pi) Z.",
    loose="the densities at the edges differ by the factor exp(2 beta d)",
)

AVERAGE = Claim(
    id="KV-TN-M",
    title="The mean of a kept draw is d - S, which is d plus the slope of the log acceptance.",
    kind="lemma",
    source=OURS,
    statement=Statement(
        variables=BOTH,
        goal=And(
            Eq(sp.Derivative(MEAN * weight(), beta),
               beta * bell(d - beta) - beta * bell(d + beta)),
            Eq(sp.Derivative(weight(), d), -pull() * weight()),
        ),
    ),
    uses=("KV-TN-W",),
    evidence=(
        Proof((
            Step(Lemma("KV-TN-W", {x: d - beta, s: 2 * beta})),
            Step(Identity()),
        )),
    ),
    note="M W is the integral of u e(u - d) over the window: it vanishes for an empty window and "
    "has the integrand at both edges as its derivative in beta.",
)

SPREAD = Claim(
    id="KV-TN-V",
    title="The slope of the mean map is the variance of a kept draw.",
    kind="lemma",
    source=OURS,
    statement=Statement(
        variables=BOTH,
        goal=And(
            Eq(sp.Derivative(MEAN, d), slope()),
            Eq(sp.Derivative((slope() + pull() ** 2) * weight(), beta),
               (d - beta) ** 2 * bell(d - beta) + (d + beta) ** 2 * bell(d + beta)),
        ),
    ),
    uses=("KV-TN-W",),
    evidence=(
        Proof((
            Step(Lemma("KV-TN-W", {x: d - beta, s: 2 * beta})),
            Step(Identity()),
        )),
    ),
    note="S = d - M, so slope + S^2 is the mean of (u - d)^2: times W it is the integral of "
    "(u - d)^2 e(u - d), by its derivative in beta.",
)

FORM = Claim(
    id="KV-TN-FORM",
    title="When the variance of a kept draw lies between zero and one, in terms of the edges.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={w: POSITIVE, gain: REALS, drop: REALS, x: REALS, span: REALS},
        hypotheses=(
            Gt(w * (w + gain) - drop**2, 0), Implies(Lt(x, span), Lt(gain, 0)),
            Implies(Ge(x, span), Gt(drop**2 - w * gain, 0)),
        ),
        goal=And(Gt(1 + gain / w - (drop / w) ** 2, 0), Lt(1 + gain / w - (drop / w) ** 2, 1)),
    ),
    evidence=(Proof((
        Step(Smt(), Gt(drop**2 - w * gain, 0)),
        Step(Smt(), Eq((1 + gain / w - (drop / w) ** 2) * w**2, w * (w + gain) - drop**2)),
    )),),
    loose="strict bounds",
)

PULLED = Claim(
    id="KV-TN-PULL",
    title="The place of the mean of a kept draw, in terms of the edges.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={w: POSITIVE, drop: POSITIVE, x: REALS, span: REALS},
        hypotheses=(Gt(x * w, drop), Lt((x - span) * w, drop)),
        goal=And(Gt(drop / w, 0), Gt(x - drop / w, 0), Gt(span - (x - drop / w), 0)),
    ),
    evidence=(Proof(),),
    loose="strict bounds",
)

CONTRACTS = Claim(
    id="KV-TN-01",
    title="The mean map is increasing and contracts: 0 < M' < 1 at every offset.",
    kind="theorem",
    source=OURS,
    statement=Statement(variables=BOTH, goal=And(Gt(slope(), 0), Lt(slope(), 1))),
    uses=("KV-TN-W", "KV-TN-LOW", "KV-TN-HIGH", "KV-TN-V", "KV-TN-FORM"),
    evidence=(
        Proof((
            Step(Lemma("KV-TN-W", {x: d - beta, s: 2 * beta})),
            Step(Lemma("KV-TN-LOW", {x: d - beta, s: 2 * beta})),
            Step(Lemma("KV-TN-HIGH", {a: d - beta, s: 2 * beta}, when=Ge(d, beta))),
            Step(Smt(alone=True), Implies(Lt(d, beta), Lt(level(), 0))),
            Step(Lemma("KV-TN-FORM", {
                w: weight(), gain: level(), drop: fall(), x: d, span: beta,
            })),
        )),
    ),
    note="Where the window holds d, what the edges take is positive; elsewhere KV-TN-HIGH "
    "applies. For d < 0 by symmetry: M is odd.",
    loose="both bounds are limits, for a narrow and for a wide window",
)

COMPUTED = Claim(
    id="KV-TN-RANGE",
    title="The same within eight units, where the functions of the window are compared.",
    kind="corollary",
    source=OURS,
    statement=Statement(
        variables={d: sp.Interval(0, 8), beta: sp.Interval(sp.Rational(1, 10), 8)},
        goal=And(Gt(slope(), 0), Lt(slope(), 1)),
    ),
    uses=("KV-TN-01",),
    binds=(
        Binding("theory.verifier.window", WINDOW, sp.log(weight() / sqrt(2 * pi)),
                pick="log_acceptance"),
        Binding("theory.verifier.window_acceptance", WINDOW, weight() / sqrt(2 * pi)),
        Binding("theory.verifier.proposals_per_kept", WINDOW, sqrt(2 * pi) / weight()),
        Binding("theory.verifier.window", WINDOW, MEAN, pick="mean"),
        Binding("theory.verifier.window", WINDOW, slope(), pick="slope"),
        Binding("theory.verifier.window", WINDOW, pull(), pick="pull"),
        Binding("theory.verifier.window", WINDOW, bend(), pick="third", rtol=1e-6),
    ),
    evidence=(Proof((Step(Lemma("KV-TN-01")),)),),
    loose="both bounds are limits, for a narrow and for a wide window",
)

INSIDE = Claim(
    id="KV-TN-INSIDE",
    title="The mean of a kept draw lies between the centre and the edge on the model's side.",
    kind="lemma",
    source=OURS,
    statement=Statement(
        variables=RIGHT,
        goal=And(
            Gt(weight(offset), 0),
            Gt(offset * weight(offset), fall(offset)),
            Lt((offset - beta) * weight(offset), fall(offset)),
            Gt(fall(offset), 0),
        ),
    ),
    uses=("KV-TN-W",),
    evidence=(
        Proof((
            Step(Lemma("KV-TN-W", {x: offset - beta, s: 2 * beta})),
            Step(Smt(alone=True), Gt(bell(offset - beta), bell(offset + beta))),
            Step(Smt(alone=True), Gt(fall(offset), 0)),
            Step(
                ByDerivative(beta, 0, beta * (fall(offset))),
                Gt(offset * weight(offset), fall(offset)),
            ),
            Step(
                ByDerivative(beta, 0, weight(offset) + 2 * beta * bell(offset + beta)),
                Lt((offset - beta) * weight(offset), fall(offset)),
            ),
        )),
    ),
    note="With S = d - M: 0 < M < beta and S > 0.",
    loose="the mean reaches neither the centre nor the edge",
)

REFLECTED = Claim(
    id="KV-TN-REFLECT",
    title="The kept density at m + s over that at m - s is exp(2 s (d - m)).",
    kind="lemma",
    source=OURS,
    statement=Statement(
        variables={x: REALS, d: NONNEGATIVE, s: POSITIVE},
        goal=Eq(bell(x + s - d), exp(2 * s * (d - x)) * bell(x - s - d)),
    ),
    evidence=(Proof((Step(Identity()),)),),
)

CONCAVE = Claim(
    id="KV-TN-GHS",
    title="The mean map is concave on the model's side of the centre: M'' < 0 for d > 0.",
    kind="theorem",
    source=OURS,
    statement=Statement(
        variables=RIGHT,
        goal=And(
            Eq(sp.Derivative(slope(offset), offset), bend(offset)),
            Lt(bend(offset), 0),
        ),
    ),
    uses=("KV-TN-INSIDE", "KV-TN-PULL", "KV-TN-REFLECT", "KV-TN-V"),
    evidence=(
        Proof((
            Step(Lemma("KV-TN-INSIDE")),
            Step(Identity(), Eq(sp.Derivative(slope(offset), offset), bend(offset))),
            Step(Lemma("KV-TN-PULL", {
                w: weight(offset), drop: fall(offset), x: offset, span: beta,
            })),
            Step(Modulo(
                "single crossing",
                And(Gt(pull(offset), 0), Gt(offset - pull(offset), 0),
                    Gt(beta - (offset - pull(offset)), 0)),
                Lt(bend(offset), 0),
            )),
        )),
    ),
    note="With f the kept density and M its mean, D(s) = f(M + s) - f(M - s): on 0 < s < beta - M "
    "the ratio of the two is exp(2 s S) > 1 (KV-TN-REFLECT, S > 0), beyond only f(M - s) is left, "
    "so D changes sign once; the integral of s D is zero because M is the mean, and that of s^3 D "
    "is M''.",
    loose="the bend vanishes only at the centre and far away",
)

# -- the contraction factor ----------------------------------------------------------------------
FACTOR = Claim(
    id="KV-RHO",
    title="The best Lipschitz constant of the mean map is its slope at the centre, "
    "rho = 1 - sqrt(2/pi) beta exp(-beta^2/2)/erf(beta/sqrt 2).",
    kind="theorem",
    source=OURS,
    statement=Statement(
        variables=RIGHT,
        goal=And(Eq(slope(sp.Integer(0)), CENTRAL), Lt(slope(offset), CENTRAL)),
    ),
    uses=("KV-TN-GHS", "KV-TN-01", "KV-TN-INSIDE", "L-DIFFERENCE"),
    binds=(Binding("theory.verifier.window_contraction", {"half_width": beta}, RHO),),
    evidence=(
        Proof((
            Step(ByDerivative(beta, 0), Gt(1 - erfc(beta / sqrt(2)), 0)),
            Step(Lemma("KV-TN-INSIDE")),
            Step(Identity(), Eq(slope(sp.Integer(0)), CENTRAL)),
            Step(Lemma("KV-TN-GHS")),
            Step(Lemma("L-DIFFERENCE", {first: bend(offset), second: sp.Integer(0)})),
            Step(ByDerivative(offset, 0, -bend(offset)), Lt(slope(offset), CENTRAL)),
        )),
    ),
    note="1 - erfc is erf. The slope is even and continuous, so rho is the supremum, "
    "attained at d = 0 only.",
)

SIGNS = Claim(
    id="KV-RATIO-SIGNS",
    title="The signs behind KV-RATIO.",
    kind="lemma",
    source=OURS,
    statement=Statement(
        variables=RIGHT,
        goal=And(Gt(CENTRAL - slope(offset), 0), Gt(offset * -bend(offset), 0)),
    ),
    uses=("KV-TN-GHS", "KV-RHO", "L-PRODUCT", "L-DIFFERENCE"),
    evidence=(
        Proof((
            Step(Lemma("KV-TN-GHS")),
            Step(Lemma("KV-RHO")),
            Step(Lemma("L-DIFFERENCE", {first: slope(offset), second: CENTRAL})),
            Step(Lemma("L-DIFFERENCE", {first: bend(offset), second: sp.Integer(0)})),
            Step(Lemma("L-PRODUCT", {first: offset, second: -bend(offset)})),
        )),
    ),
    loose="two signs",
)

RATIO = Claim(
    id="KV-RATIO",
    title="One round brings the model to within rho |d| of the centre, and M(d)/d falls with d.",
    kind="theorem",
    source=OURS,
    statement=Statement(
        variables=RIGHT,
        goal=And(
            Lt(offset - pull(offset), CENTRAL * offset),
            Lt(offset * slope(offset), offset - pull(offset)),
        ),
    ),
    uses=("KV-TN-W", "KV-RATIO-SIGNS"),
    evidence=(
        Proof((
            Step(ByDerivative(beta, 0), Gt(1 - erfc(beta / sqrt(2)), 0)),
            Step(Lemma("KV-TN-W", {x: offset - beta, s: 2 * beta})),
            Step(Lemma("KV-RATIO-SIGNS")),
            Step(ByDerivative(offset, 0, CENTRAL - slope(offset)),
                 Lt(offset - pull(offset), CENTRAL * offset)),
            Step(ByDerivative(offset, 0, offset * -bend(offset)),
                 Lt(offset * slope(offset), offset - pull(offset))),
        )),
    ),
    note="M is odd. The slope of M/d is (d M' - M)/d^2. That M < beta is in KV-TN-INSIDE.",
    loose="the bounds are approached at the centre and far away",
)

CLAIMS = (
    PRODUCT, DIFFERENCE, AREA, VARIANCE, SHRUNK, ACCEPTANCE, AVERAGE, SPREAD, FORM, PULLED,
    CONTRACTS,
    COMPUTED, INSIDE, REFLECTED, CONCAVE, FACTOR, SIGNS, RATIO,
)
