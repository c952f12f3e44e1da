"""Verified regression: the window sampler, its twin in plain NumPy, limits, and the theory."""

import numpy as np
import pytest
from scipy import stats

from sims import simulate_verified_regression, verifier
from sims.confidence import z_of_mean, z_of_variance
from theory.verifier import one_round, window


def simulate(theta0, center, half_width, schedule, seed=1, replicates=4000, **options):
    return simulate_verified_regression(
        theta0, center, half_width, schedule, replicates=replicates,
        rng=np.random.default_rng(seed), **options)


def naive_loop(theta0, center, half_width, schedule, replicates, rng):
    """Label the rows of an orthogonal design, keep by the window, solve least squares."""
    dim = len(theta0)
    turn = np.linalg.qr(rng.standard_normal((dim, dim)))[0]
    paths = []
    for _ in range(replicates):
        path = [np.asarray(theta0, dtype=float)]
        for m in schedule:
            rows, labels = [], []
            for direction in turn:
                missing = m
                while missing:
                    label = direction @ path[-1] + rng.normal()
                    if abs(label - direction @ center) <= half_width:
                        rows.append(direction)
                        labels.append(label)
                        missing -= 1
            path.append(np.linalg.lstsq(np.array(rows), np.array(labels), rcond=None)[0])
        paths.append(path @ turn.T)
    return np.array(paths), turn


@pytest.mark.parametrize("half_width", [0.6, 1.3, 2.5])
def test_agrees_with_a_naive_twin(half_width, assert_same_law):
    theta0, center, schedule = np.array([1.5, 0.5]), np.array([0.2, -0.3]), [3, 5]
    twin, turn = naive_loop(
        theta0, center, half_width, schedule, 1500, np.random.default_rng(2))
    # Directions are ours: the twin's design is turned, and so are start and centre.
    ours = simulate(turn @ theta0, turn @ center, half_width, schedule, replicates=20_000)
    assert_same_law(ours[:, 1:], twin[:, 1:])


WINDOWS = [
    (0.0, 0.3), (0.2, 1.2), (0.0, 1.26), (1.2, 1.3), (-1.9, 2.0), (2.0, 2.0), (3.0, 1.0),
    (-3.0, 1.0), (6.0, 2.0), (10.0, 0.05), (-30.0, 3.0), (50.0, 40.0), (0.0, 5.0), (1.3, 1.25),
]


@pytest.mark.parametrize(("offset", "half_width"), WINDOWS)
def test_kept_labels_follow_the_truncated_normal(offset, half_width):
    # Null: one label is normal around the offset given that it is within the window. The
    # Kolmogorov-Smirnov test has level 1e-6, mean and variance |z| < 4.5.
    path = simulate(offset, 0.0, half_width, [1], replicates=20_000)[:, 1, 0]
    assert (np.abs(path) <= half_width).all()
    law = stats.truncnorm(-half_width - offset, half_width - offset, loc=offset)
    assert stats.kstest(path, law.cdf).pvalue > 1e-6
    assert z_of_mean(path, law.mean())
    assert z_of_variance(path, law.var())


def test_the_law_check_sees_a_small_mistake():
    path = simulate(3.0, 0.0, 1.0, [1], replicates=20_000)[:, 1, 0]
    law = stats.truncnorm(-1.0 - 3.1, 1.0 - 3.1, loc=3.1)
    assert not z_of_mean(path, law.mean())


@pytest.mark.parametrize("half_width", [0.3, 1.0, 2.0, np.inf])
def test_the_compiler_changes_no_bit(interpreted, half_width):
    def run():
        return simulate([4.0, -0.5, 0.0], 0.5, half_width, [3, 0, 9], replicates=8)

    compiled = run()
    interpreted()
    np.testing.assert_array_equal(compiled, run())


def test_symmetry_is_exact():
    right = simulate([3.0, 0.7], [0.0, 0.0], [0.8, 2.0], [4, 5])
    left = simulate([-3.0, -0.7], [0.0, 0.0], [0.8, 2.0], [4, 5])
    np.testing.assert_array_equal(right[:, :2], -left[:, :2])


def test_translations(assert_same_law):
    first = simulate([2.0, 0.0], [1.0, 0.5], 1.0, [4, 9])
    moved = simulate([7.0, 5.0], [6.0, 5.5], 1.0, [4, 9], seed=2)
    assert_same_law(first[:, 1:] + 5.0, moved[:, 1:])


def test_without_a_window_a_random_walk():
    # Null: KV-NONE, a walk whose variance grows by 1/m a round.
    path = simulate([2.0, -1.0], 0.0, np.inf, [4, 10], replicates=60_000)
    assert z_of_mean(path[:, 1:], np.array([2.0, -1.0]))
    assert z_of_variance(path[:, 1:], np.array([[0.25, 0.25], [0.35, 0.35]]))
    assert not z_of_variance(path[:, 1:], 1.04 * np.array([[0.25, 0.25], [0.35, 0.35]]))


def test_no_labels_no_change():
    path = simulate([2.0, -1.0], 0.0, 1.0, [0, 3, 0])
    np.testing.assert_array_equal(path[:, 1], path[:, 0])
    np.testing.assert_array_equal(path[:, 3], path[:, 2])
    assert simulate(1.0, 0.0, 1.0, []).shape == (4000, 1, 1)


def test_the_loop_ends_at_the_centre():
    path = simulate([5.0, -5.0], [1.0, 2.0], 1.0, [10_000] * 12, replicates=20)
    np.testing.assert_allclose(path[:, -1], np.tile([1.0, 2.0], (20, 1)), atol=0.05)


@pytest.mark.parametrize("half_width", [0.5, 1.0, 2.0, 4.0])
def test_the_mean_map_and_its_slope(half_width):
    # Null: KV-ORTH, mean M(d) and variance M'(d) / m of a round, d the offset from the centre.
    offsets = np.array([-4.0, -0.5, 0.3, 2.0])
    path = simulate(offsets + 1.0, 1.0, half_width, [5], replicates=60_000)[:, 1] - 1.0
    law = window(offsets, half_width)
    assert z_of_mean(path, law.mean)
    assert z_of_variance(path, law.slope / 5.0)
    assert not z_of_mean(path, 1.02 * law.mean)
    assert not z_of_variance(path, 1.05 * law.slope / 5.0)


def test_one_round_from_real_data():
    # Null: KV-NT-EXACT, the squared error of the truth before and after a round.
    bias, n_real, half_width, n_kept = 0.8, 6, 1.2, 15
    starts = np.random.default_rng(3).normal(bias, n_real**-0.5, (200_000, 1))
    path = simulate(starts, 0.0, half_width, [n_kept], replicates=200_000)[..., 0]
    exact = one_round(bias, n_real, half_width, n_kept)
    errors = (path - bias) ** 2
    assert z_of_mean(errors, [exact.before, exact.after])
    assert not z_of_mean(errors[:, 1], 1.02 * exact.after)


@pytest.mark.parametrize(("offset", "half_width", "expected"), [
    (1000.0, 1.0, 1.0 - 1 / 999), (-1000.0, 1.0, -1.0 + 1 / 999), (1e15, 1.0, 1.0),
    (1.0, 1e-6, 1e-12 / 3), (1000.0, 1e-6, 1e-9 / 3), (1e150, 1e-6, 1e-6), (0.0, 1e9, 0.0),
])
def test_far_centres_and_narrow_windows(offset, half_width, expected):
    path = simulate(offset, 0.0, half_width, [400], replicates=400)[:, 1, 0]
    spread = max(path.std(ddof=1) / 20.0, 1e-16 * half_width)
    assert abs(path.mean() - expected) < 4.5 * spread + 2e-6 * abs(expected)


@pytest.mark.parametrize(("changes", "message"), [
    ({"half_width": 0.0}, r"half_width = 0: must lie in \(0, inf\]"),
    ({"half_width": np.nan}, r"half_width = nan: must lie in \(0, inf\]"),
    ({"half_width": [1.0, 2.0, 3.0]}, r"half_width has shape \(3,\): must be one number or 2"),
    ({"center": [1.0, 2.0, 3.0]}, r"center has shape \(3,\): must be one number or 2"),
    ({"center": np.inf}, r"center = inf: must lie in \(-inf, inf\)"),
    ({"theta0": np.zeros((2, 2, 2))}, r"theta0 has shape \(2, 2, 2\)"),
    ({"schedule": [-1]}, r"schedule = -1: must be a whole number >= 0"),
    ({"schedule": [[1]]}, r"schedule has shape \(1, 1\): must have one axis"),
])
def test_misuse_is_one_line(changes, message):
    arguments = {"theta0": [1.0, 2.0], "center": 0.0, "half_width": 1.0, "schedule": [3]}
    with pytest.raises(ValueError, match=message) as error:
        simulate(**(arguments | changes))
    assert "\n" not in str(error.value)


def test_a_start_for_each_replicate():
    starts = np.arange(12.0).reshape(6, 2)
    path = simulate(starts, 3.0, 1.0, [4], replicates=6)
    np.testing.assert_array_equal(path[:, 0], starts)
    assert (np.abs(path[:, 1] - 3.0) < 1.0).all()


def test_kernels_know_no_closed_form():
    names = {name for kernel in vars(verifier).values() if hasattr(kernel, "py_func")
             for name in kernel.py_func.__code__.co_names}
    assert not names & {"exp", "expm1", "log", "erf", "erfc", "ndtr", "ndtri", "tanh"}
