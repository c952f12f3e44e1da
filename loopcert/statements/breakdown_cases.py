"""Claims on what Feng et al. 2025 assume, on unequal classes, votes and weights; ids BP-, BPX-.

Notation: p error rate, phi_k and psi_k shares kept of the right and the wrong labels of class k,
r the share of right items among the kept, eta the chance that one item is right.
"""

import sympy as sp
from sympy import Abs, And, Eq, Equivalent, Ge, Gt, Implies, Le, Lt, Sum, exp, log, sqrt

from loopcert.claim import Binding, Claim, NearMiss, Proof, Refutation, Witness
from loopcert.prove.formal import (
    NATURALS,
    POSITIVE,
    REALS,
    UNIT,
    Sequence,
    Statement,
)
from loopcert.prove.proof import ByDerivative, Identity, Induction, Smt, Step
from loopcert.prove.substitution import Opaque
from loopcert.statements.pruning import sigmoid
from loopcert.statements.pruning_angles import (
    ANGLES,
    TRIANGLE,
    angle_between,
    angle_gen,
    angle_prune,
    bivariate,
    normal_cdf,
)

__all__ = ["CLAIMS"]

gen, prune, between = angle_gen, angle_prune, angle_between
RATE = sp.Interval(0, 1)
SHARE = sp.Interval.Lopen(0, 1)
both, first, second, none = sp.symbols("q_11 q_10 q_01 q_00", nonnegative=True)
p, weight = sp.symbols("p pi_1", positive=True)
phi0, phi1, psi0, psi1, phi, psi = sp.symbols("phi_0 phi_1 psi_0 psi_1 phi psi", nonnegative=True)
star, good, bad, star0, star1 = sp.symbols("p_star good bad p_0 p_1", real=True)
a, eps, rate, ridge, delta, step = sp.symbols("a epsilon r lambda delta x", positive=True)
b, norm, same, other, u, z, e, shift = sp.symbols("b s d_1 d_2 u z e c", real=True)
kappa, theta = sp.symbols("kappa theta", positive=True)
eta = sp.Symbol("eta", nonnegative=True)
N, n = sp.symbols("N n", integer=True, positive=True)
i, k, G = sp.symbols("i k G", integer=True)
digits = sp.Symbol("k", integer=True, positive=True)
w, s, v, t = (sp.IndexedBase(name) for name in ("w", "s", "v", "t"))


def over(term):
    """The sum of `term` over the items."""
    return Sum(term, (i, 0, N - 1))


# -- what is assumed -----------------------------------------------------------------------------
INDEPENDENT = Claim(
    id="BP-A4.1",
    title="Whether one item survives is independent of what happens to the others.",
    kind="assumption",
    source="Feng et al. 2025, Assumption 4.1",
    statement=Statement(
        variables={both: RATE, first: RATE, second: RATE, none: RATE},
        hypotheses=(Eq(both + first + second + none, 1),),
        goal=Eq(both, (both + first) * (both + second)),
    ),
    evidence=(
        Witness({both: "1/6", first: "1/3", second: "1/6", none: "1/3"}),
        NearMiss({both: 0, first: "1/2", second: "1/2", none: 0}),
    ),
    note="Two items: q_jk is the probability that the first survives (j) and the second (k). The "
    "second point keeps the better one of two, as any selection of the top items does.",
)
CONDITION = Claim(
    id="BP-COND",
    title="Features have length 1, and products a within and b < a < 1 across the classes, up to "
    "a deviation that vanishes as the dimension grows.",
    kind="assumption",
    source="Feng et al. 2025, Condition E.1",
    statement=Statement(
        variables={a: UNIT, b: REALS, eps: POSITIVE, norm: REALS, same: REALS, other: REALS},
        hypotheses=(Lt(b, a), Lt(eps, sp.Rational(1, 10))),
        goal=And(Le(Abs(norm - 1), eps), Le(Abs(same - a), eps), Le(Abs(other - b), eps)),
    ),
    evidence=(
        Witness({a: "1/2", b: "-1/2", eps: "1/20", norm: "99/100", same: "51/100",
                 other: "-12/25"}),
        NearMiss({a: "1/2", b: "-1/2", eps: "1/20", norm: "3/2", same: "1/2", other: "-1/2"}),
    ),
    note="Three products of one sample, with the deviation epsilon. At a fixed dimension they "
    "fluctuate (BP-E-8).",
)
OPEN_RATES = Claim(
    id="BP-E-10",
    title="Printed: Theorem E.3, for phi and psi in (0, 1), covers the examples of section 4.3: "
    "the oracle phi = 1, psi = 0 and no selection phi = psi = 1.",
    kind="theorem",
    source="Feng et al. 2025, Theorem E.3 with section 4.3",
    statement=Statement(
        variables={phi: RATE, psi: RATE}, hypotheses=(Eq(phi, 1),),
        goal=And(Gt(phi, 0), Lt(phi, 1), Gt(psi, 0), Lt(psi, 1)),
    ),
    evidence=(Refutation({phi: 1, psi: 0}),),
    note="The criterion itself holds on the closed rates (BP-4.2). Nor is p = p_star covered: "
    "there right and wrong labels win equally often at every N (BPX-3.1).",
)

# -- unequal classes -----------------------------------------------------------------------------
POOLED = Claim(
    id="BPX-9",
    title="Classes of opposite means with unequal acceptance rates share the breakdown point sum "
    "pi_k phi_k/sum pi_k (phi_k + psi_k).",
    kind="result",
    source="new; Feng et al. 2025, Proposition F.3 without the symmetry of section 4.2",
    statement=Statement(
        variables={p: UNIT, weight: UNIT, phi0: SHARE, phi1: SHARE, psi0: RATE, psi1: RATE},
        where={
            good: (1 - p) * ((1 - weight) * phi0 + weight * phi1),
            bad: p * ((1 - weight) * psi0 + weight * psi1),
            star: ((1 - weight) * phi0 + weight * phi1)
            / ((1 - weight) * (phi0 + psi0) + weight * (phi1 + psi1)),
        },
        goal=Equivalent(Lt(p, star), Lt(bad, good)),
    ),
    uses=("BP-F3", "BP-4.1"),
    binds=(
        Binding("theory.breakdown.pooled_breakdown",
                {"phi": [phi0, phi1], "psi": [psi0, psi1], "priors": [1 - weight, weight]},
                star),
    ),
    evidence=(Proof(),),
    note="By BP-F3 all kept items are classified rightly exactly when right labels outnumber "
    "wrong ones; the masses are those of BP-4.1 with one error rate for both classes.",
)
PHASES = Claim(
    id="BPX-9.1",
    title="Classes of orthogonal means have a breakdown point each, so that between the two one "
    "class is learned and the other is not.",
    kind="result",
    source="new; Feng et al. 2025, Proposition F.4 with unequal acceptance rates",
    statement=Statement(
        variables={p: UNIT, phi0: SHARE, phi1: SHARE, psi0: RATE, psi1: RATE},
        where={star0: phi0 / (phi0 + psi0), star1: phi1 / (phi1 + psi1)},
        goal=And(
            Equivalent(And(Lt(p * psi0, (1 - p) * phi0), Lt(p * psi1, (1 - p) * phi1)),
                       Lt(p, sp.Min(star0, star1))),
            Equivalent(And(Gt(p * psi0, (1 - p) * phi0), Gt(p * psi1, (1 - p) * phi1)),
                       Gt(p, sp.Max(star0, star1))),
        ),
    ),
    uses=("BP-F4", "BP-4.1"),
    binds=tuple(
        Binding("theory.breakdown.phase_boundaries",
                {"phi": [phi0, phi1], "psi": [psi0, psi1]}, value, number)
        for number, value in enumerate((sp.Min(star0, star1), sp.Max(star0, star1)))
    ),
    evidence=(
        Proof((
            Step(Smt(), Equivalent(Lt(p, star0), Lt(p * psi0, (1 - p) * phi0))),
            Step(Smt(), Equivalent(Lt(p, star1), Lt(p * psi1, (1 - p) * phi1))),
            Step(Smt(), Equivalent(Gt(p, star0), Gt(p * psi0, (1 - p) * phi0))),
            Step(Smt(), Equivalent(Gt(p, star1), Gt(p * psi1, (1 - p) * phi1))),
        )),
    ),
    note="By BP-F4 class 1 is right exactly when N_10 < N_11, class 0 when N_01 < N_00.",
)

# -- votes and accuracies ------------------------------------------------------------------------
def _mass(items, right, wrong):
    """The probability of so many right and wrong labels among some items."""
    ways = sp.binomial(items, wrong) * sp.binomial(items - wrong, right)
    return ways * first**right * second**wrong * none ** (items - right - wrong)


def _share(items, test):
    """The probability that the counts of right and wrong labels pass a test."""
    return sum(
        _mass(items, g, k) for k in range(items + 1) for g in range(items + 1 - k) if test(g, k))


def _whole(items):
    """The probabilities that right labels win, that wrong ones do, and of a tie."""
    win = _share(items, lambda g, k: g > k)
    return win, win.xreplace({first: second, second: first}), _share(items, lambda g, k: g == k)


VOTE = Claim(
    id="BPX-3.1",
    title="Among four and among five items: the exact probability that right labels win, its "
    "mirror image and that of a tie add to one, so at the breakdown point both win equally often.",
    kind="result",
    source="new",
    statement=Statement(
        variables={first: UNIT, second: UNIT, none: UNIT},
        hypotheses=(Eq(none, 1 - first - second),),
        goal=And(Eq(sum(_whole(4)), 1), Eq(sum(_whole(5)), 1)),
    ),
    uses=("BP-4.2",),
    binds=tuple(
        Binding("theory.breakdown.majority_probability",
                {"n": items, "good": first, "bad": second}, _whole(items)[0])
        for items in (4, 5)
    ),
    evidence=(Proof(),),
    note="q_10 and q_01 are the masses of right and of wrong kept labels, q_00 that of dropped "
    "items. At p = p_star the first two are equal.",
)
_HALF = sp.Rational(1, 2)
_KEPT = 1 - normal_cdf(-kappa) - normal_cdf(-kappa * sp.cos(theta))
BAYES = Claim(
    id="BPX-2",
    title="In the mixture a direction at angle theta agrees with the Bayes rule on Phi_2(k, k cos "
    "theta) + Phi_2(-k, -k cos theta) of all items: one minus both error rates, plus twice the "
    "share that both have wrong.",
    kind="result",
    source="new; the accuracy of Feng et al. 2025, section 4",
    statement=Statement(
        variables={kappa: sp.Interval.Lopen(0, 4), theta: sp.Interval.open(0, sp.pi)},
        goal=Eq(
            bivariate(kappa, kappa * sp.cos(theta), sp.cos(theta))
            + bivariate(-kappa, -kappa * sp.cos(theta), sp.cos(theta)),
            _KEPT + 2 * bivariate(-kappa, -kappa * sp.cos(theta), sp.cos(theta)),
        ),
    ),
    uses=("BP-23.1", "BP-E6.1"),
    binds=(
        Binding("theory.breakdown.accuracy_against_labels", {"separation": kappa, "angle": theta},
                normal_cdf(kappa * sp.cos(theta))),
        Binding("theory.breakdown.accuracy_against_bayes", {"separation": kappa, "angle": theta},
                bivariate(kappa, kappa * sp.cos(theta), sp.cos(theta))
                + bivariate(-kappa, -kappa * sp.cos(theta), sp.cos(theta))),
    ),
    evidence=(Proof(),),
    note="Given the class the two scores are normal with means k and k cos theta and correlation "
    "cos theta; both rules are right, or both wrong. Accuracy on the labels is Phi(k cos theta).",
)

_MODEL = {
    "separation": kappa, "angle_gen": gen, "angle_prune": prune, "angle_between": between,
}
_C1, _C2 = -kappa * sp.cos(prune), -kappa * sp.cos(gen)


def _density(x):
    return exp(-(x**2) / 2) / sqrt(2 * sp.pi)


def _pull(c, mean, direction):
    """E[sgn(d.x) y x] along one axis for a direction d whose error rate is Phi(c)."""
    return (1 - 2 * normal_cdf(c)) * kappa * mean + 2 * _density(c) * direction


_FIRST = (kappa * (1 - normal_cdf(_C1) - normal_cdf(_C2)) * norm + _density(_C2) * same
          + _density(_C1) * other)
_SHARE = 1 - normal_cdf(_C1) - normal_cdf(_C2) + 2 * bivariate(_C1, _C2, sp.cos(between))
MOMENT = Claim(
    id="BPX-4",
    title="The mean of label times features over what is kept, times the share kept, is kappa "
    "(1 - Phi(c1) - Phi(c2)) w + phi(c2) g + phi(c1) p, whatever the angle between g and p.",
    kind="result",
    source="new; the setting of Feng et al. 2025, appendix E.6",
    statement=Statement(
        variables={kappa: sp.Interval.Lopen(0, 3), gen: ANGLES[gen], prune: ANGLES[prune],
                   between: ANGLES[between], norm: REALS, same: REALS, other: REALS, z: REALS},
        hypotheses=TRIANGLE,
        goal=And(
            Eq(sp.Derivative(-_density(z), z), z * _density(z)),
            Eq((_pull(_C2, norm, same) + _pull(_C1, norm, other)) / 2, _FIRST),
        ),
    ),
    uses=("BP-23.1", "BP-E6.1", "BPX-U"),
    binds=(
        Binding("theory.breakdown.pruned_moments", _MODEL, _SHARE, "retention"),
    ),
    evidence=(Proof((Step(Identity()),)),),
    note="s, d_1 and d_2 are the components of truth, generator and verifier along an axis. The "
    "kept label is the mean of the two labels as signs (BPX-U); E[sgn(k + Z) Z] = 2 phi(k) by the "
    "first line, on both sides of -k. The hypotheses say that three such directions exist.",
)

_ACUTE = sp.Interval.open(0, sp.Rational(3, 2))
TOWARDS = Claim(
    id="BPX-4.1",
    title="Where generator and verifier are at angles below 3/2 to the truth, right labels "
    "outnumber wrong ones and the kept mean has a positive component along the truth.",
    kind="corollary",
    source="new; the setting of Feng et al. 2025, appendix E.6",
    statement=Statement(
        variables={kappa: sp.Interval.Lopen(0, 3), gen: _ACUTE, prune: _ACUTE,
                   between: ANGLES[between]},
        hypotheses=TRIANGLE[:3],
        where={norm: sp.Integer(1), same: sp.cos(gen), other: sp.cos(prune)},
        goal=And(
            Gt(1 - normal_cdf(_C1) - normal_cdf(_C2), 0),
            Gt(_FIRST, kappa * (1 - normal_cdf(_C1) - normal_cdf(_C2))),
        ),
    ),
    uses=("BPX-4",),
    binds=(
        Binding("theory.breakdown.pruned_moments", _MODEL, _FIRST / _SHARE, ("first", 0),
                rtol=1e-7),
    ),
    evidence=(Proof(),),
    loose="strict inequalities",
    note="The hypotheses say that three such directions exist. The angles are acute; between 3/2 "
    "and pi/2 the claim says nothing.",
)

# -- large samples -------------------------------------------------------------------------------
SMOOTH = Claim(
    id="BP-42",
    title="Dropping the self-overlap R = 1 - a from system (31) changes each weight A' by at most "
    "R A'/(4 gamma): 0 < sigmoid(z) - sigmoid(z - x) <= x/4.",
    kind="proposition",
    source="Feng et al. 2025, equation (42), with its error",
    statement=Statement(
        variables={z: REALS, step: POSITIVE},
        goal=And(
            Gt(sigmoid(z) - sigmoid(z - step), 0), Le(sigmoid(z) - sigmoid(z - step), step / 4)),
    ),
    uses=("BP-F1",),
    evidence=(
        Proof((
            Step(Smt(), Gt(sigmoid(z) - sigmoid(z - step), 0)),
            Step(ByDerivative(step, 0, ((1 - exp(step - z)) / (1 + exp(step - z))) ** 2 / 4),
                 Le(sigmoid(z) - sigmoid(z - step), step / 4)),
        )),
    ),
    note="x = R A = R A'/gamma, gamma = lambda N: the error is at most R/(4 lambda N), which "
    "vanishes at a fixed ridge lambda and not at a fixed gamma (BP-E-4).",
    loose="a quarter is the slope at zero only",
)
_EDGE = sp.Rational(3, 2)
REDUCED = Claim(
    id="BP-42.1",
    title="For b = -a the reduced system is one equation, lambda u = a (good - (good + bad) "
    "sigmoid(u)), whose root, if within 27/8 of zero, has the sign of good - bad.",
    kind="proposition",
    source="Feng et al. 2025, equation (44)",
    statement=Statement(
        variables={a: UNIT, shift: sp.Interval(-_EDGE, _EDGE), u: REALS, good: RATE, bad: RATE},
        hypotheses=(Eq(u, shift**3), Gt(u * (good - (good + bad) * sigmoid(u)), 0),),
        goal=And(Equivalent(Gt(u, 0), Gt(good, bad)), Equivalent(Lt(u, 0), Lt(good, bad))),
    ),
    uses=("BP-F3", "BP-42"),
    binds=(
        Binding("theory.breakdown.reduced_solution",
                {"fractions": [good / 3, bad / 4, 3 * bad / 4, 2 * good / 3], "a": a, "b": -a,
                 "ridge": a * (good - (good + bad) * sigmoid(u)) / u}, u, 0, rtol=1e-7),
    ),
    evidence=(
        Proof((
            Step(Smt(alone=True), Equivalent(Gt(sigmoid(u), _HALF), Gt(u, 0))),
            Step(Smt(alone=True), Equivalent(Lt(sigmoid(u), _HALF), Lt(u, 0))),
            Step(Smt(), Implies(Gt(u, 0), Gt(good * (1 - sigmoid(u)), bad * sigmoid(u)))),
            Step(Smt(), Implies(Lt(u, 0), Lt(good * (1 - sigmoid(u)), bad * sigmoid(u)))),
            Step(Smt(), Implies(Gt(u, 0), Gt(good, bad))),
            Step(Smt(), Implies(Lt(u, 0), Lt(good, bad))),
            Step(Opaque((sigmoid(u),))),
        )),
    ),
    note="u = c^3. The hypothesis says that lambda, solved for, is positive.",
)

# -- audits and weights --------------------------------------------------------------------------
AUDIT = Claim(
    id="BPX-10",
    title="A majority of n votes that are right with chance r fails with probability at most "
    "(4 r (1 - r))^(n/2): at most delta for n >= log(1/delta)/l, l = -log(4 r (1 - r))/2.",
    kind="result",
    source="new",
    statement=Statement(
        variables={rate: sp.Interval.open(_HALF, 1), step: POSITIVE, n: NATURALS,
                   delta: sp.Interval.open(sp.Rational(1, 10**300), 1)},
        hypotheses=(
            Eq(step, -log(4 * rate * (1 - rate)) / 2), Eq(delta, exp(-n * step + step / 2)),
        ),
        goal=And(
            Eq(1 - (sqrt(rate) - sqrt(1 - rate)) ** 2, 2 * sqrt(rate) * sqrt(1 - rate)),
            Lt(exp(-n * step), delta), Lt(delta, exp(-(n - 1) * step)),
        ),
    ),
    uses=("BPX-3",),
    binds=(
        Binding("theory.breakdown.bound_required_items",
                {"good": rate, "bad": 1 - rate, "failure": delta}, n),
    ),
    evidence=(Proof(),),
    note="The first line is the bound of BPX-3 for one vote, good = r and bad = 1 - r, whose n-th "
    "power is exp(-n l). n is the least number of votes for a delta between the two bounds: 597, "
    "147, 35 and 14 for delta = 0.05 and r = 0.55, 0.6, 0.7 and 0.8.",
    loose="strict bounds",
)
_DOT, _POWER, _BEST = over(w[i] * s[i]), over(w[i] ** 2), over(s[i] ** 2)
WEIGHTS = Claim(
    id="BPX-12",
    title="Weights 2 eta - 1 make the most of items that are right with chance eta: "
    "(E[w (2 eta - 1)])^2/E[w^2] <= E[(2 eta - 1)^2].",
    kind="result",
    source="new",
    statement=Statement(
        variables={N: NATURALS, w: Sequence(N, REALS), s: Sequence(N, sp.Interval(-1, 1)),
                   shift: REALS, eta: RATE},
        hypotheses=(Gt(_POWER, 0), Eq(shift, _DOT / _POWER)),
        goal=And(
            Eq(_BEST - _DOT**2 / _POWER, over((s[i] - shift * w[i]) ** 2)),
            Le(_DOT**2 / _POWER, _BEST),
        ),
    ),
    binds=(
        Binding("theory.pruning.optimal_weights", {"correctness": eta}, 2 * eta - 1),
    ),
    evidence=(
        Proof((
            Step(Induction(N), Ge(over((s[i] - shift * w[i]) ** 2), 0)),
            Step(Smt(), Eq(shift * _POWER, _DOT)),
        )),
    ),
    note="s = 2 eta - 1. The gap is the squared distance of s to the multiples of w, so that only "
    "weights proportional to s attain the bound; a negative weight trains on the other label. "
    "That some weight is not zero keeps the quotient defined.",
)
INFORMATION = Claim(
    id="BPX-12.1",
    title="Two items: the information of weights (w, 1).",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={u: REALS, eta: RATE, first: RATE},
        where={good: 2 * eta - 1, bad: 2 * first - 1},
        goal=Eq(
            (good**2 + bad**2) / 2 - (u * good + bad) ** 2 / (2 * (u**2 + 1)),
            (good - u * bad) ** 2 / (2 * (u**2 + 1)),
        ),
    ),
    uses=("BPX-12",),
    binds=(
        Binding("theory.pruning.weighted_information",
                {"weights": [u, 1], "correctness": [eta, first]},
                (u * good + bad) ** 2 / (2 * (u**2 + 1)), rtol=1e-7),
    ),
    evidence=(Proof(),),
)

# -- appendix B ----------------------------------------------------------------------------------
_ERROR, _SIZE = over(Abs(v[i] - t[i])), over(Abs(v[i]))
CORRECT = Claim(
    id="BP-B1",
    title="A prediction is correct at tolerance tau when sum |v - t| < tau sum |v|.",
    kind="definition",
    source="Feng et al. 2025, section 3 and appendix B",
    statement=Statement(
        variables={N: NATURALS, v: Sequence(N, REALS), t: Sequence(N, REALS), eps: UNIT},
        goal=Lt(_ERROR, eps * _SIZE),
    ),
    evidence=(
        Witness({N: 2, v: [2, -1], t: ["201/100", -1], eps: "1/50"}),
        NearMiss({N: 2, v: [2, -1], t: ["203/100", "-103/100"], eps: "1/50"}),
    ),
    note="v are the true eigenvalues, t the predicted ones, both sorted.",
)
ROUNDED = Claim(
    id="BP-B2",
    title="Three significant digits err by at most 1/201 of the value: the exact answer, rounded, "
    "counts as correct even at a tolerance of half a percent.",
    kind="result",
    source="new; the number format of Feng et al. 2025, appendix B",
    statement=Statement(
        variables={digits: sp.Range(100, 1001), e: sp.Interval(-_HALF, _HALF)},
        hypotheses=(Ge(digits + e, 100),),
        goal=Le(Abs(e), (digits + e) / 201),
    ),
    uses=("BP-B1",),
    evidence=(Proof((), integers=True),),
    loose="met by the value 100.5 only, half-way between two mantissas",
    note="A value is k + e in units of its third digit, k its mantissa. Summed over the numbers "
    "of an answer: sum |v - t| <= sum |v|/201 < 0.005 sum |v|. Without the "
    "hypothesis k = 100, e = -1/2 would fail: such a value has its third digit one place lower.",
)
CLAIMS = (
    INDEPENDENT, CONDITION, OPEN_RATES, POOLED, PHASES, VOTE, BAYES, MOMENT, TOWARDS, SMOOTH,
    REDUCED, AUDIT, WEIGHTS, INFORMATION, CORRECT, ROUNDED,
)
