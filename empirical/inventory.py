"""What lies in a folder of runs, and what of it can go.

Nothing here imports torch or a task's model: a folder can be looked through anywhere.
"""

from dataclasses import dataclass
from pathlib import Path

from empirical import comparison, identity, runs, task
from empirical.config import from_dict
from empirical.schedule import LoopConfig

__all__ = [
    "KINDS", "Entry", "Waste", "clear", "entries", "missing", "rounds", "state", "waste",
]

FINISHED, UNDER_WAY, SHARED = "finished", "under way", "shared"
STALE, DAMAGED = "stale code", "damaged"


@dataclass(frozen=True, slots=True)
class Entry:
    """One run directory in a list.

    Attributes
    ----------
    name, task, kind : str
        Of the directory; `kind` is "run", "base" or "first".
    arms : tuple of str
        What the comparisons call it.
    seed : int or None
        Of its streams.
    state : str
        "finished", "under way", "shared" (first proposals), "stale code" (finished or not, the
        task's code has changed since), or "damaged" (its record does not hold together, or a
        file is missing).
    rounds : str
        Measured rounds "of" those wanted; empty for what has no rounds.
    bytes : int
        On disk.
    began : str
        When, UTC; empty when nothing was done yet.
    problem : str
        Of a damaged one.
    """

    name: str
    task: str
    kind: str
    arms: tuple
    seed: int | None
    state: str
    rounds: str
    bytes: int
    began: str
    problem: str


def entries(root):
    """Return an :class:`Entry` for every run directory under a folder, oldest first."""
    arms, found = _arms(root), []
    for place in sorted(Path(root).glob("*/config.json")):
        try:
            record = runs.read(place.parent)
        except runs.Damaged as error:
            found.append(_unreadable(place.parent, arms, str(error)))
            continue
        problem = record.problem or next(iter(missing(record)), "")
        wanted = record.wanted
        found.append(Entry(
            record.name, wanted["task"], wanted["kind"], arms.get(record.name, ()),
            wanted["seed"], DAMAGED if problem else state(record), rounds(record), record.bytes,
            record.events[0]["time"] if record.events else "", problem,
        ))
    return sorted(found, key=lambda entry: (entry.began, entry.name))


def _unreadable(path, arms, problem):
    size = sum(f.stat().st_size for f in path.rglob("*") if f.is_file())
    return Entry(path.name, path.name.partition("-")[0], "", arms.get(path.name, ()), None,
                 DAMAGED, "", size, "", problem)


def _arms(root):
    """Return what the comparisons under a folder call their runs: name to arms."""
    arms = {}
    for place in comparison.saved(root):
        try:
            cells = comparison.read(place)["cells"]
        except ValueError:
            continue  # not one of ours
        for cell in cells:
            names = arms.setdefault(cell["run"], ())
            arms[cell["run"]] = names if cell["arm"] in names else (*names, cell["arm"])
    return arms


def state(record):
    """Return whether a record is finished, under way, or of code that is no more."""
    name = record.wanted["task"]
    if name in task.names():  # the code of a task of your own is not known by its name
        if record.wanted["code"] != identity.code_hash(f"empirical.{name}.task"):
            return STALE
    if record.wanted["kind"] == "first":
        return SHARED  # it grows by what its runs ask for, and has no end
    return FINISHED if record.finished else UNDER_WAY


def missing(record):
    """Return one line for every file that the record speaks of and that is not there."""
    dropped = {f for e in record.events if e["event"] == "dropped" for f in e["files"]}
    files = dict.fromkeys(e["file"] for e in record.events if "sha256" in e and "file" in e)
    return [f"{record.path / place}: is missing" for place in files
            if place not in dropped and not (record.path / place).exists()]


def rounds(record):
    """Return how many rounds were measured of those wanted, as "2/3"; empty without rounds."""
    if record.wanted["kind"] != "run":
        return ""
    done = max((e["round"] for e in record.events if e["event"] == "evaluated"), default=0)
    try:
        wanted = len(from_dict(LoopConfig, record.wanted["config"]["loop"]).counts())
    except (ValueError, KeyError, TypeError):  # written by another version
        return f"{done}/?"
    return f"{done}/{wanted}"


KINDS = ("unfinished", "stale", "samples", "shared")


@dataclass(frozen=True, slots=True)
class Waste:
    """Something under a folder of runs that can go.

    Attributes
    ----------
    kind : str
        "unfinished": a run that could be resumed; "stale": its task's code has changed since;
        "samples": the items of finished runs, which their record does without; "shared": base
        models and first proposals that no run left here needs.
    record : Record
        The run directory.
    files : tuple of str
        What goes; empty: the whole directory.
    bytes : int
        What that frees.
    """

    kind: str
    record: runs.Record
    files: tuple
    bytes: int


def waste(root, kinds=KINDS):
    """Return the :class:`Waste` of some `kinds` under a folder. Damaged runs are never among it.

    Parameters
    ----------
    root : path
        Folder of all runs.
    kinds : sequence of str
        Which to look for.

    Raises
    ------
    ValueError
        For an unknown kind.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise ValueError(f"kind = {kind!r}: must be one of {', '.join(KINDS)}")
    records = runs.listed(root)
    sound = [record for record in records if not record.problem]
    found = [made for record in sound if record.wanted["kind"] == "run"
             for made in _of_run(record, kinds)]
    gone = {made.record.name for made in found if not made.files}
    left = [r for r in records if r.wanted["kind"] == "run" and r.name not in gone]
    for record in sound:
        if record.wanted["kind"] != "run":
            found += _of_shared(record, kinds, left)
    return found


def _of_run(record, kinds):
    stale = state(record) == STALE
    if (stale and "stale" in kinds) or (not record.finished and "unfinished" in kinds):
        kind = "stale" if stale and "stale" in kinds else "unfinished"
        return [Waste(kind, record, (), record.bytes)]
    return _samples(record) if record.finished and "samples" in kinds else []


def _of_shared(record, kinds, left):
    """Return what can go of a base or first directory when the runs `left` stay."""
    users = [r for r in left if record.name in runs.shared(r)]
    if not users and "shared" in kinds:
        return [Waste("shared", record, (), record.bytes)]
    idle = all(user.finished for user in users)
    return _samples(record) if idle and "samples" in kinds else []


def _samples(record):
    places = sorted((record.path / "samples").glob("*.safetensors"))
    size = sum(place.stat().st_size for place in places)
    names = tuple(str(place.relative_to(record.path)) for place in places)
    return [Waste("samples", record, names, size)] if names else []


def clear(found):
    """Remove one :class:`Waste` for good.

    Raises
    ------
    runs.Busy
        When a process works in the directory.
    """
    with runs.Run(found.record.path.parent, found.record.wanted, {}) as directory:
        if found.files:
            directory.drop(found.files)
        else:
            runs.remove(found.record)
