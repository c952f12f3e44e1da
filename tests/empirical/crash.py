"""Deaths on cue: the n-th step that a process takes towards the disk is its last.

Nothing that would clean up after an error gets through either, as after a SIGKILL.
"""

import contextlib
import os
from pathlib import Path
from unittest import mock

from empirical.events import EventLog


class Death(BaseException):
    """The process is no more."""


class Reaper:
    """Counts the steps towards the disk, and lets none through from number `last` on."""

    def __init__(self, last):
        self.steps, self.last = 0, last

    def step(self):
        """Take a step, or die."""
        self.steps += 1
        if self.steps >= self.last:
            raise Death

    def guarded(self, real):
        """Return a function that takes a step before it works."""

        def function(*args, **options):
            self.step()
            return real(*args, **options)

        return function

    def write(self, log, line):
        """Append to a record in three steps: nothing, a half, all of the line."""
        for part in (b"", line[: len(line) // 2], line[len(line) // 2 :]):
            self.step()
            with log._path.open("ab") as file:
                file.write(part)


@contextlib.contextmanager
def dying(last):
    """Die at step `last` of what is done inside; yield the :class:`Reaper`."""
    reaper = Reaper(last)
    with contextlib.ExitStack() as stack:
        for place, name in [(os, "fsync"), (os, "replace"), (os, "truncate"), (Path, "unlink")]:
            guarded = reaper.guarded(getattr(place, name))
            stack.enter_context(mock.patch.object(place, name, guarded))
        stack.enter_context(mock.patch.object(
            EventLog, "_write", lambda log, line: reaper.write(log, line)))
        with contextlib.suppress(Death):
            yield reaper
