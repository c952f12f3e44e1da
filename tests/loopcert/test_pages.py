"""The pages of errata and new results follow the ledger."""

import re
from pathlib import Path

import pytest
import sympy as sp
from sympy import Ge, Gt

from loopcert import ledger, pages
from loopcert.claim import Claim, Proof, Refutation
from loopcert.cli import main
from loopcert.prove.formal import REALS, Statement

DOCS = Path(__file__).parents[2] / "docs"
x, y = sp.symbols("x y", real=True)
CLAIMS = (
    Claim("SW-1", "Squares are large.", "lemma", "new",
          Statement({x: REALS, y: REALS}, Ge(x**2 + y**2, 2 * x * y)), evidence=(Proof(),)),
    Claim("SW-2", "False as printed.", "theorem", "test", Statement({x: REALS}, Gt(x**2, x)),
          evidence=(Refutation({x: "1/2"}, reading="x may be small"),)),
    Claim("SW-3", "The corrected one.", "theorem", "new; against the test",
          Statement({x: REALS}, Gt(x**2, x), hypotheses=(Gt(x, 1),)),
          uses=("SW-1",), corrects=("SW-2",), evidence=(Proof(),), note="Mind the sign."),
)


@pytest.fixture
def found(monkeypatch):
    monkeypatch.setattr(ledger, "claims", lambda: CLAIMS)
    return ledger.check(jobs=1)


def test_an_erratum_names_the_point_and_the_correction(found):
    text = pages.errata(found)
    assert "### SW-2" in text
    assert "refuted under the reading: x may be small" in text
    assert "fails at x = 1/2" in text
    assert "**SW-3** (proved). The corrected one." in text
    assert "### SW-3" not in text


def test_a_new_result_has_statement_and_proof(found):
    text = pages.new_results(found)
    assert "2 statements, 2 of them proved outright" in text
    assert "### SW-3" in text
    assert "$x^{2} > x$" in text
    assert "1. $x^{2} > x$ by Smt" in text
    assert "Mind the sign." in text
    assert "- **SW-1** (proved): Squares are large." in text
    assert "SW-2" not in text


def test_pages_are_written_whole(found, tmp_path):
    made = pages.write(found, tmp_path / "a" / "b")
    assert [p.name for p in made] == ["errata.md", "new_results.md"]
    assert sorted(p.name for p in (tmp_path / "a" / "b").iterdir()) == ["errata.md",
                                                                       "new_results.md"]


def test_a_claim_that_is_drawn_has_its_picture():
    shown = {"errata.md": "BP-E-14", "new_results.md": "UL-STOP"}
    for name, claim in shown.items():
        _, _, after = (DOCS / name).read_text("utf-8").partition(f"### {claim}\n")
        entry = after.partition("\n### ")[0]
        places = re.findall(r"!\[.+\]\((gallery/\w+\.png)\)", entry)
        assert places
        assert all((DOCS / place).is_file() for place in places)


def test_pages_need_every_claim(capsys, tmp_path):
    assert main(["check", "--only", "SW-01", "--docs", str(tmp_path)]) == 2
    assert "leave --only away" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "belongs"), [
    ("errata.md", pages.is_erratum),
    ("new_results.md", pages.is_new),
])
def test_the_pages_in_the_repository_are_of_this_ledger(name, belongs):
    text = (DOCS / name).read_text("utf-8")
    for claim in ledger.claims():
        shown = f"### {claim.id}\n\n{claim.title} *" in text or f"- **{claim.id}** (" in text
        assert shown == belongs(claim), f"{claim.id}: run loopcert check --docs docs"
        if shown:
            assert claim.title in text
