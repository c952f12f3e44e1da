"""Made-up motions: each action in each style, sound bodies, true captions, the stated law."""

import functools

import numpy as np
import pytest

from empirical.motion import contacts, features, skeleton
from empirical.motion.captions import Vocabulary, words_of
from empirical.motion.synthetic import law
from empirical.motion.synthetic.legs import SIDES, Gait, ankle_of, leg_angles, standing, walk_feet

NAMES = [action.name for action in law.ACTIONS]


@functools.cache
def made(name, **_):
    """One clip for every combination of an action's styles."""
    number = NAMES.index(name)
    return [(styles, law.make(number, styles, np.random.default_rng([number, k])))
            for k, styles in enumerate(law.styles(law.ACTIONS[number]))]


def track(pose, joint):
    return skeleton.joints(pose)[:, skeleton.NAMES.index(joint)]


def test_there_are_enough_actions():
    assert len(NAMES) == len(set(NAMES)) >= 12
    styles = {style for action in law.ACTIONS for style in action.styles}
    assert {"speed", "amplitude", "side", "direction", "count"} <= styles


@pytest.mark.parametrize("name", NAMES)
def test_every_style_is_sound(name):
    low, high = skeleton.limits()
    for styles, pose in made(name):
        skeleton.check_pose(pose)
        assert 20 <= len(pose) <= law.LONGEST
        angles = skeleton.to_angles(pose)
        assert ((low <= angles) & (angles <= high)).all(), styles
        assert contacts.penetration(pose) < 2, styles  # mm
        assert contacts.skating(pose) < 8, styles
        places = skeleton.joints(pose)
        assert np.abs(np.diff(places, 2, axis=0)).max() * 400 < 150, styles  # m/s2
        assert pose[0, [0, 2]] == pytest.approx([0, 0])
        assert features.heading(pose[0, 3:7]) == pytest.approx(0)


def test_paces_and_ways():
    speed = {}
    for styles, pose in made("walk"):
        step = np.diff(pose[:, [0, 2]], axis=0)
        pace = np.linalg.norm(step, axis=1).mean() * 20
        speed.setdefault(styles["direction"] == "backward", {}).setdefault(
            styles["speed"], []).append(pace)
        turned = np.unwrap(features.heading(pose[:, 3:7]))[-1]
        sign = {"left": 1, "right": -1}.get(styles["direction"], 0)
        assert np.sign(np.round(turned, 6)) == sign
        if not sign:
            assert (pose[-1, 0] < 0) == (styles["direction"] == "backward")
    for paces in speed.values():
        assert max(paces["slow"]) < min(paces["normal"])
        assert max(paces["normal"]) < min(paces["fast"])
    assert 1.0 <= np.mean(speed[False]["normal"]) <= 1.25
    for styles, pose in made("sidestep"):
        assert (pose[-1, 2] > 0.3) == (styles["side"] == "right")
    for _, pose in made("run"):
        assert contacts.lowest(pose).max() > 0.01  # flight


def test_turns():
    for styles, pose in made("turn"):
        angle = np.unwrap(features.heading(pose[:, 3:7]))[-1]
        wanted = {"quarter": np.pi / 2, "half": np.pi}[styles["amplitude"]]
        assert angle == pytest.approx(wanted if styles["side"] == "left" else -wanted, abs=1e-3)


def peaks(curve, level):
    above = curve > level
    return int((above[1:] & ~above[:-1]).sum())


TIMES = {"once": 1, "twice": 2, "thrice": 3}


def test_counts():
    for styles, pose in made("jump"):
        lowest = contacts.lowest(pose)
        assert peaks(lowest, 0.5 * lowest.max()) == TIMES[styles["count"]]
        assert (lowest.max() > 0.2) == (styles["amplitude"] == "high")
    for styles, pose in made("squat"):
        depth = pose[0, 1] - pose[:, 1]
        assert peaks(depth, 0.5 * depth.max()) == TIMES[styles["count"]]
        assert (depth.max() > 0.3) == (styles["amplitude"] == "deep")
    for styles, pose in made("kick"):
        height = track(pose, f"{styles['side']}_toe")[:, 1]
        assert peaks(height, 0.5 * height.max()) == TIMES[styles["count"]]
        assert (height.max() > 0.6) == (styles["amplitude"] == "high")
    for styles, pose in made("punch"):
        reach = track(pose, f"{styles['side']}_wrist")[:, 0] - pose[:, 0]
        assert peaks(reach, 0.8 * reach.max()) == TIMES[styles["count"]]


def test_sides():
    for styles, pose in made("raise"):
        for side in ("right", "left"):
            up = track(pose, f"{side}_wrist")[:, 1].max() > 1.15
            assert up == (styles["side"] in (side, "both"))
    for styles, pose in made("wave"):
        for side in ("right", "left"):
            up = track(pose, f"{side}_wrist")[:, 1].max() > 1.3
            assert up == (styles["side"] in (side, "both"))
    for styles, pose in made("hop"):
        free = "left" if styles["side"] == "right" else "right"
        assert track(pose, f"{free}_toe")[:, 1].min() > 0.1


def test_captions():
    walk = law.ACTIONS[0]
    assert law.caption(walk, {"direction": "backward", "speed": "normal"}) == (
        "a person walks backward")
    said = {}
    for action in law.ACTIONS:
        for styles in law.styles(action):
            for pattern in range(len(action.patterns)):
                text = law.caption(action, styles, pattern=pattern)
                assert text == " ".join(text.split())
                assert " ," not in text
                assert "{" not in text
                meant = action.name, *styles.items()
                assert said.setdefault(text, meant) == meant  # no words for two things
    known = Vocabulary(law.words())
    assert not any((row == 1).any() for row in known.encode(sorted(said)))
    assert len(words_of(max(said, key=lambda s: len(words_of(s))))) <= 20


def test_the_law():
    """4,000 draws of action and styles are uniform: chi-squared, |z| < 4.5 by Wilson-Hilferty."""
    rng, actions, speeds = np.random.default_rng(7), [], []
    real, law.make = law.make, lambda number, styles, rng: (number, styles)
    try:
        for _ in range(4000):
            clip = law.draw(rng)
            actions.append(clip.action)
            if NAMES[clip.action] == "march":
                speeds.append(clip.styles["speed"])
    finally:
        law.make = real
    for values, levels in ((actions, len(NAMES)), (speeds, 3)):
        counts = np.unique(values, return_counts=True)[1]
        assert len(counts) == levels
        expected = len(values) / levels
        chi, k = ((counts - expected) ** 2 / expected).sum(), levels - 1
        z = ((chi / k) ** (1 / 3) - (1 - 2 / (9 * k))) / np.sqrt(2 / (9 * k))
        assert z < 4.5
    tilted = np.array(actions)
    tilted[:400] = 0  # ten in a hundred of one action: must be seen
    counts = np.unique(tilted, return_counts=True)[1]
    assert ((counts - 4000 / 18) ** 2 / (4000 / 18)).sum() > 100


def test_draws_follow_their_generator():
    first, again, other = (law.draw(np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert first.caption == again.caption
    assert (first.pose == again.pose).all()
    assert not np.array_equal(first.pose, other.pose)


def test_inverse_kinematics_meets_the_foot():
    times = np.arange(60) / 20
    gait = Gait(1.0)
    feet = walk_feet(times, gait, lambda t: np.stack([1.1 * t, 0 * t], -1), np.zeros_like)
    position = np.stack([1.1 * times, np.full(60, 0.72), 0 * times], axis=-1)
    root = np.tile([1.0, 0, 0, 0], (60, 1))
    limbs = []
    for side, foot in zip(SIDES, feet):
        limbs += [*leg_angles(position, root, foot, side), np.zeros((60, 3)), np.zeros((60, 1))]
    pose = skeleton.to_pose(position, root, np.concatenate([np.zeros((60, 6)), *limbs], axis=1))
    for name, foot in zip(("right", "left"), feet):
        assert track(pose, f"{name}_toe") == pytest.approx(foot.toe, abs=1e-9)
        assert track(pose, f"{name}_ankle") == pytest.approx(ankle_of(foot), abs=1e-9)
        stands = foot.toe[:, 1] == 0
        assert stands.mean() == pytest.approx(0.62, abs=0.06)
        steps = np.linalg.norm(np.diff(foot.toe, axis=0), axis=1)
        assert steps[stands[1:] & stands[:-1]].max() < 1e-12
    still = standing(3, -1.0, width=0.1, out=0.2)
    assert (still.toe == still.toe[0]).all()
    assert ankle_of(still)[0, 2] == pytest.approx(-0.1)
