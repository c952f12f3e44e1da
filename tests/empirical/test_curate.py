"""Verifiers and correctors: their laws, their rates, and what theory says of the same numbers."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from empirical import curate
from empirical.curate import (
    Coin,
    Everything,
    Identity,
    NearestAnchor,
    NoisyOracle,
    Oracle,
    Threshold,
    TopFraction,
    rates,
)
from empirical.schedule import LoopConfig
from sims.confidence import clopper_pearson
from theory import pruning

counts = st.integers(0, 30)
rights = hnp.arrays(bool, st.integers(1, 60))


def keep(verifier, quality, uniform=None, items=None, **scores):
    quality = np.asarray(quality, dtype=float)
    scores["quality"] = quality
    uniform = np.full(len(quality), 0.5) if uniform is None else np.asarray(uniform)
    items = {"x": np.arange(len(quality))} if items is None else items
    return verifier.keep(items, quality, scores.__getitem__, uniform)


def uniforms(n, seed=0):
    return np.random.default_rng(seed).random(n)


@given(rights, st.floats(0, 1), st.floats(0, 1), st.integers(0, 99))
def test_noisy_oracles_contain_the_others(right, accept, reject, seed):
    quality, u = right.astype(float), uniforms(len(right), seed)
    exact, everything = keep(Oracle(), quality), keep(Everything(), quality)
    np.testing.assert_array_equal(exact, right)
    assert everything.all()
    np.testing.assert_array_equal(keep(NoisyOracle(0.0), quality, u), exact)
    np.testing.assert_array_equal(keep(NoisyOracle(1.0), quality, u), everything)
    np.testing.assert_array_equal(
        keep(NoisyOracle(accept, 1 - accept), quality, 1 - u)[~right],
        keep(Coin(accept), quality, 1 - u)[~right])
    fewer = keep(NoisyOracle(accept / 2, reject), quality, u)
    more = keep(NoisyOracle(accept, reject), quality, u)
    assert (more | ~fewer).all()  # with common random numbers, arms are nested


def test_noisy_oracles_err_at_their_rates():
    # 100,000 independent items of each kind: standard error sqrt(p (1 - p)/n), |z| < 4.5, and a
    # rate declared two percent higher is rejected.
    n = 100_000
    kept = keep(NoisyOracle(0.3, 0.2), np.repeat([1.0, 0.0], n), uniforms(2 * n, 7))
    for share, rate in [(kept[:n].mean(), 0.8), (kept[n:].mean(), 0.3)]:
        error = math.sqrt(rate * (1 - rate) / n)
        assert abs(share - rate) < 4.5 * error
        assert abs(share - 1.05 * rate) > 4.5 * error
    coin = keep(Coin(0.3), np.repeat([1.0, 0.0], n), uniforms(2 * n, 8))
    assert abs(coin[:n].mean() - coin[n:].mean()) < 4.5 * math.sqrt(2 * 0.3 * 0.7 / n)


def test_thresholds_keep_the_limit_and_drop_what_is_no_number():
    score = np.array([0.4, 0.5, 0.6, np.nan, np.inf, -np.inf])
    kept = keep(Threshold("s", 0.5), np.zeros(6), s=score)
    np.testing.assert_array_equal(kept, [False, True, True, False, True, False])


@given(hnp.arrays(float, st.integers(1, 40), elements=st.sampled_from([0.0, 1.0, 2.0, np.nan])),
       st.floats(0.01, 1), st.data())
def test_top_fractions(score, fraction, data):
    n = len(score)
    groups = np.array(data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)))
    kept = keep(TopFraction("s", fraction), np.zeros(n), items={"group": groups}, s=score)
    value = np.nan_to_num(score, nan=-np.inf)
    for group in np.unique(groups):
        mine = groups == group
        assert kept[mine].sum() == math.ceil(fraction * mine.sum() - 1e-9)
        inside, outside = mine & kept, mine & ~kept
        if not outside.any():
            continue
        limit = value[inside].min()
        assert limit >= value[outside].max()  # the best, and of equals the earlier
        first_out = np.flatnonzero(outside & (value == limit))
        last_in = np.flatnonzero(inside & (value == limit))
        assert not len(first_out) or last_in.max() < first_out.min()


def test_top_fractions_without_groups_are_one_group():
    kept = keep(TopFraction("quality", 0.3), [0.1, 0.9, 0.9, 0.2, 0.8, 0.1, 0.9, 0, 0, 0])
    np.testing.assert_array_equal(np.flatnonzero(kept), [1, 2, 6])


@given(counts, counts, counts, counts)
def test_rates_are_those_of_the_table(right_kept, right_dropped, wrong_kept, wrong_dropped):
    cells = (right_kept, right_dropped, wrong_kept, wrong_dropped)
    n = sum(cells)
    if not n:
        return
    quality = np.repeat([1.0, 1.0, 0.0, 0.0], cells)
    kept = np.repeat([True, False, True, False], cells)
    found = {name: row for name, *row in rates(quality, kept)}
    shares = {
        "p": (wrong_kept + wrong_dropped, n), "phi": (right_kept, right_kept + right_dropped),
        "psi": (wrong_kept, wrong_kept + wrong_dropped),
        "precision": (right_kept, right_kept + wrong_kept),
    }
    for name, (hits, of) in shares.items():
        value, low, high, size = found[name]
        assert size == of
        if not of:
            assert math.isnan(value)
            assert (low, high) == (0, 1)
            continue
        assert value == hits / of
        assert (low, high) == tuple(map(float, clopper_pearson(hits, of, 0.95)))
    audit = pruning.audit(*cells, confidence=0.95, method="exact")
    np.testing.assert_equal(found["p_star"][:3], [audit.p_star, audit.low, audit.high])
    phi, psi = found["phi"][0], found["psi"][0]
    if phi + psi > 0:  # 1/(1 + psi/phi), written from its definition
        assert found["p_star"][0] == pytest.approx(phi / (phi + psi), rel=1e-14)
        assert found["p_star"][1] <= found["p_star"][0] <= found["p_star"][2]


@given(hnp.arrays(float, 20, elements=st.floats(0.01, 0.99)), hnp.arrays(bool, 20))
def test_graded_qualities_give_generalised_rates(quality, kept):
    if not kept.any():
        return
    found = {name: value for name, value, *_ in rates(quality, kept)}
    wrong = 1 - quality
    assert found["p"] == pytest.approx(wrong.mean())
    assert found["phi"] == pytest.approx(quality[kept].sum() / quality.sum())
    assert found["psi"] == pytest.approx(wrong[kept].sum() / wrong.sum())
    assert found["precision"] == pytest.approx(quality[kept].mean())


def test_an_oracles_breakdown_point_is_one_over_one_plus_noise():
    # Feng et al. 2025, section 6.1: with no right item rejected, p* = 1/(1 + p_noise).
    right, noise = np.repeat([1.0, 0.0], 50_000), 0.25
    kept = keep(NoisyOracle(noise), right, uniforms(100_000, 3))
    rows = {name: row for name, *row in rates(right, kept)}
    assert rows["p_star"][1] < 1 / (1 + noise) < rows["p_star"][2]
    assert not rows["p_star"][1] < 1 / (1 + 1.1 * noise) < rows["p_star"][2]


def test_by_name_knows_each_name():
    loop = LoopConfig(accept_wrong=0.25, reject_right=0.1, fraction=0.2, score="s", threshold=3.0)
    made = {name: curate.by_name(dataclasses.replace(loop, curate=name))
            for name in curate.names()}
    assert made == {
        "none": Everything(), "oracle": Oracle(), "noisy": NoisyOracle(0.25, 0.1),
        "coin": Coin(0.25), "threshold": Threshold("s", 3.0),
        "top_fraction": TopFraction("s", 0.2),
        "identity": Identity(),
    }
    with pytest.raises(ValueError, match="curate = 'orcale': must be one of none, oracle"):
        curate.by_name(dataclasses.replace(loop, curate="orcale"))


def test_nearest_anchors_move_items_their_share_of_the_way():
    anchors = np.array([[[0.0, 0.0], [10.0, 0.0]], [[0.0, 4.0], [0.0, 8.0]]])
    items = {"x": np.array([[1.0, 1.0], [9.0, 1.0], [5.0, 5.0]], dtype=np.float32),
             "group": np.array([0, 0, 1]), "other": np.arange(3)}
    moved = NearestAnchor("x", anchors).correct(items)
    np.testing.assert_array_equal(moved["x"], [[0, 0], [10, 0], [0, 4]])
    assert moved["x"].dtype == np.float32
    assert moved["other"] is items["other"]
    half = NearestAnchor("x", anchors, strength=1.0).correct(items)
    np.testing.assert_allclose(half["x"], (items["x"] + moved["x"]) / 2)
    still = NearestAnchor("x", anchors, strength=0.0).correct(items)
    np.testing.assert_array_equal(still["x"], items["x"])
    assert Identity().correct(items) is items
