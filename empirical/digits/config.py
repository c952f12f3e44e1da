"""The config of the digits task."""

import dataclasses
import math

from empirical.loop import LoopConfig
from empirical.training import TrainingConfig

__all__ = ["CLASSES", "Config"]

CLASSES = 10
MODELS = ("ddpm", "cvae")
SAMPLERS = ("ddpm", "ddim")


@dataclasses.dataclass(frozen=True, slots=True)
class Config:
    """Which digits, which model, and what judges, corrects and measures its images.

    Attributes
    ----------
    source : str
        Real digits: "digits8", "mnist", a folder of IDX or Parquet files, or a hub id
        (:func:`empirical.images.digits`).
    size : int
        Pixels a side, a multiple of 4; images of another size are resampled.
    held_out : int
        Of "digits8", which has no test split of its own: images kept for testing.
    test : int
        Held-out images that samples are compared with; 0 for all.
    pool : int
        Real images at hand, from the beginning of the training split, 0 for all. The reader, the
        anchors and the verifier are made of them.
    real : int
        How many of the pool the base model is trained on, as many of each digit as can be,
        drawn by seed; 0 for all.
    model : str
        "ddpm" (class-conditional diffusion) or "cvae" (conditional variational autoencoder).
    channels : tuple of int
        Of the network's levels: for "ddpm" each but the last halves the image; "cvae" has two.
    layers : int
        Of "ddpm": residual layers a level.
    diffusion_steps : int
        Of "ddpm": noise levels, variances linear from 1e-4 to 0.02 over 400 of them (scaled for
        another number).
    drop : float
        Of "ddpm": share of the labels that training hides, so that it can be guided.
    sampler : str
        Of "ddpm": "ddpm" (ancestral) or "ddim" (deterministic).
    sampling_steps : int
        Of "ddpm": evaluations of the chain; 0 for all diffusion steps.
    guidance : float
        Of "ddpm": w of (1 + w) eps(x, y) - w eps(x); 0 asks the network once a step, not twice.
    latents : int
        Of "cvae": latent dimensions.
    beta : float
        Of "cvae": weight of the divergence from the prior; with 1 the loss is the evidence bound.
        A few pixels say too little for the latents to be used: 0.1 makes 64 weigh as 640.
    binarise : bool
        Of "cvae": whether training images are coins thrown with their grey values.
    block : int
        Images evaluated at once: part of what is computed.
    anchors : int
        K of the corrector "anchors": centroids a digit; 0 where no corrector is studied.
    strength : float
        Of the corrector: images go strength/(1 + strength) of the way; inf goes all of it.
    judge_real : int
        Real images that the verifier (score "realism") has seen; 0 for the pool.
    judge_without : int
        A digit of which it has seen none; below 0 it has seen all.
    judge_widths : tuple of int
        Its hidden layers.
    judge_fresh : bool
        Whether it learns anew in each round, against that round's proposals; else it is one
        verifier, which has learnt to tell the pool from samples of a model trained on the pool.
    judge : TrainingConfig
        Training of the verifier.
    features : int
        Width of the reader's last hidden layer, in which distances are measured.
    reader : TrainingConfig
        Training of the reader, a LeNet: its seed is its own, so all runs share one.
    sampled : int
        Images generated to measure a model, as many of each digit.
    base : TrainingConfig
        Training of the base model on real images.
    update : TrainingConfig
        Training in each round.
    loop : LoopConfig
        Schedule, mix, start and curation: "anchors" here besides the verifiers by name, whose
        `score` may be "realism".
    """

    source: str = "mnist"
    size: int = 28
    held_out: int = 297
    test: int = 0
    pool: int = 0
    real: int = 0
    model: str = "ddpm"
    channels: tuple[int, ...] = (64, 128, 128)
    layers: int = 2
    diffusion_steps: int = 400
    drop: float = 0.1
    sampler: str = "ddpm"
    sampling_steps: int = 0
    guidance: float = 0.5
    latents: int = 20
    beta: float = 1.0
    binarise: bool = False
    block: int = 250
    anchors: int = 16
    strength: float = math.inf
    judge_real: int = 0
    judge_without: int = -1
    judge_widths: tuple[int, ...] = (512, 256, 128, 64)
    judge_fresh: bool = False
    judge: TrainingConfig = TrainingConfig(epochs=20, batch=128)
    features: int = 84
    reader: TrainingConfig = TrainingConfig(epochs=10, batch=64)
    sampled: int = 10_000
    base: TrainingConfig = TrainingConfig()
    update: TrainingConfig = TrainingConfig()
    loop: LoopConfig = LoopConfig(mix="augment", ratio=1.0)

    def __post_init__(self):
        _one_of("model", self.model, MODELS)
        _one_of("sampler", self.sampler, SAMPLERS)
        if self.size < 8 or self.size % 4:
            raise ValueError(f"size = {self.size}: must be a multiple of 4, at least 8")
        for name in ("test", "pool", "real", "sampling_steps", "anchors", "judge_real"):
            _at_least(name, getattr(self, name), 0)
        for name in ("layers", "diffusion_steps", "latents", "block", "features", "held_out"):
            _at_least(name, getattr(self, name), 1)
        _at_least("sampled", self.sampled, 2 * CLASSES)
        for name in ("guidance", "beta"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name} = {getattr(self, name)}: must lie in [0, inf)")
        if not self.strength >= 0:
            raise ValueError(f"strength = {self.strength}: must lie in [0, inf]")
        if not 0 <= self.drop < 1:
            raise ValueError(f"drop = {self.drop}: must lie in [0, 1)")
        if self.judge_without >= CLASSES:
            raise ValueError(f"judge_without = {self.judge_without}: must be a digit, or below 0")
        if self.sampling_steps > self.diffusion_steps:
            raise ValueError(f"sampling_steps = {self.sampling_steps}: must be at most "
                             f"diffusion_steps = {self.diffusion_steps}")
        if any(width < 1 for width in self.judge_widths):
            raise ValueError(f"judge_widths = {self.judge_widths}: must be at least 1")
        self._check_channels()

    def _check_channels(self):
        if not self.channels or any(width < 8 or width % 8 for width in self.channels):
            raise ValueError(f"channels = {self.channels}: must be multiples of 8")
        if self.model == "cvae" and len(self.channels) != 2:
            raise ValueError(f"channels = {self.channels}: must be two for a cvae")
        halved = 2 ** (len(self.channels) - 1)
        if self.model == "ddpm" and self.size % halved:
            raise ValueError(f"channels = {self.channels}: must be fewer, since size "
                             f"{self.size} is no multiple of {halved}")


def _at_least(name, value, low):
    if value < low:
        raise ValueError(f"{name} = {value}: must lie in [{low}, inf)")


def _one_of(name, value, allowed):
    if value not in allowed:
        raise ValueError(f"{name} = {value!r}: must be one of {', '.join(allowed)}")
