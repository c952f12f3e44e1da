"""Claims that check the general assumptions of Yang et al. 2025 on the Gaussian loop: SW-30 to
SW-33, SW-40, E-05."""

import sympy as sp
from sympy import And, Eq, Ge, Le, exp, log

from loopcert.claim import Binding, Claim, Proof, Refutation
from loopcert.prove.formal import NATURALS, POSITIVE, REALS, UNIT, Sequence, Statement
from loopcert.prove.proof import Identity, Induction, Lemma, Smt, Step
from loopcert.statements._budget_terms import (
    DEFINES_RHO,
    SETTING,
    d,
    i,
    kappa,
    over_coordinates,
    rho,
    sigma,
)

__all__ = ["CLAIMS"]

theta, f, noise, slope = (sp.IndexedBase(name) for name in ("theta", "f", "xi", "g"))
eta, beta, J = sp.symbols("eta beta J", positive=True)

# L_theta(phi) = E|x - phi|^2/(2 sigma^2), x ~ N(rho theta, rho sigma^2 I), without its constant.
_TO_MEAN = over_coordinates((f[i] - rho * theta[i]) ** 2) / (2 * sigma**2)
_LOSS_SELF = (1 - rho) ** 2 * over_coordinates(theta[i] ** 2) / (2 * sigma**2)
_LOSS_OTHER = (1 - rho) ** 2 * over_coordinates(f[i] ** 2) / (2 * sigma**2)
_APART = over_coordinates((theta[i] - f[i]) ** 2)
_POINTS = {d: NATURALS, theta: Sequence(d, REALS), f: Sequence(d, REALS), **SETTING}

GRADIENT = Claim(
    id="SW-30",
    title="In the Gaussian loop |grad L_theta(phi)|^2 = 2 (1/sigma^2)(L_theta(phi) - inf "
    "L_theta): both constants of assumption B.1 are 1/sigma^2.",
    kind="lemma",
    source="Yang et al. 2025, assumption B.1 in the warm-up",
    statement=Statement(
        variables=_POINTS,
        hypotheses=(DEFINES_RHO,),
        goal=Eq(
            over_coordinates(((f[i] - rho * theta[i]) / sigma**2) ** 2),
            2 / sigma**2 * _TO_MEAN,
        ),
    ),
    uses=("SW-01",),
    evidence=(Proof((Step(Induction(d)),)),),
    note="(f - rho theta)/sigma^2 is the gradient, rho theta the minimiser of L_theta.",
)

REDUCIBLE = Claim(
    id="SW-31",
    title="The gap G(theta) = (1-rho)^2|theta|^2/2 sigma^2 of a model to its own best refit "
    "obeys G(theta) - G(phi) = (1-rho)(L_theta(theta) - L_theta(phi)) + rho(1-rho)|theta - "
    "phi|^2/2 sigma^2: assumption B.2 holds with 1 - rho, everywhere.",
    kind="theorem",
    source="Yang et al. 2025, assumption B.2 in the warm-up",
    statement=Statement(
        variables=_POINTS,
        hypotheses=(DEFINES_RHO,),
        goal=Eq(
            _LOSS_SELF - _LOSS_OTHER,
            (1 - rho) * (_LOSS_SELF - _TO_MEAN) + rho * (1 - rho) * _APART / (2 * sigma**2),
        ),
    ),
    uses=("SW-30",),
    corrects=("E-05",),
    binds=(
        Binding(
            "theory.budget.self_consistency_gap",
            {"theta": theta, "sigma": sigma, "kappa": kappa}, _LOSS_SELF,
        ),
    ),
    evidence=(Proof((Step(Induction(d)),)),),
    note="The last term is a square, so the inequality of B.2 holds and is sharp as phi tends to "
    "theta. f is phi.",
)

REWARD_GAP = Claim(
    id="SW-32",
    title="The reward is J* exp(-G/(1-rho)), J* = rho^(d/2): assumption B.3 holds with exponent "
    "one, its lower half on bounded sets only.",
    kind="theorem",
    source="Yang et al. 2025, assumption B.3 in the warm-up",
    statement=Statement(
        variables={d: NATURALS, theta: Sequence(d, REALS), **SETTING},
        hypotheses=(DEFINES_RHO,),
        goal=Eq(
            d * log(rho) / 2 - over_coordinates(theta[i] ** 2) / (2 * (kappa**2 + sigma**2)),
            d * log(rho) / 2 - _LOSS_SELF / (1 - rho),
        ),
    ),
    uses=("SW-02", "SW-31"),
    binds=(
        Binding(
            "theory.budget.relative_gap",
            {"mean": theta, "variance": 0.0, "sigma": sigma, "kappa": kappa},
            1 - exp(-_LOSS_SELF / (1 - rho)),
        ),
    ),
    evidence=(
        Proof((
            Step(
                Smt(alone=True),
                Eq((1 - rho) ** 2 / (2 * sigma**2) / (1 - rho), 1 / (2 * (kappa**2 + sigma**2))),
            ),
        )),
    ),
    note="In logarithms; left the reward of SW-02, right the gap G of SW-31.",
)

_S1, _S2, _S3 = (
    over_coordinates(slope[i] ** 2), over_coordinates(noise[i] ** 2),
    over_coordinates(slope[i] * (slope[i] + noise[i])),
)
_MOVE2 = over_coordinates((slope[i] + noise[i]) ** 2)

DESCENT = Claim(
    id="SW-33",
    title="A step -eta(g + xi) along a noisy gradient changes the quadratic upper model of the "
    "loss by -(eta/2)|g|^2 + (eta/2)|xi|^2 - (eta/2)(1 - eta beta)|g + xi|^2.",
    kind="lemma",
    source="new; replaces the covering argument of Yang et al. 2025, Theorem B.6",
    statement=Statement(
        variables={
            d: NATURALS, slope: Sequence(d, REALS), noise: Sequence(d, REALS), eta: POSITIVE,
            beta: POSITIVE,
        },
        goal=Eq(
            -eta * _S3 + beta * eta**2 / 2 * _MOVE2,
            -eta / 2 * _S1 + eta / 2 * _S2 - eta / 2 * (1 - eta * beta) * _MOVE2,
        ),
    ),
    evidence=(Proof((Step(Induction(d)),)),),
    note="For a beta-smooth loss the change is at most the left side; for eta <= 1/beta the last "
    "term is not positive.",
)

BINARY = Claim(
    id="SW-40",
    title="With a 0/1 reward the gap is G = -log J exactly, and 1 - J <= G: assumption B.3 holds "
    "with exponent one.",
    kind="lemma",
    source="Yang et al. 2025, assumption B.3",
    statement=Statement(
        variables={J: UNIT},
        goal=And(Le(1 - J, -log(J)), Le(-log(J), 1 / J - 1)),
    ),
    uses=("L-LOG",),
    evidence=(
        Proof((
            Step(Identity(), Eq(log(1 / J), -log(J))),
            Step(Lemma("L-LOG", {sp.Symbol("S", positive=True): J})),
            Step(Lemma("L-LOG", {sp.Symbol("S", positive=True): 1 / J})),
        )),
    ),
    loose="both bounds are attained as J tends to one",
    note="The kept law is the model's law given reward one; its Kullback divergence from the "
    "model is -log J.",
)

COMMON_MINIMISER = Claim(
    id="E-05",
    title="Against the best parameter 0 the loss of a model on its own kept samples is no "
    "smaller, L_theta(theta) >= L_theta(0).",
    kind="remark",
    source="Yang et al. 2025, assumption B.2",
    statement=Statement(
        variables={theta[0].base: Sequence(sp.Integer(1), REALS), **SETTING},
        hypotheses=(DEFINES_RHO,),
        goal=Ge(((1 - rho) ** 2 - rho**2) * theta[0] ** 2 / (2 * sigma**2), 0),
    ),
    evidence=(
        Refutation(
            {theta: [1], sigma: 1, kappa: 2, rho: "4/5"},
            reading="one parameter minimises the loss under every model",
        ),
    ),
    note="The minimiser of L_theta is rho theta, another one for every theta. With kappa > sigma "
    "the reference 0 is worse than staying. The gap G to the own best refit repairs it (SW-31).",
)

CLAIMS = (GRADIENT, REDUCIBLE, REWARD_GAP, DESCENT, BINARY, COMMON_MINIMISER)
