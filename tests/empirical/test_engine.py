"""Engines: the same bits wherever cells run, whoever dies, and nobody is left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from toy import Toy, ToyConfig

from empirical import engine, runs
from empirical.config import changed
from empirical.engine import Cell, Outcome, StopSign, run_cells
from empirical.loop import Settings

SMALL = changed(ToyConfig(), {"base.steps": 4, "update.steps": 3, "loop.total": 24,
                              "loop.rounds": 2, "n_real": 16, "loop.curate": "none"})


class Broken(Toy):
    """A task with a mistake in it."""

    def quality(self, items):
        return {}["missing"]


class Cursed(Toy):
    """A task that kills its process in the first round, as often as its file says."""

    def quality(self, items):
        place = Path(os.environ["CURSE"])
        deaths = int(place.read_text())
        if deaths:
            place.write_text(str(deaths - 1))
            os.kill(os.getpid(), signal.SIGKILL)
        return super().quality(items)


class Sleepy(Toy):
    """A task that takes its time."""

    def quality(self, items):
        Path(os.environ["CURSE"]).with_name(f"at-{os.getpid()}").touch()
        time.sleep(600)


def cell(seed=1, task="toy:Toy", **changes):
    return Cell(task, "arm", seed, changed(SMALL, changes))


def ends(root, outcomes):
    """Return the bytes that cells ended in."""
    found = []
    for outcome in outcomes:
        assert not outcome.problem
        record = runs.read(root / outcome.run)
        last = [e for e in record.events if e["event"] == "trained"][-1]
        found.append(((record.path / "metrics.parquet").read_bytes(),
                      (record.path / last["file"]).read_bytes()))
    return found


@pytest.fixture(autouse=True)
def curse(tmp_path, monkeypatch):
    """Return the file that says how often cursed cells die; workers see it by the environment."""
    place = tmp_path / "curse"
    place.write_text("0")
    monkeypatch.setenv("CURSE", str(place))
    return place


def test_processes_end_in_the_same_bits_whoever_dies(tmp_path, curse):
    cells = [cell(1), cell(2), cell(3, "test_engine:Cursed"), cell(4, "test_engine:Broken"),
             cell(5, **{"loop.curate": "orcale"}), cell(6, "nowhere:Task")]
    here = run_cells(cells[:3], Settings(tmp_path / "here"))
    curse.write_text("1")
    heard, told = [], []
    settings = Settings(tmp_path / "pool", report=lambda *what: told.append(what))
    there = run_cells(cells, settings, "processes", 2, done=heard.append)
    assert curse.read_text() == "0"  # it died once, and its cell was run again
    assert ends(tmp_path / "pool", there[:3]) == ends(tmp_path / "here", here)
    assert [outcome.cell for outcome in there] == cells
    assert sorted(map(id, heard)) == sorted(map(id, there))
    assert "arm seed 4: KeyError: 'missing'" in there[3].problem
    assert "test_engine.py, line" in there[3].problem
    assert "ValueError: curate = 'orcale'" in there[4].problem
    assert "arm seed 6: ModuleNotFoundError" in there[5].problem
    assert not any(outcome.stopped or "\n" in outcome.problem for outcome in there)
    assert told
    assert all(what[0].startswith("arm seed ") for what in told)


def test_a_cell_that_always_kills_its_worker_is_given_up(tmp_path, curse, monkeypatch):
    assert engine.TRIES == 3
    monkeypatch.setattr(engine, "TRIES", 2)
    curse.write_text("99")
    found = run_cells([cell(1, "test_engine:Cursed")], Settings(tmp_path / "runs"), "processes")
    assert found[0].problem == "arm seed 1: its worker died 2 times (exit status -9)"
    assert curse.read_text() == "97"
    curse.write_text("0")  # and what it left can be resumed
    assert not run_cells([cell(1, "test_engine:Cursed")], Settings(tmp_path / "runs"))[0].problem


def test_a_mistake_in_one_cell_does_not_stop_the_others(tmp_path):
    heard = []
    found = run_cells([cell(1, "test_engine:Broken"), cell(2)], Settings(tmp_path),
                      done=heard.append)
    assert "KeyError: 'missing'" in found[0].problem
    assert found[1].run
    assert heard == found


def test_finished_cells_are_not_run_again(tmp_path):
    first = run_cells([cell(1)], Settings(tmp_path))[0]
    files = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.safetensors")}
    phases = []
    again = run_cells([cell(1)], Settings(tmp_path, report=lambda *what: phases.append(what)))[0]
    assert again == first == Outcome(cell(1), run=first.run)
    assert phases == []
    assert files == {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.safetensors")}


def test_a_stop_leaves_the_other_cells_alone_but_knows_the_finished(tmp_path):
    run_cells([cell(1)], Settings(tmp_path))
    before = sorted(tmp_path.iterdir())
    found = run_cells([cell(1), cell(2)], Settings(tmp_path, stop=StopSign(0)))
    assert [(outcome.stopped, bool(outcome.run)) for outcome in found] == [
        (False, True), (True, False)]
    assert found[1].problem == "time limit"
    assert sorted(tmp_path.iterdir()) == before


def test_a_busy_run_is_one_problem(tmp_path):
    from empirical.loop import identity_of

    settings = Settings(tmp_path)
    with runs.Run(tmp_path, identity_of(Toy, SMALL, 1, settings), {}):
        found = run_cells([cell(1), cell(2)], settings)
    assert "Busy" in found[0].problem
    assert found[1].run


def test_unknown_engines_are_refused():
    with pytest.raises(ValueError, match="engine = 'cloud': must be one of here"):
        run_cells([], Settings(), "cloud")
    assert run_cells([], Settings()) == run_cells([], Settings(), "processes") == []


SCRIPT = """
import sys
sys.path.insert(0, {here!r})
from test_engine import SMALL, Cell, Settings, StopSign, run_cells
if __name__ == "__main__":
    cells = [Cell("test_engine:Sleepy", "arm", seed, SMALL) for seed in (1, 2, 3)]
    with StopSign() as sign:
        run_cells(cells, Settings(sys.argv[1], stop=sign), "processes", 1)
"""


def alive(number):
    """Return whether a process runs: one that nobody has waited for does not."""
    try:
        return "State:\tZ" not in Path(f"/proc/{number}/status").read_text()
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="looks at processes in /proc")
def test_a_pool_that_is_interrupted_leaves_nobody_behind(tmp_path, curse):
    (tmp_path / "pool.py").write_text(SCRIPT.format(here=str(Path(__file__).parent)))
    with subprocess.Popen([sys.executable, "pool.py", str(tmp_path / "runs")], cwd=tmp_path,
                          stderr=subprocess.PIPE, text=True,
                          env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}) as parent:
        deadline = time.monotonic() + 90
        while len(workers := [int(p.name[3:]) for p in tmp_path.glob("at-*")]) < 1:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        parent.send_signal(signal.SIGINT)
        time.sleep(0.3)
        parent.send_signal(signal.SIGINT)  # at once, though the worker sleeps
        _, errors = parent.communicate(timeout=60)
    assert "KeyboardInterrupt" in errors
    assert not any(alive(worker) for worker in workers)


def test_workers_end_with_their_parent():
    """A worker whose parent is gone stops its cell and leaves."""
    import multiprocessing
    import threading

    ours, theirs = multiprocessing.Pipe()
    seen = []

    def run_one(cell, settings):
        seen.append(settings.stop())
        ours.close()
        seen.append(settings.stop())
        settings.report("nobody", 0, 1)
        return Outcome(cell)

    event = threading.Event()
    old = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_run_one", run_one)
        try:
            ours.send(cell())
            engine._serve(theirs, Settings(), event)
        finally:
            for number, handler in zip((signal.SIGTERM, signal.SIGINT), old):
                signal.signal(number, handler)
    assert seen == ["", "stopped"]


def test_ray_ends_in_the_same_bits(tmp_path):
    pytest.importorskip("ray", reason="the extra loopcert[ray] is not installed")
    cells = [cell(1), cell(2, "test_engine:Broken"), cell(3)]
    there = run_cells(cells, Settings(tmp_path / "ray"), "ray", 2)
    here = run_cells(cells, Settings(tmp_path / "here"))
    assert ends(tmp_path / "ray", [there[0], there[2]]) == ends(
        tmp_path / "here", [here[0], here[2]])
    assert "KeyError" in there[1].problem
