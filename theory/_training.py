"""Ridge logistic regression on an idealised Gram matrix: four numbers instead of n weights."""

import numpy as np
from scipy.special import expit, log_expit

from theory._domain import real

__all__ = ["reduced_solution", "training_accuracy", "training_solution"]

_STEPS = 2000  # a few dozen do, but a ridge of 1e-300 takes its logarithm

_LARGEST = 1e150  # its square is still a number


def _logit(x, self_weight):
    """Root l of l + self_weight sigmoid(l) = x, elementwise; the left side increases."""
    flip = x > 0.5 * self_weight  # by the symmetry l -> -l the root can be made <= 0
    x = np.where(flip, self_weight - x, x)
    low, high = x - self_weight, np.minimum(x, 0.0)
    steep = self_weight * expit(high) > 1
    heavy = np.maximum(self_weight, 1.0)
    root = np.where(steep, np.log(np.maximum(x, 1.0)) - np.log(heavy), high)
    root = np.clip(root, low, high)
    for _ in range(100):
        share = expit(root)
        load = self_weight * share
        # Where the weight is large the exponential in it is tamed by its logarithm.
        room = np.where(steep, np.maximum(x - root, 1e-3), 1.0)
        tame = (log_expit(root) + np.log(heavy) - np.log(room)) / (1 - share + 1 / room)
        move = np.where(steep, tame, (root + load - x) / (1 + load * (1 - share)))
        low, high = np.where(move > 0, low, root), np.where(move > 0, root, high)
        new = root - move
        new = np.where((new >= low) & (new <= high), new, 0.5 * (low + high))
        done = np.abs(new - root) <= 4e-16 * np.abs(root) + 1e-300
        root = new
        if done.all():
            break
    return np.where(flip, -root, root)


def _side(margin, right, wrong, self_weight):
    """Pull of one class at its margin: (sum of weights, minus its derivative, potential)."""
    up, down = _logit(-margin, self_weight), _logit(margin, self_weight)
    right_share, wrong_share = expit(up), expit(down)
    pull = right * right_share - wrong * wrong_share

    def stiffness(share, logit):
        slope = share * expit(-logit)
        return slope / (1 + self_weight * slope)

    stiff = right * stiffness(right_share, up) + wrong * stiffness(wrong_share, down)
    potential = right * (np.logaddexp(0, up) + 0.5 * self_weight * right_share**2)
    potential = potential + wrong * (np.logaddexp(0, down) + 0.5 * self_weight * wrong_share**2)
    return pull, stiff, potential


def _objective(y, weights, a, b, self_weight):
    """Margins (u, v) at the dual point y = (s, t), residual of y, stiffnesses, objective."""
    n11, n10, n01, n00 = weights
    u, v = a * y[0] + b * y[1], b * y[0] + a * y[1]
    pull_s, stiff_s, potential_s = _side(u, n11, n10, self_weight)
    pull_t, stiff_t, potential_t = _side(v, n01, n00, self_weight)
    objective = 0.5 * (y[0] * u + y[1] * v) + potential_s + potential_t
    return (u, v), (y[0] - pull_s, y[1] - pull_t), (stiff_s, stiff_t), objective


def _solve_two(h, r, a, b, *, transposed):
    """Solve (1 + H G) x = r, or (1 + G H) x = r, for G = [[a, b], [b, a]], H = diag(h) >= 0."""
    p1, p2 = 1 / (1 + a * h[0]), 1 / (1 + a * h[1])
    q1, q2 = h[0] * p1, h[1] * p2
    determinant = p1 * p2 + a * (q1 * p2 + p1 * q2) + (a - b) * (a + b) * q1 * q2  # no negatives
    across, back = (q2 * p1, q1 * p2) if transposed else (q1 * p2, q2 * p1)
    first, second = p1 * r[0] - b * across * r[1], p2 * r[1] - b * back * r[0]
    return first / determinant, second / determinant


def _descend(weights, a, b, self_weight):
    """Margins to about three digits: damped Newton on a strictly convex function."""
    margins, y = np.zeros((2, a.size)), np.zeros((2, a.size))
    active = np.arange(a.size)
    for _ in range(_STEPS):
        part = [weight[active] for weight in weights], a[active], b[active], self_weight[active]
        _, residual, stiff, objective = _objective(y[:, active], *part)
        step = -np.stack(_solve_two(stiff, residual, *part[1:3], transposed=False))
        move = part[1] * step + part[2] * step[::-1]  # of (u, v)
        slope = np.sum(move * np.stack(residual), axis=0)
        length, noise = np.ones(active.size), 1e-13 * (1 + np.abs(objective))
        for _ in range(60):
            trial = y[:, active] + length * step
            reached, *_, value = _objective(trial, *part)
            good = value <= objective + 1e-4 * length * slope + noise
            if good.all():
                break
            length = np.where(good, length, 0.5 * length)
        y[:, active], margins[:, active] = trial, np.stack(reached)
        settled = np.abs(move) <= 1e-3 + 1e-9 * np.abs(margins[:, active])
        active = active[~settled.all(axis=0)]
        if active.size == 0:
            break
    return margins


def _solve(weights, a, b, self_weight):
    """Margins (u, v) of the minimiser; the last digits come from Newton's method on them."""
    shape = a.shape
    *weights, a, b, self_weight = (x.ravel() for x in (*weights, a, b, self_weight))
    largest = max(np.max(weights, initial=0.0), np.max(self_weight, initial=0.0))
    if not largest <= _LARGEST:
        raise ValueError(f"mass over ridge = {largest:g}: must lie in [0, {_LARGEST:g}]")
    n11, n10, n01, n00 = weights
    with np.errstate(under="ignore"):
        u, v = _descend(weights, a, b, self_weight)
        for _ in range(4):
            pull_s, stiff_s, _ = _side(u, n11, n10, self_weight)
            pull_t, stiff_t, _ = _side(v, n01, n00, self_weight)
            excess = u - a * pull_s - b * pull_t, v - b * pull_s - a * pull_t
            step = _solve_two((stiff_s, stiff_t), excess, a, b, transposed=True)
            u, v = u - step[0], v - step[1]
    return u.reshape(shape), v.reshape(shape)


def _gram(a, b, *others):
    """Check and broadcast the overlaps within and between classes."""
    a, b = real("a", a, 0, 1, low_open=True), real("b", b, -1, 1)
    if np.any(np.abs(b) > a):
        raise ValueError(f"|b| - a = {np.max(np.abs(b) - a):g}: must lie in [-1, 0]")
    return np.broadcast_arrays(a, b, *others)


def _four(name, value, high=np.inf):
    value = real(name, value, 0, high)
    if value.ndim == 0 or value.shape[-1] != 4:
        raise ValueError(f"{name} has shape {value.shape}: last axis must hold (11, 10, 01, 00)")
    return np.moveaxis(value, -1, 0)


def _shares(counts, a, b, gamma):
    """The four gamma-multiplied coefficients of the exact system, and the counts."""
    gamma = real("gamma", gamma, 0, low_open=True)
    a, b, gamma, *counts = _gram(a, b, gamma, *_four("counts", counts))
    self_weight = (1 - a) / gamma
    with np.errstate(over="ignore"):
        weights = [count / gamma for count in counts]
    u, v = _solve(weights, a, b, self_weight)
    shares = [expit(_logit(x, self_weight)) for x in (-u, u, -v, v)]
    return shares, counts, gamma


def training_solution(counts, a, b, gamma):
    """Coefficients (A, B, C, D) of the fitted weight vector on the four kinds of items.

    The minimiser is sum_i alpha_i x_i with alpha = A, -B, C, -D on kinds 11, 10, 01, 00, and

        gamma A = sigmoid(-u - R A),  gamma B = sigmoid(u - R B),
        gamma C = sigmoid(-v - R C),  gamma D = sigmoid(v - R D),  R = 1 - a,
        u = a s + b t,  v = b s + a t,  s = N11 A - N10 B,  t = N01 C - N00 D

    Claim: BP-F1.

    Source: Feng et al. 2025, Proposition F.1 and equation (31).

    Assumes: inner products are 1 (same item), a (same class) and b (other class), exactly.

    Parameters
    ----------
    counts : array_like, shape (..., 4)
        Surviving items N11, N10, N01, N00 by (class, label); real numbers >= 0.
    a : array_like
        Inner product within a class, in (0, 1].
    b : array_like
        Inner product between classes, |b| <= a.
    gamma : array_like
        Ridge times number of items, lambda N, in (0, inf).

    Returns
    -------
    tuple of float or ndarray
        (A, B, C, D), the unique solution, each in (0, 1/gamma); relative error about 1e-12.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> A, B, C, D = training_solution([14, 5, 4, 13], 0.1, -0.1, 1.0)
    >>> float(A), float(B)
    (0.32595607, 0.49656579)
    """
    shares, _, gamma = _shares(counts, a, b, gamma)
    return tuple((share / gamma)[()] for share in shares)


def training_accuracy(counts, a, b, gamma):
    """Share of surviving items on whose true class the fitted model decides.

    .. math:: \\frac{N_{11} 1[\\bar A < \\tfrac12] + N_{00} 1[\\bar D < \\tfrac12]
        + N_{10} 1[\\bar B > \\tfrac12] + N_{01} 1[\\bar C > \\tfrac12]}
        {N_{11} + N_{10} + N_{01} + N_{00}}, \\quad \\bar A = \\gamma A, \\ldots

    Claim: BP-41, BP-F2.

    Source: Feng et al. 2025, Proposition F.2 and equation (41). It is measured on survivors, so
    that it does not estimate the accuracy on new items at any sample size.

    Assumes: as `training_solution`.

    Parameters
    ----------
    counts : array_like, shape (..., 4)
        Surviving items N11, N10, N01, N00 by (class, label); real numbers >= 0.
    a : array_like
        Inner product within a class, in (0, 1].
    b : array_like
        Inner product between classes, |b| <= a.
    gamma : array_like
        Ridge times number of items, lambda N, in (0, inf).

    Returns
    -------
    float or ndarray
        Accuracy in [0, 1]; ties are errors; nan without survivors.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> float(training_accuracy([14, 5, 4, 13], 0.1, -0.1, 1.0))  # 27 right labels against 9
    0.75
    """
    (first, second, third, fourth), counts, _ = _shares(counts, a, b, gamma)
    hits = (first < 0.5, second > 0.5, third > 0.5, fourth < 0.5)
    right = sum(count * hit for count, hit in zip(counts, hits))
    with np.errstate(invalid="ignore"):
        return np.divide(right, sum(counts))[()]


def reduced_solution(fractions, a, b, ridge):
    """Margins (u, v) of the two classes for large samples at a fixed ridge.

    .. math:: u = (a s + b t)/\\lambda, \\quad v = (b s + a t)/\\lambda, \\quad
        s = n_{11} - (n_{11} + n_{10}) \\sigma(u), \\quad
        t = n_{01} - (n_{01} + n_{00}) \\sigma(v)

    Class 1 is classified right when u > 0, class 0 when v < 0. For b = -a, u = -v has the sign of
    good minus bad; for b = 0, u has that of n11 - n10 and v that of n01 - n00.

    Claim: BP-42, BP-F3, BP-F4, BPX-9.

    Source: Feng et al. 2025, equations (42)-(44), per sample: fractions n_kl = N_kl/N and
    ridge lambda = gamma/N.

    Assumes: gamma = lambda N -> infinity; the self-overlap R = 1 - a then drops out.

    Parameters
    ----------
    fractions : array_like, shape (..., 4)
        Shares n11, n10, n01, n00 of generated items that survive, by (class, label), in [0, 1].
    a : array_like
        Inner product within a class, in (0, 1].
    b : array_like
        Inner product between classes, |b| <= a.
    ridge : array_like
        lambda, in (0, inf).

    Returns
    -------
    tuple of float or ndarray
        (u, v), the unique solution; relative error about 1e-12.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> u, v = reduced_solution([0.35, 0.15, 0.15, 0.35], 0.5, -0.5, 0.1)
    >>> float(u), float(v)
    (0.44853988, -0.44853988)
    """
    ridge = real("ridge", ridge, 0, low_open=True)
    a, b, ridge, *fractions = _gram(a, b, ridge, *_four("fractions", fractions, 1.0))
    with np.errstate(over="ignore"):
        weights = [share / ridge for share in fractions]
    u, v = _solve(weights, a, b, np.zeros(a.shape))
    return u[()], v[()]
