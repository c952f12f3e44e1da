"""Run a task's comparison: the function behind `loopcert run` and notebooks."""

from dataclasses import dataclass

__all__ = ["Result", "execute", "pick_device", "prepare", "run"]


@dataclass(frozen=True, slots=True)
class Result:
    """What a call of :func:`run` leaves.

    Attributes
    ----------
    comparison : Comparison
        Arms, seeds, run directories; `comparison.metrics` is the table of all that was measured.
    outcomes : tuple of Outcome
        One for each cell: the run's name, or why there is none.
    predictions : tuple of Prediction
        Predicted against observed; empty while runs are missing.
    path : Path
        The comparison's record.
    warnings : tuple of str
        Files that were found damaged, and done again from what came before.
    """

    comparison: object
    outcomes: tuple
    predictions: tuple
    path: object
    warnings: tuple = ()

    @property
    def stopped(self):
        """Whether some run was asked to stop, and can be resumed."""
        return any(outcome.stopped for outcome in self.outcomes)

    @property
    def problems(self):
        """One line for every cell that failed."""
        return tuple(o.problem for o in self.outcomes if o.problem and not o.stopped)


def pick_device(device="auto"):
    """Return the torch device that "auto", "cpu" or "cuda" names.

    Raises
    ------
    ValueError
        When it is not here.
    """
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        found = torch.device(device)
    except RuntimeError:
        raise ValueError(f"device = {device!r}: must be auto, cpu or cuda") from None
    if found.type not in ("cpu", "cuda"):
        raise ValueError(f"device = {device!r}: must be auto, cpu or cuda")
    if found.type == "cuda" and (found.index or 0) >= torch.cuda.device_count():
        raise ValueError(f"device = {device!r}: no GPU that torch can use was found")
    return device


def prepare(task, preset="smoke", changes=None, *, seeds=None, arms=None, device="auto", threads=1,
            runs_dir=None, resume="auto", checkpoint_seconds=60.0, stop=None, report=None):
    """Return what :func:`run` would run, a Comparison, and its Settings; nothing is written.

    Parameters are those of :func:`run`, its `changes` as one dict.
    """
    from empirical import comparison, runs
    from empirical.loop import Settings
    from empirical.task import find

    task_class = find(task) if isinstance(task, str) else task
    settings = Settings(
        runs_dir or runs.default_root(), pick_device(device), threads, checkpoint_seconds,
        stop or (lambda: ""), report or (lambda *what: None),
    )
    wanted = None if seeds is None else range(seeds)
    planned = comparison.plan(task_class, preset, changes or {}, wanted, settings, arms)
    comparison.require(planned, settings, resume)
    return planned, settings


def execute(planned, settings, engine="here", workers=1, address=None, done=None, command=""):
    """Run what :func:`prepare` prepared; return the :class:`Result`.

    The `command` that a user gave, if there was one, is kept in the comparison's record.

    Raises
    ------
    OSError
        When the folder of runs cannot be written to.
    """
    from empirical.engine import run_cells
    from empirical.events import now
    from empirical.predict import predictions

    path, began = planned.save(command), now()
    outcomes = run_cells(planned.cells, settings, engine, workers, address,
                         done or (lambda outcome: None))
    whole = all(outcome.run for outcome in outcomes)
    return Result(planned, tuple(outcomes), predictions(planned) if whole else (), path,
                  _damaged(planned, began))


def _damaged(planned, since):
    """Return what was found damaged in the runs of a comparison, and in what they share."""
    from empirical import runs

    records = list(planned.records().values())
    shared = {name for record in records for name in runs.shared(record)}
    records += [runs.read(planned.root / name) for name in sorted(shared)
                if (planned.root / name / "config.json").is_file()]
    return tuple(event["what"] for record in records for event in record.events
                 if event["event"] == "damaged" and event["time"] >= since)


def run(task, preset="smoke", *, seeds=None, arms=None, device="auto", threads=1, engine="here",
        workers=1, address=None, runs_dir=None, resume="auto", checkpoint_seconds=60.0, stop=None,
        report=None, done=None, **changes):
    """Run a task's comparison, or what is left of it; return the :class:`Result`.

    Parameters
    ----------
    task : str or type
        Name of a task, "module:Class", or a :class:`~empirical.task.Task` of your own.
    preset : str
        Name of one of its presets.
    seeds : int, optional
        Paired seeds of every arm; the preset's number by default.
    arms : sequence of Arm or str, optional
        Instead of all of the preset's; a name is one of those.
    device : str
        "auto", "cpu" or "cuda".
    threads : int
        Threads of one model; part of a run's identity.
    engine, workers, address
        Where cells run; see :func:`empirical.engine.run_cells`.
    runs_dir : path, optional
        Folder of all runs; $LOOPCERT_RUNS or ./runs by default.
    resume : str
        "auto", "never" or "must"; see :func:`empirical.comparison.require`.
    checkpoint_seconds : float
        How often a training under way is saved.
    stop, report, done : callable, optional
        Say when to stop; hear of progress; hear of cells that ended.
    **changes
        Dotted config keys and values: `**{"loop.total": 500}`.

    Raises
    ------
    ValueError
        For unknown names or keys, or values out of range.
    """
    planned, settings = prepare(
        task, preset, changes, seeds=seeds, arms=arms, device=device, threads=threads,
        runs_dir=runs_dir, resume=resume, checkpoint_seconds=checkpoint_seconds, stop=stop,
        report=report,
    )
    return execute(planned, settings, engine, workers, address, done)
