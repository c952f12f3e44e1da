"""Loops without real data, and loops that keep everything: exact chains, products, chi-squares."""

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from theory import contraction as sc

mp.mp.dps = 50

COUNTS, ROUNDS = st.integers(1, 10**9), st.integers(0, 10**9)
Z = 4.5


def close(got, expect, rtol):
    return abs(mp.mpf(float(got)) - expect) <= 1e-307 + rtol * abs(expect)


# --- collapse ----------------------------------------------------------------------------------


@given(COUNTS, ROUNDS)
@example(10**9, 10**6)
@example(1, 0)
@example(1, 1)
def test_collapse_is_a_power(n, t):
    expect = (1 - 1 / mp.mpf(n)) ** t if t else mp.mpf(1)
    assert close(sc.collapse_variance(n, t), expect, 1e-12)
    assert close(sc.heterozygosity(n, t, 0.25), expect * mp.mpf(3) / 16, 1e-12)


def test_bernoulli_loop_is_wright_fisher():
    n, chance, rounds = 6, 1 / 3, 5
    law = stats.binom.pmf(np.arange(n + 1), n, chance)  # the first fit is a round as well
    share = np.arange(n + 1) / n
    chain = stats.binom.pmf(np.arange(n + 1), n, share[:, None])
    for t in range(1, rounds + 1):
        assert sc.heterozygosity(n, t, chance) == pytest.approx(law @ (share * (1 - share)))
        law = law @ chain
    assert sc.heterozygosity(n, 0, chance) == pytest.approx(chance * (1 - chance), rel=1e-15)


def test_uncorrected_loop_ends_with_no_variance_and_the_error_of_one_draw():
    limit = sc.synthetic_stationary([1, 2, 1000], 0.0)
    assert limit.variance.tolist() == [0.0, 0.0, 0.0]
    assert limit.mean_square.tolist() == [1.0, 1.0, 1.0]


def test_collapse_by_simulation():
    rng = np.random.default_rng(9)
    repeats, n, rounds = 400_000, 5, 3
    variance, mean = np.ones(repeats), np.zeros(repeats)
    known = np.zeros(repeats)
    for _ in range(rounds):
        points = mean[:, None] + np.sqrt(variance)[:, None] * rng.normal(size=(repeats, n))
        mean, variance = points.mean(axis=1), points.var(axis=1)
        known = known + rng.normal(size=repeats) / math.sqrt(n)
    for sample, expect in (
        (variance, sc.collapse_variance(n, rounds)),
        (mean**2, 1 - sc.collapse_variance(n, rounds)),
        (known**2, sc.replace_mse(n, rounds - 1)),
    ):
        error = sample.std() / math.sqrt(repeats)
        assert abs(sample.mean() - expect) < Z * error
        assert abs(sample.mean() - 1.02 * expect) > Z * error  # twin: two per cent off


@given(st.integers(1, 10**12), st.integers(1, 5))
@example(1, 1)
@example(20_000, 3)
def test_log_variance_drift(freedom, dim):
    k = freedom + dim - 1
    with mp.workdps(80):
        expect = sum(mp.digamma(mp.mpf(k - i) / 2) for i in range(dim)) + dim * mp.log(
            2 / mp.mpf(k))
    assert close(sc.log_variance_drift(k + 1, dim), expect, 1e-13)
    assert sc.log_variance_drift(k + 1, dim) < 0


@pytest.mark.parametrize("freedom", [1, 4, 31])
def test_drift_and_factor_are_chi_square_means(freedom):
    k = mp.mpf(freedom)

    def mean(function):
        def integrand(x):
            return function(x / k) * x ** (k / 2 - 1) * mp.exp(-x / 2)
        scale = 2 ** (k / 2) * mp.gamma(k / 2)
        return mp.quad(integrand, [0, 0.01, 1, k, 3 * k + 20, 20 * k + 200]) / scale

    with mp.workdps(25):
        assert close(sc.log_variance_drift(freedom + 1), mean(mp.log), 1e-7)
        assert close(sc.standard_deviation_factor(freedom + 1), mean(mp.sqrt), 1e-9)


@given(st.integers(2, 10**12))
@example(2)
@example(40)
def test_standard_deviation_factor(n):
    k = mp.mpf(n - 1)
    with mp.workdps(80):
        expect = mp.sqrt(2 / k) * mp.exp(mp.loggamma((k + 1) / 2) - mp.loggamma(k / 2))
    assert close(sc.standard_deviation_factor(n), expect, 1e-15)
    if n < 10**14:
        assert sc.standard_deviation_factor(n) < 1


@given(st.integers(2, 10**9), st.integers(0, 10**9))
def test_distance_of_the_collapsing_loop(n, t):
    k = mp.mpf(n - 1)
    with mp.workdps(80):
        g = mp.sqrt(2 / k) * mp.exp(mp.loggamma((k + 1) / 2) - mp.loggamma(k / 2))
        expect = mp.mpf(t + 1) / n + 2 - 2 * g ** (t + 1)
    assert close(sc.collapse_squared_distance(n, t), expect, 1e-12)


def test_distance_by_simulation():
    rng = np.random.default_rng(12)
    repeats, n, rounds = 400_000, 4, 2
    variance, mean = np.ones(repeats), np.zeros(repeats)
    for _ in range(rounds + 1):
        points = mean[:, None] + np.sqrt(variance)[:, None] * rng.normal(size=(repeats, n))
        mean, variance = points.mean(axis=1), points.var(axis=1, ddof=1)
    square = mean**2 + (np.sqrt(variance) - 1) ** 2
    error = square.std() / math.sqrt(repeats)
    expect = sc.collapse_squared_distance(n, rounds)
    assert abs(square.mean() - expect) < Z * error
    assert abs(square.mean() - 1.02 * expect) > Z * error  # twin: two per cent off


# --- correction without real data --------------------------------------------------------------


@pytest.mark.parametrize("gamma", [0.05, 1.0, 20.0])
def test_corrected_synthetic_loop_by_its_exact_bernoulli_chain(gamma):
    m, chance = 7, 0.3
    law = (np.arange(m + 1) / m + gamma * chance) / (1 + gamma)
    chain = stats.binom.pmf(np.arange(m + 1), m, law[:, None])
    system = np.vstack([chain.T - np.eye(m + 1), np.ones(m + 1)])
    stationary = np.linalg.lstsq(system, np.append(np.zeros(m + 1), 1.0))[0]
    share = np.arange(m + 1) / m
    state = sc.synthetic_stationary(m, gamma)
    spread = chance * (1 - chance)
    assert stationary @ (share - chance) ** 2 == pytest.approx(state.mean_square * spread)
    assert stationary @ (share * (1 - share)) == pytest.approx(state.variance * spread)


@given(st.integers(1, 10**12), st.one_of(st.floats(0, 1e12), st.just(np.inf)))
def test_corrected_synthetic_loop(m, gamma):
    state = sc.synthetic_stationary(m, gamma)
    assert state.mean_square + state.variance == pytest.approx(1, rel=1e-13)
    assert state.covariation == 0
    g = mp.mpf(gamma)
    fresh = mp.mpf(1) if np.isinf(gamma) else g * (2 + g) / (1 + g) ** 2  # 1 - q^2
    total = m * fresh + 1 - fresh
    assert close(state.mean_square, 1 / total, 1e-13)
    assert close(state.variance, (m - 1) * fresh / total, 1e-13)


def test_little_real_data_is_like_none():
    for gamma in (0.1, 3.0):
        toy = sc.toy_stationary(1, 10**6, gamma, bootstrap=False)
        none = sc.synthetic_stationary(10**6, gamma)
        assert toy.mean_square == pytest.approx(none.mean_square, rel=1e-4)


# --- accumulation ------------------------------------------------------------------------------


@given(st.integers(1, 10**9), st.integers(0, 400))
@example(1, 0)
@example(1, 7)
@example(2, 49)
@example(2, 50)
def test_accumulating_variance_is_the_finite_product(n, t):
    product = mp.mpf(1)
    for i in range(1, t + 2):
        product *= 1 - 1 / (mp.mpf(n) * i * i)
    assert close(sc.accumulate_variance(n, t), product, 1e-13)


@given(st.integers(2, 10**9))
def test_accumulating_variance_falls_to_the_sine(n):
    x = mp.pi / mp.sqrt(n)
    last = sc.accumulate_variance(n, 10**18)
    assert close(last, mp.sin(x) / x, 1e-13)
    assert last <= sc.accumulate_variance(n, 5) <= sc.accumulate_variance(n, 0)


def test_accumulating_variance_far_out_has_its_first_order():
    n, t = 3, 10**6
    x = mp.pi / mp.sqrt(n)
    expect = mp.sin(x) / x * (1 + mp.mpf(1) / n / (t + mp.mpf(3) / 2))
    assert close(sc.accumulate_variance(n, t), expect, 1e-13)


@given(COUNTS, st.integers(0, 400))
def test_accumulating_error_is_the_finite_sum(n, t):
    total = sum(1 / mp.mpf(i) ** 2 for i in range(1, t + 2))
    assert close(sc.accumulate_mse(n, t), total / n, 1e-14)
    assert sc.accumulate_mse(n, t) <= math.pi**2 / 6 / n
    assert sc.accumulate_mse(n, t) <= sc.replace_mse(n, t) * (1 + 1e-15)


def test_accumulation_by_simulation():
    rng = np.random.default_rng(8)
    repeats, n, rounds = 400_000, 3, 3
    pool, known = rng.normal(size=(repeats, n)), rng.normal(size=repeats) / math.sqrt(n)
    for t in range(1, rounds + 1):
        mean, variance = pool.mean(axis=1), pool.var(axis=1)
        fresh = mean[:, None] + np.sqrt(variance)[:, None] * rng.normal(size=(repeats, n))
        pool = np.concatenate([pool, fresh], axis=1)
        generation = known + rng.normal(size=repeats) / math.sqrt(n)
        known = (t * known + generation) / (t + 1)
    for sample, expect in (
        (pool.var(axis=1), sc.accumulate_variance(n, rounds)),
        (pool.mean(axis=1) ** 2, 1 - sc.accumulate_variance(n, rounds)),
        (known**2, sc.accumulate_mse(n, rounds)),
    ):
        error = sample.std() / math.sqrt(repeats)
        assert abs(sample.mean() - expect) < Z * error
        assert abs(sample.mean() - 1.02 * expect) > Z * error  # twin: two per cent off


# --- domains and shapes ------------------------------------------------------------------------


@pytest.mark.parametrize(("call", "name"), [
    (lambda: sc.collapse_variance(0, 1), "n"),
    (lambda: sc.collapse_variance(1, -1), "rounds"),
    (lambda: sc.heterozygosity(2, 1, 1.5), "probability"),
    (lambda: sc.replace_mse(0.5, 1), "n"),
    (lambda: sc.log_variance_drift(1), "n"),
    (lambda: sc.log_variance_drift(3, 3), "n"),
    (lambda: sc.log_variance_drift(3, 0), "dim"),
    (lambda: sc.standard_deviation_factor(1), "n"),
    (lambda: sc.collapse_squared_distance(1, 1), "n"),
    (lambda: sc.synthetic_stationary(0, 1.0), "m"),
    (lambda: sc.synthetic_stationary(5, -1.0), "correction"),
    (lambda: sc.accumulate_mse(0, 1), "n"),
    (lambda: sc.accumulate_variance(1, -1), "rounds"),
])
def test_out_of_domain(call, name):
    with pytest.raises(ValueError, match=rf"^{name} = "):
        call()


def test_broadcasting():
    n, t = np.array([[2], [50]]), np.array([0, 1, 60, 10**15])
    for curve in (sc.collapse_variance, sc.replace_mse, sc.accumulate_mse,
                  sc.accumulate_variance, sc.collapse_squared_distance):
        table = curve(n, t)
        assert table.shape == (2, 4)
        assert table[1, 2] == curve(50, 60)
        assert isinstance(curve(50, 60), float)
    assert sc.log_variance_drift(n, 1).shape == (2, 1)
    assert sc.synthetic_stationary(n, [0.0, 1.0]).variance.shape == (2, 2)
