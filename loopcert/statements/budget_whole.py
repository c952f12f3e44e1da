"""Claims on schedules in whole samples, and with a floor of one sample a round: SW-18, SW-19."""

import sympy as sp
from sympy import Eq, Ge, Gt, Le, Or, Sum

from loopcert.claim import Binding, Claim, Proof, Refutation
from loopcert.prove.formal import NATURALS, POSITIVE, UNIT, Each, Sequence, Statement
from loopcert.prove.proof import Induction, Lemma, Step
from loopcert.statements._budget_terms import (
    DEFINES_RHO,
    SETTING,
    C,
    T,
    i,
    kappa,
    n,
    rho,
    sigma,
    t,
    total,
)

__all__ = ["CLAIMS"]

P, Q, mu = sp.symbols("P Q mu", positive=True)
a, b = sp.symbols("a b", integer=True, positive=True)
m, w, lam, f = (sp.IndexedBase(name) for name in ("m", "w", "lambda", "f"))

_COUNTS = {T: NATURALS, n: Sequence(T, NATURALS), m: Sequence(T, NATURALS)}
_WEIGHTS = {mu: POSITIVE, w: Sequence(T, POSITIVE), lam: Sequence(T, sp.Interval(0, 1))}
# w_t lies between mu n_t (n_t - 1) and mu n_t (n_t + 1).
_CERTIFICATE = Each(Eq(w[t], mu * n[t] * (n[t] - 1 + 2 * lam[t])), t, T)
# True of whole numbers by themselves; stated because the induction runs over the reals.
_APART = Each(Or(Le(m[t], n[t] - 1), Eq(m[t], n[t]), Ge(m[t], n[t] + 1)), t, T)

# The greedy count of the first of two rounds: its k-th extra sample is among the C - 2 largest
# gains when it beats extra sample number C - 1 - k of the second round.
_SQUARE = P / (P + Q)
_RATIO = sp.sqrt(_SQUARE)
_GREEDY = 1 + Sum(
    sp.Piecewise(
        (1, Gt(_SQUARE / (i * (i + 1)), 1 / ((a + b - 1 - i) * (a + b - i)))), (0, sp.true)
    ),
    (i, 1, a + b - 2),
)

EXCHANGE = Claim(
    id="SW-18-EXCHANGE",
    title="Moving one sample from a round of weight Q to one of weight P changes the noise by "
    "Q/(b(b-1)) - P/(a(a+1)): it pays iff the second gain is larger.",
    kind="lemma",
    source="new (Huntington-Hill apportionment)",
    statement=Statement(
        variables={P: POSITIVE, Q: POSITIVE, a: NATURALS, b: sp.Range(2, sp.oo)},
        goal=Eq(
            P / (a + 1) + Q / (b - 1) - P / a - Q / b, Q / (b * (b - 1)) - P / (a * (a + 1))
        ),
    ),
    binds=(
        Binding(
            "theory.budget.integer_schedule",
            {
                "total": a + b, "rounds": 2, "sigma": 1.0,
                "kappa": sp.sqrt(_RATIO / (1 - _RATIO)),
            },
            _GREEDY, 0,
        ),
    ),
    evidence=(Proof(),),
)

IDENTITY = Claim(
    id="SW-18-IDENTITY",
    title="The noise that another schedule adds to a certified one is the price of the samples "
    "it saves plus one product of differences a round.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={**_COUNTS, **_WEIGHTS},
        hypotheses=(_CERTIFICATE,),
        goal=Eq(
            total(w[t] / m[t]) - total(w[t] / n[t]),
            mu * (total(n[t]) - total(m[t]))
            + mu * total((m[t] - n[t]) * (m[t] - n[t] + 1 - 2 * lam[t]) / m[t]),
        ),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
)

WHOLE = Claim(
    id="SW-18",
    title="A schedule with max_t w_t/(n_t(n_t+1)) <= mu <= min_s w_s/(n_s(n_s-1)) has the least "
    "noise of all whole schedules that keep no more samples.",
    kind="theorem",
    source="new; completes Yang et al. 2025, Theorem 3.1",
    statement=Statement(
        variables={**_COUNTS, **_WEIGHTS},
        hypotheses=(_CERTIFICATE, _APART, Le(total(m[t]), total(n[t]))),
        goal=Le(total(w[t] / n[t]), total(w[t] / m[t])),
    ),
    uses=("SW-18-IDENTITY", "SW-18-SIGN", "SW-18-EXCHANGE"),
    corrects=("E-02",),
    evidence=(
        Proof((
            Step(Lemma("SW-18-IDENTITY")),
            Step(
                Lemma("SW-18-SIGN"),
            ),
        )),
    ),
    loose="equality only at ties",
    note="For any weights, w_t = rho^(2(T-1-t)) in the loop. lambda_t in [0, 1] places w_t "
    "between mu n_t(n_t - 1) and mu n_t(n_t + 1). A whole schedule that has no paying exchange "
    "(SW-18-EXCHANGE) has such a mu.",
)

SIGN = Claim(
    id="SW-18-SIGN",
    title="Each of these products is not negative, since whole schedules differ by a sample or "
    "more where they differ.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={**_COUNTS, lam: Sequence(T, sp.Interval(0, 1))},
        hypotheses=(_APART,),
        goal=Ge(total((m[t] - n[t]) * (m[t] - n[t] + 1 - 2 * lam[t]) / m[t]), 0),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    loose="zero only at equal schedules and at ties",
)

FLOORED = Claim(
    id="SW-19",
    title="With at least one sample a round, the real schedule of least variance is max(1, mu "
    "alpha^t).",
    kind="theorem",
    source="new; completes Yang et al. 2025, Theorem 3.1",
    statement=Statement(
        variables={
            T: NATURALS, rho: UNIT, mu: POSITIVE, f: Sequence(T, sp.Interval(1, sp.oo)),
            m: Sequence(T, sp.Interval(1, sp.oo)),
        },
        hypotheses=(
            Each(Eq(f[t], sp.Max(1, mu * (1 / rho) ** t)), t, T),
            Le(total(m[t]), total(f[t])),
        ),
        goal=Le(total((1 / rho) ** (2 * t) / f[t]), total((1 / rho) ** (2 * t) / m[t])),
    ),
    corrects=("E-02",),
    binds=tuple(
        Binding(
            "theory.budget.floored_schedule",
            {
                "total": total(f[t]), "rounds": T, "sigma": 1.0,
                "kappa": sp.sqrt(rho / (1 - rho)),
            },
            f[index], index,
        )
        for index in (sp.Integer(0), T - 1)
    ),
    evidence=(
        Proof((
            Step(
                Induction(T),
                Le(
                    total((1 / rho) ** (2 * t) / f[t]) + total(f[t]) / mu**2,
                    total((1 / rho) ** (2 * t) / m[t]) + total(m[t]) / mu**2,
                ),
                "every round alone: the price of a sample is 1/mu^2",
            ),
        )),
    ),
    loose="equality only where the two schedules are the same",
    note="Variances up to the common factor rho sigma^2 rho^(2(T-1)).",
)

FRACTIONAL = Claim(
    id="E-02",
    title="The optimal schedule n*_t = C(alpha - 1) alpha^t/(alpha^T - 1) keeps at least one "
    "sample a round.",
    kind="theorem",
    source="Yang et al. 2025, Theorem 3.1 and E.1",
    statement=Statement(
        variables={T: NATURALS, **SETTING, C: POSITIVE},
        hypotheses=(DEFINES_RHO, Ge(C, T)),
        goal=Ge(C * (1 / rho - 1) / ((1 / rho) ** T - 1), 1),
    ),
    evidence=(
        Refutation(
            {T: 7, sigma: 1, kappa: 1, rho: "1/2", C: 20},
            reading="the optimum is to be carried out in whole samples",
        ),
    ),
    note="The first round is the smallest. With sigma = kappa, 20 samples in 7 rounds give it "
    "0.16 of a sample; rounding gives none, and a round without samples has no fit.",
)

CLAIMS = (EXCHANGE, IDENTITY, SIGN, WHOLE, FLOORED, FRACTIONAL)
