"""Physics over generations: what bodies cannot do, in the motions of the last model of each.

Ours; setting of Gillman et al. 2024, section 7, which speaks of such artefacts and measures none.
"""

from paper_figures import generations, style
from paper_figures.generations import usable

__all__ = ["compute", "draw", "usable"]

METRICS = ("penetration", "floating", "skating", "self_collision")


def compute(results):
    """Return the curves of all lambda."""
    return generations.curves(results, METRICS)


@style.styled
def draw(frame):
    """Draw a row a lambda, a column a metric; bands are 95 % intervals over seeds."""
    return generations.grid(frame, METRICS, "of the motions that the model makes, before any "
                                            "correction; bands: 95 % intervals over seeds")
