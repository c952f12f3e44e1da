"""The one interface of generators, and who stands behind it.

A generator has one method, `write(prompts, indices, streams, sampling, prefix)`, that returns
:class:`~empirical.language.generate.Written`. Ours (`Own`) gives the same answers bit for bit
however a request is cut. `Vllm`, where vLLM is installed (on a GPU), is many times faster for
models of billions of weights; each answer has its own seed, but its batches form as they come, so
that the last bits of its logits, and with them some answers, may differ from run to run.
"""

import hashlib
import tempfile
from dataclasses import dataclass

import numpy as np

from empirical.language import generate
from empirical.language.items import padded

__all__ = ["Own", "Vllm", "engine"]


def engine(shape, model, tokens):
    """Return the generator that `shape.engine` names, for a model as it now is.

    Raises
    ------
    ValueError
        When it is not installed.
    """
    if shape.engine == "own":
        return Own(generate.decoder(model, shape.precision), tokens, shape.block)
    return Vllm(model, tokens, shape)


@dataclass(frozen=True, slots=True)
class Own:
    """Ours: :func:`empirical.language.generate.write`.

    Attributes
    ----------
    model : transformers model
        Ready to decode.
    tokens : WordTokens or HubTokens
        Its vocabulary.
    block : int
        Prompts at once.
    """

    model: object
    tokens: object
    block: int

    def write(self, prompts, indices, streams, sampling, prefix=()):
        """Return the answers to prompts; see :func:`empirical.language.generate.write`."""
        return generate.write(self.model, self.tokens, prompts, indices, streams, sampling,
                              self.block, prefix)


class Vllm:
    """vLLM, on the weights that a model now has.

    The weights are handed over in a temporary folder; an engine is kept until other weights are
    asked for.
    """

    _latest = (None, None)  # digest of the weights, engine

    def __init__(self, model, tokens, shape):
        self._tokens = tokens
        mark = (_digest(model), shape.precision, shape.context)
        if Vllm._latest[0] != mark:
            Vllm._latest = (None, None)  # frees the device before the next one
            Vllm._latest = (mark, self._start(model, shape))
        self._engine = Vllm._latest[1]

    @staticmethod
    def _start(model, shape):
        try:
            import vllm
        except ImportError:
            raise ValueError("engine = 'vllm': must be installed (pip install vllm)") from None
        with tempfile.TemporaryDirectory() as folder:
            model.save_pretrained(folder, safe_serialization=True)
            return vllm.LLM(model=folder, skip_tokenizer_init=True, dtype=shape.precision,
                            max_model_len=shape.context, enable_prefix_caching=True,
                            gpu_memory_utilization=0.5)

    def write(self, prompts, indices, streams, sampling, prefix=()):
        """Return the answers to prompts; see :func:`empirical.language.generate.write`."""
        from vllm import SamplingParams

        seeds = [streams.child(int(index)).number() for index in indices]
        settings = [SamplingParams(
            temperature=sampling.temperature, max_tokens=sampling.longest, seed=seed,
            stop_token_ids=[self._tokens.end], detokenize=False,
        ) for seed in seeds]
        asked = [{"prompt_token_ids": [*map(int, prefix), *map(int, p)]} for p in prompts]
        found = self._engine.generate(asked, settings, use_tqdm=False)
        rows = [self._row(made.outputs[0], sampling) for made in found]
        answer, length = padded([row for row, _ in rows], sampling.longest, self._tokens.pad,
                                "answer")
        return generate.Written(answer, length, np.array([ended for _, ended in rows], bool))

    def _row(self, output, sampling):
        """Return the tokens of an output up to its end, and whether it has one."""
        made, ended = list(output.token_ids), output.finish_reason == "stop"
        if ended and made[-1:] != [self._tokens.end]:
            made = [*made, self._tokens.end][: sampling.longest]
        if sampling.stops:
            for stop in range(1, len(made) + 1):
                text = self._tokens.decode(made[:stop])
                if any(word in text for word in sampling.stops):
                    return made[:stop], True
        return made, ended


def _digest(model):
    """Return the hash of a model's weights."""
    made = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        made.update(name.encode())
        made.update(value.detach().cpu().contiguous().float().numpy())
    return made.hexdigest()
