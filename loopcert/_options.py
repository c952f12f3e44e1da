"""A verb's options: a frozen dataclass, parsed by tyro, with one-line errors.

A field of a verb's options is annotated by :func:`whole`, :func:`real`, :func:`word`,
:func:`words` or :func:`place`; its docstring is its help.
"""

import contextlib
import dataclasses
import inspect
import io
import math
import re
import shlex
import sys
import textwrap
import typing
from pathlib import Path
from typing import Annotated

import tyro

from loopcert._usage import UserError, one_line, suggestion

__all__ = ["command", "parse", "place", "real", "several", "whole", "word", "words"]


def _primitive(kind, metavar, hint, read, nargs=1):
    spec = tyro.constructors.PrimitiveConstructorSpec(
        nargs=nargs,
        metavar=metavar,
        instance_from_str=lambda given: read(given[0] if nargs == 1 else given),
        is_instance=lambda value: value is None or isinstance(value, kind),
        str_from_instance=lambda value: [str(value)],
    )
    if hint is None:
        return Annotated[kind | None, spec]
    return Annotated[kind | None, spec, tyro.conf.arg(help_behavior_hint=hint)]


def _range(low, high, open_low, open_high):
    left = "(" if open_low or low == -math.inf else "["
    right = ")" if open_high or high == math.inf else "]"
    return f"{left}{low:g}, {high:g}{right}"


def _number(text):
    """Return `text` as a float; anything but plain decimal notation becomes NaN."""
    try:
        return math.nan if "_" in text else float(text)
    except ValueError:
        return math.nan


def whole(low=0, high=2**53, *, metavar="N", hint=None):
    """Return the type of an option that takes a whole number in [low, high]; 1e6 is one."""
    allowed = f"a whole number in [{low}, {high}]"
    if high == 2**53:
        allowed = f"a whole number >= {low}, and at most 2^53"

    def read(text):
        number = _number(text)
        if not (low <= number <= high and number == math.floor(number)):
            raise ValueError(f"{text!r}: must be {allowed}")
        return int(text) if re.fullmatch(r"[+-]?\d+", text) else int(number)

    return _primitive(int, metavar, hint, read)


def real(
    low=-math.inf, high=math.inf, *, open_low=False, open_high=False, metavar="X", hint=None
):
    """Return the type of an option that takes a finite number in the interval."""
    allowed = f"a number in {_range(low, high, open_low, open_high)}"

    def read(text):
        number = _number(text)
        inside = math.isfinite(number) and low <= number <= high
        if not inside or (open_low and number == low) or (open_high and number == high):
            raise ValueError(f"{text!r}: must be {allowed}")
        return number

    return _primitive(float, metavar, hint, read)


def word(metavar, hint=None):
    """Return the type of an option that takes any text that is not empty."""

    def read(text):
        if not text.strip():
            raise ValueError(f"{text!r}: must not be empty")
        return text

    return _primitive(str, metavar, hint, read)


def words(metavar, hint=None):
    """Return the type of an option that takes one text or several."""

    return _primitive(
        tuple, f"{metavar} [{metavar} ...]", hint, lambda given: _given(given, metavar), nargs="*"
    )


def several(metavar):
    """Return the type of an option that takes texts, each time that it is given: a tuple."""
    spec = tyro.constructors.PrimitiveConstructorSpec(
        nargs="*",
        metavar=f"{metavar} [{metavar} ...]",
        instance_from_str=lambda given: _given(given, metavar),
        is_instance=lambda value: isinstance(value, tuple),
        str_from_instance=list,
    )
    return Annotated[tuple[Annotated[tuple, spec], ...], tyro.conf.UseAppendAction]


def _given(given, metavar):
    if not given:
        raise ValueError(f"needs at least one {metavar}")
    return tuple(given)


def place(metavar, hint=None):
    """Return the type of an option that takes a path."""

    def read(text):
        if not text or "\0" in text:
            raise ValueError(f"{text!r}: must be a path")
        return Path(text)

    return _primitive(Path, metavar, hint, read)


def command(verb, options, without=()):
    """Return the command line of a verb's options, as one would type it.

    Parameters
    ----------
    verb : str
        Name of the verb.
    options : dataclass
        An instance of its options; what is at its default is left out, and fields that have no
        default are taken to be positional.
    without : sequence of str
        Fields to leave out.
    """
    first, flags = [], []
    for field in dataclasses.fields(options):
        value = getattr(options, field.name)
        if field.default is dataclasses.MISSING:
            first.append(str(value))
        elif value != field.default and field.name not in without:
            flags.append(f"--{field.name.replace('_', '-')}")
            flags += [] if value is True else _texts(value)
    return shlex.join(["loopcert", verb, *first, *flags])


def _texts(value):
    if isinstance(value, tuple):
        return [text for part in value for text in _texts(part)]
    return [f"{value:g}" if isinstance(value, float) else str(value)]


def _flags(options):
    return [f"--{field.name.replace('_', '-')}" for field in dataclasses.fields(options)]


def _message(box):
    """Return the lines of a tyro error box: no title, no frame, no footer."""
    lines = [line.strip(" │|") for line in box.splitlines()]
    message = []
    for line in lines[1:]:  # the first is the title, framed or not
        if re.fullmatch(r"[-─╭╮╰╯┌┐└┘+]*", line):
            if message:
                break
            continue
        message.append(line)
    return message or ["these options cannot be read"]


def _reworded(box, prog):
    """Return the message of a tyro error box in our form: what, then what is allowed."""
    box = re.sub(r"\x1b\[[0-9;]*m", "", box)
    first, *rest = _message(box)
    if first.startswith("Missing from"):
        names = [line for line in rest if re.fullmatch(r"--[\w-]+( [A-Z]\S*)?|[A-Z]+", line)]
        return f"missing: {', '.join(names)} (see {prog} --help)"
    text = one_line(" ".join([first, *rest]))
    text = re.sub(r"^Error parsing (\S+): ", r"\1 ", text)
    text = re.sub(r"^Missing value for argument '([^']*)'\..*", r"\1: needs a value", text)
    text = re.sub(
        r"^invalid choice ('.*') for argument '([^']*)'\. Expected one of \((.*)\)\.?$",
        r"\2 \1: must be one of \3", text,
    )
    return f"{text} (see {prog} --help)"


def _unknown(tokens, options, prog):
    for token in tokens:
        if token.startswith("-"):
            flag = token.partition("=")[0]
            close = suggestion(flag, [*_flags(options), "--help"])
            return f"unknown option {flag!r}{close} (see {prog} --help)"
    return f"one argument too many: {tokens[0]!r} (see {prog} --help)"


def _description(options):
    """Return the docstring; indented, its lines stay as they are instead of being joined."""
    return textwrap.indent(inspect.cleandoc(options.__doc__), "  ")


class _Shadow(io.StringIO):
    """Text kept back that looks, to its writer, like the stream it will go to."""

    def __init__(self, stream):
        super().__init__()
        self._stream = stream

    def isatty(self):
        return self._stream.isatty()

    @property
    def encoding(self):
        return (self._stream.encoding or "ascii").lower()


def parse(options, arguments, prog):
    """Return an instance of the dataclass `options` filled from `arguments`.

    Raises :class:`UserError` for what cannot be parsed, and SystemExit(0) after help.
    """
    complaint, lesson = io.StringIO(), _Shadow(sys.stdout)
    try:
        with contextlib.redirect_stderr(complaint), contextlib.redirect_stdout(lesson):
            parsed, extra = tyro.cli(
                options, prog=prog, args=arguments, return_unknown_args=True,
                description=_description(options),
                config=(tyro.conf.FlagCreatePairsOff,),
            )
    except SystemExit as stop:
        if not stop.code:
            sys.stdout.write(re.sub(r"\n{3,}", "\n\n", lesson.getvalue()))
            raise
        raise UserError(_reworded(complaint.getvalue(), prog)) from None
    if extra:
        raise UserError(_unknown(extra, options, prog))
    return typing.cast(options, parsed)
