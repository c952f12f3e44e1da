"""Gillman et al. 2024, Figure 16: as Figures 12 to 15, averaged over the generations so far."""

from paper_figures import generations, style
from paper_figures.generations import usable
from paper_figures.sc_fig2 import METRICS

__all__ = ["compute", "draw", "usable"]


def compute(results):
    """Return the curves of all lambda, each point the mean of all generations up to it."""
    return generations.curves(results, METRICS, average=True)


@style.styled
def draw(frame):
    """Draw a row a lambda, a column a metric; bands are 95 % intervals over seeds."""
    return generations.grid(frame, METRICS, "means over all generations up to here; bands: 95 % "
                                            "intervals over seeds")
