"""Two pages of the documentation, made from a ledger: errata, and new results.

Everything on them follows from the claims and their evidence; `loopcert check --docs docs` writes
them.
"""

from pathlib import Path

from loopcert.findings import pictures
from loopcert.report import SUBJECTS
from loopcert.shown import statement_lines

__all__ = ["errata", "is_erratum", "is_new", "new_results", "write"]

LONGEST = 700  # characters of LaTeX that a reader can still follow

MADE_BY = "Made from the ledger by `loopcert check --docs docs`; do not edit."

ERRATA = f"""\
# Errata

What the four papers print and what does not hold as printed. Each entry is a formal statement of
the printed sentence, an exact point at which it fails (found again at every `loopcert check`), and
what holds instead, with its own evidence. Where a formula of the source is lost, or a sentence can
be read in two ways, the reading that fails is named.

{MADE_BY}
"""

NEW = f"""\
# New results

Statements that we have not found in the papers: sharper constants, missing converses, closed
forms, counterexamples to conjectures. "proved" means that a machine proof covers the statement
with all its quantifiers; "proved modulo" names the standard theorems that it rests on. The command
`loopcert claims show ID --run` proves each again and prints every step. Lemmas that only serve
others are listed at the end of each part.

{MADE_BY}
"""


def write(ledger, folder):
    """Write errata.md and new_results.md into `folder`; return their paths."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, text in (("errata.md", errata(ledger)), ("new_results.md", new_results(ledger))):
        place, part = folder / name, folder / f".{name}.part"
        part.write_text(text, "utf-8")
        part.replace(place)
        made.append(place)
    return made


def is_erratum(claim):
    """Return whether a claim states what a paper prints and what is refuted."""
    return any(type(e).__name__ == "Refutation" for e in claim.evidence)


def is_new(claim):
    """Return whether a claim is ours."""
    return claim.source.startswith("new") and claim.theorem_like and not is_erratum(claim)


def errata(ledger):
    """Return the page of what is false as printed, as Markdown."""
    rows = [row for row in ledger.rows if is_erratum(row.claim)]
    corrections = {}
    for row in ledger.rows:
        for wrong in row.claim.corrects:
            corrections.setdefault(wrong, []).append(row)
    parts = [ERRATA, f"{len(rows)} entries.\n"]
    for subject, group in _by_subject(rows).items():
        parts.append(f"## {subject}\n")
        parts += [_erratum(row, corrections.get(row.id, ())) for row in group]
    return "\n".join(parts)


def _erratum(row, corrections):
    lines = [_heading(row), "As printed:\n", _statement(row)]
    for result in row.evidence:
        if result.kind == "refutation":
            lines.append(f"It {result.detail} ({result.engine} arithmetic).\n")
    lines.append(_note(row))
    for right in corrections:
        found = f"**{right.id}** ({right.verdict})"
        lines += [f"What holds instead: {found}. {right.claim.title}\n", _statement(right)]
    lines += _figures(row)
    return "\n".join(line for line in lines if line)


def new_results(ledger):
    """Return the page of our own results, as Markdown."""
    rows = [row for row in ledger.rows if is_new(row.claim)]
    proved = sum(row.verdict.word == "proved" and not row.verdict.modulo for row in rows)
    parts = [NEW, f"{len(rows)} statements, {proved} of them proved outright.\n"]
    for subject, group in _by_subject(rows).items():
        parts.append(f"## {subject}\n")
        parts += [_result(row) for row in group if row.claim.kind != "lemma"]
        lemmas = [row for row in group if row.claim.kind == "lemma"]
        if lemmas:
            parts.append("### Lemmas\n")
            parts += [f"- **{r.id}** ({r.verdict}): {r.claim.title}" for r in lemmas]
            parts.append("")
    return "\n".join(parts)


def _result(row):
    lines = [_heading(row), _statement(row), _note(row)]
    for result in row.evidence:
        if result.kind == "proof":
            lines += [f"Proof ({result.engine}{_seconds(result)}):\n", *_steps(result), ""]
        elif result.kind in ("simulation", "enclosure", "instances"):
            lines.append(f"{result.kind.capitalize()}: {result.detail}.\n")
    if row.killed:
        lines.append(f"{row.killed} mutants of the statement rejected.\n")
    lines += _figures(row)
    return "\n".join(line for line in lines if line is not None)


def _figures(row):
    """Return the pictures of a claim, which lie beside the pages."""
    return [f"![{entry.title}](gallery/{picture.name})\n"
            for entry, picture in pictures() if row.id in entry.claims]


def _seconds(result):
    return "" if result.seconds < 0.05 else f", {result.seconds:.1f} s"


def _steps(result):
    if not result.transcript:
        return ["1. the statement at once"]
    return [
        f"{number}. {_step(line)}" for number, line in enumerate(result.transcript, 1)
    ]


def _step(line):
    note = f"{line['note']}: " if line["note"] else ""
    reason = f"{line['tactic']}, {line['detail']}"
    if len(line["latex"]) > LONGEST:
        return f"{note}(a formula of {len(line['latex'])} characters) by {reason}"
    return f"{note}${_inline(line['latex'])}$ by {reason}"


def _inline(latex):
    """Return LaTeX that Markdown leaves alone: it reads a bare * or | otherwise."""
    return " ".join(latex.replace("|", r"\vert ").replace("*", r"\ast ").split())


def _heading(row):
    reading = f" under the reading: {row.verdict.reading}" if row.verdict.reading else ""
    verdict = f"{row.verdict.word}{reading}" if reading else str(row.verdict)
    kind = f"{row.claim.source}; {verdict}"
    return f"### {row.id}\n\n{row.claim.title} *{kind[0].upper()}{kind[1:]}.*\n"


def _note(row):
    return f"{row.claim.note}\n" if row.claim.note else ""


def _statement(row):
    lines = []
    for role, latex in statement_lines(row.claim.statement):
        shown = f"${_inline(latex)}$" if len(latex) <= 4 * LONGEST else "(long)"
        lines.append(f"> {role} {shown}  ")
    return "\n".join(lines) + "\n"


def _by_subject(rows):
    groups = {}
    for row in rows:
        groups.setdefault(SUBJECTS.get(row.id.split("-")[0], "Other"), []).append(row)
    return groups
