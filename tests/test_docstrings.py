"""Every public name is documented by the template, with an executed example."""

import importlib
import inspect
import pkgutil
import re

import pytest

import sims
import theory

MODULES = sorted(
    f"{package.__name__}.{m.name}"
    for package in (theory, sims)
    for m in pkgutil.iter_modules(package.__path__)
    if not m.name.startswith("_")
)


def public(module):
    """Yield (name, object) for the functions and classes that a module lists."""
    for name in importlib.import_module(module).__all__:
        yield name, getattr(importlib.import_module(module), name)


NAMES = [
    pytest.param(module, name, thing, id=f"{module}.{name}")
    for module in MODULES for name, thing in public(module) if callable(thing)
]


def test_there_are_names():
    assert len(NAMES) > 80


@pytest.mark.parametrize("module", MODULES)
def test_modules_list_their_names(module):
    found = importlib.import_module(module)
    assert found.__doc__
    assert len(set(found.__all__)) == len(found.__all__)


@pytest.mark.parametrize(("module", "name", "thing"), NAMES)
def test_docstring(module, name, thing):
    text = inspect.getdoc(thing)
    assert text, f"{module}.{name} has no docstring"
    first = text.split("\n\n")[0]
    assert first.endswith("."), first
    if inspect.isclass(thing):
        return
    for section in ("Parameters", "Returns", "Examples"):
        assert re.search(rf"^{section}\n-+$", text, re.M), f"{name} lacks {section}"
    assert ">>>" in text, f"{name} has no example"
    for parameter in inspect.signature(thing).parameters:
        assert re.search(rf"\b{parameter}\b", text), f"{name} does not explain {parameter}"


@pytest.mark.parametrize(("module", "name", "thing"),
                         [p for p in NAMES if p.values[0].startswith("theory.")])
def test_theory_names_its_claim_and_source(module, name, thing):
    if inspect.isclass(thing):
        return
    text = inspect.getdoc(thing)
    assert re.search(r"^Claim: ", text, re.M), f"{name} names no claim"
    assert re.search(r"^Source: ", text, re.M), f"{name} names no source"
