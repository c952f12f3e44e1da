"""SymPy: identities, with derivatives, integrals and limits carried out.

An identity holds when the difference of its sides reduces to zero.  The reduction cancels common
factors, so the identity is claimed where both sides are defined; `proof.Identity` asks Z3 to show
that this is the whole domain.
"""

import sympy as sp

from loopcert.prove.outcome import HOLDS, UNKNOWN, EngineTimeout, Outcome, deadline

__all__ = ["SECONDS", "carried_out", "limit", "prove"]

SECONDS = 20.0  # for one identity


def carried_out(expression):
    """Return `expression` with derivatives, integrals and limits evaluated."""
    return expression.replace(
        lambda e: isinstance(e, sp.Derivative | sp.Integral | sp.Limit), lambda e: e.doit()
    )


def prove(equation, *, seconds=None):
    """Return whether the two sides of ``Eq(left, right)`` are the same expression."""
    seconds = SECONDS if seconds is None else seconds
    query = sp.srepr(equation)
    if equation == sp.true:
        return Outcome(HOLDS, "sympy", "the two sides are the same expression", query=query)
    if not isinstance(equation, sp.Eq):
        return Outcome(UNKNOWN, "sympy", f"not an equation: {equation}", query=query)
    try:
        with deadline(seconds):
            difference = carried_out(equation.lhs - equation.rhs)
            for name, reduce_ in _REDUCTIONS.items():
                difference = reduce_(difference)
                if difference == 0:
                    detail = f"left - right reduces to 0 ({name})"
                    return Outcome(HOLDS, "sympy", detail, query=query)
            if _quotient(equation) == 1:
                return Outcome(HOLDS, "sympy", "left / right reduces to 1", query=query)
    except EngineTimeout as stop:
        return Outcome(UNKNOWN, "sympy", str(stop), query=query)
    return Outcome(UNKNOWN, "sympy", "the difference of the sides does not reduce", query=query)


def limit(expression, symbol, target, direction, *, seconds=None):
    """Return the limit of `expression`, or None when SymPy finds none in time."""
    if sp.sympify(target).is_finite and _entire(sp.sympify(expression)):
        return expression.subs(symbol, target)
    try:
        with deadline(SECONDS if seconds is None else seconds):
            found = sp.limit(expression, symbol, target, direction)
    except (EngineTimeout, NotImplementedError, ValueError):
        return None
    return None if found.has(sp.Limit, sp.AccumBounds, sp.nan, sp.zoo) else found


def _entire(expression):
    """Whether `expression` is built so that it is continuous everywhere."""
    if isinstance(expression, sp.Pow) and not isinstance(expression, sp.exp):
        base, exponent = expression.args
        if not (base.is_number or (exponent.is_Integer and exponent >= 0)):
            return False
        return exponent.is_number and _entire(base)
    if isinstance(expression, sp.Add | sp.Mul | sp.exp | sp.erf | sp.erfc | sp.sin | sp.cos):
        return all(_entire(a) for a in expression.args)
    return expression.is_Symbol or (expression.is_number and expression.is_finite is True)


def _quotient(equation):
    """Return left/right with all exponentials merged into one; for products of exponentials."""
    exponent, rest = sp.Integer(0), sp.Integer(1)
    quotient = sp.powdenest(carried_out(equation.lhs) / carried_out(equation.rhs), force=False)
    for factor in sp.Mul.make_args(quotient):
        base, power = factor.as_base_exp()
        if isinstance(factor, sp.exp) or base == sp.E:
            exponent += power
        else:
            rest *= factor
    return sp.simplify(rest) * sp.exp(sp.cancel(sp.together(exponent)))


def _cancel(expression):
    return sp.cancel(sp.together(sp.expand_log(expression)))


_REDUCTIONS = {
    "expand": sp.expand,
    "cancel": _cancel,
    "expand after cancel": lambda e: sp.expand(sp.powsimp(sp.expand(sp.together(e)))),
    "simplify": sp.simplify,
    "trigonometry": lambda e: sp.simplify(sp.expand_trig(e)),
    "exponentials": lambda e: sp.simplify(e.rewrite(sp.exp)),
}
