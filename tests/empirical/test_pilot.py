"""The law behind a pilot run: recovered where it holds, refused where nothing contracts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from empirical.pilot import fit
from theory.one_law import truth_error

CONSTANT, GROWING = [100] * 12, [20, 30, 45, 70, 100, 150, 225, 340, 500, 750]


def simulated(contraction, noise, initial, bias, counts, dimension, seeds, seed=0):
    """Squared errors to the truth of the loop itself: points that contract to a centre."""
    rng = np.random.default_rng(seed)
    centre = np.zeros(dimension)
    centre[0] = bias
    values = []
    for _ in range(seeds):
        x = rng.standard_normal(dimension)
        x *= np.sqrt(initial) / np.linalg.norm(x)
        errors = [x @ x]
        for n in counts:
            step = np.sqrt(noise / n / dimension) * rng.standard_normal(dimension)
            x = centre + contraction * (x - centre) + step
            errors.append(x @ x)
        values.append(errors)
    return np.array(values)


@settings(max_examples=12)
@given(contraction=st.floats(0.1, 0.93), initial=st.floats(0.01, 100), floor=st.floats(-50, 50))
def test_the_mean_curve_gives_back_the_contraction(contraction, initial, floor):
    values = floor + truth_error(contraction, 1e-9, initial, CONSTANT, 0.0)
    made = fit(CONSTANT, values)
    assert made.contraction == pytest.approx(contraction, abs=0.003)
    assert made.initial == pytest.approx(initial, rel=0.03)
    assert made.floor == pytest.approx(floor, abs=0.03 * initial + 1e-9)
    assert made.growth == 1 / made.contraction
    assert made.low <= made.contraction <= made.high


def test_growing_rounds_show_what_a_sample_adds():
    values = 3.0 + truth_error(0.6, 5.0, 1.0, GROWING, 0.0)
    made = fit(GROWING, values)
    assert made.noise_from == "schedule"
    assert made.noise == pytest.approx(5.0, rel=0.05)
    assert made.contraction == pytest.approx(0.6, abs=0.005)
    assert made.curve(GROWING) == pytest.approx(values, rel=1e-3)


def test_a_known_floor_shows_the_noise_of_equal_rounds():
    values = truth_error(0.7, 10.0, 1.0, CONSTANT, 0.0)
    made = fit(CONSTANT, values, floor=0.0)
    assert (made.noise_from, made.floor) == ("schedule", 0.0)
    assert made.noise == pytest.approx(10.0, rel=0.05)


def test_reversal_shows_the_bias():
    values = truth_error(0.7, 1e-9, 1.0, CONSTANT, 0.3)
    assert values.argmin() < len(CONSTANT)
    made = fit(CONSTANT, values, floor=0.0)
    assert made.bias2 == pytest.approx(0.3, rel=0.05)
    assert made.contraction == pytest.approx(0.7, abs=0.01)
    assert fit(CONSTANT, truth_error(0.7, 1e-9, 1.0, CONSTANT, 0.0)).bias2 == 0.0


def test_without_a_reversal_bias_and_floor_are_one():
    values = truth_error(0.5, 1e-9, 1.0, CONSTANT, 0.04)
    made = fit(CONSTANT, values)
    assert made.floor + made.bias2 == pytest.approx(0.04, abs=0.02)


@pytest.mark.parametrize("seed", range(3))
def test_the_loop_itself_in_many_dimensions(seed):
    """Points that contract with noise, six seeds: K to 10 %, and the noise to a factor of 3."""
    values = simulated(0.7, 1.0, 1.0, 0.0, GROWING, 30, 6, seed)
    made = fit(GROWING, 7 + values)
    assert made.contraction == pytest.approx(0.7, rel=0.1)
    assert made.seeds == 6
    one = fit(CONSTANT, simulated(0.7, 2.0, 1.0, 0.0, CONSTANT, 1, 6, seed))
    assert one.noise_from == "scatter"
    assert 0.67 < one.noise < 6


def test_higher_is_better_is_the_mirror_image():
    values = simulated(0.6, 1.0, 1.0, 0.0, GROWING, 10, 2)
    falls, rises = fit(GROWING, values), fit(GROWING, 0.9 - values, better="higher")
    for name in ("contraction", "noise", "initial", "scatter"):
        assert getattr(rises, name) == pytest.approx(getattr(falls, name))
    assert rises.floor == pytest.approx(0.9 - falls.floor)
    assert rises.curve(GROWING, "higher") == pytest.approx(0.9 - falls.curve(GROWING))


def test_seeds_may_differ_in_level():
    values = simulated(0.6, 0.5, 1.0, 0.0, CONSTANT, 50, 3)
    levels = np.array([[0.0], [5.0], [-2.0]])
    same, moved = fit(CONSTANT, values), fit(CONSTANT, values + levels)
    assert moved.contraction == pytest.approx(same.contraction)
    assert moved.scatter == pytest.approx(same.scatter)


def test_the_limits_hold_the_truth_and_narrow_with_seeds():
    inside, widths = 0, []
    for seed in range(12):
        made = fit(GROWING, 1 + simulated(0.65, 1.0, 1.0, 0.0, GROWING, 20, 4, seed))
        inside += made.low <= 0.65 <= made.high
        widths.append(made.high - made.low)
    assert inside >= 9
    many = fit(GROWING, 1 + simulated(0.65, 1.0, 1.0, 0.0, GROWING, 20, 40))
    assert many.high - many.low < np.median(widths)


@pytest.mark.parametrize("values", [
    np.arange(13.0), np.ones(13), np.linspace(1, 0.4, 13), 1 - 0.8 ** np.arange(13.0),
    np.random.default_rng(0).standard_normal(13),
])
def test_what_does_not_contract_is_refused(values):
    with pytest.raises(ValueError, match="approaches no limit"):
        fit(CONSTANT, values)


@pytest.mark.parametrize(("counts", "values", "options", "message"), [
    ([10, 10], [3, 2, 1], {}, "counts = 2 rounds: must be at least 3"),
    ([10] * 3, [3, 2, 1], {}, "values = 3 of a seed: must be 4"),
    ([10] * 3, [3, 2, np.nan, 1], {}, "values = with some that are no numbers"),
    ([10, 0, 10], [4, 3, 2, 1], {}, "counts = with a round of nothing"),
    ([10] * 3, [4, 3, 2, 1], {"better": "larger"}, "better = 'larger'"),
])
def test_unusable_pilots(counts, values, options, message):
    with pytest.raises(ValueError, match=message):
        fit(counts, values, **options)
