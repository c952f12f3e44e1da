"""Yang et al. 2025, Figure 2: three schedules of the same cost on the Gaussian toy problem.

The paper's parameters did not survive in the text that we have, except for dimension 2 and 1,000
repetitions; those below are ours. The two panels differ in how much a round selects.
"""

import numpy as np

from paper_figures import style
from paper_figures.comparison import compared, stack
from sims import simulate_selection_loop
from theory.budget import (
    constant_schedule,
    expected_reward,
    growth_factor,
    integer_schedule,
    linear_schedule,
    optimal_reward,
    shrinkage,
    terminal_law,
)

__all__ = ["MARKS", "NAMES", "POLICIES", "compute", "draw", "panel", "policies", "setting"]

DIM = 2
REPLICATES = {"quick": 1_000, "full": 10_000}
SETTINGS = (  # kappa, start per coordinate, rounds, step of the linear schedule (sigma = 1)
    (1.0, 2.0, 9, 20),
    (2.0, 2.0, 15, 10),
)
POLICIES = ("constant", "linear", "exponential")
NAMES = {
    "constant": "constant", "linear": "linear", "exponential": "exponential (optimal)",
}
MARKS = dict(zip(POLICIES, ((style.BLUE, "o"), (style.ORANGE, "s"), (style.RED, "^"))))


def _schedules(rounds, step, sigma, kappa):
    """Return whole schedules of the same total; the linear one fixes it."""
    total = step * rounds * (rounds + 1) // 2
    return {
        "constant": np.rint(constant_schedule(total, rounds)).astype(int),
        "linear": np.rint(linear_schedule(total, rounds)).astype(int),
        "exponential": integer_schedule(total, rounds, sigma, kappa),
    }


def _gap(mean, variance, sigma, kappa):
    best = optimal_reward(sigma, kappa, DIM)
    return best - expected_reward(mean, variance, sigma, kappa)


def setting(kappa, start, rounds, step, replicates, rng, panel):
    """Return the table of one panel: gap to the best reward after each round."""
    tables = []
    for name, schedule in _schedules(rounds, step, 1.0, kappa).items():
        loop = simulate_selection_loop(
            [start] * DIM, schedule, 1.0, kappa, replicates=replicates, rng=rng
        )
        laws = [terminal_law([start] * DIM, schedule[:t], 1.0, kappa) for t in range(rounds + 1)]
        tables.append(compared(
            _gap(loop.parameters, 0.0, 1.0, kappa),
            [float(_gap(law.mean, law.variance, 1.0, kappa)) for law in laws],
            panel=panel, kappa=kappa, start=start, policy=name, round=np.arange(rounds + 1),
            kept=np.append(0, schedule),
            cost=np.append(0, np.cumsum(schedule)),
        ))
    return stack(tables)


def compute(preset, rng):
    """Return the gap to the optimal reward by policy and cumulative cost."""
    return stack(
        setting(*values, REPLICATES[preset], rng, panel)
        for panel, values in enumerate(SETTINGS)
    )


def panel(axes, part):
    """Draw one setting; return its title."""
    for policy in POLICIES:
        rows = part[part["policy"] == policy]
        colour, marker = MARKS[policy]
        style.line(axes, rows["cost"], rows["theory"], colour)
        style.points(axes, rows["cost"], rows["simulated"], rows["se"], colour, marker)
    if part["theory"].max() > 5 * part["theory"].min():
        axes.set_yscale("log")
    kappa = part["kappa"].iloc[0]
    rho = float(shrinkage(1.0, kappa))
    return (rf"$\kappa = {kappa:g}\,\sigma$: $\rho = {rho:.2g}$, "
            rf"growth {float(growth_factor(1.0, kappa)):.3g}")


def policies(axes, **options):
    """Add the legend of the schedules."""
    entries = [style.entry(NAMES[policy], *MARKS[policy]) for policy in POLICIES]
    style.legend(axes, entries, title="schedule, same total", title_fontsize=7, **options)


@style.styled
def draw(frame):
    """Draw the gap against the cumulative cost, one panel a setting."""
    figure, axes = style.blank(1, 2, height=2.7)
    titles = [
        panel(axes[number], part) for number, part in frame.groupby("panel")
    ]
    style.label_panels(axes, titles)
    for place in axes:
        place.set_xlabel("cumulative cost $\\sum_{s<t} n_s$ (kept samples)")
    axes[0].set_ylabel("mean reward gap $J^* - J(\\theta_t)$")
    style.key(axes[1], loc="upper right")
    policies(axes[0], loc="upper right")
    return figure
