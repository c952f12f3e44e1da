"""`loopcert check`: run the evidence of every claim, print the verdicts, write the page."""

import re
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from loopcert._options import place, whole, words
from loopcert._usage import UserError, suggestion

__all__ = ["Options", "run"]

PAPERS = {"SW": "Yang et al.", "E": "Yang et al.", "SC": "Gillman et al.", "BP": "Feng et al.",
          "KV": "Yi et al.", "UL": "one law", "L": "standard"}
ORDER = {name: place for place, name in enumerate(dict.fromkeys(PAPERS.values()))}
VERDICTS = ("proved", "proved modulo", "supported", "refuted", "open")
APART = ("definition", "assumption")


@dataclass(frozen=True)
class Options:
    """Prove and simulate every claim; print the verdicts; write a page that explains them.

    Verdicts are computed, never typed: proved, proved modulo named standard theorems, supported
    (simulation or instances), refuted (false as printed, with a counterexample), open.

    examples:
      loopcert check                            every claim, quick evidence
      loopcert check --only SW-07 UL-STOP       two claims and what they use
      loopcert check --effort full --jobs 8     larger simulations, eight processes
      loopcert check --json > ledger.json       for programs; the page is written too

    exit status: 0 all held, 1 something did not hold, 2 unusable input
    """

    only: words("ID", "(default: all)") = None
    """Check these claims alone, and what they use."""

    effort: Literal["quick", "full"] = "quick"
    """How much random evidence to gather; "full" also asks a second solver (extra "full")."""

    seed: whole(0) = 0
    """Seed of the random evidence; the verdicts depend on it and on nothing else."""

    jobs: whole(1, 4096, hint="(default: every core)") = None
    """Worker processes that gather evidence."""

    report: place("DIR") = Path("report")
    """Folder that the page index.html and its record ledger.json are written to."""

    docs: place("DIR", hint="(default: none)") = None
    """Write the pages errata.md and new_results.md into this folder too."""

    json: bool = False
    """Print the ledger as JSON."""


def run(options):
    """Check, print, write the page; return 0 when the ledger is in order, 1 otherwise."""
    import loopcert
    from loopcert import ledger, report
    from loopcert.doctor import usable_cores

    if options.effort == "full":
        _require_second_solver()
    jobs = options.jobs or usable_cores()
    if jobs > 1:
        ledger.start_workers()
    claims = {claim.id: claim for claim in loopcert.claims()}
    ids = known(options.only, claims)
    if options.docs and ids:
        raise UserError("--docs: the pages need every claim; leave --only away")
    for flag, folder in (("--report", options.report), ("--docs", options.docs)):
        require_writable(folder, flag)
    from loopcert._progress import progress

    with progress("check") as advance:
        result = ledger.check(
            ids, effort=options.effort, seed=options.seed, jobs=jobs, progress=advance
        )
    report.write(result, options.report)
    if options.docs:
        from loopcert import pages

        pages.write(result, options.docs)
    _show(result, claims, options)
    return 0 if result.ok else 1


def _require_second_solver():
    from loopcert._install import install_command
    from loopcert.prove import second

    if not second.available():
        raise UserError(f"--effort full asks cvc5 too, which is not installed (repair: "
                        f"{install_command('full')})")


def known(ids, claims):
    """Return `ids` after refusing, with a suggestion, the first that names no claim."""
    for name in ids or ():
        if name not in claims:
            raise UserError(
                f"unknown claim {name!r}{suggestion(name, claims)} (loopcert claims lists all)"
            )
    return ids and tuple(dict.fromkeys(ids))


def require_writable(folder, flag="--report"):
    """Refuse, before hours of work, a `folder` that no page could be written to."""
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UserError(
            f"{flag} {str(folder)!r}: cannot be written to: {error.strerror or error}"
        ) from None


def bucket(verdict):
    """Return the words of a ledger's verdict that it is counted under.

    Examples
    --------
    >>> bucket("proved modulo {Prekopa}"), bucket("refuted under reading: R")
    ('proved modulo', 'refuted')
    """
    text = str(verdict)
    return "proved modulo" if text.startswith("proved modulo") else text.partition(" ")[0]


def paper(name):
    """Return the authors whose claims carry the id `name`.

    Examples
    --------
    >>> paper("BPX-10"), paper("UL-STOP")
    ('Feng et al.', 'one law')
    """
    return PAPERS.get(re.match(r"[A-Za-z]{0,2}", name)[0].upper(), "other")


def totals(rows, kinds):
    """Return verdict counts of theorem-like claims, and of definitions and assumptions."""
    theorems, apart = Counter(), Counter()
    for row in rows:
        chosen = apart if kinds.get(row.id, "") in APART else theorems
        chosen[bucket(row.verdict)] += 1
    return theorems, apart


def _counts(counter, always=()):
    names = [*always, *sorted(set(counter) - set(always))]
    return " / ".join(f"{name} {counter[name]}" for name in names)


def _page(options):
    return options.report / "index.html"


def _show(result, claims, options):
    from loopcert import _json
    from loopcert._table import table, write

    if options.json:
        write(_json.dumps(_machine(result, claims, options)))
        return
    rows = sorted(result.rows, key=lambda row: ORDER.get(paper(row.id), len(ORDER)))
    table(
        ("paper", "claim", "verdict", "mutants", "seconds", "title"),
        [
            (paper(row.id), row.id, row.verdict,
             f"{_size(row.killed)}/{_size(row.killed) + _size(row.survived)}",
             f"{row.seconds:.2f}", getattr(claims.get(row.id), "title", ""))
            for row in rows
        ],
        right=(3, 4),
    )
    theorems, apart = totals(result.rows, {name: claim.kind for name, claim in claims.items()})
    write()
    write(f"theorem-like claims: {_counts(theorems, VERDICTS)}")
    if apart:
        write(f"definitions and assumptions: {_counts(apart)}")
    for row in result.rows:
        for problem in getattr(row, "problems", ()):
            write(f"problem: {row.id}: {problem}")
    write("everything held" if result.ok else "NOT everything held")
    write(f"page: {_page(options)}")


def _size(group):
    return group if isinstance(group, int) else len(group)


def _machine(result, claims, options):
    import json

    text = result.to_json()
    record = json.loads(text) if isinstance(text, str) else dict(text)
    kinds = {name: claim.kind for name, claim in claims.items()}
    theorems, apart = totals(result.rows, kinds)
    return {
        **record, "ok": bool(result.ok), "page": str(_page(options)),
        "totals": {"theorems": dict(theorems), "definitions": dict(apart)},
    }
