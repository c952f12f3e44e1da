"""Sampling and training of a diffusion model as diffusers' own documentation shows it."""

import torch
from diffusers import DDIMPipeline, DDPMPipeline

__all__ = ["PlainTraining", "pipeline"]


def pipeline(model, scheduler, n, steps):
    """Return n images by diffusers' own pipeline."""
    kind = DDPMPipeline if type(scheduler).__name__ == "DDPMScheduler" else DDIMPipeline
    made = kind(unet=model, scheduler=scheduler)
    made.set_progress_bar_config(disable=True)
    generator = torch.Generator().manual_seed(0)
    return made(batch_size=n, generator=generator, num_inference_steps=steps,
                output_type="np").images


class PlainTraining:
    """The loop of the tutorial: a data loader, random noise and steps, Adam."""

    def __init__(self, model, scheduler, images, batch, rate):
        self._model, self._scheduler = model, scheduler
        self._optimizer = torch.optim.Adam(model.parameters(), lr=rate)
        data = torch.utils.data.TensorDataset(torch.from_numpy(images))
        self._loader = torch.utils.data.DataLoader(data, batch, shuffle=True, drop_last=True)
        self._batches = iter(())

    def advance(self):
        """Take one step."""
        batch = next(self._batches, None)
        if batch is None:
            self._batches = iter(self._loader)
            batch = next(self._batches)
        clean = batch[0]
        noise = torch.randn_like(clean)
        steps = torch.randint(0, self._scheduler.config.num_train_timesteps, (len(clean),))
        noisy = self._scheduler.add_noise(clean, noise, steps)
        self._model.train()
        self._optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(self._model(noisy, steps).sample, noise)
        loss.backward()
        self._optimizer.step()
        return loss.item()
