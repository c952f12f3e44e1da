"""The verbs run, sweep, runs and tasks, with a task of milliseconds."""

import importlib.util
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from empirical import (
    comparison,
    engine,
    events,
    export,
    inventory,
    launch,
    predict,
    runs,
    task,
    training,
)
from empirical.config import digest
from empirical.keys import keys
from loopcert import _options, cli
from loopcert.verbs import run as running
from loopcert.verbs import sweep

HERE = Path(__file__).parents[1] / "empirical"
TOY = "toy:Toy"
needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="the extra [empirical] is not installed"
)


@pytest.fixture(autouse=True)
def _toy(monkeypatch):
    """Let Python find the task as one of the user's own."""
    monkeypatch.syspath_prepend(HERE)


@pytest.fixture
def loop(tmp_path, capsys):
    """Return a function that runs a verb of the command line on a folder of runs of this test."""

    def call(verb, *arguments, root=tmp_path / "runs"):
        status = cli.main([verb, *arguments, "--runs-dir", str(root)])
        out, err = capsys.readouterr()
        return status, out, err

    return call


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return a folder with the finished, uninterrupted runs of the preset smoke."""
    root = tmp_path_factory.mktemp("whole") / "runs"
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(HERE)
        assert launch.run(TOY, runs_dir=root).problems == ()
    return root


@pytest.fixture
def copied(whole, tmp_path):
    """Return a copy of those runs that a test may damage."""
    return Path(shutil.copytree(whole, tmp_path / "runs"))


def fail(call, verb, *arguments, **options):
    """Return the one line of a call that must exit with 2."""
    status, out, err = call(verb, *arguments, **options)
    assert (status, out) == (2, "")
    assert err.startswith("loopcert: error: ")
    assert err.count("\n") == 1
    return err


def weights(root):
    """Return the bytes of every model under a folder of runs."""
    return {str(f.relative_to(root)): f.read_bytes() for f in sorted(root.glob("*/models/*"))}


def numbers(root):
    """Return what every run under a folder measured."""
    return {r.name: r.metrics for r in runs.listed(root) if r.wanted["kind"] == "run"}


def same(root, other):
    """Assert that two folders hold the same results, bit for bit."""
    assert weights(root) == weights(other)
    first, second = numbers(root), numbers(other)
    assert first.keys() == second.keys()
    for name in first:
        pd.testing.assert_frame_equal(first[name], second[name], check_exact=True)


def files(root):
    """Return every file under a folder with its time and size."""
    return {f: (f.stat().st_mtime_ns, f.stat().st_size) for f in root.rglob("*") if f.is_file()}


def a_run(root, arm="oracle", seed=0):
    """Return the record of one arm and seed."""
    planned = comparison.read(comparison.saved(root)[0])
    name = next(c["run"] for c in planned["cells"] if (c["arm"], c["seed"]) == (arm, seed))
    return runs.read(root / name)


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


@needs_torch
class TestSweep:
    def test_every_combination_is_an_arm(self, loop, tmp_path):
        arguments = ["--grid", "loop.schedule=16,16;32", "--grid", "loop.curate=none,coin",
                     "--seeds", "1", "--jobs", "1"]
        status, out, _ = loop("sweep", TOY, *arguments, "--json")
        assert status == 0
        cells = json.loads(out)["cells"]
        assert [cell["arm"] for cell in cells] == [
            f"loop.schedule={s} loop.curate={c}" for s in ("16,16", "32")
            for c in ("none", "coin")]
        assert comparison.read(comparison.saved(tmp_path / "runs")[0])["command"] == (
            f"loopcert sweep {TOY} --seeds 1 --grid 'loop.schedule=16,16;32' "
            "loop.curate=none,coin")
        before = files(tmp_path / "runs")
        status, out, _ = loop("sweep", TOY, "--grid", "loop.schedule=16,16;",
                              "--grid", "loop.curate=coin,oracle", "--seeds", "1", "--jobs", "1")
        assert status == 0
        after = files(tmp_path / "runs")
        begun = runs.read(tmp_path / "runs" / cells[1]["run"])
        assert all(after[f] == before[f] for f in before if begun.name in str(f))
        assert len(numbers(tmp_path / "runs")) == 5

    def test_named_arms_are_swept_each(self, loop):
        status, out, _ = loop("sweep", TOY, "--grid", "spread=1,2", "--arms", "none", "oracle",
                              "--dry-run", "--json")
        assert status == 0
        assert [arm["name"] for arm in json.loads(out)["arms"]] == [
            "none spread=1", "none spread=2", "oracle spread=1", "oracle spread=2"]

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            ([], "missing: --grid KEY=A,B,C"),
            (["--grid", "spread"], "--grid 'spread': must be KEY=VALUE"),
            (["--grid", "spread="], "--grid 'spread=': needs at least one value"),
            (["--grid", "spread=1,1"], "--grid 'spread=1,1': the same value twice"),
            (["--grid", "spread=1,1.0"], "'spread=1', 'spread=1.0': are the same run"),
            (["--grid", "spread=1", "spread=2"], "--grid 'spread=2': the same key twice"),
            (["--grid", "spread=1", "--set", "spread=2"], "--set spread: is in --grid too"),
            (["--grid", "sprad=1"], "key = sprad: unknown (did you mean spread?)"),
            (["--grid", "spread=1", "--arms", "all"], "arm = 'all': must be one of oracle, none"),
            (["--grid", "spread=1", "--preset", "smok"], "did you mean 'smoke'?"),
        ],
    )
    def test_misuse(self, loop, tmp_path, arguments, words):
        assert words in fail(loop, "sweep", TOY, *arguments)
        assert not (tmp_path / "runs").exists()

    def test_unknown_task(self, loop, monkeypatch):
        monkeypatch.setattr(task, "names", lambda: ["digits", "eigen"])
        assert "task = 'egen': did you mean eigen? must be one of digits, eigen, or" in fail(
            loop, "sweep", "egen", "--grid", "size=3")

    def test_the_command_that_goes_on(self):
        options = sweep.Options(task="a b", grid=(("x=1,2",), ("y=3;",)), time_limit=2.5,
                                dry_run=True, resume="never")
        assert _options.command("sweep", options, ("resume",)) == (
            "loopcert sweep 'a b' --time-limit 2.5 --dry-run --grid x=1,2 'y=3;'")


@needs_torch
class TestRuns:
    def test_list(self, loop, whole):
        status, out, _ = loop("runs", root=whole)
        assert status == 0
        lines = out.splitlines()
        assert lines[0].split() == ["name", "task", "arm", "seed", "state", "rounds", "size",
                                    "began"]
        row = next(line for line in lines if line.startswith(a_run(whole).name)).split()
        assert row[1:6] == ["toy", "oracle", "0", "finished", "2/2"]
        assert f"comparison: {comparison.saved(whole)[0].stem}" in lines
        assert "8 directories in " in out

    def test_list_json_and_states(self, loop, copied, monkeypatch):
        under_way, edited, lacking, broken = (
            a_run(copied, arm, seed) for arm in ("oracle", "none") for seed in (0, 1))
        cut(under_way, "trained")
        (edited.path / "config.json").write_text(
            (edited.path / "config.json").read_text().replace('"spread": 1.0', '"spread": 2.0'))
        (lacking.path / "models" / "round-002.safetensors").unlink()
        (broken.path / "config.json").write_text("{")
        status, out, _ = loop("runs", "--json")
        assert status == 0
        states = {row["name"]: row for row in json.loads(out)["runs"]}
        assert states[under_way.name]["state"] == "under way"
        assert states[under_way.name]["rounds"] == "0/2"
        for record, words in ((edited, "was changed"), (lacking, "is missing"),
                              (broken, "is not JSON")):
            assert states[record.name]["state"] == "damaged"
            assert words in states[record.name]["problem"]
        monkeypatch.setattr(task, "names", lambda: ["toy"])
        monkeypatch.setattr(inventory.identity, "code_hash", lambda module: "another")
        _, out, _ = loop("runs", "--json")
        states = {row["name"]: row["state"] for row in json.loads(out)["runs"]}
        assert states[under_way.name] == "stale code"

    def test_an_empty_folder(self, loop, tmp_path):
        (tmp_path / "runs").mkdir()
        assert loop("runs")[0] == 0
        assert loop("runs", "gc")[0] == 0

    def test_show(self, loop, whole):
        record = a_run(whole)
        status, out, _ = loop("runs", "show", record.name.removeprefix("toy-")[:8], root=whole)
        assert status == 0
        assert out.startswith(f"{record.name}  ")
        assert "update.steps          30\n" in out
        assert "its record and every file hold" in out

    def test_show_json(self, loop, whole):
        status, out, _ = loop("runs", "show", a_run(whole).name, "--json", root=whole)
        assert status == 0
        record = json.loads(out, parse_constant=pytest.fail)
        assert record["problems"] == []
        assert record["config"]["loop"]["curate"] == "oracle"
        assert len(record["metrics"]) == len(a_run(whole).metrics)

    def test_show_names_a_damaged_file(self, loop, copied):
        place = a_run(copied).path / "samples" / "round-001.safetensors"
        place.write_bytes(place.read_bytes()[:-1] + b"?")
        status, out, _ = loop("runs", "show", a_run(copied).name)
        assert status == 1
        assert f"problem: {place}: is damaged" in out
        assert "NOT everything holds" in out

    @pytest.mark.parametrize("content", ["{", '{"spread": 1}'])
    def test_show_of_an_edited_config(self, loop, copied, content):
        record = a_run(copied)
        (record.path / "config.json").write_text(content)
        status, out, _ = loop("runs", "show", record.name)
        assert status == 1
        assert str(record.path / "config.json") in out

    def test_compare(self, loop, whole):
        one, other = a_run(whole, "oracle"), a_run(whole, "none")
        status, out, _ = loop("runs", "compare", one.name, other.name, "--json", root=whole)
        assert status == 0
        record = json.loads(out)
        assert record["config"] == ['config.loop.curate: "oracle" -> "none"']
        (row,) = record["final"]
        assert row["difference"] == row["b"] - row["a"] != 0
        status, out, _ = loop("runs", "compare", one.name, one.name, root=whole)
        assert "the same run" in out

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["shwo"], "is not one of list, show, compare, export, gc; did you mean 'show'"),
            (["show"], "runs show: takes NAME, but got none"),
            (["list", "x"], "runs list: takes no name, but got x"),
            (["compare", "toy"], "runs compare: takes A B, but got toy"),
            (["show", "zzz"], "run = 'zzz': none in "),
            (["show", "toy"], "run = 'toy': could be toy-"),
            (["list", "--yes"], "--yes and --keep go with gc"),
            (["gc", "--keep", "all"], "--keep 'all': must be one of unfinished, stale, samples"),
            (["export", "zzz", "out"], "none in "),
        ],
    )
    def test_misuse(self, loop, whole, arguments, words):
        assert words in fail(loop, "runs", *arguments, root=whole)

    def test_a_folder_that_is_not_there(self, loop, tmp_path):
        assert "is not a folder" in fail(loop, "runs", root=tmp_path / "nowhere")


def cut(record, event):
    """Take a record back to before its first event of a kind, as if it had been killed there."""
    place = record.path / "events.jsonl"
    lines = place.read_text().splitlines(keepends=True)
    end = next(n for n, e in enumerate(record.events) if e["event"] == event)
    place.write_text("".join(lines[:end]))


@needs_torch
class TestExport:
    def test_a_comparison(self, loop, whole, tmp_path, monkeypatch):
        made = predict.Prediction("BP-1", "x", "y", "z", predict.Interval(1.0, 0.0, 2.0, 2))
        monkeypatch.setattr(export, "predictions", lambda found: (made,))
        name = comparison.saved(whole)[0].stem
        status, out, _ = loop("runs", "export", name[:-2], str(tmp_path / "out"), "--json",
                              root=whole)
        assert status == 0
        assert json.loads(out)["name"] == name
        with pytest.MonkeyPatch.context() as patch:
            patch.syspath_prepend(HERE)
            planned, _ = launch.prepare(TOY, runs_dir=whole)
        pd.testing.assert_frame_equal(
            export.read_metrics(tmp_path / "out"), planned.metrics, check_exact=True)
        kept = json.loads((tmp_path / "out" / "comparison.json").read_text())
        assert (kept["name"], kept["command"]) == (name, "")  # it was not run by a command
        rows = json.loads((tmp_path / "out" / "runs.json").read_text())
        assert [(r["arm"], r["seed"], r["finished"]) for r in rows] == [
            (arm, seed, True) for arm in ("oracle", "none") for seed in (0, 1)]
        assert rows[0]["last_hash"] == a_run(whole).events[-1]["hash"]
        chains = export.read_events(tmp_path / "out")
        assert chains.keys() == {row["run"] for row in rows}
        record = a_run(whole)
        assert chains[record.name] == record.events
        assert events.break_of(record.events, digest(record.wanted)) is None
        assert events.break_of(record.events[1:], digest(record.wanted)) == 0
        seconds = sum(event.get("seconds", 0) for event in chains[record.name])
        assert seconds == pytest.approx(rows[0]["seconds"], abs=0.01)
        assert rows[0]["environment"]["python"]
        frame = pd.read_csv(tmp_path / "out" / "predictions.csv")
        assert frame.loc[0, ["claim", "mean", "low", "high", "n"]].tolist() == [
            "BP-1", 1.0, 0.0, 2.0, 2]

    def test_a_run(self, loop, whole, tmp_path):
        record = a_run(whole)
        assert loop("runs", "export", record.name, str(tmp_path / "out"), root=whole)[0] == 0
        frame = export.read_metrics(tmp_path / "out").drop(columns="arm")
        pd.testing.assert_frame_equal(frame, record.metrics, check_exact=True)

    def test_refuses_a_folder_that_holds_something(self, loop, whole, tmp_path):
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "mine.txt").write_text("mine")
        name = a_run(whole).name
        assert "must be new or empty" in fail(loop, "runs", "export", name, str(tmp_path / "out"),
                                              root=whole)
        assert [f.name for f in (tmp_path / "out").iterdir()] == ["mine.txt"]

    def test_refuses_damage_and_gaps(self, loop, copied, tmp_path):
        name = comparison.saved(copied)[0].stem
        record = a_run(copied)
        place = record.path / "models" / "round-002.safetensors"
        place.write_bytes(b"")
        assert f"{place}: is damaged" in fail(loop, "runs", "export", name, str(tmp_path / "out"))
        shutil.rmtree(record.path)
        assert "is gone (oracle, seed 0)" in fail(loop, "runs", "export", name,
                                                  str(tmp_path / "out"))
        assert not (tmp_path / "out").exists()

    def test_a_forged_comparison_is_refused(self, loop, copied, tmp_path):
        place = comparison.saved(copied)[0]
        record = json.loads(place.read_text())
        record["cells"][0]["run"] = "../elsewhere"
        place.write_text(json.dumps(record))
        assert "is not the record of a comparison" in fail(
            loop, "runs", "export", place.stem, str(tmp_path / "out"))


@needs_torch
class TestTidying:
    def test_nothing_goes_without_yes(self, loop, copied):
        cut(a_run(copied), "finished")
        before = files(copied)
        status, out, _ = loop("runs", "gc")
        assert status == 0
        assert f"{a_run(copied).name}" in out
        assert "--yes removes it for good" in out
        assert files(copied) == before

    def test_what_goes(self, loop, copied, whole):
        for arm in ("oracle", "none"):
            cut(a_run(copied, arm, 1), "finished")
        gone = {a_run(copied, arm, 1).name for arm in ("oracle", "none")}
        shared = runs.shared(a_run(copied, "none", 1))
        status, out, _ = loop("runs", "gc", "--yes", "--json")
        assert status == 0
        rows = json.loads(out)["waste"]
        assert {r["name"] for r in rows if r["kind"] == "unfinished"} == gone
        assert {r["name"] for r in rows if r["kind"] == "shared"} == shared
        assert all(r["removed"] for r in rows)
        left = {f.parent.name for f in copied.glob("*/config.json")}
        assert left == {f.parent.name for f in whole.glob("*/config.json")} - gone - shared
        assert not list(copied.glob("*/samples/*"))
        record = a_run(copied)  # what stays is whole, and is not run again
        assert record.verify() == []
        pd.testing.assert_frame_equal(record.metrics, a_run(whole).metrics)
        assert json.loads(loop("runs", "gc", "--json")[1])["waste"] == []
        assert loop("run", TOY, "--jobs", "1")[0] == 0
        assert {k: v.value.tolist() for k, v in numbers(copied).items()} == {
            k: v.value.tolist() for k, v in numbers(whole).items()}

    def test_keep(self, loop, copied):
        cut(a_run(copied), "finished")
        _, out, _ = loop("runs", "gc", "--keep", "unfinished", "samples", "--json")
        assert json.loads(out)["waste"] == []

    def test_stale_runs(self, loop, copied, monkeypatch):
        monkeypatch.setattr(task, "names", lambda: ["toy"])
        monkeypatch.setattr(inventory.identity, "code_hash", lambda module: "another")
        _, out, _ = loop("runs", "gc", "--json")
        kinds = [row["kind"] for row in json.loads(out)["waste"]]
        assert sorted(kinds) == ["shared"] * 4 + ["stale"] * 4

    def test_a_run_that_somebody_works_in_stays(self, loop, copied):
        record = a_run(copied)
        cut(record, "finished")
        with runs.Run(copied, record.wanted, {}):
            status, out, _ = loop("runs", "gc", "--yes")
        assert status == 0
        assert f"left alone: {record.name}: a process works in it" in out
        assert record.path.is_dir()

    def test_damaged_runs_stay(self, loop, copied):
        record = a_run(copied)
        place = record.path / "events.jsonl"
        place.write_text(place.read_text().replace('"round":1', '"round":0'))
        assert loop("runs", "gc", "--yes")[0] == 0
        assert record.path.is_dir()


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
        place = Path(__file__).parents[2] / "examples" / "slurm_seeds.py"
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
        page = (Path(__file__).parents[2] / "docs" / "slurm.md").read_text()
        shown = page.partition("```python")[2].partition("```")[0].splitlines()
        source = Path(script.__file__).read_text()
        lines = [line.partition("#")[0].strip() for line in shown]
        assert all(line in source for line in lines if line)
        assert len(lines) > 15
