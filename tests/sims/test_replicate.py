"""Chunks and streams: the seed decides the result, and nothing else does."""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from numba import njit

from sims import (
    _classifier,
    simulate_pointwise_loop,
    simulate_random_pruning,
    simulate_selection_loop,
)
from sims.budget import _reward_chunk
from sims.replicate import (
    Inline,
    Processes,
    RayCluster,
    Threads,
    _Task,
    chunk_rows,
    replicate,
)

ROOT = Path(__file__).parents[2]


def normals(rng, halt, out):
    out[:] = rng.standard_normal(out.shape)


def run(seed=1, replicates=23, workers=None, kernel=normals):
    rng = np.random.default_rng(seed)
    return replicate(
        kernel, replicates, [((2,), np.float64)], rng=rng, draws=2**18, workers=workers)[0]


def test_seed_alone_decides(other_engines):
    expected = run(workers=Inline())
    assert np.unique(expected).size == expected.size
    for workers in [None, Threads(3), *other_engines]:
        np.testing.assert_array_equal(run(workers=workers), expected)
    assert not (run(seed=2) == expected).any()


def test_more_replicates_extend_the_earlier_ones():
    whole = run(replicates=23)
    for fewer in (0, 4, 8, 20):  # whole chunks
        np.testing.assert_array_equal(run(replicates=fewer), whole[:fewer])


def test_chunks_have_the_spawned_streams():
    streams = np.random.default_rng(1).spawn(6)
    parts = [stream.standard_normal((4, 2)) for stream in streams]
    np.testing.assert_array_equal(run(), np.concatenate(parts)[:23])


def test_a_second_call_is_fresh():
    rng = np.random.default_rng(1)
    first, second = (
        replicate(normals, 5, [((), np.float64)], rng=rng, draws=1)[0] for _ in range(2))
    assert not np.isin(first, second).any()


def test_rows_of_given_arrays_follow_their_replicates(other_engines):
    given = np.arange(50.0)

    def kernel(rng, halt, rows, factor, out, count):
        out[:] = factor * rows
        count[:] = len(rows)

    for workers in other_engines:
        out, count = replicate(
            kernel, 50, [((), np.float64), ((), np.int64)], rng=np.random.default_rng(0),
            draws=2**17, each=(given,), arguments=(3.0,), workers=workers)
        np.testing.assert_array_equal(out, 3.0 * given)
        np.testing.assert_array_equal(count, np.where(given < 48, 8, 2))


@pytest.mark.parametrize("draws", [0, 1, 100, 2**13, 2**20, 2**70])
def test_chunk_size(draws):
    rows = chunk_rows(draws)
    assert rows & (rows - 1) == 0
    assert 1 <= rows <= 4096
    if rows > 1:
        assert rows * draws <= 2**20


@njit
def keep_near(squared):
    """A reward that a process gets by value."""
    return squared < 2.0


def pruned(rng, workers):
    return simulate_random_pruning(
        1.5, 3, 50, 0.2, 0.9, 0.1, ridge=0.1, replicates=5000, rng=rng, workers=workers)


def selected(rng, workers):
    return simulate_selection_loop(
        [1.0], [3000] * 2, 1.0, 1.0, reward=keep_near, replicates=500, rng=rng,
        workers=workers).parameters


def corrected(rng, workers):
    return simulate_pointwise_loop(
        6, 20, 0.5, 20, bins=3, replicates=1000, rng=rng, workers=workers).covariances


@pytest.mark.parametrize("simulate", [pruned, selected, corrected])
def test_processes_agree(simulate):
    np.testing.assert_array_equal(
        simulate(np.random.default_rng(3), Processes(2)), simulate(np.random.default_rng(3), 2))
    assert not multiprocessing.active_children()


def test_kernels_travel_by_name():
    halt = np.zeros(1, bool)
    sent = pickle.dumps(_Task(_classifier.random_chunk, (), (), halt))
    assert len(sent) < 400
    assert pickle.loads(sent).kernel is _classifier.random_chunk
    own = _Task(_reward_chunk(keep_near), (), (), halt)
    assert pickle.loads(pickle.dumps(own)).kernel.py_func.__name__ == "chunk"


def refuse(rng, halt, out):
    raise OverflowError("as it happens")


def test_an_error_in_a_process_comes_back():
    with pytest.raises(OverflowError, match="as it happens"):
        run(workers=Processes(1), kernel=refuse)
    assert not multiprocessing.active_children()


INTERRUPTED = """
import os, signal, sys, threading
import numpy as np
from numba import njit
from sims.replicate import Processes, replicate
from sims import simulate_selection_loop
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    def report(done, total):
        if done == 1:
            os.killpg(0, signal.SIGINT)
    from sims.progress import Watched
    try:
        simulate_selection_loop([1.0] * 3, [10**7], 1.0, 2.0, replicates=40,
                                rng=np.random.default_rng(0),
                                workers=Watched(report, Processes(2)))
    except KeyboardInterrupt:
        import multiprocessing
        print("halted", len(multiprocessing.active_children()))
"""


def test_an_interrupt_of_the_group_stops_processes(tmp_path):
    # As a terminal does on Ctrl-C: every process of the group gets the signal.
    script = tmp_path / "script.py"
    script.write_text(INTERRUPTED)
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, start_new_session=True,
        check=False, timeout=100, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.stdout == "halted 0\n", done.stderr
    assert "Traceback" not in done.stderr
    assert time.monotonic() - start < 60.0


@pytest.mark.slow
def test_ray_agrees():
    ray = pytest.importorskip("ray")
    ray.init(num_cpus=2, log_to_driver=False, include_dashboard=False)
    try:
        np.testing.assert_array_equal(run(workers=RayCluster(in_flight=3)), run(workers=1))
    finally:
        ray.shutdown()


def test_ray_is_named_when_it_is_missing(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(ImportError, match=r"loopcert\[ray\]"):
        run(workers=RayCluster())


def test_few_chunks_wait_at_a_time():
    taken, done = [], []

    def chunks():
        for position in range(40):
            taken.append(position)
            yield position

    for _ in Threads(2).map(done.append, chunks(), np.zeros(1, bool)):
        assert len(taken) - len(done) <= 6 + 1
    assert taken == sorted(done) == list(range(40))


def test_an_error_ends_the_work():
    calls = []

    def kernel(rng, halt, out):
        calls.append(1)
        time.sleep(0.001)
        raise OverflowError("as it happens")

    with pytest.raises(OverflowError, match="as it happens"):
        run(replicates=10_000, kernel=kernel)
    assert len(calls) < 2500
    assert not [t for t in threading.enumerate() if t.name.startswith("sims")]


@njit(nogil=True)
def endless(rng, halt, out):
    """Draw until somebody calls a halt."""
    while not halt[0]:
        out[0, 0] += rng.standard_normal()


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupt_stops_kernels_that_run(workers):
    # A shell that starts the tests in the background has told them to ignore interrupts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    endless(np.random.default_rng(0), np.ones(1, bool), np.zeros((1, 2)))
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    start = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            run(replicates=100, kernel=endless, workers=workers)
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - start < 30.0
    assert not [t for t in threading.enumerate() if t.name.startswith("sims")]


@pytest.mark.parametrize(("arguments", "message"), [
    ({"workers": 0}, r"workers = 0: must be a whole number >= 1"),
    ({"workers": 1.5}, r"workers = 1.5: must be a whole number >= 1"),
    ({"workers": "two"}, r"workers = 'two': must be a whole number >= 1"),
    ({"replicates": -1}, r"replicates = -1: must be a whole number >= 0"),
    ({"replicates": float("nan")}, r"replicates = nan: must be a whole number"),
])
def test_misuse_is_one_line(arguments, message):
    with pytest.raises(ValueError, match=message) as error:
        run(**arguments)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("rng", [None, 3, np.random, np.random.SeedSequence(1)])
def test_only_a_generator_is_random(rng):
    with pytest.raises(ValueError, match=r"^rng"):
        replicate(normals, 1, [((), np.float64)], rng=rng, draws=1)


def test_a_generator_that_cannot_spawn_is_refused():
    class Words(np.random.bit_generator.ISeedSequence):
        def generate_state(self, n_words, dtype=np.uint32):
            return np.ones(n_words, dtype)

    rng = np.random.Generator(np.random.PCG64(Words()))
    with pytest.raises(ValueError, match="cannot spawn"):
        replicate(normals, 1, [((), np.float64)], rng=rng, draws=1)
