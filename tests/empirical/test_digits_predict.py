"""Predicted against observed, on made-up comparisons whose verdicts are known."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from empirical import runs
from empirical.config import changed
from empirical.digits.config import Config
from empirical.digits.predict import Law, fit_law, predict, reversal
from theory.one_law import truth_error

SEEDS = 6
LOOP = {"loop.rounds": 4, "loop.ratio": 1.5, "loop.mix": "augment"}
VERIFIED = {"model": "cvae", "channels": (32, 64), "loop.mix": "replace", "loop.ratio": -1.0,
            "loop.curate": "top_fraction", "loop.score": "realism", "judge_fresh": True}


def arm(name, paths, noise=0.01, **changes):
    """Return config and metrics of an arm: paths of metrics over rounds, the same in all seeds
    but for noise.
    """
    rounds = len(next(iter(paths.values()))) - 1
    wanted = {key.replace("__", "."): value for key, value in changes.items()}
    config = changed(Config(), LOOP | wanted | {"loop.rounds": rounds})
    rows = []
    for metric, path in paths.items():
        for seed in range(SEEDS):
            rng = np.random.default_rng([seed, len(name), len(metric)])
            values = np.asarray(path, dtype=float) + noise * rng.normal(size=rounds + 1)
            rows += [("run", seed, round_, "test", metric, value, np.nan, 500)
                     for round_, value in enumerate(values)]
    return name, config, pd.DataFrame(rows, columns=runs.COLUMNS).assign(arm=name)


def table(*arms):
    cells = [SimpleNamespace(arm=name, config=config) for name, config, _ in arms]
    metrics = pd.concat([frame for *_, frame in arms], ignore_index=True)
    made = predict(SimpleNamespace(cells=cells, metrics=metrics))
    assert all(row.claim and row.quantity and row.predicted and row.observed for row in made)
    return made


def one(made, start, claim=None):
    chosen = [row for row in made if row.quantity.startswith(start)
              and claim in (None, row.claim)]
    assert len(chosen) == 1, [row.quantity for row in made]
    return chosen[0]


def ends(value, **more):
    return {"fid": [1.0, 1.0, 1.0, 1.0, value]} | more


def loops(iterative, corrected, ratio, **more):
    wanted = {"loop__ratio": ratio}
    return (arm(f"iterative-{ratio}", ends(iterative), **wanted),
            arm(f"corrected-{ratio}", ends(corrected, **more), loop__curate="anchors", **wanted))


def test_what_the_paper_says_of_its_figure():
    baseline = arm("baseline", ends(0.9), loop__mix="real")
    made = table(baseline, *loops(2.0, 1.2, 0.5), *loops(4.0, 1.1, 1.5))
    assert one(made, "FID at the end, iterative-0.5 - corrected-0.5").verdict == "agrees"
    assert one(made, "FID at the end, iterative-1.5 - corrected-1.5").verdict == "agrees"
    assert one(made, "FID at the end, iterative-0.5 - baseline").verdict == "agrees"
    assert one(made, "FID at the end, iterative-1.5 - iterative-0.5").verdict == "agrees"
    assert one(made, "FID at the end, corrected-1.5 - corrected-0.5").verdict == "agrees"
    gain = one(made, "gain in FID by correction, corrected-1.5 - corrected-0.5")
    assert gain.verdict == "agrees"
    assert gain.interval.mean == pytest.approx(2.1, abs=0.05)


def test_the_opposite_disagrees():
    baseline = arm("baseline", ends(3.0), loop__mix="real")
    made = table(baseline, *loops(2.0, 2.5, 0.5), *loops(1.0, 2.9, 1.5))
    shown = [row for row in made if row.claim in ("SC-C45", "SC-CJ47", "SC-T43")]
    assert len(shown) == 7
    assert {row.verdict for row in shown} == {"disagrees"}
    made = table(*loops(2.0, 2.0, 0.5))
    assert one(made, "FID at the end").verdict == "undecided"


def test_arms_of_other_settings_are_not_compared():
    other = arm("iterative-other", ends(9.0), loop__ratio=0.5, real=100)
    made = table(other, *loops(2.0, 1.2, 1.5))
    assert len([row for row in made if row.quantity.startswith("FID")]) == 1


CORRECTED = {"corrector.q": [0.25] * 5, "corrector.residual": [0.4] * 5,
             "corrector.repeated": [0.9] * 5, "corrector.gap": [0.2] * 5,
             "corrector.noise": [0.1] * 5}


def test_the_strength_of_the_corrector():
    made = table(*loops(2.0, 1.2, 1.5, **CORRECTED))
    q = one(made, "q = 1/(1 + gamma) of corrected-1.5")
    assert q.verdict == "agrees"
    assert float(q.observed.split("gamma = ")[1]) == pytest.approx(3, rel=0.1)
    assert "40%" in q.note
    assert one(made, "share of images that the corrector", "SCX-C2").verdict == "disagrees"
    far = CORRECTED | {"corrector.q": [1.6] * 5}
    q = one(table(*loops(2.0, 1.2, 1.5, **far)), "q =")
    assert q.verdict == "disagrees"
    assert "none" in q.observed
    soft = arm("soft", ends(1.0, **CORRECTED), loop__curate="anchors", strength=2.0)
    assert one(table(soft), "least distance", "SCX-C2").verdict == "disagrees"
    fits = CORRECTED | {"corrector.gap": [0.05] * 5}
    soft = arm("soft", ends(1.0, **fits), loop__curate="anchors", strength=2.0)
    assert one(table(soft), "least distance", "SCX-C2").verdict == "undecided"


def shrinking(rate):
    """Return feature means that a round brings nearer by a factor, along two axes."""
    return {f"feature_mean/{axis}": start * rate ** np.arange(5.0)
            for axis, start in ((1, 3.0), (2, -1.0))}


def test_the_contraction_is_followed():
    made = table(*loops(2.0, 1.2, 1.5, **CORRECTED, **shrinking(0.8)),
                 arm("iterative-2", ends(1.0, **shrinking(0.9)), loop__ratio=2.0))
    corrected = one(made, "contraction of the feature mean, corrected-1.5")
    assert corrected.interval.mean == pytest.approx(0.8, abs=0.01)
    rate = float(corrected.predicted.split("= ")[1])
    assert rate == pytest.approx(1.5 / (2.5 * 4), rel=0.1)
    assert corrected.verdict == "does not apply"
    plain = one(made, "contraction of the feature mean, iterative-2")
    assert plain.predicted.endswith("= 0.667")
    assert plain.verdict == "does not apply"
    for rate, verdict in ((0.6, "agrees"), (0.8, "disagrees")):
        refitted = arm("refit", ends(1.0, **shrinking(rate)), loop__start="scratch")
        assert one(table(refitted), "contraction").verdict == verdict


def law_path(bias2, rounds=12, contraction=0.6, noise=0.02, initial=1.0):
    law = Law(contraction, bias2, noise / (1 - contraction**2), initial)
    return law.path(rounds)


def test_the_law_is_the_theorys():
    law = Law(0.6, 0.3, 0.02 / (1 - 0.36), 1.0)
    assert law.path(5) == pytest.approx(truth_error(0.6, 0.02 * 100, 1.0, [100] * 5, 0.3))
    path = law.path(40)
    assert abs(path.argmin() - float(law.stop.rounds)) < 1
    assert float(law.stop.minimum) <= path.min() + 1e-12


@pytest.mark.parametrize("bias2", [0.0, 0.05, 0.3])
def test_the_law_is_found_again(bias2):
    found = fit_law(law_path(bias2))
    assert found.contraction == pytest.approx(0.6, abs=0.011)
    assert found.bias2 == pytest.approx(bias2, abs=0.01)
    assert found.noise == pytest.approx(0.02 / 0.64, abs=0.01)
    assert found.path(12) == pytest.approx(law_path(bias2), abs=0.01)


def test_reversal_does_not_count_chance():
    rng = np.random.default_rng(0)
    flat = rng.normal(size=(400, 6, 10))
    found = np.mean([reversal(path)[0].mean() for path in flat])
    assert abs(found) < 4.5 * np.std([reversal(p)[0].mean() for p in flat]) / 20
    naive = np.mean([(path[:, -1] - path.min(axis=1)).mean() for path in flat])
    assert naive > 1
    back, gain = reversal(np.array([[3.0, 1.0, 2.0]] * 4))
    assert back.tolist() == [1] * 4
    assert gain.tolist() == [2] * 4


def verified(name, path, noise=0.002, **changes):
    paths = {"class_mean": path, "class_mean/8": 3 * np.asarray(path), "fid": path}
    return arm(name, paths, noise, **(
        {key.replace(".", "__"): value for key, value in VERIFIED.items()} | changes))


def test_plateau_and_reversal():
    fair, biased = law_path(0.0), law_path(0.3)
    made = table(verified("strong", fair), verified("biased", biased, judge_without=8),
                 verified("weak", law_path(0.1), judge_real=100),
                 verified("fixed", [1, 0.5, 0.6, *np.arange(0.7, 1.7, 0.1)], judge_fresh=False),
                 verified("none", 1 + fair[::-1], loop__curate="none"))
    assert one(made, "reversal of class_mean, strong").verdict == "agrees"
    assert one(made, "reversal of class_mean, biased").verdict == "agrees"
    assert one(made, "reversal of class_mean/8, biased").verdict == "agrees"
    assert one(made, "reversal of class_mean, weak").verdict == "agrees"
    assert one(made, "reversal of class_mean, fixed", "KV-TOPQ1").verdict == "agrees"
    assert one(made, "FID, last - first, none").verdict == "agrees"
    for name in ("strong", "biased", "weak", "fixed"):
        assert one(made, f"class_mean after one round, {name}").verdict == "agrees"
    assert one(made, "class_mean at the end, biased - strong").verdict == "agrees"
    assert one(made, "class_mean/8 at the end, biased - strong").verdict == "agrees"
    stop = one(made, "round of least class_mean, biased")
    assert stop.verdict == "agrees"
    assert float(stop.predicted) == pytest.approx(
        float(Law(0.6, 0.3, 0.02 / 0.64, 1.0).stop.rounds), abs=0.3)
    assert one(made, "round of least class_mean, strong").predicted == "none in 12 rounds"
    assert not [row for row in made if "round of least class_mean, fixed" in row.quantity]


def test_no_reversal_under_bias_disagrees_and_reversal_without_too():
    made = table(verified("strong", law_path(0.9)),
                 verified("biased", np.linspace(1, 0.2, 13), judge_without=8))
    assert one(made, "reversal of class_mean, strong").verdict == "disagrees"
    assert one(made, "reversal of class_mean, biased").verdict == "undecided"
    assert one(made, "class_mean at the end, biased - strong").verdict == "disagrees"


def test_schedules_of_one_total():
    made = table(verified("equal", law_path(0.0)),
                 verified("growing", law_path(0.0) - 0.1, loop__schedule="linear"),
                 verified("larger", law_path(0.0) - 0.5, loop__schedule="linear",
                          loop__total=5000))
    assert one(made, "FID at the end, growing - equal", "UL-SCHED").verdict == "agrees"
    assert len([row for row in made if row.claim == "UL-SCHED"]) == 1


def test_nothing_is_said_of_nothing():
    empty = arm("baseline", ends(1.0), loop__mix="real")
    assert table(empty) == ()
    none = arm("none", ends(1.0), loop__mix="replace", loop__ratio=-1.0)
    assert table(none) == ()
