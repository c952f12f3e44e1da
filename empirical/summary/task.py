"""Summarisation with imperfect verifiers (Feng et al. 2025, sections 6.2, 6.3, C and D).

A generator is fine-tuned on the reference summaries of a small part of a corpus and writes
summaries of all of it, greedily. A verifier keeps a share of them: an oracle by ROUGE-1, a
stronger model or the generator itself by perplexity, or the lot. The pre-trained model is then
fine-tuned on what was kept, and its ROUGE-1 measured. Repeated round after round it is an
iterated loop with a verifier, as Yi et al. (2025) study.

By default the articles are short reports of made-up events (:mod:`empirical.summary.reports`)
and the model is a small one from scratch, pre-trained here on other reports; nothing is
downloaded. `--set source=PATH` reads articles with summaries of others (XSum, XLSum, your own:
:mod:`empirical.summary.news`), and `--set model.weights=...` takes a pre-trained model.
"""

import dataclasses
import functools
import re

import numpy as np

from empirical.config import to_dict
from empirical.items import take
from empirical.language import generate, losses, model
from empirical.language import items as language
from empirical.language.engine import engine
from empirical.schedule import LoopConfig
from empirical.streams import Streams
from empirical.summary import config, presets, shared
from empirical.summary.corpus import corpus, other_texts, words_of
from empirical.summary.rouge import rouge
from empirical.summary.verifiers import FractionOfEach, RandomFraction
from empirical.task import Generated, Measurement, Task
from empirical.training import TrainingConfig

__all__ = ["TASK", "vocabulary"]

BEFORE, AFTER = "Article: ", " A summary of the article: "
_SIGN = re.compile(r' ?([:;!?"]|[.,](?!\d)) ?')
_APART = re.compile(r" ([.,:;!?])")
_judged = {}  # what is known of stronger models, which many evaluations ask for


@functools.lru_cache(maxsize=4)
def vocabulary(shape, source, seed):
    """Return the tokens of a model, made of the corpus's words where it has none of its own."""
    def texts():  # each with its frame, whose words are then the most frequent ones
        return (_spaced(f"{BEFORE}{text}{AFTER}") for text in words_of(source, seed))

    return model.open_tokens(shape, texts)


def _spaced(text):
    """Return a text whose signs stand apart: a word is one token before a stop and a space."""
    return _SIGN.sub(r" \1 ", text)


class _Writer:
    """A model's view of texts: its tokens, and items in them.

    Parameters
    ----------
    settings : Config
        Of the task.
    shape : ModelConfig
        Of the model.
    """

    def __init__(self, settings, shape):
        self._settings = settings
        self.tokens = vocabulary(shape, settings.source, settings.data_seed)
        self._own = not shape.weights
        after = AFTER.lstrip() if self._own else AFTER
        self._before, self._after = self.encode(BEFORE), self.encode(after)

    def encode(self, text):
        """Return the tokens of a text."""
        return self.tokens.encode(_spaced(text) if self._own else text)

    def decode(self, items):
        """Return the answers of items as texts."""
        texts = language.text(self.tokens, items)
        return [_APART.sub(r"\1", " ".join(text.split())) if self._own else text.strip()
                for text in texts]

    def prompts(self, articles):
        """Return the fields of prompts; what is too long of an article is cut off."""
        room = self._settings.longest_article
        texts = [(*self.tokens.start, *self._before, *self.encode(text)[:room],
                  *self._after) for text in articles]
        width = len(self.tokens.start) + len(self._before) + room + len(self._after)
        made, lengths = language.padded(texts, width, self.tokens.pad, "prompt")
        return {"prompt": made, "prompt_length": lengths}

    def answers(self, texts, room=None):
        """Return the fields of answers; what is too long is cut off, and has no end mark."""
        room = room or self._settings.longest_summary
        made, lengths = language.padded(
            [(*self.encode(text), self.tokens.end)[:room] for text in texts], room,
            self.tokens.pad, "answer")
        return {"answer": made, "answer_length": lengths}

    def items(self, articles, texts, room=None):
        """Return items of articles with something to say after them."""
        return self.prompts(articles) | self.answers(texts, room)


class TASK(Task):
    """Summaries of articles, one an item.

    An item holds `number` and `kind`, which article of the corpus it is about and what kind of
    event that is of, the fields of :mod:`empirical.language.items`, and proposals their scores.
    """

    name = "summary"
    summary = "summarisation with imperfect verifiers (Feng et al., sections 6.2, 6.3, C and D)"
    Config = config.Config
    presets = presets.PRESETS
    after_base = ("scores", "stronger", "labels")

    @property
    def shard(self):
        """Summaries written in one piece: one block of a large model, about 256 of a small one."""
        block = self.config.model.block
        return block if self.config.model.weights else block * max(1, 256 // block)

    @functools.cached_property
    def writer(self):
        """The model's view of texts."""
        return _Writer(self.config, self.config.model)

    def corpus(self, split):
        """Return the articles of a split with their references."""
        settings = self.config
        size = settings.corpus if split == "train" else settings.test
        return corpus(settings.source, settings.data_seed, split, size)

    def build(self, generator):
        """Return the pre-trained model; a fresh one where nothing is to pre-train on."""
        settings = self.config
        made = model.build(settings.model, self.writer.tokens, generator, self.device)
        if not settings.model.weights and settings.pretraining.total_steps(settings.texts):
            made.load_state_dict(self._pretrained(settings.model, settings.pretraining,
                                                  settings.data_seed))
        return made

    def _pretrained(self, shape, training, seed):
        """Return the weights of a fresh model after pre-training, the same for every run."""
        settings = self.config
        parts = {"model": to_dict(shape), "training": to_dict(training), "seed": seed}
        parts |= {name: getattr(settings, name) for name in (
            "source", "data_seed", "texts", "longest_article", "longest_summary")}
        return shared.trained(
            "pretrained", parts | {"device": self.device},
            lambda: self._pretrain(shape, training, Streams(seed).child("pretraining")))

    def _pretrain(self, shape, training, streams):
        settings = self.config
        writer = _Writer(settings, shape)
        made = model.build(shape, writer.tokens, streams.child("build").torch(), self.device)
        pairs = other_texts(settings.source, settings.data_seed, settings.texts)
        items = writer.items(*zip(*pairs), settings.longest_article)
        return shared.fit(made, items, training, self._loss_of(shape), streams.child("train"),
                          self.device)

    def real(self, split, streams):
        """Return articles with references: those that the generator learns from, or the test's.

        Which part of the corpus has references for the generator is drawn from `streams`.
        """
        numbers = np.arange(len(self.corpus(split).articles))
        if split == "train":
            order = streams.child("labelled").numpy().permutation(len(numbers))
            numbers = np.sort(order[: self.config.labelled])
        return self.items_of(split, numbers)

    def items_of(self, split, numbers):
        """Return articles of a split with their references, by number."""
        texts = self.corpus(split)
        articles, references = (
            [part[i] for i in numbers] for part in (texts.articles, texts.references))
        return self._about(texts, numbers) | self.writer.items(articles, references)

    @staticmethod
    def _about(texts, numbers):
        return {"number": numbers, "kind": np.array([texts.kinds[i] for i in numbers])}

    def generate(self, model, indices, streams):
        """Return summaries of articles of the corpus, written greedily, with their scores.

        Proposals 0 to corpus - 1 are about each article once, in an order drawn from `streams`;
        then it begins again.
        """
        settings = self.config
        wanted, places = generate.aligned(indices, settings.model.block)
        order = streams.child("articles").numpy().permutation(settings.corpus)
        numbers = order[wanted % settings.corpus]
        if settings.labels == "truth":
            return Generated(take(self.items_of("train", numbers), places), 0)
        texts = self.corpus("train")
        items = self._about(texts, numbers)
        items |= self.writer.prompts([texts.articles[i] for i in numbers])
        items |= self._written(model, items).fields
        for name in settings.scores:
            items[name] = self._log_probability(model, items, name)
        return Generated(take(items, places), len(places))

    def _written(self, made, items):
        """Return the summaries that a model writes, greedily."""
        writer = engine(self.config.model, made, self.writer.tokens)
        prompts = language.rows(items, "prompt")
        sampling = generate.Sampling(0.0, self.config.longest_summary)
        return writer.write(prompts, np.arange(len(prompts)), Streams(0), sampling)

    def _log_probability(self, made, items, name):
        """Return the mean log-probability of a summary's tokens: minus the log of perplexity."""
        settings = self.config
        if name == "stronger":
            shape = settings.stronger.model
            judge, writer = self._judge()
            items = writer.items(self._articles(items), self.texts(items))
        else:
            shape, judge = settings.model, made
        total, lengths = losses.surprise(judge, items, shape.block, self.device)
        return -total / np.maximum(lengths, 1)

    def _articles(self, items):
        texts = self.corpus("train")
        return [texts.articles[number] for number in items["number"]]

    def _judge(self):
        """Return the stronger model, trained on all references, and its view of texts."""
        judge = self.config.stronger
        writer = _Writer(self.config, judge.model)
        made = model.build(judge.model, writer.tokens,
                           Streams(judge.seed).child("judge").torch(), self.device)
        parts = {name: value for name, value in to_dict(self.config).items() if name in (
            "source", "data_seed", "texts", "longest_article", "longest_summary", "corpus",
            "stronger")}
        made.load_state_dict(shared.trained(
            "stronger", parts | {"device": self.device}, lambda: self._trained_judge(made)))
        return made.eval(), writer

    def _trained_judge(self, made):
        judge = self.config.stronger
        if not judge.model.weights and judge.pretraining.total_steps(self.config.texts):
            made.load_state_dict(self._pretrained(judge.model, judge.pretraining, judge.seed))
        texts = self.corpus("train")
        items = _Writer(self.config, judge.model).items(texts.articles, texts.references)
        return shared.fit(made, items, judge.training, self._loss_of(judge.model),
                          Streams(judge.seed).child("judge", "train"), self.device)

    def stronger(self):
        """Return the stronger model, and a task whose model it is: to see what it writes."""
        judge, _ = self._judge()
        return judge, type(self)(
            dataclasses.replace(self.config, model=self.config.stronger.model), self.device)

    def curator(self, streams):
        """Return the verifier that the config names: "random", "top_of_each", or a common one."""
        loop = self.config.loop
        if loop.curate == "random":
            return RandomFraction(loop.fraction)
        if loop.curate == "top_of_each":
            return FractionOfEach(loop.score, loop.fraction)
        return super().curator(streams)

    def texts(self, items):
        """Return the summaries of items as texts."""
        return self.writer.decode(items)

    def quality(self, items):
        """Return the ROUGE-1 F-measure of each summary against its article's reference."""
        references = self.corpus("train").references
        wanted = [references[number] for number in items["number"]]
        return rouge(self.texts(items), wanted, ["1"])["1"].fmeasure

    def score(self, model, items, name):
        """Return the score "self" or "stronger" that the proposals were given."""
        if name not in items:
            raise ValueError(f"score = {name!r}: must be quality or one of scores = "
                             f"{', '.join(self.config.scores)}")
        return items[name]

    def loss(self, model, batch, generator):
        """Return the cross entropy of the summaries' tokens, in nats."""
        return losses.answer_loss(model, batch, self.config.model.pieces)

    @staticmethod
    def _loss_of(shape):
        return lambda made, batch, generator: losses.answer_loss(made, batch, shape.pieces)

    def evaluate(self, model, test, streams):
        """Return ROUGE-1, -2 and -L of greedy summaries, their length, and the loss.

        "rouge1" is the mean F-measure against the reference; "rouge1/valid" that against the
        best of all summaries that would do, where they are known, and "valid" the share that is
        word for word one of them.
        """
        texts = self.corpus("test")
        written = self.written(model, test)
        found = rouge(written, [texts.references[number] for number in test["number"]])
        rows = [_mean(f"rouge{kind}", scores.fmeasure) for kind, scores in found.items()]
        if texts.valid:
            ways = [texts.valid[number] for number in test["number"]]
            best, same = _against_any(written, ways)
            rows += [_mean("rouge1/valid", best), _mean("valid", same)]
        rows.append(_mean("words", [len(text.split()) for text in written]))
        total, lengths = losses.surprise(model, test, self.config.model.block, self.device)
        rows.append(_mean("loss", total / lengths))
        return rows + self._judged(test)

    def _judged(self, test):
        """Return the ROUGE-1 of the stronger model, where there is one; looked up if known."""
        if "stronger" not in self.config.scores:
            return []
        key = repr(dataclasses.replace(self.config, loop=LoopConfig(), base=TrainingConfig(),
                                       update=TrainingConfig())), self.device
        if key not in _judged:
            judge, task = self.stronger()
            items = task.items_of("test", test["number"])
            references = [self.corpus("test").references[i] for i in test["number"]]
            scores = rouge(task.written(judge, items), references, ["1"])["1"].fmeasure
            _judged[key] = _mean("rouge1/stronger", scores)
        return [_judged[key]]

    def written(self, model, items):
        """Return the summaries that a model writes of items' articles, as texts."""
        return self.texts(items | self._written(model, items).fields)

    def flops(self, visits):
        """Return about how many floating-point operations `visits` forward passes take."""
        settings = self.config
        shape = settings.model
        if shape.weights:
            return float("nan")
        tokens = settings.longest_article + settings.longest_summary
        return 2.0 * visits * tokens * shape.count(self.writer.tokens.size)


def _against_any(written, ways):
    """Return the best ROUGE-1 against any of several texts, and whether one is the same."""
    counts = [len(texts) for texts in ways]
    flat = [text for texts in ways for text in texts]
    repeated = [text for text, n in zip(written, counts) for _ in range(n)]
    scores = rouge(repeated, flat, ["1"])["1"].fmeasure
    starts = np.cumsum([0, *counts[:-1]])
    best = np.maximum.reduceat(scores, starts)
    return best, np.array([text in texts for text, texts in zip(written, ways)])


def _mean(metric, values):
    values = np.asarray(values, dtype=float)
    spread = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else float("nan")
    return Measurement(metric, float(values.mean()), float(spread), len(values))
