"""Run a task's comparison: the function behind `loopcert run` and notebooks."""

from dataclasses import dataclass

__all__ = ["Result", "pick_device", "run"]


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
    """

    comparison: object
    outcomes: tuple
    predictions: tuple
    path: object

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
        kind = torch.device(device).type
    except RuntimeError:
        raise ValueError(f"device = {device!r}: must be auto, cpu or cuda") from None
    if kind not in ("cpu", "cuda"):
        raise ValueError(f"device = {device!r}: must be auto, cpu or cuda")
    if kind == "cuda" and not torch.cuda.is_available():
        raise ValueError(f"device = {device!r}: no GPU that torch can use was found")
    return device


def run(task, preset="smoke", *, seeds=None, arms=None, device="auto", threads=1, engine="here",
        workers=1, address=None, runs_dir=None, checkpoint_seconds=60.0, stop=None, report=None,
        done=None, **changes):
    """Run a task's comparison, or what is left of it; return the :class:`Result`.

    Parameters
    ----------
    task : str or type
        Name of a task, or a :class:`~empirical.task.Task` of your own.
    preset : str
        Name of one of its presets.
    seeds : int, optional
        Paired seeds of every arm; the preset's number by default.
    arms : sequence of Arm, optional
        Instead of the preset's.
    device : str
        "auto", "cpu" or "cuda".
    threads : int
        Threads of one model; part of a run's identity.
    engine, workers, address
        Where cells run; see :func:`empirical.engine.run_cells`.
    runs_dir : path, optional
        Folder of all runs; $LOOPCERT_RUNS or ./runs by default.
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
    from empirical import comparison, runs
    from empirical.engine import run_cells
    from empirical.loop import Settings
    from empirical.predict import predictions
    from empirical.task import find

    task_class = find(task) if isinstance(task, str) else task
    settings = Settings(
        runs_dir or runs.default_root(), pick_device(device), threads, checkpoint_seconds,
        stop or (lambda: ""), report or (lambda *what: None),
    )
    wanted = None if seeds is None else range(seeds)
    planned = comparison.plan(task_class, preset, changes, wanted, settings, arms)
    path = planned.save()
    outcomes = run_cells(planned.cells, settings, engine, workers, address,
                         done or (lambda outcome: None))
    whole = all(outcome.run for outcome in outcomes)
    return Result(planned, tuple(outcomes), predictions(planned) if whole else (), path)
