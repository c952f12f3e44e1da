"""What each arm's model writes of the same articles, side by side (Feng et al., appendix D)."""

import numpy as np

from empirical import runs
from empirical.items import take

__all__ = ["COLUMNS", "files", "texts"]

COLUMNS = ("number", "arm", "text")
SHOWN = 6  # articles


def files(found):
    """Return what an export of a comparison has besides its numbers: texts.csv, as bytes."""
    return {"texts.csv": texts(found).to_csv(index=False, lineterminator="\n").encode()}


def texts(found, shown=SHOWN):
    """Return the summaries of the first test articles by the models of the first seed.

    Parameters
    ----------
    found : Comparison
        Whose runs are on disk and finished.
    shown : int
        Articles.

    Returns
    -------
    pandas.DataFrame
        Columns COLUMNS: for each article its text (arm "article"), the "reference", what the
        "generator" wrote, and what each arm's last model did.
    """
    import pandas as pd

    rows, cells = [], [cell for cell in found.cells if cell.seed == found.seeds[0]]
    records = found.records()
    for cell in cells:
        record = records[cell.arm, cell.seed]
        task = cell.task_class(cell.config)
        test = take(task.real("test", None), slice(shown))
        if not rows:
            known = task.corpus("test")
            rows += [(i, "article", known.articles[i]) for i in range(shown)]
            rows += [(i, "reference", known.references[i]) for i in range(shown)]
            rows += _written(task, _base(found, cell), test, "generator")
        rows += _written(task, record, test, cell.arm)
    return pd.DataFrame(rows, columns=COLUMNS).sort_values("number", kind="stable")


def _base(found, cell):
    """Return the record of the directory with a cell's base model."""
    record = found.records()[cell.arm, cell.seed]
    return next(runs.read(found.root / name) for name in sorted(runs.shared(record))
                if runs.read(found.root / name).wanted["kind"] == "base")


def _written(task, record, test, arm):
    """Return rows of what the last model of a record writes."""
    import torch

    made = task.build(torch.Generator(task.device).manual_seed(0))
    event = [e for e in record.events if e["event"] == "trained"][-1]
    made.load_state_dict({name: torch.from_numpy(np.array(values))
                          for name, values in runs.load(record.path, event).items()})
    return [(i, arm, text) for i, text in enumerate(task.written(made.eval(), test))]
