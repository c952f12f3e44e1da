"""Evaluating a network on many items in batches of one shape, the last one padded."""

import numpy as np
import torch

__all__ = ["in_blocks"]


def in_blocks(function, arrays, size, device="cpu"):
    """Return what a network makes of items, as one float32 array.

    What it makes of an item does not depend on the others: sums differ in the last bits with a
    batch's shape, which is always the same here.

    Parameters
    ----------
    function : callable
        function(*tensors) -> tensor (size, ...).
    arrays : sequence of arrays, (n, ...)
        Its arguments.
    size : int
        Items evaluated at once.
    device : str
        Torch device.
    """
    n, made = len(arrays[0]), []
    with torch.inference_mode():
        for start in range(0, n, size):
            rows = np.arange(start, start + size)
            kept = rows < n
            rows[~kept] = start
            parts = (torch.from_numpy(np.ascontiguousarray(a[rows])).to(device) for a in arrays)
            made.append(function(*parts).float().cpu().numpy()[kept])
    return np.concatenate(made)
