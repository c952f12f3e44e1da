"""Time a case against its baseline in the same run, and see that both give the same answers."""

import json
import os
import platform
import statistics
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks import limits

SEED = 20_260_101


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured for a case; times are medians, in seconds, of our number of replicates.

    Attributes
    ----------
    name : str
    replicates : int
    one, all : float
        Our time with one worker and with all cores.
    baseline : float
        Time of the program that one would write instead, scaled to as many replicates; it may
        use all cores.
    times_one, times_all : float
        Medians of baseline / one and baseline / all, each pair measured one after the other.
    limit, limit_blocks : float or None
        Time of drawing the numbers alone on one core, one by one in a compiled loop and in
        blocks by NumPy.
    share, share_blocks : float or None
        Share of that limit that one worker reaches.
    z : float
        Largest difference of the two programs' means in standard errors.
    target : float or None
        What times_all is meant to reach.
    """

    name: str
    replicates: int
    one: float
    all: float
    baseline: float
    times_one: float
    times_all: float
    limit: float | None
    limit_blocks: float | None
    share: float | None
    share_blocks: float | None
    z: float
    target: float | None

    @property
    def verdict(self):
        """Return whether the target was met, in a word."""
        if self.target is None:
            return ""
        return "met" if self.times_all >= self.target else "missed"


def cores():
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def clock(function, *arguments, **options):
    start = time.perf_counter()
    result = function(*arguments, **options)
    return time.perf_counter() - start, result


def _difference(ours, theirs):
    """Return the largest difference of means in standard errors."""
    ours, theirs = (np.concatenate(part).reshape(sum(map(len, part)), -1)
                    for part in (ours, theirs))
    error = np.hypot(*(a.std(axis=0, ddof=1) / np.sqrt(len(a)) for a in (ours, theirs)))
    gap = np.abs(ours.mean(axis=0) - theirs.mean(axis=0))
    # Two laws that differ by rounding alone (10^9 points a round) have no error to speak of.
    return float((gap / np.maximum(error, 1e-12)).max())


def measure(case, size="full", rounds=5, workers=None):
    """Return the Row of a case, from `rounds` runs of each program in turn."""
    rng = np.random.default_rng(SEED)
    workers = workers or cores()
    given = getattr(case, size)
    fewer = given | {"replicates": max(given["replicates"] // case.share, 2)}
    scale = given["replicates"] / fewer["replicates"]
    case.ours(rng, workers, **(given | {"replicates": 2}))  # compile before the clock starts
    times, ours, theirs = [], [], []
    for _ in range(rounds):
        one, (found, draws) = clock(case.ours, rng, 1, **given)
        both, (more, _) = clock(case.ours, rng, workers, **given)
        base, other = clock(case.theirs, rng, **fewer)
        ours += [found, more]
        theirs.append(other)
        times.append((one, both, base * scale))
    one, both, base = (statistics.median(column) for column in zip(*times))
    limit = blocks = None
    if draws is not None:
        limits.one_by_one(rng, limits.Draws(1, 1, 1))
        limit = statistics.median(clock(limits.one_by_one, rng, draws)[0] for _ in range(rounds))
        blocks = statistics.median(clock(limits.in_blocks, rng, draws)[0] for _ in range(rounds))
    return Row(
        case.name, given["replicates"], one, both, base,
        statistics.median(c / a for a, _, c in times),
        statistics.median(c / b for _, b, c in times), limit, blocks,
        None if limit is None else limit / one, None if blocks is None else blocks / one,
        _difference(ours, theirs), case.target)


def machine():
    """Return what the numbers depend on besides the code."""
    import numba
    import scipy

    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines()
                 if line.startswith("model name")]
        cpu = names[0] if names else cpu
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "cpu": cpu, "cores": cores(), "load": load, "python": platform.python_version(),
        "numpy": np.__version__, "scipy": scipy.__version__, "numba": numba.__version__,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


HEAD = ("simulator", "replicates", "1 worker", "all cores", "baseline", "x (1)", "x (all)",
        "limit", "z", "target")


def cells(row):
    """Return the cells of a table row as text."""
    share = "" if row.share is None else f"{row.share:.0%} / {row.share_blocks:.0%}"
    target = "" if row.target is None else f"{row.target:g}x {row.verdict}"
    return (row.name, f"{row.replicates:,}", f"{row.one * 1e3:.1f} ms", f"{row.all * 1e3:.1f} ms",
            f"{row.baseline * 1e3:.0f} ms", f"{row.times_one:.1f}", f"{row.times_all:.1f}", share,
            f"{row.z:.1f}", target)


def table(head, rows):
    """Return lines of a Markdown table with aligned columns."""
    rows = [tuple(map(str, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(head, *rows)]
    lines = [head, tuple("-" * width for width in widths), *rows]
    return ["| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths)) + " |"
            for line in lines]


def write(path, text):
    """Write a file whole or not at all."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(text)
    try:
        Path(file.name).replace(path)
    except BaseException:
        Path(file.name).unlink(missing_ok=True)
        raise


def save(rows, folder, size, name="simulators"):
    """Write the rows as JSON (with the machine), CSV and a Markdown table; return the paths."""
    folder = Path(folder)
    records = [asdict(row) for row in rows]
    document = {"machine": machine(), "size": size, "rows": records}
    lines = [",".join(records[0])] + [
        ",".join("" if v is None else f'"{v}"' if isinstance(v, str) else repr(v)
                 for v in record.values()) for record in records]
    texts = {".json": json.dumps(document, indent=1) + "\n", ".csv": "\n".join(lines) + "\n",
             ".md": "\n".join(table(HEAD, [cells(row) for row in rows])) + "\n"}
    for suffix, text in texts.items():
        write(folder / f"{name}{suffix}", text)
    return [folder / f"{name}{suffix}" for suffix in texts]
