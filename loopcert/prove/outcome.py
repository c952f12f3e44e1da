"""What an engine answers, and the time that it may take."""

import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

__all__ = ["HOLDS", "REFUTED", "UNKNOWN", "EngineTimeout", "Outcome", "deadline"]

HOLDS, REFUTED, UNKNOWN = "holds", "refuted", "unknown"


@dataclass(frozen=True)
class Outcome:
    """One engine's answer to one question.

    status : `HOLDS` (shown for every point of the domain), `REFUTED` (a point where it fails) or
        `UNKNOWN` (neither; a time-out is UNKNOWN too, never a pass).
    engine : the engine's name.     detail : one line for a reader.
    point : the point that refutes.     query : the question as the engine read it.
    """

    status: str
    engine: str
    detail: str = ""
    point: dict = field(default_factory=dict)
    query: str = ""

    @property
    def holds(self):
        """Whether the question was answered with yes."""
        return self.status == HOLDS


class EngineTimeout(Exception):
    """An engine used up its time."""


@contextmanager
def deadline(seconds):
    """Raise `EngineTimeout` when the body takes longer (in a main thread; elsewhere no limit)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_):
        raise EngineTimeout(f"no answer within {seconds:g} s")

    before = signal.signal(signal.SIGALRM, stop)
    start = time.monotonic()
    outer, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    if 0 < outer < seconds:  # a deadline around this one comes first
        signal.setitimer(signal.ITIMER_REAL, outer)
    try:
        yield
    finally:
        left = max(outer - (time.monotonic() - start), 1e-3) if outer else 0
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, left)
