"""Which kind of item prevails among finitely many survivors: exact laws, limits, bounds."""

from math import comb

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy.special import ndtr

from theory.breakdown import (
    asymptotic_majority_probability,
    bound_required_items,
    breakdown_point,
    chernoff_rate,
    majority_probability,
    transition_width,
)

Z = 4.5


@st.composite
def masses(draw, least=0.0):
    good = draw(st.floats(least, 1 - least))
    return good, min(draw(st.floats(least, 1)) * (1 - good), 1 - good)


def exact_majority(n, good, bad):
    """The double sum over (G, B), in 40 digits."""
    with mp.workdps(40):
        good, bad = mp.mpf(good), mp.mpf(bad)
        rest = 1 - good - bad
        return mp.fsum(
            comb(n, g) * comb(n - g, b) * good**g * bad**b * rest ** (n - g - b)
            for g in range(1, n + 1) for b in range(min(g, n - g + 1))
        )


@given(st.integers(0, 25), masses())
@example(0, (0.5, 0.5))
@example(1, (1.0, 0.0))
@example(20, (0.5, 0.5))
@example(21, (1e-12, 0.0))
@example(24, (1e-9, 0.999))
@example(25, (0.999999, 1e-7))
@example(10, (5e-6, 1 - 1e-5))
def test_majority_is_the_double_sum(n, both):
    exact = exact_majority(n, *both)
    got = majority_probability(n, *both)
    assert abs(float(got - exact)) < 3e-13
    if exact > 1e-290:
        assert got == pytest.approx(float(exact), rel=1e-9)


def exact_by_conditioning(n, good, bad):
    """Sum over the number of survivors, for larger n."""
    with mp.workdps(150):  # the tails below are formed by differences
        good, bad = mp.mpf(good), mp.mpf(bad)
        kept, total, tail = good + bad, mp.mpf(0), mp.mpf(0)
        share = good / kept
        tie = mp.mpf(1)  # P(as many good as bad) among an even number m of survivors
        mass = (1 - kept) ** n
        for m in range(n + 1):
            if m % 2:  # P(majority) grows by the good step out of a tie ...
                tail += tie * share
            elif m:  # ... and shrinks by the bad step out of a surplus of one
                surplus = tie * comb_ratio(m) * share
                tail -= surplus * (1 - share)
                tie = 2 * surplus * (1 - share)
            total += mass * tail
            mass *= mp.mpf(n - m) / (m + 1) * kept / (1 - kept)
        return total


def comb_ratio(m):
    """C(m - 1, m/2)/C(m - 2, m/2 - 1): from a tie at m - 2 to a surplus of one at m - 1."""
    return mp.mpf(m - 1) / (m // 2)


@pytest.mark.parametrize(("n", "good", "bad"), [
    (300, 0.3, 0.2), (301, 0.3, 0.32), (1000, 0.26, 0.24), (1000, 0.2, 0.5), (2000, 0.1, 0.2),
    (2000, 0.45, 0.05), (3000, 1e-4, 2e-4), (1500, 0.5, 0.4999),
])
def test_majority_of_many_items_against_forty_digits(n, good, bad):
    exact = exact_by_conditioning(n, good, bad)
    assert float(majority_probability(n, good, bad) / exact - 1) == pytest.approx(0, abs=1e-12)


def test_the_reference_itself_is_the_double_sum():
    for n, good, bad in ((7, 0.3, 0.2), (12, 0.1, 0.6), (1, 0.4, 0.4)):
        gap = exact_by_conditioning(n, good, bad) - exact_majority(n, good, bad)
        assert abs(gap) < mp.mpf(10) ** -35


@given(st.integers(1, 10**6), masses())
@example(10**6, (0.5, 0.5))
@example(999_999, (0.4, 0.6))
def test_two_majorities_leave_a_tie(n, both):
    good, bad = both
    win, lose = majority_probability(n, good, bad), majority_probability(n, bad, good)
    assert 0 <= win + lose <= 1 + 1e-13
    if good + bad == 1 and n % 2:
        assert win + lose == pytest.approx(1, abs=1e-12)


def test_ties_decay_like_a_return_probability():
    n = np.array([10**6, 10**9, 10**12])
    tie = 1 - 2 * majority_probability(n, 0.25, 0.25)
    np.testing.assert_allclose(tie, 1 / np.sqrt(2 * np.pi * n * 0.5), rtol=1e-3)
    skellam = majority_probability(10**15, 1e-15, 1e-15)
    assert skellam == pytest.approx((1 - np.exp(-2) * 2.2795853023360673) / 2, rel=1e-13)


@given(st.integers(1, 2000), masses(), st.floats(0, 1))
def test_majority_grows_with_the_good_mass(n, both, more):
    good, bad = both
    better = good + more * (1 - good - bad)
    assume(better + bad <= 1)
    small, large = majority_probability(n, good, bad), majority_probability(n, better, bad)
    assert large >= small * (1 - 1e-9) - 1e-14


def test_limits_of_the_majority():
    assert majority_probability([0, 1, 5], 1.0, 0.0).tolist() == [0, 1, 1]
    assert majority_probability(5, 0.0, 0.7) == 0
    assert majority_probability(5, 0.0, 0.0) == 0
    assert majority_probability(10**6, 1e-300, 0.0) == pytest.approx(1e-294, rel=1e-12)
    assert majority_probability(np.full((3, 1), 9), 0.4, np.array([0.1, 0.2])).shape == (3, 2)
    assert isinstance(majority_probability(9, 0.4, 0.3), np.float64)


def test_majority_by_simulation():
    rng = np.random.default_rng(2)
    n, good, bad, loops = 101, 0.21, 0.17, 400_000
    draws = rng.multinomial(n, [good, bad, 1 - good - bad], size=loops)
    won = draws[:, 0] > draws[:, 1]
    exact = majority_probability(n, good, bad)
    error = np.sqrt(exact * (1 - exact) / loops)
    assert abs(won.mean() - exact) < Z * error
    assert abs(won.mean() - majority_probability(n, good * 1.02, bad)) > Z * error


def test_domain_of_the_majority():
    with pytest.raises(ValueError, match=r"good \+ bad = 1.2: must lie in \[0, 1\]"):
        majority_probability(3, 0.6, 0.6)
    with pytest.raises(ValueError, match="n = -1"):
        majority_probability(-1, 0.5, 0.5)
    with pytest.raises(ValueError, match="bad = nan"):
        chernoff_rate(0.5, np.nan)


# --- leading order and bounds ------------------------------------------------------------------


def test_normal_approximation_gains_an_order_of_magnitude_a_decade():
    errors = []
    for n in (100, 1000, 10_000):
        star = breakdown_point(0.9, 0.3)
        p = star + np.linspace(-3, 3, 61) * transition_width(n, 0.9, 0.3)
        good, bad = (1 - p) * 0.9, p * 0.3
        gap = asymptotic_majority_probability(n, good, bad) - majority_probability(n, good, bad)
        errors.append(np.abs(gap).max())
    np.testing.assert_allclose(errors, [4.4e-4, 3.4e-5, 3.0e-6], rtol=0.05)


def test_normal_approximation_at_its_ends():
    assert asymptotic_majority_probability(10, 1.0, 0.0) == 1
    assert asymptotic_majority_probability(10, 0.0, 1.0) == 0
    assert asymptotic_majority_probability(10, 0.0, 0.0) == 0
    assert asymptotic_majority_probability(10**15, 0.3, 0.1) == 1


def test_transition_has_the_width_of_its_slope():
    n, phi, psi = 10**6, 0.8, 0.2
    star, width = breakdown_point(phi, psi), transition_width(10**6, phi, psi)
    for move in (-1.0, 0.5, 2.0):
        p = star - move * width
        found = majority_probability(n, (1 - p) * phi, p * psi)
        assert found == pytest.approx(ndtr(move), abs=2e-3)
        wrong = majority_probability(n, (1 - p) * phi, p * psi * 1.02)
        assert abs(wrong - ndtr(move)) > 0.01
    assert transition_width(8, 0.5, 0.5) == pytest.approx(0.25)
    assert transition_width(100, 1.0, 0.0) == 0
    assert np.isnan(transition_width(100, 0.0, 0.0))
    assert transition_width(np.ones((2, 1)), 0.5, np.ones(3)).shape == (2, 3)


@given(st.integers(1, 3000), masses(1e-6))
def test_chernoff_bound_holds_and_its_rate_is_attained(n, both):
    good, bad = sorted(both, reverse=True)
    failure = 1 - majority_probability(n, good, bad)
    assert failure <= np.exp(-n * chernoff_rate(good, bad)) * (1 + 1e-9) + 1e-13
    assert chernoff_rate(good, bad) == chernoff_rate(bad, good)


def test_no_faster_rate_than_chernoff():
    n = np.array([10**4, 10**5])
    rare = -np.log(majority_probability(n, 0.1, 0.13)) / n
    rate = chernoff_rate(0.13, 0.1)
    assert rare[1] == pytest.approx(rate, rel=0.05)
    assert rare[0] > rare[1] > rate


@pytest.mark.parametrize(
    ("good", "bad"), [(0.5, 0.5 - 1e-12), (1e-300, 1e-301), (0.9, 0.0), (0.3, 0.3)]
)
def test_rate_against_forty_digits(good, bad):
    with mp.workdps(60):
        exact = -mp.log(1 - (mp.sqrt(mp.mpf(good)) - mp.sqrt(mp.mpf(bad))) ** 2)
    assert chernoff_rate(good, bad) == pytest.approx(float(exact), rel=1e-14)


def test_rate_ends():
    assert chernoff_rate(1.0, 0.0) == np.inf
    assert chernoff_rate(0.0, 0.0) == 0


@given(masses(1e-3), st.floats(1e-6, 0.5))
def test_bounded_number_of_items_suffices(both, failure):
    good, bad = sorted(both, reverse=True)
    assume(good - bad > 1e-2)
    n = bound_required_items(good, bad, failure)
    assert 1 - majority_probability(n, good, bad) <= failure * (1 + 1e-9)
    assert np.exp(-(n - 1) * chernoff_rate(good, bad)) > failure * (1 - 1e-9)


def test_bounded_numbers():
    assert bound_required_items(1.0, 0.0, 0.05) == 1
    assert bound_required_items(0.3, [0.1, 0.2], [[0.1], [0.01]]).shape == (2, 2)
    with pytest.raises(ValueError, match="good - bad = 0"):
        bound_required_items(0.3, 0.3, 0.1)
    with pytest.raises(ValueError, match="required items"):
        bound_required_items(0.5, 0.5 - 1e-16, 0.1)
    with pytest.raises(ValueError, match="failure = 0"):
        bound_required_items(0.5, 0.2, 0.0)


def test_any_number_of_items_at_any_rate_is_cheap():
    rng = np.random.default_rng(4)
    n = np.floor(10 ** rng.uniform(0, 15, 20_000))
    good = 10 ** -rng.uniform(0, 15, n.size)
    bad = (1 - good) * 10 ** -rng.uniform(0, 15, n.size)
    found = majority_probability(n, good, bad)
    assert ((found >= 0) & (found <= 1)).all()
    assert (found <= -np.expm1(n * np.log1p(-good)) * (1 + 1e-11)).all()  # some good item
