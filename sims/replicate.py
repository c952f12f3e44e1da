"""Replicates in fixed chunks, one random stream a chunk: the result depends on the seed alone.

The work is cut into chunks whose size does not know how many workers there are. Chunk k advances
with the k-th stream spawned from the caller's generator and fills rows of the result that belong
to no other chunk. So cores, chunk order and engine cannot change a bit of the result, and more
replicates from the same seed extend the earlier ones.
"""

import concurrent.futures
import contextlib
import importlib
import itertools
import math
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from sims import _check

__all__ = ["Engine", "Inline", "Processes", "RayCluster", "Threads", "replicate"]

_CHUNK_DRAWS = 2**20  # a chunk takes some 10 ms: much longer than handing it out
_CHUNK_ROWS = 2**12


class Engine(Protocol):
    """What `replicate` asks of a place to run: apply a function to the items of an iterable."""

    def map(
        self, function: Callable, items: Iterable, halt: np.ndarray
    ) -> Iterator[tuple[int, object]]:
        """Yield (position, function(item)) in any order, taking items only as they are needed.

        On the way out of an interrupted loop the engine may set ``halt[0]``, which running
        kernels of the same process obey, and leaves nothing running.
        """


@dataclass(frozen=True, slots=True)
class Inline:
    """One chunk after the other in the calling thread (an interrupt waits for the chunk)."""

    def map(self, function, items, halt):
        """Yield (position, function(item)) in order."""
        yield from enumerate(map(function, items))


@dataclass(frozen=True, slots=True)
class Threads:
    """A pool of threads in this process.

    Attributes
    ----------
    workers : int or None
        Number of threads; None: as many as cores that this process may use.
    """

    workers: int | None = None

    def __post_init__(self):
        """Refuse a count below one."""
        if self.workers is not None:
            _check.count("workers", self.workers, 1)

    def map(self, function, items, halt):
        """Yield (position, function(item)) as they finish; at most two chunks a thread wait."""
        workers = int(self.workers or _cores())
        pool = concurrent.futures.ThreadPoolExecutor(workers, "sims")

        def submit(item):
            return pool.submit(function, item)

        try:
            yield from _in_flight(submit, _first_done, items, 3 * workers)
        except BaseException:
            halt[0] = True
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True, slots=True)
class Processes:
    """A pool of fresh processes on this machine, for kernels that hold the interpreter's lock.

    Compiled kernels release the lock and run faster in `Threads`: a process takes about a second
    to start, and results travel back. A script that uses this needs the usual guard
    ``if __name__ == "__main__":``, and a kernel of its own must be importable.

    Attributes
    ----------
    workers : int or None
        Number of processes; None: as many as cores that this process may use.
    """

    workers: int | None = None

    def __post_init__(self):
        """Refuse a count below one."""
        if self.workers is not None:
            _check.count("workers", self.workers, 1)

    def map(self, function, items, halt):
        """Yield (position, function(item)) as they finish; at most two chunks a process wait."""
        workers = int(self.workers or _cores())
        context = multiprocessing.get_context("spawn")
        flag = context.RawValue("b", 0)
        pool = concurrent.futures.ProcessPoolExecutor(
            workers, context, initializer=_enlist, initargs=(function, flag))

        def submit(item):
            return pool.submit(_serve, item)

        try:
            yield from _in_flight(submit, _first_done, items, 3 * workers)
        except BaseException:
            halt[0] = flag.value = True
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


_enlisted = []  # in a worker process: the task that it serves


def _enlist(function, flag):
    """Prepare a worker process: its kernels look at a flag that the parent process can set."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt reaches the parent, which halts us
    if isinstance(function, _Task):
        function = replace(function, halt=np.frombuffer(flag, np.bool_))
    _enlisted[:] = [function]


def _serve(item):
    return _enlisted[0](item)


@dataclass(frozen=True, slots=True)
class RayCluster:
    """Tasks on a Ray cluster: the one that ``ray.init`` joined, or a local one.

    Attributes
    ----------
    in_flight : int
        Chunks handed out at a time.
    """

    in_flight: int = 64

    def map(self, function, items, halt):
        """Yield (position, function(item)) as they finish anywhere on the cluster."""
        try:
            import ray
        except ImportError:
            raise ImportError(
                "RayCluster needs Ray: python -m pip install 'loopcert[ray]'"
            ) from None
        if not ray.is_initialized():
            ray.init(log_to_driver=False, include_dashboard=False)
        shared = ray.put(function)
        remote = ray.remote(_apply)
        pending = set()

        def submit(item):
            task = remote.remote(shared, item)
            pending.add(task)
            return task

        def first_done(tasks):
            done, _ = ray.wait(list(tasks), num_returns=1)
            pending.discard(done[0])
            return done[0], ray.get(done[0])

        try:
            yield from _in_flight(submit, first_done, items, self.in_flight)
        finally:
            for task in pending:
                with contextlib.suppress(Exception):
                    ray.cancel(task, force=True)


def _cores():
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _apply(function, item):
    return function(item)


def _first_done(futures):
    done, _ = concurrent.futures.wait(futures, return_when=concurrent.futures.FIRST_COMPLETED)
    first = done.pop()
    return first, first.result()


def _in_flight(submit, first_done, items, limit):
    """Keep at most `limit` tasks under way and yield (position, result) as they finish."""
    queue = enumerate(items)
    positions = {submit(item): position for position, item in itertools.islice(queue, limit)}
    while positions:
        task, result = first_done(positions)
        position = positions.pop(task)
        for later, item in itertools.islice(queue, 1):
            positions[submit(item)] = later
        yield position, result


def engine_of(workers):
    """Return the engine that is meant by a number of threads, an engine or None."""
    if workers is None or not hasattr(workers, "map"):
        return Threads(workers)
    return workers


def chunk_rows(draws):
    """Return the number of replicates in a chunk, for replicates of about `draws` draws each.

    Examples
    --------
    >>> chunk_rows(1), chunk_rows(40_000), chunk_rows(10**12)
    (4096, 16, 1)
    """
    rows = min(max(_CHUNK_DRAWS // max(int(draws), 1), 1), _CHUNK_ROWS)
    return 1 << (rows.bit_length() - 1)


@dataclass(frozen=True, slots=True)
class _Task:
    """What is done with a chunk: allocate its part of the results and let the kernel fill it."""

    kernel: Callable
    arguments: tuple
    results: tuple
    halt: np.ndarray

    def __call__(self, item):
        rng, rows, each = item
        filled = tuple(np.zeros((rows, *shape), dtype) for shape, dtype in self.results)
        self.kernel(rng, self.halt, *each, *self.arguments, *filled)
        return filled

    def __reduce__(self):
        # By name if it has one: a compiled function sent by value is compiled again over there.
        place = getattr(self.kernel, "__module__", ""), getattr(self.kernel, "__name__", "")
        known = getattr(sys.modules.get(place[0]), place[1], None) is self.kernel
        kernel = place if known and place[0] != "__main__" else self.kernel
        return _restored, (kernel, self.arguments, self.results, self.halt)


def _restored(kernel, *rest):
    if isinstance(kernel, tuple):
        kernel = getattr(importlib.import_module(kernel[0]), kernel[1])
    return _Task(kernel, *rest)


@dataclass(frozen=True, slots=True)
class _Chunks:
    """Each chunk's stream, number of rows and rows of the arrays in `each`, made on demand."""

    rng: np.random.Generator
    replicates: int
    rows: int
    each: tuple

    def __len__(self):
        return math.ceil(self.replicates / self.rows)

    def __iter__(self):
        for start in range(0, self.replicates, self.rows):
            stop = min(start + self.rows, self.replicates)
            (stream,) = self.rng.spawn(1)
            yield stream, stop - start, tuple(array[start:stop] for array in self.each)


def replicate(kernel, replicates, results, *, rng, draws, each=(), arguments=(), workers=None):
    """Run `replicates` independent copies of a loop and return what they recorded.

    Parameters
    ----------
    kernel : callable
        ``kernel(rng, halt, *each, *arguments, *filled)`` advances the replicates of one chunk
        with one generator and writes into `filled`, one zeroed array a result. Compiled kernels
        release the GIL and look at ``halt[0]`` now and then: when it is set nobody will read
        the results.
    replicates : int
        Number of copies, >= 0.
    results : sequence of (shape, dtype)
        What one replicate records.
    rng : numpy.random.Generator
        One stream a chunk is spawned from it. Spawning advances the generator's count of
        children, so that a second call with the same generator gives fresh results.
    draws : int
        Rough number of random draws in one replicate. With nothing else it sets the chunk size.
    each : sequence of arrays, optional
        Arrays with a first axis of length `replicates`, of which a chunk sees its own rows.
    arguments : sequence, optional
        Passed to each chunk as they are.
    workers : int, Engine or None, optional
        Number of threads (None: all cores), or an engine such as `Inline`, `Processes` or
        `RayCluster`, or one that reports its progress (`sims.progress.Watched`). It changes no
        result. When it is interrupted nothing keeps running and nothing is returned.

    Returns
    -------
    tuple of arrays
        One a result, of shape (replicates, *shape).

    Raises
    ------
    ValueError
        For a negative count, workers < 1, or an `rng` that cannot spawn.

    Examples
    --------
    >>> def kernel(rng, halt, out):
    ...     out[:] = rng.standard_normal(out.shape)
    >>> def run(workers):
    ...     rng = np.random.default_rng(1)
    ...     return replicate(kernel, 5, [((2,), float)], rng=rng, draws=2, workers=workers)[0]
    >>> run(3).shape, bool((run(3) == run(Inline())).all())
    ((5, 2), True)
    """
    replicates = _check.count("replicates", replicates)
    rng = _check.generator(rng)
    engine = engine_of(workers)
    rows = chunk_rows(draws)
    halt = np.zeros(1, np.bool_)
    gathered = tuple(np.zeros((replicates, *shape), dtype) for shape, dtype in results)
    task = _Task(kernel, tuple(arguments), tuple(results), halt)
    chunks = _Chunks(rng, replicates, rows, tuple(each))
    with contextlib.closing(engine.map(task, chunks, halt)) as finished:
        for position, filled in finished:
            for whole, part in zip(gathered, filled):
                whole[position * rows:position * rows + len(part)] = part
    return gathered
