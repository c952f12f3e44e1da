"""Iterative denoising with a diffusion model (Yang et al. 2025, sections 4.2, D, E.2 and F.2).

Given are noisy images y = x + noise of a known level. The noise is matched with a step of the
forward diffusion process, from which the reverse chain makes a clean image. A reward, which alone
knows x, keeps an output with a probability that grows with its peak signal-to-noise ratio; the
network is trained to predict noise on what was kept, and so adapts from the images that it was
pre-trained on to those that it has only seen through noise.

Pre-trained is a small network on random strokes, or any UNet2DModel of diffusers by folder or hub
id. The images to be denoised are real digits: 8 x 8 ones that ship with scikit-learn, or MNIST
from a folder, the hub, or a download (:mod:`empirical.images`). Your own images: four IDX files,
or Parquet files with columns image and label, in a folder given as `source`.
"""

import functools
from dataclasses import dataclass

import numpy as np
import torch
from diffusers import DDIMScheduler, DDPMScheduler, UNet2DModel

from empirical import curate, diffusion, images
from empirical.denoise import config, presets
from empirical.items import join
from empirical.task import Generated, Measurement, Task

__all__ = ["TASK", "Reward", "psnr"]

RANGE = 2.0  # of a pixel, -1 to 1


def psnr(made, truth):
    """Return the peak signal-to-noise ratio of images (n, ...) in decibels; inf for no error."""
    apart = np.asarray(made, np.float64) - np.asarray(truth, np.float64)
    error = np.mean(apart**2, axis=tuple(range(1, apart.ndim)))
    with np.errstate(divide="ignore"):
        return 10 * np.log10(RANGE**2 / error)


@dataclass(frozen=True, slots=True)
class Reward:
    """Keeps an item with the probability that is its quality: selection by a reward in [0, 1]."""

    needs_pool = False

    def keep(self, items, quality, score, uniform):
        """Return the mask of kept items."""
        return uniform < quality


class TASK(Task):
    """Denoised images of digits.

    An item holds `image`, float32 (colours, size, size) from -1 to 1, and `group`, its label. A
    proposal also holds `truth`, which digit of the training split it was made from; only the
    reward looks there.
    """

    name = "denoise"
    summary = "iterative image denoising with a diffusion model (Yang et al., section 4.2)"
    Config = config.Config
    presets = presets.PRESETS
    after_base = ("digits", "test", "noise", "variance", "sampler", "chain", "focus", "psnr_low",
                  "psnr_high")
    shard = 64  # proposals made together
    block = 64  # images evaluated together

    def build(self, generator):
        """Return the network, a UNet2DModel: fresh, or with pre-trained weights."""
        made = self.config
        if made.pretrained:
            return _pretrained(made.pretrained, made.colours).to(self.device)
        return _fresh(made.channels, made.layers, made.colours, self._side).to(self.device)

    def real(self, split, streams):
        """Return real items: "train", of the base model, strokes and digits; or "test", digits."""
        if split == "test":
            return self._digits("test", self.config.test)
        parts = []
        if self.config.strokes:
            indices = np.arange(self.config.strokes)
            drawn = images.strokes(streams.child("strokes"), indices, self._side)
            parts.append({"image": self._coloured(drawn), "group": np.full(len(indices), -1)})
        if self.config.seen:
            parts.append(self._digits("train", self.config.seen))
        return join(parts)

    def _digits(self, split, count):
        found = images.digits(self.config.source, split, self.config.size, count)
        return found | {"image": self._coloured(found["image"])}

    @property
    def _side(self):
        return self.config.size or self._digits("test", 1)["image"].shape[-1]

    def _coloured(self, grey):
        return np.repeat(grey, self.config.colours, axis=1)

    @functools.cached_property
    def clean(self):
        """The digits behind the noisy images that the loop is given."""
        return self._digits("train", self.config.digits)

    @functools.cached_property
    def scheduler(self):
        """The diffusion process."""
        kind = DDPMScheduler if self.config.sampler == "ddpm" else DDIMScheduler
        more = {"variance_type": self.config.variance} if kind is DDPMScheduler else {}
        return kind(num_train_timesteps=self.config.steps, beta_start=self.config.beta_start,
                    beta_end=self.config.beta_end, **more)

    @functools.cached_property
    def times(self):
        """The diffusion steps of a reverse chain, falling from the one that the noise matches."""
        first = diffusion.matched_step(self.scheduler, RANGE * self.config.noise)
        count = min(self.config.chain or first + 1, first + 1)
        return np.unique(np.linspace(0, first, count).round().astype(int))[::-1].tolist() \
            if count > 1 else [first]

    def denoised(self, model, clean, indices, streams):
        """Return noisy versions of images, what the reverse chain makes of them, and its cost."""
        shape = clean.shape[1:]
        fresh = diffusion.normal(streams.child("noise"), indices, shape)
        noisy = clean + np.float32(RANGE * self.config.noise) * fresh
        signal = float(self.scheduler.alphas_cumprod[self.times[0]]) ** 0.5
        made, cost = diffusion.sample(
            lambda x, time, rows: model(x, time).sample, self.scheduler, indices, shape,
            streams.child("chain"), start=signal * noisy, steps=self.times, batch=self.block,
            device=self.device,
        )
        return noisy, made, cost

    def generate(self, model, indices, streams):
        """Return denoised images number `indices`: each of a digit, with noise, of its own."""
        pool = self.clean
        n = len(pool["image"])
        truth = (streams.uniform(indices, 1)[:, 0] * n).astype(np.int64)
        _, made, cost = self.denoised(model, pool["image"][truth], indices, streams)
        return Generated({"image": made, "group": pool["group"][truth], "truth": truth}, cost)

    def psnr(self, items):
        """Return the peak signal-to-noise ratio of proposals against their clean digits."""
        return psnr(items["image"], self.clean["image"][items["truth"]])

    def quality(self, items):
        """Return the reward: 0 below `psnr_low`, 1 above `psnr_high`, linear in between."""
        low, high, found = self.config.psnr_low, self.config.psnr_high, self.psnr(items)
        if low == high:
            return (found >= high).astype(float)
        return np.clip((found - low) / (high - low), 0.0, 1.0)

    def score(self, model, items, name):
        """Return "psnr", in decibels, for verifiers that ask for so much or for the best."""
        if name != "psnr":
            raise ValueError(f"score = {name!r}: must be quality or psnr")
        return self.psnr(items)

    def curator(self, streams):
        """Return the verifier that the config names, "reward" among them."""
        if self.config.loop.curate == "reward":
            return Reward()
        try:
            return curate.by_name(self.config.loop)
        except ValueError:
            raise ValueError(f"curate = {self.config.loop.curate!r}: must be one of reward, "
                             f"{', '.join(curate.names())}") from None

    def loss(self, model, batch, generator):
        """Return the mean squared error of the predicted noise at random diffusion steps."""
        clean = batch["image"]
        times = torch.randint(self._trained, (len(clean),), generator=generator,
                              device=clean.device)
        noise = torch.randn(clean.shape, generator=generator, device=clean.device)
        return _noise_errors(model, self.scheduler, clean, times, noise).mean()

    @property
    def _trained(self):
        """How many diffusion steps training draws from."""
        return self.times[0] + 1 if self.config.focus else self.config.steps

    def evaluate(self, model, test, streams):
        """Return the quality of denoised held-out digits, and the loss on clean ones.

        "psnr" is the mean over images in decibels and "mse" their mean squared error, pixels
        running from 0 to 1; "psnr/noisy" is what there was to begin with. "loss" is the error of
        the predicted noise on clean held-out digits at the steps of the chain. Noise is the same
        after every round.
        """
        clean, indices = test["image"], np.arange(len(test["image"]))
        noisy, made, _ = self.denoised(model, clean, indices, streams)
        errors = np.mean((made - clean).astype(np.float64)**2, axis=(1, 2, 3)) / RANGE**2
        return [
            _mean("psnr", psnr(made, clean)), _mean("mse", errors),
            _mean("psnr/noisy", psnr(noisy, clean)),
            _mean("loss", self._losses(model, clean, streams.child("loss"))),
        ]

    def _losses(self, model, clean, streams):
        noise = diffusion.normal(streams.child("noise"), range(len(clean)), clean.shape[1:])
        places = streams.uniform(range(len(clean)), 1)[:, 0]
        times = (places * (self.times[0] + 1)).astype(np.int64)
        losses = []
        for first in range(0, len(clean), self.block):
            rows = np.arange(first, first + self.block) % len(clean)
            parts = [torch.from_numpy(part[rows]).to(self.device)
                     for part in (clean, times, noise)]
            with torch.inference_mode():
                found = _noise_errors(model, self.scheduler, *parts)
            losses.append(found[: len(clean) - first].double().cpu().numpy())
        return np.concatenate(losses)

    def flops(self, visits):
        """Return how many floating-point operations `visits` forward passes take."""
        made = self.config
        side = made.size or self._side
        return visits * _flops(made.pretrained, made.channels, made.layers, made.colours, side)


def _noise_errors(model, scheduler, clean, times, noise):
    """Return each image's mean squared error of the noise that the network sees at its step."""
    noisy = scheduler.add_noise(clean, noise, times)
    return ((model(noisy, times).sample - noise)**2).flatten(1).mean(dim=1)


def _fresh(channels, layers, colours, side):
    halves = len(channels)
    return UNet2DModel(
        sample_size=side, in_channels=colours, out_channels=colours, block_out_channels=channels,
        layers_per_block=layers, down_block_types=("DownBlock2D",) * halves,
        up_block_types=("UpBlock2D",) * halves, norm_num_groups=4, add_attention=False,
    )


def _place(name):
    """Return the folder below `name` that holds the network: itself, or "unet" of a pipeline."""
    from pathlib import Path

    return {"subfolder": "unet"} if Path(name, "unet").is_dir() else {}


def _pretrained(name, colours):
    try:
        model = UNet2DModel.from_pretrained(name, use_safetensors=True, **_place(name))
    except (OSError, ValueError) as error:
        first = " ".join(str(error).split())[:200]
        raise ValueError(f"pretrained = {name!r}: must be a folder or hub id with a UNet2DModel "
                         f"in safetensors ({first})") from None
    if model.config.in_channels != colours:
        raise ValueError(f"colours = {colours}: must be {model.config.in_channels}, the channels "
                         f"of {name}")
    return model


@functools.lru_cache
def _flops(pretrained, channels, layers, colours, side):
    """Return the operations of one image's forward pass, counted on tensors without content."""
    from torch.utils.flop_counter import FlopCounterMode

    with torch.device("meta"), torch.random.fork_rng([]):
        if pretrained:
            made = UNet2DModel.load_config(pretrained, **_place(pretrained))
            model = UNet2DModel.from_config(made)
        else:
            model = _fresh(channels, layers, colours, side)
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            model(torch.empty(1, colours, side, side), torch.zeros(1))
    return float(counter.get_total_flops())


def _mean(metric, values):
    values = np.asarray(values, dtype=float)
    with np.errstate(invalid="ignore"):  # an image without any error has infinite decibels
        spread = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else float("nan")
    return Measurement(metric, float(values.mean()), float(spread), len(values))
