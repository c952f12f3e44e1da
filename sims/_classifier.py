"""Kernels that train a ridge least-squares classifier, one item at a time, in memory d^2.

Items come multiplied by their true class: `point` stands for (class times features) and `label`
for (class times label), which is 1 when the label is right. The classifier sees products of two
such factors only, so nothing is lost, and no item needs a class of its own.

Linear algebra is in plain loops, so that the bits do not depend on machine, load or engine: a
library may order its sums by core count. And all compiled functions that call each other are in
this one file, because Numba renews a cached kernel only when its own file changes.
"""

import math

import numpy as np
from numba import njit

__all__ = ["agreement_chunk", "generated_chunk", "random_chunk"]

_PATIENCE = 100_000_000  # items in a row that may be refused
_GLANCE = 4_095  # a mask: items between two looks at the halt flag, less one
_EPSILON = 2.0**-52
_TOGETHER = 32


@njit(nogil=True, cache=True)
def _factor(matrix):
    """Overwrite the upper triangle of a symmetric `matrix` by U with U'U = matrix.

    The lower triangle is not looked at. A pivot that is round-off beside its diagonal element
    (a semi-definite matrix) makes a row of zeros.
    """
    size = len(matrix)
    noise = np.empty(size)
    for k in range(size):
        noise[k] = _EPSILON * size * matrix[k, k]
    for k in range(size):
        root = math.sqrt(matrix[k, k]) if matrix[k, k] > noise[k] else 0.0
        matrix[k, k] = root
        for j in range(k + 1, size):
            matrix[k, j] = matrix[k, j] / root if root > 0.0 else 0.0
        for i in range(k + 1, size):
            source = matrix[k, i:]  # slices: an index from 0 lets the compiler use vectors
            target = matrix[i, i:]
            scale = source[0]
            for j in range(len(target)):
                target[j] -= scale * source[j]


@njit(nogil=True, cache=True)
def _solve(upper, vector):
    """Overwrite `vector` by the solution of U'U x = vector (0 where U has a row of zeros)."""
    size = len(vector)
    for i in range(size):
        row = upper[i]
        vector[i] = vector[i] / row[i] if row[i] > 0.0 else 0.0
        for j in range(i + 1, size):
            vector[j] -= row[j] * vector[i]
    for i in range(size - 1, -1, -1):
        row = upper[i]
        rest = vector[i]
        for j in range(i + 1, size):
            rest -= row[j] * vector[j]
        vector[i] = rest / row[i] if row[i] > 0.0 else 0.0


@njit(nogil=True, cache=True)
def _new_learner(dim, ridge):
    """Return (gram, moment, features, labels, weights), the memory of a classifier.

    `gram` (upper triangle) and `moment` are sums over items; `features` and `labels` hold items
    that the sums have yet to take in. Averaging, ridge = inf, needs the moment alone.
    """
    averaging = math.isinf(ridge)
    size, held = (0, min(dim, _TOGETHER)) if averaging else (dim, dim)
    return (np.zeros((size, size)), np.zeros(dim), np.empty((held, dim)), np.empty(held),
            np.zeros(dim))


@njit(nogil=True, cache=True)
def _forget(learner):
    """Empty the memory before another replicate."""
    learner[0][:] = 0.0
    learner[1][:] = 0.0


@njit(nogil=True, cache=True, inline="always")
def _keep(gram, moment, features, labels, held, label):
    """Keep the item that stands in `features` at `held`; return the place of the next one.

    The arrays come one by one and the compiler puts this in place of the call: to unpack a tuple
    of them, or to pass them on, costs more than all else here.
    """
    labels[held] = label
    held += 1
    if held == len(labels):
        _take_in(gram, moment, features, labels, held)
        held = 0
    return held


@njit(nogil=True, cache=True)
def _take_in(gram, moment, features, labels, count):
    """Add the first `count` items to the sums."""
    for k in range(count):
        label, point = labels[k], features[k]
        for i in range(len(moment)):
            moment[i] += label * point[i]
    for start in range(0, count, _TOGETHER):
        _add_products(gram, features[start : min(start + _TOGETHER, count)])


@njit(nogil=True, cache=True)
def _add_products(gram, features):
    """Add the products of each item's features, in the order of the items.

    Two rows and four items at a time: what the processor has loaded serves eight sums.
    """
    size, count = len(gram), len(features)
    for i in range(0, size - 1, 2):
        upper, lower = gram[i, i:], gram[i + 1, i:]  # slices for the compiler, as in `_factor`
        for k in range(0, count - 3, 4):
            p, q = features[k, i:], features[k + 1, i:]
            r, s = features[k + 2, i:], features[k + 3, i:]
            p0, q0, r0, s0 = p[0], q[0], r[0], s[0]
            p1, q1, r1, s1 = p[1], q[1], r[1], s[1]
            for j in range(len(upper)):
                upper[j] = upper[j] + p0 * p[j] + q0 * q[j] + r0 * r[j] + s0 * s[j]
                lower[j] = lower[j] + p1 * p[j] + q1 * q[j] + r1 * r[j] + s1 * s[j]
        for k in range(count - count % 4, count):
            p = features[k, i:]
            for j in range(len(upper)):
                upper[j] += p[0] * p[j]
                lower[j] += p[1] * p[j]
    if size % 2:
        for k in range(count):
            gram[size - 1, size - 1] += features[k, size - 1] * features[k, size - 1]


@njit(nogil=True, cache=True)
def _fit_primal(learner, seen, ridge, scale):
    """Solve (X'X / N + ridge I) w = X'y / N, both sides divided by `scale`."""
    gram, moment, _, _, weights = learner
    for i in range(len(gram)):
        for j in range(i, len(gram)):
            gram[i, j] /= seen * scale
        gram[i, i] += ridge / scale
        weights[i] = moment[i] / (seen * scale)
    _factor(gram)
    _solve(gram, weights)


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
    _factor(kernel)
    _solve(kernel, shares)
    weights[:] = 0.0
    for i in range(seen):
        for k in range(len(weights)):
            weights[k] += shares[i] * features[i, k]


@njit(nogil=True, cache=True)
def _fit(learner, seen, ridge):
    """Fill the weights of a classifier that has seen `seen` items, and use up its memory.

    The weights are ``(X'X / N + ridge I)^-1 X'y / N``; with ridge = inf they are the sum of
    label times features, and with nothing seen they are zero.
    """
    gram, moment, features, labels, weights = learner
    if 0 < seen < len(gram):
        _fit_dual(learner, seen, ridge, max(ridge, 1.0))
        return
    _take_in(gram, moment, features, labels, seen % len(labels))
    if len(gram) == 0 or seen == 0:
        weights[:] = moment
    else:
        _fit_primal(learner, seen, ridge, max(ridge, 1.0))


@njit(nogil=True, cache=True)
def _cosine(weights):
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


@njit(nogil=True, cache=True)
def _draw_item(rng, separation, point):
    """Fill `point` with the features of an item, times its class."""
    for i in range(len(point)):
        point[i] = rng.standard_normal()
    point[0] += separation


@njit(nogil=True, cache=True)
def random_chunk(rng, halt, separation, dim, n, p, phi, psi, ridge, cosines):
    """Train on labels whose errors and survival do not look at the features."""
    learner = _new_learner(dim, ridge)
    gram, moment, features, labels, weights = learner
    for r in range(len(cosines)):
        _forget(learner)
        kept = held = 0
        for k in range(n):
            if k & _GLANCE == 0 and halt[0]:
                return
            wrong = rng.random() < p
            if rng.random() < (psi if wrong else phi):
                _draw_item(rng, separation, features[held])
                label = -1.0 if wrong else 1.0
                held = _keep(gram, moment, features, labels, held, label)
                kept += 1
        _fit(learner, kept, ridge)
        cosines[r] = _cosine(weights)


@njit(nogil=True, cache=True)
def _along(direction, point):
    """Return the product of a point with a direction in the first few coordinates."""
    product = 0.0
    for i in range(len(direction)):
        product += direction[i] * point[i]
    return product


@njit(nogil=True, cache=True)
def agreement_chunk(
    rng, halt, separation, margin, dim, n, labeller, verifier, ridge, cosines
):
    """Train on items that labeller and verifier put on the same side."""
    learner = _new_learner(dim, ridge)
    gram, moment, features, labels, weights = learner
    seen = len(labeller)  # all that the two look at: the rest is drawn for kept items only
    for r in range(len(cosines)):
        _forget(learner)
        kept = held = 0
        for k in range(n):
            if k & _GLANCE == 0 and halt[0]:
                return
            point = features[held]
            for i in range(seen):
                point[i] = rng.standard_normal()
            point[0] = point[0] + separation if margin else abs(point[0])
            right = _along(labeller, point) > 0.0
            if right == (_along(verifier, point) > 0.0):
                for i in range(seen, dim):
                    point[i] = rng.standard_normal()
                held = _keep(gram, moment, features, labels, held, 1.0 if right else -1.0)
                kept += 1
        _fit(learner, kept, ridge)
        cosines[r] = _cosine(weights)


@njit(nogil=True, cache=True)
def _generated_label(rng, sampled, score):
    """Return the generator's label, +-1, of features with this score."""
    if not sampled:
        return 1.0 if score > 0.0 else -1.0
    tail = math.exp(-abs(score))
    unlikely = rng.random() * (1.0 + tail) < tail
    return -1.0 if (score > 0.0) == unlikely else 1.0


@njit(nogil=True, cache=True)
def generated_chunk(
    rng, halt, separation, dim, n_real, n_kept, verifier, verified, clean, sampled, ridge, cosines
):
    """Fit a generator to real items, then train on items that it labels."""
    generator = _new_learner(dim, 0.0)
    learner = _new_learner(dim, ridge)
    gram, moment, features, labels, weights = learner
    for r in range(len(cosines)):
        _forget(generator)
        held = 0
        for k in range(n_real):
            if k & _GLANCE == 0 and halt[0]:
                return
            _draw_item(rng, separation, generator[2][held])
            held = _keep(generator[0], generator[1], generator[2], generator[3], held, 1.0)
        _fit(generator, n_real, 0.0)
        _forget(learner)
        kept = refused = held = 0
        while kept < n_kept:
            point = features[held]
            _draw_item(rng, separation, point)
            label = 1.0
            if not clean:
                label = _generated_label(rng, sampled, _along(generator[4], point))
            if not verified or label * _along(verifier, point) > 0.0:
                held = _keep(gram, moment, features, labels, held, label)
                kept += 1
                refused = 0
            else:
                refused += 1
                if refused >= _PATIENCE:
                    raise RuntimeError("the verifier refused 100,000,000 items in a row")
            if (kept + refused) & _GLANCE == 0 and halt[0]:
                return
        _fit(learner, kept, ridge)
        cosines[r] = _cosine(weights)
