"""The page that maps the papers' algorithms to functions names functions that are there."""

import importlib
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "algorithms.md"
NAMES = sorted(set(re.findall(r"`((?:theory|sims|empirical)\.[\w.]+)", PAGE.read_text("utf-8"))))
CLASSES = {
    "LoopConfig": "empirical.schedule", "TrainingConfig": "empirical.training",
    "Task": "empirical.task", "NearestAnchor": "empirical.curate",
}


@pytest.mark.parametrize("name", NAMES)
def test_what_the_page_names_is_there(name):
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            thing = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            thing = getattr(thing, part)
        return
    pytest.fail(f"no module of {name}")


def test_arguments_of_configs_exist():
    text = PAGE.read_text("utf-8")
    for kind, argument in re.findall(r"`(\w+)\((\w+)=", text):
        module = importlib.import_module(CLASSES[kind])
        assert argument in getattr(module, kind).__dataclass_fields__
    known = importlib.import_module("empirical.schedule").LoopConfig.__dataclass_fields__
    assert set(re.findall(r"LoopConfig\([^)]*, (\w+)=", text)) <= set(known)


def test_claims_named_exist():
    from loopcert import claims

    known = {claim.id for claim in claims()}
    for name in re.findall(r"\b(?:SW|SC|BP|KV)-[A-Z]*\d+\b", PAGE.read_text("utf-8")):
        assert name in known or any(k.startswith(name) for k in known), name
