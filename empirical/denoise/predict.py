"""What theory says of iterative denoising, beside what was seen.

Yang et al. prove their ordering of schedules for a Gaussian whose mean is refitted in each round,
so that a round contracts the error by one factor however many images it keeps. Here a round takes
as many optimizer steps as it has batches, and its noise is that of an optimizer. So the ordering
is a claim to be tested, not a theorem; the growth rate that the law recommends is set beside the
best one that was found.

Arms are compared at equal numbers of network evaluations (generation and training together): of
each seed, at the largest number that all arms in question reached, by interpolation.
"""

import math
from dataclasses import dataclass

import numpy as np

from empirical.config import to_dict
from empirical.pilot import fit
from empirical.predict import (
    AGREES,
    DISAGREES,
    NOT_APPLICABLE,
    UNDECIDED,
    Interval,
    Prediction,
    judge,
    mean_interval,
)

__all__ = ["Curve", "at_cost", "curves", "predict"]

EARLY, LATE = 0.15, 1.0  # shares of the common cost at which growth rates are compared
SLACK = 0.05  # share of its gain that a schedule on its plateau may still make in the second half
CLOSE = 0.1  # decibels within which two growth rates count as equally good
FAMILIES = ("constant", "linear", "exponential")


@dataclass(frozen=True, slots=True)
class Curve:
    """Quality over cost of one arm and seed.

    Attributes
    ----------
    cost : array, (T + 1,)
        Network evaluations so far, before the first and after each round.
    psnr, mse : array, (T + 1,)
        As measured on held-out images.
    kept : array, (T,)
        Images kept in each round.
    """

    cost: np.ndarray
    psnr: np.ndarray
    mse: np.ndarray
    kept: np.ndarray


def curves(metrics):
    """Return a dict from arm and seed to its :class:`Curve`, from a table of measurements."""
    found = {}
    for (arm, seed), rows in metrics.groupby(["arm", "seed"]):
        table = rows.pivot_table(index="round", columns=["split", "metric"], values="value")
        rounds = table.index.max()
        if rounds < 1:
            continue
        spent = table.loc[1:, [("cost", "evaluations"), ("cost", "visits")]].sum(axis=1)
        cost = np.concatenate([[0.0], spent.cumsum()])
        found[arm, seed] = Curve(
            cost, table["test", "psnr"].to_numpy(), table["test", "mse"].to_numpy(),
            table.loc[1:, ("cost", "kept")].to_numpy())
    return found


def at_cost(curve, cost):
    """Return the decibels at a number of network evaluations, interpolated between rounds."""
    return float(np.interp(cost, curve.cost, curve.psnr))


class _Group:
    """The arms that differ in their schedule alone, at one noise level."""

    def __init__(self, configs, found, seeds):
        self.configs, self.seeds = configs, seeds
        self.curves = {key: curve for key, curve in found.items() if key[0] in configs}

    @property
    def noise(self):
        return next(iter(self.configs.values()))["noise"]

    def family(self, name):
        """Return the arms of one family of schedules."""
        return [arm for arm, config in self.configs.items()
                if config["loop"]["schedule"] == name and config["loop"]["curate"] != "none"]

    def common(self, arms, seed):
        """Return the largest cost that all of these arms reached."""
        return min(self.curves[arm, seed].cost[-1] for arm in arms)

    def values(self, arms, share=1.0):
        """Return decibels (arms, seeds) at a share of the common cost of all `arms`."""
        return np.array([
            [at_cost(self.curves[arm, seed], share * self.common(arms, seed))
             for seed in self.seeds] for arm in arms
        ])

    def best(self, arms):
        """Return the arm that ends best at the common cost, on average over seeds."""
        return arms[int(self.values(arms).mean(axis=1).argmax())]

    def difference(self, first, second):
        """Return the interval of `first` minus `second` at their common cost, paired by seed."""
        one, other = self.values([first, second])
        return mean_interval(one - other)


def predict(comparison):
    """Return the :class:`~empirical.predict.Prediction` s for the arms that are there.

    Parameters
    ----------
    comparison : Comparison
        Whose runs are finished.

    Returns
    -------
    list of Prediction
        For each noise level: the ordering of schedules, the plateau of constant ones, what growth
        rates win early and late, what the law recommends, and what the reward is worth.
    """
    rows = []
    for group in _groups(comparison):
        rows += [*_ordering(group), *_plateaus(group), *_growth(group), *_law(group),
                 *_reward(group)]
    return rows


def _groups(comparison):
    found = curves(comparison.metrics)
    seeds = [seed for seed in comparison.seeds
             if all((arm, seed) in found for arm in comparison.arms)]
    by_level = {}
    for cell in comparison.cells:
        config = to_dict(cell.config)
        if (cell.arm, cell.seed) in found:
            alike = (config["noise"], config["psnr_low"], config["psnr_high"], config["sampler"])
            by_level.setdefault(alike, {})[cell.arm] = config
    return [_Group(configs, found, seeds) for configs in by_level.values() if seeds]


def _ordering(group):
    """Yield whether faster growing schedules end better at equal cost, best of each family."""
    best = {name: group.best(arms) for name in FAMILIES if (arms := group.family(name))}
    for better, worse in (("exponential", "linear"), ("linear", "constant"),
                          ("exponential", "constant")):
        if not {better, worse} <= set(best):
            continue
        found = group.difference(best[better], best[worse])
        yield Prediction(
            "SW-14", f"PSNR at equal cost, {best[better]} - {best[worse]}", ">= 0 dB",
            f"{found.mean:+.3f} dB", found, judge(found, at_least=0.0),
            f"noise {group.noise:g}; the best of each family, by the same seeds; proved for "
            "Gaussians, where linear can lose to constant if rounds select little",
        )


def _plateaus(group):
    """Yield whether constant schedules stop improving, and what the others do meanwhile."""
    growing = [share for arm in group.family("exponential") for share in _late(group, arm)]
    beside = f"; exponential ones: {np.mean(growing):.1%}" if growing else ""
    for arm in group.family("constant"):
        found = mean_interval(_late(group, arm))
        yield Prediction(
            "SW-34", f"share of the gain in the second half of the cost, {arm}",
            f"<= {SLACK:.0%} (a plateau, or decay)", f"{found.mean:.1%}", found,
            judge(found, at_most=SLACK), f"noise {group.noise:g}{beside}",
        )


def _late(group, arm):
    """Return the share of its whole gain that an arm makes in the second half of its cost."""
    shares = []
    for seed in group.seeds:
        curve = group.curves[arm, seed]
        end = curve.cost[-1]
        gain = curve.psnr[-1] - curve.psnr[0]
        shares.append((curve.psnr[-1] - at_cost(curve, end / 2)) / gain if gain > 0 else math.nan)
    return shares


def _growth(group):
    """Yield whether small growth rates win early and large ones late."""
    arms = group.family("exponential")
    if len(arms) < 3:
        return
    rates = np.log([group.configs[arm]["loop"]["growth"] for arm in arms])
    for share, sign in ((EARLY, -1), (LATE, 1)):
        values = group.values(arms, share)  # (arms, seeds)
        slopes = np.polyfit(rates, values, 1)[0] * math.log(2)
        found = mean_interval(slopes)
        ends = {"at_most": 0.0} if sign < 0 else {"at_least": 0.0}
        yield Prediction(
            "SW-11", f"PSNR by growth rate at {share:.0%} of the cost, dB for each doubling",
            "< 0: small rates win early" if sign < 0 else "> 0: large rates win late",
            f"{found.mean:+.3f} dB", found, judge(found, **ends),
            f"noise {group.noise:g}; the paper's reading of its Figure 6; "
            f"rates {', '.join(f'{rate:.3g}' for rate in np.exp(rates))}",
        )


def _law(group):
    """Yield the growth that the law recommends after a pilot, beside the best that was found."""
    pilots = group.family("constant")
    arms = sorted(group.family("exponential"),
                  key=lambda arm: group.configs[arm]["loop"]["growth"])
    if not pilots or len(arms) < 2:
        return
    pilot = pilots[len(pilots) // 2]
    try:
        law = fit(group.curves[pilot, group.seeds[0]].kept,
                  [group.curves[pilot, seed].mse for seed in group.seeds])
    except ValueError as error:
        yield Prediction("UL-SCHED", f"growth recommended after {pilot}", "1/K", str(error), None,
                         NOT_APPLICABLE, f"noise {group.noise:g}")
        return
    growths = [group.configs[arm]["loop"]["growth"] for arm in arms]
    nearest = arms[int(np.abs(np.log(growths) - math.log(law.growth)).argmin())]
    best = group.best(arms)
    values = dict(zip(arms, group.values(arms)))
    lost = mean_interval(values[best] - values[nearest])
    yield Prediction(
        "UL-SCHED", "growth of the best schedule", f"1/K = {law.growth:.3g}",
        f"{group.configs[best]['loop']['growth']:g} of {', '.join(f'{g:g}' for g in growths)}",
        Interval(law.growth, 1 / law.high, 1 / law.low, len(group.seeds)), _recommended(
            best, nearest, lost),
        f"noise {group.noise:g}; K = {law.contraction:.3g} from {pilot} (interval: of 1/K, from "
        f"the fit); {nearest}, the nearest, ends {lost.mean:.3f} dB below the best "
        f"[{lost.low:.3f}, {lost.high:.3f}]; the law takes K for the same in rounds of every size",
    )


def _recommended(best, nearest, lost):
    """Return the verdict on a recommendation by what following it costs."""
    if best == nearest:
        return AGREES
    if math.isnan(lost.low):
        return UNDECIDED
    if lost.high <= CLOSE:
        return AGREES
    return DISAGREES if lost.low > CLOSE else UNDECIDED


def _reward(group):
    """Yield what selection by the reward gains, as many images kept in the same rounds."""
    for arm, config in group.configs.items():
        if config["loop"]["curate"] != "none":
            continue
        same = [other for other in group.family(config["loop"]["schedule"])
                if group.configs[other]["loop"]["rounds"] == config["loop"]["rounds"]]
        for other in same:
            pairs = [(group.curves[other, s], group.curves[arm, s]) for s in group.seeds]
            found = mean_interval([one.psnr[-1] - two.psnr[-1] for one, two in pairs])
            times = np.mean([one.cost[-1] / two.cost[-1] for one, two in pairs])
            yield Prediction(
                "UL-LAW", f"PSNR after as many kept images, {other} - {arm}", "> 0 dB",
                f"{found.mean:+.3f} dB", found, judge(found, at_least=0.0),
                f"noise {group.noise:g}; without selection K = 1; the reward's choice cost "
                f"{times:.1f} times as many evaluations",
            )
        gains = mean_interval([
            group.curves[arm, s].psnr[-1] - group.curves[arm, s].psnr[0] for s in group.seeds])
        yield Prediction(
            "UL-LAW", f"gain of {arm} on its start", "0 dB: without selection K = 1",
            f"{gains.mean:+.3f} dB", gains, NOT_APPLICABLE,
            f"noise {group.noise:g}; noisy images tell of the truth even unselected, so the "
            "model's law is not the Gaussian one",
        )
