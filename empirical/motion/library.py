"""The motions that all runs of a config share: train, test, and what the embedding learns from.

Items hold `features` (n, frames, 81), 0 after a clip's end, `length` in frames, the caption's
`words` as numbers, `group` (the action), and with a CLIP model its `clip` vector of the caption.
None of it depends on a run's seed: seeds differ in weights, noise and batches.
"""

import functools
from dataclasses import dataclass

import numpy as np

from empirical.items import take
from empirical.motion import clips, features
from empirical.motion.captions import Vocabulary
from empirical.motion.skeleton import normalised
from empirical.motion.synthetic import law
from empirical.streams import Streams

__all__ = ["Library", "library", "to_features", "to_poses"]

TEST = 128  # made-up test clips
ALL = 1024  # made-up train clips where a config asks for all
REFERENCE = 256  # made-up clips that the features' scale comes from
# Groups that are scaled as one, so that what hardly ever moves is not blown up to noise.
FLOOR = 0.05  # of a group's scale, in its own units


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """All motions at hand.

    Attributes
    ----------
    train, test, judged : dict of arrays
        Items: of the base model, held out, and of the embedding.
    captions : dict
        The captions of "train", "test" and "judged", tuples of str.
    vocabulary : Vocabulary
        Of the words.
    mean, scale : array, (81,)
        Of the features: (features - mean)/scale is what networks see.
    """

    train: dict
    test: dict
    judged: dict
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


@functools.lru_cache(maxsize=4)
def library(data, n, test, frames, judged):
    """Return the :class:`Library` of a source; arguments as the config's fields.

    Raises
    ------
    ValueError
        When the source is not what it should be, or too small.
    """
    return _recorded(data, n, test, frames, judged) if data else _made(n, test, frames, judged)


def _made_clips(name, count):
    streams = Streams(0).child("motion", name)
    return [law.draw(streams.child(number).numpy()) for number in range(count)]


def _made_items(found, vocabulary, frames):
    said = tuple(clip.caption for clip in found)
    return _items([clip.pose for clip in found], said, [clip.action for clip in found],
                  vocabulary, frames), said


def _made(n, test, frames, judged):
    vocabulary = Vocabulary(law.words())
    parts = {name: _made_items(_made_clips(name, count), vocabulary, frames)
             for name, count in (("train", n or ALL), ("test", test or TEST),
                                 ("judged", max(judged, REFERENCE)))}
    return _library(parts, vocabulary, take(parts["judged"][0], slice(REFERENCE)),
                    take(parts["judged"][0], slice(judged)))


def _recorded(data, n, test, frames, judged):
    found = clips.read(data)
    train = [clip for clip in found if clip.split == "train"]
    held = [clip for clip in found if clip.split == "test"]
    if n > len(train) or test > len(held):
        raise ValueError(f"n, test = {n}, {test}: must be at most {len(train)}, {len(held)}, the "
                         f"clips in {data}")
    vocabulary = Vocabulary.of((text for clip in train for text in clip.captions), law.words())
    actions = sorted({clip.action for clip in found})

    def items(chosen):
        # One caption a clip, the wordings in turn.
        said = tuple(c.captions[k % len(c.captions)] for k, c in enumerate(chosen))
        groups = [actions.index(clip.action) for clip in chosen]
        return _items([c.pose for c in chosen], said, groups, vocabulary, frames), said

    chosen = train[: n or len(train)]
    parts = {"train": items(chosen), "test": items(held[: test or len(held)])}
    rest, said = items(train[len(chosen):]) if len(chosen) < len(train) else (None, ())
    made, told = _made_items(_made_clips("judged", judged), vocabulary, frames)
    if rest is not None:
        made = {name: np.concatenate([rest[name], values]) for name, values in made.items()}
    parts["judged"] = made, said + told
    return _library(parts, vocabulary, items(train)[0], made)


def _library(parts, vocabulary, reference, judged):
    mean, scale = _scales(reference)
    captions = {name: said for name, (_, said) in parts.items()}
    return Library(parts["train"][0], parts["test"][0], judged, captions, vocabulary, mean, scale)


def _items(poses, captions, groups, vocabulary, frames):
    lengths = np.minimum([len(pose) for pose in poses], frames).astype(np.int64)
    return {
        "features": to_features(poses, lengths, frames), "length": lengths,
        "words": vocabulary.encode(captions), "group": np.asarray(groups, dtype=np.int64),
    }


def _scales(items):
    """Return each feature's mean over frames, and each group's common spread about these."""
    values = np.concatenate([row[:length] for row, length in
                             zip(items["features"], items["length"])]).astype(float)
    mean, scale = values.mean(axis=0), np.empty(features.SIZE)
    for part in features.GROUPS.values():
        spread = np.sqrt(values[:, part].var(axis=0).mean())
        scale[part] = max(spread, FLOOR)
    return mean, scale
