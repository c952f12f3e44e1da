"""Images: sources agree, splits do not overlap, damaged files are named in one line."""

import gzip
import io
import os
import struct
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("sklearn")

from empirical import images
from empirical.images import digits, read_idx, resize, strokes
from empirical.streams import Streams

MNIST = Path(os.environ.get(
    "LOOPCERT_MNIST", Path(__file__).resolve().parents[3] / "shared" / "data" / "mnist"))


@pytest.fixture(autouse=True)
def _forget():
    images._raw.cache_clear()  # tests write other files at one place


def idx(array, magic=None):
    array = np.asarray(array, np.uint8)
    head = struct.pack(f">{array.ndim + 1}I", magic or 0x800 + array.ndim, *array.shape)
    return head + array.tobytes()


def pictures(n=6, side=5, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, side, side)), rng.integers(0, 10, n)


def fill(folder, packed=False, dot="-"):
    """Write both splits as IDX files; return the arrays by split."""
    made = {}
    for number, (split, prefix) in enumerate([("train", "train"), ("test", "t10k")]):
        made[split] = pictures(6 - number, seed=number)
        for kind, axes, values in zip(("images", "labels"), (3, 1), made[split]):
            data = idx(values)
            name = f"{prefix}-{kind}{dot}idx{axes}-ubyte"
            (folder / (name + ".gz" * packed)).write_bytes(gzip.compress(data) if packed else data)
    return made


def test_digits8_is_real_and_its_split_never_changes():
    train, test = (digits("digits8", split) for split in ("train", "test"))
    assert train["image"].shape == (1500, 1, 8, 8)
    assert test["image"].shape == (297, 1, 8, 8)
    assert train["image"].dtype == np.float32
    assert train["group"].dtype == np.int64
    both = np.concatenate([train["image"], test["image"]]).reshape(1797, 64)
    assert both.min() == -1
    assert both.max() == 1
    from sklearn.datasets import load_digits

    whole = load_digits()
    assert (np.sort(8 * (both.sum(axis=1) + 64)) == np.sort(whole.data.sum(axis=1))).all()
    assert (np.bincount(np.concatenate([train["group"], test["group"]]))
            == np.bincount(whole.target)).all()
    # each image keeps its own label
    keys = {row.tobytes(): label for row, label in zip(whole.data, whole.target)}
    found = (8 * (test["image"].reshape(-1, 64).astype(float) + 1))
    assert [keys[row.tobytes()] for row in found] == test["group"].tolist()
    again = digits("digits8", "train", count=7)
    assert (again["image"] == train["image"][:7]).all()


def test_every_class_is_in_both_splits():
    for split in images.SPLITS:
        assert set(digits(split=split)["group"]) == set(range(10))


@pytest.mark.parametrize(("packed", "dot"), [(False, "-"), (True, "-"), (False, ".")])
def test_a_folder_of_idx_files(tmp_path, packed, dot):
    made = fill(tmp_path, packed, dot)
    for split, (pixels, labels) in made.items():
        found = digits(tmp_path, split)
        assert found["image"][:, 0] == pytest.approx(pixels / 127.5 - 1, abs=1e-6)
        assert (found["group"] == labels).all()


def test_a_folder_of_parquet_files_as_on_the_hub(tmp_path):
    from PIL import Image

    pixels, labels = pictures(side=9)
    cells = []
    for picture in pixels:
        file = io.BytesIO()
        Image.fromarray(picture.astype(np.uint8)).save(file, "PNG")
        cells.append({"bytes": file.getvalue(), "path": None})
    table = pd.DataFrame({"image": cells, "label": labels})
    table[:4].to_parquet(tmp_path / "train-00000-of-00002.parquet")
    table[4:].to_parquet(tmp_path / "train-00001-of-00002.parquet")
    found = digits(tmp_path, "train")
    assert found["image"][:, 0] == pytest.approx(pixels / 127.5 - 1, abs=1e-6)
    assert (found["group"] == labels).all()
    with pytest.raises(ValueError, match="t10k-images-idx3-ubyte"):
        digits(tmp_path, "test")
    table.drop(columns="label").to_parquet(tmp_path / "test.parquet")
    with pytest.raises(ValueError, match="must have columns image and label"):
        digits(tmp_path, "test")


@pytest.mark.skipif(not MNIST.is_dir(), reason=f"no MNIST at {MNIST} (or LOOPCERT_MNIST)")
def test_mnist():
    test = digits(MNIST, "test")
    assert test["image"].shape == (10000, 1, 28, 28)
    assert test["group"][:5].tolist() == [7, 2, 1, 0, 4]
    assert 127.5 * (test["image"].mean(dtype=np.float64) + 1) == pytest.approx(33.7912, abs=1e-3)
    few = digits(MNIST, "test", size=32, count=10)
    assert few["image"].shape == (10, 1, 32, 32)


BROKEN = [
    (lambda d: idx(np.zeros((2, 3, 3)), magic=2049), "magic number 2049: must be 2051"),
    (lambda d: d[:-1], "53 bytes of images: must be 6 x 3 x 3"),
    (lambda d: d + b"x", "more than 54 bytes of images: must be 6 x 3 x 3"),
    (lambda d: d[:10], "0 bytes of images: must be"),
    (lambda d: b"", "magic number 0: must be 2051"),
    (lambda d: b"PNG", "magic number"),
    (lambda d: struct.pack(">4I", 2051, 2**31, 2**16, 2**16) + b"1234", "4 bytes of images"),
    (lambda d: gzip.compress(d)[:-9], "a damaged gzip file: must unpack"),
    (lambda d: gzip.compress(d)[:12] + b"\0" * 30, "a damaged gzip file: must unpack"),
]


@pytest.mark.parametrize(("breaking", "message"), BROKEN)
def test_a_damaged_file_is_named_in_one_line(tmp_path, breaking, message):
    place = tmp_path / "train-images-idx3-ubyte"
    place.write_bytes(breaking(idx(np.zeros((6, 3, 3)))))
    with pytest.raises(ValueError, match=message) as caught:
        read_idx(place, "images")
    assert str(caught.value).startswith(f"{place} = ")
    assert "\n" not in str(caught.value)


def test_the_hash_of_a_file(tmp_path):
    import hashlib

    data, place = idx(np.arange(5)), tmp_path / "labels.gz"
    place.write_bytes(gzip.compress(data))
    right = hashlib.sha256(data).hexdigest()
    assert read_idx(place, "labels", right).tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match=f"sha256 {right}: must be 00"):
        read_idx(place, "labels", "00")


def test_a_packed_file_is_not_unpacked_beyond_what_it_says(tmp_path):
    place = tmp_path / "bomb.gz"
    place.write_bytes(gzip.compress(idx(np.zeros((6, 3, 3))) + bytes(2**26)))
    assert len(images._unpacked(place, 3)) == 16 + 54 + 1


def test_images_and_labels_must_be_as_many(tmp_path):
    fill(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(np.zeros(5)))
    with pytest.raises(ValueError, match="5 labels: must be 6, one an image"):
        digits(tmp_path, "train")


@pytest.mark.parametrize(("arguments", "message"), [
    (("digits9",), "source = 'digits9': must be digits8, mnist, a folder"),
    (("/no/such/folder",), "source = '/no/such/folder': must be"),
    (("digits8", "valid"), "split = 'valid': must be one of train, test"),
    (("digits8", "test", 0, 298), "count = 298: must be at most 297"),
    (("digits8", "test", 0, 0, 1797), "held_out = 1797: must lie in"),
])
def test_wrong_requests(arguments, message):
    with pytest.raises(ValueError, match=message):
        digits(*arguments)


def test_without_a_network_one_line_says_so(monkeypatch, tmp_path):
    pooch = pytest.importorskip("pooch")

    def offline(*args, **kwargs):
        raise OSError("no network\nat all")

    monkeypatch.setattr(pooch, "retrieve", offline)
    monkeypatch.setattr("huggingface_hub.HfApi.list_repo_files", offline)
    for source in ("mnist", "owner/name"):
        with pytest.raises(ValueError, match="no network at all") as caught:
            digits(source)
        assert "\n" not in str(caught.value)


def test_a_download_that_is_not_what_it_should_be_is_refused(monkeypatch, tmp_path):
    pooch = pytest.importorskip("pooch")
    asked = []

    def wrong(url, known_hash, fname, path):
        asked.append((url, known_hash))
        raise ValueError("MD5 hash of downloaded file does not match the known hash")

    monkeypatch.setattr(pooch, "retrieve", wrong)
    with pytest.raises(ValueError, match="does not match the known hash"):
        digits("mnist")
    assert len(asked) == 2  # each mirror
    assert {known for _, known in asked} == {images.DOWNLOADS["train-images-idx3-ubyte.gz"]}


@pytest.mark.parametrize(("old", "new"), [(8, 16), (8, 8), (28, 32), (28, 16), (28, 7), (8, 5)])
def test_resampling_keeps_flat_images_brightness_and_slopes(old, new):
    flat = np.full((2, 1, old, old), 0.3)
    assert resize(flat, new) == pytest.approx(0.3)
    slope = np.broadcast_to((np.arange(old) + 0.5) / old, (1, 1, old, old))
    inner = slice(new // 4, -(new // 4))
    wanted = ((np.arange(new) + 0.5) / new)[inner]
    assert resize(slope, new)[0, 0, 0, inner] == pytest.approx(wanted, abs=0.02)
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(40, 1, old, old))
    assert resize(noise, new).mean() == pytest.approx(noise.mean(), abs=0.05)
    if new == old:
        assert resize(noise, new) == pytest.approx(noise)


def test_halving_is_the_mean_of_old_pixels():
    rng = np.random.default_rng(1)
    images = rng.normal(size=(3, 2, 8, 8))
    # triangle of width 2: weights 1/4, 3/4, 3/4, 1/4 over four neighbours, halved
    row = np.array([1, 3, 3, 1]) / 8
    wanted = np.einsum("i,ncij,j->nc", row, images[:, :, 1:5, 3:7], row)
    assert resize(images, 4)[:, :, 1, 2] == pytest.approx(wanted)


def test_strokes_are_strokes_and_belong_to_their_index():
    made = strokes(Streams(4), range(400), 16)
    assert made.shape == (400, 1, 16, 16)
    assert made.dtype == np.float32
    assert made.min() == -1
    assert made.max() <= 1
    ink = (made > 0).mean(axis=(1, 2, 3))
    assert 0.02 < ink.mean() < 0.25
    assert (ink > 0).mean() > 0.98
    assert (strokes(Streams(4), [17, 399], 16) == made[[17, 399]]).all()
    assert (strokes(Streams(5), [17], 16) != made[17]).any()
    one, three = (strokes(Streams(4), range(400), 16, most) for most in (1, 3))
    assert (one > 0).mean() < (three > 0).mean()


def test_strokes_look_alike_at_every_size():
    small, large = (strokes(Streams(4), range(30), size) for size in (8, 32))
    shrunk = large.reshape(30, 1, 8, 4, 8, 4).mean(axis=(3, 5))
    apart, others = (np.abs(shrunk - other).mean() for other in (small, np.roll(small, 1, 0)))
    assert apart < others / 4
