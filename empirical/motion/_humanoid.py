"""The skeleton as a MuJoCo model, and how strongly its joints are driven.

The model's text is made from `skeleton.JOINTS` and `skeleton.BODIES`: shapes, masses, joint and
torque limits are theirs. MuJoCo numbers joints depth first, poses do not; `COLUMNS` and `BACK`
go to and fro. Bodies meet the floor and not each other.
"""

import numpy as np

from empirical.motion import skeleton

__all__ = ["BACK", "BALLS", "COLUMNS", "DOFS", "MARGIN", "STEP", "SUBSTEPS", "WEIGHT", "gains",
           "model_text"]

SUBSTEPS = 8  # steps of the simulator in a frame
STEP = 1 / (skeleton.FPS * SUBSTEPS)  # seconds
GRAVITY = 9.81
WEIGHT = GRAVITY * sum(body.mass for body in skeleton.BODIES)  # N
MARGIN = 0.003  # m above the floor where its contact begins: nothing that rests sinks in
SLACK = 0.15  # rad that hinges pass their limits by, as those of recorded people do

# N m a radian; damping is DAMPING times as much a radian a second. The left side has the same.
STIFFNESS = {"chest": 2000.0, "neck": 400.0, "hip": 1500.0, "knee": 1500.0, "ankle": 800.0,
             "shoulder": 600.0, "elbow": 400.0}
DAMPING = 0.05
# The residual force and torque on the root: stiffness, damping, limit.
ROOT_FORCE = {"along": (8000.0, 800.0, 2000.0), "up": (8000.0, 800.0, 600.0)}
ROOT_TORQUE = (4000.0, 300.0, 1000.0)


def _order():
    """Return the numbers of the bodies, depth first."""
    found, waiting = [], [0]
    while waiting:
        found.append(waiting.pop(0))
        mine = [n for n in range(len(skeleton.BODIES)) if skeleton.PARENTS[n] == found[-1]]
        waiting = mine + waiting
    return found


_MOVED = [skeleton.JOINTS[n] for n in _order() if skeleton.JOINTS[n].kind != "fixed"]
COLUMNS = np.concatenate(
    [np.arange(3), *(np.arange(skeleton.WIDTH)[skeleton.POSE[joint.name]] for joint in _MOVED)])
BACK = np.argsort(COLUMNS)
_PLACES = np.cumsum([3] + [4 if joint.kind != "hinge" else 1 for joint in _MOVED])
BALLS = tuple(  # where quaternions stand in the model's coordinates, the root's first
    slice(int(start), int(start) + 4)
    for start, joint in zip(_PLACES, _MOVED) if joint.kind != "hinge")
DOFS = 6 + sum(1 if joint.kind == "hinge" else 3 for joint in _MOVED[1:])


def _numbers(values):
    return " ".join(f"{float(value):.9g}" for value in values)


def _joint(joint):
    if joint.kind == "free":
        return '<freejoint name="root"/>'
    if joint.kind == "hinge":
        reach = _numbers((joint.low[0] - SLACK, joint.high[0] + SLACK))
        return (f'<joint name="{joint.name}" type="hinge" axis="0 0 1" limited="true" '
                f'range="{reach}"/>')
    return f'<joint name="{joint.name}" type="ball"/>' if joint.kind == "ball" else ""


def _body(number):
    joint, body = skeleton.JOINTS[number], skeleton.BODIES[number]
    upright = ' zaxis="0 1 0"' if body.shape == "capsule" else ""
    inside = "".join(_body(child) for child in range(len(skeleton.BODIES))
                     if skeleton.PARENTS[child] == number)
    return (f'<body name="{joint.name}" pos="{_numbers(joint.offset)}">{_joint(joint)}'
            f'<geom type="{body.shape}" pos="{_numbers(body.centre)}"{upright} '
            f'size="{_numbers(body.size)}" mass="{body.mass}"/>{inside}</body>')


def model_text():
    """Return the humanoid on its floor as MJCF.

    The limits of balls are boxes of rotation vectors, which MuJoCo has no constraint for: only
    hinges are limited.
    """
    return (
        '<mujoco model="humanoid"><compiler angle="radian"/>'
        f'<option timestep="{STEP:.17g}" gravity="0 {-GRAVITY} 0" integrator="Euler" '
        'solver="Newton" iterations="20" ls_iterations="10">'
        '<flag autoreset="disable"/></option>'
        f'<default><geom contype="0" conaffinity="1" friction="1 0.005 0.0001" '
        f'margin="{MARGIN}" solref="{2 * STEP:.17g} 1" solimp="0.9 0.99 0.002"/></default>'
        '<worldbody><geom name="floor" type="plane" size="0 0 1" zaxis="0 1 0" margin="0" '
        f'contype="1" conaffinity="0"/>{_body(0)}</worldbody></mujoco>'
    )


def gains():
    """Return stiffness, damping and limit (34,) of every degree of freedom, the root's first."""
    along, up = ROOT_FORCE["along"], ROOT_FORCE["up"]
    rows = [along, up, along, *(ROOT_TORQUE,) * 3]
    for joint in _MOVED[1:]:
        stiffness = STIFFNESS[joint.name.split("_")[-1]]
        rows += [(stiffness, DAMPING * stiffness, joint.torque)] * (
            1 if joint.kind == "hinge" else 3)
    return np.array(rows).T
