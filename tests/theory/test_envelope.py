"""Error envelopes: unrolled recursions, failure budgets, coverage by simulation."""

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory import contraction as sc

mp.mp.dps = 50

LEVELS = st.floats(-300, -1e-9).map(lambda power: 10.0**power)
SCALES, FACTORS = st.floats(0, 1e6), st.floats(1, 1e6)
FLOORS, RATES = st.floats(0, 1e3), st.floats(0, 1)
Z = 4.5


def tau_twin(n, delta, a, b, floor, rounds=1):
    b, delta = mp.mpf(b), mp.mpf(delta) / rounds
    return mp.mpf(floor) + mp.mpf(a) / mp.sqrt(n) * mp.sqrt(mp.log(b / delta))


def close(got, expect, rtol):
    return abs(mp.mpf(float(got)) - expect) <= 1e-307 + rtol * abs(expect)


@given(st.integers(1, 10**18), LEVELS, SCALES, FACTORS, FLOORS)
def test_statistical_error(n, delta, a, b, floor):
    assert close(sc.statistical_error(n, delta, a, b, floor), tau_twin(n, delta, a, b, floor),
                 1e-13)


@given(st.integers(1, 60), st.integers(1, 10**9), LEVELS, SCALES, FACTORS, FLOORS, RATES,
       st.floats(0, 1e3))
def test_envelope_is_the_unrolled_recursion(rounds, n, delta, a, b, floor, rate, start):
    tau = tau_twin(n, delta, a, b, floor, rounds)
    error = mp.mpf(start)
    for _ in range(rounds):
        error = tau + mp.mpf(rate) * error
    got = sc.error_envelope(rounds, n, delta, a, b, floor, rate, start)
    assert close(got, error, 1e-12)
    printed = sc.error_envelope(rounds, n, delta, a, b, floor, rate, start, form="printed")
    assert close(printed, error + tau * mp.mpf(rate) ** rounds, 1e-12)


@given(RATES, st.floats(0, 1))
def test_stronger_correction_lowers_the_envelope(rate, share):
    arguments = (7, 100, 0.1, 1.0, 2.0, 0.01)
    assert sc.error_envelope(*arguments, rate * share, 0.5) <= sc.error_envelope(
        *arguments, rate, 0.5)


def test_envelope_at_the_edges():
    arguments = (100, 0.05, 1.0, 2.0, 0.01)
    for form in ("corrected", "printed"):
        assert sc.error_envelope(0, *arguments, 0.5, 0.3, form=form) == 0.3
    tau = sc.statistical_error(100, 0.05 / 10**9, 1.0, 2.0, 0.01)
    assert sc.error_envelope(10**9, *arguments, 0.0, 0.3) == pytest.approx(tau, rel=1e-13)
    assert sc.error_envelope(10**9, *arguments, 1.0, 0.3) == pytest.approx(1e9 * tau + 0.3)
    assert sc.error_envelope(3, *arguments, 1.0, 0.0, form="printed") == pytest.approx(
        4 * sc.statistical_error(100, 0.05 / 3, 1.0, 2.0, 0.01), rel=1e-13)
    long = sc.error_envelope(10**18, *arguments, 1 - 1e-15, 0.3)
    with mp.workdps(60):
        rate = mp.mpf(1 - 1e-15)
        power = rate ** (10**18)
        expect = tau_twin(100, 0.05, 1.0, 2.0, 0.01, 10**18) * (1 - power) / (1 - rate)
        assert close(long, expect + power * mp.mpf(0.3), 1e-12)


def test_full_correction_does_not_make_the_envelope_converge():
    values = [sc.error_envelope(t, 100, 0.05, 1.0, 2.0, 0.0, 0.0, 0.3) for t in (10, 10**9)]
    assert values[1] > 1.5 * values[0]


# --- bounds for all rounds ---------------------------------------------------------------------


def test_failure_budgets_are_kept():
    a, b, delta, n, rounds = 1.0, 2.0, 0.05, 100, 4000
    spent = {}
    for form in ("anytime", "horizon"):
        path = sc.bound_error_path(rounds, n, delta, a, b, 0.0, 0.0, 0.0, form=form)
        spent[form] = b * np.exp(-n * (path[1:] / a) ** 2)
    assert spent["horizon"].sum() == pytest.approx(delta, rel=1e-12)
    # The rest of the series 6/(pi^2 s^2) beyond T is 6/(pi^2 T) to first order.
    assert spent["anytime"].sum() == pytest.approx(delta * (1 - 6 / math.pi**2 / rounds), rel=1e-6)


@given(st.integers(0, 30), RATES, st.floats(0, 10))
def test_path_of_a_horizon_ends_at_its_envelope(rounds, rate, start):
    arguments = (rounds, 50, 0.1, 1.0, 3.0, 0.2, rate, start)
    path = sc.bound_error_path(*arguments, form="horizon")
    assert path[0] == start
    assert path[-1] == pytest.approx(sc.error_envelope(*arguments), rel=1e-12)


def _paths(rng, repeats, rounds, rate):
    """Errors that meet the assumption with equality: e' = R e + a sqrt(log(b/U)/n)."""
    n, a, b = 100, 1.0, 2.0
    error, out = np.full(repeats, 0.2), np.empty((repeats, rounds + 1))
    out[:, 0] = error
    for t in range(1, rounds + 1):
        error = rate * error + a * np.sqrt(np.log(b / rng.random(repeats)) / n)
        out[:, t] = error
    return out


def test_coverage_of_all_rounds_at_once():
    rng = np.random.default_rng(11)
    repeats, rounds, delta = 120000, 40, 0.2
    arguments = (100, delta, 1.0, 2.0, 0.0)
    for rate in (0.0, 0.5):
        paths = _paths(rng, repeats, rounds, rate)
        for form in ("anytime", "horizon"):
            bound = sc.bound_error_path(rounds, *arguments, rate, 0.2, form=form)
            failed = (paths > bound * (1 + 1e-12)).any(axis=1).mean()
            assert failed <= delta + Z * math.sqrt(delta / repeats)
        # Twin: the bound for each round apart does not cover the path.
        apart = [sc.error_envelope(t, *arguments, rate, 0.2) for t in range(rounds + 1)]
        loose = (paths > np.array(apart) * (1 + 1e-12)).any(axis=1).mean()
        if rate == 0.0:
            assert loose > delta + Z * math.sqrt(delta / repeats)
            expect = 1 - sc.independent_coverage(rounds, delta)
            error = math.sqrt(expect * (1 - expect) / repeats)
            assert abs(loose - expect) < Z * error
            assert abs(loose - 1.02 * expect) > Z * error  # twin: two per cent off


@given(st.integers(0, 300), st.floats(1e-12, 1 - 1e-12))
def test_independent_coverage_is_the_product(rounds, delta):
    product = mp.mpf(1)
    for t in range(1, rounds + 1):
        product *= 1 - mp.mpf(delta) / t
    assert close(sc.independent_coverage(rounds, delta), product, 1e-13)


@pytest.mark.parametrize("delta", [0.01, 0.5, 0.99])
def test_independent_coverage_vanishes_like_a_power(delta):
    expect = mp.mpf(10) ** (-18 * mp.mpf(delta)) / mp.gamma(1 - mp.mpf(delta))
    assert close(sc.independent_coverage(10**18, delta), expect, 1e-12)


@given(st.integers(1, 10**6), LEVELS, st.floats(0.01, 100), FACTORS, st.floats(0, 0.1),
       st.floats(0, 0.9), st.floats(1.5, 10))
def test_required_real_samples_is_the_least_number(rounds, delta, a, b, floor, rate, radius):
    n = sc.required_real_samples(rounds, delta, a, b, floor, rate, radius)
    room = (1 - mp.mpf(rate)) * mp.mpf(radius) - mp.mpf(floor)
    assert n == int(n) >= 1
    slack = mp.mpf("1e-12") * room
    assert tau_twin(int(n), delta, a, b, floor, rounds) <= room + mp.mpf(floor) + slack
    if n > 1:
        before = tau_twin(int(n) - 1, delta, a, b, floor, rounds)
        assert before > room + mp.mpf(floor) - slack


def test_required_real_samples_at_the_edges():
    assert sc.required_real_samples(10, 0.05, 1.0, 2.0, 0.6, 0.5, 1.0) == np.inf
    assert sc.required_real_samples(10, 0.05, 1.0, 2.0, 0.0, 1.0, 1.0) == np.inf
    assert sc.required_real_samples(10, 0.05, 0.0, 2.0, 0.5, 0.5, 1.0) == 1.0
    assert sc.required_real_samples(10, 0.05, 1e200, 2.0, 0.0, 0.5, 1e-200) == np.inf


# --- domains and shapes ------------------------------------------------------------------------


@pytest.mark.parametrize(("call", "name"), [
    (lambda: sc.statistical_error(0, 0.1, 1.0, 2.0), "n"),
    (lambda: sc.statistical_error(10, 0.0, 1.0, 2.0), "delta"),
    (lambda: sc.statistical_error(10, 1.0, 1.0, 2.0), "delta"),
    (lambda: sc.statistical_error(10, 0.1, -1.0, 2.0), "a"),
    (lambda: sc.statistical_error(10, 0.1, 1.0, 0.5), "b"),
    (lambda: sc.statistical_error(10, 0.1, 1.0, 2.0, np.nan), "optimization_error"),
    (lambda: sc.error_envelope(-1, 10, 0.1, 1.0, 2.0, 0.0, 0.5, 0.1), "rounds"),
    (lambda: sc.error_envelope(1.5, 10, 0.1, 1.0, 2.0, 0.0, 0.5, 0.1), "rounds"),
    (lambda: sc.error_envelope(1, 10, 0.1, 1.0, 2.0, 0.0, 1.5, 0.1), "rate"),
    (lambda: sc.error_envelope(1, 10, 0.1, 1.0, 2.0, 0.0, 0.5, -0.1), "initial_error"),
    (lambda: sc.error_envelope(1, 10, 0.1, 1.0, 2.0, 0.0, 0.5, 0.1, form="x"), "form"),
    (lambda: sc.bound_error_path(1, 10, 0.1, 1.0, 2.0, 0.0, 0.5, 0.1, form="x"), "form"),
    (lambda: sc.required_real_samples(0, 0.1, 1.0, 2.0, 0.0, 0.5, 1.0), "rounds"),
    (lambda: sc.required_real_samples(1, 0.1, 1.0, 2.0, 0.0, 0.5, 0.0), "radius"),
    (lambda: sc.independent_coverage(-1, 0.1), "rounds"),
    (lambda: sc.independent_coverage(1, 1.0), "delta"),
])
def test_out_of_domain(call, name):
    with pytest.raises(ValueError, match=rf"^{name} = "):
        call()


def test_broadcasting():
    n, rate = np.array([[10], [1000]]), np.array([0.0, 0.5, 1.0])
    table = sc.error_envelope(5, n, 0.1, 1.0, 2.0, 0.0, rate, 0.1)
    assert table.shape == (2, 3)
    assert table[1, 1] == sc.error_envelope(5, 1000, 0.1, 1.0, 2.0, 0.0, 0.5, 0.1)
    assert sc.error_envelope(0, n, 0.1, 1.0, 2.0, 0.0, rate, 0.1).shape == (2, 3)
    paths = sc.bound_error_path(5, n, 0.1, 1.0, 2.0, 0.0, rate, 0.1)
    assert paths.shape == (2, 3, 6)
    assert isinstance(sc.statistical_error(10, 0.1, 1, 2), float)
