"""Claims: breakdown."""

CLAIMS = ()
