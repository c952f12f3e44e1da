"""What is made once in a process: instruments that depend on their arguments alone."""

import functools

import torch

__all__ = ["cached"]


def cached(make):
    """Return `make`, remembering what it made; its arguments must be hashable.

    The last bits of what is trained depend on the number of threads, so that counts as well.
    """
    kept = functools.lru_cache(maxsize=8)(lambda threads, *key: make(*key))
    return functools.wraps(make)(lambda *key: kept(torch.get_num_threads(), *key))
