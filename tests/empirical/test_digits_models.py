"""Networks, anchors and verifiers of the digits task, against known answers."""

import dataclasses

import numpy as np
import pytest
import torch
from sklearn.cluster import KMeans

from empirical import images
from empirical.curate import Identity, NearestAnchor, TopFraction
from empirical.digits import cvae, ddpm, judge
from empirical.digits.anchors import InPieces, anchors_of, k_means
from empirical.digits.blocks import in_blocks
from empirical.digits.config import Config
from empirical.digits.reader import LeNet, fit
from empirical.streams import Streams
from empirical.training import TrainingConfig

TINY = Config(source="digits8", size=8, channels=(8, 16), layers=1, diffusion_steps=40,
              sampler="ddim", sampling_steps=3, block=20, features=32, sampled=40)
CVAE = dataclasses.replace(TINY, model="cvae", latents=4)


@pytest.fixture(scope="module")
def digits():
    return images.digits("digits8", "train", count=600)


@pytest.fixture(scope="module")
def held_out():
    return images.digits("digits8", "test")


@pytest.fixture(scope="module")
def reader(digits):
    return fit(digits, 32, TrainingConfig(epochs=15, batch=64, learning_rate=2e-3))


def built(kind, config, seed=0):
    with Streams(seed).under():
        return kind(config).eval()


def test_the_reader_reads(reader, held_out):
    features = reader.features(held_out["image"])
    assert features.dtype == np.float64
    assert features.shape == (297, 32)
    read = reader.labels(features)
    assert (read == held_out["group"]).mean() > 0.9
    sure = reader.confidence(features, read)
    assert (sure >= 0.1).all()
    assert (sure <= 1).all()
    everything = np.stack([reader.confidence(features, np.full(297, digit))
                           for digit in range(10)])
    assert everything.sum(axis=0) == pytest.approx(1)
    assert (everything.argmax(axis=0) == read).all()


def test_the_reader_is_always_the_same(reader, digits, held_out):
    again = fit(digits, 32, TrainingConfig(epochs=15, batch=64, learning_rate=2e-3))
    assert (again.features(held_out["image"]) == reader.features(held_out["image"])).all()


@pytest.mark.parametrize("size", [8, 16, 28])
def test_lenet_fits_any_size(size):
    network = LeNet(size, 84)
    assert network(torch.zeros(3, 1, size, size)).shape == (3, 10)
    assert network.features(torch.zeros(3, 1, size, size)).shape == (3, 84)


def test_lenet_5_has_its_parameters():
    """61,706 at 28 pixels, as LeNet-5 with full connections between its maps."""
    assert sum(p.numel() for p in LeNet(28).parameters()) == 61_706


def test_blocks_do_not_see_each_other():
    torch.manual_seed(0)
    network = torch.nn.Linear(5, 3)
    x = np.random.default_rng(0).normal(size=(23, 5)).astype(np.float32)
    whole = in_blocks(network, [x], 8)
    assert whole == pytest.approx(network(torch.from_numpy(x)).detach().numpy(), abs=1e-6)
    for rows in ([0], [22, 3], np.arange(9, 20)):
        assert (in_blocks(network, [x[rows]], 8) == whole[rows]).all()


def test_k_means_is_as_good_as_scikit_learns(digits):
    points = digits["image"][digits["group"] == 3].reshape(-1, 64)
    for k in (2, 8):
        ours = min(inertia(points, k_means(torch.from_numpy(points), k,
                                           torch.Generator().manual_seed(s))) for s in range(5))
        theirs = KMeans(k, n_init=5, random_state=0).fit(points).inertia_
        assert ours == pytest.approx(theirs, rel=0.03)


def inertia(points, centres):
    return ((points[:, None] - centres.numpy()) ** 2).sum(axis=2).min(axis=1).sum()


def test_k_means_at_its_ends():
    points = torch.tensor([[0.0, 0], [0, 2], [10, 0], [10, 2]])
    generator = torch.Generator().manual_seed(1)
    assert k_means(points, 1, generator).tolist() == [[5, 1]]
    found = sorted(k_means(points, 2, generator).tolist())
    assert found == [[0, 1], [10, 1]]
    assert sorted(k_means(points, 4, generator).tolist()) == sorted(points.tolist())
    same = torch.ones(5, 3)
    assert (k_means(same, 3, generator) == 1).all()


def test_anchors_are_means_of_their_digit(digits):
    ones = anchors_of(digits, 1, Streams(0))
    assert ones.shape == (10, 1, 64)
    for digit in range(10):
        mine = digits["image"][digits["group"] == digit].reshape(-1, 64)
        assert ones[digit, 0] == pytest.approx(mine.mean(axis=0), abs=1e-6)
    with pytest.raises(ValueError, match=r"anchors = 500: must be at most \d+, the real images"):
        anchors_of(digits, 500, Streams(0))


def test_pieces_change_nothing(digits):
    corrector = NearestAnchor("image", anchors_of(digits, 4, Streams(0)))
    whole = corrector.correct(digits)
    for size in (7, 600, 1000):
        pieces = InPieces(corrector, size).correct(digits)
        assert (pieces["image"] == whole["image"]).all()
        assert (pieces["group"] == whole["group"]).all()
    none = {name: values[:0] for name, values in digits.items()}
    assert InPieces(Identity()).correct(none)["image"].shape == (0, 1, 8, 8)


def test_guidance_is_a_line_through_two_predictions():
    model = built(ddpm.Diffusion, TINY)
    seen = {}

    def images_at(weight):
        config = dataclasses.replace(TINY, guidance=weight, sampling_steps=1)
        made, cost = ddpm.generate(model, np.arange(20) % 10, np.arange(20), Streams(3), config,
                                   "cpu")
        seen[weight] = cost
        return made

    x = torch.from_numpy(normal_of(20))
    time = torch.full((20,), 39)
    with torch.inference_mode():
        told = model(x, time, torch.arange(20) % 10)
        free = model(x, time, torch.full((20,), 10))
    kept = model.kept[39]
    for weight in (0.0, 0.5):
        noise = (1 + weight) * told - weight * free
        clean = ((x - (1 - kept).sqrt() * noise) / kept.sqrt()).clamp(-1, 1)
        assert images_at(weight) == pytest.approx(clean.numpy(), abs=1e-4)
    assert seen == {0.0: 20, 0.5: 40}


def normal_of(n):
    from empirical.diffusion import normal

    return normal(Streams(3), np.arange(n), (1, 8, 8))


@pytest.mark.parametrize(("kind", "module", "config"), [
    (ddpm.Diffusion, ddpm, TINY),
    (ddpm.Diffusion, ddpm, dataclasses.replace(TINY, sampler="ddpm")),
    (cvae.Autoencoder, cvae, CVAE),
])
def test_an_image_does_not_depend_on_the_request(kind, module, config):
    """Bit for bit: alone, among few, among many, in any order."""
    model = built(kind, config)
    labels = np.arange(50) % 10
    whole, cost = module.generate(model, labels, np.arange(50), Streams(5), config, "cpu")
    assert whole.shape == (50, 1, 8, 8)
    assert np.abs(whole).max() <= 1
    assert len(np.unique(whole.reshape(50, -1), axis=0)) == 50
    per_image = {"ddpm": 2 * 3, "cvae": 1}[config.model]
    assert cost == 50 * per_image
    for rows in ([0], [40, 3, 19, 3], np.arange(15, 38)):
        some, _ = module.generate(model, labels[rows], np.asarray(rows), Streams(5), config, "cpu")
        assert (some == whole[rows]).all()


def test_the_noise_loss_by_hand():
    """A network that predicts 0 has loss 1; one that is told the noise has loss 0."""
    model = built(ddpm.Diffusion, TINY)
    batch = {"image": torch.zeros(4000, 1, 8, 8), "group": torch.zeros(4000, dtype=torch.int64)}
    hidden = []

    class Blind(torch.nn.Module):
        kept, noisy = model.kept, model.noisy

        def forward(self, x, times, labels):
            hidden.append((labels == 10).double().mean().item())
            return self.answer(x, times)

    blind = Blind()
    blind.answer = lambda x, times: torch.zeros_like(x)
    assert ddpm.loss(blind, batch, torch.Generator().manual_seed(0), 0.25).item() == (
        pytest.approx(1, abs=0.02))
    assert hidden[-1] == pytest.approx(0.25, abs=0.03)
    # Of blank images the noisy one says what the noise was.
    blind.answer = lambda x, times: x / (1 - model.kept[times].reshape(-1, 1, 1, 1)).sqrt()
    assert ddpm.loss(blind, batch, torch.Generator().manual_seed(0), 0.0).item() < 1e-9
    assert hidden[-1] == 0


def test_noise_grows_to_nearly_all():
    for steps in (40, 400):
        kept = ddpm.scheduler_of(dataclasses.replace(TINY, diffusion_steps=steps)).alphas_cumprod
        assert kept[0] > 0.99
        assert 0 < kept[-1] < 0.03
        assert (kept.diff() < 0).all()


def test_the_evidence_bound_by_hand():
    """With a latent law equal to its prior, and a decoder that knows nothing but the digit."""
    model = built(cvae.Autoencoder, CVAE)
    with torch.no_grad():
        for layer in (model.code, model.up[-1]):
            layer.weight.zero_()
            layer.bias.zero_()
    batch = torch.rand(6, 1, 8, 8) * 2 - 1
    wrong, apart = cvae.parts(model, batch, torch.arange(6), torch.Generator())
    assert wrong.tolist() == pytest.approx([64 * np.log(2)] * 6)
    assert apart.tolist() == [0] * 6
    with torch.no_grad():
        model.code.bias[:4], model.code.bias[4:] = 2.0, np.log(0.25)
    _, apart = cvae.parts(model, batch, torch.arange(6), torch.Generator())
    assert apart.tolist() == pytest.approx([4 * (4 + 0.25 - 1 - np.log(0.25)) / 2] * 6)
    batch = {"image": batch, "group": torch.arange(6)}
    half, whole = (cvae.loss(model, batch, torch.Generator(), dataclasses.replace(CVAE, beta=b))
                   for b in (0.5, 1.0))
    assert (whole - half).item() == pytest.approx(apart.mean().item() / 2, rel=1e-4)


def test_coins_are_thrown_with_the_grey_values():
    model = built(cvae.Autoencoder, CVAE)
    seen = []
    model.encode = lambda grey, labels: (seen.append(grey), torch.zeros(2, 5000, 4).unbind())[1]
    cvae.parts(model, torch.full((5000, 1, 8, 8), -0.4), torch.zeros(5000).long(),
               torch.Generator().manual_seed(0), binarise=True)
    assert set(seen[0].unique().tolist()) == {0.0, 1.0}
    assert seen[0].mean().item() == pytest.approx(0.3, abs=0.01)


def test_a_judge_tells_real_from_made(digits):
    real = digits["image"]
    rng = np.random.default_rng(0)
    made = np.clip(real[:300] + rng.normal(0, 0.5, real[:300].shape), -1, 1).astype(np.float32)
    training = TrainingConfig(epochs=25, batch=64, learning_rate=2e-3)
    found = judge.fit(real[:400], made[:200], (64, 32), training, Streams(1))
    again = judge.fit(real[:400], made[:200], (64, 32), training, Streams(1))
    new, wrong = found.scores(real[400:]), found.scores(made[200:])
    assert (new[:, None] > wrong).mean() > 0.95
    assert (again.scores(real[400:]) == new).all()


def test_what_a_judge_has_seen(digits):
    assert (judge.seen(digits, 0, -1)["image"] == digits["image"]).all()
    few = judge.seen(digits, 50, 3)
    assert len(few["group"]) == 50
    assert 3 not in few["group"]
    with pytest.raises(ValueError, match="judge_real = 600: must be at most 5"):
        judge.seen(digits, 600, 3)


def test_a_judged_verifier_asks_its_judge():
    class Bright:
        def scores(self, images):
            return images.reshape(len(images), -1).mean(axis=1)

    items = {"image": np.linspace(-1, 1, 40, dtype=np.float32).reshape(40, 1, 1, 1),
             "group": np.arange(40) % 2}
    made = judge.Judged(TopFraction("realism", 0.1), lambda items: Bright())
    assert made.needs_pool
    assert np.flatnonzero(made.keep(items, None, None, None)).tolist() == [36, 37, 38, 39]
    other = judge.Judged(TopFraction("quality", 0.1), lambda items: Bright())
    score = {"quality": -np.arange(40.0)}.__getitem__
    assert np.flatnonzero(other.keep(items, None, score, None)).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(("changes", "line"), [
    ({"model": "gan"}, "model = 'gan': must be one of ddpm, cvae"),
    ({"sampler": "euler"}, "sampler = 'euler'"),
    ({"size": 10}, "size = 10: must be a multiple of 4, at least 8"),
    ({"channels": (8, 12)}, "channels = .*: must be multiples of 8"),
    ({"channels": (8, 16, 16, 16, 16)}, "channels = .*: must be fewer"),
    ({"model": "cvae", "channels": (8, 16, 16)}, "channels = .*: must be two for a cvae"),
    ({"judge_without": 10}, "judge_without = 10: must be a digit"),
    ({"drop": 1.0}, r"drop = 1.0: must lie in \[0, 1\)"),
    ({"strength": -1.0}, r"strength = -1.0: must lie in \[0, inf\]"),
    ({"sampling_steps": 41}, "sampling_steps = 41: must be at most diffusion_steps = 40"),
    ({"judge_widths": (8, 0)}, "judge_widths = .*: must be at least 1"),
    ({"beta": float("inf")}, r"beta = inf: must lie in \[0, inf\)"),
    ({"guidance": float("nan")}, "guidance = nan"),
    ({"anchors": -1}, "anchors = -1"),
    ({"sampled": 10}, "sampled = 10"),
])
def test_what_a_config_refuses(changes, line):
    with pytest.raises(ValueError, match=line):
        dataclasses.replace(TINY, **changes)
