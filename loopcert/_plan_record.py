"""What a plan says, and the search for its number of rounds."""

from dataclasses import dataclass

__all__ = [
    "MOST_ROUNDS", "MOST_SAMPLES", "Outcome", "Plan", "Rival", "Round", "first_rise",
    "fitting_rounds", "tuned_rounds",
]

MOST_ROUNDS = 10_000
MOST_SAMPLES = 2**53
PATIENCE = 60  # rounds without improvement after which a rival is tuned
TUNED_TO = 1_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """A predicted number and the claims that it rests on.

    Attributes
    ----------
    value : float
        The number; inf where it is unbounded.
    claims : tuple of str
        Ids of claims.
    meaning : str
        What the number is, in words.
    """

    value: float
    claims: tuple[str, ...]
    meaning: str


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a plan.

    Attributes
    ----------
    round : int
        Its number t, from 0 on.
    kept : int
        Samples to keep and train on.
    spend : float
        Their price at the mean trajectory, in units of the budget.
    proposals : float or None
        Expected proposals until that many are kept; None when the model does not tell.
    after : float
        The predicted criterion after the round.
    """

    round: int
    kept: int
    spend: float
    proposals: float | None
    after: float


@dataclass(frozen=True, slots=True)
class Rival:
    """Another way to spend the same budget.

    Attributes
    ----------
    name : str
        The shape of its schedule.
    rounds : int
        Its number of rounds.
    value : float
        Its predicted criterion; real-valued samples, which favours it.
    budget_for_same : float or None
        The budget with which, over the plan's rounds, it would have the plan's variance; None
        over other rounds.
    """

    name: str
    rounds: int
    value: float
    budget_for_same: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A schedule, what to expect of it, and what it beats.

    Attributes
    ----------
    model : str
        "selection" (a reward selects; Yang et al.) or "law" (any measured contraction).
    budget : float
        What there was to spend.
    unit : str
        "kept samples" or "money".
    rounds : int
        Rounds to run; 0 when not training is best.
    rounds_from : str
        "given", or "best" for the number that the model prefers.
    rounds_claims, schedule_claims : tuple of str
        What the number of rounds and the schedule rest on.
    schedule : tuple of Round
        The rounds in order.
    criterion : str
        What `after` and `value` are.
    before : float
        The criterion with no round at all.
    outcomes : dict of str to Outcome
        What to expect at the end.
    rivals : tuple of Rival
        Constant and linear schedules at the same cost.
    helps : bool
        Whether the criterion improves on doing nothing.
    notes : tuple of str
        What the plan takes for granted, and what was changed.
    """

    model: str
    budget: float
    unit: str
    rounds: int
    rounds_from: str
    rounds_claims: tuple[str, ...]
    schedule_claims: tuple[str, ...]
    schedule: tuple[Round, ...]
    criterion: str
    before: float
    outcomes: dict[str, Outcome]
    rivals: tuple[Rival, ...]
    helps: bool
    notes: tuple[str, ...]

    @property
    def kept(self):
        """Kept samples over all rounds."""
        return sum(step.kept for step in self.schedule)


def first_rise(loss, low, high):
    """Return the first t of [low, high) with loss(t + 1) >= loss(t), else high, by bisection.

    That is the minimum of a loss that falls and then rises.

    Examples
    --------
    >>> first_rise(lambda t: (t - 7) ** 2, 1, 100)
    7
    """
    while low < high:
        middle = (low + high) // 2
        if loss(middle + 1) >= loss(middle):
            high = middle
        else:
            low = middle + 1
    return low


def fitting_rounds(loss, preferred):
    """Return the rounds that whole samples prefer, at most `preferred`, which real ones do.

    Whole samples, at least one a round, can only make long horizons worse.
    """
    if preferred <= 1 or loss(preferred - 1) > loss(preferred):
        return preferred
    return first_rise(loss, 1, preferred)


def tuned_rounds(loss, most):
    """Return the rounds of least `loss`, trying 1, 2, ... until it has long stopped falling."""
    best, least = 1, loss(1)
    for rounds in range(2, min(most, TUNED_TO) + 1):
        value = loss(rounds)
        if value < least:
            best, least = rounds, value
        elif rounds - best >= PATIENCE:
            break
    return best
