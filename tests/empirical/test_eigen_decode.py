"""Decoding: cached equals uncached, beam search equals exhaustive search, greedy is beam 1."""

import itertools

import pytest
import torch

from empirical.eigen.decode import beam_search
from empirical.eigen.model import Transformer
from empirical.eigen.shape import Shape

KINDS = ((0, 2), (2, 6), (6, 9))


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def build(seed=0, kinds=KINDS, target=6, norm="pre", decoder_layers=2):
    """Return a small model with weights so large that its outputs differ."""
    shape = Shape(vocabulary=9, source=5, target=target, kinds=kinds, width=16, heads=2,
                  encoder_layers=1, decoder_layers=decoder_layers, norm=norm)
    model = Transformer(shape, torch.Generator().manual_seed(seed))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3.0 if parameter.dim() == 2 else 1.0)
    return model.eval()


def sources(n=7, seed=1):
    return torch.randint(9, (n, 5), generator=torch.Generator().manual_seed(seed))


def uncached_greedy(model, source):
    """Decode by running the whole decoder again for every token."""
    target = torch.zeros(len(source), model.shape.target, dtype=torch.long)
    memory = model.encode(source)
    for place in range(model.shape.target):
        first, last = model.shape.kind(place)
        outputs = model.decode(memory, target)
        logits = outputs[:, place] @ model.written.T + model.bias
        target[:, place] = logits[:, first:last].argmax(dim=1) + first
    return target


def log_probability(model, source, target):
    return -model.losses(source, target) * target.shape[1]


@pytest.mark.parametrize("norm", ["pre", "post"])
@pytest.mark.parametrize("kinds", [KINDS, ((0, 9),)])
@torch.no_grad()
def test_cached_decoding_is_uncached_decoding(norm, kinds):
    model = build(norm=norm, kinds=kinds)
    tokens, scores = beam_search(model, sources(50), 1)
    expected = uncached_greedy(model, sources(50))
    assert (tokens[:, 0] == expected).all()
    assert len(torch.unique(tokens[:, 0], dim=0)) > 5
    assert torch.allclose(scores[:, 0], log_probability(model, sources(50), expected), atol=1e-4)


@pytest.mark.parametrize("seed", range(5))
@torch.no_grad()
def test_a_wide_beam_is_exhaustive_search(seed):
    model = build(seed, target=3)
    allowed = [range(*kind) for kind in KINDS]
    every = torch.tensor(list(itertools.product(*allowed)))  # (24, 3)
    source = sources(4, seed)
    tokens, scores = beam_search(model, source, 100)
    assert tokens.shape == (4, 24, 3)
    for row in range(4):
        exact = log_probability(model, source[row].expand(24, -1), every)
        order = exact.argsort(descending=True)
        assert torch.allclose(scores[row], exact[order], atol=1e-5)
        assert (tokens[row] == every[order]).all()
        assert scores[row].exp().sum() == pytest.approx(1.0, abs=1e-5)


@torch.no_grad()
def test_beam_search_is_its_definition():
    """A plain beam search, written with lists and the uncached decoder, finds the same."""
    model = build(3, target=6)
    source = sources(3)
    for beams in (1, 2, 5):
        tokens, scores = beam_search(model, source, beams)
        for row in range(len(source)):
            expected = plain_beam(model, source[row], beams)
            assert [tuple(t) for t in tokens[row].tolist()] == [t for t, _ in expected]
            assert scores[row].tolist() == pytest.approx([s for _, s in expected], abs=1e-4)


def plain_beam(model, source, beams):
    memory = model.encode(source[None])
    found = [((), 0.0)]
    for place in range(model.shape.target):
        first, last = model.shape.kind(place)
        longer = []
        for tokens, score in found:
            padded = torch.tensor([tokens + (0,) * (model.shape.target - len(tokens))])
            out = model.decode(memory, padded)[0, place]
            logits = (out @ model.written.T + model.bias)[first:last]
            steps = logits.log_softmax(0).tolist()
            longer += [(tokens + (first + k,), score + step) for k, step in enumerate(steps)]
        found = sorted(longer, key=lambda pair: -pair[1])[:beams]
    return found


@torch.no_grad()
def test_scores_fall_and_wider_beams_contain_better_outputs():
    model = build(5)
    narrow, low = beam_search(model, sources(), 2)
    wide, high = beam_search(model, sources(), 24)
    assert (high.diff(dim=1) <= 0).all()
    assert (high[:, 0] >= low[:, 0] - 1e-5).all()
    assert torch.allclose(log_probability(model, sources(), wide[:, 3]), high[:, 3], atol=1e-4)
    for row in range(len(wide)):
        assert len(torch.unique(wide[row], dim=0)) == 24
    assert narrow.shape == (7, 2, 6)


def test_a_beam_has_at_least_one_hypothesis():
    with pytest.raises(ValueError, match="beams = 0"):
        beam_search(build(), sources(), 0)
