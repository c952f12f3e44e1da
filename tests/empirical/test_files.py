"""Files that are there whole or not at all, and arrays that cannot run code."""

import errno
import os
import pickle
import stat
import struct

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from empirical import _files
from empirical._files import clean, pack, unpack, write

dtypes = st.sampled_from(["float32", "float64", "int64", "int32", "uint8", "bool", "float16"])
plain = dtypes.flatmap(lambda kind: hnp.arrays(kind, hnp.array_shapes(min_dims=0, min_side=0)))
texts = hnp.arrays(object, hnp.array_shapes(max_dims=2, min_side=0),
                   elements=st.text(st.characters(exclude_categories=["Cs"]), max_size=6))
names = st.text("abcXYZ/._-0", min_size=1, max_size=8)


@given(st.dictionaries(names, st.one_of(plain, texts), max_size=4))
def test_arrays_there_and_back(arrays):
    data = pack(arrays)
    again = unpack(data)
    assert again.keys() == arrays.keys()
    for name, values in arrays.items():
        assert again[name].shape == values.shape
        assert again[name].dtype == values.dtype
        np.testing.assert_array_equal(again[name], values)
    assert pack(dict(reversed(arrays.items()))) == data
    assert pack(again) == data


def test_tensors_and_strided_arrays_are_packed_by_value():
    values = np.arange(12.0).reshape(3, 4)
    assert pack({"x": torch.from_numpy(values).T}) == pack({"x": values.T.copy()})
    assert pack({"x": np.array(["a", "bc"])}) == pack({"x": np.array(["a", "bc"], dtype=object)})


class Trap:
    """Unpickled, it leaves a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def header(text):
    return struct.pack("<Q", len(text)) + text


def one(kind, count, size):
    """Return a file of one array of any kind, of as many bytes as it says."""
    place = f'{{"x":{{"dtype":"{kind}","shape":[{count}],"data_offsets":[0,{size}]}}}}'
    return header(place.encode()) + b"0" * size


def test_what_is_not_safetensors_is_one_error_and_never_run(tmp_path):
    trap = tmp_path / "executed"
    torch.save({"x": torch.zeros(1)}, tmp_path / "model.pt")
    np.save(tmp_path / "object.npy", np.array([Trap(trap)], dtype=object), allow_pickle=True)
    arrays = pack({"x": np.zeros(3)})
    lengths = pack({"x\0lengths": np.array([-5, 100])})
    bad = [b"", b"x", pickle.dumps(Trap(trap)), (tmp_path / "model.pt").read_bytes(),
           (tmp_path / "object.npy").read_bytes(), arrays[:-1], arrays + b"x",
           struct.pack("<Q", 2**63), struct.pack("<Q", 10**12) + b"{}", header(b"[" * 10_000),
           one("F64", 10**12, 8), one("BF16", 1, 2), one("F8_E4M3", 1, 1), one("O", 1, 8),
           lengths, pack({"x\0bytes": np.zeros(1, np.uint8), "x\0lengths": np.array([1.5])}),
           pack({"x\0bytes": np.full(1, 255, np.uint8), "x\0lengths": np.array([1])})]
    for data in bad:
        with pytest.raises(ValueError, match="is not a safetensors file of arrays") as caught:
            unpack(data)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 500
    assert not trap.exists()


def test_a_write_is_whole_and_flushed_in_order(tmp_path, monkeypatch):
    done = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(
            os, name, lambda *args, real=real, name=name: (done.append(name), real(*args))[1])
    place = tmp_path / "file"
    write(place, b"new")
    assert done == ["fsync", "replace", "fsync"]  # the data, the name, the folder
    assert place.read_bytes() == b"new"


def test_files_have_the_modes_of_the_user(tmp_path):
    old = os.umask(0o022)
    try:
        write(tmp_path / "file", b"x")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o644


@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_file_alone(tmp_path, monkeypatch, name):
    place = tmp_path / "file"
    write(place, b"old")

    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, name, full)
    with pytest.raises(OSError, match="No space"):
        write(place, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert place.read_bytes() == b"old"


def test_what_a_kill_left_behind_is_removed(tmp_path, monkeypatch):
    (tmp_path / f".model.1234{_files.TAIL}").write_bytes(b"half")
    (tmp_path / ".lock").touch()
    clean(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]
