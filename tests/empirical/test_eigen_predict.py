"""Predicted against observed, on made-up comparisons whose verdicts are known."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import empirical
from empirical import curate, runs
from empirical.choice import _rate_rows
from empirical.config import changed
from empirical.eigen.config import Config
from empirical.eigen.predict import predict

KEPT, TEST = 20_000, 10_000


def rows_of(seed, round_, rows):
    return [("run", seed, round_, row["split"], row["metric"],
             np.nan if row["value"] is None else float(row["value"]), np.nan, row["n"])
            for row in rows]


def arm(name, *, gains=(), accuracy=0.56, psi=1.0, phi=1.0, bias=0.0, **changes):
    """Return the config and metrics of an arm whose seeds end at the generator's plus `gains`.

    The verifier acts at (phi, psi), drawn; `bias` moves the share of right proposals.
    """
    config = changed(Config(tolerance=0.02), {"loop.start": "scratch"} | changes)
    rows = []
    for seed, gain in enumerate(gains):
        rng = np.random.default_rng([seed, 3])
        tested = rng.binomial(TEST, accuracy) / TEST
        right = rng.random(KEPT) < accuracy + bias
        kept = rng.random(KEPT) < np.where(right, phi, psi)
        measured = [row for rate in curate.rates(right.astype(float), kept)
                    for row in _rate_rows(*rate)]
        rows += rows_of(seed, 1, measured)
        for round_, value in ((0, tested), (1, tested + gain)):
            rows.append(("run", seed, round_, "test", "accuracy@2%", value, 0.005, TEST))
            rows.append(("run", seed, round_, "test", "accuracy@1%", 0.0, 0.005, TEST))
    return name, config, pd.DataFrame(rows, columns=runs.COLUMNS).assign(arm=name)


def table(*arms):
    """Return the predictions for arms, as a table."""
    cells = [SimpleNamespace(arm=name, config=config) for name, config, _ in arms]
    metrics = pd.concat([frame for *_, frame in arms], ignore_index=True)
    made = predict(SimpleNamespace(cells=cells, metrics=metrics))
    assert all(row.claim and row.quantity and row.predicted and row.observed for row in made)
    return pd.DataFrame([
        (p.claim, p.quantity, p.predicted, p.observed, p.interval, p.verdict, p.note) for p in made
    ], columns=["claim", "quantity", "predicted", "observed", "interval", "verdict", "note"])


def one(found, start):
    chosen = found[found.quantity.str.startswith(start)]
    assert len(chosen) == 1, list(found.quantity)
    return chosen.iloc[0]


UP, DOWN = (0.10, 0.12, 0.11, 0.09), (-0.05, -0.06, -0.04, -0.05)
MIXED = (0.02, -0.03, 0.01, -0.01)


def oracle(gains=UP, **more):
    return arm("oracle", gains=gains, psi=0.0, **{"loop.curate": "oracle"} | more)


def noisy(gains, rate=0.1, psi=None, **more):
    changes = {"loop.curate": "noisy", "loop.accept_wrong": rate}
    return arm(f"noisy-{rate:g}", gains=gains, psi=rate if psi is None else psi, **changes | more)


def none(gains=DOWN, **more):
    return arm("none", gains=gains, **{"loop.curate": "none"} | more)


@pytest.fixture(scope="module")
def found():
    """The table of a whole comparison."""
    clean = arm("clean", gains=UP, labels="truth")
    generator = arm("generator", **{"loop.rounds": 0})
    return table(oracle(), noisy((0.03, 0.05, 0.04, 0.04)), noisy(MIXED, 0.7), none(), clean,
                 generator)


class TestTheWholeTable:
    def test_p_star(self, found):
        for name, star, claim in [("oracle", 1.0, "BP-OR"), ("noisy-0.1", 1 / 1.1, "BP-NV"),
                                  ("noisy-0.7", 1 / 1.7, "BP-NV"), ("none", 0.5, "BP-NO")]:
            row = one(found, f"p* of {name}")
            assert (row.claim, row.verdict) == (claim, "agrees")
            assert row.interval.low <= star <= row.interval.high
            assert row.interval.high - row.interval.low < 0.05
            assert row.predicted.endswith(f"{star:.4g}")

    def test_precision(self, found):
        assert one(found, "precision of what oracle").interval.low == 0
        row = one(found, "precision of what noisy-0.7")
        assert row.verdict == "agrees"
        assert float(row.predicted) == pytest.approx(0.56 / (0.56 + 0.44 * 0.7), abs=0.01)
        assert one(found, "logit p*").verdict == "agrees"

    def test_the_order(self, found):
        assert one(found, "final accuracy, oracle - noisy-0.1").verdict == "agrees"
        assert one(found, "final accuracy, noisy-0.7 - none").verdict == "agrees"
        assert one(found, "final accuracy, oracle - noisy-0.1").interval.mean == pytest.approx(
            0.065)

    def test_the_crossing_never_gets_a_verdict(self, found):
        rows = found[found.quantity.str.startswith("final - generator")]
        assert len(rows) == 4
        assert set(rows.verdict) == {"does not apply"}
        assert rows.note.str.contains("two classes").all()
        assert "as it says" in one(found, "final - generator, oracle").observed
        assert "undecided" in one(found, "final - generator, noisy-0.7").observed
        # p = 0.44 < 1/2: the two-class law lets even unverified data pass.
        row = one(found, "final - generator, none")
        assert row.predicted.startswith("> 0: p_noise 1 < (1-p)/p = 1.2")
        assert "against it" in row.observed

    def test_the_turning_point(self, found):
        row = one(found, "p* at which")
        assert row.observed == "between 0.5 and 0.909"
        assert float(row.predicted.removeprefix("p = ")) == pytest.approx(0.44, abs=0.01)
        assert (row.claim, row.verdict) == ("BP-E-17", "does not apply")
        assert "0.798" in row.note

    def test_the_ends(self, found):
        collapse, gain = one(found, "collapse"), one(found, "gain")
        assert (collapse.verdict, gain.verdict) == ("agrees", "agrees")
        assert collapse.interval.mean == pytest.approx(-0.05)
        assert "a majority of right answers, and yet it ended below" in collapse.note
        assert "majority" not in gain.note

    def test_controls_make_no_rows(self, found):
        assert not found.quantity.str.contains("clean").any()
        assert not found.quantity.str.contains(", generator$|of generator").any()


class TestVerdicts:
    def test_wrong_directions_disagree(self):
        found = table(oracle(DOWN), none(UP))
        assert one(found, "gain").verdict == "disagrees"
        assert one(found, "collapse").verdict == "disagrees"
        assert one(found, "final accuracy, oracle - none").verdict == "disagrees"
        assert one(found, "p* at which").observed.startswith("no single one")

    def test_scatter_decides_nothing(self):
        found = table(oracle(MIXED), none(tuple(-g for g in MIXED)))
        for start in ("gain", "collapse", "final accuracy"):
            assert one(found, start).verdict == "undecided"
        assert not found.quantity.str.startswith("p* at which").any()

    def test_one_seed_decides_nothing(self):
        found = table(oracle((0.3,)), none((-0.3,)))
        for start in ("gain", "collapse", "final accuracy"):
            assert one(found, start).verdict == "undecided"

    def test_no_difference_at_all_is_no_gain(self):
        found = table(oracle((0.0,) * 4), none((0.0,) * 4))
        for start in ("gain", "collapse", "final accuracy"):
            assert one(found, start).verdict == "undecided"

    def test_a_verifier_that_is_not_what_it_says(self):
        """Its psi is 0.12 instead of 0.1."""
        found = table(noisy(UP, 0.1, psi=0.12))
        assert one(found, "p* of noisy-0.1").verdict == "disagrees"
        assert one(found, "precision of what noisy-0.1").verdict == "disagrees"

    def test_proposals_unlike_the_test_set(self):
        found = table(none(bias=0.03))
        assert one(found, "precision of what none").verdict == "disagrees"
        assert one(found, "p* of none").verdict == "agrees"

    def test_the_identity_sees_a_wrong_record(self):
        name, config, frame = noisy(UP, 0.7)
        frame.loc[frame.metric == "p_star", "value"] += 1e-6
        assert one(table((name, config, frame)), "logit p*").verdict == "disagrees"

    def test_a_coin(self):
        changes = {"loop.curate": "coin", "loop.accept_wrong": 0.3}
        found = table(arm("coin", gains=DOWN, phi=0.3, psi=0.3, **changes))
        row = one(found, "p* of coin")
        assert (row.claim, row.predicted, row.verdict) == ("BP-NO", "0.5", "agrees")
        assert row.interval.low < 0.5 < row.interval.high
        unfair = table(arm("coin", gains=DOWN, phi=0.33, psi=0.3, **changes))
        assert one(unfair, "p* of coin").verdict == "disagrees"

    def test_a_bad_generator_turns_the_law_round(self):
        found = table(none(accuracy=0.2), noisy(DOWN, 0.1, accuracy=0.2))
        row = one(found, "final - generator, none")
        assert row.predicted.startswith("< 0")
        assert "as it says" in row.observed
        assert "against it" in one(found, "final - generator, noisy-0.1").observed
        assert one(found, "p* at which").observed.startswith("above 0.909")
        assert "majority" not in one(found, "collapse").note


class TestWhatIsThere:
    @pytest.mark.parametrize("arms", [[oracle()], [none()], [noisy(UP)], [oracle(), none()]])
    def test_any_arms_will_do(self, arms):
        found = table(*arms)
        assert one(found, "logit p*").verdict == "agrees" if arms[0][0] != "oracle" else True
        assert len(found[found.quantity.str.startswith("final - generator")]) == len(arms)

    def test_nothing_to_say(self):
        assert table(arm("clean", gains=UP, labels="truth")).empty
        assert table(arm("generator", **{"loop.rounds": 0})).empty

    def test_an_arm_that_never_ended(self):
        """Rates are there, final accuracies are not."""
        name, config, frame = oracle()
        frame = frame[~((frame.split == "test") & (frame["round"] == 1))]
        found = table((name, config, frame), none())
        assert one(found, "p* of oracle").verdict == "agrees"
        assert one(found, "collapse").verdict == "agrees"
        assert not found.quantity.str.startswith("gain").any()

    def test_seeds_are_paired(self):
        """A seed that one arm lacks is left out of the difference."""
        found = table(oracle(UP), none(DOWN[:2]))
        assert one(found, "final accuracy, oracle - none").interval.n == 2
        assert one(found, "gain").interval.n == 4

    def test_a_sweep_compares_only_what_differs_in_the_verifier(self):
        small = [oracle(**{"loop.total": 500}), none(**{"loop.total": 500})]
        large = [oracle(**{"loop.total": 900}), none(**{"loop.total": 900})]
        arms = [(f"{name} {config.loop.total}", config, frame.assign(arm=f"{name} {total}"))
                for total, group in ((500, small), (900, large)) for name, config, frame in group]
        found = table(*arms)
        orders = found[found.quantity.str.startswith("final accuracy")].quantity
        assert sorted(orders) == [f"final accuracy, oracle {n} - none {n}" for n in (500, 900)]

    def test_beams_are_proposed_by_another_accuracy(self):
        found = table(oracle(**{"beams": 10, "pick": "oracle"}))
        assert not found.quantity.str.startswith("precision of what").any()
        assert one(found, "p* of oracle").verdict == "agrees"

    def test_tuning_promises_no_gain(self):
        found = table(oracle(DOWN, **{"loop.start": "cold"}))
        assert not found.quantity.str.startswith("gain").any()


def test_no_model_library_is_imported():
    code = ("import sys, empirical.eigen.predict\n"
            "print('torch' in sys.modules, 'safetensors' in sys.modules)")
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                           check=True, cwd=Path(empirical.__file__).parents[1])
    assert found.stdout.split() == ["False", "False"]
