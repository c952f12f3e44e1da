"""Domain checks: every public formula refuses what it does not cover, in one line."""

import math
import operator

import numpy as np

__all__ = ["choice", "count", "real", "scalar_count"]


def _interval(low, high, low_open, high_open):
    left = "(" if low_open or low == -math.inf else "["
    right = ")" if high_open or high == math.inf else "]"
    return f"{left}{low:g}, {high:g}{right}"


def real(name, value, low=-math.inf, high=math.inf, *, low_open=False, high_open=False):
    """Return `value` as float64 after checking that every element lies in the interval.

    An infinite end is excluded unless it is closed on purpose: ``real("gamma", x, 0)`` refuses
    inf, ``real("gamma", x, 0, np.inf)`` does so too; pass ``high_open=None`` to admit it.

    Examples
    --------
    >>> float(real("sigma", 2, 0, low_open=True))
    2.0
    >>> real("sigma", -1.0, 0, low_open=True)
    Traceback (most recent call last):
    ValueError: sigma = -1: must lie in (0, inf)
    """
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} = {value!r}: must be a number or an array of numbers") from None
    inside = (array > low) if low_open else (array >= low)
    inside &= (array < high) if high_open else (array <= high)
    if high_open is not None:
        inside &= ~np.isposinf(array)
    if low_open is not None:
        inside &= ~np.isneginf(array)
    if not inside.all():
        bad = array[~inside].flat[0] if array.ndim else array
        shown = _interval(low, high, bool(low_open), bool(high_open))
        if high == math.inf and high_open is None:
            shown = shown[:-1] + "]"
        if low == -math.inf and low_open is None:
            shown = "[" + shown[1:]
        raise ValueError(f"{name} = {float(bad):g}: must lie in {shown}")
    return array


def count(name, value, low=0):
    """Return `value` as int64 after checking that every element is a whole number >= `low`.

    Examples
    --------
    >>> int(count("n", 5.0, 1))
    5
    >>> count("n", 2.5, 1)
    Traceback (most recent call last):
    ValueError: n = 2.5: must be a whole number >= 1
    """
    array = np.asarray(value)
    if array.dtype.kind not in "iu":
        try:
            array = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):
            raise ValueError(f"{name} = {value!r}: must be a whole number >= {low}") from None
    whole = (array == np.floor(array)) & (array >= low) & (np.abs(array) < 2.0**63)
    if not whole.all():
        bad = array[~whole].flat[0] if array.ndim else array
        raise ValueError(f"{name} = {float(bad):g}: must be a whole number >= {low}")
    return array.astype(np.int64)


def scalar_count(name, value, low=0):
    """Return `value` as an ``int`` after checking that it is one whole number >= `low`.

    Examples
    --------
    >>> scalar_count("rounds", 3)
    3
    """
    try:
        number = operator.index(value)
    except TypeError:
        array = count(name, value, low)
        if array.ndim:
            raise ValueError(
                f"{name} has shape {array.shape}: must be one whole number >= {low}"
            ) from None
        number = int(array)
    if number < low:
        raise ValueError(f"{name} = {number}: must be a whole number >= {low}")
    return number


def choice(name, value, allowed):
    """Return `value` after checking that it is one of the `allowed` strings.

    Examples
    --------
    >>> choice("form", "sharp", ("sharp", "printed"))
    'sharp'
    """
    if value not in allowed:
        raise ValueError(f"{name} = {value!r}: must be one of {', '.join(map(repr, allowed))}")
    return value
