"""Claims: what is asserted, where it comes from, which function it speaks of, and the evidence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import sympy as sp

from loopcert.prove.formal import Statement
from loopcert.prove.proof import Proof

__all__ = [
    "KINDS", "THEOREM_LIKE", "Binding", "Claim", "Enclosed", "Instances", "NearMiss", "Proof",
    "Refutation", "Simulation", "Witness",
]

THEOREM_LIKE = ("lemma", "proposition", "theorem", "corollary", "remark", "example", "result")
KINDS = (*THEOREM_LIKE, "definition", "assumption", "conjecture")


@dataclass(frozen=True)
class Binding:
    """The function of `theory` that a formula of the statement speaks of.

    The ledger evaluates both at random points of the domain.  `arguments` maps the function's
    parameters to expressions in the statement's variables (or plain values); `value` is the
    expression that the result must equal; `pick` selects a field (str) or an element (int,
    or an expression) of the result first, a tuple several in turn.
    """

    function: str
    arguments: Mapping
    value: sp.Expr
    pick: str | int | sp.Expr | tuple | None = None
    rtol: float = 1e-9


@dataclass(frozen=True)
class Refutation:
    """An exact point of the domain that meets the hypotheses and fails the goal.

    `reading` names the reading under which the printed sentence says what is refuted, where the
    source is lost or ambiguous.  Without a point, Z3 has to find one.
    """

    point: Mapping = field(default_factory=dict)
    reading: str = ""

    level = "refutation"


@dataclass(frozen=True)
class Instances:
    """The goal for single values of the integer variables in `values`, each proved."""

    values: Mapping
    proof: Proof = field(default_factory=Proof)

    level = "support"


@dataclass(frozen=True)
class Enclosed:
    """The goal on a bounded part of the domain, by balls."""

    box: Mapping
    boxes: int | None = None

    level = "support"


@dataclass(frozen=True)
class Simulation:
    """Monte Carlo estimates of expressions of the statement at one point of its domain.

    `run(rng, effort)` returns a mapping of names to (estimate, standard error).  `predicted` maps
    the same names to expressions.  Each is compared at the ledger's error level; with any one of
    its numbers two percent off it has to be rejected wherever that shifts it by 1.5% or more.
    """

    run: Callable
    predicted: Mapping
    at: Mapping
    note: str = ""

    level = "support"


@dataclass(frozen=True)
class Witness:
    """A point that satisfies a definition's or assumption's hypotheses and formula."""

    point: Mapping

    level = "witness"


@dataclass(frozen=True)
class NearMiss:
    """A point that satisfies the hypotheses of a definition or assumption, but not its formula."""

    point: Mapping

    level = "witness"


@dataclass(frozen=True)
class Claim:
    """One assertion of the theory.

    id, title : the claim's name in `theory` docstrings, and one sentence.
    kind : one of `KINDS`.     source : paper and number.
    statement : the formal object.     uses, corrects : ids of other claims.
    binds : the functions of `theory` that it speaks of.     evidence : what shows it.
    note : what a reader should know that the formula does not say.
    loose : why a bound in the goal is not attained; its mutants may then be true as well.
    """

    id: str
    title: str
    kind: str
    source: str
    statement: Statement
    uses: tuple = ()
    corrects: tuple = ()
    binds: tuple = ()
    evidence: tuple = ()
    note: str = ""
    loose: str = ""

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"{self.id}: kind = {self.kind!r}: must be one of {KINDS}")
        goal = self.statement.goal
        for part in goal.args if isinstance(goal, sp.And) else (goal,):
            if self.statement.expand(part) in (sp.true, sp.false):
                raise ValueError(f"{self.id}: SymPy reduces {part} to a constant: it says nothing")
        lemmas = {i for e in self.evidence if isinstance(e, Proof) for i in e.lemmas}
        missing = lemmas - set(self.uses)
        if missing:
            raise ValueError(f"{self.id}: its proof uses {sorted(missing)}, not named in `uses`")

    @property
    def theorem_like(self):
        """Whether the claim asserts something (a definition or assumption does not)."""
        return self.kind in THEOREM_LIKE


def as_fractions(point):
    """Return a point with exact rational values; lists stay lists."""
    return {
        s: [_fraction(x) for x in v] if isinstance(v, list | tuple) else _fraction(v)
        for s, v in point.items()
    }


def _fraction(x):
    x = sp.Rational(x)
    return Fraction(int(x.p), int(x.q))
