"""Claims on the geometry of the local rate: norms, coordinates, amplification; ids SCX-.

Notation: H data curvature (positive definite), F Fisher information (>= 0), c_i eigenvalues of
F v = c H v, J = (lambda/(1+gamma)) (H + lambda F)^(-1) F the Jacobian at the best model, r_i =
lambda c_i/((1 + lambda c_i)(1 + gamma)) its eigenvalues.
"""

import sympy as sp
from sympy import And, Derivative, Eq, Ge, Integral, Le, Sum, sqrt

from loopcert.claim import Binding, Claim, Proof
from loopcert.prove.formal import (
    NATURALS,
    NONNEGATIVE,
    POSITIVE,
    REALS,
    Each,
    Sequence,
    Statement,
)
from loopcert.prove.proof import Identity, Induction, Step

__all__ = ["CLAIMS"]

lam, kappa, k, g = sp.symbols("lambda kappa k g", positive=True)
gamma, c, top, gap = sp.symbols("gamma c c_max gap", nonnegative=True)
small, large = sp.symbols("c_1 c_2", nonnegative=True)
s = sp.Symbol("s", real=True)
T = sp.Symbol("T", integer=True, positive=True)
t = sp.Symbol("t", integer=True)
C, X, S, U, W, Z, P = (sp.IndexedBase(name) for name in "c x s u w z p".split())
SHARE = sp.Interval(0, 1)


def dims(term):
    """The sum of `term` over the coordinates."""
    return Sum(term, (t, 0, T - 1))


def rate(value):
    """The eigenvalue of the Jacobian for a generalised eigenvalue."""
    return lam * value / ((1 + lam * value) * (1 + gamma))


# -- norms and coordinates -----------------------------------------------------------------------
Hux, Hxw, Huw, Fxy, Fuw, Fuy, Fxw = sp.symbols("H_uy H_xw H_uw F_xy F_uw F_uy F_xw", real=True)
SELF_ADJOINT = Claim(
    id="SCX-SELFADJ",
    title="The Jacobian is self-adjoint in the inner product <x, y> = x'Hy, in any dimension.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={lam: POSITIVE, gamma: NONNEGATIVE}
        | {v: REALS for v in (Huw, Fxy, Fuw, Fuy, Fxw, Hux, Hxw)},
        hypotheses=(
            Eq(Fuy, Huw + lam * Fuw), Eq(Fxw, Huw + lam * Fuw),
            Eq(Hux, Fxy - lam * Fuy), Eq(Hxw, Fxy - lam * Fxw),
        ),
        goal=Eq(lam / (1 + gamma) * Hux, lam / (1 + gamma) * Hxw),
    ),
    uses=("SC-A7.II-J",),
    evidence=(Proof(),),
    note="u and w solve (H + lambda F) u = F x and (H + lambda F) w = F y, so that J x = "
    "(lambda/(1+gamma)) u and J y = (lambda/(1+gamma)) w; H_uy = u'Hy and so on. The hypotheses "
    "are the first equation multiplied by w and y, the second by u and x; H and F are symmetric.",
)

NORM = Claim(
    id="SCX-SHARP-NORM",
    title="In the norm of H, and in that of H + lambda F, the Jacobian shrinks every vector by "
    "the largest rate at least: spectral radius and norm agree.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={
            T: NATURALS, C: Sequence(T, NONNEGATIVE), S: Sequence(T, SHARE),
            X: Sequence(T, REALS), lam: POSITIVE, gamma: NONNEGATIVE, top: NONNEGATIVE,
        },
        hypotheses=(Each(Eq(C[t], S[t] * top), t, T),),
        goal=And(*(
            Eq(
                rate(top) ** 2 * dims(weight * X[t] ** 2)
                - dims(weight * (rate(C[t]) * X[t]) ** 2),
                dims(weight * (rate(top) - rate(C[t])) * (rate(top) + rate(C[t])) * X[t] ** 2),
            ) for weight in (1, 1 + lam * C[t])
        ), *(
            Le(dims(weight * (rate(C[t]) * X[t]) ** 2), rate(top) ** 2 * dims(weight * X[t] ** 2))
            for weight in (1, 1 + lam * C[t])
        )),
    ),
    uses=("SCX-SHARP-EIGEN", "SCX-SELFADJ"),
    evidence=(Proof((Step(Induction(T)),)),),
    note="x_i are the coordinates of a vector in the eigenbasis that is orthonormal for H, where "
    "J multiplies x_i by r_i; c_i = s_i c_max. Equality for an eigenvector of c_max.",
    loose="equality only along the eigenvectors of the largest eigenvalue",
)

p, q, slope, bend = sp.symbols("p q g b", real=True)
_CURVE = p * s + q * s**2 / 2
_ALONG = Derivative(slope * _CURVE - bend * _CURVE**2 / 2, (s, 2))
INVARIANT = Claim(
    id="SCX-INVAR",
    title="A change of coordinates turns the curvatures H and F into P'HP and P'FP, up to a "
    "multiple of the expected score, which is zero at the best model; so it keeps their "
    "generalised eigenvalues.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={
            T: NATURALS, P: Sequence(T, REALS), W: Sequence(T, REALS), Z: Sequence(T, REALS),
            c: NONNEGATIVE, s: REALS, p: REALS, q: REALS, slope: REALS, bend: REALS,
        },
        hypotheses=(Eq(s, 0), Each(Eq(W[t], c * P[t]), t, T)),
        goal=And(
            Eq(_ALONG, slope * q - bend * p**2),
            Eq(dims(W[t] * Z[t]), c * dims(P[t] * Z[t])),
        ),
    ),
    uses=("SCX-SHARP-EIGEN",),
    evidence=(Proof((
        Step(Induction(T), Eq(dims(W[t] * Z[t]), c * dims(P[t] * Z[t]))),
        Step(Identity(), Eq(
            _ALONG, slope * q - bend * ((p + q * s) ** 2 + (p * s + q * s**2 / 2) * q),
        )),
    )),),
    note="First part, one axis of coordinates in which the Hessian is diagonal (entry -b, "
    "gradient g; the sum over the axes is the whole): along a line of the new coordinates the "
    "old ones move on the curve p s + q s^2/2 + ...; only g q departs from congruence, and g = 0 "
    "at the best model for both likelihoods. Second part: if F p = c H p, with components w and "
    "c p in the basis where H is the identity, then the new forms obey F(p, z) = c H(p, z) for "
    "every z. The constants alpha, L, e, the condition number and the Euclidean norm are not "
    "invariant: SCX-SHEAR.",
)

_H = sp.Matrix([[1, k], [k, 1 + k**2]])
_F = sp.Matrix([[small, k * small], [k * small, large + small * k**2]])
_J = sp.Matrix([[rate(small), k * (rate(small) - rate(large))], [0, rate(large)]])
SHEAR = Claim(
    id="SCX-SHEAR",
    title="Sheared coordinates make the Euclidean norm of the Jacobian as large as one likes, "
    "while its eigenvalues stay.",
    kind="example",
    source="new",
    statement=Statement(
        variables={lam: POSITIVE, gamma: NONNEGATIVE, k: POSITIVE, small: NONNEGATIVE,
                   gap: NONNEGATIVE, large: NONNEGATIVE},
        hypotheses=(Eq(large, small + gap),),
        goal=And(
            *(Eq(left, lam / (1 + gamma) * right)
              for left, right in zip((_H + lam * _F) * _J, _F, strict=True)),
            Eq(_J[0, 1] ** 2 + _J[1, 1] ** 2,
               rate(large) ** 2 + (k * lam * gap) ** 2
               / ((1 + lam * small) * (1 + lam * large) * (1 + gamma)) ** 2),
        ),
    ),
    uses=("SCX-INVAR", "SC-A7.II-J"),
    binds=tuple(
        Binding("theory.contraction.information_ratios",
                {"hessian": _H.tolist(), "fisher": _F.tolist()}, value, pick=number, rtol=1e-6)
        for number, value in enumerate((small, large))
    ),
    evidence=(Proof(),),
    note="H = P'P and F = P' diag(c_1, c_2) P for the shear P = [[1, k], [0, 1]]. The first lines "
    "say that J is upper triangular, with the rates of c_1 and c_2, whatever k, on its diagonal. "
    "The last line is the squared length of the image of the second unit vector: it grows with k "
    "without bound where c_2 > c_1.",
)

# -- the Euclidean norm --------------------------------------------------------------------------
_LOW, _HIGH = (1 - S[t]), S[t]
_SPREAD = (kappa + 1) ** 2 / (4 * kappa)
ANGLE = Claim(
    id="SCX-WIELANDT.angle",
    title="A power of the Jacobian, divided by the same power of its largest rate, moves no "
    "vector away at an obtuse angle, measured by H.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={T: NATURALS, S: Sequence(T, SHARE), X: Sequence(T, REALS)},
        goal=And(
            Eq(
                dims((S[t] * X[t]) * (X[t] - S[t] * X[t])), dims(S[t] * (1 - S[t]) * X[t] ** 2),
            ),
            Ge(dims(S[t] * (1 - S[t]) * X[t] ** 2), 0),
        ),
    ),
    uses=("SCX-SHARP-NORM",),
    evidence=(Proof((Step(Induction(T)),)),),
    note="s_i = (r_i/r)^m for any power m >= 1, in the eigenbasis that is orthonormal for H: u = "
    "J^m x/r^m has coordinates s_i x_i, and the sum is <u, x - u>.",
    loose="equality only for vectors that are kept or removed",
)

_U2, _ALL2 = dims(U[t] ** 2), dims((U[t] + W[t]) ** 2)
_STRETCH = 1 + (kappa - 1) * S[t]
WIELANDT = Claim(
    id="SCX-WIELANDT",
    title="No power J^m of the Jacobian stretches a vector beyond r^m (kappa + 1)/(2 sqrt kappa) "
    "in the Euclidean norm, kappa the condition number of H.",
    kind="theorem",
    source="new (Wielandt's inequality)",
    statement=Statement(
        variables={
            T: NATURALS, S: Sequence(T, SHARE), U: Sequence(T, REALS), W: Sequence(T, REALS),
            kappa: sp.Interval(1, sp.oo), gap: NONNEGATIVE,
        },
        hypotheses=(Eq(gap, dims(_STRETCH * U[t] * W[t])),),
        goal=And(
            Eq(
                _SPREAD * _ALL2 - _U2,
                (kappa + 1) / kappa * gap + dims(
                    _LOW * ((kappa - 1) * U[t] + (kappa + 1) * W[t]) ** 2
                    + _HIGH * ((kappa - 1) * U[t] - (kappa + 1) * W[t]) ** 2
                ) / (4 * kappa),
            ),
            Le(_U2, _SPREAD * _ALL2),
        ),
    ),
    uses=("SCX-WIELANDT.angle",),
    binds=(
        Binding("theory.contraction.euclidean_amplification", {"condition_number": kappa},
                sqrt(_SPREAD)),
    ),
    evidence=(Proof((
        Step(Induction(T), Eq(
            (kappa + 1) ** 2 * _ALL2 - 4 * kappa * _U2,
            4 * (kappa + 1) * dims(_STRETCH * U[t] * W[t]) + dims(
                _LOW * ((kappa - 1) * U[t] + (kappa + 1) * W[t]) ** 2
                + _HIGH * ((kappa - 1) * U[t] - (kappa + 1) * W[t]) ** 2
            ),
        )),
        Step(Induction(T), Ge(dims(
            _LOW * ((kappa - 1) * U[t] + (kappa + 1) * W[t]) ** 2
            + _HIGH * ((kappa - 1) * U[t] - (kappa + 1) * W[t]) ** 2
        ), 0)),
    )),),
    note="In the orthonormal eigenbasis of H, scaled so that its eigenvalues h_i = 1 + (kappa - "
    "1) s_i lie in [1, kappa]. u is J^m x/r^m, u + w the vector x itself, and the gap <u, x - u> "
    "is >= 0 by SCX-WIELANDT.angle. Since r < 1/(1+gamma), rounds contract in the Euclidean norm "
    "for every lambda if 1 + gamma >= (kappa + 1)/(2 sqrt kappa).",
    loose="attained in two dimensions: SCX-WIELANDT-TIGHT",
)

_HK, _UK = sp.diag(1, k**2), sp.Matrix([k, 1])
_FK = (_HK * _UK) * (_HK * _UK).T * g
_ROUND = 2 * g * k**2
_JK = rate(_ROUND) / 2 * sp.Matrix([[1, k], [1 / k, 1]])
_BOTH = _JK * sp.Matrix([1, k])
WIELANDT_TIGHT = Claim(
    id="SCX-WIELANDT-TIGHT",
    title="The factor (kappa + 1)/(2 sqrt kappa) is attained in two dimensions by a Fisher "
    "matrix of rank one, at every lambda and every power.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={lam: POSITIVE, gamma: NONNEGATIVE, k: POSITIVE, g: POSITIVE, kappa: POSITIVE},
        hypotheses=(Eq(kappa, k**2),),
        goal=And(
            *(Eq(left, lam / (1 + gamma) * right)
              for left, right in zip((_HK + lam * _FK) * _JK, _FK, strict=True)),
            *(Eq(left, rate(_ROUND) * right)
              for left, right in zip(_JK * _JK, _JK, strict=True)),
            Eq(_BOTH[0] ** 2 + _BOTH[1] ** 2, rate(_ROUND) ** 2 * _SPREAD * (1 + k**2)),
        ),
    ),
    uses=("SCX-WIELANDT", "SC-A7.II-J"),
    evidence=(Proof(),),
    note="H = diag(1, k^2), kappa = k^2, and F = g (Hu)(Hu)' with u = (k, 1), whose eigenvalue "
    "is c = 2 g k^2: J is r times a projection, since J^2 = r J. The last line is the squared "
    "length of the image of (1, k).",
)

# -- a family ------------------------------------------------------------------------------------
def _logistic(point):
    return 1 / (1 + sp.exp(-point))


def _score(point):
    return 2 * _logistic(point) - 1


a = sp.Symbol("a", nonnegative=True)
_LOG_DENSITY = -a - 2 * sp.log(1 + sp.exp(-a))
_FISHER = Integral((2 * s - 1) ** 2, (s, 0, 1))
LOGISTIC = Claim(
    id="SCX-LOGISTIC",
    title="A logistic location fitted to two points -a and a has the eigenvalue c = (2/3) "
    "cosh(a/2)^2, without bound.",
    kind="example",
    source="new",
    statement=Statement(
        variables={a: NONNEGATIVE},
        goal=And(
            Eq(-Derivative(_LOG_DENSITY, a), _score(a)),
            Eq(_score(a) + _score(-a), 0),
            Eq(Derivative(_logistic(a), a), sp.exp(_LOG_DENSITY)),
            Eq(_FISHER, sp.Rational(1, 3)),
            Eq(_FISHER / Derivative(_score(a), a), sp.Rational(2, 3) * sp.cosh(a / 2) ** 2),
        ),
    ),
    uses=("SCX-SHARP-EIGEN",),
    binds=(
        Binding("theory.contraction.logistic_information_ratio", {"separation": a},
                sp.Rational(2, 3) * sp.cosh(a / 2) ** 2),
    ),
    evidence=(Proof((
        Step(Identity(), Eq(-Derivative(_LOG_DENSITY, a), _score(a))),
        Step(Identity(), Eq(_score(a) + _score(-a), 0)),
        Step(Identity(), Eq(Derivative(_logistic(a), a), sp.exp(_LOG_DENSITY))),
        Step(Identity(), Eq(_FISHER, sp.Rational(1, 3))),
        Step(Identity(), Eq(
            _FISHER / Derivative(_score(a), a), sp.Rational(2, 3) * sp.cosh(a / 2) ** 2,
        )),
    )),),
    note="The score of the location at x is 2 w - 1 with the distribution function w of x, so "
    "that 0 is the best location; its derivative at both points is the curvature H. The Fisher "
    "information is the mean of the squared score, w uniform on (0, 1). The Lipschitz constant "
    "is 1/(3 sqrt 3), so the printed theorem stops early; the rate stays below 1/(1+gamma).",
)

CLAIMS = (
    SELF_ADJOINT, NORM, INVARIANT, SHEAR, ANGLE, WIELANDT, WIELANDT_TIGHT, LOGISTIC,
)
