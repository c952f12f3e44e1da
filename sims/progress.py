"""Progress of long simulations: an engine that reports, and a bar that shows what it reports.

``workers=Watched(ProgressBar())`` in any simulator; without it nothing is counted or timed.
"""

import contextlib
import operator
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sims.replicate import engine_of

__all__ = ["ProgressBar", "Watched"]

_WIDTH = 32
_BLINK, _HEARTBEAT = 0.1, 30.0  # seconds between two updates on a terminal, and elsewhere


@dataclass(frozen=True, slots=True)
class Watched:
    """An engine that runs chunks on another one and reports after each.

    Attributes
    ----------
    report : callable
        ``report(done, total)``, numbers of chunks; called in the caller's thread, first with
        done = 0. What it raises ends the simulation.
    engine : int, Engine or None
        Where the chunks run (see `sims.replicate.replicate`).
    """

    report: Callable[[int, int], None]
    engine: Any = None

    def map(self, function, items, halt):
        """Yield what the other engine yields."""
        engine = engine_of(self.engine)
        total = operator.length_hint(items)
        self.report(0, total)
        with contextlib.closing(engine.map(function, items, halt)) as finished:
            for done, result in enumerate(finished, 1):
                yield result
                self.report(done, total)


class ProgressBar:
    """A bar with the time left on a terminal, a line now and then in a file.

    Parameters
    ----------
    stream : text file, optional
        Where it is written; standard error by default.
    label : str, optional
        What stands before the bar.

    Examples
    --------
    >>> import io
    >>> written = io.StringIO()
    >>> bar = ProgressBar(written, "loop")
    >>> bar(0, 4), bar(4, 4)
    (None, None)
    >>> written.getvalue().strip()
    'loop 4/4 in 0:00:00'
    """

    def __init__(self, stream=None, label=""):
        """Remember where to write; the clock starts at the first report."""
        self._stream = sys.stderr if stream is None else stream
        self._label = f"{label} " if label else ""
        self._live = self._stream.isatty()
        self._start = self._latest = 0.0

    def __call__(self, done, total):
        """Show that `done` chunks of `total` are finished."""
        now = time.monotonic()
        if done == 0:
            self._start = self._latest = now
        last = done == total
        if last or now - self._latest >= (_BLINK if self._live else _HEARTBEAT):
            self._latest = now
            self._write(done, total, now - self._start)

    def _write(self, done, total, passed):
        if done == total:
            text = f"{self._label}{done}/{total} in {_clock(passed)}"
        else:
            left = passed * (total - done) / done if done else 0.0
            text = f"{self._label}{done}/{total}, {_clock(left)} left"
        if self._live:
            filled = _WIDTH * done // max(total, 1)
            text = f"\r{'#' * filled}{'.' * (_WIDTH - filled)} {text}\033[K"
        self._stream.write(text if self._live and done < total else text + "\n")
        self._stream.flush()


def _clock(seconds):
    minutes, seconds = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
