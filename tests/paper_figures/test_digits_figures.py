"""Figures of the digits loops, from made-up results and from one tiny comparison."""

import json

import numpy as np
import pandas as pd
import pytest

from empirical.config import changed, to_dict
from empirical.digits.config import Config
from empirical.digits.presets import PRESETS
from paper_figures import catalogue, digits, kv_mnist, results, samples, sc_fig6, sc_fig8
from paper_figures.make import frame_of, make

NAMES = ("sc_fig6", "sc_fig7", "sc_fig8", "kv_mnist", "kv_samples")
SLOPE = {"baseline": 0.0, "iterative": 0.1, "corrected": 0.02, "none": 0.3, "strong": -0.05,
         "weak": 0.0, "biased": 0.05, "fixed": 0.2}
PICTURED = ("baseline", "iterative-1.5", "corrected-1.5", "none", "strong", "fixed")


def configs(leave=()):
    row = PRESETS["desk"]
    found = {arm.name: changed(Config(), row.changes | arm.changes) for arm in row.arms}
    return {name: config for name, config in found.items()
            if digits.kind_of(to_dict(config)) not in leave}


def export(folder, seeds=3, leave=(), pictures=True):
    """Write an export of the desk's arms, with samples beside it; return its folder."""
    folder.mkdir(parents=True)
    rows, told, shown = [], [], []
    for arm, config in configs(leave).items():
        kind = digits.kind_of(to_dict(config))
        for seed in range(seeds):
            told.append({"arm": arm, "seed": seed, "task": "digits", "config": to_dict(config)})
            rng = np.random.default_rng([seed, *arm.encode()])
            for round_ in range(config.loop.rounds + 1):
                level = 1 + SLOPE[kind] * round_ + 0.05 * rng.random()
                rows += [(arm, f"{arm}{seed}", seed, round_, "test", metric, level, np.nan, 400)
                         for metric in ("fid", "class_mean", "class_mean/8", "spread")]
        if arm not in PICTURED:
            continue
        ends = (0, config.loop.rounds)
        shown += [("", arm, kind, config.loop.ratio, round_, number % 10, number // 10, 8,
                   samples.packed(np.full((8, 8), number / 40 - 1))) for round_ in ends
                  for number in range(80)]
    columns = ["arm", "run", "seed", "round", "split", "metric", "value", "stderr", "n"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "metrics.csv", index=False)
    (folder / "runs.json").write_text(json.dumps(told))
    (folder / "comparison.json").write_text(json.dumps({"task": "digits", "preset": "desk"}))
    if pictures:
        pd.DataFrame(shown, columns=digits.COLUMNS).to_csv(folder / "samples.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return export(tmp_path_factory.mktemp("results") / "desk")


def test_kinds_of_the_desk():
    found = {arm: digits.kind_of(to_dict(config)) for arm, config in configs().items()}
    assert found == {
        "baseline": "baseline", "iterative-0.5": "iterative", "iterative-1.5": "iterative",
        "corrected-0.5": "corrected", "corrected-1.5": "corrected", "corrected-0.5-1": "corrected",
        "corrected-0.5-128": "corrected", "none": "none", "strong": "strong", "weak": "weak",
        "biased": "biased", "fixed": "fixed", "strong-linear": "strong",
    }
    other = changed(Config(), {"loop.curate": "coin"})
    assert digits.kind_of(to_dict(other)) == ""


@pytest.mark.parametrize("name", NAMES)
def test_drawn_and_saved(name, desk, tmp_path):
    made = make(name, tmp_path, runs_dir=desk)
    assert len(pd.read_csv(made.paths["csv"])) == made.rows > 30
    assert b"Type3" not in made.paths["pdf"].read_bytes()
    figure = catalogue.load(name).draw(frame_of(name, runs_dir=desk))
    figure.savefig(tmp_path / "laid.png")
    edges = figure.bbox
    words = [text for axes in figure.axes
             for text in (axes._left_title, axes.xaxis.label, axes.yaxis.label)]
    words += [text for legend in figure.legends for text in legend.get_texts()]
    for text in words:
        if text.get_text():
            box = text.get_window_extent()
            assert edges.x0 - 2 <= box.x0
            assert box.x1 <= edges.x1 + 2


@pytest.mark.parametrize(("name", "leave"), [
    ("sc_fig6", ("corrected",)), ("sc_fig7", ("corrected",)), ("sc_fig8", ("iterative",)),
    ("kv_mnist", ("strong",)), ("kv_samples", ("none",)),
])
def test_what_is_missing_is_said(name, leave, tmp_path):
    folder = export(tmp_path / "part", leave=leave)
    with pytest.raises(results.Missing, match=f"{name} needs runs: loopcert run digits"):
        results.find(catalogue.FIGURES[name], folder)


def test_samples_are_needed_for_their_figures_alone(tmp_path):
    folder = export(tmp_path / "bare", pictures=False)
    for name in NAMES:
        if name in ("sc_fig6", "kv_samples"):
            with pytest.raises(results.Missing):
                results.find(catalogue.FIGURES[name], folder)
        else:
            assert results.find(catalogue.FIGURES[name], folder).task == "digits"


def test_intervals_are_over_seeds(desk):
    frame = frame_of("sc_fig8", runs_dir=desk)
    assert set(frame.seeds) == {3}
    last = frame[(frame["round"] == 10) & (frame.arm == "iterative-1.5")].iloc[0]
    table = pd.read_csv(desk / "metrics.csv")
    mine = table[(table.arm == "iterative-1.5") & (table["round"] == 10)
                 & (table.metric == "fid")].value
    assert last.value == pytest.approx(mine.mean())
    assert last.low < mine.min() < mine.max() < last.high
    assert {k for k in frame[frame.kind == "corrected"].anchors} == {1, 16, 128}


def test_panels(desk):
    figure = sc_fig8.draw(frame_of("sc_fig8", runs_dir=desk))
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["(a) λ = 0.5", "(b) λ = 1.5", "(c) λ = 0.5, last generation"]
    figure = kv_mnist.draw(frame_of("kv_mnist", runs_dir=desk))
    assert len(figure.axes) == 4
    assert "digit 8" in figure.axes[3].get_title(loc="left")
    figure = sc_fig6.draw(frame_of("sc_fig6", runs_dir=desk))
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "(a) generation 0", "(b) baseline, 10", "(c) iterative-1.5, 10", "(d) corrected-1.5, 10"]


def test_images_survive_being_packed():
    image = np.linspace(-1, 1, 64).reshape(8, 8)
    rows = pd.DataFrame({"size": [8], "pixels": [samples.packed(image)]})
    assert samples.images_of(rows)[0] == pytest.approx((image + 1) * 127.5, abs=0.5)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Return a finished comparison of two arms of tiny models."""
    from empirical import comparison
    from empirical.digits.task import TASK
    from empirical.engine import run_cells
    from empirical.loop import Settings

    settings = Settings(tmp_path_factory.mktemp("runs"))
    quick = {"base.steps": 3, "update.steps": 1, "loop.rounds": 1, "pool": 200, "anchors": 2,
             "channels": (8, 8), "reader.epochs": 1.0, "sampled": 40, "block": 50,
             "sampling_steps": 1, "loop.ratio": 0.25}
    found = comparison.plan(TASK, "smoke", quick, [4], settings,
                            ["iterative-1.5", "corrected-1.5"])
    found.save()
    assert all(not outcome.problem for outcome in run_cells(found.cells, settings))
    return found


def test_samples_of_runs_at_hand(tiny, tmp_path, capsys):
    frame = digits.gather(tiny)
    assert set(zip(frame.arm, frame["round"])) == {
        (arm, round_) for arm in ("iterative-1.5", "corrected-1.5") for round_ in (0, 1)}
    assert (frame.groupby(["arm", "round", "digit"]).size() == digits.COPIES).all()
    images = {key: tuple(rows.pixels) for key, rows in frame.groupby(["kind", "round"])}
    assert images["iterative", 0] == images["corrected", 0]
    assert images["iterative", 1] != images["corrected", 1]
    assert images["iterative", 1] != images["iterative", 0]
    assert samples.main([tiny.name, "--runs-dir", str(tiny.root), "--out", str(tmp_path)]) == 0
    again = pd.read_csv(tmp_path / "samples.csv", dtype={"pixels": str})
    assert again.pixels.tolist() == frame.pixels.tolist()
    assert samples.main(["nothing", "--runs-dir", str(tiny.root), "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("samples: error: run = 'nothing'")
    made = make("sc_fig6", tmp_path, runs_dir=tiny.root)
    assert made.rows == len(frame)
