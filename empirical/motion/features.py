"""Motion features: what a model sees of a clip, and the way back to its poses.

A frame is 81 numbers, in the frame of the figure's heading (its turn about the vertical), so that
a motion looks the same wherever it happens and in whichever direction:

    heading      1  turning rate, rad/s
    travel       2  velocity of the root forward and to the right, m/s
    height       1  of the root, m
    tilt         6  rotation of the root after its heading
    rotations   48  of the eight ball joints
    hinges       4  angles of knees and elbows
    velocities  15  of head, wrists and toes, m/s
    contacts     4  1 where heel or toe stand on the floor, else 0

Rotations are their matrix's first two columns (Zhou et al. 2019). Heading, travel, height,
rotations and hinges give back the poses exactly, up to where the clip began; velocities and
contacts are there for the model, as in HumanML3D (Guo et al. 2022), and are ignored on the way
back.
"""

import numpy as np

from empirical.motion import quaternions as quat
from empirical.motion.skeleton import FPS, JOINTS, NAMES, POSE, WIDTH, global_rotations, joints

__all__ = [
    "GROUPS", "SIZE", "canonical", "contacts", "decode", "encode", "group", "heading", "six",
    "unsix",
]

BALLS = tuple(j.name for j in JOINTS if j.kind == "ball")
HINGES = tuple(j.name for j in JOINTS if j.kind == "hinge")
ENDS = tuple(NAMES.index(n) for n in (
    "head_top", "right_wrist", "left_wrist", "right_toe", "left_toe"))
SOLE = 0.05  # m from the ankle down to the floor

_SIZES = (("heading", 1), ("travel", 2), ("height", 1), ("tilt", 6),
          ("rotations", 6 * len(BALLS)), ("hinges", len(HINGES)), ("velocities", 3 * len(ENDS)),
          ("contacts", 4))


def _groups():
    found, start = {}, 0
    for name, size in _SIZES:
        found[name] = slice(start, start + size)
        start += size
    return found


GROUPS = _groups()
SIZE = sum(size for _, size in _SIZES)  # 81


def group(name):
    """Return the columns of a group of features, a slice."""
    return GROUPS[name]


def six(q):
    """Return the first two columns of the rotation matrices of quaternions, (..., 6)."""
    return np.concatenate([quat.rotate(q, axis) for axis in np.eye(3)[:2]], axis=-1)


def unsix(values):
    """Return the quaternions nearest to six numbers each, by Gram and Schmidt, (..., 4).

    Any six finite numbers have one, if the first three are not 0 and the last three no multiple
    of them.
    """
    values = np.asarray(values, dtype=float)
    x = _unit(values[..., :3])
    y = values[..., 3:]
    y = _unit(y - (x * y).sum(axis=-1, keepdims=True) * x)
    return quat.from_matrix(np.stack([x, y, np.cross(x, y)], axis=-1))


def _unit(v):
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-12)


def heading(root):
    """Return the turn about the vertical (...), in (-pi, pi], of root rotations (..., 4).

    It is the twist part: what is left has no turn about the vertical.
    """
    w, y = root[..., 0], root[..., 2]
    sign = np.where(w < 0, -1.0, 1.0)  # q and -q are one rotation
    return 2 * np.arctan2(sign * y, sign * w)


def _turn(angle):
    """Return the quaternions of turns about the vertical."""
    half = np.asarray(angle) / 2
    zero = np.zeros_like(half)
    return np.stack([np.cos(half), zero, np.sin(half), zero], axis=-1)


def canonical(pose):
    """Return clips (..., frames, 43) moved to begin over the origin, heading +x.

    Parameters
    ----------
    pose : array, (..., frames, 43)
        Unit quaternions.
    """
    pose = np.array(pose, dtype=float)
    start, root = pose[..., :1, :], POSE["root"]
    back = quat.inverse(_turn(heading(start[..., root])))
    place = pose[..., :3] - start[..., :3] * [1.0, 0.0, 1.0]
    pose[..., :3] = quat.rotate(back, place)
    pose[..., root] = quat.multiply(back, pose[..., root])
    return pose


def encode(pose):
    """Return the features (..., frames, 81) of clips (..., frames, 43) of at least two frames."""
    pose = np.asarray(pose, dtype=float)
    root = pose[..., POSE["root"]]
    angle = heading(root)  # (..., frames)
    turned = _turn(angle)
    back = quat.inverse(turned)
    places = joints(pose)
    step = _difference(angle, axis=-1)
    rate = (step + np.pi) % (2 * np.pi) - np.pi
    travel = quat.rotate(back, _difference(pose[..., :3], axis=-2))
    speeds = quat.rotate(back[..., None, :], _difference(places[..., ENDS, :], axis=-3))
    tilt = quat.multiply(back, root)
    parts = [
        (rate * FPS)[..., None], travel[..., [0, 2]] * FPS, pose[..., 1:2], six(tilt),
        *(six(pose[..., POSE[name]]) for name in BALLS),
        *(pose[..., POSE[name]] for name in HINGES),
        speeds.reshape(*speeds.shape[:-2], -1) * FPS, contacts(pose, places),
    ]
    return np.concatenate(parts, axis=-1)


def _difference(values, axis):
    """Return what each frame changes by until the next; the last one as the one before."""
    step = np.diff(values, axis=axis)
    last = np.take(step, [-1], axis=axis)
    return np.concatenate([step, last], axis=axis)


def contacts(pose, places=None, height=0.05, speed=0.4):
    """Return whether right heel, right toe, left heel, left toe stand on the floor: 1.0 or 0.0.

    A point stands if it is less than `height` (m) above the floor and slower than `speed` (m/s).

    Parameters
    ----------
    pose : array, (..., frames, 43)
    places : array, (..., frames, 18, 3), optional
        Its joints, where they are known.

    Returns
    -------
    array, (..., frames, 4)
    """
    places = joints(pose) if places is None else places
    turned = global_rotations(pose)
    points = []
    for side in ("right", "left"):
        ankle = NAMES.index(f"{side}_ankle")
        heel = quat.rotate(turned[..., ankle, :], np.array([-0.0435, -SOLE, 0.0]))
        points += [places[..., ankle, :] + heel, places[..., NAMES.index(f"{side}_toe"), :]]
    points = np.stack(points, axis=-2)  # (..., frames, 4, 3)
    fast = np.linalg.norm(_difference(points, axis=-3), axis=-1) * FPS
    return ((points[..., 1] < height) & (fast < speed)).astype(float)


def decode(features):
    """Return the poses (..., frames, 43) of features (..., frames, 81).

    Features of a model, which are no clip's exactly, give the poses that their rotations, hinges,
    heading and travel describe, beginning over the origin, heading +x.
    """
    features = np.asarray(features, dtype=float)
    pose = np.empty((*features.shape[:-1], WIDTH))
    angle = _sum_before(features[..., GROUPS["heading"]] / FPS)[..., 0]
    turned = _turn(angle)
    travel = np.zeros((*features.shape[:-1], 3))
    travel[..., [0, 2]] = features[..., GROUPS["travel"]] / FPS
    pose[..., :3] = _sum_before(quat.rotate(turned, travel))
    pose[..., 1:2] = features[..., GROUPS["height"]]
    pose[..., POSE["root"]] = quat.multiply(turned, unsix(features[..., GROUPS["tilt"]]))
    rotations = features[..., GROUPS["rotations"]]
    for place, name in enumerate(BALLS):
        pose[..., POSE[name]] = unsix(rotations[..., 6 * place: 6 * place + 6])
    for place, name in enumerate(HINGES):
        pose[..., POSE[name]] = features[..., GROUPS["hinges"]][..., place: place + 1]
    return pose


def _sum_before(steps):
    """Return the sums (..., frames, k) of all steps before each frame."""
    total = np.cumsum(steps, axis=-2)
    return np.concatenate([np.zeros_like(total[..., :1, :]), total[..., :-1, :]], axis=-2)
