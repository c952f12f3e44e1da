"""When do synthetic data beat real data alone? The stationary error over lambda, gamma (ours).

A Gaussian mean with a fixed real sample and points drawn from the corrected law, as in the toy
loop of Gillman et al. 2024.
"""

import numpy as np

from paper_figures import style
from paper_figures.comparison import compared, curve, stack
from sims import simulate_correction_loop
from theory.contraction import (
    cramer_rao_inflation,
    critical_synthetic_ratio,
    toy_recursion,
)

__all__ = ["compute", "draw"]

REAL, DIM, ROUNDS = 20, 2, 40
CORRECTIONS = (0.0, 0.1, 0.3, 1.0, 3.0)
RATIOS = (0.1, 0.3, 1.0, 3.0, 10.0)
GRID = np.geomspace(0.03, 40.0, 160)
REPLICATES = {"quick": 1_500, "full": 20_000}
MARKERS = "osD^v"


def _simulated(ratio, correction, replicates, rng):
    """Return n E mu^2 after the rounds, and the exact recursion at this n."""
    synthetic = round(ratio * REAL)
    loop = simulate_correction_loop(
        REAL, synthetic, correction, ROUNDS, dim=DIM, bootstrap=False, replicates=replicates,
        rng=rng,
    )
    state = toy_recursion(REAL, synthetic, correction, ROUNDS, bootstrap=False)
    return compared(
        REAL * (loop.means[:, -1:] ** 2).mean(axis=-1), [REAL * state.mean_square[-1]],
        curve="n = 20", correction=correction, ratio=[ratio],
    )


def compute(preset, rng):
    """Return the stationary error, in units of the real data's alone, by lambda and gamma."""
    tables = []
    for correction in CORRECTIONS:
        limit = cramer_rao_inflation(GRID, correction)
        tables.append(curve(
            limit, kind="limit", curve="large n", correction=correction, ratio=GRID
        ))
        critical = critical_synthetic_ratio(correction)
        if 0 < critical < np.inf:
            tables.append(curve(
                [1.0], kind="limit", curve="critical", correction=correction, ratio=[critical]
            ))
        tables += [
            _simulated(ratio, correction, REPLICATES[preset], rng) for ratio in RATIOS
        ]
    return stack(tables)


@style.styled
def draw(frame):
    """Draw the error against the synthetic ratio, one curve a correction strength."""
    figure, axes = style.blank(height=2.9)
    entries = []
    for correction, colour, marker in zip(CORRECTIONS, style.shades(5), MARKERS):
        part = frame[frame["correction"] == correction]
        large, small, critical = (
            part[part["curve"] == name] for name in ("large n", "n = 20", "critical")
        )
        style.line(axes, large["ratio"], large["theory"], colour)
        axes.plot(small["ratio"], small["theory"], "x", color=colour, markersize=4.5,
                  markeredgewidth=0.8, zorder=4)
        style.points(axes, small["ratio"], small["simulated"], small["se"], colour, marker)
        axes.plot(critical["ratio"], critical["theory"], "*", color=colour, markersize=9,
                  markeredgecolor="black", markeredgewidth=0.5, zorder=5)
        entries.append(style.entry(rf"$\gamma = {correction:g}$", colour, marker))
    axes.axhline(1.0, color=style.GREY, linewidth=0.7, linestyle=":", zorder=1)
    axes.text(
        40, 1.0, "real data alone", color=style.GREY, fontsize=7, va="bottom", ha="right"
    )
    axes.set(xscale="log", ylim=(0, 2.35), xlabel=r"synthetic ratio $\lambda = m/n$",
             ylabel=r"stationary $n\,\mathrm{E}\,\mu^2/\sigma^2$")
    style.plain_ticks(axes.xaxis)
    style.legend(axes, entries, loc="upper left", ncols=1, bbox_to_anchor=(0.0, 1.03))
    style.key(axes, theory="theory: large $n$", extra=[
        style.entry("theory: $n = 20$ (exact)", marker="x", line="none"),
        style.entry(r"theory: break-even $\lambda_c$", marker="*", line="none", markersize=7),
    ], loc="upper right", bbox_to_anchor=(1.0, 1.03))
    return figure
