"""A convolutional variational autoencoder that is told the digit (as Yi et al. 2025 use)."""

import numpy as np
import torch
from torch import nn

from empirical.diffusion import normal
from empirical.digits.blocks import in_blocks
from empirical.digits.config import CLASSES

__all__ = ["Autoencoder", "generate", "loss", "parts"]


class Autoencoder(nn.Module):
    """Two strided convolutions down to a latent Gaussian, and two back up.

    Parameters
    ----------
    config : Config
        Of the task: `size`, `channels` (two) and `latents`.
    """

    def __init__(self, config):
        super().__init__()
        first, second = config.channels
        self.latents, self._shape = config.latents, (second, config.size // 4, config.size // 4)
        inner = int(np.prod(self._shape))
        self.down = nn.Sequential(
            nn.Conv2d(1, first, 4, 2, 1), nn.GELU(), nn.Conv2d(first, second, 4, 2, 1), nn.GELU(),
            nn.Flatten(),
        )
        self.code = nn.Linear(inner + CLASSES, 2 * config.latents)
        self.seed = nn.Linear(config.latents + CLASSES, inner)
        self.up = nn.Sequential(
            nn.ConvTranspose2d(second, first, 4, 2, 1), nn.GELU(),
            nn.ConvTranspose2d(first, 1, 4, 2, 1),
        )

    def encode(self, grey, labels):
        """Return the mean and the log-variance of the latent law, (n, latents) each."""
        seen = torch.cat([self.down(2 * grey - 1), _one_hot(labels)], dim=1)
        return self.code(seen).chunk(2, dim=1)

    def decode(self, latent, labels):
        """Return the logits of the grey values, (n, 1, s, s)."""
        seen = torch.cat([latent, _one_hot(labels)], dim=1)
        return self.up(nn.functional.gelu(self.seed(seen)).unflatten(1, self._shape))


def _one_hot(labels):
    return nn.functional.one_hot(labels, CLASSES).float()


def parts(model, images, labels, generator, binarise=False):
    """Return the two parts of minus the evidence bound, in nats an image, (n,) each.

    They are the cross entropy of the grey values (coins thrown with them, where `binarise`) with
    the decoder's, and the Kullback-Leibler divergence of the latent law from its prior.
    """
    grey = (images + 1) / 2
    if binarise:
        grey = torch.bernoulli(grey, generator=generator)
    mean, log_variance = model.encode(grey, labels)
    noise = torch.randn(mean.shape, generator=generator, device=mean.device)
    logits = model.decode(mean + (log_variance / 2).exp() * noise, labels)
    wrong = nn.functional.binary_cross_entropy_with_logits(logits, grey, reduction="none")
    apart = (mean**2 + log_variance.exp() - 1 - log_variance) / 2
    return wrong.flatten(1).sum(1), apart.sum(1)


def loss(model, batch, generator, config):
    """Return minus the evidence bound, with `beta` as the weight of its second part."""
    wrong, apart = parts(model, batch["image"], batch["group"], generator, config.binarise)
    return (wrong + config.beta * apart).mean()


def generate(model, labels, indices, streams, config, device):
    """Return images (n, 1, s, s) of digits `labels` (n,), and the evaluations that it took."""
    latent = normal(streams, indices, (config.latents,))

    def decode(latent, labels):
        return 2 * torch.sigmoid(model.decode(latent, labels)) - 1

    return in_blocks(decode, [latent, np.asarray(labels)], config.block, device), len(indices)
