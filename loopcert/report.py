"""The report: one static page with every claim, its evidence, and what it means.

The page is made from the record of a check (`loopcert.record`), so that it can be made again
without checking again. It needs no network, and no script to be read: scripts filter the claims,
move the phase diagrams and zoom the graph.
"""

import base64
import gzip
import json
from importlib import resources
from pathlib import Path

import jinja2
from markupsafe import Markup

from loopcert import _atomic, record
from loopcert.findings import evidence_of_runs, gallery, headlines, waiting
from loopcert.graph import draw
from loopcert.phases import PANELS, shown
from loopcert.plots import distances, interval
from loopcert.shown import mathml, prose, slug, statement_lines

__all__ = ["COLOURS", "SUBJECTS", "render", "statement_lines", "write"]

COLOURS = {  # verdict word: (light, dark); chosen to differ in lightness too
    "proved": ("#1b7f4b", "#4cc38a"),
    "proved modulo": ("#477f1e", "#a5d46a"),
    "witnessed": ("#56636f", "#a3b1bf"),
    "supported": ("#2566a8", "#79b0e8"),
    "refuted": ("#b3372f", "#f08a80"),
    "open": ("#80620f", "#e0bf5a"),
}
MEANING = {
    "proved": "a machine proof covers the whole statement with all its quantifiers",
    "proved modulo": "the same, resting on the named standard theorems",
    "supported": "simulation, enclosure or instances only",
    "refuted": "false as printed, by an exact counterexample",
    "witnessed": "a definition or assumption with a point that meets it and one that does not",
    "open": "none of these; nothing else may use it",
}
SUBJECTS = {
    "SW": "Yang et al. 2025: budget", "E": "Yang et al. 2025: budget",
    "SC": "Gillman et al. 2024: correction", "SCX": "Gillman et al. 2024: correction",
    "BP": "Feng et al. 2025: breakdown", "BPX": "Feng et al. 2025: breakdown",
    "KV": "Yi et al. 2025: verifier", "UL": "The one law", "L": "Common lemmas",
}
LAST = SUBJECTS["L"]
SCRIPTS = ("theme.js", "formulas.js", "panels.js", "claims.js", "graph.js")


def write(ledger, folder):
    """Write the page and the record of a ledger into `folder`; return the page's path."""
    return write_record(record.of(ledger), folder)


def write_record(found, folder, keep=False):
    """Write the page of a record into `folder`, and the record unless it is to be kept."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    text = render(found)
    if not keep:
        record.save(found, folder)
    return _atomic.write(folder / "index.html", text)


def render(found):
    """Return the page of a record as HTML text."""
    rows = found["rows"]
    names = {row["id"] for row in rows}
    figures = gallery(names)
    runs = evidence_of_runs()
    return _environment().get_template("index.html.j2").render(
        found=found, current=record.is_current(found),
        colours=COLOURS, meaning=MEANING,
        subjects=_by_subject(rows), overview=_overview(rows),
        headlines=headlines(rows), names=names,
        used_by=_inverse(rows, "uses"), corrected_by=_inverse(rows, "corrects"),
        errata=_by_subject(filter(is_erratum, rows)), new=_by_subject(filter(is_new, rows)),
        engines=sorted({engine for row in rows for engine in engines_of(row)}),
        figures=figures, pictured=_pictured(figures), waiting=waiting(),
        runs=runs, observed=_observed(runs),
        panels=[(panel, shown(panel)) for panel in PANELS],
        graph=Markup(draw(
            [row for group in _by_subject(rows).values() for row in group],
            subject_of, lambda row: slug(row["word"]),
        )),
        questions=_packed(_questions(rows)), asset=_asset, scripts=SCRIPTS,
    )


# -- what a row is -------------------------------------------------------------------------------
def subject_of(row):
    """Return the subject that a row belongs to."""
    return SUBJECTS.get(row["id"].split("-")[0], "Other")


def is_erratum(row):
    """Return whether a row states what a paper prints and is meant to be refuted."""
    return any(result["kind"] == "refutation" for result in row["evidence"])


def is_new(row):
    """Return whether a row is a result of ours."""
    return row["source"].startswith("new") and row["theorem_like"] and not is_erratum(row)


def kind_of(row):
    """Return the words under which a row is filtered by kind."""
    words = ["asserted" if row["theorem_like"] else "stated"]
    words += ["erratum"] if is_erratum(row) else []
    words += ["new"] if is_new(row) else []
    return " ".join(words)


def engines_of(row):
    """Return the engines that a row's evidence comes from, sorted."""
    return sorted({
        engine for result in row["evidence"] for engine in result["engine"].split("+") if engine
    })


def search_text(row):
    """Return the plain text in which a search finds a row."""
    parts = [row["id"], row["title"], row["source"], row["kind"], row["verdict"], row["note"],
             *row["binds"]]
    return " ".join(" ".join(parts).split()).lower()


# -- what is made of all rows --------------------------------------------------------------------
def _by_subject(rows):
    groups = {}
    for row in rows:
        groups.setdefault(subject_of(row), []).append(row)
    return {name: groups[name] for name in sorted(groups, key=lambda name: name == LAST)}


def _overview(rows):
    """Return (subject, total, verdict counts) of each subject; definitions count as well."""
    table = []
    for subject, group in _by_subject(rows).items():
        counts = {word: sum(row["word"] == word for row in group) for word in COLOURS}
        table.append((subject, len(group), {w: n for w, n in counts.items() if n}))
    return table


def _inverse(rows, kind):
    found = {}
    for row in rows:
        for other in row[kind]:
            found.setdefault(other, []).append(row["id"])
    return found


def _pictured(figures):
    """Return the figures that show a claim, by its id."""
    found = {}
    for figure in figures:
        for name in figure["claims"]:
            found.setdefault(name, []).append(figure)
    return found


def _observed(runs):
    """Return (recorded results, row) pairs by the claim that a row is about."""
    found = {}
    for recorded in runs:
        for row in recorded["predictions"]:
            found.setdefault(row["claim"], []).append((recorded, row))
    return found


def _questions(rows):
    """Return what engines were asked, by "ID evidence step": shown on demand, packed till then."""
    return {
        f"{row['id']} {i} {k}": line["query"]
        for row in rows for i, result in enumerate(row["evidence"])
        for k, line in enumerate(result["transcript"]) if line["query"]
    }


def _packed(value):
    """Return a value as JSON, compressed, in characters that HTML leaves alone."""
    data = gzip.compress(json.dumps(value).encode(), mtime=0)
    return base64.b64encode(data).decode()


# -- templates -----------------------------------------------------------------------------------
def _asset(name):
    return Markup((resources.files("loopcert.page") / name).read_text("utf-8"))


def _environment():
    folder = resources.files("loopcert.page")
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (folder / name).read_text("utf-8")),
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {
        "mathml": mathml, "prose": prose, "slug": slug, "number": _number,
        "distances": lambda figures: Markup(distances(figures)), "engines": engines_of,
        "interval": lambda limits: Markup(interval(*limits)),
        "kinds": kind_of, "search": search_text, "duration": duration,
    }
    return environment


def _number(value, digits=6):
    """Return a number for a reader; a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}g}"


def duration(seconds):
    """Return a time for a reader.

    Examples
    --------
    >>> duration(75), duration(7200), duration(3.2)
    ('75 s', '2.0 h', '3.2 s')
    """
    if seconds >= 5400:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
