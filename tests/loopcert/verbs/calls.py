"""What tests of the verbs that run loops ask of a call, and of a folder of runs."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

from empirical import comparison, runs

HERE = Path(__file__).parents[2] / "empirical"
TOY = "toy:Toy"
needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="the extra [empirical] is not installed"
)


def fail(call, verb, *arguments, **options):
    """Return the one line of a call that must exit with 2."""
    status, out, err = call(verb, *arguments, **options)
    assert (status, out) == (2, "")
    assert err.startswith("loopcert: error: ")
    assert err.count("\n") == 1
    return err


def weights(root):
    """Return the bytes of every model under a folder of runs."""
    return {str(f.relative_to(root)): f.read_bytes() for f in sorted(root.glob("*/models/*"))}


def numbers(root):
    """Return what every run under a folder measured."""
    return {r.name: r.metrics for r in runs.listed(root) if r.wanted["kind"] == "run"}


def same(root, other):
    """Assert that two folders hold the same results, bit for bit."""
    assert weights(root) == weights(other)
    first, second = numbers(root), numbers(other)
    assert first.keys() == second.keys()
    for name in first:
        pd.testing.assert_frame_equal(first[name], second[name], check_exact=True)


def files(root):
    """Return every file under a folder with its time and size."""
    return {f: (f.stat().st_mtime_ns, f.stat().st_size) for f in root.rglob("*") if f.is_file()}


def a_run(root, arm="oracle", seed=0):
    """Return the record of one arm and seed."""
    planned = comparison.read(comparison.saved(root)[0])
    name = next(c["run"] for c in planned["cells"] if (c["arm"], c["seed"]) == (arm, seed))
    return runs.read(root / name)


def cut(record, event):
    """Take a record back to before its first event of a kind, as if it had been killed there."""
    place = record.path / "events.jsonl"
    lines = place.read_text().splitlines(keepends=True)
    end = next(n for n, e in enumerate(record.events) if e["event"] == event)
    place.write_text("".join(lines[:end]))
