"""The engines prove what is true, refute what is false, and never the other way round."""

import itertools

import mpmath
import numpy as np
import pytest
import sympy as sp
import z3
from sympy import And, Eq, Equivalent, Ge, Gt, Implies, Le, Lt, Ne, Or, Sum, erf, exp, log, sqrt

from loopcert.prove import enclosure, evaluate, numeric, sample, smt, symbolic
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
)
from loopcert.prove.outcome import HOLDS, REFUTED, UNKNOWN

x, y = sp.symbols("x y", real=True)
a, b = sp.symbols("a b", positive=True)
r = sp.Symbol("r", positive=True)
k = sp.Symbol("k", integer=True)
T = sp.Symbol("T", integer=True, positive=True)
t = sp.Symbol("t", integer=True)
n = sp.IndexedBase("n")



def falsify(statement, seed, number):
    rng = np.random.default_rng(seed)
    return numeric.falsify(statement, sample.points(statement, rng, number))


TRUE = {
    "square": Statement({x: REALS, y: REALS}, Ge(x**2 + y**2, 2 * x * y)),
    "mean": Statement({a: POSITIVE, b: POSITIVE}, Ge((a + b) / 2, sqrt(a * b))),
    "harmonic": Statement({a: POSITIVE, b: POSITIVE}, Le(2 / (1 / a + 1 / b), (a + b) / 2)),
    "exp": Statement({x: REALS}, Ge(exp(x), 1 + x)),
    "exp product": Statement({x: REALS, y: REALS}, Eq(exp(2 * x - y) * exp(y), exp(x) ** 2)),
    "log": Statement({a: POSITIVE}, Implies(Ne(a, 1), Lt(log(a), a - 1))),
    "power": Statement({r: UNIT, T: NATURALS}, Gt(1 - r ** (2 * T), 1 - r**T)),
    "premise": Statement({x: REALS}, Gt(x**2, 4), hypotheses=(Gt(x, 2),)),
    "iff": Statement({a: POSITIVE, b: POSITIVE}, Equivalent(Lt(a, b), Lt(1 / b, 1 / a))),
    "sum": Statement(
        {T: NATURALS, n: Sequence(T, POSITIVE), a: POSITIVE},
        Eq(Sum(2 * a * n[t], (t, 0, T - 1)), 2 * a * Sum(n[t], (t, 0, T - 1))),
    ),
    "max": Statement({x: REALS, y: REALS}, Eq(sp.Max(x, y) + sp.Min(x, y), x + y)),
    "erf": Statement({a: POSITIVE}, And(Gt(erf(a), 0), Lt(erf(a), 1))),
}
FALSE = {
    "square": Statement({x: REALS, y: REALS}, Gt(x**2 + y**2, 2 * x * y)),
    "open end": Statement({x: REALS}, Gt(x**2, 4), hypotheses=(Ge(x, 2),)),
    "no premise": Statement({x: REALS}, Gt(x**2, 4)),
    "division by zero": Statement({x: REALS}, Eq((x**2 - 1) / (x - 1), x + 1)),
    "root": Statement({x: REALS}, Ge(sqrt(x) + 1, 0, evaluate=False)),
    "log of a negative": Statement({x: REALS}, Le(log(x), x - 1)),
    "exp": Statement({x: REALS}, Gt(exp(x), 1 + x)),
    "power": Statement({r: POSITIVE, T: NATURALS}, Gt(1 - r ** (2 * T), 1 - r**T)),
    "half an iff": Statement({x: REALS}, Equivalent(Gt(x, 0), Gt(x**2, 0))),
    "relaxed integer": Statement({k: INTEGERS}, Or(Le(k, 0), Ge(k, 2))),
    "undefined sum": Statement(
        {T: NATURALS, n: Sequence(T, REALS)},
        Eq(Sum(1 / n[t], (t, 0, T - 1)), Sum(1 / n[t], (t, 0, T - 1)) * 1, evaluate=False),
    ),
    "acos": Statement({x: REALS}, Ge(sp.acos(x), 0)),
    "union is not a sum": Statement({a: UNIT, b: UNIT}, Lt(a + b, 1)),
}


@pytest.mark.parametrize("statement", TRUE.values(), ids=TRUE)
def test_z3_proves(statement):
    assert smt.prove(statement).status == HOLDS


@pytest.mark.parametrize("statement", FALSE.values(), ids=FALSE)
def test_z3_never_proves_what_is_false(statement):
    assert smt.prove(statement).status != HOLDS


@pytest.mark.parametrize("statement", TRUE.values(), ids=TRUE)
def test_points_do_not_refute_what_is_true(statement):
    assert falsify(statement, 1, 40).status != REFUTED


def test_a_model_of_atoms_is_no_counterexample():
    # As reals, exp(x) and exp(y) could be anything above their tangents.
    statement = Statement({x: REALS, y: REALS}, Implies(Lt(x, y), Lt(exp(x), exp(y))))
    assert smt.prove(statement).status == UNKNOWN


def test_a_counterexample_is_exact_and_inside_the_domain():
    outcome = smt.prove(Statement({a: POSITIVE, b: POSITIVE}, Lt(a * b, a + b)))
    assert outcome.status == REFUTED
    assert outcome.point[a] * outcome.point[b] >= outcome.point[a] + outcome.point[b]


def test_integers_when_asked():
    statement = Statement({k: INTEGERS}, Or(Le(k, 0), Ge(k, 1)))
    assert smt.prove(statement).status == UNKNOWN
    assert smt.prove(statement, integers=True).status == HOLDS


def test_an_unknown_is_not_a_pass(monkeypatch):
    monkeypatch.setattr(z3.Solver, "check", lambda *_: z3.unknown)
    for statement in (*TRUE.values(), *FALSE.values()):
        assert smt.prove(statement).status == UNKNOWN


def test_unsupported_functions_are_refused():
    with pytest.raises(ValueError, match="no translation"):
        smt.prove(Statement({x: REALS}, Gt(sp.gamma(x), 0)))


IDENTITIES = [
    Eq((x + 1) ** 2, x**2 + 2 * x + 1),
    Eq(sp.Derivative(erf(x), x), 2 / sqrt(sp.pi) * exp(-(x**2))),
    Eq(sp.Integral(exp(-a * x**2), (x, -sp.oo, sp.oo)), sqrt(sp.pi / a)),
    Eq(sp.sin(x) ** 2 + sp.cos(x) ** 2, 1, evaluate=False),
    Eq(exp(-(x**2) / 2) * exp(-((x - y) ** 2) / 2), exp(-(y**2) / 4) * exp(-((x - y / 2) ** 2))),
]


@pytest.mark.parametrize("equation", IDENTITIES, ids=str)
def test_sympy_proves(equation):
    assert symbolic.prove(equation).status == HOLDS


@pytest.mark.parametrize("equation", IDENTITIES, ids=str)
def test_sympy_rejects_an_identity_off_by_two_percent(equation):
    if isinstance(equation, Eq):
        wrong = Eq(equation.lhs, sp.Rational(51, 50) * equation.rhs, evaluate=False)
        assert symbolic.prove(wrong).status != HOLDS


def test_sympy_out_of_time_is_unknown():
    hard = Eq(sp.Integral(exp(-(x**4) - sp.sin(x)), (x, 0, 1)), a)
    assert symbolic.prove(hard, seconds=0.01).status == UNKNOWN


def test_boxes_settle_an_inequality():
    statement = Statement({x: REALS}, Gt(exp(x), 1 + x + x**2 / 2))
    assert enclosure.prove(statement, {x: ("1/2", 5)}).status == HOLDS
    assert enclosure.prove(statement, {x: (-5, 5)}).status != HOLDS
    assert enclosure.prove(statement, {x: (-5, -1)}).status == REFUTED


def test_boxes_give_up_rather_than_guess():
    touching = Statement({x: REALS}, Ge(x**2, 0))
    assert enclosure.prove(touching, {x: (-1, 1)}, boxes=200).status in (HOLDS, UNKNOWN)
    assert enclosure.prove(
        Statement({x: REALS}, Gt(x**2, 0)), {x: (-1, 2)}, boxes=200
    ).status == UNKNOWN


@pytest.mark.parametrize("expression", [
    exp(x) * log(a + 1), erf(x) / (1 + a**2), sqrt(a) ** 3, sp.acos(1 / (1 + a)), sp.sin(x) ** 2,
    sp.Max(x, a), sp.Piecewise((x, Gt(x, 0)), (a, True)), sp.LambertW(a), sp.pi * x,
], ids=str)
@pytest.mark.parametrize("point", [(0.3, 2.0), (-1.7, 0.01), (4.0, 30.0)])
def test_balls_contain_the_digits(expression, point):
    at = {x: sp.Rational(str(point[0])), a: sp.Rational(str(point[1]))}
    ball = evaluate.value(expression, at, evaluate.BALLS)
    digits = evaluate.value(expression, at)
    with mpmath.workdps(40):
        middle = mpmath.mpf(ball.mid().str(40, radius=False))
        assert abs(middle - digits) < 1e-30 * (1 + abs(digits))
    assert float(digits) == pytest.approx(float(sp.N(expression.subs(at), 30)), rel=1e-13)


def test_truth_has_three_values():
    at = {x: sp.Integer(2)}
    assert evaluate.truth(Gt(x, 1), at, evaluate.EXACT) is True
    assert evaluate.truth(Gt(1 / (x - 2), 0), at, evaluate.EXACT) is False
    assert evaluate.truth(Gt(exp(x), 2), at, evaluate.EXACT) is None
    assert evaluate.truth(sp.Symbol("P"), at) is None
    undecided, no, yes = sp.Symbol("P"), Gt(x, 3), Gt(x, 1)
    for left, right in itertools.product((undecided, no, yes), repeat=2):
        got = evaluate.truth(Implies(left, right, evaluate=False), at)
        table = {(yes, no): False, (undecided, no): None, (yes, undecided): None,
                 (undecided, undecided): None}
        assert got is table.get((left, right), True)


def test_each_holds_for_every_element_only():
    at = {T: sp.Integer(3), n: [1, 2, -1]}
    assert evaluate.truth(Each(Gt(n[t], -2), t, T), at) is True
    assert evaluate.truth(Each(Gt(n[t], 0), t, T), at) is False
    assert evaluate.truth(Gt(n[T], 0), at) is False  # outside the sequence


def test_recurrences_assign():
    v = sp.IndexedBase("v")
    statement = Statement(
        {T: NATURALS, r: UNIT, v: Sequence(T + 1, NONNEGATIVE)},
        Eq(v[T], (1 - r**T) / (1 - r)),
        hypotheses=(Eq(v[0], 0), Each(Eq(v[t + 1], r * v[t] + 1), t, T)),
    )
    assert falsify(statement, 0, 20).status == HOLDS
    wrong = Statement(statement.variables, Eq(v[T], (1 - r**T)), statement.hypotheses)
    assert falsify(wrong, 0, 20).status == REFUTED


def test_contradictory_hypotheses_give_no_point():
    statement = Statement({x: REALS}, Gt(x, 0), hypotheses=(Gt(x, 1), Lt(x, 0)))
    assert falsify(statement, 0, 5).status == UNKNOWN


def test_two_variables_of_one_name_are_two_numbers():
    first, other = sp.Dummy("z", real=True), sp.Dummy("z", real=True)
    assert not smt.prove(Statement({first: REALS, other: REALS}, Eq(first, other))).holds


def test_a_sequence_does_not_hand_on_what_its_elements_lose():
    statement = Statement(  # exp(u) - 1 - u is u^2/2 and loses half its digits in every step
        {n: Sequence(sp.Integer(6), POSITIVE)}, Gt(n[5], 0),
        hypotheses=(Eq(n[0], sp.Rational(1, 1000)),
                    Each(Eq(n[t + 1], exp(n[t]) - 1 - n[t]), t, sp.Integer(5))),
    )
    point = next(sample.points(statement, np.random.default_rng(0), 1))
    with mpmath.workprec(2000):
        wanted = mpmath.mpf("0.001")
        for _ in range(5):
            wanted = mpmath.expm1(wanted) - wanted
        assert abs(point[n][5] / wanted - 1) < 1e-30
