"""The best schedule in whole samples: Huntington-Hill apportionment, exact for any total.

One more sample in a round of weight p and n samples lowers sum p^2/n by p^2/(n (n+1)), its
*gain*; the optimum holds the C largest gains (one sample a round is given). Gains of large
schedules differ in the 36th digit, so they are taken in 80-digit decimals; where even these
cannot tell two apart, the exact ratio of integers decides, and equal gains go to the later round.
"""

import heapq
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from fractions import Fraction
from functools import cmp_to_key

import numpy as np

from theory._domain import scalar_count
from theory._scales import widths

__all__ = ["integer_schedule"]

_DIGITS = Context(prec=80, Emax=MAX_EMAX, Emin=MIN_EMIN)
_SAME = Decimal("1e-60")  # gains this close are compared as integers


def integer_schedule(total, rounds, sigma, kappa):
    """Whole schedule of least terminal variance with a sample in each round, n_t.

        minimise sum_t rho^(2(T-1-t)) / n_t   over integers n_t >= 1 with sum_t n_t = C

    Claim: SW-18.

    Source: derived here (Huntington-Hill apportionment); completes Yang et al. 2025, Theorem 3.1.

    Assumes: each round refits the mean by maximum likelihood on n_t kept samples, sigma fixed.

    Parameters
    ----------
    total : int
        Kept samples C over all rounds, in [rounds, 2^63).
    rounds : int
        Number of rounds T >= 1.
    sigma : array_like
        Standard deviation of the generator per coordinate, in (0, inf).
    kappa : array_like
        Width of the reward, in (0, inf).

    Returns
    -------
    ndarray of int64, shape (..., T)
        The optimum, exact; among equally good schedules the one that favours later rounds.

    Raises
    ------
    ValueError
        If an argument leaves its domain; total below rounds leaves no schedule.

    Examples
    --------
    >>> integer_schedule(20, 7, 1.0, 1.0).tolist()
    [1, 1, 1, 1, 2, 5, 9]
    """
    sigma, kappa = np.broadcast_arrays(*widths(sigma, kappa))
    rounds = scalar_count("rounds", rounds, 1)
    total = scalar_count("total", total, rounds)
    if total >= 2**63:
        raise ValueError(f"total = {total}: must lie in [{rounds}, 2^63)")
    schedules = [
        _apportion(total, rounds, *pair)
        for pair in zip(sigma.ravel().tolist(), kappa.ravel().tolist())
    ]
    return np.array(schedules, dtype=np.int64).reshape(*sigma.shape, rounds)


def _apportion(total, rounds, sigma, kappa):
    """Return the optimum for one pair of widths, first round first."""
    with localcontext(_DIGITS):
        width, spread = Decimal(kappa) ** 2, Decimal(sigma) ** 2
        weights = _powers(width / (width + spread), rounds)  # last round first
        counts = _rounded(_price(total, weights), weights)
        squares = [weight * weight for weight in weights]
        _repair(counts, squares, total - sum(counts))
        _settle_ties(counts, squares, sigma, kappa)
    return counts[::-1]


def _powers(ratio, length):
    powers = [Decimal(1)]
    for _ in range(length - 1):
        powers.append(powers[-1] * ratio)
    return powers


def _price(total, weights):
    """Return mu of the real optimum max(1, mu p_k): near it, whole counts sum to about total."""
    mass, heavy = Decimal(0), 0
    while heavy < len(weights):
        left = total - (len(weights) - heavy) + 1
        if left * weights[heavy] < mass + weights[heavy]:
            break
        mass += weights[heavy]
        heavy += 1
    return (total - (len(weights) - heavy)) / mass


def _rounded(price, weights):
    """Return the optimum of its own total: all samples of gain at least 1/price^2."""
    quarter = Decimal("0.25")
    counts = []
    for weight in weights:
        square = (price * weight) ** 2
        if square < 2:
            break
        counts.append(int(Decimal("0.5") + (square + quarter).sqrt()))
    return counts + [1] * (len(weights) - len(counts))


def _gain(square, count):
    """Return what sample number count + 1 of a round gains."""
    return square / (count * (count + 1))


def _repair(counts, squares, missing):
    """Add the `missing` best samples, or drop as many of the worst; both keep the optimum."""
    step = 1 if missing > 0 else -1
    heap = [_offer(k, counts[k], squares[k], step) for k in range(len(counts))]
    heapq.heapify(heap)
    for _ in range(abs(missing)):
        k = heap[0][1]
        counts[k] += step
        heapq.heapreplace(heap, _offer(k, counts[k], squares[k], step))


def _offer(k, count, square, step):
    """Return the heap entry of a round's next move: the smallest is the best one."""
    if step > 0:
        return (-_gain(square, count), k)
    return (_gain(square, count - 1) if count > 1 else Decimal("Infinity"), k)


def _settle_ties(counts, squares, sigma, kappa):
    """Redistribute samples whose gains the decimals cannot tell apart."""
    rounds = range(len(counts))
    held = {k: _gain(squares[k], counts[k] - 1) for k in rounds if counts[k] > 1}
    offered = {k: _gain(squares[k], counts[k]) for k in rounds}
    worst, best = min(held.values(), default=Decimal("Infinity")), max(offered.values())
    if best < worst * (1 - _SAME):
        return
    kept = [(k, counts[k] - 1) for k, gain in held.items() if gain <= best * (1 + _SAME)]
    waiting = [(k, counts[k]) for k, gain in offered.items() if gain >= worst * (1 - _SAME)]
    for k, _ in kept:
        counts[k] -= 1
    ranked = sorted(kept + waiting, key=cmp_to_key(_exact_order(sigma, kappa)))
    for k, _ in ranked[: len(kept)]:
        counts[k] += 1


def _exact_order(sigma, kappa):
    """Return the exact comparison of samples (k, n) of gain rho^(2k) / (n (n+1)), best first."""
    width = Fraction(kappa) ** 2
    ratio = width / (width + Fraction(sigma) ** 2)

    def compare(one, other):
        (k, n), (j, m) = one, other
        if n == m:
            return k - j
        sign = 1 if k > j else -1
        power = 2 * abs(k - j)
        early, late = (n, m) if k > j else (m, n)
        # the earlier round gains more iff ratio^power late (late+1) > early (early+1)
        gain_early = ratio.numerator**power * late * (late + 1)
        gain_late = ratio.denominator**power * early * (early + 1)
        return -sign if gain_early > gain_late else sign

    return compare
