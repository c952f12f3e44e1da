"""Features and back: exact, wherever and in whichever direction a motion happens."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from empirical.motion import features, skeleton
from empirical.motion import quaternions as quat


def clip(seed, frames=30, spread=0.5):
    """A smooth random motion, with turns of the whole body."""
    rng = np.random.default_rng(seed)
    noise = gaussian_filter1d(rng.normal(size=(frames, 43)), 4, axis=0)
    pose = np.tile(skeleton.REST, (frames, 1)) + spread * noise / noise.std()
    return skeleton.normalised(pose)


def stand(frames=10):
    return np.tile(skeleton.REST, (frames, 1))


def moved(pose, angle, shift):
    turn = quat.from_vector([0.0, angle, 0.0])
    pose = pose.copy()
    pose[:, :3] = quat.rotate(turn, pose[:, :3]) + shift
    pose[:, 3:7] = quat.multiply(turn, pose[:, 3:7])
    return pose


@pytest.mark.parametrize("seed", range(4))
def test_the_way_back_is_exact(seed):
    pose = clip(seed, spread=0.2 + 0.3 * seed)
    values = features.encode(pose)
    assert values.shape == (30, features.SIZE) == (30, 81)
    back = features.decode(values)
    start = features.canonical(pose)
    assert skeleton.joints(back) == pytest.approx(skeleton.joints(start), abs=1e-12)
    assert features.encode(back) == pytest.approx(values, abs=1e-9)


def test_place_and_direction_do_not_matter():
    pose = clip(5)
    other = moved(pose, 2.0, [3.0, 0.0, -1.0])
    assert features.encode(other) == pytest.approx(features.encode(pose), abs=1e-9)
    start = features.canonical(other)
    assert skeleton.joints(start) == pytest.approx(
        skeleton.joints(features.canonical(pose)), abs=1e-9)
    assert start[0, [0, 2]] == pytest.approx([0, 0])
    assert features.heading(start[0, 3:7]) == pytest.approx(0)
    assert start[:, 1] == pytest.approx(pose[:, 1])


def test_clips_in_a_batch_are_clips_alone():
    poses = np.stack([clip(seed) for seed in range(3)])
    whole = features.encode(poses)
    assert whole[1] == pytest.approx(features.encode(poses[1]), abs=1e-12)
    assert features.decode(whole)[2] == pytest.approx(features.decode(whole[2]), abs=1e-12)


def test_a_walk_around_a_circle():
    """Constant speed and turning rate are constant features."""
    angle = np.arange(40) * 0.1  # to the left, 2 rad/s, at 1.5 m/s: a circle of 0.75 m
    pose = stand(40)
    pose[:, 0], pose[:, 2] = 0.75 * np.sin(angle), 0.75 * (np.cos(angle) - 1)
    pose[:, 3:7] = quat.from_vector(np.outer(angle, [0, 1, 0]))
    values = features.encode(pose)
    assert values[:, features.group("heading")] == pytest.approx(np.full((40, 1), 2.0))
    ahead, right = values[:-1, features.group("travel")].T
    chord = 2 * 0.75 * np.sin(0.05) * 20
    assert ahead == pytest.approx(np.full(39, chord * np.cos(0.05)))
    assert right == pytest.approx(np.full(39, -chord * np.sin(0.05)))  # towards the centre
    assert features.decode(values)[:, :3] == pytest.approx(pose[:, :3])


def test_contacts_by_hand():
    pose = stand()
    assert (features.contacts(pose) == 1).all()
    pose[:, 1] += 0.06
    assert (features.contacts(pose) == 0).all()
    pose = stand()
    pose[:, 0] = np.arange(10) * 0.03  # 0.6 m/s: slides
    assert (features.contacts(pose) == 0).all()
    pose[:, 0] = np.arange(10) * 0.01
    assert (features.contacts(pose) == 1).all()
    pose[:, skeleton.column("right_knee")] = -1.0
    assert (features.contacts(pose) == [0, 0, 1, 1]).all()


def test_any_numbers_are_some_rotation():
    """What a network says is no rotation, and must become one."""
    rng = np.random.default_rng(3)
    q = features.unsix(rng.normal(size=(100, 6)) * 3)
    assert np.linalg.norm(q, axis=1) == pytest.approx(np.ones(100))
    exact = quat.unit(rng.normal(size=(100, 4)))
    again = features.unsix(features.six(exact) * 2.5)  # their length does not matter
    assert quat.angle_between(exact, again) == pytest.approx(np.zeros(100), abs=1e-7)
    assert np.isfinite(features.decode(np.zeros((5, 81)))).all()


def test_heading_of_q_and_minus_q():
    q = quat.from_vector([0.3, 2.5, -0.2])
    assert features.heading(-q) == pytest.approx(features.heading(q))
    assert features.heading(quat.from_vector([0, -1.2, 0])) == pytest.approx(-1.2)
