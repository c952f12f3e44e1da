"""Kernels of Gaussian models that are refitted to points of their own.

All compiled functions that call each other are in this one file, because Numba renews a cached
kernel only when its own file changes. Linear algebra is in plain loops, as in `_classifier`.
"""

import math

import numpy as np
from numba import njit

__all__ = [
    "correction_chunk", "line_law_chunk", "pointwise_chunk", "synthetic_chunk",
    "synthetic_law_chunk",
]

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
def _draw_offset(rng, root, noise, point):
    """Fill `point` with root times noise."""
    for i in range(len(point)):
        noise[i] = rng.standard_normal()
        drawn = 0.0
        for k in range(i + 1):
            drawn += root[i, k] * noise[k]
        point[i] = drawn


@njit(nogil=True, cache=True)
def _draw_points(rng, halt, count, keep, root, centre, noise, point, total, scatter):
    """Draw points of a model, or of N(0, I), and add them to the sums about its `centre`."""
    for k in range(count):
        if keep < 1.0 and rng.random() >= keep:
            for i in range(len(point)):
                point[i] = rng.standard_normal() - centre[i]
        else:
            _draw_offset(rng, root, noise, point)
        _observe(point, total, scatter)
        if k & _GLANCE == 0 and halt[0]:
            return


@njit(nogil=True, cache=True)
def _draw_sums(rng, count, root, shift, noise, point, total, scatter):
    """Draw sum and scatter of `count` points of N(shift, root root') from their joint law."""
    dim = len(noise)
    if count <= dim:  # too few for Bartlett's decomposition, and no more work than it
        for _ in range(count):
            _draw_offset(rng, root, noise, point)
            for i in range(dim):
                point[i] += shift[i]
            _observe(point, total, scatter)
        return
    spread = math.sqrt(count)  # of the sum of the points, which their scatter is independent of
    _draw_offset(rng, root, noise, point)
    for i in range(dim):
        point[i] = spread * point[i] + count * shift[i]
        total[i] += point[i]
        for j in range(i + 1):
            scatter[i, j] += point[i] * (point[j] / count)
    for k in range(dim):  # columns of root times Bartlett's lower triangle
        noise[k] = math.sqrt(rng.chisquare(float(count - 1 - k)))
        for i in range(k + 1, dim):
            noise[i] = rng.standard_normal()
        for i in range(k, dim):
            point[i] = 0.0
            for j in range(k, i + 1):
                point[i] += root[i, j] * noise[j]
            for j in range(k, i + 1):
                scatter[i, j] += point[i] * point[j]


@njit(nogil=True, cache=True)
def _clear(total, scatter):
    for i in range(len(total)):
        total[i] = 0.0
        for j in range(i + 1):
            scatter[i, j] = 0.0


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
    for i in range(len(total)):
        centre[i] += total[i] / n
        mean[i] = centre[i]


@njit(nogil=True, cache=True)
def synthetic_chunk(rng, halt, n, ddof, keep, means, covariances):
    """Advance Gaussian loops point by point; sums are about the mean of the model that draws."""
    rows, steps, dim = means.shape
    root, unit = np.empty((dim, dim)), np.eye(dim)
    noise, point, centre = np.empty(dim), np.empty(dim), np.empty(dim)
    total, scatter = np.empty(dim), np.empty((dim, dim))
    for r in range(rows):
        root[:] = unit
        centre[:] = 0.0
        for t in range(steps):
            _clear(total, scatter)
            _draw_points(
                rng, halt, n, keep if t else 1.0, root, centre, noise, point, total, scatter)
            if halt[0]:
                return
            _refit(n, ddof, total, scatter, centre, means[r, t], covariances[r, t])
            _factor(covariances[r, t], root)


@njit(nogil=True, cache=True)
def synthetic_law_chunk(rng, halt, n, ddof, keep, means, covariances):
    """Advance Gaussian loops by the laws of count, sum and scatter of the points of each kind."""
    rows, steps, dim = means.shape
    root, unit = np.empty((dim, dim)), np.eye(dim)
    noise, point, centre = np.empty(dim), np.empty(dim), np.empty(dim)
    total, scatter = np.empty(dim), np.empty((dim, dim))
    origin, away = np.zeros(dim), np.empty(dim)
    for r in range(rows):
        if halt[0]:
            return
        root[:] = unit
        centre[:] = 0.0
        for t in range(steps):
            _clear(total, scatter)
            own = n if keep == 1.0 or t == 0 else rng.binomial(n, keep)
            _draw_sums(rng, own, root, origin, noise, point, total, scatter)
            if own < n:
                for i in range(dim):
                    away[i] = -centre[i]
                _draw_sums(rng, n - own, unit, away, noise, point, total, scatter)
            _refit(n, ddof, total, scatter, centre, means[r, t], covariances[r, t])
            _factor(covariances[r, t], root)


@njit(nogil=True, cache=True)
def line_law_chunk(rng, halt, n, ddof, means, covariances):
    """Advance Gaussian loops on a line, without a corrector, by the law of mean and variance."""
    rows, steps, _ = means.shape
    for r in range(rows):
        if halt[0]:
            return
        mean, variance = 0.0, 1.0
        for t in range(steps):
            mean += math.sqrt(variance / n) * rng.standard_normal()
            variance *= rng.chisquare(float(n - 1)) / (n - ddof) if n > 1 else 0.0
            means[r, t, 0] = mean
            covariances[r, t, 0, 0] = variance


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
def _extend(costs, owner, match, row_price, price, first, cost, before, open_):
    """Give row `first` a target by a shortest path of exchanges, as Dijkstra finds it.

    `owner` and `match` are the rows of targets and the targets of rows, -1 for none; `cost`,
    `before` and `open_` are memory: lengths of paths to targets, the row before, targets left.
    """
    size = len(costs)
    for j in range(size):
        cost[j] = np.inf
        open_[j] = j
    left, row, length = size, first, 0.0
    while True:
        least, place = np.inf, 0
        for k in range(left):
            j = open_[k]
            path = length + costs[row, j] - row_price[row] - price[j]
            if path < cost[j]:
                cost[j] = path
                before[j] = row
            if cost[j] < least or (cost[j] == least and owner[j] < 0):
                least, place = cost[j], k
        length, column = least, open_[place]
        left -= 1
        open_[place] = open_[left]
        open_[left] = column
        if owner[column] < 0:
            break
        row = owner[column]
    row_price[first] += length
    for k in range(left + 1, size):  # targets that the search has settled before the last
        j = open_[k]
        row_price[owner[j]] += length - cost[j]
        price[j] -= length - cost[j]
    while True:
        row = before[column]
        owner[column] = row
        match[row], column = column, match[row]
        if row == first:
            return


@njit(nogil=True, cache=True)
def _match_nearest(halt, points, targets, match):
    """Match points to targets so that the sum of distances is least (Hungarian method)."""
    size = len(points)
    costs = np.empty((size, size))
    for i in range(size):
        for j in range(size):
            costs[i, j] = _distance(points[i], targets[j])
    owner, before = np.full(size, -1), np.empty(size, np.int64)
    cost, open_ = np.empty(size), np.empty(size, np.int64)
    row_price, price = np.zeros(size), np.zeros(size)
    match[:] = -1
    for first in range(size):
        if halt[0]:
            return
        _extend(costs, owner, match, row_price, price, first, cost, before, open_)


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
    root, unit, origin = np.empty((dim, dim)), np.eye(dim), np.zeros(dim)
    noise, point = np.empty(dim), np.empty(dim)
    points, targets = np.empty((m, dim)), np.empty((m, dim))
    match = np.empty(m, np.int64)
    total, scatter = np.empty(dim), np.empty((dim, dim))
    for r in range(rows):
        _clear(total, scatter)
        _draw_points(rng, halt, n, 1.0, unit, origin, noise, point, total, scatter)
        real_total, real_scatter = total.copy(), scatter.copy()
        count = n
        _fit(n, total, scatter, means[r, 0], covariances[r, 0])
        for t in range(steps - 1):
            _factor(covariances[r, t], root)
            for k in range(m):
                _draw_offset(rng, root, noise, points[k])
                for i in range(dim):
                    points[k, i] += means[r, t, i]
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
