"""The step checker: what it finds in chains that are right, wrong, lucky or hostile."""

import time
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from empirical.reasoning import problems, steps
from empirical.reasoning.faults import KINDS, rewritten
from empirical.streams import Streams

HERE = Streams(0, ("steps",))
QUESTION = "Ana bakes 3 trays of 4 muffins. Ben eats 5 of them. How many muffins are left?"
RIGHT = "Ana bakes 3 * 4 = 12 muffins. There are 12 - 5 = 7 muffins left.\n#### 7"


@pytest.fixture(scope="module")
def every():
    """Return problems of every template at every difficulty."""
    return [item for name, entry in problems.catalogue().items()
            for level in problems.DIFFICULTIES
            for item in problems.problems(
                HERE, range(3), level, "templates" if entry.held_out else "train", [name])]


def test_our_own_solutions_are_right(every):
    for item in every:
        found = steps.verify(item, item.solution)
        assert found.fault == "none", (found.detail, item)
        assert len(found.equations) == item.solution.count("=")


@pytest.mark.parametrize(("solution", "fault"), [
    (RIGHT, "none"),
    ("3*4=12, 12-5=7 #### 7", "none"),
    ("She has 4 × 3 = 12.\nSo 12 − 5 = 7.\nThe answer is 7.", "none"),
    ("We see (3 * 4) - 5 = 7 muffins.\n#### 7", "none"),
    ("3 * 4 - 5 = 12 - 5 = 7 #### 7", "none"),
    ("12 = 3 * 4. 7 = 12 - 5.\n#### 7", "none"),
    ("3 * 4 = 12 muffins and 12 - 5 = $7.00\n#### 7", "none"),
    ("3 * 4 = 13. 13 - 6 = 7.\n#### 7", "false"),
    ("3 * 4 = 13 = 12. 12 - 5 = 7.\n#### 7", "unreadable"),
    ("3 * 4 = 12. 12 - 6 = 6.\n#### 6", "unknown number"),
    ("3 * 4 = 12. 4 + 3 = 7.\n#### 7", "unused result"),
    ("3 * 4 = 12. 12 - 5 = 7.\n#### 8", "other answer"),
    ("3 * 4 = 12. 12 - 5 = 7.\n#### seven", "no answer"),
    ("#### 7", "no equation"),
    ("", "no equation"),
    ("It is 7 because I say so.\n#### 7", "no equation"),
    ("3 * = 12. 12 - 5 = 7.\n#### 7", "unreadable"),
    ("3 trays * 4 muffins = 12. 12 - 5 = 7.\n#### 7", "unreadable"),
    ("3 * 4 = 3 * 4. 12 - 5 = 7.\n#### 7", "unreadable"),
    ("3 / 0 = 12. 12 - 5 = 7.\n#### 7", "false"),
    ("1.2.3 = 12. 12 - 5 = 7.\n#### 7", "unreadable"),
    ("7 = 7.\n#### 7", "unknown number"),
    ("12 - 5 = 7. 3 * 4 = 12.\n#### 12", "unknown number"),
])
def test_faults(solution, fault):
    assert steps.check(QUESTION, solution).fault == fault


@pytest.mark.parametrize("fault", steps.FAULTS)
def test_every_fault_can_be_found(fault):
    item = problems.problem(HERE, 0, "symbolic", "train", ["muffin_trays"])
    given_, answer = steps.givens(item.question)[0], item.answer
    a, b = (int(value) for value in given_)
    texts = {
        "none": item.solution, "too long": "1" * 30_000, "no equation": f"#### {answer}",
        "unreadable": f"* 2 = {answer}", "false": f"{a} * {b} = {answer + 1}",
        "unknown number": f"{a} * 997 = {a * 997}",
        "unused result": f"{a} + {b} = {a + b}. {a} * {b} = {answer}.\n#### {answer}",
        "no answer": f"{a} * {b} = {answer}\n#### ?", "other answer": f"{a} + {b} = {a + b}",
        "not general": " ".join(_sum(a, b)) + f"\n#### {answer}",
    }
    assert steps.verify(item, texts[fault]).fault == fault


def _sum(a, b):
    """Say a * b as a sum of b's that only these numbers allow."""
    total = b
    for _ in range(a - 1):
        yield f"{total} + {b} = {total + b}."
        total += b


def test_a_right_number_by_the_wrong_operation_is_found():
    """2 + 2 = 4 where 2 * 2 was asked for: true, connected, right, and wrong."""
    item = problems.Problem(
        "Ana bakes 2 trays of muffins with 2 muffins on each tray. How many muffins does Ana "
        "bake?", "", Fraction(4), "muffin_trays", "symbolic")
    assert steps.check(item.question, "Ana bakes 2 + 2 = 4 muffins.\n#### 4").right
    assert steps.verify(item, "Ana bakes 2 + 2 = 4 muffins.\n#### 4").fault == "not general"
    assert steps.verify(item, "Ana bakes 2 * 2 = 4 muffins.\n#### 4").right
    assert steps.verify(item, "Ana bakes 2 + 2 = 4 muffins.\n#### 4", siblings=0).right


def test_other_right_ways_are_right():
    item = problems.problem(HERE, 3, "symbolic", "train", ["two_things_left"])
    money, first, second = steps.givens(item.question)[0]
    texts = [
        f"{money} - {first} = {money - first}. {money - first} - {second} = {item.answer}.",
        f"{money} - ({first} + {second}) = {item.answer}.",
        f"{second} + {first} = {first + second}. {money} - {first + second} = {item.answer}.",
    ]
    for text in texts:
        assert steps.verify(item, f"{text}\n#### {item.answer}").right, text


def test_numbers_that_a_question_gives():
    numbers, implied = steps.givens(
        "At -4 degrees Ana, who has twice as many, waits 2.50 hours; half of the 1,200 pages at "
        "one and a half times 20%.")
    assert [float(value) for value in numbers] == [-4, 2, 2.5, 2, 1200, 1.5, 20]
    assert {60, 100, 1} <= implied
    assert 7 not in implied


@given(st.integers(0, 10**6), st.sampled_from([kind for kind, what in KINDS.items()]))
@settings(max_examples=150)
def test_faults_of_known_kinds(seed, kind):
    """The checker says of every rewritten solution what is known of it."""
    level = problems.DIFFICULTIES[seed % 3]
    item = problems.problem(Streams(seed), 0, level)
    text = rewritten(item, kind, Streams(seed, ("fault",)).numpy())
    if text is not None:
        assert steps.verify(item, text).sound == KINDS[kind].reasoning, text
        assert steps.verify(item, text).right == (KINDS[kind].reasoning and kind != "in words")


def test_an_unknown_fault_is_refused():
    with pytest.raises(ValueError, match="kind = 'typo'"):
        rewritten(problems.problem(HERE, 0), "typo", HERE.numpy())


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_text_breaks_the_checker(question, solution):
    assert steps.check(question, solution).fault in steps.FAULTS


@given(st.text(alphabet="0123456789.,+-*/()= \n#", max_size=120))
def test_no_equations_break_the_checker(solution):
    item = problems.problem(HERE, 1, "p1")
    assert steps.verify(item, solution).fault in steps.FAULTS


@pytest.mark.parametrize("text", [
    "(" * 19_000 + "=", "1+" * 9_000 + "1=1", "-" * 19_000 + "1=1", "1=" * 9_000 + "1",
    "2 * 2 = 4. " * 1_700, "9" * 19_000 + "=1", "=" * 19_000, "3*" * 99 + "3=1",
    "__import__('os').system('true') = 1", "9**9**9**9**9 = 1", "2 ^ 99999999 = 1",
])
def test_hostile_solutions_take_no_time(text):
    start = time.process_time()
    assert not steps.verify(problems.problem(HERE, 1, "p2"), text).right
    assert time.process_time() - start < 2


def test_ambiguous_numbers_do_not_explode():
    """Sixty equations of one number have too many readings to try; the checker still ends."""
    question = "There are " + ", ".join(["2"] * 12) + " apples. How many?"
    start = time.process_time()
    steps.check(question, "2 + 2 = 4. " * 55 + "#### 4")
    item = problems.Problem("Ana bakes 2 trays of muffins with 2 muffins on each tray. How many "
                            "muffins does Ana bake?", "", Fraction(2), "muffin_trays", "symbolic")
    steps.verify(item, "2 * 2 / 2 = 2. " * 30 + "#### 2")
    assert time.process_time() - start < 3
