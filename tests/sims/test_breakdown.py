"""Classifiers trained on pruned labels: twins in plain NumPy, limits, and the theory."""

import inspect

import numpy as np
import pytest
from scipy.special import ndtr, ndtri
from scipy.stats import binom

from sims import (
    _classifier,
    breakdown,
    budget,
    contraction,
    simulate_generated_training,
    simulate_pruned_classifier,
    simulate_random_pruning,
    verifier,
)
from sims.confidence import z_of_mean
from theory.breakdown import (
    averaging_accuracy,
    majority_probability,
    population_accuracy,
    pruned_ridge_alignment,
    ridge_accuracy,
)
from theory.pruning import rates_mixture


def rng(seed=1):
    return np.random.default_rng(seed)


def random_pruning(separation=1.5, dim=4, n=30, p=0.3, phi=0.8, psi=0.4, *, ridge=0.5,
                   replicates=4000, seed=1, workers=None):
    return simulate_random_pruning(
        separation, dim, n, p, phi, psi, ridge=ridge, replicates=replicates, rng=rng(seed),
        workers=workers)


def pruned(separation=1.2, dim=4, n=40, angle_gen=0.9, angle_prune=0.7, angle_between=1.1, *,
           ridge=0.5, replicates=4000, seed=1, workers=None):
    return simulate_pruned_classifier(
        separation, dim, n, angle_gen, angle_prune, angle_between, ridge=ridge,
        replicates=replicates, rng=rng(seed), workers=workers)


def generated(separation=1.2, dim=4, n_real=20, n_kept=30, angle_prune=0.5, *, ridge=0.5,
              replicates=4000, seed=1, **options):
    return simulate_generated_training(
        separation, dim, n_real, n_kept, angle_prune, ridge=ridge, replicates=replicates,
        rng=rng(seed), **options)


SIMULATORS = [random_pruning, pruned, generated]


def learn(features, labels, ridge):
    """Weights of the classifier by the textbook: numpy.linalg, all items at once."""
    if not len(labels):
        return np.zeros(features.shape[1])
    if np.isinf(ridge):
        return features.T @ labels
    gram = features.T @ features / len(labels) + ridge * np.eye(features.shape[1])
    return np.linalg.pinv(gram, hermitian=True) @ features.T @ labels / len(labels)


def measured(separation, weights):
    """Accuracy on new items by the side of the truth, from the angle alone."""
    if not weights.any():
        return 0.5
    cosine = weights[0] / np.linalg.norm(weights)
    return 1 - np.arccos(cosine) / np.pi if separation is None else ndtr(separation * cosine)


def mixture(separation, dim, n, generator):
    """Items of the mixture with their classes, as the definition has them."""
    classes = generator.choice([-1, 1], n)
    features = generator.standard_normal((n, dim))
    if separation is None:
        return features, np.sign(features[:, 0])
    features[:, 0] += classes * separation
    return features, classes


def naive_random_pruning(separation, dim, n, p, phi, psi, ridge, generator):
    features, classes = mixture(separation, dim, n, generator)
    wrong = generator.random(n) < p
    kept = generator.random(n) < np.where(wrong, psi, phi)
    labels = np.where(wrong, -classes, classes)
    return measured(separation, learn(features[kept], labels[kept], ridge))


def naive_pruned(separation, dim, n, angles, ridge, generator):
    gen, prune, between = angles
    labeller, reviewer = np.zeros((2, dim))
    labeller[:2] = np.cos(gen), np.sin(gen)
    reviewer[0] = np.cos(prune)
    reviewer[1] = (np.cos(between) - np.cos(gen) * np.cos(prune)) / np.sin(gen)
    reviewer[2] = np.sqrt(1 - reviewer[0] ** 2 - reviewer[1] ** 2)
    features, _ = mixture(separation, dim, n, generator)
    labels = np.sign(features @ labeller)
    kept = labels == np.sign(features @ reviewer)
    return measured(separation, learn(features[kept], labels[kept], ridge))


def naive_generated(separation, dim, n_real, n_kept, angle, arm, labels, ridge, generator):
    features, classes = mixture(separation, dim, n_real, generator)
    weights = np.linalg.lstsq(features, classes, rcond=None)[0]
    reviewer = generator.standard_normal(dim)  # the direction off the axis does not matter
    reviewer[0] = 0
    reviewer *= np.sin(angle) / np.linalg.norm(reviewer)
    reviewer[0] = np.cos(angle)
    features, classes = mixture(separation, dim, 60 * n_kept + 100, generator)
    scores = features @ weights
    given = np.sign(scores)
    if labels == "sampled":
        given = np.where(generator.random(len(scores)) < 1 / (1 + np.exp(-scores)), 1, -1)
    if arm == "clean":
        given = classes
    kept = np.arange(len(given))
    if arm == "verified":
        kept = np.flatnonzero(given * (features @ reviewer) > 0)
    kept = kept[:n_kept]
    return measured(separation, learn(features[kept], given[kept], ridge))


@pytest.mark.parametrize(
    ("n", "ridge"), [(12, 0.0), (60, 0.0), (12, 0.3), (60, 2.0), (40, np.inf)])
def test_random_pruning_agrees_with_a_naive_twin(n, ridge, assert_same_law):
    generator = rng(2)
    twin = [naive_random_pruning(1.5, 9, n, 0.3, 0.8, 0.4, ridge, generator) for _ in range(2000)]
    assert_same_law(random_pruning(dim=9, n=n, ridge=ridge, replicates=20_000), twin)


@pytest.mark.parametrize("separation", [1.2, None])
@pytest.mark.parametrize(("n", "ridge"), [(12, 0.0), (60, 0.3), (60, np.inf)])
def test_agreement_pruning_agrees_with_a_naive_twin(separation, n, ridge, assert_same_law):
    generator = rng(2)
    angles = 0.9, 0.7, 1.1
    twin = [naive_pruned(separation, 6, n, angles, ridge, generator) for _ in range(2000)]
    assert_same_law(pruned(separation, 6, n, *angles, ridge=ridge, replicates=20_000), twin)


@pytest.mark.parametrize("labels", ["sampled", "hard"])
@pytest.mark.parametrize("arm", ["verified", "random", "clean"])
@pytest.mark.parametrize("n_real", [4, 25])
def test_generated_training_agrees_with_a_naive_twin(arm, labels, n_real, assert_same_law):
    generator = rng(2)
    twin = [
        naive_generated(1.2, 6, n_real, 15, 0.5, arm, labels, 0.4, generator)
        for _ in range(2000)]
    ours = generated(1.2, 6, n_real, 15, 0.5, arm=arm, labels=labels, ridge=0.4,
                     replicates=20_000)
    assert_same_law(ours, twin)


@pytest.mark.parametrize("ridge", [0.0, 0.3, np.inf])
@pytest.mark.parametrize("simulate", SIMULATORS)
def test_the_compiler_changes_no_bit(interpreted, simulate, ridge):
    compiled = [simulate(dim=dim, ridge=ridge, replicates=6) for dim in (3, 30)]
    interpreted()
    plain = [simulate(dim=dim, ridge=ridge, replicates=6) for dim in (3, 30)]
    np.testing.assert_array_equal(compiled, plain)


@pytest.mark.parametrize("simulate", SIMULATORS)
def test_the_seed_alone_decides(simulate, other_engines):
    expected = simulate(replicates=3000)
    assert ((expected > 0.0) & (expected < 1.0)).all()
    assert len(np.unique(expected)) == 3000
    for workers in other_engines:
        np.testing.assert_array_equal(simulate(replicates=3000, workers=workers), expected)
    np.testing.assert_array_equal(simulate(replicates=700), expected[:700])
    assert (simulate(replicates=700, seed=2) != expected[:700]).all()
    assert simulate(replicates=0).shape == (0,)


def test_right_and_wrong_change_places(assert_same_law):
    # All labels flipped: the weights change sign, and the accuracy is the rest to 1.
    first = random_pruning(p=0.3, phi=0.8, psi=0.4, replicates=20_000)
    second = random_pruning(p=0.7, phi=0.4, psi=0.8, replicates=20_000, seed=2)
    assert_same_law(first, 1.0 - second)


def test_thinning_alike_is_fewer_items(assert_same_law):
    first = random_pruning(n=24, phi=1.0, psi=0.5, ridge=np.inf, replicates=20_000)
    few = simulate_random_pruning(
        1.5, 4, 24, 0.3, 1.0, 0.5, ridge=1e300, replicates=20_000, rng=rng(2))
    assert_same_law(first, few)  # a huge ridge is the average, whatever the kept number


@pytest.mark.parametrize("simulate", SIMULATORS)
def test_averaging_is_the_limit_of_the_ridge(simulate):
    for dim in (3, 60):
        np.testing.assert_allclose(
            simulate(dim=dim, ridge=1e12, replicates=200),
            simulate(dim=dim, ridge=np.inf, replicates=200), rtol=1e-9)
        np.testing.assert_allclose(
            simulate(dim=dim, ridge=1e-14, replicates=200),
            simulate(dim=dim, ridge=0.0, replicates=200), rtol=1e-6)


def test_nothing_kept_is_a_coin():
    np.testing.assert_array_equal(random_pruning(phi=0.0, psi=0.0, replicates=5), 0.5)
    np.testing.assert_array_equal(random_pruning(n=0, replicates=5), 0.5)
    np.testing.assert_array_equal(pruned(n=0, replicates=5), 0.5)
    np.testing.assert_array_equal(pruned(None, n=0, replicates=5), 0.5)
    np.testing.assert_array_equal(generated(n_kept=0, replicates=5), 0.5)
    # A verifier opposite to the generator keeps nothing.
    np.testing.assert_array_equal(
        pruned(angle_gen=0.5, angle_prune=np.pi - 0.5, angle_between=np.pi, replicates=5), 0.5)


def test_no_separation_nothing_to_learn():
    np.testing.assert_array_equal(random_pruning(separation=0.0, replicates=9), 0.5)


def test_much_data_and_good_labels_reach_the_bayes_classifier():
    best = float(ndtr(1.5))
    for accuracy in (
        random_pruning(n=20_000, p=0.0, replicates=5),
        pruned(1.5, n=20_000, angle_gen=0.0, angle_prune=0.0, angle_between=0.0, replicates=5),
        generated(1.5, n_kept=20_000, arm="clean", replicates=5),
    ):
        assert (accuracy <= best).all()
        assert (accuracy > best - 2e-4).all()


def test_mostly_wrong_labels_teach_the_opposite():
    accuracy = random_pruning(n=20_000, p=0.6, phi=0.5, psi=0.5, replicates=5)
    assert (accuracy < 0.07).all()
    # The breakdown: p = 0.6 with psi / phi = 1/2 is below p* = 2/3.
    assert (random_pruning(n=20_000, p=0.6, phi=0.8, psi=0.4, replicates=5) > 0.9).all()


@pytest.mark.parametrize("arm", ["verified", "random"])
def test_a_better_verifier_of_poor_labels_helps(arm):
    good = generated(n_real=10, n_kept=300, angle_prune=0.1, arm=arm)
    poor = generated(n_real=10, n_kept=300, angle_prune=1.4, arm=arm, seed=2)
    gain = z_of_mean(good - poor, 0.0)
    assert float(gain.z) > 20.0 if arm == "verified" else gain.holds


def test_extremes():
    assert (random_pruning(separation=1e100, replicates=5) > 0.5).all()
    huge = random_pruning(separation=1e6, p=0.1, psi=0.1, n=300, replicates=5)
    np.testing.assert_array_equal(huge, 1.0)
    for ridge in (1e-300, 1e300):
        assert np.isfinite(random_pruning(ridge=ridge, replicates=5)).all()
        assert np.isfinite(pruned(dim=80, ridge=ridge, replicates=5)).all()
    line = np.unique(random_pruning(dim=1, p=0.5, psi=0.8, replicates=50))
    np.testing.assert_allclose(line, ndtr([-1.5, 1.5]))


@pytest.mark.parametrize("angles", [
    (0.9, 0.7, 1.1), (0.9, 0.7, 1.6), (0.9, 0.7, 0.2), (2.5, 2.5, 1.2), (2.5, 2.5, 2 * np.pi - 5),
    (0.0, 0.7, 0.7), (np.pi, 0.7, np.pi - 0.7), (np.pi / 2, np.pi / 2, np.pi), (1e-9, 1e-9, 1e-9),
])
def test_directions_have_the_angles(angles):
    labeller, verifier = breakdown._directions(5, *angles)
    truth = np.array([1.0, 0.0, 0.0])
    for one, other, angle in [(truth, labeller, angles[0]), (truth, verifier, angles[1]),
                              (labeller, verifier, angles[2])]:
        between = 2 * np.arctan2(np.linalg.norm(one - other), np.linalg.norm(one + other))
        assert between == pytest.approx(angle, rel=1e-7, abs=1e-15)


def test_in_a_plane_angles_add_up():
    pruned(dim=2, angle_gen=0.9, angle_prune=0.7, angle_between=1.6, replicates=2)
    pruned(dim=1, angle_gen=0.0, angle_prune=np.pi, angle_between=np.pi, replicates=2)
    with pytest.raises(ValueError, match="dim = 2: must be >= 3 for these angles"):
        pruned(dim=2)
    with pytest.raises(ValueError, match="dim = 1: must be >= 2 for these angles"):
        pruned(dim=1)
    with pytest.raises(ValueError, match="dim = 1: must be >= 2 for these angles"):
        generated(dim=1)


@pytest.mark.parametrize("module", [_classifier, budget, contraction, verifier])
def test_cached_kernels_call_no_other_file(module):
    """Numba renews a cached kernel when its own file changes, and only then."""
    kernels = {
        name: value for name, value in vars(module).items() if hasattr(value, "py_func")}
    assert kernels
    for name, kernel in kernels.items():
        for used in kernel.py_func.__code__.co_names:
            other = kernel.py_func.__globals__.get(used)
            if hasattr(other, "py_func"):
                assert other.py_func.__module__ == module.__name__, (name, used)


def test_kernels_know_no_closed_form():
    source = inspect.getsource(_classifier)
    for word in ("ndtr", "erf", "arccos", "acos", "gamma", "binomial", "poisson"):
        assert word not in source


@pytest.mark.parametrize(("simulate", "changes", "message"), [
    (random_pruning, {"separation": -1.0}, r"separation = -1: must lie in \[0, 1e100\]"),
    (random_pruning, {"dim": 0}, r"dim = 0: must be a whole number >= 1"),
    (random_pruning, {"n": 1.5}, r"n = 1.5: must be a whole number >= 0"),
    (random_pruning, {"p": 1.1}, r"p = 1.1: must lie in \[0, 1\]"),
    (random_pruning, {"phi": -0.1}, r"phi = -0.1: must lie in \[0, 1\]"),
    (random_pruning, {"psi": np.nan}, r"psi = nan: must lie in \[0, 1\]"),
    (random_pruning, {"ridge": -1.0}, r"ridge = -1: must lie in \[0, inf\]"),
    (pruned, {"ridge": np.nan}, r"ridge = nan: must lie in \[0, inf\]"),
    (pruned, {"angle_gen": 3.2}, r"angle_gen = 3.2: must lie in \[0, 3.14"),
    (pruned, {"angle_between": 1.7}, r"angle_between = 1.7: must lie in \[0.2, 1.6\]"),
    (pruned, {"separation": "wide"}, r"separation = 'wide'"),
    (generated, {"arm": "both"}, r"arm = 'both': must be one of 'verified', 'random', 'clean'"),
    (generated, {"labels": "soft"}, r"labels = 'soft': must be one of 'sampled', 'hard'"),
    (generated, {"n_real": 0}, r"n_real = 0: must be a whole number >= 1"),
    (generated, {"angle_prune": -0.1}, r"angle_prune = -0.1: must lie in"),
])
def test_misuse_is_one_line(simulate, changes, message):
    with pytest.raises(ValueError, match=message) as error:
        simulate(**changes)
    assert "\n" not in str(error.value)


def test_the_exact_law_of_the_average():
    # Null: BPX-7 given the surplus, over the counts of kept and of right labels among them.
    n, p, phi, psi = 14, 0.3, 0.8, 0.4
    good, bad = (1.0 - p) * phi, p * psi
    accuracy = random_pruning(1.5, 4, n, p, phi, psi, ridge=np.inf, replicates=400_000)

    def expected(separation):
        total = 0.5 * (1.0 - good - bad) ** n
        for kept in range(1, n + 1):
            right = np.arange(kept + 1)
            chances = binom.pmf(kept, n, good + bad) * binom.pmf(right, kept, good / (good + bad))
            total += chances @ averaging_accuracy(separation, 4, kept, 2 * right - kept)
        return total

    assert z_of_mean(accuracy, expected(1.5))
    assert not z_of_mean(accuracy, expected(1.5 * 1.02))


@pytest.mark.parametrize(("p", "phi", "psi"), [(0.3, 0.8, 0.4), (0.6, 0.9, 0.3), (0.6, 1.0, 1.0)])
def test_the_majority_decides(p, phi, psi):
    # On a line and far apart the average says who is in the majority; a tie is a coin. Null:
    # BPX-3.
    accuracy = random_pruning(1e6, 1, 15, p, phi, psi, ridge=np.inf, replicates=200_000)
    good, bad = (1.0 - p) * phi, p * psi

    def expected(good, bad):
        lead = majority_probability(15, good, bad) - majority_probability(15, bad, good)
        return 0.5 + 0.5 * lead

    assert z_of_mean(accuracy, expected(good, bad))
    assert not z_of_mean(accuracy, expected(0.98 * good, bad))


def assert_near(sample, expected, allowance):
    """Null: the mean is within a stated allowance, for finite size, of the limit; |z| < 4.5."""
    distance = abs(sample.mean() - expected)
    error = sample.std(ddof=1) / np.sqrt(len(sample))
    assert distance < 4.5 * error + allowance
    assert abs(sample.mean() - 1.02 * expected) > 4.5 * error + allowance


@pytest.mark.parametrize(("aspect", "ridge"), [(0.5, 0.0), (0.5, 0.5), (2.0, 0.3)])
def test_the_proportional_limit(aspect, ridge):
    # BPX-5 at d = 120; the distance to the limit is of order 1/d.
    accuracy = random_pruning(
        1.5, 120, int(120 / aspect), 0.2, 1.0, 1.0, ridge=ridge, replicates=1500)
    assert_near(accuracy, ridge_accuracy(1.5, 0.6, aspect, ridge), 0.003)


@pytest.mark.parametrize("angles", [(0.9, 0.7, 1.1), (1.5, 0.4, 1.6), (0.3, 0.4, 0.5)])
def test_the_population_without_a_margin(angles):
    # BPX-1 at d / n = 1/4000; the loss of accuracy is of order d / n.
    accuracy = pruned(None, 5, 20_000, *angles, ridge=0.1, replicates=300)
    assert_near(accuracy, population_accuracy(*angles), 0.0005)


@pytest.mark.parametrize(("aspect", "ridge"), [(0.4, 0.1), (1.5, 0.5)])
def test_the_alignment_after_agreement(aspect, ridge):
    # BPX-6 at d = 120 and about d / aspect kept items.
    angles = 0.9, 0.6, 1.0
    n = round(120 / aspect / rates_mixture(1.5, *angles).retention)
    accuracy = pruned(1.5, 120, n, *angles, ridge=ridge, replicates=800)
    assert_near(
        ndtri(accuracy) / 1.5, pruned_ridge_alignment(1.5, *angles, aspect, ridge), 0.004)


@pytest.mark.parametrize("size", [1, 2, 5, 6])
@pytest.mark.parametrize("count", [0, 1, 3, 4, 9])
def test_products_of_any_number_of_items_and_features(size, count):
    features = np.random.default_rng(0).standard_normal((count, size))
    gram = np.eye(size)
    _classifier._add_products(gram, features)
    wanted = np.eye(size) + features.T @ features
    np.testing.assert_allclose(np.triu(gram), np.triu(wanted), rtol=1e-12)
