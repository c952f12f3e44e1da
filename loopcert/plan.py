"""How to spend a budget over the rounds of a loop, when to stop, and what that beats."""

from loopcert._plan_law import plan_law
from loopcert._plan_record import MOST_ROUNDS, Outcome, Plan, Rival, Round
from loopcert._plan_selection import Prices, plan_selection

__all__ = [
    "MOST_ROUNDS",
    "Outcome",
    "Plan",
    "Prices",
    "Rival",
    "Round",
    "plan_law",
    "plan_selection",
]
