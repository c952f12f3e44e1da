"""The tactic for single humps: what it shows, and what it must refuse."""

import pytest
import sympy as sp

from loopcert.prove.crossing import SingleHump
from loopcert.prove.formal import POSITIVE, UNIT, Statement
from loopcert.prove.proof import Lemma, Proof, Step

x = sp.Symbol("x", real=True)
a = sp.Symbol("a", real=True)


def proves(goal, slopes, domain=UNIT):
    """Whether the tactic alone establishes `goal` in x on `domain`."""
    statement = Statement(variables={x: domain}, goal=goal)
    outcome, transcript = Proof((Step(SingleHump(x, slopes), goal),)).run(statement, {})
    assert transcript[0][2].holds == outcome.holds
    return outcome.holds


def test_a_hump_with_one_slope():
    assert proves(sp.Gt(x * (1 - x), 0), ((1, 1 - 2 * x),))


def test_a_hump_with_two_slopes_on_a_half_line():
    f = x**2 * sp.exp(-x)
    assert proves(sp.Gt(f, 0), ((x * sp.exp(-x), 2 - x),), POSITIVE)


@pytest.mark.parametrize(("goal", "slopes", "domain"), [
    (sp.Gt(x * (1 - x) - sp.Rational(1, 5), 0), ((1, 1 - 2 * x),), UNIT),  # below 0 at the ends
    (sp.Gt((2 * x - 1) ** 2, 0), ((1, 8 * x - 4),), UNIT),  # a dip, not a hump
    (sp.Gt(x * (1 - x), 0), ((1, 1 - 3 * x),), UNIT),  # not the derivative
    (sp.Gt(x * (1 - x), 0), ((-1, 2 * x - 1),), UNIT),  # a negative factor
    (sp.Ge(x * (1 - x), 0), ((1, 1 - 2 * x),), UNIT),  # only strict inequalities
    (sp.Gt(x * (1 - x), 0), ((1, 1 - 2 * x),), sp.Interval(0, 1)),  # fails at the closed ends
    (sp.Gt(x * (1 - x), 0), (), UNIT),
])
def test_refused(goal, slopes, domain):
    assert not proves(goal, slopes, domain)


def test_a_chain_may_not_start_below_zero():
    # The second slope falls, but f' starts negative: f dips below zero first.
    f = -x / 5 + x**2 - x**3 + x / 5 * x
    slope = sp.diff(f, x)
    assert sp.limit(f, x, 1) == 0
    assert not proves(sp.Gt(f, 0), ((1, slope), (1, sp.diff(slope, x))))


def test_lemma_in_one_case_only():
    lemma = Statement(variables={a: POSITIVE}, goal=sp.Gt(a**3, 0))
    statement = Statement(variables={x: sp.Reals}, goal=sp.Implies(sp.Gt(x, 0), sp.Gt(x**3, 0)))
    step = Step(Lemma("CUBE", {a: x}, when=sp.Gt(x, 0)))
    assert Proof((step,)).run(statement, {"CUBE": lemma})[0].holds
    everywhere = Step(Lemma("CUBE", {a: x}))
    assert not Proof((everywhere,)).run(statement, {"CUBE": lemma})[0].holds
    wrong = Step(Lemma("CUBE", {a: x}, when=sp.Gt(x, -1)))
    assert not Proof((wrong,)).run(statement, {"CUBE": lemma})[0].holds
