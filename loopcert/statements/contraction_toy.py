"""Claims on Gaussian loops with fixed real data and corrected synthetic points, ids SC-D-, SCX-.

The toy of Gillman et al. 2024, Appendix D, target N(0, 1) a coordinate: n real points of mean
xbar, m corrected points a round, lambda = m/n, q = 1/(1+gamma) the share of the model in a
corrected law. chi = E xbar mu, p = E mu^2, v = E Sigma; b = 1 where corrected points are
resampled from m generated ones (equation 51), 0 where they are drawn from the mixture
(Definition 4.1).
"""

import numpy as np
import sympy as sp
from sympy import And, Eq, sqrt

from loopcert.claim import Binding, Claim, Proof, Simulation
from loopcert.prove.formal import (
    NATURALS,
    NONNEGATIVE,
    REALS,
    UNIT,
    Each,
    Sequence,
    Statement,
)
from loopcert.prove.proof import Induction, Step

__all__ = ["CLAIMS"]

n, m, T = sp.symbols("n m T", integer=True, positive=True)
t = sp.Symbol("t", integer=True)
q, lam, c, h = sp.symbols("q lambda c h", positive=True)
a, mean2 = sp.symbols("a mu_2", nonnegative=True)
b, chi, p, v, w, old = sp.symbols("b chi p v w old", real=True)
X, S, f, g = (sp.IndexedBase(name) for name in ("X", "S", "f", "g"))
SHARE = sp.Interval.Lopen(0, 1)
GAMMA = (1 - q) / q
RATIO = m / n


def spread(square, variance, boot=b):
    """The variance of the mean of m corrected points, given the model, averaged."""
    single = q * variance + 1 - q + q * (1 - q) * square
    return single / m + boot * (1 - 1 / m) * q**2 * variance / m


def advanced(cross, square, variance, boot=b):
    """The next (chi, p, v) when the real points and m new ones are fitted."""
    ratio = RATIO
    cross_next = (1 / n + ratio * q * cross) / (1 + ratio)
    square_next = (
        1 / n + 2 * ratio * q * cross + ratio**2 * (q**2 * square + spread(square, variance, boot))
    ) / (1 + ratio) ** 2
    moment = (1 + ratio * (q * (variance + square) + 1 - q)) / (1 + ratio)
    return cross_next, square_next, moment - square_next


SPREAD = Claim(
    id="SC-D-REC.spread",
    title="Variance of the mean of m corrected points: the mixture's variance over m, and with "
    "resampling the covariance of two points that are copies of one.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={m: NATURALS, q: SHARE, b: sp.FiniteSet(0, 1), mean2: NONNEGATIVE,
                   v: NONNEGATIVE},
        goal=Eq(
            (q * (v + mean2) + (1 - q) - q**2 * mean2) / m + (m - 1) / m * b * (q**2 * v / m),
            spread(mean2, v),
        ),
    ),
    evidence=(Proof(),),
    note="Left: E z^2 - (E z)^2 of one point, with label `model` of probability q, and m (m-1) "
    "ordered pairs, of which both are resampled with probability q^2; resampled points have "
    "covariance v/m, the chance 1/m of being one point times its variance. mu_2 is mu^2.",
)

RECURSION = Claim(
    id="SC-D-REC",
    title="The covariance of the model's mean with the real mean is an AR(1) path with "
    "coefficient lambda q/(1+lambda) from 1/n to its fixed point.",
    kind="result",
    source="new, for Gillman et al. 2024, Appendix D",
    statement=Statement(
        variables={T: NATURALS, n: NATURALS, m: NATURALS, q: SHARE, c: UNIT,
                   X: Sequence(T + 1, REALS)},
        hypotheses=(
            Eq(c, RATIO * q / (1 + RATIO)), Eq(X[0], 1 / n),
            Each(Eq(X[t + 1], (1 / n + RATIO * q * X[t]) / (1 + RATIO)), t, T),
        ),
        where={chi: 1 / n / (1 + RATIO - RATIO * q)},
        goal=Eq(X[T], chi + c**T * (1 / n - chi)),
    ),
    binds=(
        Binding("theory.contraction.conditional_mean_factor",
                {"n": n, "m": m, "correction": GAMMA, "rounds": T},
                n * (chi + c**T * (1 / n - chi)), pick=T),
    ),
    evidence=(
        Proof((Step(Induction(T)),)),
        Simulation(
            lambda rng, effort: _moments(2, True, rng, effort),
            {
                "covariation": chi + c**T * (1 / n - chi),
                "mean square": advanced(*advanced(1 / n, 1 / n, 1 - 1 / n, 1), 1)[1],
                "variance": advanced(*advanced(1 / n, 1 / n, 1 - 1 / n, 1), 1)[2],
            },
            {T: 2, n: 3, m: 2, q: sp.Rational(1, 2), c: sp.Rational(1, 5)},
            note="Two rounds of the recursion for (chi, p, v), with resampling.",
        ),
    ),
    note="With E(z | model) = q mu for a corrected point z: E xbar z = q chi. The full recursion "
    "of (chi, p, v) is met by the simulation.",
)

CHI = 1 / n / (1 + RATIO - RATIO * q)


def stationary(boot):
    """The stationary p of the toy loop."""
    copies = boot * (1 - 1 / m) * q**2 / m
    return (1 / n + 2 * RATIO * q * CHI + RATIO**2 * (1 / m + copies)) / (
        (1 + RATIO) ** 2 - RATIO**2 * (q**2 - q**2 / m - copies)
    )


STATIONARY = Claim(
    id="SC-D-STAT",
    title="The stationary second moments of the toy loop, in closed form.",
    kind="result",
    source="new, for Gillman et al. 2024, Appendix D",
    statement=Statement(
        variables={n: NATURALS, m: NATURALS, q: SHARE, b: sp.FiniteSet(0, 1)},
        where={chi: CHI, p: stationary(b), v: 1 - p},
        goal=And(*(
            Eq(after, before)
            for after, before in zip(advanced(chi, p, v), (chi, p, v), strict=True)
        )),
    ),
    uses=("SC-D-REC.spread",),
    binds=tuple(
        Binding("theory.contraction.toy_stationary",
                {"n": n, "m": m, "correction": GAMMA, "bootstrap": bool(boot)}, formula,
                pick=field)
        for boot in (0, 1)
        for field, formula in (
            ("covariation", CHI), ("mean_square", stationary(boot)),
            ("variance", 1 - stationary(boot)),
        )
    ),
    evidence=(
        Proof(),
        Simulation(
            lambda rng, effort: _moments(5, True, rng, effort),
            {"covariation": chi, "mean square": p, "variance": v},
            {n: 3, m: 2, q: sp.Rational(1, 2), b: 1},
            note="Five rounds with resampling; the start is forgotten by a factor five a round.",
        ),
        Simulation(
            lambda rng, effort: _moments(5, False, rng, effort),
            {"covariation": chi, "mean square": p, "variance": v},
            {n: 3, m: 2, q: sp.Rational(1, 2), b: 0},
            note="The same without resampling.",
        ),
    ),
    note="A fixed point of the recursion of SC-D-REC.",
)


def _moments(rounds, bootstrap, rng, effort):
    from sims.contraction import simulate_correction_loop

    size = 400_000 if effort == "full" else 100_000
    loop = simulate_correction_loop(
        3, 2, 1.0, rounds, dim=4, bootstrap=bootstrap, replicates=size, rng=rng
    )
    real, model = loop.means[:, 0], loop.means[:, -1]
    square = np.mean(real**2, axis=1) - 1 / 3  # of mean zero: a control variate
    return {
        "covariation": _controlled(np.mean(real * model, axis=1), square),
        "mean square": _controlled(np.mean(model**2, axis=1), square),
        "variance": _controlled(np.einsum("rii->r", loop.covariances[:, -1]) / 4, square),
    }


def _controlled(sample, control):
    """Return mean and standard error of `sample`, less what `control` (mean zero) explains."""
    slope = np.cov(sample, control)[0, 1] / np.var(control)
    rest = sample - slope * control
    return rest.mean(), rest.std() / sqrt(len(rest)).evalf()


CONSERVED = Claim(
    id="SCX-CONS",
    title="Expected variance plus expected squared mean is one in every round, for every schedule "
    "and strength: what the variance loses, the mean gains.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={T: NATURALS, q: SHARE, n: NATURALS, S: Sequence(T + 1, REALS),
                   f: Sequence(T, sp.Interval(0, 1)), g: Sequence(T, sp.Interval(0, 1))},
        hypotheses=(
            Eq(S[0], (1 - 1 / n) + 1 / n),
            Each(Eq(
                S[t + 1],
                (1 - f[t]) * (g[t] + (1 - g[t]) * S[t]) + f[t] * (q * S[t] + 1 - q),
            ), t, T),
        ),
        goal=Eq(S[T], 1),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    note="S = v + p is the mean square of a point of the pool (maximum likelihood). A share f_t "
    "of the pool is new and has mean square q S + 1 - q; of the rest, a share g_t is real, with "
    "mean square one (g = 1 replaces, g = 0 accumulates).",
)

# -- known variance ------------------------------------------------------------------------------
def known_variance(boot):
    """The stationary p of a Gaussian mean with known variance."""
    top = 1 + RATIO + 2 * RATIO * q / (1 + RATIO - RATIO * q) + boot * RATIO * q**2 * (1 - 1 / m)
    return top / ((1 + RATIO) ** 2 - RATIO**2 * q**2 - RATIO * q * (1 - q) / n) / n


FIXED = Claim(
    id="SCX-GM-FIX",
    title="Stationary mean squared error of a fitted Gaussian mean with known variance, fixed "
    "real data.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={n: NATURALS, m: NATURALS, q: SHARE, b: sp.FiniteSet(0, 1)},
        where={chi: CHI, p: known_variance(b)},
        goal=And(Eq(advanced(chi, p, 1)[0], chi), Eq(advanced(chi, p, 1)[1], p)),
    ),
    uses=("SC-D-REC.spread",),
    binds=tuple(
        Binding("theory.contraction.gaussian_steady_mse",
                {"n": n, "synthetic_ratio": RATIO, "correction": GAMMA, "bootstrap": bool(boot)},
                known_variance(boot))
        for boot in (0, 1)
    ),
    evidence=(Proof(),),
)

CROSS = Claim(
    id="SCX-GM-cross-n",
    title="Corrected synthetic data beat the real data alone in the long run exactly where a "
    "quadratic in lambda is positive.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={n: NATURALS, m: NATURALS, q: SHARE},
        where={
            lam: RATIO, a: 1 - q, p: known_variance(0),
        },
        goal=Eq(
            (1 / n - p) * n * ((1 + lam) ** 2 - lam**2 * q**2 - lam * q * (1 - q) / n)
            * (1 + lam * a),
            lam * (
                2 * a - 1 - a * (1 - a) / n + (a * (3 - a) - a**2 * (1 - a) / n) * lam
                + a**2 * (2 - a) * lam**2
            ),
        ),
    ),
    uses=("SCX-GM-FIX",),
    evidence=(Proof(),),
    note="The factors on the left are positive; p is the mean squared error without resampling, "
    "and 1/n that of the real data alone.",
)

ROOT = 2 * (1 - 2 * a) / (a * (3 - a + sqrt((1 - a) * (17 - 9 * a))))
CRITICAL = Claim(
    id="SCX-GM-lambda_c",
    title="For 0 < gamma < 1 the ratio at which synthetic data start to help, for large n.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={h: sp.Interval.open(0, sp.Rational(1, 2))},
        where={lam: ROOT.subs(a, h)},
        goal=Eq(2 * h - 1 + h * (3 - h) * lam + h**2 * (2 - h) * lam**2, 0),
    ),
    uses=("SCX-GM-cross-n",),
    binds=(
        Binding("theory.contraction.critical_synthetic_ratio", {"correction": h / (1 - h)},
                ROOT.subs(a, h)),
    ),
    evidence=(Proof(),),
    note="h = gamma/(1+gamma) < 1/2. The quadratic rises with lambda > 0, so its root is the only "
    "one; for gamma >= 1 it is positive everywhere.",
)

CLAIMS = (SPREAD, RECURSION, STATIONARY, CONSERVED, FIXED, CROSS, CRITICAL)
