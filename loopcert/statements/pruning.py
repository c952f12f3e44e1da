"""Claims on what a verifier keeps (Feng et al. 2025), ids BP- and BPX-.

Notation: p error rate of the labels, phi and psi the shares of right and of wrong labels that are
kept; good = (1 - p) phi and bad = p psi are the masses of right and wrong labels kept, prec their
share of right ones; p_star = phi/(phi + psi) the breakdown point.
"""

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Le, Lt, Ne, Sum

from loopcert.claim import Binding, Claim, NearMiss, Proof, Refutation, Witness
from loopcert.prove.formal import NATURALS, POSITIVE, REALS, UNIT, Sequence, Statement
from loopcert.prove.proof import Identity, Induction, Lemma, Step

__all__ = ["CLAIMS", "bad", "good", "p", "phi", "precision", "psi", "sigmoid", "star", "t"]

BIT = sp.FiniteSet(0, 1)
RATE = sp.Interval(0, 1)
SHARE = sp.Interval.Lopen(0, 1)

p, phi, psi = sp.symbols("p phi psi", nonnegative=True)
t, tau, noise = sp.symbols("t tau p_n", positive=True)
star, low, high, good, bad, precision = sp.symbols("p_star p_low p_high good bad prec", real=True)

# Masses or counts of items: true label, given label; K kept, D dropped.
K11, K10, K01, K00 = sp.symbols("K_11 K_10 K_01 K_00", positive=True)
D11, D10, D01, D00 = sp.symbols("D_11 D_10 D_01 D_00", positive=True)
weight, rate1 = sp.symbols("pi_1 p_1", positive=True)
kept_right, lost_right, kept_wrong, lost_wrong = sp.symbols(
    "k_r d_r k_w d_w", integer=True, positive=True)

N = sp.Symbol("N", integer=True, positive=True)
i = sp.Symbol("i", integer=True)
q, s, x, z, h, label = (sp.IndexedBase(name) for name in ("q", "s", "x", "z", "h", "l"))
y, u, w, score = sp.symbols("y u w z_0", real=True)
ridge, square = sp.symbols("lambda V", positive=True)

MASSES = {good: (1 - p) * phi, bad: p * psi}
SHARES = {**MASSES, precision: good / (good + bad)}
POINT = {star: phi / (phi + psi)}


def total(term):
    """The sum of `term` over the items i = 0, ..., N - 1."""
    return Sum(term, (i, 0, N - 1))


def sigmoid(a):
    """The logistic function."""
    return 1 / (1 + sp.exp(-a))


ERROR_RATE = Claim(
    id="BP-1",
    title="The error rate of the labels is the mass of the items whose label is not the true one.",
    kind="definition",
    source="Feng et al. 2025, equation (1)",
    statement=Statement(
        variables={K11: UNIT, K10: UNIT, K01: UNIT, K00: UNIT, p: RATE},
        hypotheses=(Eq(K11 + K10 + K01 + K00, 1),),
        goal=Eq(p, K10 + K01),
    ),
    evidence=(
        Witness({K11: "2/5", K10: "1/10", K01: "1/5", K00: "3/10", p: "3/10"}),
        NearMiss({K11: "2/5", K10: "1/10", K01: "1/5", K00: "3/10", p: "1/10"}),
    ),
    note="K_kl is the mass of true label k with given label l. Without a wrong label (p = 0) psi "
    "has no meaning, without a right one (p = 1) phi has none.",
)

TRAINED = Claim(
    id="BP-2",
    title="The classifier is the stationary point of the ridge logistic loss on what is kept.",
    kind="definition",
    source="Feng et al. 2025, equation (2)",
    statement=Statement(
        variables={
            N: NATURALS, q: Sequence(N, BIT), x: Sequence(N, REALS), z: Sequence(N, REALS),
            label: Sequence(N, BIT), ridge: POSITIVE, w: REALS,
        },
        goal=Eq(total(q[i] * (sigmoid(z[i]) - label[i]) * x[i]) / N + ridge * w, 0),
    ),
    evidence=(
        Witness({N: 2, q: [1, 1], x: [1, 1], z: [0, 0], label: [0, 1], ridge: 1, w: 0}),
        Witness({N: 1, q: [0], x: [1], z: [0], label: [1], ridge: 1, w: 0}),
        NearMiss({N: 1, q: [1], x: [1], z: [0], label: [1], ridge: 1, w: 0}),
    ),
    note="One coordinate w of the weights; x holds that coordinate of the items, z their scores. "
    "Where nothing is kept the weights are zero.",
)

_LOSS = sp.log(1 + sp.exp(u + tau * w)) - y * (u + tau * w)
_CURVATURE = w**2 * sigmoid(u + tau * w) * (1 - sigmoid(u + tau * w))

CURVATURE = Claim(
    id="BP-2.1",
    title="Along a line on which a score moves at speed w, its log-loss curves by w squared times "
    "the variance of the predicted label.",
    kind="lemma",
    source="Feng et al. 2025, footnote 3",
    statement=Statement(
        variables={y: BIT, u: REALS, w: REALS, tau: POSITIVE},
        goal=Eq(sp.Derivative(_LOSS, (tau, 2)), _CURVATURE),
    ),
    evidence=(Proof((Step(Identity()),)),),
    note="The log-loss -y log(sigmoid) - (1 - y) log(1 - sigmoid) of the score z is "
    "log(1 + exp z) - y z.",
)

CONVEX = Claim(
    id="BP-2.2",
    title="The ridge logistic loss curves by at least the ridge in every direction: it is "
    "strongly convex.",
    kind="lemma",
    source="Feng et al. 2025, footnote 3",
    statement=Statement(
        variables={
            N: NATURALS, q: Sequence(N, BIT), h: Sequence(N, REALS), z: Sequence(N, REALS),
            ridge: POSITIVE, square: POSITIVE,
        },
        goal=Ge(
            total(q[i] * h[i] ** 2 * sigmoid(z[i]) * (1 - sigmoid(z[i]))) / N + ridge * square,
            ridge * square,
        ),
    ),
    uses=("BP-2.1",),
    evidence=(
        Proof((
            Step(Induction(N), Ge(
                total(q[i] * h[i] ** 2 * sigmoid(z[i]) * (1 - sigmoid(z[i]))), 0)),
        )),
    ),
    note="The direction has squared length V; h holds the products of the items with it, z their "
    "scores. The left side is the second derivative along it, by BP-2.1. A strongly convex "
    "function that is continuous has exactly one minimiser.",
    loose="the bound is met only where nothing is kept",
)

ACCEPTANCE = Claim(
    id="BP-3",
    title="phi and psi are the shares of right and of wrong labels that are kept.",
    kind="definition",
    source="Feng et al. 2025, equation (3)",
    statement=Statement(
        variables={
            kept_right: NATURALS, lost_right: NATURALS, kept_wrong: NATURALS,
            lost_wrong: NATURALS, phi: RATE, psi: RATE,
        },
        goal=And(
            Eq(phi, kept_right / (kept_right + lost_right)),
            Eq(psi, kept_wrong / (kept_wrong + lost_wrong)),
        ),
    ),
    binds=tuple(
        Binding(
            "theory.pruning.audit",
            {"right_kept": kept_right, "right_dropped": lost_right, "wrong_kept": kept_wrong,
             "wrong_dropped": lost_wrong},
            value, pick=field,
        )
        for field, value in (
            ("phi", kept_right / (kept_right + lost_right)),
            ("psi", kept_wrong / (kept_wrong + lost_wrong)),
            ("p", (kept_wrong + lost_wrong)
             / (kept_right + lost_right + kept_wrong + lost_wrong)),
        )
    ),
    evidence=(
        Witness({kept_right: 3, lost_right: 1, kept_wrong: 1, lost_wrong: 4,
                 phi: "3/4", psi: "1/5"}),
        NearMiss({kept_right: 3, lost_right: 1, kept_wrong: 1, lost_wrong: 4,
                  phi: "3/5", psi: "1/5"}),
    ),
)

_RIGHT1, _RIGHT0 = K11 / (K11 + D11), K00 / (K00 + D00)
_WRONG1, _WRONG0 = K10 / (K10 + D10), K01 / (K01 + D01)
_CELLS = {k: POSITIVE for k in (K11, K10, K01, K00, D11, D10, D01, D00)}
_ALL = sum(_CELLS)

CELLS = Claim(
    id="BP-4",
    title="With balanced classes whose labels err equally often, the shares kept are "
    "(1 - p) phi_k/2 and p psi_kl/2.",
    kind="proposition",
    source="Feng et al. 2025, equations (4) and (14)",
    statement=Statement(
        variables=_CELLS,
        hypotheses=(Eq(D00, K11 + D11 - K00), Eq(D01, K10 + D10 - K01)),
        where={p: (K10 + D10 + K01 + D01) / _ALL},
        goal=And(
            Eq(K11 / _ALL, (1 - p) * _RIGHT1 / 2), Eq(K00 / _ALL, (1 - p) * _RIGHT0 / 2),
            Eq(K10 / _ALL, p * _WRONG1 / 2), Eq(K01 / _ALL, p * _WRONG0 / 2),
            Eq((K11 + K00 + K10 + K01) / _ALL,
               ((1 - p) * (_RIGHT0 + _RIGHT1) + p * (_WRONG0 + _WRONG1)) / 2),
        ),
    ),
    uses=("BP-1", "BP-3"),
    evidence=(Proof(),),
    note="K_kl and D_kl are the masses kept and dropped of true label k and given label l. The "
    "hypotheses say that both classes have the same mass of right and the same of wrong labels.",
)

SAME_NOISE = Claim(
    id="BP-E-15",
    title="Printed: equation (4) follows from the error rate (1) alone.",
    kind="proposition",
    source="Feng et al. 2025, equations (1) and (4)",
    statement=Statement(
        variables={**_CELLS, p: UNIT},
        hypotheses=(
            Eq(K11 + D11 + K10 + D10, sp.Rational(1, 2)),
            Eq(K00 + D00 + K01 + D01, sp.Rational(1, 2)),
            Eq(p, K10 + D10 + K01 + D01),
        ),
        goal=Eq(K10, p * _WRONG1 / 2),
    ),
    evidence=(
        Refutation({K11: "1/5", D11: "1/5", K10: "1/20", D10: "1/20",
                    K00: "1/10", D00: "1/10", K01: "1/5", D01: "1/10", p: "2/5"}),
    ),
    note="Labels that err more often in one class than in the other satisfy (1), not (4).",
)
CELLS_CORRECT = Claim(
    id="BP-4.1",
    title="In general the mass kept of a true and a given label is the product of the class "
    "weight, the chance of that label in the class, and its acceptance rate.",
    kind="proposition",
    source="Feng et al. 2025, equation (14), without its last line",
    statement=Statement(
        variables={K11: UNIT, D11: UNIT, K10: UNIT, D10: UNIT, weight: POSITIVE, rate1: UNIT},
        hypotheses=(Eq(weight, K11 + D11 + K10 + D10), Eq(rate1, (K10 + D10) / weight)),
        goal=And(
            Eq(K11, weight * (1 - rate1) * _RIGHT1), Eq(K10, weight * rate1 * _WRONG1),
        ),
    ),
    corrects=("BP-E-15",),
    evidence=(Proof(),),
)

AGREEMENT = Claim(
    id="BP-5",
    title="A supervised verifier keeps an item when the label, as a sign, agrees with the side of "
    "its hyperplane.",
    kind="definition",
    source="Feng et al. 2025, equation (5), with the label as a sign",
    statement=Statement(
        variables={y: BIT, score: REALS, u: BIT},
        goal=Equivalent(Eq(u, 1), Gt((2 * y - 1) * score, 0)),
    ),
    evidence=(
        Witness({y: 0, score: -1, u: 1}), Witness({y: 0, score: 1, u: 0}),
        Witness({y: 1, score: 2, u: 1}), NearMiss({y: 0, score: -1, u: 0}),
    ),
    note="z_0 is the item's product with the verifier's direction, u whether it is kept.",
)

PRINTED_AGREEMENT = Claim(
    id="BP-E-3",
    title="Printed: keeping the items with y' (x.w) > 0, labels 0 and 1, filters out those on "
    "which label and verifier disagree.",
    kind="remark",
    source="Feng et al. 2025, equation (5)",
    statement=Statement(
        variables={y: BIT, score: REALS},
        hypotheses=(Ne(score, 0),),
        goal=Equivalent(Gt(y * score, 0), Equivalent(Eq(y, 1), Gt(score, 0))),
    ),
    evidence=(Refutation({y: 0, score: -1}),),
    note="The rule as printed drops every item of label 0.",
)
SIGNED_AGREEMENT = Claim(
    id="BP-5.1",
    title="Keeping the items with (2y' - 1)(x.w) > 0 keeps exactly those on which label and "
    "verifier agree: the product is plus or minus the item's distance from the hyperplane.",
    kind="remark",
    source="Feng et al. 2025, equation (5), with the label as a sign",
    statement=Statement(
        variables={y: BIT, score: REALS},
        goal=Eq(
            (2 * y - 1) * score,
            sp.Piecewise(
                (sp.Abs(score), Equivalent(Eq(y, 1), Gt(score, 0))), (-sp.Abs(score), True)),
        ),
    ),
    corrects=("BP-E-3",),
    evidence=(Proof(),),
)

BREAKDOWN = Claim(
    id="BP-4.2",
    title="Below the breakdown point phi/(phi + psi), and only there, right labels outnumber "
    "wrong ones among what is kept.",
    kind="theorem",
    source="Feng et al. 2025, Theorem 4.2 (the criterion)",
    statement=Statement(
        variables={p: UNIT, phi: SHARE, psi: RATE},
        where={**SHARES, **POINT},
        goal=And(
            Equivalent(Lt(p, star), Lt(p * psi, (1 - p) * phi)),
            Equivalent(Lt(p, star), Gt(precision, sp.Rational(1, 2))),
            Eq((star - p) * (phi + psi), good - bad),
            Eq(precision, (1 + (good - bad) / (good + bad)) / 2),
            Eq(star, 1 / (1 + psi / phi)),
        ),
    ),
    corrects=("BP-E-10",),
    binds=(
        Binding("theory.breakdown.breakdown_point", {"phi": phi, "psi": psi}, star),
        *(
            Binding("theory.pruning.PruningRates", {"p": p, "phi": phi, "psi": psi}, value, field)
            for field, value in (
                ("good", good), ("bad", bad), ("retention", good + bad), ("margin", good - bad),
                ("precision", precision), ("breakdown_point", star),
            )
        ),
    ),
    evidence=(Proof(),),
    note="What the criterion means for a classifier: BP-F3 and BPX-C under the idealised Gram "
    "matrix, BPX-7 at finite size, BP-E-12 for its limits.",
)

_BOUNDS = {
    low: (1 - t) * phi / ((1 - t) * phi + (1 + t) * psi),
    high: (1 + t) * phi / ((1 + t) * phi + (1 - t) * psi),
}
_OPEN = sp.Interval.open(0, 1)

BRACKET = Claim(
    id="BP-E3",
    title="The bounds of Theorem E.3 bracket the breakdown point, tend to it, and say exactly "
    "when the kept right labels exceed the wrong ones by the factor (1 + t)/(1 - t).",
    kind="theorem",
    source="Feng et al. 2025, Theorem E.3 (the thresholds, equation (19))",
    statement=Statement(
        variables={p: UNIT, phi: SHARE, psi: SHARE, t: UNIT},
        where={**MASSES, **POINT, **_BOUNDS},
        goal=And(
            Equivalent(Lt(p, low), Lt((1 + t) * bad, (1 - t) * good)),
            Equivalent(Gt(p, high), Gt((1 - t) * bad, (1 + t) * good)),
            Lt(low, star), Lt(star, high),
            Eq(low, (1 - t) / (1 - t + (1 + t) * psi / phi)),
            Eq(high, (1 + t) / (1 + t + (1 - t) * psi / phi)),
        ),
    ),
    uses=("BP-4.2",),
    binds=(
        Binding("theory.breakdown.breakdown_bounds", {"phi": phi, "psi": psi, "t": t}, low, 0),
        Binding("theory.breakdown.breakdown_bounds", {"phi": phi, "psi": psi, "t": t}, high, 1),
    ),
    evidence=(Proof(),),
    note="With the deviations of BP-52 the left sides decide the count rule (BP-F5).",
)
BRACKET_LIMIT = Claim(
    id="BP-E3.1",
    title="As t tends to zero both bounds of Theorem E.3 tend to the breakdown point.",
    kind="lemma",
    source="Feng et al. 2025, after Theorem E.3",
    statement=Statement(
        variables={phi: _OPEN, psi: _OPEN},
        where=POINT,
        goal=And(
            Eq(sp.Limit((1 - tau) * phi / ((1 - tau) * phi + (1 + tau) * psi), tau, 0), star),
            Eq(sp.Limit((1 + tau) * phi / ((1 + tau) * phi + (1 - tau) * psi), tau, 0), star),
        ),
    ),
    evidence=(Proof((Step(Identity()),)),),
)

COINCIDE = Claim(
    id="BP-E4",
    title="Theorem E.3 decides an error rate exactly for the widths t below the relative surplus; "
    "only the breakdown point itself is left, so p_up = p_down = p_star.",
    kind="corollary",
    source="Feng et al. 2025, Corollary E.4",
    statement=Statement(
        variables={p: UNIT, phi: SHARE, psi: SHARE, t: UNIT},
        where={**MASSES, **POINT, **_BOUNDS},
        goal=And(
            Equivalent(Lt(p, low), Lt(t, (good - bad) / (good + bad))),
            Equivalent(Gt(p, high), Lt(t, (bad - good) / (good + bad))),
            Eq((star - p) * (phi + psi), good - bad),
        ),
    ),
    uses=("BP-E3",),
    evidence=(Proof(),),
    note="Every p below p_star lies below the lower bound of some t, every p above it beyond the "
    "upper bound of some t.",
)

NO_PRUNING = Claim(
    id="BP-NO",
    title="Keeping right and wrong labels alike leaves the breakdown point at one half.",
    kind="example",
    source="Feng et al. 2025, sections 4.3 and E.6, no selection",
    statement=Statement(
        variables={phi: SHARE, psi: SHARE, t: UNIT},
        hypotheses=(Eq(psi, phi),),
        where={**POINT, low: _BOUNDS[low]},
        goal=And(Eq(star, sp.Rational(1, 2)), Eq(low, (1 - t) / 2)),
    ),
    uses=("BP-4.2", "BP-E3"),
    evidence=(Proof(),),
)
ORACLE = Claim(
    id="BP-OR",
    title="The breakdown point falls short of one by the share psi/(phi + psi), and is one for an "
    "oracle.",
    kind="example",
    source="Feng et al. 2025, sections 4.3 and E.6, oracle selection",
    statement=Statement(
        variables={phi: SHARE, psi: RATE},
        where=POINT,
        goal=Eq(1 - star, psi / (phi + psi)),
    ),
    uses=("BP-4.2",),
    evidence=(Proof(),),
    note="It is no promise of accuracy: see BP-E-12.",
)
NOISY = Claim(
    id="BP-NV",
    title="A verifier that keeps all right labels, and wrong ones with probability p_n, has the "
    "breakdown point 1/(1 + p_n): it succeeds when p_n < (1 - p)/p.",
    kind="example",
    source="Feng et al. 2025, section 6.1",
    statement=Statement(
        variables={p: UNIT, phi: SHARE, psi: SHARE, noise: UNIT},
        hypotheses=(Eq(phi, 1), Eq(psi, noise)),
        where=POINT,
        goal=And(
            Eq(star, 1 / (1 + noise)), Eq(noise, (1 - star) / star),
            Equivalent(Lt(p, star), Lt(noise, (1 - p) / p)),
        ),
    ),
    uses=("BP-4.2",),
    binds=(
        Binding("theory.breakdown.noisy_verifier_breakdown", {"p_noise": noise}, 1 / (1 + noise)),
    ),
    evidence=(Proof(),),
)
FLIPPED = Claim(
    id="BP-NV.1",
    title="A verifier that errs with rate eta on right and on wrong labels has breakdown point "
    "1 - eta, that of one-sided noise eta/(1 - eta), but keeps less.",
    kind="remark",
    source="Feng et al. 2025, footnote 1, made exact",
    statement=Statement(
        variables={p: UNIT, noise: UNIT, phi: SHARE, psi: SHARE},
        hypotheses=(Eq(phi, 1 - noise), Eq(psi, noise)),
        where={**POINT, good: (1 - p) * phi, bad: p * psi},
        goal=And(
            Eq(star, 1 - noise), Eq(star, 1 / (1 + noise / (1 - noise))),
            Eq(good + bad, (1 - noise) * ((1 - p) + p * noise / (1 - noise))),
        ),
    ),
    uses=("BP-NV",),
    evidence=(Proof(),),
    note="The two agree on the breakdown point only, not on how much is kept.",
)

_RIGHT, _WRONG = total(s[i]), total(1 - s[i])
_KEPT_RIGHT, _KEPT_WRONG = total(q[i] * s[i]), total(q[i] * (1 - s[i]))
_SCORES = {N: NATURALS, s: Sequence(N, RATE), q: Sequence(N, RATE)}
_BOTH_KINDS = (Gt(_RIGHT, 0), Gt(_WRONG, 0))
_GENERAL = {p: 1 - _RIGHT / N, phi: _KEPT_RIGHT / N / (1 - p), psi: _KEPT_WRONG / N / p}
_TALLY = And(Eq(_RIGHT + _WRONG, N), Eq(_KEPT_RIGHT + _KEPT_WRONG, total(q[i])))

SUMS = Claim(
    id="L-SCORES",
    title="Sums of shares in [0, 1]: the parts are nonnegative, at most the whole, and add up.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables=_SCORES,
        goal=And(
            _TALLY, Ge(_KEPT_RIGHT, 0), Le(_KEPT_RIGHT, _RIGHT), Ge(_KEPT_WRONG, 0),
            Le(_KEPT_WRONG, _WRONG),
        ),
    ),
    evidence=(Proof((Step(Induction(N)),)),),
    loose="each inequality is attained at scores or selections of all 0 or all 1 only",
)

PROXY = Claim(
    id="BP-GP",
    title="With scores between 0 and 1 in place of right and wrong, phi and psi are still shares, "
    "and (1 - p) phi + p psi is the share kept.",
    kind="proposition",
    source="Feng et al. 2025, section 6.2",
    statement=Statement(
        variables=_SCORES,
        hypotheses=_BOTH_KINDS,
        where=_GENERAL,
        goal=And(
            Ge(phi, 0), Le(phi, 1), Ge(psi, 0), Le(psi, 1),
            Eq((1 - p) * phi + p * psi, total(q[i]) / N),
        ),
    ),
    uses=("L-SCORES", "BP-3"),
    binds=tuple(
        Binding("theory.pruning.rates_from_scores", {"score": s, "kept": q}, value, field)
        for field, value in (("p", p), ("phi", phi), ("psi", psi))
    ),
    evidence=(Proof((Step(Lemma("L-SCORES")),)),),
    note="For scores 0 and 1 the definitions are those of BP-1 and BP-3.",
    loose="a share is 0 or 1 only when the selection is",
)

KEPT_SCORE = Claim(
    id="BPX-P",
    title="p_star says how much better the kept data score: its odds are the odds of the mean "
    "kept score over those of the mean score, and p < p_star when the mean kept score exceeds "
    "one half.",
    kind="result",
    source="new",
    statement=Statement(
        variables=_SCORES,
        hypotheses=(*_BOTH_KINDS, Gt(_KEPT_RIGHT, 0), Gt(_KEPT_WRONG, 0)),
        where={**_GENERAL, **POINT, precision: _KEPT_RIGHT / total(q[i])},
        goal=And(
            Eq(star / (1 - star), precision / (1 - precision) / (_RIGHT / _WRONG)),
            Equivalent(Lt(p, star), Gt(precision, sp.Rational(1, 2))),
            Equivalent(Gt(star, sp.Rational(1, 2)), Gt(precision, 1 - p)),
        ),
    ),
    uses=("BP-GP", "L-SCORES"),
    evidence=(Proof((Step(Lemma("L-SCORES")),)),),
    note="For a fixed generator p_star is a monotone function of the mean score of what is kept; "
    "how much is kept plays no part. Its last line: p_star > 1/2 means that the selection beats "
    "a random one.",
)

CLAIMS = (
    ERROR_RATE, TRAINED, CURVATURE, CONVEX, ACCEPTANCE, CELLS, SAME_NOISE, CELLS_CORRECT,
    AGREEMENT, PRINTED_AGREEMENT, SIGNED_AGREEMENT, BREAKDOWN, BRACKET, BRACKET_LIMIT, COINCIDE,
    NO_PRUNING, ORACLE, NOISY, FLIPPED, SUMS, PROXY, KEPT_SCORE,
)
