"""Tables of a paper as pictures: its numbers, and ours below them."""

import math

from paper_figures import style

__all__ = ["draw_table", "percent"]

LINE = 0.155  # inches: a line of text in a cell


def percent(mean, low=math.nan, high=math.nan):
    """Return accuracies as a table shows them.

    Examples
    --------
    >>> percent(41.26, 40.5, 42.0), percent(float("nan"))
    ('41.3 ± 0.8', '')
    """
    if math.isnan(mean):
        return ""
    if math.isnan(low):
        return f"{mean:.1f}"
    return f"{mean:.1f} ± {(high - low) / 2:.1f}"


def draw_table(heads, rows, notes, groups=()):
    """Draw a table.

    Parameters
    ----------
    heads : sequence of str
        Of the columns of numbers; a second line may follow a line break.
    rows : sequence of (str, sequence of (str, str))
        Name, and for each column the published number and ours (either may be empty).
    notes : sequence of str
        Below the table: how it is read.
    groups : sequence of (str, int)
        Titles over so many columns each.
    """
    top = (3.4 if groups else 2.4) * LINE
    heights = [(2.4 if any(mine for _, mine in cells) else 1.4) * LINE for _, cells in rows]
    bottom = top + sum(heights)
    height = bottom + (len(notes) + 0.9) * LINE
    figure, axes = style.blank(width=style.WIDE, height=height)
    figure.get_layout_engine().set(w_pad=0, h_pad=0)
    axes.set(xlim=(0, style.WIDE), ylim=(height, 0))
    axes.set_axis_off()
    name_width = 0.95
    step = (style.WIDE - name_width - 0.1) / len(heads)
    centres = [name_width + step * (i + 0.5) for i in range(len(heads))]
    _heads(axes, heads, groups, centres, step, top)
    upper = top
    for tall, (name, cells) in zip(heights, rows):
        middle = upper + tall / 2
        axes.text(0.1, middle, name, va="center")
        for x, (theirs, mine) in zip(centres, cells):
            shift = 0.5 * LINE if mine else 0
            axes.text(x, middle - shift, theirs, ha="center", va="center", color=style.GREY)
            axes.text(x, middle + shift, mine, ha="center", va="center", color=style.BLUE)
        upper += tall
    for y in (top, bottom):
        axes.plot([0.05, style.WIDE - 0.05], [y, y], color=style.BLACK, linewidth=0.7)
    for number, note in enumerate(notes):
        axes.text(0.1, bottom + (number + 0.9) * LINE, note, va="center", fontsize=7)
    return figure


def _heads(axes, heads, groups, centres, step, top):
    left = 0
    for title, count in groups:
        inside = centres[left:left + count]
        axes.text((inside[0] + inside[-1]) / 2, 0.6 * LINE, title, ha="center", va="center")
        ends = [inside[0] - 0.45 * step, inside[-1] + 0.45 * step]
        axes.plot(ends, [1.2 * LINE] * 2, color=style.GREY, linewidth=0.5)
        left += count
    for x, head in zip(centres, heads):
        axes.text(x, top - 1.1 * LINE, head, ha="center", va="center")
