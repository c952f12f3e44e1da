"""Captions read by a CLIP model: a tiny one, made here."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from empirical.motion.config import Config
from empirical.motion.task import TASK
from empirical.motion.text import clip_vectors
from empirical.streams import Streams


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """A random CLIP text model with a tokenizer of letters."""
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection, CLIPTokenizer

    folder = tmp_path_factory.mktemp("clip")
    letters = [chr(c) for c in range(ord("a"), ord("z") + 1)] + [","]
    words = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>",
             "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({word: k for k, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"),
                              model_max_length=32)
    tokenizer.save_pretrained(folder)
    with Streams(0).under("cpu"):
        model = CLIPTextModelWithProjection(CLIPTextConfig(
            vocab_size=len(words), hidden_size=16, intermediate_size=16, num_hidden_layers=1,
            num_attention_heads=2, max_position_embeddings=32, projection_dim=12,
            bos_token_id=len(words) - 2, eos_token_id=len(words) - 1))
    model.save_pretrained(folder)
    return str(folder)


def test_vectors(clip):
    found = clip_vectors(["a person walks", "a person jumps", "a person walks"], clip)
    assert found.shape == (3, 12)
    assert found.dtype == np.float32
    assert found[0] == pytest.approx(found[2], abs=1e-5)
    assert not np.allclose(found[0], found[1], atol=1e-4)


def test_a_model_that_hears_clip(clip):
    config = Config(n=8, test=4, frames=16, patch=4, width=16, layers=1, heads=2, feedforward=16,
                    diffusion_steps=4, sampler="ddim", sampling_steps=2, block=4, judged=4,
                    text=clip)
    task = TASK(config)
    items = task.real("train", Streams(0))
    assert items["clip"].shape == (8, 12)
    model = task.build(None)
    batch = {name: torch.from_numpy(values) for name, values in items.items()}
    assert torch.isfinite(task.loss(model, batch, torch.Generator().manual_seed(0)))
    made = task.generate(model, np.arange(3), Streams(1)).items
    assert set(made) == set(items)
    rows = (made["clip"][:, None] == items["clip"]).all(axis=2)
    assert rows.any(axis=1).all()
    dealt = TASK(dataclasses.replace(config, shuffled=True)).real("train", Streams(0))
    assert not (dealt["clip"] == items["clip"]).all()


def test_no_such_model(tmp_path):
    with pytest.raises(ValueError, match="must be words, or a CLIP model at hand") as error:
        clip_vectors(["a"], str(tmp_path / "nothing"))
    assert "\n" not in str(error.value)
