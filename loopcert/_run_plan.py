"""What `--dry-run` prints: what would run, how it differs, what is there, how long it may take."""

import json

from loopcert import _json
from loopcert._table import number, table, write

__all__ = ["plan", "schedule", "show", "text"]


def show(planned, options):
    """Print the plan of a comparison."""
    record = plan(planned, options)
    if options.json:
        write(_json.dumps(record))
        return
    write(f"{record['task']}, preset {record['preset']}: {len(record['arms'])} arms x "
          f"{len(record['seeds'])} seeds; nothing is run")
    write()
    table(("key", "value in every arm"),
          [(key, text(value)) for key, value in record["config"].items()])
    write()
    table(("arm", "own values", "items in each round", "finished"),
          [(arm["name"], _changes(arm["config"]), arm["schedule"], _finished(record, arm))
           for arm in record["arms"]], right=(3,))
    write()
    _show_cells(record)
    write()
    for line in _estimate(record):
        write(line)


def plan(planned, options):
    """Return the plan of a comparison as plain values."""
    from empirical.config import flat, to_dict

    configs = {cell.arm: flat(to_dict(cell.config)) for cell in planned.cells}
    loops = {cell.arm: cell.config.loop for cell in planned.cells}
    common, *others = configs.values()
    same = {key: value for key, value in common.items()
            if all(other[key] == value for other in others)}
    preset = planned.cells[0].task_class.presets[planned.preset]
    arms = [
        {"name": name, "schedule": schedule(loops[name]),
         "config": {key: value for key, value in config.items() if key not in same}}
        for name, config in configs.items()
    ]
    return {
        "task": planned.task, "preset": planned.preset, "comparison": planned.name,
        "runs_dir": str(planned.root), "config": same, "arms": arms, "seeds": planned.seeds,
        "cells": list(_cells(planned)), "summary": preset.summary, "minutes": preset.minutes,
        "preset_cells": len(preset.arms) * preset.seeds,
    }


def schedule(loop):
    """Return how many items each round of a loop takes, in words."""
    counts = loop.counts()
    if loop.mix == "real":
        return f"0 in each of {len(counts)} rounds"
    if loop.mix == "augment" and loop.ratio >= 0:
        return f"{loop.ratio:g} for each real item, in each of {len(counts)} rounds"
    shown = ", ".join(map(str, counts if len(counts) <= 12 else counts[:11]))
    more = f", ..., {counts[-1]}" if len(counts) > 12 else ""
    return f"{shown or 'none'}{more}" + (f" {loop.unit}" if counts else "")


def _cells(planned):
    from empirical import inventory

    there = planned.records()
    for cell, name in zip(planned.cells, planned.names):
        record = there.get((cell.arm, cell.seed))
        yield {
            "arm": cell.arm, "seed": cell.seed, "run": name,
            "state": inventory.state(record) if record else "not begun",
            "rounds": inventory.rounds(record) if record else "",
        }


def text(value):
    """Return a config's value as one would type it."""
    if isinstance(value, list | tuple):
        return ",".join(map(text, value))
    return value if isinstance(value, str) else json.dumps(value)


def _changes(config):
    return " ".join(f"{key}={text(value)}" for key, value in config.items()) or "-"


def _finished(record, arm):
    mine = [cell for cell in record["cells"] if cell["arm"] == arm["name"]]
    return f"{sum(cell['state'] == 'finished' for cell in mine)} of {len(mine)}"


def _show_cells(record):
    table(("arm", "seed", "run", "state", "rounds"),
          [(c["arm"], c["seed"], c["run"], c["state"], c["rounds"]) for c in record["cells"]],
          right=(1,))


def _estimate(record):
    """Yield what is known of the time: the preset's own estimate, and its share that is left."""
    left = sum(cell["state"] != "finished" for cell in record["cells"])
    yield f"left to run: {left} of {len(record['cells'])} runs in {record['runs_dir']}"
    yield f"preset {record['preset']}: {record['summary']}"
    if record["minutes"] == record["minutes"]:
        whole, cells = record["minutes"], record["preset_cells"]
        yield (f"its estimate: {number(whole, 3)} minutes for {cells} runs; in proportion, "
               f"{number(whole * left / cells, 2)} minutes for what is left (--set may change it)")
