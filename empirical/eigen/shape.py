"""The sizes of the transformer."""

import dataclasses

__all__ = ["Shape"]

NORMS = ("pre", "post")


@dataclasses.dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a :class:`Transformer`.

    Attributes
    ----------
    vocabulary : int
        Tokens, the same for input and output.
    source, target : int
        Tokens read and written.
    kinds : tuple of (int, int)
        Ranges (start, stop) of the tokens allowed at the places of a number; place t of the
        output allows kinds[t mod len(kinds)].
    width, heads : int
        Model dimension, and attention heads that divide it.
    encoder_layers, decoder_layers : int
        How many layers read, and write.
    norm : str
        "pre" normalises what enters a sublayer, "post" what leaves it (as in the papers).
    """

    vocabulary: int
    source: int
    target: int
    kinds: tuple
    width: int = 512
    heads: int = 8
    encoder_layers: int = 4
    decoder_layers: int = 1
    norm: str = "post"

    def __post_init__(self):
        for name in ("vocabulary", "source", "target", "width", "heads", "encoder_layers",
                     "decoder_layers"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: must lie in [1, inf)")
        if self.width % self.heads:
            raise ValueError(f"heads = {self.heads}: must divide the width {self.width}")
        if self.norm not in NORMS:
            raise ValueError(f"norm = {self.norm!r}: must be one of {', '.join(NORMS)}")

    def kind(self, place):
        """Return the range of tokens allowed at place `place` of the output."""
        return self.kinds[place % len(self.kinds)]

    def flops(self):
        """Return about how many floating-point operations a forward pass on one item takes."""
        d, read, write = self.width, self.source, self.target
        reading = self.encoder_layers * read * (24 * d * d + 4 * read * d)
        writing = self.decoder_layers * write * (28 * d * d + 4 * (write + read) * d)
        crossing = self.decoder_layers * read * 4 * d * d
        choices = sum(stop - start for start, stop in self.kinds) / len(self.kinds)
        return float(reading + writing + crossing + 2 * write * d * choices)
