"""Curves over the generations of the motion loop: arms as colours, seeds as bands.

Shared by the figures of Gillman et al. 2024, section 7 and appendices H and I.
"""

import dataclasses

import pandas as pd

from paper_figures import style

__all__ = ["LABELS", "curves", "draw_panel", "each_seed", "entries", "grid", "half_gap", "kinds",
           "of_size", "reference", "running", "sizes", "usable", "verdict"]

COLOURS = {"baseline": style.BLACK, "iterative": style.RED, "corrected": style.GREEN}
LABELS = {
    "fid": "FID", "matching": "matching score", "diversity": "diversity",
    "r_precision@3": "R-precision (top 3)", "penetration": "penetration (mm)",
    "floating": "floating (mm)", "skating": "skating (mm a frame)",
    "self_collision": "self-collision (share)",
}
_KEYS = ["setting", "kind", "ratio", "metric", "round"]
_WIDE = 20.0  # a ratio of largest to smallest mean from which an axis is logarithmic


def sizes(results):
    """Return the sizes n of the training sets of which runs hold loops, in order; 0 means all."""
    return sorted({config["n"] for config in results.configs.values()
                   if config["loop"]["mix"] == "augment"})


def of_size(results, n=None):
    """Return results with the arms of training sets of n clips, by default the smallest n."""
    n = min(sizes(results), default=0) if n is None else n
    configs = {arm: config for arm, config in results.configs.items() if config["n"] == n}
    metrics = results.metrics[results.metrics.arm.isin(configs)]
    return dataclasses.replace(results, configs=configs, metrics=metrics)


def kinds(results):
    """Return which arms are drawn: name to (kind, lambda); lambda of the baseline is NaN.

    Of the smallest training set there is: see :func:`of_size`. An arm is "baseline" (real data
    alone), "iterative" (synthetic data added as they come) or "corrected" (added after the
    physics simulator).
    """
    found = {}
    for arm, config in of_size(results).configs.items():
        loop = config["loop"]
        if config.get("shuffled") or loop["rounds"] < 1:
            continue
        if loop["mix"] == "real":
            found[arm] = ("baseline", float("nan"))
        elif loop["mix"] == "augment" and loop["curate"] in ("none", "physics"):
            kind = "iterative" if loop["curate"] == "none" else "corrected"
            found[arm] = (kind, float(loop["ratio"]))
    return found


def usable(results, n=None):
    """Return whether runs hold a loop with and without correction at one lambda."""
    results = of_size(results, n)
    ratios = {kind: {ratio for k, ratio in kinds(results).values() if k == kind}
              for kind in ("iterative", "corrected")}
    return bool(ratios["iterative"] & ratios["corrected"])


def _setting(results):
    n = next(iter(of_size(results).configs.values()))["n"]
    seeds = results.metrics.seed.nunique()
    words = [f"n = {n}" if n else "all clips", results.preset,
             f"{seeds} seed" if seeds == 1 else f"{seeds} seeds"]
    return ", ".join(word for word in words if word)


def each_seed(results, metrics):
    """Return the measurements by setting, kind, ratio, metric, round and seed."""
    arms = kinds(results)
    rows = results.metrics
    rows = rows[rows.arm.isin(arms) & rows.metric.isin(metrics) & (rows.split == "test")]
    chosen = rows.assign(setting=_setting(results), kind=[arms[arm][0] for arm in rows.arm],
                         ratio=[arms[arm][1] for arm in rows.arm])
    return chosen[[*_KEYS, "seed", "value"]].reset_index(drop=True)


def reference(results, metrics):
    """Return what the held-out real motions measure, a dict; those that are not there left out."""
    rows = of_size(results).metrics
    rows = rows[(rows.split == "real") & rows.metric.isin(metrics)]
    return rows.groupby("metric").value.mean().to_dict()


def running(frame):
    """Return measurements averaged over all generations so far."""
    keys = [key for key in (*_KEYS, "seed") if key != "round"]
    frame = frame.sort_values([*keys, "round"])
    mean = frame.groupby(keys, dropna=False).value.expanding().mean()
    return frame.assign(value=mean.to_numpy())


def curves(results, metrics, average=False):
    """Return means over seeds with 95 % intervals, and what the real motions measure.

    Columns: setting, kind, ratio, metric, round, mean, low, high, seeds; of kind "real" one row a
    metric.
    """
    from empirical.predict import mean_interval

    frame = each_seed(results, metrics)
    frame = running(frame) if average else frame
    rows = []
    for keys, part in frame.groupby(_KEYS, dropna=False, sort=False):
        found = mean_interval(part.value)
        rows.append((*keys, found.mean, found.low, found.high, found.n))
    nan = float("nan")
    rows += [(_setting(results), "real", nan, metric, 0, value, nan, nan, 0)
             for metric, value in reference(results, metrics).items()]
    return pd.DataFrame(rows, columns=[*_KEYS, "mean", "low", "high", "seeds"])


def half_gap(results, ratio, metric="fid", first="corrected", second="iterative"):
    """Return the interval of first minus second, of means over the later half of generations."""
    from empirical.predict import mean_interval

    frame = each_seed(results, (metric,))
    frame = frame[(frame["round"] > frame["round"].max() / 2) & (frame.ratio == ratio)]
    by_seed = [frame[frame.kind == kind].groupby("seed").value.mean() for kind in (first, second)]
    return mean_interval((by_seed[0] - by_seed[1]).dropna())


def verdict(results, ratio):
    """Return one line: is the FID lower with correction, as the paper says?"""
    found = half_gap(results, ratio)
    line = f"FID, later half, λ = {ratio:g}: corrected − iterative = {_signed(found.mean)}"
    if found.n < 2:
        return f"{line} (one seed: undecided)"
    line += f" [{_signed(found.low)}, {_signed(found.high)}]"
    if found.high < 0:
        return f"{line}: lower, as published"
    if found.low > 0:
        return f"{line}: higher, unlike published"
    return f"{line}: undecided by {found.n} seeds"


def _signed(value):
    return f"{value:.3g}".replace("-", "−")


def draw_panel(axes, frame, metric, ratio):
    """Draw a metric over the generations, the arms at one lambda and the baseline."""
    rows = frame[frame.metric == metric]
    for kind, colour in COLOURS.items():
        mine = rows[(rows.kind == kind) & ((rows.ratio == ratio) | (kind == "baseline"))]
        mine = mine.sort_values("round")
        if len(mine):
            style.line(axes, mine["round"], mine["mean"], colour, linewidth=1.1)
            axes.fill_between(mine["round"], mine["low"], mine["high"], color=colour, alpha=0.15,
                              linewidth=0)
    real = rows[rows.kind == "real"]
    if len(real):
        axes.axhline(real["mean"].iloc[0], color=style.GREY, linestyle=":", linewidth=1)
    shown = rows[rows.kind != "real"]["mean"]
    if len(shown) and shown.min() > 0 and shown.max() > _WIDE * shown.min():
        axes.set_yscale("log")
        style.plain_ticks(axes.yaxis)
    axes.set(xlabel="generation", ylabel=LABELS[metric])
    axes.xaxis.get_major_locator().set_params(integer=True)


def entries(frame):
    """Return what stands for the curves in a legend."""
    labels = {"baseline": "baseline (real data)", "iterative": "iterative fine-tuning",
              "corrected": "with correction by physics"}
    found = [style.entry(label, COLOURS[kind]) for kind, label in labels.items()
             if (frame.kind == kind).any()]
    if (frame.kind == "real").any():
        found.append(style.entry("held-out real motions", style.GREY, line=":"))
    return found


def grid(frame, metrics, note=""):
    """Return a figure: a row for each lambda, a column for each metric."""
    ratios = sorted(frame.ratio.dropna().unique())
    figure, axes = style.blank(len(ratios), len(metrics), width=style.WIDE,
                               height=0.55 + 1.65 * len(ratios), squeeze=False, sharex=True)
    for row, ratio in zip(axes, ratios):
        for panel, metric in zip(row, metrics):
            draw_panel(panel, frame, metric, ratio)
            if ratio != ratios[-1]:
                panel.set_xlabel("")
        row[0].set_title(f"λ = {ratio:g}")
    axes[0, -1].set_title(frame.setting.iloc[0], loc="right")
    style.legend_below(figure, entries(frame), ncols=4, title=note or None, title_fontsize=7)
    return figure
