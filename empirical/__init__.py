"""The loops with real models: one driver, many tasks, runs that survive.

`run` does from Python what `loopcert run` does from the command line. Importing this package
imports no torch.
"""

from empirical.launch import Result, run

__all__ = ["Result", "run"]
