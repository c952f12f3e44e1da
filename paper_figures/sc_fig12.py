"""Gillman et al. 2024, Figures 12 to 15: motion, three metrics over generations for each lambda.

One figure of the paper is one size of the training set; here it is that of the runs.
"""

from paper_figures import generations, style
from paper_figures.generations import usable
from paper_figures.sc_fig2 import METRICS

__all__ = ["compute", "draw", "usable"]


def compute(results):
    """Return the curves of all lambda."""
    return generations.curves(results, METRICS)


@style.styled
def draw(frame):
    """Draw a row a lambda, a column a metric; bands are 95 % intervals over seeds."""
    return generations.grid(frame, METRICS, "bands: 95 % intervals over seeds")
