"""Claims on schedules of a fixed shape, constant, linear and exponential: SW-09 to SW-14, E-10,
E-12."""

import sympy as sp
from sympy import And, Eq, Gt, Implies, Le, Ne, Sum, log

from loopcert.claim import Binding, Claim, Proof, Refutation
from loopcert.prove.formal import NATURALS, NONNEGATIVE, POSITIVE, UNIT, Each, Sequence, Statement
from loopcert.prove.proof import Identity, Induction, Lemma, Smt, Step
from loopcert.statements._budget_terms import (
    CONSTANT,
    DEFINES_RHO,
    LEAST,
    NOISE,
    SCHEDULE,
    SETTING,
    C,
    T,
    kappa,
    n,
    rho,
    sigma,
    t,
    total,
    variance,
)

__all__ = ["CLAIMS"]

k, b, beta, D, a, lam = sp.symbols("k b beta d a lambda", positive=True)
C2, eps = sp.symbols("C_2 epsilon", positive=True)
s = sp.Symbol("s", integer=True, nonnegative=True)
S = sp.IndexedBase("S")

_CONSTANT_BATCH = Each(Eq(n[t], k), t, T)
_SETTLED = kappa**2 * (kappa**2 + sigma**2) / ((2 * kappa**2 + sigma**2) * k)
_ARGUMENTS = {"schedule": n, "sigma": sigma, "kappa": kappa}

CONSTANT_POLICY = Claim(
    id="SW-09",
    title="Constant batches of n samples leave the variance v_inf(1 - rho^(2T)), v_inf = "
    "kappa^2(kappa^2 + sigma^2)/((2 kappa^2 + sigma^2) n): it does not tend to zero.",
    kind="proposition",
    source="new; behind Yang et al. 2025, Theorem 3.2",
    statement=Statement(
        variables={**SCHEDULE, **SETTING, k: POSITIVE},
        hypotheses=(DEFINES_RHO, _CONSTANT_BATCH),
        goal=Eq(variance(), _SETTLED * (1 - rho ** (2 * T))),
    ),
    uses=("SW-04",),
    binds=(
        Binding("theory.budget.terminal_variance", _ARGUMENTS, _SETTLED * (1 - rho ** (2 * T))),
        Binding(
            "theory.budget.constant_schedule", {"total": T * k, "rounds": T}, k, T - 1,
        ),
        Binding(
            "theory.budget.constant_gap_floor",
            {"n": k, "sigma": sigma, "kappa": kappa, "dim": 3},
            1 - (1 + _SETTLED / (kappa**2 + sigma**2)) ** sp.Rational(-3, 2),
        ),
    ),
    evidence=(
        Proof((
            Step(
                Induction(T),
                Eq(
                    total(rho ** (2 * (T - 1 - t)) / n[t]),
                    (1 - rho ** (2 * T)) / ((1 - rho**2) * k),
                ),
            ),
            Step(Smt(alone=True), Eq(NOISE / ((1 - rho**2) * k), _SETTLED)),
        )),
    ),
    note="For a fixed total C, k = C/T: the variance grows in proportion to T.",
)

LINEAR_POLICY = Claim(
    id="SW-10",
    title="Linear batches n_t = c(t+1) leave the variance (rho sigma^2/c) S_T, with S_{t+1} = "
    "rho^2 S_t + 1/(t+1), and use c T(T+1)/2 samples.",
    kind="proposition",
    source="new",
    statement=Statement(
        variables={
            **SCHEDULE, **SETTING, k: POSITIVE, S: Sequence(T + 1, NONNEGATIVE),
        },
        hypotheses=(
            DEFINES_RHO,
            Each(Eq(n[t], k * (t + 1)), t, T),
            Eq(S[0], 0),
            Each(Eq(S[t + 1], rho**2 * S[t] + 1 / (t + 1)), t, T),
        ),
        goal=And(
            Eq(variance(), NOISE / k * S[T]), Eq(total(n[t]), k * T * (T + 1) / 2),
        ),
    ),
    uses=("SW-04",),
    binds=(
        Binding("theory.budget.terminal_variance", _ARGUMENTS, NOISE / k * S[T]),
        Binding(
            "theory.budget.linear_schedule", {"total": k * T * (T + 1) / 2, "rounds": T},
            k * T, T - 1,
        ),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
)

_GROWN = Each(Eq(n[t], k / b**t), t, T)

EXPONENTIAL_POLICY = Claim(
    id="SW-11",
    title="Batches growing by beta leave the variance (rho sigma^2/n_0)(rho^(2T) - "
    "beta^-T)/(rho^2 - 1/beta), and use n_0(beta^T - 1)/(beta - 1) samples.",
    kind="proposition",
    source="new; behind Yang et al. 2025, Theorem 3.4",
    statement=Statement(
        variables={**SCHEDULE, **SETTING, k: POSITIVE, b: POSITIVE},
        hypotheses=(DEFINES_RHO, Ne(b, 1), Ne(b, rho**2), _GROWN),
        goal=And(
            Eq(variance(), NOISE / k * (rho ** (2 * T) - b**T) / (rho**2 - b)),
            Eq(total(n[t]), k * b * (b**-T - 1) / (1 - b)),
        ),
    ),
    uses=("SW-04",),
    binds=(
        Binding(
            "theory.budget.terminal_variance", _ARGUMENTS,
            NOISE / k * (rho ** (2 * T) - b**T) / (rho**2 - b),
        ),
        Binding(
            "theory.budget.exponential_schedule",
            {"total": k * b * (b**-T - 1) / (1 - b), "rounds": T, "growth": 1 / b}, k, 0,
        ),
    ),
    evidence=(
        Proof((
            Step(
                Induction(T),
                Eq(
                    total(rho ** (2 * (T - 1 - t)) / n[t]),
                    (rho ** (2 * T) - b**T) / ((rho**2 - b) * k),
                ),
            ),
            Step(Induction(T), Eq(total(n[t]), k * b * (b**-T - 1) / (1 - b))),
        )),
    ),
    note="b = 1/beta. At beta = alpha^2 the quotient is T rho^(2(T-1)) (SW-11-DOUBLE).",
)

DOUBLE_RATE = Claim(
    id="SW-11-DOUBLE",
    title="Batches growing by alpha^2 leave the variance (rho sigma^2/n_0) T rho^(2(T-1)).",
    kind="proposition",
    source="new",
    statement=Statement(
        variables={**SCHEDULE, **SETTING, k: POSITIVE},
        hypotheses=(DEFINES_RHO, Each(Eq(n[t], k / rho ** (2 * t)), t, T)),
        goal=Eq(variance(), NOISE / k * T * rho ** (2 * (T - 1))),
    ),
    uses=("SW-04",),
    binds=(
        Binding(
            "theory.budget.terminal_variance", _ARGUMENTS,
            NOISE / k * T * rho ** (2 * (T - 1)),
        ),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
)

_EFFICIENCY = (1 - rho) ** 2 / ((1 - rho**2 * beta) * (1 - 1 / beta))
_END_EFFECT = (1 - (rho**2 * beta) ** T) * (1 - beta**-T) / (1 - rho**T) ** 2

EFFICIENCY = Claim(
    id="SW-11-EFF",
    title="Growth beta leaves Eff(beta) = (1-rho)^2/((1 - rho^2 beta)(1 - 1/beta)) times the "
    "least variance of its total in the long run; Eff - 1 is a square, zero at beta = alpha only.",
    kind="theorem",
    source="new; completes Yang et al. 2025, Theorem 3.5",
    statement=Statement(
        variables={T: NATURALS, rho: UNIT, k: POSITIVE, beta: POSITIVE, sigma: POSITIVE},
        hypotheses=(Ne(beta, 1), Ne(rho**2 * beta, 1)),
        goal=And(
            Eq(
                NOISE / k * (rho ** (2 * T) - beta**-T) / (rho**2 - 1 / beta)
                * (k * (beta**T - 1) / (beta - 1)),
                NOISE / (1 - rho) ** 2 * (1 - rho**T) ** 2 * _EFFICIENCY
                * (1 - rho ** (2 * T) * beta**T) * (1 - beta**-T) / (1 - rho**T) ** 2,
            ),
            Eq(
                _EFFICIENCY - 1,
                (rho * beta - 1) ** 2 / (beta * (1 - rho**2 * beta) * (1 - 1 / beta)),
            ),
            Eq(_EFFICIENCY, _EFFICIENCY.xreplace({beta: 1 / (rho**2 * beta)})),
        ),
    ),
    uses=("SW-07", "SW-11"),
    binds=(
        Binding(
            "theory.budget.growth_inefficiency",
            {
                "growth": rho ** (2 * k / (1 + k) - 2), "sigma": 1.0,
                "kappa": sp.sqrt(rho / (1 - rho)),
            },
            _EFFICIENCY.xreplace({beta: rho ** (2 * k / (1 + k) - 2)}),
        ),
    ),
    evidence=(Proof(),),
    note="First part: variance times samples is the least possible, (K/C)(1 - rho^T)^2 C, times "
    "Eff times an end effect that tends to one for 1 < beta < alpha^2. Last part: beta and "
    "alpha^2/beta are equally far from the optimum.",
)

ANYTIME = Claim(
    id="SW-13",
    title="Every beginning of the schedule n_0 alpha^t is optimal for the samples that it has "
    "used.",
    kind="theorem",
    source="new; sharpens Yang et al. 2025, Theorem 3.1",
    statement=Statement(
        variables={**SCHEDULE, **SETTING, k: POSITIVE, C: POSITIVE},
        hypotheses=(
            DEFINES_RHO, Each(Eq(n[t], k * (1 / rho) ** t), t, T), Eq(C, total(n[t])),
        ),
        goal=And(Eq(C, k * ((1 / rho) ** T - 1) / (1 / rho - 1)), Eq(variance(), LEAST)),
    ),
    uses=("SW-07", "SW-13-ONLY"),
    evidence=(
        Proof((
            Step(Induction(T), Eq(total(n[t]), k * ((1 / rho) ** T - 1) / (1 / rho - 1))),
            Step(
                Induction(T),
                Eq(
                    total(rho ** (2 * (T - 1 - t)) / n[t]),
                    rho ** (T - 1) * (1 - rho**T) / ((1 - rho) * k),
                ),
            ),
            Step(Smt(alone=True), Eq(NOISE / (1 - rho) ** 2, CONSTANT)),
        )),
    ),
)

ONLY_ANYTIME = Claim(
    id="SW-13-ONLY",
    title="A schedule whose beginnings are all optimal grows by alpha in every round.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={
            s: sp.S.Naturals0, n: Sequence(s + 2, POSITIVE), **SETTING, C: POSITIVE,
        },
        hypotheses=(DEFINES_RHO, Eq(C, Sum(n[t], (t, 0, s + 1)))),
        where={T: s + 2},
        goal=Implies(Ne(rho * n[s + 1], n[s]), Gt(variance(), LEAST)),
    ),
    uses=("SW-07-UNIQUE",),
    binds=(
        Binding("theory.budget.variance_regret", _ARGUMENTS, variance() / LEAST - 1, rtol=1e-6),
    ),
    evidence=(
        Proof((
            Step(Lemma("SW-07-UNIQUE", {sp.Symbol("r", integer=True, nonnegative=True): 1})),
            Step(
                Lemma(
                    "SW-07-UNIQUE",
                    {s: s + 1, sp.Symbol("r", integer=True, nonnegative=True): 0},
                )
            ),
        )),
    ),
    loose="the excess is far from zero at random points",
    note="If n_{s+1} is not alpha n_s, the beginning that ends there is not optimal.",
)

_NEEDED = CONSTANT * (1 - rho**T) ** 2 / variance()

CHEAPER = Claim(
    id="SW-14",
    title="At equal horizon and target the optimal schedule costs tanh(T lambda)/(T tanh lambda) "
    "of what constant batches cost, lambda = log(alpha)/2.",
    kind="proposition",
    source="new; behind Yang et al. 2025, section 4.1",
    statement=Statement(
        variables={**SCHEDULE, **SETTING, k: POSITIVE},
        hypotheses=(DEFINES_RHO, _CONSTANT_BATCH),
        goal=Eq(
            _NEEDED / (T * k), (1 - rho**T) * (1 + rho) / (T * (1 + rho**T) * (1 - rho)),
        ),
    ),
    uses=("SW-07", "SW-09", "SW-14-TANH"),
    binds=(
        Binding(
            "theory.budget.cost_ratio",
            {"rounds": T, "sigma": sigma, "kappa": kappa, "policy": "constant"},
            (1 - rho**T) * (1 + rho) / (T * (1 + rho**T) * (1 - rho)),
        ),
    ),
    evidence=(
        Proof((
            Step(Lemma("SW-09")),
            Step(Smt(alone=True), Eq(_SETTLED, rho * sigma**2 / ((1 - rho**2) * k))),
            Step(Smt(alone=True), Eq(CONSTANT, NOISE / (1 - rho) ** 2)),
        )),
    ),
    note="K(1 - rho^T)^2/v is the total with which the optimal schedule leaves the variance v.",
)
CHEAPER_TANH = Claim(
    id="SW-14-TANH",
    title="(1 - x)/(1 + x) = tanh(lambda) where x = exp(-2 lambda); rho^T is such an x.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={lam: POSITIVE},
        goal=Eq((1 - sp.exp(-2 * lam)) / (1 + sp.exp(-2 * lam)), sp.tanh(lam)),
    ),
    evidence=(Proof((Step(Identity()),)),),
    note="lambda = log(alpha)/2 for one round, T lambda for T rounds.",
)

_LINEAR = total(rho ** (2 * (T - 1 - t)) / (t + 1)) * T * (T + 1) / 2
_FLAT = total(rho ** (2 * (T - 1 - t))) * T

LINEAR_FIRST = Claim(
    id="E-12",
    title="At equal budget and horizon linear growth leaves no more variance than constant "
    "batches.",
    kind="result",
    source="Yang et al. 2025, section 4.1",
    statement=Statement(
        variables={T: NATURALS, rho: UNIT},
        goal=Le(_LINEAR, _FLAT),
    ),
    evidence=(Refutation({T: 10, rho: "19/20"}),),
    note="With weak selection linear growth loses: by 29.8% at rho = 0.95 and T = 10. The "
    "exponential schedule with growth alpha never does (SW-07). Variances in units of rho "
    "sigma^2/C.",
)

FASTER = Claim(
    id="E-10",
    title="Exponential growth at a fixed rate beta has a cost exponent no larger than polynomial "
    "growth, max(1, log beta/(2 log alpha)) <= 1 + 1/a.",
    kind="theorem",
    source="Yang et al. 2025, Theorem 3.5",
    statement=Statement(
        variables={rho: UNIT, beta: sp.Interval.open(1, sp.oo), a: POSITIVE},
        goal=Le(sp.Max(1, log(beta) / (-2 * log(rho))), 1 + 1 / a),
    ),
    evidence=(
        Refutation(
            {rho: "9/10", beta: 2, a: 1},
            reading="the rate beta is fixed before the problem is known",
        ),
    ),
    note="The cost to reach a gap eps is of order eps to minus this exponent. With beta = 2 and "
    "rho = 0.9 it is 3.29, against 2 of linear growth. The comparison holds for a rate tuned to "
    "the problem, or uniformly over rho <= rho_0 if beta < rho_0^-2.",
)

CLAIMS = (
    CONSTANT_POLICY, LINEAR_POLICY, EXPONENTIAL_POLICY, DOUBLE_RATE, EFFICIENCY, ANYTIME,
    ONLY_ANYTIME, CHEAPER, CHEAPER_TANH, LINEAR_FIRST, FASTER,
)
