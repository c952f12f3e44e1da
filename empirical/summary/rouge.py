"""ROUGE-1, -2 and -L of many pairs of texts at once (Lin 2004).

Words are as in the `rouge_score` package: lower case, and runs of a-z and 0-9. The numbers are
the same as that package's; n-grams are counted for all pairs together, and the longest common
subsequence is found 64 and more words at a time, in the bits of whole numbers.
"""

import re
from dataclasses import dataclass

import numpy as np

__all__ = ["KINDS", "Scores", "common_subsequence", "rouge", "words"]

KINDS = ("1", "2", "L")
_WORD = re.compile("[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of n pairs.

    Attributes
    ----------
    precision : array, (n,)
        Share of the prediction that the reference has too; 0 for an empty prediction.
    recall : array, (n,)
        Share of the reference that the prediction has too; 0 for an empty reference.
    fmeasure : array, (n,)
        Their harmonic mean, 0 where both are 0.
    """

    precision: np.ndarray
    recall: np.ndarray
    fmeasure: np.ndarray


def words(text, stem=None):
    """Return the words of a text that ROUGE counts.

    Parameters
    ----------
    text : str
        A text.
    stem : callable, optional
        stem(word) -> word, used on words of more than three letters, as the Porter stemmer was in
        the original program.

    Examples
    --------
    >>> words("It's 3-1: City won!")
    ['it', 's', '3', '1', 'city', 'won']
    """
    found = _WORD.findall(text.lower())
    return [stem(w) if len(w) > 3 else w for w in found] if stem else found


def rouge(predictions, references, kinds=KINDS, stem=None):
    """Return the :class:`Scores` of each prediction against its own reference, by kind.

    Parameters
    ----------
    predictions, references : sequence of str, n each
        Texts.
    kinds : sequence of str
        Of "1", "2", ... (n-grams up to 9) and "L".
    stem : callable, optional
        As in :func:`words`; none by default.

    Returns
    -------
    dict of str to Scores

    Raises
    ------
    ValueError
        When the numbers of texts differ, or for another kind.

    Examples
    --------
    >>> found = rouge(["the cat sat"], ["the cat sat down"])
    >>> found["1"].precision[0], found["1"].recall[0], found["L"].recall[0]
    (1.0, 0.75, 0.75)
    """
    predictions, references = list(predictions), list(references)
    if len(predictions) != len(references):
        raise ValueError(f"predictions = {len(predictions)}: must be as many as references, "
                         f"{len(references)}")
    number = {}
    made, true = ([[number.setdefault(word, len(number)) for word in words(text, stem)]
                   for text in texts] for texts in (predictions, references))
    return {kind: _scores(kind, made, true, len(number)) for kind in kinds}


def _scores(kind, made, true, size):
    if kind == "L":
        common = np.array([common_subsequence(a, b) for a, b in zip(made, true)], dtype=float)
        return _rates(common, _lengths(made), _lengths(true))
    if not (kind in "123456789" and len(kind) == 1):
        raise ValueError(f"kind = {kind!r}: must be 1 to 9, or L")
    n = int(kind)
    common = _common_ngrams(made, true, n, size)
    return _rates(common, *(np.maximum(_lengths(t) - (n - 1), 0) for t in (made, true)))


def _lengths(texts):
    return np.array([len(text) for text in texts], dtype=np.int64)


def _rates(common, made, true):
    """Return the scores of counts of what is common, in the predictions, in the references."""
    precision, recall = common / np.maximum(made, 1), common / np.maximum(true, 1)
    both = precision + recall
    mean = np.where(both > 0, 2 * precision * recall / np.where(both > 0, both, 1.0), 0.0)
    return Scores(precision, recall, mean)


def _common_ngrams(made, true, n, size):
    """Return how many n-grams the two texts of each pair share, each as often as both have it."""
    pairs, grams = zip(*(_ngrams(texts, n) for texts in (made, true)))
    kinds, place = np.unique(np.concatenate(grams), axis=0, return_inverse=True)
    keys = np.concatenate(pairs) * len(kinds) + place.reshape(-1)
    cut = len(grams[0])
    (left, first), (right, second) = (
        np.unique(part, return_counts=True) for part in (keys[:cut], keys[cut:]))
    same, i, j = np.intersect1d(left, right, assume_unique=True, return_indices=True)
    weights = np.minimum(first[i], second[j])
    return np.bincount(same // max(len(kinds), 1), weights, minlength=len(made))


def _ngrams(texts, n):
    """Return all n-grams: which text each is of (m,), and its words (m, n)."""
    counts = np.maximum(_lengths(texts) - (n - 1), 0)
    flat = np.array([word for text in texts for word in text], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(_lengths(texts))[:-1]]) if len(texts) else counts
    pairs = np.repeat(np.arange(len(texts)), counts)
    inside = np.arange(len(pairs)) - np.repeat(np.cumsum(counts) - counts, counts)
    first = starts[pairs] + inside if len(texts) else pairs
    return pairs, flat[first[:, None] + np.arange(n)]


def common_subsequence(first, second):
    """Return the length of the longest common subsequence of two sequences.

    Row after row of the table of lengths is held in one whole number, whose zero bits are the
    columns where the length grows (Crochemore et al. 2001).

    Examples
    --------
    >>> common_subsequence("summary", "marsupial")
    3
    """
    places = {}
    for column, item in enumerate(first):
        places[item] = places.get(item, 0) | 1 << column
    full = (1 << len(first)) - 1
    row = full
    for item in second:
        same = row & places.get(item, 0)
        row = ((row + same) | (row - same)) & full
    return len(first) - row.bit_count()
