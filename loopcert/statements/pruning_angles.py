"""Claims on linear generators and verifiers, from their angles (Feng et al. 2025), ids BP-, BPX-.

Notation: t_g, t_p angles of generator and verifier to the truth, t between the two; kappa the
separation |mu|/sigma of the mixture; c_g = -kappa cos t_g and c_p = -kappa cos t_p, so that
Phi(c_g) and Phi(c_p) are the error rates of the two.
"""

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Le, Lt, Sum, asin, cos, erf, exp, pi, sqrt

from loopcert.claim import Binding, Claim, Proof, Refutation
from loopcert.prove.formal import (
    NATURALS,
    POSITIVE,
    PROPOSITION,
    REALS,
    UNIT,
    Quadrature,
    Sequence,
    Statement,
)
from loopcert.prove.proof import Identity, Induction, Lemma, Modulo, Smt, Step

__all__ = [
    "ANGLES", "CLAIMS", "TRIANGLE", "angle_between", "angle_gen", "angle_prune", "bivariate",
    "kappa", "normal_cdf",
]

ANGLE = sp.Interval.open(0, pi)
SHARE = sp.Interval(0, 1)

angle_gen, angle_prune, angle_between = sp.symbols("t_g t_p t", positive=True)
kappa, m2 = sp.symbols("kappa m_2", positive=True)
theta = sp.Symbol("theta", real=True)
d = sp.Symbol("d", integer=True, positive=True)
j = sp.Symbol("j", integer=True)
mu = sp.IndexedBase("mu")
x, fraction, share = sp.symbols("x u w", real=True)
norm = sp.Symbol("r", positive=True)
variance = sp.Symbol("s_2", positive=True)

p, phi, psi, star, margin, retention, precision = sp.symbols(
    "p phi psi p_star Delta s prec", real=True)
agree, truth_odd, gen_odd, prune_odd = sp.symbols("A T G P", nonnegative=True)
e_gen, e_ver, both, both2 = sp.symbols("e_G e_V o o_2", nonnegative=True)
c_gen, c_prune, rho, wrong_both = sp.symbols("c_g c_p rho F", real=True)
r12, r13, r23 = sp.symbols("r_12 r_13 r_23", real=True)
normal = sp.Symbol("normal")

ANGLES = {angle_gen: ANGLE, angle_prune: ANGLE, angle_between: ANGLE}
TRIANGLE = (
    Le(angle_between, angle_gen + angle_prune), Le(angle_gen, angle_prune + angle_between),
    Le(angle_prune, angle_gen + angle_between),
    Le(angle_gen + angle_prune + angle_between, 2 * pi),
)
ISOTROPIC = {
    phi: (1 - (angle_gen + angle_prune + angle_between) / (2 * pi)) / (1 - angle_gen / pi),
    psi: (angle_gen + angle_prune - angle_between) / (2 * angle_gen),
}


def normal_cdf(a):
    """The standard normal distribution function."""
    return (1 + erf(a / sqrt(2))) / 2


def bivariate(h, k, correlation):
    """P(U <= h, V <= k) of standard normal U, V: Plackett's integral over the correlation."""
    r = correlation * fraction
    density = exp(-(h**2 - 2 * r * h * k + k**2) / (2 * (1 - r**2))) / (2 * pi * sqrt(1 - r**2))
    return normal_cdf(h) * normal_cdf(k) + correlation * Quadrature(density, (fraction, 0, 1))


# -- the mixture ---------------------------------------------------------------------------------
PRINTED_VARIANCE = Claim(
    id="BP-E-1",
    title="Printed: with noise of scale 1/((1 - |mu|^2) d) per coordinate the features have mean "
    "square 1.",
    kind="proposition",
    source="Feng et al. 2025, equation (23)",
    statement=Statement(
        variables={m2: UNIT, d: NATURALS},
        goal=Eq(m2 + d * (1 / ((1 - m2) * d)), 1),
    ),
    evidence=(Refutation({m2: "1/2", d: 100}),),
    note="The printed number is refuted as a variance. As the factor of the noise in the second "
    "half of (23) it is refuted by BP-E-1.1.",
)
PRINTED_SCALE = Claim(
    id="BP-E-1.1",
    title="Printed: x = mu + eta/((1 - |mu|^2) d) with standard normal eta has mean square 1.",
    kind="proposition",
    source="Feng et al. 2025, equation (23), second half",
    statement=Statement(
        variables={m2: UNIT, d: NATURALS},
        goal=Eq(m2 + d * (1 / ((1 - m2) * d)) ** 2, 1),
    ),
    evidence=(Refutation({m2: "1/2", d: 100}),),
)
_SPREAD = (1 - Sum(mu[j] ** 2, (j, 0, d - 1))) / d
MIXTURE = Claim(
    id="BP-23",
    title="Features of mean square 1 have variance (1 - |mu|^2)/d per coordinate.",
    kind="proposition",
    source="Feng et al. 2025, equation (23), corrected",
    statement=Statement(
        variables={d: NATURALS, mu: Sequence(d, REALS), variance: POSITIVE},
        hypotheses=(Eq(variance, _SPREAD),),
        goal=Eq(Sum(mu[j] ** 2 + variance, (j, 0, d - 1)), 1),
    ),
    corrects=("BP-E-1", "BP-E-1.1"),
    evidence=(
        Proof((Step(Induction(d), Eq(Sum(mu[j] ** 2 + variance, (j, 0, d - 1)),
                                     Sum(mu[j] ** 2, (j, 0, d - 1)) + d * variance)),)),
    ),
    note="A coordinate of mean mu_j and variance s_2 has mean square mu_j^2 + s_2.",
)
_STANDARD = (x - norm * cos(theta)) / sqrt(variance)
ERROR = Claim(
    id="BP-23.1",
    title="A linear classifier at angle theta to the mean errs with probability "
    "Phi(-kappa cos theta), kappa = |mu| sqrt(d/(1 - |mu|^2)).",
    kind="proposition",
    source="Feng et al. 2025, appendix E.6, corrected",
    statement=Statement(
        variables={x: REALS, norm: UNIT, d: NATURALS, theta: sp.Interval(0, pi),
                   variance: POSITIVE, kappa: POSITIVE},
        hypotheses=(
            Eq(variance, (1 - norm**2) / d), Eq(kappa, norm * sqrt(d / (1 - norm**2))),
        ),
        goal=And(
            Eq(sp.Derivative(normal_cdf(_STANDARD), x),
               exp(-((x - norm * cos(theta)) ** 2) / (2 * variance)) / sqrt(2 * pi * variance)),
            Eq(normal_cdf(-norm * cos(theta) / sqrt(variance)), normal_cdf(-kappa * cos(theta))),
        ),
    ),
    uses=("BP-23",),
    evidence=(
        Proof((
            Step(Identity(), Eq(
                sp.Derivative(normal_cdf(_STANDARD), x),
                exp(-((x - norm * cos(theta)) ** 2) / (2 * variance)) / sqrt(2 * pi * variance))),
            Step(Smt(), Eq(norm / sqrt(variance), kappa)),
            Step(Smt(), Eq(-norm * cos(theta) / sqrt(variance) / sqrt(2),
                           -kappa * cos(theta) / sqrt(2))),
        )),
    ),
    note="r = |mu|. The score of an item of class +1 along a unit direction is normal with mean "
    "|mu| cos theta and the variance of one coordinate; the first line is its distribution "
    "function, the second the value of that at 0.",
)

# -- events: generator and verifier wrong or right -----------------------------------------------
_JOINT = {agree: POSITIVE, prune_odd: POSITIVE, gen_odd: POSITIVE, truth_odd: POSITIVE}
_WHOLE = Eq(agree, 1 - prune_odd - gen_odd - truth_odd)
_EVENTS = {e_gen: gen_odd + truth_odd, e_ver: prune_odd + truth_odd}

PRINTED_PSI = Claim(
    id="BP-E-2",
    title="Printed: the acceptance rate of wrong labels is (Phi(c1) + Phi(c2) - Phi_2)/Phi(c2), "
    "a probability.",
    kind="proposition",
    source="Feng et al. 2025, appendix E.6",
    statement=Statement(
        variables=_JOINT, hypotheses=(_WHOLE,), where=_EVENTS,
        goal=Le((e_ver + e_gen - truth_odd) / e_gen, 1),
    ),
    evidence=(Refutation({agree: "2/5", prune_odd: "1/5", gen_odd: "1/5", truth_odd: "1/5"}),),
    note="Given the class: A both right, P only the verifier wrong, G only the generator wrong, T "
    "both wrong, the mass Phi_2 of the text; Phi(c1) = P + T, Phi(c2) = G + T.",
)
PSI_EXCEEDS = Claim(
    id="BP-E-2.1",
    title="The printed acceptance rate of wrong labels exceeds 1 as soon as the verifier errs "
    "somewhere alone: it is the mass of a union over that of one of its parts.",
    kind="result",
    source="new",
    statement=Statement(
        variables={f: POSITIVE for f in (prune_odd, gen_odd, truth_odd)},
        hypotheses=(Lt(prune_odd + gen_odd + truth_odd, 1),), where=_EVENTS,
        goal=Gt((e_ver + e_gen - truth_odd) / e_gen, 1),
    ),
    evidence=(Proof(),),
)
EVENTS = Claim(
    id="BP-E6",
    title="Given the class, phi = (1 - Phi(c1) - Phi(c2) + Phi_2)/(1 - Phi(c2)) as printed and "
    "psi = Phi_2/Phi(c2): the shares kept of what the generator gets right and wrong.",
    kind="proposition",
    source="Feng et al. 2025, appendix E.6, psi corrected",
    statement=Statement(
        variables=_JOINT, hypotheses=(_WHOLE,),
        where={**_EVENTS, phi: (1 - e_ver - e_gen + truth_odd) / (1 - e_gen),
               psi: truth_odd / e_gen},
        goal=And(
            Eq(phi, agree / (agree + prune_odd)),
            Eq((1 - e_gen) * phi / ((1 - e_gen) * phi + e_gen * psi),
               agree / (agree + truth_odd)),
        ),
    ),
    uses=("BP-3", "BP-5"),
    corrects=("BP-E-2",),
    evidence=(Proof(),),
)
_MIXTURE = {c_gen: -kappa * cos(angle_gen), c_prune: -kappa * cos(angle_prune),
            rho: cos(angle_between)}
BIVARIATE = Claim(
    id="BP-E6.1",
    title="The bivariate normal law: phi = Phi_2(-c1, -c2; cos t)/Phi(-c2) equals the printed "
    "expression, and psi = Phi_2(c1, c2; cos t)/Phi(c2).",
    kind="proposition",
    source="Feng et al. 2025, appendix E.6, psi corrected",
    statement=Statement(
        variables={**ANGLES, kappa: sp.Interval.Lopen(0, 4)},
        hypotheses=TRIANGLE,
        where={**_MIXTURE, wrong_both: bivariate(c_prune, c_gen, rho)},
        goal=Eq(
            bivariate(-c_prune, -c_gen, rho) / normal_cdf(-c_gen),
            (1 - normal_cdf(c_prune) - normal_cdf(c_gen) + wrong_both) / (1 - normal_cdf(c_gen)),
        ),
    ),
    uses=("BP-E6", "BP-23.1"),
    binds=tuple(
        Binding(
            "theory.pruning.rates_mixture",
            {"separation": kappa, "angle_gen": angle_gen, "angle_prune": angle_prune,
             "angle_between": angle_between},
            value, field,
        )
        for field, value in (
            ("p", normal_cdf(c_gen)),
            ("phi", bivariate(-c_prune, -c_gen, rho) / normal_cdf(-c_gen)),
            ("psi", wrong_both / normal_cdf(c_gen)),
            ("margin", 1 - normal_cdf(c_gen) - normal_cdf(c_prune)),
        )
    ),
    evidence=(Proof(),),
    note="Phi_2 is written as an integral over the correlation (Plackett 1954).",
)

# -- no margin: three half-spaces ----------------------------------------------------------------
_HALVES = (
    _WHOLE, Eq(angle_gen, pi * (gen_odd + truth_odd)),
    Eq(angle_prune, pi * (prune_odd + truth_odd)), Eq(angle_between, pi * (gen_odd + prune_odd)),
)
PATTERNS = Claim(
    id="L-TRIPLES",
    title="Three binary labels whose pairs disagree on shares angle/pi: the masses of all four "
    "patterns of agreement follow.",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={**_JOINT, **ANGLES}, hypotheses=_HALVES,
        goal=And(
            Eq(agree, 1 - (angle_gen + angle_prune + angle_between) / (2 * pi)),
            Eq(truth_odd, (angle_gen + angle_prune - angle_between) / (2 * pi)),
            Eq(gen_odd, (angle_gen + angle_between - angle_prune) / (2 * pi)),
            Eq(prune_odd, (angle_prune + angle_between - angle_gen) / (2 * pi)),
        ),
    ),
    binds=(
        Binding(
            "theory.gaussian.orthant_probability",
            {"r12": cos(angle_gen), "r13": cos(angle_prune), "r23": cos(angle_between)},
            agree / 2,
        ),
    ),
    evidence=(Proof(),),
    note="A: all agree; T, G, P: truth, generator, verifier is the odd one out.",
)
_FOUR = (agree, truth_odd, gen_odd, prune_odd)
ORTHANT = Claim(
    id="BP-6",
    title="P(all three positive) = 1/8 + (asin r12 + asin r13 + asin r23)/(4 pi), and likewise "
    "for the other sign patterns.",
    kind="proposition",
    source="Feng et al. 2025, after equation (6)",
    statement=Statement(
        variables={**{f: SHARE for f in _FOUR}, r12: sp.Interval(-1, 1), r13: sp.Interval(-1, 1),
                   r23: sp.Interval(-1, 1), normal: PROPOSITION},
        hypotheses=(normal, Eq(2 * (agree + truth_odd + gen_odd + prune_odd), 1)),
        goal=And(
            Eq(agree, sp.Rational(1, 8) + (asin(r12) + asin(r13) + asin(r23)) / (4 * pi)),
            Eq(truth_odd, sp.Rational(1, 8) + (asin(r23) - asin(r12) - asin(r13)) / (4 * pi)),
            Eq(gen_odd, sp.Rational(1, 8) + (asin(r13) - asin(r12) - asin(r23)) / (4 * pi)),
            Eq(prune_odd, sp.Rational(1, 8) + (asin(r12) - asin(r13) - asin(r23)) / (4 * pi)),
        ),
    ),
    evidence=(
        Proof((
            Step(Modulo("orthant law", normal, And(
                Eq(2 * (gen_odd + truth_odd), sp.Rational(1, 2) - asin(r12) / pi),
                Eq(2 * (prune_odd + truth_odd), sp.Rational(1, 2) - asin(r13) / pi),
                Eq(2 * (gen_odd + prune_odd), sp.Rational(1, 2) - asin(r23) / pi),
            ))),
        )),
    ),
    note="'normal': centred normal variables 1, 2, 3 with these correlations. Each sign pattern "
    "has the mass of the opposite one: A of +++ and ---, T of +-- and -++ (1 is odd), G of +-+ "
    "and -+- (2 is odd), P of ++- and --+ (3 is odd).",
)

_BINDS = {"angle_gen": angle_gen, "angle_prune": angle_prune, "angle_between": angle_between}

HALF_SPACES = Claim(
    id="BP-6a",
    title="Without margin phi = (1 - (t_g + t_p + t)/2pi)/(1 - t_g/pi), psi = (t_g + t_p - "
    "t)/(2 t_g), and 1 - t/pi is kept.",
    kind="result",
    source="new; the setting of Feng et al. 2025, Figure 2",
    statement=Statement(
        variables={**_JOINT, **ANGLES}, hypotheses=_HALVES, where=ISOTROPIC,
        goal=And(
            Eq(phi, agree / (agree + prune_odd)), Eq(psi, truth_odd / (truth_odd + gen_odd)),
            Eq(agree + truth_odd, 1 - angle_between / pi),
            Eq(agree / (agree + truth_odd),
               (1 - (angle_gen + angle_prune + angle_between) / (2 * pi))
               / (1 - angle_between / pi)),
        ),
    ),
    uses=("L-TRIPLES", "BP-3", "BP-5"),
    binds=tuple(
        Binding("theory.pruning.rates_isotropic", _BINDS, value, field)
        for field, value in (
            ("p", angle_gen / pi), ("phi", phi), ("psi", psi),
            ("retention", 1 - angle_between / pi),
            ("margin", 1 - (angle_gen + angle_prune) / pi),
            ("breakdown_point", phi / (phi + psi)),
        )
    ),
    evidence=(Proof((Step(Lemma("L-TRIPLES")),)),),
    note="That the pairs disagree on shares angle/pi is the orthant law; see BP-6.",
)
SPHERICAL = Claim(
    id="BP-6c",
    title="These phi and psi are probabilities exactly when the three angles are the sides of a "
    "triangle on the sphere.",
    kind="result",
    source="new",
    statement=Statement(
        variables=ANGLES, where=ISOTROPIC,
        goal=Equivalent(
            And(Ge(phi, 0), Le(phi, 1), Ge(psi, 0), Le(psi, 1)), And(*TRIANGLE),
        ),
    ),
    uses=("BP-6a",),
    evidence=(Proof(),),
)
MARGIN = Claim(
    id="BP-6b",
    title="Without margin right labels outnumber wrong ones by 1 - (t_g + t_p)/pi: the breakdown "
    "is at t_g + t_p = pi, whatever the angle t between generator and verifier.",
    kind="result",
    source="new; corrects the reading of Feng et al. 2025, Figure 2",
    statement=Statement(
        variables={**_JOINT, **ANGLES}, hypotheses=_HALVES,
        where={
            p: gen_odd + truth_odd, phi: agree / (agree + prune_odd),
            psi: truth_odd / (truth_odd + gen_odd), star: phi / (phi + psi),
        },
        goal=And(
            Eq(agree - truth_odd, 1 - (angle_gen + angle_prune) / pi),
            Equivalent(Ge(p, star), Ge(angle_gen + angle_prune, pi)),
            Eq(star, angle_gen * (2 * pi - angle_gen - angle_prune - angle_between) / (
                angle_gen * (2 * pi - angle_gen - angle_prune - angle_between)
                + (pi - angle_gen) * (angle_gen + angle_prune - angle_between))),
        ),
    ),
    uses=("BP-6a", "BP-4.2", "L-TRIPLES"),
    corrects=("BP-E-11",),
    binds=(
        Binding("theory.breakdown.supervised_breakdown", {"angle_prune": angle_prune},
                1 - angle_prune / pi),
    ),
    evidence=(Proof((Step(Lemma("L-TRIPLES")),)),),
    note="phi, psi and p_star do depend on t. The breakdown of a verifier is the error rate "
    "t_g/pi = 1 - t_p/pi, the fixed point of p = p_star(p).",
)
_SURPLUS = 1 - normal_cdf(c_gen) - normal_cdf(c_prune)
MARGIN_MIXTURE = Claim(
    id="BP-6b.1",
    title="In the mixture the surplus of right labels is 1 - Phi(c1) - Phi(c2), and it too "
    "changes sign at t_g + t_p = pi, whatever t and the separation.",
    kind="result",
    source="new",
    statement=Statement(
        variables={angle_gen: ANGLE, angle_prune: ANGLE, kappa: sp.Interval.Lopen(0, 4)},
        where={c_gen: _MIXTURE[c_gen], c_prune: _MIXTURE[c_prune], margin: _SURPLUS},
        goal=And(
            Equivalent(Gt(margin, 0), Lt(angle_gen + angle_prune, pi)),
            Equivalent(Lt(margin, 0), Gt(angle_gen + angle_prune, pi)),
        ),
    ),
    uses=("BP-E6", "BPX-U"),
    evidence=(Proof(),),
)

# -- any generator, any verifier -----------------------------------------------------------------
MASS = {(y, g, v): sp.Symbol(f"m_{y}{g}{v}", positive=True)
        for y in (0, 1) for g in (0, 1) for v in (0, 1)}
_SUM = sum(MASS.values())


def _mass(test):
    return sum(m for labels, m in MASS.items() if test(*labels)) / _SUM


UNIVERSAL = Claim(
    id="BPX-U",
    title="For any joint law of truth, generator and verifier the surplus of right labels among "
    "those agreed on is 1 - e_G - e_V: the breakdown is at e_G + e_V = 1, however they depend.",
    kind="result",
    source="new",
    statement=Statement(
        variables={m: POSITIVE for m in MASS.values()},
        where={
            e_gen: _mass(lambda y, g, v: g != y), e_ver: _mass(lambda y, g, v: v != y),
            phi: _mass(lambda y, g, v: y == g == v) / _mass(lambda y, g, v: y == g),
            psi: _mass(lambda y, g, v: y != g == v) / _mass(lambda y, g, v: y != g),
            star: phi / (phi + psi),
        },
        goal=And(
            Eq((1 - e_gen) * phi - e_gen * psi, 1 - e_gen - e_ver),
            Equivalent(Ge(e_gen, star), Ge(e_gen + e_ver, 1)),
        ),
    ),
    uses=("BP-3", "BP-4.2", "BP-5"),
    evidence=(
        Proof((
            Step(Smt(), Eq((1 - e_gen) * phi - e_gen * psi, 1 - e_gen - e_ver)),
        )),
    ),
    note="m_ygv is the mass of truth y, generator's label g, verifier's label v; an item is kept "
    "when g = v. Agreement filtering averages the two labellers.",
)
CLASSES = Claim(
    id="BPX-U.1",
    title="With more classes two wrong labels need not agree, so the surplus is at least "
    "1 - e_G - e_V.",
    kind="result",
    source="new",
    statement=Statement(
        variables={**_JOINT, share: SHARE},
        hypotheses=(_WHOLE,),
        where={**_EVENTS, both: share * truth_odd},
        goal=Ge(agree - both, 1 - e_gen - e_ver),
    ),
    uses=("BPX-U",),
    evidence=(Proof(),),
    loose="attained when wrong labels always agree",
    note="T is the mass on which both err, o = w T the part of it on which they err alike.",
)
_OVERLAP = {
    phi: (1 - e_gen - e_ver + both) / (1 - e_gen), psi: both / e_gen, star: phi / (phi + psi),
}
_STAR2 = (1 - e_gen - e_ver + both2) / (1 - e_gen)
DECORRELATE = Claim(
    id="BPX-U2",
    title="At given error rates e_G + e_V < 1 common errors lower p_star, and only then: "
    "decorrelated errors raise the breakdown point but never move the breakdown.",
    kind="result",
    source="new",
    statement=Statement(
        variables={e_gen: UNIT, e_ver: UNIT, both: UNIT, both2: UNIT},
        hypotheses=(
            Lt(both, both2), Le(both2, e_gen), Le(both2, e_ver), Ge(both, e_gen + e_ver - 1),
        ),
        where={**_OVERLAP, margin: _STAR2 / (_STAR2 + both2 / e_gen)},
        goal=And(
            Equivalent(Gt(star, margin), Lt(e_gen + e_ver, 1)),
            Eq(star * (1 - margin) / (margin * (1 - star)) - 1,
               (1 - e_gen - e_ver) * (both2 - both) / (both * (1 - e_gen - e_ver + both2))),
        ),
    ),
    uses=("BPX-U",),
    evidence=(
        Proof((
            Step(Smt(), Eq(
                star, (1 - e_gen - e_ver + both) * e_gen
                / ((1 - e_gen - e_ver + both) * e_gen + both * (1 - e_gen)))),
            Step(Smt(), Eq(
                margin, (1 - e_gen - e_ver + both2) * e_gen
                / ((1 - e_gen - e_ver + both2) * e_gen + both2 * (1 - e_gen)))),
        )),
    ),
    note="o and o_2 are masses on which both err; Delta stands for the breakdown point at o_2.",
)

CLAIMS = (
    PRINTED_VARIANCE, PRINTED_SCALE, MIXTURE, ERROR, PRINTED_PSI, PSI_EXCEEDS, EVENTS, BIVARIATE,
    PATTERNS, ORTHANT, HALF_SPACES, SPHERICAL, MARGIN, MARGIN_MIXTURE, UNIVERSAL, CLASSES,
    DECORRELATE,
)
