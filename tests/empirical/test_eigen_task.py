"""The task: what is right, what a proposal depends on, what is measured, whole loops."""

import dataclasses

import numpy as np
import pytest
import torch

from empirical.config import changed, to_dict
from empirical.eigen.config import Config
from empirical.eigen.task import TASK, relative_errors
from empirical.items import count, join, take
from empirical.loop import LoopConfig, Settings, run_loop
from empirical.streams import Streams
from empirical.training import Training, TrainingConfig

TINY = Config(
    size=2, strip=False, width=16, heads=2, encoder_layers=1, norm="pre", real=600, test=300,
    tolerance=0.5, base=TrainingConfig(steps=60, batch=32, learning_rate=1e-2),
    update=TrainingConfig(steps=10, batch=32, learning_rate=1e-2),
    loop=LoopConfig(total=64, rounds=1, start="scratch", curate="oracle"),
)


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def trained():
    """A tiny model after 60 steps, whose answers differ from matrix to matrix."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    task = TASK(TINY)
    model = task.build(Streams(1).child("build").torch())
    training = Training(model, task.real("train", Streams(1)), TINY.base, task.loss, Streams(2))
    while not training.done:
        training.advance()
    torch.set_num_threads(threads)
    return model


def with_(**changes):
    return TASK(dataclasses.replace(TINY, **changes))


def item(matrix, answer, code=TINY.code):
    return {"source": code.encode(np.ravel(matrix))[None], "target": code.encode(answer)[None]}


def test_relative_errors_by_hand():
    true = np.array([3.0, -1.0])
    assert relative_errors(np.array([3.0, -1.0]), true) == 0
    assert relative_errors(np.array([3.1, -0.9]), true) == pytest.approx(0.05)
    assert relative_errors(np.array([-1.0, 3.0]), true) == 2  # the order counts
    assert relative_errors(np.array([[0.0, 0.0], [3.0, np.nan]]), true)[0] == 1
    assert np.isnan(relative_errors(np.array([3.0, np.nan]), true))


def test_the_tolerance_is_strict_and_scale_free():
    task = with_(tolerance=0.05)
    for scale in (1.0, 0.01, 2.0):
        matrix = scale * np.array([[2.0, 1.0], [1.0, 2.0]])  # eigenvalues 3, 1
        for answer, right in [((3.0, 1.0), 1), ((3.19, 1.0), 1), ((2.9, 0.91), 1),
                              ((3.21, 1.0), 0), ((2.9, 0.89), 0), ((1.0, 3.0), 0)]:
            assert task.quality(item(matrix, scale * np.array(answer)))[0] == right
    # Error and tolerance both exactly 1/4: not below.
    assert with_(tolerance=0.25).quality(item(np.diag([3.0, 1.0]), [4.0, 1.0]))[0] == 0
    assert with_(tolerance=0.2501).quality(item(np.diag([3.0, 1.0]), [4.0, 1.0]))[0] == 1


def test_no_answer_and_the_zero_matrix_are_wrong():
    task = TASK(TINY)
    assert task.quality(item(np.zeros((2, 2)), [0.0, 0.0]))[0] == 0
    broken = item(np.diag([3.0, 1.0]), [3.0, 1.0])
    broken["target"][0, 1] = 0  # a sign where a mantissa belongs
    assert task.quality(broken)[0] == 0
    assert task.score(None, broken, "closeness")[0] == 0
    assert task.score(None, item(np.diag([3.0, 1.0]), [3.0, 1.0]), "closeness")[0] == 1
    with pytest.raises(ValueError, match="score = 'beauty'"):
        task.score(None, broken, "beauty")


def test_real_items_are_right_at_every_tolerance():
    for changes in ({}, {"encoding": "fp15"}, {"size": 5}):
        task = with_(tolerance=0.005, **changes)
        items = task.real("test", Streams(3))
        assert count(items) == 300
        assert task.quality(items).all()
        width = task.code.width
        assert items["source"].shape == (300, task.config.size**2 * width)
        assert items["target"].shape == (300, task.config.size * width)


def test_splits_differ_and_do_not_grow_into_each_other():
    task = TASK(TINY)
    train, test = (task.real(split, Streams(3))["source"] for split in ("train", "test"))
    assert not (train[:, None] == test).all(axis=2).any()
    more = with_(real=2000).real("train", Streams(3))
    assert (more["source"][:600] == train).all()
    with pytest.raises(ValueError, match="split = 'valid'"):
        task.real("valid", Streams(3))


@pytest.mark.parametrize("changes", [{}, {"beams": 4, "pick": "oracle"}, {"beams": 3}])
def test_a_proposal_does_not_depend_on_the_request(trained, changes):
    """Bit for bit: alone, among few, among many, in any order."""
    task = with_(**changes)
    whole = task.generate(trained, np.arange(1024), Streams(5))
    assert len(np.unique(whole.items["target"], axis=0)) > 10
    assert whole.evaluations == 1024 * task.config.beams
    for indices in ([0], [700, 3, 255, 256, 3], np.arange(500, 600)):
        some = task.generate(trained, np.asarray(indices), Streams(5)).items
        for name in some:
            assert (some[name] == whole.items[name][indices]).all()
    other = task.generate(trained, np.arange(10), Streams(6)).items
    assert not (other["source"] == whole.items["source"][:10]).all()


def test_picks(trained):
    """An oracle's pick of the beam is at least as close as the model's; labels can be true."""
    indices = np.arange(256)
    greedy, beam, best = (
        with_(**changes).generate(trained, indices, Streams(5)).items
        for changes in ({}, {"beams": 8}, {"beams": 8, "pick": "oracle"})
    )
    task = TASK(TINY)
    assert (greedy["source"] == best["source"]).all()
    assert (task.errors(best) <= task.errors(beam)).all()
    assert task.errors(best).mean() < 0.9 * task.errors(greedy).mean()
    answers, scores = task.beams(trained, best["source"], 8)
    assert (beam["target"] == answers[:, 0]).all()
    assert (best["target"][:, None] == answers).all(axis=2).any(axis=1).all()
    assert (np.diff(scores, axis=1) <= 0).all()
    truth = with_(labels="truth").generate(None, indices, Streams(5))
    assert truth.evaluations == 0
    assert (truth.items["source"] == greedy["source"]).all()
    assert with_(tolerance=0.005).quality(truth.items).all()


def test_padding_changes_nothing(trained):
    """A request that is no multiple of the block gives the same as the rows of a full one."""
    task = TASK(TINY)
    source = task.real("train", Streams(8))["source"]
    full, _ = task.beams(trained, source[:512], 2)
    short, _ = task.beams(trained, source[:300], 2)
    assert (short == full[:300]).all()


def test_bfloat16_decodes_nearly_the_same(trained):
    exact, rough = TASK(TINY), with_(precision="bfloat16")
    source = exact.real("train", Streams(8))["source"][:512]
    answers, scores = exact.beams(trained, source, 1)
    again, other = rough.beams(trained, source, 1)
    assert 0.8 < (answers == again).all(axis=2).mean() <= 1
    assert np.abs(scores - other).mean() < 0.1  # nats an answer, of about ten
    assert not (scores == other).all()
    assert next(trained.parameters()).dtype == torch.float32


def test_likelihood_prefers_what_the_model_says(trained):
    task = TASK(TINY)
    said = task.generate(trained, np.arange(256), Streams(5)).items
    real = with_(labels="truth").generate(None, np.arange(256), Streams(5)).items
    _, scores = task.beams(trained, said["source"], 1)
    found = task.score(trained, said, "likelihood")
    assert found == pytest.approx(scores[:, 0] / 6, abs=1e-4)
    assert (found >= task.score(trained, real, "likelihood")).mean() > 0.9


def test_what_is_measured(trained):
    task = with_(report_beams=(5, 10))
    test = task.real("test", Streams(1))
    found = {m.metric: m for m in task.evaluate(trained, test, Streams(9))}
    assert len(found) == 1 + 5 * 5  # loss; five tolerances, greedy and two readings of two beams
    levels = ("50%", "5%", "2%", "1%", "0.5%")
    for suffix in ("", "/beam5/all", "/beam5/best", "/beam10/all", "/beam10/best"):
        values = [found[f"accuracy@{level}{suffix}"].value for level in levels]
        assert values == sorted(values, reverse=True)
    for level in levels:
        value = [found[f"accuracy@{level}{s}"].value for s in ("", "/beam5/all", "/beam10/all")]
        assert value == sorted(value)
        assert value[1] >= found[f"accuracy@{level}/beam5/best"].value
    share = found["accuracy@50%"]
    greedy = take(test, slice(None)) | {"target": task.beams(trained, test["source"], 1)[0][:, 0]}
    assert share.value == pytest.approx(task.quality(greedy).mean())
    assert 0.05 < share.value < 0.95
    assert share.stderr == pytest.approx(np.sqrt(share.value * (1 - share.value) / 299))
    assert share.n == 300
    with torch.no_grad():
        batch = {name: torch.from_numpy(values) for name, values in test.items()}
        loss = task.loss(trained, batch, None)
    assert found["loss"].value == pytest.approx(loss.item(), rel=1e-4)


def test_training_learns(trained):
    """A minute's worth less: after 60 steps the loss is well below that of a fresh model."""
    task = TASK(TINY)
    test = task.real("test", Streams(1))
    fresh = task.build(Streams(1).child("build").torch())
    before, after = (
        next(m.value for m in task.evaluate(model, test, Streams(9)) if m.metric == "loss")
        for model in (fresh, trained)
    )
    assert before == pytest.approx(np.log([2, 1000, 201]).mean(), rel=0.3)
    assert after < 0.75 * before


def test_the_config_is_plain_and_checked():
    assert changed(Config(), {"size": "3", "report_beams": "5,10"}).report_beams == (5, 10)
    assert to_dict(TINY)["loop"]["curate"] == "oracle"
    for changes, message in [
        ({"encoding": "p10"}, "encoding = 'p10'"), ({"tolerance": 0}, "tolerance = 0"),
        ({"labels": "me"}, "labels = 'me'"), ({"pick": "me"}, "pick = 'me'"),
        ({"heads": 7}, "heads = 7: must divide"), ({"real": 0}, "real = 0"),
        ({"report_beams": (0,)}, "report_beams = 0"), ({"precision": "x"}, "precision = 'x'"),
        ({"encoding": "fp15", "high": -3}, "high = -3: must let FP15 write"),
    ]:
        with pytest.raises(ValueError, match=message):
            dataclasses.replace(TINY, **changes)


def last(record, metric):
    rows = record.metrics
    rows = rows[(rows["metric"] == metric) & (rows["split"] == "test")]
    return rows.sort_values("round")["value"].iloc[-1]


@pytest.mark.parametrize("curate", ["oracle", "none"])
def test_a_whole_loop(tmp_path, curate):
    config = changed(TINY, {"loop.curate": curate})
    record = run_loop(TASK, config, 0, Settings(root=tmp_path))
    assert 0 <= last(record, "accuracy@50%") <= 1


@pytest.mark.parametrize("name", ["smoke", "desk", "night", "gpu", "paper"])
def test_presets_are_configs(name):
    preset = TASK.presets[name]
    assert preset.name == name
    arms = [changed(Config(), preset.changes | arm.changes) for arm in preset.arms]
    assert len({str(to_dict(config)) for config in arms}) == len(arms)
    for arm, config in zip(preset.arms, arms):
        assert config.shape == arms[0].shape
        assert config.base == arms[0].base
        assert config.loop.rounds == (arm.name != "generator")
        assert bool(config.report_beams) == (arm.name == "generator")  # once, and not every round
    if name in ("desk", "night", "paper"):
        assert preset.seeds >= 5
        assert {"oracle", "none", "clean", "generator"} <= {arm.name for arm in preset.arms}


def test_the_papers_preset_has_the_papers_numbers():
    config = changed(Config(), TASK.presets["paper"].changes)
    assert (config.size, config.real, config.width, config.heads) == (5, 200_000, 512, 8)
    assert (config.encoder_layers, config.decoder_layers, config.norm) == (4, 1, "post")
    assert (config.tolerance, config.beams, config.shape.source) == (0.01, 1, 75)
    for training in (config.base, config.update):
        assert (training.optimizer, training.decay) == ("adam", "constant")
        assert (training.learning_rate, training.warmup) == (5e-5, 10_000)
    assert config.base.steps * config.base.batch == 65 * 200_000


def test_flops_grow_with_the_model():
    task = TASK(TINY)
    assert task.flops(2) == 2 * task.flops(1) > 0
    assert with_(width=32).flops(1) > 2 * task.flops(1)
    assert join([task.real("test", Streams(0))] * 2)["source"].shape == (600, 12)
