"""What a verifier decided, beside the truth: read from a file and checked cell by cell."""

import math
import numbers
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from loopcert._columns import read_columns
from loopcert._usage import UserError

__all__ = ["Decisions", "read_decisions"]

WORDS = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}
MISSING = ("", "na", "n/a", "nan", "null", "none")


@dataclass(frozen=True, slots=True)
class Decisions:
    """Items, what is true of them, and what the verifier did.

    Attributes
    ----------
    truth : array (n,)
        1 for a right item, 0 for a wrong one, or a quality in [0, 1]; NaN where nobody looked.
    kept : bool array (n,)
        Whether the verifier accepted the item.
    weight : array (n,) or None
        Positive weights (inverse sampling probabilities); None when all items count the same.
    """

    truth: np.ndarray
    kept: np.ndarray
    weight: np.ndarray | None = None

    @property
    def graded(self):
        """Whether some truth is a quality strictly between 0 and 1."""
        return bool(((self.truth > 0) & (self.truth < 1)).any())


def read_decisions(path, correct, *, kept=None, score=None, threshold=None, weight=None):
    """Return the :class:`Decisions` in the table at `path`.

    Parameters
    ----------
    path : path
        A CSV, TSV, JSON lines or Parquet file, by its suffix.
    correct : str
        Column of the truth.
    kept : str, optional
        Column of the decisions; or else
    score, threshold : str and float, optional
        Column of the verifier's score, and the least score that is accepted.
    weight : str, optional
        Column of the weights; rows of weight zero are left out.
    """
    decider = kept if score is None else score
    names = [name for name in (correct, decider, weight) if name is not None]
    for name in names:
        if names.count(name) > 1:
            raise UserError(f"{path}: column {name!r} is given two roles: must have one")
    columns = read_columns(path, names)
    accepted = (
        _accepted(columns, kept) if score is None else _at_least(columns, score, threshold)
    )
    truth = _truth(columns, correct, accepted)
    weights = None if weight is None else _weights(columns, weight)
    if weights is None:
        return Decisions(truth, accepted)
    counted = weights > 0
    if not accepted[counted].any():
        raise UserError(f"{columns.path}: every accepted row has weight 0")
    return Decisions(truth[counted], accepted[counted], weights[counted])


def _value(cell):
    """Return a cell as a float, NaN when it is missing; None when it is no number."""
    if cell is None:
        return math.nan
    if isinstance(cell, str):
        text = cell.strip().lower()
        if text in MISSING:
            return math.nan
        if text in WORDS:
            return WORDS[text]
        try:
            return None if "_" in text else float(text)
        except ValueError:
            return None
    try:
        return float(cell) if isinstance(cell, (numbers.Real, Decimal)) else None
    except OverflowError:
        return math.inf


def _numbers(columns, name, allowed):
    """Return column `name` as float64, NaN where missing; refuse text."""
    cells = columns.cells[name]
    values = [_value(cell) for cell in cells]
    if None in values:
        row = values.index(None)
        raise UserError(f"{columns.where(name, row)}: {_shown(cells[row])}: must be {allowed}")
    return np.array(values, dtype=np.float64)


def _shown(cell):
    text = repr(cell)
    return text if len(text) <= 40 else text[:37] + "..."


def _refuse(columns, name, bad, allowed):
    """Refuse the first cell of column `name` where `bad` holds."""
    if bad.any():
        row = int(np.argmax(bad))
        cell = columns.cells[name][row]
        raise UserError(f"{columns.where(name, row)}: {_shown(cell)}: must be {allowed}")


def _accepted(columns, name):
    allowed = "0 or 1, or true or false"
    values = _numbers(columns, name, allowed)
    hint = " (for a score, use --verifier-score and --threshold)"
    _refuse(columns, name, np.isnan(values), f"{allowed}; it is missing")
    _refuse(columns, name, (values != 0) & (values != 1), allowed + hint)
    if not values.any():
        raise UserError(
            f"{columns.path}: column {name!r} is 0 in every row: no item is accepted, and "
            "without accepted items there is nothing to audit"
        )
    return values == 1


def _at_least(columns, name, threshold):
    values = _numbers(columns, name, "a number")
    _refuse(columns, name, np.isnan(values), "a number; it is missing")
    low, high = values.min(), values.max()
    if low == high and len(values) > 1:
        raise UserError(
            f"{columns.path}: column {name!r} is {low:g} in every row: no threshold divides it"
        )
    if threshold > high:
        raise UserError(
            f"{columns.path}: no item is accepted: --threshold {threshold:g} is above every "
            f"value of column {name!r}, which lie in [{low:g}, {high:g}]"
        )
    return values >= threshold


def _truth(columns, name, accepted):
    allowed = "0 or 1, true or false, or a quality in [0, 1]"
    values = _numbers(columns, name, allowed)
    _refuse(columns, name, (values < 0) | (values > 1), allowed)
    _refuse(columns, name, np.isnan(values) & accepted,
            f"{allowed}; it is missing, and only rejected rows may lack it")
    return values


def _weights(columns, name):
    allowed = "a number in [0, inf)"
    values = _numbers(columns, name, allowed)
    _refuse(columns, name, np.isnan(values), f"{allowed}; it is missing")
    _refuse(columns, name, ~((values >= 0) & (values < np.inf)), allowed)
    if not values.any():
        raise UserError(f"{columns.path}: column {name!r} is 0 in every row: nothing counts")
    return values / values.max()  # a scale that cancels, so that no sum of squares overflows
