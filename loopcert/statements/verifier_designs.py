"""Claims on verified regression beyond the orthonormal design (Yi et al. 2025), ids KV-.

Units of the label noise. X holds the rows, delta the model less the knowledge centre, u_i = x_i.
delta the offsets of the rows, and X F the least-squares fit to the kept means of all rows.
"""

import sympy as sp
from sympy import And, Eq, Ge, Gt, Le, Lt, Sum, exp, pi, sqrt

from loopcert.claim import Binding, Claim, Proof, Refutation
from loopcert.prove.formal import (
    NATURALS,
    NONNEGATIVE,
    POSITIVE,
    PROPOSITION,
    REALS,
    UNIT,
    Sequence,
    Statement,
)
from loopcert.prove.proof import Identity, Induction, Modulo, Smt, Step
from loopcert.statements.verifier import OURS, RHO, bell, beta, pull, slope

__all__ = ["CLAIMS"]

SHARE = sp.Interval(0, 1)
N, p = sp.symbols("N p", integer=True, positive=True)
i = sp.Symbol("i", integer=True)
g, u, r, w, xs, others, V, counts = (
    sp.IndexedBase(k) for k in ("g", "u", "r", "w", "x", "z", "V", "n"))
rho, K, far, top = sp.symbols("rho K s q", positive=True)
extra = sp.Symbol("m", integer=True, positive=True)
size, z, lean = sp.symbols("c z y", real=True)
V0, trace, square = sp.symbols("V_0 tau V", nonnegative=True)
rest = sp.Symbol("n", integer=True, positive=True)
wishart = sp.Symbol("normal")


def over(term):
    """The sum of `term` over the rows."""
    return Sum(term, (i, 0, N - 1))


def _at(d, half_width=1):
    """M(d) of a window."""
    return (d - pull(d)).xreplace({beta: sp.sympify(half_width)})


def _slope_at(d, half_width=1):
    """M'(d) of a window."""
    return slope(d).xreplace({beta: sp.sympify(half_width)})


# -- fixed rows ----------------------------------------------------------------------------------
_DOT, _NORM = over(g[i] * r[i] * u[i]), over(g[i] ** 2)
_GAP = over((r[i] * u[i] - size * g[i]) ** 2)
CONTRACTS = Claim(
    id="KV-GEN-CONTR",
    title="On fixed rows one round contracts in the norm of the design, |X F(delta)| <= rho_max "
    "|X delta|, whatever the windows of the rows.",
    kind="theorem",
    source=OURS,
    statement=Statement(
        variables={N: NATURALS, g: Sequence(N, REALS), u: Sequence(N, REALS),
                   r: Sequence(N, SHARE), rho: UNIT, size: REALS},
        hypotheses=(Gt(_NORM, 0), Eq(size, _DOT / _NORM)),
        goal=Le(rho**2 * size**2 * _NORM, rho**2 * over(u[i] ** 2)),
    ),
    uses=("KV-LINE-MEAN",),
    corrects=("KV-GEN-CE",),
    evidence=(
        Proof((
            Step(Induction(N), Le(over(r[i] ** 2 * u[i] ** 2), over(u[i] ** 2))),
            Step(Induction(N), Ge(over((r[i] * u[i] - size * g[i]) ** 2), 0)),
            Step(Smt(), Eq(size * _NORM, _DOT)),
        )),
    ),
    note="The kept mean of row i is rho r_i u_i with r_i in [0, 1] (KV-LINE-MEAN; rho is the "
    "largest of the rows' rates). g is the direction of X F: as F is the least-squares fit, the "
    "error of the fit is orthogonal to it, so X F = rho c g with c = sum g r u/sum g^2. "
    "Replicates of a row count as rows. That g is not zero only leaves out the case X F = 0.",
    loose="attained near the centre where the kept means lie in the column space",
)
JACOBIAN = Claim(
    id="KV-GEN-CONTR.1",
    title="The Jacobian of the round is symmetric in that norm, with eigenvalues in [0, rho_max]: "
    "0 <= v'X' diag(M') X v <= rho_max |X v|^2.",
    kind="lemma",
    source=OURS,
    statement=Statement(
        variables={N: NATURALS, g: Sequence(N, REALS), r: Sequence(N, sp.Interval.Lopen(0, 1)),
                   rho: UNIT, lean: sp.Interval(-4, 4), z: sp.Interval(-4, 4)},
        goal=And(
            Ge(rho * over(r[i] * g[i] ** 2), 0), Le(rho * over(r[i] * g[i] ** 2), rho * _NORM)),
    ),
    uses=("KV-LINE-SLOPE",),
    binds=(
        Binding("theory.verifier.fixed_design_round",
                {"offset": [lean, z], "design": [[2, 0], [0, 1]], "half_width": 1},
                _at(2 * lean) / 2, ("mean", 0)),
        Binding("theory.verifier.fixed_design_round",
                {"offset": [lean, z], "design": [[2, 0], [0, 1]], "half_width": 1},
                _slope_at(z), ("jacobian", 1, 1), rtol=1e-7),
        Binding("theory.verifier.fixed_design_round",
                {"offset": [lean, z], "design": [[2, 0], [0, 1]], "half_width": 1, "n_kept": 3},
                _slope_at(2 * lean) / 12, ("covariance", 0, 0), rtol=1e-7),
    ),
    evidence=(
        Proof((
            Step(Induction(N), Le(over(r[i] * g[i] ** 2), _NORM)),
            Step(Induction(N), Ge(over(r[i] * g[i] ** 2), 0)),
        )),
    ),
    note="g = X v, and M'_i = rho r_i by KV-LINE-SLOPE.",
    loose="attained at the centre",
)
_FIRST = _at(far, sp.Rational(1, 2))
_SECOND = (_at(top * far, sp.Rational(2, 5) * sqrt(top**2 + rho**2) + sp.Rational(1, 10))
           - top * _FIRST) / rho
EUCLID = Claim(
    id="KV-GEN-CE",
    title="A verified round brings the model nearer to the centre in the Euclidean norm, whatever "
    "the rows.",
    kind="remark",
    source="new",
    statement=Statement(
        variables={far: POSITIVE, top: POSITIVE, rho: POSITIVE},
        goal=Le(_FIRST**2 + _SECOND**2, far**2),
    ),
    evidence=(Refutation({far: "1/2", top: 3, rho: "1/10"}),),
    note="Rows (1, 0) and (q, rho), model at (s, 0) from the centre, windows 0.4 |x| + 0.1. At "
    "the point the distance grows from 0.5 to 4.6.",
)
ELLIPTICAL = Claim(
    id="KV-ELL",
    title="With rows of a rotation-invariant law and infinite samples the model moves straight "
    "towards the centre: F(delta) = f delta/|delta| with 0 < f < |delta|.",
    kind="proposition",
    source=OURS,
    statement=Statement(
        variables={N: NATURALS, w: Sequence(N, POSITIVE), xs: Sequence(N, POSITIVE),
                   r: Sequence(N, UNIT), far: POSITIVE, z: REALS,
                   beta: sp.Interval(sp.Rational(1, 10), 4)},
        hypotheses=(Eq(z, far * over(w[i] * r[i] * xs[i] ** 2) / over(w[i] * xs[i] ** 2)),),
        goal=And(
            Gt(z, 0), Lt(z, far),
            Eq(over(w[i] * ((r[i] * far * xs[i] - z * xs[i]) * xs[i])), 0),
        ),
    ),
    uses=("KV-LINE-MEAN",),
    binds=(
        Binding("theory.verifier.elliptical_contraction",
                {"dim": 3, "ball_radius": 0, "noise_allowance": beta}, RHO, rtol=1e-8),
    ),
    evidence=(
        Proof((
            Step(Induction(N), Gt(over(w[i] * xs[i] ** 2), 0)),
            Step(Induction(N), Gt(over(w[i] * r[i] * xs[i] ** 2), 0)),
            Step(Induction(N), Lt(over(w[i] * r[i] * xs[i] ** 2), over(w[i] * xs[i] ** 2))),
        )),
    ),
    note="x_i > 0 are the components of the rows along delta, w_i their masses times the "
    "acceptance, both even in x; the kept mean is r_i s x_i, s = |delta|, r_i in (0, 1) by "
    "KV-LINE-MEAN. The last line is the normal equation along delta; across it both sides vanish, "
    "because x and its mirror image across delta have the same mass and the same label.",
)

# -- Gaussian rows -------------------------------------------------------------------------------
_AWAY = rest - p - 1
GAUSSIAN = Claim(
    id="KV-GAUSS",
    title="With rows x ~ N(0, I), a Gaussian keep probability and n >= p + 2 kept rows, V' = [K^2 "
    "+ K (1 - K)/(n - p - 1)] V + K p/(n - p - 1), exactly.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={rest: sp.S.Naturals, p: NATURALS, K: UNIT, square: NONNEGATIVE,
                   trace: NONNEGATIVE, wishart: PROPOSITION},
        hypotheses=(wishart, Ge(rest, p + 2)),
        goal=Eq(K**2 * square + K * trace,
                (K**2 + K * (1 - K) / _AWAY) * square + K * p / _AWAY),
    ),
    uses=("KV-SOFT", "KV-GAUSS-ROWS"),
    evidence=(
        Proof((
            Step(Modulo("inverse Wishart mean", And(wishart, Ge(rest, p + 2)),
                        Eq(trace, (p + (1 - K) * square) / _AWAY))),
        )),
    ),
    note="'normal': the kept rows are independent N(0, C), C^(-1) = I + (1 - K) delta delta' "
    "(KV-GAUSS-ROWS), whose trace is p + (1 - K)|delta|^2; tau is the mean trace of (X'X)^(-1). "
    "Given X the next offset is N(K delta, K (X'X)^(-1)) by KV-SOFT.",
)
ROWS = Claim(
    id="KV-GAUSS-ROWS",
    title="A row x ~ N(0, I) is kept with probability sqrt(K/(1 + (1 - K)|delta|^2)), and a kept "
    "row is N(0, 1/(1 + (1 - K)|delta|^2)) along delta and unchanged across it.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={K: UNIT, far: POSITIVE, z: REALS},
        where={square: 1 / (1 + (1 - K) * far**2)},
        goal=Eq(
            bell(z) / sqrt(2 * pi) * sqrt(K) * exp(-(1 - K) * (far * z) ** 2 / 2),
            sqrt(K * square) * bell(z / sqrt(square)) / sqrt(2 * pi * square),
        ),
    ),
    uses=("KV-SOFT",),
    binds=(
        Binding("theory.verifier.gaussian_design_acceptance", {"distance": far, "contraction": K},
                sqrt(K * square)),
    ),
    evidence=(Proof((Step(Identity()),)),),
    note="z is the component of the row along delta, s = |delta|: density times acceptance "
    "(KV-SOFT) on the left, acceptance times density of a kept row on the right.",
)
PATH = Claim(
    id="KV-GAUSS.1",
    title="The error shrinks for every n >= p + 2: V falls in a round exactly when it exceeds "
    "K p/[(n - p - 1)(1 - K^2) - K (1 - K)], which is positive.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={extra: NATURALS, p: NATURALS, K: UNIT, square: NONNEGATIVE},
        where={rest: p + 1 + extra,
               trace: (K**2 + K * (1 - K) / _AWAY) * square + K * p / _AWAY,
               V0: K * p / (_AWAY * (1 - K**2) - K * (1 - K))},
        goal=And(
            Gt(V0, 0),
            Eq(trace - V0, (K**2 + K * (1 - K) / _AWAY) * (square - V0)),
            Lt(K**2 + K * (1 - K) / _AWAY, 1),
        ),
    ),
    uses=("KV-GAUSS",),
    binds=(
        Binding("theory.verifier.gaussian_design_error",
                {"initial": square, "schedule": [rest], "contraction": K, "dim": p}, trace, 1),
        Binding("theory.verifier.gaussian_design_steady_error",
                {"n": rest, "contraction": K, "dim": p}, V0),
    ),
    evidence=(Proof(),),
    note="m = n - p - 1 >= 1.",
    loose="the signs are strict",
)
CLAIMS = (CONTRACTS, JACOBIAN, EUCLID, ELLIPTICAL, GAUSSIAN, ROWS, PATH)
