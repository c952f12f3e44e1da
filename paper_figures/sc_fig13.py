"""Gillman et al. 2024, Figure 13: as Figure 12, for a training set of 128 clips."""

from paper_figures import generations, sc_fig12
from paper_figures.sc_fig12 import draw

__all__ = ["compute", "draw", "usable"]

CLIPS = 128


def usable(results):
    """Return whether runs hold both loops on so many clips."""
    return generations.usable(results, CLIPS)


def compute(results):
    """Return the curves of all lambda."""
    return sc_fig12.compute(results, CLIPS)
