r"""The final answer of a text: which number it ends in, exactly.

What counts, in this order: the first "####" with a number behind it, the last "\boxed{...}", the
last "the answer is ...", the last number of the text. A marker whose number cannot be read, or
that offers several, is no answer: better to refuse than to guess. Units, currency and percent
signs say nothing about the number ("25%" is 25, "50 cents" is 50); words such as "million"
multiply it; numbers in words ("twelve") are not read.

Text is looked at once from left to right, by patterns without nested repetition, and only as far
as `MAX_TEXT` characters; nothing of it is run.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["MAX_TEXT", "Answer", "final_answer", "number", "read_answer", "same"]

MAX_TEXT = 100_000  # characters of the text's end that are looked at
MAX_DIGITS = 40
MAX_EXPONENT = 30

CURRENCY = "$€£¥₹"
MINUS = str.maketrans({
    "−": "-", "﹣": "-", "－": "-", "‐": "-", "‑": "-", "–": "-",
    "\u00a0": "\u202f", "\u2009": "\u202f", "\u2007": "\u202f",
})
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
VULGAR = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5),
          "⅖": (2, 5), "⅗": (3, 5), "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6), "⅛": (1, 8),
          "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8)}
MULTIPLES = {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9,
             "trillion": 10**12}

BLOB = re.compile(r"(?:[0-9]|(?<!\.)\.(?=[0-9]))[0-9.,:/\u202f]*|[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞]")
PLAIN = re.compile(r"([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?:\u202f[0-9]{3})+)?"
                   r"(?:\.([0-9]+)?)?")
EXPONENT = re.compile(r"[eE]([-+]?[0-9]{1,6})(?![\w.])")
POWER_OF_TEN = re.compile(r"[ \u202f]?[x×*·][ \u202f]?10(?:\^[({]?([-+]?[0-9]{1,6})[)}]?"
                          r"|([⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,6}))")
MULTIPLE = re.compile(r"[ \u202f-]?(" + "|".join(MULTIPLES) + r")\b", re.IGNORECASE)
NEGATIVE = re.compile(r"\b(?:minus|negative) $", re.IGNORECASE)
FRACTION = re.compile(r"\\[dt]?frac\{([0-9]{1,40})\}\{([0-9]{1,40})\}")
SOMETHING = re.compile(r"\S")
MARKER = re.compile(r"#{4,}")
BOXED = re.compile(r"\\boxed\{([^{}\n]{0,200})\}")
PHRASE = re.compile(r"\banswers?\b[^\n.:=]{0,60}?(?:\b(?:is|are|was|be|equals)\b|:|=)",
                    re.IGNORECASE)
BETWEEN = re.compile(r"[\s,;:/+*×x÷±~&^-]*+(?:\b(?:or|to|and)\b)?+[\s,;:/+*×x÷±~&^-]*+")
SECOND = re.compile(r"\b(?:or|and)\b", re.IGNORECASE)
BOLD = re.compile(r"(?<![0-9])\*\*|\*\*(?![0-9])")
BEFORE = re.compile(r"[0-9]\s?[-+*/×÷^]{1,2}\s?$")  # an expression goes on here
AFTER = re.compile(r"\s?(?:[*×÷/+^]{1,2}|- ?(?=[0-9(]))\s?[0-9($]")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a text says in the end.

    Attributes
    ----------
    value : Fraction or None
        The number, exactly; None when there is none, or no single one.
    source : str
        Where it was looked for: "marker" (####), "boxed", "phrase" ("the answer is"), "last"
        (number of the text), or "none".
    """

    value: Fraction | None
    source: str


@dataclass(frozen=True, slots=True)
class _Found:
    """A number in a text: its value (None when it cannot be read) and where it stands."""

    value: Fraction | None
    start: int
    end: int


def final_answer(text, strict=False):
    """Return the number that a text ends in, a Fraction, or None; see :func:`read_answer`.

    Examples
    --------
    >>> str(final_answer("She has 3 * 4 = 12 apples.\\n#### $1,234.50 in all"))
    '2469/2'
    """
    return read_answer(text, strict).value


def same(text, answer, strict=False):
    """Return whether a text ends in this number, exactly."""
    found = final_answer(text, strict)
    return found is not None and found == answer


def read_answer(text, strict=False):
    """Return the :class:`Answer` of a text.

    Parameters
    ----------
    text : str
        Of any length and content.
    strict : bool
        Whether only "####" counts.
    """
    text = _tidy(text[-MAX_TEXT:])
    marked = [match.end() for match in MARKER.finditer(text)]
    if marked:
        return Answer(_marked(text, marked), "marker")
    if strict:
        return Answer(None, "none")
    boxed = BOXED.findall(text)
    if boxed:
        return Answer(_only(boxed[-1]), "boxed")
    phrases = [match.end() for match in PHRASE.finditer(text)]
    if phrases:
        return Answer(_only(_line(text, phrases[-1])), "phrase")
    found = _last(text)
    return Answer(found.value, "last") if found else Answer(None, "none")


def number(text):
    """Return the number that a short text is, a Fraction, or None if it holds none or several.

    Examples
    --------
    >>> number("-2,500 dollars"), number("3 or 4")
    (Fraction(-2500, 1), None)
    """
    return _only(_tidy(text[:MAX_TEXT]))


def _tidy(text):
    """Return the text without what LaTeX and Markdown put around numbers."""
    text = text.translate(MINUS)
    text = FRACTION.sub(r"(\1/\2)", text)
    for old, new in ((r"\$", "$"), (r"\%", "%"), ("{,}", ","), (r"\,", "\u202f"),
                     (r"\times", "×"), (r"\cdot", "·"), (r"\(", " "), (r"\)", " "),
                     ("`", "")):
        text = text.replace(old, new)
    return BOLD.sub("", text)


def _line(text, start):
    """Return the rest of the line; if nothing is there, the next line that says something."""
    first = SOMETHING.search(text, start)
    if not first:
        return ""
    end = text.find("\n", first.start())
    return text[first.start():end if end >= 0 else len(text)]


def _marked(text, marked):
    """Return the number behind the first marker that has one, or None."""
    for start in marked:
        line = MARKER.split(_line(text, start), maxsplit=1)[0]
        if BLOB.search(line):
            return _only(line)
    return None


def _only(line):
    """Return the number that a line states, or None when it states none or several.

    Of "5 * 3 = 15" it is what follows the last "="; behind the number there may be words, and
    other numbers after these, but no second candidate.
    """
    line = line.rpartition("=")[2]
    found = _numbers(line, 2)
    if not found or found[0].value is None:
        return None
    if len(found) > 1:
        between = line[found[0].end:found[1].start]
        if BETWEEN.fullmatch(between) or SECOND.search(between):
            return None
    if BEFORE.search(line[max(found[0].start - 8, 0):found[0].start]) or \
            AFTER.match(line, found[0].end):
        return None
    return found[0].value


def _last(text):
    """Return the last number of a text, looking at pieces from its end."""
    for line in reversed(text.splitlines()):
        found = _numbers(line)
        if found:
            return found[-1]
    return None


def _numbers(line, most=None):
    """Return the numbers of a line, in order, the first `most` of them."""
    found, place = [], 0
    while most is None or len(found) < most:
        match = BLOB.search(line, place)
        if not match:
            break
        place = match.end()
        if _in_word(line, match.start()):
            continue
        new = _number(line, match)
        found.append(new)
        place = max(place, new.end)
    return found


def _in_word(line, start):
    """Return whether what starts here is inside a word: "H2O", "x_1"; but not "US$5"."""
    return start > 0 and (line[start - 1].isalpha() or line[start - 1] == "_")


def _number(line, match):
    """Return the number whose digits these are, with its sign and what multiplies it."""
    start, end, value = match.start(), match.end(), None
    blob = match.group()
    if blob in VULGAR:
        value = Fraction(*VULGAR[blob])
    else:
        stripped = blob.rstrip(".,:/\u202f")
        end -= len(blob) - len(stripped)
        value = _value(stripped)
        value, end = _mixed(line, value, end)
    sign, start = _sign(line, start)
    factor, end = _factor(line, end, start)
    if value is None or factor is None:
        return _Found(None, start, end)
    return _Found(sign * value * factor, start, end)


def _value(blob):
    """Return the Fraction that digits with points, commas or one slash mean, or None."""
    above, slash, below = blob.partition("/")
    if slash:
        if "/" in below:
            return None
        above, below = _value(above), _value(below)
        whole = above is not None and below and above.denominator == below.denominator == 1
        return above / below if whole else None
    match = PLAIN.fullmatch(blob)
    if not match or len(blob) > MAX_DIGITS:
        return None
    whole = re.sub(r"\D", "", match.group(1) or "")
    decimals = match.group(2) or ""
    return Fraction(int(whole + decimals), 10 ** len(decimals)) if whole + decimals else None


def _mixed(line, value, end):
    """Return the value of a mixed number, "2½" or "1 3/4", and where it ends."""
    if value is None or value.denominator != 1:
        return value, end
    rest = line[end:end + 1 + 2 * MAX_DIGITS]
    tight = rest.removeprefix(" ")
    if tight[:1] in VULGAR:
        return value + Fraction(*VULGAR[tight[0]]), end + len(rest) - len(tight) + 1
    match = re.match(r" ?\(?([0-9]{1,9})/([0-9]{1,9})\)?(?![\w/])", rest)
    if match and rest[0] in " (" and 0 < int(match[1]) < int(match[2]):
        return value + Fraction(int(match[1]), int(match[2])), end + match.end()
    return value, end


def _sign(line, start):
    """Return 1 or -1, and where the number starts with its sign and currency."""
    sign, place = 1, start
    if place > 1 and line[place - 1] in "-+" and line[place - 2] in CURRENCY:
        return (-1 if line[place - 1] == "-" else 1), place - 2  # "$-5"
    before = line[:place].rstrip(" ")
    if before[-1:] in tuple(CURRENCY) and len(before) >= place - 1:
        place = len(before) - 1
    before = line[:place]
    if before[-1:] in ("-", "+") and _free(before[:-1]):
        sign, place = (-1 if before[-1] == "-" else 1), place - 1
    elif before[-2:] in ("- ", "+ ") and before[:-2].rstrip()[-1:] in ("", ":"):
        sign, place = (-1 if before[-2] == "-" else 1), place - 2  # "#### - 5"
    elif match := NEGATIVE.search(before[-12:]):
        sign, place = -1 if match.group()[0] in "mMnN" else 1, place - len(match.group())
    return sign, place


def _free(before):
    """Return whether a "-" behind this is a sign, not an operator, a dash or a hyphen."""
    last = before.rstrip(" ")[-1:]
    if last.isdigit() or last in (")", "%"):
        return False
    return not (before[-1:].isalnum() or before[-1:] == "-")


def _factor(line, end, start):
    """Return what multiplies a number, and where that ends: powers of ten, "million", "$5k"."""
    rest = line[end:end + 24]
    if match := EXPONENT.match(rest):
        return _ten(match[1]), end + match.end()
    if match := POWER_OF_TEN.match(rest):
        return _ten(match[1] or match[2].translate(SUPERSCRIPTS)), end + match.end()
    if rest[:1] == "^" or rest[:1] in tuple("⁰¹²³⁴⁵⁶⁷⁸⁹"):
        return None, end + 1
    if match := MULTIPLE.match(rest):
        return Fraction(MULTIPLES[match[1].lower()]), end + match.end()
    if line[start:end].lstrip("+-")[:1] in tuple(CURRENCY) and re.match(r"[kKmM]\b", rest):
        return Fraction(1000 if rest[0] in "kK" else 10**6), end + 1
    return Fraction(1), end


def _ten(written):
    exponent = int(written)
    return None if abs(exponent) > MAX_EXPONENT else Fraction(10) ** exponent
