"""Yang et al. 2025, Figure 7: accuracy of self-taught reasoning by the schedule's growth rate.

The paper prints no numbers of the figure.
"""

from paper_figures import style
from paper_figures.published import yang2025
from paper_figures.self_taught import curves, draw_curves, lines

__all__ = ["compute", "draw", "usable"]

TEMPERATURE = 0.3


def _growing(results):
    made = [line for line in lines(results, TEMPERATURE) if line.family == "exponential"]
    return sorted(made, key=lambda line: line.growth)


def usable(results):
    """Return whether runs hold at least three growth rates."""
    return len({line.growth for line in _growing(results)}) > 2


def compute(results):
    """Return the measured curves round by round."""
    return curves(results, _growing(results))


def _drawn(frame, level):
    """Return (rows, colour, line style) of each growth rate, named by it."""
    groups = list(frame[frame.level == level].groupby("growth"))
    return [(rows.assign(arm=f"growth {growth:g}"), colour, "-")
            for colour, (growth, rows) in zip(style.shades(len(groups)), groups)]


@style.styled
def draw(frame):
    """Draw accuracy over what was kept, by difficulty."""
    figure, axes = style.blank(1, 3, height=2.7)
    for panel, level in zip(axes, yang2025.TESTS):
        entries = draw_curves(panel, _drawn(frame, level), level)
    style.legend_below(figure, entries, ncols=5)
    style.label_panels(axes, [f"ours: {frame.setting.iloc[0]}", "bands: 95 %", ""])
    return figure
