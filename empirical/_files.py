"""Files that are there whole or not at all, and tensors on disk that cannot run code."""

import hashlib
import os
import tempfile
from pathlib import Path

import numpy as np

__all__ = ["pack", "sha256", "unpack", "write"]


def write(path, data):
    """Write bytes so that a reader, or a crash, sees the old file or the new one.

    A temporary file in the same folder is flushed to the disk and then renamed.
    """
    path = Path(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


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
            plain[f"{name}\0bytes"] = np.frombuffer(b"".join(encoded), dtype=np.uint8)
            plain[f"{name}\0lengths"] = np.array([len(text) for text in encoded], dtype=np.int64)
            continue
        plain[name] = np.ascontiguousarray(values)
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
    except SafetensorError as error:
        raise ValueError(f"not a safetensors file: {error}") from None
    arrays = {}
    for name, values in plain.items():
        stem, _, part = name.partition("\0")
        if not part:
            arrays[name] = values
        elif part == "lengths":
            ends = np.cumsum(values)
            text = plain[f"{stem}\0bytes"].tobytes()
            arrays[stem] = np.array(
                [text[end - n : end].decode() for end, n in zip(ends, values)], dtype=object
            )
    return arrays
