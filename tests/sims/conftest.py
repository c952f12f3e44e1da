"""What the tests of simulators share: agreement in law, other orders of work, no compiler."""

import itertools

import numpy as np
import pytest
from numba.extending import is_jitted

from sims import (
    _classifier,
    _filters,
    _gaussian,
    breakdown,
    budget,
    collapse,
    contraction,
    descent,
    filters,
    pointwise,
    pruning,
    verifier,
)
from sims.confidence import z_test


def _moments(sample):
    """Mean and variance over the first axis, with their standard errors."""
    size = len(sample)
    mean, variance = sample.mean(axis=0), sample.var(axis=0, ddof=1)
    fourth = ((sample - mean) ** 4).mean(axis=0)
    return (mean, np.sqrt(variance / size)), (
        variance, np.sqrt(np.maximum(fourth - variance**2, 0.0) / size))


@pytest.fixture(scope="session")
def assert_same_law():
    """Return a check that two samples have the same mean and variance, |z| < 4.5 throughout."""

    def check(first, second):
        first, second = (np.asarray(a, dtype=np.float64) for a in (first, second))
        for (one, error), (two, other) in zip(_moments(first), _moments(second)):
            test = z_test(one - two, 0.0, np.hypot(error, other))
            assert test.holds, f"largest |z| = {np.abs(test.z).max():.2f}"

    return check


MODULES = (_classifier, _filters, _gaussian, breakdown, budget, collapse, contraction, descent,
           filters, pointwise, pruning, verifier)


class Backwards:
    """An engine that runs the chunks in line, the last one first."""

    def map(self, function, items, halt):
        for position, item in reversed(list(enumerate(items))):
            yield position, function(item)


class Shuffled:
    """An engine that hands results back in another order than that of their chunks."""

    def map(self, function, items, halt):
        done = [(position, function(item)) for position, item in enumerate(items)]
        yield from itertools.chain(done[1::2], done[::2])


@pytest.fixture(scope="session")
def other_engines():
    """Return ways to run that must not change a result."""
    return [1, 2, 5, Backwards(), Shuffled()]


@pytest.fixture
def small_chunks(monkeypatch):
    """Cut the work of a test into many chunks, however cheap its replicates are."""
    monkeypatch.setattr("sims.replicate._CHUNK_ROWS", 256)


@pytest.fixture
def interpreted(monkeypatch):
    """Return a switch that replaces every compiled kernel by the Python function behind it."""

    def switch():
        for module in MODULES:
            for name, value in vars(module).items():
                if is_jitted(value):
                    monkeypatch.setattr(module, name, value.py_func)

    return switch
