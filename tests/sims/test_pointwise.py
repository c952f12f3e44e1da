"""Point-wise correctors: what they do to points, twins in plain NumPy, and the exact moments."""

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from sims import simulate_correction_loop, simulate_point_correction, simulate_pointwise_loop
from sims.confidence import z_of_mean, z_of_variance
from theory.contraction import bound_resampling_error, corrected_excess_kurtosis, toy_recursion


def correct(n, correction, seed=1, replicates=4000, **options):
    return simulate_point_correction(
        n, correction, replicates=replicates, rng=np.random.default_rng(seed), **options)


def loop(n, m, correction, rounds, seed=1, replicates=4000, **options):
    return simulate_pointwise_loop(
        n, m, correction, rounds, replicates=replicates, rng=np.random.default_rng(seed),
        **options)


def naive_targets(points, correction, bins, rng):
    """Choose how many targets are of the histogram; draw cells of numpy.histogramdd by weight."""
    n, dim = points.shape
    own = rng.binomial(n, 1 / (1 + correction))
    truth = rng.standard_normal((n - own, dim))
    if bins is None:
        return np.concatenate([points[rng.integers(n, size=own)], truth])
    counts, edges = np.histogramdd(points, bins)
    cells = rng.choice(counts.size, own, p=counts.ravel() / n)
    corners = np.unravel_index(cells, counts.shape)
    drawn = [rng.uniform(e[c], e[c + 1]) for e, c in zip(edges, corners)]
    return np.concatenate([np.array(drawn).T, truth])


def naive_match(points, targets, assignment, rng):
    if assignment == "random":
        return targets[rng.permutation(len(targets))]
    return targets[linear_sum_assignment(cdist(points, targets))[1]]


def naive_loop(n, m, correction, rounds, dim, policy, bins, assignment, rng):
    pool = rng.standard_normal((n, dim))
    means, covariances, distances = [], [], []
    real = pool
    for t in range(rounds + 1):
        means.append(pool.mean(axis=0))
        covariances.append(np.cov(pool.T, bias=True).reshape(dim, dim))
        if t == rounds:
            return np.array(means), np.array(covariances), np.array(distances)
        points = rng.multivariate_normal(means[-1], covariances[-1], m, method="svd")
        targets = naive_targets(points, correction, bins, rng)
        sent = naive_match(points, targets, assignment, rng)
        distances.append(np.linalg.norm(points - sent, axis=1).mean())
        pool = np.concatenate([real if policy == "replace" else pool, sent])


@pytest.mark.parametrize(("dim", "policy", "bins", "assignment"), [
    (1, "replace", 3, "nearest"), (2, "replace", 3, "nearest"), (2, "accumulate", 2, "random"),
    (1, "accumulate", None, "nearest"), (3, "replace", None, "random"),
])
def test_agrees_with_a_naive_twin(dim, policy, bins, assignment, assert_same_law):
    ours = loop(5, 4, 0.6, 3, dim=dim, policy=policy, bins=bins, assignment=assignment,
                replicates=20_000)
    rng = np.random.default_rng(2)
    twins = [naive_loop(5, 4, 0.6, 3, dim, policy, bins, assignment, rng) for _ in range(1000)]
    for place, name in enumerate(("means", "covariances", "distances")):
        assert_same_law(getattr(ours, name), np.array([twin[place] for twin in twins]))


@pytest.mark.parametrize("bins", [None, 4])
@pytest.mark.parametrize("assignment", ["random", "nearest"])
@pytest.mark.parametrize("dim", [1, 2])
def test_the_compiler_changes_no_bit(interpreted, bins, assignment, dim):
    options = {"dim": dim, "bins": bins, "assignment": assignment, "replicates": 5}

    def run():
        found, models = correct(7, 0.8, **options), loop(4, 6, 0.8, 3, **options)
        return (found.points, found.corrected, models.means, models.covariances,
                models.distances)

    compiled = run()
    interpreted()
    for first, second in zip(compiled, run()):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("bins", [None, 3])
@pytest.mark.parametrize("size", [1, 2, 9, 30])
def test_nothing_travels_less(dim, bins, size):
    # Against SciPy's solver of the assignment problem; equal costs up to rounding.
    found = correct(size, 0.7, spread=2.0, dim=dim, bins=bins, assignment="nearest", replicates=20)
    for points, corrected in zip(found.points, found.corrected):
        costs = cdist(points, corrected)
        best = costs[linear_sum_assignment(costs)].sum()
        np.testing.assert_allclose(np.diag(costs).sum(), best, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dim", [1, 2])
def test_the_assignment_does_not_touch_the_set(dim):
    # Remark C.7: both correctors make the same set of points (first replicate: same draws).
    first, second = (
        correct(8, 0.7, dim=dim, bins=3, assignment=name, replicates=1)
        for name in ("random", "nearest"))
    np.testing.assert_array_equal(first.points, second.points)
    np.testing.assert_array_equal(
        np.sort(first.corrected[0], axis=0), np.sort(second.corrected[0], axis=0))
    assert (first.corrected != second.corrected).any()


def test_the_permutation_is_uniform():
    # Null: the target of the first point has any rank among four with probability 1/4, and
    # points know nothing of targets that are all true ones.
    found = correct(4, np.inf, replicates=40_000)
    rank = (found.corrected[:, :1, 0] > found.corrected[..., 0]).sum(axis=1)
    assert z_of_mean(rank[:, None] == np.arange(4), 0.25)
    pairs = found.points[..., 0] * found.corrected[..., 0]
    assert z_of_mean(pairs, 0.0)


@pytest.mark.parametrize("correction", [0.0, 0.5, 3.0, np.inf])
def test_how_far_a_permutation_sends(correction):
    # Null: E|x - y|^2 = q (1 - 1/n) 2 s^2 + (1 - q)(s^2 + 1) a coordinate, y an atom.
    n, spread, q = 5, 2.0, 1.0 / (1.0 + correction)
    found = correct(n, correction, spread=spread, dim=2, replicates=60_000)
    squared = ((found.points - found.corrected) ** 2).mean(axis=1)
    exact = q * (1 - 1 / n) * 2 * spread**2 + (1 - q) * (spread**2 + 1)
    assert z_of_mean(squared, exact)
    assert not z_of_mean(squared, 1.02 * exact)


@pytest.mark.parametrize("correction", [0.3, 1.0, 4.0])
def test_the_corrected_law_is_no_gaussian(correction):
    # Null: SC-C6, variance q s^2 + (1 - q) and the excess kurtosis of the mixture.
    found = correct(6, correction, spread=2.0, replicates=100_000).corrected[..., 0]
    q = 1.0 / (1.0 + correction)
    variance = 4.0 * q + (1.0 - q)
    fourth = (3.0 + float(corrected_excess_kurtosis(4.0, 1.0, correction))) * variance**2
    assert z_of_mean((found**2).mean(axis=1), variance)
    assert z_of_mean((found**4).mean(axis=1), fourth)
    assert not z_of_mean((found**2).mean(axis=1), 1.02 * variance)
    assert not z_of_mean((found**4).mean(axis=1), 3.0 * variance**2)


@pytest.mark.parametrize("assignment", ["random", "nearest"])
@pytest.mark.parametrize("correction", [0.0, 1.0, np.inf])
def test_the_rate_of_the_distribution_functions(correction, assignment):
    # Null: SC-C6, the mean largest gap to the cdf of the mixture is below the bound; and above a
    # third of it, so that the bound is not idle.
    n, q = 200, 1.0 / (1.0 + correction)
    found = np.sort(correct(n, correction, spread=2.0, assignment=assignment, replicates=1500)
                    .corrected[..., 0], axis=1)
    exact = q * stats.norm.cdf(found / 2.0) + (1.0 - q) * stats.norm.cdf(found)
    # Two atoms in one place make one step: the gap is taken at each value's last and first rank.
    last = np.array([np.searchsorted(row, row, side="right") for row in found]) / n
    first = np.array([np.searchsorted(row, row, side="left") for row in found]) / n
    gap = np.maximum(last - exact, exact - first).max(axis=1)
    bound = float(bound_resampling_error(n, correction))
    assert gap.mean() < bound
    assert gap.mean() > bound / 3.0


def test_one_bin_for_two_points():
    # Null: two points and one bin: uniform between them, E y^2 = s^2 (1/2 + 2/12).
    found = correct(2, 0.0, spread=3.0, bins=1, replicates=300_000)
    assert z_of_mean(found.corrected[:, 0, 0] ** 2, 9.0 * 2.0 / 3.0)
    assert not z_of_mean(found.corrected[:, 0, 0] ** 2, 1.03 * 6.0)
    low, high = found.points.min(axis=1), found.points.max(axis=1)
    inside = (low[:, None] <= found.corrected) & (found.corrected <= high[:, None])
    assert inside.all()


@pytest.mark.parametrize("bins", [1, 3])
def test_places_in_a_bin_are_uniform(bins):
    # Null: the place within its bin has mean 1/2 and variance 1/12; bins are drawn as often as
    # there are points in them.
    found = correct(6, 0.0, bins=bins, replicates=60_000)
    low = found.points.min(axis=1, keepdims=True)
    width = (found.points.max(axis=1, keepdims=True) - low) / bins
    scaled, own = (found.corrected - low) / width, (found.points - low) / width
    place = (scaled % 1.0)[:, 0, 0]
    assert z_of_mean(place, 0.5)
    assert z_of_variance(place, 1.0 / 12.0)
    assert not z_of_mean(place, 0.49)
    assert not z_of_variance(place, 0.96 / 12.0)
    cells, counts = (np.minimum(a.astype(int), bins - 1) for a in (scaled, own))
    for cell in range(bins):
        assert z_of_mean((cells == cell).mean(axis=1) - (counts == cell).mean(axis=1), 0.0)


def test_narrow_bins_are_points():
    fine = correct(6, 0.0, dim=2, bins=10**9, replicates=200)
    nearest = np.abs(fine.corrected[:, :, None] - fine.points[:, None]).max(axis=3).min(axis=2)
    assert nearest.max() < 1e-7
    assert nearest.max() > 0.0


def test_points_in_one_place():
    found = correct(5, 0.0, spread=0.0, dim=2, bins=3, assignment="nearest", replicates=3)
    np.testing.assert_array_equal(found.corrected, 0.0)


@pytest.mark.parametrize("policy", ["replace", "accumulate"])
@pytest.mark.parametrize("correction", [0.0, 0.4])
def test_the_exact_recursion(policy, correction):
    # Null: SC-D-REC; without a histogram the set of corrected points is that of the bootstrap.
    n, m, rounds = 10, 6, 6
    models = loop(n, m, correction, rounds, policy=policy, replicates=100_000)
    exact = toy_recursion(n, m, correction, rounds, policy=policy, bootstrap=True)
    mean_square = (models.means**2).mean(axis=2)
    variance = np.trace(models.covariances, axis1=2, axis2=3) / 2
    assert z_of_mean(mean_square, exact.mean_square)
    assert z_of_mean(variance, exact.variance)
    assert not z_of_mean(mean_square, 1.02 * exact.mean_square)
    assert not z_of_mean(variance, 1.02 * exact.variance)


def test_the_correction_loop_has_the_same_law(assert_same_law):
    ours = loop(8, 5, 0.5, 4, dim=3, replicates=20_000)
    other = simulate_correction_loop(
        8, 5, 0.5, 4, dim=3, replicates=20_000, rng=np.random.default_rng(2))
    assert_same_law(ours.means, other.means)
    assert_same_law(ours.covariances, other.covariances)


def test_full_correction_makes_true_points():
    # Null: gamma = inf and accumulation: the mean of n + t m points of N(0, 1).
    models = loop(5, 4, np.inf, 3, bins=3, policy="accumulate", replicates=60_000)
    exact = 1.0 / np.array([[5.0], [9.0], [13.0], [17.0]])
    assert z_of_variance(models.means, np.broadcast_to(exact, (4, 2)))
    assert not z_of_variance(models.means, 1.05 * np.broadcast_to(exact, (4, 2)))


def test_the_nearest_target_is_nearer():
    far, near = (loop(20, 20, 0.5, 4, assignment=name, replicates=300).distances
                 for name in ("random", "nearest"))
    assert (near.mean(axis=0) < 0.5 * far.mean(axis=0)).all()


@pytest.mark.parametrize(("changes", "message"), [
    ({"n": 0}, r"n = 0: must be a whole number >= 1"),
    ({"m": 0}, r"m = 0: must be a whole number >= 1"),
    ({"correction": -0.1}, r"correction = -0.1: must lie in \[0, inf\]"),
    ({"bins": 0}, r"bins = 0: must be a whole number >= 1"),
    ({"bins": 2.5}, r"bins = 2.5"),
    ({"assignment": "none"}, r"assignment = 'none': must be one of 'random', 'nearest'"),
    ({"policy": "log"}, r"policy = 'log': must be one of 'replace', 'accumulate'"),
    ({"dim": 0}, r"dim = 0"),
    ({"rounds": -1}, r"rounds = -1"),
])
def test_misuse_is_one_line(changes, message):
    arguments = {"n": 5, "m": 5, "correction": 1.0, "rounds": 2}
    with pytest.raises(ValueError, match=message) as error:
        loop(**(arguments | changes))
    assert "\n" not in str(error.value)


def test_misuse_of_the_spread():
    with pytest.raises(ValueError, match=r"spread = -1: must lie in \[0, 1e100\]"):
        correct(5, 1.0, spread=-1.0)
