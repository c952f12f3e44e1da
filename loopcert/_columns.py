"""Columns of a table on disk: CSV, TSV, JSON lines or Parquet, by the suffix of its name."""

import contextlib
import csv
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from loopcert._usage import UserError, listing, one_line, suggestion

__all__ = ["Columns", "read_columns"]

CELL_LIMIT = 2**24  # the longest CSV cell accepted: model outputs are long, a broken quote longer


@dataclass(frozen=True, slots=True)
class Columns:
    """Some columns of a table.

    Attributes
    ----------
    path : Path
        Where they come from.
    cells : dict of str to list
        The raw cells of each column: text, numbers, booleans, or None.
    lines : list of int or None
        The line of the file that each row ends on; None for Parquet.
    """

    path: Path
    cells: dict[str, list]
    lines: list[int] | None

    def __len__(self):
        return len(next(iter(self.cells.values())))

    def where(self, name, row):
        """Return words for the cell of column `name` in the row of index `row`."""
        line = f" (line {self.lines[row]})" if self.lines else ""
        return f"{self.path}: column {name!r}, row {row + 1}{line}"


def read_columns(path, names):
    """Return the columns `names` of the table at `path`.

    Raises :class:`UserError` when the file cannot be read, is empty, or lacks a column.
    """
    path = Path(path)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise UserError(f"{path}: must end in one of {listing(READERS)}")
    with _reading(path):
        if path.stat().st_size == 0:
            raise UserError(f"{path}: is empty")
        columns = reader(path, names)
    if len(columns) == 0:
        raise UserError(f"{path}: has no rows")
    return columns


@contextlib.contextmanager
def _reading(path):
    """Turn what a damaged, missing or forbidden file raises into one line."""
    try:
        yield
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {one_line(error.strerror or error)}") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: is not UTF-8 text: byte {error.start}") from None


def _require(path, names, header):
    """Refuse a name that the header lacks or has twice."""
    times = Counter(header)
    for name in names:
        if times[name] == 0:
            raise UserError(
                f"{path}: has no column {name!r}{suggestion(name, header)} "
                f"(its columns: {listing(header)})"
            )
        if times[name] > 1:
            raise UserError(f"{path}: has {times[name]} columns named {name!r}: must be one")


def _read_csv(path, names, delimiter=","):
    csv.field_size_limit(CELL_LIMIT)
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        try:
            return _csv_columns(path, names, reader)
        except csv.Error as error:
            raise UserError(f"{path}: line {reader.line_num}: {one_line(error)}") from None


def _csv_columns(path, names, reader):
    header = [name.strip() for name in next(reader, [])]
    _require(path, names, header)
    places = [(name, header.index(name)) for name in names]
    cells = {name: [] for name in names}
    lines = []
    for row in reader:
        if not row:  # a blank line
            continue
        if len(row) != len(header):
            raise UserError(
                f"{path}: row {len(lines) + 1} (line {reader.line_num}) has {len(row)} cells: "
                f"must have {len(header)}, as the header"
            )
        lines.append(reader.line_num)
        for name, place in places:
            cells[name].append(row[place])
    return Columns(path, cells, lines)


def _read_tsv(path, names):
    return _read_csv(path, names, delimiter="\t")


def _unique(pairs):
    """Build an object from JSON pairs, refusing a key given twice."""
    times = Counter(key for key, _ in pairs)
    for key, count in times.items():
        if count > 1:
            raise _Repeated(key)
    return dict(pairs)


class _Repeated(ValueError):
    """A key occurs twice in one JSON object."""


def _objects(path):
    """Yield (line, object) of each line of a JSON lines file that is not blank."""
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line, object_pairs_hook=_unique)
            except _Repeated as error:
                raise UserError(
                    f"{path}: line {number} has two columns named {str(error)!r}: must be one"
                ) from None
            except (ValueError, RecursionError) as error:
                reason = getattr(error, "msg", None) or one_line(error)
                raise UserError(f"{path}: line {number} is not JSON: {reason}") from None
            if not isinstance(row, dict):
                raise UserError(f"{path}: line {number} must be an object such as "
                                '{"correct": true, "kept": 1}')
            yield number, row


def _read_jsonl(path, names):
    header, rows, lines = {}, [], []
    for line, row in _objects(path):
        header.update(dict.fromkeys(row))
        rows.append([row.get(name) for name in names])
        lines.append(line)
    if rows:
        _require(path, names, list(header))
    return Columns(path, {name: [row[i] for row in rows] for i, name in enumerate(names)}, lines)


def _read_parquet(path, names):
    import pyarrow
    import pyarrow.parquet

    try:
        with path.open("rb") as file:
            table = pyarrow.parquet.ParquetFile(file)
            _require(path, names, table.schema_arrow.names)
            read = table.read(columns=list(names))
            cells = {name: read.column(name).to_pylist() for name in names}
    except (pyarrow.ArrowException, ValueError) as error:
        raise UserError(f"{path}: is not a Parquet file: {one_line(error)[:200]}") from None
    return Columns(path, cells, None)


READERS = {
    ".csv": _read_csv,
    ".tsv": _read_tsv,
    ".jsonl": _read_jsonl,
    ".ndjson": _read_jsonl,
    ".parquet": _read_parquet,
    ".pq": _read_parquet,
}
