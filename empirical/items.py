"""Items: what a loop generates, curates and trains on, as named arrays of one length.

An item may be a matrix with its eigenvalues, an image with its label, a text as tokens. Whatever
it is, many of them are a dict from field names to NumPy arrays whose first axis counts items:
simple enough to be stored, cut, joined and hashed without knowing the task.
"""

import numpy as np

__all__ = ["Items", "count", "join", "take"]

Items = dict[str, np.ndarray]


def count(items: Items) -> int:
    """Return how many items there are; 0 for no fields.

    Raises
    ------
    ValueError
        When two fields differ in length.
    """
    lengths = {name: len(values) for name, values in items.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"items = fields of lengths {lengths}: must be of one length")
    return next(iter(lengths.values()), 0)


def take(items: Items, chosen) -> Items:
    """Return the items at the indices, mask or slice `chosen`."""
    return {name: values[chosen] for name, values in items.items()}


def join(parts) -> Items:
    """Return the items of `parts` one after the other.

    Raises
    ------
    ValueError
        When `parts` is empty, or two parts differ in their fields.
    """
    parts = list(parts)
    if not parts:
        raise ValueError("parts = []: must hold at least one part")
    fields = list(parts[0])
    for part in parts:
        if set(part) != set(fields):
            raise ValueError(f"fields = {sorted(part)}: must be {sorted(fields)}, as before")
    return {name: np.concatenate([part[name] for part in parts]) for name in fields}
