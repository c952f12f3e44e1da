"""Physics metrics of motion against answers that are known."""

import numpy as np
import pytest

from empirical.motion import contacts, skeleton
from empirical.motion import quaternions as quat


def standing(frames=4, **shift):
    clip = np.tile(skeleton.REST, (frames, 1))
    for name, value in shift.items():
        clip[:, "xyz".index(name)] += value
    return clip


def turned(angle, axis):
    """Return standing, the whole body turned about an axis through the root."""
    pose = skeleton.rest()
    pose[skeleton.POSE["root"]] = quat.from_vector(np.array(axis, dtype=float) * angle)
    return pose


def test_rest_stands_on_its_soles():
    heights = contacts.clearance(skeleton.REST)
    assert heights[list(contacts.FEET)] == pytest.approx([0, 0], abs=1e-12)
    assert heights.argmin() in contacts.FEET
    assert contacts.soles(skeleton.REST)[..., 1] == pytest.approx(np.zeros((2, 4)), abs=1e-12)
    toe = skeleton.joints(skeleton.REST)[skeleton.NAMES.index("right_toe")]
    assert contacts.soles(skeleton.REST)[0, 2:].mean(axis=0) == pytest.approx(toe)


@pytest.mark.parametrize(("angle", "axis", "body", "height"), [
    # On the back: the chest's sphere, 0.11 m. On the head: its sphere's top, 0.7375 m above.
    (np.pi / 2, (0, 0, 1), "chest", -0.11),
    (np.pi, (0, 0, 1), "neck", -(0.236151 + 0.223894 + 0.2775)),
    # The thigh, a capsule: lying, its radius; standing, its end.
    (np.pi / 2, (0, 0, 1), "right_hip", -0.055),
    (0.0, (0, 0, 1), "right_hip", -0.21 - 0.15 - 0.055),
    # The foot, a box turned by half a right angle about z.
    (np.pi / 4, (0, 0, 1), "right_ankle", None),
])
def test_clearance_of_each_shape(angle, axis, body, height):
    pose = turned(angle, axis)
    pose[1] = 0
    found = contacts.clearance(pose)[skeleton.NAMES.index(body)]
    if height is None:
        c = np.sqrt(0.5)
        height = -0.831416 * c + (0.045 - 0.0225) * c - (0.0885 + 0.0275) * c
    assert found == pytest.approx(height, abs=1e-9)


@pytest.mark.parametrize("depth", [0.0, 1e-6, 0.01, 0.3])
def test_sunk_and_hovering(depth):
    assert contacts.penetration(standing(y=-depth)) == pytest.approx(1000 * depth, abs=1e-6)
    assert contacts.floating(standing(y=depth)) == pytest.approx(1000 * depth, abs=1e-6)
    assert contacts.penetration(standing(y=depth)) == pytest.approx(0, abs=1e-9)
    assert contacts.floating(standing(y=-depth)) == pytest.approx(0, abs=1e-9)


def test_means_are_over_the_frames_that_count():
    clips = np.stack([standing(6), standing(6)])
    clips[0, 1, 1] -= 0.03  # of 3 frames one
    clips[0, 4:, 1] -= 5.0  # padding
    clips[1, :, 1] += 0.01
    assert contacts.penetration(clips, [3, 6]) == pytest.approx([10, 0])
    assert contacts.floating(clips, [3, 6]) == pytest.approx([0, 10], abs=1e-9)


@pytest.mark.parametrize("pace", [0.0, 0.004, 0.05])
def test_gliding_is_skating(pace):
    clip = standing(10)
    clip[:, 0] += 0.6 * pace * np.arange(10)
    clip[:, 2] += 0.8 * pace * np.arange(10)
    assert contacts.skating(clip) == pytest.approx(1000 * pace, abs=1e-6)
    clip[:, 1] += 0.021  # above what counts as touching
    assert contacts.skating(clip) == 0
    assert contacts.skating(clip, touching=0.03) == pytest.approx(1000 * pace, abs=1e-6)


def test_skating_counts_pairs_of_frames_that_both_touch():
    clip = standing(4)
    clip[:, 0] = [0, 0.01, 0.5, 0.51]
    clip[2, 1] += 1  # in the air: only the first step slides on the floor
    assert contacts.skating(clip) == pytest.approx(10)
    assert contacts.skating(np.stack([clip, clip]), [4, 2]) == pytest.approx([10, 10])


def test_a_foot_that_rolls_does_not_skate():
    """The heel rises about the front edge, which stays: only the edge touches, and is at rest."""
    angles = np.linspace(0.5, 1.2, 8)
    clip = np.array([turned(-angle, (0, 0, 1)) for angle in angles])
    front = contacts.soles(clip)[:, 0, 2]
    clip[:, :3] -= front - front[0]
    clip[:, 1] -= contacts.lowest(clip)
    assert contacts.skating(clip) == pytest.approx(0, abs=1e-6)


def test_self_collision_of_crossed_arms_and_legs():
    clip = standing(5)
    assert contacts.self_collision(clip) == 0
    # One leg turned inwards passes through the other.
    clip[1, skeleton.POSE["right_hip"]] = quat.from_vector(np.array([0.4, 0, 0]))
    assert contacts.self_collision(clip) == pytest.approx(0.2)
    assert contacts.self_collision(clip, overlap=1.0) == 0


def test_self_collision_waits_for_the_overlap():
    """Feet 17 cm apart, 9 cm wide: they touch when one ankle has come 8 cm nearer."""
    def closer(by):
        pose = skeleton.rest()
        pose[skeleton.POSE["right_hip"]] = quat.from_vector([np.arcsin(by / 0.831416), 0, 0])
        ankle = quat.from_vector([-np.arcsin(by / 0.831416), 0, 0])
        pose[skeleton.POSE["right_ankle"]] = ankle
        return np.tile(pose, (2, 1))

    assert contacts.self_collision(closer(0.07), overlap=0) == 0
    assert contacts.self_collision(closer(0.09), overlap=0) == 1
    assert contacts.self_collision(closer(0.09), overlap=0.03) == 0


@pytest.mark.parametrize("seed", range(3))
def test_distance_of_segments_against_a_search(seed):
    rng = np.random.default_rng(seed)
    p, u, q, v = rng.normal(size=(4, 20, 3))
    if seed == 2:
        v = u * rng.normal(size=(20, 1))  # parallel
        u[:5] = 0  # a point
    s, t = np.meshgrid(*[np.linspace(0, 1, 201)] * 2)
    gap = ((p - q)[:, None, None] + s[..., None] * u[:, None, None]
           - t[..., None] * v[:, None, None])
    best = np.sqrt((gap**2).sum(-1)).min(axis=(1, 2))
    found = contacts._segments_apart(p, u, q, v)
    assert (found <= best + 1e-9).all()
    assert found == pytest.approx(best, abs=2e-2)


def test_the_place_and_heading_do_not_matter():
    rng = np.random.default_rng(0)
    clip = standing(12) + 0.05 * rng.normal(size=(12, skeleton.WIDTH))
    clip = skeleton.normalised(clip)
    turn = quat.from_vector([0, 2.0, 0])
    other = clip.copy()
    other[:, :3] = quat.rotate(turn, clip[:, :3]) + [3, 0, -7]
    other[:, skeleton.POSE["root"]] = quat.multiply(turn, clip[:, skeleton.POSE["root"]])
    first, second = contacts.measure(clip), contacts.measure(other)
    assert first["skating"] > 0
    assert first["penetration"] > 0
    for name, value in first.items():
        assert second[name] == pytest.approx(value, abs=1e-8), name


def test_blocks_do_not_show(monkeypatch):
    rng = np.random.default_rng(1)
    clips = skeleton.normalised(standing(9) + 0.1 * rng.normal(size=(3, 9, skeleton.WIDTH)))
    whole = contacts.measure(clips)
    monkeypatch.setattr(contacts, "_BLOCK", 4)
    for name, values in contacts.measure(clips).items():
        assert (values == whole[name]).all()


@pytest.mark.parametrize(("poses", "lengths", "message"), [
    (np.zeros((2, 5, 40)), None, r"poses = shape \(2, 5, 40\): must be"),
    (np.zeros((2, 5, 43)), [3, 6], "must be 2 numbers from 1 to 5"),
    (np.zeros((2, 5, 43)), [3], "must be 2 numbers"),
])
def test_bad_input(poses, lengths, message):
    with pytest.raises(ValueError, match=message):
        contacts.penetration(poses, lengths)
