"""What theory says of the motion task, beside what was seen.

Gillman et al. prove that their bound contracts faster under correction (Theorem 4.3, Corollary
4.5), for models that are refitted to the maximum near the best one, and a corrector that mixes the
model's law with the best model's. A simulator is no such corrector, and a network that is trained
for 16 batches no such refit: what is tested here are the paper's claims about this experiment
(sections 7.4 and 7.5), over paired seeds, and the lambda part of Conjecture 4.7.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from empirical.config import to_dict
from empirical.predict import (
    AGREES,
    DISAGREES,
    UNDECIDED,
    Interval,
    Prediction,
    judge,
    mean_interval,
)

__all__ = ["predict"]

PHYSICS = ("penetration", "floating", "skating")  # mm
STRICT = 0.999  # of rows that test an equality, so that chance alone fails none
NOT_PROVED = "the paper's claim about this experiment; the theorem's corrector is another"


def predict(comparison):
    """Return the :class:`~empirical.predict.Prediction` s for the arms that are there.

    Arms are told apart by their configs, not by their names.
    """
    metrics = comparison.metrics
    configs = {cell.arm: cell.config for cell in comparison.cells}
    arms = [_Arm(name, config, metrics[metrics.arm == name]) for name, config in configs.items()]
    arms = [arm for arm in arms if len(arm.metrics)]
    rows = []
    for alike in _alike([arm for arm in arms if arm.kind and arm.last]):
        rows += [*_pairs(alike), *_growth(alike), *_conjecture(alike), *_identity(alike)]
    rows += [row for arm in arms if arm.kind == "corrected" for row in _corrector(arm)]
    return tuple(rows + _shuffled(arms))


@dataclass(frozen=True, slots=True)
class _Arm:
    """An arm: its config, and what was measured in it."""

    name: str
    config: object
    metrics: object  # rows of this arm

    @property
    def kind(self):
        """What the loop does: "baseline", "iterative", "corrected", "identity", or nothing."""
        loop = self.config.loop
        if self.config.shuffled:
            return ""
        if loop.mix == "real" or (loop.mix == "augment" and loop.ratio == 0):
            return "baseline"
        named = {"none": "iterative", "physics": "corrected", "identity": "identity"}
        return named.get(loop.curate, "") if loop.mix == "augment" and loop.ratio > 0 else ""

    @property
    def ratio(self):
        """lambda: generated motions a real one."""
        return 0.0 if self.kind == "baseline" else self.config.loop.ratio

    @property
    def last(self):
        """Generations that the arm is to have."""
        return len(self.config.loop.counts())

    def table(self, metric, split="test"):
        """Return a metric by seed (rows) and generation (columns), finished seeds only."""
        rows = self.metrics[(self.metrics.metric == metric) & (self.metrics.split == split)]
        found = rows.pivot_table(index="seed", columns="round", values="value")
        wanted = [column for column in range(self.last + 1) if column in found]
        return found[wanted].dropna() if len(wanted) == self.last + 1 else found.iloc[:0]


def _alike(arms):
    """Return the arms in groups that differ in lambda, mix and corrector alone."""
    groups = {}
    for arm in arms:
        values = to_dict(arm.config)
        for key in ("ratio", "mix", "curate"):
            del values["loop"][key]
        groups.setdefault(repr(values), []).append(arm)
    return list(groups.values())


def _of(arms, kind):
    return sorted((arm for arm in arms if arm.kind == kind), key=lambda arm: arm.ratio)


def _difference(first, second, metric, summary):
    """Return the Interval of a summary of curves, `first` minus `second`, over paired seeds."""
    tables = first.table(metric), second.table(metric)
    curves = [pd.Series({seed: summary(row.to_numpy(float)) for seed, row in table.iterrows()},
                        dtype=float) for table in tables]
    return mean_interval((curves[0] - curves[1]).dropna())


def _average(curve):
    return curve[1:].mean()


def _end(curve):
    return curve[-1]


def _unrest(curve):
    """Return how much a curve jumps from one generation to the next, beyond its own trend."""
    steps = np.diff(curve)
    return steps.std(ddof=1) if len(steps) > 1 else float("nan")


def _pairs(arms):
    """Yield corrected against uncorrected at the same lambda: lower, steadier, more physical."""
    for corrected in _of(arms, "corrected"):
        for plain in _of(arms, "iterative"):
            if plain.ratio != corrected.ratio:
                continue
            where = f"{corrected.name} - {plain.name}"
            for words, metric, summary in (
                ("FID, mean of all generations", "fid", _average),
                ("FID, last generation", "fid", _end),
                ("FID, spread of its steps between generations (unrest)", "fid", _unrest),
                ("matching score, last generation", "matching", _end),
            ):
                yield _signed("SC-C45", f"{words}: {where}", metric,
                              _difference(corrected, plain, metric, summary), NOT_PROVED)
            yield from _every_generation(corrected, plain, where)


def _signed(claim, quantity, metric, interval, note):
    """Return the row of a difference that should be below zero."""
    seen = f"{interval.mean:+.3g}" if interval.n else ""
    return Prediction(claim, quantity, "< 0", seen, interval, _below(interval), note)


def _below(interval):
    """Return the verdict on a number that should be below zero; exactly zero is not."""
    if math.isnan(interval.low):
        return UNDECIDED
    return AGREES if interval.high < 0 else DISAGREES if interval.low > 0 else UNDECIDED


def _every_generation(corrected, plain, where):
    """Yield for each measure of physics whether it is better in every generation."""
    for metric in PHYSICS:
        gap = (corrected.table(metric) - plain.table(metric)).dropna()
        found = [mean_interval(gap[column]) for column in gap if column > 0]
        if not found or not len(gap):
            continue
        worst = max(found, key=lambda interval: interval.mean)
        better = sum(interval.mean < 0 for interval in found)
        verdicts = [_below(interval) for interval in found]
        verdict = (AGREES if set(verdicts) == {AGREES} else
                   DISAGREES if DISAGREES in verdicts else UNDECIDED)
        yield Prediction(
            "SC-C45", f"{metric} (mm) in every generation: {where}", "< 0 in each",
            f"lower on average in {better} of {len(found)}; worst {worst.mean:+.3g}", worst,
            verdict, "interval: of the worst generation; agrees only if all of them exclude 0",
        )


def _growth(arms):
    """Yield what more synthetic data do without correction, and less so with it."""
    plain, corrected = _of(arms, "iterative"), _of(arms, "corrected")
    for baseline in _of(arms, "baseline"):
        if plain:
            worst = plain[-1]
            gap = _difference(baseline, worst, "fid", _end)
            yield _signed("SC-T43", f"FID, last generation: {baseline.name} - {worst.name}", "fid",
                          gap, "no self-consumption against the largest lambda")
    if len(plain) > 1:
        gap = _difference(plain[0], plain[-1], "fid", _end)
        yield _signed("SC-T43", f"FID, last generation: {plain[0].name} - {plain[-1].name}", "fid",
                      gap, "a larger lambda drifts further without correction")
    both = sorted({arm.ratio for arm in plain} & {arm.ratio for arm in corrected})
    if len(both) > 1:
        ends = {(arm.kind, arm.ratio): arm.table("fid").iloc[:, -1:].sum(axis=1)
                for arm in plain + corrected}
        grown = [ends[kind, both[-1]] - ends[kind, both[0]] for kind in ("corrected", "iterative")]
        yield _signed(
            "SC-T43", f"FID, growth from lambda {both[0]:g} to {both[-1]:g}: corrected - "
            "iterative", "fid", mean_interval((grown[0] - grown[1]).dropna()),
            "correction lets lambda grow at a smaller price",
        )


def _conjecture(arms):
    """Yield Conjecture 4.7 as far as data reach: a larger lambda, a start that is not close.

    The theorem allows twice the lambda under full correction (the text after the conjecture).
    """
    plain, corrected = _of(arms, "iterative"), _of(arms, "corrected")
    for loose in corrected:
        tight = [arm for arm in plain if arm.ratio <= loose.ratio / 2 + 1e-9]
        if not tight:
            continue
        other = tight[-1]
        gap = _difference(loose, other, "fid", _end)
        yield Prediction(
            "SC-CJ47", f"FID, last generation: {loose.name} - {other.name}", "<= 0",
            f"{gap.mean:+.3g}" if gap.n else "", gap, judge(gap, at_most=0.0),
            "with correction at twice the lambda, no worse than without it",
        )
    for baseline in _of(arms, "baseline"):
        table = baseline.table("fid")
        if not len(table):
            continue
        fell = mean_interval(table.iloc[:, -1] - table.iloc[:, 0])
        far = {AGREES: "yes: real data alone improve it", DISAGREES: "no: real data alone do not "
               "improve it"}.get(_below(fell), "not decided by these seeds")
        yield Prediction(
            "SC-CJ47", f"FID, {baseline.name}: last generation - base model", "< 0",
            f"{fell.mean:+.3g}", fell, _below(fell),
            f"is the base model far from the best one, as the paper's is? {far}",
        )


def _identity(arms):
    """Yield that a corrector that does nothing changes nothing, in any bit of any number."""
    for idle in _of(arms, "identity"):
        for plain in _of(arms, "iterative"):
            if plain.ratio != idle.ratio:
                continue
            keys = ["seed", "round", "split", "metric"]
            tables = [arm.metrics[arm.metrics.split.isin(["test", "train"])].set_index(keys).value
                      for arm in (idle, plain)]
            first, second = tables[0].align(tables[1], join="inner")
            apart = first.to_numpy() - second.to_numpy()
            apart = np.abs(apart[~np.isnan(apart)]).max(initial=0.0)
            yield Prediction(
                "SC-T43", f"largest difference of any number: {idle.name} - {plain.name}", "0",
                f"{apart:g} ({len(first)} numbers)", None,
                UNDECIDED if not len(first) else AGREES if apart == 0 else DISAGREES,
                "control: gamma = 0 is the loop without correction",
            )


def _corrector(arm):
    """Yield what the simulator does to sampled motions: at least 90 % and 50 % less."""
    for metric, share in (("penetration", 0.1), ("skating", 0.5)):
        after, before = (arm.table(name, "corrected") for name in (metric, f"before/{metric}"))
        if not len(after) or not len(before):
            continue
        left = mean_interval(after.mean(axis=1) / before.mean(axis=1))
        yield Prediction(
            "SC-C45", f"{metric} left by the corrector, share: {arm.name}", f"<= {share:g}",
            f"{left.mean:.3g}", left, judge(left, at_most=share),
            "of motions sampled to measure the model, all generations; those that fell are "
            "counted as they came",
        )


def _shuffled(arms):
    """Return whether captions dealt out by chance are matched by chance."""
    rows, chance = [], 3 / 32
    for arm in arms:
        trained = arm.config.shuffled
        metric = "r_precision@3" if trained else "r_precision@3/shuffled"
        found = arm.metrics[(arm.metrics.metric == metric) & (arm.metrics.split == "test")
                            & (arm.metrics["round"] == 0)]
        if not len(found) or not (trained or arm.kind == "baseline"):
            continue
        seen = mean_interval(found.value, STRICT)
        rows.append(Prediction(
            "SC-T43", f"R-precision (top 3 of 32), captions shuffled "
            f"{'in training' if trained else 'in evaluation'}: {arm.name}", f"{chance:.4f}",
            f"{seen.mean:.4f}", seen, _holds(seen, chance),
            f"control: chance is 3/32; interval: {STRICT:.1%}",
        ))
    return rows


def _holds(interval: Interval, value):
    if math.isnan(interval.low):
        return UNDECIDED
    return AGREES if interval.low <= value <= interval.high else DISAGREES
