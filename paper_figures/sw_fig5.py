"""Yang et al. 2025, Figure 5: the toy problem of Figure 2 under other parameters.

The paper's parameters did not survive in the text that we have. Ours run from strong selection to
so weak a one that, at this horizon, the linear schedule loses to the constant one.
"""

from paper_figures import style
from paper_figures.comparison import stack
from paper_figures.sw_fig2 import panel, policies, setting

__all__ = ["compute", "draw"]

REPLICATES = {"quick": 800, "full": 8_000}
SETTINGS = (  # kappa, start per coordinate, rounds, step of the linear schedule (sigma = 1)
    (0.65, 1.0, 6, 30),
    (1.5, 3.0, 12, 12),
    (3.0, 2.0, 20, 6),
    (4.36, 0.5, 10, 12),
)


def compute(preset, rng):
    """Return the gap to the optimal reward by setting, policy and cumulative cost."""
    return stack(
        setting(*values, REPLICATES[preset], rng, number)
        for number, values in enumerate(SETTINGS)
    )


@style.styled
def draw(frame):
    """Draw the gap against the cumulative cost, one panel a setting."""
    figure, axes = style.blank(2, 2, height=4.4)
    titles = []
    for number, part in frame.groupby("panel"):
        title = panel(axes.flat[number], part)
        titles.append(f"{title}, $|\\theta_0|^2 = {2 * part['start'].iloc[0] ** 2:g}$")
    style.label_panels(list(axes.flat), titles)
    for place in axes[1]:
        place.set_xlabel("cumulative cost $\\sum_{s<t} n_s$ (kept samples)")
    figure.supylabel("mean reward gap $J^* - J(\\theta_t)$", fontsize=8)
    policies(axes[0, 0], loc="upper right")
    style.key(axes[0, 1], loc="upper right")
    return figure
