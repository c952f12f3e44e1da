"""Tactics for heavy expressions: their value at one point, and reasoning that need not open them.

Z3 sees the values of most functions as unrelated numbers, so it has to be told that f(x) is f(0)
where x is 0; and it loses its way in formulas of which only a few parts matter.
"""

import dataclasses
from dataclasses import dataclass

import sympy as sp
from sympy.logic.boolalg import Boolean

from loopcert.prove import smt
from loopcert.prove.formal import REALS
from loopcert.prove.outcome import HOLDS, UNKNOWN, Outcome

__all__ = ["Opaque", "Substitute"]


@dataclass(frozen=True)
class Substitute:
    """``Implies(Eq(variable, value), Eq(e, e at the value))``, both sides defined everywhere."""

    variable: sp.Symbol
    value: sp.Expr

    def fact(self, expression):
        """Return the fact for one expression."""
        there = expression.xreplace({self.variable: self.value})
        return sp.Implies(
            sp.Eq(self.variable, self.value), sp.Eq(expression, there), evaluate=False
        )

    def establish(self, fact, context):
        """Return the `Outcome` for `fact`, as made by the method of that name."""
        if not isinstance(fact, sp.Implies) or not isinstance(fact.args[1], sp.Eq):
            return Outcome(UNKNOWN, "kernel", "not an equation at one value")
        left, right = fact.args[1].args
        bound = left.has(sp.Derivative, sp.Integral, sp.Sum, sp.Product, sp.Limit)
        if bound or right.has(sp.nan, sp.zoo, sp.oo, -sp.oo) or fact != self.fact(left):
            return Outcome(UNKNOWN, "kernel", "not an equation at one value")
        where = smt.defined(context.statement, [left, right], context.facts)
        if not where.holds:
            return Outcome(UNKNOWN, "kernel", f"perhaps undefined somewhere: {where.detail}")
        return Outcome(HOLDS, "kernel", f"the value at {self.variable} = {self.value}")


@dataclass(frozen=True)
class Opaque:
    """Real arithmetic on `terms` as if they were any real numbers.

    What holds of all numbers holds of these. Premises and facts in which other functions are
    left do not take part.
    """

    terms: tuple

    def establish(self, fact, context):
        """Return the `Outcome` for `fact`."""
        statement = context.statement
        terms = [statement.expand(term) for term in self.terms]
        where = smt.defined(statement, terms, context.facts)
        if not where.holds:
            return Outcome(UNKNOWN, "kernel", f"perhaps undefined somewhere: {where.detail}")
        names = {term: sp.Dummy(f"o{k}", real=True) for k, term in enumerate(terms)}
        hide = _hider(names)
        bare = dataclasses.replace(
            statement, where={}, goal=hide(fact),
            variables={**statement.variables, **dict.fromkeys(names.values(), REALS)},
            hypotheses=tuple(p for p in map(hide, statement.premises) if _plain(p)),
        )
        facts = tuple(f for known in context.facts for f in _parts(hide(known)) if _plain(f))
        return smt.prove(bare, None, facts, timeout=context.timeout)


def _hider(names):
    """Return a function that puts the names for the terms, the largest first."""
    order = sorted(names, key=lambda term: -term.count_ops())

    def hide(formula):
        if isinstance(formula, Boolean | sp.Abs) and formula.args:
            return formula.func(*map(hide, formula.args))
        for term in order:
            named = formula.subs(term, names[term])  # finds the term in -term and term + c too
            same = named.xreplace({names[term]: term}) == formula
            formula = named if same else formula.xreplace({term: names[term]})
        return formula

    return hide


def _parts(formula):
    """The formula as a list of formulas that together say the same."""
    if isinstance(formula, sp.Implies) and isinstance(formula.args[1], sp.And):
        return [sp.Implies(formula.args[0], part) for part in formula.args[1].args]
    return [formula]


def _plain(formula):
    return not formula.atoms(sp.exp, sp.log, sp.erf, sp.erfc, sp.sin, sp.cos, sp.acos, sp.asin)
