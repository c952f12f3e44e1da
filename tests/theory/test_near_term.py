"""One verified round: quadrature twins, Stein's identity, bounds, simulation."""

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import integrate

from theory import verifier as kv

mp.mp.dps = 25
Z = 4.5

BIASES = st.one_of(st.just(0.0), st.floats(-3, 3))
COUNTS = st.one_of(st.floats(0, 5).map(lambda power: 10.0**power), st.just(np.inf))
WIDTHS = st.one_of(st.floats(0.05, 6), st.just(np.inf))


def mean_map(d, b):
    """Return M and M' from the truncated normal law."""
    x, y = b - d, b + d
    near, back = min(x, y), max(x, y)  # to the near edge, and to the far one
    z = (mp.erfc(-near / mp.sqrt(2)) - mp.erfc(back / mp.sqrt(2))) / 2
    p, q = mp.npdf(y) / z, mp.npdf(x) / z
    return d + p - q, 1 - y * p - x * q - (p - q) ** 2


def twin(bias, n_real, half_width):
    """Return E M, Var M and E M' by quadrature over D ~ N(a, 1/n)."""
    a, tau, b = mp.mpf(bias), 1 / mp.sqrt(mp.mpf(n_real)), mp.mpf(half_width)
    reach = 11 * tau
    ends = mp.linspace(a - reach, a + reach, 7)

    def average(function):
        return mp.quad(lambda d: function(d) * mp.npdf(d, a, tau), ends)

    mean = average(lambda d: mean_map(d, b)[0])
    spread = average(lambda d: (mean_map(d, b)[0] - mean) ** 2)
    return mean, spread, average(lambda d: mean_map(d, b)[1])


def close(got, expect, rtol, atol=0.0):
    return abs(mp.mpf(float(got)) - expect) <= atol + rtol * abs(expect)


@pytest.mark.parametrize(("bias", "n_real", "half_width"), [
    (0.2, 10, 1.0), (-1.0, 4, 2.0), (0.6, 3, 0.3), (2.5, 1, 1.5), (0.4, 0.02, 1.0),
    (0.3, 9e5, 1.0), (0.3, 1.1e6, 1.0), (1.9, 1e10, 2.0), (4.0, 1e14, 1.0), (9.0, 50, 1.0),
])
def test_one_round_by_quadrature(bias, n_real, half_width):
    mean, spread, slope = twin(bias, n_real, half_width)
    got = kv.one_round(bias, n_real, half_width, 7.0)
    assert close(got.before, 1 / mp.mpf(n_real), 1e-15)
    assert close(got.bias_part, (mean - mp.mpf(bias)) ** 2, 1e-11)
    assert close(got.propagated_part, spread, 1e-10)
    assert close(got.sampling_part, slope / 7, 1e-11)
    assert got.after == got.bias_part + got.propagated_part + got.sampling_part
    required = kv.required_kept(bias, n_real, half_width)
    gain = 1 / mp.mpf(n_real) - (mean - mp.mpf(bias)) ** 2 - spread
    if gain > 0:
        assert close(required, slope / gain, 1e-9)
    else:
        assert required == np.inf


def test_one_round_by_simulation():
    rng = np.random.default_rng(31)
    bias, n_real, half_width, n_kept, repeats = 0.3, 4, 1.0, 3, 300_000
    start = bias + rng.normal(size=repeats) / math.sqrt(n_real)
    total, count = np.zeros(repeats), np.zeros(repeats, dtype=int)
    while (count < n_kept).any():
        draw = start + rng.normal(size=repeats)
        kept = (np.abs(draw) <= half_width) & (count < n_kept)
        total, count = total + np.where(kept, draw, 0.0), count + kept
    square = (total / n_kept - bias) ** 2
    got = kv.one_round(bias, n_real, half_width, n_kept)
    error = square.std() / math.sqrt(repeats)
    assert abs(square.mean() - got.after) < Z * error
    assert abs(square.mean() - 1.02 * got.after) > Z * error  # twin: two per cent off
    change = kv.one_round_change_estimate(start[:, None], n_real, half_width, n_kept)
    error = change.std() / math.sqrt(repeats)
    assert abs(change.mean() - (got.after - got.before)) < Z * error
    assert abs(change.mean() - 1.02 * (got.after - got.before)) > Z * error


@given(BIASES, st.floats(0.5, 1e4), WIDTHS, COUNTS)
def test_the_estimate_of_the_change_is_unbiased(bias, n_real, half_width, n_kept):
    tau = 1 / math.sqrt(n_real)

    def integrand(z):
        change = kv.one_round_change_estimate([bias + tau * z], n_real, half_width, n_kept)
        return change * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    got = kv.one_round(bias, n_real, half_width, n_kept)
    expect = integrate.quad(integrand, -9, 9, limit=100, epsabs=1e-11)[0]
    assert got.after - got.before == pytest.approx(expect, abs=1e-9)


@given(BIASES, COUNTS, st.floats(0.05, 6), COUNTS)
def test_bounds_of_the_improvement(bias, n_real, half_width, n_kept):
    got = kv.one_round(bias, n_real, half_width, n_kept)
    low, high = kv.bound_improvement(bias, n_real, half_width, n_kept)
    room = 1e-12 * (1 + bias**2)
    assert low - room <= got.before - got.after <= high + room


def test_bounds_of_the_improvement_from_the_contraction_factor():
    rho = kv.window_contraction(1.3)
    low, high = kv.bound_improvement(0.4, 5.0, 1.3, 9.0)
    assert low == pytest.approx((1 - rho**2) / 5 - 0.16 - rho / 9, rel=1e-13)
    assert high == pytest.approx(1 / 5 - (1 - rho) ** 2 * 0.16, rel=1e-13)


@given(BIASES, st.floats(0.5, 1e4), st.floats(0.05, 5))
def test_required_kept_is_where_the_round_starts_to_improve(bias, n_real, half_width):
    threshold = kv.required_kept(bias, n_real, half_width)
    if np.isinf(threshold):
        best = kv.one_round(bias, n_real, half_width, np.inf)
        assert best.after >= best.before * (1 - 1e-9)
        return
    assume(threshold < 1e6)
    more = kv.one_round(bias, n_real, half_width, threshold * (1 + 1e-6))
    less = kv.one_round(bias, n_real, half_width, threshold * (1 - 1e-6))
    assert more.after < more.before
    assert less.after > less.before


@given(st.floats(1, 1e4), st.floats(0.1, 5))
def test_a_perfect_verifier_improves_beyond_a_known_ratio(n_real, half_width):
    rho = kv.window_contraction(half_width)
    enough = n_real * rho / (1 - rho**2) * (1 + 1e-9)
    got = kv.one_round(0.0, n_real, half_width, enough)
    assert got.after < got.before * (1 + 1e-9)
    assert kv.required_kept(0.0, n_real, half_width) <= enough
    assert got.bias_part < 1e-30


@given(st.floats(1, 1e3), st.floats(0.1, 4), st.floats(1, 1e3))
def test_tolerable_bias_is_exact_for_the_matched_soft_window(n_real, half_width, n_kept):
    edge = kv.asymptotic_tolerable_bias(n_real, half_width, n_kept)
    width = kv.matched_width(half_width)
    if edge == 0:
        worse = kv.soft_one_round(0.0, n_real, width, n_kept)
        assert worse.after >= worse.before * (1 - 1e-12)
        return
    for factor, sign in ((1 - 1e-6, 1), (1 + 1e-6, -1)):
        got = kv.soft_one_round(factor * edge, n_real, width, n_kept)
        assert sign * (got.before - got.after) > -1e-13 * got.before


@given(st.floats(-3, 3), COUNTS, st.floats(0.01, 100), COUNTS)
def test_soft_round_is_the_linear_law(bias, n_real, width, n_kept):
    got = kv.soft_one_round(bias, n_real, width, n_kept)
    factor = mp.mpf(width) ** 2 / (mp.mpf(width) ** 2 + 1)
    pull = (1 - factor) * mp.mpf(bias)
    inverse = [mp.mpf(0) if np.isinf(n) else 1 / mp.mpf(n) for n in (n_real, n_kept)]
    assert close(got.bias_part, pull**2, 1e-11, 1e-25)
    assert close(got.propagated_part, factor**2 * inverse[0], 1e-14)
    assert close(got.sampling_part, factor * inverse[1], 1e-14)
    assert got.after == pytest.approx(
        got.bias_part + got.propagated_part + got.sampling_part, rel=1e-15)


def test_small_offsets_follow_the_matched_soft_window():
    hard = kv.one_round(1e-4, 1e8, 2.0, 1e8)
    soft = kv.soft_one_round(1e-4, 1e8, kv.matched_width(2.0), 1e8)
    for field in ("bias_part", "propagated_part", "sampling_part"):
        assert getattr(hard, field) == pytest.approx(getattr(soft, field), rel=1e-6)


def test_a_lenient_verifier_helps_whatever_its_bias():
    widths = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    got = kv.one_round(1.5, 1 / 0.3**2, widths, np.inf)
    assert (got.after < got.before).tolist() == [False, False, True, True, True, True]


def test_limits_of_the_window():
    none = kv.one_round(0.7, 10, np.inf, 20)
    assert none.bias_part == 0
    assert none.propagated_part == pytest.approx(0.1, rel=1e-13)
    assert none.sampling_part == pytest.approx(0.05, rel=1e-13)
    blind = kv.one_round(0.7, 10, 1e-8, 20)
    assert blind.after == pytest.approx(0.49, rel=1e-12)
    sure = kv.one_round(0.7, np.inf, 1.0, np.inf)
    assert sure.after == pytest.approx(kv.window(0.7, 1.0).pull ** 2, rel=1e-12)
    assert sure.before == sure.propagated_part == 0


@pytest.mark.parametrize(("call", "name"), [
    (lambda: kv.one_round(np.inf, 10, 1.0, 20), "bias"),
    (lambda: kv.one_round(0.1, 0, 1.0, 20), "n_real"),
    (lambda: kv.one_round(0.1, 10, 0.0, 20), "half_width"),
    (lambda: kv.one_round(0.1, 10, 1.0, np.nan), "n_kept"),
    (lambda: kv.soft_one_round(0.1, 10, 0.0, 20), "width"),
    (lambda: kv.soft_one_round(0.1, 10, 1.0, 0), "n_kept"),
    (lambda: kv.one_round_change_estimate([np.nan], 10, 1.0, 20), "offset"),
    (lambda: kv.required_kept(0.1, -1, 1.0), "n_real"),
    (lambda: kv.bound_improvement(0.1, 10, 1.0, 0), "n_kept"),
    (lambda: kv.asymptotic_tolerable_bias(10, np.inf, 20), "half_width"),
])
def test_out_of_domain(call, name):
    with pytest.raises(ValueError, match=rf"^{name}s? = "):
        call()


def test_broadcasting():
    bias, widths = np.array([[0.0], [0.5]]), np.array([0.5, 1.0, np.inf])
    got = kv.one_round(bias, 10, widths, np.array([20, 30, np.inf]))
    for field in ("before", "after", "bias_part", "propagated_part", "sampling_part"):
        assert getattr(got, field).shape == (2, 3)
        alone = getattr(kv.one_round(0.5, 10, 1.0, 30), field)
        assert getattr(got, field)[1, 1] == pytest.approx(alone, rel=1e-14)
        assert isinstance(alone, float)
    assert kv.soft_one_round(bias, 10, widths, 20).before.shape == (2, 3)
    assert kv.required_kept(bias, 10, widths).shape == (2, 3)
    assert kv.bound_improvement(bias, 10, widths, 20)[0].shape == (2, 3)
    estimate = kv.one_round_change_estimate(np.zeros((4, 3)), 10, widths, 20)
    assert estimate.shape == (4,)
    parts = [kv.one_round_change_estimate(0.0, 10, width, 20) for width in widths]
    assert estimate[0] == pytest.approx(sum(parts), rel=1e-14)
