"""The audit of a verifier: limits, coverage, verdict, sample sizes."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import beta, binom, binomtest

from theory.pruning import audit, required_audit_size

counts = st.integers(0, 200)
Z = 4.5


@given(counts, counts, counts, counts, st.sampled_from([0.5, 0.9, 0.95, 0.999]))
@example(0, 0, 0, 0, 0.95)
@example(5, 0, 0, 7, 0.95)
@example(0, 4, 3, 0, 0.95)
@example(9, 1, 0, 0, 0.95)
def test_estimates_and_limits_fit_together(n11, n10, n01, n00, confidence):
    for method in ("delta", "exact"):
        found = audit(n11, n10, n01, n00, confidence, method)
        if n11 + n10 + n01 + n00:
            assert found.p == pytest.approx((n01 + n00) / (n11 + n10 + n01 + n00))
        if n11 + n10:
            assert found.phi == pytest.approx(n11 / (n11 + n10))
        if n01 + n00:
            assert found.psi == pytest.approx(n01 / (n01 + n00))
        assert 0 <= found.low <= found.high <= 1
        assert 0 <= found.precision_low <= found.precision_high <= 1
        if np.isnan(found.p_star):
            assert (found.low, found.high) == (0, 1)
        else:
            assert found.low <= found.p_star <= found.high
        if n11 + n01:
            assert found.precision_low <= found.precision <= found.precision_high
        else:
            assert (found.precision_low, found.precision_high) == (0, 1)


@given(counts, counts, counts, counts)
def test_verdict_is_the_exact_two_sided_test_of_one_half(n11, n10, n01, n00):
    verdict = audit(n11, n10, n01, n00).verdict
    if n11 + n01 == 0:
        assert verdict == "undecided"
        return
    p_value = binomtest(n11, n11 + n01, 0.5).pvalue
    if abs(p_value - 0.05) < 1e-12:
        return
    side = "below" if n11 > n01 else "above"
    assert verdict == (side if p_value < 0.05 else "undecided")


@given(st.integers(1, 200), st.integers(1, 200), st.integers(1, 200), st.integers(1, 200))
def test_delta_limits_are_those_of_the_log_ratio(n11, n10, n01, n00):
    with mp.workdps(30):
        phi, psi = mp.mpf(n11) / (n11 + n10), mp.mpf(n01) / (n01 + n00)
        half = mp.sqrt(2) * mp.erfinv(0.95) * mp.sqrt((1 - phi) / n11 + (1 - psi) / n01)
        odds = [phi / psi * mp.exp(sign * half) for sign in (-1, 1)]
    found = audit(n11, n10, n01, n00)
    for got, ratio in zip((found.low, found.high), odds):
        assert got == pytest.approx(float(ratio / (1 + ratio)), rel=1e-12)


def test_exact_limits_combine_two_clopper_pearson_intervals():
    found = audit(17, 3, 4, 26, method="exact")
    phi = beta.ppf([0.0125, 0.9875], [17, 18], [4, 3])
    psi = beta.ppf([0.0125, 0.9875], [4, 5], [27, 26])
    assert found.low == pytest.approx(phi[0] / (phi[0] + psi[1]), rel=1e-10)
    assert found.high == pytest.approx(phi[1] / (phi[1] + psi[0]), rel=1e-10)
    precision = beta.ppf([0.025, 0.975], [17, 18], [5, 4])
    assert (found.precision_low, found.precision_high) == pytest.approx(tuple(precision))
    perfect = audit(20, 0, 0, 20, method="exact")
    low = 0.0125 ** (1 / 20)
    assert perfect.high == 1
    assert perfect.low == pytest.approx(low / (low + 1 - low), rel=1e-12)


def test_a_zero_cell_adds_one_half_to_all_four():
    whole = audit(20, 5, 0, 8)
    assert whole.p_star == 1
    assert whole.high == 1
    ratio = (20.5 / 26) / (0.5 / 9)
    spread = np.sqrt((1 - 20.5 / 26) / 20.5 + (1 - 0.5 / 9) / 0.5)
    low = ratio * np.exp(-1.959963984540054 * spread)
    assert whole.low == pytest.approx(low / (1 + low), rel=1e-12)


@pytest.mark.parametrize(("method", "band"), [("delta", (0.925, 0.965)), ("exact", (0.975, 1.0))])
def test_coverage(method, band):
    rng = np.random.default_rng(11)
    tables = rng.multinomial(200, [0.7 * 0.9, 0.7 * 0.1, 0.3 * 0.3, 0.3 * 0.7], size=20_000).T
    found = audit(*tables, method=method)
    covered = np.mean((found.low <= 0.75) & (found.high >= 0.75))
    assert band[0] < covered < band[1]
    if method == "delta":  # a claim of 2 % more is seen to be false
        assert covered < 0.97 - Z * np.sqrt(0.97 * 0.03 / 20_000)


def test_arrays_broadcast_and_scalars_stay_plain():
    found = audit(np.arange(1, 4)[:, None], 5, np.array([2, 30]), 5)
    assert found.low.shape == found.verdict.shape == (3, 2)
    assert isinstance(audit(5, 5, 5, 5).verdict, str)
    assert isinstance(audit(5, 5, 5, 5).low, np.float64)
    assert found.verdict[0, 1] == "above"


def test_huge_tables():
    found = audit(6 * 10**14, 10**14, 4 * 10**14, 10**14, method="exact")
    assert found.verdict == "below"
    assert found.high - found.low < 1e-6


@pytest.mark.parametrize(("bad", "message"), [
    ((-1, 1, 1, 1), "right_kept = -1: must be a whole number >= 0"),
    ((1, 1.5, 1, 1), "right_dropped = 1.5"),
    ((1, 1, np.nan, 1), "wrong_kept = nan"),
    ((1, 1, 1, 1, 1.0), r"confidence = 1: must lie in \(0, 1\)"),
    ((1, 1, 1, 1, 0.9, "bayes"), "method = 'bayes'"),
])
def test_domain_of_the_audit(bad, message):
    with pytest.raises(ValueError, match=message):
        audit(*bad)


# --- sample sizes ------------------------------------------------------------------------------


def powers(precision, size, largest):
    n = np.arange(1, largest + 1)
    return n, binom.sf(binom.isf(size, n, 0.5), n, precision)


@pytest.mark.parametrize("precision", [0.55, 0.6, 0.7, 0.8, 0.95, 1.0])
@pytest.mark.parametrize("size", [0.001, 0.05, 0.3])
@pytest.mark.parametrize("power", [0.2, 0.5, 0.9, 0.99])
def test_first_and_last_sample_sizes_by_enumeration(precision, size, power):
    n, found = powers(precision, size, 4000)
    enough = found >= power
    assert required_audit_size(precision, size, power) == n[enough.argmax()]
    missing = n[~enough]
    last = missing[-1] + 1 if missing.size else 1
    assert required_audit_size(precision, size, power, sustained=True) == last


def test_sample_sizes_near_one_half_follow_the_normal_law():
    precision = np.array([0.501, 0.5001, 0.50001])
    found = required_audit_size(precision)
    normal = (1.6448536 * 0.5 + 1.2815516 * np.sqrt(precision * (1 - precision))) ** 2
    np.testing.assert_allclose(found, normal / (precision - 0.5) ** 2, rtol=2e-3)


def test_sample_sizes_broadcast():
    found = required_audit_size([[0.6], [0.7]], [0.05, 0.01, 0.001])
    assert found.shape == (2, 3)
    assert found.dtype == np.int64
    assert (np.diff(found, axis=1) > 0).all()
    assert required_audit_size(0.7) == 53


@pytest.mark.parametrize(("bad", "message"), [
    ((0.5,), "precision = 0.5: must lie in"), ((1.1,), "precision = 1.1"),
    ((0.6, 0.0), "size = 0"), ((0.6, 0.05, 1.0), "power = 1"),
])
def test_domain_of_the_sample_size(bad, message):
    with pytest.raises(ValueError, match=message):
        required_audit_size(*bad)
