"""Schedules: whole, positive, multiples, and of the right sum."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from empirical.schedule import LoopConfig, whole_schedule

shapes = st.lists(st.floats(1e-12, 1e12), min_size=1, max_size=40)


@given(shapes, st.integers(1, 64), st.integers(0, 10**9), st.integers(0, 63))
@example([1e-300, 1.0], 1, 0, 0)
@example([1.0] * 7, 8, 5, 3)
def test_whole_schedules(shape, multiple, extra, rest):
    total = multiple * (len(shape) + extra) + rest % multiple
    counts = whole_schedule(shape, total, multiple)
    assert len(counts) == len(shape)
    assert all(type(count) is int and count >= multiple for count in counts)
    assert all(count % multiple == 0 for count in counts)
    assert sum(counts) == total - total % multiple
    order = np.argsort(shape, kind="stable")  # a larger share is never given less
    assert (np.diff(np.array(counts)[order]) >= 0).all() or len(set(shape)) < len(shape)


@given(shapes, st.integers(1, 16), st.integers(0, 10**6))
def test_rounding_moves_less_than_one_multiple(shape, multiple, extra):
    shape = np.asarray(shape)
    total = multiple * (len(shape) + extra)
    wanted = shape / shape.sum() * total
    counts = np.asarray(whole_schedule(shape, total, multiple))
    if (wanted >= multiple).all():
        assert (np.abs(counts - wanted) < multiple * (1 + 1e-6)).all()


def test_what_rounding_leaves_goes_to_later_rounds():
    assert whole_schedule([1, 1, 1], 10) == (3, 3, 4)
    assert whole_schedule([1, 1, 1], 11) == (3, 4, 4)
    assert whole_schedule([1, 2, 3], 12) == (2, 4, 6)
    assert whole_schedule([1, 2, 3], 100, 8) == (16, 32, 48)
    assert whole_schedule([0, 0, 0, 100], 10) == (1, 1, 1, 7)


def test_a_million_rounds_lifted_to_one_take_no_time():
    counts = whole_schedule(np.r_[np.zeros(999_999), 1.0], 2_000_000)
    assert sum(counts) == 2_000_000
    assert counts[-1] == 1_000_001


@pytest.mark.parametrize(("changes", "counts"), [
    ({"schedule": "constant", "total": 12, "rounds": 3}, (4, 4, 4)),
    ({"schedule": "linear", "total": 12, "rounds": 3}, (2, 4, 6)),
    ({"schedule": "polynomial", "power": 2.0, "total": 28, "rounds": 3}, (2, 8, 18)),
    ({"schedule": "exponential", "growth": 2.0, "total": 28, "rounds": 3}, (4, 8, 16)),
    ({"schedule": "exponential", "growth": 1e300, "total": 28, "rounds": 3}, (1, 1, 26)),
    ({"schedule": "best", "contraction": 1.0, "total": 28, "rounds": 4}, (7, 7, 7, 7)),
    ({"schedule": "3, 5,8"}, (3, 5, 8)),
    ({"schedule": "8", "multiple": 4}, (8,)),
    ({"rounds": 0}, ()),
])
def test_named_schedules(changes, counts):
    assert LoopConfig(**changes).counts() == counts


def test_best_schedules_follow_the_law():
    from theory import one_law

    counts = LoopConfig(schedule="best", contraction=0.4, total=10**6, rounds=5).counts()
    np.testing.assert_allclose(counts, one_law.best_schedule(0.4, 1e6, 5), atol=1)


@pytest.mark.parametrize(("changes", "message"), [
    ({"schedule": "cubic"}, "schedule = 'cubic': must be one of constant"),
    ({"schedule": "3,0"}, "whole numbers >= 1"),
    ({"schedule": "3,-1"}, "whole numbers >= 1"),
    ({"schedule": "3,1.5"}, "whole numbers >= 1"),
    ({"schedule": "3,,1"}, "whole numbers >= 1"),
    ({"schedule": ""}, "must be one of constant"),
    ({"schedule": "\u0663"}, "must be one of constant"),  # a digit, but not one of ours
    ({"schedule": "3,8", "multiple": 4}, "3 must be a multiple of 4"),
    ({"total": 0}, r"total = 0: must lie in \[1, 10"),
    ({"total": 10**13}, "total = "),
    ({"total": 5, "rounds": 6}, "total = 5: must be at least 6, 1 in each of 6 rounds"),
    ({"total": 99, "rounds": 10, "multiple": 10}, "must be at least 100"),
    ({"rounds": -1}, "rounds = -1"),
    ({"schedule": "exponential", "growth": 0.0}, "growth = 0"),
    ({"schedule": "best", "contraction": -0.5}, "contraction = -0.5"),
    ({"multiple": 0}, r"multiple = 0: must lie in \[1, inf\)"),
    ({"proposals": 0}, "proposals = 0"),
    ({"mix": "both"}, "mix = 'both': must be one of replace"),
    ({"start": "hot"}, "start = 'hot'"),
    ({"unit": "items"}, "unit = 'items'"),
    ({"accept_wrong": 1.5}, r"accept_wrong = 1.5: must lie in \[0, 1\]"),
    ({"reject_right": -0.1}, "reject_right = -0.1"),
    ({"fraction": 0.0}, r"fraction = 0.0: must lie in \(0, 1\]"),
    ({"ratio": math.inf}, "ratio = inf"),
    ({"ratio": math.nan}, "ratio = nan"),
])
def test_impossible_loops_are_one_line(changes, message):
    with pytest.raises(ValueError, match=message) as caught:
        LoopConfig(**changes)
    assert "\n" not in str(caught.value)


def test_what_each_mix_wants():
    plain = {"total": 12, "rounds": 3}
    assert LoopConfig(**plain).wanted(100) == (4, 4, 4)
    assert LoopConfig(**plain, mix="real").wanted(100) == (0, 0, 0)
    assert LoopConfig(**plain, mix="augment").wanted(100) == (4, 4, 4)
    assert LoopConfig(**plain, mix="augment", ratio=0.5).wanted(100) == (50, 50, 50)
    assert LoopConfig(**plain, mix="augment", ratio=0.0).wanted(100) == (0, 0, 0)
    assert LoopConfig(**plain, mix="accumulate", ratio=0.5).wanted(100) == (4, 4, 4)
