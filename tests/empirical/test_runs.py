"""Run directories: one worker at a time, read safely whoever sent them."""

import json
import os
import pickle
import shutil
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from test_events import forged
from toy import Toy, ToyConfig

from empirical import runs
from empirical._files import pack, sha256
from empirical.config import changed, digest
from empirical.loop import Settings, Stopped, run_loop

SMALL = changed(ToyConfig(), {"base.steps": 2, "update.steps": 2, "loop.total": 24,
                              "loop.rounds": 2, "n_real": 16, "loop.curate": "none"})
WANTED = runs.identity("toy", "run", 3, {"a": 1}, "c0de", {"device": "cpu"})
NAME = runs.run_name(WANTED)


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch):
    monkeypatch.setattr("os.fsync", lambda handle: None)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Return the folder of a finished run."""
    root = tmp_path_factory.mktemp("finished")
    run_loop(Toy, SMALL, 1, Settings(root))
    return root


@pytest.fixture
def directory(tmp_path):
    with runs.Run(tmp_path, WANTED, {"python": "3"}) as made:
        yield made


def test_what_is_saved_is_loaded(directory):
    event = directory.save("models/a.safetensors", {"x": np.arange(3)}, "trained", round=1)
    assert directory.sound(event)
    np.testing.assert_array_equal(directory.load(event)["x"], np.arange(3))
    assert directory.last("trained", round=1) == event
    assert directory.last("trained", round=2) is None
    record = runs.read(directory.path)
    assert (record.wanted, record.problem) == (WANTED, "")
    assert record.events == directory.events
    assert json.loads((directory.path / "environment.json").read_text()) == {"python": "3"}


def test_what_was_dropped_is_not_missed(directory):
    event = directory.save("models/a.safetensors", {"x": np.arange(3)}, "trained", round=1)
    directory.drop(["models/a.safetensors", "models/never.safetensors"])
    assert not directory.sound(event)
    assert directory.warnings == []
    assert runs.read(directory.path).verify() == []
    again = directory.save("models/a.safetensors", {"x": np.arange(4)}, "trained", round=1)
    assert directory.sound(again)
    assert not directory.sound(event)  # the same place, other weights
    assert len(directory.warnings) == 1


def test_one_worker_at_a_time(tmp_path, directory):
    with pytest.raises(runs.Busy, match="another process works in it"):
        runs.Run(tmp_path, WANTED, {})
    with runs.Run(tmp_path, WANTED | {"seed": 4}, {}):
        pass  # another run is nobody's business
    directory.close()
    with runs.Run(tmp_path, WANTED, {}):
        pass


def test_who_waits_can_be_called_off(tmp_path, directory):
    asked = []

    def pause():
        asked.append(1)
        if len(asked) == 3:
            raise Stopped("SIGTERM")

    with pytest.raises(Stopped):
        runs.Run(tmp_path, WANTED, {}, pause)
    with runs.Run(tmp_path, WANTED, {}, directory.close) as mine:
        assert mine.log("mine")


HOLDER = """
import sys, time
sys.path.insert(0, {here!r})
from empirical import runs
from test_runs import WANTED
directory = runs.Run(sys.argv[1], WANTED, {{}})
print("held", flush=True)
time.sleep(600)
"""


def test_the_dead_hold_nothing(tmp_path):
    script = HOLDER.format(here=os.path.dirname(__file__))
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], text=True,
                          stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(runs.Busy):
            runs.Run(tmp_path, WANTED, {})
        holder.kill()
        holder.wait()
        with runs.Run(tmp_path, WANTED, {}):
            pass


def test_two_arms_train_their_base_model_once(tmp_path):
    """Two processes begin at once: one trains, the other waits, and both go on."""
    configs = [SMALL, changed(SMALL, {"loop.curate": "coin"})]
    children = []
    for config in configs:
        child = os.fork()
        if not child:
            status = 1
            try:
                run_loop(Toy, config, 1, Settings(tmp_path))
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    deadline = time.monotonic() + 60
    for child in children:
        while (ended := os.waitpid(child, os.WNOHANG))[0] == 0:
            assert time.monotonic() < deadline, "a deadlock"
            time.sleep(0.01)
        assert os.waitstatus_to_exitcode(ended[1]) == 0
    records = [r for r in runs.listed(tmp_path) if r.wanted["kind"] == "run"]
    assert len(records) == 2
    base = next(r for r in runs.listed(tmp_path) if r.wanted["kind"] == "base")
    assert [e["event"] for e in base.events].count("trained") == 1
    first = next(r for r in runs.listed(tmp_path) if r.wanted["kind"] == "first")
    shards = [e["shard"] for e in first.events if e["event"] == "proposed"]
    assert sorted(shards) == sorted(set(shards))
    assert all(r.finished and not r.verify() for r in [*records, base])


@pytest.mark.skipif(os.geteuid() != 0 or not os.path.isdir("/proc"), reason="needs another user")
def test_a_folder_that_cannot_be_written_is_one_error(tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and str(folder).startswith("/tmp/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    child = os.fork()
    if not child:
        status = 1
        try:
            os.setuid(65534)
            with pytest.raises(PermissionError, match="Permission denied"):
                runs.Run(locked, WANTED, {})
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert list(locked.iterdir()) == []


def strange(root, *events, wanted=WANTED):
    """Make a run directory as a stranger can: with a record that holds together."""
    path = root / runs.run_name(wanted)
    path.mkdir(parents=True)
    (path / "config.json").write_text(json.dumps(wanted))
    text = forged(*({"time": "now"} | event for event in events))
    lines, previous = [], digest(wanted)
    for line in text.splitlines():
        body = json.loads(line) | {"previous": previous}
        body.pop("hash")
        previous = sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode())
        sealed = json.dumps(body | {"hash": previous}, sort_keys=True, separators=(",", ":"))
        lines.append(sealed + "\n")
    (path / "events.jsonl").write_text("".join(lines))
    return path


OUTSIDE = ["../victim", "../../victim", "models/../../victim", "/etc/passwd", "link/victim"]


@pytest.mark.parametrize("place", OUTSIDE)
def test_records_of_strangers_reach_nothing_outside(tmp_path, place):
    root = tmp_path / "runs"
    content = pack({"secret": np.arange(3)})
    for victim in (tmp_path / "victim", root / "victim"):
        victim.parent.mkdir(exist_ok=True)
        victim.write_bytes(content)
    event = {"event": "trained", "round": 1, "file": place, "sha256": sha256(content)}
    path = strange(root, event, {"event": "dropped", "files": [place]})
    (path / "link").symlink_to(tmp_path)
    record = runs.read(path)
    assert record.problem == ""
    assert "lies outside" in record.verify()[0]
    with pytest.raises(runs.Damaged, match="lies outside"):
        runs.load(path, event)
    with runs.Run(root, WANTED, {}) as directory:
        found = directory.last("trained")
        with pytest.raises(runs.Damaged, match="lies outside"):
            directory.drop([place])
        with pytest.raises(runs.Damaged, match="lies outside"):
            directory.save(place, {"x": np.zeros(1)}, "trained")
        try:
            assert not directory.sound(found)
        except runs.Damaged as error:
            assert "lies outside" in str(error)  # noqa: PT017
    assert (tmp_path / "victim").read_bytes() == (root / "victim").read_bytes() == content


def test_folders_of_strangers_are_not_followed(tmp_path):
    path = strange(tmp_path / "runs")
    (tmp_path / "elsewhere").mkdir()
    (path / "samples").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / ".mine.unfinished").touch()
    with pytest.raises(runs.Damaged, match="lies outside"):
        runs.Run(tmp_path / "runs", WANTED, {})
    assert [p.name for p in (tmp_path / "elsewhere").iterdir()] == [".mine.unfinished"]


class Trap:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (self.path, "w"))


def test_pickles_of_strangers_are_not_opened(tmp_path):
    content = pickle.dumps(Trap(str(tmp_path / "executed")))
    event = {"event": "trained", "round": 1, "file": "model", "sha256": sha256(content)}
    path = strange(tmp_path, event, {"event": "finished", "table": sha256(content)})
    (path / "model").write_bytes(content)
    (path / "metrics.parquet").write_bytes(content)
    with pytest.raises(ValueError, match="is not a safetensors file"):
        runs.load(path, event)
    assert runs.read(path).verify() == []
    with runs.Run(tmp_path, WANTED, {}) as directory:
        directory.mend()
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("content", [
    "", "{", "[]", "3", "null", '"x"', "{}", "[" * 100_000, json.dumps(WANTED | {"seed": "x"}),
    json.dumps(WANTED | {"config": [1]}), json.dumps(WANTED | {"more": 1}),
    json.dumps(WANTED).replace('"a": 1', '"a": NaN'), "\x00", "\ufeff{}",
], ids=lambda text: text[:12])
def test_configs_that_are_none_are_one_line(tmp_path, content):
    path = tmp_path / NAME
    path.mkdir()
    (path / "config.json").write_text(content)
    with pytest.raises(runs.Damaged, match=r"config\.json") as caught:
        runs.read(path)
    assert "\n" not in str(caught.value)
    assert runs.listed(tmp_path) == []


def test_a_renamed_or_edited_run_is_a_problem(finished, tmp_path):
    record = next(r for r in runs.listed(finished) if r.wanted["kind"] == "run")
    shutil.copytree(record.path, tmp_path / "mine")
    assert f"should be {record.name}" in runs.read(tmp_path / "mine").problem
    shutil.copytree(record.path, tmp_path / record.name)
    place = tmp_path / record.name / "config.json"
    place.write_text(place.read_text().replace('"seed": 1', '"seed": 2'))
    assert "was changed" in runs.read(place.parent).problem
    assert runs.read(place.parent).verify()


def test_verify_names_each_damaged_file(finished, tmp_path):
    record = next(r for r in runs.listed(finished) if r.wanted["kind"] == "run")
    for file in sorted(record.path.rglob("*.*")):
        if file.suffix not in (".safetensors", ".parquet", ".jsonl"):
            continue
        copy = tmp_path / file.parent.name / file.stem / record.name
        shutil.copytree(record.path, copy)
        data = (copy / file.relative_to(record.path)).read_bytes()
        (copy / file.relative_to(record.path)).write_bytes(b"X" + data[1:])
        problems = runs.read(copy).verify()
        assert problems
        assert file.name in problems[0]


def test_tables(finished):
    record = next(r for r in runs.listed(finished) if r.wanted["kind"] == "run")
    stored = pd.read_parquet(record.path / "metrics.parquet")
    pd.testing.assert_frame_equal(stored, record.metrics)
    assert tuple(stored.columns) == runs.COLUMNS
    empty = runs.metrics("name", 1, [])
    assert len(empty) == 0
    assert empty.dtypes.astype(str).tolist() == stored.dtypes.astype(str).tolist()
    row = {"split": "s", "metric": "m", "value": 1.0, "stderr": None, "n": 2}
    events = [{"round": 1, "measured": [row]}, {"round": 1, "measured": [row | {"value": "inf"}]}]
    assert runs.metrics("name", 1, events).value.tolist() == [np.inf]  # the later one counts


def test_runs_are_found_by_parts_of_their_names(finished):
    record = next(r for r in runs.listed(finished) if r.wanted["kind"] == "run")
    assert runs.find(finished, record.name).name == record.name
    assert runs.find(finished, record.name.split("-")[1][:6]).name == record.name
    for name in ("none", "../" + finished.name + "/" + record.name, "..", str(record.path)):
        with pytest.raises(ValueError, match="none in"):
            runs.find(finished, name)
    with pytest.raises(ValueError, match="could be"):
        runs.find(finished, "toy")


def test_roots(monkeypatch):
    monkeypatch.delenv("LOOPCERT_RUNS", raising=False)
    assert str(runs.default_root()) == "runs"
    monkeypatch.setenv("LOOPCERT_RUNS", "/somewhere")
    assert str(runs.default_root()) == "/somewhere"
