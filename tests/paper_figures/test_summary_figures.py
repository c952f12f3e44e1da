"""Figures of the summarisation task, from made-up results."""

import json

import numpy as np
import pandas as pd
import pytest
from drawn import require_legible, require_saved

from empirical.config import changed, to_dict
from empirical.summary.config import Config
from empirical.summary.predict import role
from empirical.summary.presets import PRESETS
from paper_figures import bp_fig5, bp_texts, catalogue, kv_xsum, results
from paper_figures.make import frame_of

NAMES = ("bp_fig5", "bp_texts", "kv_xsum")
STARS = {"oracle": 0.7, "stronger": 0.52, "self": 0.6, "random": 0.5}


def rows_of(arm, config, seed):
    """Return the rows of one run: the better, the larger p* and the share."""
    shift, who = (-0.03, 0.01, 0.02)[seed % 3], role(to_dict(config))
    share = 1.0 if who == "truth" else config.loop.fraction
    chance = np.random.default_rng([sum(arm.encode()), seed]).normal(0, 0.004)
    made = [(0, "test", name, 0.4 + shift) for name in ("rouge1", "rouge1/valid")]
    for round_ in range(1, config.loop.rounds + 1):
        gain = 0.3 * (STARS.get(who, 0.9) - 0.5) + 0.05 * np.log2(8 * share) - 0.04 + chance
        gain *= 1 - 0.5**round_
        made += [(round_, "test", name, 0.4 + shift + gain) for name in (
            "rouge1", "rouge1/valid")]
        if who != "truth":
            made += [(round_, "proposed", "p_star", STARS.get(who, 0.5) - 0.1 * share + chance),
                     (round_, "proposed", "p", 0.6 - shift),
                     (round_, "proposed", "precision", 0.4 + 0.2 * STARS.get(who, 0.5))]
    return [(arm, f"summary-{arm}-{seed}", seed, *row, 0.005, 500) for row in made]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """An export of the preset's arms."""
    folder, row = tmp_path_factory.mktemp("results") / "desk", PRESETS["desk"]
    folder.mkdir()
    made, runs, texts = [], [], [(i, arm, f"Text {i} of the {arm}. " * 12) for i in range(3)
                                 for arm in ("article", "reference", "generator")]
    for arm in row.arms:
        config = changed(Config(), row.changes | arm.changes)
        texts += [(i, arm.name, f"What {arm.name} says of {i}.") for i in range(3)]
        for seed in range(3):
            made += rows_of(arm.name, config, seed)
            runs.append({"arm": arm.name, "seed": seed, "task": "summary",
                         "config": to_dict(config)})
    columns = ["arm", "run", "seed", "round", "split", "metric", "value", "stderr", "n"]
    pd.DataFrame(made, columns=columns).to_csv(folder / "metrics.csv", index=False)
    (folder / "runs.json").write_text(json.dumps(runs))
    (folder / "comparison.json").write_text(json.dumps({"task": "summary", "preset": "desk"}))
    pd.DataFrame(texts, columns=["number", "arm", "text"]).to_csv(
        folder / "texts.csv", index=False)
    return folder


@pytest.mark.parametrize("name", NAMES)
class TestEach:
    def test_drawn_and_saved(self, name, desk, tmp_path):
        require_saved(name, tmp_path, desk)

    def test_legible(self, name, desk):
        told = ("desk, 3 seeds", "reconstruction" if name.startswith("kv") else "ublished")
        require_legible(name, desk, *told)

    def test_needs_runs(self, name):
        assert catalogue.FIGURES[name].needs == "summary --preset desk"


class TestFigure5:
    def test_numbers(self, desk):
        frame = frame_of("bp_fig5", runs_dir=desk).set_index(["who", "share"])
        assert len(frame) == 4 * 3 + 2 + 1  # of each kind: two; all references: one
        metrics = pd.read_csv(desk / "metrics.csv")
        arm = metrics[(metrics.arm == "self-25") & (metrics["round"] == 1)]
        mine = frame.loc["self", 0.25]
        for name, column in (("rouge1", "rouge1"), ("p_star", "p_star")):
            assert mine[column] == pytest.approx(arm[arm.metric == name].value.mean())
        assert mine.gain == pytest.approx(mine.rouge1 - mine.generator)
        # Paired by seed, the generators' own scatter drops out.
        spread = (frame.gain_high - frame.gain_low).mean()
        assert spread < 0.5 * (frame.rouge1_high - frame.rouge1_low).mean()
        assert np.isnan(frame.loc["truth", 1.0].p_star)

    def test_one_verifier_makes_no_figure(self, desk):
        found = results.read(desk)
        few = {arm: config for arm, config in found.configs.items() if "oracle" in arm}
        assert not bp_fig5.usable(results.Results("summary", "desk", few, found.metrics))
        assert bp_fig5.usable(found)


class TestRounds:
    def test_numbers(self, desk):
        frame = frame_of("kv_xsum", runs_dir=desk)
        rounds = PRESETS["desk"].arms[-1].changes["loop.rounds"]
        for _, rows in frame.groupby(["arm", "metric"]):
            assert list(rows["round"]) == list(range(rounds + 1))
            assert rows.gain.iloc[0] == 0
        assert {"constant", "linear"} <= set(frame.schedule)

    def test_one_round_is_none(self, desk):
        found = results.read(desk)
        few = {arm: config for arm, config in found.configs.items() if "iterated" not in arm}
        assert not kv_xsum.usable(results.Results("summary", "desk", few, found.metrics))


class TestTexts:
    def test_of_the_smallest_share(self, desk):
        frame = frame_of("bp_texts", runs_dir=desk)
        assert list(frame.arm[:7]) == ["article", "reference", "generator", "oracle-12.5",
                                       "stronger-12.5", "self-12.5", "random-12.5"]
        assert set(frame.number) == {0, 1}

    def test_without_texts(self, desk):
        found = results.read(desk)
        assert not bp_texts.usable(
            results.Results("summary", "desk", found.configs, found.metrics))
