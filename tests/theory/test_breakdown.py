"""Breakdown points, and the accuracy of training on all the pruned data there is."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy.special import expit, ndtr

from theory.breakdown import (
    accuracy_against_bayes,
    accuracy_against_labels,
    breakdown_bounds,
    breakdown_point,
    improvement_margin,
    noisy_verifier_breakdown,
    phase_boundaries,
    pooled_breakdown,
    population_accuracy,
    reduced_solution,
    supervised_breakdown,
)
from theory.pruning import PruningRates, rates_isotropic, rates_mixture

Z = 4.5
shares = st.floats(0, 1)
angles = st.floats(0, np.pi)


@st.composite
def triples(draw):
    gen, prune, place = draw(angles), draw(angles), draw(shares)
    low, high = abs(gen - prune), min(gen + prune, 2 * np.pi - gen - prune)
    return gen, prune, min(max(low + place * (high - low), low), high)


# --- breakdown points ----------------------------------------------------------------------------


@given(shares, shares, shares)
@example(1.0, 0.0, 0.5)
@example(0.0, 1.0, 0.5)
@example(5e-324, 5e-324, 0.5)
def test_breakdown_point_is_where_the_margin_changes_sign(phi, psi, p):
    star = breakdown_point(phi, psi)
    if phi + psi == 0:
        assert np.isnan(star)
        return
    assert 0 <= star <= 1
    assert star + breakdown_point(psi, phi) == pytest.approx(1, abs=1e-15)
    if abs(p - star) > 1e-9 and phi + psi > 1e-100:
        assert (p < star) == (PruningRates(p, phi, psi).margin > 0)
    if phi + psi > 1e-300:
        assert breakdown_point(phi / 2, psi / 2) == pytest.approx(star, rel=1e-15)


@given(shares, shares, st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True))
@example(1.0, 1.0, 0.3, 0.0)
@example(1.0, 0.0, 0.3, 0.0)
def test_bounds_enclose_the_point_and_shrink_to_it(phi, psi, first, second):
    assume(min(phi, psi) > 1e-290 or (phi + psi > 0 and phi * psi == 0))
    t = np.sort([first, second])
    low, high = breakdown_bounds(phi, psi, t)
    star = breakdown_point(phi, psi)
    assert low[1] <= low[0] * (1 + 1e-15)
    assert high[1] >= high[0] * (1 - 1e-15)
    assert low[0] <= star * (1 + 1e-15)
    assert star <= high[0] * (1 + 1e-15)
    closest = breakdown_bounds(phi, psi, 0.0)
    assert closest == (star, star)


@pytest.mark.parametrize(
    ("phi", "psi", "t"), [(0.9, 0.2, 0.05), (1.0, 1e-300, 0.5), (1e-9, 0.7, 0.1)]
)
def test_bounds_are_where_deviating_counts_balance(phi, psi, t):
    low, high = breakdown_bounds(phi, psi, t)
    with mp.workdps(40):
        for p, sign in ((low, 1), (high, -1)):
            p = mp.mpf(float(p))
            wrong, right = (1 + sign * t) * p * psi, (1 - sign * t) * (1 - p) * phi
            scale = (1 + t) * (p * psi + phi * mp.mpf(10) ** -2)
            assert abs(wrong - right) < 1e-13 * max(scale, wrong)


@given(shares)
def test_noisy_verifier(noise):
    assert noisy_verifier_breakdown(noise) == pytest.approx(breakdown_point(1.0, noise), rel=1e-15)
    flip = noise / (1 + noise)  # the same point for errors of both kinds at this rate
    assert breakdown_point(1 - flip, flip) == pytest.approx(noisy_verifier_breakdown(noise))
    assert noisy_verifier_breakdown(noise) == pytest.approx(1 - flip, abs=1e-15)


@given(st.floats(0, 3.14), shares)
def test_supervised_breakdown_is_a_fixed_point_for_any_coupling(prune, place):
    p = supervised_breakdown(prune)
    gen = p * np.pi
    low, high = abs(gen - prune), min(gen + prune, 2 * np.pi - gen - prune)
    between = min(max(low + place * (high - low), low), high)
    assume(1e-3 < gen < np.pi - 1e-3 and between < np.pi - 1e-3)
    assert rates_isotropic(gen, prune, between).breakdown_point == pytest.approx(p, abs=1e-11)


def test_supervised_breakdown_at_its_ends():
    assert supervised_breakdown(0.0) == 1
    assert supervised_breakdown(np.pi) == 0
    near = np.nextafter(np.pi, 0)
    with mp.workdps(40):
        exact = float(1 - mp.mpf(near) / mp.pi)
    assert supervised_breakdown(near) == pytest.approx(exact, rel=1e-14)


# --- several classes -----------------------------------------------------------------------------

pairs = st.lists(st.tuples(shares, shares), min_size=1, max_size=5)


@given(pairs)
def test_phases_and_pooled_point(rates):
    phi, psi = np.array(rates).T
    assume((phi + psi > 1e-9).all())
    low, high = phase_boundaries(phi, psi)
    points = breakdown_point(phi, psi)
    assert low == points.min()
    assert high == points.max()
    pooled = pooled_breakdown(phi, psi)
    assert low - 1e-15 <= pooled <= high + 1e-15
    assert pooled == pytest.approx(phi.sum() / (phi.sum() + psi.sum()), rel=1e-14)
    one = np.zeros(phi.size)
    one[0] = 3.0
    assert pooled_breakdown(phi, psi, one) == pytest.approx(points[0], rel=1e-15)


def fractions(p, phi, psi, prior):
    """Surviving shares n11, n10, n01, n00 for class priors (1, 0), as the classes are ordered."""
    right, wrong = prior * (1 - p) * phi, prior * p * psi
    return [right[0], wrong[0], wrong[1], right[1]]


@pytest.mark.parametrize("prior", [[0.5, 0.5], [0.8, 0.2]])
def test_training_changes_phase_at_these_points(prior):
    phi, psi, prior = np.array([0.9, 0.5]), np.array([0.1, 0.4]), np.array(prior)
    pooled, (low, high) = pooled_breakdown(phi, psi, prior), phase_boundaries(phi, psi)
    for p, both in ((pooled - 0.01, True), (pooled + 0.01, False)):
        u, v = reduced_solution(fractions(p, phi, psi, prior), 0.5, -0.5, 0.01)
        assert (u > 0) == (v < 0) == both
    learned = []
    for p in (low - 0.01, (low + high) / 2, high + 0.01):
        u, v = reduced_solution(fractions(p, phi, psi, prior), 0.5, 0.0, 0.01)
        learned.append(int(u > 0) + int(v < 0))
    assert learned == [2, 1, 0]


# --- population accuracy -------------------------------------------------------------------------


def exact_accuracy(gen, prune, between):
    with mp.workdps(60):
        gen, prune, between = mp.mpf(gen), mp.mpf(prune), mp.mpf(between)
        cosine = (mp.cos(gen) + mp.cos(prune)) / (2 * mp.cos(between / 2))
        return 1 - mp.acos(max(min(cosine, 1), -1)) / mp.pi


@given(triples())
@example((0.6, 0.6, 1.2))
@example((3.1, 0.03, 3.1))
@example((1.0, 1e-9, 1.0))
@example((0.5, 0.5, 0.0))
@example((np.pi, np.pi, 0.0))
@example((0.0, 0.0, 0.0))
def test_accuracy_against_sixty_digits(triple):
    assume(triple[2] < 3.13)
    exact = exact_accuracy(*triple)
    got = population_accuracy(*triple)
    # A coplanar bisector at the truth or its antipode turns rounding in the angles into its root.
    angle = min(float(exact), 1 - float(exact))
    assert got == pytest.approx(float(exact), abs=2e-15 / max(angle, 1e-8))


@given(triples())
def test_accuracy_crosses_one_half_with_the_breakdown(triple):
    gen, prune, between = triple
    assume(abs(gen + prune - np.pi) > 1e-6 and between < np.pi)
    assert (population_accuracy(*triple) > 0.5) == (gen + prune < np.pi)
    mirrored = population_accuracy(np.pi - gen, np.pi - prune, between)
    assert mirrored == pytest.approx(1 - population_accuracy(*triple), abs=1e-7)
    assert population_accuracy(prune, gen, between) == pytest.approx(population_accuracy(*triple))


@given(triples())
def test_improvement_margin_decides_who_is_better(triple):
    gen, prune, between = triple
    assume(between < 3.1)
    gain = improvement_margin(*triple)
    exact = np.cos(prune) - (2 * np.cos(between / 2) - 1) * np.cos(gen)
    assert gain == pytest.approx(exact, abs=1e-15)
    change = population_accuracy(*triple) - (1 - gen / np.pi)
    if abs(gain) > 1e-7:
        assert np.sign(change) == np.sign(gain)
    assert improvement_margin(gen, gen, 0.0) == 0


def test_statements_about_particular_pairs():
    assert population_accuracy(0.6 * np.pi, 0.0, 0.6 * np.pi) == pytest.approx(0.7)  # oracle
    # A perfect generator is worse than one on the other side of a poor pruner.
    assert population_accuracy(0.4 * np.pi, 0.4 * np.pi, 0.8 * np.pi) == pytest.approx(1)
    assert population_accuracy(0.0, 0.4 * np.pi, 0.4 * np.pi) == pytest.approx(0.8)
    # The breakdown point does not rank verifiers: perfect against imperfect, same generator.
    assert population_accuracy(0.6, 0.0, 0.6) == pytest.approx(0.9045, abs=5e-5)
    assert population_accuracy(0.6, 0.6, 1.1) == pytest.approx(0.9194, abs=5e-5)
    assert rates_isotropic(0.6, 0.6, 1.1).breakdown_point == pytest.approx(0.904, abs=5e-4)
    # Accuracy on the survivors is another thing.
    assert rates_isotropic(0.6, 0.9, 0.7).precision == pytest.approx(0.836, abs=5e-4)
    assert population_accuracy(0.6, 0.9, 0.7) == pytest.approx(0.780, abs=5e-4)
    assert np.isnan(population_accuracy(0.4, np.pi - 0.4, np.pi))


@pytest.mark.parametrize("ridge", [1.0, 1e-3])
def test_a_real_fit_finds_the_bisector(ridge):
    rng = np.random.default_rng(21)
    gen, prune, n = 0.9, 0.7, 400_000
    generator = np.array([np.cos(gen), np.sin(gen), 0])
    pruner = np.array([np.cos(prune), np.sin(prune) * np.cos(2), np.sin(prune) * np.sin(2)])
    between = np.arccos(generator @ pruner)
    x = rng.normal(size=(n, 3))
    label = x @ generator > 0
    kept = label == (x @ pruner > 0)
    x, label = x[kept], label[kept]
    w = np.zeros(3)
    for _ in range(40):
        share = expit(x @ w)
        gradient = x.T @ (share - label) / len(x) + ridge * w
        weight = share * (1 - share)
        w = w - np.linalg.solve((x.T * weight) @ x / len(x) + ridge * np.eye(3), gradient)
    hessian = (x.T * weight) @ x / len(x) + ridge * np.eye(3)
    spread = (x.T * (share - label) ** 2) @ x / len(x) ** 2
    covariance = np.linalg.solve(hessian, np.linalg.solve(hessian, spread).T)
    angle = np.arccos(w[0] / np.linalg.norm(w))
    # standard error of the angle: of the component of w away from its own direction
    error = np.sqrt(np.linalg.eigvalsh(covariance)[-1]) / np.linalg.norm(w)
    exact = np.pi * (1 - population_accuracy(gen, prune, between))
    assert abs(angle - exact) < Z * error
    assert abs(angle - 1.02 * exact) > Z * error


# --- accuracies of one direction -----------------------------------------------------------------


@given(st.floats(0, 30), angles)
@example(0.0, 1.0)
@example(1.5, 0.0)
@example(1.5, np.pi)
@example(1e308, 1.0)
def test_agreement_with_bayes(separation, angle):
    value = accuracy_against_bayes(separation, angle)
    turned = accuracy_against_bayes(separation, np.pi - angle)
    assert value + turned == pytest.approx(1, abs=1e-14)
    if angle <= np.pi / 2:
        assert value >= 1 - angle / np.pi - 1e-15
    if angle == 0:
        assert value == pytest.approx(1, abs=1e-15)
    if separation == 0:
        assert value == pytest.approx(1 - angle / np.pi, abs=1e-15)
    # both right or both wrong about the labels, at least as often as chance allows
    right, best = accuracy_against_labels(separation, angle), ndtr(separation)
    assert value >= abs(right + best - 1) - 1e-15
    if separation <= 30:
        # the pair of truth and classifier is a pair of labellers with this agreement
        assert value == pytest.approx(
            rates_mixture(separation, 0.0, angle, angle).retention, abs=1e-14)


def test_accuracies_by_simulation():
    rng = np.random.default_rng(22)
    kappa, angle, n = 1.1, 0.7, 400_000
    y = rng.choice([-1.0, 1.0], n)
    x = rng.normal(size=(n, 2))
    x[:, 0] += kappa * y
    vote = np.sign(x @ [np.cos(angle), np.sin(angle)])
    for hits, exact in (
        (vote == y, accuracy_against_labels(kappa, angle)),
        (vote == np.sign(x[:, 0]), accuracy_against_bayes(kappa, angle)),
    ):
        error = np.sqrt(exact * (1 - exact) / n)
        assert abs(hits.mean() - exact) < Z * error
        assert abs(hits.mean() - 1.02 * exact) > Z * error


# --- shapes and domains --------------------------------------------------------------------------


def test_shapes():
    column = np.full((3, 1), 0.5)
    assert breakdown_point(column, [0.1, 0.2]).shape == (3, 2)
    assert breakdown_bounds(column, 0.2, [0.1, 0.2])[1].shape == (3, 2)
    assert pooled_breakdown(np.ones((3, 1, 2)), np.ones((4, 2)), [1, 2]).shape == (3, 4)
    assert phase_boundaries(np.ones((3, 2)), 0.5)[0].shape == (3,)
    assert population_accuracy(column, 0.5, [0.3, 0.4]).shape == (3, 2)
    assert improvement_margin(column, 0.5, [0.3, 0.4]).shape == (3, 2)
    assert accuracy_against_bayes(column, [0.3, 0.4]).shape == (3, 2)
    for value in (breakdown_point(0.5, 0.2), supervised_breakdown(1), noisy_verifier_breakdown(0),
                  population_accuracy(0.5, 0.5, 0.5), accuracy_against_labels(1, 1)):
        assert isinstance(value, np.float64)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: breakdown_point(1.2, 0.5), r"phi = 1.2: must lie in \[0, 1\]"),
    (lambda: breakdown_point(0.5, np.nan), "psi = nan"),
    (lambda: breakdown_bounds(0.5, 0.5, 1.0), r"t = 1: must lie in \[0, 1\)"),
    (lambda: noisy_verifier_breakdown(-0.1), "p_noise = -0.1"),
    (lambda: supervised_breakdown(4.0), r"angle_prune = 4: must lie in \[0, 3.14159\]"),
    (lambda: pooled_breakdown([0.5, 0.5], [0.5, 0.5], [0, 0]), "priors = 0"),
    (lambda: pooled_breakdown([0.5, 0.5], [0.5, 0.5], [1, -1]), "priors = -1"),
    (lambda: phase_boundaries(0.5, 0.5), "last axis must hold the classes"),
    (lambda: population_accuracy(0.1, 0.2, 0.9), "triangle inequalities"),
    (lambda: improvement_margin(2.5, 2.5, 2.5), "triangle inequalities"),
    (lambda: accuracy_against_bayes(-1, 0.5), "separation = -1"),
    (lambda: accuracy_against_labels(1, 4), "angle = 4"),
])
def test_domains(call, message):
    with pytest.raises(ValueError, match=message):
        call()
