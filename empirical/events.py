"""The record of a run: one JSON object a line, each holding the hash of the one before.

So a line that was changed, removed or put in later shows: the chain breaks there. The first line
holds the hash of the run's config. A last line that was cut off by a crash is dropped.
"""

import datetime
import json
import os
from pathlib import Path

from empirical._files import sha256

__all__ = ["EventLog", "read_events"]


def _line(event):
    return json.dumps(event, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _sealed(event):
    """Return the event with its own hash."""
    return event | {"hash": sha256(_line(event).encode())}


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
    for number, line in enumerate(data.splitlines(keepends=True), start=1):
        if not line.endswith(b"\n"):
            break  # cut off while it was written
        try:
            event = json.loads(line)
            body = {key: value for key, value in event.items() if key != "hash"}
        except (ValueError, AttributeError):
            return events, sound, f"{path}: line {number} is not a JSON object"
        if event != _sealed(body) or event.get("previous") != previous:
            return events, sound, f"{path}: line {number} does not follow from the lines before it"
        events.append(event)
        previous, sound = event["hash"], sound + len(line)
    return events, sound, ""


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
        if self._path.exists() and self._path.stat().st_size > sound:
            os.truncate(self._path, sound)

    def append(self, event, **data):
        """Write one event to the disk; return it."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
        previous = self.events[-1]["hash"] if self.events else self._root
        sealed = _sealed({"event": event, "time": now, "previous": previous, **data})
        with self._path.open("ab") as file:
            file.write(_line(sealed).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self.events.append(sealed)
        return sealed
