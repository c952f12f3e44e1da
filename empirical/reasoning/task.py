"""Self-taught reasoning on symbolic word problems (Yang et al. 2025, section 4.3; STaR).

A language model reads a problem and writes a solution, step by step, that ends in "#### 42". In
each round it writes solutions to fresh problems of three difficulties, mixed 7:2:1; a verifier
that knows the final answers keeps those that end in the right one; the model is trained on them
for one epoch, and evaluated greedily on all three difficulties.

The reports judge more strictly than the verifier: a solution counts as right when its steps hold
too. So what a round reports as psi is how many wrong solutions an answer-only verifier lets
through, and as precision how many of the kept solutions are right all through.

By default everything is made here: problems of our own templates, and a Llama-shaped model with
its own vocabulary that first learns from worked solutions. It has not learned to read examples,
so it gets none. With `model.weights` (a folder, a GGUF file, a hub id) a pre-trained model is
used, with `shots` worked examples before each question. Own data: `data` names a folder of
GSM-Symbolic templates, or GSM8K.
"""

import functools
from fractions import Fraction

import numpy as np

from empirical.items import take
from empirical.language import items as texts
from empirical.language.engine import engine
from empirical.language.generate import Sampling, aligned
from empirical.language.losses import answer_loss, surprise
from empirical.language.model import build, count_weights, open_tokens
from empirical.reasoning import config, presets
from empirical.reasoning.answers import same
from empirical.reasoning.problems import Problem, mixture
from empirical.reasoning.prompts import wording
from empirical.reasoning.source import source_of
from empirical.reasoning.steps import verify
from empirical.streams import Streams
from empirical.task import Generated, Measurement, Task

__all__ = ["TASK"]

CORPUS = 300  # problems of each difficulty that an own vocabulary is made from
SAMPLE = 20  # of each difficulty that tell how long a problem is
HELD_OUT = ("values", "templates")


@functools.lru_cache(maxsize=8)
def _tokens(model, source):
    """Return the vocabulary of a model.

    An own one knows the words of the held-out templates too, as a dictionary would.
    """
    return open_tokens(model, lambda: (
        part for split in ("train", "templates") if split in source.splits
        for pair in _pairs(model, source, split, CORPUS) for part in pair))


@functools.lru_cache(maxsize=8)
def _length(model, source):
    """Return the mean tokens of a problem with its solution."""
    tokens = _tokens(model, source)
    pairs = _pairs(model, source, "train", SAMPLE)
    return float(np.mean([sum(len(tokens.encode(part)) for part in pair) for pair in pairs])) + 2


def _pairs(model, source, split, each):
    """Return prompts and solutions of so many problems of each difficulty, always the same."""
    levels = np.repeat(source.levels, each).tolist()
    told = source.problems(split, Streams(0).child("corpus"), np.arange(len(levels)), levels)
    words = wording(model)
    return [(words.prompt(item.question), words.answer(item.solution)) for item in told]


class TASK(Task):
    """Word problems with solutions.

    An item holds a question (`prompt`) and a solution that somebody wrote (`answer`) as tokens,
    each with its length; besides, for verifiers and reports alone, the worked solution
    (`worked`), the right final answer as a fraction (`truth`: numerator and denominator), and
    which `template` and `difficulty` it is of.
    """

    name = "reasoning"
    summary = "self-taught reasoning on symbolic word problems (Yang et al., section 4.3; STaR)"
    Config = config.Config
    presets = presets.PRESETS
    after_base = ("temperature", "shots", "judge", "test", "held")
    shard = 256

    @property
    def source(self):
        """Where problems come from."""
        return source_of(self.config.data, self.config.templates)

    @property
    def tokens(self):
        """The model's vocabulary."""
        return _tokens(self.config.model, self.source)

    def build(self, generator):
        """Return a fresh model, or a pre-trained one as it is on disk."""
        return build(self.config.model, self.tokens, generator, self.device)

    def real(self, split, streams):
        """Return problems with worked solutions.

        "train" is mixed as `config.mixture` says. "test" holds, of each difficulty, problems with
        held-out numbers and problems of held-out templates, as far as the data have such.
        """
        if split == "train":
            streams, indices = streams.child("real"), np.arange(self.config.real)
            return self._worked("train", streams, indices, self._mixed(streams, indices))
        if split != "test":
            raise ValueError(f"split = {split!r}: must be train or test")
        counts, parts = (self.config.test, self.config.held), []
        for part, each in zip(HELD_OUT, counts):
            if each and part in self.source.splits:
                levels = np.repeat(self.source.levels, each).tolist()
                indices = np.arange(len(levels))
                parts.append(self._worked(part, streams.child(part), indices, levels))
        held = np.repeat(np.arange(len(parts)), [len(part["truth"]) for part in parts])
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]} | {
            "held": held.astype(np.int8)}

    def _mixed(self, streams, indices):
        """Return a difficulty for each index, in the proportions of the config."""
        if len(self.source.levels) == 1:
            return list(self.source.levels) * len(indices)
        return mixture(streams, indices, self.config.mixture)

    def _worked(self, split, streams, indices, levels):
        told = self.source.problems(split, streams, indices, levels)
        return self._asked(told) | texts.answers(
            self.tokens, self._solutions(told), self.config.solution_tokens)

    def _solutions(self, told):
        return [wording(self.config.model).answer(item.solution) for item in told]

    def _asked(self, told):
        """Return the fields of problems that nobody has answered yet."""
        config, words = self.config, wording(self.config.model)
        asked = texts.prompts(self.tokens, [words.prompt(item.question) for item in told],
                              config.question_tokens)
        worked = texts.answers(self.tokens, self._solutions(told), config.solution_tokens)
        names, levels = self.source.templates, self.source.levels
        return asked | {
            "worked": worked["answer"], "worked_length": worked["answer_length"],
            "truth": np.array([item.answer.as_integer_ratio() for item in told], np.int64),
            "template": np.array([names.index(item.template) for item in told], np.int32),
            "difficulty": np.array([levels.index(item.difficulty) for item in told], np.int8),
        }

    def generate(self, model, indices, streams):
        """Return solutions that the model writes to fresh problems number `indices`."""
        wanted, rows = aligned(indices, self.config.model.block)
        told = self.source.problems("train", streams, wanted, self._mixed(streams, wanted))
        items = self.answered(model, self._asked(told), wanted, streams.child("tokens"),
                              self.config.temperature)
        return Generated(take(items, rows), len(indices))

    def answered(self, model, items, indices, streams, temperature):
        """Return the items with the model's solutions, each from its own stream."""
        sampling = Sampling(temperature, self.config.solution_tokens,
                            wording(self.config.model).stops)
        prompts, prefix = texts.rows(items, "prompt"), self._prefix
        if prefix:
            prompts = [row[len(self.tokens.start):] for row in prompts]
        written = engine(self.config.model, model, self.tokens).write(
            prompts, indices, streams, sampling, prefix)
        return items | self._ended(written)

    @property
    def _prefix(self):
        """The tokens of worked examples, the same before every question."""
        if not self.config.shots:
            return ()
        told = self.source.problems("train", Streams(0).child("shots"),
                                    np.arange(self.config.shots), self.source.levels[0])
        text = wording(self.config.model).examples(told)
        return (*self.tokens.start, *self.tokens.encode(text))

    def _ended(self, written):
        """Return answers that end in the end mark where they ended at a stop."""
        words, fields = wording(self.config.model), written.fields
        if not words.stops:
            return fields
        rows = []
        for row, ended in zip(texts.rows(fields, "answer"), written.ended):
            if ended and row[-1] != self.tokens.end:
                text = words.cut(self.tokens.decode(row))
                row = [*self.tokens.encode(text), self.tokens.end]
            rows.append(row[: self.config.solution_tokens])
        answer, length = texts.padded(rows, self.config.solution_tokens, self.tokens.pad)
        return {"answer": answer, "answer_length": length}

    def solutions(self, items, field="answer"):
        """Return the solutions of items as texts."""
        return [text.strip() for text in texts.text(self.tokens, items, field)]

    def right(self, items):
        """Return whether each solution ends in the right number, an array of bool."""
        told = zip(self.solutions(items), items["truth"])
        return np.array([same(text, Fraction(*map(int, truth))) for text, truth in told], bool)

    def sound(self, items, right=None):
        """Return whether each solution ends in the right number by steps that hold."""
        right = self.right(items) if right is None else right
        if not self.source.steps:
            return right
        found = right.copy()
        chosen = np.flatnonzero(right)
        some = take(items, chosen)
        for place, told, text in zip(chosen, self._told(some), self.solutions(some)):
            found[place] = verify(told, text).right
        return found

    def _told(self, items):
        """Return items as problems again."""
        words = wording(self.config.model)
        questions = texts.text(self.tokens, items, "prompt")
        rows = zip(questions, self.solutions(items, "worked"), items["truth"], items["template"],
                   items["difficulty"])
        return [
            Problem(question.removeprefix(words.before).removesuffix(words.after), worked,
                    Fraction(*map(int, truth)), self.source.templates[template],
                    self.source.levels[level])
            for question, worked, truth, template, level in rows
        ]

    def quality(self, items):
        """Return 1.0 for right solutions, as `config.judge` says, else 0.0."""
        right = self.right(items)
        return (self.sound(items, right) if self.config.judge == "steps" else right).astype(float)

    def curator(self, streams):
        """Return the verifier that the config names; "answer" looks at the final answer alone."""
        from empirical.curate import Threshold

        if self.config.loop.curate == "answer":
            return Threshold("answer", 0.5)
        return super().curator(streams)

    def score(self, model, items, name):
        """Return "answer" (1.0 for a right final answer) or "likelihood" (nats a token)."""
        if name == "answer":
            return self.right(items).astype(float)
        if name == "likelihood":
            found, lengths = surprise(model, items, self.config.model.block, self.device)
            return -found / lengths
        raise ValueError(f"score = {name!r}: must be answer or likelihood")

    def loss(self, model, batch, generator):
        """Return the cross entropy of the solutions, in nats a token; questions do not count."""
        return answer_loss(model, batch, self.config.model.pieces)

    def evaluate(self, model, test, streams):
        """Return accuracies of greedy solutions by difficulty, and how they came about.

        Of problems with held-out numbers (split "test") and of held-out templates (split
        "templates"): "accuracy@symbolic" and so on; "accuracy", their mean in the proportions of
        `config.mixture`; "sound", the share of all whose steps hold too; "lucky", the share of
        right answers whose steps do not; "ended", the share that ended by itself; "loss", nats a
        token of the worked solutions.
        """
        count, rows = len(test["truth"]), []
        worked = test | {"answer": test["worked"], "answer_length": test["worked_length"]}
        lost, lengths = surprise(model, worked, self.config.model.block, self.device)
        written = self.answered(model, test, np.arange(count), None, 0.0)
        right = self.right(written)
        sound = self.sound(written, right)
        last = np.maximum(written["answer_length"] - 1, 0)
        ended = written["answer"][np.arange(count), last] == self.tokens.end
        for number, split in enumerate(("test", "templates")):
            mine = test["held"] == number
            if not mine.any():
                continue
            each = [_mean(f"accuracy@{name}", right[mine & (test["difficulty"] == level)], split)
                    for level, name in enumerate(self.source.levels)]
            rows += [self._mixed_mean(each), *each, _mean("sound", sound[mine], split),
                     _mean("lucky", ~sound[mine & right], split),
                     _mean("ended", ended[mine], split),
                     Measurement("loss", float(lost[mine].sum() / lengths[mine].sum()),
                                 n=int(mine.sum()), split=split)]
        return rows

    def _mixed_mean(self, each):
        """Return the mean of the difficulties' accuracies, weighted as they are in training."""
        weights = np.array(self.config.mixture if len(each) > 1 else (1.0,))
        weights = weights / weights.sum()
        value = float(weights @ [part.value for part in each])
        spread = float(np.hypot.reduce(weights * [part.stderr for part in each]))
        return Measurement("accuracy", value, spread, sum(part.n for part in each), each[0].split)

    def flops(self, visits):
        """Return about how many floating-point operations `visits` solutions take: two a weight
        and token.
        """
        model = self.config.model
        return 2.0 * visits * _length(model, self.source) * count_weights(model, self.tokens)


def _mean(metric, values, split):
    values = np.asarray(values, dtype=float)
    n = len(values)
    mean = float(values.mean()) if n else float("nan")
    spread = float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
    return Measurement(metric, mean, spread, n, split)
