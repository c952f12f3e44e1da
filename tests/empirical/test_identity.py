"""The code that a run's numbers come from is in its name, and nothing else is."""

import sys

import pytest

from empirical import identity


@pytest.fixture
def task(tmp_path, monkeypatch):
    """Return write(text) -> hash of a task of one's own with this source."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(text, name="some_loop"):
        (tmp_path / f"{name}.py").write_text(text)
        sys.modules.pop(name, None)
        identity.code_hash.cache_clear()
        return identity.code_hash(name)

    return write


def test_comments_and_documentation_are_free(task):
    assert task("x = 1\n") == task('"""Says more."""\nx = 1  # why\n')
    assert task("x = 1\n") != task("x = 2\n")


def test_imports_are_followed_but_not_into_readers(tmp_path):
    here = tmp_path / "empirical"
    here.mkdir()
    sources = {
        "one": "from empirical import two\n", "two": "import empirical.three as t\n",
        "three": "def f():\n    from empirical import presets, config, four\n",
        "four": "", "five": "", "presets": "", "config": "",
    }
    for name, source in sources.items():
        (here / f"{name}.py").write_text(source)
    found = identity._imported([here / "one.py"], here)
    assert [file.name for file in found] == ["four.py", "three.py", "two.py"]
