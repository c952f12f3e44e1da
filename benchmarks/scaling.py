"""How time and memory of the simulators grow: ``python -m benchmarks.scaling``.

Writes ``scaling.md``, ``scaling.csv``, ``scaling.json`` and ``scaling.png`` into ``docs/``
(``--out``). ``--tiny`` runs in seconds and shows that it works; its numbers mean nothing.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

import sims
from benchmarks.measure import SEED, cores, machine, table, write

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement.

    Attributes
    ----------
    simulator : str
    axis : str
        What grows: "n", "replicates", "d", "workers" or "memory".
    value : int
        How large it is.
    amount : float
        Seconds; or, for "memory", peak MiB of a process that runs nothing else.
    unit : str
        What one unit of work is.
    rate : float
        Units of work a second (0 for "memory").
    """

    simulator: str
    axis: str
    value: int
    amount: float
    unit: str
    rate: float


def _selection(rng, workers, n=1000, replicates=200, d=2):
    loop = sims.simulate_selection_loop(
        np.full(d, 1.0 / np.sqrt(d)), [n] * 5, 1.0, 2.0 * np.sqrt(d), replicates=replicates,
        rng=rng, workers=workers)
    return int(loop.proposals.sum()), "proposal"


def _law(rng, workers, n=10**6, replicates=20_000, d=2):
    sims.simulate_selection_loop(
        np.full(d, 1.0), [n] * 5, 1.0, 2.0, replicates=replicates, level="law", rng=rng,
        workers=workers)
    return replicates, "replicate"


def _correction(rng, workers, n=200, replicates=500, d=2):
    sims.simulate_correction_loop(
        n, n // 2, 1.0, 10, dim=d, replicates=replicates, rng=rng, workers=workers)
    return replicates * (n + 10 * (n // 2)), "point"


def _classifier(rng, workers, n=10_000, replicates=20, d=20):
    sims.simulate_pruned_classifier(
        1.5, d, n, 0.8, 0.3, 0.9, ridge=0.1, replicates=replicates, rng=rng, workers=workers)
    return replicates * n, "item"


def _regression(rng, workers, n=200, replicates=500, d=4):
    sims.simulate_verified_regression(
        np.full(d, 1.0), 0.0, 2.0, [n] * 10, replicates=replicates, rng=rng, workers=workers)
    return replicates * n * 10 * d, "kept label"


def _collapse(rng, workers, n=200, replicates=1000, d=2):
    sims.simulate_synthetic_loop(
        n, 10, dim=d, replicates=replicates, rng=rng, workers=workers)
    return replicates * 11 * n, "point"


RUNS = {
    "selection": _selection, "selection, law": _law, "correction": _correction,
    "pruned classifier": _classifier, "verified regression": _regression,
    "synthetic": _collapse,
}
AXES = {
    "n": {
        "selection": [100, 1000, 10_000, 100_000], "selection, law": [10**2, 10**6, 10**12],
        "correction": [20, 200, 2000, 20_000], "pruned classifier": [10**3, 10**4, 10**5],
        "verified regression": [20, 200, 2000, 20_000], "synthetic": [20, 200, 2000, 20_000],
    },
    "replicates": {name: values for name, values in (
        ("selection", [10, 100, 1000]), ("selection, law", [10**3, 10**4, 10**5, 10**6]),
        ("correction", [100, 1000, 10_000]), ("pruned classifier", [2, 20, 200]),
        ("verified regression", [100, 1000, 10_000]), ("synthetic", [100, 1000, 10_000]))},
    "d": {
        "selection": [1, 2, 5, 20, 100], "selection, law": [1, 2, 5, 20, 100],
        "correction": [1, 2, 5, 20], "pruned classifier": [3, 10, 50, 200],
        "verified regression": [1, 4, 16, 64], "synthetic": [1, 2, 5, 20],
    },
}
MEMORY = {"selection": [10**4, 10**6, 10**8], "pruned classifier": [10**4, 10**6, 10**7],
          "verified regression": [10**4, 10**6, 10**8], "synthetic": [10**4, 10**6, 10**8]}
_CHILD = """
import resource, sys
from pathlib import Path
import numpy as np
from benchmarks.scaling import RUNS
name, n = sys.argv[1], int(sys.argv[2])
RUNS[name](np.random.default_rng(0), 1, n=n, replicates=1)
status = Path("/proc/self/status")
if status.exists():  # Linux counts the parent's memory in ru_maxrss
    (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
    print(int(line.split()[1]) / 2**10)
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
"""


def timed(name, axis, value, repeats, workers=None, **given):
    """Return the Point of one setting: the median of some runs."""
    rng = np.random.default_rng(SEED)
    run, workers = RUNS[name], workers or cores()
    run(rng, workers, **(given | {"replicates": 1}))
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work, unit = run(rng, workers, **given)
        seconds.append(time.perf_counter() - start)
    median = statistics.median(seconds)
    return Point(name, axis, value, median, unit, work / median)


def peak_memory(name, n):
    """Return the Point of a process that runs one replicate of size n in a thread."""
    done = subprocess.run([sys.executable, "-c", _CHILD, name, str(n)], cwd=ROOT, text=True,
                          capture_output=True, check=True)
    return Point(name, "memory", n, float(done.stdout), "", 0.0)


def points(tiny=False, repeats=5, report=None):
    """Yield all measurements; `tiny` keeps the two smallest values of each axis."""
    few = slice(2 if tiny else None)
    small = {"replicates": 2} if tiny else {}
    for axis, names in AXES.items():
        for name, values in names.items():
            for value in values[few]:
                given = small | {axis: value}
                yield timed(name, axis, value, 1 if tiny else repeats, **given)
    for name in RUNS:
        # The longest runs of the axis of replicates: they have chunks to share.
        given = small or {"replicates": AXES["replicates"][name][-1]}
        for workers in _powers(cores()):
            yield timed(name, "workers", workers, 1 if tiny else repeats, workers, **given)
    for name, sizes in list(MEMORY.items())[: 1 if tiny else None]:
        for n in sizes[few]:
            yield peak_memory(name, n)


def _powers(most):
    """Return 1, 2, 4, ... up to `most`, and `most`."""
    values = [1]
    while values[-1] * 2 <= most:
        values.append(values[-1] * 2)
    return sorted({*values, most})


def lines(found):
    """Return the lines of the Markdown page, without its heading."""
    page = []
    titles = {"n": "points of a round, n", "replicates": "replicates", "d": "dimension d",
              "workers": "workers (threads)", "memory": "peak memory of one replicate by n"}
    for axis, title in titles.items():
        rows = [point for point in found if point.axis == axis]
        if axis == "memory":
            head = ("simulator", "n", "MiB")
            cells = [(p.simulator, f"{p.value:,}", f"{p.amount:.0f}") for p in rows]
        else:
            head = ("simulator", axis, "seconds", "rate")
            cells = [(p.simulator, f"{p.value:,}", f"{p.amount:.4f}",
                      f"{p.rate:,.0f} {p.unit}s/s") for p in rows]
        page += [f"## By {title}" if axis != "memory" else "## Memory", "",
                 *table(head, cells), ""]
    return page


def draw(found, path):
    """Plot the time along each axis, one line a simulator."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 4, figsize=(13, 3.2), layout="constrained")
    labels = {"n": "points of a round, n", "replicates": "replicates", "d": "dimension d",
              "workers": "workers"}
    for place, (axis, label) in zip(axes, labels.items()):
        for name, marker in zip(RUNS, "os^vDP"):
            part = [point for point in found if (point.axis, point.simulator) == (axis, name)]
            place.plot([p.value for p in part], [p.amount for p in part], marker=marker,
                       markersize=4, linewidth=1.2, label=name)
        place.set_xscale("log", base=2 if axis == "workers" else 10)
        place.set_yscale("log")
        place.set_xlabel(label)
        place.grid(alpha=0.3, linewidth=0.5)
    axes[0].set_ylabel("seconds")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside right upper", fontsize=8)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def main(arguments=None):
    """Measure, print and save."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="sizes of milliseconds")
    parser.add_argument("--repeats", type=int, default=5, help="runs behind each median")
    parser.add_argument("--out", type=Path, default=ROOT / "docs", help="folder of the results")
    options = parser.parse_args(arguments)
    found = []
    for point in points(options.tiny, options.repeats):
        found.append(point)
        print(f"{point.simulator:20s} {point.axis:10s} {point.value:>14,} {point.amount:10.4f}",
              flush=True)
    about = machine()
    head = ["# How the simulators scale", "",
            f"{about['cpu']}, {about['cores']} cores, Python {about['python']}, NumPy "
            f"{about['numpy']}, Numba {about['numba']}; medians of {options.repeats} runs, "
            f"{about['time'][:10]}. `python -m benchmarks.scaling` measures it again.", "",
            "![Seconds by n, replicates, d and workers](scaling.png)", ""]
    write(options.out / "scaling.md", "\n".join(head + lines(found)))
    records = [asdict(point) for point in found]
    write(options.out / "scaling.json",
          json.dumps({"machine": about, "tiny": options.tiny, "points": records}, indent=1) + "\n")
    write(options.out / "scaling.csv", "\n".join(
        [",".join(records[0])] + [",".join(f'"{v}"' if isinstance(v, str) else repr(v)
                                          for v in r.values()) for r in records]) + "\n")
    draw(found, options.out / "scaling.png")
    print(f"saved {options.out / 'scaling.md'}")


if __name__ == "__main__":
    main()
