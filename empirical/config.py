"""Configs: nested frozen dataclasses, changed by dotted keys, and known by a digest.

A config holds numbers, words, truth values, tuples of these, and further configs; so it can be
written as JSON, read back, compared key by key and named by a hash.
"""

import dataclasses
import hashlib
import json
import math
import types
import typing
from difflib import get_close_matches

__all__ = ["changed", "differences", "digest", "flat", "from_dict", "to_dict"]


def to_dict(config):
    """Return a config as nested dicts of plain values.

    Equal configs give the same: numbers are of their field's type, tuples become lists, and
    infinities, which JSON has not, become words.
    """
    hints = typing.get_type_hints(type(config))
    values = {}
    for field in dataclasses.fields(config):
        value, name = getattr(config, field.name), field.name
        if dataclasses.is_dataclass(value):
            values[name] = to_dict(value)
        else:
            values[name] = _plain(_value(hints[name], value, name))
    return values


def _plain(value):
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return str(value) if isinstance(value, float) and math.isinf(value) else value


def from_dict(kind, values):
    """Return the config of dataclass `kind` with nested plain `values`.

    Raises
    ------
    ValueError
        For an unknown key, a value of the wrong type or out of its range.
    """
    return _build(kind, values, "")


def _build(kind, values, where):
    if not isinstance(values, dict):
        raise ValueError(f"{where[:-1] or kind.__name__} = {values!r}: must be keys and values")
    hints = typing.get_type_hints(kind)
    unknown = [key for key in values if key not in hints]
    if unknown:
        raise ValueError(f"key = {where}{unknown[0]}: unknown{_hint(unknown[0], hints)}")
    made = {}
    for key, value in values.items():
        inner = hints[key]
        if dataclasses.is_dataclass(inner):
            made[key] = _build(inner, value, f"{where}{key}.")
        else:
            made[key] = _value(inner, value, f"{where}{key}")
    return _construct(kind, made, where)


def _construct(kind, made, where):
    try:
        return kind(**made)
    except ValueError as error:
        raise ValueError(f"{where}{error}") from None


def _hint(word, known):
    close = get_close_matches(word, list(known), n=1)
    if close:
        return f" (did you mean {close[0]}?)"
    return f" (keys: {', '.join(known)})"


def _value(kind, value, name):
    """Return `value`, or the text of it, as an instance of the annotation `kind`."""
    origin = typing.get_origin(kind)
    if origin is tuple:
        inner = typing.get_args(kind)[0]
        if isinstance(value, str):
            value = [part for part in value.strip("()[]").split(",") if part.strip()]
        if not isinstance(value, list | tuple):
            raise ValueError(f"{name} = {value!r}: must be values separated by commas")
        return tuple(_value(inner, part, name) for part in value)
    if origin in (typing.Union, types.UnionType):
        raise TypeError(f"{name}: a config's field has one type")
    return _READ[kind](value, name)


def _whole(value, name):
    number = _float_or_none(value)
    if number is None or isinstance(value, bool) or number != number or number % 1:
        raise ValueError(f"{name} = {value!r}: must be a whole number")
    try:
        return int(value)  # exactly, where the text or number is one
    except ValueError:
        return int(number)


def _real(value, name):
    number = _float_or_none(value)
    if number is None or isinstance(value, bool) or number != number:
        raise ValueError(f"{name} = {value!r}: must be a number")
    return float(number)


def _float_or_none(value):
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _truth(value, name):
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if isinstance(value, bool):
        return value
    if str(value).strip().lower() not in words:
        raise ValueError(f"{name} = {value!r}: must be true or false")
    return words[str(value).strip().lower()]


def _word(value, name):
    if not isinstance(value, str):
        raise ValueError(f"{name} = {value!r}: must be a word")
    return value.strip()


_READ = {int: _whole, float: _real, bool: _truth, str: _word}


def changed(config, changes):
    """Return `config` with dotted keys changed; values may be texts.

    Parameters
    ----------
    config : dataclass
        What to change a copy of.
    changes : dict
        As {"loop.rounds": "8", "size": 3}.

    Raises
    ------
    ValueError
        For an unknown key, or a value of the wrong type or out of its range.
    """
    nested = {}
    for key, value in changes.items():
        *path, last = key.split(".")
        place = nested
        for part in path:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise ValueError(f"key = {key}: {part} is a single value")
        place[last] = value
    return _changed(config, nested, "")


def _changed(config, nested, where):
    hints = typing.get_type_hints(type(config))
    made = {}
    for key, value in nested.items():
        if key not in hints:
            raise ValueError(f"key = {where}{key}: unknown{_hint(key, hints)}")
        old = getattr(config, key)
        if dataclasses.is_dataclass(old):
            if not isinstance(value, dict):
                raise ValueError(f"{where}{key} = {value!r}: has keys of its own "
                                 f"({', '.join(typing.get_type_hints(type(old)))})")
            made[key] = _changed(old, value, f"{where}{key}.")
        elif isinstance(value, dict):
            raise ValueError(f"key = {where}{key}.{next(iter(value))}: {key} is a single value")
        else:
            made[key] = _value(hints[key], value, f"{where}{key}")
    try:
        return dataclasses.replace(config, **made)
    except ValueError as error:
        raise ValueError(f"{where}{error}") from None


def flat(values, where=""):
    """Return nested dicts as one dict with dotted keys."""
    rows = {}
    for key, value in values.items():
        if isinstance(value, dict):
            rows |= flat(value, f"{where}{key}.")
        else:
            rows[f"{where}{key}"] = value
    return rows


def differences(old, new):
    """Return one line "key: old -> new" for every dotted key in which two nested dicts differ."""
    old, new = flat(old), flat(new)
    absent = object()
    lines = []
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key, absent), new.get(key, absent)
        if before != after:
            shown = ("none" if v is absent else json.dumps(v) for v in (before, after))
            lines.append(f"{key}: {' -> '.join(shown)}")
    return lines


def digest(values):
    """Return the SHA-256 (hex) of nested plain values, independent of the order of keys."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
