"""Claims on selection by any keep probability w(x), UL-TWEEDIE to UL-ONLY-LINEAR, and UL-DIM.

The generator is N(theta, sigma^2 I); Z(theta) is the probability that a proposal is kept. A
covariance other than sigma^2 I becomes this case in the coordinates of its square root.
"""

import sympy as sp
from sympy import And, Derivative, Eq, Gt, Le, Sum, exp, log

from loopcert.claim import Binding, Claim, Proof
from loopcert.prove.formal import (
    NATURALS,
    POSITIVE,
    PROPOSITION,
    REALS,
    UNIT,
    Each,
    Sequence,
    Statement,
)
from loopcert.prove.proof import Identity, Induction, Modulo, Smt, Step

__all__ = ["CLAIMS"]

sigma, kappa, Z, K, G, c, y, q, n = sp.symbols(
    "sigma kappa Z K G c y q n", positive=True
)
x1, x2, m1, m2, Z1, Z2, Z12, H, v = sp.symbols(
    "x_1 x_2 theta_1 theta_2 Z_1 Z_2 Z_12 H v", real=True
)
A1, A2, A12, B1, B2, a, e = sp.symbols("A_1 A_2 A_12 B_1 B_2 a e", real=True)
delta = sp.Symbol("delta", real=True)  # 1 for the same coordinate, 0 for two
p = sp.Symbol("p", integer=True, positive=True)

# -- one round is one step up the log acceptance -------------------------------------------------
_BELL = exp(-((x1 - m1) ** 2 + (x2 - m2) ** 2) / (2 * sigma**2))
_BOTH = {x1: REALS, x2: REALS, m1: REALS, m2: REALS, sigma: POSITIVE}
_FIRST = Eq(x1 * _BELL, m1 * _BELL + sigma**2 * Derivative(_BELL, m1))
_SQUARED = Eq(
    x1**2 * _BELL,
    (sigma**2 + m1**2) * _BELL + 2 * m1 * sigma**2 * Derivative(_BELL, m1)
    + sigma**4 * Derivative(_BELL, (m1, 2)),
)
_CROSSED = Eq(
    x1 * x2 * _BELL,
    m1 * m2 * _BELL + sigma**2 * (m1 * Derivative(_BELL, m2) + m2 * Derivative(_BELL, m1))
    + sigma**4 * Derivative(_BELL, m1, m2),
)

POINTWISE = Claim(
    id="UL-TWEEDIE-POINT",
    title="Under a normal density every power of x up to the second is a derivative in the mean.",
    kind="lemma",
    source="new; Tweedie's formula, point by point",
    statement=Statement(variables=_BOTH, goal=And(_FIRST, _SQUARED, _CROSSED)),
    evidence=(Proof((Step(Identity()),)),),
    note="Two of the coordinates; the density of the others is a factor that does not change.",
)

_MEAN1, _MEAN2 = A1 / Z, A2 / Z
_MOMENTS = And(
    Eq(A1, m1 * Z + sigma**2 * Z1),
    Eq(A2, m2 * Z + sigma**2 * Z2),
    Eq(A12, (delta * sigma**2 + m1 * m2) * Z + sigma**2 * (m1 * Z2 + m2 * Z1) + sigma**4 * Z12),
)

TWEEDIE = Claim(
    id="UL-TWEEDIE",
    title="The kept samples have mean theta + sigma^2 grad log Z and covariance sigma^2 I + "
    "sigma^4 Hess log Z: one round of selection is one natural-gradient step up the log of the "
    "acceptance probability.",
    kind="theorem",
    source="new; Tweedie's formula, for any keep probability",
    statement=Statement(
        variables={
            m1: REALS, m2: REALS, sigma: POSITIVE, Z: POSITIVE, Z1: REALS, Z2: REALS,
            Z12: REALS, A1: REALS, A2: REALS, A12: REALS, delta: sp.FiniteSet(0, 1),
        },
        hypotheses=_MOMENTS.args,
        where={H: Z12 / Z - Z1 * Z2 / Z**2},
        goal=And(
            Eq(_MEAN1, m1 + sigma**2 * Z1 / Z),
            Eq(A12 / Z - _MEAN1 * _MEAN2, delta * sigma**2 + sigma**4 * H),
        ),
    ),
    uses=("UL-TWEEDIE-POINT",),
    evidence=(
        Proof((
            Step(Modulo("differentiation under the integral", Gt(Z, 0), _MOMENTS)),
        )),
    ),
    note="Entries of mean and covariance for coordinates 1 and 2, delta = 1 if they are the same "
    "one. Z_1, Z_2, Z_12 are the derivatives of Z in theta, A_1, A_2, A_12 the integrals of x_1, "
    "x_2 and x_1 x_2 times keep probability times density: UL-TWEEDIE-POINT under the integral, "
    "which the named theorem allows; they stand as hypotheses too. H is the entry of the Hessian "
    "of log Z.",
)

A, Q = sp.IndexedBase("A"), sp.IndexedBase("Q")
theta, P = sp.IndexedBase("theta"), sp.IndexedBase("P")
k = sp.Symbol("k", integer=True)


def _over(term):
    return Sum(term, (k, 0, p - 1))


# With P = Sigma^-1: the density has the derivative sum_k P_kj (x_k - theta_k) times itself.
_DZ = _over(P[k] * (A[k] - theta[k] * Z))
_DA = _over(P[k] * (Q[k] - theta[k] * A1))

DISSIPATION = Claim(
    id="UL-FDR",
    title="Fluctuation is dissipation: the Jacobian of the mean map is the covariance of a kept "
    "sample times the inverse covariance of the generator, whatever the keep probability.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={
            p: NATURALS, A: Sequence(p, REALS), Q: Sequence(p, REALS), theta: Sequence(p, REALS),
            P: Sequence(p, REALS), Z: POSITIVE, A1: REALS, B1: REALS, B2: REALS,
        },
        hypotheses=(Eq(B1, _DZ), Eq(B2, _DA)),
        goal=Eq((B2 * Z - A1 * B1) / Z**2, _over((Q[k] / Z - A1 / Z * (A[k] / Z)) * P[k])),
    ),
    uses=("UL-TWEEDIE-POINT",),
    evidence=(
        Proof((
            Step(
                Modulo(
                    "differentiation under the integral", Gt(Z, 0),
                    And(Eq(B1, _DZ), Eq(B2, _DA)),
                )
            ),
        )),
    ),
    note="Entry (i, j), in any dimension p: A_k and Q_k are the integrals of x_k and x_i x_k "
    "times keep probability times density, A_1 that of x_i, P_k the entry (k, j) of the inverse "
    "covariance. B_1 and B_2 are the derivatives of Z and A_1 in theta_j; that these are the "
    "hypotheses is what the named theorem gives. Left the quotient rule for the mean A_1/Z, right "
    "the entry of covariance times inverse covariance.",
)

V = sp.IndexedBase("V")

NOISE = Claim(
    id="UL-FDR-NOISE",
    title="With the same contraction K in all directions one kept sample has the noise K sigma^2 "
    "p: selection has no other noise constant.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={p: NATURALS, sigma: POSITIVE, K: UNIT, V: Sequence(p, POSITIVE)},
        hypotheses=(Each(Eq(V[k], K * sigma**2), k, p),),
        goal=Eq(_over(V[k]), K * sigma**2 * p),
    ),
    uses=("UL-FDR",),
    binds=(
        Binding(
            "theory.one_law.selection_law", {"contraction": K, "sigma": sigma, "dim": p},
            _over(V[k]), "noise",
        ),
        Binding(
            "theory.one_law.reward_law",
            {"sigma": sigma, "kappa": sigma * sp.sqrt(K / (1 - K)), "dim": p},
            _over(V[k]), "noise",
        ),
        Binding(
            "theory.one_law.reward_law",
            {"sigma": sigma, "kappa": sigma * sp.sqrt(K / (1 - K)), "dim": p}, K, "contraction",
        ),
    ),
    evidence=(Proof((Step(Induction(p)),)),),
    note="V_k are the variances of a kept sample, by UL-FDR with the Jacobian K I.",
)

# -- log-concave keep probabilities --------------------------------------------------------------
log_concave, affine, normal = sp.symbols("log-concave affine normal")
BELOW = sp.Interval(-sp.oo, 0)

LOG_CONCAVE = Claim(
    id="UL-LC",
    title="If the keep probability is log-concave, a round never expands, 0 < M' <= 1, and the "
    "fixed points are the maximisers of the acceptance.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={
            log_concave: PROPOSITION, H: REALS, sigma: POSITIVE, a: REALS, v: POSITIVE, e: REALS,
        },
        hypotheses=(log_concave, Eq(v, sigma**2 + sigma**4 * H)),
        goal=And(
            Gt(v / sigma**2, 0), Le(v / sigma**2, 1), Le(H, 0),
            sp.Equivalent(Eq(e + sigma**2 * a, e), Eq(a, 0)),
        ),
    ),
    uses=("UL-FDR", "UL-TWEEDIE"),
    evidence=(Proof((Step(Modulo("Prekopa", log_concave, Le(H, 0))),)),),
    note="Along any direction: v is the variance of a kept sample (UL-TWEEDIE), v/sigma^2 the "
    "slope of the mean map (UL-FDR), a and H the first two derivatives of log Z at e. Z is the "
    "convolution of the keep probability with a normal density. Where log Z is concave, a = 0 "
    "only at its maximisers.",
)

STRONG = Claim(
    id="UL-LC-STRONG",
    title="If -log w is strongly convex with constant 1/kappa^2, a round contracts by kappa^2/("
    "kappa^2 + sigma^2) at least, which the Gaussian keep probability attains.",
    kind="theorem",
    source="new; Brascamp and Lieb's bound, along one direction",
    statement=Statement(
        variables={
            x1: REALS, m1: REALS, sigma: POSITIVE, kappa: POSITIVE, K: UNIT, H: BELOW,
        },
        hypotheses=(Eq(K, kappa**2 / (kappa**2 + sigma**2)),),
        goal=And(
            Eq(
                x1**2 / kappa**2 + (x1 - m1) ** 2 / sigma**2,
                m1**2 / (kappa**2 + sigma**2) + (x1 - K * m1) ** 2 / (K * sigma**2),
            ),
            Le(K * (1 + K * sigma**2 * H), K),
        ),
    ),
    uses=("SW-01", "UL-LC"),
    evidence=(Proof(),),
    loose="attained at H = 0, the Gaussian keep probability",
    note="w = exp(-x^2/(2 kappa^2)) u with a log-concave u. By the first part a round of w from "
    "theta is one of u from K theta with the variance K sigma^2, whose slope is 1 + K sigma^2 H, "
    "H <= 0 by UL-LC; the chain rule gives another factor K.",
)

_LOG_Z = (a * m1 - (1 - K) * m1**2 / 2) / sigma**2

FOURIER = Claim(
    id="UL-ONLY-LINEAR-Z",
    title="If the mean map is a + K theta, the acceptance is a constant times a normal density "
    "of variance sigma^2/(1 - K) = sigma^2 + K sigma^2/(1 - K) around a/(1 - K).",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={m1: REALS, a: REALS, sigma: POSITIVE, K: UNIT},
        goal=And(
            Eq(m1 + sigma**2 * Derivative(_LOG_Z, m1), a + K * m1),
            Eq(
                _LOG_Z,
                a**2 / (2 * (1 - K) * sigma**2)
                - (m1 - a / (1 - K)) ** 2 / (2 * (sigma**2 / (1 - K))),
            ),
            Eq(sigma**2 / (1 - K), sigma**2 + K * sigma**2 / (1 - K)),
        ),
    ),
    uses=("UL-TWEEDIE",),
    evidence=(Proof((Step(Identity()),)),),
    note="log Z is the only function, up to a constant, with this derivative.",
)

ONLY_LINEAR = Claim(
    id="UL-ONLY-LINEAR",
    title="Only a Gaussian keep probability makes the mean map affine with a slope K between 0 "
    "and 1: the exponential reward is the one exactly linear member.",
    kind="theorem",
    source="new; singles out the reward of Yang et al. 2025, section 3.2",
    statement=Statement(
        variables={
            affine: PROPOSITION, normal: PROPOSITION, sigma: POSITIVE, K: UNIT, v: REALS,
        },
        hypotheses=(affine, Eq(v, sigma**2 / (1 - K) - sigma**2)),
        goal=And(normal, Eq(v / (v + sigma**2), K), Gt(v, 0)),
    ),
    uses=("UL-ONLY-LINEAR-Z", "SW-01"),
    evidence=(
        Proof((
            Step(Smt(), Gt(v, 0)),
            Step(
                Modulo(
                    "uniqueness of characteristic functions", And(affine, Gt(v, 0)), normal,
                )
            ),
        )),
    ),
    note="One dimension. affine: M(theta) = a + K theta for every theta. Then Z, the convolution "
    "of w with N(0, sigma^2), is a multiple of N(a/(1 - K), sigma^2/(1 - K)) by UL-ONLY-LINEAR-Z; "
    "so w is integrable, its transform is that of Z over exp(-sigma^2 s^2/2), which is the "
    "transform of a multiple of a normal density of variance v = kappa^2. normal: w is almost "
    "everywhere that multiple. Conversely a Gaussian w gives K = v/(v + sigma^2) (SW-01).",
)

# -- a ball around the centre in many dimensions -------------------------------------------------
_DENSITY = y ** (n / 2 - 1) * exp(-y / 2) / G
_NEXT = y ** (n / 2) * exp(-y / 2) / (n * G)

DENSITIES = Claim(
    id="UL-DIM-DENSITY",
    title="The chi-square densities obey y f_p = p f_{p+2}, and F_{p+2} = F_p - 2 f_{p+2}.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={y: POSITIVE, n: POSITIVE, G: POSITIVE},
        goal=And(
            Eq(y * _DENSITY, n * _NEXT),
            Eq(Derivative(2 * _NEXT, y), _DENSITY - _NEXT),
        ),
    ),
    evidence=(Proof((Step(Identity()),)),),
    note="n is the dimension p, G = 2^(p/2) Gamma(p/2), so that p G belongs to p + 2. Both sides "
    "of the second equation vanish at y = 0 when integrated.",
)

PLANE = Claim(
    id="UL-DIM",
    title="Keeping the share q of the plane nearest to the centre contracts by 1 + (1 - q) log(1 "
    "- q)/q, the mean square of a kept coordinate; in p dimensions by F_{p+2}(c)/F_p(c), F_p(c) "
    "= q.",
    kind="proposition",
    source="new; the top-fraction filters of Yi et al. 2025",
    statement=Statement(
        variables={q: UNIT},
        where={c: -2 * log(1 - q)},
        goal=And(
            Eq(sp.Integral(exp(-y / 2) / 2, (y, 0, c)), q),
            Eq(
                sp.Integral(y / 2 * exp(-y / 2) / 2, (y, 0, c)) / q,
                1 + (1 - q) * log(1 - q) / q,
            ),
        ),
    ),
    uses=("UL-DIM-DENSITY", "UL-FDR"),
    binds=(
        Binding(
            "theory.verifier.top_fraction_contraction", {"dim": 2, "fraction": q},
            1 + (1 - q) * log(1 - q) / q, rtol=1e-6,
        ),
    ),
    evidence=(Proof((Step(Identity()),)),),
    note="At the centre, unit generator: |x|^2 is chi-square with p degrees, its kept part has "
    "the mean p F_{p+2}(c)/F_p(c) (UL-DIM-DENSITY), of which each coordinate has 1/p; by UL-FDR "
    "that is the slope. The plane has the closed form.",
)

CLAIMS = (
    POINTWISE, TWEEDIE, DISSIPATION, NOISE, LOG_CONCAVE, STRONG, FOURIER, ONLY_LINEAR, DENSITIES,
    PLANE,
)
