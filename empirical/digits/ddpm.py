"""A class-conditional diffusion model with classifier-free guidance (Ho and Salimans 2021)."""

import numpy as np
import torch
from torch import nn

from empirical.diffusion import sample
from empirical.digits.config import CLASSES

__all__ = ["Diffusion", "generate", "loss", "scheduler_of"]

NONE = CLASSES  # the label that hides the others


class Diffusion(nn.Module):
    """A diffusers UNet2DModel that is told the digit.

    Parameters
    ----------
    config : Config
        Of the task.
    """

    def __init__(self, config):
        super().__init__()
        from diffusers import UNet2DModel

        levels = len(config.channels)
        self.unet = UNet2DModel(
            sample_size=config.size, in_channels=1, out_channels=1,
            block_out_channels=config.channels, layers_per_block=config.layers,
            down_block_types=("DownBlock2D",) * levels, up_block_types=("UpBlock2D",) * levels,
            norm_num_groups=8, attention_head_dim=8, num_class_embeds=CLASSES + 1,
        )
        scheduler = scheduler_of(config)
        self.register_buffer("kept", scheduler.alphas_cumprod.float(), persistent=False)

    def forward(self, images, times, labels):
        """Return the noise in noisy images (n, 1, s, s), at times (n,), of digits (n,)."""
        return self.unet(images, times, class_labels=labels, return_dict=False)[0]

    def noisy(self, images, times, noise):
        """Return what the forward process makes of images at `times`."""
        kept = self.kept[times].reshape(-1, 1, 1, 1)
        return kept.sqrt() * images + (1 - kept).sqrt() * noise


def scheduler_of(config):
    """Return the diffusers scheduler of a config."""
    from diffusers import DDIMScheduler, DDPMScheduler

    kind = DDPMScheduler if config.sampler == "ddpm" else DDIMScheduler
    scale = 400 / config.diffusion_steps  # as much noise at the end, whatever the number of steps
    return kind(num_train_timesteps=config.diffusion_steps, beta_start=1e-4 * scale,
                beta_end=min(0.02 * scale, 0.999), timestep_spacing="trailing")


def loss(model, batch, generator, drop):
    """Return the error of the noise prediction, with a share `drop` of the labels hidden."""
    images, labels = batch["image"], batch["group"]
    n, device = len(images), images.device
    times = torch.randint(len(model.kept), (n,), generator=generator, device=device)
    noise = torch.randn(images.shape, generator=generator, device=device)
    hidden = torch.rand(n, generator=generator, device=device) < drop
    found = model(model.noisy(images, times, noise), times, labels.masked_fill(hidden, NONE))
    return nn.functional.mse_loss(found.float(), noise)


def generate(model, labels, indices, streams, config, device):
    """Return images (n, 1, s, s) of digits `labels` (n,), and the evaluations that it took."""
    weight, labels = config.guidance, torch.from_numpy(np.asarray(labels)).to(device)

    def predict(x, time, rows):
        mine = labels[torch.from_numpy(rows).to(device)]
        times = torch.full((len(x),), time, device=device)
        if not weight:
            return model(x, times, mine)
        both = model(torch.cat([x, x]), torch.cat([times, times]),
                     torch.cat([mine, torch.full_like(mine, NONE)]))
        guided, free = both.chunk(2)
        return (1 + weight) * guided - weight * free

    images, evaluations = sample(
        predict, scheduler_of(config), indices, (1, config.size, config.size), streams,
        steps=config.sampling_steps or config.diffusion_steps, batch=config.block, device=device,
    )
    return images.clip(-1, 1), evaluations * (2 if weight else 1)
