"""Images that the models of finished runs make, kept as text beside recorded results.

    python -m paper_figures.samples COMPARISON --runs-dir runs --out results/digits/desk

keeps samples of a comparison's models (`samples.csv`), so that their figures can be drawn without
the models.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

__all__ = ["FILE", "ends", "images_of", "kept", "packed", "pictured"]

FILE = "samples.csv"


def pictured(results):
    """Return whether models are at hand, or samples that they made."""
    if results.comparison is not None:
        return True
    return results.folder is not None and (results.folder / FILE).is_file()


def kept(results, gather):
    """Return samples: those that `gather` gets of models at hand, or that lie beside results."""
    if results.comparison is not None:
        return gather(results.comparison, results.setting)
    return pd.read_csv(results.folder / FILE, dtype={"pixels": str})


def ends(record, cell):
    """Return a run's task, and its first and last model by their rounds."""
    import torch

    from empirical import runs
    from empirical.streams import Streams

    base = next(e for e in record.events if e["event"] == "session")["base"]
    places = {0: runs.read(Path(record.path).parent / base), cell.config.loop.rounds: record}
    task, found = cell.task_class(cell.config), {}
    for round_, place in places.items():
        trained = [event for event in place.events if event["event"] == "trained"][-1]
        with Streams(0).under():
            model = task.build(None).eval()
        weights = runs.load(place.path, trained)
        model.load_state_dict({name: torch.from_numpy(v.copy()) for name, v in weights.items()})
        found[round_] = model
    return task, found


def packed(image):
    """Return an image in [-1, 1] as the hexadecimal digits of its bytes."""
    return np.rint((np.asarray(image) + 1) * 127.5).clip(0, 255).astype(np.uint8).tobytes().hex()


def images_of(rows):
    """Return the images of rows of samples, (n, size, size) from 0 to 255."""
    size = int(rows["size"].iloc[0])
    return np.stack([np.frombuffer(bytes.fromhex(text), np.uint8).reshape(size, size)
                     for text in rows.pixels])


def main(arguments=None):
    """Keep the samples of a comparison; see the module."""
    from empirical._files import write
    from empirical.export import find
    from empirical.runs import default_root
    from paper_figures import denoised, digits

    gather = {"denoise": denoised.gather, "digits": digits.gather}
    parser = argparse.ArgumentParser(prog="python -m paper_figures.samples")
    parser.add_argument("comparison", help="name of a finished comparison")
    parser.add_argument("--runs-dir", default=default_root(), help="folder of all runs")
    parser.add_argument("--out", required=True, help=f"folder that gets {FILE}")
    chosen = parser.parse_args(arguments)
    try:
        found = find(chosen.runs_dir, chosen.comparison)
        if found.task not in gather:
            raise ValueError(f"task = {found.task!r}: must be one of {', '.join(gather)}")
        text = gather[found.task](found).to_csv(index=False, lineterminator="\n")
        write(Path(chosen.out) / FILE, text.encode())
    except (ValueError, OSError, KeyError, AttributeError) as error:
        sys.stderr.write(f"samples: error: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
