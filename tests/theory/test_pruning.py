"""Rates of a verifier: from angles, margins, sampled labels, scores; what is worth accepting."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy.special import ndtr

from theory.pruning import (
    PruningRates,
    marginal_correctness,
    optimal_weights,
    rates_from_scores,
    rates_isotropic,
    rates_mixture,
    weighted_information,
)

shares = st.floats(0, 1)
angles = st.floats(0, np.pi)


@st.composite
def triples(draw):
    """Angles between three directions: two free, the third within the triangle inequalities."""
    gen, prune, place = draw(angles), draw(angles), draw(shares)
    low, high = abs(gen - prune), min(gen + prune, 2 * np.pi - gen - prune)
    return gen, prune, min(max(low + place * (high - low), low), high)


# --- the record --------------------------------------------------------------------------------


@given(shares, shares, shares)
@example(0.0, 1.0, 0.0)
@example(1.0, 0.3, 0.3)
def test_masses_precision_and_breakdown_point_fit_together(p, phi, psi):
    rates = PruningRates(p, phi, psi)
    assert rates.retention == rates.good + rates.bad
    assert rates.margin == rates.good - rates.bad
    assert rates.retention == pytest.approx((1 - p) * phi + p * psi, abs=1e-16)
    if rates.retention > 1e-300 and 1e-9 < p < 1 - 1e-9 and phi + psi > 1e-9:
        # p < p*  <=>  precision > 1/2, up to rounding
        gap = (rates.breakdown_point - p) * (phi + psi)
        assert gap == pytest.approx(rates.margin, abs=1e-14)
        excess = rates.margin / rates.retention
        assert 2 * rates.precision - 1 == pytest.approx(excess, abs=1e-14)
        assert rates.effective_fraction <= rates.retention * (1 + 1e-15)


def test_missing_members_count_as_no_mass():
    clean = PruningRates(0.0, 0.8, np.nan)
    assert (clean.good, clean.bad, clean.precision) == (0.8, 0.0, 1.0)
    assert np.isnan(clean.breakdown_point)
    wrong = PruningRates(1.0, np.nan, 0.4)
    assert (wrong.good, wrong.bad, wrong.precision) == (0.0, 0.4, 0.0)
    nothing = PruningRates(0.5, 0.0, 0.0)
    assert np.isnan(nothing.precision)
    assert np.isnan(nothing.breakdown_point)
    assert nothing.effective_fraction == 0.0


def test_complement_of_an_error_rate_near_one_is_kept():
    rates = PruningRates(1.0, 1.0, 1e-20, correct=1e-20)
    assert rates.precision == 0.5
    assert PruningRates(1.0, 1.0, 1e-20).good == 0.0


def test_record_is_frozen_and_broadcasts():
    rates = PruningRates(np.linspace(0.1, 0.9, 5), 0.9, np.full((3, 1), 0.3))
    assert rates.precision.shape == (3, 5)
    assert isinstance(PruningRates(0.5, 1, 0).margin, np.float64)
    with pytest.raises(AttributeError):
        rates.p = 0.5


@pytest.mark.parametrize(("bad", "message"), [
    ({"p": 1.5}, r"p = 1.5: must lie in \[0, 1\]"),
    ({"phi": -0.1}, "phi = -0.1"),
    ({"phi": np.nan}, "phi = nan"),
    ({"psi": np.nan}, "psi = nan"),
    ({"p": np.nan}, "p = nan"),
    ({"correct": 0.9}, "correct = 0.9: must be 1 - p"),
    ({"phi": np.ones(2), "psi": np.ones(3)}, "shape"),
])
def test_domain_of_the_record(bad, message):
    with pytest.raises(ValueError, match=message):
        PruningRates(**{"p": 0.5, "phi": 0.9, "psi": 0.3} | bad)


# --- isotropic inputs --------------------------------------------------------------------------


def exact_isotropic(gen, prune, between):
    """phi and psi from orthant masses (arcsines of the cosines), in 60 digits."""
    with mp.workdps(60):
        gen, prune, between = mp.mpf(gen), mp.mpf(prune), mp.mpf(between)

        def orthant(*signed):
            return mp.mpf(1) / 8 + sum(mp.asin(mp.cos(x)) * s for x, s in signed) / (4 * mp.pi)

        right = 2 * orthant((gen, 1), (prune, 1), (between, 1))
        wrong = 2 * orthant((gen, -1), (prune, -1), (between, 1))
        return right / (1 - gen / mp.pi), wrong / (gen / mp.pi)


@pytest.mark.parametrize("triple", [
    (0.6, 0.9, 0.7), (1.9, 1.5, 1.3), (1.0, 1e-9, 1.0), (3.1, 0.03, 3.1), (2.0, 2.0, 1.0),
    (3.141592, 1.6, 1.541593), (1e-8, 1.0, 1.0), (2.2, 2.0, 2.08), (0.4, 0.4, 0.8),
])
def test_isotropic_rates_are_orthant_masses(triple):
    phi, psi = exact_isotropic(*triple)
    rates = rates_isotropic(*triple)
    assert float(rates.phi - phi) == pytest.approx(0, abs=1e-15)
    assert float(rates.psi - psi) == pytest.approx(0, abs=1e-15)
    assert rates.psi == pytest.approx(float(psi), rel=1e-12)


@given(triples())
@example((0.3, 0.3, 0.0))
@example((np.pi / 2, np.pi / 2, np.pi))
def test_margin_forgets_the_angle_between(triple):
    gen, prune, between = triple
    rates = rates_isotropic(*triple)
    assert rates.margin == pytest.approx(1 - (gen + prune) / np.pi, abs=2e-15)
    assert rates.retention == pytest.approx(1 - between / np.pi, abs=2e-15)
    if 0 < gen < np.pi:
        assert 0 <= rates.phi <= 1
        assert 0 <= rates.psi <= 1


@given(triples())
def test_breakdown_point_is_passed_where_the_errors_sum_to_one(triple):
    gen, prune, _ = triple
    rates = rates_isotropic(*triple)
    assume(1e-6 < gen < np.pi - 1e-6 and abs(gen + prune - np.pi) > 1e-6)
    assume(rates.retention > 1e-6)
    assert (rates.p < rates.breakdown_point) == (gen + prune < np.pi)


def test_decorrelated_errors_raise_the_breakdown_point():
    between = np.linspace(0.31, 1.49, 40)
    assert (np.diff(rates_isotropic(0.6, 0.9, between).breakdown_point) > 0).all()


def test_isotropic_limits():
    perfect = rates_isotropic(0.0, 0.4, 0.4)
    assert perfect.phi == pytest.approx(1 - 0.4 / np.pi, abs=1e-16)
    assert np.isnan(perfect.psi)
    assert np.isnan(rates_isotropic(np.pi, 0.4, np.pi - 0.4).phi)
    assert rates_isotropic(0.7, 0.7, 0.0).breakdown_point == 0.5
    oracle = rates_isotropic(0.7, 0.0, 0.7)
    assert (oracle.phi, oracle.psi) == (1.0, 0.0)


@pytest.mark.parametrize("triple", [
    (0.1, 0.2, 0.4), (0.4, 0.1, 0.2), (0.1, 0.4, 0.2), (2.5, 2.5, 2.5), (-0.1, 0.2, 0.1),
    (0.1, 4.0, 3.9), (np.nan, 1.0, 1.0),
])
def test_angles_must_be_those_of_three_directions(triple):
    with pytest.raises(ValueError, match="must"):
        rates_isotropic(*triple)
    with pytest.raises(ValueError, match="must"):
        rates_mixture(1.0, *triple)


# --- Gaussian mixture --------------------------------------------------------------------------


def exact_mixture(separation, gen, prune, between, threshold=0.0, sharpness=None):
    """p, phi and psi given y = +1 by integration over the generator's score, in 30 digits."""
    with mp.workdps(30):
        kappa, threshold, between = mp.mpf(separation), mp.mpf(threshold), mp.mpf(between)
        shift, away = kappa * mp.cos(gen), kappa * mp.cos(prune)
        rho, root = mp.cos(between), mp.sin(between)

        def label(u):  # P(y' = 1)
            if sharpness is None:
                return mp.mpf(u > -shift)
            return 1 / (1 + mp.exp(-sharpness * (shift + u)))

        places = {-shift, *map(mp.mpf, range(-40, 41, 2))}
        places |= {x / 4 - shift for x in range(-40, 41)}
        places |= {-away * rho + (x * root if rho else x) for x in range(-6, 7)}
        places = sorted(x for x in places if -40 <= x <= 40)

        def mean(f):
            return mp.quad(lambda u: mp.npdf(u) * f(u), places)

        wrong = mean(lambda u: 1 - label(u))
        right_kept = mean(lambda u: label(u) * mp.ncdf((away - threshold + rho * u) / root))
        wrong_kept = mean(lambda u: (1 - label(u)) * mp.ncdf((-away - threshold - rho * u) / root))
        return wrong, right_kept / (1 - wrong), wrong_kept / wrong


@pytest.mark.parametrize("case", [
    (1.5, 0.8, 0.26, 0.83), (3.0, 1.2, 0.4, 1.1), (0.0, 1.0, 1.0, 1.0), (2.0, 2.0, 1.5, 1.0),
    (1.5, 0.8, 0.26, 0.83, 0.31), (1.5, 0.8, 0.26, 0.83, -0.7),
    (1.5, 0.8, 0.26, 0.83, 0.0, 2), (3.0, 1.2, 0.4, 1.1, -0.3, 20), (6.0, 0.9, 0.8, 0.5, 1.0, 3),
    (1.0, 1.9, 1.4, 2.0, 0.4, 0.5),
])
def test_mixture_rates_against_thirty_digits(case):
    options = dict(zip(("threshold", "sharpness"), case[4:]))
    rates = rates_mixture(*case[:4], **options)
    for got, exact in zip((rates.p, rates.phi, rates.psi), exact_mixture(*case)):
        assert float(got / exact - 1) == pytest.approx(0, abs=2e-13)
    assert rates.correct + rates.p == pytest.approx(1, abs=1e-15)


@given(st.floats(0, 20), triples())
def test_agreement_averages_two_labellers(separation, triple):
    gen, prune, _ = triple
    rates = rates_mixture(separation, *triple)
    errors = ndtr(-separation * np.cos(gen)) + ndtr(-separation * np.cos(prune))
    assert rates.margin == pytest.approx(1 - errors, abs=5e-15)


@given(st.floats(0.01, 5), triples(), st.floats(0, 1000))
def test_agreement_averages_sampled_labels_too(separation, triple, sharpness):
    _, prune, _ = triple
    rates = rates_mixture(separation, *triple, sharpness=sharpness)
    error = ndtr(-separation * np.cos(prune))
    assert rates.margin == pytest.approx(1 - rates.p - error, abs=1e-12)


@given(st.floats(0, 5), triples())
def test_sharp_labels_are_the_limit_of_sampled_ones(separation, triple):
    hard = rates_mixture(separation, *triple)
    soft = rates_mixture(separation, *triple, sharpness=1e9)
    assert soft.good == pytest.approx(hard.good, abs=1e-8)
    assert soft.bad == pytest.approx(hard.bad, abs=1e-8)
    coin = rates_mixture(separation, *triple, sharpness=0.0)
    assert coin.p == pytest.approx(0.5, abs=1e-15)
    assert coin.phi + coin.psi == pytest.approx(1, abs=1e-13)


@given(st.floats(0, 5), triples(), st.floats(-3, 3), st.floats(0, 3))
def test_a_higher_threshold_keeps_less_of_both(separation, triple, threshold, more):
    low = rates_mixture(separation, *triple, threshold=threshold)
    high = rates_mixture(separation, *triple, threshold=threshold + more)
    assert high.phi <= low.phi * (1 + 1e-11)
    assert high.psi <= low.psi * (1 + 1e-11)


def test_mixture_without_margin_is_not_worse_than_chance():
    rates = rates_mixture(0.0, 0.6, 0.9, 0.7)
    assert rates.p == 0.5
    assert rates.phi == pytest.approx(1 - 0.7 / np.pi)
    assert rates.psi == pytest.approx(1 - 0.7 / np.pi)


def test_tails_keep_relative_accuracy_and_the_sign_of_the_margin():
    rates = rates_mixture(38.0, [0.3, 2.9], [2.9, 0.3], 2.7)
    assert rates.p[0] == pytest.approx(7.31074002e-289, rel=1e-8)
    assert (rates.margin < 0).all()  # by the mirror image of the errors
    np.testing.assert_allclose(rates.precision[0], rates.precision[1], rtol=1e-9)


@pytest.mark.parametrize("sharpness", [0.0, 1e-300, 1.0, 1e3, 1e300, np.inf])
def test_extreme_mixtures_give_rates_in_the_unit_interval(sharpness):
    separation = np.array([0, 1e-300, 40, 1e8, 1e100, 1e300])[:, None, None]
    threshold = np.array([0, 1.0, -1e100, 1e100])[:, None]
    rates = rates_mixture(
        separation, [0.8, 2.5, 1.0], [0.3, 2.5, 1.0], [0.6, 0.3, 0.0], threshold=threshold,
        sharpness=sharpness)
    for value in (rates.p, rates.phi, rates.psi):
        assert ((value >= 0) & (value <= 1)).all()
    assert rates.phi.shape == (6, 4, 3)


def test_mixture_by_simulation():
    rng = np.random.default_rng(3)
    kappa, gen, prune, turn, n, threshold, sharpness = 1.2, 0.8, 0.5, 0.9, 1_500_000, 0.25, 2.0
    ghat = np.array([np.cos(gen), np.sin(gen), 0])
    phat = np.array([np.cos(prune), np.sin(prune) * np.cos(turn), np.sin(prune) * np.sin(turn)])
    y = rng.choice([-1.0, 1.0], n)
    x = rng.normal(size=(n, 3))
    x[:, 0] += kappa * y
    label = np.where(rng.random(n) < 1 / (1 + np.exp(-sharpness * (x @ ghat))), 1, -1)
    kept = label * (x @ phat) > threshold
    rates = rates_mixture(
        kappa, gen, prune, np.arccos(ghat @ phat), threshold=threshold, sharpness=sharpness)
    right = label == y
    for draws, rate in ((~right, rates.p), (kept[right], rates.phi), (kept[~right], rates.psi)):
        error = np.sqrt(rate * (1 - rate) / draws.size)
        assert abs(draws.mean() - rate) < 4.5 * error
        assert abs(draws.mean() - 1.02 * rate) > 4.5 * error
    blunt = rates_mixture(kappa, gen, prune, np.arccos(ghat @ phat), threshold=threshold)
    assert abs((~right).mean() - blunt.p) > 4.5 * np.sqrt(0.25 / n)


def test_domain_of_the_mixture():
    with pytest.raises(ValueError, match="separation = -1"):
        rates_mixture(-1, 0.5, 0.5, 0.5)
    with pytest.raises(ValueError, match="threshold = inf"):
        rates_mixture(1, 0.5, 0.5, 0.5, threshold=np.inf)
    with pytest.raises(ValueError, match="sharpness = -1"):
        rates_mixture(1, 0.5, 0.5, 0.5, sharpness=-1)


# --- scores ------------------------------------------------------------------------------------


@given(st.lists(st.tuples(shares, shares), min_size=1, max_size=20))
@example([(1.0, 1.0)])
@example([(0.0, 1.0)])
@example([(0.3, 0.0)])
def test_scores_give_the_logit_identity(items):
    score, kept = np.array(items).T
    rates = rates_from_scores(score, kept)
    assert rates.p == pytest.approx(1 - score.mean(), abs=1e-15)
    assert rates.retention == pytest.approx(kept.mean(), abs=1e-15)
    if kept.sum() > 1e-3 and 1e-3 < score.mean() < 1 - 1e-3:
        mean = (kept * score).sum() / kept.sum()
        assume(1e-3 < mean < 1 - 1e-3)
        assert rates.precision == pytest.approx(mean, rel=1e-12)
        star = rates.breakdown_point
        got = np.log(star / (1 - star))
        exact = np.log(mean / (1 - mean)) - np.log(score.mean() / (1 - score.mean()))
        assert got == pytest.approx(exact, abs=1e-10)


def test_binary_scores_count():
    score = np.array([1, 1, 1, 0, 0])
    kept = np.array([[1, 1, 0, 1, 0], [0, 0, 0, 0, 0]])
    rates = rates_from_scores(score, kept)
    np.testing.assert_allclose(rates.phi, [2 / 3, 0])
    np.testing.assert_allclose(rates.psi, [1 / 2, 0])
    assert np.isnan(rates_from_scores([1, 1], [1, 0]).psi)


def test_domain_of_the_scores():
    with pytest.raises(ValueError, match=r"score = 1.2: must lie in \[0, 1\]"):
        rates_from_scores([1.2], [1])
    with pytest.raises(ValueError, match="kept = -1"):
        rates_from_scores([0.5], [-1])
    with pytest.raises(ValueError, match="at least one item"):
        rates_from_scores([], [])


# --- what to accept ----------------------------------------------------------------------------


def family(cut):
    """Good and bad mass when the verifier's N(+-0.6, 1) score must exceed the cut; p = 0.45."""
    return 0.55 * ndtr(0.6 - cut), 0.45 * ndtr(-0.6 - cut)


OBJECTIVES = {
    "effective": lambda good, bad: (good - bad) ** 2 / (good + bad),
    "chernoff": lambda good, bad: (np.sqrt(good) - np.sqrt(bad)) ** 2,
    "margin": lambda good, bad: good - bad,
}


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_border_item_of_the_best_acceptance_region(objective):
    cut = np.linspace(-3, 3, 600_001)
    good, bad = family(cut)
    best = np.argmax(OBJECTIVES[objective](good, bad))
    odds = 0.55 / 0.45 * np.exp(1.2 * cut[best])  # likelihood ratio of the two scores
    found = marginal_correctness(good[best], bad[best], objective)
    assert found == pytest.approx(odds / (1 + odds), abs=2e-4)


def test_strictest_acceptance_maximises_the_breakdown_point_but_nothing_else():
    good, bad = family(np.array([0.0, 2.0, 6.0]))
    assert (np.diff((good / 0.55) / (good / 0.55 + bad / 0.45)) > 0).all()
    assert OBJECTIVES["effective"](good, bad)[2] < OBJECTIVES["effective"](good, bad)[0]


def test_moderate_threshold_beats_none_on_the_mixture():
    rates = rates_mixture(1.5, 0.8, np.pi / 12, 0.83, threshold=[0.0, 0.31, 3.0])
    worth = rates.effective_fraction
    np.testing.assert_allclose(worth[:2], [0.697, 0.713], atol=1e-3)
    assert worth[2] < worth[0]


def test_marginal_correctness_at_the_ends():
    assert marginal_correctness(0.5, 0.0) == 0.75
    assert marginal_correctness(0.25, 0.25) == 0.5
    assert marginal_correctness(0.3, 0.1, "margin") == 0.5
    assert np.isnan(marginal_correctness(0.0, 0.0)).all()
    assert np.isnan(marginal_correctness(0.0, 0.0, "margin"))
    assert marginal_correctness([0.5, 0.4], [[0.1], [0.2]], "chernoff").shape == (2, 2)
    with pytest.raises(ValueError, match=r"good \+ bad = 1\.2"):
        marginal_correctness(0.7, 0.5)
    with pytest.raises(ValueError, match="objective = 'best'"):
        marginal_correctness(0.7, 0.2, "best")


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), shares), min_size=1, max_size=12))
@example([(0.0, 0.5)])
def test_no_weights_beat_the_posterior_ones(items):
    weights, eta = np.array(items).T
    best = weighted_information(optimal_weights(eta), eta)
    assert best == pytest.approx(np.mean((2 * eta - 1) ** 2), abs=1e-14)
    assert weighted_information(weights, eta) <= best + 1e-12
    positive = weighted_information(optimal_weights(eta, nonnegative=True), eta)
    assert positive <= best + 1e-15
    if np.abs(weights) @ (2 * eta - 1) >= 0:
        assert weighted_information(np.abs(weights), eta) <= positive + 1e-12


def test_soft_weights_on_two_normal_scores():
    # Scores N(+-0.6, 1) and p = 0.55: soft, positive part, best 0/1 rule, no selection.
    score = np.linspace(-9, 9, 200_001)
    density = 0.45 * np.exp(-((score - 0.6) ** 2) / 2), 0.55 * np.exp(-((score + 0.6) ** 2) / 2)
    eta, mass = density[0] / sum(density), sum(density) / sum(density).sum()
    rng = np.random.default_rng(0)
    items = np.repeat(eta, rng.multinomial(400_000, mass))
    hard = max(weighted_information(items > cut, items) for cut in np.linspace(0.5, 0.7, 21))
    found = [
        weighted_information(optimal_weights(items), items),
        weighted_information(optimal_weights(items, nonnegative=True), items),
        hard,
        weighted_information(np.ones(items.size), items),
    ]
    np.testing.assert_allclose(found, [0.2795, 0.1039, 0.0910, 0.0100], atol=1e-3)


def test_weights_are_free_of_scale_and_domain_is_checked():
    assert weighted_information([3e200, 1e200], [0.9, 0.6]) == pytest.approx(
        weighted_information([3, 1], [0.9, 0.6]), rel=1e-15)
    assert weighted_information([0, 0], [0.9, 0.6]) == 0
    assert weighted_information(np.ones((4, 1, 3)), np.full((2, 3), 0.7)).shape == (4, 2)
    with pytest.raises(ValueError, match=r"correctness = 1\.5"):
        optimal_weights(1.5)
    with pytest.raises(ValueError, match="weights = nan"):
        weighted_information([np.nan], [0.5])
    with pytest.raises(ValueError, match="at least one item"):
        weighted_information([], [])
