"""Results that lie beside the code: exports of finished comparisons, and whether they hold.

    results/TASK/PRESET/        what `loopcert runs export` wrote
        stale.txt               if the task's code has changed since: a line that says how

    python -m empirical.recorded        check them all; make their predictions.csv anew

A table of predictions follows from the metrics beside it by the task's `predict.py`, so that it
can be made again when that learns to say more; the metrics themselves follow from the events.
"""

import csv
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from empirical import comparison, events, export, runs
from empirical._files import write
from empirical.config import digest, flat, from_dict, to_dict
from empirical.engine import Cell
from empirical.identity import code_hash
from empirical.task import names as task_names
from empirical.task import outline

__all__ = ["FOLDER", "Recorded", "listed", "predicted", "problems", "read", "refresh"]

FOLDER = Path(__file__).resolve().parents[1] / "results"
STALE = "stale.txt"
KEYS = {"task", "preset", "changes", "name", "command"}
SLACK = 1.0  # seconds by which the clocks of two events may differ


@dataclass(frozen=True, slots=True)
class Recorded:
    """An export of a comparison.

    Attributes
    ----------
    path : Path
        Its folder.
    about : dict
        Task, preset, changes, name, command.
    runs : tuple of dict
        What runs.json says of each.
    predictions : tuple of dict
        Rows of predictions.csv, as text.
    stale : str
        Why the task's code is no longer the one that ran, where somebody has said so.
    """

    path: Path
    about: dict
    runs: tuple
    predictions: tuple
    stale: str

    @property
    def seeds(self):
        """How many seeds there are."""
        return len({run["seed"] for run in self.runs})

    @property
    def seconds(self):
        """Seconds of work of all runs; what their base models took is in other records."""
        return sum(run["seconds"] for run in self.runs)

    @property
    def current(self):
        """Whether every run was made by the task's code as it is now."""
        if self.about["task"] not in task_names():
            return False
        now = code_hash(f"empirical.{self.about['task']}.task")
        return all(run["code"] == now for run in self.runs)


def listed(folder=None):
    """Return the :class:`Recorded` results under a folder, by task and preset."""
    places = sorted(Path(folder or FOLDER).glob("*/*/comparison.json"))
    return tuple(read(place.parent) for place in places)


def read(folder):
    """Return the :class:`Recorded` results in a folder.

    Raises
    ------
    ValueError
        When they are not there, or are something else.
    """
    folder = Path(folder)
    try:
        about = json.loads((folder / "comparison.json").read_text("utf-8"))
        made = json.loads((folder / "runs.json").read_text("utf-8"))
        with (folder / "predictions.csv").open(encoding="utf-8", newline="") as file:
            rows = tuple(csv.DictReader(file))
        stale = folder / STALE
        note = " ".join(stale.read_text("utf-8").split()) if stale.is_file() else ""
        found = Recorded(folder, about, tuple(made), rows, note)
        if not (found.seeds and found.seconds and KEYS <= about.keys()):
            raise ValueError("something is missing")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{folder}: is not what loopcert runs export writes: {error}") from None
    return found


class _Exported(comparison.Comparison):
    """A comparison whose metrics are those of an export: its root is that folder."""

    @property
    def metrics(self):
        """The table of metrics.csv."""
        return export.read_metrics(self.root)


def predicted(found):
    """Return predictions.csv as the task's `predict.py` writes it now, bytes."""
    kind, task = outline(found.about["task"]).Config, found.about["task"]
    cells = tuple(
        Cell(f"empirical.{task}.task:TASK", run["arm"], run["seed"],
             from_dict(kind, run["config"]))
        for run in found.runs
    )
    return export.predictions_csv(_Exported(
        task, found.about["preset"], found.about["changes"], cells,
        tuple(run["run"] for run in found.runs), found.path,
    ))


def refresh(found):
    """Write predictions.csv anew; return whether it has changed."""
    place, text = found.path / "predictions.csv", predicted(found)
    changed = place.read_bytes() != text
    if changed:
        write(place, text)
    return changed


# -- what may be wrong ---------------------------------------------------------------------------
def problems(found):
    """Return what does not hold together in recorded results, line by line.

    Names must follow from contents, metrics and seconds from the events, whose hash chains must
    be whole; every config must still be one, and code that has changed must be said to have.
    """
    task = found.about["task"]
    if task not in task_names():
        return [f"task = {task!r}: is not at hand"]
    chains = export.read_events(found.path)
    lines = [line for run in found.runs for line in _of_run(run, outline(task).Config)]
    lines += [line for run in found.runs for line in _of_chain(run, chains)] if chains else []
    lines += _of_metrics(found, chains)
    ids = digest({"runs": sorted(run["run"] for run in found.runs)})[:8]
    if found.about["name"] != f"{task}-{found.about['preset']}-{ids}":
        lines.append(f"comparison.json: name = {found.about['name']!r} is not that of its runs")
    if found.current and found.stale:
        lines.append(f"{STALE}: but the code is the one that ran")
    if not found.current and not found.stale:
        lines.append(f"the code of {task} has changed since: run it again, or say how in {STALE}")
    return lines


def _of_run(run, kind):
    """Yield what is wrong with a row of runs.json."""
    name = run["run"]
    try:
        now = flat(to_dict(from_dict(kind, run["config"])))
        changed = [key for key, value in flat(run["config"]).items() if now[key] != value]
        if changed:  # values that the task has learned since are at their defaults
            yield f"{name}: its config is read otherwise: {', '.join(changed)}"
    except ValueError as error:
        yield f"{name}: its config is none of the task's: {error}"
    wanted = runs.identity(run["task"], "run", run["seed"], run["config"], run["code"],
                           run["arithmetic"])
    if runs.run_name(wanted) != name:
        yield f"{name}: config, code or seed was changed (it should be {runs.run_name(wanted)})"
    if not run["finished"] or run["events"].get("finished", 0) < 1:
        yield f"{name}: did not finish"
    passed, idle = _passed(run), run["config"]["loop"]["rounds"] == 0
    if not (0 < run["seconds"] <= passed + SLACK or (idle and run["seconds"] == 0)):
        yield f"{name}: {run['seconds']} s of work in {passed:.1f} s"


def _passed(run):
    """Return the seconds between a run's first and last event."""
    from datetime import datetime

    began, ended = (datetime.fromisoformat(run[key]) for key in ("began", "ended"))
    return (ended - began).total_seconds()


def _of_chain(run, chains):
    """Yield what is wrong with the events of a run, or with what runs.json says of them."""
    name, chain = run["run"], chains.get(run["run"], [])
    if not chain:
        yield f"{name}: has no events"
        return
    wanted = runs.identity(run["task"], "run", run["seed"], run["config"], run["code"],
                           run["arithmetic"])
    broken = events.break_of(chain, digest(wanted))
    if broken is not None:
        yield f"{name}: event {broken} does not follow from those before it"
    if chain[-1]["hash"] != run["last_hash"]:
        yield f"{name}: its events end otherwise than runs.json says"
    spent = sum(event.get("seconds", 0.0) for event in chain)
    if abs(spent - run["seconds"]) > 0.01:
        yield f"{name}: its events took {spent:.3f} s, runs.json says {run['seconds']}"


def _of_metrics(found, chains):
    """Yield what is wrong with metrics.csv."""
    import pandas as pd

    frame = export.read_metrics(found.path)
    rows = {(run["arm"], run["run"], run["seed"]): run for run in found.runs}
    own = dict(list(frame.groupby(["arm", "run", "seed"])))
    for key in own.keys() ^ rows.keys():
        yield f"metrics.csv: {key} is not in both it and runs.json"
    if frame.duplicated(["arm", "run", "round", "split", "metric"]).any():
        yield "metrics.csv: something was measured twice"
    for (arm, name, seed), mine in own.items():
        measured = sorted(mine["round"].unique())
        if measured != list(range(len(measured))):
            yield f"{name}: rounds {measured}: some are missing"
        if name in chains:
            again = runs.metrics(name, seed, chains[name]).assign(arm=arm)[list(export.METRICS)]
            if not _same(pd, again, mine):
                yield f"{name}: metrics.csv is not what its events measured"


def _same(pd, first, second):
    """Return whether two tables hold the same numbers, in every bit."""
    try:
        pd.testing.assert_frame_equal(first.reset_index(drop=True),
                                      second.reset_index(drop=True), check_exact=True)
    except AssertionError:
        return False
    return True


def _main():
    bad = 0
    for found in listed():
        lines = problems(found)
        word = "made anew" if not lines and refresh(found) else "as it was"
        state = "current" if found.current else f"stale: {found.stale}"
        sys.stdout.write(f"{found.path}: {len(found.runs)} runs, {found.seeds} seeds, "
                         f"{found.seconds:.0f} s, {state}; predictions {word}\n")
        sys.stdout.writelines(f"problem: {line}\n" for line in lines)
        bad += len(lines)
    return min(bad, 1)


if __name__ == "__main__":
    sys.exit(_main())
