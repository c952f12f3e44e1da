"""Feng et al. 2025, Figure 2: accuracy over the generator's error, by strength of the verifier.

Generator and verifier are directions whose errors know nothing of each other; features have no
margin. The paper's law jumps from 100 % to 0 %; at a fixed dimension the accuracy falls gradually,
and it passes 1/2 where the law says.
"""

import numpy as np

from paper_figures import style
from paper_figures.comparison import compared, curve, stack
from sims import simulate_pruned_classifier
from theory.breakdown import (
    population_accuracy,
    pruned_ridge_alignment,
    supervised_breakdown,
)
from theory.pruning import rates_isotropic

__all__ = ["compute", "draw", "independent", "measured"]

VERIFIERS = (0.0, 0.1, 0.25, 0.4)  # angle to the truth over pi: the verifier's error rate
GRID, SEEN = np.linspace(0.0, 0.98, 99), np.linspace(0.03, 0.95, 12)
DIM = 5
ITEMS = {"quick": 3_000, "full": 30_000}
REPLICATES = {"quick": 40, "full": 150}


def independent(angle_gen, angle_prune):
    """Return the angle between two directions that deviate from the truth independently."""
    between = np.arccos(np.cos(angle_gen) * np.cos(angle_prune))
    sides = angle_gen + angle_prune
    # Rounding must not break the triangle inequalities where an angle is 0 or pi.
    return np.clip(between, np.abs(angle_gen - angle_prune), np.minimum(sides, 2 * np.pi - sides))


def measured(angles, prune, dim, items, replicates, rng, **labels):
    """Return simulated accuracies for generators at these angles, beside theory at this size.

    The classifier averages the kept items. Its theory is that of many dimensions; the allowance
    is a quarter of what finite items do to the accuracy, and 1/n.
    """
    between = independent(angles, prune)
    sample = np.stack([
        simulate_pruned_classifier(
            None, dim, items, angle, prune, float(t), ridge=np.inf, replicates=replicates,
            rng=rng,
        )
        for angle, t in zip(angles, between)
    ], axis=1)
    kept = items * rates_isotropic(angles, prune, between).retention
    cosine = pruned_ridge_alignment(0.0, angles, prune, between, dim / kept, np.inf)
    finite = 1 - np.arccos(cosine) / np.pi
    moved = np.abs(population_accuracy(angles, prune, between) - finite)
    return compared(sample, finite, kind="limit", allowance=moved / 4 + 1 / kept, **labels)


def _verifier(share, items, replicates, rng):
    prune, gen = share * np.pi, GRID * np.pi
    fine = population_accuracy(gen, prune, independent(gen, prune))
    table = stack([
        measured(SEEN * np.pi, prune, DIM, items, replicates, rng, curve="accuracy",
                 verifier=share, p=SEEN),
        curve(fine, kind="limit", curve="accuracy", verifier=share, p=GRID),
        curve([1.0, 1.0, 0.0, 0.0], kind="limit", curve="law", verifier=share,
              p=np.array([0.0, 1.0, 1.0, 1.0]) * [1, *[supervised_breakdown(prune)] * 2, 1]),
    ])
    return table.drop_duplicates()


def compute(preset, rng):
    """Return accuracies by verifier and error rate of the generator, and the paper's law."""
    return stack(
        _verifier(share, ITEMS[preset], REPLICATES[preset], rng) for share in VERIFIERS
    )


@style.styled
def draw(frame):
    """Draw accuracies over the generator's error rate, with the law's jumps."""
    figure, axes = style.blank(height=3.1)
    entries = []
    for share, colour, marker in zip(VERIFIERS, style.COLOURS, "os^D"):
        rows = frame[frame["verifier"] == share]
        law, smooth = (rows[rows["curve"] == name] for name in ("law", "accuracy"))
        fine, seen = smooth[smooth["simulated"].isna()], smooth[smooth["simulated"].notna()]
        style.line(axes, law["p"], law["theory"], colour, linestyle="--", linewidth=0.8)
        style.line(axes, fine["p"], fine["theory"], colour)
        style.points(axes, seen["p"], seen["simulated"], seen["se"], colour, marker)
        entries.append(style.entry(
            rf"$\theta_\mathrm{{prune}}/\pi = {share:g}$", colour, marker
        ))
    axes.axhline(0.5, color=style.GREY, linewidth=0.7, linestyle=":", zorder=1)
    axes.set(xlabel=r"error rate of the generator $p = \theta_\mathrm{gen}/\pi$",
             ylabel="accuracy (share of new items)", ylim=(-0.03, 1.03))
    style.legend_below(figure, [
        *entries[:2], style.entry("theory: population"),
        style.entry("theory: the paper's law", line="--", linewidth=0.8),
        *entries[2:], style.entry("simulation ± 2 s.e.", marker="o", line="none"),
    ], ncols=2)
    return figure
