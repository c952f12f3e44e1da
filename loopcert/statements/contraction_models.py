"""Claims on what single models do to the definitions and assumptions (Gillman et al. 2024).

Notation: theta* best model, gamma correction strength, lambda synthetic over real points, L
Lipschitz constant in x of the Hessian of log p, epsilon = W_2 of the best model to the data.
"""

import sympy as sp
from sympy import Abs, And, Derivative, Eq, Le, Lt, Sum, log, pi, sqrt

from loopcert.claim import Binding, Claim, NearMiss, Proof, Refutation, Witness
from loopcert.prove.formal import (
    NATURALS,
    NONNEGATIVE,
    POSITIVE,
    REALS,
    UNIT,
    Sequence,
    Statement,
)
from loopcert.prove.proof import Identity, Induction, Smt, Step
from loopcert.statements.contraction_rates import THRESHOLD

__all__ = ["CLAIMS"]

PAPER = "Gillman et al. 2024"
T, k = sp.symbols("T k", integer=True, positive=True)
t = sp.Symbol("t", integer=True)
L, lam, v, s = sp.symbols("L lambda v s", positive=True)
gamma, e, dist, epsilon = sp.symbols("gamma e W epsilon", nonnegative=True)
a, w = sp.symbols("a w", positive=True)
x, y, mu, h, level, eta1 = sp.symbols("x y mu h M eta_1", real=True)
eta2 = sp.Symbol("eta_2", negative=True)
P, S, p1, p2 = (sp.IndexedBase(name) for name in ("P", "D", "p_j", "p_k"))
HALF = sp.Rational(1, 2)
ABOVE_ONE = sp.Interval.open(1, sp.oo)


def cells(term):
    """The sum of `term` over the cells."""
    return Sum(term, (t, 0, T - 1))


# -- the update ----------------------------------------------------------------------------------
UPDATE = Claim(
    id="SC-A1",
    title="A round maximises, near its start, the mean log likelihood of the data plus lambda "
    "times that of the corrected law.",
    kind="definition",
    source=f"{PAPER}, equation 4, Definition A.1, equations 7, 8 and 10",
    statement=Statement(
        variables={h: REALS, x: REALS, y: REALS, lam: POSITIVE, gamma: NONNEGATIVE, level: REALS},
        goal=Eq(level, h + lam * (x + gamma * y) / (1 + gamma)),
    ),
    uses=("SC-D41",),
    evidence=(
        Witness({h: -1, x: -2, y: -4, lam: 2, gamma: 1, level: -7}),
        NearMiss({h: -1, x: -2, y: -4, lam: 2, gamma: 0, level: -7}),
    ),
    note="M the objective, h, x and y the means of log p_theta' under the data, the model and the "
    "best model. The argmax near the start is a set in general; it is meant as the maximiser "
    "that ascent from the start reaches.",
)

real, fake = sp.symbols("S_real S_synth", real=True)
UNION = Claim(
    id="SCX-A1-UNION",
    title="Fitting the union of n real and m synthetic points is the update of the definition "
    "exactly if m = lambda n: the objectives differ by (lambda n - m) times the synthetic mean.",
    kind="remark",
    source=f"new, for {PAPER}, text after equation 4",
    statement=Statement(
        variables={T: NATURALS, k: NATURALS, lam: POSITIVE, real: REALS, fake: REALS},
        goal=Eq(T * (real / T + lam * fake / k) - (real + fake), (lam * T - k) * fake / k),
    ),
    uses=("SC-A1",),
    evidence=(Proof(),),
    note="T = n real points, k = m synthetic ones, S the sums of log p_theta' over either. With m "
    "= floor(lambda n) this needs a whole lambda n; with lambda n < 1 there is no synthetic point "
    "and the mean is not defined.",
)

# -- the best parameters -------------------------------------------------------------------------
def product(theta):
    """The inverse of the likelihood of the data +-a under a Cauchy law at theta, squared."""
    return (1 + (a - theta) ** 2) * (1 + (a + theta) ** 2)


SELECTED = Claim(
    id="SC-E19",
    title="Ties between best parameters are broken by the smallest norm.",
    kind="remark",
    source=f"{PAPER}, text after equation 1, Definition A.1",
    statement=Statement(
        variables={a: ABOVE_ONE, x: REALS, y: REALS},
        hypotheses=(Eq(product(x), 4 * a**2), Eq(product(y), 4 * a**2), Eq(Abs(x), Abs(y))),
        goal=Eq(x, y),
    ),
    uses=("SCX-E19-TIE",),
    evidence=(
        Refutation({a: sp.Rational(5, 3), x: sp.Rational(4, 3), y: -sp.Rational(4, 3)}),
    ),
    note="Cauchy laws of location theta, data a and -a with equal chance: x and y are best, which "
    "is that they reach the least value 4 a^2 of the product, and have the same norm.",
)

TIE = Claim(
    id="SCX-E19-TIE",
    title="Cauchy laws fitted to data +-a with a > 1 have two best locations, the two roots of "
    "a^2 - 1, which are different models of equal norm.",
    kind="example",
    source="new",
    statement=Statement(
        variables={a: ABOVE_ONE, x: REALS, y: REALS},
        hypotheses=(Eq(y, -x),),
        goal=And(
            Eq(product(x) - 4 * a**2, (x**2 - (a**2 - 1)) ** 2),
            Eq(product(x) - product(y), 0),
            Eq(1 / (1 + (x - x) ** 2) - 1 / (1 + (x - y) ** 2), 4 * x**2 / (1 + 4 * x**2)),
        ),
    ),
    evidence=(Proof(),),
    note="The mean log likelihood is -log(product)/2 - log pi. The third: the densities at x of "
    "the two models, times pi, differ unless x = 0.",
)

UNBOUNDED = Claim(
    id="SCX-E19-NONE",
    title="Best parameters need not exist: where one point has positive chance w, Gaussian "
    "mixtures with a free variance reach every mean log likelihood M.",
    kind="example",
    source=f"new, for {PAPER}, equation 1",
    statement=Statement(
        variables={w: UNIT, h: REALS, level: REALS, v: POSITIVE},
        goal=Eq(
            w * log(1 / (2 * v * sqrt(2 * pi))) + (1 - w) * h - level,
            w * (((1 - w) * h - level) / w - log(2 * sqrt(2 * pi)) - log(v)),
        ),
    ),
    evidence=(
        Proof((Step(Identity()),)),
    ),
    note="Half N(0, 1) and half N(0, v^2), the point at 0: its density there is at least "
    "1/(2 v (2 pi)^(1/2)), elsewhere at least half that of N(0, 1), of mean logarithm h. The left "
    "side is what the resulting lower bound exceeds M by, positive for all small v.",
)

# -- Appendix D and Assumption A.3 ---------------------------------------------------------------
DENSITY = -log(2 * pi * v) / 2 - (x - mu) ** 2 / (2 * v)
ENTRY = 1 / (2 * v**2) - (x - mu) ** 2 / v**3
TOY = Claim(
    id="SC-E20",
    title="Gaussian laws with free mean and covariance satisfy the Lipschitz assumption.",
    kind="example",
    source=f"{PAPER}, Appendix D, theta* = ((0, 0), I_2), as an instance of Assumption A.3",
    statement=Statement(
        variables={x: REALS, y: REALS, mu: REALS, v: POSITIVE, L: POSITIVE},
        goal=Le(Abs(ENTRY - ENTRY.xreplace({x: y})), L * Abs(x - y)),
    ),
    uses=("SC-A3",),
    evidence=(
        Refutation({L: 1, mu: 0, v: 1, x: 2, y: 0},
                   reading="with L = 1; SCX-E20 has such points for every L"),
    ),
    note="The entry of the Hessian for one variance v.",
)

EVERY = Claim(
    id="SCX-E20",
    title="No L is a Lipschitz constant of the Hessian in the variance of a Gaussian: it is "
    "quadratic in x.",
    kind="example",
    source="new",
    statement=Statement(
        variables={x: REALS, mu: REALS, v: POSITIVE, L: POSITIVE},
        hypotheses=(Eq(x, mu + 2 * L * v**3),),
        goal=And(
            Eq(Derivative(DENSITY, v, 2), ENTRY),
            Eq(Abs(ENTRY - ENTRY.xreplace({x: mu})) - L * Abs(x - mu), 2 * L**2 * v**3),
        ),
    ),
    uses=("SC-A3",),
    corrects=("SC-E20",),
    evidence=(
        Proof((
            Step(Identity(), Eq(Derivative(DENSITY, v, 2), ENTRY)),
            Step(Smt(), Eq(ENTRY - ENTRY.xreplace({x: mu}), -4 * L**2 * v**3)),
            Step(Smt(), And(sp.Gt(L**2 * v**3, 0), Eq(Abs(x - mu), 2 * L * v**3))),
        )),
    ),
    note="Between the points mu and x. See SCX-E20-NATURAL for parameters in which L = 0.",
)

NATURAL_LOG = (eta1 * x + eta2 * x**2 + eta1**2 / (4 * eta2) + log(-2 * eta2) / 2
               - log(2 * pi) / 2)
NATURAL = Claim(
    id="SCX-E20-NATURAL",
    title="In the natural parameters of the Gaussian the Hessian of log p does not depend on x, "
    "so that the assumption holds with any L > 0.",
    kind="example",
    source="new",
    statement=Statement(
        variables={x: REALS, eta1: REALS, eta2: sp.Interval.open(-sp.oo, 0)},
        where={mu: -eta1 / (2 * eta2), v: -1 / (2 * eta2)},
        goal=And(
            Eq(NATURAL_LOG, DENSITY),
            Eq(Derivative(NATURAL_LOG, eta1, 2), 1 / (2 * eta2)),
            Eq(Derivative(NATURAL_LOG, eta1, eta2), -eta1 / (2 * eta2**2)),
            Eq(Derivative(NATURAL_LOG, eta2, 2), eta1**2 / (2 * eta2**3) - 1 / (2 * eta2**2)),
        ),
    ),
    uses=("SC-A3",),
    evidence=(
        Proof((
            Step(Identity(), Eq(NATURAL_LOG, DENSITY)),
            Step(Identity()),
        )),
    ),
    note="The same for every exponential family in its natural parameters: e = epsilon L/alpha is "
    "0 there, even where the model is misspecified.",
)

BASELINE = Claim(
    id="SC-E20-BASE",
    title="The loop of Appendix D meets the condition of the theorem, also without correction.",
    kind="example",
    source=f"{PAPER}, Appendix D, lambda = 0.5, gamma = 0 in Figure 5",
    statement=Statement(
        variables={lam: POSITIVE, gamma: NONNEGATIVE, e: NONNEGATIVE},
        hypotheses=(Eq(lam, HALF),),
        goal=Lt(lam * (1 + e), THRESHOLD),
    ),
    uses=("SC-R44",),
    evidence=(
        Refutation({lam: HALF, gamma: 0, e: 0},
                   reading="as the appeal to Theorem 4.3 needs it, with L = 0 (SCX-E20-NATURAL)"),
    ),
    note="rho = 1 there: the theorem says nothing about the baseline of the figure, though "
    "SCX-SHARP does.",
)

# -- misprints -----------------------------------------------------------------------------------
MEANT = Claim(
    id="SC-E22",
    title="The mixed derivative of the expectation under the model's law is B/(1 + gamma).",
    kind="lemma",
    source=f"{PAPER}, proof of Lemma A.7 (II), equations 22 and 26",
    statement=Statement(
        variables={T: NATURALS, P: Sequence(T, POSITIVE), p1: Sequence(T, REALS),
                   p2: Sequence(T, REALS), gamma: NONNEGATIVE},
        goal=Eq(cells(p1[t] * p2[t] / P[t]), cells(p1[t] * p2[t] / P[t]) / (1 + gamma)),
    ),
    evidence=(
        Refutation({T: 2, P: [HALF, HALF], p1: [1, -1], p2: [1, -1], gamma: 1},
                   reading="as equation 22 is printed; its law has to be the corrected one"),
    ),
    note="The left side is B itself. SC-A7.II has the equation that is meant.",
)

LOGARITHMS = Claim(
    id="SC-E22-HESS",
    title="The means of log p under data and best model differ by at most L epsilon.",
    kind="proposition",
    source=f"{PAPER}, proof of Proposition A.5 (B), second display, third and fifth lines",
    statement=Statement(
        variables={s: POSITIVE, L: POSITIVE, epsilon: NONNEGATIVE},
        hypotheses=(Eq(epsilon, Abs(s - 1)),),
        goal=Le(Abs(s**2 - 1) / 2, L * epsilon),
    ),
    evidence=(
        Refutation({s: 2, L: 1, epsilon: 1},
                   reading="as printed, without the second derivatives: laws N(theta, 1), data "
                   "N(0, s^2)"),
    ),
    note="log p has means -s^2/2 and -1/2 up to one constant, epsilon = |s - 1|, and the Hessian "
    "is constant, so every L > 0 is a Lipschitz constant of it. With the derivatives the line is "
    "SCX-KR.",
)

# -- the correction in Wasserstein distance ------------------------------------------------------
TRANSPORT = Claim(
    id="SCX-A2-W2",
    title="Correction shrinks the 2-Wasserstein distance to the target at least by (1 + "
    "gamma)^(1/2): leave the corrected part in place and couple the rest best.",
    kind="corollary",
    source=f"new, for {PAPER}, Lemma A.2",
    statement=Statement(
        variables={T: NATURALS, P: Sequence(T, NONNEGATIVE), S: Sequence(T, NONNEGATIVE),
                   gamma: NONNEGATIVE, dist: NONNEGATIVE},
        hypotheses=(Eq(dist, sqrt(cells(P[t] * S[t] ** 2))),),
        goal=Eq(sqrt(cells(P[t] / (1 + gamma) * S[t] ** 2)), dist / sqrt(1 + gamma)),
    ),
    uses=("SC-D41",),
    binds=(
        Binding("theory.contraction.bound_corrected_wasserstein2",
                {"distance": dist, "correction": gamma}, dist / sqrt(1 + gamma)),
    ),
    evidence=(
        Proof((
            Step(Induction(T), sp.Ge(cells(P[t] * S[t] ** 2), 0)),
        )),
    ),
    note="P_t is the mass that the best coupling of the model with the target moves by D_t; the "
    "left side is the cost of one coupling of the corrected law with the target, so W_2 is at "
    "most that. Between two points it is the only coupling that moves no more mass than needed.",
)

CLAIMS = (
    UPDATE, UNION, TIE, SELECTED, UNBOUNDED, TOY, EVERY, NATURAL, BASELINE, MEANT, LOGARITHMS,
    TRANSPORT,
)
