"""Mutants: what a statement would say if one small thing in it were wrong.

They are made from the formal object: a constant off by 2%, a term's sign, an exponent, two
variables swapped, an inequality turned round, a hypothesis dropped.  Evidence that a mutant does
not upset would be no evidence, so each must be rejected; `reject` says how it fared.
"""

import dataclasses
import functools
import itertools
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from loopcert.prove import evaluate, numeric, sample
from loopcert.prove.formal import PROPOSITION, Each, Sequence, Statement

__all__ = ["EQUIVALENT", "KILLED", "SURVIVED", "WEAKER", "Mutant", "mutants", "off_by_two_percent",
           "reject"]

KILLED = "killed"  # a point of the domain refutes it
EQUIVALENT = "equivalent"  # says the same at every point looked at
WEAKER = "weaker"  # follows from the goal: less is claimed
SURVIVED = "survived"

WRONG = sp.Rational(51, 50)
FEW = 16  # points that kill most mutants
PAIRS, HALVINGS = 16, 20  # of the search for points near a changed inequality
_TURNED = {sp.Gt: sp.Lt, sp.Ge: sp.Le, sp.Lt: sp.Gt, sp.Le: sp.Ge}


@dataclass(frozen=True)
class Mutant:
    """A statement with one thing changed, and what was changed."""

    change: str
    statement: Statement
    hypothesis: bool = False  # a dropped hypothesis: a survivor is a finding, not a failure
    swap: bool = False  # two variables swapped


def mutants(statement, rng=None):
    """Yield every mutant of `statement`, in a random order if `rng` is given.

    Each is built when it is asked for: SymPy takes its time over a changed formula.
    """
    plans = [*_goal_plans(statement), *_definition_plans(statement), *_swap_plans(statement),
             *_premise_plans(statement)]
    if rng is not None:
        plans = [plans[k] for k in rng.permutation(len(plans))]
    seen = set()
    for plan in plans:
        mutant = plan()
        if mutant is None:
            continue
        key = (mutant.statement.goal, *mutant.statement.where.values(),
               *mutant.statement.hypotheses)
        if key not in seen:
            seen.add(key)
            yield mutant


def _goal_plans(statement):
    for change, build in _changes(statement.goal):
        yield functools.partial(_with_goal, statement, f"goal: {change}", build)


def _with_goal(statement, change, build, swap=False):
    goal = build()
    if goal is None or goal in (sp.true, sp.false):
        return None
    return Mutant(change, dataclasses.replace(statement, goal=goal), swap=swap)


def _definition_plans(statement):
    for symbol, definition in statement.where.items():
        for change, build in _changes(definition):
            yield functools.partial(_with_definition, statement, symbol, change, build)


def _with_definition(statement, symbol, change, build):
    altered = build()
    if altered is None:
        return None
    where = {**statement.where, symbol: altered}
    return Mutant(f"{symbol}: {change}", dataclasses.replace(statement, where=where))


def _swap_plans(statement):
    for first, second in _swaps(statement):
        build = functools.partial(_swapped, statement, first, second)
        change = f"goal: {first} and {second} swapped"
        yield functools.partial(_with_goal, statement, change, build, swap=True)


def _swapped(statement, first, second):
    swap = {first: second, second: first}
    goal = statement.conclusion.xreplace(swap)
    # Where the premises do not tell the two apart, the swap only renames them.
    renamed = {p.xreplace(swap) for p in statement.premises} == set(statement.premises)
    return None if renamed or goal == statement.conclusion else goal


def _premise_plans(statement):
    for number, dropped in enumerate(statement.hypotheses):
        if not _assigns(dropped):
            yield functools.partial(_without, statement, number, dropped)


def _without(statement, number, dropped):
    rest = (*statement.hypotheses[:number], *statement.hypotheses[number + 1 :])
    return Mutant(
        f"without {dropped}", dataclasses.replace(statement, hypotheses=rest), hypothesis=True
    )


def off_by_two_percent(expression):
    """Yield `expression` with one of its numbers two percent too large, each in turn."""
    for change, build in _changes(expression):
        if change.startswith("constant"):
            altered = build()
            if altered is not None:
                yield altered, change


def _assigns(hypothesis):
    inner = hypothesis.formula if isinstance(hypothesis, Each) else hypothesis
    parts = inner.args if isinstance(inner, sp.And) else (inner,)
    return all(isinstance(p, sp.Eq) and isinstance(p.lhs, sp.Indexed | sp.Symbol) for p in parts)


def _swaps(statement):
    scalars = [
        (s, d) for s, d in statement.variables.items()
        if not isinstance(d, Sequence) and d != PROPOSITION
    ]
    for (first, a), (second, b) in itertools.combinations(scalars, 2):
        if a == b:
            yield first, second


def _changes(expression):
    """Yield (what is changed, how to build it), each change at one place of the tree."""
    for path, node in _walk(expression, ()):
        for new, change in _altered(node, path, expression):
            yield change, functools.partial(_changed, expression, path, new)


def _changed(expression, path, new):
    try:
        result = _put(expression, path, new())
    except (TypeError, ValueError):  # SymPy refuses it, a complex inequality say
        return None
    # A formula that is infinite or undefined everywhere says nothing that could be rejected.
    return None if result == expression or result.has(sp.zoo, sp.nan) else result


def _walk(node, path):
    yield path, node
    if isinstance(node, sp.Sum | sp.Product | sp.Derivative):
        yield from _walk(node.args[0], (*path, 0))
        return
    for number, child in enumerate(node.args):
        if not (isinstance(node, Each | sp.Indexed) and number > 0):
            yield from _walk(child, (*path, number))


def _altered(node, path, root):
    if isinstance(node, sp.Rational) and not _is_exponent(path, root):
        yield lambda: node * WRONG if node != 0 else sp.Rational(1, 50), f"constant {node}"
    if isinstance(node, sp.Pow) and node.args[1].is_Rational:
        base, exponent = node.args
        yield lambda: base ** (exponent + (1 if exponent > 0 else -1)), f"exponent of {node}"
    if isinstance(node, sp.Add):
        for term in node.args:
            yield lambda term=term: node - 2 * term, f"sign of {term}"
    if isinstance(node, sp.Mul) and not any(a.is_Rational for a in node.args):
        yield lambda: node * WRONG, f"constant 1 of {node}"
    for relation, turned in _TURNED.items():
        if isinstance(node, relation):
            yield lambda turned=turned: turned(*node.args), "inequality turned round"


def _is_exponent(path, root):
    if not path:
        return False
    parent = root
    for number in path[:-1]:
        parent = parent.args[number]
    return isinstance(parent, sp.Pow) and path[-1] == 1


def _put(node, path, new):
    if not path:
        return new
    args = list(node.args)
    args[path[0]] = _put(args[path[0]], path[1:], new)
    return node.func(*args)


def reject(mutant, original, pool, rng, number):
    """Return (fate, point): how the mutant fares at up to `number` random points of its domain.

    `pool` holds points of the original, at which a mutant with the same premises is tried.  A few
    points kill most mutants; one that they do not kill and that is not weaker meets the others,
    and points on either side of each inequality that was changed.
    """
    statement = mutant.statement
    if statement.premises != original.premises:
        pool = sample.Pool(statement, rng)
    try:
        for few in (FEW, number):
            outcome = numeric.falsify(statement, pool.first(few))
            if outcome.status == "refuted":
                return KILLED, outcome.point
            if not mutant.hypothesis:
                fate = _compare(statement, original, pool.first(FEW))
                if fate != SURVIVED:
                    return fate, {}
        point = None if mutant.hypothesis else _across(statement, original, rng)
    except sample.NoPoint:
        return SURVIVED, {}
    return (SURVIVED, {}) if point is None else (KILLED, point)


def _across(mutated, original, rng):
    """Return a point that fails near the boundary of a changed inequality, or None.

    A threshold that is two percent off errs on a thin set of points, which random ones miss.
    """
    changed = _inequalities(mutated) - _inequalities(original)
    for _ in range(PAIRS if changed else 0):
        ends = list(sample.points(mutated, rng, 2))
        for inequality in changed:
            for point in _narrow(mutated, inequality, ends):
                if evaluate.truth(mutated.conclusion, point) is False:
                    return point
    return None


def _inequalities(statement):
    return statement.conclusion.atoms(sp.Gt, sp.Ge, sp.Lt, sp.Le)


def _narrow(statement, inequality, ends):
    """Return two near points on either side of an inequality, or none if `ends` agree on it."""
    sides = [evaluate.truth(inequality, point) for point in ends]
    if None in sides or sides[0] == sides[1]:
        return []
    near, far, found = Fraction(0), Fraction(1), [ends[0]]
    for _ in range(HALVINGS):
        middle = (near + far) / 2
        point = sample.between(statement, *ends, middle)
        if point is None:
            return found
        found.append(point)
        if evaluate.truth(inequality, point) == sides[0]:
            near = middle
        else:
            far = middle
    return found[-6:]


def _compare(mutated, original, points):
    old = [c for c in original.conjuncts if c not in mutated.conjuncts]
    new = [c for c in mutated.conjuncts if c not in original.conjuncts]
    if not new:  # the changed part is true of everything, and SymPy has dropped it
        return WEAKER
    if all(isinstance(c, sp.Eq) for c in old + new):
        return EQUIVALENT  # an equation that no point refutes says the same there
    if len(old) != 1 or len(new) != 1:
        return SURVIVED
    if points and all(_in_proportion(old[0], new[0], point) for point in points):
        return EQUIVALENT
    gaps = [_gap(old[0], new[0], point) for point in points]
    if not gaps or None in gaps:
        return SURVIVED
    if all(g == 0 for g in gaps):
        return EQUIVALENT
    return WEAKER if all(g >= 0 for g in gaps) else SURVIVED


def _in_proportion(old, new, point):
    """Whether two inequalities differ by a positive factor of both sides."""
    inequality = sp.Gt | sp.Ge | sp.Lt | sp.Le
    if not (isinstance(old, inequality) and isinstance(new, old.func)):
        return False
    sides = [_distance(side, point) for f in (old, new) for side in (f.lhs, f.rhs)]
    if None in sides or 0 in sides:
        return False
    left, right = sides[2] / sides[0], sides[3] / sides[1]
    return left > 0 and abs(left - right) <= evaluate.TOLERANCE * abs(left)


def _gap(old, new, point):
    """How much more room the mutated inequality leaves at a point (None: not comparable)."""
    if isinstance(old, sp.Implies) and isinstance(new, sp.Implies) and old.args[0] == new.args[0]:
        met = evaluate.truth(old.args[0], point)
        return _gap(old.args[1], new.args[1], point) if met else 0
    if isinstance(old, sp.Eq) and isinstance(new, sp.Eq):
        both = [_distance(old.lhs - old.rhs, point), _distance(new.lhs - new.rhs, point)]
        return None if None in both else 0
    inequality = sp.Gt | sp.Ge | sp.Lt | sp.Le
    if not (isinstance(old, inequality) and isinstance(new, inequality)):
        return None
    both = [_distance(f.gts - f.lts, point) for f in (old, new)]
    if None in both:
        return None
    gap = both[1] - both[0]
    return 0 if abs(gap) <= evaluate.TOLERANCE * max(abs(both[0]), abs(both[1]), 1) else gap


def _distance(expression, point):
    try:
        return evaluate.value(expression, point)
    except (evaluate.Undefined, evaluate.Undecidable):
        return None
