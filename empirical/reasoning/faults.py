"""Solutions that are wrong, or right but oddly written, in known ways: they calibrate a verifier.

Each kind changes a worked solution of ours so that its truth is known without any checker. A
verifier that looks at the final answer alone should accept those whose answer is right and whose
reasoning is not; a checker of steps should not.
"""

import re
from dataclasses import dataclass

from empirical.reasoning.arithmetic import Number, evaluate, show
from empirical.reasoning.problems.words import in_words

__all__ = ["KINDS", "Kind", "rewritten"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to rewrite a solution.

    Attributes
    ----------
    answer : bool
        Whether its final answer is still right.
    reasoning : bool
        Whether its steps are still right.
    what : str
        In words.
    """

    answer: bool
    reasoning: bool
    what: str


KINDS = {
    "as told": Kind(True, True, "unchanged"),
    "commas": Kind(True, True, "the answer with thousands commas"),
    "unit": Kind(True, True, "the answer with words behind it"),
    "sign": Kind(True, True, "a minus of typographers"),
    "sentence": Kind(True, True, "#### replaced by \"The answer is\""),
    "bare": Kind(True, True, "nothing behind the steps"),
    "in words": Kind(True, True, "the answer in words, which is not read"),
    "wrong answer": Kind(False, False, "another number behind ####"),
    "slip": Kind(False, False, "a false result in one step, and what follows from it"),
    "lucky": Kind(True, False, "a false result in one step, and still the right answer"),
    "guess": Kind(True, False, "the answer without any step"),
    "gap": Kind(True, False, "a step left out"),
    "foreign number": Kind(True, False, "a last step that starts from numbers nobody gave"),
    "words only": Kind(False, False, "no number at all"),
}

EQUATION = re.compile(r"(?<![\w.])(-?[0-9.]+(?: [-+*/] -?[0-9.]+)+) = (-?[0-9.]*[0-9])")


def rewritten(item, kind, rng):
    """Return the solution of a problem of ours, rewritten; None where that is impossible.

    Parameters
    ----------
    item : Problem
    kind : str
        One of `KINDS`.
    rng : numpy.random.Generator
        Chooses the step and the size of an error.

    Raises
    ------
    ValueError
        When there is no such kind.
    """
    if kind not in KINDS:
        raise ValueError(f"kind = {kind!r}: must be one of {', '.join(KINDS)}")
    steps, _, _ = item.solution.partition("\n####")
    return _REWRITE[kind](item, steps, rng)


def _end(steps, answer):
    return f"{steps}\n#### {answer}"


def _commas(item, steps, rng):
    whole, point, rest = str(item.answer).partition(".")
    return _end(steps, f"{int(whole):,}{point}{rest}") if abs(item.answer) >= 1000 else None


def _sign(item, steps, rng):
    return _end(steps, str(item.answer).replace("-", "\u2212")) if item.answer < 0 else None


def _spelled(item, steps, rng):
    whole = item.answer.denominator == 1 and 0 <= item.answer < 100
    return _end(steps, in_words(int(item.answer))) if whole else None


def _off(rng):
    """Return an error to add to a number: small, never 0."""
    return int(rng.integers(1, 10)) * (1 if rng.random() < 0.5 else -1)


def _wrong_answer(item, steps, rng):
    return _end(steps, Number(item.answer + _off(rng)))


def _changed(steps, rng, last=True):
    """Return the match of one equation to spoil; None where there is none."""
    found = list(EQUATION.finditer(steps))
    if not last:
        found = found[:-1]
    return found[int(rng.integers(len(found)))] if found else None


def _slip(item, steps, rng):
    """Spoil one result; later steps compute with it, and the answer is what they end in."""
    match = _changed(steps, rng)
    old, new = match[2], show(Number(match[2]) + _off(rng))
    head = f"{steps[:match.start(2)]}{new}"
    tail, last = steps[match.end(2):], new
    following = EQUATION.search(tail)
    while following:
        worked, result = _worked(following[1], old, new)
        if worked == following[1]:  # does not use the spoilt number
            head += tail[:following.end()]
            last = following[2]
        else:
            head += f"{tail[:following.start()]}{worked} = {result}"
            old, new, last = following[2], result, result
        tail = tail[following.end():]
        following = EQUATION.search(tail)
    text = _end(head + tail, last)
    return text if Number(last) != item.answer else None


def _worked(expression, old, new):
    """Return an expression with one number exchanged, and its value."""
    words = [new if word == old else word for word in expression.split(" ")]
    try:
        return " ".join(words), show(evaluate(" ".join(words)))
    except ValueError:
        return expression, old


def _lucky(item, steps, rng):
    match = _changed(steps, rng, last=False)
    if match is None:
        return None
    wrong = show(Number(match[2]) + _off(rng))
    return _end(f"{steps[:match.start(2)]}{wrong}{steps[match.end(2):]}", item.answer)


def _gap(item, steps, rng):
    """Leave out a step before the last whose result is had nowhere else."""
    sentences = re.split(r"(?<=\.) (?=[A-Z])", steps)
    results = [EQUATION.search(sentence)[2] for sentence in sentences]
    known = re.findall(r"[0-9][0-9.]*[0-9]|[0-9]", item.question)
    needed = [place for place, result in enumerate(results[:-1])
              if results.count(result) == 1 and result not in known]
    if not needed:
        return None
    del sentences[needed[int(rng.integers(len(needed)))]]
    return _end(" ".join(sentences), item.answer)


def _foreign(item, steps, rng):
    part = int(rng.integers(1000, 5000)) * 7 + 3
    return _end(f"That is {Number(item.answer - part)} + {part} = {item.answer}.", item.answer)


_REWRITE = {
    "as told": lambda item, steps, rng: _end(steps, item.answer),
    "commas": _commas,
    "unit": lambda item, steps, rng: _end(steps, f"{item.answer} in all."),
    "sign": _sign,
    "in words": _spelled,
    "sentence": lambda item, steps, rng: f"{steps}\nThe answer is {item.answer}.",
    "bare": lambda item, steps, rng: steps,
    "wrong answer": _wrong_answer,
    "slip": _slip,
    "lucky": _lucky,
    "guess": lambda item, steps, rng: f"#### {item.answer}",
    "gap": _gap,
    "foreign number": _foreign,
    "words only": lambda item, steps, rng: "I am not sure how to solve this.",
}
