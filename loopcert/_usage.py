"""A user's mistake: one line that says what, where, and what is allowed."""

import difflib

__all__ = ["UserError", "listing", "one_line", "suggestion"]


class UserError(ValueError):
    """Input that cannot be used. The command line prints its one line and exits with 2."""


def one_line(text):
    """Return `text` with every run of white space turned into one space.

    Examples
    --------
    >>> one_line("two\\n  lines")
    'two lines'
    """
    return " ".join(str(text).split())


def suggestion(word, allowed, count=3):
    """Return `"; did you mean ...?"` for the names of `allowed` most like `word`, or `""`.

    Examples
    --------
    >>> suggestion("chekc", ["check", "claims"])
    "; did you mean 'check'?"
    >>> suggestion("zzz", ["check", "claims"])
    ''
    """
    by_folded = {name.casefold(): name for name in allowed}
    word = word.casefold()
    close = difflib.get_close_matches(word, by_folded, n=count, cutoff=0.6)
    if not close:
        return ""
    likeness = {name: difflib.SequenceMatcher(None, name, word).ratio() for name in close}
    close = [name for name in close if likeness[name] > likeness[close[0]] - 0.1]
    return f"; did you mean {' or '.join(repr(by_folded[name]) for name in close)}?"


def listing(names, limit=20):
    """Return `names` as one comma-separated line, cut after `limit` of them.

    Examples
    --------
    >>> listing(["id", "kept"])
    'id, kept'
    >>> listing("abcd", limit=2)
    'a, b and 2 more'
    """
    names = [str(name) for name in names]
    shown = ", ".join(names[:limit])
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit} more"
