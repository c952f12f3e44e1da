"""Streams: what is drawn depends on the address alone."""

import contextlib
import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from empirical.streams import Streams

paths = st.lists(
    st.one_of(st.integers(0, 2**32 - 1), st.text(max_size=5)), max_size=4
).map(tuple)


@given(st.integers(0, 2**63), paths, paths)
def test_an_address_is_the_same_whichever_way_it_is_reached(seed, first, second):
    at_once = Streams(seed).child(*first, *second)
    in_steps = Streams(seed).child(*first).child(*second)
    assert at_once.number() == in_steps.number()
    drawn = [streams.numpy().integers(2**62, size=3) for streams in (at_once, in_steps)]
    np.testing.assert_array_equal(*drawn)


@given(st.integers(0, 2**63), paths, st.lists(st.integers(0, 2**40), min_size=1, max_size=8),
       st.integers(1, 5))
def test_an_items_numbers_do_not_depend_on_its_batch(seed, path, indices, width):
    streams = Streams(seed, path)
    together = streams.uniform(indices, width)
    alone = np.concatenate([streams.uniform([index], width) for index in reversed(indices)])[::-1]
    np.testing.assert_array_equal(together, alone)
    wider = streams.uniform(indices, width + 3)  # more numbers an item leave the first ones alone
    np.testing.assert_array_equal(together, wider[:, :width])


def test_other_addresses_draw_other_numbers():
    addresses = [(), (0,), (1,), (0, 0), (0, 1), (1, 0), ("a",), ("b",), ("a", 0), ("a", "b"),
                 ("round", 1), ("round", 11), ("round", 1, 1)]
    drawn = {Streams(seed, path).number() for seed in (0, 1) for path in addresses}
    assert len(drawn) == 2 * len(addresses)
    rows = Streams(3).uniform(range(1000), 1)[:, 0]
    assert len(set(rows)) == 1000


def test_item_numbers_are_uniform_and_independent():
    # Null: 40,000 independent uniform numbers. The correlation of neighbours has a standard
    # error of 1/sqrt(n); thresholds are 1e-5 for the law and |z| < 4.5 for the correlations.
    numbers = Streams(2026).child("law").uniform(range(20_000), 2)
    assert kstest(numbers.ravel(), "uniform").pvalue > 1e-5
    for one, two in [(numbers[:, 0], numbers[:, 1]), (numbers[:-1, 0], numbers[1:, 0])]:
        assert abs(np.corrcoef(one, two)[0, 1]) * np.sqrt(len(one)) < 4.5
    assert kstest(numbers.ravel() ** 1.02, "uniform").pvalue < 1e-3  # a law off by two percent


def test_torch_streams_are_addressed_too():
    def draw(streams):
        return torch.rand(4, generator=streams.torch())

    torch.rand(3)  # a library's use of the global generator changes nothing
    assert torch.equal(draw(Streams(5, ("x",))), draw(Streams(5).child("x")))
    assert not torch.equal(draw(Streams(5, ("x",))), draw(Streams(5, ("y",))))
    state = torch.random.get_rng_state()
    draw(Streams(5))
    assert torch.equal(state, torch.random.get_rng_state())


def test_libraries_draw_from_the_stream_inside_and_from_their_own_outside():
    state = torch.random.get_rng_state()
    with Streams(5).under():
        inside = torch.rand(3)
    with contextlib.suppress(KeyError), Streams(6).under():
        other = torch.rand(3)
        raise KeyError
    assert torch.equal(state, torch.random.get_rng_state())
    assert not torch.equal(inside, other)
    torch.rand(3)
    with Streams(5).under():
        assert torch.equal(torch.rand(3), inside)


@pytest.mark.parametrize("part", [-1, 2**32])
def test_numbers_out_of_range_are_refused(part):
    with pytest.raises(ValueError, match=r"part = .*must lie in \[0, 2\^32\)"):
        Streams(0, (part,)).numpy()


def test_words_of_the_driver_have_numbers_of_their_own():
    from empirical.streams import _number

    words = ["base", "build", "curate", "epoch", "evaluate", "generate", "noise", "real", "round",
             "test", "train"]
    assert all(_number(one) != _number(two) for one, two in itertools.combinations(words, 2))
    assert min(map(_number, words)) > 10**6  # no epoch or step is the same as a word
