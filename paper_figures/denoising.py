"""The denoising loop's arms as the figures of Yang et al. 2025, section 4.2, sort them."""

from dataclasses import dataclass

import numpy as np

from paper_figures import style

__all__ = ["COLOURS", "Line", "best", "common_cost", "levels", "lines", "mean_at"]

COLOURS = {"constant": style.BLUE, "linear": style.GREEN, "exponential": style.RED}


@dataclass(frozen=True, slots=True)
class Line:
    """One arm: a schedule at one noise level.

    Attributes
    ----------
    arm, family : str
        Its name; "constant", "linear" or "exponential".
    noise : float
        Standard deviation of the noise, pixels from 0 to 1.
    first : int
        Images kept in its first round.
    growth : float
        Of an exponential schedule.
    curves : tuple of Curve
        Quality over cost, one a seed (:class:`empirical.denoise.predict.Curve`).
    """

    arm: str
    family: str
    noise: float
    first: int
    growth: float
    curves: tuple

    @property
    def final(self):
        """PSNR after the last round, by seed."""
        return np.array([curve.psnr[-1] for curve in self.curves])

    @property
    def start(self):
        """PSNR of the base model, by seed."""
        return np.array([curve.psnr[0] for curve in self.curves])


def lines(results):
    """Return the :class:`Line` s of the arms that a reward selects for, in order of their size."""
    from empirical.denoise.predict import curves

    found, made = curves(results.metrics), []
    for arm, config in results.configs.items():
        loop = config["loop"]
        mine = tuple(curve for (name, _), curve in found.items() if name == arm)
        if loop["curate"] == "none" or loop["schedule"] not in COLOURS or not mine:
            continue
        made.append(Line(arm, loop["schedule"], config["noise"], int(mine[0].kept[0]),
                         loop["growth"], mine))
    return sorted(made, key=lambda line: (list(COLOURS).index(line.family), line.first,
                                          line.growth))


def common_cost(chosen):
    """Return the largest number of evaluations that all of these arms reached, in every seed."""
    return min(curve.cost[-1] for line in chosen for curve in line.curves)


def levels(chosen):
    """Return by how much each seed lies above the others, in all arms alike.

    A seed has one base model and one set of test noise; taken off, the intervals of an arm are
    those of how it differs from the other arms.
    """
    from empirical.denoise.predict import at_cost

    cost = common_cost(chosen)
    ends = np.array([[at_cost(curve, cost) for curve in line.curves] for line in chosen])
    return ends.mean(axis=0) - ends.mean()


def mean_at(line, cost, level=0.0):
    """Return the interval of the mean PSNR at a number of evaluations, the seeds' level off."""
    from empirical.denoise.predict import at_cost
    from empirical.predict import mean_interval

    return mean_interval(np.array([at_cost(curve, cost) for curve in line.curves]) - level)


def best(chosen):
    """Return the line that is best at the cost that all reached."""
    cost = common_cost(chosen)
    return max(chosen, key=lambda line: mean_at(line, cost).mean)
