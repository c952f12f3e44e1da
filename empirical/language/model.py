"""Causal language models: Llama-shaped ones from scratch, and pre-trained ones from files."""

import copy
import functools
import os
import shutil
import tempfile
from pathlib import Path

import torch

from empirical.language.tokens import HubTokens, WordTokens

__all__ = ["build", "cache_bytes", "converted", "count_weights", "open_tokens"]


def build(shape, tokens, generator, device="cpu"):
    """Return a model with weights from `generator`, or those that `shape.weights` names.

    Parameters
    ----------
    shape : ModelConfig
        Its sizes or its source.
    tokens : WordTokens or HubTokens
        Its vocabulary.
    generator : torch.Generator
        Source of fresh weights.
    device : str
        Torch device.

    Raises
    ------
    ValueError
        When the named weights cannot be loaded.
    """
    model = _loaded(shape.weights) if shape.weights else _fresh(shape, tokens, generator)
    if shape.checkpointing:
        # The older name, of transformers before the newer one came, is deprecated since.
        enable = getattr(model, "activation_checkpointing_enable", None)
        (enable or model.gradient_checkpointing_enable)({"use_reentrant": False})
    if shape.spread and torch.device(device).type == "cuda" and torch.cuda.device_count() > 1:
        return _spread(model).eval()
    return model.to(device).eval()


def _spread(model):
    """Return a model whose layers lie on all GPUs of this machine, about as much on each."""
    from accelerate import dispatch_model, infer_auto_device_map
    from accelerate.utils import get_balanced_memory

    whole = {"no_split_module_classes": list(model._no_split_modules or ())}
    room = get_balanced_memory(model, **whole)
    return dispatch_model(model, infer_auto_device_map(model, max_memory=room, **whole))


def _fresh(shape, tokens, generator):
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=tokens.size, hidden_size=shape.width, num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads, num_key_value_heads=shape.kv_heads,
        intermediate_size=shape.hidden, max_position_embeddings=shape.context,
        tie_word_embeddings=True, pad_token_id=tokens.pad, bos_token_id=tokens.begin,
        eos_token_id=tokens.end, attn_implementation="sdpa",
    )
    model = LlamaForCausalLM(config)
    _draw(model, generator)
    return model


@torch.no_grad()
def _draw(model, generator):
    """Fill a model with fresh weights: normal by the width, narrower where layers add up."""
    deep = (2 * model.config.num_hidden_layers) ** -0.5
    for name, weight in model.named_parameters():
        if weight.dim() < 2:
            weight.fill_(1.0)  # gains of the norms
            continue
        spread = weight.shape[1] ** -0.5
        if name.endswith(("o_proj.weight", "down_proj.weight")):
            spread *= deep
        drawn = torch.empty(weight.shape, device=generator.device)
        weight.copy_(drawn.normal_(0.0, spread, generator=generator))


def open_tokens(shape, texts):
    """Return the vocabulary that a model of this shape works with.

    Parameters
    ----------
    shape : ModelConfig
        Its sizes or its source.
    texts : callable
        texts() -> iterable of str, the corpus of an own vocabulary.
    """
    if not shape.weights:
        return WordTokens.train(texts(), shape.vocabulary)
    from transformers import AutoTokenizer

    return HubTokens(_read(shape.weights, AutoTokenizer.from_pretrained))


def _loaded(weights):
    from transformers import AutoModelForCausalLM

    def load(place):
        return AutoModelForCausalLM.from_pretrained(
            place, dtype=torch.float32, use_safetensors=True, attn_implementation="sdpa")

    return _read(weights, load)


def _read(weights, load):
    """Load from a folder, a GGUF file (by its converted form) or a hub id; one line if not."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    path = Path(weights).expanduser()
    place = str(path) if path.exists() else weights
    if weights.endswith(".gguf"):
        if not path.is_file():
            raise ValueError(f"weights = {weights!r}: is no file")
        place = str(converted(path))
    try:
        return load(place)
    except Exception as error:  # a damaged file makes its reader fail in many ways
        first = next((line for line in str(error).splitlines() if line.strip()), "unknown")
        raise ValueError(f"weights = {weights!r}: cannot be loaded: {first.strip()}") from None


@functools.lru_cache(maxsize=8)
def _loaded_count(weights):
    from transformers import AutoConfig, AutoModelForCausalLM

    config = _read(weights, AutoConfig.from_pretrained)
    with torch.device("meta"):
        return sum(p.numel() for p in AutoModelForCausalLM.from_config(config).parameters())


def count_weights(shape, tokens):
    """Return how many weights a model has, without making it; shared ones count once."""
    return _loaded_count(shape.weights) if shape.weights else shape.count(tokens.size)


def converted(path, cache=None):
    """Return the folder with the safetensors form of a GGUF file, made at its first use.

    The folder is named by the file's content, so that an edited file is converted anew. Weights
    are float32, as GGUF's blocks say.

    Parameters
    ----------
    path : path
        The file.
    cache : path, optional
        Where converted models are kept: $LOOPCERT_CACHE, or ~/.cache/loopcert.

    Raises
    ------
    ValueError
        When the file is no model that transformers knows.
    """
    cache = Path(cache or os.environ.get("LOOPCERT_CACHE") or Path.home() / ".cache" / "loopcert")
    place = cache / "models" / f"{path.stem}-{_digest(path)[:16]}"
    if (place / "config.json").is_file():
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=".making-", dir=place.parent))
    try:
        _convert(path, making)
        try:
            os.replace(making, place)
        except OSError:  # another process was quicker
            if not (place / "config.json").is_file():
                raise
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return place


def _digest(path):
    import hashlib

    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _convert(path, folder):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    with open(path, "rb") as file:
        if file.read(4) != b"GGUF":
            raise ValueError(f"weights = {str(path)!r}: is not a GGUF file")
    source = {"gguf_file": path.name}
    try:
        tokenizer = AutoTokenizer.from_pretrained(path.parent, **source)
        model = AutoModelForCausalLM.from_pretrained(path.parent, dtype=torch.float32, **source)
    except Exception as error:  # a damaged file makes its reader fail in many ways
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(f"weights = {str(path)!r}: cannot be converted: {first}") from None
    _plain(model).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _plain(model):
    """Return the same weights in a model that does not say that it was quantised."""
    from transformers import AutoModelForCausalLM

    config = copy.deepcopy(model.config)
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    with torch.device("meta"):
        plain = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    plain.load_state_dict(model.state_dict(), assign=True)
    plain.tie_weights()
    return plain


def cache_bytes(config, rows, length, width=4):
    """Return the bytes of keys and values of `rows` texts of `length` tokens.

    Parameters
    ----------
    config : transformers config
        Of the model.
    rows, length : int
        Texts at once, and tokens of each.
    width : int
        Bytes a number: 4, or 2 in bfloat16.
    """
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return 2 * config.num_hidden_layers * heads * size * width * rows * length
