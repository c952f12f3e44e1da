"""Benchmarks print what was measured in the same run, ours and what one would do instead.

``--tiny`` runs everything at sizes of milliseconds: it shows that the programs work and agree,
and its numbers mean nothing. Results are saved under `benchmarks/results`, or ``--results``.
"""

import statistics
from pathlib import Path

import numpy as np
import pytest

from benchmarks import measure

RATIOS, ROWS, NOTES = pytest.StashKey(), pytest.StashKey(), pytest.StashKey()


def pytest_addoption(parser):
    parser.addoption("--tiny", action="store_true", help="sizes of milliseconds")
    parser.addoption("--results", default=str(Path(__file__).parent / "results"),
                     help="folder for the measurements")


@pytest.fixture
def rng():
    return np.random.default_rng(measure.SEED)


@pytest.fixture
def size(request):
    return "tiny" if request.config.getoption("--tiny") else "full"


@pytest.fixture
def ratio(request):
    """Compare two callables on the clock in turn and record the median of their ratio."""

    def compare(ours, theirs, *, rounds=7, scale=1.0):
        """Return the median of theirs/ours; `scale` multiplies theirs (fewer points there)."""
        ours(), theirs()
        pairs = [(measure.clock(ours)[0], measure.clock(theirs)[0] * scale)
                 for _ in range(rounds)]
        median = statistics.median(b / a for a, b in pairs)
        mine = statistics.median(a for a, _ in pairs)
        request.config.stash.setdefault(RATIOS, []).append((request.node.name, mine, median))
        return median

    return compare


@pytest.fixture
def record(request):
    """Keep the row of a simulator for the table."""
    return request.config.stash.setdefault(ROWS, []).append


@pytest.fixture
def note(request):
    """Keep a line for the end of the run."""
    return request.config.stash.setdefault(NOTES, []).append


def pytest_terminal_summary(terminalreporter, config):
    ratios, rows = config.stash.get(RATIOS, []), config.stash.get(ROWS, [])
    if ratios:
        terminalreporter.section("closed forms: ratio to what one would do instead (medians)")
        for name, seconds, median in ratios:
            terminalreporter.write_line(f"{name:48s} {seconds * 1e3:10.3f} ms   {median:10.1f} x")
    if rows:
        size = "tiny" if config.getoption("--tiny") else "full"
        terminalreporter.section(f"simulators, {size} sizes ({measure.cores()} cores)")
        for line in measure.table(measure.HEAD, [measure.cells(row) for row in rows]):
            terminalreporter.write_line(line)
        terminalreporter.write_line("limit: share of raw draws reached by one worker, against a"
                                    " compiled loop / NumPy in blocks")
        for path in measure.save(rows, config.getoption("--results"), size):
            terminalreporter.write_line(f"saved {path}")
    for line in config.stash.get(NOTES, []):
        terminalreporter.write_line(line)
