"""A small interpreter of arithmetic expressions, for templates that strangers wrote.

Expressions are parsed by :mod:`ast` and compiled to closures from a list of allowed nodes and
functions; nothing is ever passed to `eval`. There are no attributes, comprehensions, lambdas or
imports, and size, depth, exponents and numbers are limited. Arithmetic is exact: decimal constants
and quotients are fractions.
"""

import ast
import operator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import prod

__all__ = ["Choices", "Environment", "Worded", "compiled", "names_in", "number"]

MAX_LENGTH = 1000  # characters of an expression
MAX_NODES = 400
MAX_BRACKETS = 30  # depth
MAX_SIGNS = 60  # signs and "not" in one expression
MAX_BITS = 256  # of a number's parts
MAX_EXPONENT = 20
MAX_CHOICES = 100_000


@dataclass(frozen=True, slots=True)
class Worded:
    """A number that is written as words: `half` is 1/2, `twice` is 2.

    Attributes
    ----------
    text : str
        What questions say.
    value : Fraction
        What is computed with.
    """

    text: str
    value: Fraction


@dataclass(frozen=True, slots=True)
class Choices:
    """What a variable is drawn from.

    Attributes
    ----------
    options : sequence
        All options.
    many : int
        How many different ones are drawn; 0 for one that is not in a tuple.
    consecutive : bool
        Whether they have to follow each other.
    """

    options: object
    many: int = 0
    consecutive: bool = False

    def draw(self, rng):
        """Return one option, or a tuple of several."""
        if not self.many:
            return self.options[int(rng.integers(len(self.options)))]
        if self.consecutive:
            start = int(rng.integers(len(self.options) - self.many + 1))
            return tuple(self.options[start:start + self.many])
        places = rng.permutation(len(self.options))[:self.many]
        return tuple(self.options[int(place)] for place in places)


@dataclass(frozen=True, slots=True)
class Environment:
    """What expressions may name.

    Attributes
    ----------
    functions : dict of str to callable
    lists : dict of str to tuple
    """

    functions: dict
    lists: dict


def number(value):
    """Return the number that a value computes with; whole numbers as `int`.

    Raises
    ------
    ValueError
        When it is none, or one beyond our limits.
    """
    if isinstance(value, Worded):
        value = value.value
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        raise ValueError(f"value = {str(value)[:40]!r}: must be a number")
    if isinstance(value, Fraction) and value.denominator == 1:
        value = value.numerator
    size = value.bit_length() if isinstance(value, int) else max(
        value.numerator.bit_length(), value.denominator.bit_length())
    if size > MAX_BITS:
        raise ValueError(f"value: must have at most {MAX_BITS} bits")
    return value


def _power(base, exponent):
    if not isinstance(exponent, int) or not 0 <= exponent <= MAX_EXPONENT:
        raise ValueError(f"exponent = {str(exponent)[:40]}: must be a whole number in "
                         f"[0, {MAX_EXPONENT}]")
    return prod([base] * exponent)


OPERATORS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: lambda a, b: Fraction(a) / b, ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod, ast.Pow: _power,
}
COMPARISONS = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}


def compiled(text, environment):
    """Return a function of a dict of variables that computes an expression.

    Parameters
    ----------
    text : str
        The expression, in Python's notation.
    environment : Environment
        Functions and lists that it may name.

    Returns
    -------
    callable
        It raises ZeroDivisionError, or ValueError for a value that does not fit.

    Raises
    ------
    ValueError
        When the expression holds anything but what is allowed, in one line.
    """
    return _node(_parsed(text), environment)


def names_in(text):
    """Return the names that an expression looks up, functions included."""
    return {node.id for node in ast.walk(_parsed(text)) if isinstance(node, ast.Name)}


def _parsed(text):
    if len(text) > MAX_LENGTH:
        raise ValueError(f"expression of {len(text)} characters: must have at most {MAX_LENGTH}")
    depth = deepest = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    signs = text.count("-") + text.count("+") + text.count("not ") + text.count("~")
    if deepest > MAX_BRACKETS or signs > MAX_SIGNS or text.count("**") > 4:
        raise ValueError(f"expression {text[:40]!r}: is nested too deeply")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"expression {text[:40]!r}: cannot be read") from None
    if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
        raise ValueError(f"expression {text[:40]!r}: must have at most {MAX_NODES} parts")
    return tree


def _node(node, environment):
    for kind, compile_ in _COMPILERS.items():
        if isinstance(node, kind):
            return compile_(node, environment)
    raise ValueError(f"expression: {type(node).__name__} is not allowed")


def _constant(node, environment):
    value = node.value
    if isinstance(value, float):
        value = number(_decimal(value))
    elif not isinstance(value, int | str):  # True and False are numbers of Python's
        raise ValueError(f"constant = {str(value)[:40]}: must be a number or text")
    elif not isinstance(value, str | bool):
        value = number(value)
    return lambda variables: value


def _decimal(value):
    """Return the short decimal number that a float constant was written as."""
    if not abs(value) < 1e30:
        raise ValueError(f"constant = {value}: must lie in (-1e30, 1e30)")
    return Fraction(repr(value))


def _name(node, environment):
    name = node.id
    listed = environment.lists.get(name)

    def look_up(variables):
        if name in variables:
            return variables[name]
        if listed is None:
            raise ValueError(f"name = {name!r}: is not defined")
        return listed

    return look_up


def _binary(node, environment):
    apply = OPERATORS.get(type(node.op))
    if apply is None:
        raise ValueError(f"expression: {type(node.op).__name__} is not allowed")
    left, right = _node(node.left, environment), _node(node.right, environment)

    def compute(variables):
        one, two = left(variables), right(variables)
        if isinstance(one, tuple) and isinstance(two, tuple) and isinstance(node.op, ast.Add):
            return one + two
        if isinstance(one, tuple | range) and isinstance(node.op, ast.Mult):
            return _repeated(one, two)
        return number(apply(number(one), number(two)))

    return compute


def _repeated(options, times):
    times = _place(times)
    if not 0 <= times * len(options) <= MAX_CHOICES:
        raise ValueError(f"list: must have at most {MAX_CHOICES} entries")
    return tuple(options) * times


def _unary(node, environment):
    inner = _node(node.operand, environment)
    if isinstance(node.op, ast.Not):
        return lambda variables: not inner(variables)
    if isinstance(node.op, ast.USub):
        return lambda variables: -number(inner(variables))
    if isinstance(node.op, ast.UAdd):
        return lambda variables: number(inner(variables))
    raise ValueError(f"expression: {type(node.op).__name__} is not allowed")


def _boolean(node, environment):
    parts = [_node(value, environment) for value in node.values]
    every = all if isinstance(node.op, ast.And) else any
    return lambda variables: every(part(variables) for part in parts)


def _conditional(node, environment):
    test, one, two = (_node(part, environment) for part in (node.test, node.body, node.orelse))
    return lambda variables: one(variables) if test(variables) else two(variables)


def _comparison(node, environment):
    parts = [_node(part, environment) for part in (node.left, *node.comparators)]
    tests = [COMPARISONS.get(type(op)) for op in node.ops]
    if None in tests:
        raise ValueError("expression: only < <= > >= == != compare")

    def compare(variables):
        values = [_comparable(part(variables)) for part in parts]
        try:
            return all(test(*pair) for test, pair in zip(tests, pairwise(values)))
        except TypeError:
            raise ValueError("expression: compares a number with a text") from None

    return compare


def _comparable(value):
    return value if isinstance(value, str | bool) else number(value)


def _call(node, environment):
    name = node.func.id if isinstance(node.func, ast.Name) else _numpy(node.func)
    function = environment.functions.get(name)
    if function is None or node.keywords:
        raise ValueError(f"function = {str(name)[:40]!r}: must be one of "
                         f"{', '.join(sorted(environment.functions))}, without keywords")
    arguments = [_node(argument, environment) for argument in node.args]

    def call(variables):
        try:
            return function(*(argument(variables) for argument in arguments))
        except TypeError:
            raise ValueError(f"function = {name!r}: does not take these arguments") from None

    return call


def _numpy(node):
    """Return the name in "np.name" or "np.random.name", else None."""
    if not isinstance(node, ast.Attribute):
        return None
    where = node.value
    if isinstance(where, ast.Attribute) and where.attr == "random":
        where = where.value
    plain = isinstance(where, ast.Name) and where.id in ("np", "numpy")
    return node.attr if plain else None


def _sequence(node, environment):
    parts = [_node(part, environment) for part in node.elts]
    return lambda variables: tuple(part(variables) for part in parts)


def _part(node, environment):
    whole = _node(node.value, environment)
    if not isinstance(node.slice, ast.Slice):
        index = _node(node.slice, environment)
        return lambda variables: _entry(whole(variables), _place(index(variables)))
    if node.slice.step is not None:
        raise ValueError("expression: a slice must not have a step")
    ends = [end and _node(end, environment) for end in (node.slice.lower, node.slice.upper)]

    def cut(variables):
        low, high = (end and _place(end(variables)) for end in ends)
        return _choices(whole(variables))[low:high]

    return cut


def _entry(value, place):
    if isinstance(value, Worded):
        options = value.text, value.value
    else:  # where templates expect pairs of a text and something else, our lists hold texts
        options = (value,) if isinstance(value, str) else _choices(value)
    if not -len(options) <= place < len(options):
        raise ValueError(f"index = {place}: must be below {len(options)}, the length of the list")
    return options[place]


def _place(value):
    value = number(value)
    if not isinstance(value, int) or abs(value) > MAX_CHOICES:
        raise ValueError(f"index = {value}: must be a whole number")
    return value


def _choices(value):
    if not isinstance(value, tuple | range):
        raise ValueError("expression: only lists have parts")
    return value


_COMPILERS = {
    ast.Constant: _constant, ast.Name: _name, ast.BinOp: _binary, ast.UnaryOp: _unary,
    ast.BoolOp: _boolean, ast.IfExp: _conditional, ast.Compare: _comparison, ast.Call: _call,
    ast.List: _sequence, ast.Tuple: _sequence, ast.Subscript: _part,
}
