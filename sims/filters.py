"""Verified regression beyond the window and the orthogonal design.

A row x gets a label ``x . theta + noise`` from the model; the verifier looks at the residual u,
the label minus ``x . center``, and keeps it or not; least squares on what is kept is the next
model (after Yi et al. 2025). Or many points are ranked and the best fraction is kept. Lengths are
in units of the noise.
"""

from dataclasses import dataclass

import numpy as np

from sims import _check
from sims._filters import RULES, fixed_rows_chunk, gaussian_rows_chunk, soft_law_chunk, top_chunk
from sims.replicate import replicate

__all__ = ["FilteredLoop", "simulate_filtered_regression", "simulate_top_fraction"]

_WIDTHS = {"window": "(0, inf]", "soft": "[1e-100, inf]", "one-sided": "(-inf, inf)"}


@dataclass(frozen=True, slots=True)
class FilteredLoop:
    """What the simulators of this module record.

    Attributes
    ----------
    parameters : array (R, T+1, p)
        theta_t in units of the noise, the start first.
    proposals : int64 array (R, T)
        Labels or points proposed in each round, kept ones included.
    """

    parameters: np.ndarray
    proposals: np.ndarray


def simulate_filtered_regression(
    theta0, center, width, schedule, *, rule="window", design="orthonormal", ball_radius=0.0,
    level="sample", replicates, rng, workers=None,
):
    r"""Simulate rounds of labelling, verification and least squares.

    Parameters
    ----------
    theta0 : (p,) or (R, p) array, or scalar for p = 1
        Start, common or one for each replicate.
    center : scalar or (p,) array
        The verifier's knowledge centre.
    width : float
        Size of the rule: see `rule`.
    schedule : (T,) whole numbers >= 0
        Kept labels of each round: of each row in a fixed design, in all when rows are Gaussian
        (then at least p). A round with 0 leaves the parameter alone.
    rule : {"window", "soft", "one-sided"}
        Keep a label when \|u\| <= width + ball_radius \|x\|; with probability
        ``exp(-u^2 / (2 width^2))``; or when u >= width.
    design : {"orthonormal", "gaussian"} or (k, p) array
        Rows x: the p unit vectors, each labelled until its quota is full; draws of N(0, I), each
        with one label, kept or not together with it; or the rows given, as the unit vectors.
    ball_radius : float in [0, inf)
        Widens the window by the length of the row, for rule "window".
    level : {"sample", "law"}
        "sample" draws and rejects honestly. "law" draws each row's mean label from its normal
        law and its proposals from theirs (rule "soft", fixed rows), at most 2^53 of them.
    replicates : int
        Number R of independent loops.
    rng : numpy.random.Generator
        Source of the streams.
    workers : int, Engine or None, optional
        Threads or engine (see `sims.replicate.replicate`); without influence on the result.

    Returns
    -------
    FilteredLoop
        parameters (R, T+1, p) and proposals (R, T).

    Raises
    ------
    ValueError
        For arguments outside of their domain, or a design without full column rank.
    RuntimeError
        When 100,000,000 labels in a row are rejected.

    Notes
    -----
    Memory does not grow with the schedule. For windows far from the model use
    `sims.verifier.simulate_verified_regression`, which does not wait for rare labels.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> loop = simulate_filtered_regression([2.0, 0.0], 0.0, 1.0, [4000, 4000], rule="soft",
    ...                                     design="gaussian", replicates=1, rng=rng)
    >>> loop.parameters[0, :, 0].round(1)
    array([2. , 1. , 0.5])
    """
    replicates = _check.count("replicates", replicates)
    start = _check.starts("theta0", theta0, replicates)
    dim = start.shape[1]
    center = _check.vector("center", center, dim)
    code = RULES.index(_check.option("rule", rule, RULES))
    width = _check.number("width", width, _WIDTHS[rule])
    schedule = _check.counts("schedule", schedule)
    ball = _check.number("ball_radius", ball_radius, "[0, inf)")
    if ball and rule != "window":
        raise ValueError(f"ball_radius = {ball:g}: must be 0 with rule = {rule!r}")
    _check.option("level", level, ("sample", "law"))
    if level == "law" and (rule != "soft" or _is(design, "gaussian")):
        raise ValueError("level = 'law': must be 'sample' but for rule 'soft' with fixed rows")
    if _is(design, "gaussian"):
        kernel, arguments, rows = gaussian_rows_chunk, (center, width, ball, code), dim + 1
        if ((schedule > 0) & (schedule < dim)).any():
            raise ValueError(f"schedule: must be 0 or >= {dim} with Gaussian rows")
    else:
        rows, solver = _fixed(design, dim)
        widths = width + ball * np.sqrt((rows * rows).sum(axis=1))
        kernel, arguments = fixed_rows_chunk, (center, rows, solver, widths, code)
        if level == "law":
            kernel, arguments = soft_law_chunk, (center, rows, solver, width)
        rows = len(rows)
    labels = schedule.sum(dtype=np.float64) if level == "sample" else 20 * len(schedule)
    parameters, proposals = replicate(
        kernel, replicates, _results(schedule, dim), rng=rng, draws=3 * rows * int(labels),
        each=(start,), arguments=(*arguments, schedule), workers=workers)
    return FilteredLoop(parameters, proposals)


def simulate_top_fraction(
    theta0, center, fraction, schedule, *, score="distance", batch=None, replicates, rng,
    workers=None,
):
    r"""Simulate rounds in which the best fraction of many points is kept, and the mean refitted.

    The model proposes points of N(theta, I). To keep k of them it proposes ``ceil(k / fraction)``
    and keeps those with the best scores.

    Parameters
    ----------
    theta0 : (p,) or (R, p) array, or scalar for p = 1
        Start, common or one for each replicate.
    center : scalar or (p,) array
        The point that the score looks at.
    fraction : float in [1e-6, 1]
        Share q of the proposals that is kept.
    schedule : (T,) whole numbers >= 0
        Number n_t of kept points; a round with 0 leaves the parameter alone.
    score : {"distance", "linear"}
        Best is nearest to the centre, or farthest along the first axis.
    batch : int or None
        Number of points kept from one ranking; None: one ranking a round.
    replicates, rng, workers
        As in `simulate_filtered_regression`.

    Returns
    -------
    FilteredLoop
        parameters (R, T+1, p) and proposals (R, T).

    Raises
    ------
    ValueError
        For arguments outside of their domain.

    Notes
    -----
    A ranking remembers the points that it will keep, so that memory grows with `batch`, but not
    with n_t when a batch is given.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> loop = simulate_top_fraction([9.0], 0.0, 0.1, [40_000] * 3, replicates=1, rng=rng)
    >>> loop.parameters[0, :, 0].round(1)
    array([9. , 7.2, 5.5, 3.7])
    """
    replicates = _check.count("replicates", replicates)
    start = _check.starts("theta0", theta0, replicates)
    dim = start.shape[1]
    center = _check.vector("center", center, dim)
    fraction = _check.number("fraction", fraction, "[1e-6, 1]")
    schedule = _check.counts("schedule", schedule)
    _check.option("score", score, ("distance", "linear"))
    batch = max(int(schedule.max(initial=1)), 1) if batch is None else (
        _check.count("batch", batch, 1))
    draws = dim * int(schedule.sum(dtype=np.float64) / fraction)
    parameters, proposals = replicate(
        top_chunk, replicates, _results(schedule, dim), rng=rng, draws=draws, each=(start,),
        arguments=(center, fraction, batch, score == "linear", schedule), workers=workers)
    return FilteredLoop(parameters, proposals)


def _is(design, name):
    return isinstance(design, str) and design == name


def _results(schedule, dim):
    return [((len(schedule) + 1, dim), np.float64), ((len(schedule),), np.int64)]


def _fixed(design, dim):
    """Return the rows of a fixed design and the matrix that takes labels to least squares."""
    if isinstance(design, str):
        _check.option("design", design, ("orthonormal", "gaussian"))
        return np.eye(dim), np.eye(dim)
    rows = _check.numbers("design", design)
    if rows.ndim != 2 or rows.shape[1] != dim:
        raise ValueError(f"design has shape {rows.shape}: must be (k, {dim})")
    basis, root = np.linalg.qr(rows)
    pivots = np.abs(np.diag(root))
    if len(rows) < dim or pivots.min() <= 1e-13 * pivots.max():
        raise ValueError("design: must have full column rank")
    return np.ascontiguousarray(rows), np.ascontiguousarray(np.linalg.solve(root, basis.T))
