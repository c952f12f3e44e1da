"""The Frechet distance between two sets of feature vectors: "FID", whatever the features are.

It is the squared 2-Wasserstein distance of the Gaussians with the sets' means and covariances.
Everything is float64, and no covariance is ever multiplied by another: with centred features
X_i/sqrt(n_i - 1) = Q_i R_i, the trace of the square root is the sum of the singular values of
R_1 R_2', exact also where a covariance is singular or there are fewer vectors than features.
"""

from typing import NamedTuple

import numpy as np

__all__ = ["Parts", "distance", "parts", "statistics"]


class Parts(NamedTuple):
    """What a Frechet distance is the sum of.

    Attributes
    ----------
    mean : float
        The bias part, |mu_1 - mu_2|^2: the features are off centre.
    covariance : float
        The variance part, tr(S_1 + S_2 - 2 (S_1 S_2)^(1/2)): their spread is off.
    """

    mean: float
    covariance: float


def statistics(features):
    """Return the mean, (d,), and the unbiased covariance, (d, d), of features (n, d).

    Examples
    --------
    >>> mean, covariance = statistics([[0.0, 1.0], [2.0, 1.0]])
    >>> mean.tolist(), covariance.tolist()
    ([1.0, 1.0], [[2.0, 0.0], [0.0, 0.0]])
    """
    mean, centred = _centred("features", features)
    return mean, centred.T @ centred


def distance(first, second, corrected=False):
    """Return the Frechet distance of two sets of features: a squared distance, "FID".

    d^2 = |mu_1 - mu_2|^2 + tr(S_1 + S_2 - 2 (S_1 S_2)^(1/2))

    Parameters
    ----------
    first, second : array, (n, d), (m, d)
        At least two vectors each.
    corrected : bool
        Whether to take off the bias that small samples cause; see :func:`parts`.

    Raises
    ------
    ValueError
        For fewer than two vectors, vectors of two lengths, or values that are not finite.

    Examples
    --------
    >>> distance([[0.0], [2.0]], [[5.0], [7.0]])
    25.0
    """
    return float(sum(parts(first, second, corrected)))


def parts(first, second, corrected=False):
    """Return the bias and the variance part of the Frechet distance of two sets of features.

    The distance of samples is too large on average, by O(1/n). `corrected` takes the 1/n term
    off: tr S_1/n + tr S_2/m from the mean part, which is then unbiased; and from the other the
    second-order term of the square root,

        sum_ij Var(y_i y_j)/(2 s_i s_j (s_i + s_j)) / n,      y = V'S_2^(1/2)(x - mu_1),

    and the same with the sets exchanged, where s are the singular values of S_1^(1/2) S_2^(1/2)
    and V its right singular vectors. The fourth moments are the samples' own, so nothing is
    assumed of the law; where n is not well above d, terms of order 1/n^2 remain. A corrected
    distance can be below zero.

    Parameters
    ----------
    first, second : array, (n, d), (m, d)
        At least two vectors each.
    corrected : bool
        Whether to correct.

    Returns
    -------
    Parts
    """
    mean_1, x_1 = _centred("first", first)
    mean_2, x_2 = _centred("second", second)
    if len(mean_1) != len(mean_2):
        raise ValueError(f"second = {len(mean_2)} features: must be {len(mean_1)}, as in first")
    r_1, r_2 = (np.linalg.qr(x, mode="r") for x in (x_1, x_2))
    left, s, right = np.linalg.svd(r_1 @ r_2.T, full_matrices=False)
    shift = float(((mean_1 - mean_2) ** 2).sum())
    total = float((r_1**2).sum() + (r_2**2).sum())
    spread = max(total - 2 * float(s.sum()), 0.0)
    if corrected:
        shift -= float((r_1**2).sum() / len(x_1) + (r_2**2).sum() / len(x_2))
        spread -= _curvature(x_1 @ r_2.T @ right.T, s) + _curvature(x_2 @ r_1.T @ left, s)
    return Parts(shift, spread)


def _centred(name, features):
    """Return the mean, and the deviations from it over sqrt(n - 1)."""
    features = np.asarray(features, dtype=np.float64)
    if features.ndim != 2 or len(features) < 2 or not features.shape[1]:
        raise ValueError(f"{name} = an array of shape {features.shape}: must be (n, d) with "
                         "n >= 2 and d >= 1")
    if not np.isfinite(features).all():
        raise ValueError(f"{name} = holds a value that is not finite: must be finite")
    mean = features.mean(axis=0)
    return mean, (features - mean) / np.sqrt(len(features) - 1)


def _curvature(y, s):
    """Return by how much one sample's chance raises -2 tr of the square root, to order 1/n.

    `y` are deviations over sqrt(n - 1) in the basis in which their covariance is diag(s^2).
    """
    n = len(y)
    sure = s > s[0] * 1e-7 if s[0] > 0 else np.zeros(len(s), dtype=bool)  # the rest is rounding
    s, squares = s[sure], y[:, sure] ** 2 * (n - 1)
    moment = squares.T @ squares / n - np.diag(s**4)  # Var(y_i y_j), as E y_i y_j = 0 off it
    return float((moment / (2 * np.outer(s, s) * (s[:, None] + s))).sum() / n)
