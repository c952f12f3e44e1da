"""Claims on the contraction factor rho(beta) of a window (Yi et al. 2025), ids KV-RHO-."""

import sympy as sp
from sympy import And, Eq, Gt, Lt, erf, exp, pi, sqrt

from loopcert.claim import Binding, Claim, Enclosed, Proof
from loopcert.prove.formal import POSITIVE, Statement
from loopcert.prove.proof import ByDerivative, Identity, Lemma, Smt, Step
from loopcert.statements.verifier import OURS, RHO, bell, beta

__all__ = ["CLAIMS"]

RATE_ODE = Claim(
    id="KV-RHO-ODE",
    title="beta rho' = (1 - rho)(beta^2 - rho).",
    kind="lemma",
    source=OURS,
    statement=Statement(
        variables={beta: POSITIVE},
        goal=Eq(beta * sp.Derivative(RHO, beta), (1 - RHO) * (beta**2 - RHO)),
    ),
    evidence=(Proof((Step(Identity()),)),),
    note="rho is the mean square of a draw kept in the centred window, hence below beta^2, "
    "so rho' > 0.",
)

BOUNDS = Claim(
    id="KV-RHO-BOUNDS",
    title="1 - exp(-beta^2/3) < rho < min(beta^2/3, 1 - sqrt(2/pi) beta exp(-beta^2/2)), and "
    "rho > beta^2/(3 + beta^2).",
    kind="theorem",
    source=OURS,
    statement=Statement(
        variables={beta: POSITIVE},
        goal=And(
            Gt(RHO, 1 - exp(-(beta**2) / 3)),
            Gt(RHO, beta**2 / (3 + beta**2)),
            Lt(RHO, beta**2 / 3),
            Lt(RHO, 1 - sqrt(2 / pi) * beta * bell(beta)),
        ),
    ),
    uses=("KV-RHO", "KV-RHO-ERF"),
    binds=tuple(
        Binding("theory.verifier.bound_window_contraction", {"half_width": beta}, value, k)
        for k, value in enumerate((
            1 - exp(-(beta**2) / 3),
            sp.Min(beta**2 / 3, 1 - sqrt(2 / pi) * beta * bell(beta)),
        ))
    ),
    evidence=(
        Proof((
            Step(Lemma("KV-RHO-ERF")),
            Step(Smt(alone=True), Lt(exp(-(beta**2) / 3), 3 / (3 + beta**2))),
            Step(Smt(), Gt(RHO, 1 - exp(-(beta**2) / 3))),
        )),
        Enclosed({beta: (sp.Rational(1, 2), 3)}),
    ),
    loose="the lower bounds are attained in the limit of a narrow window only",
)

ERROR_FUNCTION = Claim(
    id="KV-RHO-ERF",
    title="Three bounds of the error function.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={beta: POSITIVE},
        goal=And(
            Gt(erf(beta / sqrt(2)), sqrt(2 / pi) * beta * bell(beta)),
            Lt((1 - beta**2 / 3) * erf(beta / sqrt(2)), sqrt(2 / pi) * beta * bell(beta)),
            Gt(erf(beta / sqrt(2)), sqrt(2 / pi) * beta * exp(-(beta**2) / 6)),
        ),
    ),
    evidence=(
        Proof((
            Step(ByDerivative(beta, 0),
                 Gt(erf(beta / sqrt(2)), sqrt(2 / pi) * beta * bell(beta))),
            Step(
                ByDerivative(beta, 0, 2 * beta / 3 * (
                    erf(beta / sqrt(2)) - sqrt(2 / pi) * beta * bell(beta)
                )),
                Lt((1 - beta**2 / 3) * erf(beta / sqrt(2)), sqrt(2 / pi) * beta * bell(beta)),
            ),
            Step(ByDerivative(beta, 0),
                 Gt(erf(beta / sqrt(2)), sqrt(2 / pi) * beta * exp(-(beta**2) / 6))),
        )),
    ),
    loose="equality at beta = 0 only",
)

CLAIMS = (RATE_ODE, ERROR_FUNCTION, BOUNDS)
