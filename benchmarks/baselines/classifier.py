"""Classifiers trained on pruned labels, with scikit-learn and with plain NumPy."""

import numpy as np
from scipy.special import expit, ndtr


def _items(separation, dim, n, rng):
    """Return features and true classes of the mixture; the truth is the first axis."""
    classes = rng.choice([-1.0, 1.0], n)
    features = rng.standard_normal((n, dim))
    features[:, 0] += separation * classes
    return features, classes


def _ridge(features, labels, ridge):
    gram = features.T @ features / len(labels)
    gram[np.diag_indices_from(gram)] += ridge
    return np.linalg.solve(gram, features.T @ labels / len(labels))


def _accuracy(weights, separation):
    return ndtr(separation * weights[0] / np.linalg.norm(weights))


def _directions(dim, angle_gen, angle_prune, angle_between):
    turn = np.arccos((np.cos(angle_between) - np.cos(angle_gen) * np.cos(angle_prune))
                     / (np.sin(angle_gen) * np.sin(angle_prune)))
    labeller, verifier = np.zeros(dim), np.zeros(dim)
    labeller[:2] = np.cos(angle_gen), np.sin(angle_gen)
    verifier[:3] = (np.cos(angle_prune), np.sin(angle_prune) * np.cos(turn),
                    np.sin(angle_prune) * np.sin(turn))
    return labeller, verifier


def _pruned_items(separation, dim, n, angles, rng):
    labeller, verifier = _directions(dim, *angles)
    features, _ = _items(separation, dim, n, rng)
    labels = np.sign(features @ labeller)
    kept = labels == np.sign(features @ verifier)
    return features[kept], labels[kept]


def pruned_classifier(separation, dim, n, angles, ridge, replicates, rng):
    """Return accuracies by normal equations, and the exact accuracy of their direction."""
    return np.array([
        _accuracy(_ridge(*_pruned_items(separation, dim, n, angles, rng), ridge), separation)
        for _ in range(replicates)])


def pruned_pipeline(separation, dim, n, angles, ridge, replicates, rng):
    """Return accuracies of scikit-learn's ridge classifier on as many new items."""
    from sklearn.linear_model import RidgeClassifier

    scores = []
    for _ in range(replicates):
        features, labels = _pruned_items(separation, dim, n, angles, rng)
        model = RidgeClassifier(alpha=ridge * len(labels), fit_intercept=False)
        model.fit(features, labels)
        scores.append(model.score(*_items(separation, dim, n, rng)))
    return np.array(scores)


def random_pruning(separation, dim, n, p, phi, psi, ridge, replicates, rng):
    """Return accuracies after label noise and pruning that do not look at the features."""
    scores = []
    for _ in range(replicates):
        features, classes = _items(separation, dim, n, rng)
        wrong = rng.random(n) < p
        kept = rng.random(n) < np.where(wrong, psi, phi)
        labels = np.where(wrong, -classes, classes)[kept]
        scores.append(_accuracy(_ridge(features[kept], labels, ridge), separation))
    return np.array(scores)


def generated_training(separation, dim, n_real, n_kept, angle_prune, ridge, replicates, rng):
    """Return accuracies of training on verified labels of a least-squares generator."""
    verifier = np.zeros(dim)
    verifier[:2] = np.cos(angle_prune), np.sin(angle_prune)
    scores = []
    for _ in range(replicates):
        generator = np.linalg.lstsq(*_items(separation, dim, n_real, rng), rcond=None)[0]
        rows, labels, missing = [], [], n_kept
        while missing > 0:
            features, _ = _items(separation, dim, int(1.5 * missing) + 16, rng)
            label = np.where(rng.random(len(features)) < expit(features @ generator), 1.0, -1.0)
            kept = label * (features @ verifier) > 0
            rows.append(features[kept][:missing])
            labels.append(label[kept][:missing])
            missing -= len(rows[-1])
        weights = _ridge(np.concatenate(rows), np.concatenate(labels), ridge)
        scores.append(_accuracy(weights, separation))
    return np.array(scores)
