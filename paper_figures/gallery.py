"""The gallery of the documentation: a small picture of each figure, and a page that names them.

    python -m paper_figures.gallery [NAME ...]
"""

import sys
from pathlib import Path

from paper_figures import catalogue
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
    """Return the page that shows all pictures, with the command that redraws each."""
    parts = [_HEAD]
    for entry in catalogue.FIGURES.values():
        label = "We claim" if entry.source.startswith("ours") else "The paper says, in our words"
        parts.append(
            f"## {entry.title}\n\n`loopcert figures {entry.name}` ({entry.source})\n\n"
            f"![{entry.title}]({entry.name}.png)\n\n{label}: {entry.says}\n\n"
            f"Shown: {entry.shows}\n"
        )
    return "\n".join(parts)


def add(name, folder=FOLDER):
    """Draw the small picture of a figure."""
    frame = frame_of(name, "full")
    thumbnail(folder / f"{name}.png", catalogue.load(name).draw(frame))


def _main(names):
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in names or catalogue.FIGURES:
        add(name)
    (FOLDER / "README.md").write_text(page())


if __name__ == "__main__":
    _main(sys.argv[1:])
