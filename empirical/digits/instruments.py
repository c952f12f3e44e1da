"""What all runs on the same real digits share: the images, the reader, the anchors.

None of it depends on a run's seed, and each is made once in a process.
"""

import dataclasses

from empirical import images
from empirical.digits.anchors import anchors_of
from empirical.digits.cached import cached
from empirical.digits.reader import fit
from empirical.streams import Streams

__all__ = ["Source", "anchors", "pool", "reader", "test", "test_features"]


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """Which real digits: fields as in the task's config."""

    source: str
    size: int
    held_out: int
    pool: int
    test: int

    @classmethod
    def of(cls, config):
        """Return the source that a config names."""
        return cls(*(getattr(config, field.name) for field in dataclasses.fields(cls)))


@cached
def pool(source):
    """Return the real items at hand for training."""
    return images.digits(source.source, "train", source.size, source.pool, source.held_out)


@cached
def test(source):
    """Return the held-out real items."""
    return images.digits(source.source, "test", source.size, source.test, source.held_out)


@cached
def reader(source, features, training, device):
    """Return the :class:`~empirical.digits.reader.Reader` trained on the pool."""
    return fit(pool(source), features, training, device)


@cached
def test_features(source, features, training, device):
    """Return the reader's features of the held-out images."""
    return reader(source, features, training, device).features(test(source)["image"])


@cached
def anchors(source, k):
    """Return K centroids of the pool for each digit, (10, K, pixels)."""
    return anchors_of(pool(source), k, Streams(0))
