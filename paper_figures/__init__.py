"""One module a figure: theory and simulation on the same axes.

Each module is named after the paper's own numbering (sw Yang et al., sc Gillman et al., bp Feng
et al., kv Yi et al., ul the one law, ours) and has

    compute(preset, rng) -> pandas.DataFrame    preset "quick" (seconds) or "full" (a minute)
    draw(frame) -> matplotlib.figure.Figure

A table or figure of a paper's experiments is drawn from finished runs (`paper_figures.results`):
its module has usable(results), whether they hold what it shows, and compute(results).

A frame of the others has one row a plotted point. Besides the figure's own columns it has those
of `paper_figures.comparison`: what theory says and of which kind that is, what was simulated, and
the standard error. `paper_figures.catalogue` lists the figures, `paper_figures.make` makes them.
"""
