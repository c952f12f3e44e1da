"""Yang et al. 2025, Figure 3: PSNR over cost for constant, linear and exponential schedules.

The paper prints no numbers of the figure; the last panel sets its Table 2 beside ours.
"""

import pandas as pd

from paper_figures import style
from paper_figures.denoising import COLOURS, best, levels, lines
from paper_figures.published import yang2025

__all__ = ["compute", "draw", "usable"]

STYLES = ("-", "--", ":")  # by size
MARKERS = {"constant": "o", "linear": "s", "exponential": "^"}


def usable(results):
    """Return whether runs hold each family of schedules."""
    return {line.family for line in lines(results)} == set(COLOURS)


def compute(results):
    """Return the measured curves round by round, and the paper's final gains.

    Intervals are over seeds, whose levels, common to all arms, are taken off.
    """
    from empirical.predict import mean_interval

    rows = []
    for noise in sorted({line.noise for line in lines(results)}, reverse=True):
        mine = [line for line in lines(results) if line.noise == noise]
        level = levels(mine)
        growing = best([line for line in mine if line.family == "exponential"]).arm
        for line in mine:
            if line.family == "exponential" and line.arm != growing:
                continue
            for t in range(len(line.curves[0].cost)):
                cost = sum(c.cost[t] for c in line.curves) / len(line.curves)
                made = mean_interval([c.psnr[t] for c in line.curves] - level)
                gain = mean_interval([c.psnr[t] - c.psnr[0] for c in line.curves])
                rows.append((results.setting, "ours", noise, line.family, line.arm, line.first, t,
                             cost, made.mean, made.low, made.high, gain.mean, gain.low, gain.high,
                             made.n))
    for (family, size), printed in yang2025.TABLE_2.items():
        for name, value, start in zip(yang2025.LEVELS, printed,
                                      yang2025.TABLE_2["pre-trained", ""]):
            rows.append((results.setting, "published", float("nan"), family, f"{name}, {size}",
                         -1, -1, float("nan"), float(value), *[float("nan")] * 2,
                         float(value) - float(start), *[float("nan")] * 2, 0))
    return pd.DataFrame(rows, columns=[
        "setting", "source", "noise", "family", "arm", "first", "round", "cost", "psnr",
        "psnr_low", "psnr_high", "gain", "gain_low", "gain_high", "seeds"])


def _over_cost(axes, frame, noise):
    entries, mine = [], frame[frame.noise == noise]
    for family, colour in COLOURS.items():
        names = frame[frame.family == family].arm.str.partition("/")[0].unique()
        lines = dict(zip(names, STYLES))  # one a schedule, at whatever noise
        for arm, rows in mine[mine.family == family].groupby("arm", sort=False):
            line = lines[arm.partition("/")[0]]
            axes.plot(rows.cost / 1000, rows.psnr, color=colour, linestyle=line, linewidth=1)
            if rows.psnr_low.notna().all():
                axes.fill_between(rows.cost / 1000, rows.psnr_low, rows.psnr_high, color=colour,
                                  alpha=0.10, linewidth=0)
            entries.append(style.entry(arm.partition("/")[0], colour, line=line))
    axes.set(xlabel="network evaluations (thousands)", ylabel="PSNR (dB)", ylim=_limits(mine))
    return entries


def _limits(rows):
    """Return limits that show how schedules differ: the way up to there is common to all."""
    last = rows[rows["round"] == rows.groupby("arm")["round"].transform("max")].psnr
    low, high = rows.psnr.min(), rows[["psnr", "psnr_high"]].max().max()
    return max(low, last.min() - 3.0 * (high - last.min())) - 0.05, high + 0.05


def _gains(axes, frame):
    """Draw the final gains by family, published and ours, at both levels."""
    final = frame[frame["round"] == frame.groupby(["source", "arm"])["round"].transform("max")]
    places = {family: number for number, family in enumerate(COLOURS)}
    published = final[(final.source == "published") & (final.family != "pre-trained")]
    for level, shift, fill in zip(yang2025.LEVELS, (-0.28, -0.14), ("white", style.GREY)):
        rows = published[published.arm.str.startswith(level)]
        axes.plot(rows.family.map(places) + shift, rows.gain, linestyle="none", marker="D",
                  color=style.GREY, markerfacecolor=fill)
    ours = final[final.source == "ours"]
    for noise, shift in zip(sorted(ours.noise.unique()), (0.1, 0.26)):
        rows = ours[ours.noise == noise]
        ends = [rows.gain - rows.gain_low, rows.gain_high - rows.gain]
        fill = "white" if noise == ours.noise.min() and ours.noise.nunique() > 1 else style.BLACK
        axes.errorbar(rows.family.map(places) + shift, rows.gain, yerr=ends, linestyle="none",
                      marker="o", color=style.BLACK, markerfacecolor=fill, capsize=0,
                      elinewidth=0.8)
    axes.set(ylabel="final gain (dB)", xlim=(-0.5, 2.5), ylim=(0, None))
    axes.set_xticks(list(places.values()), list(places))
    return [style.entry("published", style.GREY, "D", "none"),
            style.entry("ours (open: weaker noise)", style.BLACK, "o", "none")]


@style.styled
def draw(frame):
    """Draw PSNR over cost at each noise level, and final gains beside the published ones."""
    shown = sorted(frame.noise.dropna().unique(), reverse=True)
    figure, axes = style.blank(1, len(shown) + 1, height=3.0)
    entries = {}
    for panel, noise in zip(axes, shown):
        entries |= {made.get_label(): made for made in _over_cost(panel, frame, noise)}
    gains = _gains(axes[-1], frame)
    style.legend_below(figure, [*entries.values(), *gains], ncols=4, handlelength=2.4)
    titles = [f"noise {noise:g}; bands: 95 %" for noise in shown]
    style.label_panels(axes, [*titles, f"ours: {frame.setting.iloc[0]}"])
    return figure
