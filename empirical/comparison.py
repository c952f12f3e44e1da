"""A comparison: the arms of a preset, each with the same seeds, and what came of them.

Its record is a small JSON file under RUNS/comparisons that names the arms' run directories; the
tables and figures of a task are drawn from it.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from empirical import runs
from empirical._files import write
from empirical.config import changed, digest, to_dict
from empirical.engine import Cell
from empirical.loop import identity_of

__all__ = ["Comparison", "load", "plan"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared.

    Attributes
    ----------
    task, preset : str
        Names.
    changes : dict
        What was changed of the preset, by dotted keys.
    cells : tuple of Cell
        One for each arm and seed, arms by arms; paired by seed.
    names : tuple of str
        The cells' run directories.
    root : Path
        Folder of all runs.
    """

    task: str
    preset: str
    changes: dict
    cells: tuple
    names: tuple
    root: Path

    @property
    def name(self):
        """Name of the comparison: task, preset, and a digest of its runs."""
        return f"{self.task}-{self.preset}-{digest({'runs': sorted(self.names)})[:8]}"

    @property
    def arms(self):
        """Names of the arms, in order."""
        return tuple(dict.fromkeys(cell.arm for cell in self.cells))

    @property
    def seeds(self):
        """Seeds, in order."""
        return tuple(dict.fromkeys(cell.seed for cell in self.cells))

    def records(self):
        """Return a dict from (arm, seed) to the :class:`~empirical.runs.Record` s on disk."""
        found = {}
        for cell, name in zip(self.cells, self.names):
            if (Path(self.root) / name / "config.json").is_file():
                found[cell.arm, cell.seed] = runs.read(Path(self.root) / name)
        return found

    @property
    def metrics(self):
        """Metrics of all runs on disk: the columns of :func:`runs.metrics`, after one `arm`."""
        import pandas as pd

        frames = [
            record.metrics.assign(arm=arm) for (arm, _), record in self.records().items()
        ]
        columns = ["arm", *runs.COLUMNS]
        return pd.concat(frames)[columns].reset_index(drop=True) if frames else pd.DataFrame(
            columns=columns)

    def save(self):
        """Write the record; return its path."""
        folder = Path(self.root) / "comparisons"
        folder.mkdir(parents=True, exist_ok=True)
        cells = [
            {"arm": cell.arm, "seed": cell.seed, "run": name, "config": to_dict(cell.config)}
            for cell, name in zip(self.cells, self.names)
        ]
        content = {"task": self.task, "preset": self.preset, "changes": self.changes,
                   "cells": cells}
        place = folder / f"{self.name}.json"
        write(place, (json.dumps(content, indent=1) + "\n").encode())
        return place


def plan(task_class, preset, changes, seeds, settings, arms=None):
    """Return the :class:`Comparison` of a preset.

    Parameters
    ----------
    task_class : type
        The task.
    preset : str
        Name of one of its presets.
    changes : dict
        Dotted keys and values (or their texts) that override the preset's.
    seeds : sequence of int or None
        Seeds of every arm; the preset's number, from 0, by default.
    settings : Settings
        Where, and with which arithmetic: part of a run's identity.
    arms : sequence of Arm, optional
        Instead of the preset's.

    Raises
    ------
    ValueError
        For an unknown preset or key, or a value out of range.
    """
    if preset not in task_class.presets:
        raise ValueError(
            f"preset = {preset!r}: must be one of {', '.join(task_class.presets)}"
        )
    row = task_class.presets[preset]
    base = changed(task_class.Config(), row.changes)
    seeds = range(row.seeds) if seeds is None else seeds
    path = f"{task_class.__module__}:{task_class.__qualname__}"
    cells = [
        Cell(path, arm.name, seed, changed(changed(base, arm.changes), changes))
        for arm in (arms or row.arms) for seed in seeds
    ]
    names = [
        runs.run_name(identity_of(cell.task_class, cell.config, cell.seed, settings))
        for cell in cells
    ]
    shown = {key: value if isinstance(value, list | tuple) else str(value)
             for key, value in changes.items()}
    return Comparison(task_class.name, preset, shown, tuple(cells), tuple(names),
                      Path(settings.root))


def load(path):
    """Return the :class:`Comparison` that was saved at `path`."""
    from empirical.config import from_dict
    from empirical.task import find

    content = json.loads(Path(path).read_text())
    task_class = find(content["task"])
    where = f"{task_class.__module__}:{task_class.__qualname__}"
    cells = tuple(
        Cell(where, c["arm"], c["seed"], from_dict(task_class.Config, c["config"]))
        for c in content["cells"]
    )
    return Comparison(content["task"], content["preset"], content["changes"], cells,
                      tuple(c["run"] for c in content["cells"]), Path(path).parents[1])
