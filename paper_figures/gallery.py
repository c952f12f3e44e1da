"""The gallery of the documentation: a small picture of each figure, and a page that names them.

    python -m paper_figures.gallery [NAME ...]
"""

import sys
from pathlib import Path

from paper_figures import catalogue, results
from paper_figures.make import frame_of
from paper_figures.save import thumbnail

__all__ = ["FOLDER", "add", "page"]

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "gallery"

_HEAD = """\
# Gallery

Theory (lines) and simulation (points with two standard errors) on the same axes. Each command
writes PDF, PNG and the CSV behind the picture into `figures/`; `--quick` takes seconds,
`--seed` changes the simulations, `--out` the folder. `make figures` draws them all.
`python -m paper_figures.gallery` redraws this page.
"""


def page():
    """Return the page that shows all pictures, with the command that redraws each.

    What is drawn from runs has its picture once there are such results.
    """
    parts = [_HEAD]
    for entry in catalogue.FIGURES.values():
        label = "We claim" if entry.source.startswith("ours") else "The paper says, in our words"
        picture = f"![{entry.title}]({entry.name}.png)"
        if entry.needs and not (FOLDER / f"{entry.name}.png").is_file():
            picture = f"Drawn from runs of `loopcert run {entry.needs}`."
        parts.append(
            f"## {entry.title}\n\n`loopcert figures {entry.name}` ({entry.source})\n\n"
            f"{picture}\n\n{label}: {entry.says}\n\nShown: {entry.shows}\n"
        )
    return "\n".join(parts)


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
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in names or _at_hand():
        add(name)
    (FOLDER / "README.md").write_text(page())


if __name__ == "__main__":
    _main(sys.argv[1:])
