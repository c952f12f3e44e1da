"""Gillman et al. 2024, Figure 2: motion, three metrics over generations at the largest lambda.

The paper prints no numbers of its curves.
"""

from paper_figures import generations, style
from paper_figures.generations import usable

__all__ = ["compute", "draw", "usable"]

METRICS = ("fid", "matching", "diversity")


def compute(results):
    """Return the curves at the largest lambda with both loops, and the verdict on their order."""
    shared = [{ratio for k, ratio in generations.kinds(results).values() if k == kind}
              for kind in ("iterative", "corrected")]
    ratio = max(set.intersection(*shared))
    frame = generations.curves(results, METRICS)
    chosen = frame[frame.ratio.isna() | (frame.ratio == ratio)]
    return chosen.assign(note=generations.verdict(results, ratio))


@style.styled
def draw(frame):
    """Draw a panel a metric; bands are 95 % intervals over seeds."""
    return generations.grid(frame, METRICS, f"{frame.note.iloc[0]} (bands: 95 % over seeds)")
