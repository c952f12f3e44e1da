"""Claims on the number of rounds, and on what iterating costs: SW-16, SW-17, SW-20 to SW-22,
SW-25, E-07, E-14."""

import sympy as sp
from sympy import And, Derivative, Eq, Ge, Gt, Implies, Lt, log

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
    d,
    i,
    kappa,
    log_density,
    n,
    over_coordinates,
    rho,
    sigma,
    t,
    variance,
)

__all__ = ["CLAIMS"]

S0 = kappa**2 + sigma**2
M, k, D, v, g, y2 = sp.symbols("M k d v g y_2", positive=True)
x, y = sp.symbols("x y", positive=True)
theta0, tau, mu0 = sp.symbols("theta_0 tau mu_0", real=True)
theta, mean = sp.IndexedBase("theta"), sp.IndexedBase("m")
var, u, h, A, X, used = (sp.IndexedBase(name) for name in ("v", "u", "h", "A", "X", "C"))

# -- how many rounds -----------------------------------------------------------------------------
_FLOOR = D * rho * S0 / ((1 - rho) * C)  # error that the samples alone would leave
_MSE = rho ** (2 * T) * M + D * LEAST

MSE_HORIZON = Claim(
    id="SW-16",
    title="With the optimal schedule the mean-square error is 1/(1/|theta_0|^2 + 1/g) plus a "
    "square that vanishes at rho^T = g/(|theta_0|^2 + g), g = d kappa^2(kappa^2 + "
    "sigma^2)/(sigma^2 C).",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={T: NATURALS, **SETTING, C: POSITIVE, M: POSITIVE, D: POSITIVE, g: POSITIVE},
        hypotheses=(DEFINES_RHO, Eq(g, D * CONSTANT / C)),
        goal=Eq(_MSE, 1 / (1 / M + 1 / g) + (M + g) * (rho**T - g / (M + g)) ** 2),
    ),
    uses=("SW-04", "SW-07"),
    binds=(
        Binding(
            "theory.budget.minimal_mse",
            {"total": C / D, "theta0": sp.sqrt(M), "sigma": sigma, "kappa": kappa},
            1 / (1 / M + 1 / g),
        ),
        Binding(
            "theory.budget.mse_optimal_horizon",
            {"total": C / D, "theta0": sp.sqrt(M), "sigma": sigma, "kappa": kappa},
            log(1 + M / g) / log(1 / rho),
        ),
    ),
    evidence=(Proof(),),
    note="M = |theta_0|^2. The budget adds information 1/g linearly, like observations; the best "
    "horizon is T* = log(1 + M/g)/log(1/rho).",
)

_SPREAD = 1 + k * (1 - x) ** 2
_LOG_REWARD = -D * log(_SPREAD) / 2 - M * x**2 / (2 * _SPREAD)
_BALANCE = D * k * (1 - x) * _SPREAD - M * x * (1 + k * (1 - x))

REWARD_SLOPE = Claim(
    id="SW-17",
    title="With the optimal schedule the log reward as a function of x = rho^T has slope F/(1 + "
    "k(1-x)^2)^2, F = d k y(1 + k y^2) - M x(1 + k y), y = 1 - x.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={x: UNIT, k: POSITIVE, D: POSITIVE, M: POSITIVE},
        goal=Eq(Derivative(_LOG_REWARD, x), _BALANCE / _SPREAD**2),
    ),
    uses=("SW-05", "SW-07"),
    evidence=(Proof((Step(Identity()),)),),
    note="k = kappa^2/(sigma^2 C) and M = |theta_0|^2/(kappa^2 + sigma^2): the total variance is "
    "(kappa^2 + sigma^2)(1 + k y^2).",
)

_BALANCE_Y = D * k * y * (1 + k * y**2) - M * (1 - y) * (1 + k * y)

ONE_HORIZON = Claim(
    id="SW-17-ONE",
    title="The balance F changes sign once: the reward has one best horizon, whatever the start.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={y: UNIT, y2: UNIT, k: POSITIVE, D: POSITIVE, M: POSITIVE},
        goal=Implies(
            And(Lt(y, y2), Ge(_BALANCE_Y, 0)), Gt(_BALANCE_Y.xreplace({y: y2}), 0)
        ),
    ),
    uses=("SW-17",),
    evidence=(
        Proof((
            Step(
                Smt(alone=True),
                Implies(
                    Lt(y, y2),
                    Lt(
                        y * (1 + k * y**2) * (1 + k * y2), y2 * (1 + k * y2**2) * (1 + k * y)
                    ),
                ),
                "y(1 + k y^2)/(1 + k y) increases",
            ),
        )),
    ),
    loose="a sign",
)

_THIRD = (1 - y) ** sp.Rational(1, 3)  # the shrinkage for which F vanishes after three rounds

FREE_HORIZON = Claim(
    id="SW-17-FREE",
    title="At the best horizon the hypothesis of the optimal schedule holds by itself, strictly.",
    kind="theorem",
    source="new; completes Yang et al. 2025, Theorem 3.1",
    statement=Statement(
        variables={y: UNIT, k: POSITIVE, D: POSITIVE, M: POSITIVE},
        hypotheses=(Eq(M, D * k * y * (1 + k * y**2) / ((1 - y) * (1 + k * y))),),
        goal=And(
            Eq(_BALANCE_Y, 0),
            Eq(
                M * (1 - y) ** 2,
                D * (1 + k * y**2) * ((1 - y) * k * y / (1 + k * y)),
            ),
            Lt(M * (1 - y) ** 2, D * (1 + k * y**2)),
        ),
    ),
    uses=("SW-17", "SW-08"),
    binds=(
        Binding(
            "theory.budget.optimal_horizon",
            {
                "total": _THIRD / ((1 - _THIRD) * k),
                "theta0": sp.sqrt(M / D / (1 - _THIRD)),
                "sigma": 1.0,
                "kappa": sp.sqrt(_THIRD / (1 - _THIRD)),
            },
            sp.Integer(3),
        ),
    ),
    evidence=(Proof(),),
    loose="the last part is a strict bound",
    note="The hypothesis on the start is needed in SW-08 only because the horizon is imposed.",
)

# -- the price of proposals ----------------------------------------------------------------------
_M2 = over_coordinates(mean[i] ** 2)
_FROM = over_coordinates((theta[i] - mean[i]) ** 2)
_TILTED = over_coordinates((theta[i] - mean[i] * S0 / (S0 - v)) ** 2)

PROPOSALS = Claim(
    id="SW-21",
    title="If theta is N(m, v I) with v < s_0 = kappa^2 + sigma^2, a kept sample takes "
    "rho^(-d/2)(1 - u)^(-d/2) exp(|m|^2/(2 s_0(1 - u))) proposals on average, u = v/s_0.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={
            d: NATURALS, theta: Sequence(d, REALS), mean: Sequence(d, REALS),
            sigma: POSITIVE, kappa: POSITIVE, y: UNIT, v: POSITIVE,
        },
        hypotheses=(Eq(v, (1 - y) * S0),),
        goal=Eq(
            -d * log(kappa**2 / S0) / 2 + over_coordinates(theta[i] ** 2) / (2 * S0)
            + log_density(_FROM, v, d),
            -d * log(kappa**2 / S0) / 2 - d * log(y) / 2 + _M2 / (2 * S0 * y)
            + log_density(_TILTED, v / y, d),
        ),
    ),
    uses=("SW-02",),
    binds=(
        Binding(
            "theory.budget.proposals_per_kept",
            {"mean": mean, "variance": v, "sigma": sigma, "kappa": kappa},
            sp.exp(
                -d * log(kappa**2 / S0) / 2 - d * log(y) / 2 + _M2 / (2 * S0 * y)
            ),
            rtol=1e-7,
        ),
    ),
    evidence=(
        Proof((
            Step(
                Induction(d),
                Eq(
                    over_coordinates(theta[i] ** 2) / S0 - _FROM / v,
                    _M2 / (S0 - v) - _TILTED * (S0 - v) / (v * S0),
                ),
                "completing the square, coordinate by coordinate",
            ),
            Step(Smt(alone=True), Eq(S0 - v, S0 * y)),
            Step(
                Identity(),
                Eq(
                    -d * log(2 * sp.pi * v) / 2,
                    -d * log(y) / 2 - d * log(2 * sp.pi * v / y) / 2,
                ),
            ),
        )),
    ),
    note="In logarithms: one over the acceptance times the density of theta is the expected "
    "number of proposals rho^(-d/2)(1 - u)^(-d/2) exp(|m|^2/(2 s_0(1 - u))) times a normal "
    "density of theta, u = v/s_0 = 1 - y. For u >= 1 the expectation is infinite.",
)

INVARIANT = Claim(
    id="SW-21-FINITE",
    title="From a fixed start and with a sample or more a round, u_t stays below rho/(1 + rho) < "
    "1/2: mean and variance of the number of proposals are finite.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={
            T: NATURALS, rho: UNIT, n: Sequence(T, sp.Interval(1, sp.oo)),
            u: Sequence(T + 1, NONNEGATIVE),
        },
        hypotheses=(
            Eq(u[0], 0),
            Each(Eq(u[t + 1], rho**2 * u[t] + rho * (1 - rho) / n[t]), t, T),
        ),
        goal=And(Lt(u[T], rho / (1 + rho)), Lt(rho / (1 + rho), sp.Rational(1, 2))),
    ),
    uses=("SW-04",),
    evidence=(Proof((Step(Induction(T)),)),),
    loose="the bound is the limit of one sample a round",
    note="u = v/(kappa^2 + sigma^2).",
)

# -- gradient steps ------------------------------------------------------------------------------
_STEP = 1 - h[t] * (1 - rho)
_STEPS = {
    T: NATURALS, n: Sequence(T, POSITIVE), **SETTING, h: Sequence(T, UNIT),
    X: Sequence(T + 1, REALS), A: Sequence(T + 1, REALS),
}
_STEP_RULES = (
    DEFINES_RHO, Eq(X[0], 1), Eq(A[0], 0),
    Each(Eq(X[t + 1], _STEP * X[t]), t, T), Each(Eq(A[t + 1], _STEP * A[t] + h[t]), t, T),
)

TELESCOPE = Claim(
    id="SW-22-TELESCOPE",
    title="Whatever the step sizes, (1 - rho) times the sum of all noise weights is one minus "
    "the bias that is left.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables=_STEPS, hypotheses=_STEP_RULES, goal=Eq((1 - rho) * A[T], 1 - X[T]),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    note="X_T is the product of the factors 1 - h_t(1 - rho), A_T the sum of h_t times the later "
    "factors.",
)

FRONTIER = Claim(
    id="SW-22",
    title="With gradient steps of any sizes the variance is at least (K/C)(1 - x)^2, where x is "
    "the fraction of the bias that is left: batch growth and step decay are interchangeable.",
    kind="theorem",
    source="new; contains Yang et al. 2025, Theorem 3.1",
    statement=Statement(
        variables={
            **_STEPS, var: Sequence(T + 1, NONNEGATIVE), used: Sequence(T + 1, NONNEGATIVE),
        },
        hypotheses=(
            *_STEP_RULES, Eq(var[0], 0), Eq(used[0], 0),
            Each(Eq(var[t + 1], _STEP**2 * var[t] + h[t] ** 2 * NOISE / n[t]), t, T),
            Each(Eq(used[t + 1], used[t] + n[t]), t, T),
        ),
        goal=Ge(var[T] * used[T], CONSTANT * (1 - X[T]) ** 2),
    ),
    uses=("SW-22-TELESCOPE", "SW-04"),
    binds=(
        Binding(
            "theory.budget.remaining_bias", {"steps": h, "sigma": sigma, "kappa": kappa}, X[T],
        ),
        Binding(
            "theory.budget.step_variance",
            {"steps": h, "schedule": n, "sigma": sigma, "kappa": kappa}, var[T],
        ),
        Binding(
            "theory.budget.frontier_variance",
            {"total": used[T], "remaining": h[0], "sigma": sigma, "kappa": kappa},
            CONSTANT * (1 - h[0]) ** 2 / used[T],
        ),
    ),
    evidence=(
        Proof((
            Step(Lemma("SW-22-TELESCOPE")),
            Step(
                Induction(T),
                And(Ge(var[T] * used[T], NOISE * A[T] ** 2), Gt(used[T], 0)),
                "Cauchy-Schwarz, round by round",
            ),
            Step(Smt(alone=True), Eq(NOISE / (1 - rho) ** 2, CONSTANT)),
        )),
    ),
    loose="attained when n_t is proportional to the weight of its round",
    note="A full refit is h = 1, x = rho^T. Steps in (0, 1) are stated; with free proposals one "
    "over-relaxed step does as well as any number of rounds.",
)

RANDOM_START = Claim(
    id="SW-25",
    title="From a random start N(mu_0, tau^2 I) the law after T rounds is N(rho^T mu_0, "
    "(rho^(2T) tau^2 + v_T) I): the optimal schedule is the same.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={
            **SCHEDULE, **SETTING, mu0: REALS, tau: REALS,
            mean: Sequence(T + 1, REALS), var: Sequence(T + 1, NONNEGATIVE),
        },
        hypotheses=(
            DEFINES_RHO, Eq(mean[0], mu0), Eq(var[0], tau**2),
            Each(Eq(mean[t + 1], rho * mean[t]), t, T),
            Each(Eq(var[t + 1], rho**2 * var[t] + NOISE / n[t]), t, T),
        ),
        goal=And(
            Eq(mean[T], rho**T * mu0), Eq(var[T], rho ** (2 * T) * tau**2 + variance()),
        ),
    ),
    uses=("L-CONVOLUTION", "SW-04"),
    evidence=(Proof((Step(Induction(T)),)),),
)

CLAIMS = (
    MSE_HORIZON, REWARD_SLOPE, ONE_HORIZON, FREE_HORIZON, PROPOSALS, INVARIANT, TELESCOPE,
    FRONTIER, RANDOM_START,
)
