"""Matrices: addressed by number, uniform, symmetric; eigenvalues with known answers."""

import numpy as np
import pytest

from empirical.eigen.data import BLOCK, eigenvalues, matrices
from empirical.eigen.encoding import FP15, P1000
from empirical.streams import Streams

CODE = P1000()


def drawn(indices, seed=3, size=3):
    return matrices(size, np.asarray(indices), Streams(seed).child("test"), CODE)


def test_a_matrix_depends_on_its_number_alone():
    whole = drawn(np.arange(3 * BLOCK))
    some = np.array([5, 2 * BLOCK + 7, BLOCK - 1, 5])
    assert (drawn(some) == whole[some]).all()
    assert not (drawn([0]) == drawn([BLOCK])).any()
    assert not (drawn([0]) == drawn([0], seed=4)).any()


def test_entries_are_rounded_and_symmetric():
    full = drawn(np.arange(500), size=5)
    assert (full == full.transpose(0, 2, 1)).all()
    assert (CODE.round(full) == full).all()
    assert len(np.unique(full[:, 0, 1])) > 400


def test_entries_are_uniform_and_uncorrelated():
    """Null: uniform on [-10, 10]; mean 0, variance 100/3; |z| < 4.5."""
    n = 40 * BLOCK
    entries = drawn(np.arange(n))[:, *np.triu_indices(3)]
    assert (np.abs(entries.mean(axis=0)) < 4.5 * np.sqrt(100 / 3 / n)).all()
    spread = np.sqrt((10**4 / 5 - (100 / 3) ** 2) / n)
    assert (np.abs((entries**2).mean(axis=0) - 100 / 3) < 4.5 * spread).all()
    products = (entries.T @ entries / n)[np.triu_indices(6, 1)]
    assert (np.abs(products) < 4.5 * 100 / 3 / np.sqrt(n)).all()
    # Negative twin: a bound 2% too wide is seen in the variance.
    assert abs(((1.02 * entries) ** 2).mean() - 100 / 3) > 4.5 * spread


def test_known_eigenvalues():
    full = np.array([
        [[2.0, 1.0], [1.0, 2.0]],
        [[0.0, 3.0], [3.0, 0.0]],
        [[-1.0, 0.0], [0.0, 5.0]],
        [[0.0, 0.0], [0.0, 0.0]],
    ])
    expected = [[3, 1], [3, -3], [5, -1], [0, 0]]
    assert eigenvalues(full) == pytest.approx(np.array(expected), abs=1e-12)


def test_eigenvalues_satisfy_their_equations():
    full = drawn(np.arange(200), size=4)
    values = eigenvalues(full)
    assert (np.diff(values, axis=1) <= 0).all()
    assert values.sum(axis=1) == pytest.approx(np.trace(full, axis1=1, axis2=2), abs=1e-9)
    assert values.prod(axis=1) == pytest.approx(np.linalg.det(full), rel=1e-8, abs=1e-6)


def test_a_narrow_fp15_rounds_small_entries_to_its_step():
    full = matrices(2, np.arange(4 * BLOCK), Streams(1), FP15(-4, -1))
    small = np.abs(full) < 0.01
    assert small.any()
    assert np.rint(full[small] * 1e4) == pytest.approx(full[small] * 1e4)
