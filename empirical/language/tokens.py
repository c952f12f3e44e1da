"""Texts as token numbers, and back.

A model from scratch gets a vocabulary of its own: the words and signs that are frequent in a
corpus, with the spaces around them; whatever is not among them is written byte by byte, so that
every text can be written and read back. A number is written digit by digit, because sums are
learned from digits.
"""

import json
import re
from collections import Counter
from pathlib import Path

from empirical._files import write

__all__ = ["HubTokens", "WordTokens"]

# A word or a sign with the spaces beside it; a digit; one character of anything else.
_PIECE = re.compile(r" ?[^\W\d_]+ ?|\d| ?[^\w\s] ?|.", re.DOTALL)
_MARKS = 3
_FIRST = _MARKS + 256


class WordTokens:
    """A vocabulary of whole pieces over bytes.

    Parameters
    ----------
    pieces : sequence of str
        Beyond the marks and the 256 bytes, in the order of their numbers.

    Attributes
    ----------
    pad, begin, end : int
        Marks: what fills a row, what every prompt begins with, what ends an answer.
    start : tuple of int
        What every prompt begins with.

    Examples
    --------
    >>> tokens = WordTokens.train(["Ann has 12 pens. Ann has 3."], 300)
    >>> tokens.pieces[:2]
    ('Ann ', 'has ')
    >>> tokens.decode(tokens.encode("Ann has 31 µg."))
    'Ann has 31 µg.'
    >>> len(tokens.encode("Ann has 31"))
    4
    """

    pad, begin, end = range(_MARKS)
    start = (1,)

    def __init__(self, pieces):
        self.pieces = tuple(pieces)
        spelled = [b"", b"", b""] + [bytes([n]) for n in range(256)]
        spelled += [piece.encode() for piece in self.pieces]
        self._spelled = spelled
        self._numbers = {piece: (_FIRST + n,) for n, piece in enumerate(self.pieces)}
        if len(self._numbers) != len(self.pieces) or not all(self.pieces):
            raise ValueError("pieces = not distinct: must be texts that differ, none empty")

    @classmethod
    def train(cls, texts, size):
        """Return the vocabulary of at most `size` tokens made from texts.

        The most frequent pieces are taken, of equally frequent ones the first by alphabet.
        """
        counts = Counter()
        for text in texts:
            counts.update(_PIECE.findall(text))
        longer = [piece for piece in counts if len(piece.encode()) > 1]
        longer.sort(key=lambda piece: (-counts[piece], piece))
        return cls(longer[: max(0, size - _FIRST)])

    @property
    def size(self):
        """How many tokens there are."""
        return len(self._spelled)

    def encode(self, text):
        """Return the tokens of a text, a list of int."""
        made = []
        for piece in _PIECE.findall(text):
            found = self._numbers.get(piece)
            if found is None:
                found = tuple(_MARKS + byte for byte in piece.encode())
                self._numbers[piece] = found
            made.extend(found)
        return made

    def decode(self, numbers):
        """Return the text of tokens; marks are left out, and bytes that are no text replaced."""
        return b"".join(self._spelled[number] for number in numbers).decode(errors="replace")

    def save(self, path):
        """Write the vocabulary as JSON."""
        write(path, (json.dumps({"pieces": self.pieces}, ensure_ascii=False) + "\n").encode())

    @classmethod
    def load(cls, path):
        """Return the vocabulary that `save` wrote.

        Raises
        ------
        ValueError
            When the file is none.
        """
        try:
            pieces = json.loads(Path(path).read_text())["pieces"]
            if not all(isinstance(piece, str) for piece in pieces):
                raise TypeError
            return cls(pieces)
        except (OSError, ValueError, KeyError, TypeError):
            raise ValueError(f"{path}: is not a vocabulary") from None


class HubTokens:
    """The vocabulary of a pre-trained model.

    Parameters
    ----------
    tokenizer : transformers tokenizer
        Its own.
    """

    def __init__(self, tokenizer):
        self._tokenizer = tokenizer
        if tokenizer.eos_token_id is None:
            raise ValueError("weights = without an end token: must come with a tokenizer that has "
                             "one")
        self.end = tokenizer.eos_token_id
        self.pad = self.end if tokenizer.pad_token_id is None else tokenizer.pad_token_id
        begin = tokenizer.bos_token_id if getattr(tokenizer, "add_bos_token", False) else None
        self.start = () if begin is None else (begin,)

    @property
    def size(self):
        """How many tokens there are."""
        return len(self._tokenizer)

    def encode(self, text):
        """Return the tokens of a text, a list of int."""
        return self._tokenizer.encode(text, add_special_tokens=False)

    def decode(self, numbers):
        """Return the text of tokens; marks are left out."""
        return self._tokenizer.decode(
            [int(number) for number in numbers], skip_special_tokens=True,
            clean_up_tokenization_spaces=False,
        )
