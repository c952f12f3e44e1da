"""Progress of long work: a bar on a terminal, a heartbeat line every ten seconds otherwise."""

import sys
import threading
import time
from contextlib import contextmanager

__all__ = ["progress"]


@contextmanager
def progress(label, every=10.0, word="last"):
    """Give a function of (done, total, name) that shows on standard error how far the work is.

    `done` of `total` pieces are finished and `name` is the latest of them (or, with another
    `word` than "last", whatever the work is at); any thread may call.
    """
    show = _bar if sys.stderr.isatty() else _heartbeat
    with show(label, every, word) as advance:
        yield advance


@contextmanager
def _bar(label, every, word):
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TimeElapsedColumn(), TextColumn("{task.fields[name]}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None, name="")
        yield lambda done, total, name="": bar.update(
            task, completed=done, total=total, name=str(name)
        )


@contextmanager
def _heartbeat(label, every, word):
    state = {"at": "starting"}
    start = time.monotonic()
    finished = threading.Event()

    def advance(done, total, name=""):
        state["at"] = f"{done} of {total}" + (f", {word} {name}" if name else "")

    def beat():
        while not finished.wait(every):
            elapsed = time.monotonic() - start
            sys.stderr.write(f"{label}: {state['at']}, {elapsed:.0f} s\n")
            sys.stderr.flush()

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield advance
    finally:
        finished.set()
        thread.join()
