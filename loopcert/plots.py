"""Small drawings of the report in SVG: estimates beside predictions, and intervals beside zero."""

import html
import math

__all__ = ["distances", "interval"]

WIDTH, LABEL, ROW, TOP = 560, 210, 20, 22
REACH = 6.0  # standard errors on either side


def distances(figures):
    """Return an SVG of estimates, in standard errors from what the statement predicts.

    Parameters
    ----------
    figures : dict
        From names to estimate, stderr, predicted and z, as a record holds them.
    """
    height = TOP + ROW * len(figures) + 18
    parts = [
        f'<svg class="distances" role="img" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" aria-label="estimates, in standard errors from the prediction">'
    ]
    parts += [_line(k, height) for k in (-4, -2, 0, 2, 4)]
    parts += [
        _row(name, figure["z"], TOP + ROW * (i + 0.5)) for i, (name, figure) in
        enumerate(figures.items())
    ]
    parts.append(f'<text class="axis" x="{_x(0)}" y="12">standard errors from the prediction'
                 "</text>")
    return "\n".join([*parts, "</svg>"])


def _x(z):
    middle, half = (LABEL + WIDTH) / 2, (WIDTH - LABEL) / 2 - 10
    return round(middle + half * max(-REACH, min(REACH, z)) / REACH, 1)


def _line(k, height):
    return (
        f'<line class="{"zero" if k == 0 else "grid"}" x1="{_x(k)}" x2="{_x(k)}" y1="{TOP - 4}" '
        f'y2="{height - 14}"/><text class="axis" x="{_x(k)}" y="{height - 2}">{k}</text>'
    )


def _row(name, z, y):
    label = f'<text x="{LABEL - 10}" y="{y + 4}" text-anchor="end">{html.escape(name)}</text>'
    if z is None or not math.isfinite(z):
        return label
    return (
        f'{label}<line class="bar" x1="{_x(z - 1)}" x2="{_x(z + 1)}" y1="{y}" y2="{y}"/>'
        f'<circle cx="{_x(z)}" cy="{y}" r="3.5"><title>{html.escape(name)}: z = {z:.2f}</title>'
        "</circle>"
    )


def interval(mean, low, high, width=110, height=14):
    """Return an SVG of an interval with its mean, and of zero, on a scale of their own."""
    ends = [x for x in (low, mean, high, 0.0) if math.isfinite(x)]
    start, reach = min(ends), max(ends) - min(ends) or 1.0

    def place(x):
        share = (x - start) / reach if math.isfinite(x) else float(x > 0)
        return round(6 + (width - 12) * share, 1)

    middle = height / 2
    return (
        f'<svg class="interval" role="img" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" aria-label="interval and zero"><line class="zero" x1="{place(0.0)}" '
        f'x2="{place(0.0)}" y1="0" y2="{height}"/><line class="bar" x1="{place(low)}" '
        f'x2="{place(high)}" y1="{middle}" y2="{middle}"/><circle cx="{place(mean)}" '
        f'cy="{middle}" r="3"/></svg>'
    )
