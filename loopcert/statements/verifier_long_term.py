"""Claims on many verified rounds (Yi et al. 2025), ids KV-.

Units of the label noise, orthonormal design, m_t kept draws a direction in round t: in one
coordinate d_{t+1} is the mean of m_t kept draws at the offset d_t. V_t = E d_t^2; a_t, f_t and
e_t say how much of a bound a round uses.
"""

import sympy as sp
from sympy import Abs, And, Eq, Ge, Gt, Le, Lt

from loopcert.claim import Binding, Claim, Proof, Simulation
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
from loopcert.prove.proof import ByDerivative, Identity, Induction, Lemma, Step
from loopcert.prove.substitution import Opaque, Substitute
from loopcert.statements._budget_terms import T, t, total
from loopcert.statements.verifier import (
    CENTRAL,
    OURS,
    RHO,
    bend,
    beta,
    d,
    first,
    level,
    offset,
    pull,
    s,
    second,
    slope,
    weight,
    x,
)
from loopcert.statements.verifier_line import mean, step, y

__all__ = ["CLAIMS"]

SHARE = sp.Interval(0, 1)
m, p = sp.symbols("m p", integer=True, positive=True)
rho, lowest, eps, size = sp.symbols("rho w epsilon m_0", positive=True)
V0, start, distance = sp.symbols("V_0 d_0 x", nonnegative=True)
kept, V, a, f, e, offsets, c, scale = (
    sp.IndexedBase(name) for name in ("m", "V", "a", "f", "e", "d", "c", "l"))
RUN = {T: NATURALS, kept: Sequence(T, POSITIVE)}

# -- one round -----------------------------------------------------------------------------------
_SQUARE = 1 + level(y) / weight(y) - 2 * y * pull(y) + y**2
_POINT = {y: "1.4", beta: "1.1", m: 3}


def _one_round(rng, effort):
    """Return the first two moments of the next offset, by simulation."""
    from sims import simulate_verified_regression

    replicates = 400_000 * (4 if effort == "full" else 1)
    end = simulate_verified_regression(1.4, 0.0, 1.1, [3], replicates=replicates, rng=rng)[:, 1, 0]
    return {
        "mean": (end.mean(), end.std(ddof=1) / replicates**0.5),
        "square": ((end**2).mean(), (end**2).std(ddof=1) / replicates**0.5),
    }


ONE_ROUND = Claim(
    id="KV-LT-EXACT",
    title="One round leaves, given the offset d, the mean square M(d)^2 + M'(d)/m in each "
    "coordinate: V_{t+1} = sum_j E[M(d_j)^2 + M'(d_j)/m_t].",
    kind="theorem",
    source=OURS,
    statement=Statement(
        variables={y: REALS, beta: POSITIVE, m: NATURALS},
        goal=Eq((m * _SQUARE + m * (m - 1) * mean(y) ** 2) / m**2, mean(y) ** 2 + slope(y) / m),
    ),
    uses=("KV-TN-W", "KV-TN-M", "KV-TN-V"),
    evidence=(
        Proof((
            Step(Lemma("KV-TN-W", {x: y - beta, s: 2 * beta})),
            Step(Identity()),
        )),
        Simulation(
            _one_round, {"mean": mean(y), "square": mean(y) ** 2 + slope(y) / m}, _POINT),
    ),
    note="On the left the mean square of the average of m independent draws: m second moments "
    "and m(m - 1) products of means. E u^2 = 1 + (...)/W - 2 d S + d^2 by KV-TN-V and KV-TN-M. "
    "In an orthonormal design the coordinates are independent given theta_t, with m_t draws each "
    "(KV-ORTH), so that the squared distance is the sum over them.",
)

_SAMPLE = sp.IndexedBase("u")
_OTHER = sp.Symbol("delta_2", real=True)
_AVERAGE, _TRIAL = sp.symbols("ubar theta", real=True)


def _two_coordinates(rng, effort):
    """Return the means of two next offsets, and of their product, by simulation."""
    from sims import simulate_verified_regression

    replicates = 300_000 * (4 if effort == "full" else 1)
    end = simulate_verified_regression(
        [2.5, 1.9], 0.0, 2.0, [2], replicates=replicates, rng=rng)[:, 1]
    both = end[:, 0] * end[:, 1]
    return {
        name: (values.mean(), values.std(ddof=1) / replicates**0.5)
        for name, values in (("first", end[:, 0]), ("second", end[:, 1]), ("product", both))
    }


ORTHONORMAL = Claim(
    id="KV-ORTH",
    title="In an orthonormal design each coordinate of the refit is the mean of its own kept "
    "draws; given the model the coordinates are independent, with means M(d_j).",
    kind="lemma",
    source=OURS,
    statement=Statement(
        variables={T: NATURALS, _SAMPLE: Sequence(T, REALS), _TRIAL: REALS, _AVERAGE: REALS,
                   y: sp.Interval(-4, 4), _OTHER: sp.Interval(-4, 4),
                   beta: sp.Interval(sp.Rational(1, 10), 4)},
        hypotheses=(Eq(_AVERAGE, total(_SAMPLE[t]) / T),),
        goal=Eq(total((_SAMPLE[t] - _TRIAL) ** 2),
                total((_SAMPLE[t] - _AVERAGE) ** 2) + T * (_AVERAGE - _TRIAL) ** 2),
    ),
    uses=("KV-LT-EXACT", "KV-LINE-MEAN"),
    evidence=(
        Proof((
            *(Step(Induction(T), Eq(
                total((_SAMPLE[t] - theta) ** 2),
                total(_SAMPLE[t] ** 2) - 2 * theta * total(_SAMPLE[t]) + T * theta**2))
              for theta in (_TRIAL, _AVERAGE)),
        )),
        Simulation(
            _two_coordinates,
            {"first": mean(y), "second": mean(_OTHER), "product": mean(y) * mean(_OTHER)},
            {y: "2.5", _OTHER: "1.9", beta: 2}, "two coordinates, two kept draws each"),
    ),
    note="T draws u_t were kept in one direction: the squares split over the directions, and in "
    "each the goal has its least value over theta at the mean, however many draws the others "
    "kept. So unequal counts N_j change the noise M'(d_j)/N_j (KV-LT-EXACT) and not the mean map. "
    "The simulation checks the means, and by the mean product that two coordinates do not "
    "correlate.",
)

# -- the upper bound -----------------------------------------------------------------------------
_NOISE = total(rho ** (2 * (T - t) - 1) / kept[t])
_LOSSES = {a: Sequence(T, SHARE), f: Sequence(T, SHARE), V: Sequence(T + 1, NONNEGATIVE)}
BOUND = Claim(
    id="KV-LT-UPPER",
    title="The squared distance to the knowledge centre after T rounds is at most rho^(2T) V_0 + "
    "p sum_{j<T} rho^(2(T-j)-1)/m_j.",
    kind="theorem",
    source="new; the long-term convergence of Yi et al. 2025",
    statement=Statement(
        variables={**RUN, **_LOSSES, V0: NONNEGATIVE, rho: UNIT, p: NATURALS},
        hypotheses=(
            Eq(V[0], V0),
            Each(Eq(V[t + 1], a[t] * rho**2 * V[t] + f[t] * p * rho / kept[t]), t, T),
        ),
        goal=Le(V[T], rho ** (2 * T) * V0 + p * _NOISE),
    ),
    uses=("KV-LT-EXACT", "KV-LINE-MEAN", "KV-LINE-SLOPE"),
    evidence=(Proof((Step(Induction(T)),)),),
    note="E|M(d)|^2 = a_t rho^2 V_t and E M' = f_t rho with shares a_t, f_t <= 1 by KV-LINE-MEAN "
    "and KV-LINE-SLOPE; summed over p coordinates. Met with equality by a Gaussian keep "
    "probability (KV-SOFT). Any law of the start.",
    loose="attained where a_t = f_t = 1 in every round; see KV-LT-BOUND",
)
BOUND_VALUE = Claim(
    id="KV-LT-BOUND",
    title="Rounds that use the bound of KV-LT-UPPER in full attain it.",
    kind="corollary",
    source=OURS,
    statement=Statement(
        variables={**RUN, beta: sp.Interval(sp.Rational(1, 10), 5), p: sp.Range(1, 50),
                   V: Sequence(T + 1, NONNEGATIVE), V0: NONNEGATIVE, rho: UNIT},
        hypotheses=(
            Eq(V[0], V0),
            Each(Eq(V[t + 1], rho**2 * V[t] + p * rho / kept[t]), t, T),
        ),
        goal=Eq(V[T], rho ** (2 * T) * V0 + p * _NOISE),
    ),
    uses=("KV-LT-UPPER", "KV-RHO"),
    binds=(
        Binding("theory.verifier.bound_centre_error",
                {"initial": V0, "schedule": kept, "half_width": beta, "dim": p},
                (rho ** (2 * T) * V0 + p * _NOISE).xreplace({rho: RHO}), T),
    ),
    evidence=(Proof((Step(Induction(T)),)),),
    note="Compared for windows of half width up to 5.",
)

# -- convergence if and only if m_t grows without bound ------------------------------------------
BENT = Claim(
    id="KV-TN-BEND",
    title="The third cumulant of a kept draw is negative on the model's side of the centre.",
    kind="corollary",
    source=OURS,
    statement=Statement(
        variables={offset: POSITIVE, beta: POSITIVE}, goal=Lt(bend(offset), 0),
    ),
    uses=("KV-TN-GHS",),
    evidence=(Proof((Step(Lemma("KV-TN-GHS")),)),),
    loose="the bend vanishes only at the centre and far away",
)
SLOPE_FALLS = Claim(
    id="KV-SLOPE-FALLS",
    title="The slope of the mean map falls with the distance from the centre.",
    kind="corollary",
    source=OURS,
    statement=Statement(
        variables={offset: POSITIVE, step: POSITIVE, beta: POSITIVE},
        goal=Lt(slope(offset + step), slope(offset)),
    ),
    uses=("KV-TN-W", "KV-TN-BEND", "L-DIFFERENCE"),
    evidence=(
        Proof((
            Step(Lemma("KV-TN-W", {x: offset - beta, s: 2 * beta})),
            Step(Lemma("KV-TN-W", {x: offset + step - beta, s: 2 * beta})),
            Step(Lemma("KV-TN-BEND", {offset: offset + step})),
            Step(Lemma("L-DIFFERENCE", {first: bend(offset + step), second: sp.Integer(0)})),
            Step(ByDerivative(step, 0, -bend(offset + step)),
                 Lt(slope(offset + step), slope(offset))),
        )),
    ),
    loose="the slope is strictly decreasing",
)
_ZERO = Substitute(y, sp.Integer(0))
FLOOR = Claim(
    id="KV-LT-FLOOR",
    title="At every offset inside the window M' >= M'(beta) > 0: a round on m draws leaves at "
    "least the variance M'(beta)/m in each coordinate.",
    kind="lemma",
    source=OURS,
    statement=Statement(
        variables={y: REALS, beta: POSITIVE},
        hypotheses=(Le(Abs(y), beta),),
        goal=And(Gt(slope(beta), 0), Ge(slope(y), slope(beta))),
    ),
    uses=("KV-TN-W", "KV-TN-01", "KV-RHO", "KV-SLOPE-FALLS"),
    evidence=(
        Proof((
            Step(Lemma("KV-TN-W", {x: y - beta, s: 2 * beta})),
            Step(Lemma("KV-TN-W", {x: -y - beta, s: 2 * beta})),
            Step(Lemma("KV-TN-W", {x: sp.Integer(0), s: 2 * beta})),
            Step(Lemma("KV-TN-W", {x: -beta, s: 2 * beta})),
            Step(Lemma("KV-TN-01", {d: beta})),
            Step(Lemma("KV-RHO", {offset: beta})),
            Step(Lemma("KV-SLOPE-FALLS", {offset: y, step: beta - y},
                       when=And(Gt(y, 0), Lt(y, beta)))),
            Step(Lemma("KV-SLOPE-FALLS", {offset: -y, step: beta + y},
                       when=And(Lt(y, 0), Gt(y, -beta)))),
            *(Step(Substitute(y, v), Substitute(y, v).fact(slope(y)))
              for v in (sp.Integer(0), beta, -beta)),
            Step(Identity(), Eq(slope(-y), slope(y))),
            Step(Identity(), Eq(slope(-beta), slope(beta))),
            Step(Opaque((slope(y), slope(-y), slope(beta), slope(-beta), slope(sp.Integer(0)),
                         CENTRAL))),
        )),
    ),
    note="An average of draws from the window lies in it, so that this holds from the second "
    "round on, whatever the start.",
    loose="met at the edge",
)
_SMALL = rho * (1 - rho ** (2 * T)) / (1 - rho**2)
CONVERGES = Claim(
    id="KV-LT-IFF",
    title="With at least m_0 draws a round V_T <= rho^(2T) V_0 + p rho (1 - rho^(2T))/((1 - "
    "rho^2) m_0), and from the second round on V_T >= p M'(beta)/m_{T-1}: so the model converges "
    "to the knowledge centre if and only if m_t tends to infinity.",
    kind="theorem",
    source=OURS,
    statement=Statement(
        variables={**RUN, **_LOSSES, e: Sequence(T, NONNEGATIVE), V0: NONNEGATIVE, rho: UNIT,
                   p: NATURALS, size: POSITIVE, lowest: UNIT},
        hypotheses=(
            Eq(V[0], V0), Lt(lowest, rho),
            Each(Eq(kept[t], size + e[t]), t, T),
            Each(Eq(V[t + 1], a[t] * rho**2 * V[t]
                    + p * (lowest + f[t] * (rho - lowest)) / kept[t]), t, T),
        ),
        goal=And(
            Le(V[T], rho ** (2 * T) * V0 + p * _SMALL / size),
            Ge(V[T], p * lowest / kept[T - 1]),
        ),
    ),
    uses=("KV-LT-UPPER", "KV-LT-FLOOR"),
    evidence=(Proof((
        Step(Induction(T), Le(V[T], rho ** (2 * T) * V0 + p * _SMALL / size)),
        Step(Induction(T), Ge(V[T], p * lowest / kept[T - 1])),
    )),),
    note="w = M'(beta), V_0 the distance after the first round; E|M(d)|^2 = a_t rho^2 V_t, and "
    "E M' lies between w and rho. If m_t -> infinity, count rounds from one after which m_t >= "
    "m_0: the limit of V_T is at most p rho/((1 - rho^2) m_0), for every m_0. If V_T -> 0, then "
    "m_{T-1} >= p w/V_T -> infinity. Offsets are bounded by the window, so that convergence in "
    "probability is the same.",
    loose="the upper bound is attained where a_t = f_t = 1 and m_t = m_0, the lower where the "
    "rest of the round vanishes",
)

# -- without noise -------------------------------------------------------------------------------
_PATH = Each(Eq(offsets[t + 1], mean(offsets[t])), t, T)
ORBIT = Claim(
    id="KV-ORBIT",
    title="Without noise every round brings the model nearer to the centre by at least the factor "
    "rho: rho^(-t) d_t decreases.",
    kind="theorem",
    source=OURS,
    statement=Statement(
        variables={T: NATURALS, offsets: Sequence(T + 1, POSITIVE), beta: POSITIVE,
                   offset: POSITIVE},
        hypotheses=(Eq(offsets[0], offset), _PATH),
        goal=Lt(offsets[T], CENTRAL * offsets[T - 1]),
    ),
    uses=("KV-TN-W", "KV-RATIO", "KV-TN-INSIDE"),
    binds=(
        Binding("theory.verifier.centre_orbit",
                {"offset": offset, "half_width": beta, "rounds": T}, offsets[T], T),
    ),
    evidence=(
        Proof((
            Step(Lemma("KV-TN-W", {x: -beta, s: 2 * beta})),
            Step(Lemma("KV-TN-W", {x: offsets[T - 1] - beta, s: 2 * beta})),
            Step(Lemma("KV-RATIO", {offset: offsets[T - 1]})),
            Step(Induction(T)),
        )),
    ),
    note="The offsets stay positive by KV-TN-INSIDE; for a negative start M is odd.",
    loose="the ratio is rho at the centre only",
)
ORBIT_RATE = Claim(
    id="KV-ORBIT-RATE",
    title="So without noise 0 < d_T < rho^T d_0.",
    kind="corollary",
    source=OURS,
    statement=Statement(
        variables={T: NATURALS, offsets: Sequence(T + 1, POSITIVE), a: Sequence(T, UNIT),
                   rho: UNIT, offset: POSITIVE},
        hypotheses=(
            Eq(offsets[0], offset), Each(Eq(offsets[t + 1], a[t] * rho * offsets[t]), t, T)),
        goal=Lt(offsets[T], rho**T * offset),
    ),
    uses=("KV-ORBIT",),
    evidence=(Proof((Step(Induction(T)),)),),
    note="a_t = M(d_t)/(rho d_t) < 1 by KV-ORBIT; 1 - a_t is of the order d_t^2, whose sum is "
    "finite, so that the product of the a_t has a positive limit: d_T is of the exact order "
    "rho^T. That last step is not part of the formal statement.",
    loose="strict below",
)

CLAIMS = (
    ONE_ROUND, ORTHONORMAL, BOUND, BOUND_VALUE, BENT, SLOPE_FALLS, FLOOR, CONVERGES, ORBIT,
    ORBIT_RATE,
)
