"""Kernels of regression on labels that a rule keeps, with the design's rows fixed or random.

Residuals u are labels minus what the verifier's centre predicts, in units of the noise. All
compiled functions that call each other are in this one file, because Numba renews a cached
kernel only when its own file changes.
"""

import math

import numpy as np
from numba import njit

__all__ = ["RULES", "fixed_rows_chunk", "gaussian_rows_chunk", "soft_law_chunk", "top_chunk"]

RULES = ("window", "soft", "one-sided")
_PATIENCE = 100_000_000  # proposals in a row that may fail
_MOST = 2.0**53  # rejections of a row that are counted
_GLANCE = 65_535  # a mask: proposals between two looks at the halt flag, less one


@njit(nogil=True, cache=True)
def _keeps(rng, rule, width, u):
    """Tell whether the verifier keeps a residual; `rule` counts in `RULES`."""
    if rule == 0:
        return abs(u) <= width
    if rule == 1:  # with probability exp(-u^2 / (2 width^2)), which is not computed
        return 0.5 * (u / width) * (u / width) <= rng.standard_exponential()
    return u >= width


@njit(nogil=True, cache=True)
def _give_up(halt, tried, failed):
    """Look at the halt flag now and then, and refuse to go on for ever."""
    if failed >= _PATIENCE:
        raise RuntimeError("selection stalled: 100,000,000 proposals in a row were rejected")
    return tried & _GLANCE == 0 and halt[0]


@njit(nogil=True, cache=True)
def _kept_sum(rng, halt, rule, width, offset, count):
    """Return the sum of `count` kept residuals around `offset`, and the number of proposals."""
    total = 0.0
    kept = tried = latest = 0
    while kept < count:
        u = offset + rng.standard_normal()
        tried += 1
        if _keeps(rng, rule, width, u):
            total += u
            kept += 1
            latest = tried
        if _give_up(halt, tried, tried - latest):
            break
    return total, tried


@njit(nogil=True, cache=True)
def fixed_rows_chunk(
    rng, halt, start, center, rows, solver, widths, rule, schedule, parameters, proposals
):
    """Advance loops in which each row of the design gets as many kept labels."""
    copies, dim = start.shape
    for r in range(copies):
        parameters[r, 0] = start[r]
        for t in range(len(schedule)):
            parameters[r, t + 1] = parameters[r, t]
            if halt[0]:
                return
            if schedule[t] == 0:
                continue
            parameters[r, t + 1] = center
            for k in range(len(rows)):
                offset = 0.0
                for j in range(dim):
                    offset += rows[k, j] * (parameters[r, t, j] - center[j])
                total, tried = _kept_sum(rng, halt, rule, widths[k], offset, schedule[t])
                proposals[r, t] += tried
                for j in range(dim):
                    parameters[r, t + 1, j] += solver[j, k] * (total / schedule[t])


@njit(nogil=True, cache=True)
def _solve(gram, moment):
    """Overwrite `moment` by the solution of gram x = moment; the lower triangle is used up."""
    dim = len(moment)
    for j in range(dim):
        for k in range(j):
            gram[j, j] -= gram[j, k] * gram[j, k]
        gram[j, j] = math.sqrt(gram[j, j])
        for i in range(j + 1, dim):
            for k in range(j):
                gram[i, j] -= gram[i, k] * gram[j, k]
            gram[i, j] /= gram[j, j]
    for i in range(dim):
        for k in range(i):
            moment[i] -= gram[i, k] * moment[k]
        moment[i] /= gram[i, i]
    for i in range(dim - 1, -1, -1):
        for k in range(i + 1, dim):
            moment[i] -= gram[k, i] * moment[k]
        moment[i] /= gram[i, i]


@njit(nogil=True, cache=True)
def _gaussian_round(rng, halt, rule, width, ball, delta, count, row, gram, moment):
    """Draw rows with labels until `count` are kept; return the number of proposals."""
    dim = len(delta)
    gram[:] = 0.0
    moment[:] = 0.0
    kept = tried = latest = 0
    while kept < count:
        u = rng.standard_normal()
        squares = 0.0
        for j in range(dim):
            row[j] = rng.standard_normal()
            u += row[j] * delta[j]
            squares += row[j] * row[j]
        tried += 1
        if _keeps(rng, rule, width + ball * math.sqrt(squares), u):
            kept += 1
            latest = tried
            for i in range(dim):
                moment[i] += u * row[i]
                for j in range(i + 1):
                    gram[i, j] += row[i] * row[j]
        if _give_up(halt, tried, tried - latest):
            break
    return tried


@njit(nogil=True, cache=True)
def gaussian_rows_chunk(
    rng, halt, start, center, width, ball, rule, schedule, parameters, proposals
):
    """Advance loops whose rows are drawn from N(0, I) and kept or not with their label."""
    copies, dim = start.shape
    gram, moment, row = np.empty((dim, dim)), np.empty(dim), np.empty(dim)
    for r in range(copies):
        parameters[r, 0] = start[r]
        for t in range(len(schedule)):
            parameters[r, t + 1] = parameters[r, t]
            if schedule[t]:
                delta = parameters[r, t] - center
                proposals[r, t] = _gaussian_round(
                    rng, halt, rule, width, ball, delta, schedule[t], row, gram, moment)
                if halt[0]:
                    return
                _solve(gram, moment)
                parameters[r, t + 1] = center + moment


@njit(nogil=True, cache=True)
def _rejections(rng, kept, log_acceptance):
    """Draw the number of failures before `kept` successes, as a mixed Poisson count."""
    if log_acceptance < -700.0:
        return np.int64(_MOST)
    odds = -math.expm1(log_acceptance) / math.exp(log_acceptance)
    mean = rng.standard_gamma(float(kept)) * odds
    if mean < 1e15:
        return np.int64(rng.poisson(mean))
    return np.int64(min(mean + math.sqrt(mean) * rng.standard_normal(), _MOST))


@njit(nogil=True, cache=True)
def soft_law_chunk(
    rng, halt, start, center, rows, solver, width, schedule, parameters, proposals
):
    """Draw each row's mean kept label, and its proposals, from their laws under the soft rule."""
    copies, dim = start.shape
    share = 1.0 / (1.0 + 1.0 / (width * width))
    spread = math.sqrt(share)
    log_share = -math.log1p(1.0 / (width * width))
    rest = 1.0 / (1.0 + width * width)
    for r in range(copies):
        parameters[r, 0] = start[r]
        for t in range(len(schedule)):
            parameters[r, t + 1] = parameters[r, t]
            if halt[0]:
                return
            if schedule[t] == 0:
                continue
            parameters[r, t + 1] = center
            for k in range(len(rows)):
                offset = 0.0
                for j in range(dim):
                    offset += rows[k, j] * (parameters[r, t, j] - center[j])
                mean = share * offset + spread / math.sqrt(schedule[t]) * rng.standard_normal()
                log_acceptance = 0.5 * (log_share - rest * offset * offset)
                failures = _rejections(rng, schedule[t], log_acceptance)
                proposals[r, t] += failures + schedule[t]
                for j in range(dim):
                    parameters[r, t + 1, j] += solver[j, k] * mean


@njit(nogil=True, cache=True)
def _sift(scores, slots, place, size):
    """Restore the order of a heap, largest score first, below the given place."""
    while True:
        child = 2 * place + 1
        if child >= size:
            return
        if child + 1 < size and scores[slots[child + 1]] > scores[slots[child]]:
            child += 1
        if scores[slots[child]] <= scores[slots[place]]:
            return
        slots[place], slots[child] = slots[child], slots[place]
        place = child


@njit(nogil=True, cache=True)
def _draw_scored(rng, linear, offset, point):
    """Fill `point` with a draw around `offset`; return its score, of which less is better."""
    score = 0.0
    for j in range(len(point)):
        point[j] = offset[j] + rng.standard_normal()
        score += point[j] * point[j]
    return -point[0] if linear else score


@njit(nogil=True, cache=True)
def _add_best(rng, halt, linear, offset, proposed, items, scores, slots, point, total):
    """Add to `total` those of the proposed points, as many as `items`, with the least scores."""
    size = len(items)
    for k in range(size):
        scores[k] = _draw_scored(rng, linear, offset, items[k])
        slots[k] = k
    for place in range(size // 2 - 1, -1, -1):
        _sift(scores, slots, place, size)
    for k in range(size, proposed):
        score = _draw_scored(rng, linear, offset, point)
        if score < scores[slots[0]]:
            scores[slots[0]] = score
            items[slots[0]] = point
            _sift(scores, slots, 0, size)
        if k & _GLANCE == 0 and halt[0]:
            return
    for k in range(size):
        for j in range(len(total)):
            total[j] += items[k, j]


@njit(nogil=True, cache=True)
def top_chunk(
    rng, halt, start, center, fraction, batch, linear, schedule, parameters, proposals
):
    """Advance loops that keep the best fraction of each batch."""
    copies, dim = start.shape
    largest = 0
    for count in schedule:
        largest = max(largest, min(batch, count))
    items, scores = np.empty((largest, dim)), np.empty(largest)
    slots = np.empty(largest, np.int64)
    point, total = np.empty(dim), np.empty(dim)
    for r in range(copies):
        parameters[r, 0] = start[r]
        for t in range(len(schedule)):
            parameters[r, t + 1] = parameters[r, t]
            if schedule[t] == 0:
                continue
            total[:] = 0.0
            offset = parameters[r, t] - center
            kept = 0
            while kept < schedule[t]:
                size = min(batch, schedule[t] - kept)
                # A quotient such as 3 / 0.1 is a little more than 30.
                proposed = max(size, math.ceil(size / fraction * (1.0 - 1e-12)))
                _add_best(rng, halt, linear, offset, proposed, items[:size], scores, slots,
                          point, total)
                kept += size
                proposals[r, t] += proposed
                if halt[0]:
                    return
            parameters[r, t + 1] = center + total / schedule[t]
