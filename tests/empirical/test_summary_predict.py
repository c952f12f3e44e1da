"""Predicted against observed for summaries, on made-up comparisons whose verdicts are known."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import empirical
from empirical import curate, runs
from empirical.choice import _rate_rows
from empirical.config import changed, to_dict
from empirical.curate import TopFraction
from empirical.summary.config import Config
from empirical.summary.predict import predict, role
from empirical.summary.presets import HOW, PRESETS

ARTICLES = 4000
UP, DOWN = (0.10, 0.12, 0.11, 0.09), (-0.05, -0.06, -0.04, -0.05)
MIXED = (0.02, -0.03, 0.01, -0.01)
# How much a verifier's score says of ROUGE-1.
WEIGHTS = {"oracle": 1.0, "self": 0.5, "stronger": 0.0, "random": 0.0}


def arm(who, gains, share=0.125, weight=None, rounds=1, path=None, judge=0.5, **changes):
    """Return config and metrics of an arm whose seeds end at the generator's plus `gains`."""
    how = HOW.get(who, {"labels": "truth", "loop.curate": "none"})
    config = changed(Config(), {"loop.unit": "proposed", "loop.start": "scratch",
                                "loop.rounds": rounds, "loop.fraction": share} | how | changes)
    weight = WEIGHTS.get(who, 0) if weight is None else weight
    rows = []
    for seed, gain in enumerate(gains):
        rng, begun = np.random.default_rng([seed, 3]), 0.35 + 0.01 * seed
        quality = rng.beta(2, 4, ARTICLES)
        score = weight * quality + (1 - abs(weight)) * np.random.default_rng(
            [seed, *who.encode()]).random(ARTICLES)
        kept = TopFraction("x", share).keep({}, quality, lambda name, s=score: s, None)
        if who in HOW:
            rows += [(seed, 1, row["split"], row["metric"], row["value"], row["n"])
                     for rate in curate.rates(quality, kept) for row in _rate_rows(*rate)]
        rows += [(seed, 0, "test", name, value, 500)
                 for name, value in (("rouge1", begun), ("rouge1/stronger", judge))]
        for round_ in range(1, rounds + 1):
            step = gain if path is None else gain * path[round_ - 1]
            rows.append((seed, round_, "test", "rouge1", begun + step, 500))
    frame = pd.DataFrame(rows, columns=["seed", "round", "split", "metric", "value", "n"])
    name = f"{who}-{100 * share:g}-{rounds}"
    return name, config, frame.assign(arm=name, run="run", stderr=np.nan)[["arm", *runs.COLUMNS]]


def table(*arms):
    """Return the predictions for arms, as a table."""
    cells = [SimpleNamespace(arm=name, config=config) for name, config, _ in arms]
    metrics = pd.concat([frame for *_, frame in arms], ignore_index=True)
    made = predict(SimpleNamespace(cells=cells, metrics=metrics))
    assert all(row.claim and row.quantity and row.predicted and row.observed for row in made)
    return pd.DataFrame([
        (p.claim, p.quantity, p.predicted, p.observed, p.interval, p.verdict, p.note) for p in made
    ], columns=["claim", "quantity", "predicted", "observed", "interval", "verdict", "note"])


def one(found, start):
    chosen = found[found.quantity.str.startswith(start)]
    assert len(chosen) == 1, list(found.quantity)
    return chosen.iloc[0]


@pytest.fixture(scope="module")
def found():
    """As the paper says: oracle best, self next, the stronger model like the lot, all < truth."""
    return table(arm("oracle", UP), arm("self", (0.03, 0.05, 0.04, 0.04)), arm("stronger", MIXED),
                 arm("random", DOWN), arm("oracle", UP, 0.5), arm("random", MIXED, 0.5),
                 arm("truth", (0.02, 0.03, 0.03, 0.02), 1.0))


class TestWhatHoldsOfAnyScores:
    def test_the_identity(self, found):
        row = one(found, "logit p*")
        assert (row.claim, row.verdict, row.predicted) == ("BPX-P", "agrees", "0")
        assert "24 selections" in row.note

    def test_a_wrong_p_star_is_found(self):
        name, config, frame = arm("oracle", UP)
        frame.loc[frame.metric == "p_star", "value"] += 1e-6
        assert one(table((name, config, frame)), "logit p*").verdict == "disagrees"

    def test_the_same_ranking(self, found):
        rows = found[found.quantity.str.startswith("ranking")]
        assert list(rows.verdict) == ["agrees", "agrees"]
        assert rows.iloc[0].observed == "4 of 4 seeds"
        assert rows.iloc[0].note.startswith("oracle ")
        name, config, frame = arm("self", UP)
        frame.loc[(frame.metric == "p_star") & (frame.seed == 2), "value"] = 0.999
        assert one(table((name, config, frame), arm("oracle", UP)), "ranking").observed == (
            "3 of 4 seeds")

    def test_the_lot(self, found):
        rows = found[found.quantity.str.startswith("p* of random")]
        assert list(rows.verdict) == ["agrees", "agrees"]
        biased = table(arm("random", DOWN, weight=0.9))
        assert one(biased, "p* of random").verdict == "disagrees"


class TestOrder:
    def test_as_p_star_says(self, found):
        row = one(found, "final rouge1, oracle - self, 0.125")
        assert row.verdict == "agrees"
        assert row.interval.mean == pytest.approx(0.065)
        tau = one(found, "Kendall's tau")
        assert tau.verdict == "agrees"
        assert 0.6 < tau.interval.mean <= 1

    def test_against_it(self):
        swapped = table(arm("oracle", DOWN), arm("self", UP), arm("random", MIXED))
        assert one(swapped, "final rouge1, oracle - self").verdict == "disagrees"
        assert one(swapped, "Kendall").interval.mean < 0
        assert one(swapped, "final rouge1, oracle - the lot, 0.125 kept").verdict in (
            "undecided", "disagrees")

    def test_undecided(self):
        same = table(arm("oracle", MIXED), arm("self", MIXED[::-1]))
        assert one(same, "final rouge1, oracle - self").verdict == "undecided"

    def test_only_arms_alike_are_compared(self, found):
        assert not found.quantity.str.contains("oracle - oracle").any()
        ordered = found[found.claim == "BP-E-14.1"]
        assert one(ordered, "final rouge1, oracle - random, 0.5 kept").verdict == "agrees"

    def test_better_than_the_lot(self, found):
        rows = found[found.quantity.str.contains("- the lot, 0.125")]
        by_who = {q.split(", ")[1].split(" - ")[0]: v for q, v in zip(rows.quantity, rows.verdict)}
        assert by_who["oracle"] == by_who["self"] == "agrees"
        worse = table(arm("self", DOWN, weight=-0.6), arm("random", UP))
        row = worse[worse.quantity.str.contains("- the lot")].iloc[0]
        assert (row.predicted, row.verdict) == ("< 0", "agrees")


def test_of_each_kind():
    """Without a choice among articles: beside what p* says, without a verdict."""
    each = {"loop.curate": "top_of_each"}
    name, config, frame = arm("self", UP, weight=0.2, **each)
    found = table(arm("self", DOWN), (f"{name}-each", config, frame.assign(arm=f"{name}-each")),
                  arm("random", DOWN))
    row = one(found, "final rouge1, self of each kind - self of all")
    assert (row.predicted, row.verdict) == ("< 0 by p*", "does not apply")
    assert row.interval.mean == pytest.approx(0.155)


class TestThePapersText:
    def test_ends(self, found):
        assert one(found, "gain: final - generator, oracle-12.5").verdict == "agrees"
        assert one(found, "gain: final - generator, self").verdict == "agrees"
        assert one(found, "collapse: final - generator, random").verdict == "agrees"
        assert not found.quantity.str.contains("collapse.*random-50").any()

    def test_all_references(self, found):
        rows = found[found.quantity.str.endswith("all references")]
        assert list(rows.verdict) == ["agrees", "does not apply"]

    def test_the_threshold_has_no_verdict(self, found):
        rows = found[found.claim == "BP-4.2"]
        assert set(rows.verdict) == {"does not apply"}
        assert rows.note.str.contains("is a score, not a class").all()
        low = one(found, "final - generator, random-12.5")
        assert "<= 1/2" in low.note
        assert low.predicted.startswith("< 0")

    def test_the_stronger_model(self, found):
        assert one(found, "rouge1 of the stronger model").verdict == "agrees"
        weak = table(arm("stronger", UP, judge=0.2))
        assert one(weak, "rouge1 of the stronger model").verdict == "disagrees"


class TestRounds:
    def test_changes_and_schedules(self):
        path = np.linspace(0.5, 1, 4)
        constant = arm("stronger", UP, rounds=4, path=path)
        _, config, frame = arm("stronger", UP, rounds=4, path=path + 0.1,
                                  **{"loop.schedule": "linear"})
        found = table(constant, ("growing", config, frame.assign(arm="growing")),
                      arm("random", DOWN, rounds=4, path=path))
        assert set(found.verdict) == {"does not apply"}
        assert one(found, "rouge1, change in the first round of stronger").interval.mean > 0.04
        assert one(found, "rouge1, change in the first round of random").interval.mean < 0
        later = one(found, "rouge1, change in the second half of stronger")
        assert later.interval.mean == pytest.approx(0.105 * (1 - path[1]))
        rows = found[found.quantity.str.contains(" - ")]
        assert len(rows) == 1
        assert rows.iloc[0].interval.mean == pytest.approx(0.0105)


def test_few_seeds_decide_nothing():
    found = table(arm("oracle", UP[:1]), arm("self", DOWN[:1]), arm("random", DOWN[:1]))
    exact = found.quantity.str.startswith(("logit", "ranking"))
    assert set(found[~exact].verdict) <= {"undecided", "does not apply"}


def test_nothing_to_say():
    empty = SimpleNamespace(cells=[], metrics=pd.DataFrame(columns=["arm", *runs.COLUMNS]))
    assert predict(empty) == ()


def test_roles():
    roles = {arm.name: role(to_dict(changed(Config(), PRESETS["desk"].changes | arm.changes)))
             for arm in PRESETS["desk"].arms}
    assert roles["oracle-12.5"] == "oracle"
    assert roles["iterated-growing"] == roles["stronger-50"] == "stronger"
    assert roles["references"] == "truth"
    assert roles["iterated-random"] == "random"


@pytest.mark.parametrize("name", ["smoke", "desk", "night", "gpu", "paper"])
def test_presets_are_configs(name):
    preset = PRESETS[name]
    assert preset.name == name
    arms = {arm.name: changed(Config(), preset.changes | arm.changes) for arm in preset.arms}
    assert len({str(to_dict(config)) for config in arms.values()}) == len(arms)
    assert len({repr((c.model, c.pretraining, c.base, c.stronger)) for c in arms.values()}) == 1
    once = {name: c for name, c in arms.items() if c.loop.rounds == 1}
    assert {c.loop.start for c in once.values()} == {"scratch"}
    assert all(sum(c.loop.counts()) == c.corpus for c in once.values())
    assert {role(to_dict(c)) for c in once.values()} == {
        *HOW, "truth", "self of each kind", "stronger of each kind"}
    if name == "smoke":
        return
    assert {c.loop.fraction for c in once.values() if c.labels == "model"} == {0.125, 0.25, 0.5}
    if name in ("desk", "night"):
        assert preset.seeds >= 6
    if name != "paper":
        several = {name: c for name, c in arms.items() if c.loop.rounds > 1}
        assert {c.loop.rounds for c in several.values()} == {20}
        assert len({sum(c.loop.counts()) for c in several.values()}) == 1


def test_the_papers_preset_has_the_papers_numbers():
    config = changed(Config(), PRESETS["paper"].changes)
    assert config.model.weights == "meta-llama/Llama-2-7b-hf"
    assert config.stronger.model.weights == "meta-llama/Meta-Llama-3-8B"
    assert (config.share, config.model.context) == (0.125, 1024)
    assert config.longest_article + config.longest_summary <= 1024 - 14
    assert (config.base.learning_rate, config.base.decay) == (5e-5, "cosine")
    assert (config.update.learning_rate, config.update.decay) == (2e-5, "constant")
    assert config.base.batch == config.update.batch == 32
    assert config.base.epochs == config.update.epochs == 1


def test_reading_a_preset_needs_no_torch():
    code = ("import sys; from empirical.task import outline; outline('summary'); "
            "assert not {'torch', 'transformers'} & set(sys.modules)")
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60,
                   cwd=Path(empirical.__file__).parents[1])
