"""Exact arithmetic of what is written down: + - * / and parentheses over decimal numbers.

Text comes from models and strangers, so that nothing here runs it as code: a tokeniser and a
parser of our own, no powers, no names, and limits on length, digits and depth.
"""

from dataclasses import dataclass
from fractions import Fraction

__all__ = [
    "MAX_DEPTH", "MAX_DIGITS", "MAX_TOKENS", "Expression", "Number", "evaluate", "exact", "parse",
    "show", "tokens",
]

MAX_DIGITS = 30  # of one number
MAX_TOKENS = 200  # of one expression
MAX_DEPTH = 40  # of parentheses and signs

OPERATORS = {
    "+": "+", "-": "-", "*": "*", "/": "/", "(": "(", ")": ")", "=": "=",
    "×": "*", "·": "*", "÷": "/", "−": "-", "–": "-",
}
DIGITS = frozenset("0123456789")
CURRENCY = "$€£"


class Number(Fraction):
    """A fraction that is written as a whole number or with two decimals, where that is exact."""

    __slots__ = ()

    def __str__(self):
        return show(self)

    def __format__(self, form):
        return format(show(self), form)


def show(value):
    """Return a number as we write it: "12", "4.50"; "2/3" where two decimals are not exact."""
    value = Fraction(value)
    if value.denominator == 1:
        return str(value.numerator)
    if not exact(value):
        return f"{value.numerator}/{value.denominator}"
    sign, cents = "-" if value < 0 else "", abs(int(value * 100))
    return f"{sign}{cents // 100}.{cents % 100:02d}"


def exact(value):
    """Return whether a number is whole or has two decimals."""
    return (Fraction(value) * 100).denominator == 1


def tokens(text):
    """Return the numbers, operators and words of a text, in order, as (kind, value, place).

    Kinds are "number" (a Fraction; `None` for one that is no decimal number or too long), an
    operator itself ("+", "-", "*", "/", "(", ")", "="), and "word" for everything else but
    spaces; a new line is a word. Commas between groups of three digits and a currency sign before
    a number belong to it. One pass over the text.
    """
    found, place, size = [], 0, len(text)
    while place < size:
        character, start = text[place], place
        if character == "\n":
            place += 1
            found.append(("word", character, start))
        elif character.isspace():
            place += 1
        elif character in DIGITS or (character == "." and text[place + 1:place + 2] in DIGITS):
            place = _number_end(text, place)
            found.append(("number", _value(text[start:place]), start))
        elif character in OPERATORS:
            place += 1
            found.append((OPERATORS[character], None, start))
        elif character in CURRENCY and place + 1 < size and text[place + 1] in "0123456789.":
            place += 1
        else:
            place = _word_end(text, place)
            found.append(("word", text[start:place], start))
    return found


def _number_end(text, place):
    size = len(text)
    while place < size:
        if text[place] in DIGITS:
            place += 1
        elif text[place] in ".," and place + 1 < size and text[place + 1] in DIGITS:
            place += 2
        else:
            break
    return place


def _word_end(text, place):
    """Return where a word ends; digits inside a word, as in "m2", belong to it."""
    if not text[place].isalnum():
        return place + 1
    while place < len(text) and (text[place].isalnum() or text[place] == "'"):
        place += 1
    return place


def _value(written):
    """Return the Fraction that digits, commas and points mean, or None."""
    whole, _, decimals = written.partition(".")
    if "," in decimals or "." in decimals or len(written) > MAX_DIGITS:
        return None
    first, *groups = whole.split(",")
    if groups and (not 1 <= len(first) <= 3 or any(len(group) != 3 for group in groups)):
        return None
    digits = first + "".join(groups)
    return Fraction(int(digits + decimals or "0"), 10 ** len(decimals))


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression in postfix order, whose numbers can be exchanged.

    Attributes
    ----------
    leaves : tuple of Fraction
        Its numbers, in order; one with a sign directly before it has that sign.
    code : tuple
        Places in `leaves` and the operators "+", "-", "*", "/" and "negate".
    """

    leaves: tuple
    code: tuple

    def value(self, leaves=None):
        """Return the exact value, with other numbers in place of its own if given.

        Raises
        ------
        ValueError
            When it divides by zero.
        """
        numbers, stack = self.leaves if leaves is None else leaves, []
        for entry in self.code:
            if isinstance(entry, int):
                stack.append(numbers[entry])
            elif entry == "negate":
                stack.append(-stack.pop())
            else:
                right, left = stack.pop(), stack.pop()
                stack.append(_apply(entry, left, right))
        return stack[0]


def _apply(operator, left, right):
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    if right == 0:
        raise ValueError("expression: divides by zero")
    return left / right


def evaluate(text):
    """Return the exact value of an expression, a :class:`Number`.

    Raises
    ------
    ValueError
        When it is no expression of numbers, + - * / and parentheses; is longer or deeper than
        our limits; or divides by zero.

    Examples
    --------
    >>> str(evaluate("2 * (3.50 + 4)"))
    '15'
    """
    return Number(parse(tokens(text)).value())


def parse(read):
    """Return the :class:`Expression` that tokens spell, all of them.

    Raises
    ------
    ValueError
        When they spell none, or one beyond our limits.
    """
    if not 0 < len(read) <= MAX_TOKENS:
        raise ValueError(f"expression = {len(read)} tokens: must be 1 to {MAX_TOKENS}")
    reader = _Reader(read)
    reader.sum()
    if reader.kind() != "end":
        raise ValueError(f"expression: cannot be read from its token {reader.place + 1} on")
    return Expression(tuple(reader.leaves), tuple(reader.code))


class _Reader:
    """Recursive descent over tokens, with a limit to its depth."""

    def __init__(self, read):
        self.read, self.place, self.depth = read, 0, 0
        self.leaves, self.code = [], []

    def kind(self):
        return self.read[self.place][0] if self.place < len(self.read) else "end"

    def number(self):
        """Return the number here, or None."""
        return self.read[self.place][1] if self.kind() == "number" else None

    def sum(self):
        self.product()
        while (kind := self.kind()) in ("+", "-"):
            self.place += 1
            self.product()
            self.code.append(kind)

    def product(self):
        self.factor()
        while (kind := self.kind()) in ("*", "/"):
            self.place += 1
            self.factor()
            self.code.append(kind)

    def factor(self):
        if self.number() is not None:
            self.leaf(self.number())
        elif self.kind() in ("-", "+", "("):
            self.nested(self.kind())
        else:
            raise ValueError(f"expression: needs a number at its token {self.place + 1}")

    def leaf(self, value):
        self.code.append(len(self.leaves))
        self.leaves.append(value)
        self.place += 1

    def nested(self, kind):
        self.place, self.depth = self.place + 1, self.depth + 1
        if self.depth > MAX_DEPTH:
            raise ValueError(f"expression: must be no deeper than {MAX_DEPTH}")
        if kind == "(":
            self.sum()
            if self.kind() != ")":
                raise ValueError("expression: a parenthesis is not closed")
            self.place += 1
        elif kind == "-" and self.number() is not None:
            self.leaf(-self.number())
        else:
            self.factor()
            if kind == "-":
                self.code.append("negate")
        self.depth -= 1
