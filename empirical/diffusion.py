"""Reverse chains of diffusion models: one stream of noise an item, batches of one fixed shape.

What becomes of an item depends on the network, the item's index and the streams, never on which
items are asked for together. The steps are those of diffusers' DDPM and DDIM schedulers, with
coefficients in double precision and noise that can be given item by item, which the schedulers
themselves do not let one do.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

__all__ = ["ItemNoise", "Step", "matched_step", "noise_to_signal", "normal", "sample", "steps_of"]


class ItemNoise:
    """Standard normals for a few items, each from its own stream, draw after draw.

    Parameters
    ----------
    streams : Streams
        Item i draws from `streams.child(i)`.
    indices : sequence of int, (n,)
        Which items.
    """

    def __init__(self, streams, indices):
        self._generators = [streams.child(int(index)).numpy() for index in indices]

    def draw(self, shape):
        """Return the next normals, float32 array (n, *shape)."""
        rows = np.empty((len(self._generators), *shape), dtype=np.float32)
        for row, generator in zip(rows, self._generators):
            generator.standard_normal(dtype=np.float32, out=row)
        return rows


def normal(streams, indices, shape):
    """Return standard normals, float32 array (n, *shape): row i depends on its index alone."""
    return ItemNoise(streams, indices).draw(tuple(shape))


def noise_to_signal(scheduler):
    """Return sqrt((1 - a_t) / a_t) of every diffusion step t, float64 array (T,).

    It is the standard deviation of the noise on an image in the scale of the clean image.
    """
    kept = scheduler.alphas_cumprod.double().cpu().numpy()
    return np.sqrt((1 - kept) / kept)


def matched_step(scheduler, sigma):
    """Return the diffusion step t0 whose noise is nearest to standard deviation `sigma`.

    An image y = x + sigma z has, up to the scale sqrt(a_t0), the law of step t0 of the forward
    process, so that the reverse chain can start from it there (Yang et al. 2025, section 4.2;
    Xie et al. 2023).

    Parameters
    ----------
    scheduler : diffusers scheduler
        With `alphas_cumprod`.
    sigma : float
        In the images' own units (those from -1 to 1 have twice the sigma of those from 0 to 1).

    Raises
    ------
    ValueError
        When no step has noise within a tenth of `sigma`.

    Examples
    --------
    >>> from diffusers import DDPMScheduler
    >>> matched_step(DDPMScheduler(), 0.5)
    143
    """
    ratios = noise_to_signal(scheduler)
    step = int(np.abs(ratios - sigma).argmin())
    if not abs(ratios[step] - sigma) <= 0.1 * sigma:
        raise ValueError(f"sigma = {sigma:g}: must be within a tenth of the noise of a diffusion "
                         f"step (nearest: {ratios[step]:.4g} of step {step})")
    return step


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a reverse chain: x <- clean * x0 + keep * x + noise * eps + spread * z.

    x0 is the clean image as predicted at `time`, eps the noise as predicted, z fresh noise.

    Attributes
    ----------
    time : int
        Diffusion step at which the network is asked.
    signal, sigma : float
        sqrt(a_t) and sqrt(1 - a_t): x = signal x0 + sigma eps.
    clean, keep, noise, spread : float
        Weights of the next x.
    """

    time: int
    signal: float
    sigma: float
    clean: float
    keep: float
    noise: float
    spread: float


def steps_of(scheduler, steps):
    """Return the :class:`Step` s of a reverse chain.

    Parameters
    ----------
    scheduler : DDPMScheduler or DDIMScheduler
        Of diffusers. A DDIM scheduler's chain is deterministic (eta = 0).
    steps : int or sequence of int
        How many, spread over all diffusion steps as the scheduler does; or the diffusion steps
        themselves, falling. The chain always ends with the clean image.

    Raises
    ------
    ValueError
        For a scheduler of another kind, or steps that do not fall or do not exist.
    """
    kind, times = _kind(scheduler), _times(scheduler, steps)
    kept = scheduler.alphas_cumprod.double().cpu().numpy()
    last = float(scheduler.final_alpha_cumprod) if kind == "DDIMScheduler" else 1.0
    after = [*(float(kept[time]) for time in times[1:]), last]
    make = _ancestral if kind == "DDPMScheduler" else _implicit
    return tuple(
        make(scheduler.config, time, float(kept[time]), later)
        for time, later in zip(times, after)
    )


def _kind(scheduler):
    kind = type(scheduler).__name__
    if kind not in ("DDPMScheduler", "DDIMScheduler"):
        raise ValueError(f"scheduler = {kind}: must be a DDPMScheduler or a DDIMScheduler")
    if kind == "DDPMScheduler" and scheduler.config.variance_type not in VARIANCES:
        raise ValueError(f"variance_type = {scheduler.config.variance_type!r}: must be one of "
                         f"{', '.join(VARIANCES)}")
    if scheduler.config.thresholding:
        raise ValueError("thresholding = True: must be off (clip_sample is known)")
    return kind


VARIANCES = ("fixed_small", "fixed_large")


def _times(scheduler, steps):
    total = scheduler.config.num_train_timesteps
    if isinstance(steps, int | np.integer):
        if not 1 <= steps <= total:
            raise ValueError(f"steps = {steps}: must lie in [1, {total}]")
        return _spread(scheduler, int(steps))
    times = [int(time) for time in steps]
    falling = all(a > b for a, b in pairwise(times))
    if not (times and falling and times[0] < total and times[-1] >= 0):
        raise ValueError(f"steps = {times}: must fall from below {total} to at least 0")
    return times


def _spread(scheduler, steps):
    made = type(scheduler).from_config(scheduler.config)  # the caller's keeps its state
    made.set_timesteps(steps)
    return [int(time) for time in made.timesteps]


def _ancestral(config, time, kept, later):
    """Return the posterior step of DDPM (Ho et al. 2020, equations 6 and 7)."""
    ratio = kept / later
    spread = 0.0
    if later < 1:
        small = (1 - later) / (1 - kept) * (1 - ratio)
        spread = math.sqrt(max(small, 1e-20) if config.variance_type == "fixed_small"
                           else 1 - ratio)
    return Step(time, math.sqrt(kept), math.sqrt(1 - kept),
                math.sqrt(later) * (1 - ratio) / (1 - kept),
                math.sqrt(ratio) * (1 - later) / (1 - kept), 0.0, spread)


def _implicit(config, time, kept, later):
    """Return the deterministic step of DDIM (Song et al. 2021, equation 12 with eta = 0)."""
    return Step(time, math.sqrt(kept), math.sqrt(1 - kept), math.sqrt(later), 0.0,
                math.sqrt(1 - later), 0.0)


def sample(predict, scheduler, indices, shape, streams, *, start=None, steps, batch,
           device="cpu"):
    """Run the reverse chain for items, `batch` at a time; return arrays and the cost.

    Parameters
    ----------
    predict : callable
        predict(x, time, rows) -> the network's output for x, a float32 tensor (batch, *shape),
        at the diffusion step `time` (int). `rows`, an int64 array (batch,), says which positions
        of `indices` these are, to look up labels, texts or masks by; rows that pad the last
        batch repeat position 0.
    scheduler : DDPMScheduler or DDIMScheduler
        Of diffusers; its `prediction_type` says what the network predicts.
    indices : sequence of int, (n,)
        Numbers of the items: each has its own stream of noise.
    shape : tuple of int
        Of one item.
    streams : Streams
        Of these items alone.
    start : array, (n, *shape), optional
        Where the chain starts, at the first of `steps`; standard normals by default.
    steps : int or sequence of int
        As of :func:`steps_of`.
    batch : int
        Items evaluated at once: part of what is computed, since sums differ in the last bits
        with a batch's shape.
    device : str
        Torch device of x.

    Returns
    -------
    array of float32, (n, *shape)
        The clean items.
    int
        Evaluations of the network, counted per item, padding left out.
    """
    import torch

    indices, shape = np.asarray(indices, dtype=np.int64), tuple(shape)
    chain, made = steps_of(scheduler, steps), np.empty((len(indices), *shape), np.float32)
    for first in range(0, len(indices), batch):
        rows = np.arange(first, first + batch)
        real = rows < len(indices)
        rows[~real] = 0
        noise = ItemNoise(streams, indices[rows])
        x = noise.draw(shape) if start is None else np.asarray(start, np.float32)[rows]
        with torch.inference_mode():
            x = _reverse(predict, chain, scheduler.config, _tensor(x, device), rows, noise)
        made[first:first + batch] = x.cpu().numpy()[real]
    return made, len(indices) * len(chain)


def _tensor(array, device):
    import torch

    return torch.from_numpy(np.ascontiguousarray(array)).to(device)


def _reverse(predict, chain, config, x, rows, noise):
    for step in chain:
        clean, eps = _predicted(predict(x, step.time, rows), x, step, config)
        following = clean * step.clean
        if step.keep:
            following = following.add_(x, alpha=step.keep)
        if step.noise:
            following = following.add_(eps, alpha=step.noise)
        if step.spread:
            fresh = _tensor(noise.draw(x.shape[1:]), x.device)
            following = following.add_(fresh, alpha=step.spread)
        x = following
    return x


def _predicted(output, x, step, config):
    """Return the clean image and the noise that the network's output stands for."""
    kind = config.prediction_type
    if kind == "epsilon":
        clean, eps = (x - step.sigma * output) / step.signal, output
    elif kind == "sample":
        clean, eps = output, (x - step.signal * output) / step.sigma
    elif kind == "v_prediction":
        clean = step.signal * x - step.sigma * output
        eps = step.signal * output + step.sigma * x
    else:
        raise ValueError(f"prediction_type = {kind!r}: must be epsilon, sample or v_prediction")
    if config.clip_sample:
        clean = clean.clamp(-config.clip_sample_range, config.clip_sample_range)
    return clean, eps
