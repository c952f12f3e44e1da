"""Gillman et al. 2024, Figure 6: digits after the loop, with correction and without.

Sampled from the models of finished runs, or read from `samples.csv` beside recorded results,
which `python -m paper_figures.samples` keeps. All models get the same noise.
"""

from paper_figures import digits, style
from paper_figures.samples import pictured

__all__ = ["compute", "draw", "usable"]


def usable(results):
    """Return whether there are models, or samples, of both loops."""
    found = set(digits.kinds(results, digits.CORRECTORS).values())
    return {"iterative", "corrected"} <= found and pictured(results)


def compute(results):
    """Return the images: arm, kind, lambda, round, digit, copy, and the pixels' bytes."""
    return digits.samples(results, digits.CORRECTORS)


@style.styled
def draw(frame):
    """Draw a grid for generation 0, and one for the last of each arm."""
    return grids(frame, "iterative", ("baseline", "iterative", "corrected"))


def grids(frame, first, kinds):
    """Return a figure of the first generation of one kind and the last of several."""
    shown = [(frame[(frame.kind == first) & (frame["round"] == 0)], "generation 0")]
    for kind in kinds:
        rows = frame[(frame.kind == kind) & (frame["round"] > 0)]
        if len(rows):
            shown.append((rows, f"{rows.arm.iloc[0]}, {rows['round'].iloc[0]}"))
    figure, axes = style.blank(1, len(shown), width=style.WIDE, height=7.2 / len(shown) + 0.5)
    for panel, (rows, _) in zip(axes, shown):
        digits.grid_of(panel, rows)
    style.label_panels(axes, [title for _, title in shown])
    return figure
