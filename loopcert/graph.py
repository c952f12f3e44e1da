"""The graph of claims: who uses whom. As Graphviz' language, and as SVG coloured by verdict."""

import html

import networkx as nx

__all__ = ["claim_graph", "draw", "to_dot"]

BOX, COLUMN, ROW, MARGIN = (118, 20), 148, 26, 16
TALLEST = 14  # boxes one above another in a column of a lane
HEAD, SWEEPS = 24, 6
LONGEST = 17  # characters that fit into a box


def claim_graph(claims):
    """Return a directed graph with an edge from each claim to the claims that rest on it."""
    return _graph({
        c.id: {"title": c.title, "kind": c.kind, "uses": c.uses, "corrects": c.corrects}
        for c in claims
    })


def _graph(claims):
    graph = nx.DiGraph()
    for name, claim in claims.items():
        graph.add_node(name, title=claim["title"], kind=claim["kind"])
    for name, claim in claims.items():
        for kind in ("uses", "corrects"):
            graph.add_edges_from(
                ((other, name) for other in claim[kind] if other in claims), kind=kind
            )
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


def draw(rows, lane_of, class_of):
    """Return the SVG of a record's rows.

    Parameters
    ----------
    rows : sequence of dict
        Rows of a record.
    lane_of, class_of : callable
        From a row to the name of its lane, top to bottom as they first come, and to the class
        that colours it.
    """
    graph = _graph({row["id"]: row for row in rows})
    lanes = {row["id"]: lane_of(row) for row in rows}
    places, bands = _places(graph, lanes)
    width = max(x for x, _ in places.values()) + BOX[0] + MARGIN
    height = max(bottom for _, bottom in bands.values()) + MARGIN
    parts = [
        f'<svg role="img" aria-label="graph of claims; every claim below names what it uses and '
        f'what rests on it" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">'
    ]
    parts += [_band(name, top, bottom, width) for name, (top, bottom) in bands.items()]
    parts += [_edge(a, b, places, data["kind"]) for a, b, data in graph.edges(data=True)]
    parts += [_node(row, places[row["id"]], class_of(row)) for row in rows]
    return "\n".join([*parts, "</svg>"])


# -- layout --------------------------------------------------------------------------------------
def _places(graph, lanes):
    """Return the corner of each box, and the top and bottom of each lane.

    Columns go by depth, so that every arrow points to the right; in a lane what is high in a
    column goes into several; in a column every box is near the middle of what it is tied to.
    """
    cells = {}  # (lane, depth) to its claims
    for name, depth in _depths(graph).items():
        cells.setdefault((lanes[name], depth), []).append(name)
    order = _ordered(graph, cells, lanes)
    starts = _columns(cells)
    places, bands, top = {}, {}, MARGIN
    for lane in dict.fromkeys(lanes.values()):
        tallest = 0
        for (of, depth), names in cells.items():
            if of != lane:
                continue
            across = -(-len(names) // TALLEST)
            down = -(-len(names) // across)
            tallest = max(tallest, down)
            for i, name in enumerate(sorted(names, key=lambda n: (order[n], n))):
                x = MARGIN + (starts[depth] + i // down) * COLUMN
                places[name] = (x, top + HEAD + i % down * ROW)
        bottom = top + HEAD + tallest * ROW
        bands[lane] = (top, bottom)
        top = bottom + MARGIN
    return places, bands


def _depths(graph):
    depths = {}
    for name in nx.topological_sort(graph):
        depths[name] = 1 + max((depths[p] for p in graph.predecessors(name)), default=-1)
    return depths


def _columns(cells):
    """Return the first column of each depth."""
    widest = {}
    for (_, depth), names in cells.items():
        widest[depth] = max(widest.get(depth, 1), -(-len(names) // TALLEST))
    starts, column = {}, 0
    for depth in sorted(widest):
        starts[depth] = column
        column += widest[depth]
    return starts


def _ordered(graph, cells, lanes):
    """Return a height from 0 to 1 for each claim in its cell, after sweeps towards neighbours."""
    lane_height = {lane: i for i, lane in enumerate(dict.fromkeys(lanes.values()))}
    height = {}
    for names in cells.values():
        for i, name in enumerate(sorted(names, key=lambda n: (not graph.degree(n), n))):
            height[name] = (i + 0.5) / len(names)
    for _ in range(SWEEPS):
        for names in cells.values():
            pulled = {name: _pull(graph, name, height, lanes, lane_height) for name in names}
            for i, name in enumerate(sorted(names, key=lambda n: (pulled[n], n))):
                height[name] = (i + 0.5) / len(names)
    return height


def _pull(graph, name, height, lanes, lane_height):
    """Return the mean height of a claim's neighbours; those of other lanes pull up or down."""
    near = [*graph.predecessors(name), *graph.successors(name)]
    if not near:
        return 2.0  # what stands alone goes to the end
    here = lane_height[lanes[name]]
    return sum(height[n] + lane_height[lanes[n]] - here for n in near) / len(near)


# -- drawing -------------------------------------------------------------------------------------
def _band(name, top, bottom, width):
    return (
        f'<g class="lane"><rect x="4" y="{top}" width="{width - 8}" height="{bottom - top}" '
        f'rx="6"/><text x="{MARGIN}" y="{top + 16}">{html.escape(name)}</text></g>'
    )


def _edge(start, end, places, kind):
    x1, y1 = places[start][0] + BOX[0], places[start][1] + BOX[1] // 2
    x2, y2 = places[end][0], places[end][1] + BOX[1] // 2
    bend = max((x2 - x1) // 2, 18)
    path = f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
    ends = f'data-from="{html.escape(start)}" data-to="{html.escape(end)}"'
    return f'<path class="edge {kind}" {ends} d="{path}"/>'


def _node(row, place, colour):
    x, y = place
    name = html.escape(row["id"])
    title = html.escape(f"{row['id']}: {row['title']} ({row['verdict']})")
    narrow = f' textLength="{BOX[0] - 8}" lengthAdjust="spacingAndGlyphs"'
    return (
        f'<a href="#{name}" tabindex="-1" data-id="{name}"><g class="node {colour}">'
        f'<title>{title}</title><rect x="{x}" y="{y}" width="{BOX[0]}" height="{BOX[1]}" rx="4"/>'
        f'<text x="{x + BOX[0] // 2}" y="{y + 14}"{narrow if len(name) > LONGEST else ""}>'
        f'{name}</text></g></a>'
    )
