"""Configs: typed, nested, changed by dotted keys, and there and back as JSON."""

import dataclasses
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from empirical.config import changed, differences, digest, flat, from_dict, to_dict


@dataclasses.dataclass(frozen=True, slots=True)
class Inner:
    size: int = 3
    rate: float = 0.5

    def __post_init__(self):
        if self.size < 1:
            raise ValueError(f"size = {self.size}: must be at least 1")


@dataclasses.dataclass(frozen=True, slots=True)
class Outer:
    word: str = "a"
    flag: bool = False
    pair: tuple[float, ...] = (0.9, 0.99)
    counts: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    inner: Inner = Inner()
    other: Inner = Inner(5)


numbers = st.floats(allow_nan=False)
whole = st.integers(-(10**300), 10**300)  # larger ones are no floats, and refused
inners = st.builds(Inner, whole.map(abs).map(lambda n: n + 1), numbers)
words = st.text(st.characters(exclude_categories=["Cs"])).map(str.strip)
outers = st.builds(
    Outer, words, st.booleans(), st.lists(numbers).map(tuple),
    st.lists(whole).map(tuple), st.lists(words).map(tuple), inners, inners,
)


@given(outers)
def test_there_and_back(config):
    written = json.dumps(to_dict(config), allow_nan=False)
    again = from_dict(Outer, json.loads(written))
    assert again == config
    assert digest(to_dict(again)) == digest(to_dict(config))


@given(outers)
def test_every_key_can_be_set_from_its_text(config):
    rows = flat(to_dict(config))
    texts = {key: ",".join(map(str, value)) if isinstance(value, list) else str(value)
             for key, value in rows.items() if key != "names"}
    assert changed(Outer(), texts | {"names": config.names}) == config


def test_equal_configs_have_one_digest():
    typed = Outer(inner=Inner(4, 2.0), pair=(1.0, 0.5))
    loose = Outer(inner=Inner(np.int64(4), 2), pair=[1, np.float64(0.5)], flag=False)
    assert digest(to_dict(typed)) == digest(to_dict(loose))
    assert digest(to_dict(typed)) != digest(to_dict(changed(typed, {"inner.rate": 2.5})))
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


def test_infinities_survive_json():
    config = changed(Outer(), {"inner.rate": "inf", "pair": "-inf,1"})
    assert config.inner.rate == math.inf
    assert to_dict(config)["inner"]["rate"] == "inf"
    assert from_dict(Outer, json.loads(json.dumps(to_dict(config), allow_nan=False))) == config


@pytest.mark.parametrize(("changes", "message"), [
    ({"wrod": 1}, r"key = wrod: unknown \(did you mean word\?\)"),
    ({"inner.sise": 1}, r"key = inner\.sise: unknown \(did you mean size\?\)"),
    ({"zzz": 1}, r"key = zzz: unknown \(keys: word, flag"),
    ({"inner.size.x": 1}, r"key = inner\.size\.x: size is a single value"),
    ({"inner": 3}, r"inner = 3: has keys of its own \(size, rate\)"),
    ({"word": 3}, "word = 3: must be a word"),
    ({"inner.size": "2.5"}, r"inner\.size = '2.5': must be a whole number"),
    ({"inner.size": True}, r"inner\.size = True: must be a whole number"),
    ({"inner.size": "nan"}, "must be a whole number"),
    ({"inner.size": "inf"}, "must be a whole number"),
    ({"inner.size": 10**400}, "must be a whole number"),
    ({"inner.size": 0}, r"inner\.size = 0: must be at least 1"),
    ({"inner.rate": "nan"}, r"inner\.rate = 'nan': must be a number"),
    ({"inner.rate": "fast"}, r"inner\.rate = 'fast': must be a number"),
    ({"flag": "maybe"}, "flag = 'maybe': must be true or false"),
    ({"pair": "1,x"}, "pair = 'x': must be a number"),
    ({"pair": 3}, "pair = 3: must be values separated by commas"),
    ({"": 3}, "key = : unknown"),
    ({"word": 1, "word.x": 2}, r"word is a single value"),
])
def test_mistakes_are_one_line(changes, message):
    with pytest.raises(ValueError, match=message) as caught:
        changed(Outer(), changes)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("values", "message"), [
    ([], r"Outer = \[\]: must be keys and values"),
    ({"inner": 3}, "inner = 3: must be keys and values"),
    ({"inner": {"size": 0}}, r"inner\.size = 0"),
    ({"inner": {"depth": 0}}, r"key = inner\.depth: unknown"),
    ({"counts": [1.5]}, r"counts = 1.5: must be a whole number"),
])
def test_records_of_strangers_are_checked(values, message):
    with pytest.raises(ValueError, match=message):
        from_dict(Outer, values)


def test_whole_numbers_are_read_exactly():
    assert changed(Outer(), {"inner.size": str(2**53 + 1)}).inner.size == 2**53 + 1
    assert changed(Outer(), {"inner.size": "1e6"}).inner.size == 10**6
    assert changed(Outer(), {"inner.size": 8.0}).inner.size == 8


def test_differences_name_each_key():
    old, new = to_dict(Outer()), to_dict(changed(Outer(), {"word": "b", "inner.size": 4}))
    assert differences(old, old) == []
    assert differences(old, new) == ["inner.size: 3 -> 4", 'word: "a" -> "b"']
    assert differences({"a": 1}, {}) == ["a: 1 -> none"]


def test_digests_refuse_what_json_has_not():
    with pytest.raises(ValueError, match="JSON"):
        digest({"a": math.nan})
