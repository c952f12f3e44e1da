"""A GGUF file, written here, converted once and read back."""

import dataclasses

import numpy as np
import pytest
import torch

gguf = pytest.importorskip("gguf")

from empirical.language import model  # noqa: E402
from empirical.language.shape import ModelConfig  # noqa: E402

SHAPE = ModelConfig(vocabulary=300, width=32, layers=1, heads=2, kv_heads=1, hidden=32)
SIZE = 259  # 256 bytes, one merge, two marks


def written(path, rng):
    """Write a tiny Llama with a byte-pair vocabulary; return its weights."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(64)
    writer.add_embedding_length(SHAPE.width)
    writer.add_block_count(SHAPE.layers)
    writer.add_feed_forward_length(SHAPE.hidden)
    writer.add_head_count(SHAPE.heads)
    writer.add_head_count_kv(SHAPE.kv_heads)
    writer.add_rope_dimension_count(SHAPE.width // SHAPE.heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(SIZE)
    letters = sorted(_letters())
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list([*letters, "an", "<begin>", "<end>"])
    writer.add_token_types([1] * 257 + [3, 3])
    writer.add_token_merges(["a n"])
    writer.add_bos_token_id(257)
    writer.add_eos_token_id(258)
    narrow = SHAPE.width // 2
    shapes = {
        "token_embd.weight": (SIZE, SHAPE.width), "output_norm.weight": (SHAPE.width,),
        "blk.0.attn_norm.weight": (SHAPE.width,), "blk.0.ffn_norm.weight": (SHAPE.width,),
        "blk.0.attn_q.weight": (SHAPE.width, SHAPE.width),
        "blk.0.attn_k.weight": (narrow, SHAPE.width),
        "blk.0.attn_v.weight": (narrow, SHAPE.width),
        "blk.0.attn_output.weight": (SHAPE.width, SHAPE.width),
        "blk.0.ffn_gate.weight": (SHAPE.hidden, SHAPE.width),
        "blk.0.ffn_up.weight": (SHAPE.hidden, SHAPE.width),
        "blk.0.ffn_down.weight": (SHAPE.width, SHAPE.hidden),
    }
    weights = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    for name, values in weights.items():
        if values.ndim == 2:  # rows of 32 numbers in one block of 8-bit integers
            packed = gguf.quants.quantize(values, gguf.GGMLQuantizationType.Q8_0)
            writer.add_tensor(name, packed, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
        else:
            writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return weights


def _letters():
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    return bytes_to_unicode().values()


def test_a_gguf_file_is_converted_once(tmp_path, monkeypatch):
    weights = written(tmp_path / "tiny.gguf", np.random.default_rng(0))
    monkeypatch.setenv("LOOPCERT_CACHE", str(tmp_path / "cache"))
    shape = dataclasses.replace(SHAPE, weights=str(tmp_path / "tiny.gguf"))
    tokens = model.open_tokens(shape, None)
    assert tokens.end == 258
    assert tokens.decode(tokens.encode("Ann has 12 pens.\n")) == "Ann has 12 pens.\n"
    network = model.build(shape, tokens, None)
    found = network.model.embed_tokens.weight.detach().numpy()
    assert np.abs(found - weights["token_embd.weight"]).max() < 0.02  # of numbers of size 1
    assert network.lm_head.weight is network.model.embed_tokens.weight
    up = network.model.layers[0].mlp.up_proj.weight.detach().numpy()
    assert np.abs(up - weights["blk.0.ffn_up.weight"]).max() < 0.02
    assert next(network.parameters()).dtype == torch.float32
    assert model.count_weights(shape, tokens) == sum(p.numel() for p in network.parameters())
    (folder,) = (tmp_path / "cache" / "models").iterdir()
    assert not list(folder.glob("*.bin"))
    assert (folder / "model.safetensors").is_file()
    monkeypatch.setattr(model, "_convert", None)  # must not be called again
    again = model.build(shape, model.open_tokens(shape, None), None)
    for mine, other in zip(network.parameters(), again.parameters()):
        assert (mine == other).all()
