"""Tables and figures that are drawn from finished runs, here made-up ones."""

import json

import numpy as np
import pandas as pd
import pytest
from drawn import require_legible, require_runs, require_saved, texts_of

from empirical.config import changed, to_dict
from empirical.eigen.config import Config
from empirical.eigen.presets import PRESETS
from loopcert import cli
from paper_figures import bp_fig4, bp_table1, bp_table3, catalogue, results, style, tables
from paper_figures.make import frame_of
from paper_figures.published import feng2025

NAMES = tuple(
    name for name, entry in catalogue.FIGURES.items() if entry.needs.startswith("eigen"))
LEVELS = {"5": 0.75, "2": 0.56, "1": 0.30, "0.5": 0.08}
BEAMS = (5, 10, 25, 50)
GAINS = {"oracle": 0.06, "noisy-0.1": 0.03, "noisy-0.7": -0.03, "none": -0.06, "clean": 0.2,
         "A-rejection": -0.01, "scratch-beam25": 0.15}


def rows_of(arm, config, seed):
    """Return the rows of one run: round 0, and round 1 with what the verifier did."""
    shift = (-0.03, 0.01, 0.02)[seed % 3]  # generators differ by more than what follows
    rows = [(0, "test", f"accuracy@{t}%", v + shift) for t, v in LEVELS.items()]
    for beams in config.report_beams:
        for tolerance, value in LEVELS.items():
            most = 1 - (1 - value - shift) / beams**0.5
            rows += [(0, "test", f"accuracy@{tolerance}%/beam{beams}/all", most),
                     (0, "test", f"accuracy@{tolerance}%/beam{beams}/best", value + shift)]
    if config.loop.rounds:
        scatter = 0.004 * np.random.default_rng([sum(arm.encode()), seed]).standard_normal()
        rows += [(1, "test", f"accuracy@{t}%", v + shift + GAINS.get(arm, 0) + scatter)
                 for t, v in LEVELS.items()]
    if config.loop.rounds and config.labels == "model":
        psi = {"oracle": 0, "none": 1}.get(config.loop.curate, config.loop.accept_wrong)
        right = LEVELS["2"] + shift
        rows += [(1, "proposed", "p_star", 1 / (1 + psi)), (1, "proposed", "p", 1 - right),
                 (1, "proposed", "precision", right / (right + (1 - right) * psi))]
    return [(arm, f"eigen-{arm}-{seed}", seed, *row, 0.005, 10_000) for row in rows]


def export(folder, preset="desk", seeds=3, leave=()):
    """Write an export of a preset's arms; return its folder."""
    row = PRESETS[preset]
    folder.mkdir(parents=True)
    made, runs = [], []
    for arm in row.arms:
        if arm.name in leave:
            continue
        config = changed(Config(), row.changes | arm.changes)
        for seed in range(seeds):
            made += rows_of(arm.name, config, seed)
            runs.append({"arm": arm.name, "seed": seed, "task": "eigen",
                         "config": to_dict(config)})
    columns = ["arm", "run", "seed", "round", "split", "metric", "value", "stderr", "n"]
    pd.DataFrame(made, columns=columns).to_csv(folder / "metrics.csv", index=False)
    (folder / "runs.json").write_text(json.dumps(runs))
    (folder / "comparison.json").write_text(json.dumps({"task": "eigen", "preset": preset}))
    return folder


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return export(tmp_path_factory.mktemp("results") / "desk")


@pytest.mark.parametrize("name", NAMES)
class TestEach:
    def test_drawn_and_saved(self, name, desk, tmp_path):
        require_saved(name, tmp_path, desk)

    def test_legible(self, name, desk):
        require_legible(name, desk, "ublished", "2×2, desk, 3 seeds")

    def test_texts_keep_apart(self, name, desk):
        if "table" not in name:
            return
        figure = catalogue.load(name).draw(frame_of(name, runs_dir=desk))
        style.styled(figure.draw_without_rendering)()
        boxes = [text.get_window_extent() for text in texts_of(figure)]
        apart = [a.x1 <= b.x0 or b.x1 <= a.x0 or a.y1 <= b.y0 + 1 or b.y1 <= a.y0 + 1
                 for i, a in enumerate(boxes) for b in boxes[:i]]
        assert all(apart)

    def test_no_runs(self, name, monkeypatch, tmp_path):
        require_runs(name, tmp_path, monkeypatch)


class TestTable1:
    def test_numbers(self, desk):
        frame = frame_of("bp_table1", runs_dir=desk).set_index(["reading", "tolerance", "beams"])
        assert len(frame) == 2 * 3 * 5
        assert frame.published.loc["all", 1, 50] == 60.4
        assert frame.published.loc["best", 2, 25] == 66.1
        metrics = pd.read_csv(desk / "metrics.csv")
        for reading, tolerance, beams, suffix in [("all", 1, 25, "/beam25/all"),
                                                  ("best", 2, 1, ""), ("all", 0.5, 1, "")]:
            mine = metrics[(metrics.arm == "generator")
                           & (metrics.metric == f"accuracy@{tolerance:g}%{suffix}")]
            cell = frame.loc[reading, tolerance, beams]
            assert cell.ours == pytest.approx(100 * mine.value.mean())
            assert cell.low < cell.ours < cell.high
            assert cell.seeds == 3

    def test_without_the_generators_arm(self, tmp_path):
        found = results.read(export(tmp_path / "desk", leave=("generator",)))
        assert not bp_table1.usable(found)

    def test_fewer_beams(self, tmp_path):
        frame = frame_of("bp_table1", runs_dir=export(tmp_path / "smoke", "smoke", seeds=1))
        assert frame[frame.beams > 5].ours.isna().all()
        assert frame[frame.beams <= 5].ours.notna().all()
        words = [text.get_text() for text in texts_of(bp_table1.draw(frame))]
        assert words.count("–") == 18
        assert "30.0 ± 0.0" not in words  # one seed has no interval


class TestTable3:
    def test_what_a_desk_has(self, desk):
        frame = frame_of("bp_table3", runs_dir=desk).set_index(["model", "row"])
        assert len(frame) == 5 * 7
        assert frame.published.loc["C", "beam 50"] == 87.3
        assert set(frame.ours.dropna().index) == {("scratch", "rejection"), ("scratch", "beam 1")}
        cell = frame.loc["scratch", "rejection"]
        assert cell.ours == pytest.approx(cell.generator + 6, abs=1)

    def test_the_whole(self, tmp_path):
        folder = export(tmp_path / "gpu", "gpu", seeds=1)
        frame = frame_of("bp_table3", runs_dir=folder).set_index(["model", "row"])
        assert set(frame.ours.dropna().index) == {
            (model, row) for model in feng2025.TABLE_3 for row in feng2025.TABLE_3_ROWS}
        assert frame.ours["A", "rejection"] == pytest.approx(frame.generator["A", "rejection"] - 1,
                                                             abs=2)
        assert frame.ours["scratch", "beam 25"] > frame.ours["scratch", "rejection"]

    @pytest.mark.parametrize("changes", [
        {"labels": "truth"}, {"loop.mix": "augment"}, {"loop.rounds": 3}, {"beams": 10},
        {"loop.curate": "noisy"}, {"loop.curate": "oracle", "beams": 7, "pick": "oracle"},
    ])
    def test_no_place(self, changes):
        assert bp_table3.place(to_dict(changed(Config(), changes))) is None


class TestFigure4:
    def test_numbers(self, desk):
        frame = frame_of("bp_fig4", runs_dir=desk).set_index("arm")
        assert list(frame.index) == ["oracle", "noisy-0.1", "noisy-0.7", "none", "clean"]
        assert frame.p_star["noisy-0.7"] == pytest.approx(1 / 1.7)
        assert frame.gain["none"] == pytest.approx(-6, abs=1)
        assert frame.gain["none"] == pytest.approx(
            frame.accuracy["none"] - frame.generator["none"])
        # Paired by seed, the generators' own scatter drops out.
        spread = frame.gain_high - frame.gain_low
        assert spread.mean() < 0.5 * (frame.accuracy_high - frame.accuracy_low).mean()
        assert np.isnan(frame.p_star["clean"])

    def test_needs_three_verifiers(self, tmp_path):
        leave = ("noisy-0.1", "noisy-0.7")
        assert not bp_fig4.usable(results.read(export(tmp_path / "a", leave=leave)))
        assert not bp_fig4.usable(results.read(export(tmp_path / "gpu", "gpu", seeds=1)))

    def test_the_papers_error_rate(self):
        assert bp_fig4.THEIR_ERROR == pytest.approx(0.798)


class TestFind:
    def test_the_largest_recorded_results_that_will_do(self, tmp_path, monkeypatch):
        monkeypatch.setattr(results, "FOLDER", tmp_path)
        for preset in ("smoke", "desk", "gpu"):
            export(tmp_path / "eigen" / preset, preset, seeds=1)
        chosen = {name: results.find(catalogue.FIGURES[name]).preset for name in NAMES}
        assert chosen == {"bp_table1": "gpu", "bp_table3": "gpu", "bp_fig4": "desk"}

    def test_a_folder_of_runs(self, tmp_path):
        """Of several comparisons the latest that is finished and will do."""
        from empirical import launch

        changes = {"width": 8, "heads": 2, "base.steps": 3, "update.steps": 2, "real": 64,
                   "test": 32, "loop.total": 4, "tolerance": 100.0}
        options = {"seeds": 2, "runs_dir": tmp_path, "device": "cpu"}
        for arms in (["none", "noisy-0.2", "oracle"], ["generator"]):
            assert not launch.run("eigen", arms=arms, **options, **changes).problems
        planned, _ = launch.prepare("eigen", changes=changes | {"loop.total": 6}, **options)
        planned.save()  # and never run
        assert results.find(catalogue.FIGURES["bp_fig4"], tmp_path).configs.keys() == {
            "none", "noisy-0.2", "oracle"}
        found = results.find(catalogue.FIGURES["bp_table1"], tmp_path)
        assert (found.setting, set(found.configs)) == ("2×2, smoke, 2 seeds", {"generator"})
        assert len(frame_of("bp_fig4", runs_dir=tmp_path)) == 3
        with pytest.raises(results.Missing, match="nothing that it could be drawn from in"):
            results.find(catalogue.FIGURES["bp_fig4"], tmp_path / "comparisons")


class TestVerb:
    def test_named_without_runs(self, capsys, monkeypatch, tmp_path):
        monkeypatch.setattr(results, "FOLDER", tmp_path / "none")
        assert cli.main(["figures", "bp_table1", "--out", str(tmp_path)]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err == ("loopcert: error: bp_table1 needs runs: loopcert run eigen "
                       "--preset desk\n")

    def test_unnamed_they_are_left_out_and_said(self, capsys, monkeypatch, tmp_path):
        monkeypatch.setattr(results, "FOLDER", tmp_path / "none")
        kept = {name: catalogue.FIGURES[name] for name in ("ul_stop", "bp_fig4")}
        monkeypatch.setattr(catalogue, "FIGURES", kept)
        assert cli.main(["figures", "--quick", "--out", str(tmp_path / "out")]) == 0
        out = capsys.readouterr().out
        assert "\nskipped: bp_fig4 needs runs: loopcert run eigen --preset desk\n" in out
        assert {path.stem for path in (tmp_path / "out").iterdir()} == {"ul_stop"}

    def test_from_an_export(self, capsys, desk, tmp_path):
        arguments = ["figures", *NAMES, "--runs-dir", str(desk), "--out", str(tmp_path), "--json"]
        assert cli.main(arguments) == 0
        record = json.loads(capsys.readouterr().out)
        assert [made["name"] for made in record["figures"]] == list(NAMES)
        assert record["skipped"] == []

    def test_no_such_folder(self, capsys, tmp_path):
        assert cli.main(["figures", "bp_fig4", "--runs-dir", str(tmp_path / "no")]) == 2
        assert "is not a folder" in capsys.readouterr().err


def test_percent():
    assert tables.percent(20.25, 19.05, 21.45) == "20.2 ± 1.2"
