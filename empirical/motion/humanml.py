"""HumanML3D's figure of 22 joints, put on our humanoid.

Its 263 features a frame hold the joints' positions (Guo et al. 2022). From positions the bones'
directions are known, but not how hands and head turn about their own bone: what cannot be seen is
left at rest. Trunk and head take their directions from spine, hips, shoulders and neck; thighs,
shins, arms keep theirs; the path is scaled by the ratio of the legs' lengths, and the floor is
where the lowest joint is, but for the lowest 2 percent of frames.
"""

import numpy as np

from empirical.motion import quaternions as quat
from empirical.motion.skeleton import NAMES, POSE, REST, joints
from empirical.motion.synthetic.legs import LEG, TOE

__all__ = ["JOINTS", "from_features", "to_poses"]

JOINTS = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2",
    "left_ankle", "right_ankle", "spine3", "left_foot", "right_foot", "neck", "left_collar",
    "right_collar", "head", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow",
    "left_wrist", "right_wrist",
)
_FEET = tuple(NAMES.index(name) for name in ("right_toe", "left_toe", "right_ankle",
                                             "left_ankle"))
_STRAIGHT = 0.1  # sine of a knee's or elbow's angle below which its plane is taken from the body


def from_features(values):
    """Return the joints (frames, 22, 3) that features (frames, 263) of HumanML3D stand for."""
    values = np.asarray(values, dtype=float)
    half = np.concatenate([[0.0], np.cumsum(values[:-1, 0])])  # half the turn, as they store it
    zero = np.zeros_like(half)
    back = np.stack([np.cos(half), zero, -np.sin(half), zero], axis=-1)
    step = np.zeros((len(values), 3))
    step[1:, [0, 2]] = values[:-1, 1:3]
    root = np.cumsum(quat.rotate(back, step), axis=0)
    root[:, 1] = values[:, 3]
    local = values[:, 4:67].reshape(-1, 21, 3)
    others = quat.rotate(back[:, None], local) + root[:, None] * [1.0, 0.0, 1.0]
    return np.concatenate([root[:, None], others], axis=1)


def to_poses(places):
    """Return the poses (frames, 43) of our humanoid in motions (frames, 22, 3).

    Joints that coincide give directions that are none; :func:`check_pose` then refuses the poses.
    """
    at = dict(zip(JOINTS, np.moveaxis(np.asarray(places, dtype=float), 1, 0)))
    with np.errstate(invalid="ignore", divide="ignore"):
        root = _frame(at["spine1"] - at["pelvis"], at["right_hip"] - at["left_hip"])
        chest = _frame(at["neck"] - at["spine1"], at["right_shoulder"] - at["left_shoulder"])
        head = _frame(at["head"] - at["neck"], at["right_shoulder"] - at["left_shoulder"])
        pose = np.tile(REST, (len(places), 1))
        pose[:, POSE["root"]] = root
        pose[:, POSE["chest"]] = _local(root, chest)
        pose[:, POSE["neck"]] = _local(chest, head)
        for side in ("right", "left"):
            _leg(pose, at, side, root)
            _arm(pose, at, side, chest)
        return _placed(pose, at)


def _leg(pose, at, side, root):
    thigh = at[f"{side}_knee"] - at[f"{side}_hip"]
    shin = at[f"{side}_ankle"] - at[f"{side}_knee"]
    hip, bend = _hinged(thigh, shin, root, -1.0)
    knee = quat.multiply(hip, _about_z(-bend))
    toe = _unit(at[f"{side}_foot"] - at[f"{side}_ankle"])
    # At rest the foot points down by TOE's own angle.
    slope = np.arctan2(TOE[1], TOE[0])
    axis = quat.rotate(knee, np.array([0.0, 0.0, 1.0]))
    axis = axis - (axis * toe).sum(axis=-1, keepdims=True) * toe
    foot = quat.multiply(_frame(np.cross(axis, toe), axis), _about_z(np.full(len(toe), -slope)))
    pose[:, POSE[f"{side}_hip"]] = _local(root, hip)
    pose[:, POSE[f"{side}_knee"]] = -bend[:, None]
    pose[:, POSE[f"{side}_ankle"]] = _local(knee, foot)


def _arm(pose, at, side, chest):
    upper = at[f"{side}_elbow"] - at[f"{side}_shoulder"]
    lower = at[f"{side}_wrist"] - at[f"{side}_elbow"]
    shoulder, bend = _hinged(upper, lower, chest, 1.0)
    pose[:, POSE[f"{side}_shoulder"]] = _local(chest, shoulder)
    pose[:, POSE[f"{side}_elbow"]] = bend[:, None]


def _hinged(first, second, body, sign):
    """Return the rotation of a limb's first bone, and by how much the hinge after it is bent.

    The hinge turns about z by `sign` times the angle. A nearly straight limb has no plane, and
    takes its axis from the body as the body's own turn to the bone carries it.
    """
    first, second = _unit(first), _unit(second)
    normal = sign * np.cross(first, second)
    bend = np.arctan2(np.linalg.norm(normal, axis=-1), (first * second).sum(axis=-1))
    down = quat.rotate(body, np.array([0.0, -1.0, 0.0]))
    carried = quat.multiply(_shortest(down, first), body)
    rest = quat.rotate(carried, np.array([0.0, 0.0, 1.0]))
    weight = np.clip(np.linalg.norm(normal, axis=-1, keepdims=True) / _STRAIGHT, 0.0, 1.0)
    axis = weight * _unit(normal + 1e-12) + (1 - weight) * rest
    return _frame(-first, axis), bend


def _placed(pose, at):
    """Return poses with the pelvis' path, scaled by the legs, above the floor."""
    legs = [np.linalg.norm(at[f"{side}_{a}"] - at[f"{side}_{b}"], axis=-1)
            for side in ("right", "left") for a, b in (("knee", "hip"), ("ankle", "knee"))]
    scale = 2 * LEG / np.median(np.sum(legs, axis=0))
    middle = (at["right_hip"] + at["left_hip"]) / 2
    pose[:, :3] = middle * scale
    lowest = joints(pose)[:, _FEET, 1] - [0.0, 0.0, 0.05, 0.05]  # the heel is under the ankle
    pose[:, 1] -= np.quantile(lowest.min(axis=1), 0.02)
    return pose


def _local(parent, child):
    return quat.multiply(quat.inverse(parent), child)


def _about_z(angle):
    zero = np.zeros_like(angle)
    return np.stack([np.cos(angle / 2), zero, zero, np.sin(angle / 2)], axis=-1)


def _unit(v):
    return v / np.linalg.norm(v, axis=-1, keepdims=True)


def _frame(up, right):
    """Return the rotations (..., 4) whose y is along `up`, and z as near to `right` as can be."""
    y = _unit(up)
    z = _unit(right - (right * y).sum(axis=-1, keepdims=True) * y)
    return quat.from_matrix(np.stack([np.cross(y, z), y, z], axis=-1))


def _shortest(first, second):
    """Return the shortest rotations (..., 4) from unit vectors to unit vectors."""
    scalar = 1 + (first * second).sum(axis=-1, keepdims=True)
    return _unit(np.concatenate([scalar, np.cross(first, second)], axis=-1) + [1e-9, 0, 0, 0])

