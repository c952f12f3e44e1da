"""Gillman et al. 2024, Figures 17 to 20: motion, FID over generations, each seed on its own."""

from paper_figures import generations, style
from paper_figures.generations import usable

__all__ = ["compute", "draw", "usable"]

SHOWN = 3  # seeds, as in the paper


def compute(results):
    """Return the FID of the first seeds by kind, lambda and generation."""
    frame = generations.each_seed(results, ("fid",))
    chosen = sorted(frame.seed.unique())[:SHOWN]
    return frame[frame.seed.isin(chosen)].rename(columns={"value": "mean"}).assign(
        low=float("nan"), high=float("nan"))


@style.styled
def draw(frame):
    """Draw a row a lambda, a column a seed."""
    ratios, seeds = sorted(frame.ratio.dropna().unique()), sorted(frame.seed.unique())
    figure, axes = style.blank(len(ratios), len(seeds), width=style.WIDE,
                               height=0.55 + 1.65 * len(ratios), squeeze=False, sharex=True,
                               sharey="row")
    for row, ratio in zip(axes, ratios):
        for panel, seed in zip(row, seeds):
            generations.draw_panel(panel, frame[frame.seed == seed], "fid", ratio)
            panel.set_title(f"λ = {ratio:g}, seed {seed}")
            panel.label_outer()
    style.legend_below(figure, generations.entries(frame), ncols=3,
                       title=frame.setting.iloc[0], title_fontsize=7)
    return figure
