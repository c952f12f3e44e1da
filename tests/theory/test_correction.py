"""The corrected law: identities of the mixture, and what distances make of it."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from theory import contraction as sc

densities = st.floats(0, 1e300)
strengths = st.one_of(st.floats(0, 1e308), st.just(np.inf))


@given(densities, densities, strengths)
@example(0.2, 0.7, np.inf)
@example(1e-300, 1e-310, 0.25)
@example(1e300, 0.0, 1e300)
def test_correction_is_the_mixture(p, best, gamma):
    got = sc.correct(p, best, gamma)
    if np.isinf(gamma):
        assert got == best
        return
    exact = (mp.mpf(p) + mp.mpf(gamma) * mp.mpf(best)) / (1 + mp.mpf(gamma))
    assert abs(got - exact) <= 1e-15 * exact + 1e-323


@given(st.floats(-700, 700), st.floats(-700, 700), st.floats(1e-12, 1e12))
def test_logarithmic_form_is_the_logarithm(log_p, log_best, gamma):
    direct = sc.correct(np.exp(log_p), np.exp(log_best), gamma)
    assert sc.log_correct(log_p, log_best, gamma) == pytest.approx(np.log(direct), abs=1e-12)


def test_logarithmic_form_survives_underflow_and_both_ends():
    assert sc.log_correct(-1e6, -1e6, 0.3) == pytest.approx(-1e6, rel=1e-15)
    assert sc.log_correct(-3.0, -np.inf, 0.0) == -3.0
    assert sc.log_correct(-np.inf, -5.0, np.inf) == -5.0
    assert sc.log_correct(-np.inf, -np.inf, 1.0) == -np.inf
    assert sc.log_correct(-np.inf, -1e5, 1e-300) == pytest.approx(-1e5 - 300 * np.log(10))


@given(st.lists(st.floats(0.01, 1), min_size=3, max_size=6), st.integers(0, 99),
       st.floats(0.01, 100))
def test_total_variation_and_w1_shrink_by_the_same_factor(masses, seed, gamma):
    p = np.array(masses) / sum(masses)
    best = np.random.default_rng(seed).dirichlet(np.ones(p.size))
    mixed = sc.correct(p, best, gamma)
    total = np.abs(p - best).sum() / 2
    transport = np.abs(np.cumsum(p - best)).sum()
    assert np.abs(mixed - best).sum() / 2 == pytest.approx(
        sc.corrected_distance(total, gamma), abs=1e-13)
    assert np.abs(np.cumsum(mixed - best)).sum() == pytest.approx(
        sc.corrected_distance(transport, gamma), abs=1e-13)


def _wasserstein2(support, p, best):
    """W2 on the line between two laws on one sorted support, by the quantile coupling."""
    cuts = np.unique(np.concatenate([np.cumsum(p), np.cumsum(best)]).round(14))
    middles = (np.concatenate([[0.0], cuts[:-1]]) + cuts) / 2
    left = support[np.minimum(np.searchsorted(np.cumsum(p), middles), support.size - 1)]
    right = support[np.minimum(np.searchsorted(np.cumsum(best), middles), support.size - 1)]
    return np.sqrt(np.diff(cuts, prepend=0.0) @ (left - right) ** 2)


@given(st.integers(0, 10**6), st.floats(0, 50))
def test_wasserstein2_of_the_mixture_stays_below_its_bound(seed, gamma):
    rng = np.random.default_rng(seed)
    support = np.sort(rng.normal(size=5))
    p, best = rng.dirichlet(np.ones(5), size=2)
    before = _wasserstein2(support, p, best)
    after = _wasserstein2(support, sc.correct(p, best, gamma), best)
    assert after <= sc.bound_corrected_wasserstein2(before, gamma) + 1e-6


def test_wasserstein2_does_not_shrink_like_a_norm():
    # Two atoms: the mixture moves mass q over the whole distance, so the bound is attained.
    after = _wasserstein2(np.array([0.0, 1.0]), np.array([0.25, 0.75]), np.array([1.0, 0.0]))
    bound = sc.bound_corrected_wasserstein2(1.0, 1 / 0.75 - 1)
    assert after == pytest.approx(bound, rel=1e-12)
    assert after > 1.1 * sc.corrected_distance(1.0, 1 / 0.75 - 1)


@pytest.mark.parametrize(("model", "best", "gamma"), [(1, 4, 1), (0.3, 2.5, 0.2), (5, 1, 7)])
def test_kurtosis_of_the_mixture_by_quadrature(model, best, gamma):
    def density(x):
        first = mp.npdf(x, 0, mp.sqrt(mp.mpf(str(model))))
        return (first + gamma * mp.npdf(x, 0, mp.sqrt(mp.mpf(str(best))))) / (1 + gamma)

    with mp.workdps(20):
        second = 2 * mp.quad(lambda x: x**2 * density(x), [0, 2, 6, 20, 60])
        fourth = 2 * mp.quad(lambda x: x**4 * density(x), [0, 2, 6, 20, 60])
    assert sc.corrected_excess_kurtosis(model, best, gamma) == pytest.approx(
        float(fourth / second**2 - 3), rel=1e-10)


@given(st.floats(1e-150, 1e150), st.floats(1e-150, 1e150), strengths)
def test_the_average_of_two_gaussians_is_a_gaussian_only_when_they_agree(model, best, gamma):
    assert sc.corrected_excess_kurtosis(model, best, gamma) >= 0
    assert sc.corrected_excess_kurtosis(model, model, gamma) == 0


def test_resampling_error_is_below_its_bound_and_of_its_order():
    rng = np.random.default_rng(20)
    n, gamma, repeats = 60, 0.5, 2000
    model = rng.random((repeats, n))  # uniform model, target x = max of two uniforms
    best = np.sqrt(rng.random((repeats, n)))
    drawn = np.take_along_axis(model, rng.integers(n, size=(repeats, n)), axis=1)
    points = np.sort(np.where(rng.random((repeats, n)) < 1 / (1 + gamma), drawn, best), axis=1)
    exact = (points + gamma * points**2) / (1 + gamma)
    rank = np.arange(1, n + 1) / n
    worst = np.maximum(rank - exact, exact - rank + 1 / n).max(axis=1)
    bound = sc.bound_resampling_error(n, gamma)
    assert bound / 3 < worst.mean() < bound


@pytest.mark.parametrize(("call", "name"), [
    (lambda: sc.correct(-1.0, 0.1, 1.0), "density"),
    (lambda: sc.correct(0.1, np.inf, 1.0), "target"),
    (lambda: sc.correct(0.1, 0.1, -0.1), "correction"),
    (lambda: sc.correct(0.1, 0.1, np.nan), "correction"),
    (lambda: sc.log_correct(np.inf, 0.0, 1.0), "log_density"),
    (lambda: sc.log_correct(0.0, np.nan, 1.0), "log_target"),
    (lambda: sc.corrected_distance(-1.0, 1.0), "distance"),
    (lambda: sc.bound_corrected_wasserstein2(-1.0, 1.0), "distance"),
    (lambda: sc.corrected_excess_kurtosis(0.0, 1.0, 1.0), "variance"),
    (lambda: sc.corrected_excess_kurtosis(1.0, 0.0, 1.0), "target_variance"),
    (lambda: sc.bound_resampling_error(0, 1.0), "n"),
])
def test_out_of_domain(call, name):
    with pytest.raises(ValueError, match=rf"^{name} = "):
        call()


def test_broadcasting():
    p, gamma = np.array([[0.1], [0.2]]), np.array([0.0, 1.0, np.inf])
    assert sc.correct(p, 0.5, gamma).shape == (2, 3)
    assert sc.log_correct(np.log(p), -1.0, gamma).shape == (2, 3)
    assert isinstance(sc.correct(0.1, 0.2, 1), float)
