"""Clips from files: captions, the npz format, HumanML3D; and one line for what is wrong."""

import json
from pathlib import Path

import numpy as np
import pytest

from empirical.motion import clips, features, humanml, library, skeleton
from empirical.motion import quaternions as quat
from empirical.motion.captions import Vocabulary, check_caption
from empirical.motion.synthetic import law

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "motion"
needs_real = pytest.mark.skipif(not REAL.is_dir(), reason=f"no recorded clips at {REAL}")


class TestCaptions:
    def test_words(self):
        known = Vocabulary.of(["A man walks.", "a man runs"], more=["zebra"])
        assert known.words == ("a", "man", "runs", "walks", "zebra")
        assert known.size == 7
        rows = known.encode(["A man, walks!", "zebra eats"], places=4)
        assert rows.tolist() == [[2, 3, 5, 0], [6, 1, 0, 0]]
        assert known.decode(rows[1]) == "zebra ?"
        assert known.encode(["a " * 30], places=4).tolist() == [[2, 2, 2, 2]]

    @pytest.mark.parametrize("caption", ["", "  ", "...", None])
    def test_empty(self, caption):
        with pytest.raises(ValueError, match=r"caption = .*: must hold a word"):
            check_caption(caption)
        if caption is not None:
            with pytest.raises(ValueError, match="must hold a word"):
                Vocabulary(()).encode([caption])


@pytest.fixture(scope="module")
def made():
    """Eight made-up clips."""
    return [law.draw(np.random.default_rng(seed)) for seed in range(8)]


def write(folder, made, change=lambda arrays, about: None):
    starts = np.cumsum([0] + [len(clip.pose) for clip in made])
    arrays = {"pose": np.concatenate([clip.pose for clip in made]).astype(np.float32),
              "parents": np.array(skeleton.PARENTS), "offsets": skeleton.OFFSETS}
    about = {"fps": 20, "joint_names": list(skeleton.NAMES), "clips": [
        {"id": f"m{k}", "split": "test" if k > 5 else "train", "start": int(starts[k]),
         "length": len(clip.pose), "action": law.ACTIONS[clip.action].name,
         "captions": [clip.caption, "somebody moves"], "needs_props": k == 1}
        for k, clip in enumerate(made)]}
    change(arrays, about)
    folder.mkdir(exist_ok=True)
    np.savez(folder / clips.ARRAYS, **arrays)
    (folder / clips.TEXTS).write_text(json.dumps(about))
    return folder


class TestTheNpzFormat:
    def test_what_is_read(self, tmp_path, made):
        found = clips.read(write(tmp_path / "a", made))
        assert [clip.name for clip in found] == ["m0", "m2", "m3", "m4", "m5", "m6", "m7"]
        assert [clip.split for clip in found] == ["train"] * 5 + ["test"] * 2
        assert found[1].captions == (made[2].caption, "somebody moves")
        assert found[1].pose == pytest.approx(made[2].pose, abs=1e-5)
        again = clips.read(tmp_path / "a" / clips.ARRAYS)
        assert (again[3].pose == found[3].pose).all()

    def test_what_the_library_makes_of_it(self, tmp_path, made):
        path = str(write(tmp_path / "a", made))
        whole, some = library.library(path, 0, 0, 80), library.library(path, 3, 1, 40)
        assert len(whole.train["length"]) == 5
        assert len(some.train["length"]) == 3
        assert some.train["length"].max() <= 40
        assert (some.train["words"] == whole.train["words"][:3]).all()
        assert (some.mean == library.library(path, 2, 1, 40).mean).all()
        # What the base model does not see teaches the embedding, before the made-up clips.
        assert len(library.judged(path, 0, 80, 4)["length"]) == 4
        taught = library.judged(path, 3, 40, 4)
        assert (taught["length"][:2] == np.minimum(whole.train["length"][3:], 40)).all()
        assert (taught["features"][:2, :10] == whole.train["features"][3:, :10]).all()
        made_up = library.judged("", 3, 40, 4)
        assert (taught["features"][2:] == made_up["features"]).all()
        assert some.captions["train"][:2] == (made[0].caption, "somebody moves")
        assert (some.vocabulary.encode(["somebody"]) > 1)[0, 0]
        with pytest.raises(ValueError, match="must be at most 5, 2, the clips in"):
            library.library(path, 6, 0, 80)

    @pytest.mark.parametrize(("change", "match"), [
        (lambda a, t: a.update(pose=a["pose"][:, :42]), r"must be \(frames, 43\)"),
        (lambda a, t: a["pose"].__setitem__((3, 5), np.nan), "a/m0 = nan in frame 3, column 5"),
        (lambda a, t: a["pose"].__setitem__((3, slice(3, 7)), 0.7), "a/m0 = a quaternion of"),
        (lambda a, t: a.pop("pose"), "must hold an array pose"),
        (lambda a, t: a.update(offsets=2 * skeleton.OFFSETS), "its skeleton must be the humanoid"),
        (lambda a, t: a.update(parents=np.arange(18)), "its skeleton must be the humanoid"),
        (lambda a, t: t.update(joint_names=["a"] * 18), "its skeleton must be the humanoid"),
        (lambda a, t: t.update(fps=30), "fps must be 20"),
        (lambda a, t: t["clips"][0].update(captions=[""]), "a/m0: caption = '': must hold"),
        (lambda a, t: t["clips"][0].update(captions=[]), "must hold a word"),
        (lambda a, t: t["clips"][0].update(length=1), "1 frames: must be a clip"),
        (lambda a, t: t["clips"][0].update(start=10**9), "clip m0 runs from frame"),
        (lambda a, t: t["clips"][0].pop("id"), "must have id, split, start"),
        (lambda a, t: t.update(clips=t["clips"][:6]), "must hold clips of the split test"),
        (lambda a, t: t.update(clips=3), "must hold a list of clips"),
    ])
    def test_what_is_wrong_is_said_in_a_line(self, tmp_path, made, change, match):
        write(tmp_path / "a", made, change)
        with pytest.raises(ValueError, match=match) as error:
            clips.read(str(tmp_path / "a"))
        assert "\n" not in str(error.value)

    def test_no_data_and_broken_files(self, tmp_path, made):
        with pytest.raises(ValueError, match="must be a folder with"):
            clips.read(str(tmp_path))
        folder = write(tmp_path / "b", made)
        (folder / clips.ARRAYS).write_bytes(b"PK\x03\x04 and no more")
        with pytest.raises(ValueError, match="is not a readable npz file"):
            clips.read(str(folder))
        write(tmp_path / "c", made)
        (tmp_path / "c" / clips.TEXTS).write_text("{")
        with pytest.raises(ValueError, match="is not readable JSON"):
            clips.read(str(tmp_path / "c"))

    @needs_real
    def test_the_recorded_clips(self):
        found = clips.read(str(REAL))
        assert sum(clip.split == "train" for clip in found) >= 256
        assert len(found) == 342  # eight need props
        joints = np.load(REAL / clips.ARRAYS)["joints"]
        first = joints[: len(found[0].pose)]
        assert skeleton.joints(found[0].pose) == pytest.approx(first, abs=5e-3)
        balanced = {clip.action for clip in found[:64]}
        assert len(balanced) > 15


def fake(pose):
    """The 22 joints of HumanML3D on our own humanoid."""
    at = dict(zip(skeleton.NAMES, np.moveaxis(skeleton.joints(pose), 1, 0)))
    chest = at["chest"]
    more = {"pelvis": at["root"], "spine1": chest, "spine2": chest, "spine3": chest,
            "head": at["head_top"]}
    for side in ("right", "left"):
        more |= {f"{side}_foot": at[f"{side}_toe"], f"{side}_collar": at[f"{side}_shoulder"]}
    at |= more
    return np.stack([at[name] for name in humanml.JOINTS], axis=1)


def to_features(places):
    """HumanML3D's features of positions, as far as they are read: its own definitions."""
    across = places[:, 2] - places[:, 1]  # right hip - left hip
    forward = np.cross([0, 1.0, 0], across)
    # The turn that takes the figure's direction to +z.
    angle = -np.arctan2(forward[:, 0], forward[:, 2])
    turn = quat.from_vector(np.outer(angle, [0, 1.0, 0]))
    step = quat.rotate(turn[1:], np.diff(places[:, 0], axis=0))
    values = np.zeros((len(places) - 1, 263))
    half = np.diff(np.unwrap(angle)) / 2
    values[:, 0] = half
    values[:, 1:3] = step[:, [0, 2]]
    values[:, 3] = places[:-1, 0, 1]
    local = quat.rotate(turn[:, None], places - places[:, :1] * [1, 0, 1])[:-1, 1:]
    values[:, 4:67] = local.reshape(len(local), -1)
    return values, angle[0]


class TestHumanML3D:
    @pytest.mark.parametrize("seed", range(4))
    def test_inverse_kinematics_is_exact_on_our_own_bones(self, made, seed):
        pose = made[seed].pose
        found = humanml.to_poses(fake(pose))
        skeleton.check_pose(found)
        apart = skeleton.joints(found) - skeleton.joints(pose)
        apart[..., 1] -= np.median(apart[..., 1])  # the floor is found anew
        assert np.abs(apart).max() < 2e-3

    def test_a_larger_figure_walks_as_far_in_its_own_measure(self, made):
        pose = made[0].pose
        larger = humanml.to_poses(1.25 * fake(pose))
        assert skeleton.joints(larger) == pytest.approx(
            skeleton.joints(humanml.to_poses(fake(pose))), abs=1e-6)

    def test_features_give_the_positions_back(self, made):
        places = fake(made[3].pose)
        values, angle = to_features(places)
        found = humanml.from_features(values)
        turn = quat.from_vector([0, angle, 0])
        wanted = quat.rotate(turn, places - places[0, 0] * [1, 0, 1])[:-1]
        assert found == pytest.approx(wanted, abs=1e-9)

    def folder(self, tmp_path, made):
        for name in ("texts", "new_joints", "new_joint_vecs"):
            (tmp_path / name).mkdir()
        for k, clip in enumerate(made[:4]):
            text = f"{clip.caption}#a/DET b/NOUN#0.0#0.0\nsaid again#x#0.0#0.0\nlater#x#1.0#2.5\n"
            (tmp_path / "texts" / f"{k:06}.txt").write_text(text)
            if k < 3:
                np.save(tmp_path / "new_joints" / f"{k:06}.npy", fake(clip.pose))
            else:
                np.save(tmp_path / "new_joint_vecs" / f"{k:06}.npy",
                        to_features(fake(clip.pose))[0])
        (tmp_path / "train.txt").write_text("000000\n000001\n999999\n")
        (tmp_path / "test.txt").write_text("000002\n000003\n")
        return tmp_path

    def test_a_folder(self, tmp_path, made):
        found = clips.read(str(self.folder(tmp_path, made)))
        assert [(c.name, c.split) for c in found] == [
            ("000000", "train"), ("000001", "train"), ("000002", "test"), ("000003", "test")]
        assert found[0].captions == (made[0].caption, "said again")
        for clip, own in zip(found, made):
            wanted = features.canonical(own.pose)[: len(clip.pose)]
            apart = skeleton.joints(clip.pose) - skeleton.joints(wanted)
            assert np.abs(apart - np.median(apart, axis=(0, 1))).max() < 0.01

    def test_seconds_of_a_longer_motion(self, tmp_path, made):
        folder = self.folder(tmp_path, made)
        (folder / "texts" / "000000.txt").write_text("a part#x#0.5#2.0\nanother#x#0.0#1.0\n")
        first = clips.read_humanml(folder)[0]
        assert first.captions == ("a part",)
        assert len(first.pose) == min(30, len(made[0].pose) - 10)

    @pytest.mark.parametrize(("name", "content", "match"), [
        ("texts/000000.txt", b"#x#0.0#0.0\n", "must hold a word"),
        ("texts/000000.txt", b"", "must hold a caption"),
        ("train.txt", b"../../etc/passwd\n", "must be a plain name"),
        ("new_joints/000000.npy", b"junk", "not a readable npy file"),
    ])
    def test_what_is_wrong(self, tmp_path, made, name, content, match):
        folder = self.folder(tmp_path, made)
        (folder / name).write_bytes(content)
        with pytest.raises(ValueError, match=match):
            clips.read(str(folder))

    def test_wrong_joints(self, tmp_path, made):
        folder = self.folder(tmp_path, made)
        np.save(folder / "new_joints" / "000000.npy", np.zeros((40, 24, 3)))
        with pytest.raises(ValueError, match=r"must be \(frames, 22, 3\), all finite"):
            clips.read(str(folder))
        np.save(folder / "new_joints" / "000000.npy", np.zeros((40, 22, 3)))
        with pytest.raises(ValueError, match="must be"):  # joints that all coincide
            clips.read(str(folder))
