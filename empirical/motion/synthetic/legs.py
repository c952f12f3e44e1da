"""Legs that stand where they are told to: footstep plans and the angles that carry them out.

The figure is planned from the floor up: where its feet stand, when they swing, and where the
pelvis goes meanwhile. Hips, knees and ankles follow by inverse kinematics, so that a standing foot
neither slides nor sinks, whatever the rest of the body does.
"""

from dataclasses import dataclass

import numpy as np

from empirical.motion import quaternions as quat
from empirical.motion.skeleton import NAMES, OFFSETS

__all__ = ["LEG", "SIDES", "TOE", "Feet", "Gait", "across", "ahead", "ankle_of", "bump", "ease",
           "leg_angles", "standing", "turn", "walk_feet"]

SIDES = (1.0, -1.0)  # right, left: the sign of z
_THIGH, _SHIN = (-OFFSETS[NAMES.index(f"right_{name}")][1] for name in ("knee", "ankle"))
LEG = _THIGH + _SHIN
TOE = OFFSETS[NAMES.index("right_toe")]  # in the ankle's frame
_HIP = OFFSETS[NAMES.index("right_hip")][2]
_REACH = 0.998 * LEG  # a straight leg has no knee axis


def ease(x):
    """Return the minimum-jerk rise from 0 at x = 0 to 1 at x = 1, flat outside."""
    x = np.clip(x, 0.0, 1.0)
    return x**3 * (10 - 15 * x + 6 * x**2)


def bump(x):
    """Return a smooth rise and fall: 0 at x <= 0, 1 at x = 1/2, 0 at x >= 1."""
    return np.sin(np.pi * np.clip(x, 0.0, 1.0)) ** 2


def turn(angle):
    """Return the quaternions (..., 4) of turns about the vertical; positive is to the left."""
    half = np.asarray(angle, dtype=float) / 2
    zero = np.zeros_like(half)
    return np.stack([np.cos(half), zero, np.sin(half), zero], axis=-1)


def pitch(angle):
    """Return the quaternions (..., 4) of turns about the figure's right; positive is backwards."""
    half = np.asarray(angle, dtype=float) / 2
    zero = np.zeros_like(half)
    return np.stack([np.cos(half), zero, zero, np.sin(half)], axis=-1)


def ahead(angle):
    """Return the unit vectors (..., 2) on the floor, (x, z), that a heading points along."""
    return np.stack([np.cos(angle), -np.sin(angle)], axis=-1)


def across(angle):
    """Return the unit vectors (..., 2) on the floor to the right of a heading."""
    return np.stack([np.sin(angle), np.cos(angle)], axis=-1)


@dataclass(frozen=True, slots=True)
class Feet:
    """Where a foot is in every frame.

    Attributes
    ----------
    toe : array, (frames, 3)
        Place of the toe's tip.
    heading : array, (frames,)
        Where it points.
    raised : array, (frames,)
        By which angle the heel is up, the foot turned about its toe.
    """

    toe: np.ndarray
    heading: np.ndarray
    raised: np.ndarray

    @property
    def rotation(self):
        """The foot's rotation in the world, (frames, 4)."""
        return quat.multiply(turn(self.heading), pitch(-self.raised))


def ankle_of(foot):
    """Return where the ankle of a :class:`Feet` is, (frames, 3)."""
    return foot.toe - quat.rotate(foot.rotation, TOE)


def standing(frames, side, width=_HIP, forward=0.0, out=0.0, centre=(0.0, 0.0)):
    """Return a foot that stands still.

    Parameters
    ----------
    frames : int
    side : float
        +1 right, -1 left.
    width : float
        Of the ankle from the middle, m.
    forward : float
        Of the ankle before the middle, m.
    out : float
        How far the toes point outwards.
    centre : tuple of float
        The middle, (x, z).
    """
    heading = -side * out
    ankle = np.array([centre[0] + forward, centre[1] + side * width])
    toe = ankle + TOE[0] * ahead(heading)
    place = np.array([toe[0], 0.0, toe[1]])
    return Feet(np.tile(place, (frames, 1)), np.full(frames, heading), np.zeros(frames))


@dataclass(frozen=True, slots=True)
class Gait:
    """How feet alternate.

    Attributes
    ----------
    period : float
        Seconds from one step of a foot to its next.
    duty : float
        Share of it that the foot stands; below 1/2 there is flight.
    lift : float
        Height of the toe in the middle of a swing, m.
    roll : float
        Angle by which the heel is up when the toe leaves the floor.
    width : float
        Of the ankles from the middle, m.
    start : float
        Where in its period the right foot begins.
    """

    period: float
    duty: float = 0.6
    lift: float = 0.08
    roll: float = 0.5
    width: float = _HIP
    start: float = 0.0


def walk_feet(times, gait, path, heading):
    """Return the right and the left foot of a gait along a path.

    A foot stands where the path is in the middle of its stance, beside it, and swings from there
    to the next such place.

    Parameters
    ----------
    times : array, (frames,)
        Seconds.
    gait : Gait
    path : callable
        path(t) -> (x, z) of the pelvis, (..., 2).
    heading : callable
        heading(t) -> where it points, (...).
    """
    return tuple(_foot(times, gait, path, heading, side) for side in SIDES)


def _foot(times, gait, path, heading, side):
    phase = times / gait.period + gait.start + (0.5 if side < 0 else 0.0)
    step = np.floor(phase)
    part = phase - step
    swing = (part - gait.duty) / (1 - gait.duty)  # below 0 while it stands

    def place(number):
        middle = (number - phase[0] + gait.duty / 2) * gait.period + times[0]
        angle = heading(middle)
        ankle = path(middle) + side * gait.width * across(angle)
        return ankle + TOE[0] * ahead(angle), angle

    (here, angle), (there, later) = place(step), place(step + 1)
    share = ease(swing)
    toe = here + (there - here) * share[:, None]
    height = gait.lift * bump(swing)
    leaving = ease((part / gait.duty - 0.55) / 0.45) * (1 - ease(swing / 0.7))
    return Feet(
        np.stack([toe[:, 0], height, toe[:, 1]], axis=-1), angle + (later - angle) * share,
        gait.roll * leaving,
    )


def leg_angles(position, root, foot, side):
    """Return hip (frames, 3), knee (frames, 1) and ankle (frames, 3) angles that reach a foot.

    Where the leg is too short it points at the foot's place, straight.

    Parameters
    ----------
    position : array, (frames, 3)
        Of the root.
    root : array, (frames, 4)
        Its rotation.
    foot : Feet
    side : float
        +1 right, -1 left.
    """
    hip = position + quat.rotate(root, np.array([0.0, 0.0, side * _HIP]))
    way = quat.rotate(quat.inverse(root), ankle_of(foot) - hip)
    reach = np.clip(np.linalg.norm(way, axis=-1), 0.35 * LEG, _REACH)
    cosine = (_THIGH**2 + _SHIN**2 - reach**2) / (2 * _THIGH * _SHIN)
    knee = np.arccos(np.clip(cosine, -1.0, 1.0)) - np.pi  # <= 0
    bent = np.stack([_SHIN * np.sin(knee), -_THIGH - _SHIN * np.cos(knee), 0 * knee], axis=-1)
    local = quat.multiply(quat.inverse(root), turn(foot.heading))
    axis = quat.rotate(local, np.array([0.0, 0.0, 1.0]))  # knees bend as the toes point
    hips = quat.from_matrix(_frame(way, axis) @ np.swapaxes(
        _frame(bent, np.broadcast_to([0.0, 0.0, 1.0], bent.shape)), -1, -2))
    shin = quat.multiply(quat.multiply(root, hips), pitch(knee))
    ankle = quat.multiply(quat.inverse(shin), foot.rotation)
    return quat.to_vector(hips), knee[:, None], quat.to_vector(ankle)


def _frame(down, right):
    """Return frames (..., 3, 3) whose y points against `down` and whose z is nearest to right."""
    y = -down / np.linalg.norm(down, axis=-1, keepdims=True)
    z = right - (right * y).sum(axis=-1, keepdims=True) * y
    z = z / np.linalg.norm(z, axis=-1, keepdims=True)
    return np.stack([np.cross(y, z), y, z], axis=-1)
