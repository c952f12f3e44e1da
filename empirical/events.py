"""The record of a run: one JSON object a line, each holding the hash of the one before.

So a line that was changed, removed or put in later shows: the chain breaks there. The first line
holds the hash of the run's config. A last line that was cut off by a crash is dropped. A chain
that somebody made anew shows nothing: it guards against accidents and patches, not against a
forger, which is why readers trust no value in it.
"""

import datetime
import errno
import json
import os
from pathlib import Path

from empirical._files import sha256, sync_folder

__all__ = ["EventLog", "break_of", "now", "read_events"]


def _line(event):
    return json.dumps(event, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _sealed(event):
    """Return the event with its own hash."""
    return event | {"hash": sha256(_line(event).encode())}


def now():
    """Return the time as events hold it: UTC, in milliseconds; such texts sort by time."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")


def read_events(path, root):
    """Return the events that hold together, and what is wrong with the rest.

    Parameters
    ----------
    path : path
        The file; none there means no events.
    root : str
        What the first event must name as the one before.

    Returns
    -------
    events : list of dict
        The longest sound beginning.
    sound : int
        Its length in bytes.
    problem : str
        Empty when the whole file is sound, or only its last line was cut off.
    """
    path = Path(path)
    data = path.read_bytes() if path.exists() else b""
    events, sound, previous = [], 0, root
    *lines, _ = data.split(b"\n")  # what follows the last line's end was cut off in writing
    for number, line in enumerate(lines, start=1):
        where = f"{path}: line {number}"
        try:
            event = json.loads(line)
            body = {key: value for key, value in event.items() if key != "hash"}
            again = _line(_sealed(body)).encode()
        except (ValueError, AttributeError, RecursionError):
            return events, sound, f"{where} is not a JSON object"
        if line != again or event.get("previous") != previous:
            return events, sound, f"{where} does not follow from the lines before it"
        if not _well_formed(event):
            return events, sound, f"{where} is not an event of a run"
        events.append(event)
        previous, sound = event["hash"], sound + len(line) + 1
    return events, sound, ""


def break_of(events, root):
    """Return the number of the first event that does not follow from those before it, or None.

    Parameters
    ----------
    events : sequence of dict
        As :func:`read_events` gives them.
    root : str
        What the first event must name as the one before.
    """
    previous = root
    for number, event in enumerate(events):
        body = {key: value for key, value in event.items() if key != "hash"}
        if event.get("previous") != previous or _sealed(body) != event:
            return number
        previous = event["hash"]
    return None


_NUMBER = int | float
_KINDS = {"event": str, "time": str, "file": str, "sha256": str, "files": list, "round": int,
          "shard": int, "step": int, "table": str, "seconds": _NUMBER, "evaluations": _NUMBER,
          "measured": list}
_ROW = {"split": str, "metric": str, "value": _NUMBER | str | None,
        "stderr": _NUMBER | str | None, "n": int}


def _well_formed(event):
    """Return whether what readers look at is of the type that they expect."""
    return (
        {"event", "time"} <= event.keys()
        and all(isinstance(event[key], kind) for key, kind in _KINDS.items() if key in event)
        and (event.get("file") is None or "sha256" in event)
        and all(isinstance(place, str) for place in event.get("files", ()))
        and ("measured" not in event or "round" in event)
        and all(_is_row(row) for row in event.get("measured", ()))
    )


def _is_row(row):
    if not isinstance(row, dict) or row.keys() != _ROW.keys():
        return False
    texts = [row[key] for key in ("value", "stderr") if isinstance(row[key], str)]
    return (all(isinstance(row[key], kind) for key, kind in _ROW.items())
            and set(texts) <= {"inf", "-inf"})


class EventLog:
    """A file of events that is appended to.

    Parameters
    ----------
    path : path
        The file; made when it is not there.
    root : str
        What the first event names as the one before.

    Attributes
    ----------
    events : list of dict
        All events so far.
    repaired : str
        What was wrong with the file when it was opened; what follows the sound beginning was
        then put aside in FILE.damaged.
    """

    def __init__(self, path, root):
        self._path, self._root = Path(path), root
        self.events, sound, self.repaired = read_events(path, root)
        if self.repaired:
            damaged = self._path.with_name(self._path.name + ".damaged")
            damaged.write_bytes(self._path.read_bytes())
        if not self._path.exists():
            self._path.touch()
            sync_folder(self._path.parent)
        if self._path.stat().st_size > sound:
            os.truncate(self._path, sound)

    def append(self, event, **data):
        """Write one event to the disk; return it."""
        previous = self.events[-1]["hash"] if self.events else self._root
        sealed = _sealed({"event": event, "time": now(), "previous": previous, **data})
        self._write(_line(sealed).encode() + b"\n")
        self.events.append(sealed)
        return sealed

    def _write(self, line):
        with self._path.open("ab", buffering=0) as file:
            end = file.tell()
            try:
                if file.write(line) != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))
                os.fsync(file.fileno())
            except BaseException:
                file.truncate(end)  # a half of a line would spoil those that may follow
                raise
