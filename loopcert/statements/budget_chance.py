"""Claims on what happens with high probability: SW-34 to SW-37 (Yang et al. 2025, Theorems 3.2 to
3.4, in the Gaussian loop)."""

import math

import sympy as sp
from sympy import And, Eq, Ge, Gt, Implies, Le, Ne, erf, exp, log, sqrt

from loopcert.claim import Binding, Claim, Proof, Simulation
from loopcert.prove.formal import (
    NATURALS,
    NONNEGATIVE,
    POSITIVE,
    PROPOSITION,
    REALS,
    UNIT,
    Each,
    Sequence,
    Statement,
)
from loopcert.prove.proof import ByDerivative, Identity, Induction, Lemma, Modulo, Smt, Step
from loopcert.statements._budget_terms import (
    DEFINES_RHO,
    NOISE,
    SCHEDULE,
    SETTING,
    T,
    kappa,
    n,
    rho,
    sigma,
    t,
)

__all__ = ["CLAIMS"]

S0 = kappa**2 + sigma**2
a, b, d, k, q, r, x, c, w, M, delta, v0 = sp.symbols(
    "a b d k q r x c w M delta v_0", positive=True
)
m, y = sp.symbols("m y", nonnegative=True)
theta0 = sp.Symbol("theta_0", real=True)
u, extra, var, mean = (sp.IndexedBase(name) for name in ("u", "x", "v", "m"))
likely, limsup = sp.symbols("likely limsup")

# -- a shifted normal variable --------------------------------------------------------------------
SHIFTED = Claim(
    id="L-SHIFT",
    title="A shift makes a normal variable leave a symmetric interval more often.",
    kind="lemma",
    source="standard (Anderson 1955, one dimension)",
    statement=Statement(
        variables={m: NONNEGATIVE, r: POSITIVE},
        goal=Le(erf((r - m) / sqrt(2)) + erf((r + m) / sqrt(2)), 2 * erf(r / sqrt(2))),
    ),
    evidence=(
        Proof((
            Step(
                ByDerivative(
                    m, 0,
                    sqrt(2 / sp.pi) * (exp(-((r - m) ** 2) / 2) - exp(-((r + m) ** 2) / 2)),
                )
            ),
        )),
    ),
    note="Half of each side is the probability that |m + Z| <= r, and that |Z| <= r.",
)

# -- constant batches -----------------------------------------------------------------------------
# a = h(1 - rho) for a step h; u_t = v_t/(kappa^2 + sigma^2), a sample has the noise rho(1 - rho).
_H = a / (1 - rho)
_LAST = _H**2 * rho * (1 - rho) / k  # the noise of the last round
_STEADY = _H * rho / (k * (2 - a))
_STEPS = {T: NATURALS, rho: UNIT, a: UNIT, k: POSITIVE, u: Sequence(T + 1, NONNEGATIVE)}
_CONSTANT = (Eq(u[0], 0), Each(Eq(u[t + 1], (1 - a) ** 2 * u[t] + _LAST), t, T))
_CALL = {
    "n": k, "delta": delta, "sigma": 1.0, "kappa": sqrt(rho / (1 - rho)), "dim": 2, "step": _H,
}

FLOOR = Claim(
    id="SW-34-FLOOR",
    title="Constant batches leave u_T = h rho (1 - g^(2T))/(n(1 + g)), never less than the noise "
    "h^2 rho(1-rho)/n of the last round; a squared distance above q u_T is a relative gap above "
    "1 - exp(-q h^2 rho(1-rho)/(2n)).",
    kind="lemma",
    source="new; behind Yang et al. 2025, Theorem 3.2",
    statement=Statement(
        variables={**_STEPS, x: POSITIVE, q: POSITIVE, delta: UNIT},
        hypotheses=_CONSTANT,
        goal=And(
            Eq(u[T], _STEADY * (1 - (1 - a) ** (2 * T))),
            Ge(u[T], _LAST),
            Implies(Gt(x, q * u[T]), Gt(1 - exp(-x / 2), 1 - exp(-q * _LAST / 2))),
        ),
    ),
    uses=("SW-04", "SW-22", "L-EXP-RISES"),
    binds=(
        Binding("theory.budget.bound_constant_gap", _CALL, 1 - (1 - delta) ** _LAST, rtol=1e-7),
        Binding(
            "theory.budget.bound_constant_gap", {**_CALL, "horizon": "infinite"},
            1 - (1 - delta) ** _STEADY, rtol=1e-7,
        ),
    ),
    evidence=(
        Proof((
            Step(Induction(T), Eq(u[T], _STEADY * (1 - (1 - a) ** (2 * T)))),
            Step(Induction(T), Ge(u[T], _LAST)),
            Step(Smt(), Ge(q * u[T], q * _LAST)),
            Step(
                Lemma(
                    "L-EXP-RISES",
                    {sp.Symbol("k", real=True): -x / 2, w: x / 2 - q * _LAST / 2},
                    when=Gt(x, q * _LAST),
                )
            ),
        )),
    ),
    loose="the second part is attained after one round, the third at x = q u_1",
    note="g = 1 - a = 1 - h(1 - rho), x = |theta_T|^2/s_0, 1 - exp(-x/2) the relative gap of the "
    "model (SW-02). In the plane the delta-quantile of chi-square is -2 log(1 - delta).",
)


def _first_round(rng, effort):
    from sims.budget import simulate_selection_loop

    replicates = 80_000 if effort == "quick" else 600_000
    loop = simulate_selection_loop(
        [0.0, 0.0], [5], 1.0, 1.0, replicates=replicates, rng=rng, level="sample"
    )
    # s_0 = 2, a sample has the relative noise 1/4; the 4/5-quantile of chi-square is 2 log 5.
    over = (loop.parameters[:, 1] ** 2).sum(axis=-1) / 2 > 2 * math.log(5) / 4 / 5
    return {"share": (over.mean(), over.std() / replicates**0.5)}


_ONE = sp.Integer(1)

FAILS = Claim(
    id="SW-34",
    title="Whatever the start and the number of rounds, constant batches of n samples leave a "
    "relative gap of at least 1 - exp(-q h^2 rho(1-rho)/(2n)) with probability 1 - delta or more, "
    "q the delta-quantile of chi-square.",
    kind="theorem",
    source="Yang et al. 2025, Theorem 3.2 and B.4, in the Gaussian loop, for every n",
    statement=Statement(
        variables={**_STEPS, likely: PROPOSITION},
        hypotheses=_CONSTANT,
        goal=And(likely, Ge(u[T], _LAST)),
    ),
    uses=("SW-34-FLOOR", "SW-04", "L-SHIFT"),
    corrects=("E-07",),
    evidence=(
        Proof((
            Step(Lemma("SW-34-FLOOR", {x: _ONE, q: _ONE, delta: _ONE / 2})),
            Step(Smt(), Gt(u[T], 0)),
            Step(Modulo("Anderson", Gt(u[T], 0), likely)),
        )),
    ),
    note="likely: |theta_T|^2/s_0 > q u_T has probability 1 - delta or more; the gap follows by "
    "SW-34-FLOOR. theta_T is normal "
    "with variance u_T s_0 > 0 around its mean; with mean zero the probability is exactly 1 - "
    "delta, and the shift only adds to it (L-SHIFT is the case of one dimension). Constant steps "
    "h and T >= 1 are needed: E-07.",
)

SHARP = Claim(
    id="SW-34-SHARP",
    title="From the centre the bound holds with probability exactly 1 - delta after one round.",
    kind="remark",
    source="new",
    statement=Statement(
        variables={delta: UNIT},
        where={x: -2 * log(1 - delta)},
        goal=Eq(sp.Integral(exp(-w / 2) / 2, (w, 0, x)), delta),
    ),
    uses=("SW-34",),
    evidence=(
        Proof((Step(Identity()),)),
        Simulation(
            run=_first_round,
            predicted={"share": 1 - delta},
            at={delta: "4/5"},
            note="every proposal drawn; five samples, one round, sigma = kappa, in the plane",
        ),
    ),
    note="In the plane x = -2 log(1 - delta) is the quantile, exp(-w/2)/2 the density of "
    "chi-square.",
)

# -- growing batches ------------------------------------------------------------------------------
_SETTLED = NOISE / (k * (1 - rho**2))

CONVERGES = Claim(
    id="SW-35",
    title="Once n_t >= k the mean-square error is at most rho^(2T) times the old one plus rho "
    "sigma^2/(k(1-rho^2)), and it is never below the noise of the last round: so theta_T tends to "
    "the optimum in probability if and only if n_t tends to infinity.",
    kind="theorem",
    source="Yang et al. 2025, Theorem 3.3 and B.5, in the Gaussian loop, at one time",
    statement=Statement(
        variables={
            **SCHEDULE, **SETTING, k: POSITIVE, extra: Sequence(T, NONNEGATIVE), theta0: REALS,
            v0: POSITIVE, mean: Sequence(T + 1, REALS), var: Sequence(T + 1, NONNEGATIVE),
        },
        hypotheses=(
            DEFINES_RHO, Each(Eq(n[t], k + extra[t]), t, T), Eq(mean[0], theta0), Eq(var[0], v0),
            Each(Eq(mean[t + 1], rho * mean[t]), t, T),
            Each(Eq(var[t + 1], rho**2 * var[t] + NOISE / n[t]), t, T),
        ),
        goal=And(
            Le(
                mean[T] ** 2 + var[T],
                rho ** (2 * T) * (theta0**2 + v0) + (1 - rho ** (2 * T)) * _SETTLED,
            ),
            Ge(var[T], NOISE / n[T - 1]),
        ),
    ),
    uses=("SW-04", "UL-IFF", "UL-IFF-ENOUGH", "L-SHIFT"),
    corrects=("E-08",),
    evidence=(
        Proof((
            Step(Induction(T), Eq(mean[T], rho**T * theta0)),
            Step(Induction(T), Le(var[T], rho ** (2 * T) * v0 + (1 - rho ** (2 * T)) * _SETTLED)),
            Step(Induction(T), Ge(var[T], NOISE / n[T - 1])),
        )),
    ),
    loose="attained by equal batches of k, and after one round from v_0 = 0",
    note="Per coordinate, from the round on in which n_t passes k: mean theta_0 and variance v_0. "
    "By Chebyshev the first part gives convergence in probability. Where n_t stays below N in "
    "infinitely many rounds, v_T >= rho sigma^2/N after each, and by L-SHIFT P(|theta_T| <= r) <= "
    "erf(r/sqrt(2 v_T)) stays away from one.",
)

WHOLE = Claim(
    id="SW-35-WHOLE",
    title="A strictly increasing schedule of whole numbers has n_t >= n_0 + t, so it tends to "
    "infinity.",
    kind="corollary",
    source="Yang et al. 2025, Theorem 3.3, for counts",
    statement=Statement(
        variables={
            T: NATURALS, n: Sequence(T + 1, POSITIVE), extra: Sequence(T, NONNEGATIVE),
            k: POSITIVE,
        },
        hypotheses=(Eq(n[0], k), Each(Eq(n[t + 1], n[t] + 1 + extra[t]), t, T)),
        goal=Ge(n[T], k + T),
    ),
    uses=("SW-35",),
    evidence=(Proof((Step(Induction(T)),)),),
    loose="attained by n_t = n_0 + t",
    note="Whole numbers that increase do so by one or more.",
)

# -- all times at once ----------------------------------------------------------------------------
_LIMIT2 = 2 * NOISE / (c * (1 - rho**2))  # square of the limsup for n_t = c log t
_TAIL = exp(-(x**2) / (2 * (M / (c * log(w)))))
_CRITICAL = 2 * M / c
_LATE = sp.Interval.open(1, sp.oo)

TAILS = Claim(
    id="SW-36-TAIL",
    title="With n_t = c log t and the variance v_t = M/n_t the tail exp(-x^2/(2 v_t)) at time t "
    "is t^-(x/x*)^2, x*^2 = 2 M/c: summable over t exactly for x > x*.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={M: POSITIVE, c: POSITIVE, x: POSITIVE, w: _LATE},
        goal=And(
            Eq(_TAIL, w ** (-(x**2) / _CRITICAL)),
            sp.Equivalent(Gt(x**2 / _CRITICAL, 1), Gt(x, sqrt(_CRITICAL))),
        ),
    ),
    uses=("SW-12-SLOW",),
    evidence=(
        Proof((
            Step(Identity(), Eq(_TAIL, w ** (-(x**2) / _CRITICAL))),
        )),
    ),
    note="w = t. v_t n_t tends to M = rho sigma^2/(1-rho^2) by SW-12-SLOW, as log(t+1)/log t "
    "tends to 1; the terms t^-p are summable exactly for p > 1, where p = x^2/x*^2. The chance of "
    "|theta_t| >= x is this tail up to a factor t^o(1).",
)

v1, v2, n1, n2, low, high = sp.symbols("v_1 v_2 n_1 n_2 l_1 l_2", positive=True)
e = sp.Symbol("e", nonnegative=True)
lag = sp.Symbol("l", integer=True, positive=True)
_CORRELATION = rho ** (2 * lag) * v1 / v2  # squared
_BOUNDED = And(
    Le(_CORRELATION, 1 - NOISE / high), Le(_CORRELATION, rho ** (2 * lag) * high / low * n2 / n1),
)
_PAIR = {
    lag: NATURALS, v1: POSITIVE, v2: POSITIVE, n1: POSITIVE, n2: POSITIVE, e: NONNEGATIVE,
    low: POSITIVE, high: POSITIVE,
}
_LAGGED = (
    Eq(v2, rho ** (2 * lag) * v1 + NOISE / n2 + e), Le(v1 * n1, high), Ge(v2 * n2, low),
    Le(v2 * n2, high),
)

CORRELATED = Claim(
    id="SW-36-CORR",
    title="If l_1 <= v_t n_t <= l_2 and batches do not shrink, the squared correlation "
    "rho^(2l) v_s/v_{s+l} of theta_s and theta_{s+l} is at most 1 - rho sigma^2/l_2, and at most "
    "rho^(2l) (l_2/l_1) n_{s+l}/n_s.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={sigma: POSITIVE, rho: UNIT, **_PAIR}, hypotheses=_LAGGED, goal=_BOUNDED,
    ),
    uses=("SW-04",),
    evidence=(
        Proof((
            Step(Smt(), Eq(_CORRELATION, 1 - (NOISE / n2 + e) / v2)),
            Step(Smt(), Ge(NOISE / n2 / v2, NOISE / high)),
            Step(Smt(), Le(v1 / v2, high / low * n2 / n1)),
        )),
    ),
    loose="the bounds of v_t n_t are not attained at both times",
    note="v_1, n_1 belong to time s, v_2, n_2 to s + l. theta_{s+l} is rho^l theta_s plus "
    "independent noise, so their covariance is rho^l v_s; the last of the rounds between adds rho "
    "sigma^2/n >= rho sigma^2/n_2 to v_2, the others e >= 0.",
)

ALL_TIMES = Claim(
    id="SW-36",
    title="With n_t = c log t in one dimension limsup |theta_t| = sqrt(2 rho sigma^2/(c(1 - "
    "rho^2))) almost surely: convergence at each time is not convergence for all times.",
    kind="theorem",
    source="new; the second half of Yang et al. 2025, Theorem 3.3",
    statement=Statement(
        variables={**SETTING, **_PAIR, c: POSITIVE, x: POSITIVE, limsup: PROPOSITION},
        hypotheses=(DEFINES_RHO, Eq(x, sqrt(_LIMIT2)), *_LAGGED),
        goal=And(limsup, Gt(x, 0), Eq(x**2 * c * (1 - rho**2), 2 * NOISE)),
    ),
    uses=("SW-36-TAIL", "SW-36-CORR", "SW-12-SLOW", "SW-04"),
    corrects=("E-08",),
    evidence=(
        Proof((
            Step(Smt(), Eq(x**2 * c * (1 - rho**2), 2 * NOISE)),
            Step(Lemma("SW-36-CORR")),
            Step(
                Modulo(
                    "Gaussian maxima", And(Eq(x**2 * c * (1 - rho**2), 2 * NOISE), _BOUNDED),
                    limsup,
                )
            ),
        )),
    ),
    note="limsup: limsup |theta_t| = x almost surely. theta_t/sqrt(v_t) has variance one (the "
    "mean dies geometrically). By SW-12-SLOW v_t n_t stays between two positive numbers, so that "
    "SW-36-CORR bounds the correlation over l rounds by a number below one and, as log(s + l)/log "
    "s is at most 1 + log(1 + l)/log 2, by a constant times rho^l sqrt(1 + log(1 + l)). So limsup "
    "|theta_t|/sqrt(2 v_t log t) = 1, and 2 v_t log t tends to x^2. Almost sure convergence needs "
    "n_t/log t to tend to infinity, for regular n_t.",
)

# -- exponential growth ---------------------------------------------------------------------------
_Q = (1 - a) ** 2
_GROWN = _H**2 * rho * (1 - rho) / k * (_Q**T - b**T) / (_Q - b)
_START = sqrt(M / 2 / (1 - rho))  # both coordinates; s_0 = 1/(1 - rho)
_GROW_CALL = {
    "rounds": T, "n0": k, "growth": 1 / b, "theta0": [_START, _START], "sigma": 1.0,
    "kappa": sqrt(rho / (1 - rho)), "step": _H,
}

GROWTH = Claim(
    id="SW-37",
    title="With n_t = n_0 beta^t and steps h the relative gap is at most (q^T M + d u_T)/2 in "
    "expectation, u_T = (h^2 rho(1-rho)/n_0)(q^T - beta^-T)/(q - 1/beta), q = (1 - h(1-rho))^2: a "
    "geometric rate.",
    kind="theorem",
    source="Yang et al. 2025, Theorem 3.4 and B.6, in the Gaussian loop, with its constants",
    statement=Statement(
        variables={
            T: NATURALS, rho: UNIT, a: UNIT, b: UNIT, k: POSITIVE, n: Sequence(T, POSITIVE),
            u: Sequence(T + 1, NONNEGATIVE), M: POSITIVE, d: POSITIVE, delta: UNIT,
        },
        hypotheses=(
            Ne(b, _Q), Each(Eq(n[t], k / b**t), t, T), Eq(u[0], 0),
            Each(Eq(u[t + 1], _Q * u[t] + _H**2 * rho * (1 - rho) / n[t]), t, T),
        ),
        goal=And(
            Eq(u[T], _GROWN),
            Le(
                1 - exp(-d * log(1 + u[T]) / 2 - _Q**T * M / (2 * (1 + u[T]))),
                (_Q**T * M + d * u[T]) / 2,
            ),
        ),
    ),
    uses=("SW-11", "SW-22", "SW-38-GAP"),
    binds=(
        Binding(
            "theory.budget.bound_exponential_expected_gap", _GROW_CALL,
            (_Q**T * M + 2 * _GROWN) / 2, rtol=1e-6,
        ),
        Binding(
            "theory.budget.bound_exponential_gap", {**_GROW_CALL, "delta": delta},
            (sqrt(_Q**T * M) + sqrt(_GROWN) * (sqrt(2) + sqrt(-2 * log(delta)))) ** 2 / 2,
            rtol=1e-6,
        ),
    ),
    evidence=(
        Proof((
            Step(Induction(T), Eq(u[T], _GROWN)),
            Step(Induction(T), Gt(u[T], 0)),
            Step(
                Lemma(
                    "SW-38-GAP",
                    {
                        sp.Symbol("u", positive=True): u[T],
                        sp.Symbol("b", nonnegative=True): _Q**T * M,
                    },
                )
            ),
        )),
    ),
    loose="sharp in the limit of a small gap",
    note="Functions of the theory are compared in the plane. The rate is max(q, 1/beta)^T, with a "
    "factor T where they agree, where the quotient is T q^(T-1) (SW-11-DOUBLE).",
)

z, bias = sp.symbols("z B", nonnegative=True)
_RADIUS = sqrt(d) + sqrt(-2 * log(delta))
_TAIL_MASS = And(Gt(r, sqrt(d)), Eq((r - sqrt(d)) ** 2 / 2, -log(delta)))

SURE = Claim(
    id="SW-37-LIKELY",
    title="With probability 1 - delta or more the relative gap after exponential growth is at "
    "most (|m_T| + sqrt(u_T)(sqrt d + sqrt(2 log(1/delta))))^2/2.",
    kind="theorem",
    source="Yang et al. 2025, Theorem 3.4 and B.6, in the Gaussian loop, with its constants",
    statement=Statement(
        variables={
            likely: PROPOSITION, bias: NONNEGATIVE, y: NONNEGATIVE, z: NONNEGATIVE, x: POSITIVE,
            r: POSITIVE, d: POSITIVE, delta: UNIT,
        },
        hypotheses=(Le(x, bias + y * z), Eq(r, _RADIUS)),
        goal=And(likely, Implies(Le(z, r), Le(1 - exp(-(x**2) / 2), (bias + y * r) ** 2 / 2))),
    ),
    uses=("SW-37",),
    evidence=(
        Proof((
            Step(Smt(), Implies(Le(z, r), Le(x**2, (bias + y * r) ** 2))),
            Step(Smt(alone=True), Gt(-log(delta), 0)),
            Step(Smt(), _TAIL_MASS),
            Step(Modulo("Gaussian concentration", _TAIL_MASS, likely)),
        )),
    ),
    note="In units of sqrt(s_0): bias is the length of the mean, y = sqrt(u_T), z = |Z| of the "
    "standard normal Z with theta_T = mean + y Z, x = |theta_T| <= bias + y z. likely: z <= r = "
    "sqrt d + sqrt(2 log(1/delta)) with probability 1 - delta or more; the norm is 1-Lipschitz "
    "and E z <= sqrt d. All rounds at once: delta_t = 6 delta/(pi^2(t+1)^2).",
)

CLAIMS = (
    SHIFTED, FLOOR, FAILS, SHARP, CONVERGES, WHOLE, TAILS, CORRELATED, ALL_TIMES, GROWTH, SURE,
)
