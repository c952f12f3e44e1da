"""Claims on training with unlimited data without margin (ids BPX-1) and on what the theory of
Feng et al. 2025 then leaves out (ids BP-E-8 and following).

Notation as in `pruning_angles`; theta_b is the angle of the bisector of generator and verifier
to the truth, accuracy = 1 - theta_b/pi.
"""

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Implies, Le, Lt, acos, cos, pi, sin, sqrt

from loopcert.claim import Binding, Claim, Proof, Refutation, Simulation
from loopcert.prove.formal import NATURALS, POSITIVE, REALS, UNIT, Statement
from loopcert.prove.proof import Identity, Smt, Step
from loopcert.statements.pruning_angles import (
    ANGLES,
    TRIANGLE,
    angle_between,
    angle_gen,
    angle_prune,
    normal_cdf,
)

__all__ = ["CLAIMS"]

ANGLE = sp.Interval.open(0, pi)

gen2, between2 = sp.symbols("t_g2 t_2", positive=True)
prune2 = sp.Symbol("t_p2", positive=True)
along_gen, along_prune, along = sp.symbols("a b g", real=True)
kappa, kappa2, m2 = sp.symbols("kappa kappa_2 m_2", positive=True)
dim = sp.Symbol("d", integer=True, positive=True)
p, phi, psi, phi2, psi2 = sp.symbols("p phi psi phi_2 psi_2", nonnegative=True)
p00, p01 = sp.symbols("p_00 p_01", real=True)


def cosine(gen, prune, between):
    """The cosine of the bisector of generator and verifier to the truth."""
    return (cos(gen) + cos(prune)) / (2 * cos(between / 2))


def accuracy(gen, prune, between):
    """The accuracy of the bisector."""
    return 1 - acos(cosine(gen, prune, between)) / pi


def breakdown(gen, prune, between):
    """The breakdown point without margin (BP-6b)."""
    right = gen * (2 * pi - gen - prune - between)
    return right / (right + (pi - gen) * (gen + prune - between))


def triangle(gen, prune, between):
    """The four inequalities between the sides of a triangle on the sphere."""
    swap = {angle_gen: gen, angle_prune: prune, angle_between: between}
    return tuple(f.xreplace(swap) for f in TRIANGLE)


_THREE = (angle_gen, angle_prune, angle_between)
_BINDS = {"angle_gen": angle_gen, "angle_prune": angle_prune, "angle_between": angle_between}

BISECTOR = Claim(
    id="BPX-1",
    title="The bisector of generator and verifier has cosine (cos t_g + cos t_p)/(2 cos(t/2)) to "
    "the truth: better than chance exactly when t_g + t_p < pi, better than the generator exactly "
    "when cos t_p > (2 cos(t/2) - 1) cos t_g.",
    kind="result",
    source="new",
    statement=Statement(
        variables=ANGLES,
        goal=And(
            Eq((cos(angle_gen) + cos(angle_prune)) / sqrt(2 + 2 * cos(angle_between)),
               cosine(*_THREE)),
            Equivalent(Gt(cos(angle_gen) + cos(angle_prune), 0), Lt(angle_gen + angle_prune, pi)),
            Equivalent(
                Gt(cosine(*_THREE), cos(angle_gen)),
                Gt(cos(angle_prune), (2 * cos(angle_between / 2) - 1) * cos(angle_gen))),
        ),
    ),
    evidence=(
        Proof((
            Step(Identity(), Eq(cos(angle_between), 2 * cos(angle_between / 2) ** 2 - 1)),
            Step(Smt(), Gt(cos(angle_between / 2), 0)),
            Step(Smt(), Eq(sqrt(2 + 2 * cos(angle_between)), 2 * cos(angle_between / 2))),
        )),
    ),
    corrects=("BP-E-12", "BP-E-13", "BP-E-14", "BP-E-14.1"),
    note="g, p unit vectors: (g + p).w/|g + p| and |g + p|^2 = 2 + 2 cos t. A worse verifier can "
    "help where it is decorrelated; at t = 0 none does.",
)
CAUCHY = Claim(
    id="BPX-1.1",
    title="The cosine of the bisector lies in [-1, 1], because three unit vectors have a "
    "nonnegative Gram determinant.",
    kind="result",
    source="new",
    statement=Statement(
        variables={along_gen: sp.Interval.open(-1, 1), along_prune: sp.Interval.open(-1, 1),
                   along: sp.Interval.open(-1, 1)},
        hypotheses=(
            Ge(1 + 2 * along_gen * along_prune * along
               - along_gen**2 - along_prune**2 - along**2, 0),
        ),
        goal=Le((along_gen + along_prune) ** 2, 2 + 2 * along),
    ),
    evidence=(Proof(),),
    note="a, b, g are the products of generator and truth, verifier and truth, generator and "
    "verifier.",
)


def _agreement(rng, effort):
    from sims import simulate_pruned_classifier

    replicates = 400 if effort == "full" else 100
    found = simulate_pruned_classifier(
        None, 3, 10_000, 0.6, 0.9, 0.7, ridge=0.1, replicates=replicates, rng=rng)
    return {"accuracy": (found.mean(), found.std(ddof=1) / replicates**0.5)}


_DIFFERENCE, _TOTAL = angle_gen - angle_prune, angle_gen + angle_prune
LEARNED = Claim(
    id="BPX-1.2",
    title="Training on what generator and verifier agree on learns their bisector; its angle to "
    "the truth in a form without cancellation.",
    kind="result",
    source="new",
    statement=Statement(
        variables=ANGLES,
        hypotheses=TRIANGLE,
        goal=Eq(
            (1 - cosine(*_THREE)) / 2,
            sin(_DIFFERENCE / 4) ** 2 + cos(_DIFFERENCE / 2) * sin((_TOTAL + angle_between) / 4)
            * sin((_TOTAL - angle_between) / 4) / cos(angle_between / 2),
        ),
    ),
    uses=("BPX-1",),
    binds=(
        Binding("theory.breakdown.population_accuracy", _BINDS, accuracy(*_THREE)),
        Binding("theory.breakdown.improvement_margin", _BINDS,
                cos(angle_prune) - (2 * cos(angle_between / 2) - 1) * cos(angle_gen), rtol=1e-7),
    ),
    evidence=(
        Simulation(
            _agreement, {"accuracy": accuracy(*_THREE)},
            {angle_gen: "3/5", angle_prune: "9/10", angle_between: "7/10"},
            "10,000 items a training, ridge 0.1, three dimensions",
        ),
    ),
    note="The reflection that exchanges generator and verifier preserves the law of what is kept, "
    "and the risk has one minimiser, so that this lies on the bisector; the simulation checks it.",
)

# -- printed claims that fail --------------------------------------------------------------------
CONDITION = Claim(
    id="BP-E-8",
    title="Printed: the limit N -> infinity may be taken at a fixed dimension, so |x|^2 does not "
    "fluctuate there.",
    kind="remark",
    source="Feng et al. 2025, Remark 4.3 with Condition E.1",
    statement=Statement(
        variables={m2: UNIT, dim: NATURALS},
        goal=Eq(4 * m2 * ((1 - m2) / dim) + 2 * dim * ((1 - m2) / dim) ** 2, 0),
    ),
    evidence=(Refutation({m2: "1/2", dim: 10}, "the dimension is fixed while N grows"),),
    note="The left side is the variance of |x|^2 in the isotropic mixture; |mu|^2 = m_2.",
)
FLUCTUATION = Claim(
    id="BP-E-8.1",
    title="In the isotropic mixture |x|^2 has variance 2(1 - a^2)/d, a = |mu|^2: Condition E.1 "
    "needs d -> infinity.",
    kind="result",
    source="new",
    statement=Statement(
        variables={m2: UNIT, dim: NATURALS},
        goal=Eq(
            4 * m2 * ((1 - m2) / dim) + 2 * dim * ((1 - m2) / dim) ** 2, 2 * (1 - m2**2) / dim),
    ),
    corrects=("BP-E-8",),
    evidence=(Proof(),),
    note="(m + s eta)^2 has variance 4 m^2 s^2 + 2 s^4 for standard normal eta.",
)
ANGLES_ONLY = Claim(
    id="BP-E-9",
    title="Printed: the parameters of a linear generator depend on its angles only.",
    kind="remark",
    source="Feng et al. 2025, equation (6)",
    statement=Statement(
        variables={angle_gen: ANGLE, kappa: POSITIVE, kappa2: POSITIVE},
        goal=Eq(normal_cdf(-kappa * cos(angle_gen)), normal_cdf(-kappa2 * cos(angle_gen))),
    ),
    evidence=(Refutation({angle_gen: 1, kappa: 1, kappa2: 2}),),
    note="The error rate in mixtures of separation kappa and kappa_2.",
)
SEPARATION = Claim(
    id="BP-E-9.1",
    title="At a fixed angle below pi/2 the error rate falls as the separation grows, beyond pi/2 "
    "it rises: the angles of appendix E.6 and the limit of Theorem E.3 exclude each other.",
    kind="result",
    source="new",
    statement=Statement(
        variables={angle_gen: ANGLE, kappa: POSITIVE},
        goal=Eq(
            sp.Derivative(normal_cdf(-kappa * cos(angle_gen)), kappa),
            -cos(angle_gen) * sp.exp(-((kappa * cos(angle_gen)) ** 2) / 2) / sqrt(2 * pi)),
    ),
    uses=("BP-23.1",),
    corrects=("BP-E-9",),
    evidence=(Proof((Step(Identity()),)),),
    note="The separation grows like the square root of the dimension (BP-23.1), so that only "
    "angles near pi/2 keep an error rate between 0 and 1.",
)
FIXED_POINT = Claim(
    id="BP-E-11",
    title="Printed: the breakdown point of a verifier does not depend on the error rate.",
    kind="theorem",
    source="Feng et al. 2025, Theorem 4.2, phi and psi fixed as p varies",
    statement=Statement(
        variables={**ANGLES, gen2: ANGLE, between2: ANGLE},
        hypotheses=(*triangle(*_THREE), *triangle(gen2, angle_prune, between2)),
        goal=Eq(breakdown(*_THREE), breakdown(gen2, angle_prune, between2)),
    ),
    evidence=(
        Refutation(
            {angle_gen: "1/2", angle_prune: "1/2", angle_between: "7/10", gen2: 1,
             between2: "11/10"}, "for a linear verifier"),
    ),
)
ALL_OR_NOTHING = Claim(
    id="BP-E-12",
    title="Printed: below the breakdown point the classifier is perfectly accurate.",
    kind="theorem",
    source="Feng et al. 2025, Theorem 4.2",
    statement=Statement(
        variables=ANGLES, hypotheses=TRIANGLE,
        goal=Implies(Lt(angle_gen / pi, breakdown(*_THREE)), Eq(accuracy(*_THREE), 1)),
    ),
    evidence=(
        Refutation(
            {angle_gen: "19/10", angle_prune: "1/10", angle_between: "19/10"},
            "for linear generator and verifier, unlimited data, a fixed dimension"),
    ),
    note="Nearly an oracle: p = .60, p_star = .97, accuracy .68.",
)
SURVIVORS = Claim(
    id="BP-E-13",
    title="Printed: accuracy on the clean labels of the kept items tends to the accuracy on new "
    "items.",
    kind="remark",
    source="Feng et al. 2025, Remark E.5",
    statement=Statement(
        variables=ANGLES, hypotheses=TRIANGLE,
        goal=Eq(
            (1 - (angle_gen + angle_prune + angle_between) / (2 * pi)) / (1 - angle_between / pi),
            accuracy(*_THREE)),
    ),
    evidence=(
        Refutation(
            {angle_gen: "3/5", angle_prune: "9/10", angle_between: "7/10"},
            "for linear generator and verifier, unlimited data"),
    ),
    note="On the kept items both agree, and the bisector agrees with them: its accuracy there is "
    "the precision, left. What is kept depends on the features, so it is no sample of new items.",
)
BETTER_GENERATOR = Claim(
    id="BP-E-14",
    title="Printed: a better generator always improves performance.",
    kind="remark",
    source="Feng et al. 2025, section 4.4",
    statement=Statement(
        variables={**ANGLES, gen2: ANGLE, between2: ANGLE},
        hypotheses=(
            *triangle(*_THREE), *triangle(gen2, angle_prune, between2), Lt(angle_gen, gen2),
        ),
        goal=Ge(accuracy(*_THREE), accuracy(gen2, angle_prune, between2)),
    ),
    evidence=(
        Refutation({angle_gen: "1/10", angle_prune: "5/4", angle_between: "5/4", gen2: "5/4",
                    between2: "12/5"}, "for linear generator and verifier, unlimited data"),
    ),
)
BETTER_STAR = Claim(
    id="BP-E-14.1",
    title="Printed: at a given generator a verifier of larger p_star gives better performance.",
    kind="remark",
    source="Feng et al. 2025, sections 5.2 and 6",
    statement=Statement(
        variables={**ANGLES, prune2: ANGLE, between2: ANGLE},
        hypotheses=(
            *triangle(*_THREE), *triangle(angle_gen, prune2, between2),
            Gt(breakdown(*_THREE), breakdown(angle_gen, prune2, between2)),
        ),
        goal=Ge(accuracy(*_THREE), accuracy(angle_gen, prune2, between2)),
    ),
    evidence=(
        Refutation({angle_gen: "3/5", angle_prune: "1/100", angle_between: "3/5", prune2: "3/5",
                    between2: "11/10"}, "for linear generator and verifier, unlimited data"),
    ),
)
PRINTED_BIJECTION = Claim(
    id="BP-E-16",
    title="Printed: (phi, psi) and (p00, p01) determine each other for every p in [0, 1).",
    kind="remark",
    source="Feng et al. 2025, Remark E.2",
    statement=Statement(
        variables={p: sp.Interval.Ropen(0, 1), phi: UNIT, psi: UNIT, phi2: UNIT, psi2: UNIT},
        hypotheses=(Eq((1 - p) * phi, (1 - p) * phi2), Eq(p * psi, p * psi2)),
        goal=And(Eq(phi, phi2), Eq(psi, psi2)),
    ),
    evidence=(
        Refutation({p: 0, phi: "1/2", phi2: "1/2", psi: "1/2", psi2: "1/4"}),
    ),
)
BIJECTION = Claim(
    id="BP-18",
    title="For 0 < p < 1 the map (phi, psi) -> (p00, p01) of equation (18) has the inverse "
    "(2 p00/(1 - p), 2 p01/p), and Jacobian p(1 - p)/4.",
    kind="remark",
    source="Feng et al. 2025, Remark E.2, with 0 < p < 1",
    statement=Statement(
        variables={p: UNIT, phi: sp.Interval(0, 1), psi: sp.Interval(0, 1), p00: REALS,
                   p01: REALS},
        hypotheses=(Eq(p00, (1 - p) * phi / 2), Eq(p01, p * psi / 2)),
        goal=And(
            Eq(2 * p00 / (1 - p), phi), Eq(2 * p01 / p, psi),
            Eq(sp.Derivative((1 - p) * phi / 2, phi) * sp.Derivative(p * psi / 2, psi),
               p * (1 - p) / 4),
        ),
    ),
    uses=("BP-4",),
    corrects=("BP-E-16",),
    evidence=(
        Proof((
            Step(Identity(), Eq(
                sp.Derivative((1 - p) * phi / 2, phi) * sp.Derivative(p * psi / 2, psi),
                p * (1 - p) / 4)),
        )),
    ),
)

CLAIMS = (
    BISECTOR, CAUCHY, LEARNED, CONDITION, FLUCTUATION, ANGLES_ONLY, SEPARATION, FIXED_POINT,
    ALL_OR_NOTHING, SURVIVORS, BETTER_GENERATOR, BETTER_STAR, PRINTED_BIJECTION, BIJECTION,
)
