"""Feng et al. 2025, Table 1: the generator's accuracy by beam, verified by an oracle or not."""

import math

import pandas as pd

from paper_figures import style
from paper_figures.published import feng2025
from paper_figures.tables import draw_table, percent

__all__ = ["compute", "draw", "usable"]

PRINTED = {"all": feng2025.TABLE_1_ALL, "best": feng2025.TABLE_1_BEST}


def usable(results):
    """Return whether runs measured the generator at more than one beam."""
    return _arm(results) is not None


def _arm(results):
    """Return the arm whose generator was measured at most beams, None if none was."""
    first = results.metrics[results.metrics["round"] == 0]
    beams = first[first.metric.str.contains("/beam", regex=False)]
    return beams.groupby("arm").metric.nunique().idxmax() if len(beams) else None


def compute(results):
    """Return published and measured accuracies in percent, by reading, tolerance and beam."""
    from empirical.predict import final, mean_interval

    arm, rows = _arm(results), []
    for reading, printed in PRINTED.items():
        for tolerance, column in printed.items():
            for beams, published in zip(feng2025.BEAMS, column):
                suffix = "" if beams == 1 else f"/beam{beams}/{reading}"
                metric = f"accuracy@{tolerance}%{suffix}"
                found = mean_interval(100 * final(results.metrics, arm, metric, round_=0))
                rows.append((results.setting, reading, float(tolerance), beams, float(published),
                             found.mean, found.low, found.high, found.n))
    return pd.DataFrame(rows, columns=[
        "setting", "reading", "tolerance", "beams", "published", "ours", "low", "high", "seeds"])


@style.styled
def draw(frame):
    """Draw the table, ours below the paper's."""
    heads = [f"{tolerance} %" for printed in PRINTED.values() for tolerance in printed]
    rows = []
    for beams in feng2025.BEAMS:
        mine = frame[frame.beams == beams].set_index(["reading", "tolerance"])
        cells = [mine.loc[reading, float(tolerance)]
                 for reading, printed in PRINTED.items() for tolerance in printed]
        name = "greedy" if beams == 1 else f"beam {beams}"
        rows.append((name, [(f"{c.published:.1f}", _ours(c)) for c in cells]))
    notes = [
        "Accuracy in percent by tolerance. Grey: published (5×5, one generator). "
        f"Blue: ours ({frame.setting.iloc[0]}),",
        "mean ± half the 95 % interval over seeds. Left: right if any answer of the beam is; "
        "right: if the model's favourite is.",
    ]
    groups = [("verify all beams", 3), ("verify the best beam", 3)]
    return draw_table(heads, rows, notes, groups)


def _ours(cell):
    return percent(cell.ours, cell.low, cell.high) if not math.isnan(cell.ours) else "–"
