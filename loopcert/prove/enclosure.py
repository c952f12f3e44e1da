"""FLINT balls: a formula over a box, by interval evaluation and bisection.

Every ball contains the true value, so a box on which the formula is surely true is settled.  The
answer covers each real point of the box; for equalities use the other engines.
"""

import heapq
from fractions import Fraction

import flint
import sympy as sp

from loopcert.prove import evaluate
from loopcert.prove.formal import Each
from loopcert.prove.outcome import HOLDS, REFUTED, UNKNOWN, Outcome

__all__ = ["BOXES", "prove"]

BOXES = 20_000  # boxes looked at before giving up


def prove(statement, box, goal=None, *, boxes=None):
    """Decide `goal` on the `box`: a mapping of each variable to (low, high) or to one number.

    Sub-boxes on which some hypothesis surely fails are passed over.
    """
    goal = statement.conclusion if goal is None else statement.expand(goal)
    premises = [p for p in statement.premises if not isinstance(p, Each)]
    query = f"{goal} on {box}"
    queue = [(0, 0, {s: _edges(v) for s, v in box.items()})]
    looked = 0
    while queue:
        looked += 1
        _, _, cell = heapq.heappop(queue)
        verdict = _settle(goal, premises, cell)
        if verdict is False:
            middle = {s: (a + b) / 2 for s, (a, b) in cell.items()}
            return Outcome(REFUTED, "flint", "false on a whole box", point=middle, query=query)
        if verdict is True:
            continue
        if looked > (BOXES if boxes is None else boxes):
            return Outcome(UNKNOWN, "flint", f"undecided after {looked} boxes", query=query)
        for number, half in enumerate(_halves(cell)):
            heapq.heappush(queue, (-_width(half), 2 * looked + number, half))
    return Outcome(HOLDS, "flint", f"true on every one of {looked} boxes", query=query)


def _edges(v):
    low, high = v if isinstance(v, tuple) else (v, v)
    return _fraction(low), _fraction(high)


def _fraction(x):
    x = sp.Rational(x)
    return Fraction(int(x.p), int(x.q))


def _settle(goal, premises, cell):
    point = {s: _ball(a, b) for s, (a, b) in cell.items()}
    if any(evaluate.truth(p, point, evaluate.BALLS) is False for p in premises):
        return True
    answer = evaluate.truth(goal, point, evaluate.BALLS)
    if answer is False:
        surely = all(evaluate.truth(p, point, evaluate.BALLS) is True for p in premises)
        return False if surely else None
    return answer


def _ball(low, high):
    low, high = (flint.arb(flint.fmpq(x.numerator, x.denominator)) for x in (low, high))
    return low.union(high)


def _width(cell):
    return float(max(b - a for a, b in cell.values()))


def _halves(cell):
    widest = max(cell, key=lambda s: cell[s][1] - cell[s][0])
    low, high = cell[widest]
    middle = (low + high) / 2
    return {**cell, widest: (low, middle)}, {**cell, widest: (middle, high)}
