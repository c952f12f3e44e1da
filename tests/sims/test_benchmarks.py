"""The benchmarks run, their baselines agree with the simulators, and files are written whole."""

import csv
import json

import numpy as np
import pytest

from benchmarks import measure, scaling
from benchmarks.cases import CASES
from benchmarks.limits import Draws, in_blocks, one_by_one


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_programs_have_the_same_law(case):
    if "scikit-learn" in case.name:
        pytest.importorskip("sklearn")
    row = measure.measure(case, "tiny", rounds=2)
    assert row.z < 5.5
    assert row.one > 0.0
    assert row.baseline > 0.0
    assert (row.share is None) == ("law" in case.name)


def test_a_baseline_of_another_law_is_noticed():
    case = next(case for case in CASES if case.name == "descent")
    wrong = type(case)(
        case.name, case.ours, lambda rng, **size: case.theirs(rng, **(size | {"step": 0.54})),
        case.full, case.tiny | {"replicates": 4000, "n": 200}, share=4)
    assert measure.measure(wrong, "tiny", rounds=1).z > 5.5


def test_the_limit_draws_what_it_says():
    class Counter:
        drawn = 0

        def __getattr__(self, name):
            def fill(out):
                self.drawn += len(out)
            return fill

    counter = Counter()
    in_blocks(counter, Draws(normals=40_000, exponentials=3, uniforms=16_385))
    assert counter.drawn == 56_388
    assert one_by_one(np.random.default_rng(0), Draws(uniforms=1000)) == pytest.approx(500, abs=45)


def test_results_are_saved_whole(tmp_path):
    row = measure.Row("a, b", 3, 0.1, 0.05, 2.0, 20.0, 40.0, 0.08, 0.02, 0.8, 0.2, 1.0, 10.0)
    paths = measure.save([row, row], tmp_path / "new", "tiny")
    document = json.loads(paths[0].read_text())
    assert document["rows"][0]["times_all"] == 40.0
    assert document["machine"]["cores"] >= 1
    with paths[1].open() as file:
        assert [line["name"] for line in csv.DictReader(file)] == ["a, b", "a, b"]
    assert "10x met" in paths[2].read_text()
    assert sorted(paths) == sorted((tmp_path / "new").iterdir())


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "file.txt"
    measure.write(path, "old")

    def interrupt(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        measure.write(path, "new")
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_scaling_writes_its_page(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    scaling.main(["--tiny", "--out", str(tmp_path)])
    assert "selection" in capsys.readouterr().out
    found = json.loads((tmp_path / "scaling.json").read_text())["points"]
    assert {point["axis"] for point in found} == {"n", "replicates", "d", "workers", "memory"}
    memory = [point["amount"] for point in found if point["axis"] == "memory"]
    assert memory[1] < memory[0] + 5.0  # MiB, for a hundred times as many points
    page = (tmp_path / "scaling.md").read_text()
    assert "## Memory" in page
    assert (tmp_path / "scaling.png").stat().st_size > 10_000
