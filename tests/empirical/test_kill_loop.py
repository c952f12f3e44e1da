"""Runs that are killed at random moments, a few times; `benchmarks/kill_loop.py` does it more."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_random_moments_they_end_in_the_same_bits(tmp_path):
    memory = Path("/dev/shm")
    folder = memory / f"kill-loop-{os.getpid()}" if os.access(memory, os.W_OK) else tmp_path
    command = [sys.executable, "benchmarks/kill_loop.py", "toy:Toy", "--path", "tests/empirical",
               "--kills", "6", "--longest", "0.8", "--checkpoint-seconds", "0.001",
               "--folder", str(folder), "--set", "loop.mix=accumulate", "loop.start=scratch"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT,
                              env=os.environ | {"PYTHONPATH": str(ROOT)})
    finally:
        subprocess.run(["rm", "-rf", str(folder)], check=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "same bits" in done.stdout
    assert "6 kills" in done.stdout.splitlines()[-1]
    assert ", 0 that ended otherwise" in done.stdout.splitlines()[-1]
