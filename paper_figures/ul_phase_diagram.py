"""Generator against verifier: training beats chance where their angles add to less than pi (ours).

Features without margin, errors of the two independent; the setting of Feng et al. 2025, Figure 2.
"""

import numpy as np

from paper_figures import style
from paper_figures.bp_fig2 import independent, measured
from paper_figures.comparison import curve, stack
from theory.breakdown import population_accuracy, supervised_breakdown

__all__ = ["compute", "draw"]

GRID, SEEN = np.linspace(0.01, 0.99, 66), np.linspace(0.1, 0.9, 6)
DIM = 5
ITEMS = {"quick": 2_000, "full": 20_000}
REPLICATES = {"quick": 20, "full": 100}


def compute(preset, rng):
    """Return population accuracies over both angles, simulated ones, and the line at 1/2."""
    generator, verifier = (axis.ravel() for axis in np.meshgrid(GRID, GRID))
    gen, prune = generator * np.pi, verifier * np.pi
    plane = curve(
        population_accuracy(gen, prune, independent(gen, prune)), kind="limit", curve="plane",
        verifier=verifier, generator=generator,
    )
    border = curve(np.full(len(GRID), 0.5), kind="limit", curve="border", verifier=GRID,
                   generator=supervised_breakdown(GRID * np.pi))
    return stack([plane, border] + [
        measured(SEEN * np.pi, share * np.pi, DIM, ITEMS[preset], REPLICATES[preset], rng,
                 curve="measured", verifier=share, generator=SEEN)
        for share in SEEN
    ])


@style.styled
def draw(frame):
    """Draw the plane of accuracies with simulated points and the line of breakdown."""
    figure, axes = style.blank(height=3.3)
    plane, border, seen = (
        frame[frame["curve"] == name] for name in ("plane", "border", "measured")
    )
    grid = plane.pivot(index="verifier", columns="generator", values="theory")
    look = {"cmap": "RdBu", "vmin": 0, "vmax": 1}
    image = axes.pcolormesh(
        grid.columns, grid.index, grid.to_numpy(), rasterized=True, shading="gouraud", **look
    )
    axes.plot(border["generator"], border["verifier"], color="black", linewidth=1.5)
    axes.scatter(seen["generator"], seen["verifier"], c=seen["simulated"], s=24,
                 edgecolors="black", linewidths=0.7, zorder=3, **look)
    axes.set(xlabel=r"generator $\theta_\mathrm{gen}/\pi$ (its error rate)",
             ylabel=r"verifier $\theta_\mathrm{prune}/\pi$", aspect="equal",
             xlim=(0, 1), ylim=(0, 1))
    figure.colorbar(image, ax=axes, label="accuracy (share of new items)")
    style.legend_below(figure, [
        style.entry(
            r"theory: accuracy 1/2 at $\theta_\mathrm{gen} + \theta_\mathrm{prune} = \pi$"
        ),
        style.entry("simulation (shade around it: theory)", marker="o", line="none"),
    ], ncols=1)
    return figure
