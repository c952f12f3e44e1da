"""Points and Monte Carlo: what can refute a statement, and support it, but never prove it."""

import math
from dataclasses import dataclass

from scipy import special

from loopcert.prove import evaluate, sample
from loopcert.prove.outcome import HOLDS, REFUTED, UNKNOWN, Outcome

__all__ = ["Comparison", "falsify", "threshold"]


def falsify(statement, points):
    """Look among `points` (of the statement's domain) for one at which the goal fails.

    Returns an `Outcome`: REFUTED with the point, HOLDS when all agree, UNKNOWN when there is none,
    or when drawing them finds none that satisfies the hypotheses.
    """
    goal, decided, number = statement.conclusion, 0, 0
    try:
        for number, point in enumerate(points, 1):  # noqa: B007
            verdict = evaluate.truth(goal, point, evaluate.EXACT)
            if verdict is None:
                verdict = evaluate.truth(goal, point)
            if verdict is False:
                return Outcome(REFUTED, "points", "fails at a random point", point=point)
            decided += verdict is True
    except sample.NoPoint as empty:
        return Outcome(UNKNOWN, "points", str(empty))
    if not number:
        return Outcome(UNKNOWN, "points", "no point")
    return Outcome(HOLDS, "points", f"{decided} of {number} random points agree")


@dataclass(frozen=True)
class Comparison:
    """An estimate with its standard error beside the value that theory predicts."""

    name: str
    estimate: float
    stderr: float
    predicted: float

    @property
    def z(self):
        """Distance in standard errors."""
        gap = self.estimate - self.predicted
        if self.stderr == 0:
            return 0.0 if gap == 0 else math.inf
        return gap / self.stderr


def threshold(error):
    """Return the two-sided normal threshold with false-alarm probability `error`."""
    return float(-special.ndtri(error / 2))
