"""Proofs: steps that establish facts one after another, until the goal follows.

A fact holds for all points of the statement's domain that satisfy its premises.  Each step names
the tactic that establishes it; a tactic may use the facts before it.  The last, implicit step asks
Z3 whether the goal follows from the facts.  The tactics are the only rules there are:

`Smt`           real arithmetic (Z3)
`Identity`      an equation (SymPy), defined on the whole domain (Z3)
`ByDerivative`  a sign from a boundary value and the sign of the derivative (mean value theorem)
`SingleHump`    a sign from both ends and a slope that changes sign once (module `crossing`)
`Substitute`    the value of an expression at one value of a variable (module `substitution`)
`Opaque`        real arithmetic that does not look into given terms (module `substitution`)
`Induction`     over the length of sequences
`Enclose`       interval evaluation of a bounded domain (FLINT)
`Lemma`         an instance of another claim
`Modulo`        a named standard theorem of `axioms`
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy as sp
from sympy.logic.boolalg import Boolean

from loopcert.prove import enclosure, evaluate, smt, symbolic
from loopcert.prove.axioms import AXIOMS
from loopcert.prove.formal import INTEGERS, PROPOSITION, Each, Sequence, Statement
from loopcert.prove.outcome import HOLDS, UNKNOWN, Outcome

__all__ = [
    "ByDerivative", "Enclose", "Identity", "Induction", "Lemma", "Modulo", "Proof", "Smt", "Step",
]


@dataclass(frozen=True)
class Context:
    """What a tactic may use: the statement, the facts so far, the other claims' statements."""

    statement: Statement
    facts: tuple
    library: Mapping
    timeout: int | None = None  # milliseconds for a question to Z3; None: the engine's default

    def ask(self, goal, facts=None, statement=None, **options):
        """Ask Z3 whether `goal` follows from the premises and the facts."""
        options["timeout"] = options.get("timeout") or self.timeout
        facts = self.facts if facts is None else facts
        if statement is None and goal in facts:
            return Outcome(HOLDS, "kernel", "among the facts")
        return smt.prove(statement or self.statement, goal, facts, **options)


@dataclass(frozen=True)
class Smt:
    """Real arithmetic: the fact follows from the premises and the facts before it."""

    integers: bool = False
    alone: bool = False  # without the facts before it, which can slow Z3 down
    timeout: int | None = None

    def establish(self, fact, context):
        """Return the `Outcome` for `fact`."""
        known = () if self.alone else context.facts
        return context.ask(fact, known, integers=self.integers, timeout=self.timeout)


@dataclass(frozen=True)
class Identity:
    """An equation between expressions that are defined on the whole domain."""

    seconds: float | None = None

    def establish(self, fact, context):
        """Return the `Outcome` for the equation (or conjunction of equations) `fact`."""
        for equation in fact.args if isinstance(fact, sp.And) else (fact,):
            outcome = symbolic.prove(equation, seconds=self.seconds)
            if not outcome.holds:
                return outcome
            if isinstance(equation, sp.Eq):
                sides = [symbolic.carried_out(side) for side in equation.args]
                where = smt.defined(context.statement, sides, context.facts)
                if not where.holds:
                    return Outcome(UNKNOWN, "sympy", "the identity may be undefined somewhere")
        return outcome


@dataclass(frozen=True)
class ByDerivative:
    """A sign on an interval, from its value at one end and the sign of the derivative.

    For ``left > right`` on the domain of `variable`: the difference tends to a number >= 0 at the
    end `at`, and grows away from it.  `derivative` may give the derivative in a form that is
    easier to sign; that it is the derivative is proved too.
    """

    variable: sp.Symbol
    at: sp.Expr
    derivative: sp.Expr | None = None

    def establish(self, fact, context):
        """Return the `Outcome` for the inequality `fact`."""
        x, statement = self.variable, context.statement
        problem = self._problem(fact, statement)
        if problem:
            return Outcome(UNKNOWN, "calculus", problem)
        height = fact.gts - fact.lts
        edge = _value_at(height, x, self.at, context)
        if edge is None:
            edge = symbolic.limit(height, x, self.at, "+" if self._rising(statement) else "-")
        # At an end that belongs to the domain a strict inequality needs a strict value.
        closed = _strict(fact) and statement.variables[x].contains(self.at) == sp.true
        if edge is None or not _bounded_below(edge, context, strict=closed):
            return Outcome(UNKNOWN, "calculus", f"the value at {x} = {self.at} is too small")
        smooth = _smooth(height, x, context)
        if not smooth.holds:
            return smooth
        return self._grows(fact, height, context)

    def _rising(self, statement):
        return statement.variables[self.variable].inf == self.at

    def _problem(self, fact, statement):
        domain = statement.variables[self.variable]
        if not isinstance(fact, sp.Gt | sp.Ge | sp.Lt | sp.Le):
            return "not an inequality"
        if self.at not in (domain.inf, domain.sup):
            return f"{self.at} is not an end of the domain of {self.variable}"
        if any(self.variable in p.free_symbols for p in statement.premises):
            return f"a hypothesis restricts {self.variable}"
        return ""

    def _grows(self, fact, height, context):
        slope = sp.diff(height, self.variable)
        if self.derivative is not None:
            given = context.statement.expand(self.derivative)
            same = symbolic.prove(sp.Eq(slope, given, evaluate=False))
            if not same.holds:
                return Outcome(UNKNOWN, "calculus", "the derivative given is not the derivative")
            slope = given
        slope = slope if self._rising(context.statement) else -slope
        relation = sp.Gt if _strict(fact) else sp.Ge
        wanted = relation(slope, 0, evaluate=False)
        outcome = context.ask(wanted)
        if not outcome.holds:
            return Outcome(UNKNOWN, "calculus", f"the slope's sign: {outcome.detail}")
        return Outcome(HOLDS, "calculus", "boundary value >= 0, slope has one sign (Z3)",
                       query=outcome.query)


def _strict(fact):
    return isinstance(fact, sp.StrictGreaterThan | sp.StrictLessThan)


def _bounded_below(edge, context, *, strict):
    if edge == sp.oo:
        return True
    wanted = sp.Gt(edge, 0) if strict else sp.Ge(edge, 0)
    if wanted in (sp.true, sp.false):
        return wanted == sp.true
    return context.ask(wanted).holds


AT_ONCE = 500  # milliseconds
_SMOOTH = (sp.exp, sp.log, sp.erf, sp.erfc, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.atan)


def _value_at(height, x, end, context):
    """Return `height` at a finite end, if it is shown to be continuous there, else None."""
    if not sp.sympify(end).is_finite:
        return None
    for e in sp.preorder_traversal(height):
        power = isinstance(e, sp.Pow) and not isinstance(e, sp.exp) and not e.is_number
        if not (e.is_Symbol or e.is_number or isinstance(e, (sp.Add, sp.Mul, sp.Pow, *_SMOOTH))):
            return None
        if power and not e.args[1].is_Integer:
            return None
    swap = {x: sp.sympify(end)}
    there = height.xreplace(swap)
    # A product with zero drops its other factors, so those are looked at one by one.
    parts = [e.xreplace(swap) for e in sp.preorder_traversal(height) if isinstance(
        e, sp.Pow | sp.log)]
    if any(e.has(sp.nan, sp.zoo, sp.oo, -sp.oo) for e in (there, *parts)):
        return None
    # What is built from continuous functions is continuous wherever it is defined.
    # Where that is not seen at once, the limit decides.
    whole = smt.defined(context.statement, parts, context.facts, timeout=AT_ONCE)
    return there if whole.holds else None


def _smooth(height, x, context):
    """Show that `height` is continuously differentiable in x inside the domain."""
    positive = []
    for e in sp.preorder_traversal(height):
        if not getattr(e, "has", lambda _: False)(x) or e == x or isinstance(e, sp.Add | sp.Mul):
            continue
        if isinstance(e, sp.Pow) and not isinstance(e, sp.exp):
            if not e.args[1].is_Integer:
                positive.append(sp.Gt(e.args[0], 0))
        elif not isinstance(e, _SMOOTH):
            return Outcome(UNKNOWN, "calculus", f"{e.func.__name__} may not be smooth")
    for condition in positive:
        if not context.ask(condition).holds:
            return Outcome(UNKNOWN, "calculus", f"{condition} not shown")
    # Few short facts usually settle this, and long ones slow Z3 down.
    short = tuple(f for f in context.facts if f.count_ops() < 40)
    outcome = smt.defined(context.statement, [height], short)
    return outcome if outcome.holds else smt.defined(context.statement, [height], context.facts)


@dataclass(frozen=True)
class Induction:
    """The fact for every value of `on` from `start`, by splitting the last term off each sum."""

    on: sp.Symbol
    start: int = 1

    def establish(self, fact, context):
        """Return the `Outcome` for `fact`."""
        domain = context.statement.variables[self.on]
        if not domain.is_subset(INTEGERS) or domain.inf != self.start:
            return Outcome(UNKNOWN, "induction", f"{self.on} does not start at {self.start}")
        base = self._base(fact, context)
        if not base.holds:
            return Outcome(UNKNOWN, "induction", f"base case: {base.detail}", query=base.query)
        step = self._step(fact, context)
        if not step.holds:
            return Outcome(UNKNOWN, "induction", f"step: {step.detail}", query=step.query)
        return Outcome(HOLDS, "induction", "base case and step (Z3)", query=step.query)

    def _base(self, fact, context):
        at = {self.on: sp.Integer(self.start)}
        free = [f.xreplace(at) for f in self._reusable(context) if f.has(self.on)]
        everywhere = [f for f in self._reusable(context) if not f.has(self.on)]
        given = [_unroll(f) for f in [*everywhere, *free, *self._elements(context, at)]]
        return context.ask(_unroll(fact.xreplace(at)), given, self._bare(context))

    def _step(self, fact, context):
        successor = {self.on: self.on + 1}
        given = [fact, *self._reusable(context)]
        given += [f.xreplace(successor) for f in self._reusable(context) if f.has(self.on)]
        given += [p.at(self.on + shift) for p in self._each(context) for shift in self._last(p)]
        goal = _split_last(fact.xreplace(successor))
        return context.ask(goal, [_split_last(g) for g in given], self._bare(context))

    def _each(self, context):
        return [p for p in context.statement.premises if isinstance(p, Each)]

    def _last(self, premise):
        # From length T + c to T + 1 + c the element with index T + c is new.
        shift = sp.expand(premise.args[2] - self.on)
        return [shift] if shift.is_Integer else []

    def _elements(self, context, at):
        facts = []
        for premise in self._each(context):
            length = premise.args[2].xreplace(at)
            if length.is_Integer:
                facts += [premise.at(k) for k in range(int(length))]
        return facts

    def _reusable(self, context):
        # A premise that speaks of the length holds for one length only; it may not be used.
        # Facts were proved under all premises; they may be used when no premise is left out.
        scalar = [p for p in context.statement.premises if not isinstance(p, Each)]
        kept = [p for p in scalar if self.on not in p.free_symbols]
        return kept + (list(context.facts) if len(kept) == len(scalar) else [])

    def _bare(self, context):
        scalar = tuple(
            p for p in context.statement.premises
            if not isinstance(p, Each) and self.on not in p.free_symbols
        )
        return dataclasses.replace(
            context.statement, hypotheses=scalar, where={}, goal=context.statement.conclusion
        )


def _unroll(formula):
    return formula.replace(lambda s: isinstance(s, sp.Sum | sp.Product), lambda s: s.doit())


def _split_last(formula):
    """Split the terms with index T, T + 1, ... off the sums and products that reach so far."""
    return smt.tidy_sums(formula).replace(lambda s: isinstance(s, sp.Sum | sp.Product), _shorter)


def _shorter(s):
    if len(s.limits) > 1:
        return s
    index, low, high = s.limits[0]
    extra, rest = sp.expand(high).as_coeff_Add()
    if not extra.is_Integer or extra < -1:
        return s
    tail = [s.function.xreplace({index: rest + shift}) for shift in range(int(extra), -1, -1)]
    join = sp.Add if isinstance(s, sp.Sum) else sp.Mul
    return join(s.func(s.function, (index, low, rest - 1)), *tail)


@dataclass(frozen=True)
class Enclose:
    """Interval evaluation over the `box`, which must contain the domain."""

    box: Mapping

    def establish(self, fact, context):
        """Return the `Outcome` for `fact`."""
        for symbol in fact.free_symbols:
            domain = context.statement.variables.get(symbol)
            low, high = self.box[symbol]
            if domain is None or not domain.is_subset(sp.Interval(low, high)):
                return Outcome(UNKNOWN, "flint", f"the box is smaller than {symbol}'s domain")
        bare = dataclasses.replace(context.statement, where={}, hypotheses=(), goal=fact)
        return enclosure.prove(bare, self.box)


@dataclass(frozen=True)
class Lemma:
    """The instance of another claim under a substitution for its variables.

    A variable that is not named stands for itself.  A sequence is replaced by a sequence or by a
    ``Lambda``.  The instance's domains and hypotheses are proved before its goal is a fact.
    With `when`, they are proved in that case only, and the fact is that `when` implies the goal.
    """

    claim: str
    at: Mapping = field(default_factory=dict)
    when: Boolean | None = None

    def instance(self, context):
        """Return (goal, obligations) of the instance."""
        lemma = context.library[self.claim]
        if PROPOSITION in lemma.variables.values():
            raise ValueError(f"{self.claim} speaks of a named predicate and has no instances")
        scope = {s: self.at.get(s, s) for s in lemma.variables}
        swap = _substitution(scope, context.statement)
        duties = [swap(p) for p in lemma.premises]
        for symbol, domain in lemma.variables.items():
            duties += _domain_duties(scope[symbol], domain, swap)
        goal = swap(lemma.conclusion)
        return (goal if self.when is None else sp.Implies(self.when, goal)), duties

    def establish(self, fact, context):
        """Return the `Outcome`; the fact is the instance's goal, whatever `fact` is."""
        if self.claim not in context.library:
            return Outcome(UNKNOWN, "lemma", f"{self.claim} is not among the claims used")
        _, duties = self.instance(context)
        if self.when is not None:
            case = context.statement.expand(self.when)
            context = dataclasses.replace(context, facts=(*context.facts, case))
        for duty in duties:
            outcome = _discharge(duty, context)
            if not outcome.holds:
                return Outcome(UNKNOWN, "lemma", f"{self.claim} needs {duty}: {outcome.detail}")
        return Outcome(HOLDS, "lemma", f"instance of {self.claim}")


def _substitution(scope, statement):
    """Return a function that puts the images of `scope` for a lemma's variables, all at once."""
    images = {s: _image(e, statement) for s, e in scope.items()}
    # The lemma's symbols step aside first: an image may use the same names for other things.
    aside = {s: sp.Dummy(s.name) for s in images if isinstance(s, sp.Symbol)}

    def element(e):
        image, index = images[e.base], e.indices[0]
        return image(index) if isinstance(image, sp.Lambda) else image[index]

    def swap(formula):
        _check_capture(formula, images.values())
        formula = formula.xreplace(aside)
        formula = formula.replace(
            lambda e: isinstance(e, sp.Indexed) and e.base in images, element
        )
        return formula.xreplace({aside[s]: images[s] for s in aside})

    return swap


def _image(e, statement):
    if isinstance(e, sp.Lambda):
        return sp.Lambda(e.variables, statement.expand(e.expr))
    return e if isinstance(e, sp.IndexedBase) else statement.expand(sp.sympify(e))


def _check_capture(formula, images):
    series = formula.atoms(sp.Sum, sp.Product, sp.Integral)
    bound = {limit[0] for s in series for limit in s.limits}
    bound |= {e.args[1] for e in formula.atoms(Each)}
    for image in images:
        if bound & image.free_symbols:
            raise ValueError(f"{image} uses the lemma's bound variable; rename it")


def _domain_duties(image, domain, swap):
    if domain == PROPOSITION:
        return []
    if not isinstance(domain, Sequence):
        return [_member(image, domain)]
    length = swap(domain.length)
    if isinstance(image, sp.Lambda):
        index = image.variables[0]
        return [Each(_member(image.expr, domain.elements), index, length)]
    return [_Inherit(image, domain.elements)]


def _member(term, domain):
    low, high = domain.inf, domain.sup
    open_low, open_high = getattr(domain, "left_open", False), getattr(domain, "right_open", False)
    if isinstance(domain, sp.FiniteSet):
        return sp.Or(*(sp.Eq(term, x) for x in domain))
    parts = []
    if low != -sp.oo:
        parts.append(sp.Gt(term, low) if open_low else sp.Ge(term, low))
    if high != sp.oo:
        parts.append(sp.Lt(term, high) if open_high else sp.Le(term, high))
    if domain.is_subset(INTEGERS) and sp.sympify(term).is_integer is not True:
        parts.append(sp.false)  # integrality is taken from SymPy's assumptions only
    return sp.And(*parts)


@dataclass(frozen=True)
class _Inherit:
    """The duty that a sequence of this statement lies in the lemma's element domain."""

    base: sp.IndexedBase
    elements: sp.Set


def _discharge(duty, context):
    statement = context.statement
    if isinstance(duty, _Inherit):
        mine = statement.variables.get(duty.base)
        if isinstance(mine, Sequence) and mine.elements.is_subset(duty.elements):
            return Outcome(HOLDS, "lemma", "the same domain")
        return Outcome(UNKNOWN, "lemma", f"the elements of {duty.base} may lie outside")
    duty = statement.expand(duty)
    if duty in context.facts or duty in statement.premises:
        return Outcome(HOLDS, "lemma", "known")
    if isinstance(duty, Each):
        index = sp.Symbol(f"{duty.args[1].name}_", integer=True, nonnegative=True)
        wider = dataclasses.replace(
            statement, variables={**statement.variables, index: sp.S.Naturals0},
        )
        within = sp.Le(index, duty.args[2] - 1)
        return context.ask(sp.Implies(within, duty.at(index)), statement=wider)
    return context.ask(duty)


@dataclass(frozen=True)
class Modulo:
    """A named standard theorem: from its `premise`, proved here, to its `conclusion`."""

    axiom: str
    premise: Boolean
    conclusion: Boolean

    def establish(self, fact, context):
        """Return the `Outcome`; the fact is the conclusion."""
        outcome = context.ask(self.premise)
        if not outcome.holds:
            return Outcome(UNKNOWN, "axiom", f"its premise: {outcome.detail}")
        return Outcome(HOLDS, "axiom", f"{self.axiom} ({AXIOMS[self.axiom].reference})")


@dataclass(frozen=True)
class Step:
    """One fact and the tactic that establishes it; ``fact=None`` is the statement's goal."""

    by: object
    fact: Boolean | None = None
    note: str = ""

    def resolve(self, context):
        """Return the fact that this step adds, definitions expanded."""
        if isinstance(self.by, Lemma):
            return context.statement.expand(self.by.instance(context)[0])
        if isinstance(self.by, Modulo):
            whole = AXIOMS[self.by.axiom].schema(
                premise=self.by.premise, conclusion=self.by.conclusion)
            # A premise that SymPy evaluates to true leaves the conclusion alone.
            return context.statement.expand(
                whole.args[1] if isinstance(whole, sp.Implies) else whole)
        if self.fact is None:
            return context.statement.conclusion
        return context.statement.expand(self.fact)


@dataclass(frozen=True)
class Proof:
    """A list of steps; the goal must follow from their facts."""

    steps: tuple = ()
    integers: bool = False

    level = "proof"

    @property
    def lemmas(self):
        """The ids of the claims that the proof uses."""
        return tuple(s.by.claim for s in self.steps if isinstance(s.by, Lemma))

    @property
    def axioms(self):
        """The names of the standard theorems that the proof rests on."""
        return tuple(dict.fromkeys(s.by.axiom for s in self.steps if isinstance(s.by, Modulo)))

    def run(self, statement, library, timeout=None):
        """Return (outcome, transcript): a list of (step, fact, outcome)."""
        facts, transcript = [], []
        for step in self.steps:
            context = Context(statement, tuple(facts), library, timeout)
            outcome, fact = _attempt(step, context)
            transcript.append((step, fact, outcome))
            if not outcome.holds:
                return outcome, transcript
            facts += list(fact.args) if isinstance(fact, sp.And) else [fact]
        last = self._goal(Context(statement, tuple(facts), library, timeout))
        transcript.append((Step(Smt(self.integers)), statement.conclusion, last))
        return last, transcript

    def _goal(self, context):
        left = [c for c in context.statement.conjuncts if c not in context.facts]
        if not left:
            return Outcome(HOLDS, "kernel", "the goal is among the facts")
        try:
            return context.ask(sp.And(*left), integers=self.integers)
        except (ValueError, TypeError) as error:
            return Outcome(UNKNOWN, "z3", str(error))


def _attempt(step, context):
    fact = sp.true
    try:
        if isinstance(step.by, Lemma) and step.by.claim not in context.library:
            return step.by.establish(fact, context), fact
        fact = step.resolve(context)
        return step.by.establish(fact, context), fact
    except (evaluate.Undefined, evaluate.Undecidable, ValueError, TypeError, KeyError) as error:
        return Outcome(UNKNOWN, "kernel", f"{type(error).__name__}: {error}"), fact
