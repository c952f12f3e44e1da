"""Z3: universally quantified statements of real arithmetic.

A statement holds when its negation is unsatisfiable.  What is not polynomial (exponentials,
logarithms, powers with a symbol in the exponent, sums, values of functions) becomes an *atom*: a
fresh real number that carries only facts that are true of it (``exp u > 0``, ``log u <= u - 1``,
``(b**T)**2 = b**(2T)``, ...).  So "holds" is sound whatever the atoms mean, and a model may not be
a counterexample: it is re-evaluated exactly before it refutes anything.
"""

import itertools
import math
import re
from fractions import Fraction
from functools import reduce

import sympy as sp
import z3
from sympy.core.function import AppliedUndef

from loopcert.prove import evaluate, second
from loopcert.prove.formal import PROPOSITION, Each, Quadrature, Sequence, contains
from loopcert.prove.outcome import HOLDS, REFUTED, UNKNOWN, Outcome

__all__ = ["TIMEOUT", "Question", "defined", "prove"]

TIMEOUT = 10_000  # milliseconds a query
_TOTAL = (sp.exp, sp.erf, sp.erfc, sp.sin, sp.cos, sp.atan, sp.sinh, sp.cosh, sp.tanh)
_RELATIONS = {
    sp.Eq: lambda a, b: a == b,
    sp.Ne: lambda a, b: a != b,
    sp.Gt: lambda a, b: a > b,
    sp.Ge: lambda a, b: a >= b,
    sp.Lt: lambda a, b: a < b,
    sp.Le: lambda a, b: a <= b,
}


def prove(statement, goal=None, facts=(), *, integers=False, timeout=None):
    """Ask Z3 whether `goal` (default: the statement's) holds under the statement's premises.

    `facts` are further formulas that are known to hold (proved before).  `integers=True` keeps
    integer variables integral; by default they are relaxed to reals, which is sound and faster.
    """
    goal = statement.conclusion if goal is None else statement.expand(goal)
    known = [p for p in statement.premises if not isinstance(p, Each)] + list(facts)
    goals = goal.args if isinstance(goal, sp.And) else (goal,)
    question = Question(statement, [*known, *goals], integers=integers)
    given = [question.formula(k) for k in known]
    for part in goals:
        outcome = question.ask(part, given, timeout or TIMEOUT)
        if not outcome.holds:
            return outcome
    return outcome


def defined(statement, expressions, facts=(), timeout=None):
    """Ask Z3 whether every expression is defined wherever the premises and `facts` hold.

    Zero denominators, logarithms of numbers <= 0 and roots of negative numbers are undefined.
    """
    known = [p for p in statement.premises if not isinstance(p, Each)] + list(facts)
    question = Question(statement, [*known, *expressions])
    given = [question.formula(k) for k in known]
    question.partial = []
    for expression in expressions:
        question.term(expression)
    return question.ask(sp.true, given, timeout or TIMEOUT, question.partial)


class Question:
    """One translation into Z3: a table of atoms and what is known of them."""

    def __init__(self, statement, formulas=(), *, integers=False):
        self.statement = statement
        self.integers = integers
        self.atoms = {}  # SymPy expression -> Z3 variable
        self.known = []  # Z3 formulas that are true of the atoms
        self.partial = []  # Z3 formulas that say where the last term translated is undefined
        self._names = itertools.count()
        self._taken = set()  # two symbols of one name are two numbers
        self._units = _power_units([tidy_sums(f) for f in formulas])
        for symbol, domain in statement.variables.items():
            if not isinstance(domain, Sequence):
                self._declare(symbol, domain)

    # -- questions ---------------------------------------------------------------------------
    def ask(self, goal, given, timeout, undefined=()):
        """Prove one formula from the `given` Z3 formulas, and that it is defined at all."""
        self.partial = list(undefined)
        claim = self.formula(goal)
        undefined = z3.Or([z3.BoolVal(False), *self.partial])
        solver = z3.Solver()
        solver.set("timeout", int(timeout))
        solver.add(*self.known, *given, z3.Or(z3.Not(claim), undefined))
        query = solver.sexpr()
        answer = solver.check()
        if answer == z3.unsat:
            second.note(solver)
            return Outcome(HOLDS, "z3", "the negation is unsatisfiable", query=query)
        if answer == z3.unknown:
            return Outcome(UNKNOWN, "z3", f"no answer: {solver.reason_unknown()}", query=query)
        return self._confirm(solver.model(), goal, query)

    def _confirm(self, model, goal, query):
        point = {}
        for expression, variable in self.atoms.items():
            if isinstance(expression, sp.Symbol) and not z3.is_bool(variable):
                number = model.eval(variable, model_completion=True)
                if not z3.is_rational_value(number) and not z3.is_int_value(number):
                    number = number.approx(20) if z3.is_algebraic_value(number) else None
                if number is None:
                    return Outcome(UNKNOWN, "z3", "a model without numbers", query=query)
                whole = z3.is_int_value(number)
                point[expression] = Fraction(
                    number.as_long() if whole else str(number.as_fraction()))
        premises = [p for p in self.statement.premises if not isinstance(p, Each)]
        domains = self.statement.variables
        inside = all(contains(domains[s], x) for s, x in point.items() if s in domains)
        met = inside and all(_truth(p, point) is True for p in premises)
        fails = _truth(goal, point) is False
        if met and fails:
            return Outcome(REFUTED, "z3", "a counterexample", point=point, query=query)
        return Outcome(UNKNOWN, "z3", "a model of the atoms only, no counterexample", query=query)

    # -- formulas ----------------------------------------------------------------------------
    def formula(self, f):
        """Translate a SymPy Boolean."""
        if f in (sp.true, sp.false):
            return z3.BoolVal(f == sp.true)
        for kind, relation in _RELATIONS.items():
            if isinstance(f, kind):
                return relation(*(self.term(a) for a in f.args))
        if isinstance(f, sp.Symbol):
            return self._declare(f, PROPOSITION)
        connective = {
            sp.And: z3.And, sp.Or: z3.Or, sp.Not: z3.Not, sp.Implies: z3.Implies,
            sp.Equivalent: lambda a, b: a == b,
        }.get(type(f))
        if connective is None:
            raise ValueError(f"no translation of {type(f).__name__} for Z3")
        return connective(*(self.formula(a) for a in f.args))

    def term(self, e):
        """Translate a SymPy expression."""
        return self._term(tidy_sums(sp.sympify(e)))

    def _term(self, e):
        if e.is_Rational:
            return z3.RealVal(f"{e.p}/{e.q}")
        if isinstance(e, sp.Add):
            return z3.Sum([self._term(a) for a in e.args])
        if isinstance(e, sp.Mul):
            return reduce(lambda a, b: a * b, (self._term(a) for a in e.args))
        if _is_symbolic_power(e):
            return self._symbolic_power(*_base_and_exponent(e))
        if isinstance(e, sp.Pow):
            return self._power(*e.args)
        if isinstance(e, sp.Max | sp.Min):
            return self._extreme(e)
        if isinstance(e, sp.Abs):
            inner = self._term(e.args[0])
            return z3.If(inner >= 0, inner, -inner)
        if isinstance(e, sp.Piecewise):
            return self._piecewise(e)
        return self._atom(e)

    def _power(self, base, exponent):
        if exponent.is_Integer:
            return self._whole_power(self._term(base), int(exponent))
        return self._whole_power(self._root(base, int(exponent.q)), int(exponent.p))

    def _whole_power(self, variable, exponent):
        product = reduce(lambda a, b: a * b, [variable] * abs(exponent), z3.RealVal(1))
        if exponent < 0:
            self.partial.append(variable == 0)
            return 1 / product
        return product

    def _symbolic_power(self, base, exponent):
        factors = []
        for monomial, coefficient in _parts(exponent):
            if monomial == 1 and base != sp.E:
                factors.append(self._power(base, sp.Rational(str(coefficient))))
                continue
            unit = self._units.get((base, monomial), coefficient)
            atom = self._atom(sp.Pow(base, sp.Rational(str(unit)) * monomial))
            factors.append(self._whole_power(atom, int(coefficient / unit)))
        if base != sp.E and not base.is_positive:
            self.partial.append(self._term(base) <= 0)
        return reduce(lambda a, b: a * b, factors)

    def _root(self, base, degree):
        inner = self._term(base)
        self.partial.append(inner < 0)
        key = sp.Pow(base, sp.Rational(1, degree))
        if key not in self.atoms:
            root = self.atoms[key] = z3.Real(f"root{next(self._names)}")
            power = reduce(lambda a, b: a * b, [root] * degree)
            self.known.append(z3.Implies(inner >= 0, z3.And(root >= 0, power == inner)))
        return self.atoms[key]

    def _extreme(self, e):
        def pick(a, b):
            return z3.If(a >= b, a, b) if isinstance(e, sp.Max) else z3.If(a <= b, a, b)

        return reduce(pick, (self._term(a) for a in e.args))

    def _piecewise(self, e):
        pairs = [(self._term(branch), self.formula(test)) for branch, test in e.args]
        self.partial.append(z3.Not(z3.Or([test for _, test in pairs])))
        result = pairs[-1][0]
        for branch, test in reversed(pairs[:-1]):
            result = z3.If(test, branch, result)
        return result

    # -- atoms -------------------------------------------------------------------------------
    def _declare(self, symbol, domain):
        if symbol not in self.atoms:
            # Every solver's SMT-LIB can be read by the other: plain names, each once.
            name = re.sub(r"\W", "_", str(symbol), flags=re.ASCII)
            if name != str(symbol) or name in self._taken:
                name = f"{name}_{next(self._names)}"
            self._taken.add(name)
            if domain == PROPOSITION:
                self.atoms[symbol] = z3.Bool(name)
            elif self.integers and domain.is_subset(sp.S.Integers):
                self.atoms[symbol] = z3.Int(name)
                self._inside(z3.ToReal(self.atoms[symbol]), domain)
            else:
                self.atoms[symbol] = z3.Real(name)
                self._inside(self.atoms[symbol], domain)
        return self.atoms[symbol]

    def _inside(self, variable, domain):
        if isinstance(domain, sp.FiniteSet):
            self.known.append(z3.Or([variable == self.term(x) for x in domain]))
            return
        low, high = domain.inf, domain.sup
        if low != -sp.oo:
            edge = self.term(low)
            open_ = isinstance(domain, sp.Interval) and domain.left_open
            self.known.append(variable > edge if open_ else variable >= edge)
        if high != sp.oo:
            edge = self.term(high)
            open_ = isinstance(domain, sp.Interval) and domain.right_open
            self.known.append(variable < edge if open_ else variable <= edge)

    def _atom(self, e):
        if isinstance(e, sp.Symbol) and e in self.statement.variables:
            variable = self._declare(e, self.statement.variables[e])
            return z3.ToReal(variable) if z3.is_int(variable) else variable
        if isinstance(e, sp.Indexed):
            e = e.base[tuple(sp.expand(i) for i in e.indices)]
        if e not in self.atoms:
            self.atoms[e] = z3.Real(f"atom{next(self._names)}")
            self._learn(e, self.atoms[e])
            self._compare(e, self.atoms[e])
        self._note_partial(e)
        return self.atoms[e]

    def _note_partial(self, e):
        """Record where an atom is undefined."""
        if isinstance(e, sp.log):
            self.partial.append(self._term(e.args[0]) <= 0)
        elif isinstance(e, sp.acos | sp.asin):
            inner = self._term(e.args[0])
            self.partial += [inner < -1, inner > 1]
        elif isinstance(e, sp.Sum | sp.Product | Quadrature):
            self._note_partial_terms(e)
        elif isinstance(e, sp.Function) and not isinstance(e, (*_TOTAL, AppliedUndef)):
            raise ValueError(f"{e.func.__name__} has no translation for Z3")

    def _note_partial_terms(self, e):
        if len(e.limits) > 1:
            raise ValueError("a series over several indices has no translation for Z3")
        index, low, high = e.limits[0]
        fresh = sp.Symbol(f"{index.name}_of_sum{next(self._names)}", real=True)
        outer, self.partial = self.partial, []
        self._term(e.function.xreplace({index: fresh}))
        inner, self.partial = self.partial, outer
        if inner:
            position = self._term(fresh)
            within = [position >= self._term(low), position <= self._term(high)]
            self.partial.append(z3.And(*within, z3.Or(inner)))

    def _learn(self, e, x):
        """Add what is true of an atom; nothing here may depend on the statement."""
        if isinstance(e, sp.Indexed):
            domain = self.statement.variables.get(e.base)
            if isinstance(domain, Sequence):
                self._inside(x, domain.elements)
        elif isinstance(e, sp.exp):
            u = self._term(e.args[0])
            self.known += [x > 0, x >= 1 + u, (u > 0) == (x > 1), (u == 0) == (x == 1)]
            self.known.append((x == 1 + u) == (u == 0))
            self.known.append(z3.Implies(u < 1, x * (1 - u) <= 1))
        elif isinstance(e, sp.log):
            u = self._term(e.args[0])
            facts = [x <= u - 1, x * u >= u - 1, (u > 1) == (x > 0), (u == 1) == (x == 0)]
            facts.append((x == u - 1) == (u == 1))
            self.known.append(z3.Implies(u > 0, z3.And(facts)))
        elif isinstance(e, sp.erf):
            u = self._term(e.args[0])
            self.known += [x > -1, x < 1, (u > 0) == (x > 0), (u == 0) == (x == 0)]
        elif isinstance(e, sp.sin):
            self.known += [x >= -1, x <= 1]
        elif isinstance(e, sp.cos):
            u, pi = self._term(e.args[0]), self._atom(sp.pi)
            facts = [(u == 0) == (x == 1), (u == pi) == (x == -1)]
            facts += [(2 * u < pi) == (x > 0), (2 * u == pi) == (x == 0)]
            self.known += [x >= -1, x <= 1, z3.Implies(z3.And(u >= 0, u <= pi), z3.And(facts))]
        elif isinstance(e, sp.acos):
            self.known += [x >= 0, x <= self._atom(sp.pi)]
        elif e == sp.pi:
            self.known += [x > z3.RealVal("3.14159265358979"), x < z3.RealVal("3.14159265358980")]
        elif isinstance(e, sp.Pow):
            self._learn_power(*e.args, x)

    def _compare(self, e, x):
        """Add how an atom lies to the earlier ones of the same monotone function."""
        if not isinstance(e, sp.erf | sp.cos):
            return
        u = self._term(e.args[0])
        for other, y in list(self.atoms.items()):
            if other == e or not isinstance(other, e.func):
                continue
            v = self._term(other.args[0])
            if isinstance(e, sp.erf):  # odd and strictly increasing
                self.known += [(u > v) == (x > y), (u == v) == (x == y)]
                self.known += [(u + v > 0) == (x + y > 0), (u + v == 0) == (x + y == 0)]
            else:  # strictly decreasing on [0, pi], and cos(pi - v) = -cos(v)
                pi = self._atom(sp.pi)
                facts = [(u > v) == (x < y), (u == v) == (x == y)]
                facts += [(u + v < pi) == (x + y > 0), (u + v == pi) == (x + y == 0)]
                inside = z3.And(u >= 0, u <= pi, v >= 0, v <= pi)
                self.known.append(z3.Implies(inside, z3.And(facts)))

    def _learn_power(self, base, exponent, x):
        b, t = self._term(base), self._term(exponent)
        facts = [
            x > 0,
            z3.Implies(z3.And(b < 1, t > 0), x < 1),
            z3.Implies(z3.And(b < 1, t >= 1), x <= b),
            z3.Implies(z3.And(b > 1, t > 0), x > 1),
            z3.Implies(z3.And(b > 1, t >= 1), x >= b),
            z3.Implies(z3.Or(b == 1, t == 0), x == 1),
            z3.Implies(t == 1, x == b),
        ]
        self.known.append(z3.Implies(b > 0, z3.And(facts)))


def _truth(formula, point):
    exact = evaluate.truth(formula, point, evaluate.EXACT)
    return exact if exact is not None else evaluate.truth(formula, point, evaluate.BALLS)


# -- powers, exponentials and sums ---------------------------------------------------------------
def tidy_sums(formula):
    """Write every sum as a combination of sums of single terms without constant factors."""
    return formula.replace(lambda s: isinstance(s, sp.Sum), _tidy_sum)


def _tidy_sum(s):
    if len(s.limits) > 1:
        raise ValueError("a sum over several indices has no translation for Z3")
    index, low, high = s.limits[0]
    result = sp.Integer(0)
    function, divisors = _without_divisors(s.function, index)
    for term in sp.Add.make_args(sp.expand(function)):
        outer = inner = sp.Integer(1)
        for factor in sp.Mul.make_args(term):
            constant, dependent = _separate(factor, index)
            outer, inner = outer * constant, inner * dependent
        result += outer * sp.Sum(inner, (index, low, sp.expand(high)))
    return result.xreplace(divisors)


def _without_divisors(function, index):
    """Put a name for 1/(a + b) where it does not depend on the index: expanding would bury it."""
    divisors = {}

    def name(e):
        divisors[e] = divisors.get(e, sp.Dummy())
        return divisors[e]

    named = function.replace(
        lambda e: isinstance(e, sp.Pow) and isinstance(e.args[0], sp.Add)
        and e.args[1].is_Integer and e.args[1] < 0 and index not in e.free_symbols,
        name,
    )
    return named, {dummy: e for e, dummy in divisors.items()}


def _separate(factor, index):
    if index not in factor.free_symbols:
        return factor, sp.Integer(1)
    if _is_symbolic_power(factor):
        base, exponent = _base_and_exponent(factor)
        if index not in base.free_symbols:
            constant, dependent = sp.expand(exponent).as_independent(index, as_Add=True)
            return base**constant, base**dependent
    return sp.Integer(1), factor


def _is_symbolic_power(e):
    if isinstance(e, sp.exp):
        return True
    return isinstance(e, sp.Pow) and not e.args[1].is_Rational


def _base_and_exponent(power):
    return (sp.E, power.args[0]) if isinstance(power, sp.exp) else power.args


def _parts(exponent):
    """Yield (monomial, rational coefficient) for the terms of an exponent."""
    for term in sp.Add.make_args(sp.expand(exponent)):
        coefficient, monomial = term.as_coeff_Mul(rational=True)
        yield monomial, Fraction(int(coefficient.p), int(coefficient.q))


def _power_units(formulas):
    """For every (base, monomial): the rational of which all its coefficients are multiples.

    With these units b**(2T+1) is b*(b**T)**2 and exp(2a - b) is exp(a)**2/exp(b), so that the
    powers in different formulas share their atoms.
    """
    units = {}
    for power in set().union(*(_outer_powers(f) for f in formulas)):
        base, exponent = _base_and_exponent(power)
        for monomial, coefficient in _parts(exponent):
            old = units.get((base, monomial), Fraction(0))
            units[base, monomial] = _common_unit(old, coefficient)
    return units


def _outer_powers(formula):
    return {e for e in sp.preorder_traversal(formula) if _is_symbolic_power(e)}


def _common_unit(a, b):
    denominator = math.lcm(a.denominator, b.denominator)
    return Fraction(math.gcd(int(a * denominator), int(b * denominator)), denominator)
