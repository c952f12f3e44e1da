"""The final-answer parser: its confusion on hand-made cases, its laws, and hostile text."""

import json
import time
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from empirical.reasoning.answers import MAX_TEXT, final_answer, number, read_answer, same

DATA = Path(__file__).parents[1] / "data" / "answers" / "final_answers.json"
CASES = json.loads(DATA.read_text())["cases"]
READABLE = {  # what the parser is known to get otherwise than a reader: text -> what it says
    "#### 5 dollars and 50 cents": None,
    "#### 6 ft 2 in": 6,
    "#### 1 / 2": None,
    "There are 12 muffins left on 3 trays.": 3,
    "#### twelve": None,
    "The answer is forty-two.": None,
    "#### a dozen": None,
    "#### half": None,
    "#### two hundred": None,
    "#### \uff14\uff12": None,
    "#### __import__('os').system('echo 1')": 1,
}


def outcome(case):
    want, got = case["value"], final_answer(case["text"])
    want = None if want is None else Fraction(want)
    if want is None:
        return "no number, none read" if got is None else "no number, one read"
    return "read" if got == want else "not read" if got is None else "another read"


def test_the_confusion_on_hand_made_cases():
    """246 cases with the number that a reader takes from them, or none."""
    assert len(CASES) >= 150
    assert len({case["text"] for case in CASES}) == len(CASES)
    assert Counter(map(outcome, CASES)) == {
        "read": 184, "no number, none read": 51,  # right: 235 of 246
        "not read": 8,  # a right answer would be rejected
        "no number, one read": 2, "another read": 1,  # a wrong answer could be accepted
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']}: {case['text'][:40]!a}")
def test_case(case):
    want = READABLE.get(case["text"], case["value"])
    assert final_answer(case["text"]) == (None if want is None else Fraction(want))


@pytest.mark.parametrize(("text", "source"), [
    ("#### 5", "marker"), ("\\boxed{5}", "boxed"), ("The answer is 5", "phrase"),
    ("I count 5", "last"), ("nothing", "none"), ("\\boxed{4} #### 5", "marker"),
    ("The answer is 4. \\boxed{5}", "boxed"), ("It is 4. The answer: 5. I have 7", "phrase"),
])
def test_where_an_answer_is_looked_for(text, source):
    found = read_answer(text)
    assert found.source == source
    assert found.value == (None if source == "none" else 5)


def test_a_strict_reader_wants_the_marker():
    assert final_answer("The answer is 5.", strict=True) is None
    assert final_answer("#### 5", strict=True) == 5
    assert read_answer("5", strict=True).source == "none"


def test_a_marker_that_cannot_be_read_is_not_replaced_by_a_guess():
    assert final_answer("We get 7.\n#### seven") is None


def test_equality_is_exact():
    assert same("#### 7.50", Fraction(15, 2))
    assert same("#### 7.5", Fraction(15, 2))
    assert not same("#### 7.5000001", Fraction(15, 2))
    assert not same("no number", 0)
    assert same("#### 0.1", Fraction(1, 10))


amounts = st.fractions(-10**7, 10**7, max_denominator=1).map(int)


@given(amounts, st.sampled_from(["", "$", "€"]), st.sampled_from(["", " apples", ".", "%", " km"]))
def test_whole_numbers_are_read_however_they_are_dressed(value, before, after):
    sign, size = "-" if value < 0 else "", abs(value)
    for written in (f"{size}", f"{size:,}"):
        for text in (f"{sign}{before}{written}{after}", f"{before}{sign}{written}{after}"):
            assert final_answer(f"Steps 1 + 1 = 2.\n#### {text}") == value
            assert number(text) == value


@given(st.integers(0, 10**6), st.integers(0, 99))
def test_two_decimals_are_read_exactly(whole, cents):
    assert final_answer(f"#### {whole}.{cents:02d}") == Fraction(100 * whole + cents, 100)


@given(st.text(max_size=200))
def test_no_text_breaks_the_parser(text):
    for given_text in (text, f"#### {text}", f"The answer is {text}", f"\\boxed{{{text}"):
        found = read_answer(given_text)
        assert found.value is None or isinstance(found.value, Fraction)


@given(st.text(alphabet="0123456789.,/$%-+ #=eE^x()½\\\n", max_size=80))
def test_no_numerals_break_the_parser(text):
    found = final_answer(f"#### {text}")
    assert found is None or abs(found) < 10**80


HOSTILE = {
    "digits": "9" * 10**5, "commas": "1," * 50_000, "points": ".1" * 50_000,
    "slashes": "1/" * 50_000, "minus": "- " * 50_000, "phrases": "answer " * 15_000,
    "markers": "#### a\n" * 14_000, "boxes": "\\boxed{" * 14_000, "hashes": "#" * 10**5,
    "powers": "1 x 10^" * 4_000, "fractions": "\\frac{1" * 4_000, "sums": "1+" * 10_000 + "=1",
    "separators": "#### 1" + " ," * 40_000 + "a 2", "spaces": "#### 5" + " " * 10**5 + "x",
    "lines": "####" + "\n" * 90_000 + "5", "stars": "*" * 10**5, "numbers": "1 " * 10_000,
    "brackets": "(" * 10**5, "exponent": "#### 1e999999999", "power": "#### 9^999999999",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_takes_no_time(kind):
    """Quadratic patterns take minutes on these; ours take milliseconds."""
    start = time.process_time()
    read_answer(HOSTILE[kind])
    assert time.process_time() - start < 3


def test_only_the_end_of_a_huge_text_is_read():
    start = time.process_time()
    assert final_answer("#### 1 " + "x" * 5 * MAX_TEXT + "\n#### 7") == 7
    assert time.process_time() - start < 3
