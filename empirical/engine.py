"""Where loops run: in this process, in a pool of processes, or on a Ray cluster.

Whatever the engine, a cell (one arm, one seed) is the same function of the same arguments on the
same number of threads, and so ends in the same bits. A worker that dies loses nothing but the
time since its last checkpoint: its cell is given to another.
"""

import collections
import contextlib
import dataclasses
import importlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from empirical import runs
from empirical.loop import Settings, Stopped, identity_of, run_loop

__all__ = ["ENGINES", "Cell", "Outcome", "StopSign", "run_cells"]

ENGINES = ("here", "processes", "ray")
TRIES = 3  # of a cell whose worker dies
GRACE = 5.0  # seconds for a worker of a pool that is given up to save its cell


@dataclass(frozen=True, slots=True)
class Cell:
    """One loop of a comparison.

    Attributes
    ----------
    task : str
        Import path of the task class, "module:name".
    arm : str
        Name of the arm.
    seed : int
        Seed of the run.
    config : dataclass
        The resolved config.
    """

    task: str
    arm: str
    seed: int
    config: object

    @property
    def task_class(self):
        """The task's class."""
        module, _, name = self.task.partition(":")
        return getattr(importlib.import_module(module), name)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a cell: the name of its run directory, or why there is no result.

    Attributes
    ----------
    cell : Cell
        Which.
    run : str
        Name of the run directory; empty where it did not come to its end.
    problem : str
        Empty, or one line.
    stopped : bool
        Whether it was asked to stop, and can be resumed.
    """

    cell: Cell
    run: str = ""
    problem: str = ""
    stopped: bool = False


class StopSign:
    """Says when to stop: at a deadline, or on a signal.

    As a context it takes SIGTERM and SIGINT for itself, in the main thread. A second SIGINT
    interrupts at once.

    Parameters
    ----------
    seconds : float
        From now; inf never.
    """

    def __init__(self, seconds=float("inf")):
        self._deadline, self._reason, self._old = time.monotonic() + seconds, "", {}

    def __call__(self):
        """Return why to stop, or nothing."""
        if not self._reason and time.monotonic() >= self._deadline:
            self._reason = "time limit"
        return self._reason

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                self._old[number] = signal.signal(number, self._notice)
        return self

    def __exit__(self, *error):
        for number, handler in self._old.items():
            signal.signal(number, handler)

    def _notice(self, number, frame):
        if self._reason and number == signal.SIGINT:
            raise KeyboardInterrupt
        self._reason = signal.Signals(number).name


def run_cells(cells, settings, engine="here", workers=1, address=None, done=lambda outcome: None):
    """Run every cell; return their :class:`Outcome` s in the order of `cells`.

    A cell that fails does not keep the others from running. Cells that are finished on disk are
    not run again.

    Parameters
    ----------
    cells : sequence of Cell
        What to run.
    settings : Settings
        Where and how; `settings.report` gets labels that begin with the arm and the seed.
    engine : str
        "here", "processes" or "ray".
    workers : int
        Processes of the pool.
    address : str, optional
        Of a Ray cluster; one is started here where there is none.
    done : callable
        done(outcome), called as cells end.

    Raises
    ------
    ValueError
        For an unknown engine.
    ModuleNotFoundError
        When Ray is asked for and not installed.
    """
    if engine not in ENGINES:
        raise ValueError(f"engine = {engine!r}: must be one of {', '.join(ENGINES)}")
    run = {"here": _run_here, "processes": _run_in_processes, "ray": _run_on_ray}[engine]
    found = run(list(cells), settings, workers, address, done)
    return [found[number] for number in range(len(found))]


def _run_one(cell, settings):
    """Return the outcome of a cell; what a user can mend becomes one line."""
    label = _label(cell)
    own = dataclasses.replace(
        settings, report=lambda phase, *counts: settings.report(label + phase, *counts)
    )
    reason = settings.stop()
    if reason and not _finished(cell, settings):  # do not even begin
        return Outcome(cell, problem=reason, stopped=True)
    try:
        record = run_loop(cell.task_class, cell.config, cell.seed, own)
    except Stopped as stop:
        return Outcome(cell, problem=str(stop), stopped=True)
    except (ValueError, OSError, MemoryError) as error:
        return Outcome(cell, problem=f"{label}{type(error).__name__}: {_one_line(error)}")
    except Exception as error:  # a mistake in a task's code: the other cells go on
        where = traceback.extract_tb(error.__traceback__)[-1]
        problem = f"{label}{type(error).__name__}: {_one_line(error)}"
        return Outcome(cell, problem=f"{problem} ({where.filename}, line {where.lineno})")
    return Outcome(cell, run=record.name)


def _label(cell):
    return f"{cell.arm} seed {cell.seed}: "


def _finished(cell, settings):
    wanted = identity_of(cell.task_class, cell.config, cell.seed, settings)
    place = Path(settings.root) / runs.run_name(wanted)
    return place.joinpath("config.json").is_file() and runs.read(place).finished


def _one_line(error):
    return " ".join(str(error).split())[:500]


def _run_here(cells, settings, workers, address, done):
    found = {}
    for number, cell in enumerate(cells):
        found[number] = _run_one(cell, settings)
        done(found[number])
    return found


def _serve(pipe, settings, event):
    """Run the cells that come through a pipe: the life of a worker of the pool."""
    for number in (signal.SIGTERM, signal.SIGINT):  # the parent says when to stop
        signal.signal(number, signal.SIG_IGN)
    last = [0.0]

    def report(*what):
        now = time.monotonic()
        if now - last[0] > 0.2:
            last[0] = now
            with contextlib.suppress(OSError):
                pipe.send(what)

    def stop():  # nothing but its end comes through the pipe while a cell is run
        return "stopped" if event.is_set() or pipe.poll() else ""

    own = dataclasses.replace(settings, report=report, stop=stop)
    with contextlib.suppress(EOFError, OSError):  # the parent is gone
        while True:
            try:
                cell = pipe.recv()
            except (AttributeError, ImportError, TypeError) as error:
                pipe.send(f"{type(error).__name__}: {_one_line(error)}")  # its task is not here
            else:
                pipe.send(_run_one(cell, own))


class _Worker:
    """A process of the pool, and the number of the cell that it runs."""

    def __init__(self, context, settings, event):
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, settings, event))
        self.process.start()
        theirs.close()
        self.number = None

    def begin(self, number, cell):
        self.number = number
        with contextlib.suppress(OSError):  # it is dead: the pipe's end says so to who waits
            self.pipe.send(cell)

    def end(self):
        self.pipe.close()
        self.process.join(GRACE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def _run_in_processes(cells, settings, workers, address, done):
    """Run in a pool of processes; the cell of one that dies goes to another."""
    context = multiprocessing.get_context("spawn")
    event, left, tries = context.Event(), collections.deque(range(len(cells))), [0] * len(cells)
    plain = dataclasses.replace(settings, stop=None, report=None)
    found, pool = {}, []

    def ended(number, outcome):
        found[number] = outcome
        done(outcome)

    try:
        while len(found) < len(cells):
            while left and len(pool) < workers:
                pool.append(_Worker(context, plain, event))
            for worker in pool:
                if worker.number is None and left:
                    worker.begin(number := left.popleft(), cells[number])
            if settings.stop():
                event.set()
            for pipe in multiprocessing.connection.wait([w.pipe for w in pool], timeout=0.2):
                worker = next(worker for worker in pool if worker.pipe is pipe)
                number = worker.number
                try:
                    message = pipe.recv()
                except (EOFError, OSError):
                    pool.remove(worker)
                    worker.end()
                    if number is None:
                        continue
                    tries[number] += 1
                    if tries[number] < TRIES:
                        left.append(number)
                    else:
                        ended(number, _lost(cells[number], worker.process.exitcode))
                    continue
                if isinstance(message, tuple):
                    settings.report(*message)
                    continue
                worker.number = None
                if isinstance(message, str):
                    message = Outcome(cells[number], problem=f"{_label(cells[number])}{message}")
                ended(number, message)
    finally:
        for worker in pool:
            worker.pipe.close()  # busy ones see it, and stop
        for worker in pool:
            worker.end()
    return found


def _lost(cell, code):
    return Outcome(cell, problem=f"{_label(cell)}its worker died {TRIES} times (exit status "
                                 f"{code})")


def _module_path():
    """Return where this process finds modules, a task of the user's own among them."""
    return os.pathsep.join(os.path.abspath(place) for place in sys.path)


def _run_on_ray(cells, settings, workers, address, done):
    """Run on Ray; the cluster must see the folder of runs at the same place."""
    import ray

    if not ray.is_initialized():
        cores = None if address else workers * settings.threads
        ray.init(address=address, num_cpus=cores, log_to_driver=False, include_dashboard=False)
    deadline_free = Settings(settings.root, settings.device, settings.threads,
                             settings.checkpoint_seconds)
    remote = ray.remote(_run_one).options(
        num_cpus=settings.threads, num_gpus=1 if settings.device.startswith("cuda") else 0,
        max_retries=TRIES - 1, runtime_env={"env_vars": {"PYTHONPATH": _module_path()}},
    )
    waiting = {remote.remote(cell, deadline_free): n for n, cell in enumerate(cells)}
    found = {}
    while waiting:
        ended, _ = ray.wait(list(waiting), timeout=1.0)
        if settings.stop():
            for reference in waiting:  # a run's directory is sound whenever it is cut off
                ray.cancel(reference, force=True)
            for number in waiting.values():
                found[number] = Outcome(cells[number], problem=settings.stop(), stopped=True)
            return found
        for reference in ended:
            number = waiting.pop(reference)
            try:
                found[number] = ray.get(reference)
            except ray.exceptions.RayError as error:
                found[number] = Outcome(cells[number], problem=_one_line(error))
            done(found[number])
    return found
