"""The Gaussian toy loop: conservation, limits, a table over all points, honest simulation."""

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory import contraction as sc

mp.mp.dps = 40

COUNTS, ROUNDS = st.integers(1, 500), st.integers(0, 12)
STRENGTHS = st.one_of(st.just(0.0), st.floats(1e-6, 1e6), st.just(np.inf))
POLICIES = st.sampled_from(("replace", "accumulate", "log"))
Z = 4.5


# --- the recursion -----------------------------------------------------------------------------


@given(COUNTS, COUNTS, STRENGTHS, ROUNDS, POLICIES, st.booleans())
def test_maximum_likelihood_conserves_the_second_moment(n, m, gamma, rounds, policy, bootstrap):
    state = sc.toy_recursion(n, m, gamma, rounds, policy=policy, bootstrap=bootstrap)
    np.testing.assert_allclose(state.mean_square + state.variance, 1.0, rtol=1e-13)
    assert (state.variance >= 0).all()
    assert (state.covariation**2 <= state.mean_square / n * (1 + 1e-12)).all()


@given(COUNTS, COUNTS, STRENGTHS, ROUNDS, POLICIES)
def test_covariation_is_the_remembered_real_mean(n, m, gamma, rounds, policy):
    state = sc.toy_recursion(n, m, gamma, rounds, policy=policy)
    factor = sc.conditional_mean_factor(n, m, gamma, rounds, policy=policy)
    np.testing.assert_allclose(state.covariation, factor / n, rtol=1e-12)


@given(st.integers(2, 500), COUNTS, STRENGTHS, POLICIES, st.booleans())
def test_unbiased_covariance_starts_at_one(n, m, gamma, policy, bootstrap):
    state = sc.toy_recursion(n, m, gamma, 2, policy=policy, bootstrap=bootstrap, ddof=1)
    assert state.variance[0] == pytest.approx(1.0, rel=1e-14)
    full = sc.toy_recursion(n, m, np.inf, 2, policy=policy, bootstrap=bootstrap, ddof=1)
    np.testing.assert_allclose(full.variance, 1.0, rtol=1e-13)


@given(COUNTS, COUNTS, st.floats(0.1, 100), st.booleans())
def test_replacing_converges_to_the_stationary_state(n, m, gamma, bootstrap):
    limit = sc.toy_stationary(n, m, gamma, bootstrap=bootstrap)
    last = sc.toy_recursion(n, m, gamma, 400, bootstrap=bootstrap)
    for field in ("covariation", "mean_square", "variance"):
        assert getattr(last, field)[-1] == pytest.approx(getattr(limit, field), rel=1e-11)


@given(st.integers(1, 10**15), st.integers(1, 10**15), STRENGTHS, st.booleans())
def test_stationary_state_at_any_size(n, m, gamma, bootstrap):
    q = mp.mpf(0) if np.isinf(gamma) else 1 / (1 + mp.mpf(gamma))
    n_, m_ = mp.mpf(n), mp.mpf(m)
    lam = m_ / n_
    chi = 1 / n_ / (1 + lam - lam * q)
    extra = q**2 / m_ * (1 + bootstrap * (1 - 1 / m_))
    top = 1 / n_ + 2 * lam * q * chi + lam**2 * (1 / m_ + extra - q**2 / m_)
    square = top / ((1 + lam) ** 2 - lam**2 * (q**2 - extra))
    state = sc.toy_stationary(n, m, gamma, bootstrap=bootstrap)
    assert abs(state.covariation - chi) <= 1e-13 * chi
    assert abs(state.mean_square - square) <= 1e-13 * square
    assert abs(state.variance - (1 - square)) <= 1e-13 * (1 - square)


@given(st.integers(1, 10**6))
def test_one_point_and_no_correction_leave_no_variance(m):
    assert sc.toy_stationary(1, m, 0.0, bootstrap=False).variance == 0.0


def test_known_and_estimated_variance_agree_for_many_points():
    n = 10**8
    for gamma in (0.0, 0.3, 5.0):
        toy = sc.toy_stationary(n, n // 2, gamma).mean_square
        assert toy == pytest.approx(sc.gaussian_steady_mse(n, 0.5, gamma, bootstrap=True),
                                    rel=1e-6)


def test_logarithmic_accrual_counts():
    # Of m = 3: 3, 5, 6, 7 points after 1..4 rounds; m = 1 adds none in its second round.
    state = sc.toy_recursion(10, 1, np.inf, 3, policy="log", bootstrap=False)
    expect = 1 / np.array([10.0, 11.0, 11.0, 12.0])
    np.testing.assert_allclose(state.mean_square, expect, rtol=1e-13)
    state = sc.toy_recursion(10, 3, np.inf, 4, policy="log", bootstrap=False)
    np.testing.assert_allclose(state.mean_square, 1 / np.array([10.0, 13, 15, 16, 17]), rtol=1e-13)


def test_full_correction_accumulates_free_data():
    state = sc.toy_recursion(20, 5, np.inf, 6, policy="accumulate")
    np.testing.assert_allclose(state.mean_square, 1 / (20 + 5 * np.arange(7)), rtol=1e-13)
    state = sc.toy_recursion(20, 5, np.inf, 6)
    np.testing.assert_allclose(state.mean_square[1:], 1 / 25, rtol=1e-13)


# --- simulation --------------------------------------------------------------------------------


def _draw(rng, mean, variance, a, q, bootstrap):
    repeats = mean.size
    own = mean[:, None] + np.sqrt(variance)[:, None] * rng.normal(size=(repeats, a))
    if bootstrap:
        own = np.take_along_axis(own, rng.integers(a, size=(repeats, a)), axis=1)
    return np.where(rng.random((repeats, a)) < q, own, rng.normal(size=(repeats, a)))


def _simulate(rng, repeats, n, m, gamma, rounds, policy, bootstrap, ddof):
    """Return real mean, model mean and variance after `rounds` honest rounds, one coordinate."""
    q = 1 / (1 + gamma)
    real, batches = rng.normal(size=(repeats, n)), []
    pool = real
    for t in range(rounds):
        mean, variance = pool.mean(axis=1), pool.var(axis=1, ddof=ddof)
        a = m
        if policy == "log":
            a = math.floor(m * (1 + math.log(t + 1))) - sum(b.shape[1] for b in batches)
        batches.append(_draw(rng, mean, variance, a, q, bootstrap))
        if policy == "ramp":
            parts = [b[:, : (i + 1) * m // (t + 1)] for i, b in enumerate(batches)]
        else:
            parts = batches[-1:] if policy == "replace" else batches
        pool = np.concatenate([real, *parts], axis=1)
    return real.mean(axis=1), pool.mean(axis=1), pool.var(axis=1, ddof=ddof)


def _standardised(sample, expect):
    return (sample.mean() - expect) / (sample.std() / math.sqrt(sample.size))


@pytest.mark.parametrize(("policy", "bootstrap", "ddof", "gamma"), [
    ("replace", True, 0, 0.3), ("replace", False, 1, 0.0), ("replace", True, 1, 2.0),
    ("accumulate", True, 1, 0.3), ("accumulate", False, 0, 0.0),
    ("log", True, 0, 1.0), ("log", False, 1, 0.1),
    ("ramp", True, 0, 0.3), ("ramp", False, 0, 0.0),
])
def test_moments_by_simulation(policy, bootstrap, ddof, gamma):
    rng = np.random.default_rng(77)
    repeats, n, m, rounds = 400_000, 5, 3, 4
    real, mean, variance = _simulate(
        rng, repeats, n, m, gamma, rounds, policy, bootstrap, ddof)
    if policy == "ramp":
        state = sc.ramp_exact(n, m, gamma, rounds, bootstrap=bootstrap)
    else:
        state = sc.toy_recursion(n, m, gamma, rounds, policy, bootstrap, ddof)
    for sample, path in (
        (real * mean, state.covariation), (mean**2, state.mean_square), (variance, state.variance)
    ):
        assert abs(_standardised(sample, path[-1])) < Z
        assert abs(_standardised(sample, 1.02 * path[-1])) > Z  # twin: two per cent off


# --- the ramp ----------------------------------------------------------------------------------


def _ramp_table(n, m, q, rounds, bootstrap):
    """Second moments of every single point: xbar first, then the batches, nothing dropped."""
    table = np.zeros((1 + m * rounds, 1 + m * rounds))
    table[0, 0] = 1 / n
    out = [(1 / n, 1 / n)]
    weights = np.zeros(len(table))
    weights[0] = 1.0
    for t in range(1, rounds + 1):
        new = slice(1 + (t - 1) * m, 1 + t * m)
        p = weights @ table @ weights
        table[new, : new.start] = q * (table @ weights)[: new.start]
        table[: new.start, new] = table[new, : new.start].T
        table[new, new] = q**2 * (p + bootstrap * (1 - p) / m)
        table[new, new][np.diag_indices(m)] = 1.0
        live = np.concatenate([np.arange(m) < i * m // t for i in range(1, t + 1)])
        weights[:] = 0.0
        weights[0] = n
        weights[1 : 1 + t * m] = live
        weights /= weights.sum()
        out.append(((table @ weights)[0], weights @ table @ weights))
    return np.array(out).T


@pytest.mark.parametrize(("n", "m"), [(5, 4), (7, 1), (2, 6)])
@pytest.mark.parametrize("bootstrap", [False, True])
def test_ramp_against_the_table_of_all_points(n, m, bootstrap):
    gammas = np.array([0.0, 0.3, 4.0])
    state = sc.ramp_exact(n, m, gammas, 9, bootstrap=bootstrap)
    for i, gamma in enumerate(gammas):
        chi, square = _ramp_table(n, m, 1 / (1 + gamma), 9, bootstrap)
        np.testing.assert_allclose(state.covariation[i], chi, rtol=1e-12)
        np.testing.assert_allclose(state.mean_square[i], square, rtol=1e-12)
        np.testing.assert_allclose(state.variance[i], 1 - square, rtol=1e-12)


@given(st.integers(1, 60), st.integers(1, 40))
def test_ramp_holds_the_documented_number_of_points(m, t):
    # With q = 0 all points are independent: the mean square is one over the pool's size.
    pool = 3 + m + ((m - 1) * (t - 1) + math.gcd(m, t) - 1) // 2
    assert sc.ramp_exact(3, m, np.inf, t).mean_square[-1] == pytest.approx(1 / pool, rel=1e-12)


def test_ramp_forgets_by_a_power():
    for gamma, power in ((0.25, 0.4), (5.0, 1.0)):
        chi = sc.ramp_exact(50, 25, gamma, 800).covariation
        early, late = (math.log2(chi[2 * t] / chi[t]) for t in (200, 400))
        assert abs(late + power) < 0.025
        assert abs(late + power) < abs(early + power)


# --- memory of the real sample -----------------------------------------------------------------


@given(COUNTS, COUNTS, STRENGTHS, ROUNDS)
def test_closed_form_of_the_accumulating_memory(n, m, gamma, rounds):
    path = sc.conditional_mean_factor(n, m, gamma, rounds, policy="accumulate")
    closed = sc.accumulate_mean_factor(n, m, gamma, np.arange(rounds + 1))
    np.testing.assert_allclose(closed, path, rtol=1e-12)


@pytest.mark.parametrize("gamma", [1e-9, 0.3, 4.0, np.inf])
def test_accumulating_memory_falls_like_a_power(gamma):
    share = mp.mpf(1) if np.isinf(gamma) else mp.mpf(gamma) / (1 + mp.mpf(gamma))
    a, t = mp.mpf(2) + 1, mp.mpf(10) ** 15
    limit = mp.gamma(a) / mp.gamma(a - share) * t ** (-share)
    assert abs(sc.accumulate_mean_factor(50, 25, gamma, 10**15) - limit) <= 1e-12 * limit


def test_replacing_memory_tends_to_its_fixed_point():
    last = sc.conditional_mean_factor(50, 25, 0.5, 60)[-1]
    assert last == pytest.approx(1.5 / (1 + 0.5 + 0.5 * 0.5), rel=1e-13)


# --- distances ---------------------------------------------------------------------------------


def _squared_distances(rng, repeats, n, m, rounds):
    """Squared distance to N(0, I_2) of the replacing toy, gamma = 1, bootstrap off."""
    real = rng.normal(size=(repeats, n, 2))
    pool = real
    for _ in range(rounds):
        mean = pool.mean(axis=1, keepdims=True)
        root = np.linalg.cholesky(np.einsum("rni,rnj->rij", pool - mean, pool - mean)
                                  / pool.shape[1])
        own = mean + rng.normal(size=(repeats, m, 2)) @ np.swapaxes(root, -1, -2)
        best = rng.normal(size=(repeats, m, 2))
        pool = np.concatenate([real, np.where(rng.random((repeats, m, 1)) < 0.5, own, best)], 1)
    mean = pool.mean(axis=1)
    centred = pool - mean[:, None]
    spectrum = np.linalg.eigvalsh(np.einsum("rni,rnj->rij", centred, centred) / pool.shape[1])
    return (mean**2).sum(axis=1) + ((np.sqrt(spectrum) - 1) ** 2).sum(axis=1)


def test_distance_to_the_target_by_simulation():
    n, m = 80, 40
    state = sc.toy_stationary(n, m, 1.0, bootstrap=False)
    square = _squared_distances(np.random.default_rng(3), 12_000, n, m, 8)
    leading = sc.asymptotic_toy_squared_distance(state.mean_square)
    error = square.std() / math.sqrt(square.size)
    assert abs(square.mean() - leading) < Z * error + 0.02 * leading  # O(1/n)
    assert abs(square.mean() - 1.1 * leading) > Z * error + 0.02 * leading
    bound = sc.bound_toy_squared_distance(state.mean_square, state.variance)
    assert bound + Z * error < square.mean()


@given(st.floats(0, 1), st.integers(1, 100))
def test_bound_is_below_the_leading_order(p, dim):
    bound = sc.bound_toy_squared_distance(p, 1 - p, dim)
    assert dim * p <= bound <= 2 * dim
    if p < 0.1:
        assert bound <= sc.asymptotic_toy_squared_distance(p, dim)
    v = mp.mpf(1 - p)
    twin = dim * (mp.mpf(p) + (1 - mp.sqrt(v)) ** 2)
    assert abs(bound - twin) <= 1e-14 * twin + mp.mpf("1e-40")


# --- domains and shapes ------------------------------------------------------------------------


@pytest.mark.parametrize(("call", "name"), [
    (lambda: sc.toy_stationary(0, 1, 0.0), "n"),
    (lambda: sc.toy_stationary(1, 0.5, 0.0), "m"),
    (lambda: sc.toy_stationary(1, 1, -1.0), "correction"),
    (lambda: sc.toy_recursion(1, 1, 0.0, 3, ddof=1), "n"),
    (lambda: sc.toy_recursion(5, 1, 0.0, 3, ddof=2), "ddof"),
    (lambda: sc.toy_recursion(5, 1, 0.0, -1), "rounds"),
    (lambda: sc.toy_recursion(5, 1, 0.0, [1, 2]), "rounds"),
    (lambda: sc.toy_recursion(5, 1, 0.0, 1, policy="ramp"), "policy"),
    (lambda: sc.conditional_mean_factor(5, 1, 0.0, 1, policy="ramp"), "policy"),
    (lambda: sc.accumulate_mean_factor(5, 1, 0.0, -1), "rounds"),
    (lambda: sc.ramp_exact([5, 6], 1, 0.0, 1), "n"),
    (lambda: sc.ramp_exact(5, 0, 0.0, 1), "m"),
    (lambda: sc.bound_toy_squared_distance(-1.0, 1.0), "mean_square"),
    (lambda: sc.bound_toy_squared_distance(1.0, -1.0), "variance"),
    (lambda: sc.asymptotic_toy_squared_distance(0.1, 0), "dim"),
])
def test_out_of_domain(call, name):
    with pytest.raises(ValueError, match=rf"^{name}\b"):
        call()


def test_broadcasting():
    n, gamma = np.array([[10], [50]]), np.array([0.0, 1.0, np.inf])
    assert sc.toy_stationary(n, 5, gamma).covariation.shape == (2, 3)
    assert sc.toy_stationary(n, 5, gamma).mean_square.shape == (2, 3)
    state = sc.toy_recursion(n, np.array([1, 2, 3]), gamma, 6, policy="log")
    assert state.variance.shape == (2, 3, 7)
    alone = sc.toy_recursion(50, 2, 1.0, 6, policy="log")
    np.testing.assert_array_equal(state.variance[1, 1], alone.variance)
    assert sc.conditional_mean_factor(n, 5, gamma, 4).shape == (2, 3, 5)
    assert sc.ramp_exact(5, 3, gamma, 4).mean_square.shape == (3, 5)
    assert sc.ramp_exact(5, 3, 1.0, 0).mean_square.tolist() == [0.2]
    assert isinstance(sc.toy_stationary(50, 25, 0).mean_square, float)
