"""The config of the motion task."""

import dataclasses
import math

from empirical.loop import LoopConfig
from empirical.training import TrainingConfig

__all__ = ["SAMPLERS", "Config"]

SAMPLERS = ("ddpm", "ddim")


@dataclasses.dataclass(frozen=True, slots=True)
class Config:
    """Which motions, which model, and how its motions are made, corrected and measured.

    Attributes
    ----------
    data : str
        Folder of recorded clips (:mod:`empirical.motion.clips`); empty for made-up ones
        (:mod:`empirical.motion.synthetic.law`).
    n : int
        Clips that the base model is trained on: the first n of the train split; 0 for all.
    test : int
        Held-out clips whose captions are sampled for and whose motions are compared with; 0 for
        all (of made-up ones: 128).
    frames : int
        Longer clips are cut to so many frames, at 20 a second; a multiple of `patch`.
    shuffled : bool
        Whether the training captions are dealt out to the wrong clips: a control, whose model
        can know nothing of text.
    text : str
        "words" for a small encoder that is trained with the model, or id or path of a CLIP
        model, which stays as it is.
    patch : int
        Frames a token; 1 in MDM.
    width, layers, heads, feedforward : int
        Sizes of the transformer.
    diffusion_steps : int
        Noise levels, on the cosine schedule.
    drop : float
        Share of the captions that training hides, so that the model can be guided.
    sampler : str
        "ddpm" (ancestral) or "ddim" (deterministic).
    sampling_steps : int
        Evaluations of the chain; 0 for all diffusion steps.
    guidance : float
        s of u + s (c - u), c and u the predictions with and without the caption.
    block : int
        Clips evaluated at once: part of what is computed.
    features : int
        Width of the text-motion embedding in which motions are compared.
    judged : int
        Made-up clips that the embedding is trained on, besides recorded train clips that the
        base model does not see. A clip that is tested is never among them.
    embedding : TrainingConfig
        Training of the embedding: its seed is its own, so all runs share one.
    report_corrected : int
        Of the motions sampled to measure a model, how many are also corrected, to measure the
        corrector.
    processes : int
        Processes of the physics corrector; changes no result.
    base : TrainingConfig
        Training of the base model on real motions.
    update : TrainingConfig
        Training in each generation.
    loop : LoopConfig
        Generations, lambda (`ratio`), mix and curation: "physics" here besides those by name,
        whose `score` may be "matching" or "soundness".
    """

    data: str = ""
    n: int = 64
    test: int = 0
    frames: int = 80
    shuffled: bool = False
    text: str = "words"
    patch: int = 1
    width: int = 512
    layers: int = 8
    heads: int = 4
    feedforward: int = 1024
    diffusion_steps: int = 1000
    drop: float = 0.1
    sampler: str = "ddpm"
    sampling_steps: int = 0
    guidance: float = 2.5
    block: int = 16
    features: int = 24
    judged: int = 2000
    embedding: TrainingConfig = TrainingConfig(
        steps=400, batch=128, learning_rate=2e-3, decay="cosine", final=0.02, warmup=20,
        optimizer="adamw", weight_decay=0.02, clip=1.0)
    report_corrected: int = 16
    processes: int = 1
    base: TrainingConfig = TrainingConfig(
        steps=78, batch=64, learning_rate=1e-4, optimizer="adamw", weight_decay=0.01)
    update: TrainingConfig = TrainingConfig(
        steps=16, batch=64, learning_rate=1e-4, optimizer="adamw", weight_decay=0.01)
    loop: LoopConfig = LoopConfig(rounds=50, mix="augment", ratio=1.0)

    def __post_init__(self):
        for name in ("n", "test", "sampling_steps", "report_corrected"):
            _at_least(name, getattr(self, name), 0)
        for name in ("patch", "width", "layers", "heads", "feedforward", "diffusion_steps",
                     "block", "judged", "processes"):
            _at_least(name, getattr(self, name), 1)
        _at_least("features", self.features, 2)
        _at_least("frames", self.frames, 2)
        if self.sampler not in SAMPLERS:
            raise ValueError(f"sampler = {self.sampler!r}: must be one of {', '.join(SAMPLERS)}")
        if self.frames % self.patch:
            raise ValueError(f"frames = {self.frames}: must be a multiple of patch = {self.patch}")
        if self.width % (2 * self.heads):
            raise ValueError(f"width = {self.width}: must be a multiple of twice the heads "
                             f"({2 * self.heads})")
        if self.sampling_steps > self.diffusion_steps:
            raise ValueError(f"sampling_steps = {self.sampling_steps}: must be at most "
                             f"diffusion_steps = {self.diffusion_steps}")
        if not 0 <= self.drop < 1:
            raise ValueError(f"drop = {self.drop}: must lie in [0, 1)")
        if not 0 <= self.guidance < math.inf:
            raise ValueError(f"guidance = {self.guidance}: must lie in [0, inf)")
        if not self.text:
            raise ValueError("text = '': must be words, or the id or path of a CLIP model")


def _at_least(name, value, low):
    if value < low:
        raise ValueError(f"{name} = {value}: must lie in [{low}, inf)")
