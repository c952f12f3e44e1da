"""Yang et al. 2025, Figure 8: as Figure 4, with solutions sampled at temperature 0.7.

The paper prints no numbers of the figure.
"""

from paper_figures import style
from paper_figures.published import yang2025
from paper_figures.self_taught import FAMILIES, curves, draw_curves, lines, shown

__all__ = ["compute", "draw", "usable"]

TEMPERATURE = 0.7


def usable(results):
    """Return whether runs hold each family of schedules at this temperature."""
    return {line.family for line in lines(results, TEMPERATURE)} >= set(FAMILIES)


def compute(results):
    """Return the measured curves round by round."""
    return curves(results, lines(results, TEMPERATURE))


@style.styled
def draw(frame):
    """Draw accuracy over what was kept, by difficulty."""
    figure, axes = style.blank(1, 3, height=2.7)
    for panel, level in zip(axes, yang2025.TESTS):
        entries = draw_curves(panel, shown(frame, level), level)
    style.legend_below(figure, entries, ncols=5, handlelength=2.2)
    style.label_panels(axes, [f"ours: {frame.setting.iloc[0]}", "temperature 0.7", "bands: 95 %"])
    return figure
