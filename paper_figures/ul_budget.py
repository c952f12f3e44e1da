"""A finite budget acts like extra bias of the verifier (ours)."""

import math

import numpy as np

from paper_figures import style
from paper_figures.comparison import compared, curve, stack
from paper_figures.ul_stop import DIM, INITIAL, KAPPA, loop_error
from theory.budget import integer_schedule
from theory.one_law import best_error_within, best_rounds_within, reward_law, truth_error

__all__ = ["compute", "draw"]

BIASES2 = (0.0, 0.02, 0.2)
TOTALS = (4, 10, 30, 100, 300, 1_000, 3_000, 10_000)
GRID = np.geomspace(3, 20_000, 120)
REPLICATES = {"quick": 800, "full": 10_000}


def _plan(law, total, bias2):
    """Return the whole schedule, over the better of the two nearest horizons, and its error."""
    horizon = best_rounds_within(law.contraction, law.noise, INITIAL, total, bias2)
    plans = []
    for rounds in {math.floor(horizon), math.ceil(horizon)}:
        rounds = min(max(rounds, 1), total)
        schedule = integer_schedule(total, rounds, 1.0, KAPPA)
        error = truth_error(law.contraction, law.noise, INITIAL, schedule, bias2)[-1]
        plans.append((float(error), schedule))
    return min(plans, key=lambda plan: plan[0])


def compute(preset, rng):
    """Return the least error to the truth by bias and total of kept samples."""
    law, tables = reward_law(1.0, KAPPA, DIM), []
    for bias2 in BIASES2:
        tables.append(curve(
            best_error_within(law.contraction, law.noise, INITIAL, GRID, bias2), kind="floor",
            curve="real rounds", bias2=bias2, total=GRID, rounds=np.nan,
        ))
        for total in TOTALS:
            exact, schedule = _plan(law, total, bias2)
            last = loop_error(bias2, schedule, REPLICATES[preset], rng)[:, -1:]
            tables.append(compared(
                last, [exact], curve="whole rounds", bias2=bias2, total=[total],
                rounds=len(schedule),
            ))
    return stack(tables)


@style.styled
def draw(frame):
    """Draw the least error against the budget, with the floor that a bias leaves."""
    figure, axes = style.blank(height=2.7)
    entries = []
    for bias2, colour, marker in zip(BIASES2, style.COLOURS, "os^"):
        part = frame[frame["bias2"] == bias2]
        lines, plans = (part[part["curve"] == f"{name} rounds"] for name in ("real", "whole"))
        style.line(axes, lines["total"], lines["theory"], colour)
        axes.plot(plans["total"], plans["theory"], "x", color=colour, markersize=4.5,
                  markeredgewidth=0.8, zorder=4)
        style.points(axes, plans["total"], plans["simulated"], plans["se"], colour, marker)
        if bias2:
            floor = bias2 * INITIAL / (bias2 + INITIAL)
            axes.axhline(floor, color=colour, linewidth=0.8, linestyle=":", zorder=1)
        entries.append(style.entry(f"$B^2 = {bias2:g}$", colour, marker))
    axes.set(xscale="log", yscale="log", ylim=(5e-4, 15), xlabel="budget $N$ (kept samples)",
             ylabel=r"least $\mathrm{E}\,|\theta_T - \theta^*|^2$  ($\sigma^2$)")
    style.legend(axes, entries, loc="lower left")
    style.key(axes, theory="theory: real $T$, $n_t$ (lower bound)", extra=[
        style.entry("theory: whole $T$, $n_t$ (exact)", marker="x", line="none"),
        style.entry("infinite budget", line=":"),
    ], loc="upper right")
    return figure
