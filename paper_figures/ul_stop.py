"""When to stop: a biased verifier first helps, then its own error takes over (ours).

The loop is selection by a reward whose centre misses the truth, where the one law is exact.
"""

import numpy as np

from paper_figures import style
from paper_figures.comparison import compared, curve, stack
from sims import simulate_selection_loop
from theory.one_law import best_stop, reward_law, truth_error

__all__ = ["DIM", "INITIAL", "KAPPA", "compute", "draw", "loop_error"]

DIM, KAPPA, INITIAL = 2, 1.5, 1.0  # sigma = 1; squared error of the first model
KEPT, ROUNDS = 30, 14
BIASES2 = (0.0, 0.1, 0.4, 1.2)  # squared distance of the reward's centre from the truth
REPLICATES = {"quick": 2_000, "full": 40_000}


def loop_error(bias2, schedule, replicates, rng):
    """Return simulated squared errors to the truth (R, T+1); the reward's centre is at 0."""
    truth = np.array([bias2**0.5] + [0.0] * (DIM - 1))
    start = truth + rng.normal(0.0, (INITIAL / DIM) ** 0.5, (replicates, DIM))
    loop = simulate_selection_loop(
        start, schedule, 1.0, KAPPA, replicates=replicates, rng=rng
    )
    return ((loop.parameters - truth) ** 2).sum(axis=-1)


def compute(preset, rng):
    """Return the error to the truth by bias and round, and the stopping rounds."""
    law, schedule = reward_law(1.0, KAPPA, DIM), [KEPT] * ROUNDS
    tables = []
    for bias2 in BIASES2:
        exact = truth_error(law.contraction, law.noise, INITIAL, schedule, bias2)
        error = loop_error(bias2, schedule, REPLICATES[preset], rng)
        tables.append(compared(error, exact, curve="error", bias2=bias2,
                               round=np.arange(ROUNDS + 1.0)))
        stop = best_stop(law.contraction, law.noise, INITIAL, KEPT, bias2)
        if np.isfinite(stop.rounds):
            tables.append(curve([stop.minimum], curve="stop", bias2=bias2, round=stop.rounds))
    return stack(tables)


@style.styled
def draw(frame):
    """Draw the error against the round, with the stopping round of each bias."""
    figure, axes = style.blank(height=2.7)
    entries = []
    for bias2, colour, marker in zip(BIASES2, style.COLOURS, "os^D"):
        part = frame[frame["bias2"] == bias2]
        rows, stop = part[part["curve"] == "error"], part[part["curve"] == "stop"]
        style.line(axes, rows["round"], rows["theory"], colour)
        style.points(axes, rows["round"], rows["simulated"], rows["se"], colour, marker)
        axes.plot(stop["round"], stop["theory"], "*", color=colour, markersize=9,
                  markeredgecolor="black", markeredgewidth=0.5, zorder=5)
        entries.append(style.entry(f"$B^2 = {bias2:g}$", colour, marker))
    axes.axhline(INITIAL, color=style.GREY, linewidth=0.7, linestyle=":", zorder=1)
    axes.text(ROUNDS, INITIAL, "start", color=style.GREY, fontsize=7, ha="right", va="bottom")
    axes.set(ylim=(0, 1.75), xlabel="round $t$",
             ylabel=r"$\mathrm{E}\,|\theta_t - \theta^*|^2$  (units of $\sigma^2$)")
    style.legend(axes, entries, loc="upper left", bbox_to_anchor=(0.02, 1.0))
    style.key(axes, extra=[style.entry(
        "best round $T^*$ (theory)", marker="*", line="none", markersize=7
    )], loc="upper right")
    return figure
