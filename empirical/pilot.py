"""What a pilot run says of the law of its loop: how a round contracts, and what noise it adds.

The law (:mod:`theory.one_law`): the error after t rounds, squared and beyond what no loop removes,

    R_t = K^(2t) v0 + (1 - K^t)^2 B^2 + sum_{s<t} K^(2(t-1-s)) c / n_s,

K the contraction of a round, v0 the error before the first, B the verifier's bias, c the noise
that a single sample adds. What is measured is floor + R_t, or falls as that does.
"""

import math
from dataclasses import dataclass

import numpy as np

__all__ = ["Pilot", "fit"]

GRID = np.linspace(0.02, 0.99, 244)  # of K
LEAST = 3  # rounds


@dataclass(frozen=True, slots=True)
class Pilot:
    """The law that fits a pilot run.

    Attributes
    ----------
    contraction : float
        K.
    low, high : float
        Limits of K: by leaving out one seed at a time where there are three or more; else by the
        profile of the squared residuals, widened by how much these carry over from round to
        round, which is approximate.
    noise : float
        c, in units of the metric times samples.
    noise_from : str
        "schedule": the rounds kept different numbers, and that shows what one sample adds.
        "scatter": they did not, or it does not show; the least c that scatters the measurements
        as they do.
    initial, bias2 : float
        v0 and B^2, in units of the metric.
    floor : float
        What no loop removes, in the metric itself.
    scatter : float
        Standard deviation of the residuals.
    rounds, seeds : int
        Of the pilot.
    """

    contraction: float
    low: float
    high: float
    noise: float
    noise_from: str
    initial: float
    bias2: float
    floor: float
    scatter: float
    rounds: int
    seeds: int

    @property
    def growth(self):
        """The growth of the best schedule, 1/K."""
        return 1 / self.contraction

    def curve(self, counts, better="lower"):
        """Return the fitted metric before the first and after each round."""
        from theory.one_law import truth_error

        error = truth_error(self.contraction, self.noise if self.noise_from == "schedule" else 0.0,
                            self.initial, np.asarray(counts, dtype=float), self.bias2)
        return self.floor + error if better == "lower" else self.floor - error


def fit(counts, values, better="lower", floor=None, confidence=0.95):
    """Return the :class:`Pilot` of a metric that was measured round by round.

    Bias and the samples' noise enter where they are seen: the simplest law counts that fits as
    well (by Akaike's criterion for few points). Unless the floor is known, a curve that never
    turns back tells nothing of bias, which then is part of the floor.

    Parameters
    ----------
    counts : sequence of int, (T,)
        Samples that each round trained on; at least three rounds.
    values : array, (T + 1,) or (seeds, T + 1)
        The metric before the first round and after each; a squared error, or what falls like
        one (a loss, a Frechet distance, missing accuracy).
    better : str
        "lower" or "higher": which way the metric improves.
    floor : float, optional
        The best value that there is, where it is known; fitted by default.
    confidence : float
        Of the limits of K.

    Raises
    ------
    ValueError
        When there are too few rounds, or none of them comes nearer to a limit.
    """
    counts, values = np.asarray(counts, dtype=float), np.atleast_2d(np.asarray(values, float))
    _check(counts, values, better)
    sign = 1.0 if better == "lower" else -1.0
    known = None if floor is None else sign * floor
    centred = values - values.mean(axis=1, keepdims=True) + values.mean()  # seeds differ by level
    points = sign * (values if floor is not None else centred)
    chosen = _simplest([
        _Fit(counts, points, known, columns) for columns in _candidates(counts, points, known)
    ])
    if not chosen.helps:
        raise ValueError("values = a curve that approaches no limit: must improve and slow down "
                         f"over {len(counts)} rounds for a contraction to show")
    return _pilot(chosen, counts, sign, confidence)


def _check(counts, values, better):
    if better not in ("lower", "higher"):
        raise ValueError(f"better = {better!r}: must be lower or higher")
    if len(counts) < LEAST:
        raise ValueError(f"counts = {len(counts)} rounds: must be at least {LEAST} for a "
                         "contraction to show")
    if values.shape[1] != len(counts) + 1:
        raise ValueError(f"values = {values.shape[1]} of a seed: must be {len(counts) + 1}, one "
                         "before the first round and one after each")
    if not (counts > 0).all():
        raise ValueError("counts = with a round of nothing: must be at least 1 in each")
    if not np.isfinite(values).all():
        raise ValueError("values = with some that are no numbers: must be finite")


def _candidates(counts, points, known):
    """Return the sets of columns that such points can bear, the smallest first."""
    sets = [()]
    spare = points.size - points.shape[0] - 2  # beyond K and v0
    turned = spare >= 4 and (known is not None or _turns_back(counts, points))
    if turned:
        sets.append(("bias",))
    told_apart = counts.max() >= 1.5 * counts.min() or known is not None
    if spare >= 4 and told_apart:
        sets.append(("noise",))
    if spare >= 6 and told_apart and turned:
        sets.append(("bias", "noise"))
    return sets


def _turns_back(counts, points):
    """Return whether a curve ends surely above its lowest point."""
    plain, mean = _Fit(counts, points, None, ()), points.mean(axis=0)
    return mean[-1] - mean.min() > 2 * math.sqrt(plain.loss / max(plain.spare, 1))


class _Fit:
    """Least squares with nonnegative v0, B^2, c for every K of the grid."""

    def __init__(self, counts, points, floor, columns):
        self.names = ("initial", *columns)
        self.known, self.counts, self.points = floor, counts, points
        found = [self._at(contraction) for contraction in GRID]
        self.losses = np.array([loss for loss, *_ in found])
        best = int(self.losses.argmin())
        self.contraction, self.loss = float(GRID[best]), float(self.losses[best])
        self.values, self.residuals = found[best][1:]
        flat = points - points.mean()
        self._flat = float((flat**2).sum())
        self.edge = best == len(GRID) - 1

    @property
    def spare(self):
        """Degrees of freedom that are left."""
        seeds = self.points.shape[0]
        return self.points.size - (seeds - 1) - len(self.names) - 1 - (self.known is None)

    @property
    def helps(self):
        """Whether rounds contract, by a curve that is better than none."""
        mean = self.points.mean(axis=0)
        improves = mean[1:].min() < mean[0] and self.values["initial"] > 0
        return improves and not self.edge and self.spare >= 1 and self.loss < 0.5 * self._flat

    @property
    def criterion(self):
        """Akaike's, corrected for few points."""
        n, p = self.points.size, len(self.names) + 2 + (self.known is None)
        left = n - p - 1
        return n * math.log(max(self.loss, 1e-300) / n) + 2 * p * (n / left if left > 0 else 1e9)

    @property
    def memory(self):
        """Return by what residuals that carry over make a variance larger: (1 + r) / (1 - r)."""
        left, right = self.residuals[:, :-1].ravel(), self.residuals[:, 1:].ravel()
        r = float((left * right).sum() / max((self.residuals**2).sum(), 1e-300))
        return (1 + max(r, 0.0)) / (1 - min(max(r, 0.0), 0.95))

    def _at(self, contraction):
        from scipy.optimize import nnls

        table = _columns(contraction, self.counts, self.names)
        target = self.points.mean(axis=0)
        if self.known is None:
            ones = np.ones((len(target), 1))
            table = np.hstack([table, ones, -ones])
        else:
            target = target - self.known
        scale = np.abs(table).max(axis=0)
        scale[scale == 0] = 1.0
        weights, _ = nnls(table / scale, target)
        weights = weights / scale
        made = table @ weights + (self.known or 0.0)
        values = dict(zip(self.names, weights))
        values["floor"] = self.known if self.known is not None else weights[-2] - weights[-1]
        residuals = self.points - made
        return float((residuals**2).sum()), values, residuals


def _columns(contraction, counts, names):
    """Return what v0, B^2 and c are multiplied by after each round, (T + 1, names)."""
    time = np.arange(len(counts) + 1.0)
    noise = [0.0]
    for count in counts:
        noise.append(contraction**2 * noise[-1] + 1 / count)
    known = {"initial": contraction ** (2 * time), "bias": (1 - contraction**time)**2,
             "noise": np.array(noise)}
    return np.stack([known[name] for name in names], axis=1)


def _simplest(fits):
    """Return the first fit that no later one beats by Akaike's criterion."""
    return min(fits, key=lambda made: (round(made.criterion, 6), len(made.names)))


def _limits(chosen, confidence):
    """Return the limits of K."""
    from scipy.stats import f, t

    points, spare = chosen.points, chosen.spare
    seeds = len(points)
    if seeds < 3:
        limit = chosen.loss * (1 + chosen.memory * f.ppf(confidence, 1, spare) / spare)
        inside = GRID[chosen.losses <= max(limit, chosen.loss)]
        return float(inside[0]), float(inside[-1])
    without = np.array([
        _Fit(chosen.counts, np.delete(points, seed, axis=0), chosen.known, chosen.names[1:])
        .contraction for seed in range(seeds)
    ])
    error = math.sqrt((seeds - 1) / seeds * ((without - without.mean())**2).sum())
    half = float(t.ppf((1 + confidence) / 2, seeds - 1)) * max(error, (GRID[1] - GRID[0]) / 2)
    low, high = chosen.contraction - half, chosen.contraction + half
    return max(low, float(GRID[0])), min(high, float(GRID[-1]))


def _pilot(chosen, counts, sign, confidence):
    spare = chosen.spare
    low, high = _limits(chosen, confidence)
    scatter = math.sqrt(chosen.loss / spare)
    values = chosen.values
    noise, origin = values.get("noise", 0.0), "schedule"
    if not noise > 0:
        # |delta|^2 of one dimension scatters by sqrt(2) times its mean, of more by less.
        settled = scatter / math.sqrt(2)
        noise = settled * (1 - chosen.contraction**2) * len(counts) / float((1 / counts).sum())
        origin = "scatter"
    return Pilot(
        chosen.contraction, low, high, float(noise), origin,
        float(values["initial"]), float(values.get("bias", 0.0)), sign * float(values["floor"]),
        scatter, len(counts), len(chosen.points),
    )
