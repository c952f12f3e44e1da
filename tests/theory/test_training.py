"""The idealised training problem: against real fits, many digits, and the propositions on it."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy.special import expit

from theory.breakdown import reduced_solution, training_accuracy, training_solution

whole = st.integers(0, 2000)
counts_of = st.tuples(whole, whole, whole, whole)
overlaps = st.floats(0.01, 1)
tilts = st.floats(-1, 1)


def fit(counts, a, b, gamma):
    """Logistic ridge regression on real vectors with the idealised Gram matrix, and its data."""
    kinds = np.repeat(np.arange(4), counts)  # 11, 10, 01, 00
    n = kinds.size
    truth, label = np.array([1, 1, 0, 0])[kinds], np.array([1, 0, 1, 0])[kinds]
    root = np.linalg.cholesky([[a, b + 0.0], [b, a + 1e-15]])
    x = np.hstack([root[1 - truth], np.sqrt(1 - a) * np.eye(n)])
    w = np.zeros(n + 2)
    for _ in range(60):
        share = expit(x @ w)
        gradient = x.T @ (share - label) + gamma * w
        hessian = (x.T * (share * (1 - share))) @ x + gamma * np.eye(n + 2)
        w = w - np.linalg.solve(hessian, gradient)
    return x, truth, label, w


@pytest.mark.parametrize(("counts", "a", "b", "gamma"), [
    ((14, 5, 4, 13), 0.1, -0.1, 1.0), ((9, 5, 2, 12), 0.5, 0.2, 0.3),
    ((3, 7, 8, 1), 0.7, 0.0, 5.0), ((10, 0, 4, 6), 0.9, -0.4, 0.05),
    ((7, 5, 5, 7), 1.0, -0.5, 2.0),
])
def test_four_numbers_solve_the_full_problem(counts, a, b, gamma):
    x, truth, label, w = fit(counts, a, b, gamma)
    residual = label - expit(x @ w)  # gamma alpha
    solution = training_solution(counts, a, b, gamma)
    for kind, ((y, z), value) in enumerate(zip([(1, 1), (1, 0), (0, 1), (0, 0)], solution)):
        items = (truth == y) & (label == z)
        if counts[kind]:
            np.testing.assert_allclose(np.abs(residual[items]), gamma * value, rtol=1e-9)
    hits = (x @ w > 0) == truth
    assert training_accuracy(counts, a, b, gamma) == pytest.approx(hits.mean(), abs=1e-15)


def exact_solution(counts, a, b, gamma, start):
    """Newton's method on the printed system of four equations, in 50 digits."""
    with mp.workdps(50):
        n11, n10, n01, n00 = map(mp.mpf, counts)
        a, b, gamma = mp.mpf(a), mp.mpf(b), mp.mpf(gamma)

        def system(*logits):
            first, second, third, fourth = (1 / (1 + mp.exp(-x)) / gamma for x in logits)
            s, t = n11 * first - n10 * second, n01 * third - n00 * fourth
            u, v = a * s + b * t, b * s + a * t
            r = 1 - a
            return [logits[0] + u + r * first, logits[1] - u + r * second,
                    logits[2] + v + r * third, logits[3] - v + r * fourth]

        shares = [mp.mpf(float(x)) * gamma for x in start]
        root = mp.findroot(system, [mp.log(x / (1 - x)) for x in shares], tol=1e-60, verify=False)
        assert max(abs(x) for x in system(*root)) < mp.mpf(10) ** -25
        return [1 / (1 + mp.exp(-x)) / gamma for x in root]


def test_solution_against_fifty_digits():
    rng = np.random.default_rng(0)
    for _ in range(25):
        counts = np.floor(10 ** rng.uniform(-0.5, 6, 4))
        counts[rng.random(4) < 0.15] = 0
        a = rng.choice([rng.uniform(0.01, 1), 1.0, 1e-6])
        b = a * rng.choice([-1, 0, 1, rng.uniform(-1, 1)])
        gamma = 10 ** rng.uniform(-6, 6)
        got = training_solution(counts, a, b, gamma)
        exact = exact_solution(counts.tolist(), a, b, gamma, got)
        for value, true in zip(got, exact):
            assert float(value / true - 1) == pytest.approx(0, abs=1e-11)


def exact_system_defect(counts, a, b, gamma):
    A, B, C, D = training_solution(counts, a, b, gamma)
    s, t = counts[0] * A - counts[1] * B, counts[2] * C - counts[3] * D
    u, v = a * s + b * t, b * s + a * t
    r = 1 - a
    shares = np.array([A, B, C, D]) * gamma
    logits = np.array([-u - r * A, u - r * B, -v - r * C, v - r * D])
    scale = 1 + (a * np.array(counts) * [A, B, C, D]).sum()
    return np.abs(shares - expit(logits)).max() / scale, u, v


@given(counts_of, overlaps, tilts, st.floats(1e-3, 1e5))
@example((0, 0, 0, 0), 0.5, -1.0, 1.0)
@example((2000, 0, 0, 2000), 1.0, -1.0, 1e-3)
def test_solution_satisfies_the_system(counts, a, tilt, gamma):
    defect, _, _ = exact_system_defect(counts, a, tilt * a, gamma)
    assert defect < 1e-12
    solution = training_solution(counts, a, tilt * a, gamma)
    assert all(0 < x * gamma < 1 for x in solution)


@given(counts_of, overlaps, tilts, st.floats(1e-3, 1e5))
def test_exchanging_the_classes_reverses_the_solution(counts, a, tilt, gamma):
    plain = training_solution(counts, a, tilt * a, gamma)
    turned = training_solution(counts[::-1], a, tilt * a, gamma)
    np.testing.assert_allclose(turned[::-1], plain, rtol=1e-10)


@given(counts_of, overlaps, st.floats(1e-3, 1e5))
def test_on_new_points_the_majority_decides_at_any_ridge(counts, a, gamma):
    good, bad = counts[0] + counts[3], counts[1] + counts[2]
    _, u, v = exact_system_defect(counts, a, -a, gamma)
    if good == bad:
        assert abs(u) < 1e-9
    else:
        assert np.sign(u) == np.sign(good - bad)
        assert np.sign(v) == np.sign(bad - good)


@given(counts_of, overlaps, st.floats(1e-3, 1e5))
def test_orthogonal_classes_decide_on_new_points_each_for_itself(counts, a, gamma):
    n11, n10, n01, n00 = counts
    _, u, v = exact_system_defect(counts, a, 0.0, gamma)
    if n11 != n10:
        assert np.sign(u) == np.sign(n11 - n10)
    if n01 != n00:
        assert np.sign(v) == np.sign(n01 - n00)


def test_on_training_points_the_majority_is_not_enough():
    # Three right labels against one wrong, and yet the wrong ones are kept in mind.
    assert training_accuracy([14, 5, 4, 13], 0.1, -0.1, 1.0) == 0.75
    _, second, _, _ = training_solution([14, 5, 4, 13], 0.1, -0.1, 1.0)
    assert second == pytest.approx(0.4966, abs=1e-4)
    assert training_accuracy([14, 5, 4, 14], 0.1, -0.1, 1.0) == 1.0


@pytest.mark.parametrize("n", [2000, 20_000])
def test_shift_of_the_training_threshold_stays_of_order_one(n):
    a, ridge, good = 0.3, 0.05, round(0.55 * n)
    bad = good - np.arange(1, 12)
    counts = np.stack([0 * bad + good, bad, 0 * bad, 0 * bad], axis=-1)
    perfect = training_accuracy(counts, a, -a, ridge * n) == 1
    predicted = (1 - a) * (1 / a + good / n / (2 * ridge))
    assert predicted == pytest.approx(6.18, abs=0.01)
    assert np.flatnonzero(perfect)[0] + 1 == 7


# --- large samples -----------------------------------------------------------------------------

parts = st.floats(0, 0.25)
fractions_of = st.tuples(parts, parts, parts, parts)


@given(fractions_of, overlaps, tilts, st.floats(1e-6, 10))
def test_reduced_solution_solves_its_equations(fractions, a, tilt, ridge):
    b = tilt * a
    u, v = reduced_solution(fractions, a, b, ridge)
    n11, n10, n01, n00 = fractions
    s = n11 * expit(-u) - n10 * expit(u)
    t = n01 * expit(-v) - n00 * expit(v)
    noise = 1e-13 * (1 + a / ridge)
    assert u == pytest.approx((a * s + b * t) / ridge, abs=noise, rel=1e-9)
    assert v == pytest.approx((b * s + a * t) / ridge, abs=noise, rel=1e-9)


@given(fractions_of, overlaps, st.floats(1e-6, 10))
@example((0.2, 0.1, 0.2, 0.1), 0.5, 0.1)
def test_opposite_classes_follow_the_majority(fractions, a, ridge):
    n11, n10, n01, n00 = fractions
    surplus = n11 + n00 - n10 - n01
    assume(abs(surplus) > 1e-9)
    u, v = reduced_solution(fractions, a, -a, ridge)
    assert np.sign(u) == np.sign(surplus)
    assert v == pytest.approx(-u, rel=1e-9)


@given(fractions_of, overlaps, st.floats(1e-6, 10))
def test_orthogonal_classes_follow_each_its_own_majority(fractions, a, ridge):
    n11, n10, n01, n00 = fractions
    assume(min(abs(n11 - n10), abs(n01 - n00)) > 1e-9)
    u, v = reduced_solution(fractions, a, 0.0, ridge)
    assert np.sign(u) == np.sign(n11 - n10)
    assert np.sign(v) == np.sign(n01 - n00)


def test_printed_pairing_for_orthogonal_classes_is_wrong():
    # n10 < n11 makes B > 1/2; the printed proposition says so of C, which is below.
    u, v = reduced_solution([0.35, 0.15, 0.35, 0.15], 0.5, 0.0, 1.0)
    assert expit(u) > 0.5
    assert expit(-v) < 0.5


@given(fractions_of, overlaps, st.floats(-0.98, 0.98), st.floats(1e-3, 10))
def test_rule_for_classes_at_any_angle(fractions, a, tilt, ridge):
    assume(abs(tilt) > 0.02)
    n11, n10, n01, n00 = fractions
    b, surplus = tilt * a, n11 - n10
    # u = 0 is met at this v, and u has the sign of what b times the other class then adds
    push = n01 - (n01 + n00) * expit((b * b - a * a) * surplus / (2 * b * ridge))
    decision = b * (push + a * surplus / (2 * b))
    assume(abs(decision) > 1e-6)
    u, _ = reduced_solution(fractions, a, b, ridge)
    assert np.sign(u) == np.sign(decision)


@given(fractions_of, overlaps, tilts, st.floats(0.05, 2))
def test_balanced_counts_follow_the_majority_at_any_angle(fractions, a, tilt, ridge):
    right, wrong = fractions[:2]
    assume(abs(right - wrong) > 1e-6 and tilt < 0.99)
    u, v = reduced_solution([right, wrong, wrong, right], a, tilt * a, ridge)
    assert np.sign(u) == np.sign(right - wrong)
    assert v == pytest.approx(-u, rel=1e-9)


@pytest.mark.parametrize("n", [10**3, 10**5, 10**7])
def test_exact_system_tends_to_the_reduced_one(n):
    fractions, a, b, ridge = np.array([0.3, 0.1, 0.2, 0.25]), 0.4, -0.2, 0.05
    shares = np.array(training_solution(n * fractions, a, b, ridge * n)) * ridge * n
    u, v = reduced_solution(fractions, a, b, ridge)
    gap = np.abs(shares - expit([-u, u, -v, v])).max()
    assert gap < 1.5 * (1 - a) / (4 * ridge * n)
    assert gap > 0.05 * (1 - a) / (4 * ridge * n)


# --- ends ----------------------------------------------------------------------------------------


def test_extremes():
    tiny = training_solution([5, 3, 1, 3], 0.4, -0.2, 1e300)
    np.testing.assert_allclose(tiny, 5e-301)
    hard = training_solution([5, 3, 1, 3], 0.4, -0.2, 1e-100)
    assert np.isfinite(hard).all()  # the interpolating fit, with finite coefficients
    assert training_accuracy([5, 3, 1, 3], 0.4, -0.2, 1e-100) == pytest.approx(8 / 12)
    assert np.isnan(training_accuracy([0, 0, 0, 0], 0.4, -0.2, 1.0))
    assert training_accuracy([6, 6, 6, 6], 1.0, -0.5, 2.0) == 0  # ties are errors
    u, v = reduced_solution([1, 0, 0, 0], 0.4, -0.2, [1e-3, 1e-140])
    np.testing.assert_allclose(v, -0.5 * u, rtol=1e-12)
    np.testing.assert_allclose(u * (1 + np.exp(u)), 0.4 / np.array([1e-3, 1e-140]), rtol=1e-11)


def test_shapes():
    found = training_solution(np.ones((5, 1, 4)), [0.3, 0.4, 0.5], 0.1, 2.0)
    assert [x.shape for x in found] == [(5, 3)] * 4
    assert isinstance(training_solution([1, 2, 3, 4], 0.5, 0.1, 1.0)[0], np.float64)
    assert training_accuracy(np.ones((2, 4)), 0.5, -0.1, 1.0).shape == (2,)
    assert reduced_solution([0.1] * 4, 0.5, -0.5, [1.0, 2.0])[0].shape == (2,)


@pytest.mark.parametrize(("arguments", "message"), [
    (([1, 2, 3], 0.5, 0.1, 1.0), r"counts has shape \(3,\)"),
    ((3.0, 0.5, 0.1, 1.0), r"counts has shape \(\)"),
    (([1, 2, 3, -1], 0.5, 0.1, 1.0), "counts = -1"),
    (([1, 2, 3, 4], 0.0, 0.0, 1.0), r"a = 0: must lie in \(0, 1\]"),
    (([1, 2, 3, 4], 0.5, 0.6, 1.0), r"\|b\| - a = 0.1"),
    (([1, 2, 3, 4], 0.5, 0.1, 0.0), "gamma = 0"),
    (([1, 2, 3, 4], 0.5, 0.1, 1e-200), "mass over ridge"),
])
def test_domain_of_the_training_problem(arguments, message):
    for function in (training_solution, training_accuracy):
        with pytest.raises(ValueError, match=message):
            function(*arguments)


def test_domain_of_the_reduced_system():
    with pytest.raises(ValueError, match=r"fractions = 2: must lie in \[0, 1\]"):
        reduced_solution([2, 0, 0, 0], 0.5, 0.1, 1.0)
    with pytest.raises(ValueError, match="ridge = 0"):
        reduced_solution([0.2, 0, 0, 0], 0.5, 0.1, 0.0)
