"""Many verified rounds: convergence to the knowledge centre, and what is left at the end.

Units of sigma, orthonormal design in p dimensions with m_t kept draws per direction in round t;
errors are squared distances to the knowledge centre, summed over the coordinates.
"""

import numpy as np

from theory import _domain
from theory._truncated import window_cumulants
from theory._window import checked_half_width, checked_offset, contraction_pair

__all__ = [
    "asymptotic_centre_error",
    "bound_centre_error",
    "bound_centre_tail",
    "bound_steady_centre_error",
    "centre_orbit",
    "gaussian_design_acceptance",
    "gaussian_design_error",
    "gaussian_design_steady_error",
    "unverified_error",
]


def _kept(name, value):
    return _domain.real(name, value, 0, low_open=True, high_open=None)


def _checked_schedule(schedule):
    return np.atleast_1d(_kept("schedule", schedule))


def _path(initial, factors, noises):
    """Return V_0, ..., V_T of V' = factor V + noise, rounds along the last axis."""
    factors, noises = np.broadcast_arrays(factors, noises)
    shape = np.broadcast_shapes(initial.shape, noises.shape[:-1])
    path = np.empty((*shape, noises.shape[-1] + 1))
    path[..., 0] = initial
    for t in range(noises.shape[-1]):
        path[..., t + 1] = factors[..., t] * path[..., t] + noises[..., t]
    return path


def bound_centre_error(initial, schedule, half_width, dim=1):
    """Return upper bounds on the mean squared distance to the knowledge centre, every round.

        V_T <= rho^(2T) V_0 + p sum_{j<T} rho^(2(T-j)-1)/m_j

    Claim: KV-LT-UPPER, KV-ORTH, KV-LT-IFF.

    Source: ours, for the long-term convergence of Yi et al. 2025. It tends to 0 if and only if
    m_t grows without bound.

    Assumes: orthonormal design, known sigma, quotas filled, rounds independent.

    Parameters
    ----------
    initial : array_like
        V_0 >= 0, in units of sigma^2.
    schedule : array_like, shape (..., T)
        m_t, kept draws per direction, in (0, inf].
    half_width : array_like
        beta in (0, inf], in units of sigma.
    dim : array_like
        p >= 1.

    Returns
    -------
    ndarray, shape (..., T + 1)
        Bounds on V_0, ..., V_T, in units of sigma^2; an equality near the centre.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> bound_centre_error(1.0, [100, 100], 1.0).tolist()
    [1.0, 0.08766507, 0.0103412]
    """
    start = _domain.real("initial", initial, 0)
    rho = np.asarray(contraction_pair(checked_half_width(half_width))[0])[..., None]
    p = _domain.count("dim", dim, 1)[..., None]
    return _path(start, rho**2, p * rho / _checked_schedule(schedule))


def bound_centre_tail(distance, initial, schedule, half_width):
    """Return an upper bound on the probability to end far from the knowledge centre.

        P(|d_T| >= x) <= 2 exp(-(x - rho^T |d_0|)^2/(2 v_T)),  x >= rho^T |d_0|
        v_T = rho sum_{j<T} rho^(2(T-1-j))/m_j

    Claim: KV-LT-TAIL, KV-SUBG.

    Source: ours, for the long-term convergence of Yi et al. 2025.

    Assumes: as `bound_centre_error`, one coordinate.

    Parameters
    ----------
    distance : array_like
        x >= 0, in units of sigma.
    initial : array_like
        d_0, in units of sigma.
    schedule : array_like, shape (..., T)
        m_t, kept draws per direction, in (0, inf].
    half_width : array_like
        beta in (0, inf], in units of sigma.

    Returns
    -------
    float or ndarray
        The bound, at most 1.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(bound_centre_tail(0.3, 0.5, [100, 100], 1.0))
    5.46226e-05
    """
    far = _domain.real("distance", distance, 0)
    start = np.abs(_domain.real("initial", initial))
    rho = np.asarray(contraction_pair(checked_half_width(half_width))[0])
    counts = _checked_schedule(schedule)
    spread = _path(np.zeros(()), rho[..., None] ** 2, rho[..., None] / counts)[..., -1]
    beyond = far - rho ** counts.shape[-1] * start
    with np.errstate(divide="ignore", invalid="ignore"):
        tail = 2 * np.exp(-(beyond**2) / (2 * spread))
    return np.where(beyond > 0, np.minimum(tail, 1.0), 1.0)[()]


def bound_steady_centre_error(n_kept, half_width, dim=1):
    """Return an upper bound on the stationary squared distance to the knowledge centre.

        V <= p rho/(m (1 - rho^2))

    The error to the truth is V plus the squared bias, exactly.

    Claim: KV-STEADY, KV-PERFECT.

    Source: ours, for the plateau that Yi et al. 2025 announce.

    Assumes: as `bound_centre_error`, with m kept draws per direction every round.

    Parameters
    ----------
    n_kept : array_like
        m, kept draws per direction, in (0, inf].
    half_width : array_like
        beta in (0, inf], in units of sigma.
    dim : array_like
        p >= 1.

    Returns
    -------
    float or ndarray
        The bound, in units of sigma^2; leading order in 1/m, inf where 1 - rho underflows.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(bound_steady_centre_error(400, 3.0))
    0.0462
    """
    rho, rest = contraction_pair(checked_half_width(half_width))
    p, m = _domain.count("dim", dim, 1), _kept("n_kept", n_kept)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(rest > 0, p * rho / (rest * (1 + rho)) / m, np.inf)[()]


def asymptotic_centre_error(n_kept, half_width, dim=1):
    """Return the stationary squared distance to the knowledge centre, to second order in 1/m.

        V = V_0 + k4 (rho V_0^2 + V_0/(2m))/(1 - rho^2) + O(m^(-3)),  V_0 = rho/(m (1 - rho^2))

    k4 <= 0 is the fourth cumulant of the window at the centre.

    Claim: KV-STEADY, KV-ORBIT.

    Source: ours, for the plateau that Yi et al. 2025 announce.

    Assumes: as `bound_steady_centre_error`, and |k4| V_0 much smaller than 1 - rho^2.

    Parameters
    ----------
    n_kept : array_like
        m, kept draws per direction, in (0, inf].
    half_width : array_like
        beta in (0, inf), in units of sigma.
    dim : array_like
        p >= 1.

    Returns
    -------
    float or ndarray
        V, in units of sigma^2; second order in 1/m.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(asymptotic_centre_error(400, 3.0))
    0.0397
    """
    beta = _domain.real("half_width", half_width, 0, low_open=True)
    rho, rest = contraction_pair(beta)
    p, m = _domain.count("dim", dim, 1), _kept("n_kept", n_kept)
    gap = rest * (1 + rho)
    with np.errstate(divide="ignore", invalid="ignore"):
        first = rho / gap / m
        bend = window_cumulants(0.0, beta)[6] * (rho * first**2 + first / (2 * m)) / gap
        return np.where(gap > 0, p * (first + bend), np.inf)[()]


def unverified_error(initial, schedule, dim=1):
    """Return the mean squared error of retraining without a verifier, every round.

        E|theta_T - theta*|^2 = v_0 + p sum_{j<T} 1/m_j

    Claim: KV-NONE.

    Source: ours; the collapse that Yi et al. 2025 set out from.

    Assumes: orthonormal design, known sigma.

    Parameters
    ----------
    initial : array_like
        v_0 >= 0, error of the first model to the truth, in units of sigma^2.
    schedule : array_like, shape (..., T)
        m_t, draws per direction, in (0, inf].
    dim : array_like
        p >= 1.

    Returns
    -------
    ndarray, shape (..., T + 1)
        The errors of rounds 0..T, in units of sigma^2; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> unverified_error(0.1, [10, 20], dim=2)
    array([0.1, 0.3, 0.4])
    """
    start = _domain.real("initial", initial, 0)
    p = _domain.count("dim", dim, 1)[..., None]
    return _path(start, np.ones(()), p / _checked_schedule(schedule))


def centre_orbit(offset, half_width, rounds):
    """Return the noiseless path of the model towards the knowledge centre.

        d_{t+1} = M(d_t),    |d_t| <= rho^t |d_0|

    rho^(-t) d_t decreases to a positive limit for d_0 > 0: the rate is exactly rho.

    Claim: KV-ORBIT, KV-RATIO.

    Source: ours, for the long-term convergence of Yi et al. 2025 with infinite samples.

    Parameters
    ----------
    offset : array_like
        d_0, in units of sigma.
    half_width : array_like
        beta in (0, inf], in units of sigma.
    rounds : int
        T >= 0.

    Returns
    -------
    ndarray, shape (..., T + 1)
        d_0, ..., d_T, in units of sigma; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> centre_orbit(5.0, 1.0, 2)
    array([5.     , 0.77445, 0.21881])
    """
    d, beta = np.broadcast_arrays(checked_offset(offset), checked_half_width(half_width))
    path = np.empty((*d.shape, _domain.scalar_count("rounds", rounds) + 1))
    path[..., 0] = d
    for t in range(path.shape[-1] - 1):
        path[..., t + 1] = window_cumulants(path[..., t], beta)[1]
    return path


def _checked_factor(contraction):
    return _domain.real("contraction", contraction, 0, 1, low_open=True)


def _gaussian_design(name, counts, contraction, dim):
    """Return factor and noise of V' = factor V + noise for x ~ N(0, I)."""
    p = np.asarray(dim)
    rest = counts - p - 1.0
    if (rest < 1).any():
        raise ValueError(f"{name} = {counts.min()}: must be at least dim + 2 = {p.max() + 2}")
    return contraction**2 + contraction * (1 - contraction) / rest, contraction * p / rest


def gaussian_design_error(initial, schedule, contraction, dim):
    """Return the squared distance to the centre under Gaussian rows and a Gaussian keep rule.

        V' = [K^2 + K (1-K)/(n-p-1)] V + K p/(n-p-1)

    Claim: KV-GAUSS.

    Source: ours; random design, beyond the orthonormal one. K = 1 is no verifier.

    Assumes: rows x ~ N(0, I), kept with probability exp(-(y - x theta_c)^2/(2 s^2)), least
    squares on n kept rows a round.

    Parameters
    ----------
    initial : array_like
        V_0 >= 0, in units of sigma^2.
    schedule : array_like, shape (..., T)
        n_t, kept rows, whole numbers of at least p + 2.
    contraction : array_like
        K in (0, 1], from `soft_contraction`.
    dim : array_like
        p >= 1.

    Returns
    -------
    ndarray, shape (..., T + 1)
        V_0, ..., V_T, in units of sigma^2; exact.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> gaussian_design_error(1.0, [20, 20], 0.5, 3)
    array([1.        , 0.359375  , 0.189209])
    """
    start = _domain.real("initial", initial, 0)
    counts = np.atleast_1d(_domain.count("schedule", schedule, 1))
    factor = _checked_factor(contraction)[..., None]
    p = _domain.count("dim", dim, 1)[..., None]
    return _path(start, *_gaussian_design("schedule", counts, factor, p))


def gaussian_design_steady_error(n, contraction, dim):
    """Return the stationary squared distance to the centre under Gaussian rows.

        V = K p/[(n-p-1)(1 - K^2) - K (1-K)]

    Claim: KV-GAUSS, KV-STEADY.

    Source: ours.

    Assumes: as `gaussian_design_error`.

    Parameters
    ----------
    n : array_like
        Kept rows a round, at least p + 2.
    contraction : array_like
        K in (0, 1].
    dim : array_like
        p >= 1.

    Returns
    -------
    float or ndarray
        V, in units of sigma^2; exact, inf at K = 1.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(gaussian_design_steady_error(20, 0.5, 3))
    0.1276595745
    """
    factor = _checked_factor(contraction)
    counts, p = _domain.count("n", n, 1), _domain.count("dim", dim, 1)
    _gaussian_design("n", counts, factor, p)
    with np.errstate(divide="ignore"):
        return (factor * p / ((1 - factor) * ((counts - p - 1.0) * (1 + factor) - factor)))[()]


def gaussian_design_acceptance(distance, contraction):
    """Return the probability that a Gaussian row with its proposed label is kept.

        sqrt(K/(1 + (1-K) |delta|^2))

    Claim: KV-GAUSS.

    Source: ours.

    Assumes: as `gaussian_design_error`.

    Parameters
    ----------
    distance : array_like
        |delta| >= 0, model to centre, in units of sigma.
    contraction : array_like
        K in (0, 1].

    Returns
    -------
    float or ndarray
        The acceptance probability; exact. It falls like 1/|delta|, not exponentially.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Examples
    --------
    >>> float(gaussian_design_acceptance(2.0, 0.5))
    0.4082482905
    """
    far = _domain.real("distance", distance, 0)
    factor = _checked_factor(contraction)
    return (np.sqrt(factor) / np.hypot(1, np.sqrt(1 - factor) * far))[()]
