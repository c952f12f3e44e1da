"""Figures of the motion loop, from made-up results."""

import json

import numpy as np
import pandas as pd
import pytest
from drawn import require_legible

from empirical.config import changed, to_dict
from empirical.motion import pictures, skeleton
from empirical.motion.config import Config
from paper_figures import catalogue, generations, results
from paper_figures.make import frame_of, make

CURVES = ("sc_fig2", "sc_fig12", "sc_fig16", "sc_fig17", "sc_motion")
LEVEL = {"fid": 2.0, "matching": 3.0, "diversity": 4.0, "penetration": 9.0, "floating": 20.0,
         "skating": 12.0, "self_collision": 0.1}
SLOPE = {"baseline": -0.02, "iterative": 0.05, "corrected": -0.01}
ROUNDS, RATIOS = 10, (0.5, 1.0)


def arms():
    """Return the arms of a made-up comparison: name to config."""
    plain = changed(Config(), {"loop.rounds": ROUNDS})
    found = {"baseline": changed(plain, {"loop.mix": "real"}),
             "shuffled": changed(plain, {"shuffled": True})}
    for ratio in RATIOS:
        one = changed(plain, {"loop.mix": "augment", "loop.ratio": ratio})
        found[f"iterative-{ratio:g}"] = changed(one, {"loop.curate": "none"})
        found[f"corrected-{ratio:g}"] = changed(one, {"loop.curate": "physics"})
    return found


def export(folder, seeds=3, leave=(), slope=SLOPE):
    folder.mkdir(parents=True)
    rows, told = [], []
    for arm, config in arms().items():
        kind = arm.split("-")[0]
        if kind in leave:
            continue
        for seed in range(seeds):
            told.append({"arm": arm, "seed": seed, "task": "motion", "config": to_dict(config)})
            rng = np.random.default_rng([seed, *arm.encode()])
            for round_ in range(ROUNDS + 1):
                for metric, level in LEVEL.items():
                    value = level * (1 + slope.get(kind, 0.3) * round_ + 0.1 * seed)
                    value += 0.02 * level * rng.standard_normal()
                    rows += [(arm, f"{arm}{seed}", seed, round_, "test", metric, value, 0.1, 64),
                             (arm, f"{arm}{seed}", seed, round_, "real", metric, 0.5 * level,
                              0.1, 64)]
    columns = ["arm", "run", "seed", "round", "split", "metric", "value", "stderr", "n"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "metrics.csv", index=False)
    (folder / "runs.json").write_text(json.dumps(told))
    (folder / "comparison.json").write_text(json.dumps({"task": "motion", "preset": "desk"}))
    return folder


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = export(tmp_path_factory.mktemp("results") / "desk")
    clip = np.tile(skeleton.rest(), (16, 1)).astype(np.float32)
    poses = np.stack([clip, clip, clip, clip])[None]
    poses[0, 2, :, 1] -= 0.1
    names = ("ground truth", "baseline", "iterative-1", "corrected-1")
    pictures.Showcase(names, ("a person stands",), poses, np.array([14])).save(
        folder / "motions.npz")
    return folder


@pytest.mark.parametrize("name", ["sc_fig2", "sc_fig3"])
def test_drawn_and_saved(name, desk, tmp_path):
    made = make(name, tmp_path, runs_dir=desk)
    assert made.comparisons == 0
    assert len(pd.read_csv(made.paths["csv"])) == made.rows > 30
    assert b"Type3" not in made.paths["pdf"].read_bytes()


@pytest.mark.parametrize("name", [*CURVES, "sc_fig3"])
class TestEach:
    def test_legible(self, name, desk):
        words = {"sc_fig3": ["ground truth", "iterative-1", "“a person stands”"]}.get(
            name, ["baseline", "correction", "n = 64, desk, 3 seeds"])
        require_legible(name, desk, *words, margin=2)

    def test_catalogued(self, name):
        entry = catalogue.FIGURES[name]
        assert entry.needs == "motion --preset desk"
        assert catalogue.load(name).__doc__

    def test_without_correction_there_is_no_figure(self, name, tmp_path):
        folder = export(tmp_path / "desk", seeds=1, leave=("corrected",))
        assert not catalogue.load(name).usable(results.read(folder))


def test_numbers(desk):
    frame = frame_of("sc_fig12", runs_dir=desk)
    assert set(frame.kind) == {"baseline", "iterative", "corrected", "real"}
    assert set(frame.ratio.dropna()) == set(RATIOS)
    row = frame[(frame.kind == "iterative") & (frame.ratio == 0.5) & (frame.metric == "fid")
                & (frame["round"] == 4)].iloc[0]
    read = pd.read_csv(desk / "metrics.csv")
    mine = read[(read.arm == "iterative-0.5") & (read.metric == "fid") & (read["round"] == 4)
                & (read.split == "test")].value
    assert row["mean"] == pytest.approx(mine.mean())
    assert row.seeds == 3
    assert row.high - row["mean"] == pytest.approx(4.302653 * mine.std() / 3**0.5)
    assert frame[(frame.kind == "real") & (frame.metric == "fid")]["mean"].item() == 1.0


def test_only_the_largest_ratio_in_figure_2(desk):
    frame = frame_of("sc_fig2", runs_dir=desk)
    assert set(frame.ratio.dropna()) == {1.0}
    assert (frame.kind == "baseline").any()
    assert "lower, as published" in frame.note.iloc[0]


@pytest.mark.parametrize(("slope", "seeds", "words"), [
    ({"iterative": -0.02, "corrected": 0.05}, 3, "higher, unlike published"),
    ({"iterative": 0.01, "corrected": 0.0102}, 3, "undecided by 3 seeds"),
    ({"iterative": 0.05, "corrected": 0.0}, 1, "one seed: undecided"),
])
def test_the_verdict_is_measured(tmp_path, slope, seeds, words):
    found = results.read(export(tmp_path / "desk", seeds=seeds, slope=SLOPE | slope))
    assert words in generations.verdict(found, 1.0)


def test_paired_gap(desk):
    found = results.read(desk)
    gap = generations.half_gap(found, 1.0)
    # Later half: rounds 6 to 10; slopes differ by 0.06 of a level of 2.
    assert gap.mean == pytest.approx(-0.06 * 2 * 8, abs=0.1)
    assert gap.high - gap.low < 0.4  # the seeds' own levels, 0.2 apart, drop out


def test_running_averages(desk):
    found = results.read(desk)
    frame = generations.each_seed(found, ("fid",))
    part = generations.running(frame)
    pick = (frame.kind == "corrected") & (frame.ratio == 1) & (frame.seed == 2)
    plain = frame[pick].sort_values("round").value.to_numpy()
    average = part[(part.kind == "corrected") & (part.ratio == 1) & (part.seed == 2)]
    expected = np.cumsum(plain) / np.arange(1, ROUNDS + 2)
    assert average.sort_values("round").value.to_numpy() == pytest.approx(expected)


def test_a_wide_range_is_logarithmic(tmp_path):
    found = results.read(export(tmp_path / "desk", seeds=2, slope=SLOPE | {"iterative": 10.0}))
    axes = generations.grid(generations.curves(found, ("fid",)), ("fid",)).axes
    assert {panel.get_yscale() for panel in axes} == {"log"}


def test_strips_come_from_the_first_prompt(desk):
    frame = frame_of("sc_fig3", runs_dir=desk)
    assert frame.arm.iloc[0] == "ground truth"
    assert len(frame) == 4 * 12
    assert frame.frame.max() == 13
    assert frame[frame.arm == "iterative-1"].pose_1.mean() == pytest.approx(
        skeleton.rest()[1] - 0.1, abs=1e-5)


@pytest.mark.parametrize(("name", "n"), [("sc_fig13", 128), ("sc_fig14", 256), ("sc_fig15", 2794)])
def test_larger_training_sets(name, n, desk, tmp_path):
    module = catalogue.load(name)
    assert not module.usable(results.read(desk))
    small, large = export(tmp_path / "small", seeds=1), export(tmp_path / "large", seeds=1)
    told = json.loads((large / "runs.json").read_text())
    for run in told:
        run["arm"] = f"{n}-{run['arm']}"
        run["config"]["n"] = n
    told += json.loads((small / "runs.json").read_text())
    (small / "runs.json").write_text(json.dumps(told))
    rows = pd.read_csv(large / "metrics.csv")
    rows = rows.assign(arm=f"{n}-" + rows.arm, value=rows.value + 100)
    rows = pd.concat([pd.read_csv(small / "metrics.csv"), rows])
    rows.to_csv(small / "metrics.csv", index=False)
    frame = frame_of(name, runs_dir=small)
    assert frame["mean"].min() > 99
    assert frame.setting.iloc[0].startswith(f"n = {n}, ")
    assert frame_of("sc_fig12", runs_dir=small)["mean"].max() < 99


def test_strips_of_runs_that_are_at_hand(desk, monkeypatch):
    shown, asked = pictures.read(desk / "motions.npz"), []
    monkeypatch.setattr(pictures, "gather", lambda found, prompts: asked.append(found) or shown)
    plain = results.read(desk)
    runs = results.Results(plain.task, plain.preset, plain.configs, plain.metrics, None, "runs")
    module = catalogue.load("sc_fig3")
    assert module.usable(runs)
    assert module.compute(runs).equals(module.compute(plain))
    assert asked == ["runs"]
