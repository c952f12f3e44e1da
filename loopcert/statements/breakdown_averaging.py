"""Claims on averaging, votes and audits at finite size (ids BPX-3, -7, -10, -11, -13).

Notation: n kept items in d dimensions, D the surplus of right labels among them, kappa the
separation; s = kappa D/sqrt(n). good and bad are the masses of right and of wrong labels kept per
item.
"""

import sympy as sp
from sympy import And, Eq, Gt, Lt, Sum, cos, erf, erfc, exp, pi, sin, sqrt

from loopcert.claim import Binding, Claim, Proof, Simulation
from loopcert.prove.formal import (
    NATURALS,
    POSITIVE,
    REALS,
    UNIT,
    Quadrature,
    Sequence,
    Statement,
)
from loopcert.prove.proof import Identity, Induction, Step

__all__ = ["CLAIMS"]

OURS = "new; the model of Feng et al. 2025, section 4, at finite size"
RATE = sp.Interval(0, 1)
HALF = sp.Rational(1, 2)
kappa, mass_good, mass_bad, width = sp.symbols("kappa g b w", positive=True)
shift, u, first, second, turn = sp.symbols("s u x z a", real=True)
phi, psi, share, rate = sp.symbols("phi psi e r", positive=True)
size = sp.Symbol("delta", real=True)
p, star, margin, kept = sp.symbols("p p_star Delta s_2", real=True)
N, n, d = sp.symbols("N n d", integer=True, positive=True)
i = sp.Symbol("i", integer=True)
mass, chance, judged = (sp.IndexedBase(name) for name in ("w", "eta", "v"))

# -- the averaging classifier --------------------------------------------------------------------
def wave(separation, drift, dim):
    """The integrand of the accuracy, of weights N(drift w, I) and items N(separation w, I)."""
    size_ = exp(-(separation**2 + drift**2) * sin(turn) ** 2 / 2) * cos(turn) ** (dim - 1)
    return size_ * sin(separation * drift * sin(turn) * cos(turn)) / sin(turn)


def averaging(separation, drift, dim):
    """The accuracy of the averaging classifier."""
    return HALF + Quadrature(wave(separation, drift, dim), (turn, 0, pi / 2)) / pi


_INSIDE = u * first * second - (first - shift) ** 2 / 2 - (second - kappa) ** 2 / 2
_CENTRE = (kappa + u * shift) / (1 - u**2)
CHARACTERISTIC = Claim(
    id="BPX-7.2",
    title="The product of weight and feature along the truth, N(s, 1) and N(kappa, 1), has the "
    "moment generating function exp((2 u s kappa + u^2 (s^2 + kappa^2))/(2 (1 - u^2)))/sqrt(1 - "
    "u^2).",
    kind="lemma",
    source="new",
    statement=Statement(
        variables={u: sp.Interval.open(-1, 1), kappa: POSITIVE, shift: REALS, first: REALS,
                   second: REALS},
        goal=And(
            Eq(_INSIDE,
               -(first - shift - u * second) ** 2 / 2 - (1 - u**2) * (second - _CENTRE) ** 2 / 2
               + (2 * u * shift * kappa + u**2 * (shift**2 + kappa**2)) / (2 * (1 - u**2))),
            Eq(4 * first * second, (first + second) ** 2 - (first - second) ** 2),
        ),
    ),
    evidence=(Proof((Step(Identity()),)),),
    note="x and z are weight and feature, both sides the exponent of their joint density times "
    "exp(u x z): integrated over x, then over z, two normal laws of variance 1 and 1/(1 - u^2) "
    "are left. The second line makes the accuracy the chance that one of two independent "
    "noncentral chi-squared variables is larger, for x + z and x - z are independent.",
)


def _averaged(dim, items, wrong):
    """Return a run of the averaging classifier on items of which a share has wrong labels."""

    def run(rng, effort):
        from sims import simulate_random_pruning

        replicates = 400_000 * (4 if effort == "full" else 1)
        found = simulate_random_pruning(
            1.2, dim, items, wrong, 1.0, 1.0, ridge=float("inf"), replicates=replicates, rng=rng)
        return {"excess": (2 * found.mean() - 1, 2 * found.std(ddof=1) / replicates**0.5)}

    return run


def _mixture(items, dim, right):
    """The mean accuracy over a binomial number of right labels."""
    drifts = [kappa * (2 * g - items) / sqrt(sp.Integer(items)) for g in range(items + 1)]
    total = sum(
        sp.binomial(items, g) * right**g * (1 - right) ** (items - g) * wave(kappa, drift, dim)
        for g, drift in enumerate(drifts))
    return HALF + Quadrature(total, (turn, 0, pi / 2)) / pi


_ARGUMENTS = {"separation": kappa, "dim": d}
AVERAGING = Claim(
    id="BPX-7",
    title="The averaging classifier on n items with a surplus of D right labels has in d "
    "dimensions the accuracy 1/2 + (1/pi) int_0^(pi/2) cos^(d-1) a exp(-(kappa^2 + s^2) sin^2 a/"
    "2) sin(s kappa sin a cos a)/sin a da, exactly.",
    kind="result",
    source=OURS,
    statement=Statement(
        variables={kappa: sp.Interval.Lopen(0, 3), n: sp.Range(1, 30), d: sp.Range(1, 20),
                   rate: UNIT},
        where={shift: kappa * (2 * rate - 1) * sqrt(n)},
        goal=Eq(
            averaging(kappa, shift, 1),
            HALF + erf(kappa / sqrt(2)) * erf(shift / sqrt(2)) / 2,
        ),
    ),
    uses=("BPX-7.2",),
    binds=(
        Binding("theory.breakdown.averaging_accuracy",
                {**_ARGUMENTS, "n": n, "surplus": (2 * rate - 1) * n},
                averaging(kappa, shift, d), rtol=1e-8),
        Binding("theory.breakdown.expected_averaging_accuracy",
                {**_ARGUMENTS, "n": 3, "precision": rate}, _mixture(3, d, rate), rtol=1e-8),
    ),
    evidence=(
        Simulation(
            _averaged(6, 4, 0.0), {"excess": 2 * averaging(kappa, shift, 6) - 1},
            {kappa: "1.2", n: 4, d: 6, rate: 1}, "four right labels in six dimensions"),
        Simulation(
            _averaged(4, 2, 0.1), {"excess": 2 * _mixture(2, 4, rate) - 1},
            {kappa: "1.2", n: 2, d: 4, rate: "9/10"}, "two labels, each right with chance 9/10"),
    ),
    note="The sum of label times feature over sqrt(n) is N(s w, I), a new item times its class "
    "N(kappa w, I); right is a positive product. By BPX-7.2 at u = i tan a the product's "
    "characteristic function is cos^d a exp(-(kappa^2 + s^2) sin^2 a/2 + i s kappa sin a cos a), "
    "and the inversion formula at 0 is the integral. The goal compares it with the law of one "
    "dimension, where both signs have to agree; r = G/n is the share of right labels.",
)

# -- votes ---------------------------------------------------------------------------------------
_SHIFTED = star + u * width
_RIGHT, _WRONG = (1 - _SHIFTED) * phi, _SHIFTED * psi
TRANSITION = Claim(
    id="BPX-3.2",
    title="At p = p_star + u w, w = sqrt(2 phi psi/(N (phi + psi)^3)), N items have the squared "
    "surplus u^2 in units of their variance at the breakdown point: the transition has width w.",
    kind="result",
    source="new; the transition of Feng et al. 2025, Theorem 4.2",
    statement=Statement(
        variables={N: NATURALS, phi: sp.Interval.Lopen(0, 1), psi: sp.Interval.Lopen(0, 1),
                   u: REALS},
        where={
            star: phi / (phi + psi), width: sqrt(2 * phi * psi / (N * (phi + psi) ** 3)),
            margin: _RIGHT - _WRONG, kept: _RIGHT + _WRONG,
        },
        goal=And(
            Eq(margin, -(phi + psi) * u * width),
            Eq(kept, 2 * phi * psi / (phi + psi) + (psi - phi) * u * width),
            Eq((N * margin) ** 2, u**2 * N * (2 * phi * psi / (phi + psi))),
        ),
    ),
    uses=("BP-4.2",),
    binds=(
        Binding("theory.breakdown.transition_width", {"n": N, "phi": phi, "psi": psi}, width),
    ),
    evidence=(Proof((Step(Identity()),)),),
    note="Delta and s_2 are the mean surplus and the mass kept of one item at that p; the "
    "variance s_2 - Delta^2 of its vote (BPX-3.3) is 2 phi psi/(phi + psi) at p_star.",
)
NORMAL = Claim(
    id="BPX-3.3",
    title="An item's vote, +1, -1 or 0 with masses g, b and the rest, has mean Delta = g - b and "
    "variance g + b - Delta^2, so that the surplus of N items is nearly normal with N times "
    "these.",
    kind="result",
    source="new",
    statement=Statement(
        variables={mass_good: UNIT, mass_bad: UNIT, N: sp.Range(1, 300), margin: REALS},
        hypotheses=(Eq(margin, mass_good - mass_bad), Lt(mass_good + mass_bad, 1)),
        goal=Eq(
            mass_good * (1 - margin) ** 2 + mass_bad * (1 + margin) ** 2
            + (1 - mass_good - mass_bad) * margin**2,
            mass_good + mass_bad - margin**2,
        ),
    ),
    uses=("BPX-3",),
    binds=(
        Binding("theory.breakdown.asymptotic_majority_probability",
                {"n": N, "good": (1 + mass_good) / 8, "bad": (1 + mass_bad) / 8},
                erfc((HALF - N * margin / 8) / sqrt(
                    2 * N * ((2 + mass_good + mass_bad) / 8 - (margin / 8) ** 2))) / 2,
                rtol=1e-7),
    ),
    evidence=(Proof(),),
    note="The function bound is the normal probability of a surplus of at least 1/2, here for "
    "masses between 1/8 and 1/4.",
)
_ROOTS = (sqrt(mass_good) - sqrt(mass_bad)) ** 2
_MARGINAL = sqrt(mass_good) / (sqrt(mass_good) + sqrt(mass_bad))
CHERNOFF = Claim(
    id="BPX-11.1",
    title="The decay rate of the failure probability is largest when the marginal accepted item "
    "is right with chance sqrt(good)/(sqrt(good) + sqrt(bad)).",
    kind="result",
    source="new",
    statement=Statement(
        variables={mass_good: UNIT, mass_bad: UNIT},
        hypotheses=(Lt(mass_good + mass_bad, 1),),
        goal=And(
            Eq(sp.Derivative(_ROOTS, mass_good),
               (sqrt(mass_good) - sqrt(mass_bad)) / sqrt(mass_good)),
            Eq(sp.Derivative(_ROOTS, mass_bad),
               -(sqrt(mass_good) - sqrt(mass_bad)) / sqrt(mass_bad)),
            Eq(_MARGINAL / (1 - _MARGINAL), sqrt(mass_good) / sqrt(mass_bad)),
        ),
    ),
    uses=("BPX-3", "BPX-11"),
    binds=(
        Binding("theory.pruning.marginal_correctness",
                {"good": mass_good, "bad": mass_bad, "objective": "chernoff"}, _MARGINAL),
        Binding("theory.pruning.marginal_correctness",
                {"good": mass_good, "bad": mass_bad, "objective": "effective"},
                (3 * mass_good + mass_bad) / (4 * mass_good + 4 * mass_bad)),
    ),
    evidence=(Proof((Step(Identity()),)),),
    note="The rate of BPX-3 grows with (sqrt good - sqrt bad)^2. Accepting items of density f_g "
    "and f_b changes it by f_g and f_b times these slopes, which cancel at the odds f_g/f_b = "
    "sqrt(good)/sqrt(bad). Bound is also the other objective, BPX-11.",
)

# -- audits --------------------------------------------------------------------------------------
UNANIMOUS = Claim(
    id="BPX-10.1",
    title="An exact test of size 2^(-n) <= delta < 2^(1-n) against precision 1/2 passes at n "
    "items only if all are right, never at fewer: n items are the least for a power up to r^n.",
    kind="result",
    source="new",
    statement=Statement(
        variables={n: sp.Range(2, 40), share: UNIT, second: UNIT, size: REALS,
                   rate: sp.Interval.open(sp.Rational(51, 100), 1)},
        hypotheses=(Eq(size, (1 + share) / 2**n),),
        goal=And(Gt(2**n * size, 1), Lt(2**n * size, 2), Lt(2**n * size, n + 1)),
    ),
    uses=("BPX-10",),
    binds=(
        Binding("theory.pruning.required_audit_size",
                {"precision": rate, "size": size, "power": second * rate**n}, n),
    ),
    evidence=(Proof(),),
    loose="strict bounds",
    note="Under precision 1/2 all of n items are right with chance 2^(-n), all or all but one "
    "with (n + 1) 2^(-n): all right is significant, one item fewer never is, and one wrong label "
    "is not. z is the share of the power r^n that is asked for.",
)

# -- sampled labels ------------------------------------------------------------------------------
def _over(term):
    return Sum(mass[i] * term, (i, 0, N - 1))


SAMPLED = Claim(
    id="BPX-13",
    title="A generator that draws its labels, right with chance eta(x): what a verifier agrees "
    "with still has the surplus 1 - e_G - e_V, so sampling moves the breakdown only through e_G.",
    kind="result",
    source="new; the generator of Feng et al. 2025, section 5.1",
    statement=Statement(
        variables={N: NATURALS, mass: Sequence(N, RATE), chance: Sequence(N, RATE),
                   judged: Sequence(N, RATE)},
        goal=Eq(
            _over(chance[i] * judged[i]) - _over((1 - chance[i]) * (1 - judged[i])),
            _over(1) - _over(1 - chance[i]) - _over(1 - judged[i]),
        ),
    ),
    uses=("BPX-U",),
    evidence=(Proof((Step(Induction(N)),)),),
    note="Features have atoms of mass w, total 1; the generator's label of atom i is right with "
    "chance eta_i, independently the verifier's with chance v_i (0 or 1 for a linear one). The "
    "sums are what both have right, what both have wrong, and the error rates. A logistic "
    "generator has eta = sigmoid(beta (kappa cos t_g + z)), z standard normal.",
)

CLAIMS = (
    CHARACTERISTIC, AVERAGING, TRANSITION, NORMAL, CHERNOFF, UNANIMOUS, SAMPLED,
)
