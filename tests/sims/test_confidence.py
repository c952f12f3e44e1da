"""Intervals cover as often as they say, at every moment, and z tests fail as rarely."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from sims.confidence import (
    betting_sequence,
    clopper_pearson,
    empirical_bernstein_sequence,
    z_of_mean,
    z_of_variance,
    z_test,
    z_threshold,
)

SEQUENCES = [empirical_bernstein_sequence, betting_sequence]


def exact_coverage(interval, n, probability):
    """Probability that the interval of a Binomial(n, probability) count covers it."""
    low, high = interval(np.arange(n + 1), n)
    covers = (low <= probability) & (probability <= high)
    return float(stats.binom.pmf(np.arange(n + 1), n, probability) @ covers)


@pytest.mark.parametrize("side", ["both", "low", "high"])
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
def test_clopper_pearson_covers_for_every_probability(side, confidence):
    # No simulation: the coverage is summed over all counts.
    for n in (1, 7, 40):
        for probability in np.linspace(0.0, 1.0, 101):
            assert exact_coverage(
                lambda k, n: clopper_pearson(k, n, confidence, side), n, probability,
            ) >= confidence - 1e-12


def test_the_coverage_check_rejects_a_normal_interval():
    def wald(k, n):
        radius = 1.96 * np.sqrt(k / n * (1.0 - k / n) / n)
        return k / n - radius, k / n + radius

    worst = min(exact_coverage(wald, 40, p) for p in np.linspace(0.01, 0.99, 99))
    assert worst < 0.9


def test_clopper_pearson_agrees_with_scipy():
    for k, n in [(0, 5), (2, 5), (5, 5), (123, 1000)]:
        expected = stats.binomtest(k, n).proportion_ci(0.9, "exact")
        np.testing.assert_allclose(clopper_pearson(k, n, 0.9), expected, rtol=1e-10)


@given(n=st.integers(0, 10**9), share=st.floats(0.0, 1.0), confidence=st.floats(1e-9, 1 - 1e-12))
@example(n=0, share=0.0, confidence=0.95)
def test_clopper_pearson_is_symmetric_and_ordered(n, share, confidence):
    k = int(share * n)
    low, high = clopper_pearson(k, n, confidence)
    mirrored_low, mirrored_high = clopper_pearson(n - k, n, confidence)
    assert 0.0 <= low <= (k / n if n else 1.0) + 1e-15
    assert (k / n if n else 0.0) - 1e-15 <= high <= 1.0
    assert mirrored_low == pytest.approx(1.0 - high, abs=1e-9)
    assert mirrored_high == pytest.approx(1.0 - low, abs=1e-9)


def test_clopper_pearson_broadcasts():
    low, high = clopper_pearson([[0], [3]], [5, 10, 20])
    assert low.shape == high.shape == (2, 3)
    assert isinstance(clopper_pearson(1, 2)[0], np.float64)


@pytest.mark.parametrize(("successes", "trials"), [(3, 2), (-1, 2), (0.5, 2), (1, 2.5)])
def test_clopper_pearson_refuses_what_is_no_count(successes, trials):
    with pytest.raises(ValueError, match=r"successes|trials"):
        clopper_pearson(successes, trials)


# 1500 sequences of 400 values, each allowed to exclude its mean at any moment with probability
# 0.1. Null: the number of sequences that do is at most Binomial(1500, 0.1) in law. A true null is
# rejected with probability below 1e-6.
COUNT, LENGTH, MISS = 1500, 400, 0.1
TOO_MANY = int(stats.binom.isf(1e-6, COUNT, MISS))
LAWS = {
    "coin": lambda rng: (rng.random((COUNT, LENGTH)) < 0.5) * 1.0,
    "rare": lambda rng: (rng.random((COUNT, LENGTH)) < 0.03) * 1.0,
    "narrow": lambda rng: rng.beta(30.0, 10.0, (COUNT, LENGTH)),
    "certain": lambda rng: np.full((COUNT, LENGTH), 0.3),
    "restless": lambda rng: restless(rng),
}
MEANS = {"coin": 0.5, "rare": 0.03, "narrow": 0.75, "certain": 0.3, "restless": 0.5}


def restless(rng):
    """Values of mean 1/2 given the past, whose spread grows after each value above 1/2."""
    values = np.empty((COUNT, LENGTH))
    scale = np.full(COUNT, 0.1)
    for t in range(LENGTH):
        values[:, t] = 0.5 + scale * rng.choice([-0.5, 0.5], COUNT)
        scale = np.where(values[:, t] > 0.5, 1.0, 0.1)
    return values


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("sequence", SEQUENCES)
def test_sequences_cover_at_all_times_at_once(sequence, law):
    values = LAWS[law](np.random.default_rng(11))
    options = {"cells": 64} if sequence is betting_sequence else {}
    lower, upper = sequence(values, 1.0 - MISS, **options)
    missed = (lower[:, -1] > MEANS[law] + 1e-12) | (upper[:, -1] < MEANS[law] - 1e-12)
    assert missed.sum() <= TOO_MANY


def test_the_check_of_sequences_rejects_repeated_looks_at_an_interval():
    values = LAWS["coin"](np.random.default_rng(11))
    time = np.arange(1, LENGTH + 1)
    radius = np.sqrt(np.log(2.0 / MISS) / (2.0 * time))  # Hoeffding: right at one fixed time
    missed = (np.abs(values.cumsum(axis=1) / time - 0.5) > radius).any(axis=1)
    assert missed.sum() > TOO_MANY


def test_betting_is_hedged_capital_written_out():
    rng = np.random.default_rng(5)
    values, confidence, cells = rng.beta(2.0, 5.0, 150), 0.9, 50
    lower, upper = betting_sequence(values, confidence, cells=cells)
    candidates = np.arange(1, cells) / cells
    up, down = np.ones(cells - 1), np.ones(cells - 1)
    alive = np.ones(cells - 1, bool)
    mean, squares = 0.5, 0.25
    for t, value in enumerate(values, start=1):
        bet = np.sqrt(2.0 * np.log(2.0 / 0.1) / (squares / t * t * np.log(1.0 + t)))
        for i, m in enumerate(candidates):
            up[i] *= 1.0 + min(bet, 0.5 / m) * (value - m)
            down[i] *= 1.0 - min(bet, 0.5 / (1.0 - m)) * (value - m)
        alive &= np.maximum(up, down) / 2.0 < 1.0 / (1.0 - confidence)
        mean = (0.5 + values[:t].sum()) / (t + 1)
        squares += (value - mean) ** 2
        assert candidates[alive].min() == pytest.approx(lower[t - 1] + 1.0 / cells)
        assert candidates[alive].max() == pytest.approx(upper[t - 1] - 1.0 / cells)
    assert 0.0 < lower[-1] < upper[-1] < 1.0


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_sequences_shrink_and_nest(sequence):
    values = np.random.default_rng(2).beta(2.0, 6.0, (3, 4000))
    lower, upper = sequence(values)
    assert lower.shape == upper.shape == values.shape
    assert (np.diff(lower) >= 0.0).all()
    assert (np.diff(upper) <= 0.0).all()
    assert (upper[:, -1] - lower[:, -1] < 0.03).all()
    prefix_lower, prefix_upper = sequence(values[:, :100])
    np.testing.assert_allclose(prefix_lower, lower[:, :100], rtol=1e-12)
    np.testing.assert_allclose(prefix_upper, upper[:, :100], rtol=1e-12)


def test_betting_is_the_tighter_one():
    values = np.random.default_rng(3).beta(10.0, 30.0, (200, 300))
    width = {}
    for sequence in SEQUENCES:
        lower, upper = sequence(values)
        width[sequence] = (upper - lower)[:, -1].mean()
    assert width[betting_sequence] < 0.9 * width[empirical_bernstein_sequence]


@pytest.mark.parametrize("sequence", SEQUENCES)
@given(low=st.floats(-1e3, 1e3), width=st.floats(1e-3, 1e3))
def test_sequences_move_with_the_range(sequence, low, width):
    shares = np.random.default_rng(4).random(30)
    unit = sequence(shares, 0.8)
    values = np.clip(low + width * shares, low, low + width)
    moved = sequence(values, 0.8, low, low + width)
    cell = width / 1000.0  # a tie at a grid point may fall to the other side
    for ours, theirs in zip(moved, unit):
        np.testing.assert_allclose(ours, low + width * theirs, atol=1.001 * cell)


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_sequences_mirror(sequence):
    values = np.random.default_rng(6).beta(2.0, 6.0, 300)
    lower, upper = sequence(values)
    mirrored_lower, mirrored_upper = sequence(1.0 - values)
    np.testing.assert_allclose(mirrored_lower, 1.0 - upper, atol=1.001e-3)
    np.testing.assert_allclose(mirrored_upper, 1.0 - lower, atol=1.001e-3)


@pytest.mark.parametrize("sequence", SEQUENCES)
@pytest.mark.parametrize(("arguments", "message"), [
    (([0.5, 1.5],), r"values = 1.5: must lie in \[0.0, 1.0\]"),
    (([0.5, np.nan],), r"values = nan"),
    (([0.5], 1.0), r"confidence = 1: must lie in \(0, 1\)"),
    (([0.5], 0.9, 1.0, 0.0), r"high = 0: must be > low = 1"),
])
def test_sequences_refuse_what_they_do_not_cover(sequence, arguments, message):
    with pytest.raises(ValueError, match=message):
        sequence(*arguments)


def test_z_tests_fail_as_often_as_stated():
    # Null: each of 10000 z tests of a true mean and variance fails with probability 0.05; the
    # count of failures then has a standard error of 0.0022 (n large: the tests' own error 1/n).
    sample = np.random.default_rng(7).normal(2.0, 3.0, (800, 10_000))
    for test in (z_of_mean(sample, 2.0, 1.96), z_of_variance(sample, 9.0, 1.96)):
        failures = (np.abs(test.z) >= 1.96).mean()
        assert abs(failures - 0.05) < 0.011
        assert not test.holds
        assert test.error == 1.0


@pytest.mark.parametrize("factor", [0.98, 1.02])
def test_z_tests_reject_a_constant_that_is_off(factor):
    sample = np.random.default_rng(8).normal(2.0, 3.0, 200_000)
    assert z_of_mean(sample, 2.0)
    assert not z_of_mean(sample, 2.0 * factor)
    assert z_of_variance(sample, 9.0)
    assert not z_of_variance(sample, 9.0 * factor)


def test_variance_error_of_a_heavy_tail():
    # Exponential values: the variance of s^2 is (mu_4 - mu_2^2 (n - 3) / (n - 1)) / n, mu_4 = 9.
    sample = np.random.default_rng(9).exponential(size=1_000_000)
    test = z_of_variance(sample, 1.0)
    assert float(test.standard_error) == pytest.approx(np.sqrt(8e-6), rel=0.05)


def test_z_test_decides_the_limits():
    assert z_test(1.0, 1.0, 0.0).holds
    assert not z_test(1.0, 1.1, 0.0).holds
    assert not z_test(np.nan, 1.0, 1.0).holds
    assert not bool(z_test([1.0, 9.0], 1.0, 1.0))
    assert z_test(np.zeros((2, 3)), 0.0, 1.0, threshold=4.5).error == pytest.approx(
        6 * 6.795e-6, rel=1e-3)


@given(error=st.floats(1e-300, 0.999), comparisons=st.integers(1, 10**6))
def test_threshold_and_error_are_inverse(error, comparisons):
    threshold = z_threshold(error, comparisons)
    assert comparisons * 2.0 * stats.norm.sf(threshold) == pytest.approx(error, rel=1e-9)
