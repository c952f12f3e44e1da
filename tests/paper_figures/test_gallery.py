"""Every figure and table of the papers has its place, and what is said of ours is in form."""

import pandas as pd
import pytest

from paper_figures import catalogue, gallery, sources
from paper_figures.agreement import agreement

ENTRIES = tuple(catalogue.FIGURES.values())
ANSWERS = ("yes", "no", "partly", "unknown")


def test_every_number_is_listed_once():
    names = [(item.paper, item.number) for item in sources.ITEMS]
    assert len(names) == len(set(names))
    for paper, figures, tables in ((sources.YANG, 8, 3), (sources.GILLMAN, 20, 0),
                                   (sources.FENG, 6, 3)):
        numbers = {number for of, number in names if of == paper}
        assert numbers == {f"Figure {k + 1}" for k in range(figures)} | {
            f"Table {k + 1}" for k in range(tables)}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_each_entry_names_what_it_draws(entry):
    paper, numbers = sources.numbers(entry.source)
    if entry.source.startswith("ours"):
        assert not numbers
        return
    assert paper in sources.PAPERS
    known = {item.number for item in sources.ITEMS if item.paper == paper}
    assert set(numbers) <= known


@pytest.mark.parametrize("entry", [e for e in ENTRIES if sources.numbers(e.source)[1]],
                         ids=lambda entry: entry.name)
def test_each_picture_is_judged(entry):
    for what in ("shape", "order", "size"):
        text = getattr(entry, what)
        if text or (gallery.FOLDER / f"{entry.name}.png").is_file():
            word, _, why = text.partition(":")
            assert word in ANSWERS, f"say in the catalogue if {entry.name} has the same {what}"
            assert why or word == "yes", f"{entry.name}: say why its {what} is not the same"


@pytest.mark.parametrize(("source", "expected"), [
    ("Yang et al. 2025, Table 2", ("Table 2",)),
    ("Gillman et al. 2024, Figures 17 to 20", tuple(f"Figure {k}" for k in range(17, 21))),
    ("Feng et al. 2025, Figure 5 and Table 3", ("Figure 5", "Table 3")),
    ("Feng et al. 2025, Appendix D", ()),
    ("Yi et al. 2025, abstract; our reconstruction", ("abstract",)),
    ("ours", ()),
])
def test_numbers(source, expected):
    assert sources.numbers(source)[1] == expected


class TestPage:
    def test_missing_and_drawn_add_up(self):
        for line in gallery.page().splitlines():
            if line.startswith("| ") and "et al." in line:
                total, *parts = map(int, line.split("|")[2:-1])
                assert total == sum(parts)

    def test_what_no_entry_draws_is_missing(self, monkeypatch):
        kept = {name: e for name, e in catalogue.FIGURES.items() if name != "sw_fig2"}
        monkeypatch.setattr(catalogue, "FIGURES", kept)
        text = gallery.page()
        assert "- Figure 2: Gaussian toy: gap to the optimal reward" in text
        assert "(sw_fig2.png)" not in text

    def test_what_has_no_picture_waits(self, monkeypatch, tmp_path):
        monkeypatch.setattr(gallery, "FOLDER", tmp_path)
        text = gallery.page()
        assert ".png)" not in text
        assert "Waits for runs of `loopcert run eigen --preset desk`" in text

    def test_each_entry_is_shown_once(self):
        text = gallery.page()
        for entry in ENTRIES:
            assert text.count(f"`loopcert figures {entry.name}`") == 1


class TestAgreement:
    def frame(self, ours, **labels):
        return pd.DataFrame({"published": [1.0, 2.0, 4.0], "ours": ours, **labels})

    def test_same_order_and_half_the_size(self):
        found = agreement(self.frame([0.5, 1.0, 2.0]))
        assert (found.numbers, found.pairs, found.alike, found.ratio) == (3, 3, 3, 0.5)
        assert str(found) == ("3 printed numbers have ours beside them; 3 of 3 pairs in the same "
                              "order; ours are 0.5 times theirs (median)")

    def test_reversed(self):
        assert agreement(self.frame([3.0, 2.0, 1.0])).alike == 0

    def test_only_what_stands_in_one_column_is_compared(self):
        found = agreement(self.frame([3.0, 4.0, 1.0], level=["a", "a", "b"]))
        assert (found.pairs, found.alike) == (1, 1)

    def test_what_was_not_measured_is_left_out(self):
        assert agreement(self.frame([1.0, float("nan"), 3.0])).numbers == 2
        assert agreement(self.frame([float("nan")] * 3)) is None
        assert agreement(pd.DataFrame({"ours": [1.0, 2.0]})) is None
