"""The speed limit of a simulator: drawing the numbers that it needs, and nothing else."""

from dataclasses import dataclass

import numpy as np
from numba import njit


@dataclass(frozen=True, slots=True)
class Draws:
    """Numbers of draws that a simulation cannot do without.

    Attributes
    ----------
    normals, exponentials, uniforms : int
        How many of each.
    """

    normals: int = 0
    exponentials: int = 0
    uniforms: int = 0


@njit
def _one_by_one(rng, normals, exponentials, uniforms):
    total = 0.0
    for _ in range(normals):
        total += rng.standard_normal()
    for _ in range(exponentials):
        total += rng.standard_exponential()
    for _ in range(uniforms):
        total += rng.random()
    return total


def one_by_one(rng, draws):
    """Draw in a compiled loop, as the kernels do."""
    return _one_by_one(rng, draws.normals, draws.exponentials, draws.uniforms)


def in_blocks(rng, draws, block=16_384):
    """Draw with NumPy into one buffer that stays in the cache."""
    buffer = np.empty(block)
    for fill, count in ((rng.standard_normal, draws.normals),
                        (rng.standard_exponential, draws.exponentials),
                        (rng.random, draws.uniforms)):
        for start in range(0, count, block):
            fill(out=buffer[: min(block, count - start)])
