"""Benchmarks print ratios against what a user would do instead, measured in the same run."""

import numpy as np
import pytest


@pytest.fixture
def rng():
    return np.random.default_rng(20_260_101)


@pytest.fixture
def ratio(request, record_property):
    """Compare two callables on the clock in turn and record the median of their ratio."""
    import statistics
    import time

    def clock(function):
        start = time.perf_counter()
        function()
        return time.perf_counter() - start

    def measure(ours, theirs, *, rounds=7, scale=1.0):
        """Return the median of theirs/ours; `scale` multiplies theirs (fewer points there)."""
        ours(), theirs()
        pairs = [(clock(ours), clock(theirs) * scale) for _ in range(rounds)]
        median = statistics.median(b / a for a, b in pairs)
        mine = statistics.median(a for a, _ in pairs)
        lines = request.config.stash.setdefault(LINES, [])
        lines.append((request.node.name, mine, median))
        record_property("ratio", median)
        return median

    return measure


LINES = pytest.StashKey()


def pytest_terminal_summary(terminalreporter, config):
    lines = config.stash.get(LINES, [])
    if lines:
        terminalreporter.section("ratio to what one would do instead (medians)")
        for name, seconds, median in lines:
            terminalreporter.write_line(f"{name:48s} {seconds * 1e3:10.3f} ms   {median:10.1f} x")
