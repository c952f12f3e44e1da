"""Stationary error of the corrected loop: exact chains, Lyapunov equations, simulation."""

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import linalg, stats

from theory import contraction as sc

mp.mp.dps = 40

STRENGTHS = st.one_of(st.just(0.0), st.floats(-12, 12).map(lambda power: 10.0**power),
                      st.just(np.inf))
RATIOS = st.one_of(st.just(0.0), st.floats(-12, 12).map(lambda power: 10.0**power))
Z = 4.5


def close(got, expect, rtol):
    return abs(mp.mpf(float(got)) - expect) <= 1e-307 + rtol * abs(expect)


def kept_weight(gamma):
    return mp.mpf(0) if np.isinf(gamma) else 1 / (1 + mp.mpf(float(gamma)))


def gaussian_twin(n, lam, gamma, fresh=False, bootstrap=False):
    """Solve for E mu^2 and E[xbar mu] of mu' = (xbar + l z)/(1+l), z given mu of known law."""
    q, lam, n = kept_weight(gamma), mp.mpf(lam), mp.mpf(int(n))
    m = lam * n
    chi = 0 if fresh else 1 / n / (1 + lam - lam * q)
    if lam == 0:
        return 1 / n
    # Var(z | mu) = (1 + q(1-q) mu^2)/m, and resampling adds (1 - 1/m) q^2/m.
    noise = 1 / m + (bootstrap * (1 - 1 / m) * q**2 / m)
    weight = q**2 + q * (1 - q) / m
    top = 1 / n + 2 * lam * q * chi + lam**2 * noise
    return top / ((1 + lam) ** 2 - lam**2 * weight)


@given(st.integers(1, 10**6), st.integers(0, 10**6), STRENGTHS, st.booleans(), st.booleans())
@example(7, 7 * 10**12, 0.0, False, True)
@example(1, 1, 0.0, True, False)
def test_gaussian_mean(n, m, gamma, fresh, bootstrap):
    real = "fresh" if fresh else "fixed"
    got = sc.gaussian_steady_mse(n, m / n, gamma, real=real, bootstrap=bootstrap)
    assert close(got, gaussian_twin(n, mp.mpf(m) / n, gamma, fresh, bootstrap), 1e-11)


@pytest.mark.parametrize("gamma", [0.0, 0.5, np.inf])
def test_ratio_of_any_size(gamma):
    for lam in (1e100, 1e300):
        got = sc.gaussian_steady_mse(3, lam, gamma)
        with mp.workdps(700):
            assert close(got, gaussian_twin(3, lam, gamma), 1e-13)
    assert sc.gaussian_steady_mse(10**18, 1e300, gamma) >= 0


@pytest.mark.parametrize("bootstrap", [False, True])
@pytest.mark.parametrize("real", ["fixed", "fresh"])
def test_gaussian_mean_by_simulation(real, bootstrap):
    rng = np.random.default_rng(5)
    repeats, n, m, gamma, rounds = 500_000, 4, 2, 0.25, 12
    data = rng.normal(size=repeats) / math.sqrt(n)
    mean = data.copy()
    for _ in range(rounds):
        own = mean[:, None] + rng.normal(size=(repeats, m))
        if bootstrap:
            own = np.take_along_axis(own, rng.integers(m, size=(repeats, m)), axis=1)
        best = rng.normal(size=(repeats, m))
        added = np.where(rng.random((repeats, m)) < 1 / (1 + gamma), own, best).sum(axis=1)
        if real == "fresh":
            data = rng.normal(size=repeats) / math.sqrt(n)
        mean = (n * data + added) / (n + m)
    square = mean**2
    error = square.std() / math.sqrt(repeats)
    expect = sc.gaussian_steady_mse(n, m / n, gamma, real=real, bootstrap=bootstrap)
    assert abs(square.mean() - expect) < Z * error
    assert abs(square.mean() - 1.02 * expect) > Z * error  # twin: two per cent off


def _bernoulli_chain(n, m, gamma, chance):
    """Return the stationary E (p - P)^2 by the exact Markov chain given the real sample."""
    q, total, answer = 1 / (1 + gamma), n + m, 0.0
    for x in range(n + 1):
        law = q * (x + np.arange(m + 1)) / total + (1 - q) * chance
        step = stats.binom.pmf(np.arange(m + 1), m, law[:, None])
        system = np.vstack([step.T - np.eye(m + 1), np.ones(m + 1)])
        stationary = np.linalg.lstsq(system, np.append(np.zeros(m + 1), 1.0))[0]
        error = ((x + np.arange(m + 1)) / total - chance) ** 2
        answer += stats.binom.pmf(x, n, chance) * (stationary @ error)
    return answer


@pytest.mark.parametrize(("n", "m"), [(3, 6), (5, 1), (6, 6)])
@pytest.mark.parametrize("gamma", [0.0, 0.4, 5.0])
def test_bernoulli_by_its_exact_chain(n, m, gamma):
    for chance in (0.5, 0.1):
        got = sc.bernoulli_steady_mse(n, m / n, gamma, chance)
        assert got == pytest.approx(_bernoulli_chain(n, m, gamma, chance), rel=1e-10)


def test_bernoulli_at_the_edges():
    assert sc.bernoulli_steady_mse(5, 1.0, 0.3, [0.0, 1.0]).tolist() == [0.0, 0.0]
    assert sc.bernoulli_steady_mse(10, 0.0, 0.3, 0.5) == pytest.approx(0.025, rel=1e-15)


# --- inflation, crossing, peak -----------------------------------------------------------------


@given(RATIOS, STRENGTHS)
@example(1e300, 0.0)
@example(0.0, 0.0)
def test_inflation_lies_between_zero_and_three_halves(lam, gamma):
    f = sc.cramer_rao_inflation(lam, gamma)
    assert 0 < f <= 1.5
    lam, q = mp.mpf(lam), kept_weight(gamma)
    with mp.workdps(700):
        top = 1 + lam + 2 * lam * q / (1 + lam - lam * q)
        assert close(f, top / ((1 + lam) ** 2 - lam**2 * q**2), 1e-13)
    assert sc.cramer_rao_inflation(float(lam), gamma, real="fresh") <= f
    assert sc.cramer_rao_inflation(float(lam), 0.0, real="fresh") <= 1


@given(st.floats(-6, 6).map(lambda power: 10.0**power), st.floats(0, 1e6), st.floats(1.01, 10))
def test_inflation_falls_with_the_correction(lam, gamma, more):
    assert sc.cramer_rao_inflation(lam, more * gamma + 1e-3) < sc.cramer_rao_inflation(lam, gamma)


@given(st.floats(-6, 6).map(lambda power: 10.0**power), st.floats(1, 1e6), st.floats(1.01, 10))
def test_inflation_falls_with_the_ratio_under_strong_correction(lam, gamma, more):
    assert sc.cramer_rao_inflation(more * lam, gamma) < sc.cramer_rao_inflation(lam, gamma)


def test_inflation_is_the_limit_of_the_gaussian_mean():
    n = 10**9
    for lam, gamma in ((0.5, 0.0), (2.0, 0.3), (1.0, 5.0)):
        exact = n * sc.gaussian_steady_mse(n, lam, gamma)
        assert exact == pytest.approx(sc.cramer_rao_inflation(lam, gamma), rel=1e-8)


@given(st.floats(-8, -0.01).map(lambda power: 10.0**power))
def test_inflation_crosses_one_at_the_critical_ratio(gamma):
    edge = sc.critical_synthetic_ratio(gamma)
    assert sc.cramer_rao_inflation(0.999 * edge, gamma) > 1
    assert sc.cramer_rao_inflation(1.001 * edge, gamma) < 1
    a = mp.mpf(gamma) / (1 + mp.mpf(gamma))
    lam = mp.mpf(float(edge))
    value = (2 * a - 1) + a * (3 - a) * lam + a**2 * (2 - a) * lam**2
    assert abs(value) < 1e-14


def test_critical_ratio_at_the_edges():
    assert sc.critical_synthetic_ratio([0.0, 1.0, 2.0, np.inf]).tolist() == [np.inf, 0, 0, 0]
    assert sc.critical_synthetic_ratio(1e-12) * 1e-12 == pytest.approx(0.2807764064, rel=1e-9)
    assert sc.critical_synthetic_ratio(5e-324) == np.inf
    assert sc.critical_synthetic_ratio(1 - 1e-12) == pytest.approx(4e-13, rel=1e-3)


@given(st.integers(1, 50), st.floats(0.01, 1.2))
def test_critical_ratio_of_a_finite_sample(n, gamma):
    edge = mp.mpf(float(sc.critical_synthetic_ratio(gamma, n)))
    if edge == 0:
        assert gaussian_twin(n, mp.mpf("1e-9"), gamma) < mp.mpf(1) / n
    else:
        slope = abs(gaussian_twin(n, edge * (1 + mp.mpf("1e-9")), gamma) * n - 1)
        assert abs(gaussian_twin(n, edge, gamma) * n - 1) < 1e-3 * slope + 1e-15
    assert sc.critical_synthetic_ratio(gamma, np.inf) == sc.critical_synthetic_ratio(gamma)


@given(st.floats(-10, -0.001).map(lambda power: 10.0**power))
@example(0.01)
@example(0.9999999)
def test_worst_ratio_is_where_the_inflation_peaks(gamma):
    peak = mp.mpf(float(sc.worst_synthetic_ratio(gamma)))
    q = kept_weight(gamma)

    def inflation(lam):
        return (1 + lam + 2 * lam * q / (1 + lam - lam * q)) / ((1 + lam) ** 2 - lam**2 * q**2)

    assert mp.diff(inflation, peak * (1 - mp.mpf("1e-9"))) > 0
    assert mp.diff(inflation, peak * (1 + mp.mpf("1e-9"))) < 0
    assert peak < sc.critical_synthetic_ratio(gamma)


def test_worst_ratio_at_the_edges():
    assert sc.worst_synthetic_ratio([0.0, 1.0, 3.0, np.inf]).tolist() == [np.inf, 0, 0, 0]
    assert sc.worst_synthetic_ratio(0.5) == pytest.approx(0.148, abs=5e-4)
    assert sc.cramer_rao_inflation(sc.worst_synthetic_ratio(0.5), 0.5) == pytest.approx(
        1.021, abs=5e-4)


# --- many parameters ---------------------------------------------------------------------------


def _matrices(seed, dim):
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(3, dim, dim))
    hessian, fisher, scores = factors @ np.swapaxes(factors, -1, -2)
    return hessian + 0.2 * np.eye(dim), fisher, scores


@given(st.integers(0, 10**6), st.integers(1, 4), st.floats(0, 20), st.floats(0, 20))
def test_covariance_solves_the_lyapunov_equation(seed, dim, lam, gamma):
    hessian, fisher, scores = _matrices(seed, dim)
    n, q = 50, 1 / (1 + gamma)
    update = np.linalg.inv(hessian + lam * fisher)
    jacobian = lam * q * update @ fisher
    response = np.linalg.inv(np.eye(dim) - jacobian) @ update
    fixed = response @ scores @ response.T / n
    drift = linalg.solve_discrete_lyapunov(jacobian, lam / n * update @ fisher @ update)
    got = sc.asymptotic_steady_covariance(n, lam, gamma, hessian, fisher, scores)
    np.testing.assert_allclose(got, fixed + drift, rtol=1e-6, atol=1e-10 * np.abs(got).max())


@given(st.integers(0, 10**6), RATIOS, STRENGTHS)
def test_well_specified_models_all_inflate_alike(seed, lam, gamma):
    _, _, scores = _matrices(seed, 3)
    information = scores + 0.5 * np.eye(3)
    got = sc.asymptotic_steady_covariance(7, lam, gamma, information, information, information)
    expect = sc.cramer_rao_inflation(lam, gamma) * np.linalg.inv(information) / 7
    np.testing.assert_allclose(got, expect, rtol=1e-7, atol=1e-9 * np.abs(expect).max())


def test_covariance_at_an_overflowing_ratio():
    eye = np.eye(2)
    got = sc.asymptotic_steady_covariance(1, 1e300, 0.0, eye, 1e10 * eye, eye)
    np.testing.assert_allclose(got, 1.5 * eye, rtol=1e-12)


# --- domains and shapes ------------------------------------------------------------------------


@pytest.mark.parametrize(("call", "name"), [
    (lambda: sc.gaussian_steady_mse(0, 1.0, 0.0), "n"),
    (lambda: sc.gaussian_steady_mse(10, -1.0, 0.0), "synthetic_ratio"),
    (lambda: sc.gaussian_steady_mse(10, 0.05, 0.0), "synthetic_ratio times n"),
    (lambda: sc.gaussian_steady_mse([10, 10], 0.05, 0.0), "synthetic_ratio times n"),
    (lambda: sc.gaussian_steady_mse(10, 1.0, -1.0), "correction"),
    (lambda: sc.gaussian_steady_mse(10, 1.0, 0.0, real="both"), "real"),
    (lambda: sc.cramer_rao_inflation(np.inf, 0.0), "synthetic_ratio"),
    (lambda: sc.cramer_rao_inflation(1.0, 0.0, real="both"), "real"),
    (lambda: sc.critical_synthetic_ratio(-0.1), "correction"),
    (lambda: sc.critical_synthetic_ratio(0.1, 0.5), "n"),
    (lambda: sc.worst_synthetic_ratio(np.nan), "correction"),
    (lambda: sc.bernoulli_steady_mse(10, 0.25, 0.0, 0.5), "synthetic_ratio times n"),
    (lambda: sc.bernoulli_steady_mse(10, 0.2, 0.0, 1.5), "probability"),
    (lambda: sc.asymptotic_steady_covariance(
        9, 1.0, 0.0, np.eye(2), np.eye(2), np.triu(np.ones((2, 2)))), "score_covariance"),
])
def test_out_of_domain(call, name):
    with pytest.raises(ValueError, match=rf"^{name}\b"):
        call()


def test_broadcasting():
    n, gamma = np.array([[10], [50]]), np.array([0.0, 1.0, np.inf])
    table = sc.gaussian_steady_mse(n, 0.5 * (n > 0), gamma, bootstrap=True)
    assert table.shape == (2, 3)
    assert table[1, 1] == sc.gaussian_steady_mse(50, 0.5, 1.0, bootstrap=True)
    assert isinstance(sc.critical_synthetic_ratio(0.1), float)
    assert sc.bernoulli_steady_mse(n, 0.5, gamma, 0.5).shape == (2, 3)
    eye = np.eye(2)
    assert sc.asymptotic_steady_covariance(n, 0.5, gamma, eye, eye, eye).shape == (2, 3, 2, 2)


def test_integers_that_rounding_hides_are_accepted():
    assert sc.gaussian_steady_mse(10, 0.1 + 0.2, 0.0) == pytest.approx(
        float(gaussian_twin(10, mp.mpf(3) / 10, 0.0)), rel=1e-13)
