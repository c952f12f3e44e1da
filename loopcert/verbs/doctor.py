"""`loopcert doctor`: what can run here."""

from dataclasses import dataclass
from pathlib import Path

from loopcert._options import place

__all__ = ["Options", "run"]


@dataclass(frozen=True)
class Options:
    """Look at this machine: Python, packages and extras, threads, GPU, data, folders. What is
    missing is named with the command that installs it.

    examples:
      loopcert doctor
      loopcert doctor --json

    exit status: 0 loopcert works here (extras may be missing), 1 something is broken
    """

    report: place("DIR") = Path("report")
    """Folder that reports would be written to."""

    runs_dir: place("DIR", "(default: LOOPCERT_RUNS, or runs)") = None
    """Folder that runs would be written to."""

    json: bool = False
    """Print as JSON."""


def run(options):
    """Examine and print; return 1 when something is broken, 0 otherwise."""
    from loopcert import _json
    from loopcert._table import table, write
    from loopcert.doctor import FAIL, examine

    findings = examine(options.report, options.runs_dir)
    broken = [finding for finding in findings if finding.state == FAIL]
    if options.json:
        write(_json.dumps({"ok": not broken, "findings": findings}))
        return 1 if broken else 0
    table(("", "what", "found"), [(f.state, f.name, f.detail) for f in findings])
    repairs = [finding for finding in findings if finding.repair]
    if repairs:
        write()
        write("to mend:")
        for finding in repairs:
            write(f"  {finding.name}: {finding.repair}")
    return 1 if broken else 0
