"""`loopcert figures`: redraw the papers' figures, theory and simulation on the same axes."""

from dataclasses import dataclass
from pathlib import Path

from tyro.conf import Positional

from loopcert._install import require
from loopcert._options import place, whole, words
from loopcert._usage import UserError, suggestion

__all__ = ["Options", "run"]

FALSE_ALARM = 1e-6  # of one call, over all its comparisons


@dataclass(frozen=True)
class Options:
    """Draw figures of the papers, and ours: what theory says over what was simulated. Each is
    written as PDF, PNG, and CSV with the numbers behind it; theory and simulation are compared
    point by point. Tables and figures of the papers' experiments are drawn from finished runs, or
    left out where there are none.

    examples:
      loopcert figures --list                   names, sources and titles
      loopcert figures                          all of them, a minute each at most
      loopcert figures sw_fig2 ul_stop --quick  two, in seconds
      loopcert figures sc_fig5 --seed 7 --out plots
      loopcert figures bp_table1 --runs-dir runs    from runs, ours beside the published numbers

    exit status: 0 theory and simulation agree, 1 they do not somewhere, 2 unusable input
    """

    names: Positional[words("NAME", "(default: all)")] = None
    """Figures to draw."""

    list: bool = False
    """List the figures instead of drawing them."""

    quick: bool = False
    """Simulate less: seconds a figure instead of up to a minute."""

    out: place("DIR") = Path("figures")
    """Folder that the files are written to."""

    seed: whole(0) = 0
    """Seed of the simulations; a figure's numbers depend on it and on nothing else."""

    runs_dir: place("DIR", "(default: the recorded results)") = None
    """Folder of runs, or one that loopcert runs export wrote, for what is drawn from runs."""

    json: bool = False
    """Print as JSON."""


def run(options):
    """List or draw; return 1 when theory and simulation differ too much, 0 otherwise."""
    from paper_figures.catalogue import FIGURES

    entries = [FIGURES[name] for name in _known(options.names, FIGURES)]
    if options.list:
        _list(entries, options)
        return 0
    require("matplotlib", "figures", "figures")
    entries, skipped = _drawable(entries, options)
    _require_writable(options.out)
    made = _make(entries, options)
    return _show(made, options, skipped)


def _known(names, figures):
    for name in names or ():
        if name not in figures:
            raise UserError(
                f"unknown figure {name!r}{suggestion(name, figures)} "
                f"(loopcert figures --list lists all)"
            )
    return dict.fromkeys(names or figures)


def _drawable(entries, options):
    """Return the entries that can be drawn, and a line on each whose runs are missing.

    Raises
    ------
    UserError
        For one of these that was asked for by name, or a folder of runs that is none.
    """
    from paper_figures.results import Missing, find

    if options.runs_dir is not None and not options.runs_dir.is_dir():
        raise UserError(f"--runs-dir {str(options.runs_dir)!r}: is not a folder")
    drawable, skipped = [], []
    for entry in entries:
        try:
            if entry.needs:
                find(entry, options.runs_dir)
        except Missing as missing:
            skipped.append(str(missing))
        except (ValueError, KeyError, OSError) as error:
            raise UserError(f"--runs-dir {str(options.runs_dir)!r}: {error}") from None
        else:
            drawable.append(entry)
    if options.names and skipped:
        raise UserError(skipped[0])
    return drawable, skipped


def _list(entries, options):
    from loopcert import _json
    from loopcert._table import table, write

    if options.json:
        write(_json.dumps(entries))
        return
    table(
        ("name", "source", "title", "needs"),
        [(e.name, e.source, e.title, f"loopcert run {e.needs}" if e.needs else "-")
         for e in entries],
    )


def _require_writable(folder):
    from paper_figures.save import require_writable

    try:
        require_writable(folder)
    except OSError as error:
        raise UserError(
            f"--out {str(folder)!r}: cannot be written to: {error.strerror or error}"
        ) from None


def _make(entries, options):
    from loopcert._progress import progress
    from paper_figures.make import make

    made, preset = [], "quick" if options.quick else "full"
    with progress("figures") as advance:
        for done, entry in enumerate(entries):
            advance(done, len(entries), entry.name)
            try:
                made.append(make(entry.name, options.out, preset, options.seed,
                                 options.runs_dir))
            except OSError as error:
                raise UserError(
                    f"--out {str(options.out)!r}: cannot be written to: "
                    f"{error.strerror or error}"
                ) from None
    return made


def _show(made, options, skipped=()):
    """Print what was made; return the exit status."""
    from loopcert import _json
    from loopcert._table import number, table, write
    from sims.confidence import z_threshold

    limit = z_threshold(FALSE_ALARM, max(1, sum(figure.comparisons for figure in made)))
    apart = [figure for figure in made if figure.largest_z > limit]
    if options.json:
        write(_json.dumps({"ok": not apart, "threshold": limit, "figures": made,
                           "skipped": skipped}))
        return 1 if apart else 0
    table(
        ("figure", "compared", "largest |z|", "seconds", "files"),
        [
            (figure.name, figure.comparisons or "-",
             number(figure.largest_z, 3) if figure.comparisons else "-",
             f"{figure.seconds:.1f}", f"{options.out / figure.name}.{{pdf,png,csv}}")
            for figure in made
        ],
        right=(1, 2, 3),
    )
    if skipped or any(figure.comparisons for figure in made):
        write()
    for figure in apart:
        write(f"problem: {figure.name}: theory and simulation are {figure.largest_z:.1f} standard "
              f"errors apart (allowed: {limit:.1f})")
    for line in skipped:
        write(f"skipped: {line}")
    if any(figure.comparisons for figure in made):
        write("NOT all agree" if apart else "theory and simulation agree")
    return 1 if apart else 0
