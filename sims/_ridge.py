"""A ridge least-squares classifier that learns from one item at a time, in memory d^2.

Items come multiplied by their true class: x stands for (class times features) and `label` for
(class times label), which is 1 when the label is right. The classifier sees products of two such
factors only, so nothing is lost, and no item needs a class of its own.
"""

import math

import numpy as np
from numba import njit

from sims._cholesky import factor, solve

__all__ = ["absorb", "cosine", "fit", "forget", "new_learner"]


@njit(nogil=True, cache=True)
def new_learner(dim, ridge):
    """Return (gram, moment, features, labels, weights), the memory of a classifier.

    `gram` (upper triangle) and `moment` are sums over items; `features` and `labels` are the
    first d items, for the case that there are fewer than d. Averaging, ridge = inf, needs the
    moment alone.
    """
    size = 0 if math.isinf(ridge) else dim
    return (np.zeros((size, size)), np.zeros(dim), np.zeros((size, size)), np.zeros(size),
            np.zeros(dim))


@njit(nogil=True, cache=True)
def forget(learner):
    """Empty the memory before another replicate."""
    learner[0][:] = 0.0
    learner[1][:] = 0.0


@njit(nogil=True, cache=True)
def absorb(learner, seen, point, label):
    """Add an item to the memory of a classifier that has seen `seen` items."""
    gram, moment, features, labels, _ = learner
    for i in range(len(point)):
        moment[i] += label * point[i]
    if seen < len(labels):
        features[seen] = point
        labels[seen] = label
    for i in range(len(gram)):
        row = gram[i]
        scale = point[i]
        for j in range(i, len(gram)):
            row[j] += scale * point[j]


@njit(nogil=True, cache=True)
def _fit_primal(learner, seen, ridge, scale):
    """Solve (X'X / N + ridge I) w = X'y / N, both sides divided by `scale`."""
    gram, moment, _, _, weights = learner
    for i in range(len(gram)):
        for j in range(i, len(gram)):
            gram[i, j] /= seen * scale
        gram[i, i] += ridge / scale
        weights[i] = moment[i] / (seen * scale)
    factor(gram)
    solve(gram, weights)


@njit(nogil=True, cache=True)
def _fit_dual(learner, seen, ridge, scale):
    """Solve the same by w = X'a, (XX' / N + ridge I) a = y / N; at ridge 0 the shortest w."""
    _, _, features, labels, weights = learner
    kernel = np.zeros((seen, seen))
    shares = np.empty(seen)
    for i in range(seen):
        for j in range(i, seen):
            product = 0.0
            for k in range(len(weights)):
                product += features[i, k] * features[j, k]
            kernel[i, j] = product / (seen * scale)
        kernel[i, i] += ridge / scale
        shares[i] = labels[i] / (seen * scale)
    factor(kernel)
    solve(kernel, shares)
    weights[:] = 0.0
    for i in range(seen):
        for k in range(len(weights)):
            weights[k] += shares[i] * features[i, k]


@njit(nogil=True, cache=True)
def fit(learner, seen, ridge):
    """Fill the weights of a classifier that has seen `seen` items, and use up its memory.

    The weights are ``(X'X / N + ridge I)^-1 X'y / N``; with ridge = inf they are the sum of
    label times features, and with nothing seen they are zero.
    """
    gram, moment, _, _, weights = learner
    if len(gram) == 0 or seen == 0:
        weights[:] = moment
    elif seen < len(gram):
        _fit_dual(learner, seen, ridge, max(ridge, 1.0))
    else:
        _fit_primal(learner, seen, ridge, max(ridge, 1.0))


@njit(nogil=True, cache=True)
def cosine(weights):
    """Return the cosine of the weights to the first axis, the truth; 0 for zero weights."""
    largest = 0.0
    for weight in weights:
        largest = max(largest, abs(weight))
    if largest == 0.0:
        return 0.0
    squares = 0.0
    for weight in weights:
        share = weight / largest
        squares += share * share
    return weights[0] / largest / math.sqrt(squares)
