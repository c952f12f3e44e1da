"""Claims beyond the ideal loop, with priced proposals, noisy and misplaced verifiers: SW-20,
SW-24, SW-28, SW-29, E-03, E-13 to E-15."""

import sympy as sp
from sympy import And, Eq, Ge, Gt, Lt, exp

from loopcert.claim import Binding, Claim, Proof, Refutation
from loopcert.prove.formal import (
    NATURALS,
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
    NOISE,
    SCHEDULE,
    SETTING,
    C,
    T,
    d,
    i,
    j,
    kappa,
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

M, q, b, a, w = sp.symbols("M q b a w", positive=True)
make, train = sp.symbols("c_gen c_train", positive=True)
s = sp.Symbol("s", integer=True, nonnegative=True)
theta0, c, x, k = sp.symbols("theta_0 c x k", real=True)
phi, psi, eps = sp.symbols("phi psi epsilon", positive=True)
first, second = sp.symbols("theta_1 theta_2", real=True)
prices, mean, start, centre = (sp.IndexedBase(name) for name in ("c", "m", "theta", "z"))

# -- priced proposals ----------------------------------------------------------------------------
_WORTH = rho ** (T - 1 - t) * sp.sqrt(prices[t])

PRICED = Claim(
    id="SW-20",
    title="If a kept sample of round t costs c_t, the least variance for a budget B is (rho "
    "sigma^2/B)(sum_t rho^(T-1-t) sqrt(c_t))^2, at n_t proportional to rho^(T-1-t)/sqrt(c_t).",
    kind="theorem",
    source="new; Yang et al. 2025 price kept samples only",
    statement=Statement(
        variables={**SCHEDULE, **SETTING, C: POSITIVE, prices: Sequence(T, POSITIVE)},
        hypotheses=(DEFINES_RHO, Eq(C, total(prices[t] * n[t]))),
        goal=And(
            Eq(
                variance() * C / (NOISE * total(_WORTH) ** 2) - 1,
                total(
                    (prices[t] * n[t] - C * _WORTH / total(_WORTH)) ** 2 / (prices[t] * n[t])
                ) / C,
            ),
            Ge(variance(), NOISE / C * total(_WORTH) ** 2),
        ),
    ),
    uses=("SW-04", "SW-07-EXCESS"),
    corrects=("E-14",),
    evidence=(
        Proof((
            Step(
                Lemma(
                    "SW-07-EXCESS",
                    {
                        p: sp.Lambda(j, _WORTH.xreplace({t: j})),
                        n: sp.Lambda(j, (prices[t] * n[t]).xreplace({t: j})),
                    },
                )
            ),
        )),
    ),
    note="With a price per proposal c_t follows the mean trajectory (SW-20-GROWTH). C is the "
    "budget B.",
)


def price(round_):
    """The price of a kept sample on the mean trajectory."""
    return train + make * exp(rho ** (2 * round_) * M / 2)


_SPEED = sp.sqrt(price(s) / price(s + 1)) / rho
# One dimension; the start is kept where the prices stay in the range of floats.
_NEAR = {M: 20 * M / (1 + M)}
_PRICED_CALL = {
    "budget": sum(rho ** (2 - r) * sp.sqrt(price(r)) for r in range(3)).xreplace(_NEAR),
    "rounds": 3,
    "theta0": sp.sqrt(M / (1 - rho)).xreplace(_NEAR),
    "sigma": 1.0,
    "kappa": sp.sqrt(rho / (1 - rho)),
    "price_generate": make * sp.sqrt(rho),
    "price_train": train,
}

GROWTH = Claim(
    id="SW-20-GROWTH",
    title="With priced proposals the optimal schedule grows by alpha sqrt(c_t/c_{t+1}) a round: "
    "faster than alpha, since acceptance improves.",
    kind="proposition",
    source="new",
    statement=Statement(
        variables={
            s: sp.Range(0, 6), rho: UNIT, M: POSITIVE, make: POSITIVE,
            train: POSITIVE,
        },
        goal=Gt(price(s), price(s + 1)),
    ),
    uses=("SW-20", "L-EXP-RISES"),
    corrects=("E-14",),
    binds=(
        Binding(
            "theory.budget.priced_schedule", _PRICED_CALL,
            (rho / sp.sqrt(price(1))).xreplace(_NEAR), 1,
        ),
    ),
    evidence=(
        Proof((
            Step(
                Smt(alone=True),
                Lt(rho ** (2 * s + 2), rho ** (2 * s)),
            ),
            Step(
                Lemma(
                    "L-EXP-RISES",
                    {
                        k: rho ** (2 * s + 2) * M / 2,
                        w: rho ** (2 * s) * M / 2 - rho ** (2 * s + 2) * M / 2,
                    },
                )
            ),
        )),
    ),
    loose="a strict inequality",
    note="M = |theta_0|^2/(kappa^2 + sigma^2); c_gen is the price of a proposal times the "
    "proposals rho^(-d/2) that a kept sample takes at the centre.",
)

EXP_RISES = Claim(
    id="L-EXP-RISES",
    title="The exponential is strictly increasing.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={k: REALS, w: POSITIVE}, goal=Gt(exp(k + w), exp(k)),
    ),
    evidence=(Proof(),),
    loose="a strict inequality",
)

TRAINING_ONLY = Claim(
    id="E-14",
    title="The optimal schedule grows by alpha in every round, whatever proposals cost.",
    kind="theorem",
    source="Yang et al. 2025, Theorem 3.1",
    statement=Statement(
        variables={
            s: sp.S.Naturals0, rho: UNIT, M: POSITIVE, make: POSITIVE,
            train: POSITIVE,
        },
        goal=Eq(_SPEED, 1 / rho),
    ),
    evidence=(
        Refutation(
            {s: 0, rho: "1/2", M: 4, make: "7/5", train: "1/5"},
            reading="the cost of a round counts its proposals",
        ),
    ),
    note="The printed warm-up prices training only. With sigma = kappa, |theta_0|^2 = 8 sigma^2 "
    "and proposals five times as dear as training, the first factor is 4.10 instead of 2.",
)

# -- a fixed number of proposals -----------------------------------------------------------------
JENSEN = Claim(
    id="E-15",
    title="With a fixed number of proposals the noise is that of the expected number kept, E[1/n "
    "| n > 0] = 1/E[n | n > 0].",
    kind="remark",
    source="Yang et al. 2025, section 3",
    statement=Statement(
        variables={q: UNIT},
        goal=Eq((2 * q * (1 - q) + q**2 / 2) / (1 - (1 - q) ** 2), (1 - (1 - q) ** 2) / (2 * q)),
    ),
    evidence=(
        Refutation(
            {q: "1/2"}, reading="n_t is the number kept out of a fixed number of proposals"
        ),
    ),
    note="Two proposals, each kept with probability q, kept count binomial. Besides, no proposal "
    "is kept with probability (1-q)^2, and then there is no fit.",
)

TWO_PROPOSALS = Claim(
    id="SW-24",
    title="A random number n of kept samples adds more noise than a fixed one of the same mean: "
    "E[1/n] E[n] - 1 is a variance-like square.",
    kind="proposition",
    source="new",
    statement=Statement(
        variables={T: NATURALS, p: Sequence(T, POSITIVE), n: Sequence(T, POSITIVE), w: POSITIVE},
        hypotheses=(Eq(w, total(p[t] * n[t]) / total(p[t])),),
        goal=Eq(
            total(p[t] / n[t]) / total(p[t]) * w - 1,
            total(p[t] * (n[t] - w) ** 2 / n[t]) / (total(p[t]) * w),
        ),
    ),
    uses=("L-SIGNS", "SW-24-SUMS"),
    corrects=("E-15",),
    evidence=(
        Proof((
            Step(Lemma("SW-24-SUMS")),
            Step(Lemma("L-SIGNS", {k: sp.Integer(1)})),
        )),
    ),
    note="The count takes the value n_t with probability p_t/sum p; w is its mean.",
)

SUMS = Claim(
    id="SW-24-SUMS",
    title="A weighted sum of (n - w)^2/n in three sums.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={T: NATURALS, p: Sequence(T, POSITIVE), n: Sequence(T, POSITIVE), w: POSITIVE},
        goal=Eq(
            total(p[t] * (n[t] - w) ** 2 / n[t]),
            total(p[t] * n[t]) - 2 * w * total(p[t]) + w**2 * total(p[t] / n[t]),
        ),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
)

# -- imperfect verifiers -------------------------------------------------------------------------
_MIX = phi + (1 - phi - psi) * a
_BLIND = phi / _MIX
_EFFECTIVE = (phi + (1 - phi - psi) * a * rho) / _MIX
_CLEAN = sp.sqrt(rho) * exp(-(theta0**2) / (2 * (kappa**2 + sigma**2)))
_NOISY_CALL = {
    "theta": theta0, "false_accept": phi, "false_reject": psi, "sigma": sigma, "kappa": kappa,
}

NOISY = Claim(
    id="SW-28",
    title="A verifier that keeps with probability phi + (1 - phi - psi) r contracts by (phi + "
    "(1-phi-psi) a rho)/(phi + (1-phi-psi) a), and the kept variance gains w_0 w_1 (1-rho)^2 "
    "theta^2.",
    kind="proposition",
    source="new",
    statement=Statement(
        variables={
            **SETTING, theta0: REALS, phi: UNIT, psi: UNIT, a: POSITIVE, b: POSITIVE,
        },
        hypotheses=(DEFINES_RHO, Lt(phi + psi, 1), Eq(a, _CLEAN), Eq(b, _BLIND)),
        goal=And(
            Eq(b * theta0 + (1 - b) * rho * theta0, _EFFECTIVE * theta0),
            Eq(
                b * (sigma**2 + theta0**2) + (1 - b) * (NOISE + rho**2 * theta0**2)
                - (_EFFECTIVE * theta0) ** 2,
                (b + (1 - b) * rho) * sigma**2 + b * (1 - b) * (1 - rho) ** 2 * theta0**2,
            ),
        ),
    ),
    uses=("SW-01", "SW-02"),
    binds=(
        Binding("theory.budget.noisy_selection", _NOISY_CALL, _MIX, "acceptance"),
        Binding("theory.budget.noisy_selection", _NOISY_CALL, _EFFECTIVE, "contraction"),
        Binding(
            "theory.budget.noisy_selection", _NOISY_CALL,
            (b + (1 - b) * rho) * sigma**2 + b * (1 - b) * (1 - rho) ** 2 * theta0**2,
            "variance_along",
        ),
    ),
    evidence=(Proof(),),
    note="Kept samples are a mixture: with probability b = phi/acceptance from the proposals, "
    "else from the selected law of SW-01. One coordinate along theta; a is the acceptance "
    "without errors.",
)

WRONG_CENTRE = Claim(
    id="SW-29",
    title="A verifier centred at c sends theta_0 to c + rho^T(theta_0 - c): the loop converges "
    "to the verifier's centre.",
    kind="proposition",
    source="new",
    statement=Statement(
        variables={
            T: NATURALS, **SETTING, theta0: REALS, c: REALS, mean: Sequence(T + 1, REALS),
        },
        hypotheses=(
            DEFINES_RHO, Eq(mean[0], theta0), Each(Eq(mean[t + 1], c + rho * (mean[t] - c)), t, T),
        ),
        goal=Eq(mean[T], c + rho**T * (theta0 - c)),
    ),
    uses=("SW-01",),
    evidence=(Proof((Step(Induction(T)),)),),
    note="Per coordinate. The variance does not change (SW-04).",
)

_GAP2 = over_coordinates((centre[i] - start[i]) ** 2)
_INNER = over_coordinates(centre[i] * (centre[i] - start[i]))
_NORM2 = over_coordinates(centre[i] ** 2)

BEST_CENTRE = Claim(
    id="SW-29-HORIZON",
    title="Without noise |m_T|^2 is least at rho^T = c.(c - theta_0)/|c - theta_0|^2: with a "
    "wrong centre the best horizon is finite where that number lies in (0, 1).",
    kind="proposition",
    source="new",
    statement=Statement(
        variables={d: NATURALS, centre: Sequence(d, REALS), start: Sequence(d, REALS), x: REALS},
        goal=Eq(
            over_coordinates((centre[i] + x * (start[i] - centre[i])) ** 2),
            _NORM2 - 2 * x * _INNER + x**2 * _GAP2,
        ),
    ),
    evidence=(Proof((Step(Induction(d)),)),),
    note="A parabola in x = rho^T with its vertex at the ratio of the last two sums.",
)

EQUAL_MEANS = Claim(
    id="E-03",
    title="The components of theta_T are identically distributed.",
    kind="remark",
    source="Yang et al. 2025, proof of Theorem E.1",
    statement=Statement(
        variables={T: NATURALS, rho: UNIT, first: REALS, second: REALS},
        goal=Eq(rho**T * first, rho**T * second),
    ),
    evidence=(Refutation({T: 1, rho: "1/2", first: 1, second: 0}),),
    note="They are independent with equal variances; their means rho^T theta_{0,i} differ unless "
    "all entries of theta_0 are equal. The theorem survives with the condition on |theta_0|^2 "
    "(SW-08).",
)

CONSTANT_FAILS = Claim(
    id="E-13",
    title="No constant schedule brings the mean-square error to a given target.",
    kind="theorem",
    source="Yang et al. 2025, Theorem 3.2",
    statement=Statement(
        variables={**SCHEDULE, **SETTING, theta0: REALS, w: POSITIVE, eps: POSITIVE},
        hypotheses=(DEFINES_RHO, Each(Eq(n[t], w), t, T)),
        goal=Ge(rho ** (2 * T) * theta0**2 + variance(), eps),
    ),
    evidence=(
        Refutation(
            {
                T: 4, n: [100] * 4, w: 100, sigma: 1, kappa: 1, rho: "1/2", theta0: 1,
                eps: "1/50",
            },
            reading="the batch may be chosen with the target in view",
        ),
    ),
    note="True for a batch that is fixed before the target. Tuned to the target, constant "
    "batches cost more than the optimum by a factor of the order of the logarithm of the "
    "accuracy.",
)

CLAIMS = (
    PRICED, EXP_RISES, GROWTH, TRAINING_ONLY, JENSEN, SUMS, TWO_PROPOSALS, NOISY, WRONG_CENTRE,
    BEST_CENTRE, EQUAL_MEANS, CONSTANT_FAILS,
)
