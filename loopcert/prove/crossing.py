"""A tactic for functions that rise and then fall: positive when positive at both ends.

It is kept apart from `proof` because it is the one rule that looks at several derivatives at once.
"""

from dataclasses import dataclass

import sympy as sp

from loopcert.prove import symbolic
from loopcert.prove.outcome import HOLDS, UNKNOWN, Outcome
from loopcert.prove.proof import _bounded_below, _smooth

__all__ = ["SingleHump"]


@dataclass(frozen=True)
class SingleHump:
    """``f > 0`` on an open interval (a, b) of `variable`, by one change of sign of its slope.

    `slopes` is a chain of pairs (m_i, f_i): with f_0 = f, each f_{i-1}' = m_i f_i with m_i > 0,
    and the last f_k has a negative slope.  At a all of f_0, ..., f_{k-1} tend to numbers >= 0,
    and at b f does.

    Then f_k decreases, so it changes sign at most once, from plus to minus.  Where f_i does so,
    f_{i-1} rises and then falls; as it starts >= 0, it too changes sign at most once, from plus to
    minus.  Down to f_1: f rises strictly from a value >= 0 and then falls strictly to one >= 0.
    """

    variable: sp.Symbol
    slopes: tuple

    def establish(self, fact, context):
        """Return the `Outcome` for the strict inequality `fact`."""
        problem = self._problem(fact, context.statement)
        if problem:
            return Outcome(UNKNOWN, "calculus", problem)
        expand = context.statement.expand
        functions = [fact.gts - fact.lts, *(expand(f) for _, f in self.slopes)]
        factors = [expand(m) for m, _ in self.slopes]
        for function in functions:
            smooth = _smooth(function, self.variable, context)
            if not smooth.holds:
                return smooth
        problem = self._edges(functions, context) or self._chain(functions, factors, context)
        if problem:
            return Outcome(UNKNOWN, "calculus", problem)
        last = sp.Lt(sp.diff(functions[-1], self.variable), 0, evaluate=False)
        falls = context.ask(last)
        if not falls.holds:
            return Outcome(UNKNOWN, "calculus", f"the last slope's sign: {falls.detail}")
        return Outcome(HOLDS, "calculus", "rises, then falls; >= 0 at both ends (Z3)",
                       query=falls.query)

    def _problem(self, fact, statement):
        domain = statement.variables[self.variable]
        if not isinstance(fact, sp.StrictGreaterThan | sp.StrictLessThan):
            return "not a strict inequality"
        if not (isinstance(domain, sp.Interval) and domain.left_open and domain.right_open):
            return f"the domain of {self.variable} is not an open interval"
        if any(self.variable in p.free_symbols for p in statement.premises):
            return f"a hypothesis restricts {self.variable}"
        return "" if self.slopes else "no slope is given"

    def _edges(self, functions, context):
        domain = context.statement.variables[self.variable]
        ends = [(f, domain.inf, "+") for f in functions[:-1]] + [(functions[0], domain.sup, "-")]
        for function, end, side in ends:
            edge = symbolic.limit(function, self.variable, end, side)
            if edge is None or not _bounded_below(edge, context, strict=False):
                return f"the value of {function} at {self.variable} = {end} is not >= 0"
        return ""

    def _chain(self, functions, factors, context):
        steps = zip(functions, factors, functions[1:], strict=False)
        for number, (function, factor, slope) in enumerate(steps, 1):
            derivative = sp.Eq(sp.diff(function, self.variable), factor * slope, evaluate=False)
            if not symbolic.prove(derivative).holds:
                return f"slope {number} is not the derivative"
            positive = sp.Gt(factor, 0, evaluate=False)
            if not context.ask(positive).holds:
                return f"factor {number} may not be positive"
        return ""
