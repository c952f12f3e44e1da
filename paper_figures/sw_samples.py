"""Denoising, our view of Yang et al. 2025, section 4.2: the same noisy digits through the loop.

Made by the models of finished runs, or read from `samples.csv` beside recorded results, which
`python -m paper_figures.samples` keeps.
"""

import numpy as np

from paper_figures import style
from paper_figures.denoised import KINDS, gather, kind_of
from paper_figures.samples import images_of, kept, pictured

__all__ = ["compute", "draw", "usable"]

ROWS = {"clean": "the digits", "noisy": "with noise", "base": "generation 0"}


def usable(results):
    """Return whether there are models, or samples, of a verified loop."""
    return bool(set(map(kind_of, results.configs.values())) & set(KINDS)) and pictured(results)


def compute(results):
    """Return the images: noise, arm, kind, round, the model's PSNR, digit, the pixels' bytes."""
    return kept(results, gather)


@style.styled
def draw(frame):
    """Draw a row for each stage, a column for each digit, dark ink on white."""
    order = ("clean", "noisy", "base", "unverified", *KINDS)
    shown = [(kind, frame[frame.kind == kind].sort_values("digit")) for kind in order]
    shown = [(kind, rows) for kind, rows in shown if len(rows)]
    figure, axes = style.blank(len(shown), 1, width=style.WIDE, height=0.52 * len(shown) + 0.1)
    figure.get_layout_engine().set(rect=(0.04, 0, 0.96, 1))  # images leave the labels too little
    for panel, (kind, rows) in zip(np.ravel(axes), shown):
        images = np.pad(images_of(rows), ((0, 0), (0, 0), (1, 1)))
        panel.imshow(np.hstack(list(images)), cmap="gray_r", vmin=0, vmax=255,
                     interpolation="nearest")
        panel.set(xticks=[], yticks=[])
        panel.spines[:].set_visible(False)
        panel.set_ylabel(_label(kind, rows.iloc[0]), rotation=0, ha="right", va="center")
    return figure


def _label(kind, row):
    name = ROWS.get(kind, row.arm)
    if np.isinf(row.psnr):
        return name
    return f"{name}\n" + (f"round {row['round']}: " if row["round"] else "") + f"{row.psnr:.1f} dB"
