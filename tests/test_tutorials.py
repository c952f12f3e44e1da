"""The tutorials do what they say: every block of them is run, and prints what stands there.

In a page, a block after `<!-- file: NAME -->` is written to that file; `console` blocks hold
commands after "$ " and what they print; `python` blocks hold examples as at Python's prompt.
Names of runs depend on the machine: a name that a page prints stands for the one that comes up in
its place. In pages that train models, numbers may differ in the third digit.
"""

import doctest
import importlib
import importlib.util
import io
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from loopcert import cli

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "tutorials"
EXAMPLES = ROOT / "examples"
TRAINS = ("budget", "own_loop")
TOLERANCE = 0.02

NAME = re.compile(r"\b[a-z]+-(?:[a-z]+-)?[0-9a-f]{8,12}\b")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")


def blocks(text):
    """Return (language, name of the file or "", text) of the fenced blocks of a page."""
    pattern = re.compile(r"(?:<!-- file: (\S+) -->\n)?^```(\w+)\n(.*?)^```$", re.M | re.S)
    return [(language, name or "", body) for name, language, body in pattern.findall(text)]


class Reader:
    """Somebody who follows a page in a folder of their own."""

    def __init__(self):
        self.names, self.globals = {}, {"__name__": "page"}

    def commands(self, body):
        """Yield (command, what the page says it prints) of a console block."""
        for part in re.split(r"^\$ ", body, flags=re.M)[1:]:
            command, _, printed = part.partition("\n")
            yield command, printed

    def does(self, command):
        """Return what a command prints."""
        for ours, theirs in self.names.items():
            command = command.replace(ours, theirs)
        program, *arguments = shlex.split(command)
        out = io.StringIO()
        with redirect_stdout(out):
            if program == "loopcert":
                status = cli.main(arguments)
                assert status != 2, command
            elif program == "python":
                runpy.run_path(arguments[0], run_name="__main__")
            else:
                out.write(subprocess.run(
                    [program, *arguments], capture_output=True, check=True, text=True).stdout)
        return out.getvalue()

    def says(self, source):
        """Return what Python prints for one example."""
        out = io.StringIO()
        with redirect_stdout(out):
            exec(compile(source, "<page>", "single"), self.globals)
        return out.getvalue()

    def agrees(self, want, got, tolerance):
        """Return whether two lines say the same; names of runs are learnt on the way."""
        for ours, theirs in zip(NAME.findall(want), NAME.findall(got)):
            self.names.setdefault(ours, theirs)
        for ours, theirs in self.names.items():
            want = want.replace(ours, theirs)
        want, got = " ".join(want.split()), " ".join(got.split())
        if want == got:
            return True
        if NUMBER.sub("#", want) != NUMBER.sub("#", got):
            return False
        pairs = zip(map(float, NUMBER.findall(want)), map(float, NUMBER.findall(got)))
        return all(abs(one - two) <= tolerance * max(abs(one), 0.05) for one, two in pairs)


def complain(what, want, got, reader, tolerance):
    """Fail unless the lines agree; "..." stands for any lines."""
    want, got = want.strip().splitlines(), got.strip().splitlines()
    if "..." in want:
        cut = want.index("...")
        want, got = want[:cut] + want[cut + 1:], got[:cut] + got[len(got) - len(want) + cut + 1:]
    assert len(want) == len(got), f"{what}: prints\n" + "\n".join(got)
    for ours, theirs in zip(want, got):
        assert reader.agrees(ours, theirs, tolerance), f"{what}: prints\n{theirs}\nnot\n{ours}"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a folder with the examples' data, where a reader stands; forgets their modules."""
    for file in [*EXAMPLES.glob("*.csv"), EXAMPLES / "mean_loop.py"]:
        shutil.copy(file, tmp_path)
    known = set(sys.modules)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delenv("LOOPCERT_RUNS", raising=False)
    importlib.invalidate_caches()
    yield tmp_path
    for name in set(sys.modules) - known:
        if getattr(sys.modules[name], "__file__", None) and \
                Path(sys.modules[name].__file__).parent == tmp_path:
            del sys.modules[name]


@pytest.mark.parametrize("page", sorted(path.stem for path in PAGES.glob("*.md")))
def test_every_block_of_a_page_does_what_it_says(page, folder):
    if page in TRAINS and importlib.util.find_spec("torch") is None:
        pytest.skip("the extra [empirical] is not installed")
    reader, tolerance = Reader(), TOLERANCE if page in TRAINS else 0.0
    for language, name, body in blocks((PAGES / f"{page}.md").read_text("utf-8")):
        if name:
            (folder / name).write_text(body, "utf-8")
        elif language == "console":
            for command, printed in reader.commands(body):
                complain(command, printed, reader.does(command), reader, tolerance)
        elif language == "python":
            for example in doctest.DocTestParser().get_examples(body):
                complain(example.source, example.want, reader.says(example.source), reader,
                         tolerance)


@pytest.mark.parametrize("page", sorted(path.stem for path in PAGES.glob("*.md")))
def test_files_in_pages_are_the_examples(page):
    for _, name, body in blocks((PAGES / f"{page}.md").read_text("utf-8")):
        if name:
            assert body == (EXAMPLES / name).read_text("utf-8")


def test_there_are_four_tutorials():
    assert {path.stem for path in PAGES.glob("*.md")} == {
        "verifier", "budget", "own_loop", "own_theorem"}


def test_a_loop_of_your_own_has_less_than_a_hundred_lines():
    assert len((EXAMPLES / "mean_loop.py").read_text().splitlines()) < 100


@pytest.mark.parametrize("page", sorted(path.stem for path in PAGES.glob("*.md")))
def test_links_lead_somewhere(page):
    text = (PAGES / f"{page}.md").read_text("utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (PAGES / target).exists(), target


@pytest.mark.parametrize(("want", "got", "same"), [
    ("K 0.7345 x", "K 0.7345  x", True), ("K 0.7345", "K 0.7400", True),
    ("K 0.7345", "K 0.8345", False), ("K 0.7345", "K", False), ("a 1", "b 1", False),
    ("mean-2feb8ac049c0 1", "mean-76f724e266ca 1", True),
])
def test_what_counts_as_the_same(want, got, same):
    assert Reader().agrees(want, got, TOLERANCE) == same
