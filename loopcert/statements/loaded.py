"""All claims, built when this module is imported: workers are forked from a process that has it."""

from loopcert.statements import all_claims

__all__ = ["CLAIMS"]

CLAIMS = all_claims()
