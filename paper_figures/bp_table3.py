"""Feng et al. 2025, Table 3: students tuned, or trained from scratch, on verified answers.

Model A is the generator itself, tuned; B, C and D are other models, pre-trained as long as the
generator, longer, and less long.
"""

import math

import pandas as pd

from paper_figures import style
from paper_figures.published import feng2025
from paper_figures.tables import draw_table, percent

__all__ = ["compute", "draw", "usable"]

METRIC = "accuracy@2%"
STARTS = {"scratch": "scratch", "cold": "A", "warm": "A"}  # of one round


def place(config):
    """Return the (model, row) of the table that an arm of this config fills, or None.

    Examples
    --------
    >>> loop = {"curate": "oracle", "rounds": 1, "mix": "replace", "start": "cold"}
    >>> place({"labels": "model", "beams": 10, "pick": "oracle", "loop": loop})
    ('A', 'beam 10')
    """
    loop = config["loop"]
    if (config["labels"], loop["mix"], loop["rounds"]) != ("model", "replace", 1):
        return None
    if config["beams"] > 1:
        chosen = config["pick"] == "oracle" and loop["curate"] in ("none", "oracle")
        row = f"beam {config['beams']}" if chosen else ""
    else:
        row = {"oracle": "rejection", "none": "beam 1"}.get(loop["curate"], "")
    return (_model(config), row) if row in feng2025.TABLE_3_ROWS else None


def _model(config):
    """Return which of the table's models an arm tunes."""
    if config["loop"]["start"] != "other":
        return STARTS[config["loop"]["start"]]
    more = config["other"]["steps"] - config["base"]["steps"]
    return "B" if not more else "C" if more > 0 else "D"


def usable(results):
    """Return whether runs fill any place."""
    return any(place(config) for config in results.configs.values())


def compute(results):
    """Return published and measured accuracies in percent, by model and training set."""
    from empirical.predict import final, mean_interval

    arms = {place(config): arm for arm, config in reversed(results.configs.items())}
    rows = []
    for model, column in feng2025.TABLE_3.items():
        for row, published in zip(feng2025.TABLE_3_ROWS, column):
            arm = arms.get((model, row))
            ours = mean_interval(
                () if arm is None else 100 * final(results.metrics, arm, METRIC, round_=1))
            before = mean_interval(
                () if arm is None else 100 * final(results.metrics, arm, METRIC, round_=0))
            rows.append((results.setting, model, row, float(published), ours.mean, ours.low,
                         ours.high, ours.n, before.mean))
    return pd.DataFrame(rows, columns=["setting", "model", "row", "published", "ours", "low",
                                       "high", "seeds", "generator"])


@style.styled
def draw(frame):
    """Draw the table, ours below the paper's."""
    heads = [f"model {name}\n({before} %)" if before else "from scratch\n"
             for name, before in feng2025.MODELS.items()]
    rows = []
    for row in feng2025.TABLE_3_ROWS:
        cells = frame[frame.row == row].set_index("model").loc[list(feng2025.MODELS)]
        rows.append((row, [(f"{c.published:.1f}", percent(c.ours, c.low, c.high))
                           for c in cells.itertuples()]))
    generator = frame.generator.dropna()
    before = math.nan if generator.empty else generator.iloc[0]
    notes = [
        "Accuracy in percent at a tolerance of 2 %. Grey: published (5×5; in brackets the "
        "accuracy before). "
        f"Blue: ours ({frame.setting.iloc[0]};",
        f"generator: {before:.1f} %), mean ± half the 95 % interval over seeds; empty where not "
        "run. Rejection: right greedy answers; beam 1: all.",
    ]
    return draw_table(heads, rows, notes)
