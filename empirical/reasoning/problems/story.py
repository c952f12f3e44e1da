"""A word problem in the making: numbers are drawn, sentences said, steps worked out, a question
asked.

A template is a function of a :class:`Story`. It draws from `int`, `pick`, `person` and `money`,
adds sentences with `say` and equations with `step`, and ends with `ask`, where it states the
answer once more by a formula of its own: a chain that does not end there is a bug and raises. At
each place where it can grow harder it asks `extra()`, which says yes as often as the difficulty
has extra clauses.
"""

from fractions import Fraction

from empirical.reasoning.arithmetic import Number, evaluate, exact, show
from empirical.reasoning.problems.words import PEOPLE, plural

__all__ = ["Redraw", "Story"]

EXTRAS = 2  # clauses that every template can add


class Redraw(Exception):
    """The numbers drawn so far allow no story that makes sense."""


class Story:
    """One problem that a template tells.

    Parameters
    ----------
    uniforms : sequence of float
        Uniform numbers in [0, 1); each draw uses one.
    extras : int
        Clauses to add: 0, 1 or 2.
    """

    def __init__(self, uniforms, extras):
        self._uniforms, self._wanted = iter(uniforms), extras
        self._asked, self._cast = 0, []
        self.drawn, self.core = [], None
        self.sentences, self.steps = [], []
        self.question = self.answer = None

    def pick(self, options):
        """Return one of the options."""
        return options[int(next(self._uniforms) * len(options))]

    def int(self, low, high, step=1):
        """Return a whole number of low, low + step, ... up to high."""
        if high < low:
            raise Redraw
        value = low + step * int(next(self._uniforms) * ((high - low) // step + 1))
        self.drawn.append(value)
        return value

    def money(self, low, high, step=25):
        """Return an amount in dollars, a multiple of `step` cents and rarely a whole number."""
        cents = self.int(int(100 * low), int(100 * high), step)
        return Number(Fraction(cents, 100))

    def divisor(self, number, low, high):
        """Return a divisor of a whole number between low and high."""
        number = Fraction(number)
        fitting = [d for d in range(low, high + 1) if (number / d).denominator == 1]
        if not fitting:
            raise Redraw
        value = self.pick(fitting)
        self.drawn.append(value)
        return value

    def person(self):
        """Return somebody who is not in the story yet."""
        left = [person for person in PEOPLE if person not in self._cast]
        self._cast.append(self.pick(left))
        return self._cast[-1]

    def need(self, condition):
        """Draw everything anew unless the condition holds."""
        if not condition:
            raise Redraw

    def extra(self):
        """Return whether to add the next extra clause."""
        if self._asked == 0:
            self.core = tuple(self.drawn)
        self._asked += 1
        if self._asked > EXTRAS:
            raise AssertionError(f"a template may ask for {EXTRAS} extra clauses")
        return self._asked <= self._wanted

    def say(self, sentence):
        """Add a sentence to the question."""
        self.sentences.append(sentence)

    def step(self, before, expression, unit, after=""):
        """Add "before expression = value unit after." to the solution and return the value.

        The unit is a singular noun; it follows the number, if that is not 1, as a plural.
        """
        value = evaluate(expression)
        unit = unit if value == 1 or not unit else plural(unit)
        self.steps.append(" ".join(filter(None, (before, expression, "=", show(value), unit,
                                                 after))) + ".")
        self._last = value
        return value

    def ask(self, question, answer):
        """End with the question, and with its answer by a formula that uses no step."""
        answer = Number(answer)
        if self._asked != EXTRAS:
            raise AssertionError(f"a template must ask for {EXTRAS} extra clauses")
        if answer != self._last:
            raise AssertionError(f"answer {answer}: the steps say {self._last}")
        if not exact(answer):
            raise AssertionError(f"answer {answer}: must have at most two decimals")
        self.question, self.answer = question, answer
