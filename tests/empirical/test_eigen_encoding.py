"""P1000 and FP15: printed examples, exact rounding, round trips, edges."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from empirical.eigen.encoding import FP15, P1000, encoding_of

reals = st.floats(-1e90, 1e90).filter(lambda x: x == 0 or abs(x) > 1e-90)
CODES = (P1000(), P1000(strip=False))


def words(values, code=CODES[0]):
    return " ".join(code.words(code.encode(values)))


@pytest.mark.parametrize(("value", "stripped", "full"), [
    (2.3, "+ 23 E-1", "+ 230 E-2"),
    (0.6035, "+ 604 E-3", "+ 604 E-3"),
    (-3.141, "- 314 E-2", "- 314 E-2"),
    (9.996, "+ 1 E1", "+ 100 E-1"),
    (10.0, "+ 1 E1", "+ 100 E-1"),
    (0.0, "+ 0 E0", "+ 0 E0"),
    (-0.0, "+ 0 E0", "+ 0 E0"),
    (9.995, "+ 1 E1", "+ 100 E-1"),  # below 9.995 as a double: rounded as it is printed
    (1.125, "+ 112 E-2", "+ 112 E-2"),  # a tie goes to the even mantissa
    (1.115, "+ 112 E-2", "+ 112 E-2"),
    (-999.5, "- 1 E3", "- 100 E1"),
    (1e100, "+ 1 E100", "+ 100 E98"),
])
def test_p1000_words(value, stripped, full):
    assert words([value]) == stripped
    assert words([value], CODES[1]) == full


def test_the_papers_matrix():
    matrix = np.array([[2.3, 0.6035], [0.6035, -3.141]])
    assert words(matrix.ravel()) == "+ 23 E-1 + 604 E-3 + 604 E-3 - 314 E-2"


@pytest.mark.parametrize("value", [1e101, 1.23e-99, -1e300, 5e-324])
def test_exponents_beyond_100_overflow(value):
    with pytest.raises(OverflowError, match="values = "):
        P1000().encode([1.0, value])


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("code", [*CODES, FP15()])
def test_what_is_not_finite_is_refused(code, value):
    with pytest.raises(ValueError, match="must be finite"):
        code.encode([1.0, value])


def test_p1000_vocabulary():
    code = P1000()
    assert code.size == 1203
    spelled = code.words(np.arange(code.size))
    assert len(set(spelled)) == code.size
    assert spelled[:3] == ["+", "-", "0"]
    assert spelled[-1] == "E100"
    assert code.encode(np.zeros((4, 25))).shape == (4, 75)


@given(reals)
@example(9.994999999999999)
@example(123.5)
@example(0.9999999999999999)
@example(1e22)
@example(9.995e-23)
def test_p1000_rounds_the_printed_decimal(value):
    exact = Decimal(repr(value))
    for code in CODES:
        token = code.encode([value])
        assert float(code.decode(token)[0]) == float(f"{exact:.3g}")
        again = code.encode(code.decode(token))
        assert (again == token).all()


@given(reals.filter(bool))
def test_relative_rounding_error(value):
    assert abs(P1000().round([value])[0] / value - 1) <= 1 / 201 * (1 + 1e-12)


@given(st.lists(reals, min_size=1, max_size=20))
def test_stripping_changes_no_number(values):
    assert (CODES[0].round(values) == CODES[1].round(values)).all()


@given(st.integers(1, 999), st.integers(-98, 98), st.booleans())
def test_every_printed_number_comes_back(mantissa, exponent, negative):
    value = float(f"{'-' if negative else ''}{mantissa}e{exponent}")
    for code in CODES:
        assert code.round([value])[0] == value


def test_malformed_numbers_decode_to_nan():
    code = P1000()
    good = code.encode([1.5, -2.0])
    for bad in ([2, 0, 1102], [0, 1102, 2], [-1, 2, 1102], [0, 2, 9999]):
        decoded = code.decode(np.concatenate([good[:3], bad]))
        assert decoded[0] == 1.5
        assert np.isnan(decoded[1])
    assert np.isnan(FP15().decode([28_999])[0])
    assert np.isnan(FP15().decode([-1])[0])
    with pytest.raises(ValueError, match="must end in a multiple of 3"):
        code.decode([0, 2])


def test_batches_encode_as_their_rows_do():
    values = np.random.default_rng(5).normal(0, 10, (3, 4, 5))
    for code in (*CODES, FP15()):
        tokens = code.encode(values)
        assert tokens.shape == (3, 4, 5 * code.width)
        assert (tokens[1, 2] == code.encode(values[1, 2])).all()
        assert code.decode(tokens).shape == values.shape


def test_fp15_holds_sixteen_exponents():
    code = FP15()
    assert code.size == 199 + 2 * 900 * 16
    every = np.arange(code.size)
    assert (code.encode(code.decode(every)) == every).all()
    assert len(set(code.words(every))) == code.size
    assert np.unique(code.decode(every)).size == code.size
    assert code.words(code.encode([-3.141, 0.0, 999e6])) == ["FP-314/-2", "FP0/-9", "FP999/6"]


@given(st.floats(-99, 99), st.integers(-9, -3))
@example(0.00999499999, -4)
@example(-99.4, -4)
@example(5e-5, -4)
@example(1.5e-4, -4)
def test_fp15_rounds_to_three_digits_or_to_its_step(value, low):
    got = FP15(low, -1).round([value])[0]
    three = float(f"{Decimal(repr(value)):.3g}")
    if abs(value) >= 100 * 10.0**low:
        assert got == three
    else:
        exact = Decimal(repr(value)).scaleb(-low).to_integral_value("ROUND_HALF_EVEN")
        assert got == float(exact.scaleb(low))


def test_fp15_overflows():
    assert FP15(-4, -1).round([99.94])[0] == 99.9
    with pytest.raises(OverflowError, match=r"values = 99\.96"):
        FP15(-4, -1).encode([99.96])
    with pytest.raises(ValueError, match="low, high = 2, 1"):
        FP15(2, 1)


def test_encodings_by_name():
    assert encoding_of("p1000", strip=False) == P1000(False)
    assert encoding_of("fp15", low=-4, high=-1) == FP15(-4, -1)
    with pytest.raises(ValueError, match="must be one of p1000, fp15"):
        encoding_of("p10")


@given(st.integers(0, 2**32 - 1))
def test_rounding_a_right_answer_leaves_it_right(seed):
    true = np.random.default_rng(seed).normal(0, 10, 5)
    assume(np.abs(true).sum() > 0)
    assert np.abs(true - P1000().round(true)).sum() < 0.005 * np.abs(true).sum()
