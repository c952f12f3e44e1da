"""A file written in one step: whole, or not at all."""

import os
import tempfile
from pathlib import Path

__all__ = ["write"]


def write(path, text):
    """Write `text` (UTF-8) to `path`, which keeps what it holds until all of it is on the disk."""
    path = Path(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path
