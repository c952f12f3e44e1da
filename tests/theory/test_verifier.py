"""The verifier's window: high-precision twins, shape of the mean map, contraction factor."""

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from theory import verifier as kv

mp.mp.dps = 50
Z = 4.5
FIELDS = ("log_acceptance", "mean", "pull", "slope", "third", "fourth")


def logs(low, high):
    """Floats spread evenly over the decades from 10^low to 10^high."""
    return st.floats(low, high).map(lambda power: 10.0**power)


OFFSETS = st.one_of(st.just(0.0), logs(-12, 3), logs(-12, 3).map(lambda d: -d), st.floats(-60, 60))
WIDTHS = st.one_of(logs(-6, 2), st.floats(0.1, 60))


def close(got, expect, rtol, atol=0.0):
    return abs(mp.mpf(float(got)) - expect) <= atol + rtol * abs(expect)


def quadrature_twin(offset, half_width):
    """Cumulants of the truncated density, by quadrature in the distance from the near edge."""
    d, b = abs(mp.mpf(offset)), mp.mpf(half_width)
    h = d - b
    reach = min(2 * b, -h + mp.sqrt(h * h + 260))  # exp(-130) is 1e-57
    ends = mp.linspace(0, reach, 7)

    def moment(power, centre):
        return mp.quad(lambda s: (s - centre) ** power * mp.exp(-(h * s + s * s / 2)), ends)

    mass = moment(0, 0)
    mean = moment(1, 0) / mass
    second, third, fourth = (moment(power, mean) / mass for power in (2, 3, 4))
    sign = -1 if offset < 0 else 1
    return {
        "log_acceptance": mp.log(mass) - mp.log(2 * mp.pi) / 2 - h * h / 2,
        "mean": sign * (b - mean), "pull": sign * (h + mean), "slope": second,
        "third": -sign * third, "fourth": fourth - 3 * second**2,
    }


def derivative_twin(offset, half_width):
    """Cumulants as derivatives of the log acceptance, from cdf and density in many digits."""
    with mp.workdps(60 + max(0, 10 - 4 * math.floor(math.log10(half_width)))):
        d, b = mp.mpf(offset), mp.mpf(half_width)
        far = abs(d) + b
        digits = mp.mp.dps + int((far**2 - max(abs(d) - b, 0) ** 2) / 2 / mp.log(10))
    with mp.workdps(digits):
        x, y = b - d, b + d
        z = (mp.erf(x / mp.sqrt(2)) + mp.erf(y / mp.sqrt(2))) / 2
        if abs(d) > b:
            near, back = (-x, y) if d > 0 else (-y, x)
            z = (mp.erfc(near / mp.sqrt(2)) - mp.erfc(back / mp.sqrt(2))) / 2
        q, p = mp.npdf(x) / z, mp.npdf(y) / z
        a1, a2 = p - q, -(y * p + x * q)
        a3 = (y * y - 1) * p - (x * x - 1) * q
        a4 = (3 * y - y**3) * p + (3 * x - x**3) * q
        return {
            "log_acceptance": mp.log(z), "mean": d + a1, "pull": -a1, "slope": 1 + a2 - a1**2,
            "third": a3 - 3 * a1 * a2 + 2 * a1**3,
            "fourth": a4 - 4 * a1 * a3 - 3 * a2**2 + 12 * a1**2 * a2 - 6 * a1**4,
        }


def check(offset, half_width, twin):
    got = kv.window(offset, half_width)
    for field in FIELDS:
        rtol = 1e-12 if field not in ("third", "fourth") else 1e-9
        # kappa_4 changes its sign: there its digits are those of kappa_2 squared.
        atol = 1e-13 * got.slope**2 if field == "fourth" else 1e-300
        assert close(getattr(got, field), twin[field], rtol, atol), (field, offset, half_width)


# --- accuracy ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("offset", "half_width"), [
    (1e-9, 1.0), (0.5, 1.0), (-2.0, 1.0), (50.0, 1.0), (0.3, 1e-3), (30.0, 1e-3), (1e-12, 1e-6),
    (1000.0, 0.1), (1000.0, 20.0), (1e4, 1e-4), (0.66, 1.5), (0.68, 1.5), (0.05, 1.51),
    (1.2, 1.8), (3.0, 8.0), (8.0, 8.0), (-12.0, 8.0), (25.0, 20.0), (39.2, 40.0), (41.0, 40.0),
    (60.0, 60.0), (7.3, 2.5),
])
def test_window_against_the_truncated_density(offset, half_width):
    check(offset, half_width, quadrature_twin(offset, half_width))


@given(OFFSETS.filter(lambda d: abs(d) > 1e-15), WIDTHS)
@example(1e-12, 12.0)
@example(19.16, 20.0)
@example(0.9, 1.5)
def test_window_against_derivatives_of_the_acceptance(offset, half_width):
    twin = derivative_twin(offset, half_width)
    if twin["log_acceptance"] > -1e-290:
        return  # nothing of the window is left in double precision
    check(offset, half_width, twin)


@pytest.mark.parametrize(("offset", "half_width"), [(1.0, 39.0), (5.0, 40.0), (0.0, 60.0)])
def test_a_wide_window_is_the_identity(offset, half_width):
    got = kv.window(offset, half_width)
    assert (got.mean, got.slope) == (offset, 1.0)
    assert abs(got.log_acceptance) < 1e-200
    assert abs(got.pull) < 1e-200


def test_extremes():
    wide = kv.window([0.0, -3.5, 1e300], np.inf)
    assert wide.mean.tolist() == [0.0, -3.5, 1e300]
    assert wide.slope.tolist() == [1.0, 1.0, 1.0]
    for field in ("log_acceptance", "pull", "third", "fourth"):
        assert not getattr(wide, field).any()
    far = kv.window([1e300, -1e300, 1.7e308], 2.0)
    assert far.mean.tolist() == [2.0, -2.0, 2.0]
    assert far.pull.tolist() == [1e300, -1e300, 1.7e308]
    assert (far.log_acceptance == -np.inf).all()
    assert not far.slope.any()
    narrow = kv.window([0.0, 1.0, 1e9], 1e-300)
    assert (np.abs(narrow.mean) < 1e-300).all()
    expect = math.log(2e-300) - 0.5 * math.log(2 * math.pi)
    assert narrow.log_acceptance[0] == pytest.approx(expect)
    assert kv.window(3e5, 1e-5).mean == pytest.approx(
        1e-5 * (1 / math.tanh(3.0) - 1 / 3.0), rel=1e-9)
    tiny = kv.window(0.0, 5e-324)
    assert tiny.mean == 0.0
    assert kv.window(1e-320, 1.0).mean == pytest.approx(0.29112509477279321 * 1e-320, rel=1e-3)


# --- shape -------------------------------------------------------------------------------------


@given(OFFSETS, WIDTHS)
@example(0.0, 1.0)
@example(1e-300, 1e-6)
def test_oddness(offset, half_width):
    left, right = kv.window(-offset, half_width), kv.window(offset, half_width)
    for field in FIELDS:
        odd = -1 if field in ("mean", "pull", "third") else 1
        assert getattr(left, field) == odd * getattr(right, field)


@given(logs(-9, 3), WIDTHS)
def test_bounds_of_the_mean_map(offset, half_width):
    got, rho = kv.window(offset, half_width), kv.window_contraction(half_width)
    room = 1 + 1e-13
    assert 0 < got.mean <= min(rho * offset * room, half_width)
    assert got.mean + got.pull == pytest.approx(offset, rel=1e-15)
    assert 0 < got.slope <= rho * room
    assert got.slope < 1 or half_width > 5
    assert got.third <= 0
    assert got.third < 0 or half_width > 30
    assert got.log_acceptance < 0 or half_width > 30
    beyond = offset - half_width
    if beyond > 0:  # bounds of the far tail, where 1/(d - b) leads
        assert got.slope < 1 / (1 + beyond**2 / 4)
        # beta - M = 1/(d - beta) + O((d - beta)^-3), as long as the far edge is out of reach
        if beyond > 10 and beyond * half_width > 20:
            assert half_width - got.mean == pytest.approx(1 / beyond, rel=3 / beyond**2 + 1e-12
                                                          * half_width * beyond)


@given(logs(-6, 3), st.floats(1.001, 10), WIDTHS)
def test_mean_rises_and_its_ratio_to_the_offset_falls(offset, more, half_width):
    near, far = kv.window(offset, half_width), kv.window(offset * more, half_width)
    assert far.mean >= near.mean
    assert far.mean / more <= near.mean * (1 + 1e-13)
    assert far.slope <= near.slope * (1 + 1e-13)
    assert far.log_acceptance <= near.log_acceptance


@given(st.floats(0.05, 12), st.floats(0.3, 8))
def test_cumulants_are_successive_derivatives(offset, half_width):
    h = 1e-3
    steps = kv.window(offset + h * np.array([-2, -1, 1, 2]), half_width)
    here = kv.window(offset, half_width)
    for field, derivative in (
        ("log_acceptance", -here.pull), ("mean", here.slope), ("slope", here.third),
        ("third", here.fourth),
    ):
        values = getattr(steps, field)
        slope = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * h)
        assert slope == pytest.approx(derivative, abs=1e-9)


def test_slope_is_the_variance_of_the_kept_draws():
    rng = np.random.default_rng(21)
    offset, half_width = 0.8, 1.2
    draws = offset + rng.normal(size=2_000_000)
    kept = draws[np.abs(draws) <= half_width]
    got = kv.window(offset, half_width)
    share = kv.window_acceptance(offset, half_width)
    error = math.sqrt(share * (1 - share) / draws.size)
    assert abs(kept.size / draws.size - share) < Z * error
    assert abs(kept.size / draws.size - 1.02 * share) > Z * error
    assert abs(kept.mean() - got.mean) < Z * kept.std() / math.sqrt(kept.size)
    assert abs(kept.mean() - 1.02 * got.mean) > Z * kept.std() / math.sqrt(kept.size)
    square = (kept - kept.mean()) ** 2
    error = square.std() / math.sqrt(kept.size)
    assert abs(square.mean() - got.slope) < Z * error
    assert abs(square.mean() - 1.02 * got.slope) > Z * error


@given(OFFSETS, WIDTHS)
def test_acceptance_and_its_cost(offset, half_width):
    log_z = kv.window(offset, half_width).log_acceptance
    share = kv.window_acceptance(offset, half_width)
    assert share == pytest.approx(np.exp(log_z), rel=1e-15)
    assert 0 <= share <= 1
    cost = kv.proposals_per_kept(offset, half_width)
    assert cost >= 1
    if log_z > -700:
        assert cost * share == pytest.approx(1, rel=1e-14)


def test_acceptance_underflows_to_an_infinite_cost():
    assert kv.window_acceptance(1e3, 1.0) == 0.0
    assert kv.proposals_per_kept(1e3, 1.0) == np.inf


@given(st.floats(0, 20), st.floats(0, 1), st.floats(0.01, 20))
def test_true_samples_are_kept_with_the_allowance(radius, share, allowance):
    kept = kv.window_acceptance(share * radius, radius + allowance)
    bound = kv.bound_true_acceptance(allowance)
    assert bound <= kept * (1 + 1e-14)
    assert close(bound, mp.erf(mp.mpf(allowance) / mp.sqrt(2)), 1e-14)


def test_true_acceptance_at_the_edges():
    assert kv.bound_true_acceptance([0.0, np.inf]).tolist() == [0.0, 1.0]


# --- the contraction factor --------------------------------------------------------------------


def rho_twin(half_width):
    b = mp.mpf(half_width)
    return 1 - mp.sqrt(2 / mp.pi) * b * mp.exp(-b * b / 2) / mp.erf(b / mp.sqrt(2))


@given(st.one_of(logs(-8, 2), st.floats(0.5, 12)))
@example(1.0)
@example(0.9999999)
def test_contraction_factor(half_width):
    assert close(kv.window_contraction(half_width), rho_twin(half_width), 1e-14)
    assert kv.window_contraction(half_width) == pytest.approx(
        kv.window(0.0, half_width).slope, rel=1e-13)


def test_contraction_factor_at_the_edges():
    assert kv.window_contraction([100.0, np.inf]).tolist() == [1.0, 1.0]
    assert kv.window_contraction(1e-150) == pytest.approx(1e-300 / 3, rel=1e-14)
    assert kv.window_contraction(5e-324) == 0.0
    assert kv.window_contraction(3.0) == pytest.approx(0.97334, abs=5e-6)


@given(st.floats(0.01, 8))
def test_contraction_factor_solves_its_differential_equation(half_width):
    h = 1e-3 * half_width
    steps = kv.window_contraction(half_width + h * np.array([-2, -1, 1, 2]))
    slope = (steps[0] - 8 * steps[1] + 8 * steps[2] - steps[3]) / (12 * h)
    rho = kv.window_contraction(half_width)
    right = (1 - rho) * (half_width**2 - rho)
    assert half_width * slope == pytest.approx(right, rel=1e-6, abs=1e-9 * rho)


@given(st.one_of(logs(-8, 1), st.floats(0.5, 12)))
def test_bounds_of_the_contraction_factor(half_width):
    low, high = kv.bound_window_contraction(half_width)
    rho = kv.window_contraction(half_width)
    assert low <= rho * (1 + 2e-16)
    assert rho <= high * (1 + 2e-16)
    if 0.1 < half_width < 5:
        assert low < rho < high
    x = mp.mpf(half_width) ** 2 / 3
    assert close(low, 1 - mp.exp(-x), 1e-14)
    assert low > half_width**2 / (3 + half_width**2) or half_width < 1e-3 or half_width > 8
    upper = 1 - mp.sqrt(2 / mp.pi) * mp.mpf(half_width) * mp.exp(-mp.mpf(half_width) ** 2 / 2)
    assert close(high, min(x, upper), 1e-14)


# --- the soft window ---------------------------------------------------------------------------


@given(logs(-150, 150), logs(-150, 150))
def test_soft_contraction(width, sigma):
    s, noise = mp.mpf(width), mp.mpf(sigma)
    assert close(kv.soft_contraction(width, sigma), s**2 / (s**2 + noise**2), 1e-14, 1e-307)


def test_soft_contraction_at_the_edges():
    assert kv.soft_contraction(np.inf, 2.0) == 1.0
    assert kv.soft_contraction(1e-300, 1e300) == 0.0
    assert kv.soft_acceptance(1e300, np.inf) == 1.0
    assert kv.soft_acceptance(1e300, 1.0) == 0.0


@pytest.mark.parametrize(("offset", "width"), [(0.0, 1.0), (1.5, 0.4), (-3.0, 2.0), (4.0, 0.05)])
def test_soft_acceptance_and_law_by_quadrature(offset, width):
    def integrand(u):
        return mp.npdf(u, offset, 1) * mp.exp(-(u**2) / (2 * mp.mpf(width) ** 2))

    ends = [-12, -2, -0.3, 0, 0.3, 2, 12]
    with mp.workdps(25):
        mass = mp.quad(integrand, ends)
        mean = mp.quad(lambda u: u * integrand(u), ends) / mass
        variance = mp.quad(lambda u: (u - mean) ** 2 * integrand(u), ends) / mass
    factor = kv.soft_contraction(width, 1.0)
    assert close(kv.soft_acceptance(offset, width), mass, 1e-10)
    assert close(factor * offset, mean, 1e-10, 1e-20)
    assert close(factor, variance, 1e-10)


@given(st.one_of(logs(-6, 0), st.floats(1, 8)))
def test_matched_width_has_the_contraction_of_the_window(half_width):
    width = kv.matched_width(half_width)
    assert kv.soft_contraction(width, 1.0) == pytest.approx(
        kv.window_contraction(half_width), rel=1e-14)
    rho = rho_twin(half_width)
    assert close(width, mp.sqrt(rho / (1 - rho)), 1e-13)


def test_matched_width_of_no_window():
    assert kv.matched_width([np.inf, 100.0]).tolist() == [np.inf, np.inf]


# --- domains and shapes ------------------------------------------------------------------------


@pytest.mark.parametrize(("call", "name"), [
    (lambda: kv.window(np.inf, 1.0), "offset"),
    (lambda: kv.window(np.nan, 1.0), "offset"),
    (lambda: kv.window(0.0, 0.0), "half_width"),
    (lambda: kv.window(0.0, np.nan), "half_width"),
    (lambda: kv.window_acceptance(0.0, -1.0), "half_width"),
    (lambda: kv.proposals_per_kept(0.0, -1.0), "half_width"),
    (lambda: kv.window_contraction(0.0), "half_width"),
    (lambda: kv.bound_window_contraction(-1.0), "half_width"),
    (lambda: kv.matched_width("wide"), "half_width"),
    (lambda: kv.soft_contraction(0.0, 1.0), "width"),
    (lambda: kv.soft_contraction(1.0, 0.0), "sigma"),
    (lambda: kv.soft_acceptance(0.0, 0.0), "width"),
    (lambda: kv.bound_true_acceptance(-1.0), "noise_allowance"),
])
def test_out_of_domain(call, name):
    with pytest.raises(ValueError, match=rf"^{name} = "):
        call()


def test_broadcasting():
    offsets, widths = np.linspace(-5, 50, 2600)[:, None], np.array([1e-3, 0.9, 3.0, np.inf])
    got = kv.window(offsets, widths)
    for field in FIELDS:
        table = getattr(got, field)
        assert table.shape == (2600, 4)
        alone = getattr(kv.window(float(offsets[1234, 0]), 0.9), field)
        assert table[1234, 1] == pytest.approx(alone, rel=1e-13)
        assert isinstance(alone, float)
    assert kv.window(np.zeros((0, 3)), 1.0).mean.shape == (0, 3)
    assert kv.bound_window_contraction(widths)[0].shape == (4,)
    with pytest.raises(ValueError, match="broadcast"):
        kv.window(np.zeros(3), np.ones(2))
