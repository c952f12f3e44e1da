"""Verifiers that err: quadrature over the kept law, shifted loops, iterated jitter."""

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from theory import budget

mp.mp.dps = 25


def logs(low, high):
    return st.floats(low, high).map(lambda power: 10.0**power)


def kept_moments(distance, phi, psi, sigma, kappa):
    """Acceptance, mean and both variances in two dimensions, theta = (distance, 0)."""
    nodes = [distance + sigma * k for k in range(-12, 13, 3)] + [0]
    nodes = sorted(set(map(mp.mpf, nodes)))
    weight = 1 - mp.mpf(phi) - mp.mpf(psi)

    def average(power, centre, rewarded):
        def integrand(x):
            reward = mp.exp(-((x / kappa) ** 2) / 2) if rewarded else 1
            return mp.npdf(x, centre, sigma) * reward * x**power
        return mp.quad(integrand, nodes if centre else [-13 * sigma, 0, 13 * sigma])

    def total(along, across):
        blind, seen = (
            average(along, distance, rewarded) * average(across, 0, rewarded)
            for rewarded in (False, True)
        )
        return mp.mpf(phi) * blind + weight * seen

    kept = total(0, 0)
    mean = total(1, 0) / kept
    return kept, mean, total(2, 0) / kept - mean**2, total(0, 2) / kept


@pytest.mark.parametrize(
    ("distance", "phi", "psi", "sigma", "kappa"),
    [(1.0, 0.1, 0.1, 1.0, 1.0), (2.5, 0.02, 0.3, 0.7, 1.3), (1.5, 0.0, 0.4, 1.0, 0.5)],
)
def test_noisy_selection_has_the_moments_of_the_kept(distance, phi, psi, sigma, kappa):
    noisy = budget.noisy_selection([0.6 * distance, -0.8 * distance], phi, psi, sigma, kappa)
    kept, mean, along, across = kept_moments(distance, phi, psi, sigma, kappa)
    for got, twin in [
        (noisy.acceptance, kept),
        (noisy.contraction, mean / mp.mpf(distance)),
        (noisy.variance_along, along),
        (noisy.variance_across, across),
    ]:
        assert abs(got - twin) < 1e-12 * twin


def test_negative_twin_of_the_noisy_variance():
    noisy = budget.noisy_selection([1.0], 0.1, 0.1, 1.0, 1.0)
    assert abs(noisy.variance_along / noisy.variance_across - 1) > 0.02


@given(st.floats(0, 0.9), st.floats(-6, 6), logs(-2, 2), logs(-2, 2))
@example(0.3, 2.0, 1e-200, 1e200)
def test_misses_alone_only_cost(psi, theta, sigma, kappa):
    noisy = budget.noisy_selection(theta, 0.0, psi, sigma, kappa)
    law = budget.selected_law(theta, sigma, kappa)
    np.testing.assert_allclose(noisy.contraction, budget.shrinkage(sigma, kappa), rtol=1e-14)
    np.testing.assert_allclose(noisy.variance_along, law.variance, rtol=1e-13)
    clean = budget.expected_reward(theta, 0.0, sigma, kappa)
    np.testing.assert_allclose(noisy.acceptance, (1 - psi) * clean, rtol=1e-12)


@given(st.floats(0.01, 0.5), st.floats(0, 0.4), logs(-1, 1))
def test_false_acceptance_weakens_the_pull(phi, psi, sigma):
    radius = np.linspace(0, 60 * math.hypot(1, sigma), 30)[:, None]
    noisy = budget.noisy_selection(radius, phi, psi, sigma, 1.0)
    assert np.all(np.diff(noisy.contraction) >= 0)
    assert np.all(noisy.contraction > budget.shrinkage(sigma, 1.0))
    assert noisy.contraction[-1] == 1.0
    assert np.all(1 / noisy.acceptance <= 1 / phi * (1 + 1e-15))
    crowded = budget.noisy_selection(np.zeros(4000), phi, psi, sigma, 1.0)
    assert crowded.contraction > 0.99


def test_blind_verifier_selects_nothing():
    noisy = budget.noisy_selection([3.0], 0.25, 0.75, 1.0, 1.0)
    assert (noisy.contraction, noisy.acceptance, noisy.variance_along) == (1.0, 0.25, 1.0)


# --- wrong centre and width --------------------------------------------------------------------


@given(st.floats(-3, 3), st.floats(-3, 3), st.lists(logs(0, 4), min_size=1, max_size=8),
       logs(-2, 2), logs(-2, 2))
def test_misdirected_law_is_the_shifted_loop(theta0, centre, schedule, sigma, width):
    law = budget.misdirected_law(theta0, schedule, sigma, width, centre)
    shifted = budget.terminal_law(theta0 - centre, schedule, sigma, width)
    np.testing.assert_allclose(law.mean, centre + shifted.mean, rtol=1e-12, atol=1e-12)
    assert law.variance == shifted.variance


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=5), logs(-2, 2), logs(-2, 2))
def test_centre_floor_is_the_gap_at_the_centre(centre, sigma, kappa):
    np.testing.assert_allclose(
        budget.centre_gap_floor(centre, sigma, kappa),
        budget.relative_gap(centre, 0.0, sigma, kappa),
        rtol=1e-13, atol=1e-300,
    )


PLANE = st.tuples(st.floats(-3, 3), st.floats(-3, 3))


@given(PLANE, PLANE, logs(-1, 1))
@example((-1.0, 0.0), (1.0, 0.0), 1.0)
@example((1.0, 1.0), (1.0, 1.0), 1.0)
@example((3.0, 0.0), (1.0, 0.0), 1.0)
@example((1.0, 0.0), (3.0, 0.0), 1.0)
def test_misdirected_horizon_is_the_nearest_point_of_the_path(theta0, centre, sigma):
    theta0, centre = np.array(theta0), np.array(centre)
    best = budget.misdirected_horizon(theta0, centre, sigma, 1.0)
    growth = math.log1p(sigma**2)

    def distance(rounds):
        return np.linalg.norm(centre + math.exp(-rounds * growth) * (theta0 - centre))

    least = distance(best)
    for rounds in [0, math.inf, *np.linspace(0, 30 / growth, 200)]:
        assert distance(rounds) >= least - 1e-12


def test_misdirected_horizon_cases():
    assert budget.misdirected_horizon([-1.0], [1.0], 1.0, 1.0) == 1.0
    assert budget.misdirected_horizon([3.0], [1.0], 1.0, 1.0) == math.inf
    assert budget.misdirected_horizon([1.0], [3.0], 1.0, 1.0) == 0.0
    assert budget.misdirected_horizon([1.0], [1.0], 1.0, 1.0) == 0.0


@given(logs(-2, 2), logs(-1, 1), logs(-1, 1))
def test_jitter_floor_is_the_fixed_point(jitter, sigma, kappa):
    rho = 1 / (1 + (sigma / kappa) ** 2)
    floor = budget.centre_jitter_floor(jitter, sigma, kappa)
    np.testing.assert_allclose(rho**2 * floor + ((1 - rho) * jitter) ** 2, floor, rtol=1e-9)


def test_extremes():
    assert budget.centre_jitter_floor(1.0, 1e-200, 1e200) == 0.0
    assert budget.centre_jitter_floor(1.0, 1e200, 1e-200) == 1.0
    assert budget.centre_gap_floor([1e200], 1.0, 1.0) == 1.0
    assert budget.noisy_selection(np.full(1000, 1e10), 0.1, 0.1, 1.0, 1.0).contraction == 1.0
    assert math.isfinite(budget.misdirected_horizon([-1e150], [1e150], 1e-6, 1.0))


def test_shapes():
    sigma, kappa = np.array([[0.5], [2.0]]), np.array([1.0, 3.0, 0.2])
    calls = [
        (lambda s, k: budget.noisy_selection([1.0, 2.0], 0.1, 0.2, s, k).contraction, ()),
        (lambda s, k: budget.noisy_selection([1.0, 2.0], 0.1, 0.2, s, k).variance_along, ()),
        (lambda s, k: budget.misdirected_law([1.0, 2.0], [3, 4], s, k, [0.1, 0.2]).mean, (2,)),
        (lambda s, k: budget.misdirected_law([1.0, 2.0], [3, 4], s, k, [0.1, 0.2]).variance, ()),
        (lambda s, k: budget.centre_gap_floor([1.0, 2.0], s, k), ()),
        (lambda s, k: budget.misdirected_horizon([-1.0, 2.0], [1.0, 0.0], s, k), ()),
        (lambda s, k: budget.centre_jitter_floor(0.3, s, k), ()),
    ]
    for call, tail in calls:
        together = call(sigma, kappa)
        assert together.shape == (2, 3, *tail)
        for i, j in np.ndindex(2, 3):
            np.testing.assert_allclose(together[i, j], call(sigma[i, 0], kappa[j]), rtol=1e-14)
    phi = budget.noisy_selection(1.0, np.array([0.0, 0.1]), 0.0, 1.0, 1.0)
    assert phi.acceptance.shape == phi.variance_across.shape == (2,)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("noisy_selection", ([1.0], 0.6, 0.5, 1.0, 1.0), "false_reject"),
        ("noisy_selection", ([1.0], 1.1, 0.0, 1.0, 1.0), r"false_accept = 1.1: .* in \[0, 1\]"),
        ("noisy_selection", ([1.0], 0.0, 1.1, 1.0, 1.0), r"false_reject = 1.1: .* in \[0, 1\]"),
        ("noisy_selection", ([1.0], -0.1, 0.5, 1.0, 1.0), "false_accept = -0.1"),
        ("misdirected_law", ([1.0], [1], 1.0, 0.0, [0.0]), "verifier_width = 0"),
        ("misdirected_law", ([1.0], [1], 1.0, 1.0, [math.inf]), "centre = inf"),
        ("centre_gap_floor", ([math.nan], 1.0, 1.0), "centre = nan"),
        ("centre_jitter_floor", (-1.0, 1.0, 1.0), "jitter = -1"),
        ("misdirected_horizon", ([1.0], [1.0], 0.0, 1.0), "sigma = 0"),
    ],
)
def test_domains(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(budget, name)(*arguments)
