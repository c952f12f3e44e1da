"""Every figure: drawn, saved, the same for the same seed, and theory agrees with simulation."""

import importlib
import inspect

import matplotlib
import numpy as np
import pandas as pd
import pytest

from paper_figures import catalogue, style
from paper_figures.comparison import COLUMNS, compared, curve, stack, z_scores
from paper_figures.make import frame_of, make, stream
from paper_figures.save import save, thumbnail

NAMES = tuple(name for name, entry in catalogue.FIGURES.items() if not entry.needs)
LIMIT = 5.0  # 6e-7 a comparison, about 1,500 comparisons in all


@pytest.fixture(scope="module")
def frames():
    """Tables computed once, whichever test asks first."""
    return {}


def quick(frames, name):
    if name not in frames:
        frames[name] = frame_of(name, "quick", seed=3)
    return frames[name]


def axes_of(figure):
    return [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]


def require_legible(figure):
    """Check sizes of letters, labels within the page, and words on what is theory and what not."""
    shown = [text for text in figure.findobj(matplotlib.text.Text) if text.get_text().strip()]
    assert min(text.get_fontsize() for text in shown) >= 6
    words = [text.get_text().lower() for text in shown]
    assert any("theory" in text for text in words)
    assert any("simulat" in text for text in words)
    style.styled(figure.draw_without_rendering)()  # or places are those of the last file
    inside = figure.bbox.padded(1)
    assert {axes.get_xlabel() for axes in axes_of(figure)} - {""}
    for axes in axes_of(figure):
        for label in (axes.xaxis.label, axes.yaxis.label, axes.title):
            if label.get_text():
                box = label.get_window_extent()
                assert box.x0 >= inside.x0
                assert box.y0 >= inside.y0
                assert box.x1 <= inside.x1
                assert box.y1 <= inside.y1


@pytest.mark.parametrize("name", NAMES)
class TestEachFigure:
    def test_table(self, frames, name):
        frame = quick(frames, name)
        assert isinstance(frame, pd.DataFrame)
        assert set(COLUMNS) <= set(frame.columns)
        assert set(frame["kind"]) <= {"exact", "bound", "floor", "limit"}
        assert not frame.duplicated().any()
        seen = frame[frame["simulated"].notna()]
        assert len(seen) >= 20
        assert (seen["se"] >= 0).all()
        assert (seen["replicates"] > 1).all()
        assert (frame["allowance"] >= 0).all()
        assert (frame.loc[frame["kind"] != "limit", "allowance"] == 0).all()
        # An allowance wide enough to hide a wrong factor would make the comparison void.
        both = seen[seen["theory"].notna()]
        assert (both["allowance"] <= 0.1 * both["theory"].abs() + 0.001).all()

    def test_theory_agrees_with_simulation(self, frames, name):
        z = z_scores(quick(frames, name))
        assert len(z) >= 20
        assert np.abs(z).max() < LIMIT

    def test_drawn_and_saved(self, frames, name, tmp_path):
        frame, before = quick(frames, name), dict(matplotlib.rcParams)
        figure = catalogue.load(name).draw(frame)
        paths = save(tmp_path, name, figure, frame)
        assert dict(matplotlib.rcParams) == before
        assert figure.get_figwidth() in (style.COLUMN, style.WIDE)
        assert {path.name for path in tmp_path.iterdir()} == {
            f"{name}.{kind}" for kind in ("csv", "pdf", "png")
        }
        assert all(path.stat().st_size > 2_000 for path in paths.values())
        assert len(pd.read_csv(paths["csv"])) == len(frame)
        require_legible(figure)

    def test_catalogued(self, name):
        entry = catalogue.FIGURES[name]
        assert entry.name == name
        assert all((entry.title, entry.source, entry.says, entry.shows))
        module = catalogue.load(name)
        assert module.__doc__
        assert list(inspect.signature(module.compute).parameters) == ["preset", "rng"]
        assert list(inspect.signature(module.draw).parameters) == ["frame"]


def test_every_module_is_catalogued():
    from pathlib import Path

    folder = Path(importlib.import_module("paper_figures").__path__[0])
    modules = {path.stem for path in folder.glob("[a-z][a-z]_*.py")}
    assert modules == set(catalogue.FIGURES)
    assert len({entry.title for entry in catalogue.FIGURES.values()}) == len(modules)


@pytest.mark.parametrize("name", ["sw_fig2", "sc_fig4", "ul_stop"])
def test_same_seed_same_numbers(name):
    one, two, other = (frame_of(name, "quick", seed) for seed in (5, 5, 6))
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert not one["simulated"].equals(other["simulated"])
    assert one["theory"].equals(other["theory"])


def test_a_stream_depends_on_name_and_seed_alone():
    draws = {
        (name, seed): stream(name, seed).random() for name in NAMES for seed in (0, 1)
    }
    assert len(set(draws.values())) == len(draws)
    assert stream("sw_fig2", 0).random() == draws["sw_fig2", 0]


def test_a_wrong_constant_is_seen():
    frame = frame_of("ul_stop", "quick", seed=3)
    wrong = frame.assign(theory=1.1 * frame["theory"])
    assert np.abs(z_scores(wrong)).max() > 6


def test_unknown_preset():
    with pytest.raises(ValueError, match="preset = 'huge': must be one of 'quick', 'full'"):
        frame_of("sw_fig2", "huge")


class TestComparison:
    def test_standard_error(self):
        sample = np.array([[1.0, 0.0], [3.0, 0.0], [5.0, 3.0]])
        table = compared(sample, [2.0, 1.0], x=[7, 8])
        assert table["simulated"].tolist() == [3.0, 1.0]
        assert table["se"].tolist() == pytest.approx([2 / 3**0.5, 1.0])
        assert z_scores(table).tolist() == pytest.approx([3**0.5 / 2, 0.0])

    @pytest.mark.parametrize(
        ("kind", "theory", "expected"),
        [("exact", 1.0, 1.0), ("bound", 3.0, 0.0), ("bound", 1.0, 1.0), ("floor", 1.0, 0.0),
         ("floor", 3.0, -1.0)],
    )
    def test_bounds_are_one_sided(self, kind, theory, expected):
        table = compared(np.array([[1.0], [3.0]]), [theory], kind=kind)
        assert z_scores(table).tolist() == [expected]

    def test_an_allowance_shortens_the_distance(self):
        table = compared(np.array([[1.0], [3.0]]), [0.5], kind="limit", allowance=0.5)
        assert z_scores(table).tolist() == [1.0]

    def test_what_is_known_must_agree(self):
        table = compared(np.ones((4, 1)), [1.0 + 1e-6])
        assert np.abs(z_scores(table)).max() > 1e3

    def test_theory_alone_is_not_compared(self):
        assert z_scores(stack([curve([1.0], x=[0.0])])).size == 0


class TestFiles:
    def test_make(self, tmp_path):
        made = make("ul_stop", tmp_path, "quick", seed=3)
        frame = pd.read_csv(made.paths["csv"])
        assert len(frame) == made.rows
        assert made.comparisons == 60
        assert 0 < made.largest_z < LIMIT
        assert made.paths["pdf"].read_bytes().startswith(b"%PDF")
        assert made.paths["png"].read_bytes().startswith(b"\x89PNG")
        assert b"Type3" not in made.paths["pdf"].read_bytes()

    def test_same_seed_same_files(self, tmp_path):
        for folder in ("one", "two"):
            (tmp_path / folder).mkdir()
            make("ul_stop", tmp_path / folder, "quick", seed=3)
        for path in (tmp_path / "one").iterdir():
            assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()

    def test_a_failure_leaves_the_old_file(self, tmp_path):
        frame = frame_of("ul_stop", "quick", seed=3)
        figure = catalogue.load("ul_stop").draw(frame)
        paths = save(tmp_path, "ul_stop", figure, frame)
        before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

        class Broken:
            def savefig(self, target, **options):
                with open(target, "wb") as file:
                    file.write(b"half")
                raise OSError("no space left")

        with pytest.raises(OSError, match="no space left"):
            save(tmp_path, "ul_stop", Broken(), frame)
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
        assert set(before) == {path.name for path in paths.values()}

    def test_thumbnail_is_light(self, tmp_path):
        from PIL import Image

        figure = catalogue.load("ul_stop").draw(frame_of("ul_stop", "quick", seed=3))
        thumbnail(tmp_path / "small.png", figure)
        assert (tmp_path / "small.png").stat().st_size < 70_000
        with Image.open(tmp_path / "small.png") as picture:
            assert picture.width == 640


class TestGallery:
    def test_the_page_is_up_to_date(self):
        from paper_figures.gallery import FOLDER, page

        assert (FOLDER / "README.md").read_text() == page()
        pictures = {path.stem for path in FOLDER.glob("*.png")}
        assert set(NAMES) <= pictures <= set(catalogue.FIGURES)
        assert all(path.stat().st_size < 70_000 for path in FOLDER.glob("*.png"))
