"""The page holds every claim, stands alone, is written in one step, and reads well aloud."""

import html.parser
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

from loopcert import cli, graph, record, report, shown
from loopcert.findings import HEADLINES, gallery
from loopcert.ledger import claims
from loopcert.plots import distances, interval

FILES = ["index.html", "ledger.json"]


class Checker(html.parser.HTMLParser):
    """Collects what a page links to and fetches, and checks that tags nest and controls speak."""

    VOID = ("meta", "input", "br", "link", "img", "option")

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.fetched, self.stack = [], set(), set(), []
        self.labelled, self.controls, self.headings, self.silent = set(), [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.ids += [values["id"]] if "id" in values else []
        if tag == "a":
            self.links.add(values["href"])
        self.fetched |= {values[k] for k in ("src", "data") if k in values}
        self.fetched |= {values["href"]} if tag == "link" else set()
        if tag == "label":
            self.labelled.add(values.get("for"))
        if tag in ("input", "select"):
            self.controls.append(values.get("id") if "label" not in self.stack else None)
        if re.fullmatch(r"h\d", tag):
            self.headings.append(int(tag[1]))
        if tag == "img" and not values.get("alt"):
            self.silent.append(values)
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.stack.pop() == tag


@pytest.fixture
def page(small, tmp_path):
    return report.write(small, tmp_path / "deep" / "folder")


def test_page(page):
    text = page.read_text("utf-8")
    checker = Checker(text)
    assert not checker.stack
    assert {"X-1", "X-2", "X-3", "SW-07"} <= set(checker.ids)
    assert len(checker.ids) == len(set(checker.ids))
    assert all(link.startswith("#") for link in checker.links)
    assert {link[1:] for link in checker.links} <= set(checker.ids)
    assert all(place.startswith("data:image/png;base64,") for place in checker.fetched)
    assert not re.search(r"https?://(?!www\.w3\.org/)", text)
    assert "default-src 'none'" in text
    assert "A &lt;b&gt;square&lt;/b&gt; &amp; more, θ<sub>0</sub><sup>2</sup> ≥ 0." in text
    assert "fails at x = 1/2" in text
    assert "What holds instead: <a href=\"#X-3\">X-3</a>" in " ".join(text.split())
    assert "<math" in text
    assert sorted(p.name for p in page.parent.iterdir()) == FILES


def test_can_be_heard(page):
    checker = Checker(page.read_text("utf-8"))
    assert all(name is None or name in checker.labelled for name in checker.controls)
    assert not checker.silent
    assert checker.headings[0] == 1
    assert all(b <= a + 1 for a, b in zip(checker.headings, checker.headings[1:]))


def test_a_page_that_cannot_be_written_leaves_the_old_one(small, tmp_path, monkeypatch):
    path = report.write(small, tmp_path)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}

    def broken(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", broken)
    with pytest.raises(OSError, match="disk full"):
        report.write(small, tmp_path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before
    assert path.read_bytes() == before["index.html"]


def test_the_same_from_the_record(page, tmp_path):
    found = record.load(page.parent)
    again = report.write_record(found, tmp_path / "other")
    assert again.read_bytes() == page.read_bytes()
    assert (tmp_path / "other" / "ledger.json").read_bytes() == (
        page.parent / "ledger.json").read_bytes()


class TestVerb:
    def run(self, capsys, *arguments):
        status = cli.main(["report", *map(str, arguments)])
        return status, *capsys.readouterr()

    def test_writes_the_page_again(self, page, capsys):
        before = page.read_bytes()
        page.unlink()
        status, out, _ = self.run(capsys, "--report", page.parent)
        assert (status, out.splitlines()[-2:]) == (0, ["everything held", f"page: {page}"])
        assert page.read_bytes() == before

    def test_elsewhere_and_as_json(self, page, capsys, tmp_path):
        status, out, _ = self.run(capsys, "--report", page.parent, "--out", tmp_path / "a",
                                  "--json")
        found = json.loads(out)
        assert (status, found["ok"], found["claims"], found["current"]) == (0, True, 4, True)
        assert sorted(p.name for p in (tmp_path / "a").iterdir()) == FILES

    def test_a_record_that_is_out_of_date_says_so(self, page, capsys, monkeypatch):
        monkeypatch.setattr(record, "code_digest", lambda: "another")
        _, out, _ = self.run(capsys, "--report", page.parent)
        assert "the code has changed since that check" in out
        assert "The code has changed since this check" in page.read_text("utf-8")

    def test_what_did_not_hold(self, page, capsys):
        place = page.parent / "ledger.json"
        found = json.loads(place.read_text("utf-8"))
        found["ok"] = found["rows"][0]["holds"] = False
        found["rows"][0]["problems"] = ["its proof <fails>"]
        place.write_text(json.dumps(found), "utf-8")
        status, out, _ = self.run(capsys, "--report", page.parent)
        assert status == 1
        assert "problem: X-1: its proof <fails>" in out
        text = page.read_text("utf-8")
        assert "its proof &lt;fails&gt;" in text
        assert re.search(r'evidence does not hold:</strong>\s*<a href="#X-1">X-1</a>\. ', text)

    @pytest.mark.parametrize(("text", "says"), [
        (None, "is missing"), ("{", "is not JSON"), ("[]", "is not the record of a check"),
        ('{"format": 1}', "record.version"), ("[" * 100_000, "is not JSON"),
    ])
    def test_no_record(self, capsys, tmp_path, text, says):
        if text is not None:
            (tmp_path / "ledger.json").write_text(text)
        status, out, err = self.run(capsys, "--report", tmp_path)
        assert (status, out) == (2, "")
        assert err.count("\n") == 1
        assert says in err

    @pytest.mark.parametrize("change", [
        lambda row: row.pop("statement"), lambda row: row.update(title=3),
        lambda row: row["evidence"][0].update(transcript=[{"latex": None}]),
        lambda row: row.update(holds=1), lambda row: row["mutants"].update(killed="many"),
    ])
    def test_a_changed_record(self, page, capsys, change):
        place = page.parent / "ledger.json"
        found = json.loads(place.read_text("utf-8"))
        change(found["rows"][0])
        place.write_text(json.dumps(found), "utf-8")
        status, _, err = self.run(capsys, "--report", page.parent)
        assert status == 2
        assert "record.rows[0]" in err


def test_a_strangers_record_brings_no_markup(page, tmp_path):
    found = record.load(page.parent)
    found["rows"][0] |= {
        "id": 'X"><script>alert(1)</script>', "title": "<script>alert(2)</script>",
        "statement": [["then", r"\href{javascript:alert(3)}{x}"], ["and", "<script>alert(4)"]],
    }
    text = report.render(found)
    assert "<script>alert" not in text
    assert "javascript:alert" not in text


class TestGraph:
    def drawn(self, small):
        rows = record.of(small)["rows"]
        return ElementTree.fromstring(graph.draw(rows, report.subject_of, lambda row: "a"))

    def test_places(self, small):
        svg = self.drawn(small)
        space = "{http://www.w3.org/2000/svg}"
        assert len(svg.findall(f"{space}path")) == 2
        boxes = {a.get("data-id"): a.find(f"{space}g/{space}rect") for a in svg.iter(f"{space}a")}
        assert boxes.keys() == {"X-1", "X-2", "X-3", "SW-07"}
        left = {name: float(box.get("x")) for name, box in boxes.items()}
        assert left["X-3"] > max(left["X-1"], left["X-2"])
        assert len({(box.get("x"), box.get("y")) for box in boxes.values()}) == 4

    def test_all_claims_have_room(self):
        rows = [{"id": c.id, "title": c.title, "kind": c.kind, "uses": list(c.uses),
                 "corrects": list(c.corrects), "verdict": ""} for c in claims()]
        text = graph.draw(rows, report.subject_of, lambda row: "a")
        places = re.findall(r'<rect x="(\d+)" y="(\d+)" width="118"', text)
        assert len(places) == len(set(places)) == len(rows)
        for x1, x2 in re.findall(r'd="M(\d+) \d+C.* (\d+) \d+"', text):
            assert int(x1) < int(x2)  # every arrow runs to the right

    def test_dot(self, small):
        assert graph.to_dot([row.claim for row in small.rows]).count("->") == 2


class TestShown:
    @pytest.mark.parametrize(("plain", "expected"), [
        ("n*_t = C alpha^t", "n*<sub>t</sub> = C α<sup>t</sup>"),
        ("rho^(2(T-1-t))/n_t", "ρ<sup>2(T-1-t)</sup>/n<sub>t</sub>"),
        ("exp(-|m|^2/2S)", "exp(-|m|<sup>2</sup>/2S)"),
        ("S_{t+1} and rho_0^-2", "S<sub>t+1</sub> and ρ<sub>0</sub><sup>-2</sup>"),
        ("[S, oo), sqrt(2) != sqrt 3", "[S, ∞), √(2) ≠ √3"),
        ("theory.breakdown.breakdown_point", "theory.breakdown.breakdown_point"),
        ("a beta, betas & <i>", "a β, betas &amp; &lt;i&gt;"),
    ])
    def test_prose(self, plain, expected):
        assert shown.prose(plain) == expected

    def test_formulas_keep_their_parts(self):
        text = shown.mathml(r"\left(\frac{a}{b}\right)^{2} \leq \left|{x}\right|")
        tree = ElementTree.fromstring(text)
        assert [e.text for e in tree.iter() if e.tag in ("mi", "mn", "mo")] == [
            "(", "a", "b", ")", "2", "≤", "|", "x", "|"]
        assert len(tree.find("msup")) == len(tree.find(".//mfrac")) == 2

    def test_latex_that_cannot_be_converted_is_shown_as_it_is(self):
        assert shown.mathml(r"\left(") == r"<code>\left(</code>"
        assert shown.mathml(r"\text{<b>}") == (
            '<math displaystyle="true"><mtext>&lt;b&gt;</mtext></math>')


def test_distances_are_drawn_where_they_belong():
    svg = ElementTree.fromstring(distances({
        "near": {"z": 0.5}, "far": {"z": -40.0}, "exact": {"z": None}}))
    places = [float(circle.get("cx")) for circle in svg.iter("circle")]
    assert len(places) == 2
    (zero,) = (line for line in svg.iter("line") if line.get("class") == "zero")
    middle = float(zero.get("x1"))
    assert places[1] < middle < places[0]
    assert min(places) > 200  # drawn at the edge, not beyond


@pytest.mark.parametrize(("limits", "order"), [
    ((0.5, 0.2, 0.9), ["zero", "low", "mean", "high"]),
    ((-0.5, -0.9, -0.2), ["low", "mean", "high", "zero"]),
    ((0.1, -0.2, 0.4), ["low", "zero", "mean", "high"]),
])
def test_an_interval_stands_on_its_side_of_zero(limits, order):
    svg = ElementTree.fromstring(interval(*limits))
    zero, bar = svg.findall("line")
    places = {"zero": float(zero.get("x1")), "low": float(bar.get("x1")),
              "high": float(bar.get("x2")), "mean": float(svg.find("circle").get("cx"))}
    assert sorted(places, key=places.get) == order
    assert min(places.values()) >= 0


def test_an_interval_without_width_or_end_is_drawn():
    for limits in ((0.0, 0.0, 0.0), (1.0, 0.5, float("inf"))):
        assert "nan" not in interval(*limits)


def test_needs_nothing_but_the_core():
    extras = "torch transformers diffusers safetensors sklearn statsmodels matplotlib PIL mujoco"
    code = (f"import sys; sys.modules.update(dict.fromkeys('{extras}'.split()))\n"
            "from loopcert import findings\n"
            "assert findings.gallery(['SW-07']) and findings.evidence_of_runs()")
    subprocess.run([sys.executable, "-c", code], check=True, timeout=100)


def test_every_verdict_has_a_colour_and_a_meaning(small):
    words = {row["word"] for row in record.of(small)["rows"]}
    assert words <= set(report.COLOURS) == set(report.MEANING)


def test_headlines_and_figures_speak_of_claims_that_exist():
    names = {claim.id for claim in claims()}
    assert set(HEADLINES) <= names
    from paper_figures.catalogue import FIGURES

    for entry in FIGURES.values():
        assert set(entry.claims) <= names, entry.name
    assert len(gallery(names)) >= 15
