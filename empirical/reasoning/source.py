"""Where problems come from: templates of our own."""

from dataclasses import dataclass

from empirical.reasoning.problems import SPLITS, catalogue, problems, template_names

__all__ = ["Own", "source_of"]


def source_of(data, templates):
    """Return the source that a config names.

    Raises
    ------
    ValueError
        When there is none, or it has no such templates.
    """
    if data == "own":
        return Own(templates[0] if len(templates) == 1 else templates)
    raise ValueError(f"data = {data!r}: must be own")


@dataclass(frozen=True, slots=True)
class Own:
    """Templates of our own; every source has these methods.

    Attributes
    ----------
    chosen : str or tuple of str
        "all", "short", or names.
    """

    chosen: str | tuple

    steps = True  # whether the steps of a solution can be checked

    @property
    def splits(self):
        """The splits that there are: without "templates" where none of them is held out."""
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

    def __post_init__(self):
        template_names("train", self.chosen)  # refuses a name that is unknown
