"""Claims on the Gaussian selection loop (Yang et al. 2025): one round, the law after T rounds, the
schedule of least variance; ids SW-01 to SW-07."""

import sympy as sp
from sympy import And, Eq, Ge, Gt, Implies, Le, Lt, Ne, Sum, log

from loopcert.claim import Binding, Claim, Proof, Simulation
from loopcert.prove.formal import NATURALS, POSITIVE, REALS, Each, Sequence, Statement
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
    j,
    kappa,
    log_density,
    n,
    over_coordinates,
    p,
    rho,
    sigma,
    t,
    total,
    variance,
)

__all__ = ["CLAIMS"]

S, w, v = sp.symbols("S w v", positive=True)
y, m, k, mu, theta0 = sp.symbols("y m k mu theta_0", real=True)
r, s, N = (
    sp.Symbol("r", integer=True, nonnegative=True),
    sp.Symbol("s", integer=True, nonnegative=True),
    sp.Symbol("N", integer=True, positive=True),
)
x, theta = sp.IndexedBase("x"), sp.IndexedBase("theta")
mean, var = sp.IndexedBase("m"), sp.IndexedBase("v")

LOG = Claim(
    id="L-LOG",
    title="The logarithm lies below its tangent at one, and touches it only there.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={S: POSITIVE},
        goal=And(Le(log(S), S - 1), Implies(Ne(S, 1), Lt(log(S), S - 1))),
    ),
    evidence=(
        Proof((
            # With u = log S the claim is exp(u) >= 1 + u; Z3 knows both atoms by their tangents.
            Step(Smt(), Le(log(S), S - 1)),
        )),
    ),
)

# -- one round -----------------------------------------------------------------------------------
_KEPT = over_coordinates((x[i] - rho * theta[i]) ** 2)
_PROPOSED = over_coordinates((x[i] - theta[i]) ** 2)
_KEEP = -over_coordinates(x[i] ** 2) / (2 * kappa**2)
_START = over_coordinates(theta[i] ** 2)
_SQUARES_SPLIT = Eq(
    over_coordinates(x[i] ** 2) / kappa**2 + _PROPOSED / sigma**2,
    _START / (kappa**2 + sigma**2) + _KEPT / (rho * sigma**2),
)
_ACCEPTANCE = d * log(rho) / 2 - _START / (2 * (kappa**2 + sigma**2))

SELECTION = Claim(
    id="SW-01",
    title="Keeping x with probability exp(-|x|^2/2 kappa^2) turns N(theta, sigma^2 I) into N(rho "
    "theta, rho sigma^2 I), in any dimension.",
    kind="lemma",
    source="Yang et al. 2025, Lemma A.1",
    statement=Statement(
        variables={
            d: NATURALS, x: Sequence(d, REALS), theta: Sequence(d, REALS), **SETTING,
        },
        hypotheses=(DEFINES_RHO,),
        goal=Eq(
            _KEEP + log_density(_PROPOSED, sigma**2, d),
            _ACCEPTANCE + log_density(_KEPT, rho * sigma**2, d),
        ),
    ),
    binds=(
        Binding("theory.budget.shrinkage", {"sigma": sigma, "kappa": kappa}, rho),
        Binding("theory.budget.growth_factor", {"sigma": sigma, "kappa": kappa}, 1 / rho),
        Binding(
            "theory.budget.selected_law", {"theta": 1.0, "sigma": sigma, "kappa": kappa},
            rho * sigma**2, "variance",
        ),
    ),
    evidence=(
        Proof((
            Step(Induction(d), _SQUARES_SPLIT, "completing the square, coordinate by coordinate"),
            Step(
                Identity(),
                Eq(
                    d * log(rho) / 2 - d * log(2 * sp.pi * rho * sigma**2) / 2,
                    -d * log(2 * sp.pi * sigma**2) / 2,
                ),
                "the normalising constants",
            ),
        )),
    ),
    note="In logarithms: keep probability times proposal density equals a constant times a "
    "normal density of x. Proposals are independent, so kept samples are i.i.d. with that "
    "density whatever stopping rule looks only at counts.",
)


def _first_round(rng, effort):
    from sims.budget import simulate_selection_loop

    replicates, kept = (4000, 100) if effort == "quick" else (20000, 200)
    loop = simulate_selection_loop(
        [2.0, -1.0], [kept], 1.0, 1.0, replicates=replicates, rng=rng, level="sample"
    )
    draws = loop.proposals[:, 0] / kept
    return {"proposals per kept sample": (draws.mean(), draws.std(ddof=1) / replicates**0.5)}


ACCEPTANCE = Claim(
    id="SW-02",
    title="The acceptance probability of a proposal is rho^(d/2) exp(-|theta|^2/2(kappa^2 + "
    "sigma^2)): the function that is also the expected reward.",
    kind="lemma",
    source="Yang et al. 2025, section 3.2",
    statement=Statement(
        variables={
            d: NATURALS, x: Sequence(d, REALS), theta: Sequence(d, REALS), **SETTING,
        },
        hypotheses=(DEFINES_RHO,),
        goal=Eq(
            _KEEP + log_density(_PROPOSED, sigma**2, d) - log_density(_KEPT, rho * sigma**2, d),
            _ACCEPTANCE,
        ),
    ),
    uses=("SW-01",),
    binds=(
        Binding(
            "theory.budget.expected_reward",
            {"mean": theta, "variance": 0.0, "sigma": sigma, "kappa": kappa},
            sp.exp(_ACCEPTANCE),
        ),
        Binding(
            "theory.budget.proposals_per_kept",
            {"mean": theta, "variance": 0.0, "sigma": sigma, "kappa": kappa},
            sp.exp(-_ACCEPTANCE),
        ),
    ),
    evidence=(
        Proof((Step(Lemma("SW-01")),)),
        Simulation(
            run=_first_round,
            predicted={"proposals per kept sample": sp.exp(-_ACCEPTANCE)},
            at={
                d: 2, theta: [2, -1], x: [0, 0], sigma: 1, kappa: 1, rho: "1/2",
            },
            note="every proposal drawn, none from the known law of kept samples",
        ),
    ),
    note="Keep probability times proposal density over a normal density of x is the constant on "
    "the right; integrated over x it is the probability that a proposal is kept, and, as the "
    "reward is the keep probability, the expected reward.",
)

_AVERAGE = Sum(x[i], (i, 0, N - 1)) / N
_SAMPLES = {N: NATURALS, x: Sequence(N, REALS)}


def _over_samples(term):
    return Sum(term, (i, 0, N - 1))


SPREAD = Claim(
    id="L-SPREAD",
    title="The sum of squared distances to a point, in the first two sums of the sample.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={**_SAMPLES, mu: REALS},
        goal=Eq(
            _over_samples((x[i] - mu) ** 2),
            _over_samples(x[i] ** 2) - 2 * mu * _over_samples(x[i]) + N * mu**2,
        ),
    ),
    evidence=(Proof((Step(Induction(N)),)),),
)

REFIT = Claim(
    id="SW-03",
    title="With sigma fixed, the likelihood of the kept samples is largest at their mean and "
    "nowhere else.",
    kind="lemma",
    source="Yang et al. 2025, section 3.2",
    statement=Statement(
        variables={**_SAMPLES, mu: REALS, sigma: POSITIVE},
        where={m: _AVERAGE},
        goal=Eq(
            log_density(_over_samples((x[i] - mu) ** 2), sigma**2, N),
            log_density(_over_samples((x[i] - m) ** 2), sigma**2, N)
            - N * (mu - m) ** 2 / (2 * sigma**2),
        ),
    ),
    uses=("L-SPREAD",),
    evidence=(
        Proof((Step(Lemma("L-SPREAD")), Step(Lemma("L-SPREAD", {mu: _AVERAGE})))),
    ),
    note="Per coordinate. The mean of N independent N(rho theta, rho sigma^2) samples is N(rho "
    "theta, rho sigma^2/N), the noise of one round in SW-04. N >= 1: without a kept sample there "
    "is no fit.",
)

# -- T rounds ------------------------------------------------------------------------------------
_SUM = rho**2 * v + w
_POSTERIOR = v * w / _SUM

CONVOLUTION = Claim(
    id="L-CONVOLUTION",
    title="If theta is N(m, v) and y given theta is N(rho theta, w), then y is N(rho m, rho^2 v "
    "+ w).",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={y: REALS, k: REALS, m: REALS, rho: POSITIVE, v: POSITIVE, w: POSITIVE},
        goal=Eq(
            log_density((y - rho * k) ** 2, w) + log_density((k - m) ** 2, v),
            log_density((y - rho * m) ** 2, _SUM)
            + log_density((k - (m + rho * v * (y - rho * m) / _SUM)) ** 2, _POSTERIOR),
        ),
    ),
    evidence=(Proof((Step(Identity()),)),),
    note="The joint log density of (theta, y) at (k, y), written in both orders: the last term "
    "is a normal density in k, which integrates to one.",
)


def _loop_moments(level, replicates, schedule, start):
    def run(rng, effort):
        from sims.budget import simulate_selection_loop

        # Four coordinates with the same start are four loops for the price of one.
        loop = simulate_selection_loop(
            [start] * 4, schedule, 1.0, 2.0, replicates=replicates[effort != "quick"], rng=rng,
            level=level,
        )
        last = loop.parameters[:, -1, :].ravel()
        squares = (last - last.mean()) ** 2
        return {
            "mean": (last.mean(), (squares.mean() / last.size) ** 0.5),
            "variance": (squares.sum() / (last.size - 1), squares.std() / last.size**0.5),
        }

    return run


def _law_simulation(level, replicates, schedule, start, note):
    rounds = len(schedule)
    return Simulation(
        run=_loop_moments(level, replicates, schedule, start),
        predicted={"mean": rho**T * theta0, "variance": variance()},
        at={
            T: rounds, n: list(schedule), mean: [0] * (rounds + 1), var: [0] * (rounds + 1),
            theta0: sp.Rational(str(start)), sigma: 1, kappa: 2, rho: "4/5",
        },
        note=note,
    )


LAW = Claim(
    id="SW-04",
    title="After T rounds theta_T is N(rho^T theta_0, v_T I) with v_T = rho sigma^2 sum_t "
    "rho^(2(T-1-t))/n_t.",
    kind="lemma",
    source="Yang et al. 2025, Lemma A.1",
    statement=Statement(
        variables={
            **SCHEDULE, **SETTING, theta0: REALS,
            mean: Sequence(T + 1, REALS), var: Sequence(T + 1, REALS),
        },
        hypotheses=(
            DEFINES_RHO,
            Eq(mean[0], theta0),
            Eq(var[0], 0),
            Each(Eq(mean[t + 1], rho * mean[t]), t, T),
            Each(Eq(var[t + 1], rho**2 * var[t] + NOISE / n[t]), t, T),
        ),
        goal=And(Eq(mean[T], rho**T * theta0), Eq(var[T], variance())),
    ),
    uses=("SW-01", "SW-03", "L-CONVOLUTION"),
    binds=(
        Binding(
            "theory.budget.terminal_variance", {"schedule": n, "sigma": sigma, "kappa": kappa},
            variance(),
        ),
        Binding(
            "theory.budget.terminal_law",
            {"theta0": theta0, "schedule": n, "sigma": sigma, "kappa": kappa},
            variance(), "variance",
        ),
    ),
    evidence=(
        Proof((Step(Induction(T)),)),
        _law_simulation(
            "sample", (200_000, 600_000), (2, 1, 3), 1.5, "every proposal drawn and rejected"
        ),
        _law_simulation(
            "law", (200_000, 600_000), (3, 1, 4, 2, 6), 6.0, "each round drawn from its law"
        ),
    ),
    note="Per coordinate. Mean and variance by induction on the rounds; that a normal law stays "
    "normal from round to round is L-CONVOLUTION with w = rho sigma^2/n_t (SW-01, SW-03).",
)

# -- the schedule of least variance --------------------------------------------------------------
SQUARES = Claim(
    id="L-SQUARES",
    title="The weighted square distance of a sequence to a multiple of another, in three sums.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={T: NATURALS, n: Sequence(T, POSITIVE), p: Sequence(T, POSITIVE), k: REALS},
        goal=Eq(
            total((n[t] - k * p[t]) ** 2 / n[t]),
            total(n[t]) - 2 * k * total(p[t]) + k**2 * total(p[t] ** 2 / n[t]),
        ),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
)

SIGNS = Claim(
    id="L-SIGNS",
    title="A sum of squares over positive numbers is not negative; a sum of positive numbers is "
    "positive.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={T: NATURALS, n: Sequence(T, POSITIVE), p: Sequence(T, POSITIVE), k: REALS},
        goal=And(Ge(total((n[t] - k * p[t]) ** 2 / n[t]), 0), Gt(total(p[t]), 0)),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    loose="signs of sums that are far from zero in general",
)

EXCESS = Claim(
    id="SW-07-EXCESS",
    title="The noise of any schedule exceeds the least possible by a chi-square distance to the "
    "schedule proportional to the weights, whatever the weights.",
    kind="lemma",
    source="new; behind Yang et al. 2025, Theorem 3.1 and E.1",
    statement=Statement(
        variables={T: NATURALS, n: Sequence(T, POSITIVE), p: Sequence(T, POSITIVE), C: POSITIVE},
        hypotheses=(Eq(C, total(n[t])),),
        where={k: C / total(p[t])},
        goal=And(
            Eq(
                total(p[t] ** 2 / n[t]) * C / total(p[t]) ** 2 - 1,
                total((n[t] - k * p[t]) ** 2 / n[t]) / C,
            ),
            Ge(total(p[t] ** 2 / n[t]), total(p[t]) ** 2 / C),
        ),
    ),
    uses=("L-SQUARES", "L-SIGNS"),
    evidence=(Proof((Step(Lemma("L-SQUARES")), Step(Lemma("L-SIGNS")))),),
)

GEOMETRIC = Claim(
    id="L-GEOMETRIC",
    title="The geometric sum, counted back from the last round.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={T: NATURALS, rho: POSITIVE},
        hypotheses=(Ne(rho, 1),),
        goal=Eq(total(rho ** (T - 1 - t)), (1 - rho**T) / (1 - rho)),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
)

_BEST = C * (1 - rho) * rho ** (T - 1 - t) / (1 - rho**T)
_EXCESS_AT = Lemma("SW-07-EXCESS", {p: sp.Lambda(j, rho ** (T - 1 - j))})

OPTIMUM = Claim(
    id="SW-07",
    title="Optimal schedule: over all schedules of total C, v_T >= v*_T = (K/C)(1 - rho^T)^2, "
    "attained by n*_t = C(1 - rho) rho^(T-1-t)/(1 - rho^T).",
    kind="theorem",
    source="Yang et al. 2025, Theorem 3.1 and E.1 (the identity is ours)",
    statement=Statement(
        variables={**SCHEDULE, **SETTING, C: POSITIVE},
        hypotheses=(DEFINES_RHO, Eq(C, total(n[t]))),
        goal=And(
            Eq(total(_BEST), C),
            Eq(variance() / LEAST - 1, total((n[t] - _BEST) ** 2 / n[t]) / C),
            Ge(variance(), LEAST),
        ),
    ),
    uses=("SW-07-EXCESS", "L-GEOMETRIC", "SW-04"),
    binds=(
        Binding(
            "theory.budget.optimal_variance",
            {"total": C, "rounds": T, "sigma": sigma, "kappa": kappa}, LEAST,
        ),
    ),
    evidence=(
        Proof((
            Step(_EXCESS_AT),
            Step(Lemma("L-GEOMETRIC")),
            Step(Smt(alone=True), Eq(NOISE / (1 - rho) ** 2, CONSTANT)),
        )),
    ),
    note="The identity is the whole proof: its right side is the exact regret of any schedule.",
)


def _term(index):
    return (n[index] - k * p[index]) ** 2 / n[index]


ONE_OF_MANY = Claim(
    id="L-TERM",
    title="A sum of squares is at least any one of them.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={
            s: sp.S.Naturals0, r: sp.S.Naturals0, n: Sequence(s + r + 1, POSITIVE),
            p: Sequence(s + r + 1, POSITIVE), k: REALS,
        },
        goal=Ge(Sum(_term(t), (t, 0, s + r)), _term(s)),
    ),
    evidence=(
        Proof((
            Step(
                Induction(s, start=0),
                And(
                    Ge(Sum(_term(t), (t, 0, s)), _term(s)), Ge(Sum(_term(t), (t, 0, s)), 0)
                ),
            ),
            Step(Induction(r, start=0)),
        )),
    ),
    loose="equal only where all other terms vanish",
)

_PRINTED = C * (1 / rho - 1) * (1 / rho) ** s / ((1 / rho) ** T - 1)

UNIQUE = Claim(
    id="SW-07-UNIQUE",
    title="A schedule that differs from n*_t = C(alpha - 1) alpha^t/(alpha^T - 1), alpha = "
    "1/rho, in any one round leaves more variance than v*_T(C).",
    kind="corollary",
    source="Yang et al. 2025, Theorem 3.1 and E.1",
    statement=Statement(
        variables={
            s: sp.S.Naturals0, r: sp.S.Naturals0, n: Sequence(s + r + 1, POSITIVE),
            **SETTING, C: POSITIVE,
        },
        hypotheses=(DEFINES_RHO, Eq(C, Sum(n[t], (t, 0, s + r)))),
        where={T: s + r + 1},
        goal=And(
            Ge(variance() / LEAST - 1, (n[s] - _PRINTED) ** 2 / (n[s] * C)),
            Implies(Ne(n[s], _PRINTED), Gt(variance(), LEAST)),
        ),
    ),
    uses=("SW-07", "L-TERM"),
    binds=(
        Binding(
            "theory.budget.optimal_schedule",
            {"total": C, "rounds": T, "sigma": sigma, "kappa": kappa},
            _PRINTED, s,
        ),
    ),
    evidence=(
        Proof((
            Step(Lemma("SW-07", {T: s + r + 1})),
            Step(
                Lemma(
                    "L-TERM",
                    {
                        k: C * (1 - rho) / (1 - rho ** (s + r + 1)),
                        p: sp.Lambda(j, rho ** (s + r - j)),
                    },
                )
            ),
        )),
    ),
    loose="the first part is attained only where all other rounds are at their optimum",
    note="For round s of s + r + 1, that is, for every round of every horizon.",
)

CLAIMS = (
    LOG, SELECTION, ACCEPTANCE, SPREAD, REFIT, CONVOLUTION, LAW, SQUARES, SIGNS, EXCESS,
    GEOMETRIC, OPTIMUM, ONE_OF_MANY, UNIQUE,
)
