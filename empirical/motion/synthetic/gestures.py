"""Actions on the spot, done once or several times: jumps, kicks, squats, bows, and arms.

Every builder takes a generator and the clip's styles and returns a :class:`Body`. What the styles
leave open is drawn uniformly from the ranges that stand in the code.
"""

import dataclasses

import numpy as np

from empirical.motion.skeleton import FPS
from empirical.motion.synthetic.body import Body
from empirical.motion.synthetic.legs import SIDES, ahead, bump, ease, standing

__all__ = [
    "bow", "hop", "jump", "jumping_jack", "kick", "leap", "look_around", "punch", "raise_arms",
    "squat", "sway", "wave",
]

GRAVITY = 9.81
TIMES = {"once": 1, "twice": 2, "thrice": 3}
ARMS = {"right": (0,), "left": (1,), "both": (0, 1)}


def _repeated(rng, count, shortest, longest):
    """Return a body that has time for a gesture `count` times, and when each begins and ends."""
    each, lead = rng.uniform(shortest, longest), rng.uniform(0.2, 0.4)
    body = Body(min(80, round(FPS * (lead + TIMES[count] * each + rng.uniform(0.2, 0.35)))))
    return body, [(lead + k * each, lead + (k + 1) * each) for k in range(TIMES[count])]


def _sum(body, spans, shape):
    """Return what a shape on [0, 1] adds up to over all spans, (frames,)."""
    return sum(shape(body.share(*span)) for span in spans)


def _posture(rng, body):
    """Give a standing body its own posture."""
    body.feet = [standing(body.frames, side, width=rng.uniform(0.08, 0.13),
                          out=rng.uniform(0.0, 0.3)) for side in SIDES]
    body.chest += rng.normal(0.0, 0.03, 3)
    body.shoulders[..., 0] += rng.uniform(0.0, 0.1)
    body.elbows += rng.uniform(0.0, 0.3)


def _raised(foot, height):
    """Return a foot lifted straight up, (frames,) m."""
    toe = foot.toe.copy()
    toe[:, 1] += height
    return dataclasses.replace(foot, toe=toe)


def _flight(height, each):
    """Return when in [0, 1] a jump so high (m) within `each` seconds leaves and lands."""
    share = min(0.5, np.sqrt(8 * height / GRAVITY) / each)
    return 0.5 - share / 2, 0.5 + share / 2


def _jumped(body, spans, height, dip=0.18):
    """Let a body jump: crouch, fly a parabola, land. Return the height of flight (frames,)."""
    off, on = _flight(height, spans[0][1] - spans[0][0])

    def flight(x):
        u = np.clip((x - off) / (on - off), 0.0, 1.0)
        return 4 * height * u * (1 - u)

    def crouch(x):
        return bump(x / (off * 1.05)) + 0.8 * bump((x - on + 0.03) / (1.03 - on))

    up = _sum(body, spans, flight)
    body.height += up - dip * _sum(body, spans, crouch)
    body.lean += 0.3 * _sum(body, spans, crouch)
    return up


def jump(rng, count, amplitude):
    """Jump up on both feet."""
    body, spans = _repeated(rng, count, 0.95, 1.1)
    _posture(rng, body)
    height = rng.uniform(*{"low": (0.08, 0.14), "high": (0.28, 0.38)}[amplitude])
    up = _jumped(body, spans, height)
    body.feet = [_raised(foot, np.maximum(up - 0.01, 0.0)) for foot in body.feet]
    arms = _sum(body, spans, lambda x: bump(x))
    body.shoulders[..., 2] += (0.8 + 4 * height) * arms
    return body


def leap(rng, amplitude):
    """Jump forward on both feet, once."""
    body, spans = _repeated(rng, "once", 1.2, 1.4)
    _posture(rng, body)
    height = rng.uniform(0.12, 0.2)
    length = rng.uniform(*{"short": (0.4, 0.6), "long": (1.0, 1.3)}[amplitude])
    up = _jumped(body, spans, height, dip=0.22)
    off, on = _flight(height, spans[0][1] - spans[0][0])
    share = body.share(*spans[0])
    flown = np.clip((share - off) / (on - off), 0.0, 1.0)
    step = length * flown[:, None] * ahead(np.zeros(body.frames))
    # The pelvis leads at take-off and is behind at landing, as the jumper throws the feet ahead.
    body.place = length * ease((share - off + 0.14) / (on - off + 0.28))[:, None] * [1.0, 0.0]
    moved = []
    for foot in body.feet:
        toe = foot.toe + np.stack([step[:, 0], np.maximum(up, 0.0), step[:, 1]], axis=-1)
        moved.append(dataclasses.replace(foot, toe=toe))
    body.feet = moved
    body.shoulders[..., 2] += 1.2 * bump(share) - 0.6 * bump(share / off)
    return body


def hop(rng, side, count):
    """Hop on one leg."""
    body, spans = _repeated(rng, count, 0.6, 0.7)
    _posture(rng, body)
    up = _jumped(body, spans, rng.uniform(0.06, 0.12), dip=0.08)
    support, free = ARMS[side][0], 1 - ARMS[side][0]
    sign = SIDES[support]
    body.place[:, 1] += sign * 0.06
    body.feet[support] = _raised(
        standing(body.frames, sign, width=0.06), np.maximum(up - 0.005, 0.0))
    foot = standing(body.frames, -sign, width=0.1, forward=-0.15)
    body.feet[free] = _raised(foot, rng.uniform(0.2, 0.3) + up)
    body.feet[free].raised[:] = 0.5
    body.shoulders[..., 0] += 0.4
    body.elbows += 0.5
    return body


def squat(rng, count, amplitude):
    """Bend the knees and come up again."""
    body, spans = _repeated(rng, count, 0.95, 1.15)
    _posture(rng, body)
    depth = rng.uniform(*{"shallow": (0.15, 0.22), "deep": (0.36, 0.44)}[amplitude])
    down = _sum(body, spans, bump)
    body.height -= depth * down
    body.lean += 1.4 * depth * down
    body.place[:, 0] -= 0.35 * depth * down
    body.shoulders[..., 2] += rng.uniform(1.0, 1.5) * down
    return body


def bow(rng, count, amplitude):
    """Bow forward from the hips."""
    body, spans = _repeated(rng, count, 1.2, 1.5)
    _posture(rng, body)
    angle = rng.uniform(*{"slight": (0.35, 0.55), "deep": (1.1, 1.4)}[amplitude])
    down = _sum(body, spans, bump)
    body.lean += 0.6 * angle * down
    body.chest[:, 2] -= 0.4 * angle * down
    body.place[:, 0] -= 0.12 * angle * down
    body.height -= 0.02 * angle * down
    body.shoulders[..., 2] += 0.5 * angle * down
    return body


def kick(rng, side, amplitude, count):
    """Kick forward with one leg."""
    body, spans = _repeated(rng, count, 0.95, 1.15)
    _posture(rng, body)
    leg, sign = ARMS[side][0], SIDES[ARMS[side][0]]
    height = rng.uniform(*{"low": (0.25, 0.4), "high": (0.75, 0.95)}[amplitude])
    out = _sum(body, spans, lambda x: bump((x - 0.15) / 0.75))
    back = _sum(body, spans, lambda x: bump(x / 0.35))
    foot = standing(body.frames, sign, width=0.09)
    toe = foot.toe + np.stack(
        [0.5 * out - 0.2 * back, height * out**1.2 + 0.08 * back, 0 * out], axis=-1)
    body.feet[leg] = dataclasses.replace(foot, toe=toe, raised=-0.6 * out + 0.4 * back)
    aside = ease(body.times / 0.3)
    body.place[:, 1] -= sign * 0.05 * aside
    body.lean -= 0.22 * out
    body.height -= 0.02
    body.shoulders[1 - leg, :, 2] += 0.5 * out
    body.shoulders[leg, :, 2] -= 0.3 * out
    body.elbows += 0.6
    return body


def punch(rng, side, count):
    """Punch forward with one fist."""
    body, spans = _repeated(rng, count, 0.65, 0.85)
    arm, sign = ARMS[side][0], SIDES[ARMS[side][0]]
    body.feet = [standing(body.frames, s, width=0.14, forward=-0.14 * s * sign) for s in SIDES]
    body.height -= rng.uniform(0.05, 0.09)
    out = _sum(body, spans, bump)
    body.shoulders[..., 2] += 0.45
    body.elbows[:] = rng.uniform(2.0, 2.2)
    body.shoulders[arm, :, 2] += 1.0 * out
    body.elbows[arm] -= 1.85 * out
    body.chest[:, 1] += sign * (0.35 * out - 0.15)
    body.place[:, 0] += 0.04 * out
    return body


def wave(rng, side, speed):
    """Raise one hand or both and wave."""
    body = Body(int(rng.integers(50, 76, endpoint=True)))
    _posture(rng, body)
    rate = rng.uniform(*{"slow": (0.8, 1.1), "normal": (1.6, 1.9), "fast": (2.5, 3.0)}[speed])
    up = ease(body.times / 0.6) * (1 - ease((body.times - body.seconds + 0.6) / 0.6))
    swing = np.sin(2 * np.pi * rate * body.times) * up
    high = rng.uniform(1.7, 2.1)
    for arm in ARMS[side]:
        body.shoulders[arm, :, 0] += (high - 0.1) * up + 0.25 * swing
        body.shoulders[arm, :, 1] -= 0.5 * up
        body.elbows[arm] += 0.7 * up + 0.35 * swing
    return body


def raise_arms(rng, side, amplitude):
    """Raise one arm or both forward, and lower them."""
    body, spans = _repeated(rng, "once", 1.8, 2.6)
    _posture(rng, body)
    angle = rng.uniform(*{"shoulder": (1.4, 1.65), "overhead": (2.6, 2.95)}[amplitude])
    share = body.share(*spans[0])
    up = ease(share / 0.35) * (1 - ease((share - 0.65) / 0.35))
    for arm in ARMS[side]:
        body.shoulders[arm, :, 2] += angle * up
        body.elbows[arm] *= 1 - 0.8 * up
    return body


def jumping_jack(rng, count):
    """Jump with legs apart and arms up, and back."""
    body, spans = _repeated(rng, count, 0.95, 1.1)
    open_ = _sum(body, spans, bump)
    hops = _sum(body, spans, lambda x: bump(2 * x) + bump(2 * x - 1))
    wide, high = rng.uniform(0.2, 0.28), rng.uniform(0.05, 0.08)
    feet = []
    for side in SIDES:
        foot = standing(body.frames, side, width=0.09)
        # Feet move while they are in the air: between the two landings.
        apart = _sum(body, spans, lambda x: ease((x - 0.08) / 0.34) - ease((x - 0.58) / 0.34))
        toe = foot.toe + np.stack([0 * apart, high * hops, side * wide * apart], axis=-1)
        feet.append(dataclasses.replace(foot, toe=toe))
    body.feet = feet
    body.height += high * hops - 0.05 - 0.04 * open_
    body.shoulders[..., 0] += rng.uniform(2.2, 2.6) * open_
    return body


def look_around(rng, side):
    """Turn the head to one side, and then to the other."""
    body = Body(int(rng.integers(50, 76, endpoint=True)))
    _posture(rng, body)
    angle = rng.uniform(0.6, 0.9) * (1 if side == "left" else -1)
    share = body.share(0.2, body.seconds - 0.2)
    way = angle * (bump(2 * share) - bump(2 * share - 1))
    body.neck[:, 1] += way
    body.chest[:, 1] += 0.25 * way
    return body


def sway(rng, amplitude, speed):
    """Sway from side to side."""
    body = Body(int(rng.integers(50, 80, endpoint=True)))
    _posture(rng, body)
    rate = rng.uniform(*{"slow": (0.4, 0.55), "normal": (0.7, 0.9), "fast": (1.1, 1.3)}[speed])
    far = rng.uniform(*{"small": (0.03, 0.05), "large": (0.1, 0.14)}[amplitude])
    swing = np.sin(2 * np.pi * (rate * body.times + rng.uniform()))
    body.feet = [standing(body.frames, side, width=0.16) for side in SIDES]
    body.place[:, 1] += far * swing
    body.height -= 0.03
    body.chest[:, 0] += 2.0 * far * swing
    body.shoulders[..., 2] += far * swing
    body.shoulders[..., 0] += 0.2
    return body
