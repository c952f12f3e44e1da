"""Selection, reward and schedules: laws, high-precision twins, a true rejection sampler."""

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from theory import budget

mp.mp.dps = 50


def logs(low, high):
    """Floats spread evenly over the decades from 10^low to 10^high."""
    return st.floats(low, high).map(lambda power: 10.0**power)


WIDTH, TOTAL, ROUNDS = logs(-6, 6), logs(-3, 12), st.integers(1, 40)
SAMPLES = st.lists(logs(-2, 6), min_size=1, max_size=12)


def close(got, expect, rtol, atol=0.0):
    return abs(mp.mpf(float(got)) - expect) <= atol + rtol * abs(expect)


def exact(*values):
    return [mp.mpf(float(value)) for value in values]


def recursion(theta0, schedule, sigma, kappa):
    """Mean and variance after the rounds, by addition of precisions round by round."""
    mean, variance = mp.mpf(float(theta0)), mp.mpf(0)
    sigma, kappa = exact(sigma, kappa)
    for n in exact(*schedule):
        precision = 1 / sigma**2 + 1 / kappa**2
        pull = (1 / sigma**2) / precision
        mean, variance = pull * mean, pull**2 * variance + 1 / precision / n
    return mean, variance


# --- one selection, and many -------------------------------------------------------------------


@given(WIDTH, WIDTH)
@example(1e-200, 1e200)
@example(1e200, 1e-200)
def test_shrinkage_and_growth_are_inverse(sigma, kappa):
    twin = 1 + (exact(sigma)[0] / exact(kappa)[0]) ** 2
    assert close(budget.shrinkage(sigma, kappa), 1 / twin, 1e-14, 1e-300)
    if twin < 1e300:
        assert close(budget.growth_factor(sigma, kappa), twin, 1e-14)
    else:
        assert budget.growth_factor(sigma, kappa) == math.inf


@given(st.floats(-5, 5), WIDTH, WIDTH)
def test_selected_law_is_the_posterior(theta, sigma, kappa):
    law = budget.selected_law(theta, sigma, kappa)
    mean, variance = recursion(theta, [1], sigma, kappa)
    assert close(law.mean[0], mean, 1e-13, 1e-300)
    assert close(law.variance, variance, 1e-13)


@given(st.floats(-5, 5), SAMPLES, WIDTH, WIDTH)
@example(2.0, [1.0, 1.0, 1e6], 1e-6, 1.0)
@example(2.0, [1e6, 1.0, 1e-2], 1.0, 1e-6)
def test_terminal_law_follows_the_recursion(theta0, schedule, sigma, kappa):
    law = budget.terminal_law(theta0, schedule, sigma, kappa)
    mean, variance = recursion(theta0, schedule, sigma, kappa)
    assert close(law.mean[0], mean, 1e-13, 1e-300)
    assert close(law.variance, variance, 1e-13)
    assert law.variance == budget.terminal_variance(schedule, sigma, kappa)


def test_long_schedules_stay_accurate():
    schedule = np.linspace(3, 70, 2000)
    for sigma, kappa in [(1.0, 3.0), (0.01, 1.0), (1e-6, 1.0), (1e6, 1.0)]:
        mean, variance = recursion(1.0, schedule, sigma, kappa)
        law = budget.terminal_law(1.0, schedule, sigma, kappa)
        assert close(law.variance, variance, 1e-12)
        assert close(law.mean[0], mean, 1e-12, 1e-300)


def test_no_round_is_a_point_mass():
    law = budget.terminal_law([1.5, -0.5], [], 1.0, 2.0)
    assert law.mean.tolist() == [1.5, -0.5]
    assert law.variance == 0.0


@given(SAMPLES, WIDTH, WIDTH, logs(-3, 3))
def test_law_scales_with_the_unit(schedule, sigma, kappa, unit):
    plain = budget.terminal_law(0.7, schedule, sigma, kappa)
    scaled = budget.terminal_law(0.7 * unit, schedule, sigma * unit, kappa * unit)
    np.testing.assert_allclose(scaled.mean, plain.mean * unit, rtol=1e-12)
    np.testing.assert_allclose(scaled.variance, plain.variance * unit**2, rtol=1e-12)


@given(SAMPLES, SAMPLES, WIDTH, WIDTH)
def test_law_composes_over_rounds(first, second, sigma, kappa):
    whole = budget.terminal_law(1.3, first + second, sigma, kappa)
    middle = budget.terminal_law(1.3, first, sigma, kappa)
    end = budget.terminal_law(middle.mean, second, sigma, kappa)
    rho = float(budget.shrinkage(sigma, kappa))
    np.testing.assert_allclose(whole.mean, end.mean, rtol=1e-12, atol=1e-300)
    carried = end.variance + rho ** (2 * len(second)) * middle.variance
    np.testing.assert_allclose(whole.variance, carried, rtol=1e-11)


def sample_loop(theta0, schedule, sigma, kappa, replicates, rng):
    """Propose, reject and refit, in one dimension; parameters and proposals of the last round."""
    theta = np.full(replicates, float(theta0))
    for n in schedule:
        total, kept, proposals = np.zeros((3, replicates))
        while (active := np.flatnonzero(kept < n)).size:
            x = theta[active] + sigma * rng.standard_normal(active.size)
            hit = rng.random(active.size) < np.exp(-(x**2) / (2 * kappa**2))
            proposals[active] += 1
            kept[active] += hit
            total[active] += hit * x
        theta = total / n
    return theta, proposals


def z_scores(sample, mean, variance):
    """Return how many standard errors mean and variance of a normal sample are off."""
    size = sample.size
    z_mean = (sample.mean() - mean) / math.sqrt(variance / size)
    z_variance = (sample.var(ddof=1) / variance - 1) / math.sqrt(2 / (size - 1))
    return abs(z_mean), abs(z_variance)


def test_rejection_sampler_has_the_terminal_law():
    # Null: theta_T ~ N(mean, variance); |z| < 4.5 each. 120,000 replicates see 2% in variance.
    sigma, kappa, schedule = 1.0, 1.2, [2, 4]
    theta, _ = sample_loop(2.0, schedule, sigma, kappa, 120_000, np.random.default_rng(20250))
    law = budget.terminal_law(2.0, schedule, sigma, kappa)
    assert max(z_scores(theta, law.mean[0], law.variance)) < 4.5
    assert z_scores(theta, law.mean[0], 1.02 * law.variance)[1] > 4.5
    assert z_scores(theta, 1.02 * law.mean[0], law.variance)[0] > 4.5


def test_rejection_sampler_needs_the_expected_proposals():
    # Null: proposals of round 2 average n E[1/a(theta_1)]; standard error from the sample.
    sigma, kappa, schedule = 1.0, 1.2, [4, 5]
    _, proposals = sample_loop(1.0, schedule, sigma, kappa, 100_000, np.random.default_rng(7))
    before = budget.terminal_law(1.0, schedule[:1], sigma, kappa)
    expect = 5 * budget.proposals_per_kept(before.mean, before.variance, sigma, kappa)
    error = proposals.std(ddof=1) / math.sqrt(proposals.size)
    assert abs(proposals.mean() - expect) / error < 4.5
    assert abs(proposals.mean() - 1.02 * expect) / error > 4.5


# --- reward ------------------------------------------------------------------------------------


def normal_average(function, mean, variance):
    """Average of a function over N(mean, variance), by quadrature."""
    deviation = mp.sqrt(variance)
    return mp.quad(
        lambda z: mp.npdf(z) * function(mean + deviation * z), [-14, -7, -2, 0, 2, 7, 14]
    )


@pytest.mark.parametrize(
    ("mean", "variance", "sigma", "kappa"),
    [([0.5], 0.3, 1.0, 2.0), ([1.0, -2.0], 0.1, 0.5, 0.7), ([0.0, 1.0, 3.0], 2.5, 1.5, 1.0)],
)
def test_expected_reward_is_an_average(mean, variance, sigma, kappa):
    spread, width = exact(sigma)[0] ** 2 + exact(variance)[0], exact(kappa)[0]
    twin = mp.mpf(1)
    for coordinate in exact(*mean):
        twin *= normal_average(lambda x: mp.exp(-((x / width) ** 2) / 2), coordinate, spread)
    assert close(budget.expected_reward(mean, variance, sigma, kappa), twin, 1e-13)
    best = budget.optimal_reward(sigma, kappa, len(mean))
    assert close(budget.relative_gap(mean, variance, sigma, kappa), 1 - twin / best, 1e-12)


@pytest.mark.parametrize(("mean", "variance"), [([0.4], 0.3), ([1.0, -2.0], 0.9), ([0.5], 2.5)])
def test_proposals_are_the_average_inverse_acceptance(mean, variance):
    sigma, kappa = 1.1, 1.3
    total = exact(sigma)[0] ** 2 + exact(kappa)[0] ** 2
    twin = mp.sqrt(total / exact(kappa)[0] ** 2) ** len(mean)
    for coordinate in exact(*mean):
        shift = coordinate * total / (total - exact(variance)[0])  # centre of the tilted law
        deviation = mp.sqrt(exact(variance)[0])
        width = mp.sqrt(1 / (1 / exact(variance)[0] - 1 / total))
        twin *= mp.quad(
            lambda x, c=coordinate, s=deviation: mp.npdf(x, c, s) * mp.exp(x**2 / (2 * total)),
            [shift + width * k for k in range(-14, 15, 2)],
        )
    assert close(budget.proposals_per_kept(mean, variance, sigma, kappa), twin, 1e-12)


@given(logs(-3, 3), logs(-3, 3), st.floats(0, 3), logs(-14, 2))
def test_relative_gap_has_no_cancellation(sigma, kappa, distance, variance):
    s, k, m, v = exact(sigma, kappa, distance, variance)
    total = s**2 + k**2
    ratio = mp.sqrt(total / (total + v)) * mp.exp(-(m**2) / (2 * (total + v)))
    assert close(budget.relative_gap(distance, variance, sigma, kappa), 1 - ratio, 1e-12)


@given(st.lists(st.floats(-8, 8), min_size=1, max_size=4), logs(-2, 2), logs(-2, 2), logs(-3, 3))
def test_best_variance_maximises_the_reward(mean, sigma, kappa, other):
    best = budget.best_variance(mean, sigma, kappa)
    top = budget.expected_reward(mean, best, sigma, kappa)
    assert budget.expected_reward(mean, other, sigma, kappa) <= top * (1 + 1e-12)
    assert budget.expected_reward(mean, best * 1.1, sigma, kappa) <= top * (1 + 1e-12)


def test_noise_can_help_a_far_start():
    # One sample beats twenty when the start is five widths away.
    few = budget.terminal_law(5.0, [1], 1.0, 1.0)
    many = budget.terminal_law(5.0, [20], 1.0, 1.0)
    assert round(float(budget.expected_reward(few.mean, few.variance, 1, 1)), 4) == 0.1812
    assert round(float(budget.expected_reward(many.mean, many.variance, 1, 1)), 4) == 0.1502


def test_proposals_diverge_at_the_total_variance():
    finite = budget.proposals_per_kept([0.0], np.nextafter(5.0, 0.0), 1.0, 2.0)
    slack = 5 - exact(np.nextafter(5.0, 0.0))[0]
    assert close(finite, mp.sqrt(25 / (4 * slack)), 1e-12)
    assert budget.proposals_per_kept([0.0], 5.0, 1.0, 2.0) == math.inf
    assert budget.proposals_per_kept([0.0], 1e300, 1.0, 2.0) == math.inf
    sigma, kappa = 0.1, 0.2
    assert budget.proposals_per_kept(0.0, sigma**2 + kappa**2, sigma, kappa) == math.inf


def test_reward_at_the_extremes():
    assert budget.expected_reward(np.zeros(1000), 0.0, 1e-6, 1.0) == pytest.approx(
        float(mp.mpf("0.9999999995000000001252500452309296514452")), rel=1e-13
    )
    assert budget.expected_reward([1e200], 1e300, 1e-150, 1e200) == pytest.approx(math.exp(-0.5))
    assert budget.expected_reward([1e200], 0.0, 1.0, 1.0) == 0.0
    assert close(budget.expected_reward([0.0], 0.0, 1e100, 1e-100), mp.mpf(10) ** -200, 1e-12)
    assert budget.relative_gap([0.0], 0.0, 1.0, 1.0) == 0.0
    assert budget.relative_gap([1e200], 0.0, 1.0, 1.0) == 1.0


# --- schedules ---------------------------------------------------------------------------------


def all_schedules(total, rounds, sigma, kappa):
    yield budget.constant_schedule(total, rounds)
    yield budget.linear_schedule(total, rounds)
    yield budget.polynomial_schedule(total, rounds, 2.5)
    yield budget.exponential_schedule(total, rounds, 1.3)
    yield budget.optimal_schedule(total, rounds, sigma, kappa)


@given(TOTAL, st.sampled_from([1, 2, 7, 2000]), WIDTH, WIDTH)
@example(1e30, 2000, 1.0, 1.0)
@example(1e-3, 1, 1e-6, 1e6)
def test_schedules_sum_to_the_total(total, rounds, sigma, kappa):
    for schedule in all_schedules(total, rounds, sigma, kappa):
        assert schedule.shape == (rounds,)
        assert np.all(schedule >= 0)
        np.testing.assert_allclose(schedule.sum(), total, rtol=1e-13)


@given(TOTAL, ROUNDS, st.floats(-5, 5))
def test_polynomial_schedule_is_a_power(total, rounds, power):
    weight = [mp.mpf(t) ** mp.mpf(power) for t in range(1, rounds + 1)]
    schedule = budget.polynomial_schedule(total, rounds, power)
    for n, w in zip(schedule, weight):
        assert close(n, total * w / sum(weight), 1e-12)


def test_polynomial_schedule_contains_its_relatives():
    for rounds in (1, 5, 300):
        constant, linear = (budget.polynomial_schedule(80, rounds, a) for a in (0, 1))
        np.testing.assert_allclose(constant, budget.constant_schedule(80, rounds), rtol=1e-13)
        np.testing.assert_allclose(linear, budget.linear_schedule(80, rounds), rtol=1e-13)
    assert budget.polynomial_schedule(80, 1000, 1e4)[-1] == pytest.approx(80, rel=1e-4)
    assert np.isfinite(budget.polynomial_schedule(80, 1000, -1e4)).all()


@given(TOTAL, ROUNDS, logs(-3, 3))
@example(1.0, 40, 1.0)
@example(1.0, 2000, 1.0001)
def test_exponential_schedule_is_geometric(total, rounds, growth):
    weight = [mp.mpf(growth) ** t for t in range(rounds)]
    unit = mp.mpf(total) / sum(weight)
    schedule = budget.exponential_schedule(total, rounds, growth)
    for n, w in zip(schedule, weight):
        assert close(n, unit * w, 1e-11, 1e-300)


@given(TOTAL, ROUNDS, WIDTH, WIDTH)
@example(1e3, 2000, 1.0, 1.0)
@example(1e300, 60, 1e6, 1.0)
def test_optimal_schedule_and_its_variance(total, rounds, sigma, kappa):
    s, k, c = exact(sigma, kappa, total)
    alpha = 1 + (s / k) ** 2
    schedule = budget.optimal_schedule(total, rounds, sigma, kappa)
    twin = [c * (alpha - 1) * alpha**t / (alpha**rounds - 1) for t in range(rounds)]
    for n, expect in zip(schedule[:: max(1, rounds // 20)], twin[:: max(1, rounds // 20)]):
        assert close(n, expect, 1e-11, 1e-300)
    least = 0  # from the schedule itself, not from the closed form
    for expect in twin:
        least = least / alpha**2 + s**2 / alpha / expect
    assert close(budget.optimal_variance(total, rounds, sigma, kappa), least, 1e-12)


@given(SAMPLES, logs(-2, 2), logs(-2, 2))
def test_regret_is_the_relative_excess(schedule, sigma, kappa):
    rounds = len(schedule)
    s, k = exact(sigma, kappa)
    alpha, total = 1 + (s / k) ** 2, sum(exact(*schedule))
    best = s**2 / alpha / total * ((1 - alpha**-rounds) / (1 - 1 / alpha)) ** 2
    excess = recursion(0.0, schedule, sigma, kappa)[1] / best - 1
    regret = budget.variance_regret(schedule, sigma, kappa)
    assert regret >= 0
    assert close(regret, excess, 1e-9, 1e-20)


@given(TOTAL, ROUNDS, WIDTH, WIDTH)
def test_the_optimum_has_no_regret_and_is_scale_free(total, rounds, sigma, kappa):
    schedule = budget.optimal_schedule(total, rounds, sigma, kappa)
    np.testing.assert_allclose(
        schedule, budget.optimal_schedule(total, rounds, 8 * sigma, 8 * kappa), rtol=1e-13
    )
    if schedule[0] > 0:
        assert budget.variance_regret(schedule, sigma, kappa) < 1e-25


def test_optimal_schedule_limits():
    weak = budget.optimal_schedule(90, 9, 1e-200, 1e200)
    np.testing.assert_allclose(weak, 10.0, rtol=1e-14)
    assert budget.optimal_variance(90, 9, 1e-9, 1.0) == pytest.approx(81e-18 / 90, rel=1e-12)
    assert budget.optimal_schedule(90, 9, 1.0, 1e-200)[-1] == 90
    assert budget.optimal_variance(90, 10**6, 1.0, 1.0) == pytest.approx(2 / 90, rel=1e-14)
    assert budget.optimal_variance(90, 0, 1.0, 1.0) == 0


def test_each_prefix_of_growth_at_alpha_is_optimal():
    path = 3 * 1.25 ** np.arange(30)
    for rounds in (1, 2, 10, 30):
        assert budget.variance_regret(path[:rounds], 1.0, 2.0) < 1e-25
    assert budget.variance_regret(3 * 1.27 ** np.arange(2), 1.0, 2.0) > 1e-5


# --- schedules with a floor or with prices -----------------------------------------------------


@given(st.floats(0, 6), st.integers(1, 30), logs(-2, 1), logs(-1, 1), st.randoms())
def test_floored_schedule_is_the_best_above_one(excess, rounds, sigma, kappa, random):
    total = rounds + math.expm1(excess)
    schedule = budget.floored_schedule(total, rounds, sigma, kappa)
    assert np.all(schedule >= 1)
    np.testing.assert_allclose(schedule.sum(), total, rtol=1e-12)
    best = budget.terminal_variance(schedule, sigma, kappa)
    shares = np.array([random.random() for _ in range(rounds)]) + 1e-3
    rival = 1 + (total - rounds) * shares / shares.sum()
    for mix in (1.0, 1e-2):
        other = (1 - mix) * schedule + mix * rival
        assert budget.terminal_variance(other, sigma, kappa) >= best * (1 - 1e-13)


def test_floor_binds_exactly_when_the_horizon_is_long():
    total = 20.0
    limit = math.log(1 + total) / math.log(2)  # alpha = 2
    for rounds in range(1, 10):
        free = budget.optimal_schedule(total, rounds, 1.0, 1.0)
        floored = budget.floored_schedule(total, rounds, 1.0, 1.0)
        assert np.allclose(free, floored, rtol=1e-12) == (rounds <= limit)
    assert budget.floored_schedule(7, 7, 1.0, 1.0).tolist() == [1.0] * 7


@pytest.mark.parametrize("sigma", [0.3, 1.0, 1.7])
@pytest.mark.parametrize("rounds", [2, 5, 9])
def test_floored_schedule_satisfies_its_optimality_conditions(rounds, sigma):
    alpha = 1 + sigma**2
    for total in np.linspace(rounds, 12 * rounds, 150):
        schedule = budget.floored_schedule(total, rounds, sigma, 1.0)
        assert schedule.sum() == pytest.approx(total, rel=1e-13)
        # rounds above the floor share one marginal value; those on it have less
        value = alpha ** np.arange(rounds) / schedule
        free = schedule > 1 + 1e-12
        if free.any():
            np.testing.assert_allclose(value[free], value[free].max(), rtol=1e-12)
            assert np.all(value[~free] <= value[free].max() * (1 + 1e-12))


PRICES = st.tuples(logs(-2, 2), logs(-2, 2)) | st.sampled_from([(1.0, 0.0), (0.0, 1.0)])


@given(logs(0, 9), st.integers(1, 12), st.lists(st.floats(-3, 3), min_size=1, max_size=4),
       logs(-1, 1), logs(-0.5, 1), PRICES)
def test_priced_schedule_is_stationary_and_spends_the_budget(
    money, rounds, theta0, sigma, kappa, prices
):
    schedule = budget.priced_schedule(money, rounds, theta0, sigma, kappa, *prices)
    rho = float(budget.shrinkage(sigma, kappa))
    mean = rho ** np.arange(rounds)[:, None] * np.array(theta0)
    price = prices[1] + prices[0] / budget.expected_reward(mean, 0.0, sigma, kappa)
    np.testing.assert_allclose(schedule @ price, money, rtol=1e-11)
    # at an interior optimum each coin lowers the variance equally
    per_coin = rho ** (2 * np.arange(rounds)[::-1]) / schedule**2 / price
    np.testing.assert_allclose(per_coin, per_coin[0], rtol=1e-9)


def test_priced_schedule_without_generation_is_optimal():
    priced = budget.priced_schedule(600, 8, [2.0, 1.0], 1.0, 2.0, 0.0, 3.0)
    np.testing.assert_allclose(priced, budget.optimal_schedule(200, 8, 1.0, 2.0), rtol=1e-12)


def test_priced_growth_starts_above_alpha_and_falls():
    schedule = budget.priced_schedule(1e6, 5, [2 * math.sqrt(2)], 1.0, 1.0, 1.0, 0.2)
    growth = schedule[1:] / schedule[:-1]
    assert growth.round(2).tolist() == [4.10, 2.37, 2.08, 2.02]
    assert np.all(np.diff(growth) < 0)
    assert growth[-1] > 2


def test_priced_schedule_far_away_and_in_many_dimensions():
    wide = budget.priced_schedule(1e9, 5, np.full(1000, 0.1), 1.0, 1.0, 1.0, 1.0)
    assert np.all(np.isfinite(wide))
    assert np.all(wide > 0)
    assert budget.priced_schedule(1e9, 3, [1e200], 1.0, 1.0, 1.0, 1.0).tolist() == [0, 0, 0]


# --- domains and shapes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("shrinkage", (0.0, 1.0), r"sigma = 0: must lie in \(0, inf\)"),
        ("growth_factor", (1.0, math.nan), r"kappa = nan"),
        ("terminal_variance", ([3, 0], 1.0, 1.0), r"schedule = 0: must lie in \(0, inf\)"),
        ("terminal_law", ([math.inf], [1], 1.0, 1.0), r"theta0 = inf"),
        ("terminal_law", ([], [1], 1.0, 1.0), r"theta0 has shape \(0,\)"),
        ("expected_reward", ([0.0], -1.0, 1.0, 1.0), r"variance = -1: must lie in \[0, inf\)"),
        ("optimal_reward", (1.0, 1.0, 0), r"dim = 0: must be a whole number >= 1"),
        ("optimal_reward", (1.0, 1.0, 2.5), r"dim = 2.5"),
        ("constant_schedule", (0.0, 3), r"total = 0"),
        ("linear_schedule", (10.0, 0), r"rounds = 0: must be a whole number >= 1"),
        ("linear_schedule", (10.0, [3, 4]), r"rounds has shape \(2,\)"),
        ("polynomial_schedule", (10.0, 3, math.inf), r"power = inf"),
        ("exponential_schedule", (10.0, 3, 0.0), r"growth = 0"),
        ("optimal_schedule", (-1.0, 3, 1.0, 1.0), r"total = -1"),
        ("optimal_variance", (10.0, -1, 1.0, 1.0), r"rounds = -1"),
        ("floored_schedule", (2.5, 3, 1.0, 1.0), r"total = 2.5: must lie in \[3, inf\)"),
        ("priced_schedule", (1.0, 3, [0.0], 1.0, 1.0, 0.0, 0.0), r"price_train = 0"),
        ("priced_schedule", (1.0, 3, [0.0], 1.0, 1.0, -1.0, 1.0), r"price_generate = -1"),
    ],
)
def test_domains(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(budget, name)(*arguments)


SIGMA, KAPPA = np.array([[0.5], [2.0]]), np.array([1.0, 3.0, 0.2])


@pytest.mark.parametrize(
    ("call", "tail"),
    [
        (lambda s, k: budget.shrinkage(s, k), ()),
        (lambda s, k: budget.growth_factor(s, k), ()),
        (lambda s, k: budget.selected_law([1.0, 2.0], s, k).mean, (2,)),
        (lambda s, k: budget.selected_law([1.0, 2.0], s, k).variance, ()),
        (lambda s, k: budget.terminal_law([1.0, 2.0], [3, 4, 5], s, k).mean, (2,)),
        (lambda s, k: budget.terminal_law([1.0, 2.0], [3, 4, 5], s, k).variance, ()),
        (lambda s, k: budget.expected_reward([1.0, 2.0], 0.3, s, k), ()),
        (lambda s, k: budget.relative_gap([1.0, 2.0], 0.3, s, k), ()),
        (lambda s, k: budget.best_variance([1.0, 2.0], s, k), ()),
        (lambda s, k: budget.optimal_reward(s, k, 3), ()),
        (lambda s, k: budget.proposals_per_kept([1.0, 2.0], 0.3, s, k), ()),
        (lambda s, k: budget.optimal_schedule(50.0, 4, s, k), (4,)),
        (lambda s, k: budget.optimal_variance(50.0, 4, s, k), ()),
        (lambda s, k: budget.variance_regret([1.0, 2.0, 4.0], s, k), ()),
        (lambda s, k: budget.floored_schedule(50.0, 4, s, k), (4,)),
        (lambda s, k: budget.priced_schedule(50.0, 4, [1.0, 2.0], s, k, 1.0, 0.5), (4,)),
    ],
)
def test_widths_broadcast(call, tail):
    together = call(SIGMA, KAPPA)
    assert together.shape == (2, 3, *tail)
    for i, j in np.ndindex(2, 3):
        np.testing.assert_allclose(together[i, j], call(SIGMA[i, 0], KAPPA[j]), rtol=1e-15)


def test_batches_of_points_and_schedules():
    theta0, schedule = np.ones((4, 1, 2)), np.full((3, 5), 10.0)
    law = budget.terminal_law(theta0, schedule, 1.0, 1.0)
    assert law.mean.shape == (4, 3, 2)
    assert law.variance.shape == (4, 3)
    assert budget.expected_reward(law.mean, law.variance, 1.0, 1.0).shape == (4, 3)
    assert budget.constant_schedule([10.0, 20.0], 3).tolist() == [[10 / 3] * 3, [20 / 3] * 3]
    assert budget.exponential_schedule([[7.0], [14.0]], 3, [1.0, 2.0]).shape == (2, 2, 3)
    with pytest.raises(ValueError, match="broadcast"):
        budget.terminal_variance(np.ones((2, 3)), np.ones(5), 1.0)


def test_scalars_come_back_as_scalars():
    assert isinstance(budget.shrinkage(1, 2), np.float64)
    assert isinstance(budget.terminal_variance([1, 2], 1, 2), np.float64)
    assert isinstance(budget.terminal_law(1, [1, 2], 1, 2).variance, np.float64)
    assert isinstance(budget.proposals_per_kept(1, 0.1, 1, 2), np.float64)
