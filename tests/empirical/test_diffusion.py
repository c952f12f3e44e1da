"""Reverse chains: diffusers' own steps, one stream an item, the match of noise and step."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers")

from empirical.diffusion import (  # noqa: E402
    ItemNoise,
    matched_step,
    noise_to_signal,
    normal,
    sample,
    steps_of,
)
from empirical.streams import Streams  # noqa: E402

DDPM, DDIM = diffusers.DDPMScheduler, diffusers.DDIMScheduler
SHAPE = (1, 6, 6)


def network(seed=0):
    """A stand-in that mixes neighbours and knows the step."""
    generator = torch.Generator().manual_seed(seed)
    weight = 0.3 * torch.randn(1, 1, 3, 3, generator=generator)

    def predict(x, time, rows):
        return torch.tanh(torch.conv2d(x, weight, padding=1) + time / 1000)

    return predict


def by_diffusers(scheduler, predict, indices, streams, count, monkeypatch):
    """The chain as diffusers steps it, an item at a time, with our noise in place of theirs."""
    scheduler.set_timesteps(count)
    items = []
    for index in indices:
        noise = ItemNoise(streams, [index])

        def draw(shape, noise=noise, **_):
            return torch.from_numpy(noise.draw(shape[1:]))

        monkeypatch.setattr("diffusers.schedulers.scheduling_ddpm.randn_tensor", draw)
        x = torch.from_numpy(noise.draw(SHAPE))
        for time in scheduler.timesteps:
            x = scheduler.step(predict(x, int(time), None), int(time), x).prev_sample
        items.append(x.numpy())
    return np.concatenate(items)


@pytest.mark.parametrize("kind", [DDPM, DDIM])
@pytest.mark.parametrize("count", [1, 7, 40])
@pytest.mark.parametrize("options", [
    {}, {"prediction_type": "sample"}, {"prediction_type": "v_prediction"},
    {"clip_sample": False}, {"beta_schedule": "squaredcos_cap_v2"},
    {"clip_sample_range": 0.5},
])
def test_steps_are_those_of_diffusers(kind, count, options, monkeypatch):
    scheduler, streams = kind(num_train_timesteps=40, beta_end=0.3, **options), Streams(3)
    ours, cost = sample(network(), scheduler, [4, 9], SHAPE, streams, steps=count, batch=3)
    theirs = by_diffusers(scheduler, network(), [4, 9], streams, count, monkeypatch)
    assert ours == pytest.approx(theirs, rel=1e-4, abs=2e-5)
    assert cost == 2 * count


@pytest.mark.parametrize("options", [
    {"variance_type": "fixed_large"}, {"timestep_spacing": "trailing"},
    {"timestep_spacing": "linspace"}, {"steps_offset": 1},
])
def test_more_of_ddpm(options, monkeypatch):
    scheduler, streams = DDPM(num_train_timesteps=30, beta_end=0.3, **options), Streams(1)
    ours, _ = sample(network(), scheduler, [0], SHAPE, streams, steps=10, batch=1)
    theirs = by_diffusers(scheduler, network(), [0], streams, 10, monkeypatch)
    assert ours == pytest.approx(theirs, rel=1e-4, abs=2e-5)


@pytest.mark.parametrize("alpha_to_one", [True, False])
def test_the_last_step_of_ddim(alpha_to_one, monkeypatch):
    scheduler = DDIM(num_train_timesteps=30, beta_end=0.3, set_alpha_to_one=alpha_to_one)
    ours, _ = sample(network(), scheduler, [0], SHAPE, Streams(1), steps=30, batch=1)
    theirs = by_diffusers(scheduler, network(), [0], Streams(1), 30, monkeypatch)
    assert ours == pytest.approx(theirs, rel=1e-4, abs=2e-5)


@pytest.mark.parametrize("kind", [DDPM, DDIM])
def test_an_item_does_not_depend_on_the_request(kind):
    """Bit for bit, with a real network: alone, among others, in any order."""
    model = diffusers.UNet2DModel(
        sample_size=8, in_channels=1, out_channels=1, block_out_channels=(8, 16),
        layers_per_block=1, down_block_types=("DownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "UpBlock2D"), norm_num_groups=4,
    ).eval()
    scheduler = kind(num_train_timesteps=20)

    def predict(x, time, rows):
        return model(x, time).sample

    def made(indices):
        return sample(predict, scheduler, indices, (1, 8, 8), Streams(5), steps=5, batch=4)[0]

    whole = made(np.arange(11))
    assert len(np.unique(whole.reshape(11, -1), axis=0)) == 11
    for indices in ([3], [10, 0, 7], [5, 5, 1, 2, 9, 4]):
        assert (made(indices) == whole[indices]).all()


def test_rows_say_which_items_a_batch_holds():
    seen = []

    def predict(x, time, rows):
        seen.append(rows.copy())
        return torch.zeros_like(x)

    made, cost = sample(predict, DDIM(), [7, 8, 9], SHAPE, Streams(0), steps=1, batch=2)
    assert [rows.tolist() for rows in seen] == [[0, 1], [2, 0]]
    assert made.shape == (3, *SHAPE)
    assert made.dtype == np.float32
    assert cost == 3


def test_a_perfect_network_recovers_the_image_from_the_matched_step():
    """Started from y = x + sigma z, a network that knows x ends at x, whatever the scheduler."""
    rng, scheduler = np.random.default_rng(0), DDPM()
    clean = rng.uniform(-0.9, 0.9, (5, *SHAPE)).astype(np.float32)
    step = matched_step(scheduler, 0.5)
    kept = float(scheduler.alphas_cumprod[step])
    noisy = clean + 0.5 * normal(Streams(2), range(5), SHAPE)

    def predict(x, time, rows):
        a = scheduler.alphas_cumprod[time]
        return (x - a.sqrt() * torch.from_numpy(clean[rows])) / (1 - a).sqrt()

    for kind in (DDPM, DDIM):
        made, cost = sample(predict, kind(), np.arange(5), SHAPE, Streams(4),
                            start=np.sqrt(kept) * noisy, steps=range(step, -1, -1), batch=5)
        assert made == pytest.approx(clean, abs=1e-4)
        assert cost == 5 * (step + 1)


def test_the_chain_of_a_gaussian_has_its_law():
    """With the exact predictor of N(0, s^2), DDPM over all steps makes N(0, s^2)."""
    scheduler = DDPM(num_train_timesteps=400, clip_sample=False, beta_end=0.04)
    spread, n = 0.5, 4000

    def predict(x, time, rows):
        a = float(scheduler.alphas_cumprod[time])
        return np.sqrt(1 - a) / (a * spread**2 + 1 - a) * x

    made, _ = sample(predict, scheduler, np.arange(n), (1,), Streams(6), steps=400, batch=n)
    assert abs(made.mean()) < 4.5 * spread / np.sqrt(n)
    # The reverse step's fixed variance is that of a discretisation: within 3 % here.
    assert made.std() == pytest.approx(spread, rel=0.03 + 4.5 / np.sqrt(2 * n))


def test_normals_are_normal_and_belong_to_their_index():
    made = normal(Streams(9), range(2000), (5, 2))
    assert made.dtype == np.float32
    assert made.shape == (2000, 5, 2)
    assert abs(made.mean()) < 4.5 / np.sqrt(made.size)
    assert abs(made.var() - 1) < 4.5 * np.sqrt(2 / made.size)
    assert (normal(Streams(9), [1234, 5], (5, 2)) == made[[1234, 5]]).all()
    assert (normal(Streams(8), [5], (5, 2)) != made[5]).any()
    noise = ItemNoise(Streams(9), [5])
    first, second = noise.draw((5, 2)), noise.draw((5, 2))
    assert (first == made[5]).all()
    assert (first != second).all()


def test_matched_step_inverts_the_noise_of_every_step():
    scheduler = DDPM(num_train_timesteps=200)
    ratios = noise_to_signal(scheduler)
    kept = scheduler.alphas_cumprod.double().numpy()
    assert ratios**2 * kept == pytest.approx(1 - kept)
    assert [matched_step(scheduler, ratio) for ratio in ratios] == list(range(200))


@pytest.mark.parametrize("sigma", [1e-4, 1e9, float("nan"), 0.0])
def test_noise_that_no_step_has_is_refused(sigma):
    with pytest.raises(ValueError, match=r"sigma = .*: must be within a tenth"):
        matched_step(DDPM(), sigma)


@pytest.mark.parametrize("steps", [0, 1001, [], [5, 5], [3, 7], [1000, 0], [5, -1]])
def test_impossible_steps_are_refused(steps):
    with pytest.raises(ValueError, match="steps = "):
        steps_of(DDPM(), steps)


def test_schedulers_of_other_kinds_are_refused():
    with pytest.raises(ValueError, match="scheduler = PNDMScheduler"):
        steps_of(diffusers.PNDMScheduler(), 5)
    with pytest.raises(ValueError, match="variance_type = 'learned'"):
        steps_of(DDPM(variance_type="learned"), 5)
    with pytest.raises(ValueError, match="thresholding"):
        steps_of(DDIM(thresholding=True), 5)
