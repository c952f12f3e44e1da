"""The humanoid: rotations, forward kinematics, and what is refused as a pose."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from empirical.motion import quaternions as quat
from empirical.motion import skeleton

RNG = np.random.Generator(np.random.PCG64(1))
Q = quat.unit(RNG.normal(size=(50, 4)))
P = quat.unit(RNG.normal(size=(50, 4)))
V = RNG.normal(size=(50, 3))


def theirs(q):
    return Rotation.from_quat(np.roll(q, -1, axis=-1))


def random_poses(n=20):
    pose = np.tile(skeleton.REST, (n, 1)) + RNG.normal(size=(n, skeleton.WIDTH))
    return skeleton.normalised(pose)


def test_quaternions_are_scipys_rotations():
    assert quat.rotate(Q, V) == pytest.approx(theirs(Q).apply(V))
    assert quat.to_matrix(Q) == pytest.approx(theirs(Q).as_matrix())
    product = theirs(Q) * theirs(P)
    assert quat.to_matrix(quat.multiply(Q, P)) == pytest.approx(product.as_matrix())
    assert quat.to_vector(Q) == pytest.approx(theirs(Q).as_rotvec())
    assert quat.to_matrix(quat.from_vector(V)) == pytest.approx(
        Rotation.from_rotvec(V).as_matrix())
    between = (theirs(Q).inv() * theirs(P)).magnitude()
    assert quat.angle_between(Q, P) == pytest.approx(between)


def test_inverses_and_ends():
    assert quat.multiply(Q, quat.inverse(Q)) == pytest.approx(np.tile([1.0, 0, 0, 0], (50, 1)))
    again = quat.from_matrix(quat.to_matrix(Q))
    assert again == pytest.approx(np.where(Q[:, :1] < 0, -Q, Q))
    for half_turn in np.eye(4)[1:]:  # where the trace is least
        assert quat.from_matrix(quat.to_matrix(half_turn)) == pytest.approx(half_turn)
    assert quat.to_vector([1.0, 0, 0, 0]) == pytest.approx(np.zeros(3))
    assert quat.from_vector(np.zeros(3)) == pytest.approx([1.0, 0, 0, 0])
    assert quat.angle_between(quat.slerp(Q, P, np.zeros(50)), Q) == pytest.approx(0, abs=1e-7)
    assert quat.angle_between(quat.slerp(Q, P, np.ones(50)), P) == pytest.approx(0, abs=1e-7)
    middle = quat.slerp(Q, P, np.full(50, 0.25))
    assert quat.angle_between(Q, middle) == pytest.approx(0.25 * quat.angle_between(Q, P))


def test_the_skeleton():
    assert skeleton.WIDTH == 43
    assert len(skeleton.JOINTS) == 18
    assert len(skeleton.BODIES) == 15
    assert sum(body.mass for body in skeleton.BODIES) == pytest.approx(45)
    places = dict(zip(skeleton.NAMES, skeleton.joints(skeleton.REST)))
    assert places["head_top"][1] == pytest.approx(1.619, abs=1e-3)
    assert places["right_toe"] == pytest.approx([0.1335, 0.0, 0.084887])
    assert places["left_wrist"][2] == pytest.approx(-0.18311)
    for right, left in ((n, n.replace("right", "left")) for n in skeleton.NAMES if "right" in n):
        assert places[right] * [1, 1, -1] == pytest.approx(places[left])
    assert skeleton.column("right_knee") == slice(19, 20)
    with pytest.raises(ValueError, match="joint = 'tail'"):
        skeleton.column("tail")


def test_known_gestures():
    """Signs: knees bend back, elbows bend forward, hips lift the leg forward, right is +z."""
    pose = skeleton.rest()
    pose[skeleton.column("right_knee")] = -np.pi / 2
    pose[skeleton.column("left_elbow")] = np.pi / 2
    places = dict(zip(skeleton.NAMES, skeleton.joints(pose)))
    assert places["right_ankle"] - places["right_knee"] == pytest.approx([-0.40987, 0, 0])
    assert places["left_wrist"] - places["left_elbow"] == pytest.approx([0.258947, 0, 0])
    pose = skeleton.rest()
    pose[skeleton.column("left_hip")] = quat.from_vector([0, 0, np.pi / 2])
    pose[skeleton.column("root")] = quat.from_vector([0, np.pi / 2, 0])  # a quarter to the left
    places = dict(zip(skeleton.NAMES, skeleton.joints(pose)))
    assert places["left_knee"] - places["left_hip"] == pytest.approx([0, 0, -0.421546])


def test_bones_keep_their_length_and_batches_their_shape():
    pose = random_poses().reshape(4, 5, 43)
    places = skeleton.joints(pose)
    assert places.shape == (4, 5, 18, 3)
    assert places[2, 3] == pytest.approx(skeleton.joints(pose[2, 3]))
    bones = np.linalg.norm(np.diff(places[:, :, [0, 1]], axis=2), axis=-1)
    assert bones == pytest.approx(np.full((4, 5, 1), 0.236151))
    for number, parent in enumerate(skeleton.PARENTS[1:], start=1):
        length = np.linalg.norm(places[..., number, :] - places[..., parent, :], axis=-1)
        assert length == pytest.approx(np.full((4, 5), np.linalg.norm(skeleton.OFFSETS[number])))


def test_angles_round_trip():
    pose = random_poses()
    angles = skeleton.to_angles(pose)
    assert angles.shape == (20, 28)
    again = skeleton.to_pose(pose[:, :3], pose[:, 3:7], angles)
    assert skeleton.joints(again) == pytest.approx(skeleton.joints(pose))
    low, high = skeleton.limits()
    assert (low < high).all()
    assert low.shape == (28,)


class TestWhatIsRefused:
    def clip(self):
        return random_poses(6)

    def refused(self, pose, match):
        with pytest.raises(ValueError, match=match) as error:
            skeleton.check_pose(pose, "clip 7")
        assert "\n" not in str(error.value)
        assert str(error.value).startswith("clip 7 = ")

    def test_a_good_clip_is_not(self):
        clip = self.clip()
        assert skeleton.check_pose(clip.astype(np.float32)) == pytest.approx(clip, abs=1e-6)

    def test_another_skeleton(self):
        self.refused(self.clip()[:, :42], r"shape \(6, 42\): must be \(frames, 43\)")
        self.refused(self.clip()[0], "must be")
        self.refused([["a"] * 43] * 3, "not numbers")

    def test_one_frame(self):
        self.refused(self.clip()[:1], "1 frames: must be a clip of at least 2")

    @pytest.mark.parametrize("value", [np.nan, np.inf])
    def test_no_number(self, value):
        clip = self.clip()
        clip[4, 30] = value
        self.refused(clip, "in frame 4, column 30")

    def test_not_unit(self):
        clip = self.clip()
        clip[3, 7:11] *= 1.01
        self.refused(clip, r"quaternion of norm 1\.01 \(chest, frame 3\)")
        clip[3, 7:11] = 0
        self.refused(clip, "norm 0")
