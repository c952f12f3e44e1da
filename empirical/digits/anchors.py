"""Anchors: the centroids of real images, digit by digit (Gillman et al. 2024, appendix E)."""

from dataclasses import dataclass

import torch

from empirical.digits.config import CLASSES
from empirical.items import count, join, take

__all__ = ["InPieces", "anchors_of", "k_means"]


@dataclass(frozen=True, slots=True)
class InPieces:
    """A corrector that looks at a few items at a time: distances to many anchors take memory.

    Attributes
    ----------
    corrector : object
        One that corrects each item by itself.
    size : int
        Items corrected at once.
    """

    corrector: object
    size: int = 256

    def correct(self, items):
        """Return the corrected items."""
        starts = range(0, max(1, count(items)), self.size)
        return join(self.corrector.correct(take(items, slice(start, start + self.size)))
                    for start in starts)


def anchors_of(items, k, streams, device="cpu"):
    """Return K centroids of the images of each digit, float32 array (10, K, pixels).

    Raises
    ------
    ValueError
        When a digit has fewer than K images.
    """
    made = []
    for digit in range(CLASSES):
        images = items["image"][items["group"] == digit]
        if len(images) < k:
            raise ValueError(f"anchors = {k}: must be at most {len(images)}, the real images of "
                             f"digit {digit}")
        points = torch.from_numpy(images.reshape(len(images), -1)).to(device)
        made.append(k_means(points, k, streams.child("anchors", k, digit).torch("cpu")))
    return torch.stack(made).float().cpu().numpy()


def k_means(points, k, generator, rounds=100):
    """Return the centroids of k clusters, float64 (k, d): Lloyd's rounds after k-means++.

    Parameters
    ----------
    points : tensor, (n, d)
        n >= k of them.
    k : int
        Clusters.
    generator : torch.Generator
        On the CPU; chooses where to begin.
    rounds : int
        At most so many.
    """
    points = points.double()
    centres = _spread_out(points, k, generator)
    before = None
    for _ in range(rounds):
        apart, nearest = _squares(points, centres).min(dim=1)
        if before is not None and torch.equal(nearest, before):
            break
        before = nearest
        counts = torch.bincount(nearest, minlength=k).double()
        sums = torch.zeros_like(centres).index_add_(0, nearest, points)
        centres = torch.where(counts[:, None] > 0, sums / counts[:, None].clamp(min=1), centres)
        empty = torch.nonzero(counts == 0).flatten()
        if len(empty):  # they go where a point has the furthest to go
            centres[empty] = points[apart.argsort(descending=True, stable=True)[: len(empty)]]
    return centres


def _squares(points, centres):
    """Return the squared distances, (n, k)."""
    cross = points @ centres.T
    return (points**2).sum(1)[:, None] + (centres**2).sum(1) - 2 * cross


def _spread_out(points, k, generator):
    """Return k of the points, each drawn with its squared distance from those before it."""
    draws = torch.rand(k, generator=generator, dtype=torch.float64)
    chosen = [min(int(draws[0] * len(points)), len(points) - 1)]
    apart = torch.full((len(points),), torch.inf, dtype=torch.float64, device=points.device)
    for draw in draws[1:]:
        apart = torch.minimum(apart, ((points - points[chosen[-1]]) ** 2).sum(1))
        total = apart.cumsum(0)
        if total[-1] > 0:
            place = int(torch.searchsorted(total, (draw * total[-1]).to(total.device)[None]))
        else:  # all points are chosen already
            place = len(chosen)
        chosen.append(min(place, len(points) - 1))
    return points[chosen].clone()
