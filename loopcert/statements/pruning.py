"""Claims: pruning."""

CLAIMS = ()
