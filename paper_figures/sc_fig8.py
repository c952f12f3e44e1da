"""Gillman et al. 2024, Figure 8: FID over the generations of digit loops, by lambda.

The paper prints no numbers of the figure. Our last panel adds the number of anchors.
"""

import numpy as np

from paper_figures import digits, style

__all__ = ["compute", "draw", "usable"]


def usable(results):
    """Return whether runs hold an uncorrected and a corrected loop at one lambda."""
    ratios = {kind: {results.configs[arm]["loop"]["ratio"]
                     for arm in digits.kinds(results, (kind,))}
              for kind in ("iterative", "corrected")}
    return bool(ratios["iterative"] & ratios["corrected"])


def compute(results):
    """Return FID over the generations, mean and 95 % interval over seeds, by arm."""
    return digits.curves(results, digits.CORRECTORS, ("fid",))


def _main(frame):
    """Return the K of the arms that are drawn over the generations: that of most of them."""
    corrected = frame[frame.kind == "corrected"]
    return corrected.groupby("anchors").arm.nunique().idxmax()


def _panel(axes, frame, ratio):
    main = _main(frame)
    for kind in digits.CORRECTORS:
        rows = frame[(frame.kind == kind) & ((frame.ratio == ratio) | (kind == "baseline"))]
        if kind == "corrected":
            rows = rows[rows.anchors == main]
        if len(rows):
            digits.draw_band(axes, rows, digits.KINDS[kind])
    axes.set(xlabel="generation")


def _by_anchors(axes, frame):
    """Draw the final FID over K at the lambda of which most K are known."""
    corrected = frame[frame.kind == "corrected"]
    ratio = corrected.groupby("ratio").anchors.nunique().idxmax()
    mine = corrected[corrected.ratio == ratio]
    last = mine[mine["round"] == mine["round"].max()].sort_values("anchors")
    axes.errorbar(last.anchors, last.value, yerr=[last.value - last.low, last.high - last.value],
                  color=style.GREEN, marker="o", markerfacecolor="white", capsize=2, zorder=3)
    plain = frame[(frame.kind == "iterative") & (frame.ratio == ratio)]
    plain = plain[plain["round"] == plain["round"].max()]
    axes.axhline(plain.value.iloc[0], color=style.RED, linestyle="--", linewidth=1)
    axes.set_xscale("log", base=2)
    axes.set(xlabel="anchors a digit, K")
    axes.set_xticks(last.anchors, [str(k) for k in last.anchors])
    return ratio


@style.styled
def draw(frame):
    """Draw a panel a lambda, and the final FID over K where several were run."""
    ratios = sorted(frame[frame.kind == "iterative"].ratio.unique())
    corrected = frame[frame.kind == "corrected"]
    sweep = corrected.groupby("ratio").anchors.nunique().max() > 1
    figure, axes = style.blank(1, len(ratios) + sweep, width=style.WIDE, height=2.5, sharey=True)
    axes = np.atleast_1d(axes)
    titles = [f"λ = {ratio:g}" for ratio in ratios]
    for panel, ratio in zip(axes, ratios):
        _panel(panel, frame, ratio)
    if sweep:
        ratio = _by_anchors(axes[-1], frame)
        titles.append(f"λ = {ratio:g}, last generation")
    axes[0].set(ylabel="FID (features of a LeNet)")
    style.label_panels(axes, titles)
    names = {"baseline": "real images only", "iterative": "no correction",
             "corrected": f"nearest of {_main(frame)} anchors"}
    entries = [style.entry(names[kind], digits.KINDS[kind]) for kind in digits.CORRECTORS]
    style.legend_below(figure, entries, ncols=3, title=frame.setting.iloc[0])
    return figure
