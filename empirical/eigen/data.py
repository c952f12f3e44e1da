"""Symmetric matrices and their eigenvalues, addressed by number.

Matrix i of a stream is row i mod BLOCK of block i // BLOCK, and a block is drawn at once from its
own generator: which matrix number i is depends on nothing else, and drawing stays vectorised.
"""

import numpy as np

__all__ = ["BLOCK", "eigenvalues", "matrices"]

BLOCK = 1024
BOUND = 10.0  # entries are uniform on [-BOUND, BOUND]


def _block(size, number, streams):
    rng = streams.child("matrix", number).numpy()
    return rng.uniform(-BOUND, BOUND, (BLOCK, size * (size + 1) // 2))


def matrices(size, indices, streams, encoding):
    """Return the symmetric matrices of the given numbers, (n, size, size).

    The entries on and above the diagonal are independent, uniform on [-10, 10] and rounded to
    what the encoding can write.

    Parameters
    ----------
    size : int
        Rows and columns.
    indices : array of int, (n,)
        Numbers >= 0.
    streams : Streams
        Where the entries are drawn.
    encoding : P1000 or FP15
        How numbers are written.
    """
    indices = np.asarray(indices, dtype=np.int64)
    entries = np.empty((len(indices), size * (size + 1) // 2))
    blocks = indices // BLOCK
    for number in np.unique(blocks):
        mine = blocks == number
        entries[mine] = _block(size, int(number), streams)[indices[mine] % BLOCK]
    upper = np.triu_indices(size)
    full = np.empty((len(indices), size, size))
    full[:, upper[0], upper[1]] = full[:, upper[1], upper[0]] = encoding.round(entries)
    return full


def eigenvalues(full):
    """Return the eigenvalues of symmetric matrices (n, k, k), in descending order, (n, k)."""
    return np.linalg.eigvalsh(full)[:, ::-1]
