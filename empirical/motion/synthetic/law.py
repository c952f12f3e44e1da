"""The law of the made-up motions: which actions, in which styles, how often, said in which words.

An action is drawn uniformly from `ACTIONS`; each of its styles uniformly from its levels; who
moves uniformly from `PEOPLE`; the wording uniformly from the action's patterns. All of these are
independent. What a style leaves open of the motion itself (a pace between 1.0 and 1.25 m/s, say)
is drawn uniformly by the builders in :mod:`travel` and :mod:`gestures`.
"""

import itertools
import re
from dataclasses import dataclass

import numpy as np

from empirical.motion.features import canonical
from empirical.motion.skeleton import normalised
from empirical.motion.synthetic import gestures, travel

__all__ = ["ACTIONS", "LONGEST", "PEOPLE", "Action", "Clip", "caption", "draw", "make", "styles",
           "words"]

LONGEST = 80  # frames: no clip is longer
PEOPLE = ("a person", "someone", "a man", "a woman", "the figure")


@dataclass(frozen=True, slots=True, eq=False)
class Action:
    """Something that a figure does.

    Attributes
    ----------
    name : str
        One word.
    build : callable
        build(rng, **styles) -> Body.
    styles : dict
        Name of a style to its levels, each level with the words that say it.
    patterns : tuple of str
        What is said after who does it; a style's words stand where its name does.
    """

    name: str
    build: object
    styles: dict
    patterns: tuple


SPEED = {"slow": "slowly", "normal": "", "fast": "quickly"}
PACES = {"slow": "slowly", "fast": "quickly"}
COUNT = {"once": "once", "twice": "twice", "thrice": "three times"}
SIDE = {"right": "right", "left": "left"}
HANDS = {"right": "the right hand", "left": "the left hand", "both": "both hands"}
ARM = {"right": "the right arm", "left": "the left arm", "both": "both arms"}
WAY = {"forward": "forward", "left": "along a curve to the left",
       "right": "along a curve to the right"}

ACTIONS = (
    Action("walk", travel.walk, {"direction": WAY | {"backward": "backward"}, "speed": SPEED},
           ("walks {direction} {speed}", "{speed} walks {direction}")),
    Action("run", travel.run, {"direction": WAY, "speed": {"normal": "", "fast": "fast"}},
           ("runs {direction} {speed}", "is running {speed} {direction}")),
    Action("sneak", travel.sneak, {"speed": {"slow": "slowly", "normal": ""}},
           ("sneaks forward {speed} in a crouch", "{speed} creeps forward with bent knees")),
    Action("sidestep", travel.sidestep, {"side": SIDE, "speed": PACES},
           ("steps sideways to the {side} {speed}", "{speed} sidesteps to the {side}")),
    Action("turn", travel.turn_around,
           {"side": SIDE, "amplitude": {"quarter": "a quarter turn", "half": "half a turn"}},
           ("makes {amplitude} to the {side}", "turns on the spot, {amplitude} to the {side}")),
    Action("march", travel.march,
           {"amplitude": {"small": "", "large": "lifting the knees high"}, "speed": SPEED},
           ("marches on the spot {speed} {amplitude}", "{speed} marches in place {amplitude}")),
    Action("jump", gestures.jump, {"count": COUNT, "amplitude": {"low": "a little",
                                                                 "high": "high"}},
           ("jumps up {amplitude} {count}", "jumps {amplitude} into the air {count}")),
    Action("leap", gestures.leap, {"amplitude": {"short": "short", "long": "long"}},
           ("makes a {amplitude} jump forward", "leaps forward in a {amplitude} jump")),
    Action("hop", gestures.hop, {"side": SIDE, "count": COUNT},
           ("hops on the {side} leg {count}", "hops {count} on the {side} foot")),
    Action("squat", gestures.squat,
           {"count": COUNT, "amplitude": {"shallow": "a little", "deep": "deep"}},
           ("squats down {amplitude} {count}", "bends the knees {amplitude} {count}")),
    Action("bow", gestures.bow, {"count": {"once": "once", "twice": "twice"},
                                 "amplitude": {"slight": "slightly", "deep": "deeply"}},
           ("bows {amplitude} {count}", "bends forward {amplitude} {count}")),
    Action("kick", gestures.kick, {"side": SIDE, "amplitude": {"low": "low", "high": "high"},
                                   "count": {"once": "once", "twice": "twice"}},
           ("kicks {amplitude} with the {side} leg {count}",
            "does a {amplitude} kick with the {side} foot {count}")),
    Action("punch", gestures.punch, {"side": SIDE, "count": COUNT},
           ("punches with the {side} fist {count}",
            "throws a punch with the {side} hand {count}")),
    Action("wave", gestures.wave, {"side": HANDS, "speed": SPEED},
           ("waves with {side} {speed}", "{speed} waves {side}")),
    Action("raise", gestures.raise_arms,
           {"side": ARM, "amplitude": {"shoulder": "to shoulder height",
                                       "overhead": "over the head"}},
           ("raises {side} {amplitude}", "lifts {side} {amplitude} and lowers again")),
    Action("jack", gestures.jumping_jack, {"count": COUNT},
           ("does a jumping jack {count}", "jumps with legs apart and arms up {count}")),
    Action("look", gestures.look_around,
           {"side": {"right": "to the right and then to the left",
                     "left": "to the left and then to the right"}},
           ("looks {side}", "turns the head {side}")),
    Action("sway", gestures.sway, {"amplitude": {"small": "a little", "large": "widely"},
                                   "speed": SPEED},
           ("sways from side to side {amplitude} {speed}",
            "{speed} sways {amplitude} from side to side")),
)


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A made-up motion.

    Attributes
    ----------
    action : int
        Place in `ACTIONS`.
    styles : dict
        Level of each style.
    caption : str
        What is said of it.
    pose : array, (frames, 43)
        Beginning over the origin, heading +x.
    """

    action: int
    styles: dict
    caption: str
    pose: np.ndarray


def styles(action):
    """Return every combination of an action's styles, a list of dicts; each is as likely."""
    names = list(action.styles)
    return [dict(zip(names, levels))
            for levels in itertools.product(*(action.styles[name] for name in names))]


def caption(action, chosen, who=PEOPLE[0], pattern=0):
    """Return what is said of an action in the chosen styles.

    Examples
    --------
    >>> caption(ACTIONS[0], {"direction": "left", "speed": "fast"})
    'a person walks along a curve to the left quickly'
    """
    said = {name: action.styles[name][level] for name, level in chosen.items()}
    text = f"{who} {action.patterns[pattern].format(**said)}"
    return re.sub(r"\s+(?=,|$)", "", re.sub(r" +", " ", text))


def make(number, chosen, rng):
    """Return the poses (frames, 43) of action `number` in the chosen styles."""
    pose = ACTIONS[number].build(rng, **chosen).pose()
    return canonical(normalised(pose))


def draw(rng):
    """Return a :class:`Clip` drawn from the law by a generator."""
    number = int(rng.integers(len(ACTIONS)))
    action = ACTIONS[number]
    chosen = {name: str(rng.choice(list(levels))) for name, levels in action.styles.items()}
    said = caption(action, chosen, str(rng.choice(PEOPLE)),
                   int(rng.integers(len(action.patterns))))
    return Clip(number, chosen, said, make(number, chosen, rng))


def words():
    """Return all words that captions of the law may hold, sorted."""
    found = set()
    for action in ACTIONS:
        for chosen in styles(action):
            for pattern in range(len(action.patterns)):
                found |= set(caption(action, chosen, "", pattern).replace(",", " ").split())
    return tuple(sorted(found | set(" ".join(PEOPLE).split())))
