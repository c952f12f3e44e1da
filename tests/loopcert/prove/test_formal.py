"""The formal object refuses what it could not mean."""

import numpy as np
import pytest
import sympy as sp
from sympy import Eq, Gt, Sum

from loopcert.prove import sample
from loopcert.prove.formal import (
    INTEGERS,
    NATURALS,
    NONNEGATIVE,
    POSITIVE,
    REALS,
    UNIT,
    Each,
    Sequence,
    Statement,
    contains,
    free,
)

x, y = sp.symbols("x y", real=True)
a = sp.Symbol("a", positive=True)
T = sp.Symbol("T", integer=True, positive=True)
t = sp.Symbol("t", integer=True)
n = sp.IndexedBase("n")


def test_undeclared_symbols_are_refused():
    with pytest.raises(ValueError, match="undeclared symbols: y"):
        Statement({x: REALS}, Gt(x + y, 0))


def test_undeclared_sequences_are_refused():
    with pytest.raises(ValueError, match="undeclared symbols: n"):
        Statement({T: NATURALS}, Gt(Sum(n[t], (t, 0, T - 1)), 0))


@pytest.mark.parametrize(
    ("symbol", "domain"),
    [(a, REALS), (a, NONNEGATIVE), (T, POSITIVE), (sp.Symbol("plain"), REALS)],
)
def test_assumptions_must_agree_with_the_domain(symbol, domain):
    with pytest.raises(ValueError, match="declare"):
        Statement({symbol: domain}, Gt(symbol, 0))


def test_a_sequence_may_not_carry_assumptions():
    positive = sp.IndexedBase("p", positive=True)
    with pytest.raises(ValueError, match="from its domain only"):
        Statement({T: NATURALS, positive: Sequence(T, REALS)}, Gt(positive[0], 0))


def test_definitions_are_expanded_in_order():
    u, v = sp.symbols("u v", real=True)
    statement = Statement({x: REALS}, Gt(v, 0), where={u: x + 1, v: u**2})
    assert statement.conclusion == Gt((x + 1) ** 2, 0)


def test_bound_names_are_not_free():
    formula = Eq(Sum(n[t], (t, 0, T - 1)), 1)
    assert free(formula) == {n, T}
    assert free(Each(Gt(n[t], 0), t, T)) == {n, T}


@pytest.mark.parametrize(
    ("domain", "number", "inside"),
    [
        (UNIT, 0, False), (UNIT, "1/2", True), (UNIT, 1, False), (NONNEGATIVE, 0, True),
        (POSITIVE, 0, False), (NATURALS, "3/2", False), (NATURALS, 0, False),
        (INTEGERS, -3, True), (sp.Interval(0, sp.pi), "22/7", False),
        (sp.Interval(0, sp.pi), "314159/100000", True), (sp.FiniteSet(-1, 1), 0, False),
        (sp.FiniteSet(-1, 1), 1, True),
    ],
)
def test_contains(domain, number, inside):
    assert contains(domain, sp.Rational(number)) is inside


@pytest.mark.parametrize("domain", [
    sp.Interval(-sp.oo, -sp.Rational(57772, 10**4)),
    sp.Interval.open(sp.Rational(123456, 1000), sp.oo),
], ids=str)
def test_draws_keep_to_ends_of_many_digits(domain):
    rng = np.random.default_rng(0)
    assert all(contains(domain, sample.draw(domain, rng)) for _ in range(300))
