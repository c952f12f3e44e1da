"""Claims: one_law."""

CLAIMS = ()
