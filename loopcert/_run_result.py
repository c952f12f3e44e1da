"""What `loopcert run` prints at the end: the runs, predicted against observed, what to do next."""

from loopcert import _json
from loopcert._table import number, table, write

__all__ = ["final", "result", "show"]

SHOWN = 5  # metrics in the table; --json and `loopcert runs show` have all


def show(found, reason, again, options):
    """Print a result of :func:`empirical.launch.execute`.

    Parameters
    ----------
    found : empirical.launch.Result
        The result.
    reason : str
        Why it stopped; empty when it did not.
    again : str
        The command that goes on.
    options : Options
        Of the verb.
    """
    record = result(found, reason, again)
    if options.json:
        write(_json.dumps(record))
        return
    _show_cells(record["cells"])
    if record["predictions"]:
        write()
        _show_predictions(record["predictions"])
    write()
    for warning in record["warnings"]:
        write(f"note: {warning}")
    for problem in _once(record["problems"]):
        write(f"problem: {problem}")
    write(f"comparison: {record['path']}")
    if reason:
        done = sum(cell["state"] == "finished" for cell in record["cells"])
        write(f"stopped ({reason}): {done} of {len(record['cells'])} runs finished; "
              f"to go on: {again}")


def result(found, reason, again):
    """Return a result as plain values."""
    records = found.comparison.records()
    cells = [
        _cell(cell, name, outcome, records.get((cell.arm, cell.seed)))
        for cell, name, outcome in zip(
            found.comparison.cells, found.comparison.names, found.outcomes)
    ]
    return {
        "task": found.comparison.task, "preset": found.comparison.preset,
        "comparison": found.comparison.name, "path": str(found.path), "cells": cells,
        "predictions": found.predictions, "problems": found.problems,
        "warnings": found.warnings, "stopped": reason or None,
        "go_on": again if reason else None,
    }


def _cell(cell, name, outcome, record):
    from empirical import inventory

    state = "finished" if outcome.run else "stopped" if outcome.stopped else "failed"
    return {
        "arm": cell.arm, "seed": cell.seed, "run": name, "state": state,
        "rounds": inventory.rounds(record) if record else "",
        "metrics": final(record) if record else {},
    }


def final(record):
    """Return the metrics of the test items after the last measured round of a run."""
    measured = [event for event in record.events if event["event"] == "evaluated"]
    rows = measured[-1]["measured"] if measured else ()
    return {row["metric"]: None if row["value"] is None else float(row["value"])
            for row in rows if row["split"] == "test"}


def _show_cells(cells):
    names = list(dict.fromkeys(name for cell in cells for name in cell["metrics"]))
    shown = names[:SHOWN]
    table(
        ("arm", "seed", "run", "state", "rounds", *shown),
        [
            (cell["arm"], cell["seed"], cell["run"], cell["state"], cell["rounds"] or "-",
             *(number(cell["metrics"].get(name)) for name in shown))
            for cell in cells
        ],
        right=(1, *range(5, 5 + len(shown))),
    )
    if len(names) > SHOWN:
        write(f"and {len(names) - SHOWN} more metrics: loopcert runs show NAME")


def _once(problems):
    """Return problems that many runs share in one line each: "ARM seed S and 3 more: why"."""
    shared = {}
    for who, _, why in (problem.partition(": ") for problem in problems):
        shared.setdefault(why, []).append(who)
    return [f"{who[0]}{f' and {len(who) - 1} more' if len(who) > 1 else ''}: {why}"
            for why, who in shared.items()]


def _show_predictions(predictions):
    table(
        ("claim", "quantity", "predicted", "observed", "interval", "verdict"),
        [(p.claim, p.quantity, p.predicted, p.observed, _limits(p.interval), p.verdict)
         for p in predictions],
    )
    for claim, note in dict.fromkeys((p.claim, p.note) for p in predictions if p.note):
        write(f"note: {claim}: {note}")


def _limits(interval):
    if interval is None or interval.low != interval.low:
        return "-"
    return f"[{number(interval.low)}, {number(interval.high)}]"
