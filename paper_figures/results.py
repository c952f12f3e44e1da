"""Finished runs that a table or figure is drawn from: an export, or a folder of runs."""

import json
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FOLDER", "Missing", "Results", "find", "read"]

FOLDER = Path(__file__).resolve().parents[1] / "results"  # FOLDER/TASK/PRESET
SIZES = ("paper", "gpu", "night", "desk", "smoke")  # of two exports the larger one is drawn


class Missing(LookupError):
    """No finished runs are at hand that hold what is drawn."""


@dataclass(frozen=True, slots=True)
class Results:
    """What runs left.

    Attributes
    ----------
    task, preset : str
        Names; the preset is empty where that is not known.
    configs : dict
        Config of each arm, plain values.
    metrics : pandas.DataFrame
        arm, run, seed, round, split, metric, value, stderr, n.
    folder : Path or None
        Of an export: what else may lie there.
    comparison : Comparison or None
        The runs themselves, with their models, where they are at hand.
    """

    task: str
    preset: str
    configs: dict
    metrics: object
    folder: Path | None = None
    comparison: object = None

    @property
    def setting(self):
        """In words, what was run: of the eigenvalue task, sizes, preset and seeds."""
        size = next(iter(self.configs.values())).get("size")
        words = [f"{size}×{size}"] if size else []
        return ", ".join([*words, self.preset, f"{self.metrics.seed.nunique()} seeds"])


def read(folder):
    """Return the :class:`Results` in a folder that `loopcert runs export` wrote."""
    from empirical.export import read_metrics

    folder = Path(folder)
    configs, preset, task = {}, "", ""
    for run in json.loads((folder / "runs.json").read_text()):
        configs.setdefault(run["arm"], run["config"])
        task = run["task"]
    if (folder / "comparison.json").is_file():
        preset = json.loads((folder / "comparison.json").read_text())["preset"]
    return Results(task, preset, configs, read_metrics(folder), folder)


def find(entry, runs_dir=None):
    """Return the Results that an :class:`~paper_figures.catalogue.Entry` is drawn from.

    Parameters
    ----------
    entry : Entry
        One that needs runs.
    runs_dir : path, optional
        An export, or a folder of runs, whose latest finished comparison counts; by default the
        largest of the results that lie beside the code.

    Raises
    ------
    Missing
        When nothing there holds what is drawn.
    """
    from paper_figures.catalogue import load

    task, module = entry.needs.split()[0], load(entry.name)
    for found in _candidates(task, runs_dir):
        if found.task == task and module.usable(found):
            return found
    where = "" if runs_dir is None else f" (nothing that it could be drawn from in {runs_dir})"
    raise Missing(f"{entry.name} needs runs: loopcert run {entry.needs}{where}")


def _candidates(task, runs_dir):
    """Yield results, the best first."""
    if runs_dir is None:
        folders = [place.parent for place in FOLDER.glob(f"{task}/*/metrics.csv")]
        yield from map(read, sorted(folders, key=_rank))
    elif Path(runs_dir, "metrics.csv").is_file():
        yield read(runs_dir)
    else:
        yield from _finished(runs_dir, task)


def _rank(folder):
    return SIZES.index(folder.name) if folder.name in SIZES else len(SIZES), folder.name


def _finished(root, task):
    """Yield the comparisons of a task whose runs all ended, the latest first."""
    from empirical import comparison
    from empirical.config import to_dict

    places = sorted(comparison.saved(root), key=lambda place: -place.stat().st_mtime)
    for place in places:
        if comparison.read(place)["task"] != task:
            continue
        found = comparison.load(place)
        records = found.records()
        if len(records) == len(found.cells) and all(r.finished for r in records.values()):
            configs = {cell.arm: to_dict(cell.config) for cell in found.cells}
            yield Results(task, found.preset, configs, found.metrics, None, found)
