"""Gillman et al. 2024, Figure 12: motion, three metrics over generations for each lambda.

The paper's training set has 64 clips; here it is the smallest of the runs.
"""

from paper_figures import generations, style
from paper_figures.generations import usable
from paper_figures.sc_fig2 import METRICS

__all__ = ["compute", "draw", "usable"]


def compute(results, n=None):
    """Return the curves of all lambda, of training sets of n clips."""
    return generations.curves(generations.of_size(results, n), METRICS)


@style.styled
def draw(frame):
    """Draw a row a lambda, a column a metric; bands are 95 % intervals over seeds."""
    return generations.grid(frame, METRICS, "bands: 95 % intervals over seeds")
