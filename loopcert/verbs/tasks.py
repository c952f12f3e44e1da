"""`loopcert tasks`: the loops that can be run with real models, and what can be set."""

from dataclasses import dataclass

from tyro.conf import Positional

from loopcert._options import word
from loopcert._usage import UserError, suggestion

__all__ = ["PACKAGES", "Options", "run"]

PACKAGES = ("theory", "sims", "empirical")


@dataclass(frozen=True)
class Options:
    """List the tasks that loopcert run knows, or show one: its presets, their arms, and every key
    that --set changes, with type, default and meaning.

    examples:
      loopcert tasks
      loopcert tasks show eigen
      loopcert tasks show eigen --json
      loopcert tasks show mine:Task             a task of your own, in mine.py here

    exit status: 0 done, 2 unusable input
    """

    what: Positional[word("list|show")] = "list"
    """What to do."""

    task: Positional[word("TASK", "(with show)")] = None
    """The task to show."""

    json: bool = False
    """Print as JSON."""


def run(options):
    """Print what was asked for; return 0."""
    from empirical import task

    _require_sense(options, task.names())
    if options.what == "list":
        _list(task, options)
    else:
        _show(_outline(options.task), options)
    return 0


def _require_sense(options, names):
    what, name = options.what, options.task
    if what not in ("list", "show"):
        hint = f"; did you mean 'show {what}'?" if what in names else suggestion(
            what, ("list", "show"))
        raise UserError(f"tasks: {what!r} is not one of list, show{hint}")
    if what == "show" and name is None:
        raise UserError("tasks show: which task? (loopcert tasks lists them)")
    if what == "list" and name is not None:
        raise UserError(f"tasks list: takes no task, but {name!r} was given")


def _outline(name):
    import os
    import sys

    from empirical import task

    if ":" in name and os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())
    try:
        return task.outline(name)
    except ValueError as error:
        raise UserError(str(error)) from None
    except ModuleNotFoundError as error:  # a task of one's own imports what it likes
        from loopcert._install import install_command

        raise UserError(f"task {name!r} needs {error.name}, which is not installed "
                        f"(repair: {install_command('empirical')})") from None


def _presets(outline):
    from loopcert._run_plan import text

    return [
        {"name": preset.name, "summary": preset.summary, "minutes": preset.minutes,
         "seeds": preset.seeds, "changes": preset.changes,
         "arms": [{"name": arm.name, "changes": arm.changes,
                   "shown": " ".join(f"{k}={text(v)}" for k, v in arm.changes.items()) or "-"}
                  for arm in preset.arms]}
        for preset in outline.presets.values()
    ]


def _list(task, options):
    from loopcert import _json
    from loopcert._table import number, table, write

    outlines = [task.outline(name) for name in task.names()]
    if options.json:
        write(_json.dumps([
            {"name": o.name, "summary": o.summary,
             "presets": {p.name: p.minutes for p in o.presets.values()}} for o in outlines
        ]))
        return
    table(
        ("name", "presets (minutes)", "summary"),
        [(o.name, ", ".join(f"{p.name} {number(p.minutes, 3)}" for p in o.presets.values()),
          o.summary) for o in outlines],
    )


def _show(outline, options):
    from empirical.keys import keys
    from loopcert import _json
    from loopcert._run_plan import text
    from loopcert._table import number, table, write

    presets, found = _presets(outline), keys(outline.Config())
    if options.json:
        write(_json.dumps({"name": outline.name, "summary": outline.summary, "keys": found,
                           "presets": presets}))
        return
    write(f"{outline.name}  {outline.summary}")
    for preset in presets:
        write()
        write(f"preset {preset['name']}: seeds {preset['seeds']}, "
              f"{number(preset['minutes'], 3)} minutes. {preset['summary']}")
        for key, value in preset["changes"].items():
            write(f"  {key}={text(value)}")
        table(("  arm", "own values"),
              [(f"  {arm['name']}", arm["shown"]) for arm in preset["arms"]])
    write()
    table(("key", "type", "default", "meaning"),
          [(key.name, key.type, text(key.default), key.doc) for key in found])
