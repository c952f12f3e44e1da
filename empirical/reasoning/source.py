"""Where problems come from: templates of our own, a folder of GSM-Symbolic templates, or GSM8K.

Every source has the same parts:

    levels      names of its difficulties
    splits      "train", and which of "values" and "templates" there are to test on
    templates   names of all templates that a problem can be of
    steps       whether the steps of a solution can be checked
    problems(split, streams, indices, levels) -> list of Problem
"""

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from empirical.reasoning import symbolic
from empirical.reasoning.gsm8k import read_gsm8k
from empirical.reasoning.problems import (
    DIFFICULTIES,
    SPLITS,
    catalogue,
    problems,
    template_names,
)

__all__ = ["Folder", "Gsm8k", "Own", "source_of"]


@functools.lru_cache(maxsize=8)
def source_of(data, templates=("all",)):
    """Return the source that a config names.

    Parameters
    ----------
    data : str
        "own", a folder of GSM-Symbolic templates, or a folder, file or hub id of GSM8K.
    templates : tuple of str
        Of our own: which.

    Raises
    ------
    ValueError
        When there is none, or it has no such templates.
    """
    if data == "own":
        return Own(templates[0] if len(templates) == 1 else templates)
    path = Path(data).expanduser()
    if path.is_dir() and not (path / "train.jsonl").is_file():
        return Folder(symbolic.load(path))
    return Gsm8k(data)


@dataclass(frozen=True)
class Own:
    """Templates of our own.

    Attributes
    ----------
    chosen : str or tuple of str
        "all", "short", or names.
    """

    chosen: str | tuple

    levels = DIFFICULTIES
    steps = True

    def __post_init__(self):
        template_names("train", self.chosen)  # refuses a name that is unknown

    @property
    def splits(self):
        """Without "templates" where none of them is held out."""
        held = any(entry.held_out for name, entry in catalogue().items()
                   if self.chosen in ("all", "short") or name in self.chosen)
        return SPLITS if held else SPLITS[:2]

    @property
    def templates(self):
        """Names of all templates that a problem can be of."""
        return tuple(catalogue())

    def problems(self, split, streams, indices, levels="symbolic"):
        """Return problems number `indices` of a split and stream, of the given difficulties."""
        return problems(streams, indices, levels, split, self.chosen)


class Folder:
    """GSM-Symbolic templates; those that cannot be used are in `skipped`, with the reason."""

    levels = DIFFICULTIES
    steps = False

    def __init__(self, library):
        self._library, self.skipped = library, library.skipped
        self.templates = tuple(library.templates)

    @property
    def splits(self):
        """Without "templates" where some difficulty has none held out."""
        entries = self._library.templates.values()
        held = {entry.difficulty for entry in entries if entry.held_out}
        return SPLITS if held >= set(DIFFICULTIES) else SPLITS[:2]

    def problems(self, split, streams, indices, levels="symbolic"):
        """Return problems number `indices` of a split and stream, of the given difficulties."""
        return self._library.problems(streams, indices, levels, split)


class Gsm8k:
    """GSM8K: train problems are drawn anew each time, test problems are those of its test split.
    """

    levels = ("gsm8k",)
    splits = SPLITS[:2]
    steps = False
    templates = ("gsm8k",)

    def __init__(self, data):
        self._train, self._test = (read_gsm8k(data, split) for split in ("train", "test"))

    def problems(self, split, streams, indices, levels="gsm8k"):
        """Return problems number `indices` of a split and stream."""
        if split == "train":
            shares = streams.child("problem").uniform(indices, 1)[:, 0]
            return [self._train[int(share * len(self._train))] for share in shares]
        if len(indices) and max(indices) >= len(self._test):
            raise ValueError(f"test = {max(indices) + 1}: must be at most {len(self._test)}, the "
                             "test problems of GSM8K")
        order = streams.child("problem").numpy().permutation(len(self._test))
        return [self._test[place] for place in order[np.asarray(indices)]]
