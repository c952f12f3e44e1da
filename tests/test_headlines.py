"""The papers' main claims from first principles: literal numbers, few imports."""

import math

import numpy as np
import pytest
from scipy import integrate, optimize, stats

import sims
from theory import breakdown, budget, contraction, one_law, pruning, verifier


def test_yang_exponential_growth_is_optimal():
    # sigma = kappa = 1: each round halves the mean, so the sizes should double.
    schedule = budget.optimal_schedule(1023, 10, 1.0, 1.0)
    assert schedule[1:] / schedule[:-1] == pytest.approx(2.0)
    assert schedule.sum() == pytest.approx(1023)

    def variance(sizes):
        v = 0.0
        for n in sizes:
            v = 0.25 * v + 0.5 / n
        return v

    best = optimize.minimize(
        lambda z: variance(1023 * np.exp(z) / np.exp(z).sum()), np.zeros(10), method="BFGS",
        options={"gtol": 1e-12},
    )
    assert variance(schedule) <= best.fun * (1 + 1e-9)
    assert variance(schedule) == pytest.approx(best.fun, rel=1e-5)


def test_yang_selection_shrinks_towards_the_reward():
    # Draw, keep with probability exp(-x^2/8), look: 4/5 of mean 2 and of variance 1.
    rng = np.random.default_rng(1)
    x = rng.normal(2.0, 1.0, 1_000_000)
    kept = x[rng.random(x.size) < np.exp(-(x**2) / 8)]
    assert abs(kept.mean() - 1.6) < 4.5 * kept.std() / math.sqrt(kept.size)
    assert kept.var() == pytest.approx(0.8, rel=4.5 * math.sqrt(2 / kept.size))
    assert budget.shrinkage(1.0, 2.0) == pytest.approx(0.8)


def test_yang_integer_schedule_beats_every_other():
    import itertools

    chosen = budget.integer_schedule(12, 4, 1.0, 1.0)
    cost = [sum(0.25 ** (3 - t) / n for t, n in enumerate(sizes))
            for sizes in itertools.product(range(1, 10), repeat=4) if sum(sizes) == 12]
    assert sum(0.25 ** (3 - t) / n for t, n in enumerate(chosen)) == pytest.approx(min(cost))


def test_gillman_a_corrected_loop_is_stable_at_every_ratio():
    # The mean of a Gaussian: real and corrected synthetic data in the ratio 1 to lambda.
    for ratio, gamma in [(0.5, 0.0), (10.0, 0.0), (1000.0, 1.0)]:
        rate = contraction.sharp_rate(ratio, gamma, [1.0])
        mean = 1.0
        synthetic = mean / (1 + gamma)  # the mean of the corrected law; the real mean is 0
        assert ratio * synthetic / (1 + ratio) == pytest.approx(rate)
        assert rate < 1 / (1 + gamma)
    # The printed condition admits no ratio of one or more.
    assert contraction.max_ratio_printed(1e9) < 1


def test_gillman_the_steady_state_by_simulation():
    found = sims.simulate_correction_loop(
        50, 25, 1.0, 40, dim=2, replicates=4000, rng=np.random.default_rng(7)
    )
    squares = (found.means[:, -1] ** 2).mean(axis=1)
    stderr = squares.std() / math.sqrt(squares.size)
    assert abs(squares.mean() - 0.018427) < 4.5 * stderr + 5e-7
    assert contraction.toy_stationary(50, 25, 1.0).mean_square == pytest.approx(0.018427, abs=5e-7)


def test_feng_breakdown_when_bad_labels_win():
    # 60% of labels wrong; the verifier keeps 90% of right and 30% of wrong ones: 0.36 > 0.18.
    assert breakdown.breakdown_point(0.9, 0.3) == pytest.approx(0.75)
    assert breakdown.majority_probability(2000, 0.36, 0.18) > 1 - 1e-12
    assert breakdown.majority_probability(2000, 0.2 * 0.9, 0.8 * 0.3) < 0.01


def test_feng_breakdown_iff_the_angles_sum_to_pi():
    rng = np.random.default_rng(3)
    points = rng.normal(size=(400_000, 3))
    truth = np.array([0.0, 0.0, 1.0])
    generator = np.array([math.sin(1.9), 0.0, math.cos(1.9)])
    for tilt, good in [(1.1, True), (1.4, False)]:  # 1.9 + 1.1 < pi < 1.9 + 1.4
        pruner = np.array([0.0, math.sin(tilt), math.cos(tilt)])
        label, check, right = (np.sign(points @ w) for w in (generator, pruner, truth))
        kept = label == check
        surplus = ((label == right) & kept).mean() - ((label != right) & kept).mean()
        assert bool(surplus > 0) is good
        rates = pruning.rates_isotropic(1.9, tilt, math.acos(generator @ pruner))
        assert rates.margin == pytest.approx(1 - (1.9 + tilt) / math.pi, abs=1e-12)
        assert abs(surplus - rates.margin) < 4.5 / math.sqrt(400_000)


def test_yi_a_window_contracts_by_its_variance_ratio():
    beta = 1.0
    kept = stats.truncnorm(-beta, beta)
    assert verifier.window_contraction(beta) == pytest.approx(kept.var())
    z = integrate.quad(lambda u: u * stats.norm.pdf(u - 0.7), -1, 1)[0]
    mass = stats.norm.cdf(0.3) - stats.norm.cdf(-1.7)
    assert verifier.window(0.7, beta).mean == pytest.approx(z / mass)


def test_a_finite_budget_acts_like_bias():
    # Best error within a budget, by brute force over rounds and the optimal schedule of each.
    contraction_, noise, initial, total, bias2 = 0.6, 2.0, 1.0, 400.0, 0.05

    def error(rounds):
        x = contraction_**rounds
        spread = noise * ((1 - x) / (1 - contraction_)) ** 2 / total
        return (1 - x) ** 2 * bias2 + x**2 * initial + spread

    best = optimize.minimize_scalar(error, bounds=(0, 60), method="bounded",
                                    options={"xatol": 1e-12})
    formula = 1 / (1 / initial + 1 / (bias2 + noise / (0.4**2 * total)))
    assert best.fun == pytest.approx(formula, rel=1e-9)
    assert one_law.best_error_within(
        contraction_, noise, initial, total, bias2
    ) == pytest.approx(formula)


def test_a_biased_verifier_gives_back_part_of_the_gain():
    stop = one_law.best_stop(0.5, 1.0, 1.0, 100.0, 0.1)
    error = [
        (1 - 0.5**t) ** 2 * 0.1 + 0.25**t * 1.0 + (1 - 0.25**t) * (1.0 / (100 * 0.75))
        for t in range(60)
    ]
    assert min(error) >= stop.minimum
    assert int(np.argmin(error)) in (math.floor(stop.rounds), math.ceil(stop.rounds))
    assert error[-1] - stop.minimum == pytest.approx(stop.reversal)
