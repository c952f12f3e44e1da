"""Angles between three directions: truth, generator, pruner."""

import math

import numpy as np

from theory._domain import real

__all__ = ["PI_LOW", "gap", "slack", "supplement", "triangle"]

PI_LOW = 1.2246467991473532e-16  # pi - math.pi


def supplement(angle):
    """Return pi - angle, with the digits of pi that a double lacks; 0 at math.pi itself."""
    return np.where(angle >= math.pi, 0.0, (math.pi - angle) + PI_LOW)


def gap(x, y, between):
    """Return x + y - between >= 0; subtracting from the larger first keeps the digits."""
    return np.maximum((np.maximum(x, y) - between) + np.minimum(x, y), 0.0)


def slack(x, y, between):
    """Return 2 pi - x - y - between >= 0, with the digits of pi that a double lacks."""
    far, near = np.maximum(y, between), np.minimum(y, between)
    rest = (math.pi - x) + ((math.pi - far) - near)
    return np.maximum(rest + 2 * PI_LOW, 0.0)


def triangle(angle_gen, angle_prune, angle_between):
    """Check that the angles (radians) are those between three directions, and broadcast them."""
    angles = np.broadcast_arrays(
        real("angle_gen", angle_gen, 0, math.pi),
        real("angle_prune", angle_prune, 0, math.pi),
        real("angle_between", angle_between, 0, math.pi),
    )
    gen, prune, between = angles
    low, middle, high = np.sort(np.stack(angles), axis=0)
    tolerance = 4 * np.spacing(high)
    bad = ((high - middle) - low > tolerance) | (slack(gen, prune, between) <= 0.0) & (
        (low + middle) + high > 2 * math.pi + 4 * np.spacing(2 * math.pi)
    )
    if np.any(bad):
        first = np.argmax(bad)
        shown = ", ".join(f"{x.flat[first]:g}" for x in angles)
        raise ValueError(
            f"(angle_gen, angle_prune, angle_between) = ({shown}): must satisfy the triangle "
            "inequalities and sum to at most 2 pi"
        )
    return angles
