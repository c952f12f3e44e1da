"""Yang et al. 2025, Figure 6: PSNR over cost for exponential schedules of several growth rates.

The paper prints no numbers of the figure.
"""

import numpy as np
import pandas as pd

from paper_figures import style
from paper_figures.denoising import common_cost, levels, lines, mean_at

__all__ = ["compute", "draw", "usable"]

SHARES = (0.15, 0.4, 1.0)  # of the common cost


def usable(results):
    """Return whether runs hold at least three growth rates at one noise level."""
    return len(_growing(results)) > 2


def _growing(results):
    """Return the exponential lines at the noise level that has most of them."""
    made = [line for line in lines(results) if line.family == "exponential"]
    by_count = sorted({line.noise for line in made},
                      key=lambda noise: -sum(line.noise == noise for line in made))
    return sorted((line for line in made if line.noise == by_count[0]),
                  key=lambda line: line.growth) if by_count else []


def compute(results):
    """Return the measured curves round by round, and PSNR at shares of the common cost.

    Intervals are over seeds, whose levels, common to all arms, are taken off.
    """
    from empirical.predict import mean_interval

    chosen, rows = _growing(results), []
    level = levels(chosen)
    whole = common_cost(chosen)
    for line in chosen:
        for t in range(len(line.curves[0].cost)):
            cost = np.mean([curve.cost[t] for curve in line.curves])
            made = mean_interval([curve.psnr[t] for curve in line.curves] - level)
            rows.append((results.setting, line.noise, line.growth, "round", t, cost, made.mean,
                         made.low, made.high, made.n))
        for share in SHARES:
            made = mean_at(line, share * whole, level)
            rows.append((results.setting, line.noise, line.growth, "share", share, share * whole,
                         made.mean, made.low, made.high, made.n))
    return pd.DataFrame(rows, columns=["setting", "noise", "growth", "kind", "at", "cost", "psnr",
                                       "psnr_low", "psnr_high", "seeds"])


def _over_cost(axes, frame):
    rounds = frame[frame.kind == "round"]
    growths = sorted(rounds.growth.unique())
    for colour, growth in zip(style.shades(len(growths)), growths):
        rows = rounds[rounds.growth == growth]
        axes.plot(rows.cost[1:] / 1000, rows.psnr[1:], color=colour, marker="o", linewidth=1,
                  markersize=2.2)
    axes.set(xscale="log", xlabel="network evaluations (thousands)", ylabel="PSNR (dB)")
    style.plain_ticks(axes.xaxis)
    return [style.entry(f"(a) growth {growth:g}", colour, "o")
            for colour, growth in zip(style.shades(len(growths)), growths)]


def _over_growth(axes, frame):
    shares = frame[frame.kind == "share"]
    entries = []
    for colour, (share, rows) in zip((style.SKY, style.ORANGE, style.BLACK),
                                     shares.groupby("at")):
        ends = [rows.psnr - rows.psnr_low, rows.psnr_high - rows.psnr]
        axes.errorbar(rows.growth - 1, rows.psnr, yerr=ends, color=colour, marker="o", capsize=2,
                      markerfacecolor="white", linewidth=0.9)
        entries.append(style.entry(f"(b) at {share:.0%} of the cost", colour, "o"))
    axes.set(xscale="log", xlabel="growth rate u: each round (1 + u) times the last")
    style.plain_ticks(axes.xaxis)
    growths = shares.growth.unique()
    axes.set_xticks(growths - 1, [f"{growth - 1:.3g}" for growth in growths], minor=False)
    return entries


@style.styled
def draw(frame):
    """Draw PSNR over cost by growth rate, and over the growth rate at three costs."""
    figure, axes = style.blank(1, 2, height=2.9, sharey=True)
    entries = _over_cost(axes[0], frame) + _over_growth(axes[1], frame)
    style.legend_below(figure, entries, ncols=4)
    style.label_panels(axes, [
        f"ours: {frame.setting.iloc[0]}, noise {frame.noise.iloc[0]:g}",
        "95 % intervals; published: no numbers"])
    return figure
