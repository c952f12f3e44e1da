"""Table and figures of self-taught reasoning, from made-up results."""

import json

import numpy as np
import pandas as pd
import pytest
from drawn import require_legible, require_runs, require_saved

from empirical.config import changed, to_dict
from empirical.reasoning.config import Config
from empirical.reasoning.presets import PRESETS
from paper_figures import results, self_taught, sw_fig4, sw_fig7, sw_fig8
from paper_figures import sw_table3 as table3
from paper_figures.make import frame_of
from paper_figures.published import yang2025

NAMES = ("sw_table3", "sw_fig4", "sw_fig7", "sw_fig8")
CEILING = {"constant": 0.1, "linear": 0.15, "exponential": 0.2, "none": -0.1, "coin": -0.1}
BASE = {"symbolic": 0.4, "p1": 0.2, "p2": 0.1}


def export(folder, preset="night", seeds=3, leave=()):
    """Write an export of a preset's arms, each on its way to a gain of its family."""
    row, rows, told = PRESETS[preset], [], []
    folder.mkdir(parents=True)
    for arm in row.arms:
        if arm.name in leave:
            continue
        config = to_dict(changed(Config(), row.changes | arm.changes))
        counts = changed(Config(), row.changes | arm.changes).loop.counts()
        for seed in range(seeds):
            told.append({"arm": arm.name, "seed": seed, "task": "reasoning", "config": config})
            for t in range(len(counts) + 1):
                grown = CEILING[self_taught.family_of(config)] * sum(counts[:t]) / sum(counts)
                rows += [(arm.name, f"{arm.name}{seed}", seed, t, "test", f"accuracy@{level}",
                          base + grown + 0.01 * seed, 0.02, 300) for level, base in BASE.items()]
    columns = ["arm", "run", "seed", "round", "split", "metric", "value", "stderr", "n"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "metrics.csv", index=False)
    (folder / "runs.json").write_text(json.dumps(told))
    (folder / "comparison.json").write_text(json.dumps({"task": "reasoning", "preset": preset}))
    return folder


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    return export(tmp_path_factory.mktemp("reasoning") / "night")


@pytest.mark.parametrize("name", NAMES)
class TestEach:
    def test_drawn_and_saved(self, name, night, tmp_path):
        require_saved(name, tmp_path, night)

    def test_legible(self, name, night):
        require_legible(name, night, "night, 3 seeds")

    def test_no_runs(self, name, monkeypatch, tmp_path):
        require_runs(name, tmp_path, monkeypatch)


def test_curves_are_those_measured(night):
    frame = frame_of("sw_fig4", runs_dir=night)
    ours, theirs = frame[frame.source == "ours"], frame[frame.source == "published"]
    assert set(ours.arm) == {"exponential", "linear", "constant", "none", "coin"}
    for row in ours.itertuples():
        share = row.kept / 20_480
        wanted = 100 * (BASE[row.level] + CEILING[row.family] * share)
        assert row.accuracy == pytest.approx(wanted + 1)  # seeds 0, 1, 2 add 0, 1, 2 points
        assert row.gain == pytest.approx(100 * CEILING[row.family] * share)
        assert row.high - row.low == pytest.approx(0, abs=1e-9)  # their levels are taken off
        assert row.seeds == 3
    for row in theirs.itertuples():
        before = float(dict(zip(yang2025.TESTS, yang2025.TABLE_3["pre-trained", ""]))[row.level])
        assert row.gain == pytest.approx(row.accuracy - before)
    assert theirs[(theirs.family == "exponential") & (theirs.level == "p1")].gain.iloc[0] \
        == pytest.approx(47.26 - 34.98)


def test_table_3_has_its_rows(night, tmp_path):
    frame = frame_of("sw_table3", runs_dir=night).set_index(["schedule", "size", "level"])
    for (schedule, size), printed in yang2025.TABLE_3.items():
        for level, value in zip(yang2025.TESTS, printed):
            row = frame.loc[schedule, size, level]
            assert row.published == float(value)
            if size in ("small", "large"):
                assert np.isnan(row.ours)  # one size of each was run
            else:
                gain = 0 if schedule == "pre-trained" else CEILING[schedule]
                assert row.ours == pytest.approx(100 * (BASE[level] + gain) + 1)
    paper = frame_of("sw_table3", runs_dir=export(tmp_path / "paper", "paper", 1))
    assert paper.ours.notna().all()


def test_temperatures_and_growths_are_told_apart(night, tmp_path):
    assert set(frame_of("sw_fig8", runs_dir=night).arm) == {
        "exponential-0.7", "linear-0.7", "constant-0.7"}
    assert set(frame_of("sw_fig7", runs_dir=night).growth) == {1.5, 2.0, 3.0}
    assert all("-0.7" not in arm for arm in frame_of("sw_fig4", runs_dir=night).arm)
    desk = results.read(export(tmp_path / "desk", "desk"))
    assert table3.usable(desk)
    assert sw_fig4.usable(desk)
    assert not sw_fig7.usable(desk)
    assert sw_fig8.usable(desk)
    less = results.read(export(tmp_path / "less", "desk", leave=("linear",)))
    assert not sw_fig4.usable(less)
    assert not table3.usable(less)
