"""The transformer: weights from the generator, losses by the book, learning."""

import dataclasses
import math

import pytest
import torch

from empirical.eigen.model import Transformer
from empirical.eigen.shape import Shape

SMALL = Shape(vocabulary=11, source=4, target=4, kinds=((0, 3), (3, 11)), width=24, heads=3,
              encoder_layers=2, norm="pre")


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def build(seed=0, **changes):
    shape = dataclasses.replace(SMALL, **changes)
    return Transformer(shape, torch.Generator().manual_seed(seed))


def batch(n, seed=1):
    generator = torch.Generator().manual_seed(seed)
    source = torch.randint(11, (n, 4), generator=generator)
    low = torch.randint(3, (n, 4), generator=generator)
    high = torch.randint(3, 11, (n, 4), generator=generator)
    return source, torch.where(torch.arange(4) % 2 == 0, low, high)


def test_weights_come_from_the_generator_alone():
    before = torch.random.get_rng_state()
    first, second, third = build(1), build(1), build(2)
    assert (torch.random.get_rng_state() == before).all()
    for (name, a), b, c in zip(first.state_dict().items(), second.state_dict().values(),
                               third.state_dict().values()):
        assert (a == b).all(), name
        assert a.std() == 0 or not (a == c).all(), name


@torch.no_grad()
def test_the_loss_is_the_cross_entropy_of_allowed_tokens():
    model, (source, target) = build(), batch(6)
    outputs = model.decode(model.encode(source), target)
    logits = outputs @ model.written.T + model.bias  # (n, 4, vocabulary)
    expected = torch.zeros(6)
    for place in range(4):
        first, last = SMALL.kind(place)
        allowed = logits[:, place, first:last].double()
        chosen = allowed.gather(1, target[:, place : place + 1] - first)[:, 0]
        expected += (allowed.exp().sum(dim=1).log() - chosen).float() / 4
    assert torch.allclose(model.losses(source, target), expected, atol=1e-5)
    assert torch.allclose(model(source, target), expected.mean(), atol=1e-6)


@torch.no_grad()
def test_without_the_grammar_every_token_competes():
    model, (source, target) = build(kinds=((0, 11),)), batch(6)
    outputs = model.decode(model.encode(source), target)
    logits = outputs @ model.written.T + model.bias
    expected = torch.nn.functional.cross_entropy(logits.flatten(0, 1), target.flatten())
    assert torch.allclose(model(source, target), expected, atol=1e-6)


@pytest.mark.parametrize("norm", ["pre", "post"])
@torch.no_grad()
def test_outputs_depend_on_the_past_alone(norm):
    model, (source, target) = build(norm=norm), batch(5)
    changed = target.clone()
    changed[:, 2] = 3 + (target[:, 2] + 1) % 3
    memory = model.encode(source)
    first, second = model.decode(memory, target), model.decode(memory, changed)
    assert torch.allclose(first[:, :3], second[:, :3], atol=1e-6)
    assert not torch.allclose(first[:, 3], second[:, 3], atol=1e-3)


@torch.no_grad()
def test_the_order_of_the_input_matters():
    model, (source, target) = build(), batch(5)
    assert not torch.allclose(model.losses(source, target), model.losses(source.flip(1), target))


def test_every_weight_learns():
    model, (source, target) = build(), batch(64)
    model(source, target).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0 or name.endswith("qkv.bias"), name


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_the_loss_falls(norm):
    model = build(norm=norm)
    source, target = batch(32)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    first = model(source, target).item()
    for _ in range(150):
        optimizer.zero_grad()
        loss = model(source, target)
        loss.backward()
        optimizer.step()
    assert first == pytest.approx((math.log(3) + math.log(8)) / 2, rel=0.5)
    assert loss.item() < 0.1 * first


def test_sizes_are_checked():
    for changes, message in [({"heads": 5}, "heads = 5"), ({"width": 0}, "width = 0"),
                             ({"norm": "none"}, "norm = 'none'"),
                             ({"decoder_layers": 0}, "decoder_layers = 0")]:
        with pytest.raises(ValueError, match=message):
            build(**changes)


def test_flops_count_the_matrix_products():
    """Against a count of all matrix products by torch itself."""
    from torch.utils.flop_counter import FlopCounterMode

    shape = Shape(vocabulary=211, source=12, target=6, kinds=((0, 2), (2, 102), (102, 211)),
                  width=32, heads=4)
    model = Transformer(shape, torch.Generator().manual_seed(0))
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.zeros(8, 12, dtype=torch.long), torch.tensor([[0, 2, 102, 0, 2, 102]] * 8))
    assert shape.flops() * 8 == pytest.approx(counter.get_total_flops(), rel=0.1)
