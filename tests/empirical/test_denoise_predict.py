"""Predictions for the denoising task: rows, intervals and verdicts from made-up measurements."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from empirical.config import changed
from empirical.denoise import predict
from empirical.denoise.config import Config
from empirical.denoise.presets import PRESETS
from empirical.predict import AGREES, DISAGREES, NOT_APPLICABLE, UNDECIDED, Interval
from theory.one_law import truth_error

SEEDS = range(4)


def comparison(psnr, arms=None, preset="desk", price=20):
    """A finished comparison: `psnr(arm, config, cost, t, rng)` is what a run measures."""
    row, cells, rows = PRESETS[preset], [], []
    for arm in row.arms:
        if arms is not None and arm.name not in arms:
            continue
        config = changed(Config(), row.changes | arm.changes)
        counts = config.loop.counts()
        each = price if config.loop.curate == "reward" else 1
        cost = np.concatenate([[0], np.cumsum(counts)]) * (each + 1.0)
        for seed in SEEDS:
            cells.append(SimpleNamespace(arm=arm.name, seed=seed, config=config))
            rng = np.random.default_rng([seed, *arm.name.encode()])
            for t, spent in enumerate(cost):
                value = psnr(arm.name, config, spent, t, rng) + 0.3 * seed
                found = [("test", "psnr", value), ("test", "mse", 10 ** (-value / 10))]
                if t:
                    kept = counts[t - 1]
                    found += [("cost", "kept", kept), ("cost", "visits", kept),
                              ("cost", "evaluations", each * kept)]
                rows += [(arm.name, seed, t, *one) for one in found]
    metrics = pd.DataFrame(rows, columns=["arm", "seed", "round", "split", "metric", "value"])
    names = tuple(dict.fromkeys(cell.arm for cell in cells))
    return SimpleNamespace(cells=cells, metrics=metrics, arms=names, seeds=tuple(SEEDS))


def ordered(better):
    """PSNR that rises to a ceiling of the family's own, with a little noise."""

    def psnr(arm, config, cost, t, rng):
        top = 15 + better.get(config.loop.schedule, 0.0)
        return top - 2 * math.exp(-cost / 8000) + 0.02 * rng.standard_normal()

    return psnr


def rows_of(found, claim, word=""):
    return [row for row in predict.predict(found) if row.claim == claim and word in row.quantity]


def test_cost_counts_generation_and_training_and_is_interpolated():
    found = comparison(ordered({}), arms=["constant-256"])
    curve = predict.curves(found.metrics)["constant-256", 2]
    assert curve.kept.tolist() == [256] * 12
    assert curve.cost.tolist() == [256 * 21 * t for t in range(13)]
    middle = predict.at_cost(curve, 256 * 21 * 1.25)
    assert middle == pytest.approx(0.75 * curve.psnr[1] + 0.25 * curve.psnr[2])


@pytest.mark.parametrize(("gap", "verdict"), [(0.3, AGREES), (-0.3, DISAGREES)])
def test_the_ordering_of_schedules(gap, verdict):
    found = comparison(ordered({"linear": gap, "exponential": 2 * gap}))
    rows = rows_of(found, "SW-14")
    assert len(rows) == 6  # two noise levels
    assert {row.verdict for row in rows} == {verdict}
    first = rows[0]
    assert "exponential" in first.quantity
    assert "linear" in first.quantity
    assert first.interval.mean == pytest.approx(gap, abs=0.05)
    assert first.interval.n == 4
    assert "noise 0.25" in rows[0].note
    assert "noise 0.15" in rows[-1].note


def test_differences_are_paired_and_at_equal_cost():
    """Seeds differ by more than arms; an arm that spends more is cut where the other ends."""

    def psnr(arm, config, cost, t, rng):
        return 10 + cost / 10_000 * (1.1 if arm.startswith("linear") else 1.0)

    row = rows_of(comparison(psnr), "SW-14", "linear-")[1]
    end = 3072 * 21
    assert row.interval.mean == pytest.approx(0.1 * end / 10_000, rel=1e-6)
    assert row.interval.high - row.interval.low < 1e-9


def test_a_tie_is_undecided():
    def psnr(arm, config, cost, t, rng):
        seed = rng.bit_generator.seed_seq.entropy[0]
        return 15 + (0.1 * (-1) ** seed if arm.startswith("linear") else 0.0)

    rows = rows_of(comparison(psnr, arms=["constant-256", "linear-64"]), "SW-14")
    assert [row.verdict for row in rows] == [UNDECIDED]


def test_plateaus():
    def psnr(arm, config, cost, t, rng):
        scale = 3000 if config.loop.schedule == "constant" else 40_000
        return 15 - 2 * math.exp(-cost / scale)

    rows = rows_of(comparison(psnr), "SW-34")
    assert [row.verdict for row in rows] == [AGREES] * 4
    assert "exponential ones: " in rows[0].note
    late = rows_of(comparison(lambda arm, config, cost, t, rng: cost / 1e4), "SW-34")
    assert [row.verdict for row in late] == [DISAGREES] * 4
    assert late[0].interval.mean == pytest.approx(0.5)


def test_growth_rates_early_and_late():
    def psnr(arm, config, cost, t, rng):
        rate = math.log2(config.loop.growth)
        return 15 - 2 * math.exp(-cost / (4000 * (1 + rate))) + 0.2 * rate * (cost > 40_000)

    early, late = rows_of(comparison(psnr), "SW-11")
    assert (early.verdict, late.verdict) == (AGREES, AGREES)
    assert early.interval.mean < 0 < late.interval.mean
    assert late.interval.mean == pytest.approx(0.2, abs=0.02)

    def reverse(arm, config, cost, t, rng):
        return 30 - psnr(arm, config, cost, t, rng)

    assert [row.verdict for row in rows_of(comparison(reverse), "SW-11")] == [DISAGREES] * 2


def law_bound(arm, config, cost, t, rng):
    """What the law itself would measure, whatever the schedule: K = 0.6, growth 1.67."""
    counts = config.loop.counts()[:t]
    errors = truth_error(0.6, 0.6, 0.03, counts, 0.0) if t else [0.03]
    return -10 * math.log10(0.03 + float(errors[-1])) + 0.005 * rng.standard_normal()


def test_the_law_recommends_one_over_the_contraction():
    row, = [r for r in rows_of(comparison(law_bound), "UL-SCHED") if "0.25" in r.note]
    assert row.interval.mean == pytest.approx(1 / 0.6, rel=0.1)
    assert row.interval.low < 1 / 0.6 < row.interval.high
    assert row.verdict == AGREES
    assert "exponential-1.7, the nearest" in row.note


def test_a_pilot_without_a_limit_is_said_to_be_one():
    found = comparison(lambda arm, config, cost, t, rng: 15 - cost / 1e5)
    row, = rows_of(found, "UL-SCHED")
    assert row.verdict == NOT_APPLICABLE
    assert "approaches no limit" in row.observed


@pytest.mark.parametrize(("best", "nearest", "lost", "verdict"), [
    ("a", "a", (0, 0, 0), AGREES), ("a", "b", (0.05, 0.01, 0.09), AGREES),
    ("a", "b", (0.3, 0.2, 0.4), DISAGREES), ("a", "b", (0.1, -0.1, 0.3), UNDECIDED),
    ("a", "b", (0.1, math.nan, math.nan), UNDECIDED),
])
def test_verdicts_on_a_recommendation(best, nearest, lost, verdict):
    assert predict._recommended(best, nearest, Interval(*lost, 6)) == verdict


def test_what_the_reward_is_worth():
    def psnr(arm, config, cost, t, rng):
        return 13 + t / config.loop.rounds * (2.0 if arm != "unverified" else 0.5)

    rows = rows_of(comparison(psnr), "UL-LAW")
    assert [row.verdict for row in rows] == [AGREES, NOT_APPLICABLE]
    assert rows[0].interval.mean == pytest.approx(1.5)
    assert rows[1].interval.mean == pytest.approx(0.5)
    assert "10.5 times as many evaluations" in rows[0].note


@pytest.mark.parametrize("arms", [
    ["constant-256"], ["exponential-1.3"], ["unverified"], ["linear-64", "unverified"],
    ["constant-256", "exponential-1.1", "exponential-2.5"], ["exponential-1.7/weak"],
])
def test_some_of_the_arms(arms):
    for row in predict.predict(comparison(ordered({}), arms=arms)):
        assert row.verdict in (AGREES, DISAGREES, UNDECIDED, NOT_APPLICABLE)


def test_one_seed_decides_nothing_but_says_what_was_seen():
    found = comparison(ordered({"linear": 0.3, "exponential": 0.6}))
    found.metrics = found.metrics[found.metrics.seed == 0]
    found.cells = [cell for cell in found.cells if cell.seed == 0]
    found.seeds = (0,)
    rows = predict.predict(found)
    assert {row.verdict for row in rows if row.claim == "SW-14"} == {UNDECIDED}
    assert all(row.observed for row in rows)
