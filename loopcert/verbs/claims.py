"""`loopcert claims`: list the claims, show one, draw their graph."""

import textwrap
from dataclasses import dataclass

from tyro.conf import Positional

from loopcert._options import word
from loopcert._usage import UserError

__all__ = ["Options", "run"]


@dataclass(frozen=True)
class Options:
    """List every claim, show one, or draw the graph: an arrow from a claim to those that rest on
    it or correct it.

    examples:
      loopcert claims                           every claim: id, title, kind, source
      loopcert claims show SW-07                its statement and what it rests on
      loopcert claims show SW-07 --run          and its proof, step by step, run now
      loopcert claims graph | dot -Tsvg > graph.svg
      loopcert claims graph --json              nodes and edges
    """

    what: Positional[word("list|show|graph")] = "list"
    """What to do."""

    id: Positional[word("ID", "(with show)")] = None
    """The claim to show."""

    run: bool = False
    """With show: examine the claim and what it uses, and print every step with its result."""

    json: bool = False
    """Print as JSON."""


def run(options):
    """Print what was asked for; return 0."""
    import loopcert

    if options.run and options.what != "show":
        raise UserError(f"claims {options.what}: --run goes with show ID")
    claims = tuple(loopcert.claims())
    _require_sense(options, claims)
    {"list": _list, "show": _show, "graph": _graph}[options.what](claims, options)
    return 0


def _require_sense(options, claims):
    what, name = options.what, options.id
    if what not in ("list", "show", "graph"):
        meant = [claim.id for claim in claims if claim.id.casefold() == what.casefold()]
        hint = f"; did you mean 'show {meant[0]}'?" if meant else ""
        raise UserError(f"claims: {what!r} is not one of list, show, graph{hint}")
    if what == "show" and name is None:
        raise UserError("claims show: which claim? (loopcert claims lists the ids)")
    if what != "show" and name is not None:
        raise UserError(f"claims {what}: takes no claim id, but {name!r} was given")


def summary(claim):
    """Return the plain record of a claim."""
    return {
        "id": claim.id, "title": claim.title, "kind": claim.kind, "source": claim.source,
        "statement": _statement(claim.statement),
        "uses": list(_names(claim.uses)), "corrects": list(_names(claim.corrects)),
        "binds": [str(getattr(bound, "function", bound)) for bound in claim.binds or ()],
        "evidence": [_evidence(item) for item in claim.evidence or ()],
        "note": getattr(claim, "note", ""),
    }


def _statement(statement):
    """Return the parts of a formal statement as lines of text; other statements as they are."""
    if not hasattr(statement, "goal"):
        return str(statement)
    goals = getattr(statement.goal, "args", ()) if _is_and(statement.goal) else ()
    return {
        "for all": [f"{name} in {domain}" for name, domain in statement.variables.items()],
        "where": [f"{name} = {value}" for name, value in statement.where.items()],
        "such that": [str(formula) for formula in statement.hypotheses],
        "holds": [str(formula) for formula in goals or (statement.goal,)],
    }


def _is_and(formula):
    return type(formula).__name__ == "And"


def _evidence(item):
    """Return one line on a piece of evidence: its kind, and what it does, cut short."""
    return textwrap.shorten(item if isinstance(item, str) else repr(item), 200, placeholder=" ...")


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
        ("id", "kind", "source", "title"),
        [(claim.id, claim.kind, claim.source, claim.title) for claim in claims],
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
    row = _examined(options.id) if options.run else None
    if options.json:
        write(_json.dumps({**record, **({"row": row.to_json()} if row else {})}))
        return
    write(f"{record.pop('id')}  {record.pop('title')}")
    statement = record.pop("statement")
    _lines("kind", record.pop("kind"))
    _lines("source", record.pop("source"))
    for name, lines in statement.items() if isinstance(statement, dict) else [("says", statement)]:
        _lines(name, lines)
    for name, lines in record.items():
        _lines(name.replace("_", " "), lines)
    if row:
        _results(row)


def _examined(name):
    from loopcert import ledger
    from loopcert._progress import progress
    from loopcert.doctor import usable_cores

    with progress("check") as advance:
        found = ledger.check([name], jobs=usable_cores(), progress=advance)
    return next(row for row in found.rows if row.id == name)


def _results(row):
    """Write the verdict, each result, and each proof as (fact, tactic, engine, answer)."""
    from loopcert._table import write

    write()
    _lines("verdict", str(row.verdict))
    for result in row.evidence:
        _lines(result.kind, f"{result.status}: {result.engine}, {result.detail} "
                            f"({result.seconds:.2f} s)")
        for number, line in enumerate(result.transcript, 1):
            write(f"    {number}. {line['fact']}")
            answer = f"{line['status']} ({line['engine']}: {line['detail']})"
            write(f"       {line['tactic']}: {answer}")
    fates = {fate: len(changes) for fate, changes in row.examination.mutants.items()}
    _lines("mutants", ", ".join(f"{number} {fate}" for fate, number in fates.items()))
    _lines("problems", row.problems)


def _lines(label, lines):
    """Write a label and its lines; nothing when there are none."""
    from loopcert._table import write

    lines = str(lines).splitlines() if isinstance(lines, str) else lines
    for i, line in enumerate(lines):
        write(f"  {label if i == 0 else '':<10} {line}")


def _graph(claims, options):
    from loopcert import _json
    from loopcert._table import write
    from loopcert.graph import claim_graph, to_dot

    if not options.json:
        write(to_dot(claims))
        return
    graph = claim_graph(claims)
    nodes = [{"id": name, **data} for name, data in graph.nodes(data=True)]
    links = [{"from": a, "to": b, **data} for a, b, data in graph.edges(data=True)]
    write(_json.dumps({"nodes": nodes, "edges": links}))
