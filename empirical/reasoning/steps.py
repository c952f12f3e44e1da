"""Checks the steps of a worked solution: each equation, how they hang together, where they end.

A chain is right when every equation in it is true, every number in it was given by the question
or found before, every result but the last is used, and the last one is the final answer. That is
necessary and not sufficient: "2 + 2 = 4" is true where "2 * 2 = 4" was asked for. For problems of
our own templates there is more: the chain is replayed as a program on problems of the same
template with other numbers, and must end in their answers too.
"""

import itertools
from dataclasses import dataclass
from fractions import Fraction

from empirical.reasoning.answers import final_answer
from empirical.reasoning.arithmetic import Expression, parse, show, tokens
from empirical.reasoning.problems import Problem, sibling
from empirical.streams import Streams

__all__ = ["FAULTS", "Check", "Equation", "check", "equations", "givens", "verify"]

FAULTS = (
    "none", "too long", "no equation", "unreadable", "false", "unknown number", "unused result",
    "no answer", "other answer", "not general",
)
MAX_TEXT = 20_000  # characters
MAX_EQUATIONS = 60
MAX_READINGS = 4096
SIBLINGS = 3

WORDS = {
    "half": 2, "twice": 2, "double": 2, "third": 3, "triple": 3, "quarter": 4, "fifth": 5,
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "dozen": 12,
}
IMPLIED = {  # what a word lets one use without saying it
    "percent": 100, "%": 100, "cent": 100, "cents": 100, "hour": 60, "hours": 60, "minute": 60,
    "minutes": 60, "week": 7, "weeks": 7, "month": 12, "months": 12, "year": 12, "years": 12,
    "day": 24, "days": 24, "rectangle": 2, "perimeter": 2, "returns": 2, "both": 2,
}
ALWAYS = (Fraction(1),)


@dataclass(frozen=True, slots=True)
class Equation:
    """One equation of a solution.

    Attributes
    ----------
    text : str
        As written, but for spaces and currency signs.
    expression : Expression or None
        What is worked out; None when it cannot be read.
    result : Fraction or None
        What is said to come out; None when it cannot be read.
    """

    text: str
    expression: Expression | None
    result: Fraction | None

    @property
    def true(self):
        """Whether the expression has this result."""
        try:
            return self.expression is not None and self.expression.value() == self.result
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class Check:
    """What the step checker says of a solution.

    Attributes
    ----------
    fault : str
        The first fault found, one of `FAULTS`; "none" for a chain that is right.
    detail : str
        Where: the equation or number.
    equations : tuple of Equation
        All that it found.
    answer : Fraction or None
        The final answer, by :func:`empirical.reasoning.answers.final_answer`.
    """

    fault: str
    detail: str
    equations: tuple
    answer: Fraction | None

    @property
    def right(self):
        """Whether no fault was found."""
        return self.fault == "none"

    @property
    def sound(self):
        """Whether the steps are right, also where no final answer can be read after them."""
        return self.fault in ("none", "no answer")


def equations(text):
    """Return the equations of a text: its runs of numbers and operators that hold a "=".

    Parameters
    ----------
    text : str
        At most `MAX_TEXT` characters; what follows "####" does not count.

    Returns
    -------
    tuple of Equation
    """
    found, run = [], []
    for token in [*tokens(text.partition("####")[0]), ("word", "", 0)]:
        if token[0] != "word":
            run.append(token)
            continue
        if any(kind == "=" for kind, _, _ in run):
            found.append(_equation(run))
        run = []
    return tuple(found)


def _equation(run):
    """Return the equation of a run of tokens; of sides without an operator, one is the result."""
    text = " ".join("?" if k == "number" and v is None else show(v) if k == "number" else k
                    for k, v, _ in run)
    try:
        sides = [parse(side) for side in _sides(run)]
        worked = max(sides, key=lambda side: len(side.code))
        plain = [side for side in sides if len(side.code) == 1]
        if not plain or len({side.value() for side in sides if side is not worked}) > 1:
            return Equation(text, None, None)
        return Equation(text, worked, plain[-1].value())
    except ValueError:
        return Equation(text, None, None)


def _sides(run):
    sides = [[]]
    for token in run:
        if token[0] == "=":
            sides.append([])
        else:
            sides[-1].append(token)
    return sides


def givens(question):
    """Return the numbers that a question gives, in order, and those that its words imply.

    Returns
    -------
    numbers : tuple of Fraction
        Digits, and words such as "three" or "half"; the same number may stand there twice.
    implied : frozenset of Fraction
        60 where hours are mentioned, 100 where percent are, ...
    """
    numbers, implied, before, signs = [], set(ALWAYS), (), ("word", "word")
    for kind, value, _ in tokens(question):
        if kind == "number" and value is not None:
            negative = signs[1] == "-" and signs[0] not in ("number", ")")
            numbers.append(-value if negative else value)
        elif kind == "word":
            word = value.lower()
            if word == "half" and before[-3:] == ("one", "and", "a"):
                numbers.append(Fraction(3, 2))
            elif word in WORDS:
                numbers.append(Fraction(WORDS[word]))
            if word in IMPLIED:
                implied.add(Fraction(IMPLIED[word]))
            before = (*before[-2:], word)
        signs = (signs[1], kind)
    return tuple(numbers), frozenset(implied)


def check(question, solution):
    """Return the :class:`Check` of a solution, from its text and the question's alone.

    Parameters
    ----------
    question, solution : str

    Examples
    --------
    >>> question = "Ana bakes 3 trays of 4 muffins. Ben eats 5. How many are left?"
    >>> check(question, "She bakes 3 * 4 = 12. There are 12 - 5 = 7 left.\\n#### 7").fault
    'none'
    >>> check(question, "She bakes 3 * 4 = 13. There are 13 - 6 = 7 left.\\n#### 7").fault
    'false'
    """
    if len(solution) > MAX_TEXT or len(question) > MAX_TEXT:
        return Check("too long", f"{MAX_TEXT} characters", (), None)
    found, answer = equations(solution), final_answer(solution)
    fault, detail = _fault(question, found, answer)
    return Check(fault, detail, found, answer)


def _fault(question, found, answer):
    """Return the first fault of a chain and where it is."""
    if not found:
        return "no equation", ""
    if len(found) > MAX_EQUATIONS:
        return "too long", f"{MAX_EQUATIONS} equations"
    numbers, implied = givens(question)
    known, waiting = set(numbers) | implied, {}
    for equation in found:
        if equation.expression is None:
            return "unreadable", equation.text
        if not equation.true:
            return "false", equation.text
        for leaf in equation.expression.leaves:
            if leaf not in known and -leaf not in known:
                return "unknown number", f"{show(leaf)} in {equation.text}"
            waiting.pop(leaf, None)
        known.add(equation.result)
        waiting[equation.result] = equation.text
    last = found[-1].result
    unused = [text for result, text in waiting.items() if result != last]
    if unused:
        return "unused result", unused[0]
    if answer is None:
        return "no answer", ""
    return ("none", "") if answer == last else ("other answer", f"{show(answer)}, not "
                                                                 f"{show(last)}")


def verify(item, solution, streams=None, siblings=SIBLINGS):
    """Return the :class:`Check` of a solution to a problem of ours.

    Besides what :func:`check` asks for, the chain must end in the answer ("other answer"),
    and the chain must be general ("not general"): there is a way to trace its numbers to the
    question's numbers and to earlier results such that the same operations on `siblings` other
    problems of the template give their answers.

    Parameters
    ----------
    item : Problem
    solution : str
    streams : Streams, optional
        Where the other problems come from.
    siblings : int
        How many of them; 0 leaves this out.
    """
    found = check(item.question, solution)
    if not found.sound:
        return found
    last = found.equations[-1].result
    if last != item.answer:
        detail = f"{show(last)}, not {show(item.answer)}"
        return Check("other answer", detail, found.equations, found.answer)
    streams = Streams(0, ("siblings",)) if streams is None else streams
    others = [sibling(item, streams, index) for index in range(siblings)]
    if others and not _general(item, found.equations, others):
        return Check("not general", "", found.equations, found.answer)
    return found


def _general(item: Problem, chain, others):
    """Return whether some reading of the chain gives the answers of all the other problems."""
    numbers, implied = givens(item.question)
    slots = [givens(other.question)[0] for other in others]
    if any(len(slot) != len(numbers) for slot in slots):
        raise ValueError(f"template = {item.template!r}: questions differ in how many numbers "
                         "they give")
    choices = []  # for each leaf of each equation: where it may come from
    for place, equation in enumerate(chain):
        earlier = [(i, chain[i].result) for i in range(place)]
        for leaf in equation.expression.leaves:
            choices.append(_origins(leaf, earlier, numbers, implied))
    readings = itertools.islice(itertools.product(*choices), MAX_READINGS)
    return any(all(_replay(chain, reading, slot) == other.answer
                   for slot, other in zip(slots, others)) for reading in readings)


def _origins(leaf, earlier, numbers, implied):
    """Return where a number may come from: ("result", i, sign), ("given", i, sign), itself."""
    found = [("result", i, 1 if value == leaf else -1) for i, value in reversed(earlier)
             if value in (leaf, -leaf)]
    found += [("given", i, 1 if value == leaf else -1) for i, value in enumerate(numbers)
              if value in (leaf, -leaf)]
    return found + [("constant", leaf, 1)] if leaf in implied or not found else found


def _replay(chain, reading, given):
    """Return what the chain ends in with other given numbers; None where it divides by zero."""
    results, origins = [], iter(reading)
    for equation in chain:
        leaves = []
        for _ in equation.expression.leaves:
            kind, where, sign = next(origins)
            value = where if kind == "constant" else (
                results[where] if kind == "result" else given[where])
            leaves.append(sign * value)
        try:
            results.append(equation.expression.value(leaves))
        except ValueError:
            return None
    return results[-1]
