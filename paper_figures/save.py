"""A figure on disk: PDF and PNG to look at, CSV with the numbers behind them."""

import contextlib
import os
import tempfile
from pathlib import Path

from paper_figures.style import styled

__all__ = ["require_writable", "save", "thumbnail"]


def require_writable(folder):
    """Make the folder and try it; OSError when nothing can be written there."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass


@contextlib.contextmanager
def _replacing(path):
    """Give a path to write to, which takes the place of `path` once all is written."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        yield name
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


@styled
def save(folder, name, figure, frame):
    """Write NAME.pdf, NAME.png and NAME.csv to the folder, each at once, and return the paths.

    The bytes depend on the figure and on the versions of the libraries alone, not on the time.
    """
    folder = Path(folder)
    paths = {kind: folder / f"{name}.{kind}" for kind in ("pdf", "png", "csv")}
    with _replacing(paths["csv"]) as target:
        frame.to_csv(target, index=False, float_format="%.12g")
    with _replacing(paths["pdf"]) as target:
        figure.savefig(target, format="pdf", metadata={"CreationDate": None})
    with _replacing(paths["png"]) as target:
        figure.savefig(target, format="png", metadata={"Software": None})
    return paths


@styled
def thumbnail(path, figure, pixels=640):
    """Write a small PNG of this width, in few enough colours to be light."""
    import io

    from PIL import Image

    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=pixels / figure.get_figwidth())
    picture = Image.open(drawn).convert("RGB")
    picture = picture.quantize(255, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    with _replacing(Path(path)) as target:
        picture.save(target, format="PNG", optimize=True)
