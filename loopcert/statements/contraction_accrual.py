"""Claims on the ramp of Gaussian loops that keep ever more corrected points, ids SC-D-RAMP.

The toy of Gillman et al. 2024, Appendix D, target N(0, 1) a coordinate: n real points of mean
xbar, q = 1/(1+gamma) the share of the model in a corrected law, chi = E xbar mu, p = E mu^2,
v = E Sigma; b = 1 where corrected points are resampled from m generated ones.  The text says
"logarithmically accrue" and defines it nowhere; the published script keeps, in round T, the first
floor(t m/T) points of the batch of round t.
"""

import numpy as np
import sympy as sp
from sympy import And, Eq, Ge, Le, Sum

from loopcert.claim import Binding, Claim, Proof, Simulation
from loopcert.prove.formal import (
    NATURALS,
    POSITIVE,
    REALS,
    Each,
    Sequence,
    Statement,
)
from loopcert.prove.proof import Induction, Step
from loopcert.statements.contraction_toy import GAMMA, SHARE, _controlled, spread

__all__ = ["CLAIMS"]

T, n, m, k = sp.symbols("T n m k", integer=True, positive=True)
t = sp.Symbol("t", integer=True)
q, c = sp.symbols("q c", positive=True)
b = sp.Symbol("b", real=True)
F, Z = sp.IndexedBase("K"), sp.IndexedBase("r")
BOOT = sp.FiniteSet(0, 1)


def rounds(term):
    """The sum of `term` over the rounds."""
    return Sum(term, (t, 0, T - 1))


def joined(cross, square, pool, boot=b):
    """The next (chi, p) when m corrected points join a pool whose mean is the model's."""
    total = pool + m
    fresh = q**2 * square + spread(square, 1 - square, boot)  # E zbar^2
    return (
        cross * (pool + m * q) / total,
        (pool**2 * square + 2 * pool * m * q * square + m**2 * fresh) / total**2,
    )


# -- the ramp of the published script ------------------------------------------------------------
COUNT = Claim(
    id="SC-D-RAMP-COUNT",
    title="The ramp's pool holds m (T + 1)/2 corrected points after T rounds, less T at most: it "
    "grows linearly, not logarithmically.",
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


def _moments(rng, effort):
    from sims.contraction import simulate_correction_loop

    size = 400_000 if effort == "full" else 150_000
    loop = simulate_correction_loop(
        3, 2, 1.0, 2, dim=4, policy="ramp", bootstrap=True, replicates=size, rng=rng
    )
    real, model = loop.means[:, 0], loop.means[:, -1]
    square = np.mean(real**2, axis=1) - 1 / 3  # of mean zero: a control variate
    return {
        "covariation": _controlled(np.mean(real * model, axis=1), square),
        "mean square": _controlled(np.mean(model**2, axis=1), square),
        "variance": _controlled(np.einsum("rii->r", loop.covariances[:, -1]) / 4, square),
    }


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
            _moments,
            {"covariation": ramped(1)[0], "mean square": ramped(1)[1],
             "variance": 1 - ramped(1)[1]},
            {n: 3, k: 1, q: sp.Rational(1, 2), b: 1},
        ),
    ),
    note="The points of a batch that are still in the pool are exchangeable, so the covariances "
    "of two batches, and of two points of one, settle everything. Left: by single points and "
    "pairs. Right: by the means of batches, given the model that drew them.",
)

CLAIMS = (COUNT, RAMP)
