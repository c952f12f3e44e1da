"""Predicted against observed, on made-up comparisons whose verdicts are known."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from empirical import runs
from empirical.config import changed
from empirical.motion.config import Config
from empirical.motion.predict import predict

ROUNDS = 6


def arm(name, slope, *, seeds=6, noise=0.05, physics=10.0, unrest=0.0, share=(0.02, 0.3),
        r_precision=3 / 32, **changes):
    """Return config and metrics of an arm whose FID goes from 7 by `slope` a generation."""
    config = changed(Config(), {"loop.rounds": ROUNDS, "loop.mix": "augment"} | changes)
    rows = []
    for seed in range(seeds):
        rng = np.random.default_rng([seed, len(name), int(100 * abs(slope))])
        for g in range(len(config.loop.counts()) + 1):
            jump = unrest * (-1) ** g * (g > 0)
            values = {"fid": 7 + slope * g + jump + noise * rng.normal() * (g > 0),
                      "matching": 5 + 0.1 * slope * g + 0.01 * rng.normal()}
            values |= {m: physics + 0.2 * rng.normal() for m in
                       ("penetration", "floating", "skating")}
            values |= {"r_precision@3/shuffled": 3 / 32 + 0.004 * rng.normal(),
                       "r_precision@3": r_precision + 0.004 * rng.normal()}
            rows += [("run", seed, g, "test", m, v, np.nan, 128) for m, v in values.items()]
            for metric, left in zip(("penetration", "skating"), share):
                rows.append(("run", seed, g, "corrected", f"before/{metric}", 12.0, np.nan, 16))
                rows.append(("run", seed, g, "corrected", metric, 12.0 * left, np.nan, 16))
    return name, config, pd.DataFrame(rows, columns=runs.COLUMNS).assign(arm=name)


def baseline(slope=-0.2, **more):
    return arm("baseline", slope, **{"loop.mix": "real"} | more)


def iterative(ratio, slope, **more):
    return arm(f"iterative-{ratio:g}", slope, **{"loop.ratio": ratio} | more)


def corrected(ratio, slope, **more):
    changes = {"loop.ratio": ratio, "loop.curate": "physics"} | more
    return arm(f"corrected-{ratio:g}", slope, **changes)


def table(*arms):
    cells = [SimpleNamespace(arm=name, config=config) for name, config, _ in arms]
    metrics = pd.concat([frame for *_, frame in arms], ignore_index=True)
    made = predict(SimpleNamespace(cells=cells, metrics=metrics))
    assert all(row.claim and row.quantity and row.predicted and row.observed for row in made)
    return pd.DataFrame([(p.claim, p.quantity, p.observed, p.interval, p.verdict, p.note)
                         for p in made],
                        columns=["claim", "quantity", "observed", "interval", "verdict", "note"])


def one(found, start):
    chosen = found[found.quantity.str.startswith(start)]
    assert len(chosen) == 1, list(found.quantity)
    return chosen.iloc[0]


@pytest.fixture(scope="module")
def found():
    return table(baseline(), iterative(0.5, 0.4, physics=12.0, unrest=0.3), iterative(1.0, 1.0,
                 physics=14.0, unrest=0.4), corrected(0.5, 0.1, physics=9.0),
                 corrected(1.0, 0.3, physics=9.0),
                 arm("shuffled", 0.0, shuffled=True, **{"loop.rounds": 0}))


def test_what_the_paper_says_agrees_where_it_is_so(found):
    where = "corrected-1 - iterative-1"
    for words in ("FID, mean of all generations", "FID, last generation",
                  "FID, spread of its steps", "matching score"):
        rows = found[found.quantity.str.startswith(words) & found.quantity.str.endswith(where)]
        assert rows.verdict.tolist() == ["agrees"]
    last = found[found.quantity == f"FID, last generation: {where}"].iloc[0]
    assert last.interval.mean == pytest.approx(ROUNDS * (0.3 - 1.0) - 0.4, abs=0.1)
    assert last.claim == "SC-C45"
    for metric in ("penetration", "floating", "skating"):
        rows = found[found.quantity.str.startswith(f"{metric} (mm)")]
        assert rows.verdict.tolist() == ["agrees"] * 2
        assert rows.observed.str.contains("6 of 6").all()


def test_growth_with_lambda(found):
    assert one(found, "FID, last generation: baseline - iterative-1").verdict == "agrees"
    assert one(found, "FID, last generation: iterative-0.5 - iterative-1").verdict == "agrees"
    row = one(found, "FID, growth from lambda 0.5 to 1")
    assert row.interval.mean == pytest.approx(ROUNDS * (0.2 - 0.6) - 0.1, abs=0.1)
    assert row.verdict == "agrees"


def test_the_conjecture(found):
    row = one(found, "FID, last generation: corrected-1 - iterative-0.5")
    assert (row.claim, row.verdict) == ("SC-CJ47", "agrees")
    row = one(found, "FID, baseline: last generation - base model")
    assert (row.claim, row.verdict) == ("SC-CJ47", "agrees")
    assert "yes" in row.note
    other = table(baseline(0.3), iterative(0.5, 0.1), corrected(1.0, 0.5))
    assert one(other, "FID, last generation: corrected-1 - iterative").verdict == "disagrees"
    row = one(other, "FID, baseline: last generation - base model")
    assert row.verdict == "disagrees"
    assert "no: real data" in row.note


def test_it_disagrees_where_correction_harms():
    found = table(iterative(1.0, 0.2, physics=5.0), corrected(1.0, 0.8, physics=9.0, unrest=0.5,
                                                              share=(0.4, 0.9)))
    assert one(found, "FID, last generation: corrected").verdict == "disagrees"
    assert one(found, "FID, spread").verdict == "disagrees"
    assert one(found, "penetration (mm)").verdict == "disagrees"
    assert "0 of 6" in one(found, "penetration (mm)").observed
    assert one(found, "penetration left").verdict == "disagrees"
    assert one(found, "skating left").verdict == "disagrees"


def test_one_bad_generation_is_enough_not_to_agree():
    name, config, frame = corrected(1.0, 0.2, physics=9.0)
    worse = (frame.metric == "skating") & (frame.split == "test") & (frame["round"] == 4)
    frame.loc[worse, "value"] = 30.0
    found = table(iterative(1.0, 1.0, physics=12.0), (name, config, frame))
    assert one(found, "skating (mm)").verdict == "disagrees"
    assert one(found, "penetration (mm)").verdict == "agrees"


def test_equal_arms_are_undecided():
    found = table(iterative(1.0, 0.5, noise=0.5), corrected(1.0, 0.5, noise=0.5))
    assert one(found, "FID, last generation").verdict == "undecided"
    few = table(iterative(1.0, 0.9, seeds=1), corrected(1.0, 0.1, seeds=1))
    assert set(few[few.quantity.str.contains("corrected-1 - ")].verdict) == {"undecided"}


def test_the_corrector_itself(found):
    rows = found[found.quantity.str.contains("left by the corrector")]
    assert len(rows) == 4
    assert set(rows.verdict) == {"agrees"}
    assert rows.observed.tolist() == ["0.02", "0.3"] * 2


def test_controls(found):
    row = one(found, "R-precision (top 3 of 32), captions shuffled in training")
    assert row.verdict == "agrees"
    row = one(found, "R-precision (top 3 of 32), captions shuffled in evaluation")
    assert (row.verdict, row.interval.n) == ("agrees", 6)
    knows = table(arm("shuffled", 0.0, shuffled=True, r_precision=0.3, **{"loop.rounds": 0}))
    assert one(knows, "R-precision").verdict == "disagrees"
    plain = iterative(1.0, 0.7)
    idle = "identity-1", changed(plain[1], {"loop.curate": "identity"}), plain[2].assign(
        arm="identity-1")
    same = one(table(plain, idle), "largest difference of any number")
    assert same.verdict == "agrees"
    frame = idle[2].copy()
    frame.loc[frame.index[3], "value"] += 1e-9
    other = one(table(plain, (*idle[:2], frame)), "largest difference of any number")
    assert other.verdict == "disagrees"


def test_half_a_comparison_makes_no_false_rows():
    assert not len(table(iterative(1.0, 0.5)).query("claim == 'SC-C45'"))
    name, config, frame = corrected(1.0, 0.1)
    cut = frame[(frame["round"] < 3) | (frame.seed < 3)]
    found = table(iterative(1.0, 0.9), (name, config, cut))
    assert one(found, "FID, last generation").interval.n == 3
