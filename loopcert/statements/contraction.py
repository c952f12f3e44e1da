"""Claims: contraction."""

CLAIMS = ()
