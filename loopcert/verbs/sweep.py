"""`loopcert sweep`: run every combination of some values, each with the same seeds."""

from dataclasses import dataclass

from loopcert._options import several, words
from loopcert._usage import UserError
from loopcert.verbs import run as running

__all__ = ["PACKAGES", "Options", "grid", "run"]

PACKAGES = running.PACKAGES


@dataclass(frozen=True)
class Options(running.Options):
    """Run a task with every combination of some values of its config. Each combination is an arm,
    "key=a key2=b", and runs with the same seeds; runs that are finished are not run again, so
    that a sweep can be stopped, resumed, refined and widened. The options are those of run.

    The values of a key are separated by commas. Values that hold commas themselves, such as
    explicit schedules, are separated by semicolons; a single one of those ends with one:

      --grid loop.schedule=constant,linear             two schedules
      --grid "loop.schedule=100,200;200,100"           two explicit schedules
      --grid "loop.schedule=100,200;"                  one

    examples:
      loopcert sweep eigen --grid loop.accept_wrong=0,0.1,0.3 --set loop.curate=noisy
      loopcert sweep eigen --grid loop.rounds=1,2,4 --grid loop.schedule=constant,exponential
      loopcert sweep eigen --arms oracle none --grid loop.start=warm,scratch
      loopcert sweep eigen --grid size=3,5 --preset gpu --dry-run --json

    exit status: 0 all held, 1 a run failed or a prediction disagrees, 2 unusable input,
    75 stopped (time limit, SIGTERM or Ctrl-C): the same command goes on
    """

    grid: several("KEY=A,B,C") = ()
    """Values of a key to try, in all combinations with those of the other keys."""

    arms: words("NAME", "(default: the preset's common values)") = None
    """Sweep these arms of the preset, each; without, what all its arms have in common."""


def run(options):
    """Run, print; return the exit status."""
    found = grid(options.grid)
    twice = set(found) & set(running.pairs("--set", options.set))
    if twice:
        raise UserError(f"--set {min(twice)}: is in --grid too")
    running.ready(options)
    return running.start(options, _arms(options, found), "sweep")


def grid(given):
    """Return the texts KEY=A,B,C of --grid as a dict from key to values.

    Examples
    --------
    >>> grid((("loop.rounds=1,2",), ("loop.schedule=10,20;30", "size=3")))
    {'loop.rounds': ['1', '2'], 'loop.schedule': ['10,20', '30'], 'size': ['3']}
    """
    if not given:
        raise UserError("missing: --grid KEY=A,B,C (see loopcert sweep --help)")
    found = {}
    for text in (text for group in given for text in group):
        key, values = next(iter(running.pairs("--grid", ((text,),)).items()))
        mark = ";" if ";" in values else ","
        values = [value.strip() for value in values.split(mark) if value.strip()]
        if not values:
            raise UserError(f"--grid {text!r}: needs at least one value")
        if key in found or len(set(values)) < len(values):
            what = "key" if key in found else "value"
            raise UserError(f"--grid {text!r}: the same {what} twice")
        found[key] = values
    return found


def _arms(options, values):
    """Return the arms of a sweep: every combination, of every arm that was named."""
    from empirical.comparison import combinations
    from empirical.task import outline

    try:
        presets = outline(options.task).presets
    except ValueError as error:
        raise UserError(str(error)) from None
    known = {arm.name: arm for arm in running.known_preset(options, presets).arms}
    for name in options.arms or ():
        if name not in known:
            raise UserError(f"arm = {name!r}: must be one of {', '.join(known)}")
    return combinations(values, [known[name] for name in options.arms or ()])
