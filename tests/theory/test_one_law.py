"""The affine law: round-by-round twins, optimality, dualities, and the families inside it."""

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from theory import budget, one_law

mp.mp.dps = 50


def logs(low, high):
    return st.floats(low, high).map(lambda power: 10.0**power)


SLOPE = st.floats(0.01, 0.999)
SAMPLES = st.lists(logs(-1, 5), min_size=1, max_size=12)


def exact(*values):
    return [mp.mpf(float(value)) for value in values]


def close(got, twin, rtol, atol=0.0):
    return abs(mp.mpf(float(got)) - twin) <= atol + rtol * abs(twin)


def played(contraction, noise, initial, schedule, bias2=0.0):
    """Bias to the truth, spread and mean-square error, round by round."""
    k, c, v, b2 = exact(contraction, noise, initial, bias2)
    bias, spread, errors = mp.mpf(0), v, [v]
    for n in exact(*schedule):
        bias, spread = k * bias + (1 - k) * mp.sqrt(b2), k**2 * spread + c / n
        errors.append(bias**2 + spread)
    return errors


# --- error to the centre -----------------------------------------------------------------------


@given(st.floats(0, 1.2), logs(-3, 3), logs(-3, 3), SAMPLES)
@example(1.0, 1.0, 2.0, [3.0, 4.0])
@example(0.0, 1.0, 2.0, [3.0, 4.0])
@example(0.9, 0.0, 0.0, [3.0, 4.0])
def test_error_follows_the_recursion(contraction, noise, initial, schedule):
    twin = played(contraction, noise, initial, schedule)[-1]
    assert close(one_law.error_after(contraction, noise, initial, schedule), twin, 1e-13)


def test_error_over_long_and_empty_schedules():
    schedule = np.linspace(1, 80, 2000)
    for contraction in (0.5, 0.999, 1 - 1e-9, 1.0):
        twin = played(contraction, 0.7, 3.0, schedule)[-1]
        assert close(one_law.error_after(contraction, 0.7, 3.0, schedule), twin, 1e-12)
    assert one_law.error_after(0.5, 1.0, 2.0, []) == 2.0
    assert one_law.error_after(1e10, 1.0, 2.0, [1.0] * 50) == math.inf
    assert one_law.error_after(1e10, 0.0, 0.0, [1.0] * 50) == 0.0


@given(logs(-2, 2), logs(-2, 2), SAMPLES, st.floats(-3, 3))
def test_rewards_are_a_family(sigma, kappa, schedule, theta0):
    law = one_law.reward_law(sigma, kappa, 3)
    error = one_law.error_after(law.contraction, law.noise, 3 * theta0**2, schedule)
    end = budget.terminal_law([theta0] * 3, schedule, sigma, kappa)
    np.testing.assert_allclose(error, np.sum(end.mean**2) + 3 * end.variance, rtol=1e-10)


@given(st.floats(0.01, 1.5), logs(-2, 8), st.integers(1, 40))
@example(1.0, 10.0, 40)
@example(0.5, 1e300, 2000)
@example(2.0, 10.0, 2000)
def test_best_schedule_is_geometric_and_attains_the_best_error(contraction, total, rounds):
    schedule = one_law.best_schedule(contraction, total, rounds)
    assert schedule.shape == (rounds,)
    np.testing.assert_allclose(schedule.sum(), total, rtol=1e-13)
    k = mp.mpf(contraction)
    unit = mp.mpf(total) / sum(k**j for j in range(rounds))
    for t in range(0, rounds, max(1, rounds // 25)):
        assert close(schedule[t], unit * k ** (rounds - 1 - t), 1e-12, 1e-300)
    worth = sum(k**j for j in range(rounds)) ** 2 / mp.mpf(total)
    if worth < mp.mpf("1e300"):
        assert close(one_law.best_error(contraction, 1.0, total, rounds), worth, 1e-12)
    else:
        assert one_law.best_error(contraction, 1.0, total, rounds) > 1e299


@given(SLOPE, logs(-2, 2), SAMPLES)
def test_no_schedule_is_better(contraction, noise, schedule):
    total, rounds = sum(schedule), len(schedule)
    best = one_law.best_error(contraction, noise, total, rounds)
    assert one_law.error_after(contraction, noise, 0.0, schedule) >= best * (1 - 1e-12)


@given(st.floats(0, 1), st.integers(1, 60))
@example(0.0, 7)
@example(1.0, 7)
@example(1 - 1e-12, 7)
def test_uniform_penalty_is_what_equal_batches_lose(contraction, rounds):
    loss = one_law.uniform_penalty(contraction, rounds)
    equal = one_law.error_after(contraction, 1.0, 0.0, [1 / rounds] * rounds)
    np.testing.assert_allclose(
        loss, equal / one_law.best_error(contraction, 1.0, 1.0, rounds), rtol=1e-11
    )
    assert 1 - 1e-14 <= loss <= rounds * (1 + 1e-14)
    if contraction > 0.1:
        np.testing.assert_allclose(one_law.uniform_penalty(1 / contraction, rounds), loss,
                                   rtol=1e-12)


@given(logs(-1, 1), st.integers(1, 30))
def test_uniform_penalty_is_the_cost_ratio_of_rewards(sigma, rounds):
    rho = budget.shrinkage(sigma, 1.0)
    np.testing.assert_allclose(
        one_law.uniform_penalty(rho, rounds) * budget.cost_ratio(rounds, sigma, 1.0), 1,
        rtol=1e-11,
    )


@given(SLOPE, logs(-2, 2), logs(0, 5))
def test_steady_error_is_the_fixed_point(contraction, noise, n):
    steady = one_law.steady_error(contraction, noise, n)
    again = one_law.error_after(contraction, noise, steady, [n])
    np.testing.assert_allclose(again, steady, rtol=1e-13)


def test_steady_error_at_the_edges():
    assert one_law.steady_error([1.0, 1.5], 1.0, 10.0).tolist() == [math.inf, math.inf]
    assert one_law.steady_error(1.0, 0.0, 10.0) == 0.0
    assert one_law.steady_error(0.9, 1.0, math.inf) == 0.0
    assert one_law.steady_error(1 - 2**-53, 1.0, 1.0) == pytest.approx(2**52, rel=1e-12)


# --- cost --------------------------------------------------------------------------------------


@given(SLOPE, logs(-2, 2), logs(-2, 3), st.integers(1, 40))
def test_minimal_samples_and_best_error_are_dual(contraction, noise, initial, rounds):
    target = initial * contraction**rounds
    assume(target > 1e-250)
    total = one_law.minimal_samples(contraction, noise, initial, target)
    reached = contraction ** (2 * rounds) * initial + one_law.best_error(
        contraction, noise, total, rounds
    )
    np.testing.assert_allclose(reached, target, rtol=1e-9)


@given(SLOPE, logs(-2, 2), logs(-2, 3), logs(-6, -0.01), st.integers(1, 60))
def test_minimal_samples_is_a_lower_bound(contraction, noise, initial, share, rounds):
    target = initial * share
    total = one_law.minimal_samples(contraction, noise, initial, target)
    left = contraction ** (2 * rounds) * initial
    if left < target:
        needed = one_law.best_error(contraction, noise, 1.0, rounds) / (target - left)
        assert needed >= total * (1 - 1e-11)


@given(SLOPE, logs(-2, 2), logs(-2, 3), st.integers(1, 30))
def test_feedback_is_the_optimal_schedule(contraction, noise, initial, rounds):
    assume(contraction**rounds * initial > 1e-250)
    error, schedule = initial, []
    for _ in range(rounds):
        schedule.append(float(one_law.feedback_samples(contraction, noise, error)))
        error = one_law.error_after(contraction, noise, error, schedule[-1:])
    np.testing.assert_allclose(error, contraction**rounds * initial, rtol=1e-10)
    np.testing.assert_allclose(
        schedule, one_law.best_schedule(contraction, sum(schedule), rounds), rtol=1e-9
    )
    np.testing.assert_allclose(
        sum(schedule), one_law.minimal_samples(contraction, noise, initial, error), rtol=1e-7
    )


def test_minimal_samples_at_the_edges():
    assert one_law.minimal_samples(0.5, 1.0, 2.0, 2.0) == 0.0
    assert one_law.minimal_samples(0.5, 1.0, 0.0, 2.0) == 0.0
    assert one_law.minimal_samples([1.0, 1.5], 1.0, 2.0, 1.0).tolist() == [math.inf, math.inf]
    assert one_law.minimal_samples(1.0, 0.0, 2.0, 1.0) == math.inf
    assert one_law.minimal_samples(0.5, 0.0, 2.0, 1.0) == 0.0
    near = one_law.minimal_samples(0.5, 1.0, 2.0, np.nextafter(2.0, 0))
    assert near == pytest.approx(2**-52, rel=1e-12)


@given(SLOPE, logs(-2, 2), logs(-1, 3), logs(-6, -0.001), st.floats(0.3, 3))
def test_constant_batches_are_the_cheapest_equal_ones(contraction, noise, initial, share, factor):
    plan = one_law.constant_batches(contraction, noise, initial, initial * share)
    k, c, v, eps = exact(contraction, noise, initial, initial * share)

    def cost(rounds):
        w = k ** (2 * mp.mpf(float(rounds)))
        return rounds * c * (1 - w) / ((1 - k**2) * (eps - w * v)) if w * v < eps else mp.inf

    assert close(plan.total, cost(float(plan.rounds)), 1e-9)
    assert plan.rounds >= 1
    for other in (factor, 0.97, 1.03):
        assert cost(max(1.0, float(plan.rounds * other))) >= plan.total * (1 - 1e-10)
    if plan.rounds > 1.1:
        # the cost is flat to first order there
        flat = cost(float(plan.rounds * 1.0001)) / cost(float(plan.rounds * 0.9999)) - 1
        assert abs(flat) < 1e-7
    free = one_law.minimal_samples(contraction, noise, initial, initial * share)
    assert plan.total >= free * (1 - 1e-12)


def test_constant_batches_at_the_edges():
    plan = one_law.constant_batches(0.5, 1.0, [2.0, 1e300], [3.0, 1e-300])
    assert (plan.total[0], plan.rounds[0]) == (0.0, 0.0)
    assert np.isfinite(plan.rounds[1])
    assert one_law.constant_batches(0.5, 0.0, 2.0, 1.0).total == 0.0


# --- noise and price by round ------------------------------------------------------------------


@given(st.floats(0.05, 1.3), st.lists(st.tuples(logs(-2, 2), logs(-2, 2)), min_size=1, max_size=9),
       logs(0, 5), st.randoms())
def test_weighted_schedule_is_the_best(contraction, rounds, money, random):
    noise, price = np.array(rounds).T
    schedule = one_law.weighted_schedule(contraction, noise, price, money)
    least = one_law.weighted_error(contraction, noise, price, money)
    np.testing.assert_allclose(schedule @ price, money, rtol=1e-12)
    attained = one_law.error_after(contraction, 1.0, 0.0, schedule / noise)
    np.testing.assert_allclose(attained, least, rtol=1e-11)
    shares = np.array([random.random() for _ in price]) + 1e-3
    rival = money * shares / shares.sum() / price
    assert one_law.error_after(contraction, 1.0, 0.0, rival / noise) >= least * (1 - 1e-12)


def test_weighted_schedule_has_the_plain_one_inside():
    weighted = one_law.weighted_schedule(0.7, [2.0] * 6, 1.0, 90.0)
    np.testing.assert_allclose(weighted, one_law.best_schedule(0.7, 90.0, 6), rtol=1e-13)
    least = one_law.weighted_error(0.7, [2.0] * 6, 1.0, 90.0)
    np.testing.assert_allclose(least, one_law.best_error(0.7, 2.0, 90.0, 6), rtol=1e-13)
    assert one_law.weighted_schedule(0.7, [0.0, 1.0], 2.0, 90.0).tolist() == [0.0, 45.0]


def test_pruning_noise_needs_square_root_growth():
    # noise that dies like K^t: n_t grows like K^(-t/2)
    schedule = one_law.weighted_schedule(0.25, 0.25 ** np.arange(6.0), 1.0, 63.0)
    np.testing.assert_allclose(schedule, 2.0 ** np.arange(6), rtol=1e-13)


# --- families ----------------------------------------------------------------------------------


def test_selection_noise_is_the_slope():
    law, rewards = one_law.selection_law(0.8, 1.0, 4), one_law.reward_law(1.0, 2.0, 4)
    assert law.contraction == rewards.contraction == 0.8
    assert law.noise == pytest.approx(3.2, rel=1e-14)
    assert rewards.noise == pytest.approx(3.2, rel=1e-14)


def test_fresh_correction_law_of_a_simulated_round():
    # Null: E|delta'|^2 = K^2 V + c/n for batches of n real and lambda n corrected samples.
    rng, replicates, n, ratio, gamma, start = np.random.default_rng(9), 60_000, 6, 2, 0.7, 1.5
    law = one_law.fresh_correction_law(ratio, gamma, n, 1.0, 1)
    real = rng.standard_normal((replicates, n))
    switched = rng.random((replicates, ratio * n)) < gamma / (1 + gamma)
    synthetic = np.where(switched, 0.0, start) + rng.standard_normal((replicates, ratio * n))
    squares = ((real.sum(1) + synthetic.sum(1)) / (n * (1 + ratio))) ** 2
    error = squares.std(ddof=1) / math.sqrt(replicates)
    expect = one_law.error_after(law.contraction, law.noise, start**2, [n])
    assert abs(squares.mean() - expect) / error < 4.5
    bad = one_law.error_after(1.02 * law.contraction, law.noise, start**2, [n])
    assert abs(squares.mean() - bad) / error > 4.5
    bad = one_law.error_after(law.contraction, 1.1 * law.noise, start**2, [n])
    assert abs(squares.mean() - bad) / error > 4.5


@given(logs(-2, 2), logs(-2, 2), logs(0, 4))
def test_fresh_correction_law_matches_total_variance(ratio, gamma, n):
    law = one_law.fresh_correction_law(ratio, gamma, n, 1.0, 1)
    lam, g, size = exact(ratio, gamma, n)
    mean = lam / (1 + lam) / (1 + g)
    lottery = lam * g / (size * (1 + lam) ** 2 * (1 + g) ** 2)
    assert close(law.contraction, mp.sqrt(mean**2 + lottery), 1e-13)
    assert close(law.noise, 1 / (1 + lam), 1e-13)
    # a steady state at the fresh data's own precision when nothing is synthetic
    alone = one_law.fresh_correction_law(0.0, gamma, n, 2.0, 3)
    assert (alone.contraction, alone.noise) == (0.0, 12.0)


@given(st.floats(0.001, 0.999), st.floats(0.01, 1), st.floats(0.01, 1), st.integers(0, 30))
def test_pruning_multiplies_the_odds(p, phi, psi, rounds):
    rate = p
    for _ in range(rounds):
        rate = one_law.prune_round(rate, phi, psi)
    odds = mp.mpf(p) / (1 - mp.mpf(p)) * (mp.mpf(psi) / mp.mpf(phi)) ** rounds
    assert close(one_law.prune_rounds(p, phi, psi, rounds), odds / (1 + odds), 1e-12)
    np.testing.assert_allclose(rate, float(odds / (1 + odds)), rtol=1e-11, atol=1e-300)
    # right and wrong are interchangeable
    other = one_law.prune_round(1 - p, psi, phi)
    np.testing.assert_allclose(one_law.prune_round(p, phi, psi), 1 - other, rtol=1e-9)


def test_pruning_edges():
    assert one_law.prune_round(0.0, 0.5, 0.5) == 0.0
    assert one_law.prune_round(1.0, 0.5, 0.5) == 1.0
    assert one_law.prune_round(0.4, 1.0, 0.0) == 0.0
    assert one_law.prune_round(0.4, 0.0, 0.1) == 1.0
    assert one_law.prune_rounds(0.4, 1.0, 0.5, 10**9) == 0.0
    breakdown = 1 / (1 + 0.3 / 0.9)
    assert one_law.prune_round(breakdown, 0.9, 0.3) == pytest.approx(0.5, rel=1e-14)


# --- domains and shapes ------------------------------------------------------------------------

SLOPES, NOISES = np.array([[0.3], [0.9]]), np.array([0.1, 1.0, 5.0])


@pytest.mark.parametrize(
    ("call", "tail"),
    [
        (lambda k, c: one_law.error_after(k, c, 2.0, [3.0, 4.0]), ()),
        (lambda k, c: one_law.best_schedule(k, 10 * c, 4), (4,)),
        (lambda k, c: one_law.best_error(k, c, 10.0, 4), ()),
        (lambda k, c: one_law.uniform_penalty(k * c / c, 4), ()),
        (lambda k, c: one_law.steady_error(k, c, 10.0), ()),
        (lambda k, c: one_law.minimal_samples(k, c, 2.0, 0.1), ()),
        (lambda k, c: one_law.feedback_samples(k, c, 0.1), ()),
        (lambda k, c: one_law.constant_batches(k, c, 2.0, 0.1).total, ()),
        (lambda k, c: one_law.constant_batches(k, c, 2.0, 0.1).rounds + 0 * c, ()),
        (lambda k, c: one_law.weighted_schedule(k, [1.0, 2.0], 1.0, c), (2,)),
        (lambda k, c: one_law.weighted_error(k, [1.0, 2.0], 1.0, c), ()),
        (lambda k, c: one_law.selection_law(k, c, 2).noise, ()),
        (lambda k, c: one_law.reward_law(k, c, 2).contraction, ()),
        (lambda k, c: one_law.fresh_correction_law(k, c, 10, 1.0, 2).contraction, ()),
        (lambda k, c: one_law.fresh_correction_law(k, c, 10, 1.0, 2).noise, ()),
        (lambda k, c: one_law.prune_round(k, c / 5, 0.5), ()),
        (lambda k, c: one_law.prune_rounds(k, c / 5, 0.5, 3), ()),
    ],
)
def test_arguments_broadcast(call, tail):
    together = call(SLOPES, NOISES)
    assert together.shape == (2, 3, *tail)
    for i, j in np.ndindex(2, 3):
        alone = call(SLOPES[i, 0], NOISES[j])
        assert np.shape(alone) == tail
        np.testing.assert_allclose(together[i, j], alone, rtol=1e-14)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("error_after", (-0.1, 1.0, 1.0, [1.0]), r"contraction = -0.1: must lie in \[0, inf\)"),
        ("error_after", (0.5, 1.0, 1.0, [0.0]), r"schedule = 0: must lie in \(0, inf\)"),
        ("error_after", (0.5, -1.0, 1.0, [1.0]), "noise = -1"),
        ("best_schedule", (0.5, 0.0, 3), "total = 0"),
        ("best_schedule", (0.5, 1.0, 0), "rounds = 0"),
        ("best_error", (0.5, 1.0, 1.0, -1), "rounds = -1"),
        ("uniform_penalty", (math.nan, 1), "contraction = nan"),
        ("steady_error", (0.5, 1.0, 0.0), r"n = 0: must lie in \(0, inf\]"),
        ("minimal_samples", (0.5, 1.0, 1.0, 0.0), "target = 0"),
        ("feedback_samples", (1.0, 1.0, 1.0), r"contraction = 1: must lie in \(0, 1\)"),
        ("constant_batches", (0.0, 1.0, 1.0, 0.1), "contraction = 0"),
        ("weighted_schedule", (0.5, [0.0, 0.0], 1.0, 1.0), "noise = 0"),
        ("weighted_error", (0.5, [1.0, 0.0], [1.0, 0.0], 1.0), "price = 0"),
        ("selection_law", (1.1, 1.0, 1), "contraction = 1.1"),
        ("reward_law", (1.0, 1.0, 0), "dim = 0"),
        ("fresh_correction_law", (-1.0, 1.0, 1, 1.0, 1), "synthetic_ratio = -1"),
        ("prune_round", (1.1, 1.0, 1.0), r"p = 1.1: must lie in \[0, 1\]"),
        ("prune_round", (0.0, 0.0, 1.0), "nothing is kept"),
        ("prune_round", (0.5, 1.1, 1.0), r"phi = 1.1: must lie in \[0, 1\]"),
        ("prune_round", (0.5, 1.0, 1.1), r"psi = 1.1: must lie in \[0, 1\]"),
        ("prune_rounds", (0.5, 0.0, 1.0, 1), "phi = 0"),
        ("prune_rounds", (1.0, 0.5, 1.0, 1), r"p = 1: must lie in \(0, 1\)"),
        ("prune_rounds", (0.5, 0.5, 1.1, 1), r"psi = 1.1: must lie in \(0, 1\]"),
    ],
)
def test_domains(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(one_law, name)(*arguments)
