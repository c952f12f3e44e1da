"""Exact accuracy of the averaging classifier at finite size and dimension."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.special import ndtr
from scipy.stats import binom, ncx2

from theory.breakdown import (
    averaging_accuracy,
    expected_averaging_accuracy,
    ridge_accuracy,
)

Z = 4.5


def exact_accuracy(separation, dim, shift):
    """P(chi'^2_d(l+) > chi'^2_d(l-)) as a double Poisson mixture of beta laws, in 30 digits."""
    with mp.workdps(30):
        kappa, shift = mp.mpf(separation), mp.mpf(shift)

        def poisson(rate):
            if rate == 0:
                return [(0, mp.mpf(1))]
            reach = int(12 * mp.sqrt(rate)) + 40
            counts = range(max(0, int(rate) - reach), int(rate) + reach)
            return [(j, mp.exp(j * mp.log(rate) - rate - mp.loggamma(j + 1))) for j in counts]

        plus, minus = poisson((kappa + shift) ** 2 / 4), poisson((kappa - shift) ** 2 / 4)
        return mp.fsum(
            a * b * mp.betainc(mp.mpf(dim) / 2 + k, mp.mpf(dim) / 2 + j, 0, 0.5, regularized=True)
            for j, a in plus for k, b in minus if a * b > mp.mpf(10) ** -28
        )


@pytest.mark.parametrize(("separation", "dim", "n", "surplus"), [
    (1.5, 1, 4, 1), (1.5, 1, 9, -4), (0.5, 2, 16, -16), (2.0, 3, 9, -5), (1.0, 10, 100, 2),
    (3.0, 5, 25, -5), (0.01, 50, 4, -4), (2.0, 4, 25, 9),
])
def test_accuracy_against_the_double_mixture(separation, dim, n, surplus):
    exact = exact_accuracy(separation, dim, separation * surplus / mp.sqrt(n))
    got = averaging_accuracy(separation, dim, n, surplus)
    assert float(got / exact - 1) == pytest.approx(0, abs=1e-13)


@pytest.mark.parametrize("dim", [2, 30, 1000])
def test_accuracy_is_the_chance_of_one_noncentral_chi_squared_to_exceed_another(dim):
    kappa, n, surplus = 1.3, 50, 20
    shift = kappa * surplus / np.sqrt(n)
    plus, minus = ((kappa + sign * shift) ** 2 / 2 for sign in (1, -1))
    law = ncx2(dim, plus)
    nodes, weights = np.polynomial.legendre.leggauss(300)
    low, high = law.ppf(1e-15), law.isf(1e-15)
    x = low + 0.5 * (high - low) * (nodes + 1)
    exact = 0.5 * (high - low) * np.sum(weights * law.pdf(x) * ncx2(dim, minus).cdf(x))
    assert averaging_accuracy(kappa, dim, n, surplus) == pytest.approx(exact, abs=1e-9)


separations = st.floats(0, 50)
dims = st.integers(1, 10**9)


@given(separations, dims, st.integers(1, 10**9), st.floats(-1, 1))
@example(40.0, 1, 1, -1.0)
@example(1e-300, 5, 7, 1.0)
@example(50.0, 10**9, 10**9, -1.0)
def test_opposite_labels_mirror_the_accuracy(separation, dim, n, share):
    surplus = share * n
    up = averaging_accuracy(separation, dim, n, surplus)
    down = averaging_accuracy(separation, dim, n, -surplus)
    assert up + down == pytest.approx(1, abs=1e-12)
    assert ndtr(-separation) * (1 - 1e-11) <= min(up, down) <= 0.5
    if surplus > 0:
        assert up >= 0.5


@given(separations, dims, st.integers(1, 10**6), st.floats(0, 1), st.floats(0, 1))
def test_accuracy_grows_with_the_surplus_and_falls_with_the_dimension(
    separation, dim, n, first, second
):
    low, high = sorted((first * n, second * n))
    less, more = averaging_accuracy(separation, dim, n, [low, high])
    assert less <= more + 1e-12
    assert averaging_accuracy(separation, 2 * dim, n, high) <= more + 1e-12


@given(separations, dims, st.integers(1, 1000), st.floats(0, 1))
def test_only_the_effective_sample_size_counts(separation, dim, n, share):
    # D^2/n is unchanged by four times the items with twice the surplus.
    plain = averaging_accuracy(separation, dim, n, share * n)
    assert averaging_accuracy(separation, dim, 4 * n, 2 * share * n) == pytest.approx(plain, 1e-13)


def test_limits_of_the_accuracy():
    assert averaging_accuracy(2.0, 5, 100, 0) == 0.5
    assert averaging_accuracy(0.0, 5, 100, 50) == 0.5
    n = 10**15
    assert averaging_accuracy(2.0, 3, n, n) == pytest.approx(ndtr(2.0), rel=1e-12)
    assert averaging_accuracy(2.0, 3, n, -n) == pytest.approx(ndtr(-2.0), rel=1e-12)
    assert averaging_accuracy(1e308, 4, 10, 2) == 1
    # d/n fixed: an infinite ridge in proportional asymptotics
    found = averaging_accuracy(1.5, 5 * 10**11, 10**12, 4 * 10**11)
    assert found == pytest.approx(ridge_accuracy(1.5, 0.4, 0.5, np.inf), abs=1e-10)


def test_accuracy_by_simulation():
    rng = np.random.default_rng(6)
    kappa, dim, n, surplus, loops = 1.2, 6, 20, 8, 200_000
    w = rng.normal(size=(loops, dim)) * np.sqrt(n)
    w[:, 0] += kappa * surplus
    accuracy = ndtr(kappa * w[:, 0] / np.linalg.norm(w, axis=1))
    error = accuracy.std() / np.sqrt(loops)
    assert abs(accuracy.mean() - averaging_accuracy(kappa, dim, n, surplus)) < Z * error
    assert abs(accuracy.mean() - averaging_accuracy(kappa, dim, n, 1.02 * surplus)) > Z * error


def test_domain_of_the_accuracy():
    with pytest.raises(ValueError, match="surplus = 7: must lie in"):
        averaging_accuracy(1.0, 2, 6, 7)
    with pytest.raises(ValueError, match="n = 0"):
        averaging_accuracy(1.0, 2, 0, 0)
    with pytest.raises(ValueError, match=r"dim = 2\.5"):
        averaging_accuracy(1.0, 2.5, 6, 0)
    with pytest.raises(ValueError, match="separation = -1"):
        averaging_accuracy(-1.0, 2, 6, 0)
    assert averaging_accuracy(np.ones((2, 1)), [1, 2, 3], 6, 0).shape == (2, 3)


# --- averaged over the labels ------------------------------------------------------------------


@pytest.mark.parametrize(("dim", "n", "precision"), [
    (1, 1, 0.3), (7, 40, 0.6), (20, 300, 0.55), (3, 9, 1.0), (3, 9, 0.0), (50, 2000, 0.51),
])
def test_average_over_all_counts(dim, n, precision):
    right = np.arange(n + 1)
    exact = binom.pmf(right, n, precision) @ averaging_accuracy(1.4, dim, n, 2 * right - n)
    assert expected_averaging_accuracy(1.4, dim, n, precision) == pytest.approx(exact, rel=1e-11)


@given(st.floats(0, 10), st.integers(1, 1000), st.integers(1, 200), st.floats(0, 1))
def test_wrong_labels_mirror_the_average(separation, dim, n, precision):
    up = expected_averaging_accuracy(separation, dim, n, precision)
    down = expected_averaging_accuracy(separation, dim, n, 1 - precision)
    assert up + down == pytest.approx(1, abs=1e-11)


def test_average_over_labels_by_simulation():
    rng = np.random.default_rng(7)
    kappa, dim, n, precision, loops = 1.0, 4, 15, 0.7, 150_000
    surplus = 2 * rng.binomial(n, precision, loops) - n
    w = rng.normal(size=(loops, dim)) * np.sqrt(n)
    w[:, 0] += kappa * surplus
    accuracy = ndtr(kappa * w[:, 0] / np.linalg.norm(w, axis=1))
    error = accuracy.std() / np.sqrt(loops)
    exact = expected_averaging_accuracy(kappa, dim, n, precision)
    assert abs(accuracy.mean() - exact) < Z * error
    wrong = expected_averaging_accuracy(kappa, dim, n, 1.02 * precision)
    assert abs(accuracy.mean() - wrong) > Z * error


def test_shapes_and_domain_of_the_average():
    found = expected_averaging_accuracy(1.0, [2, 200], [[10], [100], [1000]], 0.6)
    assert found.shape == (3, 2)
    assert (np.diff(found, axis=0) > 0).all()
    assert isinstance(expected_averaging_accuracy(1.0, 2, 10, 0.6), np.float64)
    with pytest.raises(ValueError, match=r"precision = 1\.1"):
        expected_averaging_accuracy(1.0, 2, 10, 1.1)
