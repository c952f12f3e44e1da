"""Generation: the answers of plain decoding, from cached keys and values, whatever the request."""

import sys
import types

import numpy as np
import pytest
import torch

from empirical.language import generate, model
from empirical.language.engine import Own, engine
from empirical.language.generate import Sampling, aligned, write
from empirical.language.shape import ModelConfig
from empirical.language.tokens import WordTokens
from empirical.streams import Streams

SHAPE = ModelConfig(vocabulary=300, width=32, layers=2, heads=4, kv_heads=2, hidden=48, block=8)
TEXTS = [f"Ann has {n} pens and buys {n // 2} more." for n in range(40)]
TOKENS = WordTokens.train(TEXTS, SHAPE.vocabulary)
PROMPTS = [[*TOKENS.start, *TOKENS.encode(text[: 3 + n % 17])] for n, text in enumerate(TEXTS)]
WHERE = np.arange(len(PROMPTS))


@pytest.fixture(scope="module")
def tiny():
    """A model whose answers differ, and of which some end."""
    made = model.build(SHAPE, TOKENS, Streams(3).torch())
    with torch.no_grad():
        made.model.embed_tokens.weight[TOKENS.end] *= 1.6
    return made


@torch.no_grad()
def plainly(network, prompt, longest, choose):
    """Return an answer without a cache, one whole text at a time."""
    made = []
    while len(made) < longest and made[-1:] != [TOKENS.end]:
        logits = network(torch.tensor([[*prompt, *made]])).logits[0, -1].double()
        made.append(choose(logits, len(made)))
    return made


def rows(written):
    return [row[:n].tolist() for row, n in zip(written.answer, written.answer_length)]


def test_greedy_answers_are_those_of_plain_decoding(tiny):
    found = write(tiny, TOKENS, PROMPTS, WHERE, None, Sampling(0, 30), block=8)
    wanted = [plainly(tiny, prompt, 30, lambda x, _: int(x.argmax())) for prompt in PROMPTS]
    assert rows(found) == wanted
    assert found.answer.shape == (40, 30)
    assert (found.ended == [made[-1] == TOKENS.end for made in wanted]).all()
    assert len(set(map(tuple, wanted))) > 5


def test_samples_are_those_of_plain_sampling(tiny):
    """Token t of item i is where its uniform number falls in the running sum of the chances."""
    streams = Streams(4)

    def choose(index):
        uniform = streams.uniform([index], 30)[0]
        return lambda x, t: int(((x / 0.8).softmax(-1).cumsum(-1) <= uniform[t]).sum())

    found = write(tiny, TOKENS, PROMPTS, WHERE, streams, Sampling(0.8, 30), block=8)
    wanted = [plainly(tiny, prompt, 30, choose(n)) for n, prompt in enumerate(PROMPTS)]
    assert rows(found) == wanted
    assert 0 < found.ended.sum() < 40  # so that finished ones were left out on the way
    assert len(set(map(tuple, wanted))) == 40


def test_chances_are_met(tiny):
    """First tokens of one prompt over many indices, against the model's chances at T = 0.5."""
    n = 3000
    found = write(tiny, TOKENS, [PROMPTS[3]] * n, np.arange(n), Streams(6), Sampling(0.5, 1),
                  block=500)
    with torch.no_grad():
        logits = tiny(torch.tensor([PROMPTS[3]])).logits[0, -1].double()
    chances = (logits / 0.5).softmax(-1).numpy()
    counts = np.bincount(found.answer[:, 0], minlength=TOKENS.size)
    many = chances * n >= 20
    z = (counts - n * chances)[many] / np.sqrt(n * chances * (1 - chances))[many]
    assert many.sum() >= 5
    assert np.abs(z).max() < 4.5
    warmer = (logits / 0.7).softmax(-1).numpy()
    off = (counts - n * warmer)[many] / np.sqrt(n * warmer * (1 - warmer))[many]
    assert np.abs(off).max() > 4.5


@pytest.mark.parametrize("temperature", [0.0, 0.9])
def test_an_answer_does_not_depend_on_the_request(tiny, temperature):
    """Bit for bit: alone, among few, in any order, when whole aligned blocks are written."""
    sampling, streams = Sampling(temperature, 20), Streams(9)

    def ask(indices):
        wanted, places = aligned(indices, 8)
        found = write(tiny, TOKENS, [PROMPTS[i] for i in wanted], wanted, streams, sampling, 8)
        return found.answer[places], found.answer_length[places]

    answers, lengths = ask(WHERE)
    for indices in ([5], [39, 0, 17, 0], np.arange(3, 30)):
        some, short = ask(indices)
        assert (some == answers[indices]).all()
        assert (short == lengths[indices]).all()


def test_a_shared_beginning_is_read_once(tiny, monkeypatch):
    shared = [*TOKENS.start, *TOKENS.encode("Bob has 5 cups. ")]
    rest = [prompt[1:] for prompt in PROMPTS]
    sampling = Sampling(0.9, 20)
    apart = write(tiny, TOKENS, [[*shared, *p] for p in rest], WHERE, Streams(2), sampling, 8)
    shapes, forward = [], tiny.forward

    def watched(tokens, **more):
        shapes.append(tuple(tokens.shape))
        return forward(tokens, **more)

    monkeypatch.setattr(tiny, "forward", watched)
    once = write(tiny, TOKENS, rest, WHERE, Streams(2), sampling, 8, shared)
    assert rows(once) == rows(apart)
    assert [shape for shape in shapes if shape[0] == 1] == [(1, len(shared))] * 5
    assert max(shape[1] for shape in shapes if shape[0] > 1) < len(shared)


def test_texts_end_at_stops(tiny):
    free = write(tiny, TOKENS, PROMPTS, WHERE, Streams(2), Sampling(1.0, 40), 8)
    texts = [TOKENS.decode(row) for row in rows(free)]
    stop = " pens"
    assert any(stop in text for text in texts)
    cut = write(tiny, TOKENS, PROMPTS, WHERE, Streams(2), Sampling(1.0, 40, (stop, "@@@")), 8)
    for text, row, ended in zip(texts, rows(cut), cut.ended):
        first = text.find(stop)
        if first >= 0:
            assert TOKENS.decode(row).rstrip() == text[: first + len(stop)]
            assert ended
        else:
            assert TOKENS.decode(row) == text


def test_nothing_asked_nothing_written(tiny):
    found = write(tiny, TOKENS, [], [], Streams(0), Sampling(0, 5))
    assert found.answer.shape == (0, 5)
    assert len(found.ended) == 0


def test_bfloat16_writes_nearly_the_same(tiny):
    exact = Own(tiny, TOKENS, 8).write(PROMPTS, WHERE, None, Sampling(0, 6))
    half = generate.decoder(tiny, "bfloat16")
    rough = Own(half, TOKENS, 8).write(PROMPTS, WHERE, None, Sampling(0, 6))
    assert next(half.parameters()).dtype == torch.bfloat16
    assert next(tiny.parameters()).dtype == torch.float32
    assert (exact.answer == rough.answer).mean() > 0.5


@pytest.mark.parametrize("bad", [{"temperature": -1}, {"temperature": float("nan")},
                                 {"longest": 0}])
def test_sampling_is_checked(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        Sampling(**bad)


class FakeLLM:
    """As much of vLLM's engine as is used: repeats each prompt's last token till its end."""

    started = 0

    def __init__(self, model, **options):
        assert options["skip_tokenizer_init"]
        FakeLLM.started += 1

    def generate(self, prompts, settings, use_tqdm):
        return [self._one(p["prompt_token_ids"], s) for p, s in zip(prompts, settings)]

    def _one(self, prompt, settings):
        long = len(prompt) % 2
        made = [prompt[-1]] * (settings.max_tokens if long else 2)
        if not long:
            made.append(settings.stop_token_ids[0])
        output = types.SimpleNamespace(token_ids=made, finish_reason="length" if long else "stop")
        return types.SimpleNamespace(outputs=[output])


def test_vllm_stands_behind_the_same_interface(tiny, monkeypatch):
    shape = ModelConfig(engine="vllm")
    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(ValueError, match="engine = 'vllm': must be installed"):
        engine(shape, tiny, TOKENS)
    fake = types.ModuleType("vllm")
    fake.LLM, fake.SamplingParams = FakeLLM, lambda **given: types.SimpleNamespace(**given)
    monkeypatch.setitem(sys.modules, "vllm", fake)
    prompts = [[5, 6], [5, 6, 7]]
    for _ in range(2):
        found = engine(shape, tiny, TOKENS).write(prompts, [0, 1], Streams(0), Sampling(0.3, 4))
    assert FakeLLM.started == 1  # the same weights: the same engine
    assert rows(found) == [[6, 6, TOKENS.end], [7, 7, 7, 7]]
    assert found.ended.tolist() == [True, False]
    with torch.no_grad():
        tiny.model.norm.weight += 1
        engine(shape, tiny, TOKENS)
        tiny.model.norm.weight -= 1
    assert FakeLLM.started == 2
    stopped = engine(shape, tiny, TOKENS).write(
        [[5, 100, 101]], [0], Streams(0), Sampling(0, 4, (TOKENS.decode([101]),)))
    assert rows(stopped) == [[101]]
