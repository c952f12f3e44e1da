"""Predicted against observed, on made-up comparisons whose verdicts are known."""

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import loopcert
from empirical import curate, runs
from empirical.choice import _rate_rows, row
from empirical.config import changed
from empirical.reasoning.config import Config
from empirical.reasoning.predict import predict

SEEDS, MADE = 6, 1000
LOOP = {"loop.total": 320, "loop.rounds": 2, "loop.multiple": 32}


def arm(name, gains, psi=0.05, right=0.4, seeds=SEEDS, **changes):
    """Return an arm whose accuracy rises from 0.4 by `gains`, one a round, with some noise.

    Of wrong solutions the share psi is kept; a loop without a verifier keeps everything, and a
    coin half of everything.
    """
    config = changed(Config(), LOOP | changes)
    share = {"none": (1.0, 1.0), "coin": (0.5, 0.5)}.get(config.loop.curate, (1.0, psi))
    rows = []
    for seed in range(seeds):
        rng = np.random.default_rng([seed, 7])
        level = 0.4 + 0.05 * rng.normal()
        for round_, gain in enumerate((0.0, *gains)):
            value = level + gain + 0.002 * rng.normal()
            rows.append(("run", seed, round_, "test", "accuracy", value, 0.02, 300))
            if not round_:
                continue
            truth = rng.random(MADE) < right
            kept = rng.random(MADE) < np.where(truth, *share)
            found = [made for rate in curate.rates(truth.astype(float), kept)
                     for made in _rate_rows(*rate)]
            found.append(row("cost", "proposed", MADE))
            rows += [("run", seed, round_, made["split"], made["metric"],
                      np.nan if made["value"] is None else float(made["value"]), np.nan,
                      made["n"]) for made in found]
    return name, config, pd.DataFrame(rows, columns=runs.COLUMNS).assign(arm=name)


def table(*arms):
    """Return the predictions for arms, as a table."""
    cells = [SimpleNamespace(arm=name, config=config) for name, config, _ in arms]
    metrics = pd.concat([frame for *_, frame in arms], ignore_index=True)
    made = predict(SimpleNamespace(cells=cells, metrics=metrics))
    assert all(line.claim and line.quantity and line.predicted and line.observed for line in made)
    return pd.DataFrame([
        (p.claim, p.quantity, p.observed, p.interval, p.verdict, p.note) for p in made
    ], columns=["claim", "quantity", "observed", "interval", "verdict", "note"])


def one(found, start):
    rows = found[found.quantity.str.startswith(start)]
    assert len(rows) == 1, found.quantity.tolist()
    return rows.iloc[0]


def usual(exponential=(0.05, 0.2), linear=(0.05, 0.15), constant=(0.08, 0.1), none=(0.0, -0.05)):
    return (arm("exponential", exponential, **{"loop.schedule": "exponential"}),
            arm("linear", linear, **{"loop.schedule": "linear"}),
            arm("constant", constant),
            arm("none", none, **{"loop.schedule": "exponential", "loop.curate": "none"}),
            arm("coin", none, **{"loop.schedule": "exponential", "loop.curate": "coin"}))


def test_a_paper_s_result_agrees():
    found = table(*usual())
    for name in ("exponential", "linear", "constant"):
        gain = one(found, f"final - base, {name}")
        assert gain.verdict == "agrees"
        assert "more than half" in gain.note
    for name in ("none", "coin"):
        assert one(found, f"final - base, {name}").verdict == "agrees"
        assert "less than half" in one(found, f"final - base, {name}").note
        assert one(found, f"final, exponential - {name}").verdict == "agrees"
        assert one(found, f"p* of {name}").verdict == "agrees"
    for pair in ("exponential - linear", "exponential - constant", "linear - constant"):
        assert one(found, f"final, {pair}").verdict == "agrees"
    assert one(found, "final, exponential - constant").interval.mean == pytest.approx(0.1, abs=.01)
    assert one(found, "logit p*").verdict == "agrees"
    assert not found.quantity.str.contains("linear - none").any()  # another schedule
    plateau = one(found, "accuracy won in the last round, constant")
    assert plateau.verdict == "does not apply"
    assert plateau.interval.mean == pytest.approx(0.02, abs=0.005)


def test_the_opposite_disagrees():
    found = table(*usual(exponential=(0, -0.1), linear=(0, -0.05), constant=(0, 0.05),
                         none=(0.05, 0.1)))
    assert one(found, "final - base, exponential").verdict == "disagrees"
    assert one(found, "final - base, none").verdict == "disagrees"
    assert one(found, "final, exponential - none").verdict == "disagrees"
    assert one(found, "final, exponential - constant").verdict == "disagrees"
    assert one(found, "final, linear - constant").verdict == "disagrees"


def test_what_seeds_cannot_tell_is_undecided():
    found = table(*usual(linear=(0.05, 0.2), none=(0.0, 0.0)))
    assert one(found, "final, exponential - linear").verdict == "undecided"
    none = one(found, "final - base, none")
    assert none.verdict == "undecided"
    assert "no gain is shown" in none.note
    single = table(arm("exponential", (0.1, 0.2), seeds=1, **{"loop.schedule": "exponential"}))
    assert one(single, "final - base").verdict == "undecided"


def test_a_lenient_verifier_is_measured():
    name, config, metrics = arm("exponential", (0, 0.1), psi=0.2)
    row = one(table((name, config, metrics)), "psi of exponential")
    assert row.verdict == "does not apply"
    assert row.interval.mean == pytest.approx(0.2, abs=0.02)
    assert row.observed.startswith("by round 0.")
    lenient = table((name, changed(config, {"judge": "answer"}), metrics))
    assert not lenient.quantity.str.startswith("psi").any()


def test_a_verifier_in_disguise_is_found():
    """What calls itself a coin but lets right solutions pass more often."""
    name, config, metrics = arm("coin", (0, 0), psi=0.5)
    disguised = changed(config, {"loop.curate": "coin"})
    assert one(table((name, disguised, metrics)), "p* of coin").verdict == "disagrees"


def test_unequal_totals_are_not_compared():
    more = arm("exponential", (0.1, 0.2), **{"loop.schedule": "exponential", "loop.total": 640})
    found = table(more, arm("constant", (0.05, 0.1)))
    assert not found.quantity.str.contains("exponential - constant").any()


def test_broken_counts_break_the_identity():
    name, config, metrics = arm("exponential", (0.1, 0.2))
    metrics.loc[metrics.metric == "p_star", "value"] += 0.01
    assert one(table((name, config, metrics)), "logit p*").verdict == "disagrees"


def test_nothing_to_say_of_what_did_not_run():
    name, config, metrics = arm("exponential", (0.1, 0.2))
    assert table((name, config, metrics[metrics["round"] < 1])).empty
    assert table((name, changed(config, {"loop.rounds": 0}), metrics)).empty


def test_claims_exist():
    files = Path(loopcert.__file__).parent.rglob("*.py")
    known = set(re.findall(r'\bid="([\w.-]+)"', "".join(file.read_text() for file in files)))
    assert set(table(*usual()).claim) <= known
