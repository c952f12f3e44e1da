"""The encoder-decoder transformer that reads a matrix and writes its eigenvalues.

As Charton (2022) and Feng et al. (2025, appendix B) have it: four layers read, one writes, learned
positions, ReLU, no dropout. Sequences have one fixed length, so there is no padding and no mask
but the causal one, and queries, keys and values come out of one projection.

The output has a grammar: the first token of a number is a sign, the second a mantissa, and so on.
With `grammar` the softmax at each place runs over the tokens allowed there, in training as in
decoding; without it, over the whole vocabulary, as in the papers.
"""

import math

import torch
from torch import nn
from torch.nn import functional

__all__ = ["Reader", "Transformer", "Writer"]


class _Dense(nn.Module):
    """A linear map with weights from the given generator (torch's own would use a global one)."""

    def __init__(self, inputs, outputs, generator, scale=1.0):
        super().__init__()
        spread = scale * math.sqrt(2.0 / (inputs + outputs))
        weight = torch.empty(outputs, inputs, device=generator.device)
        self.weight = nn.Parameter(weight.normal_(0.0, spread, generator=generator))
        self.bias = nn.Parameter(torch.zeros(outputs, device=generator.device))

    def forward(self, x):
        return functional.linear(x, self.weight, self.bias)


def _table(rows, width, generator):
    values = torch.empty(rows, width, device=generator.device)
    return nn.Parameter(values.normal_(0.0, width**-0.5, generator=generator))


class _Attention(nn.Module):
    """Self-attention with one fused projection."""

    def __init__(self, shape, generator, scale):
        super().__init__()
        self.heads = shape.heads
        self.qkv = _Dense(shape.width, 3 * shape.width, generator)
        self.out = _Dense(shape.width, shape.width, generator, scale)

    def project(self, x):
        """Return queries, keys and values, each (n, heads, length, width / heads)."""
        n, length, _ = x.shape
        parts = self.qkv(x).view(n, length, 3, self.heads, -1)
        return parts.permute(2, 0, 3, 1, 4).unbind(0)

    def attend(self, q, k, v, causal=False):
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=causal)
        return self.out(mixed.transpose(1, 2).flatten(2))  # (n, length, width)

    def forward(self, x, causal=False):
        return self.attend(*self.project(x), causal)


class _Crossing(nn.Module):
    """Attention from the output to what the encoder has read."""

    def __init__(self, shape, generator, scale):
        super().__init__()
        self.heads = shape.heads
        self.query = _Dense(shape.width, shape.width, generator)
        self.keys = _Dense(shape.width, 2 * shape.width, generator)
        self.out = _Dense(shape.width, shape.width, generator, scale)

    def project(self, memory):
        """Return keys and values of a memory (n, source, width); the same for every token."""
        n, length, _ = memory.shape
        parts = self.keys(memory).view(n, length, 2, self.heads, -1)
        return parts.permute(2, 0, 3, 1, 4).unbind(0)

    def forward(self, x, keys, values):
        n, length, _ = x.shape
        q = self.query(x).view(n, length, self.heads, -1).transpose(1, 2)
        mixed = functional.scaled_dot_product_attention(q, keys, values)
        return self.out(mixed.transpose(1, 2).flatten(2))


class _Layer(nn.Module):
    """What a reading and a writing layer share: norms and the two dense maps."""

    def __init__(self, shape, sublayers, generator):
        super().__init__()
        depth = shape.encoder_layers + shape.decoder_layers
        self.scale = depth**-0.5 if shape.norm == "pre" else 1.0
        self.first = shape.norm == "pre"
        self.norms = nn.ModuleList(nn.LayerNorm(shape.width) for _ in range(sublayers))
        self.attention = _Attention(shape, generator, self.scale)
        self.wide = _Dense(shape.width, 4 * shape.width, generator)
        self.narrow = _Dense(4 * shape.width, shape.width, generator, self.scale)

    def add(self, x, place, sublayer):
        """Return x with what `sublayer` makes of it added, normalised before or after."""
        norm = self.norms[place]
        return x + sublayer(norm(x)) if self.first else norm(x + sublayer(x))

    def dense(self, x):
        return self.narrow(functional.relu(self.wide(x)))


class Reader(_Layer):
    """A layer of the encoder."""

    def __init__(self, shape, generator):
        super().__init__(shape, 2, generator)

    def forward(self, x):
        return self.add(self.add(x, 0, self.attention), 1, self.dense)


class Writer(_Layer):
    """A layer of the decoder."""

    def __init__(self, shape, generator):
        super().__init__(shape, 3, generator)
        self.crossing = _Crossing(shape, generator, self.scale)

    def forward(self, x, memory):
        x = self.add(x, 0, lambda y: self.attention(y, causal=True))
        keys, values = self.crossing.project(memory)
        x = self.add(x, 1, lambda y: self.crossing(y, keys, values))
        return self.add(x, 2, self.dense)

    def step(self, x, past, crossed):
        """Advance hypotheses by one token.

        Parameters
        ----------
        x : tensor, (n, beams, width)
            The newest token of each of the hypotheses about n matrices.
        past : pair of tensors (n, beams, heads, t, width / heads), or None
            Keys and values of the tokens before.
        crossed : pair of tensors, (n, heads, source, width / heads)
            Keys and values of the matrices, from `crossing.project`, shared by all beams.

        Returns
        -------
        x : tensor, (n, beams, width)
        past : pair of tensors (n, beams, heads, t + 1, width / heads)
        """
        kept = past

        def look_back(y):
            nonlocal kept
            n, beams, width = y.shape
            q, k, v = self.attention.project(y.reshape(n * beams, 1, width))
            k, v = (part.unflatten(0, (n, beams)) for part in (k, v))
            if past is not None:
                k, v = torch.cat([past[0], k], dim=3), torch.cat([past[1], v], dim=3)
            kept = k, v
            mixed = self.attention.attend(q, k.flatten(0, 1), v.flatten(0, 1))
            return mixed.view(n, beams, width)

        x = self.add(x, 0, look_back)
        x = self.add(x, 1, lambda y: self.crossing(y, *crossed))
        return self.add(x, 2, self.dense), kept


class Transformer(nn.Module):
    """Encoder and decoder.

    Parameters
    ----------
    shape : Shape
        Its sizes.
    generator : torch.Generator
        Source of the weights; the model lives on its device.
    """

    def __init__(self, shape, generator):
        super().__init__()
        self.shape = shape
        rows, width = shape.vocabulary, shape.width
        self.embedding = _table(rows, width, generator)
        self.written = _table(rows, width, generator)  # embeds and predicts output tokens
        self.bias = nn.Parameter(torch.zeros(rows, device=generator.device))
        self.source_place = _table(shape.source, width, generator)
        self.target_place = _table(shape.target, width, generator)
        self.begin = _table(1, width, generator)
        self.source_norm, self.target_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        readers = (Reader(shape, generator) for _ in range(shape.encoder_layers))
        writers = (Writer(shape, generator) for _ in range(shape.decoder_layers))
        self.readers, self.writers = nn.ModuleList(readers), nn.ModuleList(writers)
        self.read_norm, self.write_norm = (
            nn.LayerNorm(width) if shape.norm == "pre" else nn.Identity() for _ in range(2)
        )
        self.to(generator.device)

    def encode(self, source):
        """Return the memory (n, source, width) of input tokens (n, source)."""
        x = functional.embedding(source, self.embedding) + self.source_place
        x = self.source_norm(x)
        for layer in self.readers:
            x = layer(x)
        return self.read_norm(x)

    def start(self, n):
        """Return the decoder's first input, (n, 1, width)."""
        return self.target_norm(self.begin + self.target_place[:1]).expand(n, 1, -1)

    def embed(self, tokens, place):
        """Return the decoder's inputs for output `tokens` that precede `place`, (..., width)."""
        x = functional.embedding(tokens, self.written) + self.target_place[place]
        return self.target_norm(x)

    def scores(self, x, place):
        """Return the logits of the tokens allowed at `place`, (..., stop - start)."""
        first, last = self.shape.kind(place)
        return functional.linear(x, self.written[first:last], self.bias[first:last])

    def decode(self, memory, target):
        """Return the decoder's outputs (n, target, width) under the true tokens before each."""
        n, length = target.shape
        before = self.written[target[:, :-1]] + self.target_place[1:length]
        first = (self.begin + self.target_place[:1]).expand(n, 1, -1)
        x = self.target_norm(torch.cat([first, before], dim=1))
        for layer in self.writers:
            x = layer(x, memory)
        return self.write_norm(x)

    def losses(self, source, target):
        """Return the cross entropy of each output (n, target), in nats a token, (n,)."""
        x = self.decode(self.encode(source), target)
        period = len(self.shape.kinds)
        total = 0.0
        for place in range(period):
            first, _ = self.shape.kind(place)
            logits = self.scores(x[:, place::period], place).float()
            wanted = target[:, place::period] - first
            surprise = functional.cross_entropy(
                logits.flatten(0, 1), wanted.flatten(), reduction="none"
            )
            total = total + surprise.view_as(wanted).sum(dim=1)
        return total / target.shape[1]

    def forward(self, source, target):
        """Return the mean cross entropy of `target` given `source`, in nats a token."""
        return self.losses(source, target).mean()

    @torch.no_grad()
    def count(self):
        """Return how many weights there are."""
        return sum(p.numel() for p in self.parameters())
