"""What the simulated figure aims at: the motion it was given, made nearly possible.

A tracker that aims at feet below the floor, or at feet that slide, fights its own contacts. So the
aim is smoothed a little, let down to the floor where it hovers without flying, and its standing
feet are held in place by bending the legs. This only chooses the aim: what is returned is what the
simulator made of it.
"""

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import binary_closing, gaussian_filter1d

from empirical.motion import _humanoid, contacts, skeleton
from empirical.motion import quaternions as quat

__all__ = ["in_flight", "plan", "spread"]

SMOOTHINGS = 1  # passes of (1, 2, 1)/4 over the frames
ALOFT = 0.03  # m: a frame whose lowest point is higher may be of a flight
SETTLING = 2.0  # frames, spread of the filter that lets the figure down
LOW, SLOW = 0.03, 0.05  # m, m a frame: a foot as low and slow as this stands
BEARING = 0.015  # m: what lies so near to a foot's lowest corner bears with it
CLEAR = 0.04  # m above the floor for a foot that swings, lest it trips
MOST = 0.05  # m that an ankle is moved at most
SHORTEST = 3  # frames of standing
_MASSES = np.array([body.mass for body in skeleton.BODIES])
_SIDES = ("right", "left")
_THIGH, _SHANK = (
    float(np.linalg.norm(skeleton.OFFSETS[skeleton.NAMES.index(f"right_{name}")]))
    for name in ("knee", "ankle"))


def plan(pose):
    """Return the aim (frames, 43) for one clip (frames, 43) of finite poses."""
    pose = _smooth(_continuous(np.asarray(pose, dtype=float)))
    return _stand(_settle(pose))


def _continuous(pose):
    """Return poses in which no quaternion jumps to its negative, which means the same."""
    pose = pose.copy()
    for part in skeleton.POSE.values():
        if part.stop - part.start == 4:
            q = pose[:, part]
            agree = (q[1:] * q[:-1]).sum(axis=1)
            q[1:] *= np.cumprod(np.where(agree < 0, -1.0, 1.0))[:, None]
    return pose


def _smooth(pose):
    for _ in range(SMOOTHINGS):
        ends = [2 * pose[:1] - pose[1:2], pose, 2 * pose[-1:] - pose[-2:-1]]
        wide = np.concatenate(ends)
        pose = (wide[:-2] + 2 * pose + wide[2:]) / 4
    return skeleton.normalised(pose)


def _intervals(mask):
    """Return the (start, end) of the runs of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist()))


def _centre_height(pose):
    """Return the height (frames,) of the centre of mass."""
    turned, places = skeleton.global_rotations(pose), skeleton.joints(pose)
    bodies = range(len(skeleton.BODIES))
    centres = np.array([body.centre for body in skeleton.BODIES])
    heights = places[:, bodies, 1] + quat.rotate(turned[:, bodies], centres)[..., 1]
    return heights @ _MASSES / _MASSES.sum()


def in_flight(pose, lowest=None):
    """Return in which frames (frames,) a clip flies: aloft, and falling as free bodies do.

    What is aloft while its centre of mass accelerates down at less than half of gravity hovers.
    A clip cannot begin or end in flight.
    """
    lowest = contacts.lowest(pose) if lowest is None else lowest
    found = np.zeros(len(pose), dtype=bool)
    height = _centre_height(pose)
    for start, end in _intervals(lowest > ALOFT):
        if end - start < 3 or start == 0 or end == len(pose):
            continue
        bend = np.polyfit(np.arange(end - start), height[start:end], 2)[0]
        found[start:end] = 2 * bend * skeleton.FPS**2 < -_humanoid.GRAVITY / 2
    return found


def _settle(pose):
    """Return poses whose lowest point lies near the floor, but for flights."""
    lowest = contacts.lowest(pose)
    grounded = np.flatnonzero(~in_flight(pose, lowest))  # never empty: a clip begins on the floor
    down = np.interp(np.arange(len(pose)), grounded, lowest[grounded])
    pose = pose.copy()
    pose[:, 1] -= gaussian_filter1d(down, SETTLING, mode="nearest")
    return pose


def _stand(pose):
    """Return poses whose standing feet stay where they are, and whose swinging feet clear it.

    As far as `MOST` allows: a body that glides farther than its legs can make good goes on
    gliding, since to hold it would change where the motion goes.
    """
    corners = contacts.soles(pose)
    for foot, side in enumerate(_SIDES):
        move = _footing(corners[:, foot])
        if move is not None:
            pose = _reach(pose, side, move)
    return pose


def _footing(corners):
    """Return how an ankle should move (frames, 3), None where the foot never stands.

    A standing foot's slip is that of the corners that bear: it is taken back, so that the foot
    may roll but not slide, and centred, so that it moves least. Between, the correction fades
    from one stand to the next.
    """
    height = corners[:, :, 1].min(axis=1)
    slip = _slip(corners, height)
    speed = np.linalg.norm(slip, axis=1)
    slow = np.minimum(np.append(speed, speed[-1]), np.insert(speed, 0, speed[0])) < SLOW
    standing = (gaussian_filter1d(height, 0.7, mode="nearest") < LOW) & slow
    standing = binary_closing(np.pad(standing, 3, mode="edge"), np.ones(3))[3:-3]
    slid = np.concatenate([np.zeros((1, 2)), np.cumsum(slip, axis=0)])
    move, known = np.zeros((len(height), 3)), np.zeros(len(height), dtype=bool)
    for start, end in _intervals(standing):
        if end - start >= min(SHORTEST, len(height)):
            part = slice(start, end)
            move[part, [0, 2]] = 0.0
            move[part, ::2] = slid[part].mean(axis=0) - slid[part]
            move[part, 1], known[part] = -height[part], True
    if not known.any():
        return None
    frames = np.arange(len(height))
    move = np.stack([np.interp(frames, frames[known], column[known]) for column in move.T], axis=1)
    move[:, 1] = np.maximum(move[:, 1], np.where(known, 0.0, CLEAR) - height)
    size = np.linalg.norm(move, axis=1, keepdims=True)
    return move * np.minimum(1, MOST / np.maximum(size, 1e-9))


def _slip(corners, height):
    """Return how far (frames - 1, 2) a foot slips from frame to frame, over the floor."""
    bearing = corners[..., 1] < height[:, None] + BEARING
    both = bearing[1:] & bearing[:-1]
    both |= ~both.any(axis=1, keepdims=True)  # it rolled over: all of it
    moved = np.diff(corners[..., ::2], axis=0)
    return (moved * both[..., None]).sum(axis=1) / both.sum(axis=1)[:, None]


def _reach(pose, side, move):
    """Return poses whose ankle has moved, the foot turned as before: hip and knee follow."""
    hip, knee, ankle = (f"{side}_{name}" for name in ("hip", "knee", "ankle"))
    number = skeleton.NAMES.index
    turned, places = skeleton.global_rotations(pose), skeleton.joints(pose)
    way = places[:, number(ankle)] + move - places[:, number(hip)]
    long = np.clip(np.linalg.norm(way, axis=1), 0.25, 0.9995 * (_THIGH + _SHANK))
    cosine = (long**2 - _THIGH**2 - _SHANK**2) / (2 * _THIGH * _SHANK)
    angle = -np.arccos(np.clip(cosine, -1, 1))
    lower = np.stack([np.sin(angle) * _SHANK, -_THIGH - np.cos(angle) * _SHANK,
                      np.zeros_like(angle)], axis=1)  # the ankle in the hip's frame
    thigh = quat.multiply(_turning(quat.rotate(turned[:, number(hip)], lower), way),
                          turned[:, number(hip)])
    shank = quat.multiply(thigh, quat.from_vector(angle[:, None] * np.array([0.0, 0.0, 1.0])))
    found = pose.copy()
    found[:, skeleton.POSE[knee]] = angle[:, None]
    found[:, skeleton.POSE[hip]] = quat.multiply(quat.inverse(turned[:, 0]), thigh)
    found[:, skeleton.POSE[ankle]] = quat.multiply(quat.inverse(shank), turned[:, number(ankle)])
    return found


def _turning(first, second):
    """Return the smallest rotations (n, 4) that turn vectors to the directions of others."""
    first, second = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in (first, second))
    real = 1 + (first * second).sum(axis=1, keepdims=True)
    return quat.unit(np.concatenate([real, np.cross(first, second)], axis=1))


def spread(pose):
    """Return the simulator's coordinates (steps + 1, 43) on the way, and the first and second
    derivatives (steps + 1, 34) of its degrees of freedom.

    Cubic splines through the frames, of the quaternions' components too, which are then scaled.
    """
    pose = _continuous(np.asarray(pose, dtype=float))[:, _humanoid.COLUMNS]
    curve = CubicSpline(np.arange(len(pose)), pose)
    times = np.arange((len(pose) - 1) * _humanoid.SUBSTEPS + 1) / _humanoid.SUBSTEPS
    place, rate = curve(times), curve(times, 1) * skeleton.FPS
    speeds, start = [rate[:, :3]], 3
    for part in (*_humanoid.BALLS, slice(pose.shape[1], None)):
        speeds.append(rate[:, start:part.start])  # the hinges before it
        if part.stop is not None:
            norm = np.linalg.norm(place[:, part], axis=1, keepdims=True)
            place[:, part] /= norm
            speeds.append(2 * quat.multiply(quat.inverse(place[:, part]),
                                            rate[:, part] / norm)[:, 1:])
            start = part.stop
    speed = np.concatenate(speeds, axis=1)
    return place, speed, np.gradient(speed, _humanoid.STEP, axis=0)
