"""Filters and designs: twins in plain NumPy, and the exact mean maps, variances and costs."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from sims import _filters, simulate_filtered_regression, simulate_top_fraction
from sims import simulate_verified_regression as simulate_window
from sims.confidence import z_of_mean, z_of_variance
from theory.verifier import (
    elliptical_contraction,
    fixed_design_round,
    gaussian_design_acceptance,
    gaussian_design_error,
    one_sided_drift,
    one_sided_slope,
    soft_acceptance,
    soft_contraction,
    top_fraction_contraction,
    top_fraction_drift,
    top_fraction_half_width,
    window,
    window_acceptance,
)

RULES = ["window", "soft", "one-sided"]
SKEW = [[1.0, 0.2], [0.3, 1.0], [1.0, 1.0]]


def simulate(theta0, center, width, schedule, seed=1, replicates=4000, **options):
    return simulate_filtered_regression(
        theta0, center, width, schedule, replicates=replicates, rng=np.random.default_rng(seed),
        **options)


def rank(theta0, center, fraction, schedule, seed=1, replicates=4000, **options):
    return simulate_top_fraction(
        theta0, center, fraction, schedule, replicates=replicates,
        rng=np.random.default_rng(seed), **options)


def naive_keeps(rule, width, ball, row, u, rng):
    if rule == "soft":
        return rng.random() < math.exp(-(u**2) / (2 * width**2))
    return u >= width if rule == "one-sided" else abs(u) <= width + ball * np.linalg.norm(row)


def naive_loop(theta, center, width, schedule, rule, design, ball, rng):
    """One loop that stores the kept rows and labels and calls a least-squares solver."""
    theta, path, tried = np.array(theta, float), [np.array(theta, float)], []
    for n in schedule:
        kept_rows, kept_labels, count = [], [], 0
        queue = [None] * n if design is None else np.repeat(design, n, axis=0)
        for row in queue:
            while True:
                x = rng.standard_normal(len(theta)) if row is None else row
                label = x @ theta + rng.normal()
                count += 1
                if naive_keeps(rule, width, ball, x, label - x @ center, rng):
                    break
            kept_rows.append(x)
            kept_labels.append(label)
        theta = np.linalg.lstsq(np.array(kept_rows), np.array(kept_labels), rcond=None)[0]
        path.append(theta)
        tried.append(count)
    return path, tried


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("design", ["orthonormal", "gaussian", SKEW])
def test_agrees_with_a_naive_twin(rule, design, assert_same_law):
    center, schedule = np.array([0.3, -0.2]), [6, 9] if design == "gaussian" else [3, 4]
    ball = 0.4 if rule == "window" else 0.0
    ours = simulate([1.0, 0.5], center, 0.7, schedule, rule=rule, design=design,
                    ball_radius=ball, replicates=20_000)
    rows = {"orthonormal": np.eye(2), "gaussian": None}.get(str(design), np.array(SKEW))
    rng = np.random.default_rng(2)
    twins = [naive_loop([1.0, 0.5], center, 0.7, schedule, rule, rows, ball, rng)
             for _ in range(1200)]
    assert_same_law(ours.parameters[:, 1:], np.array([twin[0] for twin in twins])[:, 1:])
    assert_same_law(ours.proposals, np.array([twin[1] for twin in twins]))


@pytest.mark.parametrize("design", ["orthonormal", "gaussian", SKEW])
def test_the_compiler_changes_no_bit(interpreted, design):
    def run():
        loops = [simulate([1.0, 0.5], 0.2, 0.7, [3, 0, 5], rule=rule, design=design, replicates=4)
                 for rule in RULES]
        if design != "gaussian":
            loops.append(simulate([1.0, 0.5], 0.2, 0.7, [3, 0, 5], rule="soft", design=design,
                                  level="law", replicates=4))
        loops += [rank([1.0, 0.5], 0.2, 0.3, [3, 0, 8], score=score, batch=5, replicates=4)
                  for score in ("distance", "linear")]
        return loops

    compiled = run()
    interpreted()
    for first, second in zip(compiled, run()):
        np.testing.assert_array_equal(first.parameters, second.parameters)
        np.testing.assert_array_equal(first.proposals, second.proposals)


def check(loop, start, mean, variance, acceptance, count):
    """Compare the first round, coordinate by coordinate, and refuse formulas that are off."""
    found = loop.parameters[:, 1]
    assert z_of_mean(found, mean)
    assert z_of_variance(found, variance)
    assert not z_of_mean(found, mean + 0.02 * (start - mean))
    assert not z_of_variance(found, 1.05 * variance)
    total = count * (1.0 / acceptance).sum()
    assert z_of_mean(loop.proposals[:, 0], total)
    assert z_of_variance(loop.proposals[:, 0], count * ((1 - acceptance) / acceptance**2).sum())
    assert not z_of_mean(loop.proposals[:, 0], 1.02 * total)


@pytest.mark.parametrize("offset", [-1.5, 0.6])
@pytest.mark.parametrize("level", ["sample", "law"])
def test_a_soft_round(offset, level):
    # Null: KV-SOFT, mean K d, variance K / m, acceptance Z(d).
    width, start = 0.8, np.array([offset, offset + 1.0])
    loop = simulate(start + 2.0, 2.0, width, [7], rule="soft", level=level, replicates=100_000)
    share = float(soft_contraction(width, 1.0))
    check(loop, start + 2.0, 2.0 + share * start, np.full(2, share / 7),
          soft_acceptance(start, width), 7)


def test_a_window_round():
    # Null: KV-ORTH, mean M(d), variance M'(d) / m, acceptance Z(d).
    start = np.array([-1.5, 0.6])
    loop = simulate(start, 0.0, 1.1, [7], replicates=100_000)
    law = window(start, 1.1)
    check(loop, start, law.mean, law.slope / 7, window_acceptance(start, 1.1), 7)


def test_a_one_sided_round():
    # Null: KV-ONE, drift and slope of a threshold, acceptance 1 - Phi(c - d).
    start, cut = np.array([-0.5, 0.8]), 0.4
    loop = simulate(start, 0.0, cut, [7], rule="one-sided", replicates=100_000)
    drift = one_sided_drift(start, cut)
    check(loop, start, start + drift, one_sided_slope(start, cut) / 7,
          stats.norm.sf(cut - start), 7)


def test_a_threshold_never_settles():
    path = simulate(0.0, 0.0, 0.0, [500] * 15, rule="one-sided", replicates=200).parameters
    assert (np.diff(path.mean(axis=0)[:, 0]) > 0.0).all()


@pytest.mark.parametrize("half_width", [0.9, [0.9, 0.5, 1.4]])
def test_a_round_on_fixed_rows(half_width):
    # Null: KV-GEN-CONTR, mean and covariance of least squares on fixed rows; widths that differ
    # come from the rows' lengths.
    rows = np.array(SKEW)
    ball = 0.0
    if np.ndim(half_width):
        rows = rows / np.linalg.norm(rows, axis=1)[:, None] * np.array([[0.8], [0.0], [1.8]])
        rows[1] = [0.01, 0.02]
        ball = 0.5
        half_width = 0.5 + ball * np.linalg.norm(rows, axis=1)
    start = np.array([0.7, -1.1])
    loop = simulate(start, 0.0, 0.5 if ball else half_width, [6], design=rows, ball_radius=ball,
                    replicates=150_000)
    exact = fixed_design_round(start, rows, half_width, 6)
    found = loop.parameters[:, 1]
    assert z_of_mean(found, exact.mean)
    assert z_of_variance(found, np.diag(exact.covariance))
    cross = (found[:, 0] - exact.mean[0]) * (found[:, 1] - exact.mean[1])
    assert z_of_mean(cross, exact.covariance[0, 1])
    assert not z_of_mean(found, exact.mean + 0.02 * (start - exact.mean))
    assert not z_of_variance(found, 1.05 * np.diag(exact.covariance))


@pytest.mark.parametrize("level", ["sample", "law"])
def test_a_soft_round_on_fixed_rows(level):
    # Null: KV-SOFT on any rows, mean K delta and covariance K (X'X)^-1 / m.
    start, rows = np.array([0.7, -1.1]), np.array(SKEW)
    loop = simulate(start, 0.0, 1.2, [6], rule="soft", design=rows, level=level,
                    replicates=150_000)
    share = float(soft_contraction(1.2, 1.0))
    found, covariance = loop.parameters[:, 1], share * np.linalg.inv(rows.T @ rows) / 6
    assert z_of_mean(found, share * start)
    assert z_of_variance(found, np.diag(covariance))
    assert z_of_mean(np.prod(found - share * start, axis=1), covariance[0, 1])
    acceptance = soft_acceptance(rows @ start, 1.2)
    assert z_of_mean(loop.proposals[:, 0], 6 * (1.0 / acceptance).sum())
    assert not z_of_mean(found, 1.02 * share * start)


def test_gaussian_rows_under_the_soft_rule():
    # Null: KV-GAUSS, E|delta|^2 round by round; mean K delta; n / acceptance proposals.
    start, width = np.array([1.0, -0.5, 0.5]), 0.9
    loop = simulate(start + 1.0, 1.0, width, [12, 20], rule="soft", design="gaussian",
                    replicates=150_000)
    share = float(soft_contraction(width, 1.0))
    squared = ((loop.parameters - 1.0) ** 2).sum(axis=2)
    exact = gaussian_design_error(float(start @ start), [12, 20], share, 3)
    assert z_of_mean(squared[:, 1:], exact[1:])
    assert not z_of_mean(squared[:, 1:], 1.02 * exact[1:])
    assert z_of_mean(loop.parameters[:, 1] - 1.0, share * start)
    acceptance = float(gaussian_design_acceptance(np.sqrt(start @ start), share))
    assert z_of_mean(loop.proposals[:, 0], 12 / acceptance)
    assert z_of_variance(loop.proposals[:, 0], 12 * (1 - acceptance) / acceptance**2)
    assert not z_of_mean(loop.proposals[:, 0], 1.02 * 12 / acceptance)


def test_gaussian_rows_under_the_ball():
    # Null: KV-ELL, the mean map of many rows with windows r|x| + c; its bias is of order 1/n.
    start = np.array([0.6, -0.3, 0.2])
    loop = simulate(start, 0.0, 0.3, [4000], design="gaussian", ball_radius=0.5, replicates=1500)
    factor = float(elliptical_contraction(3, 0.5, 0.3, np.linalg.norm(start)))
    along = loop.parameters[:, 1] @ start / (start @ start)
    assert z_of_mean(along, factor)
    assert not z_of_mean(along, 1.02 * factor)


def test_without_a_verifier_the_design_decides():
    # Null: variance 1/m on unit rows; (X'X)^-1 has mean I / (n - p - 1) for Gaussian rows.
    still = simulate([1.0, 2.0], 5.0, np.inf, [4], replicates=60_000)
    random = simulate([1.0, 2.0], 5.0, np.inf, [9], rule="soft", design="gaussian",
                      replicates=150_000)
    np.testing.assert_array_equal(still.proposals, 8)
    np.testing.assert_array_equal(random.proposals, 9)
    assert z_of_mean(still.parameters[:, 1], [1.0, 2.0])
    assert z_of_variance(still.parameters[:, 1], [0.25, 0.25])
    assert z_of_variance(random.parameters[:, 1], np.full(2, 1 / 6))
    assert not z_of_variance(random.parameters[:, 1], np.full(2, 1.1 / 6))


def test_the_window_is_that_of_verified_regression(assert_same_law):
    ours = simulate([1.5, -0.5], [0.2, 0.1], 0.9, [4, 7], replicates=20_000).parameters
    other = simulate_window([1.5, -0.5], [0.2, 0.1], 0.9, [4, 7], replicates=20_000,
                            rng=np.random.default_rng(2))
    assert_same_law(ours[:, 1:], other[:, 1:])


def test_nothing_kept_nothing_changed():
    for design in ("orthonormal", "gaussian", SKEW):
        loop = simulate([2.0, -1.0], 0.0, 1.0, [0, 4, 0], design=design, replicates=9)
        np.testing.assert_array_equal(loop.parameters[:, 1], loop.parameters[:, 0])
        np.testing.assert_array_equal(loop.parameters[:, 3], loop.parameters[:, 2])
        np.testing.assert_array_equal(loop.proposals[:, [0, 2]], 0)


def test_the_law_of_long_and_hopeless_rounds():
    loop = simulate([1.0], 0.0, 1.0, [10**15], rule="soft", level="law", replicates=20)
    np.testing.assert_allclose(loop.parameters[:, 1], 0.5, atol=1e-6)
    np.testing.assert_allclose(loop.proposals, 1e15 / float(soft_acceptance(1.0, 1.0)), rtol=1e-6)
    far = simulate([1e6], 0.0, 1e-3, [10], rule="soft", level="law", replicates=20)
    assert (far.proposals == 2**53 + 10).all()
    assert np.isfinite(far.parameters).all()


@pytest.mark.parametrize("design", ["orthonormal", "gaussian"])
def test_hopeless_sampling_gives_up(design, interpreted, monkeypatch):
    interpreted()
    monkeypatch.setattr(_filters, "_PATIENCE", 500)
    with pytest.raises(RuntimeError, match="selection stalled"):
        simulate([0.0], 0.0, 60.0, [3], rule="one-sided", design=design, replicates=1)


# --- the best fraction ------------------------------------------------------------------------

def naive_top(theta, center, fraction, schedule, linear, rng):
    theta, path = np.array(theta, float), [np.array(theta, float)]
    for n in schedule:
        points = theta + rng.standard_normal((math.ceil(n / fraction - 1e-9), len(theta)))
        score = -points[:, 0] if linear else ((points - center) ** 2).sum(axis=1)
        theta = points[np.argsort(score)[:n]].mean(axis=0)
        path.append(theta)
    return path


@pytest.mark.parametrize("score", ["distance", "linear"])
def test_ranking_agrees_with_a_naive_twin(score, assert_same_law):
    center = np.array([0.2, -0.1])
    ours = rank([1.0, 0.5], center, 0.3, [6, 7], score=score, replicates=20_000)
    rng = np.random.default_rng(2)
    twins = [naive_top([1.0, 0.5], center, 0.3, [6, 7], score == "linear", rng)
             for _ in range(4000)]
    assert_same_law(ours.parameters[:, 1:], np.array(twins)[:, 1:])
    np.testing.assert_array_equal(ours.proposals, [[20, 24]] * 20_000)


def best_of(kept, proposed, value, density, tail):
    """Expected mean of `value` over the best draws: each is kept if few others are better.

    `tail(x)` is the probability that another draw is better than one at x.
    """
    x = np.linspace(-12.0, 12.0, 120_001)
    mass = density(x) * stats.binom.cdf(kept - 1, proposed - 1, tail(x))
    return proposed / kept * integrate.trapezoid(value(x) * mass, x)


def test_the_farthest_on_a_line():
    # Null: the exact mean of the best 8 of 40 normal draws. In the limit KV-TOPQ1.
    exact = best_of(8, 40, lambda x: x, stats.norm.pdf, stats.norm.sf)
    found = rank([0.5, 0.0], 0.0, 0.2, [8], score="linear", replicates=60_000).parameters[:, 1]
    assert z_of_mean(found, [0.5 + exact, 0.0])
    assert not z_of_mean(found, [0.5 + 0.98 * exact, 0.0])
    assert z_of_variance(found[:, 1:], [1.0 / 8.0])
    drift = float(top_fraction_drift(0.2))
    many = best_of(4000, 20_000, lambda x: x, stats.norm.pdf, stats.norm.sf)
    assert abs(many / drift - 1) < 1e-3


def test_the_nearest_on_a_line():
    # Null: the exact mean of the nearest 8 of 40 draws. In the limit KV-TOPQ.
    offset = 1.2

    def mean(kept, proposed):
        return best_of(
            kept, proposed, lambda x: x, lambda x: stats.norm.pdf(x - offset),
            lambda x: stats.norm.cdf(abs(x) - offset) - stats.norm.cdf(-abs(x) - offset))

    found = rank(offset, 0.0, 0.2, [8], replicates=100_000).parameters[:, 1, 0]
    assert z_of_mean(found, mean(8, 40))
    assert not z_of_mean(found, mean(8, 40) + 0.02 * (offset - mean(8, 40)))
    limit = float(window(offset, top_fraction_half_width(offset, 0.2)).mean)
    assert abs(mean(4000, 20_000) / limit - 1) < 1e-3


def test_the_nearest_in_many_dimensions():
    # Null: at the centre the kept mean has the variance of a kept point over n, exactly: signs
    # are free. In the limit it is the contraction UL-DIM.
    dim, kept = 20, 50
    found = rank(np.zeros(dim), 0.0, 0.1, [kept], replicates=10_000).parameters[:, 1]

    def second(kept, proposed):
        law = stats.chi2(dim)
        return proposed / kept / dim * integrate.quad(
            lambda x: x * law.pdf(x) * stats.binom.cdf(kept - 1, proposed - 1, law.cdf(x)),
            0, 80, limit=400)[0]

    squared = (found**2).mean(axis=1)
    assert z_of_mean(squared, second(kept, 10 * kept) / kept)
    assert not z_of_mean(squared, 1.02 * second(kept, 10 * kept) / kept)
    assert abs(second(5000, 50_000) / float(top_fraction_contraction(dim, 0.1)) - 1) < 1e-3


@pytest.mark.parametrize(("batch", "proposed"), [(1, 30), (4, 30), (10, 29), (100, 29)])
def test_batches_are_ranked_apart(batch, proposed, assert_same_law):
    # Ten kept of a fraction 0.35, in batches: each rounds its own number of proposals up.
    ours = rank([1.0], 0.0, 0.35, [10], batch=batch, replicates=8000)
    sizes = [min(batch, 10 - first) for first in range(0, 10, batch)]
    np.testing.assert_array_equal(ours.proposals, proposed)
    rng = np.random.default_rng(2)
    twin = [np.average([naive_top([1.0], 0.0, 0.35, [size], False, rng)[1] for size in sizes],
                       axis=0, weights=sizes) for _ in range(1500)]
    assert_same_law(ours.parameters[:, 1], np.array(twin))


def test_keeping_all_is_a_random_walk():
    loop = rank([1.0, 2.0], 9.0, 1.0, [4], replicates=60_000)
    np.testing.assert_array_equal(loop.proposals, 4)
    assert z_of_variance(loop.parameters[:, 1], [0.25, 0.25])


@pytest.mark.parametrize(("changes", "message"), [
    ({"width": 0.0}, r"width = 0: must lie in \(0, inf\]"),
    ({"width": np.nan}, r"width = nan"),
    ({"rule": "soft", "width": 0.0}, r"width = 0: must lie in \[1e-100, inf\]"),
    ({"rule": "one-sided", "width": np.inf}, r"width = inf: must lie in \(-inf, inf\)"),
    ({"rule": "hard"}, r"rule = 'hard': must be one of 'window', 'soft', 'one-sided'"),
    ({"rule": "soft", "ball_radius": 1.0}, r"ball_radius = 1: must be 0 with rule = 'soft'"),
    ({"design": "random"}, r"design = 'random': must be one of 'orthonormal', 'gaussian'"),
    ({"design": [[1.0, 0.0]]}, r"design: must have full column rank"),
    ({"design": [[1.0], [2.0]]}, r"design has shape \(2, 1\): must be \(k, 2\)"),
    ({"design": "gaussian", "schedule": [1]}, r"schedule: must be 0 or >= 2 with Gaussian rows"),
    ({"level": "law"}, r"level = 'law': must be 'sample' but for rule 'soft'"),
    ({"center": [0.0] * 3}, r"center has shape \(3,\)"),
])
def test_misuse_is_one_line(changes, message):
    arguments = {"theta0": [1.0, 2.0], "center": 0.0, "width": 1.0, "schedule": [3]}
    with pytest.raises(ValueError, match=message) as error:
        simulate(**(arguments | changes))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("changes", "message"), [
    ({"fraction": 0.0}, r"fraction = 0: must lie in \[1e-06, 1\]|fraction = 0: must lie in"),
    ({"score": "angle"}, r"score = 'angle': must be one of 'distance', 'linear'"),
    ({"batch": 0}, r"batch = 0: must be a whole number >= 1"),
    ({"schedule": [-1]}, r"schedule = -1"),
])
def test_misuse_of_rankings_is_one_line(changes, message):
    arguments = {"theta0": [1.0, 2.0], "center": 0.0, "fraction": 0.5, "schedule": [3]}
    with pytest.raises(ValueError, match=message):
        rank(**(arguments | changes))
