"""Claims on loops without real data after the first fit, and on loops that keep every generation.

n points a generation, target N(0, 1) a coordinate (or a Bernoulli probability P), t generations
after the first fit to real points; P_t = E mu_t^2, V_t = E Sigma_t; ids SCX-FULL, SCX-WF, SCX-ACC.
"""

import numpy as np
import sympy as sp
from sympy import And, Eq, Ge, Gt, Le, Lt, Ne, Product, Sum, gamma, log, pi, sin, sqrt

from loopcert.claim import Binding, Claim, Proof, Simulation
from loopcert.prove.formal import (
    NATURALS,
    NONNEGATIVE,
    POSITIVE,
    PROPOSITION,
    REALS,
    UNIT,
    Each,
    Sequence,
    Statement,
)
from loopcert.prove.proof import Induction, Modulo, Smt, Step

__all__ = ["CLAIMS"]

n, m, k, T = sp.symbols("n m k T", integer=True, positive=True)
t = sp.Symbol("t", integer=True)
g, q, u, v = sp.symbols("g q u v", positive=True)
p0, v0, chance, decay = sp.symbols("p_0 v_0 P d", nonnegative=True)
collapses = sp.Symbol("collapses", real=True)
P, V, D, W, X, R, A, B = (sp.IndexedBase(s) for s in "P V D W X R A B".split())
GAMMA = (1 - q) / q
SHARE = sp.Interval.Lopen(0, 1)
PATHS = {T: NATURALS, P: Sequence(T + 1, REALS), V: Sequence(T + 1, REALS)}


def cells(term):
    """The sum of `term` over the cells of a partition."""
    return Sum(term, (t, 0, T - 1))


def mean_square(square, variance, points):
    """E zbar^2 for `points` draws of a model: n equal pairs, n (n - 1) different ones."""
    return (points * (variance + square) + points * (points - 1) * square) / points**2


# -- no real data --------------------------------------------------------------------------------
WALK = Claim(
    id="SCX-FULL-SYNTH.walk",
    title="With known variance the fitted mean of a fully synthetic loop is a random walk: its "
    "mean squared error (t + 1)/n has no bound.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={T: NATURALS, n: NATURALS, P: Sequence(T + 1, REALS)},
        hypotheses=(
            Eq(P[0], mean_square(0, 1, n)), Each(Eq(P[t + 1], mean_square(P[t], 1, n)), t, T),
        ),
        goal=Eq(P[T], (T + 1) / n),
    ),
    binds=(Binding("theory.contraction.replace_mse", {"n": n, "rounds": T}, (T + 1) / n),),
    evidence=(Proof((Step(Induction(T)),)),),
    note="Each generation's mean is the mean of n independent points of the last model, variance "
    "1.",
)

COLLAPSE = Claim(
    id="SCX-FULL-SYNTH",
    title="Fitted by maximum likelihood, a fully synthetic loop loses variance by 1 - 1/n a "
    "generation; what it loses, the mean gains.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={**PATHS, n: NATURALS, p0: NONNEGATIVE, v0: NONNEGATIVE, decay: UNIT},
        hypotheses=(
            Eq(decay, 1 - 1 / n), Eq(P[0], p0), Eq(V[0], v0),
            Each(And(
                Eq(P[t + 1], mean_square(P[t], V[t], n)),
                Eq(V[t + 1], V[t] + P[t] - mean_square(P[t], V[t], n)),
            ), t, T),
        ),
        goal=And(Eq(V[T], decay**T * v0), Eq(P[T] + V[T], p0 + v0)),
    ),
    binds=(
        Binding("theory.contraction.collapse_variance", {"n": n, "rounds": T}, decay**T),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    note="The fitted variance is the mean of the squares less the squared mean. At n = 1 it is 0 "
    "at once.",
)

FACTOR = sqrt(2 / k) * gamma((k + 1) / 2) / gamma(k / 2)
DISTANCE = Claim(
    id="SCX-FULL-SYNTH.distance",
    title="With unbiased variances the mean squared 2-Wasserstein distance to the target is (t + "
    "1)/n + 2 - 2 g^(t+1), g the mean of a fitted standard deviation.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={**PATHS, D: Sequence(T + 1, REALS), k: NATURALS, g: UNIT},
        hypotheses=(
            Eq(P[0], 1 / (k + 1)), Eq(V[0], 1), Eq(D[0], g),
            Each(And(
                Eq(P[t + 1], mean_square(P[t], V[t], k + 1)),
                Eq(V[t + 1], (k + 1) / k * (V[t] + P[t] - mean_square(P[t], V[t], k + 1))),
                Eq(D[t + 1], g * D[t]),
            ), t, T),
        ),
        goal=And(
            Eq(V[T], 1), Eq(P[T], (T + 1) / (k + 1)), Eq(D[T], g ** (T + 1)),
            Eq(P[T] + V[T] - 2 * D[T] + 1, (T + 1) / (k + 1) + 2 - 2 * g ** (T + 1)),
        ),
    ),
    binds=(
        Binding("theory.contraction.collapse_squared_distance", {"n": k + 1, "rounds": T},
                (T + 1) / (k + 1) + 2 - 2 * FACTOR ** (T + 1)),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    note="n = k + 1 points, D_t = E sd_t; given the last model the fitted standard deviation is "
    "independent of the past up to its scale. SCX-FULL-SYNTH.chi has the value of g. The squared "
    "distance in one dimension is mu^2 + (sd - 1)^2.",
)


def _chi_square(rng, effort):
    size = 8_000_000 if effort == "full" else 2_000_000
    ratio = rng.chisquare(3, size) / 3
    return {
        name: (sample.mean(), sample.std() / size**0.5)
        for name, sample in (
            ("drift", np.log(ratio)), ("deviation", np.sqrt(ratio)), ("square", ratio**2),
        )
    }


DRIFT = sp.digamma(k / 2) + log(2 / k)
SCALE = Claim(
    id="SCX-FULL-SYNTH.chi",
    title="A generation multiplies an unbiased variance by a chi-square over its k = n - 1 "
    "degrees of freedom: mean log psi(k/2) + log(2/k) < 0, mean root below 1, mean square 1 + "
    "2/k.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={k: NATURALS},
        goal=And(Lt(DRIFT, 0), Lt(FACTOR, 1), Gt(1 + 2 / k, 1)),
    ),
    binds=(
        Binding("theory.contraction.log_variance_drift", {"n": k + 1}, DRIFT),
        Binding("theory.contraction.standard_deviation_factor", {"n": k + 1}, FACTOR),
    ),
    evidence=(
        Simulation(
            _chi_square, {"drift": DRIFT, "deviation": FACTOR, "square": 1 + 2 / k}, {k: 3},
        ),
    ),
    loose="the simulation compares the values; the signs follow from Jensen's inequality",
)

_FIRST = W[0] * (R[0] - 1 - log(R[0]))
_LOGS = cells(W[t] * log(R[t]))
DECAY = Claim(
    id="SCX-FULL-SYNTH.collapse",
    title="Whatever the law of an unbiased variance, its mean logarithm falls every generation "
    "unless it is certain: the variance tends to 0 almost surely, though its mean stays.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={
            T: NATURALS, W: Sequence(T, POSITIVE), X: Sequence(T, POSITIVE),
            R: Sequence(T, POSITIVE), u: POSITIVE, v: POSITIVE, collapses: PROPOSITION,
        },
        hypotheses=(
            Eq(u, 1 / cells(W[t])), Eq(v, 1 / cells(u * W[t] * X[t])), 
            Each(Eq(R[t], v * X[t]), t, T), Ne(R[0], 1),
        ),
        goal=And(Lt(u * _LOGS, 0), collapses),
    ),
    uses=("SCX-FULL-SYNTH.distance",),
    evidence=(Proof((
        Step(Induction(T), Gt(cells(W[t]), 0)),
        Step(Induction(T), Gt(cells(W[t] * X[t]), 0)),
        Step(Induction(T), Eq(cells(W[t] * R[t]), v * cells(W[t] * X[t]))),
        Step(Induction(T), Le(_FIRST + _LOGS, cells(W[t] * R[t]) - cells(W[t]))),
        Step(Smt(), Gt(_FIRST, 0)),
        Step(Smt(), Eq(u * cells(W[t]), 1)),
        Step(Smt(), Eq(u * v * cells(W[t] * X[t]), 1)),
        Step(Smt(), Eq(v * cells(W[t] * X[t]), cells(W[t]))),
        Step(Smt(), Lt(_LOGS, 0)),
        Step(Smt(), Lt(u * _LOGS, 0)),
        Step(Modulo(
            "strong law of large numbers", Lt(u * _LOGS, 0), collapses,
        )),
    )),),
    note="R (finitely many values here; log R <= R - 1 holds of every value, so the mean of log R "
    "is negative under other laws too) is the factor by which a generation multiplies the "
    "variance: probabilities u W, mean one (unbiased), not surely one. The logarithm of the "
    "variance is the sum of independent copies of log(v X), whose average tends to a negative "
    "number. With means and covariances the same holds for the logarithm of the determinant.",
)

WRIGHT_FISHER = Claim(
    id="SCX-WF",
    title="A Bernoulli loop is the Wright-Fisher process: E p(1-p) falls by 1 - 1/n a generation.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={T: NATURALS, n: NATURALS, A: Sequence(T + 1, REALS), B: Sequence(T + 1, REALS),
                   chance: sp.Interval(0, 1), decay: UNIT},
        hypotheses=(
            Eq(decay, 1 - 1 / n), Eq(A[0], chance), Eq(B[0], chance**2),
            Each(Eq(A[t + 1], A[t]), t, T),
            Each(Eq(B[t + 1], (n * A[t] + n * (n - 1) * B[t]) / n**2), t, T),
        ),
        goal=And(
            Eq(A[T] - B[T], decay**T * chance * (1 - chance)), Eq(A[T], chance),
        ),
    ),
    binds=(
        Binding("theory.contraction.heterozygosity",
                {"n": n, "rounds": T, "probability": chance},
                decay**T * chance * (1 - chance)),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    note="A = E p and B = E p^2: the mean of n draws of probability p has mean p, and its square "
    "n equal pairs of mean p and n (n - 1) of mean p^2. At n = 1 it is fixed at once.",
)

FIXATION = Claim(
    id="SCX-WF-FIXED",
    title="Where a share of n draws is not 0 or 1, p(1-p) is at least (n-1)/n^2: the chance that "
    "a Bernoulli loop is not yet fixed is at most n^2/(n-1) E p(1-p), so it falls geometrically.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={T: NATURALS, n: NATURALS, W: Sequence(T, NONNEGATIVE),
                   X: Sequence(T, sp.Interval(0, 1))},
        goal=And(
            Eq(
                cells(W[t] * (1 + (n - 2) * X[t]) * (n - 1 - (n - 2) * X[t])) / n**2
                - (n - 1) / n**2 * cells(W[t]),
                (n - 2) ** 2 / n**2 * cells(W[t] * X[t] * (1 - X[t])),
            ),
            Ge(cells(W[t] * X[t] * (1 - X[t])), 0),
        ),
    ),
    uses=("SCX-WF",),
    evidence=(Proof((Step(Induction(T)),)),),
    note="The values strictly between 0 and 1 are p = (1 + (n - 2) x)/n with x in [0, 1], W "
    "their probabilities.",
    loose="equality at p = 1/n and 1 - 1/n only",
)

_SINGLE = q * (V[t] + P[t]) + 1 - q  # mean square of a corrected point
_LIMIT = 1 / (m * (1 - q**2) + q**2)
CORRECTED = Claim(
    id="SCX-FULL-CORR",
    title="With two or more points a round any correction stops the collapse without any real "
    "data: the moments converge to E mu^2 = 1/(m(1-q^2)+q^2) and its complement.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={**PATHS, m: NATURALS, q: SHARE, decay: UNIT, p0: NONNEGATIVE},
        hypotheses=(
            Eq(decay, q**2 * (1 - 1 / m)), Eq(P[0], p0), Eq(V[0], 1 - p0),
            Each(And(
                Eq(P[t + 1], (_SINGLE + (m - 1) * q**2 * P[t]) / m),
                Eq(V[t + 1], _SINGLE - (_SINGLE + (m - 1) * q**2 * P[t]) / m),
            ), t, T),
        ),
        goal=And(
            Eq(P[T], _LIMIT + decay**T * (p0 - _LIMIT)), Eq(V[T], 1 - P[T]),
            Eq(1 - _LIMIT, (m - 1) * (1 - q**2) * _LIMIT),
        ),
    ),
    binds=tuple(
        Binding("theory.contraction.synthetic_stationary", {"m": m, "correction": GAMMA}, value,
                pick=field)
        for field, value in (
            ("mean_square", _LIMIT), ("variance", (m - 1) * (1 - q**2) * _LIMIT),
        )
    ),
    evidence=(Proof((
        Step(Smt(), Gt(m * (1 - q**2) + q**2, 0)),
        Step(Smt(), Eq(_LIMIT * (1 - decay), 1 / m)),
        Step(Induction(T), Eq(V[T], 1 - P[T])),
        Step(Induction(T), Eq(P[T], _LIMIT + decay**T * (p0 - _LIMIT))),
    )),),
    note="m corrected points a round, maximum likelihood: one point has mean square q(V + P) + 1 "
    "- q, two have product of mean q^2 P. The stationary variance is positive exactly for q < "
    "1; a single point (m = 1) has variance 0. "
    "For a Bernoulli loop E (p - P)^2 and E p(1-p), over P(1-P), obey the same recursion.",
)

# -- every generation kept -----------------------------------------------------------------------
def pooled(square, cross, fresh):
    """E of the squared mean of t + 1 old batches and a new one."""
    return ((t + 1) ** 2 * square + 2 * (t + 1) * cross + fresh) / (t + 2) ** 2


ZETA = Claim(
    id="SCX-ACC-ZETA",
    title="Accumulated, the error of a fitted mean of known variance is sum 1/i^2 over n, i up "
    "to t + 1: it stays below (2 - 1/(t + 1))/n.",
    kind="theorem",
    source="new, in the setting of Gerstgrasser et al. 2024",
    statement=Statement(
        variables={T: NATURALS, n: NATURALS, P: Sequence(T + 1, REALS)},
        hypotheses=(
            Eq(P[0], mean_square(0, 1, n)),
            Each(Eq(P[t + 1], pooled(P[t], P[t], mean_square(P[t], 1, n))), t, T),
        ),
        goal=And(
            Eq(P[T], Sum(1 / (t + 1) ** 2, (t, 0, T)) / n),
            Le(Sum(1 / (t + 1) ** 2, (t, 0, T)), 2 - 1 / (T + 1)),
        ),
    ),
    binds=(
        Binding("theory.contraction.accumulate_mse", {"n": n, "rounds": T},
                Sum(1 / (t + 1) ** 2, (t, 0, T)) / n),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    note="The pool's mean is the model's, and the new points' mean has that mean given the "
    "model. The first generation is real. Replaced, the error is (t + 1)/n (SCX-FULL-SYNTH.walk).",
    loose="the bound is not attained; SCX-ACC-BASEL has the limit",
)

BASEL = Claim(
    id="SCX-ACC-BASEL",
    title="The error of the accumulating loop never exceeds pi^2/6 times that of the first fit.",
    kind="corollary",
    source="new, in the setting of Gerstgrasser et al. 2024",
    statement=Statement(
        variables={T: NATURALS},
        goal=Lt(Sum(1 / (t + 1) ** 2, (t, 0, T)), pi**2 / 6),
    ),
    uses=("SCX-ACC-ZETA",),
    evidence=(Proof((
        Step(Induction(T), Gt(Sum(1 / (t + 1) ** 2, (t, 0, T)), 1)),
        Step(Modulo(
            "Euler's sine product", Gt(Sum(1 / (t + 1) ** 2, (t, 0, T)), 1),
            Lt(Sum(1 / (t + 1) ** 2, (t, 0, T)), pi**2 / 6),
        )),
    )),),
    loose="approached for many rounds",
)

_FACTORS = Product(1 - 1 / (n * (t + 1) ** 2), (t, 0, T))
SINC = Claim(
    id="SCX-ACC-SINC",
    title="Accumulated and fitted by maximum likelihood, the mean variance is the product of 1 - "
    "1/(n i^2), i up to t + 1, and the squared mean its complement.",
    kind="theorem",
    source="new, in the setting of Gerstgrasser et al. 2024",
    statement=Statement(
        variables={**PATHS, n: NATURALS},
        hypotheses=(
            Eq(P[0], mean_square(0, 1, n)), Eq(V[0], 1 - P[0]),
            Each(And(
                Eq(P[t + 1], pooled(P[t], P[t], mean_square(P[t], V[t], n))),
                Eq(
                    V[t + 1],
                    ((t + 1) * (V[t] + P[t]) + V[t] + P[t]) / (t + 2)
                    - pooled(P[t], P[t], mean_square(P[t], V[t], n)),
                ),
            ), t, T),
        ),
        goal=And(Eq(V[T], _FACTORS), Eq(P[T], 1 - _FACTORS)),
    ),
    uses=("SCX-CONS",),
    binds=(
        Binding("theory.contraction.accumulate_variance", {"n": n, "rounds": T}, _FACTORS),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    note="n points a generation, the first real. The second moment of the pool is the mean of "
    "those of its batches; that of the old ones is the model's.",
)

_MANY = Product(1 - 1 / ((k + 1) * (t + 1) ** 2), (t, 0, T))
_SINC = sin(pi / sqrt(k + 1)) / (pi / sqrt(k + 1))
SINC_LIMIT = Claim(
    id="SCX-ACC-SINC-LIMIT",
    title="The mean variance of the accumulating loop stays above sin(pi/sqrt n)/(pi/sqrt n) > 0 "
    "for every n >= 2, its limit: accumulating prevents collapse.",
    kind="corollary",
    source="new, in the setting of Gerstgrasser et al. 2024",
    statement=Statement(
        variables={T: NATURALS, k: NATURALS},
        goal=Gt(_MANY, _SINC),
    ),
    uses=("SCX-ACC-SINC",),
    evidence=(Proof((
        Step(Induction(T), Gt(_MANY, 0)),
        Step(Modulo("Euler's sine product", Gt(_MANY, 0), Gt(_MANY, _SINC))),
    )),),
    note="n = k + 1 >= 2. Every factor of the infinite product is in (0, 1), so its partial "
    "products fall to its value.",
    loose="approached for many rounds",
)

CLAIMS = (
    WALK, COLLAPSE, SCALE, DISTANCE, DECAY, WRIGHT_FISHER, FIXATION, CORRECTED, ZETA, BASEL, SINC,
    SINC_LIMIT,
)
