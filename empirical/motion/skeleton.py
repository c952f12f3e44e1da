"""The humanoid: 15 bodies on 18 joints, moved by poses of 43 numbers.

Lengths in metres, masses in kilograms, angles in radians; y is up, the floor is y = 0, the figure
faces +x and its right is +z. The sizes, masses and limits are those of DeepMimic's humanoid
(Peng et al. 2018, `humanoid3d.txt`, 45 kg, 1.6 m to the top of its head).

A pose holds the root's position, and then a rotation for every joint that has one, relative to
its parent: a unit quaternion (w, x, y, z), or for knees and elbows the angle about the local z
axis. All zero angles mean standing with hanging arms. `POSE` lists the columns.
"""

from dataclasses import dataclass

import numpy as np

from empirical.motion import quaternions as quat

__all__ = [
    "BODIES", "FPS", "JOINTS", "NAMES", "OFFSETS", "PARENTS", "POSE", "REST", "WIDTH", "Body",
    "Joint", "check_pose", "column", "global_rotations", "joints", "limits", "local_rotations",
    "normalised", "rest", "to_angles", "to_pose",
]

FPS = 20  # frames a second of every motion
NORM_SLACK = 1e-3  # of a quaternion's norm, in what is read


@dataclass(frozen=True, slots=True)
class Joint:
    """A joint, or an end point, which has no rotation of its own.

    Attributes
    ----------
    name : str
        As in `NAMES`.
    parent : int
        Number of the joint that carries it; -1 for the root.
    offset : tuple of float
        Where it sits in its parent's frame.
    kind : str
        "free", "ball", "hinge" (about z) or "fixed".
    low, high : tuple of float
        Limits of the rotation vector (ball) or the angle (hinge).
    torque : float
        Largest torque, N m.
    """

    name: str
    parent: int
    offset: tuple
    kind: str
    low: tuple = ()
    high: tuple = ()
    torque: float = 0.0


@dataclass(frozen=True, slots=True)
class Body:
    """A rigid body, carried by the joint of the same number.

    Attributes
    ----------
    shape : str
        "sphere", "capsule" (along y) or "box".
    mass : float
        In kg.
    centre : tuple of float
        In the joint's frame.
    size : tuple of float
        Sphere: (radius,). Capsule: (radius, half the length of its straight part). Box: half its
        sides.
    """

    shape: str
    mass: float
    centre: tuple
    size: tuple


def _ball(name, parent, offset, low, high, torque):
    return Joint(name, parent, offset, "ball", low, high, torque)


def _limb(side, sign, first):
    """Return the joints of one leg and one arm; `sign` is +1 on the right, where z > 0."""
    arm = ((-3.14, -1.5, -0.7), (0.5, 1.5, 3.14))
    if sign < 0:
        arm = ((-0.5, -1.5, -0.7), (3.14, 1.5, 3.14))
    ankle = ((-1.0, -1.0, -1.57), (1.0, 1.0, 1.57))
    return (
        _ball(f"{side}_hip", 0, (0.0, 0.0, sign * 0.084887), (-1.2, -1.0, -1.57),
              (1.2, 1.0, 2.57), 200.0),
        Joint(f"{side}_knee", first, (0.0, -0.421546, 0.0), "hinge", (-3.14,), (0.0,), 150.0),
        _ball(f"{side}_ankle", first + 1, (0.0, -0.40987, 0.0), *ankle, 90.0),
        _ball(f"{side}_shoulder", 1, (-0.02405, 0.2435, sign * 0.18311), *arm, 100.0),
        Joint(f"{side}_elbow", first + 3, (0.0, -0.274788, 0.0), "hinge", (0.0,), (3.14,), 60.0),
        Joint(f"{side}_wrist", first + 4, (0.0, -0.258947, 0.0), "fixed"),
    )


JOINTS = (
    Joint("root", -1, (0.0, 0.0, 0.0), "free"),
    _ball("chest", 0, (0.0, 0.236151, 0.0), (-1.2,) * 3, (1.2,) * 3, 200.0),
    _ball("neck", 1, (0.0, 0.223894, 0.0), (-1.0,) * 3, (1.0,) * 3, 50.0),
    *_limb("right", 1, 3),
    *_limb("left", -1, 9),
    Joint("head_top", 2, (0.0, 0.2775, 0.0), "fixed"),
    Joint("right_toe", 5, (0.1335, -0.05, 0.0), "fixed"),  # front lower edge of the foot
    Joint("left_toe", 11, (0.1335, -0.05, 0.0), "fixed"),
)

_LIMB_BODIES = (
    Body("capsule", 4.5, (0.0, -0.21, 0.0), (0.055, 0.15)),
    Body("capsule", 3.0, (0.0, -0.2, 0.0), (0.05, 0.155)),
    Body("box", 1.0, (0.045, -0.0225, 0.0), (0.0885, 0.0275, 0.045)),
    Body("capsule", 1.5, (0.0, -0.14, 0.0), (0.045, 0.09)),
    Body("capsule", 1.0, (0.0, -0.12, 0.0), (0.04, 0.0675)),
    Body("sphere", 0.5, (0.0, 0.0, 0.0), (0.04,)),
)

BODIES = (
    Body("sphere", 6.0, (0.0, 0.07, 0.0), (0.09,)),
    Body("sphere", 14.0, (0.0, 0.12, 0.0), (0.11,)),
    Body("sphere", 2.0, (0.0, 0.175, 0.0), (0.1025,)),
    *_LIMB_BODIES,
    *_LIMB_BODIES,
)

NAMES = tuple(joint.name for joint in JOINTS)
PARENTS = tuple(joint.parent for joint in JOINTS)
OFFSETS = np.array([joint.offset for joint in JOINTS])
OFFSETS.flags.writeable = False

_SIZES = {"free": 4, "ball": 4, "hinge": 1, "fixed": 0}


def _columns():
    """Return the columns of a pose by joint name, and the root position's as "position"."""
    found, start = {"position": slice(0, 3)}, 3
    for joint in JOINTS:
        size = _SIZES[joint.kind]
        if size:
            found[joint.name] = slice(start, start + size)
        start += size
    return found


POSE = _columns()
WIDTH = max(part.stop for part in POSE.values())  # 43
_ROTATIONS = tuple(POSE[j.name] for j in JOINTS if _SIZES[j.kind] == 4)
_MOVED = tuple(number for number, j in enumerate(JOINTS) if j.kind in ("ball", "hinge"))
_STANDING = 0.421546 + 0.40987 + 0.05  # hip to ankle, and the sole below it


def rest():
    """Return the pose (43,) of standing on the floor with hanging arms."""
    pose = np.zeros(WIDTH)
    pose[1] = _STANDING
    for part in _ROTATIONS:
        pose[part.start] = 1.0
    return pose


REST = rest()
REST.flags.writeable = False


def column(name):
    """Return the columns of "position" or of a joint in a pose, a slice.

    Raises
    ------
    ValueError
        When the joint has none.
    """
    if name not in POSE:
        raise ValueError(f"joint = {name!r}: must be one of {', '.join(POSE)}")
    return POSE[name]


def local_rotations(pose):
    """Return the rotation of each joint relative to its parent, (..., 18, 4)."""
    pose = np.asarray(pose, dtype=float)
    q = np.zeros((*pose.shape[:-1], len(JOINTS), 4))
    q[..., 0] = 1.0
    for number, joint in enumerate(JOINTS):
        if joint.kind in ("free", "ball"):
            q[..., number, :] = pose[..., POSE[joint.name]]
        elif joint.kind == "hinge":
            half = pose[..., POSE[joint.name].start] / 2
            q[..., number, 0], q[..., number, 3] = np.cos(half), np.sin(half)
    return q


def global_rotations(pose):
    """Return the rotation of each joint in the world, (..., 18, 4)."""
    q = local_rotations(pose)
    for number, joint in enumerate(JOINTS):
        if joint.parent >= 0:
            if joint.kind == "fixed":
                q[..., number, :] = q[..., joint.parent, :]
            else:
                q[..., number, :] = quat.multiply(q[..., joint.parent, :], q[..., number, :])
    return q


def joints(pose):
    """Return where the joints of poses are: forward kinematics.

    Parameters
    ----------
    pose : array, (..., 43)
        Poses with unit quaternions.

    Returns
    -------
    array, (..., 18, 3)
        Metres, in the order of `NAMES`.
    """
    pose = np.asarray(pose, dtype=float)
    turned = global_rotations(pose)
    places = np.empty((*pose.shape[:-1], len(JOINTS), 3))
    places[..., 0, :] = pose[..., POSE["position"]]
    for number, joint in enumerate(JOINTS):
        if joint.parent >= 0:
            arm = quat.rotate(turned[..., joint.parent, :], OFFSETS[number])
            places[..., number, :] = places[..., joint.parent, :] + arm
    return places


def normalised(pose):
    """Return poses (..., 43), of any float values, with their quaternions scaled to norm one."""
    pose = np.array(pose, dtype=float)
    for part in _ROTATIONS:
        pose[..., part] = quat.unit(pose[..., part])
    return pose


def limits():
    """Return the lowest and highest angles (28,), (28,) in the order of :func:`to_angles`."""
    low = np.concatenate([JOINTS[number].low for number in _MOVED])
    return low, np.concatenate([JOINTS[number].high for number in _MOVED])


def to_angles(pose):
    """Return the angles (..., 28) of poses: rotation vectors of balls, angles of hinges."""
    pose = np.asarray(pose, dtype=float)
    parts = []
    for number in _MOVED:
        values = pose[..., POSE[NAMES[number]]]
        parts.append(values if JOINTS[number].kind == "hinge" else quat.to_vector(values))
    return np.concatenate(parts, axis=-1)


def to_pose(position, root, angles):
    """Return the poses (..., 43) of positions (..., 3), root rotations (..., 4), angles (28)."""
    angles, start = np.asarray(angles, dtype=float), 0
    parts = [np.asarray(position, dtype=float), np.asarray(root, dtype=float)]
    for number in _MOVED:
        size = 1 if JOINTS[number].kind == "hinge" else 3
        values = angles[..., start: start + size]
        parts.append(values if size == 1 else quat.from_vector(values))
        start += size
    return np.concatenate(parts, axis=-1)


def check_pose(pose, name="pose"):
    """Return one clip as float64 (frames, 43), with its quaternions scaled to norm one exactly.

    Raises
    ------
    ValueError
        For another skeleton (width), a single frame, a value that is not a number, or a
        quaternion whose norm is more than 0.001 from one.
    """
    try:
        pose = np.asarray(pose, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} = not numbers: must be an array (frames, {WIDTH})") from None
    if pose.ndim != 2 or pose.shape[1] != WIDTH:
        raise ValueError(f"{name} = shape {pose.shape}: must be (frames, {WIDTH}), another "
                         "skeleton's poses do not fit")
    if len(pose) < 2:
        raise ValueError(f"{name} = {len(pose)} frames: must be a clip of at least 2")
    wrong = np.argwhere(~np.isfinite(pose))
    if len(wrong):
        frame, place = wrong[0]
        raise ValueError(f"{name} = {pose[frame, place]} in frame {frame}, column {place}: must "
                         "be finite")
    for joint, part in POSE.items():
        if part.stop - part.start == 4:
            _check_norms(np.linalg.norm(pose[:, part], axis=1), joint, name)
    return normalised(pose)


def _check_norms(norms, joint, name):
    far = np.flatnonzero(np.abs(norms - 1) > NORM_SLACK)
    if len(far):
        raise ValueError(f"{name} = a quaternion of norm {norms[far[0]]:.4g} ({joint}, frame "
                         f"{far[0]}): must be of norm 1")
