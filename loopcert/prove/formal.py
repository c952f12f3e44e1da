"""The formal object: variables with domains, hypotheses and a goal, as data.

A `Statement` reads: *for all variables in their domains that satisfy every hypothesis, the goal
holds*.  Its formulas are SymPy expressions.  From this one object come the LaTeX that is shown,
the queries that the engines answer, the points of the numeric checks and the mutants; so what is
shown is what is proved.

A sequence n_0, n_1, ... is a SymPy ``IndexedBase`` whose domain is ``Sequence(length, set)``; a
hypothesis about each of its first T elements is ``Each(formula, t, T)``.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType

import sympy as sp
from sympy.logic.boolalg import Boolean, BooleanFunction

__all__ = [
    "INTEGERS", "NATURALS", "NONNEGATIVE", "POSITIVE", "PROPOSITION", "REALS", "UNIT",
    "Each", "Quadrature", "Sequence", "Statement", "contains",
]

REALS = sp.Interval(-sp.oo, sp.oo)
POSITIVE = sp.Interval.open(0, sp.oo)
NONNEGATIVE = sp.Interval(0, sp.oo)
UNIT = sp.Interval.open(0, 1)
INTEGERS = sp.S.Integers
NATURALS = sp.S.Naturals  # 1, 2, 3, ...
PROPOSITION = sp.S.BooleanTrue  # the domain of a named predicate, which no point evaluates


@dataclass(frozen=True, slots=True)
class Sequence:
    """The domain of an ``IndexedBase``: `length` elements, each in `elements`."""

    length: sp.Expr
    elements: sp.Set


class Each(BooleanFunction):
    """``Each(formula, t, length)``: the formula holds for every t = 0, ..., length - 1."""

    nargs = 3

    @property
    def formula(self):
        return self.args[0]

    def at(self, index):
        """Return the formula at one index."""
        return self.args[0].xreplace({self.args[1]: sp.sympify(index)})

    def _latex(self, printer):
        formula, index, length = (printer._print(a) for a in self.args)
        return rf"{formula}\quad (0 \le {index} < {length})"


class Quadrature(sp.Integral):
    """A proper integral of a smooth function that is never looked up in closed form.

    Proofs see it as one number that depends on its integrand and ends; points integrate it.
    """

    def doit(self, **_):
        """Return the integral as it stands."""
        return self

    def _latex(self, printer):
        return printer._print_Integral(self)


def _set_latex(domain):
    if isinstance(domain, Sequence):
        return rf"{sp.latex(domain.elements)}^{{{sp.latex(domain.length)}}}"
    return sp.latex(domain)


@dataclass(frozen=True)
class Statement:
    """For all `variables` in their domains that satisfy `hypotheses`: `goal`.

    Parameters
    ----------
    variables : mapping of ``Symbol`` or ``IndexedBase`` to a SymPy set, ``Sequence`` or
        ``PROPOSITION``.  A symbol's own assumptions must agree with its domain.
    goal : SymPy Boolean (a conjunction is a list of claims, all of which must hold).
    hypotheses : SymPy Booleans.  ``Eq(symbol, expression)`` also tells how to sample `symbol`.
    where : mapping of auxiliary symbols to expressions, expanded before anything is proved; an
        expression may use symbols defined before it.
    """

    variables: Mapping
    goal: Boolean
    hypotheses: tuple = ()
    where: Mapping = field(default_factory=dict)

    def __post_init__(self):
        for name in ("variables", "where"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        object.__setattr__(self, "hypotheses", tuple(self.hypotheses))
        self._check_symbols()

    def _check_symbols(self):
        known = set(self.variables) | set(self.where)
        for formula in (self.goal, *self.hypotheses, *self.where.values()):
            unknown = free(formula) - known
            if unknown:
                names = ", ".join(sorted(map(str, unknown)))
                raise ValueError(f"statement uses undeclared symbols: {names}")
        for symbol, domain in self.variables.items():
            if isinstance(domain, sp.Set) and isinstance(symbol, sp.Symbol):
                _check_assumptions(symbol, domain)
            if isinstance(domain, Sequence) and symbol.label.is_real is not None:
                raise ValueError(f"{symbol}: a sequence gets its properties from its domain only")

    def expand(self, expression):
        """Return `expression` with every symbol of `where` replaced by its definition."""
        for symbol, value in reversed(self.where.items()):
            expression = expression.xreplace({symbol: value})
        return expression

    @functools.cached_property
    def premises(self):
        """The hypotheses with definitions expanded."""
        return tuple(self.expand(h) for h in self.hypotheses)

    @functools.cached_property
    def conclusion(self):
        """The goal with definitions expanded."""
        return self.expand(self.goal)

    @property
    def conjuncts(self):
        """The parts of the goal, definitions expanded."""
        goal = self.conclusion
        return goal.args if isinstance(goal, sp.And) else (goal,)

    def domains_latex(self):
        """Return one LaTeX line for each variable and its domain."""
        return [
            sp.latex(s) if d == PROPOSITION else rf"{sp.latex(s)} \in {_set_latex(d)}"
            for s, d in self.variables.items()
        ]


def free(formula):
    """Return the symbols left free; an indexed base counts as one, its label does not."""
    bases = {indexed.base for indexed in formula.atoms(sp.Indexed)}
    labels = {base.label for base in bases}
    bound = {e.args[1] for e in formula.atoms(Each)}
    names = {s for s in formula.free_symbols if isinstance(s, sp.Symbol)}
    return (names - labels - bound) | bases


def contains(domain, x):
    """Return whether the number `x` lies in a SymPy set, the ends compared to 50 digits."""
    if isinstance(domain, sp.FiniteSet):
        return any(sp.Rational(x) == e for e in domain)
    if is_whole(domain) and x != int(x):
        return False
    low, high, open_low, open_high = _ends(domain)
    # A binary number may be too small or large for a fraction of integers.
    number = x if isinstance(x, Fraction | sp.Basic) else sp.Float(str(x), 50)
    above = number > low if open_low else number >= low
    below = number < high if open_high else number <= high
    return bool(above) and bool(below)


@functools.cache
def is_whole(domain):
    """Return whether a set holds integers only."""
    return bool(domain.is_subset(INTEGERS))


@functools.cache
def _ends(domain):
    ends = (domain.inf, domain.sup)
    low, high = (
        Fraction(int(e.p), int(e.q)) if e.is_Rational else sp.N(e, 50) for e in ends
    )
    return (
        low, high, getattr(domain, "left_open", False), getattr(domain, "right_open", False)
    )


def _check_assumptions(symbol, domain):
    claims = {
        "positive": domain.is_subset(POSITIVE),
        "nonnegative": domain.is_subset(NONNEGATIVE),
        "integer": domain.is_subset(INTEGERS),
    }
    for name, holds in claims.items():
        if getattr(symbol, f"is_{name}") and not holds:
            raise ValueError(f"{symbol} is declared {name}, but its domain is {domain}")
    if symbol.is_real is not True:
        raise ValueError(f"{symbol}: declare it real (or positive, integer, ...)")
