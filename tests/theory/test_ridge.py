"""Ridge regression on pruned data: moments by quadrature, asymptotics by simulation and limits."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy.special import ndtr

from theory.breakdown import (
    accuracy_against_labels,
    population_accuracy,
    pruned_moments,
    pruned_ridge_alignment,
    ridge_accuracy,
)
from theory.pruning import rates_mixture

Z = 4.5
separations = st.floats(0, 20)
signals = st.floats(-1, 1)


@st.composite
def triples(draw):
    gen, prune, place = draw(st.floats(0, np.pi)), draw(st.floats(0, np.pi)), draw(st.floats(0, 1))
    low, high = abs(gen - prune), min(gen + prune, 2 * np.pi - gen - prune)
    return gen, prune, min(max(low + place * (high - low), low), high)


def ridge_fits(x, label, ridge):
    """Many ridge regressions at once by conjugate gradients, x (loops, n, dim).

    Plain sums on purpose: threaded linear algebra crawls where cores are shared.
    """
    n = x.shape[1]
    rest = np.einsum("lij,li->lj", x, label) / n
    w, step, size = np.zeros_like(rest), rest.copy(), np.sum(rest**2, axis=1)
    for _ in range(30):
        bent = np.einsum("lij,li->lj", x, np.einsum("lij,lj->li", x, step)) / n + ridge * step
        pace = (size / np.sum(step * bent, axis=1))[:, None]
        w, rest = w + pace * step, rest - pace * bent
        last, size = size, np.sum(rest**2, axis=1)
        step = rest + (size / last)[:, None] * step
    return w


# --- independent label noise ---------------------------------------------------------------------


def exact_ridge_accuracy(separation, signal, aspect, ridge):
    """By the Marchenko-Pastur law itself: its density integrated, in 25 digits."""
    with mp.workdps(25):
        kappa, m, c, ridge = (mp.mpf(x) for x in (separation, signal, aspect, ridge))
        low, high = (1 - mp.sqrt(c)) ** 2, (1 + mp.sqrt(c)) ** 2
        centre, spread = (low + high) / 2, (high - low) / 2

        def mean(f):  # over the spectrum of X'X/n
            inner = mp.quad(
                lambda s: f(centre + spread * mp.sin(s)) * (spread * mp.cos(s)) ** 2
                / (2 * mp.pi * c * (centre + spread * mp.sin(s))), [-mp.pi / 2, 0, mp.pi / 2])
            return inner + (f(mp.mpf(0)) * (1 - 1 / c) if c > 1 else 0)

        stieltjes = mean(lambda x: 1 / (x + ridge))
        k1 = 1 - c + c * ridge * stieltjes
        k2 = c * mean(lambda x: x / (x + ridge) ** 2)  # c (m + ridge m')
        alpha = kappa * m / (1 + kappa**2 + ridge / k1)
        residual = 1 - 2 * alpha * kappa * m + alpha**2 * (1 + kappa**2)
        return mp.ncdf(kappa * alpha / mp.sqrt(alpha**2 + k2 * residual))


@pytest.mark.parametrize("case", [
    (1.5, 0.4, 0.5, 0.3), (3.0, 0.9, 10.0, 0.001), (0.5, -0.3, 2.0, 5.0), (1.0, 1.0, 0.99, 1e-3),
    (2.0, 0.2, 0.01, 0.02), (1.5, 0.9, 0.9, 1e-8), (1.0, 0.5, 300.0, 40.0),
])
def test_accuracy_against_the_spectrum(case):
    assert float(ridge_accuracy(*case) / exact_ridge_accuracy(*case) - 1) == pytest.approx(
        0, abs=1e-13)


@given(st.floats(0.01, 20), signals, st.floats(0.001, 0.999))
def test_least_squares_in_closed_form(kappa, m, c):
    assume(abs(m) > 1e-6)
    k2 = kappa * kappa
    ratio = c * (1 + k2) * (1 + k2 * (1 - m) * (1 + m)) / (k2 * m * m * (1 - c))
    exact = ndtr(np.sign(m) * kappa / np.sqrt(1 + ratio))
    assert ridge_accuracy(kappa, m, c, 0.0) == pytest.approx(exact, rel=1e-11)


@given(separations, signals, st.floats(1e-3, 1e3), st.floats(1e-6, 1e6))
@example(1.0, 0.0, 2.0, 1.0)
@example(0.0, 0.5, 2.0, 1.0)
def test_symmetry_and_order_of_the_accuracy(kappa, m, c, ridge):
    value = ridge_accuracy(kappa, m, c, ridge)
    assert value + ridge_accuracy(kappa, -m, c, ridge) == pytest.approx(1, abs=1e-14)
    averaging = ridge_accuracy(kappa, abs(m), c, np.inf)
    assert averaging == pytest.approx(
        ndtr(kappa * kappa * abs(m) / np.hypot(kappa * m, np.sqrt(c))) if kappa * m else 0.5)
    assert 0.5 <= ridge_accuracy(kappa, abs(m), c, ridge) <= averaging + 1e-13
    assert averaging <= ndtr(kappa) + 1e-15
    assert ridge_accuracy(kappa, abs(m), 2 * c, ridge) <= ridge_accuracy(
        kappa, abs(m), c, ridge) + 1e-12 or ridge < 1  # double descent needs a small ridge


def test_double_descent():
    found = ridge_accuracy(1.5, 0.4, [0.5, 1.0, 3.0], 1e-9)
    assert found[1] < 0.501
    assert found[0] > 0.6
    assert found[2] > 0.59


def test_extremes_of_the_accuracy():
    aspect = np.array([1e-300, 1e-10, 0.5, 1 - 1e-12, 1, 1 + 1e-12, 2, 1e10, 1e300])
    ridge = np.array([1e-300, 1e-10, 1, 1e10, 1e300, np.inf])[:, None]
    found = ridge_accuracy(1.5, 0.4, aspect, ridge)
    assert ((found >= 0.5 - 1e-15) & (found <= ndtr(1.5))).all()
    # a ridge well beyond the spectrum is as good as infinite
    np.testing.assert_allclose(found[4, :8], found[5, :8], rtol=1e-9)
    assert ridge_accuracy(1e308, 1.0, 0.5, 1.0) == 1
    finite = ridge_accuracy(1e308, 0.5, 0.5, 1.0)  # noise in the labels outweighs any separation
    assert finite == pytest.approx(ridge_accuracy(1e8, 0.5, 0.5, 1.0), rel=1e-7)


def test_accuracy_by_simulation():
    rng = np.random.default_rng(12)
    kappa, m, n, dim, ridge, loops = 1.5, 0.4, 240, 120, 0.3, 500
    found = []
    for _ in range(loops // 50):
        y = rng.choice([-1.0, 1.0], (50, n))
        x = rng.normal(size=(50, n, dim))
        x[..., 0] += kappa * y
        label = y * np.where(rng.random((50, n)) < (1 + m) / 2, 1, -1)
        w = ridge_fits(x, label, ridge)
        found.extend(ndtr(kappa * w[:, 0] / np.linalg.norm(w, axis=1)))
    error = np.std(found) / np.sqrt(loops)
    exact = ridge_accuracy(kappa, m, dim / n, ridge)
    assert abs(np.mean(found) - exact) < Z * error + 1 / n
    assert abs(np.mean(found) - 1.02 * exact) > Z * error + 1 / n


def test_many_fits_at_once_solve_the_normal_equations():
    rng = np.random.default_rng(1)
    x, label = rng.normal(size=(2, 40, 20)), rng.normal(size=(2, 40))
    for features, target, w in zip(x, label, ridge_fits(x, label, 0.3)):
        left = features.T @ features / 40 + 0.3 * np.eye(20)
        np.testing.assert_allclose(w, np.linalg.solve(left, features.T @ target / 40), rtol=1e-6)


@pytest.mark.parametrize(("bad", "message"), [
    ((-1, 0.5, 0.5, 1), "separation = -1"), ((1, 1.5, 0.5, 1), r"signal = 1.5: must lie in"),
    ((1, 0.5, 0, 1), r"aspect = 0: must lie in \(0, inf\)"), ((1, 0.5, 0.5, -1), "ridge = -1"),
    ((1, 0.5, 1.0, 0.0), "ridge = 0: must lie in"), ((1, 0.5, 0.5, np.nan), "ridge = nan"),
])
def test_domain_of_the_accuracy(bad, message):
    with pytest.raises(ValueError, match=message):
        ridge_accuracy(*bad)


# --- moments of pruned data ----------------------------------------------------------------------


def frame(gen, prune, between):
    """Truth, generator, pruner with these angles, by Gram-Schmidt."""
    truth = np.array([1.0, 0, 0])
    generator = np.array([np.cos(gen), np.sin(gen), 0])
    second = (np.cos(between) - np.cos(gen) * np.cos(prune)) / np.sin(gen)
    third = np.sqrt(max(np.sin(prune) ** 2 - second**2, 0))
    return truth, generator, np.array([np.cos(prune), second, third])


def quadrature_moments(separation, gen, prune, between):
    """Moments by polar quadrature in the plane of generator and pruner."""
    truth, generator, pruner = frame(gen, prune, between)
    first = generator
    second = pruner - (pruner @ generator) * generator
    second /= np.linalg.norm(second)
    normal = np.cross(first, second)
    nodes, weights = np.polynomial.legendre.leggauss(120)
    radius = 0.5 * (separation + 12) * (nodes + 1)
    totals = [0.0, np.zeros(3), np.zeros((3, 3))]
    for sign in (1, -1):  # label y', region where both scores have that sign
        low, high = between - np.pi / 2, np.pi / 2
        angle = 0.5 * (high + low) + 0.5 * (high - low) * nodes
        grid = sign * radius[:, None, None] * (
            np.cos(angle)[:, None] * first + np.sin(angle)[:, None] * second)  # (r, angle, 3)
        for y in (1, -1):
            mean = separation * y * truth
            plane = mean - (mean @ normal) * normal
            density = np.exp(-np.sum((grid - plane) ** 2, axis=-1) / 2) / (4 * np.pi)
            mass = density * radius[:, None] * np.outer(weights, weights)
            mass *= 0.5 * (separation + 12) * 0.5 * (high - low)
            x = grid + (mean @ normal) * normal
            totals[0] += mass.sum()
            totals[1] += sign * np.einsum("ij,ijk->k", mass, x)
            totals[2] += np.einsum("ij,ijk,ijl->kl", mass, x, x)
            totals[2] += mass.sum() * np.outer(normal, normal)
    return totals[0], totals[1] / totals[0], totals[2] / totals[0]


MOMENTS = [
    (1.5, 0.5, 0.7, 0.6), (0.8, 1.9, 1.0, 1.3), (2.0, 0.3, 2.0, 2.1), (0.0, 1.0, 1.2, 1.1),
    (1.0, 1.4, 1.7, 2.9), (3.0, 0.6, 0.6, 1e-3), (1.2, 1.0, 2.1, 3.09),
]


@pytest.mark.parametrize("case", MOMENTS)
def test_moments_by_quadrature(case):
    kept, first, second = quadrature_moments(*case)
    found = pruned_moments(*case)
    assert found.retention == pytest.approx(kept, rel=1e-12)
    np.testing.assert_allclose(found.first, first, atol=1e-11)
    np.testing.assert_allclose(found.second, second, atol=1e-10)
    np.testing.assert_allclose(
        found.covariance, second - np.outer(first, first), atol=1e-10)


@given(separations, triples())
@example(1.0, (0.7, 0.7, 0.0))
@example(0.0, (0.7, 0.2, 0.5))
def test_moments_belong_to_a_law(separation, triple):
    found = pruned_moments(separation, *triple)
    assert found.retention == pytest.approx(
        rates_mixture(separation, *triple).retention, rel=1e-9, abs=1e-15)
    assume(found.retention > 1e-3)
    np.testing.assert_allclose(found.covariance, np.swapaxes(found.covariance, -2, -1), atol=1e-9)
    assert np.linalg.eigvalsh(found.covariance).min() > -1e-9


def test_nothing_pruned_gives_the_moments_of_the_mixture():
    kappa, angle = 1.3, 0.8
    found = pruned_moments(kappa, angle, angle, 0.0)
    assert found.retention == pytest.approx(1, abs=1e-15)
    np.testing.assert_allclose(found.second, np.diag([1 + kappa**2, 1, 1]), atol=1e-14)
    c = -kappa * np.cos(angle)
    push = 2 * np.exp(-c * c / 2) / np.sqrt(2 * np.pi)
    expected = [kappa * (1 - 2 * ndtr(c)) + push * np.cos(angle), push * np.sin(angle), 0]
    np.testing.assert_allclose(found.first, expected, atol=1e-14)


def test_nothing_kept_has_no_moments():
    found = pruned_moments(1.0, 0.4, np.pi - 0.4, np.pi)
    assert found.retention == 0
    assert np.isnan(found.first).all()
    assert np.isnan(pruned_ridge_alignment(1.0, 0.4, np.pi - 0.4, np.pi, 0.5, 1.0))


def test_first_moment_times_retention_forgets_the_angle_between():
    found = pruned_moments(1.5, 0.6, 0.9, [0.4, 0.7, 1.4])
    np.testing.assert_allclose(
        found.retention * found.first[:, 0], (found.retention * found.first[:, 0])[0], rtol=1e-14)


# --- alignment -----------------------------------------------------------------------------------


@given(triples(), st.floats(0.001, 0.99))
def test_least_squares_without_margin_in_closed_form(triple, aspect):
    gen, prune, between = triple
    assume(between < 3.0 and gen + prune < 3.1)
    bisector = np.cos(np.pi * (1 - population_accuracy(*triple)))
    b = np.sqrt(2 / np.pi) * np.cos(between / 2) / (1 - between / np.pi)
    e = 1 + np.sin(between) / (np.pi - between)
    noise = aspect / (1 - aspect) * (1 - b * b / e)
    exact = bisector * (b / e) / np.sqrt((b / e) ** 2 + noise)
    got = pruned_ridge_alignment(0.0, *triple, aspect, 0.0)
    assert got == pytest.approx(exact, abs=1e-9)


@given(st.floats(0.1, 10), st.floats(0.05, 50), st.floats(1e-3, 1e3))
def test_perfect_pair_is_ridge_on_clean_labels_up_to_the_margin(kappa, aspect, ridge):
    # Generator and pruner equal to the truth keep everything; a wide margin leaves no wrong label.
    cosine = pruned_ridge_alignment(40.0, 0.0, 0.0, 0.0, aspect, ridge)
    clean = ridge_accuracy(40.0, 1.0, aspect, ridge)
    assert accuracy_against_labels(40.0, np.arccos(cosine)) == pytest.approx(clean, abs=1e-9)


@given(separations, triples(), st.floats(1e-3, 1e3), st.floats(1e-6, 1e6))
def test_alignment_lies_between_its_limits(kappa, triple, aspect, ridge):
    moments = pruned_moments(kappa, *triple)
    assume(moments.retention > 1e-6)
    cosine = pruned_ridge_alignment(kappa, *triple, aspect, ridge)
    assert -1 <= cosine <= 1
    averaging = pruned_ridge_alignment(kappa, *triple, aspect, np.inf)
    first = moments.first
    assert averaging == pytest.approx(first[0] / np.sqrt(first @ first + aspect), abs=1e-12)
    plenty = pruned_ridge_alignment(kappa, *triple, 1e-14, ridge)
    alpha = np.linalg.solve(moments.second + ridge * np.eye(3), first)
    assert plenty == pytest.approx(alpha[0] / np.linalg.norm(alpha), abs=1e-4)


def test_alignment_of_far_classes():
    found = pruned_ridge_alignment([1e4, 1e10, 1e100, 1e308], 0.5, 0.5, 0.0, 0.5, 1e-9)
    np.testing.assert_allclose(found, np.sqrt(0.5), rtol=1e-7)


def test_drift_of_the_direction_with_the_sample_size():
    # Fixed ridge in total: with more items the direction moves from the mean to the bisector,
    # and the accuracy has a maximum (angles of Figure 3, errors independent).
    gen, prune, dim = 0.8, np.pi / 12, 100
    between = np.arccos(np.cos(gen) * np.cos(prune))
    kept = pruned_moments(1.5, gen, prune, between).retention
    n = np.array([300, 1000, 3000, 1e4, 3e4]) * kept
    cosine = pruned_ridge_alignment(1.5, gen, prune, between, dim / n, 1.0 / n)
    accuracy = accuracy_against_labels(1.5, np.arccos(cosine))
    assert (np.diff(accuracy) > 0).all()
    limit = pruned_ridge_alignment(1.5, gen, prune, between, 1e-12, np.inf)
    assert limit == pytest.approx(0.9933, abs=1e-4)


def test_alignment_by_simulation():
    rng = np.random.default_rng(9)
    kappa, gen, prune, between, n, dim, ridge, loops = 1.2, 0.6, 0.8, 0.9, 240, 120, 0.4, 300
    truth, generator, pruner = frame(gen, prune, between)
    found = []
    for _ in range(loops // 50):
        y = rng.choice([-1.0, 1.0], (50, 2 * n))
        x = rng.normal(size=(50, 2 * n, dim))
        x[..., :3] += kappa * y[..., None] * truth
        label = np.sign(x[..., :3] @ generator)
        dropped = label != np.sign(x[..., :3] @ pruner)
        kept = np.argsort(dropped, axis=1, kind="stable")[:, :n]  # the first n that are kept
        assert not np.take_along_axis(dropped, kept, axis=1).any()
        x = np.take_along_axis(x, kept[..., None], axis=1)
        w = ridge_fits(x, np.take_along_axis(label, kept, axis=1), ridge)
        found.extend(w[:, 0] / np.linalg.norm(w, axis=1))
    error = np.std(found) / np.sqrt(loops)
    exact = pruned_ridge_alignment(kappa, gen, prune, between, dim / n, ridge)
    assert abs(np.mean(found) - exact) < Z * error + 1 / n
    assert abs(np.mean(found) - 1.02 * exact) > Z * error + 1 / n


def test_shapes_and_domain_of_the_alignment():
    found = pruned_ridge_alignment(
        np.ones((2, 1, 1)), 0.5, 0.7, [0.3, 0.6], np.full((3, 1), 2.0), 0.1)
    assert found.shape == (2, 3, 2)
    moments = pruned_moments(np.ones((4, 1)), 0.5, 0.7, [0.3, 0.6])
    assert moments.first.shape == (4, 2, 3)
    assert moments.covariance.shape == moments.second.shape == (4, 2, 3, 3)
    with pytest.raises(ValueError, match="must satisfy the triangle"):
        pruned_moments(1.0, 0.1, 0.2, 0.5)
    with pytest.raises(ValueError, match="ridge = 0"):
        pruned_ridge_alignment(1.0, 0.5, 0.5, 0.5, 2.0, 0.0)
    with pytest.raises(ValueError, match="separation = nan"):
        pruned_moments(np.nan, 0.5, 0.5, 0.5)
