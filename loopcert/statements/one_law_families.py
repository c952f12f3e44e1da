"""Claims on the families of the one law and on one round of it: UL-ONE-K, UL-STEADY, UL-IFF,
UL-PRUNE, UL-MIX, UL-VARFIT."""

import sympy as sp
from sympy import And, Eq, Ge, Implies, Le

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
from loopcert.prove.proof import Induction, Step
from loopcert.statements._budget_terms import T, n, t

__all__ = ["CLAIMS"]

K, c, s, v0, k, w = sp.symbols("K c s v_0 k w", positive=True)
phi, psi, p, lam, gamma, sigma, kappa = sp.symbols(
    "phi psi p lambda gamma sigma kappa", positive=True
)
B2, V0 = sp.symbols("B2 V_0", nonnegative=True)
delta = sp.Symbol("delta", real=True)
V, precision, error, extra, odds = (
    sp.IndexedBase(name) for name in ("V", "tau", "delta", "x", "o")
)
eps = sp.Symbol("epsilon", positive=True)

# -- one round -----------------------------------------------------------------------------------
_ROUND = K**2 * v0 + (1 - K) ** 2 * B2 + K * s
_BEST = (B2 - s / 2) / (B2 + v0)

ONE_ROUND = Claim(
    id="UL-ONE-K",
    title="One round of selectivity K leaves K^2 v_0 + (1-K)^2 B^2 + K s, a parabola with its "
    "vertex at K* = (B^2 - s/2)/(B^2 + v_0).",
    kind="proposition",
    source="new; the one-round question of Yi et al. 2025",
    statement=Statement(
        variables={K: UNIT, v0: POSITIVE, B2: NONNEGATIVE, s: POSITIVE},
        goal=Eq(
            _ROUND, B2 - (B2 - s / 2) ** 2 / (B2 + v0) + (B2 + v0) * (K - _BEST) ** 2,
        ),
    ),
    uses=("UL-MSE",),
    binds=(
        Binding(
            "theory.one_law.one_round_error",
            {"contraction": K, "sampling": s, "initial": v0, "bias2": B2}, _ROUND,
        ),
        Binding(
            "theory.one_law.best_contraction", {"sampling": s, "initial": v0, "bias2": B2},
            sp.Max(_BEST, 0),
        ),
    ),
    evidence=(Proof(),),
    note="s is the error that refitting on unselected samples would add.",
)

STEADY = Claim(
    id="UL-STEADY",
    title="With constant batches the error tends to V_inf = c/(n(1-K^2)) geometrically: V_T - "
    "V_inf = K^(2T)(V_0 - V_inf).",
    kind="proposition",
    source="new",
    statement=Statement(
        variables={
            T: NATURALS, K: UNIT, c: POSITIVE, k: POSITIVE, V0: NONNEGATIVE,
            V: Sequence(T + 1, NONNEGATIVE),
        },
        hypotheses=(Eq(V[0], V0), Each(Eq(V[t + 1], K**2 * V[t] + c / k), t, T)),
        where={w: c / (k * (1 - K**2))},
        goal=Eq(V[T] - w, K ** (2 * T) * (V0 - w)),
    ),
    uses=("UL-LAW",),
    binds=(Binding("theory.one_law.steady_error", {"contraction": K, "noise": c, "n": k}, w),),
    evidence=(Proof((Step(Induction(T)),)),),
)

NECESSARY = Claim(
    id="UL-IFF",
    title="The error cannot fall below the noise of the last round, V_T >= c/n_{T-1}: it tends "
    "to zero only if n_t tends to infinity.",
    kind="proposition",
    source="new; behind Yang et al. 2025, Theorem 3.3",
    statement=Statement(
        variables={
            T: NATURALS, K: UNIT, c: POSITIVE, n: Sequence(T, POSITIVE),
            V: Sequence(T + 1, NONNEGATIVE), V0: NONNEGATIVE,
        },
        hypotheses=(Eq(V[0], V0), Each(Eq(V[t + 1], K**2 * V[t] + c / n[t]), t, T),),
        goal=Ge(V[T], c / n[T - 1]),
    ),
    uses=("UL-LAW",),
    evidence=(Proof((Step(Induction(T)),)),),
    loose="attained at V_{T-1} = 0",
)

_LEFT = K ** (2 * T) * V0
_FLOOR = c / (k * (1 - K**2))

ENOUGH = Claim(
    id="UL-IFF-ENOUGH",
    title="Once every round has k samples or more, the error falls below K^(2T) V_0 + (1 - "
    "K^(2T)) c/(k(1 - K^2)): if n_t tends to infinity it tends to zero.",
    kind="proposition",
    source="new; behind Yang et al. 2025, Theorem 3.3",
    statement=Statement(
        variables={
            T: NATURALS, K: UNIT, c: POSITIVE, k: POSITIVE, V0: NONNEGATIVE, eps: POSITIVE,
            n: Sequence(T, POSITIVE), extra: Sequence(T, NONNEGATIVE),
            V: Sequence(T + 1, NONNEGATIVE),
        },
        hypotheses=(
            Each(Eq(n[t], k + extra[t]), t, T), Eq(V[0], V0),
            Each(Eq(V[t + 1], K**2 * V[t] + c / n[t]), t, T),
        ),
        goal=And(
            Le(V[T], _LEFT + (1 - K ** (2 * T)) * _FLOOR),
            Implies(And(Le(_LEFT, eps / 2), Le(_FLOOR, eps / 2)), Le(V[T], eps)),
        ),
    ),
    uses=("UL-LAW",),
    evidence=(
        Proof((Step(Induction(T), Le(V[T], _LEFT + (1 - K ** (2 * T)) * _FLOOR)),)),
    ),
    loose="attained by equal batches of k",
    note="V_0 is the error when the k samples are reached. For any eps, k = 2c/(eps(1 - K^2)) and "
    "T = log(2 V_0/eps)/(2 log(1/K)) rounds more are enough. With UL-IFF: the error tends to zero "
    "if and only if n_t tends to infinity.",
)

# -- families ------------------------------------------------------------------------------------
_NEXT = psi * p / (phi * (1 - p) + psi * p)
_GAIN = (phi - psi) / (phi + psi)

PRUNE = Claim(
    id="UL-PRUNE",
    title="A verifier that keeps right labels with phi and wrong ones with psi multiplies the "
    "odds of an error by psi/phi, and adds signals like velocities.",
    kind="proposition",
    source="new; the selection step of Feng et al. 2025",
    statement=Statement(
        variables={p: UNIT, phi: UNIT, psi: UNIT},
        goal=And(
            Eq(_NEXT / (1 - _NEXT), psi / phi * (p / (1 - p))),
            Eq(1 - 2 * _NEXT, ((1 - 2 * p) + _GAIN) / (1 + _GAIN * (1 - 2 * p))),
        ),
    ),
    binds=(Binding("theory.one_law.prune_round", {"p": p, "phi": phi, "psi": psi}, _NEXT),),
    evidence=(Proof(),),
    note="In odds the contraction is exact with K = psi/phi and centre 0. Selection and one more "
    "generation in a loop is our reading; the source has one round.",
)

PRUNE_ROUNDS = Claim(
    id="UL-PRUNE-ROUNDS",
    title="T rounds of pruning multiply the odds of an error by (psi/phi)^T.",
    kind="corollary",
    source="new; our repetition of the round of Feng et al. 2025",
    statement=Statement(
        variables={
            T: NATURALS, p: UNIT, phi: UNIT, psi: UNIT, odds: Sequence(T + 1, POSITIVE),
        },
        hypotheses=(
            Eq(odds[0], p / (1 - p)), Each(Eq(odds[t + 1], psi / phi * odds[t]), t, T),
        ),
        goal=Eq(odds[T], (psi / phi) ** T * (p / (1 - p))),
    ),
    uses=("UL-PRUNE",),
    binds=(
        Binding(
            "theory.one_law.prune_rounds", {"p": p, "phi": phi, "psi": psi, "rounds": T},
            odds[T] / (1 + odds[T]),
        ),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    note="The next generator is assumed to err as often as the kept items.",
)

_SHARE = lam / (1 + lam)
_SHRUNK = delta / (1 + gamma)
_MIX_CALL = {"synthetic_ratio": lam, "correction": gamma, "n": 7.0, "sigma": sigma, "dim": 1}

MIXED = Claim(
    id="UL-MIX",
    title="Correction gamma and augmentation lambda shrink the mean error by "
    "lambda/((1+lambda)(1+gamma)), with noise sigma^2/(1+lambda) + lambda gamma "
    "delta^2/((1+lambda)^2(1+gamma)^2).",
    kind="proposition",
    source="new; the Gaussian mean of Gillman et al. 2024",
    statement=Statement(
        variables={
            delta: REALS, lam: POSITIVE, gamma: POSITIVE, sigma: POSITIVE,
        },
        goal=Eq(
            (1 / (1 + lam)) ** 2 * sigma**2
            + _SHARE**2 / lam * (sigma**2 + delta**2 / (1 + gamma) - _SHRUNK**2),
            sigma**2 / (1 + lam) + lam * gamma * delta**2 / ((1 + lam) ** 2 * (1 + gamma) ** 2),
        ),
    ),
    binds=(
        Binding(
            "theory.one_law.fresh_correction_law", _MIX_CALL, sigma**2 / (1 + lam), "noise",
        ),
        Binding(
            "theory.one_law.fresh_correction_law", _MIX_CALL,
            sp.sqrt(lam * (lam + gamma / 7)) / ((1 + lam) * (1 + gamma)), "contraction",
        ),
    ),
    evidence=(Proof(),),
    note="Per real sample: one real sample of variance sigma^2 and lambda corrected ones. A "
    "corrected sample is generated (mean delta) with probability 1/(1+gamma), else real (mean "
    "0); its second moment is sigma^2 + delta^2/(1+gamma).",
)

REFIT_VARIANCE = Claim(
    id="UL-VARFIT",
    title="If the generator refits its variance too, precision grows by 1/kappa^2 a round and "
    "the error only shrinks like 1/(1 + T sigma^2/kappa^2).",
    kind="proposition",
    source="new",
    statement=Statement(
        variables={
            T: NATURALS, sigma: POSITIVE, kappa: POSITIVE, delta: REALS,
            precision: Sequence(T + 1, POSITIVE), error: Sequence(T + 1, REALS),
        },
        hypotheses=(
            Eq(precision[0], 1 / sigma**2), Eq(error[0], delta),
            Each(Eq(precision[t + 1], precision[t] + 1 / kappa**2), t, T),
            Each(
                Eq(error[t + 1], kappa**2 / (kappa**2 + 1 / precision[t]) * error[t]), t, T,
            ),
        ),
        goal=And(
            Eq(precision[T], 1 / sigma**2 + T / kappa**2),
            Eq(error[T], delta / (1 + T * sigma**2 / kappa**2)),
        ),
    ),
    uses=("SW-01",),
    binds=(
        Binding(
            "theory.budget.refit_mean",
            {"theta0": delta, "rounds": T, "sigma": sigma, "kappa": kappa},
            delta / (1 + T * sigma**2 / kappa**2), 0,
        ),
        Binding(
            "theory.budget.refit_deviation", {"rounds": T, "sigma": sigma, "kappa": kappa},
            1 / sp.sqrt(1 / sigma**2 + T / kappa**2),
        ),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    note="Infinite samples, exponential reward of width kappa: one round is SW-01 with sigma_t^2 "
    "= 1/tau_t. Quality rises and diversity dies.",
)

CLAIMS = (
    ONE_ROUND, STEADY, NECESSARY, ENOUGH, PRUNE, PRUNE_ROUNDS, MIXED, REFIT_VARIANCE,
)
