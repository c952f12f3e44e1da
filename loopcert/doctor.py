"""What can run here: Python, packages, threads, GPU, data, folders."""

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from loopcert._install import OPTIONAL, REQUIRED, extras, foreign_packages, home, install_command

__all__ = ["Finding", "examine", "usable_cores"]

OK, NOTE, FAIL = "ok", "note", "fail"
THREAD_VARIABLES = (
    "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS",
)
PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    name : str
        What it is.
    state : str
        "ok", "note" (works, with something missing) or "fail" (loopcert cannot work).
    detail : str
        What was found.
    repair : str
        The command or the change that would mend it; empty when there is nothing to mend.
    """

    name: str
    state: str
    detail: str
    repair: str = ""


def usable_cores():
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def examine(report=Path("report"), runs=None):
    """Return the :class:`Finding` of everything that loopcert depends on, in a fixed order."""
    runs = Path(runs or os.environ.get("LOOPCERT_RUNS") or "runs")
    return (
        _python(), _loopcert(), *_packages(), *_extras(), _threads(), _memory(), _gpu(),
        *_data(), _folder("report folder", report), _folder("runs folder", runs),
    )


def _python():
    detail = f"{platform.python_version()} ({platform.system()} {platform.machine()})"
    if sys.version_info >= PYTHON:
        return Finding("python", OK, f"{detail}, {sys.executable}")
    return Finding("python", FAIL, detail, f"install Python {'.'.join(map(str, PYTHON))} or newer")


def _loopcert():
    return Finding("loopcert", OK, f"{importlib.metadata.version('loopcert')} in {home()}")


def _packages():
    """Find whether the packages that come with loopcert are the ones that Python would import."""
    foreign = {package.name: package for package in foreign_packages((*REQUIRED, *OPTIONAL))}
    for name in (*REQUIRED, *OPTIONAL):
        if name not in foreign:
            if name in REQUIRED or (home() / name).is_dir():
                yield Finding(f"package {name}", OK, "beside loopcert")
            continue
        where = foreign[name].where
        if where is None and name in OPTIONAL:
            if (home() / name).is_dir():
                yield Finding(f"package {name}", NOTE, "is newer than this installation",
                              install_command())
        elif where is None:
            yield Finding(f"package {name}", FAIL, "is not installed", install_command())
        else:
            yield Finding(f"package {name}", FAIL, f"{where} is not ours",
                          f"rename it, or run elsewhere: ours lies in {home()}")


def _extras():
    for extra in extras():
        name = f"extra {extra.name}" if extra.name else "core packages"
        if not extra.missing:
            shown = ", ".join(f"{need.name} {need.version}" for need in extra.requirements)
            yield Finding(name, OK, shown)
            continue
        lacking = ", ".join(_wanted(need) for need in extra.missing)
        state = NOTE if extra.name else FAIL
        yield Finding(name, state, f"missing: {lacking}", install_command(extra.name))


def _wanted(need):
    least = f" >= {need.minimum}" if need.minimum else ""
    found = f" (found {need.version})" if need.version else ""
    return f"{need.name}{least}{found}"


def _threads():
    set_ = [f"{name}={os.environ[name]}" for name in THREAD_VARIABLES if name in os.environ]
    detail = f"{usable_cores()} of {os.cpu_count()} cores usable"
    return Finding("threads", OK, ", ".join([detail, *set_]))


def _memory():
    try:
        pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return Finding("memory", NOTE, "unknown")
    return Finding("memory", OK, f"{pages * size / 2**30:.1f} GiB")


def _gpu():
    """Find a GPU by its own tool: importing torch to ask it would take a second and a gigabyte."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return Finding("gpu", NOTE, "none found (no nvidia-smi); everything runs on the CPU")
    query = [program, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding("gpu", NOTE, f"nvidia-smi does not answer: {error}")
    devices = "; ".join(line.strip() for line in answer.stdout.splitlines() if line.strip())
    if answer.returncode or not devices:
        return Finding("gpu", NOTE, "nvidia-smi finds none; everything runs on the CPU")
    if not _installed("torch"):
        return Finding("gpu", NOTE, f"{devices}, but no torch", install_command("empirical"))
    return Finding("gpu", OK, devices)


def _installed(name):
    try:
        return importlib.metadata.version(name) is not None
    except importlib.metadata.PackageNotFoundError:
        return False


def _data():
    """Find local data; nothing needs them, since every task has data of its own."""
    hub = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface") / "hub"
    offline = os.environ.get("HF_HUB_OFFLINE", "") not in ("", "0")
    names = sorted(path.name for path in hub.glob("*--*")) if hub.is_dir() else []
    detail = f"{len(names)} models and data sets in {hub}" if names else f"nothing in {hub}"
    yield Finding("hub cache", OK if names else NOTE, detail + (", offline" if offline else ""))
    if _installed("scikit-learn"):
        yield Finding("digits", OK, "1,797 real 8x8 images, with scikit-learn")
    else:
        yield Finding("digits", NOTE, "no scikit-learn, whose 8x8 images the smallest runs use",
                      install_command("empirical"))


def _folder(name, path):
    """Find whether `path` can be written to, without leaving anything behind."""
    path = Path(path)
    there = path
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
        free = shutil.disk_usage(there).free / 2**30
    except OSError as error:
        reason = f"{path} cannot be written to: {error.strerror or error}"
        return Finding(name, FAIL, reason, "choose another folder")
    state = "exists" if path.exists() else "can be made"
    return Finding(name, OK, f"{path} {state}, {free:.1f} GiB free")
