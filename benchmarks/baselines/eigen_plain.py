"""The eigenvalue transformer as a good user would write it, from the papers' description.

Post-norm layers of `torch.nn.Transformer`, 512 wide, 4 + 1 layers, the whole vocabulary at every
place, a begin and an end token, float32, Adam; matrices drawn and encoded one number at a time
with string formatting, as the published code for this task does.
"""

import numpy as np
import torch
from torch import nn

WORDS = ["<pad>", "<s>", "</s>", "+", "-"] + [str(i) for i in range(1000)]
WORDS += [f"E{i}" for i in range(-100, 101)]
IDS = {word: number for number, word in enumerate(WORDS)}


def write(value):
    """Return the three words of a number."""
    mantissa, exponent = f"{abs(value):.2e}".split("e")
    return ["-" if value < 0 else "+", mantissa.replace(".", "").lstrip("0") or "0",
            f"E{int(exponent) - 2}"]


def encode(values):
    """Return the token numbers of a sequence of numbers, with the end token."""
    words = [word for value in values for word in write(value)]
    return [IDS[word] for word in words] + [IDS["</s>"]]


def batch(size, n, rng):
    """Return input and output tokens of n fresh matrices."""
    sources, targets = [], []
    for _ in range(n):
        matrix = rng.uniform(-10, 10, (size, size))
        matrix = np.triu(matrix) + np.triu(matrix, 1).T
        sources.append(encode(matrix.ravel()))
        targets.append([IDS["<s>"], *encode(np.linalg.eigvalsh(matrix)[::-1])])
    return torch.tensor(sources), torch.tensor(targets)


class PlainTransformer(nn.Module):
    """Embeddings, `torch.nn.Transformer`, and a linear map to the vocabulary."""

    def __init__(self, width=512, heads=8, encoder_layers=4, decoder_layers=1, longest=128):
        super().__init__()
        self.read, self.written = (nn.Embedding(len(WORDS), width) for _ in range(2))
        self.read_place, self.write_place = (nn.Embedding(longest, width) for _ in range(2))
        self.body = nn.Transformer(
            width, heads, encoder_layers, decoder_layers, 4 * width, dropout=0.0,
            batch_first=True,
        )
        self.out = nn.Linear(width, len(WORDS))

    def forward(self, source, target):
        """Return the logits of the token after each of `target`."""
        read = self.read(source) + self.read_place(torch.arange(source.shape[1]))
        written = self.written(target) + self.write_place(torch.arange(target.shape[1]))
        causal = nn.Transformer.generate_square_subsequent_mask(target.shape[1])
        return self.out(self.body(read, written, tgt_mask=causal, tgt_is_causal=True))


def train(model, optimizer, size, n, rng):
    """Take one step on n fresh matrices."""
    source, target = batch(size, n, rng)
    logits = model(source, target[:, :-1])
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), target[:, 1:].flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def bart(size, width=512, heads=8, encoder_layers=4, decoder_layers=1):
    """Return an encoder-decoder of `transformers` of the same sizes."""
    from transformers import BartConfig, BartForConditionalGeneration

    config = BartConfig(
        vocab_size=len(WORDS), d_model=width, max_position_embeddings=3 * size**2 + 8,
        encoder_layers=encoder_layers, decoder_layers=decoder_layers,
        encoder_attention_heads=heads, decoder_attention_heads=heads,
        encoder_ffn_dim=4 * width, decoder_ffn_dim=4 * width, activation_function="relu",
        dropout=0.0, pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1,
        forced_eos_token_id=None,
    )
    return BartForConditionalGeneration(config).eval()


@torch.inference_mode()
def generate(model, source, size, beams):
    """Return all outputs of beam search with exactly 3 tokens a number, by `transformers`."""
    return model.generate(
        source, attention_mask=torch.ones_like(source), num_beams=beams,
        num_return_sequences=beams, do_sample=False, min_new_tokens=3 * size,
        max_new_tokens=3 * size, use_cache=True,
    )
