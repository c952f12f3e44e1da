"""Numbers as tokens: P1000 and FP15, with three significant digits (Charton 2022).

P1000 writes a number as a sign, a mantissa and a power of ten, three tokens: `+ 23 E-1` is 2.3.
FP15 writes it as one token, `FP230/-2`. Both work on whole arrays. Rounding is decimal and exact:
a number is rounded as it is printed (its shortest decimal form), ties to even.
"""

import dataclasses
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np

__all__ = ["ENCODINGS", "FP15", "P1000", "encoding_of"]

DIGITS = 3
LOW, HIGH = 10 ** (DIGITS - 1), 10**DIGITS  # a full mantissa lies in [LOW, HIGH)
EXACT = 22  # the largest power of ten that is a double
POWERS = np.array([float(f"1e{e}") for e in range(-330, 309)])  # 1e-330 .. 1e308
ORIGIN = 330


def _significant(values):
    """Return (mantissa, exponent): integers with |value| = mantissa 10^exponent, rounded.

    The mantissa has three digits, or is 0 (exponent 0).
    """
    x = np.abs(values)
    if not np.isfinite(x).all():
        raise ValueError(f"values = {x[~np.isfinite(x)][0]}: must be finite")
    safe = np.where(x > 0, x, 1.0)
    exponent = np.floor(np.log10(safe)).astype(np.int64) - (DIGITS - 1)
    # Half of the power at a time, since 10^(-exponent) alone may overflow.
    half = -exponent // 2
    scaled = safe * POWERS[ORIGIN + half] * POWERS[ORIGIN - exponent - half]
    mantissa = np.rint(scaled).astype(np.int64)
    doubtful = np.abs(scaled - np.floor(scaled) - 0.5) < 1e-9
    for place in zip(*np.nonzero(doubtful)):
        mantissa[place] = _rounded(safe[place], int(exponent[place]))
    carry = mantissa == HIGH
    mantissa, exponent = np.where(carry, LOW, mantissa), exponent + carry
    return np.where(x > 0, mantissa, 0), np.where(x > 0, exponent, 0)


def _rounded(value, exponent):
    """Return value / 10^exponent as an integer, rounded as printed."""
    return int(Decimal(repr(float(value))).scaleb(-exponent).quantize(1, ROUND_HALF_EVEN))


def _valued(mantissa, exponent):
    """Return mantissa 10^exponent as the double nearest to it."""
    scale = POWERS[ORIGIN + np.minimum(np.abs(exponent), EXACT)]
    near = np.where(exponent < 0, mantissa / scale, mantissa * scale)
    far = np.abs(exponent) > EXACT
    if far.any():  # neither operand is exact there: read the decimal text
        near = np.array(near, dtype=float)
        near[far] = [float(f"{m}e{e}") for m, e in zip(mantissa[far], exponent[far])]
    return near


def _tokens(tokens, width):
    tokens = np.asarray(tokens, dtype=np.int64)
    if tokens.ndim == 0 or tokens.shape[-1] % width:
        raise ValueError(f"tokens = shape {tokens.shape}: must end in a multiple of {width}")
    return tokens.reshape(*tokens.shape[:-1], tokens.shape[-1] // width, width)


@dataclasses.dataclass(frozen=True, slots=True)
class P1000:
    """Sign, mantissa 0 to 999, exponent E-100 to E100: three tokens a number.

    Attributes
    ----------
    strip : bool
        Whether trailing zeros of the mantissa are stripped: 10 is `+ 1 E1`, not `+ 100 E-1`.

    Examples
    --------
    >>> code = P1000()
    >>> " ".join(code.words(code.encode([2.3, -3.141])))
    '+ 23 E-1 - 314 E-2'
    >>> code.round([0.60349])
    array([0.603])
    """

    strip: bool = True

    width = 3
    size = 2 + HIGH + 201

    @property
    def kinds(self):
        """Return the range of tokens (start, stop) that each place of a number allows."""
        return ((0, 2), (2, 2 + HIGH), (2 + HIGH, self.size))

    def encode(self, values):
        """Return the tokens of `values`, (..., n) -> int32 (..., 3 n).

        Raises
        ------
        OverflowError
            When an exponent is beyond 100 on either side.
        ValueError
            When a number is not finite.
        """
        values = np.atleast_1d(np.asarray(values, dtype=float))
        mantissa, exponent = _significant(values)
        if self.strip:
            for _ in range(DIGITS - 1):
                whole = (mantissa % 10 == 0) & (mantissa > 0)
                mantissa = np.where(whole, mantissa // 10, mantissa)
                exponent = exponent + whole
        if (np.abs(exponent) > 100).any():
            worst = values[np.abs(exponent) > 100].flat[0]
            raise OverflowError(f"values = {worst}: needs an exponent beyond E-100 to E100")
        sign = np.where((values < 0) & (mantissa > 0), 1, 0)
        parts = np.stack([sign, mantissa + 2, exponent + (2 + HIGH + 100)], axis=-1)
        return parts.astype(np.int32).reshape(*values.shape[:-1], -1)

    def decode(self, tokens):
        """Return the numbers that `tokens` (..., 3 n) spell; NaN where they spell none."""
        parts = _tokens(tokens, self.width)
        good = np.ones(parts.shape[:-1], dtype=bool)
        for place, (start, stop) in enumerate(self.kinds):
            good &= (parts[..., place] >= start) & (parts[..., place] < stop)
        clean = np.where(good[..., None], parts, [0, 2, 2 + HIGH])
        value = _valued(clean[..., 1] - 2, clean[..., 2] - (2 + HIGH + 100))
        return np.where(good, np.where(clean[..., 0] == 1, -value, value), np.nan)

    def round(self, values):
        """Return `values` rounded to what their tokens spell."""
        return self.decode(self.encode(values))

    def words(self, tokens):
        """Return the tokens as words: "+", "-", "0" to "999", "E-100" to "E100"."""
        return [self._word(int(token)) for token in np.ravel(tokens)]

    def _word(self, token):
        if not 0 <= token < self.size:
            raise ValueError(f"tokens = {token}: must lie in [0, {self.size})")
        if token < 2:
            return "+-"[token]
        return str(token - 2) if token < 2 + HIGH else f"E{token - (2 + HIGH + 100)}"


@dataclasses.dataclass(frozen=True, slots=True)
class FP15:
    """One token a number: sign, mantissa 100 to 999 and one of a few exponents.

    At the lowest exponent the mantissa may be shorter, so that numbers underflow gradually to 0.

    Attributes
    ----------
    low, high : int
        The exponents, both included; Charton's sixteen are -9 to 6. A narrower range makes a
        smaller vocabulary and rounds small numbers more coarsely.

    Examples
    --------
    >>> code = FP15()
    >>> code.words(code.encode([2.3, -3.141, 1e-8]))
    ['FP230/-2', 'FP-314/-2', 'FP10/-9']
    """

    low: int = -9
    high: int = 6

    width = 1

    def __post_init__(self):
        if not -100 <= self.low <= self.high <= 100:
            raise ValueError(f"low, high = {self.low}, {self.high}: must lie in order in "
                             f"[-100, 100]")

    @property
    def size(self):
        """Return how many tokens there are: two signs, and one zero."""
        return 2 * self._positive + 1

    @property
    def _positive(self):
        return (LOW - 1) + (HIGH - LOW) * (self.high - self.low + 1)

    @property
    def kinds(self):
        """Return the range of tokens (start, stop) that each place of a number allows."""
        return ((0, self.size),)

    def encode(self, values):
        """Return the tokens of `values`, (..., n) -> int32 (..., n).

        Raises
        ------
        OverflowError
            When a number is too large for the highest exponent.
        ValueError
            When a number is not finite.
        """
        values = np.atleast_1d(np.asarray(values, dtype=float))
        mantissa, exponent = _significant(values)
        small = exponent < self.low
        if small.any():
            mantissa, exponent = np.array(mantissa), np.array(exponent)
            fine = np.abs(values[small])
            mantissa[small] = [_rounded(value, self.low) for value in fine.ravel()]
            exponent[small] = self.low
        if ((exponent > self.high) & (mantissa > 0)).any():
            worst = values[(exponent > self.high) & (mantissa > 0)].flat[0]
            raise OverflowError(f"values = {worst}: must be below "
                                f"{HIGH}e{self.high} after rounding")
        exponent = np.where(mantissa > 0, exponent, self.low)
        rank = mantissa + (HIGH - LOW) * (exponent - self.low)  # 0 is the number zero
        return np.where((values < 0) & (rank > 0), rank + self._positive, rank).astype(np.int32)

    def _parts(self, tokens):
        sign = np.where(tokens > self._positive, -1, 1)
        rank = np.where(sign < 0, tokens - self._positive, tokens)
        steps = np.maximum(0, (rank - LOW) // (HIGH - LOW))
        return sign, rank - steps * (HIGH - LOW), steps + self.low

    def decode(self, tokens):
        """Return the numbers that `tokens` (..., n) spell; NaN where they spell none."""
        parts = _tokens(tokens, self.width)[..., 0]
        good = (parts >= 0) & (parts < self.size)
        sign, mantissa, exponent = self._parts(np.where(good, parts, 0))
        return np.where(good, sign * _valued(mantissa, exponent), np.nan)

    def round(self, values):
        """Return `values` rounded to what their tokens spell."""
        return self.decode(self.encode(values))

    def words(self, tokens):
        """Return the tokens as words, "FP-314/-2" for -3.14."""
        tokens = np.ravel(tokens)
        if ((tokens < 0) | (tokens >= self.size)).any():
            raise ValueError(f"tokens = {tokens}: must lie in [0, {self.size})")
        parts = zip(*(part.tolist() for part in self._parts(tokens)))
        return [f"FP{sign * mantissa}/{exponent}" for sign, mantissa, exponent in parts]


ENCODINGS = ("p1000", "fp15")


def encoding_of(name, strip=True, low=-9, high=6):
    """Return the encoding called `name`: :class:`P1000` or :class:`FP15`.

    Raises
    ------
    ValueError
        When there is none.
    """
    if name not in ENCODINGS:
        raise ValueError(f"encoding = {name!r}: must be one of {', '.join(ENCODINGS)}")
    return P1000(strip) if name == "p1000" else FP15(low, high)
