"""The graph of claims as SVG: who uses whom, coloured by verdict."""

import html

import networkx as nx

__all__ = ["claim_graph", "draw", "to_dot"]

BOX, COLUMN, ROW, MARGIN = (124, 22), 162, 30, 16


def claim_graph(claims):
    """Return a directed graph with an edge from each claim to the claims that rest on it."""
    graph = nx.DiGraph()
    known = {claim.id for claim in claims}
    for claim in claims:
        graph.add_node(claim.id, title=claim.title, kind=claim.kind)
    for claim in claims:
        for kind in ("uses", "corrects"):
            for other in getattr(claim, kind):
                if other in known:
                    graph.add_edge(other, claim.id, kind=kind)
    return graph


def to_dot(claims):
    """Return the graph in Graphviz' language."""
    graph = claim_graph(claims)
    lines = ["digraph claims {", "  rankdir=LR; node [shape=box, fontname=sans];"]
    lines += [f'  "{name}" [tooltip="{_quoted(data["title"])}"];' for name, data in
              graph.nodes(data=True)]
    styles = {"uses": "", "corrects": " [style=dashed]"}
    lines += [f'  "{a}" -> "{b}"{styles[data["kind"]]};' for a, b, data in graph.edges(data=True)]
    return "\n".join([*lines, "}"])


def _quoted(text):
    return text.replace("\\", "\\\\").replace('"', '\\"')


def draw(rows, word):
    """Return the SVG of the rows' claims; `word(row)` names the verdict's colour class."""
    graph = claim_graph([row.claim for row in rows])
    places = _places(graph)
    width = max(x for x, _ in places.values()) + BOX[0] + MARGIN
    height = max(y for _, y in places.values()) + BOX[1] + MARGIN
    parts = [
        f'<svg role="img" aria-label="graph of claims" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" xmlns="http://www.w3.org/2000/svg">'
    ]
    parts += [_edge(places[a], places[b], data["kind"]) for a, b, data in graph.edges(data=True)]
    parts += [_node(row, places[row.id], word(row)) for row in rows]
    return "\n".join([*parts, "</svg>"])


def _places(graph):
    """Columns by depth; in a column, near the middle of what one rests on."""
    depth = {}
    for name in nx.topological_sort(graph):
        depth[name] = 1 + max((depth[p] for p in graph.predecessors(name)), default=-1)
    columns = {}
    for name in sorted(graph, key=lambda n: (depth[n], n)):
        columns.setdefault(depth[name], []).append(name)
    rows = _wrapped(columns)
    order = {}
    for column in sorted(rows):
        def height(name):
            above = [order[p] for p in graph.predecessors(name) if p in order]
            return (sum(above) / len(above) if above else 1e9, name.split("-")[0], name)

        for number, name in enumerate(sorted(rows[column], key=height)):
            order[name] = number
    return {
        name: (MARGIN + column * COLUMN, MARGIN + order[name] * ROW)
        for column, names in rows.items() for name in names
    }


def _wrapped(columns, most=36):
    """Break columns that are taller than `most` boxes into neighbouring ones."""
    rows, shift = {}, 0
    for depth in sorted(columns):
        names = columns[depth]
        pieces = [names[k : k + most] for k in range(0, len(names), most)]
        for piece in pieces:
            rows[depth + shift] = piece
            shift += 1
        shift -= 1
    return rows


def _edge(start, end, kind):
    x1, y1 = start[0] + BOX[0], start[1] + BOX[1] / 2
    x2, y2 = end[0], end[1] + BOX[1] / 2
    bend = max((x2 - x1) / 2, 18)
    path = f"M{x1},{y1}C{x1 + bend},{y1} {x2 - bend},{y2} {x2},{y2}"
    return f'<path class="edge {kind}" d="{path}"/>'


def _node(row, place, verdict):
    x, y = place
    title = html.escape(f"{row.id}: {row.claim.title} ({row.verdict})")
    label = html.escape(row.id)
    return (
        f'<a href="#{label}"><g class="node {verdict.replace(" ", "-")}"><title>{title}</title>'
        f'<rect x="{x}" y="{y}" width="{BOX[0]}" height="{BOX[1]}" rx="4"/>'
        f'<text x="{x + BOX[0] / 2}" y="{y + 15}">{label}</text></g></a>'
    )
