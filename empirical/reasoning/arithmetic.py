"""Exact arithmetic of what is written down: + - * / and parentheses over decimal numbers.

Text comes from models and strangers, so that nothing here runs it as code: a tokeniser and a
parser of our own, no powers, no names, and limits on length, digits and depth.
"""

from fractions import Fraction

__all__ = [
    "MAX_DEPTH", "MAX_DIGITS", "MAX_TOKENS", "Number", "evaluate", "exact", "show", "tokens",
]

MAX_DIGITS = 30  # of one number
MAX_TOKENS = 200  # of one expression
MAX_DEPTH = 40  # of parentheses and signs

OPERATORS = {
    "+": "+", "-": "-", "*": "*", "/": "/", "(": "(", ")": ")", "=": "=",
    "×": "*", "·": "*", "÷": "/", "−": "-", "–": "-",
}
DIGITS = frozenset("0123456789")


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
    cents = value * 100
    if cents.denominator != 1:
        return f"{value.numerator}/{value.denominator}"
    sign, cents = "-" if cents < 0 else "", abs(cents.numerator)
    return f"{sign}{cents // 100}.{cents % 100:02d}"


def exact(value):
    """Return whether a number is whole or has two decimals."""
    return (Fraction(value) * 100).denominator == 1


def tokens(text):
    """Return the numbers, operators and words of a text, in order, as (kind, value, place).

    Kinds are "number" (a Fraction; `None` for one that is no decimal number or too long),
    an operator itself ("+", "-", "*", "/", "(", ")", "="), and "word" for everything else but
    white space. Commas between groups of three digits and currency signs before a number belong
    to it. One pass over the text.
    """
    found, place, size = [], 0, len(text)
    while place < size:
        character = text[place]
        start = place
        if character.isspace():
            place += 1
        elif character in DIGITS or (character == "." and text[place + 1: place + 2] in DIGITS):
            place = _number_end(text, place)
            found.append(("number", _value(text[start:place]), start))
        elif character in OPERATORS:
            place += 1
            found.append((OPERATORS[character], None, start))
        elif character in "$€£" and place + 1 < size and text[place + 1] in "0123456789.":
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
    place += 1
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
    return Number(_Parser(tokens(text)).whole())


class _Parser:
    """Recursive descent over tokens, with limits; `whole` reads all of them."""

    def __init__(self, read):
        if not 0 < len(read) <= MAX_TOKENS:
            raise ValueError(f"expression = {len(read)} tokens: must be 1 to {MAX_TOKENS}")
        self.read, self.place, self.depth = read, 0, 0

    def kind(self):
        return self.read[self.place][0] if self.place < len(self.read) else "end"

    def whole(self):
        value = self.sum()
        if self.kind() != "end":
            raise ValueError(f"expression: cannot be read from its token {self.place + 1} on")
        return value

    def sum(self):
        value = self.product()
        while (kind := self.kind()) in ("+", "-"):
            self.place += 1
            other = self.product()
            value = value + other if kind == "+" else value - other
        return value

    def product(self):
        value = self.factor()
        while (kind := self.kind()) in ("*", "/"):
            self.place += 1
            other = self.factor()
            if kind == "/" and other == 0:
                raise ValueError("expression: divides by zero")
            value = value * other if kind == "*" else value / other
        return value

    def factor(self):
        kind = self.kind()
        if kind == "number" and self.read[self.place][1] is not None:
            self.place += 1
            return self.read[self.place - 1][1]
        if kind not in ("-", "+", "("):
            raise ValueError(f"expression: needs a number at its token {self.place + 1}")
        self.place, self.depth = self.place + 1, self.depth + 1
        if self.depth > MAX_DEPTH:
            raise ValueError(f"expression: must be no deeper than {MAX_DEPTH}")
        value = self.sum() if kind == "(" else self.factor()
        if kind == "(":
            if self.kind() != ")":
                raise ValueError("expression: a parenthesis is not closed")
            self.place += 1
        self.depth -= 1
        return -value if kind == "-" else value
