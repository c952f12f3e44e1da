"""Yi et al. 2025, verified regression: early gains, a plateau, a reversal. Our reconstruction.

Only the abstract was at hand, so model, verifier and parameters are ours: orthonormal design, each
direction's labels kept when within a window around the verifier's centre.
"""

import numpy as np

from paper_figures import style
from paper_figures.comparison import compared, stack
from sims import simulate_verified_regression
from theory.one_law import truth_error
from theory.verifier import (
    bound_centre_error,
    one_round,
    unverified_error,
    window_contraction,
)

__all__ = ["compute", "draw"]

DIM, REAL, KEPT, ROUNDS = 8, 20, 100, 12  # p, real rows and kept labels per direction, T
HALF_WIDTH = 1.0  # of the window in panel (a), in units of sigma
BIASES = (0.0, 0.5, 1.0)  # distance of the verifier's centre from the truth
SELECTIVITY = (0.5, 1.0, 2.0, 3.0)  # half widths in panel (b)
REPLICATES = {"quick": 1_500, "full": 20_000}
OFF = 0.03  # the window is not quite linear at these offsets


def _start(replicates, rng):
    """Return models fitted to real data; the truth is the origin."""
    return rng.normal(0.0, REAL**-0.5, (replicates, DIM))


def _simulate(bias, half_width, schedule, replicates, rng):
    """Return the paths and the verifier's centre, at distance `bias` along the diagonal."""
    centre = np.full(DIM, bias * DIM**-0.5)
    paths = simulate_verified_regression(
        _start(replicates, rng), centre, half_width, schedule, replicates=replicates, rng=rng
    )
    return paths, centre


def _to_truth(bias, replicates, rng):
    """Return the error to the truth under one bias: the one law, and its exact first round."""
    paths, _ = _simulate(bias, HALF_WIDTH, [KEPT] * ROUNDS, replicates, rng)
    rate = window_contraction(HALF_WIDTH)
    law = truth_error(rate, DIM * rate, DIM / REAL, [KEPT] * ROUNDS, bias**2)
    first = DIM * one_round(bias * DIM**-0.5, REAL, HALF_WIDTH, KEPT).after
    error = (paths**2).sum(axis=-1)
    labels = {"panel": "truth", "bias": bias, "half_width": HALF_WIDTH}
    return stack([
        compared(error, law, kind="limit", allowance=OFF * law, curve="one law",
                 round=np.arange(ROUNDS + 1), **labels),
        compared(error[:, 1:2], [first], curve="first round", round=[1], **labels),
    ])


def _unverified(replicates, rng):
    """Return the error to the truth when every label is kept."""
    paths, _ = _simulate(0.0, np.inf, [KEPT] * ROUNDS, replicates, rng)
    law = unverified_error(1 / REAL, [KEPT] * ROUNDS) * DIM
    return compared(
        (paths**2).sum(axis=-1), law, panel="truth", bias=np.nan, half_width=np.inf,
        curve="no verifier", round=np.arange(ROUNDS + 1),
    )


def _to_centre(half_width, replicates, rng):
    """Return the error to the verifier's centre under a schedule that grows."""
    bias, schedule = BIASES[-1], REAL * np.arange(1, ROUNDS + 1)
    paths, centre = _simulate(bias, half_width, schedule, replicates, rng)
    bound = bound_centre_error(bias**2 + DIM / REAL, schedule, half_width, DIM)
    return compared(
        ((paths - centre) ** 2).sum(axis=-1), bound, kind="bound", panel="centre", bias=bias,
        half_width=half_width, curve="bound", round=np.arange(ROUNDS + 1),
    )


def compute(preset, rng):
    """Return squared errors to the truth and to the verifier's centre, round by round."""
    count = REPLICATES[preset]
    return stack(
        [_to_truth(bias, count, rng) for bias in BIASES] + [_unverified(count, rng)]
        + [_to_centre(width, count, rng) for width in SELECTIVITY]
    )


def _draw_truth(axes, part):
    entries = []
    for bias, colour, marker in zip(BIASES, style.COLOURS, "os^"):
        rows = part[(part["bias"] == bias) & (part["curve"] == "one law")]
        style.line(axes, rows["round"], rows["theory"], colour, linestyle="--")
        style.points(axes, rows["round"], rows["simulated"], rows["se"], colour, marker)
        first = part[(part["bias"] == bias) & (part["curve"] == "first round")]
        axes.plot(first["round"], first["theory"], "x", color=colour, markersize=6, zorder=4)
        entries.append(style.entry(rf"$|B| = {bias:g}\,\sigma$", colour, marker, "--"))
    rows = part[part["curve"] == "no verifier"]
    style.line(axes, rows["round"], rows["theory"], style.GREY)
    style.points(axes, rows["round"], rows["simulated"], rows["se"], style.GREY, "D")
    entries.append(style.entry("no verifier", style.GREY, "D"))
    style.legend(axes, entries, loc="upper right", ncols=2)
    axes.set(ylim=(0, 1.75), xlabel="round $t$",
             ylabel=r"$\mathrm{E}\,|\theta_t - \theta^*|^2$  (units of $\sigma^2$)")


def _draw_centre(axes, part):
    entries = []
    for width, colour, marker in zip(SELECTIVITY, style.shades(4), "os^D"):
        rows = part[part["half_width"] == width]
        style.line(axes, rows["round"], rows["theory"], colour, linestyle=":")
        style.points(axes, rows["round"], rows["simulated"], rows["se"], colour, marker)
        rate = float(window_contraction(width))
        entries.append(style.entry(
            rf"$\beta = {width:g}\,\sigma$, $\rho = {rate:.2g}$", colour, marker, ":"
        ))
    style.legend(axes, entries, loc="lower left")
    axes.set(yscale="log", ylim=(1e-4, 4), xlabel="round $t$",
             ylabel=r"$\mathrm{E}\,|\theta_t - \theta_c|^2$  (units of $\sigma^2$)")


@style.styled
def draw(frame):
    """Draw the error to the truth by bias, and to the centre by selectivity."""
    figure, axes = style.blank(1, 2, height=3.0)
    _draw_truth(axes[0], frame[frame["panel"] == "truth"])
    _draw_centre(axes[1], frame[frame["panel"] == "centre"])
    style.label_panels(axes, ["constant batches, by bias", "growing batches, by window"])
    style.legend_below(figure, [
        style.entry("theory: exact"), style.entry("first round, exact", marker="x", line="none"),
        style.entry("one law (leading order)", line="--"), style.entry("upper bound", line=":"),
        style.entry("simulation ± 2 s.e.", marker="o", line="none"),
    ], ncols=5)
    return figure
