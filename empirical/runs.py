"""A run on disk: a directory that can be read, checked, resumed and trusted.

    runs/eigen-3f2a9c1b7d04/
        config.json        what the run is: task, seed, config, code, arithmetic; names the folder
        environment.json   commit, Python, system, when it began
        events.jsonl       what happened, line by line, with a hash chain
        metrics.parquet    run, seed, round, split, metric, value, stderr, n
        checkpoints/       weights, optimizer and step of a training under way (safetensors)
        models/            weights at the end of a round
        samples/           what was proposed and kept

Every file is written beside its place and renamed into it, and an event holds its hash. Nothing is
ever unpickled: JSON, Parquet and safetensors are all there is, so that a run from a stranger can
be read safely. This module imports no torch.
"""

import contextlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from empirical._files import clean, pack, sha256, sync_folder, unpack, write
from empirical.config import differences, digest
from empirical.events import EventLog, read_events

__all__ = [
    "FORMAT", "Busy", "Changed", "Damaged", "Record", "Run", "default_root", "find", "identity",
    "listed", "metrics", "read", "remove", "require_same", "run_name", "shared",
]

FORMAT = 1
FOLDERS = ("", "checkpoints", "models", "samples")
TABLE = "metrics.parquet"
COLUMNS = ("run", "seed", "round", "split", "metric", "value", "stderr", "n")


class Damaged(ValueError):
    """A file of a run is not what the run's record says."""


class Changed(ValueError):
    """A run directory belongs to another config than was asked for."""


class Busy(ValueError):
    """Another process works in the run directory."""


def default_root():
    """Return the folder of all runs: $LOOPCERT_RUNS, or ./runs."""
    return Path(os.environ.get("LOOPCERT_RUNS") or "runs")


def identity(task, kind, seed, config, code, arithmetic):
    """Return what a run is, as a dict of plain values.

    Parameters
    ----------
    task, kind : str
        Name of the task; "run", or "base" for a base model that several runs start from.
    seed : int
        Seed of all its streams.
    config : dict
        The resolved config.
    code : str
        Hash of the task's code.
    arithmetic : dict
        What the last bits depend on.
    """
    return {"format": FORMAT, "task": task, "kind": kind, "seed": seed, "config": config,
            "code": code, "arithmetic": arithmetic}


def run_name(wanted):
    """Return the directory name of the run of an identity."""
    kind = "" if wanted["kind"] == "run" else f"{wanted['kind']}-"
    return f"{wanted['task']}-{kind}{digest(wanted)[:12]}"


def _json(values):
    return (json.dumps(values, indent=2, sort_keys=True, allow_nan=False) + "\n").encode()


def _read_json(path):
    try:
        return json.loads(path.read_text())
    except (ValueError, RecursionError) as error:
        raise Damaged(f"{path}: is not JSON: {error}") from None


def _exclusive(path, pause):
    """Return an open file that this process alone holds, or None where locks are not known.

    The system frees it when the process ends, however it does.
    """
    try:
        import fcntl
    except ImportError:  # not a POSIX system: runs are then guarded by their user
        return None
    file = path.open("a")
    try:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return file
            except BlockingIOError:
                if pause is None:
                    raise Busy(f"{path.parent}: another process works in it") from None
                pause()
    except BaseException:
        file.close()
        raise


class Run:
    """A run directory that is being written.

    Parameters
    ----------
    root : path
        Folder of all runs.
    wanted : dict
        The :func:`identity`.
    environment : dict
        Written beside it when the directory is new.
    pause : callable, optional
        Called again and again while another process works in it: pauses a moment, or raises.
        Without it that is :class:`Busy`.

    Attributes
    ----------
    name, path : str, Path
        Directory name and place.
    warnings : list of str
        What was found damaged, at opening and since.

    Raises
    ------
    Changed
        When a directory of this name holds another config.
    OSError
        When it cannot be written to.
    """

    def __init__(self, root, wanted, environment, pause=None):
        self.wanted, self.name = wanted, run_name(wanted)
        self.path = Path(root) / self.name
        for folder in FOLDERS:
            (self.path / folder).mkdir(parents=True, exist_ok=True)
        self._lock = _exclusive(self.path / ".lock", pause)
        try:
            self._open(environment)
        except BaseException:
            self.close()
            raise

    def _open(self, environment):
        self.warnings = []
        for folder in FOLDERS:
            clean(_inside(self.path, folder))
        place = self.path / "config.json"
        if place.exists():
            require_same(place, self.wanted)
        else:
            write(self.path / "environment.json", _json(environment))
            write(place, _json(self.wanted))
            sync_folder(self.path.parent)
        self._log = EventLog(self.path / "events.jsonl", digest(self.wanted))
        if self._log.repaired:
            self.warnings.append(f"{self._log.repaired}; going on from the last sound line")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        """Let other processes have the directory."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    @property
    def events(self):
        """The events so far, a list of dicts."""
        return self._log.events

    def last(self, event, **match):
        """Return the latest event of a kind with these values, or None."""
        for found in reversed(self.events):
            if found["event"] == event and match.items() <= found.items():
                return found
        return None

    def log(self, event, **data):
        """Record an event of plain values."""
        return self._log.append(event, **data)

    def save(self, place, arrays, event, **data):
        """Write named arrays to `place` (safetensors), and then record the event."""
        content = pack(arrays)
        write(_inside(self.path, place), content)
        return self.log(event, file=place, sha256=sha256(content), **data)

    def load(self, event):
        """Return the arrays that an event speaks of.

        Raises
        ------
        Damaged
            When the file is gone or is not the one that was written.
        """
        return load(self.path, event)

    def sound(self, event):
        """Return whether the file of an event is there, unchanged.

        One that is not is named in the record, unless the run itself removed it.
        """
        if event is None or (self._dropped(event["file"]) and not self.holds(event["file"])):
            return False
        try:
            _content(self.path, event)
        except Damaged as error:
            self._warn(f"{error}; using what came before")
            return False
        return True

    def holds(self, place):
        """Return whether there is a file at `place`, sound or not."""
        return _inside(self.path, place).exists()

    def _dropped(self, place):
        return any(place in event["files"] for event in self.events if event["event"] == "dropped")

    def _warn(self, warning):
        if warning not in self.warnings:
            self.warnings.append(warning)
            self.log("damaged", what=warning)

    def drop(self, places, keep=()):
        """Remove files that are needed no more, and record that they are gone."""
        gone = [p for p in dict.fromkeys(places) if p not in keep and self.holds(p)]
        if gone:
            self.log("dropped", files=gone)
        for place in gone:
            (self.path / place).unlink(missing_ok=True)

    def publish(self):
        """Write metrics.parquet from the events; return its hash."""
        import io

        frame = metrics(self.name, self.wanted["seed"], self.events)
        buffer = io.BytesIO()
        frame.to_parquet(buffer, index=False)
        write(_inside(self.path, TABLE), buffer.getvalue())
        return sha256(buffer.getvalue())

    def finish(self, **data):
        """Publish the metrics, and record that the run is at its end."""
        self.log("finished", table=self.publish(), **data)

    def mend(self):
        """Publish the metrics of a finished run again, should they be damaged."""
        problem = _unlike_table(self.path, self.events)
        if problem:
            self._warn(f"{problem}; written again")
            self.finish()


def require_same(place, wanted):
    """Refuse (:class:`Changed`) a config.json at `place` that is not the identity `wanted`."""
    found = _read_json(place)
    if found != wanted:
        lines = differences(found, wanted) if isinstance(found, dict) else ["it is no config"]
        raise Changed(f"{place.parent}: config.json was changed since the run began: "
                      f"{'; '.join(lines)} (restore it, or remove the folder)")


def _inside(path, place):
    """Return the place of a run's file, which no record of a stranger may put elsewhere."""
    found = path / place
    if not found.resolve().is_relative_to(path.resolve()):
        raise Damaged(f"{path}: its record names {place!r}, which lies outside")
    return found


def _content(path, event):
    place = _inside(path, event["file"])
    try:
        content = place.read_bytes()
    except FileNotFoundError:
        raise Damaged(f"{place}: is missing") from None
    if sha256(content) != event["sha256"]:
        raise Damaged(f"{place}: is damaged (its hash is not the recorded one)")
    return content


def _unlike_table(path, events):
    """Return a line when metrics.parquet is not what was published at the end of a run."""
    hashes = [event["table"] for event in events if "table" in event]
    try:
        if hashes:
            _content(path, {"file": TABLE, "sha256": hashes[-1]})
    except Damaged as error:
        return str(error)
    return ""


def load(path, event):
    """Return the arrays of an event's file in the run directory `path`; see :meth:`Run.load`."""
    return unpack(_content(Path(path), event))


def metrics(name, seed, events):
    """Return the tidy table of what a run measured, one row a number.

    Parameters
    ----------
    name, seed : str, int
        Of the run.
    events : list of dict
        Its events; a round that was measured twice (after a damaged file) counts once.

    Returns
    -------
    pandas.DataFrame
        Columns run, seed, round, split, metric, value, stderr, n. Round 0 is the base model;
        round t > 0 is the model that came out of the t-th round, what that round proposed (with
        the model before), kept and trained on, and what it cost.
    """
    import pandas as pd

    rows = {}
    for event in events:
        for row in event.get("measured", ()):
            key = (event["round"], row["split"], row["metric"])
            number = [float("nan" if row[k] is None else row[k]) for k in ("value", "stderr")]
            rows[key] = (name, seed, *key, *number, row["n"])
    kinds = {"run": str, "seed": "int64", "round": "int64", "split": str, "metric": str,
             "value": "float64", "stderr": "float64", "n": "int64"}
    return pd.DataFrame([rows[key] for key in sorted(rows)], columns=COLUMNS).astype(kinds)


@dataclass(frozen=True, slots=True)
class Record:
    """A run directory as a reader sees it.

    Attributes
    ----------
    name, path : str, Path
        Directory name and place.
    wanted : dict
        Its :func:`identity`.
    events : list of dict
        The sound events.
    problem : str
        Empty, or what in its record does not hold together.
    """

    name: str
    path: Path
    wanted: dict
    events: list
    problem: str

    @property
    def finished(self):
        """Whether the run came to its end."""
        return any(event["event"] == "finished" for event in self.events)

    @property
    def seconds(self):
        """Seconds of work over all sessions."""
        return sum(event.get("seconds", 0.0) for event in self.events)

    @property
    def metrics(self):
        """The table of :func:`metrics`, from the events."""
        return metrics(self.name, self.wanted["seed"], self.events)

    @property
    def bytes(self):
        """Size of the directory."""
        return sum(f.stat().st_size for f in self.path.rglob("*") if f.is_file())

    def verify(self):
        """Return what is wrong with the record and the files that should be there, line by line.

        Checkpoints and samples that the run itself removed are not missed.
        """
        problems = [self.problem] if self.problem else []
        dropped = {f for e in self.events if e["event"] == "dropped" for f in e["files"]}
        latest = {e["file"]: e for e in self.events if "sha256" in e and "file" in e}
        for place, event in latest.items():
            try:
                if not (place in dropped and not _inside(self.path, place).exists()):
                    _content(self.path, event)
            except Damaged as error:
                problems.append(str(error))
        table = _unlike_table(self.path, self.events)
        return [*problems, table] if table else problems


def read(path):
    """Return the :class:`Record` of a run directory.

    Raises
    ------
    Damaged
        When it is none, or its config does not belong to its name.
    """
    path = Path(path)
    place = path / "config.json"
    if not place.is_file():
        raise Damaged(f"{path}: is not a run (it has no config.json)")
    wanted = _read_json(place)
    try:
        name = run_name(wanted) if _is_identity(wanted) else ""
    except ValueError:  # it holds what we never write
        name = ""
    if not name:
        raise Damaged(f"{place}: is not the config of a run")
    events, _, problem = read_events(path / "events.jsonl", digest(wanted))
    if path.name != name:  # then the events cannot follow from the config either
        problem = f"{place}: was changed, or the folder renamed (it should be {name})"
    return Record(path.name, path, wanted, events, problem)


def _is_identity(wanted):
    kinds = {"format": int, "task": str, "kind": str, "seed": int, "config": dict, "code": str,
             "arithmetic": dict}
    return (isinstance(wanted, dict) and wanted.keys() == kinds.keys()
            and all(isinstance(wanted[key], kind) for key, kind in kinds.items()))


def listed(root):
    """Return the :class:`Record` s under a folder, by time of creation; other folders are left."""
    records = []
    for place in Path(root).glob("*/config.json"):
        with contextlib.suppress(Damaged):
            records.append(read(place.parent))
    return sorted(records, key=lambda r: (r.events[0]["time"] if r.events else "", r.name))


def shared(record):
    """Return the names of the directories that a run shares: base models, first proposals."""
    return {event[kind] for event in record.events if event["event"] == "session"
            for kind in ("base", "first", "other") if kind in event}


def find(root, name):
    """Return the :class:`Record` whose directory name is, or alone ends or begins with, `name`.

    Raises
    ------
    ValueError
        When there is none, or more than one.
    """
    exact = Path(root) / name
    if exact.name == name != ".." and exact.joinpath("config.json").is_file():
        return read(exact)
    close = [r for r in listed(root) if r.name.startswith(name) or name in r.name.split("-")[-1]]
    if len(close) == 1:
        return close[0]
    if not close:
        raise ValueError(f"run = {name!r}: none in {root} (loopcert runs lists them)")
    raise ValueError(f"run = {name!r}: could be {', '.join(r.name for r in close)}")


def remove(record):
    """Remove a run directory for good; hold it open as a :class:`Run` meanwhile."""
    shutil.rmtree(record.path)
