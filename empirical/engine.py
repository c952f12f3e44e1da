"""Where loops run: in this process, in a pool of processes, or on a Ray cluster.

Whatever the engine, a cell (one arm, one seed) is the same function of the same arguments on the
same number of threads, and so ends in the same bits. A worker that dies loses nothing but the
time since its last checkpoint: its cell is given to another.
"""

import dataclasses
import importlib
import multiprocessing
import queue
import signal
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from empirical import runs
from empirical.loop import Settings, Stopped, identity_of, run_loop

__all__ = ["ENGINES", "Cell", "Outcome", "StopSign", "run_cells"]

ENGINES = ("here", "processes", "ray")
TRIES = 3  # of a cell whose worker dies


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
        self._deadline, self._reason, self._old = time.time() + seconds, "", {}

    def __call__(self):
        """Return why to stop, or nothing."""
        if not self._reason and time.time() > self._deadline:
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
    label = f"{cell.arm} seed {cell.seed}: "
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
    except (ValueError, OSError, RuntimeError, MemoryError) as error:
        return Outcome(cell, problem=f"{label}{type(error).__name__}: {_one_line(error)}")
    return Outcome(cell, run=record.name)


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


# In a worker of the pool: set once, by its initializer.
_stop_event = _reports = None


def _begin_worker(event, reports):
    global _stop_event, _reports
    _stop_event, _reports = event, reports
    for number in (signal.SIGTERM, signal.SIGINT):  # the parent says when to stop
        signal.signal(number, signal.SIG_IGN)


def _work(cell, settings):
    last = [0.0]

    def report(*what):
        now = time.monotonic()
        if now - last[0] > 0.2:
            last[0] = now
            _reports.put(what)

    own = dataclasses.replace(
        settings, report=report, stop=lambda: "stopped" if _stop_event.is_set() else ""
    )
    return _run_one(cell, own)


def _run_in_processes(cells, settings, workers, address, done):
    found, tries = {}, dict.fromkeys(range(len(cells)), 0)
    while len(found) < len(cells):
        left = [number for number in tries if number not in found]
        for number in left:
            tries[number] += 1
            if tries[number] > TRIES:
                cell = cells[number]
                problem = f"{cell.arm} seed {cell.seed}: its worker died {TRIES} times"
                found[number] = Outcome(cell, problem=problem)
                done(found[number])
        left = [number for number in left if number not in found]
        _one_pool(cells, left, settings, workers, found, done)
    return found


def _one_pool(cells, left, settings, workers, found, done):
    """Run the cells `left` in a pool until they are done, or a worker dies."""
    context = multiprocessing.get_context("spawn")
    event, reports = context.Event(), context.Queue()
    plain = Settings(settings.root, settings.device, settings.threads, settings.checkpoint_seconds,
                     None, None)
    with ProcessPoolExecutor(
        min(workers, max(1, len(left))), context, _begin_worker, (event, reports)
    ) as pool:
        waiting = {pool.submit(_work, cells[number], plain): number for number in left}
        try:
            while waiting:
                ended, _ = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
                if settings.stop():
                    event.set()
                _pass_on(reports, settings.report)
                for future in ended:
                    number = waiting.pop(future)
                    try:
                        found[number] = future.result()
                    except BrokenProcessPool:
                        continue  # it, or another in the pool, was killed: another pool goes on
                    done(found[number])
        except BaseException:  # leaving the pool waits for its workers: have them stop
            event.set()
            raise


def _pass_on(reports, report):
    while True:
        try:
            report(*reports.get_nowait())
        except queue.Empty:
            return


def _run_on_ray(cells, settings, workers, address, done):
    """Run on Ray; the cluster must see the folder of runs at the same place."""
    import ray

    if not ray.is_initialized():
        ray.init(address=address, num_cpus=None if address else workers, log_to_driver=False,
                 include_dashboard=False)
    deadline_free = Settings(settings.root, settings.device, settings.threads,
                             settings.checkpoint_seconds)
    remote = ray.remote(_run_one).options(
        num_cpus=settings.threads, num_gpus=1 if settings.device.startswith("cuda") else 0,
        max_retries=TRIES - 1,
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
