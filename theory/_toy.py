"""The Gaussian toy loop: exact second moments of mean and covariance, round by round.

Per coordinate, with target N(0, I): n real points x, kept for ever, with mean xbar; m corrected
points a round, each with probability q = 1/(1+gamma) from the model (with `bootstrap`: drawn
with replacement from m points of the model), else from the target. Round 0 is the fit to the
real points. Covariances divide by N - ddof, N points in the pool.
"""

import math
from dataclasses import dataclass

import numpy as np

from theory import _domain
from theory._correction import mixture_weights
from theory._gamma import log_gamma_drop

__all__ = [
    "ToyState",
    "accumulate_mean_factor",
    "asymptotic_toy_squared_distance",
    "bound_toy_squared_distance",
    "conditional_mean_factor",
    "ramp_exact",
    "toy_recursion",
    "toy_stationary",
]

_POLICIES = ("replace", "accumulate", "log")


@dataclass(frozen=True, slots=True)
class ToyState:
    """Second moments of the toy loop, per coordinate.

    Attributes
    ----------
    covariation : float or ndarray
        chi = E[xbar mu], of the model's mean with the real sample's.
    mean_square : float or ndarray
        p = E[mu^2], the mean's squared distance to the target's 0.
    variance : float or ndarray
        v = E[Sigma_ii]; equal to 1 - p for maximum likelihood.
    """

    covariation: np.ndarray
    mean_square: np.ndarray
    variance: np.ndarray


def toy_stationary(n, m, correction, bootstrap=True):
    """Return the stationary second moments of the toy loop that replaces its synthetic points.

        chi = (1/n)/(1 + l - l q),    p = [1/n + 2 l q chi + l^2 k0]/[(1 + l)^2 - l^2 (q^2 + k1)]
        k0 = 1/m + boot (1 - 1/m) q^2/m,    k1 = -q^2/m - boot (1 - 1/m) q^2/m,    v = 1 - p

    with l = m/n.

    Claim: SC-D-STAT, SCX-CONS.

    Source: ours, for Gillman et al. 2024, Appendix D (n = 50, m = 25, bootstrap).

    Assumes: maximum likelihood covariance, fixed real data.

    Parameters
    ----------
    n : array_like
        Number of real points, at least 1.
    m : array_like
        Number of corrected points a round, at least 1.
    correction : array_like
        gamma in [0, inf].
    bootstrap : bool
        Whether the corrected points resample m generated ones (equation 51 of the source)
        rather than draw from the mixture (its Definition 4.1).

    Returns
    -------
    ToyState
        Second moments in units of the target's variance; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(toy_stationary(50, 25, 0.0).mean_square)
    0.0295107942
    """
    n = _domain.count("n", n, 1).astype(np.float64)
    m = _domain.count("m", m, 1).astype(np.float64)
    kept, added = mixture_weights(correction)
    synthetic, real = m / (n + m), n / (n + m)  # l/(1+l) and 1/(1+l)
    chi = 1 / (n + m * added)
    extra = kept**2 / m + (bool(bootstrap) * (1 - 1 / m)) * kept**2 / m
    top = real**2 / n + 2 * synthetic * real * kept * chi
    top = top + synthetic**2 * (1 / m + extra - kept**2 / m)
    free = real + synthetic * added
    bottom = free * (1 + synthetic * kept) + synthetic**2 * extra
    square = top / bottom
    # 1 - p as a sum of terms >= 0: the difference would lose its digits where p is near 1
    left = (1 - 1 / n) * free * (1 + synthetic * kept)
    left = left + synthetic * added / n * (added + 2 * synthetic * kept * (1 + real / free))
    chi, square, variance = np.broadcast_arrays(chi, square, left / bottom)
    return ToyState(chi[()], square[()], variance[()])


def _added_points(policy, m, t):
    """Return how many corrected points round t -> t+1 adds to the pool."""
    if policy != "log":
        return m
    before = np.floor(m * (1 + math.log(t))) if t else 0.0
    return np.floor(m * (1 + math.log(t + 1))) - before


def _draw_variance(state, a, kept, bootstrap):
    """Return w, the mean variance of the average of `a` corrected points given the model."""
    _, p, v = state
    spread = (kept * v + (1 - kept) + kept * (1 - kept) * p) / a
    return spread + bool(bootstrap) * (1 - 1 / a) * kept**2 * v / a


def _advance(state, pool, a, kept, bootstrap, ddof, real=None):
    """Return the next (chi, p, v) after `a` new points join a pool of given size.

    The old part of the pool has the mean xbar when it is the real sample (`real` points), else
    the model's own mean.
    """
    chi, p, v = state
    w = _draw_variance(state, a, kept, bootstrap)
    total = pool + a
    old, new = pool / total, a / total
    second = kept * (v + p) + (1 - kept)
    if real is None:
        chi_next = chi * (old + new * kept)
        cross, square, moment = p, p, v * (pool - ddof) / pool + p
    else:
        chi_next = old / real + new * kept * chi
        cross, square, moment = chi, 1 / real, 1.0
    p_next = old**2 * square + 2 * old * new * kept * cross + new**2 * (kept**2 * p + w)
    v_next = np.maximum(old * moment + new * second - p_next, 0.0)
    return chi_next, p_next, v_next * total / (total - ddof)


def toy_recursion(n, m, correction, rounds, policy="replace", bootstrap=True, ddof=0):
    """Return the second moments of the toy loop after every round.

        replace:     the n real points and the m newest corrected ones
        accumulate:  the real points and all corrected ones so far
        log:         as accumulate, floor(m (1 + log t)) corrected points after t rounds

    Claim: SC-D-REC, SC-D-ACCUMULATE, SC-D-LOG, SCX-CONS.

    Source: ours, for Gillman et al. 2024, Appendix D; "logarithmically accrue" is not defined
    there, `log` is the literal reading and `ramp_exact` the published script's schedule.

    Parameters
    ----------
    n : array_like
        Number of real points, at least 1 + ddof.
    m : array_like
        Number of corrected points a round, at least 1.
    correction : array_like
        gamma in [0, inf].
    rounds : int
        T >= 0.
    policy : {"replace", "accumulate", "log"}
        Which corrected points the pool keeps.
    bootstrap : bool
        As in `toy_stationary`.
    ddof : {0, 1}
        The covariance divides by N - ddof.

    Returns
    -------
    ToyState
        Arrays of shape (..., T + 1), in units of the target's variance; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> toy_recursion(50, 25, 1.0, 2).mean_square
    array([0.02   , 0.01936, 0.01860])
    """
    _domain.choice("policy", policy, _POLICIES)
    _domain.choice("ddof", ddof, (0, 1))
    n = _domain.count("n", n, 1 + ddof).astype(np.float64)
    m = _domain.count("m", m, 1).astype(np.float64)
    horizon = _domain.scalar_count("rounds", rounds)
    n, m, kept = np.broadcast_arrays(n, m, mixture_weights(correction)[0])
    path = np.empty((3, *n.shape, horizon + 1))
    path[..., 0] = 1 / n, 1 / n, (1 - 1 / n) * n / (n - ddof)
    pool = n
    for t in range(horizon):
        state, a = path[..., t], _added_points(policy, m, t)
        if policy == "replace":
            path[..., t + 1] = _advance(state, n, m, kept, bootstrap, ddof, real=n)
            continue
        moved = _advance(state, pool, np.maximum(a, 1), kept, bootstrap, ddof)
        path[..., t + 1] = np.where(a > 0, moved, state)
        pool = pool + a
    return ToyState(*path)


def conditional_mean_factor(n, m, correction, rounds, policy="replace"):
    """Return the factor f_t by which the loop remembers its real sample: E[mu_t | x] = xbar f_t.

        replace:          f' = (1 + l q f)/(1 + l),  to 1/(1 + l (1-q)),  l = m/n
        accumulate, log:  f' = f (N + a q)/(N + a),  N points in the pool, a new ones

    Claim: SC-D-REC.

    Source: ours, for Gillman et al. 2024, Appendix D.

    Parameters
    ----------
    n : array_like
        Number of real points, at least 1.
    m : array_like
        Number of corrected points a round, at least 1.
    correction : array_like
        gamma in [0, inf].
    rounds : int
        T >= 0.
    policy : {"replace", "accumulate", "log"}
        As in `toy_recursion`.

    Returns
    -------
    ndarray, shape (..., T + 1)
        f_0 = 1, ..., f_T; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> conditional_mean_factor(50, 25, 1.0, 2)
    array([1.    , 0.8333, 0.8056])
    """
    _domain.choice("policy", policy, _POLICIES)
    n = _domain.count("n", n, 1).astype(np.float64)
    m = _domain.count("m", m, 1).astype(np.float64)
    horizon = _domain.scalar_count("rounds", rounds)
    n, m, kept = np.broadcast_arrays(n, m, mixture_weights(correction)[0])
    factor = np.ones((*n.shape, horizon + 1))
    pool = n
    for t in range(horizon):
        a, now = _added_points(policy, m, t), factor[..., t]
        if policy == "replace":
            factor[..., t + 1] = (n + m * kept * now) / (n + m)
            continue
        factor[..., t + 1] = now * (pool + a * kept) / (pool + a)
        pool = pool + a
    return factor


def accumulate_mean_factor(n, m, correction, rounds):
    """Return f_t of the accumulating loop in closed form, for any number of rounds.

        f_t = G(n/m + q + t) G(n/m + 1)/(G(n/m + q) G(n/m + 1 + t)),    G the gamma function

    It falls like t^(-gamma/(1+gamma)): correction forgets by a power, not geometrically.

    Claim: SC-D-ACCUMULATE.

    Source: ours, for Gillman et al. 2024, Appendix D, with all corrected points kept.

    Parameters
    ----------
    n : array_like
        Number of real points, at least 1.
    m : array_like
        Number of corrected points a round, at least 1.
    correction : array_like
        gamma in [0, inf].
    rounds : array_like
        t >= 0, a whole number.

    Returns
    -------
    float or ndarray
        f_t, in (0, 1]; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(accumulate_mean_factor(50, 25, 1.0, 2))
    0.7291666667
    """
    ratio = _domain.count("n", n, 1) / _domain.count("m", m, 1)
    horizon = _domain.count("rounds", rounds)
    _, added = mixture_weights(correction)
    start = log_gamma_drop(ratio + 1, added)
    return np.exp(start - log_gamma_drop(ratio + 1 + horizon, added))[()]


def ramp_exact(n, m, correction, rounds, bootstrap=True):
    """Return the second moments of the toy loop under the ramp schedule, after every round.

    After t rounds the pool holds the real points and the first floor(i m/t) points of batch i,
    i = 1..t: in all m + ((m-1)(t-1) + gcd(m, t) - 1)/2 corrected points, growing linearly.

    Claim: SC-D-RAMP, SC-D-RAMP-COUNT, SCX-CONS.

    Source: ours; the schedule of the published script of Gillman et al. 2024, Appendix D, where
    the text says "logarithmically".

    Assumes: maximum likelihood covariance.

    Parameters
    ----------
    n : int
        Number of real points, at least 1.
    m : int
        Number of corrected points a round, at least 1.
    correction : array_like
        gamma in [0, inf].
    rounds : int
        T >= 0; time grows like T^3, memory like T^2.
    bootstrap : bool
        As in `toy_stationary`.

    Returns
    -------
    ToyState
        Arrays of shape (..., T + 1), in units of the target's variance; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> ramp_exact(50, 25, 1.0, 2).mean_square
    array([0.02   , 0.01936, 0.01823])
    """
    n, m = _domain.scalar_count("n", n, 1), _domain.scalar_count("m", m, 1)
    horizon = _domain.scalar_count("rounds", rounds)
    kept = np.asarray(mixture_weights(correction)[0])
    # The points of one batch that are still in the pool are exchangeable, so one row and one
    # column a batch hold all second moments; index 0 is xbar, for which E xbar^2 = 1/n.
    moments = np.zeros((*kept.shape, horizon + 1, horizon + 1))
    moments[..., 0, 0] = 1 / n
    chi, square = np.empty((2, *kept.shape, horizon + 1))
    chi[..., 0] = square[..., 0] = 1 / n
    with_pool = moments[..., :1, 0]  # E[mu_t z] for xbar and a live point z of each batch
    for t in range(1, horizon + 1):
        counts = np.concatenate([[n], np.arange(1, t + 1) * m // t])  # (t+1,)
        p = square[..., t - 1]
        moments[..., t, :t] = moments[..., :t, t] = kept[..., None] * with_pool
        moments[..., t, t] = kept**2 * (p + bool(bootstrap) * (1 - p) / m)
        pairs = moments[..., : t + 1, : t + 1]
        own = np.where(np.arange(t + 1) > 0, 1 - np.einsum("...ii->...i", pairs), 0.0)
        with_pool = (pairs @ counts + own) / counts.sum()
        chi[..., t] = with_pool[..., 0]
        square[..., t] = with_pool @ counts / counts.sum()
    return ToyState(chi, square, np.maximum(1 - square, 0.0))


def bound_toy_squared_distance(mean_square, variance, dim=2):
    """Return a lower bound on the mean squared 2-Wasserstein distance of the toy to its target.

        E W2^2 >= d [p + (1 - sqrt(v))^2]

    Claim: SCX-D-W2.

    Source: ours (the trace of the root is concave), for Gillman et al. 2024, Figure 5.

    Parameters
    ----------
    mean_square : array_like
        p >= 0, per coordinate.
    variance : array_like
        v >= 0, per coordinate.
    dim : array_like
        d >= 1.

    Returns
    -------
    float or ndarray
        The bound on the square of the distance, in units of the target's variance.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(bound_toy_squared_distance(0.03, 0.97))
    0.0604568
    """
    p = _domain.real("mean_square", mean_square, 0)
    v = _domain.real("variance", variance, 0)
    d = _domain.count("dim", dim, 1)
    return (d * (p + ((1 - v) / (1 + np.sqrt(v))) ** 2))[()]


def asymptotic_toy_squared_distance(mean_square, dim=2):
    """Return the mean squared 2-Wasserstein distance of the toy to its target, leading order.

        E W2^2 = (d + d (d+1)/4) p (1 + O(1/n))

    Claim: SCX-D-W2.

    Source: ours, for Gillman et al. 2024, Figure 5 (d = 2: 3.5 p).

    Assumes: many points, so that the covariance is near the identity.

    Parameters
    ----------
    mean_square : array_like
        p >= 0, per coordinate, from `toy_stationary`.
    dim : array_like
        d >= 1.

    Returns
    -------
    float or ndarray
        The square of the distance, in units of the target's variance; leading order in 1/n.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(asymptotic_toy_squared_distance(0.02))
    0.07
    """
    p = _domain.real("mean_square", mean_square, 0)
    d = _domain.count("dim", dim, 1)
    return (d * (1 + (d + 1) / 4) * p)[()]
