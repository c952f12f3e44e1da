"""People and nouns that word problems are about."""

from dataclasses import dataclass

__all__ = ["HE", "PEOPLE", "SHE", "Person", "count", "in_words", "plural"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a name and pronouns; written as the name.

    Attributes
    ----------
    name, he, his, him : str
        "Ana", "she", "her", "her".
    """

    name: str
    he: str
    his: str
    him: str

    def __str__(self):
        return self.name

    @property
    def He(self):
        """The pronoun at the beginning of a sentence."""
        return self.he.capitalize()

    @property
    def His(self):
        """The possessive at the beginning of a sentence."""
        return self.his.capitalize()


SHE = ("Ana", "Bella", "Clara", "Dina", "Elif", "Fatima", "Grace", "Hana", "Ines", "Julia", "Kira",
       "Lena", "Maria", "Nora", "Olga", "Priya", "Rosa", "Sofia", "Tara", "Wendy")
HE = ("Adam", "Ben", "Carlos", "David", "Emil", "Felix", "George", "Hugo", "Ivan", "Jonas",
      "Kofi", "Leo", "Marco", "Noah", "Omar", "Paul", "Ravi", "Samir", "Tom", "Viktor")
PEOPLE = tuple(
    [Person(name, "she", "her", "her") for name in SHE]
    + [Person(name, "he", "his", "him") for name in HE]
)

SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

IRREGULAR = {
    "child": "children", "person": "people", "foot": "feet", "sheep": "sheep", "loaf": "loaves",
    "shelf": "shelves", "half": "halves", "knife": "knives", "man": "men", "woman": "women",
    "tomato": "tomatoes", "potato": "potatoes", "mango": "mangoes",
}


def plural(noun):
    """Return the plural of a noun, of the last word if there are several ("apple pie").

    In "kilometer per hour" or "bag of rice" the first word counts.

    Examples
    --------
    >>> plural("box"), plural("berry"), plural("bag of rice"), plural("day")
    ('boxes', 'berries', 'bags of rice', 'days')
    """
    for link in (" of ", " per ", " in "):
        if link in noun:
            head, _, rest = noun.partition(link)
            return plural(head) + link + rest
    before, _, last = noun.rpartition(" ")
    if last in IRREGULAR:
        last = IRREGULAR[last]
    elif last.endswith(("s", "x", "ch", "sh")):
        last += "es"
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        last = last[:-1] + "ies"
    else:
        last += "s"
    return f"{before} {last}".strip()


def in_words(number):
    """Return a whole number from 0 to 99 in words; others in digits.

    Examples
    --------
    >>> in_words(42), in_words(7), in_words(250)
    ('forty-two', 'seven', '250')
    """
    if not 0 <= number < 100:
        return str(number)
    if number < 20:
        return SMALL[number]
    tens, ones = divmod(int(number), 10)
    return TENS[tens - 2] + (f"-{SMALL[ones]}" if ones else "")


def count(number, noun):
    """Return "1 apple" or "3 apples"."""
    return f"{number} {noun if number == 1 else plural(noun)}"
