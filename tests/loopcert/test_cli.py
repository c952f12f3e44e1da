"""The front door: help, misuse, exit statuses, and the verbs check and claims."""

import json
import os
import signal
import subprocess
import sys
import time
import types
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import loopcert
from loopcert import _install, _json, _progress, _table, cli
from loopcert.verbs import check, claims

HEAVY = (
    "torch", "transformers", "diffusers", "sympy", "z3", "numba", "pandas", "scipy",
    "statsmodels", "numpy", "matplotlib", "rich",
)


def run(*arguments, **options):
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "loopcert", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


def fail(capsys, *arguments):
    """Return the one line of standard error of a command that must exit with 2."""
    assert cli.main(list(arguments)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("loopcert: error: ")
    assert err.endswith("\n")
    assert err.count("\n") == 1
    return err


class TestHelp:
    def test_top(self, capsys):
        assert cli.main(["--help"]) == 0
        out = capsys.readouterr().out
        assert all(f"\n  {verb} " in out for verb in cli.VERBS)
        assert "examples:" in out
        assert max(map(len, out.splitlines())) <= 100

    @pytest.mark.parametrize("verb", cli.VERBS)
    def test_each_verb_teaches(self, capsys, verb):
        assert cli.main([verb, "--help"]) == 0
        out = capsys.readouterr().out
        assert f"usage: loopcert {verb}" in out
        assert "examples:" in out
        assert f"    loopcert {verb}" in out
        assert "--json" in out
        assert "\n\n\n" not in out

    @pytest.mark.parametrize("arguments", [["--help"], *([verb, "--help"] for verb in cli.VERBS)])
    def test_loads_nothing_heavy(self, arguments):
        program = (
            "import sys\nfrom loopcert.cli import main\n"
            f"status = main({arguments!r})\n"
            f"print(status, sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
        )
        assert done.stderr == "0 []\n"

    def test_version(self, capsys):
        assert cli.main(["--version"]) == 0
        assert capsys.readouterr().out == f"loopcert {loopcert.__version__}\n"

    def test_no_verb(self, capsys):
        assert cli.main([]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("usage: loopcert VERB")

    def test_plain_terminal(self):
        done = run("plan", "--help", env={**os.environ, "PYTHONIOENCODING": "ascii"})
        assert done.returncode == 0
        assert done.stdout.isascii()


class TestMisuse:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["chekc"], "unknown verb 'chekc'; did you mean 'check'?"),
            (["AUDIT"], "unknown verb 'AUDIT'; did you mean 'audit'?"),
            (["xyzzy"],
             "unknown verb 'xyzzy' (verbs: check, report, claims, audit, plan, run, sweep, runs, "
             "tasks, figures, doctor)"),
            (["--jsn"], "unknown option '--jsn'"),
            (["check", "--efort", "full"], "unknown option '--efort'; did you mean '--effort'?"),
            (["check", "--efort=full"], "unknown option '--efort'; did you mean '--effort'?"),
            (["check", "--effort", "huge"], "--effort 'huge': must be one of 'quick', 'full'"),
            (["check", "--seed"], "--seed: needs a value"),
            (["check", "--seed", "-1"], "--seed '-1': must be a whole number >= 0"),
            (["check", "--seed", "1.5"], "--seed '1.5': must be a whole number"),
            (["check", "--seed", "1_0"], "--seed '1_0': must be a whole number"),
            (["check", "--jobs", "0"], "--jobs '0': must be a whole number in [1, 4096]"),
            (["check", "--only"], "--only needs at least one ID"),
            (["check", "SW-07"], "one argument too many: 'SW-07'"),
            (["audit"], "missing: FILE, --correct COL"),
            (["audit", "labels.csv"], "missing: --correct COL"),
            (["doctor", "--json", "yes"], "one argument too many: 'yes'"),
        ],
    )
    def test_is_one_line(self, capsys, arguments, message):
        assert message in fail(capsys, *arguments)

    def test_in_a_process(self):
        done = run("plan", "--budget", "many")
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.startswith("loopcert: error: --budget 'many': must be a number")
        assert done.stderr.count("\n") == 1

    def test_repeated_options_take_the_last(self, capsys):
        options = ["--contraction", "0.5", "--noise", "1", "--initial", "1", "--json"]
        assert cli.main(["plan", "--budget", "5", "--budget", "9", *options]) == 0
        assert json.loads(capsys.readouterr().out)["kept"] == 9


class TestForeignPackages:
    def test_ours_are_ours(self):
        assert _install.foreign_packages(("theory", "sims")) == ()

    @pytest.mark.parametrize("kind", ["package", "module"])
    def test_a_foreign_theory_is_named(self, tmp_path, kind):
        place = tmp_path / ("theory/__init__.py" if kind == "package" else "theory.py")
        place.parent.mkdir(exist_ok=True)
        place.write_text("raise SystemExit('it must not be imported')\n")
        done = run("claims", cwd=tmp_path)  # python -m puts the working folder first
        assert done.returncode == 2
        assert done.stderr.startswith("loopcert: error: package 'theory' resolves to ")
        assert str(tmp_path) in done.stderr
        assert done.stderr.count("\n") == 1

    def test_a_folder_that_merely_has_the_name(self, tmp_path, monkeypatch):
        monkeypatch.setattr(
            _install.importlib.util, "find_spec",
            lambda name: types.SimpleNamespace(
                origin=None, submodule_search_locations=[str(tmp_path / name)]
            ),
        )
        found = _install.foreign_packages(("sims",))
        assert found == (_install.Foreign("sims", str(tmp_path / "sims")),)

    def test_a_missing_one_is_named(self, monkeypatch, capsys):
        monkeypatch.setattr(_install.importlib.util, "find_spec", lambda name: None)
        message = fail(capsys, "claims")
        assert "package 'theory' is not installed" in message
        assert "pip install" in message

    def test_help_is_given_even_so(self, monkeypatch, capsys):
        monkeypatch.setattr(_install.importlib.util, "find_spec", lambda name: None)
        assert cli.main(["claims", "--help"]) == 0


@dataclass
class FakeClaim:
    """What the verbs read of a claim."""

    id: str
    title: str = "A title."
    kind: str = "theorem"
    source: str = "Yang et al. 2025, Theorem 3.1"
    statement: object = "x > 0"
    uses: tuple = ()
    corrects: tuple = ()
    binds: tuple = ()
    evidence: tuple = ()


@dataclass
class FakeRow:
    """What the verbs read of a ledger's row."""

    id: str
    verdict: str = "proved"
    evidence: tuple = ()
    killed: int = 3
    survived: tuple = ()
    seconds: float = 0.5
    problems: tuple = ()


@dataclass
class FakeLedger:
    """What the verbs read of a ledger."""

    rows: list = field(default_factory=list)
    ok: bool = True

    def to_json(self):
        return {"rows": [{"id": row.id, "verdict": row.verdict} for row in self.rows],
                "error": float("inf")}


CLAIMS = (
    FakeClaim("SW-04", kind="lemma"),
    FakeClaim("SW-07", "The optimal schedule.", uses=("SW-04",), binds=("theory.budget.f",)),
    FakeClaim("BP-1", 'A "quoted" title', "definition", "Feng et al. 2025"),
    FakeClaim("UL-STOP", corrects=("SW-07",), source="derived here"),
)


@pytest.fixture
def ledger(monkeypatch):
    """Put a small ledger in the place of the real one; return what it was asked for."""
    asked = {"result": FakeLedger([FakeRow(claim.id) for claim in CLAIMS])}

    def run_evidence(ids, *, effort, seed, jobs, progress):
        asked.update(ids=ids, effort=effort, seed=seed, jobs=jobs)
        progress(1, 2, "SW-04")
        progress(2, 2, "SW-07")
        if isinstance(asked["result"], BaseException):
            raise asked["result"]
        return asked["result"]

    def write(result, directory):
        Path(directory, "index.html").write_text("a page")
        asked["written"] = result

    fakes = {
        "ledger": types.SimpleNamespace(
            check=run_evidence, claims=lambda: CLAIMS, start_workers=lambda: None),
        "report": types.SimpleNamespace(write=write),
    }
    for name, fake in fakes.items():
        monkeypatch.setitem(sys.modules, f"loopcert.{name}", fake)
        monkeypatch.setattr(loopcert, name, fake, raising=False)
    return asked


class TestCheck:
    def test_passes_its_options_on(self, ledger, tmp_path, capsys):
        folder = tmp_path / "new" / "report"
        arguments = ["--only", "SW-07", "BP-1", "SW-07", "--effort", "full", "--seed", "7"]
        status = cli.main(["check", *arguments, "--jobs", "2", "--report", str(folder)])
        assert status == 0
        assert ledger["ids"] == ("SW-07", "BP-1")
        assert (ledger["effort"], ledger["seed"], ledger["jobs"]) == ("full", 7, 2)
        assert ledger["written"] is ledger["result"]
        assert (folder / "index.html").exists()
        assert f"page: {folder / 'index.html'}" in capsys.readouterr().out

    def test_defaults(self, ledger, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert cli.main(["check"]) == 0
        assert (ledger["ids"], ledger["effort"], ledger["seed"]) == (None, "quick", 0)
        assert ledger["jobs"] >= 1
        assert Path("report/index.html").exists()

    def test_totals_count_definitions_apart(self, ledger, tmp_path, capsys):
        ledger["result"].rows = [
            FakeRow("SW-04", "proved modulo {Prekopa}"), FakeRow("SW-07", "proved"),
            FakeRow("UL-STOP", "refuted under reading: R"), FakeRow("BP-1", "witnessed"),
        ]
        cli.main(["check", "--report", str(tmp_path)])
        out = capsys.readouterr().out
        assert ("theorem-like claims: proved 1 / proved modulo 1 / supported 0 / refuted 1 / "
                "open 0\n") in out
        assert "definitions and assumptions: witnessed 1\n" in out

    def test_papers_stay_together(self, ledger, tmp_path, capsys):
        ledger["result"].rows = [FakeRow("UL-STOP"), FakeRow("BP-1"), FakeRow("SW-04")]
        cli.main(["check", "--report", str(tmp_path)])
        out = capsys.readouterr().out
        assert out.index("Yang et al.") < out.index("Feng et al.") < out.index("one law")

    def test_a_problem_is_named_and_fails(self, ledger, tmp_path, capsys):
        ledger["result"] = FakeLedger(
            [FakeRow("SW-07", "open", survived=("sign of sigma",), problems=("z3: unknown",))],
            ok=False,
        )
        assert cli.main(["check", "--report", str(tmp_path)]) == 1
        out = capsys.readouterr().out
        assert "problem: SW-07: z3: unknown\n" in out
        assert "NOT everything held" in out
        assert " 3/4 " in out

    def test_json(self, ledger, tmp_path, capsys):
        assert cli.main(["check", "--json", "--report", str(tmp_path)]) == 0
        text = capsys.readouterr().out
        record = json.loads(text, parse_constant=pytest.fail)
        assert record["ok"] is True
        assert record["error"] is None
        assert record["totals"] == {"definitions": {"proved": 1}, "theorems": {"proved": 3}}
        assert [row["id"] for row in record["rows"]] == [claim.id for claim in CLAIMS]
        assert text == json.dumps(record, indent=2, sort_keys=True) + "\n"

    def test_unknown_claim(self, ledger, capsys):
        message = fail(capsys, "check", "--only", "SW-07", "sw-4")
        assert "unknown claim 'sw-4'; did you mean 'SW-04'" in message
        assert "ids" not in ledger

    def test_report_folder_is_tried_first(self, ledger, tmp_path, capsys):
        file = tmp_path / "taken"
        file.write_text("")
        assert "cannot be written to" in fail(capsys, "check", "--report", str(file))
        assert "ids" not in ledger

    def test_interrupted(self, ledger, tmp_path, capsys):
        ledger["result"] = KeyboardInterrupt()
        assert cli.main(["check", "--report", str(tmp_path)]) == 130
        assert capsys.readouterr().err == "\nloopcert: interrupted\n"


class TestClaims:
    def test_list(self, ledger, capsys):
        assert cli.main(["claims"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].split() == ["id", "kind", "source", "title"]
        assert [line.split()[0] for line in lines[1:5]] == [claim.id for claim in CLAIMS]
        assert lines[-1] == "4 claims"

    def test_show(self, ledger, capsys):
        assert cli.main(["claims", "show", "SW-07"]) == 0
        out = capsys.readouterr().out
        assert out.startswith("SW-07  The optimal schedule.\n")
        for words in ("theorem", "x > 0", "uses       SW-04", "binds      theory.budget.f"):
            assert words in out

    def test_show_json_names_its_users(self, ledger, capsys):
        assert cli.main(["claims", "show", "SW-04", "--json"]) == 0
        record = json.loads(capsys.readouterr().out)
        assert record["used_by"] == ["SW-07"]
        assert list(record) == sorted(record)

    def test_list_json(self, ledger, capsys):
        assert cli.main(["claims", "--json"]) == 0
        assert [c["id"] for c in json.loads(capsys.readouterr().out)] == [c.id for c in CLAIMS]

    def test_graph(self, ledger, capsys):
        assert cli.main(["claims", "graph"]) == 0
        out = capsys.readouterr().out
        assert out.startswith("digraph claims {\n")
        assert out.endswith("}\n")
        assert '  "SW-04" -> "SW-07";\n' in out
        assert '  "SW-07" -> "UL-STOP" [style=dashed];\n' in out
        assert r'"BP-1" [tooltip="A \"quoted\" title"];' in out

    def test_graph_json(self, ledger, capsys):
        cli.main(["claims", "graph", "--json"])
        graph = json.loads(capsys.readouterr().out)
        assert {"from": "SW-04", "to": "SW-07", "kind": "uses"} in graph["edges"]
        assert len(graph["nodes"]) == 4

    def test_formal_statement_is_told_in_parts(self):
        statement = types.SimpleNamespace(
            variables={"x": "(0, oo)"}, where={"y": "x**2"}, hypotheses=("x > 1",), goal="y > 1"
        )
        assert claims.summary(FakeClaim("A-1", statement=statement))["statement"] == {
            "for all": ["x in (0, oo)"], "where": ["y = x**2"], "such that": ["x > 1"],
            "holds": ["y > 1"],
        }

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["show"], "which claim?"),
            (["show", "SW-77"], "unknown claim 'SW-77'; did you mean 'SW-07'"),
            (["graph", "SW-07"], "takes no claim id, but 'SW-07' was given"),
            (["sw-07"], "'sw-07' is not one of list, show, graph; did you mean 'show SW-07'?"),
            (["draw"], "'draw' is not one of list, show, graph"),
        ],
    )
    def test_misuse(self, ledger, capsys, arguments, message):
        assert message in fail(capsys, "claims", *arguments)


class TestEndings:
    def test_a_reader_who_leaves(self):
        # the pipe is closed before anything is written to it
        read, write = os.pipe()
        os.close(read)
        command = [sys.executable, "-m", "loopcert", "--help"]
        process = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, timeout=60)
        os.close(write)
        assert process.returncode == 141
        assert process.stderr == b""

    def test_interrupt_in_a_process(self, tmp_path):
        program = (
            # A shell that runs the tests in the background has told them to ignore interrupts.
            "import signal, sys, time, types, loopcert\n"
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "def claims():\n    print('ready', flush=True)\n    time.sleep(60)\n"
            "fake = types.SimpleNamespace(claims=claims)\n"
            "sys.modules['loopcert.ledger'] = loopcert.ledger = fake\n"
            "from loopcert.cli import main\nsys.exit(main(['claims']))"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        assert process.returncode == 130
        assert err == b"\nloopcert: interrupted\n"


class TestProgress:
    def test_heartbeat(self, capsys):
        with _progress.progress("check", every=0.02) as advance:
            advance(3, 17, "SW-07")
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline:
                time.sleep(0.05)
                if "3 of 17, last SW-07" in (err := capsys.readouterr().err):
                    break
        line = err.splitlines()[-1]
        assert line.startswith("check: 3 of 17, last SW-07, ")
        assert line.endswith(" s")

    def test_short_work_stays_silent(self, capsys):
        with _progress.progress("check") as advance:
            advance(1, 1)
        assert capsys.readouterr().err == ""

    def test_bar_on_a_terminal(self, monkeypatch, capsys):
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
        with _progress.progress("check") as advance:
            advance(1, 2, "[SW-07]")
            advance(2, 2)
        assert capsys.readouterr().out == ""


class TestPieces:
    def test_json_is_finite_and_plain(self):
        import numpy as np

        record = {
            "b": np.float64("nan"), "a": np.array([1, 2]), "c": {3, 1}, "d": np.int64(4),
            "e": np.bool_(True), "f": FakeRow("X"), "g": Path("x"), "h": float("-inf"), "i": None,
        }
        back = json.loads(_json.dumps(record))
        assert back["a"] == [1, 2]
        assert (back["b"], back["h"], back["i"]) == (None, None, None)
        assert (back["c"], back["d"], back["e"], back["g"]) == ([1, 3], 4, True, "x")
        assert back["f"]["id"] == "X"
        assert list(back) == sorted(back)

    def test_plain_table_is_aligned(self, capsys):
        _table.table(("a", "long name"), [("xyz", 1), ("", 22)], right=(1,))
        assert capsys.readouterr().out == (
            "a    long name\nxyz          1\n            22\n"
        )

    def test_rich_table_keeps_the_words(self, monkeypatch, capsys):
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
        _table.table(("id", "verdict"), [("SW-07", "[proved]")])
        out = capsys.readouterr().out
        assert "SW-07" in out
        assert "[proved]" in out

    @pytest.mark.parametrize(
        ("verdict", "word"),
        [("proved", "proved"), ("proved modulo {A}", "proved modulo"), ("open", "open"),
         ("refuted under reading: the sum", "refuted")],
    )
    def test_bucket(self, verdict, word):
        assert check.bucket(verdict) == word

    def test_lazy_package(self):
        program = (
            "import sys, loopcert\n"
            "assert 'loopcert.ledger' not in sys.modules\n"
            "assert {'check', 'claims'} <= set(dir(loopcert))\n"
            "assert loopcert.__version__\n"
            "try:\n    loopcert.nothing\n"
            "except AttributeError as error:\n    print(error)"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
        )
        assert done.stdout == "module 'loopcert' has no attribute 'nothing'\n", done.stderr
