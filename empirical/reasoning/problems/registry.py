"""The list of templates: each is a function of a story, and says whether it is short or held out.
"""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["CATALOGUE", "Template", "template"]

CATALOGUE = {}


@dataclass(frozen=True, slots=True)
class Template:
    """A way of telling a problem.

    Attributes
    ----------
    name : str
        Unique.
    tell : callable
        tell(story) tells it to a :class:`~empirical.reasoning.problems.story.Story`.
    short : bool
        Whether it is easy enough for a model of few parameters: small numbers, few words.
    held_out : bool
        Whether no training problem comes from it.
    """

    name: str
    tell: Callable
    short: bool
    held_out: bool


def template(short=False, held_out=False):
    """Return a decorator that adds a function to the catalogue, under its own name."""
    def add(tell):
        name = tell.__name__
        if name in CATALOGUE:
            raise ValueError(f"template = {name!r}: must not be there twice")
        CATALOGUE[name] = Template(name, tell, short, held_out)
        return tell

    return add
