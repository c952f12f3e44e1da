"""A small ledger of made-up claims, whose page the tests read."""

import pytest
import sympy as sp
from sympy import Ge, Gt

from loopcert import ledger
from loopcert.claim import Claim, Proof, Refutation, Simulation
from loopcert.prove.formal import REALS, Statement

x, y = sp.symbols("x y", real=True)


def estimates(rng, effort):
    """Return two estimates of 5 at x = 2."""
    return {"first": (5.004, 0.01), "second": (4.997, 0.005)}


CLAIMS = (
    Claim("X-1", "A <b>square</b> & more, theta_0^2 >= 0.", "lemma", "new",
          Statement({x: REALS, y: REALS}, Ge(x**2 + y**2, 2 * x * y)), evidence=(Proof(),)),
    Claim("X-2", "False as printed.", "theorem", "test", Statement({x: REALS}, Gt(x**2, x)),
          evidence=(Refutation({x: "1/2"}),)),
    Claim("X-3", "The corrected one.", "theorem", "test",
          Statement({x: REALS}, Gt(x**2, x), hypotheses=(Gt(x, 1),)),
          uses=("X-1",), corrects=("X-2",), evidence=(Proof(),)),
    Claim("SW-07", "Simulated.", "theorem", "test", Statement({x: REALS}, Ge(x**2 + 1, 2 * x)),
          evidence=(Proof(), Simulation(estimates, {"first": 5 * x**2 / 4, "second": 3 * x - 1},
                                        {x: 2}))),
)


@pytest.fixture(scope="session")
def small():
    """Return the ledger of these claims."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "claims", lambda: CLAIMS)
        return ledger.check(jobs=1)
