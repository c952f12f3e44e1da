"""The generator of reports: what they depend on, and that they read as they should."""

import re
import string
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from empirical.streams import Streams
from empirical.summary.draw import WIDTH, Draw, counted
from empirical.summary.kinds import KINDS
from empirical.summary.reports import reports, write
from empirical.summary.rouge import rouge, words

# What a summary says in other words than the report, which tells it all the same.
INFERRED = {
    ("drawn", "goals"), ("match", "more"), ("match", "less"), ("plan", "verdict"),
    ("plan", "done"), ("crash", "has"), ("profit", "did"), ("profit", "noun"), ("fire", "has"),
    ("prize", "role"),
}


@pytest.fixture(scope="module")
def many():
    return reports(Streams(1), range(4000))


def test_a_report_depends_on_its_number_and_stream_alone(many):
    assert reports(Streams(1), [7, 3, 7]) == [many[7], many[3], many[7]]
    assert reports(Streams(2), range(50)) != many[:50]
    assert len({r.article for r in many}) > 3990


def test_kinds(many):
    assert len(KINDS) >= 30
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    seen = Counter(r.kind for r in many)
    expected = len(many) / len(KINDS)
    assert set(seen) == set(range(len(KINDS)))
    assert max(abs(n - expected) for n in seen.values()) < 5 * expected**0.5


def test_sizes(many):
    articles, summaries = (np.array([len(words(text)) for text in texts]) for texts in (
        [r.article for r in many], [r.summary for r in many]))
    assert 35 < articles.mean() < 50
    assert articles.min() >= 18
    assert articles.max() <= 70
    assert 10 < summaries.mean() < 15
    assert summaries.max() <= 22


def test_the_vocabulary_is_small(many):
    assert len({word for r in many for word in words(f"{r.article} {r.summary}")}) < 2000


def test_the_reference_is_one_of_several(many):
    for r in many[:500]:
        assert r.summary in r.summaries
        assert 3 <= len(set(r.summaries)) == len(r.summaries)
    taken = Counter(r.summaries.index(r.summary) for r in many if len(r.summaries) == 4)
    assert min(taken.values()) > 0.2 * sum(taken.values())


def test_no_way_to_copy(many):
    """The reference is no part of the report; its beginning scores far below another summary."""
    assert not any(r.summary.rstrip(".") in r.article for r in many)
    sentences = [r.article.split(". ")[0] for r in many]
    others = [r.summaries[(r.summaries.index(r.summary) + 1) % len(r.summaries)] for r in many]
    references = [r.summary for r in many]
    lead, other = (rouge(texts, references, "1")["1"].fmeasure for texts in (sentences, others))
    assert lead.mean() < 0.45
    assert 0.4 < other.mean() < 0.75
    assert other.std() > 0.1


def test_what_summaries_tell_is_told():
    """Each fact of each summary is in the report, word for word but for what can be inferred."""
    missing = set()
    for row in Streams(3).uniform(range(1500), WIDTH):
        draw = Draw(row)
        kind = KINDS[draw.number(0, len(KINDS) - 1)]
        chosen = [draw.pick(ways) for ways in kind.body]
        draw.pick(kind.summaries)
        facts = kind.facts(draw)
        article = " ".join(way.format_map(facts) for way in chosen).lower()
        named = {name for way in kind.summaries for _, name, _, _ in string.Formatter().parse(way)}
        missing |= {(kind.name, n) for n in named - {None} if facts[n].lower() not in article}
    assert missing == INFERRED


def test_english(many):
    """Slips that templates make: articles, doubled spaces, braces, capitals, plurals of one."""
    for r in many:
        for text in (r.article, *r.summaries, r.retold):
            assert not re.search(r"[{}]|  | [.,]|\b[Aa] (?!uni)[aeiou]", text), text
            assert not re.search(r"\b[Oo]ne (?!was|has)\w+s\b", text), text
            assert not re.search(r"[a-z,] (An?|Two|Train|Shareholders)\b", text), text
            assert re.match(r'"?[A-Z0-9]', text), text
            assert re.search(r'[.]"?$', text), text


def test_retold_in_other_words(many):
    """Another report of the same event shares facts, but no sentence."""
    split = re.compile(r"(?<=[.]) ")
    for r in many[:500]:
        assert not set(split.split(r.retold)) & set(split.split(r.article))
    shared, other = (
        rouge([r.retold for r in many[:500]], texts, "1")["1"].fmeasure.mean()
        for texts in ([r.article for r in many[:500]], [r.article for r in many[500:1000]]))
    assert shared > other + 0.3


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=WIDTH, max_size=WIDTH))
def test_every_row_of_numbers_makes_a_report(row):
    made = write(row)
    assert made == write(row)
    assert made.summary.endswith(".")


def test_draws():
    draw = Draw(np.linspace(0, 0.999, 200))
    assert draw.number(3, 9) == 3
    assert {Draw([u]).number(10, 30, 10) for u in np.linspace(0, 0.999, 50)} == {10, 20, 30}
    assert len({draw.place() for _ in range(40)}) == 40  # never the same twice
    assert counted(0, "goal") == "no goals"
    assert counted(1500, "mile") == "1,500 miles"
