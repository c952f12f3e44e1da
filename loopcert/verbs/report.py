"""`loopcert report`: write the page again from the record of the last check."""

from dataclasses import dataclass
from pathlib import Path

from loopcert._options import place
from loopcert.verbs.check import require_writable

__all__ = ["Options", "run"]


@dataclass(frozen=True)
class Options:
    """Write the page that explains the last check again, from its record, without checking again:
    after new results of runs, new figures, or to have it elsewhere.

    examples:
      loopcert report                           report/ledger.json to report/index.html
      loopcert report --out site                the page in another folder, with its record
      loopcert report --json                    what it is about, for programs

    exit status: 0 all held in that check, 1 something did not, 2 unusable input
    """

    report: place("DIR") = Path("report")
    """Folder that loopcert check wrote to."""

    out: place("DIR", hint="(default: the same)") = None
    """Folder that the page index.html is written to."""

    json: bool = False
    """Print as JSON."""


def run(options):
    """Write the page; return 0 when the ledger was in order, 1 otherwise."""
    from loopcert import record, report

    found = record.load(options.report)
    folder = options.out or options.report
    require_writable(folder, "--out" if options.out else "--report")
    page = report.write_record(found, folder, keep=folder.resolve() == options.report.resolve())
    _show(found, page, record.is_current(found), options)
    return 0 if found["ok"] else 1


def _show(found, page, current, options):
    from loopcert import _json
    from loopcert._table import write

    about = {name: found[name] for name in ("ok", "effort", "seed", "seconds", "counts")}
    if options.json:
        write(_json.dumps({**about, "claims": len(found["rows"]), "current": current,
                           "page": str(page)}))
        return
    write(f"{len(found['rows'])} claims, effort {found['effort']}, seed {found['seed']}")
    if not current:
        write("the code has changed since that check (loopcert check gathers the evidence anew)")
    for row in found["rows"]:
        for problem in row["problems"]:
            write(f"problem: {row['id']}: {problem}")
    write("everything held" if found["ok"] else "NOT everything held")
    write(f"page: {page}")
