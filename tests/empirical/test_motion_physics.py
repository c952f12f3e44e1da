"""The corrector: what it mends, what it leaves alone, what it gives up."""

import json
import os
from pathlib import Path

import mujoco
import numpy as np
import pytest

from empirical.motion import _humanoid, _plan, contacts, physics, skeleton
from empirical.motion import quaternions as quat
from empirical.motion.synthetic import law

DATA = Path(os.environ.get(
    "LOOPCERT_MOTION", Path(__file__).resolve().parents[3] / "shared" / "data" / "motion"))


def stepping(frames=40, lift=0.15):
    """Return marching on the spot, feet flat, legs bent to stay under the hips."""
    clip = np.tile(skeleton.rest(), (frames, 1))
    phase = 2 * np.pi * np.arange(frames) / 20
    for side, sign in (("right", 1.0), ("left", -1.0)):
        raised = lift * np.maximum(0, np.sin(phase) * sign) ** 2
        bend = 2 * np.arccos(1 - raised / (2 * 0.41))  # of legs with equal halves, nearly
        for joint, angle in (("hip", bend / 2), ("ankle", bend / 2)):
            clip[:, skeleton.POSE[f"{side}_{joint}"]] = quat.from_vector(
                angle[:, None] * np.array([0, 0, 1.0]))
        clip[:, skeleton.POSE[f"{side}_knee"]] = -bend[:, None]
    clip[:, 1] -= contacts.lowest(clip)
    return clip


def spoiled(clip, seed=0, sink=0.05, slide=0.4, shake=0.02):
    """Return a clip sunk, sliding and shaking, as bad models make them."""
    rng, frames = np.random.default_rng(seed), len(clip)
    clip = clip.copy()
    clip[:, 0] += slide * np.arange(frames) / skeleton.FPS
    clip[:, 1] -= sink * np.sin(np.linspace(0, 7, frames)) ** 2
    angles = skeleton.to_angles(clip) + shake * rng.standard_normal((frames, 28))
    return skeleton.to_pose(clip[:, :3], clip[:, skeleton.POSE["root"]], angles)


def padded(clips):
    lengths = np.array([len(clip) for clip in clips])
    poses = np.zeros((len(clips), lengths.max(), skeleton.WIDTH), dtype=np.float32)
    for row, clip in zip(poses, clips):
        row[:len(clip)] = clip
    return poses, lengths


@pytest.fixture(scope="module")
def mixed():
    """Return clips, lengths, and what the corrector makes of them."""
    good = stepping()
    broken, thrown = good.copy(), good[:20].copy()
    broken[7, 3] = np.nan
    thrown[10:, 0] += 3.0
    poses, lengths = padded([good, spoiled(good)[:30], broken, thrown, good + 1e6])
    poses[1, 30:] = 7.0
    return poses, lengths, *physics.correct(poses, lengths)


class TestModel:
    def test_is_the_skeleton(self):
        made = physics.model()
        assert made.nbody == 16
        assert (made.nq, made.nv) == (43, 34)
        assert made.body_mass.sum() == pytest.approx(45)
        assert _humanoid.WEIGHT == pytest.approx(45 * 9.81)
        assert sorted(_humanoid.COLUMNS) == list(range(43))

    def test_joints_stand_where_forward_kinematics_puts_them(self):
        rng = np.random.default_rng(3)
        pose = skeleton.normalised(skeleton.rest() + 0.3 * rng.standard_normal(43))
        body = physics._Body()
        body.start(pose[_humanoid.COLUMNS], np.zeros(34))
        for name, place in zip(skeleton.NAMES, skeleton.joints(pose)):
            if name not in ("head_top", "right_toe", "left_toe"):
                assert body.data.body(name).xpos == pytest.approx(place, abs=1e-9), name
        shapes = {b: g for g, b in enumerate(body.model.geom_bodyid)}
        low = contacts.clearance(pose)
        for number, name in enumerate(skeleton.NAMES[:15]):
            geom = shapes[body.model.body(name).id]
            axes, centre = body.data.geom_xmat[geom].reshape(3, 3), body.data.geom_xpos[geom]
            size, kind = body.model.geom_size[geom], skeleton.BODIES[number].shape
            reach = {"sphere": size[0], "capsule": size[0] + abs(axes[1, 2]) * size[1],
                     "box": np.abs(axes[1]) @ size}[kind]
            assert centre[1] - reach == pytest.approx(low[number], abs=1e-9), name


class TestPlan:
    def test_good_motion_hardly_changes(self):
        clip = stepping()
        apart = np.linalg.norm(skeleton.joints(_plan.plan(clip)) - skeleton.joints(clip), axis=-1)
        assert apart.mean() < 0.012

    def test_gliding_feet_are_held(self):
        clip = stepping()
        clip[:, 0] += 0.2 * np.arange(40) / 20
        assert contacts.skating(clip) > 9
        held = contacts.skating(_plan.plan(clip))
        assert held < 2.5
        clip[:, 0] *= 3  # farther than legs make good: less is held, and the way stays
        apart = _plan.plan(clip)[:, 0] - clip[:, 0]
        assert np.abs(apart).max() < 0.02
        assert held < contacts.skating(_plan.plan(clip)) < 0.9 * contacts.skating(clip)

    def test_hovering_ends_and_flight_does_not(self):
        hover = np.tile(skeleton.rest(), (30, 1))
        hover[10:, 1] += 0.1
        assert not _plan.in_flight(hover).any()
        assert contacts.lowest(_plan.plan(hover))[20:].max() < 0.01
        jump = np.tile(skeleton.rest(), (30, 1))
        time = np.arange(30) / 20 - 0.5
        jump[:, 1] += np.maximum(0, 2.5 * time - 9.81 / 2 * time**2)
        assert 6 <= _plan.in_flight(jump).sum() <= 10
        top = contacts.lowest(jump).max()
        assert contacts.lowest(_plan.plan(jump)).max() == pytest.approx(top, abs=0.04)

    def test_reaching_moves_the_ankle_alone(self):
        clip = stepping()
        move = np.tile([0.02, 0.06, -0.03], (40, 1))
        found = _plan._reach(clip, "left", move)
        ankle = skeleton.NAMES.index("left_ankle")
        before, after = skeleton.joints(clip), skeleton.joints(found)
        assert after[:, ankle] - before[:, ankle] == pytest.approx(move, abs=1e-9)
        turned = [skeleton.global_rotations(x)[:, ankle] for x in (clip, found)]
        assert quat.angle_between(*turned) == pytest.approx(np.zeros(40), abs=1e-6)
        others = [n for n, name in enumerate(skeleton.NAMES)
                  if name not in ("left_knee", "left_ankle", "left_toe")]
        assert after[:, others] == pytest.approx(before[:, others], abs=1e-12)

    def test_speeds_are_those_of_the_way(self):
        place, speed, push = _plan.spread(spoiled(stepping()))
        made, found = physics.model(), np.zeros(34)
        for step in (5, 100, 250):
            mujoco.mj_differentiatePos(made, found, 2 * _humanoid.STEP, place[step - 1],
                                       place[step + 1])
            assert found == pytest.approx(speed[step], abs=0.05)
            assert push[step] * 2 * _humanoid.STEP == pytest.approx(
                speed[step + 1] - speed[step - 1], abs=1e-9)


class TestCorrect:
    def test_outcomes(self, mixed):
        poses, _, found, report = mixed
        names = [physics.OUTCOMES[number] for number in report.outcome]
        assert names == ["corrected", "corrected", "not finite", "fell", "not finite"]
        assert report.counts == {"corrected": 2, "fell": 1, "not finite": 2, "timed out": 0}
        assert found.dtype == np.float32
        assert np.array_equal(found[2:], poses[2:], equal_nan=True)
        assert (report.moved > 0).tolist() == [True, True, False, False, False]
        assert report.seconds == pytest.approx((39 + 29 + 19) / 20)

    def test_padding_stays(self, mixed):
        poses, _, found, _ = mixed
        assert (found[1, 30:] == poses[1, 30:]).all()

    def test_good_motion_is_left_alone(self, mixed):
        assert mixed[3].moved[0] < 0.02

    def test_bad_motion_is_mended(self, mixed):
        poses, _, found, _ = mixed
        before, after = contacts.measure(poses[1, :30]), contacts.measure(found[1, :30])
        assert before["penetration"] > 10
        assert after["penetration"] < 0.1 * before["penetration"]
        assert after["skating"] < 0.5 * before["skating"]

    def test_poses_are_poses(self, mixed):
        executed = mixed[2][0]
        assert skeleton.check_pose(executed) == pytest.approx(executed, abs=1e-6)
        knees = executed[:, [skeleton.POSE["right_knee"].start, skeleton.POSE["left_knee"].start]]
        assert knees.max() < 0.3

    def test_the_same_clip_gives_the_same_bits(self, mixed):
        poses, lengths, found, _ = mixed
        alone, _ = physics.correct(poses[1:2, :30], lengths[1:2])
        assert (alone[0] == found[1, :30]).all()

    def test_processes_change_no_bit(self, mixed):
        poses, lengths, found, report = mixed
        many = [np.concatenate([values, values[:4]]) for values in (poses, lengths)]
        other, same = physics.correct(*many, processes=2)
        assert np.array_equal(other[:5], found, equal_nan=True)
        assert np.array_equal(other[5:], found[:4], equal_nan=True)
        assert same.outcome[:5].tolist() == report.outcome.tolist()

    def test_patience(self, mixed):
        poses, lengths, _, _ = mixed
        found, report = physics.correct(poses[:1], lengths[:1], patience=0.0)
        assert report.counts["timed out"] == 1
        assert (found == poses[:1]).all()

    def test_what_floats_comes_down_by_its_weight(self):
        """The drive holds half the weight: the body drops, whatever it aims at."""
        body = physics._Body()
        aim = skeleton.rest()[_humanoid.COLUMNS]
        start = aim.copy()
        start[1] += 0.2
        body.start(start, np.zeros(34))
        for _ in range(160):
            body.step(aim, np.zeros(34), np.zeros(34))
        assert body.data.qpos[1] == pytest.approx(aim[1], abs=0.01)
        assert body.data.ncon >= 4

    def test_no_log_is_left(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        wild = np.random.default_rng(0).normal(0, 40, (2, 20, 43)).astype(np.float32)
        found, report = physics.correct(wild, [20, 20])
        assert not report.corrected.any()
        assert (found == wild).all()
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize(("poses", "lengths", "processes", "message"), [
        (np.zeros((2, 5, 42)), [5, 5], 1, "poses = shape"),
        (np.zeros((2, 5, 43)), [5, 1], 1, "whole numbers from 2 to 5"),
        (np.zeros((2, 5, 43)), [5, 6], 1, "whole numbers from 2 to 5"),
        (np.zeros((2, 5, 43)), [5.0, 5.0], 1, "whole numbers"),
        (np.zeros((2, 5, 43)), [5], 1, "must be 2 whole numbers"),
        (np.zeros((2, 5, 43)), [5, 5], 0, "processes = 0: must be at least 1"),
    ])
    def test_bad_input(self, poses, lengths, processes, message):
        with pytest.raises(ValueError, match=message):
            physics.correct(poses, lengths, processes)


class TestCorrector:
    def test_items(self, mixed):
        poses, lengths, found, _ = mixed
        items = {"pose": poses, "length": lengths, "group": np.arange(5)}
        made, report = physics.PhysicsCorrector().correct_and_tell(items)
        assert np.array_equal(made["pose"], found, equal_nan=True)
        assert made["group"] is items["group"]
        assert report.counts["fell"] == 1

    def test_features_of_what_fails_stay_bit_for_bit(self, mixed):
        poses, lengths, found, _ = mixed
        items = {"half": (poses / 2)[:4], "length": lengths[:4]}
        corrector = physics.PhysicsCorrector("half", read=lambda x: x * 2, write=lambda x: x / 2)
        made = corrector.correct(items)["half"]
        assert (made[:2] == found[:2] / 2).all()
        assert np.array_equal(made[2:], items["half"][2:], equal_nan=True)

    def test_no_items(self):
        none = {"pose": np.zeros((0, 5, 43), dtype=np.float32), "length": np.zeros(0, dtype=int)}
        assert physics.PhysicsCorrector().correct(none) is none


@pytest.mark.skipif(not (DATA / "motions_20fps.npz").is_file(),
                    reason="no recorded motions (LOOPCERT_MOTION names their folder)")
def test_recorded_walks_are_not_damaged():
    told = json.loads((DATA / "captions.json").read_text())["clips"]
    walks = [c for c in told if c["action"] == "walk" and not c["needs_props"]][::12]
    with np.load(DATA / "motions_20fps.npz") as file:
        every = file["pose"]
    poses, lengths = padded([every[c["start"]: c["start"] + c["length"]] for c in walks])
    found, report = physics.correct(poses, lengths)
    assert report.corrected.all()
    assert report.moved.mean() < 0.05
    before, after = (contacts.measure(clips, lengths) for clips in (poses, found))
    assert after["skating"].mean() < 0.5 * before["skating"].mean()
    assert after["floating"].mean() < 0.5 * before["floating"].mean()
    assert after["penetration"].mean() < 0.05  # mm


def test_made_up_walks_are_not_damaged():
    number = next(n for n, action in enumerate(law.ACTIONS) if action.name == "walk")
    rng, chosen = np.random.default_rng(5), law.styles(law.ACTIONS[number])[::3]
    poses, lengths = padded([law.make(number, styles, rng) for styles in chosen])
    found, report = physics.correct(poses, lengths)
    assert report.corrected.all()
    assert report.moved.mean() < 0.03
    assert contacts.penetration(found, lengths).max() < 0.05  # mm
