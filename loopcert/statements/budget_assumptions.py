"""Definitions and assumptions of Yang et al. 2025, and what the warm-up makes of them."""

import sympy as sp
from sympy import And, Eq, Ge, Gt, Implies, Le, Sum, exp

from loopcert.claim import Claim, NearMiss, Proof, Witness
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
from loopcert.prove.proof import Identity, Induction, Smt, Step
from loopcert.statements._budget_terms import T, n, t, total

__all__ = ["CLAIMS"]

a, u, c1, c2, D, beta, mu, lip, eta, s2 = sp.symbols(
    "a u c_1 c_2 D beta mu L eta s", positive=True
)
p1, p2, G, gap, cR, make, train, eps = sp.symbols("p_1 p_2 G Delta c_R c_gen c_train epsilon",
                                                  positive=True)
loss, other, gap2, x, theta, q = sp.symbols("l l_2 G_2 x theta q", real=True)
cover, N = sp.symbols("N m", integer=True, positive=True)
slope2, noise2 = sp.symbols("g2 xi2", nonnegative=True)
made, r, density, kept, gaps, E, fresh, left = (
    sp.IndexedBase(name) for name in ("N", "r", "p", "q", "Delta", "G", "xi2", "f")
)
RUN = {T: NATURALS, n: Sequence(T, POSITIVE)}


def _definition(name, title, source, variables, goal, met, missed, *, kind="definition",
                hypotheses=(), note=""):
    return Claim(
        id=name, title=title, kind=kind, source=f"Yang et al. 2025, {source}",
        statement=Statement(variables=variables, hypotheses=hypotheses, goal=goal),
        evidence=(Witness(met), NearMiss(missed)), note=note,
    )


# -- policies and costs ---------------------------------------------------------------------------
CONSTANT = _definition(
    "SW-POLICY-CONSTANT", "A constant policy keeps the same number of samples in every round.",
    "section 3.3", RUN, Each(Eq(n[t], n[0]), t, T),
    {T: 3, n: [5, 5, 5]}, {T: 3, n: [5, 5, 6]},
)

POLYNOMIAL = _definition(
    "SW-POLICY-POLYNOMIAL", "A polynomial growth policy keeps n_0 (1 + t)^a samples in round t.",
    "section 3.3", {**RUN, a: POSITIVE}, Each(Eq(n[t], n[0] * (1 + t) ** a), t, T),
    {T: 3, n: [5, 20, 45], a: 2}, {T: 3, n: [5, 10, 20], a: 2},
)

EXPONENTIAL = _definition(
    "SW-POLICY-EXPONENTIAL",
    "An exponential growth policy keeps n_0 (1 + u)^t samples in round t.",
    "section 3.3", {**RUN, u: POSITIVE}, Each(Eq(n[t], n[0] * (1 + u) ** t), t, T),
    {T: 3, n: [5, 10, 20], u: 1}, {T: 3, n: [5, 10, 15], u: 1},
)

INCREASING = _definition(
    "SW-POLICY-INCREASING", "An increasing policy keeps more samples from round to round.",
    "section 3.3", {T: sp.Range(2, sp.oo), n: Sequence(T, POSITIVE)},
    Each(Gt(n[t + 1], n[t]), t, T - 1), {T: 3, n: [5, 6, 7]}, {T: 3, n: [5, 6, 6]},
    note="It may stay bounded: E-08.",
)

_SPENT = Sum(make * made[t] + train * n[t], (t, 0, T - 1))
COST = _definition(
    "SW-COST", "The cost adds a price for every proposal and one for every kept sample.",
    "section 3.3",
    {**RUN, made: Sequence(T, POSITIVE), make: POSITIVE, train: POSITIVE, eps: POSITIVE},
    Eq(eps, _SPENT),
    {T: 2, n: [1, 2], made: [10, 20], make: 1, train: 2, eps: 36},
    {T: 2, n: [1, 2], made: [10, 20], make: 1, train: 2, eps: 6},
)

FIRST_TIME = _definition(
    "SW-ITERATIONS",
    "The iterations to a target are the first round after which the gap is at most eps.",
    "equation (2)", {T: NATURALS, gaps: Sequence(T + 1, NONNEGATIVE), eps: POSITIVE},
    And(Le(gaps[T], eps), Each(Gt(gaps[t], eps), t, T)),
    {T: 2, gaps: ["1/2", "1/4", "1/8"], eps: "1/5"},
    {T: 2, gaps: ["1/2", "1/8", "1/8"], eps: "1/5"},
)

_MASS = Sum(r[t] * density[t], (t, 0, N - 1))
SELECTED = _definition(
    "SW-SELECTED", "The post-selection law has the density r p over the expected reward.",
    "appendix B.2",
    {
        N: NATURALS, r: Sequence(N, sp.Interval(0, 1)), density: Sequence(N, NONNEGATIVE),
        kept: Sequence(N, NONNEGATIVE),
    },
    Each(Eq(kept[t], r[t] * density[t] / _MASS), t, N),
    {N: 2, r: [1, "1/2"], density: ["1/3", "2/3"], kept: ["1/2", "1/2"]},
    {N: 2, r: [1, "1/2"], density: ["1/3", "2/3"], kept: ["1/3", "2/3"]},
    hypotheses=(Gt(_MASS, 0),),
    note="On finitely many outcomes; the Gaussian case is SW-01.",
)

# -- assumptions ----------------------------------------------------------------------------------
COVERING = _definition(
    "SW-B1-COVER", "The covering number at radius u is at most (c/u)^D.",
    "assumption B.1 (1), equation (3)", {cover: NATURALS, c1: POSITIVE, D: POSITIVE, u: POSITIVE},
    Le(cover, (c1 / u) ** D),
    {cover: 8, c1: 3, D: 3, u: 1}, {cover: 28, c1: 3, D: 3, u: 1},
    kind="assumption",
    note="Our reading: the formula is lost in the text we have. The real line has no finite "
    "cover (E-04).",
)

LIPSCHITZ = _definition(
    "SW-B1-LIPSCHITZ",
    "The loss is Lipschitz in the parameter, with one constant for all samples.",
    "assumption B.1 (2), equation (4)",
    {x: REALS, theta: REALS, q: REALS, lip: POSITIVE},
    Le(sp.Abs((x - theta) ** 2 - (x - q) ** 2) / 2, lip * sp.Abs(theta - q)),
    {x: 1, theta: 1, q: 0, lip: 1}, {x: 9, theta: 1, q: 0, lip: 1},
    kind="assumption",
    note="Shown for the loss of the warm-up, which violates it (E-04).",
)

GRADIENT = _definition(
    "SW-B1-GRADIENT",
    "The squared gradient lies between 2 mu and 2 beta times the excess loss.",
    "assumption B.1 (3), equation (5)",
    {slope2: NONNEGATIVE, G: POSITIVE, mu: POSITIVE, beta: POSITIVE},
    And(Ge(slope2, 2 * mu * G), Le(slope2, 2 * beta * G)),
    {slope2: 2, G: 1, mu: 1, beta: 1}, {slope2: 1, G: 1, mu: 1, beta: 1},
    kind="assumption",
    note="Our reading of a lost formula. In the warm-up with mu = beta = 1/sigma^2 (SW-30).",
)

REDUCIBLE = _definition(
    "SW-B2", "A step that lowers its own expected loss lowers the gap by a share of it.",
    "assumption B.2",
    {loss: REALS, other: REALS, G: POSITIVE, gap2: REALS, cR: POSITIVE},
    Implies(Ge(loss, other), Ge(G - gap2, cR * (loss - other))),
    {loss: 2, other: 1, G: 3, gap2: 2, cR: "1/2"}, {loss: 2, other: 1, G: 3, gap2: 3, cR: "1/2"},
    kind="assumption",
    note="Our reading, with the gap G to the own best refit (E-05). In the warm-up with 1 - rho, "
    "two-sided (SW-31, SW-31-TWO); one-sided it is too weak for the proof (E-09).",
)

REWARDED = _definition(
    "SW-B3", "The gap of reward lies between two powers of the gap of loss.", "assumption B.3",
    {
        gap: POSITIVE, G: POSITIVE, c1: POSITIVE, c2: POSITIVE, p1: POSITIVE, p2: POSITIVE,
    },
    And(Ge(gap, c1 * G**p1), Le(gap, c2 * G**p2)),
    {gap: 1, G: 1, c1: "1/2", c2: 2, p1: 1, p2: 1},
    {gap: 1, G: 3, c1: "1/2", c2: 2, p1: 1, p2: 1},
    kind="assumption",
    note="Our reading of a lost formula. In the warm-up with exponent one, the lower half on "
    "bounded sets only (SW-32, SW-32-LOWER, E-06).",
)

_UNIT = 1 / (2 * sp.sqrt(sp.pi))
_BELL = exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi)
_PRODUCT = Eq(
    _BELL * _BELL.xreplace({x: x - theta}),
    _UNIT * exp(-(theta**2) / 4) * exp(-((x - theta / 2) ** 2)) / sp.sqrt(sp.pi),
)

UNIT_CASE = Claim(
    id="SW-32-UNIT",
    title="With sigma = 1 and the normalised density of N(0, 1) as reward J* - J = (1 - exp(-2 "
    "G))/(2 sqrt(pi)), at most G/sqrt(pi), G = theta^2/8.",
    kind="remark",
    source="Yang et al. 2025, remark after assumption B.3",
    statement=Statement(
        variables={theta: REALS, x: REALS},
        where={q: theta**2 / 8},
        goal=And(
            _PRODUCT,
            Le(_UNIT - _UNIT * exp(-2 * q), q / sp.sqrt(sp.pi)),
        ),
    ),
    uses=("SW-32",),
    evidence=(
        Proof((
            Step(Identity(), _PRODUCT),
            Step(Smt(alone=True), Ge(exp(-2 * q), 1 - 2 * q)),
        )),
    ),
    note="The first part: reward times density of N(theta, 1) is exp(-2 G)/(2 sqrt(pi)) times the "
    "density of N(theta/2, 1/2) at x; so J = exp(-2 G)/(2 sqrt(pi)).",
    loose="the bound is attained at theta = 0",
)

# -- what they give -------------------------------------------------------------------------------
_ALLOWED = (1 - cR * eta * mu) * G + cR * eta / 2 * noise2

ROUND = Claim(
    id="SW-33-ROUND",
    title="With B.1 (3) and the two-sided B.2 a step of size eta <= 1/beta leaves at most (1 - "
    "c_R eta mu) G + (c_R eta/2)|xi|^2 of the gap G.",
    kind="lemma",
    source="Yang et al. 2025, proof of Theorem B.6",
    statement=Statement(
        variables={
            G: POSITIVE, gap2: REALS, cR: POSITIVE, eta: POSITIVE, mu: POSITIVE,
            slope2: NONNEGATIVE, noise2: NONNEGATIVE, loss: REALS,
        },
        hypotheses=(
            Ge(slope2, 2 * mu * G), Ge(loss, eta / 2 * slope2 - eta / 2 * noise2),
            Ge(G - gap2, cR * loss),
        ),
        goal=Le(gap2, _ALLOWED),
    ),
    uses=("SW-33", "SW-B1-GRADIENT", "SW-B2"),
    evidence=(Proof(),),
    note="loss is the drop of the loss (SW-33), gap2 the gap after the step; noise2 = |xi|^2 for "
    "the noise xi of the gradient.",
    loose="equality in all three hypotheses makes it one",
)

share = sp.Symbol("r", positive=True)

RATE = Claim(
    id="SW-33-RATE",
    title="So E G_T <= r^T G_0 + s sum_t r^(T-1-t)/n_t, r = 1 - c_R eta mu, if (c_R eta/2) "
    "E|xi_t|^2 <= s/n_t.",
    kind="theorem",
    source="Yang et al. 2025, Theorem 3.4 and B.6, in expectation",
    statement=Statement(
        variables={
            T: NATURALS, share: UNIT, s2: POSITIVE, G: POSITIVE, n: Sequence(T, POSITIVE),
            fresh: Sequence(T, sp.Interval(0, 1)), left: Sequence(T, sp.Interval(0, 1)),
            E: Sequence(T + 1, NONNEGATIVE),
        },
        hypotheses=(
            Eq(E[0], G), Each(Eq(E[t + 1], left[t] * share * E[t] + s2 / n[t] * fresh[t]), t, T),
        ),
        goal=Le(E[T], share**T * G + s2 * total(share ** (T - 1 - t) / n[t])),
    ),
    uses=("SW-33-ROUND",),
    corrects=("E-11",),
    evidence=(Proof((Step(Induction(T)),)),),
    loose="attained where the noise is as large as allowed",
    note="s is (c_R eta/2) times the noise of one sample; the factors f_t and xi2_t in [0, 1] say "
    "that the gap and the noise left by a round may be smaller.",
)

CLAIMS = (
    CONSTANT, POLYNOMIAL, EXPONENTIAL, INCREASING, COST, FIRST_TIME, SELECTED, COVERING, LIPSCHITZ,
    GRADIENT, REDUCIBLE, REWARDED, UNIT_CASE, ROUND, RATE,
)
