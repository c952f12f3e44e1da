"""Claims on the infinite-sample loop far from the best model: exponential families, the function
that every round ascends; ids SCX-.

Notation: q = 1/(1+gamma), s = lambda gamma/(1+gamma), K = H_1 + s E_{p*} log p.
"""

import sympy as sp
from sympy import And, Derivative, Eq, Equivalent, Ge, Gt, Lt, Sum, log

from loopcert.claim import Binding, Claim, Proof
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
from loopcert.prove.proof import Identity, Induction, Lemma, Modulo, Smt, Step
from loopcert.statements.contraction_update import P, S, cells, corrected, gamma, lam, t, u, v

__all__ = ["CLAIMS"]

theta, curve, kappa = sp.symbols("theta h kappa", positive=True)
c, g = sp.symbols("c g", nonnegative=True)
m, delta, a, b, x, y, h1, h2, start = sp.symbols("m delta a b x y h_1 h_2 m_0", real=True)
T, N = sp.symbols("T N", integer=True, positive=True)
k = sp.Symbol("k", integer=True)
r = sp.Symbol("r", positive=True)
A, B, D, G, M, V, X, Z = (sp.IndexedBase(n) for n in ("A", "B", "D", "G", "M", "V", "X", "tau"))
RATE = lam / ((1 + lam) * (1 + gamma))

# -- exponential families ------------------------------------------------------------------------
MATCH = Claim(
    id="SCX-AFFINE.match",
    title="In an exponential family no member fits better than the one, if there is one, whose "
    "mean statistics are those of the data.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={T: NATURALS, P: Sequence(T, POSITIVE), S: Sequence(T, POSITIVE), u: POSITIVE,
                   v: POSITIVE, delta: REALS},
        hypotheses=(Eq(u, 1 / cells(P[t])), Eq(v, 1 / cells(S[t]))),
        goal=Ge(cells(u * P[t] * (delta - log(v * S[t] / (u * P[t])))) - delta, 0),
    ),
    uses=("SCX-GIBBS",),
    evidence=(Proof((
        Step(Lemma("SCX-GIBBS")),
        Step(Induction(T), Gt(cells(P[t]), 0)),
        Step(Smt(), Eq(u * cells(P[t]), 1)),
    )),),
    note="u P is the member with the data's mean statistics, v S any other, D = delta - log(v "
    "S/(u P)) the difference of their linear predictors, delta that of their log normalisers. "
    "The mean of D is the same under the data as under u P, so the left side is the difference "
    "of the two mean log likelihoods.",
    loose="equality needs the same law",
)

AFFINE = Claim(
    id="SCX-AFFINE",
    title="In every exponential family the mean statistics approach the data's by exactly r = "
    "lambda/((1+lambda)(1+gamma)) a round, from any start and whatever the data's law.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={
            N: NATURALS, P: Sequence(N, REALS), S: Sequence(N, REALS), Z: Sequence(N, REALS),
            T: NATURALS, M: Sequence(T + 1, REALS), m: REALS, start: REALS, lam: POSITIVE,
            gamma: NONNEGATIVE, r: UNIT,
        },
        hypotheses=(
            Eq(r, RATE), Eq(M[0], start),
            Each(Eq(M[t + 1], (m + lam * corrected(M[t], m)) / (1 + lam)), t, T),
        ),
        goal=And(
            Eq(
                Sum(corrected(P[k], S[k]) * Z[k], (k, 0, N - 1)),
                corrected(Sum(P[k] * Z[k], (k, 0, N - 1)), Sum(S[k] * Z[k], (k, 0, N - 1))),
            ),
            Eq(M[T], m + r**T * (start - m)),
        ),
    ),
    uses=("SCX-AFFINE.match", "SC-D41"),
    binds=(
        Binding("theory.contraction.sharp_rate",
                {"synthetic_ratio": lam, "correction": gamma, "eigenvalues": [1.0]}, r),
    ),
    evidence=(Proof((
        Step(Induction(N), Eq(
            Sum(corrected(P[k], S[k]) * Z[k], (k, 0, N - 1)),
            corrected(Sum(P[k] * Z[k], (k, 0, N - 1)), Sum(S[k] * Z[k], (k, 0, N - 1))),
        )),
        Step(Smt(), Eq(r * (1 + lam) * (1 + gamma), lam)),
        Step(Induction(T), Eq(M[T], m + r**T * (start - m))),
    )),),
    note="Any one mean statistic: m that of the data and of the best model, M_t that of the "
    "model of round t. First part: the mean statistic under a corrected law (cells of a "
    "partition). The fit to m and lambda times the corrected one has their weighted mean "
    "(SCX-AFFINE.match). The mean statistics form a convex set, so every round stays inside. All "
    "c_i are 1.",
)

_S0 = sp.Symbol("Sigma_0", real=True)
_STAR = sp.Symbol("Sigma", real=True)
_PRODUCT = A[t] * B[t]
AFFINE_GAUSS = Claim(
    id="SCX-AFFINE-GAUSS",
    title="A Gaussian with free mean and covariance, best mean zero: after T rounds the mean is "
    "r^T times the first, the covariance Sigma + r^T (Sigma_0 - Sigma) + r^T (1 - r^T) mu mu'.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={
            T: NATURALS, A: Sequence(T + 1, REALS), B: Sequence(T + 1, REALS),
            G: Sequence(T + 1, REALS), a: REALS, b: REALS, _S0: REALS, _STAR: REALS,
            lam: POSITIVE, gamma: NONNEGATIVE, r: UNIT,
        },
        hypotheses=(
            Eq(r, RATE), Eq(A[0], a), Eq(B[0], b), Eq(G[0], _S0),
            Each(Eq(A[t + 1], lam * corrected(A[t], 0) / (1 + lam)), t, T),
            Each(Eq(B[t + 1], lam * corrected(B[t], 0) / (1 + lam)), t, T),
            Each(Eq(
                G[t + 1],
                (_STAR + lam * corrected(G[t] + _PRODUCT, _STAR)) / (1 + lam)
                - A[t + 1] * B[t + 1],
            ), t, T),
        ),
        goal=And(
            Eq(A[T], r**T * a), Eq(B[T], r**T * b),
            Eq(G[T], _STAR + r**T * (_S0 - _STAR) + r**T * (1 - r**T) * a * b),
        ),
    ),
    uses=("SCX-AFFINE",),
    evidence=(Proof((
        Step(Smt(), Eq(r * (1 + lam) * (1 + gamma), lam)),
        Step(Induction(T)),
    )),),
    note="Entries: A and B are two components of the mean, G their covariance, Sigma that of the "
    "best model. The second moment is the mean statistic.",
)

_OBJECTIVE = log(y) - y + lam * (log(y) - y * corrected(1 / theta, 1))
_NEXT = theta / (theta + r * (1 - theta))
EXPONENTIAL = Claim(
    id="SCX-EXP-CEX",
    title="Fitting an exponential law with best rate 1, theta_t = theta_0/(theta_0 + r^t (1 - "
    "theta_0)): from below 1 each round shrinks the error by less than the norm r of the "
    "Jacobian.",
    kind="example",
    source="new",
    statement=Statement(
        variables={T: NATURALS, X: Sequence(T + 1, POSITIVE), theta: POSITIVE, lam: POSITIVE,
                   gamma: NONNEGATIVE, r: UNIT, y: POSITIVE},
        hypotheses=(
            Eq(r, RATE), Eq(y, _NEXT), Eq(X[0], theta),
            Each(Eq(X[t + 1], X[t] / (X[t] + r * (1 - X[t]))), t, T),
        ),
        goal=And(
            Eq(Derivative(_OBJECTIVE, y), 0),
            Eq((1 - y) * (theta + r * (1 - theta)), r * (1 - theta)),
            Eq(1 / (theta + r * (1 - theta)) - 1,
               (1 - r) * (1 - theta) / (theta + r * (1 - theta))),
            Eq(X[T], theta / (theta + r**T * (1 - theta))),
        ),
    ),
    uses=("SCX-AFFINE",),
    binds=(
        Binding("theory.contraction.exponential_rate_path",
                {"initial": theta, "rate": r, "rounds": T}, theta / (theta + r**T * (1 - theta))),
    ),
    evidence=(Proof((
        Step(Smt(), Eq(r * (1 + lam) * (1 + gamma), lam)),
        Step(Smt(), Gt(theta + r * (1 - theta), 0)),
        Step(Identity(), Eq(
            Derivative(_OBJECTIVE, y), (1 + lam) / y - 1 - lam * corrected(1 / theta, 1),
        )),
        Step(Smt(), Eq((1 + lam) / y, 1 + lam * corrected(1 / theta, 1))),
        Step(Smt(), And(Gt(r**T, 0), Lt(r**T, 1))),
        Step(Smt(), Gt(theta + r**T * (1 - theta), 0)),
        Step(Induction(T), Eq(X[T], theta / (theta + r**T * (1 - theta)))),
    )),),
    note="The mean log likelihood of rate y for data of mean 1 is log y - y, for a law of mean w "
    "it is log y - y w. The ratio of errors in one round is r/(theta + r (1 - theta)), which "
    "exceeds r by the third line for every theta < 1; over t rounds the constant 1/theta_0 is "
    "not bounded.",
)

# -- the function that every round ascends -------------------------------------------------------
_LOG, _NEW, _TARGET = (sp.IndexedBase(n) for n in ("L", "L_new", "P_star"))
_WEIGHT = lam * gamma / (1 + gamma)


def _objective(likelihood, logs):
    return likelihood + lam * cells(corrected(sp.exp(_LOG[t]), _TARGET[t]) * logs)


def _ascended(likelihood, logs):
    return likelihood + _WEIGHT * cells(_TARGET[t] * logs)


_DIVERGENCE = cells(sp.exp(_LOG[t]) * (_LOG[t] - _NEW[t]))
PROXIMAL = Claim(
    id="SCX-PROX",
    title="What a round gains in its objective is what it gains in K, less lambda/(1+gamma) "
    "times the divergence of the new model: the loop is a proximal-point method on K.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={
            T: NATURALS, _LOG: Sequence(T, REALS), _NEW: Sequence(T, REALS),
            _TARGET: Sequence(T, NONNEGATIVE), lam: POSITIVE, gamma: NONNEGATIVE, h1: REALS,
            h2: REALS,
        },
        goal=Eq(
            _objective(h2, _NEW[t]) - _objective(h1, _LOG[t]),
            _ascended(h2, _NEW[t]) - _ascended(h1, _LOG[t]) - lam / (1 + gamma) * _DIVERGENCE,
        ),
    ),
    uses=("SC-D41",),
    binds=(
        Binding("theory.contraction.oracle_weight",
                {"synthetic_ratio": lam, "correction": gamma}, _WEIGHT),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    note="L and L_new are log densities of two models, h_1 and h_2 their mean log likelihoods of "
    "the data, P_star the best model, on any partition. K = H_1 + s E_{p*} log p with s = lambda "
    "gamma/(1+gamma).",
)

ASCENT = Claim(
    id="SCX-PROX-SUM",
    title="Without sampling error, at any lambda, K never falls, and the divergences of "
    "successive models sum to at most (1+gamma)/lambda times what K gains.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={
            T: NATURALS, A: Sequence(T + 1, REALS), D: Sequence(T, NONNEGATIVE),
            G: Sequence(T, NONNEGATIVE), lam: POSITIVE, gamma: NONNEGATIVE, a: REALS,
        },
        hypotheses=(
            Eq(A[0], a), Each(Eq(A[t + 1], A[t] + lam / (1 + gamma) * D[t] + G[t]), t, T),
        ),
        goal=And(
            Eq((1 + gamma) / lam * (A[T] - a), cells(D[t]) + (1 + gamma) / lam * cells(G[t])),
            Ge(cells(D[t]), 0), Ge(cells(G[t]), 0),
        ),
    ),
    uses=("SCX-PROX", "SCX-GIBBS"),
    evidence=(Proof((Step(Induction(T)),)),),
    note="A_t = K(theta_t), D_t the divergence of round t, >= 0 (SCX-GIBBS), G_t the gain of the "
    "round's objective over staying, >= 0 for a global maximum and for any ascent from theta_t "
    "(SCX-PROX). At gamma = 0, K is the likelihood of the data.",
    loose="the sums are positive in general; the first line is the exact budget",
)

_SLOPE = sp.IndexedBase("P_slope")
FIXED_POINTS = Claim(
    id="SCX-FIX",
    title="At the current model the slope of the round's objective is the slope of K: stationary "
    "points of the loop are the critical points of K, whatever lambda.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={
            T: NATURALS, P: Sequence(T, POSITIVE), _SLOPE: Sequence(T, REALS),
            _TARGET: Sequence(T, NONNEGATIVE), lam: POSITIVE, gamma: NONNEGATIVE, h1: REALS,
        },
        goal=Eq(
            h1 + lam * cells(corrected(P[t], _TARGET[t]) * _SLOPE[t] / P[t]),
            h1 + _WEIGHT * cells(_TARGET[t] * _SLOPE[t] / P[t])
            + lam / (1 + gamma) * cells(_SLOPE[t]),
        ),
    ),
    uses=("SCX-PROX",),
    evidence=(Proof((Step(Induction(T)),)),),
    note="In any one parameter: h_1 is the slope of H_1, P_slope that of the cell probabilities "
    "P. Their sum is the slope of the total mass, which is zero. At gamma = 0 the stationary "
    "points are those of the data's likelihood.",
)

_QUOTIENT = kappa * c / (x + kappa * c)
QUOTIENT = Claim(
    id="SCX-FIX-SADDLE",
    title="At a critical point of K a direction in which K curves upwards has a Rayleigh "
    "quotient of the Jacobian above one, one in which it curves downwards has it below one.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={kappa: POSITIVE, c: NONNEGATIVE, x: REALS},
        hypotheses=(Gt(x + kappa * c, 0),),
        goal=And(
            Equivalent(Gt(_QUOTIENT, 1), Lt(x, 0)),
            Equivalent(Lt(_QUOTIENT, 1), Gt(x, 0)),
            Eq(1 - _QUOTIENT, x / (x + kappa * c)),
        ),
    ),
    uses=("SCX-FIX", "SC-A7.II-J"),
    evidence=(Proof(),),
    note="kappa = lambda/(1+gamma), c = v'Fv > 0, x = -v'(Hess K) v; the Hessian -x - kappa c of "
    "the round's objective is negative. J = kappa (-Hess K + kappa F)^(-1) F is self-adjoint for "
    "-Hess K + kappa F, so its largest eigenvalue is its largest quotient: saddles and minima of "
    "K repel.",
)

basis, attracts = sp.symbols("eigenbasis attracts", real=True)
_LOCAL = kappa * c / (1 + kappa * c)
_INFORMATION = cells(P[t] * X[t] ** 2)
MAXIMA = Claim(
    id="SCX-FIX-ATTRACT",
    title="Every local maximiser at which the Hessian of K is negative definite attracts, for "
    "every lambda and gamma; at the best model the rate is that of SCX-SHARP.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={
            T: NATURALS, P: Sequence(T, NONNEGATIVE), X: Sequence(T, REALS), curve: POSITIVE,
            c: NONNEGATIVE, g: NONNEGATIVE, kappa: POSITIVE, lam: POSITIVE, gamma: NONNEGATIVE,
            x: REALS, y: REALS, basis: PROPOSITION, attracts: PROPOSITION,
        },
        hypotheses=(
            Eq(kappa, lam / (1 + gamma)), Eq(y, c * x), Eq(c, g / (1 + _WEIGHT * g)),
        ),
        goal=And(
            Eq(_LOCAL * (x + kappa * y), kappa * y),
            Eq(_LOCAL, lam * g / ((1 + lam * g) * (1 + gamma))),
            attracts,
        ),
    ),
    uses=("SCX-FIX", "SC-A7.II-J"),
    evidence=(Proof((
        Step(Induction(T), Ge(_INFORMATION, 0)),
        Step(Modulo("spectral theorem", And(Ge(_INFORMATION, 0), Gt(curve, 0)), basis)),
        Step(Smt(), Lt(_LOCAL, 1)),
        Step(Modulo("Ostrowski", And(basis, Lt(_LOCAL, 1)), attracts)),
    )),),
    note="h = -v'(Hess K) v > 0 and v'Fv = sum P X^2 for every direction; x and y = c x are the "
    "components of -Hess K v and F v for an eigenvector v. Second line: at the best model -Hess "
    "K = H + s F, so an eigenvalue g of F over H gives c = g/(1 + s g).",
)

CLAIMS = (
    MATCH, AFFINE, AFFINE_GAUSS, EXPONENTIAL, PROXIMAL, ASCENT, FIXED_POINTS, QUOTIENT, MAXIMA,
)
