"""Yi et al. 2025, MNIST: digits that a verifier keeps, round by round. Our reconstruction.

The paper's figures were not at hand; model, verifiers, filter and schedules are rebuilt from what
is public of the experiment, on the images and at the sizes of the runs drawn.
"""

from paper_figures import digits, style

__all__ = ["compute", "draw", "usable"]

METRICS = {"fid": "FID", "class_mean": "squared distance of digit means",
           "spread": "variance within digits / real"}
WIDE = 20  # a ratio of largest to smallest from which an axis is logarithmic
NAMES = {"none": "no verifier", "strong": "strong, unbiased", "weak": "weak",
         "biased": "biased: one digit unseen", "fixed": "fixed: learnt once"}


def usable(results):
    """Return whether runs hold a loop with a verifier and one without."""
    found = set(digits.kinds(results, digits.VERIFIERS).values())
    return {"none", "strong"} <= found


def compute(results):
    """Return the metrics over the rounds, mean and 95 % interval over seeds, by arm."""
    wanted = [*METRICS, *(f"class_mean/{c['judge_without']}" for c in results.configs.values())]
    return digits.curves(results, digits.VERIFIERS, wanted)


def _panel(axes, frame, metric):
    for kind in NAMES:
        rows = frame[(frame.kind == kind) & (frame.metric == metric)]
        for schedule, line in (("constant", "-"), ("linear", "--")):
            mine = rows[rows.schedule == schedule]
            if len(mine):
                digits.draw_band(axes, mine, digits.KINDS[kind], line)
    axes.set(xlabel="round")
    shown = frame[(frame.metric == metric) & (frame.value > 0)].value
    if len(shown) and shown.max() > WIDE * shown.min():
        axes.set(yscale="log")
        style.plain_ticks(axes.yaxis)


@style.styled
def draw(frame):
    """Draw the distances, that of the digit that the biased verifier has not seen, and spread."""
    unseen = frame.without.max()
    panels = dict(METRICS)
    if unseen >= 0:
        panels[f"class_mean/{unseen}"] = f"of digit {unseen}, unseen by the biased one"
    figure, axes = style.blank(2, 2, width=style.WIDE, height=4.8)
    for panel, metric in zip(axes.flat, panels):
        _panel(panel, frame, metric)
    for panel in axes.flat[len(panels):]:
        panel.set_axis_off()
    style.label_panels(axes.flat, panels.values())
    there = [kind for kind in NAMES if kind in set(frame.kind)]
    entries = [style.entry(NAMES[kind], digits.KINDS[kind]) for kind in there]
    if "linear" in set(frame.schedule):
        entries.append(style.entry("growing batches", style.GREY, line="--"))
    setting = f"our reconstruction ({frame.setting.iloc[0]})"
    style.legend_below(figure, entries, ncols=3, title=setting)
    return figure
