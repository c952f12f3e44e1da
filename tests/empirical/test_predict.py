"""Intervals over paired seeds, and verdicts that they allow."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from empirical.predict import final, judge, mean_interval, paired

values = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=12)


def metrics(**arms):
    """Return a table of arms: {arm: {seed: [value of round 0, 1, ...]}}."""
    rows = [(arm, f"{arm}-{seed}", seed, round_, "test", "loss", value, math.nan, 1)
            for arm, seeds in arms.items() for seed, row in seeds.items()
            for round_, value in enumerate(row)]
    columns = ["arm", "run", "seed", "round", "split", "metric", "value", "stderr", "n"]
    return pd.DataFrame(rows, columns=columns)


def test_student_by_hand():
    # Mean 2, standard deviation 1, n = 3; with 2 degrees of freedom the quantile has a closed
    # form: t(p) = (2p - 1)/sqrt(2p(1 - p)).
    found = mean_interval([1.0, 2.0, 3.0])
    half = 0.95 / math.sqrt(2 * 0.975 * 0.025) / math.sqrt(3)
    np.testing.assert_allclose([found.mean, found.low, found.high], [2, 2 - half, 2 + half],
                               rtol=1e-12)
    assert found.n == 3


def test_the_interval_holds_what_it_says():
    # 4,000 sets of five normal numbers: coverage 0.95 with standard error 0.0034, |z| < 4.5; a
    # normal quantile in place of Student's would cover 0.878.
    rng = np.random.default_rng(11)
    found = [mean_interval(row) for row in rng.normal(1.0, 2.0, (4000, 5))]
    covered = np.mean([f.low < 1.0 < f.high for f in found])
    assert abs(covered - 0.95) < 4.5 * math.sqrt(0.95 * 0.05 / 4000)


@given(values, st.floats(-100, 100), st.floats(0.1, 10))
def test_intervals_move_and_scale_with_the_values(numbers, shift, scale):
    one = mean_interval(numbers)
    other = mean_interval([scale * v + shift for v in numbers])
    np.testing.assert_allclose([other.low, other.mean, other.high],
                               [scale * v + shift for v in (one.low, one.mean, one.high)],
                               rtol=1e-6, atol=1e-4)
    assert one.low <= one.mean <= one.high
    with_nan = mean_interval([*numbers, math.nan])
    assert with_nan == one


def test_few_seeds_decide_nothing():
    assert mean_interval([]).n == 0
    alone = mean_interval([3.0])
    assert (alone.mean, alone.n) == (3.0, 1)
    assert math.isnan(alone.low)
    assert judge(alone, at_least=0.0) == "undecided"
    diverged = mean_interval([1.0, math.inf])
    assert diverged.mean == math.inf
    assert judge(diverged, at_least=0.0) == "undecided"


@pytest.mark.parametrize(("numbers", "verdict"), [
    ([1.0, 1.1, 0.9], "agrees"), ([-1.0, -1.1, -0.9], "disagrees"),
    ([0.5, -0.4, 0.1], "undecided"), ([2.0, 2.0], "agrees"),
])
def test_verdicts(numbers, verdict):
    assert judge(mean_interval(numbers), at_least=0.0) == verdict
    assert judge(mean_interval([-v for v in numbers]), at_most=0.0) == verdict


def test_a_range_is_judged_at_both_ends():
    inside, across = mean_interval([1.0, 1.0]), mean_interval([0.0, 4.0])
    assert judge(inside, 0.5, 1.5) == "agrees"
    assert judge(inside, 1.5, 2.0) == judge(inside, 0.0, 0.5) == "disagrees"
    assert judge(across, 0.5, 1.5) == "undecided"


def test_final_takes_each_seeds_last_round():
    table = metrics(a={0: [1.0, 2.0, 3.0], 1: [1.0, 5.0]}, b={0: [9.0]})
    assert final(table, "a", "loss").to_dict() == {0: 3.0, 1: 5.0}
    assert final(table, "a", "loss", round_=2).to_dict() == {0: 3.0}
    assert final(table, "none", "loss").to_dict() == {}


def test_pairs_cancel_what_seeds_share():
    rng = np.random.default_rng(5)
    luck = rng.normal(0, 100, 8)
    table = metrics(a={s: [luck[s] + 1.0 + rng.normal(0, 0.01)] for s in range(8)},
                    b={s: [luck[s]] for s in range(7)})
    found = paired(table, "a", "b", "loss")
    assert found.n == 7  # the seeds that both have
    assert found.low < 1.0 < found.high
    assert found.high - found.low < 0.1
