"""A wrong constant in theory or in a simulator turns the claims that speak of it red.

Each case changes one place of a copied tree and checks its claims in a process of its own.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CHECK = """
import sys
from loopcert import ledger
from loopcert.examine import examine
claims = {claim.id: claim for claim in ledger.claims()}
library = {name: claim.statement for name, claim in claims.items()}
for name in sys.argv[1:]:
    results = examine(claims[name], library).results
    print("GREEN" if all(r.holds for r in results) else "RED", name)
"""

# file, what stands there, what is put there, the claim that must notice
THEORY = [
    ("_selection.py", "(1.0 / (1.0 + (sigma / kappa) ** 2))",
     "(1.0 / (1.02 + (sigma / kappa) ** 2))", "SW-01"),
    ("_reward.py", "exponent = mean.shape[-1] / 2 * log_growth(spread, kappa)",
     "exponent = mean.shape[-1] / 2.04 * log_growth(spread, kappa)", "SW-05"),
    ("_optimal_schedule.py", "rounds_worth / np.sqrt(total)",
     "rounds_worth / np.sqrt(1.02 * total)", "SW-07"),
    ("_affine.py", "worth = (partial_sum(contraction, rounds) / np.sqrt(total)) ** 2",
     "worth = (partial_sum(contraction, rounds + 1) / np.sqrt(total)) ** 2", "UL-SCHED"),
    ("_truth.py", "settled + share * gain", "settled + 1.02 * share * gain", "UL-STOP"),
    ("_truth.py", "low / (1 + low /", "low / (1.02 + low /", "UL-BUDGET"),
    ("_spectrum.py", "odds = lam * _largest", "odds = 1.02 * lam * _largest", "SCX-SHARP-EIGEN"),
    ("_local_rates.py", "(1 - 1 / (2 + gamma))", "(1 - 1 / (2.04 + gamma))", "SC-R49"),
    ("_toy.py", "top = real**2 / n + 2 * synthetic", "top = real**2 / n + 2.04 * synthetic",
     "SC-D-STAT"),
    ("_window.py", "np.exp(-(beta**2) / 2) / special.erf",
     "np.exp(-(beta**2) / 2.04) / special.erf", "KV-RHO"),
    ("_rates.py", "return self.good - self.bad", "return self.good - 1.02 * self.bad", "BP-4.2"),
]
SIMS = [
    ("budget.py", "unit = 1.0 / (math.sqrt(2.0) * kappa)", "unit = 1.0 / (math.sqrt(2.1) * kappa)",
     "SW-04"),
    ("contraction.py", "if chance >= keep:", "if chance >= 0.96 * keep:", "SC-D-STAT"),
    ("_classifier.py", "(psi if wrong else phi)", "(1.1 * psi if wrong else phi)", "BPX-7.1"),
]
CASES = [pytest.param("theory", *case, id=f"theory-{case[0]}-{case[3]}") for case in THEORY]
CASES += [pytest.param("sims", *case, id=f"sims-{case[0]}-{case[3]}") for case in SIMS]


@pytest.fixture
def tree(tmp_path):
    """A copy of the three packages."""
    for package in ("theory", "sims", "loopcert"):
        shutil.copytree(ROOT / package, tmp_path / package,
                        ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def verdict(tree, claim):
    """Examine one claim in the tree, in a new process."""
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    done = subprocess.run(
        [sys.executable, "-c", CHECK, claim], cwd=tree, env=environment, text=True,
        capture_output=True, timeout=200, check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[0]


@pytest.mark.slow
@pytest.mark.timeout(250)
@pytest.mark.parametrize(("package", "file", "old", "new", "claim"), CASES)
def test_a_wrong_constant_is_noticed(tree, package, file, old, new, claim):
    path = tree / package / file
    text = path.read_text()
    assert text.count(old) >= 1, "the perturbed place has moved"
    path.write_text(text.replace(old, new, 1))
    assert verdict(tree, claim) == "RED"


@pytest.mark.slow
@pytest.mark.timeout(250)
def test_the_copied_tree_itself_is_in_order(tree):
    assert verdict(tree, "SW-01") == "GREEN"
