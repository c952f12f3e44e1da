"""Claims on corrections of single points (Gillman et al. 2024, Appendix C), ids SC-, SCX-.

Notation: gamma correction strength, q = 1/(1+gamma) the share of the model in a corrected law,
p and s the probabilities that the model's law and its target give to one event, F and F* their
distribution functions at one place.
"""

import numpy as np
import sympy as sp
from sympy import (
    Abs,
    And,
    Eq,
    Equivalent,
    Ge,
    Integral,
    Le,
    Max,
    Ne,
    Piecewise,
    Sum,
    exp,
    pi,
    sqrt,
)

from loopcert.claim import Binding, Claim, NearMiss, Proof, Refutation, Simulation, Witness
from loopcert.prove.formal import (
    NATURALS,
    NONNEGATIVE,
    POSITIVE,
    PROPOSITION,
    REALS,
    Each,
    Sequence,
    Statement,
)
from loopcert.prove.proof import Identity, Induction, Lemma, Modulo, Step

__all__ = ["CLAIMS"]

PAPER = "Gillman et al. 2024"
T, n = sp.symbols("T n", integer=True, positive=True)
t = sp.Symbol("t", integer=True)
gamma, other, p, s = sp.symbols("gamma gamma_2 p s", nonnegative=True)
strength, first, second, q = sp.symbols("g sigma_1 sigma_2 q", positive=True)
out, x, y, v, w, lower, upper = sp.symbols("out x y v w F F_star", real=True)
X, Y, Z, M, N, K = (sp.IndexedBase(name) for name in "XYZMNK")
SHARE = sp.Interval(0, 1)
HALF = sp.Rational(1, 2)


def corrected(density, target, by=gamma):
    """Definition 4.1: the law moved towards its target."""
    return (density + by * target) / (1 + by)


def points(term):
    """The sum of `term` over the T points."""
    return Sum(term, (t, 0, T - 1))


def indicator(condition):
    """One where the condition holds, else zero."""
    return Piecewise((1, condition), (0, True))


# -- Definition C.1 ------------------------------------------------------------------------------
EMPIRICAL = Claim(
    id="SC-C1",
    title="The empirical distribution function counts the points no coordinate of which exceeds "
    "that of v.",
    kind="definition",
    source=f"{PAPER}, Definition C.1",
    statement=Statement(
        variables={T: NATURALS, X: Sequence(T, REALS), Y: Sequence(T, REALS), v: REALS, w: REALS,
                   out: REALS},
        goal=Eq(out, points(indicator(And(Le(X[t], v), Le(Y[t], w)))) / T),
    ),
    corrects=("SC-E18.C1",),
    evidence=(
        Witness({T: 2, X: [0, 1], Y: [0, 0], v: 0, w: 0, out: HALF}),
        NearMiss({T: 2, X: [0, 1], Y: [1, 0], v: 0, w: 0, out: HALF}),
    ),
    note="Points (X_t, Y_t) of the plane and v = (v, w).",
)

ORTHANT = Claim(
    id="SC-E18.C1",
    title="The product of half-lines runs up to the number of points.",
    kind="remark",
    source=f"{PAPER}, Definition C.1",
    statement=Statement(
        variables={x: REALS, y: REALS, v: REALS, w: REALS},
        goal=Eq(indicator(Le(x, v)), indicator(And(Le(x, v), Le(y, w)))),
    ),
    evidence=(
        Refutation({x: 0, y: 1, v: 0, w: 0},
                   reading="as printed, for one point (x, y) of the plane: the product has one "
                   "factor"),
    ),
    note="It has to run up to the dimension; SC-C1 has it so.",
)

# -- Definitions C.2 and C.4 ---------------------------------------------------------------------
VALID = Claim(
    id="SC-C2",
    title="A map of points is a valid correction of strength gamma if it carries the model's law "
    "into the corrected law.",
    kind="definition",
    source=f"{PAPER}, Definition C.2, equation 48, in the form of SCX-C2",
    statement=Statement(
        variables={p: SHARE, s: SHARE, gamma: NONNEGATIVE, v: sp.FiniteSet(0, 1),
                   w: sp.FiniteSet(0, 1)},
        goal=Eq(p * (1 - v) + (1 - p) * (1 - w), corrected(p, s)),
    ),
    uses=("SC-D41", "SCX-C2"),
    evidence=(
        Witness({p: sp.Rational(1, 3), s: 1, gamma: 1, v: 1, w: 0}),
        NearMiss({p: HALF, s: 1, gamma: 1, v: 0, w: 0}),
    ),
    note="Laws on the two points 0 and 1 with masses p and s at 0; the map sends 0 to v and 1 to "
    "w. Where the law has atoms a strength may have no valid map; a law without atoms has one for "
    "every strength (SCX-C2-QUANTILE). The words `almost surely` after equation 48 say nothing, "
    "as an expectation is a number.",
)

SUP = Claim(
    id="SCX-C2.sup",
    title="The largest distances of three functions on any number of places obey the triangle "
    "inequality.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={
            T: NATURALS, X: Sequence(T, REALS), Y: Sequence(T, REALS), Z: Sequence(T, REALS),
            M: Sequence(T + 1, NONNEGATIVE), N: Sequence(T + 1, NONNEGATIVE),
            K: Sequence(T + 1, NONNEGATIVE),
        },
        hypotheses=(
            Eq(M[0], 0), Eq(N[0], 0), Eq(K[0], 0),
            Each(Eq(M[t + 1], Max(M[t], Abs(X[t] - Z[t]))), t, T),
            Each(Eq(N[t + 1], Max(N[t], Abs(Y[t] - Z[t]))), t, T),
            Each(Eq(K[t + 1], Max(K[t], Abs(X[t] - Y[t]))), t, T),
        ),
        goal=Le(Abs(M[T] - N[T]), K[T]),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    loose="equality needs the largest distances at one place and of one sign",
)

tends = sp.Symbol("limit_is_sup_distance", real=True)
LIMIT = Claim(
    id="SCX-C2",
    title="The limit in equation 48 exists for every map and strength: it is the largest distance "
    "between the distribution functions of the image law and the corrected law.",
    kind="theorem",
    source="new; Gillman et al. 2024, Definition C.2",
    statement=Statement(
        variables={**SUP.statement.variables, tends: PROPOSITION},
        hypotheses=SUP.statement.hypotheses,
        goal=And(Le(Abs(M[T] - N[T]), K[T]), tends),
    ),
    uses=("SCX-C2.sup",),
    corrects=("SC-E18",),
    evidence=(
        Proof((
            Step(Lemma("SCX-C2.sup")),
            Step(Modulo("Glivenko-Cantelli", Le(Abs(M[T] - N[T]), K[T]), tends)),
        )),
    ),
    note="At any places v_t: X_t the empirical distribution function of the mapped points, Y_t "
    "that of the image law, Z_t that of the corrected law. Its limit is zero, and the map valid, "
    "exactly if the last two laws are equal.",
)

EXISTS = Claim(
    id="SC-E18",
    title="A map corresponds to the correction of strength gamma if the limit in equation 48 "
    "exists.",
    kind="remark",
    source=f"{PAPER}, Definition C.4",
    statement=Statement(
        variables={p: SHARE, s: SHARE, gamma: NONNEGATIVE, out: REALS},
        hypotheses=(Eq(out, Abs(p - corrected(p, s))),),
        goal=Eq(out, 0),
    ),
    uses=("SC-D41",),
    evidence=(
        Refutation({p: 0, s: 1, gamma: 1, out: HALF},
                   reading="as printed: existence of the limit, not its being zero"),
    ),
    note="The identity map on laws on two points: the limit `out` exists (SCX-C2) and is the "
    "distance to the corrected law. Definition C.4 means that the limit is 0.",
)

STRENGTH = Claim(
    id="SC-C4",
    title="The strength of a map is the gamma of the mixture that its image law is.",
    kind="definition",
    source=f"{PAPER}, Definition C.4, equation 49",
    statement=Statement(
        variables={p: SHARE, s: SHARE, out: SHARE, gamma: NONNEGATIVE},
        hypotheses=(Ne(p, s),),
        goal=Eq(out * (1 + gamma), p + gamma * s),
    ),
    uses=("SC-C2", "SCX-C5"),
    evidence=(
        Witness({p: 0, s: 1, out: HALF, gamma: 1}),
        NearMiss({p: 0, s: 1, out: HALF, gamma: 2}),
    ),
    note="`out` is what the image law gives to an event; with the limit in equation 48 equal to "
    "0. SCX-C5 makes gamma unique unless the two laws are equal.",
)

# -- Remark C.5 ----------------------------------------------------------------------------------
UNIQUE = Claim(
    id="SC-C5",
    title="The strength of a map is unique.",
    kind="remark",
    source=f"{PAPER}, Remark C.5",
    statement=Statement(
        variables={p: SHARE, s: SHARE, gamma: NONNEGATIVE, other: NONNEGATIVE},
        hypotheses=(Eq(corrected(p, s) - corrected(p, s, other), 0),),
        goal=Eq(gamma, other),
    ),
    uses=("SC-D41",),
    evidence=(
        Refutation({p: HALF, s: HALF, gamma: 1, other: 2},
                   reading="for every model, the best one included"),
    ),
    note="If the model is the target every strength gives the same law; the second sentence of "
    "the remark, that gamma is then infinite, is a convention and contradicts the first.",
)

UNIQUE_FIXED = Claim(
    id="SCX-C5",
    title="Two strengths give the same law exactly if they are equal or the model is the target.",
    kind="remark",
    source="new",
    statement=Statement(
        variables={p: SHARE, s: SHARE, gamma: NONNEGATIVE, other: NONNEGATIVE},
        goal=And(
            Eq(corrected(p, s) - corrected(p, s, other),
               (p - s) * (other - gamma) / ((1 + gamma) * (1 + other))),
            Eq(corrected(p, s) - s, (p - s) / (1 + gamma)),
        ),
    ),
    uses=("SC-D41",),
    corrects=("SC-C5",),
    evidence=(Proof(),),
    note="The first for two finite strengths; the second compares a finite one with an infinite "
    "one, which gives s.",
)

# -- Remark C.7, and that Definition C.2 is not empty --------------------------------------------
CURVE = corrected(v, v**2, strength)


def quantile(level):
    """The inverse of the distribution function (v + g v^2)/(1 + g) on [0, 1]."""
    return (sqrt(1 + 4 * strength * (1 + strength) * level) - 1) / (2 * strength)


QUANTILE = Claim(
    id="SCX-C2-QUANTILE",
    title="The quantile function of the corrected law after the distribution function of the "
    "model is a valid correction: its image law is the corrected law.",
    kind="example",
    source="new",
    statement=Statement(
        variables={strength: POSITIVE, x: SHARE, v: SHARE},
        goal=Equivalent(Le(quantile(x), v), Le(x, CURVE)),
    ),
    uses=("SC-C2", "SC-D41"),
    evidence=(Proof(),),
    note="The model is uniform on [0, 1], the target has distribution function v^2. A uniform x "
    "is at most c with probability c, so the event on the left has probability CURVE(v), the "
    "corrected distribution function. The same map works for every law without atoms.",
)

NOT_UNIQUE = Claim(
    id="SC-C7",
    title="Different maps of points can correspond to the same correction of laws.",
    kind="remark",
    source=f"{PAPER}, Remark C.7",
    statement=Statement(
        variables={strength: POSITIVE, x: SHARE, v: SHARE},
        goal=And(
            Equivalent(Le(quantile(1 - x), v), Ge(x, 1 - CURVE)),
            Equivalent(Eq(quantile(1 - x), quantile(x)), Eq(x, HALF)),
        ),
    ),
    uses=("SCX-C2-QUANTILE",),
    evidence=(Proof(),),
    note="In the example of SCX-C2-QUANTILE: x and 1 - x have the same uniform law, so the map "
    "after reflection is valid too, and it differs everywhere but in the middle. It moves points "
    "farther, which the paper's remark on the distance travelled allows for.",
)

# -- Example C.6 ---------------------------------------------------------------------------------
COPIES = Claim(
    id="SCX-C6-COPIES",
    title="Two corrected points are copies of one generated point with probability q^2/n, so "
    "they are not independent.",
    kind="lemma",
    source="new, for Gillman et al. 2024, Example C.6",
    statement=Statement(
        variables={T: NATURALS, q: sp.Interval.Lopen(0, 1)},
        goal=Eq(points((q / T) ** 2), q**2 / T),
    ),
    evidence=(
        Proof((Step(Induction(T), Eq(points(q**2), T * q**2)),)),
    ),
    note="n = T. Each is a copy of point t with probability q/n, independently given the points.",
)

MEAN, MEAN_SQUARE = (  # of the share of the generated points in the law that is resampled
    q * X[T] / T + (1 - q) * upper,
    q**2 * Y[T] / T**2 + 2 * q * (1 - q) * upper * X[T] / T + (1 - q) ** 2 * upper**2,
)
DISTANCE = (out * (1 - out) + q**2 * lower * (1 - lower) * (1 - 1 / T)) / T
EXAMPLE = Claim(
    id="SC-C6",
    title="The resampling correction leads to the corrected law: the mean squared distance of its "
    "empirical distribution function to the corrected one is (P (1-P) + q^2 F (1-F) (1 - 1/n))/n "
    "at every place, at most (1 + q^2)/(4n).",
    kind="example",
    source=f"{PAPER}, Example C.6, equation 50, with the exact rate",
    statement=Statement(
        variables={T: NATURALS, q: sp.Interval.Lopen(0, 1), lower: SHARE, upper: SHARE,
                   X: Sequence(T + 1, REALS), Y: Sequence(T + 1, REALS)},
        hypotheses=(
            Eq(X[0], 0), Eq(Y[0], 0), Each(Eq(X[t + 1], X[t] + lower), t, T),
            Each(Eq(Y[t + 1], Y[t] + 2 * lower * X[t] + lower), t, T),
        ),
        where={out: q * lower + (1 - q) * upper},
        goal=And(
            Eq(MEAN / T + (1 - 1 / T) * MEAN_SQUARE - 2 * out * MEAN + out**2, DISTANCE),
            Eq((1 + q**2) / (4 * T) - DISTANCE,
               ((out - HALF) ** 2 + q**2 * (lower - HALF) ** 2 + q**2 * lower * (1 - lower) / T)
               / T),
        ),
    ),
    uses=("SC-D41",),
    evidence=(
        Proof((
            Step(Induction(T), Eq(X[T], T * lower)),
            Step(Induction(T), Eq(Y[T], T * lower + T * (T - 1) * lower**2)),
        )),
        Simulation(
            lambda rng, effort: _resampled(rng, effort), {"square": DISTANCE},
            {T: 4, q: HALF, lower: HALF, upper: sp.Rational(3, 4)},
        ),
    ),
    note="n = T. X_t and Y_t are the first two moments of the number of the first t generated "
    "points at or below the place, each there with probability F. Given the points, a corrected "
    "one is there with probability h = q X/n + (1-q) F*, and n of them have mean square "
    "h/n + (1 - 1/n) h^2. P = q F + (1-q) F*. The map is random and depends on the sample, so it "
    "is no function of a point as Definition C.2 asks, but a Markov kernel. On the line "
    "SCX-C6-RATE bounds the distance at all places together.",
)


def _resampled(rng, effort):
    size = 4_000_000 if effort == "full" else 1_000_000
    below = rng.binomial(4, 0.5, size) / 4  # of n = 4 generated points, F = 1/2
    share = 0.5 * below + 0.5 * 0.75
    square = (rng.binomial(4, share) / 4 - 0.625) ** 2
    return {"square": (square.mean(), square.std() / np.sqrt(size))}


bounded = sp.Symbol("mean_distance_bounded", real=True)
DEVIATION = Integral(2 * exp(-2 * n * x**2), (x, 0, sp.oo))
RATE = Claim(
    id="SCX-C6-RATE",
    title="In one dimension the mean of the largest distance is at most (pi/(2n))^(1/2) (1 + q).",
    kind="theorem",
    source="new; quantitative form of Gillman et al. 2024, equation 50",
    statement=Statement(
        variables={n: NATURALS, gamma: NONNEGATIVE, bounded: PROPOSITION},
        goal=And(
            Eq(DEVIATION * (2 + gamma) / (1 + gamma),
               sqrt(pi / (2 * n)) * (2 + gamma) / (1 + gamma)),
            bounded,
        ),
    ),
    uses=("SC-C6",),
    binds=(
        Binding("theory.contraction.bound_resampling_error", {"n": n, "correction": gamma},
                sqrt(pi / (2 * n)) * (1 + 1 / (1 + gamma))),
    ),
    evidence=(
        Proof((
            Step(Identity(), Eq(DEVIATION, sqrt(pi / (2 * n)))),
            Step(Modulo("Dvoretzky-Kiefer-Wolfowitz", Eq(DEVIATION, sqrt(pi / (2 * n))), bounded)),
        )),
    ),
    note="Used twice: for the corrected points given the generated ones, and, with weight q, for "
    "the generated ones. 1 + q = (2 + gamma)/(1 + gamma).",
)

SECOND = (first**2 + gamma * second**2) / (1 + gamma)
FOURTH = 3 * (first**4 + gamma * second**4) / (1 + gamma)
GAUSSIANS = {first: POSITIVE, second: POSITIVE, gamma: NONNEGATIVE}
NORMAL = Claim(
    id="SC-E18.C6",
    title="The corrected law of two Gaussians is a Gaussian.",
    kind="example",
    source=f"{PAPER}, Example C.6 and Figure 4",
    statement=Statement(variables=GAUSSIANS, goal=Eq(FOURTH, 3 * SECOND**2)),
    uses=("SC-D41",),
    evidence=(
        Refutation({first: 1, second: 2, gamma: 1},
                   reading="as a statement on the law of equation 3, by its fourth moment"),
    ),
    note="A Gaussian of mean 0 and variance v has fourth moment 3 v^2.",
)

KURTOSIS = Claim(
    id="SCX-C6-KURT",
    title="The corrected law of two centred Gaussians has excess kurtosis 3 gamma (s1 - s2)^2/(s1 "
    "+ gamma s2)^2, and a variance above that of the averaged Gaussian by q (1-q) (sigma_1 - "
    "sigma_2)^2.",
    kind="example",
    source="new",
    statement=Statement(
        variables=GAUSSIANS,
        goal=And(
            Eq(FOURTH / SECOND**2 - 3,
               3 * gamma * (first**2 - second**2) ** 2 / (first**2 + gamma * second**2) ** 2),
            Eq(SECOND - ((first + gamma * second) / (1 + gamma)) ** 2,
               gamma * (first - second) ** 2 / (1 + gamma) ** 2),
        ),
    ),
    uses=("SC-D41",),
    corrects=("SC-E18.C6",),
    binds=(
        Binding("theory.contraction.corrected_excess_kurtosis",
                {"variance": first**2, "target_variance": second**2, "correction": gamma},
                3 * gamma * (first**2 - second**2) ** 2 / (first**2 + gamma * second**2) ** 2),
    ),
    evidence=(Proof(),),
    note="s_i = sigma_i^2. It is Gaussian only for equal variances or gamma = 0, and never the "
    "Gaussian of standard deviation (sigma_1 + gamma sigma_2)/(1 + gamma), the Wasserstein "
    "average, otherwise.",
)

CLAIMS = (
    EMPIRICAL, ORTHANT, SUP, EXISTS, LIMIT, VALID, UNIQUE, UNIQUE_FIXED, STRENGTH, QUANTILE,
    NOT_UNIQUE, COPIES, EXAMPLE, RATE, NORMAL, KURTOSIS,
)
