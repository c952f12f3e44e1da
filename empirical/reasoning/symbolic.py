"""Word problems from GSM-Symbolic template files (Mirzadeh et al. 2024), by folder.

A template file is JSON with `question_annotated` (text with `{name,default}`, then `#init:`,
`#conditions:` and `#answer:`) and `answer_annotated` (text with `{expression}`). Variables are
drawn until all conditions hold. Expressions run in :mod:`empirical.reasoning.interpreter`, with
the lists of :mod:`empirical.reasoning.vocabulary`. A template that cannot be read, divides by
zero, or never meets its conditions is reported by name and left out; so is one whose worked answer
ends in another number than its formula.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from empirical.reasoning.answers import final_answer
from empirical.reasoning.arithmetic import Number, show
from empirical.reasoning.interpreter import Choices, Worded, compiled, names_in, number
from empirical.reasoning.problems import DIFFICULTIES, SPLITS, Problem
from empirical.reasoning.vocabulary import ENVIRONMENT
from empirical.streams import Streams

__all__ = ["Library", "Symbolic", "load", "read_template"]

MAX_FILE = 200_000  # bytes
MAX_LINES = 60  # of definitions and conditions
ATTEMPTS = 50_000
MAX_ERRORS = 200  # of draws for which an expression has no value
PROBES = 1  # problems that a template must tell before it is taken up
HELD_OUT = 5  # one template, and one combination of numbers, in so many is held out

PLACEHOLDER = re.compile(r"\{([^{},\n]{1,60}),([^{}\n]{0,200})\}")
BRACES = re.compile(r"\{([^{}\n]{1,400})\}")
CALCULATOR = re.compile(r"<<[^<>\n]{0,400}>>")
SECTION = re.compile(r"#(init|conditions|answer)\s*[:=]")


class _Unmet(Exception):
    """These draws meet not all conditions."""


class _Broken(ValueError):
    """No draws will mend this."""


@dataclass(frozen=True, slots=True)
class Symbolic:
    """One template file, compiled.

    Attributes
    ----------
    name : str
        "p1/0007": folder and file.
    difficulty : str
        "symbolic", "p1" or "p2".
    question, solution : str
        Texts with placeholders.
    draws : tuple
        (names, compiled expression, compiled conditions) in order: the conditions that can be
        checked once these names are drawn.
    answer : callable
        The compiled formula of the answer.
    printed : dict
        The compiled expressions in the solution's braces, by their text.
    """

    name: str
    difficulty: str
    question: str
    solution: str
    draws: tuple
    answer: object
    printed: dict

    @property
    def held_out(self):
        """Whether no training problem comes from it."""
        return _hashed(self.name) == 0

    def problem(self, rng, split="templates"):
        """Return the first problem whose numbers meet the conditions.

        Parameters
        ----------
        rng : numpy.random.Generator
        split : str
            "train" and "values" take only numbers that the other one does not.

        Raises
        ------
        ValueError
            When `ATTEMPTS` draws give none, with the last reason.
        """
        reason, errors, attempts = "the conditions are never met", 0, 0
        while attempts < ATTEMPTS and errors <= MAX_ERRORS:
            attempts += 1
            try:
                variables = self._drawn(rng)
                if split != "templates" and self._held(variables) != (split == "values"):
                    continue
                return self._told(variables)
            except _Unmet:
                continue
            except _Broken as error:
                raise ValueError(f"template = {self.name!r}: {error}") from None
            except ZeroDivisionError:
                reason, errors = "divides by zero", errors + 1
            except ValueError as error:
                reason, errors = str(error), errors + 1
        raise ValueError(f"template = {self.name!r}: {reason} ({attempts} attempts)")

    def _drawn(self, rng):
        variables = {}
        for names, expression, conditions in self.draws:
            value = expression(variables)
            if isinstance(value, tuple | range):
                value = Choices(value)
            if isinstance(value, Choices):
                value = value.draw(rng)
            if len(names) == 1:
                variables[names[0]] = _worded(value)
            elif isinstance(value, tuple) and len(value) == len(names):
                variables.update(zip(names, value))
            else:
                raise ValueError(f"{', '.join(names)}: must be given {len(names)} values")
            if not all(condition(variables) for condition in conditions):
                raise _Unmet
        return variables

    def _held(self, variables):
        numbers = [f"{name}={_text(value)}" for name, value in sorted(variables.items())
                   if not isinstance(value, str)]
        return _hashed(f"{self.name}:{','.join(numbers)}") == 0

    def _told(self, variables):
        answer = Number(number(self.answer(variables)))
        question = PLACEHOLDER.sub(
            lambda found: _said(variables, found[1].strip(), found[0]), self.question)
        solution = BRACES.sub(lambda found: _text(self.printed[found[1]](variables)),
                              CALCULATOR.sub("", self.solution))
        if final_answer(solution, strict=True) != answer:
            ending = " ".join(solution[-40:].split())
            raise _Broken(f"the formula gives {show(answer)} and the worked answer {ending!r}")
        return Problem(question, solution, answer, self.name, self.difficulty)


def _worded(value):
    """Return a pair like ("twins", 2), drawn from a list of such, as a :class:`Worded`."""
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str | int):
        return Worded(str(value[0]), Fraction(number(value[1])))
    return value


def _hashed(text):
    return hashlib.sha256(text.encode()).digest()[0] % HELD_OUT


def _said(variables, name, default):
    """Return what a question prints for a variable."""
    if name not in variables:
        raise ValueError(f"name = {name!r}: is not defined")
    value = variables[name]
    return value.text if isinstance(value, Worded) else _text(value)


def _text(value):
    """Return how a value is printed in an answer: numbers, even where the question has words."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | tuple | range):
        raise ValueError("a list or a truth value cannot be printed")
    value = Fraction(number(value))
    denominator = value.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    if denominator == 1 and (value * 10**6).denominator == 1 and value.denominator > 1:
        return f"{float(value):.6f}".rstrip("0")
    return show(value)


def read_template(path, difficulty=None):
    """Return the compiled :class:`Symbolic` of a template file.

    Parameters
    ----------
    path : path
    difficulty : str, optional
        By default the name of its folder if that is one, else "symbolic".

    Raises
    ------
    ValueError
        When it cannot be read, in one line.
    """
    path = Path(path)
    if difficulty is None:
        difficulty = path.parent.name if path.parent.name in DIFFICULTIES else DIFFICULTIES[0]
    name = f"{path.parent.name}/{path.stem}"
    if path.stat().st_size > MAX_FILE:
        raise ValueError(f"template = {name!r}: must have at most {MAX_FILE} bytes")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        question, solution = found["question_annotated"], found["answer_annotated"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError(f"template = {name!r}: must be JSON with question_annotated and "
                         "answer_annotated") from None
    if not (isinstance(question, str) and isinstance(solution, str)):
        raise ValueError(f"template = {name!r}: its question and answer must be texts")
    try:
        return _compiled(name, difficulty, question, solution)
    except ValueError as error:
        raise ValueError(f"template = {name!r}: {error}") from None


def _compiled(name, difficulty, question, solution):
    text, *sections = SECTION.split(question)
    parts = dict(zip(sections[::2], sections[1::2]))
    if "answer" not in parts:
        raise ValueError("has no #answer")
    lines = {part: _lines(parts.get(part, "")) for part in ("init", "conditions")}
    expressions = set(BRACES.findall(CALCULATOR.sub("", solution)))
    return Symbolic(
        name, difficulty, text.strip(), solution.strip(),
        _plan([_assignment(line) for line in lines["init"]], lines["conditions"]),
        compiled(parts["answer"].replace("$", "").strip().strip("{}"), ENVIRONMENT),
        {text: compiled(text, ENVIRONMENT) for text in sorted(expressions)},
    )


def _lines(text):
    lines = [line.strip()[1:].strip() for line in text.splitlines()
             if line.strip().startswith("-")]
    if len(lines) > MAX_LINES:
        raise ValueError(f"{len(lines)} lines: must be at most {MAX_LINES}")
    return [line for line in lines if line]


def _plan(assignments, conditions):
    """Return (names, draw, conditions) of each assignment: each condition as early as can be."""
    known, waiting, plan = set(), dict.fromkeys(conditions), []
    waiting = {line: names_in(line) for line in waiting}
    drawn = {name for names, _ in assignments for name in names}
    for names, draw in assignments:
        known.update(names)
        ready = [line for line, needed in waiting.items() if not needed & drawn - known]
        plan.append((names, draw, tuple(compiled(line, ENVIRONMENT) for line in ready)))
        waiting = {line: needed for line, needed in waiting.items() if line not in ready}
    return tuple(plan)


def _assignment(line):
    """Return the names and the compiled expression of "- $a, b = sample(names, 2)"."""
    left, equals, right = line.partition("=")
    names = tuple(name.strip().removeprefix("$") for name in left.split(","))
    if not equals or not all(name.isidentifier() for name in names):
        raise ValueError(f"line {line[:40]!r}: must be name = expression")
    return names, compiled(right, ENVIRONMENT)


@dataclass(frozen=True, slots=True)
class Library:
    """The templates of a folder that can be used, and those that cannot.

    Attributes
    ----------
    templates : dict of str to Symbolic
    skipped : dict of str to str
        Why others are left out, by name.
    """

    templates: dict
    skipped: dict

    def names(self, difficulty, split="train"):
        """Return the names of the templates of a difficulty that a split draws from."""
        for name, value, allowed in (("difficulty", difficulty, DIFFICULTIES),
                                     ("split", split, SPLITS)):
            if value not in allowed:
                raise ValueError(f"{name} = {value!r}: must be one of {', '.join(allowed)}")
        found = [name for name, entry in self.templates.items()
                 if entry.difficulty == difficulty and entry.held_out == (split == "templates")]
        if not found:
            raise ValueError(f"difficulty = {difficulty!r}: has no template for the split "
                             f"{split!r}")
        return found

    def problem(self, streams, index, difficulty="symbolic", split="train"):
        """Return problem number `index` of a stream; as `empirical.reasoning.problems.problem`.

        A template that fails on these draws is passed over for the next one.
        """
        names = self.names(difficulty, split)
        rng = streams.child("symbolic", int(index)).numpy()
        for place in rng.permutation(len(names)):
            try:
                return self.templates[names[place]].problem(rng, split)
            except ValueError as error:
                reason = error
        raise reason

    def problems(self, streams, indices, difficulty="symbolic", split="train"):
        """Return the problems number `indices`, a list; one difficulty for all, or one for each.
        """
        indices = np.asarray(indices, dtype=np.int64)
        levels = [difficulty] * len(indices) if isinstance(difficulty, str) else difficulty
        return [self.problem(streams, index, level, split)
                for index, level in zip(indices, levels)]


def load(folder):
    """Return the :class:`Library` of a folder of template files, or of folders of these.

    Parameters
    ----------
    folder : path
        One that holds JSON files, or the folders "symbolic", "p1" and "p2".

    Raises
    ------
    ValueError
        When there is no template file, or none can be used.
    """
    files = sorted(Path(folder).glob("*.json")) + sorted(Path(folder).glob("*/*.json"))
    if not files:
        raise ValueError(f"templates = {str(folder)!r}: must be a folder with JSON templates")
    templates, skipped = {}, {}
    for file in files:
        name = f"{file.parent.name}/{file.stem}"
        try:
            entry = read_template(file)
            for probe in range(PROBES):
                entry.problem(Streams(0, ("probe", name, probe)).numpy())
        except (ValueError, OSError) as error:
            skipped[name] = str(error).removeprefix(f"template = {name!r}: ")
        else:
            templates[name] = entry
    if not templates:
        name, reason = next(iter(skipped.items()))
        raise ValueError(f"templates = {str(folder)!r}: none can be used; {name}: {reason}")
    return Library(templates, skipped)
