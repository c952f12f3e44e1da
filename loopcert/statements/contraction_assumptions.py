"""Claims on the assumptions of the stability theorem (Gillman et al. 2024), ids SC-, SCX-.

Notation: theta* best model, A the Hessian of the mean log likelihood of the data there, alpha its
least curvature, L Lipschitz constant in x of the Hessian of log p, epsilon Wasserstein distance
of the best model to the data, tau_n(delta) = epsilon_opt + a n^(-1/2) sqrt(log(b/delta)).
"""

import sympy as sp
from sympy import (
    Abs,
    And,
    Derivative,
    Eq,
    Ge,
    Gt,
    Le,
    Lt,
    Sum,
    erf,
    erfc,
    exp,
    log,
    pi,
    sqrt,
)

from loopcert.claim import Claim, NearMiss, Proof, Refutation, Witness
from loopcert.prove.crossing import SingleHump
from loopcert.prove.formal import (
    NATURALS,
    NONNEGATIVE,
    POSITIVE,
    REALS,
    UNIT,
    Sequence,
    Statement,
)
from loopcert.prove.proof import Identity, Induction, Lemma, Smt, Step

__all__ = ["CLAIMS"]

PAPER = "Gillman et al. 2024"
T, n, N = sp.symbols("T n N", integer=True, positive=True)
t, k = sp.symbols("t k", integer=True)
alpha, L, lam, c, d, v, mass, u = sp.symbols("alpha L lambda c d v m u", positive=True)
a, b, delta, first, second, far = sp.symbols("a b delta eta theta D", positive=True)
gamma, epsilon, gap, p, q, dist = sp.symbols("gamma epsilon gap p q W", nonnegative=True)
x, y, mu, hx, hy, w = sp.symbols("x y mu h_x h_y w", real=True)
eta1, eta2 = sp.Symbol("eta_1", real=True), sp.Symbol("eta_2", negative=True)
P, Z, S, V, W = (sp.IndexedBase(name) for name in ("P", "Z", "D", "v", "w"))
p1, p2, p12 = (sp.IndexedBase(name) for name in ("p_j", "p_k", "p_jk"))
HALF = sp.Rational(1, 2)
SHARE = sp.Interval(0, 1)


def cells(term):
    """The sum of `term` over the cells, or coordinates."""
    return Sum(term, (t, 0, T - 1))


# -- Assumptions A.3, A.4 and regularity ---------------------------------------------------------
LIPSCHITZ = Claim(
    id="SC-A3",
    title="The Hessian of log p_theta changes by at most L |x - y| between two points.",
    kind="assumption",
    source=f"{PAPER}, Assumption 4.2 (1), Assumption A.3",
    statement=Statement(
        variables={x: REALS, y: REALS, L: POSITIVE, mu: REALS, v: POSITIVE},
        goal=Le(Abs((x - mu) ** 2 - (y - mu) ** 2) / v**3, L * Abs(x - y)),
    ),
    evidence=(
        Witness({x: 0, y: 1, L: 1, mu: 0, v: 1}),
        NearMiss({x: 0, y: 2, L: 1, mu: 0, v: 1}),
    ),
    note="For Gaussian laws and the entry of the variance v, which is 1/(2v^2) - (x - mu)^2/v^3; "
    "see SC-E20.",
)

CONCAVE = Claim(
    id="SC-A4",
    title="The Hessian of the mean log likelihood at the best model is at most -alpha in every "
    "direction.",
    kind="assumption",
    source=f"{PAPER}, Assumption 4.2 (2), Assumption A.4",
    statement=Statement(
        variables={T: NATURALS, V: Sequence(T, REALS), W: Sequence(T, REALS), alpha: POSITIVE},
        goal=Le(cells(V[t] * W[t]), -alpha * cells(V[t] ** 2)),
    ),
    evidence=(
        Witness({T: 2, V: [1, 1], W: [-1, -2], alpha: 1}),
        NearMiss({T: 2, V: [1, -1], W: [-1, -1], alpha: 1}),
    ),
    note="w = A v for a direction v.",
)

REGULAR = Claim(
    id="SC-REG",
    title="First and second derivatives of the density integrate to zero, as where the support "
    "does not depend on theta.",
    kind="assumption",
    source=f"implicit in {PAPER}, equations 27-31",
    statement=Statement(
        variables={T: NATURALS, p1: Sequence(T, REALS), p2: Sequence(T, REALS),
                   p12: Sequence(T, REALS)},
        goal=And(Eq(cells(p1[t]), 0), Eq(cells(p2[t]), 0), Eq(cells(p12[t]), 0)),
    ),
    evidence=(
        Witness({T: 2, p1: [1, -1], p2: [1, -1], p12: [0, 0]}),
        NearMiss({T: 2, p1: [-1, 0], p2: [-1, 0], p12: [2, 0]}),
    ),
    note="p_j, p_k, p_jk: derivatives of the density, integrated over each cell. The near miss is "
    "uniform laws on (0, theta) at theta = 1, whose density 1/theta has derivatives -1 and 2 on "
    "the first cell (0, 1); the second lies beyond.",
)

SUPPORT = Claim(
    id="SCX-REG-UNIFORM",
    title="For uniform laws on (0, theta) the information equality B = -C fails: the mean squared "
    "score and the mean second derivative of log p have the same sign.",
    kind="example",
    source=f"new, for {PAPER}, Lemma A.7 (II)",
    statement=Statement(
        variables={v: POSITIVE},
        goal=Eq(Derivative(log(1 / v), v) ** 2 + Derivative(log(1 / v), v, 2), 2 / v**2),
    ),
    uses=("SC-REG",),
    evidence=(Proof((Step(Identity()),)),),
    note="theta = v, log p = log(1/v) wherever p > 0. B + C would be 0; neither depends on x.",
)

# -- E5 and E6: the norm of A^(-1), and Kantorovich-Rubinstein -----------------------------------
STRICT = Claim(
    id="SC-E5",
    title="The inverse of A has norm below 1/alpha.",
    kind="lemma",
    source=f"{PAPER}, proof of Lemma A.7 (III)",
    statement=Statement(
        variables={alpha: POSITIVE, v: POSITIVE}, hypotheses=(Ge(v, alpha),),
        goal=Lt(1 / v, 1 / alpha),
    ),
    uses=("SC-A4",),
    evidence=(Refutation({alpha: 1, v: 1}),),
    note="v is the smallest size of an eigenvalue of A: the means of Gaussians with covariance I "
    "have A = -I, with eigenvalues that are all equal to -1, not e_1 < ... < e_n as printed.",
)

INVERSE = Claim(
    id="SCX-INVERSE",
    title="In any dimension |A v| is at least alpha |v|, so that the inverse of A has norm at "
    "most 1/alpha.",
    kind="lemma",
    source=f"{PAPER}, proof of Lemma A.7 (III), corrected",
    statement=Statement(
        variables={T: NATURALS, V: Sequence(T, REALS), W: Sequence(T, REALS), alpha: POSITIVE,
                   gap: NONNEGATIVE},
        hypotheses=(Eq(gap, -cells(V[t] * W[t]) - alpha * cells(V[t] ** 2)),),
        goal=Eq(
            cells(W[t] ** 2) - alpha**2 * cells(V[t] ** 2),
            cells((W[t] + alpha * V[t]) ** 2) + 2 * alpha * gap,
        ),
    ),
    uses=("SC-A4",),
    corrects=("SC-E5",),
    evidence=(
        Proof((
            Step(Induction(T), Eq(
                cells((W[t] + alpha * V[t]) ** 2),
                cells(W[t] ** 2) + 2 * alpha * cells(V[t] * W[t]) + alpha**2 * cells(V[t] ** 2),
            )),
        )),
    ),
    note="w = A v, gap = -v'Av - alpha v'v >= 0 by SC-A4. Both terms on the right are >= 0.",
)

PRODUCT = Claim(
    id="SC-E6",
    title="The mean of |f(X) - f(Y)| over independent X and Y of laws at distance epsilon is at "
    "most L epsilon.",
    kind="proposition",
    source=f"{PAPER}, Proposition A.5 (A), last two lines of the display after equation 15",
    statement=Statement(
        variables={p: SHARE, q: SHARE, hx: REALS, hy: REALS, L: POSITIVE, d: POSITIVE,
                   epsilon: NONNEGATIVE},
        hypotheses=(Le(Abs(hx - hy), L * d), Eq(epsilon, d * sqrt(Abs(p - q)))),
        goal=Le((p * (1 - q) + (1 - p) * q) * Abs(hx - hy), L * epsilon),
    ),
    evidence=(
        Refutation({p: HALF, q: HALF, hx: 1, hy: 0, L: 1, d: 1, epsilon: 0},
                   reading="for laws on two points at distance d, with masses p and q at the "
                   "first: epsilon^2 = d^2 |p - q|"),
    ),
    note="The best model fits exactly, epsilon = 0, yet independent points differ. The factor L "
    "that the source prints before the mean of the differences as well is a misprint.",
)

MIXED = cells(u * P[t] * Z[t] * L * S[t])
COUPLING = Claim(
    id="SCX-KR",
    title="For every coupling of two laws, the means of an L-Lipschitz f differ by at most L "
    "times the mean distance, and that is at most the root of the mean squared distance: W_1 <= "
    "W_2.",
    kind="lemma",
    source=f"{PAPER}, proofs of Proposition A.5 and Lemma A.7 (III), corrected",
    statement=Statement(
        variables={T: NATURALS, P: Sequence(T, POSITIVE), S: Sequence(T, NONNEGATIVE),
                   Z: Sequence(T, sp.Interval(-1, 1)), L: POSITIVE, u: POSITIVE,
                   dist: NONNEGATIVE},
        hypotheses=(Eq(u, 1 / cells(P[t])), Eq(dist, cells(u * P[t] * S[t]))),
        goal=And(
            Le(Abs(MIXED), L * dist), Le(dist**2, cells(u * P[t] * S[t] ** 2)),
        ),
    ),
    corrects=("SC-E6", "SC-E22-HESS"),
    evidence=(
        Proof((
            Step(Induction(T), Gt(cells(P[t]), 0)),
            Step(Induction(T), Le(cells(P[t] * Z[t] * S[t]), cells(P[t] * S[t]))),
            Step(Induction(T), Ge(cells(P[t] * Z[t] * S[t]), -cells(P[t] * S[t]))),
            Step(Induction(T), And(
                Eq(cells(P[t] * (S[t] - dist) ** 2),
                   cells(P[t] * S[t] ** 2) - 2 * dist * cells(P[t] * S[t])
                   + dist**2 * cells(P[t])),
                Ge(cells(P[t] * (S[t] - dist) ** 2), 0),
            )),
            Step(Smt(), Eq(u * cells(P[t]), 1)),
            Step(Smt(), Eq(u * cells(P[t] * (S[t] - dist) ** 2),
                           u * cells(P[t] * S[t] ** 2) - dist**2)),
            Step(Smt(), Le(Abs(MIXED), L * dist)),
        )),
    ),
    note="u P_t is the mass of the pair (x_t, y_t), D_t its distance, f(x_t) - f(y_t) = Z_t L "
    "D_t. The least mean distance over couplings is W_1, the least root mean square W_2. For a "
    "Hessian take f = w'(Hessian)w with |w| = 1.",
    loose="equality needs one distance only, and differences of one sign",
)

# -- E11: for all n at once ----------------------------------------------------------------------
HELD = erf(sqrt(sp.Rational(3, 2)) * c)
ALL_SIZES = Claim(
    id="SC-E11",
    title="With probability 1 - delta the error of a fitted mean is at most tau_n(delta), without "
    "epsilon_opt, for all n at once.",
    kind="remark",
    source=f"{PAPER}, Assumption 4.2 (3), Assumption A.10, `for all n`",
    statement=Statement(
        variables={a: POSITIVE, b: sp.Interval(1, sp.oo), delta: UNIT, N: NATURALS},
        goal=Ge(erf(a * sqrt(log(b / delta)) / sqrt(2)) ** N, 1 - delta),
    ),
    evidence=(
        Refutation({a: 2, b: 2, delta: HALF, N: 40},
                   reading="with separate samples for N sizes n, and a = b = 2; whatever a and b "
                   "are, SCX-E11 shows that it fails"),
    ),
    note="Gaussian means: x^bar_n n^(1/2) is standard normal for every n.",
)

NO_CONSTANTS = Claim(
    id="SCX-E11",
    title="No constant c bounds a Gaussian mean by c n^(-1/2) for all n at once with probability "
    "1 - delta: at the sizes n, 4n, 16n, ... of one growing sample the chance is at most s^N, "
    "which falls below every level.",
    kind="theorem",
    source="new; the law of the iterated logarithm, in elementary form",
    statement=Statement(
        variables={c: POSITIVE, n: NATURALS, x: sp.Interval(-1, 1), y: sp.Interval(-1, 1),
                   N: NATURALS, delta: UNIT},
        hypotheses=(Gt(N * (1 / HELD - 1) * (1 - delta), delta),),
        goal=And(
            Eq(3 * c * sqrt(n) - (2 * y - x) * c * sqrt(n),
               (2 * (1 - y) + (1 + x)) * c * sqrt(n)),
            Eq((3 * c * sqrt(n)) ** 2 / (2 * (4 * n - n)), (sqrt(sp.Rational(3, 2)) * c) ** 2),
            Lt(HELD**N, 1 - delta),
        ),
    ),
    corrects=("SC-E11",),
    evidence=(
        Proof((
            Step(Induction(N), Le(HELD**N * (1 + N * (1 / HELD - 1)), 1)),
        )),
    ),
    note="The sums of the first n and 4n points are x c n^(1/2) and 2 y c n^(1/2) with |x|, |y| "
    "<= 1, so their difference is at most 3 c n^(1/2) (likewise from below). It is normal of "
    "variance 3n and independent of the first sum, so N such events have probability s^N at most, "
    "s = erf((3/2)^(1/2) c). The hypothesis is met by all large N.",
    loose="the last bound is far from sharp",
)

TAIL = Claim(
    id="SCX-ERFC",
    title="The normal tail: erfc(u) < exp(-u^2) for u > 0.",
    kind="lemma",
    source="standard",
    statement=Statement(variables={u: POSITIVE}, goal=Gt(exp(-(u**2)), erfc(u))),
    evidence=(
        Proof((
            Step(SingleHump(u, ((exp(-(u**2)), 2 / sqrt(pi) - 2 * u),))),
        )),
    ),
    loose="for large u the tail is smaller by the factor 1/(u pi^(1/2))",
)

SPREAD = (1 / n + lam**2 / (lam * n)) / (1 + lam) ** 2
ROUND_ERROR = sqrt(2 / (1 + lam)) / sqrt(n) * sqrt(log(b / delta))
EACH_SIZE = Claim(
    id="SC-A10-GM",
    title="For each n a fitted Gaussian mean meets the assumption, with epsilon_opt = 0, "
    "a = (2/(1 + lambda))^(1/2) and every b >= 1.",
    kind="example",
    source=f"new, for {PAPER}, Assumption A.10",
    statement=Statement(
        variables={n: NATURALS, lam: POSITIVE, b: sp.Interval(1, sp.oo), delta: UNIT},
        goal=And(
            Eq(ROUND_ERROR**2 / (2 * SPREAD), log(b / delta)),
            Lt(erfc(sqrt(log(b / delta))), delta),
        ),
    ),
    uses=("SCX-ERFC", "SC-A34"),
    corrects=("SC-E11",),
    evidence=(
        Proof((
            Step(Smt(), Gt(log(b / delta), 0)),
            Step(Lemma("SCX-ERFC", {u: sqrt(log(b / delta))})),
            Step(Identity(), Eq(exp(-log(b / delta)), delta / b)),
            Step(Smt(), Le(delta / b, delta)),
        )),
    ),
    note="The refit is (mean of n real points + lambda mean of lambda n synthetic points)/(1 + "
    "lambda), lambda n whole and gamma = 0: its error is normal with the variance on the left, "
    "the same at every theta. The probability that it exceeds tau_n is erfc(tau_n/(2 "
    "variance)^(1/2)).",
    loose="the tail bound is not attained",
)

CLAIMS = (
    LIPSCHITZ, CONCAVE, REGULAR, SUPPORT, STRICT, INVERSE, PRODUCT, COUPLING, ALL_SIZES,
    NO_CONSTANTS, TAIL, EACH_SIZE,
)
