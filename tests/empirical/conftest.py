"""What the tests of the driver share: the toy task, and runs of it."""

import sys
from pathlib import Path

import pytest
import torch

# Pools import the task by name in new processes, which get this path from their parent.
sys.path.insert(0, str(Path(__file__).parent))


torch.set_num_threads(1)


@pytest.fixture(scope="session")
def here(tmp_path_factory):
    """Return a folder for runs that several tests of a session read."""
    return tmp_path_factory.mktemp("runs")
