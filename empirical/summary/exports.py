"""What each arm's model writes of the same articles, side by side (Feng et al., appendix D).

    python -m empirical.summary.exports COMPARISON --out FOLDER [--runs-dir RUNS]

writes texts.csv to the folder, where `loopcert figures bp_texts` looks for it beside the results.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from empirical import comparison, runs
from empirical._files import write
from empirical.export import find
from empirical.items import take

__all__ = ["COLUMNS", "main", "texts"]

COLUMNS = ("number", "arm", "text")
SHOWN = 6  # articles


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

    from empirical.language import model

    # Not task.build: its pre-training would be for nothing.
    made = model.build(task.config.model, task.writer.tokens, torch.Generator())
    event = [e for e in record.events if e["event"] == "trained"][-1]
    made.load_state_dict({name: torch.from_numpy(np.array(values))
                          for name, values in runs.load(record.path, event).items()})
    return [(i, arm, text) for i, text in enumerate(task.written(made.eval(), test))]


def main(arguments=None):
    """Write the texts of a comparison; see the module."""
    parser = argparse.ArgumentParser(prog="python -m empirical.summary.exports",
                                     description="Summaries of the same articles by each arm.")
    parser.add_argument("comparison", help="name of a finished comparison")
    parser.add_argument("--out", required=True, help="folder for texts.csv")
    parser.add_argument("--runs-dir", help="folder of all runs")
    parser.add_argument("--articles", type=int, default=SHOWN, help="how many articles")
    chosen = parser.parse_args(arguments)
    try:
        found = find(chosen.runs_dir or runs.default_root(), chosen.comparison)
        if not isinstance(found, comparison.Comparison) or found.task != "summary":
            raise ValueError(f"comparison = {chosen.comparison!r}: must be a comparison of the "
                             "task summary")
        made = texts(found, chosen.articles).to_csv(index=False, lineterminator="\n")
        Path(chosen.out).mkdir(parents=True, exist_ok=True)
        write(Path(chosen.out) / "texts.csv", made.encode())
    except (ValueError, OSError, LookupError) as error:
        sys.stderr.write(f"texts: error: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
