"""Gillman et al. 2024, Figure 7: the anchors, K = 16 centroids of the real images of each digit.

Made from the real images that the runs were made from, by the same code.
"""

import pandas as pd

from paper_figures import digits, style

__all__ = ["compute", "draw", "usable"]

K = 16


def usable(results):
    """Return whether runs corrected by so many anchors."""
    return _config(results) is not None


def _config(results):
    kinds = digits.kinds(results, ("corrected",))
    return next((config for arm, config in results.configs.items()
                 if arm in kinds and config["anchors"] == K), None)


def compute(results):
    """Return the anchors: digit, number, and the pixels' bytes."""
    from empirical.config import from_dict
    from empirical.digits.config import Config
    from empirical.digits.instruments import Source, anchors

    config = from_dict(Config, _config(results))
    found = anchors(Source.of(config), K)
    return pd.DataFrame([
        (digit, number, config.size, digits.packed(image))
        for digit, mine in enumerate(found) for number, image in enumerate(mine)
    ], columns=["digit", "copy", "size", "pixels"])


@style.styled
def draw(frame):
    """Draw a row a digit."""
    figure, axes = style.blank(1, 1, width=style.COLUMN, height=2.4)
    digits.grid_of(axes, frame)
    return figure
