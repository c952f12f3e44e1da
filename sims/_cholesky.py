"""Cholesky factors in plain loops: the same bits on every machine, thread and engine.

A linear algebra library may order its sums by core count or load. Rows are swept so that the
compiler can use vector instructions.
"""

import math

from numba import njit

__all__ = ["factor", "solve"]


@njit(nogil=True, cache=True)
def factor(matrix):
    """Overwrite the upper triangle of a symmetric `matrix` by U with U'U = matrix.

    The lower triangle is not looked at. A pivot that is not positive (a semi-definite matrix, up
    to round-off) makes a row of zeros.
    """
    size = len(matrix)
    for k in range(size):
        source = matrix[k]
        root = math.sqrt(source[k]) if source[k] > 0.0 else 0.0
        source[k] = root
        for j in range(k + 1, size):
            source[j] = source[j] / root if root > 0.0 else 0.0
        for i in range(k + 1, size):
            target = matrix[i]
            scale = source[i]
            for j in range(i, size):
                target[j] -= scale * source[j]


@njit(nogil=True, cache=True)
def solve(upper, vector):
    """Overwrite `vector` by the solution of U'U x = vector (0 where U has a row of zeros)."""
    size = len(vector)
    for i in range(size):
        row = upper[i]
        vector[i] = vector[i] / row[i] if row[i] > 0.0 else 0.0
        for j in range(i + 1, size):
            vector[j] -= row[j] * vector[i]
    for i in range(size - 1, -1, -1):
        row = upper[i]
        rest = vector[i]
        for j in range(i + 1, size):
            rest -= row[j] * vector[j]
        vector[i] = rest / row[i] if row[i] > 0.0 else 0.0
