"""Claims on the tails of the offset after many verified rounds (Yi et al. 2025), ids KV-.

The offset d_t from the knowledge centre in one coordinate: d_{t+1} is the average of m_t kept
draws at the offset d_t. All expectations of cosh are those of a Gaussian linear law, or less.
"""

import sympy as sp
from sympy import Eq, Le, exp

from loopcert.claim import Binding, Claim, Proof
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
from loopcert.prove.proof import Induction, Lemma, Step
from loopcert.statements._budget_terms import T, t, total
from loopcert.statements.verifier import OURS, RHO, beta

__all__ = ["CLAIMS"]

SHARE = sp.Interval(0, 1)
line = sp.Symbol("x", real=True)
k, step, v, z = sp.symbols("k l v z", positive=True)
cut, loss, other, near, start = sp.symbols("c e e_2 y d_0", nonnegative=True)
rho = sp.Symbol("rho", positive=True)
share = sp.Symbol("w", nonnegative=True)
kept, C, a, scale = (sp.IndexedBase(name) for name in ("m", "C", "a", "l"))


def doubled_cosh(x):
    """2 cosh(x)."""
    return exp(x) + exp(-x)


COSH = Claim(
    id="L-COSH",
    title="cosh grows with |x|.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={near: NONNEGATIVE, cut: NONNEGATIVE},
        goal=Le(doubled_cosh(near), doubled_cosh(near + cut)),
    ),
    uses=("L-EXP",),
    evidence=(Proof(),),
)
ROUND = Claim(
    id="KV-LT-TAIL.1",
    title="One round: E cosh(l d') <= cosh(rho l d) exp(rho l^2/(2m)), d' the average of m kept "
    "draws at the offset d.",
    kind="lemma",
    source=OURS,
    statement=Statement(
        variables={near: NONNEGATIVE, cut: NONNEGATIVE, step: POSITIVE, k: POSITIVE,
                   loss: NONNEGATIVE, other: NONNEGATIVE},
        goal=Le(
            exp(step * near + k - loss) + exp(-step * near + k - other),
            doubled_cosh(step * (near + cut)) * exp(k),
        ),
    ),
    uses=("KV-SUBG", "KV-LINE-MEAN", "L-COSH"),
    evidence=(Proof((Step(Lemma("L-COSH", {near: step * near, cut: step * cut})),)),),
    note="|M(d)| = y <= rho |d| = y + c by KV-LINE-MEAN. By KV-SUBG the logarithms of "
    "E exp(+-l(d' - M)), m times those of one draw at l/m, are at most k = rho l^2/(2m), short "
    "of it by e and e_2.",
    loose="attained at the centre without loss",
)
_SPREAD = rho * total(rho ** (2 * (T - 1 - t)) / kept[t])
ROUNDS = Claim(
    id="KV-LT-TAIL.2",
    title="T rounds: E cosh(l d_T) <= cosh(l rho^T d_0) exp(l^2 v_T/2), v_T = rho sum_t "
    "rho^(2(T-1-t))/m_t.",
    kind="theorem",
    source=OURS,
    statement=Statement(
        variables={T: NATURALS, kept: Sequence(T, POSITIVE), a: Sequence(T, NONNEGATIVE),
                   scale: Sequence(T, POSITIVE), C: Sequence(T + 1, REALS), rho: UNIT,
                   start: NONNEGATIVE},
        hypotheses=(
            Eq(C[0], start),
            Each(Eq(C[t + 1], C[t] + rho * scale[t] ** 2 / (2 * kept[t]) - a[t]), t, T),
        ),
        goal=Le(C[T], start + rho * total(scale[t] ** 2 / kept[t]) / 2),
    ),
    uses=("KV-LT-TAIL.1",),
    evidence=(Proof((Step(Induction(T)),)),),
    note="C_t = log E cosh(l_t d_t), where l_T = l is followed back: the round t has the scale "
    "l_{t+1} = l rho^(T-1-t) and turns it into rho l_{t+1} = l_t. Then C_0 = log cosh(l rho^T "
    "d_0), and the sum on the right is l^2 v_T/2. KV-LT-TAIL.1 gives C_{t+1} up to a_t >= 0.",
)
_RUN = {T: NATURALS, kept: Sequence(T, POSITIVE)}
_TAIL = share * doubled_cosh(z / v * near) / doubled_cosh(z / v * (near + z)) * exp(z**2 / v / 2)
TAIL = Claim(
    id="KV-LT-TAIL",
    title="P(|d_T| >= x) <= 2 exp(-(x - rho^T |d_0|)^2/(2 v_T)) for x >= rho^T |d_0|.",
    kind="theorem",
    source=OURS,
    statement=Statement(
        variables={share: SHARE, near: NONNEGATIVE, z: POSITIVE, v: POSITIVE},
        goal=Le(_TAIL, 2 * exp(-(z**2) / v / 2)),
    ),
    uses=("KV-LT-TAIL.2", "L-EXP"),
    evidence=(Proof((Step(Lemma("L-EXP", {line: z / v * near})),)),),
    note="x = y + z with y = rho^T |d_0|, v = v_T. By Markov's inequality P(|d_T| >= x) cosh(l x) "
    "is a share w of E cosh(l d_T), which KV-LT-TAIL.2 bounds; l = z/v.",
    loose="cosh(l x) is more than half of exp(l x)",
)
_BOUND = 2 * exp(-(z**2) / (2 * v))
TAIL_VALUE = Claim(
    id="KV-LT-TAIL-VALUE",
    title="The variance proxy v_T of KV-LT-TAIL, round by round.",
    kind="corollary",
    source=OURS,
    statement=Statement(
        variables={**_RUN, beta: sp.Interval(sp.Rational(1, 10), 5), C: Sequence(T + 1, REALS),
                   start: sp.Interval(0, 5), z: sp.Interval.Lopen(0, 3), rho: UNIT},
        hypotheses=(
            Eq(C[0], 0),
            Each(Eq(C[t + 1], rho**2 * C[t] + rho / kept[t]), t, T),
        ),
        goal=Eq(C[T], _SPREAD),
    ),
    uses=("KV-LT-TAIL", "KV-RHO"),
    binds=(
        Binding("theory.verifier.bound_centre_tail",
                {"distance": RHO**T * start + z, "initial": -start, "schedule": kept,
                 "half_width": beta},
                sp.Min(1, _BOUND.xreplace({v: _SPREAD.xreplace({rho: RHO})})), rtol=1e-7),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    note="C_t is v_t. Compared for windows of half width up to 5.",
)

CLAIMS = (COSH, ROUND, ROUNDS, TAIL, TAIL_VALUE)
