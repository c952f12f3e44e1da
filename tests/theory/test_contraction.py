"""Rates of the corrected loop: order, limits, matrices, and the map itself."""

from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy import integrate, optimize

from theory import contraction as sc

mp.mp.dps = 50


def logs(low, high):
    """Floats spread evenly over the decades from 10^low to 10^high, and 0."""
    return st.one_of(st.just(0.0), st.floats(low, high).map(lambda power: 10.0**power))


RATIOS, STRENGTHS = logs(-300, 300), st.one_of(logs(-300, 300), st.just(np.inf))
CURVATURES = logs(-300, 300).filter(bool)
MILD = {"ratio": logs(-6, 6), "gamma": logs(-6, 6), "misfit": logs(-6, 3)}


def close(got, expect, rtol, atol=0.0):
    return abs(mp.mpf(float(got)) - expect) <= atol + rtol * abs(expect)


def exact(*values):
    return [mp.mpf(float(value)) for value in values]


def kept_weight(gamma):
    return mp.mpf(0) if np.isinf(gamma) else 1 / (1 + mp.mpf(float(gamma)))


# --- the bounds from the constants -------------------------------------------------------------


@given(RATIOS, STRENGTHS, CURVATURES, logs(-300, 300), logs(-300, 300))
@example(1e300, 0.0, 1e-300, 1e300, 1e300)
@example(1e300, 1e300, 1.0, 0.0, 0.0)
def test_sharp_bound_at_any_scale(lam, gamma, alpha, eps, lip):
    ratio, curvature, misfit, slope = exact(lam, alpha, eps, lip)
    u = ratio * (1 + misfit * slope / curvature)
    got = sc.bound_sharp_rate(lam, gamma, alpha, eps, lip)
    assert close(got, u / (1 + u) * kept_weight(gamma), 1e-14, 1e-322)
    lowest = sc.bound_lowest_rate(lam, gamma, alpha, eps, lip)
    spare = max(mp.mpf(0), 1 - misfit * slope / curvature)
    w = ratio * spare
    rounding = 1e-15 / float(spare) if spare else 0.0
    assert close(lowest, w / (1 + w) * kept_weight(gamma), 1e-14 + rounding, 1e-322)


@given(RATIOS, CURVATURES, logs(-300, 300), logs(-300, 300))
@example(0.4999999999999, 1.0, 0.0, 0.0)
@example(1.0, 1.0, 0.0, 0.0)
def test_printed_constant(lam, alpha, eps, lip):
    ratio, curvature, misfit, slope = exact(lam, alpha, eps, lip)
    u = ratio * (1 + misfit * slope / curvature)
    assume(u == 1 or abs(1 - u) > 1e-9)
    got = sc.rho(lam, alpha, eps, lip)
    if u >= 1:
        assert got == np.inf
    else:
        assert close(got, u / (1 - u), 1e-15 + 1e-15 / float(1 - u), 1e-322)


@given(**MILD)
def test_order_of_the_bounds(ratio, gamma, misfit):
    constants = {"misfit": misfit, "lipschitz": 1.0}  # e = misfit
    sharp = sc.bound_sharp_rate(ratio, gamma, **constants)
    euclid = sc.bound_euclidean_rate(ratio, gamma, **constants)
    printed = sc.bound_printed_rate(ratio, gamma, **constants)
    lowest = sc.bound_lowest_rate(ratio, gamma, **constants)
    room = 1 + 1e-12
    assert 0 <= lowest <= sharp * room
    assert sharp <= euclid * room <= printed * room**2
    assert sharp * (1 + gamma) <= 1
    elementary = ratio * (1 + misfit) / (1 + ratio - ratio * misfit) / (1 + gamma)
    if misfit <= 1:
        assert euclid <= elementary * room <= printed * room**2
    if ratio * misfit > 1e-6 and ratio * (1 + misfit) < 1:
        assert sharp < euclid < printed


@given(ratio=logs(-6, 3), more=st.floats(1.01, 10), gamma=logs(-3, 3), misfit=logs(-6, 3))
def test_rates_rise_with_the_ratio_and_fall_with_the_correction(ratio, more, gamma, misfit):
    assume(ratio > 0)
    constants = {"misfit": misfit, "lipschitz": 1.0}
    assert sc.bound_sharp_rate(more * ratio, gamma, **constants) > sc.bound_sharp_rate(
        ratio, gamma, **constants)
    for rate in (sc.bound_sharp_rate, sc.bound_euclidean_rate):
        assert rate(ratio, more * gamma + 0.1, misfit=misfit, lipschitz=1.0) < rate(
            ratio, gamma, misfit=misfit, lipschitz=1.0)


@given(st.one_of(logs(-6, 8), st.just(np.inf)), logs(-6, 6))
def test_printed_range_is_where_the_printed_rate_contracts(gamma, misfit):
    edge = sc.max_ratio_printed(gamma, misfit=misfit, lipschitz=1.0)
    assert 0 < edge < 1 or (gamma == np.inf and edge <= 1)
    inside = sc.bound_printed_rate(edge * (1 - 1e-9), gamma, misfit=misfit, lipschitz=1.0)
    outside = sc.bound_printed_rate(edge * (1 + 1e-9), gamma, misfit=misfit, lipschitz=1.0)
    assert inside < 1
    assert outside > 1 or outside == pytest.approx(1, abs=1e-6)


def test_the_published_baseline_is_outside_the_printed_range():
    assert sc.bound_printed_rate(0.5, 0.0) == 1.0
    assert sc.bound_sharp_rate(0.5, 0.0) == pytest.approx(1 / 3)
    assert sc.bound_printed_rate(1.5, 1e9) == np.inf
    assert sc.bound_printed_rate(1.5, np.inf) == np.inf
    assert sc.bound_printed_rate(0.5, np.inf) == 0.0


@given(logs(-3, 6), st.floats(0, 0.5))
def test_uncorrected_loop_is_a_euclidean_contraction_up_to_half_a_misfit(ratio, misfit):
    assert sc.bound_euclidean_rate(ratio, 0.0, misfit=misfit, lipschitz=1.0) < 1


def test_euclidean_bound_at_the_edges():
    assert sc.bound_euclidean_rate(0.0, 0.0, 1e-300, 1e300, 1e300) == 0.0
    assert sc.bound_euclidean_rate(1.0, 0.0, 1e-300, 1e300, 1e300) == np.inf
    assert sc.bound_euclidean_rate(1e300, 0.0, misfit=0.5, lipschitz=1.0) == pytest.approx(1.0)
    assert sc.bound_euclidean_rate(1.0, np.inf, 1e-300, 1e300, 1e300) == 0.0


# --- matrices ----------------------------------------------------------------------------------


def _pair(seed, dim):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, dim, dim))
    return a @ a.T + 0.1 * np.eye(dim), b[:, :-1] @ b[:, :-1].T  # F is singular


@given(st.integers(0, 10**6), st.integers(2, 5), logs(-3, 3), logs(-2, 2))
def test_rate_is_the_spectral_radius_of_the_jacobian(seed, dim, lam, gamma):
    hessian, fisher = _pair(seed, dim)
    jacobian = lam / (1 + gamma) * np.linalg.solve(hessian + lam * fisher, fisher)
    ratios = sc.information_ratios(hessian, fisher)
    rate = sc.sharp_rate(lam, gamma, ratios)
    radius = np.abs(np.linalg.eigvals(jacobian)).max()
    assert rate == pytest.approx(radius, rel=1e-9, abs=1e-12)
    assert rate < 1 / (1 + gamma)
    assert np.abs(ratios[..., 0]) < 1e-9
    spectrum = np.linalg.eigvalsh(hessian)
    alpha, norm = spectrum[0], np.linalg.norm(jacobian, 2)
    shift = np.linalg.norm(fisher - hessian, 2)  # plays eps L
    assert norm <= rate * sc.euclidean_amplification(spectrum[-1] / alpha) * (1 + 1e-9)
    assert norm <= sc.bound_euclidean_rate(lam, gamma, alpha, shift, 1.0) * (1 + 1e-9)
    assert rate <= sc.bound_sharp_rate(lam, gamma, alpha, shift, 1.0) * (1 + 1e-9)


@given(st.integers(0, 10**6), st.floats(0.01, 0.9), logs(-3, 3))
def test_rates_lie_between_their_bounds(seed, misfit, lam):
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.normal(size=(4, 4)))
    shift = turn @ np.diag(rng.uniform(-misfit, misfit, 4)) @ turn.T
    ratios = sc.information_ratios(np.eye(4), np.eye(4) + shift)
    low = sc.bound_lowest_rate(lam, 0.3, misfit=misfit, lipschitz=1.0)
    assert low <= sc.sharp_rate(lam, 0.3, ratios[:1]) * (1 + 1e-12)
    high = sc.bound_sharp_rate(lam, 0.3, misfit=misfit, lipschitz=1.0)
    assert sc.sharp_rate(lam, 0.3, ratios) <= high * (1 + 1e-12)


@given(st.integers(0, 10**6))
def test_information_ratios_do_not_depend_on_coordinates(seed):
    hessian, fisher = _pair(seed, 3)
    change = np.eye(3) + 0.3 * np.random.default_rng(seed + 1).normal(size=(3, 3))
    assume(np.linalg.cond(change) < 1e3)
    moved = sc.information_ratios(change.T @ hessian @ change, change.T @ fisher @ change)
    np.testing.assert_allclose(moved, sc.information_ratios(hessian, fisher), atol=1e-8)


def test_information_ratios_keep_their_digits_when_the_curvature_is_ill_scaled():
    scales = np.array([1e-8, 1.0, 1e8])
    hessian = np.diag(scales**2)
    fisher = np.outer(scales, scales) * np.array([[2, 1, 0], [1, 2, 1], [0, 1, 2]])
    expect = 2 - np.sqrt(2) * np.array([1, 0, -1])
    np.testing.assert_allclose(sc.information_ratios(hessian, fisher), expect, rtol=1e-13)


@pytest.mark.parametrize("condition", [1.5, 4.0, 100.0])
def test_amplification_is_attained_over_fisher_matrices(condition):
    angles = np.linspace(0, np.pi, 20001)
    v = np.stack([np.cos(angles), np.sin(angles)])
    solved = v / np.array([[condition], [1.0]])
    # lambda -> inf with F = vv': the Jacobian tends to an oblique projection.
    norms = np.linalg.norm(solved, axis=0) / np.einsum("in,in->n", v, solved)
    amplification = sc.euclidean_amplification(condition)
    assert norms.max() == pytest.approx(amplification, rel=1e-6)
    assert norms.max() <= amplification * (1 + 1e-12)


@given(RATIOS, STRENGTHS, st.lists(logs(-8, 8), min_size=1, max_size=4))
@example(1e300, 0.0, [1.0])
@example(1e20, 0.0, [1.0, 0.5])
def test_gap_is_the_complement_without_cancellation(lam, gamma, ratios):
    with mp.workdps(700):
        ratio, *values = exact(lam, *ratios)
        rates = [ratio * c / (1 + ratio * c) * kept_weight(gamma) for c in values]
        assert close(sc.spectral_gap(lam, gamma, ratios), 1 - max(rates), 1e-14)
        assert close(sc.sharp_rate(lam, gamma, ratios), max(rates), 1e-14, 1e-322)


# --- the map itself ----------------------------------------------------------------------------


def _logistic_update(theta, lam, gamma, a):
    """Return the population update of a logistic location model on data -+a."""
    def pull(x, t):  # score in the location
        return np.tanh((x - t) / 2)

    def density(x, t):
        return 0.25 / np.cosh((x - t) / 2) ** 2

    nodes, weights = np.polynomial.legendre.leggauss(400)
    x, w = 45 * nodes, 45 * weights
    mixed = w * (density(x, theta) + gamma * density(x, 0.0)) / (1 + gamma)

    def score(t):
        return (pull(a, t) + pull(-a, t)) / 2 + lam * (mixed @ pull(x, t))

    return optimize.brentq(score, theta - 1.0, theta + 1.0, xtol=1e-15, rtol=1e-14)


@pytest.mark.parametrize("a", [0.5, 4.0])
@pytest.mark.parametrize("gamma", [0.0, 2.0])
@pytest.mark.parametrize("lam", [0.2, 30.0])
def test_logistic_location_contracts_at_the_sharp_rate(lam, gamma, a):
    h = 1e-3
    up, down, far, near = (
        _logistic_update(step, lam, gamma, a) for step in (h, -h, 2 * h, -2 * h)
    )
    slope = (8 * (up - down) - (far - near)) / (12 * h)
    ratio = sc.logistic_information_ratio(a)
    assert slope == pytest.approx(sc.sharp_rate(lam, gamma, [ratio]), rel=1e-7)


def test_logistic_information_ratio_by_quadrature():
    def density(x):
        return 0.25 / np.cosh(x / 2) ** 2

    fisher = integrate.quad(lambda x: np.tanh(x / 2) ** 2 * density(x), -60, 60)[0]
    for a in (0.0, 1.0, 6.0):
        curvature = 0.5 / np.cosh(a / 2) ** 2
        assert sc.logistic_information_ratio(a) == pytest.approx(fisher / curvature, rel=1e-9)
    assert sc.logistic_information_ratio(1e4) == np.inf


@given(st.floats(0.01, 100), st.floats(0.01, 0.99), st.integers(0, 50))
def test_exponential_family_contracts_in_its_mean(start, rate, t):
    mean = mp.mpf(1) / mp.mpf(start)
    for _ in range(t):
        mean = 1 + mp.mpf(rate) * (mean - 1)
    assert close(sc.exponential_rate_path(start, rate, t), 1 / mean, 1e-13)


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_local_rate_is_no_one_step_factor(start, rate):
    after = sc.exponential_rate_path(start, rate, 1)
    assert (1 - after) / (1 - start) > rate
    assert sc.exponential_rate_path(start, 0.0, 1) == 1.0
    assert sc.exponential_rate_path(start, 0.0, 0) == pytest.approx(start, rel=1e-15)


@given(st.floats(0.001, 0.999), st.integers(1, 200))
def test_correction_can_raise_the_error_of_one_step(share, m):
    start = 1 - share * 4 / (2 * m + 1)  # 0 < 1 - theta < 4/(2m+1)
    assume(start >= 0)
    step = 1e-6
    slope = sc.one_step_variance_mse(start, step, m) - sc.one_step_variance_mse(start, 0.0, m)
    eta = 1 - start
    assert slope / step == pytest.approx(-2 * eta**2 + eta * (4 - eta) / m, rel=1e-3, abs=1e-8)
    beyond = 1 - 1.5 * 4 / (2 * m + 1)
    if beyond >= 0:
        assert sc.one_step_variance_mse(beyond, step, m) < sc.one_step_variance_mse(beyond, 0.0, m)


@pytest.mark.parametrize(("theta", "gamma"), [(0.5, 0.0), (0.5, 2.0), (1.7, 0.3)])
def test_one_step_error_by_quadrature(theta, gamma):
    def moment(k):
        def integrand(x):
            first = mp.npdf(x, 0, mp.sqrt(theta)) + gamma * mp.npdf(x)
            return x**k * first / (1 + gamma)
        return 2 * mp.quad(integrand, [0, 2, 6, 20])

    with mp.workdps(20):
        second, fourth = moment(2), moment(4)
        expect = (1 - second) ** 2 + (fourth - second**2) / 7
    assert close(sc.one_step_variance_mse(theta, gamma, 7), expect, 1e-12)


@given(RATIOS, STRENGTHS)
def test_oracle_weight_stays_below_the_ratio(lam, gamma):
    weight = sc.oracle_weight(lam, gamma)
    assert 0 <= weight <= lam
    share = mp.mpf(1) if np.isinf(gamma) else mp.mpf(gamma) / (1 + mp.mpf(gamma))
    assert close(weight, mp.mpf(lam) * share, 1e-15, 1e-322)
    assert sc.oracle_weight(lam, 0.0) == 0


# --- neighbourhoods and Proposition B.2 --------------------------------------------------------


def _top_eigenvalue(lam, gamma, alpha, eps, lip, distance):
    lam, gamma, alpha, eps, lip, distance = map(Fraction, (lam, gamma, alpha, eps, lip, distance))
    return -alpha * (1 + lam) + lam * lip * (distance / (1 + gamma) + eps)


@given(logs(-6, 6), logs(-6, 6), logs(-6, 6).filter(bool), logs(-6, 6), logs(-6, 6))
def test_sharp_radius_is_where_the_objective_stops_being_concave(lam, gamma, alpha, eps, lip):
    radius = sc.existence_radius(lam, gamma, alpha, eps, lip)
    if np.isinf(radius):
        assert lam == 0 or lip == 0
    elif radius == 0:
        assert _top_eigenvalue(lam, gamma, alpha, eps, lip, 0) >= -1e-9 * alpha * (1 + lam)
    else:
        slack = 1e-9 + 1e-15 * (1 + gamma) * (alpha / lip + eps) / radius
        assert _top_eigenvalue(lam, gamma, alpha, eps, lip, radius * (1 - slack)) < 0
        assert _top_eigenvalue(lam, gamma, alpha, eps, lip, radius * (1 + slack)) > 0


@given(logs(-6, 6).filter(bool), logs(-6, 6), logs(-6, 6).filter(bool), logs(-6, 6).filter(bool),
       st.floats(0, 0.999))
def test_corrected_radius_is_sufficient(lam, gamma, alpha, lip, share):
    eps = share * alpha / lip
    corrected = sc.existence_radius(lam, gamma, alpha, eps, lip, form="corrected")
    assert corrected <= sc.existence_radius(lam, gamma, alpha, eps, lip) * (1 + 1e-12)
    assert corrected * lip == pytest.approx(
        sc.existence_radius(lam, gamma, alpha, eps, lip, form="printed"), rel=1e-13)


def test_printed_radius_is_too_large():
    printed = sc.existence_radius(1.0, 0.0, 1.0, 0.0, 5.0, form="printed")
    assert printed > 0.5
    assert _top_eigenvalue(1, 0, 1, 0, 5, Fraction(1, 2)) == Fraction(1, 2)
    assert sc.existence_radius(1.0, 0.0, 1.0, 0.0, 5.0) < 0.5


def test_radius_at_the_edges():
    assert sc.existence_radius(0.0, 0.0, 1.0, 1.0, 1.0, form="printed") == np.inf
    assert sc.existence_radius(1.0, np.inf, 1.0, 0.0, 1.0) == np.inf
    assert sc.existence_radius(1.0, np.inf, 1.0, 3.0, 1.0) == 0.0
    tiny = sc.existence_radius(1e300, 0.0, 1e-300, 0.0, 1e-300, form="corrected")
    assert tiny == pytest.approx(1e-300, rel=1e-14)


@given(logs(-3, 1), logs(-3, 0), logs(-3, 3))
def test_proposition_b2_is_informative_when_its_floor_is_below_one(growth, lam, gamma):
    constant = sc.b2_constant(growth, lam, gamma)
    rate = sc.bound_printed_rate(lam, gamma)
    informative = rate < 1 and constant < 1 - rate
    assume(abs(constant - 1 + rate) > 1e-12)
    assert sc.b2_informative(growth, lam, gamma) == informative


@given(st.floats(0.01, 0.3), logs(-3, 3))
def test_proposition_b2_at_its_edge(lam, gamma):
    edge = (1 - lam / (1 - lam) * (3 + gamma) / (1 + gamma)) / 2
    assume(edge > 1e-6)
    assert sc.b2_informative(edge * (1 - 1e-9), lam, gamma)
    assert not sc.b2_informative(edge * (1 + 1e-9), lam, gamma)


def test_proposition_b2_is_empty_for_the_published_ratios():
    assert not sc.b2_informative(0.0, 0.5, [0.0, 1.0, 1e9]).any()
    assert sc.b2_constant(0.0, 0.5, 0.0) == 2.0


# --- domains and shapes ------------------------------------------------------------------------


@pytest.mark.parametrize(("call", "name"), [
    (lambda: sc.rho(-0.1), "synthetic_ratio"),
    (lambda: sc.rho(np.inf), "synthetic_ratio"),
    (lambda: sc.rho(0.1, 0.0), "curvature"),
    (lambda: sc.rho(0.1, 1.0, -1.0), "misfit"),
    (lambda: sc.rho(0.1, 1.0, 1.0, np.nan), "lipschitz"),
    (lambda: sc.bound_printed_rate(0.1, -1.0), "correction"),
    (lambda: sc.bound_sharp_rate(0.1, np.nan), "correction"),
    (lambda: sc.bound_lowest_rate(-1.0, 1.0), "synthetic_ratio"),
    (lambda: sc.bound_euclidean_rate(-1.0, 1.0), "synthetic_ratio"),
    (lambda: sc.sharp_rate(0.1, 1.0, [-1.0]), "eigenvalues"),
    (lambda: sc.sharp_rate(0.1, 1.0, []), "eigenvalues"),
    (lambda: sc.spectral_gap(0.1, 1.0, [np.inf]), "eigenvalues"),
    (lambda: sc.max_ratio_printed(-1.0), "correction"),
    (lambda: sc.existence_radius(1.0, 0.0, 1.0, 0.0, 1.0, form="loose"), "form"),
    (lambda: sc.euclidean_amplification(0.5), "condition_number"),
    (lambda: sc.oracle_weight(-1.0, 0.0), "synthetic_ratio"),
    (lambda: sc.b2_constant(-1.0, 0.1, 0.0), "growth"),
    (lambda: sc.b2_informative(-1.0, 0.1, 0.0), "growth"),
    (lambda: sc.information_ratios([[1.0, 0.5], [0.0, 1.0]], np.eye(2)), "hessian"),
    (lambda: sc.information_ratios(-np.eye(2), np.eye(2)), "hessian"),
    (lambda: sc.information_ratios(np.eye(2), -np.eye(2)), "fisher"),
    (lambda: sc.information_ratios(np.eye(2), np.ones(2)), "fisher"),
    (lambda: sc.exponential_rate_path(0.0, 0.5, 1), "initial"),
    (lambda: sc.exponential_rate_path(1.0, 1.5, 1), "rate"),
    (lambda: sc.logistic_information_ratio(-1.0), "separation"),
    (lambda: sc.one_step_variance_mse(1.0, 1.0, 0), "m"),
])
def test_out_of_domain(call, name):
    with pytest.raises(ValueError, match=rf"^{name}\b"):
        call()


def test_broadcasting():
    lam, gamma = np.array([[0.1], [2.0]]), np.array([0.0, 1.0, np.inf])
    for rate in (sc.bound_printed_rate, sc.bound_sharp_rate, sc.bound_euclidean_rate):
        table = rate(lam, gamma, misfit=0.1, lipschitz=1.0)
        assert table.shape == (2, 3)
        assert table[1, 1] == rate(2.0, 1.0, misfit=0.1, lipschitz=1.0)
    assert sc.sharp_rate(lam, gamma, np.ones((2, 3, 4))).shape == (2, 3)
    assert sc.sharp_rate(1.0, 0.0, 1.0) == 0.5
    assert isinstance(sc.sharp_rate(1, 0, [1, 2]), float)
    assert sc.existence_radius(lam, gamma, 1.0, 0.1, 1.0).shape == (2, 3)
    assert sc.information_ratios(np.eye(2), np.ones((5, 1, 1)) * np.eye(2)).shape == (5, 2)
