"""Curves of the self-taught reasoning loop, as its table and figures need them."""

from dataclasses import dataclass

import pandas as pd

from paper_figures import style
from paper_figures.published.yang2025 import TESTS

__all__ = ["COLOURS", "FAMILIES", "Line", "curves", "draw_curves", "family_of", "lines", "shown"]

COLOURS = {"exponential": style.BLUE, "linear": style.GREEN, "constant": style.RED,
           "none": style.GREY, "coin": style.BLACK}
FAMILIES = ("constant", "linear", "exponential")
STYLES = ("-", "--", ":")  # by size


@dataclass(frozen=True, slots=True)
class Line:
    """An arm of the loop.

    Attributes
    ----------
    arm : str
        Its name.
    family : str
        Its schedule where a verifier chooses, else "none" or "coin".
    temperature, growth : float
        Of its config.
    counts : tuple of int
        Solutions kept in each round.
    """

    arm: str
    family: str
    temperature: float
    growth: float
    counts: tuple


def family_of(config):
    """Return the family that an arm of this config is of, None for another.

    Examples
    --------
    >>> family_of({"loop": {"curate": "answer", "schedule": "linear"}})
    'linear'
    """
    loop = config["loop"]
    if loop["curate"] in ("none", "coin"):
        return loop["curate"]
    verified = loop["curate"] == "answer" and loop["schedule"] in FAMILIES
    return loop["schedule"] if verified else None


def lines(results, temperature=None):
    """Return the :class:`Line` s of finished runs, at one temperature or at all."""
    from empirical.config import from_dict
    from empirical.schedule import LoopConfig

    made = []
    for arm, config in results.configs.items():
        family = family_of(config)
        if family and temperature in (None, config["temperature"]):
            loop = from_dict(LoopConfig, config["loop"])
            made.append(Line(arm, family, config["temperature"], loop.growth, loop.counts()))
    return made


def curves(results, chosen):
    """Return accuracies in percent, round by round and by difficulty, of chosen lines.

    A frame with the columns setting, arm, family, temperature, growth, round, kept, level,
    accuracy, low, high, gain, gain_low, gain_high, seeds; intervals are over seeds, of accuracies
    after the seeds' own levels, common to all arms, are taken off.
    """
    from empirical.predict import final, mean_interval

    rows = []
    for level in TESTS:
        found = {
            (line.arm, t): 100 * final(results.metrics, line.arm, f"accuracy@{level}", round_=t)
            for line in chosen for t in range(len(line.counts) + 1)
        }
        whole = pd.concat(found, axis=1).mean(axis=1)  # of each seed
        for line in chosen:
            for t in range(len(line.counts) + 1):
                value = found[line.arm, t]
                made = mean_interval((value - whole + whole.mean()).dropna())
                gain = mean_interval((value - found[line.arm, 0]).dropna())
                rows.append((
                    results.setting, line.arm, line.family, line.temperature, line.growth, t,
                    sum(line.counts[:t]), level, made.mean, made.low, made.high, gain.mean,
                    gain.low, gain.high, made.n))
    return pd.DataFrame(rows, columns=[
        "setting", "arm", "family", "temperature", "growth", "round", "kept", "level", "accuracy",
        "low", "high", "gain", "gain_low", "gain_high", "seeds"])


def shown(frame, level):
    """Yield (rows, colour, line style) of each arm at a difficulty."""
    for family, colour in COLOURS.items():
        arms = frame[(frame.family == family) & (frame.level == level)].groupby("arm", sort=False)
        for (_, rows), line in zip(arms, STYLES):
            yield rows, colour, line


def draw_curves(axes, drawn, level):
    """Draw accuracy over what was kept, of (rows, colour, line style); return a legend's entries.
    """
    entries = []
    for rows, colour, line in drawn:
        axes.plot(rows.kept, rows.accuracy, color=colour, linestyle=line, marker="o",
                  markersize=2.2, linewidth=1)
        if rows.low.notna().all():
            axes.fill_between(rows.kept, rows.low, rows.high, color=colour, alpha=0.10,
                              linewidth=0)
        entries.append(style.entry(rows.arm.iloc[0], colour, "o", line))
    axes.set(xlabel="solutions kept", ylabel=f"accuracy, {level} (percent)")
    return entries
