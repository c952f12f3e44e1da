"""ROUGE: equal to the rouge_score package, on any texts and on real ones."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from empirical.summary.rouge import common_subsequence, rouge, words

NEWS = Path(__file__).resolve().parents[3] / "shared" / "data" / "news"
SYSTEMS = ("lead", "ext_oracle", "ptgen", "convs2s", "topic_convs2s")
# As the authors of XSum published them, by the original program with stemming.
PUBLISHED = {
    "lead": (16.30, 1.60, 11.95), "ext_oracle": (29.79, 8.81, 22.66),
    "ptgen": (29.70, 9.21, 23.24), "convs2s": (31.27, 11.07, 25.23),
    "topic_convs2s": (31.89, 11.54, 25.75),
}
NAMES = ("precision", "recall", "fmeasure")


@pytest.fixture(scope="module")
def theirs():
    """The package's own scores: theirs(prediction, reference, stem) -> by kind, three numbers."""
    scorer = pytest.importorskip("rouge_score.rouge_scorer")
    kinds = ["rouge1", "rouge2", "rouge3", "rougeL"]
    made = {stem: scorer.RougeScorer(kinds, use_stemmer=stem) for stem in (False, True)}

    def score(prediction, reference, stem=False):
        found = made[stem].score(reference, prediction)
        return {kind[5:]: tuple(found[kind]) for kind in kinds}

    return score


@pytest.fixture(scope="module")
def outputs():
    place = NEWS / "xsum_test_systems.jsonl.gz"
    if not place.is_file():
        pytest.skip(f"{place} is not here")
    with gzip.open(place, "rt") as lines:
        return [json.loads(line) for line in lines]


def require_equal(predictions, references, theirs, stem=None):
    ours = rouge(predictions, references, ("1", "2", "3", "L"), stem)
    for i, pair in enumerate(zip(predictions, references)):
        for kind, expected in theirs(*pair, stem is not None).items():
            assert tuple(getattr(ours[kind], name)[i] for name in NAMES) == expected, (pair, kind)


few = st.lists(st.sampled_from(["the", "The", "cat's", "dog", "3-1", "--", "ran", "É", "running"]))
texts = st.one_of(few.map(" ".join), st.text(max_size=40))


class TestAgainstThePackage:
    @given(st.lists(st.tuples(texts, texts), max_size=6))
    @example([("", ""), ("", "a"), ("a", ""), ("a a b", "a b b a"), ("a b", "a b")])
    def test_any_texts(self, theirs, pairs):
        require_equal(*(zip(*pairs) if pairs else ((), ())), theirs)

    @given(st.lists(st.tuples(few.map(" ".join), few.map(" ".join)), max_size=4))
    def test_stemmed(self, theirs, pairs):
        porter = pytest.importorskip("nltk.stem.porter").PorterStemmer()
        require_equal(*(zip(*pairs) if pairs else ((), ())), theirs, porter.stem)

    @pytest.mark.parametrize("system", SYSTEMS)
    def test_real_outputs(self, outputs, theirs, system):
        rows = outputs[:: len(outputs) // 400]
        require_equal([row[system] for row in rows], [row["reference"] for row in rows], theirs)


@pytest.mark.parametrize("system", ["lead", "topic_convs2s"])
def test_published_scores(outputs, system):
    import functools

    porter = pytest.importorskip("nltk.stem.porter").PorterStemmer()
    found = rouge([row[system] for row in outputs], [row["reference"] for row in outputs],
                  stem=functools.cache(porter.stem))
    for kind, published in zip("12L", PUBLISHED[system]):
        assert 100 * found[kind].fmeasure.mean() == pytest.approx(published, abs=0.35)


def test_by_hand():
    found = rouge(["the cat the cat sat", "no"], ["the cat sat on the mat", "yes"])
    assert found["1"].precision[0] == 4 / 5  # the, cat, the, sat
    assert found["1"].recall[0] == 4 / 6
    assert found["2"].precision[0] == 2 / 4
    assert found["L"].recall[0] == 3 / 6
    for kind in "12L":
        assert found[kind].fmeasure[1] == 0
    assert found["1"].fmeasure[0] == pytest.approx(2 * 0.8 * (2 / 3) / (0.8 + 2 / 3))


@given(st.text("abc", max_size=150), st.text("abc", max_size=150))
def test_common_subsequence_is_that_of_the_table(first, second):
    lengths = np.zeros((len(first) + 1, len(second) + 1), dtype=int)
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            lengths[i + 1, j + 1] = (lengths[i, j] + 1 if a == b
                                     else max(lengths[i, j + 1], lengths[i + 1, j]))
    assert common_subsequence(first, second) == lengths[-1, -1]


def test_texts_do_not_mix():
    """A pair's scores do not depend on the other pairs."""
    pairs = [("a b c", "c b a"), ("b b", "b"), ("", "x"), ("a b", "a b c")]
    together = rouge(*zip(*pairs))
    for i, (prediction, reference) in enumerate(pairs):
        alone = rouge([prediction], [reference])
        for kind in alone:
            assert alone[kind].fmeasure[0] == together[kind].fmeasure[i]


def test_words_and_mistakes():
    assert words("Ünï 12,000—x_y") == ["n", "12", "000", "x", "y"]
    with pytest.raises(ValueError, match="predictions = 1: must be as many as references, 2"):
        rouge(["a"], ["b", "c"])
    for kind in ("0", "12", "LCS", ""):
        with pytest.raises(ValueError, match="kind = "):
            rouge(["a"], ["b"], [kind])
