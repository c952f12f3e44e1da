"""Problems by number: which template, which words and numbers, is decided by stream and index."""

import hashlib
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from empirical.reasoning.arithmetic import Number
from empirical.reasoning.problems import (
    baking,
    buying,
    family,
    farm,
    home,
    school,
    travel,
    work,
)
from empirical.reasoning.problems.registry import CATALOGUE
from empirical.reasoning.problems.story import Redraw, Story

__all__ = [
    "DIFFICULTIES", "MIXTURE", "SPLITS", "Problem", "catalogue", "mixture", "problem", "problems",
    "sibling", "template_names",
]

DIFFICULTIES = ("symbolic", "p1", "p2")
SPLITS = ("train", "values", "templates")
MIXTURE = (7, 2, 1)
MODULES = (baking, buying, family, farm, home, school, travel, work)

DRAWS = 40  # uniform numbers that a story may use
ATTEMPTS = 2000
HELD_OUT = 5  # one in so many combinations of numbers is held out


@dataclass(frozen=True, slots=True)
class Problem:
    """A word problem with its worked solution.

    Attributes
    ----------
    question : str
        Some sentences; the last one asks for a number.
    solution : str
        Sentences with one equation each, "Ana bakes 3 * 4 = 12 muffins.", and a last line with
        the answer, "#### 12".
    answer : Number
        Exact: whole or with two decimals; its text is how we write it.
    template : str
        Which one told it.
    difficulty : str
        "symbolic", "p1" or "p2": none, one or two clauses more.
    """

    question: str
    solution: str
    answer: Fraction
    template: str
    difficulty: str


def catalogue():
    """Return the templates by name, :class:`~empirical.reasoning.problems.registry.Template` s.
    """
    return dict(sorted(CATALOGUE.items()))


def template_names(split="train", templates="all"):
    """Return the names of the templates that a split draws from.

    Parameters
    ----------
    split : str
        "train" and "values" draw from the training templates, "templates" from those held out.
    templates : str or sequence of str
        "all", "short" (for small models), or the names of some; those of the other splits among
        them are left out.

    Raises
    ------
    ValueError
        When there is no such split or template, or none is left.
    """
    _one_of("split", split, SPLITS)
    known = catalogue()
    if templates == "short":
        chosen = [name for name, entry in known.items() if entry.short]
    elif templates == "all":
        chosen = list(known)
    else:
        chosen = sorted({templates} if isinstance(templates, str) else set(templates))
        for name in chosen:
            if name not in known:
                raise ValueError(f"template = {name!r}: must be all, short, or one of "
                                 f"{', '.join(known)}")
    held = split == "templates"
    names = tuple(name for name in chosen if known[name].held_out == held)
    if not names:
        raise ValueError(f"templates = {templates!r}: has none for the split {split!r}")
    return names


def problem(streams, index, difficulty="symbolic", split="train", templates="all"):
    """Return problem number `index` of a stream.

    Parameters
    ----------
    streams : Streams
        Where the words and numbers come from (:class:`empirical.streams.Streams`).
    index : int
        Which one, >= 0.
    difficulty : str
        "symbolic", "p1" or "p2".
    split : str
        "train"; "values": training templates with combinations of numbers that no training
        problem has; "templates": templates that no training problem comes from.
    templates : str or sequence of str
        As in :func:`template_names`.

    Returns
    -------
    Problem

    Raises
    ------
    ValueError
        When there is no such difficulty, split or template.
    """
    return problems(streams, [index], difficulty, split, templates)[0]


def problems(streams, indices, difficulty="symbolic", split="train", templates="all"):
    """Return the problems number `indices` of a stream, a list; see :func:`problem`.

    Parameters
    ----------
    difficulty : str or sequence of str
        One for all, or one for each.
    """
    names = template_names(split, templates)
    indices = np.asarray(indices, dtype=np.int64)
    levels = [difficulty] * len(indices) if isinstance(difficulty, str) else list(difficulty)
    if len(levels) != len(indices):
        raise ValueError(f"difficulty = {len(levels)} words: must be one, or one an index "
                         f"({len(indices)})")
    for level in set(levels):
        _one_of("difficulty", level, DIFFICULTIES)
    which = streams.child("template").uniform(indices, 1)[:, 0]
    told = [names[int(share * len(names))] for share in which]
    return _told(streams, indices, told, levels, split)


def _told(streams, indices, names, levels, split):
    """Return a problem of each template at each difficulty; anew until its numbers fit."""
    found, missing = [None] * len(indices), list(range(len(indices)))
    for attempt in range(ATTEMPTS):
        rows = streams.child("words", attempt).uniform(indices[missing], DRAWS)
        for place, row in zip(missing, rows):
            found[place] = _try(names[place], levels[place], row.tolist(), split)
        missing = [place for place in missing if found[place] is None]
        if not missing:
            return found
    raise ValueError(f"template = {names[missing[0]]!r}: found no numbers in {ATTEMPTS} attempts")


def _try(name, level, uniforms, split):
    """Return the problem that these uniform numbers tell, or None if it does not fit."""
    story = Story(uniforms, DIFFICULTIES.index(level))
    try:
        CATALOGUE[name].tell(story)
    except Redraw:
        return None
    if split != "templates" and _held_out(name, story.core) != (split == "values"):
        return None
    question = " ".join([*story.sentences, story.question])
    solution = " ".join(story.steps) + f"\n#### {story.answer}"
    return Problem(question, solution, Number(story.answer), name, level)


def _held_out(name, numbers):
    """Return whether a template's first numbers, those without extra clauses, are held out.

    The same numbers are held out at each difficulty.
    """
    text = f"{name}:{','.join(map(str, numbers))}"
    return hashlib.sha256(text.encode()).digest()[0] % HELD_OUT == 0


def mixture(streams, indices, weights=MIXTURE):
    """Return a difficulty for each index, drawn with the given weights (7:2:1).

    Raises
    ------
    ValueError
        When the weights are not three numbers >= 0 that are not all 0.
    """
    weights = np.asarray(weights, dtype=float)
    if weights.shape != (len(DIFFICULTIES),) or not (weights >= 0).all() or not weights.sum() > 0 \
            or not np.isfinite(weights).all():
        raise ValueError(f"weights = {weights.tolist()}: must be {len(DIFFICULTIES)} numbers >= 0 "
                         "with a sum > 0")
    shares = streams.child("difficulty").uniform(np.asarray(indices, dtype=np.int64), 1)[:, 0]
    places = np.searchsorted(np.cumsum(weights / weights.sum()), shares, side="right")
    return [DIFFICULTIES[min(place, 2)] for place in places]


def sibling(item, streams, index):
    """Return problem number `index` of the same template and difficulty, of whatever split."""
    indices = np.asarray([index], dtype=np.int64)
    return _told(streams, indices, [item.template], [item.difficulty], "templates")[0]


def _one_of(name, value, allowed):
    if value not in allowed:
        raise ValueError(f"{name} = {value!r}: must be one of {', '.join(allowed)}")
