"""Table and figures of the denoising loop, from made-up results."""

import json

import numpy as np
import pandas as pd
import pytest
from drawn import require_legible, require_runs, require_saved

from empirical.config import changed, to_dict
from empirical.denoise.config import Config
from empirical.denoise.presets import PRESETS
from paper_figures import (
    catalogue,
    denoised,
    denoising,
    results,
    samples,
    sw_fig3,
    sw_fig6,
    sw_samples,
    sw_table2,
)
from paper_figures.make import frame_of
from paper_figures.published import yang2025

NAMES = ("sw_table2", "sw_fig3", "sw_fig6")
CEILING = {"constant": 15.2, "linear": 15.4, "exponential": 15.6}


def export(folder, preset="desk", seeds=3, leave=()):
    """Write an export of a preset's arms, each on its way to a ceiling of its family."""
    row, rows, told = PRESETS[preset], [], []
    folder.mkdir(parents=True)
    for arm in row.arms:
        if arm.name.startswith(leave):
            continue
        config = changed(Config(), row.changes | arm.changes)
        for seed in range(seeds):
            told.append({"arm": arm.name, "seed": seed, "task": "denoise",
                         "config": to_dict(config)})
            rows += run_of(arm.name, config, seed)
    columns = ["arm", "run", "seed", "round", "split", "metric", "value", "stderr", "n"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "metrics.csv", index=False)
    (folder / "runs.json").write_text(json.dumps(told))
    (folder / "comparison.json").write_text(json.dumps({"task": "denoise", "preset": preset}))
    return folder


def run_of(arm, config, seed):
    rng, spent, rows = np.random.default_rng([seed, *arm.encode()]), 0, []
    for t, kept in enumerate((0, *config.loop.counts())):
        spent += 20 * kept
        ceiling = CEILING[config.loop.schedule] + 2 * (config.noise < 0.2)
        value = ceiling - 2.5 * np.exp(-spent / 12_000) + 0.1 * seed + 0.02 * rng.normal()
        found = [("test", "psnr", value), ("test", "mse", 10 ** (-value / 10))]
        if t:
            found += [("cost", "evaluations", 20 * kept), ("cost", "visits", kept),
                      ("cost", "kept", kept)]
        rows += [(arm, f"{arm}{seed}", seed, t, *row, 0.1, 192) for row in found]
    return rows


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return export(tmp_path_factory.mktemp("denoise") / "desk")


@pytest.mark.parametrize("name", NAMES)
class TestEach:
    def test_drawn_and_saved(self, name, desk, tmp_path):
        require_saved(name, tmp_path, desk)

    def test_legible(self, name, desk):
        require_legible(name, desk, "ublished", "8×8, desk, 3 seeds")

    def test_no_runs(self, name, monkeypatch, tmp_path):
        require_runs(name, tmp_path, monkeypatch)


def test_table_2(desk):
    frame = frame_of("sw_table2", runs_dir=desk).set_index(["level", "family", "size"])
    assert len(frame) == 2 * len(yang2025.TABLE_2)
    assert frame.published["weaker noise", "exponential", ""] == 44.84
    assert frame.published["stronger noise", "linear", "large"] == 40.26
    strong = frame.loc["stronger noise"]
    assert strong.arm["constant", "small"] == "constant-128"
    assert strong.arm["constant", "medium"] == "constant-256"
    assert strong.arm["constant", "large"] == "constant-512"
    assert strong.arm["linear", "large"] == "linear-128"
    assert strong.noise.dropna().unique().tolist() == [0.25]
    metrics = pd.read_csv(desk / "metrics.csv")
    mine = metrics[(metrics.arm == "linear-64") & (metrics.metric == "psnr")]
    last = mine[mine["round"] == mine["round"].max()].value.mean()
    assert strong.ours["linear", "medium"] == pytest.approx(last)
    assert strong.ours["pre-trained", ""] == pytest.approx(12.8, abs=0.2)
    weak = frame.loc["weaker noise"]
    assert weak.noise.dropna().unique().tolist() == [0.15]
    assert weak.arm["constant", "medium"] == "constant-256/weak"
    assert np.isnan(weak.ours["constant", "small"])


def test_figure_3(desk):
    frame = frame_of("sw_fig3", runs_dir=desk)
    ours = frame[frame.source == "ours"]
    assert set(ours[ours.noise == 0.25].family) == set(denoising.COLOURS)
    assert ours[(ours.noise == 0.25) & (ours.family == "exponential")].arm.nunique() == 1
    assert not ours.arm.str.startswith("unverified").any()
    constant = ours[ours.arm == "constant-256"]
    assert len(constant) == 13
    assert constant.cost.tolist() == [21 * 256 * t for t in range(13)]
    assert (constant.gain.iloc[0], constant.gain_low.iloc[0]) == (0, 0)
    published = frame[(frame.source == "published") & (frame.family == "exponential")]
    assert sorted(published.gain) == pytest.approx([3.18, 3.92])


def test_figure_6(desk):
    frame = frame_of("sw_fig6", runs_dir=desk)
    assert sorted(frame.growth.unique()) == [1.1, 1.3, 1.7, 2.5]
    assert frame.noise.unique().tolist() == [0.25]
    shares = frame[frame.kind == "share"].set_index(["growth", "at"])
    assert len(shares) == 12
    rounds = frame[(frame.kind == "round") & (frame.growth == 1.1)]
    whole = shares.cost[1.1, 1.0]
    assert whole <= rounds.cost.max()
    at = np.interp(0.4 * whole, rounds.cost, rounds.psnr)
    assert shares.psnr[1.1, 0.4] == pytest.approx(at)


def test_what_is_usable(tmp_path):
    without = results.read(export(tmp_path / "a", seeds=1, leave=("linear",)))
    assert not sw_table2.usable(without)
    assert not sw_fig3.usable(without)
    assert sw_fig6.usable(without)
    few = results.read(export(tmp_path / "b", seeds=1, leave=("exponential-1.1",
                                                              "exponential-2.5")))
    assert not sw_fig6.usable(few)
    assert sw_fig3.usable(few)


def pictures(kinds=("clean", "noisy", "base", "unverified", "exponential")):
    rows = [("", 0.25, "" if kind in ("clean", "noisy", "base") else f"{kind}-1", kind,
             0 if number < 3 else 6, float("inf") if kind == "clean" else 12.0 + number, digit, 8,
             samples.packed(np.full((8, 8), digit / 5 - 1)))
            for number, kind in enumerate(kinds) for digit in range(10)]
    return pd.DataFrame(rows, columns=denoised.COLUMNS)


def test_samples_need_models_or_a_file(tmp_path):
    folder = export(tmp_path / "desk", seeds=1)
    with pytest.raises(results.Missing, match="sw_samples needs runs: loopcert run denoise"):
        results.find(catalogue.FIGURES["sw_samples"], folder)
    pictures().to_csv(folder / "samples.csv", index=False)
    frame = frame_of("sw_samples", runs_dir=folder)
    assert len(frame) == 50
    figure = sw_samples.draw(frame)
    labels = [axes.get_ylabel() for axes in figure.axes]
    assert labels == ["the digits", "with noise\n13.0 dB", "generation 0\n14.0 dB",
                      "unverified-1\nround 6: 15.0 dB", "exponential-1\nround 6: 16.0 dB"]
    figure.savefig(tmp_path / "laid.png")
    assert all(axes.yaxis.label.get_window_extent().x0 >= 0 for axes in figure.axes)


def test_samples_of_runs_at_hand(tmp_path):
    from empirical import comparison
    from empirical.denoise.task import TASK
    from empirical.engine import run_cells
    from empirical.loop import Settings

    settings = Settings(tmp_path)
    quick = {"base.steps": 2, "update.steps": 1, "loop.rounds": 1, "digits": 32, "test": 32,
             "strokes": 16, "channels": (8, 8)}
    found = comparison.plan(TASK, "smoke", quick, [3], settings, ["constant-128", "unverified"])
    found.save()
    assert all(not outcome.problem for outcome in run_cells(found.cells, settings))
    frame = denoised.gather(found)
    shown = frame.groupby("kind").pixels.agg(tuple)
    assert set(shown.index) == {"clean", "noisy", "base", "constant", "unverified"}
    assert shown.map(len).nunique() == 1
    assert shown.nunique() == 5
    clean = samples.images_of(frame[frame.kind == "clean"]) / 255
    noisy = samples.images_of(frame[frame.kind == "noisy"]) / 255
    assert 0.1 < np.std(noisy - clean) < 0.3
    again = frame_of("sw_samples", runs_dir=found.root)
    assert again.pixels.tolist() == frame.pixels.tolist()


def test_one_seed_and_one_level(tmp_path):
    folder = export(tmp_path / "smoke", "smoke", seeds=1)
    frame = frame_of("sw_table2", runs_dir=folder).set_index(["level", "family", "size"])
    assert frame.loc["weaker noise"].ours.isna().all()
    assert frame.arm["stronger noise", "constant", "medium"] == "constant-128"
    for name in NAMES[:2]:
        catalogue.load(name).draw(frame_of(name, runs_dir=folder))
