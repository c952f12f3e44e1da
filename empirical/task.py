"""What a task fills in, so that one driver can run every loop.

A task is a folder `empirical/NAME/` whose `task.py` offers `TASK`, a subclass of :class:`Task`,
beside `config.py` (`Config`) and `presets.py` (`PRESETS`), which import no torch. The driver
(:mod:`empirical.loop`) owns the rounds, the schedule, curation, mixing, training, checkpoints and
records; a task says what its items are, how its model is built, how it generates, what it is
trained to do, and what is measured.
"""

import abc
import ast
import importlib
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import ClassVar

__all__ = [
    "Arm", "Generated", "Measurement", "Outline", "Preset", "Task", "find", "names", "outline",
]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number that was measured on a model or on data.

    Attributes
    ----------
    metric : str
        What: "accuracy@2%", "loss", "fid".
    value : float
        The number.
    stderr : float
        Its standard error from the finite test set; NaN where none is known.
    n : int
        How many items it is an average of.
    split : str
        What it was measured on: "test", "train", "kept", "proposed".
    """

    metric: str
    value: float
    stderr: float = float("nan")
    n: int = 0
    split: str = "test"


@dataclass(frozen=True, slots=True)
class Generated:
    """What a model proposed.

    Attributes
    ----------
    items : dict of arrays
        The proposals, in the order of the indices asked for.
    evaluations : int
        Forward passes of the network, counted per item.
    """

    items: dict
    evaluations: int


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm of a comparison: a name and what it changes.

    Attributes
    ----------
    name : str
        As in the tables and figures.
    changes : dict
        Dotted keys of the config and their values, as after `--set`.
    """

    name: str
    changes: dict


@dataclass(frozen=True, slots=True)
class Preset:
    """A size of a task's comparison.

    Attributes
    ----------
    name : str
        "smoke", "desk", "night", "gpu" or "paper".
    summary : str
        One line: what it shows, and on what machine in which time.
    changes : dict
        Dotted keys of the config and their values, for all arms.
    arms : tuple of Arm
        What is compared; every arm runs with the same seeds.
    seeds : int
        How many paired seeds.
    minutes : float
        Estimated minutes of the whole comparison on the machine that `summary` names.
    """

    name: str
    summary: str
    changes: dict = field(default_factory=dict)
    arms: tuple = (Arm("loop", {}),)
    seeds: int = 1
    minutes: float = float("nan")


class Task(abc.ABC):
    """One self-consuming loop with a real model.

    A task holds no state between calls: whatever it returns depends on its arguments and its
    config alone, so that a killed run can be resumed bit for bit.

    Parameters
    ----------
    config : Config
        An instance of the class's `Config`.
    device : str
        Torch device: "cpu", "cuda", "cuda:1".
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    Config: ClassVar[type]  # frozen dataclass: its own fields, and `loop`, `base`, `update`
    presets: ClassVar[dict]  # name -> Preset
    after_base: ClassVar[tuple] = ()  # own fields that the base model does not depend on
    shard: ClassVar[int] = 1024  # items generated in one piece, always whole pieces

    def __init__(self, config, device="cpu"):
        self.config, self.device = config, device

    @abc.abstractmethod
    def build(self, generator):
        """Return a fresh model (torch.nn.Module, on the device) with weights from `generator`."""

    @abc.abstractmethod
    def real(self, split, streams):
        """Return the real items of a split: "train" (of the base model) or "test"."""

    @abc.abstractmethod
    def generate(self, model, indices, streams):
        """Return the :class:`Generated` proposals number `indices` (array of int, (n,)).

        What proposal i is depends on the model, i and `streams` alone, never on the others in
        the call: draw its noise by `streams.uniform(indices, ...)` or a child stream per item,
        and evaluate the network in batches of one fixed shape.
        """

    @abc.abstractmethod
    def quality(self, items):
        """Return how right each item is, in [0, 1]: 1 right and 0 wrong, or a score.

        Only a verifier and the reports see it; the model never does.
        """

    @abc.abstractmethod
    def loss(self, model, batch, generator):
        """Return the scalar training loss of a batch (items as torch tensors on the device).

        Noise, if the loss needs any, comes from `generator` (torch, on the device).
        """

    @abc.abstractmethod
    def evaluate(self, model, test, streams):
        """Return the :class:`Measurement` s of a model on the real test items."""

    def curator(self, streams):
        """Return the verifier or corrector that the config names; override to offer others."""
        from empirical import curate

        return curate.by_name(self.config.loop)

    def score(self, model, items, name):
        """Return the score called `name` of each item, for verifiers that are not oracles."""
        raise ValueError(f"score = {name!r}: task {self.name} has none")

    def flops(self, visits):
        """Return an estimate of the floating-point operations of `visits` forward passes."""
        return 0.0


def names():
    """Return the names of the tasks at hand, sorted: folders with a task and its presets."""
    here = Path(__file__).parent
    parts = (here.glob(f"*/{part}.py") for part in ("task", "presets"))
    return sorted(set.intersection(*({file.parent.name for file in part} for part in parts)))


def find(name):
    """Return the task class called `name`, or the one at "module:Class" of your own.

    Raises
    ------
    ValueError
        When there is none.
    """
    if ":" in name:
        return _own(name)
    _known(name)
    return importlib.import_module(f"empirical.{name}.task").TASK


def _known(name):
    if name not in names():
        close = get_close_matches(name, names(), n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise ValueError(f"task = {name!r}: {hint}must be one of {', '.join(names())}, or a "
                         "module:Class of your own")


def _own(place):
    module, _, name = place.partition(":")
    try:
        found = getattr(importlib.import_module(module), name, None)
    except ModuleNotFoundError as error:
        if not f"{module}.".startswith(f"{error.name}."):
            raise  # the module is there; what it needs is not
        found = None
    except (TypeError, ValueError):  # a relative or an empty name
        found = None
    if not (isinstance(found, type) and issubclass(found, Task)):
        raise ValueError(f"task = {place!r}: must name a Task in a module that Python finds")
    return found


@dataclass(frozen=True, slots=True)
class Outline:
    """What can be said of a task without its model: no torch is needed to read it.

    Attributes
    ----------
    name, summary : str
        As the task's own.
    Config : type
        Its config dataclass.
    presets : dict
        Name to :class:`Preset`.
    """

    name: str
    summary: str
    Config: type
    presets: dict


def outline(name):
    """Return the :class:`Outline` of a task.

    A task of ours keeps its config in `empirical/NAME/config.py` and its presets in
    `empirical/NAME/presets.py`, neither of which imports torch; one of your own is imported.

    Raises
    ------
    ValueError
        When there is none of this name.
    """
    if ":" in name:
        found = find(name)
        return Outline(found.name, found.summary, found.Config, found.presets)
    _known(name)
    config, presets = (
        importlib.import_module(f"empirical.{name}.{part}") for part in ("config", "presets")
    )
    return Outline(name, _summary(name), config.Config, presets.PRESETS)


def _summary(name):
    """Return what a task class assigns to `summary`, read without running its module."""
    tree = ast.parse((Path(__file__).parent / name / "task.py").read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "summary":
            return ast.literal_eval(node.value)
    return ""
