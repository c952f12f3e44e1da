"""Claims on a learned variance and on misplaced verifiers: SW-27, E-16, SW-29 (bindings)."""

import sympy as sp
from sympy import And, Eq, exp

from loopcert.claim import Binding, Claim, Proof, Refutation, Simulation
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
from loopcert.prove.proof import Induction, Lemma, Smt, Step
from loopcert.statements._budget_terms import (
    DEFINES_RHO,
    SCHEDULE,
    SETTING,
    C,
    T,
    j,
    kappa,
    n,
    p,
    rho,
    sigma,
    t,
    total,
)

__all__ = ["CLAIMS"]

S0 = kappa**2 + sigma**2
w, y = sp.symbols("w y", positive=True)
N = sp.Symbol("N", integer=True, positive=True)
var, tau = sp.IndexedBase("v"), sp.IndexedBase("tau")

_FACTOR = sp.Symbol("k", real=True)

# -- a learned variance ---------------------------------------------------------------------------
_ROOT = sp.sqrt(tau[t + 1])
_ROOTS = total(_ROOT)
_PRECISION = 1 / sigma**2 + (t + 1) / kappa**2

REFITTED = Claim(
    id="SW-27",
    title="If the generator refits its variance too and starts at the optimum, the terminal "
    "variance is sigma_T^4 sum_t tau_{t+1}/n_t in the limit of large samples, least at n_t "
    "proportional to sqrt(tau_{t+1}), tau_t = 1/sigma_0^2 + t/kappa^2: growth like sqrt(t), not "
    "exponential.",
    kind="theorem",
    source="new; Yang et al. 2025, Theorem 3.1, freeze the variance",
    statement=Statement(
        variables={
            **SCHEDULE, sigma: POSITIVE, kappa: POSITIVE, C: POSITIVE,
            tau: Sequence(T + 1, POSITIVE), var: Sequence(T + 1, NONNEGATIVE),
        },
        hypotheses=(
            Eq(tau[0], 1 / sigma**2), Each(Eq(tau[t + 1], tau[t] + 1 / kappa**2), t, T),
            Eq(var[0], 0),
            Each(
                Eq(
                    var[t + 1],
                    (kappa**2 / (kappa**2 + 1 / tau[t])) ** 2 * var[t] + 1 / (tau[t + 1] * n[t]),
                ),
                t, T,
            ),
            Eq(C, total(n[t])),
        ),
        goal=And(
            Eq(tau[T], 1 / sigma**2 + T / kappa**2),
            Eq(var[T], total(tau[t + 1] / n[t]) / tau[T] ** 2),
            Eq(
                var[T] * tau[T] ** 2 * C / _ROOTS**2 - 1,
                total((n[t] - C * _ROOT / _ROOTS) ** 2 / n[t]) / C,
            ),
        ),
    ),
    uses=("SW-01", "SW-07-EXCESS", "L-SIGNS", "UL-VARFIT"),
    corrects=("E-16",),
    binds=(
        Binding(
            "theory.budget.asymptotic_refit_schedule",
            {"total": C, "rounds": T, "sigma": sigma, "kappa": kappa},
            C * sp.sqrt(tau[1]) / _ROOTS, 0,
        ),
        Binding(
            "theory.budget.asymptotic_refit_variance",
            {"total": C, "rounds": T, "sigma": sigma, "kappa": kappa},
            _ROOTS**2 / (C * tau[T] ** 2),
        ),
        Binding(
            "theory.budget.refit_deviation", {"rounds": T, "sigma": sigma, "kappa": kappa},
            1 / sp.sqrt(tau[T]),
        ),
    ),
    evidence=(
        Proof((
            Step(Induction(T), Eq(tau[T], 1 / sigma**2 + T / kappa**2)),
            Step(Induction(T), Eq(var[T] * tau[T] ** 2, total(tau[t + 1] / n[t]))),
            Step(Lemma("SW-07-EXCESS", {p: sp.Lambda(j, sp.sqrt(tau[j + 1]))})),
            Step(
                Lemma("L-SIGNS", {p: sp.Lambda(j, sp.sqrt(tau[j + 1])), _FACTOR: sp.Integer(0)})
            ),
        )),
    ),
    note="A round from N(theta, 1/tau_t) keeps samples of N(rho_t theta, 1/tau_{t+1}), rho_t = "
    "tau_t/tau_{t+1} (SW-01). The fitted variances are taken at their limit, which is the "
    "leading order in the sample sizes if theta_0 = 0. From a start at a distance the noise of "
    "the fitted variances moves the mean too, by a variance of order theta_0^2/n that is left out "
    "here.",
)

FROZEN = Claim(
    id="E-16",
    title="The optimal schedule grows by alpha also if the generator refits its variance.",
    kind="theorem",
    source="Yang et al. 2025, Theorem 3.1",
    statement=Statement(
        variables={T: NATURALS, **SETTING},
        hypotheses=(DEFINES_RHO,),
        goal=Eq(
            sp.sqrt(_PRECISION.xreplace({t: T}) / _PRECISION.xreplace({t: T - 1})), 1 / rho,
        ),
    ),
    evidence=(
        Refutation(
            {T: 1, sigma: 1, kappa: 1, rho: "1/2"},
            reading="the generator is fitted in full, mean and variance",
        ),
    ),
    note="The optimal growth is then sqrt(tau_{t+2}/tau_{t+1}), sqrt(3/2) instead of 2 here "
    "(SW-27). The printed theorem holds the variance fixed.",
)

_INFLATION = N / (N - 3)
_EXPECTED = _INFLATION**T / sigma**2 + N / (3 * kappa**2) * (_INFLATION**T - 1)
mean = sp.IndexedBase("m")


def _precisions(rng, effort):
    # Two rounds of mean and variance fitted to 40 samples of the law of SW-01.
    replicates = 400_000 if effort == "quick" else 2_000_000
    precision, theta = 1.0, 0.0
    for _ in range(2):
        kept = precision + 1.0
        spread = (1 / kept) ** 0.5
        theta = theta * precision / kept + spread * rng.normal(size=replicates) / 40**0.5
        precision = 40 * kept / rng.chisquare(39, size=replicates)
    return {"precision": (precision.mean(), precision.std() / replicates**0.5)}


COLLAPSE = Claim(
    id="SW-27-COLLAPSE",
    title="With n >= 4 samples a round the fitted precision is too large by n/(n-3) on average, "
    "so that the expected precision grows like (n/(n-3))^T.",
    kind="proposition",
    source="new",
    statement=Statement(
        variables={
            T: NATURALS, N: sp.Range(4, sp.oo), sigma: POSITIVE, kappa: POSITIVE,
            mean: Sequence(T + 1, POSITIVE),
        },
        hypotheses=(
            Eq(mean[0], 1 / sigma**2),
            Each(Eq(mean[t + 1], (mean[t] + 1 / kappa**2) * _INFLATION), t, T),
        ),
        goal=Eq(mean[T], _EXPECTED),
    ),
    uses=("SW-27", "UL-DIM-DENSITY"),
    evidence=(
        Proof((Step(Induction(T)),)),
        Simulation(
            run=_precisions,
            predicted={"precision": _EXPECTED},
            at={T: 2, N: 40, sigma: 1, kappa: 1, mean: [1, "80/37", "4680/1369"]},
            note="samples of the kept law, fitted by maximum likelihood",
        ),
    ),
    note="One dimension. The fitted variance is chi^2_{n-1}/(n tau), and 1/chi^2_p has the mean "
    "1/(p-2), since y f_{p-2} = (p-2) f_p (UL-DIM-DENSITY). m_t is the expected precision.",
)

# -- misplaced verifiers --------------------------------------------------------------------------
_LIMIT = sigma**2 * w**2 / (2 * kappa**2 + sigma**2)

JITTER = Claim(
    id="SW-29-JITTER",
    title="A centre that trembles with variance w^2 in every round leaves w^2 sigma^2/(2 kappa^2 "
    "+ sigma^2) however many samples are kept.",
    kind="proposition",
    source="new",
    statement=Statement(
        variables={T: NATURALS, **SETTING, w: POSITIVE, var: Sequence(T + 1, NONNEGATIVE)},
        hypotheses=(
            DEFINES_RHO, Eq(var[0], 0),
            Each(Eq(var[t + 1], rho**2 * var[t] + (1 - rho) ** 2 * w**2), t, T),
        ),
        goal=Eq(var[T], _LIMIT * (1 - rho ** (2 * T))),
    ),
    uses=("SW-29",),
    binds=(
        Binding(
            "theory.budget.centre_jitter_floor",
            {"jitter": w, "sigma": sigma, "kappa": kappa}, _LIMIT,
        ),
        Binding(
            "theory.budget.centre_gap_floor",
            {"centre": [w, w], "sigma": sigma, "kappa": kappa},
            1 - exp(-(w**2) / S0),
        ),
    ),
    evidence=(
        Proof((
            Step(Smt(alone=True), Eq((1 - rho) ** 2 * w**2 / (1 - rho**2), _LIMIT)),
            Step(Induction(T), Eq(var[T], (1 - rho) ** 2 * w**2 / (1 - rho**2)
                                  * (1 - rho ** (2 * T)))),
        )),
    ),
    note="theta' - c = rho(theta - c), so the centre of a round enters with the factor 1 - rho.",
)

theta0 = sp.Symbol("theta_0", real=True)
_PASSED = w * (1 - rho ** (-y / (1 + y)))
_UNIT_SCALE = {"sigma": 1.0, "kappa": sp.sqrt(rho / (1 - rho))}

PASSING = Claim(
    id="SW-29-PASSING",
    title="The mean c + rho^T(theta_0 - c) of a loop towards a misplaced centre c passes the "
    "reward's own centre at rho^T = c/(c - theta_0).",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={**SCHEDULE, rho: UNIT, w: POSITIVE, y: POSITIVE, theta0: REALS},
        hypotheses=(Eq(theta0, w * (1 - rho ** (-y))),),
        goal=And(Eq(w + rho**y * (theta0 - w), 0), Eq(w / (w - theta0), rho**y)),
    ),
    uses=("SW-29", "SW-29-HORIZON"),
    binds=(
        Binding(
            "theory.budget.misdirected_law",
            {
                "theta0": y, "schedule": n, "sigma": 1.0, "centre": w,
                "verifier_width": sp.sqrt(rho / (1 - rho)),
            },
            rho * total(rho ** (2 * (T - 1 - t)) / n[t]), "variance",
        ),
        Binding(
            "theory.budget.misdirected_horizon",
            {"theta0": _PASSED, "centre": w, **_UNIT_SCALE}, y / (1 + y), rtol=1e-5,
        ),
    ),
    evidence=(Proof(),),
    note="One dimension, centre c = w > 0, passed after y rounds (which need not be whole).",
)

CLAIMS = (REFITTED, FROZEN, COLLAPSE, JITTER, PASSING)
