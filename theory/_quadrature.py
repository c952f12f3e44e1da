"""Integrals of positive, log-concave functions to full relative accuracy, many at a time."""

import math

import numpy as np

__all__ = ["log_integral"]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_DROP = 45.0  # nats: what lies further below the mode is under half an ulp of the integral
_SHIFTS = np.array([-32.0, -16.0, -8.0, -4.0, -2.0, 0.0, 2.0, 4.0, 8.0, 16.0, 32.0])


def _reach(log_integrand, mode, top, cap, sign):
    """Distance from the mode at which the integrand has dropped by 45 nats (at most `cap`)."""
    small, large = np.full_like(cap, -720.0), np.zeros_like(cap)  # log of the fraction of cap
    for _ in range(12):
        middle = 0.5 * (small + large)
        value = log_integrand(mode + sign * cap * np.exp(middle))
        enough = ~(value > top - _DROP)
        large = np.where(enough, middle, large)
        small = np.where(enough, small, middle)
    return cap * np.exp(large)


def _edges(left, mode, right, steps, widths):
    """Panel borders: the mode, eight equal panels, and a ladder around each step."""
    ladder = steps[..., None] + _SHIFTS * widths[..., None]  # (points, steps, shifts)
    panels = left[:, None] + (right - left)[:, None] * np.arange(1, 8) / 8
    ends = np.stack([left, mode, right], axis=-1)
    edges = np.concatenate([ends, panels, ladder.reshape(len(left), -1)], axis=-1)
    return np.sort(np.clip(edges, left[:, None], right[:, None]), axis=-1)


def log_integral(log_integrand, mode, decay, room, steps, widths):
    """Log of the integral of exp(log_integrand) around its mode.

    The logarithm must be concave with curvature >= 1. `mode` may be approximate; `decay` (>= 0)
    is the rate at which the integrand falls to the right of a mode at the left border, else 0;
    `room` is the distance from the mode to the left border (inf if there is none). Steps are
    places, shape (points, steps), where a factor of the integrand goes from one limit to the
    other within a few `widths`.
    """
    top = log_integrand(mode)
    with np.errstate(divide="ignore"):
        ahead = np.minimum(_DROP / decay, math.sqrt(2 * _DROP))
    right = mode + _reach(log_integrand, mode, top, ahead, 1.0)
    behind = np.minimum(room, math.sqrt(2 * _DROP))
    left = mode - _reach(log_integrand, mode, top, behind, -1.0)
    edges = _edges(left, mode, right, steps, widths)
    half = 0.5 * np.diff(edges)[..., None]  # (points, panels, 1)
    centre = 0.5 * (edges[:, :-1, None] + edges[:, 1:, None])
    nodes = (centre + half * _NODES).reshape(len(mode), -1).T  # (panels * nodes, points)
    weights = (half * _WEIGHTS).reshape(len(mode), -1).T
    return top + np.log(np.sum(weights * np.exp(log_integrand(nodes) - top), axis=0))
