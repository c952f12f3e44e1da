"""The verb run: begin, resume, verdicts, misuse, dry runs."""

import importlib.util
import json
import os
import shlex
import shutil
import signal
from pathlib import Path

import pytest
from calls import HERE, TOY, a_run, fail, files, needs_torch, same

from empirical import comparison, engine, launch, predict, runs, task, training
from loopcert import cli


@needs_torch
class TestRun:
    def test_happy_path(self, loop, whole, tmp_path):
        status, out, err = loop("run", TOY, "--jobs", "1")
        assert (status, err) == (0, "")
        lines = out.splitlines()
        assert lines[0].split() == ["arm", "seed", "run", "state", "rounds", "distance"]
        assert [line.split()[:2] for line in lines[1:5]] == [
            ["oracle", "0"], ["oracle", "1"], ["none", "0"], ["none", "1"]]
        assert all(line.split()[3:5] == ["finished", "2/2"] for line in lines[1:5])
        place = lines[-1].removeprefix("comparison: ")
        assert Path(place).is_file()
        same(tmp_path / "runs", whole)

    def test_finished_runs_are_not_run_again(self, loop, copied):
        before = files(copied)
        status, _, _ = loop("run", TOY, "--jobs", "1")
        assert status == 0
        after = files(copied)
        assert {f for f in after if after[f] != before.get(f)} == {comparison.saved(copied)[0]}

    def test_json(self, loop, copied):
        status, out, _ = loop("run", TOY, "--jobs", "1", "--json")
        assert status == 0
        record = json.loads(out, parse_constant=pytest.fail)
        assert record["stopped"] is None
        cell = record["cells"][0]
        frame = a_run(copied).metrics
        last = frame[(frame["round"] == 2) & (frame.metric == "distance")]
        assert cell["metrics"] == {"distance": last.value.item()}
        assert (cell["arm"], cell["seed"], cell["state"]) == ("oracle", 0, "finished")

    def test_python_returns_the_same(self, whole):
        found = launch.run(TOY, runs_dir=whole, arms=["none"], seeds=1, **{"loop.total": 96})
        assert not found.stopped
        frame = found.comparison.metrics
        assert set(frame.arm) == {"none"}
        assert [o.run for o in found.outcomes] == [a_run(whole, "none", 0).name]

    def test_arms_seeds_and_values(self, loop, tmp_path):
        status, out, _ = loop("run", TOY, "--jobs", "1", "--arms", "none", "--seeds", "1",
                              "--set", "loop.total=32", "--set", "spread=0.5", "loop.rounds=1",
                              "--json")
        assert status == 0
        (cell,) = json.loads(out)["cells"]
        config = runs.read(tmp_path / "runs" / cell["run"]).wanted["config"]
        loop = config["loop"]
        assert (config["spread"], loop["total"], loop["rounds"]) == (0.5, 32, 1)
        assert loop["curate"] == "none"

    @pytest.mark.parametrize("name", ["processes", "here"])
    def test_engines_agree(self, loop, whole, tmp_path, name):
        many = ["--jobs", "2"] if name == "processes" else []
        status, _, err = loop("run", TOY, "--engine", name, *many)
        assert status == 0, err
        same(tmp_path / "runs", whole)


@needs_torch
class TestResume:
    def test_time_limit_zero(self, loop, whole, tmp_path):
        status, out, _ = loop("run", TOY, "--jobs", "1", "--time-limit", "0")
        assert status == 75
        assert "stopped (time limit): 0 of 4 runs finished; to go on: loopcert run " in out
        assert loop("run", TOY, "--jobs", "1")[0] == 0
        same(tmp_path / "runs", whole)

    @pytest.mark.parametrize("calls", [3, 101, 260])
    def test_stopped_anywhere_ends_in_the_same_bits(
        self, loop, whole, tmp_path, monkeypatch, calls
    ):
        asked = []

        class Impatient(engine.StopSign):
            def __call__(self):
                asked.append(self)
                return "time limit" if len(asked) > calls else ""

        with monkeypatch.context() as patch:
            patch.setattr(engine, "StopSign", Impatient)
            status, out, _ = loop("run", TOY, "--jobs", "1", "--json")
        assert status == 75
        record = json.loads(out)
        assert "stopped" in {cell["state"] for cell in record["cells"]}
        verb, *arguments = shlex.split(record["go_on"])[1:]
        assert cli.main([verb, *arguments]) == 0
        same(tmp_path / "runs", whole)

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_signals(self, loop, whole, tmp_path, monkeypatch, number):
        advance, steps = training.Training.advance, []

        def step(self):
            steps.append(self)
            if len(steps) == 60:
                signal.raise_signal(number)
            advance(self)

        with monkeypatch.context() as patch:
            patch.setattr(training.Training, "advance", step)
            status, out, _ = loop("run", TOY, "--jobs", "1")
        assert status == 75
        assert f"stopped ({number.name})" in out
        assert loop("run", TOY, "--jobs", "1")[0] == 0
        same(tmp_path / "runs", whole)

    def test_finished_runs_stay_finished_when_time_is_up(self, loop, copied):
        status, out, _ = loop("run", TOY, "--jobs", "1", "--time-limit", "0")
        assert status == 0
        assert out.count(" finished ") == 4

    def test_must_says_what_differs(self, loop, copied):
        line = fail(loop, "run", TOY, "--jobs", "1", "--resume", "must", "--set", "spread=0.9",
                    "--arms", "none")
        assert "none, seed 0 was never begun" in line
        assert f"{a_run(copied, 'none', 0).name}, differs in config.spread: 1.0 -> 0.9" in line
        assert loop("run", TOY, "--jobs", "1", "--resume", "must")[0] == 0

    def test_never_refuses_and_deletes_nothing(self, loop, copied):
        before = files(copied)
        line = fail(loop, "run", TOY, "--jobs", "1", "--resume", "never")
        assert "exists already (oracle, seed 0)" in line
        assert files(copied) == before

    @pytest.mark.parametrize("kind", ["run", "base", "first"])
    def test_an_edited_config_is_refused(self, loop, copied, kind):
        record = a_run(copied)
        event = next(e for e in record.events if e["event"] == "session")
        name = record.name if kind == "run" else event[kind]
        place = copied / name / "config.json"
        wanted = json.loads(place.read_text())
        wanted["config"]["spread"] = 3.0
        place.write_text(json.dumps(wanted))
        before = files(copied)
        line = fail(loop, "run", TOY, "--jobs", "1")
        assert f"{copied / name}: config.json was changed since the run began" in line
        assert "config.spread: 3.0 -> 1.0" in line
        assert files(copied) == before

    @pytest.mark.parametrize("damage", [lambda f: f.write_bytes(f.read_bytes() + b"x"),
                                        lambda f: f.write_bytes(b""), os.unlink])
    def test_a_damaged_file_is_named_and_made_again(self, loop, copied, whole, damage):
        place = a_run(copied).path / "models" / "round-002.safetensors"
        damage(place)
        status, out, _ = loop("run", TOY, "--jobs", "1")
        assert status == 0
        assert f"note: {place}: is " in out
        assert "using what came before" in out
        same(copied, whole)

    def test_a_patched_record_is_named(self, loop, copied, whole):
        place = a_run(copied).path / "events.jsonl"
        lines = place.read_text().splitlines(keepends=True)
        lines[-2] = lines[-2].replace('"round":2', '"round":1')
        place.write_text("".join(lines))
        status, out, _ = loop("run", TOY, "--jobs", "1")
        assert status == 0
        assert f"note: {place}: line {len(lines) - 1} does not follow" in out
        same(copied, whole)


@needs_torch
class TestVerdicts:
    def test_a_run_that_fails(self, loop, monkeypatch):
        import toy

        monkeypatch.setattr(toy.Toy, "evaluate", _refuse)
        status, out, err = loop("run", TOY, "--jobs", "1", "--seeds", "1")
        assert (status, err) == (1, "")
        assert "problem: oracle seed 0 and 1 more: ValueError: items = 3: are odd\n" in out
        assert out.count("problem: ") == 1

    @pytest.mark.parametrize(("verdict", "status"), [("agrees", 0), ("disagrees", 1),
                                                      ("undecided", 0)])
    def test_predictions(self, loop, copied, monkeypatch, verdict, status):
        made = predict.Prediction(
            "BP-1", "distance", "falls", "0.5", predict.Interval(0.5, 0.25, 0.75, 2), verdict,
            "for two seeds",
        )
        monkeypatch.setattr(predict, "predictions", lambda found: (made,))
        found, out, _ = loop("run", TOY, "--jobs", "1")
        assert found == status
        header = next(line for line in out.splitlines() if line.startswith("claim"))
        assert header.split() == ["claim", "quantity", "predicted", "observed", "interval",
                                  "verdict"]
        assert f"[0.25, 0.75]  {verdict}" in out
        assert "note: BP-1: for two seeds" in out

    def test_predictions_stand_beside_the_task(self, tmp_path, monkeypatch, loop):
        folder = tmp_path / "pack"
        folder.mkdir()
        shutil.copy(HERE / "toy.py", folder / "task.py")
        (folder / "predict.py").write_text(
            "from empirical.predict import Prediction, final, mean_interval\n"
            "def predict(comparison):\n"
            "    seen = mean_interval(final(comparison.metrics, 'oracle', 'distance'))\n"
            "    return [Prediction('BP-1', 'distance', '< 0', f'{seen.mean:.3f}', seen,\n"
            "                       'agrees' if seen.mean < 0 else 'disagrees')]\n"
        )
        monkeypatch.syspath_prepend(tmp_path)
        status, out, _ = loop("run", "pack.task:Toy", "--jobs", "1", "--json")
        assert status == 1
        (row,) = json.loads(out)["predictions"]
        assert (row["verdict"], row["interval"]["n"]) == ("disagrees", 2)


def _refuse(*given):
    raise ValueError("items = 3: are odd")


@needs_torch
class TestMisuse:
    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["no such"], ["task = 'no such': must be one of ", "module:Class of your own"]),
            (["toy:Tow"], ["task = 'toy:Tow': must name a Task"]),
            (["nowhere_at_all:Toy"], ["must name a Task in a module that Python finds"]),
            ([TOY, "--preset", "dsk"], ["preset = 'dsk': must be one of smoke"]),
            ([TOY, "--arms", "oracel"], ["arm = 'oracel': must be one of oracle, none"]),
            ([TOY, "--set", "loop.ruonds=3"], ["key = loop.ruonds: unknown", "mean rounds?"]),
            ([TOY, "--set", "lop.rounds=3"], ["key = lop: unknown", "mean loop?"]),
            ([TOY, "--set", "loop=3"], ["loop = '3': has keys of its own"]),
            ([TOY, "--set", "loop.rounds"], ["--set 'loop.rounds': must be KEY=VALUE"]),
            ([TOY, "--set", "=3"], ["--set '=3': must be KEY=VALUE"]),
            ([TOY, "--set"], ["--set needs at least one KEY=VALUE"]),
            ([TOY, "--set", "loop.total=10.5"], ["loop.total = '10.5': must be a whole number"]),
            ([TOY, "--set", "loop.total=0"], ["loop.total = 0: must lie in [1, "]),
            ([TOY, "--set", "loop.total=-5"], ["loop.total = -5: must lie in [1, "]),
            ([TOY, "--set", "loop.total=1"], ["loop.total = 1: must be at least 2"]),
            ([TOY, "--set", "loop.total=1e400"], ["loop.total = '1e400': must be a whole"]),
            ([TOY, "--set", "loop.rounds=-1"], ["loop.rounds = -1: must lie in [0, "]),
            ([TOY, "--set", "loop.schedule=10,0"], ["loop.schedule = '10,0': must be one of"]),
            ([TOY, "--set", "loop.schedule=10,-3"], ["loop.schedule = '10,-3': must be one"]),
            ([TOY, "--set", "loop.schedule=10,1.5"], ["loop.schedule = '10,1.5': must be"]),
            ([TOY, "--set", "loop.schedule=fast"], ["loop.schedule = 'fast': must be one of"]),
            ([TOY, "--set", "update.batch=0"], ["update.batch = 0: must lie in [1, inf)"]),
            ([TOY, "--set", "loop.curate=none"],
             ["arms = 'oracle', 'none': are the same run"]),
            ([TOY, "--device", "gpu"], ["device = 'gpu': must be auto, cpu or cuda"]),
            ([TOY, "--device", "cuda:77"], ["device = 'cuda:77': no GPU that torch can use"]),
            ([TOY, "--seeds", "0"], ["--seeds '0': must be a whole number in [1, 10000]"]),
            ([TOY, "--engine", "here", "--jobs", "2"], ["--engine here runs one after the"]),
            ([TOY, "--address", "auto"], ["--address is that of a Ray cluster"]),
            ([TOY, "--time-limit", "soon"], ["--time-limit 'soon': must be a number"]),
            ([], ["missing: TASK"]),
        ],
    )
    def test_is_one_line_and_writes_nothing(self, loop, tmp_path, arguments, words):
        line = fail(loop, "run", *arguments)
        assert all(word in line for word in words), line
        assert not (tmp_path / "runs").exists()

    def test_a_folder_that_cannot_be_written_to(self, loop, tmp_path):
        (tmp_path / "file").write_text("")
        line = fail(loop, "run", TOY, root=tmp_path / "file" / "runs")
        assert f"--runs-dir '{tmp_path / 'file' / 'runs'}': cannot be written to" in line

    @pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
    def test_a_read_only_folder(self, loop, tmp_path):
        (tmp_path / "runs").mkdir(mode=0o555)
        assert "cannot be written to" in fail(loop, "run", TOY)

    def test_a_disk_that_fills_up(self, loop, tmp_path, monkeypatch):
        def full(*given):
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(comparison, "write", full)
            assert "No space left on device" in fail(loop, "run", TOY, "--jobs", "1")
            patch.undo()
            patch.setattr(runs, "write", full)
            status, out, _ = loop("run", TOY, "--jobs", "1", "--seeds", "1")
        assert status == 1
        assert "problem: oracle seed 0 and 1 more: OSError: [Errno 28] No space left" in out
        assert loop("run", TOY, "--jobs", "1", "--seeds", "1")[0] == 0  # nothing was lost

    @pytest.mark.parametrize(("verb", "more"), [("run", []), ("sweep", ["--grid", "spread=1,2"])])
    @pytest.mark.parametrize("package", ["torch", "safetensors"])
    def test_a_missing_extra_is_named(self, loop, monkeypatch, verb, more, package):
        found = importlib.util.find_spec
        monkeypatch.setattr(importlib.util, "find_spec",
                            lambda name: None if name == package else found(name))
        line = fail(loop, verb, TOY, *more)
        assert f"runs with real models need {package}, which is not installed (repair: " in line
        assert "[empirical]" in line

    def test_a_missing_cluster_is_named(self, loop, monkeypatch):
        found = importlib.util.find_spec
        monkeypatch.setattr(importlib.util, "find_spec",
                            lambda name: None if name == "ray" else found(name))
        assert "[ray]" in fail(loop, "run", TOY, "--engine", "ray")


@needs_torch
class TestDryRun:
    def test_writes_nothing(self, loop, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        status, out, err = loop("run", TOY, "--dry-run", "--set", "loop.schedule=20,30,50")
        assert (status, err) == (0, "")
        assert list(tmp_path.iterdir()) == []
        assert "update.steps          30\n" in out
        assert "oracle  loop.curate=oracle  20, 30, 50 kept  " in out
        assert out.count("  not begun") == 4
        assert "left to run: 4 of 4 runs" in out

    def test_says_what_is_finished(self, loop, copied, monkeypatch):
        import toy

        smoke = toy.Toy.presets["smoke"]
        named = task.Preset("smoke", "seconds", smoke.changes, smoke.arms, smoke.seeds, 8.0)
        monkeypatch.setitem(toy.Toy.presets, "smoke", named)
        shutil.rmtree(a_run(copied, "none", 1).path)
        before = files(copied)
        status, out, _ = loop("run", TOY, "--dry-run")
        assert status == 0
        assert files(copied) == before
        assert "none    loop.curate=none    48, 48 kept            1 of 2\n" in out
        assert "left to run: 1 of 4 runs" in out
        assert "its estimate: 8 minutes for 4 runs; in proportion, 2 minutes" in out

    def test_json(self, loop, copied):
        status, out, _ = loop("sweep", TOY, "--grid", "spread=1,2", "--dry-run", "--json")
        assert status == 0
        record = json.loads(out, parse_constant=pytest.fail)
        assert [arm["config"] for arm in record["arms"]] == [{"spread": 1.0}, {"spread": 2.0}]
        assert record["config"]["loop.rounds"] == 2
        assert [cell["state"] for cell in record["cells"]] == [
            "finished", "finished", "not begun", "not begun"]

    @pytest.mark.parametrize(
        ("changes", "words"),
        [({"mix": "real"}, "0 in each of 3 rounds"), ({"rounds": 0}, "none"),
         ({"mix": "augment", "ratio": 0.5}, "0.5 for each real item, in each of 3 rounds"),
         ({"rounds": 14, "total": 1400},
          f"{', '.join(['100'] * 11)}, ..., 100 kept")],
    )
    def test_schedules_in_words(self, changes, words):
        from empirical.schedule import LoopConfig
        from loopcert._run_plan import schedule

        assert schedule(LoopConfig(**{"total": 96, "rounds": 3} | changes)) == words
