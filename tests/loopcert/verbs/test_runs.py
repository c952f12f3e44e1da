"""The verb runs: list, show, compare, export, gc."""

import json
import shutil

import pandas as pd
import pytest
from calls import HERE, TOY, a_run, cut, fail, files, needs_torch, numbers

from empirical import comparison, events, export, inventory, launch, predict, runs, task
from empirical.config import digest


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
