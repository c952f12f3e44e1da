"""From a figure's name to its files."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from paper_figures import catalogue, results
from paper_figures.comparison import z_scores
from paper_figures.save import save

__all__ = ["Made", "frame_of", "make", "stream"]


@dataclass(frozen=True, slots=True)
class Made:
    """A figure that was made.

    Attributes
    ----------
    name : str
        Name of the figure.
    paths : dict of str to Path
        Where its PDF, PNG and CSV are.
    rows : int
        Rows of the CSV.
    comparisons : int
        Points at which theory and simulation were compared; none where runs are drawn.
    largest_z : float
        Largest distance of the two in standard errors, what is allowed taken off.
    seconds : float
        Time that it took.
    """

    name: str
    paths: dict[str, Path]
    rows: int
    comparisons: int
    largest_z: float
    seconds: float


def stream(name, seed):
    """Return the generator of a figure, which the other figures drawn do not change."""
    return np.random.default_rng([seed, *name.encode()])


def frame_of(name, preset="full", seed=0, runs_dir=None):
    """Return the table behind a figure.

    One that needs runs depends on them alone; :func:`paper_figures.results.find` says which.
    """
    if preset not in ("quick", "full"):
        raise ValueError(f"preset = {preset!r}: must be one of 'quick', 'full'")
    entry, module = catalogue.FIGURES[name], catalogue.load(name)
    if entry.needs:
        return module.compute(results.find(entry, runs_dir))
    return module.compute(preset, stream(name, seed))


def make(name, folder, preset="full", seed=0, runs_dir=None):
    """Compute, draw and save a figure."""
    start = time.perf_counter()
    frame = frame_of(name, preset, seed, runs_dir)
    paths = save(folder, name, catalogue.load(name).draw(frame), frame)
    z = np.abs(z_scores(frame)) if "simulated" in frame else np.empty(0)
    return Made(
        name, paths, len(frame), len(z), float(z.max(initial=0.0)), time.perf_counter() - start
    )
