"""The breakdown at finite size: the jump of Feng et al. 2025 becomes a transition (ours)."""

import numpy as np

from paper_figures import style
from paper_figures.comparison import compared, curve, stack
from paper_figures.finite_pruning import averaging_curve
from sims import simulate_random_pruning
from theory.breakdown import breakdown_point, majority_probability
from theory.pruning import PruningRates

__all__ = ["compute", "draw"]

PHI, PSI, SEPARATION = 0.9, 0.3, 2.0
SIZES = (20, 200, 2_000)
SHAPES = ((100, 10), (100, 100), (1_000, 10), (1_000, 100))  # items proposed, dimension
GRID = np.linspace(0.5, 0.98, 65)
SEEN = np.linspace(0.52, 0.96, 12)
DRAWS = {"quick": 5_000, "full": 200_000}
REPLICATES = {"quick": 400, "full": 2_000}


def _majority(size, draws, rng):
    """Return the probability that more right than wrong items survive."""
    seen, grid = PruningRates(SEEN, PHI, PSI), PruningRates(GRID, PHI, PSI)
    masses = np.stack([seen.good, seen.bad, 1 - seen.good - seen.bad], axis=-1)  # (12, 3)
    counts = rng.multinomial(size, masses, size=(draws, len(SEEN)))  # (draws, 12, 3)
    exact = majority_probability(size, seen.good, seen.bad)
    labels = {"panel": "majority", "size": size, "dim": 0}
    table = compared(counts[..., 0] > counts[..., 1], exact, p=SEEN, **labels)
    # The binomial standard error stays right where every draw agrees.
    table["se"] = np.sqrt(np.maximum(exact * (1 - exact), 10 / draws) / draws)
    return stack([
        table,
        curve(majority_probability(size, grid.good, grid.bad), p=GRID, **labels),
    ])


def _accuracy(size, dim, replicates, rng):
    """Return the accuracy of the classifier that averages the kept items."""
    sample = np.stack([
        simulate_random_pruning(
            SEPARATION, dim, size, p, PHI, PSI, ridge=np.inf, replicates=replicates, rng=rng
        )
        for p in SEEN
    ], axis=1)
    labels = {"panel": "accuracy", "size": size, "dim": dim}
    exact, fine = (
        averaging_curve(SEPARATION, dim, size, PruningRates(p, PHI, PSI)) for p in (SEEN, GRID)
    )
    return stack([compared(sample, exact, p=SEEN, **labels), curve(fine, p=GRID, **labels)])


def compute(preset, rng):
    """Return majority probabilities by N and accuracies by (N, d) around the breakdown."""
    return stack(
        [_majority(size, DRAWS[preset], rng) for size in SIZES]
        + [_accuracy(*shape, REPLICATES[preset], rng) for shape in SHAPES]
    )


def _series(axes, part, colour, marker, line="-"):
    lines, seen = part[part["simulated"].isna()], part[part["simulated"].notna()]
    style.line(axes, lines["p"], lines["theory"], colour, linestyle=line)
    style.points(axes, seen["p"], seen["simulated"], seen["se"], colour, marker)


@style.styled
def draw(frame):
    """Draw both transitions over the error rate, with the breakdown point."""
    figure, axes = style.blank(1, 2, height=2.8)
    parts = dict(list(frame.groupby(["panel", "size", "dim"])))
    entries = [[], []]
    for size, colour, marker in zip(SIZES, style.COLOURS, "os^"):
        _series(axes[0], parts["majority", size, 0], colour, marker)
        entries[0].append(style.entry(f"$N = {size}$", colour, marker))
    lines = ("-", "--", "-", "--")
    colours = (style.BLUE, style.BLUE, style.RED, style.RED)
    for (size, dim), colour, line, marker in zip(SHAPES, colours, lines, "os^D"):
        _series(axes[1], parts["accuracy", size, dim], colour, marker, line)
        entries[1].append(style.entry(f"$N = {size}$, $d = {dim}$", colour, marker, line))
    star = float(breakdown_point(PHI, PSI))
    for axis, series in zip(axes, entries):
        axis.axvline(star, color=style.GREY, linewidth=0.8, linestyle=":")
        axis.text(star + 0.005, 1.0, r"$p_\star$", color=style.GREY, va="top")
        axis.set(xlabel="error rate $p$ of the generator", ylim=(-0.03, 1.03))
        style.legend(axis, series, loc="lower left")
    axes[0].set_ylabel("P(right items prevail)")
    axes[1].set_ylabel("accuracy (share of new items)")
    style.label_panels(axes, [
        f"majority, $\\phi = {PHI}$, $\\psi = {PSI}$", rf"classifier, $\kappa = {SEPARATION:g}$",
    ])
    style.key(axes[0], loc="upper right", bbox_to_anchor=(1.0, 0.9))
    return figure
