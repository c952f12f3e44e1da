"""Results as JSON: sorted keys, finite numbers or null."""

import dataclasses
import json
import math
import numbers

__all__ = ["dumps", "plain"]


def plain(value):
    """Return `value` built of dict, list, str, bool, int, finite float and None alone.

    Records become objects, arrays become lists, a number that is not finite becomes None, and
    what has no JSON form becomes its text.

    Examples
    --------
    >>> plain({"limit": float("inf"), "ids": ("SW-07",)})
    {'limit': None, 'ids': ['SW-07']}
    """
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value) if math.isfinite(value) else None
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return [plain(item) for item in sorted(value, key=str)]
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return str(value)


def dumps(value):
    """Return `value` as indented JSON with sorted keys.

    Examples
    --------
    >>> dumps({"b": 1, "a": float("nan")})
    '{\\n  "a": null,\\n  "b": 1\\n}'
    """
    return json.dumps(plain(value), indent=2, sort_keys=True, allow_nan=False)
