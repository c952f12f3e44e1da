"""What theory says of self-consuming digits, beside what was seen.

The theory of Gillman et al. is about models that are refitted to the maximum in each round, and
correctors that mix the model's law with the best model's. A network that is trained a little
further is no such refit, and nearest anchors are no such corrector: their strength is estimated
by its definition, whether any strength fits is tested, and a rate that rests on it is set beside
what was seen without a verdict. What the papers say of the outcome is tested as a claim.
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
    Prediction,
    final,
    judge,
    mean_interval,
)
from theory.contraction import sharp_rate
from theory.one_law import best_stop

__all__ = ["Law", "fit_law", "followed", "predict", "reversal"]

ERROR = "class_mean"  # squared error of the digits' feature means, free of sampling bias
JUDGE = ("judge_real", "judge_without")  # what a verifier has seen
SMALL = 0.1  # of the gain: less than that given back counts as no reversal


def predict(comparison):
    """Return the :class:`~empirical.predict.Prediction` s for the arms that are there.

    Arms are told apart by their configs, not by their names.
    """
    metrics = comparison.metrics
    configs = {cell.arm: cell.config for cell in comparison.cells}
    arms = [_Arm(name, config, metrics[metrics.arm == name]) for name, config in configs.items()]
    arms = [arm for arm in arms if len(arm.metrics) and arm.rounds]
    return (*_corrected_loops(arms), *_verified_loops(arms))


@dataclass(frozen=True, slots=True)
class _Arm:
    """An arm: its config, and what was measured in it."""

    name: str
    config: object
    metrics: object  # rows of this arm

    @property
    def rounds(self):
        """Rounds that it is to have."""
        return len(self.config.loop.counts())

    @property
    def ratio(self):
        """lambda: generated images a real one; None where that is no number."""
        loop = self.config.loop
        if loop.mix == "real":
            return 0.0
        return loop.ratio if loop.mix == "augment" and loop.ratio >= 0 else None

    @property
    def kind(self):
        """What the loop does: "baseline", "iterative", "corrected", "verified", "unverified"."""
        loop = self.config.loop
        if self.ratio == 0:
            return "baseline"
        if self.ratio is not None:
            return {"none": "iterative", "identity": "iterative", "anchors": "corrected"}.get(
                loop.curate, "")
        if loop.mix != "replace":
            return ""
        if loop.curate == "none":
            return "unverified"
        judged = loop.curate in ("top_fraction", "threshold") and loop.score == "realism"
        return "verified" if judged else ""

    def ended(self, metric, back=0):
        """Return a metric by seed, `back` rounds before the last."""
        return final(self.metrics, self.name, metric, round_=self.rounds - back)

    def path(self, metric, split="test"):
        """Return a metric of all rounds, a frame: seeds with all of them, by rounds."""
        rows = self.metrics[(self.metrics.metric == metric) & (self.metrics.split == split)]
        table = rows.pivot_table(index="seed", columns="round", values="value")
        return table.reindex(columns=range(self.rounds + 1)).dropna()


def _same(first, second, *but):
    """Return whether two arms have the same config but for dotted keys."""
    return _stripped(first.config, but) == _stripped(second.config, but)


def _stripped(config, but):
    values = to_dict(config)
    for key in but:
        place, _, name = key.rpartition(".")
        (values[place] if place else values).pop(name)
    return values


def _sign(interval, sign):
    """Return the verdict on a number's sign: +1 or -1, and nothing else agrees."""
    low, high = sorted((sign * interval.low, sign * interval.high))
    return AGREES if low > 0 else DISAGREES if high < 0 else UNDECIDED


def _row(claim, quantity, predicted, difference, sign, note=""):
    """Return the row of a number that should be positive (sign 1) or negative (-1)."""
    interval = mean_interval(difference.dropna())
    return Prediction(claim, quantity, predicted, f"{interval.mean:+.4g}", interval,
                      _sign(interval, sign), note)


# Correctors


def _corrected_loops(arms):
    pairs = [
        (plain, other) for plain in arms for other in arms
        if plain.kind == "iterative" and other.kind == "corrected"
        and _same(plain, other, "loop.curate", "anchors", "strength")
    ]
    for plain, other in pairs:
        yield _row("SC-C45", f"FID at the end, {plain.name} - {other.name}", "> 0",
                   plain.ended("fid") - other.ended("fid"), 1,
                   "the paper's reading of Figure 8; no theorem about this corrector")
    for plain in arms:
        if plain.kind == "iterative":
            yield from _drift(plain, arms)
    yield from _over_ratios(arms)
    yield from _amplified(pairs)
    for arm in arms:
        if arm.kind == "corrected":
            yield from _strength(arm)
    for arm in arms:
        if arm.kind in ("iterative", "corrected"):
            yield from _contraction(arm)


def _drift(arm, arms):
    """Yield whether the uncorrected loop ends further off than training on real images does."""
    for base in arms:
        if base.kind == "baseline" and _same(base, arm, "loop", "anchors", "strength"):
            yield _row("SC-CJ47", f"FID at the end, {arm.name} - {base.name}", "> 0",
                       arm.ended("fid") - base.ended("fid"), 1,
                       "the paper's claim that the uncorrected loop collapses")


def _over_ratios(arms):
    """Yield how the final distance grows with lambda, without and with correction."""
    for kind in ("iterative", "corrected"):
        for low, high in _neighbours([arm for arm in arms if arm.kind == kind]):
            drifts = kind == "iterative"
            claim = "SC-CJ47" if drifts else "SC-T43"
            yield _row(
                claim, f"FID at the end, {high.name} - {low.name}",
                "> 0 (drifts with lambda)" if drifts else "<= 0 (bounded in lambda)",
                high.ended("fid") - low.ended("fid"), 1 if drifts else -1,
                f"lambda {low.ratio:g} to {high.ratio:g}; the paper's reading of Figure 8",
            )


def _neighbours(arms):
    """Return the pairs of arms that differ in lambda alone: smallest against largest."""
    made, left = [], list(arms)
    while left:
        alike = [arm for arm in left if _same(arm, left[0], "loop.ratio")]
        left = [arm for arm in left if arm not in alike]
        alike.sort(key=lambda arm: arm.ratio)
        if len(alike) > 1:
            made.append((alike[0], alike[-1]))
    return made


def _amplified(pairs):
    """Yield whether correction gains more where lambda is larger."""
    for low, high in _neighbours([plain for plain, _ in pairs]):
        for plain, other in pairs:
            partner = [b for a, b in pairs if a is high and _same(other, b, "loop.ratio")]
            if plain is not low or not partner:
                continue
            gains = [a.ended("fid") - b.ended("fid")
                     for a, b in ((high, partner[0]), (low, other))]
            yield _row(
                "SC-C45", f"gain in FID by correction, {partner[0].name} - {other.name}", "> 0",
                gains[0] - gains[1], 1, "the paper: amplified where lambda is larger")


def _strength(arm):
    """Yield how strong the corrector is by its definition, and whether any strength fits."""
    q, residual = (_over_rounds(arm, f"corrector.{name}") for name in ("q", "residual"))
    share = mean_interval(q)
    if not share.n:
        return
    gamma = 1 / share.mean - 1 if 0 < share.mean <= 1 else math.nan
    seen = f"gamma = {gamma:.3g}" if gamma == gamma else "none: the means move away or past"
    yield Prediction(
        "SC-C4", f"q = 1/(1 + gamma) of {arm.name}, from feature means", "in [0, 1]",
        f"{share.mean:.3g}; {seen}", share, judge(share, 0.0, 1.0),
        f"{residual.mean():.0%} of the means' distance after correction is not along the one "
        "before, where a strength would leave 0 %",
    )
    yield _validity(arm)


def _validity(arm):
    """Return whether the law that the corrector makes can be pi_gamma p for some gamma."""
    if math.isinf(arm.config.strength):
        repeated = mean_interval(_over_rounds(arm, "corrector.repeated"))
        return Prediction(
            "SCX-C2", f"share of images that the corrector of {arm.name} repeats exactly",
            "0 (pi_gamma p has a density)", f"{repeated.mean:.3g}", repeated,
            DISAGREES if repeated.low > 0 else UNDECIDED,
            f"it makes at most {arm.config.anchors} images a digit, to which no mixture of "
            "densities gives any probability: total variation 1 for every gamma, so none fits",
        )
    beyond = mean_interval(_over_rounds(arm, "corrector.gap")
                           - _over_rounds(arm, "corrector.noise"))
    return Prediction(
        "SCX-C2", f"least distance of what {arm.name} trains on from any pi_gamma p",
        "0 (a valid corrector)", f"{beyond.mean:+.3g} beyond chance", beyond,
        DISAGREES if beyond.low > 0 else UNDECIDED,
        "largest difference of distribution functions along one axis of the features",
    )


def _over_rounds(arm, metric):
    """Return the mean of a metric over the rounds, by seed."""
    return arm.path(metric).mean(axis=1)


def _contraction(arm):
    """Yield the factor by which a round moves the feature mean towards the real one."""
    factors = followed(arm)
    if factors is None:
        return
    found = mean_interval(factors)
    gamma = 0.0
    if arm.kind == "corrected":
        q = mean_interval(_over_rounds(arm, "corrector.q")).mean
        gamma = 1 / q - 1 if 0 < q <= 1 else math.nan
    rate = float(sharp_rate(arm.ratio, gamma, 1.0)) if gamma == gamma else math.nan
    refitted = arm.config.loop.start != "warm" and arm.kind == "iterative"
    verdict, why = NOT_APPLICABLE, "a round trains on from the last weights: no refit"
    if arm.kind == "corrected":
        why += "; and no gamma fits, its estimate is that of the means"
    if refitted and rate == rate:
        inside = found.low <= rate <= found.high
        verdict = AGREES if inside else DISAGREES
        why = "an unlimited refit in an exponential family"
    if math.isnan(found.low) and refitted:
        verdict = UNDECIDED
    yield Prediction(
        "SCX-AFFINE", f"contraction of the feature mean, {arm.name}",
        f"lambda/((1+lambda)(1+gamma)) = {rate:.3g}" if rate == rate else "no gamma fits",
        f"{found.mean:.3g}", found, verdict, why,
    )


def followed(arm):
    """Return by which factor a round moves the feature mean's distance, by seed; None of none.

    The slope through 0 of the distance after a round over the one before it, all rounds and axes
    together.
    """
    names = sorted({m for m in arm.metrics.metric if m.startswith("feature_mean/")})
    paths = [arm.path(name) for name in names]
    if not paths or not len(paths[0]):
        return None
    gaps = np.stack([path.to_numpy() for path in paths])  # (axes, seeds, rounds + 1)
    before, after = gaps[..., :-1], gaps[..., 1:]
    with np.errstate(invalid="ignore", divide="ignore"):
        return (before * after).sum(axis=(0, 2)) / (before**2).sum(axis=(0, 2))


# Verifiers


def _verified_loops(arms):
    verified = [arm for arm in arms if arm.kind == "verified"]
    for arm in (arm for arm in arms if arm.kind == "unverified"):
        if any(_same(arm, other, "loop.curate", "loop.score", "judge_fresh", *JUDGE)
               for other in verified):
            yield _row("KV-NONE", f"FID, last - first, {arm.name}", "> 0 (collapse)",
                       arm.ended("fid") - arm.ended("fid", arm.rounds), 1)
    for arm in verified:
        yield _row("KV-ONE", f"{ERROR} after one round, {arm.name}", "< 0",
                   arm.ended(ERROR, arm.rounds - 1) - arm.ended(ERROR, arm.rounds), -1,
                   "change from the generator's; near-term gain of a verifier that knows more")
        yield from _reversals(arm)
    yield from _bias_matters(verified)
    yield from _schedules(verified)


def reversal(path):
    """Return what carrying on gives back, by seed, and the gain before, from errors (seeds, T+1).

    The best round of a seed is that of the other seeds' mean path, so that chance in picking it
    does not count as reversal.
    """
    path = np.asarray(path)
    if len(path) < 2:
        return np.full(len(path), math.nan), np.full(len(path), math.nan)
    others = (path.sum(axis=0) - path) / (len(path) - 1)
    best = path[np.arange(len(path)), others.argmin(axis=1)]
    return path[:, -1] - best, path[:, 0] - best


def _reversals(arm):
    """Yield whether the error comes back; where the law of equal batches holds, when to stop."""
    config = arm.config
    for metric in (ERROR, f"{ERROR}/{config.judge_without}")[: 1 + (config.judge_without >= 0)]:
        path = arm.path(metric).to_numpy()
        if len(path) > 1:
            yield _reversal(arm, metric, path)
            if config.judge_fresh and config.loop.schedule == "constant":
                yield from _stopping(arm, metric, path)


def _reversal(arm, metric, path):
    """Return the row of one error, last round against the best one."""
    back, gain = reversal(path)
    found, gained = mean_interval(back), mean_interval(gain).mean
    claim, predicted, verdict = "UL-STOP", "> 0 (a biased verifier)", _sign(found, 1)
    note = "last round against the best one, which the other seeds choose"
    if not arm.config.judge_fresh:
        claim, predicted = "KV-TOPQ1", "> 0 (a score with no peak at the truth drifts for ever)"
    elif arm.config.judge_without < 0 and not arm.config.judge_real:
        predicted, verdict = "0 (no bias)", judge(found, at_most=SMALL * max(gained, 0.0))
        note += f"; agrees below {SMALL:.0%} of the gain"
    elif arm.config.judge_without < 0:
        predicted = "> 0 (its few images are not the truth)"
    return Prediction(claim, f"reversal of {metric}, {arm.name}", predicted,
                      f"{found.mean:+.4g} after a gain of {gained:.4g}", found, verdict, note)


@dataclass(frozen=True, slots=True)
class Law:
    """The one law of a loop with equal batches: R_t of UL-MSE.

    Attributes
    ----------
    contraction, bias2, noise : float
        K; B^2, squared distance of the verifier's centre from the truth; w = c/(n (1 - K^2)).
    initial : float
        v_0, the error before the first round.
    """

    contraction: float
    bias2: float
    noise: float
    initial: float

    def path(self, rounds):
        """Return R_0..R_T."""
        kept = self.contraction ** np.arange(rounds + 1.0)
        return (1 - kept) ** 2 * self.bias2 + kept**2 * self.initial + (1 - kept**2) * self.noise

    @property
    def stop(self):
        """The :class:`theory.one_law.Stop` of these numbers."""
        return best_stop(self.contraction, self.noise * (1 - self.contraction**2), self.initial,
                         1.0, self.bias2)


def fit_law(path):
    """Return the :class:`Law` nearest to a path of errors R_0..R_T, by least squares."""
    from scipy.optimize import nnls

    path = np.asarray(path, dtype=float)
    best = None
    for contraction in np.linspace(0.01, 0.99, 99):
        kept = contraction ** np.arange(len(path))
        columns = np.stack([(1 - kept) ** 2, 1 - kept**2], axis=1)
        found, error = nnls(columns, path - kept**2 * path[0])
        if best is None or error < best[0]:
            best = error, Law(float(contraction), *map(float, found), max(float(path[0]), 0.0))
    return best[1]


def _stopping(arm, metric, path):
    """Yield the stopping round that the law, fitted to the other seeds, gives each seed."""
    rounds = path.shape[1] - 1
    laws = [fit_law(np.delete(path, seed, axis=0).mean(axis=0)) for seed in range(len(path))]
    predicted = np.array([law.path(rounds).argmin() for law in laws])
    difference = mean_interval(path.argmin(axis=1) - predicted)
    whole = fit_law(path.mean(axis=0))
    stop = float(whole.stop.rounds)
    yield Prediction(
        "UL-STOP", f"round of least {metric}, {arm.name}",
        f"{stop:.3g}" if stop < rounds else f"none in {rounds} rounds",
        f"{path.argmin(axis=1).mean():.3g}", difference, judge(difference, -1.0, 1.0),
        "interval: seen minus what the other seeds predict, agrees within a round; "
        f"K = {whole.contraction:.2f}, B^2 = {whole.bias2:.3g}, w = {whole.noise:.3g}, "
        f"v_0 = {whole.initial:.3g}",
    )


def _bias_matters(arms):
    """Yield whether a verifier that knows less ends worse than a strong one."""
    for less in arms:
        for strong in arms:
            knows = strong.config.judge_without < 0 and not strong.config.judge_real
            if less is strong or not knows or not _same(less, strong, *JUDGE):
                continue
            digit = less.config.judge_without
            for metric in (ERROR, f"{ERROR}/{digit}")[: 1 + (digit >= 0)]:
                yield _row("KV-STEADY", f"{metric} at the end, {less.name} - {strong.name}",
                           "> 0", less.ended(metric) - strong.ended(metric), 1,
                           "the loop ends at the verifier's centre, not at the truth")


def _schedules(arms):
    """Yield whether growing batches end nearer than equal ones of the same total."""
    for grown in arms:
        for equal in arms:
            alike = _same(grown, equal, "loop.schedule")
            names = (grown.config.loop.schedule, equal.config.loop.schedule)
            if alike and names[1] == "constant" and names[0] in ("linear", "exponential"):
                yield _row(
                    "UL-SCHED", f"FID at the end, {grown.name} - {equal.name}", "< 0",
                    grown.ended("fid") - equal.ended("fid"), -1,
                    "equal totals; noise is what a schedule can change, bias it cannot")
