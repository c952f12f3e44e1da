"""`loopcert runs`: list the runs on disk, show one, compare two, export, tidy up."""

from dataclasses import dataclass
from pathlib import Path

from tyro.conf import Positional

from loopcert._options import place, word, words
from loopcert._usage import UserError, suggestion

__all__ = ["PACKAGES", "Options", "run"]

NAMES = {"list": (), "show": ("NAME",), "compare": ("A", "B"), "export": ("NAME", "DIR"), "gc": ()}

PACKAGES = ("theory", "sims", "empirical")


@dataclass(frozen=True)
class Options:
    """List the runs on disk, show one, compare two, export what was measured, or tidy up. A name
    may be cut short, as long as it means one run.

    gc shows what could go: "unfinished" runs (they could still be resumed), "stale" ones (the
    code of their task has changed since), "samples" of finished runs, and "shared" base models
    and first proposals that no run left needs. It removes them with --yes alone.

    examples:
      loopcert runs                             all: task, arm, state, rounds, size
      loopcert runs show eigen-3f2a             its config, events, numbers; checks every hash
      loopcert runs compare eigen-3f2a eigen-90 what differs in config and outcome
      loopcert runs export eigen-desk-1b9c results/eigen-desk
                                                a comparison (or a run) as small CSV and JSON
      loopcert runs gc                          what could go
      loopcert runs gc --keep unfinished --yes  and have it go, but for unfinished runs

    exit status: 0 done, 1 the record or a file of a run does not hold, 2 unusable input
    """

    what: Positional[word("list|show|compare|export|gc")] = "list"
    """What to do."""

    names: Positional[words("NAME", "(with show, compare, export)")] = None
    """The runs; with export a run or a comparison, and the folder to write to."""

    runs_dir: place("DIR", "(default: LOOPCERT_RUNS, or runs)") = None
    """Folder of all runs."""

    keep: words("unfinished|stale|samples|shared", "(with gc)") = None
    """Kinds that gc leaves."""

    yes: bool = False
    """With gc: remove for good."""

    json: bool = False
    """Print as JSON."""


def run(options):
    """Do what was asked for; return 1 when a record or file does not hold, 0 otherwise."""
    _require_sense(options)
    from empirical import runs

    root = options.runs_dir or runs.default_root()
    if options.runs_dir is not None and not root.is_dir():
        raise UserError(f"--runs-dir {str(root)!r}: is not a folder")
    verbs = {"list": _list, "show": _show, "compare": _compare, "export": _export, "gc": _gc}
    try:
        return verbs[options.what](root, options)
    except ValueError as error:  # what is not there, or is damaged, in its one line
        raise UserError(str(error)) from None


def _require_sense(options):
    what, names = options.what, options.names or ()
    if what not in NAMES:
        raise UserError(f"runs: {what!r} is not one of {', '.join(NAMES)}"
                        f"{suggestion(what, NAMES)}")
    if len(names) != len(NAMES[what]):
        wanted = " ".join(NAMES[what]) or "no name"
        raise UserError(f"runs {what}: takes {wanted}, but got {' '.join(names) or 'none'} "
                        "(loopcert runs lists the names)")
    if what != "gc" and (options.yes or options.keep):
        raise UserError(f"runs {what}: --yes and --keep go with gc")


def _size(n):
    for unit in ("B", "KiB", "MiB"):
        if n < 1024:
            return f"{n:.0f} {unit}"
        n /= 1024
    return f"{n:.1f} GiB"


def _list(root, options):
    from empirical import comparison, inventory
    from loopcert import _json
    from loopcert._table import table, write

    entries = inventory.entries(root)
    known = [place.stem for place in comparison.saved(root)]
    if options.json:
        write(_json.dumps({"runs_dir": root, "runs": entries, "comparisons": known}))
        return 0
    table(
        ("name", "task", "arm", "seed", "state", "rounds", "size", "began"),
        [
            (e.name, e.task, ", ".join(e.arms) or (e.kind if e.kind != "run" else "-"),
             "-" if e.seed is None else e.seed, e.state, e.rounds or "-", _size(e.bytes),
             e.began[:16].replace("T", " ") or "-")
            for e in entries
        ],
        right=(3, 6),
    )
    write()
    write(f"{len(entries)} directories in {root}, {_size(sum(e.bytes for e in entries))}")
    for name in known:
        write(f"comparison: {name}")
    for entry in entries:
        if entry.problem:
            write(f"problem: {entry.problem}")
    return 0


def _show(root, options):
    from empirical import inventory, runs
    from empirical.export import brief
    from loopcert import _json
    from loopcert._run_result import final
    from loopcert._table import write

    try:
        record = runs.find(root, options.names[0])
    except runs.Damaged as error:
        write(_json.dumps({"problems": [str(error)]}) if options.json else f"problem: {error}")
        return 1
    problems = record.verify()
    rounds = _measured(record)
    if options.json:
        write(_json.dumps({
            **brief(record), "state": inventory.state(record), "metrics": rounds,
            "final": final(record), "problems": problems, "bytes": record.bytes,
        }))
        return 1 if problems else 0
    _show_facts(record, inventory.state(record))
    _show_measured(rounds)
    for problem in problems:
        write(f"problem: {problem}")
    write("NOT everything holds" if problems else "its record and every file hold")
    return 1 if problems else 0


def _measured(record):
    frame = record.metrics
    columns = ["round", "split", "metric", "value", "stderr", "n"]
    return frame[columns].to_dict("records")


def _show_facts(record, state):
    """Write what a run is and how it went, as label and text."""
    from empirical.config import flat
    from empirical.export import brief
    from loopcert._run_plan import text
    from loopcert._table import table, write

    facts = brief(record)
    write(f"{record.name}  {record.path}")
    arithmetic = flat({"": facts["arithmetic"]} | facts["environment"])
    rows = {
        "state": state, "task": f"{facts['task']}, seed {facts['seed']}",
        "began": facts["began"] or "-", "ended": facts["ended"] or "-",
        "work": f"{facts['seconds']:.1f} s", "size": _size(record.bytes),
        "events": ", ".join(f"{kind} {n}" for kind, n in facts["events"].items()),
        "code": facts["code"][:12],
        "machine": ", ".join(f"{k.lstrip('.')} {text(v)}" for k, v in arithmetic.items()),
    }
    for label, value in rows.items():
        write(f"  {label:<8} {value}")
    for event in record.events:
        if event["event"] == "damaged":
            write(f"  damaged  {event['time'][:16]}: {event['what']}")
    write()
    table(("key", "value"), [(k, text(v)) for k, v in flat(facts["config"]).items()])
    write()


def _show_measured(rows):
    from loopcert._table import number, table, write

    table(
        ("round", "split", "metric", "value", "stderr", "n"),
        [(r["round"], r["split"], r["metric"], number(r["value"]), number(r["stderr"]),
          r["n"] or "-") for r in rows],
        right=(0, 3, 4, 5),
    )
    write()


def _compare(root, options):
    from empirical import runs
    from empirical.config import differences
    from loopcert import _json
    from loopcert._run_result import final
    from loopcert._table import number, table, write

    one, other = (runs.find(root, name) for name in options.names)
    lines = differences(one.wanted, other.wanted)
    first, second = final(one), final(other)
    rows = [
        {"metric": name, "a": first.get(name), "b": second.get(name),
         "difference": _minus(second.get(name), first.get(name))}
        for name in dict.fromkeys([*first, *second])
    ]
    if options.json:
        write(_json.dumps({"a": one.name, "b": other.name, "config": lines, "final": rows}))
        return 0
    write(f"{one.name} -> {other.name}")
    for line in lines or ["the same run"]:
        write(f"  {line}")
    write()
    table(("test metric", "A", "B", "B - A"),
          [(r["metric"], *(number(r[k]) for k in ("a", "b", "difference"))) for r in rows],
          right=(1, 2, 3))
    return 0


def _minus(second, first):
    return None if first is None or second is None else second - first


def _export(root, options):
    from empirical import export
    from loopcert import _json
    from loopcert._table import write

    name, folder = options.names
    found = export.find(root, name)
    try:
        made = export.export(found, folder)
    except OSError as error:
        raise UserError(f"{folder!r}: cannot be written to: {error.strerror or error}") from None
    if options.json:
        write(_json.dumps({"name": found.name, "files": made}))
        return 0
    for path in made:
        write(f"{path}  {_size(Path(path).stat().st_size)}")
    return 0


def _gc(root, options):
    from empirical import inventory, runs
    from loopcert import _json
    from loopcert._table import table, write

    for kind in options.keep or ():
        if kind not in inventory.KINDS:
            raise UserError(f"--keep {kind!r}: must be one of {', '.join(inventory.KINDS)}")
    kinds = [kind for kind in inventory.KINDS if kind not in (options.keep or ())]
    found, busy = inventory.waste(root, kinds), []
    for waste in found if options.yes else ():
        try:
            inventory.clear(waste)
        except runs.Busy:
            busy.append(waste.record.name)
    rows = [
        {"name": waste.record.name, "kind": waste.kind, "bytes": waste.bytes,
         "files": list(waste.files), "removed": options.yes and waste.record.name not in busy}
        for waste in found
    ]
    if options.json:
        write(_json.dumps({"runs_dir": root, "waste": rows}))
        return 0
    table(("name", "kind", "what", "size"),
          [(r["name"], r["kind"], f"{len(r['files'])} files" if r["files"] else "directory",
            _size(r["bytes"])) for r in rows], right=(3,))
    write()
    for name in busy:
        write(f"left alone: {name}: a process works in it")
    total = _size(sum(r["bytes"] for r in rows if r["removed"] == options.yes))
    write(f"removed: {total}" if options.yes else f"{total} could go; --yes removes it for good")
    return 0
