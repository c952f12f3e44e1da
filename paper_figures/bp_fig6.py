"""Feng et al. 2025, Figure 6: accuracy over the error rate, and the breakdown point.

The paper's dimension, sizes and rates are not in the text but for t = 0.1; those below are ours.
The paper reads the breakdown off as the largest error rate with 90 % accuracy; so does panel (b).
"""

import numpy as np

from paper_figures import style
from paper_figures.comparison import compared, curve, stack
from paper_figures.finite_pruning import averaging_curve
from sims import simulate_random_pruning
from theory.breakdown import breakdown_bounds, breakdown_point
from theory.pruning import PruningRates

__all__ = ["compute", "draw"]

SEPARATION, DIM, SIZE = 3.0, 10, 600  # kappa, d, items proposed
PAIRS = ((1.0, 1.0), (0.8, 0.4), (1.0, 0.2), (1.0, 0.0))  # phi, psi
RATIOS = (0.05, 0.2, 0.4, 0.6, 0.8, 1.0)  # psi/phi in panel (b)
GRID, SEEN = np.linspace(0.005, 0.995, 100), np.linspace(0.04, 0.96, 16)
STEPS, LEVEL, SHRINK = np.linspace(-0.12, 0.04, 9), 0.9, 0.1  # offsets to p*, and t
REPLICATES = {"quick": 1_000, "full": 3_000}  # few would hide how skew accuracies are


def _sample(error_rates, phi, psi, replicates, rng):
    return np.stack([
        simulate_random_pruning(
            SEPARATION, DIM, SIZE, p, phi, psi, ridge=np.inf, replicates=replicates, rng=rng
        )
        for p in error_rates
    ], axis=1)


def _expected(error_rates, phi, psi):
    return averaging_curve(SEPARATION, DIM, SIZE, PruningRates(error_rates, phi, psi))


def _accuracies(phi, psi, replicates, rng):
    labels = {"panel": "accuracy", "phi": phi, "psi": psi}
    sample = _sample(SEEN, phi, psi, replicates, rng)
    return stack([
        compared(sample, _expected(SEEN, phi, psi), curve="finite", x=SEEN, **labels),
        curve(_expected(GRID, phi, psi), curve="finite", x=GRID, **labels),
    ])


def _crossing(error_rates, accuracies):
    """Return where a falling curve passes the level, and its slope there."""
    last = max(int(np.argmax(accuracies < LEVEL)), 1) - 1
    slope = (accuracies[last + 1] - accuracies[last]) / (error_rates[last + 1] - error_rates[last])
    return error_rates[last] + (LEVEL - accuracies[last]) / slope, slope


def _breakdown(ratio, replicates, rng):
    """Return the error rate at which the accuracy passes 90 %, by theory and by simulation."""
    star = float(breakdown_point(1.0, ratio))
    error_rates = np.minimum(star + STEPS, 0.999)
    sample = _sample(error_rates, 1.0, ratio, replicates, rng)
    exact, slope = _crossing(error_rates, _expected(error_rates, 1.0, ratio))
    found, _ = _crossing(error_rates, sample.mean(axis=0))
    error = np.interp(found, error_rates, sample.std(axis=0, ddof=1) / replicates**0.5)
    table = curve([exact], panel="breakdown", phi=1.0, psi=ratio, curve="90 %", x=[ratio])
    return table.assign(simulated=found, se=error / abs(slope), replicates=replicates)


def compute(preset, rng):
    """Return accuracies by (phi, psi) and error rate, and breakdown points by psi/phi."""
    count, ratios = REPLICATES[preset], np.linspace(0.0, 1.0, 51)
    labels = {"panel": "breakdown", "phi": 1.0, "psi": ratios, "x": ratios}
    low, high = breakdown_bounds(1.0, ratios, SHRINK)
    return stack(
        [_accuracies(phi, psi, count, rng) for phi, psi in PAIRS]
        + [_breakdown(ratio, count // 2, rng) for ratio in RATIOS]
        + [curve(breakdown_point(1.0, ratios), curve="limit", kind="limit", **labels),
           curve(low, curve="low", kind="floor", **labels),
           curve(high, curve="high", kind="bound", **labels)]
    )


def _draw_accuracy(axes, frame):
    entries = []
    for (phi, psi), colour, marker in zip(PAIRS, style.COLOURS, "os^D"):
        rows = frame[(frame["phi"] == phi) & (frame["psi"] == psi)]
        fine, seen = rows[rows["simulated"].isna()], rows[rows["simulated"].notna()]
        style.line(axes, fine["x"], fine["theory"], colour)
        style.points(axes, seen["x"], seen["simulated"], seen["se"], colour, marker)
        star = float(breakdown_point(phi, psi))
        axes.plot([star, star], [0, 1], color=colour, linestyle=":", linewidth=1)
        entries.append(style.entry(rf"$\phi = {phi:g}$, $\psi = {psi:g}$", colour, marker))
    style.legend(axes, entries, loc="lower left")
    style.key(axes, extra=[style.entry(r"theory: $p_\star$, $N \to \infty$", line=":")],
              loc="center left", bbox_to_anchor=(0.0, 0.55))
    axes.set(xlabel="error rate $p$ of the generator", ylabel="accuracy (share of new items)")


def _draw_breakdown(axes, frame):
    parts = {name: rows for name, rows in frame.groupby("curve")}
    low, high, limit, seen = (parts[name] for name in ("low", "high", "limit", "90 %"))
    axes.fill_between(
        low["x"], low["theory"], high["theory"], color=style.SKY, alpha=0.35, linewidth=0,
        label=rf"theory: $p_\star^\pm(t = {SHRINK:g})$",
    )
    axes.plot(limit["x"], limit["theory"], ":", color=style.BLUE,
              label=r"theory: $p_\star$, $N \to \infty$")
    axes.plot(seen["x"], seen["theory"], "x", color=style.RED, markersize=5,
              label="theory: 90 % accuracy (exact)")
    style.points(axes, seen["x"], seen["simulated"], seen["se"], style.RED,
                 label="simulation: 90 % accuracy ± 2 s.e.")
    axes.legend(loc="upper right")
    axes.set(xlabel=r"ratio of acceptance rates $\psi/\phi$", ylim=(0.38, 1.02),
             ylabel="breakdown point (error rate)")


@style.styled
def draw(frame):
    """Draw accuracies over the error rate, and breakdown points over psi/phi."""
    figure, axes = style.blank(1, 2, height=2.8)
    _draw_accuracy(axes[0], frame[frame["panel"] == "accuracy"])
    _draw_breakdown(axes[1], frame[frame["panel"] == "breakdown"])
    size = rf"$N = {SIZE}$, $d = {DIM}$, $\kappa = {SEPARATION:g}$"
    style.label_panels(axes, [size, "where the accuracy falls"])
    return figure
