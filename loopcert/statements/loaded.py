"""All claims, built on import: workers are forked from a process that has this module."""

from loopcert.statements import all_claims

__all__ = ["CLAIMS"]

CLAIMS = all_claims()
