"""Equations as they are written.

Whenever SymPy builds an equation it asks, by all assumptions that it knows of, whether its two
sides differ or agree: half of the time that a ledger takes to build, and a conjunct that follows
from the assumptions is gone from what is shown. Here only equal sides, and numbers, are decided.
"""

import contextlib

from sympy.core import relational

__all__ = ["as_written"]


@contextlib.contextmanager
def as_written():
    """Have equations that are built in this block, by whomever, stay as they are written.

    Examples
    --------
    >>> import sympy as sp
    >>> a = sp.Symbol("a", positive=True)
    >>> sp.Eq(a, 0)
    False
    >>> with as_written():
    ...     sp.Eq(a, 0), sp.Eq(a, a), sp.Eq(sp.sqrt(8), 2 * sp.sqrt(2))
    (Eq(a, 0), True, True)
    """
    decide = relational.is_eq

    def compare(lhs, rhs, assumptions=None):
        if lhs == rhs:
            return True
        symbolic = not (getattr(lhs, "is_number", True) and getattr(rhs, "is_number", True))
        return None if symbolic else decide(lhs, rhs, assumptions)

    relational.is_eq = compare
    try:
        yield
    finally:
        relational.is_eq = decide
