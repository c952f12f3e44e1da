"""The bivariate normal law and the distances built on it, against forty digits and by law."""

import functools

import mpmath as mp
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.special import log_ndtr, ndtr
from scipy.stats import multivariate_normal

from theory.gaussian import (
    bivariate_cdf,
    bivariate_log_cdf,
    conditional_cdf,
    orthant_probability,
    wasserstein2,
)

limits = st.floats(-40, 40)
correlations = st.floats(-1, 1)
angles = st.floats(0, np.pi)


@functools.cache
def exact_cdf(h, k, correlation=None, *, angle=None):
    """Phi_2 from its derivative in the angle, integrated from the degenerate law at -1."""
    with mp.workdps(40):
        h, k = mp.mpf(float(h)), mp.mpf(float(k))
        theta = mp.acos(mp.mpf(correlation)) if angle is None else mp.mpf(angle)
        if h + k > 0:
            return mp.ncdf(h) - mp.erfc(k / mp.sqrt(2)) / 2 + exact_cdf_below(-h, -k, theta)
        return exact_cdf_below(h, k, theta)


def exact_cdf_below(h, k, theta):
    near, far = (h - k) ** 2 / 8, (h + k) ** 2 / 8

    def exponent(w):  # w = log tan(x/2), x the angle
        return -near * (1 + mp.exp(-2 * w)) - far * (1 + mp.exp(2 * w))

    start = mp.log(mp.tan(theta / 2))
    peak = max(start, mp.log(near / far) / 4) if near * far else start
    ladder = [peak + sign * mp.mpf(2) ** j / 1024 for j in range(18) for sign in (-1, 1)]
    nodes = [start, *sorted(x for x in {peak, *ladder} if x > start)]
    scaled = mp.quad(lambda w: mp.exp(exponent(w) - exponent(peak)) / mp.cosh(w), nodes)
    return mp.exp(exponent(peak)) * scaled / (2 * mp.pi)


BODY = [
    (0.0, 0.0, 0.3), (0.0, 0.0, -1 + 1e-12), (0.7, -0.4, 0.6), (1e-12, -1e-12, 0.999),
    (-0.0, -1.3, 0.5), (0.0, 2.0, -0.9), (3.1, 1.0, 1 - 1e-9), (-1.17, 3.0, -1 + 2.0**-53),
    (1.0, 0.324, 0.298), (2.5, 2.5, -0.99), (0.06, -0.57, 0.999999), (-1.0, 0.9, -0.999),
    (1e-300, 1.0, 0.2), (0.5, 0.5, 1 - 2.0**-53),
]
TAIL = [
    (-8.0, -9.0, 0.7), (-20.5, -20.5, 0.5), (-30.0, -1.0, -0.2), (-25.0, 8.0, 0.9),
    (-35.0, 35.5, 0.3), (3.0, -3.0, -0.999999), (-20.0, -12.0, 0.9), (0.0, -35.0, 0.5),
    (-3.0, -4.0, -0.5), (1e-9, 2e-9, -1 + 1e-14), (-12.0, 3.0, 0.25), (-9.0, -9.1, 1 - 1e-8),
    (-36.0, -36.0, 0.999), (-0.5, -0.6, -0.97), (-2.0, -2.0, 0.0),
]


@pytest.mark.parametrize(("h", "k", "correlation"), BODY + TAIL)
def test_distribution_function_has_an_absolute_error_of_an_ulp(h, k, correlation):
    exact = exact_cdf(h, k, correlation)
    for pair in ((h, k), (k, h)):
        assert abs(float(bivariate_cdf(*pair, correlation) - exact)) < 2.5e-16


@pytest.mark.parametrize(("h", "k", "correlation"), BODY + TAIL)
def test_logarithm_has_relative_accuracy_everywhere(h, k, correlation):
    with mp.workdps(40):
        exact = mp.log(exact_cdf(h, k, correlation))
    for pair in ((h, k), (k, h)):
        error = abs(float(bivariate_log_cdf(*pair, correlation) - exact))
        assert error < 4e-15 * max(1, abs(float(exact)))


@pytest.mark.parametrize(("h", "k", "correlation"), BODY + TAIL)
def test_conditional_probability_has_relative_accuracy_down_to_1e_290(h, k, correlation):
    for value, given_ in ((h, k), (k, h)):
        with mp.workdps(40):
            exact = exact_cdf(h, k, correlation) / (mp.erfc(-mp.mpf(given_) / mp.sqrt(2)) / 2)
        error = abs(float(conditional_cdf(value, given_, correlation) / exact - 1))
        assert error < (1e-12 if exact < 1e-20 else 4e-14)


@pytest.mark.parametrize("angle", [1e-9, 1e-5, 0.3, 2.9, np.pi - 1e-9])
@pytest.mark.parametrize(("h", "k"), [(-20.5, -20.500001), (-6.0, 5.9999999), (0.4, -0.41)])
def test_the_angle_keeps_the_digits_that_a_correlation_near_one_has_lost(h, k, angle):
    exact = exact_cdf(h, k, angle=angle)
    assert abs(float(bivariate_cdf(h, k, angle=angle) - exact)) < 2.5e-16
    if exact > 1e-290:
        with mp.workdps(40):
            log = mp.log(exact)
        error = abs(float(bivariate_log_cdf(h, k, angle=angle) - log))
        assert error < 4e-14 * max(1, abs(float(log)))


@given(limits, limits, correlations)
@example(0.0, 0.0, -1.0)
@example(-0.0, 0.0, 1.0)
@example(5.0, -5.0, -1.0)
def test_identities_of_the_distribution_function(h, k, rho):
    value = bivariate_cdf(h, k, rho)
    assert value == pytest.approx(bivariate_cdf(k, h, rho), abs=3e-16)
    assert value + bivariate_cdf(h, -k, -rho) == pytest.approx(ndtr(h), abs=5e-16)
    assert bivariate_cdf(h, np.inf, rho) == ndtr(h)
    assert bivariate_cdf(h, -np.inf, rho) == 0
    assert bivariate_cdf(h, k, 0.0) == pytest.approx(ndtr(h) * ndtr(k), abs=3e-16)
    assert bivariate_cdf(h, k, angle=0.0) == ndtr(min(h, k))
    low, high = max(0.0, ndtr(h) - ndtr(-k)), min(ndtr(h), ndtr(k))
    assert low - 3e-16 <= value <= high


@given(limits, limits, correlations, correlations)
def test_distribution_function_grows_with_the_correlation(h, k, first, second):
    low, high = sorted((first, second))
    assert bivariate_cdf(h, k, low) <= bivariate_cdf(h, k, high) + 4e-16
    assert bivariate_log_cdf(h, k, low) <= bivariate_log_cdf(h, k, high) + 1e-11


@given(limits, st.floats(-40, 40), angles)
@example(0.0, 0.0, np.pi)
@example(-38.0, 38.0, np.pi)
def test_logarithm_conditional_and_joint_agree(h, k, angle):
    joint, log = bivariate_cdf(h, k, angle=angle), bivariate_log_cdf(h, k, angle=angle)
    assert np.exp(log) == pytest.approx(joint, rel=1e-13, abs=4e-16)
    conditional = conditional_cdf(h, k, angle=angle)
    assert 0 <= conditional <= 1
    if log > -600 and log_ndtr(k) > -600:
        assert np.log(conditional) + log_ndtr(k) == pytest.approx(log, rel=1e-13, abs=1e-12)


@given(st.floats(-30, 30), st.floats(-30, 30), st.floats(-30, 30), st.floats(-0.99, 0.99))
def test_conditional_probability_grows_with_its_value(first, second, given_, rho):
    low, high = sorted((first, second))
    small, large = (conditional_cdf(x, given_, rho) for x in (low, high))
    assert small <= large * (1 + 1e-11) + 1e-300


def test_agrees_with_scipy_where_scipy_is_accurate():
    rng = np.random.default_rng(5)
    h, k = rng.normal(size=(2, 30))
    rho = rng.uniform(-0.95, 0.95, 30)
    got = bivariate_cdf(h, k, rho)
    for i in range(30):
        law = multivariate_normal(cov=[[1, rho[i]], [rho[i], 1]])
        assert got[i] == pytest.approx(law.cdf([h[i], k[i]]), abs=1e-7)


def test_extreme_limits_give_no_nan_and_no_warning():
    ends = [-np.inf, -1e308, -1e154, -1e20, -40, -1e-300, -0.0, 0.0, 1e-300, 1, 40, 1e20, 1e308]
    ends.append(np.inf)
    for name, family in (
        ("correlation", [-1, -1 + 2.0**-53, -1e-300, 0, 1e-300, 0.3, 1 - 2.0**-53, 1]),
        ("angle", [0, 1e-300, 1e-150, 1e-100, 1e-20, 0.5, np.pi / 2, 3, np.pi]),
    ):
        h, k, pair = np.meshgrid(ends, ends, family)
        joint, log = bivariate_cdf(h, k, **{name: pair}), bivariate_log_cdf(h, k, **{name: pair})
        assert not np.isnan(joint).any()
        np.testing.assert_allclose(np.exp(log), joint, atol=3e-16, rtol=0)
        some = k > -np.inf
        conditional = conditional_cdf(h[some], k[some], **{name: pair[some]})
        assert ((conditional >= 0) & (conditional <= 1)).all()


def test_ratio_of_far_tails_depends_on_directions_only():
    # Far out P(V <= v | U <= u) tends to 0 or 1 by the sign of v - rho u, here with u < 0.
    assert conditional_cdf(-0.9e200, -1e200, 0.8) == 0.0
    assert conditional_cdf(-0.7e200, -1e200, 0.8) == 1.0
    assert conditional_cdf(-0.8e9, -1e9, 0.8) == pytest.approx(0.5, abs=1e-6)


def test_shapes_broadcast():
    assert bivariate_cdf(np.zeros((3, 1)), np.zeros(4), 0.5).shape == (3, 4)
    assert isinstance(bivariate_cdf(0, 0, 0.5), np.float64)
    assert conditional_cdf(np.zeros((2, 1)), 0.0, angle=np.ones(3)).shape == (2, 3)
    many = bivariate_log_cdf(np.full(5000, -9.0), -8.0, 0.2)  # several passes
    np.testing.assert_allclose(many, bivariate_log_cdf(-9.0, -8.0, 0.2), rtol=1e-15)
    assert bivariate_log_cdf([], 0.0, 0.3).shape == (0,)


@pytest.mark.parametrize("function", [bivariate_cdf, bivariate_log_cdf, conditional_cdf])
def test_domain_of_the_bivariate_law(function):
    with pytest.raises(ValueError, match="give exactly one"):
        function(0, 0)
    with pytest.raises(ValueError, match="give exactly one"):
        function(0, 0, 0.5, angle=1.0)
    with pytest.raises(ValueError, match=r"correlation = 1.5: must lie in \[-1, 1\]"):
        function(0, 0, 1.5)
    with pytest.raises(ValueError, match="angle = -1: must lie in"):
        function(0, 0, angle=-1.0)
    with pytest.raises(ValueError, match="= nan"):
        function(np.nan, 0, 0.5)
    with pytest.raises(ValueError, match="given = -inf"):
        conditional_cdf(0, -np.inf, 0.5)


# --- orthants ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "r", [(0.5, 0.3, 0.2), (-0.4, 0.1, 0.2), (0.9, 0.9, 0.9), (0.0, 0.6, -0.7)]
)
def test_orthant_is_the_integral_over_its_first_coordinate(r):
    r12, r13, r23 = r
    s2, s3 = np.sqrt(1 - r12**2), np.sqrt(1 - r13**2)
    nodes, weights = np.polynomial.legendre.leggauss(200)
    x = 4.5 * (nodes + 1)
    density = np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
    inner = bivariate_cdf(r12 * x / s2, r13 * x / s3, (r23 - r12 * r13) / (s2 * s3))
    assert orthant_probability(*r) == pytest.approx(4.5 * np.sum(weights * density * inner), 1e-12)


@given(st.lists(st.floats(-3, 3), min_size=9, max_size=9))
@example([1, 0, 0, 1, 0, 0, 1, 0, 0])
@example([1, 0, 0, -0.5, 0.8660254037844386, 0, -0.5, -0.8660254037844386, 0])
def test_orthants_of_one_law_share_out_a_half_space(entries):
    rows = np.reshape(entries, (3, 3))
    lengths = np.linalg.norm(rows, axis=1)
    if (lengths < 1e-3).any():
        return
    a, b, c = rows / lengths[:, None]
    r12, r13, r23 = np.clip([a @ b, a @ c, b @ c], -1, 1)
    quarter = orthant_probability(r12, r13, r23) + orthant_probability(r12, -r13, -r23)
    assert quarter == pytest.approx(0.25 + np.arcsin(r12) / (2 * np.pi), abs=1e-15)


def test_domain_of_the_orthant():
    with pytest.raises(ValueError, match="determinant"):
        orthant_probability(-0.9, -0.9, -0.9)
    with pytest.raises(ValueError, match="r13 = 2"):
        orthant_probability(0, 2, 0)


# --- Wasserstein distance ---------------------------------------------------------------------


def covariance(rng, dim, power=1.0):
    factor = rng.normal(size=(dim, dim))
    return factor @ np.diag(10.0 ** rng.uniform(-power, power, dim)) @ factor.T


def exact_distance(mean1, cov1, mean2, cov2):
    """The trace formula, in sixty digits."""
    with mp.workdps(60):
        a, b = mp.matrix(cov1.tolist()), mp.matrix(cov2.tolist())
        a, b = (a + a.T) / 2, (b + b.T) / 2

        def root(x):
            values, vectors = mp.eigsy(x)
            return vectors * mp.diag([mp.sqrt(max(v, 0)) for v in values]) * vectors.T

        half = root(b)
        cross = root(half * a * half)
        total = sum(a[i, i] + b[i, i] - 2 * cross[i, i] for i in range(a.rows))
        shift = sum((mp.mpf(x) - mp.mpf(y)) ** 2 for x, y in zip(mean1, mean2))
        return mp.sqrt(max(total, 0) + shift)


@pytest.mark.parametrize("seed", range(6))
def test_wasserstein_distance_against_sixty_digits(seed):
    rng = np.random.default_rng(seed)
    dim = 2 + seed % 3
    mean1, mean2 = rng.normal(size=(2, dim)) * 10.0 ** rng.uniform(-2, 1)
    cov1, cov2 = covariance(rng, dim), covariance(rng, dim)
    cov1, cov2 = (cov1 + cov1.T) / 2, (cov2 + cov2.T) / 2
    exact = exact_distance(mean1, cov1, mean2, cov2)
    assert float(wasserstein2(mean1, cov1, mean2, cov2) / exact - 1) == pytest.approx(0, abs=1e-13)


def test_wasserstein_distance_keeps_its_digits_near_equality():
    rng = np.random.default_rng(8)
    cov = covariance(rng, 3)
    cov = (cov + cov.T) / 2
    near = cov * (1 + 1e-9)
    exact = exact_distance(np.zeros(3), cov, np.zeros(3), near)  # about 5e-10 sqrt(trace)
    got = wasserstein2(np.zeros(3), cov, np.zeros(3), near)
    assert got == pytest.approx(float(exact), rel=1e-4)  # the trace formula returns noise
    assert wasserstein2(np.zeros(3), cov, np.zeros(3), cov) < 1e-14 * np.sqrt(np.trace(cov))


@given(st.integers(0, 10_000), st.integers(1, 5), st.floats(1e-3, 1e3))
def test_wasserstein_distance_is_a_metric_that_moves_with_the_space(seed, dim, scale):
    rng = np.random.default_rng(seed)
    means = rng.normal(size=(3, dim))
    covs = np.stack([covariance(rng, dim) for _ in range(3)])
    covs = (covs + np.swapaxes(covs, 1, 2)) / 2
    size = np.sqrt(np.trace(covs, axis1=1, axis2=2).max()) + 1

    def distance(i, j):
        return wasserstein2(means[i], covs[i], means[j], covs[j])

    assert distance(0, 1) == pytest.approx(distance(1, 0), abs=1e-12 * size)
    assert distance(0, 2) <= distance(0, 1) + distance(1, 2) + 1e-12 * size
    wide = scale**2 * covs
    scaled = wasserstein2(scale * means[0], wide[0], scale * means[1], wide[1])
    assert scaled == pytest.approx(scale * distance(0, 1), rel=1e-10)
    turn, _ = np.linalg.qr(rng.normal(size=(dim, dim)))
    turned = turn @ covs @ turn.T
    turned = (turned + np.swapaxes(turned, 1, 2)) / 2
    got = wasserstein2(means[0] @ turn.T, turned[0], means[1] @ turn.T, turned[1])
    assert got == pytest.approx(distance(0, 1), rel=1e-9)


def test_wasserstein_distance_of_commuting_laws_compares_standard_deviations():
    first, second = np.array([1e-12, 4.0, 0.0]), np.array([1.0, 9.0, 1e-300])
    got = wasserstein2(np.zeros(3), np.diag(first), np.ones(3), np.diag(second))
    gap = np.sqrt(first) - np.sqrt(second)
    assert got == pytest.approx(np.sqrt(3 + np.sum(gap**2)), rel=1e-15)
    assert wasserstein2(1e200, 1.0, -1e200, 4.0) == pytest.approx(2e200, rel=1e-15)


def test_wasserstein_shapes_and_domain():
    stack = np.broadcast_to(np.eye(2), (5, 1, 2, 2))
    assert wasserstein2(np.zeros(2), stack, np.ones((3, 2)), np.eye(2)).shape == (5, 3)
    assert wasserstein2(0.0, 1.0, 3.0, 1.0) == 3.0
    with pytest.raises(ValueError, match="cov1 differs from its transpose"):
        wasserstein2([0, 0], [[1, 1], [0, 1]], [0, 0], np.eye(2))
    with pytest.raises(ValueError, match="least eigenvalue of cov2"):
        wasserstein2([0, 0], np.eye(2), [0, 0], [[1, 2], [2, 1]])
    with pytest.raises(ValueError, match="cov1 has shape"):
        wasserstein2([0, 0], np.eye(3), [0, 0], np.eye(2))
    with pytest.raises(ValueError, match="last axes must be equal"):
        wasserstein2([0, 0], np.eye(2), [0, 0, 0], np.eye(3))
    with pytest.raises(ValueError, match="mean1 = inf"):
        wasserstein2([np.inf, 0], np.eye(2), [0, 0], np.eye(2))
