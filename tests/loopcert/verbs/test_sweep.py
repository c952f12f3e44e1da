"""The verb sweep."""

import json

import pytest
from calls import TOY, fail, files, needs_torch, numbers

from empirical import comparison, runs, task
from loopcert import _options
from loopcert.verbs import sweep


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
