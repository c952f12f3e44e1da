"""A comparison: the arms of a preset, each with the same seeds, and what came of them.

Its record is a small JSON file under RUNS/comparisons that names the arms' run directories; the
tables and figures of a task are drawn from it.
"""

import itertools
import json
from dataclasses import dataclass
from pathlib import Path

from empirical import runs
from empirical._files import write
from empirical.config import changed, differences, digest, from_dict, to_dict
from empirical.engine import Cell
from empirical.loop import identity_of
from empirical.task import Arm, outline
from empirical.task import names as task_names

__all__ = [
    "RESUME", "Comparison", "combinations", "load", "plan", "read", "require", "saved",
]


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

    @property
    def place(self):
        """Where the record is, or will be."""
        return Path(self.root) / "comparisons" / f"{self.name}.json"

    def save(self, command=""):
        """Write the record, with the command that a user gave; return its path."""
        self.place.parent.mkdir(parents=True, exist_ok=True)
        cells = [
            {"arm": cell.arm, "seed": cell.seed, "run": name, "config": to_dict(cell.config)}
            for cell, name in zip(self.cells, self.names)
        ]
        content = {"task": self.task, "preset": self.preset, "changes": self.changes,
                   "command": command, "cells": cells}
        write(self.place, (json.dumps(content, indent=1) + "\n").encode())
        return self.place


def plan(task_class, preset, changes, seeds, settings, arms=None):
    """Return the :class:`Comparison` of a preset.

    Parameters
    ----------
    task_class : type
        The task.
    preset : str
        Name of one of its presets.
    changes : dict
        Dotted keys and values (or their texts) that override the preset's and the arms'.
    seeds : sequence of int or None
        Seeds of every arm; the preset's number, from 0, by default.
    settings : Settings
        Where, and with which arithmetic: part of a run's identity.
    arms : sequence of Arm or str, optional
        Instead of all of the preset's; a name is one of those.

    Raises
    ------
    ValueError
        For an unknown preset, arm or key, a value out of range, or two arms that are the same.
    """
    if preset not in task_class.presets:
        raise ValueError(
            f"preset = {preset!r}: must be one of {', '.join(task_class.presets)}"
        )
    row = task_class.presets[preset]
    seeds = range(row.seeds) if seeds is None else seeds
    path = f"{task_class.__module__}:{task_class.__qualname__}"
    cells = []
    for arm in _arms(row, arms):
        config = changed(task_class.Config(), row.changes | arm.changes | changes)
        cells += [Cell(path, arm.name, seed, config) for seed in seeds]
    _refuse_twins(cells)
    names = [
        runs.run_name(identity_of(cell.task_class, cell.config, cell.seed, settings))
        for cell in cells
    ]
    shown = {key: value if isinstance(value, list | tuple) else str(value)
             for key, value in changes.items()}
    return Comparison(task_class.name, preset, shown, tuple(cells), tuple(names),
                      Path(settings.root))


def _arms(row, arms):
    """Return the arms that are meant, names looked up among those of a preset."""
    known = {arm.name: arm for arm in row.arms}
    unknown = [arm for arm in arms or () if isinstance(arm, str) and arm not in known]
    if unknown:
        raise ValueError(f"arm = {unknown[0]!r}: must be one of {', '.join(known)}")
    return tuple(known[a] if isinstance(a, str) else a for a in arms or row.arms)


def combinations(values, arms=()):
    """Return the arms of a sweep: every combination of values, of every arm.

    Parameters
    ----------
    values : dict
        From dotted keys to the values (or their texts) to try.
    arms : sequence of Arm
        What is swept; by default what all arms of a preset have in common.

    Examples
    --------
    >>> [arm.name for arm in combinations({"size": [2, 3], "loop.rounds": [4]})]
    ['size=2 loop.rounds=4', 'size=3 loop.rounds=4']
    """
    swept = [(f"{arm.name} ", arm.changes) for arm in arms] or [("", {})]
    made = [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
    return tuple(
        Arm(prefix + " ".join(f"{key}={value}" for key, value in own.items()), changes | own)
        for prefix, changes in swept for own in made
    )


def _refuse_twins(cells):
    """Refuse two arms of one name or one config: they would be one run."""
    by_config, names = {}, set()
    for cell in cells:
        if cell.seed != cells[0].seed:
            continue
        other = by_config.setdefault(digest(to_dict(cell.config)), cell)
        if other is not cell or cell.arm in names:
            raise ValueError(f"arms = {other.arm!r}, {cell.arm!r}: are the same run "
                             "(name one of them, or change less)")
        names.add(cell.arm)


RESUME = ("auto", "never", "must")


def require(planned, settings, resume="auto"):
    """Refuse, before any work, a comparison that cannot go on as asked for.

    Parameters
    ----------
    planned : Comparison
        What is to be run.
    settings : Settings
        It was planned with.
    resume : str
        "auto": go on with the run directories that there are, and make the others. "must": every
        run has its directory. "never": none has.

    Raises
    ------
    runs.Changed
        When the config of a directory was edited.
    ValueError
        When a directory is missing (and how the nearest one differs), or there already.
    """
    if resume not in RESUME:
        raise ValueError(f"resume = {resume!r}: must be one of {', '.join(RESUME)}")
    for cell, name in zip(planned.cells, planned.names):
        there = (planned.root / name / "config.json").is_file()
        if resume == "never" and there:
            raise ValueError(f"resume = never: {planned.root / name} exists already "
                             f"({cell.arm}, seed {cell.seed})")
        if resume == "must" and not there:
            raise ValueError(f"resume = must: {cell.arm}, seed {cell.seed} was never begun in "
                             f"{planned.root}{_nearest(planned.root, cell, settings)}")
        for kind in ("run", "base", "first"):
            wanted = identity_of(cell.task_class, cell.config, cell.seed, settings, kind)
            place = planned.root / runs.run_name(wanted) / "config.json"
            if place.is_file():
                runs.require_same(place, wanted)


def _nearest(root, cell, settings):
    """Return how the run on disk that is most like a cell differs from it, in words."""
    wanted = identity_of(cell.task_class, cell.config, cell.seed, settings)
    mine = [record for record in runs.listed(root)
            if (record.wanted["task"], record.wanted["kind"]) == (wanted["task"], "run")]
    if not mine:
        return ""
    lines = {record.name: differences(record.wanted, wanted) for record in mine}
    name = min(lines, key=lambda name: len(lines[name]))
    shown = "; ".join(lines[name][:5]) + ("; ..." if len(lines[name]) > 5 else "")
    return f"; the nearest run there, {name}, differs in {shown}"


def load(path):
    """Return the :class:`Comparison` that was saved at `path`.

    The configs of a task that is not one of ours are left as plain dicts: reading a record
    imports no code that the record names.

    Raises
    ------
    ValueError
        When it is none, or its configs do not fit the task as it now is.
    """
    content = read(path)
    ours = content["task"] in task_names()
    where = f"empirical.{content['task']}.task:TASK" if ours else ""
    kind = outline(content["task"]).Config if ours else None
    cells = tuple(
        Cell(where, c["arm"], c["seed"], from_dict(kind, c["config"]) if ours else c["config"])
        for c in content["cells"]
    )
    return Comparison(content["task"], content["preset"], content["changes"], cells,
                      tuple(c["run"] for c in content["cells"]), Path(path).parents[1])


def read(path):
    """Return the record at `path` as plain values.

    Raises
    ------
    ValueError
        When it is not the record of a comparison.
    """
    try:
        content = json.loads(Path(path).read_text())
        rows = [(c["arm"], c["seed"], c["run"], c["config"]) for c in content["cells"]]
        parts = [content["task"], content["preset"], content["changes"], rows]
    except (OSError, ValueError, KeyError, TypeError):
        parts = None
    if not parts or any("/" in str(row[2]) for row in parts[3]):
        raise ValueError(f"{path}: is not the record of a comparison")
    return content


def saved(root):
    """Return the places of the records of the comparisons under a folder of runs, sorted."""
    return sorted(Path(root, "comparisons").glob("*.json"))
