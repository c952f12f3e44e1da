"""Small grey images: handwritten digits from several sources, and strokes drawn at random.

Digits are items with two fields: `image`, float32 (n, 1, size, size), -1 for paper and 1 for ink,
and `group`, the label, int64. A source is one of

    digits8      1,797 real digits of 8 x 8 pixels that ship with scikit-learn; nothing is fetched
    a folder     MNIST's four IDX files, gzip or not, or Parquet files with images and labels
    owner/name   a data set of the Hugging Face hub that holds such Parquet files, ylecun/mnist say
    mnist        the four IDX files, downloaded once, known by their hashes
"""

import functools
import gzip
import io
import math
import zlib
from pathlib import Path

import numpy as np

__all__ = ["digits", "read_idx", "resize", "strokes"]

SPLITS = ("train", "test")
IDX = {"train": "train", "test": "t10k"}
KINDS = {"images": 3, "labels": 1}  # axes of an IDX file
MOST = 2**31  # bytes that an IDX file may hold

MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist",
           "https://storage.googleapis.com/cvdf-datasets/mnist")
DOWNLOADS = {
    "train-images-idx3-ubyte.gz": "md5:f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "md5:d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "md5:9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "md5:ec29112dd5afa0611ce80d1b7f02629c",
}


def digits(source="digits8", split="train", size=0, count=0, held_out=297):
    """Return real handwritten digits.

    Parameters
    ----------
    source : str
        "digits8", a folder, a hub id "owner/name", or "mnist"; see the module.
    split : str
        "train" or "test"; the same images whenever asked for, none in both.
    size : int
        Pixels a side, resampled if the source has others; 0 leaves the source's own.
    count : int
        How many, from the beginning of the split; 0 for all.
    held_out : int
        Of "digits8", which has no split of its own: how many are for testing.

    Returns
    -------
    dict of arrays
        `image` and `group`.

    Raises
    ------
    ValueError
        When there is no such source or split, a file is damaged, or there are too few images.
    """
    if split not in SPLITS:
        raise ValueError(f"split = {split!r}: must be one of {', '.join(SPLITS)}")
    pixels, labels = _raw(str(source), split, held_out)
    if count > len(pixels):
        raise ValueError(f"count = {count}: must be at most {len(pixels)}, the images in the "
                         f"{split} split of {source}")
    chosen = slice(count or None)
    images = pixels[chosen].astype(np.float32) * 2 - 1 if pixels.dtype != np.uint8 else (
        pixels[chosen].astype(np.float32) / 127.5 - 1)
    images = images[:, None]
    if size and size != images.shape[-1]:
        images = resize(images, size)
    return {"image": images, "group": labels[chosen].astype(np.int64)}


@functools.lru_cache(maxsize=2)
def _raw(source, split, held_out):
    """Return pixels (n, side, side), uint8 or in [0, 1], and labels (n,)."""
    if source == "digits8":
        return _digits8(split, held_out)
    if Path(source).is_dir():
        return _folder(Path(source), split)
    if source == "mnist":
        images, labels = (
            _downloaded(f"{IDX[split]}-{kind}-idx{axes}-ubyte.gz") for kind, axes in KINDS.items()
        )
        return _pair(images, labels)
    if source.count("/") == 1 and not source.startswith((".", "/", "~")):
        return _parquet(_fetched(source, split), source)
    raise ValueError(f"source = {source!r}: must be digits8, mnist, a folder that exists, or a "
                     "hub id owner/name")


def _digits8(split, held_out):
    from sklearn.datasets import load_digits

    found = load_digits()
    n = len(found.target)
    if not 0 < held_out < n:
        raise ValueError(f"held_out = {held_out}: must lie in [1, {n - 1}]")
    # The file's order goes by writer: the split is by a permutation that never changes.
    order = np.random.Generator(np.random.PCG64(8)).permutation(n)
    mine = order[held_out:] if split == "train" else order[:held_out]
    return found.images[mine].astype(np.float32) / 16, found.target[mine]


def _folder(folder, split):
    places = {}
    for kind, axes in KINDS.items():
        names = [f"{IDX[split]}-{kind}{dot}idx{axes}-ubyte{tail}"
                 for dot in "-." for tail in ("", ".gz")]
        places[kind] = next((folder / n for n in names if (folder / n).is_file()), None)
    if all(places.values()):
        return _pair(*places.values())
    tables = sorted(place for place in folder.rglob("*.parquet") if split in place.name)
    if tables:
        return _parquet(tables, folder)
    raise ValueError(f"source = {str(folder)!r}: must hold {IDX[split]}-images-idx3-ubyte and "
                     f"{IDX[split]}-labels-idx1-ubyte (.gz or not), or {split}*.parquet")


def _pair(images, labels):
    pixels, marks = read_idx(images, "images"), read_idx(labels, "labels")
    if len(pixels) != len(marks):
        raise ValueError(f"{labels} = {len(marks)} labels: must be {len(pixels)}, one an image")
    return pixels, marks


def read_idx(path, kind, sha256=""):
    """Return the bytes of an IDX file: images (n, rows, columns) or labels (n,), uint8.

    Parameters
    ----------
    path : path
        The file, packed with gzip or not.
    kind : str
        "images" or "labels".
    sha256 : str
        What its unpacked bytes must hash to; empty for no check.

    Raises
    ------
    ValueError
        When it is none, is cut off or too long, or has another hash.
    """
    axes = KINDS[kind]
    try:
        data = _unpacked(path, axes)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path} = a damaged gzip file: must unpack ({error})") from None
    magic = int.from_bytes(data[:4], "big")
    if len(data) < 4 or magic != 0x800 + axes:
        raise ValueError(f"{path} = magic number {magic}: must be {0x800 + axes} ({kind})")
    shape = _shape(data, axes)
    body = len(data) - 4 - 4 * axes
    if len(shape) < axes or body != math.prod(shape):
        word = " x ".join(map(str, shape)) or "the sizes that it says"
        raise ValueError(f"{path} = {'more than ' * (body > math.prod(shape))}"
                         f"{min(max(body, 0), math.prod(shape))} bytes of {kind}: must be {word}")
    if sha256:
        from empirical._files import sha256 as hashed

        if hashed(data) != sha256:
            raise ValueError(f"{path} = sha256 {hashed(data)}: must be {sha256}")
    return np.frombuffer(data, np.uint8, offset=4 + 4 * axes).reshape(shape)


def _unpacked(path, axes):
    """Return the file's bytes, at most one more than its head says that it has."""
    with open(path, "rb") as raw:
        packed = raw.peek(2)[:2] == b"\x1f\x8b"
        with gzip.open(raw) if packed else raw as file:
            head = file.read(4 + 4 * axes)
            return head + file.read(min(MOST, math.prod(_shape(head, axes))) + 1)


def _shape(data, axes):
    sizes = np.frombuffer(data[4:4 + 4 * axes][: 4 * ((len(data) - 4) // 4)], ">u4")
    return tuple(int(size) for size in sizes)


def _parquet(places, source):
    """Return pixels and labels of Parquet files as the hub has them: PNG bytes and numbers."""
    import pandas as pd
    from PIL import Image

    try:
        table = pd.concat([pd.read_parquet(place) for place in places])
        cells = [cell["bytes"] if isinstance(cell, dict) else cell for cell in table["image"]]
        labels = table["label"].to_numpy(np.int64)
        pixels = np.stack([np.asarray(Image.open(io.BytesIO(c)).convert("L")) for c in cells])
    except (KeyError, TypeError, ValueError, OSError) as error:
        first = " ".join(str(error).split())
        raise ValueError(f"source = {str(source)!r}: must have columns image and label, images "
                         f"of one size ({first})") from None
    if pixels.ndim != 3 or pixels.shape[1] != pixels.shape[2]:
        raise ValueError(f"source = {str(source)!r}: must hold square images")
    return pixels, labels


def _fetched(name, split):
    """Return local copies of the Parquet files of a split of a data set on the hub."""
    from huggingface_hub import HfApi, hf_hub_download

    try:
        files = HfApi().list_repo_files(name, repo_type="dataset")
        mine = [f for f in files if f.endswith(".parquet") and split in Path(f).name]
        places = [hf_hub_download(name, f, repo_type="dataset") for f in sorted(mine)]
    except Exception as error:  # the hub's client raises what its network library does
        first = " ".join(str(error).split())[:200]
        raise ValueError(f"source = {name!r}: must be a folder or can be fetched from the hub "
                         f"({type(error).__name__}: {first})") from None
    if not places:
        raise ValueError(f"source = {name!r}: must hold {split}*.parquet")
    return places


def _downloaded(name):
    """Return where a file of MNIST lies, fetched from a mirror unless it is there."""
    import pooch

    error = None
    for mirror in MIRRORS:
        try:
            return pooch.retrieve(f"{mirror}/{name}", known_hash=DOWNLOADS[name], fname=name,
                                  path=pooch.os_cache("loopcert") / "mnist")
        except (OSError, ValueError) as failed:  # no network, or another file than MNIST's
            error = failed
    first = " ".join(str(error).split())[:200]
    raise ValueError(f"source = 'mnist': must be downloaded, or a folder with its files ({first})")


def resize(images, size):
    """Return images (n, channels, side, side) resampled to `size` pixels a side.

    Linear interpolation; where an image shrinks, the triangle is as wide as a new pixel, so that
    every old pixel counts.
    """
    across = _resampling(images.shape[-1], size)
    return np.einsum("ij,ncjk,lk->ncil", across, images, across, optimize=True).astype(
        images.dtype)


def _resampling(old, new):
    """Return the matrix (new, old) that resamples a row of pixels."""
    scale = old / new
    centres = (np.arange(new) + 0.5) * scale - 0.5
    reach = max(1.0, scale)
    places = np.clip(centres, 0, old - 1) if scale < 1 else centres
    weights = np.maximum(0, 1 - np.abs(np.arange(old) - places[:, None]) / reach)
    return weights / weights.sum(axis=1, keepdims=True)


def strokes(streams, indices, size, most=3):
    """Return images of one to `most` random pen strokes, float32 (n, 1, size, size) in [-1, 1].

    A stroke is a quadratic Bezier curve drawn with a round pen of random width and darkness.
    Image i depends on its index and the streams alone.

    Parameters
    ----------
    streams : Streams
        Of these images.
    indices : sequence of int, (n,)
        Numbers of the images.
    size : int
        Pixels a side.
    most : int
        Strokes an image has at most.
    """
    numbers = streams.uniform(indices, 3 + 6 * most)
    made = np.empty((len(numbers), 1, size, size), np.float32)
    piece = max(1, 2**22 // (most * _points(size) * size * size))
    for first in range(0, len(numbers), piece):
        made[first:first + piece, 0] = _drawn(numbers[first:first + piece], size, most)
    return made


def _points(size):
    return max(24, 2 * size)


def _drawn(numbers, size, most):
    n, dots = len(numbers), np.linspace(0, 1, _points(size))[:, None]
    count = 1 + np.floor(numbers[:, 0] * most)
    width = 0.045 + 0.05 * numbers[:, 1]  # of the paper's width, half the pen's
    ink = 0.75 + 0.25 * numbers[:, 2]
    ends = 0.12 + 0.76 * numbers[:, 3:].reshape(n, most, 3, 1, 2)
    first, middle, last = ends[:, :, 0], ends[:, :, 1], ends[:, :, 2]
    curve = (1 - dots)**2 * first + 2 * dots * (1 - dots) * middle + dots**2 * last
    curve = curve.reshape(n, most * len(dots), 2)  # (n, points, 2)
    places = (np.arange(size) + 0.5) / size
    apart = ((curve[:, :, 0, None] - places)**2)[:, :, None, :] \
        + ((curve[:, :, 1, None] - places)**2)[:, :, :, None]  # (n, points, size, size)
    apart = apart.reshape(n, most, len(dots), size, size).min(axis=2)
    apart[np.arange(most) >= count[:, None]] = np.inf
    gap = np.sqrt(apart.min(axis=1))
    shade = np.clip((width[:, None, None] - gap) * size + 0.5, 0, 1)  # a soft edge, a pixel wide
    return 2 * ink[:, None, None] * shade - 1
