"""The functions and lists that GSM-Symbolic templates name and their repository does not define.

The lists are ours. What is drawn from a list of fractions or multiples is a word with a number:
the question prints the word, and the arithmetic uses the number.
"""

from fractions import Fraction

from empirical.reasoning.interpreter import MAX_CHOICES, Choices, Environment, Worded, number
from empirical.reasoning.problems.words import HE, SHE, in_words

__all__ = ["ENVIRONMENT", "LISTS"]


def _worded(**words):
    return tuple(Worded(name.replace("_", " "), Fraction(value)) for name, value in words.items())


ALPH = _worded(half="1/2") + tuple(
    Worded(text, Fraction(value)) for text, value in (
        ("one-third", "1/3"), ("one-fourth", "1/4"), ("one-fifth", "1/5"), ("two-thirds", "2/3"),
        ("three-fourths", "3/4"), ("two-fifths", "2/5"), ("three-fifths", "3/5"),
        ("one-sixth", "1/6"), ("one-eighth", "1/8"), ("one-tenth", "1/10")))
NUMS = tuple(Worded(text, Fraction(text)) for text in (
    "1/2", "1/3", "1/4", "1/5", "2/3", "3/4", "2/5", "3/5", "1/6", "1/8", "1/10"))
DECIMALS = tuple(Worded(text, Fraction(text)) for text in (
    "0.5", "0.25", "0.2", "0.75", "0.4", "0.6", "0.1", "0.8"))

LISTS = {
    "names": SHE + HE,
    "names_female": SHE,
    "names_male": HE,
    "currencies_sym": ("$", "€", "£", "¥", "₹"),
    "fractions": ALPH + NUMS,
    "fraction_alnum": ALPH + NUMS,
    "fraction_alph": ALPH,
    "fraction_nums": NUMS,
    "fraction_decimals": DECIMALS,
    "multi_times": tuple(Worded(f"{in_words(n)} times", Fraction(n)) for n in range(3, 9)),
    "multiple_ice": _worded(twice=2, thrice=3),
    "multiple": _worded(double=2, triple=3, quadruple=4),
    "fruits": ("apple", "banana", "pear", "mango", "peach", "plum", "orange", "kiwi"),
    "colors": ("red", "blue", "green", "yellow", "white", "black", "purple", "orange"),
    "cities": ("Lisbon", "Nairobi", "Toronto", "Osaka", "Lima", "Oslo", "Mumbai", "Vienna"),
    "sports": ("basketball", "soccer", "tennis", "volleyball", "hockey", "cricket"),
    "weekdays": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "weights_sm": ("ounce", "gram"),
    "weights_med": ("pound", "kilogram"),
    "length_lg": ("mile", "kilometer"),
}


def _whole(value):
    value = number(value)
    if not isinstance(value, int):
        raise ValueError(f"value = {value}: must be a whole number")
    return value


def _range(*bounds):
    options = range(*(_whole(bound) for bound in bounds))
    return _some(options)


def _some(options):
    if not 0 < len(options) <= MAX_CHOICES:
        raise ValueError(f"list of {len(options)}: must have 1 to {MAX_CHOICES} entries")
    return options


def _arange(low, high, step=1):
    """Return low, low + step, ... below high, exactly."""
    low, high, step = (Fraction(number(value)) for value in (low, high, step))
    many = -((low - high) // step) if step > 0 else 0
    _some(range(many))
    return tuple(number(low + step * place) for place in range(many))


def _sample(options, many=0):
    if isinstance(options, Choices):
        options = options.options
    if not isinstance(options, tuple | range):
        raise ValueError("sample: must have a list to draw from")
    many = _whole(many)
    if not 0 <= many <= len(_some(options)):
        raise ValueError(f"sample = {many}: must be at most {len(options)}, the length of the "
                         "list")
    return Choices(options, many)


def _sample_sequential(options, many):
    drawn = _sample(options, many)
    return Choices(drawn.options, drawn.many, consecutive=True)


def _numbers_within(low, high):
    """Return the whole numbers from low to high, in words."""
    return tuple(Worded(in_words(n), Fraction(n)) for n in _range(low, _whole(high) + 1)
                 if n >= 0)


def _is_int(value):
    return isinstance(number(value), int)


def _divides(value, by):
    """Return whether `by` divides `value` without remainder."""
    return number(value) % number(by) == 0


def _int(value):
    value = number(value)
    return value if isinstance(value, int) else int(value)


def _round(value, digits=0):
    digits = _whole(digits)
    if not 0 <= digits <= 10:
        raise ValueError(f"digits = {digits}: must lie in [0, 10]")
    scaled = number(value) * 10**digits  # halves go up, as people do
    return number(Fraction((2 * scaled + 1) // 2, 10**digits))


def _list(options):
    return options if isinstance(options, tuple | range) else _sample(options).options


def _fraction(above, below=1):
    return number(Fraction(number(above)) / number(below))


ENVIRONMENT = Environment(
    functions={
        "range": _range, "sample": _sample, "is_int": _is_int, "int": _int, "round": _round,
        "divides": _divides, "arange": _arange, "frange": _arange, "list": _list,
        "fix_floats": _list, "shuffle_list": _list, "numbers_within": _numbers_within,
        "sample_sequential": _sample_sequential, "Fraction": _fraction, "format_frac": _fraction,
        "randint": lambda low, high, size=1: _range(low, high),  # as NumPy's: below `high`
        "max": lambda *values: max(map(number, values)),
        "min": lambda *values: min(map(number, values)),
        "abs": lambda value: abs(number(value)),
        "float": number, "str": lambda value: value,
        "len": lambda value: len(_list(value)),
    },
    lists=LISTS,
)
