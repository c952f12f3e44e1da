"""Claims on one affine contraction with sampling noise, the law behind all four loops: UL-.

    delta_{t+1} = K delta_t + sqrt(c/n_t) xi_t,   V_t = E|delta_t|^2

K contraction of a round, c noise of a round on one sample, n_t samples in round t, N their total,
B the distance between the centre and the truth, v_0 the error of the start to the truth.
"""

import sympy as sp
from sympy import And, Eq, Ge, Gt, Ne, log

from loopcert.claim import Binding, Claim, Proof
from loopcert.prove.formal import NATURALS, NONNEGATIVE, POSITIVE, UNIT, Each, Sequence, Statement
from loopcert.prove.proof import Induction, Lemma, Smt, Step
from loopcert.statements._budget_terms import T, j, n, p, rho, t, total

__all__ = ["CLAIMS"]

K, c, N, eps, w, x, k = sp.symbols("K c N epsilon w x k", positive=True)
V0, v0, B2 = sp.symbols("V_0 v_0 B2", nonnegative=True)
C = sp.Symbol("C", positive=True)
cs, prices, V, X, E = (sp.IndexedBase(name) for name in ("c", "a", "V", "X", "E"))
R, W = sp.IndexedBase("R"), sp.IndexedBase("W")

RUN = {T: NATURALS, n: Sequence(T, POSITIVE)}
GEOMETRIC = (1 - K**T) / (1 - K)  # S


def fresh(noise):
    """The noise part of the error after all rounds."""
    return total(K ** (2 * (T - 1 - t)) * noise / n[t])


# -- the law -------------------------------------------------------------------------------------
LAW = Claim(
    id="UL-LAW",
    title="The mean-square error to the centre after T rounds is K^(2T) V_0 + sum_t K^(2(T-1-t)) "
    "c_t/n_t, exactly.",
    kind="theorem",
    source="new; Yang et al. 2025, Lemma A.1, is an instance",
    statement=Statement(
        variables={
            **RUN, K: POSITIVE, V0: NONNEGATIVE, cs: Sequence(T, POSITIVE),
            V: Sequence(T + 1, NONNEGATIVE), X: Sequence(T, sp.Interval(-sp.oo, sp.oo)),
            E: Sequence(T, POSITIVE),
        },
        hypotheses=(
            Eq(V[0], V0),
            Each(Eq(X[t], 0), t, T),
            Each(Eq(E[t], 1), t, T),
            Each(
                Eq(
                    V[t + 1],
                    K**2 * V[t] + 2 * K * sp.sqrt(cs[t] / n[t]) * X[t] + cs[t] / n[t] * E[t],
                ),
                t, T,
            ),
        ),
        goal=Eq(V[T], K ** (2 * T) * V0 + fresh(cs[t])),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    note="V_{t+1} is the expectation of |K delta_t + s xi_t|^2 multiplied out, s^2 = c_t/n_t, "
    "with X_t = E<delta_t, xi_t> = 0 because the noise has mean zero given the past, and E_t = "
    "E|xi_t|^2 = 1. Any dimension.",
)

CONSTANT_NOISE = Claim(
    id="UL-LAW-CONSTANT",
    title="With the same noise constant in all rounds the error is K^(2T) V_0 + c sum_t "
    "K^(2(T-1-t))/n_t.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={
            **RUN, K: POSITIVE, V0: NONNEGATIVE, c: POSITIVE, V: Sequence(T + 1, NONNEGATIVE),
        },
        hypotheses=(Eq(V[0], V0), Each(Eq(V[t + 1], K**2 * V[t] + c / n[t]), t, T)),
        goal=Eq(V[T], K ** (2 * T) * V0 + fresh(c)),
    ),
    uses=("UL-LAW",),
    binds=(
        Binding(
            "theory.one_law.error_after",
            {"contraction": K, "noise": c, "initial": V0, "schedule": n},
            K ** (2 * T) * V0 + fresh(c),
        ),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
)

# -- schedules -----------------------------------------------------------------------------------
_BEST = N * (1 - K) * K ** (T - 1 - t) / (1 - K**T)
_LEAST = c * GEOMETRIC**2 / N
_LEMMAS = (
    Step(Lemma("SW-07-EXCESS", {p: sp.Lambda(j, K ** (T - 1 - j)), C: N})),
    Step(Lemma("L-GEOMETRIC", {rho: K})),
)

SCHEDULE = Claim(
    id="UL-SCHED",
    title="The least noise for a total N is c S^2/N, S = (1 - K^T)/(1 - K), at n_t = N "
    "K^(T-1-t)/S: the budget grows by 1/K a round.",
    kind="theorem",
    source="Yang et al. 2025, Theorem 3.1, for any contraction",
    statement=Statement(
        variables={**RUN, K: POSITIVE, c: POSITIVE, N: POSITIVE},
        hypotheses=(Ne(K, 1), Eq(N, total(n[t]))),
        goal=And(
            Eq(total(_BEST), N),
            Eq(fresh(c) / _LEAST - 1, total((n[t] - _BEST) ** 2 / n[t]) / N),
            Ge(fresh(c), _LEAST),
        ),
    ),
    uses=("SW-07-EXCESS", "L-GEOMETRIC"),
    binds=(
        Binding(
            "theory.one_law.best_error",
            {"contraction": K, "noise": c, "total": N, "rounds": T}, _LEAST,
        ),
        Binding(
            "theory.one_law.best_schedule", {"contraction": K, "total": N, "rounds": T},
            _BEST.xreplace({t: sp.Integer(0)}), 0,
        ),
        Binding(
            "theory.one_law.best_schedule", {"contraction": K, "total": N, "rounds": T},
            _BEST.xreplace({t: T - 1}), T - 1,
        ),
    ),
    evidence=(Proof((*_LEMMAS, Step(Smt(), Ne(K**T, 1)))),),
    note="The identity gives the regret of any schedule; it is zero at n_t = N K^(T-1-t)/S alone.",
)

UNIFORM = Claim(
    id="UL-SCHED-UNIFORM",
    title="Equal batches leave T(1 - K^(2T))(1 - K)/((1 + K)(1 - K^T)^2) times the least noise.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={**RUN, K: UNIT, c: POSITIVE, N: POSITIVE, k: POSITIVE},
        hypotheses=(Eq(N, T * k), Each(Eq(n[t], k), t, T)),
        goal=Eq(
            fresh(c),
            _LEAST * T * (1 - K ** (2 * T)) * (1 - K) / ((1 + K) * (1 - K**T) ** 2),
        ),
    ),
    uses=("UL-SCHED",),
    binds=(
        Binding(
            "theory.one_law.uniform_penalty", {"contraction": K, "rounds": T},
            T * (1 - K ** (2 * T)) * (1 - K) / ((1 + K) * (1 - K**T) ** 2),
        ),
    ),
    evidence=(
        Proof((Step(Induction(T), Eq(fresh(c), c / k * (1 - K ** (2 * T)) / (1 - K**2))),)),
    ),
)

UNWEIGHTED = Claim(
    id="UL-SCHED-FLAT",
    title="Without contraction (K = 1) the least noise is c T^2/N.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={**RUN, c: POSITIVE, N: POSITIVE},
        hypotheses=(Eq(N, total(n[t])),),
        goal=Eq(
            total(c / n[t]) / (c * T**2 / N) - 1, total((n[t] - N / T) ** 2 / n[t]) / N
        ),
    ),
    uses=("SW-07-EXCESS",),
    evidence=(
        Proof((
            Step(Induction(T), Eq(total(sp.Integer(1)), T)),
            Step(Lemma("SW-07-EXCESS", {p: sp.Lambda(j, sp.Integer(1)), C: N})),
        )),
    ),
)

_WORTH = sp.sqrt(cs[t] * prices[t]) * K ** (T - 1 - t)
_SPENT = total(prices[t] * n[t])
_CALL = {"contraction": K, "noise": cs, "price": prices, "budget": N}

WEIGHTED = Claim(
    id="UL-SCHED-W",
    title="With noise c_t and price a_t a sample, the least noise for a budget N is (sum_t "
    "K^(T-1-t) sqrt(c_t a_t))^2/N, at n_t proportional to K^(T-1-t) sqrt(c_t/a_t).",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={
            **RUN, K: POSITIVE, N: POSITIVE, cs: Sequence(T, POSITIVE),
            prices: Sequence(T, POSITIVE),
        },
        hypotheses=(Eq(N, _SPENT),),
        where={k: total(_WORTH)},
        goal=And(
            Eq(
                fresh(cs[t]) * N / k**2 - 1,
                total((prices[t] * n[t] - N * _WORTH / k) ** 2 / (prices[t] * n[t])) / N,
            ),
            Ge(fresh(cs[t]), k**2 / N),
        ),
    ),
    uses=("SW-07-EXCESS",),
    binds=(
        Binding("theory.one_law.weighted_error", _CALL, k**2 / N),
        Binding(
            "theory.one_law.weighted_schedule", _CALL,
            (N * _WORTH / (k * prices[t])).xreplace({t: sp.Integer(0)}), 0,
        ),
    ),
    evidence=(
        Proof((
            Step(
                Lemma(
                    "SW-07-EXCESS",
                    {
                        p: sp.Lambda(j, _WORTH.xreplace({t: j})), C: N,
                        n: sp.Lambda(j, (prices[t] * n[t]).xreplace({t: j})),
                    },
                )
            ),
        )),
    ),
    note="The square vanishes in every round at a_t n_t = N K^(T-1-t) sqrt(c_t a_t)/sum only.",
)

# -- cost ----------------------------------------------------------------------------------------
_GAIN = c / (1 - K) ** 2
_DEFECT = n[t] * (K * V[t] - V[t + 1]) ** 2 / ((1 - K) ** 2 * V[t] * V[t + 1])
_ERRORS = {V: Sequence(T + 1, POSITIVE)}
_RECURSION = (Eq(V[0], V0), Each(Eq(V[t + 1], K**2 * V[t] + c / n[t]), t, T))

COST = Claim(
    id="UL-COST",
    title="To bring the error from V_0 to V_T takes (c/(1-K)^2)(1/V_T - 1/V_0) samples, plus a "
    "sum of squares that vanishes only if every round shrinks the error by K.",
    kind="theorem",
    source="new; Yang et al. 2025, Theorem 3.5, prove the rate 1/eps",
    statement=Statement(
        variables={**RUN, **_ERRORS, K: UNIT, c: POSITIVE, V0: POSITIVE},
        hypotheses=_RECURSION,
        goal=Eq(total(n[t]), _GAIN * (1 / V[T] - 1 / V0) + total(_DEFECT)),
    ),
    uses=("UL-LAW",),
    evidence=(
        Proof((Step(Induction(T)),)),
    ),
    note="For every horizon and every schedule.",
)

COST_BOUND = Claim(
    id="UL-COST-BOUND",
    title="No schedule, at any horizon, brings the error from V_0 to eps with fewer than N* = "
    "(c/(1-K)^2)(1/eps - 1/V_0) samples.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={**RUN, **_ERRORS, K: UNIT, c: POSITIVE, V0: POSITIVE, eps: POSITIVE},
        hypotheses=(*_RECURSION, Eq(eps, V[T])),
        goal=Ge(total(n[t]), _GAIN * (1 / eps - 1 / V0)),
    ),
    uses=("UL-COST",),
    binds=(
        Binding(
            "theory.one_law.minimal_samples",
            {"contraction": K, "noise": c, "initial": V0, "target": eps},
            sp.Max(0, _GAIN * (1 / eps - 1 / V0)),
        ),
    ),
    evidence=(
        Proof((Step(Lemma("UL-COST")), Step(Induction(T), Ge(total(_DEFECT), 0)))),
    ),
    loose="attained at K^T = eps/V_0 under the feedback rule only (UL-COST-FEEDBACK)",
)

FEEDBACK = Claim(
    id="UL-COST-FEEDBACK",
    title="The rule n = c/(K(1-K)V) shrinks the error by exactly K a round, and each of its "
    "samples buys (1-K)^2/c of information 1/V.",
    kind="corollary",
    source="new; the feedback form of Yang et al. 2025, Theorem 3.1",
    statement=Statement(
        variables={K: UNIT, c: POSITIVE, V0: POSITIVE},
        where={k: c / (K * (1 - K) * V0)},
        goal=And(
            Eq(K**2 * V0 + c / k, K * V0),
            Eq(1 / (K * V0) - 1 / V0, k * (1 - K) ** 2 / c),
        ),
    ),
    binds=(
        Binding(
            "theory.one_law.feedback_samples", {"contraction": K, "noise": c, "error": V0}, k,
        ),
    ),
    evidence=(Proof(),),
)

# -- the truth -----------------------------------------------------------------------------------
TRUTH = Claim(
    id="UL-MSE",
    title="The error to the truth after T rounds is (1 - K^T)^2|B|^2 + K^(2T) v_0 + sum_t "
    "K^(2(T-1-t)) c_t/n_t.",
    kind="theorem",
    source="new; the form of Yi et al. 2025, convergence theorem",
    statement=Statement(
        variables={
            **RUN, K: POSITIVE, B2: POSITIVE, v0: NONNEGATIVE, cs: Sequence(T, POSITIVE),
            R: Sequence(T + 1, NONNEGATIVE), W: Sequence(T + 1, sp.Interval(-sp.oo, sp.oo)),
        },
        hypotheses=(
            Eq(R[0], v0),
            Eq(W[0], 0),
            Each(Eq(W[t + 1], K * W[t] - (1 - K) * B2), t, T),
            Each(
                Eq(
                    R[t + 1],
                    K**2 * R[t] - 2 * K * (1 - K) * W[t] + (1 - K) ** 2 * B2 + cs[t] / n[t],
                ),
                t, T,
            ),
        ),
        goal=And(
            Eq(W[T], -(1 - K**T) * B2),
            Eq(R[T], (1 - K**T) ** 2 * B2 + K ** (2 * T) * v0 + fresh(cs[t])),
        ),
    ),
    uses=("UL-LAW",),
    evidence=(Proof((Step(Induction(T)),)),),
    note="e = theta - theta* obeys e_{t+1} = K e_t - (1-K) B + sqrt(c_t/n_t) xi_t, with B = "
    "theta* - centre; R_t = E|e_t|^2 and W_t = E<e_t, B>, zero at the start because theta_0 is "
    "unbiased. Any dimension.",
)

_STEADY = c / (k * (1 - K**2))  # w: the noise that constant batches of k samples settle at
_EDGE = B2 + v0 - w
_CURVE = (1 - K**T) ** 2 * B2 + K ** (2 * T) * v0 + (1 - K ** (2 * T)) * w
_PLATEAU = B2 + w

CONSTANT_BATCH = Claim(
    id="UL-STOP-CURVE",
    title="With n samples in every round the error to the truth is R_T = (1 - K^T)^2|B|^2 + "
    "K^(2T) v_0 + (1 - K^(2T)) w, w = c/(n(1 - K^2)).",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={
            **RUN, K: UNIT, c: POSITIVE, k: POSITIVE, B2: POSITIVE, v0: NONNEGATIVE,
        },
        hypotheses=(Each(Eq(n[t], k), t, T),),
        where={w: _STEADY},
        goal=Eq((1 - K**T) ** 2 * B2 + K ** (2 * T) * v0 + fresh(c), _CURVE),
    ),
    uses=("UL-MSE",),
    binds=(
        Binding(
            "theory.one_law.truth_error",
            {"contraction": K, "noise": c, "initial": v0, "schedule": n, "bias2": B2},
            _CURVE, T,
        ),
        Binding(
            "theory.one_law.steady_error", {"contraction": K, "noise": c, "n": k}, w,
        ),
    ),
    evidence=(
        Proof((Step(Induction(T), Eq(fresh(c), c / k * (1 - K ** (2 * T)) / (1 - K**2))),)),
    ),
)

STOP = Claim(
    id="UL-STOP",
    title="If v_0 > w the error to the truth is least at K^T = B^2/(B^2 + v_0 - w), that is T* = "
    "log(1 + (v_0 - w)/B^2)/log(1/K), and later rounds give back B^4/(B^2 + v_0 - w).",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={
            T: NATURALS, K: UNIT, w: POSITIVE, B2: POSITIVE, v0: POSITIVE, x: POSITIVE,
        },
        hypotheses=(Eq(v0, w + x),),
        goal=Eq(_CURVE, _PLATEAU - B2**2 / _EDGE + _EDGE * (K**T - B2 / _EDGE) ** 2),
    ),
    uses=("UL-STOP-CURVE",),
    binds=tuple(
        Binding(
            "theory.one_law.best_stop",
            {
                "contraction": K, "noise": w * (1 - K**2), "initial": v0, "n": 1.0, "bias2": B2,
            },
            value, field,
        )
        for field, value in (
            ("rounds", log(1 + (v0 - w) / B2) / log(1 / K)),
            ("minimum", _PLATEAU - B2**2 / _EDGE),
            ("plateau", _PLATEAU),
            ("reversal", B2**2 / _EDGE),
        )
    ),
    evidence=(Proof(),),
    note="x > 0 is v_0 - w. The square is the excess over the minimum B^2 + w - B^4/(B^2 + v_0 - "
    "w); the best whole round is next to T* because the curve is convex in K^T. As T grows the "
    "error tends to the plateau B^2 + w: worse than the start iff B^2 + w > v_0.",
)

FIRST_ROUND = Claim(
    id="UL-STOP-FIRST",
    title="T rounds improve on the start iff (1 - K^T) B^2 < (1 + K^T)(v_0 - w); for the first "
    "round, iff B^2 < (1 + K)/(1 - K) (v_0 - w); if v_0 <= w, never.",
    kind="theorem",
    source="new; the three regimes of Yi et al. 2025",
    statement=Statement(
        variables={T: NATURALS, K: UNIT, w: POSITIVE, B2: POSITIVE, v0: POSITIVE},
        where={x: K**T},
        goal=Eq(v0 - _CURVE, (1 - x) * ((1 + x) * (v0 - w) - (1 - x) * B2)),
    ),
    uses=("UL-STOP-CURVE",),
    evidence=(Proof(),),
    note="The sign of the gain is that of the second factor.",
)

_EFFECTIVE = B2 + c / ((1 - K) ** 2 * N)
_HARMONIC = 1 / (1 / v0 + 1 / _EFFECTIVE)
_TO_TRUTH = (1 - K**T) ** 2 * B2 + K ** (2 * T) * v0 + fresh(c)
_BUDGET = {**RUN, K: UNIT, c: POSITIVE, N: POSITIVE, B2: NONNEGATIVE, v0: POSITIVE}

BUDGET = Claim(
    id="UL-BUDGET",
    title="A finite total N acts like verifier bias: with B_N^2 = B^2 + c/((1-K)^2 N) the error "
    "is 1/(1/v_0 + 1/B_N^2), plus two squares that vanish at the best horizon and schedule.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={**_BUDGET, k: POSITIVE},
        hypotheses=(Eq(N, total(n[t])), Eq(k, _EFFECTIVE)),
        goal=Eq(
            _TO_TRUTH,
            1 / (1 / v0 + 1 / k)
            + (k + v0) * (K**T - k / (k + v0)) ** 2
            + _LEAST * total((n[t] - _BEST) ** 2 / n[t]) / N,
        ),
    ),
    uses=("UL-MSE", "UL-SCHED"),
    binds=(
        Binding(
            "theory.one_law.best_error_within",
            {"contraction": K, "noise": c, "initial": v0, "total": N, "bias2": B2},
            _HARMONIC,
        ),
        Binding(
            "theory.one_law.best_rounds_within",
            {"contraction": K, "noise": c, "initial": v0, "total": N, "bias2": B2},
            log(1 + v0 / k) / log(1 / K),
        ),
    ),
    evidence=(
        Proof((
            Step(Lemma("UL-SCHED")),
            Step(
                Smt(),
                Eq(
                    fresh(c),
                    _LEAST + _LEAST * total((n[t] - _BEST) ** 2 / n[t]) / N,
                ),
            ),
            Step(Smt(), Eq((1 - K**T) ** 2 * B2 + _LEAST, (1 - K**T) ** 2 * k)),
            Step(
                Smt(alone=True),
                Eq(
                    (1 - K**T) ** 2 * k + K ** (2 * T) * v0,
                    1 / (1 / v0 + 1 / k) + (k + v0) * (K**T - k / (k + v0)) ** 2,
                ),
            ),
        )),
    ),
    note="For every horizon and schedule; k is B_N^2. The squares vanish at K^T = B_N^2/(B_N^2 + "
    "v_0), if that T is whole, and n_t = N K^(T-1-t)(1-K)/(1-K^T).",
)

BUDGET_BOUND = Claim(
    id="UL-BUDGET-BOUND",
    title="No horizon, schedule or total beats the combination of theta_0 and the centre by "
    "inverse squared error, |B|^2 v_0/(|B|^2 + v_0).",
    kind="corollary",
    source="new",
    statement=Statement(
        variables=_BUDGET,
        hypotheses=(Eq(N, total(n[t])),),
        goal=And(Ge(_TO_TRUTH, _HARMONIC), Gt(_HARMONIC, B2 * v0 / (B2 + v0))),
    ),
    uses=("UL-BUDGET", "L-SIGNS"),
    evidence=(
        Proof((
            Step(Lemma("UL-BUDGET", {k: _EFFECTIVE})),
            Step(
                Lemma(
                    "L-SIGNS",
                    {
                        rho: K, p: sp.Lambda(j, K**-j),
                        sp.Symbol("k", real=True): N * (1 - K) * K ** (T - 1) / (1 - K**T),
                    },
                )
            ),
        )),
    ),
    loose="attained in the limit of a free horizon and an infinite total",
)

CLAIMS = (
    LAW, CONSTANT_NOISE, SCHEDULE, UNIFORM, UNWEIGHTED, WEIGHTED, COST, COST_BOUND, FEEDBACK,
    TRUTH, CONSTANT_BATCH, STOP, FIRST_ROUND, BUDGET, BUDGET_BOUND,
)
