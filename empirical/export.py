"""The small part of finished runs that is worth keeping: what was measured, and where from.

    DIR/
        metrics.csv        arm, run, seed, round, split, metric, value, stderr, n
        predictions.csv    claim, quantity, predicted, observed, mean, low, high, n, verdict, note
        runs.json          of each run: arm, seed, resolved config, environment, events in brief
        events.jsonl.gz    the events of all runs, with their hash chains
        comparison.json    of a comparison: task, preset, changes, command

Numbers are written so that they are read back in every bit. Figures and tables are drawn from
such a folder as well as from the runs themselves.
"""

import collections
import gzip
import json
import zlib
from pathlib import Path

from empirical import comparison, runs
from empirical._files import write
from empirical.predict import predictions

__all__ = ["METRICS", "brief", "export", "find", "predictions_csv", "read_events", "read_metrics"]

METRICS = ("arm", *runs.COLUMNS)
PREDICTIONS = ("claim", "quantity", "predicted", "observed", "mean", "low", "high", "n", "verdict",
               "note")


def find(root, name):
    """Return the comparison, or else the run, that `name` means; names may be abbreviated.

    Returns
    -------
    Comparison or Record

    Raises
    ------
    ValueError
        When there is none, or more than one.
    """
    places = comparison.saved(root)
    close = [p for p in places if p.stem == name] or [p for p in places if p.stem.startswith(name)]
    if len(close) > 1:
        raise ValueError(f"name = {name!r}: could be {', '.join(p.stem for p in close)}")
    if close:
        return comparison.load(close[0])
    try:
        return runs.find(root, name)
    except runs.Damaged:
        raise
    except ValueError as error:
        known = ", ".join(place.stem for place in places[-5:])
        raise ValueError(f"{error}{f'; comparisons: {known}' if known else ''}") from None


def export(found, folder):
    """Write what :func:`find` found to `folder`, which is made; return the files.

    Raises
    ------
    ValueError
        When the folder holds something already, a run is missing, or its record is damaged.
    """
    records = _records(found)
    damaged = [problem for record in records.values() for problem in record.verify()]
    if damaged:
        raise runs.Damaged(damaged[0])
    folder = Path(folder)
    if folder.exists() and any(folder.iterdir()):
        raise ValueError(f"folder = {folder}: must be new or empty")
    folder.mkdir(parents=True, exist_ok=True)
    made = {"metrics.csv": _metrics(records), "events.jsonl.gz": _events(records),
            "runs.json": _json(
                [brief(record) | {"arm": arm} for (arm, _), record in records.items()])}
    if isinstance(found, comparison.Comparison):
        made["comparison.json"] = _json(
            {"task": found.task, "preset": found.preset, "changes": found.changes,
             "name": found.name, "command": comparison.read(found.place).get("command", "")})
        made["predictions.csv"] = predictions_csv(found)
    for name, content in made.items():
        write(folder / name, content)
    return [folder / name for name in made]


def _records(found):
    """Return the records by (arm, seed); a single run has no arm."""
    if isinstance(found, runs.Record):
        return {("", found.wanted["seed"]): found}
    records = found.records()
    for cell, name in zip(found.cells, found.names):
        if (cell.arm, cell.seed) not in records:
            raise ValueError(f"run = {name!r}: is gone ({cell.arm}, seed {cell.seed})")
    return records


def brief(record):
    """Return what is to be known of a run besides its numbers, as plain values."""
    times = [event["time"] for event in record.events]
    return {
        "run": record.name, "seed": record.wanted["seed"], "task": record.wanted["task"],
        "config": record.wanted["config"], "code": record.wanted["code"],
        "arithmetic": record.wanted["arithmetic"], "environment": _environment(record),
        "finished": record.finished, "seconds": round(record.seconds, 3),
        "began": times[0] if times else None, "ended": times[-1] if times else None,
        "events": dict(sorted(collections.Counter(e["event"] for e in record.events).items())),
        # The end of the hash chain: it stands for every event before.
        "last_hash": record.events[-1]["hash"] if record.events else None,
    }


def _environment(record):
    try:
        return json.loads((record.path / "environment.json").read_text())
    except (OSError, ValueError):
        return {}


def _json(values):
    return (json.dumps(values, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def _events(records):
    lines = [json.dumps({"run": record.name, "event": event}, allow_nan=False)
             for record in records.values() for event in record.events]
    # The time of day has no place in a file that is compared by its bits.
    return gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0)


def _csv(frame):
    return frame.to_csv(index=False, lineterminator="\n").encode()


def _metrics(records):
    import pandas as pd

    frames = [record.metrics.assign(arm=arm) for (arm, _), record in records.items()]
    return _csv(pd.concat(frames)[list(METRICS)])


def predictions_csv(found):
    """Return predictions.csv of a comparison, bytes."""
    import pandas as pd

    rows = []
    for p in predictions(found):
        i = p.interval
        limits = (i.mean, i.low, i.high, i.n) if i else (None,) * 4
        rows.append((p.claim, p.quantity, p.predicted, p.observed, *limits, p.verdict, p.note))
    return _csv(pd.DataFrame(rows, columns=PREDICTIONS))


def read_metrics(folder):
    """Return the table of metrics.csv, as :attr:`Comparison.metrics` has it."""
    import pandas as pd

    texts = {name: str for name in ("arm", "run", "split", "metric")}
    # Python's own reading of a number is exact in every bit.
    numbers = {name: lambda text: float(text or "nan") for name in ("value", "stderr")}
    return pd.read_csv(Path(folder) / "metrics.csv", dtype=texts, converters=numbers,
                       keep_default_na=False)


def read_events(folder):
    """Return the events in events.jsonl.gz by run; nothing for exports that are older than it."""
    place, found = Path(folder) / "events.jsonl.gz", {}
    if place.is_file():
        try:
            lines = gzip.decompress(place.read_bytes()).splitlines()
        except (EOFError, OSError, zlib.error) as error:
            raise ValueError(f"{place}: cannot be unpacked ({error})") from None
        for line in lines:
            row = json.loads(line)
            found.setdefault(row["run"], []).append(row["event"])
    return found
