"""The figures: name, title, what the paper says (in our words), what ours shows."""

import importlib
from dataclasses import dataclass

__all__ = ["FIGURES", "Entry", "load"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A figure that can be drawn.

    Attributes
    ----------
    name : str
        Name of the figure and of its module.
    title : str
        What is drawn.
    source : str
        The paper and its number, or "ours".
    says : str
        The paper's qualitative claim in our words; for our own figures the claim that we make.
    shows : str
        What the figure answers.
    """

    name: str
    title: str
    source: str
    says: str
    shows: str


_ENTRIES = (
    Entry(
        "sw_fig2", "Gaussian toy: three schedules of the same cost",
        "Yang et al. 2025, Figure 2",
        "The exponential schedule approaches the optimal reward fastest, the linear one is a "
        "little slower, and the constant one does not converge.",
        "At the same total the exponential schedule ends lowest in both settings, and the exact "
        "law of the loop predicts every point.",
    ),
)

FIGURES = {entry.name: entry for entry in _ENTRIES}


def load(name):
    """Return the module of a figure.

    Examples
    --------
    >>> load("sw_fig2").__name__
    'paper_figures.sw_fig2'
    """
    return importlib.import_module(f"paper_figures.{FIGURES[name].name}")
