"""Word problems of our own, with worked solutions: 50 templates, three difficulties, three splits.

>>> from empirical.reasoning import problems
>>> from empirical.streams import Streams
>>> item = problems.problem(Streams(0), 5, "symbolic")
>>> item.solution.endswith(f"#### {item.answer}")
True
"""

from empirical.reasoning.problems.generate import (
    DIFFICULTIES,
    MIXTURE,
    SPLITS,
    Problem,
    catalogue,
    mixture,
    problem,
    problems,
    sibling,
    template_names,
)

__all__ = [
    "DIFFICULTIES", "MIXTURE", "SPLITS", "Problem", "catalogue", "mixture", "problem", "problems",
    "sibling", "template_names",
]
