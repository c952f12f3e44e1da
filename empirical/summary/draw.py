"""Draws of one report's facts from its own row of uniform numbers, and the words to draw from.

All names are made up: places, people and firms of no country in particular.
"""

__all__ = ["WIDTH", "Draw", "Kind", "counted"]

from dataclasses import dataclass

WIDTH = 48  # uniform numbers a report; no kind needs more

PLACES = tuple(
    "Ashbury Kelworth Marlington Dunmere Oxley Harwick Penfold Bramwell Tilbrook Westmere Corley "
    "Ravenby Holloway Stanmoor Lynford Castleton Elmsford Greyport Northam Redhill Sandwell "
    "Thornby Fairlea Wickham Aldbury Brockley Cranmore Denholm Eastwick Farnley Glenroy Hexworth "
    "Inverley Kingsmere Langport Melbury Norwell Orford Pembury Quarrington".split())
FIRST = tuple(
    "Anna Ben Clara David Emma Frank Grace Harry Irene James Kate Liam Maria Nina Oscar Paula "
    "Rachel Simon Tara Victor Wendy Adam Bella Carl Diana Ethan Fiona George Helen Ivan Julia "
    "Kevin".split())
LAST = tuple(
    "Abbott Barker Carter Dawson Ellis Foster Graham Hughes Irving Jenkins Keller Lawson Mason "
    "Norris Osborne Palmer Quinn Reeves Sharma Turner Usman Vance Walsh Young Ahmed Bennett "
    "Costa Doyle Evans Fischer Green Hassan Ito Jones Khan Lopez Morgan Novak Okoro Patel".split())
DAYS = tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
MONTHS = tuple("January February March April May June July August September October November "
               "December".split())
_NUMBERS = "no one two three four five six seven eight nine ten".split()


def counted(number, one, many=None):
    """Return a number with its noun: up to ten as a word.

    Examples
    --------
    >>> counted(1, "house"), counted(12, "house"), counted(3, "woman", "women")
    ('one house', '12 houses', 'three women')
    """
    noun = one if number == 1 else many or f"{one}s"
    return f"{_NUMBERS[number] if number <= 10 else format(number, ',')} {noun}"


class Draw:
    """Takes numbers off a row of uniforms, from the left.

    Parameters
    ----------
    uniform : sequence of float
        Numbers in [0, 1).
    """

    def __init__(self, uniform):
        self._left = iter(uniform)
        self._used = set()

    def pick(self, options):
        """Return one of the options, each as likely."""
        return options[int(next(self._left) * len(options))]

    def chance(self, share):
        """Return True with this probability."""
        return next(self._left) < share

    def number(self, low, high, step=1):
        """Return low, low + step, ..., high, each as likely."""
        return low + step * int(next(self._left) * ((high - low) // step + 1))

    def new(self, options):
        """Return an option that :meth:`new` did not return before."""
        left = [option for option in options if option not in self._used]
        chosen = self.pick(left)
        self._used.add(chosen)
        return chosen

    def place(self):
        """Return a town, another one each time."""
        return self.new(PLACES)

    def person(self):
        """Return (full name, surname) of somebody, with another surname each time."""
        first, last = self.pick(FIRST), self.new(LAST)
        return f"{first} {last}", last

    def day(self):
        """Return a day of the week."""
        return self.pick(DAYS)

    def month(self):
        """Return a month."""
        return self.pick(MONTHS)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event: how its facts are drawn, and the sentences that tell them.

    Attributes
    ----------
    name : str
        A word.
    facts : callable
        facts(draw) -> dict from the names in braces to words.
    body : tuple of tuples of str
        The report, sentence by sentence: of each, ways to say it. An empty one leaves it out.
    summaries : tuple of str
        Ways to sum the report up in one sentence.
    """

    name: str
    facts: object
    body: tuple
    summaries: tuple
