import pytest
import sympy as sp
import z3

from loopcert import examine as examination_
from loopcert.examine import examine
from loopcert.ledger import _verdict, claims
from loopcert.prove import second, smt
from loopcert.prove.formal import REALS, Statement

cvc5 = pytest.importorskip("cvc5", reason="cvc5 is not installed: pip install -e '.[full]'")
x, y = sp.symbols("x y'", real=True)


def question(*formulas):
    solver = z3.Solver()
    solver.add(*formulas)
    return solver.to_smt2()


def test_cvc5_agrees_on_what_cannot_be():
    a = z3.Real("a")
    assert second.ask(question(a > 1, a < 0)) == second.AGREES


def test_cvc5_disagrees_on_what_can_be():
    a = z3.Real("a")
    assert second.ask(question(a * a == 4, a > 0)) == second.DISAGREES


def test_no_time_is_no_answer():
    a, b, c = z3.Reals("a b c")
    hard = question(a**5 * b - c**3 == 7, a * b * c > 1, a**2 + b**2 + c**2 < 3, a + b + c > 2.99)
    assert second.ask(hard, seconds=0.01) in (second.NO_ANSWER, second.AGREES)


def test_questions_of_a_proof_are_collected_and_odd_names_can_be_read():
    statement = Statement({x: REALS, y: REALS}, sp.Ge(x**2 + y**2, 2 * x * y))
    with second.asked() as questions:
        assert smt.prove(statement).holds
    assert len(questions) == 1
    assert second.ask(questions[0]) == second.AGREES
    assert smt.prove(statement).holds  # and nothing is collected outside
    assert len(questions) == 1


@pytest.fixture(autouse=True)
def few_mutants(monkeypatch):
    monkeypatch.setitem(examination_.EFFORT, "full", (2, 10, 1, 0))


def by_id(name):
    everything = {claim.id: claim for claim in claims()}
    return everything[name], {c.id: c.statement for c in everything.values()}


def test_full_effort_asks_again_and_quick_does_not():
    claim, library = by_id("BPX-U")
    quick, full = (examine(claim, library, effort=e) for e in ("quick", "full"))
    assert [r.kind for r in quick.results].count("recheck") == 0
    (found,) = [r for r in full.results if r.kind == "recheck"]
    assert found.holds
    assert "cvc5 agrees" in found.detail


def test_a_disagreement_takes_the_verdict(monkeypatch):
    claim, library = by_id("BPX-U")
    monkeypatch.setattr(second, "ask", lambda q: second.DISAGREES)
    examination = examine(claim, library, effort="full")
    assert not all(r.holds for r in examination.results)
    assert _verdict(claim, examination, {}).word != "proved"
