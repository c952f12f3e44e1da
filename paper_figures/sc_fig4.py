"""Gillman et al. 2024, Figure 4: correcting one Gaussian towards another.

The corrected law is a mixture of the two. The paper pictures it as the Gaussian in between, which
has the same mean but another shape: that one is drawn beside it.
"""

import numpy as np
from scipy.special import ndtr
from scipy.stats import norm

from paper_figures import style
from paper_figures.comparison import curve, stack
from theory.contraction import correct

__all__ = ["compute", "draw"]

DRAWS = {"quick": 40_000, "full": 1_000_000}
CORRECTIONS = (0.0, 0.5, 2.0)
MODEL, TARGET = (2.6, 0.6), (0.0, 1.0)  # mean, standard deviation
ENOUGH = 50  # points expected in a bin
EDGES = np.linspace(-3.5, 5.0, 35)
GRID = np.linspace(-3.5, 5.0, 341)


def _masses(law):
    """Return the probability of each bin over its width."""
    return np.diff(ndtr((EDGES - law[0]) / law[1])) / np.diff(EDGES)


def _counts(correction, draws, rng):
    """Return how many of the corrected points fall into each bin."""
    from_model = rng.random(draws) < 1 / (1 + correction)
    mean = np.where(from_model, MODEL[0], TARGET[0])
    spread = np.where(from_model, MODEL[1], TARGET[1])
    return np.histogram(rng.normal(mean, spread), EDGES)[0]


def _binned(correction, draws, rng):
    """Return the table of the bins in which enough points are expected to be normal in number."""
    width = np.diff(EDGES)
    expected = correct(_masses(MODEL), _masses(TARGET), correction)
    chance = expected * width
    table = curve(
        expected, correction=correction, curve="bins", x=(EDGES[1:] + EDGES[:-1]) / 2
    ).assign(
        simulated=_counts(correction, draws, rng) / draws / width,
        se=np.sqrt(chance * (1 - chance) / draws) / width, replicates=draws,
    )
    return table[chance * draws >= ENOUGH]


def compute(preset, rng):
    """Return densities of the corrected law by correction strength."""
    tables = []
    for correction in CORRECTIONS:
        labels = {"correction": correction, "x": GRID}
        exact = correct(norm.pdf(GRID, *MODEL), norm.pdf(GRID, *TARGET), correction)
        share = 1 / (1 + correction)
        between = [share * a + (1 - share) * b for a, b in zip(MODEL, TARGET)]
        tables += [
            curve(exact, curve="corrected", **labels),
            curve(norm.pdf(GRID, *between), curve="gaussian between", **labels),
            _binned(correction, DRAWS[preset], rng),
        ]
    return stack(tables)


@style.styled
def draw(frame):
    """Draw the corrected law and its sample, one panel a strength."""
    figure, axes = style.blank(1, 3, height=2.5, sharey=True)
    for axis, (correction, part) in zip(axes, frame.groupby("correction")):
        pieces = {name: rows for name, rows in part.groupby("curve")}
        for law, colour in ((MODEL, style.RED), (TARGET, style.GREEN)):
            axis.fill_between(GRID, norm.pdf(GRID, *law), color=colour, alpha=0.16, linewidth=0)
        exact, between, bins = (
            pieces[name] for name in ("corrected", "gaussian between", "bins")
        )
        if correction:
            style.line(axis, between["x"], between["theory"], style.GREY, linestyle=":")
        style.line(axis, exact["x"], exact["theory"], style.BLUE)
        style.points(axis, bins["x"], bins["simulated"], bins["se"], style.BLUE, markersize=2.4)
        axis.set_xlabel("$x$ (units of the target's s.d.)")
        axis.set_ylim(0)
    style.label_panels(axes, [rf"$\gamma = {value:g}$" for value in CORRECTIONS])
    axes[0].set_ylabel("density (per unit of $x$)")
    axes[0].text(2.0, 0.55, "model\n$p_\\theta$", color=style.RED, ha="right")
    axes[0].text(-0.9, 0.31, "target\n$p_{\\theta^*}$", color=style.GREEN, ha="right")
    style.legend_below(figure, [
        style.entry(r"theory: corrected law $\pi_\gamma p_\theta$ (exact)", style.BLUE),
        style.entry("simulation ± 2 s.e.", style.BLUE, "o", "none", markersize=2.4),
        style.entry("Gaussian with the mean in between", style.GREY, line=":"),
    ], ncols=3)
    return figure
