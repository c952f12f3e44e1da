"""`loopcert plan --from-run`: from finished runs to a schedule and a stopping round."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from empirical import launch, runs
from empirical.config import to_dict
from empirical.pilot import fit
from empirical.schedule import LoopConfig
from loopcert import cli
from loopcert.plan import plan_law
from theory.one_law import truth_error

HERE = Path(__file__).parents[1] / "empirical"
COUNTS = (20, 32, 48, 80, 112, 160, 240, 352, 512, 768)
needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="the extra [empirical] is not installed"
)


def write_run(root, seed, curve, counts=COUNTS, task="mine", finish=True, **loop):
    """Leave the record of a run whose mse is the curve and whose accuracy mirrors it."""
    config = {"loop": to_dict(LoopConfig(
        schedule=",".join(map(str, counts)), multiple=4, **loop))}
    wanted = runs.identity(task, "run", seed, config, "code", {"threads": 1})

    def row(split, metric, value):
        return {"split": split, "metric": metric, "value": float(value), "stderr": None, "n": 9}

    with runs.Run(root, wanted, {}) as made:
        for t, value in enumerate(curve):
            if t:
                made.log("curated", round=t, measured=[row("cost", "kept", counts[t - 1])])
            made.log("evaluated", round=t, measured=[
                row("test", "mse", value), row("test", "accuracy", 1 - value),
                row("test", "beauty", value)])
        if finish:
            made.finish(seconds=1.0)
        return made.path.name


def curves(seeds, contraction=0.6, noise=0.3, initial=0.8, floor=0.1, dimension=40):
    rng, made = np.random.default_rng(7), []
    for _ in range(seeds):
        x = np.full(dimension, np.sqrt(initial / dimension))
        values = [floor + x @ x]
        for n in COUNTS:
            x = contraction * x + np.sqrt(noise / n / dimension) * rng.standard_normal(dimension)
            values.append(floor + x @ x)
        made.append(values)
    return made


@pytest.fixture
def call(tmp_path, capsys):
    def run(*arguments):
        status = cli.main(["plan", *arguments, "--runs-dir", str(tmp_path)])
        out, err = capsys.readouterr()
        return status, out, err

    return run


@pytest.fixture
def pilots(tmp_path):
    return [write_run(tmp_path, seed, curve) for seed, curve in enumerate(curves(3))]


def test_the_plan_is_that_of_the_fitted_law(call, pilots):
    status, out, _ = call("--from-run", *pilots, "--metric", "mse", "--json")
    assert status == 0
    made = json.loads(out)
    law = fit(COUNTS, curves(3))
    assert made["pilot"]["contraction"] == pytest.approx(law.contraction)
    assert made["pilot"]["contraction"] == pytest.approx(0.6, abs=0.05)
    plan = plan_law(sum(COUNTS), law.contraction, law.noise, law.initial, law.bias2)
    assert made["plan"]["rounds"] == plan.rounds
    assert [step["kept"] for step in made["plan"]["schedule"]] == [s.kept for s in plan.schedule]
    assert made["counts"] == list(COUNTS)
    assert sum(made["schedule"]) == sum(COUNTS) - sum(COUNTS) % 4
    assert all(n % 4 == 0 for n in made["schedule"])
    growth = np.array(made["schedule"][1:]) / made["schedule"][:-1]
    assert np.exp(np.log(growth[-4:]).mean()) == pytest.approx(1 / law.contraction, rel=0.05)


def test_the_schedule_can_be_run_next(call, pilots):
    _, out, _ = call("--from-run", *pilots, "--metric", "mse")
    last = out.strip().splitlines()[-1]
    assert last.startswith("next: loopcert run module:Class --set loop.schedule=")
    counts = LoopConfig(schedule=last.rpartition("=")[2], multiple=4).counts()
    assert len(counts) >= 3
    assert f"stop after {len(counts)} rounds" in out
    assert "do not fix K" not in out
    assert "1/K" in out
    assert "UL-SCHED" in out


def test_too_short_a_pilot_says_so(call, tmp_path):
    values = [1.0, 0.62, 0.55, 0.45, 0.47]
    name = write_run(tmp_path, 0, values, COUNTS[:4])
    _, out, _ = call("--from-run", name, "--metric", "mse")
    assert "note: these rounds do not fix K" in out
    _, out, _ = call("--from-run", name, "--metric", "mse", "--rounds", "3")
    assert "\nstop after" not in out


def test_budget_rounds_and_direction_can_be_given(call, pilots):
    _, out, _ = call("--from-run", pilots[0], "--metric", "accuracy", "--budget", "10000",
                     "--rounds", "5", "--json")
    made = json.loads(out)
    assert made["better"] == "higher"
    assert made["plan"]["kept"] == 10000
    assert len(made["schedule"]) == 5
    _, out, _ = call("--from-run", pilots[0], "--metric", "beauty", "--better", "lower", "--json")
    assert json.loads(out)["pilot"]["initial"] == pytest.approx(made["pilot"]["initial"])
    _, out, _ = call("--from-run", pilots[0], "--metric", "mse", "--floor", "0.1", "--json")
    assert json.loads(out)["pilot"]["floor"] == 0.1
    _, out, _ = call("--from-run", pilots[0], "--metric", "mse", "--budget", "100",
                     "--price-train", "0.5", "--json")
    assert json.loads(out)["plan"]["kept"] == 200


def test_a_distance_is_squared(call, tmp_path):
    errors = truth_error(0.6, 2.0, 0.8, COUNTS, 0.0)
    name = write_run(tmp_path, 0, np.sqrt(errors))
    _, out, _ = call("--from-run", name, "--metric", "mse", "--square", "--json")
    assert json.loads(out)["pilot"]["contraction"] == pytest.approx(0.6, abs=0.02)


def test_a_bias_that_shows_sets_the_stopping_round(call, tmp_path):
    counts = (400,) * 12
    errors = truth_error(0.7, 0.01, 1.0, counts, 0.3)
    name = write_run(tmp_path, 0, errors, counts)
    _, out, _ = call("--from-run", name, "--metric", "mse", "--floor", "0", "--json")
    made = json.loads(out)
    assert made["pilot"]["bias2"] == pytest.approx(0.3, rel=0.1)
    assert made["plan"]["rounds"] == pytest.approx(int(errors.argmin()), abs=1)


REFUSED = [
    (["--metric", "speed"], "--metric 'speed': is not there; measured after every round: acc"),
    ([], "--metric is missing; measured after every round: accuracy, beauty, mse"),
    (["--metric", "beauty"], "--better is missing: lower or higher"),
    (["--metric", "mse", "--better", "worse"], "--better 'worse': must be lower or higher"),
    (["--metric", "mse", "--better", "higher"], "approaches no limit"),
    (["--metric", "accuracy", "--square"], "--square: goes with a metric that is a distance"),
    (["--metric", "mse", "--sigma", "1"], "--sigma does not go with --from-run"),
    (["--metric", "mse", "--contraction", "0.5"], "--contraction does not go with --from-run"),
    (["--metric", "mse", "--price-generate", "1"], "--price-generate needs --acceptance"),
    (["--metric", "mse", "--budget", "0.5"], "budget = 0.5: must be a whole number"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_misuse_is_one_line(call, pilots, arguments, message):
    status, out, err = call("--from-run", pilots[0], *arguments)
    assert (status, out) == (2, "")
    assert err.startswith("loopcert: error: ")
    assert err.count("\n") == 1
    assert message in err


def test_runs_that_cannot_serve(call, tmp_path):
    whole = curves(1)[0]
    short = write_run(tmp_path, 0, whole[:3], COUNTS[:2])
    cut = write_run(tmp_path, 1, whole, finish=False)
    one, other = write_run(tmp_path, 2, whole), write_run(tmp_path, 3, whole[:9], COUNTS[:8])
    foreign = write_run(tmp_path, 4, whole, task="yours")
    for names, message in [
        ([short], "needs at least 3 rounds"), ([cut], "is not a finished run"),
        (["nothing"], "run = 'nothing': none in"), ([one, other], "must have one schedule"),
        ([one, foreign], "must be of one task"),
    ]:
        status, out, err = call("--from-run", *names, "--metric", "mse")
        assert (status, out) == (2, "")
        assert message in err


def test_what_belongs_to_a_pilot_is_refused_without_one(call, capsys):
    assert cli.main(["plan", "--budget", "10", "--metric", "mse"]) == 2
    assert "--metric goes with --from-run" in capsys.readouterr().err


@needs_torch
def test_runs_of_any_task(call, tmp_path, monkeypatch):
    """The toy task of the driver's tests: a mean that is learnt round by round."""
    monkeypatch.syspath_prepend(HERE)
    result = launch.run("toy:Toy", runs_dir=tmp_path, seeds=1, arms=("oracle",), **{
        "loop.rounds": 8, "loop.total": 256, "base.steps": 2, "update.steps": 12})
    name = result.outcomes[0].run
    status, out, err = call("--from-run", name, "--square", "--json")
    assert status in (0, 1), err
    made = json.loads(out)
    assert made["metric"] == "distance"
    assert made["counts"] == [32] * 8
    assert 0 < made["pilot"]["contraction"] < 1
