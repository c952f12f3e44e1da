"""Every high-precision value of tests/data holds, at its own tolerance."""

import importlib
import json
from decimal import Decimal, localcontext
from pathlib import Path

import numpy as np
import pytest

DATA = Path(__file__).parents[1] / "data"
ROWS = [
    pytest.param(row, id=f"{file.stem}-{number}-{row['claim']}")
    for file in sorted(DATA.glob("*.json"))
    for number, row in enumerate(json.loads(file.read_text()))
]


def test_there_are_vectors():
    assert len(ROWS) == 456


@pytest.mark.parametrize("row", ROWS)
def test_vector(row):
    module, function = row["call"].rsplit(".", 1)
    got = getattr(importlib.import_module(module), function)(**row["args"])
    if "field" in row:
        got = getattr(got, row["field"])
    if "index" in row:
        got = got[row["index"]]
    assert np.ndim(got) == 0
    expect = Decimal(row["expect"])
    if not (np.isfinite(got) and expect.is_finite()):
        assert str(float(got)) == str(float(expect))
        return
    with localcontext(prec=60):
        error = abs(Decimal(float(got)) - expect)
        assert error <= Decimal(row["atol"]) + Decimal(row["rtol"]) * abs(expect), (got, expect)
