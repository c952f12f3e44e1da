"""The interactive phase diagrams of the report: what can be set, what is shown, and by what law.

The page computes by elementary formulas in script (`page/formulas.js`), so that sliders answer at
once and from disk. Here stands what the same numbers are in `theory`: the values that the page
shows before anything is moved come from it, and a test moves the page's sliders and compares.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from theory import breakdown, contraction, one_law, pruning

__all__ = ["PANELS", "Panel", "Slider", "Value", "shown"]


@dataclass(frozen=True, slots=True)
class Slider:
    """Something that can be set.

    Attributes
    ----------
    name, symbol, label : str
        Name in the formulas; sign in print; what it is.
    low, high, start : float
        Range, and where it stands at first.
    log : bool
        Whether it moves by factors.
    unit : str
        Shown after the value.
    """

    name: str
    symbol: str
    label: str
    low: float
    high: float
    start: float
    log: bool = False
    unit: str = ""

    @property
    def position(self):
        """Where the slider's handle is at first, from 0 to 1."""
        if self.log:
            return math.log(self.start / self.low) / math.log(self.high / self.low)
        return (self.start - self.low) / (self.high - self.low)


@dataclass(frozen=True, slots=True)
class Value:
    """A number that follows from what is set.

    Attributes
    ----------
    name, label : str
        Name in the formulas; what it is.
    claim : str
        Id of the claim that it rests on.
    function : str
        Name of the function of `theory` that it must equal.
    """

    name: str
    label: str
    claim: str
    function: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A diagram with its sliders.

    Attributes
    ----------
    name, title, text : str
        Name in the script; heading; what one sees, in a few words.
    latex : tuple of str
        The formulas behind it.
    x, y : str
        Sliders along the axes of the map.
    shades : tuple of str
        Values that the map can show.
    sliders, values : tuple
        See :class:`Slider` and :class:`Value`.
    reference : callable
        From the settings, a dict, to the values, by `theory`.
    """

    name: str
    title: str
    text: str
    latex: tuple[str, ...]
    x: str
    y: str
    shades: tuple[str, ...]
    sliders: tuple[Slider, ...]
    values: tuple[Value, ...]
    reference: Callable


# -- a linear verifier of a linear generator -----------------------------------------------------
def between(gen, prune, shared):
    """Return the angle between generator and pruner, between independent errors and equal ones."""
    apart = math.acos(math.cos(gen) * math.cos(prune))
    return (1 - shared) * apart + shared * abs(gen - prune)


def _angles(settings):
    gen, prune = math.pi * settings["gen"], math.pi * settings["prune"]
    angles = gen, prune, between(gen, prune, settings["shared"])
    rates = pruning.rates_isotropic(*angles)
    return {
        "phi": rates.phi, "psi": rates.psi, "star": rates.breakdown_point,
        "border": breakdown.supervised_breakdown(prune), "precision": rates.precision,
        "retention": rates.retention, "accuracy": breakdown.population_accuracy(*angles),
    }


ANGLES = Panel(
    "angles", "A linear verifier of a linear generator",
    "Generator and verifier each err by an angle to the truth. What is learned from the labels "
    "that survive beats chance below the line on which the two angles add to π, whatever errors "
    "they share.",
    (r"\phi = \frac{2\pi - \theta_g - \theta_p - \theta}{2(\pi - \theta_g)}",
     r"\psi = \frac{\theta_g + \theta_p - \theta}{2 \theta_g}",
     r"\mathrm{accuracy} = 1 - \frac{1}{\pi} \arccos "
     r"\frac{\cos\theta_g + \cos\theta_p}{2 \cos(\theta/2)}"),
    "gen", "prune", ("accuracy", "precision", "star"),
    (Slider("gen", "θ_gen", "generator's angle; its error rate is θ_gen/π", 0.02, 0.98, 0.3,
            unit="π"),
     Slider("prune", "θ_prune", "verifier's angle", 0.02, 0.98, 0.2, unit="π"),
     Slider("shared", "s", "errors in common: 0 independent, 1 as many as can be", 0, 1, 0)),
    (Value("phi", "right items kept, φ", "BP-6a", "theory.pruning.rates_isotropic"),
     Value("psi", "wrong items kept, ψ", "BP-6a", "theory.pruning.rates_isotropic"),
     Value("star", "breakdown point p*", "BP-4.2", "theory.pruning.PruningRates"),
     Value("border", "error rate at which this verifier stops helping", "BP-6b",
           "theory.breakdown.supervised_breakdown"),
     Value("precision", "right among the kept", "BP-4", "theory.pruning.PruningRates"),
     Value("retention", "share kept", "BP-4", "theory.pruning.PruningRates"),
     Value("accuracy", "accuracy after training on them", "BPX-1",
           "theory.breakdown.population_accuracy")),
    _angles,
)


# -- any verifier of two kinds of items ----------------------------------------------------------
def _rates(settings):
    p, phi, psi = settings["p"], settings["phi"], settings["psi"]
    rates = pruning.PruningRates(p, phi, psi)
    return {
        "star": breakdown.breakdown_point(phi, psi), "precision": rates.precision,
        "next": one_law.prune_round(p, phi, psi), "margin": rates.margin,
        "width": breakdown.transition_width(round(settings["n"]), phi, psi),
        "exponent": breakdown.chernoff_rate(rates.good, rates.bad),
    }


RATES = Panel(
    "rates", "Any verifier, by its two rates",
    "A share p of all items is wrong; the verifier keeps right ones at rate φ and wrong ones at "
    "rate ψ. Below p* most of what it keeps is right, and the more items, the sharper the turn.",
    (r"p^\ast = \frac{\phi}{\phi + \psi}",
     r"p' = \frac{p \psi}{p \psi + (1-p) \phi}",
     r"\mathrm{width} = \sqrt{\frac{2 \phi \psi}{n (\phi + \psi)^3}}"),
    "p", "psi", ("precision", "margin", "star"),
    (Slider("p", "p", "share of wrong items", 0.01, 0.99, 0.4),
     Slider("psi", "ψ", "wrong items kept", 0.01, 1, 0.3),
     Slider("phi", "φ", "right items kept", 0.01, 1, 0.8),
     Slider("n", "n", "items generated", 10, 1e6, 1000, log=True)),
    (Value("star", "breakdown point p*", "BP-4.2", "theory.breakdown.breakdown_point"),
     Value("precision", "right among the kept", "BP-4", "theory.pruning.PruningRates"),
     Value("margin", "right less wrong, per item generated", "BP-4.2",
           "theory.pruning.PruningRates"),
     Value("next", "share of wrong ones in the next round", "UL-PRUNE",
           "theory.one_law.prune_round"),
     Value("width", "width in p of the turn at p*", "BPX-3",
           "theory.breakdown.transition_width"),
     Value("exponent", "decay rate of a wrong majority, per item", "BPX-3",
           "theory.breakdown.chernoff_rate")),
    _rates,
)


# -- a corrected loop ----------------------------------------------------------------------------
def _correction(settings):
    ratio, strength = settings["ratio"], settings["strength"]
    return {
        "sharp": contraction.bound_sharp_rate(ratio, strength),
        "printed": contraction.bound_printed_rate(ratio, strength),
        "limit": contraction.max_ratio_printed(strength),
        "inflation": contraction.cramer_rao_inflation(ratio, strength),
        "critical": contraction.critical_synthetic_ratio(strength),
    }


CORRECTION = Panel(
    "correction", "How much synthetic data, how much correction",
    "λ synthetic points come to one real one, corrected with strength γ. The loop is stable "
    "everywhere; the printed theorem reaches up to its line. Shaded otherwise, the error that the "
    "loop settles at says when synthetic data beat real data alone.",
    (r"r = \frac{\lambda}{(1+\lambda)(1+\gamma)}",
     r"r_{\mathrm{printed}} = \frac{\lambda}{(1-\lambda)(1+\gamma)}",
     r"f = \frac{1 + \lambda + 2\lambda q/(1 + \lambda - \lambda q)}"
     r"{(1+\lambda)^2 - \lambda^2 q^2}, \quad q = \frac{1}{1+\gamma}"),
    "ratio", "strength", ("sharp", "inflation"),
    (Slider("ratio", "λ", "synthetic points per real one", 0.05, 20, 0.7, log=True),
     Slider("strength", "γ", "correction strength", 0, 6, 0.5)),
    (Value("sharp", "factor on the error a round (below 1: stable)", "SCX-SHARP",
           "theory.contraction.bound_sharp_rate"),
     Value("printed", "the same as printed", "SC-T43", "theory.contraction.bound_printed_rate"),
     Value("limit", "λ that the printed theorem allows, up to", "SC-T43",
           "theory.contraction.max_ratio_printed"),
     Value("inflation", "settled error, real data alone being 1", "SCX-UNIVERSAL",
           "theory.contraction.cramer_rao_inflation"),
     Value("critical", "λ from which synthetic data help", "SCX-GM-cross-n",
           "theory.contraction.critical_synthetic_ratio")),
    _correction,
)


# -- a budget ------------------------------------------------------------------------------------
def _budget(settings):
    law = [settings[name] for name in ("contraction", "noise", "initial")]
    total, bias2 = settings["total"], settings["bias2"]
    rounds = max(1, math.floor(one_law.best_rounds_within(*law, total, bias2) + 0.5))
    schedule = one_law.best_schedule(law[0], total, rounds)
    return {
        "least": one_law.best_error_within(*law, total, bias2),
        "rounds": one_law.best_rounds_within(*law, total, bias2),
        "floor": one_law.best_error_within(*law, 1e300, bias2),
        "plan": one_law.truth_error(*law, schedule, bias2)[-1],
        "first": schedule[0], "last": schedule[-1],
        "penalty": one_law.uniform_penalty(law[0], rounds),
    }


BUDGET = Panel(
    "budget", "What a budget buys, and over how many rounds",
    "A round brings the error nearer to the verifier's centre by the factor K and adds noise c/n. "
    "A finite budget N acts like extra bias of the verifier: beyond the line more samples do not "
    "help, only a better verifier does.",
    (r"\frac{1}{R} = \frac{1}{v_0} + \frac{1}{B^2 + c/((1-K)^2 N)}",
     r"T = \frac{\log(1 + v_0/B_N^2)}{\log(1/K)}",
     r"n_t = N \frac{(1-K) K^{T-1-t}}{1 - K^T}"),
    "total", "bias2", ("least", "rounds"),
    (Slider("total", "N", "budget: samples over all rounds", 10, 1e6, 2000, log=True),
     Slider("bias2", "B²", "verifier's bias, squared", 1e-4, 1, 0.02, log=True),
     Slider("contraction", "K", "what a round leaves of the error", 0.05, 0.95, 0.7),
     Slider("noise", "c", "noise of one sample", 0.1, 100, 1, log=True),
     Slider("initial", "v₀", "error at the start", 0.01, 100, 1, log=True)),
    (Value("least", "least error to the truth", "UL-BUDGET", "theory.one_law.best_error_within"),
     Value("rounds", "rounds that reach it", "UL-BUDGET", "theory.one_law.best_rounds_within"),
     Value("plan", "error of the best schedule in whole rounds", "UL-MSE",
           "theory.one_law.truth_error"),
     Value("first", "its first round's samples", "UL-SCHED", "theory.one_law.best_schedule"),
     Value("last", "its last round's samples", "UL-SCHED", "theory.one_law.best_schedule"),
     Value("penalty", "noise of equal batches over the best", "UL-SCHED-UNIFORM",
           "theory.one_law.uniform_penalty"),
     Value("floor", "error that no budget goes below", "UL-BUDGET-BOUND",
           "theory.one_law.best_error_within")),
    _budget,
)

PANELS = (ANGLES, RATES, CORRECTION, BUDGET)


def shown(panel, settings=None):
    """Return the values of a panel by `theory`, where its sliders are at first or at `settings`.

    Examples
    --------
    >>> round(shown(RATES)["precision"], 6)
    0.8
    """
    settings = settings or {slider.name: slider.start for slider in panel.sliders}
    return {name: float(value) for name, value in panel.reference(settings).items()}
