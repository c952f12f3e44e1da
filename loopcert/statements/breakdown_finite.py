"""Claims on counts at finite size: concentration and exact laws (Feng et al. 2025; ids BP-, BPX-).

Notation: good and bad are the masses of right and of wrong labels kept per item, s their sum;
G and Bd the counts of kept right and wrong labels among N items.
"""

import sympy as sp
from sympy import And, Eq, Ge, Implies, Le, Lt, Sum, binomial, erf, exp, log, sqrt

from loopcert.claim import Binding, Claim, Proof, Refutation, Simulation
from loopcert.prove.formal import NATURALS, NONNEGATIVE, POSITIVE, REALS, UNIT, Sequence, Statement
from loopcert.prove.proof import ByDerivative, Identity, Induction, Lemma, Smt, Step

__all__ = ["CLAIMS"]

SHARE = sp.Interval(0, 1)

t, theta, kappa = sp.symbols("t theta kappa", positive=True)
p, phi, psi, tail, share, excess = sp.symbols("p phi psi epsilon w e", nonnegative=True)
good, bad, low, count, x = sp.symbols("good bad p_low m x", real=True)
mass_good, mass_bad = sp.symbols("g b", positive=True)
root_good, root_bad, z = sp.symbols("x_g x_b z", positive=True)
N, K = sp.symbols("N K", integer=True, positive=True)
k, n, G = sp.symbols("k n G", integer=True)
h = sp.IndexedBase("h")
p11, p10, p01, p00 = sp.symbols("p_11 p_10 p_01 p_00", positive=True)
n11, n10, n01, n00 = sp.symbols("N_11 N_10 N_01 N_00", nonnegative=True)

EXPONENTS = Claim(
    id="L-CHERNOFF",
    title="The exponents of the Chernoff bounds: (1 + t) log(1 + t) - t >= t^2/3 and "
    "(1 - t) log(1 - t) + t >= t^2/2 for 0 < t < 1.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={t: UNIT},
        goal=And(
            Ge((1 + t) * log(1 + t) - t, t**2 / 3), Ge((1 - t) * log(1 - t) + t, t**2 / 2),
        ),
    ),
    evidence=(
        Proof((
            Step(ByDerivative(t, sp.S.Zero), Ge(log(1 + t), 2 * t / (2 + t))),
            Step(Smt(), Ge(log(1 + t), 2 * t / 3)),
            Step(ByDerivative(t, sp.S.Zero), Ge((1 + t) * log(1 + t) - t, t**2 / 3)),
            Step(ByDerivative(t, sp.S.Zero), Ge((1 - t) * log(1 - t) + t, t**2 / 2)),
        )),
    ),
    loose="3 is a round constant: the best one on this interval is 1/(2 log 2 - 1) = 2.59; the "
    "second bound is attained to second order",
)
MARKOV = Claim(
    id="L-MARKOV",
    title="Markov's inequality for a law on whole numbers: weights that grow from 1 on do not "
    "lower a sum of masses.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={K: NATURALS, h: Sequence(K, NONNEGATIVE), x: POSITIVE},
        goal=Le(Sum(h[k], (k, 0, K - 1)), Sum(h[k] * exp(x * k), (k, 0, K - 1))),
    ),
    evidence=(Proof((Step(Induction(K)),)),),
    note="h are the masses of m, m + 1, ..., so that exp(x m) P(X >= m) <= E exp(x X).",
)
POWER = Claim(
    id="L-POWER",
    title="(1 + x)^N <= exp(N x) for x > -1.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={N: NATURALS, x: sp.Interval.open(-1, sp.oo)},
        goal=Le((1 + x) ** N, exp(N * x)),
    ),
    evidence=(Proof((Step(Induction(N)),)),),
    loose="attained at x = 0 only",
)


_DEVIATION = {N: NATURALS, p: UNIT, theta: POSITIVE, share: SHARE, excess: NONNEGATIVE,
              count: REALS}
UPPER = Claim(
    id="BP-52",
    title="A binomial count exceeds (1 + t) times its mean N p with probability at most "
    "exp(-t^2 N p/3).",
    kind="lemma",
    source="Feng et al. 2025, equation (52)",
    statement=Statement(
        variables=_DEVIATION,
        where={t: exp(theta) - 1, tail: share * (1 + p * t) ** N / exp(theta * count)},
        hypotheses=(Lt(t, 1), Eq(count, (1 + t) * N * p + excess)),
        goal=Le(tail, exp(-(t**2) * N * p / 3)),
    ),
    uses=("L-CHERNOFF", "L-MARKOV", "L-POWER", "L-EXP"),
    evidence=(
        Proof((
            Step(Lemma("L-CHERNOFF", {t: t})), Step(Lemma("L-POWER", {x: p * t})),
            Step(Smt(), Le(N * p * t - count * theta + t**2 * N * p / 3, 0)),
            Step(Lemma("L-EXP", {x: N * p * t - count * theta + t**2 * N * p / 3})),
        )),
    ),
    loose="a Chernoff bound is not attained",
    note="tail is P(X >= m), m >= (1 + t) N p. By L-MARKOV (1 + t)^m P(X >= m) is at most "
    "E (1 + t)^X = (1 + p t)^N, the generating function of the binomial law; w is the share.",
)
LOWER = Claim(
    id="BP-52.1",
    title="A binomial count falls below (1 - t) times its mean N p with probability at most "
    "exp(-t^2 N p/2).",
    kind="lemma",
    source="Feng et al. 2025, equation (52)",
    statement=Statement(
        variables=_DEVIATION,
        where={t: 1 - exp(-theta), tail: share * (1 - p * t) ** N * exp(theta * count)},
        hypotheses=(Eq(count, (1 - t) * N * p - excess),),
        goal=Le(tail, exp(-(t**2) * N * p / 2)),
    ),
    uses=("L-CHERNOFF", "L-MARKOV", "L-POWER", "L-EXP"),
    evidence=(
        Proof((
            Step(Lemma("L-CHERNOFF", {t: t})), Step(Lemma("L-POWER", {x: -p * t})),
            Step(Smt(), Le(-N * p * t + count * theta + t**2 * N * p / 2, 0)),
            Step(Lemma("L-EXP", {x: -N * p * t + count * theta + t**2 * N * p / 2})),
        )),
    ),
    loose="a Chernoff bound is not attained",
    note="As BP-52, with weights (1 - t)^X and m <= (1 - t) N p.",
)
_CELLS = {q: UNIT for q in (p11, p10, p01, p00)}
DOMINATE = Claim(
    id="BP-F5",
    title="If (p01 + p10)/(p00 + p11) < (1 - t)/(1 + t), right labels outnumber wrong ones "
    "whenever no count deviates from its mean by the factor t.",
    kind="proposition",
    source="Feng et al. 2025, Proposition F.5",
    statement=Statement(
        variables={**_CELLS, t: UNIT, N: NATURALS,
                   excess: POSITIVE, share: SHARE,
                   **{c: NONNEGATIVE for c in (n11, n10, n01, n00)}},
        hypotheses=(
            Lt((p01 + p10) / (p00 + p11), (1 - t) / (1 + t)),
            Eq(n10, share * (1 + t) * N * p10), Eq(n01, (1 + t) * N * p01),
            Eq(n11, (1 - t) * N * p11 + excess), Eq(n00, (1 - t) * N * p00),
        ),
        goal=Lt(n10 + n01, n11 + n00),
    ),
    uses=("BP-52", "BP-52.1"),
    evidence=(Proof(),),
)
_LOW = (1 - t) * phi / ((1 - t) * phi + (1 + t) * psi)
PRINTED_DIRECTION = Claim(
    id="BP-E-6",
    title="Printed: solving (1 - t)/(1 + t) <= p psi/((1 - p) phi) for p gives the p below the "
    "threshold of Theorem E.3.",
    kind="proposition",
    source="Feng et al. 2025, appendix F.5, last display",
    statement=Statement(
        variables={p: SHARE, phi: UNIT, psi: UNIT, t: UNIT},
        hypotheses=(Lt(p, 1),),
        where={low: _LOW},
        goal=Implies(Lt(p, low), Le((1 - t) / (1 + t), p * psi / ((1 - p) * phi))),
    ),
    evidence=(Refutation({p: 0, phi: "1/2", psi: "1/2", t: "1/2"}),),
)

# -- how likely wrong labels win -----------------------------------------------------------------
_STEP = root_good**2 * z + root_bad**2 / z + 1 - root_good**2 - root_bad**2
CRAMER = Claim(
    id="BPX-3",
    title="Wrong labels tie or win among N items with probability at most "
    "(1 - (sqrt(good) - sqrt(bad))^2)^N, the best bound of its kind.",
    kind="result",
    source="new",
    statement=Statement(
        variables={root_good: UNIT, root_bad: UNIT, z: POSITIVE},
        hypotheses=(Lt(root_good**2 + root_bad**2, 1),),
        goal=And(
            Eq(_STEP, 1 - (root_good - root_bad) ** 2 + (root_good * z - root_bad) ** 2 / z),
            Ge(_STEP, 1 - (root_good - root_bad) ** 2),
        ),
    ),
    uses=("L-MARKOV",),
    binds=(
        Binding("theory.breakdown.chernoff_rate", {"good": root_good**2, "bad": root_bad**2},
                -log(1 - (root_good - root_bad) ** 2)),
    ),
    evidence=(Proof(),),
    note="x_g = sqrt(good), x_b = sqrt(bad). An item adds +1, -1 or 0 to the surplus of right "
    "labels, and P(surplus <= 0) <= E z^surplus for z < 1, the left side to the power N. The "
    "least of it over z is at z = x_b/x_g, below 1 when right labels are likelier.",
)
_LAST = binomial(N, n) * (1 - good - bad) ** (N - n) * binomial(n, G)

# -- one dimension: the law in full --------------------------------------------------------------
_SURPLUS = Sum(
    Sum(_LAST * good**G * bad ** (n - G) * erf(kappa * (2 * G - n) / sqrt(2 * n)), (G, 0, n)),
    (n, 1, N),
)
_LAW = sp.Rational(1, 2) + erf(kappa / sqrt(2)) * _SURPLUS / 2
_MIRROR = {good: bad, bad: good}
_ITEMS, _REPLICATES = 7, 400_000


def _random_pruning(p_, phi_, psi_):
    """Return a run of the averaging classifier in one dimension."""

    def run(rng, effort):
        from sims import simulate_random_pruning

        replicates = _REPLICATES * (4 if effort == "full" else 1)
        found = simulate_random_pruning(
            1.2, 1, _ITEMS, p_, phi_, psi_, ridge=float("inf"), replicates=replicates, rng=rng)
        return {"accuracy": (found.mean(), found.std(ddof=1) / replicates**0.5)}

    return run


def _compared(p_, phi_, psi_, note):
    return Simulation(
        _random_pruning(p_, phi_, psi_), {"accuracy": _LAW},
        {N: _ITEMS, p: str(p_), phi: str(phi_), psi: str(psi_), kappa: "1.2"}, note,
    )


AVERAGING_LAW = Claim(
    id="BPX-7.1",
    title="One dimension: the exact expected accuracy of the averaging classifier, with right and "
    "wrong labels exchanged it is mirrored at 1/2, and it is 1/2 at the breakdown point.",
    kind="result",
    source="new",
    statement=Statement(
        variables={N: sp.Range(1, 5), p: SHARE, phi: SHARE, psi: SHARE, kappa: POSITIVE},
        where={good: (1 - p) * phi, bad: p * psi},
        goal=Eq(_LAW - sp.Rational(1, 2), sp.Rational(1, 2) - _LAW.xreplace(_MIRROR)),
    ),
    uses=("BP-4.2",),
    evidence=(
        _compared(0.3, 0.9, 0.5, "below the breakdown point 9/14"),
        _compared(0.6, 0.6, 0.4, "at the breakdown point 3/5"),
        _compared(0.75, 0.9, 0.7, "above the breakdown point 9/16"),
    ),
    note="n items are kept, G of them right; the average of label times feature is normal with "
    "mean kappa (2G - n)/n and variance 1/n, and its sign decides.",
)
_EFFECTIVE = (mass_good - mass_bad) ** 2 / (mass_good + mass_bad)
_GAINS = (
    Eq(sp.Derivative(_EFFECTIVE, mass_good),
       (mass_good - mass_bad) * (mass_good + 3 * mass_bad) / (mass_good + mass_bad) ** 2),
    Eq(sp.Derivative(_EFFECTIVE, mass_bad),
       -(mass_good - mass_bad) * (3 * mass_good + mass_bad) / (mass_good + mass_bad) ** 2),
)
THRESHOLD = Claim(
    id="BPX-11",
    title="The effective sample size (good - bad)^2/(good + bad) is largest when the marginal "
    "accepted item is right with probability (1 + 2 prec)/4.",
    kind="result",
    source="new",
    statement=Statement(
        variables={mass_good: POSITIVE, mass_bad: POSITIVE},
        goal=And(
            *_GAINS,
            Eq((3 * mass_good + mass_bad) / (4 * mass_good + 4 * mass_bad),
               (1 + 2 * mass_good / (mass_good + mass_bad)) / 4),
        ),
    ),
    evidence=(Proof((Step(Identity(), _GAINS[0]), Step(Identity(), _GAINS[1]))),),
    note="Accepting items of density f_g, f_b changes the size by f_g and f_b times its "
    "derivatives: they cancel at f_g/f_b = (3 good + bad)/(good + 3 bad), the odds of the third "
    "line.",
)
CLAIMS = (
    EXPONENTS, MARKOV, POWER, UPPER, LOWER, DOMINATE, PRINTED_DIRECTION, CRAMER, AVERAGING_LAW,
    THRESHOLD,
)
