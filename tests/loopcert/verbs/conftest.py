"""A task of milliseconds, its runs, and the command line on them."""

import shutil
import sys
from pathlib import Path

import pytest

from empirical import launch
from loopcert import cli

sys.path.insert(0, str(Path(__file__).parent))
from calls import HERE, TOY


@pytest.fixture(autouse=True)
def _toy(monkeypatch):
    """Let Python find the task as one of the user's own."""
    monkeypatch.syspath_prepend(HERE)


@pytest.fixture
def loop(tmp_path, capsys):
    """Return a function that runs a verb of the command line on a folder of runs of this test."""

    def call(verb, *arguments, root=tmp_path / "runs"):
        status = cli.main([verb, *arguments, "--runs-dir", str(root)])
        out, err = capsys.readouterr()
        return status, out, err

    return call


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """Return a folder with the finished, uninterrupted runs of the preset smoke."""
    root = tmp_path_factory.mktemp("whole") / "runs"
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(HERE)
        assert launch.run(TOY, runs_dir=root).problems == ()
    return root


@pytest.fixture
def copied(whole, tmp_path):
    """Return a copy of those runs that a test may damage."""
    return Path(shutil.copytree(whole, tmp_path / "runs"))
