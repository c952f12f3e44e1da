"""The config of the summarisation task."""

import dataclasses
import math

from empirical.language.shape import ModelConfig
from empirical.loop import LoopConfig
from empirical.training import TrainingConfig

__all__ = ["Config", "Stronger"]

LABELS = ("model", "truth")
SCORES = ("self", "stronger")


@dataclasses.dataclass(frozen=True, slots=True)
class Stronger:
    """Another model, which verifies by its perplexity.

    Attributes
    ----------
    seed : int
        Of its fresh weights and its training.
    model : ModelConfig
        Its sizes, or pre-trained weights.
    pretraining : TrainingConfig
        On other texts, of a fresh one.
    training : TrainingConfig
        On all references of the corpus.
    """

    seed: int = 1
    model: ModelConfig = ModelConfig()
    pretraining: TrainingConfig = TrainingConfig()
    training: TrainingConfig = TrainingConfig()


STRONGER = Stronger()


@dataclasses.dataclass(frozen=True, slots=True)
class Config:
    """What is summarised, by which model, selected and trained how.

    Attributes
    ----------
    source : str
        Empty for reports that are made up; or articles with summaries of others, a file, folder
        or hub id (:mod:`empirical.summary.news`).
    data_seed : int
        Seed of the reports, or of the choice among the source's articles; and of pre-training.
    corpus, test : int
        Articles that may be summarised and trained on, and articles for evaluation.
    share : float
        Part of the corpus whose references the generator is trained on, drawn anew for each
        seed.
    longest_article, longest_summary : int
        Tokens. A longer article is cut off, and a reference too when it is trained on.
    model : ModelConfig
        The model: a fresh one, or pre-trained weights.
    texts : int
        Other texts that a fresh model is pre-trained on.
    pretraining : TrainingConfig
        Of a fresh model, once for all seeds; no epochs and no steps: none. A model with
        `weights` is pre-trained already.
    scores : tuple of str
        Which scores each proposal gets when it is made: "self" (the proposing model's own
        log-probability a token), "stronger" (that of another model). Verifiers can use these.
    stronger : Stronger
        The other model; trained once for all seeds.
    labels : str
        Who writes the summaries to train on: the "model", or the "truth" (a control).
    base : TrainingConfig
        Of the generator, on references.
    update : TrainingConfig
        Of each round, on what was kept.
    loop : LoopConfig
        Schedule, verifier, mix and start. Start "scratch" is the pre-trained model, before any
        reference. Besides the common verifiers there are "random" (a share, `fraction`, by lot)
        and "top_of_each" (the best share by `score` of each kind of article).
    """

    source: str = ""
    data_seed: int = 0
    corpus: int = 8192
    test: int = 1000
    share: float = 0.125
    longest_article: int = 128
    longest_summary: int = 48
    model: ModelConfig = ModelConfig()
    texts: int = 20_000
    pretraining: TrainingConfig = TrainingConfig()
    scores: tuple[str, ...] = SCORES
    stronger: Stronger = STRONGER
    labels: str = "model"
    base: TrainingConfig = TrainingConfig()
    update: TrainingConfig = TrainingConfig()
    loop: LoopConfig = LoopConfig(unit="proposed", start="scratch")

    def __post_init__(self):
        for name in ("corpus", "test", "longest_article", "longest_summary", "texts"):
            _at_least(name, getattr(self, name), 1)
        _at_least("data_seed", self.data_seed, 0)
        if not (0 < self.share <= 1 and round(self.share * self.corpus) >= 1):
            raise ValueError(f"share = {self.share}: must lie in (0, 1] and be at least one "
                             f"article of {self.corpus}")
        if self.labels not in LABELS:
            raise ValueError(f"labels = {self.labels!r}: must be one of {', '.join(LABELS)}")
        for name in self.scores:
            if name not in SCORES:
                raise ValueError(f"scores = {name!r}: must be some of {', '.join(SCORES)}")
        loop = self.loop
        if loop.curate in ("top_fraction", "top_of_each", "threshold") and loop.score not in (
                "quality", *self.scores):
            raise ValueError(f"loop.score = {loop.score!r}: must be one of "
                             f"{', '.join(('quality', *self.scores))} (see scores)")

    @property
    def labelled(self):
        """How many references the generator is trained on."""
        return round(self.share * self.corpus)


def _at_least(name, value, low):
    if not value >= low or math.isinf(value):
        raise ValueError(f"{name} = {value}: must lie in [{low}, inf)")
