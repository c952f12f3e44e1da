"""Rounds of label pruning: the next generator errs as often as the labels that were kept.

Repeats the single round of Feng et al. 2025. A label is wrong with the generator's error rate; a
verifier keeps a right one with probability phi and a wrong one with probability psi.
"""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from sims import _check
from sims.replicate import replicate

__all__ = ["PruningRounds", "simulate_pruning_rounds"]

_PATIENCE = 100_000_000  # labels in a row that may be refused
_GLANCE = 65_535  # a mask: labels between two looks at the halt flag, less one
_STALLED = "pruning stalled: 100,000,000 labels in a row were refused"
_LARGEST = 2**53


@dataclass(frozen=True, slots=True)
class PruningRounds:
    """What `simulate_pruning_rounds` recorded.

    Attributes
    ----------
    error_rates : array (R, T+1)
        p_t, the start first: share of wrong labels among those kept in the round before.
    proposals : int64 array (R, T)
        Labels looked at in each round, kept ones included.
    """

    error_rates: np.ndarray
    proposals: np.ndarray


def simulate_pruning_rounds(
    p, phi, psi, schedule, *, level="sample", replicates, rng, workers=None
):
    r"""Simulate rounds of labelling, pruning and taking over the error rate of what is kept.

    Parameters
    ----------
    p : float in [0, 1]
        Error rate p_0 of the first generator.
    phi, psi : float in [0, 1]
        Probabilities of keeping a right and a wrong label.
    schedule : (T,) whole numbers >= 1
        Number n_t of kept labels of each round.
    level : {"sample", "law"}
        "sample" draws every label and every verdict; "law" draws the numbers of wrong and of
        refused labels, at a cost that does not depend on n_t.
    replicates : int
        Number R of independent loops.
    rng : numpy.random.Generator
        Source of the streams.
    workers : int, Engine or None, optional
        Threads or engine (see `sims.replicate.replicate`); without influence on the result.

    Returns
    -------
    PruningRounds
        error_rates (R, T+1) and proposals (R, T).

    Raises
    ------
    ValueError
        For arguments outside of their domain.
    RuntimeError
        When 100,000,000 labels in a row are refused, or a label is kept with a probability
        below 1e-8 at level "law".

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> rounds = simulate_pruning_rounds(0.4, 0.9, 0.3, [10_000] * 4, replicates=1, rng=rng)
    >>> rounds.error_rates[0].round(2)
    array([0.4 , 0.18, 0.07, 0.02, 0.01])
    """
    replicates = _check.count("replicates", replicates)
    p, phi, psi = (
        _check.number(name, value, "[0, 1]")
        for name, value in (("p", p), ("phi", phi), ("psi", psi)))
    schedule = _check.counts("schedule", schedule, 1)
    if (schedule > _LARGEST).any():
        raise ValueError(f"schedule = {schedule.max()}: must be whole numbers <= 2^53")
    _check.option("level", level, ("sample", "law"))
    law = level == "law"
    results = ((len(schedule) + 1,), np.float64), ((len(schedule),), np.int64)
    rates, proposals = replicate(
        _law_chunk if law else _sample_chunk, replicates, results, rng=rng,
        draws=40 * len(schedule) if law else 3 * int(schedule.sum(dtype=np.float64)),
        arguments=(p, phi, psi, schedule), workers=workers)
    return PruningRounds(rates, proposals)


@njit(nogil=True, cache=True)
def _prune(rng, halt, error, phi, psi, quota):
    """Label until `quota` labels are kept; return how many of them are wrong, and all tried."""
    kept = wrong = tried = latest = 0
    while kept < quota:
        tried += 1
        mistaken = rng.random() < error
        if rng.random() < (psi if mistaken else phi):
            kept += 1
            wrong += mistaken
            latest = tried
        elif tried - latest >= _PATIENCE:
            raise RuntimeError(_STALLED)
        if tried & _GLANCE == 0 and halt[0]:
            break
    return wrong, tried


@njit(nogil=True, cache=True)
def _sample_chunk(rng, halt, p, phi, psi, schedule, rates, proposals):
    """Advance loops label by label."""
    for r in range(len(rates)):
        rates[r, 0] = p
        for t in range(len(schedule)):
            wrong, tried = _prune(rng, halt, rates[r, t], phi, psi, schedule[t])
            if halt[0]:
                return
            rates[r, t + 1] = wrong / schedule[t]
            proposals[r, t] = tried


@njit(nogil=True, cache=True)
def _law_chunk(rng, halt, p, phi, psi, schedule, rates, proposals):
    """Advance loops by the laws of their counts: binomial, and a mixed Poisson one."""
    for r in range(len(rates)):
        if halt[0]:
            return
        rates[r, 0] = p
        for t in range(len(schedule)):
            kept_wrong = rates[r, t] * psi
            kept = kept_wrong + (1.0 - rates[r, t]) * phi
            if kept < 1.0 / _PATIENCE:
                raise RuntimeError(_STALLED)
            wrong = rng.binomial(schedule[t], min(kept_wrong / kept, 1.0))
            mean = rng.standard_gamma(float(schedule[t])) * max((1.0 - kept) / kept, 0.0)
            if mean < 1e15:
                refused = np.int64(rng.poisson(mean))
            else:  # the Poisson step is a normal one to a part in 1e7 of its own spread
                refused = np.int64(mean + math.sqrt(mean) * rng.standard_normal())
            rates[r, t + 1] = wrong / schedule[t]
            proposals[r, t] = schedule[t] + refused
