"""What every figure that is drawn from runs must do: be saved, be legible, say what it needs."""

import matplotlib
import pandas as pd
import pytest

from paper_figures import catalogue, results, style
from paper_figures.make import frame_of, make


def texts_of(figure):
    """Return the texts of a figure that are not blank."""
    return [text for text in figure.findobj(matplotlib.text.Text) if text.get_text().strip()]


def require_saved(name, folder, runs_dir):
    """Draw into an empty folder: three files, the table as long as it says, fonts embedded."""
    made = make(name, folder, "quick", runs_dir=runs_dir)
    assert made.comparisons == 0
    assert {path.name for path in folder.iterdir()} == {
        f"{name}.{kind}" for kind in ("csv", "pdf", "png")}
    assert len(pd.read_csv(made.paths["csv"])) == made.rows > 4
    assert b"Type3" not in made.paths["pdf"].read_bytes()


def require_legible(name, runs_dir, *words, margin=1):
    """Draw: no text too small or off the page, and these words on it."""
    figure = catalogue.load(name).draw(frame_of(name, runs_dir=runs_dir))
    shown = texts_of(figure)
    assert min(text.get_fontsize() for text in shown) >= 6
    told = " ".join(text.get_text() for text in shown)
    for word in words:
        assert word in told
    style.styled(figure.draw_without_rendering)()
    inside = figure.bbox.padded(margin)
    for text in shown:
        # A tick may lie off the axes, where it is not drawn.
        if text.get_visible() and text.get_text().strip("−0123456789."):
            box = text.get_window_extent()
            assert inside.x0 <= box.x0 <= box.x1 <= inside.x1, text
            assert inside.y0 <= box.y0 <= box.y1 <= inside.y1, text


def require_runs(name, folder, monkeypatch):
    """Without any runs: one line that names the command which makes them."""
    monkeypatch.setattr(results, "FOLDER", folder / "none")
    needs = catalogue.FIGURES[name].needs
    with pytest.raises(results.Missing, match=f"^{name} needs runs: loopcert run {needs}$"):
        frame_of(name)
