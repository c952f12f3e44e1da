"""Simulators against the program that one would write instead, and against the raw draws."""

import pytest

from benchmarks.cases import CASES
from benchmarks.measure import clock, measure

WORDS = {case.name: case for case in CASES}


def test_names_are_unique():
    assert len(WORDS) == len(CASES)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", WORDS)
def test_simulator(name, size, record):
    if "scikit-learn" in name:
        pytest.importorskip("sklearn")
    row = measure(WORDS[name], size, rounds=2 if size == "tiny" else 5)
    record(row)
    # Null: both programs have the same law. A false alarm has a probability of 1e-5 a number.
    assert row.z < 5.5


@pytest.mark.timeout(900)
def test_the_grid_of_a_figure(size, rng, note):
    """The accuracy grid of Feng et al. 2025, Figure 2, theory and simulation."""
    compute = pytest.importorskip("paper_figures.bp_fig2").compute
    compute("quick", rng)
    seconds, _ = clock(compute, "quick" if size == "tiny" else "full", rng)
    note(f"the whole grid of bp_fig2: {seconds:.1f} s (meant to be under 60 s)")
