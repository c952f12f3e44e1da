"""Models that a whole comparison shares: trained once, and kept in a cache.

They depend on the config's parts that they are made from, on the code and on the machine's
arithmetic; those name the cached file, so that a stale one is never taken. A cache that cannot be
written to, or a damaged file, only costs the time to train again.
"""

import contextlib
import os
from pathlib import Path

from empirical import identity
from empirical._files import pack, sha256, unpack, write
from empirical.config import digest
from empirical.training import Training

__all__ = ["folder", "trained"]

HASH = 64  # hexadecimal digits of SHA-256, before the arrays


def folder():
    """Return where trained models are kept: in $LOOPCERT_CACHE, or ~/.cache/loopcert."""
    root = os.environ.get("LOOPCERT_CACHE") or Path.home() / ".cache" / "loopcert"
    return Path(root) / "summary"


def trained(name, parts, make):
    """Return the weights of a shared model, from the cache or trained now: a dict of tensors.

    Parameters
    ----------
    name : str
        What it is, for the file's name.
    parts : dict
        Plain values that decide what it is like, besides code and arithmetic; also `device`.
    make : callable
        make() -> model, fully trained.
    """
    import torch

    made_of = parts | {
        "code": identity.code_hash("empirical.summary.task"),
        "arithmetic": identity.arithmetic(parts["device"], torch.get_num_threads())}
    return _weights(f"{name}-{digest(made_of)[:32]}", make)


_kept = {}  # the latest of this process


def _weights(name, make):
    import torch

    if name not in _kept:
        path = folder() / f"{name}.weights"
        arrays = _read(path)
        if arrays is None:
            with _alone(path):
                arrays = _read(path) or _made(path, make)
        while len(_kept) > 3:
            del _kept[next(iter(_kept))]
        _kept[name] = {key: torch.from_numpy(value.copy()) for key, value in arrays.items()}
    return _kept[name]


def _made(path, make):
    arrays = {name: value.detach().cpu().numpy() for name, value in make().state_dict().items()}
    _save(path, arrays)
    return arrays


@contextlib.contextmanager
def _alone(path):
    """Let other processes wait that want to train the same, where the system can."""
    try:
        import fcntl

        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.with_suffix(".lock").open("a")
    except (ImportError, OSError):
        yield
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _read(path):
    """Return the arrays of a cached file, or None where there is no sound one."""
    try:
        data = path.read_bytes()
        if sha256(data[HASH:]).encode() == data[:HASH]:
            return unpack(data[HASH:])
    except (OSError, ValueError):
        pass
    return None


def _save(path, arrays):
    data = pack(arrays)
    try:
        write(path, sha256(data).encode() + data)
    except OSError:  # full, or not ours to write to
        pass


def fit(model, items, config, loss, streams, device):
    """Train a model to the end, in place; return it."""
    training = Training(model, items, config, loss, streams, device)
    while not training.done:
        training.advance()
    training.finish()
    return model
