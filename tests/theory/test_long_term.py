"""Many verified rounds: domination by the linear law, plateaus, simulation of whole loops."""

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from theory import verifier as kv

mp.mp.dps = 40
Z = 4.5

WIDTHS = st.one_of(st.floats(0.05, 8), st.just(np.inf))
SCHEDULES = st.lists(st.one_of(st.floats(0.5, 1e6), st.just(np.inf)), max_size=8)


def rho_twin(b):
    if np.isinf(b):
        return mp.mpf(1)
    b = mp.mpf(b)
    return 1 - mp.sqrt(2 / mp.pi) * b * mp.exp(-b * b / 2) / mp.erf(b / mp.sqrt(2))


def close(got, expect, rtol, atol=0.0):
    return abs(mp.mpf(float(got)) - expect) <= atol + rtol * abs(expect)


def inverse(n):
    return mp.mpf(0) if np.isinf(n) else 1 / mp.mpf(n)


# --- the dominating linear law -----------------------------------------------------------------


@given(st.floats(0, 100), SCHEDULES, WIDTHS, st.integers(1, 9))
def test_bound_is_the_weighted_sum_over_rounds(initial, schedule, half_width, dim):
    got = kv.bound_centre_error(initial, schedule, half_width, dim)
    rho = rho_twin(half_width)
    assert got.shape == (len(schedule) + 1,)
    for t, value in enumerate(got):
        noise = sum(rho ** (2 * (t - j) - 1) * inverse(schedule[j]) for j in range(t))
        assert close(value, rho ** (2 * t) * mp.mpf(initial) + dim * noise, 1e-13, 1e-300)


@given(st.floats(0, 50), st.floats(-20, 20), SCHEDULES, WIDTHS)
def test_tail_bound(distance, initial, schedule, half_width):
    got = kv.bound_centre_tail(distance, initial, schedule, half_width)
    rho, t = rho_twin(half_width), len(schedule)
    noise = sum(rho ** (2 * (t - 1 - j)) * rho * inverse(schedule[j]) for j in range(t))
    beyond = mp.mpf(distance) - rho**t * abs(mp.mpf(initial))
    assume(abs(beyond) > 1e-9)
    if beyond < 0:
        assert got == 1
    elif noise == 0:
        assert got == 0
    else:
        expect = min(mp.mpf(1), 2 * mp.exp(-(beyond**2) / (2 * noise)))
        assert close(got, expect, 1e-12 * (1 + float(beyond**2 / noise)), 1e-300)


def _loop(rng, repeats, start, schedule, half_width):
    """Run the window's loop on one coordinate, by honest rejection, and yield every round."""
    d = np.full(repeats, float(start))
    for m in schedule:
        total, count = np.zeros(repeats), np.zeros(repeats, dtype=int)
        while (open_ := np.flatnonzero(count < m)).size:
            draw = d[open_] + rng.normal(size=open_.size)
            kept = np.abs(draw) <= half_width
            total[open_] += np.where(kept, draw, 0.0)
            count[open_] += kept
        d = total / m
        yield d


def test_the_loop_stays_below_its_bounds():
    rng = np.random.default_rng(41)
    start, half_width, schedule = 1.5, 1.5, [4, 4, 8, 8, 16]
    paths = list(_loop(rng, 60_000, start, schedule, half_width))
    bound = kv.bound_centre_error(start**2, schedule, half_width)
    for t, d in enumerate(paths, 1):
        square = d**2
        error = square.std() / math.sqrt(square.size)
        assert square.mean() < bound[t] + Z * error
        assert square.mean() > bound[t] / 4
        for distance in np.quantile(np.abs(d), [0.9, 0.99, 0.999]):
            tail = kv.bound_centre_tail(distance, start, schedule[:t], half_width)
            share = (np.abs(d) >= distance).mean()
            assert share <= tail + Z * math.sqrt(share / d.size)
    # Twin: the contraction factor of a narrower window does not bound this loop.
    narrow = kv.bound_centre_error(start**2, schedule, 0.8 * half_width)
    assert (np.array([np.mean(d**2) for d in paths]) > narrow[1:]).any()


def test_the_plateau_by_simulation():
    rng = np.random.default_rng(17)
    half_width, m, repeats = 1.5, 10, 400_000
    *_, last = _loop(rng, repeats, 0.0, [m] * 9, half_width)
    square = last**2
    error = square.std() / math.sqrt(repeats)
    second = kv.asymptotic_centre_error(m, half_width)
    first = kv.bound_steady_centre_error(m, half_width)
    assert abs(square.mean() - second) < Z * error + (first - second) / 10  # O(m^-3)
    assert abs(square.mean() - first) > 2 * (Z * error + (first - second) / 10)
    assert abs(square.mean() - 1.02 * second) > Z * error + (first - second) / 10


@given(st.one_of(st.floats(1, 1e9), st.just(np.inf)), st.floats(0.05, 6), st.integers(1, 50))
def test_plateaus(m, half_width, dim):
    rho = rho_twin(half_width)
    first = rho * inverse(m) / (1 - rho**2)
    assert close(kv.bound_steady_centre_error(m, half_width, dim), dim * first, 1e-12)
    fourth = mp.mpf(float(kv.window(0.0, half_width).fourth))
    bend = fourth * (rho * first**2 + first * inverse(m) / 2) / (1 - rho**2)
    got = kv.asymptotic_centre_error(m, half_width, dim)
    assert close(got, dim * (first + bend), 1e-11, 1e-12 * float(dim * abs(bend)))
    assert got <= kv.bound_steady_centre_error(m, half_width, dim)
    limit = kv.bound_centre_error(0.0, np.full(40, m), half_width, dim)[-1]
    assert limit <= kv.bound_steady_centre_error(m, half_width, dim) * (1 + 1e-12)


def test_published_plateau_of_a_three_sigma_window():
    assert kv.bound_steady_centre_error(400, 3.0) == pytest.approx(0.0462, abs=5e-5)
    assert kv.asymptotic_centre_error(400, 3.0) == pytest.approx(0.0397, abs=5e-5)
    assert kv.bound_steady_centre_error([10, np.inf], np.inf).tolist() == [np.inf, np.inf]
    assert kv.asymptotic_centre_error(10, 50.0) == np.inf


@given(st.floats(0, 10), SCHEDULES, st.integers(1, 9))
def test_without_a_verifier_the_error_only_grows(initial, schedule, dim):
    got = kv.unverified_error(initial, schedule, dim)
    total = mp.mpf(initial)
    for t, m in enumerate(schedule):
        total += dim * inverse(m)
        assert close(got[t + 1], total, 1e-13)
    same = kv.bound_centre_error(initial, schedule, np.inf, dim)
    np.testing.assert_allclose(got, same, rtol=1e-14)


# --- the noiseless orbit -----------------------------------------------------------------------


@given(st.floats(-100, 100).filter(lambda d: abs(d) > 1e-200 or d == 0), st.floats(0.05, 5),
       st.integers(0, 20))
def test_orbit(offset, half_width, rounds):
    path = kv.centre_orbit(offset, half_width, rounds)
    rho = kv.window_contraction(half_width)
    assert path.shape == (rounds + 1,)
    assert path[0] == offset
    powers = rho ** np.arange(rounds + 1)
    assert (np.abs(path) <= powers * abs(offset) * (1 + 1e-12)).all()
    scaled = np.abs(path) / powers
    assert (np.diff(scaled) <= 1e-12 * scaled[:-1]).all()
    if rounds:
        assert abs(path[1]) <= half_width
        assert path[1] == kv.window(offset, half_width).mean


def test_orbit_has_exactly_the_rate_rho():
    path = kv.centre_orbit(3.0, 1.0, 60)
    scaled = path / kv.window_contraction(1.0) ** np.arange(61)
    assert scaled[60] == pytest.approx(scaled[30], rel=1e-12)
    assert scaled[60] > 0.1


# --- Gaussian rows -----------------------------------------------------------------------------


def test_gaussian_rows_by_simulation():
    rng = np.random.default_rng(23)
    width, p, n, start = 1.2, 2, 9, np.array([0.9, -0.4])
    factor = kv.soft_contraction(width, 1.0)
    rows = rng.normal(size=(3_000_000, p))
    labels = rows @ start + rng.normal(size=len(rows))  # centre at 0
    kept = rng.random(len(rows)) < np.exp(-(labels**2) / (2 * width**2))
    share = kv.gaussian_design_acceptance(np.linalg.norm(start), factor)
    error = math.sqrt(share * (1 - share) / len(rows))
    assert abs(kept.mean() - share) < Z * error
    assert abs(kept.mean() - 1.02 * share) > Z * error
    loops = kept.sum() // n
    x = rows[kept][: loops * n].reshape(loops, n, p)
    y = labels[kept][: loops * n].reshape(loops, n)
    gram = np.einsum("rni,rnj->rij", x, x)
    fit = np.linalg.solve(gram, np.einsum("rni,rn->ri", x, y)[..., None])[..., 0]
    square = (fit**2).sum(axis=1)
    expect = kv.gaussian_design_error(start @ start, [n], factor, p)[1]
    error = square.std() / math.sqrt(loops)
    assert abs(square.mean() - expect) < Z * error
    assert abs(square.mean() - 1.02 * expect) > Z * error  # twin: two per cent off


@given(st.floats(0.01, 1), st.integers(1, 20), st.integers(0, 1000))
def test_gaussian_rows_settle_at_their_plateau(factor, dim, extra):
    n = dim + 2 + extra
    plateau = kv.gaussian_design_steady_error(n, factor, dim)
    if factor == 1:
        assert plateau == np.inf
        return
    k, rest = mp.mpf(factor), n - dim - 1
    expect = k * dim / (rest * (1 - k**2) - k * (1 - k))
    assert close(plateau, expect, 1e-10)
    path = kv.gaussian_design_error(plateau, [n] * 5, factor, dim)
    np.testing.assert_allclose(path, plateau, rtol=1e-9)


def test_gaussian_rows_without_a_verifier_add_the_least_squares_error():
    path = kv.gaussian_design_error(0.5, [20, 30], 1.0, 4)
    np.testing.assert_allclose(path, [0.5, 0.5 + 4 / 15, 0.5 + 4 / 15 + 4 / 25], rtol=1e-14)


@given(st.floats(0, 1e6), st.floats(0.001, 1))
def test_gaussian_acceptance(distance, factor):
    k = mp.mpf(factor)
    expect = mp.sqrt(k / (1 + (1 - k) * mp.mpf(distance) ** 2))
    assert close(kv.gaussian_design_acceptance(distance, factor), expect, 1e-14)


# --- domains and shapes ------------------------------------------------------------------------


@pytest.mark.parametrize(("call", "name"), [
    (lambda: kv.bound_centre_error(-1.0, [1], 1.0), "initial"),
    (lambda: kv.bound_centre_error(1.0, [0.0], 1.0), "schedule"),
    (lambda: kv.bound_centre_error(1.0, [1], 0.0), "half_width"),
    (lambda: kv.bound_centre_error(1.0, [1], 1.0, 0), "dim"),
    (lambda: kv.bound_centre_tail(-1.0, 1.0, [1], 1.0), "distance"),
    (lambda: kv.bound_centre_tail(1.0, np.nan, [1], 1.0), "initial"),
    (lambda: kv.bound_steady_centre_error(0.0, 1.0), "n_kept"),
    (lambda: kv.asymptotic_centre_error(5, np.inf), "half_width"),
    (lambda: kv.unverified_error(-1.0, [1]), "initial"),
    (lambda: kv.centre_orbit(np.inf, 1.0, 1), "offset"),
    (lambda: kv.centre_orbit(1.0, 1.0, -1), "rounds"),
    (lambda: kv.gaussian_design_error(1.0, [4], 0.5, 3), "schedule"),
    (lambda: kv.gaussian_design_error(1.0, [9], 0.0, 3), "contraction"),
    (lambda: kv.gaussian_design_steady_error(9.5, 0.5, 3), "n"),
    (lambda: kv.gaussian_design_steady_error(4, 0.5, 3), "n"),
    (lambda: kv.gaussian_design_acceptance(1.0, 1.5), "contraction"),
])
def test_out_of_domain(call, name):
    with pytest.raises(ValueError, match=rf"^{name}\b"):
        call()


def test_broadcasting():
    schedules = np.array([[5.0, 10.0, 20.0], [20.0, 10.0, 5.0]])
    widths = np.array([0.5, 3.0])
    assert kv.bound_centre_error([1.0, 2.0], schedules, widths).shape == (2, 4)
    assert kv.bound_centre_error(1.0, schedules, 1.0, [2, 3]).shape == (2, 4)
    assert kv.bound_centre_error(np.ones((5, 1)), schedules, widths).shape == (5, 2, 4)
    assert kv.bound_centre_tail(np.ones((5, 1)), 0.1, schedules, widths).shape == (5, 2)
    assert kv.unverified_error([1.0, 2.0], [5.0, 10.0]).shape == (2, 3)
    assert kv.centre_orbit([[1.0], [2.0]], widths, 3).shape == (2, 2, 4)
    assert kv.gaussian_design_error([1.0, 2.0], [9, 9, 9], [0.5, 0.6], 3).shape == (2, 4)
    assert isinstance(kv.bound_centre_tail(1.0, 0.1, [5.0], 1.0), float)
    assert isinstance(kv.gaussian_design_steady_error(20, 0.5, 3), float)
