"""The choosing of a round: as many as wanted, the same whatever the shards, rates as they were."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy import Toy, ToyConfig

from empirical.choice import Choice, row
from empirical.items import count
from empirical.schedule import LoopConfig
from empirical.streams import Streams


class Bare(Toy):
    """Items are right where their number is divisible by three."""

    def quality(self, items):
        return (items["number"] % 3 == 0).astype(float)

    def score(self, model, items, name):
        return -np.abs(items["number"] - 20.0)


def choose(wanted, shard=16, **loop):
    task = Bare(ToyConfig(loop=LoopConfig(**loop)))
    task.shard = shard
    choice = Choice(task, Streams(3), None, 1, wanted)
    while choice.wants_more:
        number = np.arange(choice.shards * shard, (choice.shards + 1) * shard)
        choice.add({"number": number, "x": number / 2}, 2 * shard)
    kept, rows = choice.finish()
    return kept, {(r["split"], r["metric"]): r for r in rows}, choice


def values(rows, split):
    return {name: r["value"] for (where, name), r in rows.items() if where == split}


@given(st.integers(1, 60), st.integers(1, 40),
       st.sampled_from(["none", "oracle", "noisy", "coin", "threshold"]))
def test_as_many_as_wanted_whatever_the_shards(wanted, shard, curate):
    loop = {"curate": curate, "accept_wrong": 0.4, "score": "near", "threshold": -1000.0}
    kept, rows, choice = choose(wanted, shard, **loop)
    again, other, _ = choose(wanted, 7 if shard != 7 else 8, **loop)
    assert choice.enough
    assert count(kept) == wanted
    np.testing.assert_array_equal(kept["x"], kept["number"] / 2)
    assert (np.diff(kept["number"]) > 0).all()
    if curate in ("none", "oracle", "threshold"):  # noise is by shard and place
        np.testing.assert_array_equal(kept["number"], again["number"])
        assert values(rows, "proposed") == values(other, "proposed")
    cost = values(rows, "cost")
    assert cost["kept"] == wanted
    assert cost["proposed"] == kept["number"][-1] + 1  # those after the last were not looked at
    assert cost["evaluations"] == 2 * cost["proposed"]
    assert cost["generation_flops"] == 24 * cost["proposed"]


@given(st.integers(1, 60), st.integers(1, 40), st.sampled_from(["oracle", "coin", "none"]))
def test_proposals_are_counted_where_the_unit_says_so(wanted, shard, curate):
    kept, rows, _ = choose(wanted, shard, curate=curate, unit="proposed")
    assert values(rows, "cost")["proposed"] == wanted
    assert values(rows, "cost")["kept"] == count(kept)
    if curate == "oracle":
        np.testing.assert_array_equal(kept["number"], np.arange(0, wanted, 3))


@given(st.integers(1, 40), st.floats(0.05, 1.0), st.integers(1, 40))
def test_top_fractions_look_at_one_pool_whole(wanted, fraction, shard):
    kept, rows, _ = choose(wanted, shard, curate="top_fraction", fraction=fraction, score="near")
    pool = math.ceil(wanted / fraction - 1e-9)
    assert values(rows, "cost")["proposed"] == pool
    assert count(kept) == wanted
    # The best of the pool by |number - 20|, earlier ones first among equals, as a list by hand.
    best = sorted(sorted(range(pool), key=lambda n: (abs(n - 20), n))[
        :math.ceil(fraction * pool - 1e-9)])[:wanted]
    np.testing.assert_array_equal(kept["number"], best)


def test_identity_passes_the_same_items_as_no_verifier():
    plain, rows, _ = choose(37, curate="none")
    corrected, others, _ = choose(37, curate="identity")
    for name in plain:
        np.testing.assert_array_equal(plain[name], corrected[name])
    assert values(rows, "cost") == values(others, "cost")
    assert rows["proposed", "quality"] == others["proposed", "quality"]


def test_a_coin_says_one_half():
    _, rows, _ = choose(2000, 512, curate="coin", accept_wrong=0.4)
    low, high = (rows["proposed", f"p_star.{end}"]["value"] for end in ("low", "high"))
    assert low < 0.5 < high
    assert high - low < 0.1


def test_a_verifier_that_lets_nothing_through_ends():
    kept, rows, choice = choose(4, curate="threshold", score="near", threshold=1.0, proposals=10)
    assert not choice.enough
    assert count(kept) == 0
    assert values(rows, "cost")["proposed"] == 48  # the first whole shard past 40
    assert rows["proposed", "precision"]["value"] is None
    kept, _, choice = choose(4, curate="threshold", score="near", threshold=1.0, unit="proposed")
    assert not choice.enough


def test_rates_are_of_all_that_was_looked_at():
    kept, rows, _ = choose(10, curate="oracle")
    assert kept["number"].tolist() == list(range(0, 30, 3))
    assert rows["proposed", "p"]["n"] == 28
    assert rows["proposed", "p"]["value"] == 18 / 28
    assert rows["proposed", "psi"]["value"] == 0
    assert rows["proposed", "p_star"]["value"] == 1
    assert rows["proposed", "p"]["stderr"] == pytest.approx(math.sqrt(18 / 28 * 10 / 28 / 28))


def test_rows_hold_what_json_can():
    made = row("test", "loss", math.nan, math.inf, 3)
    assert made == {"split": "test", "metric": "loss", "value": None, "stderr": "inf", "n": 3}
    assert row("a", "b", np.float32(-np.inf))["value"] == "-inf"
    assert type(row("a", "b", np.float32(0.5))["value"]) is float
