"""Accuracy of the averaging classifier at random numbers of kept items."""

import numpy as np
import pytest
from scipy.stats import binom

from paper_figures.finite_pruning import averaging_curve
from theory.breakdown import expected_averaging_accuracy
from theory.pruning import PruningRates


@pytest.mark.parametrize(
    ("separation", "dim", "proposed", "p", "phi", "psi"),
    [(2.0, 7, 30, 0.6, 0.9, 0.3), (0.5, 1, 12, 0.3, 0.2, 0.1), (3.0, 50, 40, 0.97, 1.0, 0.5),
     (2.0, 5, 9, 0.0, 0.5, 0.5)],
)
def test_is_the_sum_over_all_counts(separation, dim, proposed, p, phi, psi):
    rates = PruningRates(p, phi, psi)
    kept = np.arange(1, proposed + 1)
    given = expected_averaging_accuracy(separation, dim, kept, float(rates.precision))
    retention = float(rates.retention)
    expected = binom.pmf(kept, proposed, retention) @ given
    expected = expected + binom.pmf(0, proposed, retention) / 2
    found = averaging_curve(separation, dim, proposed, rates)
    assert float(found) == pytest.approx(expected, abs=1e-8)


def test_is_one_half_at_the_breakdown():
    assert float(averaging_curve(2.0, 10, 200, PruningRates(0.75, 0.9, 0.3))) == pytest.approx(0.5)


def test_shape():
    rates = PruningRates(np.array([[0.1, 0.2, 0.3]]), 0.9, 0.3)
    found = averaging_curve(2.0, 10, 50, rates)
    assert found.shape == (1, 3)
    assert (np.diff(found[0]) < 0).all()
