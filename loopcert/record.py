"""The record of a check on disk, from which its page can be made again without checking again."""

import functools
import hashlib
import importlib.metadata
import json
from pathlib import Path

from loopcert import _atomic, _json
from loopcert._install import home
from loopcert._usage import UserError, one_line

__all__ = ["FILE", "code_digest", "is_current", "load", "of", "save"]

FILE, FORMAT = "ledger.json", 1
CHECKED = (  # what a verdict may depend on
    "theory", "sims", "loopcert/statements", "loopcert/prove", "loopcert/claim.py",
    "loopcert/examine.py", "loopcert/ledger.py",
)

NUMBER, TEXTS = (int, float), [str]
LINE = {"tactic": str, "note": str, "latex": str, "engine": str, "status": str, "detail": str,
        "query": str}
FIGURE = dict.fromkeys(("estimate", "stderr", "predicted", "z"), (int, float, type(None)))
RESULT = {"kind": str, "status": str, "engine": str, "detail": str, "seconds": NUMBER,
          "error": NUMBER, "axioms": TEXTS, "transcript": [LINE], "figures": {"": FIGURE}}
ROW = {"id": str, "title": str, "kind": str, "source": str, "verdict": str, "word": str,
       "reading": str, "theorem_like": bool, "holds": bool, "problems": TEXTS, "uses": TEXTS,
       "corrects": TEXTS, "binds": TEXTS, "note": str, "loose": str, "statement": [TEXTS],
       "evidence": [RESULT], "mutants": {"": TEXTS}, "unneeded_hypotheses": TEXTS,
       "seconds": NUMBER}
RECORD = {"format": int, "version": str, "code": str, "ok": bool, "effort": str, "seed": int,
          "seconds": NUMBER, "error": NUMBER, "counts": {"": int}, "rows": [ROW]}


@functools.cache
def code_digest():
    """Return a hash of all code that verdicts may depend on."""
    digest = hashlib.sha256()
    for name in CHECKED:
        place = home() / name
        for file in [place] if place.is_file() else sorted(place.rglob("*.py")):
            digest.update(file.relative_to(home()).as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def of(ledger):
    """Return the record of a :class:`~loopcert.ledger.Ledger`: plain values."""
    return _json.plain({
        "format": FORMAT, "version": importlib.metadata.version("loopcert"),
        "code": code_digest(), **ledger.to_json(),
    })


def is_current(record):
    """Return whether the code is still what it was when the record was made."""
    return record["code"] == code_digest()


def save(record, folder):
    """Write the record into `folder`, in one step; return its path."""
    text = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _atomic.write(Path(folder) / FILE, text + "\n")


def load(folder):
    """Return the record that the last check left in `folder`.

    Raises
    ------
    UserError
        When there is none, or the file is something else.
    """
    path = Path(folder) / FILE
    try:
        record = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: is missing (loopcert check --report {folder} writes it)"
                        ) from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {one_line(error.strerror or error)}") from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: is not JSON: {one_line(error)}") from None
    wrong = _unlike(record, RECORD, "record")
    if wrong or record["format"] != FORMAT:
        raise UserError(f"{path}: is not the record of a check by this version: "
                        f"{wrong or 'format'} (loopcert check writes it anew)")
    return record


def _unlike(value, shape, name):
    """Return where a value has not the shape wanted, or nothing."""
    if isinstance(shape, list):
        if not isinstance(value, list):
            return name
        found = (_unlike(item, shape[0], f"{name}[{i}]") for i, item in enumerate(value))
        return next(filter(None, found), "")
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return name
        keys = value if "" in shape else shape
        found = (_unlike(value.get(key), shape.get("", shape.get(key)), f"{name}.{key}")
                 for key in keys)
        return next(filter(None, found), "")
    fits = isinstance(value, shape) and (shape is bool or not isinstance(value, bool))
    return "" if fits else name
