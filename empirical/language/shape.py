"""What a language model is made of: the part of a task's config that all language tasks share."""

import dataclasses
import math

__all__ = ["ModelConfig"]

PRECISIONS = ("float32", "bfloat16")
ENGINES = ("own", "vllm")


@dataclasses.dataclass(frozen=True, slots=True)
class ModelConfig:
    """A model from scratch, or pre-trained weights.

    Attributes
    ----------
    weights : str
        A folder of a transformers model, a GGUF file, or a hub id; empty for a fresh model of
        the sizes below, with a vocabulary of its own.
    vocabulary : int
        Tokens at most, of which 259 are the bytes and three marks.
    width, layers, heads, kv_heads, hidden : int
        Sizes of a fresh model: of its vectors, its layers, its query heads, its key and value
        heads, and its feed-forward part.
    context : int
        Longest text in tokens, prompt and answer.
    block : int
        Texts that are generated or scored at once, always the same neighbours together.
    precision : str
        Of generation: "float32" or "bfloat16". Training has its own.
    pieces : int
        A training batch is run through the network in so many pieces (gradient accumulation).
    checkpointing : bool
        Whether training keeps no activations but computes them again.
    spread : bool
        Whether the layers are spread over all GPUs of the machine (accelerate), for models that
        one GPU cannot train.
    engine : str
        What generates: "own", or "vllm" where it is installed.
    """

    weights: str = ""
    vocabulary: int = 2048
    width: int = 192
    layers: int = 6
    heads: int = 6
    kv_heads: int = 3
    hidden: int = 512
    context: int = 512
    block: int = 256
    precision: str = "float32"
    pieces: int = 1
    checkpointing: bool = False
    spread: bool = False
    engine: str = "own"

    def __post_init__(self):
        for name in ("width", "layers", "heads", "kv_heads", "hidden", "context", "block",
                     "pieces"):
            _at_least(name, getattr(self, name), 1)
        _at_least("vocabulary", self.vocabulary, 259)
        if self.width % (2 * self.heads):
            raise ValueError(f"heads = {self.heads}: must divide width = {self.width} into heads "
                             "of even size")
        if self.heads % self.kv_heads:
            raise ValueError(f"kv_heads = {self.kv_heads}: must divide heads = {self.heads}")
        _one_of("precision", self.precision, PRECISIONS)
        _one_of("engine", self.engine, ENGINES)

    def count(self, vocabulary=None):
        """Return how many weights a fresh model has; embeddings count once."""
        attention = 2 * self.width**2 * (1 + self.kv_heads / self.heads)
        layer = attention + 3 * self.width * self.hidden + 2 * self.width
        return int((vocabulary or self.vocabulary) * self.width + self.layers * layer + self.width)


def _at_least(name, value, low):
    if not value >= low or math.isinf(value):
        raise ValueError(f"{name} = {value}: must lie in [{low}, inf)")


def _one_of(name, value, allowed):
    if value not in allowed:
        raise ValueError(f"{name} = {value!r}: must be one of {', '.join(allowed)}")
