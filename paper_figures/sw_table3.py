"""Yang et al. 2025, Table 3: accuracy after self-taught reasoning, by schedule and difficulty.

Ours: the base model, and each schedule with a verifier at temperature 0.3. Of one total, fewer
rounds are larger ones; where runs hold one size of a schedule alone, it stands for the medium.
"""

import math

import pandas as pd

from paper_figures import style
from paper_figures.published import yang2025
from paper_figures.self_taught import lines
from paper_figures.tables import draw_table, percent

__all__ = ["compute", "draw", "usable"]

TEMPERATURE = 0.3


def _placed(results):
    """Return the line that fills each row of the table, by (schedule, size)."""
    made = lines(results, TEMPERATURE)
    placed = {}
    for family in ("constant", "linear"):
        mine = sorted((line for line in made if line.family == family),
                      key=lambda line: -len(line.counts))
        sizes = yang2025.SIZES if len(mine) == 3 else ("medium",) if len(mine) == 1 else ()
        placed |= {(family, size): line for size, line in zip(sizes, mine)}
    growing = [line for line in made if line.family == "exponential"]
    if growing:
        placed["exponential", ""] = min(growing, key=lambda line: abs(line.growth - 2))
    return placed


def usable(results):
    """Return whether runs fill a row of each schedule."""
    return {family for family, _ in _placed(results)} == {"constant", "linear", "exponential"}


def compute(results):
    """Return published and measured accuracies in percent, by schedule, size and difficulty."""
    from empirical.predict import final, mean_interval

    placed, rows = _placed(results), []
    first = next(iter(placed.values()))
    for (family, size), printed in yang2025.TABLE_3.items():
        line = placed.get((family, size))
        arm, round_ = (first.arm, 0) if family == "pre-trained" else (
            (line.arm, len(line.counts)) if line else (None, 0))
        for level, published in zip(yang2025.TESTS, printed):
            values = () if arm is None else 100 * final(
                results.metrics, arm, f"accuracy@{level}", round_=round_)
            ours = mean_interval(values)
            rows.append((results.setting, family, size, level, float(published), ours.mean,
                         ours.low, ours.high, ours.n))
    return pd.DataFrame(rows, columns=["setting", "schedule", "size", "level", "published", "ours",
                                       "low", "high", "seeds"])


@style.styled
def draw(frame):
    """Draw the table, ours below the paper's."""
    rows = []
    for (schedule, size), cells in frame.groupby(["schedule", "size"], sort=False):
        cells = cells.set_index("level").loc[list(yang2025.TESTS)]
        rows.append((f"{schedule} {size}".strip(), [
            (f"{cell.published:.2f}", percent(cell.ours, cell.low, cell.high))
            for cell in cells.itertuples()]))
    one = frame[(frame.schedule == "constant") & (frame["size"] != "medium")].ours.isna().all()
    sizes = "one size of each schedule run" if one else "sizes by rounds"
    missing = "; empty: not run" if any(math.isnan(value) for value in frame.ours) else ""
    notes = [
        "Accuracy in percent. Grey: published (Llama-3-8B on GSM-Symbolic). Blue: ours "
        f"({frame.setting.iloc[0]}), held-out",
        f"numbers, mean ± half the 95 % interval over seeds; {sizes}{missing}.",
    ]
    return draw_table(list(yang2025.TESTS), rows, notes)
