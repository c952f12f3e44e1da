"""The gallery of the documentation: a small picture of each figure, and a page that names them.

    python -m paper_figures.gallery [NAME ...]     draw these, or all at hand, and write the page
    python -m paper_figures.gallery --page         write the page alone

Every figure and table of the papers has its place on the page, drawn or missing.
"""

import sys
from pathlib import Path

from paper_figures import catalogue, results, sources
from paper_figures.agreement import agreement
from paper_figures.make import frame_of
from paper_figures.save import thumbnail

__all__ = ["FOLDER", "add", "page"]

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "gallery"

_HEAD = """\
# Gallery

Every figure and table of the four papers, ours beside the printed numbers where the papers print
any, else beside what they say, in our words; after them our own figures. Theory (lines) and
simulation (points with two standard errors) stand on the same axes; what is drawn from runs with
real models says which. Each command writes PDF, PNG and the CSV behind the picture into
`figures/`; `--quick` takes seconds, `--seed` changes the simulations, `--out` the folder.
`make figures` draws them all. `python -m paper_figures.gallery` redraws this page.
"""


def page():
    """Return the page: by paper what is drawn and what is missing, and then our own figures."""
    entries = tuple(catalogue.FIGURES.values())
    parts = [_HEAD, _overview(entries)]
    for paper, title in sources.PAPERS.items():
        parts.append(f"## {paper}: {title}\n")
        parts += _of_paper(paper, entries)
    ours = [entry for entry in entries if not sources.numbers(entry.source)[0]]
    return "\n".join([*parts, "## Ours\n", *map(_entry, ours)])


def _pictured(entry):
    return (FOLDER / f"{entry.name}.png").is_file()


def _overview(entries):
    """Return a table: of each paper, how many figures and tables are drawn."""
    lines = ["| paper | figures and tables | drawn | waiting for runs | missing | without data |",
             "|---|---|---|---|---|---|"]
    for paper in sources.PAPERS:
        items = [item for item in sources.ITEMS if item.paper == paper]
        states = [_state(item, entries) for item in items]
        counts = [states.count(state) for state in ("drawn", "waiting", "missing", "empty")]
        lines.append(f"| {paper} | {len(items)} | {' | '.join(map(str, counts))} |")
    return "\n".join([*lines, ""])


def _state(item, entries):
    found = sources.drawn_by(item, entries)
    if any(map(_pictured, found)):
        return "drawn"
    return "waiting" if found else "empty" if item.empty else "missing"


def _of_paper(paper, entries):
    """Return the parts of the page about a paper: its entries in order, then what is missing."""
    items = [item for item in sources.ITEMS if item.paper == paper]
    found = [entry for item in items for entry in sources.drawn_by(item, entries)]
    found += [entry for entry in entries if sources.numbers(entry.source)[0] == paper]
    parts = [_entry(entry) for entry in dict.fromkeys(found)]
    for state, heading in (("missing", "Missing"), ("empty", "Without data")):
        left = [item for item in items if _state(item, entries) == state]
        if left:
            lines = [f"- {item.number}: {item.shows} Needs {item.needs}." for item in left]
            parts.append("\n".join([f"### {heading}: {paper}\n", *lines, ""]))
    return parts


def _entry(entry):
    """Return a figure with its picture, the command that redraws it, and how like it is."""
    ours = entry.source.startswith("ours")
    label = "We claim" if ours else "The paper says, in our words"
    picture = f"![{entry.title}]({entry.name}.png)"
    if not _pictured(entry):
        picture = f"Waits for runs of `loopcert run {entry.needs}`."
    return (
        f"### {entry.title}\n\n`loopcert figures {entry.name}` ({entry.source})\n\n"
        f"{picture}\n\n{label}: {entry.says}\n\nShown: {entry.shows}\n{_alike(entry)}"
    )


def _alike(entry):
    """Return the lines on shape, order and size; nothing for what no paper has drawn."""
    _, numbers = sources.numbers(entry.source)
    if not numbers or not _pictured(entry):
        return ""
    lines = [f"- same {what}? {getattr(entry, what) or 'not judged yet'}"
             for what in ("shape", "order", "size")]
    measured = _measured(entry)
    lines += [f"- measured: {measured}"] if measured else []
    return "\n".join(["", *lines, ""])


def _measured(entry):
    """Return how like ours are to printed numbers, in words; nothing where there are none."""
    if not entry.needs:
        return ""
    try:
        return str(agreement(frame_of(entry.name)) or "")
    except results.Missing:
        return ""


def add(name, folder=FOLDER):
    """Draw the small picture of a figure."""
    frame = frame_of(name, "full")
    thumbnail(folder / f"{name}.png", catalogue.load(name).draw(frame))


def _at_hand():
    """Yield the names of all figures but those whose runs are missing."""
    for name, entry in catalogue.FIGURES.items():
        try:
            if entry.needs:
                results.find(entry)
        except results.Missing:
            continue
        yield name


def _main(names):
    wrong = [name for name in names if name not in catalogue.FIGURES and names != ["--page"]]
    if wrong:
        sys.exit(f"name = {wrong[0]!r}: must be a figure of `loopcert figures --list`, or --page "
                 "alone, which writes the page and draws nothing")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in () if names == ["--page"] else names or _at_hand():
        add(name)
    (FOLDER / "README.md").write_text(page())


if __name__ == "__main__":
    _main(sys.argv[1:])
