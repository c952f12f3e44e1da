"""A claim of your own: asking a verifier twice raises its breakdown point. Here is the evidence.

    python own_theorem.py
"""

import dataclasses

import sympy as sp
from sympy import And, Eq, Gt, Lt

import loopcert
from loopcert.claim import Binding, Claim, Proof
from loopcert.prove.formal import UNIT, Statement

phi, psi = sp.symbols("phi psi", positive=True)
once = phi / (phi + psi)
twice = phi**2 / (phi**2 + psi**2)

TWICE = Claim(
    id="MY-TWICE",
    title="Keeping what two independent passes of a verifier accept raises its breakdown point.",
    kind="theorem",
    source="mine",
    statement=Statement(
        variables={phi: UNIT, psi: UNIT},
        hypotheses=(Lt(psi, phi),),
        goal=And(
            Eq(twice - once, phi * psi * (phi - psi) / ((phi**2 + psi**2) * (phi + psi))),
            Gt(twice, once),
        ),
    ),
    binds=(
        Binding("theory.breakdown.breakdown_point", {"phi": phi, "psi": psi}, once),
        Binding("theory.breakdown.breakdown_point", {"phi": phi**2, "psi": psi**2}, twice),
    ),
    evidence=(Proof(),),
)

# The same without its hypothesis: a verifier that prefers wrong items gets worse by insisting.
CARELESS = dataclasses.replace(
    TWICE, id="MY-CARELESS", binds=(),
    statement=Statement({phi: UNIT, psi: UNIT}, Gt(twice, once)),
)


def main():
    """Examine both claims and print what became of them."""
    for row in loopcert.check(own=(TWICE, CARELESS)).rows:
        print(f"{row.id}: {row.verdict}")
        for result in row.evidence:
            print(f"  {result.kind}: {result.detail}")
        print(f"  mutants: {row.killed} rejected, {len(row.survived)} survived")


if __name__ == "__main__":
    main()
