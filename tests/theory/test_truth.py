"""Error to the truth under a biased centre: paths, stopping, budgets, one round."""

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from theory import one_law

mp.mp.dps = 50


def logs(low, high):
    return st.floats(low, high).map(lambda power: 10.0**power)


SLOPE, NOISE, ERROR = st.floats(0.05, 0.99), logs(-2, 1), logs(-3, 1)
SAMPLES = st.lists(logs(0, 5), min_size=1, max_size=12)


@given(st.floats(0, 1), NOISE, ERROR, SAMPLES, ERROR)
@example(0.0, 1.0, 1.0, [4.0], 0.5)
@example(1.0, 1.0, 1.0, [4.0, 4.0], 0.5)
def test_path_follows_mean_and_spread(contraction, noise, initial, schedule, bias2):
    path = one_law.truth_error(contraction, noise, initial, schedule, bias2)
    k, b = mp.mpf(contraction), mp.sqrt(mp.mpf(bias2))
    bias, spread = mp.mpf(0), mp.mpf(initial)
    twins = [spread]
    for n in schedule:
        bias, spread = k * bias + (1 - k) * b, k**2 * spread + mp.mpf(noise) / mp.mpf(n)
        twins.append(bias**2 + spread)
    assert path.shape == (len(schedule) + 1,)
    for got, twin in zip(path, twins):
        assert abs(got - twin) <= 1e-13 * twin


@given(SLOPE, NOISE, ERROR, SAMPLES)
def test_without_bias_the_truth_is_the_centre(contraction, noise, initial, schedule):
    path = one_law.truth_error(contraction, noise, initial, schedule, 0.0)
    for rounds in range(len(schedule) + 1):
        error = one_law.error_after(contraction, noise, initial, schedule[:rounds])
        np.testing.assert_allclose(path[rounds], error, rtol=1e-13)


def test_without_a_verifier_the_error_grows():
    path = one_law.truth_error(1.0, 1.0, 0.3, [10.0] * 4, 7.0)
    np.testing.assert_allclose(path, 0.3 + 0.1 * np.arange(5), rtol=1e-14)
    assert one_law.truth_error(0.5, 1.0, 0.3, [], 7.0).tolist() == [0.3]


# --- stopping ----------------------------------------------------------------------------------


@given(SLOPE, NOISE, ERROR, logs(0, 4), ERROR)
@example(0.5, 0.5, 0.1, 100.0, 0.01)
def test_best_stop_is_the_minimum_of_the_path(contraction, noise, initial, n, bias2):
    stop = one_law.best_stop(contraction, noise, initial, n, bias2)
    rounds = min(int(60 / -math.log(contraction)) + 2, 3000)
    path = one_law.truth_error(contraction, noise, initial, [n] * rounds, bias2)
    assert np.all(path >= stop.minimum * (1 - 1e-12))
    np.testing.assert_allclose(path[-1], stop.plateau, rtol=1e-9)
    np.testing.assert_allclose(
        stop.reversal, stop.plateau - stop.minimum, rtol=1e-9, atol=1e-12 * stop.plateau
    )
    if stop.rounds < rounds - 1:
        near = {math.floor(stop.rounds), math.ceil(stop.rounds)}
        assert path.min() >= min(path[t] for t in near) * (1 - 1e-12)
    settled = one_law.steady_error(contraction, noise, n)
    if initial > settled:
        # R at the real-valued optimum, by the quadratic in K^T
        left = contraction**stop.rounds
        here = (1 - left) ** 2 * bias2 + left**2 * initial + (1 - left**2) * settled
        np.testing.assert_allclose(here, stop.minimum, rtol=1e-9)


@given(SLOPE, NOISE, ERROR, logs(0, 4), ERROR)
def test_first_round_and_final_verdict(contraction, noise, initial, n, bias2):
    path = one_law.truth_error(contraction, noise, initial, [n], bias2)
    settled = one_law.steady_error(contraction, noise, n)
    limit = (1 + contraction) / (1 - contraction) * (initial - settled)
    assume(abs(bias2 / limit - 1) > 1e-9)
    assert (path[1] < initial) == (bias2 < limit)
    stop = one_law.best_stop(contraction, noise, initial, n, bias2)
    assert (stop.plateau > initial) == (bias2 + settled > initial)
    if initial > settled:
        given_back = bias2**2 / (bias2 + initial - settled)
        np.testing.assert_allclose(stop.reversal, given_back, rtol=1e-9)


def test_best_stop_at_the_edges():
    unbiased = one_law.best_stop(0.5, 1.0, 1.0, 10.0, 0.0)
    assert (unbiased.rounds, unbiased.reversal) == (math.inf, 0.0)
    assert unbiased.minimum == unbiased.plateau == pytest.approx(0.1 / 0.75)
    hopeless = one_law.best_stop(0.5, 1.0, 0.1, 10.0, 0.2)
    assert (hopeless.rounds, hopeless.minimum) == (0.0, 0.1)
    assert hopeless.reversal == pytest.approx(0.2 + 0.1 / 0.75 - 0.1, rel=1e-14)
    assert one_law.best_stop(0.5, 1.0, 0.1 / 0.75, 10.0, 0.0).rounds == 0.0
    tiny = one_law.best_stop(0.5, 1.0, 1.0, math.inf, 1e-320)
    assert tiny.rounds == pytest.approx(320 * math.log2(10), rel=1e-4)


# --- a total of samples ------------------------------------------------------------------------


@given(SLOPE, NOISE, ERROR, logs(0, 6), st.just(0.0) | ERROR, st.floats(0.2, 4))
def test_best_error_within_is_the_best_horizon(contraction, noise, initial, total, bias2, factor):
    best = one_law.best_error_within(contraction, noise, initial, total, bias2)
    rounds = one_law.best_rounds_within(contraction, noise, initial, total, bias2)
    k = mp.mpf(contraction)

    def error(time):
        left = k ** mp.mpf(float(time))
        spent = mp.mpf(noise) / (1 - k) ** 2 / mp.mpf(total)  # S^2 c/N over (1 - K^T)^2
        return (1 - left) ** 2 * (mp.mpf(bias2) + spent) + left**2 * mp.mpf(initial)

    assert abs(error(rounds) - best) <= 1e-11 * best
    assert error(rounds * factor) >= best * (1 - mp.mpf("1e-11"))


@given(SLOPE, NOISE, ERROR, logs(0, 6), st.just(0.0) | ERROR, st.integers(0, 40), st.randoms())
def test_no_schedule_beats_it(contraction, noise, initial, total, bias2, rounds, random):
    best = one_law.best_error_within(contraction, noise, initial, total, bias2)
    shares = np.array([random.random() for _ in range(rounds)]) + 1e-3
    rival = total * shares / shares.sum()
    path = one_law.truth_error(contraction, noise, initial, rival, bias2)
    assert path[-1] >= best * (1 - 1e-12)
    if rounds:
        schedule = one_law.best_schedule(contraction, total, rounds)
        if schedule[0] > 0:
            path = one_law.truth_error(contraction, noise, initial, schedule, bias2)
            assert path[-1] >= best * (1 - 1e-12)


@given(SLOPE, NOISE, logs(-1, 1), logs(-5, -0.1))
def test_a_total_buys_what_its_error_costs(contraction, noise, initial, share):
    total = one_law.minimal_samples(contraction, noise, initial, initial * share)
    best = one_law.best_error_within(contraction, noise, initial, total, 0.0)
    np.testing.assert_allclose(best, initial * share, rtol=1e-10)


@given(SLOPE, NOISE, ERROR, logs(0, 6), ERROR)
def test_more_of_anything_good_never_hurts(contraction, noise, initial, total, bias2):
    best = one_law.best_error_within(contraction, noise, initial, total, bias2)
    assert one_law.best_error_within(contraction, noise, initial, 2 * total, bias2) <= best
    assert one_law.best_error_within(contraction, noise, initial, total, 2 * bias2) >= best
    assert one_law.best_error_within(contraction, 2 * noise, initial, total, bias2) >= best
    assert best <= initial
    unlimited = one_law.best_error_within(contraction, 0.0, initial, total, bias2)
    np.testing.assert_allclose(unlimited, bias2 * initial / (bias2 + initial), rtol=1e-13)


def test_best_error_within_at_the_edges():
    assert one_law.best_error_within(1.0, 1.0, 0.7, 100.0, 0.0) == 0.7
    assert one_law.best_error_within(1.0, 0.0, 0.7, 100.0, 0.0) == 0.7
    assert one_law.best_error_within(0.5, 0.0, 0.7, 100.0, 0.0) == 0.0
    assert one_law.best_error_within(0.5, 1.0, 0.0, 100.0, 0.1) == 0.0
    assert one_law.best_rounds_within(0.5, 1.0, 0.0, 100.0, 0.1) == 0.0
    assert one_law.best_rounds_within(0.5, 0.0, 1.0, 100.0, 0.0) == math.inf
    assert one_law.best_error_within(0.5, 1e300, 1e300, 1e-3, 1e300) > 4e299


# --- one round ---------------------------------------------------------------------------------


@given(st.floats(0, 1), ERROR, ERROR, ERROR, logs(0, 4))
def test_one_round_error_is_one_step_of_the_path(contraction, sampling, initial, bias2, n):
    noise = contraction * sampling * n
    path = one_law.truth_error(contraction, noise, initial, [n], bias2)
    np.testing.assert_allclose(
        one_law.one_round_error(contraction, sampling, initial, bias2), path[1], rtol=1e-12
    )


@given(ERROR | st.just(0.0), ERROR | st.just(0.0), ERROR | st.just(0.0), st.floats(0, 1))
def test_best_contraction_beats_all(sampling, initial, bias2, other):
    best = one_law.best_contraction(sampling, initial, bias2)
    assert 0 <= best <= 1
    top = one_law.one_round_error(best, sampling, initial, bias2)
    assert one_law.one_round_error(other, sampling, initial, bias2) >= top * (1 - 1e-12)


@given(ERROR, ERROR, ERROR)
def test_when_one_round_can_help(sampling, initial, bias2):
    best = one_law.best_contraction(sampling, initial, bias2)
    helps = one_law.one_round_error(best, sampling, initial, bias2) < initial
    if bias2 < initial:
        assert helps
    else:
        limit = 2 * bias2 - 2 * math.sqrt(bias2**2 - initial**2)
        assume(abs(sampling / limit - 1) > 1e-9)
        assert helps == (sampling < limit)


# --- domains and shapes ------------------------------------------------------------------------

SLOPES, NOISES = np.array([[0.3], [0.9]]), np.array([0.1, 1.0, 5.0])


@pytest.mark.parametrize(
    ("call", "tail"),
    [
        (lambda k, c: one_law.truth_error(k, c, 2.0, [3.0, 4.0], 0.1), (3,)),
        (lambda k, c: one_law.best_stop(k, c, 2.0, 10.0, 0.1).rounds, ()),
        (lambda k, c: one_law.best_stop(k, c, 2.0, 10.0, 0.1).minimum, ()),
        (lambda k, c: one_law.best_stop(k, c, 2.0, 10.0, 0.1).plateau, ()),
        (lambda k, c: one_law.best_stop(k, c, 2.0, 10.0, 0.1).reversal, ()),
        (lambda k, c: one_law.best_error_within(k, c, 2.0, 10.0, 0.1), ()),
        (lambda k, c: one_law.best_rounds_within(k, c, 2.0, 10.0, 0.1), ()),
        (lambda k, c: one_law.one_round_error(k, c, 2.0, 0.1), ()),
        (lambda k, c: one_law.best_contraction(k, c, 0.5), ()),
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
        ("truth_error", (1.5, 1.0, 1.0, [1.0], 0.0), r"contraction = 1.5: must lie in \[0, 1\]"),
        ("truth_error", (0.5, 1.0, 1.0, [1.0], -1.0), "bias2 = -1"),
        ("best_stop", (1.0, 1.0, 1.0, 1.0, 0.0), r"contraction = 1: must lie in \(0, 1\)"),
        ("best_stop", (0.5, 1.0, 1.0, 0.0, 0.0), "n = 0"),
        ("best_stop", (0.5, 1.0, math.inf, 1.0, 0.0), "initial = inf"),
        ("best_error_within", (0.5, 1.0, 1.0, 0.0, 0.0), "total = 0"),
        ("best_rounds_within", (0.0, 1.0, 1.0, 1.0, 0.0), "contraction = 0"),
        ("best_rounds_within", (1.0, 1.0, 1.0, 1.0, 0.0), "contraction = 1"),
        ("best_error_within", (1.1, 1.0, 1.0, 1.0, 0.0), "contraction = 1.1"),
        ("one_round_error", (1.1, 1.0, 1.0, 0.0), "contraction = 1.1"),
        ("one_round_error", (0.5, -1.0, 1.0, 0.0), "sampling = -1"),
        ("best_contraction", (0.5, -1.0, 1.0), "initial = -1"),
    ],
)
def test_domains(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(one_law, name)(*arguments)
