"""What the tests of the driver share: the toy task, and runs of it."""

import importlib.util
import sys
from pathlib import Path

import pytest

# Pools import the task by name in new processes, which get this path from their parent.
sys.path.insert(0, str(Path(__file__).parent))

try:
    TORCH = importlib.util.find_spec("torch") is not None
except ValueError:  # a test of this very case put None in its place
    TORCH = False

if TORCH:
    import torch

    torch.set_num_threads(1)
else:  # test_installed.py says so
    collect_ignore_glob = [
        f.name for f in Path(__file__).parent.glob("*.py") if f.name != "test_installed.py"
    ]


@pytest.fixture(scope="session")
def here(tmp_path_factory):
    """Return a folder for runs that several tests of a session read."""
    return tmp_path_factory.mktemp("runs")
