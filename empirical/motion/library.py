"""The motions that runs of a config share: train, test, and what the embedding learns from.

Items hold `features` (n, frames, 81), 0 after a clip's end, `length` in frames, the caption's
`words` as numbers, `group` (the action), and with a CLIP model its `clip` vector of the caption.
None of it depends on a run's seed: seeds differ in weights, noise and batches.
"""

import functools
from dataclasses import dataclass

import numpy as np

from empirical.items import join
from empirical.motion import clips, features
from empirical.motion.captions import Vocabulary
from empirical.motion.skeleton import normalised
from empirical.motion.synthetic import law
from empirical.streams import Streams

__all__ = ["Library", "judged", "library", "to_features", "to_poses"]

TEST = 128  # made-up test clips
ALL = 1024  # made-up train clips where a config asks for all
REFERENCE = 256  # made-up clips that the features' scale comes from
# Groups that are scaled as one, so that what hardly ever moves is not blown up to noise.
FLOOR = 0.05  # of a group's scale, in its own units


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """All motions at hand for training and testing models.

    Attributes
    ----------
    train, test : dict of arrays
        Items: of the base model, and held out.
    captions : dict
        The captions of "train" and "test", tuples of str.
    vocabulary : Vocabulary
        Of the words.
    mean, scale : array, (81,)
        Of the features: (features - mean)/scale is what networks see.
    """

    train: dict
    test: dict
    captions: dict
    vocabulary: Vocabulary
    mean: np.ndarray
    scale: np.ndarray


def to_features(poses, lengths, frames):
    """Return features, float32 (n, frames, 81), of clips: a list, or padded (n, _, 43)."""
    made = np.zeros((len(poses), frames, features.SIZE), dtype=np.float32)
    for row, pose, length in zip(made, poses, lengths):
        row[:length] = features.encode(np.asarray(pose)[:length])
    return made


def to_poses(values, lengths):
    """Return the poses, float64 (n, frames, 43), of features (n, frames, 81).

    After its end a clip stays as it ended.
    """
    poses = normalised(features.decode(values))
    for pose, length in zip(poses, lengths):
        pose[length:] = pose[length - 1]
    return poses


@functools.lru_cache(maxsize=8)
def library(data, n, test, frames):
    """Return the :class:`Library` of a source; arguments as the config's fields.

    Raises
    ------
    ValueError
        When the source is not what it should be, or too small.
    """
    vocabulary, scales = _vocabulary(data), _scales(data, frames)
    if data:
        train, held = _recorded(data, "train"), _recorded(data, "test")
        if n > len(train) or test > len(held):
            raise ValueError(f"n, test = {n}, {test}: must be at most {len(train)}, {len(held)}, "
                             f"the clips in {data}")
        parts = [train[: n or None], held[: test or None]]
        items = [_recorded_items(part, data, frames) for part in parts]
    else:
        items = [_made_items("train", n or ALL, vocabulary, frames),
                 _made_items("test", test or TEST, vocabulary, frames)]
    (train, said), (held, told) = items
    return Library(train, held, {"train": said, "test": told}, vocabulary, *scales)


@functools.lru_cache(maxsize=4)
def judged(data, n, frames, count):
    """Return the items that the embedding learns from, which no model is trained or tested on.

    `count` made-up motions, after the recorded train clips that are not among the first n.
    """
    made, _ = _made_items("judged", count, _vocabulary(data), frames)
    rest = _recorded(data, "train")[n:] if data and n else ()
    if not rest:
        return made
    return join([_recorded_items(rest, data, frames)[0], made])


def _made_items(name, count, vocabulary, frames):
    streams = Streams(0).child("motion", name)
    found = [law.draw(streams.child(number).numpy()) for number in range(count)]
    said = tuple(clip.caption for clip in found)
    return _items([clip.pose for clip in found], said, [clip.action for clip in found],
                  vocabulary, frames), said


def _recorded(data, split):
    return [clip for clip in clips.read(data) if clip.split == split]


def _recorded_items(chosen, data, frames):
    # One caption a clip, the wordings in turn.
    said = tuple(clip.captions[k % len(clip.captions)] for k, clip in enumerate(chosen))
    actions = sorted({clip.action for clip in clips.read(data)})
    groups = [actions.index(clip.action) for clip in chosen]
    return _items([clip.pose for clip in chosen], said, groups, _vocabulary(data), frames), said


@functools.lru_cache(maxsize=4)
def _vocabulary(data):
    """Return the words of the law, and of all train captions where there are any."""
    if not data:
        return Vocabulary(law.words())
    said = (text for clip in _recorded(data, "train") for text in clip.captions)
    return Vocabulary.of(said, law.words())


@functools.lru_cache(maxsize=4)
def _scales(data, frames):
    """Return each feature's mean over frames, and each group's common spread about these.

    Of all train clips, or of made-up ones: whatever n is, so that models can be compared.
    """
    if data:
        items, _ = _recorded_items(_recorded(data, "train"), data, frames)
    else:
        items, _ = _made_items("judged", REFERENCE, _vocabulary(data), frames)
    values = np.concatenate([row[:length] for row, length in
                             zip(items["features"], items["length"])]).astype(float)
    mean, scale = values.mean(axis=0), np.empty(features.SIZE)
    for part in features.GROUPS.values():
        spread = np.sqrt(values[:, part].var(axis=0).mean())
        scale[part] = max(spread, FLOOR)
    return mean, scale


def _items(poses, captions, groups, vocabulary, frames):
    lengths = np.minimum([len(pose) for pose in poses], frames).astype(np.int64)
    return {
        "features": to_features(poses, lengths, frames), "length": lengths,
        "words": vocabulary.encode(captions), "group": np.asarray(groups, dtype=np.int64),
    }

