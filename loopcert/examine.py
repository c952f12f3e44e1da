"""Examination of one claim: its evidence, its bindings, its mutants, each with a result.

Everything here runs in a worker process and returns plain data; `ledger` turns results into
verdicts.
"""

import ctypes
import dataclasses
import importlib
import itertools
import time
import zlib
from dataclasses import dataclass, field

import numpy as np
import sympy as sp

from loopcert.claim import Enclosed, Instances, Proof, Refutation, Simulation, as_fractions
from loopcert.prove import enclosure, evaluate, mutants, numeric, sample, second, smt
from loopcert.prove.formal import PROPOSITION, Sequence, contains
from loopcert.prove.outcome import HOLDS, REFUTED, UNKNOWN, EngineTimeout, deadline
from loopcert.prove.written import as_written

__all__ = ["Examination", "Result", "examine"]

MUTANT_SECONDS = 1  # for a proof of something that is known to be false
EFFORT = {  # points a spot check, points a mutant, mutants a claim, mutants that a proof meets
    "quick": (6, 100, 3, 0.1),  # (a mutant in one claim of ten, as the seed has it)
    "full": (100, 1000, 400, 3),
}


@dataclass(frozen=True)
class Result:
    """One piece of evidence and how it fared."""

    # proof, refutation, simulation, enclosure, instances, witness, binding, points, recheck
    kind: str
    status: str  # holds, refuted or unknown
    engine: str
    detail: str
    seconds: float = 0.0
    error: float = 0.0  # false-alarm probability, where the evidence is random
    axioms: tuple = ()
    reading: str = ""
    transcript: tuple = ()
    point: dict = field(default_factory=dict)
    figures: dict = field(default_factory=dict)

    @property
    def holds(self):
        """Whether this evidence shows what it should."""
        return self.status == HOLDS


@dataclass(frozen=True)
class Examination:
    """All results of one claim.

    mutants : maps a fate to the changes that ended so.
    unneeded : hypotheses without which no counterexample was found.
    accepted : false mutants that the claim's own proof accepts; there must be none.
    """

    id: str
    results: tuple
    mutants: dict
    unneeded: tuple
    accepted: tuple
    seconds: float


@as_written()
def examine(claim, library, *, effort="quick", seed=0, error=1e-8):
    """Run all evidence of `claim`; `library` maps ids to the statements that it uses.

    `error` is the false-alarm probability that each random comparison may have.
    """
    start = time.perf_counter()
    rng = np.random.default_rng([seed, zlib.crc32(claim.id.encode())])
    spots, *sizes = EFFORT[effort]
    with second.asked() as questions:
        results = [
            _timed(type(e).__name__.lower(), _evidence, e, claim, library, rng, effort, error)
            for e in claim.evidence
        ]
    if effort == "full" and questions and second.available():
        results.append(_timed("recheck", _recheck, questions))
    results += [_timed("binding", _binding, b, claim, rng, spots) for b in claim.binds]
    refuted = any(isinstance(e, Refutation) for e in claim.evidence)
    asserted = claim.theorem_like or claim.kind == "conjecture"
    if asserted and not refuted and _evaluable(claim.statement):
        results.append(_timed("points", _spot_check, claim, rng, spots))
    fates, unneeded, accepted = _mutants(claim, library, rng, sizes, refuted)
    seconds = time.perf_counter() - start
    return Examination(claim.id, tuple(results), fates, unneeded, accepted, seconds)


def _timed(kind, function, *arguments):
    start = time.perf_counter()
    try:
        result = function(*arguments)
    except Exception as error:  # one broken piece must not take the ledger with it
        result = Result(kind, UNKNOWN, "python", f"{type(error).__name__}: {error}")
    return dataclasses.replace(result, seconds=time.perf_counter() - start)


def _recheck(questions):
    """Ask the second solver whatever the first found unsatisfiable."""
    answers = [second.ask(question) for question in dict.fromkeys(questions)]
    agreed = answers.count(second.AGREES)
    detail = f"cvc5 agrees with Z3 on {agreed} of {len(answers)} questions"
    if second.DISAGREES in answers:
        return Result("recheck", REFUTED, "cvc5", f"{detail}, and disagrees on "
                      f"{answers.count(second.DISAGREES)}")
    detail += f", no answer in {second.SECONDS:g} s to {len(answers) - agreed}"
    return Result("recheck", HOLDS, "cvc5", detail)


# -- evidence ------------------------------------------------------------------------------------
def _evidence(evidence, claim, library, rng, effort, error):
    if isinstance(evidence, Proof):
        return _proof(evidence, claim.statement, library)
    if isinstance(evidence, Refutation):
        return _refutation(evidence, claim.statement)
    if isinstance(evidence, Instances):
        return _instances(evidence, claim.statement, library)
    if isinstance(evidence, Enclosed):
        outcome = enclosure.prove(claim.statement, evidence.box, boxes=evidence.boxes)
        return Result("enclosure", outcome.status, outcome.engine, outcome.detail)
    if isinstance(evidence, Simulation):
        return _simulation(evidence, claim.statement, rng, effort, error)
    return _witness(evidence, claim.statement)


def _proof(proof, statement, library):
    outcome, transcript = proof.run(statement, library)
    lines = tuple(_line(step, fact, result) for step, fact, result in transcript)
    engines = "+".join(dict.fromkeys(result.engine for *_, result in transcript))
    return Result(
        "proof", HOLDS if outcome.holds else UNKNOWN, engines, outcome.detail,
        axioms=proof.axioms, transcript=lines,
    )


def _line(step, fact, outcome):
    return {
        "tactic": type(step.by).__name__,
        "note": step.note,
        "fact": str(fact),
        "latex": sp.latex(fact),
        "engine": outcome.engine,
        "status": outcome.status,
        "detail": outcome.detail,
        "query": outcome.query,
    }


def _refutation(refutation, statement):
    point = as_fractions(refutation.point)
    if not point:
        found = smt.prove(statement)
        if found.status != REFUTED:
            return Result("refutation", UNKNOWN, "z3", found.detail, reading=refutation.reading)
        point = found.point
    for arithmetic in (evaluate.EXACT, evaluate.BALLS):
        met = [evaluate.truth(p, point, arithmetic) for p in statement.premises]
        goal = evaluate.truth(statement.conclusion, point, arithmetic)
        if all(m is True for m in met) and goal is False and _inside(statement, point):
            shown = ", ".join(f"{s} = {_plainly(v)}" for s, v in point.items())
            return Result(
                "refutation", HOLDS, arithmetic.name, f"fails at {shown}",
                reading=refutation.reading, point={str(s): str(v) for s, v in point.items()},
            )
    return Result("refutation", UNKNOWN, "exact", "the point does not refute the statement",
                  reading=refutation.reading)


def _plainly(value):
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_plainly, value))}]"
    return str(value)


def _inside(statement, point):
    return all(
        contains(d.elements, x) if isinstance(d, Sequence) else contains(d, point[s])
        for s, d in statement.variables.items() if s in point
        for x in (point[s] if isinstance(d, Sequence) else [0])
    )


def _instances(evidence, statement, library):
    names, ranges = list(evidence.values), list(evidence.values.values())
    for numbers in itertools.product(*ranges):
        at = dict(zip(names, map(sp.Integer, numbers), strict=True))
        single = _specialise(statement, at)
        outcome, _ = evidence.proof.run(single, library)
        if not outcome.holds:
            return Result("instances", UNKNOWN, outcome.engine, f"at {at}: {outcome.detail}")
    return Result("instances", HOLDS, outcome.engine, f"holds for {evidence.values}")


def _specialise(statement, at):
    def fix(formula):
        return formula.xreplace(at).replace(
            lambda s: isinstance(s, sp.Sum | sp.Product), lambda s: s.doit()
        )

    hypotheses = []
    for premise in map(fix, statement.premises):
        length = premise.args[2] if hasattr(premise, "formula") else None
        hypotheses += [premise] if length is None else [premise.at(k) for k in range(length)]
    variables = {
        s: Sequence(fix(d.length), d.elements) if isinstance(d, Sequence) else d
        for s, d in statement.variables.items() if s not in at
    }
    return dataclasses.replace(
        statement, variables=variables, where={}, hypotheses=tuple(hypotheses),
        goal=fix(statement.conclusion),
    )


def _witness(evidence, statement):
    point = as_fractions(evidence.point)
    wanted = type(evidence).__name__ == "Witness"
    for arithmetic in (evaluate.EXACT, evaluate.BALLS, evaluate.DIGITS):
        met = [evaluate.truth(p, point, arithmetic) for p in statement.premises]
        goal = evaluate.truth(statement.conclusion, point, arithmetic)
        if goal is not None and all(m is True for m in met):
            status = HOLDS if goal is wanted else REFUTED
            word = "satisfies" if goal else "does not satisfy"
            return Result("witness", status, arithmetic.name, f"{evidence.point} {word} it")
    return Result("witness", UNKNOWN, "exact", "the point cannot be decided")


# -- simulation ----------------------------------------------------------------------------------
def _simulation(evidence, statement, rng, effort, error):
    estimates = evidence.run(rng, effort)
    limit = numeric.threshold(error)
    point = as_fractions(evidence.at)
    figures, failed, rejected, passed = {}, [], 0, []
    for name, formula in evidence.predicted.items():
        formula = statement.expand(sp.sympify(formula))
        comparison = numeric.Comparison(
            name, *map(float, estimates[name]), float(evaluate.value(formula, point))
        )
        figures[name] = {
            "estimate": comparison.estimate, "stderr": comparison.stderr,
            "predicted": comparison.predicted, "z": comparison.z,
        }
        if not abs(comparison.z) < limit:
            failed.append(name)
        caught, missed = _wrong_formulas(formula, comparison, point, limit)
        rejected += caught
        passed += missed
    status = HOLDS if not failed and not passed and rejected else REFUTED
    detail = f"{len(figures)} estimates within {limit:.2f} standard errors"
    if failed:
        detail = f"off: {', '.join(failed)}"
    elif passed or not rejected:
        detail = f"no power: {', '.join(passed) or 'no constant of the formula matters'}"
    detail += f"; {rejected} formulas with a constant off by 2% rejected"
    total = error * len(figures)
    return Result("simulation", status, "monte carlo", detail, error=total, figures=figures)


def _wrong_formulas(formula, comparison, point, limit):
    caught, missed = 0, []
    for wrong, change in mutants.off_by_two_percent(formula):
        try:
            value = float(evaluate.value(wrong, point))
        except (evaluate.Undefined, evaluate.Undecidable):
            continue
        if abs(value - comparison.predicted) < 0.015 * abs(comparison.predicted):
            continue
        other = numeric.Comparison("", comparison.estimate, comparison.stderr, value)
        if abs(other.z) > limit:
            caught += 1
        else:
            missed.append(f"{comparison.name} with {change} off")
    return caught, missed


# -- bindings and points -------------------------------------------------------------------------
def _binding(binding, claim, rng, number):
    module, name = binding.function.rsplit(".", 1)
    function = getattr(importlib.import_module(module), name)
    value = claim.statement.expand(sp.sympify(binding.value))
    worst = 0.0
    try:
        for point in sample.points(claim.statement, rng, number):
            got = function(**{k: _plain(v, claim, point) for k, v in binding.arguments.items()})
            got = float(_picked(got, binding.pick, claim, point))
            want = float(evaluate.value(value, point))
            gap = abs(got - want) / max(abs(want), 1e-300)
            worst = max(worst, 0.0 if got == want else gap)
            if not worst <= binding.rtol:
                shown = ", ".join(f"{s} = {v}" for s, v in point.items())
                detail = f"{binding.function} gives {got!r}, the statement {want!r} at {shown}"
                return Result("binding", REFUTED, "numeric", detail)
    except sample.NoPoint as empty:
        return Result("binding", UNKNOWN, "numeric", str(empty))
    detail = f"{binding.function} agrees at {number} points (worst relative gap {worst:.1e})"
    return Result("binding", HOLDS, "numeric", detail)


def _plain(argument, claim, point):
    if isinstance(argument, sp.IndexedBase):
        return [float(x) for x in point[argument]]
    if isinstance(argument, list | tuple):
        return [_plain(a, claim, point) for a in argument]
    if not isinstance(argument, sp.Basic):
        return argument
    number = evaluate.value(claim.statement.expand(argument), point)
    return int(number) if argument.is_integer else float(number)


def _picked(result, pick, claim, point):
    if pick is None:
        return result
    if isinstance(pick, tuple):
        for one in pick:
            result = _picked(result, one, claim, point)
        return result
    if isinstance(pick, str):
        return getattr(result, pick)
    if isinstance(pick, sp.Basic):
        pick = int(evaluate.value(pick, point))
    return result[pick]


def _evaluable(statement):
    """Whether a point decides the statement (a named predicate is left to the proof)."""
    return PROPOSITION not in statement.variables.values()


def _spot_check(claim, rng, number):
    outcome = numeric.falsify(claim.statement, sample.points(claim.statement, rng, number))
    shown = ", ".join(f"{s} = {v}" for s, v in outcome.point.items())
    return Result("points", outcome.status, "points", f"{outcome.detail} {shown}".strip())


# -- mutants -------------------------------------------------------------------------------------
def _mutants(claim, library, rng, sizes, refuted):
    """Return (fates, unneeded hypotheses, false mutants that the proof accepts)."""
    number, most, met = sizes
    fates, unneeded, accepted = {}, [], []
    if refuted or not claim.theorem_like or not _evaluable(claim.statement):
        return fates, (), ()
    proofs = [e for e in claim.evidence if isinstance(e, Proof)]
    met = met if met >= 1 else int(rng.random() < met)
    pool = sample.Pool(claim.statement, rng)
    for mutant in itertools.islice(mutants.mutants(claim.statement, rng), most):
        try:
            fate, _ = mutants.reject(mutant, claim.statement, pool, rng, number)
        except (TypeError, ValueError):  # it is no formula of real numbers any more
            continue
        if mutant.hypothesis and fate == mutants.SURVIVED:
            unneeded.append(mutant.change)
            continue
        if fate == mutants.SURVIVED and mutant.swap and _follows(mutant, claim):
            fate = mutants.WEAKER
        fates.setdefault(fate, []).append(mutant.change)
        if fate == mutants.KILLED and met > 0 and proofs:
            met -= 1
            if _proof_accepts(proofs[0], mutant.statement, library):
                accepted.append(mutant.change)
    return fates, tuple(unneeded), tuple(accepted)


def _follows(mutant, claim):
    """Whether a goal with two variables swapped says no more than the goal: by symmetry."""
    goal, facts = mutant.statement.conclusion, claim.statement.conjuncts
    try:
        return smt.prove(claim.statement, goal, facts, timeout=1000 * MUTANT_SECONDS).holds
    except ValueError:
        return False


def _proof_accepts(proof, statement, library):
    try:
        with deadline(MUTANT_SECONDS):
            outcome, _ = proof.run(statement, library, timeout=1000 * MUTANT_SECONDS)
    except (EngineTimeout, ctypes.ArgumentError):  # the latter: time ran out inside a call of Z3
        return False
    return outcome.holds

