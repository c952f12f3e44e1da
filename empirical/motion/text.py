"""Captions as vectors of a CLIP model (Radford et al. 2021), which stays as it is."""

import functools

import numpy as np
import torch

__all__ = ["clip_vectors"]

BLOCK = 64


def clip_vectors(captions, name, device="cpu"):
    """Return one vector a caption, float32 (n, width), from the CLIP model `name`.

    Parameters
    ----------
    captions : sequence of str
    name : str
        Id on the hub, or a local path, of a model with a text projection.
    device : str

    Raises
    ------
    ValueError
        When there is no such model at hand.
    """
    tokenizer, model = _loaded(name, device)
    made = []
    with torch.inference_mode():
        for start in range(0, len(captions), BLOCK):
            tokens = tokenizer(list(captions[start:start + BLOCK]), return_tensors="pt",
                               padding="max_length", truncation=True)
            made.append(model(**tokens.to(device)).text_embeds.float().cpu().numpy())
    return np.concatenate(made)


@functools.lru_cache(maxsize=1)
def _loaded(name, device):
    from transformers import AutoTokenizer, CLIPTextModelWithProjection

    try:
        tokenizer = AutoTokenizer.from_pretrained(name)
        model = CLIPTextModelWithProjection.from_pretrained(name, use_safetensors=True)
    except (OSError, ValueError, KeyError) as error:
        first = str(error).splitlines()[0]
        raise ValueError(f"text = {name!r}: must be words, or a CLIP model at hand ({first})"
                         ) from None
    return tokenizer, model.to(device).eval()
