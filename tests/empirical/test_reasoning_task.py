"""The task: items, proposals, what counts as right, what is measured, whole loops."""

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
import torch

from empirical import curate
from empirical.config import changed, to_dict
from empirical.items import count, join, take
from empirical.language import items as texts
from empirical.language.shape import ModelConfig
from empirical.loop import LoopConfig, Settings, run_loop
from empirical.reasoning.config import Config
from empirical.reasoning.problems import DIFFICULTIES
from empirical.reasoning.prompts import OWN, PRETRAINED, wording
from empirical.reasoning.source import Own, source_of
from empirical.reasoning.task import TASK
from empirical.streams import Streams
from empirical.training import Training, TrainingConfig

TINY = Config(
    templates=("cookies_shared", "muffin_trays", "soup_bowls"), real=200, test=12, held=12,
    question_tokens=128, solution_tokens=128,
    model=ModelConfig(width=32, layers=1, heads=2, kv_heads=1, hidden=48, block=32),
    base=TrainingConfig(steps=30, batch=16, learning_rate=1e-2),
    update=TrainingConfig(batch=16, learning_rate=1e-3),
    loop=LoopConfig(total=32, rounds=2, multiple=16, curate="none"),
)


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def task():
    return TASK(TINY)


@pytest.fixture(scope="module")
def trained(task):
    """A tiny model that has learned some words."""
    model = task.build(Streams(1).torch())
    training = Training(model, task.real("train", Streams(1)), TINY.base, task.loss, Streams(2))
    while not training.done:
        training.advance()
    return model.eval()


@pytest.fixture(scope="module")
def test_items(task):
    return task.real("test", Streams(1))


def with_(**changes):
    return TASK(changed(TINY, changes))


def rewritten(task, items, change):
    """Return items with solutions changed by change(text)."""
    made = [change(text) for text in task.solutions(items)]
    return items | texts.answers(task.tokens, made, TINY.solution_tokens)


def test_worked_solutions_are_right_and_sound(task, test_items):
    for items in (task.real("train", Streams(3)), test_items):
        assert task.right(items).all()
        assert task.sound(items).all()
        assert (task.quality(items) == 1).all()


def test_what_counts_as_right(task, test_items):
    """Answers decide for a lenient judge, steps and answers for a strict one."""
    lenient, n = with_(judge="answer"), count(test_items)
    wrong = rewritten(task, test_items, lambda text: text.rpartition(" ")[0] + " 987654")
    assert not task.right(wrong).any()
    assert not task.quality(wrong).any()
    bare = rewritten(task, test_items, lambda text: text[text.index("####"):])
    assert task.right(bare).all()
    assert not task.sound(bare).any()
    assert not task.quality(bare).any()
    assert (lenient.quality(bare) == np.ones(n)).all()
    nothing = rewritten(task, test_items, lambda text: "")
    assert not task.right(nothing).any()


def test_the_verifier_of_answers_does_not_look_at_steps(task, test_items):
    bare = rewritten(task, test_items, lambda text: text[text.index("####"):])
    wrong = rewritten(task, test_items, lambda text: "#### 987654")
    both = join([bare, wrong])

    def kept(name):
        other = with_(**{"loop.curate": name})
        quality = other.quality(both)
        return other.curator(Streams(0)).keep(
            both, quality, lambda score: other.score(None, both, score), np.full(len(quality), .4))

    n = count(test_items)
    assert kept("answer").tolist() == [True] * n + [False] * n
    assert not kept("oracle").any()
    assert kept("none").all()
    assert kept("coin").all()  # 0.4 < 0.5
    rates = dict(rate[:2] for rate in curate.rates(task.quality(both), kept("answer")))
    assert rates["psi"] == 0.5
    with pytest.raises(ValueError, match="score = 'beauty'"):
        task.score(None, both, "beauty")
    with pytest.raises(ValueError, match="curate = 'anser'"):
        with_(**{"loop.curate": "anser"}).curator(Streams(0))


def test_items_hold_the_problem(task):
    items = task.real("train", Streams(4))
    told = task._told(items)
    levels = task._mixed(Streams(4).child("real"), np.arange(TINY.real))
    wanted = task.source.problems("train", Streams(4).child("real"), np.arange(TINY.real), levels)
    for got, want in zip(told, wanted):
        assert dataclasses.astuple(got) == dataclasses.astuple(want)
    shares = np.bincount(items["difficulty"], minlength=3) / TINY.real
    assert np.abs(shares - [0.7, 0.2, 0.1]).max() < 0.1


def test_test_problems_are_held_out(task, test_items):
    assert count(test_items) == 2 * 3 * TINY.test
    train = {text for text in texts.text(task.tokens, task.real("train", Streams(1)), "prompt")}
    assert not train & set(texts.text(task.tokens, test_items, "prompt"))
    names = [task.source.templates[number] for number in test_items["template"]]
    held = test_items["held"] == 1
    assert {name for name, out in zip(names, held) if out} == {"soup_bowls"}
    assert "soup_bowls" not in {name for name, out in zip(names, held) if not out}
    for part in (held, ~held):
        assert np.bincount(test_items["difficulty"][part]).tolist() == [TINY.test] * 3
    with pytest.raises(ValueError, match="split = 'valid'"):
        task.real("valid", Streams(0))
    known = TASK(changed(TINY, {"templates": "cookies_shared"})).real("test", Streams(0))
    assert count(known) == 3 * TINY.test  # none of its templates is held out
    assert not known["held"].any()


def test_a_proposal_does_not_depend_on_the_request(task, trained):
    """Bit for bit: alone, among few, in any order."""
    whole = task.generate(trained, np.arange(64), Streams(5))
    assert whole.evaluations == 64
    assert len(np.unique(whole.items["answer"], axis=0)) > 20
    for indices in ([40], [33, 2, 40, 2], np.arange(20, 40)):
        some = task.generate(trained, np.asarray(indices), Streams(5)).items
        for name in some:
            assert (some[name] == whole.items[name][indices]).all()
    other = task.generate(trained, np.arange(8), Streams(6)).items
    assert not (other["prompt"] == whole.items["prompt"][:8]).all()
    cold, warm = (with_(temperature=t).generate(trained, np.arange(32), Streams(5)).items
                  for t in (0.0, 1.5))
    assert (cold["prompt"] == warm["prompt"]).all()
    assert not (cold["answer"] == warm["answer"]).all()


def test_what_is_measured(task, trained, test_items):
    found = {(m.metric, m.split): m for m in task.evaluate(trained, test_items, Streams(0))}
    greedy = task.answered(trained, test_items, np.arange(count(test_items)), None, 0.0)
    right, sound = task.right(greedy), task.sound(greedy)
    assert (right | ~sound).all()
    for number, split in enumerate(("test", "templates")):
        mine = test_items["held"] == number
        each = []
        for level, name in enumerate(DIFFICULTIES):
            rows = mine & (test_items["difficulty"] == level)
            one = found[f"accuracy@{name}", split]
            assert one.value == right[rows].mean()
            assert one.n == TINY.test
            each.append(one)
        whole = found["accuracy", split]
        assert whole.value == pytest.approx(np.dot([.7, .2, .1], [one.value for one in each]))
        assert whole.stderr == pytest.approx(
            np.linalg.norm(np.multiply([.7, .2, .1], [one.stderr for one in each])))
        assert found["sound", split].value == sound[mine].mean()
        assert 0 < found["loss", split].value < np.log(task.tokens.size)
    assert found["loss", "test"].value < found["loss", "templates"].value
    assert 0 <= found["ended", "test"].value <= 1


def test_lucky_solutions_are_counted(task, trained, test_items, monkeypatch):
    """A model that writes the bare answer is right and never sound."""
    bare = rewritten(task, test_items, lambda text: text[text.index("####"):])
    monkeypatch.setattr(TASK, "answered", lambda *given: bare)
    found = {(m.metric, m.split): m.value for m in task.evaluate(trained, test_items, Streams(0))}
    assert found["accuracy@p1", "test"] == found["lucky", "test"] == found["ended", "test"] == 1
    assert found["sound", "test"] == 0


def test_flops_grow_with_the_model(task):
    wider = with_(**{"model.width": 64})
    assert wider.flops(10) > 2 * task.flops(10) > 0
    assert task.flops(20) == 2 * task.flops(10)


def test_a_pretrained_model_gets_examples(trained, task, tmp_path, monkeypatch):
    """A small model saved with its vocabulary, read back as a stranger's."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = {bytes([n]).decode("latin1"): n for n in range(256)} | {"</s>": 256}
    inner = Tokenizer(models.BPE(vocab=words, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    inner.decoder = decoders.Fuse()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="</s>")
    tokenizer.save_pretrained(tmp_path)
    trained.save_pretrained(tmp_path)
    other = with_(**{"model.weights": str(tmp_path), "shots": 2, "question_tokens": 256,
                     "solution_tokens": 40, "model.context": 512, "model.block": 4})
    words = wording(other.config.model)
    assert words is PRETRAINED
    assert wording(TINY.model) is OWN
    text = other.tokens.decode(other._prefix)
    assert text.count("Question: ") == text.count("Answer: ") == text.count("#### ") == 2
    with pytest.raises(ValueError, match=r"answer = \d+ tokens: must have at most 40"):
        other.real("train", Streams(0))
    other = with_(**{"model.weights": str(tmp_path), "shots": 2, "question_tokens": 256,
                     "solution_tokens": 250, "model.context": 512, "model.block": 4})
    asked = other.generate(other.build(None), np.arange(2), Streams(0)).items
    prompts = texts.text(other.tokens, asked, "prompt")
    assert all(prompt.startswith("Question: ") and prompt.endswith("\nAnswer:")
               for prompt in prompts)
    assert other.flops(1) > 0
    monkeypatch.setattr(TASK, "shard", 8)
    config = changed(other.config, {
        "base.steps": 0, "base.epochs": 0, "loop.total": 16, "loop.rounds": 1, "real": 1,
        "test": 1, "held": 0, "model.block": 8})
    metrics = run_loop(TASK, config, 0, Settings(root=tmp_path / "runs")).metrics
    visits = metrics[metrics.metric == "visits"].set_index("round").value
    assert visits.to_dict() == {1: 16}  # the base model is as it was on disk


def test_answers_end_where_the_examples_do(task):
    assert PRETRAINED.cut(" 3 * 4 = 12\n#### 12\n\nQuestion: Bob") == " 3 * 4 = 12\n#### 12"
    assert PRETRAINED.cut(" 12\nQuestion: Bob") == " 12"
    assert OWN.cut("3 * 4\n\n5") == "3 * 4\n\n5"


def test_sources(tmp_path):
    source = source_of("own", ("short",))
    assert isinstance(source, Own)
    assert source.splits == ("train", "values", "templates")
    assert source_of("own", ("cookies_shared",)).splits == ("train", "values")
    with pytest.raises(ValueError, match="template = 'cooky'"):
        source_of("own", ("cooky",))
    with pytest.raises(ValueError, match="gsm8k = '/nowhere/at/all'"):
        source_of("/nowhere/at/all")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="must be a folder with JSON templates"):
        source_of(str(tmp_path / "empty"))
    row = '{"question": "How many are %d and 1?", "answer": "%d + 1 = <<1>>%d\\n#### %d"}'
    for name, first in (("train", 0), ("test", 50)):
        lines = [row % (n, n, n + 1, n + 1) for n in range(first, first + 9)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines))
    task = TASK(changed(TINY, {"data": str(tmp_path), "test": 9}))
    train, test = task.real("train", Streams(0)), task.real("test", Streams(0))
    assert count(train) == 200
    assert sorted(row[0] for row in test["truth"].tolist()) == list(range(51, 60))
    assert task.quality(train).all()
    assert max(Fraction(*row) for row in train["truth"].tolist()) < 10
    with pytest.raises(ValueError, match="test = 10: must be at most 9"):
        TASK(changed(TINY, {"data": str(tmp_path), "test": 10})).real("test", Streams(0))


@pytest.mark.parametrize(("changes", "message"), [
    ({"judge": "me"}, "judge = 'me'"), ({"mixture": "1,2"}, "mixture = "),
    ({"mixture": "0,0,0"}, "mixture = "), ({"real": 0}, "real = 0"), ({"shots": 2}, "shots = 2"),
    ({"temperature": -1}, "temperature = -1"), ({"templates": ""}, r"templates = \(\)"),
    ({"model.context": 64}, "model.context = 64: must hold"),
    ({"model.width": 33}, "model.heads = 2: must divide"),
])
def test_configs_are_checked(changes, message):
    with pytest.raises(ValueError, match=message):
        changed(TINY, changes)


@pytest.fixture(scope="module")
def loops(tmp_path_factory):
    """Runs of two arms that share their base model."""
    root, found = tmp_path_factory.mktemp("runs"), {}
    for name in ("none", "coin"):
        config = changed(TINY, {"loop.curate": name})
        found[name] = run_loop(TASK, config, 0, Settings(root=root)).metrics
    return found


def test_whole_loops(loops):
    for metrics in loops.values():
        rows = metrics[(metrics.metric == "accuracy") & (metrics.split == "test")]
        assert sorted(rows["round"]) == [0, 1, 2]
        assert rows.value.between(0, 1).all()
        costs = metrics[metrics.split == "cost"].groupby("metric").value.sum()
        assert costs["kept"] == 32
        assert costs["visits"] == costs["kept"]  # one epoch


def test_arms_share_what_came_before(loops):
    first, second = (
        metrics[(metrics["round"] == 0) & (metrics.split == "test")].set_index("metric").value
        for metrics in loops.values())
    assert first.equals(second)


@pytest.mark.parametrize("name", ["smoke", "desk", "night", "gpu", "paper"])
def test_presets_are_configs(name):
    preset = TASK.presets[name]
    assert preset.name == name
    arms = {arm.name: changed(Config(), preset.changes | arm.changes) for arm in preset.arms}
    assert len({str(to_dict(config)) for config in arms.values()}) == len(arms)
    first = next(iter(arms.values()))
    for config in arms.values():
        assert (config.base, config.update, config.model) == (
            first.base, first.update, first.model)
        assert sum(config.loop.counts()) == sum(first.loop.counts())  # equal cost
        assert all(count % config.update.batch == 0 for count in config.loop.counts())
    assert (name in ("gpu", "paper")) == bool(first.model.weights) == bool(first.shots)


def test_take_keeps_all_fields(test_items):
    assert count(take(test_items, slice(3))) == 3
