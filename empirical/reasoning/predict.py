"""What theory says of self-taught reasoning, beside what was seen.

Two theories meet here. Yang et al. order schedules of equal cost: exponential, linear, constant;
their proofs need a reward whose gradient noise stays bounded away from zero, and right or wrong
is not such a reward. Feng et al. say what a verifier must do: let more right than wrong items
through. Theirs is a law for two classes, where wrong answers vote against right ones; solutions
are no classes. So what only counts solutions is tested, what the papers read off their figures is
tested as a claim on this task, and the rest is set beside the outcome without a verdict.
"""

import math
from dataclasses import dataclass

import numpy as np

from empirical.config import to_dict
from empirical.predict import (
    AGREES,
    DISAGREES,
    NOT_APPLICABLE,
    UNDECIDED,
    Interval,
    Prediction,
    final,
    judge,
    mean_interval,
)
from theory.pruning import audit

__all__ = ["predict"]

STRICT = 0.999  # of rows that test an equality: there is one an arm, and chance must fail none
VERIFIED = ("answer", "oracle")
UNVERIFIED = ("none", "coin")
ORDER = ("exponential", "linear", "constant")
# What an arm is compared in: all else must be equal.
SCHEDULE = ("schedule", "rounds", "growth", "power", "contraction")
VERIFIER = ("curate", "accept_wrong", "reject_right", "fraction", "score", "threshold")


def predict(comparison):
    """Return the :class:`~empirical.predict.Prediction` s for the arms that are there.

    Arms are told apart by their configs, not by their names.
    """
    arms = _arms(comparison)
    rows = [row for arm in arms for row in _gain(arm)]
    rows += [row for group in _alike(arms, VERIFIER) for row in _against(group)]
    rows += [row for group in _alike(arms, SCHEDULE) for row in _ordering(group)]
    rows += [row for arm in arms for row in _plateau(arm)]
    rows += [row for arm in arms for row in _star(arm)]
    rows += [row for arm in arms for row in _lenient(arm)]
    return (*rows, *_identity(arms))


@dataclass(frozen=True, slots=True)
class _Arm:
    """An arm: its config, and what was measured."""

    name: str
    config: object
    metrics: object  # rows of this arm

    @property
    def curate(self):
        """Name of its verifier."""
        return self.config.loop.curate

    @property
    def rounds(self):
        """How many rounds it was to take."""
        return len(self.config.loop.counts())

    def accuracy(self, round_):
        """Accuracy by seed after a round, on problems mixed as in training."""
        return final(self.metrics, self.name, "accuracy", round_=round_)

    @property
    def gain(self):
        """Interval of the final accuracy minus the base model's."""
        return mean_interval((self.accuracy(self.rounds) - self.accuracy(0)).dropna())

    def rate(self, name, round_=None):
        """Return (values, n) of a rate of proposals, by round and seed."""
        rows = self.metrics[(self.metrics.metric == name) & (self.metrics.split == "proposed")]
        if round_ is not None:
            rows = rows[rows["round"] == round_]
        rows = rows.set_index(["round", "seed"]).sort_index()
        return rows.value, rows.n

    def counts(self, round_=None):
        """Proposals looked at, of a round or of all: a dict of arrays, one entry a round and seed.
        """
        (phi, right), (psi, wrong) = self.rate("phi", round_), self.rate("psi", round_)
        right_kept, wrong_kept = (
            np.rint((share * n).fillna(0).to_numpy(float)).astype(np.int64)
            for share, n in ((phi, right), (psi, wrong))
        )
        right, wrong = right.to_numpy(np.int64), wrong.to_numpy(np.int64)
        return {"right_kept": right_kept, "right_dropped": right - right_kept,
                "wrong_kept": wrong_kept, "wrong_dropped": wrong - wrong_kept}

    @property
    def precision(self):
        """Share of right solutions among all that were kept; NaN for none."""
        cells = {name: int(values.sum()) for name, values in self.counts().items()}
        kept = cells["right_kept"] + cells["wrong_kept"]
        return cells["right_kept"] / kept if kept else math.nan


def _arms(comparison):
    """Return the arms of which a whole seed is there."""
    metrics = comparison.metrics
    configs = {cell.arm: cell.config for cell in comparison.cells}
    arms = [_Arm(name, config, metrics[metrics.arm == name]) for name, config in configs.items()]
    return [arm for arm in arms if arm.rounds and arm.gain.n]


def _alike(arms, free):
    """Return the arms in groups that differ in these fields of the loop alone."""
    groups = {}
    for arm in arms:
        values = to_dict(arm.config)
        for key in free:
            del values["loop"][key]
        groups.setdefault(repr(values), []).append(arm)
    return list(groups.values())


def _sign(interval):
    """Return the verdict on a difference that is to be positive."""
    return AGREES if interval.low > 0 else DISAGREES if interval.high < 0 else UNDECIDED


def _shown(interval):
    return f"{interval.mean:+.4f}"


def _gain(arm):
    """Yield whether the loop improved on its base model, as the verifier lets expect."""
    if arm.curate not in VERIFIED + UNVERIFIED:
        return
    gain, precision = arm.gain, arm.precision
    majority = "more" if precision > 0.5 else "less"
    note = f"of what was kept {precision:.1%} was right, {majority} than half"
    if arm.curate in VERIFIED:
        yield Prediction("BP-OR", f"final - base, {arm.name}", "> 0", _shown(gain), gain,
                         _sign(gain), note)
        return
    # An interval around no change does not show a gain; only one above 0 speaks against it.
    verdict = judge(gain, at_most=0.0)
    if verdict == UNDECIDED and not math.isnan(gain.low):
        note += "; the interval holds no change, so that no gain is shown"
    yield Prediction("BP-NO", f"final - base, {arm.name}", "<= 0: nothing tells right from wrong",
                     _shown(gain), gain, verdict, note)


def _against(arms):
    """Yield whether verified loops end above unverified ones of the same schedule."""
    for better in arms:
        for worse in arms:
            if better.curate in VERIFIED and worse.curate in UNVERIFIED:
                gap = _difference(better, worse)
                yield Prediction("BP-E-14.1", f"final, {better.name} - {worse.name}", "> 0",
                                 _shown(gap), gap, _sign(gap), "larger p* of the verifier")


def _difference(first, second):
    """Return the interval of the final accuracies' difference, paired by seed."""
    return mean_interval((first.accuracy(first.rounds) - second.accuracy(second.rounds)).dropna())


def _ordering(arms):
    """Yield whether schedules of equal cost end in the order of theory."""
    usual = {}
    for arm in arms:
        if arm.curate in VERIFIED and arm.config.loop.schedule in ORDER:
            usual.setdefault(arm.config.loop.schedule, []).append(arm)
    for place, upper in enumerate(ORDER):
        for lower in ORDER[place + 1:]:
            for better in usual.get(upper, ()):
                for worse in usual.get(lower, ()):
                    yield _ordered(better, worse)


def _ordered(better, worse):
    gap = _difference(better, worse)
    note = (f"{sum(better.config.loop.counts())} kept in {better.rounds} rounds; "
            f"{_spent(better):,.0f} and {_spent(worse):,.0f} proposals; proved for rewards that "
            "are not right or wrong")
    return Prediction("SW-14", f"final, {better.name} - {worse.name}", ">= 0", _shown(gap), gap,
                      _sign(gap), note)


def _spent(arm):
    """Return the proposals a seed of an arm."""
    rows = arm.metrics[(arm.metrics.metric == "proposed") & (arm.metrics.split == "cost")]
    return rows.groupby("seed").value.sum().mean()


def _plateau(arm):
    """Yield what the constant schedule did in its last round, where a floor is proved or not."""
    if arm.curate not in VERIFIED or arm.config.loop.schedule != "constant" or arm.rounds < 2:
        return
    last = mean_interval((arm.accuracy(arm.rounds) - arm.accuracy(arm.rounds - 1)).dropna())
    yield Prediction(
        "SW-41", f"accuracy won in the last round, {arm.name}", "no floor for a right-or-wrong "
        "reward", _shown(last), last, NOT_APPLICABLE,
        "the plateau of Theorem 3.2 needs noise that remains at the best model; where a model is "
        "right, every kept solution is right, and the noise is gone",
    )


def _star(arm):
    """Yield whether the measured p* of a loop without a verifier is 1/2."""
    if arm.curate not in UNVERIFIED:
        return
    cells = [int(values.sum()) for values in arm.counts(1).values()]
    if not (sum(cells[:2]) and sum(cells[2:])):
        return
    found = audit(*cells, confidence=STRICT, method="exact")
    low, high = float(found.low), float(found.high)
    yield Prediction(
        "BP-NO", f"p* of {arm.name}", "0.5",
        f"{found.p_star:.4g} (phi {found.phi:.4g}, psi {found.psi:.4g})",
        Interval(float(found.p_star), low, high, arm.metrics.seed.nunique()),
        AGREES if low <= 0.5 <= high else DISAGREES,
        f"limits: exact, {STRICT:.1%}, of the proposals of the first round of all seeds",
    )


def _lenient(arm):
    """Yield what a verifier of answers alone let through: right answers by wrong steps."""
    if arm.curate != "answer" or arm.config.judge != "steps":
        return
    shares = []
    for round_ in range(1, arm.rounds + 1):
        cells = {name: int(values.sum()) for name, values in arm.counts(round_).items()}
        wrong = cells["wrong_kept"] + cells["wrong_dropped"]
        shares.append(cells["wrong_kept"] / wrong if wrong else math.nan)
    values, _ = arm.rate("psi")
    interval = mean_interval(values.groupby("seed").mean())
    star = arm.rate("p_star", 1)[0].mean()
    yield Prediction(
        "BP-4.2", f"psi of {arm.name}: wrong steps, right answer", "0 for an oracle (p* = 1)",
        f"by round {', '.join(f'{share:.3f}' for share in shares)}; p* {star:.3g}", interval,
        NOT_APPLICABLE, "a verifier of answers is no oracle of reasoning: what it costs is psi",
    )


def _identity(arms):
    """Return the row of BPX-P, which exact counts obey exactly, in every arm, round and seed."""
    gaps = []
    for arm in arms:
        star = arm.rate("p_star")[0].to_numpy(float)
        right_kept, right_dropped, wrong_kept, wrong_dropped = (
            values.astype(float) for values in arm.counts().values())
        both = (right_kept > 0) & (wrong_kept > 0) & (star < 1)
        if not both.any():
            continue
        odds = np.log((right_kept + right_dropped)[both] / (wrong_kept + wrong_dropped)[both])
        made = np.log(star[both] / (1 - star[both])) + odds
        gaps.append(np.abs(made - np.log(right_kept[both] / wrong_kept[both])))
    if not gaps:
        return []
    gap = float(np.concatenate(gaps).max())
    return [Prediction(
        "BPX-P", "logit p* - logit precision + logit(1 - p), largest", "0", f"{gap:.1g}", None,
        AGREES if gap < 1e-9 else DISAGREES,
        "from counts of the same proposals, every round: holds for any task",
    )]
