"""`loopcert claims`: list the claims, show one, draw their graph."""

from dataclasses import dataclass
from typing import Literal

from tyro.conf import Positional

from loopcert._options import word
from loopcert._usage import UserError

__all__ = ["Options", "run"]


@dataclass(frozen=True)
class Options:
    """List every claim, show one, or draw which uses and which corrects which.

    examples:
      loopcert claims                           every claim: id, title, kind, source
      loopcert claims show SW-07                its statement and what it rests on
      loopcert claims graph | dot -Tsvg > graph.svg
      loopcert claims graph --json              nodes and edges
    """

    what: Positional[Literal["list", "show", "graph"]] = "list"
    """list, show or graph."""

    id: Positional[word("ID", "(with show)")] = None
    """The claim to show."""

    json: bool = False
    """Print as JSON."""


def run(options):
    """Print what was asked for; return 0."""
    import loopcert

    if options.what == "show" and options.id is None:
        raise UserError("claims show: which claim? (loopcert claims lists the ids)")
    if options.what != "show" and options.id is not None:
        raise UserError(f"claims {options.what}: takes no claim id, but {options.id!r} was given")
    claims = tuple(loopcert.claims())
    {"list": _list, "show": _show, "graph": _graph}[options.what](claims, options)
    return 0


def summary(claim):
    """Return the plain record of a claim."""
    from loopcert._json import plain

    fields = ("id", "title", "kind", "source", "statement", "uses", "corrects", "binds",
              "evidence")
    return {name: plain(_told(getattr(claim, name, None))) for name in fields}


def _told(value):
    """Return `value` as something that prints: a function by its name."""
    if callable(value) and hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    if isinstance(value, (list, tuple)):
        return [_told(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(map(str, value))
    return value if isinstance(value, (str, dict)) or value is None else str(value)


def _names(value):
    """Return the ids in a `uses` or `corrects` field: nothing, one, or several."""
    if not value:
        return ()
    return (value,) if isinstance(value, str) else tuple(map(str, value))


def _list(claims, options):
    from loopcert import _json
    from loopcert._table import table, write

    if options.json:
        write(_json.dumps([summary(claim) for claim in claims]))
        return
    table(
        ("id", "title", "kind", "source"),
        [(claim.id, claim.title, claim.kind, claim.source) for claim in claims],
    )
    write()
    write(f"{len(claims)} claims")


def _show(claims, options):
    from loopcert import _json
    from loopcert._table import write
    from loopcert.verbs.check import known

    by_id = {claim.id: claim for claim in claims}
    known([options.id], by_id)
    record = summary(by_id[options.id])
    record["used_by"] = [claim.id for claim in claims if options.id in _names(claim.uses)]
    if options.json:
        write(_json.dumps(record))
        return
    write(f"{record.pop('id')}  {record.pop('title')}")
    for name, value in record.items():
        if value not in (None, [], "", {}):
            lines = value if isinstance(value, list) else str(value).splitlines()
            label = name.replace("_", " ")
            for i, line in enumerate(lines):
                write(f"  {label if i == 0 else '':<10}{line}")


def edges(claims):
    """Return the (from, to, kind) triples of the graph: a claim points at what it leans on."""
    return [
        (claim.id, target, kind)
        for claim in claims
        for kind in ("uses", "corrects")
        for target in _names(getattr(claim, kind))
    ]


def _quoted(text):
    escaped = str(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _graph(claims, options):
    from loopcert import _json
    from loopcert._table import write

    links = edges(claims)
    if options.json:
        nodes = [{"id": c.id, "title": c.title, "kind": c.kind} for c in claims]
        keys = ("from", "to", "kind")
        write(_json.dumps({"nodes": nodes, "edges": [dict(zip(keys, e)) for e in links]}))
        return
    write("digraph claims {")
    for claim in claims:
        write(f"  {_quoted(claim.id)} [tooltip={_quoted(claim.title)}];")
    for start, end, kind in links:
        style = " [style=dashed, label=corrects]" if kind == "corrects" else ""
        write(f"  {_quoted(start)} -> {_quoted(end)}{style};")
    write("}")
