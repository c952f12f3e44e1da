"""Actions that go somewhere: gaits along a path, and turns and steps on the spot.

Every builder takes a generator and the clip's styles and returns a :class:`Body`. What the styles
leave open is drawn uniformly from the ranges that stand in the code.
"""

import numpy as np

from empirical.motion.synthetic.body import STAND, Body
from empirical.motion.synthetic.legs import Gait, across, ahead, ease, walk_feet

__all__ = ["march", "run", "sidestep", "sneak", "turn_around", "walk"]

PACE = {"slow": (0.6, 0.8), "normal": (1.0, 1.25), "fast": (1.5, 1.8)}  # m/s, of walking
RUN = {"normal": (2.2, 2.7), "fast": (3.2, 3.8)}
SIDE = {"slow": (0.3, 0.4), "fast": (0.6, 0.75)}
STEPS = {"slow": (1.1, 1.25), "normal": (0.9, 1.0), "fast": (0.7, 0.8)}  # s, on the spot
CURVE = {"forward": 0.0, "backward": 0.0, "left": 1.0, "right": -1.0}
LONG = (50, 80)  # frames


def _frames(rng):
    return int(rng.integers(*LONG, endpoint=True))


def _curved(speed, rate):
    """Return path and heading of a way taken at a speed (m/s) and a turning rate (rad/s)."""
    def heading(t):
        return rate * np.asarray(t, dtype=float)

    def path(t):
        t = np.asarray(t, dtype=float)
        # The chord of the arc so far, which is exact, and tends to the straight way.
        return (speed * t * np.sinc(rate * t / (2 * np.pi)))[..., None] * ahead(rate * t / 2)

    return path, heading


def _go(body, gait, path, heading):
    """Let a body follow a path by a gait, its arms swinging against its legs."""
    body.place, body.heading = path(body.times), heading(body.times)
    body.feet = list(walk_feet(body.times, gait, path, heading))
    return 2 * np.pi * (body.times / gait.period + gait.start - gait.duty / 2)


def _swing(body, phase, arms, twist, elbow):
    """Swing arms (rad) and chest against the legs; phase 0 is the right foot under the body."""
    for number, sign in enumerate((1.0, -1.0)):
        body.shoulders[number, :, 2] += -sign * arms * np.sin(-phase)
        body.elbows[number] = elbow * (1 + 0.25 * sign * np.sin(phase))
    body.chest[:, 1] += twist * np.sin(phase)


def _reach(stride):
    """Return how high the pelvis is when a stance is so long (m) from front to back."""
    return np.sqrt(STAND**2 - (0.31 * stride) ** 2)


def walk(rng, direction, speed):
    """Walk forward, backward, or along a curve to one side."""
    body = Body(_frames(rng))
    pace = rng.uniform(*PACE[speed])
    if direction == "backward":
        pace *= -0.7
    period = rng.uniform(0.95, 1.05) * np.interp(abs(pace), (0.4, 1.8), (1.5, 0.9))
    gait = Gait(period, duty=0.62, lift=rng.uniform(0.06, 0.1), start=rng.uniform(),
                roll=0.5 if pace > 0 else 0.15)
    rate = CURVE[direction] * rng.uniform(0.35, 0.6)
    phase = _go(body, gait, *_curved(pace, rate))
    body.height[:] = _reach(abs(pace) * gait.duty * period) + 0.012 * np.cos(2 * phase)
    body.lean += 0.04 * np.sign(pace)
    _swing(body, phase, np.sign(pace) * np.interp(abs(pace), (0.4, 1.8), (0.15, 0.6)), 0.06, 0.3)
    return body


def run(rng, direction, speed):
    """Run forward or along a curve to one side, with flight between the steps."""
    body = Body(int(rng.integers(40, 60, endpoint=True)))
    pace = rng.uniform(*RUN[speed])
    period = rng.uniform(0.66, 0.74)
    gait = Gait(period, duty=0.36, lift=rng.uniform(0.2, 0.28), roll=0.7, start=rng.uniform())
    rate = CURVE[direction] * rng.uniform(0.5, 0.8)
    phase = _go(body, gait, *_curved(pace, rate))
    body.height[:] = _reach(0.9 * pace * gait.duty * period) - 0.02 - 0.035 * np.cos(2 * phase)
    body.lean += rng.uniform(0.1, 0.18)
    _swing(body, phase, 0.7, 0.12, 1.4)
    return body


def sneak(rng, speed):
    """Walk in a crouch."""
    body = Body(_frames(rng))
    pace = rng.uniform(*{"slow": (0.35, 0.5), "normal": (0.65, 0.8)}[speed])
    gait = Gait(rng.uniform(1.3, 1.5), duty=0.66, lift=rng.uniform(0.12, 0.18), roll=0.3,
                start=rng.uniform())
    phase = _go(body, gait, *_curved(pace, 0.0))
    crouch = rng.uniform(0.16, 0.22)
    body.height[:] = STAND - crouch + 0.01 * np.cos(2 * phase)
    body.lean += 0.25
    body.chest[:, 2] -= 0.35
    body.neck[:, 2] += 0.3
    _swing(body, phase, 0.15, 0.05, 1.5)
    body.shoulders[..., 2] += 0.3
    return body


def sidestep(rng, side, speed):
    """Step sideways, facing ahead."""
    body = Body(_frames(rng))
    pace = rng.uniform(*SIDE[speed]) * (1.0 if side == "right" else -1.0)
    gait = Gait(rng.uniform(0.8, 0.95), duty=0.6, lift=rng.uniform(0.05, 0.08), roll=0.1,
                width=0.17, start=rng.uniform())

    def path(t):
        t = np.asarray(t, dtype=float)
        return (pace * t)[..., None] * across(0 * t)

    phase = _go(body, gait, path, np.zeros_like)
    body.height[:] = STAND - 0.05 + 0.01 * np.cos(2 * phase)
    body.shoulders[..., 0] += 0.15
    body.elbows += 0.3
    return body


def turn_around(rng, side, amplitude):
    """Turn on the spot by a quarter or half a turn, stepping."""
    seconds = rng.uniform(1.0, 1.3) if amplitude == "quarter" else rng.uniform(1.8, 2.2)
    lead = rng.uniform(0.3, 0.6)
    body = Body(round(20 * (seconds + lead + rng.uniform(0.4, 0.6))))
    angle = {"quarter": np.pi / 2, "half": np.pi}[amplitude] * (1 if side == "left" else -1)

    def heading(t):
        return angle * ease((np.asarray(t, dtype=float) - lead) / seconds)

    def path(t):
        return np.zeros((*np.shape(t), 2))

    moving = (body.times > lead - 0.1) & (body.times < lead + seconds + 0.1)
    gait = Gait(rng.uniform(0.55, 0.65), duty=0.6, lift=0.07, roll=0.1, start=rng.uniform())
    phase = _go(body, gait, path, heading)
    _stand_still(body, moving)
    body.height[:] = STAND - 0.015 + 0.005 * np.cos(2 * phase)
    body.neck[:, 1] = 0.35 * np.sign(angle) * np.sin(np.pi * np.clip(
        (body.times - lead + 0.2) / seconds, 0, 1))
    body.elbows += 0.1
    return body


def _stand_still(body, moving):
    """Let feet that would step on the spot stay on the floor instead."""
    share = np.clip(np.convolve(moving, np.ones(5) / 5, mode="same"), 0.0, 1.0)
    for foot in body.feet:
        foot.toe[:, 1] *= share
        foot.raised[:] *= share


def march(rng, amplitude, speed):
    """March on the spot, lifting the knees."""
    body = Body(_frames(rng))
    lift = rng.uniform(*{"small": (0.12, 0.18), "large": (0.34, 0.42)}[amplitude])
    gait = Gait(rng.uniform(*STEPS[speed]), duty=0.55, lift=lift, roll=0.2, start=rng.uniform())
    phase = _go(body, gait, lambda t: np.zeros((*np.shape(t), 2)), np.zeros_like)
    body.height[:] = STAND - 0.01 + 0.008 * np.cos(2 * phase)
    body.place[:, 1] += 0.02 * np.sin(phase + np.pi / 2)
    _swing(body, phase + np.pi / 2, rng.uniform(0.3, 0.6), 0.05, 0.9)
    return body
