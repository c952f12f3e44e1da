"""Answers for prompts: many at once, with cached keys and values, each from its own stream.

What answer i is depends on the model, its prompt, its index and the streams, and on its
neighbours in an aligned block by last bits at most; a task asks for whole aligned blocks
(:func:`aligned`), so that it does not depend on the request.
"""

import copy
from dataclasses import dataclass

import numpy as np
import torch

__all__ = ["Sampling", "Written", "aligned", "decoder", "write"]

CHECK = 8  # tokens between two looks at which texts have ended


@dataclass(frozen=True, slots=True)
class Sampling:
    """How answers are written.

    Attributes
    ----------
    temperature : float
        0 takes the most probable token.
    longest : int
        Tokens of an answer at most, the end mark among them.
    stops : tuple of str
        An answer also ends after the first of these; only for models that were not trained to
        write an end mark.
    """

    temperature: float = 0.0
    longest: int = 128
    stops: tuple = ()

    def __post_init__(self):
        if not 0 <= self.temperature < float("inf"):
            raise ValueError(f"temperature = {self.temperature}: must lie in [0, inf)")
        if self.longest < 1:
            raise ValueError(f"longest = {self.longest}: must lie in [1, inf)")


@dataclass(frozen=True, slots=True)
class Written:
    """Answers.

    Attributes
    ----------
    answer : array of int32, (n, longest)
        Tokens, with the end mark where there is one, padded.
    answer_length : array of int32, (n,)
        How many count.
    ended : array of bool, (n,)
        Whether it ended by itself, not by its length.
    """

    answer: np.ndarray
    answer_length: np.ndarray
    ended: np.ndarray

    @property
    def fields(self):
        """The fields of an item (:mod:`empirical.language.items`)."""
        return {"answer": self.answer, "answer_length": self.answer_length}


def aligned(indices, block):
    """Return all indices of the aligned blocks that hold `indices`, and where those are in it.

    Examples
    --------
    >>> aligned([9, 2], 4)
    (array([ 0,  1,  2,  3,  8,  9, 10, 11]), array([5, 2]))
    """
    indices = np.asarray(indices, dtype=np.int64)
    blocks = np.unique(indices // block)
    wanted = (blocks[:, None] * block + np.arange(block)).ravel()
    return wanted, np.searchsorted(wanted, indices)


def decoder(model, precision):
    """Return the model that generates: itself, or a copy with bfloat16 weights."""
    model.eval()
    if precision == "float32":
        return model
    return copy.deepcopy(model).to(torch.bfloat16)


@torch.inference_mode()
def write(model, tokens, prompts, indices, streams, sampling, block=256, prefix=()):
    """Return the answers of a model to prompts.

    Parameters
    ----------
    model : transformers model
        A causal one.
    tokens : WordTokens or HubTokens
        Its vocabulary.
    prompts : sequence of sequence of int
        n prompts, none empty.
    indices : array of int, (n,)
        Number of each in the streams.
    streams : Streams
        Of all uniform numbers; a greedy answer needs none.
    sampling : Sampling
        How.
    block : int
        Prompts at once; the last ones are padded to as many.
    prefix : sequence of int
        What precedes every prompt; its keys and values are computed once.

    Returns
    -------
    Written
    """
    model.eval()
    indices, parts = np.asarray(indices, dtype=np.int64), []
    for first in range(0, len(prompts), block):
        chosen = np.minimum(np.arange(first, first + block), len(prompts) - 1)
        uniform = None
        if sampling.temperature:
            uniform = streams.uniform(indices[chosen], sampling.longest)
        block_prompts = [prompts[place] for place in chosen]
        made = _Block(model, tokens, block_prompts, uniform, sampling, prefix).write()
        parts.append([part[: len(prompts) - first] for part in made])
    if not parts:
        width = sampling.longest
        return Written(np.zeros((0, width), np.int32), np.zeros(0, np.int32), np.zeros(0, bool))
    return Written(*(np.concatenate(part) for part in zip(*parts)))


class _Past:
    """Keys and values of the tokens so far, in room that grows by steps; what layers ask for."""

    is_compileable = False

    def __init__(self, room):
        self._room, self._kept, self.length = room, {}, 0

    def update(self, keys, values, layer, *args, **options):
        """Add keys and values (n, heads, new, width) of a layer; return all of them."""
        new = keys.shape[2]
        if layer not in self._kept:
            self._kept[layer] = [self._larger(part, self._room) for part in (keys, values)]
        kept = self._kept[layer]
        if self.length + new > kept[0].shape[2]:
            room = max(self.length + new, kept[0].shape[2] * 3 // 2)
            kept[:] = [self._grown(part, room) for part in kept]
        stop = self.length + new
        for part, fresh in zip(kept, (keys, values)):
            part[:, :, self.length:stop] = fresh
        return kept[0][:, :, :stop], kept[1][:, :, :stop]

    @staticmethod
    def _larger(like, room):
        n, heads, _, width = like.shape
        return like.new_empty(n, heads, room, width)

    def _grown(self, part, room):
        larger = self._larger(part, room)
        larger[:, :, : self.length] = part[:, :, : self.length]
        return larger

    def get_seq_length(self, layer=0):
        """Return how many tokens there are."""
        return self.length

    def take(self, rows):
        """Keep these rows."""
        for kept in self._kept.values():
            kept[:] = [part[rows] for part in kept]

    def repeated(self, n, room):
        """Return the same past for n rows, with more room."""
        other = _Past(room)
        other.length = self.length
        for layer, kept in self._kept.items():
            parts = [part[:, :, : self.length].expand(n, -1, -1, -1) for part in kept]
            other._kept[layer] = [self._grown(part, room) for part in parts]
        return other


class _Block:
    """The writing of one block: prompts padded at the front, one column a token."""

    def __init__(self, model, tokens, prompts, uniform, sampling, prefix):
        self._model, self._tokens, self._sampling = model, tokens, sampling
        self._device = next(model.parameters()).device
        self._prefix = tuple(prefix)
        longest = max(map(len, prompts))
        asked = np.full((len(prompts), longest), tokens.pad, dtype=np.int64)
        for row, prompt in zip(asked, prompts):
            row[longest - len(prompt):] = prompt
        self._asked = torch.from_numpy(asked).to(self._device)
        pads = [longest - len(prompt) for prompt in prompts]
        self._pads = torch.tensor(pads, device=self._device)  # (n,)
        self._uniform = None if uniform is None else torch.from_numpy(uniform).to(self._device)
        n = len(prompts)
        self._live = torch.arange(n, device=self._device)  # rows of the block still written
        self._answer = torch.full((n, sampling.longest), tokens.pad, device=self._device)
        self._length = torch.full((n,), sampling.longest, device=self._device)
        self._ended = torch.zeros(n, dtype=torch.bool, device=self._device)

    def write(self):
        """Return answers, lengths and whether each ended, as arrays."""
        logits = self._read()
        for step in range(self._sampling.longest):
            newest = self._choose(logits, step)
            self._answer[self._live, step] = newest
            self._mark(newest, step)
            if step + 1 == self._sampling.longest:
                break
            if (step + 1) % CHECK == 0 or len(self._live) <= CHECK:
                newest = self._drop(newest)
                if not len(self._live):
                    break
            logits = self._advance(newest)
        answer = self._answer.masked_fill(
            torch.arange(self._answer.shape[1], device=self._device) >= self._length[:, None],
            self._tokens.pad)
        return (answer.to(torch.int32).cpu().numpy(), self._length.to(torch.int32).cpu().numpy(),
                self._ended.cpu().numpy())

    def _read(self):
        """Read the prompts; return the logits of the first token of each answer."""
        n, longest = self._asked.shape
        room = len(self._prefix) + longest + min(self._sampling.longest, 64)
        self._past = self._started(n, room)
        start = len(self._prefix)
        place = torch.arange(longest, device=self._device)
        real = place >= self._pads[:, None]  # (n, longest)
        causal = place[:, None] >= place  # (longest, longest)
        mask = (causal & real[:, None, :]) | torch.eye(longest, dtype=bool, device=self._device)
        seen = torch.ones(n, longest, start, dtype=torch.bool, device=self._device)
        self._visible = torch.cat([seen[:, 0], real], dim=1)  # (n, start + longest)
        positions = start + (place - self._pads[:, None]).clamp(min=0)
        logits = self._forward(self._asked, torch.cat([seen, mask], dim=2), positions)
        self._next = start + longest - self._pads  # position of the next token, (n,)
        return logits

    def _started(self, n, room):
        if not self._prefix:
            return _Past(room)
        past = _Past(len(self._prefix))
        tokens = torch.tensor([self._prefix], device=self._device)
        self._model(tokens, past_key_values=past, use_cache=True, logits_to_keep=1,
                    attention_mask=torch.ones(1, 1, *2 * tokens.shape[1:], dtype=torch.bool,
                                              device=self._device).tril(),
                    position_ids=torch.arange(tokens.shape[1], device=self._device)[None])
        past.length = len(self._prefix)
        return past.repeated(n, room)

    def _forward(self, tokens, mask, positions):
        """Return the logits after the last of new tokens (n, new), (n, vocabulary)."""
        found = self._model(
            tokens, attention_mask=mask[:, None], position_ids=positions, use_cache=True,
            past_key_values=self._past, logits_to_keep=1,
        )
        self._past.length += tokens.shape[1]
        return found.logits[:, -1]

    def _advance(self, newest):
        fresh = self._visible.new_ones(len(newest), 1)
        self._visible = torch.cat([self._visible, fresh], dim=1)
        logits = self._forward(newest[:, None], self._visible[:, None], self._next[:, None])
        self._next = self._next + 1
        return logits

    def _choose(self, logits, step):
        """Return one token a live row, (live,)."""
        if self._uniform is None:
            return logits.argmax(dim=-1)
        chances = (logits.double() / self._sampling.temperature).softmax(dim=-1)
        below = chances.cumsum(dim=-1)
        level = self._uniform[self._live, step, None] * below[:, -1:]
        chosen = torch.searchsorted(below, level, right=True)[:, 0]
        return chosen.clamp(max=logits.shape[-1] - 1)

    def _mark(self, newest, step):
        """Note which texts end with this token."""
        done = newest == self._tokens.end
        if self._sampling.stops:
            done |= self._stopped(step)
        fresh = self._live[done & ~self._ended[self._live]]
        self._length[fresh] = step + 1
        self._ended[fresh] = True

    def _stopped(self, step):
        """Return which live texts hold a stop in their last tokens."""
        stops, reach = self._sampling.stops, 4 + max(map(len, self._sampling.stops))
        tails = self._answer[self._live, max(0, step + 1 - reach): step + 1].tolist()
        found = [any(stop in self._tokens.decode(tail) for stop in stops) for tail in tails]
        return torch.tensor(found, device=self._device)

    def _drop(self, newest):
        """Leave out texts that have ended, once they are many; return the others' tokens."""
        going = ~self._ended[self._live]
        count = int(going.sum())
        if count > 0.75 * len(self._live):
            return newest
        rows = going.nonzero()[:, 0]
        self._past.take(rows)
        self._live, self._visible = self._live[rows], self._visible[rows]
        self._next = self._next[rows]
        return newest[rows]
