"""What a verb prints: rich tables on a terminal, plain aligned columns otherwise."""

import sys

__all__ = ["number", "table", "write"]


def write(text=""):
    """Write `text` and a line end to standard output."""
    sys.stdout.write(f"{text}\n")


def number(value, digits=4):
    """Return `value` with `digits` significant digits; a dash when there is no number.

    Examples
    --------
    >>> number(0.123456), number(1234567), number(None), number(3.0)
    ('0.1235', '1234567', '-', '3')
    """
    if value is None or value != value:
        return "-"
    if isinstance(value, int):
        return str(value)
    return f"{value:.{digits}g}"


def _plain(columns, rows, right):
    lines = [list(columns), *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    for line in lines:
        cells = (
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths))
        )
        write("  ".join(cells).rstrip())


def _rich(columns, rows, right):
    import rich.box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=rich.box.SIMPLE_HEAD, pad_edge=False)
    for i, name in enumerate(columns):
        grid.add_column(name, justify="right" if i in right else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(Text(cell) for cell in row))
    Console(file=sys.stdout, highlight=False).print(grid)


def table(columns, rows, right=()):
    """Write a table of texts; `right` holds the indices of the right-aligned columns."""
    rows = [[str(cell) for cell in row] for row in rows]
    draw = _rich if sys.stdout.isatty() else _plain
    draw(columns, rows, frozenset(right))
