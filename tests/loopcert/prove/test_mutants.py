"""What a mutant says beside the original: nothing new, less, or something false."""

import numpy as np
import pytest
import sympy as sp

from loopcert.prove import mutants, sample
from loopcert.prove.formal import Statement
from loopcert.prove.written import as_written

x, y, a, b = sp.symbols("x y a b", real=True)
POSITIVE = sp.Interval.open(0, sp.oo)
SCALED = sp.Ge(a * x**2 + a * y**2, 2 * a * x * y, evaluate=False)


def fate(original, mutated):
    """Return how `mutated` fares as a mutant of the goal `original`."""
    domain = dict.fromkeys((x, y, a, b), POSITIVE)
    statement, mutant = (Statement(variables=domain, goal=goal) for goal in (original, mutated))
    rng = np.random.default_rng(0)
    with as_written():
        return mutants.reject(mutants.Mutant("changed", mutant), statement,
                              sample.Pool(statement, rng), rng, 200)[0]


def test_the_same_inequality_times_another_positive_factor_is_equivalent():
    assert fate(SCALED, SCALED.xreplace({a: b})) == mutants.EQUIVALENT


@pytest.mark.parametrize("mutated", [
    sp.Ge(b * x**2 + b * y**2, 2 * a * x * y),
    sp.Ge(-b * x**2 - b * y**2, -2 * b * x * y),
    sp.Ge(b * x**2 + b * y**2, sp.Rational(51, 25) * b * x * y),
])
def test_another_factor_on_one_side_or_a_negative_one_is_not(mutated):
    assert fate(SCALED, mutated) == mutants.KILLED


def test_a_strict_inequality_is_not_the_same_as_one_that_allows_equality():
    strict = sp.Gt(b * x**2 + b * y**2, 2 * b * x * y)
    assert fate(SCALED, strict) != mutants.EQUIVALENT


def test_more_room_is_weaker():
    assert fate(SCALED, sp.Ge(2 * a * x**2 + 2 * a * y**2, 2 * a * x * y)) == mutants.WEAKER
