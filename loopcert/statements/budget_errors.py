"""What Yang et al. 2025 print, or can be read to print, and does not hold: E-04, E-06 to E-09,
E-11; each with the statement that does."""

import sympy as sp
from sympy import And, Eq, Ge, Gt, Implies, Le, Lt, Sum, exp

from loopcert.claim import Claim, Proof, Refutation
from loopcert.prove.crossing import SingleHump
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
from loopcert.prove.proof import ByDerivative, Induction, Lemma, Step
from loopcert.statements._budget_terms import (
    CONSTANT,
    DEFINES_RHO,
    NOISE,
    SCHEDULE,
    SETTING,
    T,
    d,
    i,
    kappa,
    n,
    over_coordinates,
    rho,
    sigma,
    t,
    variance,
)

__all__ = ["CLAIMS"]

c, power, G, y, a, k, eps, lip = sp.symbols("c p G y a k epsilon K", positive=True)
z = sp.Symbol("z", positive=True)
x, f1, f2, fall, drop = sp.symbols("x phi phi_2 l g", real=True)
N = sp.Symbol("N", integer=True, positive=True)
r, count, extra, theta, f = (sp.IndexedBase(name) for name in ("r", "n", "x", "theta", "f"))

# -- assumption B.1 -------------------------------------------------------------------------------
_CHANGE = sp.Abs((x - f1) ** 2 - (x - f2) ** 2) / (2 * sigma**2)

LIPSCHITZ = Claim(
    id="E-04",
    title="In the warm-up |loss_phi(x) - loss_phi'(x)| <= K |phi - phi'| with one K for all x.",
    kind="remark",
    source="Yang et al. 2025, section 3.3: the warm-up satisfies assumption B.1",
    statement=Statement(
        variables={x: REALS, f1: REALS, f2: REALS, sigma: POSITIVE, lip: POSITIVE},
        goal=Le(_CHANGE, lip * sp.Abs(f1 - f2)),
    ),
    evidence=(
        Refutation(
            {x: 100, f1: 1, f2: 0, sigma: 1, lip: 10},
            reading="the loss is the negative log-likelihood, unclipped, on all of R",
        ),
    ),
    note="No K works (E-04-EVERY); nor does the real line have a finite cover.",
)

EVERY_K = Claim(
    id="E-04-EVERY",
    title="Whatever K, the sample x = (phi + phi')/2 + (K + 1) sigma^2 changes the loss by K + 1 "
    "times the distance.",
    kind="remark",
    source="new",
    statement=Statement(
        variables={f1: REALS, f2: REALS, sigma: POSITIVE, lip: POSITIVE, x: REALS},
        hypotheses=(Eq(x, (f1 + f2) / 2 + (lip + 1) * sigma**2),),
        goal=Eq(_CHANGE, (lip + 1) * sp.Abs(f1 - f2)),
    ),
    uses=("SW-30",),
    corrects=("E-04",),
    evidence=(Proof(),),
    note="What the argument needs is true: the noise of the gradient is normal with variance "
    "rho/(sigma^2 n) per coordinate (SW-01, SW-30), whatever phi.",
)

# -- assumption B.3 -------------------------------------------------------------------------------
_GAP = 1 - exp(-G / (1 - rho))

GLOBAL = Claim(
    id="E-06",
    title="In the warm-up the relative gap of reward is at least c G^p for every theta.",
    kind="assumption",
    source="Yang et al. 2025, assumption B.3, lower half",
    statement=Statement(
        variables={G: POSITIVE, rho: UNIT, c: POSITIVE, power: POSITIVE},
        goal=Ge(_GAP, c * G**power),
    ),
    evidence=(
        Refutation(
            {G: 10, rho: "1/2", c: 1, power: 1},
            reading="for any theta of an unbounded parameter space",
        ),
    ),
    note="The gap is at most one while G is unbounded: no c and p work (E-06-EVERY).",
)

EVERY_C = Claim(
    id="E-06-EVERY",
    title="Whatever c and p, the lower half of B.3 fails where G = c^(-1/p).",
    kind="remark",
    source="new",
    statement=Statement(
        variables={rho: UNIT, c: POSITIVE, power: POSITIVE},
        where={G: c ** (-1 / power)},
        goal=Lt(_GAP, c * G**power),
    ),
    uses=("SW-32",),
    corrects=("E-06",),
    evidence=(Proof(),),
    loose="the gap tends to one",
)

_WHOLE = 1 - exp(-y)

BOUNDED = Claim(
    id="SW-32-LOWER",
    title="On {G <= G_0} the lower half of B.3 holds with exponent one and the constant (1 - "
    "exp(-G_0/(1-rho)))/G_0, the upper half everywhere with 1/(1-rho).",
    kind="corollary",
    source="new; the form of Yang et al. 2025, assumption B.3, that the warm-up satisfies",
    statement=Statement(
        variables={z: UNIT, y: POSITIVE},
        goal=And(Gt(1 - exp(-z * y), z * _WHOLE), Lt(1 - exp(-z * y), z * y)),
    ),
    uses=("SW-32",),
    corrects=("E-06",),
    evidence=(
        Proof((
            Step(
                SingleHump(z, ((1, y * exp(-z * y) - _WHOLE),)),
                Gt(1 - exp(-z * y), z * _WHOLE),
            ),
            Step(ByDerivative(z, 0), Lt(1 - exp(-z * y), z * y)),
        )),
    ),
    loose="the first is attained at both ends, the second as the gap vanishes",
    note="y = G_0/(1-rho), z = G/G_0; relative gaps.",
)

# -- theorem 3.2 ----------------------------------------------------------------------------------
_KEPT = Sum(r[i] * count[i], (i, 0, N - 1))
_RIGHT = Sum(r[i] * (r[i] * count[i]), (i, 0, N - 1))

NEVER = Claim(
    id="E-07",
    title="A constant policy leaves a gap of reward.",
    kind="theorem",
    source="Yang et al. 2025, Theorem 3.2 and B.4",
    statement=Statement(
        variables={
            N: NATURALS, r: Sequence(N, sp.FiniteSet(0, 1)), count: Sequence(N, NONNEGATIVE),
        },
        hypotheses=(Gt(_KEPT, 0),),
        goal=Gt(1 - _RIGHT / _KEPT, 0),
    ),
    evidence=(
        Refutation(
            {N: 2, r: [1, 0], count: [1, 3]},
            reading="under assumption B.3 alone, for the 0/1 reward of section 4.3",
        ),
    ),
    note="The printed gap is at least a positive constant; here it is not even positive. A table "
    "fitted to what a 0/1 verifier keeps is perfect after one round (SW-41). "
    "Besides, T = 0 from the optimum has no gap, and with decaying steps constant batches "
    "converge (E-07-STEPS). Noise that does not vanish at the optimum, T >= 1 and constant steps "
    "are needed.",
)

_DECAYED = (1 - (1 - a) / (1 + a * (T - 1))) ** 2

DECAYING = Claim(
    id="E-07-STEPS",
    title="With constant batches the variance never falls below that of the first round.",
    kind="theorem",
    source="Yang et al. 2025, Theorem 3.2 and B.4",
    statement=Statement(
        variables={T: NATURALS, **SETTING, a: UNIT, k: POSITIVE},
        hypotheses=(DEFINES_RHO,),
        goal=Ge(CONSTANT * _DECAYED / (T * k), NOISE * (a / (1 - rho)) ** 2 / k),
    ),
    evidence=(
        Refutation(
            {T: 100, sigma: 1, rho: "1/2", kappa: 1, a: "1/2", k: 1},
            reading="the learning rate may decay like 1/t",
        ),
    ),
    note="The paper's reason for the theorem. Left the variance after T rounds of the steps of "
    "SW-22-DECAY, right that after one; the former falls like 1/T.",
)

# -- theorem 3.3 ----------------------------------------------------------------------------------
INCREASING = Claim(
    id="E-08",
    title="After six rounds or more of an increasing schedule the variance is below the target.",
    kind="theorem",
    source="Yang et al. 2025, Theorem 3.3 and B.5",
    statement=Statement(
        variables={**SCHEDULE, **SETTING, eps: POSITIVE},
        hypotheses=(
            DEFINES_RHO, Each(Lt(n[t], n[t + 1]), t, T - 1), Ge(T, 6),
        ),
        goal=Le(variance(), eps),
    ),
    evidence=(
        Refutation(
            {
                T: 6, sigma: 1, rho: "1/2", kappa: 1, eps: "1/100",
                n: ["1", "6", "17/2", "39/4", "83/8", "171/16"],
            },
            reading="increasing means n_{t+1} > n_t",
        ),
    ),
    note="The theorem promises some number of rounds for each target; six stand for it, so that "
    "the point alone refutes less than what is printed. n_t = 11 - 10/2^t increases, and by "
    "E-08-BOUNDED its variance stays above rho "
    "sigma^2/11 at every horizon, however large. What is needed is n_t -> infinity (SW-35); for "
    "all times at once n_t must outgrow log t (SW-36); under local assumptions an early escape is "
    "not repaired by later rounds (SW-42).",
)

STUCK = Claim(
    id="E-08-BOUNDED",
    title="A schedule that stays below k leaves more than rho sigma^2/k at every horizon.",
    kind="remark",
    source="new",
    statement=Statement(
        variables={**SCHEDULE, **SETTING, k: POSITIVE, f: Sequence(T, UNIT)},
        hypotheses=(DEFINES_RHO, Each(Eq(n[t], k * f[t]), t, T)),
        goal=Gt(variance(), NOISE / k),
    ),
    uses=("SW-04",),
    corrects=("E-08",),
    evidence=(
        Proof((
            Step(
                Induction(T),
                Gt(Sum(rho ** (2 * (T - 1 - t)) / n[t], (t, 0, T - 1)), 1 / k),
            ),
        )),
    ),
    loose="approached by one round of almost k samples",
)

# -- assumption B.2 -------------------------------------------------------------------------------
ONE_SIDED = Claim(
    id="E-09",
    title="If B.2 holds for steps that lower the loss, the bound of the proof holds for all steps."
    "",
    kind="theorem",
    source="Yang et al. 2025, proof of Theorem B.6",
    statement=Statement(
        variables={fall: REALS, drop: REALS, c: UNIT},
        hypotheses=(Implies(Ge(fall, 0), Ge(drop, c * fall)),),
        goal=Ge(drop, c * fall),
    ),
    evidence=(
        Refutation(
            {fall: -1, drop: -100, c: "1/2"},
            reading="B.2 is asked only of parameters with a smaller loss",
        ),
    ),
    note="fall is the drop of L_theta, drop that of the gap. A step dominated by noise raises the "
    "loss, and then the assumption says nothing; the two-sided form holds in the Gaussian loop "
    "(SW-31-TWO).",
)

_TO_MEAN = over_coordinates((f[i] - rho * theta[i]) ** 2) / (2 * sigma**2)
_SELF = (1 - rho) ** 2 * over_coordinates(theta[i] ** 2) / (2 * sigma**2)
_OTHER = (1 - rho) ** 2 * over_coordinates(f[i] ** 2) / (2 * sigma**2)
_APART = over_coordinates((theta[i] - f[i]) ** 2)

TWO_SIDED = Claim(
    id="SW-31-TWO",
    title="In the Gaussian loop G(theta) - G(phi) >= (1-rho)(L_theta(theta) - L_theta(phi)) for "
    "all theta and phi, whether the loss falls or rises.",
    kind="corollary",
    source="Yang et al. 2025, assumption B.2, two-sided",
    statement=Statement(
        variables={d: NATURALS, theta: Sequence(d, REALS), f: Sequence(d, REALS), **SETTING},
        hypotheses=(DEFINES_RHO,),
        goal=Ge(_SELF - _OTHER, (1 - rho) * (_SELF - _TO_MEAN)),
    ),
    uses=("SW-31",),
    corrects=("E-09",),
    evidence=(Proof((Step(Lemma("SW-31")), Step(Induction(d), Ge(_APART, 0)))),),
    loose="the difference is rho(1-rho)|theta - phi|^2/(2 sigma^2)",
)

# -- the rate of the noise ------------------------------------------------------------------------


def added(samples):
    """The expected gap after one round from the optimum."""
    return (1 - rho) ** 2 / (2 * sigma**2) * d * (NOISE / samples)



SLOW_NOISE = Claim(
    id="E-11",
    title="The loss that sampling adds in a round is of order n^(-1/2): four times the samples "
    "halve it.",
    kind="remark",
    source="Yang et al. 2025, equations (6) to (8)",
    statement=Statement(
        variables={d: NATURALS, **SETTING, k: POSITIVE},
        hypotheses=(DEFINES_RHO,),
        goal=Eq(
            added(4 * k), added(k) / 2,
        ),
    ),
    evidence=(
        Refutation(
            {d: 1, sigma: 1, rho: "1/2", kappa: 1, k: 1},
            reading="the uniform bound over the parameters is the size of the noise",
        ),
    ),
    note="As an upper bound the printed order is true, only not sharp. The loss added is of order "
    "1/n (E-11-RATE): the cost of a gap eps is of order 1/eps (SW-38), not "
    "eps^-2.",
)

FAST_NOISE = Claim(
    id="E-11-RATE",
    title="From the optimum one round adds the expected gap d rho (1-rho)^2/(2n): of order 1/n.",
    kind="remark",
    source="new",
    statement=Statement(
        variables={d: NATURALS, **SETTING, k: POSITIVE, extra: Sequence(d, POSITIVE)},
        hypotheses=(DEFINES_RHO, Each(Eq(extra[i], NOISE / k), i, d)),
        goal=Eq(
            (1 - rho) ** 2 / (2 * sigma**2) * over_coordinates(extra[i]),
            d * rho * (1 - rho) ** 2 / (2 * k),
        ),
    ),
    uses=("SW-31", "SW-04"),
    corrects=("E-11",),
    evidence=(Proof((Step(Induction(d), Eq(over_coordinates(extra[i]), d * NOISE / k)),)),),
    note="G = (1-rho)^2|theta|^2/(2 sigma^2), whose expectation is the sum of the variances.",
)

CLAIMS = (
    LIPSCHITZ, EVERY_K, GLOBAL, EVERY_C, BOUNDED, NEVER, DECAYING, INCREASING, STUCK, ONE_SIDED,
    TWO_SIDED, SLOW_NOISE, FAST_NOISE,
)
