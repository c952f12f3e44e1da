"""What is measured on digits, on made-up features whose laws are known."""

import numpy as np
import pytest

from empirical.digits.measures import AXES, Means, corrector, distances, legible
from empirical.frechet import distance

SIZE = 5


def features(rng, n, centre=0.0, spread=1.0):
    """Return features of n items of each digit, digits around centres of their own."""
    labels = np.repeat(np.arange(10), n)
    middle = np.random.default_rng(0).normal(size=(10, SIZE)) * 3
    return middle[labels] + centre + spread * rng.normal(size=(10 * n, SIZE)), labels


def by_name(rows):
    assert len({row.metric for row in rows}) == len(rows)
    return {row.metric: row.value for row in rows}


def test_distances_are_frechets():
    rng = np.random.default_rng(1)
    (made, labels), (real, true) = features(rng, 40, 0.3), features(rng, 30)
    found = by_name(distances(made, labels, real, true))
    assert found["fid"] == pytest.approx(distance(made, real))
    assert found["fid.corrected"] == pytest.approx(distance(made, real, corrected=True))
    assert found["fid.bias"] + found["fid.variance"] == pytest.approx(found["fid"])
    assert sum(name.startswith("feature_mean/") for name in found) == SIZE < AXES


def test_class_means_are_unbiased():
    """A shift of 0.2 along each of five axes: 0.2 for every digit; and 0 for none."""
    for shift, expected in ((0.2, 5 * 0.04), (0.0, 0.0)):
        seen, ratios = [], []
        for seed in range(100):
            rng = np.random.default_rng([seed, 2])
            made, real = features(rng, 20, shift, 2.0), features(rng, 30)
            found = by_name(distances(*made, *real))
            assert found["class_mean"] == pytest.approx(
                np.mean([found[f"class_mean/{digit}"] for digit in range(10)]))
            seen.append(found["class_mean"])
            ratios.append(found["spread"])
        z = (np.mean(seen) - expected) / (np.std(seen) / 10)
        assert abs(z) < 4.5
        assert np.std(seen) / 10 < 0.05  # the bias taken off: 5 * (4/20 + 1/30) = 1.2
        assert np.mean(ratios) == pytest.approx(4, rel=0.05)


def test_a_digit_weighs_as_much_as_another():
    """The mean over digits of held-out images does not lean to the digit with most of them."""
    rng = np.random.default_rng(3)
    made, labels = features(rng, 200)
    real, true = features(rng, 200)
    some = (true > 0) | (rng.random(len(true)) < 0.1)
    whole, part = (by_name(distances(made, labels, real[keep], true[keep]))
                   for keep in (slice(None), some))
    for axis in range(1, SIZE + 1):
        assert abs(part[f"feature_mean/{axis}"]) < 0.2
    assert part["fid.bias"] > 5 * whole["fid.bias"]


def test_axes_follow_the_mean():
    rng = np.random.default_rng(4)
    real, true = features(rng, 100)
    made, labels = features(rng, 100)
    near, far = (by_name(distances(made + shift, labels, real, true)) for shift in (0, 5.0))
    moved = [far[f"feature_mean/{a}"] - near[f"feature_mean/{a}"] for a in range(1, SIZE + 1)]
    assert np.sum(np.square(moved)) == pytest.approx(25 * SIZE)


def test_two_images_of_each_digit_at_least():
    with pytest.raises(ValueError, match="images = 1 of digit 9: must be at least 2"):
        Means(np.zeros((19, 3)), np.arange(19) % 10)


def test_legible():
    found = legible(np.array([1, 2, 3, 3]), np.array([1, 2, 3, 4]))
    assert found.value == 0.75
    assert found.stderr == pytest.approx(np.sqrt(0.75 * 0.25 / 4))
    assert found.n == 4


def mixed(rng, gamma, n=300):
    """Return features before and after a corrector of strength gamma: points are replaced."""
    made, labels = features(rng, n, 0.7)
    real, true = features(rng, n)
    fresh, _ = features(rng, n)
    kept = rng.random(len(made)) < 1 / (1 + gamma)
    return made, np.where(kept[:, None], made, fresh), labels, real, true


@pytest.mark.parametrize("gamma", [0.0, 1 / 3, 1.0, 9.0])
def test_the_strength_of_a_valid_corrector_is_found(gamma):
    shares, seen = [], []
    for seed in range(20):
        found = by_name(corrector(*mixed(np.random.default_rng([seed, 5]), gamma)))
        shares.append(found["corrector.q"])
        seen.append(found)
    assert np.mean(shares) == pytest.approx(1 / (1 + gamma), abs=4.5 * np.std(shares) / 20**0.5
                                            + 1e-12)
    assert all(row["corrector.gap"] < row["corrector.noise"] for row in seen)
    assert all(row["corrector.repeated"] == 0 for row in seen)
    if gamma < 2:  # what is left of the distance is not mostly chance
        assert np.mean([row["corrector.residual"] for row in seen]) < 0.1


def test_no_strength_fits_a_corrector_that_squeezes():
    """Nearest anchors: one a digit, its true centre and not; or beyond the real mean."""
    rng = np.random.default_rng(6)
    made, labels = features(rng, 300, 0.7)
    real, true = features(rng, 300)
    centres = np.random.default_rng(0).normal(size=(10, SIZE)) * 3
    found = by_name(corrector(made, centres[labels], labels, real, true))
    assert abs(found["corrector.q"]) < 0.02
    assert found["corrector.repeated"] == pytest.approx(1 - 10 / 3000)
    sideways = centres[labels] + [2.0, 0, 0, 0, 0]
    found = by_name(corrector(made, sideways, labels, real, true))
    assert found["corrector.residual"] > 0.5
    assert found["corrector.gap"] > found["corrector.noise"]
    away = made + 0.7
    assert by_name(corrector(made, away, labels, real, true))["corrector.q"] == (
        pytest.approx(2, abs=0.1))
