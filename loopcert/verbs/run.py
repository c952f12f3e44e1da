"""`loopcert run`: run the arms of a comparison, each with the same seeds, with real models."""

import os
import sys
import tempfile
from dataclasses import dataclass, replace
from typing import Literal

from tyro.conf import Positional

from loopcert._options import command, place, real, several, whole, word, words
from loopcert._usage import UserError, suggestion

__all__ = ["PACKAGES", "Options", "run", "start"]

STOPPED = 75
# What changes no result, and is left out of the command that is kept.
UNKEPT = ("resume", "json", "runs_dir", "time_limit", "jobs", "engine", "address")

PACKAGES = ("theory", "sims", "empirical")


@dataclass(frozen=True)
class Options:
    """Run the loops of a task with real models: generate, curate, train, evaluate, round after
    round. A preset compares several arms, each with the same seeds; a table at the end sets what
    theory predicts beside what was observed.

    Every arm and seed is a directory under the folder of runs, named by all that its numbers
    depend on. What is finished there is not run again; what was killed goes on from its last
    checkpoint and ends in the same bits (same machine, libraries and --threads).

    examples:
      loopcert tasks show eigen                        its presets, arms and keys
      loopcert run eigen --dry-run                     what would run, and for how long
      loopcert run eigen                               the preset smoke, minutes on a CPU
      loopcert run eigen --preset desk --time-limit 3000
      loopcert run eigen --set loop.rounds=3 update.batch=128 --arms oracle none
      loopcert run mine:Task                           a task of your own, in mine.py here

    exit status: 0 all held, 1 a run failed or a prediction disagrees, 2 unusable input,
    75 stopped (time limit, SIGTERM or Ctrl-C): the same command goes on
    """

    task: Positional[word("TASK")]
    """Name of a task (loopcert tasks lists them), or module:Class of your own."""

    preset: word("smoke|desk|night|gpu|paper") = "smoke"
    """Size of the comparison."""

    set: several("KEY=VALUE") = ()
    """Change the config of every arm; loopcert tasks show TASK lists the keys."""

    seeds: whole(1, 10_000, hint="(default: the preset's)") = None
    """Paired seeds, from 0, of every arm."""

    arms: words("NAME", "(default: all)") = None
    """Run these arms of the preset alone."""

    device: word("auto|cpu|cuda") = "auto"
    """Where the models live."""

    threads: whole(1, 1024) = 1
    """Threads of one model; part of a run's identity."""

    jobs: whole(1, 4096, hint="(default: usable cores / threads; 1 on a GPU)") = None
    """Runs at the same time."""

    engine: Literal["local", "here", "processes", "ray"] = "local"
    """Where runs execute: in this process, in a pool of processes, or on a Ray cluster; local is
    one of the first two, by --jobs. The results are the same."""

    address: word("ADDRESS", "(default: a cluster started here)") = None
    """Of the Ray cluster, which must see the folder of runs at the same place."""

    runs_dir: place("DIR", "(default: LOOPCERT_RUNS, or runs)") = None
    """Folder of all runs."""

    resume: Literal["auto", "never", "must"] = "auto"
    """Whether to go on with run directories that are there: auto does, never refuses, must
    refuses to begin new ones and says what differs."""

    time_limit: real(0, metavar="SECONDS", hint="(default: none)") = None
    """Save and stop after so long, with exit status 75."""

    dry_run: bool = False
    """Print configs, schedules, runs and an estimate of the time; write nothing."""

    json: bool = False
    """Print as JSON."""


def run(options):
    """Run, print; return the exit status."""
    return start(options, options.arms, "run")


def start(options, arms, verb):
    """Run the `arms` (names or Arms, None for the preset's) that a verb's options speak of."""
    from empirical.engine import StopSign

    sign = StopSign(float("inf") if options.time_limit is None else options.time_limit)
    planned, settings = _prepared(options, arms, sign)
    if options.dry_run:
        from loopcert._run_plan import show

        show(planned, options)
        return 0
    _require_writable(settings.root)
    with sign:
        result = _executed(planned, settings, options, command(verb, options, UNKEPT))
    from loopcert._run_result import show

    again = command(verb, options, ("resume", "json"))
    show(result, sign() if result.stopped else "", again, options)
    if result.stopped:
        return STOPPED
    disagree = any(prediction.verdict == "disagrees" for prediction in result.predictions)
    return 1 if result.problems or disagree else 0


def ready(options):
    """Refuse to go on without what running needs; let Python find tasks of the working folder."""
    from loopcert._install import require

    for package in ("torch", "safetensors"):
        require(package, "empirical", "runs with real models")
    if options.engine == "ray":
        require("ray", "ray", "runs on a cluster")
    if ":" in options.task and os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())


def _prepared(options, arms, sign):
    ready(options)
    _require_sense(options)
    from empirical import launch

    try:
        return launch.prepare(
            options.task, options.preset, pairs("--set", options.set), seeds=options.seeds,
            arms=arms, device=options.device, threads=options.threads,
            runs_dir=options.runs_dir, resume=options.resume, stop=sign,
        )
    except ValueError as error:
        raise UserError(str(error)) from None
    except ModuleNotFoundError as error:
        from loopcert._install import install_command

        raise UserError(f"task {options.task!r} needs {error.name}, which is not installed "
                        f"(repair: {install_command('empirical')})") from None


def pairs(flag, given):
    """Return texts KEY=VALUE, as :func:`several` gives them, as a dict.

    Examples
    --------
    >>> pairs("--set", (("loop.rounds=3", "size=2"), ("loop.rounds=4",)))
    {'loop.rounds': '4', 'size': '2'}
    """
    found = {}
    for text in (text for group in given for text in group):
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise UserError(f"{flag} {text!r}: must be KEY=VALUE")
        found[key.strip()] = value
    return found


def _require_sense(options):
    if options.engine == "here" and (options.jobs or 1) > 1:
        raise UserError("--engine here runs one after the other: leave out --jobs, or take "
                        "--engine processes")
    if options.address is not None and options.engine != "ray":
        raise UserError("--address is that of a Ray cluster: give --engine ray too")


def known_preset(options, presets):
    """Return the preset that is meant, after refusing one that is not there."""
    if options.preset not in presets:
        raise UserError(f"preset = {options.preset!r}: must be one of {', '.join(presets)}"
                        f"{suggestion(options.preset, presets)}")
    return presets[options.preset]


def _require_writable(folder):
    try:
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UserError(f"--runs-dir {str(folder)!r}: cannot be written to: "
                        f"{error.strerror or error}") from None


def _executed(planned, settings, options, given):
    from empirical import launch
    from loopcert._progress import progress

    engine, jobs = _engine(planned, settings, options)
    with progress("runs", word="at") as advance:
        shown = _Shown(advance, len(planned.cells))
        settings = replace(settings, report=shown.report)
        try:
            return launch.execute(
                planned, settings, engine, jobs, options.address, shown.done, given
            )
        except ConnectionError as error:
            raise UserError(f"--address {options.address!r}: {error}") from None
        except OSError as error:
            raise UserError(f"--runs-dir {str(settings.root)!r}: cannot be written to: "
                            f"{error.strerror or error}") from None


def _engine(planned, settings, options):
    """Return the engine, and how many runs at the same time."""
    from loopcert.doctor import usable_cores

    jobs = options.jobs
    if jobs is None:
        on_cpu = settings.device == "cpu"
        jobs = max(1, usable_cores() // settings.threads) if on_cpu else 1
    jobs = min(jobs, len(planned.cells))
    if options.engine == "local":
        return ("here" if jobs == 1 else "processes"), jobs
    return options.engine, jobs


class _Shown:
    """Passes on to a progress display what the engine reports."""

    def __init__(self, advance, total):
        self._advance, self._total, self._done = advance, total, 0
        advance(0, total, "beginning")

    def report(self, label, done, total):
        self._advance(self._done, self._total, f"{label} {done}/{total}")

    def done(self, outcome):
        self._done += 1
        cell = outcome.cell
        self._advance(self._done, self._total, f"{cell.arm} seed {cell.seed}")
