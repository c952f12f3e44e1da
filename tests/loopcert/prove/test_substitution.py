"""The tactics that treat an expression as one number, or know its value at one point."""

import sympy as sp

from loopcert.prove.formal import POSITIVE, REALS, Statement
from loopcert.prove.proof import Context, Proof, Step, _value_at
from loopcert.prove.substitution import Opaque, Substitute

x = sp.Symbol("x", real=True)
a, b = sp.symbols("a b", positive=True)


def runs(statement, *steps):
    outcome, _ = Proof(steps).run(statement, {})
    return outcome.holds


def test_a_value_at_one_point():
    tactic = Substitute(x, sp.Integer(0))
    statement = Statement({x: REALS}, goal=sp.Implies(sp.Eq(x, 0), sp.Eq(sp.atan(x), 0)))
    assert runs(statement, Step(tactic, tactic.fact(sp.atan(x))))
    assert not runs(statement)


def test_a_wrong_value_is_not_accepted():
    wrong = sp.Implies(sp.Eq(x, 0), sp.Eq(sp.atan(x), 1), evaluate=False)
    statement = Statement({x: REALS}, goal=wrong)
    assert not runs(statement, Step(Substitute(x, sp.Integer(0)), wrong))


def test_an_expression_must_be_defined_everywhere():
    tactic = Substitute(x, sp.Integer(1))
    fact = tactic.fact(1 / (x - 2))
    assert not runs(Statement({x: REALS}, goal=fact), Step(tactic, fact))


def test_opaque_terms_are_any_numbers():
    term = sp.exp(sp.sin(x)) - sp.cos(x) ** 2
    true = sp.Ge(term**2 + term + 1, 0)
    assert runs(Statement({x: REALS}, goal=true), Step(Opaque((term,)), true))
    false = sp.Ge(term**2 + term, 0)
    assert not runs(Statement({x: REALS}, goal=false), Step(Opaque((term,)), false))


def test_opaque_terms_must_be_defined():
    term = sp.log(x)
    true = sp.Ge(term**2, 0)
    assert not runs(Statement({x: REALS}, goal=true), Step(Opaque((term,)), true))


def test_opaque_terms_are_found_in_differences():
    term = sp.exp(a) / (1 + sp.exp(b))
    goal = sp.Gt(3 + b - term, 2 - term)
    statement = Statement({a: POSITIVE, b: POSITIVE}, goal=goal)
    assert runs(statement, Step(Opaque((term,)), goal))


def test_a_boundary_value_needs_all_factors_defined():
    # At x = 0 a/(a + x) is 1; at a = 0 a product with zero would hide that 1/(a + x) is missing.
    statement = Statement({a: POSITIVE, x: REALS}, hypotheses=(sp.Ge(x, 0),), goal=sp.Ge(a, 0))
    context = Context(statement, (), {})
    assert _value_at(a / (a + x), a, 0, context) is None
    assert _value_at(a / (a + x + 1), a, 0, context) == 0
    assert _value_at(sp.sqrt(a), a, 0, context) is None
    assert _value_at(sp.exp(a) + x, a, 0, context) == 1 + x
