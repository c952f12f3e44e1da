"""Claims on 0/1 verifiers and on rewards with two peaks: SW-41, SW-42."""

import numpy as np
import sympy as sp
from sympy import And, Eq, Gt, Le, Lt, Sum, erfc, exp, sqrt

from loopcert.claim import Claim, Proof, Simulation
from loopcert.prove.formal import (
    NATURALS,
    NONNEGATIVE,
    POSITIVE,
    REALS,
    Each,
    Sequence,
    Statement,
)
from loopcert.prove.proof import Enclose, Induction, Lemma, Smt, Step
from loopcert.statements._budget_terms import (
    DEFINES_RHO,
    SETTING,
    i,
    kappa,
    rho,
    sigma,
    t,
)

__all__ = ["CLAIMS"]

N = sp.Symbol("N", integer=True, positive=True)
eta, e, w = sp.symbols("eta E w", positive=True)
a, b, x, theta, c = sp.symbols("a b x theta c", real=True)
share = sp.Symbol("f", nonnegative=True)
r, count, E, f = (sp.IndexedBase(name) for name in ("r", "n", "E", "f"))

# -- 0/1 rewards ----------------------------------------------------------------------------------
_KEPT = Sum(r[i] * count[i], (i, 0, N - 1))
_RIGHT = Sum(r[i] * (r[i] * count[i]), (i, 0, N - 1))

TABLE = Claim(
    id="SW-41",
    title="With a 0/1 verifier and a table of probabilities one round with one kept sample earns "
    "the full reward.",
    kind="proposition",
    source="new; against Yang et al. 2025, Theorem 3.2, for the reward of their section 4.3",
    statement=Statement(
        variables={
            N: NATURALS, r: Sequence(N, sp.FiniteSet(0, 1)), count: Sequence(N, NONNEGATIVE),
        },
        hypotheses=(Gt(_KEPT, 0),),
        goal=Eq(_RIGHT / _KEPT, 1),
    ),
    corrects=("E-07",),
    evidence=(Proof((Step(Induction(N), Eq(_RIGHT, _KEPT)),)),),
    note="n_i proposals of outcome i, of which all are kept if r_i = 1 and none if r_i = 0. The "
    "fitted probabilities are r_i n_i/sum; their reward is on the left.",
)

_WRONG = exp(-a - b)

SHARE = Claim(
    id="SW-41-SHARE",
    title="Among three outcomes with logits that sum to zero the probability of the wrong one is "
    "at most 1/(1 + 2 exp(-3w/2)), w its logit.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={a: REALS, b: REALS},
        goal=Le(
            _WRONG / (exp(a) + exp(b) + _WRONG), 1 / (1 + 2 * exp(3 * (a + b) / 2)),
        ),
    ),
    evidence=(Proof(),),
    note="w = -(a + b); equality where the two right outcomes are equally likely. A gradient step "
    "on kept samples leaves the sum of the logits alone.",
)

_RISE = 3 * eta / 4 * exp(3 * eta / 2)
_STEP = 3 * eta / 2 * (share / (1 + 2 * e))

RISE = Claim(
    id="SW-41-STEP",
    title="One gradient step multiplies E = exp(-3w/2) by exp(3 eta g/2) and adds at most a "
    "constant to it.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={eta: POSITIVE, e: POSITIVE, share: sp.Interval(0, 1)},
        goal=Le(e * exp(_STEP), e + _RISE),
    ),
    uses=("L-EXP-RISES",),
    evidence=(
        Proof((
            Step(Smt(alone=True), Lt(_STEP, 3 * eta / 2)),
            Step(Smt(alone=True), Le(e * _STEP, 3 * eta / 4)),
            Step(Smt(alone=True), Le(exp(_STEP) * (1 - _STEP), 1)),
            Step(
                Lemma(
                    "L-EXP-RISES",
                    {sp.Symbol("k", real=True): _STEP, w: 3 * eta / 2 - _STEP},
                )
            ),
            Step(Smt(), Le(e * _STEP * exp(_STEP), 3 * eta / 4 * exp(_STEP))),
        )),
    ),
    loose="a bound on the growth, not its size",
    note="g = share/(1 + 2E) is the probability of the wrong outcome, by SW-41-SHARE.",
)

T0 = sp.Symbol("T", integer=True, nonnegative=True)
_GAPS = Sum(f[t] / (1 + 2 * E[t]), (t, 0, T0 - 1))

SOFTMAX = Claim(
    id="SW-41-SOFTMAX",
    title="With a 0/1 verifier and softmax logits gradient steps on a constant number of kept "
    "samples converge: the gaps of T rounds add up to a logarithm of T.",
    kind="theorem",
    source="new; against Yang et al. 2025, Theorem 3.2, for the reward of their section 4.3",
    statement=Statement(
        variables={
            T0: sp.S.Naturals0, eta: POSITIVE, e: POSITIVE, f: Sequence(T0, sp.Interval(0, 1)),
            E: Sequence(T0 + 1, POSITIVE),
        },
        hypotheses=(
            Eq(E[0], e),
            Each(Eq(E[t + 1], E[t] * exp(3 * eta / 2 * (f[t] / (1 + 2 * E[t])))), t, T0),
        ),
        goal=And(
            Eq(E[T0], e * exp(3 * eta / 2 * _GAPS)),
            Le(E[T0], e + T0 * _RISE),
        ),
    ),
    uses=("SW-41-SHARE", "SW-41-STEP"),
    corrects=("E-07",),
    evidence=(
        Proof((
            Step(Induction(T0, start=0), Eq(E[T0], e * exp(3 * eta / 2 * _GAPS))),
            Step(Lemma("SW-41-STEP", {e: E[T0], share: f[T0]})),
            Step(Induction(T0, start=0), Le(E[T0], e + T0 * _RISE)),
        )),
    ),
    loose="the second part bounds the growth of E",
    note="Outcomes A, B, W, only W wrong. W is never kept, so its logit falls by eta g_t in every "
    "round, g_t its probability, the gap; with E_t = exp(-3 w_t/2), g_t = f_t/(1 + 2 E_t), f_t <= "
    "1 by SW-41-SHARE. So sum g_t = (2/(3 eta)) log(E_T/E_0) <= (2/(3 eta)) log(1 + T c/E_0): the "
    "average gap is of order log(T)/T, for every outcome of the sampling and any number kept.",
)

# -- two peaks ------------------------------------------------------------------------------------
_K2 = sp.Rational(49, 100)
_S0 = 1 + _K2
_RHO = _K2 / _S0
_LOW = exp(-(theta**2) / (2 * _S0))
_HIGH = sp.Rational(4, 5) * exp(-((theta - 3) ** 2) / (2 * _S0))
_CENTRES = (_RHO * theta, _RHO * theta + 3 * (1 - _RHO))
_NEXT = (_LOW * _CENTRES[0] + _HIGH * _CENTRES[1]) / (_LOW + _HIGH)
_BEYOND = [erfc((2 - centre) / sqrt(2 * _RHO)) / 2 for centre in _CENTRES]
_ESCAPE = (_LOW * _BEYOND[0] + _HIGH * _BEYOND[1]) / (_LOW + _HIGH)

PEAK = Claim(
    id="SW-42-PEAK",
    title="A reward peak of width kappa at c keeps samples of N(rho theta + (1-rho) c, rho "
    "sigma^2) with weight exp(-(theta-c)^2/2 s_0): with several peaks the kept law is a mixture.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={**SETTING, x: REALS, theta: REALS, c: REALS},
        hypotheses=(DEFINES_RHO,),
        goal=Eq(
            (x - c) ** 2 / kappa**2 + (x - theta) ** 2 / sigma**2,
            (theta - c) ** 2 / (kappa**2 + sigma**2)
            + (x - rho * theta - (1 - rho) * c) ** 2 / (rho * sigma**2),
        ),
    ),
    uses=("SW-01",),
    evidence=(Proof(),),
)


def _kept(rng, effort):
    wanted = 1_000_000 if effort == "quick" else 4_000_000
    points = 1.5 + rng.standard_normal(3 * wanted)
    reward = np.exp(-(points**2) / 0.98) + 0.8 * np.exp(-((points - 3) ** 2) / 0.98)
    kept = points[rng.random(points.size) < reward]
    beyond = kept > 2
    return {
        "mean": (kept.mean(), kept.std() / kept.size**0.5),
        "beyond": (beyond.mean(), beyond.std() / kept.size**0.5),
    }


phi = sp.Symbol("phi", real=True)
_DOWN, _UP = (
    (sp.Rational(1, 5), sp.Rational(9, 5)), (sp.Rational(19, 10), sp.Rational(13, 5)),
)

BASINS = Claim(
    id="SW-42",
    title="With the reward exp(-x^2/2k^2) + 0.8 exp(-(x-3)^2/2k^2), k = 0.7, unit generator, the "
    "mean map pulls [0.2, 1.8] down and [1.9, 2.6] up: two basins.",
    kind="proposition",
    source="new; what 'sufficiently accurate' in Yang et al. 2025, appendix B.2, has to exclude",
    statement=Statement(
        variables={theta: sp.Interval(*_DOWN), phi: sp.Interval(*_UP)},
        goal=And(Lt(_NEXT, theta), Gt(_NEXT.xreplace({theta: phi}), phi)),
    ),
    uses=("SW-42-PEAK",),
    corrects=("E-08",),
    evidence=(
        Proof((
            Step(Enclose({theta: _DOWN}), Lt(_NEXT, theta)),
            Step(Enclose({phi: _UP}), Gt(_NEXT.xreplace({theta: phi}), phi)),
        )),
        Simulation(
            run=_kept,
            predicted={"mean": _NEXT, "beyond": _ESCAPE},
            at={theta: "3/2", phi: 2},
            note="every proposal drawn and kept with the probability of the reward",
        ),
    ),
    loose="two signs",
)

ESCAPE = Claim(
    id="SW-42-ESCAPE",
    title="From theta_0 = 0.3 a first round with one kept sample lands beyond 2, in the wrong "
    "basin, with a probability above 3.8%, however many samples later rounds keep.",
    kind="proposition",
    source="new; against Yang et al. 2025, Theorem 3.3, for local assumptions",
    statement=Statement(
        variables={theta: sp.Interval(sp.Rational(3, 10), sp.Rational(31, 100))},
        goal=Gt(_ESCAPE, sp.Rational(38, 1000)),
    ),
    uses=("SW-42-PEAK", "SW-42"),
    corrects=("E-08",),
    evidence=(
        Proof((Step(Enclose({theta: (sp.Rational(3, 10), sp.Rational(31, 100))})),)),
    ),
    loose="the number is 0.0389 at 0.3",
    note="The mean of more samples escapes less often: the first rounds need enough of them, and "
    "no later round repairs an early escape.",
)

CLAIMS = (TABLE, SHARE, RISE, SOFTMAX, PEAK, BASINS, ESCAPE)
