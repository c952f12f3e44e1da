"""Is a verifier good enough? From labelled decisions to rates, intervals and a verdict.

A verifier helps while right items outnumber wrong ones among what it keeps: precision > 1/2,
which is the same as an error rate p of the generator below the breakdown point
p* = phi / (phi + psi) (BP-4.2, BPX-P). The verdict therefore needs accepted items alone; phi,
psi and p* also need labelled rejected ones, and p needs them sampled as they come.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from loopcert._shares import weighted_share
from theory import pruning

__all__ = ["AuditReport", "Estimate", "audit_decisions"]

POWER = 0.9
TOO_CLOSE = 0.002  # to 1/2 for a sample size that anybody could look at
FEW = 30

MEANING = {
    "below": "p is below the breakdown point: right items outnumber wrong ones in what the "
             "verifier keeps, so training with this verifier helps",
    "above": "p is above the breakdown point: wrong items outnumber right ones in what the "
             "verifier keeps, so training with this verifier leads astray",
    "undecided": "these labels do not decide on which side of the breakdown point p lies",
}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with two confidence intervals.

    Attributes
    ----------
    value : float
        The estimate; NaN when the labels do not determine it.
    delta : tuple of float
        Limits by the delta method on the logit scale; NaN where it breaks down.
    exact : tuple of float
        Clopper-Pearson limits; for weights or qualities at the effective size.
    """

    value: float
    delta: tuple[float, float]
    exact: tuple[float, float]


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What labelled decisions say about a verifier.

    Attributes
    ----------
    scope : str
        "full", or "precision only" when rejected items carry no labels.
    counts : dict of str to int
        Rows: all, accepted, rejected, unlabelled; right and wrong among the labelled 0/1 ones.
    effective_accepted : float
        Accepted items that equal weights would need for the same precision interval.
    p, phi, psi : Estimate
        Error rate of the generator; acceptance of right, of wrong items.
    p_star : Estimate
        The breakdown point phi / (phi + psi).
    precision : Estimate
        Share (or mean quality) of right items among the accepted.
    confidence : float
        Of every interval.
    verdict : str
        "below", "above" or "undecided" (the breakdown point).
    meaning : str
        The verdict in words.
    labels_needed : int or None
        Accepted labels, in all, with which a precision like the one observed would be decided
        with power 0.9; None when decided, or when it is too close to 1/2 to say.
    more_labels : int or None
        `labels_needed` less the effective number there is.
    method : str
        How the intervals were made.
    claims : tuple of str
        Ids of the claims that the numbers rest on.
    warnings : tuple of str
        What the numbers rest on, and what is missing.
    """

    scope: str
    counts: dict[str, int]
    effective_accepted: float
    p: Estimate
    phi: Estimate
    psi: Estimate
    p_star: Estimate
    precision: Estimate
    confidence: float
    verdict: str
    meaning: str
    labels_needed: int | None
    more_labels: int | None
    method: str
    claims: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Findings:
    """Rates, intervals and verdict, before anything is said about them."""

    p: Estimate
    phi: Estimate
    psi: Estimate
    p_star: Estimate
    precision: Estimate
    verdict: str
    size: float
    method: str
    claims: tuple[str, ...]


UNKNOWN = Estimate(math.nan, (math.nan, math.nan), (math.nan, math.nan))


def audit_decisions(decisions, confidence=0.95):
    """Return the :class:`AuditReport` of labelled decisions.

    Parameters
    ----------
    decisions : loopcert._decisions.Decisions
        Truth, decision and weight of each item; at least one item is kept.
    confidence : float
        Of every interval, in (0, 1).

    Notes
    -----
    Equal weights and 0/1 truth: the audit of `theory.pruning` (BPX-10). Otherwise the rates are
    weighted means (BP-GP), the delta intervals use linearised variances, and the exact ones
    are Clopper and Pearson's at the effective size (Korn and Graubard 1998).
    """
    labelled = ~np.isnan(decisions.truth)
    full = bool((~decisions.kept).any() and labelled.all())
    if decisions.weight is None and not decisions.graded:
        found = _from_counts(decisions, full, confidence)
    else:
        found = _from_shares(decisions, full, confidence)
    needed, more = _labels_needed(found, confidence)
    return AuditReport(
        scope="full" if full else "precision only",
        counts=_counts(decisions, labelled),
        effective_accepted=found.size,
        p=found.p, phi=found.phi, psi=found.psi, p_star=found.p_star,
        precision=found.precision, confidence=confidence,
        verdict=found.verdict, meaning=MEANING[found.verdict],
        labels_needed=needed, more_labels=more, method=found.method, claims=found.claims,
        warnings=tuple(_warnings(decisions, labelled, full, found)),
    )


def _counts(decisions, labelled):
    kept, truth = decisions.kept, decisions.truth
    counts = {
        "rows": len(kept), "accepted": int(kept.sum()), "rejected": int((~kept).sum()),
        "unlabelled": int((~labelled).sum()),
    }
    if not decisions.graded:
        for name, value in (("right", 1), ("wrong", 0)):
            counts[f"{name}_kept"] = int(((truth == value) & kept).sum())
            counts[f"{name}_dropped"] = int(((truth == value) & ~kept).sum())
    return counts


def _from_counts(decisions, full, confidence):
    """Audit 0/1 truth without weights."""
    counts = _counts(decisions, ~np.isnan(decisions.truth))
    cells = [
        counts[name] if full or name.endswith("kept") else 0
        for name in ("right_kept", "right_dropped", "wrong_kept", "wrong_dropped")
    ]
    exact = pruning.audit(*cells, confidence=confidence, method="exact")
    delta = pruning.audit(*cells, confidence=confidence, method="delta")
    kept = decisions.truth[decisions.kept]
    precision = Estimate(
        float(exact.precision), weighted_share(kept, np.ones(len(kept))).delta(confidence),
        (float(exact.precision_low), float(exact.precision_high)),
    )
    p_star = Estimate(
        float(exact.p_star), (float(delta.low), float(delta.high)),
        (float(exact.low), float(exact.high)),
    )
    rates = _rates(decisions, (exact.p, exact.phi, exact.psi), confidence)
    return _Findings(
        *(rates if full else (UNKNOWN,) * 3), p_star if full else UNKNOWN, precision,
        str(exact.verdict), float(counts["accepted"]),
        "counts of a simple sample: delta method on the logit scale, and Clopper-Pearson",
        ("BP-4.2", "BPX-10"),
    )


def _weights(decisions):
    return np.ones(len(decisions.kept)) if decisions.weight is None else decisions.weight


def _shares(decisions):
    """Return p, phi and psi as weighted shares."""
    truth, kept, weight = decisions.truth, decisions.kept.astype(np.float64), _weights(decisions)
    return (
        weighted_share(1 - truth, weight),
        weighted_share(kept, weight * truth),
        weighted_share(kept, weight * (1 - truth)),
    )


def _rates(decisions, values, confidence):
    """Return estimates of p, phi and psi with the given values; unknown where truth is."""
    if np.isnan(decisions.truth).any():
        return (UNKNOWN,) * 3
    return tuple(
        Estimate(float(value), share.delta(confidence), share.exact(confidence))
        for value, share in zip(values, _shares(decisions))
    )


def _from_shares(decisions, full, confidence):
    """Audit qualities or weighted items."""
    kept = decisions.kept
    share = weighted_share(decisions.truth[kept], _weights(decisions)[kept])
    exact = share.exact(confidence)
    verdict = "below" if exact[0] > 0.5 else "above" if exact[1] < 0.5 else "undecided"
    precision = Estimate(share.value, share.delta(confidence), exact)
    rates, p_star = (UNKNOWN,) * 3, UNKNOWN
    if full:
        rates, p_star = _weighted_rates(decisions, confidence)
    return _Findings(
        *rates, p_star, precision, verdict, share.size,
        "weighted means: delta method with linearised variances on the logit scale, and "
        "Clopper-Pearson at the effective size (approximate)",
        ("BP-4.2", "BP-GP", "BPX-P"),
    )


def _weighted_rates(decisions, confidence):
    """Return (p, phi, psi) and the breakdown point of a full sample."""
    p, phi, psi = _shares(decisions)
    rates = pruning.PruningRates(p.value, phi.value, psi.value)
    if decisions.weight is None:
        rates = pruning.rates_from_scores(decisions.truth, decisions.kept.astype(np.float64))
    estimates = _rates(decisions, (rates.p, rates.phi, rates.psi), confidence)
    value = float(rates.breakdown_point)
    if math.isnan(value):
        return estimates, Estimate(value, (0.0, 1.0), (0.0, 1.0))
    delta = _delta_p_star(decisions, phi, psi, confidence)
    return estimates, Estimate(value, delta, _exact_p_star(phi, psi, confidence))


def _delta_p_star(decisions, phi, psi, confidence):
    """Return the interval of logit p* = ln phi - ln psi by its linearised variance."""
    if not (phi.value > 0 and psi.value > 0):
        return math.nan, math.nan
    kept, weight = decisions.kept.astype(np.float64), _weights(decisions)
    right, wrong = weight * decisions.truth, weight * (1 - decisions.truth)
    pull = right * (kept / phi.value - 1) / right.sum()
    pull -= wrong * (kept / psi.value - 1) / wrong.sum()
    half = special.ndtri((1 + confidence) / 2) * np.sqrt(pull @ pull)
    centre = np.log(phi.value) - np.log(psi.value)
    return tuple(special.expit([centre - half, centre + half]).tolist())


def _exact_p_star(phi, psi, confidence):
    """Return the interval of p* from those of phi and psi, which share the error."""
    each = (1 + confidence) / 2
    (phi_low, phi_high), (psi_low, psi_high) = phi.exact(each), psi.exact(each)
    return phi_low / (phi_low + psi_high), phi_high / (phi_high + psi_low)


def _labels_needed(found, confidence):
    """Return the accepted labels that would decide, in all and on top of those there are."""
    precision = found.precision.value
    if found.verdict != "undecided" or abs(precision - 0.5) < TOO_CLOSE:
        return None, None
    needed = int(
        pruning.required_audit_size(
            max(precision, 1 - precision), size=(1 - confidence) / 2, power=POWER
        )
    )
    return needed, max(1, needed - math.floor(found.size))


def _warnings(decisions, labelled, full, found):
    kept = decisions.kept
    if not (~kept).any():
        yield ("no rejected row: only precision and the verdict can be had; phi, psi and p* "
               "need labelled rejected items")
    elif not full:
        known, rejected = int((labelled & ~kept).sum()), int((~kept).sum())
        yield (f"{known} of {rejected} rejected rows carry a label: only precision and the "
               "verdict can be had; if the labelled ones are a random sample, leave the others "
               "out and give --weight")
    if full and decisions.weight is None:
        yield "p is right only for an unstratified sample of what the generator proposes"
    if decisions.weight is not None:
        yield ("weights must be inverse sampling probabilities, known and not estimated; "
               f"{int(kept.sum())} accepted rows count as {found.size:.1f}")
    if decisions.graded:
        yield ("the truth is a quality, not right or wrong: p* ranks the verifiers of one "
               "generator, but 1/2 as its threshold is a convention (BPX-P)")
    if full and math.isnan(found.phi.value):
        yield "no right item in the sample: phi and p* are unknown"
    if full and math.isnan(found.psi.value):
        yield "no wrong item in the sample: psi and p* are unknown"
    if found.size < FEW:
        yield f"only {found.size:.3g} accepted labels: trust the exact interval, not the delta one"
