"""Argument checks of the simulators: one line that names argument, value and range."""

import numpy as np

__all__ = ["count", "counts", "generator", "number", "numbers", "option", "starts", "vector"]


def numbers(name, value, interval="(-inf, inf)"):
    """Return `value` as a float64 array whose elements all lie in the `interval`.

    The interval is written as in a text book: a square bracket admits the end, inf included.

    Examples
    --------
    >>> numbers("gamma", [0, np.inf], "[0, inf]")
    array([ 0., inf])
    >>> numbers("sigma", 0.0, "(0, inf)")
    Traceback (most recent call last):
    ValueError: sigma = 0: must lie in (0, inf)
    """
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} = {value!r}: must be numbers in {interval}") from None
    low, high = (float(end) for end in interval[1:-1].split(","))
    inside = array >= low if interval[0] == "[" else array > low
    inside &= array <= high if interval[-1] == "]" else array < high
    if not inside.all():
        raise ValueError(f"{name} = {array[~inside].flat[0]:g}: must lie in {interval}")
    return array


def number(name, value, interval="(-inf, inf)"):
    """Return `value` as one ``float`` in the `interval` (see `numbers`)."""
    array = numbers(name, value, interval)
    if array.ndim:
        raise ValueError(f"{name} has shape {array.shape}: must be one number in {interval}")
    return float(array)


def count(name, value, low=0):
    """Return `value` as one ``int`` >= `low`.

    Examples
    --------
    >>> count("rounds", 3.0)
    3
    >>> count("rounds", 2.5)
    Traceback (most recent call last):
    ValueError: rounds = 2.5: must be a whole number >= 0
    """
    if np.ndim(value) or isinstance(value, str):
        raise ValueError(f"{name} = {value!r}: must be a whole number >= {low}")
    return int(counts(name, [value], low)[0])


def counts(name, value, low=0):
    """Return `value` as a one-dimensional int64 array with elements >= `low`.

    Examples
    --------
    >>> counts("schedule", [1, 2.0])
    array([1, 2])
    """
    rule = f"must be whole numbers >= {low}" if np.size(value) > 1 else (
        f"must be a whole number >= {low}")
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} = {value!r}: {rule}") from None
    if array.ndim != 1:
        raise ValueError(f"{name} has shape {array.shape}: must have one axis")
    whole = (array == np.floor(array)) & (array >= low) & (array < 2.0**62)
    if not whole.all():
        raise ValueError(f"{name} = {array[~whole][0]:g}: {rule}")
    return np.asarray(value).astype(np.int64)


def vector(name, value, dim, interval="(-inf, inf)"):
    """Return `value` as `dim` numbers in the `interval`; one number stands for all."""
    array = numbers(name, value, interval)
    if array.shape not in ((), (1,), (dim,)):
        raise ValueError(f"{name} has shape {array.shape}: must be one number or {dim}")
    return np.ascontiguousarray(np.broadcast_to(array, (dim,)))


def starts(name, value, replicates):
    """Return starting points (replicates, d) from a common point or from one a replicate.

    Examples
    --------
    >>> starts("theta0", [1.0, 2.0], 3).shape, starts("theta0", 0.5, 3).shape
    ((3, 2), (3, 1))
    """
    array = np.atleast_1d(numbers(name, value))
    common = array.ndim == 1 and array.size
    if not common and not (array.ndim == 2 and len(array) == replicates and array.shape[1]):
        raise ValueError(f"{name} has shape {array.shape}: must be (d,) or ({replicates}, d)")
    return np.ascontiguousarray(np.broadcast_to(array, (replicates, array.shape[-1])))


def option(name, value, allowed):
    """Return `value`, one of the `allowed` strings."""
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{name} = {value!r}: must be one of {', '.join(map(repr, allowed))}")
    return value


def generator(rng):
    """Return `rng`, a NumPy generator that can spawn independent streams."""
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng = {rng!r}: must be a numpy.random.Generator")
    if not hasattr(rng.bit_generator.seed_seq, "spawn"):
        raise ValueError("rng: its seed sequence cannot spawn; use numpy.random.default_rng")
    return rng
