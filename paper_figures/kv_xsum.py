"""Yi et al. 2025, summaries round after round with a verifier. Our reconstruction.

Only the abstract was at hand, which speaks of regression and of images: verifier, schedules and
sizes are ours.
"""

import pandas as pd
from matplotlib.ticker import MaxNLocator

from paper_figures import style
from paper_figures.roles import COLOURS, LABELS

__all__ = ["compute", "draw", "usable"]

METRICS = ("rouge1", "rouge1/valid")
LINES = {"constant": "-", "linear": "--"}


def usable(results):
    """Return whether runs hold an arm of several rounds."""
    return any(config["loop"]["rounds"] > 1 for config in results.configs.values())


def compute(results):
    """Return ROUGE-1 after each round, minus the generator's, by arm."""
    from empirical.predict import final, mean_interval
    from empirical.summary.predict import role

    rows = []
    for arm, config in results.configs.items():
        loop = config["loop"]
        if loop["rounds"] < 2:
            continue
        for metric in METRICS:
            begun = final(results.metrics, arm, metric, round_=0)
            for round_ in range(loop["rounds"] + 1):
                now = final(results.metrics, arm, metric, round_=round_)
                made, gain = mean_interval(now), mean_interval((now - begun).dropna())
                if made.n:
                    rows.append((results.setting, arm, role(config), loop["schedule"], metric,
                                 round_, made.mean, gain.mean, gain.low, gain.high, made.n))
    return pd.DataFrame(rows, columns=["setting", "arm", "who", "schedule", "metric", "round",
                                       "score", "gain", "gain_low", "gain_high", "seeds"])


@style.styled
def draw(frame):
    """Draw gains over rounds with 95 % intervals over seeds, for the two readings of ROUGE-1."""
    metrics = [metric for metric in METRICS if (frame.metric == metric).any()]
    figure, axes = style.blank(1, 2, height=2.8, sharex=True)
    entries = []
    for panel, metric in zip(axes, metrics):
        for (_, who, schedule), rows in frame[frame.metric == metric].groupby(
                ["arm", "who", "schedule"], sort=False):
            colour, line = COLOURS.get(who, style.GREY), LINES.get(schedule, ":")
            panel.plot(rows["round"], rows.gain, color=colour, linestyle=line)
            panel.fill_between(rows["round"], rows.gain_low, rows.gain_high, color=colour,
                               alpha=0.15, linewidth=0)
            if panel is axes[0]:
                growing = "growing" if schedule == "linear" else schedule
                entries.append(style.entry(f"{LABELS.get(who, who)}, {growing}", colour,
                                           line=line))
        panel.axhline(0, color=style.BLACK, linewidth=0.7, linestyle=":")
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))
        panel.set(xlabel="round", ylabel="ROUGE-1, gain over the generator")
    for panel in axes[len(metrics):]:
        panel.set_axis_off()
    names = [f"reconstruction; {frame.setting.iloc[0]}", "against the closest valid summary"]
    style.label_panels(axes[: len(metrics)], names)
    style.legend_below(figure, entries, ncols=2)
    return figure
