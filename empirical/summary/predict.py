"""What theory says of the summarisation task, beside what was seen.

Feng et al. prove their law for two classes; for texts they define p, phi and psi by a score
between 0 and 1 (here ROUGE-1) and read p* as a proxy of how a student will end. What holds of any
scores is tested (BPX-P: for one generator p* is a function of the mean score of what is kept).
That p* ranks verifiers as final scores do is the paper's observation, no theorem: it is tested on
this task. The threshold p < p* says that kept items score above one half on average, which means
nothing for ROUGE; it is set beside the outcome without a verdict.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from empirical.config import to_dict
from empirical.predict import (
    AGREES,
    DISAGREES,
    NOT_APPLICABLE,
    UNDECIDED,
    Prediction,
    final,
    mean_interval,
)

__all__ = ["METRIC", "predict", "role"]

METRIC = "rouge1"
NO_CLASSES = "ROUGE is a score, not a class: one half of it is no border between right and wrong"
_SELECTION = ("curate", "fraction", "score", "threshold")


def role(config):
    """Return who selects in an arm with this config: a word, or None where nobody does.

    Parameters
    ----------
    config : dict
        Plain values, as :func:`empirical.config.to_dict` gives them.

    Returns
    -------
    str or None
        "oracle", "stronger", "self" (or one of these "of each kind"), "random", "all" (nothing is
        rejected), or "truth" (the references themselves).
    """
    loop = config["loop"]
    if config["labels"] == "truth":
        return "truth"
    if loop["curate"] in ("top_fraction", "top_of_each"):
        who = {"quality": "oracle"}.get(loop["score"], loop["score"])
        return f"{who} of each kind" if loop["curate"] == "top_of_each" else who
    return {"random": "random", "none": "all"}.get(loop["curate"])


@dataclass(frozen=True, slots=True)
class _Arm:
    """An arm: its config and what was measured."""

    name: str
    config: object
    metrics: object  # rows of this arm

    @property
    def who(self):
        """Who selects."""
        return role(to_dict(self.config))

    @property
    def rounds(self):
        """How many rounds it has."""
        return len(self.config.loop.counts())

    def rate(self, name, round_=1):
        """Return a rate of a round's proposals by seed, a Series."""
        return final(self.metrics, self.name, name, "proposed", round_)

    @property
    def star(self):
        """Mean over seeds of the measured p*."""
        return float(self.rate("p_star").mean())

    @property
    def begun(self):
        """ROUGE-1 of the generator on the test articles, by seed."""
        return final(self.metrics, self.name, METRIC, round_=0)

    @property
    def ended(self):
        """ROUGE-1 after the last round, of the seeds that came so far."""
        return final(self.metrics, self.name, METRIC, round_=self.rounds)

    @property
    def gain(self):
        """Interval of final minus generator's ROUGE-1."""
        return mean_interval((self.ended - self.begun).dropna())


def predict(comparison):
    """Return the :class:`~empirical.predict.Prediction` s for the arms that are there.

    Arms are told apart by their configs, not by their names.
    """
    metrics = comparison.metrics
    configs = {cell.arm: cell.config for cell in comparison.cells}
    arms = [_Arm(name, config, metrics[metrics.arm == name]) for name, config in configs.items()]
    arms = [arm for arm in arms if arm.rounds and arm.who and len(arm.begun)]
    once = [arm for arm in arms if arm.rounds == 1]
    selected = [arm for arm in once if arm.who != "truth" and len(arm.rate("p_star"))]
    rows = _identity(selected)
    for alike in _alike(selected):
        rows += [*_same_ranking(alike), *_ordering(alike), *_correlation(alike), *_beats(alike),
                 *_articles(alike)]
    rows += [row for arm in selected for row in (*_lot(arm), *_threshold(arm), *_ends(arm))]
    rows += [*_judge(selected), *_against_truth(once)]
    return tuple(rows + _iterated([arm for arm in arms if arm.rounds > 1]))


def _alike(arms):
    """Return groups of arms that keep equally many of the same proposals, by falling p*."""
    groups = {}
    for arm in arms:
        values = to_dict(arm.config)
        share = 1.0 if arm.who == "all" else values["loop"]["fraction"]
        for key in _SELECTION:
            del values["loop"][key]
        groups.setdefault((share, repr(values)), []).append(arm)
    return [sorted(group, key=lambda arm: -arm.star) for _, group in sorted(groups.items())
            if len(group) > 1]


def _share(arm):
    return f"{arm.config.loop.fraction:.3g}"


def _sign(interval, sign=1):
    """Return the verdict on a number's sign: +1 or -1, and nothing else agrees."""
    low, high = sorted((sign * interval.low, sign * interval.high))
    return AGREES if low > 0 else DISAGREES if high < 0 else UNDECIDED


def _identity(arms):
    """Return the row of BPX-P, which exact sums obey exactly, in every arm and seed."""
    gaps = []
    for arm in arms:
        star, kept, p = (arm.rate(name).to_numpy(float) for name in ("p_star", "precision", "p"))
        inside = (star > 0) & (star < 1) & (kept > 0) & (kept < 1)
        logits = (np.log(x[inside] / (1 - x[inside])) for x in (star, kept, 1 - p))
        first, second, third = logits
        gaps += [*np.abs(first - second + third)]
    if not gaps:
        return []
    gap = float(max(gaps))
    return [Prediction(
        "BPX-P", "logit p* - logit E[s|q] + logit E[s], largest", "0", f"{gap:.1g}", None,
        AGREES if gap < 1e-9 else DISAGREES,
        f"s: ROUGE-1, q: kept; {len(gaps)} selections; holds for any scores",
    )]


def _same_ranking(arms):
    """Yield whether p* orders the verifiers as the mean score of what they keep does."""
    tables = [
        np.stack([arm.rate(name).to_numpy(float) for arm in arms]) for name in (
            "p_star", "precision")] if len({len(arm.rate("p_star")) for arm in arms}) == 1 else []
    if not tables:
        return
    orders = [np.argsort(np.argsort(table, axis=0), axis=0) for table in tables]
    same = int((orders[0] == orders[1]).all(axis=0).sum())
    seeds = orders[0].shape[1]
    yield Prediction(
        "BPX-P", f"ranking by p* is that by mean kept score, {_share(arms[0])} kept",
        f"{seeds} of {seeds} seeds", f"{same} of {seeds} seeds", None,
        AGREES if same == seeds else DISAGREES,
        " > ".join(f"{arm.who} {float(arm.rate('precision').mean()):.3f}" for arm in arms),
    )


def _ordering(arms):
    """Yield whether a larger p* ends with a higher score, for neighbours in p*."""
    for better, worse in pairwise(arms):
        difference = mean_interval((better.ended - worse.ended).dropna())
        if not difference.n:
            continue
        yield Prediction(
            "BP-E-14.1", f"final {METRIC}, {better.who} - {worse.who}, {_share(better)} kept",
            "> 0", f"{difference.mean:+.4f}", difference, _sign(difference),
            f"p* {better.star:.3f} against {worse.star:.3f}; the paper's reading of Figure 5, no "
            "theorem: larger p* can be worse",
        )


def _correlation(arms):
    """Yield how often two verifiers are ordered by p* as by their final scores (Kendall)."""
    from scipy.stats import kendalltau

    seeds = sorted(set.intersection(*(set(arm.ended.index) for arm in arms)))
    if len(arms) < 3 or not seeds:
        return
    found = mean_interval([
        float(kendalltau([arm.rate("p_star")[seed] for arm in arms],
                         [arm.ended[seed] for arm in arms]).statistic) for seed in seeds])
    yield Prediction(
        "BP-E-14.1", f"Kendall's tau of p* and final {METRIC}, {_share(arms[0])} kept", "> 0",
        f"{found.mean:+.2f}", found, _sign(found),
        f"over {len(arms)} verifiers in each seed; the paper: strongly correlated",
    )


def _beats(arms):
    """Yield whether selection beats the lot where p* > 1/2, and loses where it is below."""
    lots = [arm for arm in arms if arm.who == "random"]
    for arm in arms:
        star = mean_interval(arm.rate("p_star"))
        side = _sign(mean_interval([value - 0.5 for value in arm.rate("p_star")]))
        if not lots or arm.who == "random" or side == UNDECIDED:
            continue
        sign = 1 if side == AGREES else -1
        difference = mean_interval((arm.ended - lots[0].ended).dropna())
        yield Prediction(
            "BP-E-14.1", f"final {METRIC}, {arm.who} - the lot, {_share(arm)} kept",
            "> 0" if sign > 0 else "< 0", f"{difference.mean:+.4f}", difference,
            _sign(difference, sign),
            f"p* = {star.mean:.3f}: what is kept scores "
            f"{'better' if sign > 0 else 'worse'} than by lot (BPX-P, proved); that the student "
            "does too is the paper's reading, no theorem",
        )


def _articles(arms):
    """Yield what a verifier loses or gains when it does not choose among kinds of articles.

    p* looks at how good summaries are, and not at what they are of.
    """
    by_name = {arm.who: arm for arm in arms}
    for who, arm in by_name.items():
        other = by_name.get(who.removesuffix(" of each kind"), arm)
        difference = mean_interval((arm.ended - other.ended).dropna())
        if other is arm or not difference.n:
            continue
        yield Prediction(
            "BP-E-14.1", f"final {METRIC}, {who} - {other.who} of all, {_share(arm)} kept",
            "< 0 by p*" if arm.star < other.star else "> 0 by p*", f"{difference.mean:+.4f}",
            difference, NOT_APPLICABLE,
            f"p* {arm.star:.3f} against {other.star:.3f}; the law takes labels at given articles: "
            "of which articles there are summaries, it does not see",
        )


def _lot(arm):
    """Yield that selection by lot has p* = 1/2, up to chance in each draw."""
    if arm.who != "random":
        return
    found = mean_interval(arm.rate("p_star"), 0.999)
    verdict = UNDECIDED
    if not math.isnan(found.low):
        verdict = AGREES if found.low <= 0.5 <= found.high else DISAGREES
    yield Prediction("BP-NO", f"p* of random, {_share(arm)} kept", "0.5 on average",
                     f"{found.mean:.4f}", found, verdict, "limits: 99.9 %, over seeds")


def _threshold(arm):
    """Yield the two-class threshold beside what the arm gained; never a verdict."""
    gain, p, kept = arm.gain, arm.rate("p").mean(), arm.rate("precision").mean()
    if not gain.n:
        return
    above = p < arm.star
    yield Prediction(
        "BP-4.2", f"final - generator, {arm.name}",
        f"{'> 0' if above else '< 0'}: p* {arm.star:.3f} {'>' if above else '<='} p = {p:.3f}",
        f"{gain.mean:+.4f}", gain, NOT_APPLICABLE,
        f"mean kept {METRIC} {kept:.3f} {'>' if kept > 0.5 else '<='} 1/2; {NO_CLASSES}",
    )


def _ends(arm):
    """Yield what the paper's text says of a verifier against the generator."""
    gain = arm.gain
    smallest = arm.config.loop.fraction <= arm.config.share
    said = {"oracle": 1, "self": 1, "random": -1 if smallest else 0}.get(arm.who, 0)
    if not said or not gain.n:
        return
    what = {"oracle": "gain", "self": "gain", "random": "collapse"}[arm.who]
    yield Prediction(
        {"oracle": "BP-OR", "random": "BP-NO"}.get(arm.who, "BP-GP"),
        f"{what}: final - generator, {arm.name}",
        f"{'> 0' if said > 0 else '< 0'} (the paper's text)", f"{gain.mean:+.4f}", gain,
        _sign(gain, said), "an observation on news by Llama-2, no theorem",
    )


def _judge(arms):
    """Yield that the stronger model writes better summaries than the generator does."""
    rows = [(final(arm.metrics, arm.name, f"{METRIC}/stronger", round_=0), arm.begun)
            for arm in arms]
    rows = [(judge, begun) for judge, begun in rows if len(judge)]
    if not rows:
        return
    judge, begun = rows[0]
    found = mean_interval((judge - begun).dropna())
    yield Prediction(
        "BP-GP", f"{METRIC} of the stronger model - generator", "> 0 (it is meant to be)",
        f"{found.mean:+.4f}", found, _sign(found), f"stronger model: {judge.mean():.4f}",
    )


def _against_truth(arms):
    """Yield the oracle's students against one trained on all references."""
    for truth in (arm for arm in arms if arm.who == "truth"):
        for arm in (arm for arm in arms if arm.who == "oracle"):
            difference = mean_interval((arm.ended - truth.ended).dropna())
            if difference.n:
                yield Prediction(
                    "BP-OR", f"final {METRIC}, {arm.name} - all references",
                    "> 0 at 12.5 % (the paper's text)", f"{difference.mean:+.4f}", difference,
                    _sign(difference) if arm.config.loop.fraction <= 0.125 else NOT_APPLICABLE,
                    "an observation on news by Llama-2, no theorem",
                )


def _iterated(arms):
    """Return what many rounds did, by verifier and schedule; regression's theory does not apply.

    Yi et al. prove for linear regression that verified rounds gain at first and then level off.
    """
    rows = []
    for arm in arms:
        rows += [_change(arm, 0, 1, "KV-NT-SURE", "first round"),
                 _change(arm, arm.rounds // 2, arm.rounds, "KV-LT-IFF", "second half")]
    for arm, other in _schedules(arms):
        difference = mean_interval((arm.ended - other.ended).dropna())
        rows.append(Prediction(
            "KV-LT-IFF", f"final {METRIC}, {arm.name} - {other.name}", "> 0: more data later",
            f"{difference.mean:+.4f}", difference, NOT_APPLICABLE,
            "proved for verified regression: errors vanish only if rounds grow without bound; "
            f"same total of proposals, {arm.rounds} rounds",
        ))
    return [row for row in rows if row.interval and row.interval.n]


def _change(arm, first, last, claim, when):
    before, after = (final(arm.metrics, arm.name, METRIC, round_=r) for r in (first, last))
    found = mean_interval((after - before).dropna())
    says = "> 0 with a verifier that informs" if first == 0 else "levels off"
    return Prediction(
        claim, f"{METRIC}, change in the {when} of {arm.name}", says, f"{found.mean:+.4f}", found,
        NOT_APPLICABLE, f"rounds {first} to {last}; proved for verified regression, not for texts")


def _schedules(arms):
    """Yield pairs of arms that differ in the schedule alone: growing, and constant."""
    for arm in arms:
        for other in arms:
            kinds = (arm.config.loop.schedule, other.config.loop.schedule)
            if kinds[0] == "constant" or kinds[1] != "constant":
                continue
            one, two = (to_dict(a.config) for a in (arm, other))
            for values in (one, two):
                for key in ("schedule", "growth", "power", "contraction"):
                    del values["loop"][key]
            if one == two:
                yield arm, other
