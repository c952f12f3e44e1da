"""Whole schedules: exhaustive search, an exact certificate of optimality, ties, huge totals."""

import itertools
import math
from fractions import Fraction
from functools import cmp_to_key

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from theory import budget
from theory._integer_schedule import _exact_order


def squared_weights(rounds, sigma, kappa):
    """rho^(2(T-1-t)) as exact fractions, first round first."""
    width = Fraction(kappa) ** 2
    ratio = (width / (width + Fraction(sigma) ** 2)) ** 2
    return [ratio ** (rounds - 1 - t) for t in range(rounds)]


def objective(schedule, weights):
    return sum(w / n for w, n in zip(weights, schedule))


def compositions(total, rounds):
    for cuts in itertools.combinations(range(1, total), rounds - 1):
        yield tuple(np.diff([0, *cuts, total]).tolist())


WIDTHS = [(1.0, 1.0), (0.5, 1.0), (3.0, 1.0), (1.0, 7.0), (1e-3, 1.0), (40.0, 1.0), (1e-200, 1e9)]


@pytest.mark.parametrize(("sigma", "kappa"), WIDTHS)
@pytest.mark.parametrize(("rounds", "most"), [(1, 3), (2, 30), (3, 16), (4, 12), (5, 10)])
def test_no_composition_is_better(rounds, most, sigma, kappa):
    weights = squared_weights(rounds, sigma, kappa)
    for total in range(rounds, most + 1):
        # among equally good ones the later rounds get more
        best = min(compositions(total, rounds), key=lambda n: (objective(n, weights), n))
        assert budget.integer_schedule(total, rounds, sigma, kappa).tolist() == list(best)


@given(st.integers(1, 60), st.integers(0, 10**6), st.floats(-3, 3))
@example(40, 10**18, 0.0)
@example(40, 10**18 + 7, -1.0)
@example(60, 2**63 - 61, -3.0)
@example(25, 10**17 + 1, 0.7)
@example(60, 5, 150.0)
@example(60, 601, -150.0)
def test_certificate_of_optimality(rounds, spare, power):
    # No sample can move with profit: exact, and sufficient because the objective is convex.
    sigma, total = 10.0**power, rounds + spare
    counts = [int(n) for n in budget.integer_schedule(total, rounds, sigma, 1.0)]
    weights = squared_weights(rounds, sigma, 1.0)
    assert sum(counts) == total
    assert min(counts) >= 1
    offered = max(w / (n * (n + 1)) for w, n in zip(weights, counts))
    held = [w / (n * (n - 1)) for w, n in zip(weights, counts) if n > 1]
    assert not held or offered <= min(held)
    assert counts == sorted(counts)


def test_certificate_of_a_thousand_rounds():
    for sigma, kappa in [(1.0, 30.0), (1.0, 1.0), (1e-4, 1.0)]:
        counts = budget.integer_schedule(10**9, 1000, sigma, kappa)
        assert counts.sum() == 10**9
        growth = math.log1p((sigma / kappa) ** 2)
        log_weight = -2 * np.arange(999.0, -1, -1) * growth
        offered = log_weight - np.log(counts) - np.log1p(counts)
        held = log_weight - np.log(counts) - np.log(np.maximum(counts - 1, 1e-300))
        assert offered.max() <= held[counts > 1].min() + 1e-11


def test_exact_ties_go_to_the_later_round():
    # At rho = 1/10 the 25th sample late gains 1/600, and so does the third one early.
    assert budget.integer_schedule(26, 2, 3.0, 1.0).tolist() == [2, 24]
    assert budget.integer_schedule(27, 2, 3.0, 1.0).tolist() == [2, 25]
    assert budget.integer_schedule(28, 2, 3.0, 1.0).tolist() == [3, 25]


@pytest.mark.parametrize(("sigma", "kappa"), [(3.0, 1.0), (1.5, 0.5), (1.0, 3.0)])
def test_exact_order_is_the_order_of_gains(sigma, kappa):
    # the integers decide where decimals cannot; here all pairs are compared by them
    ratio = squared_weights(2, sigma, kappa)[0]
    samples = [(k, n) for k in range(4) for n in range(1, 60)]
    gains = {(k, n): ratio**k / (n * (n + 1)) for k, n in samples}
    ranked = sorted(samples, key=cmp_to_key(_exact_order(sigma, kappa)))
    assert ranked == sorted(samples, key=lambda sample: (-gains[sample], sample[0]))


def test_selection_too_weak_to_see_still_favours_later_rounds():
    assert budget.integer_schedule(11, 4, 1e-150, 1.0).tolist() == [2, 3, 3, 3]


def test_rounding_would_leave_a_round_empty():
    real = budget.optimal_schedule(20, 7, 1.0, 1.0)
    assert np.rint(real)[0] == 0
    assert budget.integer_schedule(20, 7, 1.0, 1.0)[0] == 1


@given(st.integers(1, 8), st.integers(0, 6000), st.floats(-1, 0.5))
def test_whole_samples_cost_little(rounds, spare, power):
    sigma, total = 10.0**power, rounds + spare
    counts = budget.integer_schedule(total, rounds, sigma, 1.0)
    whole = budget.terminal_variance(counts, sigma, 1.0)
    floored = budget.floored_schedule(total, rounds, sigma, 1.0)
    assert whole >= budget.terminal_variance(floored, sigma, 1.0) * (1 - 1e-12)
    real = budget.optimal_schedule(total, rounds, sigma, 1.0)
    if real[0] >= 1:
        # some rounding up and down of the real optimum loses no more than this
        bound = np.sum(1 / np.floor(real)) / total
        assert budget.variance_regret(counts, sigma, 1.0) <= bound


@given(st.integers(1, 20), st.integers(0, 1000), st.floats(-1, 1))
def test_one_more_sample_changes_one_round(rounds, spare, power):
    before = budget.integer_schedule(rounds + spare, rounds, 10.0**power, 1.0)
    after = budget.integer_schedule(rounds + spare + 1, rounds, 10.0**power, 1.0)
    assert sorted((after - before).tolist()) == [0] * (rounds - 1) + [1]


def test_powers_of_two_need_no_rounding():
    for rounds in range(1, 60):
        counts = budget.integer_schedule(2**rounds - 1, rounds, 1.0, 1.0)
        assert counts.tolist() == [2**t for t in range(rounds)]


def test_shapes_and_types():
    sigma, kappa = np.array([[0.5], [2.0]]), np.array([1.0, 3.0, 0.2])
    together = budget.integer_schedule(50, 4, sigma, kappa)
    assert together.shape == (2, 3, 4)
    assert together.dtype == np.int64
    for i, j in np.ndindex(2, 3):
        alone = budget.integer_schedule(50, 4, sigma[i, 0], kappa[j])
        assert alone.tolist() == together[i, j].tolist()
    assert budget.integer_schedule(7.0, 1, 1, 1).tolist() == [7]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3, 4, 1.0, 1.0), "total = 3: must be a whole number >= 4"),
        ((3.5, 2, 1.0, 1.0), "total = 3.5"),
        ((2**63, 2, 1.0, 1.0), "total = 9223372036854775808"),
        ((10, 0, 1.0, 1.0), "rounds = 0"),
        (([10, 20], 2, 1.0, 1.0), "total has shape"),
        ((10, 2, 0.0, 1.0), "sigma = 0"),
        ((10, 2, 1.0, math.inf), "kappa = inf"),
    ],
)
def test_domains(arguments, message):
    with pytest.raises(ValueError, match=message):
        budget.integer_schedule(*arguments)
