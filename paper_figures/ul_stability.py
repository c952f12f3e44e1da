"""How much synthetic data is stable: the corrected loop's printed and sharp rates (ours).

Gillman et al. 2024, Theorem 4.3, allows the ratios left of the printed border. In fact every ratio
is stable, at the sharp rate; here for the Gaussian mean, where both constants are known.
"""

import numpy as np

from paper_figures import style
from paper_figures.comparison import curve, stack
from sims import simulate_correction_loop
from theory.contraction import bound_printed_rate, bound_sharp_rate, max_ratio_printed

__all__ = ["compute", "draw"]

REAL = 20
RATIOS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
CORRECTIONS = (0.0, 1.0, 5.0)
SLICE = np.geomspace(0.08, 12.0, 120)
PLANE_RATIOS, PLANE_CORRECTIONS = np.geomspace(0.08, 12.0, 61), np.linspace(0.0, 6.0, 61)
REPLICATES = {"quick": 5_000, "full": 100_000}


def _measured(ratio, correction, replicates, rng):
    """Return the slope of the second round's mean on the first one's, and its standard error.

    The sample of real points is common to both rounds, so its mean is regressed out as well.
    """
    loop = simulate_correction_loop(
        REAL, round(ratio * REAL), correction, 2, bootstrap=False, replicates=replicates, rng=rng
    )
    real, first, second = (loop.means[:, t].ravel() for t in range(3))  # (2 R,)
    design = np.stack([first, real], axis=1)
    inverse = np.linalg.inv(design.T @ design)
    slopes = inverse @ design.T @ second
    scores = design * (second - design @ slopes)[:, None]
    covariance = inverse @ (scores.T @ scores) @ inverse
    return slopes[0], covariance[0, 0] ** 0.5


def compute(preset, rng):
    """Return rates of contraction: sharp, printed and simulated; and the printed border."""
    tables = []
    for correction in CORRECTIONS:
        labels = {"correction": correction, "ratio": SLICE}
        printed = bound_printed_rate(SLICE, correction)
        tables += [
            curve(bound_sharp_rate(SLICE, correction), curve="sharp", **labels),
            curve(np.where(np.isfinite(printed), printed, np.nan), kind="bound",
                  curve="printed", **labels),
        ]
        found = [_measured(ratio, correction, REPLICATES[preset], rng) for ratio in RATIOS]
        tables.append(curve(
            bound_sharp_rate(RATIOS, correction), curve="measured", correction=correction,
            ratio=RATIOS,
        ).assign(
            simulated=[slope for slope, _ in found], se=[se for _, se in found],
            replicates=REPLICATES[preset],
        ))
    ratio, correction = np.meshgrid(PLANE_RATIOS, PLANE_CORRECTIONS)
    tables += [
        curve(bound_sharp_rate(ratio, correction).ravel(), curve="plane", ratio=ratio.ravel(),
              correction=correction.ravel()),
        curve(max_ratio_printed(PLANE_CORRECTIONS), kind="bound", curve="border",
              correction=PLANE_CORRECTIONS, ratio=max_ratio_printed(PLANE_CORRECTIONS)),
    ]
    return stack(tables)


def _draw_plane(figure, axes, frame):
    plane, border = (frame[frame["curve"] == name] for name in ("plane", "border"))
    grid = plane.pivot(index="correction", columns="ratio", values="theory")
    image = axes.pcolormesh(
        grid.columns, grid.index, grid.to_numpy(), vmin=0, vmax=1, rasterized=True,
        shading="gouraud", cmap="Blues",
    )
    levels = axes.contour(
        grid.columns, grid.index, grid.to_numpy(), [0.1, 0.2, 0.3, 0.5, 0.7], colors=style.BLACK,
        linewidths=0.6,
    )
    axes.clabel(levels, fontsize=6, fmt="%g")
    axes.plot(border["ratio"], border["correction"], color=style.RED, linewidth=2)
    seen = frame[frame["curve"] == "measured"]
    axes.scatter(
        seen["ratio"], seen["correction"], c=seen["simulated"], vmin=0, vmax=1, s=26,
        cmap="Blues", edgecolors=style.BLACK, linewidths=0.8, zorder=3, clip_on=False,
    )
    axes.text(0.1, 3.2, "printed theorem\nholds here", fontsize=7)
    axes.text(2.2, 5.4, "stable as well", fontsize=7)
    figure.colorbar(image, ax=axes, label="rate a round", pad=0.02)
    axes.set(xscale="log", ylim=(0, 6), xlabel=r"synthetic ratio $\lambda$",
             ylabel=r"correction strength $\gamma$")
    style.plain_ticks(axes.xaxis)


def _draw_slices(axes, frame):
    entries = []
    for correction, colour, marker in zip(CORRECTIONS, style.COLOURS, "os^"):
        part = frame[frame["correction"] == correction]
        sharp, printed, seen = (
            part[part["curve"] == name] for name in ("sharp", "printed", "measured")
        )
        style.line(axes, sharp["ratio"], sharp["theory"], colour)
        style.line(axes, printed["ratio"], printed["theory"], colour, linestyle="--")
        style.points(axes, seen["ratio"], seen["simulated"], seen["se"], colour, marker)
        entries.append(style.entry(rf"$\gamma = {correction:g}$", colour, marker))
    axes.axhline(1.0, color=style.GREY, linewidth=0.7, linestyle=":", zorder=1)
    axes.text(12, 1.0, "stable below", color=style.GREY, fontsize=7, ha="right", va="bottom")
    axes.set(xscale="log", ylim=(0, 1.45), xlabel=r"synthetic ratio $\lambda$",
             ylabel="contraction of the error a round")
    style.plain_ticks(axes.xaxis)
    style.legend(axes, entries, loc="upper left")
    style.key(axes, theory="theory: sharp", extra=[style.entry("theory: as printed", line="--")],
              loc="upper right")


@style.styled
def draw(frame):
    """Draw the plane of rates with the printed border, and slices with simulated rates."""
    figure, axes = style.blank(1, 2, height=2.8)
    _draw_plane(figure, axes[0], frame)
    _draw_slices(axes[1], frame)
    style.label_panels(axes, [
        "sharp rate (shade), simulated (dots)", "slices through (a)",
    ])
    return figure
