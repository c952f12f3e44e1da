"""What theory says about finished runs: predicted | observed | interval | verdict.

A task's own predictions are in `empirical/NAME/predict.py`, a function `predict(comparison)` that
returns :class:`Prediction` s: about the arms that are there, since a comparison may hold some of a
preset's, or those of a sweep. Intervals are over paired seeds: what differs between two arms of
one seed is what the arms differ in.
"""

import importlib
import math
from dataclasses import dataclass

__all__ = ["Interval", "Prediction", "final", "judge", "mean_interval", "paired", "predictions"]

AGREES, DISAGREES = "agrees", "disagrees"
UNDECIDED, NOT_APPLICABLE = "undecided", "does not apply"


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over seeds with its confidence limits.

    Attributes
    ----------
    mean, low, high : float
        Student's t interval; limits are NaN for fewer than two seeds.
    n : int
        Seeds.
    """

    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Prediction:
    """One row of the table.

    Attributes
    ----------
    claim : str
        Id of the claim that predicts.
    quantity : str
        What is predicted.
    predicted : str
        What theory says.
    observed : str
        What was seen; empty where nothing was.
    interval : Interval or None
        Of what was seen, where it is a number.
    verdict : str
        "agrees", "disagrees", "undecided" (the interval does not decide), or "does not apply".
    note : str
        Which assumption fails, or how to read the row.
    """

    claim: str
    quantity: str
    predicted: str
    observed: str = ""
    interval: Interval | None = None
    verdict: str = UNDECIDED
    note: str = ""


def mean_interval(values, confidence=0.95):
    """Return the :class:`Interval` of the mean of one value a seed; NaNs are left out."""
    import numpy as np
    from scipy.stats import t

    values = np.asarray([v for v in values if not math.isnan(v)], dtype=float)
    n = len(values)
    if not n:
        return Interval(math.nan, math.nan, math.nan, 0)
    mean = float(values.mean())
    if n < 2:
        return Interval(mean, math.nan, math.nan, n)
    if math.isinf(mean) or math.isnan(mean):  # some seeds diverged
        return Interval(mean, math.nan, math.nan, n)
    half = float(t.ppf((1 + confidence) / 2, n - 1) * values.std(ddof=1) / math.sqrt(n))
    return Interval(mean, mean - half, mean + half, n)


def final(metrics, arm, metric, split="test", round_=None):
    """Return the values of a metric in an arm by seed: a Series, of the last round by default."""
    rows = metrics[
        (metrics.arm == arm) & (metrics.metric == metric) & (metrics.split == split)
    ]
    if round_ is not None:
        rows = rows[rows["round"] == round_]
    else:
        rows = rows[rows["round"] == rows.groupby("seed")["round"].transform("max")]
    return rows.set_index("seed").value.sort_index()


def paired(metrics, first, second, metric, confidence=0.95, **where):
    """Return the :class:`Interval` of `first` minus `second`, over the seeds that both have."""
    difference = final(metrics, first, metric, **where) - final(metrics, second, metric, **where)
    return mean_interval(difference.dropna(), confidence)


def judge(interval, at_least=-math.inf, at_most=math.inf):
    """Return whether an interval lies in the predicted range, outside it, or across an end."""
    if math.isnan(interval.low):
        return UNDECIDED
    if interval.low >= at_least and interval.high <= at_most:
        return AGREES
    if interval.high < at_least or interval.low > at_most:
        return DISAGREES
    return UNDECIDED


def predictions(comparison):
    """Return the :class:`Prediction` s of a task for a comparison; none where it makes none.

    They come from the module `predict` beside the task's own.
    """
    package, _, _ = comparison.cells[0].task.partition(":")[0].rpartition(".")
    name = f"{package}.predict"
    try:
        module = importlib.import_module(name) if package else None
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        module = None
    return tuple(module.predict(comparison)) if module else ()
