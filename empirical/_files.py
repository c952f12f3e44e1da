"""Files that are there whole or not at all, and tensors on disk that cannot run code."""

import hashlib
import os
import secrets
from pathlib import Path

import numpy as np

__all__ = ["clean", "pack", "sha256", "sync_folder", "unpack", "write"]

TAIL = ".unfinished"


def write(path, data):
    """Write bytes so that a reader, or a crash, sees the old file or the new one.

    A temporary file in the same folder is flushed to the disk and then renamed.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{TAIL}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def clean(folder):
    """Remove what writes that were cut off left in `folder`."""
    for left in Path(folder).glob(f".*{TAIL}"):
        left.unlink(missing_ok=True)


def sync_folder(folder):
    """Make a rename in `folder` last, where the system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


def sha256(data):
    """Return the SHA-256 of bytes in hex."""
    return hashlib.sha256(data).hexdigest()


def pack(arrays):
    """Return named arrays as the bytes of a safetensors file, the same bytes for the same arrays.

    Parameters
    ----------
    arrays : dict of arrays
        NumPy arrays or torch tensors; text arrays are stored as UTF-8 bytes with their lengths.
    """
    from safetensors.numpy import save

    plain, texts = {}, []
    for name in sorted(arrays):
        values = arrays[name]
        values = values.detach().cpu().numpy() if hasattr(values, "detach") else np.array(values)
        if values.dtype.kind in "UO":
            texts.append(name)
            encoded = [str(text).encode() for text in values.ravel()]
            lengths = np.array([len(text) for text in encoded], dtype=np.int64)
            plain[f"{name}\0bytes"] = np.frombuffer(b"".join(encoded), dtype=np.uint8)
            plain[f"{name}\0lengths"] = lengths.reshape(values.shape)
            continue
        plain[name] = np.asarray(values, order="C")
    return save(plain)


def unpack(data):
    """Return the arrays that `pack` packed.

    Raises
    ------
    ValueError
        When these are not the bytes of a safetensors file.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        plain = load(data)
        arrays = {name: values for name, values in plain.items() if "\0" not in name}
        for name in plain:
            stem, _, part = name.partition("\0")
            if part == "lengths":
                arrays[stem] = _texts(plain[f"{stem}\0bytes"].tobytes(), plain[name])
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"is not a safetensors file of arrays: {error}") from None
    return arrays


def _texts(data, lengths):
    ends = np.cumsum(lengths)
    texts = np.empty(lengths.size, dtype=object)
    for place, (end, length) in enumerate(zip(ends, lengths.ravel())):
        texts[place] = data[end - length : end].decode()
    return texts.reshape(lengths.shape)
