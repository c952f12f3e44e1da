"""Pictures of self-consuming digits: which arms are drawn, curves over rounds, samples."""

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from paper_figures import style
from paper_figures.samples import ends, images_of, kept, packed

__all__ = ["COLUMNS", "KINDS", "curves", "draw_band", "gather", "grid_of", "kind_of", "kinds",
           "samples"]

COLUMNS = ("setting", "arm", "kind", "ratio", "round", "digit", "copy", "size", "pixels")
COPIES = 8  # of each digit
KINDS = {  # of the correctors, and of the verifiers
    "baseline": style.BLACK, "iterative": style.RED, "corrected": style.GREEN,
    "none": style.RED, "strong": style.GREEN, "weak": style.ORANGE, "biased": style.PINK,
    "fixed": style.BLUE,
}
CORRECTORS, VERIFIERS = ("baseline", "iterative", "corrected"), ("none", "strong", "weak",
                                                                 "biased", "fixed")


def kind_of(config):
    """Return what an arm is, from its config as plain values: a name of KINDS, or ""."""
    loop = config["loop"]
    if loop["rounds"] < 1:
        return ""
    if loop["mix"] == "real":
        return "baseline"
    if loop["mix"] == "augment" and loop["ratio"] > 0:
        return {"none": "iterative", "anchors": "corrected"}.get(loop["curate"], "")
    if loop["mix"] != "replace":
        return ""
    if loop["curate"] == "none":
        return "none"
    if loop["curate"] != "top_fraction" or loop["score"] != "realism":
        return ""
    if not config["judge_fresh"]:
        return "fixed"
    if config["judge_without"] >= 0:
        return "biased"
    return "weak" if config["judge_real"] else "strong"


def kinds(results, wanted):
    """Return the arms of wanted kinds: name to kind."""
    found = {arm: kind_of(config) for arm, config in results.configs.items()}
    return {arm: kind for arm, kind in found.items() if kind in wanted}


def curves(results, wanted, metrics):
    """Return means and 95 % intervals over seeds of metrics, by arm and round."""
    from empirical.predict import mean_interval

    rows = []
    table = results.metrics[results.metrics["split"] == "test"]
    for arm, kind in kinds(results, wanted).items():
        config = results.configs[arm]
        mine = table[(table.arm == arm) & table.metric.isin(metrics)]
        for (metric, round_), part in mine.groupby(["metric", "round"], sort=False):
            found = mean_interval(part.value)
            rows.append((results.setting, arm, kind, float(config["loop"]["ratio"]),
                         config["anchors"], config["loop"]["schedule"], config["judge_without"],
                         metric, round_, found.mean, found.low, found.high, found.n))
    frame = pd.DataFrame(rows, columns=[
        "setting", "arm", "kind", "ratio", "anchors", "schedule", "without", "metric", "round",
        "value", "low", "high", "seeds"])
    return frame.sort_values(["metric", "arm", "round"], ignore_index=True)


def draw_band(axes, rows, colour, line="-"):
    """Draw a metric over the rounds of one arm, seeds as a band."""
    rows = rows.sort_values("round")
    axes.plot(rows["round"], rows.value, color=colour, linestyle=line, zorder=3)
    axes.fill_between(rows["round"], rows.low, rows.high, color=colour, alpha=0.15, linewidth=0,
                      zorder=2)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


# Samples


def samples(results, wanted):
    """Return the samples of arms of wanted kinds: generation 0, and the last of each arm."""
    frame = kept(results, gather)
    return frame[frame.kind.isin(wanted)].reset_index(drop=True)


def gather(found, setting=""):
    """Return samples of a finished comparison's models, of its first seed: a frame of COLUMNS.

    Of each kind of arm the one with the largest lambda, and the schedule that comes first.
    """
    from empirical.config import to_dict

    records, seed, cells = found.records(), found.seeds[0], {}
    for cell in found.cells:
        kind = kind_of(to_dict(cell.config))
        if cell.seed != seed or not kind:
            continue
        if kind not in cells or cell.config.loop.ratio > cells[kind].config.loop.ratio:
            cells[kind] = cell
    rows = []
    for kind, cell in cells.items():
        record = records[cell.arm, seed]
        for round_, images in _generations(record, cell).items():
            size = images.shape[-1]
            rows += [
                (setting, cell.arm, kind, cell.config.loop.ratio, round_, number % 10,
                 number // 10, size, packed(image)) for number, image in enumerate(images)
            ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _generations(record, cell):
    """Return the images of a run's first and last model: round to array."""
    from empirical.streams import Streams

    task, models = ends(record, cell)
    streams = Streams(cell.seed).child("pictures")
    return {
        round_: task.generate(model, np.arange(10 * COPIES), streams).items["image"][:, 0]
        for round_, model in models.items()
    }


def grid_of(axes, rows):
    """Draw samples as a grid, a row a digit and its copies side by side, dark ink on white."""
    rows = rows.sort_values(["digit", "copy"])
    images, size = images_of(rows), int(rows["size"].iloc[0])
    across, gap = rows["copy"].nunique(), max(1, size // 8)
    step = size + gap
    sheet = np.zeros((rows.digit.nunique() * step - gap, across * step - gap), np.uint8)
    for number, image in enumerate(images):
        top, left = number // across * step, number % across * step
        sheet[top:top + size, left:left + size] = image
    axes.imshow(sheet, cmap="gray_r", vmin=0, vmax=255, interpolation="nearest")
    axes.set_axis_off()
