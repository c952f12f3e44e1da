"""Claims on Gaussian loops that keep their corrected points, ids SC-D-, SCX-D-.

The toy of Gillman et al. 2024, Appendix D, target N(0, 1) a coordinate: n real points of mean
xbar, q = 1/(1+gamma) the share of the model in a corrected law, chi = E xbar mu, p = E mu^2,
v = E Sigma; b = 1 where corrected points are resampled from m generated ones.  "Logarithmically
accrue" is not defined there: the claims take any batch sizes, and the published script's ramp.
"""

import numpy as np
import sympy as sp
from sympy import And, Eq, Ge, Le, Limit, Product, Sum, sqrt

from loopcert.claim import Binding, Claim, Proof, Simulation
from loopcert.prove.formal import (
    NATURALS,
    NONNEGATIVE,
    POSITIVE,
    REALS,
    Each,
    Sequence,
    Statement,
)
from loopcert.prove.proof import Identity, Induction, Lemma, Smt, Step
from loopcert.statements.contraction_assumptions import L as LIPSCHITZ
from loopcert.statements.contraction_assumptions import S as DISTANCES
from loopcert.statements.contraction_assumptions import Z as SIGN
from loopcert.statements.contraction_assumptions import dist as MEAN_DISTANCE
from loopcert.statements.contraction_toy import GAMMA, SHARE, _controlled, spread

__all__ = ["CLAIMS"]

T, n, m, k, d = sp.symbols("T n m k d", integer=True, positive=True)
t = sp.Symbol("t", integer=True)
q, c, u = sp.symbols("q c u", positive=True)
p, v, mean = sp.symbols("p v s", nonnegative=True)
b = sp.Symbol("b", real=True)
A, N, X, P, S, F, Z = (sp.IndexedBase(name) for name in ("a", "N", "M", "P", "S", "K", "r"))
BOOT = sp.FiniteSet(0, 1)


def rounds(term):
    """The sum of `term` over the rounds."""
    return Sum(term, (t, 0, T - 1))


# -- what the pool remembers of its real points --------------------------------------------------
ANY_SIZES = Claim(
    id="SC-D-LOG",
    title="If batches of any sizes are added and nothing is dropped, the model's mean remembers "
    "the real mean by the product of 1 - (1-q) a/N over the batches, N the pool with the batch.",
    kind="result",
    source="new, for Gillman et al. 2024, Appendix D",
    statement=Statement(
        variables={T: NATURALS, n: NATURALS, q: SHARE, A: Sequence(T, POSITIVE),
                   N: Sequence(T + 1, POSITIVE), X: Sequence(T + 1, REALS)},
        hypotheses=(
            Eq(N[0], n), Each(Eq(N[t + 1], N[t] + A[t]), t, T),
            Eq(X[0], n), Each(Eq(X[t + 1], X[t] + A[t] * q * X[t] / N[t]), t, T),
        ),
        goal=Eq(X[T] / N[T], Product(1 - (1 - q) * A[t] / N[t + 1], (t, 0, T - 1))),
    ),
    evidence=(Proof((Step(Induction(T), And(
        Eq(X[T] / N[T], Product(1 - (1 - q) * A[t] / N[t + 1], (t, 0, T - 1))),
    )),)),),
    note="M_t is the mean of the sum of the pool given the real points, over their mean; a "
    "corrected point has mean q M_t/N_t. With correction the memory fades only as fast as the "
    "sum of a/N grows: like log t for equal batches, like log log t for logarithmic ones.",
)

MEMORY = Product(1 - (1 - q) * m / (n + (t + 1) * m), (t, 0, T - 1))
EQUAL_SIZES = Claim(
    id="SC-D-ACCUMULATE",
    title="With m points a round, all kept, the model's mean remembers the real mean by the "
    "product of 1 - (1-q) m/(n + t m) over the rounds t.",
    kind="result",
    source="new, for Gillman et al. 2024, Appendix D",
    statement=Statement(
        variables={T: NATURALS, n: NATURALS, m: NATURALS, q: SHARE, X: Sequence(T + 1, REALS)},
        hypotheses=(
            Eq(X[0], 1),
            Each(Eq(X[t + 1], ((n + t * m) * X[t] + m * q * X[t]) / (n + t * m + m)), t, T),
        ),
        goal=Eq(X[T], MEMORY),
    ),
    uses=("SC-D-LOG",),
    binds=(
        Binding("theory.contraction.accumulate_mean_factor",
                {"n": n, "m": m, "correction": GAMMA, "rounds": T}, MEMORY),
        Binding("theory.contraction.conditional_mean_factor",
                {"n": n, "m": m, "correction": GAMMA, "rounds": T, "policy": "accumulate"},
                MEMORY, pick=T),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    note="It falls like t^(-(1-q)), by a power, not geometrically.",
)


def joined(cross, square, pool, boot=b):
    """The next (chi, p) when m corrected points join a pool whose mean is the model's."""
    total = pool + m
    fresh = q**2 * square + spread(square, 1 - square, boot)  # E zbar^2
    return (
        cross * (pool + m * q) / total,
        (pool**2 * square + 2 * pool * m * q * square + m**2 * fresh) / total**2,
    )


ONE, TWO = joined(1 / n, 1 / n, n), joined(*joined(1 / n, 1 / n, n), n + m)
PAIRS = q**2 * (p + b * (1 - p) / m)
KEPT = Claim(
    id="SC-D-ACCUMULATE.moments",
    title="Second moments of the accumulating toy: the pool's mean after a batch, from the "
    "moments of single points and of pairs.",
    kind="result",
    source="new, for Gillman et al. 2024, Appendix D",
    statement=Statement(
        variables={n: NATURALS, m: NATURALS, q: SHARE, b: BOOT, p: NONNEGATIVE, k: NATURALS},
        goal=Eq(
            joined(0, p, k)[1],
            (k**2 * p + 2 * k * m * q * p + m + m * (m - 1) * PAIRS) / (k + m) ** 2,
        ),
    ),
    uses=("SC-D-REC.spread", "SCX-CONS"),
    binds=tuple(
        Binding("theory.contraction.toy_recursion",
                {"n": n, "m": m, "correction": GAMMA, "rounds": 2, "policy": "accumulate",
                 "bootstrap": bool(boot)},
                formula.xreplace({b: sp.Integer(boot)}), pick=(field, 2))
        for boot in (0, 1)
        for field, formula in (("covariation", TWO[0]), ("mean_square", TWO[1]))
    ),
    evidence=(
        Proof(),
        Simulation(
            lambda rng, effort: _moments("accumulate", rng, effort),
            {"covariation": TWO[0], "mean square": TWO[1], "variance": 1 - TWO[1]},
            {n: 3, m: 2, q: sp.Rational(1, 2), b: 1, p: 0, k: 1},
            note="Two rounds with resampling.",
        ),
    ),
    note="k points in the pool before. Right: E z^2 = 1 for a corrected point (SCX-CONS), E z z' "
    "= q^2 (p + b v/m) for two of a batch, E mu z = q p. v = 1 - p.",
)

# -- the ramp of the published script ------------------------------------------------------------
COUNT = Claim(
    id="SC-D-RAMP-COUNT",
    title="The ramp's pool holds m (T + 1)/2 corrected points after T rounds, up to T: it grows "
    "linearly, not logarithmically.",
    kind="result",
    source="new, for the script of Gillman et al. 2024, Appendix D",
    statement=Statement(
        variables={T: NATURALS, c: POSITIVE, m: NATURALS, F: Sequence(T, REALS),
                   Z: Sequence(T, sp.Interval.Ropen(0, 1))},
        hypotheses=(Eq(c, m / T), Each(Eq(F[t], c * (t + 1) - Z[t]), t, T)),
        goal=And(
            Eq(rounds(F[t]), m * (T + 1) / 2 - rounds(Z[t])),
            Ge(rounds(Z[t]), 0), Le(rounds(Z[t]), T),
        ),
    ),
    evidence=(
        Proof((
            Step(Induction(T), And(Ge(rounds(Z[t]), 0), Le(rounds(Z[t]), T))),
            Step(Induction(T), Eq(rounds(F[t]), c * T * (T + 1) / 2 - rounds(Z[t]))),
        )),
    ),
    note="K_t = floor((t + 1) m/T) of batch t + 1, with c = m/T and r_t the fraction cut off. The "
    "fractions add up to (T - gcd(m, T))/2.",
    loose="the fractions add up to half of T at most",
)


def ramped(boot):
    """The second moments (chi, p) after two rounds of the ramp, m = 2k points a round."""
    batch, first = 2 * k, 1 / n
    pair = q**2 * (first + boot * (1 - first) / batch)  # of two points of batch 1
    with_mean = (q + 1 + (batch - 1) * pair) / (n + batch)  # E mu_1 z
    with_real = (1 + batch * q / n) / (n + batch)  # E xbar mu_1
    square = (n + 2 * batch * q + batch + batch * (batch - 1) * pair) / (n + batch) ** 2
    later = q**2 * (square + boot * (1 - square) / batch)
    total = n + k + batch
    points = (n + 2 * k * q + 2 * n * batch * q * with_real + k + k * (k - 1) * pair
              + 2 * k * batch * q * with_mean + batch + batch * (batch - 1) * later)
    return (1 + k * q / n + batch * q * with_real) / total, points / total**2


def by_batches(boot):
    """The same mean square from the means of batches, by variance given the model."""
    batch, first = 2 * k, 1 / n
    own = q**2 * first + (q * (1 - first) + 1 - q + q * (1 - q) * first) / k
    own += boot * (1 - 1 / k) * q**2 * (1 - first) / batch  # of the k points kept of batch 1
    square = joined(first, first, n, boot)[1].xreplace({m: batch})
    newest = q**2 * square + spread(square, 1 - square, boot).xreplace({m: batch})
    pair = q**2 * (first + boot * (1 - first) / batch)
    with_mean = (q + batch * (pair + (1 - pair) / batch)) / (n + batch)
    with_real = first * (n + batch * q) / (n + batch)
    products = k * q + n * batch * q * with_real + k * batch * q * with_mean
    return (n + k**2 * own + batch**2 * newest + 2 * products) / (n + k + batch) ** 2


RAMP = Claim(
    id="SC-D-RAMP",
    title="Second moments of the toy after two rounds of the ramp, with m = 2k points a round.",
    kind="result",
    source="new, for the script of Gillman et al. 2024, Appendix D",
    statement=Statement(
        variables={n: NATURALS, k: NATURALS, q: SHARE, b: BOOT},
        goal=Eq(ramped(b)[1], by_batches(b)),
    ),
    uses=("SC-D-RAMP-COUNT", "SC-D-REC.spread"),
    binds=tuple(
        Binding("theory.contraction.ramp_exact",
                {"n": n, "m": 2 * k, "correction": GAMMA, "rounds": 2, "bootstrap": bool(boot)},
                ramped(boot)[number], pick=(field, 2))
        for boot in (0, 1) for number, field in ((0, "covariation"), (1, "mean_square"))
    ),
    evidence=(
        Proof(),
        Simulation(
            lambda rng, effort: _moments("ramp", rng, effort),
            {"covariation": ramped(1)[0], "mean square": ramped(1)[1],
             "variance": 1 - ramped(1)[1]},
            {n: 3, k: 1, q: sp.Rational(1, 2), b: 1},
        ),
    ),
    note="The points of a batch that are still in the pool are exchangeable, so the covariances "
    "of two batches, and of two points of one, settle everything. Left: by single points and "
    "pairs. Right: by the means of batches, given the model that drew them.",
)


def _moments(policy, rng, effort):
    from sims.contraction import simulate_correction_loop

    size = 400_000 if effort == "full" else 100_000
    loop = simulate_correction_loop(
        3, 2, 1.0, 2, dim=4, policy=policy, bootstrap=True, replicates=size, rng=rng
    )
    real, model = loop.means[:, 0], loop.means[:, -1]
    square = np.mean(real**2, axis=1) - 1 / 3  # of mean zero: a control variate
    return {
        "covariation": _controlled(np.mean(real * model, axis=1), square),
        "mean square": _controlled(np.mean(model**2, axis=1), square),
        "variance": _controlled(np.einsum("rii->r", loop.covariances[:, -1]) / 4, square),
    }


# -- Figure 5 ------------------------------------------------------------------------------------
DISTANCE = Claim(
    id="SCX-D-W2",
    title="The mean squared Wasserstein distance of the toy to its target is at least d (p + (1 - "
    "v^(1/2))^2).",
    kind="theorem",
    source="new, for Gillman et al. 2024, Figure 5",
    statement=Statement(
        variables={T: NATURALS, P: Sequence(T, POSITIVE), S: Sequence(T, NONNEGATIVE),
                   u: POSITIVE, v: NONNEGATIVE, mean: NONNEGATIVE, p: NONNEGATIVE, d: NATURALS},
        hypotheses=(
            Eq(u, 1 / rounds(P[t])), Eq(v, rounds(u * P[t] * S[t] ** 2)),
            Eq(mean, rounds(u * P[t] * S[t])),
        ),
        goal=Ge(d * (p + rounds(u * P[t] * (S[t] - 1) ** 2)), d * (p + (1 - sqrt(v)) ** 2)),
    ),
    uses=("SCX-KR",),
    binds=(
        Binding("theory.contraction.bound_toy_squared_distance",
                {"mean_square": p, "variance": v, "dim": d}, d * (p + (1 - sqrt(v)) ** 2)),
    ),
    evidence=(
        Proof((
            Step(Lemma("SCX-KR", {SIGN: sp.Lambda(t, 1), LIPSCHITZ: 1, DISTANCES: S,
                                  MEAN_DISTANCE: mean})),
            Step(Smt(), Le(mean, sqrt(v))),
            Step(Induction(T), sp.Gt(rounds(P[t]), 0)),
            Step(Smt(), Eq(u * rounds(P[t]), 1)),
        )),
    ),
    note="W_2^2 = |mu|^2 + sum (s_i - 1)^2 over the roots s_i of the eigenvalues of Sigma. u P_t "
    "are the chances of the values S_t of a root, over all outcomes and directions, so that the "
    "means of S^2 and of (S - 1)^2 are v and the second term over d; s is that of S.",
    loose="equality needs one root only",
)

offset = sp.Symbol("x", real=True)
LEADING = Claim(
    id="SCX-D-W2.leading",
    title="If the entries of the covariance vary by p off its diagonal and 2p on it, the mean "
    "squared distance is (d + d (d + 1)/4) p to leading order.",
    kind="result",
    source="new, for Gillman et al. 2024, Figure 5",
    statement=Statement(
        variables={d: NATURALS, p: NONNEGATIVE, offset: REALS},
        where={v: Limit((sqrt(1 + offset) - 1) ** 2 / offset**2, offset, 0)},
        goal=Eq(d * p + v * (d * (2 * p) + d * (d - 1) * p), (d + d * (d + 1) / 4) * p),
    ),
    uses=("SCX-D-W2",),
    binds=(
        Binding("theory.contraction.asymptotic_toy_squared_distance",
                {"mean_square": p, "dim": d}, (d + d * (d + 1) / 4) * p),
    ),
    evidence=(Proof((Step(Identity()),)),),
    note="v = lim ((1 + x)^(1/2) - 1)^2/x^2: near 1 the squared distance of the root of an "
    "eigenvalue 1 + x is x^2/4, and the x^2 add up to the squared entries of Sigma - I. That the "
    "entries vary so is the leading order of the toy's recursion: a sample covariance varies by "
    "1/N and 2/N where a mean does by 1/N.",
)

CLAIMS = (ANY_SIZES, EQUAL_SIZES, KEPT, COUNT, RAMP, DISTANCE, LEADING)
