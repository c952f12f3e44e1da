"""Plans for the loop in which a reward selects (Yang et al.; claims SW-).

A generator N(theta, sigma^2 I) proposes; a sample at distance r from the reward's centre is kept
with probability exp(-r^2 / (2 kappa^2)); the mean is refitted on what was kept. Coordinates
other than the one through the start only add noise, so all is computed in one dimension, and the
reward, a product over coordinates (SW-05), is put together from there.
"""

from dataclasses import dataclass

import numpy as np

from loopcert._plan_record import (
    MOST_ROUNDS,
    MOST_SAMPLES,
    Outcome,
    Plan,
    Rival,
    Round,
    fitting_rounds,
    tuned_rounds,
)
from loopcert._usage import UserError
from theory import budget as theory

__all__ = ["Prices", "plan_selection"]

NO_ROUND = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Prices:
    """What a sample costs.

    Attributes
    ----------
    generate, train : float
        Price of a proposal and of a kept sample; >= 0, not both 0.
    """

    generate: float = 0.0
    train: float = 1.0


@dataclass(frozen=True, slots=True)
class _Loop:
    """The loop of the model, reduced to the coordinate through its start."""

    budget: float
    sigma: float
    kappa: float
    start: float
    dim: int
    prices: Prices | None

    def distance(self, rounds):
        """Distance of the mean to the reward's centre after `rounds` rounds."""
        with np.errstate(under="ignore"):
            return theory.shrinkage(self.sigma, self.kappa) ** rounds * self.start

    def over_coordinates(self, function, distance, variance):
        """Return the sum over coordinates of log(function of one-dimensional laws)."""
        centre = np.zeros(np.shape(distance))
        along = function(distance[..., None], variance, self.sigma, self.kappa)
        if self.dim == 1:
            return along
        across = function(centre[..., None], variance, self.sigma, self.kappa)
        return along + (self.dim - 1) * across

    def shortfall(self, distance, variance):
        """Relative gap 1 - J/J* to the optimal reward."""

        def log_share(*law):
            with np.errstate(divide="ignore"):
                return np.log1p(-theory.relative_gap(*law))

        distance = np.asarray(distance, dtype=np.float64)
        return -np.expm1(self.over_coordinates(log_share, distance, variance))

    def proposals(self, distance, variance):
        """Expected proposals per kept sample."""
        distance = np.asarray(distance, dtype=np.float64)
        with np.errstate(over="ignore"):
            return np.exp(
                self.over_coordinates(
                    lambda *law: np.log(theory.proposals_per_kept(*law)), distance, variance
                )
            )

    def variances(self, schedule):
        """Variance per coordinate after 0, 1, ..., T rounds, by the recursion of SW-04."""
        added = theory.terminal_variance(np.reshape(schedule, (-1, 1)), self.sigma, self.kappa)
        kept = theory.shrinkage(self.sigma, self.kappa) ** 2
        path = [0.0]
        for noise in np.atleast_1d(added):
            path.append(kept * path[-1] + noise)
        return np.array(path)

    def gap_after(self, schedule):
        """Relative gap at the end of a schedule."""
        variance = theory.terminal_variance(schedule, self.sigma, self.kappa)
        return float(self.shortfall(self.distance(len(schedule)), variance))

    def unit_prices(self, rounds):
        """Price of a kept sample in each round, at the mean trajectory (SW-20)."""
        if self.prices is None:
            return np.ones(rounds)
        if self.prices.generate == 0:
            return np.full(rounds, self.prices.train)
        per_kept = self.proposals(self.distance(np.arange(rounds)), 0.0)
        with np.errstate(over="ignore"):
            return self.prices.train + self.prices.generate * per_kept

    def schedule(self, rounds):
        """The plan's whole samples for a number of rounds."""
        if self.prices is None:
            return theory.integer_schedule(int(self.budget), rounds, self.sigma, self.kappa)
        wanted = theory.priced_schedule(
            self.budget, rounds, self.theta0, self.sigma, self.kappa,
            self.prices.generate, self.prices.train,
        )
        return whole_samples(wanted, self.unit_prices(rounds), self.budget)

    def affordable(self, rounds):
        """Whether the budget pays for one kept sample in each round."""
        return self.unit_prices(rounds).sum() <= self.budget

    @property
    def theta0(self):
        """The start as a vector."""
        return np.concatenate([[self.start], np.zeros(self.dim - 1)])


def whole_samples(wanted, prices, budget):
    """Return whole samples near the real ones `wanted`, at least 1 a round, within the budget.

    All rounds are scaled down alike as little as needed; what is left buys single samples, the
    largest remainders first.
    """

    def scaled(factor):
        return np.maximum(np.floor(factor * wanted), 1.0)

    low, high = 0.0, 1.0
    if scaled(high) @ prices > budget:
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if scaled(middle) @ prices <= budget else (low, middle)
        high = low
    counts = scaled(high)
    if not counts.max() <= MOST_SAMPLES:
        raise UserError(f"budget = {budget:g}: buys more than 2^53 samples in a round")
    left = budget - counts @ prices
    for t in np.argsort(counts - wanted, kind="stable"):
        if prices[t] <= left:
            counts[t] += 1
            left -= prices[t]
    return counts.astype(np.int64)


def plan_selection(budget, sigma, kappa, start_distance, dim=1, rounds=None, prices=None):
    """Return the :class:`Plan` of a loop in which a reward selects.

    Parameters
    ----------
    budget : float
        Kept samples (a whole number), or money where `prices` are given.
    sigma : float
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : float
        Width of the reward, in (0, inf).
    start_distance : float
        Distance of the generator's mean to the reward's centre, in [0, inf).
    dim : int
        Dimension, >= 1.
    rounds : int, optional
        Rounds to run; by default the number that earns the most.
    prices : Prices, optional
        Price of a proposal and of a kept sample.

    Examples
    --------
    >>> plan = plan_selection(20, 1.0, 1.0, 5.0, rounds=4)
    >>> [step.kept for step in plan.schedule], plan.helps
    ([1, 3, 5, 11], True)
    """
    loop = _Loop(budget, sigma, kappa, start_distance, dim, prices)
    _check(loop, rounds)
    best, notes = _best_rounds(loop)
    given = rounds is not None
    rounds = rounds if given else best
    before = loop.gap_after(NO_ROUND)
    counts = loop.schedule(rounds) if rounds else NO_ROUND
    helps = loop.gap_after(counts) < before
    notes += _remarks(loop, counts, best)
    return Plan(
        model="selection", budget=float(budget),
        unit="kept samples" if prices is None else "money",
        rounds=rounds, rounds_from="given" if given else "best",
        rounds_claims=() if given else ("SW-17",) if prices is None else ("SW-05", "SW-20"),
        schedule_claims=("SW-18",) if prices is None else ("SW-20",),
        schedule=_rounds(loop, counts),
        criterion="relative gap to the best reward", before=before,
        outcomes=_outcomes(loop, counts, best),
        rivals=_rivals(loop, counts, tuned=not given) if rounds else (),
        helps=helps, notes=tuple(notes),
    )


def _check(loop, rounds):
    """Refuse what no schedule can spend."""
    if loop.prices is None:
        if loop.budget != np.floor(loop.budget):
            raise UserError(
                f"budget = {loop.budget:g}: must be a whole number of kept samples (or give "
                "prices, and it is money)"
            )
        if loop.budget > MOST_SAMPLES:
            raise UserError(f"budget = {loop.budget:g}: must be at most 2^53 kept samples")
        if rounds is not None and rounds > loop.budget:
            raise UserError(
                f"rounds = {rounds}: must be at most the budget, {loop.budget:g}: each round "
                "keeps at least one sample"
            )
    elif not loop.affordable(rounds or 1):
        least = loop.unit_prices(rounds or 1).sum()
        if not np.isfinite(least):
            raise UserError(
                f"budget = {loop.budget:g}: no budget pays for a kept sample so far from the "
                f"reward (start_distance = {loop.start:g}, dim = {loop.dim})"
            )
        raise UserError(
            f"budget = {loop.budget:g}: must be at least {least:.4g}, the price of one kept "
            f"sample in each of {rounds or 1} rounds"
        )


def _best_rounds(loop):
    """Return the number of rounds that earns the most, and notes."""
    best, notes = _least_gap(loop)
    before = loop.gap_after(NO_ROUND)
    if loop.gap_after(loop.schedule(best)) < before:
        return best, notes
    if before == 1.0:
        return 0, [f"the start is so far from the reward that even {best} rounds, the most that "
                   "the budget or loopcert allows, earn nothing"]
    return 0, ["no number of rounds earns more than the start does: keep the model"]


def _least_gap(loop):
    """Return the number of rounds >= 1 of least gap, and notes."""
    if loop.prices is not None:
        return tuned_rounds(
            lambda t: loop.gap_after(loop.schedule(t)) if loop.affordable(t) else np.inf,
            MOST_ROUNDS,
        ), []
    try:
        ideal = int(theory.optimal_horizon(loop.budget, loop.theta0, loop.sigma, loop.kappa))
    except ValueError:  # more rounds than an integer holds
        ideal = 2**62
    most = min(ideal, int(loop.budget), MOST_ROUNDS)
    notes = []
    if most < ideal:
        limit = "the budget" if most == loop.budget else "what loopcert plans"
        notes.append(f"the best horizon, {ideal} rounds, is beyond {limit}: {most}")
    best = fitting_rounds(lambda t: loop.gap_after(loop.schedule(t)), most)
    if best < most:
        notes.append(f"with whole samples, {best} rounds do better than {most}")
    return best, notes


def _remarks(loop, counts, best):
    rounds = len(counts)
    if rounds > best:
        yield f"{rounds} rounds are past the best number, {best} (SW-17): fewer would earn more"
    if rounds:
        distance = float(loop.distance(rounds))
        spread = float(theory.terminal_variance(counts, loop.sigma, loop.kappa))
        reach = distance / np.sqrt(loop.dim)
        if theory.best_variance([reach], loop.sigma, loop.kappa) > spread:
            yield ("after so few rounds the mean is so far out that more spread would earn more: "
                   "this schedule has the least variance and not the largest reward (SW-08)")
    if loop.prices is not None and rounds:
        spent = counts @ loop.unit_prices(rounds)
        yield f"whole samples leave {loop.budget - spent:.4g} of the budget unspent"


def _rounds(loop, counts):
    """Return the rounds of a schedule, with what to expect of each."""
    if not len(counts):
        return ()
    steps = np.arange(len(counts) + 1)
    distance, variance = loop.distance(steps), loop.variances(counts)
    gaps = loop.shortfall(distance, variance)
    proposals = counts * loop.proposals(distance[:-1], variance[:-1])
    spends = counts * loop.unit_prices(len(counts))
    return tuple(
        Round(t, int(counts[t]), float(spends[t]), float(proposals[t]), float(gaps[t + 1]))
        for t in range(len(counts))
    )


def _outcomes(loop, counts, best):
    rounds = len(counts)
    distance = float(loop.distance(rounds))
    variance = float(loop.variances(counts)[-1]) if rounds else 0.0
    gap = float(loop.shortfall(distance, variance))
    optimum = float(theory.optimal_reward(loop.sigma, loop.kappa, loop.dim))
    outcomes = {
        "gap": Outcome(gap, ("SW-05",), "relative gap to the best reward"),
        "reward": Outcome((1 - gap) * optimum, ("SW-02", "SW-05"),
                          "expected reward, and share of proposals kept, of the final model"),
        "squared_distance": Outcome(distance**2 + loop.dim * variance, ("SW-04",),
                                    "expected squared distance to the reward's centre"),
        "variance": Outcome(variance, ("SW-04",), "variance of the final mean per coordinate"),
        "best_rounds": Outcome(float(best), ("SW-17",) if loop.prices is None else ("SW-20",),
                               "stop after this many rounds: more would earn less"),
    }
    if rounds:
        path = loop.variances(counts)[:-1], loop.distance(np.arange(rounds))
        expected = float(counts @ loop.proposals(path[1], path[0]))
        outcomes["proposals"] = Outcome(expected, ("SW-21",), "expected proposals, all rounds")
    if rounds and loop.prices is not None:
        money = counts.sum() * loop.prices.train + expected * loop.prices.generate
        outcomes["expected_spend"] = Outcome(
            float(money), ("SW-21",), "expected spend, fluctuations of the model included"
        )
    return outcomes


def _rivals(loop, counts, tuned):
    """Return the constant and the linear schedule at the same cost."""
    rounds = len(counts)
    ours = float(theory.terminal_variance(counts, loop.sigma, loop.kappa))
    rivals = []
    shapes = (("constant", theory.constant_schedule), ("linear", theory.linear_schedule))
    for name, shape in shapes:

        def spent(length, shape=shape):
            relative = shape(1.0, length)
            return relative * (loop.budget / (relative @ loop.unit_prices(length)))

        theirs = float(theory.terminal_variance(spent(rounds), loop.sigma, loop.kappa))
        rivals.append(
            Rival(name, rounds, loop.gap_after(spent(rounds)), loop.budget * theirs / ours)
        )
        if tuned:
            best = tuned_rounds(lambda t, spent=spent: loop.gap_after(spent(t)), MOST_ROUNDS)
            value = loop.gap_after(spent(best))
            rivals.append(Rival(f"{name}, its best rounds", best, value, None))
    return tuple(rivals)
