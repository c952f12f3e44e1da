"""The Frechet distance: known answers, other implementations, laws, small samples."""

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from empirical.frechet import distance, parts, statistics

VALUES = st.floats(-50, 50).map(lambda v: round(v, 3))
SETS = arrays(float, st.tuples(st.integers(2, 9), st.just(3)), elements=VALUES)


def textbook(first, second):
    """Return the distance as the definition writes it: a square root of a product."""
    (mean_1, s_1), (mean_2, s_2) = statistics(first), statistics(second)
    root = scipy.linalg.sqrtm(s_1 @ s_2).real
    return ((mean_1 - mean_2) ** 2).sum() + np.trace(s_1 + s_2 - 2 * root)


def drawn(seed, n=50, d=7):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + rng.normal(size=d)


def test_statistics_are_numpys():
    features = drawn(0)
    mean, covariance = statistics(features)
    assert mean == pytest.approx(features.mean(axis=0))
    assert covariance == pytest.approx(np.cov(features.T))


def test_by_hand():
    """Spreads of 1 and 3 along one axis, centres (0, 0) and (3, 4): 25 + (1 - 3)^2."""
    first = np.array([[-1.0, 0], [1, 0]]) / np.sqrt(2)
    second = np.array([[-3.0, 0], [3, 0]]) / np.sqrt(2) + [3, 4]
    made = parts(first, second)
    assert made == pytest.approx((25, 4))
    assert (made.mean, made.covariance) == tuple(made)
    assert distance(first, second) == pytest.approx(29)
    turned = first[:, ::-1]  # orthogonal supports: nothing to share
    assert parts(first, turned) == pytest.approx((0, 2))


def test_equals_the_definition():
    for seed in range(5):
        first, second = drawn(seed), drawn(seed + 100, n=80)
        assert distance(first, second) == pytest.approx(textbook(first, second), rel=1e-10)


def test_equals_torchmetrics_with_the_same_features():
    torch = pytest.importorskip("torch")
    fid = pytest.importorskip("torchmetrics.image.fid")

    class Features(torch.nn.Module):
        num_features = 12

        def forward(self, images):
            return images.flatten(1)[:, :12] ** 2

    rng = np.random.default_rng(1)
    first, second = rng.random((64, 3, 4, 4)), rng.random((90, 3, 4, 4)) ** 1.3
    metric = fid.FrechetInceptionDistance(
        feature=Features(), input_img_size=(3, 4, 4))
    metric.set_dtype(torch.float64)
    for images, real in ((first, True), (second, False)):
        metric.update(torch.from_numpy(images), real=real)
    seen = [images.reshape(len(images), -1)[:, :12] ** 2 for images in (first, second)]
    assert distance(*seen) == pytest.approx(metric.compute().item(), rel=1e-9)


@given(SETS, SETS, st.integers(0, 100))
def test_laws(first, second, seed):
    """Symmetric, nonnegative, zero on itself; blind to rotations and shifts; scales squared."""
    found, scale = distance(first, second), 1 + np.abs(first).max() + np.abs(second).max()
    close = {"abs": 1e-9 * scale**2, "rel": 1e-9}
    assert found >= 0
    assert distance(first, first) == pytest.approx(0, **close)
    assert distance(second, first) == pytest.approx(found, **close)
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    assert distance(first @ turn + 5, second @ turn + 5) == pytest.approx(found, **close)
    assert distance(3 * first, 3 * second) == pytest.approx(9 * found, **close)
    assert distance(first[::-1], second) == pytest.approx(found, **close)


def test_singular_covariances_keep_their_digits():
    """Fewer vectors than features, and dead features: square roots of rounding errors show."""
    rng = np.random.default_rng(2)
    wide = rng.normal(size=(5, 40))
    assert distance(wide, wide) < 1e-13
    assert parts(wide, wide[::-1] + 1).mean == pytest.approx(40)
    dead = drawn(3) * [1, 0, 1, 0, 0, 1, 1]
    assert distance(dead, 2 * dead) == pytest.approx(
        distance(dead[:, [0, 2, 5, 6]], 2 * dead[:, [0, 2, 5, 6]]), rel=1e-12)
    constant = np.ones((4, 3))
    assert distance(constant, constant + 2) == 12
    assert np.isfinite(distance(constant, drawn(0, d=3), corrected=True))


@pytest.mark.parametrize("law", ["normal", "exponential"])
def test_the_correction_takes_most_of_the_bias_off(law):
    """77 vectors of 16 features, of laws whose distance is known."""
    rng = np.random.default_rng(3)
    scale = rng.normal(size=(16, 16)) / 4
    roots = np.linalg.svd(scale, compute_uv=False)
    true = np.array([0.16, 16 + (scale**2).sum() - 2 * roots.sum()])
    centre = 0 if law == "normal" else 1
    raw, corrected = [], []
    for _ in range(200):
        first, second = getattr(rng, f"standard_{law}")((2, 77, 16)) - centre
        second = second @ scale.T + 0.1
        raw.append(parts(first, second))
        corrected.append(parts(first, second, corrected=True))
    bias, left = np.mean(raw, axis=0) - true, np.mean(corrected, axis=0) - true
    error = np.std(corrected, axis=0) / np.sqrt(200)
    assert (bias > 10 * error).all()
    assert abs(left[0]) < 4.5 * error[0]  # exact
    assert 0 < left[1] + 4.5 * error[1]
    assert left[1] < 0.35 * bias[1]


def test_the_correction_vanishes_with_the_sample():
    rng = np.random.default_rng(4)
    first, second = rng.normal(size=(2, 40_000, 3)) * [[[1]], [[2]]]
    gap = distance(first, second) - distance(first, second, corrected=True)
    assert 0 < gap < 1e-3
    # In one dimension, spreads 1 and 2: (1 + 4)/n of the mean, and s/n of the root, s = 1 * 2.
    gap = distance(first[:, :1], second[:, :1]) - distance(
        first[:, :1], second[:, :1], corrected=True)
    assert gap == pytest.approx((1 + 4 + 2) / 40_000, rel=0.05)


@pytest.mark.parametrize(("first", "line"), [
    (np.zeros(3), r"first = an array of shape \(3,\)"),
    (np.zeros((1, 3)), r"first = an array of shape \(1, 3\)"),
    (np.zeros((4, 2)), "second = 3 features: must be 2"),
    (np.full((4, 3), np.nan), "first = holds a value that is not finite"),
])
def test_what_is_refused(first, line):
    with pytest.raises(ValueError, match=line):
        distance(first, np.zeros((4, 3)))
