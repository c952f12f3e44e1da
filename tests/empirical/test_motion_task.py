"""The task: what a motion depends on, what is learnt and measured, and whole loops."""

import dataclasses

import numpy as np
import pytest
import torch

from empirical import runs
from empirical.config import changed, to_dict
from empirical.identity import code_hash
from empirical.items import count, join, take
from empirical.loop import LoopConfig, Settings, run_loop
from empirical.motion import contacts, evaluation, library, measures, physics
from empirical.motion.config import Config
from empirical.motion.correction import Physics
from empirical.motion.model import MDM, WordReader
from empirical.motion.task import TASK
from empirical.streams import Streams
from empirical.training import Training, TrainingConfig

TINY = Config(
    n=24, test=32, frames=40, patch=8, width=32, layers=1, heads=2, feedforward=32,
    diffusion_steps=20, sampler="ddim", sampling_steps=3, block=8, judged=200, features=8,
    embedding=TrainingConfig(steps=60, batch=64, learning_rate=3e-3, decay="cosine"),
    report_corrected=2, base=TrainingConfig(steps=60, batch=16, learning_rate=3e-3),
    update=TrainingConfig(steps=3, batch=16, learning_rate=1e-3),
    loop=LoopConfig(rounds=1, mix="augment", ratio=0.5),
)


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def with_(**changes):
    return TASK(dataclasses.replace(TINY, **changes))


def trained_by(task, streams=Streams(3)):  # noqa: B008
    with streams.child("layers").under("cpu"):
        model = task.build(streams.torch())
    training = Training(model, task.real("train", streams), task.config.base, task.loss, streams)
    first = None
    while not training.done:
        training.advance()
        first = float(training.last_loss) if first is None else first
    return model, first, float(training.last_loss)


@pytest.fixture(scope="module")
def trained():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    found = trained_by(TASK(TINY))
    torch.set_num_threads(threads)
    return found


@pytest.fixture(scope="module")
def model(trained):
    return trained[0]


class TestTheMotions:
    def test_real_items(self):
        task = TASK(TINY)
        train, test = (task.real(split, Streams(0)) for split in ("train", "test"))
        assert set(train) == {"features", "length", "words", "group"}
        assert train["features"].shape == (24, 40, 81)
        assert train["features"].dtype == np.float32
        assert count(test) == 32
        frames = [items["features"][:, 5] for items in (train, test)]
        assert not (frames[0][:, None] == frames[1]).all(axis=2).any()
        for features, length in zip(train["features"], train["length"]):
            assert (features[length:] == 0).all()
        more = with_(n=30).real("train", Streams(1))
        assert (more["features"][:24] == train["features"]).all()  # nested sets
        with pytest.raises(ValueError, match="split = 'valid'"):
            task.real("valid", Streams(0))

    def test_poses_and_back(self):
        items = TASK(TINY).real("test", Streams(0))
        poses = library.to_poses(items["features"], items["length"])
        again = library.to_features(poses, items["length"], 40)
        assert again == pytest.approx(items["features"], abs=2e-4)
        short = int(np.argmin(items["length"]))
        end = items["length"][short]
        assert (poses[short, end:] == poses[short, end - 1]).all()

    def test_scaled_features_have_unit_groups(self):
        made, others = library.library("", 24, 32, 40), library.judged("", 24, 40, 200)
        values = np.concatenate([row[:n] for row, n in zip(
            others["features"], others["length"])])
        scaled = (values - made.mean) / made.scale
        assert np.abs(scaled.mean(axis=0)).max() < 0.5
        assert 0.5 < (scaled**2).mean() < 1.5

    def test_quality_is_the_share_of_sound_frames(self):
        task = TASK(TINY)
        items = task.real("test", Streams(0))
        assert task.quality(items).mean() > 0.95
        poses = library.to_poses(items["features"], items["length"])
        stands = (contacts.floating(poses, items["length"]) < 0.1) & (task.quality(items) == 1)
        stands &= (items["length"] == 40) & (np.abs(poses[:, -1, 0]) < 0.1)  # on the spot
        assert stands.sum() > 5
        sunk = {k: v[stands].copy() for k, v in items.items()}
        sunk["features"][:, ::2, 3] -= 0.02  # half of the frames 2 cm down
        assert task.quality(sunk) == pytest.approx(0.5, abs=0.06)
        slid = {k: v[stands].copy() for k, v in items.items()}
        slid["features"][:, :, 1] += 0.5  # everything slides forward at half a metre a second
        assert task.quality(slid).max() < 0.2


class TestTheModel:
    def test_what_comes_after_the_end_does_not_matter(self, model):
        x = torch.randn(2, 40, 81, generator=torch.Generator().manual_seed(1))
        time, length = torch.tensor([3, 9]), torch.tensor([16, 40])
        text = model.read(torch.tensor([[2, 3, 0, 0], [4, 0, 0, 0]]))
        other = x.clone()
        other[0, 16:] = 7.0
        with torch.inference_mode():
            first, second = (model(v, time, text, length) for v in (x, other))
        assert torch.equal(first, second)
        other[0, 15] = 7.0
        with torch.inference_mode():
            assert not torch.equal(first[0, :8], model(other, time, text, length)[0, :8])

    def test_no_words_are_the_zero_vector(self):
        reader = WordReader(10, 6, 16, 2)
        words = torch.tensor([[0] * 6, [3, 4, 0, 0, 0, 0], [4, 3, 0, 0, 0, 0]])
        found = reader(words)
        assert (found[0] == 0).all()
        assert torch.isfinite(found).all()
        assert not torch.allclose(found[1], found[2])  # the order of words is read
        alone = reader(words[1:2, :3])
        assert torch.allclose(alone, found[1:2], atol=1e-5)  # nor does padding count

    def test_step_and_caption_are_heard(self, model):
        x = torch.zeros(1, 40, 81)
        length = torch.tensor([40])
        texts = [model.read(torch.tensor([[n, 0]])) for n in (5, 6)]
        with torch.inference_mode():
            found = [model(x, torch.tensor([t]), text, length)
                     for t, text in ((1, texts[0]), (9, texts[0]), (1, texts[1]))]
        assert not torch.allclose(found[0], found[1])
        assert not torch.allclose(found[0], found[2])

    def test_it_learns(self, trained):
        _, first, last = trained
        assert last < 0.6 * first

    def test_loss_looks_at_frames_that_count_alone(self, model):
        task = TASK(TINY)
        items = task.real("train", Streams(0))
        batch = {k: torch.from_numpy(v) for k, v in items.items()}
        losses = []
        for value in (0.0, 5.0):
            changed_ = batch["features"].clone()
            for row, length in zip(changed_, batch["length"]):
                row[length:] = value
            with torch.no_grad():
                generator = torch.Generator().manual_seed(4)
                losses.append(task.loss(model, batch | {"features": changed_}, generator))
        assert losses[0] == losses[1]


class TestSampling:
    @pytest.mark.parametrize("sampler", ["ddim", "ddpm"])
    def test_a_proposal_does_not_depend_on_the_request(self, model, sampler):
        """Bit for bit: alone, among few, among many, in any order."""
        task = with_(sampler=sampler)
        whole = task.generate(model, np.arange(20), Streams(5))
        assert whole.evaluations == 20 * 3 * 2  # three steps, with and without the caption
        assert set(whole.items) == {"features", "length", "words", "group"}
        for indices in ([0], [17, 3, 9]):
            some = task.generate(model, np.asarray(indices), Streams(5)).items
            for name in some:
                assert (some[name] == whole.items[name][indices]).all()
        other = task.generate(model, np.arange(3), Streams(6)).items
        assert not (other["features"] == whole.items["features"][:3]).all()

    def test_prompts_are_training_captions_with_their_lengths(self, model):
        task = TASK(TINY)
        train = task.real("train", Streams(0))
        made = task.generate(model, np.arange(40), Streams(5)).items
        same = (made["words"][:, None] == train["words"]).all(axis=2)
        assert same.any(axis=1).all()
        assert len(np.unique(same.argmax(axis=1))) > 10
        for features, length in zip(made["features"], made["length"]):
            assert (features[length:] == 0).all()
            assert (features[:length] != 0).any()
        lengths = [set(train["length"][row]) for row in same]
        assert all(length in known for length, known in zip(made["length"], lengths))

    def test_guidance(self, model):
        """s = 1 asks once and is the conditional model; s = 0 does not hear the caption."""
        asked = take(TASK(TINY).real("test", Streams(0)), slice(4))
        dumb = asked | {"words": np.roll(asked["words"], 1, axis=0)}
        plain, cost = with_(guidance=1.0).sample(model, np.arange(4), asked, Streams(1))
        assert cost == 4 * 3
        twice, _ = with_(guidance=1.0 + 1e-9).sample(model, np.arange(4), asked, Streams(1))
        assert twice == pytest.approx(plain, abs=1e-3)
        deaf, cost = with_(guidance=0.0).sample(model, np.arange(4), asked, Streams(1))
        again, _ = with_(guidance=0.0).sample(model, np.arange(4), dumb, Streams(1))
        assert (deaf == again).all()
        assert cost == 4 * 3 * 2
        more, _ = with_(guidance=2.5).sample(model, np.arange(4), asked, Streams(1))
        assert not np.allclose(more, plain, atol=1e-3)

    def test_what_is_not_finite_becomes_a_motion_all_the_same(self):
        class Broken(MDM):
            def forward(self, x, time, text, length):
                return torch.full_like(x, torch.nan)

        task = TASK(TINY)
        broken = Broken(TINY, 81, 120, 20)
        asked = take(task.real("test", Streams(0)), slice(3))
        made, _ = task.sample(broken, np.arange(3), asked, Streams(1))
        assert np.isfinite(made).all()


class TestTheEmbedding:
    def test_captions_find_their_motions_and_shuffled_ones_do_not(self):
        task = TASK(TINY)
        test, judge = task.real("test", Streams(0)), task.judge
        motions = judge.motions(test["features"], test["length"])
        texts = judge.texts(test["words"])
        hits = measures.r_precision(measures.distances(motions, texts), 3, pool=16)
        assert hits.mean() > 0.6  # chance: 3/16
        # Dealt out by chance, often: 3/16 on average, |z| < 4.5.
        rng, found = np.random.default_rng(1), []
        for _ in range(40):
            apart = measures.distances(motions, texts[rng.permutation(32)])
            found.append(measures.r_precision(apart, 3, pool=16).mean())
        error = np.std(found, ddof=1) / np.sqrt(40)
        assert abs(np.mean(found) - 3 / 16) < 4.5 * error
        assert hits.mean() - 3 / 16 > 4.5 * error * np.sqrt(40)

    def test_it_is_made_once_and_looks_at_poses_alone(self):
        task = TASK(TINY)
        assert with_().judge is task.judge
        test = task.real("test", Streams(0))
        lying = test["features"].copy()
        lying[..., 62:] = 9.0  # velocities and contacts that are no motion's
        assert task.judge.motions(lying, test["length"]) == pytest.approx(
            task.judge.motions(test["features"], test["length"]), abs=1e-3)

    def test_the_models_clips_are_not_among_those_it_learns_from(self):
        made, others = library.library("", 24, 32, 40), library.judged("", 24, 40, 200)
        for name in ("train", "test"):
            mine = getattr(made, name)["features"][:, 5]
            assert not (mine[:, None] == others["features"][None, :, 5]).all(axis=2).any()


class TestMeasuring:
    def test_what_is_measured(self, model):
        task = TASK(TINY)
        rows = task.evaluate(model, task.real("test", Streams(0)), Streams(9))
        found = {(m.split, m.metric): m for m in rows}
        assert len(found) == len(rows)
        for metric in ("fid", "diversity", "matching", "r_precision@3", "penetration", "floating",
                       "skating", "self_collision"):
            assert found["test", metric].n == 32
            assert ("real", metric) in found
        for metric in ("penetration", "before/penetration", "moved", "failed"):
            assert ("corrected", metric) in found
        assert found["test", "fid"].value == pytest.approx(
            found["test", "fid/mean"].value + found["test", "fid/covariance"].value)
        assert found["test", "fid"].value > abs(found["real", "fid"].value)
        assert found["real", "r_precision@3"].value > found["test", "r_precision@3"].value
        assert found["real", "penetration"].value < 0.1 < found["test", "penetration"].value
        again = task.evaluate(model, task.real("test", Streams(0)), Streams(9))
        assert [m.value for m in again] == [m.value for m in rows]

    def test_scores(self, model):
        task = TASK(TINY)
        items = task.real("test", Streams(0))
        own = task.score(model, items, "matching")
        wrong = task.score(model, items | {"words": np.roll(items["words"], 3, axis=0)},
                           "matching")
        assert own.mean() > wrong.mean()
        assert (task.score(model, items, "soundness") == task.quality(items)).all()
        with pytest.raises(ValueError, match="score = 'beauty'"):
            task.score(model, items, "beauty")

    def test_flops_grow_with_the_model(self):
        assert TASK(TINY).flops(4) == 4 * TASK(TINY).flops(1) > 0
        assert with_(width=64).flops(1) > 2 * TASK(TINY).flops(1)


class TestTheCorrector:
    def test_items_in_and_out(self, model):
        task = with_(loop=dataclasses.replace(TINY.loop, curate="physics"))
        items = task.generate(model, np.arange(6), Streams(5)).items
        after, report = task.curator(Streams(0)).correct_and_tell(items)
        assert set(after) == {*items, "outcome"}
        assert after["features"].dtype == np.float32
        assert (after["outcome"] == report.outcome).all()
        assert (after["words"] == items["words"]).all()
        before, now = (contacts.penetration(
            library.to_poses(i["features"], i["length"]), i["length"]) for i in (items, after))
        done = report.corrected
        assert now[done].sum() <= 0.1 * before[done].sum()
        assert task.quality(after).mean() > task.quality(items).mean()

    def test_what_fails_is_passed_on_bit_for_bit(self, model, monkeypatch):
        items = TASK(TINY).generate(model, np.arange(4), Streams(5)).items

        def half(poses, lengths, processes):
            outcome = np.array([0, 1, 2, 3])
            return poses + np.float32(0.01), physics.Report(outcome, np.zeros(4), 1.0)

        monkeypatch.setattr(physics, "correct", half)
        after = Physics().correct(items)
        same = (after["features"] == items["features"]).all(axis=(1, 2))
        assert same.tolist() == [False, True, True, True]
        assert after["outcome"].tolist() == [0, 1, 2, 3]
        rows = {m.metric: m.value for m in evaluation.corrected_rows(items)}
        assert rows["failed"] == 0.75


@pytest.fixture(scope="module")
def loops(here):
    """Runs of one seed: arms by name."""
    arms = {
        "baseline": {"loop.mix": "real"},
        "iterative": {},
        "identity": {"loop.curate": "identity"},
        "corrected": {"loop.curate": "physics"},
        "none": {"loop.ratio": 0.0},
    }
    settings = Settings(here)
    return {name: run_loop(TASK, changed(TINY, changes), 0, settings)
            for name, changes in arms.items()}


def weights(record):
    run = runs.Run(record.path.parent, record.wanted, {})
    with run:
        return run.load(run.last("trained"))


class TestLoops:
    def test_an_identity_corrector_changes_no_bit(self, loops):
        first, second = weights(loops["iterative"]), weights(loops["identity"])
        assert all((first[name] == second[name]).all() for name in first)
        other = weights(loops["corrected"])
        assert not all((first[name] == other[name]).all() for name in first)

    def test_lambda_of_0_is_the_baseline(self, loops):
        first, second = weights(loops["baseline"]), weights(loops["none"])
        assert all((first[name] == second[name]).all() for name in first)

    def test_what_was_corrected_is_kept_in_the_run(self, loops):
        record = loops["corrected"]
        run = runs.Run(record.path.parent, record.wanted, {})
        with run:
            kept = run.load(run.last("curated"))
        assert count(kept) == 12  # lambda n
        assert set(np.unique(kept["outcome"])) <= {0, 1, 2, 3}
        assert join([kept])["features"].shape == (12, 40, 81)

    def test_all_arms_begin_alike(self, loops):
        tables = [record.metrics for record in loops.values()]
        starts = [t[(t["round"] == 0) & (t.split == "test")].value.tolist() for t in tables]
        assert all(start == starts[0] for start in starts)


class TestConfigAndPresets:
    @pytest.mark.parametrize(("changes", "match"), [
        ({"frames": 41}, "frames = 41: must be a multiple of patch = 8"),
        ({"width": 30}, "width = 30: must be a multiple of twice the heads"),
        ({"sampler": "euler"}, "sampler = 'euler'"),
        ({"sampling_steps": 21}, "sampling_steps = 21: must be at most"),
        ({"drop": 1.0}, "drop = 1"), ({"guidance": -1.0}, "guidance = -1"),
        ({"n": -1}, "n = -1"), ({"layers": 0}, "layers = 0"), ({"text": ""}, "text = ''"),
        ({"features": 1}, "features = 1"), ({"frames": 1, "patch": 1}, "frames = 1"),
    ])
    def test_what_is_refused(self, changes, match):
        with pytest.raises(ValueError, match=match):
            dataclasses.replace(TINY, **changes)

    def test_missing_data_is_said_in_a_line(self):
        with pytest.raises(ValueError, match="data = /nowhere: must be a folder"):
            with_(data="/nowhere").real("train", Streams(0))

    @pytest.mark.parametrize("name", sorted(TASK.presets))
    def test_presets_are_whole(self, name):
        preset = TASK.presets[name]
        base = changed(Config(), preset.changes)
        arms = {arm.name: changed(base, arm.changes) for arm in preset.arms}
        assert len({str(to_dict(config)) for config in arms.values()}) == len(arms)
        kinds = {arm.split("-")[0] for arm in arms} if name != "paper" else {
            arm.split("-")[1] for arm in arms}
        assert {"baseline", "iterative", "corrected"} <= kinds
        if name in ("desk", "night"):
            assert preset.seeds >= 6
            assert base.n == 64
            assert "shuffled" in arms
        if name == "smoke":
            assert preset.minutes < 2

    def test_the_papers_preset_has_the_papers_numbers(self):
        preset = TASK.presets["paper"]
        base = changed(Config(), preset.changes)
        arms = {arm.name: changed(base, arm.changes) for arm in preset.arms}
        assert base.guidance == 2.5
        assert (base.width, base.layers, base.heads, base.feedforward) == (512, 8, 4, 1024)
        assert (base.diffusion_steps, base.sampler, base.patch) == (1000, "ddpm", 1)
        for training in (base.base, base.update):
            assert (training.optimizer, training.learning_rate, training.batch) == (
                "adamw", 1e-4, 64)
        assert len(arms) == 3 * 9 + 11
        for k in (1, 2, 4):
            config = arms[f"{64 * k}-corrected-0.75"]
            assert (config.n, config.base.steps, config.update.steps) == (64 * k, 78 * k, 16)
            assert config.loop.wanted(64 * k) == (48 * k,) * 50
        config = arms["2794-iterative-0.25"]
        assert (config.n, config.base.steps, config.update.steps) == (2794, 3125, 625)

    def test_shuffled_captions_are_those_of_other_clips(self):
        plain, dealt = TASK(TINY), with_(shuffled=True)
        first, second, other = (t.real("train", Streams(s)) for t, s in (
            (plain, 0), (dealt, 0), (dealt, 1)))
        assert (first["features"] == second["features"]).all()
        assert not (first["words"] == second["words"]).all()
        assert not (other["words"] == second["words"]).all()
        assert sorted(map(tuple, first["words"])) == sorted(map(tuple, second["words"]))
        assert (plain.real("test", Streams(0))["words"] == dealt.real(
            "test", Streams(0))["words"]).all()

    def test_predictions_and_presets_are_not_part_of_a_run(self):
        assert len(code_hash("empirical.motion.task")) == 64
