"""Items: named arrays of one length."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from empirical.items import count, join, take


def made(n, start=0):
    number = np.arange(start, start + n)
    return {"x": number[:, None] * np.array([1.0, -1.0]), "number": number}


def test_count_needs_one_length():
    assert count({}) == 0
    assert count(made(0)) == 0
    assert count(made(7)) == 7
    with pytest.raises(ValueError, match=r"items = fields of lengths \{'a': 1, 'b': 2\}"):
        count({"a": np.zeros(1), "b": np.zeros(2)})


@given(st.lists(st.integers(0, 5), min_size=1, max_size=6))
def test_join_puts_parts_one_after_the_other(sizes):
    starts = np.cumsum([0, *sizes])
    whole = join(made(size, start) for size, start in zip(sizes, starts))
    expected = made(sum(sizes))
    assert whole.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(whole[name], values)


@given(st.integers(0, 8), st.data())
def test_take_by_mask_by_index_and_by_slice_agree(n, data):
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)), dtype=bool)
    by_mask, by_index = take(made(n), mask), take(made(n), np.flatnonzero(mask))
    for name in by_mask:
        np.testing.assert_array_equal(by_mask[name], by_index[name])
    assert count(take(made(n), slice(0, 3))) == min(n, 3)


def test_join_refuses_other_fields_and_nothing():
    with pytest.raises(ValueError, match=r"parts = \[\]"):
        join([])
    with pytest.raises(ValueError, match=r"fields = \['y'\]: must be \['x'\]"):
        join([{"x": np.zeros(1)}, {"y": np.zeros(1)}])
