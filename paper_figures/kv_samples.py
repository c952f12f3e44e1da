"""Yi et al. 2025, MNIST: what the models draw after the loop, by verifier. Our reconstruction.

Sampled from the models of finished runs, or read from `samples.csv` beside recorded results.
"""

from paper_figures import digits, style
from paper_figures.samples import pictured
from paper_figures.sc_fig6 import grids

__all__ = ["compute", "draw", "usable"]


def usable(results):
    """Return whether there are models, or samples, with a verifier and without."""
    found = set(digits.kinds(results, digits.VERIFIERS).values())
    return {"none", "strong"} <= found and pictured(results)


def compute(results):
    """Return the images: arm, kind, lambda, round, digit, copy, and the pixels' bytes."""
    return digits.samples(results, digits.VERIFIERS)


@style.styled
def draw(frame):
    """Draw a grid for generation 0, and one for the last of each arm."""
    return grids(frame, "none", ("none", "strong", "fixed"))
