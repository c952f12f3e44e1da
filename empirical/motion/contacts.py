"""What motion does that bodies cannot: sink into the floor, hover, slide, pass through themselves.

Every measure is of clips alone, whatever made them. Lengths are of the bodies' true shapes
(spheres, capsules, boxes) and not of the joints in them. Clips are (n, frames, 43), padded to one
length, of which the first `lengths` frames count; the results are (n,), one number a clip, in
millimetres or shares. A single clip may come as (frames, 43) and gives one number.

Penetration and floating are those of Yuan et al. 2023 (PhysDiff), without their slack of 5 mm;
skating is theirs for the corners of the soles, so that a foot that rolls does not slide.
"""

import numpy as np

from empirical.motion import quaternions as quat
from empirical.motion import skeleton

__all__ = [
    "FEET", "TOUCHING", "clearance", "floating", "lowest", "measure", "penetration",
    "self_collision", "skating", "soles",
]

FEET = (skeleton.NAMES.index("right_ankle"), skeleton.NAMES.index("left_ankle"))
TOUCHING = 0.02  # metres: a sole's corner this low is on the floor
OVERLAP = 0.01  # metres that two bodies may share, as flesh does
_BLOCK = 2048  # frames worked on at once
_MM = 1000.0


def _frames(poses, lengths):
    """Return poses (n, frames, 43) and which frames count (n, frames)."""
    poses = np.asarray(poses, dtype=float)
    if poses.ndim == 2:
        poses = poses[None]
    if poses.ndim != 3 or poses.shape[2] != skeleton.WIDTH:
        raise ValueError(f"poses = shape {poses.shape}: must be (n, frames, {skeleton.WIDTH})")
    n, frames = poses.shape[:2]
    lengths = np.full(n, frames) if lengths is None else np.atleast_1d(np.asarray(lengths))
    if lengths.shape != (n,) or ((lengths < 1) | (lengths > frames)).any():
        raise ValueError(f"lengths = {lengths}: must be {n} numbers from 1 to {frames}")
    return poses, np.arange(frames) < lengths[:, None]


def _averaged(values, counted):
    """Return the means (n,) of values where they count; 0 where none does."""
    total = np.where(counted, values, 0.0).sum(axis=1)
    return total / np.maximum(counted.sum(axis=1), 1)


def _shaped(result, poses):
    return result[0] if np.ndim(poses) == 2 else result


def _rows(function, poses):
    """Return function(poses) of poses (..., 43), worked on in blocks."""
    flat = np.asarray(poses, dtype=float).reshape(-1, skeleton.WIDTH)
    parts = [function(flat[i: i + _BLOCK]) for i in range(0, max(len(flat), 1), _BLOCK)]
    found = np.concatenate(parts)
    return found.reshape(*np.shape(poses)[:-1], *found.shape[1:])


def clearance(poses):
    """Return how high each body's lowest point lies above the floor, in metres.

    Parameters
    ----------
    poses : array, (..., 43)
        Poses with unit quaternions.

    Returns
    -------
    array, (..., 15)
        Negative below the floor. Bodies in the order of `skeleton.BODIES`.

    Examples
    --------
    >>> float(clearance(skeleton.REST).min().round(6))
    0.0
    """
    return _rows(_clearance, poses)


def _clearance(poses):
    turned, places = skeleton.global_rotations(poses), skeleton.joints(poses)
    found = np.empty((len(poses), len(skeleton.BODIES)))
    for number, body in enumerate(skeleton.BODIES):
        height = (places[:, number] + quat.rotate(turned[:, number], body.centre))[:, 1]
        if body.shape == "box":
            sides = np.eye(3) * body.size
            reach = sum(np.abs(quat.rotate(turned[:, number], side)[:, 1]) for side in sides)
        elif body.shape == "capsule":
            along = quat.rotate(turned[:, number], np.array([0.0, body.size[1], 0.0]))
            reach = np.abs(along[:, 1]) + body.size[0]
        else:
            reach = body.size[0]
        found[:, number] = height - reach
    return found


def lowest(poses):
    """Return the height (...) of the lowest point of poses (..., 43), in metres."""
    return clearance(poses).min(axis=-1)


def soles(poses):
    """Return where the corners of the soles are.

    Parameters
    ----------
    poses : array, (..., 43)
        Poses with unit quaternions.

    Returns
    -------
    array, (..., 2, 4, 3)
        Metres; right foot, then left.
    """
    return _rows(_soles, poses)


def _soles(poses):
    turned, places = skeleton.global_rotations(poses), skeleton.joints(poses)
    feet = []
    for number in FEET:
        body = skeleton.BODIES[number]
        corners = np.array([(x, -1, z) for x in (-1, 1) for z in (-1, 1)]) * body.size
        spread = quat.rotate(turned[:, number, None], body.centre + corners)
        feet.append(places[:, number, None] + spread)
    return np.stack(feet, axis=1)


def penetration(poses, lengths=None):
    """Return how deep the lowest point lies below the floor, mean over frames, mm.

        mean_t max(0, -h_t),  h_t height of the lowest point of frame t

    Parameters
    ----------
    poses : array, (n, frames, 43)
        Clips.
    lengths : array of int, (n,), optional
        Frames that count of each; by default all.

    Returns
    -------
    array, (n,)
        mm.

    Examples
    --------
    A figure that stands 10 mm too deep:

    >>> sunk = skeleton.REST - 0.01 * (np.arange(43) == 1)
    >>> float(penetration(np.tile(sunk, (5, 1))).round(6))
    10.0
    """
    clips, counted = _frames(poses, lengths)
    return _shaped(_MM * _averaged(np.maximum(-lowest(clips), 0), counted), poses)


def floating(poses, lengths=None):
    """Return how high the lowest point lies above the floor, mean over frames, mm.

        mean_t max(0, h_t),  h_t height of the lowest point of frame t

    The flight of an honest jump counts too: compare with what real motion of the same kind has.
    Parameters and result are those of :func:`penetration`.

    Parameters
    ----------
    poses : array, (n, frames, 43)
        Clips.
    lengths : array of int, (n,), optional
        Frames that count of each; by default all.

    Returns
    -------
    array, (n,)
        mm.
    """
    clips, counted = _frames(poses, lengths)
    return _shaped(_MM * _averaged(np.maximum(lowest(clips), 0), counted), poses)


def skating(poses, lengths=None, touching=TOUCHING):
    """Return how far what stands on the floor slides from frame to frame, mean, mm.

        mean over (t, corner) with y_t, y_(t+1) < touching  of |(x, z)_(t+1) - (x, z)_t|

    The corners are those of both soles. A clip whose soles touch in no two frames has 0.

    Parameters
    ----------
    poses : array, (n, frames, 43)
        Clips.
    lengths : array of int, (n,), optional
        Frames that count of each; by default all.
    touching : float
        A corner below this height, in metres, is on the floor.

    Returns
    -------
    array, (n,)
        mm a frame: at 20 frames a second, 1 mm a frame is 2 cm/s.
    """
    clips, counted = _frames(poses, lengths)
    corners = soles(clips)
    low = (corners[..., 1] < touching) & counted[..., None, None]
    moved = np.diff(corners[..., [0, 2]], axis=1)
    both = low[:, 1:] & low[:, :-1]
    n = len(clips)
    found = _averaged(np.hypot(*np.moveaxis(moved, -1, 0)).reshape(n, -1), both.reshape(n, -1))
    return _shaped(_MM * found, poses)


def self_collision(poses, lengths=None, overlap=OVERLAP):
    """Return the share of frames in which two bodies pass through each other.

    Two bodies that are joined, or joined to the same one, are not looked at. A foot counts as
    two capsules side by side, which fill its box but for the edges.

    Parameters
    ----------
    poses : array, (n, frames, 43)
        Clips.
    lengths : array of int, (n,), optional
        Frames that count of each; by default all.
    overlap : float
        How deep, in metres, two bodies may lie in each other.

    Returns
    -------
    array, (n,)
        In [0, 1].
    """
    clips, counted = _frames(poses, lengths)
    hit = _rows(lambda rows: _gaps(rows) < -overlap, clips)
    return _shaped(_averaged(hit.astype(float), counted), poses)


def _rods():
    """Return the bodies as capsules: body, two ends in its joint's frame, radius."""
    rods = []
    for number, body in enumerate(skeleton.BODIES):
        centre = np.array(body.centre)
        if body.shape == "box":
            x, y, z = body.size
            for side in (y - z, z - y):
                middle = centre + (0, 0, side)
                rods.append((number, middle - (x - y, 0, 0), middle + (x - y, 0, 0), y))
        else:
            half = np.array([0, body.size[1], 0]) if body.shape == "capsule" else np.zeros(3)
            rods.append((number, centre - half, centre + half, body.size[0]))
    return rods


_RODS = _rods()


def _apart():
    """Return the pairs of rods whose bodies are neither joined nor joined to the same one."""
    parents, pairs = skeleton.PARENTS, []
    for i, (first, *_) in enumerate(_RODS):
        for j, (second, *_) in enumerate(_RODS[:i]):
            near = {first, parents[first]} & {second, parents[second]} - {-1}
            if not near:
                pairs.append((i, j))
    return np.array(pairs).T


_PAIRS = _apart()


def _gaps(poses):
    """Return the least distance (n,) between two bodies that are not joined; negative inside."""
    turned, places = skeleton.global_rotations(poses), skeleton.joints(poses)
    bodies = [rod[0] for rod in _RODS]
    ends = [places[:, bodies] + quat.rotate(turned[:, bodies], np.array([r[k] for r in _RODS]))
            for k in (1, 2)]
    start, way = ends[0], ends[1] - ends[0]
    radius = np.array([rod[3] for rod in _RODS])
    i, j = _PAIRS
    apart = _segments_apart(start[:, i], way[:, i], start[:, j], way[:, j])
    return (apart - radius[i] - radius[j]).min(axis=1)


def _segments_apart(p, u, q, v):
    """Return the distances (...) between segments p + s u and q + t v, 0 <= s, t <= 1.

    At the closest points of the lines, or else at the nearest place on the border of (s, t).
    """
    r = p - q
    a, b, c = (u * u).sum(-1), (u * v).sum(-1), (v * v).sum(-1)
    d, e = (u * r).sum(-1), (v * r).sum(-1)
    tiny = 1e-12
    s = np.clip((b * e - c * d) / np.maximum(a * c - b * b, tiny), 0, 1)
    t = np.clip((b * s + e) / np.maximum(c, tiny), 0, 1)
    s = np.clip((b * t - d) / np.maximum(a, tiny), 0, 1)
    t = np.clip((b * s + e) / np.maximum(c, tiny), 0, 1)
    gap = r + s[..., None] * u - t[..., None] * v
    return np.sqrt((gap * gap).sum(-1))


MEASURES = {"penetration": penetration, "floating": floating, "skating": skating,
            "self_collision": self_collision}


def measure(poses, lengths=None):
    """Return all measures of clips, a dict of name to array (n,).

    Parameters
    ----------
    poses : array, (n, frames, 43)
        Clips.
    lengths : array of int, (n,), optional
        Frames that count of each; by default all.
    """
    return {name: function(poses, lengths) for name, function in MEASURES.items()}
