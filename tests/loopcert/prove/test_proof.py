"""Every tactic: a fact that it establishes, and near-by falsehoods that it must not."""

import pytest
import sympy as sp
from sympy import And, Eq, Ge, Gt, Le, Lt, Sum, erf, exp, log, sqrt

from loopcert.prove.formal import (
    NATURALS,
    NONNEGATIVE,
    POSITIVE,
    PROPOSITION,
    REALS,
    UNIT,
    Each,
    Sequence,
    Statement,
)
from loopcert.prove.proof import (
    ByDerivative,
    Enclose,
    Identity,
    Induction,
    Lemma,
    Modulo,
    Proof,
    Smt,
    Step,
)

x, y = sp.symbols("x y", real=True)
a, b, C = sp.symbols("a b C", positive=True)
c = sp.Symbol("c", nonnegative=True)
r = sp.Symbol("r", positive=True)
T = sp.Symbol("T", integer=True, positive=True)
t, k = sp.symbols("t k", integer=True)
n, p, v = sp.IndexedBase("n"), sp.IndexedBase("p"), sp.IndexedBase("v")


def total(term):
    return Sum(term, (t, 0, T - 1))


def holds(statement, *steps, library=None):
    return Proof(steps).run(statement, library or {})[0].holds


# -- ByDerivative --------------------------------------------------------------------------------
def test_derivative_rule():
    statement = Statement({a: POSITIVE}, Gt(erf(a), 2 * a * exp(-(a**2)) / sqrt(sp.pi)))
    assert holds(statement, Step(ByDerivative(a, sp.Integer(0))))
    assert not holds(statement)


@pytest.mark.parametrize("goal", [
    Gt(exp(a), 1 + a + a**2),  # false for small a
    Gt(exp(-a), 1 - a / 2),  # false
    Lt(a, sp.sin(a)),  # the wrong way round
], ids=str)
def test_derivative_rule_rejects(goal):
    assert not holds(Statement({a: POSITIVE}, goal), Step(ByDerivative(a, sp.Integer(0))))


def test_derivative_rule_minds_a_closed_end():
    # At c = 0 both sides are equal.
    strict = Statement({c: NONNEGATIVE}, Gt(exp(c), 1 + c))
    assert not holds(strict, Step(ByDerivative(c, sp.Integer(0))))
    assert holds(Statement({c: NONNEGATIVE}, Ge(exp(c), 1 + c)),
                 Step(ByDerivative(c, sp.Integer(0))))


def test_derivative_rule_needs_a_smooth_function():
    step = Step(ByDerivative(x, -sp.oo))
    assert not holds(Statement({x: REALS}, Ge(sp.Abs(x) + 1, 0)), step)
    # 1/x falls everywhere, yet is not negative right of its pole.
    assert not holds(Statement({x: REALS}, Lt(1 / x, 0)), step)


def test_derivative_rule_refuses_a_restricted_variable():
    statement = Statement({a: POSITIVE}, Gt(a**2, a), hypotheses=(Gt(a, 1),))
    assert not holds(statement, Step(ByDerivative(a, sp.Integer(0))))


def test_derivative_rule_checks_the_derivative_given():
    statement = Statement({a: POSITIVE}, Gt(a - a**2, 0))  # false
    wrong = ByDerivative(a, sp.Integer(0), derivative=sp.Integer(1) + a)
    assert not holds(statement, Step(wrong))


# -- Induction -----------------------------------------------------------------------------------
def test_induction_over_a_sum():
    statement = Statement({T: NATURALS}, Eq(total(2 * t + 1), T**2))
    assert holds(statement, Step(Induction(T)))


@pytest.mark.parametrize("goal", [
    Eq(total(2 * t + 1), T**2 + T - 1),  # right at T = 1 only
    Eq(total(2 * t + 1), T**2 + 1),
    Eq(total(r**t), (1 - r**T) / (1 + r)),
    Le(total(r**t), T - sp.Rational(1, 100)),  # false at T = 1
], ids=str)
def test_induction_rejects(goal):
    variables = {T: NATURALS, r: UNIT} if goal.has(r) else {T: NATURALS}
    assert not holds(Statement(variables, goal), Step(Induction(T)))


def test_induction_over_a_product():
    product = sp.Product(1 + a / (t + 1), (t, 0, T - 1))
    variables = {T: NATURALS, a: POSITIVE}
    assert holds(Statement(variables, Ge(product, 1 + a)), Step(Induction(T)))
    telescope = sp.Product((t + 2) / (t + 1), (t, 0, T - 1))
    assert holds(Statement({T: NATURALS}, Eq(telescope, T + 1)), Step(Induction(T)))


@pytest.mark.parametrize("goal", [
    Eq(sp.Product((t + 2) / (t + 1), (t, 0, T - 1)), T**2 + 1),  # right at T = 1 only
    Eq(sp.Product((t + 2) / (t + 1), (t, 0, T)), T + 1),  # one factor more
    Le(sp.Product(1 + r / (t + 1), (t, 0, T - 1)), 2),  # right at T = 1 only
    Ge(sp.Product(1 / (t - 2), (t, 0, T - 1)) ** 2, 0),  # undefined from T = 3 on
    Eq(sp.Product((t + 2) / (t + 1), (t, 0, T - 1), (k, 0, T)), T + 1),  # two indices
], ids=str)
def test_induction_over_a_product_rejects(goal):
    variables = {T: NATURALS, r: UNIT} if goal.has(r) else {T: NATURALS}
    assert not holds(Statement(variables, goal), Step(Induction(T)))


def test_induction_uses_elements_but_not_premises_on_the_length():
    sequence = {T: NATURALS, n: Sequence(T, REALS)}
    each = Statement(sequence, Ge(total(n[t]), T), hypotheses=(Each(Ge(n[t], 1), t, T),))
    assert holds(each, Step(Induction(T)))
    bare = Statement(sequence, Ge(total(n[t]), T))
    assert not holds(bare, Step(Induction(T)))
    # True of one T only; induction must not carry it to the next.
    fixed = Statement({T: NATURALS}, Lt(T, 6), hypotheses=(Lt(T, 5),))
    assert not holds(fixed, Step(Induction(T), Lt(T, 3)))


def test_induction_over_a_recurrence():
    hypotheses = (Eq(v[0], 0), Each(Eq(v[t + 1], r * v[t] + 1), t, T))
    variables = {T: NATURALS, r: UNIT, v: Sequence(T + 1, REALS)}
    assert holds(Statement(variables, Eq(v[T], (1 - r**T) / (1 - r)), hypotheses),
                 Step(Induction(T)))
    assert not holds(Statement(variables, Eq(v[T], 1 - r**T), hypotheses), Step(Induction(T)))


def test_induction_starts_where_the_domain_starts():
    zero = sp.Symbol("N", integer=True, nonnegative=True)
    statement = Statement({zero: sp.S.Naturals0}, Ge(zero, 1))  # false at 0
    assert not holds(statement, Step(Induction(zero)))


# -- Lemma ---------------------------------------------------------------------------------------
LEMMA = Statement(
    {T: NATURALS, n: Sequence(T, POSITIVE), p: Sequence(T, POSITIVE), C: POSITIVE},
    Ge(total(p[t] ** 2 / n[t]), total(p[t]) ** 2 / C),
    hypotheses=(Eq(C, total(n[t])),),
)


def test_lemma_instance():
    k = sp.Symbol("k", integer=True)
    statement = Statement(
        {T: NATURALS, n: Sequence(T, POSITIVE), r: UNIT, C: POSITIVE},
        Ge(total(r ** (2 * t) / n[t]), total(r**t) ** 2 / C),
        hypotheses=(Eq(C, total(n[t])),),
    )
    step = Step(Lemma("CS", {p: sp.Lambda(k, r**k)}))
    assert holds(statement, step, library={"CS": LEMMA})


def test_lemma_must_be_named():
    statement = Statement({a: POSITIVE}, Gt(a, 0))
    assert not holds(statement, Step(Lemma("CS")))


def test_lemma_premises_must_be_proved():
    lemma = Statement({x: REALS}, Gt(x**2, x), hypotheses=(Gt(x, 1),))
    good = Statement({a: POSITIVE}, Gt((1 + a) ** 2, 1 + a))
    assert holds(good, Step(Lemma("L", {x: 1 + a})), library={"L": lemma})
    bad = Statement({a: POSITIVE}, Gt(a**2, a))
    assert not holds(bad, Step(Lemma("L", {x: a})), library={"L": lemma})


def test_lemma_domains_must_be_proved():
    lemma = Statement({a: POSITIVE}, Gt(a + 1, 1))
    bad = Statement({x: REALS}, Gt(x + 1, 1))
    assert not holds(bad, Step(Lemma("L", {a: x})), library={"L": lemma})
    sequence = Statement({T: NATURALS, n: Sequence(T, POSITIVE)}, Gt(total(n[t]), 0))
    k = sp.Symbol("k", integer=True)
    negative = Statement({T: NATURALS}, Gt(total(t - 2), 0))
    step = Step(Lemma("L", {n: sp.Lambda(k, k - 2)}))
    assert not holds(negative, step, library={"L": sequence})


def test_lemma_substitutes_all_at_once():
    lemma = Statement({x: REALS, y: REALS}, Eq((x - y) * (x + y), x**2 - y**2))
    swapped = Statement({x: REALS, y: REALS}, Eq((y - x) * (y + x), y**2 - x**2))
    assert holds(swapped, Step(Lemma("L", {x: y, y: x})), library={"L": lemma})
    order = Statement({x: REALS, y: REALS}, Lt(x, y), hypotheses=(Lt(x, y),))
    # The instance with x and y exchanged needs y < x.
    host = Statement({x: REALS, y: REALS}, Lt(y, x), hypotheses=(Lt(x, y),))
    assert not holds(host, Step(Lemma("L", {x: y, y: x})), library={"L": order})


def test_lemma_refuses_capture():
    lemma = Statement(
        {T: NATURALS, x: REALS}, Eq(total(x), T * x),
    )
    index = sp.Symbol("t", integer=True)
    host = Statement({T: NATURALS, index: sp.S.Integers}, Eq(total(index), T * index))
    assert not holds(host, Step(Lemma("L", {x: index})), library={"L": lemma})


# -- the others ----------------------------------------------------------------------------------
def test_identity_must_be_defined_on_the_domain():
    equation = Eq((x**2 - 1) / (x - 1), x + 1)
    assert not holds(Statement({x: REALS}, equation), Step(Identity()))
    above = Statement({x: REALS}, equation, hypotheses=(Gt(x, 1),))
    assert holds(above, Step(Identity()))


def test_enclosure_must_cover_the_domain():
    domain = sp.Interval(1, 2)
    statement = Statement({x: domain}, Gt(exp(x) - 1 - x, sp.Rational(1, 2)))
    assert holds(statement, Step(Enclose({x: (1, 2)})))
    assert not holds(statement, Step(Enclose({x: (1, sp.Rational(3, 2))})))


def test_modulo_names_its_theorem_and_proves_its_premise():
    attracts = sp.Symbol("Attracts")
    good = Statement({r: UNIT, attracts: PROPOSITION}, attracts)
    proof = Proof((Step(Modulo("Ostrowski", Lt(r, 1), attracts)),))
    assert proof.run(good, {})[0].holds
    assert proof.axioms == ("Ostrowski",)
    wide = Statement({a: POSITIVE, attracts: PROPOSITION}, attracts)
    assert not holds(wide, Step(Modulo("Ostrowski", Lt(a, 1), attracts)))
    unknown = Statement({r: UNIT, attracts: PROPOSITION}, attracts)
    assert not holds(unknown, Step(Modulo("no such theorem", Lt(r, 1), attracts)))


def test_a_standard_theorem_of_an_evaluated_premise_gives_its_whole_conclusion():
    attracts, stays = sp.symbols("Attracts Stays")
    kinds = {a: POSITIVE, attracts: PROPOSITION, stays: PROPOSITION}
    step = Step(Modulo("Ostrowski", Gt(a, 0), And(attracts, stays)))  # a > 0 is sp.true
    assert holds(Statement(kinds, And(attracts, stays)), step)
    assert not holds(Statement(kinds, sp.Not(attracts)), step)


def test_a_false_step_stops_the_proof():
    statement = Statement({x: REALS}, Gt(x, 5))
    outcome, transcript = Proof((Step(Smt(), Gt(x, 6)),)).run(statement, {})
    assert not outcome.holds
    assert len(transcript) == 1


def test_the_goal_must_follow():
    statement = Statement({a: POSITIVE}, And(Gt(a, 0), Gt(log(a), 0)))
    assert not holds(statement, Step(Smt(), Gt(a, 0)))


def test_transcript_tells_the_whole_story():
    statement = Statement({a: POSITIVE}, Gt(exp(a), 1))
    _, transcript = Proof((Step(Smt(), Gt(exp(a), 1 + a)),)).run(statement, {})
    assert [outcome.status for *_, outcome in transcript] == ["holds", "holds"]
    assert "assert" in transcript[0][2].query
