"""The page holds every claim, stands alone, and is written in one step."""

import html.parser
import re
import xml.etree.ElementTree as ElementTree

import pytest
import sympy as sp
from sympy import Ge, Gt

from loopcert import graph, ledger, report
from loopcert.claim import Claim, Proof, Refutation
from loopcert.prove.formal import REALS, Statement

x, y = sp.symbols("x y", real=True)
CLAIMS = (
    Claim("X-1", "A <b>square</b> & more.", "lemma", "test",
          Statement({x: REALS, y: REALS}, Ge(x**2 + y**2, 2 * x * y)), evidence=(Proof(),)),
    Claim("X-2", "False as printed.", "theorem", "test", Statement({x: REALS}, Gt(x**2, x)),
          evidence=(Refutation({x: "1/2"}),)),
    Claim("X-3", "The corrected one.", "theorem", "test",
          Statement({x: REALS}, Gt(x**2, x), hypotheses=(Gt(x, 1),)),
          uses=("X-1",), corrects=("X-2",), evidence=(Proof(),)),
)


@pytest.fixture
def found(monkeypatch):
    monkeypatch.setattr(ledger, "claims", lambda: CLAIMS)
    return ledger.check(jobs=1)


class Checker(html.parser.HTMLParser):
    """Collects ids, links and fetched resources, and checks that tags nest."""

    VOID = ("meta", "input", "br", "link")

    def __init__(self):
        super().__init__()
        self.ids, self.links, self.fetched, self.stack = set(), set(), set(), []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.ids |= {values["id"]} if "id" in values else set()
        if tag == "a":
            self.links.add(values["href"])
        self.fetched |= {values[k] for k in ("src", "data") if k in values}
        self.fetched |= {values["href"]} if tag == "link" else set()
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag


def test_page(found, tmp_path):
    path = report.write(found, tmp_path / "deep" / "folder")
    text = path.read_text("utf-8")
    checker = Checker()
    checker.feed(text)
    assert not checker.stack
    assert {"X-1", "X-2", "X-3"} <= checker.ids
    assert {link for link in checker.links if link.startswith("#")} == checker.links
    assert {link[1:] for link in checker.links} <= checker.ids
    assert not checker.fetched
    assert not re.search(r"https?://(?!www\.w3\.org/)", text)
    assert "&lt;b&gt;square&lt;/b&gt; &amp; more." in text
    assert "fails at x = 1/2" in text
    assert "<math" in text
    assert [p.name for p in path.parent.iterdir()] == ["index.html"]


def test_a_page_that_cannot_be_written_leaves_the_old_one(found, tmp_path, monkeypatch):
    path = report.write(found, tmp_path)
    before = path.read_bytes()

    def broken(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", broken)
    with pytest.raises(OSError, match="disk full"):
        report.write(found, tmp_path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["index.html"]


def test_graph(found):
    svg = ElementTree.fromstring(graph.draw(found.rows, report.word))
    space = "{http://www.w3.org/2000/svg}"
    assert len(svg.findall(f"{space}path")) == 2
    places = [(r.get("x"), r.get("y")) for r in svg.iter(f"{space}rect")]
    assert len(set(places)) == 3
    assert graph.to_dot(CLAIMS).count("->") == 2


def test_latex_that_cannot_be_converted_is_shown_as_it_is():
    assert "<math" in report.mathml(r"\frac{a}{b}")
    assert "code" in report.mathml(r"\left(") or "<math" in report.mathml(r"\left(")


def test_every_verdict_has_a_colour(found):
    assert {report.word(row) for row in found.rows} <= set(report.COLOURS)
