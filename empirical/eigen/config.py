"""The config of the eigenvalue task."""

import dataclasses
import math

from empirical.eigen.encoding import encoding_of
from empirical.eigen.shape import Shape
from empirical.loop import LoopConfig
from empirical.training import TrainingConfig

__all__ = ["Config"]

LABELS = ("model", "truth")
PICKS = ("model", "oracle")
PRECISIONS = ("float32", "bfloat16")


@dataclasses.dataclass(frozen=True, slots=True)
class Config:
    """What is computed, by which model, trained and verified how.

    Attributes
    ----------
    size : int
        Rows and columns of the matrices.
    encoding : str
        "p1000" (three tokens a number) or "fp15" (one).
    strip : bool
        Of P1000: whether trailing zeros of the mantissa are stripped.
    low, high : int
        Of FP15: the exponents; -9 to 6 are Charton's. `high` must leave room for the
        eigenvalues, which reach 10 times the size.
    width, heads, encoder_layers, decoder_layers, norm
        Sizes of the model (:class:`empirical.eigen.shape.Shape`).
    grammar : bool
        Whether the softmax at each place runs over the tokens that the encoding allows there;
        otherwise over the vocabulary, and answers that are no numbers count as wrong.
    precision : str
        Of decoding: "float32", or "bfloat16", twice as fast where the processor knows it.
    real, test : int
        Real matrices that the base model is trained on, and that accuracy is measured on.
    tolerance : float
        Relative L1 error below which a verifier calls an answer right.
    labels : str
        Who answers for fresh matrices: the "model", or the "truth" (a control with clean data).
    beams : int
        Width of the beam search that makes synthetic answers; 1 is greedy.
    pick : str
        Which answer of the beam becomes the item: the one that the "model" prefers, or the one
        that an "oracle" finds closest.
    report_beams : tuple of int
        Widths of beam search at which accuracy is reported besides greedy decoding.
    base : TrainingConfig
        Training of the base model, the generator, on real data.
    update : TrainingConfig
        Training in each round.
    other : TrainingConfig
        Training of the other model on real data that rounds of start "other" begin with.
    loop : LoopConfig
        Schedule, verifier, mix and start.
    """

    size: int = 5
    encoding: str = "p1000"
    strip: bool = True
    low: int = -9
    high: int = 6
    width: int = 512
    heads: int = 8
    encoder_layers: int = 4
    decoder_layers: int = 1
    norm: str = "post"
    grammar: bool = True
    precision: str = "float32"
    real: int = 200_000
    test: int = 10_000
    tolerance: float = 0.01
    labels: str = "model"
    beams: int = 1
    pick: str = "model"
    report_beams: tuple[int, ...] = ()
    base: TrainingConfig = TrainingConfig()
    update: TrainingConfig = TrainingConfig()
    other: TrainingConfig = TrainingConfig()
    loop: LoopConfig = LoopConfig(start="scratch")

    def __post_init__(self):
        for name in ("size", "real", "test", "beams"):
            _at_least(name, getattr(self, name), 1)
        for beams in self.report_beams:
            _at_least("report_beams", beams, 1)
        if not (0 < self.tolerance < math.inf):
            raise ValueError(f"tolerance = {self.tolerance}: must lie in (0, inf)")
        _one_of("labels", self.labels, LABELS)
        _one_of("pick", self.pick, PICKS)
        _one_of("precision", self.precision, PRECISIONS)
        self._check_range()
        _ = self.shape  # refuses sizes that do not fit

    def _check_range(self):
        """Refuse an FP15 that could not write some eigenvalue."""
        code = self.code
        try:
            code.encode([10.0 * self.size])
        except OverflowError:
            raise ValueError(f"high = {self.high}: must let FP15 write eigenvalues up to "
                             f"{10 * self.size}") from None

    @property
    def code(self):
        """The encoding of numbers, :class:`~empirical.eigen.encoding.P1000` or FP15."""
        return encoding_of(self.encoding, self.strip, self.low, self.high)

    @property
    def shape(self):
        """The sizes of the model, a :class:`~empirical.eigen.shape.Shape`."""
        code = self.code
        return Shape(
            vocabulary=code.size, source=self.size**2 * code.width,
            target=self.size * code.width,
            kinds=code.kinds if self.grammar else ((0, code.size),),
            width=self.width, heads=self.heads, encoder_layers=self.encoder_layers,
            decoder_layers=self.decoder_layers, norm=self.norm,
        )


def _at_least(name, value, low):
    if value < low:
        raise ValueError(f"{name} = {value}: must lie in [{low}, inf)")


def _one_of(name, value, allowed):
    if value not in allowed:
        raise ValueError(f"{name} = {value!r}: must be one of {', '.join(allowed)}")
