"""How like two columns of numbers are, a paper's and ours: the same order, and the same size."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Agreement", "agreement"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Ours against a paper's numbers.

    Attributes
    ----------
    numbers : int
        How many have both.
    pairs, alike : int
        Pairs of numbers that differ in both columns, and those that differ in the same direction.
    ratio : float
        Median of ours over theirs; nan where theirs are not positive.
    """

    numbers: int
    pairs: int
    alike: int
    ratio: float

    def __str__(self):
        """Say it in a sentence."""
        share = f"; {self.alike} of {self.pairs} pairs in the same order" if self.pairs else ""
        size = "" if np.isnan(self.ratio) else f"; ours are {self.ratio:.2g} times theirs (median)"
        return f"{self.numbers} printed numbers have ours beside them{share}{size}"


def agreement(frame):
    """Return the Agreement of a table's columns `published` and `ours`; None without numbers.

    Pairs are those within a column of the paper's table: what stands in the other labels that
    both rows share, `level` or `reading` and `tolerance`.
    """
    if not {"published", "ours"} <= set(frame.columns):
        return None
    both = frame[frame["published"].notna() & frame["ours"].notna()]
    if len(both) < 2:
        return None
    labels = [name for name in ("level", "reading", "tolerance", "model") if name in both.columns]
    groups = [group for _, group in both.groupby(labels)] if labels else [both]
    pairs = alike = 0
    for group in groups:
        theirs, ours = (np.sign(np.subtract.outer(group[name].to_numpy(float),
                                                  group[name].to_numpy(float)))
                        for name in ("published", "ours"))
        above = np.triu(theirs * ours, 1)
        pairs, alike = pairs + int((above != 0).sum()), alike + int((above > 0).sum())
    theirs = both["published"].to_numpy(float)
    ratio = float(np.median(both["ours"] / theirs)) if (theirs > 0).all() else float("nan")
    return Agreement(len(both), pairs, alike, ratio)
