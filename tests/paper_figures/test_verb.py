"""The verb `loopcert figures`."""

import importlib.util
import json
import subprocess
import sys

from loopcert import cli
from loopcert.verbs import figures
from paper_figures import catalogue
from paper_figures.make import Made


def fail(capsys, *arguments):
    assert cli.main(["figures", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("loopcert: error: ")
    assert err.count("\n") == 1
    return err


class TestList:
    def test_text(self, capsys):
        assert cli.main(["figures", "--list"]) == 0
        out = capsys.readouterr().out
        assert all(f"\n{name} " in out for name in catalogue.FIGURES)

    def test_json(self, capsys):
        assert cli.main(["figures", "--list", "sw_fig2", "--json"]) == 0
        (entry,) = json.loads(capsys.readouterr().out)
        assert entry["name"] == "sw_fig2"
        assert entry["source"] == "Yang et al. 2025, Figure 2"

    def test_needs_no_matplotlib(self):
        program = (
            "import sys\nfrom loopcert.cli import main\nstatus = main(['figures', '--list'])\n"
            "print(status, 'matplotlib' in sys.modules, 'pandas' in sys.modules, file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
        )
        assert done.stderr == "0 False False\n"


class TestDraw:
    def test_writes_what_it_says(self, capsys, tmp_path):
        out = str(tmp_path / "a" / "b")
        arguments = ["figures", "ul_stop", "ul_stop", "--quick", "--out", out, "--json"]
        assert cli.main(arguments) == 0
        record = json.loads(capsys.readouterr().out)
        assert record["ok"] is True
        (made,) = record["figures"]
        assert made["comparisons"] == 60
        assert made["largest_z"] < record["threshold"]
        written = sorted(path.name for path in (tmp_path / "a" / "b").iterdir())
        assert written == ["ul_stop.csv", "ul_stop.pdf", "ul_stop.png"]

    def test_the_seed_counts(self, capsys, tmp_path):
        texts = []
        for seed in ("1", "1", "2"):
            out = tmp_path / f"{len(texts)}"
            assert cli.main(
                ["figures", "ul_stop", "--quick", "--seed", seed, "--out", str(out)]
            ) == 0
            texts.append((out / "ul_stop.csv").read_text())
        assert texts[0] == texts[1] != texts[2]
        assert "theory and simulation agree" in capsys.readouterr().out

    def test_disagreement_is_reported(self, capsys, tmp_path):
        options = figures.Options(out=tmp_path)
        made = [Made("sw_fig2", {}, 3, 3, 4.0, 0.1), Made("ul_stop", {}, 3, 3, 9.0, 0.1)]
        assert figures._show(made, options) == 1
        out = capsys.readouterr().out
        assert "problem: ul_stop: theory and simulation are 9.0 standard errors apart" in out
        assert "problem: sw_fig2" not in out
        assert "NOT all agree" in out


class TestMisuse:
    def test_unknown_name(self, capsys):
        assert "unknown figure 'sw_fig22'; did you mean 'sw_fig2'?" in fail(capsys, "sw_fig22")
        assert "(loopcert figures --list lists all)" in fail(capsys, "--list", "zzzz")

    def test_unwritable_folder(self, capsys, tmp_path):
        (tmp_path / "file").write_text("")
        message = fail(capsys, "sw_fig2", "--quick", "--out", str(tmp_path / "file" / "deep"))
        assert "cannot be written to" in message

    def test_a_missing_extra_is_named(self, capsys, tmp_path, monkeypatch):
        found = importlib.util.find_spec
        monkeypatch.setattr(
            importlib.util, "find_spec",
            lambda name: None if name == "matplotlib" else found(name),
        )
        message = fail(capsys, "sw_fig2", "--out", str(tmp_path))
        assert "figures need matplotlib, which is not installed (repair: " in message
        assert "[figures]" in message
