"""The config of the denoising task."""

import dataclasses
import math

from empirical.loop import LoopConfig
from empirical.training import TrainingConfig

__all__ = ["Config"]

SAMPLERS = ("ddpm", "ddim")
VARIANCES = ("fixed_small", "fixed_large")


@dataclasses.dataclass(frozen=True, slots=True)
class Config:
    """What is denoised, by which diffusion model, and what the reward thinks of it.

    Attributes
    ----------
    source : str
        Where real digits come from: "digits8", a folder, a hub id or "mnist"
        (:mod:`empirical.images`).
    size : int
        Pixels a side; 0 is the source's own.
    colours : int
        Channels of an image: 1, or 3 equal ones for a network that was trained on colour.
    digits : int
        Clean digits behind the noisy ones that the loop is given; 0 for all of the source's.
    strokes, seen : int
        What the base model is trained on: so many images of random strokes, and so many real
        digits among them.
    test : int
        Held-out digits that the measurements are made on; 0 for all of the source's.
    noise : float
        Standard deviation of the noise on an image whose pixels run from 0 to 1.
    steps : int
        Steps T of the forward diffusion process.
    beta_start, beta_end : float
        Variance that its first and its last step add, linear in between.
    variance : str
        Of the reverse steps: "fixed_small" or "fixed_large" (Ho et al. 2020, section 3.2).
    sampler : str
        "ddpm" draws from the posterior of a step, "ddim" follows it without noise.
    chain : int
        Evaluations of the network from the noisy image to the clean one, evenly spread over the
        diffusion steps from the matched one down; 0 asks at every step.
    focus : bool
        Whether rounds train on the diffusion steps of that chain's range only; the base model is
        always trained on all.
    psnr_low, psnr_high : float
        Decibels at which the reward of a denoised image begins to rise from 0, and reaches 1.
    pretrained : str
        A folder or hub id with a diffusers UNet2DModel; empty for a fresh network. It is trained
        further on strokes and seen digits, unless `base.epochs` and `base.steps` are 0.
    channels : tuple of int
        Of a fresh network: channels at each resolution, halved from one to the next.
    layers : int
        Of a fresh network: residual blocks at each resolution.
    base : TrainingConfig
        Training of the base model.
    update : TrainingConfig
        Training in each round.
    loop : LoopConfig
        Schedule, verifier, mix and start. `curate` = "reward" keeps an image with the
        probability that the reward gives it.
    """

    source: str = "digits8"
    size: int = 0
    colours: int = 1
    digits: int = 0
    strokes: int = 4000
    seen: int = 0
    test: int = 0
    noise: float = 0.25
    steps: int = 1000
    beta_start: float = 1e-4
    beta_end: float = 0.02
    variance: str = "fixed_small"
    sampler: str = "ddpm"
    chain: int = 0
    focus: bool = False
    psnr_low: float = 15.0
    psnr_high: float = 25.0
    pretrained: str = ""
    channels: tuple[int, ...] = (16, 32)
    layers: int = 1
    base: TrainingConfig = TrainingConfig()
    update: TrainingConfig = TrainingConfig()
    loop: LoopConfig = LoopConfig(curate="reward")

    def __post_init__(self):
        for name, low in (("size", 0), ("digits", 0), ("strokes", 0), ("seen", 0), ("test", 0),
                          ("chain", 0), ("steps", 1), ("layers", 1)):
            if getattr(self, name) < low:
                raise ValueError(f"{name} = {getattr(self, name)}: must lie in [{low}, inf)")
        if self.colours not in (1, 3):
            raise ValueError(f"colours = {self.colours}: must be 1 or 3")
        if not 0 < self.noise < math.inf:
            raise ValueError(f"noise = {self.noise}: must lie in (0, inf)")
        if not 0 < self.beta_start <= self.beta_end < 1:
            raise ValueError(f"beta_start, beta_end = {self.beta_start}, {self.beta_end}: must "
                             "rise in (0, 1)")
        if not -math.inf < self.psnr_low <= self.psnr_high < math.inf:
            raise ValueError(f"psnr_low, psnr_high = {self.psnr_low}, {self.psnr_high}: must be "
                             "finite, the second not below the first")
        _one_of("sampler", self.sampler, SAMPLERS)
        _one_of("variance", self.variance, VARIANCES)
        self._check_network()

    def _check_network(self):
        if self.strokes + self.seen < 1:
            raise ValueError("strokes, seen = 0, 0: must not both be 0")
        if not self.channels or any(c < 4 or c % 4 for c in self.channels):
            raise ValueError(f"channels = {self.channels}: must be multiples of 4")
        halvings = len(self.channels) - 1
        if self.size % 2**halvings:
            raise ValueError(f"size = {self.size}: must be a multiple of {2**halvings}, so that "
                             f"{halvings} halvings leave whole pixels")


def _one_of(name, value, allowed):
    if value not in allowed:
        raise ValueError(f"{name} = {value!r}: must be one of {', '.join(allowed)}")
