"""Closed forms against the general routines of SciPy on the same points."""

import numpy as np
from scipy import stats

from theory import budget, gaussian, verifier


def test_bivariate_cdf(ratio, rng):
    h, k = rng.normal(size=(2, 20_000))
    some = slice(0, 200)

    def theirs():
        law = stats.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]])
        law.cdf(np.column_stack([h[some], k[some]]))

    ratio(lambda: gaussian.bivariate_cdf(h, k, 0.7), theirs, scale=h.size / 200)


def test_bivariate_cdf_one_correlation_a_point(ratio, rng):
    # What SciPy's interface asks for when the correlation varies, as along a phase diagram.
    h, k = rng.normal(size=(2, 20_000))
    r = rng.uniform(-0.99, 0.99, h.size)

    def theirs():
        for i in range(100):
            stats.multivariate_normal.cdf([h[i], k[i]], [0, 0], [[1, r[i]], [r[i], 1]])

    ratio(lambda: gaussian.bivariate_cdf(h, k, r), theirs, scale=h.size / 100)


def test_window_moments(ratio, rng):
    offset, width = rng.uniform(-4, 4, 2_000), rng.uniform(0.3, 5, 2_000)

    def theirs():
        law = stats.truncnorm(-width - offset, width - offset, loc=offset)
        law.stats(moments="mvsk")

    ratio(lambda: verifier.window(offset, width), theirs)


def test_window_is_right_where_truncnorm_is_not():
    # Offset 30, half-width 1/1000: the kept variance is that of a tilted uniform law.
    width, offset = 1e-3, 30.0
    tilt = width * offset
    exact = width**2 * (1 / tilt**2 - 1 / np.sinh(tilt) ** 2)
    ours = verifier.window(offset, width).slope
    theirs = stats.truncnorm(-width - offset, width - offset, loc=offset).var()
    assert abs(ours / exact - 1) < 1e-5  # the tilted uniform law itself is off by about 1e-7
    assert not abs(theirs / exact - 1) < 1e-5


def test_integer_schedule(benchmark):
    benchmark(budget.integer_schedule, 10**9, 1000, 1.0, 30.0)


def test_integer_schedule_against_a_heap(ratio):
    # The greedy algorithm as one would write it: one unit at a time from a heap.
    import heapq

    total, rounds, rho = 20_000, 50, 0.8

    def theirs():
        sizes = [1] * rounds
        heap = [(-(rho ** (2 * (rounds - 1 - t))) / 2, -t) for t in range(rounds)]
        heapq.heapify(heap)
        for _ in range(total - rounds):
            _, t = heapq.heappop(heap)
            sizes[-t] += 1
            gain = rho ** (2 * (rounds - 1 + t)) / (sizes[-t] * (sizes[-t] + 1))
            heapq.heappush(heap, (-gain, t))
        return sizes

    kappa = 2.0  # rho = 4/5 at sigma = 1
    assert list(budget.integer_schedule(total, rounds, 1.0, kappa)) == theirs()
    ratio(lambda: budget.integer_schedule(total, rounds, 1.0, kappa), theirs)
