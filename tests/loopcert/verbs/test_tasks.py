"""The verb tasks, and what all verbs that run loops share."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from calls import TOY, needs_torch, same

from empirical import task
from empirical.keys import keys
from loopcert import cli
from loopcert.verbs import run as running


class TestTasks:
    def test_list(self, capsys):
        assert cli.main(["tasks"]) == 0
        out = capsys.readouterr().out
        assert out.split()[0] == "name"
        assert all(f"\n{name} " in out for name in task.names())

    def test_json(self, capsys):
        assert cli.main(["tasks", "--json"]) == 0
        rows = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
        assert [row["name"] for row in rows] == task.names()
        assert all(row["summary"] for row in rows)

    def test_show(self, capsys):
        assert cli.main(["tasks", "show", TOY]) == 0
        out = capsys.readouterr().out
        assert out.startswith("toy  learn a mean\n")
        assert "preset smoke: seeds 2, - minutes. seconds" in out
        assert "  none    loop.curate=none\n" in out
        row = next(line for line in out.splitlines() if line.startswith("update.average"))
        assert row.split(maxsplit=3)[1:3] == ["float", "0.9"]
        assert "moving average of the weights" in row

    @pytest.mark.parametrize("name", task.names())
    def test_show_json_documents_every_key(self, capsys, name):
        assert cli.main(["tasks", "show", name, "--json"]) == 0
        record = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
        assert [key["name"] for key in record["keys"] if not key["doc"]] == []
        assert {"loop.schedule", "base.steps", "update.batch"} <= {
            key["name"] for key in record["keys"]}

    @needs_torch
    @pytest.mark.parametrize("name", task.names())
    def test_the_outline_is_the_task(self, name):
        found, outline = task.find(name), task.outline(name)
        assert (found.name, found.summary) == (outline.name, outline.summary)
        assert found.Config is outline.Config
        assert found.presets is outline.presets

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [(["eigen"], "'eigen' is not one of list, show; did you mean 'show eigen'?"),
         (["sow"], "did you mean 'show'?"), (["show"], "which task?"),
         (["list", "eigen"], "takes no task, but 'eigen' was given"),
         (["show", "egien"], "did you mean eigen?"), (["show", "no:thing"], "must name a Task")],
    )
    def test_misuse(self, capsys, monkeypatch, arguments, words):
        monkeypatch.setattr(task, "names", lambda: ["digits", "eigen"])
        assert cli.main(["tasks", *arguments]) == 2
        assert words in capsys.readouterr().err


class TestLightness:
    @pytest.mark.parametrize(
        "arguments",
        [["tasks"], *(["tasks", "show", name] for name in task.names()), ["runs"], ["runs", "gc"]],
    )
    def test_no_torch(self, tmp_path, arguments):
        program = (
            "import sys\nfrom loopcert.cli import main\n"
            f"status = main({arguments!r})\n"
            "print(status, 'torch' in sys.modules, file=sys.stderr)"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                              timeout=60, env={**os.environ, "LOOPCERT_RUNS": str(tmp_path)})
        assert done.stderr == "0 False\n"


class TestPieces:
    def test_own_task_of_the_working_folder(self, tmp_path, monkeypatch, capsys):
        (tmp_path / "mine_alone.py").write_text("from toy import Toy\n\nclass Mine(Toy):\n"
                                                "    name = 'mine'\n")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "path", [*sys.path])
        assert cli.main(["tasks", "show", "mine_alone:Mine"]) == 0
        assert capsys.readouterr().out.startswith("mine  learn a mean")

    def test_what_a_task_needs_is_named(self, tmp_path, monkeypatch, capsys):
        (tmp_path / "needy_task.py").write_text("import no_such_library\n")
        monkeypatch.syspath_prepend(tmp_path)
        assert cli.main(["tasks", "show", "needy_task:Task"]) == 2
        assert "needs no_such_library, which is not installed" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("given", "device", "threads", "cores", "expected"),
        [({}, "cpu", 1, 8, ("processes", 4)), ({}, "cpu", 4, 8, ("processes", 2)),
         ({}, "cpu", 1, 1, ("here", 1)), ({}, "cuda", 1, 8, ("here", 1)),
         ({"jobs": 3}, "cuda", 1, 8, ("processes", 3)), ({"jobs": 1}, "cpu", 1, 8, ("here", 1)),
         ({"engine": "ray"}, "cpu", 1, 2, ("ray", 2))],
    )
    def test_local_is_here_or_processes(
        self, monkeypatch, given, device, threads, cores, expected
    ):
        from types import SimpleNamespace

        monkeypatch.setattr("loopcert.doctor.usable_cores", lambda: cores)
        planned = SimpleNamespace(cells=range(4))
        settings = SimpleNamespace(device=device, threads=threads)
        options = running.Options(task=TOY, **given)
        assert running._engine(planned, settings, options) == expected

    def test_keys_share_an_entry(self):
        from empirical.schedule import LoopConfig

        found = {key.name: key for key in keys(LoopConfig())}
        assert found["growth"].doc == found["power"].doc
        assert (found["total"].type, found["total"].default) == ("int", 1000)


@needs_torch
class TestExample:
    """The job of examples/slurm_seeds.py, which docs/slurm.md explains."""

    @pytest.fixture
    def script(self):
        place = Path(__file__).parents[3] / "examples" / "slurm_seeds.py"
        spec = importlib.util.spec_from_file_location("slurm_seeds", place)
        module = importlib.util.module_from_spec(spec)
        sys.modules["slurm_seeds"] = module
        spec.loader.exec_module(module)
        yield module
        del sys.modules["slurm_seeds"]

    def test_a_job_runs_the_arms_of_a_seed(self, script, whole, tmp_path):
        job = script.Seeds(TOY, "smoke", {"runs_dir": tmp_path / "runs", "device": "cpu"})
        for seed in (1, 0):
            found = job(seed)
            assert [(problem, stopped) for _, problem, stopped in found] == [("", False)] * 2
        same(tmp_path / "runs", whole)

    def test_a_job_stops_in_time(self, script, tmp_path):
        job = script.Seeds(TOY, "smoke", {"runs_dir": tmp_path / "runs"}, seconds=0)
        assert job(0) == [("", "time limit", True)] * 2

    def test_the_page_shows_the_script(self, script):
        page = (Path(__file__).parents[3] / "docs" / "slurm.md").read_text()
        shown = page.partition("```python")[2].partition("```")[0].splitlines()
        source = Path(script.__file__).read_text()
        lines = [line.partition("#")[0].strip() for line in shown]
        assert all(line in source for line in lines if line)
        assert len(lines) > 15
