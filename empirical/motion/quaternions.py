"""Unit quaternions, scalar first (w, x, y, z), as rotations; every function broadcasts."""

import numpy as np

__all__ = [
    "angle_between", "from_matrix", "from_vector", "inverse", "multiply", "rotate", "slerp",
    "to_matrix", "to_vector", "unit",
]


def unit(q):
    """Return quaternions (..., 4) scaled to norm one."""
    q = np.asarray(q, dtype=float)
    return q / np.linalg.norm(q, axis=-1, keepdims=True)


def inverse(q):
    """Return the inverses of unit quaternions (..., 4)."""
    return np.asarray(q, dtype=float) * np.array([1.0, -1.0, -1.0, -1.0])


def _parts(values):
    values = np.asarray(values, dtype=float)
    return [values[..., k] for k in range(values.shape[-1])]


def multiply(first, second):
    """Return the products (..., 4): the rotation `second`, then `first`."""
    a, b, c, d = _parts(first)
    e, f, g, h = _parts(second)
    return np.stack([
        a * e - b * f - c * g - d * h, a * f + b * e + c * h - d * g,
        a * g - b * h + c * e + d * f, a * h + b * g - c * f + d * e,
    ], axis=-1)


def rotate(q, v):
    """Return vectors v (..., 3) rotated by unit quaternions q (..., 4)."""
    w, a, b, c = _parts(q)
    x, y, z = _parts(v)
    # Twice the cross product of the axis with v; np.cross takes five times as long.
    i, j, k = 2 * (b * z - c * y), 2 * (c * x - a * z), 2 * (a * y - b * x)
    return np.stack([
        x + w * i + b * k - c * j, y + w * j + c * i - a * k, z + w * k + a * j - b * i,
    ], axis=-1)


def from_vector(v):
    """Return the quaternions of rotation vectors (..., 3): axis times angle in radians."""
    v = np.asarray(v, dtype=float)
    half = np.linalg.norm(v, axis=-1, keepdims=True) / 2
    return np.concatenate([np.cos(half), v * np.sinc(half / np.pi) / 2], axis=-1)


def to_vector(q):
    """Return the rotation vectors (..., 3) of unit quaternions, of angle in [0, pi]."""
    q = np.asarray(q, dtype=float)
    q = np.where(q[..., :1] < 0, -q, q)
    sine = np.linalg.norm(q[..., 1:], axis=-1, keepdims=True)
    half = np.arctan2(sine, q[..., :1])
    return q[..., 1:] * 2 / np.sinc(half / np.pi)


def to_matrix(q):
    """Return the rotation matrices (..., 3, 3) of unit quaternions (..., 4)."""
    columns = [rotate(q, axis) for axis in np.eye(3)]
    return np.stack(columns, axis=-1)


def from_matrix(m):
    """Return the quaternions (..., 4) of rotation matrices (..., 3, 3), of scalar part >= 0."""
    m = np.asarray(m, dtype=float)
    xx, yy, zz = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    # Four times each component's square; the largest is safe to divide by.
    squares = np.stack([1 + xx + yy + zz, 1 + xx - yy - zz, 1 - xx + yy - zz, 1 - xx - yy + zz],
                       axis=-1)
    wx, wy, wz = (m[..., i, j] - m[..., j, i] for i, j in ((2, 1), (0, 2), (1, 0)))
    xy, xz, yz = (m[..., i, j] + m[..., j, i] for i, j in ((0, 1), (0, 2), (1, 2)))
    rows = np.stack([
        np.stack([squares[..., 0], wx, wy, wz], axis=-1),
        np.stack([wx, squares[..., 1], xy, xz], axis=-1),
        np.stack([wy, xy, squares[..., 2], yz], axis=-1),
        np.stack([wz, xz, yz, squares[..., 3]], axis=-1),
    ], axis=-2)
    best = squares.argmax(axis=-1)[..., None, None]
    q = unit(np.take_along_axis(rows, best, axis=-2)[..., 0, :])
    return np.where(q[..., :1] < 0, -q, q)


def angle_between(first, second):
    """Return the angle in [0, pi] of the rotation that takes `first` to `second`."""
    return np.linalg.norm(to_vector(multiply(inverse(first), second)), axis=-1)


def slerp(first, second, share):
    """Return the rotations (..., 4) a `share` (...) of the shortest way from first to second."""
    way = to_vector(multiply(inverse(first), second))
    return multiply(first, from_vector(way * np.asarray(share, dtype=float)[..., None]))
