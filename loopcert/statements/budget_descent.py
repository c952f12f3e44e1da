"""Claims on steps of any size with priced proposals, and on unequal directions: SW-22 (decaying
steps), SW-23, SW-26."""

import sympy as sp
from sympy import And, Derivative, Eq, Ge, Gt, exp, log

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
    NOISE,
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
a, k, w, x, A, B, M, y, first, second = sp.symbols("a k w x A B M y e_1 e_2", positive=True)
make, train = sp.symbols("c_gen c_train", positive=True)
m = sp.Symbol("m", real=True)
e, Y, var, prices, X, h, f = (
    sp.IndexedBase(name) for name in ("e", "y", "v", "c", "X", "h", "f")
)

# -- steps of any size ----------------------------------------------------------------------------
_PULL = 1 / (1 + a * t)

DECAY = Claim(
    id="SW-22-DECAY",
    title="Steps h_t = h_0/(1 + h_0(1-rho) t) on constant batches leave the bias (1 - a)/(1 + "
    "a(T-1)), a = h_0(1-rho), and the least variance for it: they are on the optimal frontier.",
    kind="proposition",
    source="new; a constant policy that converges, against Yang et al. 2025, Theorem 3.2",
    statement=Statement(
        variables={
            T: NATURALS, **SETTING, a: UNIT, k: POSITIVE, h: Sequence(T, POSITIVE),
            X: Sequence(T + 1, REALS), var: Sequence(T + 1, NONNEGATIVE),
        },
        hypotheses=(
            DEFINES_RHO, Each(Eq(h[t], a / (1 - rho) / (1 + a * t)), t, T),
            Eq(X[0], 1), Each(Eq(X[t + 1], (1 - h[t] * (1 - rho)) * X[t]), t, T),
            Eq(var[0], 0),
            Each(
                Eq(
                    var[t + 1],
                    (1 - h[t] * (1 - rho)) ** 2 * var[t] + h[t] ** 2 * NOISE / k,
                ),
                t, T,
            ),
        ),
        goal=And(
            Eq(X[T], (1 - a) / (1 + a * (T - 1))),
            Eq(var[T] * (T * k), CONSTANT * (1 - X[T]) ** 2),
        ),
    ),
    uses=("SW-22",),
    binds=(
        Binding(
            "theory.budget.decaying_steps",
            {"rounds": T, "sigma": sigma, "kappa": kappa, "first": a / (1 - rho)}, h[T - 1], T - 1,
        ),
    ),
    evidence=(
        Proof((
            Step(
                Induction(T),
                And(
                    Eq(X[T], (1 - a) / (1 + a * (T - 1))),
                    Eq(
                        var[T],
                        NOISE / ((1 - rho) ** 2 * k) * T * a**2 / (1 + a * (T - 1)) ** 2,
                    ),
                ),
            ),
            Step(Smt(alone=True), Eq(NOISE / (1 - rho) ** 2, CONSTANT)),
        )),
    ),
    note="Bias and variance vanish as T grows, with the same number of samples in every round.",
)

_FACTOR = sp.Symbol("k", real=True)
_AREA = total(e[t] * sp.sqrt(prices[t]))
_GRID = {
    T: NATURALS, n: Sequence(T, POSITIVE), **SETTING, e: Sequence(T, POSITIVE),
    Y: Sequence(T + 1, POSITIVE), var: Sequence(T + 1, NONNEGATIVE), C: POSITIVE,
}
_MOVES = (
    DEFINES_RHO, Eq(Y[0], 1), Each(Eq(Y[t + 1], Y[t] + e[t]), t, T), Eq(var[0], 0),
    Each(
        Eq(
            var[t + 1],
            (Y[t] / Y[t + 1]) ** 2 * var[t] + (e[t] / (Y[t + 1] * (1 - rho))) ** 2 * NOISE / n[t],
        ),
        t, T,
    ),
)
_ADDED_UP = Step(
    Induction(T),
    Eq(var[T] * Y[T] ** 2, NOISE / (1 - rho) ** 2 * total(e[t] ** 2 / n[t])),
)

GRID = Claim(
    id="SW-23",
    title="With priced proposals the least variance for given steps is (K/B)(A/Y)^2, where Y = "
    "1/x is the inverse bias and A = sum (y_{t+1} - y_t) sqrt(c_t) a left Riemann sum of the "
    "root of the price over the inverse bias.",
    kind="theorem",
    source="new",
    statement=Statement(
        variables={**_GRID, prices: Sequence(T, POSITIVE)},
        hypotheses=(*_MOVES, Eq(C, total(prices[t] * n[t]))),
        goal=Eq(
            var[T] * Y[T] ** 2 * C / (CONSTANT * _AREA**2) - 1,
            total(
                (prices[t] * n[t] - C * (e[t] * sp.sqrt(prices[t])) / _AREA) ** 2
                / (prices[t] * n[t])
            ) / C,
        ),
    ),
    uses=("SW-22", "SW-20", "SW-07-EXCESS", "L-SIGNS"),
    evidence=(
        Proof((
            _ADDED_UP,
            Step(
                Lemma(
                    "SW-07-EXCESS",
                    {
                        p: sp.Lambda(j, e[j] * sp.sqrt(prices[j])),
                        n: sp.Lambda(j, prices[j] * n[j]),
                    },
                )
            ),
            Step(
                Lemma(
                    "L-SIGNS",
                    {p: sp.Lambda(j, e[j] * sp.sqrt(prices[j])), _FACTOR: sp.Integer(0)},
                )
            ),
            Step(Smt(alone=True), Eq(NOISE / (1 - rho) ** 2, CONSTANT)),
        )),
    ),
    note="y_t is the inverse of the bias left before round t, so the factor of a round is "
    "y_t/y_{t+1} and its step e_t/(y_{t+1}(1-rho)), e_t = y_{t+1} - y_t. The excess on the right "
    "vanishes at n_t proportional to e_t/sqrt(c_t). Full refits are the grid y_t = alpha^t, one "
    "over-relaxed step is the grid 1, Y.",
)

FREE_GRID = Claim(
    id="SW-23-FREE",
    title="If every kept sample costs the same, the optimal batches are proportional to the gain "
    "in inverse bias, and the grid does not matter.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={**_GRID, h: Sequence(T, POSITIVE)},
        hypotheses=(
            *_MOVES, Eq(C, total(n[t])),
            Each(Eq(h[t], (1 - Y[t] / Y[t + 1]) / (1 - rho)), t, T),
        ),
        goal=Eq(
            var[T] * Y[T] ** 2 * C / (CONSTANT * (Y[T] - 1) ** 2) - 1,
            total((n[t] - C * e[t] / (Y[T] - 1)) ** 2 / n[t]) / C,
        ),
    ),
    uses=("SW-07-EXCESS", "L-SIGNS"),
    binds=(
        Binding(
            "theory.budget.step_schedule",
            {"total": C, "steps": h, "sigma": sigma, "kappa": kappa}, C * e[0] / (Y[T] - 1), 0,
            rtol=1e-7,
        ),
    ),
    evidence=(
        Proof((
            _ADDED_UP,
            Step(Induction(T), Eq(total(e[t]), Y[T] - 1)),
            Step(Lemma("SW-07-EXCESS", {p: sp.Lambda(j, e[j])})),
            Step(Lemma("L-SIGNS", {p: sp.Lambda(j, e[j]), _FACTOR: sp.Integer(0)})),
            Step(Smt(alone=True), Eq(NOISE / (1 - rho) ** 2, CONSTANT)),
        )),
    ),
)


def price(inverse):
    """The price of a kept sample when the bias has shrunk to 1/`inverse` of the start."""
    return train + make * exp(M / (2 * inverse**2))


REFINE = Claim(
    id="SW-23-REFINE",
    title="Splitting a step in two lowers the sum: with priced proposals more and smaller steps "
    "are always better.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={
            y: POSITIVE, first: POSITIVE, second: POSITIVE, M: POSITIVE, make: POSITIVE,
            train: POSITIVE,
        },
        goal=Gt(
            (first + second) * sp.sqrt(price(y)),
            first * sp.sqrt(price(y)) + second * sp.sqrt(price(y + first)),
        ),
    ),
    uses=("SW-23", "SW-20-GROWTH", "L-EXP-RISES"),
    evidence=(
        Proof((
            Step(Smt(alone=True), Gt(M / (2 * y**2), M / (2 * (y + first) ** 2))),
            Step(
                Lemma(
                    "L-EXP-RISES",
                    {
                        sp.Symbol("k", real=True): M / (2 * (y + first) ** 2),
                        w: M / (2 * y**2) - M / (2 * (y + first) ** 2),
                    },
                )
            ),
            Step(Smt(alone=True), Gt(price(y + first), 0)),
            Step(Smt(), Gt(price(y), price(y + first))),
            Step(Smt(), Gt(sp.sqrt(price(y)), sp.sqrt(price(y + first)))),
        )),
    ),
    loose="a strict inequality",
    note="M = |theta_0|^2/(kappa^2 + sigma^2). The gain is e_2 (sqrt c(y) - sqrt c(y + e_1)).",
)

TELESCOPE = Claim(
    id="SW-23-LIMIT",
    title="Left and right sum over T equal steps differ by the step times the fall of the "
    "integrand: refined, both tend to the integral of sqrt(c) over the inverse bias.",
    kind="lemma",
    source="standard",
    statement=Statement(
        variables={T: NATURALS, f: Sequence(T + 1, REALS), A: POSITIVE},
        goal=Eq(
            A / T * total(f[t]) - A / T * total(f[t + 1]), A / T * (f[0] - f[T]),
        ),
    ),
    uses=("SW-23-REFINE",),
    evidence=(Proof((Step(Induction(T), Eq(total(f[t]) - total(f[t + 1]), f[0] - f[T])),)),),
    note="f_t = sqrt(c(y_t)) decreases, so the integral lies between the two sums. A is the "
    "length Y - 1. Samples per round of at least one keep the refinement finite.",
)

# -- unequal directions ---------------------------------------------------------------------------
_SPREAD = A + B / x
_WEIGHT = 1 / (2 * _SPREAD) - m**2 / (2 * _SPREAD**2)

UNEQUAL = Claim(
    id="SW-26",
    title="With other widths in every direction the reward is stationary where n_t^2 is "
    "proportional to sum_i omega_i rho_i sigma_i^2 rho_i^(2(T-1-t)), omega_i = 1/(2 S_i) - "
    "m_i^2/(2 S_i^2).",
    kind="proposition",
    source="new",
    statement=Statement(
        variables={x: POSITIVE, A: POSITIVE, B: POSITIVE, m: REALS},
        goal=Eq(
            Derivative(-log(_SPREAD) / 2 - m**2 / (2 * _SPREAD), x), _WEIGHT * B / x**2,
        ),
    ),
    uses=("SW-04", "SW-05"),
    evidence=(Proof((Step(Identity()),)),),
    note="One direction and one round: x = n_t, B = rho_i sigma_i^2 rho_i^(2(T-1-t)), A what else "
    "is in S_i = kappa_i^2 + sigma_i^2 + v_i. The log reward is the sum over directions, the "
    "constraint sum n_t = C gives all rounds the same slope. Only stationarity is claimed.",
)

b, q = sp.IndexedBase("b"), sp.IndexedBase("alpha")
_SUMS = [total(b[t] * q[t] ** power) for power in (0, 2, 4)]  # T directions

RISING = Claim(
    id="SW-26-GROWTH",
    title="Where all its weights are positive the growth of the stationary schedule does not "
    "fall from round to round, and it is constant only if all rates agree.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={T: NATURALS, b: Sequence(T, POSITIVE), q: Sequence(T, POSITIVE), C: POSITIVE},
        hypotheses=(Eq(C, _SUMS[0]),),
        goal=And(
            Eq(
                _SUMS[2] * C / _SUMS[1] ** 2 - 1,
                total((b[t] - C * (b[t] * q[t] ** 2) / _SUMS[1]) ** 2 / b[t]) / C,
            ),
            Ge(_SUMS[2] / _SUMS[1], _SUMS[1] / C),
        ),
    ),
    uses=("SW-26", "SW-07-EXCESS", "L-SIGNS"),
    evidence=(
        Proof((
            Step(
                Lemma(
                    "SW-07-EXCESS",
                    {n: sp.Lambda(j, b[j]), p: sp.Lambda(j, b[j] * q[j] ** 2)},
                )
            ),
            Step(
                Lemma(
                    "L-SIGNS",
                    {p: sp.Lambda(j, b[j] * q[j] ** 2), _FACTOR: sp.Integer(0), n: b},
                )
            ),
        )),
    ),
    note="Over T directions i. The sums are n_t^2, n_{t+1}^2, n_{t+2}^2: b_i = omega_i rho_i "
    "sigma_i^2 rho_i^(2(T-1-t)) > 0, alpha_i = 1/rho_i; omega_i > 0 means m_i^2 < S_i. "
    "The sum of squares vanishes only where all rates agree.",
)

CLAIMS = (DECAY, GRID, FREE_GRID, REFINE, TELESCOPE, UNEQUAL, RISING)
