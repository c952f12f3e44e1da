"""Kernels of Gaussian models that are refitted to points of their own.

All compiled functions that call each other are in this one file, because Numba renews a cached
kernel only when its own file changes. Linear algebra is in plain loops, as in `_classifier`.
"""

import math

import numpy as np
from numba import njit

__all__ = ["correction_chunk", "pointwise_chunk", "synthetic_chunk", "synthetic_law_chunk"]

_EPSILON = 2.0**-52
_GLANCE = 65_535  # a mask: points between two looks at the halt flag, less one


@njit(nogil=True, cache=True)
def _factor(covariance, root):
    """Fill the lower Cholesky factor; a pivot that is round-off makes a column of zeros."""
    dim = len(covariance)
    for j in range(dim):
        pivot = covariance[j, j]
        for k in range(j):
            pivot -= root[j, k] * root[j, k]
        root[j, j] = math.sqrt(pivot) if pivot > _EPSILON * dim * covariance[j, j] else 0.0
        for i in range(j + 1, dim):
            rest = covariance[i, j]
            for k in range(j):
                rest -= root[i, k] * root[j, k]
            root[i, j] = rest / root[j, j] if root[j, j] > 0.0 else 0.0


@njit(nogil=True, cache=True)
def _observe(point, total, scatter):
    """Add a point to the sums of points and of their products (lower triangle)."""
    for i in range(len(point)):
        total[i] += point[i]
        for j in range(i + 1):
            scatter[i, j] += point[i] * point[j]


@njit(nogil=True, cache=True)
def _draw_point(rng, root, shift, noise, point):
    """Fill `point` with shift + root noise."""
    for i in range(len(point)):
        noise[i] = rng.standard_normal()
        point[i] = shift[i]
        for k in range(i + 1):
            point[i] += root[i, k] * noise[k]


@njit(nogil=True, cache=True)
def _draw_points(rng, halt, count, keep, model, truth, noise, total, scatter):
    """Draw `count` points one by one; `model` and `truth` are (root, shift)."""
    point = np.empty(len(noise))
    for k in range(count):
        source = truth if keep < 1.0 and rng.random() >= keep else model
        _draw_point(rng, source[0], source[1], noise, point)
        _observe(point, total, scatter)
        if k & _GLANCE == 0 and halt[0]:
            return


@njit(nogil=True, cache=True)
def _draw_sums(rng, count, source, noise, total, scatter):
    """Draw sum and scatter of `count` points of N(shift, root root') from their joint law."""
    root, shift = source
    dim = len(noise)
    point = np.empty(dim)
    if count <= dim:  # too few for Bartlett's decomposition, and no more work than it
        for _ in range(count):
            _draw_point(rng, root, shift, noise, point)
            _observe(point, total, scatter)
        return
    for i in range(dim):  # the sum of the points, which their scatter does not depend on
        noise[i] = rng.standard_normal() * math.sqrt(count)
    for i in range(dim):
        point[i] = count * shift[i]
        for k in range(i + 1):
            point[i] += root[i, k] * noise[k]
        total[i] += point[i]
        for j in range(i + 1):
            scatter[i, j] += point[i] * (point[j] / count)
    for k in range(dim):  # columns of root times Bartlett's lower triangle
        for i in range(dim):
            noise[i] = rng.standard_normal() if i > k else 0.0
        noise[k] = math.sqrt(rng.chisquare(float(count - 1 - k)))
        for i in range(dim):
            point[i] = 0.0
            for j in range(k, i + 1):
                point[i] += root[i, j] * noise[j]
            for j in range(i + 1):
                scatter[i, j] += point[i] * point[j]


@njit(nogil=True, cache=True)
def _refit(n, ddof, total, scatter, centre, mean, covariance):
    """Fill mean and covariance from sums about `centre`, and move the centre to the mean."""
    for i in range(len(total)):
        for j in range(i + 1):
            about = scatter[i, j] - total[i] * (total[j] / n)
            if i == j:
                about = max(about, 0.0)
            covariance[i, j] = about / (n - ddof)
            covariance[j, i] = covariance[i, j]
    centre += total / n
    mean[:] = centre


@njit(nogil=True, cache=True)
def synthetic_chunk(rng, halt, n, ddof, keep, means, covariances):
    """Advance Gaussian loops point by point; sums are about the mean of the model that draws."""
    rows, steps, dim = means.shape
    root, unit = np.eye(dim), np.eye(dim)
    noise, total, scatter = np.empty(dim), np.empty(dim), np.empty((dim, dim))
    centre, origin = np.zeros(dim), np.zeros(dim)
    for r in range(rows):
        root[:] = unit
        centre[:] = 0.0
        for t in range(steps):
            total[:] = 0.0
            scatter[:] = 0.0
            model, truth = (root, origin), (unit, -centre)
            _draw_points(rng, halt, n, keep if t else 1.0, model, truth, noise, total, scatter)
            if halt[0]:
                return
            _refit(n, ddof, total, scatter, centre, means[r, t], covariances[r, t])
            _factor(covariances[r, t], root)


@njit(nogil=True, cache=True)
def synthetic_law_chunk(rng, halt, n, ddof, keep, means, covariances):
    """Advance Gaussian loops by the laws of count, sum and scatter of the points of each kind."""
    rows, steps, dim = means.shape
    root, unit = np.eye(dim), np.eye(dim)
    noise, total, scatter = np.empty(dim), np.empty(dim), np.empty((dim, dim))
    centre, origin = np.zeros(dim), np.zeros(dim)
    for r in range(rows):
        root[:] = unit
        centre[:] = 0.0
        for t in range(steps):
            if halt[0]:
                return
            total[:] = 0.0
            scatter[:] = 0.0
            own = n if keep == 1.0 or t == 0 else rng.binomial(n, keep)
            _draw_sums(rng, own, (root, origin), noise, total, scatter)
            _draw_sums(rng, n - own, (unit, -centre), noise, total, scatter)
            _refit(n, ddof, total, scatter, centre, means[r, t], covariances[r, t])
            _factor(covariances[r, t], root)


@njit(nogil=True, cache=True)
def _bins(points, number, low, width):
    """Fill where a histogram of `number` equal bins a coordinate begins, and how wide they are."""
    for i in range(points.shape[1]):
        low[i] = high = points[0, i]
        for k in range(1, len(points)):
            low[i] = min(low[i], points[k, i])
            high = max(high, points[k, i])
        width[i] = (high - low[i]) / number


@njit(nogil=True, cache=True)
def _draw_from_points(rng, points, number, low, width, drawn):
    """Fill `drawn` with one of the points, or with a draw from their histogram.

    A bin has the probability of the points in it: the bin of a random point has it too.
    """
    choice = min(int(rng.random() * len(points)), len(points) - 1)
    for i in range(len(drawn)):
        drawn[i] = points[choice, i]
        if number and width[i] > 0.0:
            cell = min(int((drawn[i] - low[i]) / width[i]), number - 1)
            drawn[i] = low[i] + (cell + rng.random()) * width[i]


@njit(nogil=True, cache=True)
def _draw_targets(rng, halt, keep, points, number, targets):
    """Fill `targets` with as many draws from a mixture of the points' law and N(0, I)."""
    dim = points.shape[1]
    low, width = np.empty(dim), np.empty(dim)
    if len(points) and number:
        _bins(points, number, low, width)
    for k in range(len(targets)):
        if rng.random() < keep:
            _draw_from_points(rng, points, number, low, width, targets[k])
        else:
            for i in range(dim):
                targets[k, i] = rng.standard_normal()
        if k & _GLANCE == 0 and halt[0]:
            return


@njit(nogil=True, cache=True)
def _shuffle(rng, match):
    """Fill `match` with a random permutation."""
    for i in range(len(match)):
        j = min(int(rng.random() * (i + 1)), i)
        match[i] = match[j]
        match[j] = i


@njit(nogil=True, cache=True)
def _distance(first, second):
    squares = 0.0
    for i in range(len(first)):
        squares += (first[i] - second[i]) * (first[i] - second[i])
    return math.sqrt(squares)


@njit(nogil=True, cache=True)
def _match_in_order(points, targets, match):
    """Match numbers by rank: on a line nothing travels less."""
    from_order = np.argsort(points[:, 0])
    to_order = np.argsort(targets[:, 0])
    for k in range(len(match)):
        match[from_order[k]] = to_order[k]


@njit(nogil=True, cache=True)
def _extend(halt, points, targets, owner, row_price, price, first):
    """Give row `first` a target by a shortest path of exchanges; targets are counted from 1."""
    size = len(points)
    cost = np.full(size + 1, np.inf)
    before = np.zeros(size + 1, np.int64)
    done = np.zeros(size + 1, np.bool_)
    owner[0] = first
    last = 0
    while owner[last] >= 0:
        done[last] = True
        row = owner[last]
        least, following = np.inf, 0
        for j in range(1, size + 1):
            if not done[j]:
                reduced = _distance(points[row], targets[j - 1]) - row_price[row] - price[j]
                if reduced < cost[j]:
                    cost[j] = reduced
                    before[j] = last
                if cost[j] < least:
                    least, following = cost[j], j
        for j in range(size + 1):
            if done[j]:
                row_price[owner[j]] += least
                price[j] -= least
            else:
                cost[j] -= least
        last = following
    while last:
        owner[last] = owner[before[last]]
        last = before[last]


@njit(nogil=True, cache=True)
def _match_nearest(halt, points, targets, match):
    """Match points to targets so that the sum of distances is least (Hungarian method)."""
    size = len(points)
    owner = np.full(size + 1, -1)
    row_price, price = np.zeros(size), np.zeros(size + 1)
    for first in range(size):
        if halt[0]:
            return
        _extend(halt, points, targets, owner, row_price, price, first)
    for j in range(1, size + 1):
        match[owner[j]] = j - 1


@njit(nogil=True, cache=True)
def _match(rng, halt, nearest, points, targets, match):
    """Choose to which target each point is sent."""
    if not nearest:
        _shuffle(rng, match)
    elif points.shape[1] == 1:
        _match_in_order(points, targets, match)
    else:
        _match_nearest(halt, points, targets, match)


@njit(nogil=True, cache=True)
def correction_chunk(rng, halt, spread, keep, number, nearest, points, corrected):
    """Draw points of N(0, spread^2 I) and send each where the corrector says."""
    rows, size, dim = points.shape
    targets = np.empty((size, dim))
    match = np.empty(size, np.int64)
    for r in range(rows):
        for k in range(size):
            for i in range(dim):
                points[r, k, i] = spread * rng.standard_normal()
        _draw_targets(rng, halt, keep, points[r], number, targets)
        _match(rng, halt, nearest, points[r], targets, match)
        if halt[0]:
            return
        for k in range(size):
            corrected[r, k] = targets[match[k]]


@njit(nogil=True, cache=True)
def _fit(count, total, scatter, mean, covariance):
    """Fill mean and covariance (divisor `count`) from the sums of points and products."""
    for i in range(len(total)):
        mean[i] = total[i] / count
        for j in range(i + 1):
            covariance[i, j] = scatter[i, j] / count - mean[i] * mean[j]
            covariance[j, i] = covariance[i, j]


@njit(nogil=True, cache=True)
def pointwise_chunk(
    rng, halt, n, m, replace, keep, number, nearest, means, covariances, distances
):
    """Advance loops whose models see real points and corrected ones, of this round or of all."""
    rows, steps, dim = means.shape
    root, noise = np.empty((dim, dim)), np.empty(dim)
    points, targets = np.empty((m, dim)), np.empty((m, dim))
    match = np.empty(m, np.int64)
    for r in range(rows):
        total, scatter = np.zeros(dim), np.zeros((dim, dim))
        unit = np.eye(dim), np.zeros(dim)
        _draw_points(rng, halt, n, 1.0, unit, unit, noise, total, scatter)
        real_total, real_scatter = total.copy(), scatter.copy()
        count = n
        _fit(n, total, scatter, means[r, 0], covariances[r, 0])
        for t in range(steps - 1):
            _factor(covariances[r, t], root)
            for k in range(m):
                _draw_point(rng, root, means[r, t], noise, points[k])
            _draw_targets(rng, halt, keep, points, number, targets)
            _match(rng, halt, nearest, points, targets, match)
            if halt[0]:
                return
            if replace:
                total[:], scatter[:], count = real_total, real_scatter, n
            for k in range(m):
                _observe(targets[match[k]], total, scatter)
                distances[r, t] += _distance(points[k], targets[match[k]]) / m
            count += m
            _fit(count, total, scatter, means[r, t + 1], covariances[r, t + 1])
