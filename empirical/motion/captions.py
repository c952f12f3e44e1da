"""Captions as numbers: words are looked up in a vocabulary, one row of places a caption."""

import re
from dataclasses import dataclass

import numpy as np

__all__ = ["PLACES", "UNKNOWN", "Vocabulary", "check_caption", "words_of"]

PLACES = 20  # words of a caption that count
UNKNOWN = 1  # 0 stands for no word


def words_of(caption):
    """Return the words of a caption in small letters.

    Examples
    --------
    >>> words_of("Someone's hand, the LEFT one, waves.")
    ["someone's", 'hand', 'the', 'left', 'one', 'waves']
    """
    return re.findall(r"[^\W_]+(?:'[^\W_]+)?", caption.lower())


def check_caption(caption, name="caption"):
    """Return a caption, without spaces at its ends.

    Raises
    ------
    ValueError
        When it holds no word.
    """
    if not isinstance(caption, str) or not words_of(caption):
        raise ValueError(f"{name} = {caption!r}: must hold a word")
    return caption.strip()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that have a number of their own: 2, 3, ...

    Attributes
    ----------
    words : tuple of str
        In order.
    """

    words: tuple

    @classmethod
    def of(cls, captions, more=()):
        """Return the vocabulary of all words in captions, and of `more`, sorted."""
        found = {word for caption in captions for word in words_of(caption)}
        return cls(tuple(sorted(found | set(more))))

    @property
    def size(self):
        """Numbers that a word may have, those of no word and of unknown words among them."""
        return len(self.words) + 2

    def encode(self, captions, places=PLACES):
        """Return captions as int64 (n, places): 0 after the end; what does not fit is left out.

        Raises
        ------
        ValueError
            For a caption without a word.
        """
        known = {word: number for number, word in enumerate(self.words, start=2)}
        rows = np.zeros((len(captions), places), dtype=np.int64)
        for row, caption in zip(rows, captions):
            words = words_of(check_caption(caption))[:places]
            row[: len(words)] = [known.get(word, UNKNOWN) for word in words]
        return rows

    def decode(self, row):
        """Return the words of one row, "?" for unknown ones, as text."""
        return " ".join("?" if n == UNKNOWN else self.words[n - 2] for n in row if n)
