"""What is installed: whether our packages are ours, versions, and the extras."""

import importlib.metadata
import importlib.util
import json
import re
import sys
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

from loopcert._usage import UserError

__all__ = [
    "Extra",
    "Foreign",
    "Requirement",
    "extras",
    "foreign_packages",
    "home",
    "install_command",
    "require",
]

REQUIRED = ("theory", "sims", "paper_figures")  # the last holds the printed numbers
OPTIONAL = ("empirical",)


@dataclass(frozen=True, slots=True)
class Foreign:
    """A package that carries the name of one of ours and is not ours.

    Attributes
    ----------
    name : str
        The import name.
    where : str or None
        Where Python would take it from; None when there is none.
    """

    name: str
    where: str | None


@dataclass(frozen=True, slots=True)
class Requirement:
    """A distribution that an extra (or the core) needs.

    Attributes
    ----------
    name : str
        Name of the distribution.
    minimum : str
        The oldest version that will do; empty when any does.
    version : str or None
        The installed version; None when there is none.
    """

    name: str
    minimum: str
    version: str | None

    @property
    def met(self):
        """Whether it is installed, and new enough."""
        return self.version is not None and _release(self.version) >= _release(self.minimum)


@dataclass(frozen=True, slots=True)
class Extra:
    """An optional part of loopcert.

    Attributes
    ----------
    name : str
        Name of the extra; empty for the core.
    requirements : tuple of Requirement
        What it needs.
    """

    name: str
    requirements: tuple[Requirement, ...]

    @property
    def missing(self):
        """The requirements that are not met."""
        return tuple(need for need in self.requirements if not need.met)


def home():
    """Return the folder that holds the package loopcert, and should hold its sisters."""
    return Path(__file__).resolve().parents[1]


def _release(version):
    return tuple(int(part) for part in re.match(r"[\d.]*", version)[0].split(".") if part)


def _place(name):
    """Return the folder that holds the package `name`, or None, without importing it."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    if spec.origin and spec.submodule_search_locations:
        return Path(spec.origin).resolve().parents[1]
    if spec.submodule_search_locations:  # a bare folder that merely has the name
        return Path(next(iter(spec.submodule_search_locations))).resolve()
    return Path(spec.origin or "built-in")


def foreign_packages(names=REQUIRED):
    """Return those of `names` that do not resolve beside loopcert.

    Examples
    --------
    >>> foreign_packages()
    ()
    """
    places = ((name, _place(name)) for name in names)
    return tuple(
        # An editable install that is older than the package knows but its bare folder.
        Foreign(name, None if place in (None, home() / name) else str(place))
        for name, place in places if place != home()
    )


def _requirement(text):
    name, minimum = re.match(r"([\w.-]+)\s*(?:\[[^]]*\])?\s*\(?(?:>=\s*([\w.]+))?", text).groups()
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        version = None
    return Requirement(name, minimum or "", version)


def extras():
    """Return the core (named "") and every extra, with what each needs and what is there."""
    found = importlib.metadata.metadata("loopcert")
    needs = {"": []} | {name: [] for name in sorted(found.get_all("Provides-Extra") or ())}
    for line in importlib.metadata.requires("loopcert") or ():
        text, _, marker = line.partition(";")
        extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)['\"]", marker)
        needs[extra[1] if extra else ""].append(_requirement(text.strip()))
    return tuple(Extra(name, tuple(items)) for name, items in needs.items())


def _editable_root():
    text = importlib.metadata.distribution("loopcert").read_text("direct_url.json")
    source = json.loads(text) if text else {}
    if not source.get("dir_info", {}).get("editable"):
        return None
    return urllib.parse.unquote(urllib.parse.urlparse(source["url"]).path)


def install_command(extra=""):
    """Return the command that installs `extra` into the Python that runs now.

    Examples
    --------
    >>> "[figures]" in install_command("figures")
    True
    """
    root = _editable_root()
    wanted = f"[{extra}]" if extra else ""
    target = f"-e '{root}{wanted}'" if root else f"'loopcert{wanted}'"
    return f"{sys.executable} -m pip install {target}"


def require(package, extra, what):
    """Refuse to go on without `package`, naming the command that installs its extra.

    Parameters
    ----------
    package : str
        Import name.
    extra : str
        Name of the extra that has it; empty for what comes with loopcert.
    what : str
        Who needs it, in the plural: "figures".
    """
    if importlib.util.find_spec(package) is None:
        raise UserError(
            f"{what} need {package}, which is not installed (repair: {install_command(extra)})"
        )
