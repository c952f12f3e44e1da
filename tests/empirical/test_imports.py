"""What is imported when, and what is never imported at all."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import empirical

FOLDER = Path(empirical.__file__).parent
FILES = sorted(FOLDER.rglob("*.py"))
LIGHT = ("empirical", "empirical.runs", "empirical.task", "empirical.config",
         "empirical.schedule", "empirical.events", "empirical.items", "empirical.streams",
         "empirical.choice", "empirical.training", "empirical.loop", "empirical.engine",
         "empirical.launch", "empirical.comparison", "empirical.identity", "empirical.predict")
HEAVY = ("torch", "transformers", "diffusers", "mujoco", "ray", "matplotlib", "statsmodels",
         "sklearn", "submitit")


def test_the_driver_imports_no_model_library():
    code = (f"import sys\nimport {', '.join(LIGHT)}\n"
            f"print(*sorted(set({HEAVY}) & set(sys.modules)))")
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                           check=True, cwd=FOLDER.parent)
    assert found.stdout.strip() == ""


FORBIDDEN = {"pickle", "cPickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}
CALLS = {("torch", "load"), ("torch", "save"), ("torch", "manual_seed"), ("pd", "read_pickle"),
         ("pandas", "read_pickle"), ("yaml", "load")}


def breaches(source):
    """Yield what in a source could run a file's code, or seeds somebody else's generator."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.split(".")[0] in FORBIDDEN)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in FORBIDDEN:
            yield node.module
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if (node.value.id, node.attr) in CALLS:
                yield f"{node.value.id}.{node.attr}"
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            yield "allow_pickle"
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("eval", "exec"):
            yield node.func.id


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(FOLDER)))
def test_nothing_is_ever_unpickled(file):
    assert not list(breaches(file.read_text()))


def test_the_rule_sees_each_breach():
    source = ("import pickle\nfrom dill import x\ntorch.load(f)\nnp.load(f, allow_pickle=True)\n"
              "eval(s)\ntorch.manual_seed(0)\n")
    assert len(list(breaches(source))) == 6
