"""The config of the reasoning task."""

import dataclasses
import math

from empirical.language.shape import ModelConfig
from empirical.schedule import LoopConfig
from empirical.training import TrainingConfig

__all__ = ["Config"]

JUDGES = ("steps", "answer")


@dataclasses.dataclass(frozen=True, slots=True)
class Config:
    """Which problems, which model, and how its solutions are sampled, judged and learned.

    Attributes
    ----------
    data : str
        "own": problems of our own templates. Otherwise a folder with the GSM-Symbolic templates
        (`symbolic`, `p1`, `p2`), or a file or hub id of GSM8K.
    templates : tuple of str
        Of our own: ("all",), ("short",) for small models, or names of templates.
    mixture : tuple of float
        Weights of the three difficulties among the problems for training.
    real : int
        Problems with worked solutions that the base model is trained on.
    test, held : int
        Test problems of each difficulty: with held-out numbers, and from held-out templates.
    temperature : float
        Of proposals; evaluation is greedy.
    shots : int
        Worked examples before each question, when solutions are written (never in training). A
        model from scratch has not learned to read examples: for it this is 0.
    judge : str
        What makes a solution right in the reports: its "steps" and its answer, or its "answer".
    question_tokens, solution_tokens : int
        Longest question and solution in tokens.
    model : ModelConfig
        The model.
    base : TrainingConfig
        Training on worked solutions; `epochs` = 0 takes pre-trained weights as they are.
    update : TrainingConfig
        Training in each round.
    loop : LoopConfig
        Schedule, verifier, mix and start. The verifier "answer" keeps what ends in the right
        number.
    """

    data: str = "own"
    templates: tuple[str, ...] = ("all",)
    mixture: tuple[float, ...] = (7.0, 2.0, 1.0)
    real: int = 20_000
    test: int = 500
    held: int = 200
    temperature: float = 0.3
    shots: int = 0
    judge: str = "steps"
    question_tokens: int = 320
    solution_tokens: int = 192
    model: ModelConfig = ModelConfig()
    base: TrainingConfig = TrainingConfig()
    update: TrainingConfig = TrainingConfig()
    loop: LoopConfig = LoopConfig(curate="answer")

    def __post_init__(self):
        for name in ("real", "test", "question_tokens", "solution_tokens"):
            _at_least(name, getattr(self, name), 1)
        _at_least("held", self.held, 0)
        _at_least("shots", self.shots, 0)
        _at_least("temperature", self.temperature, 0)
        if self.shots and not self.model.weights:
            raise ValueError(f"shots = {self.shots}: must be 0 for a model from scratch, which "
                             "has not learned to read examples")
        if self.judge not in JUDGES:
            raise ValueError(f"judge = {self.judge!r}: must be one of {', '.join(JUDGES)}")
        if len(self.mixture) != 3 or min(self.mixture) < 0 or not 0 < sum(self.mixture) < math.inf:
            raise ValueError(f"mixture = {self.mixture}: must be three weights >= 0 with a sum > "
                             "0")
        if not self.templates:
            raise ValueError("templates = (): must name at least one, or all, or short")
        longest = self.question_tokens + self.solution_tokens
        if longest > self.model.context:
            raise ValueError(f"model.context = {self.model.context}: must hold a question and a "
                             f"solution, {longest} tokens")


def _at_least(name, value, low):
    if not value >= low or math.isinf(value):
        raise ValueError(f"{name} = {value}: must lie in [{low}, inf)")
