"""Evaluation of formulas in three arithmetics: exact rationals, many digits, balls.

One walk over the expression tree serves them all.  Truth has three values: True, False, and None
for what an arithmetic cannot decide (overlapping balls, an irrational value in exact arithmetic,
a predicate without a number).
"""

import functools
from fractions import Fraction
from functools import reduce

import flint
import mpmath
import sympy as sp

from loopcert.prove.formal import Each, Quadrature

__all__ = [
    "BALLS", "DIGITS", "EXACT", "PRECISION", "Undecidable", "Undefined", "truth", "value",
]

PRECISION = 200  # bits of a ball, and of the many-digit arithmetic
LARGEST_POWER = 10_000  # of a rational number that is worked out exactly
TOLERANCE = mpmath.mpf(2) ** -100  # two many-digit numbers this close count as equal


class Undefined(ArithmeticError):
    """A division by zero, a logarithm of a non-positive number, a value without a limit."""


class Undecidable(ArithmeticError):
    """An expression that this arithmetic cannot represent."""


class Exact:
    """Rational numbers; whatever leaves the rationals is `Undecidable`."""

    name = "exact"

    def number(self, rational):
        return Fraction(int(rational.p), int(rational.q))

    def given(self, x):
        if isinstance(x, mpmath.mpf):
            raise Undecidable("a rounded number")
        return x if isinstance(x, Fraction) else Fraction(sp.Rational(x).p, sp.Rational(x).q)

    def constant(self, _):
        raise Undecidable("an irrational constant")

    def power(self, base, exponent):
        if abs(exponent.numerator) > LARGEST_POWER or exponent.denominator > 100:
            raise Undecidable("a power with millions of digits")
        if exponent.denominator != 1:
            root = sp.root(sp.Rational(base.numerator, base.denominator), exponent.denominator)
            if not root.is_Rational:
                raise Undecidable("an irrational root")
            base, exponent = Fraction(int(root.p), int(root.q)), Fraction(exponent.numerator)
        if base == 0 and exponent < 0:
            raise Undefined("division by zero")
        return base ** int(exponent)

    def function(self, name, arguments):
        if name in ("exp", "erf", "sin", "atan", "sinh", "tanh") and arguments[0] == 0:
            return Fraction(name == "exp")
        if name in ("cos", "cosh") and arguments[0] == 0:
            return Fraction(1)
        if name == "log" and arguments[0] == 1:
            return Fraction(0)
        if name == "Abs":
            return abs(arguments[0])
        raise Undecidable(f"{name} of a rational")

    def compare(self, difference):
        return (difference > 0) - (difference < 0)

    def integer(self, x):
        if x.denominator != 1:
            raise Undefined("an index that is not whole")
        return x.numerator

    largest, smallest = staticmethod(max), staticmethod(min)


class Digits:
    """Sixty digits; sides closer than 2**-100 of the larger (or of one) cannot be told apart."""

    name = "digits"

    def number(self, rational):
        return mpmath.mpf(int(rational.p)) / int(rational.q)

    def given(self, x):
        if isinstance(x, Fraction):
            return mpmath.mpf(x.numerator) / x.denominator
        return self.number(x) if isinstance(x, sp.Rational) else mpmath.mpf(x)

    def constant(self, symbol):
        return +{sp.pi: mpmath.pi, sp.E: mpmath.e}[symbol]

    def power(self, base, exponent):
        if base == 0 and exponent < 0:
            raise Undefined("division by zero")
        if base < 0 and exponent != int(exponent):
            raise Undefined("a root of a negative number")
        return base**exponent

    def function(self, name, arguments):
        if name == "log" and arguments[0] <= 0:
            raise Undefined("the logarithm of a number <= 0")
        result = getattr(mpmath, {"Abs": "fabs"}.get(name, name.lower()))(*arguments)
        if isinstance(result, mpmath.mpc):
            if result.imag != 0:
                raise Undefined(f"{name} outside its real domain")
            result = result.real
        return result

    def compare(self, difference):
        if isinstance(difference, mpmath.mpc):
            raise Undefined("a value that is not real")
        return int(mpmath.sign(difference))

    def integer(self, x):
        if x != int(x):
            raise Undefined("an index that is not whole")
        return int(x)

    largest, smallest = staticmethod(max), staticmethod(min)


class Balls:
    """FLINT balls: a value is an interval that surely contains the number meant."""

    name = "balls"

    def number(self, rational):
        return flint.arb(flint.fmpq(int(rational.p), int(rational.q)))

    def given(self, x):
        if isinstance(x, flint.arb):
            return x
        if isinstance(x, Fraction):
            return flint.arb(flint.fmpq(x.numerator, x.denominator))
        return self.number(sp.Rational(x))

    def constant(self, symbol):
        return {sp.pi: flint.arb.pi(), sp.E: flint.arb(1).exp()}[symbol]

    def power(self, base, exponent):
        whole = exponent.unique_fmpz()
        if whole is not None and abs(int(whole)) < 1 << 20:
            if int(whole) < 0 and base.contains(0):
                raise Undecidable("a division by a ball around zero")
            return base ** int(whole)
        if not base > 0:
            if base >= 0 and exponent == flint.arb("0.5"):
                return base.sqrt()
            raise Undecidable("a real power of a ball that reaches zero")
        return base**exponent

    def function(self, name, arguments):
        result = getattr(arguments[0], {"Abs": "__abs__"}.get(name, name.lower()))(*arguments[1:])
        if not result.is_finite():
            raise Undecidable(f"{name} of a ball that leaves its domain")
        return result

    def compare(self, difference):
        if difference > 0:
            return 1
        if difference < 0:
            return -1
        return 0 if difference.is_zero() else None

    def integer(self, x):
        whole = x.unique_fmpz()
        if whole is None:
            raise Undecidable("an index that is a ball")
        return int(whole)

    @staticmethod
    def largest(items):
        return reduce(lambda a, b: a.max(b), items)

    @staticmethod
    def smallest(items):
        return reduce(lambda a, b: a.min(b), items)


EXACT, DIGITS, BALLS = Exact(), Digits(), Balls()


def value(expression, point, arithmetic=DIGITS, *, bits=PRECISION):
    """Return the number that `expression` takes at `point`, worked out with so many bits.

    `point` maps each ``Symbol`` to a number and each ``IndexedBase`` to a list of numbers.

    Raises
    ------
    Undefined, Undecidable
    """
    with mpmath.workprec(bits):
        before, flint.ctx.prec = flint.ctx.prec, bits
        try:
            return _value(sp.sympify(expression), point, arithmetic)
        finally:
            flint.ctx.prec = before


def truth(formula, point, arithmetic=DIGITS):
    """Return True, False or None (undecided) for `formula` at `point`; undefined is False."""
    with mpmath.workprec(PRECISION):
        before, flint.ctx.prec = flint.ctx.prec, PRECISION
        try:
            return _truth(formula, point, arithmetic)
        except Undefined:
            return False
        except Undecidable:
            return None
        finally:
            flint.ctx.prec = before


def _value(e, point, field):
    if e.is_Symbol:
        return field.given(_given(point, e))
    if e.is_Rational:
        return field.number(e)
    if isinstance(e, sp.Add):
        return _sum(e, point, field)
    if isinstance(e, sp.Mul):
        return reduce(lambda a, b: a * b, (_value(a, point, field) for a in e.args))
    if isinstance(e, sp.Pow):
        return field.power(*(_value(a, point, field) for a in e.args))
    if isinstance(e, sp.exp):
        return field.function("exp", [_value(e.args[0], point, field)])
    if isinstance(e, sp.Indexed):
        return _element(e, point, field)
    if isinstance(e, sp.Sum | sp.Product):
        return _series(e, point, field)
    if isinstance(e, sp.Max | sp.Min):
        pick = field.largest if isinstance(e, sp.Max) else field.smallest
        return pick([_value(a, point, field) for a in e.args])
    if isinstance(e, sp.Piecewise):
        return _piece(e, point, field)
    if isinstance(e, Quadrature):
        return _quadrature(e, point, field)
    if isinstance(e, sp.Derivative | sp.Integral | sp.Limit):
        return _value(_done(e), point, field)
    if e.is_NumberSymbol:
        return field.constant(e)
    if isinstance(e, sp.Function):
        return field.function(e.func.__name__, [_value(a, point, field) for a in e.args])
    raise Undecidable(f"{type(e).__name__} has no value here")


def _sum(e, point, field):
    # erfc(-u) is 2 - erfc(u): the twos cancel exactly, the tails keep their digits.
    whole, rest = sp.Integer(0), field.number(sp.Integer(0))
    for term in e.args:
        factor, tail = term.as_coeff_Mul(rational=True)
        if isinstance(tail, sp.erfc):
            at = _value(tail.args[0], point, field)
            if field.compare(at) == -1:
                whole, factor, at = whole + 2 * factor, -factor, -at
            rest = rest + field.number(factor) * field.function("erfc", [at])
        else:
            rest = rest + _value(term, point, field)
    return rest if whole == 0 else rest + field.number(whole)


def _quadrature(e, point, field):
    if not isinstance(field, Digits):
        raise Undecidable("an integral without closed form")
    index, *ends = e.limits[0]
    low, high = (_value(end, point, field) for end in ends)
    others, integrand = _compiled(e.function, index)
    fixed = [_value(s, point, field) for s in others]
    with mpmath.workprec(120):  # beyond `TOLERANCE`
        return mpmath.quad(lambda u: integrand(u, *fixed), [low, high])


@functools.lru_cache(256)
def _compiled(function, index):
    others = sorted(function.free_symbols - {index}, key=str)
    return others, sp.lambdify([index, *others], function, "mpmath", cse=True)


def _done(e):
    done = e.doit()
    if done.has(type(e)):
        raise Undecidable(f"{e} has no closed form")
    return done


def _given(point, name):
    if name not in point:
        raise Undecidable(f"{name} has no value")
    return point[name]


def _element(e, point, field):
    items = _given(point, e.base)
    index = field.integer(_value(e.indices[0], point, field))
    if not 0 <= index < len(items):
        raise Undefined(f"{e.base}[{index}] is outside the sequence")
    return field.given(items[index])


def _series(e, point, field):
    # SymPy merges nested sums into one with several limits, the outermost last.
    index, low, high = e.limits[-1]
    term = e.func(e.function, *e.limits[:-1]) if len(e.limits) > 1 else e.function
    first, last = (field.integer(_value(b, point, field)) for b in (low, high))
    terms = [_value(term, {**point, index: sp.Integer(k)}, field) for k in range(first, last + 1)]
    if isinstance(e, sp.Sum):
        return reduce(lambda a, b: a + b, terms, field.number(sp.Integer(0)))
    return reduce(lambda a, b: a * b, terms, field.number(sp.Integer(1)))


def _piece(e, point, field):
    for branch, condition in e.args:
        holds = _truth(condition, point, field)
        if holds is None:
            raise Undecidable("a condition that cannot be decided")
        if holds:
            return _value(branch, point, field)
    raise Undefined("no branch applies")


def _sign(formula, point, field):
    left, right = (_value(a, point, field) for a in formula.args)
    difference = left - right
    if isinstance(field, Digits) and abs(difference) <= TOLERANCE * max(abs(left), abs(right), 1):
        # Too close to tell from rounding: good enough for "equal", no ground for "greater".
        return None if isinstance(formula, sp.Gt | sp.Lt | sp.Ne) else 0
    return field.compare(difference)


_RELATIONS = {
    sp.Eq: lambda s: s == 0,
    sp.Ne: lambda s: s != 0,
    sp.Gt: lambda s: s > 0,
    sp.Ge: lambda s: s >= 0,
    sp.Lt: lambda s: s < 0,
    sp.Le: lambda s: s <= 0,
}


def _truth(f, point, field):
    if f in (sp.true, sp.false):
        return f == sp.true
    for kind, test in _RELATIONS.items():
        if isinstance(f, kind):
            try:
                sign = _sign(f, point, field)
            except Undefined:
                return False
            return None if sign is None else test(sign)
    if isinstance(f, Each):
        length = field.integer(_value(f.args[2], point, field))
        return _conjunction(
            _truth(f.formula, {**point, f.args[1]: sp.Integer(k)}, field) for k in range(length)
        )
    return _connective(f, [_guarded(a, point, field) for a in f.args])


def _guarded(formula, point, field):
    # Inside a connective an undecided part need not leave the whole undecided.
    try:
        return _truth(formula, point, field)
    except Undecidable:
        return None


def _conjunction(values):
    values = list(values)
    return False if False in values else None if None in values else True


def _connective(f, parts):
    if isinstance(f, sp.And):
        return _conjunction(parts)
    if isinstance(f, sp.Or):
        return True if True in parts else None if None in parts else False
    if isinstance(f, sp.Not):
        return None if parts[0] is None else not parts[0]
    if isinstance(f, sp.Implies):
        if parts[0] is False or parts[1] is True:
            return True
        return None if None in parts else False
    if isinstance(f, sp.Equivalent):
        return None if None in parts else len(set(parts)) == 1
    return None  # a named predicate
