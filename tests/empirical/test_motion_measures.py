"""Measures in an embedding: against brute force, and exactly at chance where nothing is known."""

import itertools

import numpy as np
import pytest

from empirical.motion import measures

RNG = np.random.Generator(np.random.PCG64(5))


def brute(apart, top, pool):
    """Average over every pool, ties in every order, by listing them."""
    n, found = len(apart), []
    for i in range(n):
        hits = []
        for others in itertools.combinations([j for j in range(n) if j != i], pool - 1):
            row = apart[i, list(others)]
            nearer, equal = (row < apart[i, i]).sum(), (row == apart[i, i]).sum()
            hits.append(np.mean([nearer + k < top for k in range(equal + 1)]))
        found.append(np.mean(hits))
    return np.array(found)


@pytest.mark.parametrize("pool", [2, 4, 7])
@pytest.mark.parametrize("top", [1, 2, 3])
def test_r_precision_is_the_average_over_all_pools(pool, top):
    apart = RNG.integers(0, 6, (7, 7)).astype(float)  # with ties
    assert measures.r_precision(apart, top, pool) == pytest.approx(brute(apart, top, pool))


def test_r_precision_at_its_ends():
    perfect = 1 - np.eye(40)
    assert measures.r_precision(perfect, 1) == pytest.approx(np.ones(40))
    assert measures.r_precision(np.eye(40), 3) == pytest.approx(np.zeros(40))
    assert measures.r_precision(np.ones((40, 40)), 3) == pytest.approx(np.full(40, 3 / 32))
    assert measures.r_precision(np.eye(5), 5) == pytest.approx(np.ones(5))  # a smaller pool


def test_shuffled_captions_are_at_chance_exactly():
    """Over all ways to deal 6 captions, two of them alike, to 6 motions: top/pool."""
    motions, texts = RNG.normal(size=(6, 2)), RNG.normal(size=(6, 2))
    texts[3] = texts[1]
    for top, pool in ((1, 4), (3, 6), (2, 5)):
        found = [
            measures.r_precision(measures.distances(motions, texts[list(order)]), top, pool).mean()
            for order in itertools.permutations(range(6))
        ]
        assert np.mean(found) == pytest.approx(top / pool, abs=1e-12)


def test_diversity_is_the_mean_distance_of_pairs():
    points = RNG.normal(size=(9, 3))
    pairs = [np.linalg.norm(a - b) for a, b in itertools.combinations(points, 2)]
    value, spread = measures.diversity(points)
    assert value == pytest.approx(np.mean(pairs))
    without = [measures.diversity(np.delete(points, k, axis=0))[0] for k in range(9)]
    assert spread == pytest.approx(np.sqrt(8 * np.var(without)))
    assert measures.diversity(np.ones((5, 2))) == (0, 0)
    value, spread = measures.diversity(points[:2])
    assert value == pytest.approx(np.linalg.norm(points[0] - points[1]))
    assert np.isnan(spread)


def test_matching_is_the_distance_to_the_own_caption():
    apart = measures.distances(np.zeros((3, 2)), np.array([[3.0, 4], [0, 1], [2, 0]]))
    assert measures.matching(apart).tolist() == [5, 1, 2]
