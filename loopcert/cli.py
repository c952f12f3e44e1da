"""The command line: finds the verb, runs it, and turns what went wrong into one line.

Exit status: 0 all held; 1 something did not hold; 2 unusable input; 75 stopped, resumable;
130 interrupted; 141 the reader of our output went away.
"""

import contextlib
import importlib
import os
import sys

from loopcert._usage import UserError, listing, one_line, suggestion

__all__ = ["VERBS", "main"]

VERBS = {
    "check": "prove and simulate every claim; verdicts, and a page report/index.html",
    "report": "write that page again from the last check's record, without checking again",
    "claims": "list the claims, show one, or draw their graph",
    "audit": "is my verifier good enough? rates, breakdown point, precision, verdict",
    "plan": "how to spend a budget over the rounds, and when to stop",
    "run": "run the loops of a task with real models; resumes what was killed",
    "sweep": "the same with every combination of some values",
    "runs": "list the runs on disk, show one, compare two, export, tidy up",
    "tasks": "what can be run, its presets, and every key that can be set",
    "figures": "redraw the papers' figures, theory and simulation on the same axes",
    "doctor": "what can run here: extras, threads, GPU, data, folders",
}

HELP = """\
usage: loopcert VERB [OPTIONS]

Certifies training loops that feed a generative model its own, curated output.

verbs:
{verbs}

examples:
  loopcert check --only SW-07                     prove one claim
  loopcert claims show SW-07                      what it says, where it comes from
  loopcert audit labels.csv --correct right --kept kept
                                                  is this verifier good enough?
  loopcert plan --budget 1000 --sigma 1 --kappa 1 --start-distance 4
                                                  how many samples in which round?
  loopcert run eigen --dry-run                    what would a real loop run?
  loopcert doctor                                 what can run here?

loopcert VERB --help teaches each verb; every verb has --json; loopcert --version.
exit status: 0 all held, 1 something did not hold, 2 unusable input,
75 stopped at a time limit (the same command goes on), 130 interrupted
"""

INTERRUPTED, NO_READER = 130, 141


def _help():
    width = max(map(len, VERBS))
    return HELP.format(
        verbs="\n".join(f"  {name:<{width}}  {summary}" for name, summary in VERBS.items())
    )


def _refuse_foreign(names):
    from loopcert._install import foreign_packages, home, install_command

    for package in foreign_packages(names):
        if package.where is None:
            raise UserError(
                f"package {package.name!r} is not installed: it must lie beside loopcert in "
                f"{home()} (repair: {install_command()})"
            )
        raise UserError(
            f"package {package.name!r} resolves to {package.where}, which is not ours: it must "
            f"lie beside loopcert in {home()} (rename the other, or leave that folder)"
        )


def _dispatch(arguments):
    if not arguments:
        sys.stderr.write(_help())
        return 2
    verb, *rest = arguments
    if verb in ("-h", "--help"):
        sys.stdout.write(_help())
        return 0
    if verb == "--version":
        from importlib.metadata import version

        sys.stdout.write(f"loopcert {version('loopcert')}\n")
        return 0
    if verb not in VERBS:
        what = "option" if verb.startswith("-") else "verb"
        raise UserError(
            f"unknown {what} {verb!r}{suggestion(verb, VERBS)} (verbs: {listing(VERBS)})"
        )
    module = importlib.import_module(f"loopcert.verbs.{verb}")
    from loopcert._install import REQUIRED
    from loopcert._options import parse

    options = parse(module.Options, rest, f"loopcert {verb}")
    if verb != "doctor":  # which reports them itself
        _refuse_foreign(getattr(module, "PACKAGES", REQUIRED))
    return module.run(options)


def _silence(stream):
    """Point `stream` at nothing, so that the flush at exit cannot fail again."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _make_writable():
    """Replace what the terminal's encoding lacks, rather than fail on it."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def main(argv=None):
    """Run `loopcert` on the arguments `argv` (of the process by default); return its status."""
    _make_writable()
    try:
        status = _dispatch(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except UserError as error:
        sys.stderr.write(f"loopcert: error: {one_line(error)}\n")
        return 2
    except BrokenPipeError:
        _silence(sys.stdout)
        return NO_READER
    except KeyboardInterrupt:
        sys.stderr.write("\nloopcert: interrupted\n")
        return INTERRUPTED
    except SystemExit as stop:  # tyro's way out of --help
        if stop.code:
            raise
        return 0
    return status
