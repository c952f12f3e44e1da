"""MDM: a transformer that predicts a clean motion from a noisy one, its step and its caption.

As Tevet et al. (2023) have it: one token for step and caption before the tokens of the frames,
sinusoidal places, an encoder of transformer layers, the clean sample as output. What differs:
layers are normalised before and not after, so that a small model may be trained fast; a token may
hold several frames; words are read by a small encoder of our own unless a CLIP model is named.
"""

import math

import torch
from torch import nn
from torch.nn import functional

__all__ = ["MDM", "WordReader"]


def places(count, width):
    """Return sinusoidal places (count, width)."""
    rate = torch.exp(torch.arange(0, width, 2) * (-math.log(10_000.0) / width))
    angle = torch.arange(count)[:, None] * rate
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


class Layer(nn.Module):
    """A transformer layer, normalised before each part."""

    def __init__(self, width, heads, feedforward):
        super().__init__()
        self.heads = heads
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, feedforward), nn.Linear(feedforward, width)

    def forward(self, x, mask):
        """Return x (n, length, width) after attention to where `mask` (n, 1, 1, length) is."""
        n, length, _ = x.shape
        parts = self.qkv(self.first(x)).view(n, length, 3, self.heads, -1)
        q, k, v = parts.permute(2, 0, 3, 1, 4).unbind(0)
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + self.out(mixed.transpose(1, 2).flatten(2))
        return x + self.narrow(functional.gelu(self.wide(self.second(x))))


class WordReader(nn.Module):
    """Reads a caption's words to one vector; no words give the zero vector.

    Parameters
    ----------
    words : int
        Size of the vocabulary.
    places : int
        Most words of a caption.
    width, heads : int
        Of the vectors, and of the one layer.
    """

    def __init__(self, words, count, width, heads):
        super().__init__()
        self.embedding = nn.Embedding(words, width)
        self.register_buffer("places", places(count, width), persistent=False)
        self.layer, self.norm = Layer(width, heads, 2 * width), nn.LayerNorm(width)

    def forward(self, words):
        there = words > 0  # (n, places)
        x = self.embedding(words) + self.places[: words.shape[1]]
        # A row without words attends to itself everywhere, and is then left out.
        open_ = there | ~there.any(dim=1, keepdim=True)
        x = self.norm(self.layer(x, open_[:, None, None]))
        weight = there / there.sum(dim=1, keepdim=True).clamp(min=1)
        return (x * weight[..., None]).sum(dim=1)


class MDM(nn.Module):
    """The denoiser.

    Parameters
    ----------
    config : Config
        Sizes.
    size : int
        Features a frame.
    words, count : int
        Size of the vocabulary, and most words of a caption.
    clip : int
        Width of the CLIP vectors that captions come as; 0 for words.
    """

    def __init__(self, config, size, words, count, clip=0):
        super().__init__()
        width, self.patch = config.width, config.patch
        tokens = config.frames // config.patch
        self.read = nn.Linear(clip, width, bias=False) if clip else WordReader(
            words, count, width, config.heads)
        self.register_buffer("places", places(tokens + 1, width), persistent=False)
        self.register_buffer("steps", places(config.diffusion_steps, width), persistent=False)
        self.step = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))
        self.enter = nn.Linear(self.patch * size, width)
        self.layers = nn.ModuleList(
            Layer(width, config.heads, config.feedforward) for _ in range(config.layers))
        self.norm, self.leave = nn.LayerNorm(width), nn.Linear(width, self.patch * size)

    def forward(self, x, time, text, length):
        """Return the clean motions, of mean 0 and spread 1, (n, frames, size).

        Parameters
        ----------
        x : tensor, (n, frames, size)
            Noisy motions.
        time : tensor of int, (n,)
            Their diffusion steps.
        text : tensor, (n, width)
            What `read` made of the captions; 0 for none.
        length : tensor of int, (n,)
            Frames that count.
        """
        n, frames, size = x.shape
        there = torch.arange(frames, device=x.device) < length[:, None]
        x = x * there[..., None]  # a clip may end within a token
        tokens = self.enter(x.reshape(n, frames // self.patch, self.patch * size))
        first = text + self.step(self.steps[time])
        x = torch.cat([first[:, None], tokens], dim=1) + self.places
        there = there[:, :: self.patch]
        there = torch.cat([torch.ones_like(there[:, :1]), there], dim=1)[:, None, None]
        for layer in self.layers:
            x = layer(x, there)
        return self.leave(self.norm(x[:, 1:])).reshape(n, frames, size)

    def count(self):
        """Return how many weights are trained."""
        return sum(p.numel() for p in self.parameters())
