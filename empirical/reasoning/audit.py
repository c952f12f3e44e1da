"""How good is a verifier that looks at the final answer alone? It is audited by the step checker.

An answer-only verifier accepts a right answer that wrong reasoning led to (accept-wrong) and
rejects right reasoning whose answer it cannot read (reject-right). For problems of our templates
the step checker knows; the rates, with exact intervals, go to theory: phi, psi, the breakdown
point p* = phi/(phi + psi), and whether what is kept is more right than wrong (Feng et al. 2025).
"""

from dataclasses import dataclass

import numpy as np

from empirical.reasoning.answers import same
from empirical.reasoning.faults import KINDS, rewritten
from empirical.reasoning.steps import FAULTS, verify
from empirical.streams import Streams
from sims.confidence import clopper_pearson
from theory import pruning

__all__ = ["Confusion", "Rate", "VerifierAudit", "audit", "calibration", "confusion"]


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its exact interval.

    Attributes
    ----------
    hits, n : int
    value, low, high : float
        NaN, 0 and 1 when n is 0.
    """

    hits: int
    n: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """A verifier's decisions against what is taken as the truth.

    Attributes
    ----------
    right_kept, right_dropped, wrong_kept, wrong_dropped : int
        Counts.
    accept_wrong : Rate
        psi: share of wrong items that it accepts.
    reject_right : Rate
        1 - phi: share of right items that it rejects.
    precision : Rate
        Share of right items among the accepted.
    theory : theory.pruning.Audit
        p, phi, psi, p* with exact limits, and the verdict.
    """

    right_kept: int
    right_dropped: int
    wrong_kept: int
    wrong_dropped: int
    accept_wrong: Rate
    reject_right: Rate
    precision: Rate
    theory: pruning.Audit


@dataclass(frozen=True, slots=True)
class VerifierAudit:
    """Answer verifier and step checker against each other.

    Attributes
    ----------
    by_steps : Confusion
        The answer verifier, with the step checker's word as the truth: steps that are right make
        a solution right, also where the answer verifier cannot read its last line.
    by_answers : Confusion
        The step checker, with the right final answer as the truth.
    faults : dict of str to int
        How often the step checker found what, among the solutions with a right answer.
    """

    by_steps: Confusion
    by_answers: Confusion
    faults: dict


def confusion(right, kept, confidence=0.95):
    """Return the :class:`Confusion` of decisions.

    Parameters
    ----------
    right, kept : arrays of bool, (n,)
        The truth, and what the verifier accepts.
    confidence : float
        Of every interval, in (0, 1).

    Examples
    --------
    >>> found = confusion([True, True, False, False], [True, False, True, False])
    >>> found.accept_wrong.value, float(found.theory.p_star)
    (0.5, 0.5)
    """
    right, kept = np.asarray(right, dtype=bool), np.asarray(kept, dtype=bool)
    if right.shape != kept.shape or right.ndim != 1:
        raise ValueError(f"kept = array of shape {kept.shape}: must be of shape {right.shape}, "
                         "one dimension")
    cells = [int((r & k).sum()) for r in (right, ~right) for k in (kept, ~kept)]
    right_kept, right_dropped, wrong_kept, wrong_dropped = cells
    return Confusion(
        *cells,
        accept_wrong=_rate(wrong_kept, wrong_kept + wrong_dropped, confidence),
        reject_right=_rate(right_dropped, right_kept + right_dropped, confidence),
        precision=_rate(right_kept, right_kept + wrong_kept, confidence),
        theory=pruning.audit(*cells, confidence=confidence, method="exact"),
    )


def _rate(hits, n, confidence):
    if not n:
        return Rate(0, 0, float("nan"), 0.0, 1.0)
    low, high = clopper_pearson(hits, n, confidence)
    return Rate(hits, n, hits / n, float(low), float(high))


def audit(items, solutions, strict=False, confidence=0.95, streams=None):
    """Return the :class:`VerifierAudit` of solutions to problems of ours.

    Parameters
    ----------
    items : sequence of Problem
        Told by our templates.
    solutions : sequence of str
        What somebody wrote for each.
    strict : bool
        Whether the answer verifier insists on "####".
    confidence : float
        Of every interval.
    streams : Streams, optional
        Where the step checker takes other problems of a template from.

    Raises
    ------
    ValueError
        When there are not as many solutions as items.
    """
    items, solutions = list(items), list(solutions)
    if len(items) != len(solutions):
        raise ValueError(f"solutions = {len(solutions)}: must be {len(items)}, one an item")
    answered = np.array([same(text, item.answer, strict) for item, text in zip(items, solutions)],
                        dtype=bool)
    checks = [verify(item, text, streams) for item, text in zip(items, solutions)]
    sound = np.array([check.sound for check in checks], dtype=bool)
    faults = dict.fromkeys(FAULTS, 0)
    for check, right in zip(checks, answered):
        faults[check.fault] += int(right)
    return VerifierAudit(
        confusion(sound, answered, confidence), confusion(answered, sound, confidence),
        {fault: count for fault, count in faults.items() if count})


def calibration(items, seed=0, strict=False):
    """Return, for each way of rewriting a solution, what verifier and step checker accept of it.

    Parameters
    ----------
    items : sequence of Problem
        Of our templates.
    seed : int
        Of what is rewritten.
    strict : bool
        As in :func:`audit`.

    Returns
    -------
    dict of str to (Rate, Rate)
        By kind (:data:`empirical.reasoning.faults.KINDS`): the share that the answer verifier
        accepts, and the share whose steps the step checker calls right.
    """
    table = {}
    for kind in KINDS:
        answered, sound = [], []
        for index, item in enumerate(items):
            text = rewritten(item, kind, Streams(seed, ("faults", kind, index)).numpy())
            if text is not None:
                answered.append(same(text, item.answer, strict))
                sound.append(verify(item, text).sound)
        table[kind] = (_rate(sum(answered), len(answered), 0.95),
                       _rate(sum(sound), len(sound), 0.95))
    return table
