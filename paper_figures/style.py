"""One style for all figures: sizes, colours that the colour-blind tell apart, legends."""

import functools

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter

__all__ = [
    "BLACK", "BLUE", "COLOURS", "COLUMN", "GREEN", "GREY", "ORANGE", "PINK", "RC", "RED", "SKY",
    "WIDE", "blank", "entry", "key", "label_panels", "legend", "legend_below", "line",
    "plain_ticks", "points", "shades", "styled",
]

BLUE, RED, GREEN, ORANGE, PINK, SKY, BLACK, GREY = (  # Okabe and Ito 2008
    "#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#000000", "#777777",
)
COLOURS = (BLUE, RED, GREEN, ORANGE, PINK, SKY)

COLUMN, WIDE = 3.5, 7.0  # inches: one column, two columns

RC = {
    "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"],
    "mathtext.fontset": "dejavusans",
    "font.size": 8, "axes.labelsize": 8, "axes.titlesize": 8, "legend.fontsize": 7,
    "xtick.labelsize": 7, "ytick.labelsize": 7,
    "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.7,
    "axes.titlelocation": "left", "axes.labelpad": 2.5,
    "xtick.major.width": 0.7, "ytick.major.width": 0.7, "xtick.major.size": 3,
    "ytick.major.size": 3, "xtick.minor.size": 1.6, "ytick.minor.size": 1.6,
    "lines.linewidth": 1.2, "lines.markersize": 3.2,
    "legend.frameon": False, "legend.handlelength": 1.9, "legend.borderaxespad": 0.3,
    "legend.labelspacing": 0.3, "legend.columnspacing": 1.1,
    "figure.dpi": 150, "savefig.dpi": 300, "savefig.facecolor": "white",
    "pdf.fonttype": 42, "image.cmap": "cividis", "axes.unicode_minus": True,
}


def styled(function):
    """Run `function` under the style, which ends with it."""

    @functools.wraps(function)
    def inside(*arguments, **options):
        with matplotlib.rc_context(RC):
            return function(*arguments, **options)

    return inside


def blank(rows=1, columns=1, *, width=None, height=2.4, **options):
    """Return an empty figure and its axes: one column wide, or two with several panels."""
    width = width or (COLUMN if columns == 1 else WIDE)
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.03, h_pad=0.03, wspace=0.03, hspace=0.03)
    return figure, figure.subplots(rows, columns, **options)


def shades(count):
    """Return `count` colours from dark to light for something that has an order."""
    ramp = matplotlib.colormaps["viridis"]
    return [ramp(0.88 * i / max(count - 1, 1)) for i in range(count)]


def line(axes, x, y, colour, **options):
    """Draw a line of theory."""
    return axes.plot(x, y, color=colour, **{"zorder": 2, **options})


def points(axes, x, y, se, colour, marker="o", **options):
    """Draw simulated points with bars of two standard errors."""
    return axes.errorbar(
        x, y, yerr=2 * np.asarray(se), fmt=marker, color=colour, markerfacecolor="white",
        markeredgewidth=0.9, elinewidth=0.8, capsize=0, zorder=3, **options,
    )


def entry(label, colour=BLACK, marker=None, line="-", **options):
    """Return what stands for a series in a legend."""
    return Line2D(
        [], [], color=colour, marker=marker, linestyle=line, label=label, markerfacecolor="white",
        **options,
    )


def legend(axes, entries, **options):
    """Add a legend of these entries; an axes holds as many as it is given."""
    added = Legend(axes, entries, [item.get_label() for item in entries], **options)
    axes.add_artist(added)  # and not axes.legend, which holds only one
    return added


def key(axes, *, theory="theory (exact)", simulation="simulation ± 2 s.e.", extra=(), **options):
    """Add a legend that says, in black, what is theory and what is simulation."""
    entries = [entry(theory)] if theory else []
    entries.extend(extra)
    if simulation:
        entries.append(entry(simulation, marker="o", line="none"))
    return legend(axes, entries, **options)


def plain_ticks(axis):
    """Write the ticks of a logarithmic axis as 0.1, 1, 10."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def legend_below(figure, entries, **options):
    """Add a legend of these entries below all panels."""
    options = {"loc": "outside lower center", "handlelength": 1.4, "columnspacing": 0.9, **options}
    return figure.legend(entries, [item.get_label() for item in entries], **options)


def label_panels(axes, titles=None):
    """Letter the panels (a), (b), ... and title them."""
    titles = titles or [""] * len(axes)
    for letter, panel, title in zip("abcdefghijkl", axes, titles):
        panel.set_title(f"({letter}) {title}".rstrip())
