"""The driver: what arms share, what their names mean, and the arms that must change nothing."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from toy import Toy, ToyConfig

from empirical import runs
from empirical._files import unpack
from empirical.config import changed
from empirical.engine import StopSign
from empirical.loop import LoopConfig, Settings, Stopped, identity_of, run_loop
from empirical.training import TrainingConfig

SMALL = changed(ToyConfig(), {"base.steps": 20, "update.steps": 6, "loop.total": 48,
                              "loop.rounds": 3, "n_real": 32, "radius": 2.0})


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch):
    monkeypatch.setattr("os.fsync", lambda handle: None)


@pytest.fixture(scope="module")
def arm(tmp_path_factory):
    """Return a run of the small config with some keys changed; each is run once."""
    known, root = {}, tmp_path_factory.mktemp("arms")

    def run(seed=3, task=Toy, **changes):
        wanted = changed(SMALL, {key.replace("__", "."): value for key, value in changes.items()})
        if (seed, task, wanted) not in known:
            known[seed, task, wanted] = run_loop(task, wanted, seed, Settings(root))
        return known[seed, task, wanted]

    return run


def weights(record, round_=None):
    events = [e for e in record.events if e["event"] == "trained"
              and round_ in (None, e["round"])]
    return (record.path / events[-1]["file"]).read_bytes()


def kept(record, round_):
    event = next(e for e in record.events if e["event"] == "curated" and e["round"] == round_)
    return unpack((record.path / event["file"]).read_bytes())


def table(record, *splits):
    rows = record.metrics
    rows = rows[rows["split"].isin(splits)] if splits else rows
    return rows.drop(columns="run").reset_index(drop=True)


def value(record, split, metric, round_):
    rows = record.metrics
    found = rows[(rows["split"] == split) & (rows.metric == metric) & (rows["round"] == round_)]
    assert len(found) == 1
    return found.value.item()


def test_a_coin_is_no_verifier(arm):
    record = arm(loop__curate="coin", loop__accept_wrong=0.5, loop__total=600)
    for round_ in (1, 2, 3):  # one miss in three 95% limits is likely, a miss of 1/2 by far not
        low, high = (value(record, "proposed", f"p_star.{end}", round_) for end in ("low", "high"))
        assert low < 0.5 < high
    verified = arm(loop__curate="noisy", loop__accept_wrong=0.2, loop__total=600)
    assert value(verified, "proposed", "p_star.low", 1) > 0.5


@pytest.mark.parametrize("start", ["warm", "cold", "scratch"])
def test_no_synthetic_items_are_the_baseline(arm, start):
    none = arm(loop__mix="augment", loop__ratio=0.0, loop__start=start, loop__curate="oracle")
    real = arm(loop__mix="real", loop__start=start, loop__curate="coin")
    some = arm(loop__mix="augment", loop__ratio=0.25, loop__start=start)
    assert table(none).equals(table(real))
    assert [weights(none, r) for r in (2, 3)] == [weights(real, r) for r in (2, 3)]
    assert weights(none) != weights(some)
    assert not [e for e in none.events if e["event"] in ("proposed", "curated")]


def test_an_identity_corrector_is_no_corrector(arm):
    identity, none = arm(loop__curate="identity"), arm(loop__curate="none")
    assert weights(identity) == weights(none)
    for round_ in (1, 2, 3):
        one, other = kept(identity, round_), kept(none, round_)
        assert one.keys() == other.keys()
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])
    assert table(identity, "test", "train", "cost").equals(table(none, "test", "train", "cost"))
    oracle = arm(loop__curate="oracle")
    assert weights(oracle) != weights(none)


def test_runs_repeat_and_seeds_differ(arm, tmp_path):
    first = arm()
    again = run_loop(Toy, SMALL, 3, Settings(tmp_path))
    assert again.name == first.name
    assert weights(again) == weights(first)
    assert (again.path / "metrics.parquet").read_bytes() == (
        first.path / "metrics.parquet").read_bytes()
    assert weights(arm(seed=4)) != weights(first)


def test_arms_of_a_seed_share_base_and_first_proposals(arm):
    one, other = arm(loop__curate="none"), arm(loop__curate="coin")
    assert runs.shared(one) == runs.shared(other)
    assert value(one, "test", "distance", 0) == value(other, "test", "distance", 0)
    shared = {name.split("-")[1] for name in runs.shared(one)}
    assert shared == {"base", "first"}
    # Coins choose among the proposals that all arms see: a part of the same items.
    seen = {tuple(x) for x in kept(one, 1)["x"]}
    longer = arm(loop__curate="none", loop__total=144)
    assert seen <= {tuple(x) for x in kept(longer, 1)["x"]}
    assert {tuple(x) for x in kept(other, 1)["x"]} <= {tuple(x) for x in kept(longer, 1)["x"]}


def test_identities_depend_on_what_matters():
    def name(kind, seed=1, **changes):
        wanted = changed(SMALL, {k.replace("__", "."): v for k, v in changes.items()})
        return runs.run_name(identity_of(Toy, wanted, seed, Settings(), kind))

    for kind, other in [("run", {"loop__rounds": 2}), ("run", {"update__steps": 7}),
                        ("base", {"base__steps": 7}), ("first", {"radius": 3.0}),
                        ("base", {"n_real": 40}), ("first", {"base__steps": 7})]:
        assert name(kind) != name(kind, **other)
    for kind, other in [("base", {"loop__rounds": 2}), ("base", {"update__steps": 7}),
                        ("base", {"radius": 3.0}), ("first", {"loop__mix": "accumulate"}),
                        ("base", {"loop__base_seed": 1, "seed": 9})]:
        seed = other.pop("seed", 1)
        assert name(kind) == name(kind, seed=seed, **other)
    assert name("first", loop__base_seed=1) != name("first", seed=2, loop__base_seed=1)


def test_one_base_model_for_all_seeds(arm):
    one, other = arm(seed=1, loop__base_seed=7), arm(seed=2, loop__base_seed=7)
    assert len(runs.shared(one) & runs.shared(other)) == 1
    assert value(one, "test", "distance", 0) == value(other, "test", "distance", 0)
    assert weights(one) != weights(other)


def count(record, round_):
    return len(kept(record, round_)["x"])


def test_schedules_are_kept_to(arm):
    record = arm(loop__schedule="5,9,30")
    assert [count(record, r) for r in (1, 2, 3)] == [5, 9, 30]
    assert [value(record, "cost", "kept", r) for r in (1, 2, 3)] == [5, 9, 30]
    proposed = arm(loop__schedule="5,9,30", loop__unit="proposed", loop__curate="oracle")
    assert [value(proposed, "cost", "proposed", r) for r in (1, 2, 3)] == [5, 9, 30]
    assert value(proposed, "cost", "kept", 3) == count(proposed, 3) <= 30


class Spy(Toy):
    """Tells what each training and each round's beginning looked like."""

    seen: list = []  # noqa: RUF012

    def loss(self, model, batch, generator):
        if not Spy.seen or Spy.seen[-1][0] is not model or len(Spy.seen[-1][2]) >= self._steps():
            Spy.seen.append((model, model.weight.detach().clone(), []))
        Spy.seen[-1][2].append(batch["number"].tolist())
        return super().loss(model, batch, generator)

    def _steps(self):
        base = not [s for s in Spy.seen if len(s[2]) >= self.config.base.steps]
        return self.config.base.steps if base else self.config.update.steps


Spy.__module__ = "toy"


@pytest.mark.parametrize("start", ["warm", "cold", "scratch"])
def test_starts_are_what_they_are_called(tmp_path, start):
    Spy.seen = []
    wanted = changed(SMALL, {"loop.start": start, "update.average": 0.0})
    record = run_loop(Spy, wanted, 3, Settings(tmp_path))
    begins = [begin for _, begin, _ in Spy.seen[1:]]
    assert len(begins) == 3
    base_name = next(name for name in runs.shared(record) if "base" in name)
    base = torch.from_numpy(unpack(weights(runs.read(tmp_path / base_name)))["weight"])
    ends = [base] + [torch.from_numpy(unpack(weights(record, r))["weight"]) for r in (2, 3)]
    if start == "warm":
        assert torch.equal(begins[0], base)
        assert torch.equal(begins[2], ends[1])  # round 3 begins where round 2 ended
    elif start == "cold":
        assert all(torch.equal(begin, base) for begin in begins)
    else:
        assert len({tuple(begin.ravel().tolist()) for begin in begins}) == 3
        assert not any(torch.equal(begin, base) for begin in begins)


def test_a_round_may_start_from_another_base_model(tmp_path):
    Spy.seen = []
    wanted = changed(SMALL, {"loop.start": "other", "update.average": 0.0,
                             "loop.other_seed": 8, "other.steps": 6})
    record = run_loop(Spy, wanted, 3, Settings(tmp_path))
    plain = run_loop(Toy, changed(SMALL, {"loop.start": "cold"}), 3, Settings(tmp_path / "plain"))
    assert value(record, "test", "distance", 0) == value(plain, "test", "distance", 0)
    alone = changed(SMALL, {"base.steps": wanted.other.steps, "loop.rounds": 0})
    lone = run_loop(Toy, alone, 8, Settings(tmp_path / "lone"))
    base = next(name for name in runs.shared(lone) if "base" in name)
    start = unpack(weights(runs.read(tmp_path / "lone" / base)))["weight"]
    begins = [begin for _, begin, _ in Spy.seen[-3:]]
    assert all(np.array_equal(begin, start) for begin in begins)
    assert len(runs.shared(record)) == 3


@dataclasses.dataclass(frozen=True, slots=True)
class Alone:
    """A config that knows of one base model only."""

    radius: float = 1.0
    base: TrainingConfig = SMALL.base
    update: TrainingConfig = SMALL.update
    loop: LoopConfig = LoopConfig(start="other")


def test_a_task_without_another_base_model_says_so(tmp_path):
    with pytest.raises(ValueError, match="task toy has no other base model"):
        run_loop(Toy, Alone(), 3, Settings(tmp_path))


@pytest.mark.parametrize(("mix", "sizes"), [
    ("replace", [16, 16, 16]), ("augment", [48, 48, 48]), ("accumulate", [48, 64, 80]),
    ("real", [32, 32, 32]),
])
def test_mixes_are_what_they_are_called(tmp_path, mix, sizes, monkeypatch):
    seen = []
    real = Toy.loss

    def spy(self, model, batch, generator):
        seen.append(batch["x"].numpy().copy())
        return real(self, model, batch, generator)

    monkeypatch.setattr(Toy, "loss", spy)
    wanted = changed(SMALL, {"loop.mix": mix, "update.steps": 0, "update.batch": 1})
    record = run_loop(Toy, wanted, 3, Settings(tmp_path))
    updates = seen[wanted.base.steps:]
    assert len(updates) == sum(sizes)
    items = {tuple(x) for x in Toy(wanted).real("train", _real_streams())["x"]}
    made = [{tuple(x) for x in kept(record, r)["x"]} if mix != "real" else set()
            for r in (1, 2, 3)]
    ends = np.cumsum(sizes)
    for number, (end, size) in enumerate(zip(ends, sizes)):
        epoch = {tuple(x[0]) for x in updates[end - size:end]}
        expected = {"replace": made[number], "augment": items | made[number], "real": items,
                    "accumulate": items.union(*made[: number + 1])}[mix]
        assert epoch == expected


def _real_streams():
    from empirical.streams import Streams

    return Streams(3).child("real")


def test_rounds_in_the_table(arm):
    record = arm(loop__curate="oracle")
    rows = record.metrics
    rounds = {split: sorted(set(rows[rows["split"] == split]["round"])) for split in
              set(rows["split"])}
    assert rounds == {"test": [0, 1, 2, 3], "train": [1, 2, 3], "cost": [1, 2, 3],
                      "proposed": [1, 2, 3]}
    assert list(rows.columns) == ["run", "seed", "round", "split", "metric", "value", "stderr",
                                  "n"]
    assert not rows.duplicated(["round", "split", "metric"]).any()
    assert set(rows.seed) == {3}
    for round_ in (1, 2, 3):
        visits = value(record, "cost", "visits", round_)
        assert visits == 6 * 16
        assert value(record, "cost", "training_flops", round_) == 3 * 12 * visits
        assert value(record, "cost", "generation_flops", round_) == 12 * value(
            record, "cost", "evaluations", round_)


def test_a_round_is_proposed_by_the_model_before(arm):
    # The toy's proposals are its mean plus a noise that depends on round and item alone.
    record = arm(loop__curate="none", loop__schedule="16,16,16", loop__start="warm")
    means = kept(record, 3)["x"].mean(axis=0)
    from scipy.special import ndtri

    from empirical.streams import Streams

    noise = ndtri(Streams(3).child("round", 3, "generate").uniform(range(16), 2)).mean(axis=0)
    before = unpack(weights(record, 2))["weight"].sum(axis=1)
    np.testing.assert_allclose(means, before + noise, rtol=1e-5)


def test_no_rounds_measure_the_base_model(arm):
    record = arm(loop__rounds=0)
    assert record.finished
    assert table(record)["split"].tolist() == ["test"]
    assert value(record, "test", "distance", 0) == value(arm(), "test", "distance", 0)


def test_an_exhausted_loop_ends_and_says_so(arm):
    record = arm(radius=1e-6, loop__curate="oracle", loop__proposals=2)
    assert record.finished
    assert [e["round"] for e in record.events if e["event"] == "exhausted"] == [1]
    assert not [e for e in record.events if e["event"] == "trained"]
    assert value(record, "cost", "kept", 1) == 0
    assert math.isnan(value(record, "proposed", "precision", 1))
    again = run_loop(Toy, changed(SMALL, {"radius": 1e-6, "loop.curate": "oracle",
                                          "loop.proposals": 2}), 3, Settings(record.path.parent))
    assert again.events == record.events  # nothing was done again


class Diverging(Toy):
    """Its measurements are no numbers."""

    def evaluate(self, model, test, streams):
        from empirical.task import Measurement

        return [Measurement("loss", math.inf, -math.inf), Measurement("gap", math.nan)]


Diverging.__module__ = "toy"


def test_divergence_is_a_value(tmp_path):
    record = run_loop(Diverging, SMALL, 3, Settings(tmp_path))
    assert value(record, "test", "loss", 3) == math.inf
    assert math.isnan(value(record, "test", "gap", 3))
    import pandas as pd

    stored = pd.read_parquet(record.path / "metrics.parquet")
    assert stored.equals(record.metrics)
    assert not record.verify()


class Layered(Toy):
    """A model with dropout and a library's initialiser: both draw from torch's own generators."""

    def build(self, generator):
        model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Dropout(0.5),
                                    torch.nn.Linear(4, 2))
        model.add_module("weight_of", torch.nn.Identity())
        return model

    def loss(self, model, batch, generator):
        return ((model(torch.ones(len(batch["x"]), 3)) - batch["x"]) ** 2).mean()

    def mean(self, model):
        assert not model.training
        with torch.no_grad():
            return model(torch.ones(1, 3)).numpy()[0]

    def generate(self, model, indices, streams):
        from empirical.task import Generated

        noise = torch.randn(len(indices), 2).numpy()  # as a library's sampler would
        return Generated({"x": self.mean(model) + noise, "number": indices.copy()}, len(indices))

    def score(self, model, items, name):
        return -np.abs(items["x"] - self.mean(model)).sum(axis=1)

    def evaluate(self, model, test, streams):
        from empirical.task import Measurement

        gap = np.linalg.norm(self.mean(model) - test["x"].mean(axis=0))
        return [Measurement("distance", float(gap) + float(torch.rand(())))]


Layered.__module__ = "toy"


def test_layers_that_take_no_generator_are_as_repeatable(tmp_path):
    wanted = changed(SMALL, {"loop.curate": "top_fraction", "loop.score": "own",
                             "loop.start": "scratch"})
    whole = run_loop(Layered, wanted, 3, Settings(tmp_path / "whole"))
    torch.rand(17)
    state, stops = torch.random.get_rng_state(), 0
    for allowed in range(2, 400, 5):
        asked = []

        def stop(asked=asked, allowed=allowed):
            asked.append(1)
            torch.rand(1)  # somebody else uses the generator, too
            return "enough" if len(asked) > allowed else ""

        try:
            again = run_loop(Layered, wanted, 3, Settings(tmp_path / "cut", stop=stop))
            break
        except Stopped:
            stops += 1
    assert stops > 3
    assert weights(again) == weights(whole)
    assert table(again).equals(table(whole))
    assert not torch.equal(state, torch.random.get_rng_state())  # the stop's own use was kept


def test_a_wrong_name_is_said_before_anything_is_trained(tmp_path):
    with pytest.raises(ValueError, match="curate = 'orcale': must be one of none"):
        run_loop(Toy, changed(SMALL, {"loop.curate": "orcale"}), 3, Settings(tmp_path))
    assert not list(tmp_path.glob("toy-base-*"))
    with pytest.raises(ValueError, match="score = 'nearness': task toy has none"):
        run_loop(Toy, changed(SMALL, {"loop.curate": "threshold", "loop.score": "nearness"}), 3,
                 Settings(tmp_path))


def test_threads_are_given_back(tmp_path):
    before = torch.get_num_threads()
    with pytest.raises(Stopped):
        run_loop(Toy, SMALL, 3, Settings(tmp_path, threads=2, stop=StopSign(0)))
    assert torch.get_num_threads() == before


def test_seconds_are_counted_once(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("empirical.loop.time.monotonic", lambda: now[0])

    def report(phase, done, total):
        now[0] += {"base model": 100.0}.get(phase, 1.0)

    record = run_loop(Toy, SMALL, 3, Settings(tmp_path, report=report,
                                              checkpoint_seconds=math.inf))
    parts = [runs.read(tmp_path / name) for name in runs.shared(record)]
    assert record.seconds < 100
    assert 2000 <= sum(part.seconds for part in parts) < 2100
    assert record.seconds + sum(part.seconds for part in parts) == pytest.approx(now[0], abs=5)
