"""The report: one static page with every claim, its evidence and the graph of what uses what.

The page needs no network and no script to be read; a few lines of script filter the rows.
"""

import html
import os
import tempfile
from importlib import resources
from pathlib import Path

import jinja2
import sympy as sp
from latex2mathml.converter import convert

from loopcert.graph import draw

__all__ = ["COLOURS", "render", "write"]

COLOURS = {  # verdict word: (light, dark); chosen to differ in lightness too
    "proved": ("#1b7f4b", "#4cc38a"),
    "proved modulo": ("#4a9a3a", "#8fce7a"),
    "witnessed": ("#5b6b7a", "#a3b1bf"),
    "supported": ("#2f6fb3", "#79b0e8"),
    "refuted": ("#b3372f", "#f08a80"),
    "open": ("#8a6d1a", "#e0bf5a"),
}
SUBJECTS = {
    "SW": "Yang et al. 2025: budget", "E": "Yang et al. 2025: budget",
    "SC": "Gillman et al. 2024: correction", "SCX": "Gillman et al. 2024: correction",
    "BP": "Feng et al. 2025: breakdown", "BPX": "Feng et al. 2025: breakdown",
    "KV": "Yi et al. 2025: verifier", "UL": "The one law", "L": "Common lemmas",
}


def write(ledger, directory):
    """Write ``index.html`` for a ledger into `directory`, in one step, and return its path."""
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    text = render(ledger)
    handle, name = tempfile.mkstemp(dir=directory, suffix=".html.part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, directory / "index.html")
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return directory / "index.html"


def render(ledger):
    """Return the page as HTML text."""
    folder = resources.files("loopcert.page")
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (folder / name).read_text("utf-8")),
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined,
    )
    environment.filters["mathml"] = mathml
    environment.filters["word"] = word
    environment.filters["slug"] = slug
    return environment.get_template("index.html.j2").render(
        ledger=ledger,
        colours=COLOURS,
        subjects=_by_subject(ledger.rows),
        statements={row.id: statement_lines(row.claim.statement) for row in ledger.rows},
        graph=jinja2.utils.markupsafe.Markup(draw(ledger.rows, word)),
        style=jinja2.utils.markupsafe.Markup((folder / "style.css").read_text("utf-8")),
        script=jinja2.utils.markupsafe.Markup((folder / "filter.js").read_text("utf-8")),
    )


def word(row):
    """Return the verdict's word as it is coloured and filtered."""
    return row.verdict.word + (" modulo" if row.verdict.modulo else "")


def slug(text):
    """Return a text as a word for a class or an anchor."""
    return "".join(c if c.isalnum() else "-" for c in str(text)).strip("-")


def mathml(latex):
    """Return LaTeX as MathML, or as code where it cannot be converted."""
    try:
        inline = convert(latex).replace("<math ", '<math displaystyle="true" ', 1)
        return jinja2.utils.markupsafe.Markup(inline)
    except Exception:  # the converter raises whatever its parser meets
        return jinja2.utils.markupsafe.Markup(f"<code>{html.escape(latex)}</code>")


def statement_lines(statement):
    """Return (role, LaTeX) pairs for a statement: variables, definitions, hypotheses, goal."""
    goal = statement.goal.args if isinstance(statement.goal, sp.And) else (statement.goal,)
    lines = [("for all", r",\quad ".join(statement.domains_latex()))]
    lines += [("where", rf"{sp.latex(s)} = {sp.latex(e)}") for s, e in statement.where.items()]
    lines += [("assume", sp.latex(h)) for h in statement.hypotheses]
    return lines + [("then" if n == 0 else "and", sp.latex(g)) for n, g in enumerate(goal)]


def _by_subject(rows):
    groups = {}
    for row in rows:
        prefix = row.id.split("-")[0]
        groups.setdefault(SUBJECTS.get(prefix, "Other"), []).append(row)
    last = SUBJECTS["L"]
    return {name: groups[name] for name in sorted(groups, key=lambda name: name == last)}
