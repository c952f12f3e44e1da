"""Random points of a statement's domain that satisfy its hypotheses.

Real values are drawn over many scales and from a few special values.  A hypothesis of the form
``Eq(symbol, expression)`` (or ``Eq(v[0], ...)``, ``Each(Eq(v[t+1], ...), t, T)``) assigns; the
other hypotheses accept or reject.
"""

import functools
from fractions import Fraction

import sympy as sp

from loopcert.prove import evaluate
from loopcert.prove.formal import PROPOSITION, Each, Sequence, contains, is_whole

__all__ = ["NoPoint", "Pool", "between", "points"]

LONGEST = 6  # of a sampled sequence
TRIES = 400  # for one point
SPECIAL = tuple(Fraction(x) for x in ("0", "1", "2", "1/2", "-1"))  # where equality may hold


class NoPoint(ValueError):
    """No point of the domain was found that satisfies the hypotheses."""


def points(statement, rng, number):
    """Yield `number` points, each a mapping of symbols to fractions (or lists of fractions)."""
    for _ in range(number):
        yield _point(statement, rng)


class Pool:
    """Points of one statement that are drawn when first asked for, and kept."""

    def __init__(self, statement, rng):
        self._statement, self._rng, self._kept = statement, rng, []

    def first(self, number):
        """Return the first `number` points."""
        while len(self._kept) < number:
            self._kept.append(_point(self._statement, self._rng))
        return self._kept[:number]


def _point(statement, rng):
    assigned = _assigned(statement)
    tests = [p for p in statement.premises if not _is_assignment(p)]
    for _ in range(TRIES):
        point = _draw(statement, rng, assigned)
        try:
            _assign(statement, point)
        except evaluate.Undefined:
            continue
        if _inside(statement, point, assigned) and all(
            evaluate.truth(test, point) is True for test in tests
        ):
            return point
    raise NoPoint(f"no point in {TRIES} draws satisfies the hypotheses")


def between(statement, first, second, part):
    """Return the point at `part` of the way from `first` to `second`, or None outside the domain.

    Real numbers move; whole numbers and sequences stay as they are in `first`.
    """
    assigned, point = _assigned(statement), dict(first)
    for symbol, domain in statement.variables.items():
        whole = isinstance(domain, Sequence | sp.FiniteSet) or domain == PROPOSITION
        if not (whole or symbol in assigned or domain.is_subset(sp.S.Integers)):
            point[symbol] = first[symbol] + part * (second[symbol] - first[symbol])
    point = {s: list(x) if isinstance(x, list) else x for s, x in point.items()}
    tests = [p for p in statement.premises if not _is_assignment(p)]
    try:
        _assign(statement, point)
    except evaluate.Undefined:
        return None
    met = _inside(statement, point, assigned) and all(
        evaluate.truth(test, point) is True for test in tests
    )
    return point if met else None


def _is_assignment(premise):
    if isinstance(premise, Each):
        return all(map(_is_assignment, _equations(premise)))
    if not isinstance(premise, sp.Eq):
        return False
    left = premise.lhs
    return isinstance(left, sp.Indexed) or (isinstance(left, sp.Symbol) and left not in (
        premise.rhs.free_symbols
    ))


def _equations(premise):
    """The parts of a premise: sequences may be assigned together, from their earlier elements."""
    formula = premise.formula if isinstance(premise, Each) else premise
    return formula.args if isinstance(formula, sp.And) else (formula,)


def _assigned(statement):
    names = set()
    for premise in filter(_is_assignment, statement.premises):
        for equation in _equations(premise):
            left = equation.lhs
            names.add(left.base if isinstance(left, sp.Indexed) else left)
    return names


def _draw(statement, rng, assigned):
    point, lengths = {}, _lengths(statement)
    scalars = {s: d for s, d in statement.variables.items() if not isinstance(d, Sequence)}
    for symbol, domain in scalars.items():
        if symbol not in assigned and domain != PROPOSITION:
            point[symbol] = draw(domain, rng, short=symbol in lengths)
    for symbol, domain in statement.variables.items():
        if isinstance(domain, Sequence):
            length = int(evaluate.value(domain.length, point, evaluate.EXACT))
            point[symbol] = [
                draw(domain.elements, rng) if symbol not in assigned else None
                for _ in range(length)
            ]
    return point


def draw(domain, rng, *, short=False):
    """Draw one value of a SymPy set; `short` keeps a number of terms small."""
    low, high = domain.inf, domain.sup
    if isinstance(domain, sp.FiniteSet):
        return _fraction(list(domain)[rng.integers(len(domain))])
    if is_whole(domain):
        return _whole(low, high, rng, limited=short)
    if rng.random() < 0.15:
        special = _special(domain)
        if special:
            return special[rng.integers(len(special))]
    return _real(_edge(low), _edge(high), rng)


@functools.cache
def _special(domain):
    return [x for x in SPECIAL if contains(domain, x)]


def _lengths(statement):
    """The symbols on which the length of a sequence or the end of a sum depends."""
    found = set()
    for domain in statement.variables.values():
        if isinstance(domain, Sequence):
            found |= domain.length.free_symbols
    for formula in (statement.conclusion, *statement.premises):
        for series in formula.atoms(sp.Sum, sp.Product):
            found |= series.limits[0][1].free_symbols | series.limits[0][2].free_symbols
    return found


def _edge(x):
    return None if x in (sp.oo, -sp.oo) else float(x)


def _whole(low, high, rng, limited):
    first = -20 if low == -sp.oo else int(low)
    last = first + (LONGEST if limited else 40) if high == sp.oo else int(high)
    if not limited and high == sp.oo and rng.random() < 0.2:
        last = first + 2000
    return Fraction(int(rng.integers(first, last, endpoint=True)))


def _real(low, high, rng):
    if low is None and high is None:
        size = float(10 ** rng.uniform(-3, 3)) if rng.random() < 0.5 else float(rng.uniform(0, 5))
        return _rounded(size * (1 if rng.random() < 0.5 else -1))
    if low is None:
        return Fraction(str(high)) - _real(0.0, None, rng)
    if high is None:
        spread = (-4, 4) if rng.random() < 0.3 else (-1, 1)
        return Fraction(str(low)) + max(_rounded(10 ** rng.uniform(*spread)), Fraction(1, 10**6))
    return _between(low, high, rng)


def _between(low, high, rng):
    # Both ends are approached over several scales, since that is where bounds break.
    part = rng.uniform() if rng.random() < 0.6 else 10 ** rng.uniform(-4, -0.5)
    if rng.random() < 0.5:
        part = 1 - part
    part = min(max(_rounded(part), Fraction(1, 10**5)), 1 - Fraction(1, 10**5))
    a, b = _fraction(sp.Rational(str(low))), _fraction(sp.Rational(str(high)))
    return a + (b - a) * part


def _rounded(x):
    """Few digits, so that exact arithmetic stays small."""
    return Fraction(f"{float(x):.4g}")


def _fraction(x):
    x = sp.Rational(x)
    return Fraction(int(x.p), int(x.q))


def _assign(statement, point):
    for premise in statement.premises:
        if not _is_assignment(premise):
            continue
        if isinstance(premise, Each):
            length = int(evaluate.value(premise.args[2], point, evaluate.EXACT))
            for k in range(length):
                scope = {**point, premise.args[1]: sp.Integer(k)}
                for equation in _equations(Each(premise.at(k), *premise.args[1:])):
                    _set(equation, scope, point)
        else:
            _set(premise, point, point)


def _set(equation, scope, point):
    try:
        number = evaluate.value(equation.rhs, scope, evaluate.EXACT)
    except evaluate.Undecidable:
        # The elements of a sequence inherit what an earlier one has lost.
        number = evaluate.value(equation.rhs, scope, bits=4 * evaluate.PRECISION)
    if isinstance(equation.lhs, sp.Indexed):
        index = int(evaluate.value(equation.lhs.indices[0], scope, evaluate.EXACT))
        point[equation.lhs.base][index] = number
    else:
        point[equation.lhs] = number


def _inside(statement, point, assigned):
    for symbol in assigned:
        domain = statement.variables[symbol]
        items = point[symbol] if isinstance(domain, Sequence) else [point[symbol]]
        domain = domain.elements if isinstance(domain, Sequence) else domain
        if any(x is None or not contains(domain, x) for x in items):
            return False
    return True
