"""The three rates of a verifier: error of the generator, acceptance of right and wrong items."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit, log_ndtr, ndtr

from theory._angles import gap, slack, supplement, triangle
from theory._bivariate import conditional_cdf, inverse_mills
from theory._domain import real
from theory._quadrature import log_integral

__all__ = ["PruningRates", "rates_from_scores", "rates_isotropic", "rates_mixture"]

_SHARP = 1e-14  # a step this wide is a jump to the quadrature, and moves an integral by less
_FAR = 1e6  # standard deviations


def _rate(name, value, defined):
    """Check an acceptance rate: in [0, 1], nan only where nothing could be accepted."""
    value = np.asarray(value, dtype=np.float64)
    absent = np.isnan(value) & ~defined
    real(name, np.where(absent, 0.0, value), 0, 1)
    return value


@dataclass(frozen=True, slots=True)
class PruningRates:
    """What a verifier does to a generator's items, and the breakdown point that follows.

    Masses are per generated item: p* is passed exactly when bad > good.

    Claim: BP-1, BP-3, BP-4.2.

    Source: Feng et al. 2025, equations (1), (3) and Theorem 4.2.

    Parameters
    ----------
    p : float or ndarray
        Error rate of the generator, in [0, 1].
    phi : float or ndarray
        Acceptance rate of right items, in [0, 1]; nan is allowed where p = 1.
    psi : float or ndarray
        Acceptance rate of wrong items, in [0, 1]; nan is allowed where p = 0.
    correct : float or ndarray, optional
        1 - p, where it is known to more digits than the subtraction leaves.

    Raises
    ------
    ValueError
        If a rate is out of range or nan without reason.

    Examples
    --------
    >>> rates = PruningRates(p=0.5, phi=0.9, psi=0.3)
    >>> float(rates.precision), float(rates.breakdown_point), float(rates.retention)
    (0.75, 0.75, 0.6)
    """

    p: float | np.ndarray
    phi: float | np.ndarray
    psi: float | np.ndarray
    correct: float | np.ndarray | None = None

    def __post_init__(self):
        """Check the rates and hold them as float64."""
        p = real("p", self.p, 0, 1)
        correct = 1 - p if self.correct is None else real("correct", self.correct, 0, 1)
        if np.any(np.abs(p + correct - 1) > 1e-9):
            raise ValueError(f"correct = {self.correct!r}: must be 1 - p")
        fields = {
            "p": p,
            "phi": _rate("phi", self.phi, p < 1),
            "psi": _rate("psi", self.psi, p > 0),
            "correct": correct,
        }
        np.broadcast_shapes(*(value.shape for value in fields.values()))
        for name, value in fields.items():
            object.__setattr__(self, name, value[()])

    @property
    def good(self):
        """Mass of right items that survive, (1 - p) phi."""
        return np.where(np.isnan(self.phi), 0.0, self.correct * self.phi)[()]

    @property
    def bad(self):
        """Mass of wrong items that survive, p psi."""
        return np.where(np.isnan(self.psi), 0.0, self.p * self.psi)[()]

    @property
    def retention(self):
        """Share of items kept, good + bad."""
        return self.good + self.bad

    @property
    def margin(self):
        """good - bad: positive below the breakdown."""
        return self.good - self.bad

    @property
    def precision(self):
        """Share of right items among those kept; nan if nothing is kept."""
        with np.errstate(invalid="ignore"):
            return np.divide(self.good, self.retention)[()]

    @property
    def breakdown_point(self):
        """phi/(phi + psi): the error rate p* beyond which bad items prevail."""
        with np.errstate(invalid="ignore"):
            return np.divide(self.phi, self.phi + self.psi)[()]

    @property
    def effective_fraction(self):
        """margin^2/retention: clean items that one generated item is worth to an average."""
        with np.errstate(invalid="ignore"):
            share = self.margin * np.divide(self.margin, self.retention)
        return np.where(self.retention == 0, 0.0, share)[()]


def rates_isotropic(angle_gen, angle_prune, angle_between):
    """Rates of a linear verifier of a linear generator, inputs isotropic, no margin.

    A label is right when generator and truth lie on the same side of x, and an item is kept when
    generator and pruner do:

        p = tg/pi,  phi = (2 pi - tg - tp - t)/(2 (pi - tg)),  psi = (tg + tp - t)/(2 tg)

    Claim: BP-6a, BP-6b.

    Source: Feng et al. 2025, equation (5) and Figure 2, with the labels taken as +-1 (as printed
    the rule discards every item of class 0).

    Assumes: x is N(0, I); three independent directions need d >= 3.

    Parameters
    ----------
    angle_gen, angle_prune, angle_between : array_like
        Angles generator-truth tg, pruner-truth tp and pruner-generator t, radians in [0, pi],
        under the triangle inequalities; broadcast.

    Returns
    -------
    PruningRates
        Exact; psi is nan at tg = 0, phi at tg = pi.

    Raises
    ------
    ValueError
        If no three directions have these angles.

    Examples
    --------
    >>> rates = rates_isotropic(0.6, 0.9, 0.7)
    >>> float(rates.breakdown_point)
    0.546466...
    >>> float(rates.margin)  # 1 - (0.6 + 0.9)/pi, whatever the third angle
    0.522535...
    """
    gen, prune, between = triangle(angle_gen, angle_prune, angle_between)
    rest = supplement(gen)
    with np.errstate(divide="ignore", invalid="ignore"):
        phi = np.minimum(slack(gen, prune, between) / (2 * rest), 1.0)
        psi = np.minimum(gap(gen, prune, between) / (2 * gen), 1.0)
    phi = np.where(rest == 0, np.nan, phi)
    psi = np.where(gen == 0, np.nan, psi)
    return PruningRates(gen / np.pi, phi, psi, rest / np.pi)


def _stationary(log_slope, low, high):
    """Root of a decreasing function by bisection."""
    for _ in range(70):
        middle = 0.5 * (low + high)
        rising = log_slope(middle) > 0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    return 0.5 * (low + high)


def _log_sampled(labelled, sharpness, offset, rate):
    """Log of E[sigmoid(b (m + U)) Phi(offset + rate U)] for U standard normal, m = labelled."""

    def log_integrand(u):
        label = log_expit(sharpness * (labelled + u))
        return -0.5 * u * u + label + log_ndtr(offset + rate * u)

    def log_slope(u):
        z = offset + rate * u
        label = sharpness * expit(-sharpness * (labelled + u))
        return label + rate * inverse_mills(z) - u

    # The mode lies between those of the factors; a sigmoid shifts it by its slope at most.
    pull = np.where(np.isinf(offset), 0.0, np.abs(offset) / np.hypot(1.0, rate))
    reach = np.minimum(np.abs(labelled), sharpness) + pull + 10
    mode = _stationary(log_slope, -reach, reach)
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.where((rate == 0) | np.isinf(offset), 0.0, -offset / rate)
        width = np.where(rate == 0, 0.0, np.abs(1 / rate))
        sigmoid = 1 / np.maximum(sharpness, 1e-290)
    steps, widths = np.stack([step, -labelled], axis=-1), np.stack([width, sigmoid], axis=-1)
    forever = np.full_like(mode, np.inf)
    value = log_integral(log_integrand, mode, np.zeros_like(mode), forever, steps, widths)
    return value - 0.5 * np.log(2 * np.pi)


def _sampled(signal_gen, signal_prune, between, threshold, sharpness):
    """(p, 1 - p, phi, psi) for labels drawn through a sigmoid, all arguments one axis."""
    root, rho = np.sin(between), np.cos(between)
    root, sharpness = np.maximum(root, _SHARP), np.minimum(sharpness, 1 / _SHARP)
    never, still = np.full_like(rho, np.inf), np.zeros_like(rho)
    with np.errstate(all="ignore"):
        # Beyond these limits every rate is 0 or 1, and squares would overflow.
        limit = _FAR / np.clip(sharpness, 1e-290, 1.0)
        signal_gen = np.clip(signal_gen, -limit, limit)
        up = np.clip(signal_prune - threshold, -_FAR, _FAR) / root
        down = np.clip(-signal_prune - threshold, -_FAR, _FAR) / root
        right = _log_sampled(signal_gen, sharpness, never, still)
        wrong = _log_sampled(-signal_gen, sharpness, never, still)
        right_kept = _log_sampled(signal_gen, sharpness, up, rho / root)
        wrong_kept = _log_sampled(-signal_gen, sharpness, down, rho / root)
        logs = wrong, right, right_kept - right, wrong_kept - wrong
        return tuple(np.minimum(np.exp(x), 1.0) for x in logs)


def rates_mixture(
    separation, angle_gen, angle_prune, angle_between, *, threshold=0.0, sharpness=np.inf
):
    """Rates of a linear verifier of a linear generator on a two-class Gaussian mixture.

    With cg = -separation cos tg and cp = -separation cos tp,

        p = Phi(cg),  phi = Phi_2(-cp - T, -cg; cos t)/Phi(-cg),  psi = Phi_2(cp - T, cg)/Phi(cg)

    An item is kept when the pruner's score, signed by the label, exceeds the threshold T. A
    finite sharpness b draws the label instead from a sigmoid of b times the generator's score.

    Claim: BP-23, BP-E6, BPX-U, BPX-11, BPX-13.

    Source: Feng et al. 2025, Appendix E.6, equation (23), with the variance that makes x unit
    length on average, and psi a probability (the printed one is at least 1). In the paper's scale
    separation = |mu| sqrt(d/(1 - |mu|^2)).

    Assumes: x given y = +-1 is N(y mu, sigma_x^2 I), classes equally likely, no intercept.

    Parameters
    ----------
    separation : array_like
        |mu|/sigma_x, in [0, inf).
    angle_gen, angle_prune, angle_between : array_like
        Angles generator-truth tg, pruner-truth tp and pruner-generator t, radians in [0, pi],
        under the triangle inequalities; broadcast.
    threshold : array_like, optional
        T, in units of sigma_x, any real number; 0 keeps all items with the pruner's label.
    sharpness : array_like, optional
        b, per sigma_x, in [0, inf]; inf is the deterministic label.

    Returns
    -------
    PruningRates
        Exact; relative error below 1e-11 down to 1e-290.

    Raises
    ------
    ValueError
        If a number is out of range or no three directions have these angles.

    Examples
    --------
    >>> rates = rates_mixture(1.5, 0.8, 0.2617993877991494, 0.83)
    >>> float(rates.phi), float(rates.psi)
    (0.966674..., 0.306022...)
    """
    separation = real("separation", separation, 0)
    gen, prune, between = triangle(angle_gen, angle_prune, angle_between)
    threshold = real("threshold", threshold)
    sharpness = real("sharpness", sharpness, 0, np.inf, high_open=None)
    signal_gen, signal_prune = separation * np.cos(gen), separation * np.cos(prune)
    *parts, signal_gen, sharpness = np.broadcast_arrays(
        signal_prune, between, threshold, signal_gen, sharpness
    )
    signal_prune, between, threshold = parts
    p, correct = ndtr(-signal_gen), ndtr(signal_gen)
    phi = conditional_cdf(signal_prune - threshold, signal_gen, angle=between)
    psi = conditional_cdf(-signal_prune - threshold, -signal_gen, angle=between)
    p, correct, phi, psi = (np.array(x) for x in (p, correct, phi, psi))
    soft = np.isfinite(sharpness)
    if soft.any():
        p[soft], correct[soft], phi[soft], psi[soft] = _sampled(
            *(x[soft] for x in (signal_gen, signal_prune, between, threshold, sharpness))
        )
    return PruningRates(p, np.minimum(phi, 1.0), np.minimum(psi, 1.0), correct)


def rates_from_scores(score, kept):
    """Rates of a verifier whose right and wrong is a matter of degree.

    .. math:: p = 1 - E s, \\quad \\phi = E[q s]/E s, \\quad \\psi = E[q (1 - s)]/(1 - E s)

    Then logit p* = logit E[s | q] - logit E[s]: for one generator p* ranks verifiers by the mean
    score of what they keep.

    Claim: BP-GP, BPX-P.

    Source: Feng et al. 2025, Section 6.3.

    Parameters
    ----------
    score : array_like, shape (..., n)
        Similarity s of each item to the truth, in [0, 1]; 0 or 1 for plain right and wrong.
    kept : array_like, shape (..., n)
        Whether (or with which probability) each item is kept, q in [0, 1].

    Returns
    -------
    PruningRates
        Shape (...); psi is nan where all scores are 1, phi where all are 0.

    Raises
    ------
    ValueError
        If a score or q is out of range, or there is no item.

    Examples
    --------
    >>> rates = rates_from_scores([1, 1, 0, 0], [1, 1, 1, 0])
    >>> float(rates.p), float(rates.phi), float(rates.psi)
    (0.5, 1.0, 0.5)
    """
    score, kept = np.broadcast_arrays(
        np.atleast_1d(real("score", score, 0, 1)), np.atleast_1d(real("kept", kept, 0, 1))
    )
    if score.shape[-1] == 0:
        raise ValueError(f"score has shape {score.shape}: must hold at least one item")
    right, wrong = score.mean(axis=-1), (1 - score).mean(axis=-1)
    with np.errstate(invalid="ignore"):
        phi = np.divide((kept * score).mean(axis=-1), right)
        psi = np.divide((kept * (1 - score)).mean(axis=-1), wrong)
    # Means of subsets can exceed each other by an ulp.
    return PruningRates(
        np.minimum(wrong, 1.0), np.minimum(phi, 1.0), np.minimum(psi, 1.0), np.minimum(right, 1.0)
    )
