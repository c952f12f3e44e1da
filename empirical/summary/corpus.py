"""The articles of a run: which there are, what may be trained on, and in which tokens.

A corpus is a fixed set of articles with reference summaries, like a published data set: it
depends on the config alone, not on the seed of a run. Reports that the generator writes are as
many as are asked for; data of others are cut to that number.
"""

import functools
import re
from dataclasses import dataclass

from empirical.streams import Streams
from empirical.summary import news
from empirical.summary.reports import reports

__all__ = ["Corpus", "corpus", "other_texts", "words_of"]

SPLITS = ("train", "test")
VOCABULARY = 5_000  # texts that an own vocabulary is made from
_SENTENCE = re.compile(r'(?<=[.!?])"? (?=["A-Z0-9])')


@dataclass(frozen=True, slots=True)
class Corpus:
    """Articles with reference summaries.

    Attributes
    ----------
    articles, references : tuple of str
        One each.
    valid : tuple of tuples of str
        All summaries of each article that would do; empty where only the reference is known.
    kinds : tuple of int
        Number of each article's kind; 0 where none is known.
    """

    articles: tuple
    references: tuple
    valid: tuple
    kinds: tuple


@functools.lru_cache(maxsize=4)
def corpus(source, seed, split, size):
    """Return the :class:`Corpus` of a split.

    Parameters
    ----------
    source : str
        Empty for reports that are made up, else as in :func:`empirical.summary.news.read`.
    seed : int
        Of the reports, or of the choice among the source's articles.
    split : str
        "train" or "test".
    size : int
        How many articles.

    Raises
    ------
    ValueError
        When the source has fewer, or for another split.
    """
    if split not in SPLITS:
        raise ValueError(f"split = {split!r}: must be one of {', '.join(SPLITS)}")
    if not source:
        made = reports(_streams(seed, split), range(size))
        return Corpus(tuple(r.article for r in made), tuple(r.summary for r in made),
                      tuple(r.summaries for r in made), tuple(r.kind for r in made))
    pairs = news.read(source, split)
    if len(pairs) < size:
        raise ValueError(f"{'corpus' if split == 'train' else 'test'} = {size}: {source} has "
                         f"{len(pairs)} articles to {split}")
    order = _streams(seed, split).numpy().permutation(len(pairs))[:size]
    articles, references = zip(*(pairs[place] for place in order))
    return Corpus(articles, references, (), (0,) * size)


def _streams(seed, split):
    return Streams(seed).child("corpus", split)


@functools.lru_cache(maxsize=2)
def other_texts(source, seed, size):
    """Return pairs of texts to pre-train on, which hold no reference.

    Of made-up reports: a report that is not in the corpus, and another one of the same event, in
    other words. Of others' articles: an article without one of its sentences, and that sentence.
    """
    streams = _streams(seed, "other")
    if not source:
        return tuple((r.article, r.retold) for r in reports(streams, range(size)))
    chosen = streams.child("which").uniform(range(size), 1)[:, 0]
    articles = [article for article, _ in news.read(source, "train")]
    return tuple(_without(articles[i % len(articles)], u) for i, u in enumerate(chosen))


def _without(article, uniform):
    """Return an article without one of its sentences, and that sentence."""
    sentences = _SENTENCE.split(article)
    gone = int(uniform * len(sentences))
    rest = " ".join(sentences[:gone] + sentences[gone + 1:])
    return rest or article, sentences[gone]


def words_of(source, seed):
    """Return the texts that an own vocabulary is made from: articles and their references."""
    size = VOCABULARY if not source else min(VOCABULARY, len(news.read(source, "train")))
    texts = corpus(source, seed, "train", size)
    return (*texts.articles, *texts.references)
