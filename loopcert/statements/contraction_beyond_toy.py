"""Claims on the Gaussian toy's second moments, round by round, and its distance: SC-D-, SCX-D-.

Notation as in `contraction_toy`: chi = E xbar mu, p = E mu^2, v = E Sigma a coordinate, which
divides by the number of points less kappa (0: maximum likelihood, 1: unbiased); b = 1 where
corrected points are resampled from the generated ones.
"""

import numpy as np
import sympy as sp
from sympy import And, Eq, Ge, Gt, Limit, Product, Rational, Sum, sqrt

from loopcert.claim import Binding, Claim, Proof, Simulation
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
from loopcert.statements.contraction_toy import GAMMA, SHARE

__all__ = ["CLAIMS"]

k, m, d, T = sp.symbols("k m d T", integer=True, positive=True)
kappa = sp.Symbol("kappa", integer=True, nonnegative=True)
b = sp.Symbol("b", integer=True)
t = sp.Symbol("t", integer=True)
q, c, u, root = sp.symbols("q c u s", positive=True)
p = sp.Symbol("p", nonnegative=True)
X, P, V, A, Q, W, Z = (sp.IndexedBase(s) for s in "X P V A Q W Z".split())
REAL = k + 1  # real points
PATHS = {T: NATURALS, k: NATURALS, q: SHARE, b: sp.FiniteSet(0, 1)}
MOMENTS = {s: Sequence(T + 1, REALS) for s in (X, P, V)}


def joined(moments, old, new, added, boot=b, divisor=0):
    """The next (chi, p, v) when `added` corrected points join `old` ones.

    `moments` is (chi, p, v) of the model, `new` (E xbar m, E m^2, E m mu, mean square of a point)
    of the old points with their mean m.
    """
    _, square, variance = moments
    total = old + added
    cross, own, mixed, single = new
    point = q * (variance + square) + 1 - q
    mean = q**2 * square + (point - q**2 * square) / added
    mean += boot * (1 - 1 / added) * q**2 * variance / added
    after = (old**2 * own + 2 * old * added * q * mixed + added**2 * mean) / total**2
    moment = (old * single + added * point) / total
    return ((old * cross + added * q * moments[0]) / total, after,
            total / (total - divisor) * (moment - after))


def replaced(moments, boot=b, divisor=0):
    """A round that keeps the real points and m new ones."""
    return joined(moments, REAL, (1 / REAL, 1 / REAL, moments[0], 1), m, boot, divisor)


def kept(moments, pool, added, boot=b):
    """A round that keeps all points (maximum likelihood)."""
    chi, square, variance = moments
    return joined(moments, pool, (chi, square, square, variance + square), added, boot)


def together(after):
    """The premise that the three sequences advance by `after`."""
    return Each(And(*(
        Eq(s[t + 1], e) for s, e in zip((X, P, V), after, strict=True)
    )), t, T)


def paths(policy, *fields, **more):
    """The binding of fields of the recursion to their sequences."""
    arguments = {"n": REAL, "m": m, "correction": GAMMA, "rounds": T, "bootstrap": b,
                 "policy": policy, **more}
    return tuple(
        Binding("theory.contraction.toy_recursion", arguments, s[T], pick=(field, T))
        for field, s in (("mean_square", P), ("variance", V)) if field in fields
    )


NOW = (X[t], P[t], V[t])
BEGIN = (Eq(X[0], 1 / REAL), Eq(P[0], 1 / REAL), Eq(V[0], REAL / (REAL - kappa) * (1 - 1 / REAL)))
MAXIMUM = tuple(e.xreplace({kappa: sp.Integer(0)}) for e in BEGIN)
_POOL = REAL + m
RECURSION = Claim(
    id="SC-D-REC.moments",
    title="The toy's second moments round by round: the pool's mean square, taken about zero, "
    "departs from one only by what unbiased covariances add, kappa/(n + m) of every earlier "
    "variance, damped by c a round.",
    kind="result",
    source="new, for Gillman et al. 2024, Appendix D",
    statement=Statement(
        variables={**PATHS, **MOMENTS, m: NATURALS, c: UNIT, kappa: sp.FiniteSet(0, 1)},
        hypotheses=(
            Eq(c, m * q / _POOL), *BEGIN, together(replaced(NOW, divisor=kappa)),
        ),
        goal=Eq(
            (1 - kappa / _POOL) * V[T] + P[T] - 1,
            kappa * (Sum(c ** (T - t) * V[t], (t, 0, T - 1)) / _POOL
                     + c**T * (1 / REAL - 1 / _POOL)),
        ),
    ),
    uses=("SC-D-REC.spread", "SC-D-REC"),
    binds=paths("replace", "mean_square", "variance", ddof=kappa),
    evidence=(Proof((
        Step(Smt(), Eq(c * _POOL, m * q)),
        Step(Induction(T)),
    )),),
    note="n = k + 1 real points. The hypothesis is the recursion of (chi, p, v): squares and "
    "products of the pool's mean (n xbar + m zbar)/(n + m), with E xbar zbar = q chi, E zbar^2 = "
    "q^2 p + w (SC-D-REC.spread). At kappa = 0 it says v = 1 - p (SCX-CONS).",
)

_KEPT = Product((REAL + t * m + q * m) / (REAL + t * m + m), (t, 0, T - 1))


def _simulated(policy):
    def run(rng, effort):
        from sims.contraction import simulate_correction_loop

        size = 400_000 if effort == "full" else 100_000
        loop = simulate_correction_loop(
            3, 2, 1.0, 2, dim=4, policy=policy, bootstrap=True, replicates=size, rng=rng
        )
        real, model = loop.means[:, 0], loop.means[:, -1]
        square = np.mean(real**2, axis=1) - 1 / 3  # of mean zero: a control variate
        found = {
            "covariation": np.mean(real * model, axis=1),
            "mean square": np.mean(model**2, axis=1),
            "variance": np.einsum("rii->r", loop.covariances[:, -1]) / 4,
        }
        return {name: _controlled(sample, square) for name, sample in found.items()}

    return run


def _controlled(sample, control):
    """Return mean and standard error of `sample`, less what `control` (mean zero) explains."""
    rest = sample - np.cov(sample, control)[0, 1] / np.var(control) * control
    return rest.mean(), rest.std() / len(rest) ** 0.5


def _twice(first, second):
    """The moments after two rounds that add `first` and `second` points, from n = 3."""
    begin = (Rational(1, 3), Rational(1, 3), Rational(2, 3))
    first, second, three = (sp.Integer(number) for number in (first, second, 3))
    after = kept(kept(begin, three, first), three + first, second)
    return dict(zip(("covariation", "mean square", "variance"), after, strict=True))


ACCUMULATE = Claim(
    id="SC-D-ACCUMULATE",
    title="When all corrected points are kept, the memory of the real mean is a product of (N + "
    "q m)/(N + m) over the rounds, N the points so far: a power of t, not a geometric decay.",
    kind="result",
    source="new, for Gillman et al. 2024, Appendix D",
    statement=Statement(
        variables={**PATHS, **MOMENTS, m: NATURALS},
        hypotheses=(*MAXIMUM, together(kept(NOW, REAL + t * m, m))),
        goal=And(Eq(X[T], _KEPT / REAL), Eq(V[T], 1 - P[T])),
    ),
    uses=("SC-D-REC.spread",),
    binds=(
        *paths("accumulate", "mean_square"),
        Binding("theory.contraction.accumulate_mean_factor",
                {"n": REAL, "m": m, "correction": GAMMA, "rounds": T}, _KEPT),
        Binding("theory.contraction.conditional_mean_factor",
                {"n": REAL, "m": m, "correction": GAMMA, "rounds": T, "policy": "accumulate"},
                _KEPT, pick=T),
    ),
    evidence=(
        Proof((Step(Induction(T)),)),
        Simulation(
            _simulated("accumulate"), _twice(2, 2),
            {T: 2, k: 2, m: 2, q: Rational(1, 2), b: 1, X: [0, 0, 0], P: [0, 0, 0], V: [0, 0, 0]},
            note="Two rounds, with resampling.",
        ),
    ),
    note="E(mu_t | X) = xbar times the product, as E(z | model) = q mu for a corrected point. "
    "With n = k + 1 it is Gamma(n/m+q+t) Gamma(n/m+1)/(Gamma(n/m+q) Gamma(n/m+1+t)), of order "
    "t^(-gamma/(1+gamma)).",
)

_ANY = Product((Q[t] + q * A[t]) / (Q[t] + A[t]), (t, 0, T - 1))
LOG = Claim(
    id="SC-D-LOG",
    title="The same product holds for any number of points added in a round, the logarithmic "
    "schedule among them.",
    kind="result",
    source="new, for Gillman et al. 2024, Appendix D",
    statement=Statement(
        variables={**PATHS, **MOMENTS, A: Sequence(T, NATURALS), Q: Sequence(T + 1, POSITIVE)},
        hypotheses=(
            *MAXIMUM, Eq(Q[0], REAL),
            Each(And(
                Eq(Q[t + 1], Q[t] + A[t]), *together(kept(NOW, Q[t], A[t])).args[0].args,
            ), t, T),
        ),
        goal=And(Eq(X[T], _ANY / REAL), Eq(V[T], 1 - P[T])),
    ),
    uses=("SC-D-ACCUMULATE",),
    evidence=(
        Proof((Step(Induction(T)),)),
        Simulation(
            _simulated("log"), _twice(2, 1),
            {T: 2, k: 2, q: Rational(1, 2), b: 1, A: [2, 1], Q: [3, 5, 6], X: [0, 0, 0],
             P: [0, 0, 0], V: [0, 0, 0]},
            note="Two rounds of the schedule floor(2 (1 + ln t)), with resampling.",
        ),
    ),
)

# -- distance ------------------------------------------------------------------------------------
def cells(term):
    """The sum of `term` over the cells of a partition."""
    return Sum(term, (t, 0, T - 1))


DISTANCE = Claim(
    id="SCX-D-W2",
    title="The mean squared 2-Wasserstein distance of the toy is d[p + (1 - sqrt v)^2] plus d "
    "times the relative spread of the roots of the covariance's eigenvalues, so at least the "
    "former.",
    kind="theorem",
    source="new, for Gillman et al. 2024, Figure 5",
    statement=Statement(
        variables={T: NATURALS, W: Sequence(T, POSITIVE), Z: Sequence(T, NONNEGATIVE), u: POSITIVE,
                   root: POSITIVE, p: NONNEGATIVE, d: NATURALS},
        hypotheses=(Eq(u, 1 / cells(W[t])), Eq(root, sqrt(u * cells(W[t] * Z[t] ** 2)))),
        goal=Eq(
            d * (p + u * cells(W[t] * (Z[t] - 1) ** 2)),
            d * (p + (1 - root) ** 2) + d * u * cells(W[t] * (Z[t] - root) ** 2) / root,
        ),
    ),
    uses=("SC-D-REC.moments",),
    binds=(
        Binding("theory.contraction.bound_toy_squared_distance",
                {"mean_square": p, "variance": root**2, "dim": d}, d * (p + (1 - root) ** 2)),
    ),
    evidence=(Proof((
        Step(Induction(T), Gt(cells(W[t]), 0)),
        Step(Smt(), Eq(u * cells(W[t]), 1)),
        Step(Induction(T), Ge(cells(W[t] * Z[t] ** 2), 0)),
        Step(Smt(), Eq(root**2, u * cells(W[t] * Z[t] ** 2))),
        Step(Induction(T), Eq(
            cells(W[t] * (Z[t] - 1) ** 2),
            cells(W[t] * Z[t] ** 2) - 2 * cells(W[t] * Z[t]) + cells(W[t]),
        )),
        Step(Induction(T), Eq(
            cells(W[t] * (Z[t] - root) ** 2),
            cells(W[t] * Z[t] ** 2) - 2 * root * cells(W[t] * Z[t]) + root**2 * cells(W[t]),
        )),
        Step(Smt(), Eq(
            u * cells(W[t] * (Z[t] - 1) ** 2), root**2 - 2 * u * cells(W[t] * Z[t]) + 1,
        )),
        Step(Smt(), Eq(
            u * cells(W[t] * (Z[t] - root) ** 2), 2 * root**2 - 2 * root * u * cells(W[t] * Z[t]),
        )),
    )),),
    note="Z runs over the roots of the eigenvalues of Sigma, equally often over the d of them, "
    "with probabilities u W: v = E tr Sigma/d is the mean of Z^2. The squared distance of N(mu, "
    "Sigma) to N(0, I) is |mu|^2 plus the sum of (Z - 1)^2. The last term is >= 0.",
)

LEADING = Claim(
    id="SCX-D-W2.leading",
    title="Leading order of the mean squared distance: a quarter of the squared deviation of the "
    "covariance, that is of d variances of spread 2p and twice d(d-1)/2 covariances of spread p, "
    "makes it (d + d(d+1)/4) p.",
    kind="corollary",
    source="new, for Gillman et al. 2024, Figure 5",
    statement=Statement(
        variables={d: NATURALS, p: NONNEGATIVE, root: sp.Interval.open(0, 2)},
        goal=And(
            Eq(Limit((sqrt(1 + root) - 1) ** 2 / root**2, root, 0), Rational(1, 4)),
            Eq(d * p + Rational(1, 4) * (d * 2 * p + 2 * (d * (d - 1) / 2) * p),
               (d + d * (d + 1) / 4) * p),
        ),
    ),
    uses=("SCX-D-W2", "SCX-UNIVERSAL"),
    binds=(
        Binding("theory.contraction.asymptotic_toy_squared_distance",
                {"mean_square": p, "dim": d}, (d + d * (d + 1) / 4) * p),
    ),
    evidence=(Proof((
        Step(Identity(), Eq(
            Limit((sqrt(1 + root) - 1) ** 2 / root**2, root, 0), Rational(1, 4),
        )),
    )),),
    note="For a covariance I + E the sum of (sqrt(1 + e_i) - 1)^2 over its eigenvalues is tr "
    "E^2/4 to leading order; by SCX-UNIVERSAL the entries of E have the inflation of the means' "
    "p, the diagonal ones twice.",
)

CLAIMS = (RECURSION, ACCUMULATE, LOG, DISTANCE, LEADING)
