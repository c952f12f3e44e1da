"""Models from scratch and from files; losses on answers."""

import dataclasses
import math

import numpy as np
import pytest
import torch

from empirical.items import take
from empirical.language import items, losses, model
from empirical.language.shape import ModelConfig
from empirical.language.tokens import WordTokens
from empirical.streams import Streams

SHAPE = ModelConfig(vocabulary=300, width=32, layers=2, heads=4, kv_heads=2, hidden=48, block=4)
TEXTS = [f"Ann has {n} pens and buys {n // 2} more." for n in range(40)]
TOKENS = WordTokens.train(TEXTS, SHAPE.vocabulary)


@pytest.fixture(scope="module")
def tiny():
    return model.build(SHAPE, TOKENS, Streams(0).torch())


@pytest.fixture(scope="module")
def some():
    return (items.prompts(TOKENS, [text[:12] for text in TEXTS], 16)
            | items.answers(TOKENS, [text[12:] for text in TEXTS], 24))


def tensors(some, rows=slice(None)):
    return {name: torch.from_numpy(values) for name, values in take(some, rows).items()}


def test_a_fresh_model_comes_from_its_stream_alone(tiny):
    again = model.build(SHAPE, TOKENS, Streams(0).torch())
    other = model.build(SHAPE, TOKENS, Streams(1).torch())
    weights = dict(tiny.named_parameters())
    for name, weight in again.named_parameters():
        assert (weight == weights[name]).all()
    assert not (other.model.embed_tokens.weight == tiny.model.embed_tokens.weight).all()
    assert sum(weight.numel() for weight in weights.values()) == SHAPE.count(TOKENS.size)


def test_the_default_has_about_three_million_weights():
    assert 2.7e6 < ModelConfig().count() < 3.3e6


def test_a_fresh_model_knows_nothing(tiny, some):
    found, lengths = losses.surprise(tiny, some, 8)
    assert found.sum() / lengths.sum() == pytest.approx(math.log(TOKENS.size), rel=0.15)


def test_prompts_and_answers_are_joined(some):
    tokens, mask = losses.joined(tensors(some))
    for row, answer, (asked, said) in zip(
            tokens, mask, zip(items.rows(some, "prompt"), items.rows(some, "answer"))):
        whole = [*asked, *said]
        assert row[: len(whole)].tolist() == whole
        assert (row[len(whole):] == 0).all()
        assert answer.nonzero()[:, 0].tolist() == list(range(len(asked), len(whole)))


def test_the_loss_is_on_the_answer_alone(tiny, some):
    """Against a plain computation, text by text without padding."""
    total, count = 0.0, 0
    for asked, said in zip(items.rows(some, "prompt"), items.rows(some, "answer")):
        text = torch.tensor([[*asked, *said]])
        with torch.no_grad():
            chances = tiny(text).logits[0].log_softmax(-1)
        for place in range(len(asked), text.shape[1]):
            total -= float(chances[place - 1, text[0, place]])
            count += 1
    assert losses.answer_loss(tiny, tensors(some)).item() == pytest.approx(total / count, rel=1e-5)
    found, lengths = losses.surprise(tiny, some, 7)
    assert found.sum() == pytest.approx(total, rel=1e-5)
    assert lengths.sum() == count


def test_the_prompt_counts_for_nothing_but_context(tiny, some):
    changed = dict(some)
    changed["prompt"] = some["prompt"].copy()
    changed["prompt"][:, -1] = 9  # padding
    batch = tensors(some)
    assert losses.answer_loss(tiny, tensors(changed)) == losses.answer_loss(tiny, batch)
    changed["prompt"][:, 2] = 9  # a word
    assert losses.answer_loss(tiny, tensors(changed)) != losses.answer_loss(tiny, batch)


@pytest.mark.parametrize("pieces", [2, 3, 40, 100])
def test_a_batch_in_pieces_has_the_same_gradient(tiny, some, pieces):
    def gradient(pieces):
        tiny.zero_grad()
        loss = losses.answer_loss(tiny, tensors(some), pieces)
        (3 * loss).backward()
        return loss.item(), {name: w.grad.clone() for name, w in tiny.named_parameters()}

    whole, parts = gradient(1), gradient(pieces)
    assert parts[0] == pytest.approx(whole[0], rel=1e-5)
    for name, wanted in whole[1].items():
        assert torch.allclose(parts[1][name], wanted, atol=1e-5)
        assert wanted.abs().max() > 0
    with torch.no_grad():
        assert losses.answer_loss(tiny, tensors(some), pieces).item() == pytest.approx(whole[0])


def test_surprise_does_not_depend_on_the_request(tiny, some):
    whole, _ = losses.surprise(tiny, some, 4)
    part, _ = losses.surprise(tiny, take(some, slice(0, 6)), 4)
    assert (part == whole[:6]).mean() >= 4 / 6
    assert part == pytest.approx(whole[:6], rel=1e-6)
    assert losses.surprise(tiny, take(some, slice(0, 0)), 4)[0].shape == (0,)


def test_checkpointing_changes_nothing(some):
    plain = model.build(SHAPE, TOKENS, Streams(0).torch())
    saving = model.build(dataclasses.replace(SHAPE, checkpointing=True), TOKENS,
                         Streams(0).torch())
    for network in (plain, saving):
        network.train()
        losses.answer_loss(network, tensors(some)).backward()
    assert any(getattr(part, "gradient_checkpointing", False) for part in saving.modules())
    for mine, other in zip(plain.parameters(), saving.parameters()):
        assert torch.allclose(mine.grad, other.grad, atol=1e-6)


def test_weights_from_a_folder(tiny, some, tmp_path):
    tiny.save_pretrained(tmp_path)
    shape = dataclasses.replace(SHAPE, weights=str(tmp_path))
    read = model.build(shape, TOKENS, Streams(5).torch())
    assert losses.answer_loss(read, tensors(some)) == losses.answer_loss(tiny, tensors(some))


def test_weights_that_are_none_are_told_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("LOOPCERT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.gguf").write_text("no model")
    (tmp_path / "cut.gguf").write_bytes(b"GGUF\x03\0\0\0")
    (tmp_path / "pickled").mkdir()
    (tmp_path / "pickled" / "config.json").write_text(
        '{"model_type": "llama", "architectures": ["LlamaForCausalLM"]}')
    torch.save({}, tmp_path / "pickled" / "pytorch_model.bin")
    for name in ("empty", "missing.gguf", "text.gguf", "cut.gguf", "pickled"):
        shape = dataclasses.replace(SHAPE, weights=str(tmp_path / name))
        with pytest.raises(ValueError, match="weights = ") as caught:
            model.build(shape, TOKENS, Streams(0).torch())
        assert "\n" not in str(caught.value)
    assert not list((tmp_path / "cache" / "models").iterdir())


def test_layers_are_spread_over_gpus_where_there_are_several(monkeypatch):
    """accelerate is asked for a balanced map; on one device nothing is spread."""
    import accelerate
    import accelerate.utils

    shape = dataclasses.replace(SHAPE, spread=True)
    alone = model.build(shape, TOKENS, Streams(0).torch())
    assert next(alone.parameters()).device.type == "cpu"
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(accelerate.utils, "get_balanced_memory",
                        lambda network, **given: {0: 85_000, 1: 200_000})
    maps = []

    def dispatch(network, places):
        maps.append(places)
        return network

    monkeypatch.setattr(accelerate, "dispatch_model", dispatch)
    model.build(shape, TOKENS, Streams(0).torch(), "cuda")
    (places,) = maps
    assert set(places.values()) == {0, 1}
    assert not any(name.startswith("model.layers.0.") for name in places)  # a layer stays whole


def test_memory_of_the_cache(tiny):
    assert model.cache_bytes(tiny.config, 3, 10) == 2 * 2 * 2 * 8 * 4 * 3 * 10
    assert np.isclose(model.cache_bytes(tiny.config, 3, 10, width=2) * 2,
                      model.cache_bytes(tiny.config, 3, 10))
