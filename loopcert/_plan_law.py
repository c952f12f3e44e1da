"""Plans for any loop whose round contracts the error by a measured factor (claims UL-).

One round with n kept samples takes the distance delta to the loop's centre to
K delta + sqrt(c / n) xi; the centre lies B away from the truth.
"""

import math

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
from theory import budget, one_law

__all__ = ["plan_law"]

NO_ROUND = np.zeros(0, np.int64)


class _Loop:
    """A contracting loop: K, c, v0, B^2 and the number of samples to spend."""

    def __init__(self, contraction, noise, initial, bias2, samples):
        self.contraction, self.noise = contraction, noise
        self.initial, self.bias2, self.samples = initial, bias2, samples

    def errors(self, schedule):
        """Return the error to the truth before the first and after each round."""
        return one_law.truth_error(
            self.contraction, self.noise, self.initial, schedule, self.bias2
        )

    def error(self, schedule):
        """Return the error to the truth at the end of a schedule."""
        return float(self.errors(schedule)[-1])

    def best_real_rounds(self):
        """Return the real number of rounds of least error, with real-valued samples."""
        return float(
            one_law.best_rounds_within(
                self.contraction, self.noise, self.initial, self.samples, self.bias2
            )
        )

    def schedule(self, rounds):
        """Return the best whole samples: those of the selection loop that contracts alike."""
        sigma = math.sqrt((1 - self.contraction) / self.contraction)
        return budget.integer_schedule(self.samples, rounds, sigma, 1.0)

    def noise_of(self, schedule):
        """Return the share of the error that the samples' noise makes."""
        return float(one_law.error_after(self.contraction, self.noise, 0.0, schedule))


def plan_law(
    total, contraction, noise, initial, bias2=0.0, rounds=None, price=None
):
    """Return the :class:`~loopcert.plan.Plan` of a loop that contracts.

    Parameters
    ----------
    total : float
        Kept samples (a whole number), or money where a `price` is given.
    contraction : float
        Factor K of the error per round, in (0, 1).
    noise : float
        Noise constant c: one round with n samples adds c/n to the mean squared error; > 0.
    initial : float
        Squared error to the truth before the first round, v0 >= 0.
    bias2 : float
        Squared distance B^2 of the loop's centre to the truth, >= 0.
    rounds : int, optional
        Rounds to run; by default the number of least error.
    price : float, optional
        Price of a kept sample, > 0.

    Examples
    --------
    >>> plan = plan_law(1000, 0.5, 1.0, 4.0, bias2=0.01)
    >>> plan.rounds, sum(step.kept for step in plan.schedule), plan.helps
    (8, 1000, True)
    """
    samples = _samples(total, price, rounds)
    loop = _Loop(contraction, noise, initial, bias2, samples)
    given = rounds is not None
    best, notes = _best_rounds(loop)
    rounds = rounds if given else best
    counts = loop.schedule(rounds) if rounds else NO_ROUND
    if rounds > best:
        notes.append(f"{rounds} rounds are past the best number, {best}: fewer would do better")
    if price is not None:
        notes.append(f"{samples} samples at {price:.4g} each; "
                     f"{total - samples * price:.4g} of the budget stays unspent")
    return Plan(
        model="law", budget=float(total), unit="kept samples" if price is None else "money",
        rounds=rounds, rounds_from="given" if given else "best",
        rounds_claims=() if given else ("UL-BUDGET", "UL-MSE"),
        schedule_claims=("UL-SCHED", "SW-18"),
        schedule=_rounds(loop, counts, price), criterion="squared error to the truth",
        before=float(initial), outcomes=_outcomes(loop, counts),
        rivals=_rivals(loop, counts, not given, total) if rounds else (),
        helps=loop.error(counts) < initial, notes=tuple(notes),
    )


def _samples(total, price, rounds):
    """Return how many samples the budget buys, after refusing an impossible one."""
    if price is None and total != math.floor(total):
        raise UserError(
            f"budget = {total:g}: must be a whole number of kept samples (or give prices, and "
            "it is money)"
        )
    bought = total if price is None else total / price
    if not bought <= MOST_SAMPLES:
        raise UserError(f"budget = {total:g}: must buy at most 2^53 kept samples")
    samples = math.floor(bought)
    if samples < 1:
        raise UserError(f"budget = {total:g}: must be at least {price:g}, the price of a sample")
    if rounds is not None and rounds > samples:
        raise UserError(
            f"rounds = {rounds}: must be at most {samples}, the samples that the budget buys: "
            "each round keeps at least one"
        )
    return samples


def _best_rounds(loop):
    """Return the number of rounds of least error, and notes."""
    real = loop.best_real_rounds()
    most = min(loop.samples, MOST_ROUNDS)
    ideal = max(1, math.ceil(min(real, most)))
    best = fitting_rounds(lambda t: loop.error(loop.schedule(t)), ideal)
    if not loop.error(loop.schedule(best)) < loop.initial:
        return 0, ["no number of rounds lowers the error: keep the model"]
    if real > most:
        return best, [f"the best number of rounds, {real:.4g}, is more than {most}, the most "
                      "that the budget or loopcert allows"]
    if best < math.floor(real):
        return best, [f"with whole samples, {best} rounds do better than {real:.4g}"]
    return best, []


def _rounds(loop, counts, price):
    """Return the rounds of a schedule, with the error after each."""
    if not len(counts):
        return ()
    spends = counts * (1.0 if price is None else price)
    errors = loop.errors(counts)[1:]
    return tuple(
        Round(t, int(counts[t]), float(spends[t]), None, float(errors[t]))
        for t in range(len(counts))
    )


def _outcomes(loop, counts):
    rounds = len(counts)
    within = one_law.best_error_within(
        loop.contraction, loop.noise, loop.initial, loop.samples, loop.bias2
    )
    outcomes = {
        "error": Outcome(loop.error(counts) if rounds else float(loop.initial), ("UL-MSE",),
                         "expected squared error to the truth at the end"),
        "bound": Outcome(float(within), ("UL-BUDGET",),
                         "no schedule of these samples over any rounds does better"),
    }
    if rounds:
        per_round = loop.samples / rounds
        stop = one_law.best_stop(
            loop.contraction, loop.noise, loop.initial, per_round, loop.bias2
        )
        outcomes["constant_stop"] = Outcome(
            float(stop.rounds), ("UL-STOP",),
            f"with {per_round:.4g} samples in every round instead: stop after so many rounds",
        )
        outcomes["constant_reversal"] = Outcome(
            float(stop.reversal), ("UL-STOP",), "and what running on for ever gives back"
        )
    return outcomes


def _rivals(loop, counts, tuned, total):
    """Return the constant and the linear schedule at the same cost."""
    rounds, rivals = len(counts), []
    shapes = (("constant", budget.constant_schedule), ("linear", budget.linear_schedule))
    for name, shape in shapes:
        theirs = shape(loop.samples, rounds)
        same = total * loop.noise_of(theirs) / loop.noise_of(counts)
        rivals.append(Rival(name, rounds, loop.error(theirs), same))
        if tuned:
            best = tuned_rounds(
                lambda t, shape=shape: loop.error(shape(loop.samples, t)), MOST_ROUNDS
            )
            value = loop.error(shape(loop.samples, best))
            rivals.append(Rival(f"{name}, its best rounds", best, value, None))
    return tuple(rivals)
