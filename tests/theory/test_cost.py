"""What policies pay: against the terminal law itself, and against simulated growth."""

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from theory import budget, one_law

mp.mp.dps = 50

SCHEDULES = {
    "optimal": budget.optimal_schedule,
    "constant": lambda total, rounds, sigma, kappa: budget.constant_schedule(total, rounds),
    "linear": lambda total, rounds, sigma, kappa: budget.linear_schedule(total, rounds),
}


def logs(low, high):
    return st.floats(low, high).map(lambda power: 10.0**power)


def width_of(rho):
    """Reward width that gives a shrinkage rho at sigma = 1."""
    return math.sqrt(rho / (1 - rho))


@given(logs(-12, -0.05), st.integers(1, 40), st.floats(0, 3), logs(-1.5, 1), st.integers(1, 30))
@example(1e-12, 3, 0.0, 1.0, 1)
def test_allowed_variance_solves_the_gap(gap, rounds, radius, sigma, dim):
    theta0 = [radius] + [0.0] * (dim - 1)
    variance = mp.mpf(float(budget.allowed_variance(gap, rounds, theta0, sigma, 1.0)))
    s, delta = mp.mpf(sigma), mp.mpf(gap)
    scale = 1 + s**2
    mean2 = mp.mpf(radius) ** 2 * scale ** (-2 * rounds)

    def log_ratio(v):
        return mp.mpf(dim) / 2 * mp.log(1 + v / scale) + mean2 / (2 * (scale + v))

    # gap at the variance, and what an error of 1e-9 in it would do to the gap
    slope = (dim * (scale + variance) - mean2) / (2 * (scale + variance) ** 2)
    if variance > 0:
        tolerance = abs(slope) * variance * mp.mpf("1e-9") + mp.mpf("1e-15")
        assert abs(log_ratio(variance) + mp.log(1 - delta)) <= tolerance
        assert slope >= -mp.mpf("1e-7") * dim / scale
    else:
        # no positive variance will do: the gap at its least over v is above the target
        best = max(mean2 / dim - scale, mp.mpf(0))
        assert log_ratio(best) >= -mp.log(1 - delta) * (1 - mp.mpf("1e-12"))


@pytest.mark.parametrize("policy", SCHEDULES)
@given(gap=logs(-8, -0.3), rounds=st.integers(1, 30), radius=st.floats(0, 2), sigma=logs(-1, 1))
def test_the_samples_reach_the_gap(policy, gap, rounds, radius, sigma):
    theta0 = [radius, -radius]
    total = budget.samples_to_reach(gap, rounds, theta0, sigma, 1.0, policy=policy)
    if math.isfinite(total):
        law = budget.terminal_law(
            theta0, SCHEDULES[policy](total, rounds, sigma, 1.0), sigma, 1.0
        )
        got = budget.relative_gap(law.mean, law.variance, sigma, 1.0)
        bias = budget.relative_gap(law.mean, 0.0, sigma, 1.0)
        assert abs(got - gap) <= 1e-9 * gap + 1e-15
        assert bias < gap
    else:
        law = budget.terminal_law(theta0, [1e15] * rounds, sigma, 1.0)
        assert budget.relative_gap(law.mean, 0.0, sigma, 1.0) > gap * (1 - 1e-9)


@pytest.mark.parametrize("policy", SCHEDULES)
@given(rounds=st.integers(1, 60), sigma=logs(-4, 3))
@example(rounds=60, sigma=1e-180)
@example(rounds=60, sigma=1e180)
def test_cost_ratio_is_the_ratio_of_variances(policy, rounds, sigma):
    ratio = budget.cost_ratio(rounds, sigma, 1.0, policy=policy)
    schedule = SCHEDULES[policy](1.0, rounds, sigma, 1.0)
    assert 0 < ratio <= 1 + 1e-15
    if schedule[0] > 0:
        regret = budget.variance_regret(schedule, sigma, 1.0)
        np.testing.assert_allclose(ratio * (1 + regret), 1, rtol=1e-12)
    reach = [budget.samples_to_reach(0.3, rounds, 0.0, sigma, 1.0, policy=p)
             for p in ("optimal", policy)]
    if 1e-3 < sigma < 1e3:
        np.testing.assert_allclose(ratio, reach[0] / reach[1], rtol=1e-12)


def test_constant_ratio_is_a_quotient_of_tanh():
    for rounds in (1, 2, 9, 40):
        for sigma in (1e-5, 0.1, 1.0, 30.0):
            half = mp.log1p(mp.mpf(sigma) ** 2) / 2
            twin = mp.tanh(rounds * half) / (rounds * mp.tanh(half))
            assert abs(budget.cost_ratio(rounds, sigma, 1.0) - twin) < 1e-14 * twin


def test_sixty_percent_saving_starts_at_these_rounds():
    first = {0.3: 5, 0.5: 8, 0.7: 14, 0.8: 23, 0.9: 47, 0.95: 97}
    for rho, rounds in first.items():
        assert budget.cost_ratio(rounds, 1.0, width_of(rho)) <= 0.4
        assert budget.cost_ratio(rounds - 1, 1.0, width_of(rho)) > 0.4


def test_linear_growth_can_lose_to_constant():
    def against_constant(rho, rounds):
        kappa = width_of(rho)
        constant, linear = (budget.cost_ratio(rounds, 1.0, kappa, policy=p)
                            for p in ("constant", "linear"))
        return constant / linear

    assert round(against_constant(0.95, 10), 3) == 1.298
    assert round(against_constant(0.99, 33), 3) == 1.756
    assert round(against_constant(0.99, 80), 3) == 1.526
    assert against_constant(0.5, 2000) == pytest.approx(0.5, abs=2e-3)


def test_tuned_constant_batches_still_lose():
    # m = (initial error) / (target error); ratio to the least total of any schedule
    for rho, m, expect in [(0.5, 1e3, 2.463), (0.9, 1e4, 3.186)]:
        constant = one_law.constant_batches(rho, 1.0, 1.0, 1 / m).total
        free = one_law.minimal_samples(rho, 1.0, 1.0, 1 / m)
        assert round(float(constant / free), 3) == expect


# --- the rate of growth ------------------------------------------------------------------------


@given(st.floats(0.05, 0.95), logs(-1, 1))
def test_inefficiency_is_the_limit_of_regret(place, sigma):
    alpha = 1 + sigma**2
    growth = alpha ** (2 * place)
    rounds = int(60 / min(place, 1 - place) / math.log(alpha))
    if rounds <= 4000:
        path = budget.exponential_schedule(1.0, rounds, growth)
        if path[0] > 0:
            regret = budget.variance_regret(path, sigma, 1.0)
            loss = budget.growth_inefficiency(growth, sigma, 1.0)
            np.testing.assert_allclose(1 + regret, loss, rtol=1e-9)


@given(st.floats(1e-3, 1.999), logs(-3, 3))
def test_inefficiency_is_symmetric_and_least_at_alpha(place, sigma):
    alpha = float(budget.growth_factor(sigma, 1.0))
    growth = alpha**place
    loss = budget.growth_inefficiency([growth, alpha**2 / growth], sigma, 1.0)
    np.testing.assert_allclose(loss[0], loss[1], rtol=1e-6)
    assert np.all(loss >= 1 - 1e-12)
    assert budget.growth_inefficiency(alpha, sigma, 1.0) == pytest.approx(1, rel=1e-12)


def test_inefficiency_is_infinite_outside():
    for growth in (1e-300, 0.5, 1.0, 4.0, 5.0, 1e300):
        assert budget.growth_inefficiency(growth, 1.0, 1.0) == math.inf
    assert budget.growth_inefficiency(1.1, 1e-200, 1.0) == math.inf


# --- small gaps --------------------------------------------------------------------------------


def rounds_and_cost(n_t, gap, sigma, kappa):
    """Play a policy from theta_0 = 1 until its expected relative gap is at most the target."""
    rho = 1 / (1 + (sigma / kappa) ** 2)
    mean, variance, cost = 1.0, 0.0, 0.0
    for n in n_t:
        mean, variance, cost = rho * mean, rho**2 * variance + rho * sigma**2 / n, cost + n
        if budget.relative_gap(mean, variance, sigma, kappa) <= gap:
            return cost
    raise AssertionError("the target was not reached")


@pytest.mark.parametrize(
    ("power", "n0", "gap"), [(1.0, 10, 1e-5), (2.0, 5, 1e-7), (0.5, 10, 5e-4)]
)
def test_polynomial_cost_constant(power, n0, gap):
    policy = (n0 * (1 + t) ** power for t in range(10**6))
    played = rounds_and_cost(policy, gap, 0.9, 1.1)
    leading = budget.asymptotic_polynomial_cost(gap, power, n0, 0.9, 1.1, 1)
    assert played == pytest.approx(float(leading), rel=0.02)


def test_optimal_cost_constant():
    # Growth at alpha reaches ever smaller gaps only in steps of a factor alpha; take the gap
    # that it has just reached.
    sigma, kappa, n0 = 0.8, 1.5, 7.0
    alpha = float(budget.growth_factor(sigma, kappa))
    for rounds in (70, 90):
        path = n0 * alpha ** np.arange(rounds)
        law = budget.terminal_law([1.0, 1.0], path, sigma, kappa)
        gap = budget.relative_gap(law.mean, law.variance, sigma, kappa)
        leading = budget.asymptotic_optimal_cost(gap, sigma, kappa, 2)
        assert path.sum() == pytest.approx(float(leading), rel=1e-6)


# --- domains and shapes ------------------------------------------------------------------------


def test_costs_broadcast():
    gap, sigma = np.array([[0.01], [0.2]]), np.array([0.3, 1.0, 3.0])
    calls = [
        lambda g, s: budget.allowed_variance(g, 9, [0.1, 0.2], s, 1.0),
        lambda g, s: budget.samples_to_reach(g, 9, [0.1, 0.2], s, 1.0, policy="linear"),
        lambda g, s: budget.growth_inefficiency(1 + g, s, 1.0),
        lambda g, s: budget.asymptotic_optimal_cost(g, s, 1.0, 2),
        lambda g, s: budget.asymptotic_polynomial_cost(g, 1.5, 10, s, 1.0, 2),
    ]
    for call in calls:
        together = call(gap, sigma)
        assert together.shape == (2, 3)
        for i, j in np.ndindex(2, 3):
            np.testing.assert_allclose(together[i, j], call(gap[i, 0], sigma[j]), rtol=1e-14)
    assert budget.cost_ratio(5, sigma, 1.0).shape == (3,)


def test_out_of_reach_costs_everything():
    assert budget.samples_to_reach(1e-3, 1, [1.0], 0.1, 1.0) == math.inf
    assert budget.samples_to_reach(1e-3, 1, [1e200], 0.1, 1.0) == math.inf
    assert budget.allowed_variance(1e-3, 1, [1.0], 0.1, 1.0) == 0.0
    assert budget.samples_to_reach(0.5, 2000, [1e6], 1.0, 1.0) < 10


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("allowed_variance", (1.0, 3, [0.0], 1.0, 1.0), r"gap = 1: must lie in \(0, 1\)"),
        ("samples_to_reach", (0.1, 0, [0.0], 1.0, 1.0), "rounds = 0"),
        ("samples_to_reach", (0.1, 3, [0.0], 1.0, 1.0, "cubic"), "policy = 'cubic'"),
        ("cost_ratio", (3, 1.0, 1.0, "cubic"), "policy = 'cubic'"),
        ("growth_inefficiency", (0.0, 1.0, 1.0), "growth = 0"),
        ("asymptotic_optimal_cost", (0.0, 1.0, 1.0, 1), "gap = 0"),
        ("asymptotic_polynomial_cost", (1.0, 1.0, 1.0, 1.0, 1.0, 1), "gap = 1"),
        ("asymptotic_polynomial_cost", (0.1, 0.0, 1.0, 1.0, 1.0, 1), "power = 0"),
        ("asymptotic_polynomial_cost", (0.1, 1.0, 0.0, 1.0, 1.0, 1), "n0 = 0"),
    ],
)
def test_domains(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(budget, name)(*arguments)
