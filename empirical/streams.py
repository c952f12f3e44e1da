"""Random streams by name: a run's seed and a path decide what is drawn, and nothing else does.

A stream is addressed, not consumed: `streams.child("round", 3, "train").numpy()` is the same
wherever, whenever and in whichever order it is asked for. So a resumed run needs no state of any
generator, arms of a comparison share their random numbers (paired seeds), and an item's noise
does not depend on the batch that it is drawn in.
"""

import contextlib
import hashlib

import numpy as np

__all__ = ["Streams"]


def _number(part):
    """Return a path part as a 32-bit number; words by hash, so that the order of code is free."""
    if isinstance(part, str):
        return int.from_bytes(hashlib.sha256(part.encode()).digest()[:4], "little")
    if not 0 <= part < 2**32:
        raise ValueError(f"part = {part}: must lie in [0, 2^32)")
    return int(part)


class Streams:
    """The random streams below one address.

    Parameters
    ----------
    seed : int
        Seed of the run, >= 0.
    path : tuple of str or int
        Where in the run.
    """

    __slots__ = ("path", "seed")

    def __init__(self, seed, path=()):
        self.seed, self.path = int(seed), tuple(path)

    def __repr__(self):
        return f"Streams({self.seed}, {self.path})"

    def child(self, *path):
        """Return the streams below `path`, words and numbers in [0, 2^32)."""
        return Streams(self.seed, (*self.path, *path))

    def _sequence(self):
        return np.random.SeedSequence(self.seed, spawn_key=tuple(map(_number, self.path)))

    def numpy(self):
        """Return a NumPy generator at the beginning of this stream."""
        return np.random.Generator(np.random.PCG64(self._sequence()))

    def number(self):
        """Return the 63-bit seed of this stream, for libraries that take a number."""
        return int(self._sequence().generate_state(1, np.uint64)[0] >> np.uint64(1))

    def torch(self, device="cpu"):
        """Return a torch generator at the beginning of this stream."""
        import torch

        generator = torch.Generator(device)
        generator.manual_seed(self.number())
        return generator

    @contextlib.contextmanager
    def under(self, device="cpu"):
        """Have the libraries that draw from torch's own generators draw from this stream.

        Dropout layers and many initialisers take no generator. After the block torch's own
        generators are where they were.
        """
        import torch

        device = torch.device(device)
        with torch.random.fork_rng([device] if device.type == "cuda" else []):
            torch.random.default_generator.manual_seed(self.number())
            if device.type == "cuda":
                torch.cuda.default_generators[device.index or 0].manual_seed(self.number())
            yield

    def uniform(self, indices, width):
        """Return uniform numbers in [0, 1), one row of `width` for each item index.

        A row depends on the item's index alone: the same item gets the same numbers in whatever
        batch it is asked for.

        Parameters
        ----------
        indices : array of int, (n,)
            Item indices >= 0.
        width : int
            Numbers an item.

        Returns
        -------
        array, (n, width)
        """
        key = self._sequence().generate_state(2, np.uint64)
        rows = np.empty((len(indices), width))
        for row, index in zip(rows, indices):
            bits = np.random.Philox(key=key, counter=[0, 0, 0, int(index)])
            np.random.Generator(bits).random(out=row)
        return rows
