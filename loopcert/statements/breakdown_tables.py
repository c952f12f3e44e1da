"""Claims on the published numbers of Feng et al. 2025 (Tables 1 and 3) and on the text about them.

A printed sentence is stated for any table; the published one is the point that meets or fails it.
"""

import sympy as sp
from sympy import Eq, Ge, Gt, Implies, Le, Lt

from loopcert.claim import Claim, NearMiss, Refutation, Witness
from loopcert.prove.formal import Each, Sequence, Statement
from paper_figures.published import feng2025

__all__ = ["CLAIMS"]

PERCENT = sp.Interval(0, 100)
i = sp.Symbol("i", integer=True)
rows, last = sp.Integer(7), sp.Integer(4)
loose, middle, strict, best = (sp.IndexedBase(name) for name in ("l", "m", "s", "b"))
model_a, model_b, model_c, model_d, scratch = (
    sp.IndexedBase(name) for name in ("A", "B", "C", "D", "S"))
before_a, before_b, before_c, before_d = sp.symbols("a_0 b_0 c_0 d_0", nonnegative=True)
p, star, noise = sp.symbols("p p_star p_n", nonnegative=True)

# Table 1: all beams verified, tolerance 2, 1 and 0.5 percent; the best beam, 1 percent.
ALL = dict(zip((loose, middle, strict), feng2025.TABLE_1_ALL.values()))
BEST = feng2025.TABLE_1_BEST["1"]
FINE_TUNED = dict(zip((model_a, model_b, model_c, model_d, scratch), feng2025.TABLE_3.values()))
BEFORE_A, BEFORE_B = (int(feng2025.MODELS[name]) for name in "AB")
_FIVE = sp.Integer(5)
_SEVEN = {column: Sequence(rows, PERCENT) for column in FINE_TUNED}

BEAMS = Claim(
    id="BP-T1",
    title="Table 1: verified over all beams, accuracy falls with fewer beams and with a smaller "
    "tolerance; of the best beam alone it does not rise with more beams.",
    kind="definition",
    source="Feng et al. 2025, Table 1 and section 3",
    statement=Statement(
        variables={c: Sequence(_FIVE, PERCENT) for c in (loose, middle, strict, best)},
        goal=sp.And(
            Each(sp.And(Gt(loose[i], loose[i + 1]), Gt(middle[i], middle[i + 1]),
                        Gt(strict[i], strict[i + 1]), Le(best[i], best[i + 1])), i, last),
            Each(sp.And(Gt(loose[i], middle[i]), Gt(middle[i], strict[i])), i, _FIVE),
            Eq(middle[4], best[4]),
        ),
    ),
    evidence=(
        Witness({**ALL, best: BEST}),
        NearMiss({**ALL, middle: BEST, best: BEST}),
    ),
    note="What the text reads off the table, met by the published numbers.",
)
THREEFOLD = Claim(
    id="BP-T1.1",
    title="At a tolerance of 1 percent one of 50 candidates is right three times as often as the "
    "one that the model prefers, but not as greedy decoding.",
    kind="definition",
    source="Feng et al. 2025, section 1 with Table 1",
    statement=Statement(
        variables={middle: Sequence(_FIVE, PERCENT), best: Sequence(_FIVE, PERCENT)},
        goal=sp.And(Ge(middle[0], 3 * best[0]), Lt(middle[0], 3 * middle[4])),
    ),
    uses=("BP-T1",),
    evidence=(
        Witness({middle: ALL[middle], best: BEST}),
        NearMiss({middle: ALL[middle], best: ALL[middle]}),
    ),
    note="Section 1 says three times, of the first comparison: 60.4 against 19.2 percent is a "
    "factor of 3.15. Against greedy decoding, 20.2 percent, it is 2.99.",
)
ROWS = Claim(
    id="BP-T3",
    title="Table 3: whatever model is tuned, more beams are better, and model C stays ahead of B, "
    "and B of D.",
    kind="definition",
    source="Feng et al. 2025, Table 3",
    statement=Statement(
        variables=_SEVEN,
        goal=sp.And(
            Each(sp.And(*(Gt(column[i + 1], column[i + 2]) for column in FINE_TUNED)), i,
                 sp.Integer(5)),
            Each(sp.And(Gt(model_c[i], model_b[i]), Gt(model_b[i], model_d[i])), i, rows),
        ),
    ),
    evidence=(
        Witness(FINE_TUNED),
        NearMiss({**FINE_TUNED, model_b: FINE_TUNED[model_c], model_c: FINE_TUNED[model_b]}),
    ),
)
IMPROVES = Claim(
    id="BP-E-17.2",
    title="Printed: fine-tuning beats training from scratch only where the model was better than "
    "model A before.",
    kind="remark",
    source="Feng et al. 2025, appendix B.1",
    statement=Statement(
        variables={model_b: Sequence(rows, PERCENT), scratch: Sequence(rows, PERCENT),
                   before_a: PERCENT, before_b: PERCENT},
        goal=Implies(Le(before_b, before_a), Each(Le(model_b[i], scratch[i]), i, rows)),
    ),
    evidence=(
        Refutation({model_b: FINE_TUNED[model_b], scratch: FINE_TUNED[scratch],
                    before_a: BEFORE_A, before_b: BEFORE_B}),
    ),
    note="Model B, 62 percent before against 66 of model A, beats scratch in five of seven rows.",
)
WORST = Claim(
    id="BP-E-17.3",
    title="Printed: fine-tuning the generator on its own data gives the worst result.",
    kind="remark",
    source="Feng et al. 2025, appendix B.1",
    statement=Statement(
        variables={model_a: Sequence(rows, PERCENT), model_d: Sequence(rows, PERCENT)},
        goal=Each(Lt(model_a[i], model_d[i]), i, rows),
    ),
    evidence=(
        Refutation({model_a: FINE_TUNED[model_a], model_d: FINE_TUNED[model_d]}),
    ),
    note="With one beam model A keeps 61.6 percent, model D 55.8.",
)
TURNING = Claim(
    id="BP-E-17",
    title="Printed: a verifier with p_star = 0.65 is the turning point that the theory predicts "
    "for this generator.",
    kind="remark",
    source="Feng et al. 2025, section 6.1 with Table 1",
    statement=Statement(
        variables={p: sp.Interval.open(0, 1), star: sp.Interval.open(0, 1)},
        where={noise: (1 - star) / star},
        goal=Ge((1 - p) / p, noise),
    ),
    evidence=(
        Refutation({p: "0.798", star: feng2025.TURNING_POINT},
                   "a turning point lies where p = p_star"),
    ),
    note="Greedy accuracy at a tolerance of 1 percent is 20.2, so p = 0.798, and by BP-NV success "
    "needs p_n < 0.253; p_star = 0.65 means p_n = 0.538.",
)

CLAIMS = (BEAMS, THREEFOLD, ROWS, IMPROVES, WORST, TURNING)
