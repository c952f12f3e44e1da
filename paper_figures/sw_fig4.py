"""Yang et al. 2025, Figure 4: accuracy of self-taught reasoning over cost, by schedule.

The paper prints no numbers of the figure; the last panel sets its Table 3 beside ours.
"""

import pandas as pd

from paper_figures import style
from paper_figures.published import yang2025
from paper_figures.self_taught import FAMILIES, curves, draw_curves, lines, shown

__all__ = ["compute", "draw", "usable"]

TEMPERATURE = 0.3


def _chosen(results):
    """Return the lines at the paper's temperature; of exponential ones that of growth 2."""
    made = lines(results, TEMPERATURE)
    return [line for line in made if line.family != "exponential" or line.growth == 2]


def usable(results):
    """Return whether runs hold each family of schedules at the paper's temperature."""
    return {line.family for line in _chosen(results)} >= set(FAMILIES)


def compute(results):
    """Return the measured curves round by round, and the paper's final accuracies and gains."""
    ours = curves(results, _chosen(results)).assign(source="ours")
    before, rows = dict(zip(yang2025.TESTS, yang2025.TABLE_3["pre-trained", ""])), []
    for (family, size), printed in yang2025.TABLE_3.items():
        for level, value in zip(yang2025.TESTS, printed):
            rows.append({
                "setting": results.setting, "arm": f"{family} {size}".strip(), "family": family,
                "level": level, "accuracy": float(value), "source": "published",
                "gain": float(value) - float(before[level])})
    return pd.concat([ours, pd.DataFrame(rows)], ignore_index=True)[
        ["source", *ours.columns.drop("source")]]


def _gains(axes, frame):
    """Draw the final gains by family and difficulty, published and ours."""
    places = {family: number for number, family in enumerate(FAMILIES)}
    markers = dict(zip(yang2025.TESTS, ("o", "s", "^")))
    published = frame[(frame.source == "published") & frame.family.isin(places)]
    ours = frame[(frame.source == "ours") & frame.family.isin(places)]
    ours = ours[ours["round"] == ours.groupby("arm")["round"].transform("max")]
    for number, (level, marker) in enumerate(markers.items()):
        theirs = published[published.level == level]
        axes.plot(theirs.family.map(places) - 0.34 + 0.12 * number, theirs.gain, marker=marker,
                  linestyle="none", color=style.GREY, markerfacecolor="white")
        mine = ours[ours.level == level]
        ends = [mine.gain - mine.gain_low, mine.gain_high - mine.gain]
        axes.errorbar(mine.family.map(places) + 0.1 + 0.12 * number, mine.gain, yerr=ends,
                      marker=marker, linestyle="none", color=style.BLACK, elinewidth=0.8)
    axes.axhline(0, color=style.BLACK, linewidth=0.6)
    axes.set(ylabel="final gain (points)", xlim=(-0.5, 2.5))
    axes.set_xticks(list(places.values()), list(places))
    entries = [style.entry(f"(d) {level}", style.BLACK, marker, "none")
               for level, marker in markers.items()]
    return [*entries, style.entry("(d) published", style.GREY, "D", "none")]


@style.styled
def draw(frame):
    """Draw accuracy over what was kept, by difficulty, and final gains beside the published."""
    figure, axes = style.blank(2, 2, height=4.6)
    panels, ours = axes.ravel(), frame[frame.source == "ours"]
    entries = {}
    for panel, level in zip(panels, yang2025.TESTS):
        made = draw_curves(panel, shown(ours, level), level)
        entries |= {entry.get_label(): entry for entry in made}
    gains = _gains(panels[3], frame)
    style.legend_below(figure, [*entries.values(), *gains], ncols=5, handlelength=2.2)
    style.label_panels(panels, [f"ours: {frame.setting.iloc[0]}", "bands: 95 %", "",
                                "ours and published (grey)"])
    return figure
