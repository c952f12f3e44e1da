"""The reader: a LeNet trained on real digits, whose last hidden layer measures distances.

It is an instrument: its weights depend on the real images and its own config alone, never on a
run's seed, so that the distances of all runs of a comparison are comparable.
"""

import numpy as np
from scipy.special import softmax
from torch import nn

from empirical.digits.blocks import in_blocks
from empirical.digits.config import CLASSES
from empirical.streams import Streams
from empirical.training import Training

__all__ = ["LeNet", "Reader", "fit"]


class LeNet(nn.Module):
    """LeNet-5 (LeCun et al. 1998) with tanh and max pooling, for any size from 8 pixels.

    Parameters
    ----------
    size : int
        Pixels a side.
    features : int
        Width of the last hidden layer; 84 in LeNet-5.
    """

    def __init__(self, size, features=84):
        super().__init__()
        padded = 2 if size < 20 else 0  # of the second layer: small images have no rim to lose
        side = (size // 2 + 2 * padded - 4) // 2
        self.first = nn.Conv2d(1, 6, 5, padding=2)
        self.second = nn.Conv2d(6, 16, 5, padding=padded)
        self.third = nn.Linear(16 * side * side, 120)
        self.fourth = nn.Linear(120, features)
        self.last = nn.Linear(features, CLASSES)

    def features(self, images):
        """Return the last hidden layer, (n, features)."""
        x = nn.functional.max_pool2d(self.first(images).tanh(), 2)
        x = nn.functional.max_pool2d(self.second(x).tanh(), 2)
        return self.fourth(self.third(x.flatten(1)).tanh()).tanh()

    def forward(self, images):
        """Return the logits, (n, 10)."""
        return self.last(self.features(images))


class Reader:
    """A trained LeNet, from arrays to arrays.

    Parameters
    ----------
    network : LeNet
        Trained.
    block : int
        Images evaluated at once.
    device : str
        Torch device.
    """

    def __init__(self, network, block=256, device="cpu"):
        self._network, self._block, self._device = network.eval(), block, device

    def features(self, images):
        """Return the last hidden layer of images (n, 1, s, s), float64 (n, features)."""
        made = in_blocks(self._network.features, [images], self._block, self._device)
        return made.astype(np.float64)

    def _logits(self, features):
        last = self._network.last
        weight, bias = (p.detach().cpu().double().numpy() for p in (last.weight, last.bias))
        return features @ weight.T + bias

    def labels(self, features):
        """Return which digit is read from each row of features."""
        return self._logits(features).argmax(axis=1)

    def confidence(self, features, labels):
        """Return the probability given to each row's own digit."""
        return softmax(self._logits(features), axis=1)[np.arange(len(labels)), labels]


def fit(items, features, training, device="cpu"):
    """Return the :class:`Reader` trained on real items.

    Parameters
    ----------
    items : dict of arrays
        `image` and `group`.
    features : int
        Width of its last hidden layer.
    training : TrainingConfig
        How it is trained.
    device : str
        Torch device.
    """
    streams = Streams(0).child("reader")
    with streams.child("layers").under(device):
        network = LeNet(items["image"].shape[-1], features).to(device)
    work = Training(network, items, training, _loss, streams.child("train"), device)
    while not work.done:
        work.advance()
    work.finish()
    return Reader(network, device=device)


def _loss(network, batch, generator):
    return nn.functional.cross_entropy(network(batch["image"]), batch["group"])
