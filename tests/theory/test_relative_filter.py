"""Filters that rank: hazards, chi-squares, and the window that a top fraction makes."""

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from theory import verifier as kv

mp.mp.dps = 40
Z = 4.5

FRACTIONS = st.one_of(st.floats(-300, -1e-9).map(lambda power: 10.0**power), st.floats(0.01, 0.99))


def close(got, expect, rtol, atol=0.0):
    return abs(mp.mpf(float(got)) - expect) <= atol + rtol * abs(expect)


def hazard(x):
    return mp.npdf(x) / (mp.erfc(x / mp.sqrt(2)) / 2)


def quantile(q):
    """Return the upper quantile z with Q(z) = q."""
    q = mp.mpf(q)
    start = mp.sqrt(-2 * mp.log(q)) if q < 0.1 else mp.mpf(0)
    # In the logarithm of the tail Newton converges from anywhere.
    z = start
    for _ in range(60):
        z += (mp.log(mp.erfc(z / mp.sqrt(2)) / 2) - mp.log(q)) / hazard(z)
    return z


# --- one side ----------------------------------------------------------------------------------


@given(st.floats(-30, 60), st.floats(-5, 5))
@example(1e-9, 0.0)
@example(-40.0, 0.0)
def test_one_sided_filter(offset, cut):
    with mp.workdps(500):
        x = mp.mpf(cut) - mp.mpf(offset)
        h = hazard(x)
        slope = 1 - h * (h - x)
    rounding = 2e-16 * max(1.0, abs(float(x)))**2  # of cut - offset
    assert close(kv.one_sided_drift(offset, cut), h, 1e-13 + rounding, 1e-300)
    assert close(kv.one_sided_slope(offset, cut), slope, 1e-13 + rounding)
    assert 0 < kv.one_sided_slope(offset, cut) <= 1


def test_one_sided_filter_by_quadrature():
    with mp.workdps(25):
        for x in (-1.5, 0.3, 4.0):
            ends = [x, x + 1, x + 3, x + 12]
            mass = mp.quad(mp.npdf, ends)
            mean = mp.quad(lambda u: u * mp.npdf(u), ends) / mass
            second = mp.quad(lambda u: u * u * mp.npdf(u), ends) / mass
            assert close(kv.one_sided_drift(0.0, x), mean, 1e-12)
            assert close(kv.one_sided_slope(0.0, x), second - mean**2, 1e-11)


def test_one_sided_filter_far_away():
    assert kv.one_sided_drift(-1e300, 0.0) == pytest.approx(1e300, rel=1e-15)
    assert kv.one_sided_drift(1e300, 0.0) == 0.0
    assert kv.one_sided_slope(1e300, 0.0) == 1.0
    assert kv.one_sided_slope(-1e10, 0.0) == pytest.approx(1e-20, rel=1e-12)


@given(st.floats(-20, 20), st.floats(0.01, 5))
def test_one_sided_filter_never_rests(offset, step):
    assert kv.one_sided_drift(offset, 0.0) > 0
    assert kv.one_sided_drift(offset + step, 0.0) < kv.one_sided_drift(offset, 0.0)


# --- the top fraction by a score ---------------------------------------------------------------


@given(FRACTIONS)
@example(0.5)
@example(1e-300)
def test_top_fraction_drift(fraction):
    expect = mp.npdf(quantile(fraction)) / mp.mpf(fraction)
    assert close(kv.top_fraction_drift(fraction), expect, 1e-12)


def test_top_fraction_drift_is_the_mean_of_the_best():
    rng = np.random.default_rng(2)
    draws = rng.normal(size=(4000, 1000))
    best = np.sort(draws, axis=1)[:, -200:].mean(axis=1)
    error = best.std() / math.sqrt(best.size)
    expect = kv.top_fraction_drift(0.2)
    assert abs(best.mean() - expect) < Z * error + 1 / 1000  # O(1/n) of a finite batch
    assert abs(best.mean() - 1.02 * expect) > Z * error + 1 / 1000
    assert kv.top_fraction_drift(1.0) == 0.0


# --- the top fraction by closeness -------------------------------------------------------------


@pytest.mark.parametrize("dim", [1, 2, 3, 20, 784])
@pytest.mark.parametrize("fraction", [1e-6, 0.1, 0.5, 0.99])
def test_top_fraction_contraction_from_the_chi_squared_law(dim, fraction):
    half = mp.mpf(dim) / 2
    guess = mp.mpf(float(max(dim, 1))) / 2
    low, high = mp.mpf("1e-30"), 40 * guess + 40
    for _ in range(220):
        guess = (low + high) / 2
        inside = mp.gammainc(half, 0, guess, regularized=True) < mp.mpf(fraction)
        low, high = (guess, high) if inside else (low, guess)
    expect = mp.gammainc(half + 1, 0, guess, regularized=True) / mp.mpf(fraction)
    assert close(kv.top_fraction_contraction(dim, fraction), expect, 1e-10)


def test_top_fraction_contraction_is_the_spread_of_the_kept():
    rng = np.random.default_rng(6)
    draws = rng.normal(size=(1_000_000, 3))
    length = (draws**2).sum(axis=1)
    kept = draws[length <= np.quantile(length, 0.3)]
    square = (kept**2).mean(axis=1)
    error = 2 * square.std() / math.sqrt(len(kept))  # the threshold is estimated as well
    expect = kv.top_fraction_contraction(3, 0.3)
    assert abs(square.mean() - expect) < Z * error
    assert abs(square.mean() - 1.02 * expect) > Z * error  # twin: two per cent off


@given(st.integers(1, 10**6), st.floats(0.001, 0.999))
def test_contraction_weakens_with_the_dimension(dim, fraction):
    here = kv.top_fraction_contraction(dim, fraction)
    assert 0 < here < kv.top_fraction_contraction(dim + 1, fraction) * (1 + 1e-12) <= 1 + 1e-12
    gap = here - kv.asymptotic_top_fraction_contraction(dim, fraction)
    assert abs(gap) < 12 / dim


def test_one_dimension_is_the_window_at_the_centre():
    for fraction in (0.01, 0.1, 0.5, 0.9):
        width = kv.top_fraction_half_width(0.0, fraction)
        assert kv.top_fraction_contraction(1, fraction) == pytest.approx(
            kv.window_contraction(width), rel=1e-12)
    assert kv.top_fraction_contraction([1, 50], 1.0).tolist() == [1.0, 1.0]


# --- the window of a top fraction --------------------------------------------------------------


@given(st.one_of(st.floats(-50, 50), st.floats(-9, 4).map(lambda power: 10.0**power)),
       st.one_of(FRACTIONS, st.floats(0.9, 1, exclude_max=True)))
def test_half_width_accepts_the_fraction(offset, fraction):
    width = kv.top_fraction_half_width(offset, fraction)
    assert width > 0
    log_z = kv.window(offset, width).log_acceptance
    rounding = 1e-15 * abs(offset) * (1 + abs(offset) - min(width, abs(offset)))
    assert log_z == pytest.approx(math.log(fraction), rel=1e-11, abs=rounding)
    assert kv.top_fraction_half_width(-offset, fraction) == width


def test_half_width_at_the_edges():
    assert kv.top_fraction_half_width(3.0, 1.0) == np.inf
    assert kv.top_fraction_half_width(0.0, 0.5) == pytest.approx(0.67448975019608174, rel=1e-14)
    assert kv.top_fraction_half_width(1e12, 0.5) == pytest.approx(1e12, rel=1e-14)
    assert kv.top_fraction_half_width(0.0, 1e-300) == pytest.approx(
        1e-300 * math.sqrt(math.pi / 2), rel=1e-13)


@given(st.floats(0.01, 40), st.floats(0.02, 0.9))
def test_a_top_fraction_approaches_in_steps_not_by_a_factor(offset, fraction):
    width = kv.top_fraction_half_width(offset, fraction)
    assert 0 < kv.window(offset, width).mean < offset
    far = kv.window(100.0, kv.top_fraction_half_width(100.0, fraction))
    assert far.pull == pytest.approx(kv.top_fraction_drift(fraction), rel=1e-8)


# --- domains and shapes ------------------------------------------------------------------------


@pytest.mark.parametrize(("call", "name"), [
    (lambda: kv.one_sided_drift(np.inf, 0.0), "offset"),
    (lambda: kv.one_sided_drift(0.0, np.nan), "cut"),
    (lambda: kv.one_sided_slope(0.0, np.inf), "cut"),
    (lambda: kv.top_fraction_drift(0.0), "fraction"),
    (lambda: kv.top_fraction_drift(1.1), "fraction"),
    (lambda: kv.top_fraction_contraction(0, 0.1), "dim"),
    (lambda: kv.top_fraction_contraction(1, 0.0), "fraction"),
    (lambda: kv.asymptotic_top_fraction_contraction(1.5, 0.1), "dim"),
    (lambda: kv.top_fraction_half_width(np.inf, 0.1), "offset"),
    (lambda: kv.top_fraction_half_width(0.0, 0.0), "fraction"),
])
def test_out_of_domain(call, name):
    with pytest.raises(ValueError, match=rf"^{name} = "):
        call()


def test_broadcasting():
    d, q = np.array([[-1.0], [4.0]]), np.array([0.1, 0.5, 1.0])
    assert kv.one_sided_drift(d, q).shape == kv.one_sided_slope(d, q).shape == (2, 3)
    table = kv.top_fraction_half_width(d, q)
    assert table.shape == (2, 3)
    assert table[1, 0] == pytest.approx(kv.top_fraction_half_width(4.0, 0.1), rel=1e-13)
    assert kv.top_fraction_contraction([[1], [20]], q).shape == (2, 3)
    assert isinstance(kv.top_fraction_half_width(1.0, 0.1), float)
    assert isinstance(kv.one_sided_slope(1.0, 0.1), float)
