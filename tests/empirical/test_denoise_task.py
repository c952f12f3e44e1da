"""The denoising task: noise and step, what the reward sees, what a proposal depends on, loops."""

import dataclasses

import numpy as np
import pytest
import safetensors.torch
import torch

pytest.importorskip("diffusers")

from empirical import images
from empirical.config import changed, to_dict
from empirical.denoise.config import Config
from empirical.denoise.task import TASK, Reward, psnr
from empirical.diffusion import normal
from empirical.items import count
from empirical.loop import LoopConfig, Settings, identity_of, run_loop
from empirical.streams import Streams
from empirical.training import Training, TrainingConfig

TINY = Config(
    size=8, strokes=300, test=70, noise=0.25, steps=50, beta_start=2e-3, beta_end=0.3, chain=4,
    focus=True, psnr_low=8.0, psnr_high=15.0, channels=(4, 8),
    base=TrainingConfig(steps=80, batch=32, learning_rate=1e-2),
    update=TrainingConfig(batch=32, learning_rate=2e-3),
    loop=LoopConfig(total=96, rounds=2, multiple=32, curate="reward"),
)


@pytest.fixture(scope="module")
def trained():
    """A tiny model after 80 steps on strokes."""
    task, streams = TASK(TINY), Streams(1)
    with streams.child("layers").under():
        model = task.build(streams.torch())
    plain = TASK(dataclasses.replace(TINY, focus=False))
    training = Training(model, task.real("train", streams), TINY.base, plain.loss, Streams(2))
    while not training.done:
        training.advance()
    return model.eval()


def with_(**changes):
    return TASK(dataclasses.replace(TINY, **changes))


class Knows(torch.nn.Module):
    """A network that knows the clean images of a batch, and so the noise without error."""

    def __init__(self, task, clean):
        super().__init__()
        self.task, self.clean, self.asked = task, torch.from_numpy(clean), []

    def forward(self, x, time):
        self.asked.append(time)
        kept = self.task.scheduler.alphas_cumprod[torch.as_tensor(time)].reshape(-1, 1, 1, 1)
        clean = self.clean[torch.arange(len(x)) % len(self.clean)]
        sample = (x - kept.sqrt() * clean) / (1 - kept).sqrt()
        return type("Output", (), {"sample": sample})


def test_psnr_by_hand():
    truth = np.zeros((3, 1, 2, 2))
    made = truth.copy()
    made[0] = 0.2  # an error of 0.1 of the range everywhere: 20 dB
    made[1, 0, 0, 0] = 0.4  # the same mean square
    assert psnr(made, truth) == pytest.approx([20, 20, np.inf])
    assert psnr(made / 10, truth)[:2] == pytest.approx([40, 40])


def test_the_reward_is_linear_between_its_ends_and_sees_the_truth():
    task = TASK(TINY)
    clean = task.clean["image"][:5]
    step = np.array([0.0, 0.2, 0.4, 0.6, 0.9], np.float32)[:, None, None, None]
    items = {"image": clean + step, "truth": np.arange(5), "group": np.zeros(5, int)}
    levels = np.r_[np.inf, 20 * np.log10(2 / step[1:, 0, 0, 0])]
    assert task.score(None, items, "psnr") == pytest.approx(levels, rel=1e-5)
    assert task.quality(items) == pytest.approx(np.clip((levels - 8) / 7, 0, 1), rel=1e-5)
    assert task.quality(items)[[0, 4]].tolist() == [1, 0]
    moved = items | {"truth": np.arange(5) + 7}
    assert (task.score(None, moved, "psnr")[1:] < 15).all()
    hard = with_(psnr_low=14.0, psnr_high=14.0).quality(items)
    assert hard.tolist() == (levels >= 14).astype(float).tolist()
    with pytest.raises(ValueError, match="score = 'beauty': must be quality or psnr"):
        task.score(None, items, "beauty")


def test_the_reward_keeps_with_its_probability():
    uniform = np.array([0.0, 0.3, 0.5, 0.99])
    quality = np.array([0.0, 0.31, 0.5, 1.0])
    assert Reward().keep({}, quality, None, uniform).tolist() == [False, True, False, True]


@pytest.mark.parametrize("noise", [0.1, 0.25, 0.45])
def test_the_noise_is_that_of_its_diffusion_step(noise):
    task = with_(noise=noise, chain=0, steps=1000, beta_start=1e-4, beta_end=0.02)
    kept = float(task.scheduler.alphas_cumprod[task.times[0]])
    assert np.sqrt((1 - kept) / kept) == pytest.approx(2 * noise, rel=0.02)
    assert task.times == list(range(task.times[0], -1, -1))
    with pytest.raises(ValueError, match="sigma = 2e-05"):
        _ = with_(noise=1e-5).times


@pytest.mark.parametrize(("chain", "length"), [(1, 1), (2, 2), (4, 4), (50, 9), (0, 9)])
def test_a_chain_goes_from_the_matched_step_to_the_last(chain, length):
    times = with_(chain=chain).times
    assert len(times) == length
    assert times[0] == with_(chain=0).times[0] == 8
    assert times[-1] == 0 or chain == 1
    assert (np.diff(times) < 0).all()


@pytest.mark.parametrize("sampler", ["ddpm", "ddim"])
def test_a_network_that_knows_the_noise_gets_the_image_back(sampler):
    task = with_(sampler=sampler, chain=0)
    clean = task.clean["image"][:64]
    model = Knows(task, clean)
    noisy, made, cost = task.denoised(model, clean, np.arange(64), Streams(3))
    assert made == pytest.approx(clean, abs=2e-3)
    assert model.asked == task.times
    assert cost == 64 * len(task.times)
    assert (noisy - clean).std() == pytest.approx(0.5, rel=4.5 / np.sqrt(2 * noisy.size))
    fresh = normal(Streams(3).child("noise"), [5], (1, 8, 8))
    assert noisy[5] == pytest.approx(clean[5] + 0.5 * fresh[0], abs=1e-6)


def test_proposals_are_of_digits_of_the_training_split_alone(trained):
    task = with_(digits=40)
    made = task.generate(trained, np.arange(256), Streams(5))
    truth = made.items["truth"]
    assert set(truth) <= set(range(40))
    assert len(set(truth)) > 35
    pool = images.digits("digits8", "train", count=40)
    assert (made.items["group"] == pool["group"][truth]).all()
    assert task.psnr(made.items) == pytest.approx(
        psnr(made.items["image"], pool["image"][truth]))
    assert made.evaluations == 256 * 4


@pytest.mark.parametrize("changes", [{}, {"sampler": "ddim"}])
def test_a_proposal_does_not_depend_on_the_request(trained, changes):
    """Bit for bit: alone, among few, among many, in any order."""
    task = with_(**changes)
    whole = task.generate(trained, np.arange(192), Streams(5)).items
    assert len(np.unique(whole["image"], axis=0)) == 192
    for indices in ([0], [170, 3, 65, 64, 3], np.arange(50, 130)):
        some = task.generate(trained, np.asarray(indices), Streams(5)).items
        for name in some:
            assert (some[name] == whole[name][indices]).all()
    other = task.generate(trained, np.arange(10), Streams(6)).items
    assert (other["image"] != whole["image"][:10]).any(axis=(1, 2, 3)).all()


def test_denoising_helps_and_a_better_model_is_measured_as_better(trained):
    task, streams = TASK(TINY), Streams(4)
    test = task.real("test", streams)
    rows = {m.metric: m for m in task.evaluate(trained, test, streams)}
    assert rows["psnr/noisy"].value == pytest.approx(20 * np.log10(4), abs=0.3)
    assert rows["psnr"].value > rows["psnr/noisy"].value
    assert rows["psnr"].n == rows["loss"].n == 70
    again = {m.metric: m for m in task.evaluate(trained, test, streams)}
    assert again == rows
    with streams.under():
        fresh = task.build(streams.torch()).eval()
    worse = {m.metric: m.value for m in task.evaluate(fresh, test, streams)}
    assert worse["psnr"] < rows["psnr"].value
    assert worse["loss"] > rows["loss"].value
    assert worse["mse"] > rows["mse"].value


def test_measurements_of_a_perfect_network():
    task = with_(test=64)
    test = task.real("test", Streams(4))
    rows = task.evaluate(Knows(task, test["image"]), test, Streams(4))
    found = {m.metric: m.value for m in rows}
    assert found["mse"] < 1e-7
    assert found["psnr"] > 60
    assert found["loss"] < 1e-8


@pytest.mark.parametrize("focus", [True, False])
def test_training_draws_the_steps_that_it_should(focus):
    task = with_(focus=focus)
    clean = task.clean["image"][:64]
    model = Knows(task, clean)
    for seed in range(30):
        generator = torch.Generator().manual_seed(seed)
        assert task.loss(model, {"image": torch.from_numpy(clean)}, generator) < 1e-8
    asked = set(torch.cat(model.asked).tolist())
    assert asked == set(range(9 if focus else 50))


def test_the_base_is_trained_on_strokes_and_the_digits_it_may_see():
    streams = Streams(0)
    drawn = TASK(TINY).real("train", streams)
    assert count(drawn) == 300
    assert set(drawn["group"]) == {-1}
    both = with_(seen=20).real("train", streams)
    assert (both["image"][:300] == drawn["image"]).all()
    assert (both["image"][300:] == TASK(TINY).clean["image"][:20]).all()
    only = with_(strokes=0, seen=5).real("train", streams)
    assert count(only) == 5
    colour = with_(colours=3).real("test", streams)["image"]
    assert colour.shape == (70, 3, 8, 8)
    assert (colour == colour[:, :1]).all()


def test_arms_that_differ_in_noise_and_reward_share_their_base_model():
    settings = Settings()
    first = identity_of(TASK, TINY, 0, settings, "base")
    for changes in ({"noise": 0.1, "psnr_low": 12.0, "psnr_high": 20.0}, {"chain": 2},
                    {"focus": False, "test": 10}, {"sampler": "ddim"}):
        other = dataclasses.replace(TINY, **changes)
        assert identity_of(TASK, other, 0, settings, "base") == first
    other = dataclasses.replace(TINY, strokes=200)
    assert identity_of(TASK, other, 0, settings, "base") != first


SHORT = dataclasses.replace(TINY, base=dataclasses.replace(TINY.base, steps=20), test=20)


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    return run_loop(TASK, SHORT, 0, Settings(root=tmp_path_factory.mktemp("denoise")))


def test_a_loop_runs_and_counts_its_cost(record):
    metrics = record.metrics
    assert record.finished
    test = metrics[(metrics.split == "test") & (metrics.metric == "psnr")]
    assert test["round"].tolist() == [0, 1, 2]
    cost = metrics[metrics.split == "cost"].pivot_table(index="round", columns="metric",
                                                        values="value")
    rounds = cost.loc[1:]
    assert rounds.kept.tolist() == [32, 64]
    assert (rounds.evaluations == 4 * rounds.proposed).all()
    assert (rounds.visits == rounds.kept).all()
    assert (rounds.generation_flops / rounds.evaluations).nunique() == 1
    assert (rounds.training_flops * rounds.evaluations).tolist() == pytest.approx(
        (3 * rounds.visits * rounds.generation_flops).tolist())
    chosen = metrics[(metrics.split == "proposed") & (metrics.metric == "phi")]
    refused = metrics[(metrics.split == "proposed") & (metrics.metric == "psi")]
    assert (chosen.value.to_numpy() > refused.value.to_numpy()).all()


def test_the_loop_is_the_same_when_it_runs_again(record, tmp_path):
    again = run_loop(TASK, SHORT, 0, Settings(root=tmp_path))
    assert again.metrics.drop(columns="run").equals(record.metrics.drop(columns="run"))


@pytest.mark.parametrize("curate", ["none", "oracle", "threshold", "top_fraction", "coin"])
def test_other_verifiers_work(curate, trained):
    loop = LoopConfig(total=32, curate=curate, score="psnr" if curate != "oracle" else "quality",
                      threshold=12.0)
    task = with_(loop=loop)
    items = task.generate(trained, np.arange(64), Streams(5)).items
    keep = task.curator(Streams(0)).keep(
        items, task.quality(items), lambda name: task.score(None, items, name),
        np.linspace(0, 0.99, 64))
    found = task.psnr(items)
    if curate == "threshold":
        assert (keep == (found >= 12)).all()
    elif curate == "oracle":
        assert (keep == (found >= 11.5)).all()
    elif curate == "top_fraction":
        assert found[keep].mean() > found.mean()
    else:
        assert keep.sum() == (64 if curate == "none" else 32)


def test_unknown_verifiers_are_refused():
    with pytest.raises(ValueError, match="curate = 'beauty': must be one of reward, none"):
        with_(loop=LoopConfig(curate="beauty")).curator(Streams(0))


def test_flops_are_those_of_the_network():
    task = TASK(TINY)
    assert task.flops(6) == 6 * task.flops(1)
    # the first convolution alone: 4 channels of 3 x 3 weights at 64 pixels
    assert task.flops(1) > 2 * 64 * 9 * 4
    wider = with_(channels=(8, 16)).flops(1)
    assert 2.5 < wider / task.flops(1) < 4.5
    assert with_(channels=(4,)).flops(1) < task.flops(1)


def test_weights_by_path(trained, tmp_path):
    trained.save_pretrained(tmp_path / "alone")
    trained.save_pretrained(tmp_path / "pipeline" / "unet")
    for name in ("alone", "pipeline"):
        task = with_(pretrained=str(tmp_path / name))
        model = task.build(None)
        for mine, theirs in zip(model.state_dict().values(), trained.state_dict().values()):
            assert (mine == theirs).all()
        assert task.flops(1) == TASK(TINY).flops(1)
    untrained = dataclasses.replace(
        SHORT, pretrained=str(tmp_path / "alone"), strokes=0, seen=1,
        base=TrainingConfig(epochs=0.0), loop=LoopConfig(total=32, curate="none"))
    root = tmp_path / "runs"
    run_loop(TASK, untrained, 0, Settings(root=root))
    base = next(root.glob("denoise-base-*")) / "models" / "round-000.safetensors"
    for name, weights in safetensors.torch.load_file(base).items():
        assert (weights == trained.state_dict()[name]).all()
    with pytest.raises(ValueError, match="colours = 3: must be 1, the channels of"):
        with_(pretrained=str(tmp_path / "alone"), colours=3).build(None)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="must be a folder or hub id with a UNet2DModel") as error:
        with_(pretrained=str(tmp_path / "empty")).build(None)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("key", "value", "message"), [
    ("noise", 0, r"noise = 0\.0: must lie in \(0, inf\)"),
    ("noise", float("inf"), "noise = inf"),
    ("colours", 2, "colours = 2: must be 1 or 3"),
    ("chain", -1, "chain = -1: must lie in"),
    ("steps", 0, "steps = 0"),
    ("beta_end", 1, "beta_start, beta_end = "),
    ("psnr_low", 20, "psnr_low, psnr_high = 20.0, 15.0"),
    ("psnr_high", float("inf"), "psnr_low, psnr_high"),
    ("sampler", "pndm", "sampler = 'pndm': must be one of ddpm, ddim"),
    ("variance", "learned", "variance = 'learned'"),
    ("channels", "(6, 8)", r"channels = \(6, 8\): must be multiples of 4"),
    ("channels", "()", r"channels = \(\)"),
    ("size", 9, "size = 9: must be a multiple of 2"),
    ("strokes", 0, "strokes, seen = 0, 0"),
    ("layers", 0, "layers = 0"),
])
def test_a_config_that_makes_no_sense_is_refused(key, value, message):
    with pytest.raises(ValueError, match=message):
        changed(TINY, {key: value})


def test_presets_are_configs_whose_arms_keep_as_many():
    for preset in TASK.presets.values():
        totals = set()
        for arm in preset.arms:
            config = changed(Config(), preset.changes | arm.changes)
            counts = config.loop.counts()
            totals.add(sum(counts))
            assert all(n % config.update.batch == 0 for n in counts)
            assert to_dict(config)["focus"]
            assert TASK(config).times[-1] == 0
            first = arm.name.split("/")[0].split("-")[-1]
            if arm.name.startswith(("constant", "linear")):
                assert counts[0] == pytest.approx(int(first), rel=0.3)
            if arm.name.startswith("exponential"):
                growth = (counts[-1] / counts[0]) ** (1 / (len(counts) - 1))
                assert growth == pytest.approx(float(first), rel=0.1)
        assert len(totals) == 1
