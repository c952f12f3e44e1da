"""Claims on carrying an error bound over to the corrected loop (Gillman et al. 2024, Appendix B).

Notation: B Lipschitz constant of the finite-sample update, rho and rho/(1+gamma) those of the
infinite-sample updates without and with correction, tau statistical error of one uncorrected
round, d = |theta - theta*| <= d_U.
"""

import sympy as sp
from sympy import Abs, And, Eq, Equivalent, Ge, Le, Lt, log, sqrt

from loopcert.claim import Binding, Claim, NearMiss, Proof, Refutation, Witness
from loopcert.prove.formal import NATURALS, NONNEGATIVE, POSITIVE, REALS, UNIT, Statement
from loopcert.prove.proof import Smt, Step

__all__ = ["CLAIMS"]

PAPER = "Gillman et al. 2024"
n = sp.Symbol("n", integer=True, positive=True)
B, d, tau, gamma, a, e, floor = sp.symbols("B d tau gamma a e epsilon_opt", nonnegative=True)
delta, b, lam, rho, u = sp.symbols("delta b lambda rho u", positive=True)
x, y, best = sp.symbols("x y theta_star", real=True)
plain, mixed, at_best, far, far_mixed = sp.symbols("G_n piG_n G_n_star G piG", real=True)
m = sp.Symbol("m", integer=True, positive=True)
kept = sp.Symbol("k", real=True)
PARTS = sp.symbols("z_1:6", real=True)
z1, z2, z3, z4, z5 = PARTS
SHARE = sp.Interval(0, 1)
BETWEEN = sp.Interval(-1, 1)
CONSTANT = 2 * B + rho * (2 + gamma) / (1 + gamma)
SETTING = {"growth": B, "synthetic_ratio": u / (1 + e), "correction": gamma, "misfit": e,
           "lipschitz": 1.0}


def success(share):
    """Whether the draw theta_star counts as a success at this share."""
    return sp.Piecewise((1, Ge(share, best)), (0, True))


ASSUMPTION = Claim(
    id="SC-B1",
    title="With probability 1 - delta one uncorrected refit to n points errs by at most "
    "epsilon_opt + a n^(-1/2) sqrt(log(b/delta)).",
    kind="assumption",
    source=f"{PAPER}, Assumption B.1, equation 45, for each n",
    statement=Statement(
        variables={n: NATURALS, delta: UNIT, a: NONNEGATIVE, b: sp.Interval(1, sp.oo),
                   floor: NONNEGATIVE, plain: REALS, far: REALS},
        goal=Le(Abs(plain - far), floor + a / sqrt(n) * sqrt(log(b / delta))),
    ),
    evidence=(
        Witness({n: 100, delta: sp.Rational(1, 20), a: 1, b: 2, floor: 0, plain: 1,
                 far: sp.Rational(9, 10)}),
        NearMiss({n: 100, delta: sp.Rational(1, 20), a: 1, b: 2, floor: 0, plain: 1,
                  far: sp.Rational(1, 2)}),
    ),
    note="The event of one sampling, in one coordinate. SC-E11 is about `for all n` in the "
    "source, SC-E21 about b >= 0.",
)

COUPLED = Claim(
    id="SC-E17",
    title="Without correction and with it, one refit from a model at distance d from the best one "
    "gives models within 2 B d of each other.",
    kind="proposition",
    source=f"{PAPER}, proof of Proposition B.2, first display after equation 47",
    statement=Statement(
        variables={lam: POSITIVE, B: NONNEGATIVE, d: NONNEGATIVE, kept: SHARE, x: REALS, y: REALS},
        hypotheses=(Eq(B, lam / (1 + lam)),),
        goal=Le(Abs(lam * (d + x) / (1 + lam) - lam * (kept * d + y) / (1 + lam)), 2 * B * d),
    ),
    evidence=(
        Refutation(
            {lam: 1, B: sp.Rational(1, 2), d: 0, kept: sp.Rational(1, 2), x: 0, y: 1},
            reading="the two refits draw their synthetic points independently: fitted Gaussian "
            "means, where a refit is lambda (theta + error)/(1 + lambda)",
        ),
    ),
    note="x and y are the mean errors of the two sets of synthetic points, k the share of "
    "corrected points that the model gave, theta* = 0 and the real data have mean 0; B is the "
    "exact Lipschitz constant. The step uses that both refits from the best model coincide, "
    "which is an equality of laws only.",
)

TRANSFER = Claim(
    id="SC-B2",
    title="If the refits draw the same points and B bounds the growth of both, then the corrected "
    "refit errs by at most c d + tau with c = 2 B + rho (2 + gamma)/(1 + gamma).",
    kind="proposition",
    source=f"{PAPER}, Proposition B.2, equations 46 and 47, hypotheses completed",
    statement=Statement(
        variables={
            B: NONNEGATIVE, d: NONNEGATIVE, tau: NONNEGATIVE, rho: POSITIVE, gamma: NONNEGATIVE,
            best: REALS, at_best: REALS, plain: REALS, mixed: REALS, far: REALS, far_mixed: REALS,
            **dict.fromkeys(PARTS, BETWEEN), e: NONNEGATIVE, u: UNIT,
        },
        hypotheses=(
            Eq(rho, u / (1 - u)),
            Eq(plain, at_best + z1 * B * d), Eq(mixed, at_best + z2 * B * d),
            Eq(far, plain + z3 * tau), Eq(best, far + z4 * rho * d),
            Eq(far_mixed, best + z5 * rho / (1 + gamma) * d),
        ),
        goal=And(
            Eq(CONSTANT * d + tau - (mixed - far_mixed),
               (2 - z2 + z1) * B * d + (1 + z3) * tau
               + (1 + z4) * rho * d + (1 + z5) * rho * d / (1 + gamma)),
            Eq(CONSTANT * d + tau + (mixed - far_mixed),
               (2 + z2 - z1) * B * d + (1 - z3) * tau
               + (1 - z4) * rho * d + (1 - z5) * rho * d / (1 + gamma)),
        ),
    ),
    uses=("SC-B1", "SC-A8.39", "SC-A6"),
    corrects=("SC-E17",),
    binds=(Binding("theory.contraction.b2_constant", SETTING, CONSTANT),),
    evidence=(Proof(),),
    note="In any direction: G_n, piG_n the finite-sample refits, G_n_star both of them from the "
    "best model theta_star, G, piG the infinite-sample ones. |z_i| <= 1 says how far each of the "
    "five triangle inequalities is used, so all terms on the right are >= 0. Not assumed by the "
    "source: the growth B of piG_n, and the same draws.",
)

VACUOUS = Claim(
    id="SCX-B2-vac",
    title="Put into the stability theorem, the error c d_U leaves the neighbourhood unless 2 B + "
    "rho (3 + gamma)/(1 + gamma) < 1.",
    kind="corollary",
    source="new",
    statement=Statement(
        variables={B: NONNEGATIVE, gamma: NONNEGATIVE, e: NONNEGATIVE, u: UNIT, rho: POSITIVE,
                   d: POSITIVE},
        hypotheses=(Eq(rho, u / (1 - u)), Lt(rho, 1 + gamma)),
        goal=Equivalent(
            Lt(CONSTANT * d / (1 - rho / (1 + gamma)), d),
            Lt(2 * B + rho * (3 + gamma) / (1 + gamma), 1),
        ),
    ),
    uses=("SC-B2", "SC-T43"),
    binds=(
        Binding("theory.contraction.b2_informative", SETTING,
                sp.Piecewise((1, Lt(2 * B + rho * (3 + gamma) / (1 + gamma), 1)), (0, True))),
    ),
    evidence=(
        Proof((
            Step(Smt(), Lt(rho / (1 + gamma), 1)),
        )),
    ),
    note="c d_U/(1 - R) with R = rho/(1 + gamma) < 1 is the floor of the envelope. Otherwise the "
    "bound says less than that the iterate is in the neighbourhood.",
)

JUMP = Claim(
    id="SC-B2-LIP",
    title="Shares refitted to the same uniform draws have no Lipschitz constant B: shares on "
    "either side of a draw give refits farther apart than B times their distance as soon as "
    "they are nearer than lambda/((1 + lambda) m B).",
    kind="example",
    source="new, for Gillman et al. 2024, Proposition B.2",
    statement=Statement(
        variables={m: NATURALS, lam: POSITIVE, b: POSITIVE, best: SHARE, x: SHARE, y: SHARE},
        hypotheses=(Le(best, x), Lt(y, best)),
        goal=Eq(
            lam / (1 + lam) * (success(x) - success(y)) / m - b * (x - y),
            b * (lam / ((1 + lam) * m * b) - (x - y)),
        ),
    ),
    evidence=(Proof(),),
    note="theta_star is the one draw of the m that lies between the shares x and y; it counts as "
    "a success for a share that reaches it, and the others cancel. b is B > 0. The left side is "
    "the excess over B times the distance; its sign is that of the room on the right. Location "
    "and scale families refitted to the same noise do have a Lipschitz constant.",
)

CLAIMS = (ASSUMPTION, COUPLED, TRANSFER, VACUOUS, JUMP)
