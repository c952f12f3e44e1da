"""The floors of the house: an import only ever points down."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOOR = {"theory": 0, "sims": 0, "empirical": 1, "paper_figures": 2, "loopcert": 3}
FILES = sorted(f for name in FLOOR for f in (ROOT / name).rglob("*.py"))


def imported(tree):
    """Yield the top-level package of each absolute import in a syntax tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split(".")[0]


def upward(home, packages):
    """Return the packages that a file of `home` may not import."""
    return {p for p in packages if p in FLOOR and p != home and FLOOR[p] >= FLOOR[home]}


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_imports_point_down(file):
    home = file.relative_to(ROOT).parts[0]
    assert not upward(home, imported(ast.parse(file.read_text())))


def test_the_rule_sees_a_breach():
    tree = ast.parse("def f():\n    from sims import replicate\n    import loopcert.cli")
    assert upward("theory", imported(tree)) == {"sims", "loopcert"}
    assert upward("loopcert", imported(tree)) == set()


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_packages_hold_no_hidden_state(file):
    text = file.read_text()
    assert not re.search(r"\bnp\.random\.(seed|rand|randn|normal|uniform)\b", text)
    assert "torch.manual_seed" not in text


def test_heavy_imports_stay_out_of_the_core():
    heavy = {"torch", "transformers", "diffusers", "statsmodels", "matplotlib", "ray"}
    for file in FILES:
        if file.relative_to(ROOT).parts[0] in ("theory", "sims", "loopcert"):
            top = ast.Module(
                [n for n in ast.parse(file.read_text()).body
                 if isinstance(n, ast.Import | ast.ImportFrom)], [],
            )
            assert not heavy & set(imported(top)), file


def _strings(file):
    """The string literals of a module that are not documentation."""
    tree = ast.parse(file.read_text())
    prose = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in ("title", "note", "source", "loose",
                                                          "reading"):
            prose |= {id(n) for n in ast.walk(node.value)}
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            prose.add(id(node.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in prose:
            yield str(node.value)


@pytest.mark.parametrize("file", sorted((ROOT / "loopcert" / "statements").glob("*.py")),
                         ids=lambda f: f.name)
def test_no_verdict_is_typed(file):
    words = {"proved", "supported", "refuted", "open", "witnessed", "holds", "unknown"}
    assert not words & {s.strip().lower() for s in _strings(file)}


CLOSED_FORMS = {
    "shrinkage", "growth_factor", "terminal_law", "terminal_variance", "expected_reward",
    "toy_stationary", "toy_recursion", "majority_probability", "breakdown_point", "window",
}


@pytest.mark.parametrize("file", sorted((ROOT / "sims").glob("*.py")), ids=lambda f: f.name)
def test_sample_kernels_hold_no_closed_form_of_theory(file):
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef) and "sample" in node.name:
            names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
            assert not names & CLOSED_FORMS
            # The kept law N(rho theta, rho sigma^2) must come out of rejection, not go in.
            assert not names & {"rho", "shrink", "shrinkage", "alpha"}
