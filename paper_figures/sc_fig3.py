"""Gillman et al. 2024, Figures 3 and 9 to 11: the same prompt under each arm, as strips.

Sampled from the last models of finished runs, or read from `motions.npz` beside recorded results,
which `python -m empirical.motion.pictures` writes. The paper shows single frames; here past poses
are faded, as in its Figure 1.
"""

import numpy as np
import pandas as pd

from paper_figures import generations, style

__all__ = ["compute", "draw", "usable"]

POSES = 12  # of a strip
FILE = "motions.npz"
_COLUMNS = [f"pose_{k}" for k in range(43)]


def usable(results):
    """Return whether models are at hand, or motions that they made."""
    if results.comparison is not None:
        return generations.usable(results)
    return results.folder is not None and (results.folder / FILE).is_file()


def compute(results):
    """Return the poses that are drawn, one a row: prompt, arm, frame and the pose's numbers."""
    from empirical.motion import pictures

    if results.comparison is not None:
        shown = pictures.gather(results.comparison, prompts=1)
    else:
        shown = pictures.read(results.folder / FILE)
    rows = []
    clips = shown.clips(0)  # the first prompt, whatever it shows
    chosen = np.unique(np.linspace(0, len(clips[0]) - 1, POSES).round().astype(int))
    for name, clip in zip(shown.names, clips):
        rows += [(shown.prompts[0], name, frame, *clip[frame]) for frame in chosen]
    return pd.DataFrame(rows, columns=["prompt", "arm", "frame", *_COLUMNS])


@style.styled
def draw(frame):
    """Draw a strip an arm."""
    from empirical.motion import pictures

    names = list(dict.fromkeys(frame.arm))
    clips = [frame.loc[frame.arm == name, _COLUMNS].to_numpy(dtype=float) for name in names]
    return pictures.strips(clips, names, frame.prompt.iloc[0], poses=POSES, width=style.WIDE)
