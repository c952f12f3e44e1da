"""The text-motion embedding in which motions are compared with motions and with captions.

Two small encoders are trained so that a motion lies near its own caption and far from others
(contrastive, both ways), with the squared Euclidean distance as the measure, so that distances
and Gaussians in the space mean something. It is trained on motions that no model is trained or
tested on, once for all runs, from a seed of its own. It stands in for the evaluator of Guo et al.
(2022), which the papers use.
"""

import functools

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from empirical.motion.library import to_features, to_poses
from empirical.streams import Streams
from empirical.training import Training

__all__ = ["Embedding", "fit"]

PATCH = 4  # frames a token
WIDTH = 128
BLOCK = 64  # clips evaluated at once


class Embedding(nn.Module):
    """Both encoders.

    Parameters
    ----------
    size : int
        Features a frame.
    words : int
        Size of the vocabulary.
    features : int
        Width of the embedding.
    mean, scale : array, (size,)
        Of the features.
    """

    def __init__(self, size, words, features, mean, scale):
        super().__init__()
        for name, values in (("mean", mean), ("scale", scale)):
            self.register_buffer(name, torch.as_tensor(values, dtype=torch.float32),
                                 persistent=False)
        self.enter = nn.Linear(PATCH * size, WIDTH)
        self.mix = nn.ModuleList(nn.Conv1d(WIDTH, WIDTH, 3, padding=1) for _ in range(2))
        self.leave = nn.Linear(2 * WIDTH, features)
        self.word = nn.Embedding(words, WIDTH)
        self.near = nn.Conv1d(WIDTH, WIDTH, 3, padding=1)
        self.say = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.GELU(), nn.Linear(WIDTH, features))

    def motion(self, x, length):
        """Return where motions (n, frames, size) of so many frames lie, (n, features)."""
        n, frames, size = x.shape
        there = torch.arange(frames, device=x.device) < length[:, None]
        x = (x - self.mean) / self.scale * there[..., None]
        spare = -frames % PATCH
        x = functional.pad(x, (0, 0, 0, spare)).reshape(n, -1, PATCH * size)
        there = functional.pad(there, (0, spare))[:, ::PATCH, None]
        x = functional.gelu(self.enter(x)) * there
        for layer in self.mix:
            x = (x + functional.gelu(layer(x.transpose(1, 2)).transpose(1, 2))) * there
        mean = x.sum(dim=1) / there.sum(dim=1)
        most = x.masked_fill(~there, -torch.inf).amax(dim=1)
        return self.leave(torch.cat([mean, most], dim=1))

    def text(self, words):
        """Return where captions (n, places) lie, (n, features)."""
        there = (words > 0)[..., None]
        x = self.word(words) * there
        x = x + functional.gelu(self.near(x.transpose(1, 2)).transpose(1, 2))
        return self.say((x * there).sum(dim=1) / there.sum(dim=1).clamp(min=1))

    @torch.inference_mode()
    def motions(self, values, lengths):
        """Return where motions, features (n, frames, size), lie: float64 array (n, features).

        Only their poses count: a model's own velocities and contacts are made anew.
        """
        self.eval()
        made, values = [], np.asarray(values)
        values = to_features(to_poses(values, lengths), lengths, values.shape[1])
        for start in range(0, len(values), BLOCK):
            rows = np.minimum(np.arange(start, start + BLOCK), len(values) - 1)
            found = self.motion(*(torch.from_numpy(np.ascontiguousarray(part[rows])).to(
                self.mean.device) for part in (values, np.asarray(lengths))))
            made.append(found[: len(values) - start].double().cpu().numpy())
        return np.concatenate(made)

    @torch.inference_mode()
    def texts(self, words):
        """Return where captions lie: float64 array (n, features)."""
        self.eval()
        return self.text(torch.from_numpy(words).to(self.mean.device)).double().cpu().numpy()


def contrast(model, batch, generator):
    """Return the contrastive loss of a batch: each side is to find its partner.

    Captions that are the same word for word are nobody's mistake.
    """
    motion, text = model.motion(batch["features"], batch["length"]), model.text(batch["words"])
    logits = -torch.cdist(motion, text).square() / 2
    words = batch["words"]
    same = (words[:, None] == words).all(dim=2) & ~torch.eye(len(words), dtype=torch.bool,
                                                             device=words.device)
    logits = logits.masked_fill(same, -torch.inf)
    own = torch.arange(len(words), device=words.device)
    return (functional.cross_entropy(logits, own) + functional.cross_entropy(logits.T, own)) / 2


class _Key:
    """Items as a key of a cache: the same arrays, or others."""

    def __init__(self, items):
        self.items = items

    def __hash__(self):
        return id(self.items["features"])

    def __eq__(self, other):
        return self.items["features"] is other.items["features"]


def fit(items, words, scales, features, training, device="cpu"):
    """Return the :class:`Embedding` trained on items, made once a process.

    Parameters
    ----------
    items : dict of arrays
        Motions and captions that nobody else is trained or tested on.
    words : int
        Size of the vocabulary.
    scales : pair of arrays, (81,)
        Mean and scale of the features.
    features : int
        Width of the embedding.
    training : TrainingConfig
    device : str
    """
    mean, scale = (tuple(values.tolist()) for values in scales)
    return _fit(_Key(items), words, mean, scale, features, training, device,
                torch.get_num_threads())


@functools.lru_cache(maxsize=4)
def _fit(key, words, mean, scale, features, training, device, threads):
    streams = Streams(0).child("motion", "embedding")
    with streams.child("build").under(device):
        model = Embedding(len(mean), words, features, mean, scale).to(device)
    run = Training(model, key.items, training, contrast, streams.child("train"), device)
    while not run.done:
        run.advance()
    run.finish()
    return model.eval()
