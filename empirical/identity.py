"""What a run is: its config, its seed, the code of its task, and the machine's arithmetic.

Two runs with one identity end in the same bits. Library versions, the number of threads and the
processor's vector instructions belong to it, since sums in another order differ in the last bit.
"""

import ast
import functools
import importlib.metadata
import importlib.util
import os
import platform
import subprocess
import sys
from pathlib import Path

from empirical._files import sha256

__all__ = ["arithmetic", "code_hash", "surroundings"]

# The shared modules that a run's numbers pass through.
SHARED = (
    "_files", "choice", "curate", "items", "loop", "schedule", "streams", "task", "training",
)
READERS = ("presets.py", "predict.py", "exports.py", "pictures.py")
LIBRARIES = ("torch", "numpy", "scipy", "safetensors", "transformers", "diffusers", "mujoco")


def _meaning(source):
    """Return Python source without comments, layout and documentation."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


@functools.cache
def code_hash(module):
    """Return the hash of what a task's numbers come from; comments and documentation are free.

    Parameters
    ----------
    module : str
        Name of the module that defines the task. In a package, the whole folder counts, but for
        presets, which are config, and predictions, which only read what was measured.

    Raises
    ------
    ValueError
        When the module has no file.
    """
    here, place = Path(__file__).resolve().parent, _file(module)
    files = [place]
    if "." in module:
        files = sorted(f for f in place.parent.rglob("*.py") if f.name not in READERS)
    files = [here / f"{name}.py" for name in SHARED] + files + _imported(files, here)
    roots = (here, place.parent.parent)
    parts = [f"{_below(file, roots)}\n{_meaning(file.read_text())}" for file in files]
    return sha256("\n".join(parts).encode())


def _imported(files, here):
    """Return what files below `here` these import, and those again, in sorted order."""
    known, waiting = set(files) | {here / f"{name}.py" for name in SHARED}, list(files)
    found = set()
    while waiting:
        new = _imports(waiting.pop(), here) - found - known
        found |= new
        waiting += new
    return sorted(found)


def _imports(file, here):
    """Return the files below `here` that a file imports, wherever in it; but no readers."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    inside = (name.split(".")[1:] for name in names if name.startswith(f"{here.name}."))
    places = {here.joinpath(*parts).with_suffix(".py") for parts in inside if parts}
    return {place for place in places if place.is_file() and not _reads(place, here)}


def _reads(place, here):
    """Return whether a file only reads: records, presets, or what a user typed."""
    return place.name in READERS or place == here / "config.py"


def _file(module):
    """Return the file of a module, which need not be imported for that."""
    place = getattr(sys.modules.get(module), "__file__", None)
    if place is None and module != "__main__":
        spec = importlib.util.find_spec(module)
        place = spec and spec.origin
    if place is None:
        raise ValueError(f"task = in {module}: must stand in a file, whose code names its runs")
    return Path(place).resolve()


def _below(file, roots):
    return next(file.relative_to(root) for root in roots if file.is_relative_to(root))


@functools.cache
def _version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def arithmetic(device, threads):
    """Return what the last bits of a result depend on, a dict of plain values.

    Parameters
    ----------
    device : str
        Torch device.
    threads : int
        Threads of one model.
    """
    import torch

    versions = {name: _version(name) for name in LIBRARIES}
    found = {
        "device": torch.device(device).type,
        "threads": threads,
        "machine": platform.machine(),
        "vectors": torch.backends.cpu.get_cpu_capability(),
        "libraries": {name: version for name, version in versions.items() if version},
    }
    if found["device"] == "cuda":
        found["gpu"] = torch.cuda.get_device_name(device)
    return found


@functools.cache
def surroundings():
    """Return what else may help a reader to understand a run: never part of its identity."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "loopcert": _version("loopcert"),
        "commit": _commit(),
    }


def _commit():
    """Return the commit of the source tree, with "+" when it has changes; None without git."""
    here = Path(__file__).parent
    try:
        head, state = (
            subprocess.run(["git", "-C", here, *words], capture_output=True, text=True, check=True,
                           timeout=10).stdout.strip()
            for words in (["rev-parse", "HEAD"], ["status", "--porcelain", "--", "."])
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return head + ("+" if state else "")
