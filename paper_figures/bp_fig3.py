"""Feng et al. 2025, Figure 3: how much verified data to train on.

tau = 0.15 and a Bayes accuracy of about 94 % are the paper's, which gives d = 107. Its numbers of
real items, its loss and its regulariser are not stated; ours are least squares with a fixed
penalty, so that the ridge an item falls like 1/n', and a generator that says the likelier label.
As the penalty fades the direction turns from the mean kept item, which is close to the truth, to
the least-squares one, which is not: enough for a sweet spot, perhaps not the paper's reason.
"""

import math

import numpy as np
from scipy.special import ndtr, ndtri

from paper_figures import style
from paper_figures.comparison import compared, curve, stack
from sims import simulate_generated_training
from theory.breakdown import pruned_ridge_alignment, ridge_accuracy
from theory.pruning import rates_from_scores, rates_mixture

__all__ = ["compute", "draw"]

DIM = 107
SEPARATION = 0.15 * math.sqrt(DIM)  # kappa = tau sqrt(d)
BAYES = float(ndtr(SEPARATION))
REAL = (250, 1_000)  # items that the generator is fitted to
PENALTY = 20_000.0  # ridge an item, times n'
ANGLES = {"oracle": 0.0, "pi/24": math.pi / 24, "pi/12": math.pi / 12}
ARMS = ("clean", *ANGLES, "random")
LABELS = {
    "clean": "clean (true labels)", "oracle": r"verifier, $\theta_\mathrm{prune} = 0$",
    "pi/24": r"verifier, $\pi/24$", "pi/12": r"verifier, $\pi/12$",
    "random": "random (no verifier)",
}
LOOKS = dict(zip(ARMS, (
    (style.BLACK, "o"), (style.GREEN, "s"), (style.SKY, "^"), (style.BLUE, "D"), (style.RED, "v"),
)))
KEPT = {"quick": (100, 1_000, 4_000), "full": (100, 300, 1_000, 3_000, 10_000, 30_000)}
REPLICATES = {"quick": 8, "full": 16}
GRID = np.geomspace(60, 1e6, 70)
OFF = 1.0 / DIM  # relative: the theory is that of many dimensions
DRAWS = {"quick": 20_000, "full": 400_000}


def _generator(real):
    """Return the angle of the least-squares generator to the truth, for many dimensions."""
    accuracy = ridge_accuracy(SEPARATION, 1.0, DIM / real, 0.0)
    return float(np.arccos(ndtri(accuracy) / SEPARATION))


def _between(gen, prune):
    return math.acos(math.cos(gen) * math.cos(prune)) if prune else gen


def _theory(arm, real, kept):
    """Return the error relative to the best classifier's accuracy."""
    aspect, ridge, gen = DIM / kept, PENALTY / kept, _generator(real)
    if arm == "clean":
        return 1 - ridge_accuracy(SEPARATION, 1.0, aspect, ridge) / BAYES
    prune = ANGLES.get(arm, gen)  # random: a verifier that always agrees
    between = 0.0 if arm == "random" else _between(gen, prune)
    cosine = pruned_ridge_alignment(SEPARATION, gen, prune, between, aspect, ridge)
    return 1 - ndtr(SEPARATION * cosine) / BAYES


def _errors(arm, real, preset, rng):
    kept = KEPT[preset]
    sample = np.stack([
        simulate_generated_training(
            SEPARATION, DIM, real, n, ANGLES.get(arm, 0.0), labels="hard",
            arm=arm if arm in ("clean", "random") else "verified", ridge=PENALTY / n,
            replicates=REPLICATES[preset], rng=rng,
        )
        for n in kept
    ], axis=1)
    labels = {"panel": "error", "arm": arm, "real": real}
    exact = _theory(arm, real, np.asarray(kept, dtype=np.float64))
    return stack([
        compared(1 - sample / BAYES, exact, kind="limit", allowance=OFF * (exact + 0.02),
                 kept=kept, **labels),
        curve(_theory(arm, real, GRID), kind="limit", kept=GRID, **labels),
    ])


def _breakdown(arm, real, draws, rng):
    """Return p* by the rates' formula, and by counting items."""
    gen, prune = _generator(real), ANGLES[arm]
    between = _between(gen, prune)
    exact = float(rates_mixture(SEPARATION, gen, prune, between).breakdown_point)
    along, across, third = rng.normal(size=(3, draws))
    along = along + SEPARATION  # the class is +1, the truth the first axis
    right = np.cos(gen) * along + np.sin(gen) * across > 0
    agrees = np.cos(prune) * along + np.sin(prune) * third > 0  # the two deviate apart
    kept = right == agrees
    rates = rates_from_scores(right, kept)
    # Delta method, in odds.
    spread = np.sqrt((1 - rates.phi) / (rates.phi * right.sum())
                     + (1 - rates.psi) / (rates.psi * (~right).sum()))
    star = rates.breakdown_point
    table = curve([exact], panel="breakdown", arm=arm, real=real, kept=[np.nan])
    return table.assign(simulated=star, se=star * (1 - star) * spread, replicates=draws)


def compute(preset, rng):
    """Return relative errors by arm, real items and kept items, and breakdown points."""
    return stack(
        [_errors(arm, real, preset, rng) for real in REAL for arm in ARMS]
        + [_breakdown(arm, real, DRAWS[preset], rng) for real in REAL for arm in ANGLES]
        + [curve([0.5], panel="breakdown", arm="random", real=real, kept=[np.nan])
           for real in REAL]
    )


def _draw_errors(axes, frame):
    for arm in ARMS:
        rows, (colour, marker) = frame[frame["arm"] == arm], LOOKS[arm]
        fine, seen = rows[rows["simulated"].isna()], rows[rows["simulated"].notna()]
        style.line(axes, fine["kept"], fine["theory"], colour)
        style.points(axes, seen["kept"], seen["simulated"], seen["se"], colour, marker)
    axes.set(xscale="log", yscale="log", ylim=(3e-4, 0.2), xlabel="training items $n'$")


def _draw_breakdown(axes, frame):
    for place, arm in enumerate(ARMS[1:]):
        row, (colour, marker) = frame[frame["arm"] == arm].iloc[0], LOOKS[arm]
        axes.bar(place, row["theory"], color=colour, width=0.6, alpha=0.45)
        style.points(axes, [place], [row["simulated"]], [row["se"]], colour, marker)
    axes.set(xticks=range(4), ylim=(0, 1), yticks=(0, 0.5, 1), xlabel="verifier")
    axes.set_xticklabels([r"$0$", r"$\pi/24$", r"$\pi/12$", "random"])


@style.styled
def draw(frame):
    """Draw relative errors over the number of items, and breakdown points below."""
    figure, axes = style.blank(2, 2, height=4.4, sharey="row", height_ratios=(3, 1))
    titles = []
    for column, real in enumerate(REAL):
        part = frame[frame["real"] == real]
        _draw_errors(axes[0, column], part[part["panel"] == "error"])
        _draw_breakdown(axes[1, column], part[part["panel"] == "breakdown"])
        titles.append(f"generator fitted to $N_0 = {real}$ real items")
    style.label_panels(list(axes.flat), [*titles, "", ""])
    axes[0, 0].set_ylabel("relative error $1 - \\mathrm{acc}/\\mathrm{acc}_\\mathrm{Bayes}$")
    axes[1, 0].set_ylabel(r"$p^\ast$")
    style.legend_below(figure, [
        *(style.entry(LABELS[arm], *LOOKS[arm]) for arm in ARMS),
        style.entry("theory (many dimensions)"),
        style.entry("simulation ± 2 s.e.", marker="o", line="none"),
    ], ncols=4)
    return figure
