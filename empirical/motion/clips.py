"""Captioned motion clips from files: the npz format, and HumanML3D folders.

npz       a folder with `motions_20fps.npz` (pose (frames, 43), start, length) and `captions.json`
          (per clip: split, start, length, action, captions, needs_props), or either file's path.
          Train clips come in an order whose first 64, 128 and 256 are balanced over actions, so
          the sets of these sizes are nested. Clips that need props are left out.
HumanML3D a folder with `train.txt`, `test.txt`, `texts/` and `new_joints/` (frames, 22, 3) or
          `new_joint_vecs/` (frames, 263). Its joints are put on our humanoid by inverse
          kinematics (:mod:`empirical.motion.humanml`); it is 20 frames a second, as ours.
"""

import functools
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from empirical.motion import humanml
from empirical.motion.captions import check_caption
from empirical.motion.features import canonical
from empirical.motion.skeleton import FPS, NAMES, OFFSETS, PARENTS, check_pose

__all__ = ["RealClip", "read", "read_humanml", "read_npz"]

ARRAYS, TEXTS = "motions_20fps.npz", "captions.json"
SPLITS = ("train", "test")
SHORTEST = 20  # frames of a clip of HumanML3D


@dataclass(frozen=True, slots=True, eq=False)
class RealClip:
    """A recorded motion.

    Attributes
    ----------
    name : str
        Of the clip in its source.
    split : str
        "train" or "test".
    action : str
        One word; empty where the source names none.
    captions : tuple of str
        At least one.
    pose : array of float64, (frames, 43)
        Beginning over the origin, heading +x.
    """

    name: str
    split: str
    action: str
    captions: tuple
    pose: np.ndarray


@functools.lru_cache(maxsize=2)
def read(path):
    """Return all clips at a path, train before test, a tuple of :class:`RealClip`.

    Raises
    ------
    ValueError
        When there are none, or a file is not what it should be; one line that names it.
    """
    place = Path(path).expanduser()
    if place.is_file():
        place = place.parent
    if (place / ARRAYS).is_file():
        clips = read_npz(place)
    elif (place / "texts").is_dir():
        clips = read_humanml(place)
    else:
        raise ValueError(f"data = {path}: must be a folder with {ARRAYS} and {TEXTS}, or one of "
                         "HumanML3D with texts/ and new_joints/")
    for split in SPLITS:
        if not any(clip.split == split for clip in clips):
            raise ValueError(f"data = {path}: must hold clips of the split {split}")
    return tuple(sorted(clips, key=lambda clip: SPLITS.index(clip.split)))


def read_npz(folder):
    """Return the clips of a folder in the npz format, in file order; see :func:`read`."""
    folder = Path(folder)
    arrays, about = _arrays(folder / ARRAYS), _json(folder / TEXTS)
    _same_skeleton(arrays, about, folder)
    if float(arrays.get("fps", about.get("fps", FPS))) != FPS:
        raise ValueError(f"{folder / ARRAYS}: fps must be {FPS}")
    clips = []
    for row in about["clips"]:
        try:
            needs, start, length = row.get("needs_props"), int(row["start"]), int(row["length"])
            name, split = str(row["id"]), row["split"]
            action, captions = str(row.get("action", "")), list(row["captions"])
        except (KeyError, TypeError, ValueError, AttributeError):
            raise ValueError(f"{folder / TEXTS}: a clip must have id, split, start, length and "
                             "captions") from None
        if needs or split not in SPLITS:
            continue
        clips.append(_clip(name, split, action, captions, arrays["pose"], start, length, folder))
    return clips


def _clip(name, split, action, captions, poses, start, length, folder):
    if not (0 <= start and 0 <= length and start + length <= len(poses)):
        raise ValueError(f"{folder / TEXTS}: clip {name} runs from frame {start} for {length}, of "
                         f"{len(poses)}")
    label = f"{folder.name}/{name}"
    said = tuple(check_caption(text, f"{label}: caption") for text in captions or [""])
    pose = canonical(check_pose(poses[start:start + length], label))
    return RealClip(name, split, action, said, pose)


def _arrays(path):
    try:
        with path.open("rb") as file, np.load(file) as found:
            arrays = {name: found[name] for name in found.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path}: is not a readable npz file ({_line(error)})") from None
    if "pose" not in arrays or arrays["pose"].ndim != 2:
        raise ValueError(f"{path}: must hold an array pose (frames, 43)")
    return arrays


def _json(path):
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: is not readable JSON ({_line(error)})") from None
    if not isinstance(about, dict) or not isinstance(about.get("clips"), list):
        raise ValueError(f"{path}: must hold a list of clips")
    return about


def _line(error):
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _same_skeleton(arrays, about, folder):
    """Refuse poses that were made for other bones than ours, where the file says which."""
    names, parents = about.get("joint_names", NAMES), arrays.get("parents", PARENTS)
    offsets = arrays.get("offsets", OFFSETS)
    same = tuple(names) == NAMES and tuple(np.asarray(parents).tolist()) == PARENTS
    if not (same and np.shape(offsets) == OFFSETS.shape
            and np.allclose(offsets, OFFSETS, atol=1e-4)):
        raise ValueError(f"{folder}: its skeleton must be the humanoid's of 18 joints (names, "
                         "parents and offsets)")


def read_humanml(folder):
    """Return the clips of a HumanML3D folder; see :func:`read`.

    One clip a text file: that of its first line, cut to the seconds which the line names. Names
    whose motion is missing or shorter than a second are left out, as by the set's own loader.
    """
    folder, clips = Path(folder), []
    for split in SPLITS:
        try:
            names = (folder / f"{split}.txt").read_text(encoding="utf-8").split()
        except (OSError, ValueError) as error:
            raise ValueError(f"{folder / split}.txt: is not readable ({_line(error)})") from None
        for name in names:
            if "/" in name or "\\" in name:
                raise ValueError(f"{folder / split}.txt: {name!r} must be a plain name")
            found = _humanml_clip(folder, split, name)
            clips += [found] if found else []
    return clips


def _humanml_clip(folder, split, name):
    text, joints = folder / "texts" / f"{name}.txt", _humanml_joints(folder, name)
    if joints is None or not text.is_file():
        return None
    said, start, stop = _said(text)
    joints = joints[start: stop or None]
    if len(joints) < SHORTEST:
        return None
    pose = check_pose(humanml.to_poses(joints), f"{folder.name}/{name}")
    return RealClip(name, split, "", said, canonical(pose))


def _said(path):
    """Return the captions of a text file that tell of the same frames as its first, and these."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        caption, *rest = line.split("#")
        try:
            span = tuple(round(float(part) * FPS) for part in rest[-2:])
        except (ValueError, OverflowError):
            span = (0, 0)
        rows.append((check_caption(caption, f"{path.name}: caption"), span))
    if not rows:
        raise ValueError(f"{path}: must hold a caption")
    first = rows[0][1]
    return tuple(caption for caption, span in rows if span == first), *(first or (0, 0))


def _humanml_joints(folder, name):
    for part, width in (("new_joints", (22, 3)), ("new_joint_vecs", (263,))):
        path = folder / part / f"{name}.npy"
        if not path.is_file():
            continue
        try:
            values = np.load(path)
        except (OSError, ValueError, EOFError) as error:
            raise ValueError(f"{path}: is not a readable npy file ({_line(error)})") from None
        if values.shape[1:] != width or not np.isfinite(values).all():
            raise ValueError(f"{path}: shape {values.shape} must be (frames, "
                             f"{', '.join(map(str, width))}), all finite")
        return values if part == "new_joints" else humanml.from_features(values)
    return None
