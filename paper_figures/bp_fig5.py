"""Feng et al. 2025, Figure 5: summaries, final ROUGE-1 and p* by verifier and share selected.

The paper prints no number of the figure. Its curves run over the data used during one training;
ours have one point a share, each a training of its own from the same pre-trained model.
"""

import pandas as pd
from matplotlib.lines import Line2D

from paper_figures import style
from paper_figures.roles import COLOURS, LABELS, MARKERS, WHO

__all__ = ["compute", "draw", "usable"]

METRIC = "rouge1"
EACH = " of each kind"  # a verifier that takes as many summaries of each kind of event


def _point(config):
    """Return (who, share) of an arm of the figure, or None for another."""
    from empirical.summary.predict import role

    loop, who = config["loop"], role(config)
    if loop["rounds"] != 1 or loop["start"] != "scratch" or loop["mix"] != "replace":
        return None
    if who == "truth":
        return who, 1.0
    return (who, loop["fraction"]) if who and who.removesuffix(EACH) in WHO else None


def usable(results):
    """Return whether runs hold two verifiers at least."""
    points = [_point(config) for config in results.configs.values()]
    return len({point[0] for point in points if point} - {"truth"}) > 1


def compute(results):
    """Return final ROUGE-1, its gain over the generator, and p*, by verifier and share."""
    from empirical.predict import final, mean_interval

    rows = []
    for arm, config in results.configs.items():
        point = _point(config)
        if point is None:
            continue
        after, before = (final(results.metrics, arm, METRIC, round_=r) for r in (1, 0))
        made, gain = mean_interval(after), mean_interval((after - before).dropna())
        star, kept, p = (
            mean_interval(() if point[0] == "truth" else
                          final(results.metrics, arm, name, "proposed", 1))
            for name in ("p_star", "precision", "p"))
        rows.append((results.setting, *point, config["corpus"], config["share"], before.mean(),
                     made.mean, made.low, made.high, gain.mean, gain.low, gain.high, star.mean,
                     star.low, star.high, kept.mean, p.mean, made.n))
    return pd.DataFrame(rows, columns=[
        "setting", "who", "share", "corpus", "labelled", "generator", "rouge1", "rouge1_low",
        "rouge1_high", "gain", "gain_low", "gain_high", "p_star", "p_star_low", "p_star_high",
        "kept_rouge1", "p", "seeds"])


def _bars(axes, rows, x, y, who, line="-"):
    ends = [rows[y] - rows[f"{y}_low"], rows[f"{y}_high"] - rows[y]]
    axes.errorbar(x, rows[y], yerr=ends, color=COLOURS[who], marker=MARKERS[who], capsize=2,
                  markerfacecolor="white", linewidth=0.9, linestyle=line, zorder=3)


def _over_share(axes, frame, y):
    shares = _shares(frame)
    for place, who in enumerate(WHO):
        rows = frame[frame.who == who].sort_values("share")
        # A little beside each other, or their intervals hide each other.
        _bars(axes, rows, rows.share * 1.03 ** (place - 1.5), y, who)
    axes.set_xscale("log")
    axes.set_xticks(shares, [f"{100 * share:g}" for share in shares], minor=False)
    axes.set_xticks([], minor=True)
    axes.set(xlabel="selected (% of the corpus)", xlim=(shares[0] / 1.3, shares[-1] * 1.3))


def _scores(axes, frame):
    _over_share(axes, frame, "rouge1")
    axes.axhline(frame.generator.mean(), color=style.BLACK, linestyle="--", linewidth=1)
    truth = frame[frame.who == "truth"]
    if len(truth):
        axes.axhline(truth.rouge1.iloc[0], color=style.GREY, linestyle="-.", linewidth=1)
    axes.set(ylabel="final ROUGE-1")


def _stars(axes, frame):
    _over_share(axes, frame, "p_star")
    axes.axhline(0.5, color=style.GREY, linestyle=":", linewidth=1)
    axes.set(ylabel=r"$p^\ast$ of the verifier (measured)")


def _shares(frame):
    return sorted(frame.share[frame.who != "truth"].unique())


def _against(axes, frame):
    for share, size in zip(_shares(frame), (2.5, 4, 5.5, 7)):
        for row in frame[(frame.share == share) & (frame.who != "truth")].itertuples():
            who = row.who.removesuffix(EACH)
            axes.plot(row.p_star, row.gain, MARKERS[who], color=COLOURS[who], markersize=size,
                      markerfacecolor=COLOURS[who] if who != row.who else "white", zorder=3)
    axes.axhline(0, color=style.BLACK, linestyle="--", linewidth=1)
    axes.set(xlabel=r"$p^\ast$ (larger: more selected)", ylabel="gain over the generator")


@style.styled
def draw(frame):
    """Draw scores and p* over the share selected, and gains over p*; 95 % intervals over seeds."""
    figure, axes = style.blank(1, 3, height=2.7)
    _scores(axes[0], frame)
    _stars(axes[1], frame)
    _against(axes[2], frame)
    there = [who for who in WHO if (frame.who == who).any()]
    entries = [style.entry(LABELS[who], COLOURS[who], MARKERS[who]) for who in there]
    entries += [style.entry("generator", line="--")]
    if (frame.who == "truth").any():
        entries += [style.entry("trained on all references", style.GREY, line="-.")]
    entries += [style.entry("(b) selection by lot, exactly", style.GREY, line=":")]
    if frame.who.str.endswith(EACH).any():
        entries += [Line2D([], [], color=style.GREY, marker="o", linestyle="none",
                           label="(c) filled: the best of each kind")]
    style.legend_below(figure, entries, ncols=4)
    style.label_panels(axes, [frame.setting.iloc[0], r"measured $p^\ast$",
                              "published: words only"])
    return figure
