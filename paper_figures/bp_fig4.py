"""Feng et al. 2025, Figure 4: eigenvalues, final accuracy over the verifier's p*.

The paper prints no numbers of the figure but the turning point in its text.
"""

import pandas as pd

from paper_figures import style
from paper_figures.published import feng2025

__all__ = ["compute", "draw", "usable"]

THEIR_ERROR = 1 - float(feng2025.TABLE_1_BEST["1"][-1]) / 100  # of greedy answers, at 1 %


def _kind(config):
    """Return "verified" or "clean" for an arm of the figure, None for another."""
    loop = config["loop"]
    if loop["start"] != "scratch" or loop["rounds"] != 1 or loop["mix"] != "replace":
        return None
    if config["labels"] == "truth":
        return "clean"
    plain = (config["beams"], config["pick"]) == (1, "model")
    return "verified" if plain and loop["curate"] in ("none", "oracle", "noisy", "coin") else None


def usable(results):
    """Return whether runs hold at least three verifiers: two make no curve."""
    return sum(_kind(config) == "verified" for config in results.configs.values()) > 2


def compute(results):
    """Return final accuracies and gains over the generator, in percent, by arm."""
    from empirical.predict import final, mean_interval

    rows = []
    for arm, config in results.configs.items():
        kind = _kind(config)
        if not kind:
            continue
        metric = f"accuracy@{100 * config['tolerance']:g}%"
        after, before = (100 * final(results.metrics, arm, metric, round_=r) for r in (1, 0))
        made, gain = mean_interval(after), mean_interval((after - before).dropna())
        star, p, precision = (
            mean_interval(final(results.metrics, arm, name, "proposed", 1)).mean
            if kind == "verified" else float("nan") for name in ("p_star", "p", "precision"))
        rows.append((results.setting, arm, kind, config["tolerance"], config["loop"]["total"],
                     star, p, precision, before.mean(), made.mean, made.low, made.high, gain.mean,
                     gain.low, gain.high, made.n))
    return pd.DataFrame(rows, columns=[
        "setting", "arm", "kind", "tolerance", "kept", "p_star", "p", "precision", "generator",
        "accuracy", "accuracy_low", "accuracy_high", "gain", "gain_low", "gain_high", "seeds"])


def _points(axes, frame, name):
    """Draw an outcome over p*, a line for each size; return what stands for them."""
    entries = []
    verified = frame[frame.kind == "verified"]
    for colour, (kept, rows) in zip(style.COLOURS, verified.groupby("kept")):
        rows = rows.sort_values("p_star")
        ends = [rows[name] - rows[f"{name}_low"], rows[f"{name}_high"] - rows[name]]
        axes.errorbar(rows.p_star, rows[name], yerr=ends, color=colour, marker="o", capsize=2,
                      markerfacecolor="white", linewidth=0.9, zorder=3)
        entries.append(style.entry(f"{kept:,} kept".replace(",", " "), colour, "o"))
    axes.set(xlabel=r"$p^\ast$ of the verifier (measured)")
    return entries


def _accuracy(axes, frame):
    entries = _points(axes, frame, "accuracy")
    axes.axhline(frame.generator.mean(), color=style.BLACK, linestyle="--", linewidth=1)
    entries.append(style.entry("generator", line="--"))
    clean = frame[frame.kind == "clean"]
    if len(clean):
        axes.axhline(clean.accuracy.iloc[-1], color=style.GREEN, linestyle="-.", linewidth=1)
        entries.append(style.entry("clean data", style.GREEN, line="-."))
    axes.set(ylabel=f"accuracy at {100 * frame.tolerance.iloc[0]:g} % (percent)")
    return entries


def _gain(axes, frame):
    _points(axes, frame, "gain")
    axes.axhline(0, color=style.BLACK, linestyle="--", linewidth=1)
    marks = [
        (frame.p.mean(), style.RED, "-", r"(b) theory for two classes: $p^\ast = p$, our $p$"),
        (THEIR_ERROR, style.RED, ":", r"(b) the same, the paper's $p$"),
        (float(feng2025.TURNING_POINT), style.PINK, "--", "(b) turning point, published"),
    ]
    for x, colour, line, _ in marks:
        axes.axvline(x, color=colour, linestyle=line, linewidth=1, zorder=1)
    axes.set(ylabel="gain over the generator (points)")
    return [style.entry(text, colour, line=line) for _, colour, line, text in marks]


@style.styled
def draw(frame):
    """Draw accuracy and gain over p*, means with 95 % intervals over seeds."""
    figure, axes = style.blank(1, 2, height=3.0, sharex=True)
    style.legend_below(figure, _accuracy(axes[0], frame) + _gain(axes[1], frame), ncols=3)
    style.label_panels(axes, [frame.setting.iloc[0], "gain, paired by seed; 95 % intervals"])
    return figure
