"""Gillman et al. 2024, Figure 5: the Gaussian toy loop over the correction strength.

50 real points, half as many synthetic ones a round, resampled as in the paper's equation 51. The
paper leaves open how synthetic points accrue, so four readings are drawn: replace, accumulate, the
literal logarithm, and the ramp of the published script.
"""

import numpy as np

from paper_figures import style
from paper_figures.comparison import compared, curve, stack
from sims import simulate_correction_loop
from theory.contraction import asymptotic_toy_squared_distance, ramp_exact, toy_recursion
from theory.gaussian import wasserstein2

__all__ = ["compute", "draw"]

REAL, SYNTHETIC, DIM = 50, 25, 2
CORRECTIONS = (0.0, 0.1, 0.3, 1.0, 5.0)
POLICIES = ("replace", "accumulate", "log", "ramp")
ROUNDS = {"quick": 30, "full": 100}
REPLICATES = {"quick": 1_500, "full": 6_000}
MARKERS = "osD^v"


def _exact(policy, correction, rounds):
    if policy == "ramp":
        return ramp_exact(REAL, SYNTHETIC, correction, rounds)
    return toy_recursion(REAL, SYNTHETIC, correction, rounds, policy)


def _seen(rounds):
    """Return the rounds that are compared: about twelve, dense at the start."""
    return np.unique(np.rint(np.geomspace(1, rounds + 1, 12)).astype(int) - 1)


def _loop(policy, correction, rounds, replicates, rng):
    """Return the table of one loop: the mean's error and the distance to the target."""
    loop = simulate_correction_loop(
        REAL, SYNTHETIC, correction, rounds, dim=DIM, policy=policy, replicates=replicates,
        rng=rng,
    )
    state, seen = _exact(policy, correction, rounds), _seen(rounds)
    means, covariances = loop.means[:, seen], loop.covariances[:, seen]
    distance = wasserstein2(means, covariances, np.zeros(DIM), np.eye(DIM)) ** 2
    labels = {"policy": policy, "correction": correction}
    error = DIM * state.mean_square
    limit = asymptotic_toy_squared_distance(state.mean_square, DIM)
    off = 2 * state.mean_square * limit  # the next order, relative to the first
    rest = np.setdiff1d(np.arange(rounds + 1), seen)
    return stack([
        compared((means**2).sum(axis=-1), error[seen], quantity="mean", round=seen, **labels),
        compared(
            distance, limit[seen], kind="limit", allowance=off[seen], quantity="distance",
            round=seen, **labels,
        ),
        curve(error[rest], quantity="mean", round=rest, **labels),
        curve(limit[rest], kind="limit", quantity="distance", round=rest, **labels),
    ])


def compute(preset, rng):
    """Return squared errors by policy, correction strength and round."""
    return stack(
        _loop(policy, correction, ROUNDS[preset], REPLICATES[preset], rng)
        for policy in POLICIES for correction in CORRECTIONS
    )


def _panel(axes, part, quantity):
    for colour, marker, correction in zip(style.shades(len(CORRECTIONS)), MARKERS, CORRECTIONS):
        rows = part[(part["correction"] == correction) & (part["quantity"] == quantity)]
        rows = rows.sort_values("round")
        exact = quantity == "mean"
        style.line(
            axes, rows["round"] + 1, rows["theory"], colour,
            linestyle="-" if exact else "--", linewidth=1.2 if exact else 0.8,
        )
        shown = rows[rows["simulated"].notna()]
        style.points(
            axes, shown["round"] + 1, shown["simulated"], shown["se"], colour, marker,
            markersize=2.6,
        )
    axes.set_xscale("log")
    style.plain_ticks(axes.xaxis)


@style.styled
def draw(frame):
    """Draw the error of the mean and the distance to the target, one column a policy."""
    figure, axes = style.blank(2, 4, height=4.2, sharex=True, sharey="row")
    for column, policy in enumerate(POLICIES):
        part = frame[frame["policy"] == policy]
        _panel(axes[0, column], part, "mean")
        _panel(axes[1, column], part, "distance")
        axes[1, column].set_xlabel("round $t + 1$")
    style.label_panels(list(axes.flat), [*POLICIES, "", "", "", ""])
    axes[0, 0].set_ylabel(r"$\mathrm{E}\,|\mu_t|^2$  (target s.d.$^2$)")
    axes[1, 0].set_ylabel(r"$\mathrm{E}\,W_2^2$ to the target (s.d.$^2$)")
    for row in axes:
        row[0].set_ylim(0)
    entries = [
        style.entry(rf"$\gamma = {value:g}$", colour, marker) for colour, marker, value
        in zip(style.shades(len(CORRECTIONS)), MARKERS, CORRECTIONS)
    ]
    entries += [
        style.entry("theory (exact)"),
        style.entry("theory (leading order)", line="--", linewidth=0.8),
        style.entry("simulation ± 2 s.e.", marker="o", line="none"),
    ]
    style.legend_below(figure, entries, ncols=8)
    return figure
