"""Theory beside simulation: the columns that every figure's table has.

theory        what theory says; nan where there is no theory
kind          "exact", "bound" (from above), "floor" (from below) or "limit" (leading order)
allowance     largest systematic distance of a limit from the truth that the figure answers for
simulated     mean over the replicates; nan where nothing was simulated
se            its standard error
replicates    how many independent runs
"""

import numpy as np
import pandas as pd

__all__ = ["COLUMNS", "compared", "curve", "stack", "z_scores"]

COLUMNS = ("theory", "kind", "allowance", "simulated", "se", "replicates")


def compared(sample, theory, *, kind="exact", allowance=0.0, **labels):
    """Return a table that compares the columns of `sample` (R, k) with `theory` (k,).

    Examples
    --------
    >>> compared(np.array([[1.0], [3.0]]), [2.5], name="a")[["theory", "simulated", "se"]].values
    array([[2.5, 2. , 1. ]])
    """
    sample = np.asarray(sample, dtype=np.float64)
    count = len(sample)
    columns = {
        "theory": theory, "kind": kind, "allowance": allowance, "simulated": sample.mean(axis=0),
        "se": sample.std(axis=0, ddof=1) / np.sqrt(count), "replicates": count,
    }
    return pd.DataFrame({**labels, **columns})


def curve(theory, *, kind="exact", **labels):
    """Return a table of theory alone.

    Examples
    --------
    >>> curve([0.5, 0.25], round=[1, 2])["simulated"].isna().all()
    np.True_
    """
    columns = {
        "theory": np.asarray(theory, dtype=np.float64), "kind": kind, "allowance": 0.0,
        "simulated": np.nan, "se": np.nan, "replicates": 0,
    }
    return pd.DataFrame({**labels, **columns})


def stack(tables):
    """Return the tables as one, rows in order."""
    return pd.concat(list(tables), ignore_index=True)


def z_scores(frame):
    """Return by how many standard errors the simulation leaves what theory allows, row by row.

    Rows without one of the two are left out. The sign is that of simulated - theory; a bound is
    left only from above, a floor only from below, a limit by what exceeds its allowance.

    Examples
    --------
    >>> z_scores(compared(np.array([[1.0, 1.0], [3.0, 3.0]]), [1.0, 2.0]))
    array([1., 0.])
    """
    both = frame[frame["theory"].notna() & frame["simulated"].notna()]
    distance = both["simulated"].to_numpy() - both["theory"].to_numpy()
    allowance, kind = both["allowance"].to_numpy(), both["kind"].to_numpy()
    excess = np.sign(distance) * np.maximum(np.abs(distance) - allowance, 0.0)
    excess = np.where((kind == "bound") & (excess < 0), 0.0, excess)
    excess = np.where((kind == "floor") & (excess > 0), 0.0, excess)
    # What is known without error (a start) must agree to rounding.
    scale = 1e-12 * (1 + np.abs(both["theory"].to_numpy()))
    return excess / np.maximum(both["se"].to_numpy(), scale)
