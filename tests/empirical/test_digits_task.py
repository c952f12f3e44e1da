"""The digits task: what proposals depend on, what is measured, and whole loops of tiny models."""

import dataclasses

import numpy as np
import pytest
import torch

from empirical.config import changed
from empirical.digits import instruments, judge
from empirical.digits.config import Config
from empirical.digits.task import TASK
from empirical.items import count
from empirical.loop import Settings, run_loop
from empirical.streams import Streams
from empirical.training import Training, TrainingConfig

QUICK = TrainingConfig(epochs=20, batch=64, learning_rate=3e-3)
TINY = changed(
    Config(source="digits8", size=8, pool=300, channels=(8, 8), layers=1, diffusion_steps=40,
           sampler="ddim", sampling_steps=2, block=20, anchors=3, features=32, reader=QUICK,
           sampled=40, base=TrainingConfig(steps=10, batch=32, learning_rate=2e-3),
           update=TrainingConfig(steps=2, batch=32, learning_rate=2e-3)),
    {"loop.rounds": 2, "loop.total": 80, "loop.ratio": 0.1},
)
CVAE = changed(TINY, {
    "model": "cvae", "latents": 4, "anchors": 0, "real": 100, "judge_widths": (16,),
    "judge.epochs": 1.0, "loop.mix": "replace", "loop.ratio": -1.0, "loop.start": "cold",
    "loop.curate": "top_fraction", "loop.score": "realism",
})


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("digits")


@pytest.fixture(scope="module")
def ran(root):
    """Return a run of a tiny config with some keys changed; each is run once."""
    known = {}

    def run(start=TINY, **changes):
        wanted = changed(start, {key.replace("__", "."): v for key, v in changes.items()})
        if wanted not in known:
            known[wanted] = run_loop(TASK, wanted, 3, Settings(root))
        return known[wanted]

    return run


def table(record):
    rows = record.metrics
    rows = rows[~rows["split"].isin(["proposed"])]
    return rows.drop(columns="run").reset_index(drop=True)


def weights(record):
    trained = [e for e in record.events if e["event"] == "trained"]
    return (record.path / trained[-1]["file"]).read_bytes()


def value(record, metric, round_, split="test"):
    rows = record.metrics
    found = rows[(rows.metric == metric) & (rows["round"] == round_) & (rows["split"] == split)]
    return found.value.item()


def test_real_digits_are_balanced_and_drawn_by_seed():
    task = TASK(dataclasses.replace(TINY, real=100))
    items = task.real("train", Streams(0))
    assert np.bincount(items["group"]).tolist() == [10] * 10
    again, other = task.real("train", Streams(0)), task.real("train", Streams(1))
    assert (again["image"] == items["image"]).all()
    assert not (other["image"] == items["image"]).all()
    pool = instruments.pool(instruments.Source.of(task.config))
    pictures = {image.tobytes() for image in pool["image"]}
    assert all(image.tobytes() in pictures for image in items["image"])
    assert count(TASK(TINY).real("train", Streams(0))) == 300
    test = task.real("test", Streams(0))
    assert not any(image.tobytes() in pictures for image in test["image"])
    with pytest.raises(ValueError, match="real = 301: must be at most 300, the pool"):
        TASK(dataclasses.replace(TINY, real=301)).real("train", Streams(0))


def test_digits_take_turns():
    for config in (TINY, CVAE):
        task = TASK(config)
        with Streams(1).under():
            model = task.build(None).eval()
        made = task.generate(model, np.arange(7, 47), Streams(2))
        assert made.items["group"].tolist() == [i % 10 for i in range(7, 47)]
        assert made.evaluations == 40 * (4 if config is TINY else 1)
        assert task.shard % config.block == 0


def test_quality_is_what_the_reader_reads():
    task = TASK(TINY)
    items = task.real("test", Streams(0))
    right = task.quality(items)
    assert set(right) == {0.0, 1.0}
    assert right.mean() > 0.6
    wrong = items | {"group": (items["group"] + 1) % 10}
    assert not (task.quality(wrong) * right).any()
    sure = task.score(None, items, "confidence")
    assert sure[right == 1].min() > sure[right == 0].max() / 3
    assert ((sure > 0.5) <= (right == 1)).all()
    with pytest.raises(ValueError, match="score = 'beauty'"):
        task.score(None, items, "beauty")


def test_a_corrector_puts_anchors_in_place():
    task = TASK(changed(TINY, {"loop.curate": "anchors"}))
    items = task.real("test", Streams(0))
    corrected = task.curator(Streams(0)).correct(items)
    anchors = instruments.anchors(instruments.Source.of(TINY), 3)
    for image, group in zip(corrected["image"], corrected["group"]):
        assert (image.ravel() == anchors[group]).all(axis=1).any()
    half = TASK(changed(TINY, {"loop.curate": "anchors", "strength": 1.0})).curator(Streams(0))
    middle = (items["image"] + corrected["image"]) / 2
    assert half.correct(items)["image"] == pytest.approx(middle, abs=1e-6)
    with pytest.raises(ValueError, match="anchors = 0: must be at least 1"):
        TASK(changed(TINY, {"loop.curate": "anchors", "anchors": 0})).curator(Streams(0))


def test_training_learns():
    """Both losses fall, and the images come nearer to real ones."""
    for config, steps in ((TINY, 100), (CVAE, 100)):
        config = dataclasses.replace(config, real=0)
        task = TASK(config)
        test = task.real("test", Streams(0))
        with Streams(1).under():
            model = task.build(None)

        def measured(model=model, task=task, test=test):
            found = task.evaluate(model.eval(), test, Streams(4))
            return {row.metric: row.value for row in found}

        before = measured()
        training = Training(model, task.real("train", Streams(0)), TrainingConfig(
            steps=steps, batch=32, learning_rate=3e-3), task.loss, Streams(2))
        while not training.done:
            training.advance()
        after = measured()
        assert after["loss"] < 0.8 * before["loss"]
        assert after["fid"] < 0.8 * before["fid"]
        assert ("corrector.q" in after) == bool(config.anchors)


def test_no_synthetic_images_are_the_baseline(ran):
    """lambda = 0 equals training on real images exactly."""
    baseline, zero = ran(loop__mix="real"), ran(loop__ratio=0.0)
    assert baseline.name != zero.name
    assert table(baseline).equals(table(zero))
    assert weights(baseline) == weights(zero)


def test_an_identity_corrector_changes_nothing(ran):
    plain, same = ran(loop__curate="none"), ran(loop__curate="identity")
    assert plain.name != same.name
    assert table(plain).equals(table(same))
    assert weights(plain) == weights(same)
    assert weights(plain) != weights(ran(loop__mix="real"))


def test_a_corrected_loop_trains_on_anchors(ran):
    record = ran(loop__curate="anchors")
    assert record.finished
    assert weights(record) != weights(ran())
    assert value(record, "kept", 2, "cost") == 30
    from empirical._files import unpack

    kept = next(e for e in record.events if e["event"] == "curated" and e["round"] == 2)
    images = unpack((record.path / kept["file"]).read_bytes())["image"]
    assert len(np.unique(images.reshape(len(images), -1), axis=0)) <= 30


def test_runs_resume_to_the_same_bits(ran, tmp_path):
    """The reader, the anchors and the samples do not remember what was run before."""
    again = run_loop(TASK, changed(TINY, {"loop.curate": "anchors"}), 3, Settings(tmp_path))
    assert table(again).equals(table(ran(loop__curate="anchors")))


@pytest.mark.parametrize("changes", [{}, {"judge_without": 3}, {"judge_fresh": True}])
def test_a_verified_loop(ran, changes):
    record = ran(CVAE, **changes)
    assert record.finished
    assert value(record, "kept", 2, "cost") == 40
    assert value(record, "proposed", 2, "cost") == 400
    from empirical._files import unpack

    kept = next(e for e in record.events if e["event"] == "curated" and e["round"] == 2)
    groups = unpack((record.path / kept["file"]).read_bytes())["group"]
    assert np.bincount(groups).tolist() == [4] * 10


def test_the_verifiers_differ(ran):
    names = [weights(ran(CVAE, **changes)) for changes in
             ({}, {"judge_without": 3}, {"judge_fresh": True}, {"loop__curate": "none"})]
    assert len(set(names)) == 4


def test_a_fixed_verifier_prefers_real_images():
    task = TASK(changed(CVAE, {"judge.epochs": 20.0, "base.steps": 60}))
    with Streams(1).under():
        model = task.build(None).eval()
    test = task.real("test", Streams(0))
    noise = task.generate(model, np.arange(200), Streams(2)).items
    found = task.judge(5, noise)
    assert found is task.judge(5, test)  # whatever it is asked about
    assert found is not task.judge(6, noise)
    assert (found.scores(test["image"])[:, None] > found.scores(noise["image"])).mean() > 0.8
    fresh = TASK(changed(CVAE, {"judge_fresh": True, "judge.epochs": 20.0}))
    scores = fresh.judge(5, noise).scores
    assert (scores(test["image"])[:, None] > scores(noise["image"])).mean() > 0.9


def test_wrong_names_are_said_before_anything_is_trained():
    with pytest.raises(ValueError, match="curate = 'beauty'"):
        TASK(changed(TINY, {"loop.curate": "beauty"})).curator(Streams(0))
    made = TASK(changed(CVAE, {"loop.score": "confidence"})).curator(Streams(0))
    assert not isinstance(made, judge.Judged)


def test_flops_grow_with_the_network():
    small, large = (TASK(dataclasses.replace(TINY, channels=c)).flops(1)
                    for c in ((8, 8), (16, 16)))
    assert 3 < large / small < 5
    assert TASK(TINY).flops(10) == 10 * small
