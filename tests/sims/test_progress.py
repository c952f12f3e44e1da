"""Progress: what is reported, that it changes nothing, and how the bar reads."""

import io

import numpy as np
import pytest

from sims import progress, simulate_verified_regression
from sims.progress import ProgressBar, Watched
from sims.replicate import Inline, Threads


def simulate(workers, replicates=1000):
    return simulate_verified_regression(
        1.0, 0.0, 1.0, [4], replicates=replicates, rng=np.random.default_rng(0), workers=workers)


@pytest.mark.parametrize("engine", [None, 2, Inline(), Threads(3)])
def test_each_chunk_is_reported_and_nothing_changes(engine, small_chunks):
    reports = []
    found = simulate(Watched(lambda done, total: reports.append((done, total)), engine))
    np.testing.assert_array_equal(found, simulate(1))
    assert reports == [(done, 4) for done in range(5)]


def test_nothing_to_do():
    reports = []
    simulate(Watched(lambda done, total: reports.append((done, total))), replicates=0)
    assert reports == [(0, 0)]


def test_a_report_may_end_the_work(small_chunks):
    def report(done, total):
        if done == 2:
            raise TimeoutError("enough")

    with pytest.raises(TimeoutError, match="enough"):
        simulate(Watched(report, Inline()))


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_bar_on_a_terminal(monkeypatch):
    clock = iter([0.0, 60.0, 60.01, 3661.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    screen = Terminal()
    bar = ProgressBar(screen, "loop")
    for done in range(4):
        bar(done, 3)
    assert screen.getvalue().split("\r")[1:] == [
        "##########...................... loop 1/3, 0:02:00 left\033[K",
        "################################ loop 3/3 in 1:01:01\033[K\n",
    ]


def test_a_line_now_and_then_in_a_file(monkeypatch):
    clock = iter([0.0, 10.0, 31.0, 40.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    written = io.StringIO()
    bar = ProgressBar(written)
    for done in range(4):
        bar(done, 3)
    assert written.getvalue() == "2/3, 0:00:15 left\n3/3 in 0:00:40\n"
