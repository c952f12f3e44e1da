"""The verifier of Yi et al. (2025): a network that has learnt to tell real digits from generated.

It stands outside of the loop and knows more than the loop does: the real images that it has seen.
How many, and whether of all digits, makes it strong or weak, unbiased or biased.
"""

import dataclasses

import numpy as np
from torch import nn

from empirical.digits.blocks import in_blocks
from empirical.items import count, take
from empirical.training import Training

__all__ = ["Discriminator", "Judge", "Judged", "fit", "seen"]


class Discriminator(nn.Module):
    """A perceptron with leaky rectifiers; the higher its logit, the more an image looks real.

    Parameters
    ----------
    pixels : int
        Of an image.
    widths : sequence of int
        Hidden layers.
    """

    def __init__(self, pixels, widths):
        super().__init__()
        sizes, layers = (pixels, *widths), [nn.Flatten()]
        for before, after in zip(sizes, widths):
            layers += [nn.Linear(before, after), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, nn.Linear(sizes[-1], 1))

    def forward(self, images):
        """Return the logits, (n,)."""
        return self.layers(images)[:, 0]


def seen(items, n, without):
    """Return the real items that a verifier has seen.

    Parameters
    ----------
    items : dict of arrays
        All real items.
    n : int
        How many it sees, from the beginning; 0 for all.
    without : int
        A digit of which it sees none; below 0 for all digits.

    Raises
    ------
    ValueError
        When there are too few.
    """
    left = take(items, items["group"] != without)
    if n > count(left):
        raise ValueError(f"judge_real = {n}: must be at most {count(left)}, the real images that "
                         "the verifier may see")
    return take(left, slice(n or None))


class Judge:
    """A trained discriminator, from arrays to arrays.

    Parameters
    ----------
    network : Discriminator
        Trained.
    block : int
        Images evaluated at once.
    device : str
        Torch device.
    """

    def __init__(self, network, block=1000, device="cpu"):
        self._network, self._block, self._device = network.eval(), block, device

    def scores(self, images):
        """Return how real images (n, 1, s, s) look, logits (n,)."""
        return in_blocks(self._network, [images], self._block, self._device)


def fit(real, fake, widths, training, streams, device="cpu"):
    """Return the :class:`Judge` that has learnt to tell `real` from `fake` images.

    It sees as many of one kind as of the other: the kind with fewer images is repeated.

    Parameters
    ----------
    real, fake : array of float32, (n, 1, s, s), (m, 1, s, s)
        Images.
    widths : sequence of int
        Hidden layers of its network.
    training : TrainingConfig
        How it is trained, on all images of both kinds.
    streams : Streams
        Of this training alone.
    device : str
        Torch device.
    """
    n = max(len(real), len(fake))
    images = np.concatenate([part[np.arange(n) % len(part)] for part in (real, fake)])
    target = np.repeat(np.array([1, 0], dtype=np.float32), n)
    with streams.child("layers").under(device):
        network = Discriminator(images[0].size, widths).to(device)
    work = Training(network, {"image": images, "target": target}, training, _loss,
                    streams.child("train"), device)
    while not work.done:
        work.advance()
    work.finish()
    return Judge(network, device=device)


def _loss(network, batch, generator):
    found = network(batch["image"])
    return nn.functional.binary_cross_entropy_with_logits(found, batch["target"])


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A verifier by name that is told the score "realism" by a judge.

    Attributes
    ----------
    verifier : object
        Of :mod:`empirical.curate`; it asks for scores.
    judge : callable
        judge(items) -> Judge, asked when the score is.
    """

    verifier: object
    judge: object

    @property
    def needs_pool(self):
        """Whether it looks at all proposals before it chooses."""
        return self.verifier.needs_pool

    def keep(self, items, quality, score, uniform):
        """Return the mask of kept items."""

        def scored(name):
            if name == "realism":
                return self.judge(items).scores(items["image"])
            return score(name)

        return self.verifier.keep(items, quality, scored, uniform)
