"""Verified rounds on fixed and on rotation-invariant designs."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import integrate, special

from theory import verifier as kv

Z = 4.5
SEEDS = st.integers(0, 10**6)


def _design(seed, rows=5, columns=3):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, columns)) * 10 ** rng.uniform(-1, 1, columns)
    widths = 0.3 * np.linalg.norm(x, axis=1) + rng.uniform(0.05, 2)
    return x, widths, rng.normal(size=columns) * 2


# --- fixed rows --------------------------------------------------------------------------------


@given(SEEDS)
def test_contraction_in_the_norm_of_the_design(seed):
    x, widths, delta = _design(seed)
    got = kv.fixed_design_round(delta, x, widths)
    rho = kv.window_contraction(widths).max()
    gram = x.T @ x
    before, after = np.linalg.norm(x @ delta), np.linalg.norm(x @ got.mean)
    assert after <= rho * before * (1 + 1e-9)
    twisted = gram @ got.jacobian
    np.testing.assert_allclose(twisted, twisted.T, atol=1e-9 * np.abs(twisted).max())
    spectrum = np.linalg.eigvals(got.jacobian)
    assert np.abs(spectrum.imag).max() < 1e-6
    assert spectrum.real.min() > 0
    assert spectrum.real.max() <= rho * (1 + 1e-9)
    root = np.linalg.cholesky(gram)
    relative = np.linalg.eigvalsh(root.T @ got.covariance @ root)
    assert relative.max() <= rho * (1 + 1e-9)


@given(SEEDS)
def test_jacobian_is_the_derivative_of_the_mean(seed):
    x, widths, delta = _design(seed)
    h, axes = 1e-4, np.eye(3)[:, None, :]
    steps = kv.fixed_design_round(delta + h * np.array([-2, -1, 1, 2])[:, None] * axes, x, widths)
    v = steps.mean  # (axis, step, p)
    slope = (v[:, 0] - 8 * v[:, 1] + 8 * v[:, 2] - v[:, 3]) / (12 * h)
    exact = kv.fixed_design_round(delta, x, widths).jacobian
    np.testing.assert_allclose(slope.T, exact, atol=1e-7 * (1 + np.abs(exact).max()))


def test_orthonormal_rows_decouple():
    delta, widths = np.array([0.4, -2.0, 7.0]), np.array([0.5, 1.0, 3.0])
    got = kv.fixed_design_round(delta, np.eye(3), widths, n_kept=4)
    kept = kv.window(delta, widths)
    np.testing.assert_allclose(got.mean, kept.mean, rtol=1e-14)
    np.testing.assert_allclose(got.jacobian, np.diag(kept.slope), atol=1e-15)
    np.testing.assert_allclose(got.covariance, np.diag(kept.slope) / 4, atol=1e-15)


def test_rotations_and_scales_go_along():
    x, widths, delta = _design(3)
    turn, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))
    plain = kv.fixed_design_round(delta, x, widths)
    turned = kv.fixed_design_round(turn @ delta, x @ turn.T, widths)
    np.testing.assert_allclose(turned.mean, turn @ plain.mean, rtol=1e-10)
    np.testing.assert_allclose(turned.covariance, turn @ plain.covariance @ turn.T, rtol=1e-9)


def test_euclidean_distance_may_grow():
    x = np.array([[1.0, 0.0], [3.0, 0.1]])
    widths = 0.4 * np.linalg.norm(x, axis=1) + 0.1
    got = kv.fixed_design_round([0.5, 0.0], x, widths)
    assert np.linalg.norm(got.mean) == pytest.approx(4.64, abs=5e-3)
    assert np.linalg.norm(x @ got.mean) == pytest.approx(0.586, abs=5e-4)
    assert kv.window_contraction(widths).max() == pytest.approx(0.448, abs=5e-4)


def test_fixed_design_by_simulation():
    rng = np.random.default_rng(14)
    x = np.array([[1.0, 0.2], [-0.3, 1.1], [0.8, 0.9]])
    widths, delta, loops, n_kept = np.array([0.7, 1.2, 1.0]), np.array([1.5, 0.8]), 300_000, 2
    means = np.empty((loops, 3))
    for row, width in enumerate(widths):
        draws = x[row] @ delta + rng.normal(size=12 * loops * n_kept)
        kept = draws[np.abs(draws) <= width][: loops * n_kept]
        means[:, row] = kept.reshape(loops, n_kept).mean(axis=1)
    fit = means @ np.linalg.pinv(x).T
    got = kv.fixed_design_round(delta, x, widths, n_kept)
    error = fit.std(axis=0) / math.sqrt(loops)
    assert (np.abs(fit.mean(axis=0) - got.mean) < Z * error).all()
    assert (np.abs(fit.mean(axis=0) - 1.02 * got.mean) > Z * error).all()
    away = fit - fit.mean(axis=0)
    for i, j in ((0, 0), (0, 1), (1, 1)):
        product = away[:, i] * away[:, j]
        error = product.std() / math.sqrt(loops)
        assert abs(product.mean() - got.covariance[i, j]) < Z * error
        if i == j:
            assert abs(product.mean() - 1.02 * got.covariance[i, j]) > Z * error


# --- rotation-invariant rows -------------------------------------------------------------------


def _closed(d, b):
    """Return Z M and Z of the window, from error functions: good for moderate arguments."""
    z = special.ndtr(b - d) - special.ndtr(-b - d)
    edges = (np.exp(-((b - d) ** 2) / 2) - np.exp(-((b + d) ** 2) / 2)) / math.sqrt(2 * math.pi)
    return d * z - edges, z


def _elliptical_twin(dim, radius, allowance, distance):
    """Return f(s)/s by adaptive quadrature over the coordinate along and the norm across."""
    def across(w):
        return w ** (dim - 2) * math.exp(-(w**2) / 2)

    def pull(w, t):
        return across(w) * math.exp(-t * t / 2) * t * _closed(
            distance * t, radius * math.hypot(t, w) + allowance)[0] / distance

    def mass(w, t):
        return across(w) * math.exp(-t * t / 2) * t * t * _closed(
            distance * t, radius * math.hypot(t, w) + allowance)[1]

    top, bottom = (
        integrate.dblquad(f, 0, 9, 0, 9 + math.sqrt(dim), epsabs=1e-13, epsrel=1e-9)[0]
        for f in (pull, mass)
    )
    return top / bottom


@pytest.mark.parametrize(("dim", "radius", "allowance", "distance"), [
    (3, 0.5, 0.3, 0.1), (2, 0.5, 0.3, 1.0), (3, 0.2, 1.0, 2.5), (6, 0.1, 0.5, 1.0),
    (2, 0.1, 8.0, 20.0),
])
def test_elliptical_contraction_by_quadrature(dim, radius, allowance, distance):
    got = kv.elliptical_contraction(dim, radius, allowance, distance)
    assert got == pytest.approx(_elliptical_twin(dim, radius, allowance, distance), rel=1e-7)


@pytest.mark.parametrize("dim", [1, 2, 3, 40])
def test_elliptical_contraction_at_the_centre_is_a_radial_mean(dim):
    radius, allowance = 0.5, 0.3

    def weight(r, power):
        log_mass = (dim + 1) * math.log(r) - r * r / 2 - (dim + 1) / 2 * math.log(dim + 1)
        b = radius * r + allowance
        return math.exp(log_mass + (dim + 1) / 2) * special.erf(b / math.sqrt(2)) * (
            kv.window_contraction(b) ** power)

    ends = max(1e-9, math.sqrt(dim) - 8), math.sqrt(dim) + 9
    top, bottom = (
        integrate.quad(weight, *ends, args=(power,), epsabs=0, epsrel=1e-12, limit=200)[0]
        for power in (1, 0)
    )
    got = kv.elliptical_contraction(dim, radius, allowance)
    assert got == pytest.approx(top / bottom, rel=1e-9)


@given(st.integers(1, 30), st.floats(0, 2), st.floats(0.05, 5), st.floats(0, 100))
def test_elliptical_contraction_contracts(dim, radius, allowance, distance):
    got = kv.elliptical_contraction(dim, radius, allowance, distance)
    assert 0 < got <= 1
    assert got < 1 or radius + allowance > 1
    centre = kv.elliptical_contraction(dim, radius, allowance)
    if radius == 0:
        assert centre == pytest.approx(kv.window_contraction(allowance), rel=1e-10)
        assume(allowance > 1)
        assert got <= centre * (1 + 1e-9)


def test_elliptical_contraction_is_continuous_at_the_centre():
    values = kv.elliptical_contraction(3, 0.5, 0.3, [0.0, 1e-12, 1e-5, 1e-3])
    np.testing.assert_allclose(values[:3], values[0], rtol=1e-8)
    assert abs(values[3] / values[0] - 1) < 1e-5


def test_elliptical_contraction_by_simulation():
    rng = np.random.default_rng(50)
    dim, radius, allowance, distance = 3, 0.5, 0.3, 1.5
    x = rng.normal(size=(4_000_000, dim))
    u = distance * x[:, 0] + rng.normal(size=len(x))
    kept = np.abs(u) <= radius * np.linalg.norm(x, axis=1) + allowance
    x, u = x[kept], u[kept]
    expect = kv.elliptical_contraction(dim, radius, allowance, distance)
    # Least squares on infinitely many rows: E[x_1 u]/E[x_1^2], a ratio of two means.
    ratio = (x[:, 0] @ u) / (x[:, 0] @ x[:, 0]) / distance
    scores = x[:, 0] * u / distance - ratio * x[:, 0] ** 2
    error = scores.std() / math.sqrt(len(x)) / (x[:, 0] ** 2).mean()
    assert abs(ratio - expect) < Z * error
    assert abs(ratio - 1.02 * expect) > Z * error  # twin: two per cent off


# --- domains and shapes ------------------------------------------------------------------------


@pytest.mark.parametrize(("call", "name"), [
    (lambda: kv.fixed_design_round([np.nan], np.eye(1), 1.0), "offset"),
    (lambda: kv.fixed_design_round([1.0], np.eye(2), 1.0), "design"),
    (lambda: kv.fixed_design_round([1.0, 1.0], [[1.0, 1.0]], 1.0), "design"),
    (lambda: kv.fixed_design_round([1.0, 1.0], [[1.0, 1.0], [2.0, 2.0]], 1.0), "design"),
    (lambda: kv.fixed_design_round([1.0, 1.0], np.zeros((2, 2)), 1.0), "design"),
    (lambda: kv.fixed_design_round([1.0], np.eye(1), 0.0), "half_width"),
    (lambda: kv.fixed_design_round([1.0], np.eye(1), 1.0, 0), "n_kept"),
    (lambda: kv.elliptical_contraction(0, 0.1, 0.1), "dim"),
    (lambda: kv.elliptical_contraction(2, -0.1, 0.1), "ball_radius"),
    (lambda: kv.elliptical_contraction(2, 0.1, 0.0), "noise_allowance"),
    (lambda: kv.elliptical_contraction(2, 0.1, 0.1, -1.0), "distance"),
])
def test_out_of_domain(call, name):
    with pytest.raises(ValueError, match=rf"^{name}\b"):
        call()


def test_broadcasting():
    x, widths, _ = _design(0)
    got = kv.fixed_design_round(np.ones((4, 2, 3)), x, widths, np.array([[1.0], [2], [3], [4]]))
    assert got.mean.shape == (4, 2, 3)
    assert got.jacobian.shape == got.covariance.shape == (4, 2, 3, 3)
    alone = kv.fixed_design_round(np.ones(3), x, widths, 3)
    np.testing.assert_allclose(got.covariance[2, 0], alone.covariance, rtol=1e-13)
    assert kv.elliptical_contraction(3, [[0.1], [0.2]], [0.1, 0.5, 1.0]).shape == (2, 3)
    assert isinstance(kv.elliptical_contraction(3, 0.1, 0.1), float)
