"""Claims: verifier."""

CLAIMS = ()
