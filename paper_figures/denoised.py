"""Images of the denoising loop: what its models make of the same noisy digits."""

import numpy as np
import pandas as pd

from paper_figures.samples import ends, packed

__all__ = ["COLUMNS", "KINDS", "gather", "kind_of"]

COLUMNS = ("setting", "noise", "arm", "kind", "round", "psnr", "digit", "size", "pixels")
KINDS = ("constant", "linear", "exponential")  # of schedules that a reward selects for


def kind_of(config):
    """Return what an arm is, from its config as plain values: one of KINDS, or "unverified"."""
    loop = config["loop"]
    return "unverified" if loop["curate"] == "none" else loop["schedule"]


def gather(found, setting=""):
    """Return denoised digits of a finished comparison, of its first seed and strongest noise.

    One held-out image of each digit: clean, noisy, and as the base model and the last model of
    each kind of arm leave it, of several schedules of a kind the one that ends best. `psnr` is
    the model's mean over all held-out images, in decibels.
    """
    from empirical.config import to_dict

    records, seed = found.records(), found.seeds[0]
    cells = [cell for cell in found.cells if cell.seed == seed and cell.config.loop.rounds]
    noise = max(cell.config.noise for cell in cells)
    best = {}
    for cell in cells:
        kind = kind_of(to_dict(cell.config))
        if cell.config.noise == noise and kind in (*KINDS, "unverified"):
            last = _psnr(records[cell.arm, seed], cell.config.loop.rounds)
            if kind not in best or last > best[kind][1]:
                best[kind] = cell, last
    rows = {}
    for kind, (cell, _) in best.items():
        record = records[cell.arm, seed]
        for about, psnr, images in _images(record, cell, kind):
            for digit, image in enumerate(images):
                rows.setdefault((about, digit), (
                    setting, noise, cell.arm if about[1] else "", *about, psnr, digit,
                    image.shape[-1], packed(image[0])))
    return pd.DataFrame(rows.values(), columns=COLUMNS)


def _images(record, cell, kind):
    """Yield (kind, round), PSNR and images: clean, noisy, of the base model and the last."""
    from empirical.streams import Streams

    task, models = ends(record, cell)
    test = task.real("test", Streams(cell.seed))
    chosen = [int(np.flatnonzero(test["group"] == digit)[0])
              for digit in np.unique(test["group"])]
    clean, streams = test["image"][chosen], Streams(cell.seed).child("pictures")
    yield ("clean", 0), float("inf"), clean
    for round_, model in models.items():
        noisy, made, _ = task.denoised(model, clean, np.arange(len(clean)), streams)
        if round_ == 0:
            yield ("noisy", 0), _psnr(record, 0, "psnr/noisy"), noisy
        yield (kind if round_ else "base", round_), _psnr(record, round_), made


def _psnr(record, round_, metric="psnr"):
    table = record.metrics
    mine = table[(table["round"] == round_) & (table.split == "test") & (table.metric == metric)]
    return float(mine.value.iloc[0])
